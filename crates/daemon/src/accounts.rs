//! Accounts and their access keys.
//!
//! The first start makes an account and an access key of its administrator; both can be given, for CI. Another account
//! comes into being with its first key, which is made when somebody asks for it. These keys are those of root users; all
//! others are IAM's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use sidegate_model::{AccountId, Region};

use crate::clock;
use crate::store::{AccessKey, Store, StoreError};

/// The account of a first start that is not told another.
pub(crate) const FIRST_ACCOUNT: &str = "000000000000";

/// What a first start is told; what is missing is made.
#[derive(Clone, Default)]
pub(crate) struct Wanted {
    /// The account.
    pub(crate) account: Option<AccountId>,
    /// The administrator's access key id and secret.
    pub(crate) access_key: Option<(String, String)>,
    /// The Region of clients that do not say.
    pub(crate) region: Option<Region>,
}

/// Where random numbers come from.
type Entropy = Box<dyn FnMut() -> u64 + Send>;

/// All accounts and access keys. Cloning it gives another handle.
#[derive(Clone)]
pub(crate) struct Accounts(Arc<Inner>);

struct Inner {
    keys: RwLock<HashMap<String, AccessKey>>,
    store: Arc<Store>,
    entropy: Mutex<Entropy>,
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
    /// The state is that of another account.
    #[error(
        "the state is that of account {present}, not {wanted}: leave `--account` out, or use another state directory"
    )]
    OtherAccount {
        /// What was wanted.
        wanted: AccountId,
        /// What there is.
        present: String,
    },
    /// What was given as an access key id is none.
    #[error("`{id}` is not an access key id: 3 to 128 letters, digits and `_` are expected")]
    NoKeyId {
        /// What was given.
        id: String,
    },
    /// What was given as a secret is none.
    #[error("a secret access key has 1 to 256 characters, and the one that was given has {length}")]
    NoSecret {
        /// How many it has.
        length: usize,
    },
    /// What is stored is not what it should be.
    #[error("the {setting} in the state directory cannot be read ({reason}); the state may be of another version")]
    Stored {
        /// What it is.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl Accounts {
    /// Reads the accounts, and makes the first one with its administrator's key if there is none. A key that is given
    /// takes the place of the administrator's, which is no key any more; a Region that is given is kept.
    ///
    /// # Errors
    /// If another account is wanted than the state has, and if what is given is no key.
    pub(crate) fn open(store: Arc<Store>, wanted: &Wanted, mut entropy: Entropy) -> Result<Self, AccountsError> {
        let region = match (wanted.region, store.setting("region")?) {
            (Some(region), _) => region,
            (None, kept) => kept.as_deref().unwrap_or("us-east-1").parse().map_err(stored("Region"))?,
        };
        store.set_setting("region", region.as_str())?;
        let present = match store.setting("administrator")? {
            Some(id) => store.access_keys()?.into_iter().find(|k| k.id == id),
            None => None,
        };
        let account = match (&wanted.account, &present) {
            (Some(wanted), Some(present)) if wanted.as_str() != present.account => {
                return Err(AccountsError::OtherAccount { wanted: wanted.clone(), present: present.account.clone() });
            }
            (_, Some(present)) => present.account.clone(),
            (Some(wanted), None) => wanted.to_string(),
            (None, None) => FIRST_ACCOUNT.to_owned(),
        };
        let administrator = match (&wanted.access_key, present) {
            (None, Some(present)) => present,
            (given, _) => {
                let key = new_key(account, given.as_ref(), &mut *entropy)?;
                store.put_administrator(&key, clock::now_ms())?;
                key
            }
        };
        let keys = RwLock::new(store.access_keys()?.into_iter().map(|k| (k.id.clone(), k)).collect());
        let home = administrator.account.parse().map_err(stored("account"))?;
        Ok(Self(Arc::new(Inner { keys, store, entropy: Mutex::new(entropy), administrator, home, region })))
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

    /// An access key of an account: the administrator's of the first one, of any other the one that was made when it was
    /// first asked for.
    ///
    /// # Errors
    /// If a new key cannot be stored.
    pub(crate) fn key_of(&self, account: &AccountId) -> Result<AccessKey, AccountsError> {
        if *account == self.0.home {
            return Ok(self.0.administrator.clone());
        }
        let mut keys = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = keys.values().filter(|key| key.account == account.as_str()).min_by(|a, b| a.id.cmp(&b.id))
        {
            return Ok(known.clone());
        }
        let mut entropy = self.0.entropy.lock().unwrap_or_else(PoisonError::into_inner);
        let key = new_key(account.to_string(), None, &mut **entropy)?;
        self.0.store.put_access_key(&key, clock::now_ms())?;
        keys.insert(key.id.clone(), key.clone());
        Ok(key)
    }
}

fn stored(setting: &'static str) -> impl FnOnce(String) -> AccountsError {
    move |reason| AccountsError::Stored { setting, reason }
}

fn new_key(
    account: String, given: Option<&(String, String)>, entropy: &mut dyn FnMut() -> u64,
) -> Result<AccessKey, AccountsError> {
    let (id, secret) = match given {
        Some((id, secret)) => (id.clone(), secret.clone()),
        None => (format!("AKIA{}", text(16, KEY_LETTERS, entropy)), text(40, SECRET_LETTERS, entropy)),
    };
    let is_key = (3..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !is_key {
        return Err(AccountsError::NoKeyId { id });
    }
    if secret.is_empty() || secret.len() > 256 {
        return Err(AccountsError::NoSecret { length: secret.len() });
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

#[cfg(test)]
mod tests {
    use super::*;

    fn open(store: &Arc<Store>, account: Option<&str>, key: Option<(&str, &str)>) -> Result<Accounts, AccountsError> {
        let wanted = Wanted {
            account: account.map(|a| a.parse().unwrap()),
            access_key: key.map(|(id, secret)| (id.to_owned(), secret.to_owned())),
            region: None,
        };
        let mut last = 1_u64;
        let entropy = move || {
            last = last.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            last
        };
        Accounts::open(Arc::clone(store), &wanted, Box::new(entropy))
    }

    #[test]
    fn a_first_start_makes_an_account_with_a_key_that_later_starts_keep() {
        let store = Arc::new(Store::open(std::path::Path::new(":memory:")).unwrap());
        let first = open(&store, Some("123456789012"), None).unwrap().administrator().clone();
        assert!(first.id.starts_with("AKIA") && first.id.len() == 20 && first.secret.len() == 40);
        assert_eq!(*open(&store, None, None).unwrap().administrator(), first);
    }

    #[test]
    fn a_key_that_is_given_replaces_the_administrators() {
        let store = Arc::new(Store::open(std::path::Path::new(":memory:")).unwrap());
        let old = open(&store, None, None).unwrap().administrator().id.clone();
        let accounts = open(&store, None, Some(("AKIDNEW", "secret"))).unwrap();
        assert_eq!(accounts.administrator().id, "AKIDNEW");
        assert!(accounts.access_key(&old).is_none() && accounts.access_key("AKIDNEW").is_some());
        assert!(matches!(open(&store, None, Some(("no key", "x"))), Err(AccountsError::NoKeyId { .. })));
        assert!(matches!(open(&store, None, Some(("AKIDNEW", ""))), Err(AccountsError::NoSecret { length: 0 })));
    }

    #[test]
    fn another_account_has_a_key_from_when_it_is_first_asked_for() {
        let store = Arc::new(Store::open(std::path::Path::new(":memory:")).unwrap());
        let accounts = open(&store, None, None).unwrap();
        let other: AccountId = "222222222222".parse().unwrap();
        let key = accounts.key_of(&other).unwrap();
        assert_eq!((key.account.as_str(), accounts.key_of(&other).unwrap()), (other.as_str(), key.clone()));
        assert_eq!(accounts.access_key(&key.id), Some(key.clone()));
        assert_eq!(accounts.key_of(&accounts.home()).unwrap(), *accounts.administrator());
        // Later starts know it, and it stays when the administrator's changes.
        let later = open(&store, None, Some(("AKIDNEW", "secret"))).unwrap();
        assert_eq!(later.key_of(&other).unwrap(), key);
        assert_eq!(later.access_key(&key.id), Some(key));
    }

    #[test]
    fn another_account_than_that_of_the_state_is_refused() {
        let store = Arc::new(Store::open(std::path::Path::new(":memory:")).unwrap());
        open(&store, Some("123456789012"), None).unwrap();
        let error = open(&store, Some("210987654321"), None).err().map(|e| e.to_string());
        assert!(error.unwrap().contains("account 123456789012, not 210987654321"));
        open(&store, Some("123456789012"), None).unwrap();
    }
}
