//! How long it takes to tell what gets to one of 5,000 interfaces of a VPC, what that gets to, and what gets where.
//!
//! The goal is two seconds.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use sidegate_model::{
    Context, CreateRoute, Destination, Direction, IpProtocol, Ipv4Cidr, NetworkAclEntry, NetworkInterfaceId, NewRule,
    Peer, PortRange, Region, RouteTarget, RuleAction, Scope, SecurityGroupId, World,
};
use sidegate_plan::analyze::reach::{Addresses, Ends, Query, Traffic, Whole, reach};
use sidegate_plan::compile;

const INTERFACES: usize = 5_000;
const SUBNETS: u8 = 20;
const GROUPS: usize = 25;

fn rule(port: u16, peer: Peer) -> NewRule {
    let port = i32::from(port);
    NewRule {
        direction: Direction::Ingress,
        protocol: IpProtocol::TCP,
        ports: Some(PortRange { from: port, to: port }),
        peer,
        description: None,
    }
}

fn furnish(world: &mut World, context: &mut Context<'_>) -> Result<Vec<NetworkInterfaceId>, Box<dyn Error>> {
    let vpc = world.create_vpc(context, "10.0.0.0/16".parse()?, "default")?;
    let groups: Vec<SecurityGroupId> = (0..GROUPS)
        .map(|n| world.create_security_group(context, &vpc, &format!("group-{n}"), "one of many"))
        .collect::<Result<_, _>>()?;
    for (at, group) in groups.iter().enumerate() {
        let port = 1000 + u16::try_from(at)?;
        let next = groups.get((at + 1) % GROUPS).ok_or("none")?;
        world.authorize(context, group, vec![rule(port, Peer::Group(next.clone()))])?;
        world.authorize(context, group, vec![rule(443, Peer::Cidr(Ipv4Cidr::ANY))])?;
        world.authorize(context, group, vec![rule(22, Peer::Cidr("10.0.7.0/25".parse()?))])?;
    }
    let gateway = world.create_internet_gateway(context)?;
    world.attach_internet_gateway(context, &gateway, &vpc)?;
    let acl = world.create_network_acl(context, &vpc)?;
    for direction in [Direction::Ingress, Direction::Egress] {
        let deny = |number, block: Ipv4Cidr, action| {
            NetworkAclEntry::new(direction, number, action, IpProtocol::All, block.into(), None, None)
        };
        world.create_network_acl_entry(context, &acl, deny(10, "10.0.3.64/26".parse()?, RuleAction::Deny)?)?;
        world.create_network_acl_entry(context, &acl, deny(20, Ipv4Cidr::ANY, RuleAction::Allow)?)?;
    }
    let mut all = Vec::new();
    for number in 0..SUBNETS {
        let subnet = world.create_subnet(context, &vpc, Ipv4Cidr::new([10, 0, number * 8, 0].into(), 23), None)?;
        if number % 2 == 0 {
            let table = world.create_route_table(context, &vpc)?;
            world.associate_route_table(context, &table, &subnet)?;
            let (destination, target) =
                (Destination::Cidr(Ipv4Cidr::ANY), RouteTarget::InternetGateway(gateway.clone()));
            world.create_route(context, CreateRoute { table, destination, target })?;
            let old = world.subnets.get(&subnet).and_then(|own| world.network_acl_of(own)).ok_or("none")?;
            world.replace_network_acl_association(context, &old.id, &acl)?;
        }
        for n in 0..INTERFACES / usize::from(SUBNETS) {
            let own = [groups.get(n % GROUPS), groups.get((n * 7 + 3) % GROUPS)];
            let mut own: Vec<_> = own.into_iter().flatten().cloned().collect();
            own.dedup();
            all.push(world.attach_program(context, &subnet, &own)?);
        }
    }
    Ok(all)
}

fn main() -> Result<(), Box<dyn Error>> {
    let region: Region = "us-east-1".parse()?;
    let (mut world, mut bits) = (World::default(), 0_u64);
    let mut entropy = || {
        bits += 1;
        bits
    };
    let scope = Scope { account: "000000000001".parse()?, region };
    let mut context = Context { scope, now: 0, entropy: &mut entropy };
    let all = furnish(&mut world, &mut context)?;
    let plan = compile(&world);
    println!("{} interfaces", all.len());
    let one = || all.get(INTERFACES / 3).cloned();
    let subnet = Ends::of(all.iter().take(INTERFACES / usize::from(SUBNETS)).cloned());
    let cases = [
        ("what gets to one of them", Ends::senders(&world), Ends::of(one())),
        ("what one of them gets to", Ends::of(one()), Ends::targets(&world)),
        ("what of all gets to the internet", Ends::of(all.clone()), Ends::internet()),
        ("what of all gets to those of a subnet", Ends::of(all.clone()), subnet),
    ];
    for (name, from, to) in cases {
        let query = Query { from, to, traffic: Traffic::all(), addresses: Addresses::All };
        let start = Instant::now();
        let found = black_box(reach(&world, &plan, &query, &Whole));
        let took = start.elapsed().as_secs_f64() * 1e3;
        println!("{name}: {took:.0} ms, {} sets, {} unreached", found.sets.len(), found.unreached.len());
    }
    Ok(())
}
