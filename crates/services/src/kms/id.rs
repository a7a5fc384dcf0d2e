//! How keys are named: by their id, by the ARN, by an alias or its ARN.
//!
//! Source: KMS developer guide, "Key identifiers (KeyId)".

use std::fmt;

use serde::{Deserialize, Serialize};
use sidegate_model::{AccountId, Scope};

use super::fault::Fault;
use crate::constraint::length;
use crate::random::{bytes, uuid};

/// What the ids of multi-Region keys begin with.
const MULTI_REGION: &str = "mrk-";

/// The id of a key: a UUID, or that of a multi-Region key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct KeyId(String);

impl KeyId {
    /// A new id.
    pub(super) fn new(multi_region: bool) -> Result<Self, Fault> {
        let uuid = uuid()?;
        Ok(Self(if multi_region { format!("{MULTI_REGION}{}", uuid.replace('-', "")) } else { uuid }))
    }

    /// Reads an id; `None` if it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let is_id = match text.strip_prefix(MULTI_REGION) {
            Some(rest) => rest.len() == 32 && hex(rest),
            None => {
                let lengths: Vec<_> = text.split('-').map(str::len).collect();
                lengths == [8, 4, 4, 4, 12] && text.split('-').all(hex)
            }
        };
        is_id.then(|| Self(text.to_owned()))
    }

    /// An id that was checked when it was stored.
    pub(super) fn stored(text: String) -> Self {
        Self(text)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The ARN of the key in an account and Region.
    pub(super) fn arn(&self, scope: &Scope) -> String {
        arn(scope, "key", &self.0)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The ARN of an alias. The name begins with `alias/`.
pub(super) fn alias_arn(scope: &Scope, name: &str) -> String {
    arn(scope, "alias", name.strip_prefix("alias/").unwrap_or(name))
}

fn arn(scope: &Scope, kind: &str, name: &str) -> String {
    format!("arn:aws:kms:{}:{}:{kind}/{name}", scope.region, scope.account)
}

/// The id of one material of a key: 32 bytes, written in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct MaterialId(String);

impl MaterialId {
    /// How many bytes it is.
    pub(super) const LENGTH: usize = 32;

    /// A new id.
    pub(super) fn new() -> Result<Self, Fault> {
        Ok(Self(hex::encode(bytes::<{ Self::LENGTH }>()?)))
    }

    /// An id of so many bytes; `None` if there are more or fewer.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == Self::LENGTH).then(|| Self(hex::encode(bytes)))
    }

    /// An id that was checked when it was stored.
    pub(super) fn stored(text: String) -> Self {
        Self(text)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        hex::decode(&self.0).unwrap_or_else(|_| vec![0; Self::LENGTH])
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a request names a key by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyName {
    /// As it was given.
    pub(super) text: String,
    /// Whose key or alias it is.
    pub(super) account: AccountId,
    pub(super) named: Named,
}

/// Whether a key is named, or an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Key(KeyId),
    /// With the `alias/` before it.
    Alias(String),
}

/// Which names an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// Ids and ARNs of keys.
    Keys,
    /// Those, and names and ARNs of aliases.
    KeysAndAliases,
}

impl KeyName {
    /// Reads what names a key in the Region of a request.
    pub(super) fn parse(member: &'static str, text: &str, scope: &Scope, takes: Takes) -> Result<Self, Fault> {
        length(member, text, 1, 2048)?;
        let (account, resource) = match text.strip_prefix("arn:") {
            None => (scope.account.clone(), text),
            Some(rest) => {
                let parts: Vec<_> = rest.splitn(5, ':').collect();
                let ["aws", "kms", region, account, resource] = *parts.as_slice() else {
                    return Err(Fault::InvalidArn(format!("Invalid arn {text}")));
                };
                if region != scope.region.as_str() {
                    return Err(Fault::OtherRegion(region.to_owned()));
                }
                let account = account.parse().map_err(|_| Fault::InvalidArn(format!("Invalid arn {text}")))?;
                (account, resource)
            }
        };
        let is_arn = resource.len() != text.len();
        let named = match (resource.strip_prefix("alias/"), is_arn) {
            (Some(_), _) if takes == Takes::Keys => None,
            (Some(name), _) => (!name.is_empty()).then(|| Named::Alias(resource.to_owned())),
            (None, false) => KeyId::parse(resource).map(Named::Key),
            (None, true) => resource.strip_prefix("key/").and_then(KeyId::parse).map(Named::Key),
        };
        let named = named.ok_or_else(|| Fault::InvalidKeyId(text.to_owned()))?;
        Ok(Self { text: text.to_owned(), account, named })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope { account: "111122223333".parse().unwrap(), region: "us-east-1".parse().unwrap() }
    }

    fn parse(text: &str) -> Result<KeyName, String> {
        KeyName::parse("keyId", text, &scope(), Takes::KeysAndAliases).map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_key_is_named_by_its_id_its_arn_an_alias_or_the_arn_of_one() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let key = Named::Key(KeyId::parse(id).unwrap());
        assert_eq!(parse(id).unwrap().named, key);
        let other = parse(&format!("arn:aws:kms:us-east-1:444455556666:key/{id}")).unwrap();
        assert_eq!((other.account.as_str(), other.named), ("444455556666", key));
        assert_eq!(parse("alias/a/b").unwrap().named, Named::Alias("alias/a/b".into()));
        let own = parse("arn:aws:kms:us-east-1:111122223333:alias/app").unwrap();
        assert_eq!(own.named, Named::Alias("alias/app".into()));
        assert!(parse("mrk-1234abcd12ab34cd56ef1234567890ab").is_ok());
        assert_eq!(parse("arn:aws:kms:eu-west-1:111122223333:alias/app").unwrap_err(), "Invalid arn eu-west-1");
        for none in ["app", "alias/", "mrk-12", "1234ABCD-12ab-34cd-56ef-1234567890ab", "key/x", &format!("key/{id}")] {
            assert_eq!(parse(none).unwrap_err(), format!("Invalid keyId '{none}'"));
        }
        let keys_only = KeyName::parse("keyId", "alias/app", &scope(), Takes::Keys).unwrap_err();
        assert_eq!(keys_only.to_string(), "Invalid keyId 'alias/app'");
    }

    #[test]
    fn new_ids_are_ids() {
        for multi_region in [false, true] {
            let id = KeyId::new(multi_region).unwrap();
            assert_eq!(KeyId::parse(id.as_str()).unwrap().as_str().starts_with(MULTI_REGION), multi_region);
        }
    }
}
