//! Layers: `PublishLayerVersion`, `GetLayerVersion`, `GetLayerVersionByArn`, `ListLayers`, `ListLayerVersions`,
//! `DeleteLayerVersion`, and the policies of their versions.

mod permission;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sidegate_iam::Requirement;

pub(super) use permission::{add_layer_version_permission, get_layer_version_policy, remove_layer_version_permission};

use super::archive;
use super::fault::{Code, Fault};
use super::function::timestamp;
use super::name::{Place, layer_place, layer_version};
use super::operation::{Answer, Call, listed};
use super::package::Package;
use super::permission::ResourcePolicy;
use super::runtime::{Named as NamedRuntime, Runtime};
use super::settings::one_of;
use super::source::Source;
use super::store::{Kept, Numbered, Store};
use crate::constraint::{Constraint, length, required, size};

/// A layer with its versions.
pub(super) type Layer = Kept<LayerHead, LayerVersion>;

/// What a layer has beside its versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct LayerHead {
    /// The number of the next version. None is given twice.
    next: u64,
}

impl Numbered for LayerHead {
    fn next(&self) -> u64 {
        self.next
    }
}

/// A version of a layer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct LayerVersion {
    pub(super) package: Package,
    description: String,
    runtimes: Vec<String>,
    architectures: Vec<String>,
    license: Option<String>,
    /// Unix time in milliseconds.
    created: i64,
    policy: Option<ResourcePolicy>,
}

impl LayerVersion {
    fn item(&self, place: &Place, number: u64) -> Map<String, Value> {
        let mut item = Map::new();
        let mut put = |name: &str, value: Value| item.insert(name.to_owned(), value);
        put("LayerVersionArn", format!("{}:{number}", place.layer_arn()).into());
        put("Version", number.into());
        put("Description", self.description.as_str().into());
        put("CreatedDate", timestamp(self.created).into());
        if !self.runtimes.is_empty() {
            put("CompatibleRuntimes", json!(self.runtimes));
        }
        if !self.architectures.is_empty() {
            put("CompatibleArchitectures", json!(self.architectures));
        }
        if let Some(license) = &self.license {
            put("LicenseInfo", license.as_str().into());
        }
        item
    }

    /// With its content.
    fn document(&self, call: &Call<'_>, place: &Place, number: u64) -> Value {
        let mut document = self.item(place, number);
        document.insert("LayerArn".to_owned(), place.layer_arn().into());
        let mut content = json!({"CodeSha256": self.package.code_sha256(), "CodeSize": self.package.size});
        let location = archive::of_layer(call, place, number);
        if let (Some(location), Some(content)) = (location, content.as_object_mut()) {
            content.insert("Location".to_owned(), location.into());
        }
        document.insert("Content".to_owned(), content);
        document.into()
    }

    /// Whether it is for a runtime and an architecture, as far as those are asked for.
    fn is_for(&self, runtime: Option<&str>, architecture: Option<&str>) -> bool {
        let has = |all: &[String], one: Option<&str>| one.is_none_or(|one| all.iter().any(|own| own == one));
        has(&self.runtimes, runtime) && has(&self.architectures, architecture)
    }
}

/// What has to be allowed for an action on a version of a layer.
pub(super) fn requirement(store: &Store, action: &str, place: &Place, number: u64) -> Requirement {
    let requirement = Requirement::new(format!("lambda:{action}"), format!("{}:{number}", place.layer_arn()))
        .owned_by(place.scope.account.clone());
    let layer = store.layer(place);
    let policy = layer.as_ref().and_then(|layer| layer.versions.get(&number)?.policy.as_ref());
    match policy {
        Some(policy) => requirement.under(policy.parsed()),
        None => requirement,
    }
}

/// The version of a layer that a path names.
pub(super) fn in_path(call: &Call<'_>) -> Result<(Place, u64), Fault> {
    let place = layer_place(call.caller, call.segment(0))?;
    let number = call.segment(1);
    let wrong = |_| Constraint::of(number, "versionNumber", "Member must be an integer");
    Ok((place, number.parse().map_err(wrong)?))
}

fn no_version(number: u64) -> Fault {
    if number == 0 {
        return Fault::invalid("Layer Version Cannot be less than 1.");
    }
    Fault::no_resource()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PublishLayerVersion {
    description: Option<String>,
    content: Option<Source>,
    compatible_runtimes: Option<Vec<String>>,
    license_info: Option<String>,
    compatible_architectures: Option<Vec<String>>,
}

/// Checks that something is the name of a runtime, whether or not it can be run here.
fn check_runtime(runtime: &str) -> Result<(), Fault> {
    if Runtime::named(runtime) != NamedRuntime::Unknown {
        return Ok(());
    }
    let known: Vec<String> = Runtime::ALL.iter().map(ToString::to_string).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    Ok(one_of("compatibleRuntimes", runtime, &known)?)
}

/// `PublishLayerVersion`
pub(super) async fn publish_layer_version(call: &Call<'_>) -> Result<Answer, Fault> {
    let input: PublishLayerVersion = call.document()?;
    let place = layer_place(call.caller, call.segment(0))?;
    length("description", input.description.as_deref().unwrap_or_default(), 0, 256)?;
    length("licenseInfo", input.license_info.as_deref().unwrap_or_default(), 0, 512)?;
    let runtimes = input.compatible_runtimes.unwrap_or_default();
    size("compatibleRuntimes", runtimes.len(), 0, 15)?;
    runtimes.iter().try_for_each(|runtime| check_runtime(runtime))?;
    let architectures = input.compatible_architectures.unwrap_or_default();
    size("compatibleArchitectures", architectures.len(), 0, 2)?;
    architectures.iter().try_for_each(|one| one_of("compatibleArchitectures", one, &["x86_64", "arm64"]))?;
    let source = required("content", input.content)?.place()?;
    let needed =
        Requirement::new("lambda:PublishLayerVersion", place.layer_arn()).owned_by(place.scope.account.clone());
    let allowed = call.authorize(&[needed])?;
    if place.scope != call.caller.scope {
        return Err(Fault::Told(Code::AccessDenied, "A layer is published by its own account.".to_owned()));
    }
    let (package, _pin) = source.fetch(call).await?;
    let stored = super::account::code_size(call.store(), &call.caller.scope);
    if stored + package.size > super::create::CODE_STORAGE {
        return Err(Fault::Told(Code::StorageExceeded, "Code storage limit exceeded.".to_owned()));
    }
    let version = LayerVersion {
        package,
        description: input.description.unwrap_or_default(),
        runtimes,
        architectures,
        license: input.license_info,
        created: call.caller.now,
        policy: None,
    };
    let document = version.clone();
    let number = call
        .store()
        .change_layer(&allowed, &place, move |layer| {
            let mut layer =
                layer.unwrap_or(Layer { head: LayerHead { next: 1 }, versions: std::collections::BTreeMap::new() });
            let number = layer.head.next;
            layer.head.next += 1;
            layer.versions.insert(number, Arc::new(version));
            Ok((Some(layer), number))
        })
        .await?;
    Answer::created(&document.document(call, &place, number))
}

fn get(call: &Call<'_>, place: &Place, number: u64) -> Result<Answer, Fault> {
    // Both operations are one action.
    call.authorize(&[requirement(call.store(), "GetLayerVersion", place, number)])?;
    let layer = call.store().layer(place);
    let version = layer.as_ref().and_then(|layer| layer.versions.get(&number));
    Answer::ok(&version.ok_or_else(|| no_version(number))?.document(call, place, number))
}

/// `GetLayerVersion`
pub(super) fn get_layer_version(call: &Call<'_>) -> Result<Answer, Fault> {
    let (place, number) = in_path(call)?;
    get(call, &place, number)
}

/// `GetLayerVersionByArn`
pub(super) fn get_layer_version_by_arn(call: &Call<'_>) -> Result<Answer, Fault> {
    let arn = required("arn", call.parameter("Arn"))?;
    let (place, number) = layer_version(arn).ok_or_else(|| {
        let pattern = r"Member must satisfy regular expression pattern: arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+";
        Fault::from(Constraint::of(arn, "arn", pattern))
    })?;
    get(call, &place, number)
}

/// The runtime and the architecture that a list is asked for.
fn filters<'a>(call: &'a Call<'_>) -> Result<(Option<&'a str>, Option<&'a str>), Fault> {
    let (runtime, architecture) = (call.parameter("CompatibleRuntime"), call.parameter("CompatibleArchitecture"));
    runtime.map(check_runtime).transpose()?;
    architecture.map(|one| one_of("compatibleArchitecture", one, &["x86_64", "arm64"])).transpose()?;
    Ok((runtime, architecture))
}

/// `ListLayers`: those of the caller's account, each with its newest version.
pub(super) fn list_layers(call: &Call<'_>) -> Result<Answer, Fault> {
    let (runtime, architecture) = filters(call)?;
    call.authorize(&[Requirement::new("lambda:ListLayers", "*")])?;
    let mut items = Vec::new();
    for (place, layer) in call.store().layers(&call.caller.scope) {
        let newest = layer.versions.iter().rev().find(|(_, version)| version.is_for(runtime, architecture));
        if let Some((number, version)) = newest {
            let item = json!({
                "LayerName": place.name,
                "LayerArn": place.layer_arn(),
                "LatestMatchingVersion": version.item(&place, *number),
            });
            items.push((place.name, item));
        }
    }
    let (page, marker) = call.page(items, 50)?;
    Answer::ok(&listed("Layers", page, marker))
}

/// `ListLayerVersions`, from the newest on.
pub(super) fn list_layer_versions(call: &Call<'_>) -> Result<Answer, Fault> {
    let place = layer_place(call.caller, call.segment(0))?;
    let (runtime, architecture) = filters(call)?;
    call.authorize(&[Requirement::new("lambda:ListLayerVersions", "*")])?;
    let layer = call.store().layer(&place).filter(|_| place.scope == call.caller.scope);
    let mut items = Vec::new();
    if let Some(layer) = &layer {
        for (number, version) in &layer.versions {
            if version.is_for(runtime, architecture) {
                items.push((format!("{:020}", u64::MAX - number), Value::from(version.item(&place, *number))));
            }
        }
    }
    let (page, marker) = call.page(items, 50)?;
    Answer::ok(&listed("LayerVersions", page, marker))
}

/// `DeleteLayerVersion`, which succeeds where there is none. Functions that have it keep it.
pub(super) async fn delete_layer_version(call: &Call<'_>) -> Result<Answer, Fault> {
    let (place, number) = in_path(call)?;
    let allowed = call.authorize(&[requirement(call.store(), call.operation, &place, number)])?;
    if call.store().layer(&place).is_none() {
        return Ok(Answer::nothing());
    }
    call.store()
        .change_layer(&allowed, &place, move |layer| {
            let mut layer = layer.ok_or_else(Fault::no_resource)?;
            layer.versions.remove(&number);
            Ok((Some(layer), ()))
        })
        .await?;
    call.lambda.sweep();
    Ok(Answer::nothing())
}
