//! Operations on the items of one table: `PutItem`, `GetItem`, `UpdateItem`, `DeleteItem` and `SearchVectors`.

use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::actions::{delete_item, get_item, put_item, search_vectors, update_item};
use pollster::block_on;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::access::Access;
use super::engine;
use super::expression;
use super::fault::Fault;
use super::operation::{Act, Asked, Prepared, Use, act};
use super::place::Room;
use super::table::Table;

pub(super) fn put(asked: Asked) -> Result<Prepared, Fault> {
    on_item(asked, Use::Write(Room::Taken), Access::to_item, |storage, request| {
        block_on(put_item::execute(storage, request))
    })
}

pub(super) fn get(asked: Asked) -> Result<Prepared, Fault> {
    on_item(asked, Use::Read, Access::reading_item, |storage, request| block_on(get_item::execute(storage, request)))
}

pub(super) fn update(asked: Asked) -> Result<Prepared, Fault> {
    on_item(asked, Use::Write(Room::Taken), Access::to_item, |storage, request| {
        block_on(update_item::execute(storage, request))
    })
}

pub(super) fn delete(asked: Asked) -> Result<Prepared, Fault> {
    on_item(asked, Use::Write(Room::Freed), Access::to_item, |storage, request| {
        block_on(delete_item::execute(storage, request))
    })
}

/// Refuses a request of `SearchVectors` that its reader does not take, which tells where it stops.
pub(super) fn check_search(body: &[u8]) -> Result<(), Fault> {
    engine::request_as_sent::<search_vectors::SearchVectorsRequest>(body).map(drop)
}

/// `SearchVectors`, which is about a vector index.
pub(super) fn search(mut asked: Asked) -> Result<Prepared, Fault> {
    let Some(table) = asked.table()? else {
        return Err(asked.refused(|storage, request| {
            block_on(search_vectors::execute(storage, request, &VectorIndexLifecycle::new()))
        }));
    };
    let requirement = match asked.text("IndexName") {
        Some(index) => table.on_index(asked.operation, index),
        None => table.requirement(asked.operation),
    };
    let requirement = Access::by_scan(&asked.document).asked_of(requirement);
    let request: search_vectors::SearchVectorsRequest = engine::request(asked.document)?;
    let place = table.place.clone();
    let prepared = Prepared::new(vec![requirement], move |_| {
        place.read(|storage| engine::answer(&block_on(search_vectors::execute(storage, request, &place.lifecycle))?))
    });
    Ok(prepared.with_keys_of([&table]))
}

fn on_item<R: DeserializeOwned + Send + 'static, A: Serialize + 'static>(
    mut asked: Asked, used: Use, access: impl FnOnce(&Value, &Table) -> Access, run: Act<R, A>,
) -> Result<Prepared, Fault> {
    let Some(table) = asked.table()? else { return Err(asked.refused(run)) };
    expression::check(&asked.document)?;
    let requirement = access(&asked.document, &table).asked_of(table.requirement(asked.operation));
    let request = asked.requests(used)?;
    let place = table.place.clone();
    let prepared = Prepared::new(vec![requirement], move |allowed| act(&place, allowed, used, request, run));
    Ok(prepared.with_keys_of([&table]))
}
