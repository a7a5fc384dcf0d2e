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
use super::replay::{self, Images};
use super::statement::{Statement, Verb};
use super::table::Table;
use super::token::{self, Once};

const EXECUTE: Act<execute_statement::ExecuteStatementRequest, execute_statement::ExecuteStatementResponse> =
    |storage, request| block_on(execute_statement::execute(storage, request));

const EXECUTE_BATCH: Act<
    batch_execute_statement::BatchExecuteStatementRequest,
    batch_execute_statement::BatchExecuteStatementResponse,
> = |storage, request| block_on(batch_execute_statement::execute(storage, request));

const RUN_TRANSACTION: Act<
    execute_transaction::ExecuteTransactionRequest,
    execute_transaction::ExecuteTransactionResponse,
> = |storage, request| block_on(execute_transaction::execute(storage, request));

/// How the capacity may be asked for.
const CAPACITIES: [&str; 3] = ["INDEXES", "TOTAL", "NONE"];

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
    /// Those that cannot be read.
    unread: Vec<Value>,
    place: Arc<Place>,
    /// The document as it was sent.
    sent: Value,
}

impl Statements {
    /// Reads statements, which stand in the document as they were read from now on.
    fn read(asked: &mut Asked, member: Option<&str>) -> Result<Self, Fault> {
        let sent = asked.document.clone();
        let scope = asked.caller.scope.clone();
        let place = asked.places.find(&scope.account, scope.region)?;
        let (mut all, mut unread) = (Vec::new(), Vec::new());
        let documents = match member {
            None => std::slice::from_mut(&mut asked.document),
            Some(member) => {
                asked.document.get_mut(member).and_then(Value::as_array_mut).map_or(&mut [][..], Vec::as_mut)
            }
        };
        for document in documents {
            let Some(statement) = Statement::read(document) else {
                unread.push(document.clone());
                continue;
            };
            if let Some(text) = document.get_mut("Statement") {
                *text = statement.text.as_str().into();
            }
            if statement.table.starts_with("arn:") {
                return Err(Fault::Unserved("statements about tables by their ARNs".to_owned()));
            }
            // Of a name that no table can have the engine finds no table.
            let name =
                TableName { account: scope.account.clone(), region: scope.region, name: statement.table.clone() };
            all.push((statement, Table::find(&asked.places, name)?));
        }
        Ok(Self { all, unread, place, sent })
    }

    /// What the engine says of the document as it was sent, where it refuses it whatever tables there are.
    fn refused<R: DeserializeOwned, A>(self, asked: &mut Asked, run: Act<R, A>) -> Fault {
        asked.document = self.sent;
        malformed(asked.refused(run))
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
    let statements = Statements::read(&mut asked, None)?;
    if !statements.unread.is_empty() {
        return Err(statements.refused(&mut asked, EXECUTE));
    }
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
    let Statements { all, place, .. } = statements;
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
    let is_mode = |mode: &Value| mode.as_str().is_some_and(|mode| CAPACITIES.contains(&mode));
    // Of what is wrong with these the engine tells.
    if most == 0 || !document.get("ReturnConsumedCapacity").is_none_or(is_mode) {
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
    let statements = Statements::read(&mut asked, Some("Statements"))?;
    if !statements.unread.is_empty() {
        engine::check_members(&asked.places.nothing(), &statements.sent, EXECUTE_BATCH)?;
    }
    // Each statement of a batch fails on its own, and one that the engine would carry out is not to be left to it.
    for statement in &statements.unread {
        if !is_refused(&asked, statement)? {
            return Err(malformed(Fault::Interrupted));
        }
    }
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
    let Statements { all, place, .. } = statements;
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
    let run = RUN_TRANSACTION;
    let statements = Statements::read(&mut asked, Some("TransactStatements"))?;
    if statements.all.is_empty() || !statements.unread.is_empty() {
        return Err(statements.refused(&mut asked, run));
    }
    let requirements =
        statements.all.iter().map(|(statement, table)| statement.requirement_in(table, "ExecuteTransaction")).collect();
    let used = statements.used();
    let once = Once::of(&asked, "TransactStatements");
    let nothing = asked.places.nothing();
    let document = asked.document;
    engine::request::<execute_transaction::ExecuteTransactionRequest>(document.clone())?;
    let Statements { all, place, sent, .. } = statements;
    let written = all.iter().map(|(statement, table)| (table.name.name.clone(), statement.key(table)));
    let written: Vec<_> = written.collect();
    let prepared = Prepared::new(requirements, move |allowed| {
        let room = if used == Use::Write(Room::Freed) { Room::Freed } else { Room::Taken };
        place.write(allowed, room, |storage| {
            let run = || engine::answer(&run(storage, engine::request(document.clone())?)?);
            let Some(once) = &once else { return run() };
            if let Some(known) = token::known(storage, once)? {
                engine::check_members(&nothing, &sent, RUN_TRANSACTION)?;
                return known.again(&sent);
            }
            let item = |(table, key): &(String, Option<Vec<(String, String)>>)| {
                let key = key.as_ref().map(|key| replay::key(storage, table, key)).transpose()?.flatten();
                Ok::<_, Fault>((table.clone(), key))
            };
            let images = Images::before(storage, written.iter().map(item).collect::<Result<_, _>>()?);
            let answer = run()?;
            token::note(storage, once, &answer, images.read(storage))?;
            Ok(answer)
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
