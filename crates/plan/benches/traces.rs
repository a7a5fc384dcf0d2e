//! How long a trace takes among 1,000 VPCs with 50,000 rules, and a remedy.
//!
//! The goal is a millisecond for a trace.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use sidegate_model::{
    Context, CreateRoute, CreateVpcEndpoint, Destination, Direction, IpProtocol, Ipv4Cidr, NetworkAclEntry,
    NetworkInterfaceId, NewRule, Peer, PortRange, Region, RouteTarget, RuleAction, Scope, World,
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
        measure(name, || {
            let _ = black_box(trace(&world, &plan, flow));
        });
    }
    let refused = flow(Goal::Address("10.199.2.4".parse()?), 22);
    measure("remedy of a group without the port", || {
        let _ = black_box(remedy(&world, &plan, &refused));
    });
    Ok(())
}
