//! What describe calls tell of a world, read as a world again.

use std::collections::BTreeSet;
use std::fs;

use sidegate_import::describe;
use sidegate_model::World;
use sidegate_plan::analyze::{Flow, trace};
use sidegate_plan::compile;

use super::batch::{SECRET, keys, until_running};
use super::{made, recipes};
use crate::harness::{Daemon, need_root, texts, tool};
use crate::stored;

/// How many worlds are told of.
const WORLDS: usize = 12;

/// Writes what each describe call tells in each account and Region, a file for each. Its arguments are pairs of these.
const SCRIPT: &str = r#"
import boto3, json, os, sys
CALLS = """describe_vpcs describe_subnets describe_route_tables describe_network_acls describe_security_groups
describe_network_interfaces describe_instances describe_vpc_endpoints describe_internet_gateways describe_nat_gateways
describe_egress_only_internet_gateways describe_vpn_gateways describe_addresses describe_vpc_peering_connections
describe_dhcp_options describe_prefix_lists describe_managed_prefix_lists""".split()
def write(place, name, told):
    told.pop("ResponseMetadata", None)
    os.makedirs(place, exist_ok=True)
    with open(os.path.join(place, name + ".json"), "w") as file:
        json.dump(told, file, default=str)
for account, region in zip(sys.argv[2::2], sys.argv[3::2]):
    ec2 = boto3.client("ec2", region_name=region, aws_access_key_id="AKIA" + account, aws_secret_access_key=sys.argv[1])
    place = os.path.join("told", account, region)
    for call in CALLS:
        write(place, call, getattr(ec2, call)())
    for vpc in ec2.describe_vpcs()["Vpcs"]:
        for attribute in ["enableDnsSupport", "enableDnsHostnames"]:
            told = ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute)
            write(place, vpc["VpcId"] + attribute, told)
    for own in ec2.describe_managed_prefix_lists()["PrefixLists"]:
        if own["OwnerId"] != "AWS":
            told = ec2.get_managed_prefix_list_entries(PrefixListId=own["PrefixListId"])
            write(place, own["PrefixListId"], dict(told, PrefixListId=own["PrefixListId"]))
"#;

#[test]
fn what_describe_calls_tell_of_random_worlds_gives_the_same_traces() {
    need_root!();
    let recipes = recipes(super::SEED, usize::MAX >> 16, WORLDS);
    let (towns, all) = made(&recipes, 0);
    let daemon = Daemon::prepared("", |state| keys(&all, |keys| stored::put(state, &all, keys)));
    let world = until_running(&daemon);
    let scopes: BTreeSet<_> = world.vpcs.iter().map(|vpc| vpc.scope.clone()).collect();
    let places = scopes.iter().flat_map(|scope| [scope.account.to_string(), scope.region.to_string()]);
    let arguments: Vec<String> = ["-c", SCRIPT, SECRET].map(str::to_owned).into_iter().chain(places).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let output = daemon.client(&tool("python3"), &arguments).output().unwrap();
    assert!(output.status.success(), "{}\n{}", texts(&output).1, daemon.log());

    let mut files = Vec::new();
    for scope in &scopes {
        let place = format!("{}/{}", scope.account, scope.region);
        for entry in fs::read_dir(daemon.work().join("told").join(&place)).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{place}/{}", entry.file_name().to_str().unwrap());
            files.push((name, fs::read(entry.path()).unwrap()));
        }
    }
    let read = describe::read(files);
    assert!(read.findings().is_empty(), "{:#?}", read.findings());
    let (plan, told) = (compile(&world), compile(read.world()));
    let (mut same, mut wrong) = (0, Vec::new());
    for town in &towns {
        for attempt in &town.attempts {
            let flow = Flow { call: None, ..attempt.flow(town) };
            let [one, other] = [(&world, &plan), (read.world(), &told)]
                .map(|(world, plan): (&World, _)| trace(world, plan, &flow).map(|trace| trace.disposition));
            if one == other {
                same += 1;
            } else {
                wrong.push(format!("{flow:?}\n  in the world: {one:?}\n  as it is told: {other:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}: {}", wrong.len(), same + wrong.len(), wrong.join("\n"));
    assert!(same > 100, "{same}");
}
