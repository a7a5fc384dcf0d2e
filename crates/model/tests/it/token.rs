use sidegate_model::{InstanceId, RouteTableId, SecurityGroupId, SubnetId, VpcEndpointId, VpcId};

use crate::account::Account;
use crate::refused;

const DAY: i64 = 86_400_000;

#[test]
fn a_token_gives_what_the_first_call_made_and_refuses_other_parameters() {
    let mut account = Account::new();
    assert_eq!(account.run(|w, c| w.replay(c, "CreateVpcEndpoint", "t", "a")), None);
    account.run(|w, c| {
        w.remember(c, "CreateVpcEndpoint", "t", "a", "vpce-1");
        Ok(())
    });
    assert_eq!(account.run(|w, c| w.replay(c, "CreateVpcEndpoint", "t", "a")), Some("vpce-1".to_owned()));
    refused!(
        account,
        |w, c| w.replay(c, "CreateVpcEndpoint", "t", "b"),
        "IdempotentParameterMismatch",
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."
    );
}

#[test]
fn tokens_differ_by_case_action_account_and_region() {
    let mut account = Account::new();
    account.run(|w, c| {
        w.remember(c, "CreateVpcEndpoint", "t", "a", "vpce-1");
        Ok(())
    });
    assert_eq!(account.run(|w, c| w.replay(c, "CreateVpcEndpoint", "T", "b")), None);
    assert_eq!(account.run(|w, c| w.replay(c, "RunInstances", "t", "b")), None);
    for (number, region) in [("444455556666", "us-east-1"), ("111122223333", "us-east-2")] {
        let mut other = Account::of(number, region);
        other.world = account.world.clone();
        assert_eq!(other.run(|w, c| w.replay(c, "CreateVpcEndpoint", "t", "b")), None);
    }
}

#[test]
fn a_token_is_forgotten_after_a_day() {
    let mut account = Account::new();
    account.run(|w, c| {
        w.remember(c, "RunInstances", "old", "a", "r-1");
        Ok(())
    });
    account.now += DAY;
    assert_eq!(account.run(|w, c| w.replay(c, "RunInstances", "old", "b")), None);
    account.run(|w, c| {
        w.remember(c, "RunInstances", "new", "a", "r-2");
        Ok(())
    });
    assert_eq!(account.world.tokens.len(), 1);
}

#[test]
fn a_token_has_at_most_64_ascii_characters() {
    let mut account = Account::new();
    account.run(|w, c| w.replay(c, "RunInstances", &"x".repeat(64), ""));
    for bad in ["x".repeat(65), "ü".to_owned()] {
        refused!(
            account,
            |w, c| w.replay(c, "RunInstances", &bad, ""),
            "InvalidParameterValue",
            "The client token may have at most 64 ASCII characters"
        );
    }
}

#[test]
fn an_id_is_its_prefix_and_hexadecimal_digits() {
    for good in ["vpc-1", "vpc-0123456789abcdef0", "vpc-12345678"] {
        assert_eq!(good.parse::<VpcId>().unwrap().as_str(), good);
    }
    for bad in ["", "vpc-", "vpc", "vpc-xyz", "vpc-ABC", "subnet-12345678", "vpce-12345678", "vpc-12 34", "10.0.0.0"] {
        let error = bad.parse::<VpcId>().unwrap_err();
        assert_eq!(error.code(), "InvalidVpcID.Malformed");
        assert_eq!(error.to_string(), format!("Invalid id: \"{bad}\" (expecting \"vpc-...\")"));
    }
}

#[test]
fn a_malformed_id_has_the_code_that_the_reference_spells_for_its_kind() {
    assert_eq!("x".parse::<SubnetId>().unwrap_err().code(), "InvalidSubnetID.Malformed");
    assert_eq!("x".parse::<RouteTableId>().unwrap_err().code(), "InvalidRouteTableId.Malformed");
    assert_eq!("x".parse::<SecurityGroupId>().unwrap_err().code(), "InvalidGroupId.Malformed");
    assert_eq!("x".parse::<VpcEndpointId>().unwrap_err().code(), "InvalidVpcEndpointId.Malformed");
    assert_eq!("x".parse::<InstanceId>().unwrap_err().code(), "InvalidInstanceID.Malformed");
}

#[test]
fn a_new_id_has_seventeen_digits_and_is_well_formed() {
    let id = VpcId::random(&mut || u64::MAX);
    assert_eq!(id.as_str(), "vpc-fffffffffffffffff");
    assert_eq!(id.as_str().parse::<VpcId>().unwrap(), id);
}
