use sidegate_model::{
    CreateRoute, Destination, Direction, Error, Peer, PeeringState, RouteState, RouteTableId, RouteTarget, Scope,
    SecurityGroupId, VpcId, VpcPeeringConnectionId,
};

use crate::account::{Account, cidr, tcp};
use crate::refused;

const OTHER: &str = "444455556666";

const HOUR: i64 = 3_600_000;

fn scope(account: &str, region: &str) -> Scope {
    Account::of(account, region).scope
}

/// Makes a VPC for another account or in another Region.
fn vpc_of(account: &mut Account, owner: &Scope, block: &str) -> VpcId {
    let own = std::mem::replace(&mut account.scope, owner.clone());
    let vpc = account.vpc(block);
    account.scope = own;
    vpc
}

/// Runs something in the name of another account or Region.
fn by<T>(account: &mut Account, owner: &Scope, what: impl FnOnce(&mut Account) -> T) -> T {
    let own = std::mem::replace(&mut account.scope, owner.clone());
    let made = what(account);
    account.scope = own;
    made
}

fn asked(account: &mut Account, vpc: &VpcId, peer: &VpcId, of: &Scope) -> VpcPeeringConnectionId {
    let of = of.clone();
    account.run(|w, c| w.create_peering(c, vpc, peer, Some(of.account), Some(of.region)))
}

fn state(account: &Account, id: &VpcPeeringConnectionId) -> PeeringState {
    account.world.peerings.get(id).unwrap().state_at(account.now).clone()
}

/// Two VPCs of one account with an active connection.
fn peered() -> (Account, VpcId, VpcId, VpcPeeringConnectionId) {
    let mut account = Account::new();
    let (one, two) = (account.vpc("10.0.0.0/16"), account.vpc("10.1.0.0/16"));
    let id = account.run(|w, c| w.create_peering(c, &one, &two, None, None));
    account.run(|w, c| w.accept_peering(c, &id));
    (account, one, two, id)
}

#[test]
fn a_connection_waits_until_its_accepter_accepts_it() {
    let mut account = Account::new();
    let other = scope(OTHER, "us-east-1");
    let (mine, theirs) = (account.vpc("10.0.0.0/16"), vpc_of(&mut account, &other, "10.1.0.0/16"));
    let id = asked(&mut account, &mine, &theirs, &other);
    assert_eq!(state(&account, &id), PeeringState::PendingAcceptance);
    refused!(
        account,
        |w, c| w.accept_peering(c, &id),
        "OperationNotPermitted",
        format!("User 111122223333 cannot accept peering {id}")
    );
    refused!(
        account,
        |w, c| w.reject_peering(c, &id),
        "OperationNotPermitted",
        format!("User 111122223333 cannot reject peering {id}")
    );
    by(&mut account, &other, |a| a.run(|w, c| w.accept_peering(c, &id)));
    assert_eq!(state(&account, &id), PeeringState::Active);
    assert_eq!(account.world.active_peering(&theirs, &mine).map(|p| &p.id), Some(&id));
    by(&mut account, &other, |a| {
        refused!(
            a,
            |w, c| w.accept_peering(c, &id),
            "InvalidStateTransition",
            format!("Invalid state transition for {id}, attempted to transition from active to provisioning")
        );
    });
    let stranger = scope("777788889999", "us-east-1");
    by(&mut account, &stranger, |a| {
        refused!(
            a,
            |w, c| w.delete_peering(c, &id),
            "InvalidVpcPeeringConnectionID.NotFound",
            format!("The vpcPeeringConnection ID '{id}' does not exist")
        );
    });
}

#[test]
fn it_is_accepted_in_the_region_of_the_accepter() {
    let mut account = Account::new();
    let there = scope("111122223333", "eu-west-1");
    let (here, far) = (account.vpc("10.0.0.0/16"), vpc_of(&mut account, &there, "10.1.0.0/16"));
    let id = asked(&mut account, &here, &far, &there);
    let wrong = "Incorrect region (us-east-1) specified for this request. VPC peering connection";
    refused!(
        account,
        |w, c| w.accept_peering(c, &id),
        "OperationNotPermitted",
        format!("{wrong} {id} must be accepted in region eu-west-1")
    );
    refused!(
        account,
        |w, c| w.reject_peering(c, &id),
        "OperationNotPermitted",
        format!("{wrong} {id} must be accepted or rejected in region eu-west-1")
    );
    by(&mut account, &there, |a| a.run(|w, c| w.accept_peering(c, &id)));
    assert!(account.world.peering(&account.scope, account.now, &id).unwrap().is_active());
    assert!(account.world.peering(&there, account.now, &id).is_ok());
}

#[test]
fn one_that_cannot_be_is_made_and_has_failed() {
    let mut account = Account::new();
    let other = scope(OTHER, "us-east-1");
    let (mine, same) = (account.vpc("10.0.0.0/16"), vpc_of(&mut account, &other, "10.0.128.0/20"));
    let nothing: VpcId = "vpc-0123".parse().unwrap();
    for peer in [&same, &nothing] {
        let id = asked(&mut account, &mine, peer, &other);
        assert_eq!(state(&account, &id), PeeringState::Failed);
        refused!(
            account,
            |w, c| w.delete_peering(c, &id),
            "InvalidStateTransition",
            format!("Invalid state transition for {id}, attempted to transition from failed to deleting")
        );
        assert!(account.world.peering(&other, account.now, &id).is_err(), "only the requester sees it");
    }
    let itself = account.run(|w, c| w.create_peering(c, &mine, &mine, None, None));
    assert_eq!(state(&account, &itself), PeeringState::Failed);
    refused!(
        account,
        |w, c| w.create_peering(c, &mine, &nothing, None, None),
        "InvalidVpcID.NotFound",
        "The vpc ID 'vpc-0123' does not exist"
    );
    refused!(
        account,
        |w, c| w.create_peering(c, &same, &mine, None, None),
        "InvalidVpcID.NotFound",
        format!("The vpc ID '{same}' does not exist")
    );
}

#[test]
fn two_vpcs_have_one_connection_that_waits_or_is_active() {
    let (mut account, one, two, id) = peered();
    for (vpc, peer) in [(&one, &two), (&two, &one)] {
        refused!(
            account,
            |w, c| w.create_peering(c, vpc, peer, None, None),
            "VpcPeeringConnectionAlreadyExists",
            format!("A VPC peering connection between the VPCs {vpc} and {peer} already exists.")
        );
    }
    account.run(|w, c| w.delete_peering(c, &id));
    account.run(|w, c| w.create_peering(c, &two, &one, None, None));
}

#[test]
fn a_request_expires_after_seven_days() {
    let mut account = Account::new();
    let (one, two) = (account.vpc("10.0.0.0/16"), account.vpc("10.1.0.0/16"));
    let id = account.run(|w, c| w.create_peering(c, &one, &two, None, None));
    account.now += 7 * 24 * HOUR - 1;
    assert_eq!(state(&account, &id), PeeringState::PendingAcceptance);
    account.now += 1;
    assert_eq!(state(&account, &id), PeeringState::Expired);
    refused!(
        account,
        |w, c| w.accept_peering(c, &id),
        "InvalidStateTransition",
        format!("Invalid state transition for {id}, attempted to transition from expired to provisioning")
    );
    account.run(|w, c| w.create_peering(c, &one, &two, None, None));
    account.now += 48 * HOUR;
    assert!(account.world.peering(&account.scope, account.now, &id).is_err());
}

#[test]
fn what_is_over_is_shown_longer_to_who_did_not_end_it() {
    let mut account = Account::new();
    let other = scope(OTHER, "us-east-1");
    let (mine, theirs) = (account.vpc("10.0.0.0/16"), vpc_of(&mut account, &other, "10.1.0.0/16"));
    let shown = |a: &Account, id: &VpcPeeringConnectionId, to: &Scope| a.world.peering(to, a.now, id).is_ok();
    let own = account.scope.clone();
    let deleted = asked(&mut account, &mine, &theirs, &other);
    account.run(|w, c| w.delete_peering(c, &deleted));
    assert_eq!(state(&account, &deleted), PeeringState::Deleted(own.account.clone()));
    let rejected = asked(&mut account, &mine, &theirs, &other);
    by(&mut account, &other, |a| a.run(|w, c| w.reject_peering(c, &rejected)));
    account.now += 2 * HOUR - 1;
    assert!([&deleted, &rejected].iter().all(|id| shown(&account, id, &own) && shown(&account, id, &other)));
    account.now += 1;
    assert!(!shown(&account, &deleted, &own) && shown(&account, &deleted, &other));
    assert!(shown(&account, &rejected, &own) && !shown(&account, &rejected, &other));
    account.now += 46 * HOUR;
    assert!([&deleted, &rejected].iter().all(|id| !shown(&account, id, &own) && !shown(&account, id, &other)));
    asked(&mut account, &mine, &theirs, &other);
    assert_eq!(account.world.peerings.len(), 1, "what nobody sees is forgotten");
}

#[test]
fn the_accepter_cannot_delete_a_request_and_either_side_an_active_connection() {
    let mut account = Account::new();
    let other = scope(OTHER, "us-east-1");
    let (mine, theirs) = (account.vpc("10.0.0.0/16"), vpc_of(&mut account, &other, "10.1.0.0/16"));
    let id = asked(&mut account, &mine, &theirs, &other);
    by(&mut account, &other, |a| {
        refused!(
            a,
            |w, c| w.delete_peering(c, &id),
            "OperationNotPermitted",
            format!("User {OTHER} cannot delete peering {id}")
        );
        a.run(|w, c| w.accept_peering(c, &id));
        a.run(|w, c| w.delete_peering(c, &id));
    });
    assert_eq!(state(&account, &id).code(), "deleted");
}

#[test]
fn either_side_changes_its_own_options_of_an_active_connection() {
    let mut account = Account::new();
    let other = scope(OTHER, "eu-west-1");
    let (mine, theirs) = (account.vpc("10.0.0.0/16"), vpc_of(&mut account, &other, "10.1.0.0/16"));
    let id = asked(&mut account, &mine, &theirs, &other);
    refused!(
        account,
        |w, c| w.modify_peering(c, &id, Some(true), None),
        "OperationNotPermitted",
        format!("Peering {id} is not active. Peering options can be added only to active peerings.")
    );
    by(&mut account, &other, |a| a.run(|w, c| w.accept_peering(c, &id)));
    refused!(
        account,
        |w, c| w.modify_peering(c, &id, Some(true), Some(true)),
        "OperationNotPermitted",
        "User 111122223333 does not have permission to modify the accepter side peering options"
    );
    account.run(|w, c| w.modify_peering(c, &id, Some(true), None));
    let peering = account.world.peerings.get(&id).unwrap();
    assert_eq!((peering.requester.remote_dns, peering.accepter.remote_dns), (true, false));

    let there = scope("111122223333", "eu-west-1");
    let far = vpc_of(&mut account, &there, "10.2.0.0/16");
    let own = asked(&mut account, &mine, &far, &there);
    by(&mut account, &there, |a| a.run(|w, c| w.accept_peering(c, &own)));
    refused!(
        account,
        |w, c| w.modify_peering(c, &own, None, Some(true)),
        "OperationNotPermitted",
        "Accepter's VPC Peering connection options cannot be modified for a different region"
    );
}

#[test]
fn the_26th_request_that_waits_and_the_51st_active_connection_are_refused() {
    let mut account = Account::new();
    let hub = account.vpc("172.16.0.0/16");
    let spokes: Vec<_> = (0..51).map(|n| account.vpc(&format!("10.{n}.0.0/16"))).collect();
    let mut ids = Vec::new();
    for spoke in &spokes[..25] {
        ids.push(account.run(|w, c| w.create_peering(c, &hub, spoke, None, None)));
    }
    refused!(
        account,
        |w, c| w.create_peering(c, &hub, &spokes[25], None, None),
        "OutstandingVpcPeeringConnectionLimitExceeded",
        "The maximum number of outstanding VPC peering connection requests has been reached."
    );
    for id in &ids {
        account.run(|w, c| w.accept_peering(c, id));
    }
    for spoke in &spokes[25..50] {
        let id = account.run(|w, c| w.create_peering(c, spoke, &hub, None, None));
        account.run(|w, c| w.accept_peering(c, &id));
    }
    let last = account.run(|w, c| w.create_peering(c, &hub, &spokes[50], None, None));
    refused!(
        account,
        |w, c| w.accept_peering(c, &last),
        "ActiveVpcPeeringConnectionPerVpcLimitExceeded",
        "The maximum number of active VPC peering connections per VPC has been reached."
    );
}

#[test]
fn a_vpc_with_an_active_connection_is_not_deleted_and_requests_end_with_it() {
    let (mut account, one, two, id) = peered();
    let third = account.vpc("10.2.0.0/16");
    let waits = account.run(|w, c| w.create_peering(c, &third, &one, None, None));
    refused!(
        account,
        |w, c| w.delete_vpc(c, &one),
        "DependencyViolation",
        format!("The vpc '{one}' has dependencies and cannot be deleted.")
    );
    account.run(|w, c| w.delete_peering(c, &id));
    account.run(|w, c| w.delete_vpc(c, &one));
    assert_eq!(state(&account, &waits).code(), "deleted");
    account.run(|w, c| w.delete_vpc(c, &two));
}

#[test]
fn a_block_that_a_peer_has_is_refused() {
    let (mut account, one, ..) = peered();
    assert_eq!(
        account.try_run(|w, c| w.associate_vpc_cidr_block(c, &one, cidr("10.1.128.0/20"))).unwrap_err().code(),
        "InvalidVpc.Range"
    );
    account.run(|w, c| w.associate_vpc_cidr_block(c, &one, cidr("10.3.0.0/20")));
}

#[test]
fn a_connection_whose_vpcs_have_come_to_overlap_fails_as_it_is_accepted() {
    let mut account = Account::new();
    let (one, two) = (account.vpc("10.0.0.0/16"), account.vpc("10.1.0.0/16"));
    let id = account.run(|w, c| w.create_peering(c, &one, &two, None, None));
    account.run(|w, c| w.associate_vpc_cidr_block(c, &one, cidr("10.1.0.0/20")));
    account.run(|w, c| w.accept_peering(c, &id));
    assert_eq!(state(&account, &id), PeeringState::Failed);
}

fn route(table: &RouteTableId, id: &VpcPeeringConnectionId) -> CreateRoute {
    CreateRoute {
        table: table.clone(),
        destination: Destination::Cidr(cidr("10.1.0.0/16")),
        target: RouteTarget::Peering(id.clone()),
    }
}

#[test]
fn a_route_over_a_connection_is_a_black_hole_unless_it_is_active() {
    let mut account = Account::new();
    let (one, two) = (account.vpc("10.0.0.0/16"), account.vpc("10.1.0.0/16"));
    let table = account.table(&one);
    let id = account.run(|w, c| w.create_peering(c, &one, &two, None, None));
    account.run(|w, c| w.create_route(c, route(&table, &id)));
    let state =
        |a: &Account| a.world.route_state(a.world.route_tables.get(&table).unwrap(), &RouteTarget::Peering(id.clone()));
    assert_eq!(state(&account), RouteState::Blackhole);
    account.run(|w, c| w.accept_peering(c, &id));
    assert_eq!(state(&account), RouteState::Active);
    account.run(|w, c| w.delete_peering(c, &id));
    assert_eq!(state(&account), RouteState::Blackhole);
    let again = route(&account.table(&one), &id);
    refused!(
        account,
        |w, c| w.create_route(c, again),
        "InvalidVpcPeeringConnectionID.NotFound",
        format!("The vpcPeeringConnection ID '{id}' does not exist")
    );
}

#[test]
fn a_route_over_a_connection_of_other_vpcs_is_refused() {
    let (mut account, _, _, id) = peered();
    let third = account.vpc("10.2.0.0/16");
    let table = account.table(&third);
    refused!(
        account,
        |w, c| w.create_route(c, route(&table, &id)),
        "InvalidParameterValue",
        format!("route table {table} and VPC peering connection {id} belong to different networks")
    );
}

fn refer(account: &mut Account, group: &SecurityGroupId, peer: &SecurityGroupId) -> Result<(), Error> {
    let rule = tcp(Direction::Ingress, 443, Peer::Group(peer.clone()));
    account.try_run(|w, c| w.authorize(c, group, vec![rule])).map(drop)
}

#[test]
fn a_rule_names_a_group_of_a_peer_vpc_while_the_connection_is_active() {
    let mut account = Account::new();
    let other = scope(OTHER, "us-east-1");
    let (mine, theirs) = (account.vpc("10.0.0.0/16"), vpc_of(&mut account, &other, "10.1.0.0/16"));
    let group = account.group(&mine, "web");
    let peer = by(&mut account, &other, |a| a.group(&theirs, "clients"));
    let error = refer(&mut account, &group, &peer).unwrap_err();
    assert_eq!(error.to_string(), format!("The security group '{peer}' does not exist"));
    let id = asked(&mut account, &mine, &theirs, &other);
    assert!(refer(&mut account, &group, &peer).is_err(), "it still waits");
    by(&mut account, &other, |a| a.run(|w, c| w.accept_peering(c, &id)));
    refer(&mut account, &group, &peer).unwrap();
    let status = |a: &Account| {
        let group = a.world.security_groups.get(&group).unwrap();
        let beyond = group.rules.last().unwrap().beyond.as_ref().unwrap();
        let reference = a.world.peer_reference(group, &peer, beyond);
        (reference.account.is_some(), reference.status, reference.is_stale())
    };
    assert_eq!(status(&account), (true, "active", false));

    // The group of the peer can go: the rule is stale then.
    by(&mut account, &other, |a| a.run(|w, c| w.delete_security_group(c, &peer)));
    assert_eq!(status(&account), (false, "active", true));
    account.run(|w, c| w.delete_peering(c, &id));
    assert_eq!(status(&account), (false, "deleted", true));
    let rule = tcp(Direction::Ingress, 443, Peer::Group(peer.clone()));
    account.run(|w, c| w.revoke(c, &group, &[rule]));
}

#[test]
fn a_group_of_another_region_or_of_an_own_vpc_that_is_not_connected_cannot_be_named() {
    let mut account = Account::new();
    let there = scope("111122223333", "eu-west-1");
    let (mine, far) = (account.vpc("10.0.0.0/16"), vpc_of(&mut account, &there, "10.1.0.0/16"));
    let id = asked(&mut account, &mine, &far, &there);
    by(&mut account, &there, |a| a.run(|w, c| w.accept_peering(c, &id)));
    let (group, peer) = (account.group(&mine, "web"), by(&mut account, &there, |a| a.group(&far, "clients")));
    assert_eq!(refer(&mut account, &group, &peer).unwrap_err().code(), "InvalidGroup.NotFound");
    let other = account.vpc("10.2.0.0/16");
    let other = account.default_group(&other);
    let error = refer(&mut account, &group, &other).unwrap_err();
    assert_eq!(error.to_string(), "You have specified two resources that belong to different networks.");
}

#[test]
fn a_connection_that_is_made_anew_revives_the_rules_of_the_old_one() {
    let (mut account, one, two, id) = peered();
    let (group, peer) = (account.group(&one, "web"), account.group(&two, "clients"));
    refer(&mut account, &group, &peer).unwrap();
    account.run(|w, c| w.delete_peering(c, &id));
    let new = account.run(|w, c| w.create_peering(c, &two, &one, None, None));
    account.run(|w, c| w.accept_peering(c, &new));
    let group = account.world.security_groups.get(&group).unwrap();
    let reference = account.world.peer_reference(group, &peer, group.rules.last().unwrap().beyond.as_ref().unwrap());
    assert_eq!((reference.peering, reference.is_stale()), (&new, false));
}

#[test]
fn either_side_has_tags_of_its_own() {
    let mut account = Account::new();
    let other = scope(OTHER, "us-east-1");
    let (mine, theirs) = (account.vpc("10.0.0.0/16"), vpc_of(&mut account, &other, "10.1.0.0/16"));
    let id = asked(&mut account, &mine, &theirs, &other);
    let tag = |side: &str| [("Side".to_owned(), side.to_owned())];
    account.run(|w, c| w.create_tags(c, &[id.to_string()], &tag("Requester")));
    by(&mut account, &other, |a| a.run(|w, c| w.create_tags(c, &[id.to_string()], &tag("Accepter"))));
    let peering = account.world.peerings.get(&id).unwrap();
    let of = |scope: &Scope| account.world.tags(&peering.tag_key(scope)).map(|(_, value)| value).collect::<Vec<_>>();
    assert_eq!((of(&account.scope), of(&other)), (vec!["Requester"], vec!["Accepter"]));
    by(&mut account, &other, |a| a.run(|w, c| w.delete_tags(c, &[id.to_string()], &[])));
    assert_eq!(account.world.tags.len(), 1);
}
