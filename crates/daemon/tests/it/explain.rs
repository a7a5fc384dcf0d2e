//! `sidegate explain`, over files and over a daemon: what it says is what becomes of a packet.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::harness::{Daemon, Network, TIMED_OUT, need_root, sidegate, texts};
use crate::interfaces::server;

/// The account of 2020 that the crate `import` is tested with.
fn case() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../import/tests/data/describe-gateway")
}

/// The instance in its private subnet.
const PRIVATE: &str = "i-01c6c0647fdccc89e";

fn of_files(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = sidegate();
    command.arg("explain").args(arguments).arg("--world").arg(directory);
    command.output().unwrap()
}

fn status(output: &Output) -> (Option<i32>, String, String) {
    let (out, err) = texts(output);
    (output.status.code(), out, err)
}

#[test]
fn of_an_account_in_files_the_status_is_the_answer() {
    for (to, expected, said) in [
        ("54.231.0.1:443", 0, "vpce-0b7357542bb7b83ec"),
        ("8.8.8.8:443", 1, "NO_ROUTE_TO_DESTINATION"),
        ("s3", 2, "DHCP options"),
    ] {
        let (code, out, err) = status(&of_files(&case(), &[PRIVATE, to]));
        assert_eq!((code, err.as_str()), (Some(expected), ""), "{to}: {out}");
        assert!(out.contains(said) && !out.contains('\u{1b}'), "{to}: {out}");
        let (code, out, _) = status(&of_files(&case(), &[PRIVATE, to, "--json"]));
        let whole: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(code, Some(expected), "{out}");
        let words = ["reached", "blocked", "undetermined"];
        assert_eq!(whole["result"], words[usize::try_from(expected).unwrap()], "{out}");
    }
}

#[test]
fn what_has_no_answer_is_told_with_what_could_be_meant() {
    let no_such = case().join("no-such-directory");
    let empty = tempfile::tempdir().unwrap();
    for (directory, arguments, said) in [
        (case(), vec!["i-01c6c0647fdccc89f", "s3"], "i-01c6c0647fdccc89e"),
        (case(), vec![PRIVATE, "8.8.8.8"], "--port"),
        (case(), vec![PRIVATE, "8.8.8.8:99999"], "no port"),
        (case(), vec![PRIVATE, "s3", "--protocol", "icmpv9"], "no protocol"),
        (case(), vec![PRIVATE, "s3", "--action", "s3:GetObject"], "--principal"),
        (case(), vec![PRIVATE, "s3", "--resource", "arn:aws:s3:::b"], "--action"),
        (case(), vec![PRIVATE, "s3", "--diagram", "picture.png"], "put --diagram last"),
        (case(), vec![PRIVATE, "s3", "--live"], "--world"),
        (case(), vec![PRIVATE], "<TO>"),
        (case(), vec!["dr\u{1b}[2Jop", "s3"], "nothing is called `dr\u{fffd}[2Jop`"),
        (no_such, vec![PRIVATE, "s3"], "cannot read the directory"),
        (empty.path().to_owned(), vec![PRIVATE, "s3"], "describes a VPC"),
    ] {
        let (code, out, err) = status(&of_files(&directory, &arguments));
        assert_eq!((code, out.as_str()), (Some(3), ""), "{arguments:?}: {err}");
        assert!(err.contains(said) && !err.contains('\u{1b}'), "{arguments:?}: {err}");
    }
    let state = tempfile::tempdir().unwrap();
    let output = sidegate().args(["explain", PRIVATE, "s3", "--state"]).arg(state.path()).output().unwrap();
    let (code, _, err) = status(&output);
    assert!(code == Some(3) && err.contains("no daemon runs"), "{err}");
    let help = sidegate().args(["explain", "--help"]).output().unwrap();
    assert!(help.status.success() && texts(&help).0.contains("Exit status: 0"), "{help:?}");
}

#[test]
fn a_damaged_file_is_named_and_located_and_the_rest_is_analysed() {
    let directory = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(case()).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), directory.path().join(entry.file_name())).unwrap();
    }
    fs::write(directory.path().join("NatGateways.json"), "{\"NatGateways\": [\n  {\"NatGatewayId\": oops}\n]}")
        .unwrap();
    let nested = directory.path().join("elsewhere");
    fs::create_dir(&nested).unwrap();
    fs::write(nested.join("half.json"), "{\"Vpcs\": [").unwrap();
    let (code, out, err) = status(&of_files(directory.path(), &[PRIVATE, "54.231.0.1:443"]));
    assert!(err.contains("sidegate: NatGateways.json:2:") && err.contains("sidegate: elsewhere/half.json:1:"), "{err}");
    assert_eq!(code, Some(0), "{out}{err}");
}

/// What a daemon says of a path: the status, the whole answer, and what is told beside it.
fn asked(daemon: &Daemon, arguments: &[&str]) -> (i32, Value, String) {
    let output = daemon.command("explain").args(arguments).arg("--json").output().unwrap();
    let (out, err) = texts(&output);
    (output.status.code().unwrap(), serde_json::from_str(&out).unwrap_or(Value::Null), err)
}

/// Asks S3 from a subnet: the exit status of curl.
fn curl(daemon: &Daemon, network: &Network) -> i32 {
    let url = "https://s3.us-east-1.amazonaws.com/";
    let ask = ["curl", "-sS", "-o", "/dev/null", "--connect-timeout", "2", "-m", "5", url];
    daemon.exec(&network.subnets[0], &[&network.group], &ask).output().unwrap().status.code().unwrap()
}

#[test]
fn what_a_daemon_says_of_a_path_is_what_becomes_of_it_and_the_told_commands_mend_it() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let from_subnet = [network.subnets[0].as_str(), "s3", "--security-group", network.group.as_str()];
    let (code, whole, _) = asked(&daemon, &from_subnet);
    assert_eq!((code, &whole["trace"]["by"]), (1, &Value::from("NO_ROUTE_TO_DESTINATION")), "{whole}");
    assert_eq!(curl(&daemon, &network), TIMED_OUT);

    // The commands that are told are those that mend it.
    let settings = whole["remedy"]["settings"].as_array().unwrap();
    assert!(!settings.is_empty(), "{whole}");
    for setting in settings {
        let command = setting["command"].as_str().unwrap();
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        let done = daemon.aws(&words);
        assert!(done.status.success(), "{command}: {}", texts(&done).1);
    }
    let (code, whole, _) = asked(&daemon, &from_subnet);
    assert_eq!((code, &whole["trace"]["disposition"]), (0, &Value::from("endpoint")), "{whole}");
    assert_eq!(curl(&daemon, &network), 0);

    deny_some_answers(&daemon, &network);
    let (code, whole, _) = asked(&daemon, &from_subnet);
    assert_eq!((code, &whole["trace"]["unknown"]["unknown"]), (2, &Value::from("sourcePort")), "{whole}");
}

/// Lets answers come back to some only of the ports that a client may pick.
pub(crate) fn deny_some_answers(daemon: &Daemon, network: &Network) {
    let all =
        daemon.aws_ok(&["ec2", "describe-network-acls", "--filters", &format!("Name=vpc-id,Values={}", network.vpc)]);
    let entry = [
        ("NetworkAclId", all["NetworkAcls"][0]["NetworkAclId"].as_str().unwrap()),
        ("Egress", "false"),
        ("RuleNumber", "50"),
        ("RuleAction", "deny"),
        ("Protocol", "6"),
        ("CidrBlock", "0.0.0.0/0"),
        ("PortRange.From", "50000"),
        ("PortRange.To", "65535"),
    ];
    daemon.ec2("CreateNetworkAclEntry", &entry).unwrap();
}

/// Denies everyone to read what is in a bucket.
const DENIES: &str = r#"{"Version": "2012-10-17", "Statement": {"Sid": "nobody", "Effect": "Deny", "Principal": "*",
    "Action": "s3:GetObject", "Resource": "arn:aws:s3:::explained-docs/*"}}"#;

#[test]
fn a_call_is_decided_by_all_policies_and_what_is_seen_with_packets_agrees() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    daemon.aws_ok(&["s3api", "create-bucket", "--bucket", "explained-docs"]);
    let read =
        ["s3://explained-docs/a", "--action", "s3:GetObject", "--security-group", network.group.as_str(), "--live"];
    let arguments = [&[network.subnets[0].as_str()], &read[..]].concat();
    let agrees = |expected: i32, by: Option<&str>| {
        let (code, whole, err) = asked(&daemon, &arguments);
        assert_eq!((code, whole["trace"]["by"].as_str()), (expected, by), "{whole}{err}");
        assert_eq!(whole["live"]["agrees"], true, "{whole}");
        whole
    };
    agrees(1, Some("NO_ROUTE_TO_DESTINATION"));
    network.s3_gateway(&daemon, &[&network.tables[0]]);
    let whole = agrees(0, None);
    assert_eq!(whole["live"]["decision"]["allowed"], true, "{whole}");
    daemon.aws_ok(&["s3api", "put-bucket-policy", "--bucket", "explained-docs", "--policy", DENIES]);
    let whole = agrees(1, Some("RESOURCE_POLICY_EXPLICIT_DENY"));
    assert_eq!(whole["live"]["decision"]["allowed"], false, "{whole}");

    let file = daemon.work().join("path.svg");
    let drawn = [&arguments[..], &["--diagram", file.to_str().unwrap()]].concat();
    let output = daemon.command("explain").args(&drawn).output().unwrap();
    let (out, err) = texts(&output);
    assert!(
        output.status.code() == Some(1) && out.contains("nobody") && out.contains("seen with packets"),
        "{out}{err}"
    );
    let svg = fs::read_to_string(file).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("RESOURCE_POLICY_EXPLICIT_DENY"), "{svg}");
    let output = daemon.command("explain").args(&arguments).arg("--diagram").output().unwrap();
    let text = texts(&output).0;
    assert!(text.starts_with("blocked: ") && text.lines().count() > out.lines().count() + 10, "{text}");
}

#[test]
fn a_name_of_two_instances_is_answered_with_both_and_each_is_asked_about_by_its_id() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let place = |subnet: usize, address: &'static str| {
        [
            ("SubnetId", network.subnets[subnet].clone()),
            ("SecurityGroupId.1", network.group.clone()),
            ("PrivateIpAddress", address.to_owned()),
        ]
    };
    let instances = [place(0, "10.77.1.50"), place(1, "10.77.2.50")].map(|place| {
        let place: Vec<(&str, &str)> = place.iter().map(|(key, value)| (*key, value.as_str())).collect();
        server(&daemon, &place)
    });
    for instance in &instances {
        let tag = [("ResourceId.1", instance.as_str()), ("Tag.1.Key", "Name"), ("Tag.1.Value", "web")];
        daemon.ec2("CreateTags", &tag).unwrap();
    }
    let (code, whole, err) = asked(&daemon, &["web", "10.77.2.50:8000"]);
    assert_eq!((code, whole), (3, Value::Null), "{err}");
    assert!(
        instances.iter().all(|id| err.contains(&format!("\n  {id} \"web\", instance in {}", network.vpc))),
        "{err}"
    );
    let ids = [instances[0].as_str(), &format!("{}:8000", instances[1])];
    let (code, whole, err) = asked(&daemon, &ids);
    assert_eq!((code, &whole["names"][&instances[0]]), (1, &Value::from("web")), "{err}");
    network.open(&daemon);
    assert_eq!(asked(&daemon, &ids).0, 0);
}
