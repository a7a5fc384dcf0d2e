//! Candidates: what could be changed where a trace ends.

use std::net::IpAddr;

use sidegate_model::{
    AddressFamily, Attachment, Catalog, Direction, InstanceState, IpCidr, IpProtocol, NetworkInterface,
    NetworkInterfaceId, Peer, PortRange, PrefixList, Region, SecurityGroupId, Service, Subnet, VpcEndpointId, World,
};

use super::change::{Change, Setting, allowing};
use super::client::Client;
use super::{clause, way};
use crate::SERVICE_PORTS;
use crate::analyze::filter::traffic_text;
use crate::analyze::flow::{SOMEBODY, SOMEBODY_IPV6, TCP, UDP};
use crate::analyze::hop::{Entry, Hop, Leg, Resolution, Step};
use crate::analyze::{Code, Flow, Source, Trace};
use crate::compile::blocks_of;

/// The settings of which each by itself might let a flow get further than its trace, the most likely first.
pub(super) fn candidates(world: &World, flow: &Flow, trace: &Trace) -> Vec<Setting> {
    let asked = Asked { world, flow, trace };
    let Some((hop, code)) = asked.end() else { return Vec::new() };
    let mut all = asked.here(hop, code);
    // A name that led elsewhere than to an endpoint may lead there.
    let resolutions = trace.hops.iter().filter_map(|hop| match &hop.step {
        Step::Name(resolution) => Some(resolution),
        _ => None,
    });
    for resolution in resolutions.filter(|_| is_of_packets(hop)) {
        all.extend(asked.names(resolution));
    }
    if is_of_packets(hop) {
        all.extend(way::candidates(world, trace, hop, code));
    } else {
        // What is denied over the internet may be allowed over an endpoint.
        all.extend(way::to_endpoint(world, trace));
    }
    all
}

/// Whether a hop is met by packets, so that another way could avoid it.
fn is_of_packets(hop: &Hop) -> bool {
    !matches!(hop.step, Step::Policy(_) | Step::Listener { .. })
}

/// What was asked about, and what came of it.
struct Asked<'a> {
    world: &'a World,
    flow: &'a Flow,
    trace: &'a Trace,
}

impl<'a> Asked<'a> {
    /// The hop at which the flow ends, and why; of one that depends on the client's port, the first hop at which it does.
    fn end(&self) -> Option<(&'a Hop, Code)> {
        let depends = |hop: &'a Hop| {
            hop.notes.contains(&Code::ResponseAclRestriction).then_some((hop, Code::ResponseAclRestriction))
        };
        let blocks = self.trace.hops.iter().find_map(|hop| Some((hop, hop.blocks?)));
        blocks.or_else(|| self.trace.hops.iter().find_map(depends))
    }

    /// What there is to change at the hop itself.
    fn here(&self, hop: &Hop, code: Code) -> Vec<Setting> {
        let found = match &hop.step {
            Step::SecurityGroups { interface, direction, peer, .. } => self.rule(code, interface, *direction, *peer),
            Step::NetworkAcl { direction, peer, entry, .. } => {
                return self.entries(code, hop, *direction, *peer, entry.as_ref());
            }
            Step::Source { interface, .. } | Step::Interface { interface, .. } if code == Code::BadState => {
                self.start(code, interface)
            }
            Step::Source { interface, .. } if code == Code::EniAddressRestriction => Some(Setting {
                code,
                change: Change::AssignIpv6 { interface: interface.clone() },
                current: format!("{interface} has no IPv6 address"),
                needed: format!("{interface} has an IPv6 address of its subnet's block"),
            }),
            Step::InternetGateway { private, .. } if code == Code::IgwPublicIpAssociationForEgress => {
                self.public_address(code, *private)
            }
            Step::Listener { port, .. } => Some(Setting {
                code,
                change: Change::Port { port: SERVICE_PORTS[1] },
                current: format!("the client asks at port {port}"),
                needed: "the client asks at port 443, over TLS".to_owned(),
            }),
            Step::Policy(layer) => return clause::candidates(self.flow, self.trace, layer, code),
            _ => None,
        };
        found.into_iter().collect()
    }

    /// A rule that lets the flow through.
    fn rule(&self, code: Code, interface: &NetworkInterfaceId, direction: Direction, peer: IpAddr) -> Option<Setting> {
        let own = self.world.interfaces.get(interface)?;
        let group = own.groups.first()?.clone();
        let (protocol, ports) = (IpProtocol::Number(self.flow.protocol), self.ports(self.flow.port));
        let side = self.peer(own, peer);
        let way = match direction {
            Direction::Ingress => "from",
            Direction::Egress => "to",
        };
        let traffic = traffic_text(protocol, ports);
        Some(Setting {
            code,
            current: format!("no rule of {group} lets {traffic} {way} {peer}"),
            needed: format!("{group} lets {traffic} {way} {side}"),
            change: Change::Authorize { group, direction, protocol, ports, peer: side },
        })
    }

    /// By what a rule names an address: a group of the VPC that its interface has, the prefix list of a service, or the
    /// address alone.
    fn peer(&self, own: &NetworkInterface, address: IpAddr) -> Peer {
        let has = |other: &&NetworkInterface| match address {
            IpAddr::V4(address) => other.addresses().any(|known| known == address),
            IpAddr::V6(address) => other.ipv6.contains(&address),
        };
        let group = self.world.interfaces.of_vpc(&own.vpc).find(has).and_then(|other| other.groups.first());
        if let Some(group) = group {
            return Peer::Group(group.clone());
        }
        if let Some((subnet, groups)) = self.supposed(address) {
            let default = || self.world.default_group(&subnet.vpc).map(|own| &own.id);
            return match groups.first().or_else(default).filter(|_| subnet.vpc == own.vpc) {
                Some(group) => Peer::Group(group.clone()),
                None => peer_of(block_of(subnet, address)),
            };
        }
        if let Some(list) = managed(own.scope.region, address) {
            return Peer::PrefixList(list.id);
        }
        let is_anybody = [IpAddr::from(SOMEBODY), SOMEBODY_IPV6.into()].contains(&address);
        peer_of(if is_anybody { IpCidr::any(AddressFamily::of(address)) } else { IpCidr::host(address) })
    }

    /// The subnet and the groups of the program that is supposed to ask from an address, if one is: the address is not one that
    /// anything has, so that no setting names it.
    fn supposed(&self, address: IpAddr) -> Option<(&'a Subnet, &'a [SecurityGroupId])> {
        let Source::Subnet { subnet, groups } = &self.flow.source else { return None };
        let is_it = |hop: &Hop| matches!(&hop.step, Step::Source { address: own, .. } if *own == Some(address));
        let subnet = self.world.subnets.get(subnet).filter(|_| self.trace.hops.iter().any(is_it))?;
        Some((subnet, groups))
    }

    /// The ports of a rule about one port.
    fn ports(&self, port: u16) -> Option<PortRange> {
        match self.flow.protocol {
            TCP | UDP => Some(PortRange { from: port.into(), to: port.into() }),
            1 | 58 => Some(PortRange { from: i32::from(port >> 8), to: i32::from(port & 0xff) }),
            _ => None,
        }
    }

    /// An entry before the one that decides, or one less.
    fn entries(
        &self, code: Code, hop: &Hop, direction: Direction, peer: IpAddr, decides: Option<&Entry>,
    ) -> Vec<Setting> {
        let Step::NetworkAcl { acl, subnet, .. } = &hop.step else { return Vec::new() };
        let (Some(own), Some(place)) = (self.world.network_acls.get(acl), self.world.subnets.get(subnet)) else {
            return Vec::new();
        };
        let Some(home) = self.world.vpcs.get(&place.vpc) else { return Vec::new() };
        let is_public = match peer {
            IpAddr::V4(peer) => !home.cidrs().any(|own| own.contains(peer)) && !peer.is_private(),
            IpAddr::V6(_) => false,
        };
        let list = managed(place.scope.region, peer);
        let listed = list.and_then(|list| blocks_of(&list).find(|block| block.contains(peer)));
        let block = match hop.leg {
            // Names lead to several addresses, and answers come from all of them.
            Leg::Back if is_public => IpCidr::any(AddressFamily::of(peer)),
            _ => listed.unwrap_or_else(|| match self.supposed(peer) {
                Some((subnet, _)) => block_of(subnet, peer),
                None => IpCidr::host(peer),
            }),
        };
        let client = Client::of(self.world, self.flow, self.trace, hop);
        let ports = match (hop.leg, self.flow.protocol) {
            (Leg::Back, TCP | UDP) => {
                let (first, last) = client.ports();
                Some(PortRange { from: first.into(), to: last.into() })
            }
            (Leg::Back, 58) => Some(PortRange { from: 129, to: 0 }),
            (Leg::Back, 1) => Some(PortRange { from: 0, to: 0 }),
            _ => self.ports(self.flow.port),
        };
        let taken: Vec<u16> = own.entries_of(direction).map(|entry| entry.number).collect();
        let number = match decides {
            Some(entry) => (1..entry.number).rev().find(|number| !taken.contains(number)),
            None => (1..=3_276).map(|step| step * 10).find(|number| taken.iter().all(|other| other < number)),
        };
        let side = match direction {
            Direction::Ingress => "inbound",
            Direction::Egress => "outbound",
        };
        let current = match decides {
            Some(Entry { number, action, text }) => {
                format!("{side} entry {number} of {acl}: {} {text}", action.as_str())
            }
            None => format!("no {side} entry of {acl} is about it"),
        };
        let protocol = IpProtocol::Number(self.flow.protocol);
        let entry = number.and_then(|number| allowing(direction, number, protocol, block, ports));
        let added = entry.map(|entry| Setting {
            code,
            current: current.clone(),
            needed: format!(
                "{side} entry {} of {acl}: allow {} {block}{}",
                entry.number,
                traffic_text(protocol, ports),
                if hop.leg == Leg::Back && ports.is_some() { client.reason(self.flow.protocol) } else { String::new() }
            ),
            change: Change::AddEntry { acl: acl.clone(), entry },
        });
        let removed = decides.filter(|_| added.is_none()).map(|entry| Setting {
            code,
            current,
            needed: format!("no {side} entry {} of {acl}", entry.number),
            change: Change::RemoveEntry { acl: acl.clone(), direction, number: entry.number },
        });
        added.into_iter().chain(removed).collect()
    }

    fn start(&self, code: Code, interface: &NetworkInterfaceId) -> Option<Setting> {
        let Attachment::Instance { instance, .. } = &self.world.interfaces.get(interface)?.attachment else {
            return None;
        };
        let is_stopped = self.world.instances.get(instance).is_some_and(|own| own.state == InstanceState::Stopped);
        is_stopped.then(|| Setting {
            code,
            change: Change::StartInstance { instance: instance.clone() },
            current: format!("{instance} is stopped"),
            needed: format!("{instance} runs"),
        })
    }

    fn public_address(&self, code: Code, private: IpAddr) -> Option<Setting> {
        let IpAddr::V4(private) = private else { return None };
        let source = self.trace.hops.iter().rev().find_map(|hop| match &hop.step {
            Step::NatGateway { interface, .. } | Step::Source { interface, .. } => Some(interface),
            _ => None,
        });
        let own = source.and_then(|id| self.world.interfaces.get(id)).filter(|own| own.address == private)?;
        Some(Setting {
            code,
            change: Change::AssociateAddress { interface: own.id.clone() },
            current: format!("{} has no public address", own.id),
            needed: format!("{} has an Elastic IP address", own.id),
        })
    }

    /// What would lead a name to an endpoint.
    fn names(&self, resolution: &Resolution) -> Vec<Setting> {
        let mut all = Vec::new();
        for (endpoint, code) in &resolution.passed_over {
            all.extend(self.private_name(resolution, endpoint, *code));
        }
        if resolution.addresses.is_empty() {
            all.extend(self.answered(resolution));
        }
        all
    }

    fn private_name(&self, resolution: &Resolution, id: &VpcEndpointId, code: Code) -> Option<Setting> {
        let endpoint = self.world.endpoints.get(id)?;
        let vpc = endpoint.vpc.clone();
        let name = &resolution.name;
        let (current, needed, change) = match code {
            Code::DnsPrivateDnsDisabled | Code::DnsInboundResolverOnly => (
                format!(
                    "private DNS of {id} is {}",
                    if code == Code::DnsPrivateDnsDisabled { "off" } else { "for inbound resolver endpoints only" }
                ),
                format!("private DNS of {id} is on"),
                Change::PrivateDns { endpoint: id.clone() },
            ),
            Code::DnsHostnamesDisabled => (
                format!("enableDnsHostnames of {vpc} is off"),
                format!("enableDnsHostnames of {vpc} is on"),
                Change::DnsHostnames { vpc },
            ),
            Code::DnsSupportDisabled => (
                format!("enableDnsSupport of {vpc} is off"),
                format!("enableDnsSupport of {vpc} is on"),
                Change::DnsSupport { vpc },
            ),
            Code::DnsNameNotPrivate | Code::DnsPrivateDnsUnavailable => {
                let other = if code == Code::DnsNameNotPrivate {
                    private_spelling(endpoint.service()?, endpoint.scope.region, name)?
                } else {
                    self.own_name(id)?
                };
                (format!("the client calls {name}"), format!("the client calls {other}"), Change::Name { name: other })
            }
            _ => return None,
        };
        Some(Setting { code, change, current, needed })
    }

    /// What would let the resolver answer.
    fn answered(&self, resolution: &Resolution) -> Option<Setting> {
        let vpc = resolution.vpc.clone()?;
        if !self.world.vpcs.get(&vpc)?.dns_support {
            return Some(Setting {
                code: Code::DnsSupportDisabled,
                current: format!("enableDnsSupport of {vpc} is off"),
                needed: format!("enableDnsSupport of {vpc} is on"),
                change: Change::DnsSupport { vpc },
            });
        }
        // The name of an endpoint in a zone that it is not in.
        let endpoint = crate::analyze::name::endpoint_named(&resolution.name)?;
        let other = self.own_name(&endpoint)?;
        Some(Setting {
            code: Code::DnsNoSuchName,
            current: format!("the client calls {}", resolution.name),
            needed: format!("the client calls {other}"),
            change: Change::Name { name: other },
        })
    }

    /// The name of an endpoint in all its zones; of S3, that for buckets.
    fn own_name(&self, id: &VpcEndpointId) -> Option<String> {
        let (name, _) = self.world.endpoints.get(id)?.own_names(self.world).into_iter().next()?;
        Some(match name.strip_prefix("*.") {
            Some(rest) => format!("bucket.{rest}"),
            None => name,
        })
    }
}

/// The block of a subnet of the family of an address.
fn block_of(subnet: &Subnet, address: IpAddr) -> IpCidr {
    match (address, &subnet.ipv6_cidr) {
        (IpAddr::V4(_), _) => IpCidr::V4(subnet.cidr),
        (IpAddr::V6(_), Some(own)) => IpCidr::V6(own.cidr),
        (IpAddr::V6(_), None) => IpCidr::host(address),
    }
}

/// A block as rules name it.
fn peer_of(block: IpCidr) -> Peer {
    match block {
        IpCidr::V4(block) => Peer::Cidr(block),
        IpCidr::V6(block) => Peer::Cidr6(block.first(), block.length()),
    }
}

/// A public name of a service in the spelling that private DNS has: `a.s3.amazonaws.com` as `a.s3.REGION.amazonaws.com`.
fn private_spelling(service: &Service, region: Region, name: &str) -> Option<String> {
    let private = service.private_names(region).into_iter().find(|own| !own.starts_with('*'))?;
    let public = service.public_names(region);
    let plain = public.iter().filter(|own| !own.starts_with('*'));
    let mut stems: Vec<_> = plain.filter_map(|own| name.strip_suffix(own.as_str())).collect();
    stems.retain(|stem| stem.is_empty() || stem.ends_with('.'));
    stems.sort_by_key(|stem| stem.len());
    Some(format!("{}{private}", stems.first()?))
}

/// The prefix list of AWS's that holds an address.
pub(super) fn managed(region: Region, address: IpAddr) -> Option<PrefixList> {
    let holds = |list: &PrefixList| blocks_of(list).any(|block| block.contains(address));
    PrefixList::managed(region).into_iter().find(holds)
}

/// The service that has a public address.
pub(super) fn service_at(address: IpAddr) -> Option<(Region, &'static Service)> {
    match address {
        IpAddr::V4(address) => Catalog::at(address),
        IpAddr::V6(address) => Catalog::at_ipv6(address),
    }
}

/// Every address of a family, as a route's destination.
pub(super) fn everywhere(address: IpAddr) -> sidegate_model::Destination {
    match IpCidr::any(AddressFamily::of(address)) {
        IpCidr::V4(block) => sidegate_model::Destination::Cidr(block),
        IpCidr::V6(block) => sidegate_model::Destination::Ipv6(block),
    }
}
