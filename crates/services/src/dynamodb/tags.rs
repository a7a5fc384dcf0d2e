//! `TagResource`, `UntagResource` and `ListTagsOfResource`

use std::collections::BTreeMap;

use dynoxide::actions::{list_tags_of_resource, tag_resource, untag_resource};
use dynoxide::streams::table_arn;
use pollster::block_on;
use serde_json::Value;

use super::engine;
use super::fault::Fault;
use super::name::{Part, Resource};
use super::operation::{Asked, Prepared};
use super::place::Room;
use super::table::Table;
use crate::asked::with_request_tags;

/// The most tags of a table.
const MOST: usize = 50;

/// The tags that a request gives, as far as they are any.
pub(super) fn given(document: &Value) -> BTreeMap<String, String> {
    let tags = document.get("Tags").and_then(Value::as_array).into_iter().flatten();
    tags.filter_map(|tag| Some((tag.get("Key")?.as_str()?.to_owned(), tag.get("Value")?.as_str()?.to_owned())))
        .collect()
}

/// The table whose ARN the member `ResourceArn` is, which is that of the engine from now on. `None` where it is none.
fn tagged(asked: &mut Asked) -> Result<Option<(String, Table)>, Fault> {
    let Some(arn) = asked.text("ResourceArn").map(str::to_owned) else { return Ok(None) };
    // Whether one of another account may be asked about is decided as of any other.
    let is_here = |resource: &Resource| resource.table.region == asked.scope().region;
    let Some(Resource { table, part: Part::Whole }) = Resource::read(&arn).filter(is_here) else {
        return Ok(None);
    };
    if let Some(member) = asked.document.get_mut("ResourceArn") {
        *member = table_arn(&table.name).into();
    }
    Ok(Some((arn, Table::find(&asked.places, table)?)))
}

/// The tags of a request or of a table may not begin so.
fn check_names<'a>(keys: impl IntoIterator<Item = &'a String>) -> Result<(), Fault> {
    if keys.into_iter().any(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        let message = "One or more parameter values were invalid: Tag keys that begin with aws: are reserved";
        return Err(Fault::Validation(message.to_owned()));
    }
    Ok(())
}

/// What a request about the tags of a table that is not there is told.
fn check_there(table: &Table, arn: &str) -> Result<(), Fault> {
    if table.is_there() {
        return Ok(());
    }
    // The word is DynamoDB's own.
    Err(Fault::NotFound(format!("Requested resource not found: ResourcArn: {arn} not found")))
}

/// What a request about tags that names no table is told.
fn no_table(asked: &Asked) -> Option<Fault> {
    let arn = asked.text("ResourceArn").filter(|arn| !arn.is_empty())?;
    let message = format!("Invalid TableArn: Invalid ResourceArn provided as input {arn}");
    Some(Fault::Validation(message))
}

pub(super) fn tag(mut asked: Asked) -> Result<Prepared, Fault> {
    let Some((arn, table)) = tagged(&mut asked)? else {
        return Err(no_table(&asked)
            .unwrap_or_else(|| asked.refused(|storage, request| block_on(tag_resource::execute(storage, request)))));
    };
    let tags = given(&asked.document);
    check_names(tags.keys())?;
    if asked.document.get("Tags").and_then(Value::as_array).is_some_and(|list| list.len() > tags.len()) {
        let message = "One or more parameter values were invalid: Duplicate tag keys";
        return Err(Fault::Validation(message.to_owned()));
    }
    let requirements = vec![with_request_tags(table.requirement("TagResource"), &tags)];
    let mut request = Some(engine::request(asked.document)?);
    Ok(Prepared::new(requirements, move |allowed| {
        check_there(&table, &arn)?;
        table.place.write(allowed, Room::Taken, |storage| {
            let mut kept: BTreeMap<_, _> =
                storage.get_tags(&table.name.name)?.into_iter().map(|tag| (tag.key, tag.value)).collect();
            kept.extend(tags.clone());
            if kept.len() > MOST {
                let message = format!("One or more parameter values were invalid: Too many tags, at most {MOST}");
                return Err(Fault::Validation(message));
            }
            let request = request.take().ok_or(Fault::Interrupted)?;
            block_on(tag_resource::execute(storage, request))?;
            Ok(String::new())
        })
    }))
}

pub(super) fn untag(mut asked: Asked) -> Result<Prepared, Fault> {
    let Some((arn, table)) = tagged(&mut asked)? else {
        return Err(no_table(&asked)
            .unwrap_or_else(|| asked.refused(|storage, request| block_on(untag_resource::execute(storage, request)))));
    };
    let keys = asked.document.get("TagKeys").and_then(Value::as_array).into_iter().flatten();
    let keys: Vec<&str> = keys.filter_map(Value::as_str).collect();
    let requirement = table.requirement("UntagResource");
    let requirement = if keys.is_empty() { requirement } else { requirement.with_many("aws:TagKeys", keys) };
    let document = asked.document;
    engine::request::<untag_resource::UntagResourceRequest>(document.clone())?;
    Ok(Prepared::new(vec![requirement], move |allowed| {
        check_there(&table, &arn)?;
        table.place.write(allowed, Room::Freed, |storage| {
            block_on(untag_resource::execute(storage, engine::request(document.clone())?))?;
            Ok(String::new())
        })
    }))
}

pub(super) fn list(mut asked: Asked) -> Result<Prepared, Fault> {
    let Some((arn, table)) = tagged(&mut asked)? else {
        return Err(no_table(&asked).unwrap_or_else(|| {
            asked.refused(|storage, request| block_on(list_tags_of_resource::execute(storage, request)))
        }));
    };
    let requirements = vec![table.requirement("ListTagsOfResource")];
    let request = engine::request(asked.document)?;
    Ok(Prepared::new(requirements, move |_| {
        check_there(&table, &arn)?;
        table.place.read(|storage| engine::answer(&block_on(list_tags_of_resource::execute(storage, request))?))
    }))
}
