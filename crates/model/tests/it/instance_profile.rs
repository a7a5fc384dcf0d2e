use sidegate_model::{Attachment, InstanceProfile, InstanceState, World};

use crate::account::Account;
use crate::instance::launch;
use crate::refused;

fn profile(name: &str) -> InstanceProfile {
    let arn = format!("arn:aws:iam::123456789012:instance-profile/apps/{name}");
    InstanceProfile { arn: arn.into(), id: "AIPAEXAMPLE".into() }
}

fn with_instance() -> (Account, sidegate_model::InstanceId) {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/28", "us-east-1a");
    let id = launch(&mut account, &subnet);
    (account, id)
}

#[test]
fn an_instance_has_one_profile_at_most_and_another_in_its_place_is_another_association() {
    let (mut account, id) = with_instance();
    let first = account.run(|w, c| w.associate_instance_profile(c, &id, profile("app")));
    assert_eq!((first.profile.name(), first.id.as_str().starts_with("iip-assoc-")), ("app", true));
    refused!(
        account,
        |w, c| w.associate_instance_profile(c, &id, profile("other")),
        "IncorrectState",
        format!("There is an existing association for instance {id}")
    );
    let (of, second) = account.run(|w, c| w.replace_instance_profile(c, first.id.as_str(), profile("other")));
    assert_eq!((&of, second.profile.name()), (&id, "other"));
    refused!(
        account,
        |w, c| w.disassociate_instance_profile(c, first.id.as_str()),
        "InvalidAssociationID.NotFound",
        format!("An invalid association-id of '{}' was given", first.id)
    );
    let (of, taken) = account.run(|w, c| w.disassociate_instance_profile(c, second.id.as_str()));
    assert_eq!((of, taken), (id.clone(), second));
    assert_eq!(account.world.instance(&account.scope, &id).unwrap().profile, None);
}

#[test]
fn a_stopped_instance_keeps_its_profile_and_a_terminated_one_has_none_and_gets_none() {
    let (mut account, id) = with_instance();
    account.run(|w, c| w.associate_instance_profile(c, &id, profile("app")));
    let mut is = |state| {
        account.run(|w: &mut World, c| {
            w.instance_is(c.now, &id, state, None);
            Ok(w.instance(&c.scope, &id)?.profile.is_some())
        })
    };
    assert!(is(InstanceState::Running) && is(InstanceState::Stopping) && is(InstanceState::Stopped));
    assert!(!is(InstanceState::Terminated));
    refused!(
        account,
        |w, c| w.associate_instance_profile(c, &id, profile("app")),
        "IncorrectInstanceState",
        format!("The instance '{id}' is not in the 'running' or 'stopped' states.")
    );
}

#[test]
fn a_role_is_given_to_programs_alone() {
    let (mut account, id) = with_instance();
    let instance = account.world.instance(&account.scope, &id).unwrap();
    let (subnet, first) = (instance.subnet.clone(), instance.interface.clone().unwrap());
    let program = account.program(&subnet, &[]);
    assert_eq!(account.nic(&program).attachment, Attachment::Program);
    for interface in [&program, &first] {
        account.run(|w, _| {
            w.give_role_to_program(interface, "arn:aws:iam::123456789012:role/app".into());
            Ok(())
        });
    }
    assert!(account.nic(&program).role.is_some() && account.nic(&first).role.is_none());
}
