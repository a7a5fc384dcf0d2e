//! `sidegate reach`, over files and over a daemon: who is told to get somewhere does so with packets, and who is not does not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::explain::deny_some_answers;
use crate::harness::{Daemon, Network, TIMED_OUT, need_root, sidegate, texts};
use crate::interfaces::server;

fn case() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../import/tests/data/describe-gateway")
}

fn status(output: &Output) -> (i32, String, String) {
    let (out, err) = texts(output);
    (output.status.code().unwrap(), out, err)
}

/// What is said of the assertions of a file.
fn asserted(mut command: Command, text: &str) -> (i32, String, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("net.toml");
    fs::write(&path, text).unwrap();
    status(&command.arg("--assert").arg(&path).output().unwrap())
}

#[test]
fn of_an_account_in_files_the_status_is_the_answer() {
    let ask = |arguments: &[&str]| {
        let output = sidegate().arg("reach").args(arguments).arg("--world").arg(case()).output().unwrap();
        status(&output)
    };
    let (code, out, err) = ask(&["--from", "i-01c6c0647fdccc89e", "--to", "internet"]);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    assert!(out.contains("NO_ROUTE_TO_DESTINATION"), "{out}");
    let (code, out, _) = ask(&["--from", "i-01c6c0647fdccc89e", "--to", "endpoint vpce-0b7357542bb7b83ec", "--json"]);
    let whole: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &whole["result"]), (0, &Value::from("yes")), "{out}");
    assert_eq!(whole["reach"]["sets"][0]["protocol"], "tcp", "{out}");
    for (arguments, said) in [
        (vec!["--from", "group nobody"], "selects nothing"),
        (vec!["--to", "internet", "--port", "a"], "is no port"),
        (vec!["--to", "internet", "--protocol", "icmp", "--port", "1"], "has no ports"),
        (vec![], "--to"),
    ] {
        let (code, out, err) = ask(&arguments);
        assert!(code == 3 && out.is_empty() && err.contains(said), "{arguments:?}: {code} {out}{err}");
    }
    let of_files = || {
        let mut command = sidegate();
        command.arg("reach").arg("--world").arg(case());
        command
    };
    let (code, _, err) =
        asserted(of_files(), "[[assertion]]\nfrom = \"vpc none\"\nto = \"internet\"\nexpect = \"unreached\"\n");
    assert!(code == 3 && err.contains("net.toml:2: `vpc none` selects nothing"), "{err}");
    let (code, out, err) = asserted(of_files(), "[[assertion]]\nbucket = \"lake\"\nonly-through = \"endpoint *\"\n");
    assert_eq!((code, err.as_str()), (2, ""), "{out}");
}

/// Asks a server for a page, from a subnet with a group: the exit status of curl.
fn curl(daemon: &Daemon, (subnet, group): (&str, &str), url: &str) -> i32 {
    let ask = ["curl", "-sS", "-o", "/dev/null", "--connect-timeout", "2", "-m", "5", url];
    daemon.exec(subnet, &[group], &ask).output().unwrap().status.code().unwrap()
}

/// The same from an instance.
fn curl_by(daemon: &Daemon, instance: &str, url: &str) -> i32 {
    let mut command = daemon.command("exec");
    command.arg(instance).args(["--", "curl", "-sS", "-o", "/dev/null", "--connect-timeout", "2", "-m", "5", url]);
    command.output().unwrap().status.code().unwrap()
}

#[test]
fn who_is_in_a_set_gets_there_and_assertions_hold_fail_and_stay_open() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let group = |name: &str| {
        let wanted = [("VpcId", network.vpc.as_str()), ("GroupName", name), ("GroupDescription", name)];
        daemon.make("CreateSecurityGroup", &wanted, "groupId")
    };
    let (db, other) = (group("db"), group("other"));
    let rule = [
        ("GroupId", db.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "8000"),
        ("IpPermissions.1.ToPort", "8000"),
        ("IpPermissions.1.Groups.1.GroupId", network.group.as_str()),
    ];
    daemon.ec2("AuthorizeSecurityGroupIngress", &rule).unwrap();
    let launch = |subnet: usize, group: &str, address: &str, name: &str| {
        let subnet = network.subnets[subnet].as_str();
        let id = server(&daemon, &[("SubnetId", subnet), ("SecurityGroupId.1", group), ("PrivateIpAddress", address)]);
        daemon.ec2("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "Name"), ("Tag.1.Value", name)]).unwrap();
        id
    };
    launch(1, &db, "10.77.2.50", "database");
    let (web, stranger) = (launch(0, &network.group, "10.77.1.50", "web"), launch(0, &other, "10.77.1.51", "stranger"));

    let ask = |arguments: &[&str]| status(&daemon.command("reach").args(arguments).output().unwrap());
    let (code, out, err) = ask(&["--to", "instance database", "--port", "8000", "--json"]);
    let whole: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    let interface_of = |id: &str| {
        let all = daemon.aws_ok(&["ec2", "describe-instances", "--instance-ids", id]);
        let own = &all["Reservations"][0]["Instances"][0]["NetworkInterfaces"][0]["NetworkInterfaceId"];
        own.as_str().unwrap().to_owned()
    };
    let sets = whole["reach"]["sets"].as_array().unwrap();
    let from: Vec<&str> = sets
        .iter()
        .flat_map(|set| set["from"].as_array().unwrap())
        .filter_map(|own| own["interface"].as_str())
        .collect();
    assert_eq!((code, from), (0, vec![interface_of(&web).as_str()]), "{whole}");
    let stopped = whole["reach"]["unreached"].to_string();
    assert!(stopped.contains(&interface_of(&stranger)) && stopped.contains("ENI_SG_RULES_MISMATCH"), "{stopped}");
    // What is told is what becomes of packets.
    let url = "http://10.77.2.50:8000/";
    assert_eq!((curl_by(&daemon, &web, url), curl_by(&daemon, &stranger, url)), (0, TIMED_OUT));
    let (code, out, _) = ask(&["--from", "instance stranger", "--to", "instance database"]);
    assert_eq!(code, 1, "{out}");
    let (code, out, _) = ask(&["--to", "instance database"]);
    assert!(code == 0 && out.contains(&format!("{web} \"web\"")) && out.contains("tcp 8000"), "{out}");

    let judge = |text: &str| asserted(daemon.command("reach"), text);
    let reached = "[[assertion]]\nname = \"the web asks the database\"\nfrom = \"group programs\"\nto = \"group db\"\nport = 8000\nexpect = \"reached\"\n";
    let (code, out, err) = judge(reached);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let (code, out, _) = judge(&reached.replace("8000", "8001"));
    assert!(code == 1 && out.contains("FAILS: the web asks") && out.contains("security groups"), "{code} {out}");
    assert_eq!(curl(&daemon, (&network.subnets[0], &network.group), "http://10.77.2.50:8001/"), TIMED_OUT);

    // A bucket, by its policy and its endpoint.
    let door = network.s3_gateway(&daemon, &[&network.tables[0]]);
    daemon.aws_ok(&["s3api", "create-bucket", "--bucket", "lake"]);
    let bucket = format!("[[assertion]]\nbucket = \"lake\"\nonly-through = \"{door}\"\n");
    let (code, out, _) = judge(&bucket);
    assert!(code == 1 && out.contains("is allowed to"), "{code} {out}");
    let policy = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"], "Condition": {{"StringNotEquals": {{"aws:SourceVpce": "{door}"}}}}}}]}}"#
    );
    let put = daemon.aws(&["s3api", "put-bucket-policy", "--bucket", "lake", "--policy", &policy]);
    assert!(put.status.success(), "{}", texts(&put).1);
    let (code, out, err) = judge(&bucket);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let (code, _, err) = judge(&bucket.replace("lake", "sea"));
    assert!(code == 3 && err.contains("net.toml:1:"), "{code} {err}");

    deny_some_answers(&daemon, &network);
    let (code, out, _) = judge(reached);
    assert!(code == 2 && out.contains("not known: "), "{code} {out}");
}
