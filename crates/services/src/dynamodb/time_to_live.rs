//! `UpdateTimeToLive` and `DescribeTimeToLive`

use dynoxide::actions::{describe_time_to_live, update_time_to_live};
use dynoxide::storage::Storage;
use pollster::block_on;
use serde_json::Value;

use super::engine;
use super::fault::Fault;
use super::operation::{Asked, Prepared};
use super::place::Room;
use super::table::Table;

/// `UpdateTimeToLive`
pub(super) fn update(mut asked: Asked) -> Result<Prepared, Fault> {
    let Some(table) = asked.table()? else {
        return Err(asked.refused(|storage, request| block_on(update_time_to_live::execute(storage, request))));
    };
    let requirements = vec![table.requirement("UpdateTimeToLive")];
    engine::request::<update_time_to_live::UpdateTimeToLiveRequest>(asked.document.clone())?;
    let Table { name, place, .. } = table;
    let document = asked.document;
    Ok(Prepared::new(requirements, move |allowed| {
        place.change(allowed, Room::Taken, |storage| {
            check(storage, &name.name, &document)?;
            let request = engine::request(document.clone())?;
            engine::answer(&block_on(update_time_to_live::execute(storage, request))?)
        })
    }))
}

/// A time to live that is as it is asked to be, or that another attribute has.
///
/// Source: what others were told by DynamoDB.
fn check(storage: &Storage, name: &str, document: &Value) -> Result<(), Fault> {
    let Some(meta) = storage.get_table_metadata(name)? else { return Ok(()) };
    let asked = document.get("TimeToLiveSpecification");
    let is_wanted = asked.and_then(|asked| asked.get("Enabled")?.as_bool()).unwrap_or(false);
    let attribute = asked.and_then(|asked| asked.get("AttributeName")?.as_str()).unwrap_or_default();
    let current = meta.ttl_attribute.as_deref().filter(|_| meta.ttl_enabled);
    let message = match current {
        _ if attribute.is_empty() => return Ok(()),
        Some(current) if current != attribute => {
            format!("TimeToLive is active on a different AttributeName: current AttributeName is {current}")
        }
        Some(_) if is_wanted => "TimeToLive is already enabled".to_owned(),
        None if !is_wanted => "TimeToLive is already disabled".to_owned(),
        _ => return Ok(()),
    };
    Err(Fault::Validation(message))
}

/// `DescribeTimeToLive`
pub(super) fn describe(mut asked: Asked) -> Result<Prepared, Fault> {
    let Some(table) = asked.table()? else {
        return Err(asked.refused(|storage, request| block_on(describe_time_to_live::execute(storage, request))));
    };
    let requirements = vec![table.requirement("DescribeTimeToLive")];
    let request: describe_time_to_live::DescribeTimeToLiveRequest = engine::request(asked.document)?;
    let place = table.place;
    Ok(Prepared::new(requirements, move |_| {
        place.read(|storage| engine::answer(&block_on(describe_time_to_live::execute(storage, request))?))
    }))
}
