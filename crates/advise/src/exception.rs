//! Where the rule of thumb does not hold, or holds with a condition.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Serialize, Serializer};
use sidegate_cost::{BreakEven, Money};
use sidegate_model::{NatGatewayId, Region, Service, VpcEndpointId, Zone};

use crate::choice::{Choice, crosses_regions, is_in};
use crate::recommendation::Recommendation;
use crate::text::{List, gigabytes, range};
use crate::workload::{Need, Network, PresentKind};

/// The most interface endpoints that a VPC has by default.
///
/// Source: PrivateLink guide, "Quotas".
const INTERFACE_QUOTA: usize = 50;

/// An exception, or a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exception {
    /// Clients on premises use a service that has a gateway endpoint.
    OnPremises {
        /// The service.
        service: &'static Service,
    },
    /// Clients in peered VPCs use a service that has a gateway endpoint.
    Peered {
        /// The service.
        service: &'static Service,
    },
    /// Clients outside use a service that has nothing but a gateway endpoint.
    OutsideHasNoWay {
        /// The service.
        service: &'static Service,
    },
    /// Clients outside may use a service with a gateway endpoint: nobody said whether they do.
    MayBeOutside {
        /// The services.
        services: Vec<&'static str>,
        /// What they would come over.
        over: Vec<String>,
    },
    /// The service is in another Region.
    CrossRegion {
        /// The service.
        service: &'static Service,
        /// Its Region.
        region: Region,
        /// How it is reached.
        choice: Choice,
    },
    /// Endpoints of the Region do not lead to the service.
    NotInRegion {
        /// The service.
        service: &'static Service,
        /// The Region.
        region: Region,
        /// Whether it can be reached some other way.
        choice: Choice,
    },
    /// It has too little traffic for an endpoint of its own.
    StaysOnNat {
        /// The service.
        service: &'static Service,
        /// The bytes of a month.
        bytes: u64,
        /// From which volumes an endpoint pays.
        from: BreakEven,
    },
    /// An interface endpoint of the service takes over none of its names.
    NoPrivateDns {
        /// The service.
        service: &'static Service,
    },
    /// S3 with an interface endpoint alone.
    GlobalName,
    /// S3 with both endpoints.
    InboundResolverOnly,
    /// Private DNS of the service takes over the names of everybody's resources in the Region.
    TakesForeignNames {
        /// The service.
        service: &'static Service,
    },
    /// The service is of no use without others.
    NeedsOthers {
        /// The service.
        service: &'static Service,
        /// The others, that nobody asked for.
        others: Vec<&'static str>,
    },
    /// An interface endpoint that is there takes a service's traffic away from the gateway endpoint.
    InterfaceTakesOver {
        /// The service.
        service: &'static Service,
        /// The endpoint.
        endpoint: VpcEndpointId,
        /// What it costs in a month.
        cost: Option<Money>,
    },
    /// An interface endpoint is there for a service that nobody uses, or that has a cheaper way.
    Superfluous {
        /// The service.
        service: &'static Service,
        /// The endpoint.
        endpoint: VpcEndpointId,
        /// What it costs in a month without traffic.
        cost: Option<Money>,
    },
    /// A NAT gateway is there that no subnet is routed by.
    IdleNat {
        /// The gateway.
        gateway: NatGatewayId,
        /// What it costs in a month with its addresses.
        cost: Option<Money>,
    },
    /// An interface endpoint is there, and the service's names lead past it.
    NamesPast {
        /// The service.
        service: &'static Service,
        /// The endpoint.
        endpoint: VpcEndpointId,
    },
    /// An interface endpoint that is there is in zones without clients.
    IdleZones {
        /// The service.
        service: &'static Service,
        /// The endpoint.
        endpoint: VpcEndpointId,
        /// The zones.
        zones: BTreeSet<Zone>,
        /// What it costs in a month to be in these.
        cost: Option<Money>,
    },
    /// Private DNS of an endpoint in a peered VPC does not hold in this one.
    PeeredNames {
        /// The service.
        service: &'static Service,
    },
    /// The VPC lacks what endpoints need of it.
    DnsIsOff,
    /// There are more interface endpoints than a VPC may have.
    BeyondQuota {
        /// How many.
        endpoints: usize,
    },
    /// A route leads around the gateway endpoint.
    NoTable {
        /// The services.
        services: Vec<&'static str>,
    },
}

impl Exception {
    /// What JSON calls it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OnPremises { .. } => "on-premises",
            Self::Peered { .. } => "peered",
            Self::OutsideHasNoWay { .. } => "outside-has-no-way",
            Self::MayBeOutside { .. } => "may-be-outside",
            Self::CrossRegion { .. } => "cross-region",
            Self::NotInRegion { .. } => "not-in-region",
            Self::StaysOnNat { .. } => "stays-on-nat",
            Self::NoPrivateDns { .. } => "no-private-dns",
            Self::GlobalName => "s3-global-name",
            Self::InboundResolverOnly => "inbound-resolver-only",
            Self::TakesForeignNames { .. } => "takes-foreign-names",
            Self::NeedsOthers { .. } => "needs-others",
            Self::InterfaceTakesOver { .. } => "interface-takes-over",
            Self::Superfluous { .. } => "superfluous",
            Self::IdleNat { .. } => "idle-nat-gateway",
            Self::NamesPast { .. } => "names-lead-past",
            Self::IdleZones { .. } => "idle-zones",
            Self::PeeredNames { .. } => "peered-names",
            Self::DnsIsOff => "dns-is-off",
            Self::BeyondQuota { .. } => "beyond-quota",
            Self::NoTable { .. } => "no-route-table",
        }
    }

    /// Those that one recommendation brings.
    pub(crate) fn of(network: &Network, home: Region, need: &Need, made: &Recommendation) -> Vec<Self> {
        let (service, choice) = (need.service, made.choice);
        let mut all = Vec::new();
        let is_here = need.region == home;
        if is_here && service.gateway() {
            if !service.interface() && !need.outside().is_none() {
                all.push(Self::OutsideHasNoWay { service });
            } else {
                all.extend((!need.on_premises.is_none()).then_some(Self::OnPremises { service }));
                all.extend((!need.peered.is_none()).then_some(Self::Peered { service }));
            }
        }
        if !is_in(service, need.region) {
            all.push(Self::NotInRegion { service, region: need.region, choice });
        } else if !is_here {
            all.push(Self::CrossRegion { service, region: need.region, choice });
        }
        if let (Choice::Nat, Some(even), Some(bytes)) = (choice, &made.break_even, made.bytes) {
            all.push(Self::StaysOnNat { service, bytes, from: even.clone() });
        }
        let has_interface = matches!(choice, Choice::Interface | Choice::GatewayAndInterface);
        if has_interface {
            if service.private_names(need.region).is_empty() {
                all.push(Self::NoPrivateDns { service });
            } else if service.name == "execute-api" {
                all.push(Self::TakesForeignNames { service });
            }
        }
        if choice == Choice::PeeredInterface {
            let has_names = !service.private_names(need.region).is_empty();
            all.push(if has_names { Self::PeeredNames { service } } else { Self::NoPrivateDns { service } });
        }
        match choice {
            Choice::Interface if service.name == "s3" => all.push(Self::GlobalName),
            Choice::GatewayAndInterface if service.name == "s3" => all.push(Self::InboundResolverOnly),
            _ => {}
        }
        let asked = |name: &&'static str| !network.needs.iter().any(|other| other.service.name == *name);
        let others: Vec<&'static str> = companions(service.name).iter().copied().filter(asked).collect();
        if choice.is_private() && !others.is_empty() {
            all.push(Self::NeedsOthers { service, others });
        }
        all
    }

    /// Those of a VPC as a whole.
    pub(crate) fn of_network(network: &Network, made: &[Recommendation]) -> Vec<Self> {
        let mut all = Vec::new();
        let gateways: Vec<&'static str> =
            made.iter().filter(|one| one.choice == Choice::Gateway).map(|one| one.service.name).collect();
        if !network.joined.is_empty() && !gateways.is_empty() {
            all.push(Self::MayBeOutside { services: gateways.clone(), over: network.joined.clone() });
        }
        if !network.has_dns && made.iter().any(|one| one.choice.is_private()) {
            all.push(Self::DnsIsOff);
        }
        let interfaces = |choice| matches!(choice, Choice::Interface | Choice::GatewayAndInterface);
        let wanted = made.iter().filter(|one| interfaces(one.choice));
        let others = network.endpoints.iter().filter(|present| {
            let is_interface = matches!(present.kind, PresentKind::Interface { .. });
            is_interface && !made.iter().any(|one| interfaces(one.choice) && one.service.name == present.service.name)
        });
        let endpoints = wanted.count() + others.count();
        if endpoints > INTERFACE_QUOTA {
            all.push(Self::BeyondQuota { endpoints });
        }
        let is_made = network.id.is_some();
        if is_made && !gateways.is_empty() && network.subnets.iter().all(|subnet| subnet.table.is_none()) {
            all.push(Self::NoTable { services: gateways });
        }
        all
    }
}

/// The services without which another one is of no use.
///
/// Source: Amazon ECR user guide, "Interface VPC endpoints": images' layers come from S3; Systems Manager user guide, "VPC
/// endpoints"; Amazon ECS developer guide, "Interface VPC endpoints": all three for tasks on EC2.
fn companions(service: &str) -> &'static [&'static str] {
    match service {
        "ecr.api" => &["ecr.dkr", "s3"],
        "ecr.dkr" => &["ecr.api", "s3"],
        "ssm" => &["ssmmessages"],
        "ssmmessages" => &["ssm"],
        "ecs" => &["ecs-agent", "ecs-telemetry"],
        _ => &[],
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnPremises { service } => write!(
                f,
                "{service}: a gateway endpoint is a route of the VPC, which clients on premises do not have. They use an interface endpoint, by its own addresses, over the VPN or Direct Connect.",
                service = service.name
            ),
            Self::Peered { service } => write!(
                f,
                "{service}: a gateway endpoint does not serve peered VPCs. Theirs may have gateway endpoints of their own, which cost nothing; if they cannot, they use the interface endpoint.",
                service = service.name
            ),
            Self::OutsideHasNoWay { service } => write!(
                f,
                "{}: it has gateway endpoints alone, so that clients on premises or in peered VPCs have no private way to it.",
                service.name
            ),
            Self::MayBeOutside { services, over } => write!(
                f,
                "{}: what comes over {} does not reach gateway endpoints. If it is used from there, an interface endpoint beside the gateway endpoint serves that traffic.",
                List(services),
                List(over)
            ),
            Self::CrossRegion { service, region, choice } => cross_region(f, service, *region, *choice),
            Self::NotInRegion { service, region, choice } => {
                write!(f, "{}: no endpoint in {region} leads to it.", service.name)?;
                match choice {
                    Choice::Nat => f.write_str(" It stays on the NAT gateways."),
                    Choice::InternetGateway => f.write_str(" It stays on the internet gateway."),
                    _ => f.write_str(" A VPC without a way out does not reach it."),
                }
            }
            Self::StaysOnNat { service, bytes, from } => write!(
                f,
                "{}: {} a month are few, and cost less over the NAT gateways that stay. An endpoint pays {}.",
                service.name,
                gigabytes((*bytes).into()),
                if from.is_never() { "never".to_owned() } else { range(from) }
            ),
            Self::NoPrivateDns { service } => write!(
                f,
                "{}: its interface endpoint has no private DNS. Clients name the endpoint's own DNS name as the URL of the service.",
                service.name
            ),
            Self::GlobalName => f.write_str(
                "s3: private DNS of an interface endpoint covers the Region's names and not s3.amazonaws.com, which older clients and SDKs in us-east-1 use. Clients are told the Region's name, or a gateway endpoint is there too.",
            ),
            Self::InboundResolverOnly => f.write_str(
                "s3: private DNS is for inbound resolver endpoints only, which needs the gateway endpoint. Names in the VPC keep leading to the gateway endpoint, which costs nothing; on premises they lead to the interface endpoint.",
            ),
            Self::TakesForeignNames { service } => write!(
                f,
                "{}: private DNS takes over the names of all APIs in the Region, so that public APIs cannot be called from the VPC by their default names.",
                service.name
            ),
            Self::NeedsOthers { service, others } => {
                write!(f, "{}: it needs {} as well, which the workload does not name.", service.name, List(others))
            }
            Self::InterfaceTakesOver { service, endpoint, cost } => {
                write!(f, "{}: {endpoint}, an interface endpoint with private DNS, takes its names, so that its traffic does not reach the gateway endpoint", service.name)?;
                told(f, cost.as_ref())?;
                f.write_str(". Set its private DNS for inbound resolver endpoints only, or delete it.")
            }
            Self::Superfluous { service, endpoint, cost } => {
                write!(f, "{}: {endpoint} is there, and is not needed for what was told", service.name)?;
                told(f, cost.as_ref())?;
                f.write_str(".")
            }
            Self::IdleNat { gateway, cost } => {
                write!(f, "{gateway} is there, and no subnet is routed by it")?;
                told(f, cost.as_ref())?;
                f.write_str(".")
            }
            Self::NamesPast { service, endpoint } => write!(
                f,
                "{}: private DNS of {endpoint} is off, so that the service's names lead past it. It is to be turned on, unless clients name the endpoint itself.",
                service.name
            ),
            Self::IdleZones { service, endpoint, zones, cost } => {
                let zones: Vec<String> = zones.iter().map(|zone| zone.name()).collect();
                write!(f, "{}: {endpoint} is in {} too, where no clients are", service.name, List(&zones))?;
                if let Some(cost) = cost {
                    write!(f, "; without that it costs ${} a month less", cost.rounded(2))?;
                }
                f.write_str(".")
            }
            Self::PeeredNames { service } => write!(
                f,
                "{}: private DNS of an endpoint in a peered VPC does not hold in this one. Clients name the endpoint's own DNS name as the URL of the service, or a private hosted zone of this VPC leads its names there.",
                service.name
            ),
            Self::DnsIsOff => f.write_str(
                "The VPC has DNS resolution or DNS host names off. Gateway endpoints and private DNS need both on (enableDnsSupport, enableDnsHostnames).",
            ),
            Self::BeyondQuota { endpoints } => write!(
                f,
                "{endpoints} interface endpoints are more than the {INTERFACE_QUOTA} that a VPC may have by default; the quota can be raised."
            ),
            Self::NoTable { services } => write!(
                f,
                "{}: no route table is known that clients are routed by. A gateway endpoint works only in the tables that it is associated with.",
                List(services)
            ),
        }
    }
}

fn told(f: &mut fmt::Formatter<'_>, cost: Option<&Money>) -> fmt::Result {
    match cost {
        Some(cost) => write!(f, ", and costs ${} a month", cost.rounded(2)),
        None => Ok(()),
    }
}

fn cross_region(f: &mut fmt::Formatter<'_>, service: &Service, region: Region, choice: Choice) -> fmt::Result {
    write!(f, "{}: it is in {region}.", service.name)?;
    if service.gateway() {
        f.write_str(" Gateway endpoints lead to services of their own Region alone.")?;
    }
    match choice {
        Choice::Interface => {
            f.write_str(" An interface endpoint with that Region as its service Region leads there; traffic between Regions is paid for.")
        }
        Choice::PeeredInterface => f.write_str(
            " A VPC in that Region has an interface endpoint, and is peered with this one; traffic between Regions is paid for.",
        ),
        Choice::Nat | Choice::InternetGateway if crosses_regions(service) || service.interface() => {
            f.write_str(" It stays on the way over public addresses, which is cheaper for so little.")
        }
        _ => f.write_str(" No endpoint leads there."),
    }
}

impl Serialize for Exception {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut exception = serializer.serialize_struct("Exception", 2)?;
        exception.serialize_field("code", self.code())?;
        exception.serialize_field("text", &self.to_string())?;
        exception.end()
    }
}
