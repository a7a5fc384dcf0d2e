//! New versions: `PutSecretValue` and `UpdateSecret`.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::create::{LONGEST_DESCRIPTION, check_repeated};
use super::fault::Fault;
use super::id::VersionId;
use super::key::{DataKeys, KeyUse, Moved, Moves, WrappedKey, named};
use super::labels::{CURRENT, Labels, PENDING, PREVIOUS, check_label};
use super::operation::{Operation, Prepared, Subject};
use super::store::{Rotation, SealedValue, Secret, Store, Version};
use super::value::{Binary, SecretValue, Text};
use crate::asked::with_given;
use crate::constraint::{Constraint, length, size};
use crate::{Authorized, Caller};

/// The most labels that a request names.
const MOST_LABELS: usize = 20;

/// `PutSecretValue`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutSecretValue {
    secret_id: Option<String>,
    client_request_token: Option<String>,
    secret_string: Option<Text>,
    secret_binary: Option<Binary>,
    version_stages: Option<Vec<String>>,
    rotation_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Put {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    version_id: String,
    version_stages: Vec<String>,
}

/// A version to add.
pub(super) struct NewVersion {
    subject: Subject,
    id: VersionId,
    value: SecretValue,
    labels: Vec<String>,
    /// By which the function of a rotation that goes on shows where it comes from.
    rotation_token: Option<String>,
    keys: DataKeys,
}

/// What a new version of a secret needs of KMS: a data key, or that of the version that is there already.
fn key_use(
    subject: &Subject, id: &VersionId, key: Option<String>, caller: &Caller, store: &Store,
) -> Result<KeyUse, Fault> {
    let repeated = store.read(|connection| {
        let Some(secret) = Secret::by_arn(connection, caller.now, subject.arn())? else { return Ok(None) };
        Ok(Version::find(connection, &secret.arn, id)?.map(|version| (secret, version)))
    })?;
    Ok(match repeated {
        Some((secret, version)) => KeyUse::default().opening(&secret, &version),
        None => KeyUse::default().sealing(subject.arn(), id, key),
    })
}

impl Operation for PutSecretValue {
    const NAME: &'static str = "PutSecretValue";
    type Ready = NewVersion;
    type Answer = Put;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<NewVersion>, Fault> {
        self.rotation_token.as_deref().map(check_rotation_token).transpose()?;
        let labels = self.version_stages.unwrap_or_else(|| vec![CURRENT.to_owned()]);
        if labels.is_empty() || labels.len() > MOST_LABELS {
            let constraint = format!("Member must have length between 1 and {MOST_LABELS}");
            return Err(Constraint::hidden("versionStages", constraint).into());
        }
        labels.iter().try_for_each(|label| check_label(label))?;
        let id = VersionId::given_or_new(self.client_request_token.as_deref())?;
        let value = SecretValue::given(self.secret_string, self.secret_binary)?
            .ok_or_else(|| Fault::InvalidRequest("You must provide either SecretString or SecretBinary.".to_owned()))?;
        let subject = Subject::find(caller, store, self.secret_id.as_deref())?;
        let requirements = vec![subject.requirement(Self::NAME)];
        let rotation_token = self.rotation_token;
        let ready = NewVersion { subject, id, value, labels, rotation_token, keys: DataKeys::default() };
        Ok(Prepared { ready, requirements })
    }

    fn key_use(new: &NewVersion, caller: &Caller, store: &Store) -> Result<KeyUse, Fault> {
        if !new.subject.is_there() {
            return Ok(KeyUse::default());
        }
        key_use(&new.subject, &new.id, new.subject.key().map(str::to_owned), caller, store)
    }

    fn take_keys(new: &mut NewVersion, keys: DataKeys) {
        new.keys = keys;
    }

    fn act(new: NewVersion, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Put, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let mut secret = new.subject.secret(allowed, caller, transaction)?;
            if let Some(token) = &new.rotation_token {
                let on = Rotation::read(transaction, &secret.arn)?.and_then(|rotation| rotation.going_on);
                if on.is_none_or(|on| on.token != *token) {
                    let text = "The RotationToken isn't that of a rotation of this secret that is in progress.";
                    return Err(Fault::InvalidRequest(text.to_owned()));
                }
            }
            let labels = match Version::find(transaction, &secret.arn, &new.id)? {
                Some(version) => {
                    check_repeated(store, allowed, &secret.arn, &version, &new.value, &new.keys)?;
                    Labels::read(transaction, &secret.arn)?
                }
                None => {
                    secret.changed = caller.now;
                    secret.update(transaction)?;
                    let sealed = store.seal(&secret.arn, &new.id, &new.value, &new.keys)?;
                    add(transaction, store, &secret.arn, &new.id, &sealed, new.labels, caller.now)?
                }
            };
            Ok(Put {
                version_stages: labels.of(&new.id),
                version_id: new.id.as_str().to_owned(),
                arn: secret.arn,
                name: secret.name,
            })
        })
    }
}

/// Checks the form of the token of a rotation, which no error repeats.
fn check_rotation_token(token: &str) -> Result<(), Constraint> {
    size("rotationToken", token.chars().count(), 36, 256)?;
    if token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Ok(());
    }
    let constraint = r"Member must satisfy regular expression pattern: ^[a-zA-Z0-9\-]+$";
    Err(Constraint::hidden("rotationToken", constraint))
}

/// `UpdateSecret`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateSecret {
    secret_id: Option<String>,
    client_request_token: Option<String>,
    description: Option<String>,
    kms_key_id: Option<String>,
    secret_string: Option<Text>,
    secret_binary: Option<Binary>,
    #[serde(rename = "Type")]
    kind: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Updated {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
}

/// What is to change.
pub(super) struct Changes {
    subject: Subject,
    description: Option<String>,
    version: Option<(VersionId, SecretValue)>,
    /// The key of KMS, if it is to change: `None` in it is the default one.
    #[expect(clippy::option_option, reason = "whether it changes, and whether to one that is named")]
    key: Option<Option<String>>,
    keys: DataKeys,
}

impl Operation for UpdateSecret {
    const NAME: &'static str = "UpdateSecret";
    type Ready = Changes;
    type Answer = Updated;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Changes>, Fault> {
        length("description", self.description.as_deref().unwrap_or_default(), 0, LONGEST_DESCRIPTION)?;
        let key = self.kms_key_id.clone().map(|key| named(caller, Some(key))).transpose()?;
        if self.kind.is_some_and(|kind| !kind.is_empty()) {
            return Err(Fault::Unserved("managed external secrets"));
        }
        let id = VersionId::given_or_new(self.client_request_token.as_deref())?;
        let version = SecretValue::given(self.secret_string, self.secret_binary)?.map(|value| (id, value));
        let subject = Subject::find(caller, store, self.secret_id.as_deref())?;
        let requirement = subject.requirement(Self::NAME);
        let requirement = with_given(requirement, "secretsmanager:Description", self.description.as_ref());
        let requirements = vec![with_given(requirement, "secretsmanager:KmsKeyId", self.kms_key_id.as_ref())];
        Ok(Prepared {
            ready: Changes { subject, description: self.description, version, key, keys: DataKeys::default() },
            requirements,
        })
    }

    fn key_use(changes: &Changes, caller: &Caller, store: &Store) -> Result<KeyUse, Fault> {
        let Changes { subject, version, key, .. } = changes;
        if !subject.is_there() {
            return Ok(KeyUse::default());
        }
        let trial = key.as_ref().map(|key| (subject.arn().to_owned(), key.clone()));
        let other = key.as_ref().filter(|key| key.as_deref() != subject.key());
        let moves = other.map(|key| moves(subject, key.clone(), caller, store)).transpose()?;
        let Some((id, _)) = version else { return Ok(KeyUse { trial, moves, ..KeyUse::default() }) };
        let own = || subject.key().map(str::to_owned);
        let wanted = key_use(subject, id, key.clone().unwrap_or_else(own), caller, store)?;
        Ok(KeyUse { trial, moves, ..wanted })
    }

    fn take_keys(changes: &mut Changes, keys: DataKeys) {
        changes.keys = keys;
    }

    fn act(changes: Changes, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Updated, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let mut secret = changes.subject.secret(allowed, caller, transaction)?;
            if let Some(description) = changes.description {
                secret.description = Some(description).filter(|text| !text.is_empty());
            }
            if let Some(key) = changes.key {
                secret.key = key;
            }
            secret.changed = caller.now;
            secret.update(transaction)?;
            for Moved { version, before, key } in changes.keys.moved() {
                Version::put_under(transaction, &secret.arn, version, before, key)?;
            }
            let mut version_id = None;
            if let Some((id, value)) = changes.version {
                // Unlike with PutSecretValue, a repeated request is refused.
                if Version::find(transaction, &secret.arn, &id)?.is_some() {
                    return Err(Fault::TokenTaken { token: id.as_str().to_owned(), arn: secret.arn });
                }
                let sealed = store.seal(&secret.arn, &id, &value, &changes.keys)?;
                add(transaction, store, &secret.arn, &id, &sealed, vec![CURRENT.to_owned()], caller.now)?;
                version_id = Some(id.as_str().to_owned());
            }
            Ok(Updated { arn: secret.arn, name: secret.name, version_id })
        })
    }
}

/// The versions of a secret that go under another key with it: those with the labels that AWS puts on versions.
///
/// Source: API reference, "UpdateSecret", `KmsKeyId`.
fn moves(subject: &Subject, key: Option<String>, caller: &Caller, store: &Store) -> Result<Moves, Fault> {
    let versions = store.read(|connection| {
        let Some(secret) = Secret::by_arn(connection, caller.now, subject.arn())? else { return Ok(Vec::new()) };
        let labels = Labels::read(connection, &secret.arn)?;
        let labelled: BTreeSet<_> =
            [CURRENT, PENDING, PREVIOUS].iter().filter_map(|label| labels.version(label)).collect();
        let mut versions = Vec::new();
        for id in labelled {
            let version = Version::find(connection, &secret.arn, id)?;
            versions.extend(version.and_then(|version| WrappedKey::of(&secret, &version)));
        }
        Ok(versions)
    })?;
    Ok(Moves { key, versions })
}

/// Adds a version with its labels. The first one is the current one in any case.
fn add(
    connection: &Connection, store: &Store, arn: &str, id: &VersionId, sealed: &SealedValue, mut names: Vec<String>,
    now: i64,
) -> Result<Labels, Fault> {
    let mut labels = Labels::read(connection, arn)?;
    if labels.version(CURRENT).is_none() && !names.iter().any(|label| label == CURRENT) {
        names.push(CURRENT.to_owned());
    }
    labels.put_on_new(id, &names)?;
    if Version::remove_outdated(connection, arn, now)? {
        store.erasing();
    }
    if !Version::exists(connection, arn, id)? {
        Version::check_count(connection, arn)?;
    }
    Version::insert(connection, arn, id, now, sealed)?;
    labels.write(connection, arn)?;
    if names.iter().any(|label| label == CURRENT) {
        Rotation::note_new_value(connection, arn, now)?;
    }
    Ok(labels)
}
