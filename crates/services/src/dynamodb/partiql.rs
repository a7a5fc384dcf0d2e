//! PartiQL: `ExecuteStatement`, `BatchExecuteStatement` and `ExecuteTransaction`.

use std::sync::Arc;

use dynoxide::actions::{batch_execute_statement, execute_statement, execute_transaction};
use pollster::block_on;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::engine;
use super::fault::Fault;
use super::name::TableName;
use super::operation::{Act, Asked, Prepared, Use, act};
use super::place::{Place, Room};
use super::statement::{Statement, Verb};
use super::table::Table;
use super::token::{self, Once};

const EXECUTE: Act<execute_statement::ExecuteStatementRequest, execute_statement::ExecuteStatementResponse> =
    |storage, request| block_on(execute_statement::execute(storage, request));

/// The statements of a request, each with its table.
struct Statements {
    all: Vec<(Statement, Table)>,
    place: Arc<Place>,
}

impl Statements {
    /// `None` where one of them cannot be read, or names no table that there could be.
    fn read<'a>(asked: &Asked, documents: impl Iterator<Item = &'a Value>) -> Result<Option<Self>, Fault> {
        let mut all = Vec::new();
        for document in documents {
            let Some(statement) = Statement::read(document) else { return Ok(None) };
            let Some(name) = TableName::read(asked.scope(), &statement.table)? else { return Ok(None) };
            if statement.table != name.name {
                // The engine would look for a table of this name.
                return Err(Fault::Unserved("statements about tables of other accounts".to_owned()));
            }
            all.push((statement, Table::find(&asked.places, name)?));
        }
        let place = asked.places.find(&asked.scope().account, asked.scope().region)?;
        Ok((!all.is_empty()).then_some(Self { all, place }))
    }

    /// How they use the tables together.
    fn used(&self) -> Use {
        let verbs = || self.all.iter().map(|(statement, _)| statement.verb);
        match () {
            () if verbs().all(|verb| verb == Verb::Select) => Use::Read,
            () if verbs().all(|verb| matches!(verb, Verb::Select | Verb::Delete)) => Use::Write(Room::Freed),
            () => Use::Write(Room::Taken),
        }
    }
}

/// `ExecuteStatement`
pub(super) fn execute(asked: Asked) -> Result<Prepared, Fault> {
    let Some(statements) = Statements::read(&asked, std::iter::once(&asked.document))? else {
        return Err(malformed(asked.refused(EXECUTE)));
    };
    let requirement = |(statement, table): &(Statement, Table)| {
        let requirement = statement.requirement(table);
        match asked.text("ReturnConsumedCapacity") {
            Some(capacity) => requirement.with("dynamodb:ReturnConsumedCapacity", capacity),
            None => requirement,
        }
    };
    let requirements = statements.all.iter().map(requirement).collect();
    in_place(asked, statements, requirements, EXECUTE)
}

/// `BatchExecuteStatement`
pub(super) fn execute_batch(asked: Asked) -> Result<Prepared, Fault> {
    let documents = asked.document.get("Statements").and_then(Value::as_array);
    let run: Act<batch_execute_statement::BatchExecuteStatementRequest, _> =
        |storage, request| block_on(batch_execute_statement::execute(storage, request));
    let Some(statements) = Statements::read(&asked, documents.into_iter().flatten())? else {
        return Err(malformed(asked.refused(run)));
    };
    let requirements = statements.all.iter().map(|(statement, table)| statement.requirement(table)).collect();
    in_place(asked, statements, requirements, run)
}

fn in_place<R: DeserializeOwned + Send + 'static, A: Serialize + 'static>(
    asked: Asked, statements: Statements, requirements: Vec<sidegate_iam::Requirement>, run: Act<R, A>,
) -> Result<Prepared, Fault> {
    let used = statements.used();
    let request = asked.requests(used)?;
    let Statements { all, place } = statements;
    let prepared = Prepared::new(requirements, move |allowed| act(&place, allowed, used, request, run));
    Ok(prepared.with_keys_of(all.iter().map(|(_, table)| table)))
}

/// `ExecuteTransaction`
pub(super) fn execute_transaction(asked: Asked) -> Result<Prepared, Fault> {
    let documents = asked.document.get("TransactStatements").and_then(Value::as_array);
    let run: Act<execute_transaction::ExecuteTransactionRequest, _> =
        |storage, request| block_on(execute_transaction::execute(storage, request));
    let Some(statements) = Statements::read(&asked, documents.into_iter().flatten())? else {
        return Err(malformed(asked.refused(run)));
    };
    let requirements =
        statements.all.iter().map(|(statement, table)| statement.requirement_in(table, "ExecuteTransaction")).collect();
    let used = statements.used();
    let once = Once::of(&asked, "TransactStatements");
    let document = asked.document;
    engine::request::<execute_transaction::ExecuteTransactionRequest>(document.clone())?;
    let Statements { all, place } = statements;
    let prepared = Prepared::new(requirements, move |allowed| {
        let room = if used == Use::Write(Room::Freed) { Room::Freed } else { Room::Taken };
        place.write(allowed, room, |storage| {
            token::once(storage, once.as_ref(), || engine::answer(&run(storage, engine::request(document.clone())?)?))
        })
    });
    Ok(prepared.with_keys_of(all.iter().map(|(_, table)| table)))
}

/// What a statement that cannot be read is told, where the engine finds nothing wrong with it but that there is no such
/// table.
fn malformed(fault: Fault) -> Fault {
    match fault {
        Fault::Engine(dynoxide::DynoxideError::ResourceNotFoundException(_)) | Fault::Validation(_) => {
            Fault::Validation("Statement wasn't well formed, can't be processed: ".to_owned())
        }
        fault => fault,
    }
}
