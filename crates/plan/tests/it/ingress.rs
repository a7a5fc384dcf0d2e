//! The route table of an internet gateway: what a plan makes of it, and a trace by way of an appliance.

use sidegate_model::{
    CreateRoute, Destination, InternetGatewayId, IpCidr, Ipv6Cidr, NetworkInterfaceId, Peer, RouteTableId,
    RouteTarget as Target, SubnetId, VpcId,
};
use sidegate_plan::analyze::{Disposition, Flow, Goal, Source, Unknown, trace};
use sidegate_plan::{LAST_REDIRECT, Passage, Plan, Redirected, RouteTarget, compile, lint, recompile};

use crate::built::Built;

/// AWS's example of a middlebox: what comes in over the internet gateway for the subnet of a web server, and what leaves it,
/// goes by way of an appliance in another subnet. Both families are spoken.
struct Edge {
    built: Built,
    vpc: VpcId,
    gateway: InternetGatewayId,
    /// The table of the gateway.
    table: RouteTableId,
    /// The subnet of the web server, and that of the appliance.
    subnets: [SubnetId; 2],
    web: NetworkInterfaceId,
    appliance: NetworkInterfaceId,
}

fn edge() -> Edge {
    let mut built = Built::new();
    let vpc = built.vpc();
    built.with(|world, context| world.associate_vpc_ipv6_cidr_block(context, &vpc));
    let block = built.world.vpcs.get(&vpc).unwrap().ipv6_cidrs[0].cidr;
    let subnets = [1_u8, 2].map(|number| {
        let subnet = built.subnet(&vpc, number, "us-east-1a");
        let own = Ipv6Cidr::new(block.nth(u128::from(number) << 64).unwrap(), 64);
        built.with(|world, context| world.associate_subnet_cidr_block(context, &subnet, own));
        subnet
    });
    let open = built.group(&vpc, "open");
    built.admit(&open, 443, Peer::Cidr("0.0.0.0/0".parse().unwrap()));
    built.admit(&open, 443, Peer::Cidr6("::".parse().unwrap(), 0));
    let gateway = built.internet_gateway(&vpc);
    let [web, appliance] = [0, 1].map(|at| {
        let instance = built.instance(&subnets[at], &[&open]);
        let interface = built.interface_of(&instance);
        built.with(|world, context| world.assign_ipv6_addresses(context, &interface, &[], 1));
        built.elastic(&interface);
        interface
    });
    built.with(|world, context| world.modify_network_interface(context, &appliance, None, None, Some(false)));
    let [inner, outer] = [0, 1].map(|at| built.table_of(&vpc, &subnets[at]));
    let table = built.with(|world, context| world.create_route_table(context, &vpc));
    built.with(|world, context| world.associate_route_table_with_gateway(context, &table, &gateway));
    let mut edge = Edge { built, vpc, gateway, table, subnets, web, appliance };
    for to in ["0.0.0.0/0", "::/0"] {
        edge.route(&inner, to, Target::Interface(edge.appliance.clone()));
        edge.route(&outer, to, Target::InternetGateway(edge.gateway.clone()));
    }
    edge
}

impl Edge {
    fn route(&mut self, table: &RouteTableId, to: &str, target: Target) {
        let destination = match to.parse().unwrap() {
            IpCidr::V4(block) => Destination::Cidr(block),
            IpCidr::V6(block) => Destination::Ipv6(block),
        };
        let wanted = CreateRoute { table: table.clone(), destination, target };
        self.built.with(|world, context| world.create_route(context, wanted));
    }

    /// Leads what comes in for the subnet of the web server to the appliance.
    fn led(mut self) -> Self {
        let (table, appliance) = (self.table.clone(), self.appliance.clone());
        for block in self.blocks(0) {
            self.route(&table, &block, Target::Interface(appliance.clone()));
        }
        self
    }

    /// The blocks of a subnet.
    fn blocks(&self, at: usize) -> [String; 2] {
        let own = self.built.world.subnets.get(&self.subnets[at]).unwrap();
        [own.cidr.to_string(), own.ipv6_cidr.as_ref().unwrap().cidr.to_string()]
    }

    fn plan(&self) -> Plan {
        let plan = compile(&self.built.world);
        assert_eq!(lint(&plan), Vec::<String>::new());
        plan
    }

    /// The lines of the plan that are about redirects and the gateway.
    fn lines(&self, plan: &Plan) -> Vec<String> {
        let lines = plan.vpcs[&self.vpc].lines();
        lines.into_iter().filter(|line| line.starts_with("redirects") || line.starts_with("passage")).collect()
    }

    fn known_outside(&self, plan: &Plan) -> Vec<std::net::Ipv6Addr> {
        match &*plan.passages[self.gateway.as_str()] {
            Passage::InternetGateway { ipv6, .. } => ipv6.iter().copied().collect(),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn the_table_of_an_internet_gateway_leads_aside_what_comes_in_and_nothing_else() {
    let edge = edge();
    let before = edge.plan();
    assert!(before.vpcs[&edge.vpc].redirects.is_empty(), "it has its local routes alone");
    let ipv6 = |edge: &Edge, id: &NetworkInterfaceId| edge.built.world.interfaces.get(id).unwrap().ipv6[0];
    assert_eq!(edge.known_outside(&before), [ipv6(&edge, &edge.appliance)]);
    let old = edge.built.world.clone();
    let mut edge = edge.led();
    let plan = edge.plan();
    assert!(recompile(&before, &old, &edge.built.world) == plan);
    let Edge { gateway, appliance, .. } = &edge;
    let name = &plan.vpcs[&edge.vpc].passages[gateway.as_str()].name;
    let [ipv4, ipv6_block] = edge.blocks(0);
    let expected = [
        format!("passage {gateway} {name} end eth0 table 65535 redirects 32766"),
        format!("redirects 32766 of {gateway} table 65535"),
        format!("redirects 32766 route {ipv4} of {ipv4} to {appliance}"),
        format!("redirects 32766 route {ipv6_block} of {ipv6_block} to {appliance}"),
    ];
    assert_eq!(edge.lines(&plan), expected);
    let (number, own) = plan.vpcs[&edge.vpc].redirects.first_key_value().unwrap();
    assert_eq!((*number, &own.from), (LAST_REDIRECT, &Redirected::Gateway(edge.gateway.clone())));
    assert!(plan.vpcs[&edge.vpc].links.values().all(|link| link.redirects.is_none()));
    assert_eq!(edge.known_outside(&plan).len(), 2, "the appliance answers for the web server");

    // Without a public address it gets nothing of IPv4.
    let public = edge
        .built
        .world
        .elastic_ips
        .iter()
        .find_map(|own| own.association.clone().filter(|association| association.interface == edge.appliance));
    edge.built.with(|world, context| world.disassociate_address(context, &public.unwrap().id));
    let plan = edge.plan();
    let leads = |plan: &Plan, to: &str| {
        let own = plan.vpcs[&edge.vpc].redirects_of(edge.gateway.as_str()).unwrap();
        own.lookup(to.parse().unwrap()).map(|route| route.target.clone())
    };
    assert_eq!(leads(&plan, "10.0.1.4"), Some(RouteTarget::Blackhole));
    assert!(matches!(leads(&plan, &ipv6(&edge, &edge.web).to_string()), Some(RouteTarget::Interface { .. })));
    // While it checks addresses, it gets nothing.
    let appliance = edge.appliance.clone();
    edge.built.with(|world, context| world.modify_network_interface(context, &appliance, None, None, Some(true)));
    let plan = edge.plan();
    let own = plan.vpcs[&edge.vpc].redirects_of(edge.gateway.as_str()).unwrap();
    assert!(own.routes.values().all(|route| route.target == RouteTarget::Blackhole));
    assert_eq!(edge.known_outside(&plan), [ipv6(&edge, &edge.appliance)]);
}

#[test]
fn what_leaves_by_an_egress_only_gateway_is_answered_there() {
    let mut edge = edge().led();
    let vpc = edge.vpc.clone();
    let only_out = edge.built.with(|world, context| world.create_egress_only_internet_gateway(context, &vpc));
    let (inner, _) = edge.built.world.route_table_of(&edge.subnets[0]).unwrap();
    let (table, destination) = (inner.id.clone(), Destination::Ipv6(Ipv6Cidr::ANY));
    let target = Target::EgressOnlyInternetGateway(only_out);
    edge.built.with(|world, context| world.replace_route(context, CreateRoute { table, destination, target }));
    let web = edge.built.world.interfaces.get(&edge.web).unwrap().ipv6[0];
    assert!(!edge.known_outside(&edge.plan()).contains(&web));
}

#[test]
fn a_trace_follows_the_table_of_an_internet_gateway_to_the_appliance() {
    let edge = edge().led();
    let plan = edge.plan();
    let flow = Flow::tcp(Source::Internet("198.19.255.1".parse().unwrap()), Goal::Interface(edge.web.clone()), 443);
    let told = trace(&edge.built.world, &plan, &flow).unwrap();
    let undetermined = Disposition::Undetermined { unknown: Unknown::Appliance { interface: edge.appliance.clone() } };
    assert_eq!(told.disposition, undetermined);
    let Edge { gateway, table, appliance, subnets, .. } = &edge;
    let text = told.to_string();
    let expected = [
        format!("undetermined: what the program behind {appliance} does with it"),
        "from the internet, as 198.19.255.1".to_owned(),
        format!("internet gateway {gateway}, 198.18."),
        format!("route table {table} of {gateway}, to 10.0.1.4: 10.0.1.0/24 to {appliance}"),
        "not 10.0.0.0/16 to local: MORE_SPECIFIC_ROUTE".to_owned(),
        "network ACL acl-".to_owned(),
        "security groups sg-".to_owned(),
        format!("the program behind {appliance}"),
    ];
    assert_eq!(text.lines().count(), expected.len(), "{text}");
    for (line, expected) in text.lines().zip(&expected) {
        assert!(line.trim_start().starts_with(expected), "{expected}\n{text}");
    }
    assert!(text.contains(&format!("of {}, in from 198.19.255.1: entry 100, allow", subnets[1])), "{text}");
    // And from there, by the web server's own table, out again.
    let out = Flow::tcp(Source::Interface(edge.web.clone()), Goal::Address("8.8.8.8".parse().unwrap()), 443);
    assert_eq!(trace(&edge.built.world, &plan, &out).unwrap().disposition, undetermined);
    // Over IPv6 too.
    let web = edge.built.world.interfaces.get(&edge.web).unwrap().ipv6[0];
    let six =
        Flow { source: Source::Internet("2001:2:0:ffff::1".parse().unwrap()), goal: Goal::Address(web.into()), ..flow };
    let told = trace(&edge.built.world, &plan, &six).unwrap();
    assert_eq!(told.disposition, undetermined, "{told}");
}
