//! What is in an organization. Each is a row of the store. Times are Unix milliseconds.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sidegate_model::AccountId;

use crate::organizations::id::{HandshakeId, ParentId};
use crate::organizations::kind::PolicyKind;

/// Tags, in the order of their keys.
pub(crate) type Tags = BTreeMap<String, String>;

/// What an organization can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum FeatureSet {
    All,
    ConsolidatedBilling,
}

impl FeatureSet {
    /// Reads the API's name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "ALL" => Some(Self::All),
            "CONSOLIDATED_BILLING" => Some(Self::ConsolidatedBilling),
            _ => None,
        }
    }

    /// The API's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::ConsolidatedBilling => "CONSOLIDATED_BILLING",
        }
    }
}

/// An organizational unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unit {
    pub(crate) name: String,
    pub(crate) parent: ParentId,
    pub(crate) created: i64,
    pub(crate) tags: Tags,
}

/// How an account came into the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Joined {
    Invited,
    Created,
}

/// Whether an account is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Standing {
    Active,
    /// Closed, which takes effect at once here.
    Closed,
}

/// An account of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) parent: ParentId,
    pub(crate) standing: Standing,
    pub(crate) joined: Joined,
    pub(crate) since: i64,
    /// The role that the management account may assume in it, if the account was created here.
    pub(crate) access_role: Option<String>,
    pub(crate) tags: Tags,
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) kind: PolicyKind,
    pub(crate) content: Arc<str>,
    pub(crate) created: i64,
    pub(crate) tags: Tags,
}

/// A request to create an account, which has come to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CreateRequest {
    pub(crate) name: String,
    pub(crate) requested: i64,
    /// The account, or why there is none.
    pub(crate) outcome: Result<AccountId, String>,
}

/// The resource policy of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResourcePolicy {
    pub(crate) content: String,
    pub(crate) tags: Tags,
}

/// What a handshake is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Action {
    Invite,
    EnableAllFeatures,
    ApproveAllFeatures,
}

impl Action {
    /// The API's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Invite => "INVITE",
            Self::EnableAllFeatures => "ENABLE_ALL_FEATURES",
            Self::ApproveAllFeatures => "APPROVE_ALL_FEATURES",
        }
    }
}

/// How far a handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum HandshakeState {
    Requested,
    Open,
    Canceled,
    Accepted,
    Declined,
    Expired,
}

impl HandshakeState {
    /// The API's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Open => "OPEN",
            Self::Canceled => "CANCELED",
            Self::Accepted => "ACCEPTED",
            Self::Declined => "DECLINED",
            Self::Expired => "EXPIRED",
        }
    }

    /// Whether nothing more comes of it.
    pub(crate) fn is_final(self) -> bool {
        !matches!(self, Self::Requested | Self::Open)
    }
}

/// Whom a handshake is offered to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Party {
    Account(AccountId),
    /// Whoever has this address.
    Email(String),
}

/// A handshake between the organization and an account, or with its own management account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Handshake {
    pub(crate) action: Action,
    /// The handshake that this one is a part of.
    pub(crate) parent: Option<HandshakeId>,
    /// `None` where the management account has only itself to agree with.
    pub(crate) target: Option<Party>,
    pub(crate) notes: Option<String>,
    /// As it was last set; [`Handshake::state`] is what it is now.
    pub(crate) set: HandshakeState,
    pub(crate) requested: i64,
    pub(crate) expires: i64,
    /// When it was accepted, declined or canceled.
    pub(crate) ended: Option<i64>,
    /// What the account will be tagged with.
    pub(crate) tags: Tags,
}

/// How long a handshake is shown after its end.
///
/// Source: API reference, "ListHandshakesForOrganization".
const SHOWN: i64 = 30 * 86_400_000;

impl Handshake {
    /// How far it is now.
    pub(crate) fn state(&self, now: i64) -> HandshakeState {
        if !self.set.is_final() && now >= self.expires { HandshakeState::Expired } else { self.set }
    }

    /// Whether it is still shown.
    pub(crate) fn is_shown(&self, now: i64) -> bool {
        now < self.ended.unwrap_or(self.expires) + SHOWN
    }
}
