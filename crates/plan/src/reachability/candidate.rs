//! Candidates: packets that a path may be about, one for each kind that rules and routes tell apart.
//!
//! Rules, entries and routes cut addresses and ports into pieces within which all packets fare alike. A piece begins where
//! a block or range begins or the one after it does; so it is enough to try what is there.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use sidegate_model::{
    AnalysisOutcome, Attachment, Destination, Explanation, ExplanationCode, InternetGatewayId, IpCidr, IpProtocol,
    Ipv4Cidr, NetworkInterface, Peer, PortRange, PortSpan, PrefixListId, VpcId,
};

use super::end::{Goal, Sender};
use super::explain::{at_gateway, at_interface};
use super::site::Site;
use super::{unreachable, unsupported};

/// The most packets that are tried.
const LIMIT: usize = 2000;

/// A public address that nobody has. Source: RFC 5737.
const SOMEBODY: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);

/// Ports that are tried in any case, where they are meant: those of services.
const COMMON: [u16; 2] = [443, 80];

/// A packet, as it leaves.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'w> {
    pub(super) sender: Sender<'w>,
    pub(super) source: Ipv4Addr,
    pub(super) source_ports: PortSpan,
    pub(super) to: Ipv4Addr,
    pub(super) port: u16,
}

/// The packets that are tried.
pub(super) struct Candidates<'w> {
    pub(super) candidates: Vec<Candidate<'w>>,
    /// How many there would be.
    all: usize,
}

impl Candidates<'_> {
    /// What was not looked at.
    pub(super) fn warning(&self) -> Option<String> {
        let (tried, all) = (self.candidates.len(), self.all);
        (tried < all).then(|| format!("Only {tried} of {all} combinations of addresses and ports were analyzed."))
    }
}

/// The packets that a path may be about.
///
/// # Errors
/// What comes of the analysis if there are none.
pub(super) fn candidates<'w>(
    site: &Site<'w>, senders: &[Sender<'w>], goal: &Goal<'w>,
) -> Result<Candidates<'w>, AnalysisOutcome> {
    let (near, far) = (site.at_source(), site.at_destination());
    let refused = |code, wanted: Option<PortSpan>| {
        let port_ranges = wanted.into_iter().collect();
        unreachable(Explanation { port_ranges, ..Explanation::new(code) })
    };
    let common = |one: Option<PortSpan>, other: Option<PortSpan>| {
        one.unwrap_or(PortSpan::ALL).common(other.unwrap_or(PortSpan::ALL))
    };
    let source_ports = common(near.source_ports, far.source_ports)
        .ok_or_else(|| refused(ExplanationCode::FilterAtDestinationSourcePortRange, far.source_ports))?;
    let meant = common(near.destination_ports, far.destination_ports)
        .ok_or_else(|| refused(ExplanationCode::FilterAtDestinationDestinationPortRange, far.destination_ports))?;
    let mut found = Candidates { candidates: Vec::new(), all: 0 };
    let mut refusal = None;
    for sender in senders {
        let cuts = Cuts::of(site, sender, goal);
        let (sources, addresses) = match (sources(site, sender, &cuts), addresses(site, sender, goal, &cuts)) {
            (Ok(sources), Ok(addresses)) => (sources, addresses),
            (Err(outcome), _) | (_, Err(outcome)) => {
                refusal.get_or_insert(outcome);
                continue;
            }
        };
        let ports = cuts.ports_in(meant);
        for &source in &sources {
            for &to in &addresses {
                for &port in &ports {
                    found.all += 1;
                    if found.candidates.len() < LIMIT {
                        found.candidates.push(Candidate { sender: *sender, source, source_ports, to, port });
                    }
                }
            }
        }
    }
    match refusal {
        Some(outcome) if found.candidates.is_empty() => Err(outcome),
        _ => Ok(found),
    }
}

/// The addresses that packets of a sender come from.
fn sources(site: &Site<'_>, sender: &Sender<'_>, cuts: &Cuts) -> Result<Vec<Ipv4Addr>, AnalysisOutcome> {
    let wanted = site.at_source().source_address;
    match sender {
        Sender::Interface(own) => match wanted {
            Some(wanted) if own.secondary.contains(&wanted) => Err(unsupported()),
            Some(wanted) if own.address != wanted => {
                let mut explanation = Explanation::new(ExplanationCode::FilterAtSourceSourceAddress);
                at_interface(site, &mut explanation, &own.id);
                explanation.address = Some(wanted);
                Err(unreachable(explanation))
            }
            _ => Ok(vec![own.address]),
        },
        Sender::Gateway(gateway, _) => match wanted.or(site.at_destination().source_address) {
            Some(wanted) if !is_public(wanted) => Err(expects_public(site, gateway, wanted)),
            Some(wanted) => Ok(vec![wanted]),
            None => Ok(cuts.public_addresses()),
        },
    }
}

/// The addresses that packets of a sender go to.
fn addresses(
    site: &Site<'_>, sender: &Sender<'_>, goal: &Goal<'_>, cuts: &Cuts,
) -> Result<Vec<Ipv4Addr>, AnalysisOutcome> {
    let refused = |code, address| {
        let destination = site.path.definition.destination.as_ref().map(|end| site.named(end.id.clone()));
        Err(unreachable(Explanation { address, destination, ..Explanation::new(code) }))
    };
    let (near, far) = (site.at_source().destination_address, site.at_destination().destination_address);
    let wanted = near.or(far);
    match goal {
        Goal::Interfaces(interfaces) => {
            // Each with the address by which the interface itself knows it.
            let mut known: Vec<(Ipv4Addr, Ipv4Addr)> = Vec::new();
            for own in interfaces {
                if matches!(sender, Sender::Interface(_)) {
                    known.extend(own.addresses().map(|address| (address, address)));
                }
                if near.is_some() || matches!(sender, Sender::Gateway(..)) {
                    known.extend(public_addresses(site, own));
                }
            }
            if let (true, Sender::Gateway(gateway, _)) = (known.is_empty(), sender) {
                let mut explanation = Explanation::new(ExplanationCode::IgwPrivateIpAssociationForIngress);
                at_gateway(site, &mut explanation, gateway);
                explanation.destination =
                    site.path.definition.destination.as_ref().map(|end| site.named(end.id.clone()));
                return Err(unreachable(explanation));
            }
            known.retain(|(to, _)| near.is_none_or(|near| near == *to));
            if known.is_empty() {
                return refused(ExplanationCode::FilterAtSourceDestinationAddress, near);
            }
            known.retain(|(_, own)| far.is_none_or(|far| far == *own));
            if known.is_empty() {
                return refused(ExplanationCode::FilterAtDestinationDestinationAddress, far);
            }
            Ok(known.into_iter().map(|(to, _)| to).collect())
        }
        Goal::Address(address) => Ok(vec![*address]),
        Goal::Endpoint(endpoint) => {
            let interfaces = site.world.interfaces.of_vpc(&endpoint.vpc);
            let is_of =
                |own: &&NetworkInterface| matches!(&own.attachment, Attachment::Endpoint(id) if *id == endpoint.id);
            let blocks = endpoint.gateway_lists().into_iter().flat_map(|list| list.cidrs.clone());
            let blocks: Vec<Ipv4Cidr> = blocks.collect();
            match wanted {
                Some(wanted) => Ok(vec![wanted]),
                None if blocks.is_empty() => Ok(interfaces.filter(is_of).map(|own| own.address).collect()),
                None => Ok(cuts.addresses_in(&blocks)),
            }
        }
        Goal::InternetGateway(gateway) => match wanted {
            Some(wanted) if !is_public(wanted) => Err(expects_public(site, gateway, wanted)),
            Some(wanted) => Ok(vec![wanted]),
            None => Ok(cuts.public_addresses()),
        },
        Goal::Peering(_, vpc) => match wanted {
            Some(wanted) => Ok(vec![wanted]),
            None => Ok(cuts.addresses_in(&blocks_of(site, vpc))),
        },
        Goal::VpnGateway(_) => match wanted {
            Some(wanted) => Ok(vec![wanted]),
            None => Ok(cuts.public_addresses().into_iter().chain(cuts.private_addresses()).collect()),
        },
    }
}

/// That an internet gateway is an end of the path, and the address beyond it is none of the internet's.
fn expects_public(site: &Site<'_>, gateway: &InternetGatewayId, wanted: Ipv4Addr) -> AnalysisOutcome {
    let mut explanation = Explanation::new(ExplanationCode::IgwExpectsPublicAddress);
    at_gateway(site, &mut explanation, gateway);
    explanation.address = Some(wanted);
    unreachable(explanation)
}

/// The public addresses of an interface, each with the private one that belongs to it.
fn public_addresses(site: &Site<'_>, interface: &NetworkInterface) -> Vec<(Ipv4Addr, Ipv4Addr)> {
    let all = site.world.public_addresses_of(&interface.vpc);
    all.filter(|mapped| mapped.interface.id == interface.id).map(|mapped| (mapped.public, mapped.private)).collect()
}

fn blocks_of(site: &Site<'_>, vpc: &VpcId) -> Vec<Ipv4Cidr> {
    site.world.vpcs.get(vpc).map(|own| own.cidrs().collect()).unwrap_or_default()
}

/// Whether an address is one of the internet's.
fn is_public(address: Ipv4Addr) -> bool {
    const SHARED: Ipv4Cidr = Ipv4Cidr::new(Ipv4Addr::new(100, 64, 0, 0), 10);
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.octets().starts_with(&[0])
        || address.octets() >= [240, 0, 0, 0];
    !is_special && !SHARED.contains(address)
}

/// Where rules, entries and routes cut addresses and ports.
#[derive(Default)]
struct Cuts {
    addresses: BTreeSet<Ipv4Addr>,
    ports: BTreeSet<u16>,
}

impl Cuts {
    /// The cuts of what stands between a sender and a goal.
    fn of(site: &Site<'_>, sender: &Sender<'_>, goal: &Goal<'_>) -> Self {
        let mut cuts = Self::default();
        let mut vpcs = BTreeSet::from([sender.vpc()]);
        if let Sender::Interface(own) = sender {
            cuts.groups(site, own);
        }
        match goal {
            Goal::Interfaces(all) => {
                all.iter().for_each(|own| cuts.groups(site, own));
                vpcs.extend(all.iter().map(|own| &own.vpc));
            }
            Goal::Endpoint(own) => {
                vpcs.insert(&own.vpc);
            }
            Goal::InternetGateway(_) | Goal::Peering(..) | Goal::VpnGateway(_) | Goal::Address(_) => {}
        }
        vpcs.into_iter().for_each(|vpc| cuts.vpc(site, vpc));
        cuts
    }

    fn groups(&mut self, site: &Site<'_>, interface: &NetworkInterface) {
        let groups = interface.groups.iter().filter_map(|id| site.world.security_groups.get(id));
        for rule in groups.flat_map(|group| &group.rules) {
            match &rule.rule.peer {
                Peer::Cidr(block) => self.block(*block),
                Peer::PrefixList(id) => self.list(site, id),
                Peer::Cidr6(..) | Peer::Group(_) => {}
            }
            self.range(rule.rule.protocol, rule.rule.ports);
        }
    }

    /// What routes and entries of a VPC's tables and ACLs cut.
    fn vpc(&mut self, site: &Site<'_>, vpc: &VpcId) {
        let tables = site.world.route_tables.of_vpc(vpc);
        for route in tables.flat_map(|table| site.world.routes(table)) {
            match route.destination {
                Destination::Cidr(block) => self.block(block),
                Destination::PrefixList(id) => self.list(site, &id),
                Destination::Ipv6(_) => {}
            }
        }
        for entry in site.world.network_acls.of_vpc(vpc).flat_map(|acl| acl.entries()) {
            if let IpCidr::V4(block) = entry.cidr {
                self.block(block);
            }
            self.range(entry.protocol, entry.ports);
        }
    }

    fn list(&mut self, site: &Site<'_>, id: &PrefixListId) {
        let list = site.world.prefix_list(&site.path.scope, id);
        list.into_iter().flat_map(|list| list.cidrs.clone()).for_each(|block| self.block(block));
    }

    fn block(&mut self, block: Ipv4Cidr) {
        self.addresses.insert(block.first());
        self.addresses.extend(block.last().to_bits().checked_add(1).map(Ipv4Addr::from_bits));
    }

    fn range(&mut self, protocol: IpProtocol, ports: Option<PortRange>) {
        let (IpProtocol::TCP | IpProtocol::UDP, Some(ports)) = (protocol, ports) else { return };
        let cuts = [ports.from, ports.to.saturating_add(1)];
        self.ports.extend(cuts.into_iter().filter_map(|port| u16::try_from(port).ok()));
    }

    /// A port of each piece that some ports are cut into.
    fn ports_in(&self, meant: PortSpan) -> Vec<u16> {
        let own = self.ports.iter().copied().chain(COMMON);
        let mut ports = vec![meant.from];
        ports.extend(own.filter(|port| meant.contains(*port) && *port != meant.from));
        ports.dedup();
        ports
    }

    /// An address of each piece that some blocks are cut into.
    fn addresses_in(&self, blocks: &[Ipv4Cidr]) -> Vec<Ipv4Addr> {
        let cut = self.addresses.iter().copied().filter(|own| blocks.iter().any(|block| block.contains(*own)));
        blocks.iter().map(|block| block.first()).chain(cut).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// An address of each piece that private addresses are cut into.
    fn private_addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.addresses.iter().copied().filter(|own| own.is_private())
    }

    /// An address of each piece that the internet is cut into.
    fn public_addresses(&self) -> Vec<Ipv4Addr> {
        let cut = self.addresses.iter().copied().filter(|own| is_public(*own));
        std::iter::once(SOMEBODY).chain(cut.filter(|own| *own != SOMEBODY)).collect()
    }
}
