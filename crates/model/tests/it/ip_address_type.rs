//! Endpoints of one family or both: their addresses, prefix lists and records.

use std::net::Ipv6Addr;
use std::slice::from_ref;

use sidegate_model::{
    CreateRoute, CreateVpcEndpoint, Destination, DnsRecordIpType, FixedAddresses, IpAddressType, Ipv6Cidr,
    ModifyVpcEndpoint, NetworkInterface, PrefixList, RecordFamilies, RouteTableId, RouteTarget, SubnetId, VpcAttribute,
    VpcEndpointId, VpcId,
};

use crate::account::{Account, DYNAMODB, S3, SECRETS, gateway, interface};
use crate::refused;

const DUALSTACK: Option<IpAddressType> = Some(IpAddressType::Dualstack);

/// A VPC with DNS and an IPv6 block, and two subnets of it, each with its own.
fn network(account: &mut Account) -> (VpcId, [SubnetId; 2]) {
    let vpc = account.vpc_with_dns("10.0.0.0/16");
    account.run(|w, c| w.associate_vpc_ipv6_cidr_block(c, &vpc));
    let subnets = [("10.0.0.0/24", "us-east-1a", 0), ("10.0.1.0/24", "us-east-1b", 1)].map(|(block, zone, number)| {
        let subnet = account.subnet(&vpc, block, zone);
        let whole = account.world.vpcs.get(&vpc).unwrap().ipv6_cidrs[0].cidr;
        let part = Ipv6Cidr::new(whole.nth(number << 64).unwrap(), 64);
        account.run(|w, c| w.associate_subnet_cidr_block(c, &subnet, part));
        subnet
    });
    (vpc, subnets)
}

fn dualstack(vpc: &VpcId, subnets: &[SubnetId]) -> CreateVpcEndpoint {
    CreateVpcEndpoint { ip_address_type: DUALSTACK, ..interface(vpc, SECRETS, subnets) }
}

fn become_type(kind: IpAddressType) -> ModifyVpcEndpoint {
    ModifyVpcEndpoint { ip_address_type: Some(kind), ..ModifyVpcEndpoint::default() }
}

fn records(kind: DnsRecordIpType) -> ModifyVpcEndpoint {
    ModifyVpcEndpoint { dns_record_ip_type: Some(kind), ..ModifyVpcEndpoint::default() }
}

fn nic<'a>(account: &'a Account, id: &VpcEndpointId, subnet: &SubnetId) -> &'a NetworkInterface {
    account.nic(&account.interface_of(id).interfaces[subnet])
}

fn block_of(account: &Account, subnet: &SubnetId) -> Ipv6Cidr {
    account.world.subnets.get(subnet).unwrap().ipv6_cidr.as_ref().unwrap().cidr
}

#[test]
fn a_dualstack_endpoint_has_an_address_of_each_family_in_each_subnet() {
    let mut account = Account::new();
    let (vpc, subnets) = network(&mut account);
    let id = account.endpoint(dualstack(&vpc, &subnets));
    for subnet in &subnets {
        let (nic, block) = (nic(&account, &id, subnet), block_of(&account, subnet));
        assert_eq!(nic.ipv6.len(), 1);
        assert!(block.contains(nic.ipv6[0]));
        assert!(account.world.subnets.get(subnet).unwrap().cidr.contains(nic.address));
    }
}

#[test]
fn an_endpoint_becomes_dualstack_and_ipv4_again_without_losing_its_interfaces() {
    let mut account = Account::new();
    let (vpc, [a, b]) = network(&mut account);
    let id = account.endpoint(interface(&vpc, SECRETS, from_ref(&a)));
    let before = account.interface_of(&id).interfaces.clone();
    assert!(nic(&account, &id, &a).ipv6.is_empty());
    let add = ModifyVpcEndpoint { add_subnets: vec![b.clone()], ..become_type(IpAddressType::Dualstack) };
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, add));
    assert_eq!(account.interface_of(&id).interfaces[&a], before[&a]);
    assert_eq!((nic(&account, &id, &a).ipv6.len(), nic(&account, &id, &b).ipv6.len()), (1, 1));
    let address = nic(&account, &id, &a).ipv6.clone();
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, become_type(IpAddressType::Dualstack)));
    assert_eq!(nic(&account, &id, &a).ipv6, address, "what it has it keeps");
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, become_type(IpAddressType::Ipv4)));
    assert!(nic(&account, &id, &a).ipv6.is_empty() && nic(&account, &id, &b).ipv6.is_empty());
    assert_eq!(account.interface_of(&id).interfaces[&a], before[&a]);
}

#[test]
fn a_subnet_without_an_ipv6_block_and_one_with_ipv4_addresses_are_refused() {
    let mut account = Account::new();
    let (vpc, [a, _]) = network(&mut account);
    let plain = account.subnet(&vpc, "10.0.9.0/24", "us-east-1c");
    let needs = |kind| {
        format!("The subnet {plain} does not have an IPv6 CIDR block, which the IP address type {kind} requires.")
    };
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, dualstack(&vpc, from_ref(&plain))),
        "InvalidParameter",
        needs("dualstack")
    );
    let id = account.endpoint(interface(&vpc, SECRETS, from_ref(&plain)));
    let change = become_type(IpAddressType::Dualstack);
    refused!(account, |w, c| w.modify_vpc_endpoint(c, &id, change), "InvalidParameter", needs("dualstack"));
    let only = CreateVpcEndpoint { ip_address_type: Some(IpAddressType::Ipv6), ..dualstack(&vpc, from_ref(&a)) };
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, only),
        "InvalidParameter",
        format!("The subnet {a} is not an IPv6-only subnet, which the IP address type ipv6 requires.")
    );
}

#[test]
fn a_service_without_ipv6_has_endpoints_of_ipv4_alone() {
    let mut account = Account::new();
    let (vpc, subnets) = network(&mut account);
    let service = "com.amazonaws.us-east-1.appmesh-envoy-management";
    for kind in [IpAddressType::Ipv6, IpAddressType::Dualstack] {
        let wanted = CreateVpcEndpoint { ip_address_type: Some(kind), ..interface(&vpc, service, &subnets) };
        refused!(
            account,
            |w, c| w.create_vpc_endpoint(c, wanted),
            "InvalidParameter",
            format!("The VPC endpoint service {service} does not support the IP address type: {}.", kind.as_str())
        );
    }
    account.endpoint(interface(&vpc, service, &subnets));
}

#[test]
fn a_fixed_address_of_each_family_is_taken_and_another_one_replaces_the_interface() {
    let mut account = Account::new();
    let (vpc, [a, _]) = network(&mut account);
    let block = block_of(&account, &a);
    let at = |last: u8, host: u128| {
        let ipv4 = Some(std::net::Ipv4Addr::new(10, 0, 0, last));
        [(a.clone(), FixedAddresses { ipv4, ipv6: block.nth(host) })].into()
    };
    let id = account.endpoint(CreateVpcEndpoint { addresses: at(50, 0x50), ..dualstack(&vpc, from_ref(&a)) });
    assert_eq!(
        (nic(&account, &id, &a).address.octets()[3], nic(&account, &id, &a).ipv6[0]),
        (50, block.nth(0x50).unwrap())
    );
    let first = account.interface_of(&id).interfaces[&a].clone();
    let fixed = |last, host| ModifyVpcEndpoint { addresses: at(last, host), ..ModifyVpcEndpoint::default() };
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, fixed(50, 0x50)));
    assert_eq!(account.interface_of(&id).interfaces[&a], first);
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, fixed(50, 0x51)));
    assert_ne!(account.interface_of(&id).interfaces[&a], first);
    assert_eq!(nic(&account, &id, &a).ipv6, [block.nth(0x51).unwrap()]);
    let holder = account.program(&a, &[]);
    account.world.interfaces.update(&holder, |i| i.ipv6.extend(block.nth(0x60)));
    let outside = |address: Option<Ipv6Addr>| {
        format!("Address {} does not fall within the subnet's address range", address.unwrap())
    };
    refused!(
        account,
        |w, c| w.modify_vpc_endpoint(c, &id, fixed(51, 3)),
        "InvalidParameterValue",
        outside(block.nth(3))
    );
    refused!(
        account,
        |w, c| w.modify_vpc_endpoint(c, &id, fixed(51, 0x60)),
        "InvalidIPAddress.InUse",
        format!("Address {} is in use.", block.nth(0x60).unwrap())
    );
}

#[test]
fn fixed_addresses_are_of_the_families_that_the_endpoint_has() {
    let mut account = Account::new();
    let (vpc, [a, _]) = network(&mut account);
    let ipv6 = block_of(&account, &a).nth(0x50);
    let ipv4 = Some(std::net::Ipv4Addr::new(10, 0, 0, 50));
    let with = |kind, ipv4, ipv6| CreateVpcEndpoint {
        ip_address_type: Some(kind),
        addresses: [(a.clone(), FixedAddresses { ipv4, ipv6 })].into(),
        ..interface(&vpc, SECRETS, &[])
    };
    let lacks = |family: &str| {
        format!(
            "The SubnetConfiguration of the subnet {a} must have an {family} address, since the IP address type is \
             dualstack."
        )
    };
    let both = IpAddressType::Dualstack;
    refused!(account, |w, c| w.create_vpc_endpoint(c, with(both, ipv4, None)), "InvalidParameter", lacks("IPv6"));
    refused!(account, |w, c| w.create_vpc_endpoint(c, with(both, None, ipv6)), "InvalidParameter", lacks("IPv4"));
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, with(IpAddressType::Ipv4, ipv4, ipv6)),
        "InvalidParameter",
        format!(
            "The IPv6 address {} for the subnet {a} is not compatible with the IP address type ipv4.",
            ipv6.unwrap()
        )
    );
    account.endpoint(with(both, ipv4, ipv6));
}

#[test]
fn the_records_of_an_interface_endpoint_go_with_its_addresses() {
    use DnsRecordIpType::{Dualstack, Ipv4, Ipv6, ServiceDefined};
    let mut account = Account::new();
    let (vpc, subnets) = network(&mut account);
    let id = account.endpoint(interface(&vpc, SECRETS, &subnets));
    assert_eq!(account.endpoint_of(&id).dns_record_ip_type, Ipv4);
    for kind in [Ipv6, Dualstack, ServiceDefined] {
        refused!(
            account,
            |w, c| w.modify_vpc_endpoint(c, &id, records(kind)),
            "InvalidParameter",
            format!("The DNS record IP type {} is not compatible with the IP address type ipv4.", kind.as_str())
        );
    }
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, become_type(IpAddressType::Dualstack)));
    assert_eq!(account.endpoint_of(&id).dns_record_ip_type, Ipv4, "what fits stays");
    let families = |ipv4, ipv6| RecordFamilies { ipv4, ipv6 };
    for (kind, own, private) in [
        (Ipv4, families(true, false), families(true, false)),
        (Ipv6, families(false, true), families(false, true)),
        (Dualstack, families(true, true), families(true, true)),
        (ServiceDefined, families(true, true), families(true, false)),
    ] {
        account.run(|w, c| w.modify_vpc_endpoint(c, &id, records(kind)));
        let endpoint = account.endpoint_of(&id);
        assert_eq!((endpoint.records(), endpoint.private_records()), (own, private), "{kind:?}");
        assert_eq!(endpoint.public_records(), None);
    }
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, become_type(IpAddressType::Ipv4)));
    assert_eq!(account.endpoint_of(&id).dns_record_ip_type, Ipv4, "what does not fit goes");
    let new = account.endpoint(CreateVpcEndpoint { private_dns: Some(false), ..dualstack(&vpc, &subnets) });
    assert_eq!(account.endpoint_of(&new).dns_record_ip_type, Dualstack);
}

/// The prefix lists to which a table has routes of an endpoint's.
fn lists(account: &Account, table: &RouteTableId) -> Vec<String> {
    let routes = account.world.routes(account.world.route_tables.get(table).unwrap());
    let lists = routes.into_iter().filter_map(|route| match route.destination {
        Destination::PrefixList(list) => Some(PrefixList::find("us-east-1".parse().unwrap(), &list).unwrap().name),
        _ => None,
    });
    lists.collect()
}

#[test]
fn a_gateway_endpoint_has_a_route_to_the_list_of_each_family() {
    let mut account = Account::new();
    let (vpc, _) = network(&mut account);
    let table = account.table(&vpc);
    let id = account.endpoint(gateway(&vpc, S3, from_ref(&table)));
    assert_eq!(lists(&account, &table), ["com.amazonaws.us-east-1.s3"]);
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, become_type(IpAddressType::Dualstack)));
    assert_eq!(lists(&account, &table), ["com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.ipv6.s3"]);
    let wanted = CreateVpcEndpoint { ip_address_type: DUALSTACK, ..gateway(&vpc, DYNAMODB, from_ref(&table)) };
    account.endpoint(wanted);
    assert_eq!(lists(&account, &table).len(), 4);
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, become_type(IpAddressType::Ipv4)));
    assert!(!lists(&account, &table).contains(&"com.amazonaws.us-east-1.ipv6.s3".to_owned()));
    assert_eq!(lists(&account, &table).len(), 3);
}

#[test]
fn a_table_has_one_route_to_the_ipv6_list_of_a_service() {
    let mut account = Account::new();
    let (vpc, _) = network(&mut account);
    let (a, b) = (account.table(&vpc), account.table(&vpc));
    let second = account.endpoint(gateway(&vpc, S3, from_ref(&b)));
    let ipv6 = PrefixList::managed("us-east-1".parse().unwrap()).into_iter().find(|l| l.name.ends_with("ipv6.s3"));
    let list = ipv6.unwrap().id;
    account.endpoint(CreateVpcEndpoint { ip_address_type: DUALSTACK, ..gateway(&vpc, S3, from_ref(&a)) });
    let add = ModifyVpcEndpoint { add_route_tables: vec![a.clone()], ..ModifyVpcEndpoint::default() };
    refused!(
        account,
        |w, c| w.modify_vpc_endpoint(c, &second, add),
        "RouteAlreadyExists",
        format!("route table {a} already has a route with destination-prefix-list-id pl-63a5400a")
    );
    // A route of the account's own stands in the way of the list that the endpoint is to have too.
    let internet = account.internet_gateway(&vpc);
    let destination = Destination::PrefixList(list.clone());
    let route = CreateRoute { table: b.clone(), destination, target: RouteTarget::InternetGateway(internet) };
    account.run(|w, c| w.create_route(c, route));
    refused!(
        account,
        |w, c| w.modify_vpc_endpoint(c, &second, become_type(IpAddressType::Dualstack)),
        "RouteAlreadyExists",
        format!("route table {b} already has a route with destination-prefix-list-id {list}")
    );
}

#[test]
fn a_gateway_endpoint_with_ipv6_needs_a_vpc_with_ipv6_and_one_of_ipv6_alone_a_vpc_without_ipv4() {
    let mut account = Account::new();
    let plain = account.vpc("10.9.0.0/16");
    let with = |vpc: &VpcId, kind| CreateVpcEndpoint { ip_address_type: Some(kind), ..gateway(vpc, S3, &[]) };
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, with(&plain, IpAddressType::Dualstack)),
        "InvalidParameter",
        format!("The VPC {plain} does not have an IPv6 CIDR block, which the IP address type dualstack requires.")
    );
    let (vpc, _) = network(&mut account);
    let error = account.try_run(|w, c| w.create_vpc_endpoint(c, with(&vpc, IpAddressType::Ipv6))).unwrap_err();
    assert_eq!(error.code(), "InvalidParameter");
    assert!(error.to_string().ends_with("is not an IPv6-only subnet, which the IP address type ipv6 requires."));
    account.endpoint(with(&vpc, IpAddressType::Dualstack));
}

#[test]
fn a_gateway_endpoint_leaves_the_records_to_the_service_unless_it_says_and_the_vpc_has_dns() {
    let mut account = Account::new();
    let (vpc, _) = network(&mut account);
    let id = account.endpoint(CreateVpcEndpoint { ip_address_type: DUALSTACK, ..gateway(&vpc, S3, &[]) });
    assert_eq!(account.endpoint_of(&id).dns_record_ip_type, DnsRecordIpType::ServiceDefined);
    assert_eq!(account.endpoint_of(&id).public_records(), None);
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, records(DnsRecordIpType::Dualstack)));
    assert_eq!(account.endpoint_of(&id).public_records(), Some(RecordFamilies { ipv4: true, ipv6: true }));
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, become_type(IpAddressType::Ipv4)));
    assert_eq!(account.endpoint_of(&id).dns_record_ip_type, DnsRecordIpType::ServiceDefined);
    account.run(|w, c| w.modify_vpc_attribute(c, &vpc, VpcAttribute::DnsHostnames(false)));
    refused!(
        account,
        |w, c| w.modify_vpc_endpoint(c, &id, records(DnsRecordIpType::Ipv4)),
        "InvalidParameter",
        format!(
            "The DNS record IP type ipv4 requires both enableDnsSupport and enableDnsHostnames VPC attributes set to \
             true for {vpc}"
        )
    );
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, records(DnsRecordIpType::ServiceDefined)));
}

#[test]
fn a_gateway_endpoint_of_dynamodb_has_the_records_that_the_service_defines() {
    let mut account = Account::new();
    let (vpc, _) = network(&mut account);
    let id = account.endpoint(CreateVpcEndpoint { ip_address_type: DUALSTACK, ..gateway(&vpc, DYNAMODB, &[]) });
    refused!(
        account,
        |w, c| w.modify_vpc_endpoint(c, &id, records(DnsRecordIpType::Ipv4)),
        "InvalidParameter",
        format!("The DNS record IP type ipv4 is not supported for Gateway endpoints of the service {DYNAMODB}.")
    );
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, records(DnsRecordIpType::ServiceDefined)));
}

#[test]
fn names_for_inbound_resolvers_alone_want_the_same_records_of_both_endpoints() {
    let mut account = Account::new();
    let (vpc, subnets) = network(&mut account);
    let gate = account.endpoint(CreateVpcEndpoint { ip_address_type: DUALSTACK, ..gateway(&vpc, S3, &[]) });
    account.run(|w, c| w.modify_vpc_endpoint(c, &gate, records(DnsRecordIpType::Ipv6)));
    let wanted = CreateVpcEndpoint { private_dns: Some(true), ..interface(&vpc, S3, &subnets) };
    let wanted = CreateVpcEndpoint { ip_address_type: DUALSTACK, ..wanted };
    let error = account.try_run(|w, c| w.create_vpc_endpoint(c, wanted.clone())).unwrap_err();
    assert_eq!(error.code(), "InvalidParameter");
    assert!(error.to_string().starts_with("To set PrivateDnsOnlyForInboundResolverEndpoint to true, the DNS record"));
    account.run(|w, c| w.modify_vpc_endpoint(c, &gate, records(DnsRecordIpType::ServiceDefined)));
    let id = account.endpoint(wanted);
    refused!(
        account,
        |w, c| w.modify_vpc_endpoint(c, &gate, records(DnsRecordIpType::Ipv6)),
        "InvalidParameter",
        format!(
            "To set PrivateDnsOnlyForInboundResolverEndpoint to true, the DNS record IP type of the Gateway endpoint \
             {gate} must be service-defined or that of the Interface endpoint {id}, dualstack."
        )
    );
    account.run(|w, c| w.modify_vpc_endpoint(c, &gate, records(DnsRecordIpType::Dualstack)));
    let error = account.try_run(|w, c| w.modify_vpc_endpoint(c, &id, records(DnsRecordIpType::Ipv4))).unwrap_err();
    assert_eq!(error.code(), "InvalidParameter", "the gateway endpoint has other records");
    let everywhere = ModifyVpcEndpoint { inbound_resolver_only: Some(false), ..records(DnsRecordIpType::Ipv4) };
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, everywhere));
}

#[test]
fn an_endpoint_that_was_stored_before_there_were_types_is_one_of_ipv4() {
    let mut account = Account::new();
    let (vpc, subnets) = network(&mut account);
    let id = account.endpoint(interface(&vpc, SECRETS, &subnets));
    let mut stored = serde_json::to_value(account.endpoint_of(&id)).unwrap();
    stored.as_object_mut().unwrap().remove("ip_address_type").unwrap();
    let read: sidegate_model::Endpoint = serde_json::from_value(stored).unwrap();
    assert_eq!(&read, account.endpoint_of(&id));
}
