//! Attempts: a packet that was traced, cut where it arrives, with its header at both ends.
//!
//! A trace ends where somebody takes the packet. A path may end before that, at a gateway or a peering connection, and
//! then what has no state must let the answers back in from there.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use sidegate_model::{
    Direction, IpProtocol, Ipv4Cidr, NetworkAclEntry, PacketHeader, PortSpan, RuleAction, Scope, SubnetId,
};

use super::candidate::Candidate;
use super::end::{Goal, Sender};
use super::site::Site;
use crate::analyze::{self, Code, Disposition, Entry, Flow, Hop, Leg, Source, Step, Trace, Unknown};

/// The ports that NAT gateways lend.
///
/// Source: Reachability Analyzer guide, "Explanation codes", `REMAP_EPHEMERAL_PORT`.
const LENT: PortSpan = PortSpan { from: 1024, to: u16::MAX };

/// A packet that was traced.
pub(super) struct Attempt<'w> {
    pub(super) sender: Sender<'w>,
    /// Whose path it is.
    pub(super) scope: Scope,
    /// Where it passes: the way there up to the goal, and what the answer passes.
    pub(super) hops: Vec<Hop>,
    /// Whether it arrives, and the answers get back.
    pub(super) arrives: bool,
    /// What is not known, so that it cannot be said to arrive.
    pub(super) unknown: Option<Unknown>,
    /// The packet as it leaves.
    pub(super) left: PacketHeader,
}

impl<'w> Attempt<'w> {
    /// Traces a packet; `None` if it is none that could be.
    pub(super) fn make(site: &Site<'w>, candidate: Candidate<'w>, goal: &Goal<'w>) -> Option<Self> {
        let trace = traced(site, &candidate)?;
        // Of which port the answers go to, one is enough that they get to.
        let Disposition::Undetermined { unknown: Unknown::SourcePort { passing, .. } } = &trace.disposition else {
            return Some(Self::judged(site, &candidate, goal, trace));
        };
        let spans = passing.iter().map(|(from, to)| PortSpan { from: *from, to: *to });
        let spans = spans.filter_map(|span| span.common(candidate.source_ports));
        let again = spans.map(|source_ports| Candidate { source_ports, ..candidate });
        let mut attempts = again.filter_map(|again| Some(Self::judged(site, &again, goal, traced(site, &again)?)));
        let first = attempts.next();
        match first {
            Some(first) if !first.arrives => Some(attempts.find(|own| own.arrives).unwrap_or(first)),
            Some(first) => Some(first),
            None => Some(Self::judged(site, &candidate, goal, trace)),
        }
    }

    fn judged(site: &Site<'w>, candidate: &Candidate<'w>, goal: &Goal<'w>, mut trace: Trace) -> Self {
        // A path is about packets: what is said over a connection that is there is nothing of it.
        let is_listened_to = matches!(trace.hops.last(), Some(Hop { step: Step::Listener { .. }, .. }));
        if is_listened_to {
            trace.hops.pop();
        }
        let protocol = site.path.definition.protocol.number();
        let left = PacketHeader {
            protocol,
            source: Ipv4Cidr::host(candidate.source),
            source_ports: candidate.source_ports,
            destination: Ipv4Cidr::host(candidate.to),
            destination_ports: PortSpan { from: candidate.port, to: candidate.port },
        };
        let unknown = match &trace.disposition {
            Disposition::Undetermined { unknown } => Some(unknown.clone()),
            _ => None,
        };
        let mut attempt = Self {
            sender: candidate.sender,
            scope: site.path.scope.clone(),
            arrives: has_arrived(goal, &trace.disposition) || (is_listened_to && is_taken(goal, &trace.hops)),
            hops: trace.hops,
            unknown,
            left,
        };
        attempt.end_before_others(goal);
        if !attempt.arrives
            && let Some(place) = attempt.hops.iter().position(|hop| is_goal(goal, hop))
        {
            attempt.end_at(site, place);
        }
        attempt
    }

    /// Ends a packet that a table leads past the gateway endpoint which it is for: what becomes of it there is nothing of the
    /// path.
    fn end_before_others(&mut self, goal: &Goal<'_>) {
        let Goal::Endpoint(endpoint) = goal else { return };
        if self.arrives || endpoint.route_tables().is_none() {
            return;
        }
        let is_past = |hop: &Hop| match &hop.step {
            Step::Routes(choice) => choice.chosen.as_ref().is_some_and(|chosen| chosen.target != endpoint.id.as_str()),
            _ => false,
        };
        if let Some(place) = self.hops.iter().position(is_past) {
            self.hops.truncate(place + 1);
            self.unknown = None;
        }
    }

    /// Ends the way there at a hop, if nothing keeps the answers from getting back.
    fn end_at(&mut self, site: &Site<'_>, place: usize) {
        // The trace has looked at the way back from farther on, and it ends there, or at an appliance that the packet did
        // not pass.
        let mut back = self.hops.iter().filter(|hop| hop.leg == Leg::Back);
        if back.any(|hop| hop.blocks.is_some() || matches!(hop.step, Step::Appliance { .. })) {
            return;
        }
        self.hops.truncate(place + 1);
        if let Some(last) = self.hops.last_mut() {
            last.blocks = None;
        }
        self.unknown = None;
        let answers = self.answers(site);
        self.arrives = answers.iter().all(|hop| hop.blocks.is_none());
        self.hops.extend(answers);
    }

    /// What network ACLs say of the answers: to the port that most of them let through.
    fn answers(&self, site: &Site<'_>) -> Vec<Hop> {
        let asked: Vec<Asked<'_>> = self.hops.iter().rev().filter_map(Asked::of).collect();
        let span = self.left.source_ports;
        let mut ports = BTreeSet::from([span.from]);
        for entry in asked.iter().flat_map(|own| own.entries(site)) {
            let cuts = entry.ports.into_iter().flat_map(|ports| [ports.from, ports.to.saturating_add(1)]);
            ports.extend(cuts.filter_map(|port| u16::try_from(port).ok()).filter(|port| span.contains(*port)));
        }
        let protocol = self.left.protocol;
        let allows = |entry: Option<&NetworkAclEntry>| entry.is_some_and(|entry| entry.action == RuleAction::Allow);
        let passed = |port: u16| asked.iter().filter(|own| allows(own.decides(site, protocol, port))).count();
        let Some(port) = ports.into_iter().rev().max_by_key(|port| passed(*port)) else { return Vec::new() };
        let mut hops = Vec::new();
        for own in &asked {
            let entry = own.decides(site, protocol, port);
            let is_let_through = allows(entry);
            let blocks = (!is_let_through).then_some(Code::ResponseAclRestriction);
            hops.push(Hop { leg: Leg::Back, step: own.step(entry), blocks, notes: Vec::new() });
            if !is_let_through {
                break;
            }
        }
        hops
    }

    /// The hops of the way there.
    pub(super) fn there(&self) -> impl DoubleEndedIterator<Item = &Hop> {
        self.hops.iter().filter(|hop| hop.leg == Leg::There)
    }

    /// The packet's header after a hop, from the one before it.
    pub(super) fn after(header: &PacketHeader, hop: &Hop) -> PacketHeader {
        let mut header = header.clone();
        let host = |address: &IpAddr| match address {
            IpAddr::V4(address) => Some(Ipv4Cidr::host(*address)),
            IpAddr::V6(_) => None,
        };
        match &hop.step {
            Step::NatGateway { lent: Some(lent), .. } => {
                header.source = Ipv4Cidr::host(*lent);
                header.source_ports = LENT;
            }
            Step::InternetGateway { direction: Direction::Egress, public: Some(public), .. } => {
                header.source = host(public).unwrap_or(header.source);
            }
            Step::InternetGateway { direction: Direction::Ingress, private, .. } => {
                header.destination = host(private).unwrap_or(header.destination);
            }
            _ => {}
        }
        header
    }

    /// The packet as it arrives.
    pub(super) fn arriving(&self) -> PacketHeader {
        self.there().fold(self.left.clone(), |header, hop| Self::after(&header, hop))
    }
}

fn traced(site: &Site<'_>, candidate: &Candidate<'_>) -> Option<Trace> {
    let source = match candidate.sender {
        Sender::Interface(own) => Source::Interface(own.id.clone()),
        Sender::Gateway(..) => Source::Internet(candidate.source.into()),
    };
    let flow = Flow {
        protocol: site.path.definition.protocol.number(),
        source_ports: (candidate.source_ports.from, candidate.source_ports.to),
        ..Flow::tcp(source, analyze::Goal::Address(candidate.to.into()), candidate.port)
    };
    let trace = analyze::trace(site.world, site.plan, &flow).ok()?;
    // Somebody beyond one gateway does not come in over another.
    let is_other = |hop: &Hop| match (&hop.step, candidate.sender) {
        (Step::InternetGateway { gateway, .. }, Sender::Gateway(own, _)) => gateway != own,
        _ => false,
    };
    (!trace.hops.iter().any(is_other)).then_some(trace)
}

/// Whether a flow that ends so has arrived.
fn has_arrived(goal: &Goal<'_>, disposition: &Disposition) -> bool {
    match (goal, disposition) {
        (Goal::Interfaces(all), Disposition::Delivered { interface }) => all.iter().any(|own| own.id == *interface),
        (Goal::Endpoint(own), Disposition::Endpoint { endpoint, .. }) => own.id == *endpoint,
        // Who is on the internet, nobody knows.
        (Goal::Address(_), Disposition::Outside { .. }) => false,
        (Goal::Address(_), disposition) => disposition.is_reached(),
        _ => false,
    }
}

/// Whether a connection that somebody takes is taken at the goal.
fn is_taken(goal: &Goal<'_>, hops: &[Hop]) -> bool {
    hops.iter().any(|hop| match (goal, &hop.step) {
        (Goal::Endpoint(own), Step::Endpoint(met)) => own.id == met.endpoint,
        (Goal::Address(_), Step::Endpoint(_) | Step::Service { .. }) => true,
        _ => false,
    })
}

/// Whether a path that goes no farther than a hop has arrived there.
fn is_goal(goal: &Goal<'_>, hop: &Hop) -> bool {
    if hop.leg == Leg::Back {
        return false;
    }
    match (goal, &hop.step) {
        (Goal::InternetGateway(own), Step::InternetGateway { gateway, direction: Direction::Egress, .. }) => {
            gateway == *own && hop.blocks.is_none()
        }
        // Nothing is known of who has an address on the internet, so that the last gateway is where the path ends.
        (Goal::Address(_), Step::InternetGateway { direction: Direction::Egress, .. }) => hop.blocks.is_none(),
        (Goal::Peering(own, _), Step::Peering { peering, .. }) => *peering == own.id && hop.blocks.is_none(),
        (Goal::VpnGateway(own), Step::Routes(choice)) => {
            choice.chosen.as_ref().is_some_and(|chosen| chosen.target == own.as_str())
        }
        _ => false,
    }
}

/// An ACL that answers are asked at.
struct Asked<'h> {
    acl: &'h sidegate_model::NetworkAclId,
    subnet: &'h SubnetId,
    /// Which way the answers go.
    direction: Direction,
    peer: IpAddr,
}

impl<'h> Asked<'h> {
    /// The ACL of a hop, which the answers have to pass the other way.
    fn of(hop: &'h Hop) -> Option<Self> {
        let Step::NetworkAcl { acl, subnet, direction, peer, .. } = &hop.step else { return None };
        let direction = match direction {
            Direction::Ingress => Direction::Egress,
            Direction::Egress => Direction::Ingress,
        };
        Some(Self { acl, subnet, direction, peer: *peer })
    }

    /// The entries that are about the other side, in order.
    fn entries<'w>(&self, site: &Site<'w>) -> Vec<&'w NetworkAclEntry> {
        let acl = site.world.network_acls.get(self.acl);
        let entries = acl.into_iter().flat_map(|acl| acl.entries_of(self.direction));
        entries.filter(|entry| entry.cidr.contains(self.peer)).collect()
    }

    /// The entry that decides of answers to a port; `None` if that is the last one, which denies.
    fn decides<'w>(&self, site: &Site<'w>, protocol: u8, port: u16) -> Option<&'w NetworkAclEntry> {
        self.entries(site).into_iter().find(|entry| {
            let is_of = matches!(entry.protocol, IpProtocol::All) || entry.protocol == IpProtocol::Number(protocol);
            let has = |port: i32| entry.ports.is_none_or(|ports| (ports.from..=ports.to).contains(&port));
            is_of && (entry.protocol == IpProtocol::All || has(i32::from(port)))
        })
    }

    fn step(&self, entry: Option<&NetworkAclEntry>) -> Step {
        Step::NetworkAcl {
            acl: self.acl.clone(),
            subnet: self.subnet.clone(),
            direction: self.direction,
            peer: self.peer,
            entry: entry.map(|entry| Entry { number: entry.number, action: entry.action, text: String::new() }),
        }
    }
}

/// Whether a header comes from or goes to an address.
pub(super) fn is_at(block: Ipv4Cidr, wanted: Option<Ipv4Addr>) -> bool {
    wanted.is_none_or(|wanted| block == Ipv4Cidr::host(wanted))
}
