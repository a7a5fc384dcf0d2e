//! How each service is spoken to: the name that requests are signed for, the protocol, and the word before the dot in
//! `X-Amz-Target`.
//!
//! Source: the services' API models, as botocore has them.

use http::HeaderMap;
use http::request::Parts;
use sidegate_wire::aws_json::Target;
use sidegate_wire::protocol::{JsonVersion, Protocol};
use sidegate_wire::rpc_v2_cbor;

/// How a service is spoken to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// The last part of the service's endpoint service name.
    pub(super) service: &'static str,
    /// The service in a signature's scope. Some services share one.
    pub(super) signing: &'static str,
    protocol: Protocol,
    /// The service in `X-Amz-Target`, if it has one.
    target: &'static str,
}

const JSON_1_0: Protocol = Protocol::AwsJson(JsonVersion::V1_0);
const JSON_1_1: Protocol = Protocol::AwsJson(JsonVersion::V1_1);

const fn dialect(service: &'static str, signing: &'static str, protocol: Protocol, target: &'static str) -> Dialect {
    Dialect { service, signing, protocol, target }
}

/// Where several services share a signing name, the first is the one that is meant where nothing else tells.
const DIALECTS: &[Dialect] = &[
    dialect("s3", "s3", Protocol::RestXml, ""),
    dialect("dynamodb", "dynamodb", JSON_1_0, "DynamoDB_20120810"),
    dialect("dynamodb-streams", "dynamodb", JSON_1_0, "DynamoDBStreams_20120810"),
    dialect("secretsmanager", "secretsmanager", JSON_1_1, "secretsmanager"),
    dialect("sts", "sts", Protocol::AwsQuery, ""),
    dialect("kms", "kms", JSON_1_1, "TrentService"),
    dialect("logs", "logs", JSON_1_1, "Logs_20140328"),
    dialect("monitoring", "monitoring", Protocol::AwsQuery, "GraniteServiceVersion20100801"),
    dialect("bedrock", "bedrock", Protocol::RestJson, ""),
    dialect("bedrock-runtime", "bedrock", Protocol::RestJson, ""),
    dialect("bedrock-agent", "bedrock", Protocol::RestJson, ""),
    dialect("bedrock-agent-runtime", "bedrock", Protocol::RestJson, ""),
    dialect("lambda", "lambda", Protocol::RestJson, ""),
    dialect("ec2", "ec2", Protocol::Ec2Query, ""),
    dialect("tagging", "tagging", JSON_1_1, "ResourceGroupsTaggingAPI_20170126"),
    dialect("iam", "iam", Protocol::AwsQuery, ""),
    dialect("organizations", "organizations", JSON_1_1, "AWSOrganizationsV20161128"),
    dialect("ecr.api", "ecr", JSON_1_1, "AmazonEC2ContainerRegistry_V20150921"),
    dialect("ecr.dkr", "ecr", Protocol::RestJson, ""),
    dialect("execute-api", "execute-api", Protocol::RestJson, ""),
    dialect("sqs", "sqs", JSON_1_0, "AmazonSQS"),
    dialect("sns", "sns", Protocol::AwsQuery, ""),
    dialect("ssm", "ssm", JSON_1_1, "AmazonSSM"),
    dialect("ssmmessages", "ssmmessages", Protocol::RestJson, ""),
    dialect("ec2messages", "ec2messages", JSON_1_1, "EC2WindowsMessageDeliveryService"),
    dialect("ecs", "ecs", JSON_1_1, "AmazonEC2ContainerServiceV20141113"),
    dialect("ecs-agent", "ecs", JSON_1_1, ""),
    dialect("ecs-telemetry", "ecs", JSON_1_1, ""),
    dialect("eks", "eks", Protocol::RestJson, ""),
    dialect("athena", "athena", JSON_1_1, "AmazonAthena"),
    dialect("glue", "glue", JSON_1_1, "AWSGlue"),
    dialect("events", "events", JSON_1_1, "AWSEvents"),
    dialect("states", "states", JSON_1_0, "AWSStepFunctions"),
    dialect("elasticloadbalancing", "elasticloadbalancing", Protocol::AwsQuery, ""),
    dialect("autoscaling", "autoscaling", Protocol::AwsQuery, ""),
    dialect("cloudformation", "cloudformation", Protocol::AwsQuery, ""),
    dialect("rds", "rds", Protocol::AwsQuery, ""),
    dialect("xray", "xray", Protocol::RestJson, ""),
    dialect("textract", "textract", JSON_1_1, "Textract"),
    dialect("rekognition", "rekognition", JSON_1_1, "RekognitionService"),
    dialect("sagemaker.api", "sagemaker", JSON_1_1, "SageMaker"),
    dialect("sagemaker.runtime", "sagemaker", Protocol::RestJson, ""),
    dialect("kinesis-streams", "kinesis", JSON_1_1, "Kinesis_20131202"),
    dialect("kinesis-firehose", "firehose", JSON_1_1, "Firehose_20150804"),
    dialect("email", "ses", Protocol::RestJson, ""),
    dialect("appmesh-envoy-management", "appmesh", Protocol::RestJson, ""),
];

/// The versions of the query APIs, which requests name beside the action.
const VERSIONS: [(&str, &str); 9] = [
    ("2016-11-15", "ec2"),
    ("2011-06-15", "sts"),
    ("2010-05-08", "iam"),
    ("2010-03-31", "sns"),
    ("2010-08-01", "monitoring"),
    ("2010-05-15", "cloudformation"),
    ("2011-01-01", "autoscaling"),
    ("2015-12-01", "elasticloadbalancing"),
    ("2014-10-31", "rds"),
];

impl Dialect {
    /// The dialect of a service.
    pub(super) fn of(service: &str) -> Option<&'static Self> {
        DIALECTS.iter().find(|d| d.service == service)
    }

    /// The dialects of the services whose requests are signed for this name.
    pub(super) fn signed_for(signing: &str) -> impl Iterator<Item = &'static Self> {
        DIALECTS.iter().filter(move |d| d.signing == signing)
    }

    /// The dialect with this word in its targets.
    pub(super) fn targeted(target: &str) -> Option<&'static Self> {
        DIALECTS.iter().find(|d| !d.target.is_empty() && d.target == target)
    }

    /// The dialect whose API has this version.
    pub(super) fn of_version(version: &str) -> Option<&'static Self> {
        VERSIONS.iter().find(|(known, _)| *known == version).and_then(|(_, service)| Self::of(service))
    }

    /// The protocol of a request: services that had the query protocol first may take JSON and CBOR as well.
    pub(super) fn protocol(&self, head: &Parts) -> Protocol {
        self.protocol_of(&head.headers)
    }

    /// The protocol of a request with these headers.
    pub(super) fn protocol_of(&self, headers: &HeaderMap) -> Protocol {
        match self.protocol {
            Protocol::AwsQuery if !self.target.is_empty() && rpc_v2_cbor::is_spoken(headers) => Protocol::RpcV2Cbor,
            Protocol::AwsQuery if !self.target.is_empty() && Target::parse(headers).is_ok() => JSON_1_0,
            protocol => protocol,
        }
    }
}

#[cfg(test)]
mod tests {
    use sidegate_model::Service;

    use super::*;

    #[test]
    fn every_service_of_the_catalog_has_a_dialect() {
        for service in Service::all() {
            assert!(Dialect::of(service.name).is_some(), "{}", service.name);
        }
        // This API has no endpoint service here.
        let others = DIALECTS.iter().filter(|own| Service::all().iter().all(|service| service.name != own.service));
        assert_eq!(others.map(|own| own.service).collect::<Vec<_>>(), ["tagging"]);
    }
}
