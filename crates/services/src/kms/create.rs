//! `CreateKey`

use rusqlite::Connection;
use serde::Deserialize;
use sidegate_iam::Requirement;
use sidegate_model::{AccountId, Scope};

use super::describe::Description;
use super::fault::Fault;
use super::id::{KeyId, MaterialId};
use super::key::{Key, MultiRegion};
use super::material::Material;
use super::operation::{Operation, Prepared};
use super::policy::{checked, default_document, delegating, with_bypass};
use super::spec::{KeySpec, KeyUsage, Origin};
use super::store::{MaterialRow, Store, StoredKey};
use super::subject::{Subject, caller_account};
use super::tags::{TagInput, checked as checked_tags};
use crate::asked::{with_given, with_request_tags};
use crate::constraint::{length, required};
use crate::{Authorized, Caller};

/// The longest description.
pub(super) const LONGEST_DESCRIPTION: usize = 8192;

/// The most keys of an account in a Region.
///
/// Source: KMS developer guide, "Resource quotas".
const MOST: i64 = 100_000;

/// `CreateKey`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateKey {
    policy: Option<String>,
    description: Option<String>,
    key_usage: Option<String>,
    customer_master_key_spec: Option<String>,
    key_spec: Option<String>,
    origin: Option<String>,
    custom_key_store_id: Option<String>,
    bypass_policy_lockout_safety_check: Option<bool>,
    tags: Option<Vec<TagInput>>,
    multi_region: Option<bool>,
    xks_key_id: Option<String>,
}

impl CreateKey {
    /// The spec, the use and the origin that are asked for.
    fn kind(&self) -> Result<(KeySpec, KeyUsage, Origin), Fault> {
        let spec = match (&self.key_spec, &self.customer_master_key_spec) {
            (Some(_), Some(_)) => {
                return Err(Fault::Validation(
                    "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is \
                     deprecated."
                        .to_owned(),
                ));
            }
            (Some(spec), None) => KeySpec::parse("keySpec", spec)?,
            (None, Some(spec)) => {
                KeySpec::parse_of("customerMasterKeySpec", spec, KeySpec::is_of_customer_master_keys)?
            }
            (None, None) => KeySpec::SymmetricDefault,
        };
        let usage = self.key_usage.as_deref().map(|name| KeyUsage::parse("keyUsage", name)).transpose()?;
        let origin = self.origin.as_deref().map(|name| Origin::parse("origin", name)).transpose()?;
        let origin = origin.unwrap_or(Origin::AwsKms);
        if let Some(store) = &self.custom_key_store_id {
            length("customKeyStoreId", store, 1, 64)?;
            return Err(Fault::NoCustomKeyStore(store.clone()));
        }
        if self.xks_key_id.is_some() || matches!(origin, Origin::CloudHsm | Origin::ExternalKeyStore) {
            required("customKeyStoreId", self.custom_key_store_id.as_ref())?;
        }
        if spec == KeySpec::Sm2 {
            // Source: API reference, "CreateKey": in China Regions only.
            return Err(Fault::Unsupported("KeySpec SM2 is not supported in this region.".to_owned()));
        }
        let usage = match usage {
            Some(usage) => usage,
            None if spec == KeySpec::SymmetricDefault => KeyUsage::EncryptDecrypt,
            None => {
                return Err(Fault::Validation(
                    "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
                        .to_owned(),
                ));
            }
        };
        if !spec.can(usage) {
            let (usage, spec) = (usage.as_str(), spec.as_str());
            return Err(Fault::Validation(format!("KeyUsage {usage} is not compatible with KeySpec {spec}")));
        }
        Ok((spec, usage, origin))
    }
}

/// What has to be allowed for a key to be made: that itself, by policies of the account, and its tags if it has some.
///
/// Source: API reference, "CreateKey", "ReplicateKey"; Service authorization reference.
pub(super) fn to_create(key: &Key, account: &AccountId, caller: &Caller, bypass: Option<bool>) -> Vec<Requirement> {
    let (spec, usage) = (key.spec.as_str(), key.usage.as_str());
    let kind = key.multi_region.is_some().then_some(if key.is_replica() { "REPLICA" } else { "PRIMARY" });
    let creation = Requirement::new("kms:CreateKey", "*")
        .owned_by(account.clone())
        .with("kms:KeySpec", spec)
        .with("kms:KeyUsage", usage)
        .with("kms:KeyOrigin", key.origin.as_str())
        .with("kms:CustomerMasterKeySpec", spec)
        .with("kms:CustomerMasterKeyUsage", usage)
        .with("kms:MultiRegion", key.multi_region.is_some().to_string());
    let creation = with_bypass(with_given(creation, "kms:MultiRegionKeyType", kind), bypass);
    let mut requirements = vec![with_request_tags(caller_account(creation, caller), &key.tags)];
    if !key.tags.is_empty() {
        let tagging = Requirement::new("kms:TagResource", key.arn()).under(delegating(account));
        requirements.push(with_request_tags(caller_account(tagging, caller), &key.tags));
    }
    requirements
}

/// Checks that an account may have one more key in a Region.
pub(super) fn check_count(connection: &Connection, scope: &Scope) -> Result<(), Fault> {
    if StoredKey::count(connection, scope)? < MOST {
        return Ok(());
    }
    Err(Fault::LimitExceeded(format!("An account can have at most {MOST} keys in a Region.")))
}

/// A key to make.
pub(super) struct NewKey {
    subject: Subject,
    stored: StoredKey,
    /// As it was given.
    policy: Option<String>,
    bypass: bool,
}

impl Operation for CreateKey {
    const NAME: &'static str = "CreateKey";
    type Ready = NewKey;
    type Answer = Description;

    fn prepare(self, caller: &Caller, _: &Store) -> Result<Prepared<NewKey>, Fault> {
        let description = self.description.clone().unwrap_or_default();
        length("description", &description, 0, LONGEST_DESCRIPTION)?;
        let (spec, usage, origin) = self.kind()?;
        let tags = checked_tags(self.tags.unwrap_or_default())?;
        let is_multi_region = self.multi_region.unwrap_or(false);
        let scope = caller.scope.clone();
        let region = scope.region.to_string();
        let key = Key {
            account: scope.account.to_string(),
            id: KeyId::new(is_multi_region)?,
            created: caller.now,
            description,
            spec,
            usage,
            origin,
            managed_by: None,
            enabled: true,
            deletion: None,
            rotation: None,
            multi_region: is_multi_region.then(|| MultiRegion { primary: region.clone(), replicas: Vec::new() }),
            region,
            tags,
            material: (origin == Origin::AwsKms).then(MaterialId::new).transpose()?,
            misses_material: false,
            valid_to: None,
            on_demand: 0,
        };
        let requirements = to_create(&key, &scope.account, caller, self.bypass_policy_lockout_safety_check);
        let stored = StoredKey { policy: default_document(&scope.account), key };
        let subject = Subject::of_new(scope, &stored, None);
        let bypass = self.bypass_policy_lockout_safety_check.unwrap_or(false);
        Ok(Prepared { ready: NewKey { subject, stored, policy: self.policy, bypass }, requirements })
    }

    fn act(new: NewKey, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Description, Fault> {
        let NewKey { subject, mut stored, policy, bypass } = new;
        if let Some(document) = policy {
            stored.policy = checked(caller, store, &subject, &document, bypass)?;
        }
        let material = stored.key.material.clone().map(|id| Ok::<_, Fault>((id, Material::generate(stored.key.spec)?)));
        let material = material.transpose()?;
        store.write(allowed, caller.now, |transaction| {
            check_count(transaction, &subject.scope)?;
            stored.insert(transaction)?;
            if let Some((id, material)) = &material {
                let sealed = store.seal(subject.arn(), id, material)?;
                let row = MaterialRow::new(subject.arn(), id.clone(), caller.now);
                row.insert(transaction, Some(&sealed), material.public.as_deref())?;
            }
            Ok(())
        })?;
        Ok(Description::of(&stored.key, caller.now))
    }
}
