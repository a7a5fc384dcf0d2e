//! `CreateEventSourceMapping`, `GetEventSourceMapping`, `ListEventSourceMappings`, `UpdateEventSourceMapping` and
//! `DeleteEventSourceMapping`.
//!
//! Source: API reference; LocalStack's tests that run against AWS, and what users quote, for the words.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::StatusCode;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use sidegate_iam::Requirement;

use super::mapping::{Mapping, NOTHING_YET, Step, arn};
use super::settings::{Asked, Settings};
use super::stream::Stream;
use crate::asked::with_request_tags;
use crate::constraint::{Constraint, required};
use crate::lambda::fault::{Code, Fault};
use crate::lambda::name::Named;
use crate::lambda::operation::{Answer, Call, listed};
use crate::lambda::settings::one_of;
use crate::lambda::store::Mappings;
use crate::lambda::tags;
use crate::parcel::service_of;
use crate::random::uuid;

/// The most mappings of a page.
///
/// Source: API reference, "ListEventSourceMappings": "a maximum of 100 items in each response".
const LARGEST_PAGE: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    function_name: Option<String>,
    event_source_arn: Option<String>,
    enabled: Option<bool>,
    starting_position: Option<String>,
    starting_position_timestamp: Option<IgnoredAny>,
    self_managed_event_source: Option<IgnoredAny>,
    tags: Option<BTreeMap<String, String>>,
}

impl Input {
    /// The stream that is read, checked.
    fn source(&self, call: &Call<'_>) -> Result<String, Fault> {
        if self.self_managed_event_source.is_some() {
            return Err(Fault::Unserved("self-managed Kafka as an event source"));
        }
        let Some(arn) = self.event_source_arn.as_deref() else {
            return Err(Fault::invalid("Unrecognized event source."));
        };
        check_arn("eventSourceArn", arn)?;
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let (region, account, rest) = match parts.as_slice() {
            ["arn", _, "dynamodb", region, account, rest] => (*region, *account, *rest),
            _ => {
                return Err(match service_of(arn) {
                    "sqs" => Fault::Unserved("queues of SQS as event sources"),
                    "kinesis" => Fault::Unserved("streams of Kinesis as event sources"),
                    "kafka" => Fault::Unserved("clusters of Amazon MSK as event sources"),
                    "mq" => Fault::Unserved("brokers of Amazon MQ as event sources"),
                    "rds" | "docdb" => Fault::Unserved("change streams of DocumentDB as event sources"),
                    _ => unrecognized(),
                });
            }
        };
        if !rest.starts_with("table/") || rest.split('/').nth(2) != Some("stream") {
            return Err(unrecognized());
        }
        let scope = &call.caller.scope;
        if (region, account) != (scope.region.as_str(), scope.account.as_str()) {
            return Err(Fault::invalid(format!(
                "The event source {arn} is not in the account and Region of the function: {}, {}.",
                scope.account, scope.region
            )));
        }
        Ok(arn.to_owned())
    }

    fn position(&self, source: &str) -> Result<String, Fault> {
        let Some(position) = self.starting_position.as_deref() else {
            let told = required::<()>("startingPosition", None).err().map(|null| null.to_string()).unwrap_or_default();
            return Err(Fault::invalid(format!("{told}.")));
        };
        one_of("startingPosition", position, &["LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"])?;
        if position == "AT_TIMESTAMP" {
            return Err(Fault::invalid(format!("Unsupported starting position for arn type: {source}")));
        }
        if self.starting_position_timestamp.is_some() {
            return Err(Fault::invalid("Timestamp only valid with StartingPosition AT_TIMESTAMP"));
        }
        Ok(position.to_owned())
    }
}

fn unrecognized() -> Fault {
    Fault::invalid("Unrecognized event source, must be kinesis, dynamodb stream or sqs.")
}

fn check_arn(member: &'static str, arn: &str) -> Result<(), Fault> {
    if arn.starts_with("arn:aws") && arn.split(':').count() >= 6 {
        return Ok(());
    }
    let pattern = r"Member must satisfy regular expression pattern: arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}(-gov)?-[a-z]+-\d{1})?:(\d{12})?:(.*)";
    Err(Constraint::of(arn, member, pattern).into())
}

/// A function as a mapping has it, and its execution role.
struct Consumer {
    named: Named,
    /// `None` if there is no such function, version or alias.
    role: Option<String>,
}

impl Consumer {
    fn of(call: &Call<'_>, name: &str) -> Result<Self, Fault> {
        let named = Named::parse(call.caller, name)?;
        if named.place.scope != call.caller.scope {
            return Err(Fault::Told(
                Code::AccessDenied,
                format!("Cross-account event source mappings of the function {} are not allowed.", named.arn()),
            ));
        }
        let function = call.store().function(&named.place);
        let version = function.as_ref().and_then(|function| function.qualified(named.qualifier.as_ref()));
        Ok(Self { role: version.map(|version| version.role.clone()), named })
    }

    fn role(&self) -> Result<&str, Fault> {
        self.role.as_deref().ok_or_else(|| Fault::invalid("Function does not exist"))
    }

    /// Refuses a stream that the role may not read, and a destination to which it may not send. Tells the shards.
    async fn check(&self, call: &Call<'_>, source: &str, settings: &Settings) -> Result<(Stream, Vec<String>), Fault> {
        let role = self.role()?;
        let environments = call.lambda.environments();
        let stream = Stream::new(Arc::clone(&environments), call.caller.scope.clone(), role, source);
        let shards = stream.check().await?;
        let needed: &[(&str, &str, &str)] = match settings.on_failure.as_deref().map(service_of) {
            Some("sqs") => &[("sqs:SendMessage", "SendMessage", "SQS")],
            Some("sns") => &[("sns:Publish", "Publish", "SNS")],
            Some("s3") => &[("s3:PutObject", "PutObject", "S3")],
            _ => &[],
        };
        for (action, name, service) in needed {
            let target = settings.on_failure.as_deref().unwrap_or_default();
            let resource = if *service == "S3" { format!("{target}/aws/lambda/*") } else { target.to_owned() };
            let needed = Requirement::new(*action, resource.as_str());
            if !environments.may(&call.caller.scope, role, &needed).await {
                return Err(Fault::invalid(format!(
                    "The provided execution role does not have permissions to call {name} on {service}"
                )));
            }
        }
        Ok((stream, shards))
    }
}

/// `CreateEventSourceMapping`
pub(crate) async fn create_event_source_mapping(call: &Call<'_>) -> Result<Answer, Fault> {
    let input: Input = call.document()?;
    let asked: Asked = call.document()?;
    let consumer = Consumer::of(call, required("functionName", input.function_name.as_deref())?)?;
    let source = input.source(call)?;
    asked.check()?;
    let starting_position = input.position(&source)?;
    let tags = input.tags.unwrap_or_default();
    tags::checked(&tags)?;
    let (scope, id, function) = (call.caller.scope.clone(), uuid()?, consumer.named.arn());

    let creation = Requirement::new("lambda:CreateEventSourceMapping", "*").owned_by(scope.account.clone());
    let creation = with_request_tags(creation.with("lambda:FunctionArn", function.as_str()), &tags);
    let mut requirements = vec![creation];
    if !tags.is_empty() {
        let tagging = Requirement::new("lambda:TagResource", arn(&scope, &id)).owned_by(scope.account.clone());
        requirements.push(with_request_tags(tagging, &tags));
    }
    let allowed = call.authorize(&requirements)?;

    let settings = asked.applied_to(Settings::default());
    let (stream, shards) = consumer.check(call, &source, &settings).await?;
    let mut begins = BTreeMap::new();
    if starting_position == "LATEST" {
        for shard in shards {
            let position = stream.latest(&shard).await?;
            begins.insert(shard, position);
        }
    }
    let mapping = Mapping {
        id,
        scope,
        source,
        function,
        starting_position,
        begins,
        settings,
        tags,
        is_enabled: input.enabled.unwrap_or(true),
        step: Step::Creating,
        modified: call.caller.now,
        result: NOTHING_YET.to_owned(),
    };
    let name = consumer.named.place.name;
    let made = call
        .store()
        .change_mapping(&allowed, move |all| {
            check_is_new(all, &mapping, &name)?;
            let document = mapping.document();
            Ok((mapping, document))
        })
        .await?;
    Answer::of(StatusCode::ACCEPTED, &made)
}

/// Refuses a second mapping of a stream to a function.
fn check_is_new(all: &Mappings, mapping: &Mapping, name: &str) -> Result<(), Fault> {
    let is_other = |own: &&Arc<Mapping>| own.id != mapping.id;
    let same = |own: &&Arc<Mapping>| own.source == mapping.source && own.function == mapping.function;
    match all.values().filter(is_other).find(same) {
        None => Ok(()),
        Some(own) => Err(Fault::conflict(format!(
            "The event source arn (\" {} \") and function (\" {name} \") provided mapping already exists. Please update or \
             delete the existing mapping with UUID {}",
            mapping.source, own.id
        ))),
    }
}

/// The mapping that a request names, if it is one of the caller's.
fn named(call: &Call<'_>) -> Option<Arc<Mapping>> {
    call.store().mapping(call.segment(0)).filter(|mapping| mapping.scope == call.caller.scope)
}

/// What has to be allowed for an action on the mapping that a request names.
fn requirement(call: &Call<'_>, mapping: Option<&Mapping>) -> Requirement {
    let scope = &call.caller.scope;
    match mapping {
        Some(mapping) => mapping.requirement(call.operation),
        None => Requirement::new(format!("lambda:{}", call.operation), arn(scope, call.segment(0)))
            .owned_by(scope.account.clone()),
    }
}

/// `GetEventSourceMapping`
pub(crate) fn get_event_source_mapping(call: &Call<'_>) -> Result<Answer, Fault> {
    let mapping = named(call);
    call.authorize(&[requirement(call, mapping.as_deref())])?;
    Answer::ok(&mapping.ok_or_else(Fault::no_resource)?.document())
}

/// `ListEventSourceMappings`
pub(crate) fn list_event_source_mappings(call: &Call<'_>) -> Result<Answer, Fault> {
    let source = call.parameter("EventSourceArn").filter(|arn| !arn.is_empty());
    source.map_or(Ok(()), |arn| check_arn("eventSourceArn", arn))?;
    let function = call.parameter("FunctionName").filter(|name| !name.is_empty());
    let function = function.map(|name| Named::parse(call.caller, name)).transpose()?;
    let scope = &call.caller.scope;
    call.authorize(&[Requirement::new("lambda:ListEventSourceMappings", "*").owned_by(scope.account.clone())])?;
    let own = call.store().mappings(scope).into_iter().filter(|mapping| {
        source.is_none_or(|arn| mapping.source == arn)
            && function.as_ref().is_none_or(|named| mapping.function == named.arn())
    });
    let items: Vec<(String, Value)> = own.map(|mapping| (mapping.id.clone(), mapping.document())).collect();
    let (page, marker) = call.page(items, LARGEST_PAGE)?;
    Answer::ok(&listed("EventSourceMappings", page, marker))
}

/// `UpdateEventSourceMapping`
pub(crate) async fn update_event_source_mapping(call: &Call<'_>) -> Result<Answer, Fault> {
    let input: Input = call.document()?;
    let asked: Asked = call.document()?;
    asked.check()?;
    let mapping = named(call);
    let mut requirements = vec![requirement(call, mapping.as_deref())];
    let consumer = input.function_name.as_deref().map(|name| Consumer::of(call, name)).transpose()?;
    if let (Some(mapping), Some(consumer)) = (&mapping, &consumer) {
        // Neither the function that had the records nor the one that is to have them is taken without being asked for.
        let after = Mapping { function: consumer.named.arn(), ..Mapping::clone(mapping) };
        requirements.push(after.requirement(call.operation));
    }
    let allowed = call.authorize(&requirements)?;
    let mapping = mapping.ok_or_else(Fault::no_resource)?;
    check_is_settled(&mapping, "update")?;
    let settings = asked.applied_to(mapping.settings.clone());
    let function = match &consumer {
        Some(consumer) => consumer.named.arn(),
        None => mapping.function.clone(),
    };
    if consumer.is_some() || settings.on_failure != mapping.settings.on_failure {
        let consumer = match consumer {
            Some(consumer) => consumer,
            None => Consumer::of(call, &mapping.function)?,
        };
        consumer.check(call, &mapping.source, &settings).await?;
    }
    let (id, now, enables) = (mapping.id.clone(), call.caller.now, input.enabled);
    let changed = call
        .store()
        .change_mapping(&allowed, move |all| {
            let mut mapping = Mapping::clone(all.get(&id).ok_or_else(Fault::no_resource)?);
            check_is_settled(&mapping, "update")?;
            mapping.function = function;
            let name = mapping.named()?.place.name;
            check_is_new(all, &mapping, &name)?;
            mapping.settings = settings;
            mapping.modified = now;
            mapping.step = match enables {
                Some(true) if !mapping.is_enabled => Step::Enabling,
                Some(false) if mapping.is_enabled => Step::Disabling,
                _ => Step::Updating,
            };
            mapping.is_enabled = enables.unwrap_or(mapping.is_enabled);
            let document = mapping.document();
            Ok((mapping, document))
        })
        .await?;
    Answer::of(StatusCode::ACCEPTED, &changed)
}

/// Refuses what comes while a change is under way.
fn check_is_settled(mapping: &Mapping, what: &str) -> Result<(), Fault> {
    if mapping.step == Step::Settled {
        return Ok(());
    }
    Err(Fault::Told(Code::ResourceInUse, format!("Cannot {what} the event source mapping because it is in use.")))
}

/// `DeleteEventSourceMapping`
pub(crate) async fn delete_event_source_mapping(call: &Call<'_>) -> Result<Answer, Fault> {
    let mapping = named(call);
    let allowed = call.authorize(&[requirement(call, mapping.as_deref())])?;
    let id = mapping.ok_or_else(Fault::no_resource)?.id.clone();
    let now = call.caller.now;
    let gone = call
        .store()
        .change_mapping(&allowed, move |all| {
            let mut mapping = Mapping::clone(all.get(&id).ok_or_else(Fault::no_resource)?);
            check_is_settled(&mapping, "delete")?;
            mapping.step = Step::Deleting;
            mapping.modified = now;
            let document = mapping.document();
            Ok((mapping, document))
        })
        .await?;
    Answer::of(StatusCode::ACCEPTED, &gone)
}
