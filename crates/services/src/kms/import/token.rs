//! Import tokens, and how material is wrapped for the way.

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded as _};
use serde::{Deserialize, Serialize};

use crate::constraint::Constraint;
use crate::kms::blob::Blob;
use crate::kms::fault::Fault;
use crate::kms::material::Material;
use crate::kms::spec::EncryptionAlgorithm;
use crate::vault::Vault;

/// What tokens are sealed for.
const PURPOSE: &str = "import token";

/// How material is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum WrappingAlgorithm {
    #[serde(rename = "RSAES_PKCS1_V1_5")]
    Pkcs1,
    #[serde(rename = "RSAES_OAEP_SHA_1")]
    OaepSha1,
    #[serde(rename = "RSAES_OAEP_SHA_256")]
    OaepSha256,
    #[serde(rename = "RSA_AES_KEY_WRAP_SHA_1")]
    AesSha1,
    #[serde(rename = "RSA_AES_KEY_WRAP_SHA_256")]
    AesSha256,
    #[serde(rename = "SM2PKE")]
    Sm2Pke,
}

impl WrappingAlgorithm {
    const ALL: [Self; 6] =
        [Self::Pkcs1, Self::OaepSha1, Self::OaepSha256, Self::AesSha1, Self::AesSha256, Self::Sm2Pke];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pkcs1 => "RSAES_PKCS1_V1_5",
            Self::OaepSha1 => "RSAES_OAEP_SHA_1",
            Self::OaepSha256 => "RSAES_OAEP_SHA_256",
            Self::AesSha1 => "RSA_AES_KEY_WRAP_SHA_1",
            Self::AesSha256 => "RSA_AES_KEY_WRAP_SHA_256",
            Self::Sm2Pke => "SM2PKE",
        }
    }

    pub(in crate::kms) fn parse(member: &'static str, name: &str) -> Result<Self, Constraint> {
        Self::ALL.into_iter().find(|own| own.as_str() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            Constraint::of(name, member, format!("Member must satisfy enum value set: [{names}]"))
        })
    }

    /// Whether AWS serves it outside of China: of RSAES_PKCS1_V1_5 it does no longer.
    pub(crate) fn is_served(self) -> bool {
        !matches!(self, Self::Pkcs1 | Self::Sm2Pke)
    }
}

/// What an import token says.
#[derive(Serialize, Deserialize)]
pub(super) struct Token {
    /// The ARN of the key that the material is for.
    pub(super) key: String,
    /// Unix milliseconds.
    pub(super) until: i64,
    pub(super) algorithm: WrappingAlgorithm,
    /// The private key that unwraps.
    pub(super) secret: Blob,
}

impl Token {
    pub(super) fn seal(&self, vault: &Vault) -> Result<Vec<u8>, Fault> {
        Ok(vault.seal(PURPOSE, serde_json::to_vec(self)?)?)
    }

    pub(super) fn open(vault: &Vault, sealed: Vec<u8>) -> Option<Self> {
        serde_json::from_slice(&vault.open_sealed(PURPOSE, sealed)?).ok()
    }

    /// Unwraps material; `None` if it was not wrapped for this token.
    pub(super) fn unwrap(&self, wrapped: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let pair = Material { secret: self.secret.0.clone(), public: None };
        match self.algorithm {
            WrappingAlgorithm::OaepSha1 => pair.decrypt_oaep(EncryptionAlgorithm::OaepSha1, wrapped),
            WrappingAlgorithm::OaepSha256 => pair.decrypt_oaep(EncryptionAlgorithm::OaepSha256, wrapped),
            WrappingAlgorithm::AesSha1 => unwrap_both(&pair, EncryptionAlgorithm::OaepSha1, wrapped),
            WrappingAlgorithm::AesSha256 => unwrap_both(&pair, EncryptionAlgorithm::OaepSha256, wrapped),
            WrappingAlgorithm::Pkcs1 | WrappingAlgorithm::Sm2Pke => Ok(None),
        }
    }
}

/// Unwraps an AES key, and with it the material (RFC 5649).
fn unwrap_both(pair: &Material, algorithm: EncryptionAlgorithm, wrapped: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
    let Some((key, material)) = wrapped.split_at_checked(pair.modulus_length()?) else { return Ok(None) };
    let Some(key) = pair.decrypt_oaep(algorithm, key)? else { return Ok(None) };
    let Ok(key) = AesKek::new(&AES_256, &key) else { return Ok(None) };
    let mut plain = vec![0; material.len()];
    Ok(key.unwrap_with_padding(material, &mut plain).ok().map(|plain| plain.to_vec()))
}
