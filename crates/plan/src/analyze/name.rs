//! Names: what a flow is aimed at, what the source's resolver says of it, and why.

use std::net::IpAddr;

use sidegate_model::{AccountId, Catalog, Endpoint, NameServer, Region, Service, VpcDhcpOptions, VpcEndpointId, World};

use super::flow::{FlowError, Goal};
use super::hop::{Hop, Leg, NameOrigin, Resolution, Step};
use super::source::{Sender, first_interface};
use super::walk::Walk;
use super::{Code, Disposition, Unknown};
use crate::compile::RESOLVER_OFFSET;
use crate::{Held, IPV6_RESOLVER, LINK_LOCAL_RESOLVER, Plan, VpcPlan, lookup};

/// What a flow is aimed at.
pub(super) enum Aim {
    /// Addresses, of which the client tries one, and the name that it knows them by.
    At { addresses: Vec<IpAddr>, name: Option<String> },
    /// Nothing: it ends at the resolver.
    Ended(Disposition),
}

/// What a sender's flow is aimed at.
pub(super) fn aim(
    world: &World, plan: &Plan, sender: &Sender, goal: &Goal, hops: &mut Vec<Hop>,
) -> Result<Aim, FlowError> {
    let at = |address| Aim::At { addresses: vec![address], name: None };
    match goal {
        Goal::Address(address) => {
            is_destination(*address)?;
            match sender {
                Sender::Outside(own) if own.is_ipv4() != address.is_ipv4() => Err(FlowError::Families(*own, *address)),
                _ => Ok(at(*address)),
            }
        }
        Goal::Interface(id) => {
            let interface = world.interfaces.get(id).ok_or_else(|| FlowError::NoInterface(id.clone()))?;
            let mapped = || world.public_addresses().find(|own| own.interface.id == *id).map(|own| own.public.into());
            let ipv6 = || interface.ipv6.first().map(|own| IpAddr::from(*own));
            match sender {
                Sender::Interface(_) => Ok(at(interface.address.into())),
                Sender::Outside(IpAddr::V4(_)) => mapped().map(at).ok_or_else(|| FlowError::NotPublic(id.clone())),
                Sender::Outside(IpAddr::V6(_)) => ipv6().map(at).ok_or_else(|| FlowError::NotPublic(id.clone())),
            }
        }
        Goal::Instance(id) => aim(world, plan, sender, &Goal::Interface(first_interface(world, id)?), hops),
        Goal::Name(name) => Ok(resolve(world, plan, sender, name, hops)),
        Goal::Service(service) => {
            let known = Catalog::named(service).ok_or_else(|| FlowError::NoService(service.clone()))?;
            let scope = sender.interface().and_then(|id| world.interfaces.get(id)).map(|own| &own.scope);
            let Some(scope) = scope else { return Err(FlowError::NoService(service.clone())) };
            let host = host_of(known, scope.region, &scope.account);
            let host = host.ok_or_else(|| FlowError::NoService(service.clone()))?;
            Ok(resolve(world, plan, sender, &host, hops))
        }
    }
}

/// Whether a connection can be made to an address.
fn is_destination(address: IpAddr) -> Result<(), FlowError> {
    let is_broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    if address.is_unspecified() || address.is_multicast() || address.is_loopback() || is_broadcast {
        return Err(FlowError::NoDestination(address));
    }
    Ok(())
}

/// The name by which SDKs call a service in a Region: its first one there. Names of registries begin with the account.
fn host_of(service: &Service, region: Region, account: &AccountId) -> Option<String> {
    let names = service.public_names(region).into_iter().chain(service.private_names(region));
    let host = names.min_by_key(|name| !name.contains(region.as_str()))?;
    Some(match host.strip_prefix("*.") {
        Some(rest) => format!("{account}.{rest}"),
        None => host,
    })
}

/// What a name leads a sender to.
fn resolve(world: &World, plan: &Plan, sender: &Sender, name: &str, hops: &mut Vec<Hop>) -> Aim {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let home = sender.interface().and_then(|id| Walk::link_of(world, plan, id));
    let vpc = home.map(|(vpc, _)| vpc);
    let has_family = |address: &IpAddr| match (sender, home.and_then(|(_, link)| link)) {
        (Sender::Outside(own), _) => own.is_ipv4() == address.is_ipv4(),
        (Sender::Interface(_), Some((_, link))) => address.is_ipv4() || !link.ipv6.is_empty(),
        // Nothing runs there, which the walk will tell.
        (Sender::Interface(_), None) => true,
    };
    if let Some(servers) = vpc.and_then(|vpc| other_servers(world, vpc)) {
        let origin = NameOrigin::OtherServers(servers.clone());
        let (vpc, zone) = (vpc.map(|vpc| vpc.vpc.clone()), String::new());
        let (addresses, passed_over) = (Vec::new(), Vec::new());
        let step = Step::Name(Resolution { name: name.clone(), vpc, zone, origin, addresses, passed_over });
        hops.push(Hop { leg: Leg::There, step, blocks: None, notes: Vec::new() });
        return Aim::Ended(Disposition::Undetermined { unknown: Unknown::NameServers { name, servers } });
    }
    let (mut resolution, code) = answer(world, plan, vpc, &name);
    resolution.passed_over = passed_over(world, vpc, &name, &resolution.origin);
    let is_loopback = resolution.origin == NameOrigin::Loopback;
    let usable: Vec<_> = resolution.addresses.iter().copied().filter(has_family).collect();
    let code = code.or_else(|| usable.is_empty().then_some(Code::DnsNoRecord));
    hops.push(Hop { leg: Leg::There, step: Step::Name(resolution), blocks: code, notes: Vec::new() });
    match (code, sender) {
        (Some(by), _) => Aim::Ended(Disposition::Blocked { by }),
        (None, Sender::Interface(id)) if is_loopback => Aim::Ended(Disposition::Delivered { interface: id.clone() }),
        (None, _) => Aim::At { addresses: usable, name: Some(name) },
    }
}

/// The name servers that clients in a VPC ask, if the first of them is not AWS's.
///
/// Source: VPC user guide, "DHCP option sets in Amazon VPC": `domain-name-servers`.
fn other_servers(world: &World, vpc: &VpcPlan) -> Option<Vec<IpAddr>> {
    let home = world.vpcs.get(&vpc.vpc)?;
    let own =
        [home.cidr.nth(RESOLVER_OFFSET).map(IpAddr::V4), Some(LINK_LOCAL_RESOLVER.into()), Some(IPV6_RESOLVER.into())];
    // Of options that no file tells, AWS's server is assumed, and that it is, who reads the files tells.
    let is_untold = matches!(&home.dhcp_options, VpcDhcpOptions::Set(id) if world.dhcp_options.get(id).is_none());
    if is_untold {
        return None;
    }
    let servers = world.dhcp_options_of(home).unwrap_or_default().domain_name_servers;
    let address = |server: &NameServer| match server {
        NameServer::AmazonProvided => None,
        NameServer::Address(address) => Some(*address).filter(|address| !own.contains(&Some(*address))),
    };
    match servers.first() {
        Some(first) if address(first).is_none() => None,
        _ => Some(servers.iter().filter_map(address).collect()),
    }
}

/// What the resolver answers, and why it leads nowhere.
fn answer(world: &World, plan: &Plan, vpc: Option<&VpcPlan>, name: &str) -> (Resolution, Option<Code>) {
    let home = vpc.map(|vpc| vpc.vpc.clone());
    let resolution = |zone: &str, origin, addresses: &[IpAddr]| Resolution {
        name: name.to_owned(),
        vpc: home.clone(),
        zone: zone.to_owned(),
        origin,
        addresses: addresses.to_vec(),
        passed_over: Vec::new(),
    };
    if vpc.is_some_and(|vpc| vpc.resolver.is_none()) {
        return (resolution("", NameOrigin::Nobody, &[]), Some(Code::DnsSupportDisabled));
    }
    let found = lookup(name, vpc, plan);
    let (addresses, code): (&[IpAddr], _) = match &found.held {
        Held::Addresses(addresses) => (addresses, None),
        Held::Loopback => (&[IpAddr::V4(std::net::Ipv4Addr::LOCALHOST)], None),
        Held::Pointer(_) | Held::Nothing => (&[], Some(Code::DnsNoRecord)),
        Held::Absent => (&[], Some(Code::DnsNoSuchName)),
    };
    let origin = match found.held {
        Held::Loopback => NameOrigin::Loopback,
        _ => origin(world, plan, vpc, name, &found.zone),
    };
    (resolution(&found.zone, origin, addresses), code)
}

/// Whose an answer is.
fn origin(world: &World, plan: &Plan, vpc: Option<&VpcPlan>, name: &str, zone: &str) -> NameOrigin {
    let endpoints = || vpc.into_iter().flat_map(|vpc| world.endpoints.of_vpc(&vpc.vpc));
    if let Some(vpc) = vpc.filter(|vpc| vpc.zones.iter().any(|own| own.name == zone)) {
        let claims = |endpoint: &&Endpoint| {
            endpoint.resolved_names(world).iter().any(|own| own.strip_prefix("*.").unwrap_or(own) == zone)
        };
        let is_host_zone = vpc.scope.region.private_domain() == zone;
        let claiming = endpoints().find(claims).filter(|_| !is_host_zone);
        return claiming.map_or(NameOrigin::HostNames, |own| NameOrigin::PrivateDns(own.id.clone()));
    }
    if plan.public_names.contains_key(name) {
        return NameOrigin::PublicHostName;
    }
    let own = endpoint_named(name).filter(|id| world.endpoints.get(id).is_some());
    if let Some(id) = own {
        return NameOrigin::EndpointName(id);
    }
    let decides = |endpoint: &&Endpoint| {
        endpoint.public_records().is_some()
            && endpoint.service().is_some_and(|service| is_covered(name, &service.public_names(endpoint.scope.region)))
    };
    match endpoints().find(decides) {
        Some(gateway) => NameOrigin::GatewayRecords(gateway.id.clone()),
        None => NameOrigin::PublicDns,
    }
}

/// The endpoint whose own name this is: the id stands in it.
pub(super) fn endpoint_named(name: &str) -> Option<VpcEndpointId> {
    let stem = name.strip_suffix(".vpce.amazonaws.com")?;
    let label = stem.split('.').find(|label| label.starts_with(VpcEndpointId::PREFIX))?;
    let digits = label.get(VpcEndpointId::PREFIX.len()..)?.split('-').next()?;
    format!("{}{digits}", VpcEndpointId::PREFIX).parse().ok()
}

/// The interface endpoints of a VPC for the service of a name that it does not lead to, each with why.
fn passed_over(world: &World, vpc: Option<&VpcPlan>, name: &str, origin: &NameOrigin) -> Vec<(VpcEndpointId, Code)> {
    let Some(vpc) = vpc else { return Vec::new() };
    let Some(home) = world.vpcs.get(&vpc.vpc) else { return Vec::new() };
    let region = vpc.scope.region;
    let interfaces = world.endpoints.of_vpc(&vpc.vpc).filter(|own| own.interface().is_some());
    let mut interfaces = interfaces.peekable();
    if interfaces.peek().is_none() {
        return Vec::new();
    }
    let Some(service) = Catalog::by_public_name(region, name) else { return Vec::new() };
    let why = |endpoint: &Endpoint| {
        let own = endpoint.interface()?;
        let private = service.private_names(region);
        Some(match () {
            () if !home.dns_support => Code::DnsSupportDisabled,
            () if private.is_empty() => Code::DnsPrivateDnsUnavailable,
            () if !is_covered(name, &private) => Code::DnsNameNotPrivate,
            // It cannot be switched on without host names.
            () if !home.dns_hostnames => Code::DnsHostnamesDisabled,
            () if !own.private_dns => Code::DnsPrivateDnsDisabled,
            () if own.inbound_resolver_only => Code::DnsInboundResolverOnly,
            () => return None,
        })
    };
    let others = interfaces.filter(|own| {
        own.service == service.name
            && !matches!(origin, NameOrigin::PrivateDns(id) | NameOrigin::EndpointName(id) if *id == own.id)
    });
    others.filter_map(|own| Some((own.id.clone(), why(own)?))).collect()
}

/// The pattern that covers a name: `a.b` covers itself, and `*.b` every name below `b`.
pub(super) fn covering<'a>(name: &str, patterns: &'a [String]) -> Option<&'a String> {
    patterns.iter().find(|pattern| match pattern.strip_prefix('*') {
        Some(suffix) => name.len() > suffix.len() && name.ends_with(suffix),
        None => *pattern == name,
    })
}

fn is_covered(name: &str, patterns: &[String]) -> bool {
    covering(name, patterns).is_some()
}
