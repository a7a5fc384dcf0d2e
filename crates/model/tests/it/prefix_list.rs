use sidegate_model::{
    AddressFamily, CreatePrefixList, CreateRoute, CustomerPrefixList, Destination, Direction, IpCidr, ModifyPrefixList,
    Peer, PrefixListEntry, PrefixListId, PrefixListState, RouteTarget,
};

use crate::account::{Account, tcp};
use crate::refused;

fn entry(block: &str, description: &str) -> PrefixListEntry {
    PrefixListEntry { block: block.parse::<IpCidr>().unwrap(), description: description.to_owned() }
}

fn wanted(max_entries: i32, blocks: &[&str]) -> CreatePrefixList {
    CreatePrefixList {
        name: "offices".to_owned(),
        family: AddressFamily::Ipv4,
        max_entries,
        entries: blocks.iter().map(|block| entry(block, "")).collect(),
    }
}

fn add(block: &str, description: &str) -> ModifyPrefixList {
    ModifyPrefixList { add: vec![entry(block, description)], ..ModifyPrefixList::default() }
}

fn remove(block: &str) -> ModifyPrefixList {
    ModifyPrefixList { remove: vec![block.parse::<IpCidr>().unwrap()], ..ModifyPrefixList::default() }
}

fn resize(max_entries: i32) -> ModifyPrefixList {
    ModifyPrefixList { max_entries: Some(max_entries), ..ModifyPrefixList::default() }
}

fn made(account: &mut Account, max_entries: i32, blocks: &[&str]) -> PrefixListId {
    account.run(|w, c| w.create_prefix_list(c, wanted(max_entries, blocks)))
}

fn list<'a>(account: &'a Account, id: &PrefixListId) -> &'a CustomerPrefixList {
    account.world.prefix_lists.get(id).unwrap()
}

fn blocks(account: &Account, id: &PrefixListId, version: Option<i64>) -> Vec<String> {
    let entries = account.world.prefix_list_entries(list(account, id), version).unwrap();
    entries.iter().map(|entry| entry.block.to_string()).collect()
}

#[test]
fn a_new_list_has_version_one_and_canonical_blocks_in_order() {
    let mut account = Account::new();
    let id = made(&mut account, 10, &["10.1.0.9/16", "10.0.0.0/16"]);
    assert_eq!(blocks(&account, &id, None), ["10.0.0.0/16", "10.1.0.0/16"]);
    assert_eq!(list(&account, &id).version, 1);
    assert_eq!(list(&account, &id).state, PrefixListState::CreateComplete);
    let resolved = account.world.prefix_list(&account.scope, &id).unwrap();
    assert_eq!((resolved.cidrs.len(), resolved.cidrs6.len(), resolved.weight), (2, 0, 10));
}

#[test]
fn what_no_list_can_be_is_refused() {
    let mut account = Account::new();
    let mut case = |change: &dyn Fn(&mut CreatePrefixList), code: &str, message: &str| {
        let mut list = wanted(2, &["10.0.0.0/16"]);
        change(&mut list);
        refused!(account, |w, c| w.create_prefix_list(c, list), code, message);
    };
    let size =
        |n: i32| format!("Value ({n}) for parameter MaxEntries is invalid. Must specify a max size between 1 and 1000");
    case(&|l| l.name.clear(), "MissingParameter", "The request must contain the parameter PrefixListName");
    case(
        &|l| l.name = "com.amazonaws.mine".to_owned(),
        "InvalidParameterValue",
        "The prefix list name (com.amazonaws.mine) is not valid. A name cannot start with com.amazonaws.",
    );
    case(
        &|l| l.name = "n".repeat(256),
        "InvalidParameterValue",
        "The prefix list name exceeds the maximum length of 255 characters",
    );
    case(&|l| l.max_entries = 0, "InvalidParameterValue", &size(0));
    case(&|l| l.max_entries = 1001, "InvalidParameterValue", &size(1001));
    case(
        &|l| l.entries = ["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16"].map(|b| entry(b, "")).to_vec(),
        "PrefixListMaxEntriesExceeded",
        "The prefix list would have 3 entries, which exceeds its maximum of 2.",
    );
    case(
        &|l| l.entries.push(entry("10.0.0.7/16", "")),
        "InvalidParameterValue",
        "Request cannot contain duplicate Cidr 10.0.0.0/16",
    );
    case(
        &|l| l.entries.push(entry("2001:db8::/32", "")),
        "InvalidParameterValue",
        "The CIDR (2001:db8::/32) does not match the address family (IPv4) of the prefix list.",
    );
    case(
        &|l| l.entries = vec![entry("10.0.0.0/16", &"d".repeat(256))],
        "InvalidParameterValue",
        "The description of the entry with the CIDR (10.0.0.0/16) exceeds the maximum length of 255 characters",
    );
    case(
        &|l| l.entries = (0..=100).map(|n| entry(&format!("10.{n}.0.0/16"), "")).collect(),
        "InvalidParameterValue",
        "The number of entries per request cannot exceeds limit (100).",
    );
}

#[test]
fn the_101st_list_of_a_region_is_refused() {
    let mut account = Account::new();
    for _ in 0..100 {
        made(&mut account, 1, &[]);
    }
    refused!(
        account,
        |w, c| w.create_prefix_list(c, wanted(1, &[])),
        "PrefixListLimitExceeded",
        "The maximum number of prefix lists has been reached."
    );
}

#[test]
fn other_entries_make_a_new_version_and_the_old_one_is_kept() {
    let mut account = Account::new();
    let id = made(&mut account, 3, &["10.0.0.0/16"]);
    account.run(|w, c| w.modify_prefix_list(c, &id, ModifyPrefixList { current: Some(1), ..add("10.1.0.0/16", "b") }));
    account.run(|w, c| w.modify_prefix_list(c, &id, remove("10.0.0.0/16")));
    assert_eq!(list(&account, &id).version, 3);
    assert_eq!(list(&account, &id).state, PrefixListState::ModifyComplete);
    assert_eq!(blocks(&account, &id, None), ["10.1.0.0/16"]);
    assert_eq!(blocks(&account, &id, Some(3)), ["10.1.0.0/16"]);
    assert_eq!(blocks(&account, &id, Some(2)), ["10.0.0.0/16", "10.1.0.0/16"]);
    assert_eq!(blocks(&account, &id, Some(1)), ["10.0.0.0/16"]);
    for unknown in [0, 4] {
        assert!(account.world.prefix_list_entries(list(&account, &id), Some(unknown)).is_err());
    }
}

#[test]
fn a_name_and_a_size_make_no_version() {
    let mut account = Account::new();
    let id = made(&mut account, 3, &["10.0.0.0/16"]);
    let rename = ModifyPrefixList { name: Some("homes".to_owned()), ..ModifyPrefixList::default() };
    account.run(|w, c| w.modify_prefix_list(c, &id, rename));
    assert_eq!(
        (list(&account, &id).name.as_str(), list(&account, &id).state),
        ("homes", PrefixListState::CreateComplete)
    );
    account.run(|w, c| w.modify_prefix_list(c, &id, resize(1)));
    let now = list(&account, &id);
    assert_eq!((now.version, now.max_entries, now.state), (1, 1, PrefixListState::ModifyComplete));
}

#[test]
fn an_entry_that_is_there_gets_another_description_and_is_refused_with_the_same() {
    let mut account = Account::new();
    let id = made(&mut account, 1, &[]);
    account.run(|w, c| w.modify_prefix_list(c, &id, add("10.0.0.0/16", "one")));
    refused!(
        account,
        |w, c| w.modify_prefix_list(c, &id, add("10.0.0.0/16", "one")),
        "InvalidPrefixListModification",
        "An entry with the CIDR (10.0.0.0/16) and description (one) already exists."
    );
    account.run(|w, c| w.modify_prefix_list(c, &id, add("10.0.0.0/16", "two")));
    assert_eq!(list(&account, &id).entries, [entry("10.0.0.0/16", "two")]);
}

#[test]
fn changes_that_cannot_be_are_refused_and_change_nothing() {
    let mut account = Account::new();
    let id = made(&mut account, 1, &["10.0.0.0/16"]);
    let mut case = |change: ModifyPrefixList, code: &str, message: &str| {
        refused!(account, |w, c| w.modify_prefix_list(c, &id, change), code, message);
        assert_eq!((list(&account, &id).version, list(&account, &id).entries.len()), (1, 1));
    };
    let mismatch = "The prefix list has the incorrect version number.";
    case(ModifyPrefixList { current: Some(2), ..remove("10.0.0.0/16") }, "PrefixListVersionMismatch", mismatch);
    case(
        ModifyPrefixList { current: Some(0), ..remove("10.0.0.0/16") },
        "InvalidParameterValue",
        "The specified value for version is not valid. The value must be greater than (1).",
    );
    case(ModifyPrefixList::default(), "InvalidRequest", "The request received was invalid.");
    case(
        ModifyPrefixList { max_entries: Some(2), ..add("10.1.0.0/16", "") },
        "InvalidParameterCombination",
        "You cannot modify the entries and the maximum entries for the prefix list in the same request.",
    );
    case(
        ModifyPrefixList { remove: remove("10.0.0.0/16").remove, ..add("10.0.0.0/16", "new") },
        "InvalidParameterValue",
        "Request cannot contain Cidr 10.0.0.0/16 in both AddPrefixListEntries and RemovePrefixListEntries",
    );
    case(
        remove("10.9.0.0/16"),
        "InvalidPrefixListModification",
        "An entry with the CIDR (10.9.0.0/16) does not exist.",
    );
    case(
        add("10.1.0.0/16", ""),
        "PrefixListMaxEntriesExceeded",
        "The prefix list would have 2 entries, which exceeds its maximum of 1.",
    );
    case(
        add("::/0", ""),
        "InvalidParameterValue",
        "The CIDR (::/0) does not match the address family (IPv4) of the prefix list.",
    );
    case(
        ModifyPrefixList {
            add: (0..=100).map(|n| entry(&format!("10.{n}.0.0/16"), "")).collect(),
            ..ModifyPrefixList::default()
        },
        "InvalidParameterValue",
        "Request cannot contain more than 100 entry additions or removals",
    );
}

#[test]
fn a_size_below_the_number_of_entries_is_refused() {
    let mut account = Account::new();
    let id = made(&mut account, 3, &["10.0.0.0/16", "10.1.0.0/16"]);
    refused!(
        account,
        |w, c| w.modify_prefix_list(c, &id, resize(1)),
        "PrefixListMaxEntriesExceeded",
        "The prefix list would have 2 entries, which exceeds its maximum of 1."
    );
}

#[test]
fn an_earlier_version_is_restored_as_a_new_one() {
    let mut account = Account::new();
    let id = made(&mut account, 3, &["10.0.0.0/16", "10.1.0.0/16"]);
    account.run(|w, c| w.modify_prefix_list(c, &id, remove("10.0.0.0/16")));
    refused!(
        account,
        |w, c| w.restore_prefix_list(c, &id, 1, 1),
        "PrefixListVersionMismatch",
        "The prefix list has the incorrect version number."
    );
    refused!(
        account,
        |w, c| w.restore_prefix_list(c, &id, 2, 2),
        "InvalidParameterValue",
        "Value (2) for parameter PreviousVersion is invalid. It must be lower than the current version."
    );
    account.run(|w, c| w.restore_prefix_list(c, &id, 1, 2));
    assert_eq!(blocks(&account, &id, None), ["10.0.0.0/16", "10.1.0.0/16"]);
    assert_eq!((list(&account, &id).version, list(&account, &id).state), (3, PrefixListState::RestoreComplete));
    account.run(|w, c| w.modify_prefix_list(c, &id, remove("10.0.0.0/16")));
    account.run(|w, c| w.modify_prefix_list(c, &id, resize(1)));
    refused!(
        account,
        |w, c| w.restore_prefix_list(c, &id, 1, 4),
        "PrefixListMaxEntriesExceeded",
        "The prefix list would have 2 entries, which exceeds its maximum of 1."
    );
}

#[test]
fn of_more_than_a_thousand_versions_the_oldest_goes() {
    let mut account = Account::new();
    let id = made(&mut account, 1, &["10.0.0.0/16"]);
    for n in 1..=1000 {
        let block = format!("10.{}.0.0/16", n % 2);
        let before = format!("10.{}.0.0/16", (n + 1) % 2);
        let change = ModifyPrefixList { remove: remove(&before).remove, ..add(&block, "") };
        account.run(|w, c| w.modify_prefix_list(c, &id, change));
    }
    assert_eq!(list(&account, &id).version, 1001);
    assert_eq!(account.world.prefix_list_versions.len(), 999);
    refused!(
        account,
        |w, c| w.restore_prefix_list(c, &id, 1, 1001),
        "InvalidParameterValue",
        format!("The prefix list '{id}' has no version 1.")
    );
    account.run(|w, c| w.restore_prefix_list(c, &id, 2, 1001));
    account.run(|w, c| w.delete_prefix_list(c, &id));
    assert!(account.world.prefix_list_versions.is_empty());
}

#[test]
fn a_list_counts_for_a_group_as_many_rules_as_it_can_have_entries() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let group = account.group(&vpc, "web");
    let (most, more) = (made(&mut account, 60, &[]), made(&mut account, 1, &[]));
    account.run(|w, c| w.authorize(c, &group, vec![tcp(Direction::Ingress, 443, Peer::PrefixList(most.clone()))]));
    refused!(
        account,
        |w, c| w.authorize(c, &group, vec![tcp(Direction::Ingress, 443, Peer::PrefixList(more))]),
        "RulesPerSecurityGroupLimitExceeded",
        "The maximum number of rules per security group has been reached."
    );
    // The other family has room of its own.
    let six = CreatePrefixList { family: AddressFamily::Ipv6, ..wanted(60, &[]) };
    let six = account.run(|w, c| w.create_prefix_list(c, six));
    account.run(|w, c| w.authorize(c, &group, vec![tcp(Direction::Ingress, 443, Peer::PrefixList(six))]));
}

#[test]
fn a_list_counts_for_a_table_as_many_routes_as_it_can_have_entries() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let (table, target) = (account.table(&vpc), account.program(&subnet, &[]));
    let (big, small) = (made(&mut account, 499, &[]), made(&mut account, 2, &[]));
    let route = |list: &PrefixListId| CreateRoute {
        table: table.clone(),
        destination: Destination::PrefixList(list.clone()),
        target: RouteTarget::Interface(target.clone()),
    };
    account.run(|w, c| w.create_route(c, route(&big)));
    refused!(
        account,
        |w, c| w.create_route(c, route(&small)),
        "RouteLimitExceeded",
        "The maximum number of routes has been reached."
    );
}

#[test]
fn a_size_that_is_too_much_for_who_names_the_list_fails_and_its_state_says_for_whom() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let group = account.group(&vpc, "web");
    let id = made(&mut account, 10, &[]);
    account.run(|w, c| w.authorize(c, &group, vec![tcp(Direction::Ingress, 443, Peer::PrefixList(id.clone()))]));
    account.run(|w, c| w.modify_prefix_list(c, &id, resize(61)));
    let now = list(&account, &id);
    assert_eq!((now.max_entries, now.state), (10, PrefixListState::ModifyFailed));
    let why = format!("The following resources do not support the new maximum size: {group}.");
    assert_eq!(now.message.as_deref(), Some(why.as_str()));
    account.run(|w, c| w.modify_prefix_list(c, &id, resize(60)));
    let now = list(&account, &id);
    assert_eq!((now.max_entries, now.state, &now.message), (60, PrefixListState::ModifyComplete, &None));
}

#[test]
fn a_list_that_is_named_is_not_deleted_and_its_state_says_by_whom() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let group = account.group(&vpc, "web");
    let id = made(&mut account, 1, &[]);
    let rule = || tcp(Direction::Egress, 443, Peer::PrefixList(id.clone()));
    account.run(|w, c| w.authorize(c, &group, vec![rule()]));
    account.run(|w, c| w.delete_prefix_list(c, &id));
    let now = list(&account, &id);
    assert_eq!(now.state, PrefixListState::DeleteFailed);
    assert!(now.message.as_ref().unwrap().contains(group.as_str()));
    account.run(|w, c| w.revoke(c, &group, &[rule()]));
    account.run(|w, c| w.delete_prefix_list(c, &id));
    assert!(account.world.prefix_lists.is_empty());
    refused!(
        account,
        |w, c| w.delete_prefix_list(c, &id),
        "InvalidPrefixListID.NotFound",
        format!("The prefix list ID '{id}' does not exist")
    );
}

#[test]
fn the_lists_of_aws_and_of_others_are_not_the_accounts_to_change() {
    let mut account = Account::new();
    let id = made(&mut account, 1, &[]);
    let s3: PrefixListId = "pl-63a5400a".parse().unwrap();
    refused!(
        account,
        |w, c| w.delete_prefix_list(c, &s3),
        "OperationNotPermitted",
        "The prefix list 'pl-63a5400a' is managed by AWS and cannot be changed."
    );
    for (owner, region) in [("444455556666", "us-east-1"), ("111122223333", "eu-west-1")] {
        account.scope = Account::of(owner, region).scope;
        refused!(
            account,
            |w, c| w.modify_prefix_list(c, &id, resize(2)),
            "InvalidPrefixListID.NotFound",
            format!("The prefix list ID '{id}' does not exist")
        );
        assert_eq!(account.world.prefix_list(&account.scope, &id), None);
    }
}
