//! `CreateAlias`, `GetAlias`, `UpdateAlias`, `DeleteAlias` and `ListAliases`: names for versions.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::Fault;
use super::function::{Alias, Function};
use super::name::{Named, Place, is_plain};
use super::operation::{Answer, Call, check_revision, listed, present};
use crate::constraint::{Constraint, length, required};
use crate::random::uuid;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AliasInput {
    name: Option<String>,
    function_version: Option<String>,
    description: Option<String>,
    routing_config: Option<RoutingConfig>,
    revision_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoutingConfig {
    additional_version_weights: Option<BTreeMap<String, f64>>,
}

impl Alias {
    fn document(&self, place: &Place, name: &str) -> Value {
        let mut document = json!({
            "AliasArn": place.qualified_arn(name),
            "Name": name,
            "FunctionVersion": self.version,
            "Description": self.description,
            "RevisionId": self.revision,
        });
        if let (false, Some(document)) = (self.weights.is_empty(), document.as_object_mut()) {
            document.insert("RoutingConfig".to_owned(), json!({"AdditionalVersionWeights": self.weights}));
        }
        document
    }
}

impl AliasInput {
    fn check(&self) -> Result<(), Fault> {
        length("description", self.description.as_deref().unwrap_or_default(), 0, 256)?;
        if let Some(version) = &self.function_version {
            let is_version = version == "$LATEST" || version.bytes().all(|byte| byte.is_ascii_digit());
            if version.is_empty() || !is_version {
                let pattern = r"Member must satisfy regular expression pattern: (\$LATEST(\.PUBLISHED)?|[0-9]+)";
                return Err(Constraint::of(version, "functionVersion", pattern).into());
            }
        }
        for (version, weight) in self.weights().into_iter().flatten() {
            if !(0.0..=1.0).contains(weight) {
                let bound = if *weight < 0.0 { "greater than or equal to 0" } else { "less than or equal to 1" };
                let bound = format!("Member must have value {bound}");
                return Err(Constraint::of(&weight.to_string(), "routingConfig.additionalVersionWeights", bound).into());
            }
            if version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_digit()) {
                let pattern =
                    "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [0-9]+]";
                return Err(Constraint::hidden("routingConfig.additionalVersionWeights", pattern).into());
            }
        }
        Ok(())
    }

    fn weights(&self) -> Option<&BTreeMap<String, f64>> {
        self.routing_config.as_ref()?.additional_version_weights.as_ref()
    }

    /// Writes what is given into an alias, and checks that its versions are there.
    fn apply(&self, alias: &mut Alias, place: &Place, function: &Function) -> Result<(), Fault> {
        if let Some(version) = &self.function_version {
            alias.version.clone_from(version);
        }
        if let Some(description) = &self.description {
            alias.description.clone_from(description);
        }
        if self.routing_config.is_some() {
            alias.weights = self.weights().cloned().unwrap_or_default();
        }
        if alias.weights.len() > 1 {
            return Err(Fault::invalid("Number of items in AdditionalVersionWeights cannot be greater than 1"));
        }
        if !alias.weights.is_empty() && alias.version == "$LATEST" {
            return Err(Fault::invalid("$LATEST is not supported for an alias pointing to more than 1 version"));
        }
        if alias.weights.contains_key(&alias.version) {
            return Err(Fault::invalid(format!(
                "Invalid function version {}. Function version {} is already included in routing configuration.",
                alias.version, alias.version
            )));
        }
        for version in alias.weights.keys().chain([&alias.version]) {
            if function.version_named(version).is_none() {
                return Err(Fault::no_function(&place.qualified_arn(version)));
            }
        }
        Ok(())
    }
}

/// The name of an alias, in the path or the document.
fn check_name(name: &str) -> Result<(), Fault> {
    length("name", name, 1, 128)?;
    if name.bytes().all(is_plain) && !name.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    let pattern = "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)";
    Err(Constraint::of(name, "name", pattern).into())
}

fn no_alias(place: &Place, name: &str) -> Fault {
    Fault::not_found(format!("Cannot find alias arn: {}", place.qualified_arn(name)))
}

/// `CreateAlias`
pub(super) async fn create_alias(call: &Call<'_>) -> Result<Answer, Fault> {
    let input: AliasInput = call.document()?;
    let name = required("name", input.name.clone())?;
    check_name(&name)?;
    let version = required("functionVersion", input.function_version.clone())?;
    input.check()?;
    let place = call.place()?;
    let function = call.store().function(&place);
    let allowed = call.authorize(&[call.whole_requirement(&place, function.as_deref())])?;
    let named = Named { place: place.clone(), qualifier: None };
    let (key, revision) = (name.clone(), uuid()?);
    let alias = call
        .store()
        .change_function(&allowed, &place, move |function| {
            let mut function = present(&named, function.as_ref())?.clone();
            if function.head.aliases.contains_key(&key) {
                return Err(Fault::conflict(format!("Alias already exists: {}", named.place.qualified_arn(&key))));
            }
            let mut alias = Alias { version, description: String::new(), weights: BTreeMap::new(), revision };
            input.apply(&mut alias, &named.place, &function)?;
            function.head.aliases.insert(key, alias.clone());
            Ok((Some(function), alias))
        })
        .await?;
    Answer::created(&alias.document(&place, &name))
}

/// `UpdateAlias`
pub(super) async fn update_alias(call: &Call<'_>) -> Result<Answer, Fault> {
    let input: AliasInput = call.document()?;
    let name = call.segment(1).to_owned();
    check_name(&name)?;
    input.check()?;
    let place = call.place()?;
    let function = call.store().function(&place);
    let allowed = call.authorize(&[call.whole_requirement(&place, function.as_deref())])?;
    let named = Named { place: place.clone(), qualifier: None };
    let (key, revision) = (name.clone(), uuid()?);
    let alias = call
        .store()
        .change_function(&allowed, &place, move |function| {
            let mut function = present(&named, function.as_ref())?.clone();
            let mut alias = function.head.aliases.get(&key).cloned().ok_or_else(|| no_alias(&named.place, &key))?;
            check_revision(input.revision_id.as_deref(), &alias.revision)?;
            input.apply(&mut alias, &named.place, &function)?;
            alias.revision = revision;
            function.head.aliases.insert(key, alias.clone());
            Ok((Some(function), alias))
        })
        .await?;
    Answer::ok(&alias.document(&place, &name))
}

/// `GetAlias`
pub(super) fn get_alias(call: &Call<'_>) -> Result<Answer, Fault> {
    let (place, name) = (call.place()?, call.segment(1));
    check_name(name)?;
    let function = call.store().function(&place);
    call.authorize(&[call.whole_requirement(&place, function.as_deref())])?;
    let alias = function.as_ref().and_then(|function| function.head.aliases.get(name));
    Answer::ok(&alias.ok_or_else(|| no_alias(&place, name))?.document(&place, name))
}

/// `DeleteAlias`, which succeeds where there is none.
pub(super) async fn delete_alias(call: &Call<'_>) -> Result<Answer, Fault> {
    let (place, name) = (call.place()?, call.segment(1).to_owned());
    check_name(&name)?;
    let function = call.store().function(&place);
    let allowed = call.authorize(&[call.whole_requirement(&place, function.as_deref())])?;
    let named = Named { place: place.clone(), qualifier: None };
    call.store()
        .change_function(&allowed, &place, move |function| {
            let mut function = present(&named, function.as_ref())?.clone();
            function.head.aliases.remove(&name);
            function.head.policies.remove(&name);
            function.head.event_invoke.remove(&name);
            Ok((Some(function), ()))
        })
        .await?;
    Ok(Answer::nothing())
}

/// `ListAliases`
pub(super) fn list_aliases(call: &Call<'_>) -> Result<Answer, Fault> {
    let place = call.place()?;
    let function = call.store().function(&place);
    call.authorize(&[call.whole_requirement(&place, function.as_deref())])?;
    let named = Named { place: place.clone(), qualifier: None };
    let version = call.parameter("FunctionVersion");
    let leads_there =
        |alias: &Alias| version.is_none_or(|version| alias.version == version || alias.weights.contains_key(version));
    let aliases = &present(&named, function.as_deref())?.head.aliases;
    let found = aliases.iter().filter(|(_, alias)| leads_there(alias));
    let (page, marker) = call.page(found.map(|(name, alias)| (name.clone(), (name, alias))).collect(), 50)?;
    let documents = page.into_iter().map(|(name, alias)| alias.document(&place, name)).collect();
    Answer::ok(&listed("Aliases", documents, marker))
}
