//! What is known of secrets apart from their values: `DescribeSecret`, `ListSecrets` and `ListSecretVersionIds`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;

use super::fault::Fault;
use super::filter::{FilterInput, Filters};
use super::labels::Labels;
use super::operation::{Operation, Prepared, Subject};
use super::page::{Paging, limit};
use super::rotation::Rules;
use super::store::{Rotation, Secret, Store, Version};
use super::tags::TagOutput;
use crate::asked::seconds;
use crate::constraint::{Constraint, length};
use crate::{Authorized, Caller};

/// The most entries of a page.
const LARGEST_PAGE: i64 = 100;

/// `DescribeSecret`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeSecret {
    secret_id: Option<String>,
}

/// A secret without its values.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Description {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation_enabled: Option<bool>,
    #[serde(rename = "RotationLambdaARN", skip_serializing_if = "Option::is_none")]
    function: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation_rules: Option<Rules>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_rotated_date: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_rotation_date: Option<f64>,
    last_changed_date: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_accessed_date: Option<f64>,
    /// In a description when the secret will be gone, in a list when it was deleted: so says AWS of each.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_date: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<TagOutput>,
    /// Of a description.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    version_ids_to_stages: BTreeMap<String, Vec<String>>,
    /// Of an entry in a list.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    secret_versions_to_stages: BTreeMap<String, Vec<String>>,
    created_date: f64,
}

impl From<Secret> for Description {
    fn from(secret: Secret) -> Self {
        Self {
            arn: secret.arn,
            name: secret.name,
            description: secret.description,
            kms_key_id: secret.key,
            rotation_enabled: None,
            function: None,
            rotation_rules: None,
            last_rotated_date: None,
            next_rotation_date: None,
            last_changed_date: seconds(secret.changed),
            last_accessed_date: secret.accessed.map(seconds),
            deleted_date: None,
            tags: secret.tags.into_iter().map(TagOutput::from).collect(),
            version_ids_to_stages: BTreeMap::new(),
            secret_versions_to_stages: BTreeMap::new(),
            created_date: seconds(secret.created),
        }
    }
}

impl Description {
    /// With how the secret is rotated. What was set stays to be seen after rotation was turned off.
    fn rotated(self, rotation: Option<Rotation>) -> Self {
        let Some(Rotation { enabled, function, rules, days, last, next, .. }) = rotation else { return self };
        Self {
            rotation_enabled: Some(enabled),
            function: Some(function),
            rotation_rules: rules.map(|rules| rules.shown(days)),
            last_rotated_date: last.map(seconds),
            // The last second of the window.
            next_rotation_date: next.map(|window| seconds(window.closes - 1000)),
            ..self
        }
    }
}

impl Operation for DescribeSecret {
    const NAME: &'static str = "DescribeSecret";
    type Ready = Subject;
    type Answer = Description;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Subject>, Fault> {
        let subject = Subject::find(caller, store, self.secret_id.as_deref())?;
        let requirements = vec![subject.requirement(Self::NAME)];
        Ok(Prepared { ready: subject, requirements })
    }

    fn act(subject: Subject, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Description, Fault> {
        store.read(|connection| {
            let secret = subject.secret_or_deleted(allowed, caller, connection)?;
            let version_ids_to_stages = Labels::read(connection, &secret.arn)?.by_version();
            let deleted_date = secret.deletion.map(|deletion| seconds(deletion.gone));
            let rotation = Rotation::read(connection, &secret.arn)?;
            let described = Description { deleted_date, version_ids_to_stages, ..secret.into() }.rotated(rotation);
            // Unlike a list, a description has no date of the last rotation where rotation is turned off.
            let last_rotated_date = described.last_rotated_date.filter(|_| described.rotation_enabled == Some(true));
            Ok(Description { last_rotated_date, ..described })
        })
    }
}

/// `ListSecrets`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListSecrets {
    include_planned_deletion: Option<bool>,
    max_results: Option<i64>,
    next_token: Option<String>,
    filters: Option<Vec<FilterInput>>,
    sort_order: Option<String>,
    sort_by: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
enum SortOrder {
    #[default]
    Asc,
    Desc,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
enum SortBy {
    #[default]
    CreatedDate,
    LastAccessedDate,
    LastChangedDate,
    Name,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Secrets {
    secret_list: Vec<Description>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// A list that is asked for, checked.
pub(super) struct Listing {
    filters: Filters,
    context: String,
    limit: usize,
    sorted: (SortOrder, SortBy),
    input: ListSecrets,
}

impl Operation for ListSecrets {
    const NAME: &'static str = "ListSecrets";
    type Ready = Listing;
    type Answer = Secrets;

    fn prepare(self, caller: &Caller, _: &Store) -> Result<Prepared<Listing>, Fault> {
        let inputs = self.filters.as_deref().unwrap_or_default();
        let filters = Filters::parse(inputs)?;
        length("nextToken", self.next_token.as_deref().unwrap_or("-"), 1, 4096)?;
        let planned = self.include_planned_deletion.unwrap_or(false);
        let order = self.sort_order.as_deref().map(SortOrder::parse).transpose()?.unwrap_or_default();
        let sorted = (order, self.sort_by.as_deref().map(SortBy::parse).transpose()?.unwrap_or_default());
        let context = serde_json::to_string(&(Self::NAME, &caller.scope, inputs, planned, sorted))?;
        let limit = limit(self.max_results, LARGEST_PAGE)?;
        let requirements = vec![Requirement::new("secretsmanager:ListSecrets", "*")];
        Ok(Prepared { ready: Listing { filters, context, limit, sorted, input: self }, requirements })
    }

    fn act(listing: Listing, _: &Authorized, caller: &Caller, store: &Store) -> Result<Secrets, Fault> {
        let Listing { filters, context, limit, sorted: (order, by), input } = listing;
        let (secrets, mut labels, mut rotations) = store.read(|connection| {
            let secrets = Secret::all(connection, caller.now, &caller.scope)?;
            let labels = Labels::read_all(connection, &caller.scope)?;
            Ok((secrets, labels, Rotation::read_all(connection, &caller.scope)?))
        })?;
        let planned = input.include_planned_deletion.unwrap_or(false);
        let shown = secrets.into_iter().filter(|s| (planned || s.deletion.is_none()) && filters.pass(s));
        let placed = shown.map(|secret| (by.place(&secret), secret)).collect();
        let descending = order == SortOrder::Desc;
        let paging = Paging { context, descending, limit, token: input.next_token.as_deref() };
        let (secrets, next_token) = paging.page(&store.vault, placed)?;
        let entry = |secret: Secret| {
            let rotation = rotations.remove(&secret.arn);
            let described = Description {
                secret_versions_to_stages: labels.remove(&secret.arn).unwrap_or_default().by_version(),
                deleted_date: secret.deletion.map(|deletion| seconds(deletion.asked)),
                ..secret.into()
            };
            described.rotated(rotation)
        };
        Ok(Secrets { secret_list: secrets.into_iter().map(entry).collect(), next_token })
    }
}

impl SortOrder {
    fn parse(text: &str) -> Result<Self, Constraint> {
        match text {
            "asc" => Ok(Self::Asc),
            "desc" => Ok(Self::Desc),
            other => Err(Constraint::of(other, "sortOrder", "Member must satisfy enum value set: [asc, desc]")),
        }
    }
}

impl SortBy {
    fn parse(text: &str) -> Result<Self, Constraint> {
        match text {
            "created-date" => Ok(Self::CreatedDate),
            "last-accessed-date" => Ok(Self::LastAccessedDate),
            "last-changed-date" => Ok(Self::LastChangedDate),
            "name" => Ok(Self::Name),
            other => {
                let known = "Member must satisfy enum value set: [last-changed-date, name, created-date, \
                             last-accessed-date]";
                Err(Constraint::of(other, "sortBy", known))
            }
        }
    }

    fn place(self, secret: &Secret) -> (i64, String) {
        match self {
            Self::CreatedDate => (secret.created, secret.arn.clone()),
            Self::LastAccessedDate => (secret.accessed.unwrap_or(i64::MIN), secret.arn.clone()),
            Self::LastChangedDate => (secret.changed, secret.arn.clone()),
            Self::Name => (0, secret.name.clone()),
        }
    }
}

/// `ListSecretVersionIds`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListSecretVersionIds {
    secret_id: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
    include_deprecated: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Versions {
    versions: Vec<VersionEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VersionEntry {
    version_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    version_stages: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_accessed_date: Option<f64>,
    created_date: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key_ids: Option<[String; 1]>,
}

/// A list of versions that is asked for, checked.
pub(super) struct VersionListing {
    subject: Subject,
    limit: usize,
    input: ListSecretVersionIds,
}

impl Operation for ListSecretVersionIds {
    const NAME: &'static str = "ListSecretVersionIds";
    type Ready = VersionListing;
    type Answer = Versions;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<VersionListing>, Fault> {
        length("nextToken", self.next_token.as_deref().unwrap_or("-"), 1, 4096)?;
        let limit = limit(self.max_results, LARGEST_PAGE)?;
        let subject = Subject::find(caller, store, self.secret_id.as_deref())?;
        let requirements = vec![subject.requirement(Self::NAME)];
        Ok(Prepared { ready: VersionListing { subject, limit, input: self }, requirements })
    }

    fn act(listing: VersionListing, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Versions, Fault> {
        let VersionListing { subject, limit, input } = listing;
        let (secret, versions, labels) = store.read(|connection| {
            let secret = subject.secret_or_deleted(allowed, caller, connection)?;
            let versions = Version::all(connection, &secret.arn)?;
            let labels = Labels::read(connection, &secret.arn)?;
            Ok((secret, versions, labels))
        })?;
        let deprecated = input.include_deprecated.unwrap_or(false);
        let entry = |version: Version| VersionEntry {
            version_stages: labels.of(&version.id),
            version_id: version.id.as_str().to_owned(),
            last_accessed_date: version.accessed.map(seconds),
            created_date: seconds(version.created),
            kms_key_ids: version.has_value.then(|| {
                [match version.key {
                    Some(key) if secret.key.is_some() => key.arn,
                    _ => "DefaultEncryptionKey".to_owned(),
                }]
            }),
        };
        let placed = versions.into_iter().map(|version| ((version.number, String::new()), entry(version)));
        let placed = placed.filter(|(_, entry)| deprecated || !entry.version_stages.is_empty()).collect();
        let context = serde_json::to_string(&(Self::NAME, &secret.arn, deprecated))?;
        let paging = Paging { context, descending: false, limit, token: input.next_token.as_deref() };
        let (versions, next_token) = paging.page(&store.vault, placed)?;
        Ok(Versions { versions, next_token, arn: secret.arn, name: secret.name })
    }
}
