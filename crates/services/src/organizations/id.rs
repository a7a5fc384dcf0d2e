//! How organizations and what is in them are named. Patterns are those of the API's model.

use std::fmt;

use serde::{Deserialize, Serialize};
use sidegate_model::AccountId;

use super::fault::Fault;
use super::random;

/// Whether a text has so many characters, all of them lower-case letters and digits.
fn plain(text: &str, least: usize, most: usize) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (least..=most).contains(&text.len()) && text.bytes().all(allowed)
}

/// The same with capitals and underscores.
fn word(text: &str, least: usize, most: usize) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (least..=most).contains(&text.len()) && text.bytes().all(allowed)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal $matches:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub(super) struct $name(String);

        impl $name {
            /// Reads an id; `None` if it has another form.
            pub(super) fn parse(text: &str) -> Option<Self> {
                let matches: fn(&str) -> bool = $matches;
                text.strip_prefix($prefix).is_some_and(matches).then(|| Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Unreadable;

            fn try_from(text: String) -> Result<Self, Unreadable> {
                Self::parse(&text).ok_or(Unreadable(text))
            }
        }
    )*};
}

/// A stored id that has none of the known forms.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an id of AWS Organizations")]
pub(super) struct Unreadable(String);

ids! {
    /// An organization.
    OrganizationId "o-" |rest| plain(rest, 10, 32);
    /// The root of an organization.
    RootId "r-" |rest| plain(rest, 4, 32);
    /// An organizational unit. The root's id is a part of it.
    UnitId "ou-" |rest| rest.split_once('-').is_some_and(|(root, own)| plain(root, 4, 32) && plain(own, 8, 32));
    /// A policy, AWS's own ones included.
    PolicyId "p-" |rest| word(rest, 8, 128);
    /// A handshake.
    HandshakeId "h-" |rest| plain(rest, 8, 32);
    /// A request to create an account.
    RequestId "car-" |rest| plain(rest, 8, 32);
    /// The resource policy of an organization.
    ResourcePolicyId "rp-" |rest| word(rest, 4, 128);
}

impl OrganizationId {
    /// An id for a new organization.
    pub(super) fn new() -> Result<Self, Fault> {
        Ok(Self(format!("o-{}", random::text(10)?)))
    }
}

impl RootId {
    /// An id for a new root.
    pub(super) fn new() -> Result<Self, Fault> {
        Ok(Self(format!("r-{}", random::text(4)?)))
    }
}

impl UnitId {
    /// An id for a new unit below a root.
    pub(super) fn new(root: &RootId) -> Result<Self, Fault> {
        Ok(Self(format!("ou-{}-{}", root.0.trim_start_matches("r-"), random::text(8)?)))
    }
}

impl PolicyId {
    /// An id for a new policy.
    pub(super) fn new() -> Result<Self, Fault> {
        Ok(Self(format!("p-{}", random::text(8)?)))
    }

    /// The id of a policy of AWS's own.
    pub(super) fn managed(name: &str) -> Self {
        Self(format!("p-{name}"))
    }
}

impl HandshakeId {
    /// An id for a new handshake.
    pub(super) fn new() -> Result<Self, Fault> {
        Ok(Self(format!("h-{}", random::text(32)?)))
    }
}

impl RequestId {
    /// An id for a new request.
    pub(super) fn new() -> Result<Self, Fault> {
        Ok(Self(format!("car-{}", random::text(32)?)))
    }
}

impl ResourcePolicyId {
    /// An id for a new resource policy.
    pub(super) fn new() -> Result<Self, Fault> {
        Ok(Self(format!("rp-{}", random::text(8)?)))
    }
}

/// What a unit or an account can be in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) enum ParentId {
    Root(RootId),
    Unit(UnitId),
}

impl ParentId {
    /// Reads an id; `None` if it has another form.
    pub(super) fn parse(text: &str) -> Option<Self> {
        RootId::parse(text).map(Self::Root).or_else(|| UnitId::parse(text).map(Self::Unit))
    }

    /// The API's name of what it is.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Root(_) => "ROOT",
            Self::Unit(_) => "ORGANIZATIONAL_UNIT",
        }
    }
}

/// What a policy can be attached to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) enum TargetId {
    Parent(ParentId),
    Account(AccountId),
}

impl TargetId {
    /// Reads an id; `None` if it has another form.
    pub(super) fn parse(text: &str) -> Option<Self> {
        ParentId::parse(text).map(Self::Parent).or_else(|| text.parse().ok().map(Self::Account))
    }

    /// The API's name of what it is.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Parent(parent) => parent.kind(),
            Self::Account(_) => "ACCOUNT",
        }
    }
}

impl From<UnitId> for TargetId {
    fn from(unit: UnitId) -> Self {
        Self::Parent(ParentId::Unit(unit))
    }
}

/// What can have tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TaggableId {
    Target(TargetId),
    Policy(PolicyId),
    ResourcePolicy(ResourcePolicyId),
}

impl TaggableId {
    /// Reads an id; `None` if it has another form.
    pub(super) fn parse(text: &str) -> Option<Self> {
        TargetId::parse(text)
            .map(Self::Target)
            .or_else(|| PolicyId::parse(text).map(Self::Policy))
            .or_else(|| ResourcePolicyId::parse(text).map(Self::ResourcePolicy))
    }
}

impl fmt::Display for ParentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(id) => id.fmt(f),
            Self::Unit(id) => id.fmt(f),
        }
    }
}

impl fmt::Display for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parent(id) => id.fmt(f),
            Self::Account(id) => id.fmt(f),
        }
    }
}

impl From<ParentId> for String {
    fn from(id: ParentId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for ParentId {
    type Error = Unreadable;

    fn try_from(text: String) -> Result<Self, Unreadable> {
        Self::parse(&text).ok_or(Unreadable(text))
    }
}

impl From<TargetId> for String {
    fn from(id: TargetId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for TargetId {
    type Error = Unreadable;

    fn try_from(text: String) -> Result<Self, Unreadable> {
        Self::parse(&text).ok_or(Unreadable(text))
    }
}
