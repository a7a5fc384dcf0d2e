//! `DeriveSharedSecret`

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::blob::Blob;
use super::decrypt::no_recipient;
use super::encrypt::current;
use super::fault::Fault;
use super::grant::check_tokens;
use super::operation::{Operation, Prepared, end_if_dry};
use super::spec::{KeyAgreementAlgorithm, KeyUsage, Origin};
use super::store::Store;
use super::subject::Subject;
use crate::constraint::required;
use crate::{Authorized, Caller};

/// The longest public key.
const LONGEST: usize = 8192;

/// `DeriveSharedSecret`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeriveSharedSecret {
    key_id: Option<String>,
    key_agreement_algorithm: Option<String>,
    public_key: Option<Blob>,
    grant_tokens: Option<Vec<String>>,
    dry_run: Option<bool>,
    recipient: Option<IgnoredAny>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Agreed {
    key_id: String,
    shared_secret: Blob,
    key_agreement_algorithm: KeyAgreementAlgorithm,
    key_origin: Origin,
}

impl Operation for DeriveSharedSecret {
    const NAME: &'static str = "DeriveSharedSecret";
    type Ready = (Subject, Vec<u8>, Option<bool>);
    type Answer = Agreed;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        no_recipient(self.recipient.as_ref())?;
        let name = required("keyAgreementAlgorithm", self.key_agreement_algorithm)?;
        let algorithm = KeyAgreementAlgorithm::parse("keyAgreementAlgorithm", &name)?;
        let public = required("publicKey", self.public_key)?.within("publicKey", LONGEST)?;
        check_tokens(store, self.grant_tokens.as_deref())?;
        let subject = Subject::find_any(caller, store, self.key_id.as_deref())?;
        let requirement = subject.requirement(caller, Self::NAME).with("kms:KeyAgreementAlgorithm", algorithm.as_str());
        Ok(Prepared::one((subject, public, self.dry_run), requirement))
    }

    fn act(
        (subject, public, dry_run): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Agreed, Fault> {
        store.read(|connection| {
            let key = subject.usable(allowed, caller, connection)?;
            key.check_usage(KeyUsage::KeyAgreement, Self::NAME)?;
            let (_, material) = current(store, allowed, caller, connection, &key)?;
            let secret = material.agree(key.spec, &public)?;
            let secret = secret.ok_or_else(|| Fault::Validation("The public key is not valid.".to_owned()))?;
            end_if_dry(dry_run)?;
            Ok(Agreed {
                key_id: key.arn(),
                shared_secret: Blob(secret),
                key_agreement_algorithm: KeyAgreementAlgorithm::Ecdh,
                key_origin: key.origin,
            })
        })
    }
}
