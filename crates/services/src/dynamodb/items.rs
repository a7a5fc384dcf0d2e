//! Operations on the items of one table: `PutItem`, `GetItem`, `UpdateItem`, `DeleteItem`, `Query`, `Scan` and
//! `SearchVectors`.

use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::actions::{delete_item, get_item, put_item, query, scan, search_vectors, update_item};
use pollster::block_on;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sidegate_iam::Requirement;

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

pub(super) fn query(asked: Asked) -> Result<Prepared, Fault> {
    on_item(asked, Use::Read, Access::by_query, |storage, request: query::QueryRequest| {
        let (limit, filters) = (request.limit, request.filter_expression.is_some() || request.query_filter.is_some());
        let mut answer = block_on(query::execute(storage, request))?;
        let seen =
            Seen { scanned: answer.scanned_count, matched: answer.count, goes_on: answer.last_evaluated_key.is_some() };
        answer.scanned_count = seen.scanned(limit, filters);
        Ok(answer)
    })
}

pub(super) fn scan(asked: Asked) -> Result<Prepared, Fault> {
    let access = |document: &Value, _: &Table| Access::by_scan(document);
    on_item(asked, Use::Read, access, |storage, request: scan::ScanRequest| {
        let (limit, filters) = (request.limit, request.filter_expression.is_some() || request.scan_filter.is_some());
        let mut answer = block_on(scan::execute(storage, request))?;
        let seen =
            Seen { scanned: answer.scanned_count, matched: answer.count, goes_on: answer.last_evaluated_key.is_some() };
        answer.scanned_count = seen.scanned(limit, filters);
        Ok(answer)
    })
}

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
    if let Some(message) = expression::fault(&asked.document) {
        return Err(Fault::Validation(message));
    }
    let requirement = access(&asked.document, &table).asked_of(on_table_or_index(&asked, &table));
    let request = asked.requests(used)?;
    let place = table.place.clone();
    let prepared = Prepared::new(vec![requirement], move |allowed| act(&place, allowed, used, request, run));
    Ok(prepared.with_keys_of([&table]))
}

/// An operation on an index needs to be allowed there, not on the table.
///
/// Source: developer guide, "Using IAM policy conditions for fine-grained access control", the example with a global
/// secondary index.
fn on_table_or_index(asked: &Asked, table: &Table) -> Requirement {
    match asked.text("IndexName").filter(|_| matches!(asked.operation, "Query" | "Scan")) {
        Some(index) => table.on_index(asked.operation, index),
        None => table.requirement(asked.operation),
    }
}
