//! Members of sets, and what decided that they get there.

use std::fmt;
use std::net::IpAddr;

use serde::Serialize;
use sidegate_model::{
    EgressOnlyInternetGatewayId, InternetGatewayId, NatGatewayId, NetworkAclId, NetworkInterfaceId, RouteTableId,
    RuleAction, SecurityGroupId, SecurityGroupRuleId, VpcEndpointId, VpcPeeringConnectionId,
};

use crate::analyze::hop::{Entry, Hop, Step};

/// One or many that are in a set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Member {
    /// Somebody on the internet.
    Internet {
        /// The addresses, each range by its first and last.
        ranges: Vec<(IpAddr, IpAddr)>,
    },
    /// A network interface.
    Interface {
        /// The interface.
        interface: NetworkInterfaceId,
        /// The address that it is asked at; `None` of one that asks.
        #[serde(skip_serializing_if = "Option::is_none")]
        address: Option<IpAddr>,
    },
    /// A gateway endpoint.
    Gateway {
        /// The endpoint.
        endpoint: VpcEndpointId,
    },
    /// A service.
    Service {
        /// Its short name.
        service: &'static str,
    },
}

impl Member {
    /// The interface, if it is one.
    pub const fn interface(&self) -> Option<&NetworkInterfaceId> {
        match self {
            Self::Interface { interface, .. } => Some(interface),
            Self::Internet { .. } | Self::Gateway { .. } | Self::Service { .. } => None,
        }
    }
}

/// What decided on a path, without the addresses of whom it was traced for, and without what every VPC has and lets all
/// through: local routes, the rule that a new group has, the entry of a default ACL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Decided {
    /// A rule of a security group let it through.
    Rule {
        /// The group.
        group: SecurityGroupId,
        /// The rule.
        rule: SecurityGroupRuleId,
        /// What it lets through.
        text: String,
    },
    /// An entry of a network ACL.
    Entry {
        /// The ACL.
        acl: NetworkAclId,
        /// The entry's number; `None` for the one that denies all the rest.
        number: Option<u16>,
    },
    /// A route.
    Route {
        /// The table.
        table: RouteTableId,
        /// The destination as it stands there.
        destination: String,
        /// The target.
        target: String,
    },
    /// A NAT gateway lends an address.
    NatGateway {
        /// The gateway.
        gateway: NatGatewayId,
    },
    /// An internet gateway gives or knows a public address.
    InternetGateway {
        /// The gateway.
        gateway: InternetGatewayId,
    },
    /// An egress-only internet gateway.
    EgressOnlyInternetGateway {
        /// The gateway.
        gateway: EgressOnlyInternetGatewayId,
    },
    /// A peering connection.
    Peering {
        /// The connection.
        peering: VpcPeeringConnectionId,
    },
    /// The program that a route leads to.
    Appliance {
        /// Its interface.
        interface: NetworkInterfaceId,
    },
    /// An endpoint takes it.
    Endpoint {
        /// The endpoint.
        endpoint: VpcEndpointId,
    },
}

impl Decided {
    /// What decided on a path, in order.
    pub(super) fn all(hops: &[Hop]) -> Vec<Self> {
        let mut all = Vec::new();
        for own in hops.iter().filter_map(|hop| Self::at(&hop.step)) {
            if !all.contains(&own) {
                all.push(own);
            }
        }
        all
    }

    fn at(step: &Step) -> Option<Self> {
        Some(match step {
            Step::SecurityGroups { rule: Some(rule), .. } if !lets_all_out(&rule.text) => {
                Self::Rule { group: rule.group.clone(), rule: rule.id.clone(), text: rule.text.clone() }
            }
            Step::NetworkAcl { acl, entry, .. } if !entry.as_ref().is_some_and(lets_all_through) => {
                Self::Entry { acl: acl.clone(), number: entry.as_ref().map(|entry| entry.number) }
            }
            Step::Routes(choice) => {
                let chosen = choice.chosen.as_ref().filter(|chosen| chosen.target != "local")?;
                Self::Route {
                    table: choice.table.clone(),
                    destination: chosen.destination.clone(),
                    target: chosen.target.clone(),
                }
            }
            Step::IngressRoutes(choice) => {
                let chosen = choice.chosen.as_ref().filter(|chosen| chosen.target != "local")?;
                Self::Route {
                    table: choice.table.clone(),
                    destination: chosen.destination.clone(),
                    target: chosen.target.clone(),
                }
            }
            Step::NatGateway { gateway, .. } => Self::NatGateway { gateway: gateway.clone() },
            Step::InternetGateway { gateway, .. } => Self::InternetGateway { gateway: gateway.clone() },
            Step::EgressOnlyInternetGateway { gateway, .. } => {
                Self::EgressOnlyInternetGateway { gateway: gateway.clone() }
            }
            Step::Peering { peering, .. } => Self::Peering { peering: peering.clone() },
            Step::Appliance { interface } => Self::Appliance { interface: interface.clone() },
            Step::Endpoint(met) => Self::Endpoint { endpoint: met.endpoint.clone() },
            _ => return None,
        })
    }
}

fn lets_all_out(rule: &str) -> bool {
    ["all traffic to 0.0.0.0/0", "all traffic to ::/0"].contains(&rule)
}

fn lets_all_through(entry: &Entry) -> bool {
    entry.action == RuleAction::Allow && ["all traffic 0.0.0.0/0", "all traffic ::/0"].contains(&&*entry.text)
}

impl fmt::Display for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule { group, rule, text } => write!(f, "{rule} of {group} ({text})"),
            Self::Entry { acl, number: Some(number) } => write!(f, "entry {number} of {acl}"),
            Self::Entry { acl, number: None } => write!(f, "the last entry of {acl}"),
            Self::Route { table, destination, target } => write!(f, "{destination} to {target} in {table}"),
            Self::NatGateway { gateway } => gateway.fmt(f),
            Self::InternetGateway { gateway } => gateway.fmt(f),
            Self::EgressOnlyInternetGateway { gateway } => gateway.fmt(f),
            Self::Peering { peering } => peering.fmt(f),
            Self::Appliance { interface } => write!(f, "the program behind {interface}"),
            Self::Endpoint { endpoint } => endpoint.fmt(f),
        }
    }
}
