//! `Sign`, `Verify` and `GetPublicKey`

use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;

use super::blob::Blob;
use super::encrypt::current;
use super::fault::Fault;
use super::grant::check_tokens;
use super::key::Key;
use super::material::{Message, verify};
use super::operation::{Operation, Prepared, end_if_dry};
use super::spec::{EncryptionAlgorithm, KeyAgreementAlgorithm, KeySpec, KeyUsage, MessageType, SigningAlgorithm};
use super::store::{MaterialRow, Store};
use super::subject::Subject;
use crate::constraint::required;
use crate::{Authorized, Caller};

/// The longest message, and the longest signature.
const LONGEST: (usize, usize) = (4096, 6144);

/// What a request says of a signature and of what is signed.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Asked {
    key_id: Option<String>,
    message: Option<Blob>,
    message_type: Option<String>,
    signature: Option<Blob>,
    grant_tokens: Option<Vec<String>>,
    signing_algorithm: Option<String>,
    dry_run: Option<bool>,
}

/// What is signed, by which key.
pub(super) struct Signing {
    subject: Subject,
    message: Vec<u8>,
    kind: MessageType,
    signature: Vec<u8>,
    algorithm: SigningAlgorithm,
    dry_run: Option<bool>,
}

impl Asked {
    fn prepare(
        self, caller: &Caller, store: &Store, operation: &str, signed: bool,
    ) -> Result<Prepared<Signing>, Fault> {
        let message = required("message", self.message)?.within("message", LONGEST.0)?;
        let signature = match (signed, self.signature) {
            (true, given) => required("signature", given)?.within("signature", LONGEST.1)?,
            (false, _) => Vec::new(),
        };
        let name = required("signingAlgorithm", self.signing_algorithm)?;
        let algorithm = SigningAlgorithm::parse("signingAlgorithm", &name)?;
        let kind = self.message_type.as_deref().map(|name| MessageType::parse("messageType", name)).transpose()?;
        let kind = kind.unwrap_or(MessageType::Raw);
        check_tokens(store, self.grant_tokens.as_deref())?;
        let subject = Subject::find_any(caller, store, self.key_id.as_deref())?;
        let requirement: Requirement = subject
            .requirement(caller, operation)
            .with("kms:SigningAlgorithm", algorithm.as_str())
            .with("kms:MessageType", kind.as_str());
        let ready = Signing { subject, message, kind, signature, algorithm, dry_run: self.dry_run };
        Ok(Prepared::one(ready, requirement))
    }
}

impl Signing {
    fn message(&self) -> Result<Message<'_>, Fault> {
        match self.kind {
            MessageType::Raw => Ok(Message::Whole(&self.message)),
            MessageType::Digest => Ok(Message::Digest(&self.message)),
            MessageType::ExternalMu => Err(Fault::Unserved("messages of type EXTERNAL_MU")),
        }
    }

    fn check(&self, key: &Key, operation: &'static str) -> Result<(), Fault> {
        key.check_usage(KeyUsage::SignVerify, operation)?;
        let algorithm = self.algorithm.as_str();
        if self.algorithm == SigningAlgorithm::Ed25519PhSha512 && key.spec == KeySpec::Ed25519 {
            return Err(Fault::Unserved("the algorithm ED25519_PH_SHA_512"));
        }
        if !key.spec.signing_algorithms().contains(&self.algorithm) {
            return Err(Fault::WrongAlgorithm { algorithm, spec: key.spec.as_str() });
        }
        let is_pure = matches!(self.algorithm, SigningAlgorithm::Ed25519Sha512 | SigningAlgorithm::MlDsaShake256);
        let fits = match self.kind {
            MessageType::Raw => true,
            MessageType::Digest => !is_pure,
            MessageType::ExternalMu => self.algorithm == SigningAlgorithm::MlDsaShake256,
        };
        if fits {
            return Ok(());
        }
        let kind = self.kind.as_str();
        Err(Fault::Validation(format!("MessageType {kind} is not supported with the SigningAlgorithm {algorithm}.")))
    }
}

/// `Sign`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Sign(Asked);

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Signed {
    key_id: String,
    signature: Blob,
    signing_algorithm: SigningAlgorithm,
}

impl Operation for Sign {
    const NAME: &'static str = "Sign";
    type Ready = Signing;
    type Answer = Signed;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Signing>, Fault> {
        self.0.prepare(caller, store, Self::NAME, false)
    }

    fn act(signing: Signing, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Signed, Fault> {
        let (key, material) = store.read(|connection| {
            let key = signing.subject.usable(allowed, caller, connection)?;
            signing.check(&key, Self::NAME)?;
            let (_, material) = current(store, allowed, caller, connection, &key)?;
            Ok((key, material))
        })?;
        let signature = material.sign(key.spec, signing.algorithm, signing.message()?)?;
        end_if_dry(signing.dry_run)?;
        Ok(Signed { key_id: key.arn(), signature: Blob(signature), signing_algorithm: signing.algorithm })
    }
}

/// `Verify`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Verify(Asked);

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Verified {
    key_id: String,
    signature_valid: bool,
    signing_algorithm: SigningAlgorithm,
}

impl Operation for Verify {
    const NAME: &'static str = "Verify";
    type Ready = Signing;
    type Answer = Verified;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Signing>, Fault> {
        self.0.prepare(caller, store, Self::NAME, true)
    }

    fn act(signing: Signing, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Verified, Fault> {
        let (key, public) = store.read(|connection| {
            let key = signing.subject.usable(allowed, caller, connection)?;
            signing.check(&key, Self::NAME)?;
            let public = public(connection, &key)?;
            Ok((key, public))
        })?;
        let Signing { algorithm, ref signature, .. } = signing;
        if !verify(&public, key.spec, algorithm, signing.message()?, signature)? {
            return Err(Fault::InvalidSignature);
        }
        end_if_dry(signing.dry_run)?;
        Ok(Verified { key_id: key.arn(), signature_valid: true, signing_algorithm: algorithm })
    }
}

fn public(connection: &rusqlite::Connection, key: &Key) -> Result<Vec<u8>, Fault> {
    let id = key.material.as_ref().ok_or_else(|| Fault::PendingImport(key.arn()))?;
    MaterialRow::public(connection, &key.arn(), id)?.ok_or(Fault::Material)
}

/// `GetPublicKey`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetPublicKey {
    key_id: Option<String>,
    grant_tokens: Option<Vec<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PublicKey {
    key_id: String,
    public_key: Blob,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_master_key_spec: Option<KeySpec>,
    key_spec: KeySpec,
    key_usage: KeyUsage,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_algorithms: Option<&'static [EncryptionAlgorithm]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_algorithms: Option<&'static [SigningAlgorithm]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_agreement_algorithms: Option<[KeyAgreementAlgorithm; 1]>,
}

impl Operation for GetPublicKey {
    const NAME: &'static str = "GetPublicKey";
    type Ready = Subject;
    type Answer = PublicKey;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Subject>, Fault> {
        check_tokens(store, self.grant_tokens.as_deref())?;
        let subject = Subject::find_any(caller, store, self.key_id.as_deref())?;
        let requirement = subject.requirement(caller, Self::NAME);
        Ok(Prepared::one(subject, requirement))
    }

    fn act(subject: Subject, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<PublicKey, Fault> {
        store.read(|connection| {
            let key = subject.key(allowed, caller, connection)?.key;
            if !key.spec.is_asymmetric() {
                let (arn, spec) = (key.arn(), key.spec.as_str());
                return Err(Fault::WrongSpec { arn, spec, operation: Self::NAME });
            }
            key.check_usable(caller.now)?;
            let for_usage = |usage| key.usage == usage;
            Ok(PublicKey {
                key_id: key.arn(),
                public_key: Blob(public(connection, &key)?),
                customer_master_key_spec: key.spec.is_of_customer_master_keys().then_some(key.spec),
                key_spec: key.spec,
                key_usage: key.usage,
                encryption_algorithms: for_usage(KeyUsage::EncryptDecrypt).then(|| key.spec.encryption_algorithms()),
                signing_algorithms: for_usage(KeyUsage::SignVerify).then(|| key.spec.signing_algorithms()),
                key_agreement_algorithms: for_usage(KeyUsage::KeyAgreement).then_some([KeyAgreementAlgorithm::Ecdh]),
            })
        })
    }
}
