//! `DescribeKey`, and how keys are shown.

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::grant::check_tokens;
use super::key::{Deletion, Key, MultiRegion, State};
use super::managed;
use super::operation::{Operation, Prepared};
use super::spec::{
    EncryptionAlgorithm, KeyAgreementAlgorithm, KeySpec, KeyUsage, MacAlgorithm, Origin, SigningAlgorithm,
};
use super::store::{Store, StoredKey};
use super::subject::Subject;
use crate::asked::seconds;
use crate::{Authorized, Caller};

/// A key as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Metadata {
    #[serde(rename = "AWSAccountId")]
    account: String,
    key_id: String,
    arn: String,
    creation_date: f64,
    enabled: bool,
    description: String,
    key_usage: KeyUsage,
    key_state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_date: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_deletion_window_in_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<f64>,
    origin: Origin,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_model: Option<&'static str>,
    key_manager: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_master_key_spec: Option<KeySpec>,
    key_spec: KeySpec,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_algorithms: Option<&'static [EncryptionAlgorithm]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_algorithms: Option<&'static [SigningAlgorithm]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_agreement_algorithms: Option<[KeyAgreementAlgorithm; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac_algorithms: Option<[MacAlgorithm; 1]>,
    multi_region: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_region_configuration: Option<Configuration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_key_material_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    multi_region_key_type: &'static str,
    primary_key: Related,
    replica_keys: Vec<Related>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Related {
    arn: String,
    region: String,
}

impl Metadata {
    /// A key as it is at a time.
    pub(super) fn of(key: &Key, now: i64) -> Self {
        let state = key.state(now);
        let (is_external, is_pending) = (key.origin == Origin::External, state == State::PendingImport);
        let imported = (is_external && !is_pending && key.material.is_some()).then_some(key.valid_to);
        let (deletion_date, waiting) = match key.deletion {
            Some(Deletion { gone: Some(gone), .. }) => (Some(seconds(gone)), None),
            Some(Deletion { gone: None, days }) => (None, Some(days)),
            None => (None, None),
        };
        let for_usage = |usage| key.usage == usage;
        Self {
            account: key.account.clone(),
            key_id: key.id.as_str().to_owned(),
            arn: key.arn(),
            creation_date: seconds(key.created),
            enabled: state == State::Enabled,
            description: key.description.clone(),
            key_usage: key.usage,
            key_state: state.as_str(),
            deletion_date,
            pending_deletion_window_in_days: waiting,
            valid_to: imported.flatten().map(seconds),
            origin: key.origin,
            expiration_model: imported.map(|time| match time {
                Some(_) => "KEY_MATERIAL_EXPIRES",
                None => "KEY_MATERIAL_DOES_NOT_EXPIRE",
            }),
            key_manager: if key.managed_by.is_some() { "AWS" } else { "CUSTOMER" },
            customer_master_key_spec: key.spec.is_of_customer_master_keys().then_some(key.spec),
            key_spec: key.spec,
            encryption_algorithms: for_usage(KeyUsage::EncryptDecrypt).then(|| key.spec.encryption_algorithms()),
            signing_algorithms: for_usage(KeyUsage::SignVerify).then(|| key.spec.signing_algorithms()),
            key_agreement_algorithms: for_usage(KeyUsage::KeyAgreement).then_some([KeyAgreementAlgorithm::Ecdh]),
            mac_algorithms: key.spec.mac_algorithm().map(|algorithm| [algorithm]),
            multi_region: key.multi_region.is_some(),
            multi_region_configuration: key.multi_region.as_ref().map(|own| Configuration::of(key, own)),
            current_key_material_id: (key.spec == KeySpec::SymmetricDefault)
                .then(|| key.material.as_ref().map(|id| id.as_str().to_owned()))
                .flatten(),
        }
    }
}

impl Configuration {
    fn of(key: &Key, own: &MultiRegion) -> Self {
        let related = |region: &String| Related { arn: key.arn_in(region), region: region.clone() };
        Self {
            multi_region_key_type: if key.is_primary() { "PRIMARY" } else { "REPLICA" },
            primary_key: related(&own.primary),
            replica_keys: own.replicas.iter().map(related).collect(),
        }
    }
}

/// The answer that shows a key.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Description {
    key_metadata: Metadata,
}

impl Description {
    pub(super) fn of(key: &Key, now: i64) -> Self {
        Self { key_metadata: Metadata::of(key, now) }
    }
}

/// `DescribeKey`. The key of an AWS service comes into being when it is first asked for by its alias.
///
/// Source: API reference, "DescribeKey": "If you use `DescribeKey` on a predefined AWS alias…".
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeKey {
    key_id: Option<String>,
    grant_tokens: Option<Vec<String>>,
}

impl Operation for DescribeKey {
    const NAME: &'static str = "DescribeKey";
    type Ready = (Subject, Option<StoredKey>);
    type Answer = Description;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        check_tokens(store, self.grant_tokens.as_deref())?;
        let (subject, new) = match Subject::find_any(caller, store, self.key_id.as_deref()) {
            Err(Fault::NoAlias(arn)) => managed::by_alias(caller, &arn)?.ok_or(Fault::NoAlias(arn))?,
            found => (found?, None),
        };
        let requirement = subject.requirement(caller, Self::NAME);
        Ok(Prepared::one((subject, new), requirement))
    }

    fn act(
        (subject, new): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Description, Fault> {
        let stored = match new {
            Some(new) => managed::make(store, allowed, caller, new)?,
            None => store.read(|connection| subject.key(allowed, caller, connection))?,
        };
        Ok(Description::of(&stored.key, caller.now))
    }
}
