//! `CreateSecret`

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;

use super::fault::Fault;
use super::id::{SecretName, VersionId};
use super::key::{DataKeys, KeyUse, named};
use super::labels::{CURRENT, Labels};
use super::operation::{Operation, Prepared};
use super::store::{Secret, Store, Tags, Version};
use super::tags::{TagInput, checked};
use super::value::{Binary, SecretValue, Text};
use crate::asked::{with_given, with_request_tags};
use crate::constraint::{length, required};
use crate::{Authorized, Caller};

/// The longest description.
pub(super) const LONGEST_DESCRIPTION: usize = 2048;

/// `CreateSecret`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateSecret {
    name: Option<String>,
    client_request_token: Option<String>,
    description: Option<String>,
    kms_key_id: Option<String>,
    secret_string: Option<Text>,
    secret_binary: Option<Binary>,
    tags: Option<Vec<TagInput>>,
    add_replica_regions: Option<Vec<IgnoredAny>>,
    #[serde(rename = "Type")]
    kind: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Created {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
}

/// A secret to create, with its first version.
pub(super) struct NewSecret {
    name: SecretName,
    arn: String,
    description: Option<String>,
    tags: Tags,
    first: Option<(VersionId, SecretValue)>,
    /// The key of KMS, as it was given.
    key: Option<String>,
    keys: DataKeys,
}

impl Operation for CreateSecret {
    const NAME: &'static str = "CreateSecret";
    type Ready = NewSecret;
    type Answer = Created;

    fn prepare(self, caller: &Caller, _: &Store) -> Result<Prepared<NewSecret>, Fault> {
        let name = SecretName::parse(required("name", self.name.as_deref())?)?;
        length("description", self.description.as_deref().unwrap_or_default(), 0, LONGEST_DESCRIPTION)?;
        let key = named(caller, self.kms_key_id.clone())?;
        if self.add_replica_regions.is_some_and(|regions| !regions.is_empty()) {
            return Err(Fault::Unserved("replication to other Regions"));
        }
        if self.kind.is_some_and(|kind| !kind.is_empty()) {
            return Err(Fault::Unserved("managed external secrets"));
        }
        let id = VersionId::given_or_new(self.client_request_token.as_deref())?;
        let first = SecretValue::given(self.secret_string, self.secret_binary)?.map(|value| (id, value));
        let tags = checked(self.tags.unwrap_or_default())?;

        let arn = name.unresolved_arn(&caller.scope);
        let needed = |action: &str| with_request_tags(Requirement::new(action, arn.clone()), &tags);
        let creation = needed("secretsmanager:CreateSecret").with("secretsmanager:Name", name.as_str());
        let creation = with_given(creation, "secretsmanager:Description", self.description.as_ref());
        let mut requirements = vec![with_given(creation, "secretsmanager:KmsKeyId", self.kms_key_id.as_ref())];
        if !tags.is_empty() {
            requirements.push(needed("secretsmanager:TagResource"));
        }
        let arn = name.new_arn(&caller.scope)?;
        let description = self.description.filter(|text| !text.is_empty());
        Ok(Prepared {
            ready: NewSecret { name, arn, description, tags, first, key, keys: DataKeys::default() },
            requirements,
        })
    }

    fn key_use(new: &NewSecret, caller: &Caller, store: &Store) -> Result<KeyUse, Fault> {
        let trial = new.key.is_some().then(|| (new.arn.clone(), new.key.clone()));
        let wanted = KeyUse { trial, ..KeyUse::default() };
        let Some((id, _)) = &new.first else { return Ok(wanted) };
        let repeated = store.read(|connection| {
            let name = new.name.as_str();
            let Some(existing) = Secret::by_name(connection, caller.now, &caller.scope, name)? else { return Ok(None) };
            Ok(Version::find(connection, &existing.arn, id)?.map(|version| (existing, version)))
        })?;
        Ok(match repeated {
            Some((secret, version)) => wanted.opening(&secret, &version),
            None => wanted.sealing(&new.arn, id, new.key.clone()),
        })
    }

    fn take_keys(new: &mut NewSecret, keys: DataKeys) {
        new.keys = keys;
    }

    fn act(new: NewSecret, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Created, Fault> {
        let name = new.name.as_str();
        store.write(allowed, caller.now, |transaction| {
            if let Some(existing) = Secret::by_name(transaction, caller.now, &caller.scope, name)? {
                if existing.deletion.is_some() {
                    return Err(Fault::NameScheduledForDeletion);
                }
                let Some((id, value)) = &new.first else { return Err(Fault::NameTaken(name.to_owned())) };
                let Some(version) = Version::find(transaction, &existing.arn, id)? else {
                    return Err(Fault::NameTaken(name.to_owned()));
                };
                check_repeated(store, allowed, &existing.arn, &version, value, &new.keys)?;
                let version_id = Some(id.as_str().to_owned());
                return Ok(Created { arn: existing.arn, name: existing.name, version_id });
            }
            let secret = Secret {
                arn: new.arn.clone(),
                name: name.to_owned(),
                description: new.description.clone(),
                tags: new.tags.clone(),
                created: caller.now,
                changed: caller.now,
                accessed: None,
                deletion: None,
                key: new.key.clone(),
            };
            secret.insert(transaction, &caller.scope)?;
            if let Some((id, value)) = &new.first {
                Version::insert(transaction, &new.arn, id, caller.now, &store.seal(&new.arn, id, value, &new.keys)?)?;
                let mut labels = Labels::default();
                labels.put_on_new(id, &[CURRENT.to_owned()])?;
                labels.write(transaction, &new.arn)?;
            }
            let version_id = new.first.as_ref().map(|(id, _)| id.as_str().to_owned());
            Ok(Created { arn: secret.arn, name: secret.name, version_id })
        })
    }
}

/// Checks that a request which names an existing version repeats the request that made it.
pub(super) fn check_repeated(
    store: &Store, allowed: &Authorized, arn: &str, version: &Version, value: &SecretValue, keys: &DataKeys,
) -> Result<(), Fault> {
    if store.unseal(allowed, arn, version, keys)? == *value {
        return Ok(());
    }
    Err(Fault::TokenTaken { token: version.id.as_str().to_owned(), arn: arn.to_owned() })
}
