//! What an operation is, and what operations on one table have in common.

use std::sync::Arc;

use dynoxide::DynoxideError;
use dynoxide::storage::Storage;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sidegate_iam::Requirement;
use sidegate_model::Scope;

use super::encryption::{Sealing, WrappedKey};
use super::engine;
use super::fault::Fault;
use super::name::TableName;
use super::place::{Place, Places, Room};
use super::table::{Table, TableKey};
use crate::iam::Names;
use crate::{Authorized, Caller};

/// What an operation does once it is allowed, with the key that was made for it. Its answer is a document. Blocks.
pub(super) type Work = Box<dyn FnOnce(&Authorized, Option<TableKey>) -> Result<String, Fault> + Send>;

/// A request whose operation is known.
pub(super) struct Asked {
    /// The name of the operation.
    pub(super) operation: &'static str,
    /// The document, an object.
    pub(super) document: Value,
    pub(super) caller: Caller,
    pub(super) places: Arc<Places>,
    /// The names that policies of tables use.
    pub(super) names: Names,
}

/// An operation that waits to be allowed.
pub(super) struct Prepared {
    pub(super) requirements: Vec<Requirement>,
    /// The keys of the tables that it reads or writes.
    pub(super) keys: Vec<WrappedKey>,
    /// The key that a table is to have.
    pub(super) sealing: Option<Sealing>,
    pub(super) work: Work,
}

impl Prepared {
    pub(super) fn new(
        requirements: Vec<Requirement>, work: impl FnOnce(&Authorized) -> Result<String, Fault> + Send + 'static,
    ) -> Self {
        let work: Work = Box::new(move |allowed, _| work(allowed));
        Self { requirements, keys: Vec::new(), sealing: None, work }
    }

    /// With the keys of the tables whose items it reads or writes.
    pub(super) fn with_keys_of<'a>(mut self, tables: impl IntoIterator<Item = &'a Table>) -> Self {
        self.keys.extend(tables.into_iter().filter_map(WrappedKey::of));
        self
    }
}

/// How an operation uses a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Read,
    Write(Room),
}

/// What the engine does with a request of type `R`, which it answers with `A`.
pub(super) type Act<R, A> = fn(&Storage, R) -> Result<A, DynoxideError>;

impl Asked {
    pub(super) fn scope(&self) -> &Scope {
        &self.caller.scope
    }

    /// The member that is a text.
    pub(super) fn text(&self, member: &str) -> Option<&str> {
        self.document.get(member).and_then(Value::as_str)
    }

    /// The table that the member `TableName` names, which the document calls by its name from now on. `None` where it names
    /// none that there could be.
    pub(super) fn table(&mut self) -> Result<Option<Table>, Fault> {
        let Some(text) = self.text("TableName") else { return Ok(None) };
        let Some(name) = TableName::read(self.scope(), text)? else { return Ok(None) };
        if let Some(member) = self.document.get_mut("TableName") {
            *member = name.name.as_str().into();
        }
        Table::find(&self.places, name).map(Some)
    }

    /// What the engine says of a request that names no table that there could be.
    pub(super) fn refused<R: DeserializeOwned, A>(&self, act: Act<R, A>) -> Fault {
        let told = engine::request(self.document.clone())
            .and_then(|request| self.places.nothing().read(|storage| Ok(act(storage, request)?)));
        told.err().unwrap_or_else(|| Fault::Validation("The request names no table.".to_owned()))
    }

    /// Reads the document as the engine takes it. What comes back makes the request, once or, where the document is kept
    /// for that, again.
    pub(super) fn requests<R: DeserializeOwned + Send + 'static>(
        self, used: Use,
    ) -> Result<impl FnMut() -> Result<R, Fault> + Send + 'static, Fault> {
        let kept = (used == Use::Write(Room::Freed)).then(|| self.document.clone());
        let mut first = Some(engine::request::<R>(self.document)?);
        Ok(move || match (first.take(), &kept) {
            (Some(request), _) => Ok(request),
            (None, Some(document)) => engine::request(document.clone()),
            (None, None) => Err(Fault::Interrupted),
        })
    }
}

/// Does something to the items of a place, and answers with what the engine says.
pub(super) fn act<R, A: Serialize>(
    place: &Place, allowed: &Authorized, used: Use, mut request: impl FnMut() -> Result<R, Fault>, act: Act<R, A>,
) -> Result<String, Fault> {
    let run = |storage: &Storage| engine::answer(&act(storage, request()?)?);
    match used {
        Use::Read => place.read(run),
        Use::Write(room) => place.write(allowed, room, run),
    }
}
