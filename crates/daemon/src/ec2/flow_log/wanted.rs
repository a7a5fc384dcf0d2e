//! What CreateFlowLogs asks for.
//!
//! Source: EC2 API reference, `CreateFlowLogs`; wordings that are only known from public reports are rows of
//! docs/claims.md.

use sidegate_model::{
    AggregationInterval, FlowLogDestination, FlowLogResource, FlowLogSettings, LogFormat, LogGroup, RoleArn, S3Folder,
    S3Partitions, Scope, TrafficType,
};
use sidegate_wire::ec2::{CreateFlowLogsRequest, DestinationOptionsRequest};
use sidegate_wire::protocol::Failure;

use super::super::ids::{id, required};
use super::super::{fault, refused};

/// The types of destinations, and the format of files, as they are named.
pub(super) const LOGS: &str = "cloud-watch-logs";
pub(super) const S3: &str = "s3";
pub(super) const PLAIN_TEXT: &str = "plain-text";

/// The most resources of one request.
const RESOURCE_LIMIT: usize = 1000;

/// What a request asks for: flow logs that are alike, one for each resource.
pub(super) struct Wanted {
    pub(super) resources: Vec<FlowLogResource>,
    pub(super) settings: FlowLogSettings,
}

/// The type in ARNs of what a type of resources is called in requests; `None` if it cannot be watched here.
pub(super) fn resource_kind(name: &str) -> Option<&'static str> {
    Some(match name {
        "VPC" => "vpc",
        "Subnet" => "subnet",
        "NetworkInterface" => "network-interface",
        _ => return None,
    })
}

impl Wanted {
    /// Reads a request.
    ///
    /// # Errors
    /// AWS's, if a parameter is missing, cannot be read, or does not go with another one; `UnsupportedOperation` for
    /// what AWS has and is not here.
    pub(super) fn of(request: &CreateFlowLogsRequest, scope: &Scope) -> Result<Self, Failure> {
        let resources = resources(request)?;
        let settings = FlowLogSettings {
            traffic: traffic(request)?,
            interval: interval(request)?,
            destination: destination(request, scope)?,
            format: format(request)?,
        };
        Ok(Self { resources, settings })
    }
}

fn invalid(parameter: &str, value: &str, valid: &str) -> Failure {
    let message = format!("Value ({value}) for parameter {parameter} is invalid. Valid values are {valid}.");
    refused("InvalidParameterValue", message)
}

fn not_applicable(parameter: &str, destination: &str) -> Failure {
    refused("InvalidParameter", format!("{parameter} is not applicable for {destination} delivery"))
}

fn resources(request: &CreateFlowLogsRequest) -> Result<Vec<FlowLogResource>, Failure> {
    let kind = required(request.resource_type.as_deref(), "ResourceType")?;
    let texts = &request.resource_ids;
    if texts.is_empty() {
        return Err(refused("MissingParameter", "The request must contain the parameter ResourceId"));
    }
    if texts.len() > RESOURCE_LIMIT {
        let message = format!("The maximum number of resources of one request, {RESOURCE_LIMIT}, is exceeded");
        return Err(refused("InvalidParameterValue", message));
    }
    let read = |text: &String| match kind {
        "VPC" => id(text).map(FlowLogResource::Vpc),
        "Subnet" => id(text).map(FlowLogResource::Subnet),
        "NetworkInterface" => id(text).map(FlowLogResource::NetworkInterface),
        "TransitGateway" | "TransitGatewayAttachment" => {
            Err(fault::unsupported("Flow logs of transit gateways are not supported by Sidegate, which has none."))
        }
        "RegionalNatGateway" => Err(fault::unsupported(
            "Flow logs of regional NAT gateways are not supported by Sidegate, whose NAT gateways are zonal.",
        )),
        other => Err(invalid("resourceType", other, "VPC, Subnet and NetworkInterface")),
    };
    texts.iter().map(read).collect()
}

fn traffic(request: &CreateFlowLogsRequest) -> Result<TrafficType, Failure> {
    match required(request.traffic_type.as_deref(), "TrafficType")? {
        "ACCEPT" => Ok(TrafficType::Accept),
        "REJECT" => Ok(TrafficType::Reject),
        "ALL" => Ok(TrafficType::All),
        other => Err(invalid("trafficType", other, "ACCEPT, REJECT and ALL")),
    }
}

fn interval(request: &CreateFlowLogsRequest) -> Result<AggregationInterval, Failure> {
    let asked = request.max_aggregation_interval.map(AggregationInterval::try_from).transpose();
    asked.map(Option::unwrap_or_default).map_err(|error| fault::of(&error))
}

fn format(request: &CreateFlowLogsRequest) -> Result<LogFormat, Failure> {
    let asked = request.log_format.as_deref().map(str::parse::<LogFormat>).transpose();
    asked.map(Option::unwrap_or_default).map_err(|error| fault::of(&error))
}

/// A parameter's text, unless it is empty.
fn some(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

fn destination(request: &CreateFlowLogsRequest, scope: &Scope) -> Result<FlowLogDestination, Failure> {
    let (group, place) = (some(request.log_group_name.as_ref()), some(request.log_destination.as_ref()));
    if group.is_some() && place.is_some() {
        let message = "Please only provide LogGroupName or only provide LogDestination.";
        return Err(refused("InvalidParameter", message));
    }
    let kind = some(request.log_destination_type.as_ref()).unwrap_or(LOGS);
    if ![LOGS, S3, "kinesis-data-firehose"].contains(&kind) {
        return Err(invalid("logDestinationType", kind, "cloud-watch-logs and s3"));
    }
    if group.is_some() && kind != LOGS {
        let message = "LogDestination type must be cloud-watch-logs if LogGroupName is provided.";
        return Err(refused("InvalidParameter", message));
    }
    match (kind, group, place) {
        (LOGS, Some(name), _) => logs(request, LogGroup::named(scope, name)),
        (LOGS, None, Some(arn)) => logs(request, LogGroup::at(scope, arn)),
        (S3, _, Some(arn)) => s3(request, arn),
        (_, _, Some(_)) => Err(fault::unsupported(
            "Flow logs to Data Firehose are not supported by Sidegate, which does not emulate that service.",
        )),
        (_, _, None) => {
            let message = "LogDestination can't be empty if LogGroupName is not provided.";
            Err(refused("InvalidParameter", message))
        }
    }
}

/// A destination in CloudWatch Logs.
fn logs(
    request: &CreateFlowLogsRequest, group: Result<LogGroup, sidegate_model::Error>,
) -> Result<FlowLogDestination, Failure> {
    if request.destination_options.is_some() {
        return Err(not_applicable("DestinationOptions", LOGS));
    }
    let Some(role) = some(request.deliver_logs_permission_arn.as_ref()) else {
        let message = "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.";
        return Err(refused("InvalidParameter", message));
    };
    let read = |arn: &str, parameter: &str| RoleArn::read(arn, parameter).map_err(|error| fault::of(&error));
    let cross_account = some(request.deliver_cross_account_role.as_ref());
    Ok(FlowLogDestination::CloudWatchLogs {
        group: group.map_err(|error| fault::of(&error))?,
        role: read(role, "deliverLogsPermissionArn")?,
        cross_account_role: cross_account.map(|arn| read(arn, "deliverCrossAccountRole")).transpose()?,
    })
}

/// A destination in S3.
fn s3(request: &CreateFlowLogsRequest, arn: &str) -> Result<FlowLogDestination, Failure> {
    let roles = [
        ("DeliverLogsPermissionArn", &request.deliver_logs_permission_arn),
        ("DeliverCrossAccountRole", &request.deliver_cross_account_role),
    ];
    if let Some((name, _)) = roles.iter().find(|(_, given)| some(given.as_ref()).is_some()) {
        return Err(not_applicable(name, S3));
    }
    let folder = S3Folder::at(arn).map_err(|error| fault::of(&error))?;
    let partitions = request.destination_options.as_ref().map(partitions).transpose()?;
    Ok(FlowLogDestination::S3 { folder, partitions })
}

fn partitions(options: &DestinationOptionsRequest) -> Result<S3Partitions, Failure> {
    match some(options.file_format.as_ref()).unwrap_or(PLAIN_TEXT) {
        PLAIN_TEXT => Ok(S3Partitions {
            hive_compatible: options.hive_compatible_partitions.unwrap_or_default(),
            per_hour: options.per_hour_partition.unwrap_or_default(),
        }),
        "parquet" => Err(fault::unsupported(
            "Flow logs in Parquet are not supported by Sidegate. Choose the file format plain-text.",
        )),
        other => Err(invalid("fileFormat", other, "plain-text and parquet")),
    }
}
