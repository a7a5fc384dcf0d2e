use sidegate_model::{InstanceState, RunInstance, SubnetId};

use crate::account::{Account, instances};
use crate::refused;

fn wanted(subnet: &SubnetId, count: u32) -> RunInstance {
    RunInstance { client_token: "t".to_owned(), ..instances(subnet, count) }
}

/// Launches one instance in a subnet.
pub(crate) fn launch(account: &mut Account, subnet: &SubnetId) -> sidegate_model::InstanceId {
    account.run(|w, c| w.run_instances(c, &wanted(subnet, 1))).1.remove(0)
}

fn with_subnet() -> (Account, SubnetId) {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/28", "us-east-1a");
    (account, subnet)
}

#[test]
fn instances_of_one_call_share_a_reservation_and_each_has_an_interface() {
    let (mut account, subnet) = with_subnet();
    let (reservation, ids) = account.run(|w, c| w.run_instances(c, &wanted(&subnet, 3)));
    assert_eq!(ids.len(), 3);
    for (index, id) in ids.iter().enumerate() {
        let instance = account.world.instance(&account.scope, id).unwrap();
        assert_eq!((&instance.reservation, instance.launch_index as usize), (&reservation, index));
        assert_eq!(instance.state, InstanceState::Pending);
        assert!(account.world.interfaces.get(instance.interface.as_ref().unwrap()).is_some());
    }
}

#[test]
fn a_subnet_with_too_few_addresses_launches_none() {
    let (mut account, subnet) = with_subnet();
    refused!(
        account,
        |w, c| w.run_instances(c, &wanted(&subnet, 12)),
        "InsufficientFreeAddressesInSubnet",
        format!(
            "There are not enough free addresses in subnet '{subnet}' to satisfy the requested number of instances."
        )
    );
    account.run(|w, c| w.run_instances(c, &wanted(&subnet, 11)));
}

#[test]
fn the_count_is_at_least_one_and_an_address_is_for_one() {
    let (mut account, subnet) = with_subnet();
    refused!(
        account,
        |w, c| w.run_instances(c, &wanted(&subnet, 0)),
        "InvalidParameterValue",
        "Value (0) for parameter maxCount is invalid. At least one instance must be launched."
    );
    let mut two = wanted(&subnet, 2);
    two.address = Some([10, 0, 0, 9].into());
    refused!(
        account,
        |w, c| w.run_instances(c, &two),
        "InvalidParameterCombination",
        "A private address can be given for one instance only"
    );
}

#[test]
fn user_data_has_at_most_16_kib_before_it_is_encoded() {
    let (mut account, subnet) = with_subnet();
    let mut with_data = wanted(&subnet, 1);
    // 16,384 bytes are 21,846 characters and two of padding.
    with_data.user_data = Some(format!("{}==", "A".repeat(21_846)).into());
    account.run(|w, c| w.run_instances(c, &with_data));
    with_data.user_data = Some(format!("{}=", "A".repeat(21_847)).into());
    refused!(
        account,
        |w, c| w.run_instances(c, &with_data),
        "InvalidParameterValue",
        "User data is limited to 16384 bytes"
    );
}

#[test]
fn an_instance_of_an_earlier_version_is_read_with_what_it_had_besides() {
    let (mut account, subnet) = with_subnet();
    let mut wanted = wanted(&subnet, 1);
    wanted.user_data = Some("ZWNobyBoaQ==".into());
    let (_, ids) = account.run(|w, c| w.run_instances(c, &wanted));
    let instance = account.world.instances.get(&ids[0]).unwrap();
    let mut stored = serde_json::to_value(instance).unwrap();
    assert_eq!(stored["user_data"], "ZWNobyBoaQ==");
    stored["key_name"] = "mine".into();
    assert_eq!(serde_json::from_value::<sidegate_model::Instance>(stored).unwrap(), *instance);
}

#[test]
fn a_terminated_instance_gives_its_interface_back_and_is_shown_for_an_hour() {
    let (mut account, subnet) = with_subnet();
    let (_, ids) = account.run(|w, c| w.run_instances(c, &wanted(&subnet, 1)));
    account.run(|w, c| w.create_tags(c, &[ids[0].to_string()], &[("a".to_owned(), "b".to_owned())]));
    let now = account.now;
    account.world.instance_is(now, &ids[0], InstanceState::Running, None);
    account.world.instance_is(now, &ids[0], InstanceState::ShuttingDown, None);
    account.world.instance_is(now, &ids[0], InstanceState::Terminated, None);
    assert!(account.world.interfaces.is_empty());
    assert_eq!(account.world.instances.get(&ids[0]).unwrap().interface, None);
    account.run(|w, c| w.delete_subnet(c, &subnet));
    account.world.forget_terminated(now + 3_600_000);
    assert!(account.world.instances.get(&ids[0]).is_some());
    account.world.forget_terminated(now + 3_600_001);
    assert!(account.world.instances.is_empty() && account.world.tags.is_empty());
}

#[test]
fn an_instance_that_is_ending_does_not_come_back() {
    let (mut account, subnet) = with_subnet();
    let (_, ids) = account.run(|w, c| w.run_instances(c, &wanted(&subnet, 1)));
    let state = |account: &Account| account.world.instances.get(&ids[0]).unwrap().state;
    account.world.instance_is(1, &ids[0], InstanceState::ShuttingDown, None);
    account.world.instance_is(2, &ids[0], InstanceState::Running, None);
    assert_eq!(state(&account), InstanceState::ShuttingDown);
    account.world.instance_is(3, &ids[0], InstanceState::Terminated, None);
    for late in [InstanceState::Running, InstanceState::ShuttingDown] {
        account.world.instance_is(4, &ids[0], late, None);
        assert_eq!(state(&account), InstanceState::Terminated);
    }
    assert_eq!(account.world.instances.get(&ids[0]).unwrap().changed, 3);
}

#[test]
fn states_have_awss_codes_and_names() {
    assert_eq!(InstanceState::Pending.wire(), (0, "pending"));
    assert_eq!(InstanceState::Running.wire(), (16, "running"));
    assert_eq!(InstanceState::ShuttingDown.wire(), (32, "shutting-down"));
    assert_eq!(InstanceState::Terminated.wire(), (48, "terminated"));
}
