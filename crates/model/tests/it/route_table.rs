use std::slice::from_ref;

use sidegate_model::{Association, CreateRoute, Destination, Route, RouteState, RouteTableId, RouteTarget};

use crate::account::{Account, DYNAMODB, S3, cidr, gateway};
use crate::refused;

fn to(text: &str) -> Destination {
    Destination::Cidr(cidr(text))
}

fn ipv6(text: &str) -> Destination {
    Destination::Ipv6(text.parse().unwrap())
}

fn route(table: &RouteTableId, destination: Destination, target: RouteTarget) -> CreateRoute {
    CreateRoute { table: table.clone(), destination, target }
}

/// An account with a VPC, a subnet, a table of the account's own, and a target for routes.
fn with_target() -> (Account, sidegate_model::VpcId, sidegate_model::SubnetId, RouteTableId, RouteTarget) {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let table = account.table(&vpc);
    let target = RouteTarget::Interface(account.program(&subnet, &[]));
    (account, vpc, subnet, table, target)
}

#[test]
fn a_subnet_follows_the_main_table_until_it_is_associated() {
    let (mut account, vpc, subnet, table, _) = with_target();
    let main = account.main_table(&vpc);
    let of = |account: &Account| {
        let (table, how) = account.world.route_table_of(&subnet).unwrap();
        (table.id.clone(), how == Association::Main)
    };
    assert_eq!(of(&account), (main.clone(), true));
    let association = account.run(|w, c| w.associate_route_table(c, &table, &subnet));
    assert_eq!(of(&account), (table.clone(), false));
    account.run(|w, c| w.disassociate_route_table(c, &association));
    assert_eq!(of(&account), (main, true));
}

#[test]
fn a_subnet_has_one_association_and_repeating_it_gives_the_same() {
    let (mut account, vpc, subnet, table, _) = with_target();
    let first = account.run(|w, c| w.associate_route_table(c, &table, &subnet));
    assert_eq!(account.run(|w, c| w.associate_route_table(c, &table, &subnet)), first);
    let other = account.table(&vpc);
    refused!(
        account,
        |w, c| w.associate_route_table(c, &other, &subnet),
        "Resource.AlreadyAssociated",
        format!("the specified association for route table {other} conflicts with an existing association")
    );
}

#[test]
fn a_subnet_of_another_vpc_cannot_be_associated() {
    let (mut account, _, subnet, _, _) = with_target();
    let other = account.vpc("10.1.0.0/16");
    let table = account.main_table(&other);
    refused!(
        account,
        |w, c| w.associate_route_table(c, &table, &subnet),
        "InvalidParameterValue",
        format!("Route table {table} and subnet {subnet} belong to different networks")
    );
}

#[test]
fn an_association_moves_to_another_table_and_gets_a_new_id() {
    let (mut account, vpc, subnet, table, _) = with_target();
    let first = account.run(|w, c| w.associate_route_table(c, &table, &subnet));
    let other = account.table(&vpc);
    let second = account.run(|w, c| w.replace_route_table_association(c, &first, &other));
    assert_ne!(first, second);
    assert_eq!(account.world.route_table_of(&subnet).unwrap().0.id, other);
    refused!(
        account,
        |w, c| w.disassociate_route_table(c, &first),
        "InvalidAssociationID.NotFound",
        format!("The association ID '{first}' does not exist")
    );
    let foreign = account.vpc("10.1.0.0/16");
    let foreign = account.main_table(&foreign);
    refused!(
        account,
        |w, c| w.replace_route_table_association(c, &second, &foreign),
        "InvalidParameterValue",
        format!("route table association {second} and route table {foreign} belong to different networks")
    );
}

#[test]
fn the_main_table_is_replaced_but_never_disassociated_or_deleted() {
    let (mut account, vpc, subnet, table, _) = with_target();
    let old = account.main_table(&vpc);
    let association = account.world.route_tables.get(&old).unwrap().main.clone().unwrap();
    refused!(
        account,
        |w, c| w.disassociate_route_table(c, &association),
        "InvalidParameterValue",
        format!("cannot disassociate the main route table association {association}")
    );
    refused!(
        account,
        |w, c| w.delete_route_table(c, &old),
        "DependencyViolation",
        format!("The routeTable '{old}' has dependencies and cannot be deleted.")
    );
    account.run(|w, c| w.replace_route_table_association(c, &association, &table));
    assert_eq!(account.main_table(&vpc), table);
    assert_eq!(account.world.route_table_of(&subnet).unwrap().0.id, table);
    account.run(|w, c| w.delete_route_table(c, &old));
}

#[test]
fn a_table_with_an_association_stays() {
    let (mut account, _, subnet, table, _) = with_target();
    let association = account.run(|w, c| w.associate_route_table(c, &table, &subnet));
    refused!(
        account,
        |w, c| w.delete_route_table(c, &table),
        "DependencyViolation",
        format!("The routeTable '{table}' has dependencies and cannot be deleted.")
    );
    account.run(|w, c| w.disassociate_route_table(c, &association));
    account.run(|w, c| w.delete_route_table(c, &table));
}

#[test]
fn a_deleted_table_leaves_its_gateway_endpoints() {
    let (mut account, vpc, _, table, _) = with_target();
    let endpoint = account.endpoint(gateway(&vpc, S3, from_ref(&table)));
    account.run(|w, c| w.delete_route_table(c, &table));
    assert!(account.endpoint_of(&endpoint).route_tables().unwrap().is_empty());
}

#[test]
fn the_number_of_a_deleted_table_is_not_used_again_at_once() {
    let (mut account, vpc, _, table, _) = with_target();
    let index = |account: &Account, id| account.world.route_tables.get(id).unwrap().index;
    let old = index(&account, &table);
    account.run(|w, c| w.delete_route_table(c, &table));
    let next = account.table(&vpc);
    assert!(index(&account, &next) > old);
    account.world.vpcs.update(&vpc, |v| v.last_table = 30_000);
    let wrapped = account.table(&vpc);
    assert_eq!(index(&account, &wrapped), 2, "1 is the main table's");
}

#[test]
fn every_table_has_the_local_route_which_cannot_be_removed() {
    let (mut account, _, _, table, _) = with_target();
    let local = Route { destination: to("10.0.0.0/16"), target: RouteTarget::Local };
    assert_eq!(account.world.routes(account.world.route_tables.get(&table).unwrap()), [local]);
    refused!(
        account,
        |w, c| w.delete_route(c, &table, &to("10.0.0.0/16")),
        "InvalidParameterValue",
        format!("cannot remove local route 10.0.0.0/16 in route table {table}")
    );
}

#[test]
fn a_route_is_made_replaced_and_deleted() {
    let (mut account, _, subnet, table, target) = with_target();
    account.run(|w, c| w.create_route(c, route(&table, to("0.0.0.0/0"), target.clone())));
    refused!(
        account,
        |w, c| w.create_route(c, route(&table, to("0.0.0.0/0"), target.clone())),
        "RouteAlreadyExists",
        "The route identified by 0.0.0.0/0 already exists."
    );
    let other = RouteTarget::Interface(account.program(&subnet, &[]));
    account.run(|w, c| w.replace_route(c, route(&table, to("0.0.0.0/0"), other.clone())));
    assert_eq!(account.world.route_tables.get(&table).unwrap().routes[0].target, other);
    account.run(|w, c| w.delete_route(c, &table, &to("0.0.0.0/0")));
    let gone = format!("no route with destination-cidr-block 0.0.0.0/0 in route table {table}");
    refused!(account, |w, c| w.delete_route(c, &table, &to("0.0.0.0/0")), "InvalidRoute.NotFound", &gone);
    refused!(
        account,
        |w, c| w.replace_route(c, route(&table, to("0.0.0.0/0"), other.clone())),
        "InvalidRoute.NotFound",
        &gone
    );
}

#[test]
fn a_route_whose_interface_is_gone_stays() {
    let (mut account, _, _, table, target) = with_target();
    account.run(|w, c| w.create_route(c, route(&table, to("0.0.0.0/0"), target.clone())));
    let RouteTarget::Interface(nic) = &target else { panic!() };
    account.world.detach_program(nic);
    assert_eq!(account.world.route_tables.get(&table).unwrap().routes.len(), 1);
}

#[test]
fn a_route_into_the_vpc_leads_to_the_whole_block_of_a_subnet_and_over_an_interface() {
    let (mut account, vpc, _, table, target) = with_target();
    let gateway = RouteTarget::InternetGateway(account.internet_gateway(&vpc));
    for inside in ["10.0.0.0/16", "10.0.0.0/24", "10.0.7.0/24", "10.0.0.1/32"] {
        refused!(
            account,
            |w, c| w.create_route(c, route(&table, to(inside), gateway.clone())),
            "InvalidParameterValue",
            format!(
                "The destination CIDR block {inside} is equal to or more specific than one of this VPC's CIDR blocks. \
                 This route can target only an interface or an instance."
            )
        );
    }
    for inside in ["10.0.7.0/24", "10.0.0.0/25", "10.0.0.1/32"] {
        refused!(
            account,
            |w, c| w.create_route(c, route(&table, to(inside), target.clone())),
            "InvalidParameterValue",
            "Route destination doesn't match any subnet CIDR blocks."
        );
    }
    refused!(
        account,
        |w, c| w.create_route(c, route(&table, to("10.0.0.0/16"), target.clone())),
        "RouteAlreadyExists",
        "The route identified by 10.0.0.0/16 already exists."
    );
    account.run(|w, c| w.create_route(c, route(&table, to("10.0.0.0/24"), target.clone())));
    account.run(|w, c| w.create_route(c, route(&table, to("10.0.0.0/8"), target.clone())));
}

#[test]
fn a_local_route_is_led_to_an_interface_and_back_but_never_deleted() {
    let (mut account, vpc, subnet, table, target) = with_target();
    let local = || to("10.0.0.0/16");
    let routes = |account: &Account| account.world.routes(account.world.route_tables.get(&table).unwrap());
    let other = RouteTarget::Interface(account.program(&subnet, &[]));
    for target in [&target, &other] {
        account.run(|w, c| w.replace_route(c, route(&table, local(), target.clone())));
        assert_eq!(routes(&account), [Route { destination: local(), target: target.clone() }]);
    }
    let message = format!("cannot remove local route 10.0.0.0/16 in route table {table}");
    refused!(account, |w, c| w.delete_route(c, &table, &local()), "InvalidParameterValue", &message);
    let gateway = RouteTarget::InternetGateway(account.internet_gateway(&vpc));
    let error = account.try_run(|w, c| w.replace_route(c, route(&table, local(), gateway))).unwrap_err();
    assert_eq!(error.code(), "InvalidParameterValue");
    account.run(|w, c| w.replace_route(c, route(&table, local(), RouteTarget::Local)));
    assert_eq!(routes(&account), [Route { destination: local(), target: RouteTarget::Local }]);
    account.run(|w, c| w.create_route(c, route(&table, to("0.0.0.0/0"), target.clone())));
    refused!(
        account,
        |w, c| w.replace_route(c, route(&table, to("0.0.0.0/0"), RouteTarget::Local)),
        "InvalidParameterValue",
        format!(
            "The route to 0.0.0.0/0 in route table {table} is not the local route and cannot have the target local."
        )
    );
}

#[test]
fn a_route_to_a_gateway_is_a_black_hole_while_the_gateway_is_not_attached() {
    let (mut account, vpc, _, table, _) = with_target();
    let gateway = account.internet_gateway(&vpc);
    let target = RouteTarget::InternetGateway(gateway.clone());
    let state = |account: &Account| {
        let table = account.world.route_tables.get(&table).unwrap();
        account.world.route_state(table, &table.routes[0].target)
    };
    account.run(|w, c| w.create_route(c, route(&table, to("0.0.0.0/0"), target.clone())));
    account.run(|w, c| w.create_route(c, route(&table, ipv6("::/0"), target.clone())));
    assert_eq!(state(&account), RouteState::Active);
    refused!(
        account,
        |w, c| w.create_route(c, route(&table, ipv6("::/0"), target.clone())),
        "RouteAlreadyExists",
        "The route identified by ::/0 already exists."
    );
    account.run(|w, c| w.detach_internet_gateway(c, &gateway, &vpc));
    assert_eq!(state(&account), RouteState::Blackhole);
    let message = format!("route table {table} and network gateway {gateway} belong to different networks");
    refused!(
        account,
        |w, c| w.replace_route(c, route(&table, to("0.0.0.0/0"), target.clone())),
        "InvalidParameterValue",
        &message
    );
    let other = account.vpc("10.1.0.0/16");
    account.run(|w, c| w.attach_internet_gateway(c, &gateway, &other));
    assert_eq!(state(&account), RouteState::Blackhole);
    account.run(|w, c| w.detach_internet_gateway(c, &gateway, &other));
    account.run(|w, c| w.delete_internet_gateway(c, &gateway));
    assert_eq!(state(&account), RouteState::Blackhole);
    refused!(
        account,
        |w, c| w.replace_route(c, route(&table, to("0.0.0.0/0"), target.clone())),
        "InvalidGatewayID.NotFound",
        format!("The gateway ID '{gateway}' does not exist")
    );
    account.run(|w, c| w.delete_route(c, &table, &ipv6("::/0")));
    let gone = format!("no route with destination-ipv6-cidr-block ::/0 in route table {table}");
    refused!(account, |w, c| w.delete_route(c, &table, &ipv6("::/0")), "InvalidRoute.NotFound", gone);
}

#[test]
fn a_gateways_table_routes_into_the_vpc_only_and_over_interfaces() {
    let (mut account, vpc, subnet, table, target) = with_target();
    let gateway = account.internet_gateway(&vpc);
    account.run(|w, c| w.create_route(c, route(&table, to("0.0.0.0/0"), target.clone())));
    let refusal = |to: &str, why: &str| {
        format!("The route to {to} cannot be in route table {table}, which is for a gateway: {why}")
    };
    let outside = "its destination is not in the CIDR blocks of the VPC.";
    let kind = "its target can be only local, a network interface or a Gateway Load Balancer endpoint.";
    refused!(
        account,
        |w, c| w.associate_route_table_with_gateway(c, &table, &gateway),
        "InvalidParameterValue",
        refusal("0.0.0.0/0", outside)
    );
    account.run(|w, c| w.delete_route(c, &table, &to("0.0.0.0/0")));
    let first = account.run(|w, c| w.associate_route_table_with_gateway(c, &table, &gateway));
    assert_eq!(account.run(|w, c| w.associate_route_table_with_gateway(c, &table, &gateway)), first);
    refused!(
        account,
        |w, c| w.create_route(c, route(&table, to("0.0.0.0/0"), target.clone())),
        "InvalidParameterValue",
        refusal("0.0.0.0/0", outside)
    );
    let list = "pl-63a5400a";
    refused!(
        account,
        |w, c| w.create_route(c, route(&table, Destination::PrefixList(list.parse().unwrap()), target.clone())),
        "InvalidParameterValue",
        refusal(list, "its destination cannot be a prefix list.")
    );
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, self::gateway(&vpc, S3, from_ref(&table))),
        "InvalidParameterValue",
        refusal(list, kind)
    );
    account.run(|w, c| w.create_route(c, route(&table, to("10.0.0.0/24"), target.clone())));

    let other = account.table(&vpc);
    refused!(
        account,
        |w, c| w.associate_route_table_with_gateway(c, &other, &gateway),
        "Resource.AlreadyAssociated",
        format!("the specified association for route table {other} conflicts with an existing association")
    );
    let second = account.run(|w, c| w.replace_route_table_association(c, &first, &other));
    let of = |account: &Account| {
        let (table, association) = account.world.route_table_of_gateway(&vpc, &gateway).unwrap();
        (table.id.clone(), association.clone())
    };
    assert_eq!(of(&account), (other.clone(), second.clone()));
    let stays = format!("The routeTable '{other}' has dependencies and cannot be deleted.");
    refused!(account, |w, c| w.delete_route_table(c, &other), "DependencyViolation", stays);
    account.run(|w, c| w.disassociate_route_table(c, &second));
    assert!(account.world.route_table_of_gateway(&vpc, &gateway).is_none());
    assert!(matches!(account.world.route_table_of(&subnet), Some((_, Association::Main))));
}

#[test]
fn a_gateways_table_gets_no_routes_by_propagation() {
    let (mut account, vpc, _, table, _) = with_target();
    let gateway = account.internet_gateway(&vpc);
    let private = account.run(|w, c| {
        let id = w.create_vpn_gateway(c, sidegate_model::AmazonSideAsn::default(), None)?;
        w.attach_vpn_gateway(c, &id, &vpc)?;
        Ok(id)
    });
    let why = |table: &RouteTableId| {
        format!("The route table {table} cannot be for a gateway while routes of {private} are propagated to it.")
    };
    account.run(|w, c| w.enable_vgw_route_propagation(c, &table, &private));
    refused!(
        account,
        |w, c| w.associate_route_table_with_gateway(c, &table, &gateway),
        "InvalidParameterValue",
        why(&table)
    );
    account.run(|w, c| w.disable_vgw_route_propagation(c, &table, &private));
    let association = account.run(|w, c| w.associate_route_table_with_gateway(c, &table, &gateway));
    refused!(account, |w, c| w.enable_vgw_route_propagation(c, &table, &private), "InvalidParameterValue", why(&table));
    let other = account.table(&vpc);
    account.run(|w, c| w.enable_vgw_route_propagation(c, &other, &private));
    refused!(
        account,
        |w, c| w.replace_route_table_association(c, &association, &other),
        "InvalidParameterValue",
        why(&other)
    );
}

#[test]
fn a_gateways_table_leads_to_whole_subnets_of_both_families_and_to_nothing_smaller() {
    let (mut account, vpc, subnet, table, target) = with_target();
    account.run(|w, c| w.associate_vpc_ipv6_cidr_block(c, &vpc));
    let block = account.world.vpcs.get(&vpc).unwrap().ipv6_cidrs[0].cidr;
    let own = sidegate_model::Ipv6Cidr::new(block.first(), 64);
    account.run(|w, c| w.associate_subnet_cidr_block(c, &subnet, own));
    let gateway = account.internet_gateway(&vpc);
    account.run(|w, c| w.associate_route_table_with_gateway(c, &table, &gateway));
    let inner = sidegate_model::Ipv6Cidr::new(block.first(), 80);
    for bad in [to("10.0.0.0/25"), to("10.0.0.9/32"), to("10.0.0.0/20"), Destination::Ipv6(inner)] {
        refused!(
            account,
            |w, c| w.create_route(c, route(&table, bad, target.clone())),
            "InvalidParameterValue",
            "Route destination doesn't match any subnet CIDR blocks."
        );
    }
    for wide in ["10.0.0.0/8", "10.1.0.0/24"] {
        let why = "its destination is not in the CIDR blocks of the VPC.";
        refused!(
            account,
            |w, c| w.create_route(c, route(&table, to(wide), target.clone())),
            "InvalidParameterValue",
            format!("The route to {wide} cannot be in route table {table}, which is for a gateway: {why}")
        );
    }
    account.run(|w, c| w.create_route(c, route(&table, to("10.0.0.0/24"), target.clone())));
    account.run(|w, c| w.create_route(c, route(&table, Destination::Ipv6(own), target.clone())));
    account.run(|w, c| w.replace_route(c, route(&table, to("10.0.0.0/16"), target.clone())));
    account.run(|w, c| w.replace_route(c, route(&table, to("10.0.0.0/16"), RouteTarget::Local)));
    let to_gateway = RouteTarget::InternetGateway(gateway.clone());
    refused!(
        account,
        |w, c| w.replace_route(c, route(&table, to("10.0.0.0/24"), to_gateway)),
        "InvalidParameterValue",
        "The destination CIDR block 10.0.0.0/24 is equal to or more specific than one of this VPC's CIDR blocks. This \
         route can target only an interface or an instance."
    );
}

#[test]
fn a_gateway_of_no_vpc_has_no_table() {
    let (mut account, vpc, _, table, _) = with_target();
    let gateway = account.run(|w, c| w.create_internet_gateway(c));
    let message = format!("route table {table} and network gateway {gateway} belong to different networks");
    refused!(
        account,
        |w, c| w.associate_route_table_with_gateway(c, &table, &gateway),
        "InvalidParameterValue",
        &message
    );
    account.run(|w, c| w.attach_internet_gateway(c, &gateway, &vpc));
    account.run(|w, c| w.associate_route_table_with_gateway(c, &table, &gateway));
    account.run(|w, c| w.detach_internet_gateway(c, &gateway, &vpc));
    assert!(account.world.route_tables.get(&table).unwrap().gateways.is_empty());
    let unknown = "igw-12345678".parse().unwrap();
    refused!(
        account,
        |w, c| w.associate_route_table_with_gateway(c, &table, &unknown),
        "InvalidGatewayID.NotFound",
        "The gateway ID 'igw-12345678' does not exist"
    );
}

#[test]
fn no_route_leads_into_the_link_local_block_of_awss_services() {
    let (mut account, _, _, table, target) = with_target();
    for bad in ["169.254.168.0/22", "169.254.169.254/32"] {
        refused!(
            account,
            |w, c| w.create_route(c, route(&table, to(bad), target.clone())),
            "InvalidParameterValue",
            format!(
                "The destination CIDR block {bad} lies in 169.254.168.0/22, which is reserved for services of AWS."
            )
        );
    }
    account.run(|w, c| w.create_route(c, route(&table, to("169.254.0.0/16"), target.clone())));
    refused!(
        account,
        |w, c| w.create_route(c, route(&table, ipv6("fd00:ec2::254/128"), target.clone())),
        "InvalidParameterValue",
        "The destination CIDR block fd00:ec2::254/128 lies in fd00:ec2::/32, which is reserved for services of AWS."
    );
}

#[test]
fn the_target_of_a_route_exists_and_is_of_the_same_vpc() {
    let (mut account, vpc, _, table, target) = with_target();
    let other = account.vpc("10.1.0.0/16");
    let elsewhere = account.main_table(&other);
    let RouteTarget::Interface(nic) = &target else { panic!() };
    refused!(
        account,
        |w, c| w.create_route(c, route(&elsewhere, to("0.0.0.0/0"), target.clone())),
        "InvalidParameterValue",
        format!("Route table {elsewhere} and network interface {nic} belong to different networks")
    );
    let unknown = RouteTarget::Interface("eni-12345678".parse().unwrap());
    refused!(
        account,
        |w, c| w.create_route(c, route(&table, to("0.0.0.0/0"), unknown.clone())),
        "InvalidNetworkInterfaceID.NotFound",
        "The networkInterface ID 'eni-12345678' does not exist"
    );
    let endpoint = account.endpoint(gateway(&vpc, S3, &[]));
    refused!(
        account,
        |w, c| w.create_route(c, route(&table, to("0.0.0.0/0"), RouteTarget::GatewayEndpoint(endpoint.clone()))),
        "RouteNotSupported",
        format!(
            "Route table contains unsupported route target: {endpoint}. VPC Endpoints of this type cannot be used as \
             route targets."
        )
    );
}

#[test]
fn a_route_may_lead_to_an_aws_managed_prefix_list_unless_an_endpoint_has_it() {
    let (mut account, vpc, _, table, target) = with_target();
    let list = Destination::PrefixList("pl-63a5400a".parse().unwrap());
    account.run(|w, c| w.create_route(c, route(&table, list.clone(), target.clone())));
    let message = format!("route table {table} already has a route with destination-prefix-list-id pl-63a5400a");
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, gateway(&vpc, S3, from_ref(&table))),
        "RouteAlreadyExists",
        &message
    );
    account.run(|w, c| w.delete_route(c, &table, &list));
    account.endpoint(gateway(&vpc, S3, from_ref(&table)));
    refused!(
        account,
        |w, c| w.create_route(c, route(&table, list.clone(), target.clone())),
        "RouteAlreadyExists",
        &message
    );
    refused!(
        account,
        |w, c| w.create_route(c, route(&table, Destination::PrefixList("pl-1".parse().unwrap()), target.clone())),
        "InvalidPrefixListID.NotFound",
        "The prefix list ID 'pl-1' does not exist"
    );
}

#[test]
fn routes_are_listed_from_the_local_one_over_the_accounts_own_to_those_of_endpoints() {
    let (mut account, vpc, _, table, target) = with_target();
    let endpoint = account.endpoint(gateway(&vpc, DYNAMODB, from_ref(&table)));
    for block in ["192.0.2.0/24", "0.0.0.0/0"] {
        account.run(|w, c| w.create_route(c, route(&table, to(block), target.clone())));
    }
    let world = &account.world;
    let routes = world.routes(world.route_tables.get(&table).unwrap());
    let list = Destination::PrefixList("pl-02cd2c6b".parse().unwrap());
    let destinations: Vec<_> = routes.iter().map(|route| route.destination.clone()).collect();
    assert_eq!(destinations, [to("10.0.0.0/16"), to("192.0.2.0/24"), to("0.0.0.0/0"), list]);
    let by_table = world.endpoint_routes();
    assert_eq!(by_table.keys().copied().collect::<Vec<_>>(), [&table]);
    assert_eq!(by_table[&table][0].target, RouteTarget::GatewayEndpoint(endpoint));
    for table in world.route_tables.iter() {
        let known = by_table.get(&table.id).cloned().unwrap_or_default();
        assert_eq!(world.routes_with(table, known), world.routes(table));
    }
}

#[test]
fn the_route_of_an_endpoint_cannot_be_removed_or_replaced_by_hand() {
    let (mut account, vpc, _, table, target) = with_target();
    let endpoint = account.endpoint(gateway(&vpc, DYNAMODB, from_ref(&table)));
    let list = Destination::PrefixList("pl-02cd2c6b".parse().unwrap());
    let routes = account.world.routes(account.world.route_tables.get(&table).unwrap());
    assert_eq!(
        routes.last().unwrap(),
        &Route { destination: list.clone(), target: RouteTarget::GatewayEndpoint(endpoint) }
    );
    let message = format!("cannot remove VPC endpoint route pl-02cd2c6b in route table {table}");
    refused!(account, |w, c| w.delete_route(c, &table, &list), "InvalidParameterValue", &message);
    refused!(
        account,
        |w, c| w.replace_route(c, route(&table, list.clone(), target.clone())),
        "InvalidParameterValue",
        &message
    );
}

#[test]
fn the_501st_route_of_a_table_is_refused_and_an_endpoints_route_counts() {
    let (mut account, vpc, _, table, target) = with_target();
    let endpoint = account.endpoint(gateway(&vpc, S3, from_ref(&table)));
    for i in 0..499_u32 {
        let destination = to(&format!("11.{}.{}.0/24", i / 256, i % 256));
        account.run(|w, c| w.create_route(c, route(&table, destination, target.clone())));
    }
    let one_more = || route(&table, to("12.0.0.0/24"), target.clone());
    let message = "The maximum number of routes has been reached.";
    refused!(account, |w, c| w.create_route(c, one_more()), "RouteLimitExceeded", message);
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, gateway(&vpc, DYNAMODB, from_ref(&table))),
        "RouteLimitExceeded",
        message
    );
    account.run(|w, c| w.create_route(c, route(&table, ipv6("::/0"), target.clone())));
    account.run(|w, c| w.delete_vpc_endpoint(c, &endpoint));
    account.run(|w, c| w.create_route(c, one_more()));
}

#[test]
fn the_201st_table_of_a_vpc_is_refused() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    for _ in 1..200 {
        account.table(&vpc);
    }
    refused!(
        account,
        |w, c| w.create_route_table(c, &vpc),
        "RouteTableLimitExceeded",
        "The maximum number of route tables has been reached."
    );
}

#[test]
fn a_target_that_the_model_has_not_keeps_its_name_and_leads_nowhere() {
    let target = RouteTarget::unknown("tgw-0123456789abcdef0");
    assert_eq!(target.unknown_name(), Some("tgw-0123456789abcdef0"));
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let table = account.world.route_tables.of_vpc(&vpc).next().unwrap().clone();
    assert_eq!(account.world.route_state(&table, &target), RouteState::Blackhole);
    let gateway = RouteTarget::VpnGateway("vgw-0123456789abcdef0".parse().unwrap());
    assert_eq!(gateway.unknown_name(), None);
    // No call can name it.
    let id = "vgw-?tgw-0123456789abcdef0".parse::<sidegate_model::VpnGatewayId>();
    assert!(id.is_err());
}
