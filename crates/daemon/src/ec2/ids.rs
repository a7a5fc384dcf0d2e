//! Ids of requests: as the model's types, as the resources that they name, and in ARNs.

use std::str::FromStr;

use sidegate_model::{Arn, Entity, Error, Scope, Table};
use sidegate_wire::protocol::Failure;

use super::{fault, refused};

/// An id, as the model takes it.
pub(super) fn id<T: FromStr<Err = Error>>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|error| fault::of(&error))
}

/// Ids, as the model takes them.
pub(super) fn ids<T: FromStr<Err = Error>>(texts: &[String]) -> Result<Vec<T>, Failure> {
    texts.iter().map(|text| id(text)).collect()
}

/// A parameter that must be there.
pub(super) fn required<'a>(value: Option<&'a str>, parameter: &str) -> Result<&'a str, Failure> {
    value
        .filter(|text| !text.is_empty())
        .ok_or_else(|| refused("MissingParameter", format!("The request must contain the parameter {parameter}")))
}

/// An id that must be there, as the model takes it.
pub(super) fn given<T: FromStr<Err = Error>>(value: Option<&str>, parameter: &str) -> Result<T, Failure> {
    id(required(value, parameter)?)
}

/// The resources that a Describe action speaks of, in the order of their ids: those with the ids, each of which must
/// be there, or all if no id is given.
pub(super) fn chosen<'w, T: Entity>(
    table: &'w Table<T>, ids: &[T::Id], belongs: impl Fn(&T) -> bool, missing: impl Fn(&T::Id) -> Error,
) -> Result<Vec<&'w T>, Failure> {
    if ids.is_empty() {
        return Ok(table.iter().filter(|resource| belongs(resource)).collect());
    }
    let mut ids: Vec<&T::Id> = ids.iter().collect();
    ids.sort();
    ids.dedup();
    ids.into_iter()
        .map(|id| table.get(id).filter(|resource| belongs(resource)).ok_or_else(|| fault::of(&missing(id))))
        .collect()
}

/// A kind of resource that AWS has, and of which no account here has any.
pub(super) struct Nothing {
    /// The prefix of ids of this kind, with its hyphen.
    pub(super) prefix: &'static str,
    /// The kind, in AWS's words.
    pub(super) noun: &'static str,
    /// The code for an id that has not the form of the kind.
    pub(super) malformed: &'static str,
    /// The code for an id that names nothing.
    pub(super) missing: &'static str,
}

impl Nothing {
    /// Refuses whichever id is given.
    pub(super) fn refuse(&self, ids: &[String]) -> Result<(), Failure> {
        let Some(id) = ids.first().cloned() else { return Ok(()) };
        let digits = id.strip_prefix(self.prefix).unwrap_or_default();
        let is_formed = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase());
        Err(fault::of(&if is_formed {
            Error::NotFound { code: self.missing, noun: self.noun, id }
        } else {
            Error::MalformedId { code: self.malformed, id, prefix: self.prefix }
        }))
    }
}

/// A number that is always the same for a text, for ids that are not stored: FNV-1a, which is the same in all versions,
/// unlike the standard library's hashes.
pub(super) fn lasting(text: impl IntoIterator<Item = u8>) -> u64 {
    text.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The ARN of a resource of the caller's; `*` as its id stands for one that is still to be made.
pub(super) fn arn(scope: &Scope, kind: &str, id: &str) -> String {
    Arn::ec2(scope, kind, &id).to_string()
}
