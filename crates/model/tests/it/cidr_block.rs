//! Further blocks of VPCs, and IPv6 blocks of VPCs and subnets.

use std::collections::BTreeSet;

use sidegate_model::{
    CreateRoute, Destination, Direction, IpCidr, Ipv6Cidr, NetworkInterfaceId, Peer, Region, RouteTarget, SubnetId,
    VpcId,
};

use crate::account::{Account, cidr};
use crate::refused;

fn further(account: &mut Account, vpc: &VpcId, block: &str) -> sidegate_model::VpcCidrAssociationId {
    account.run(|w, c| w.associate_vpc_cidr_block(c, vpc, cidr(block)))
}

fn ipv6_of(account: &Account, vpc: &VpcId) -> Ipv6Cidr {
    account.world.vpcs.get(vpc).unwrap().ipv6_cidrs[0].cidr
}

/// The block of 64 bits with this number in a VPC's.
fn part(block: Ipv6Cidr, number: u128) -> Ipv6Cidr {
    Ipv6Cidr::new(block.nth(number << 64).unwrap(), 64)
}

#[test]
fn a_further_block_is_usable_for_subnets_and_routed_locally() {
    let mut account = Account::new();
    let vpc = account.vpc("10.10.0.0/16");
    further(&mut account, &vpc, "10.20.0.0/24");
    let subnet = account.subnet(&vpc, "10.20.0.0/25", "us-east-1a");
    let nic: NetworkInterfaceId = account.program(&subnet, &[]);
    assert_eq!(account.nic(&nic).address.to_string(), "10.20.0.4");
    let table = account.main_table(&vpc);
    let routes = account.world.routes(account.world.route_tables.get(&table).unwrap());
    let local: Vec<_> = routes.iter().map(|r| (r.destination.to_string(), r.target.clone())).collect();
    let expected = ["10.10.0.0/16", "10.20.0.0/24"].map(|block| (block.to_owned(), RouteTarget::Local));
    assert_eq!(local, expected);
}

#[test]
fn a_block_may_stand_beside_those_of_its_own_kind() {
    let kinds = [
        (
            "10.10.0.0/16",
            &["10.0.0.0/16", "10.1.0.0/16", "100.64.0.0/16", "52.0.0.0/16"][..],
            &["172.16.0.0/16", "192.168.0.0/24"][..],
        ),
        ("10.0.0.0/16", &["10.1.0.0/16", "10.2.0.0/16"], &["172.20.0.0/16"]),
        ("10.1.0.0/16", &["10.2.0.0/16"], &["10.0.0.0/16", "10.0.4.0/24"]),
        ("172.16.0.0/16", &["172.17.0.0/16", "100.64.0.0/24"], &["172.31.0.0/16", "172.31.4.0/24", "10.0.0.0/16"]),
        ("192.168.0.0/24", &["192.168.1.0/24", "100.127.0.0/16"], &["10.0.0.0/16", "172.16.0.0/16"]),
        ("100.64.0.0/16", &["100.65.0.0/16", "52.0.0.0/16"], &["10.0.0.0/16", "172.16.0.0/16", "192.168.0.0/16"]),
        ("52.0.0.0/16", &["53.0.0.0/16", "100.64.0.0/16"], &["10.0.0.0/16"]),
    ];
    for (primary, permitted, restricted) in kinds {
        let mut account = Account::new();
        let vpc = account.vpc(primary);
        for block in restricted {
            refused!(
                account,
                |w, c| w.associate_vpc_cidr_block(c, &vpc, cidr(block)),
                "InvalidVpc.Range",
                format!(
                    "The CIDR '{block}' is restricted. Use a CIDR from the same private address range as the current VPC \
                     CIDR, or use a publicly-routable CIDR. For additional restrictions, see \
                     https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"
                )
            );
        }
        for block in permitted {
            further(&mut account, &vpc, block);
        }
    }
}

#[test]
fn a_block_is_refused_for_its_size_its_place_and_its_overlap() {
    let mut account = Account::new();
    let vpc = account.vpc("10.10.0.0/16");
    for bad in ["10.20.0.0/15", "10.20.0.0/29", "169.254.0.0/24", "127.0.0.0/16"] {
        let message = format!("The CIDR '{bad}' is invalid.");
        refused!(account, |w, c| w.associate_vpc_cidr_block(c, &vpc, cidr(bad)), "InvalidVpc.Range", message);
    }
    for bad in ["10.10.4.0/24", "10.10.0.0/16"] {
        let message = format!("The CIDR '{bad}' conflicts with a CIDR of this VPC");
        refused!(account, |w, c| w.associate_vpc_cidr_block(c, &vpc, cidr(bad)), "InvalidVpc.Range", message);
    }
}

#[test]
fn a_block_is_smaller_than_the_destination_of_every_route_it_overlaps() {
    let mut account = Account::new();
    let vpc = account.vpc("10.2.0.0/16");
    let subnet = account.subnet(&vpc, "10.2.0.0/24", "us-east-1a");
    let nic = account.program(&subnet, &[]);
    let table = account.main_table(&vpc);
    let destination = Destination::Cidr(cidr("10.0.0.0/24"));
    let route = CreateRoute { table, destination, target: RouteTarget::Interface(nic) };
    account.run(|w, c| w.create_route(c, route));
    for bad in ["10.0.0.0/16", "10.0.0.0/24"] {
        let error = account.try_run(|w, c| w.associate_vpc_cidr_block(c, &vpc, cidr(bad))).unwrap_err();
        assert_eq!(error.code(), "InvalidVpc.Range", "{bad}");
    }
    further(&mut account, &vpc, "10.0.0.0/25");
}

#[test]
fn a_vpc_has_five_blocks_and_keeps_the_primary_one_and_those_with_subnets() {
    let mut account = Account::new();
    let vpc = account.vpc("10.10.0.0/16");
    let blocks = ["10.20.0.0/16", "10.21.0.0/16", "10.22.0.0/16", "10.23.0.0/16"];
    let ids = blocks.map(|block| further(&mut account, &vpc, block));
    refused!(
        account,
        |w, c| w.associate_vpc_cidr_block(c, &vpc, cidr("10.24.0.0/16")),
        "CidrLimitExceeded",
        format!("This network '{vpc}' has met its maximum number of allowed CIDRs: 5")
    );
    let primary = account.world.vpcs.get(&vpc).unwrap().cidr_blocks()[0].id.clone();
    refused!(
        account,
        |w, c| w.disassociate_vpc_cidr_block(c, &primary),
        "OperationNotPermitted",
        format!(
            "The vpc CIDR block with association ID {primary} may not be disassociated. It is the primary IPv4 CIDR block \
             of the VPC"
        )
    );
    let subnet = account.subnet(&vpc, "10.21.4.0/24", "us-east-1a");
    refused!(
        account,
        |w, c| w.disassociate_vpc_cidr_block(c, &ids[1]),
        "DependencyViolation",
        format!("The vpc CIDR block with association ID {} has dependencies and cannot be disassociated.", ids[1])
    );
    account.run(|w, c| w.delete_subnet(c, &subnet));
    let gone = account.run(|w, c| w.disassociate_vpc_cidr_block(c, &ids[1]));
    assert_eq!(gone, (vpc.clone(), IpCidr::V4(cidr("10.21.0.0/16"))));
    refused!(
        account,
        |w, c| w.disassociate_vpc_cidr_block(c, &ids[1]),
        "InvalidVpcCidrBlockAssociationID.NotFound",
        format!("The vpc CIDR block association ID '{}' does not exist", ids[1])
    );
    refused!(
        account,
        |w, c| w.create_subnet(c, &vpc, cidr("10.21.4.0/24"), None),
        "InvalidSubnet.Range",
        "The CIDR '10.21.4.0/24' is invalid."
    );
}

#[test]
fn an_ipv6_block_is_one_of_the_regions_and_nobody_elses() {
    let mut account = Account::new();
    let mut seen = BTreeSet::new();
    for _ in 0..50 {
        let vpc = account.vpc("10.0.0.0/16");
        account.run(|w, c| w.associate_vpc_ipv6_cidr_block(c, &vpc));
        let block = ipv6_of(&account, &vpc);
        assert_eq!(block.length(), 56);
        assert!(account.scope.region.ipv6_block().covers(block));
        assert!(seen.insert(block), "{block} is given once");
    }
    let vpc = account.vpc("10.0.0.0/16");
    account.run(|w, c| w.associate_vpc_ipv6_cidr_block(c, &vpc));
    refused!(
        account,
        |w, c| w.associate_vpc_ipv6_cidr_block(c, &vpc),
        "CidrLimitExceeded",
        format!("This network '{vpc}' has met its maximum number of allowed CIDRs: 1")
    );
}

#[test]
fn a_block_that_another_vpc_has_is_not_given_again() {
    let mut account = Account::new();
    let vpcs = [account.vpc("10.0.0.0/16"), account.vpc("10.0.0.0/16")];
    let blocks = vpcs.map(|vpc| {
        account.restart();
        account.run(|w, c| w.associate_vpc_ipv6_cidr_block(c, &vpc));
        ipv6_of(&account, &vpc)
    });
    let [first, second] = blocks.map(|block| block.first().to_bits() >> 72);
    assert_eq!(second, first + 1, "the next one, since the random numbers are the same");
}

#[test]
fn the_ipv6_blocks_of_regions_are_apart_and_for_documentation() {
    let documentation: Ipv6Cidr = "2001:db8::/32".parse().unwrap();
    let blocks: Vec<_> = Region::all().map(Region::ipv6_block).collect();
    for (i, block) in blocks.iter().enumerate() {
        assert!(documentation.covers(*block));
        assert!(blocks.iter().skip(i + 1).all(|other| !other.overlaps(*block)));
    }
}

#[test]
fn an_ipv6_block_opens_the_default_acl_and_group_where_they_are_as_they_were() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let acl = account.world.vpcs.get(&vpc).unwrap().network_acl.clone();
    account.run(|w, c| w.delete_network_acl_entry(c, &acl, Direction::Ingress, 100));
    let custom = account.group(&vpc, "before");
    account.run(|w, c| w.associate_vpc_ipv6_cidr_block(c, &vpc));
    let after = account.group(&vpc, "after");
    let entries = |account: &Account, direction| {
        let acl = account.world.network_acls.get(&acl).unwrap();
        acl.entries_of(direction).map(|e| format!("{} {}", e.number, e.cidr)).collect::<Vec<_>>()
    };
    assert_eq!(entries(&account, Direction::Egress), ["100 0.0.0.0/0", "101 ::/0"]);
    assert!(entries(&account, Direction::Ingress).is_empty());
    let out = |group: &sidegate_model::SecurityGroupId| {
        let group = account.world.security_groups.get(group).unwrap();
        let out = group.rules.iter().filter(|r| r.rule.direction == Direction::Egress);
        out.map(|r| match &r.rule.peer {
            Peer::Cidr(block) => block.to_string(),
            peer => peer.to_string(),
        })
        .collect::<Vec<_>>()
    };
    assert_eq!(out(&account.default_group(&vpc)), ["0.0.0.0/0", "::/0"]);
    assert_eq!(out(&custom), ["0.0.0.0/0"]);
    assert_eq!(out(&after), ["0.0.0.0/0", "::/0"]);
}

/// A VPC with an IPv6 block, two subnets, and a part of the block for the first.
fn dual() -> (Account, VpcId, [SubnetId; 2], Ipv6Cidr) {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnets = ["10.0.0.0/24", "10.0.1.0/24"].map(|block| account.subnet(&vpc, block, "us-east-1a"));
    account.run(|w, c| w.associate_vpc_ipv6_cidr_block(c, &vpc));
    let block = ipv6_of(&account, &vpc);
    (account, vpc, subnets, part(block, 1))
}

#[test]
fn a_subnet_has_one_ipv6_block_of_its_vpcs() {
    let (mut account, vpc, [one, other], block) = dual();
    let id = account.run(|w, c| w.associate_subnet_cidr_block(c, &one, block));
    refused!(
        account,
        |w, c| w.associate_subnet_cidr_block(c, &one, part(block, 0)),
        "CidrLimitExceeded",
        format!("This subnet '{one}' has met its maximum number of allowed CIDRs: 1")
    );
    refused!(
        account,
        |w, c| w.associate_subnet_cidr_block(c, &other, block),
        "InvalidSubnet.Conflict",
        format!("The CIDR '{block}' conflicts with another subnet")
    );
    let outside: Ipv6Cidr = "2001:db8:ffff:1::/64".parse().unwrap();
    let (longer, odd) = (Ipv6Cidr::new(block.first(), 80), Ipv6Cidr::new(ipv6_of(&account, &vpc).first(), 58));
    for bad in [outside, longer, odd] {
        refused!(
            account,
            |w, c| w.associate_subnet_cidr_block(c, &other, bad),
            "InvalidSubnet.Range",
            format!("The CIDR '{bad}' is invalid.")
        );
    }
    let held = account.world.vpcs.get(&vpc).unwrap().ipv6_cidrs[0].id.clone();
    let error = account.try_run(|w, c| w.disassociate_vpc_cidr_block(c, &held)).unwrap_err();
    assert_eq!(error.code(), "DependencyViolation");
    assert_eq!(account.run(|w, c| w.disassociate_subnet_cidr_block(c, &id)), (one.clone(), block));
    refused!(
        account,
        |w, c| w.disassociate_subnet_cidr_block(c, &id),
        "InvalidSubnetCidrBlockAssociationID.NotFound",
        format!("The subnet CIDR block with association ID '{id}' does not exist")
    );
    account.run(|w, c| w.associate_subnet_cidr_block(c, &other, block));
    account.run(|w, c| w.delete_subnet(c, &other));
    assert_eq!(account.run(|w, c| w.disassociate_vpc_cidr_block(c, &held)).0, vpc);
    assert!(account.world.vpcs.get(&vpc).unwrap().ipv6_cidrs.is_empty());
}

#[test]
fn vpcs_and_subnets_of_earlier_versions_have_one_block() {
    let (account, vpc, [subnet, _], _) = dual();
    let earlier = |value: serde_json::Value, fields: &[&str]| {
        let mut fields_of = value.as_object().unwrap().clone();
        fields.iter().for_each(|field| drop(fields_of.remove(*field).unwrap()));
        serde_json::Value::Object(fields_of)
    };
    let stored = serde_json::to_value(account.world.vpcs.get(&vpc).unwrap()).unwrap();
    let stored = earlier(stored, &["secondary_cidrs", "ipv6_cidrs"]);
    let read: sidegate_model::Vpc = serde_json::from_value(stored).unwrap();
    assert_eq!((read.cidrs().count(), read.ipv6_cidrs.len()), (1, 0));
    let stored = serde_json::to_value(account.world.subnets.get(&subnet).unwrap()).unwrap();
    let read: sidegate_model::Subnet = serde_json::from_value(earlier(stored, &["ipv6_cidr"])).unwrap();
    assert_eq!(read.ipv6_cidr, None);
}
