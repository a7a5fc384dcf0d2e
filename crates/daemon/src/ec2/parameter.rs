//! What parameters of several actions have in common.

use std::net::Ipv6Addr;

use sidegate_model::{Ipv4Cidr, Ipv6Cidr};
use sidegate_wire::protocol::Failure;

use super::{fault, refused};

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

/// The IPv6 block that a parameter gives, in canonical form.
pub(super) fn ipv6_cidr(parameter: &str, text: &str) -> Result<Ipv6Cidr, Failure> {
    Ipv6Cidr::parse(text).map(|(block, _)| block).ok_or_else(|| {
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

/// A parameter that asks for what Sidegate does not have; `why` ends the sentence.
pub(super) fn absent(parameter: &str, why: &str) -> Failure {
    fault::unsupported(format!("The parameter {parameter} is not supported: {why}."))
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
