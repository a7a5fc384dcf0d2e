use std::collections::BTreeSet;
use std::slice::from_ref;

use sidegate_model::{ModifyVpcEndpoint, POLICY_LIMIT, PolicyChange, RouteTableId};

use crate::account::{Account, DYNAMODB, S3, SECRETS, gateway, interface};
use crate::refused;

fn add(tables: &[RouteTableId]) -> ModifyVpcEndpoint {
    ModifyVpcEndpoint { add_route_tables: tables.to_vec(), ..ModifyVpcEndpoint::default() }
}

fn remove(tables: &[RouteTableId]) -> ModifyVpcEndpoint {
    ModifyVpcEndpoint { remove_route_tables: tables.to_vec(), ..ModifyVpcEndpoint::default() }
}

#[test]
fn a_gateway_endpoint_without_a_table_is_legal() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let id = account.endpoint(gateway(&vpc, S3, &[]));
    let endpoint = account.endpoint_of(&id);
    assert_eq!(endpoint.route_tables(), Some(&BTreeSet::new()));
    assert_eq!(endpoint.service_name(), S3);
    assert!(endpoint.groups().is_empty() && endpoint.dns_entries(&account.world).is_empty());
    assert!(account.world.interfaces.is_empty());
}

#[test]
fn a_table_has_one_endpoint_for_each_service_and_a_vpc_may_have_several() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let (a, b) = (account.table(&vpc), account.table(&vpc));
    account.endpoint(gateway(&vpc, S3, from_ref(&a)));
    account.endpoint(gateway(&vpc, DYNAMODB, from_ref(&a)));
    let second = account.endpoint(gateway(&vpc, S3, &[b]));
    let message = format!("route table {a} already has a route with destination-prefix-list-id pl-63a5400a");
    refused!(account, |w, c| w.create_vpc_endpoint(c, gateway(&vpc, S3, from_ref(&a))), "RouteAlreadyExists", &message);
    refused!(account, |w, c| w.modify_vpc_endpoint(c, &second, add(from_ref(&a))), "RouteAlreadyExists", &message);
}

#[test]
fn tables_are_added_and_removed_and_the_routes_follow() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let (a, b) = (account.table(&vpc), account.main_table(&vpc));
    let id = account.endpoint(gateway(&vpc, S3, from_ref(&a)));
    let routes = |account: &Account, table| account.world.routes(account.world.route_tables.get(table).unwrap()).len();
    assert_eq!((routes(&account, &a), routes(&account, &b)), (2, 1));
    let mut change = add(from_ref(&b));
    change.remove_route_tables = vec![a.clone()];
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, change));
    assert_eq!((routes(&account, &a), routes(&account, &b)), (1, 2));
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, add(from_ref(&b))));
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, remove(from_ref(&b))));
    assert_eq!((routes(&account, &a), routes(&account, &b)), (1, 1));
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, add(from_ref(&a))));
    account.run(|w, c| w.delete_vpc_endpoint(c, &id));
    assert_eq!(routes(&account, &a), 1);
}

#[test]
fn a_table_must_exist_and_be_of_the_endpoints_vpc() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let other = account.vpc("10.0.0.0/16");
    let foreign = account.main_table(&other);
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, gateway(&vpc, S3, from_ref(&foreign))),
        "InvalidParameter",
        format!("Route table {foreign} and VPC endpoint belong to different networks.")
    );
    let unknown: RouteTableId = "rtb-1".parse().unwrap();
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, gateway(&vpc, S3, from_ref(&unknown))),
        "InvalidRouteTableID.NotFound",
        "The routeTable ID 'rtb-1' does not exist"
    );
}

#[test]
fn the_vpc_and_the_service_must_exist() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let mut nowhere = gateway(&vpc, S3, &[]);
    nowhere.vpc = None;
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, nowhere),
        "MissingParameter",
        "The request must contain the parameter VpcId"
    );
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, gateway(&"vpc-1".parse().unwrap(), S3, &[])),
        "InvalidVpcID.NotFound",
        "The vpc ID 'vpc-1' does not exist"
    );
    for unknown in ["com.amazonaws.us-east-1.nonsense", "com.amazonaws.eu-west-1.s3", ""] {
        refused!(
            account,
            |w, c| w.create_vpc_endpoint(c, gateway(&vpc, unknown, &[])),
            "InvalidServiceName",
            format!("The Vpc Endpoint Service '{unknown}' does not exist")
        );
    }
}

#[test]
fn a_service_without_gateway_endpoints_is_refused() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, gateway(&vpc, SECRETS, &[])),
        "InvalidParameter",
        "Endpoint type (Gateway) does not match available service types ([Interface])."
    );
}

#[test]
fn what_only_interface_endpoints_have_is_refused_before_the_services_type_is_looked_at() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let group = account.default_group(&vpc);
    let id = account.endpoint(gateway(&vpc, S3, &[]));
    for service in [S3, SECRETS] {
        let mut wanted = gateway(&vpc, service, &[]);
        wanted.subnets = vec![subnet.clone()];
        refused!(
            account,
            |w, c| w.create_vpc_endpoint(c, wanted),
            "InvalidParameter",
            "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints."
        );
        let mut wanted = gateway(&vpc, service, &[]);
        wanted.groups = vec![group.clone()];
        refused!(
            account,
            |w, c| w.create_vpc_endpoint(c, wanted),
            "InvalidParameter",
            "Security group IDs are only supported for Interface type VPC Endpoints."
        );
    }
    for set in [true, false] {
        let change = ModifyVpcEndpoint { inbound_resolver_only: Some(set), ..ModifyVpcEndpoint::default() };
        refused!(
            account,
            |w, c| w.modify_vpc_endpoint(c, &id, change),
            "InvalidParameter",
            "DnsOptions PrivateDnsOnlyForInboundResolverEndpoint is applicable only to Interface VPC Endpoints."
        );
    }
    let change = ModifyVpcEndpoint { private_dns: Some(true), ..ModifyVpcEndpoint::default() };
    refused!(
        account,
        |w, c| w.modify_vpc_endpoint(c, &id, change),
        "InvalidParameter",
        "Private DNS is only supported for Interface type VPC Endpoints."
    );
    let change = ModifyVpcEndpoint { private_dns: Some(false), ..ModifyVpcEndpoint::default() };
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, change));
}

#[test]
fn the_policy_is_replaced_and_reset_and_has_at_most_20480_characters() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let mut wanted = gateway(&vpc, S3, &[]);
    wanted.policy = Some("{}".to_owned());
    let id = account.endpoint(wanted);
    let change = |policy| ModifyVpcEndpoint { policy, ..ModifyVpcEndpoint::default() };
    assert_eq!(account.endpoint_of(&id).policy.as_deref(), Some("{}"));
    let long = "ü".repeat(POLICY_LIMIT);
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, change(PolicyChange::Replace(long.clone()))));
    assert_eq!(account.endpoint_of(&id).policy, Some(long.clone()));
    refused!(
        account,
        |w, c| w.modify_vpc_endpoint(c, &id, change(PolicyChange::Replace(format!("{long} ")))),
        "InvalidPolicyDocument",
        "The Policy Document exceeds the maximum of 20480 characters."
    );
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, change(PolicyChange::Keep)));
    assert!(account.endpoint_of(&id).policy.is_some());
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, change(PolicyChange::Reset)));
    assert_eq!(account.endpoint_of(&id).policy, None);
}

#[test]
fn an_unknown_endpoint_has_one_code_when_it_is_modified_and_another_when_it_is_deleted() {
    let mut account = Account::new();
    let id = "vpce-12345678".parse().unwrap();
    let message = "The Vpc Endpoint Id 'vpce-12345678' does not exist";
    refused!(account, |w, c| w.modify_vpc_endpoint(c, &id, add(&[])), "InvalidVpcEndpointId.NotFound", message);
    refused!(account, |w, c| w.delete_vpc_endpoint(c, &id), "InvalidVpcEndpoint.NotFound", message);
}

#[test]
fn a_gateway_endpoint_that_private_dns_demands_stays() {
    let mut account = Account::new();
    let vpc = account.vpc_with_dns("10.0.0.0/16");
    let first = account.endpoint(gateway(&vpc, S3, &[]));
    let mut wanted = interface(&vpc, S3, &[]);
    wanted.private_dns = Some(true);
    let demanding = account.endpoint(wanted);
    refused!(
        account,
        |w, c| w.delete_vpc_endpoint(c, &first),
        "InvalidParameter",
        format!(
            "Gateway endpoint cannot be deleted while Interface endpoint {demanding} for the service has \
             PrivateDnsOnlyForInboundResolverEndpoint set to true."
        )
    );
    let second = account.endpoint(gateway(&vpc, S3, &[]));
    account.run(|w, c| w.delete_vpc_endpoint(c, &first));
    account.run(|w, c| w.delete_vpc_endpoint(c, &demanding));
    account.run(|w, c| w.delete_vpc_endpoint(c, &second));
}

#[test]
fn the_21st_gateway_endpoint_of_an_account_in_a_region_is_refused() {
    let mut account = Account::new();
    let (a, b) = (account.vpc("10.0.0.0/16"), account.vpc("10.0.0.0/16"));
    for _ in 0..10 {
        account.endpoint(gateway(&a, S3, &[]));
        account.endpoint(gateway(&b, DYNAMODB, &[]));
    }
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, gateway(&a, S3, &[])),
        "VpcEndpointLimitExceeded",
        "The maximum number of VPC endpoints has been reached."
    );
    account.endpoint(interface(&a, SECRETS, &[]));
}
