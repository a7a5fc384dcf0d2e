//! Random worlds: what an analysis of a path finds against the naive evaluator.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sidegate_model::{
    AnalysisOutcome, AnalysisSettings, Component, ExplanationCode, NetworkInsightsPath, NetworkInterface,
    NetworkInterfaceId, PathComponent, PathDefinition, PathFilter, PathProtocol, Peer, PortSpan, RouteTarget, World,
};
use sidegate_plan::{Plan, compile, reachability};

use crate::built::Built;
use crate::naive::{self, Flow, Outcome};
use crate::worlds::{Maker, probes, steps};

/// The port that the naive evaluator's clients connect from.
const EPHEMERAL: PortSpan = PortSpan { from: 30_000, to: 30_000 };

/// How many addresses a NAT gateway of these worlds has at most.
const TURNS: usize = 4;

/// The path of one packet, to an interface or to whoever has the address.
fn path(
    source: &NetworkInterface, to: Ipv4Addr, protocol: PathProtocol, port: u16, destination: Option<&NetworkInterface>,
) -> NetworkInsightsPath {
    let at_source = PathFilter {
        source_address: Some(source.address),
        source_ports: Some(EPHEMERAL),
        destination_address: Some(to),
        destination_ports: Some(PortSpan { from: port, to: port }),
    };
    NetworkInsightsPath {
        id: "nip-0a".parse().unwrap(),
        scope: source.scope.clone(),
        definition: PathDefinition {
            source: Component::new(&source.scope, source.id.clone()),
            destination: destination.map(|own| Component::new(&own.scope, own.id.clone())),
            source_ip: None,
            destination_ip: None,
            protocol,
            destination_port: None,
            filter_at_source: Some(at_source),
            filter_at_destination: None,
        },
        created: 0,
    }
}

fn analysed(world: &World, plan: &Plan, path: &NetworkInsightsPath) -> AnalysisOutcome {
    reachability::analyse(world, plan, path, &AnalysisSettings::default())
}

/// The one thing that comes of a packet, whichever address a NAT gateway lends it.
fn outcome(world: &World, source: &NetworkInterfaceId, to: Ipv4Addr, protocol: u8, port: u16) -> Option<Outcome> {
    let flow = |turn| Flow { source: source.clone(), destination: to.into(), protocol, port, turn };
    let first = naive::outcome(world, &flow(0));
    (1..TURNS).all(|turn| naive::outcome(world, &flow(turn)) == first).then_some(first)
}

/// The components of a path, whose numbers they have by their place, begin and end where the path does.
fn is_between(components: &[PathComponent], from: &NetworkInterfaceId, to: Option<&NetworkInterfaceId>) -> bool {
    let id = |own: Option<&PathComponent>| own.map(|own| own.component.component.id.as_str().to_owned());
    id(components.first()).as_deref() == Some(from.as_str())
        && to.is_none_or(|to| id(components.last()).as_deref() == Some(to.as_str()))
}

#[test]
fn an_analysis_finds_a_path_where_a_packet_gets_through_and_nowhere_else() {
    let mut runner = TestRunner::deterministic();
    let mut found: BTreeMap<&str, u32> = BTreeMap::new();
    for _ in 0..400 {
        let steps = steps(60).new_tree(&mut runner).unwrap().current();
        let probes = probes(40).new_tree(&mut runner).unwrap().current();
        let mut maker = Maker::default();
        for step in &steps {
            maker.apply(step);
        }
        let (world, plan) = (&maker.world, compile(&maker.world));
        for (source, to, number, port) in probes.iter().filter_map(|probe| probe.place(world)) {
            let protocol = match number {
                6 => PathProtocol::Tcp,
                17 => PathProtocol::Udp,
                _ => continue,
            };
            let IpAddr::V4(to) = to else { continue };
            let sender = world.interfaces.get(&source).unwrap();
            // What nothing runs behind is told as if something did, and nothing is told of another account.
            let holder =
                world.interfaces.iter().find(|own| own.vpc == sender.vpc && own.addresses().any(|own| own == to));
            let is_told = |own: &NetworkInterface| own.is_attached() && own.scope == sender.scope;
            if !is_told(sender) || !holder.is_none_or(is_told) || !to.is_private() {
                continue;
            }
            let Some(expected) = outcome(world, &source, to, number, port) else { continue };
            let scope = match &expected {
                Outcome::Interface(id) => world.interfaces.get(id).map(|own| &own.scope),
                Outcome::Endpoint(id, _) => world.endpoints.get(id).map(|own| &own.scope),
                _ => Some(&sender.scope),
            };
            if scope != Some(&sender.scope) {
                continue;
            }
            let told = analysed(world, &plan, &path(sender, to, protocol, port, None));
            let kind = match (&expected, &told) {
                (Outcome::Interface(id), AnalysisOutcome::Reachable { forward, back, .. }) => {
                    assert!(is_between(forward, &source, Some(id)), "{forward:?}");
                    assert!(is_between(back, id, Some(&source)), "{back:?}");
                    "interface"
                }
                (Outcome::Endpoint(..), AnalysisOutcome::Reachable { forward, .. }) => {
                    assert!(is_between(forward, &source, None), "{forward:?}");
                    "endpoint"
                }
                (Outcome::Resolver | Outcome::Metadata, AnalysisOutcome::Reachable { .. }) => "platform",
                (Outcome::Refused, AnalysisOutcome::Unreachable { explanations, .. }) => {
                    assert_eq!(explanations.len(), 1);
                    "refused"
                }
                _ => panic!("{source} to {to} {number} {port}: {expected:?}, but {told:#?}"),
            };
            *found.entry(kind).or_insert(0) += 1;
            let Some(holder) = holder else { continue };
            let told = analysed(world, &plan, &path(sender, to, protocol, port, Some(holder)));
            let arrives = expected == Outcome::Interface(holder.id.clone());
            assert_eq!(told.is_found(), Some(arrives), "{source} to {}: {expected:?}, but {told:#?}", holder.id);
        }
    }
    for kind in ["interface", "endpoint", "refused"] {
        assert!(found.get(kind).is_some_and(|count| *count > 20), "{kind}: {found:?}");
    }
}

#[test]
fn an_answer_that_a_route_leads_to_the_internet_is_told_as_on_the_way_there() {
    let mut built = Built::new();
    let (near, far) = (built.vpc(), built.vpc_of("10.8.0.0/16"));
    let subnet = built.subnet(&near, 1, "us-east-1a");
    let beyond = built.subnet_of(&far, "10.8.1.0/24", "us-east-1a");
    let group = built.group(&far, "kms");
    built.admit(&group, 443, Peer::Cidr("0.0.0.0/0".parse().unwrap()));
    let endpoint = built.interface(&far, "kms", &[&beyond], &[&group]);
    let client = built.program(&subnet, &[]);
    let peering = built.peering(&near, &far);
    let (there, back) = (built.main_table(&near), built.main_table(&far));
    built.route(&there, "10.8.0.0/16", RouteTarget::Peering(peering.clone()));
    let gateway = built.internet_gateway(&far);
    built.route(&back, "0.0.0.0/0", RouteTarget::InternetGateway(gateway.clone()));
    let told = |built: &Built| {
        let (world, plan) = (&built.world, compile(&built.world));
        let own = world.endpoints.get(&endpoint).unwrap().interface().unwrap().interfaces.values().next().unwrap();
        let own = world.interfaces.get(own).unwrap();
        let client = world.interfaces.get(&client).unwrap();
        let mut path = path(client, own.address, PathProtocol::Tcp, 443, Some(own));
        path.definition.destination = Some(Component::new(&own.scope, endpoint.clone()));
        analysed(world, &plan, &path)
    };
    let AnalysisOutcome::Unreachable { explanations, .. } = told(&built) else { panic!("{:#?}", told(&built)) };
    assert_eq!(explanations[0].code, ExplanationCode::IgwDestinationAddressNotInRfc1918Egress);
    assert_eq!(explanations[0].component.as_ref().unwrap().component.id.as_str(), gateway.as_str());
    assert_eq!(explanations[0].deciding, None);
    let client = built.world.interfaces.get(&client).unwrap().address;
    assert_eq!(explanations[0].address, Some(client));
    built.route(&back, "10.0.0.0/16", RouteTarget::Peering(peering));
    assert_eq!(told(&built).is_found(), Some(true));
}
