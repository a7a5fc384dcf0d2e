//! What `CreateFunction` and `UpdateFunctionConfiguration` say of a function, checked.

pub(super) mod patterns;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use sidegate_iam::Requirement;

use super::environment::Network;
use super::fault::Fault;
use super::function::{Version, VersionLogging, VersionNetwork};
use super::runtime::{Named as NamedRuntime, Runtime};
use crate::constraint::{Constraint, Constraints, characters, length, required, size, within};

/// The longest that a function may take, in seconds.
///
/// Source: Lambda developer guide, "Lambda quotas".
const LONGEST_TIMEOUT: i64 = 900;
/// The most memory of a function, in MiB.
const MOST_MEMORY: i64 = 10_240;
/// What all variables have together, in bytes.
const LARGEST_VARIABLES: usize = 4096;

/// Variables that Lambda sets itself.
///
/// Source: Lambda developer guide, "Defined runtime environment variables".
const RESERVED: [&str; 20] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

/// The members that both operations have.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Settings {
    pub(super) runtime: Option<String>,
    pub(super) role: Option<String>,
    pub(super) handler: Option<String>,
    pub(super) description: Option<String>,
    pub(super) timeout: Option<i64>,
    pub(super) memory_size: Option<i64>,
    pub(super) vpc_config: Option<VpcConfig>,
    pub(super) dead_letter_config: Option<DeadLetterConfig>,
    pub(super) environment: Option<Environment>,
    #[serde(rename = "KMSKeyArn")]
    pub(super) kms_key_arn: Option<String>,
    pub(super) tracing_config: Option<TracingConfig>,
    pub(super) layers: Option<Vec<String>>,
    pub(super) ephemeral_storage: Option<EphemeralStorage>,
    pub(super) logging_config: Option<LoggingConfig>,
    file_system_configs: Option<Vec<IgnoredAny>>,
    image_config: Option<IgnoredAny>,
    snap_start: Option<SnapStart>,
    capacity_provider_config: Option<IgnoredAny>,
    durable_config: Option<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VpcConfig {
    subnet_ids: Option<Vec<String>>,
    security_group_ids: Option<Vec<String>>,
    #[serde(rename = "Ipv6AllowedForDualStack")]
    ipv6_allowed_for_dual_stack: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeadLetterConfig {
    target_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Environment {
    variables: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TracingConfig {
    mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EphemeralStorage {
    size: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SnapStart {
    apply_on: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LoggingConfig {
    log_format: Option<String>,
    application_log_level: Option<String>,
    system_log_level: Option<String>,
    log_group: Option<String>,
}

/// Refuses a value that is none of these.
pub(super) fn one_of(member: &'static str, value: &str, allowed: &[&str]) -> Result<(), Constraint> {
    if allowed.contains(&value) {
        return Ok(());
    }
    let set = format!("Member must satisfy enum value set: [{}]", allowed.join(", "));
    Err(Constraint::of(value, member, set))
}

impl Settings {
    /// Checks everything that does not need to be looked up.
    pub(super) fn check(&self) -> Result<(), Fault> {
        self.check_unserved()?;
        Constraints::check(self.constraints())?;
        self.runtime.as_deref().map_or(Ok(()), check_runtime)?;
        if let Some(VpcConfig { subnet_ids, security_group_ids, .. }) = &self.vpc_config {
            let is_empty = |ids: &Option<Vec<String>>| ids.as_ref().is_none_or(Vec::is_empty);
            if is_empty(subnet_ids) != is_empty(security_group_ids) {
                return Err(Fault::invalid("Security Groups and Subnets must be specified together."));
            }
        }
        if let Some(target) = self.dead_letter_config.as_ref().and_then(|config| config.target_arn.as_deref()) {
            check_dead_letter(target)?;
        }
        if let Some(variables) = self.environment.as_ref().and_then(|environment| environment.variables.as_ref()) {
            check_variables(variables)?;
        }
        self.logging_config.as_ref().map_or(Ok(()), LoggingConfig::check)
    }

    /// All that is outside of what the model allows, for AWS tells it together.
    fn constraints(&self) -> Vec<Constraint> {
        let no_subnets = VpcConfig::default();
        let VpcConfig { subnet_ids, security_group_ids, .. } = self.vpc_config.as_ref().unwrap_or(&no_subnets);
        let count = |ids: &Option<Vec<String>>| ids.as_ref().map_or(0, Vec::len);
        let handler = self.handler.as_deref().unwrap_or("none");
        let storage = self.ephemeral_storage.as_ref().map(|storage| {
            let size = required("ephemeralStorage.size", storage.size)?;
            within("ephemeralStorage.size", size, 512, 10_240)
        });
        let tracing = self.tracing_config.as_ref().and_then(|tracing| tracing.mode.as_deref());
        let mut checks = vec![
            self.role.as_deref().map_or(Ok(()), patterns::role),
            length("handler", handler, 0, 128),
            patterns::handler(handler),
            length("description", self.description.as_deref().unwrap_or_default(), 0, 256),
            self.timeout.map_or(Ok(()), |seconds| within("timeout", seconds, 1, LONGEST_TIMEOUT)),
            self.memory_size.map_or(Ok(()), |memory| within("memorySize", memory, 128, MOST_MEMORY)),
            storage.unwrap_or(Ok(())),
            self.kms_key_arn.as_deref().map_or(Ok(()), patterns::key),
            tracing.map_or(Ok(()), |mode| one_of("tracingConfig.mode", mode, &["Active", "PassThrough"])),
            size("vpcConfig.subnetIds", count(subnet_ids), 0, 16),
            size("vpcConfig.securityGroupIds", count(security_group_ids), 0, 5),
        ];
        checks.extend(self.logging_config.iter().flat_map(LoggingConfig::constraints));
        checks.into_iter().filter_map(Result::err).collect()
    }

    fn check_unserved(&self) -> Result<(), Fault> {
        let has_files = self.file_system_configs.as_ref().is_some_and(|configs| !configs.is_empty());
        let snap_start = self.snap_start.as_ref().and_then(|snap_start| snap_start.apply_on.as_deref());
        if let Some(apply_on) = snap_start {
            one_of("snapStart.applyOn", apply_on, &["PublishedVersions", "None"])?;
        }
        for (is_asked, what) in [
            (has_files, "file systems of functions"),
            (self.image_config.is_some(), "container images"),
            (snap_start == Some("PublishedVersions"), "SnapStart"),
            (self.capacity_provider_config.is_some(), "capacity providers"),
            (self.durable_config.is_some(), "durable functions"),
        ] {
            if is_asked {
                return Err(Fault::Unserved(what));
            }
        }
        Ok(())
    }

    /// The network that is asked for: `Some(None)` is that there be none.
    #[expect(clippy::option_option, reason = "whether it is said, and whether there is one")]
    pub(super) fn network(&self) -> Option<Option<Network>> {
        let config = self.vpc_config.as_ref()?;
        let subnets = config.subnet_ids.clone().unwrap_or_default();
        let security_groups = config.security_group_ids.clone().unwrap_or_default();
        let is_dual_stack = config.ipv6_allowed_for_dual_stack.unwrap_or(false);
        Some((!subnets.is_empty()).then_some(Network { subnets, security_groups, is_dual_stack }))
    }

    /// Writes what is given into a version, but for the layers, the network and the key, which have to be looked up.
    pub(super) fn apply(&self, version: &mut Version) {
        fn set<T: Clone>(place: &mut T, given: Option<&T>) {
            if let Some(given) = given {
                place.clone_from(given);
            }
        }
        set(&mut version.runtime, self.runtime.as_ref());
        set(&mut version.role, self.role.as_ref());
        set(&mut version.handler, self.handler.as_ref());
        set(&mut version.description, self.description.as_ref());
        // All of them have been checked to be within bounds.
        let number = |given: Option<i64>| given.and_then(|number| u32::try_from(number).ok());
        set(&mut version.timeout, number(self.timeout).as_ref());
        set(&mut version.memory, number(self.memory_size).as_ref());
        let storage = self.ephemeral_storage.as_ref().and_then(|storage| storage.size);
        set(&mut version.ephemeral_storage, number(storage).as_ref());
        set(&mut version.tracing, self.tracing_config.as_ref().and_then(|tracing| tracing.mode.as_ref()));
        if let Some(config) = &self.dead_letter_config {
            version.dead_letter = config.target_arn.clone().filter(|target| !target.is_empty());
        }
        if let Some(environment) = &self.environment {
            version.variables = environment.variables.clone().filter(|variables| !variables.is_empty());
        }
        if let Some(logging) = &self.logging_config {
            logging.apply(&mut version.logging);
        }
    }

    /// With the condition keys of what is asked for. `network` is with the id of its VPC, where that is known.
    ///
    /// Source: Service authorization reference, "Condition keys for AWS Lambda".
    pub(super) fn conditions(&self, mut requirement: Requirement, network: Option<&VersionNetwork>) -> Requirement {
        if let Some(layers) = self.layers.as_ref().filter(|layers| !layers.is_empty()) {
            requirement = requirement.with_many("lambda:Layer", layers.iter().map(String::as_str));
        }
        if let Some(VersionNetwork { subnets, security_groups, vpc, .. }) = network {
            requirement = requirement
                .with_many("lambda:SubnetIds", subnets.iter().map(String::as_str))
                .with_many("lambda:SecurityGroupIds", security_groups.iter().map(String::as_str));
            if !vpc.is_empty() {
                requirement = requirement.with("lambda:VpcIds", vpc.as_str());
            }
        }
        requirement
    }
}

impl LoggingConfig {
    fn check(&self) -> Result<(), Fault> {
        let is_text = self.log_format.as_deref() == Some("Text");
        if is_text && (self.application_log_level.is_some() || self.system_log_level.is_some()) {
            return Err(Fault::invalid(
                "To use ApplicationLogLevel or SystemLogLevel, you must set LogFormat to JSON.",
            ));
        }
        Ok(())
    }

    fn constraints(&self) -> Vec<Result<(), Constraint>> {
        let one_of = |member, value: &Option<String>, allowed: &[&str]| {
            value.as_deref().map_or(Ok(()), |value| one_of(member, value, allowed))
        };
        let levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
        let group = self.log_group.as_deref().unwrap_or("none");
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_/#".contains(c);
        vec![
            one_of("loggingConfig.logFormat", &self.log_format, &["JSON", "Text"]),
            one_of("loggingConfig.applicationLogLevel", &self.application_log_level, &levels),
            one_of("loggingConfig.systemLogLevel", &self.system_log_level, &["DEBUG", "INFO", "WARN"]),
            length("loggingConfig.logGroup", group, 1, 512),
            characters("loggingConfig.logGroup", group, r"[\.\-_/#A-Za-z0-9]+", is_plain),
        ]
    }

    fn apply(&self, logging: &mut VersionLogging) {
        if let Some(format) = &self.log_format {
            logging.is_json = format == "JSON";
        }
        // A function that logs JSON has levels, by default `INFO`.
        let level = |given: &Option<String>, kept: Option<String>| {
            let level = given.clone().or(kept).unwrap_or_else(|| "INFO".to_owned());
            logging.is_json.then_some(level)
        };
        logging.application_level = level(&self.application_log_level, logging.application_level.clone());
        logging.system_level = level(&self.system_log_level, logging.system_level.clone());
        if let Some(group) = &self.log_group {
            logging.group.clone_from(group);
        }
    }
}

fn check_runtime(runtime: &str) -> Result<(), Fault> {
    match Runtime::named(runtime) {
        // One that is not on this machine is told by invocations.
        NamedRuntime::Served(_) | NamedRuntime::Unserved => Ok(()),
        NamedRuntime::Retired => Err(Fault::invalid(format!(
            "The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. We \
             recommend you use a supported runtime while creating or updating functions."
        ))),
        NamedRuntime::Unknown => {
            let known: Vec<String> = Runtime::ALL.iter().map(ToString::to_string).collect();
            Err(Fault::invalid(format!(
                "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or be \
                 a valid ARN",
                known.join(", ")
            )))
        }
    }
}

fn check_dead_letter(target: &str) -> Result<(), Fault> {
    let service = target.split(':').nth(2);
    if target.is_empty() || matches!(service, Some("sqs" | "sns")) {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "The provided TargetArn {target} is not valid: a dead letter queue is an SQS queue or an SNS topic."
    )))
}

fn check_variables(variables: &BTreeMap<String, String>) -> Result<(), Fault> {
    let unable = "Lambda was unable to configure your environment variables because the environment variables you have \
                  provided";
    for name in variables.keys() {
        let mut letters = name.bytes();
        let is_name = letters.next().is_some_and(|byte| byte.is_ascii_alphabetic())
            && name.len() >= 2
            && letters.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_name && !RESERVED.contains(&name.as_str()) {
            let pattern = "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: \
                           [a-zA-Z]([a-zA-Z0-9_])+]";
            return Err(Constraint::hidden("environment.variables", pattern.to_owned()).into());
        }
    }
    let reserved: Vec<&str> = variables.keys().map(String::as_str).filter(|name| RESERVED.contains(name)).collect();
    if !reserved.is_empty() {
        return Err(Fault::invalid(format!(
            "{unable} contains reserved keys that are currently not supported for modification. Reserved keys used in \
             this request: {}",
            reserved.join(", ")
        )));
    }
    let bytes = serde_json::to_vec(variables)?.len();
    if bytes > LARGEST_VARIABLES {
        return Err(Fault::invalid(format!("{unable} exceeded the 4KB limit. The measured size is {bytes} bytes.")));
    }
    Ok(())
}
