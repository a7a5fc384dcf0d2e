//! An account of which the files do not tell all.

use std::fs;

use serde_json::{Value, json};
use sidegate_advise::{Need, Present, PresentKind, Volume};
use sidegate_import::{Imported, describe};
use sidegate_model::Catalog;

use super::*;

/// The account of 2020 that the crate `import` is tested with, with changed documents.
fn account(change: impl Fn(&str, &mut Value)) -> Imported {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../import/tests/data/describe-gateway");
    let files = fs::read_dir(directory).unwrap().map(|entry| {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let mut document = serde_json::from_slice(&fs::read(entry.path()).unwrap()).unwrap();
        change(&name, &mut document);
        (name, serde_json::to_vec(&document).unwrap())
    });
    describe::read(files)
}

/// Takes away the public DNS names of interfaces, which show that both DNS attributes are on.
fn hide_public_names(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("PublicDnsName");
            members.values_mut().for_each(hide_public_names);
        }
        Value::Array(values) => values.iter_mut().for_each(hide_public_names),
        _ => {}
    }
}

fn with_kms(world: &World) -> Vec<Workload> {
    let mut all = workloads(world, false);
    for workload in &mut all {
        let need = Need::here(Catalog::named("kms").unwrap(), workload.region, Some(Volume::default()));
        for network in &mut workload.networks {
            network.needs = vec![need.clone()];
        }
    }
    all
}

#[test]
fn a_way_out_that_only_some_clients_have_does_not_count_and_the_others_need_the_endpoint() {
    let (world, _) = with_names(&account(|_, _| {}));
    let all = with_kms(&world);
    assert_eq!(all[0].networks[0].egress, Egress::Closed);
    let told = ways_out(&world, &all);
    let [told] = told.as_slice() else { panic!("{told:?}") };
    for part in [
        "subnet-04391f04b912d0a73 have an internet gateway",
        "subnet-01e5f0945f6d6f47c have no way out",
        "A way out counts only if all of them have it",
    ] {
        assert!(told.contains(part), "{told}");
    }
    let (_, advice) = advice(all[0].clone());
    assert_eq!(advice.vpcs[0].recommendations[0].choice, Choice::Interface);
}

#[test]
fn dns_attributes_that_nobody_told_are_unknown_and_not_off() {
    let imported = account(|_, document| hide_public_names(document));
    let (world, unknown) = with_names(&imported);
    let all = with_kms(&world);
    assert!(all[0].networks[0].has_dns);
    let told = untold(&unknown, all.iter().flat_map(|own| &own.networks).filter_map(|own| own.id.as_ref()));
    let [told] = told.as_slice() else { panic!("{told:?}") };
    assert!(
        told.starts_with("vpc-05d56c7295fca139b: the files do not tell enableDnsSupport and enableDnsHostnames"),
        "{told}"
    );
    let (_, advice) = advice(all[0].clone());
    assert!(advice.vpcs[0].exceptions.iter().all(|one| one.code() != "dns-is-off"), "{advice:?}");
    assert_eq!(untold(&unknown, []), [""; 0]);
}

#[test]
fn a_dns_attribute_that_is_told_to_be_off_stays_off() {
    let vpc = "vpc-05d56c7295fca139b".parse().unwrap();
    // What describe-vpc-attribute tells, in the same file.
    let imported = account(|name, document| {
        hide_public_names(document);
        if name == "Vpcs.json" {
            document["VpcId"] = json!("vpc-05d56c7295fca139b");
            document["EnableDnsHostnames"] = json!({"Value": false});
        }
    });
    let (world, unknown) = with_names(&imported);
    assert_eq!(unknown.get(&vpc).unwrap(), &["enableDnsSupport"]);
    let vpc = world.vpcs.get(&vpc).unwrap();
    assert!(vpc.dns_support && !vpc.dns_hostnames);
}

#[test]
fn private_dns_beside_a_gateway_endpoint_takes_over_where_dns_attributes_are_not_told() {
    let imported = account(|name, document| {
        if name != "VpcEndpoints.json" {
            return;
        }
        document["VpcEndpoints"].as_array_mut().unwrap().push(json!({
            "VpcEndpointId": "vpce-0aaaaaaaaaaaaaaa1",
            "VpcEndpointType": "Interface",
            "VpcId": "vpc-05d56c7295fca139b",
            "ServiceName": "com.amazonaws.us-east-1.s3",
            "State": "available",
            "OwnerId": "554773406868",
            "SubnetIds": ["subnet-01e5f0945f6d6f47c"],
            "RouteTableIds": [],
            "Groups": [],
            "NetworkInterfaceIds": [],
            "PrivateDnsEnabled": true,
        }));
    });
    let (world, _) = with_names(&imported);
    let all = considered(workloads(&world, false));
    let takes = |present: &Present| matches!(present.kind, PresentKind::Interface { takes_names: true, .. });
    assert!(all[0].networks[0].endpoints.iter().any(takes), "{:?}", all[0].networks[0].endpoints);
    let (_, advice) = advice(all[0].clone());
    assert!(advice.vpcs[0].exceptions.iter().any(|one| one.code() == "interface-takes-over"), "{advice:?}");
}
