//! Random small worlds on real packets: each connection must meet what it should meet by the world, before and after
//! changes.
//!
//! `SIDEGATE_PROBE_CASES` is the number of worlds, `SIDEGATE_PROBE_SEED` (a number) where to begin; the same numbers give
//! the same worlds.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestError, TestRng, TestRunner};
use sidegate_model::{Attachment, Direction, NetworkInterface, NetworkInterfaceId, Service, World};
use sidegate_plan::{Plan, VpcPlan, compile, recompile};

use super::live::{ECHO, ECHO_IPV6, ESP, Live};
use super::naive::{self, Flow, ICMP, ICMPV6, Outcome, TCP, UDP};
use super::sandbox::need_root;
use super::worlds::{Maker, Modification, Probe, Step, probes, step, steps};

/// How many worlds there are if nobody says otherwise.
const CASES: u32 = 24;

/// Where one begins if nobody says otherwise.
const SEED: u64 = 26;

/// How many changes of a world are looked at.
const ROUNDS: usize = 4;

/// What programs ask of their neighbours.
const USUAL: [(u8, u16); 6] = [(TCP, 443), (TCP, 22), (UDP, 53), (UDP, 443), (ICMP, ECHO), (ESP, 0)];

/// How many programs of a world ask their neighbours.
const SOURCES: usize = 6;

/// The steps that make a world, those that change it, and the connections that are tried.
type Case = (Vec<Step>, Vec<Step>, Vec<Probe>);

fn case() -> impl Strategy<Value = Case> {
    (steps(24), vec(step(), 120), probes(48))
}

/// What the probes of a run have seen.
#[derive(Debug, Default)]
struct Tally {
    worlds: usize,
    rounds: usize,
    met: BTreeMap<&'static str, usize>,
    met_over_ipv6: BTreeMap<&'static str, usize>,
    /// Changes by which something came to be reached (`true`) or came to be silent, by the EC2 action that makes them.
    turned: BTreeMap<(&'static str, bool), usize>,
}

/// Actions by which something must have come to be reached (`true`), having been silent before, or to be silent: those that
/// the test's markers name.
const SHOWN: [(&str, bool); 7] = [
    ("AuthorizeSecurityGroupIngress", true),
    ("CreateVpcEndpoint", true),
    ("DeleteNetworkAclEntry", false),
    ("DeleteVpcEndpoints", false),
    ("ReplaceRouteTableAssociation", false),
    ("RevokeSecurityGroupEgress", false),
    ("RevokeSecurityGroupIngress", false),
];

// enforces: ec2:AuthorizeSecurityGroupIngress, ec2:CreateVpcEndpoint (positive)
// enforces: ec2:AuthorizeSecurityGroupIngress, ec2:CreateVpcEndpoint (negative)
// enforces: ec2:DeleteVpcEndpoints, ec2:ReplaceRouteTableAssociation (negative)
// enforces: ec2:DeleteNetworkAclEntry (negative)
// enforces: ec2:RevokeSecurityGroupEgress, ec2:RevokeSecurityGroupIngress (negative)
#[test]
fn in_random_worlds_connections_meet_what_they_should_before_and_after_changes() {
    need_root!();
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let cases = number("SIDEGATE_PROBE_CASES").map_or(CASES, |count| u32::try_from(count).unwrap());
    let mut seed = [0; 32];
    let wanted_seed = number("SIDEGATE_PROBE_SEED").unwrap_or(SEED);
    seed[..8].copy_from_slice(&wanted_seed.to_le_bytes());
    let config = ProptestConfig { cases, max_shrink_iters: 20, failure_persistence: None, ..Default::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let tally = RefCell::new(Tally::default());
    let result = runner.run(&case(), |case| look(&case, &mut tally.borrow_mut()).map_err(TestCaseError::fail));
    let tally = tally.into_inner();
    match result {
        Ok(()) => eprintln!("{tally:?}"),
        Err(TestError::Fail(reason, (steps, changes, _))) => panic!("{}\n{reason}", story(&steps, &changes)),
        Err(error) => panic!("{error}"),
    }
    if cases >= CASES && wanted_seed == SEED {
        let missing: Vec<_> = SHOWN.iter().filter(|shown| !tally.turned.contains_key(shown)).collect();
        assert!(
            missing.is_empty(),
            "no change showed {missing:?}: choose another seed, or change the markers: {tally:?}"
        );
        for kind in ["program", "closed port", "echo", "endpoint", "resolver", "metadata", "internet", "silence"] {
            assert!(tally.met.contains_key(kind), "nothing met {kind}: {tally:?}");
            assert!(tally.met_over_ipv6.contains_key(kind), "nothing met {kind} over IPv6: {tally:?}");
        }
    }
}

/// The steps of a world that did something, one a line, and then its changes.
fn story(steps: &[Step], changes: &[Step]) -> String {
    let mut maker = Maker::default();
    let mut lines = |steps: &[Step]| {
        let done: Vec<_> = steps.iter().filter(|step| maker.apply(step)).map(|step| format!("  {step:?}")).collect();
        done.join("\n")
    };
    format!("in the world of\n{}\nchanged by the first of\n{}", lines(steps), lines(changes))
}

/// Makes a world, changes it, and probes it each time.
fn look((steps, changes, probes): &Case, tally: &mut Tally) -> Result<(), String> {
    let mut maker = Maker::default();
    for step in steps {
        maker.apply(step);
    }
    let mut live = Live::new();
    let mut plan = compile(&maker.world);
    let mut flows = place(probes, &maker.world);
    live.set(&watched(&plan, steps.len()))?;
    probe(&mut live, &maker.world, &flows, tally)?;
    tally.worlds += 1;
    let mut rounds = 0;
    for change in changes {
        let old = maker.world.clone();
        if rounds == ROUNDS || !maker.apply(change) {
            continue;
        }
        plan = recompile(&plan, &old, &maker.world);
        let turned = turned(&flows, &old, &maker.world);
        if turned.is_empty() {
            continue;
        }
        rounds += 1;
        flows = place(probes, &maker.world);
        flows.extend(turned.iter().map(|(flow, _)| flow.clone()));
        live.set(&watched(&plan, rounds + steps.len())).map_err(|e| format!("after {change:?}: {e}"))?;
        if rounds == ROUNDS {
            live.sweep()?;
        }
        probe(&mut live, &maker.world, &flows, tally).map_err(|e| format!("after {change:?}: {e}"))?;
        tally.rounds += 1;
        for (_, is_reached) in turned {
            *tally.turned.entry((action(change, &old, &maker.world), is_reached)).or_default() += 1;
        }
    }
    Ok(())
}

/// The plan of the same world in which flow logs watch everything, or every other time nothing: that lets through the same.
fn watched(plan: &Plan, turn: usize) -> Plan {
    let mut plan = plan.clone();
    if turn.is_multiple_of(2) {
        return plan;
    }
    for (id, vpc) in plan.vpcs.clone() {
        let mut watched = VpcPlan::clone(&vpc);
        let endpoints = vpc.endpoint_addresses.values().map(|address| &address.interface);
        let all: BTreeSet<_> = vpc.links.keys().chain(endpoints).cloned().collect();
        watched.watched = all.into_iter().zip(1..).collect();
        plan.vpcs.insert(id, watched.into());
    }
    plan
}

/// The connections that are tried: those that are given, and what every program asks of its neighbours and the services.
fn place(probes: &[Probe], world: &World) -> Vec<Flow> {
    let flow = |(source, destination, protocol, port)| Flow { source, destination, protocol, port, turn: 0 };
    let mut flows: Vec<_> = probes.iter().filter_map(|probe| probe.place(world)).map(flow).collect();
    let is_program =
        |i: &&NetworkInterface| !matches!(i.attachment, Attachment::Endpoint(_) | Attachment::NatGateway(_));
    for source in world.interfaces.iter().filter(is_program).take(SOURCES) {
        // Those of other VPCs too, to which there may be a way.
        let addresses = |i: &NetworkInterface| {
            let ipv6 = i.ipv6.first().map(|own| IpAddr::from(*own));
            [IpAddr::from(i.address)].into_iter().chain(ipv6).collect::<Vec<_>>()
        };
        let neighbours: BTreeSet<_> = world.interfaces.iter().flat_map(addresses).collect();
        for to in neighbours {
            flows.extend(USUAL.map(|(protocol, port)| match (protocol, to) {
                (ICMP, IpAddr::V6(_)) => flow((source.id.clone(), to, ICMPV6, ECHO_IPV6)),
                _ => flow((source.id.clone(), to, protocol, port)),
            }));
        }
        let services = Service::all().iter().filter(|s| ["s3", "dynamodb"].contains(&s.name));
        let region = source.scope.region;
        let public = services.flat_map(|s| {
            let ipv4 = s.public_addresses(region).into_iter().map(IpAddr::from);
            ipv4.chain(s.public_ipv6(region).map(IpAddr::from)).collect::<Vec<_>>()
        });
        for to in public {
            flows.push(flow((source.id.clone(), to, TCP, 443)));
        }
    }
    flows
}

fn probe(live: &mut Live, world: &World, flows: &[Flow], tally: &mut Tally) -> Result<(), String> {
    let wanted = flows.iter().map(|flow| (flow.clone(), outcomes(world, flow))).collect();
    for (flow, met) in live.probe(wanted)? {
        let tally = if flow.destination.is_ipv4() { &mut tally.met } else { &mut tally.met_over_ipv6 };
        *tally.entry(met.kind()).or_default() += 1;
    }
    Ok(())
}

/// What a connection should do for each of the addresses that NAT gateways on its way may lend it, each outcome once.
fn outcomes(world: &World, flow: &Flow) -> Vec<Outcome> {
    let most = world.nat_gateways.iter().map(|nat| nat.addresses.len()).max().unwrap_or_default();
    let mut all = Vec::new();
    for turn in 0..most.max(1) {
        let outcome = naive::outcome(world, &Flow { turn, ..flow.clone() });
        if !all.contains(&outcome) {
            all.push(outcome);
        }
    }
    all
}

/// The flows for which a change makes a difference, and whether they reach something after it. Their sources are in both
/// worlds.
fn turned(flows: &[Flow], old: &World, new: &World) -> Vec<(Flow, bool)> {
    let is_there = |world: &World, id: &NetworkInterfaceId| world.interfaces.get(id).is_some();
    let flows = flows.iter().filter(|flow| is_there(old, &flow.source) && is_there(new, &flow.source));
    let compared = flows.map(|flow| (flow, outcomes(old, flow), outcomes(new, flow)));
    let turned = compared.filter(|(_, before, after)| before != after);
    turned.map(|(flow, _, after)| (flow.clone(), after != [Outcome::Refused])).collect()
}

/// The EC2 action that does what a step does.
fn action(step: &Step, old: &World, new: &World) -> &'static str {
    // The rules that are gone are those of one direction.
    let rules = |world: &World| -> BTreeMap<_, _> {
        let all = world.security_groups.iter().flat_map(|group| &group.rules);
        all.map(|rule| (rule.id.clone(), rule.rule.direction)).collect()
    };
    let revoked =
        || rules(old).into_iter().find(|(id, _)| !rules(new).contains_key(id)).map(|(_, direction)| direction);
    match step {
        Step::Vpc { .. } => "CreateVpc",
        Step::DeleteVpc { .. } => "DeleteVpc",
        Step::DnsSupport { .. } | Step::DnsHostnames { .. } => "ModifyVpcAttribute",
        Step::Subnet { .. } => "CreateSubnet",
        Step::DeleteSubnet { .. } => "DeleteSubnet",
        Step::RouteTable { .. } => "CreateRouteTable",
        Step::DeleteRouteTable { .. } => "DeleteRouteTable",
        Step::Associate { .. } | Step::Edge { .. } => "AssociateRouteTable",
        Step::Disassociate { .. } => "DisassociateRouteTable",
        Step::Reassociate { .. } => "ReplaceRouteTableAssociation",
        Step::Route { .. } | Step::EdgeRoute { .. } => "CreateRoute",
        Step::ReplaceRoute { .. } => "ReplaceRoute",
        Step::DeleteRoute { .. } => "DeleteRoute",
        Step::Group { .. } => "CreateSecurityGroup",
        Step::DeleteGroup { .. } => "DeleteSecurityGroup",
        Step::PrefixList { .. } => "CreateManagedPrefixList",
        Step::AddEntry { .. } | Step::RemoveEntry { .. } => "ModifyManagedPrefixList",
        Step::DeletePrefixList { .. } => "DeleteManagedPrefixList",
        Step::Acl { .. } => "CreateNetworkAcl",
        Step::DeleteAcl { .. } => "DeleteNetworkAcl",
        Step::AclEntry { .. } => "CreateNetworkAclEntry",
        Step::ReplaceAclEntry { .. } => "ReplaceNetworkAclEntry",
        Step::DeleteAclEntry { .. } => "DeleteNetworkAclEntry",
        Step::Reborder { .. } => "ReplaceNetworkAclAssociation",
        Step::Authorize { rule, .. } if rule.ingress => "AuthorizeSecurityGroupIngress",
        Step::Authorize { .. } => "AuthorizeSecurityGroupEgress",
        Step::Revoke { .. } if revoked() == Some(Direction::Ingress) => "RevokeSecurityGroupIngress",
        Step::Revoke { .. } => "RevokeSecurityGroupEgress",
        Step::Gateway { .. } | Step::Interface { .. } => "CreateVpcEndpoint",
        Step::Modify { change: Modification::Policy(_), .. } => "ModifyVpcEndpoint of a policy",
        Step::Modify { .. } => "ModifyVpcEndpoint",
        Step::DeleteEndpoint { .. } => "DeleteVpcEndpoints",
        Step::Run { .. } => "RunInstances",
        Step::InstanceIs { .. } => "TerminateInstances",
        Step::Stop { .. } => "StopInstances",
        Step::Start { .. } => "StartInstances",
        Step::MapPublic { .. } => "ModifySubnetAttribute",
        Step::Exec { .. } | Step::Ended { .. } => "exec",
        Step::Regroup { .. } | Step::Check { .. } => "ModifyNetworkInterfaceAttribute",
        Step::Propose { .. } => "CreateVpcPeeringConnection",
        Step::Accept { .. } => "AcceptVpcPeeringConnection",
        Step::Unpeer { .. } => "DeleteVpcPeeringConnection",
        Step::PeerNames { .. } => "ModifyVpcPeeringConnectionOptions",
        Step::InternetGateway { .. } => "AttachInternetGateway",
        Step::Detach { .. } => "DetachInternetGateway",
        Step::Elastic { .. } => "AssociateAddress",
        Step::Ipv6 { .. } => "AssociateVpcCidrBlock",
        Step::Ipv6Subnet { .. } => "AssociateSubnetCidrBlock",
        Step::Ipv6Address { .. } => "AssignIpv6Addresses",
        Step::WithoutIpv6 { .. } => "UnassignIpv6Addresses",
        Step::EgressOnly { .. } => "CreateEgressOnlyInternetGateway",
        Step::DeleteEgressOnly { .. } => "DeleteEgressOnlyInternetGateway",
        Step::VpnGateway { .. } => "AttachVpnGateway",
        Step::DetachVpn { .. } => "DetachVpnGateway",
        Step::Release { .. } => "DisassociateAddress",
        Step::Nat { .. } => "CreateNatGateway",
        Step::DeleteNat { .. } => "DeleteNatGateway",
        Step::MoreNat { .. } => "AssociateNatGatewayAddress",
        Step::LessNat { .. } => "DisassociateNatGatewayAddress",
        Step::Drained { .. } => "the end of a NAT gateway's address",
    }
}
