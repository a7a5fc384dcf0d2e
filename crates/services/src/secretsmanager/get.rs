//! Values: `GetSecretValue` and `BatchGetSecretValue`.

use serde::{Deserialize, Serialize};
use sidegate_iam::{Denial, Requirement};

use super::fault::Fault;
use super::filter::{FilterInput, Filters};
use super::id::VersionId;
use super::key::{DataKeys, KeyUse};
use super::labels::{CURRENT, Labels, check_label};
use super::operation::{Operation, Prepared, Subject, day};
use super::page::{Paging, limit};
use super::store::{Secret, Store, Version};
use super::value::{Binary, Text};
use crate::asked::{seconds, with_given};
use crate::constraint::{Constraint, length};
use crate::{Authorized, Caller};

/// The most secrets of one batch.
const LARGEST_BATCH: usize = 20;

/// `GetSecretValue`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetSecretValue {
    secret_id: Option<String>,
    version_id: Option<String>,
    version_stage: Option<String>,
}

/// A value with the version that it is of.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Value {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    version_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_string: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_binary: Option<Binary>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    version_stages: Vec<String>,
    created_date: f64,
}

/// Which version is wanted.
pub(super) struct Wanted {
    id: Option<VersionId>,
    label: Option<String>,
}

impl Operation for GetSecretValue {
    const NAME: &'static str = "GetSecretValue";
    type Ready = (Subject, Wanted, DataKeys);
    type Answer = Value;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        if let Some(label) = &self.version_stage {
            check_label(label)?;
        }
        let id = self.version_id.as_ref().map(|id| VersionId::parse("versionId", id)).transpose()?;
        let subject = Subject::find(caller, store, self.secret_id.as_deref())?;
        // The stage is a key of the request: where it is left out there is none, although AWSCURRENT is meant.
        let requirement = with_given(subject.requirement(Self::NAME), "secretsmanager:VersionId", self.version_id);
        let requirements = vec![with_given(requirement, "secretsmanager:VersionStage", self.version_stage.as_ref())];
        Ok(Prepared { ready: (subject, Wanted { id, label: self.version_stage }, DataKeys::default()), requirements })
    }

    fn key_use((subject, wanted, _): &Self::Ready, caller: &Caller, store: &Store) -> Result<KeyUse, Fault> {
        key_use(KeyUse::default(), subject, wanted, caller, store)
    }

    fn take_keys((_, _, own): &mut Self::Ready, keys: DataKeys) {
        *own = keys;
    }

    fn act(
        (subject, wanted, keys): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Value, Fault> {
        value(&subject, &wanted, &keys, allowed, caller, store)
    }
}

/// With what the reading of a secret needs of KMS. What cannot be read needs nothing, and is told of when it is tried.
fn key_use(
    wanted_of_kms: KeyUse, subject: &Subject, wanted: &Wanted, caller: &Caller, store: &Store,
) -> Result<KeyUse, Fault> {
    if !subject.is_there() {
        return Ok(wanted_of_kms);
    }
    let found = store.read(|connection| {
        let Some(secret) = Secret::by_arn(connection, caller.now, subject.arn())? else { return Ok(None) };
        let Ok(id) = wanted.choose(&Labels::read(connection, &secret.arn)?) else { return Ok(None) };
        let version = Version::find(connection, &secret.arn, &id)?;
        Ok(version.filter(|_| secret.deletion.is_none()).map(|version| (secret, version)))
    })?;
    Ok(match found {
        Some((secret, version)) => wanted_of_kms.opening(&secret, &version),
        None => wanted_of_kms,
    })
}

fn value(
    subject: &Subject, wanted: &Wanted, keys: &DataKeys, allowed: &Authorized, caller: &Caller, store: &Store,
) -> Result<Value, Fault> {
    let (secret, version, labels) = store.read(|connection| {
        let secret = subject.secret(allowed, caller, connection)?;
        let labels = Labels::read(connection, &secret.arn)?;
        let id = wanted.choose(&labels)?;
        let version = Version::find(connection, &secret.arn, &id)?;
        let version = version.ok_or_else(|| wanted.absent(&id))?;
        wanted.check(&version.id, &labels)?;
        Ok((secret, version, labels))
    })?;
    let value = store.unseal(allowed, &secret.arn, &version, keys)?;
    let today = day(caller.now);
    if secret.accessed != Some(today) || version.accessed != Some(today) {
        let touched =
            store.write(allowed, caller.now, |transaction| Secret::touch(transaction, &secret.arn, &version.id, today));
        match touched {
            // A value can be read for as long as it is there.
            Err(fault) if fault.is_disk_full() => {}
            other => other?,
        }
    }
    let (secret_string, secret_binary) = value.into_members();
    Ok(Value {
        version_stages: labels.of(&version.id),
        version_id: version.id.as_str().to_owned(),
        secret_string,
        secret_binary,
        created_date: seconds(version.created),
        arn: secret.arn,
        name: secret.name,
    })
}

impl Wanted {
    const CURRENT: Self = Self { id: None, label: None };

    fn choose(&self, labels: &Labels) -> Result<VersionId, Fault> {
        if let Some(id) = &self.id {
            return Ok(id.clone());
        }
        let label = self.label.as_deref().unwrap_or(CURRENT);
        labels.version(label).cloned().ok_or_else(|| Fault::NoValueForLabel(label.to_owned()))
    }

    /// That the version which is wanted is not there, or has no value yet.
    fn absent(&self, id: &VersionId) -> Fault {
        match (&self.id, &self.label) {
            (Some(_), _) => Fault::NoVersion(id.as_str().to_owned()),
            (None, label) => Fault::NoValueForLabel(label.as_deref().unwrap_or(CURRENT).to_owned()),
        }
    }

    fn check(&self, id: &VersionId, labels: &Labels) -> Result<(), Fault> {
        match &self.label {
            Some(label) if labels.version(label) != Some(id) => Err(Fault::InvalidRequest(
                "You provided a VersionStage that is not associated to the provided VersionId.".to_owned(),
            )),
            _ => Ok(()),
        }
    }
}

/// `BatchGetSecretValue`. A secret that may not be read is among the errors of its answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BatchGetSecretValue {
    secret_id_list: Option<Vec<String>>,
    filters: Option<Vec<FilterInput>>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Values {
    secret_values: Vec<Value>,
    errors: Vec<ValueError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ValueError {
    secret_id: String,
    error_code: String,
    message: String,
}

/// The secrets of a batch, with what each was asked for by.
pub(super) struct Batch {
    subjects: Vec<(String, Subject)>,
    /// Why those are not read that may not be, in the same order.
    denials: Vec<Option<Denial>>,
    next_token: Option<String>,
    keys: DataKeys,
}

impl Operation for BatchGetSecretValue {
    const NAME: &'static str = "BatchGetSecretValue";
    type Ready = Batch;
    type Answer = Values;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Batch>, Fault> {
        let mut requirements = vec![Requirement::new("secretsmanager:BatchGetSecretValue", "*")];
        let batch = match (&self.secret_id_list, &self.filters) {
            (Some(ids), None) => self.listed(ids, caller, store)?,
            (None, Some(filters)) => {
                requirements.push(Requirement::new("secretsmanager:ListSecrets", "*"));
                self.filtered(filters, caller, store)?
            }
            _ => {
                return Err(Fault::InvalidParameter(
                    "Either 'SecretIdList' or 'Filters' must be provided, but not both.".to_owned(),
                ));
            }
        };
        Ok(Prepared { ready: batch, requirements })
    }

    fn parts(batch: &Batch) -> Vec<Requirement> {
        batch.subjects.iter().map(|(_, subject)| subject.requirement(GetSecretValue::NAME)).collect()
    }

    fn take_denials(batch: &mut Batch, denials: Vec<Option<Denial>>) {
        batch.denials = denials;
    }

    fn key_use(batch: &Batch, caller: &Caller, store: &Store) -> Result<KeyUse, Fault> {
        let allowed = batch.subjects.iter().zip(&batch.denials).filter(|(_, denial)| denial.is_none());
        allowed
            .map(|((_, subject), _)| subject)
            .try_fold(KeyUse::default(), |wanted, subject| key_use(wanted, subject, &Wanted::CURRENT, caller, store))
    }

    fn take_keys(batch: &mut Batch, keys: DataKeys) {
        batch.keys = keys;
    }

    fn act(batch: Batch, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Values, Fault> {
        let mut values = Values { secret_values: Vec::new(), errors: Vec::new(), next_token: batch.next_token };
        for ((secret_id, subject), denial) in batch.subjects.into_iter().zip(batch.denials) {
            let read = match denial {
                Some(denial) => Err(Fault::Denied(Box::new(denial))),
                None => value(&subject, &Wanted::CURRENT, &batch.keys, allowed, caller, store),
            };
            match read {
                Ok(value) => values.secret_values.push(value),
                Err(fault) => {
                    let failure = fault.failure();
                    let (error_code, message) = (failure.code.into_owned(), failure.message);
                    values.errors.push(ValueError { secret_id, error_code, message });
                }
            }
        }
        Ok(values)
    }
}

impl BatchGetSecretValue {
    fn listed(&self, ids: &[String], caller: &Caller, store: &Store) -> Result<Batch, Fault> {
        if self.max_results.is_some() || self.next_token.is_some() {
            return Err(Fault::InvalidParameter(
                "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.".to_owned(),
            ));
        }
        if ids.is_empty() || ids.len() > LARGEST_BATCH {
            let constraint = format!("Member must have length between 1 and {LARGEST_BATCH}");
            return Err(Constraint::hidden("secretIdList", constraint).into());
        }
        let find = |id: &String| Ok((id.clone(), Subject::find(caller, store, Some(id))?));
        let subjects = ids.iter().map(find).collect::<Result<_, Fault>>()?;
        Ok(Batch { subjects, next_token: None, denials: Vec::new(), keys: DataKeys::default() })
    }

    fn filtered(&self, inputs: &[FilterInput], caller: &Caller, store: &Store) -> Result<Batch, Fault> {
        let filters = Filters::parse(inputs)?;
        let token = self.next_token.as_deref();
        length("nextToken", token.unwrap_or("-"), 1, 4096)?;
        let paging = Paging {
            context: serde_json::to_string(&(Self::NAME, &caller.scope, inputs))?,
            descending: false,
            limit: limit(self.max_results, LARGEST_BATCH as i64)?,
            token,
        };
        store.read(|connection| {
            let secrets = Secret::all(connection, caller.now, &caller.scope)?;
            let items = secrets.into_iter().filter(|secret| secret.deletion.is_none() && filters.pass(secret));
            let placed = items.map(|secret| ((secret.created, secret.arn.clone()), secret)).collect();
            let (secrets, next_token) = paging.page(&store.vault, placed)?;
            let find = |secret: &Secret| Ok((secret.arn.clone(), Subject::found(caller, connection, secret)?));
            let subjects = secrets.iter().map(find).collect::<Result<_, Fault>>()?;
            Ok(Batch { subjects, next_token, denials: Vec::new(), keys: DataKeys::default() })
        })
    }
}
