//! What symmetric keys encrypt to: which key and which of its materials it takes to decrypt it, then what AES-256-GCM makes
//! of the plaintext. It is bound to the encryption context, and to what it says of the key.
//!
//! The format is Sidegate's own; that of AWS is not documented.
//!
//! Each ciphertext has a key of its own, which HKDF makes of the material and of random bits, so that no number of
//! ciphertexts is too many for a key.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use sidegate_model::AccountId;

use super::context::EncryptionContext;
use super::fault::Fault;
use super::id::{KeyId, MaterialId};
use crate::random::bytes;

/// The version of the format. No byte of ASCII, so that no text is taken for a ciphertext.
const VERSION: u8 = 0xa1;

const ACCOUNT: usize = 12;
const SALT: usize = 16;
const TAG: usize = 16;

/// The longest ciphertext.
pub(super) const LONGEST: usize = 6144;

/// What the key of a ciphertext is for.
const PURPOSE: &[u8] = b"sidegate kms ciphertext 1";

/// A ciphertext that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ciphertext {
    pub(super) account: AccountId,
    pub(super) key: KeyId,
    pub(super) material: MaterialId,
    /// All that stands before the salt.
    head: Vec<u8>,
    salt: [u8; SALT],
    nonce: [u8; NONCE_LEN],
    sealed: Vec<u8>,
}

impl Ciphertext {
    /// Reads a ciphertext; `None` if it is none. Nothing of it is proved before it is decrypted.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let (version, rest) = text.split_first()?;
        if *version != VERSION || text.len() > LONGEST {
            return None;
        }
        let (account, rest) = rest.split_at_checked(ACCOUNT)?;
        let (length, rest) = rest.split_first()?;
        let (key, rest) = rest.split_at_checked(usize::from(*length))?;
        let (material, rest) = rest.split_at_checked(MaterialId::LENGTH)?;
        let head = text.get(..text.len() - rest.len())?.to_vec();
        let (salt, rest) = rest.split_first_chunk()?;
        let (nonce, sealed) = rest.split_first_chunk()?;
        if sealed.len() < TAG {
            return None;
        }
        Some(Self {
            account: std::str::from_utf8(account).ok()?.parse().ok()?,
            key: KeyId::parse(std::str::from_utf8(key).ok()?)?,
            material: MaterialId::of_bytes(material)?,
            head,
            salt: *salt,
            nonce: *nonce,
            sealed: sealed.to_vec(),
        })
    }

    /// Encrypts under the material of a key.
    pub(super) fn seal(
        account: &AccountId, key: &KeyId, material: &MaterialId, secret: &[u8], context: &EncryptionContext,
        plain: Vec<u8>,
    ) -> Result<Vec<u8>, Fault> {
        let mut text = vec![VERSION];
        text.extend_from_slice(account.as_str().as_bytes());
        text.push(u8::try_from(key.as_str().len()).map_err(|_| Fault::Material)?);
        text.extend_from_slice(key.as_str().as_bytes());
        text.extend_from_slice(&material.to_bytes());
        let aad = bound_to(&text, context);
        let salt = bytes::<SALT>()?;
        let mut sealed = plain;
        let nonce = derived(secret, &salt)?.seal_in_place_append_tag(Aad::from(aad), &mut sealed)?;
        text.extend_from_slice(&salt);
        text.extend_from_slice(nonce.as_ref());
        text.extend_from_slice(&sealed);
        Ok(text)
    }

    /// Decrypts it under its material; `None` if it is not what was encrypted, or not in this context.
    pub(super) fn open(self, secret: &[u8], context: &EncryptionContext) -> Option<Vec<u8>> {
        let aad = bound_to(&self.head, context);
        let nonce = Nonce::try_assume_unique_for_key(&self.nonce).ok()?;
        let mut sealed = self.sealed;
        let length = derived(secret, &self.salt).ok()?.open_in_place(nonce, Aad::from(aad), &mut sealed).ok()?.len();
        sealed.truncate(length);
        Some(sealed)
    }
}

fn bound_to(head: &[u8], context: &EncryptionContext) -> Vec<u8> {
    // The head tells its own length.
    let mut aad = head.to_vec();
    aad.extend_from_slice(&context.to_bytes());
    aad
}

fn derived(secret: &[u8], salt: &[u8]) -> Result<RandomizedNonceKey, Fault> {
    let mut key = [0; 32];
    let info = [PURPOSE];
    let material = Salt::new(HKDF_SHA256, salt).extract(secret);
    material.expand(&info, &AES_256_GCM)?.fill(&mut key)?;
    Ok(RandomizedNonceKey::new(&AES_256_GCM, &key)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [u8; 32] = [7; 32];

    fn account() -> AccountId {
        "111122223333".parse().unwrap()
    }

    fn context(pairs: &[(&str, &str)]) -> EncryptionContext {
        pairs.iter().copied().collect()
    }

    fn sealed(plain: &[u8], context: &EncryptionContext) -> Vec<u8> {
        let key = KeyId::parse("1234abcd-12ab-34cd-56ef-1234567890ab").unwrap();
        let material = MaterialId::of_bytes(&[9; 32]).unwrap();
        Ciphertext::seal(&account(), &key, &material, &SECRET, context, plain.to_vec()).unwrap()
    }

    #[test]
    fn a_ciphertext_opens_with_its_material_and_in_its_context_alone() {
        let own = context(&[("purpose", "test")]);
        let text = sealed(b"hello", &own);
        let read = || Ciphertext::parse(&text).unwrap();
        assert_eq!((read().account, read().key.as_str().len()), (account(), 36));
        assert_eq!(read().open(&SECRET, &own).unwrap(), b"hello");
        assert!(read().open(&[8; 32], &own).is_none());
        assert!(read().open(&SECRET, &context(&[])).is_none());
        assert!(read().open(&SECRET, &context(&[("Purpose", "test")])).is_none());
        assert_ne!(sealed(b"hello", &own), text, "no ciphertext is made twice");
    }

    #[test]
    fn what_was_changed_anywhere_is_refused_and_no_prefix_is_a_ciphertext() {
        let own = context(&[("a", "b")]);
        let text = sealed(b"some plaintext", &own);
        for at in 0..text.len() {
            assert!(Ciphertext::parse(&text[..at]).and_then(|own_| own_.open(&SECRET, &own)).is_none(), "{at}");
            for bit in [1, 0x80] {
                let mut changed = text.clone();
                changed[at] ^= bit;
                let opened = Ciphertext::parse(&changed).and_then(|read| read.open(&SECRET, &own));
                assert!(opened.is_none(), "{at}");
            }
        }
        let longer = [text, vec![0]].concat();
        assert!(Ciphertext::parse(&longer).unwrap().open(&SECRET, &own).is_none());
    }

    #[test]
    fn bytes_of_any_kind_are_read_without_harm() {
        let text = sealed(b"x", &context(&[]));
        let mut seed = 1_u64;
        for _ in 0..20_000 {
            let mut random = || {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (seed >> 33) as usize
            };
            let mut changed = text.clone();
            for _ in 0..1 + random() % 8 {
                let at = random() % changed.len();
                changed[at] = random() as u8;
            }
            changed.truncate(random() % (changed.len() + 1));
            let _ = Ciphertext::parse(&changed).and_then(|read| read.open(&SECRET, &context(&[])));
        }
        assert!(Ciphertext::parse(&[VERSION; LONGEST + 1]).is_none());
    }
}
