//! What a plan says of a world, rule by rule.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use sidegate_iam::{Context, Policies, Principal, Request, Requirement, decide};
use sidegate_model::{
    AddressFamily, CreatePrefixList, CreateRoute, Destination, Direction, Instance, InstanceState, IpCidr, IpProtocol,
    Ipv4Cidr, ModifyPrefixList, ModifyVpcEndpoint, NetworkInterfaceId, Peer, PolicyChange, PortRange, PrefixList,
    PrefixListEntry, PrefixListId, RouteTableId, RouteTarget as Target, Service, VpcId,
};
use sidegate_plan::{
    EndpointKind, GroupRules, Names, Plan, Route, RouteTarget, VpcPlan, compile, diff, lint, recompile,
};

use crate::built::Built;

fn plan_of(built: &Built, vpc: &VpcId) -> Arc<VpcPlan> {
    let plan = compile(&built.world);
    assert_eq!(lint(&plan), Vec::<String>::new());
    Arc::clone(&plan.vpcs[vpc])
}

fn address(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

fn s3() -> PrefixList {
    PrefixList::managed("us-east-1".parse().unwrap()).remove(0)
}

fn ingress(rules: &GroupRules) -> Vec<String> {
    rules.ingress.iter().map(ToString::to_string).collect()
}

fn rules_of<'a>(plan: &'a VpcPlan, interface: &NetworkInterfaceId) -> &'a GroupRules {
    &plan.groups[&plan.links[interface].group]
}

fn records<'a>(plan: &'a VpcPlan, zone: &str) -> Option<&'a Names> {
    plan.zones.iter().find(|z| z.name == zone).map(|z| &z.records)
}

#[test]
fn the_router_has_the_first_address_of_each_subnet_and_those_of_resolver_and_metadata() {
    let mut built = Built::new();
    let vpc = built.vpc();
    built.subnet(&vpc, 1, "us-east-1a");
    built.subnet(&vpc, 2, "us-east-1b");
    let plan = plan_of(&built, &vpc);
    let wanted = ["10.0.0.2", "10.0.1.1", "10.0.2.1", "169.254.169.253", "169.254.169.254"].map(address);
    assert_eq!(plan.router.iter().copied().collect::<Vec<_>>(), wanted);
    assert_eq!(plan.resolver, Some(address("10.0.0.2")));
    assert!(!plan.is_inhabited());
}

#[test]
fn without_dns_support_nothing_resolves() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    built.interface(&vpc, "secretsmanager", &[&subnet], &[]);
    built.dns_support(&vpc, false);
    let plan = plan_of(&built, &vpc);
    assert_eq!((plan.resolver, plan.zones.len()), (None, 0));
    assert!(plan.router.contains(&address("10.0.0.2").into()));
}

#[test]
fn a_link_is_named_after_the_end_of_its_interfaces_id() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let interface = built.program(&subnet, &[]);
    let plan = plan_of(&built, &vpc);
    let link = &plan.links[&interface];
    assert_eq!(link.name.len(), 15);
    assert_eq!(link.name.strip_prefix('v').unwrap(), &interface.as_str()["eni-".len() + 3..]);
    assert_eq!((link.namespace.as_str(), link.address, link.prefix), (interface.as_str(), address("10.0.1.4"), 24));
    assert_eq!(link.gateway, address("10.0.1.1"));
    assert!(plan.is_inhabited());
}

#[test]
fn an_instance_that_ends_keeps_its_link_and_a_terminated_one_loses_it() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let instance = built.instance(&subnet, &[]);
    let interface = built.interface_of(&instance);
    built.world.instance_is(0, &instance, InstanceState::ShuttingDown, None);
    assert!(plan_of(&built, &vpc).links.contains_key(&interface));
    built.world.instance_is(0, &instance, InstanceState::Terminated, None);
    let plan = plan_of(&built, &vpc);
    assert!(plan.links.is_empty() && plan.metadata.is_empty());
}

#[test]
fn whatever_changes_of_an_instance_is_seen_when_the_plan_is_compiled_again() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let instance = built.instance(&subnet, &[]);
    let mut again = |change: &dyn Fn(&mut Instance)| {
        let (old, previous) = (built.world.clone(), compile(&built.world));
        built.world.instances.update(&instance, |i| change(i));
        let plan = recompile(&previous, &old, &built.world);
        assert_eq!(plan, compile(&built.world));
        Arc::clone(&plan.vpcs[&vpc])
    };
    let plan = again(&|instance| instance.user_data = None);
    assert_eq!(plan.metadata[&address("10.0.1.4")].user_data, None);
    // No command leaves an interface to an instance that is gone; a damaged store might.
    let plan = again(&|instance| instance.state = InstanceState::Terminated);
    assert!(!plan.is_inhabited());
}

#[test]
fn a_subnet_without_an_association_of_its_own_has_the_main_table() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let (plain, own) = (built.subnet(&vpc, 1, "us-east-1a"), built.subnet(&vpc, 2, "us-east-1a"));
    let table = built.table_of(&vpc, &own);
    let (in_plain, in_own) = (built.program(&plain, &[]), built.program(&own, &[]));
    let main = built.main_table(&vpc);
    let plan = plan_of(&built, &vpc);
    assert_eq!(plan.tables[&plan.links[&in_plain].table].id, main);
    assert_eq!(plan.tables[&plan.links[&in_own].table].id, table);
}

fn route_to(built: &mut Built, table: &RouteTableId, to: &str, over: &NetworkInterfaceId) {
    let destination = to.parse().map_or_else(|_| Destination::PrefixList(to.parse().unwrap()), Destination::Cidr);
    let route = CreateRoute { table: table.clone(), destination, target: Target::Interface(over.clone()) };
    built.with(|world, context| world.create_route(context, route));
}

#[test]
fn a_static_route_as_specific_as_the_endpoints_prefix_or_more_wins_and_a_wider_one_loses() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let main = built.main_table(&vpc);
    let target = built.program(&subnet, &[]);
    let endpoint = built.gateway(&vpc, "s3", &[&main]);
    let [wide, narrow] = s3().cidrs[..] else { panic!() };
    let inside = Ipv4Cidr::new(wide.first(), 24);
    for block in [Ipv4Cidr::ANY, narrow, inside] {
        route_to(&mut built, &main, &block.to_string(), &target);
    }
    let plan = plan_of(&built, &vpc);
    let table = plan.tables.values().next().unwrap();
    let leads =
        |address: Ipv4Addr| table.lookup(address.into()).map(|Route { target, named }| (target.clone(), named.clone()));
    let to_endpoint = (RouteTarget::GatewayEndpoint(endpoint), s3().id.to_string());
    assert_eq!(leads(wide.last()), Some(to_endpoint));
    assert_eq!(leads(inside.first()), Some((RouteTarget::Blackhole, inside.to_string())));
    assert_eq!(leads(narrow.first()), Some((RouteTarget::Blackhole, narrow.to_string())));
    assert_eq!(leads(address("8.8.8.8")), Some((RouteTarget::Blackhole, "0.0.0.0/0".to_owned())));
}

#[test]
fn a_route_to_an_interface_leads_nowhere_whether_it_is_there_or_gone() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let main = built.main_table(&vpc);
    let target = built.program(&subnet, &[]);
    let list = s3().id.to_string();
    route_to(&mut built, &main, &list, &target);
    let there = plan_of(&built, &vpc);
    built.world.detach_program(&target);
    let gone = plan_of(&built, &vpc);
    let table = gone.tables.values().next().unwrap();
    assert_eq!(there.tables.values().next().unwrap(), table);
    assert_eq!(table.routes.len(), s3().cidrs.len());
    let nowhere = |route: &Route| route.target == RouteTarget::Blackhole && route.named == list;
    assert!(table.routes.values().all(nowhere));
}

#[test]
fn two_gateway_endpoints_for_one_service_stand_in_their_own_tables() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let (one, other, none) =
        (built.subnet(&vpc, 1, "us-east-1a"), built.subnet(&vpc, 2, "us-east-1a"), built.subnet(&vpc, 3, "us-east-1a"));
    let (table_one, table_other) = (built.table_of(&vpc, &one), built.table_of(&vpc, &other));
    let first = built.gateway(&vpc, "s3", &[&table_one]);
    let second = built.gateway(&vpc, "s3", &[&table_other]);
    let programs = [&one, &other, &none].map(|subnet| built.program(subnet, &[]));
    let plan = plan_of(&built, &vpc);
    let service = Service::all().iter().find(|s| s.name == "s3").unwrap();
    for public in service.public_addresses("us-east-1".parse().unwrap()) {
        let found: Vec<_> =
            programs.iter().map(|id| plan.classify(public.into(), plan.links[id].table.into()).cloned()).collect();
        assert_eq!(found, [Some(first.clone()), Some(second.clone()), None]);
    }
}

#[test]
fn a_reference_to_a_group_means_the_addresses_of_all_its_members_of_whatever_kind() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let (clients, servers) = (built.group(&vpc, "clients"), built.group(&vpc, "servers"));
    built.admit(&servers, 5432, Peer::Group(clients.clone()));
    let server = built.program(&subnet, &[&servers]);
    assert_eq!(ingress(rules_of(&plan_of(&built, &vpc), &server)), Vec::<String>::new());
    built.program(&subnet, &[&clients]);
    built.instance(&subnet, &[&clients, &servers]);
    built.program(&subnet, &[]);
    built.interface(&vpc, "kms", &[&subnet], &[&clients]);
    let plan = plan_of(&built, &vpc);
    assert_eq!(ingress(rules_of(&plan, &server)), ["10.0.1.5-10.0.1.6 tcp port 5432", "10.0.1.8 tcp port 5432"]);
}

#[test]
fn a_prefix_list_means_its_blocks_and_ipv6_means_nothing_in_a_vpc_without_it() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let group = built.group(&vpc, "one");
    built.admit(&group, 443, Peer::PrefixList(s3().id));
    built.admit(&group, 443, Peer::Cidr6(std::net::Ipv6Addr::UNSPECIFIED, 0));
    built.rule(&group, Direction::Ingress, IpProtocol::ICMPV6, None, Peer::Cidr(Ipv4Cidr::ANY));
    let program = built.program(&subnet, &[&group]);
    let plan = plan_of(&built, &vpc);
    assert_eq!(ingress(rules_of(&plan, &program)), ["198.18.0.0-198.18.4.255 tcp port 443"]);
    assert_eq!(
        rules_of(&plan, &program).egress.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["0.0.0.0-255.255.255.255 all"]
    );
}

/// A list of the account's own with these blocks.
fn list_of(built: &mut Built, family: AddressFamily, blocks: &[&str]) -> PrefixListId {
    let entry = |text: &&str| PrefixListEntry { block: text.parse::<IpCidr>().unwrap(), description: String::new() };
    let entries = blocks.iter().map(entry).collect();
    let wanted = CreatePrefixList { name: "own".to_owned(), family, max_entries: 10, entries };
    built.with(|world, context| world.create_prefix_list(context, wanted))
}

#[test]
fn a_list_of_the_accounts_own_means_its_current_blocks_and_a_change_reaches_only_who_names_it() {
    let mut built = Built::new();
    let (vpc, other) = (built.vpc(), built.vpc());
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let group = built.group(&vpc, "one");
    let list = list_of(&mut built, AddressFamily::Ipv4, &["192.0.2.0/24"]);
    let six = list_of(&mut built, AddressFamily::Ipv6, &["::/0"]);
    built.admit(&group, 443, Peer::PrefixList(list.clone()));
    built.admit(&group, 80, Peer::PrefixList(six));
    let program = built.program(&subnet, &[&group]);
    let (before, plan) = (built.world.clone(), compile(&built.world));
    assert_eq!(ingress(rules_of(&plan.vpcs[&vpc], &program)), ["192.0.2.0-192.0.2.255 tcp port 443"]);
    let change = ModifyPrefixList {
        add: vec![PrefixListEntry { block: "198.51.100.7/32".parse::<IpCidr>().unwrap(), description: String::new() }],
        ..ModifyPrefixList::default()
    };
    built.with(|world, context| world.modify_prefix_list(context, &list, change));
    let after = recompile(&plan, &before, &built.world);
    assert_eq!(
        ingress(rules_of(&after.vpcs[&vpc], &program)),
        ["192.0.2.0-192.0.2.255 tcp port 443", "198.51.100.7 tcp port 443"]
    );
    assert!(std::sync::Arc::ptr_eq(&plan.vpcs[&other], &after.vpcs[&other]));
    assert_eq!(after, compile(&built.world));
}

#[test]
fn a_route_to_a_list_of_the_accounts_own_is_one_to_each_block_and_takes_nothing_from_an_endpoint() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let main = built.main_table(&vpc);
    let target = built.program(&subnet, &[]);
    let [wide, _] = s3().cidrs[..] else { panic!() };
    let list = list_of(&mut built, AddressFamily::Ipv4, &["192.0.2.0/24", "203.0.113.0/24", &wide.to_string()]);
    route_to(&mut built, &main, list.as_str(), &target);
    let endpoint = built.gateway(&vpc, "s3", &[&main]);
    let plan = plan_of(&built, &vpc);
    let table = plan.tables.values().next().unwrap();
    for block in ["192.0.2.0/24", "203.0.113.0/24"] {
        let route = &table.routes[&block.parse().unwrap()];
        assert_eq!((&route.target, route.named.as_str()), (&RouteTarget::Blackhole, list.as_str()));
    }
    assert_eq!(table.routes[&wide.into()].target, RouteTarget::GatewayEndpoint(endpoint));
    assert!(!plan.gateway_prefixes.contains(&"192.0.2.0/24".parse().unwrap()));
}

#[test]
fn groups_are_united_whatever_order_an_interface_has_them_in() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let (one, other) = (built.group(&vpc, "one"), built.group(&vpc, "other"));
    let anyone = || Peer::Cidr(Ipv4Cidr::ANY);
    built.admit(&one, 80, anyone());
    built.admit(&other, 81, anyone());
    built.rule(&other, Direction::Ingress, IpProtocol::ICMP, Some(PortRange { from: 8, to: -1 }), anyone());
    let (first, second) = (built.program(&subnet, &[&one, &other]), built.program(&subnet, &[&other, &one]));
    let plan = plan_of(&built, &vpc);
    assert_eq!(plan.links[&first].group, plan.links[&second].group);
    let everyone = "0.0.0.0-255.255.255.255";
    let wanted = [format!("{everyone} tcp port 80-81"), format!("{everyone} icmp type 8 code 0-255")];
    assert_eq!(ingress(rules_of(&plan, &first)), wanted);
}

#[test]
fn a_policy_that_does_not_parse_allows_nothing_and_none_allows_everything() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let endpoint = built.gateway(&vpc, "s3", &[]);
    let principal = Principal::Root("123456789012".parse().unwrap());
    let get = Requirement::new("s3:GetObject", "arn:aws:s3:::bucket/key");
    let decided = |built: &Built| {
        let policy = Arc::clone(&plan_of(built, &vpc).endpoints[&endpoint].policy);
        let request = Request { principal: &principal, context: &Context::new(), requirement: &get };
        decide(&request, &Policies::through(Some(policy))).is_allowed()
    };
    assert!(decided(&built));
    let policy = PolicyChange::Replace("{ not a policy".to_owned());
    let change = ModifyVpcEndpoint { policy, ..ModifyVpcEndpoint::default() };
    built.with(|world, context| world.modify_vpc_endpoint(context, &endpoint, change));
    assert!(!decided(&built));
}

#[test]
fn a_policy_has_no_effect_on_the_endpoint_of_a_service_without_policies() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let deny = r#"{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}"#;
    let mut made = |service: &str| {
        let id = built.interface(&vpc, service, &[], &[]);
        let change = ModifyVpcEndpoint { policy: PolicyChange::Replace(deny.to_owned()), ..Default::default() };
        built.with(|world, context| world.modify_vpc_endpoint(context, &id, change));
        id
    };
    let (with, without) = (made("sqs"), made("appmesh-envoy-management"));
    let plan = plan_of(&built, &vpc);
    let principal = Principal::Root("123456789012".parse().unwrap());
    let any = Requirement::new("a:B", "*");
    let decided = |id| {
        let request = Request { principal: &principal, context: &Context::new(), requirement: &any };
        decide(&request, &Policies::through(Some(Arc::clone(&plan.endpoints[id].policy)))).is_allowed()
    };
    assert!(!decided(&with));
    assert!(decided(&without));
}

#[test]
fn user_data_is_shared_with_the_world_and_never_copied() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let instance = built.instance(&subnet, &[]);
    let plan = plan_of(&built, &vpc);
    let told = plan.metadata[&address("10.0.1.4")].user_data.clone().unwrap();
    let given = built.world.instances.get(&instance).unwrap().user_data.clone().unwrap();
    assert!(Arc::ptr_eq(&told, &given));
}

#[test]
fn private_dns_leads_the_services_names_to_all_interfaces_of_the_endpoint() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let (a, b) = (built.subnet(&vpc, 1, "us-east-1a"), built.subnet(&vpc, 2, "us-east-1b"));
    built.interface(&vpc, "ecr.dkr", &[&b, &a], &[]);
    let leads_to = vec![address("10.0.1.4").into(), address("10.0.2.4").into()];
    let zone = "dkr.ecr.us-east-1.amazonaws.com";
    let wanted = Names::from_iter([(format!("*.{zone}"), leads_to)]);
    assert_eq!(records(&plan_of(&built, &vpc), zone), Some(&wanted));
    built.dns_hostnames(&vpc, false);
    assert_eq!(plan_of(&built, &vpc).zones, []);
}

#[test]
fn an_endpoint_without_subnets_has_neither_zone_nor_names() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let endpoint = built.interface(&vpc, "secretsmanager", &[], &[]);
    assert_eq!(built.world.endpoints.get(&endpoint).unwrap().private_names().len(), 1);
    assert_eq!(plan_of(&built, &vpc).zones.len(), 1);
    assert!(compile(&built.world).endpoint_names.is_empty());
}

#[test]
fn private_dns_for_inbound_resolvers_only_leaves_names_in_the_vpc_public() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    built.gateway(&vpc, "s3", &[]);
    let endpoint = built.endpoint(&vpc, "s3", |wanted| {
        wanted.interface = true;
        wanted.subnets = vec![subnet.clone()];
        wanted.private_dns = Some(true);
    });
    let zone = "s3.us-east-1.amazonaws.com";
    assert_eq!(records(&plan_of(&built, &vpc), zone), None);
    let change = ModifyVpcEndpoint { inbound_resolver_only: Some(false), ..ModifyVpcEndpoint::default() };
    built.with(|world, context| world.modify_vpc_endpoint(context, &endpoint, change));
    let leads_to = vec![IpAddr::from(address("10.0.1.4"))];
    let wanted = Names::from_iter([(zone.to_owned(), leads_to.clone()), (format!("*.{zone}"), leads_to)]);
    assert_eq!(records(&plan_of(&built, &vpc), zone), Some(&wanted));
}

#[test]
fn host_names_resolve_where_both_dns_attributes_are_on() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    built.program(&subnet, &[]);
    built.interface(&vpc, "dynamodb", &[&subnet], &[]);
    let name = |n| (format!("ip-10-0-1-{n}.ec2.internal"), vec![IpAddr::from([10, 0, 1, n])]);
    assert_eq!(records(&plan_of(&built, &vpc), "ec2.internal"), Some(&Names::from_iter([name(4), name(5)])));
    built.dns_hostnames(&vpc, false);
    assert_eq!(records(&plan_of(&built, &vpc), "ec2.internal"), None);
}

#[test]
fn the_own_names_of_an_endpoint_are_public_whatever_the_vpc_says() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let (a, b) = (built.subnet(&vpc, 1, "us-east-1a"), built.subnet(&vpc, 2, "us-east-1b"));
    let endpoint = built.interface(&vpc, "s3", &[&a, &b], &[]);
    built.dns_support(&vpc, false);
    let name = |zone: &str| format!("*.{endpoint}-00000000{zone}.s3.us-east-1.vpce.amazonaws.com");
    let (at_a, at_b) = (IpAddr::from(address("10.0.1.4")), IpAddr::from(address("10.0.2.4")));
    let wanted = [(name(""), vec![at_a, at_b]), (name("-us-east-1a"), vec![at_a]), (name("-us-east-1b"), vec![at_b])];
    assert_eq!(*compile(&built.world).endpoint_names, Names::from_iter(wanted));
}

#[test]
fn an_interface_endpoint_of_s3_does_not_serve_the_global_name_and_a_gateway_does() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let gateway = built.gateway(&vpc, "s3", &[]);
    let interface = built.interface(&vpc, "s3", &[&subnet], &[]);
    let dynamodb = built.interface(&vpc, "dynamodb", &[&subnet], &[]);
    let plan = plan_of(&built, &vpc);
    let serves = |id, host: &str| plan.endpoints[id].hosts.iter().any(|h| h == host);
    assert_eq!(plan.endpoints[&gateway].kind, EndpointKind::Gateway);
    for global in
        ["s3.amazonaws.com", "*.s3.amazonaws.com", "s3-us-east-1.amazonaws.com", "*.s3-fips.us-east-1.amazonaws.com"]
    {
        assert!(serves(&gateway, global) && !serves(&interface, global), "{global}");
    }
    assert!(serves(&gateway, "*.s3.us-east-1.amazonaws.com") && serves(&interface, "*.s3.us-east-1.amazonaws.com"));
    assert!(serves(&interface, &format!("*.{interface}-00000000.s3.us-east-1.vpce.amazonaws.com")));
    // It has no private name, so a zone of the account's own may lead its public one there.
    for public in ["dynamodb.us-east-1.amazonaws.com", "*.ddb.us-east-1.amazonaws.com"] {
        assert!(serves(&dynamodb, public), "{public}");
    }
    assert!(serves(&dynamodb, &format!("{dynamodb}-00000000.dynamodb.us-east-1.vpce.amazonaws.com")));
}

#[test]
fn an_instance_is_told_of_itself_and_a_program_of_an_instance_that_is_made_up() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1b");
    let instance = built.instance(&subnet, &[]);
    let program = built.program(&subnet, &[]);
    let plan = plan_of(&built, &vpc);
    let told = &plan.metadata[&address("10.0.1.4")];
    assert_eq!((told.instance.as_str(), told.instance_type.as_str()), (instance.as_str(), "m7g.large"));
    assert_eq!((told.zone.as_str(), told.zone_id.as_str()), ("us-east-1b", "use1-az2"));
    assert_eq!(told.user_data.as_deref(), Some("ZWNobyBoaQ=="));
    assert_eq!(told.groups[0].1, "default");
    assert_eq!(told.mac.len(), "02:00:00:00:00:00".len());
    let told = &plan.metadata[&address("10.0.1.5")];
    assert_eq!(told.instance.strip_prefix("i-"), program.as_str().strip_prefix("eni-"));
    assert_eq!((told.user_data.as_deref(), told.hostname.as_str()), (None, "ip-10-0-1-5.ec2.internal"));
}

#[test]
fn a_vpc_that_nothing_touched_keeps_its_plan() {
    let mut built = Built::new();
    let (one, other) = (built.vpc(), built.vpc());
    let subnet = built.subnet(&one, 1, "us-east-1a");
    let in_other = built.subnet(&other, 1, "us-east-1a");
    built.program(&in_other, &[]);
    let (old, previous) = (built.world.clone(), compile(&built.world));
    let endpoint = built.interface(&one, "kms", &[&subnet], &[]);
    let plan = recompile(&previous, &old, &built.world);
    assert!(Arc::ptr_eq(&plan.vpcs[&other], &previous.vpcs[&other]));
    assert!(plan.vpcs[&one].endpoints.contains_key(&endpoint));
    assert_eq!(plan, compile(&built.world));
    let same = recompile(&plan, &built.world, &built.world.clone());
    assert!(Arc::ptr_eq(&plan.vpcs[&one], &same.vpcs[&one]));
    assert!(Arc::ptr_eq(&plan.endpoint_names, &same.endpoint_names));
}

#[test]
fn the_difference_between_two_plans_is_the_lines_that_differ() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let group = built.group(&vpc, "one");
    built.admit(&group, 80, Peer::Cidr(Ipv4Cidr::ANY));
    built.program(&subnet, &[&group]);
    let old = compile(&built.world);
    assert_eq!(diff(&old, &old), Vec::<String>::new());
    built.admit(&group, 81, Peer::Cidr(Ipv4Cidr::ANY));
    let everyone = "0.0.0.0-255.255.255.255";
    assert_eq!(
        diff(&old, &compile(&built.world)),
        [
            format!("- {vpc} group 1 ingress {everyone} tcp port 80"),
            format!("+ {vpc} group 1 ingress {everyone} tcp port 80-81"),
        ]
    );
}

/// The findings about a plan that was changed by hand.
fn findings(built: &Built, vpc: &VpcId, change: impl FnOnce(&mut VpcPlan)) -> Vec<String> {
    let mut plan: Plan = compile(&built.world);
    change(Arc::make_mut(plan.vpcs.get_mut(vpc).unwrap()));
    lint(&plan)
}

#[test]
fn the_lint_finds_what_no_driver_could_carry_out() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let main = built.main_table(&vpc);
    let program = built.program(&subnet, &[]);
    let other = built.program(&subnet, &[]);
    let gateway = built.gateway(&vpc, "s3", &[&main]);
    built.interface(&vpc, "kms", &[&subnet], &[]);
    let found = |word: &str, change: &dyn Fn(&mut VpcPlan)| {
        let found = findings(&built, &vpc, change);
        assert!(found.iter().any(|line| line.contains(word)), "{word}: {found:?}");
    };
    assert_eq!(findings(&built, &vpc, |_| ()), Vec::<String>::new());
    found("number 0", &|plan| {
        let table = plan.tables.remove(&1).unwrap();
        plan.tables.insert(0, table);
    });
    found("the table 9, which is not there", &|plan| plan.links.get_mut(&program).unwrap().table = 9);
    found("the group 9, which is not there", &|plan| plan.links.get_mut(&program).unwrap().group = 9);
    found("two links are called", &|plan| {
        plan.links.get_mut(&program).unwrap().name = plan.links[&other].name.clone();
    });
    found("no link can be called", &|plan| plan.links.get_mut(&program).unwrap().name = "v0123456789abcdef".into());
    found("the router's", &|plan| plan.links.get_mut(&program).unwrap().address = address("10.0.1.1"));
    found("which is outside", &|plan| plan.links.get_mut(&program).unwrap().address = address("10.1.0.4"));
    found("no gateway endpoint", &|plan| drop(plan.endpoints.remove(&gateway)));
    found("no service has", &|plan| plan.gateway_prefixes.clear());
    found("the address of a link", &|plan| {
        let at = plan.endpoint_addresses.values().next().unwrap().clone();
        plan.endpoint_addresses.insert(address("10.0.1.4").into(), at);
    });
    found("other redirects than its gateway", &|plan| {
        plan.passages.insert(
            "igw-0a".to_owned(),
            sidegate_plan::PassageLink {
                name: "g0a".to_owned(),
                end: "eth0".to_owned(),
                table: sidegate_plan::FIRST_PASSAGE_TABLE,
                redirects: Some(sidegate_plan::LAST_REDIRECT),
                peer: None,
            },
        );
    });
    found("other redirects than its subnet", &|plan| plan.links.get_mut(&program).unwrap().redirects = Some(1));
    found("overlap", &|plan| {
        let ingress = &mut plan.groups.get_mut(&1).unwrap().ingress;
        ingress.push(*ingress.last().unwrap());
    });
    found("not sorted", &|plan| {
        let rules = plan.groups.get_mut(&1).unwrap();
        rules.ingress.extend(rules.egress.clone());
    });
    found("is not in its zone", &|plan| plan.zones[0].name = "example.com".into());
    found("not every link", &|plan| plan.metadata.clear());
}
