//! From what the kernel has in the namespace of this thread to [`Objects`].

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io;
use std::os::fd::AsFd;

use sidegate_model::IpCidr;
use sidegate_plan::LAST_REDIRECT;

use super::error::VpcError;
use super::netlink::{Family, Reply, Socket};
use super::objects::{
    Element, FIRST_REDIRECTS, FIRST_TABLE, Foreign, ForeignKind, LinkEnds, LinkName, Objects, ROUTE_PROTOCOL,
    RouteKind, Ruleset, SHARED_TABLE, TABLE_MASK,
};
use super::program_end::ProgramEnd;
use super::rtnetlink::{LinkState, RouteState, RuleState};
use super::ruleset::{Form, Structure};
use super::sysctl::Settings;
use super::{nftables, program_end, rtnetlink, sysctl};
use crate::holder::{Client, HolderError};
use crate::netns::NetNs;

/// How many programs' namespaces are open at once.
const LINKS_AT_ONCE: usize = 64;

/// What the namespace of this thread has. `reference` gives the filter's fixed part as it shall be, in each form.
pub(super) fn read(
    holder: &Client, reference: impl FnMut(Form) -> Result<Structure, VpcError>,
) -> Result<Objects, VpcError> {
    let mut route = Socket::open(Family::Route).map_err(VpcError::read("routes"))?;
    let mut netfilter = Socket::open(Family::Netfilter).map_err(VpcError::read("the filter"))?;
    let settings = Settings::open().map_err(VpcError::read("the namespace's settings"))?;
    let mut objects = Objects::default();
    read_sysctls(&settings, &mut objects)?;
    let names = read_links(&mut route, &settings, holder, &mut objects)?;
    read_addresses(&mut route, &mut objects).map_err(VpcError::read("addresses"))?;
    read_rules(&mut route, &mut objects).map_err(VpcError::read("rules"))?;
    read_routes(&mut route, &names, &mut objects).map_err(VpcError::read("routes"))?;
    read_filter(&mut netfilter, reference, &mut objects)?;
    Ok(objects)
}

fn read_sysctls(settings: &Settings, objects: &mut Objects) -> Result<(), VpcError> {
    let known = sysctl::NAMESPACE.iter().copied().chain([sysctl::early_demux(false)]).chain(sysctl::ipv6(true));
    for (path, _) in known {
        let value = match settings.read(path) {
            // Connection tracking has its settings once something uses it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => "absent".to_owned(),
            other => other.map_err(VpcError::read(format!("sysctl {path}")))?,
        };
        objects.sysctls.insert(path, Cow::Owned(value));
    }
    Ok(())
}

/// Reads the links, and returns all of the namespace, by which routes are told.
fn read_links(
    socket: &mut Socket, settings: &Settings, holder: &Client, objects: &mut Objects,
) -> Result<Vec<LinkState>, VpcError> {
    let replies = socket.dump(&rtnetlink::links()).map_err(VpcError::read("links"))?;
    let mut links: Vec<_> = replies.iter().filter_map(|reply| Some((rtnetlink::link_of(reply)?, reply))).collect();
    let states = links.iter().map(|(state, _)| state.clone()).collect();
    links.retain(|(state, _)| {
        let is_loopback = state.index == rtnetlink::LOOPBACK;
        objects.loopback |= is_loopback && state.up;
        !is_loopback
    });
    for group in links.chunks(LINKS_AT_ONCE) {
        let ours: Vec<_> =
            group.iter().map(|(state, _)| Candidate::of(socket, holder, state)).collect::<Result<_, _>>()?;
        let namespaces: Vec<_> = ours.iter().flatten().map(|candidate| &candidate.namespace).collect();
        let peers: Vec<_> = ours.iter().flatten().map(|candidate| candidate.peer).collect();
        let mut ends = program_end::read(&namespaces, &peers)?.into_iter();
        for (candidate, (state, reply)) in ours.iter().zip(group) {
            let link = match (candidate, candidate.as_ref().and_then(|_| ends.next())) {
                (Some(candidate), Some(end)) => {
                    let end = end.map_err(VpcError::read(format!("link {}", state.name)))?;
                    end.map(|end| candidate.link(settings, state, &end)).transpose()?.flatten()
                }
                _ => None,
            };
            match (candidate, link) {
                (Some(Candidate { name, .. }), Some(ends)) => {
                    objects.links.insert(*name, ends);
                }
                _ => foreign(objects, ForeignKind::Link, state.name.clone(), reply),
            }
        }
    }
    Ok(states)
}

/// A link that may be one of ours.
struct Candidate {
    name: LinkName,
    namespace: NetNs,
    /// The number of the other end in there.
    peer: Option<u32>,
    /// The number by which this namespace knows that of the program.
    number: Option<u32>,
}

impl Candidate {
    fn of(socket: &mut Socket, holder: &Client, state: &LinkState) -> Result<Option<Self>, VpcError> {
        let Some(name) = LinkName::new(&state.name).filter(|_| state.is_veth && !state.alias.is_empty()) else {
            return Ok(None);
        };
        let namespace = match holder.get(&state.alias) {
            Ok(Some(namespace)) => namespace,
            Ok(None) | Err(HolderError::Name { .. }) => return Ok(None),
            // Whose link it is cannot be told now: it must not be taken for nobody's.
            Err(error) => return Err(error.into()),
        };
        let number = socket.ask(rtnetlink::namespace_number(namespace.as_fd()));
        let number = number.map_err(VpcError::read(format!("link {name}")))?;
        let number = number.as_ref().and_then(rtnetlink::namespace_number_of);
        Ok(Some(Self { name, namespace, peer: state.peer, number }))
    }

    /// The link with both of its ends. `None` if it is none of ours after all, or too broken to be mended.
    fn link(&self, settings: &Settings, state: &LinkState, end: &ProgramEnd) -> Result<Option<LinkEnds>, VpcError> {
        let is_peer = self.number == state.peer_namespace
            && state.peer == Some(end.link.index)
            && end.link.peer == Some(state.index);
        // The kernel keeps them in the order in which they were added.
        let (Some((&(address, prefix), further)), Some(name), true) =
            (end.addresses.split_first(), LinkName::new(&end.link.name), is_peer)
        else {
            return Ok(None);
        };
        if further.iter().any(|(_, prefix)| *prefix != 32) {
            return Ok(None);
        }
        let mut settled = state.up && state.mac == rtnetlink::ROUTER_MAC && end.settled;
        for (path, value) in sysctl::of_link(&state.name) {
            settled &= settings.read(&path).map_err(VpcError::read(format!("sysctl {path}")))? == value;
        }
        let mtu = if state.mtu == end.link.mtu { state.mtu } else { 0 };
        let namespace = state.alias.clone();
        let (gateway, mac, ipv6) = (end.gateway, end.link.mac, end.ipv6.clone());
        let secondary = further.iter().map(|(address, _)| *address).collect();
        let speaks_ipv6 = end.speaks_ipv6;
        Ok(Some(LinkEnds {
            namespace,
            end: name,
            address,
            secondary,
            ipv6,
            speaks_ipv6,
            prefix,
            gateway,
            mac,
            mtu,
            settled,
        }))
    }
}

fn read_addresses(socket: &mut Socket, objects: &mut Objects) -> io::Result<()> {
    for reply in socket.dump(&rtnetlink::addresses())? {
        let Some(found) = rtnetlink::address_of(&reply) else { continue };
        if found.link == rtnetlink::LOOPBACK && found.address.is_loopback() {
            continue;
        }
        // Those that the kernel gives to each link that speaks IPv6.
        if found.address.is_ipv6() && !found.is_global {
            continue;
        }
        let alone = IpCidr::host(found.address);
        if found.link == rtnetlink::LOOPBACK && found.prefix == alone.length() {
            objects.addresses.insert(found.address);
        } else {
            foreign(objects, ForeignKind::Address, format!("{}/{}", found.address, found.prefix), &reply);
        }
    }
    Ok(())
}

fn read_rules(socket: &mut Socket, objects: &mut Objects) -> io::Result<()> {
    for reply in rtnetlink::of_all_families(socket, rtnetlink::rules)? {
        match rtnetlink::rule_of(&reply) {
            None | Some(RuleState::Kernels) => {}
            Some(RuleState::Ours(rule)) if objects.rules.insert(rule) => {}
            Some(RuleState::Ours(rule)) => foreign(objects, ForeignKind::Rule, rule.to_string(), &reply),
            Some(RuleState::Foreign(preference)) => {
                foreign(objects, ForeignKind::Rule, preference.to_string(), &reply);
            }
        }
    }
    Ok(())
}

fn read_routes(socket: &mut Socket, links: &[LinkState], objects: &mut Objects) -> io::Result<()> {
    for reply in rtnetlink::of_all_families(socket, rtnetlink::routes)? {
        let Some(state) = rtnetlink::route_of(&reply) else { continue };
        if state.protocol == rtnetlink::KERNEL_PROTOCOL && !is_our_table(state.key.table) {
            continue;
        }
        match our_route(&state, links).filter(|_| !objects.routes.contains_key(&state.key)) {
            Some(kind) => {
                objects.routes.insert(state.key, kind);
            }
            None => foreign(objects, ForeignKind::Route, state.key.to_string(), &reply),
        }
    }
    Ok(())
}

fn is_our_table(table: u32) -> bool {
    let is_of = |first: u32, last: u32| (first + 1..=first + last).contains(&table);
    table == SHARED_TABLE || is_of(FIRST_TABLE, TABLE_MASK) || is_of(FIRST_REDIRECTS, LAST_REDIRECT.into())
}

fn our_route(state: &RouteState, links: &[LinkState]) -> Option<RouteKind> {
    let ours = is_our_table(state.key.table) && state.protocol == ROUTE_PROTOCOL && state.is_plain;
    match (state.kind, state.link) {
        _ if !ours => None,
        (rtnetlink::LOCAL, Some(rtnetlink::LOOPBACK)) => Some(RouteKind::Local),
        (rtnetlink::BLACKHOLE, _) => Some(RouteKind::Blackhole),
        (rtnetlink::THROW, _) => Some(RouteKind::Throw),
        (rtnetlink::UNICAST, Some(index)) => {
            let link = links.iter().find(|link| link.index == index)?;
            let name = LinkName::new(&link.name)?;
            Some(state.gateway.map_or(RouteKind::Link(name), |neighbour| RouteKind::Via(name, neighbour)))
        }
        _ => None,
    }
}

fn read_filter(
    socket: &mut Socket, mut reference: impl FnMut(Form) -> Result<Structure, VpcError>, objects: &mut Objects,
) -> Result<(), VpcError> {
    for reply in socket.dump(&nftables::tables()).map_err(VpcError::read("the tables of nftables"))? {
        if let Some((family, name)) =
            nftables::table_of(&reply).filter(|(family, name)| !nftables::is_ours(*family, name))
        {
            foreign(objects, ForeignKind::Table, format!("{name} of family {family}"), &reply);
        }
    }
    let structure = Structure::read(socket).map_err(VpcError::read("the filter"))?;
    if structure.is_absent() {
        return Ok(());
    }
    objects.ruleset = Ruleset::Other;
    for ruleset in [Ruleset::Current, Ruleset::Counting] {
        if structure == reference(Form::of(ruleset))?
            && let Some(elements) = read_elements(socket, ruleset).map_err(VpcError::read("the filter's elements"))?
        {
            objects.ruleset = ruleset;
            objects.elements = elements;
            break;
        }
    }
    Ok(())
}

fn read_elements(socket: &mut Socket, ruleset: Ruleset) -> io::Result<Option<BTreeSet<Element>>> {
    let mut elements = BTreeSet::new();
    for (family, set, request) in nftables::dumps(ruleset) {
        match nftables::decode(family, set, &socket.dump(&request)?) {
            Some(found) => elements.extend(found),
            None => return Ok(None),
        }
    }
    Ok(Some(elements))
}

fn foreign(objects: &mut Objects, kind: ForeignKind, name: String, reply: &Reply) {
    objects.foreign.insert(Foreign { kind, name, message: reply.body.clone() });
}
