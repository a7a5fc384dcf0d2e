//! Customer-managed prefix lists: blocks of the account's own under one id, with their versions. What can be done to
//! them is in `prefix_list/command.rs`.
//!
//! Source: VPC user guide, "Consolidate and manage network CIDR blocks with managed prefix lists".

use serde::{Deserialize, Serialize};

use super::PrefixList;
use crate::{AddressFamily, Entity, IpCidr, PrefixListId, RouteTableId, Scope, SecurityGroupId};

/// A prefix list of the account's own, at its current version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerPrefixList {
    /// Its id.
    pub id: PrefixListId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its name, which other lists may have too.
    pub name: String,
    /// The family of its blocks.
    pub family: AddressFamily,
    /// How many entries it can have, and what a reference to it counts in a route table or security group.
    pub max_entries: u32,
    /// The number of its current version, from 1.
    pub version: u64,
    /// The number of the oldest version that is kept.
    pub oldest: u64,
    /// The entries of its current version, by block.
    pub entries: Vec<PrefixListEntry>,
    /// What became of the last thing that was done to it.
    pub state: PrefixListState,
    /// Why that failed, if it did.
    pub message: Option<String>,
}

/// The entries that a list had before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixListVersion {
    /// The list.
    pub list: PrefixListId,
    /// The number of the version.
    pub version: u64,
    /// Its entries, by block.
    pub entries: Vec<PrefixListEntry>,
}

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixListEntry {
    /// The block.
    pub block: IpCidr,
    /// A note of the account's; empty if there is none.
    pub description: String,
}

/// What became of the last thing that was done to a list. What AWS does in its own time has happened here when the call
/// is answered, so no list is found while something is in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PrefixListState {
    /// It was made.
    CreateComplete,
    /// Its entries or its size were changed.
    ModifyComplete,
    /// Its size could not be changed.
    ModifyFailed,
    /// An earlier version was restored.
    RestoreComplete,
    /// It could not be deleted.
    DeleteFailed,
}

/// A list that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatePrefixList {
    /// Its name.
    pub name: String,
    /// The family of its blocks.
    pub family: AddressFamily,
    /// How many entries it can have.
    pub max_entries: i32,
    /// Its first entries.
    pub entries: Vec<PrefixListEntry>,
}

/// What is to be changed of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModifyPrefixList {
    /// The version that the caller believes to be the current one.
    pub current: Option<i64>,
    /// Another name.
    pub name: Option<String>,
    /// Another size.
    pub max_entries: Option<i32>,
    /// Entries to add; where there is one with the block, it gets the description.
    pub add: Vec<PrefixListEntry>,
    /// Blocks whose entries are to go.
    pub remove: Vec<IpCidr>,
}

/// What names a prefix list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrefixListUser {
    /// A route table, in a route.
    RouteTable(RouteTableId),
    /// A security group, in a rule.
    SecurityGroup(SecurityGroupId),
}

impl Entity for CustomerPrefixList {
    type Id = PrefixListId;
    const KIND: &'static str = "prefix-list";

    fn id(&self) -> PrefixListId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl Entity for PrefixListVersion {
    type Id = (PrefixListId, u64);
    const KIND: &'static str = "prefix-list-version";

    fn id(&self) -> (PrefixListId, u64) {
        (self.list.clone(), self.version)
    }

    fn key(&self) -> String {
        format!("{}/{}", self.list, self.version)
    }
}

impl PrefixListState {
    /// The state's name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateComplete => "create-complete",
            Self::ModifyComplete => "modify-complete",
            Self::ModifyFailed => "modify-failed",
            Self::RestoreComplete => "restore-complete",
            Self::DeleteFailed => "delete-failed",
        }
    }
}

impl PrefixListUser {
    /// The id of what names the list.
    pub fn as_str(&self) -> &str {
        match self {
            Self::RouteTable(id) => id.as_str(),
            Self::SecurityGroup(id) => id.as_str(),
        }
    }
}

impl CustomerPrefixList {
    /// The list as what resolves its id sees it.
    pub(super) fn resolved(&self) -> PrefixList {
        let v4 = |entry: &PrefixListEntry| match entry.block {
            IpCidr::V4(block) => Some(block),
            IpCidr::V6(_) => None,
        };
        let v6 = |entry: &PrefixListEntry| match entry.block {
            IpCidr::V4(_) => None,
            IpCidr::V6(block) => Some(block),
        };
        PrefixList {
            id: self.id.clone(),
            name: self.name.clone(),
            cidrs: self.entries.iter().filter_map(v4).collect(),
            cidrs6: self.entries.iter().filter_map(v6).collect(),
            weight: self.max_entries,
        }
    }
}
