//! CreateFlowLogs, DeleteFlowLogs, DescribeFlowLogs. How the parameters of the first are read is in
//! `flow_log/wanted.rs`.

// coverage: ec2:CreateFlowLogs: transit gateways, regional NAT gateways, Data Firehose and Parquet are refused

#[cfg(test)]
mod tests;
mod wanted;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;
use sidegate_model::{Context, Error, FlowLog, FlowLogDestination, FlowLogId, RoleArn, S3Partitions, Scope, World};
use sidegate_services::{Authorized, ForwardedBy};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use self::wanted::Wanted;
use super::action::{Action, Call};
use super::filter::{Filters, one, tag_values};
use super::ids::{self, arn};
use super::{client_token, denial, refused, tag, tagged};
use crate::flow_logs::NotAdmitted;

/// The name under which tokens of CreateFlowLogs are kept, and the kind of its resources.
const CREATE: &str = "CreateFlowLogs";
const KIND: &str = "vpc-flow-log";

/// The service that has the roles of flow logs.
///
/// Source: VPC user guide, "IAM role for publishing flow logs to CloudWatch Logs".
const SERVICE: &str = "vpc-flow-logs.amazonaws.com";

/// The filters of DescribeFlowLogs.
const FILTERS: &[&str] = &[
    "deliver-log-status",
    "flow-log-id",
    "log-destination-type",
    "log-group-name",
    "resource-id",
    "tag-key",
    "tag:",
    "traffic-type",
];

/// The most flow logs that one request names.
///
/// Source: EC2 API reference, `DeleteFlowLogs`, `DescribeFlowLogs`.
const ID_LIMIT: usize = 1000;

/// What a call made, and for which resources there is nothing and why. It is what a token stands for.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Outcome {
    made: Vec<String>,
    failed: Vec<Failed>,
}

/// That there is no flow log for a resource.
#[derive(Debug, Serialize, Deserialize)]
struct Failed {
    resource: String,
    code: String,
    message: String,
}

impl Outcome {
    /// What was remembered of a call, by this version or an older one, which knew what was made and no more.
    fn remembered(text: &str) -> Self {
        let made_alone = || Self { made: text.split(' ').map(str::to_owned).collect(), failed: Vec::new() };
        serde_json::from_str(text).unwrap_or_else(|_| made_alone())
    }

    fn answer(self, client_token: Option<String>) -> ec2::CreateFlowLogsResult {
        let unsuccessful = self.failed.into_iter().map(Failed::item).collect();
        ec2::CreateFlowLogsResult { client_token, flow_log_ids: self.made, unsuccessful }
    }
}

impl Failed {
    fn item(self) -> ec2::UnsuccessfulItem {
        let error = ec2::UnsuccessfulItemError { code: Some(self.code), message: Some(self.message) };
        ec2::UnsuccessfulItem { error: Some(error), resource_id: Some(self.resource) }
    }
}

impl Action for ec2::CreateFlowLogsRequest {
    type Answer = ec2::CreateFlowLogsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        let kind = self.resource_type.as_deref().and_then(wanted::resource_kind);
        let watched = self.resource_ids.iter().filter_map(|id| Some(arn(scope, kind?, id)));
        [arn(scope, KIND, "*")].into_iter().chain(watched).collect()
    }

    fn require(&self, call: &Call<'_>) -> Result<(), Failure> {
        match &Wanted::of(self, call.scope())?.settings.destination {
            FlowLogDestination::CloudWatchLogs { role, .. } => require_pass(call, role),
            FlowLogDestination::S3 { .. } => require_log_delivery(call, "logs:CreateLogDelivery"),
        }
    }

    async fn act(mut self, call: &Call<'_>) -> Result<ec2::CreateFlowLogsResult, Failure> {
        self.dry_run = None;
        let client_token = self.client_token.take();
        let parameters = client_token::fingerprint(&self);
        let tags = tagged::specified(&self.tag_specifications, KIND, &[])?;
        let wanted = Wanted::of(&self, call.scope())?;
        if let Some(token) = &client_token
            && let Some(known) = call.replayed(token, &parameters)?
        {
            return Ok(Outcome::remembered(&known).answer(client_token));
        }
        if let FlowLogDestination::S3 { folder, partitions } = &wanted.settings.destination {
            let partitions = partitions.unwrap_or_default();
            // A call that can make nothing changes no policy of a bucket.
            call.try_out(|world, context| create(world, context, &wanted, &tags))?;
            if let Err(error) = call.deliveries.admit(call.caller, call.authorizer, folder, partitions).await {
                return Ok(not_admitted(&self.resource_ids, &error).answer(client_token));
            }
        }
        let token = client_token.clone();
        let outcome = call
            .change(move |world, context| {
                let Some(token) = &token else { return create(world, context, &wanted, &tags) };
                if let Some(known) = world.replay(context, CREATE, token, &parameters)? {
                    return Ok(Outcome::remembered(&known));
                }
                let outcome = create(world, context, &wanted, &tags)?;
                // It has nothing that could not be written.
                let text = serde_json::to_string(&outcome).unwrap_or_default();
                world.remember(context, CREATE, token, &parameters, &text);
                Ok(outcome)
            })
            .await?;
        Ok(outcome.answer(client_token))
    }
}

/// Makes a flow log for each resource that can have one. If none can, the call is refused for the reason of the first.
fn create(
    world: &mut World, context: &mut Context<'_>, wanted: &Wanted, tags: &[(String, String)],
) -> Result<Outcome, Error> {
    let (mut made, mut failed) = (Vec::new(), Vec::new());
    for resource in &wanted.resources {
        match world.create_flow_log(context, resource, &wanted.settings) {
            Ok(id) => {
                tag::put(world, context, id.as_str(), tags)?;
                made.push(id.to_string());
            }
            Err(error) => failed.push((resource.id(), error)),
        }
    }
    match failed.first() {
        Some((_, error)) if made.is_empty() => Err(error.clone()),
        _ => {
            let failed = failed.into_iter().map(|(resource, error)| Failed {
                resource: resource.to_owned(),
                code: error.code().to_owned(),
                message: error.to_string(),
            });
            Ok(Outcome { made, failed: failed.collect() })
        }
    }
}

/// What is answered where a bucket does not let records in: the call succeeds, and makes nothing.
fn not_admitted(resources: &[String], error: &NotAdmitted) -> Outcome {
    let failed = resources.iter().map(|resource| Failed {
        resource: resource.clone(),
        code: "400".to_owned(),
        message: error.to_string(),
    });
    Outcome { made: Vec::new(), failed: failed.collect() }
}

/// Whether the caller may have CloudWatch Logs deliver to other services, which flow logs ask it for in the caller's name.
///
/// Source: VPC user guide, "Publish flow logs to Amazon S3", "IAM policy for IAM principals that publish flow logs to
/// Amazon S3".
fn require_log_delivery(call: &Call<'_>, action: &str) -> Result<(), Failure> {
    let by = ForwardedBy { service: "vpc-flow-logs", region: call.scope().region };
    let allowed = Authorized::forwarded(call.authorizer, &by, &[Requirement::new(action, "*")]);
    allowed.map(drop).map_err(|denial| denial::failure(call.directory, &denial))
}

/// Whether the caller may pass the role to flow logs. The action itself was authorised before. Whether there is such a
/// role, nobody is told here: records that it does not let in are not delivered.
fn require_pass(call: &Call<'_>, role: &RoleArn) -> Result<(), Failure> {
    if role.account() != call.scope().account.as_str() {
        return Err(refused("InvalidParameter", "Cross-account pass role is not allowed."));
    }
    let requirement = Requirement::new("iam:PassRole", role.as_str()).with("iam:PassedToService", SERVICE);
    let known = call.directory.role(role.as_str());
    let tags = known.iter().flat_map(|role| &role.tags);
    let requirement = tags.fold(requirement, |requirement, (key, value)| {
        let tag = format!("ResourceTag/{key}");
        requirement.with(&format!("aws:{tag}"), value.as_str()).with(&format!("iam:{tag}"), value.as_str())
    });
    let allowed = Authorized::by(call.authorizer, CREATE, &[requirement]);
    allowed.map(drop).map_err(|denial| denial::failure(call.directory, &denial))
}

/// The ids of flow logs that a request names.
fn flow_log_ids(texts: &[String]) -> Result<Vec<FlowLogId>, Failure> {
    if texts.len() > ID_LIMIT {
        let message = format!("The maximum number of flow log IDs of one request, {ID_LIMIT}, is exceeded");
        return Err(refused("InvalidParameterValue", message));
    }
    ids::ids(texts)
}

impl Action for ec2::DeleteFlowLogsRequest {
    type Answer = ec2::DeleteFlowLogsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        self.flow_log_ids.iter().map(|id| arn(scope, KIND, id)).collect()
    }

    fn require(&self, call: &Call<'_>) -> Result<(), Failure> {
        let world = call.world();
        let goes_to_s3 = |id: &FlowLogId| {
            let log = world.flow_logs.get(id).filter(|log| log.scope == *call.scope());
            log.is_some_and(|log| matches!(log.settings.destination, FlowLogDestination::S3 { .. }))
        };
        if flow_log_ids(&self.flow_log_ids)?.iter().any(goes_to_s3) {
            require_log_delivery(call, "logs:DeleteLogDelivery")?;
        }
        Ok(())
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DeleteFlowLogsResult, Failure> {
        if self.flow_log_ids.is_empty() {
            return Err(refused("MissingParameter", "The request must contain the parameter FlowLogId"));
        }
        let ids = flow_log_ids(&self.flow_log_ids)?;
        let gone = ids.clone();
        call.change(move |world, context| world.delete_flow_logs(context, &ids)).await?;
        call.deliveries.forget(&gone);
        Ok(ec2::DeleteFlowLogsResult { unsuccessful: Vec::new() })
    }
}

impl Action for ec2::DescribeFlowLogsRequest {
    type Answer = ec2::DescribeFlowLogsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeFlowLogsResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filter, FILTERS)?;
        let named = flow_log_ids(&self.flow_log_ids)?;
        // An id that names nothing is no error here, unlike where it is to be deleted.
        let is_meant = |log: &&FlowLog| log.scope == *scope && (named.is_empty() || named.contains(&log.id));
        let mut logs: Vec<Shown<'_>> =
            world.flow_logs.iter().filter(is_meant).map(|log| Shown::of(call, log)).collect();
        logs.retain(|shown| filters.pass(|filter| shown.values(&world, filter)));
        let key = |shown: &Shown<'_>| shown.log.id.to_string();
        let page = call.page(logs, key, self.max_results, self.next_token.as_deref(), (1, 1000))?;
        Ok(ec2::DescribeFlowLogsResult {
            flow_logs: page.items.into_iter().map(|shown| shown.render(&world)).collect(),
            next_token: page.next_token,
        })
    }
}

/// A flow log with what is known of its deliveries.
struct Shown<'w> {
    log: &'w FlowLog,
    /// Why the newest delivery failed, in AWS's words.
    failure: Option<&'static str>,
}

impl<'w> Shown<'w> {
    fn of(call: &Call<'_>, log: &'w FlowLog) -> Self {
        Self { log, failure: call.deliveries.failure(&log.id).map(sidegate_model::DeliveryError::as_str) }
    }

    fn status(&self) -> &'static str {
        if self.failure.is_some() { "FAILED" } else { "SUCCESS" }
    }

    fn destination_type(&self) -> &'static str {
        match self.log.settings.destination {
            FlowLogDestination::CloudWatchLogs { .. } => wanted::LOGS,
            FlowLogDestination::S3 { .. } => wanted::S3,
        }
    }

    fn values(&self, world: &'w World, filter: &str) -> Vec<Cow<'w, str>> {
        let log = self.log;
        match filter {
            "deliver-log-status" => one(self.status()),
            "flow-log-id" => one(log.id.as_str()),
            "log-destination-type" => one(self.destination_type()),
            "log-group-name" => match &log.settings.destination {
                FlowLogDestination::CloudWatchLogs { group, .. } => one(group.name.as_str()),
                FlowLogDestination::S3 { .. } => Vec::new(),
            },
            "resource-id" => one(log.resource.id()),
            "traffic-type" => one(log.settings.traffic.as_str()),
            _ => tag_values(world, log.id.as_str(), filter).unwrap_or_default(),
        }
    }

    fn render(&self, world: &World) -> ec2::FlowLog {
        let log = self.log;
        let common = ec2::FlowLog {
            creation_time: Some(ec2::Timestamp::from_unix_millis(log.created)),
            deliver_logs_error_message: self.failure.map(str::to_owned),
            deliver_logs_status: Some(self.status().to_owned()),
            flow_log_id: Some(log.id.to_string()),
            flow_log_status: Some("ACTIVE".to_owned()),
            resource_id: Some(log.resource.id().to_owned()),
            traffic_type: Some(log.settings.traffic.as_str().to_owned()),
            log_destination_type: Some(self.destination_type().to_owned()),
            log_format: Some(log.settings.format.to_string()),
            tags: tagged::shown(world, log.id.as_str()),
            max_aggregation_interval: i32::try_from(log.settings.interval.seconds()).ok(),
            ..ec2::FlowLog::default()
        };
        match &log.settings.destination {
            FlowLogDestination::CloudWatchLogs { group, role, cross_account_role } => ec2::FlowLog {
                deliver_logs_permission_arn: Some(role.to_string()),
                deliver_cross_account_role: cross_account_role.as_ref().map(RoleArn::to_string),
                log_group_name: Some(group.name.clone()),
                log_destination: group.arn.clone(),
                ..common
            },
            FlowLogDestination::S3 { folder, partitions } => ec2::FlowLog {
                log_destination: Some(folder.to_string()),
                destination_options: partitions.map(options),
                ..common
            },
        }
    }
}

fn options(partitions: S3Partitions) -> ec2::DestinationOptionsResponse {
    ec2::DestinationOptionsResponse {
        file_format: Some(wanted::PLAIN_TEXT.to_owned()),
        hive_compatible_partitions: Some(partitions.hive_compatible),
        per_hour_partition: Some(partitions.per_hour),
    }
}
