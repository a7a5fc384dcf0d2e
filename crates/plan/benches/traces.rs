//! How long a trace takes among 1,000 VPCs with 50,000 rules, a remedy, the plan after a change in one of them, and an
//! answer of the resolver.
//!
//! The goals are a millisecond for a trace and ten for a plan: docs/benchmarks.md.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sidegate_model::{
    Context, CreateRoute, CreateVpcEndpoint, Destination, Direction, IpProtocol, Ipv4Cidr, NetworkAclEntry,
    NetworkInterfaceId, NewRule, Peer, PortRange, Region, RouteTarget, RuleAction, Scope, World,
};
use sidegate_plan::analyze::{Flow, Goal, Source, remedy, trace};
use sidegate_plan::{Domains, Names, Plan, compile, lookup, recompile};

/// Blocks, each of a VPC of so many accounts: an account has at most 20 gateway endpoints in a Region.
const BLOCKS: u8 = 20;
const ACCOUNTS: u8 = 50;

/// The rules of each VPC beside one.
const RULES: i32 = 50;

/// The names of endpoints that the resolver knows.
const NAMES: u32 = 27_000;

/// How long each is measured.
const LONG: Duration = Duration::from_secs(2);

/// Measures rounds one by one, or so many at once where a single one is shorter than the clock's own cost.
fn measure(name: &str, at_once: u32, mut round: impl FnMut()) {
    round();
    let (start, mut samples) = (Instant::now(), Vec::new());
    while start.elapsed() < LONG {
        let begin = Instant::now();
        (0..at_once).for_each(|_| round());
        samples.push(begin.elapsed().as_secs_f64() * 1e6 / f64::from(at_once));
    }
    samples.sort_by(f64::total_cmp);
    let at = |share: usize| samples.get(samples.len() * share / 100).copied().unwrap_or(f64::NAN);
    println!("{name}: {:.2} µs, p99 {:.2} µs", at(50), at(99));
}

/// A VPC with an endpoint of each kind, rules, entries and routes; the interface of a program in it.
fn furnish(
    world: &mut World, context: &mut Context<'_>, block: Ipv4Cidr,
) -> Result<NetworkInterfaceId, Box<dyn Error>> {
    let part = |third: u32| Ipv4Cidr::new((block.first().to_bits() + third * 256).into(), 24);
    let vpc = world.create_vpc(context, block, "default")?;
    world.modify_vpc_attribute(context, &vpc, sidegate_model::VpcAttribute::DnsHostnames(true))?;
    let near = world.create_subnet(context, &vpc, part(1), None)?;
    let far = world.create_subnet(context, &vpc, part(2), None)?;
    let group = world.create_security_group(context, &vpc, "many", "many")?;
    let rules = (0..RULES).map(|n| NewRule {
        direction: Direction::Ingress,
        protocol: IpProtocol::TCP,
        ports: Some(PortRange { from: 1000 + n, to: 1000 + n }),
        peer: Peer::Cidr(part(n.unsigned_abs())),
        description: None,
    });
    world.authorize(context, &group, rules.collect())?;
    let open = NewRule {
        direction: Direction::Ingress,
        protocol: IpProtocol::TCP,
        ports: Some(PortRange { from: 443, to: 443 }),
        peer: Peer::Group(group.clone()),
        description: None,
    };
    world.authorize(context, &group, vec![open])?;
    let acl = world.network_acls.of_vpc(&vpc).next().ok_or("none")?.id.clone();
    for number in 1..15_u16 {
        let block = part(200 + u32::from(number)).into();
        for direction in [Direction::Ingress, Direction::Egress] {
            let entry =
                NetworkAclEntry::new(direction, number.into(), RuleAction::Deny, IpProtocol::All, block, None, None);
            world.create_network_acl_entry(context, &acl, entry?)?;
        }
    }
    let table = world.route_tables.of_vpc(&vpc).next().ok_or("none")?.id.clone();
    let gateway = world.create_internet_gateway(context)?;
    world.attach_internet_gateway(context, &gateway, &vpc)?;
    for second in 0..20_u32 {
        let destination = Destination::Cidr(Ipv4Cidr::new((0xc800_0000 + (second << 16)).into(), 16));
        let target = RouteTarget::InternetGateway(gateway.clone());
        world.create_route(context, CreateRoute { table: table.clone(), destination, target })?;
    }
    let named = |service: &str| format!("com.amazonaws.us-east-1.{service}");
    let (vpc, groups) = (Some(vpc), vec![group.clone()]);
    let interface = CreateVpcEndpoint {
        vpc: vpc.clone(),
        service: named("secretsmanager"),
        interface: true,
        subnets: vec![near],
        groups: groups.clone(),
        ..CreateVpcEndpoint::default()
    };
    world.create_vpc_endpoint(context, interface)?;
    let gateway =
        CreateVpcEndpoint { vpc, service: named("s3"), route_tables: vec![table], ..CreateVpcEndpoint::default() };
    world.create_vpc_endpoint(context, gateway)?;
    world.attach_program(context, &far, &groups)?;
    Ok(world.attach_program(context, &far, &groups)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let region: Region = "us-east-1".parse()?;
    let (mut world, mut bits, mut program) = (World::default(), 0_u64, None);
    for block in 0..BLOCKS {
        for account in 1..=ACCOUNTS {
            let scope = Scope { account: format!("{account:012}").parse()?, region };
            let mut entropy = || {
                bits += 1;
                bits
            };
            let mut context = Context { scope, now: 0, entropy: &mut entropy };
            let block = Ipv4Cidr::new([10, block, 0, 0].into(), 16);
            program = Some(furnish(&mut world, &mut context, block)?);
        }
    }
    let plan = compile(&world);
    let rules: usize = world.security_groups.iter().map(|group| group.rules.len()).sum();
    println!("{} VPCs, {rules} rules", world.vpcs.len());
    let source = Source::Interface(program.ok_or("none")?);
    let flow = |goal: Goal, port| Flow::tcp(source.clone(), goal, port);
    let flows = [
        ("trace to an interface endpoint", flow(Goal::Service("secretsmanager".to_owned()), 443)),
        ("trace to a gateway endpoint", flow(Goal::Name("docs.s3.us-east-1.amazonaws.com".to_owned()), 443)),
        ("trace to a service without a way", flow(Goal::Service("kms".to_owned()), 443)),
    ];
    for (name, flow) in &flows {
        measure(name, 1, || {
            let _ = black_box(trace(&world, &plan, flow));
        });
    }
    let refused = flow(Goal::Address("10.19.2.4".parse()?), 22);
    measure("remedy of a group without the port", 1, || {
        let _ = black_box(remedy(&world, &plan, &refused));
    });
    changes(&world, &plan)?;
    names(plan)
}

/// The plan after a rule more, and after a program more, in one VPC.
fn changes(world: &World, plan: &Plan) -> Result<(), Box<dyn Error>> {
    let group = world.security_groups.iter().find(|group| group.name.as_str() == "many").ok_or("none")?;
    let subnet = world.subnets.of_vpc(&group.vpc).next().ok_or("none")?;
    let mut bits = 1 << 40;
    let mut entropy = || {
        bits += 1;
        bits
    };
    let mut context = Context { scope: group.scope.clone(), now: 0, entropy: &mut entropy };
    let rule = NewRule {
        direction: Direction::Ingress,
        protocol: IpProtocol::UDP,
        ports: Some(PortRange { from: 9, to: 9 }),
        peer: Peer::Cidr(Ipv4Cidr::ANY),
        description: None,
    };
    let (mut ruled, mut peopled) = (world.clone(), world.clone());
    ruled.authorize(&mut context, &group.id, vec![rule])?;
    peopled.attach_program(&mut context, &subnet.id, std::slice::from_ref(&group.id))?;
    for (name, new) in [("plan after a rule more", ruled), ("plan after a program more", peopled)] {
        measure(name, 1, || drop(black_box(recompile(plan, world, &new))));
    }
    Ok(())
}

/// Names that the resolver is asked for, beside those of many endpoints.
fn names(mut plan: Plan) -> Result<(), Box<dyn Error>> {
    let named = |number: u32| format!("vpce-{number:017x}-abcdefgh.sqs.us-east-1.vpce.amazonaws.com");
    let many: Names = (0..NAMES).map(|number| (named(number), vec![[10, 0, 0, 4].into()])).collect();
    plan.domains = Arc::new(Domains::of(many.keys()));
    plan.endpoint_names = Arc::new(many);
    println!("{NAMES} names of endpoints");
    let vpc = plan.vpcs.values().next().ok_or("none")?;
    let one = named(NAMES / 2);
    for (what, name) in [
        ("the name of a service", "sqs.us-east-1.amazonaws.com"),
        ("a name that private DNS gives", "secretsmanager.us-east-1.amazonaws.com"),
        ("a bucket", "docs.s3.us-east-1.amazonaws.com"),
        ("the name of an endpoint", &one),
        ("a name that has others below it", "sqs.us-east-1.vpce.amazonaws.com"),
        ("no name among those of endpoints", "x.vpce.amazonaws.com"),
        ("no name at all", "x.example.com"),
    ] {
        measure(&format!("answer for {what}"), 100, || drop(black_box(lookup(name, Some(vpc), &plan))));
    }
    Ok(())
}
