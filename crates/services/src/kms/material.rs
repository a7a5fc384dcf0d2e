//! Key material: made, used and taken in. All of it is done by aws-lc-rs.
//!
//! Asymmetric material is a private key in PKCS #8 (RFC 5208); its public key is a SubjectPublicKeyInfo (RFC 5280).

use std::fmt;

use aws_lc_rs::agreement;
use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    self, KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, PqdsaKeyPair, PqdsaSigningAlgorithm,
    RsaEncoding, UnparsedPublicKey, VerificationAlgorithm,
};

use super::fault::Fault;
use super::spec::{EncryptionAlgorithm, KeySpec, MacAlgorithm, SigningAlgorithm};

/// The material of a key. It never appears in logs or in errors.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Material {
    /// The bytes of a symmetric key, or a private key.
    pub(super) secret: Vec<u8>,
    pub(super) public: Option<Vec<u8>>,
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Material(..)")
    }
}

/// What is signed.
#[derive(Clone, Copy)]
pub(super) enum Message<'a> {
    Whole(&'a [u8]),
    Digest(&'a [u8]),
}

impl Material {
    /// New material. That of RSA takes its time.
    pub(super) fn generate(spec: KeySpec) -> Result<Self, Fault> {
        let bytes = |length: usize| {
            let mut secret = vec![0; length];
            aws_lc_rs::rand::fill(&mut secret)?;
            Ok(Self { secret, public: None })
        };
        match spec {
            KeySpec::SymmetricDefault | KeySpec::Hmac256 => bytes(32),
            KeySpec::Hmac224 => bytes(28),
            KeySpec::Hmac384 => bytes(48),
            KeySpec::Hmac512 => bytes(64),
            KeySpec::Rsa2048 => Self::of_rsa(rsa::KeyPair::generate(KeySize::Rsa2048)?),
            KeySpec::Rsa3072 => Self::of_rsa(rsa::KeyPair::generate(KeySize::Rsa3072)?),
            KeySpec::Rsa4096 => Self::of_rsa(rsa::KeyPair::generate(KeySize::Rsa4096)?),
            KeySpec::Ed25519 => Self::of_ed25519(&Ed25519KeyPair::generate()?),
            KeySpec::Sm2 => Err(Fault::Unserved("keys of SM2")),
            spec => match (curve(spec), ml_dsa(spec)) {
                (Some(curve), _) => Self::of_curve(&EcdsaKeyPair::generate(curve)?),
                (None, Some(algorithm)) => Self::of_ml_dsa(&PqdsaKeyPair::generate(algorithm)?),
                (None, None) => Err(Fault::Material),
            },
        }
    }

    /// Material that a client brings; `None` if it is not of the spec.
    pub(super) fn imported(spec: KeySpec, secret: Vec<u8>) -> Option<Self> {
        if let Some((least, most)) = spec.imported_length() {
            return (least..=most).contains(&secret.len()).then_some(Self { secret, public: None });
        }
        if !is_one_sequence(&secret) {
            return None;
        }
        if spec.is_rsa() {
            let key = rsa::KeyPair::from_pkcs8(&secret).ok()?;
            let bits = match spec {
                KeySpec::Rsa2048 => 2048,
                KeySpec::Rsa3072 => 3072,
                _ => 4096,
            };
            return (key.public_modulus_len() * 8 == bits).then(|| Self::of_rsa(key).ok()).flatten();
        }
        if spec == KeySpec::Ed25519 {
            return Self::of_ed25519(&Ed25519KeyPair::from_pkcs8_maybe_unchecked(&secret).ok()?).ok();
        }
        if let Some(algorithm) = ml_dsa(spec) {
            return Self::of_ml_dsa(&PqdsaKeyPair::from_pkcs8(algorithm, &secret).ok()?).ok();
        }
        Self::of_curve(&EcdsaKeyPair::from_pkcs8(curve(spec)?, &secret).ok()?).ok()
    }

    fn of_rsa(key: rsa::KeyPair) -> Result<Self, Fault> {
        let secret: Pkcs8V1Der<'_> = key.as_der()?;
        let public: PublicKeyX509Der<'_> = key.public_key().as_der()?;
        Ok(Self { secret: secret.as_ref().to_vec(), public: Some(public.as_ref().to_vec()) })
    }

    fn of_curve(key: &EcdsaKeyPair) -> Result<Self, Fault> {
        let public: PublicKeyX509Der<'_> = key.public_key().as_der()?;
        Ok(Self { secret: key.to_pkcs8v1()?.as_ref().to_vec(), public: Some(public.as_ref().to_vec()) })
    }

    fn of_ed25519(key: &Ed25519KeyPair) -> Result<Self, Fault> {
        let public: PublicKeyX509Der<'_> = key.public_key().as_der()?;
        Ok(Self { secret: key.to_pkcs8v1()?.as_ref().to_vec(), public: Some(public.as_ref().to_vec()) })
    }

    fn of_ml_dsa(key: &PqdsaKeyPair) -> Result<Self, Fault> {
        let public: PublicKeyX509Der<'_> = key.public_key().as_der()?;
        Ok(Self { secret: key.to_pkcs8v1()?.as_ref().to_vec(), public: Some(public.as_ref().to_vec()) })
    }

    /// Signs a message, or what is given as its digest.
    pub(super) fn sign(
        &self, spec: KeySpec, algorithm: SigningAlgorithm, message: Message<'_>,
    ) -> Result<Vec<u8>, Fault> {
        let wrong = || Fault::WrongAlgorithm { algorithm: algorithm.as_str(), spec: spec.as_str() };
        if let Some(encoding) = rsa_encoding(algorithm) {
            let key = rsa::KeyPair::from_pkcs8(&self.secret).map_err(|_| Fault::Material)?;
            let mut signature = vec![0; key.public_modulus_len()];
            match message {
                Message::Whole(message) => key.sign(encoding, &SystemRandom::new(), message, &mut signature)?,
                Message::Digest(bytes) => key.sign_digest(encoding, &digest_of(algorithm, bytes)?, &mut signature)?,
            }
            return Ok(signature);
        }
        if spec == KeySpec::Ed25519 {
            let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&self.secret).map_err(|_| Fault::Material)?;
            let Message::Whole(message) = message else { return Err(wrong()) };
            return Ok(key.try_sign(message)?.as_ref().to_vec());
        }
        if let Some(of) = ml_dsa(spec) {
            let key = PqdsaKeyPair::from_pkcs8(of, &self.secret).map_err(|_| Fault::Material)?;
            let Message::Whole(message) = message else { return Err(wrong()) };
            let mut signature = vec![0; key.algorithm().signature_len()];
            let length = key.sign(message, &mut signature)?;
            signature.truncate(length);
            return Ok(signature);
        }
        let curve = curve(spec).ok_or_else(wrong)?;
        let key = EcdsaKeyPair::from_pkcs8(curve, &self.secret).map_err(|_| Fault::Material)?;
        let signature = match message {
            Message::Whole(message) => key.sign(&SystemRandom::new(), message)?,
            Message::Digest(bytes) => key.sign_digest(&digest_of(algorithm, bytes)?)?,
        };
        Ok(signature.as_ref().to_vec())
    }

    /// Decrypts with a private key of RSA; `None` if it was not encrypted for it.
    pub(super) fn decrypt_oaep(
        &self, algorithm: EncryptionAlgorithm, ciphertext: &[u8],
    ) -> Result<Option<Vec<u8>>, Fault> {
        let key = PrivateDecryptingKey::from_pkcs8(&self.secret).map_err(|_| Fault::Material)?;
        let key = OaepPrivateDecryptingKey::new(key)?;
        let mut plain = vec![0; key.min_output_size()];
        let opened = key.decrypt(oaep(algorithm), ciphertext, &mut plain, None);
        Ok(opened.ok().map(|plain| plain.to_vec()))
    }

    /// How long the modulus of a private key of RSA is, in bytes.
    pub(super) fn modulus_length(&self) -> Result<usize, Fault> {
        let key = rsa::KeyPair::from_pkcs8(&self.secret).map_err(|_| Fault::Material)?;
        Ok(key.public_modulus_len())
    }

    /// The message authentication code of a message.
    pub(super) fn mac(&self, algorithm: MacAlgorithm, message: &[u8]) -> Vec<u8> {
        hmac::sign(&hmac::Key::new(hash(algorithm), &self.secret), message).as_ref().to_vec()
    }

    /// Whether this is the message authentication code of a message.
    pub(super) fn is_mac(&self, algorithm: MacAlgorithm, message: &[u8], mac: &[u8]) -> bool {
        hmac::verify(&hmac::Key::new(hash(algorithm), &self.secret), message, mac).is_ok()
    }

    /// The secret that is agreed on with the owner of another public key, a SubjectPublicKeyInfo; `None` if it is no key on
    /// the same curve.
    pub(super) fn agree(&self, spec: KeySpec, public: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let algorithm = match spec {
            KeySpec::P256 => &agreement::ECDH_P256,
            KeySpec::P384 => &agreement::ECDH_P384,
            KeySpec::P521 => &agreement::ECDH_P521,
            _ => return Ok(None),
        };
        // A bare point of the curve would be taken as well.
        if !is_one_sequence(public) {
            return Ok(None);
        }
        let own = agreement::PrivateKey::from_private_key_der(algorithm, &self.secret).map_err(|_| Fault::Material)?;
        let peer = agreement::UnparsedPublicKey::new(algorithm, public);
        Ok(agreement::agree(&own, peer, Unspecified, |secret| Ok(secret.to_vec())).ok())
    }
}

/// Whether bytes are one sequence of DER (X.690) and nothing after it, as a PKCS #8 or a SubjectPublicKeyInfo is.
fn is_one_sequence(bytes: &[u8]) -> bool {
    let Some((0x30, [first, rest @ ..])) = bytes.split_first().map(|(tag, rest)| (*tag, rest)) else { return false };
    let octets = match usize::from(*first) {
        length @ 0..0x80 => return rest.len() == length,
        octets => octets - 0x80,
    };
    let Some((length, content)) = rest.split_at_checked(octets).filter(|_| (1..=2).contains(&octets)) else {
        return false;
    };
    let length = length.iter().fold(0, |sum, octet| (sum << 8) | usize::from(*octet));
    // The shortest form is the only one.
    length >= 0x80 && (octets == 1 || length > 0xff) && content.len() == length
}

/// Encrypts for a public key of RSA.
pub(super) fn encrypt_oaep(public: &[u8], algorithm: EncryptionAlgorithm, plain: &[u8]) -> Result<Vec<u8>, Fault> {
    let key = PublicEncryptingKey::from_der(public).map_err(|_| Fault::Material)?;
    let key = OaepPublicEncryptingKey::new(key)?;
    let mut ciphertext = vec![0; key.ciphertext_size()];
    let length = key.encrypt(oaep(algorithm), plain, &mut ciphertext, None)?.len();
    ciphertext.truncate(length);
    Ok(ciphertext)
}

/// Whether a signature is the one of a public key.
pub(super) fn verify(
    public: &[u8], spec: KeySpec, algorithm: SigningAlgorithm, message: Message<'_>, signature: &[u8],
) -> Result<bool, Fault> {
    let key = UnparsedPublicKey::new(verification(spec, algorithm).ok_or(Fault::Material)?, public);
    Ok(match message {
        Message::Whole(message) => key.verify(message, signature).is_ok(),
        Message::Digest(bytes) => key.verify_digest(&digest_of(algorithm, bytes)?, signature).is_ok(),
    })
}

fn oaep(algorithm: EncryptionAlgorithm) -> &'static OaepAlgorithm {
    if algorithm == EncryptionAlgorithm::OaepSha1 { &OAEP_SHA1_MGF1SHA1 } else { &OAEP_SHA256_MGF1SHA256 }
}

fn hash(algorithm: MacAlgorithm) -> hmac::Algorithm {
    match algorithm {
        MacAlgorithm::HmacSha224 => hmac::HMAC_SHA224,
        MacAlgorithm::HmacSha256 => hmac::HMAC_SHA256,
        MacAlgorithm::HmacSha384 => hmac::HMAC_SHA384,
        MacAlgorithm::HmacSha512 => hmac::HMAC_SHA512,
    }
}

fn curve(spec: KeySpec) -> Option<&'static EcdsaSigningAlgorithm> {
    match spec {
        KeySpec::P256 => Some(&signature::ECDSA_P256_SHA256_ASN1_SIGNING),
        KeySpec::P384 => Some(&signature::ECDSA_P384_SHA384_ASN1_SIGNING),
        KeySpec::P521 => Some(&signature::ECDSA_P521_SHA512_ASN1_SIGNING),
        KeySpec::P256K1 => Some(&signature::ECDSA_P256K1_SHA256_ASN1_SIGNING),
        _ => None,
    }
}

fn ml_dsa(spec: KeySpec) -> Option<&'static PqdsaSigningAlgorithm> {
    match spec {
        KeySpec::MlDsa44 => Some(&signature::ML_DSA_44_SIGNING),
        KeySpec::MlDsa65 => Some(&signature::ML_DSA_65_SIGNING),
        KeySpec::MlDsa87 => Some(&signature::ML_DSA_87_SIGNING),
        _ => None,
    }
}

fn rsa_encoding(algorithm: SigningAlgorithm) -> Option<&'static dyn RsaEncoding> {
    match algorithm {
        SigningAlgorithm::PssSha256 => Some(&signature::RSA_PSS_SHA256),
        SigningAlgorithm::PssSha384 => Some(&signature::RSA_PSS_SHA384),
        SigningAlgorithm::PssSha512 => Some(&signature::RSA_PSS_SHA512),
        SigningAlgorithm::Pkcs1Sha256 => Some(&signature::RSA_PKCS1_SHA256),
        SigningAlgorithm::Pkcs1Sha384 => Some(&signature::RSA_PKCS1_SHA384),
        SigningAlgorithm::Pkcs1Sha512 => Some(&signature::RSA_PKCS1_SHA512),
        _ => None,
    }
}

fn verification(spec: KeySpec, algorithm: SigningAlgorithm) -> Option<&'static dyn VerificationAlgorithm> {
    match (spec, algorithm) {
        (_, SigningAlgorithm::PssSha256) => Some(&signature::RSA_PSS_2048_8192_SHA256),
        (_, SigningAlgorithm::PssSha384) => Some(&signature::RSA_PSS_2048_8192_SHA384),
        (_, SigningAlgorithm::PssSha512) => Some(&signature::RSA_PSS_2048_8192_SHA512),
        (_, SigningAlgorithm::Pkcs1Sha256) => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        (_, SigningAlgorithm::Pkcs1Sha384) => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        (_, SigningAlgorithm::Pkcs1Sha512) => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        (KeySpec::P256, _) => Some(&signature::ECDSA_P256_SHA256_ASN1),
        (KeySpec::P384, _) => Some(&signature::ECDSA_P384_SHA384_ASN1),
        (KeySpec::P521, _) => Some(&signature::ECDSA_P521_SHA512_ASN1),
        (KeySpec::P256K1, _) => Some(&signature::ECDSA_P256K1_SHA256_ASN1),
        (KeySpec::Ed25519, _) => Some(&signature::ED25519),
        (KeySpec::MlDsa44, _) => Some(&signature::ML_DSA_44),
        (KeySpec::MlDsa65, _) => Some(&signature::ML_DSA_65),
        (KeySpec::MlDsa87, _) => Some(&signature::ML_DSA_87),
        _ => None,
    }
}

/// What a client says is the digest of a message.
fn digest_of(algorithm: SigningAlgorithm, bytes: &[u8]) -> Result<Digest, Fault> {
    let hash = match algorithm {
        SigningAlgorithm::PssSha256 | SigningAlgorithm::Pkcs1Sha256 | SigningAlgorithm::EcdsaSha256 => &digest::SHA256,
        SigningAlgorithm::PssSha384 | SigningAlgorithm::Pkcs1Sha384 | SigningAlgorithm::EcdsaSha384 => &digest::SHA384,
        _ => &digest::SHA512,
    };
    let wrong = |_| Fault::Validation(format!("Digest is invalid length for algorithm {}.", algorithm.as_str()));
    Digest::import_less_safe(bytes, hash).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNING: [(KeySpec, SigningAlgorithm); 11] = [
        (KeySpec::Rsa2048, SigningAlgorithm::PssSha256),
        (KeySpec::Rsa2048, SigningAlgorithm::PssSha512),
        (KeySpec::Rsa2048, SigningAlgorithm::Pkcs1Sha256),
        (KeySpec::Rsa2048, SigningAlgorithm::Pkcs1Sha384),
        (KeySpec::P256, SigningAlgorithm::EcdsaSha256),
        (KeySpec::P384, SigningAlgorithm::EcdsaSha384),
        (KeySpec::P521, SigningAlgorithm::EcdsaSha512),
        (KeySpec::P256K1, SigningAlgorithm::EcdsaSha256),
        (KeySpec::Ed25519, SigningAlgorithm::Ed25519Sha512),
        (KeySpec::MlDsa44, SigningAlgorithm::MlDsaShake256),
        (KeySpec::MlDsa87, SigningAlgorithm::MlDsaShake256),
    ];

    #[test]
    fn a_signature_of_a_message_or_of_its_digest_is_verified_by_the_public_key_alone() {
        for (spec, algorithm) in SIGNING {
            let key = Material::generate(spec).unwrap();
            let public = key.public.clone().unwrap();
            let mut messages = vec![(Message::Whole(b"message"), Message::Whole(b"Message"))];
            let hash = match algorithm {
                SigningAlgorithm::EcdsaSha384 | SigningAlgorithm::Pkcs1Sha384 => &digest::SHA384,
                SigningAlgorithm::EcdsaSha512 | SigningAlgorithm::PssSha512 => &digest::SHA512,
                _ => &digest::SHA256,
            };
            let (right, wrong) = (digest::digest(hash, b"message"), digest::digest(hash, b"Message"));
            let is_digested = !matches!(spec, KeySpec::Ed25519 | KeySpec::MlDsa44 | KeySpec::MlDsa87);
            if is_digested {
                messages.push((Message::Digest(right.as_ref()), Message::Digest(wrong.as_ref())));
            }
            for (message, other) in messages {
                let signature = key.sign(spec, algorithm, message).unwrap();
                let is_valid =
                    |message, signature: &[u8]| verify(&public, spec, algorithm, message, signature).unwrap();
                assert!(is_valid(message, &signature), "{spec:?} {algorithm:?}");
                assert!(is_valid(Message::Whole(b"message"), &signature), "{spec:?} {algorithm:?}");
                assert!(!is_valid(other, &signature) && !is_valid(message, &signature[1..]), "{spec:?} {algorithm:?}");
            }
        }
    }

    #[test]
    fn a_digest_of_another_length_is_refused() {
        let key = Material::generate(KeySpec::P256).unwrap();
        let fault = key.sign(KeySpec::P256, SigningAlgorithm::EcdsaSha256, Message::Digest(&[0; 48])).unwrap_err();
        assert_eq!(fault.to_string(), "Digest is invalid length for algorithm ECDSA_SHA_256.");
    }

    #[test]
    fn what_is_encrypted_for_a_public_key_is_decrypted_by_the_private_one() {
        let (key, other) =
            (Material::generate(KeySpec::Rsa2048).unwrap(), Material::generate(KeySpec::Rsa2048).unwrap());
        for algorithm in [EncryptionAlgorithm::OaepSha1, EncryptionAlgorithm::OaepSha256] {
            let longest = vec![5; KeySpec::Rsa2048.longest_plaintext(algorithm)];
            let ciphertext = encrypt_oaep(key.public.as_ref().unwrap(), algorithm, &longest).unwrap();
            assert_eq!(key.decrypt_oaep(algorithm, &ciphertext).unwrap(), Some(longest.clone()));
            assert_eq!(other.decrypt_oaep(algorithm, &ciphertext).unwrap(), None);
            assert_eq!(key.decrypt_oaep(algorithm, b"none").unwrap(), None);
            assert!(encrypt_oaep(key.public.as_ref().unwrap(), algorithm, &[longest, vec![5]].concat()).is_err());
        }
    }

    #[test]
    fn the_codes_are_those_of_rfc_4231() {
        // Test case 2.
        let key = Material { secret: b"Jefe".to_vec(), public: None };
        let message = b"what do ya want for nothing?";
        for (algorithm, expected) in [
            (MacAlgorithm::HmacSha224, "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"),
            (MacAlgorithm::HmacSha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        ] {
            let mac = key.mac(algorithm, message);
            assert_eq!(hex::encode(&mac), expected);
            assert!(key.is_mac(algorithm, message, &mac) && !key.is_mac(algorithm, message, &mac[1..]));
        }
    }

    #[test]
    fn both_sides_agree_on_the_same_secret() {
        for spec in [KeySpec::P256, KeySpec::P384, KeySpec::P521] {
            let (one, other) = (Material::generate(spec).unwrap(), Material::generate(spec).unwrap());
            let agreed = one.agree(spec, other.public.as_ref().unwrap()).unwrap().unwrap();
            assert_eq!(other.agree(spec, one.public.as_ref().unwrap()).unwrap().unwrap(), agreed);
            assert_eq!(one.agree(spec, b"no key").unwrap(), None);
        }
        let (p256, p384) = (Material::generate(KeySpec::P256).unwrap(), Material::generate(KeySpec::P384).unwrap());
        assert_eq!(p256.agree(KeySpec::P256, p384.public.as_ref().unwrap()).unwrap(), None);
    }

    #[test]
    fn material_that_is_brought_has_to_be_of_the_spec() {
        assert!(Material::imported(KeySpec::SymmetricDefault, vec![1; 32]).is_some());
        assert!(Material::imported(KeySpec::SymmetricDefault, vec![1; 31]).is_none());
        for spec in [KeySpec::Rsa2048, KeySpec::P384, KeySpec::Ed25519, KeySpec::MlDsa65] {
            let material = Material::generate(spec).unwrap();
            assert_eq!(Material::imported(spec, material.secret.clone()), Some(material.clone()), "{spec:?}");
            assert!(Material::imported(KeySpec::P256, material.secret.clone()).is_none(), "{spec:?}");
            assert!(Material::imported(KeySpec::Rsa3072, material.secret.clone()).is_none(), "{spec:?}");
            let longer = [material.secret.as_slice(), &[0]].concat();
            assert!(Material::imported(spec, longer).is_none(), "{spec:?}: nothing follows a key");
        }
    }
}
