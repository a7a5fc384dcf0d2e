//! PartiQL: `ExecuteStatement`, `BatchExecuteStatement` and `ExecuteTransaction`.

use std::sync::Arc;

use dynoxide::DynoxideError;
use dynoxide::actions::{batch_execute_statement, execute_statement, execute_transaction};
use dynoxide::storage::Storage;
use pollster::block_on;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

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

const EXECUTE_BATCH: Act<
    batch_execute_statement::BatchExecuteStatementRequest,
    batch_execute_statement::BatchExecuteStatementResponse,
> = |storage, request| block_on(batch_execute_statement::execute(storage, request));

/// The most bytes of a page.
const PAGE: f64 = 1024.0 * 1024.0;

/// The bytes of a unit of a strongly consistent read.
const UNIT: f64 = 4096.0;

/// How many items a select reads at first, and at most at once.
const FIRST: u64 = 100;
const WIDEST: u64 = 500;

/// The statements of a request that can be read, each with its table.
struct Statements {
    all: Vec<(Statement, Table)>,
    place: Arc<Place>,
}

impl Statements {
    /// Reads statements, which stand in the document as they were read from now on. What cannot be read is left out if
    /// `refused` says that the engine refuses it whatever tables there are; otherwise nothing is read.
    fn read(
        asked: &mut Asked, member: Option<&str>, refused: impl Fn(&Asked, &Value) -> Result<bool, Fault>,
    ) -> Result<Option<Self>, Fault> {
        let mut all = Vec::new();
        let mut documents = match member {
            None => asked.document.take(),
            Some(member) => asked.document.get_mut(member).map(Value::take).unwrap_or_default(),
        };
        let mut is_complete = true;
        let list = match &mut documents {
            Value::Array(list) => list.as_mut_slice(),
            document @ Value::Object(_) if member.is_none() => std::slice::from_mut(document),
            _ => &mut [],
        };
        for document in list {
            let Some(statement) = Statement::read(document) else {
                is_complete = is_complete && refused(asked, document)?;
                continue;
            };
            if let Some(text) = document.get_mut("Statement") {
                *text = statement.text.as_str().into();
            }
            if statement.table.starts_with("arn:") {
                return Err(Fault::Unserved("statements about tables by their ARNs".to_owned()));
            }
            // Of a name that no table can have the engine finds no table.
            let scope = asked.scope();
            let name =
                TableName { account: scope.account.clone(), region: scope.region, name: statement.table.clone() };
            all.push((statement, Table::find(&asked.places, name)?));
        }
        match member {
            None => asked.document = documents,
            Some(member) => {
                if let Some(own) = asked.document.get_mut(member) {
                    *own = documents;
                }
            }
        }
        if !is_complete {
            return Ok(None);
        }
        let place = asked.places.find(&asked.scope().account, asked.scope().region)?;
        Ok(Some(Self { all, place }))
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
pub(super) fn execute(mut asked: Asked) -> Result<Prepared, Fault> {
    let Some(statements) = Statements::read(&mut asked, None, |_, _| Ok(false))? else {
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
    if statements.used() != Use::Read {
        return in_place(asked, statements, requirements, EXECUTE);
    }
    let document = asked.document;
    engine::request::<execute_statement::ExecuteStatementRequest>(document.clone())?;
    let Statements { all, place } = statements;
    let prepared = Prepared::new(requirements, move |_| place.read(|storage| select(storage, document)));
    Ok(prepared.with_keys_of(all.iter().map(|(_, table)| table)))
}

/// A page of what a statement selects. The engine reads all that there is, or as many items as it is told; so it is asked for
/// a few at a time until they come to a page, and then for all of these.
///
/// Source: API reference, "ExecuteStatement": "If a SELECT exceeds 1 MB …".
fn select(storage: &Storage, mut document: Value) -> Result<String, Fault> {
    let run = |document: &Value| Ok::<_, Fault>(EXECUTE(storage, engine::request(document.clone())?)?);
    let most = document.get("Limit").and_then(Value::as_u64).unwrap_or(u64::MAX);
    if most == 0 {
        return engine::answer(&run(&document)?);
    }
    let is_consistent = document.get("ConsistentRead").and_then(Value::as_bool).unwrap_or(false);
    let unit = if is_consistent { UNIT } else { 2.0 * UNIT };
    let mut probe = document.clone();
    let (mut limit, mut bytes, mut is_near) = (0, 0.0, false);
    let wants_capacity = document.get("ReturnConsumedCapacity").is_some_and(|mode| mode != "NONE");
    let mut window = if can_be_resumed(&document) { FIRST } else { WIDEST }.min(most);
    loop {
        set(&mut probe, "Limit", window.into());
        set(&mut probe, "ReturnConsumedCapacity", "TOTAL".into());
        let mut answer = run(&probe)?;
        let read = answer.consumed_capacity.take().map_or(0.0, |capacity| capacity.capacity_units * unit);
        // More than a page may hold is read again in part.
        if bytes + read >= PAGE && window > 1 {
            (window, is_near) = (window / 2, true);
            continue;
        }
        let is_all = limit == 0 && (window == most || answer.next_token.is_none());
        if is_all && !wants_capacity {
            return engine::answer(&answer);
        }
        (limit, bytes) = (limit + window, bytes + read);
        let Some(token) = answer.next_token.filter(|_| limit < most && bytes < PAGE && can_be_resumed(&probe)) else {
            break;
        };
        set(&mut probe, "NextToken", token.into());
        window = if is_near { (window / 2).max(1) } else { (2 * window).min(WIDEST) }.min(most - limit);
    }
    set(&mut document, "Limit", limit.into());
    engine::answer(&run(&document)?)
}

/// A statement that has a list or a map among its parameters is not taken up again, as by DynamoDB.
fn can_be_resumed(document: &Value) -> bool {
    let parameters = document.get("Parameters").and_then(Value::as_array).into_iter().flatten();
    parameters.into_iter().all(|value| value.get("L").is_none() && value.get("M").is_none())
}

fn set(document: &mut Value, member: &str, value: Value) {
    if let Some(document) = document.as_object_mut() {
        document.insert(member.to_owned(), value);
    }
}

/// `BatchExecuteStatement`
pub(super) fn execute_batch(mut asked: Asked) -> Result<Prepared, Fault> {
    // Each statement of a batch fails on its own.
    let Some(statements) = Statements::read(&mut asked, Some("Statements"), is_refused)? else {
        return Err(malformed(Fault::Interrupted));
    };
    let requirements = statements.all.iter().map(|(statement, table)| statement.requirement(table)).collect();
    in_place(asked, statements, requirements, EXECUTE_BATCH)
}

/// Whether the engine refuses a statement of a batch where there are no tables, and for another reason than that.
///
/// # Errors
/// What is wrong with the request that has such a statement in it.
fn is_refused(asked: &Asked, statement: &Value) -> Result<bool, Fault> {
    let request = engine::request(json!({ "Statements": [statement] }))?;
    let told = asked.places.nothing().read(|storage| Ok(EXECUTE_BATCH(storage, request)?))?;
    let told: Value = serde_json::from_str(&engine::answer(&told)?)?;
    let code = told.pointer("/Responses/0/Error/Code").and_then(Value::as_str);
    Ok(code.is_some_and(|code| code != "ResourceNotFound"))
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
pub(super) fn execute_transaction(mut asked: Asked) -> Result<Prepared, Fault> {
    let documents = asked.document.get("TransactStatements").and_then(Value::as_array);
    // The engine reads what stands in the brackets as a path.
    if documents.into_iter().flatten().any(Statement::is_condition) {
        return Err(Fault::Unserved("EXISTS in ExecuteTransaction".to_owned()));
    }
    let run: Act<execute_transaction::ExecuteTransactionRequest, _> =
        |storage, request| block_on(execute_transaction::execute(storage, request));
    let read = Statements::read(&mut asked, Some("TransactStatements"), |_, _| Ok(false))?;
    let Some(statements) = read.filter(|statements| !statements.all.is_empty()) else {
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
        Fault::Engine(
            fault @ (DynoxideError::ValidationException(_)
            | DynoxideError::EnvelopedValidation(_)
            | DynoxideError::SerializationException(_)),
        ) => Fault::Engine(fault),
        _ => Fault::Validation("Statement wasn't well formed, can't be processed: ".to_owned()),
    }
}
