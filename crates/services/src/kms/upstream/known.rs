//! What a server tells of its keys, as the store of this crate has keys.

use serde::Deserialize;
use sidegate_model::Scope;

use super::super::fault::Fault;
use super::super::id::{KeyName, MaterialId, Named};
use super::super::key::{Key, MultiRegion, Tags};
use super::super::policy::default_document;
use super::super::spec::{KeySpec, KeyUsage, Origin};
use super::super::store::{Alias, StoredKey};
use crate::Caller;
use crate::upstream::{Place, Unanswered};

/// The keys and aliases of a request.
#[derive(Default)]
pub(super) struct Known {
    pub(super) keys: Vec<StoredKey>,
    pub(super) aliases: Vec<(Alias, Scope)>,
}

/// The answer to `DescribeKey`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Described {
    key_metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    arn: String,
    /// Older servers have but the other member.
    key_spec: Option<KeySpec>,
    customer_master_key_spec: Option<KeySpec>,
    key_usage: KeyUsage,
    origin: Origin,
    key_manager: Option<String>,
    multi_region_configuration: Option<Configuration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    primary_key: Related,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Related {
    region: String,
}

/// The answer to `ListAliases`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListedAliases {
    aliases: Vec<ListedAlias>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedAlias {
    alias_name: String,
}

/// The answer to `ListResourceTags`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListedTags {
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    tag_key: String,
    tag_value: String,
}

impl Described {
    /// Its ARN, as the server has it.
    pub(super) fn arn(&self) -> &str {
        &self.key_metadata.arn
    }

    /// Whether AWS manages it.
    pub(super) fn is_of_aws(&self) -> bool {
        self.key_metadata.key_manager.as_deref() == Some("AWS")
    }
}

impl Known {
    /// Adds a key that a request names so.
    pub(super) fn add(
        &mut self, described: Described, name: &KeyName, aliases: ListedAliases, tags: ListedTags, place: &Place<'_>,
        caller: &Caller,
    ) -> Result<(), Fault> {
        let arn = place.here(described.arn());
        let (scope, is_own) = (&caller.scope, place.is_own(&arn));
        let found = KeyName::parse("keyId", &arn, scope, super::Takes::Keys);
        let strange = || Unanswered::because(format!("describes `{}` as `{arn}`", name.text));
        let Ok(KeyName { account, named: Named::Key(id), .. }) = found else { return Err(strange().into()) };
        if account != name.account {
            let message = format!("names `{arn}`, which is not the caller's: say in `account_id` whose its ARNs are");
            return Err(if is_own { strange() } else { Unanswered::because(message) }.into());
        }
        if matches!(&name.named, Named::Key(asked) if *asked != id) {
            return Err(strange().into());
        }
        let Metadata { key_spec, customer_master_key_spec, key_usage, origin, key_manager, .. } =
            &described.key_metadata;
        let multi_region = described.key_metadata.multi_region_configuration.as_ref();
        let scope = Scope { account, region: scope.region };
        let key = Key {
            account: scope.account.to_string(),
            region: scope.region.to_string(),
            id,
            created: caller.now,
            description: String::new(),
            spec: key_spec.or(*customer_master_key_spec).ok_or_else(strange)?,
            usage: *key_usage,
            origin: *origin,
            managed_by: key_manager.clone().filter(|manager| manager == "AWS"),
            enabled: true,
            deletion: None,
            rotation: None,
            multi_region: multi_region
                .map(|own| MultiRegion { primary: place.region_here(&own.primary_key.region), replicas: Vec::new() }),
            tags: tags.tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect::<Tags>(),
            material: Some(MaterialId::new()?),
            misses_material: false,
            valid_to: None,
            on_demand: 0,
        };
        let asked = match &name.named {
            Named::Alias(alias) => Some(alias.clone()),
            Named::Key(_) => None,
        };
        let names = aliases.aliases.into_iter().map(|alias| alias.alias_name).chain(asked);
        let (created, updated) = (caller.now, caller.now);
        self.aliases.extend(names.map(|name| (Alias { name, key: key.arn(), created, updated }, scope.clone())));
        let stored = StoredKey { policy: default_document(&scope.account), key };
        if !self.keys.iter().any(|own| own.key.arn() == stored.key.arn()) {
            self.keys.push(stored);
        }
        Ok(())
    }
}
