use std::slice::from_ref;

use sidegate_model::{
    Direction, Error, IpCidr, IpProtocol, NetworkAclAssociationId, NetworkAclEntry, NetworkAclId, PortRange, RuleAction,
};

use crate::account::{Account, cidr};
use crate::refused;

fn entry(direction: Direction, number: i32, action: RuleAction) -> NetworkAclEntry {
    let ports = Some(PortRange { from: 443, to: 443 });
    let cidr = IpCidr::V4(cidr("10.0.0.0/16"));
    NetworkAclEntry::new(direction, number, action, IpProtocol::TCP, cidr, ports, None).unwrap()
}

fn of_subnet(account: &Account, subnet: &sidegate_model::SubnetId) -> (NetworkAclAssociationId, NetworkAclId) {
    let association = account.world.network_acl_of(account.world.subnets.get(subnet).unwrap()).unwrap();
    (association.id, association.acl)
}

#[test]
fn the_entries_of_a_direction_are_tried_by_their_number() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let acl = account.run(|w, c| w.create_network_acl(c, &vpc));
    for (direction, number) in
        [(Direction::Ingress, 200), (Direction::Egress, 7), (Direction::Ingress, 100), (Direction::Ingress, 32_766)]
    {
        account.run(|w, c| w.create_network_acl_entry(c, &acl, entry(direction, number, RuleAction::Allow)));
    }
    let numbers = |direction| {
        let acl = account.world.network_acls.get(&acl).unwrap();
        acl.entries_of(direction).map(|e| e.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(Direction::Ingress), [100, 200, 32_766]);
    assert_eq!(numbers(Direction::Egress), [7]);
}

#[test]
fn the_default_acl_lets_everything_through_until_it_is_changed() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let acl = account.world.vpcs.get(&vpc).unwrap().network_acl.clone();
    let entries: Vec<_> = account.world.network_acls.get(&acl).unwrap().entries().to_vec();
    let shown = |e: &NetworkAclEntry| (e.direction, e.number, e.action, e.protocol, e.cidr.to_string());
    let everything = |d| (d, 100, RuleAction::Allow, IpProtocol::All, "0.0.0.0/0".to_owned());
    let expected = [everything(Direction::Egress), everything(Direction::Ingress)];
    assert_eq!(entries.iter().map(shown).collect::<Vec<_>>(), expected);
    account.run(|w, c| w.delete_network_acl_entry(c, &acl, Direction::Ingress, 100));
    assert_eq!(account.world.network_acls.get(&acl).unwrap().entries_of(Direction::Ingress).count(), 0);
    refused!(
        account,
        |w, c| w.delete_network_acl(c, &acl),
        "InvalidParameterValue",
        format!("cannot delete default network ACL {acl}")
    );
}

#[test]
fn a_subnet_has_the_default_acl_until_its_association_is_replaced() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let other = account.subnet(&vpc, "10.0.1.0/24", "us-east-1a");
    let default = account.world.vpcs.get(&vpc).unwrap().network_acl.clone();
    let (first, acl) = of_subnet(&account, &subnet);
    assert_eq!(acl, default);
    let closed = account.run(|w, c| w.create_network_acl(c, &vpc));
    let second = account.run(|w, c| w.replace_network_acl_association(c, &first, &closed));
    assert_eq!(of_subnet(&account, &subnet), (second.clone(), closed.clone()));
    assert_eq!(of_subnet(&account, &other).1, default);
    refused!(
        account,
        |w, c| w.delete_network_acl(c, &closed),
        "DependencyViolation",
        format!("The networkAcl '{closed}' has dependencies and cannot be deleted.")
    );
    refused!(
        account,
        |w, c| w.replace_network_acl_association(c, &first, &closed),
        "InvalidAssociationID.NotFound",
        format!("The association ID '{first}' does not exist")
    );
    account.run(|w, c| w.delete_subnet(c, &subnet));
    account.run(|w, c| w.delete_network_acl(c, &closed));
}

#[test]
fn a_vpc_has_200_acls() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    for _ in 1..200 {
        account.run(|w, c| w.create_network_acl(c, &vpc));
    }
    refused!(
        account,
        |w, c| w.create_network_acl(c, &vpc),
        "NetworkAclLimitExceeded",
        "The maximum number of network ACLs has been reached."
    );
}

#[test]
fn a_world_of_an_earlier_version_gets_its_default_acls() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let whole = account.world.clone();
    let acl = whole.vpcs.get(&vpc).unwrap().network_acl.clone();
    account.world.network_acls.remove(&acl);
    let stored = serde_json::to_value(account.world.subnets.get(&subnet).unwrap()).unwrap();
    let mut earlier = stored.as_object().unwrap().clone();
    earlier.remove("network_acl");
    account.world.subnets.insert(serde_json::from_value(earlier.into()).unwrap());
    account.world.complete();
    assert_eq!(account.world, whole);
}

#[test]
fn tags_of_an_acl_go_with_it() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let acl = account.run(|w, c| w.create_network_acl(c, &vpc));
    account.run(|w, c| w.create_tags(c, from_ref(&acl.to_string()), &[("a".to_owned(), "b".to_owned())]));
    account.run(|w, c| w.delete_network_acl(c, &acl));
    assert!(account.world.tags.is_empty());
    assert!(matches!(
        account.try_run(|w, c| w.create_tags(c, from_ref(&acl.to_string()), &[])),
        Err(Error::NotFound { code: "InvalidNetworkAclID.NotFound", .. })
    ));
}
