//! `sidegate advise` as its users meet it: files and what is wrong with them, Terraform that the real provider applies, and
//! the daemon that runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::harness::{Daemon, need_root, sidegate, texts};
use crate::terraform::{Provider, Terraform, asked, with};

/// What the demo's workload is to have, by the services' names.
const WAYS: [(&str, &str); 6] = [
    ("s3", "Gateway"),
    ("dynamodb", "Gateway"),
    ("bedrock-runtime", "Interface"),
    ("secretsmanager", "Interface"),
    ("logs", "Interface"),
    ("kms", "Interface"),
];

/// A private VPC without an endpoint.
const NETWORK: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }

resource "aws_vpc" "this" {
  cidr_block           = "10.77.0.0/16"
  enable_dns_hostnames = true
}
resource "aws_subnet" "private" {
  for_each          = { a = "10.77.1.0/24", b = "10.77.2.0/24" }
  vpc_id            = aws_vpc.this.id
  cidr_block        = each.value
  availability_zone = "us-east-1${each.key}"
}
resource "aws_route_table" "private" { vpc_id = aws_vpc.this.id }
resource "aws_route_table_association" "private" {
  for_each       = aws_subnet.private
  subnet_id      = each.value.id
  route_table_id = aws_route_table.private.id
}
resource "aws_security_group" "programs" {
  name   = "programs"
  vpc_id = aws_vpc.this.id
}
resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.programs.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}
output "vpc" { value = aws_vpc.this.id }
output "table" { value = aws_route_table.private.id }
output "a" { value = aws_subnet.private["a"].id }
output "b" { value = aws_subnet.private["b"].id }
output "group" { value = aws_security_group.programs.id }
"#;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/document-qa/workload.toml").canonicalize().unwrap()
}

fn advise(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = sidegate();
    told(command.arg("advise").args(arguments).output().unwrap())
}

fn told(output: Output) -> (Option<i32>, String, String) {
    let (out, err) = texts(&output);
    (output.status.code(), out, err)
}

fn file(directory: &tempfile::TempDir, name: &str, content: &str) -> String {
    let path = directory.path().join(name);
    fs::write(&path, content).unwrap();
    path.display().to_string()
}

#[test]
fn the_demos_workload_has_its_endpoints_in_every_format() {
    let example = example().display().to_string();
    let (code, text, err) = advise(&["--workload", &example]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(text.contains("$58.92 a month as recommended, $98.74 over NAT gateways instead"), "{text}");
    let (code, json, _) = advise(&["--workload", &example, "--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    let made = json["advices"][0]["vpcs"][0]["recommendations"].as_array().unwrap();
    let ways: Vec<_> =
        made.iter().map(|one| (one["service"].as_str().unwrap(), one["choice"].as_str().unwrap())).collect();
    assert_eq!(
        (code, ways),
        (Some(0), WAYS.map(|(name, way)| (name, if way == "Gateway" { "gateway" } else { "interface" })).to_vec())
    );
    assert_eq!(advise(&["--workload", &example, "--format", "markdown"]).0, Some(0));
    let (code, template, _) = advise(&["--workload", &example, "--cloudformation"]);
    let template: Value = serde_json::from_str(&template).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    assert_eq!((code, resources.len()), (Some(0), 7), "{template}");
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_the_rest_is_advised_on() {
    let directory = tempfile::tempdir().unwrap();
    let some =
        file(&directory, "w.toml", "region = \"us-east-1\"\nzones = 1\n[services]\ns3 = 1\nkmss = 2\nlogs = -1\n");
    let (code, out, err) = advise(&["--workload", &some]);
    assert_eq!(code, Some(1), "{err}");
    assert!(
        out.contains("s3") && err.contains("w.toml:5: `kmss`") && err.contains("`kms`") && err.contains("w.toml:6:"),
        "{err}"
    );
    let none = file(&directory, "none.toml", "zones = 1\n[services]\ns3 = 1\n");
    let (code, out, err) = advise(&["--workload", &none]);
    assert_eq!((code, out.as_str()), (Some(3), ""), "{err}");
    let prices = file(&directory, "prices.tsv", "sidegate-prices\t1\t2026-11-29\nregion\n");
    let (code, out, err) = advise(&["--workload", &some, "--prices", &prices]);
    assert_eq!((code, out.as_str()), (Some(3), ""));
    assert!(err.contains("prices.tsv:2:"), "{err}");
    for wrong in [
        &["--workload", "/nonexistent"][..],
        &["--workload", directory.path().to_str().unwrap()],
        &["--flow-logs", &some],
        &["--scale", "-1", "--workload", &some],
        &["--workload", &some, "--terraform", "--cloudformation"],
        &["--state", "/nonexistent"],
    ] {
        let (code, out, err) = advise(wrong);
        assert_eq!((code, out.as_str(), err.is_empty()), (Some(3), "", false), "{wrong:?}: {err}");
    }
}

#[test]
fn nothing_that_is_asked_for_is_ignored_without_a_word() {
    let directory = tempfile::tempdir().unwrap();
    let world = Path::new(env!("CARGO_MANIFEST_DIR")).join("../import/tests/data/describe-gateway");
    let world = world.to_str().unwrap();
    let nat = file(&directory, "nat.toml", "region = \"us-east-1\"\negress = \"nat\"\n[services]\nkms = 500\n");
    let none = file(&directory, "none.toml", "region = \"us-east-1\"\n[services]\nkms = 500\n");

    // The NAT gateways of a file go where that is cheaper.
    let (code, out, err) = advise(&["--workload", &nat, "--nat-may-go"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("2 NAT gateways can go"), "{out}");
    let (code, _, err) = advise(&["--workload", &none, "--nat-may-go"]);
    assert!(code == Some(1) && err.contains("--nat-may-go: there are no NAT gateways"), "{err}");

    for (arguments, why) in [
        (&["--workload", &nat, "--zones", "3"][..], "--flow-logs"),
        (
            &["--workload", &nat, "--region", "eu-west-1"],
            "nothing to advise on in eu-west-1; there is nat in us-east-1",
        ),
        (&["--workload", &nat, "--vpc", "vpc-0a"], "--vpc: there is nothing to advise on in vpc-0a"),
        (&["--world", world, "--region", "eu-west-1"], "there is vpc-05d56c7295fca139b in us-east-1"),
        (&["--world", world, "--vpc", "vpc-0a"], "there is vpc-05d56c7295fca139b in us-east-1"),
        (&["--world", world, "--zones", "3"], "--zones"),
    ] {
        let (code, out, err) = advise(arguments);
        assert_eq!((code, out.as_str()), (Some(3), ""), "{arguments:?}: {err}");
        assert!(err.contains(why), "{arguments:?}: {err}");
    }

    // A file beside an account.
    let beside = |name: &str, content: &str| {
        let path = file(&directory, name, content);
        advise(&["--world", world, "--workload", &path])
    };
    let (code, _, err) = beside("absent.toml", "vpc = \"vpc-0a\"\n[services]\nkms = 1\n");
    assert!(code == Some(3) && err.contains("the described account has no vpc-0a"), "{err}");
    let (code, _, err) = beside("abroad.toml", "region = \"eu-west-1\"\n[services]\nkms = 1\n");
    assert!(code == Some(3) && err.contains("the described account has no VPC in eu-west-1"), "{err}");
    let (code, out, err) = beside("both.toml", "vpcs = 3\negress = \"nat\"\ninternet_gb = 5\n[services]\nkms = 10\n");
    assert_eq!(code, Some(1), "{err}");
    for told in ["both.toml:1: `vpcs` is left out", "both.toml:2: `egress` is left out", "`internet_gb`"] {
        assert!(err.contains(told), "{err}");
    }
    assert!(out.contains("interface") && !out.contains("none: internet gateway"), "{out}");
    let (code, out, err) = advise(&["--world", world, "--vpc", "vpc-05d56c7295fca139b", "--region", "us-east-1"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
}

#[test]
fn flow_logs_of_every_form_are_counted_and_their_damaged_lines_are_told() {
    let directory = tempfile::tempdir().unwrap();
    let ranges = Path::new(env!("CARGO_MANIFEST_DIR")).join("../import/tests/data/ip-ranges-sample.json");
    let sample: Value = serde_json::from_slice(&fs::read(&ranges).unwrap()).unwrap();
    let of_s3 = sample["prefixes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["service"] == "S3" && one["region"] == "us-east-1")
        .unwrap();
    let address = of_s3["ip_prefix"].as_str().unwrap().split_once('/').unwrap().0.to_owned();
    let line =
        format!("2 123456789012 eni-0a 10.0.0.5 {address} 40000 443 6 10 1073741824 1790000000 1790000060 ACCEPT OK\n");
    let log = file(&directory, "a.log", &format!("{line}{line}not a record\n"));
    let ranges = ranges.display().to_string();
    let (code, out, err) =
        advise(&["--flow-logs", &log, &log, "--ip-ranges", &ranges, "--format", "json", "--scale", "2"]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("a.log:3:") && err.contains("2 lines or rows"), "{err}");
    let told: Value = serde_json::from_str(&out).unwrap();
    let s3 = &told["advices"][0]["vpcs"][0]["recommendations"][0];
    assert_eq!((&s3["service"], &s3["choice"], &s3["bytes"]), (&"s3".into(), &"gateway".into(), &(8_u64 << 30).into()));
    let (code, _, err) = advise(&["--flow-logs", "/nonexistent", &log, "--ip-ranges", &ranges]);
    assert!(code == Some(1) && err.contains("/nonexistent"), "{err}");
    assert_eq!(advise(&["--flow-logs", &log, "--ip-ranges", &log]).0, Some(3));
}

#[test]
fn the_terraform_for_the_demos_workload_is_applied_and_the_services_answer_over_what_it_added() {
    need_root!();
    let daemon = Daemon::start();
    let Some(directory) = with(&daemon, NETWORK, Provider::InPlace) else { return };
    let terraform = Terraform::new(&daemon, directory.clone());
    terraform.ok(&["apply", "-auto-approve", "-no-color"]);
    let [vpc, table, a, b, group] =
        ["vpc", "table", "a", "b", "group"].map(|name| terraform.ok(&["output", "-raw", name]));
    let url = |service: &str| format!("https://{service}.us-east-1.amazonaws.com/");
    assert_eq!(asked(&daemon, &a, &group, &url("s3")), "000", "nothing leads there yet");

    // The demo's services, in the VPC that is there.
    let (_, services) = fs::read_to_string(example())
        .unwrap()
        .split_once("[services]")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let workload = format!(
        "region = \"us-east-1\"\nvpc = \"{vpc}\"\ncidr_blocks = [\"10.77.0.0/16\"]\nsubnets = [\n\
         {{ id = \"{a}\", zone = \"us-east-1a\", route_table = \"{table}\" }},\n\
         {{ id = \"{b}\", zone = \"us-east-1b\", route_table = \"{table}\" }},\n]\n[services]{services}"
    );
    let path = daemon.work().join("workload.toml");
    fs::write(&path, workload).unwrap();
    let mut command: Command = sidegate();
    command.arg("advise").arg("--workload").arg(&path).arg("--terraform").arg(&directory);
    let (code, _, err) = told(command.output().unwrap());
    assert_eq!(code, Some(0), "{err}");
    terraform.ok(&["validate", "-no-color"]);
    terraform.ok(&["apply", "-auto-approve", "-no-color"]);
    terraform.settled();
    // It is written again over what it wrote, and over nothing else.
    assert_eq!(told(command.output().unwrap()).0, Some(0));
    fs::write(directory.join("endpoints.tf"), "# mine\n").unwrap();
    assert_eq!(told(command.output().unwrap()).0, Some(3));
    assert_eq!(fs::read_to_string(directory.join("endpoints.tf")).unwrap(), "# mine\n");

    for (service, _) in WAYS {
        assert_ne!(asked(&daemon, &a, &group, &url(service)), "000", "{service}");
        assert_ne!(asked(&daemon, &b, &group, &url(service)), "000", "{service}");
    }
    let events = daemon.events();
    for (service, kind) in WAYS {
        let over = |event: &&Value| event["path"]["over"] == "endpoint" && event["path"]["endpoint_service"] == service;
        let kinds: Vec<_> =
            events.iter().filter(over).map(|event| event["path"]["endpoint_type"].as_str().unwrap()).collect();
        assert!(kinds.len() >= 2 && kinds.iter().all(|own| *own == kind), "{service}: {kinds:?}");
    }

    // The daemon knows what is there and what was asked.
    let (code, out, err) = told(daemon.command("advise").args(["--format", "json"]).output().unwrap());
    assert_eq!(code, Some(0), "{err}");
    let told: Value = serde_json::from_str(&out).unwrap();
    let made = told["advices"][0]["vpcs"][0]["recommendations"].as_array().unwrap();
    assert_eq!(made.len(), 6, "{out}");
    assert!(made.iter().all(|one| one["state"] == "present" && one["bytes"].is_u64()), "{out}");
    assert_eq!(told["advices"][0]["vpcs"][0]["additions"], Value::Array(Vec::new()));
}
