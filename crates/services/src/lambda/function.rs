//! A function: its versions, and all that belongs to it, as it is kept and as the API tells it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::environment::{Blueprint, LogFormat, Logging, Network, StartError};
use super::fault::Fault;
use super::name::{Place, Qualifier};
use super::package::Package;
use super::permission::ResourcePolicy;
use super::runtime::{Named as NamedRuntime, Runtime};
use super::state;
pub(super) use super::state::{Failure, State, Update};
use super::store::{Kept, Numbered};

/// A function with its published versions.
pub(super) type Function = Kept<Head, Version>;

/// What a function has beside its published versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) latest: Version,
    /// The number of the next version.
    pub(super) next: u64,
    pub(super) aliases: BTreeMap<String, Alias>,
    /// Policies by the qualifier that they speak of; that of the function itself has the key `""`.
    pub(super) policies: BTreeMap<String, ResourcePolicy>,
    pub(super) tags: BTreeMap<String, String>,
    /// How many invocations at once are set aside for the function, which are also the most that it does.
    pub(super) reserved: Option<u32>,
    /// How asynchronous invocations are handled, by qualifier.
    pub(super) event_invoke: BTreeMap<String, EventInvoke>,
    /// When runtimes are updated, by qualifier.
    #[serde(default)]
    pub(super) runtime_updates: BTreeMap<String, RuntimeUpdates>,
    /// Whether it may call itself for ever.
    #[serde(default)]
    pub(super) allows_loops: bool,
}

impl Numbered for Head {
    fn next(&self) -> u64 {
        self.next
    }
}

/// When the runtime of a version is updated. Here it never is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RuntimeUpdates {
    /// `Auto`, `Manual` or `FunctionUpdate`.
    pub(super) on: String,
    /// The version of the runtime, where that is said.
    pub(super) arn: Option<String>,
}

/// A name for a version, or for two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Alias {
    /// `$LATEST` or a number.
    pub(super) version: String,
    pub(super) description: String,
    /// Another version, and which part of the invocations it has.
    pub(super) weights: BTreeMap<String, f64>,
    pub(super) revision: String,
}

/// How asynchronous invocations are handled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EventInvoke {
    pub(super) retries: Option<u32>,
    /// In seconds.
    pub(super) age: Option<u32>,
    pub(super) on_success: Option<String>,
    pub(super) on_failure: Option<String>,
    /// Unix time in milliseconds.
    pub(super) modified: i64,
}

/// A version: code and configuration. Times are Unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Version {
    /// `None` of `$LATEST`.
    pub(super) number: Option<u64>,
    pub(super) runtime: String,
    pub(super) handler: String,
    pub(super) role: String,
    pub(super) description: String,
    /// In seconds.
    pub(super) timeout: u32,
    /// In MiB.
    pub(super) memory: u32,
    /// In MiB.
    pub(super) ephemeral_storage: u32,
    pub(super) architecture: String,
    pub(super) package: Package,
    pub(super) variables: Option<BTreeMap<String, String>>,
    pub(super) key: Option<VariablesKey>,
    pub(super) layers: Vec<UsedLayer>,
    pub(super) network: Option<VersionNetwork>,
    pub(super) dead_letter: Option<String>,
    pub(super) tracing: String,
    pub(super) logging: VersionLogging,
    pub(super) modified: i64,
    /// Another one whenever it, its state or its policy changes.
    pub(super) revision: String,
    /// The description that `$LATEST` had when this was published of it.
    pub(super) published_from: Option<String>,
    /// Grows with every change of what an environment is made of, so that those from before are not used any more.
    pub(super) generation: u64,
    pub(super) state: State,
    pub(super) update: Update,
}

/// The key of KMS that the variables of a function are encrypted under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct VariablesKey {
    /// As it was given.
    pub(super) arn: String,
    /// A data key, which KMS opens for who may have the variables.
    pub(super) wrapped: Vec<u8>,
}

/// A layer of a function. Its package stays for as long as the function has it, even if the layer is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UsedLayer {
    /// The ARN of the layer's version.
    pub(super) arn: String,
    pub(super) digest: String,
    pub(super) size: u64,
    pub(super) unzipped: u64,
}

/// The VPC of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct VersionNetwork {
    pub(super) subnets: Vec<String>,
    pub(super) security_groups: Vec<String>,
    pub(super) dual_stack: bool,
    pub(super) vpc: String,
}

/// What a function logs, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct VersionLogging {
    pub(super) is_json: bool,
    pub(super) application_level: Option<String>,
    pub(super) system_level: Option<String>,
    pub(super) group: String,
}

/// A time as Lambda writes it.
pub(super) fn timestamp(milliseconds: i64) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]+0000");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000)
        .ok()
        .and_then(|time| time.format(format).ok())
        .unwrap_or_default()
}

/// The ARN of the version of a runtime: one for each, since runtimes here have no versions that change.
fn runtime_version(runtime: &str, place: &Place) -> String {
    let digest = hex::encode(digest(&SHA256, runtime.as_bytes()));
    format!("arn:aws:lambda:{}::runtime:{digest}", place.scope.region)
}

/// Takes away what is told of one function alone, and not in lists.
pub(super) fn as_listed(mut document: Value) -> Value {
    if let Some(document) = document.as_object_mut() {
        for member in [
            "State",
            "StateReason",
            "StateReasonCode",
            "LastUpdateStatus",
            "LastUpdateStatusReason",
            "LastUpdateStatusReasonCode",
            "RuntimeVersionConfig",
        ] {
            document.shift_remove(member);
        }
    }
    document
}

/// How the variables of a version are told.
#[derive(Clone, Debug, Default)]
pub(super) enum Shown {
    #[default]
    Variables,
    /// KMS does not let the caller have them: its code and message.
    Error(String, String),
}

impl Version {
    /// `$LATEST` or the number.
    pub(super) fn name(&self) -> String {
        self.number.map_or_else(|| "$LATEST".to_owned(), |number| number.to_string())
    }

    /// The variables, of which there may be none.
    pub(super) fn variables(&self) -> BTreeMap<String, String> {
        self.variables.clone().unwrap_or_default()
    }

    /// What an environment of it is made of.
    pub(super) fn blueprint(&self, place: &Place, code: PathBuf, layers: Option<PathBuf>) -> Result<Blueprint, Fault> {
        let NamedRuntime::Served(runtime) = Runtime::named(&self.runtime) else {
            return Err(StartError::NoRuntime(self.runtime.clone()).into());
        };
        let name = self.name();
        let mut blueprint =
            Blueprint::new(place.scope.clone(), &place.name, &name, runtime, &self.handler, &self.role, code);
        blueprint.layers = layers;
        blueprint.variables = self.variables();
        blueprint.memory = self.memory;
        blueprint.ephemeral_storage = self.ephemeral_storage;
        blueprint.network = self.network.as_ref().map(VersionNetwork::network);
        blueprint.logging = Logging {
            group: self.logging.group.clone(),
            format: if self.logging.is_json { LogFormat::Json } else { LogFormat::Text },
            application_level: self.logging.application_level.clone(),
            system_level: self.logging.system_level.clone(),
        };
        Ok(blueprint)
    }

    /// How long an invocation may take.
    pub(super) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout.into())
    }

    /// The document `FunctionConfiguration`. `qualified` is whether the ARN bears the version, as that of one which was
    /// asked for by its name does.
    pub(super) fn document(&self, place: &Place, qualified: bool, shown: &Shown) -> Value {
        let name = self.name();
        let arn = if qualified { place.qualified_arn(&name) } else { place.function_arn() };
        let mut document = json!({
            "FunctionName": place.name,
            "FunctionArn": arn,
            "Runtime": self.runtime,
            "Role": self.role,
            "Handler": self.handler,
            "CodeSize": self.package.size,
            "Description": self.description,
            "Timeout": self.timeout,
            "MemorySize": self.memory,
            "LastModified": timestamp(self.modified),
            "CodeSha256": self.package.code_sha256(),
            "Version": name,
            "TracingConfig": {"Mode": self.tracing},
            "RevisionId": self.revision,
            "PackageType": "Zip",
            "Architectures": [self.architecture],
            "EphemeralStorage": {"Size": self.ephemeral_storage},
            "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
            "RuntimeVersionConfig": {"RuntimeVersionArn": runtime_version(&self.runtime, place)},
        });
        if let Some(document) = document.as_object_mut() {
            self.add_given(document, shown);
            state::add(document, &self.state, &self.update);
        }
        document
    }

    fn add_given(&self, document: &mut Map<String, Value>, shown: &Shown) {
        let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
        put("LoggingConfig", self.logging.document());
        if let Some(VersionNetwork { subnets, security_groups, dual_stack, vpc }) = &self.network {
            let network = json!({"SubnetIds": subnets, "SecurityGroupIds": security_groups, "VpcId": vpc,
                "Ipv6AllowedForDualStack": dual_stack});
            put("VpcConfig", network);
        }
        if let Some(target) = &self.dead_letter {
            put("DeadLetterConfig", json!({"TargetArn": target}));
        }
        match (&self.variables, shown) {
            (Some(variables), Shown::Variables) => {
                put("Environment", json!({"Variables": variables}));
            }
            (Some(_), Shown::Error(code, message)) => {
                put("Environment", json!({"Error": {"ErrorCode": code, "Message": message}}));
            }
            (None, _) => {}
        }
        if let Some(key) = &self.key {
            put("KMSKeyArn", key.arn.as_str().into());
        }
        if !self.layers.is_empty() {
            let layers = self.layers.iter().map(|layer| json!({"Arn": layer.arn, "CodeSize": layer.size}));
            put("Layers", layers.collect());
        }
    }

    /// Whether a version that was published of this one is still what would be published. Its own description says
    /// nothing of that.
    pub(super) fn is_published_as(&self, other: &Self) -> bool {
        let bare = |version: &Self| Self {
            number: None,
            description: String::new(),
            modified: 0,
            revision: String::new(),
            published_from: None,
            generation: 0,
            state: State::Active,
            update: Update::Successful,
            ..version.clone()
        };
        other.published_from.as_ref() == Some(&self.description) && bare(self) == bare(other)
    }
}

impl VersionNetwork {
    /// What an environment needs of it.
    pub(super) fn network(&self) -> Network {
        Network {
            subnets: self.subnets.clone(),
            security_groups: self.security_groups.clone(),
            is_dual_stack: self.dual_stack,
        }
    }
}

impl VersionLogging {
    fn document(&self) -> Value {
        let mut document = json!({"LogFormat": if self.is_json { "JSON" } else { "Text" }, "LogGroup": self.group});
        let levels = [("ApplicationLogLevel", &self.application_level), ("SystemLogLevel", &self.system_level)];
        for (name, level) in levels {
            if let (Some(level), Some(document)) = (level, document.as_object_mut()) {
                document.insert(name.to_owned(), level.as_str().into());
            }
        }
        document
    }
}

impl Function {
    /// The version of this number; `None` stands for `$LATEST`.
    pub(super) fn version(&self, number: Option<u64>) -> Option<&Version> {
        match number {
            None => Some(&self.head.latest),
            Some(number) => self.versions.get(&number).map(Arc::as_ref),
        }
    }

    /// The version that is named `$LATEST` or by a number.
    pub(super) fn version_named(&self, name: &str) -> Option<&Version> {
        if name == "$LATEST" { Some(&self.head.latest) } else { self.version(Some(name.parse().ok()?)) }
    }

    /// The version that a qualifier stands for. For an alias it is the first one.
    pub(super) fn qualified(&self, qualifier: Option<&Qualifier>) -> Option<&Version> {
        match qualifier {
            None | Some(Qualifier::Latest) => Some(&self.head.latest),
            Some(Qualifier::Version(number)) => self.version(Some(*number)),
            Some(Qualifier::Alias(name)) => self.version_named(&self.head.aliases.get(name)?.version),
        }
    }

    /// The networks that its versions have, each once.
    pub(super) fn networks(&self) -> Vec<Network> {
        let mut all: Vec<Network> = Vec::new();
        let versions = self.versions.values().map(Arc::as_ref);
        for network in std::iter::once(&self.head.latest).chain(versions).filter_map(|one| one.network.as_ref()) {
            let network = network.network();
            if !all.contains(&network) {
                all.push(network);
            }
        }
        all
    }

    /// The revision of the function, or of one of its versions or aliases.
    pub(super) fn revision(&self, qualifier: Option<&Qualifier>) -> Option<&str> {
        match qualifier {
            Some(Qualifier::Alias(name)) => self.head.aliases.get(name).map(|alias| alias.revision.as_str()),
            other => self.qualified(other).map(|version| version.revision.as_str()),
        }
    }

    /// Gives the function, or one of its versions or aliases, another revision.
    pub(super) fn renew(&mut self, qualifier: Option<&Qualifier>, revision: &str) {
        let own = match qualifier {
            None | Some(Qualifier::Latest) => Some(&mut self.head.latest.revision),
            Some(Qualifier::Version(number)) => {
                self.versions.get_mut(number).map(|version| &mut Arc::make_mut(version).revision)
            }
            Some(Qualifier::Alias(name)) => self.head.aliases.get_mut(name).map(|alias| &mut alias.revision),
        };
        if let Some(own) = own {
            revision.clone_into(own);
        }
    }

    /// The policy of the function, or of one of its versions or aliases.
    pub(super) fn policy(&self, qualifier: Option<&Qualifier>) -> Option<&ResourcePolicy> {
        self.head.policies.get(&qualifier.map(ToString::to_string).unwrap_or_default())
    }
}
