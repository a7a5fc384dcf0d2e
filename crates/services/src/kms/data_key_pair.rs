//! `GenerateDataKeyPair` and `GenerateDataKeyPairWithoutPlaintext`

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::blob::Blob;
use super::context::EncryptionContext;
use super::data_key::DataKey;
use super::decrypt::no_recipient;
use super::encrypt::{check, requirement};
use super::fault::Fault;
use super::grant::check_tokens;
use super::id::MaterialId;
use super::material::Material;
use super::operation::{Operation, Prepared, end_if_dry};
use super::spec::{EncryptionAlgorithm, KeySpec};
use super::store::Store;
use super::subject::Subject;
use crate::constraint::required;
use crate::{Authorized, Caller};

/// What a pair is asked for by.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Asked {
    encryption_context: Option<EncryptionContext>,
    key_id: Option<String>,
    key_pair_spec: Option<String>,
    grant_tokens: Option<Vec<String>>,
    recipient: Option<IgnoredAny>,
    dry_run: Option<bool>,
}

/// A pair to make.
pub(super) struct NewPair {
    subject: Subject,
    context: EncryptionContext,
    spec: KeySpec,
    dry_run: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Pair {
    private_key_ciphertext_blob: Blob,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_key_plaintext: Option<Blob>,
    public_key: Blob,
    key_id: String,
    key_pair_spec: KeySpec,
    key_material_id: MaterialId,
}

impl Asked {
    fn prepare(self, caller: &Caller, store: &Store, operation: &str) -> Result<Prepared<NewPair>, Fault> {
        no_recipient(self.recipient.as_ref())?;
        let name = required("keyPairSpec", self.key_pair_spec)?;
        let spec = KeySpec::parse_of("keyPairSpec", &name, KeySpec::is_of_data_key_pairs)?;
        if spec == KeySpec::Sm2 {
            // Source: API reference, "GenerateDataKeyPair": in China Regions only.
            return Err(Fault::Unsupported(format!("KeyPairSpec {} is not supported in this region.", spec.as_str())));
        }
        let context = self.encryption_context.unwrap_or_default();
        context.check()?;
        check_tokens(store, self.grant_tokens.as_deref())?;
        let subject = Subject::find_any(caller, store, self.key_id.as_deref())?;
        let requirement = requirement(&subject, caller, operation, EncryptionAlgorithm::SymmetricDefault, &context)
            .with("kms:DataKeyPairSpec", spec.as_str());
        Ok(Prepared::one(NewPair { subject, context, spec, dry_run: self.dry_run }, requirement))
    }
}

impl NewPair {
    fn make(
        self, allowed: &Authorized, caller: &Caller, store: &Store, operation: &'static str,
    ) -> Result<Pair, Fault> {
        let Self { subject, context, spec, dry_run } = self;
        let checked = || {
            store.read(|connection| {
                let key = subject.usable(allowed, caller, connection)?;
                check(&key, EncryptionAlgorithm::SymmetricDefault, operation)?;
                Ok(key)
            })
        };
        checked()?;
        end_if_dry(dry_run)?;
        // It takes too long for a transaction.
        let pair = Material::generate(spec)?;
        let key = checked()?;
        let DataKey { key, plain, text, material } =
            store.read(|connection| DataKey::make(store, allowed, caller, connection, key, &context, pair.secret))?;
        Ok(Pair {
            private_key_ciphertext_blob: Blob(text),
            private_key_plaintext: Some(Blob(plain)),
            public_key: Blob(pair.public.ok_or(Fault::Material)?),
            key_id: key.arn(),
            key_pair_spec: spec,
            key_material_id: material,
        })
    }
}

/// `GenerateDataKeyPair`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct GenerateDataKeyPair(Asked);

/// `GenerateDataKeyPairWithoutPlaintext`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct GenerateDataKeyPairWithoutPlaintext(Asked);

impl Operation for GenerateDataKeyPair {
    const NAME: &'static str = "GenerateDataKeyPair";
    type Ready = NewPair;
    type Answer = Pair;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<NewPair>, Fault> {
        self.0.prepare(caller, store, Self::NAME)
    }

    fn act(new: NewPair, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Pair, Fault> {
        new.make(allowed, caller, store, Self::NAME)
    }
}

impl Operation for GenerateDataKeyPairWithoutPlaintext {
    const NAME: &'static str = "GenerateDataKeyPairWithoutPlaintext";
    type Ready = NewPair;
    type Answer = Pair;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<NewPair>, Fault> {
        self.0.prepare(caller, store, Self::NAME)
    }

    fn act(new: NewPair, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Pair, Fault> {
        let pair = new.make(allowed, caller, store, Self::NAME)?;
        Ok(Pair { private_key_plaintext: None, ..pair })
    }
}
