//! The actions that IAM and organizations take: `*`, or the name of a service, one colon and the name of an action.
//!
//! Sources: IAM user guide, "Grammar of the IAM JSON policy language"; Organizations user guide, "SCP syntax", "RCP syntax";
//! recorded refusals of IAM.

use super::{WILDCARDS, values};
use crate::error::Fault;
use crate::grammar::{Parsed, each, misplaced};
use crate::json::Node;

/// Holds the actions of all statements to their form, and then those that are excepted.
pub(super) fn check(statements: &[Node]) -> Parsed<()> {
    each(statements, |node| sound(node, &["Action"]))?;
    each(statements, |node| sound(node, &["NotAction"]))
}

fn sound(node: &Node, names: &'static [&'static str]) -> Parsed<()> {
    values(node, names).try_for_each(|(element, one)| match fault(one.text().unwrap_or_default()) {
        Some(fault) => misplaced(fault, element, one.offset),
        None => Ok(()),
    })
}

fn fault(text: &str) -> Option<Fault> {
    if text == "*" {
        return None;
    }
    let Some((vendor, name)) = text.split_once(':') else {
        return Some(Fault::NoVendor { text: text.to_owned() });
    };
    if name.contains(':') {
        return Some(Fault::SeveralColons);
    }
    if vendor.contains(WILDCARDS) {
        return Some(Fault::VendorPattern { vendor: vendor.to_owned() });
    }
    let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    (vendor.is_empty() || !vendor.bytes().all(known)).then(|| Fault::Vendor { vendor: vendor.to_owned() })
}
