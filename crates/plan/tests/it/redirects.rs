//! What a plan says of routes to parts of the VPC.

use sidegate_model::{
    InstanceId, InstanceState, NetworkInterfaceId, RouteTableId, RouteTarget as Target, SubnetId, VpcId,
};
use sidegate_plan::{Redirected, Redirects, RouteTarget, compile, lint, recompile};

use crate::built::Built;

/// Three subnets, of which the first has a table that leads to the second by way of an instance in the third.
struct Middle {
    built: Built,
    vpc: VpcId,
    subnets: [SubnetId; 3],
    table: RouteTableId,
    instance: InstanceId,
    interface: NetworkInterfaceId,
}

fn middle() -> Middle {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnets = [1, 2, 3].map(|number| built.subnet(&vpc, number, "us-east-1a"));
    let table = built.table_of(&vpc, &subnets[0]);
    let instance = built.instance(&subnets[2], &[]);
    let interface = built.interface_of(&instance);
    built.route(&table, "10.0.2.0/24", Target::Interface(interface.clone()));
    Middle { built, vpc, subnets, table, instance, interface }
}

impl Middle {
    fn check(&mut self, on: bool) {
        let interface = self.interface.clone();
        self.built.with(|world, context| world.modify_network_interface(context, &interface, None, None, Some(on)));
    }
}

/// The redirects of a subnet.
fn redirects(middle: &Middle, subnet: &SubnetId) -> Option<Redirects> {
    let plan = compile(&middle.built.world);
    assert_eq!(lint(&plan), Vec::<String>::new());
    let redirects =
        plan.vpcs.get(&middle.vpc)?.redirects.values().find(|of| of.from == Redirected::Subnet(subnet.clone()));
    redirects.cloned()
}

/// Where what is sent from the first subnet to an address is led, if not as ever.
fn leads(middle: &Middle, to: &str) -> Option<RouteTarget> {
    let redirects = redirects(middle, middle.subnets.first()?)?;
    redirects.lookup(to.parse().ok()?).map(|route| route.target.clone())
}

#[test]
fn a_route_to_another_subnet_wins_over_the_local_one_for_the_subnets_of_its_table_alone() {
    let mut middle = middle();
    middle.check(false);
    let own = middle.interface.clone();
    let is_led =
        matches!(leads(&middle, "10.0.2.9"), Some(RouteTarget::Interface { interface, .. }) if interface == own);
    assert!(is_led);
    assert_eq!(leads(&middle, "10.0.1.9"), None, "within the subnet");
    assert_eq!(leads(&middle, "10.0.3.9"), None, "elsewhere in the VPC");
    assert_eq!(
        [redirects(&middle, &middle.subnets[1]), redirects(&middle, &middle.subnets[2])],
        [None, None],
        "their table is another"
    );
    // It is none of the routes that lead out.
    let plan = compile(&middle.built.world);
    assert!(plan.vpcs[&middle.vpc].tables.values().all(|table| table.routes.is_empty()));
}

#[test]
fn an_interface_that_checks_addresses_or_is_gone_takes_nothing_but_what_is_its_own() {
    let mut middle = middle();
    assert_eq!(leads(&middle, "10.0.2.9"), Some(RouteTarget::Blackhole), "it checks addresses");
    let table = middle.table.clone();
    let own = middle.interface.clone();
    middle.built.route(&table, "10.0.3.0/24", Target::Interface(own.clone()));
    let own = middle.built.world.interfaces.get(&own).unwrap().address.to_string();
    assert_eq!(leads(&middle, &own), None, "its own address");
    assert_eq!(leads(&middle, "10.0.3.99"), Some(RouteTarget::Blackhole));
    middle.built.world.instance_is(1, &middle.instance, InstanceState::Terminated, None);
    assert_eq!(leads(&middle, "10.0.2.9"), Some(RouteTarget::Blackhole), "it is gone");
    assert_eq!(leads(&middle, &own), Some(RouteTarget::Blackhole));
}

#[test]
fn a_replaced_local_route_leaves_the_subnet_and_the_resolver_alone() {
    let mut middle = middle();
    middle.check(false);
    let wanted = sidegate_model::CreateRoute {
        table: middle.table.clone(),
        destination: sidegate_model::Destination::Cidr("10.0.0.0/16".parse().unwrap()),
        target: Target::Interface(middle.interface.clone()),
    };
    middle.built.with(|world, context| world.replace_route(context, wanted.clone()));
    assert!(matches!(leads(&middle, "10.0.3.9"), Some(RouteTarget::Interface { .. })));
    assert_eq!([leads(&middle, "10.0.1.9"), leads(&middle, "10.0.0.2")], [None, None]);
    let local = sidegate_model::CreateRoute { target: Target::Local, ..wanted };
    middle.built.with(|world, context| world.replace_route(context, local));
    assert_eq!(leads(&middle, "10.0.3.9"), None);
    assert!(leads(&middle, "10.0.2.9").is_some(), "the other route stays");
}

#[test]
fn a_route_to_a_subnet_that_is_gone_means_nothing_within_the_one_in_its_place() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let gone = built.subnet_of(&vpc, "10.0.2.0/25", "us-east-1a");
    let other = built.subnet(&vpc, 3, "us-east-1a");
    let program = built.program(&other, &[]);
    let main = built.main_table(&vpc);
    built.route(&main, "10.0.2.0/25", Target::Interface(program));
    built.with(|world, context| world.delete_subnet(context, &gone));
    let whole = built.subnet(&vpc, 2, "us-east-1a");
    let plan = compile(&built.world);
    assert_eq!(lint(&plan), Vec::<String>::new());
    let redirects = &plan.vpcs[&vpc].redirects;
    assert!(redirects.values().all(|of| of.from != Redirected::Subnet(whole.clone())));
    let from_other = redirects.values().find(|of| of.from == Redirected::Subnet(other.clone())).unwrap();
    assert!(from_other.lookup("10.0.2.9".parse().unwrap()).is_some(), "from elsewhere it holds");
}

#[test]
fn the_number_of_a_subnet_stays_whatever_others_come_and_go() {
    let mut middle = middle();
    let number = |middle: &Middle| {
        let plan = compile(&middle.built.world);
        let redirects = &plan.vpcs[&middle.vpc].redirects;
        let own = Redirected::Subnet(middle.subnets[0].clone());
        redirects.iter().find(|(_, of)| of.from == own).map(|(number, _)| *number).unwrap()
    };
    let before = number(&middle);
    let vpc = middle.vpc.clone();
    let old = middle.built.world.clone();
    let earlier = middle.built.subnet(&vpc, 0, "us-east-1b");
    let table = middle.table.clone();
    middle.built.with(|world, context| world.associate_route_table(context, &table, &earlier));
    assert_eq!(number(&middle), before);
    let plan = recompile(&compile(&old), &old, &middle.built.world);
    assert_eq!(plan.vpcs[&vpc].redirects.len(), 2);
    assert!(plan == compile(&middle.built.world));
}
