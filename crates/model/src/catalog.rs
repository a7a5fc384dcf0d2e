//! The services that endpoints lead to: their names, kinds and private DNS names.
//!
//! Source: PrivateLink guide, "AWS services that integrate with AWS PrivateLink"; private and dual-stack names from the
//! SDKs' endpoint data, and from the services' guides for KMS, STS, CloudWatch, DynamoDB, IAM and Organizations; which endpoints can have IPv6
//! addresses is a row of docs/claims.md. A service is listed whether or not Sidegate emulates it: an endpoint to one that it does not emulate
//! carries packets, and every request gets an error that says so.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::{IpAddressType, Region};

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
    /// The names under which public DNS has IPv4 addresses alone, in the same form.
    public: &'static [&'static str],
    /// The names under which public DNS has addresses of both families, in the same form.
    dualstack: &'static [&'static str],
    /// Whether its endpoints can have IPv6 addresses.
    ipv6: bool,
    /// Whether a policy of its endpoints has any effect. One is taken and kept either way.
    pub policy: bool,
    /// Where it is.
    reach: Reach,
}

/// Where a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// In every Region, each time by itself.
    Regional,
    /// One for all Regions, which is asked in [`HOME`].
    Global,
    /// The same, and its endpoint service name has no Region in it.
    GlobalByName,
}

/// The Region in which the services are that there are once for all Regions.
const HOME: &str = "us-east-1";

/// A service whose private and public name is `<host>.{region}.amazonaws.com`.
const fn plain(name: &'static str, host: &'static [&'static str]) -> Service {
    Service {
        name,
        kind: ServiceKind::Interface,
        private: host,
        public: host,
        dualstack: &[],
        ipv6: false,
        policy: true,
        reach: Reach::Regional,
    }
}

/// Such a service with dual-stack names, whose endpoints can have IPv6 addresses.
const fn dual(name: &'static str, host: &'static [&'static str], dualstack: &'static [&'static str]) -> Service {
    Service { ipv6: true, dualstack, ..plain(name, host) }
}

/// The same service, whose endpoints can have IPv6 addresses.
const fn with_ipv6(service: Service) -> Service {
    Service { ipv6: true, ..service }
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
            "s3-control.{}.amazonaws.com",
            "*.s3-control.{}.amazonaws.com",
            "s3-accesspoint.{}.amazonaws.com",
            "*.s3-accesspoint.{}.amazonaws.com",
        ],
        dualstack: &[
            "s3.dualstack.{}.amazonaws.com",
            "*.s3.dualstack.{}.amazonaws.com",
            "s3-control.dualstack.{}.amazonaws.com",
            "*.s3-control.dualstack.{}.amazonaws.com",
            "s3-accesspoint.dualstack.{}.amazonaws.com",
            "*.s3-accesspoint.dualstack.{}.amazonaws.com",
        ],
        ipv6: true,
        policy: true,
        reach: Reach::Regional,
    },
    Service {
        name: "dynamodb",
        kind: ServiceKind::Both,
        private: &[],
        public: &["dynamodb.{}.amazonaws.com"],
        dualstack: &["dynamodb.{}.api.aws"],
        ipv6: true,
        policy: true,
        reach: Reach::Regional,
    },
    dual("secretsmanager", &["secretsmanager.{}.amazonaws.com"], &["secretsmanager.{}.api.aws"]),
    dual("sts", &["sts.{}.amazonaws.com"], &["sts.{}.api.aws"]),
    dual("kms", &["kms.{}.amazonaws.com"], &["kms.{}.api.aws"]),
    dual("logs", &["logs.{}.amazonaws.com"], &["logs.{}.api.aws"]),
    Service {
        name: "monitoring",
        kind: ServiceKind::Interface,
        private: &["monitoring.{}.amazonaws.com", "monitoring.{}.api.aws"],
        public: &["monitoring.{}.amazonaws.com"],
        dualstack: &["monitoring.{}.api.aws"],
        ipv6: true,
        policy: true,
        reach: Reach::Regional,
    },
    plain("bedrock", &["bedrock.{}.amazonaws.com"]),
    plain("bedrock-runtime", &["bedrock-runtime.{}.amazonaws.com"]),
    plain("bedrock-agent", &["bedrock-agent.{}.amazonaws.com"]),
    plain("bedrock-agent-runtime", &["bedrock-agent-runtime.{}.amazonaws.com"]),
    dual("lambda", &["lambda.{}.amazonaws.com"], &["lambda.{}.api.aws"]),
    Service { ipv6: false, ..dual("ec2", &["ec2.{}.amazonaws.com"], &["ec2.{}.api.aws"]) },
    dual("ecr.api", &["api.ecr.{}.amazonaws.com"], &["ecr.{}.api.aws"]),
    with_ipv6(plain("ecr.dkr", &["*.dkr.ecr.{}.amazonaws.com"])),
    plain("execute-api", &["*.execute-api.{}.amazonaws.com"]),
    dual("sqs", &["sqs.{}.amazonaws.com"], &["sqs.{}.api.aws"]),
    dual("sns", &["sns.{}.amazonaws.com"], &["sns.{}.api.aws"]),
    with_ipv6(plain("ssm", &["ssm.{}.amazonaws.com"])),
    with_ipv6(plain("ssmmessages", &["ssmmessages.{}.amazonaws.com"])),
    with_ipv6(plain("ec2messages", &["ec2messages.{}.amazonaws.com"])),
    plain("ecs", &["ecs.{}.amazonaws.com"]),
    plain("ecs-agent", &["ecs-a.{}.amazonaws.com"]),
    plain("ecs-telemetry", &["ecs-t.{}.amazonaws.com"]),
    with_ipv6(plain("eks", &["eks.{}.amazonaws.com"])),
    dual("athena", &["athena.{}.amazonaws.com"], &["athena.{}.api.aws"]),
    dual("glue", &["glue.{}.amazonaws.com"], &["glue.{}.api.aws"]),
    dual("events", &["events.{}.amazonaws.com"], &["events.{}.api.aws"]),
    plain("states", &["states.{}.amazonaws.com"]),
    plain("elasticloadbalancing", &["elasticloadbalancing.{}.amazonaws.com"]),
    plain("autoscaling", &["autoscaling.{}.amazonaws.com"]),
    plain("cloudformation", &["cloudformation.{}.amazonaws.com"]),
    with_ipv6(plain("rds", &["rds.{}.amazonaws.com"])),
    with_ipv6(plain("xray", &["xray.{}.amazonaws.com"])),
    dual("textract", &["textract.{}.amazonaws.com"], &["textract.{}.api.aws"]),
    dual("rekognition", &["rekognition.{}.amazonaws.com"], &["rekognition.{}.api.aws"]),
    plain("sagemaker.api", &["api.sagemaker.{}.amazonaws.com"]),
    plain("sagemaker.runtime", &["runtime.sagemaker.{}.amazonaws.com"]),
    plain("kinesis-streams", &["kinesis.{}.amazonaws.com"]),
    dual("kinesis-firehose", &["firehose.{}.amazonaws.com"], &["firehose.{}.api.aws"]),
    plain("email", &["email.{}.amazonaws.com"]),
    Service { policy: false, ..plain("appmesh-envoy-management", &["appmesh-envoy-management.{}.amazonaws.com"]) },
    Service {
        private: &["iam.amazonaws.com", "iam.global.api.aws"],
        reach: Reach::GlobalByName,
        ..dual("iam", &["iam.amazonaws.com"], &["iam.global.api.aws"])
    },
    Service { reach: Reach::Global, ..plain("organizations", &["organizations.{}.amazonaws.com"]) },
    Service { private: &[], ..plain("dynamodb-streams", &["streams.dynamodb.{}.amazonaws.com"]) },
];

/// What is looked up in the list of services.
#[derive(Clone, Copy, Debug)]
pub struct Catalog;

impl Catalog {
    /// The service with this endpoint service name in the Region, such as `com.amazonaws.us-east-1.s3`.
    pub fn find(region: Region, endpoint_name: &str) -> Option<&'static Service> {
        Service::all_in(region).find(|s| s.endpoint_name(region) == endpoint_name)
    }

    /// The service with this short name, such as `s3`.
    pub fn named(name: &str) -> Option<&'static Service> {
        Service::all().iter().find(|s| s.name == name)
    }

    /// The service that has a public address, and its Region.
    pub fn at(address: Ipv4Addr) -> Option<(Region, &'static Service)> {
        let region = Region::all().find(|region| region.public_block().contains(address))?;
        let service = Service::all_in(region).find(|s| s.public_addresses(region).contains(&address))?;
        Some((region, service))
    }

    /// The service that has a public IPv6 address, and its Region.
    pub fn at_ipv6(address: Ipv6Addr) -> Option<(Region, &'static Service)> {
        let region = Region::all().find(|region| region.public_ipv6_block().contains(address))?;
        let service = Service::all_in(region).find(|s| s.public_ipv6(region) == Some(address))?;
        Some((region, service))
    }

    /// The service that a public name belongs to.
    pub fn by_public_name(region: Region, name: &str) -> Option<&'static Service> {
        Service::all_in(region).find(|s| s.public_names(region).iter().any(|pattern| covers(pattern, name)))
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

    /// The services that a Region has.
    pub fn all_in(region: Region) -> impl Iterator<Item = &'static Self> {
        SERVICES.iter().filter(move |service| !service.is_global() || region.as_str() == HOME)
    }

    /// Whether it is one for all Regions, and asked in one of them alone.
    pub const fn is_global(&self) -> bool {
        !matches!(self.reach, Reach::Regional)
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
        match self.reach {
            Reach::GlobalByName => format!("com.amazonaws.{}", self.name),
            Reach::Regional | Reach::Global => format!("com.amazonaws.{region}.{}", self.name),
        }
    }

    /// The names that an interface endpoint with private DNS takes over; a leading `*.` covers every name below.
    pub fn private_names(&self, region: Region) -> Vec<String> {
        self.private.iter().map(|n| n.replace("{}", region.as_str())).collect()
    }

    /// The types of address that its endpoints can have.
    pub const fn ip_address_types(&self) -> &'static [IpAddressType] {
        if self.ipv6 {
            &[IpAddressType::Ipv4, IpAddressType::Ipv6, IpAddressType::Dualstack]
        } else {
            &[IpAddressType::Ipv4]
        }
    }

    /// The names in public DNS; a leading `*.` covers every name below. S3's global name belongs to us-east-1. All have
    /// IPv4 addresses.
    pub fn public_names(&self, region: Region) -> Vec<String> {
        let names = self.public.iter().chain(self.dualstack);
        let mut names: Vec<String> = names.map(|n| n.replace("{}", region.as_str())).collect();
        if region.as_str() == HOME {
            match self.name {
                "s3" => names.extend(["s3.amazonaws.com".to_owned(), "*.s3.amazonaws.com".to_owned()]),
                "sts" => names.push("sts.amazonaws.com".to_owned()),
                _ => {}
            }
        }
        names
    }

    /// Those of its public names that have IPv6 addresses too: the dual-stack ones.
    pub fn public_names6(&self, region: Region) -> Vec<String> {
        self.dualstack.iter().map(|n| n.replace("{}", region.as_str())).collect()
    }

    /// The base of an endpoint's own names, such as `s3.us-east-1.vpce.amazonaws.com`.
    pub fn endpoint_domain(&self, region: Region) -> String {
        // Source: DynamoDB developer guide, "AWS PrivateLink for DynamoDB", the endpoints of DynamoDB Streams.
        let name = if self.name == "dynamodb-streams" { "streams.dynamodb" } else { self.name };
        format!("{name}.{region}.vpce.amazonaws.com")
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

    /// Where its dual-stack names lead to over IPv6: an address of the Region's block of emulated public addresses,
    /// which lies in the prefix list of S3 or DynamoDB, or outside of both for another service. `None` if it has no such
    /// name.
    pub fn public_ipv6(&self, region: Region) -> Option<Ipv6Addr> {
        if self.dualstack.is_empty() {
            return None;
        }
        let index = Self::all().iter().position(|s| s.name == self.name).unwrap_or_default() as u128;
        let offset = match self.name {
            "s3" => 0x10,
            "dynamodb" => (0x10 << 64) + 0x10,
            _ => (0x20 << 64) + 0x100 + index,
        };
        region.public_ipv6_block().nth(offset)
    }
}
