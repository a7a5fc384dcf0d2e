//! Virtual private gateways, and the routes that lead to them.

use sidegate_model::{
    AmazonSideAsn, CreateRoute, Destination, RouteState, RouteTableId, RouteTarget, VpcId, VpnGatewayId,
};

use crate::account::Account;
use crate::refused;

const HOUR: i64 = 3_600_000;

fn made(account: &mut Account) -> VpnGatewayId {
    account.run(|w, c| w.create_vpn_gateway(c, AmazonSideAsn::default(), None))
}

fn attached(account: &mut Account, vpc: &VpcId) -> VpnGatewayId {
    let id = made(account);
    account.run(|w, c| w.attach_vpn_gateway(c, &id, vpc));
    id
}

fn route(table: &RouteTableId, to: &str, gateway: &VpnGatewayId) -> CreateRoute {
    let destination = Destination::Cidr(to.parse().unwrap());
    CreateRoute { table: table.clone(), destination, target: RouteTarget::VpnGateway(gateway.clone()) }
}

fn state(account: &Account, table: &RouteTableId, gateway: &VpnGatewayId) -> RouteState {
    let table = account.world.route_tables.get(table).unwrap();
    account.world.route_state(table, &RouteTarget::VpnGateway(gateway.clone()))
}

#[test]
fn the_number_of_its_autonomous_system_is_a_private_one() {
    assert_eq!(i64::from(AmazonSideAsn::default()), 64_512);
    for number in [64_512, 65_534, 4_200_000_000, 4_294_967_294] {
        assert_eq!(AmazonSideAsn::new(number).map(i64::from), Ok(number));
    }
    for number in [-1, 0, 7224, 64_511, 65_535, 4_199_999_999, 4_294_967_295, i64::MAX] {
        let error = AmazonSideAsn::new(number).unwrap_err();
        assert_eq!(error.code(), "InvalidParameterValue", "{number}");
        assert!(error.to_string().starts_with(&format!("Value ({number}) for parameter amazonSideAsn is invalid.")));
    }
}

#[test]
fn an_account_has_five_in_a_region_and_those_that_are_deleted_do_not_count() {
    let mut account = Account::new();
    let all = [(); 5].map(|()| made(&mut account));
    refused!(
        account,
        |w, c| w.create_vpn_gateway(c, AmazonSideAsn::default(), None),
        "VpnGatewayLimitExceeded",
        "The maximum number of virtual private gateways has been reached."
    );
    account.run(|w, c| w.delete_vpn_gateway(c, &all[0]));
    made(&mut account);
    account.scope.region = "eu-west-1".parse().unwrap();
    made(&mut account);
}

#[test]
fn it_is_attached_to_one_vpc_and_a_vpc_has_one() {
    let mut account = Account::new();
    let [one, other] = ["10.0.0.0/16", "10.1.0.0/16"].map(|block| account.vpc(block));
    let gateway = attached(&mut account, &one);
    account.run(|w, c| w.attach_vpn_gateway(c, &gateway, &one));
    refused!(
        account,
        |w, c| w.attach_vpn_gateway(c, &gateway, &other),
        "VpnGatewayAttachmentLimitExceeded",
        "The maximum number of virtual private gateway attachments has been reached."
    );
    let second = made(&mut account);
    refused!(
        account,
        |w, c| w.attach_vpn_gateway(c, &second, &one),
        "InvalidVpcState",
        format!("VPC {one} is currently attached to the Virtual Private Gateway {gateway}")
    );
    let unknown: VpcId = "vpc-0123456789abcdef0".parse().unwrap();
    refused!(
        account,
        |w, c| w.attach_vpn_gateway(c, &second, &unknown),
        "InvalidVpcID.NotFound",
        format!("The vpc ID '{unknown}' does not exist")
    );
    account.run(|w, c| w.attach_vpn_gateway(c, &second, &other));
}

#[test]
fn it_is_detached_from_the_vpc_that_it_is_attached_to_alone() {
    let mut account = Account::new();
    let [one, other] = ["10.0.0.0/16", "10.1.0.0/16"].map(|block| account.vpc(block));
    let gateway = attached(&mut account, &one);
    let missing =
        |vpc: &VpcId| format!("The attachment with vpn gateway ID '{gateway}' and vpc ID '{vpc}' does not exist");
    let code = "InvalidVpnGatewayAttachment.NotFound";
    refused!(account, |w, c| w.detach_vpn_gateway(c, &gateway, &other), code, missing(&other));
    account.run(|w, c| w.detach_vpn_gateway(c, &gateway, &one));
    refused!(account, |w, c| w.detach_vpn_gateway(c, &gateway, &one), code, missing(&one));
    let now = account.now;
    let shown = account.world.vpn_gateways.get(&gateway).unwrap();
    assert_eq!(shown.shown_former(now + HOUR - 1).map(|former| &former.vpc), Some(&one));
    assert_eq!(shown.shown_former(now + HOUR), None);
    account.run(|w, c| w.attach_vpn_gateway(c, &gateway, &other));
    assert_eq!(account.world.vpn_gateways.get(&gateway).unwrap().former, None);
}

#[test]
fn it_is_deleted_once_it_is_detached_and_shown_for_an_hour() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let gateway = attached(&mut account, &vpc);
    refused!(account, |w, c| w.delete_vpn_gateway(c, &gateway), "IncorrectState", "The VPN gateway is in use.");
    account.run(|w, c| w.detach_vpn_gateway(c, &gateway, &vpc));
    account.run(|w, c| w.create_tags(c, &[gateway.to_string()], &[("Name".to_owned(), "way".to_owned())]));
    account.run(|w, c| w.delete_vpn_gateway(c, &gateway));
    let gone = format!("The virtual private gateway '{gateway}' is deleted. Create another one.");
    refused!(account, |w, c| w.delete_vpn_gateway(c, &gateway), "InvalidVpnGatewayState", gone.clone());
    refused!(account, |w, c| w.attach_vpn_gateway(c, &gateway, &vpc), "InvalidVpnGatewayState", gone);
    let is_shown = |account: &Account| {
        account.world.vpn_gateway(&account.scope, &gateway).is_ok_and(|own| own.is_shown(account.now))
    };
    assert!(is_shown(&account));
    account.now += HOUR;
    assert!(!is_shown(&account));
    made(&mut account);
    assert_eq!(account.world.vpn_gateways.len(), 1, "it is forgotten, with its tags");
    assert_eq!(account.world.tags(gateway.as_str()).count(), 0);
}

#[test]
fn a_vpc_with_one_is_not_deleted() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let gateway = attached(&mut account, &vpc);
    refused!(
        account,
        |w, c| w.delete_vpc(c, &vpc),
        "DependencyViolation",
        format!("The vpc '{vpc}' has dependencies and cannot be deleted.")
    );
    account.run(|w, c| w.detach_vpn_gateway(c, &gateway, &vpc));
    account.run(|w, c| w.delete_vpc(c, &vpc));
}

#[test]
fn it_propagates_routes_to_tables_of_its_vpc_until_it_is_detached() {
    let mut account = Account::new();
    let [vpc, other] = ["10.0.0.0/16", "10.1.0.0/16"].map(|block| account.vpc(block));
    let [table, foreign] = [&vpc, &other].map(|vpc| account.main_table(vpc));
    let gateway = attached(&mut account, &vpc);
    refused!(
        account,
        |w, c| w.enable_vgw_route_propagation(c, &foreign, &gateway),
        "Gateway.NotAttached",
        format!("resource {gateway} is not attached to network {other}")
    );
    let propagating = |account: &Account| account.world.route_tables.get(&table).unwrap().propagating.clone();
    account.run(|w, c| w.enable_vgw_route_propagation(c, &table, &gateway));
    account.run(|w, c| w.enable_vgw_route_propagation(c, &table, &gateway));
    assert_eq!(propagating(&account), Some(gateway.clone()));
    let second = made(&mut account);
    account.run(|w, c| w.disable_vgw_route_propagation(c, &table, &second));
    assert_eq!(propagating(&account), Some(gateway.clone()));
    for _ in 0..2 {
        account.run(|w, c| w.disable_vgw_route_propagation(c, &table, &gateway));
        assert_eq!(propagating(&account), None);
    }
    account.run(|w, c| w.enable_vgw_route_propagation(c, &table, &gateway));
    account.run(|w, c| w.detach_vpn_gateway(c, &gateway, &vpc));
    assert_eq!(propagating(&account), None);
    account.run(|w, c| w.delete_vpn_gateway(c, &gateway));
    let missing = format!("The gateway ID '{gateway}' does not exist");
    refused!(
        account,
        |w, c| w.enable_vgw_route_propagation(c, &table, &gateway),
        "InvalidGatewayID.NotFound",
        missing.clone()
    );
    refused!(
        account,
        |w, c| w.disable_vgw_route_propagation(c, &table, &gateway),
        "InvalidGatewayID.NotFound",
        missing
    );
}

#[test]
fn a_route_to_it_is_active_while_it_is_attached_and_else_a_black_hole() {
    let mut account = Account::new();
    let [vpc, other] = ["10.0.0.0/16", "10.1.0.0/16"].map(|block| account.vpc(block));
    let [table, foreign] = [&vpc, &other].map(|vpc| account.main_table(vpc));
    let gateway = attached(&mut account, &vpc);
    account.run(|w, c| w.create_route(c, route(&table, "192.0.2.0/24", &gateway)));
    assert_eq!(state(&account, &table, &gateway), RouteState::Active);
    refused!(
        account,
        |w, c| w.create_route(c, route(&foreign, "192.0.2.0/24", &gateway)),
        "InvalidParameterValue",
        format!("route table {foreign} and network gateway {gateway} belong to different networks")
    );
    account.run(|w, c| w.detach_vpn_gateway(c, &gateway, &vpc));
    assert_eq!(state(&account, &table, &gateway), RouteState::Blackhole);
    account.run(|w, c| w.attach_vpn_gateway(c, &gateway, &other));
    assert_eq!(state(&account, &table, &gateway), RouteState::Blackhole);
    account.run(|w, c| w.detach_vpn_gateway(c, &gateway, &other));
    account.run(|w, c| w.delete_vpn_gateway(c, &gateway));
    assert_eq!(state(&account, &table, &gateway), RouteState::Blackhole);
    refused!(
        account,
        |w, c| w.replace_route(c, route(&table, "192.0.2.0/24", &gateway)),
        "InvalidGatewayID.NotFound",
        format!("The gateway ID '{gateway}' does not exist")
    );
}
