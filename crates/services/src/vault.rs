//! Encryption at rest: AES-256-GCM under a key that lies in a file of its own beside the database.
//!
//! The databases of Secrets Manager and of IAM have a vault each.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use rusqlite::{Connection, OptionalExtension as _};

use crate::random;

/// The table with the proof, which a database that has a vault needs.
pub(crate) const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS vault (proof BLOB NOT NULL);";

/// What the proof in a database is sealed for. It shows at the start that the key is the right one.
const PROOF: &str = "the key of this database";

/// The length of a key.
const KEY_LENGTH: usize = 32;

/// Why there is no key to encrypt with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("cannot use the key file `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: io::Error,
    },
    /// The file is not a key.
    #[error("`{}` does not hold a key: it is to have exactly {KEY_LENGTH} bytes", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// Others than the owner may read or write the file.
    #[error("`{}` may be used by others than its owner; check who has read it, then `chmod 600` it", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// The database holds secrets, but the key file is gone.
    #[error("the key file `{}` is gone; without it the secrets in the database cannot be decrypted", path.display())]
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// The database was written with another key.
    #[error("`{}` is not the key that the secrets in the database were encrypted with", path.display())]
    Other {
        /// The file.
        path: PathBuf,
    },
    /// The system has no randomness to make a key of.
    #[error("the system has no randomness to make a key of")]
    NoRandomness,
}

/// The system has no randomness, so nothing can be encrypted.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the system has no randomness to give")]
pub(crate) struct NoRandomness;

/// Why the vault of a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VaultError {
    /// There is no key to encrypt with.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database cannot be asked.
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
}

/// The key.
pub(crate) struct Vault(RandomizedNonceKey);

impl Vault {
    /// Takes the key from its file. If there is no file, one is made, unless `expected` says that it was there before.
    fn open(path: &Path, expected: bool) -> Result<Self, KeyError> {
        let key = match read(path)? {
            Some(key) => key,
            None if expected => return Err(KeyError::Gone { path: path.to_owned() }),
            None => create(path)?,
        };
        let key = RandomizedNonceKey::new(&AES_256_GCM, &key);
        key.map(Self).map_err(|_| KeyError::NotAKey { path: path.to_owned() })
    }

    /// Takes the key of a database, and proves that it is the one that the database was written with.
    pub(crate) fn of(connection: &Connection, path: &Path) -> Result<Self, VaultError> {
        let proof: Option<Vec<u8>> =
            connection.query_row("SELECT proof FROM vault", [], |row| row.get(0)).optional()?;
        let vault = Self::open(path, proof.is_some())?;
        if let Some(proof) = proof {
            vault.open_sealed(PROOF, proof).ok_or_else(|| KeyError::Other { path: path.to_owned() })?;
        } else {
            let proof = vault.seal(PROOF, Vec::new()).map_err(|_| KeyError::NoRandomness)?;
            connection.execute("INSERT INTO vault (proof) VALUES (?1)", [proof])?;
        }
        Ok(vault)
    }

    /// One for a single key; `None` if it has another length.
    pub(crate) fn of_key(key: &[u8]) -> Option<Self> {
        RandomizedNonceKey::new(&AES_256_GCM, key).ok().map(Self)
    }

    /// One whose key is forgotten with it.
    pub(crate) fn passing() -> Result<Self, NoRandomness> {
        Self::of_key(&random::bytes::<KEY_LENGTH>()?).ok_or(NoRandomness)
    }

    /// Encrypts. What comes out is only opened with the same `bound_to`.
    pub(crate) fn seal(&self, bound_to: &str, plain: Vec<u8>) -> Result<Vec<u8>, NoRandomness> {
        let mut sealed = plain;
        let aad = Aad::from(bound_to.as_bytes());
        let nonce = self.0.seal_in_place_append_tag(aad, &mut sealed).map_err(|_| NoRandomness)?;
        sealed.extend_from_slice(nonce.as_ref());
        Ok(sealed)
    }

    /// Decrypts; `None` if this is not what was sealed for `bound_to`.
    pub(crate) fn open_sealed(&self, bound_to: &str, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
        let nonce = sealed.split_off(sealed.len().checked_sub(NONCE_LEN)?);
        let nonce = Nonce::try_assume_unique_for_key(&nonce).ok()?;
        let length = self.0.open_in_place(nonce, Aad::from(bound_to.as_bytes()), &mut sealed).ok()?.len();
        sealed.truncate(length);
        Some(sealed)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(..)")
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if file.metadata().map_err(failed)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Exposed { path: path.to_owned() });
    }
    let mut key = Vec::new();
    file.take(KEY_LENGTH as u64 + 1).read_to_end(&mut key).map_err(failed)?;
    if key.len() == KEY_LENGTH { Ok(Some(key)) } else { Err(KeyError::NotAKey { path: path.to_owned() }) }
}

/// Writes a new key aside and links it into its place, so that there is never half a key.
fn create(path: &Path) -> Result<Vec<u8>, KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    let mut key = vec![0; KEY_LENGTH];
    aws_lc_rs::rand::fill(&mut key).map_err(|_| KeyError::NoRandomness)?;
    let aside = path.with_extension("key.new");
    // What a crash has left there.
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside).map_err(failed)?;
    file.write_all(&key).and_then(|()| file.sync_all()).map_err(failed)?;
    // A link, not a rename: it fails if somebody else made a key in the meantime.
    fs::hard_link(&aside, path).and_then(|()| fs::remove_file(&aside)).map_err(failed)?;
    if let Some(directory) = path.parent() {
        File::open(directory).and_then(|d| d.sync_all()).map_err(failed)?;
    }
    Ok(key)
}

/// Makes a directory that only its owner may enter, and a file in it that only its owner may read.
pub(crate) fn private_file(directory: &Path, file: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(file).map(drop)
}
