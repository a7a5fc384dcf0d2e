//! `CreateFunction`, and what it has in common with the operations that update one.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use sidegate_iam::Requirement;

use super::fault::Fault;
use super::function::{
    Function, Head, State, Update, UsedLayer, VariablesKey, Version, VersionLogging, VersionNetwork,
};
use super::name::{Named, Place, layer_version};
use super::operation::{Answer, Call, key_context};
use super::package::{LARGEST_UNZIPPED, Pin};
use super::settings::{Settings, one_of};
use super::source::Source;
use super::tags;
use crate::asked::with_request_tags;
use crate::constraint::{Constraint, required};
use crate::kms::UseError;
use crate::random::{bytes, uuid};

/// The most layers of a function.
const MOST_LAYERS: usize = 5;
/// What all code of an account in a Region may have together, zipped, in bytes.
///
/// Source: Lambda developer guide, "Lambda quotas".
pub(super) const CODE_STORAGE: u64 = 75 << 30;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateFunction {
    function_name: Option<String>,
    code: Option<Source>,
    publish: Option<bool>,
    publish_to: Option<String>,
    package_type: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    code_signing_config_arn: Option<String>,
    architectures: Option<Vec<String>>,
    tenancy_config: Option<serde::de::IgnoredAny>,
}

impl CreateFunction {
    fn check(&self, settings: &Settings) -> Result<(), Fault> {
        let kind = self.package_type.as_deref().unwrap_or("Zip");
        one_of("packageType", kind, &["Zip", "Image"])?;
        for (is_asked, what) in [
            (kind == "Image", "container images"),
            (self.code_signing_config_arn.is_some(), "code signing"),
            (self.publish_to.is_some() || self.tenancy_config.is_some(), "capacity providers and tenants"),
        ] {
            if is_asked {
                return Err(Fault::Unserved(what));
            }
        }
        check_architectures(self.architectures.as_deref())?;
        if settings.runtime.is_none() || settings.handler.is_none() {
            return Err(Fault::invalid(
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
            ));
        }
        required("role", settings.role.as_ref())?;
        self.tags.as_ref().map_or(Ok(()), tags::checked)
    }
}

/// Checks the architecture. Programs are those of this machine, whatever is said.
pub(super) fn check_architectures(given: Option<&[String]>) -> Result<(), Fault> {
    let Some(given) = given else { return Ok(()) };
    crate::constraint::size("architectures", given.len(), 1, 1)?;
    if given.iter().all(|one| ["x86_64", "arm64"].contains(&one.as_str())) {
        return Ok(());
    }
    // Of a list, AWS shows all of it.
    let constraint = "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be \
                      null]";
    Err(Constraint::of(&format!("[{}]", given.join(", ")), "architectures", constraint).into())
}

/// `CreateFunction`
pub(super) async fn create_function(call: &Call<'_>) -> Result<Answer, Fault> {
    let settings: Settings = call.document()?;
    let input: CreateFunction = call.document()?;
    settings.check()?;
    let named = Named::parse(call.caller, required("functionName", input.function_name.as_deref())?)?;
    let place = named.place.clone();
    check_own(call, &place)?;
    if named.qualifier.is_some() {
        return Err(Fault::invalid(format!(
            "The function name {} has a qualifier, and what is created is a function as a whole.",
            named.arn()
        )));
    }
    input.check(&settings)?;
    let source = required("code", input.code)?.place()?;
    let tags = input.tags.unwrap_or_default();
    let lookups = Lookups::of(call, &settings).await?;

    let creation = call.whole_requirement(&place, call.store().function(&place).as_deref());
    let creation = settings.conditions(with_request_tags(creation, &tags), lookups.network());
    let mut requirements = vec![creation];
    if !tags.is_empty() {
        let tagging = Requirement::new("lambda:TagResource", place.function_arn());
        requirements.push(with_request_tags(tagging, &tags));
    }
    requirements.extend(lookups.requirements(call, &place, settings.role.as_deref()));
    let allowed = call.authorize(&requirements)?;
    if call.store().function(&place).is_some() {
        return Err(Fault::conflict(format!("Function already exist: {}", place.name)));
    }

    let mut version = blank(call, &place)?;
    settings.apply(&mut version);
    if let Some(architecture) = input.architectures.and_then(|all| all.into_iter().next()) {
        version.architecture = architecture;
    }
    let (layer_pins, network) = lookups.settle(call, &settings, &mut version).await?;
    let (package, _pin) = source.fetch(call).await?;
    version.package = package;
    check_room(call, &version)?;
    check_unzipped(&version)?;
    version.network = network;
    version.key = variables_key(call, &place, &settings, &version, None).await?;

    let publishes = input.publish.unwrap_or(false);
    let (store, own) = (Arc::clone(call.store()), place.clone());
    let kept = call
        .store()
        .change_function(&allowed, &place, move |there| {
            if there.is_some() {
                return Err(Fault::conflict(format!("Function already exist: {}", own.name)));
            }
            let head = new_head(version, store.first_number(&own)?, tags);
            let mut function = Function { head, versions: BTreeMap::new() };
            let shown =
                if publishes { super::version::publish(&mut function, None)? } else { function.head.latest.clone() };
            Ok((Some(function), shown))
        })
        .await?;
    drop(layer_pins);
    call.lambda.prepare(place.clone());
    Answer::created(&call.configuration(&place, &kept, kept.number.is_some()).await)
}

fn new_head(latest: Version, next: u64, tags: BTreeMap<String, String>) -> Head {
    Head {
        latest,
        next,
        aliases: BTreeMap::new(),
        policies: BTreeMap::new(),
        tags,
        reserved: None,
        event_invoke: BTreeMap::new(),
        runtime_updates: BTreeMap::new(),
        allows_loops: false,
    }
}

/// Refuses to make or change what belongs to another account, whatever its name is given as.
fn check_own(call: &Call<'_>, place: &Place) -> Result<(), Fault> {
    if place.scope == call.caller.scope {
        return Ok(());
    }
    Err(Fault::Told(
        super::fault::Code::AccessDenied,
        format!("Cross-account creation of the function {} is not allowed.", place.function_arn()),
    ))
}

/// A version with the values that AWS gives what is not said.
fn blank(call: &Call<'_>, place: &Place) -> Result<Version, Fault> {
    Ok(Version {
        number: None,
        runtime: String::new(),
        handler: String::new(),
        role: String::new(),
        description: String::new(),
        timeout: 3,
        memory: 128,
        ephemeral_storage: 512,
        architecture: "x86_64".to_owned(),
        package: super::package::Package { digest: String::new(), size: 0, unzipped: 0 },
        variables: None,
        key: None,
        layers: Vec::new(),
        network: None,
        dead_letter: None,
        tracing: "PassThrough".to_owned(),
        logging: VersionLogging {
            is_json: false,
            application_level: None,
            system_level: None,
            group: format!("/aws/lambda/{}", place.name),
        },
        modified: call.caller.now,
        revision: uuid()?,
        published_from: None,
        // A function that is made again under a name has no environments of the one before.
        generation: u64::from(u32::from_ne_bytes(bytes()?)) << 24,
        state: State::Pending,
        update: Update::Successful,
    })
}

/// What a request names that has to be looked up before anybody is asked.
pub(super) struct Lookups {
    layers: Option<Vec<(String, Place, u64)>>,
    /// The network with its VPC, or what is wrong with it, which is told after the caller was asked.
    network: Option<Result<Option<VersionNetwork>, Fault>>,
    /// The subnets and groups, with the VPC as far as it is known.
    conditions: Option<VersionNetwork>,
}

impl Lookups {
    pub(super) async fn of(call: &Call<'_>, settings: &Settings) -> Result<Self, Fault> {
        let account = call.caller.scope.account.as_str();
        if settings.role.as_ref().is_some_and(|role| role.split(':').nth(4) != Some(account)) {
            let message = "Cross-account pass role is not allowed.".to_owned();
            return Err(Fault::Told(super::fault::Code::AccessDenied, message));
        }
        let layers = settings.layers.as_deref().map(|arns| layers(call, arns)).transpose()?;
        let (mut network, mut conditions) = (None, None);
        if let Some(asked) = settings.network() {
            let Some(asked) = asked else { return Ok(Self { layers, network: Some(Ok(None)), conditions }) };
            let mut found = VersionNetwork {
                subnets: asked.subnets.clone(),
                security_groups: asked.security_groups.clone(),
                dual_stack: asked.is_dual_stack,
                vpc: String::new(),
            };
            let checked = call.lambda.environments().check_network(&call.caller.scope, &asked).await;
            network = Some(checked.map_err(Fault::from).map(|vpc| {
                found.vpc = vpc;
                Some(found.clone())
            }));
            conditions = Some(found);
        }
        Ok(Self { layers, network, conditions })
    }

    /// The network, as condition keys tell it.
    pub(super) fn network(&self) -> Option<&VersionNetwork> {
        self.conditions.as_ref()
    }

    /// What has to be allowed beside the operation: that the role is passed, and the layers are used.
    pub(super) fn requirements(&self, call: &Call<'_>, place: &Place, role: Option<&str>) -> Vec<Requirement> {
        let passing = role.map(|role| {
            Requirement::new("iam:PassRole", role)
                .with("iam:PassedToService", "lambda.amazonaws.com")
                .with("iam:AssociatedResourceArn", place.function_arn())
        });
        let layers = self
            .layers
            .iter()
            .flatten()
            .map(|(_, layer, number)| super::layer::requirement(call.store(), "GetLayerVersion", layer, *number));
        passing.into_iter().chain(layers).collect()
    }

    /// Writes the layers into a version, and checks the role and the network. The layers stay for as long as the pin.
    pub(super) async fn settle(
        self, call: &Call<'_>, settings: &Settings, version: &mut Version,
    ) -> Result<(Option<Pin>, Option<VersionNetwork>), Fault> {
        let scope = &call.caller.scope;
        let environments = call.lambda.environments();
        if let Some(role) = &settings.role {
            environments.check_role(scope, role).await?;
        }
        let network = match self.network {
            None => version.network.clone(),
            Some(found) => found?,
        };
        if network.is_some() && (settings.role.is_some() || self.conditions.is_some()) {
            for action in ["CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface"] {
                let needed = Requirement::new(format!("ec2:{action}"), "*");
                if !environments.may(scope, &version.role, &needed).await {
                    return Err(Fault::invalid(format!(
                        "The provided execution role does not have permissions to call {action} on EC2"
                    )));
                }
            }
        }
        let is_asked = settings.role.is_some() || settings.dead_letter_config.is_some();
        if let Some(target) = version.dead_letter.as_deref().filter(|_| is_asked) {
            check_may_send(call, &version.role, target).await?;
        }
        let mut pin = None;
        if let Some(layers) = self.layers {
            version.layers = layers.iter().map(|layer| used(call, layer)).collect::<Result<_, _>>()?;
            pin = Some(call.lambda.inner.packages.pin(version.layers.iter().map(|layer| layer.digest.clone())));
        }
        Ok((pin, network))
    }
}

/// Refuses a dead letter queue to which the execution role may not send.
async fn check_may_send(call: &Call<'_>, role: &str, target: &str) -> Result<(), Fault> {
    let (action, name, service) = match target.split(':').nth(2) {
        Some("sns") => ("sns:Publish", "Publish", "SNS"),
        _ => ("sqs:SendMessage", "SendMessage", "SQS"),
    };
    let needed = Requirement::new(action, target);
    if call.lambda.environments().may(&call.caller.scope, role, &needed).await {
        return Ok(());
    }
    Err(Fault::invalid(format!("The provided execution role does not have permissions to call {name} on {service}")))
}

/// The layers that ARNs name.
fn layers(call: &Call<'_>, arns: &[String]) -> Result<Vec<(String, Place, u64)>, Fault> {
    if arns.len() > MOST_LAYERS {
        return Err(Fault::invalid(format!("Cannot reference more than {MOST_LAYERS} layers.")));
    }
    let mut layers: Vec<(String, Place, u64)> = Vec::new();
    for arn in arns {
        let (place, number) = layer_version(arn).ok_or_else(|| {
            let pattern = r"Member must satisfy regular expression pattern: arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+";
            Fault::from(Constraint::of(arn, "layers", pattern))
        })?;
        let region = call.caller.scope.region;
        if place.scope.region != region {
            return Err(Fault::invalid(format!(
                "Layers are not in the same region as the function. Layers are expected to be in region {region}."
            )));
        }
        if let Some((other, ..)) = layers.iter().find(|(_, other, _)| *other == place) {
            return Err(Fault::invalid(format!(
                "Two different versions of the same layer are not allowed to be referenced in the same function. {other} \
                 and {arn} are versions of the same layer"
            )));
        }
        layers.push((arn.clone(), place, number));
    }
    Ok(layers)
}

fn used(call: &Call<'_>, (arn, place, number): &(String, Place, u64)) -> Result<UsedLayer, Fault> {
    let layer = call.store().layer(place);
    let version = layer.as_ref().and_then(|layer| layer.versions.get(number));
    let version = version.ok_or_else(|| Fault::invalid(format!("Layer version {arn} does not exist.")))?;
    let package = &version.package;
    Ok(UsedLayer { arn: arn.clone(), digest: package.digest.clone(), size: package.size, unzipped: package.unzipped })
}

/// Refuses a function that is too large with its layers.
pub(super) fn check_unzipped(version: &Version) -> Result<(), Fault> {
    let together = version.package.unzipped + version.layers.iter().map(|layer| layer.unzipped).sum::<u64>();
    if together <= LARGEST_UNZIPPED {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "Function code combined with layers exceeds the maximum allowed size of {LARGEST_UNZIPPED} bytes. The actual size \
         is {together} bytes."
    )))
}

/// Refuses code for which there is no room any more in its account.
pub(super) fn check_room(call: &Call<'_>, version: &Version) -> Result<(), Fault> {
    if super::account::code_size(call.store(), &call.caller.scope) + version.package.size <= CODE_STORAGE {
        return Ok(());
    }
    Err(Fault::Told(super::fault::Code::StorageExceeded, "Code storage limit exceeded.".to_owned()))
}

/// The data key of a version's variables, if they have a key of KMS. It is tried whether the caller may use it.
pub(super) async fn variables_key(
    call: &Call<'_>, place: &Place, settings: &Settings, version: &Version, before: Option<VariablesKey>,
) -> Result<Option<VariablesKey>, Fault> {
    let arn = match &settings.kms_key_arn {
        Some(arn) if arn.is_empty() => return Ok(None),
        Some(arn) => arn.clone(),
        None if settings.environment.is_none() => return Ok(before),
        None => match before {
            Some(key) => key.arn,
            None => return Ok(None),
        },
    };
    if version.variables.is_none() {
        return Ok(Some(VariablesKey { arn, wrapped: Vec::new() }));
    }
    let keys = call.lambda.keys.as_ref().ok_or(Fault::Unserved("keys of KMS"))?;
    let made = keys.generate_data_key(call.on_behalf(), &arn, key_context(place)).await;
    let made = made.map_err(|error| unusable(&error))?;
    Ok(Some(VariablesKey { arn, wrapped: made.ciphertext }))
}

fn unusable(error: &UseError) -> Fault {
    let reason = match error {
        UseError::Denied(_) => "you do not have access to the KMS key",
        UseError::Failed(_) => return Fault::Interrupted,
        _ => "the KMS key used is disabled, pending deletion, or not there",
    };
    Fault::invalid(format!(
        "Lambda was unable to configure access to your environment variables because {reason}. Please check your KMS \
         permissions and the key. KMS Exception: {}",
        error.code()
    ))
}
