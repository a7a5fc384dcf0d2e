//! The services that endpoints lead to: their names, kinds and private DNS names.
//!
//! Source: PrivateLink guide, "AWS services that integrate with AWS PrivateLink"; private names from the SDKs'
//! endpoint data. A service is listed whether or not Sidegate emulates it: an endpoint to one that it does not emulate
//! carries packets, and every request gets an error that says so.

use std::net::Ipv4Addr;

use crate::Region;

/// Which endpoints a service can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceKind {
    /// A gateway endpoint only.
    Gateway,
    /// An interface endpoint only.
    Interface,
    /// Either.
    Both,
}

/// A service of AWS that a VPC endpoint can lead to.
#[derive(Debug, PartialEq, Eq)]
pub struct Service {
    /// The last part of its endpoint service name, such as `s3` or `bedrock-runtime`.
    pub name: &'static str,
    /// Which endpoints it can have.
    pub kind: ServiceKind,
    /// Its private names, with `{}` for the Region; a leading `*.` covers every name below. Empty if the service has
    /// none.
    private: &'static [&'static str],
    /// The names under which it is found in public DNS, in the same form.
    public: &'static [&'static str],
    /// Whether a policy of its endpoints has any effect. One is taken and kept either way.
    pub policy: bool,
}

/// A service whose private and public name is `<host>.{region}.amazonaws.com`.
const fn plain(name: &'static str, host: &'static [&'static str]) -> Service {
    Service { name, kind: ServiceKind::Interface, private: host, public: host, policy: true }
}

/// The services, in the order that gives each its public address: entries are only ever added at the end.
const SERVICES: &[Service] = &[
    Service {
        name: "s3",
        kind: ServiceKind::Both,
        private: &[
            "s3.{}.amazonaws.com",
            "*.s3.{}.amazonaws.com",
            "s3-control.{}.amazonaws.com",
            "*.s3-control.{}.amazonaws.com",
            "s3-accesspoint.{}.amazonaws.com",
            "*.s3-accesspoint.{}.amazonaws.com",
        ],
        public: &[
            "s3.{}.amazonaws.com",
            "*.s3.{}.amazonaws.com",
            "s3-{}.amazonaws.com",
            "*.s3-{}.amazonaws.com",
            "s3.dualstack.{}.amazonaws.com",
            "*.s3.dualstack.{}.amazonaws.com",
            "s3-control.{}.amazonaws.com",
            "*.s3-control.{}.amazonaws.com",
            "s3-accesspoint.{}.amazonaws.com",
            "*.s3-accesspoint.{}.amazonaws.com",
        ],
        policy: true,
    },
    Service {
        name: "dynamodb",
        kind: ServiceKind::Both,
        private: &[],
        public: &["dynamodb.{}.amazonaws.com"],
        policy: true,
    },
    plain("secretsmanager", &["secretsmanager.{}.amazonaws.com"]),
    plain("sts", &["sts.{}.amazonaws.com"]),
    plain("kms", &["kms.{}.amazonaws.com"]),
    plain("logs", &["logs.{}.amazonaws.com"]),
    Service {
        name: "monitoring",
        kind: ServiceKind::Interface,
        private: &["monitoring.{}.amazonaws.com", "monitoring.{}.api.aws"],
        public: &["monitoring.{}.amazonaws.com", "monitoring.{}.api.aws"],
        policy: true,
    },
    plain("bedrock", &["bedrock.{}.amazonaws.com"]),
    plain("bedrock-runtime", &["bedrock-runtime.{}.amazonaws.com"]),
    plain("bedrock-agent", &["bedrock-agent.{}.amazonaws.com"]),
    plain("bedrock-agent-runtime", &["bedrock-agent-runtime.{}.amazonaws.com"]),
    plain("lambda", &["lambda.{}.amazonaws.com"]),
    plain("ec2", &["ec2.{}.amazonaws.com"]),
    plain("ecr.api", &["api.ecr.{}.amazonaws.com"]),
    plain("ecr.dkr", &["*.dkr.ecr.{}.amazonaws.com"]),
    plain("execute-api", &["*.execute-api.{}.amazonaws.com"]),
    plain("sqs", &["sqs.{}.amazonaws.com"]),
    plain("sns", &["sns.{}.amazonaws.com"]),
    plain("ssm", &["ssm.{}.amazonaws.com"]),
    plain("ssmmessages", &["ssmmessages.{}.amazonaws.com"]),
    plain("ec2messages", &["ec2messages.{}.amazonaws.com"]),
    plain("ecs", &["ecs.{}.amazonaws.com"]),
    plain("ecs-agent", &["ecs-a.{}.amazonaws.com"]),
    plain("ecs-telemetry", &["ecs-t.{}.amazonaws.com"]),
    plain("eks", &["eks.{}.amazonaws.com"]),
    plain("athena", &["athena.{}.amazonaws.com"]),
    plain("glue", &["glue.{}.amazonaws.com"]),
    plain("events", &["events.{}.amazonaws.com"]),
    plain("states", &["states.{}.amazonaws.com"]),
    plain("elasticloadbalancing", &["elasticloadbalancing.{}.amazonaws.com"]),
    plain("autoscaling", &["autoscaling.{}.amazonaws.com"]),
    plain("cloudformation", &["cloudformation.{}.amazonaws.com"]),
    plain("rds", &["rds.{}.amazonaws.com"]),
    plain("xray", &["xray.{}.amazonaws.com"]),
    plain("textract", &["textract.{}.amazonaws.com"]),
    plain("rekognition", &["rekognition.{}.amazonaws.com"]),
    plain("sagemaker.api", &["api.sagemaker.{}.amazonaws.com"]),
    plain("sagemaker.runtime", &["runtime.sagemaker.{}.amazonaws.com"]),
    plain("kinesis-streams", &["kinesis.{}.amazonaws.com"]),
    plain("kinesis-firehose", &["firehose.{}.amazonaws.com"]),
    plain("email", &["email.{}.amazonaws.com"]),
    Service {
        name: "appmesh-envoy-management",
        kind: ServiceKind::Interface,
        private: &["appmesh-envoy-management.{}.amazonaws.com"],
        public: &["appmesh-envoy-management.{}.amazonaws.com"],
        policy: false,
    },
];

/// What is looked up in the list of services.
#[derive(Clone, Copy, Debug)]
pub struct Catalog;

impl Catalog {
    /// The service with this endpoint service name in the Region, such as `com.amazonaws.us-east-1.s3`.
    pub fn find(region: Region, endpoint_name: &str) -> Option<&'static Service> {
        Service::all().iter().find(|s| s.endpoint_name(region) == endpoint_name)
    }

    /// The service with this short name, such as `s3`.
    pub fn named(name: &str) -> Option<&'static Service> {
        Service::all().iter().find(|s| s.name == name)
    }

    /// The service that has a public address, and its Region.
    pub fn at(address: Ipv4Addr) -> Option<(Region, &'static Service)> {
        let region = Region::all().find(|region| region.public_block().contains(address))?;
        let service = Service::all().iter().find(|s| s.public_addresses(region).contains(&address))?;
        Some((region, service))
    }

    /// The service that a public name belongs to.
    pub fn by_public_name(region: Region, name: &str) -> Option<&'static Service> {
        Service::all().iter().find(|s| s.public_names(region).iter().any(|pattern| covers(pattern, name)))
    }
}

/// Whether a name pattern (`a.b`, or `*.b` for every name below `b`) covers a name. Names are compared in lower case.
pub(crate) fn covers(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(suffix) => name.len() > suffix.len() && name.ends_with(suffix),
        None => pattern == name,
    }
}

impl Service {
    /// Every service.
    pub fn all() -> &'static [Self] {
        SERVICES
    }

    /// Whether it can have a gateway endpoint.
    pub fn gateway(&self) -> bool {
        matches!(self.kind, ServiceKind::Gateway | ServiceKind::Both)
    }

    /// Whether it can have an interface endpoint.
    pub fn interface(&self) -> bool {
        matches!(self.kind, ServiceKind::Interface | ServiceKind::Both)
    }

    /// The endpoint service name, such as `com.amazonaws.us-east-1.s3`.
    pub fn endpoint_name(&self, region: Region) -> String {
        format!("com.amazonaws.{region}.{}", self.name)
    }

    /// The names that an interface endpoint with private DNS takes over; a leading `*.` covers every name below.
    pub fn private_names(&self, region: Region) -> Vec<String> {
        self.private.iter().map(|n| n.replace("{}", region.as_str())).collect()
    }

    /// The names in public DNS; a leading `*.` covers every name below. S3's global name belongs to us-east-1.
    pub fn public_names(&self, region: Region) -> Vec<String> {
        let mut names: Vec<String> = self.public.iter().map(|n| n.replace("{}", region.as_str())).collect();
        if region.as_str() == "us-east-1" {
            match self.name {
                "s3" => names.extend(["s3.amazonaws.com".to_owned(), "*.s3.amazonaws.com".to_owned()]),
                "sts" => names.push("sts.amazonaws.com".to_owned()),
                _ => {}
            }
        }
        names
    }

    /// The base of an endpoint's own names, such as `s3.us-east-1.vpce.amazonaws.com`.
    pub fn endpoint_domain(&self, region: Region) -> String {
        format!("{}.{region}.vpce.amazonaws.com", self.name)
    }

    /// Where the service is found in public DNS: an address of the Region's block of emulated public addresses. The
    /// addresses of S3 and DynamoDB lie in their prefix lists; every other service has one outside of both.
    pub fn public_addresses(&self, region: Region) -> Vec<Ipv4Addr> {
        let base = region.public_block().first().to_bits();
        match self.name {
            "s3" => vec![Ipv4Addr::from_bits(base + 0x0010), Ipv4Addr::from_bits(base + 0x0410)],
            "dynamodb" => vec![Ipv4Addr::from_bits(base + 0x0610)],
            name => {
                let index = Self::all().iter().position(|s| s.name == name).unwrap_or_default() as u32;
                vec![Ipv4Addr::from_bits(base + 0x0a00 + index)]
            }
        }
    }
}
