//! How long a trace takes among 1,000 VPCs with 50,000 rules, and a remedy.
//!
//! The goal is a millisecond for a trace.

use std::hint::black_box;
use std::time::{Duration, Instant};

use sidegate_model::{
    Context, CreateRoute, CreateVpcEndpoint, Destination, Direction, IpProtocol, Ipv4Cidr, NetworkAclEntry,
    NetworkInterfaceId, NewRule, Peer, PortRange, RouteTarget, RuleAction, Scope, World,
};
use sidegate_plan::analyze::{Flow, Goal, Source, remedy, trace};
use sidegate_plan::compile;

/// Blocks, each of a VPC of so many accounts.
const BLOCKS: u8 = 200;
const ACCOUNTS: u8 = 5;

/// The rules of each VPC beside one.
const RULES: i32 = 50;

/// How long each is measured.
const LONG: Duration = Duration::from_secs(2);

fn measure(name: &str, mut round: impl FnMut()) {
    round();
    let start = Instant::now();
    let mut rounds = 0_u32;
    while start.elapsed() < LONG {
        round();
        rounds += 1;
    }
    let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds);
    println!("{name}: {each:.0} µs");
}

/// A VPC with an endpoint of each kind, rules, entries and routes; the interface of a program in it.
fn furnish(world: &mut World, context: &mut Context<'_>, block: Ipv4Cidr) -> NetworkInterfaceId {
    let part = |third: u32| Ipv4Cidr::new((block.first().to_bits() + third * 256).into(), 24);
    let vpc = world.create_vpc(context, block, "default").unwrap();
    world.modify_vpc_attribute(context, &vpc, sidegate_model::VpcAttribute::DnsHostnames(true)).unwrap();
    let subnets = [1, 2].map(|third| world.create_subnet(context, &vpc, part(third), None).unwrap());
    let group = world.create_security_group(context, &vpc, "many", "many").unwrap();
    let rules = (0..RULES).map(|n| NewRule {
        direction: Direction::Ingress,
        protocol: IpProtocol::TCP,
        ports: Some(PortRange { from: 1000 + n, to: 1000 + n }),
        peer: Peer::Cidr(part(u32::try_from(n).unwrap())),
        description: None,
    });
    world.authorize(context, &group, rules.collect()).unwrap();
    let open = NewRule {
        direction: Direction::Ingress,
        protocol: IpProtocol::TCP,
        ports: Some(PortRange { from: 443, to: 443 }),
        peer: Peer::Group(group.clone()),
        description: None,
    };
    world.authorize(context, &group, vec![open]).unwrap();
    let acl = world.network_acls.of_vpc(&vpc).next().unwrap().id.clone();
    for number in 1..15_u16 {
        let block = part(200 + u32::from(number)).into();
        for direction in [Direction::Ingress, Direction::Egress] {
            let entry =
                NetworkAclEntry::new(direction, number.into(), RuleAction::Deny, IpProtocol::All, block, None, None);
            world.create_network_acl_entry(context, &acl, entry.unwrap()).unwrap();
        }
    }
    let table = world.route_tables.of_vpc(&vpc).next().unwrap().id.clone();
    let gateway = world.create_internet_gateway(context).unwrap();
    world.attach_internet_gateway(context, &gateway, &vpc).unwrap();
    for second in 0..20_u32 {
        let destination = Destination::Cidr(Ipv4Cidr::new((0xc800_0000 + (second << 16)).into(), 16));
        let target = RouteTarget::InternetGateway(gateway.clone());
        world.create_route(context, CreateRoute { table: table.clone(), destination, target }).unwrap();
    }
    let named = |service: &str| format!("com.amazonaws.us-east-1.{service}");
    let (vpc, groups) = (Some(vpc), vec![group.clone()]);
    let interface = CreateVpcEndpoint {
        vpc: vpc.clone(),
        service: named("secretsmanager"),
        interface: true,
        subnets: vec![subnets[0].clone()],
        groups: groups.clone(),
        ..CreateVpcEndpoint::default()
    };
    world.create_vpc_endpoint(context, interface).unwrap();
    let gateway =
        CreateVpcEndpoint { vpc, service: named("s3"), route_tables: vec![table], ..CreateVpcEndpoint::default() };
    world.create_vpc_endpoint(context, gateway).unwrap();
    (0..3).map(|_| world.attach_program(context, &subnets[1], &groups).unwrap()).last().unwrap()
}

fn main() {
    let region = "us-east-1".parse().unwrap();
    let (mut world, mut bits, mut program) = (World::default(), 0_u64, None);
    for block in 0..BLOCKS {
        for account in 1..=ACCOUNTS {
            let scope = Scope { account: format!("{account:012}").parse().unwrap(), region };
            let mut entropy = || {
                bits += 1;
                bits
            };
            let mut context = Context { scope, now: 0, entropy: &mut entropy };
            let block = Ipv4Cidr::new([10, block, 0, 0].into(), 16);
            program = Some(furnish(&mut world, &mut context, block));
        }
    }
    let plan = compile(&world);
    let rules: usize = world.security_groups.iter().map(|group| group.rules.len()).sum();
    println!("{} VPCs, {rules} rules", world.vpcs.len());
    let source = Source::Interface(program.unwrap());
    let flow = |goal: Goal, port| Flow::tcp(source.clone(), goal, port);
    let flows = [
        ("trace to an interface endpoint", flow(Goal::Service("secretsmanager".to_owned()), 443)),
        ("trace to a gateway endpoint", flow(Goal::Name("docs.s3.us-east-1.amazonaws.com".to_owned()), 443)),
        ("trace to a service without a way", flow(Goal::Service("kms".to_owned()), 443)),
    ];
    for (name, flow) in &flows {
        measure(name, || {
            black_box(trace(&world, &plan, flow).unwrap());
        });
    }
    let refused = flow(Goal::Address("10.199.2.4".parse().unwrap()), 22);
    measure("remedy of a group without the port", || {
        black_box(remedy(&world, &plan, &refused).unwrap());
    });
}
