//! The store: the index and the bodies, kept in step.
//!
//! A body is durable in its place before the row that names it is committed, and an old body goes only after the row
//! that named it is gone. Whatever a crash leaves is a file without a row, which is swept at the next start.

mod bodies;
mod cipher;
mod index;
mod pins;
mod reading;
mod writing;

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use sidegate_iam::Policy;
use tokio::task::spawn_blocking;

pub(crate) use bodies::{Bodies, Published, random_name};
pub(crate) use cipher::DataKey;
use cipher::{Opened, SEGMENT};
pub(crate) use index::{
    Attributes, Bucket, Checksums, Condition, DefaultRetention, Index, Listed, Lock, LockMode, Locking, Object,
    ObjectPut, Ownership, Part, Period, Piece, Position, PublicAccess, Put, Removal, Removed, Replaced, Restored,
    Retention, Settings, Settled, Step, Tags, Upload, VersionPosition, Versioning, Waiting, Which,
};
pub(crate) use pins::Pin;
use pins::Pins;
pub(crate) use reading::Reading;
pub(crate) use writing::{Writing, Written};

use super::acl::{self, Acl};
use super::call::Call;
use super::checksum::{Algorithm, Digest, Digested};
use super::fault::Fault;
use super::policy::{BucketPolicy, Compiled, with_statements};
use super::requirement::{Named, is_outside};
use super::version::VersionId;
use crate::iam::Names;
use crate::reserve::Reserve;
use crate::vault::{KeyError, Vault};

/// The store of all accounts and Regions.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) index: Index,
    pub(crate) bodies: Arc<Bodies>,
    pins: Arc<Pins>,
    policies: Compiled,
    /// Encrypts the data keys of objects.
    pub(crate) vault: Vault,
    /// The names that bucket policies use.
    pub(crate) names: Names,
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Its directory cannot be read or written.
    #[error("cannot use the directory of the objects")]
    Directory(#[from] io::Error),
    /// Its database cannot be opened.
    #[error("cannot open the index of the objects")]
    Index(#[from] rusqlite::Error),
    /// There is no key to encrypt with.
    #[error("cannot use the key of the objects")]
    Key(#[from] KeyError),
    /// Its database is from a later version of Sidegate.
    #[error("the index of the objects has layout {found}, and this version of Sidegate knows {}", index::LAYOUT)]
    Layout {
        /// The layout that it has.
        found: i64,
    },
}

/// A bucket that exists, for a call that has been allowed. Only [`Named::open`] makes one.
#[derive(Debug)]
pub(crate) struct AllowedBucket {
    pub(crate) row: Bucket,
}

impl AllowedBucket {
    pub(crate) fn name(&self) -> &str {
        &self.row.name
    }
}

/// In which Regions a bucket may be addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addressed {
    InItsRegion,
    Anywhere,
}

/// An object that is being read.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) object: Object,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) pin: Pin,
}

impl Store {
    pub(crate) fn open(dir: &Path, reserve: &Arc<Reserve>, names: Names) -> Result<Arc<Self>, OpenError> {
        std::fs::create_dir_all(dir)?;
        let bodies = Bodies::open(dir, Arc::clone(reserve))?;
        let (index, vault) = Index::open(dir, Arc::clone(reserve))?;
        let swept = bodies.sweep(&index.files()?)?;
        if swept > 0 {
            tracing::info!(swept, "removed bodies that no object names");
        }
        let pins = Pins::new(Arc::clone(&bodies));
        Ok(Arc::new(Self { index, pins, bodies, policies: Compiled::default(), vault, names }))
    }

    /// Runs what blocks.
    pub(crate) async fn run<T: Send + 'static>(
        self: &Arc<Self>, work: impl FnOnce(&Self) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let store = Arc::clone(self);
        spawn_blocking(move || work(&store)).await.map_err(|_| Fault::Interrupted)?
    }

    /// What a bucket is to a call, as far as the decision about the call needs it. `key` is the object whose
    /// tags the decision may ask for.
    pub(crate) async fn named(self: &Arc<Self>, call: &Call, name: &str, key: Option<&str>) -> Result<Named, Fault> {
        self.named_version(call, name, key, None).await
    }

    /// The same about a version of an object.
    pub(crate) async fn named_version(
        self: &Arc<Self>, call: &Call, name: &str, key: Option<&str>, version: Option<&str>,
    ) -> Result<Named, Fault> {
        let [bucket, key, version] = [Some(name), key, version].map(|text| text.map(str::to_owned));
        let bucket = bucket.unwrap_or_default();
        let asking = call.clone();
        let (row, policy, tags) = self
            .run(move |store| {
                let (row, known) = store.index.bucket(&bucket, key.as_deref(), version.as_deref())?;
                let acl = known.as_ref().and_then(|known| known.acl.as_ref());
                let policy = row.as_ref().and_then(|row| store.policy_of(&asking, row, acl));
                Ok((row, policy, known.map(|known| known.tags)))
            })
            .await?;
        Ok(Named::new(call, name, row, policy, tags))
    }

    /// What the owner of a bucket lets a caller do: by its policy, and by ACLs.
    fn policy_of(&self, call: &Call, bucket: &Bucket, object: Option<&Acl>) -> Option<Arc<Policy>> {
        let principal = &call.caller.principal;
        let restricted = |policy: &BucketPolicy| {
            policy.is_public && bucket.settings.blocks(|b| b.restrict) && is_outside(call, &bucket.account)
        };
        let text = bucket.policy.as_deref();
        let policy = text.map(|text| (text, self.compiled(text)));
        let granted = acl::statements(call, bucket, object);
        match policy {
            None if granted.is_empty() => None,
            None => Some(Arc::clone(&self.compiled(&with_statements(None, granted)).policy)),
            Some((_, policy)) if restricted(&policy) && granted.is_empty() => Some(Arc::new(Policy::nothing())),
            Some((_, policy)) if restricted(&policy) => {
                Some(Arc::clone(&self.compiled(&with_statements(None, granted)).policy))
            }
            Some((_, policy)) if granted.is_empty() => Some(Arc::clone(&policy.towards(principal).policy)),
            Some((text, _)) => {
                let whole = self.compiled(&with_statements(Some(text), granted));
                Some(Arc::clone(&whole.towards(principal).policy))
            }
        }
    }

    /// The policy of a text that is stored.
    pub(crate) fn compiled(&self, text: &str) -> Arc<BucketPolicy> {
        self.policies.compiled(text)
    }

    /// An object, or a version of it.
    pub(crate) async fn object(
        self: &Arc<Self>, bucket: &AllowedBucket, key: &str, version: Option<&str>,
    ) -> Result<Object, Fault> {
        let (bucket, key, version) = (bucket.name().to_owned(), key.to_owned(), VersionId::asked(version)?);
        self.run(move |store| store.index.object(&bucket, &key, version.as_ref())).await
    }

    /// Finds an object, or a version of it, whose body is to be read.
    pub(crate) async fn find(
        self: &Arc<Self>, bucket: &AllowedBucket, key: &str, version: Option<&str>,
    ) -> Result<Found, Fault> {
        let (bucket, key, version) = (bucket.name().to_owned(), key.to_owned(), VersionId::asked(version)?);
        self.run(move |store| {
            let look_up = || store.index.object_with_pieces(&bucket, &key, version.as_ref());
            let ((object, pieces), pin) = store.pins.pinned(look_up, |(object, _)| &object.body)?;
            Ok(Found { object, pieces, pin })
        })
        .await
    }

    /// Reads a range of what was found, with its data key.
    pub(crate) fn read(&self, found: Found, key: Option<DataKey>, range: Range<u64>) -> Reading {
        Reading::new(&self.bodies, &found.pieces, key, range, found.pin)
    }

    /// Commits an object whose files are durable, and removes what it replaces. Returns its version. Blocks.
    pub(crate) fn commit(&self, put: &ObjectPut<'_>, files: Vec<Published>) -> Result<Option<VersionId>, Fault> {
        let Put { replaced, version } = kept_if_done(self.index.put_object(put), files)?;
        self.release(replaced);
        Ok(version)
    }

    /// Removes the files of what has no object any longer. Blocks.
    pub(crate) fn release(&self, replaced: Option<Replaced>) {
        if let Some(Replaced { body, files }) = replaced {
            self.pins.release(&body, files);
        }
    }

    /// Hashes the bytes of what was found. Blocks.
    pub(crate) fn digest(
        &self, found: &Found, key: Option<&DataKey>, algorithms: &[Algorithm],
    ) -> io::Result<Digested> {
        let mut digest = Digest::new(algorithms);
        for piece in &found.pieces {
            let file = Opened::open(&self.bodies.path(&piece.file), piece.size, key)?;
            let mut at = 0;
            while at < piece.size {
                let length = (piece.size - at).min(4 * SEGMENT as u64);
                file.read(at, usize::try_from(length).map_err(io::Error::other)?, |bytes| digest.update(&bytes))?;
                at += length;
            }
        }
        Ok(digest.finish())
    }

    /// Begins to write a body, encrypted under a key.
    pub(crate) async fn write(&self, algorithms: &[Algorithm], key: Option<DataKey>) -> Result<Writing, Fault> {
        Writing::begin(&self.bodies, algorithms, key).await
    }
}

/// Keeps files whose row is committed. Where the disk failed in the middle of a commit nobody knows whether it is, so
/// they are kept too; the next start sweeps them if it was not.
pub(crate) fn kept_if_done<T>(committed: Result<T, Fault>, files: Vec<Published>) -> Result<T, Fault> {
    let unknown = matches!(&committed, Err(Fault::Index(error))
        if error.sqlite_error_code() == Some(rusqlite::ErrorCode::SystemIoFailure));
    if unknown || committed.is_ok() {
        files.into_iter().for_each(Published::keep);
    }
    committed
}

/// The pieces of a body that is one file.
pub(crate) fn single_piece(file: &str, size: u64) -> Vec<Piece> {
    vec![Piece { number: 1, start: 0, size, file: file.to_owned(), checksum: String::new() }]
}
