//! Rotation: `RotateSecret`, `CancelRotateSecret`, and what goes on between them.
//!
//! A rotation makes a version without a value, puts AWSPENDING on it, and calls the secret's function once for each step;
//! `run` does that. The version it makes is the one that a rotation goes on with after any failure and any restart.
//!
//! Source: user guide, "Rotate AWS Secrets Manager secrets"; API reference, "RotateSecret", "CancelRotateSecret".

mod cron;
mod run;
mod schedule;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

pub(super) use run::{Rotator, invocation};
pub(super) use schedule::{Rules, Window};

use super::fault::Fault;
use super::id::VersionId;
use super::labels::{CURRENT, Labels, PENDING};
use super::operation::{Operation, Prepared, Subject};
use super::store::{GoingOn, Rotation, Store, Version};
use crate::asked::with_given;
use crate::constraint::{length, required, size};
use crate::random::uuid;
use crate::{Authorized, Caller};

/// `RotateSecret`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RotateSecret {
    secret_id: Option<String>,
    client_request_token: Option<String>,
    #[serde(rename = "RotationLambdaARN")]
    function: Option<String>,
    rotation_rules: Option<Rules>,
    external_secret_rotation_metadata: Option<Vec<MetadataItem>>,
    external_secret_rotation_role_arn: Option<String>,
    rotate_immediately: Option<bool>,
}

/// What the partner that holds a secret wants to know.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetadataItem {
    key: Option<String>,
    value: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Rotated {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
}

/// A rotation to start.
pub(super) struct NewRotation {
    subject: Subject,
    id: VersionId,
    /// The function that was given or that the secret has.
    function: Option<String>,
    rules: Option<Rules>,
    immediately: bool,
}

impl Operation for RotateSecret {
    const NAME: &'static str = "RotateSecret";
    type Ready = NewRotation;
    type Answer = Rotated;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<NewRotation>, Fault> {
        let Some(token) = self.client_request_token.as_deref() else {
            let text = "You must provide a ClientRequestToken value. We recommend a UUID-type value.";
            return Err(Fault::InvalidParameter(text.to_owned()));
        };
        let id = VersionId::parse("clientRequestToken", token)?;
        self.check_of_partners()?;
        let given = self.function.filter(|arn| !arn.is_empty());
        given.as_deref().map(check_function).transpose()?;
        self.rotation_rules.as_ref().map(Rules::schedule).transpose()?;

        let subject = Subject::find(caller, store, self.secret_id.as_deref())?;
        let requirement = subject.requirement(Self::NAME);
        let requirement = with_given(requirement, "secretsmanager:RotationLambdaARN", given.as_ref());
        let requirement = with_given(requirement, "secretsmanager:RotateImmediately", self.rotate_immediately);
        let changes = self.rotation_rules.is_some();
        let requirements = vec![requirement.with("secretsmanager:ModifyRotationRules", changes.to_string())];
        let function = given.or_else(|| subject.function().map(str::to_owned));
        let immediately = self.rotate_immediately.unwrap_or(true);
        Ok(Prepared {
            ready: NewRotation { subject, id, function, rules: self.rotation_rules, immediately },
            requirements,
        })
    }

    fn function(new: &NewRotation) -> Option<(&str, &str)> {
        let function = new.function.as_deref().filter(|_| new.subject.is_there())?;
        Some((function, new.subject.arn()))
    }

    fn act(new: NewRotation, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Rotated, Fault> {
        let outcome = store.write(allowed, caller.now, |transaction| {
            let mut secret = new.subject.secret(allowed, caller, transaction)?;
            let arn = secret.arn.clone();
            let kept = Rotation::read(transaction, &arn)?;
            let answer = |id: VersionId, name: String| Rotated {
                arn: arn.clone(),
                name,
                version_id: Some(id.as_str().to_owned()),
            };
            match blocking(transaction, &arn, &new.id)? {
                Blocked::No => {}
                Blocked::Repeated => return Ok(Some(answer(new.id, secret.name))),
                Blocked::By(version) => {
                    reattempt(transaction, &arn, kept, version, caller.now)?;
                    return Ok(None);
                }
            }
            let mut rotation = configured(kept, new.function, new.rules, caller.now)?;
            rotation.start(transaction, &arn, &new.id, !new.immediately, caller.now)?;
            rotation.write(transaction, &arn)?;
            secret.changed = caller.now;
            secret.update(transaction)?;
            Ok(Some(answer(new.id, secret.name)))
        })?;
        // That the earlier rotation is tried again has to be kept, so that the refusal comes after the transaction.
        outcome.ok_or(Fault::RotationGoingOn)
    }
}

impl RotateSecret {
    /// Checks what is said of secrets that partners hold, of which there are none here.
    fn check_of_partners(&self) -> Result<(), Fault> {
        let role = self.external_secret_rotation_role_arn.as_deref();
        role.map(|arn| length("externalSecretRotationRoleArn", arn, 20, 2048)).transpose()?;
        let metadata = self.external_secret_rotation_metadata.as_deref().unwrap_or_default();
        size("externalSecretRotationMetadata", metadata.len(), 0, 100)?;
        for MetadataItem { key, value } in metadata {
            let key = required("externalSecretRotationMetadata.key", key.as_deref())?;
            length("externalSecretRotationMetadata.key", key, 1, 256)?;
            let value = required("externalSecretRotationMetadata.value", value.as_deref())?;
            length("externalSecretRotationMetadata.value", value, 1, 2048)?;
        }
        if role.is_some() || !metadata.is_empty() { Err(Fault::Unserved("managed external secrets")) } else { Ok(()) }
    }
}

/// Checks the ARN of a function.
fn check_function(arn: &str) -> Result<(), Fault> {
    length("rotationLambdaARN", arn, 0, 2048)?;
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "lambda", region, account, "function", name, qualifier @ ..]
            if !region.is_empty() && account.len() == 12 && !name.is_empty() && qualifier.len() <= 1 =>
        {
            Ok(())
        }
        _ => Err(Fault::InvalidParameter("The RotationLambdaARN isn't the ARN of a Lambda function.".to_owned())),
    }
}

/// What stands in the way of a rotation.
enum Blocked {
    No,
    /// It is the request that was made before.
    Repeated,
    /// A rotation that has not ended, by its version.
    By(VersionId),
}

fn blocking(connection: &Connection, arn: &str, id: &VersionId) -> Result<Blocked, Fault> {
    let labels = Labels::read(connection, arn)?;
    let (current, pending) = (labels.version(CURRENT), labels.version(PENDING));
    match pending {
        Some(pending) if pending == id => return Ok(Blocked::Repeated),
        Some(pending) if Some(pending) != current => return Ok(Blocked::By(pending.clone())),
        _ => {}
    }
    if !Version::exists(connection, arn, id)? {
        return Ok(Blocked::No);
    }
    if current == Some(id) {
        return Ok(Blocked::Repeated);
    }
    let taken = Fault::TokenTaken { token: id.as_str().to_owned(), arn: arn.to_owned() };
    Err(Fault::InvalidRequest(taken.to_string()))
}

/// Has a rotation that did not end tried again, if the secret is rotated.
fn reattempt(
    connection: &Connection, arn: &str, kept: Option<Rotation>, version: VersionId, now: i64,
) -> Result<(), Fault> {
    let Some(mut rotation) = kept.filter(|rotation| rotation.enabled) else { return Ok(()) };
    rotation.going_on = match rotation.going_on.take() {
        Some(on) if on.version == version => Some(GoingOn { attempts: 0, ..on }),
        _ => Some(GoingOn { version, is_test: false, token: uuid()?, attempts: 0 }),
    };
    rotation.due = Some(now);
    rotation.write(connection, arn)
}

/// How a secret is rotated from now on.
fn configured(
    kept: Option<Rotation>, function: Option<String>, rules: Option<Rules>, now: i64,
) -> Result<Rotation, Fault> {
    let no_function =
        || Fault::InvalidRequest("No Lambda rotation function ARN is associated with this secret.".to_owned());
    let function = function.ok_or_else(no_function)?;
    let (kept_rules, days, last) = kept.map(|kept| (kept.rules, kept.days, kept.last)).unwrap_or_default();
    let days = if rules.is_some() { None } else { days };
    let rules = rules.or(kept_rules);
    let mut rotation = Rotation { enabled: true, function, rules, days, last, next: None, going_on: None, due: None };
    rotation.schedule_next(last.unwrap_or(now), None, now)?;
    Ok(rotation)
}

impl Rotation {
    /// Makes a version without a value, with AWSPENDING on it, and what has to be done with it.
    fn start(
        &mut self, connection: &Connection, arn: &str, id: &VersionId, is_test: bool, now: i64,
    ) -> Result<(), Fault> {
        Version::insert_empty(connection, arn, id, now)?;
        let mut labels = Labels::read(connection, arn)?;
        labels.put_on_new(id, &[PENDING.to_owned()])?;
        labels.write(connection, arn)?;
        self.going_on = Some(GoingOn { version: id.clone(), is_test, token: uuid()?, attempts: 0 });
        self.due = Some(now);
        Ok(())
    }

    /// Sets the window of the next rotation, given when the last one was and when its window opened.
    fn schedule_next(&mut self, from: i64, before: Option<i64>, now: i64) -> Result<(), Fault> {
        let schedule = self.rules.as_ref().map(Rules::schedule).transpose()?.flatten();
        self.next = schedule.and_then(|schedule| schedule.next(from, before, now));
        Ok(())
    }

    /// Notes that a secret got a new current value otherwise, from which the days to the next rotation are counted.
    pub(super) fn note_new_value(connection: &Connection, arn: &str, now: i64) -> Result<(), Fault> {
        let Some(mut rotation) = Self::read(connection, arn)?.filter(|rotation| rotation.enabled) else {
            return Ok(());
        };
        let schedule = rotation.rules.as_ref().map(Rules::schedule).transpose()?.flatten();
        if !schedule.is_some_and(|schedule| schedule.follows_rotations()) {
            return Ok(());
        }
        rotation.schedule_next(now, None, now)?;
        if rotation.going_on.is_none() {
            rotation.due = rotation.next.map(|window| window.opens);
        }
        rotation.write(connection, arn)
    }
}

/// `CancelRotateSecret`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CancelRotateSecret {
    secret_id: Option<String>,
}

impl Operation for CancelRotateSecret {
    const NAME: &'static str = "CancelRotateSecret";
    type Ready = Subject;
    type Answer = Rotated;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Subject>, Fault> {
        let subject = Subject::find(caller, store, self.secret_id.as_deref())?;
        let requirements = vec![subject.requirement(Self::NAME)];
        Ok(Prepared { ready: subject, requirements })
    }

    fn act(subject: Subject, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Rotated, Fault> {
        store.free(allowed, caller.now, |transaction| {
            let mut secret = subject.secret(allowed, caller, transaction)?;
            let Some(mut rotation) = Rotation::read(transaction, &secret.arn)? else {
                return Err(Fault::InvalidRequest(
                    "You tried to enable rotation on a secret that doesn't already have a Lambda function ARN \
                     configured and you didn't include such an ARN as a parameter in this call."
                        .to_owned(),
                ));
            };
            let stopped = rotation.going_on.take();
            rotation.enabled = false;
            rotation.next = None;
            rotation.due = None;
            rotation.write(transaction, &secret.arn)?;
            secret.changed = caller.now;
            secret.update(transaction)?;
            let version_id = stopped.map(|on| on.version.as_str().to_owned());
            Ok(Rotated { arn: secret.arn, name: secret.name, version_id })
        })
    }
}
