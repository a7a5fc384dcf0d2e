//! What keys are for and what they can do: specs, usages, origins and algorithms.
//!
//! Source: API reference, "CreateKey"; KMS developer guide, "Key spec reference".

use serde::{Deserialize, Serialize};

use crate::constraint::Constraint;

/// An enumeration of the API.
macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub(super) enum $type {
            $(#[serde(rename = $name)] $variant),+
        }

        impl $type {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name.
            pub(super) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }

            /// The one with a name.
            pub(super) fn parse(member: &'static str, name: &str) -> Result<Self, Constraint> {
                Self::parse_of(member, name, |_| true)
            }

            /// The one with a name, of those that a member can have.
            pub(super) fn parse_of(
                member: &'static str, name: &str, can: impl Fn(Self) -> bool,
            ) -> Result<Self, Constraint> {
                let all = || Self::ALL.iter().copied().filter(|own| can(*own));
                all().find(|own| own.as_str() == name).ok_or_else(|| {
                    let names: Vec<_> = all().map(Self::as_str).collect();
                    Constraint::of(name, member, format!("Member must satisfy enum value set: [{}]", names.join(", ")))
                })
            }
        }
    };
}

names! {
    /// The kind of a key's material.
    KeySpec {
        Rsa2048 = "RSA_2048",
        Rsa3072 = "RSA_3072",
        Rsa4096 = "RSA_4096",
        P256 = "ECC_NIST_P256",
        P384 = "ECC_NIST_P384",
        P521 = "ECC_NIST_P521",
        P256K1 = "ECC_SECG_P256K1",
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        Hmac224 = "HMAC_224",
        Hmac256 = "HMAC_256",
        Hmac384 = "HMAC_384",
        Hmac512 = "HMAC_512",
        Sm2 = "SM2",
        MlDsa44 = "ML_DSA_44",
        MlDsa65 = "ML_DSA_65",
        MlDsa87 = "ML_DSA_87",
        Ed25519 = "ECC_NIST_EDWARDS25519",
    }
}

names! {
    /// What a key is used for.
    KeyUsage {
        SignVerify = "SIGN_VERIFY",
        EncryptDecrypt = "ENCRYPT_DECRYPT",
        GenerateVerifyMac = "GENERATE_VERIFY_MAC",
        KeyAgreement = "KEY_AGREEMENT",
    }
}

names! {
    /// Where a key's material comes from.
    Origin {
        AwsKms = "AWS_KMS",
        External = "EXTERNAL",
        CloudHsm = "AWS_CLOUDHSM",
        ExternalKeyStore = "EXTERNAL_KEY_STORE",
    }
}

names! {
    /// An algorithm of encryption.
    EncryptionAlgorithm {
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        OaepSha1 = "RSAES_OAEP_SHA_1",
        OaepSha256 = "RSAES_OAEP_SHA_256",
        Sm2Pke = "SM2PKE",
    }
}

names! {
    /// An algorithm of signatures.
    SigningAlgorithm {
        PssSha256 = "RSASSA_PSS_SHA_256",
        PssSha384 = "RSASSA_PSS_SHA_384",
        PssSha512 = "RSASSA_PSS_SHA_512",
        Pkcs1Sha256 = "RSASSA_PKCS1_V1_5_SHA_256",
        Pkcs1Sha384 = "RSASSA_PKCS1_V1_5_SHA_384",
        Pkcs1Sha512 = "RSASSA_PKCS1_V1_5_SHA_512",
        EcdsaSha256 = "ECDSA_SHA_256",
        EcdsaSha384 = "ECDSA_SHA_384",
        EcdsaSha512 = "ECDSA_SHA_512",
        Sm2Dsa = "SM2DSA",
        MlDsaShake256 = "ML_DSA_SHAKE_256",
        Ed25519Sha512 = "ED25519_SHA_512",
        Ed25519PhSha512 = "ED25519_PH_SHA_512",
    }
}

names! {
    /// An algorithm of message authentication codes.
    MacAlgorithm {
        HmacSha224 = "HMAC_SHA_224",
        HmacSha256 = "HMAC_SHA_256",
        HmacSha384 = "HMAC_SHA_384",
        HmacSha512 = "HMAC_SHA_512",
    }
}

names! {
    /// An algorithm of key agreement.
    KeyAgreementAlgorithm { Ecdh = "ECDH" }
}

names! {
    /// What is signed.
    MessageType {
        Raw = "RAW",
        Digest = "DIGEST",
        ExternalMu = "EXTERNAL_MU",
    }
}

const RSA_SIGNING: [SigningAlgorithm; 6] = [
    SigningAlgorithm::Pkcs1Sha256,
    SigningAlgorithm::Pkcs1Sha384,
    SigningAlgorithm::Pkcs1Sha512,
    SigningAlgorithm::PssSha256,
    SigningAlgorithm::PssSha384,
    SigningAlgorithm::PssSha512,
];

impl KeySpec {
    pub(super) fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096)
    }

    /// Whether it is of a curve of NIST on which secrets can be agreed.
    fn is_nist_curve(self) -> bool {
        matches!(self, Self::P256 | Self::P384 | Self::P521)
    }

    fn is_curve(self) -> bool {
        self.is_nist_curve() || matches!(self, Self::P256K1 | Self::Ed25519)
    }

    fn is_ml_dsa(self) -> bool {
        matches!(self, Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87)
    }

    pub(super) fn is_hmac(self) -> bool {
        self.mac_algorithm().is_some()
    }

    /// Whether it has a public key.
    pub(super) fn is_asymmetric(self) -> bool {
        self != Self::SymmetricDefault && !self.is_hmac()
    }

    /// Whether a key of it can be a pair that is given out as data.
    pub(super) fn is_of_data_key_pairs(self) -> bool {
        self.is_rsa() || self.is_curve() || self == Self::Sm2
    }

    /// Whether keys of it can have this use.
    pub(super) fn can(self, usage: KeyUsage) -> bool {
        match usage {
            KeyUsage::EncryptDecrypt => self == Self::SymmetricDefault || self.is_rsa(),
            KeyUsage::SignVerify => self.is_rsa() || self.is_curve() || self.is_ml_dsa(),
            KeyUsage::GenerateVerifyMac => self.is_hmac(),
            KeyUsage::KeyAgreement => self.is_nist_curve(),
        }
    }

    pub(super) fn encryption_algorithms(self) -> &'static [EncryptionAlgorithm] {
        match self {
            Self::SymmetricDefault => &[EncryptionAlgorithm::SymmetricDefault],
            spec if spec.is_rsa() => &[EncryptionAlgorithm::OaepSha1, EncryptionAlgorithm::OaepSha256],
            _ => &[],
        }
    }

    pub(super) fn signing_algorithms(self) -> &'static [SigningAlgorithm] {
        match self {
            Self::P256 | Self::P256K1 => &[SigningAlgorithm::EcdsaSha256],
            Self::P384 => &[SigningAlgorithm::EcdsaSha384],
            Self::P521 => &[SigningAlgorithm::EcdsaSha512],
            Self::Ed25519 => &[SigningAlgorithm::Ed25519Sha512],
            spec if spec.is_rsa() => &RSA_SIGNING,
            spec if spec.is_ml_dsa() => &[SigningAlgorithm::MlDsaShake256],
            _ => &[],
        }
    }

    pub(super) fn mac_algorithm(self) -> Option<MacAlgorithm> {
        match self {
            Self::Hmac224 => Some(MacAlgorithm::HmacSha224),
            Self::Hmac256 => Some(MacAlgorithm::HmacSha256),
            Self::Hmac384 => Some(MacAlgorithm::HmacSha384),
            Self::Hmac512 => Some(MacAlgorithm::HmacSha512),
            _ => None,
        }
    }

    /// The name that the API had for it before, if it had one.
    pub(super) fn is_of_customer_master_keys(self) -> bool {
        !self.is_ml_dsa() && self != Self::Ed25519
    }

    /// Between which lengths imported material of this spec has to be, in bytes, where it is no key pair.
    pub(super) fn imported_length(self) -> Option<(usize, usize)> {
        match self {
            Self::SymmetricDefault => Some((32, 32)),
            Self::Hmac224 => Some((28, 64)),
            Self::Hmac256 => Some((32, 64)),
            Self::Hmac384 => Some((48, 128)),
            Self::Hmac512 => Some((64, 128)),
            _ => None,
        }
    }

    /// The most bytes that a key of this spec encrypts.
    ///
    /// Source: API reference, "Encrypt".
    pub(super) fn longest_plaintext(self, algorithm: EncryptionAlgorithm) -> usize {
        let overhead = if algorithm == EncryptionAlgorithm::OaepSha1 { 42 } else { 66 };
        match self {
            Self::Rsa2048 => 256 - overhead,
            Self::Rsa3072 => 384 - overhead,
            Self::Rsa4096 => 512 - overhead,
            _ => 4096,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_none_is_refused_with_those_that_are() {
        let told = KeyUsage::parse("keyUsage", "SIGN").unwrap_err().to_string();
        assert_eq!(
            told,
            "1 validation error detected: Value 'SIGN' at 'keyUsage' failed to satisfy constraint: Member must satisfy \
             enum value set: [SIGN_VERIFY, ENCRYPT_DECRYPT, GENERATE_VERIFY_MAC, KEY_AGREEMENT]"
        );
    }

    #[test]
    fn every_spec_that_is_served_has_a_use_and_the_algorithms_for_it() {
        for spec in KeySpec::ALL.iter().filter(|spec| **spec != KeySpec::Sm2) {
            for usage in KeyUsage::ALL.iter().filter(|usage| spec.can(**usage)) {
                let has = match usage {
                    KeyUsage::EncryptDecrypt => !spec.encryption_algorithms().is_empty(),
                    KeyUsage::SignVerify => !spec.signing_algorithms().is_empty(),
                    KeyUsage::GenerateVerifyMac => spec.mac_algorithm().is_some(),
                    KeyUsage::KeyAgreement => true,
                };
                assert!(has, "{spec:?} {usage:?}");
            }
            assert!(KeyUsage::ALL.iter().any(|usage| spec.can(*usage)), "{spec:?}");
        }
    }
}
