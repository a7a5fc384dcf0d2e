//! What an operation on a table, an index or a stream would require.

use sidegate_iam::Requirement;

use super::fault::Fault;
use super::name::{Part, Resource};
use super::place::Places;
use super::table::Table;
use crate::Supposed;
use crate::supposed::{Parts, operation};

/// The form of the ARNs of tables; and what a name in one has to be like.
const FORM: &str = "arn:aws:dynamodb:REGION:ACCOUNT:table/NAME";
const NAMED: &str = "arn:aws:dynamodb:REGION:ACCOUNT:table/NAME-OF-3-TO-255-CHARACTERS";

/// What is required for an action on a table, an index or a stream. Blocks.
pub(super) fn suppose(places: &Places, action: &str, resource: &str) -> Result<Supposed, Fault> {
    let plain = || vec![Requirement::new(action, resource)];
    if resource == "*" {
        return Ok(match operation(action) {
            name if name.starts_with("List") || ["DescribeEndpoints", "DescribeLimits"].contains(&name) => {
                Supposed::Required(plain())
            }
            _ => Supposed::Elsewhere(plain()),
        });
    }
    let Some(Resource { table, part }) = Resource::read(resource) else {
        let is_named = Parts::of("dynamodb", resource).is_some_and(|parts| parts.resource.starts_with("table/"));
        return Ok(Supposed::NotOfAction { form: if is_named { NAMED } else { FORM } });
    };
    let table = Table::find(places, table)?;
    let operation = operation(action);
    Ok(Supposed::Required(vec![match part {
        Part::Whole => table.requirement(operation),
        Part::Index(index) => table.on_index(operation, &index),
        Part::Stream(label) => table.on_stream(operation, &label),
    }]))
}
