//! Names: which lead to an endpoint, which lead past it, and who answers for them.

use std::net::IpAddr;

use serde::Serialize;
use sidegate_model::{Endpoint, IpCidr, Region, Service, VpcEndpointId};
use sidegate_plan::{Held, VpcPlan, lookup};

use super::network::Network;

/// The Region whose names of some services have no Region in them.
const HOME: &str = "us-east-1";

/// The names of a service and of an endpoint, as the resolver of the endpoint's VPC answers them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Names {
    /// The name that SDKs call in the Region, and the service's others: those of no Region, and those for IPv6 too.
    service: Vec<Led>,
    /// The endpoint's own names.
    own: Vec<Led>,
    private: PrivateDns,
}

/// Where a name leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Led {
    name: String,
    /// The addresses, each with whether the endpoint takes what goes there from a subnet that uses it.
    addresses: Vec<(IpAddr, bool)>,
}

/// What private DNS does for an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum PrivateDns {
    /// It is of a type that has none.
    NotOfType,
    /// The service has no name that it could take over.
    NoName,
    /// It is off.
    Off,
    /// It is on for resolvers of other networks alone.
    ForInboundResolvers,
    /// It is on, and the VPC's DNS attributes keep it from being answered.
    Unanswered,
    /// The resolver answers these names with the endpoint's addresses.
    Answers(Vec<String>),
}

impl Names {
    pub(super) fn of(network: &Network<'_>, endpoint: &Endpoint, service: &Service) -> Self {
        let asked = Asked { network, vpc: network.vpc(&endpoint.vpc), endpoint };
        let own = endpoint.own_names(network.world).into_iter().map(|(name, _)| name.replacen("*.", "bucket.", 1));
        Self {
            service: names_of(service, endpoint.scope.region).into_iter().map(|name| asked.led(name)).collect(),
            own: own.map(|name| asked.led(name)).collect(),
            private: PrivateDns::of(network, endpoint, service),
        }
    }

    /// The names, and where they lead.
    pub(super) fn lines(&self) -> Vec<String> {
        self.service.iter().map(Led::line).collect()
    }

    /// Whether the service's own names lead to the endpoint.
    pub(super) fn private_lines(&self) -> Vec<String> {
        vec![match &self.private {
            PrivateDns::NotOfType => "none: names keep their public addresses, and routes divert".to_owned(),
            PrivateDns::NoName => "the service has no private name: clients have to be told the endpoint's".to_owned(),
            PrivateDns::Off => "off: the service's names lead to public addresses".to_owned(),
            PrivateDns::ForInboundResolvers => "for inbound resolvers alone: in the VPC names stay public".to_owned(),
            PrivateDns::Unanswered => "on, but a DNS attribute of the VPC is off, so that nothing answers".to_owned(),
            PrivateDns::Answers(names) => format!("on, in the whole VPC: {}", names.join(", ")),
        }]
    }

    /// The endpoint's own names.
    pub(super) fn own_lines(&self) -> Vec<String> {
        if self.own.is_empty() { vec!["none".to_owned()] } else { self.own.iter().map(Led::line).collect() }
    }

    /// What the names have of IPv6.
    pub(super) fn ipv6_lines(&self) -> Vec<String> {
        self.service
            .iter()
            .map(|led| led.said(IpAddr::is_ipv6).unwrap_or_else(|| format!("{}: none", led.name)))
            .collect()
    }
}

/// The names of a service that tell one type from the other: the one that SDKs call in a Region, the first for both
/// families, and the first without a Region.
pub(super) fn names_of(service: &Service, region: Region) -> Vec<String> {
    let single = |name: &String| !name.starts_with('*');
    let public: Vec<String> = service.public_names(region).into_iter().filter(single).collect();
    let both = service.public_names6(region);
    let usual = public.iter().find(|name| name.contains(region.as_str()) && !both.contains(*name)).cloned();
    let usual = usual.or_else(|| service.private_names(region).into_iter().find(single));
    let home: Option<Region> = HOME.parse().ok();
    let everywhere = home.map(|home| service.public_names(home)).unwrap_or_default();
    let everywhere = everywhere.into_iter().find(|name| single(name) && !name.contains(HOME));
    let both = both.into_iter().find(single);
    // Of some services every name has something in front.
    let usual = usual.or_else(|| service.private_names(region).into_iter().next());
    let mut names: Vec<String> = Vec::new();
    for name in usual.into_iter().chain(everywhere).chain(both) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What is asked of the resolver of an endpoint's VPC.
struct Asked<'a> {
    network: &'a Network<'a>,
    vpc: Option<&'a VpcPlan>,
    endpoint: &'a Endpoint,
}

impl Asked<'_> {
    fn led(&self, name: String) -> Led {
        let addresses = match (self.vpc, self.vpc.and_then(|own| own.resolver)) {
            // Nobody answers where the VPC's resolver is off.
            (Some(_), None) => Vec::new(),
            (vpc, _) => match lookup(&name, vpc, self.network.plan).held {
                Held::Addresses(addresses) => addresses.to_vec(),
                _ => Vec::new(),
            },
        };
        Led { name, addresses: addresses.into_iter().map(|own| (own, self.is_taken(own))).collect() }
    }

    /// Whether the endpoint takes what goes to an address: it is one of its own, or lies in what its routes divert.
    fn is_taken(&self, address: IpAddr) -> bool {
        let Some(vpc) = self.vpc else { return false };
        let by: Option<&VpcEndpointId> = vpc.endpoint_addresses.get(&address).map(|own| &own.endpoint);
        if let Some(by) = by {
            return *by == self.endpoint.id;
        }
        let lists = self.endpoint.gateway_lists();
        let mut blocks = lists.iter().flat_map(|list| {
            list.cidrs.iter().map(|own| IpCidr::V4(*own)).chain(list.cidrs6.iter().map(|own| IpCidr::V6(*own)))
        });
        blocks.any(|block| block.contains(address))
    }
}

impl Led {
    fn line(&self) -> String {
        self.said(|_| true).unwrap_or_else(|| format!("{}: no address", self.name))
    }

    /// Where some of its addresses lead; `None` if it has none of these.
    fn said(&self, wanted: impl Fn(&IpAddr) -> bool) -> Option<String> {
        let of = |taken: bool| {
            let own = self.addresses.iter().filter(|(own, is_taken)| *is_taken == taken && wanted(own));
            own.map(|(own, _)| own.to_string()).collect::<Vec<_>>().join(", ")
        };
        let said = match (of(true), of(false)) {
            (to, past) if to.is_empty() && past.is_empty() => return None,
            (to, past) if past.is_empty() => format!("{to}, to it"),
            (to, past) if to.is_empty() => format!("{past}, past it"),
            (to, past) => format!("{to}, to it; {past}, past it"),
        };
        Some(format!("{}: {said}", self.name))
    }
}

impl PrivateDns {
    fn of(network: &Network<'_>, endpoint: &Endpoint, service: &Service) -> Self {
        let Some(own) = endpoint.interface() else { return Self::NotOfType };
        if service.private_names(endpoint.scope.region).is_empty() {
            return Self::NoName;
        }
        match (own.private_dns, own.inbound_resolver_only) {
            (false, _) => Self::Off,
            (true, true) => Self::ForInboundResolvers,
            (true, false) => match endpoint.resolved_names(network.world) {
                names if names.is_empty() => Self::Unanswered,
                names => Self::Answers(names),
            },
        }
    }
}
