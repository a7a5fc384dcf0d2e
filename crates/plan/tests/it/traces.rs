//! Random worlds: what a trace tells against the naive evaluator.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sidegate_iam::{Context as Keys, Policies, PolicyKind, Principal, Requirement};
use sidegate_model::{
    AssignNatAddresses, Attachment, Context, CreateNatGateway, CreateRoute, Destination, Direction, IpProtocol,
    Ipv4Cidr, NatSources, NetworkInterface, NetworkInterfaceId, NewRule, Peer, RouteTarget, RuleAction, World,
};
use sidegate_plan::analyze::{
    Call, Code, Disposition, Flow, FlowError, Goal, Hop, IngressChoice, Leg, RouteChoice, Step, Trace, Unknown, trace,
};
use sidegate_plan::{Plan, compile};

use crate::asked::{Asked, EPHEMERAL, agrees, agrees_on_name, arrives, kind, packets};
use crate::naive::{self, Outcome, TCP};
use crate::worlds::{Maker, names, probes, steps};

/// Who asks from the internet.
fn outside() -> [IpAddr; 2] {
    ["198.19.255.1", "2001:2:0:ffff::1"].map(|from| from.parse().unwrap())
}

/// What every trace is like, whatever it tells.
fn is_sound(trace: &Trace) -> Result<(), String> {
    let blocking: Vec<_> = trace.hops.iter().filter_map(|hop| hop.blocks).collect();
    let wanted: Vec<_> = trace.disposition.blocked_by().into_iter().collect();
    // Of several ways, one that is blocked is told.
    let is_of_several = matches!(
        &trace.disposition,
        Disposition::Undetermined { unknown: Unknown::NatAddress { .. } | Unknown::Address { .. } }
    );
    if blocking != wanted && !is_of_several {
        return Err(format!("other hops block than the one that decides: {trace:#?}"));
    }
    if !is_of_several && trace.hops.last().is_none_or(|last| last.blocks != trace.disposition.blocked_by()) {
        return Err(format!("the last hop does not end it: {trace:#?}"));
    }
    // What is asked behind the connection begins once that is there.
    let is_packet = |hop: &&Hop| !matches!(hop.step, Step::Listener { .. } | Step::ServerName { .. } | Step::Policy(_));
    let mut legs = trace.hops.iter().filter(is_packet).skip_while(|hop| hop.leg == Leg::There);
    if legs.any(|hop| hop.leg == Leg::There) {
        return Err(format!("it turns back twice: {trace:#?}"));
    }
    // What lets through has an id; what stops need not.
    // An entry about a part of the ports may deny it.
    let is_whole = |hop: &&Hop| !hop.notes.contains(&Code::ResponseAclRestriction);
    for hop in trace.hops.iter().filter(|hop| hop.blocks.is_none()).filter(is_whole) {
        let is_named = match &hop.step {
            Step::SecurityGroups { rule, .. } => rule.is_some(),
            Step::NetworkAcl { entry, .. } => entry.as_ref().is_some_and(|own| own.action == RuleAction::Allow),
            Step::Routes(choice) => choice.chosen.is_some(),
            Step::IngressRoutes(choice) => choice.chosen.is_some(),
            _ => true,
        };
        if !is_named {
            return Err(format!("nothing in the world lets it through at {hop:#?}"));
        }
    }
    for hop in trace.hops.iter().filter(|hop| hop.blocks.is_some()) {
        let is_denied = match &hop.step {
            Step::SecurityGroups { rule, .. } => rule.is_none(),
            Step::NetworkAcl { entry, .. } => entry.as_ref().is_none_or(|own| own.action == RuleAction::Deny),
            _ => true,
        };
        if !is_denied {
            return Err(format!("something in the world lets it through at {hop:#?}"));
        }
    }
    Ok(())
}

/// Traces packets and compares what is told with what should be. Those that cannot be are left out.
fn check(world: &World, plan: &Plan, packets: &[Asked], seen: &mut BTreeMap<String, usize>) -> Result<(), String> {
    for asked in packets {
        let trace = match trace(world, plan, &asked.flow()) {
            Ok(trace) => trace,
            Err(FlowError::NoDestination(_) | FlowError::Families(..) | FlowError::Messages { .. }) => continue,
            Err(error) => return Err(format!("{asked:?}: {error}")),
        };
        agrees(&trace, asked, &asked.outcomes(world))?;
        is_sound(&trace)?;
        *seen.entry(kind(&trace.disposition)).or_insert(0) += 1;
        let lost = trace.hops.iter().filter_map(|hop| match &hop.step {
            Step::Routes(RouteChoice { lost, .. }) | Step::IngressRoutes(IngressChoice { lost, .. }) => {
                Some(lost.iter().map(|(_, code)| *code))
            }
            _ => None,
        });
        let codes: BTreeSet<Code> = lost.flatten().chain(trace.hops.iter().flat_map(|hop| hop.notes.clone())).collect();
        for code in codes {
            *seen.entry(format!("noted {code}")).or_insert(0) += 1;
        }
    }
    Ok(())
}

/// Ports of clients among which the naive evaluator's is.
const MANY: (u16, u16) = (1_000, 40_000);

/// Whether what a name leads to, what is asked of it there, and what depends on the client's port, is as it should be: for
/// one name and one source of a world, in turns.
fn check_names(
    world: &World, plan: &Plan, packets: &[Asked], number: usize, seen: &mut BTreeMap<String, usize>,
) -> Result<(), String> {
    for asked in packets.iter().filter(|asked| asked.protocol == TCP).take(4) {
        let flow = Flow { source_ports: MANY, ..asked.flow() };
        let Ok(trace) = trace(world, plan, &flow) else { continue };
        is_sound(&trace)?;
        let is_refused = asked.outcomes(world).iter().all(|outcome| *outcome == Outcome::Refused);
        let agrees = match &trace.disposition {
            Disposition::Undetermined { unknown: Unknown::SourcePort { passing, .. } } => {
                is_refused || passing.iter().any(|(first, last)| (*first..=*last).contains(&EPHEMERAL))
            }
            other if other.is_reached() => !is_refused,
            _ => agrees(&trace, asked, &asked.outcomes(world)).is_ok(),
        };
        if !agrees {
            return Err(format!("{asked:?} from many ports: {trace:#?}"));
        }
        *seen.entry(kind(&trace.disposition)).or_insert(0) += 1;
    }
    let Some(source) = packets.iter().find_map(|asked| asked.source.clone()) else { return Ok(()) };
    let names = names(world);
    for at in 0..3 {
        let name = &names[(number * 31 + at * 7) % names.len()];
        let action = ["s3:GetObject", "s3:PutObject"][number % 2];
        let unknown = if at == 2 { vec![PolicyKind::Resource] } else { Vec::new() };
        check_name(world, plan, &source, (name, action, unknown), seen)?;
    }
    Ok(())
}

fn check_name(
    world: &World, plan: &Plan, source: &NetworkInterfaceId, (name, action, unknown): (&str, &str, Vec<PolicyKind>),
    seen: &mut BTreeMap<String, usize>,
) -> Result<(), String> {
    let home = world.interfaces.get(source).unwrap();
    let account = home.scope.account.clone();
    let call = Call {
        principal: Principal::Root(account.clone().into()),
        requirements: vec![Requirement::new(action, "arn:aws:s3:::docs/a").owned_by(account)],
        policies: Policies::default(),
        context: Keys::new(),
        unknown: unknown.clone(),
    };
    let asked = |to| Asked { source: Some(source.clone()), from: to, to, protocol: TCP, port: 443 };
    let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let flow = Flow { goal: Goal::Name(name.to_owned()), ..asked(nowhere).flow() }.calling(call);
    let trace = trace(world, plan, &flow).map_err(|error| format!("{name}: {error}"))?;
    let disposition = &trace.disposition;
    let answer = naive::resolve(world, &home.vpc, name);
    let addresses = match answer {
        naive::Answer::Addresses(addresses) => addresses,
        other => {
            let code = match other {
                naive::Answer::Silence => Code::DnsSupportDisabled,
                naive::Answer::NoData => Code::DnsNoRecord,
                _ => Code::DnsNoSuchName,
            };
            *seen.entry(kind(disposition)).or_insert(0) += 1;
            let agrees = disposition.blocked_by() == Some(code);
            return if agrees { Ok(()) } else { Err(format!("{name}: {code}, but {trace:#?}")) };
        }
    };
    let usable = addresses.iter().filter(|to| to.is_ipv4() || !home.ipv6.is_empty());
    let ends: Vec<Option<bool>> = usable.map(|to| arrives(world, &asked(*to), name, action, |_| true)).collect();
    *seen.entry(kind(disposition)).or_insert(0) += 1;
    let agrees = agrees_on_name(disposition, &ends, &unknown);
    if agrees { Ok(()) } else { Err(format!("{name} from {source}: {ends:?}, but {trace:#?}")) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_trace_tells_what_the_naive_evaluator_does(steps in steps(60), probes in probes(40)) {
        let mut maker = Maker::default();
        for step in &steps {
            maker.apply(step);
        }
        let plan = compile(&maker.world);
        let packets = packets(&maker.world, &probes, &outside());
        check(&maker.world, &plan, &packets, &mut BTreeMap::new()).map_err(TestCaseError::fail)?;
    }
}

/// Leads a new program of a world to somebody by a NAT gateway with two addresses, of which one is barred: its packet.
fn by_nat(world: &mut World) -> Option<Asked> {
    let is_program = |own: &&NetworkInterface| own.attachment == Attachment::Program;
    let target = world.interfaces.iter().find(is_program)?.clone();
    let vpc = world.vpcs.get(&target.vpc)?.clone();
    let mut bits = 0x7777_0000_0000_u64;
    let mut entropy = || {
        bits += 1;
        bits
    };
    let mut context = Context { scope: vpc.scope.clone(), now: 0, entropy: &mut entropy };
    let context = &mut context;
    let mut blocks = (0..256).map(|at| Ipv4Cidr::new((vpc.cidr.first().to_bits() + at * 16).into(), 28));
    let mut place = |world: &mut World, context: &mut Context<'_>| {
        let subnet = blocks.find_map(|block| world.create_subnet(context, &vpc.id, block, None).ok())?;
        let table = world.create_route_table(context, &vpc.id).ok()?;
        world.associate_route_table(context, &table, &subnet).ok()?;
        Some((subnet, table))
    };
    let ((near, table), (middle, _)) = (place(world, context)?, place(world, context)?);
    let sources = NatSources::Private(AssignNatAddresses { private: Vec::new(), count: 1 });
    let wanted = CreateNatGateway { subnet: middle, private: None, sources };
    let nat = world.create_nat_gateway(context, wanted).ok()?;
    let destination = Destination::Cidr(world.subnets.get(&target.subnet)?.cidr);
    let target_of = RouteTarget::NatGateway(nat.clone());
    world.create_route(context, CreateRoute { table, destination, target: target_of }).ok()?;
    let source = world.attach_program(context, &near, &target.groups).ok()?;
    let group = target.groups.first()?;
    let lent: Vec<_> = world.nat_gateways.get(&nat)?.lent().collect();
    let blocks = [(Direction::Egress, Ipv4Cidr::ANY), (Direction::Ingress, Ipv4Cidr::host(lent[0]))];
    for (direction, block) in blocks {
        let peer = Peer::Cidr(block);
        let rule = NewRule { direction, protocol: IpProtocol::All, ports: None, peer, description: None };
        // There may be such a rule already.
        let _ = world.authorize(context, group, vec![rule]);
    }
    let from = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    Some(Asked { source: Some(source), from, to: target.address.into(), protocol: TCP, port: 443 })
}

/// The worlds of the one test that counts, and the packets of each.
const WORLDS: usize = 10_000;
const PROBES: usize = 10;

#[test]
fn ten_thousand_worlds_show_every_disposition_and_the_trace_is_right_in_all() {
    let seen = std::thread::scope(|scope| {
        let halves = [1, 2].map(|half| {
            scope.spawn(move || {
                let mut seen = BTreeMap::new();
                let mut runner = TestRunner::new_with_rng(
                    ProptestConfig::default(),
                    proptest::test_runner::TestRng::from_seed(proptest::test_runner::RngAlgorithm::ChaCha, &[half; 32]),
                );
                for number in 0..WORLDS / 2 {
                    let steps = steps(30).new_tree(&mut runner).unwrap().current();
                    let probes = probes(PROBES).new_tree(&mut runner).unwrap().current();
                    let mut maker = Maker::default();
                    for step in &steps {
                        maker.apply(step);
                    }
                    let by_nat = if number % 8 == 0 { by_nat(&mut maker.world) } else { None };
                    let plan = compile(&maker.world);
                    let mut packets = packets(&maker.world, &probes, &outside());
                    packets.extend(by_nat);
                    let named = check_names(&maker.world, &plan, &packets, number, &mut seen);
                    if let Err(why) = named {
                        panic!("{why}\nafter {steps:?}");
                    }
                    if let Err(why) = check(&maker.world, &plan, &packets, &mut seen) {
                        panic!("{why}\nafter {steps:?}");
                    }
                }
                seen
            })
        });
        let mut all: BTreeMap<String, usize> = BTreeMap::new();
        for half in halves {
            for (kind, count) in half.join().unwrap() {
                *all.entry(kind).or_insert(0) += count;
            }
        }
        all
    });
    let report: String = seen.iter().map(|(kind, count)| format!("{count:>8}  {kind}\n")).collect();
    println!("{report}");
    let codes = PACKET_CODES.map(|code| format!("blocked {code}"));
    let noted = [Code::MoreSpecificRoute, Code::HigherPriorityRoute, Code::AvailabilityZoneCrossed];
    let noted = noted.map(|code| format!("noted {code}"));
    let others = ["delivered", "endpoint", "internet", "outside", "resolver", "metadata"].map(str::to_owned);
    let unknown = ["appliance", "source port", "NAT address", "address", "policies"];
    let unknown = unknown.map(|unknown| format!("undetermined {unknown}"));
    for kind in codes.iter().chain(&noted).chain(&others).chain(&unknown) {
        assert!(seen.contains_key(kind), "never seen: {kind}\n{report}");
    }
}

/// The codes that packets to addresses are blocked by, and calls to names in these worlds.
const PACKET_CODES: [Code; 28] = [
    Code::BadState,
    Code::BadStateRoute,
    Code::EniSgRulesMismatch,
    Code::SgHasNoRules,
    Code::SubnetAclRestriction,
    Code::NoRouteToDestination,
    Code::NoPossibleDestination,
    Code::ProtocolRestriction,
    Code::VpceGatewayProtocolRestriction,
    Code::EniSourceDestCheckRestriction,
    Code::EniAddressRestriction,
    Code::IgwPublicIpAssociationForEgress,
    Code::IgwPrivateIpAssociationForIngress,
    Code::IgwDestinationAddressNotInRfc1918Egress,
    Code::IgwDestinationAddressNotInRfc6598Egress,
    Code::IngressRtbNoPublicIp,
    Code::PcxRequiresAddressInVpcCidr,
    Code::RouteLoop,
    Code::EigwRejectsIngress,
    Code::ResponseNoRoute,
    Code::ResponseRouteRedirection,
    Code::ResponseAclRestriction,
    Code::DnsSupportDisabled,
    Code::PlainHttpNotServed,
    Code::DnsNoSuchName,
    Code::DnsNoRecord,
    Code::TlsNameNotServed,
    Code::EndpointPolicyImplicitDeny,
];
