//! An account of 2020 with a public and a private subnet, and a gateway endpoint of S3.

use std::net::IpAddr;

use sidegate_import::{Bearing, How, Imported, Met, Unknown, describe};
use sidegate_model::{NetworkInterfaceId, VpcEndpointId, VpcId};
use sidegate_plan::{Plan, Route, RouteTarget, TablePlan, compile, lint};

use crate::account::{self, Files};

const VPC: &str = "vpc-05d56c7295fca139b";
const ENDPOINT: &str = "vpce-0b7357542bb7b83ec";
const PRIVATE_INTERFACE: &str = "eni-07c757c9635932972";
const PUBLIC_INTERFACE: &str = "eni-05a3a36428edb2766";
const PRIVATE_TABLE: &str = "rtb-04f71fc2caa8d94cf";

fn imported() -> Imported {
    describe::read(account::case())
}

/// The table by which an interface's packets are routed.
fn table_of(plan: &Plan, interface: &str) -> TablePlan {
    let vpc = &plan.vpcs[&VPC.parse::<VpcId>().unwrap()];
    let link = &vpc.links[&interface.parse::<NetworkInterfaceId>().unwrap()];
    vpc.tables[&link.table].clone()
}

fn target_of(table: &TablePlan, address: &str) -> Option<RouteTarget> {
    table.lookup(address.parse::<IpAddr>().unwrap()).map(|route: &Route| route.target.clone())
}

#[test]
fn what_was_read_of_the_account_is_told() {
    insta::assert_snapshot!(imported());
}

#[test]
fn the_plan_of_the_account_has_all_that_decides() {
    let plan = compile(imported().world()).to_string();
    let lines: Vec<&str> = plan.lines().filter(|line| !line.contains(" host ")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_private_subnet_reaches_s3_by_its_endpoint_and_no_other_public_address() {
    let imported = imported();
    let plan = compile(imported.world());
    let table = table_of(&plan, PRIVATE_INTERFACE);
    assert_eq!(table.id.as_str(), PRIVATE_TABLE);
    let endpoint = RouteTarget::GatewayEndpoint(ENDPOINT.parse::<VpcEndpointId>().unwrap());
    // Blocks that S3 had, ends of them, and the address under which it is found by name here.
    for of_s3 in ["54.231.0.0", "54.231.127.255", "52.217.9.9", "3.5.16.1", "198.18.0.16"] {
        assert_eq!(target_of(&table, of_s3), Some(endpoint.clone()), "{of_s3}");
    }
    for other in ["54.231.128.0", "8.8.8.8", "52.94.0.1", "198.18.6.16", "198.18.10.1"] {
        assert_eq!(target_of(&table, other), None, "{other}");
    }
    let public = table_of(&plan, PUBLIC_INTERFACE);
    assert_eq!(target_of(&public, "54.231.0.1"), Some(endpoint));
    let internet = RouteTarget::Passage("igw-0c8afe4471084ccba".to_owned());
    assert_eq!(target_of(&public, "8.8.8.8"), Some(internet.clone()));
    assert_eq!(target_of(&public, "52.94.0.1"), Some(internet));
}

#[test]
fn nothing_is_open_of_these_flows_but_what_names_lead_to() {
    let imported = imported();
    let met = |how| {
        [
            "i-01c6c0647fdccc89e",
            PRIVATE_INTERFACE,
            "subnet-01e5f0945f6d6f47c",
            "sg-0ba8692418a4ae00e",
            "acl-086ba598bbf8e5d89",
            PRIVATE_TABLE,
            ENDPOINT,
            VPC,
        ]
        .map(|resource| Met { resource, how })
    };
    for to in ["54.231.0.1", "8.8.8.8", "198.18.0.16"] {
        assert_eq!(imported.undetermined(Some(to.parse().unwrap()), met(How::Passed)), Vec::<&Unknown>::new(), "{to}");
        assert_eq!(imported.undetermined(Some(to.parse().unwrap()), met(How::Stopped)), Vec::<&Unknown>::new(), "{to}");
    }
    let names = imported.undetermined(None, met(How::Resolved));
    assert_eq!(names.len(), 1);
    assert!(names.iter().all(|unknown| unknown.resource == VPC && unknown.bearing == Bearing::Names));
}

#[test]
fn the_plan_of_the_account_is_in_order() {
    assert_eq!(lint(&compile(imported().world())), Vec::<String>::new());
}

#[test]
fn files_may_be_called_and_cut_as_one_likes() {
    let plain = imported();
    let renamed: Files = account::case()
        .into_iter()
        .enumerate()
        .map(|(index, (_, bytes))| (format!("{index}.txt"), [b"\xef\xbb\xbf".as_slice(), &bytes].concat()))
        .collect();
    let one: Vec<u8> = account::case().into_iter().flat_map(|(_, bytes)| bytes).collect();
    let mut merged = serde_json::Map::new();
    for (_, bytes) in account::case() {
        merged.extend(serde_json::from_slice::<serde_json::Map<_, _>>(&bytes).unwrap());
    }
    let merged = serde_json::to_vec(&merged).unwrap();
    for (what, files) in [
        ("other names", renamed),
        ("one file with all documents", vec![("all".to_owned(), one)]),
        ("one document", vec![("all".to_owned(), merged)]),
    ] {
        let other = describe::read(files);
        assert_eq!(other.world(), plain.world(), "{what}");
        assert_eq!(other.findings(), [].as_slice(), "{what}");
        assert!(other.unknown().eq(plain.unknown()), "{what}");
    }
}
