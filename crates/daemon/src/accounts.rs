//! Accounts and their access keys.
//!
//! The first start makes an account and an access key of its administrator; both can be given, for CI. The keys of an
//! account are those of its root user until IAM stands.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sidegate_edge::gate::{Credential, Credentials};
use sidegate_iam::Principal;
use sidegate_model::{AccountId, Region};
use sidegate_wire::sigv4::SecretKey;

use crate::clock;
use crate::store::{AccessKey, Store, StoreError};

/// The account of a first start that is not told another.
pub(crate) const FIRST_ACCOUNT: &str = "000000000000";

/// What a first start is told; what is missing is made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// The account.
    pub(crate) account: Option<AccountId>,
    /// The administrator's access key id and secret.
    pub(crate) access_key: Option<(String, String)>,
    /// The Region of clients that do not say.
    pub(crate) region: Option<Region>,
}

/// All accounts and access keys. Cloning it gives another handle.
#[derive(Clone)]
pub(crate) struct Accounts(Arc<Inner>);

struct Inner {
    keys: RwLock<HashMap<String, AccessKey>>,
    administrator: AccessKey,
    home: AccountId,
    region: Region,
}

/// Why there are no accounts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountsError {
    /// The database refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored or was given is not what it should be.
    #[error("{0}")]
    Invalid(String),
}

impl Accounts {
    /// Reads the accounts, and makes the first one with its administrator's key if there is none. What is wanted holds
    /// for an existing state too: a key that is given is added, a Region that is given is kept.
    pub(crate) fn open(
        store: &Store, wanted: &Wanted, entropy: &mut dyn FnMut() -> u64,
    ) -> Result<Self, AccountsError> {
        let region = match (wanted.region, store.setting("region")?) {
            (Some(region), _) => region,
            (None, Some(kept)) => kept.parse().map_err(AccountsError::Invalid)?,
            (None, None) => "us-east-1".parse().map_err(AccountsError::Invalid)?,
        };
        store.set_setting("region", region.as_str())?;
        let kept = store.setting("administrator")?;
        let mut keys = store.access_keys()?;
        let administrator = match (&wanted.access_key, kept) {
            (None, Some(id)) => keys.iter().find(|k| k.id == id).cloned(),
            _ => None,
        };
        let administrator = match administrator {
            Some(administrator) => administrator,
            None => {
                let made = administrator_key(wanted, keys.first(), entropy)?;
                store.put_access_key(&made, clock::now_ms())?;
                store.set_setting("administrator", &made.id)?;
                keys.retain(|k| k.id != made.id);
                keys.push(made.clone());
                made
            }
        };
        let home = administrator.account.parse().map_err(AccountsError::Invalid)?;
        let keys = RwLock::new(keys.into_iter().map(|k| (k.id.clone(), k)).collect());
        Ok(Self(Arc::new(Inner { keys, administrator, home, region })))
    }

    /// The administrator's access key.
    pub(crate) fn administrator(&self) -> &AccessKey {
        &self.0.administrator
    }

    /// The account of the administrator.
    pub(crate) fn home(&self) -> AccountId {
        self.0.home.clone()
    }

    /// The Region of clients that do not say.
    pub(crate) fn region(&self) -> Region {
        self.0.region
    }

    /// The access key with this id.
    pub(crate) fn access_key(&self, id: &str) -> Option<AccessKey> {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }
}

impl Credentials for Accounts {
    fn credential(&self, access_key: &str) -> Option<Credential> {
        let key = self.access_key(access_key)?;
        let account: AccountId = key.account.parse().ok()?;
        Some(Credential { secret: SecretKey::new(&key.secret), principal: Principal::Root(account.clone()), account })
    }
}

fn administrator_key(
    wanted: &Wanted, present: Option<&AccessKey>, entropy: &mut dyn FnMut() -> u64,
) -> Result<AccessKey, AccountsError> {
    let account = match (&wanted.account, present) {
        (Some(account), _) => account.to_string(),
        (None, Some(key)) => key.account.clone(),
        (None, None) => FIRST_ACCOUNT.to_owned(),
    };
    let (id, secret) = match &wanted.access_key {
        Some((id, secret)) => (id.clone(), secret.clone()),
        None => (format!("AKIA{}", text(16, KEY_LETTERS, entropy)), text(40, SECRET_LETTERS, entropy)),
    };
    let is_key = (3..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !is_key {
        return Err(AccountsError::Invalid(format!(
            "`{id}` is not an access key id: 3 to 128 letters, digits and `_` are expected"
        )));
    }
    if secret.is_empty() || secret.len() > 256 {
        return Err(AccountsError::Invalid("a secret access key has 1 to 256 characters".to_owned()));
    }
    Ok(AccessKey { id, account, secret })
}

const KEY_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SECRET_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn text(length: usize, letters: &[u8], entropy: &mut dyn FnMut() -> u64) -> String {
    let letter = |random: u64| {
        // Both alphabets have a power of two letters, so each is as likely.
        let index = usize::try_from(random >> 32).unwrap_or_default() % letters.len();
        letters.get(index).copied().map_or('A', char::from)
    };
    (0..length).map(|_| letter(entropy())).collect()
}
