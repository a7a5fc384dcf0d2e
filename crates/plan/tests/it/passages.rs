//! What a plan says of what stands between networks.

use std::net::Ipv4Addr;
use std::sync::Arc;

use sidegate_model::{
    AssignNatAddresses, Context, CreateNatGateway, DrainDuration, Ipv4Cidr, NatSources, Peer, RouteTarget as Target,
    VpcId, VpcPeeringConnectionId, World,
};
use sidegate_plan::{Passage, Plan, RouteTarget, TablePlan, compile, lint, recompile};

use crate::built::Built;

/// Two peered VPCs, each with a route to the other's block and a program.
struct Peered {
    built: Built,
    left: VpcId,
    right: VpcId,
    peering: VpcPeeringConnectionId,
}

const BLOCKS: [&str; 2] = ["10.0.0.0/16", "10.1.0.0/16"];

fn peered() -> Peered {
    let mut built = Built::new();
    let [left, right] = BLOCKS.map(|block| built.vpc_of(block));
    let peering = built.peering(&left, &right);
    for (vpc, other) in [(&left, BLOCKS[1]), (&right, BLOCKS[0])] {
        let table = built.main_table(vpc);
        built.route(&table, other, Target::Peering(peering.clone()));
    }
    Peered { built, left, right, peering }
}

fn checked(built: &Built) -> Plan {
    let plan = compile(&built.world);
    assert_eq!(lint(&plan), Vec::<String>::new());
    plan
}

fn cidr(text: &str) -> Ipv4Cidr {
    text.parse().unwrap()
}

fn only_table<'p>(plan: &'p Plan, vpc: &VpcId) -> &'p TablePlan {
    plan.vpcs[vpc].tables.values().next().unwrap()
}

#[test]
fn a_peering_connection_is_a_passage_with_an_end_for_each_vpc() {
    let Peered { built, left, right, peering } = peered();
    let plan = checked(&built);
    let name = peering.to_string();
    let wanted = Passage::Peering { requester: vec![cidr(BLOCKS[0]).into()], accepter: vec![cidr(BLOCKS[1]).into()] };
    assert_eq!(*plan.passages[&name], wanted);
    for (vpc, other, end, block) in [(&left, &right, "eth0", BLOCKS[1]), (&right, &left, "eth1", BLOCKS[0])] {
        let link = &plan.vpcs[vpc].passages[&name];
        assert_eq!((link.end.as_str(), link.peer.as_ref()), (end, Some(other)));
        assert_eq!(only_table(&plan, vpc).routes[&cidr(block).into()].target, RouteTarget::Passage(name.clone()));
        assert_eq!(plan.vpcs[vpc].peers().collect::<Vec<_>>(), [other]);
    }
}

#[test]
fn a_peered_vpc_with_an_endpoint_is_served_though_no_program_is_in_it() {
    let Peered { mut built, left, right, peering } = peered();
    let inhabited = |built: &Built| [&left, &right].map(|vpc| checked(built).vpcs[vpc].is_inhabited());
    assert_eq!(inhabited(&built), [false, false]);
    let subnet = built.subnet_of(&right, "10.1.1.0/24", "us-east-1a");
    built.interface(&right, "kms", &[&subnet], &[]);
    assert_eq!(inhabited(&built), [false, true]);
    built.with(|world, context| world.delete_peering(context, &peering));
    assert_eq!(inhabited(&built), [false, false]);
}

#[test]
fn a_peering_connection_that_waits_or_is_deleted_leads_nowhere() {
    let Peered { mut built, left, right, peering } = peered();
    let (old, previous) = (built.world.clone(), checked(&built));
    built.with(|world, context| world.delete_peering(context, &peering));
    let plan = recompile(&previous, &old, &built.world);
    assert_eq!(plan, checked(&built));
    assert!(plan.passages.is_empty());
    for (vpc, block) in [(&left, BLOCKS[1]), (&right, BLOCKS[0])] {
        assert!(plan.vpcs[vpc].passages.is_empty());
        assert_eq!(only_table(&plan, vpc).routes[&cidr(block).into()].target, RouteTarget::Blackhole);
    }
    let (old, previous) = (built.world.clone(), plan);
    let again = built.with(|world, context| world.create_peering(context, &left, &right, None, None));
    let waits = recompile(&previous, &old, &built.world);
    assert!(waits.passages.is_empty() && waits.vpcs[&left].passages.is_empty());
    let old = built.world.clone();
    built.with(|world, context| world.accept_peering(context, &again));
    let active = recompile(&waits, &old, &built.world);
    assert_eq!(active, checked(&built));
    assert!(active.passages.contains_key(again.as_str()));
}

#[test]
fn a_reference_to_a_group_of_a_peer_vpc_means_its_members_as_long_as_the_connection_is_active() {
    let Peered { mut built, left, right, peering } = peered();
    let third = built.vpc_of("10.2.0.0/16");
    let subnet = built.subnet(&left, 1, "us-east-1a");
    let beyond = built.subnet_of(&right, "10.1.1.0/24", "us-east-1a");
    let (own, theirs) = (built.group(&left, "own"), built.group(&right, "theirs"));
    built.admit(&own, 80, Peer::Group(theirs.clone()));
    let program = built.program(&subnet, &[&own]);
    let ingress = |plan: &Plan| {
        let vpc = &plan.vpcs[&left];
        vpc.groups[&vpc.links[&program].group].ingress.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let before = checked(&built);
    assert!(ingress(&before).is_empty());

    let old = built.world.clone();
    let member = built.program(&beyond, &[&theirs]);
    let plan = recompile(&before, &old, &built.world);
    assert_eq!(plan, checked(&built));
    let address = built.world.interfaces.get(&member).unwrap().address;
    assert_eq!(ingress(&plan), [format!("{address} tcp port 80")]);
    assert!(Arc::ptr_eq(&plan.vpcs[&third], &before.vpcs[&third]));

    let old = built.world.clone();
    built.with(|world, context| world.delete_peering(context, &peering));
    let gone = recompile(&plan, &old, &built.world);
    assert_eq!(gone, checked(&built));
    assert!(ingress(&gone).is_empty());

    let old = built.world.clone();
    built.peering(&right, &left);
    let back = recompile(&gone, &old, &built.world);
    assert_eq!(back, checked(&built));
    assert_eq!(ingress(&back), ingress(&plan));
}

#[test]
fn a_nat_gateway_lends_its_addresses_but_those_that_are_taken_off() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let table = built.main_table(&vpc);
    let sources = NatSources::Private(AssignNatAddresses { private: Vec::new(), count: 2 });
    let wanted = CreateNatGateway { subnet, private: None, sources };
    let nat = built.with(|world, context| world.create_nat_gateway(context, wanted.clone()));
    built.route(&table, "0.0.0.0/0", Target::NatGateway(nat.clone()));
    let interface = built.world.nat_gateways.get(&nat).unwrap().interface.clone().unwrap();
    let passage = |plan: &Plan| plan.passages[interface.as_str()].to_string();
    let before = checked(&built);
    assert_eq!(passage(&before), "NAT gateway 10.0.1.4 10.0.1.5 10.0.1.6");
    let changed = |built: &mut Built, previous: &Plan, change: &dyn Fn(&mut World, &mut Context<'_>)| {
        let old = built.world.clone();
        built.with(|world, context| {
            change(world, context);
            Ok(())
        });
        let plan = recompile(previous, &old, &built.world);
        assert_eq!(plan, checked(built));
        plan
    };
    let second = [10, 0, 1, 5].into();
    let draining = changed(&mut built, &before, &|world, context| {
        let duration = DrainDuration::default();
        world.unassign_private_nat_gateway_address(context, &nat, &[second], duration).unwrap();
    });
    assert_eq!(passage(&draining), "NAT gateway 10.0.1.4 10.0.1.6 draining 10.0.1.5");
    assert_eq!(draining.vpcs[&vpc].links, before.vpcs[&vpc].links);
    let after = changed(&mut built, &draining, &|world, context| {
        world.release_nat_addresses(&nat, context.now, |address| address == second);
    });
    assert_eq!(passage(&after), "NAT gateway 10.0.1.4 10.0.1.6");
    assert_eq!(after.vpcs[&vpc].links[&interface].secondary, [Ipv4Addr::new(10, 0, 1, 6)]);
}
