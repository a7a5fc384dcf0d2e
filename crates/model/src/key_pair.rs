//! Key pairs: public keys that an account keeps by name, for instances to be launched with.
//!
//! Source: EC2 user guide, "Amazon EC2 key pairs and Amazon EC2 instances".

use serde::{Deserialize, Serialize};

use crate::{Context, Entity, Error, KeyPairId, Scope, World};

/// A key pair. The private key is nobody's but the caller's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPair {
    /// Its id.
    pub id: KeyPairId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its name, which no other of the account's has in the Region.
    pub name: String,
    /// The kind of key.
    pub kind: KeyType,
    /// The fingerprint, in the form that its kind and origin have.
    pub fingerprint: String,
    /// The public key, in OpenSSH's form.
    pub public_key: String,
    /// When it was made: Unix time in milliseconds.
    pub created: i64,
}

/// The kind of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyType {
    /// RSA.
    Rsa,
    /// Edwards-curve keys.
    Ed25519,
}

impl KeyType {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// The key that an instance was launched with, which it keeps when the pair is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceKey {
    /// The name of the pair.
    pub name: String,
    /// The public key, in OpenSSH's form.
    pub public_key: String,
}

impl Entity for KeyPair {
    type Id = KeyPairId;
    const KIND: &'static str = "key-pair";

    fn id(&self) -> KeyPairId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

/// A key pair to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKeyPair {
    /// The name: at most 255 ASCII characters.
    pub name: String,
    /// The kind of key.
    pub kind: KeyType,
    /// The fingerprint.
    pub fingerprint: String,
    /// The public key, in OpenSSH's form.
    pub public_key: String,
}

/// The most characters of a name.
///
/// Source: EC2 API reference, `CreateKeyPair`.
const NAME_LIMIT: usize = 255;

/// The most key pairs of an account in a Region.
///
/// Source: EC2 service quotas.
const KEY_PAIR_LIMIT: usize = 5000;

impl World {
    /// The key pair with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidKeyPair.NotFound`.
    pub fn key_pair(&self, scope: &Scope, id: &KeyPairId) -> Result<&KeyPair, Error> {
        self.key_pairs.get(id).filter(|key| key.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// The key pair with this name, if the caller has it.
    ///
    /// # Errors
    /// `InvalidKeyPair.NotFound`.
    pub fn key_pair_named(&self, scope: &Scope, name: &str) -> Result<&KeyPair, Error> {
        let found = self.key_pairs.iter().find(|key| key.name == name && key.scope == *scope);
        found.ok_or_else(|| Error::NotFound { code: "InvalidKeyPair.NotFound", noun: "key pair", id: name.to_owned() })
    }

    /// Keeps a key pair.
    ///
    /// # Errors
    /// `InvalidKeyPair.Duplicate` if the name is taken, `InvalidParameterValue` if it cannot be one.
    pub fn add_key_pair(&mut self, context: &mut Context<'_>, wanted: NewKeyPair) -> Result<KeyPairId, Error> {
        let NewKeyPair { name, kind, fingerprint, public_key } = wanted;
        if name.len() > NAME_LIMIT || !name.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            return Err(Error::InvalidParameterValue(format!(
                "Value ({name}) for parameter KeyName is invalid. A name has at most {NAME_LIMIT} ASCII characters."
            )));
        }
        if self.key_pair_named(&context.scope, &name).is_ok() {
            return Err(Error::refused("InvalidKeyPair.Duplicate", format!("The keypair '{name}' already exists.")));
        }
        if self.key_pairs.iter().filter(|key| key.scope == context.scope).count() >= KEY_PAIR_LIMIT {
            return Err(Error::limit("KeyPairLimitExceeded", "key pairs"));
        }
        let id = KeyPairId::random(context.entropy);
        let (scope, created) = (context.scope.clone(), context.now);
        self.key_pairs.insert(KeyPair { id: id.clone(), scope, name, kind, fingerprint, public_key, created });
        Ok(id)
    }

    /// Deletes a key pair. Instances keep the key that they were launched with.
    ///
    /// # Errors
    /// If the caller has none with this id.
    pub fn delete_key_pair(&mut self, context: &Context<'_>, id: &KeyPairId) -> Result<(), Error> {
        self.key_pair(&context.scope, id)?;
        self.key_pairs.remove(id);
        self.forget_tags(id.as_str());
        Ok(())
    }
}
