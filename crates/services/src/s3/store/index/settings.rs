//! What can be set on a bucket besides its policy: who may make it public, and to whom its objects belong.

use rusqlite::{Transaction, params};
use serde::{Deserialize, Serialize};

use super::{Index, Locking, find_bucket, to_json};
use crate::s3::fault::Fault;

/// Which kinds of public access are blocked.
#[expect(clippy::struct_excessive_bools, reason = "the API has these four switches, each by itself")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PublicAccess {
    /// Requests with public ACLs are refused.
    pub(crate) block_acls: bool,
    /// Public ACLs that are there count for nothing.
    pub(crate) ignore_acls: bool,
    /// Public policies are refused.
    pub(crate) block_policy: bool,
    /// Where the policy is public, only the owner's account and services may do anything.
    pub(crate) restrict: bool,
}

/// To whom the objects of a bucket belong, and whether ACLs speak of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ownership {
    /// To the bucket's owner; there are no ACLs.
    BucketOwnerEnforced,
    /// To the bucket's owner, if the writer gives them away.
    BucketOwnerPreferred,
    /// To the writer.
    ObjectWriter,
}

impl Ownership {
    pub(crate) const ALL: [Self; 3] = [Self::BucketOwnerEnforced, Self::BucketOwnerPreferred, Self::ObjectWriter];

    /// The name in the API.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::BucketOwnerEnforced => "BucketOwnerEnforced",
            Self::BucketOwnerPreferred => "BucketOwnerPreferred",
            Self::ObjectWriter => "ObjectWriter",
        }
    }
}

/// Whether a bucket keeps the versions of its objects. Once it has, it never goes back to `Never`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Versioning {
    /// It never did.
    #[default]
    Never,
    Enabled,
    /// It keeps those that there are.
    Suspended,
}

/// The settings. What nobody set is as it is for a new bucket; `None` is what somebody took away.
///
/// Source: S3 user guide, "Default settings for new S3 buckets FAQ".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    pub(crate) public_access: Option<PublicAccess>,
    pub(crate) ownership: Option<Ownership>,
    pub(crate) versioning: Versioning,
    /// Whether objects may be locked, and how new ones are.
    pub(crate) lock: Option<Locking>,
    /// Whether those who ask pay, and not the owner.
    pub(crate) requester_pays: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let all = PublicAccess { block_acls: true, ignore_acls: true, block_policy: true, restrict: true };
        Self {
            public_access: Some(all),
            ownership: Some(Ownership::BucketOwnerEnforced),
            versioning: Versioning::Never,
            lock: None,
            requester_pays: false,
        }
    }
}

impl Settings {
    /// Whether ACLs are off.
    pub(crate) fn has_no_acls(&self) -> bool {
        self.ownership == Some(Ownership::BucketOwnerEnforced)
    }

    /// Whether its objects have versions.
    pub(crate) fn has_versions(&self) -> bool {
        self.versioning != Versioning::Never
    }

    /// Whether a kind of public access is blocked.
    pub(crate) fn blocks(&self, kind: impl Fn(&PublicAccess) -> bool) -> bool {
        self.public_access.as_ref().is_some_and(kind)
    }
}

impl Index {
    /// Sets the policy of a bucket, which is durable when this returns, if the one that it has now is as it should be.
    pub(crate) fn set_policy(
        &self, name: &str, policy: &str, is_replaced: impl FnOnce(Option<&str>) -> bool,
    ) -> Result<(), Fault> {
        self.write(|transaction| {
            let bucket = find_bucket(transaction, name)?.ok_or_else(|| Fault::no_such_bucket(name))?;
            if is_replaced(bucket.policy.as_deref()) {
                replace_policy(transaction, name, Some(policy))
            } else {
                Err(Fault::changed_meanwhile())
            }
        })
    }

    /// Takes the policy of a bucket away, if there is one.
    pub(crate) fn remove_policy(&self, name: &str) -> Result<(), Fault> {
        self.free(|transaction| replace_policy(transaction, name, None))
    }

    /// Changes the settings of a bucket.
    pub(crate) fn change_settings(
        &self, name: &str, change: impl FnOnce(&mut Settings) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.write(|transaction| {
            let mut settings = find_bucket(transaction, name)?.ok_or_else(|| Fault::no_such_bucket(name))?.settings;
            change(&mut settings)?;
            transaction
                .execute("UPDATE bucket SET settings = ?2 WHERE name = ?1", params![name, to_json(&settings)])?;
            Ok(())
        })
    }
}

fn replace_policy(transaction: &Transaction<'_>, name: &str, policy: Option<&str>) -> Result<(), Fault> {
    let changed = transaction.execute("UPDATE bucket SET policy = ?2 WHERE name = ?1", params![name, policy])?;
    if changed == 0 { Err(Fault::no_such_bucket(name)) } else { Ok(()) }
}
