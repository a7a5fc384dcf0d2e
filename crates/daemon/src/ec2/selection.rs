//! What the parameters of a request select: ids that are read, resources that are found by them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::Ipv6Addr;
use std::str::FromStr;

use sidegate_model::{Entity, Error, Ipv4Cidr, Table};
use sidegate_wire::protocol::Failure;

use super::{fault, refused};

/// The id that a parameter gives. The wire has refused requests without those that AWS requires.
pub(super) fn id<I: FromStr<Err = Error>>(text: Option<&str>) -> Result<I, Failure> {
    text.unwrap_or_default().parse().map_err(|error| fault::of(&error))
}

/// The ids that a parameter gives, in order.
pub(super) fn ids<I: FromStr<Err = Error>>(texts: &[String]) -> Result<Vec<I>, Failure> {
    texts.iter().map(|text| id(Some(text))).collect()
}

/// The resources with these ids, each once and ordered by id; without ids all those of the caller.
pub(super) fn owned<'w, T>(
    table: &'w Table<T>, ids: &[String], find: impl Fn(&T::Id) -> Result<&'w T, Error>, is_mine: impl Fn(&T) -> bool,
) -> Result<Vec<&'w T>, Failure>
where
    T: Entity,
    T::Id: FromStr<Err = Error>,
{
    if ids.is_empty() {
        return Ok(table.iter().filter(|entity| is_mine(entity)).collect());
    }
    let wanted: BTreeSet<T::Id> = ids.iter().map(|text| id(Some(text))).collect::<Result<_, _>>()?;
    wanted.iter().map(|id| find(id).map_err(|error| fault::of(&error))).collect()
}

/// The block that a parameter gives, in canonical form.
///
/// Source: EC2 API reference, CreateVpc, CreateSubnet, CreateRoute: "We modify the specified CIDR block to its
/// canonical form".
pub(super) fn cidr(parameter: &str, text: &str) -> Result<Ipv4Cidr, Failure> {
    Ipv4Cidr::parse(text).map(|(block, _)| block).ok_or_else(|| {
        let message = format!("Value ({text}) for parameter {parameter} is invalid. This is not a valid CIDR block.");
        refused("InvalidParameterValue", message)
    })
}

/// An IPv6 block in canonical form.
pub(super) fn cidr6(text: &str) -> Option<(Ipv6Addr, u8)> {
    let (address, length) = text.split_once('/')?;
    let address: Ipv6Addr = address.parse().ok()?;
    let is_number = (1..=3).contains(&length.len()) && length.bytes().all(|b| b.is_ascii_digit());
    let length: u8 = length.parse().ok().filter(|length| is_number && *length <= 128)?;
    let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or_default();
    Some((Ipv6Addr::from_bits(address.to_bits() & mask), length))
}

/// The one value that a resource has under a filter's name.
pub(super) fn one<'r>(value: impl Into<Cow<'r, str>>) -> Vec<Cow<'r, str>> {
    vec![value.into()]
}

/// The value that a resource has under the name of a filter that is true or false.
pub(super) fn flag<'r>(value: bool) -> Vec<Cow<'r, str>> {
    one(if value { "true" } else { "false" })
}

/// What stands behind the prefix of an id.
pub(super) fn digits(id: &str) -> &str {
    id.rsplit_once('-').map_or(id, |(_, digits)| digits)
}

/// Takes the one attribute that a request to modify names; AWS refuses none, and more than one.
pub(super) fn sole<T>(given: Vec<(&'static str, T)>) -> Result<T, Failure> {
    let names: Vec<_> = given.iter().map(|(name, _)| *name).collect();
    let names = names.join(", ");
    let mut given = given.into_iter();
    match (given.next(), given.next()) {
        (Some((_, attribute)), None) => Ok(attribute),
        (None, _) => Err(refused("InvalidParameterCombination", "No attributes specified.")),
        (Some(_), Some(_)) => {
            let message = format!("Fields for multiple attribute types specified: {names}");
            Err(refused("InvalidParameterCombination", message))
        }
    }
}
