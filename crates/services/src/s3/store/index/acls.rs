//! ACLs in the index: that of a bucket is a row among its configurations, that of an object stands with its attributes.

use rusqlite::{Transaction, params};

use super::{Attributes, Index, require_bucket, to_json};
use crate::s3::acl::Acl;
use crate::s3::event::{Happening, Origin};
use crate::s3::fault::Fault;
use crate::s3::version::VersionId;

/// The kind of the row.
pub(super) const ACL: &str = "acl";

impl Index {
    /// Sets the ACL of a bucket.
    pub(crate) fn set_bucket_acl(&self, bucket: &str, acl: Option<&Acl>) -> Result<(), Fault> {
        self.write(|transaction| {
            require_bucket(transaction, bucket)?;
            match acl {
                Some(acl) => put(transaction, bucket, acl)?,
                None => {
                    transaction
                        .execute("DELETE FROM configuration WHERE bucket = ?1 AND kind = ?2", params![bucket, ACL])
                        .map(drop)?;
                }
            }
            Ok(())
        })
    }

    /// Sets the ACL of an object or a version of it.
    pub(crate) fn set_object_acl(
        &self, bucket: &str, key: &str, version: Option<&VersionId>, acl: Option<Acl>, origin: &Origin,
    ) -> Result<VersionId, Fault> {
        self.change(bucket, key, version, ("attributes", Some((Happening::AclPut, origin))), |object| {
            Ok(to_json(&Attributes { acl, ..object.attributes.clone() }))
        })
    }
}

pub(super) fn put(transaction: &Transaction<'_>, bucket: &str, acl: &Acl) -> rusqlite::Result<()> {
    let row = params![bucket, ACL, to_json(acl)];
    transaction
        .execute("INSERT OR REPLACE INTO configuration (bucket, kind, id, body) VALUES (?1, ?2, '', ?3)", row)
        .map(drop)
}
