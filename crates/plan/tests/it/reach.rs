//! Reach: what sets of classes tell, against a trace for each pair.

use std::collections::BTreeSet;
use std::net::IpAddr;

use proptest::prelude::*;
use sidegate_model::{Direction, IpProtocol, NetworkInterfaceId, Peer, PortRange, RouteTarget, World};
use sidegate_plan::analyze::reach::{Addresses, Ends, Member, Query, Reach, Set, Span, Traffic, Whole, reach};
use sidegate_plan::analyze::{Code, Disposition, Flow, Goal, Source, trace};
use sidegate_plan::{Plan, compile};

use crate::built::Built;
use crate::worlds::{Maker, steps};

const TCP: u8 = 6;
const UDP: u8 = 17;

/// Ports on both sides of what rules of random worlds name.
const PORTS: [u16; 12] = [0, 21, 22, 53, 79, 80, 81, 443, 444, 5432, 8080, 65_535];

/// Somebody on the internet.
const OUTSIDE: [&str; 4] = ["198.19.255.1", "8.8.8.8", "2001:2:0:ffff::1", "2600::1"];

/// Those of them who have none of the addresses that services and accounts are given.
const STRANGERS: [&str; 2] = ["8.8.8.8", "2600::1"];

fn query(from: Ends, to: Ends) -> Query {
    Query { from, to, traffic: Traffic::all(), addresses: Addresses::All }
}

fn is_from(member: &Member, source: &Source) -> bool {
    match (member, source) {
        (Member::Interface { interface, .. }, Source::Interface(own)) => interface == own,
        (Member::Internet { ranges }, Source::Internet(own)) => is_in(ranges, *own),
        _ => false,
    }
}

fn is_to(member: &Member, goal: &Goal) -> bool {
    match (member, goal) {
        (Member::Interface { address, .. }, Goal::Address(own)) => *address == Some(*own),
        (Member::Internet { ranges }, Goal::Address(own)) => is_in(ranges, *own),
        (Member::Service { service }, Goal::Service(own)) => service == own,
        _ => false,
    }
}

fn is_in(ranges: &[(IpAddr, IpAddr)], own: IpAddr) -> bool {
    ranges.iter().any(|(first, last)| first.is_ipv4() == own.is_ipv4() && (*first..=*last).contains(&own))
}

fn holds(sets: &[Set], flow: &Flow) -> usize {
    let holds = |set: &&Set| {
        set.protocol == flow.protocol
            && set.ports.iter().any(|Span(first, last)| (*first..=*last).contains(&flow.port))
            && set.from.iter().any(|own| is_from(own, &flow.source))
            && set.to.iter().any(|own| is_to(own, &flow.goal))
    };
    sets.iter().filter(holds).count()
}

/// Who may ask, and what is asked at which address, with the interface and the VPC that has it.
type Asked = (Goal, Option<NetworkInterfaceId>, Option<sidegate_model::VpcId>);

fn goals(world: &World, to: &Ends) -> Vec<Asked> {
    let mut goals = Vec::new();
    for own in to.interfaces.iter().map(|id| world.interfaces.get(id).unwrap()) {
        let public = world.public_addresses().filter(|mapped| mapped.interface.id == own.id);
        let all = own.addresses().map(IpAddr::from).chain(own.ipv6.iter().map(|own| (*own).into()));
        let all = all.chain(public.map(|mapped| mapped.public.into()));
        goals.extend(all.map(|at| (Goal::Address(at), Some(own.id.clone()), Some(own.vpc.clone()))));
    }
    goals.extend(STRANGERS.map(|at| (Goal::Address(at.parse().unwrap()), None, None)));
    goals.extend(to.services.iter().map(|own| (Goal::Service((*own).to_owned()), None, None)));
    goals
}

/// Private addresses are not unique: two VPCs may have the same. Only one of them is asked about.
fn is_ambiguous(world: &World, goal: &Goal, interface: Option<&NetworkInterfaceId>) -> bool {
    let Goal::Address(at) = goal else { return false };
    let has = |own: &sidegate_model::NetworkInterface| match at {
        IpAddr::V4(at) => own.addresses().any(|own| own == *at),
        IpAddr::V6(at) => own.ipv6.contains(at),
    };
    world.interfaces.iter().any(|own| Some(&own.id) != interface && has(own))
}

fn check(world: &World, plan: &Plan) -> Result<usize, String> {
    let from = Ends::senders(world);
    let services = ["s3", "secretsmanager", "dynamodb"].into();
    let to = Ends { services, gateways: BTreeSet::new(), ..Ends::targets(world) };
    let found = reach(world, plan, &query(from.clone(), to.clone()), &Whole);
    let inside = from.interfaces.iter().map(|id| Source::Interface(id.clone()));
    let outside = OUTSIDE.map(|at| Source::Internet(at.parse().unwrap()));
    let goals = goals(world, &to);
    let mut arrived = 0;
    for source in inside.chain(outside) {
        for (goal, interface, _) in &goals {
            let is_own = matches!(&source, Source::Interface(own) if Some(own) == interface.as_ref());
            if is_own || is_ambiguous(world, goal, interface.as_ref()) {
                continue;
            }
            if matches!(source, Source::Internet(_)) && !is_outer(world, goal, interface.as_ref()) {
                continue;
            }
            arrived += check_pair(world, plan, &found, (&source, goal, interface.is_none()))?;
        }
    }
    Ok(arrived)
}

/// Whether somebody on the internet may ask for it.
fn is_outer(world: &World, goal: &Goal, interface: Option<&NetworkInterfaceId>) -> bool {
    match goal {
        Goal::Address(IpAddr::V6(_)) => interface.is_some(),
        Goal::Address(at) => world.public_addresses().any(|mapped| IpAddr::from(mapped.public) == *at),
        _ => false,
    }
}

fn check_pair(
    world: &World, plan: &Plan, found: &Reach, (source, goal, is_outside): (&Source, &Goal, bool),
) -> Result<usize, String> {
    let mut arrived = 0;
    let is_ipv6 = matches!(goal, Goal::Address(IpAddr::V6(_)));
    let echo = if is_ipv6 { (58, 128 << 8) } else { (1, 8 << 8) };
    let asked = [TCP, UDP].into_iter().flat_map(|protocol| PORTS.map(|port| (protocol, port))).chain([echo]);
    for (protocol, port) in asked {
        if matches!(goal, Goal::Service(_)) && (protocol != TCP || ![80, 443].contains(&port)) {
            continue;
        }
        let flow = Flow { protocol, ..Flow::tcp(source.clone(), goal.clone(), port) };
        let Ok(trace) = trace(world, plan, &flow) else { continue };
        let leaves = is_outside && matches!(&trace.disposition, Disposition::Outside { .. });
        let (is_reached, is_open) = match &trace.disposition {
            _ if leaves => (true, false),
            Disposition::Undetermined { .. } => (false, true),
            other => (other.is_reached(), false),
        };
        let told = (holds(&found.sets, &flow), holds(&found.undetermined, &flow));
        if told != (usize::from(is_reached), usize::from(is_open)) {
            return Err(format!("{flow:?} is in {told:?} sets, but {trace:#?}"));
        }
        arrived += usize::from(is_reached);
    }
    Ok(arrived)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 640, ..ProptestConfig::default() })]

    #[test]
    fn an_end_is_in_a_set_where_its_own_trace_arrives(steps in steps(60)) {
        let mut maker = Maker::default();
        for step in &steps {
            maker.apply(step);
        }
        let plan = compile(&maker.world);
        check(&maker.world, &plan).map_err(TestCaseError::fail)?;
    }
}

/// A VPC with a private subnet, and a public one in which a gateway endpoint's service is asked for too.
#[test]
fn sets_say_who_gets_where_by_what() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let gateway = built.internet_gateway(&vpc);
    let (public, private) = (built.subnet(&vpc, 1, "us-east-1a"), built.subnet(&vpc, 2, "us-east-1a"));
    let table = built.table_of(&vpc, &public);
    built.route(&table, "0.0.0.0/0", RouteTarget::InternetGateway(gateway));
    let (web, db) = (built.group(&vpc, "web"), built.group(&vpc, "db"));
    built.admit(&db, 5432, Peer::Group(web.clone()));
    built.admit(&web, 443, Peer::Cidr("0.0.0.0/0".parse().unwrap()));
    built.rule(
        &web,
        Direction::Ingress,
        IpProtocol::TCP,
        Some(PortRange { from: 8000, to: 8000 }),
        Peer::Cidr("9.0.0.0/8".parse().unwrap()),
    );
    let webs: BTreeSet<_> = (0..20).map(|_| built.program(&public, &[&web])).collect();
    let database = built.program(&private, &[&db]);
    let first = webs.first().unwrap().clone();
    built.elastic(&first);
    let plan = compile(&built.world);
    let to_database = query(Ends::senders(&built.world), Ends::of([database.clone()]));
    let found = reach(&built.world, &plan, &to_database, &Whole);
    let [set] = &found.sets[..] else { panic!("{found:#?}") };
    assert_eq!(found.senders(), webs.iter().collect());
    assert_eq!((set.protocol, &set.ports[..]), (TCP, &[Span(5432, 5432)][..]));
    assert!(set.by.iter().any(|own| own.to_string().contains("tcp 5432 from sg-")), "{:?}", set.by);
    let stopped: Vec<_> = found.unreached.iter().map(|own| (own.code, own.from.len())).collect();
    assert_eq!(stopped, [(Some(Code::IgwPrivateIpAssociationForIngress), 1)]);
    // Who of the internet gets to which ports of the one that has a public address.
    let found = reach(&built.world, &plan, &query(Ends::internet(), Ends::of([first])), &Whole);
    let told: Vec<_> = found.sets.iter().map(|set| (set.ports.clone(), set.from.clone())).collect();
    let [(https, all), (other, nine)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((&https[..], &other[..]), (&[Span(443, 443)][..], &[Span(8000, 8000)][..]));
    let of = |text: &str| text.parse::<IpAddr>().unwrap();
    let block = (of("9.0.0.0"), of("9.255.255.255"));
    assert_eq!(*nine, [Member::Internet { ranges: vec![block] }]);
    assert!(
        matches!(&all[..], [Member::Internet { ranges }] if is_in(ranges, of("8.8.8.8")) && !is_in(ranges, of("10.0.0.1")))
    );
    // Who gets out: of the private subnet nobody does.
    let found = reach(&built.world, &plan, &query(Ends::of([database]), Ends::internet()), &Whole);
    assert!(found.sets.is_empty() && found.undetermined.is_empty(), "{found:#?}");
    // It has no address of IPv6, by which it could ask for one.
    let codes: BTreeSet<_> = found.unreached.iter().filter_map(|own| own.code).collect();
    assert_eq!(codes, BTreeSet::from([Code::NoRouteToDestination, Code::EniAddressRestriction]), "{found:#?}");
}
