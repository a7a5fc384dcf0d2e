//! `Query` and `Scan`, also of an index that does not have what is asked for.
//!
//! Source: API reference, "Query" and "Scan".

use dynoxide::DynoxideError;
use dynoxide::actions::{query, scan};
use dynoxide::storage::Storage;
use dynoxide::types::ConsumedCapacity;
use pollster::block_on;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sidegate_iam::Requirement;

use super::access::Access;
use super::engine;
use super::expression::{self, Names, attributes, equal_to};
use super::fault::Fault;
use super::operation::{Asked, Prepared};
use super::table::Table;

/// `Query`
pub(super) fn query(asked: Asked) -> Result<Prepared, Fault> {
    search::<query::QueryResponse>(asked, Access::by_query)
}

/// `Scan`
pub(super) fn scan(asked: Asked) -> Result<Prepared, Fault> {
    search::<scan::ScanResponse>(asked, |document, _| Access::by_scan(document))
}

fn search<P: Page>(mut asked: Asked, access: impl FnOnce(&Value, &Table) -> Access) -> Result<Prepared, Fault> {
    let Some(table) = asked.table()? else { return Err(asked.refused(P::read)) };
    expression::check(&asked.document)?;
    check_key(&asked.document, &table)?;
    let requirement = access(&asked.document, &table).asked_of(on_table_or_index(&asked, &table));
    let lack = Lack::of(&asked, &table);
    let document = lack.is_some().then(|| asked.document.clone());
    let request = engine::request::<P::Request>(asked.document)?;
    let place = table.place.clone();
    let prepared = Prepared::new(vec![requirement], move |_| {
        place.read(|storage| match lack.zip(document) {
            None => engine::answer(&P::read(storage, request)?),
            Some((lack, document)) => engine::answer(&lack.made_up_for::<P>(storage, document)?),
        })
    });
    Ok(prepared.with_keys_of([&table]))
}

/// An operation on an index needs to be allowed there, not on the table.
///
/// Source: developer guide, "Using IAM policy conditions for fine-grained access control", the example with a global
/// secondary index.
fn on_table_or_index(asked: &Asked, table: &Table) -> Requirement {
    match asked.text("IndexName") {
        Some(index) => table.on_index(asked.operation, index),
        None => table.requirement(asked.operation),
    }
}

/// Refuses an empty value of a key, which the engine looks for and does not find.
///
/// Source: the words are those in which the engine refuses such a key of `GetItem`.
fn check_key(document: &Value, table: &Table) -> Result<(), Fault> {
    let index = document.get("IndexName").and_then(Value::as_str);
    for attribute in table.key_attributes(index) {
        let is_empty = |kind: &str| {
            let empty = |value: &Value| value.get(kind).and_then(Value::as_str) == Some("");
            given(document, attribute).into_iter().any(empty)
        };
        if let Some((_, name)) = [("S", "string"), ("B", "binary")].into_iter().find(|(kind, _)| is_empty(kind)) {
            return Err(Fault::Validation(format!(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty \
                 {name} value. Key: {attribute}"
            )));
        }
    }
    Ok(())
}

/// The values that the condition of a query gives for an attribute.
fn given<'a>(document: &'a Value, attribute: &str) -> Vec<&'a Value> {
    if let Some(condition) = document.get("KeyConditionExpression").and_then(Value::as_str) {
        let values = document.get("ExpressionAttributeValues");
        let names = equal_to(condition, Names::of(document), attribute);
        return names.filter_map(|name| values?.get(name)).collect();
    }
    let given = document.get("KeyConditions").and_then(|conditions| conditions.get(attribute));
    let is_equal = given.is_some_and(|given| given.get("ComparisonOperator").and_then(Value::as_str) == Some("EQ"));
    let list = given.filter(|_| is_equal).and_then(|given| given.get("AttributeValueList")?.as_array());
    list.into_iter().flatten().collect()
}

/// A page of items.
trait Page: Serialize + Sized + 'static {
    type Request: DeserializeOwned + Send + 'static;

    fn read(storage: &Storage, request: Self::Request) -> Result<Self, DynoxideError>;

    /// How many items were looked at.
    fn scanned(&self) -> usize;

    fn capacity(&mut self) -> &mut Option<ConsumedCapacity>;
}

/// The page of an action, whose request filters by expressions and by this member.
macro_rules! page {
    ($action:ident, $request:ident, $response:ident, $filter:ident) => {
        impl Page for $action::$response {
            type Request = $action::$request;

            fn read(storage: &Storage, request: Self::Request) -> Result<Self, DynoxideError> {
                let (limit, filters) =
                    (request.limit, request.filter_expression.is_some() || request.$filter.is_some());
                let mut answer = block_on($action::execute(storage, request))?;
                let goes_on = answer.last_evaluated_key.is_some();
                let seen = Seen { scanned: answer.scanned_count, matched: answer.count, goes_on };
                answer.scanned_count = seen.scanned(limit, filters);
                Ok(answer)
            }

            fn scanned(&self) -> usize {
                self.scanned_count
            }

            fn capacity(&mut self) -> &mut Option<ConsumedCapacity> {
                &mut self.consumed_capacity
            }
        }
    };
}

page!(query, QueryRequest, QueryResponse, query_filter);
page!(scan, ScanRequest, ScanResponse, scan_filter);

/// What the engine says that a query or a scan has seen.
struct Seen {
    scanned: usize,
    matched: usize,
    /// Whether there is more behind it.
    goes_on: bool,
}

impl Seen {
    /// How many items were looked at. Where an answer ends at its size, the engine counts the item for which there was no room.
    ///
    /// Source: API reference, "Query", `ScannedCount`: "If you did not use a filter in the request, then `ScannedCount` is the
    /// same as `Count`."
    fn scanned(&self, limit: Option<usize>, filters: bool) -> usize {
        let ends_at_size = self.goes_on && limit.is_none_or(|limit| self.scanned < limit);
        match filters {
            false => self.matched,
            true if ends_at_size => self.scanned.saturating_sub(1),
            true => self.scanned,
        }
    }
}

/// An index that does not have what is asked for.
///
/// Source: API reference, "Query", `AttributesToGet`: of a local index "DynamoDB fetches each of these attributes from the
/// parent table"; of a global one "you can only request attributes that are projected into the index".
#[derive(Debug)]
enum Lack {
    /// The table has it.
    Local { table: String, index: String },
    /// It cannot be had.
    Global { index: String, attributes: Vec<String> },
}

impl Lack {
    fn of(asked: &Asked, table: &Table) -> Option<Self> {
        let name = asked.text("IndexName")?;
        let index = table.index(name)?;
        let projected = index.projected.as_ref()?;
        let mut lacking = named(&asked.document);
        lacking.retain(|name| !projected.contains(name));
        // In a query the engine fetches what is all of an item.
        let wants_all = asked.operation == "Scan" && asked.text("Select") == Some("ALL_ATTRIBUTES");
        match index.is_local {
            true if wants_all || !lacking.is_empty() => {
                Some(Self::Local { table: table.name.name.clone(), index: name.to_owned() })
            }
            false if !lacking.is_empty() => Some(Self::Global { index: name.to_owned(), attributes: lacking }),
            _ => None,
        }
    }

    /// The page with what the index does not have of it.
    ///
    /// # Errors
    /// What the engine refuses, and what only a table could give.
    fn made_up_for<P: Page>(self, storage: &Storage, mut document: Value) -> Result<P, Fault> {
        let read = |document: &Value| Ok::<_, Fault>(P::read(storage, engine::request(document.clone())?)?);
        let (table, index) = match self {
            Self::Local { table, index } => (table, index),
            Self::Global { index, attributes } => {
                read(&document)?;
                return Err(Fault::Validation(format!(
                    "One or more parameter values were invalid: Global secondary index {index} does not project [{}]",
                    attributes.join(", ")
                )));
            }
        };
        let mut page: P = with_whole_items(storage, &table, &index, || read(&document))?;
        if let Some(of_items) = page.capacity().take() {
            let scanned = page.scanned();
            if let Some(members) = document.as_object_mut().filter(|_| scanned > 0) {
                members.insert("Limit".to_owned(), scanned.into());
            }
            let of_entries = read(&document)?.capacity().take();
            let units = if scanned > 0 { of_items.capacity_units } else { 0.0 };
            *page.capacity() = of_entries.map(|of_entries| with_table(of_entries, units));
        }
        Ok(page)
    }
}

/// The attributes that a document asks for, each once, in their order.
fn named(document: &Value) -> Vec<String> {
    let mut all = Vec::new();
    let projection = document.get("ProjectionExpression").and_then(Value::as_str).unwrap_or_default();
    let listed = document.get("AttributesToGet").and_then(Value::as_array).into_iter().flatten();
    for name in attributes(projection, Names::of(document)).into_iter().chain(listed.filter_map(Value::as_str)) {
        if !all.iter().any(|own| own == name) {
            all.push(name.to_owned());
        }
    }
    all
}

/// Reads while the entries of a local index are the whole items that they stand for. The engine knows a table by its name
/// alone, for which a view of this connection stands before the index.
fn with_whole_items<T>(
    storage: &Storage, table: &str, index: &str, read: impl FnOnce() -> Result<T, Fault>,
) -> Result<T, Fault> {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let (items, entries) = (quoted(table), quoted(&format!("{table}::lsi::{index}")));
    storage.conn().execute_batch(&format!(
        "CREATE TEMP VIEW {entries} AS
            SELECT entry.pk, entry.sk, entry.base_pk, entry.base_sk, item.item_json
            FROM main.{entries} AS entry
            CROSS JOIN main.{items} AS item ON item.pk = entry.base_pk AND item.sk = entry.base_sk"
    ))?;
    let outcome = read();
    storage.conn().execute_batch(&format!("DROP VIEW temp.{entries}"))?;
    outcome
}

/// What an index and the table behind it took together.
fn with_table(mut of_index: ConsumedCapacity, units: f64) -> ConsumedCapacity {
    of_index.capacity_units += units;
    if let Some(table) = &mut of_index.table {
        table.capacity_units += units;
    }
    of_index
}
