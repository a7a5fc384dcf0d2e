//! `sidegate compare`: of an example, of files and of a daemon, whose two paths are those that requests take.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::harness::{Daemon, Network, need_root, sidegate, texts};

fn status(output: &Output) -> (i32, String, String) {
    let (out, err) = texts(output);
    (output.status.code().unwrap(), out, err)
}

#[test]
fn an_example_and_files_need_no_daemon_and_what_has_no_answer_says_what_to_do() {
    let ask = |arguments: &[&str]| status(&sidegate().arg("compare").args(arguments).output().unwrap());
    let (code, out, err) = ask(&["--example"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("gateway endpoint") && out.contains("interface endpoint"), "{out}");
    let (code, out, _) = ask(&["--example", "--service", "dynamodb", "--format", "json"]);
    let whole: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &whole["world"]), (0, &Value::from("example")), "{out}");
    assert_eq!(whole["interface"]["names"]["private"], "noName", "{out}");
    let (code, out, _) = ask(&["--example", "--format", "svg"]);
    assert!(code == 0 && out.starts_with("<svg ") && out.trim_end().ends_with("</svg>"), "{out}");

    let case: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../import/tests/data/describe-gateway");
    let case = case.to_str().unwrap();
    let (code, out, err) = ask(&["--world", case, "--service", "s3", "--format", "json"]);
    let whole: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
    assert_eq!((code, &whole["world"]), (0, &Value::from("described")), "{out}");
    assert_eq!(whole["gateway"]["endpoint"], "vpce-0b7357542bb7b83ec", "{out}");
    assert_eq!(whole["interface"]["column"], "none", "{out}");

    for (arguments, said) in [
        (vec!["--example", "--service", "s4"], "`s4` is no service"),
        (vec!["--example", "--service", "iam", "--region", "us-west-2"], "no endpoints for iam"),
        (vec!["--example", "--prices", "/nowhere.tsv"], "cannot read the prices"),
        (vec!["--example", "--world", case], "cannot be used with"),
        (vec!["--example", "--format", "pdf"], "pdf"),
        (vec!["--world", case, "--service", "kms"], "no endpoint stands for kms"),
        (vec!["--state", "/nowhere"], "no daemon runs"),
    ] {
        let (code, out, err) = ask(&arguments);
        assert!(code == 3 && out.is_empty() && err.contains(said), "{arguments:?}: {code} {out}{err}");
    }
}

#[test]
fn the_endpoints_of_a_daemon_are_compared_by_their_ids_and_carry_requests() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let ask = |arguments: &[&str]| status(&daemon.command("compare").args(arguments).output().unwrap());
    let (code, _, err) = ask(&[]);
    assert!(code == 3 && err.contains("--example"), "{code} {err}");
    let gateway = network.s3_gateway(&daemon, &[&network.tables[0]]);
    network.open(&daemon);
    let wanted = [
        ("VpcId", network.vpc.as_str()),
        ("VpcEndpointType", "Interface"),
        ("ServiceName", "com.amazonaws.us-east-1.secretsmanager"),
        ("SubnetId.1", network.subnets[1].as_str()),
        ("SecurityGroupId.1", network.group.as_str()),
        ("PrivateDnsEnabled", "true"),
    ];
    let interface = daemon.make("CreateVpcEndpoint", &wanted, "vpcEndpointId");
    let compared = || -> Value {
        let (code, out, err) = ask(&["--format", "json"]);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        serde_json::from_str(&out).unwrap()
    };
    let whole = compared();
    assert_eq!(
        (&whole["gateway"]["endpoint"], &whole["interface"]["endpoint"]),
        (&gateway.into(), &interface.clone().into())
    );
    for column in ["gateway", "interface"] {
        assert_eq!(whole[column]["end"]["arrives"], true, "{whole}");
    }
    // The cells have what the API has.
    let described = daemon.aws_ok(&["ec2", "describe-vpc-endpoints", "--vpc-endpoint-ids", &interface]);
    let own = &described["VpcEndpoints"][0]["NetworkInterfaceIds"][0];
    assert_eq!(whole["interface"]["interfaces"][0]["id"], *own, "{whole}");
    let own = daemon.aws_ok(&["ec2", "describe-network-interfaces", "--network-interface-ids", own.as_str().unwrap()]);
    let address = &own["NetworkInterfaces"][0]["PrivateIpAddress"];
    assert_eq!(whole["interface"]["interfaces"][0]["addresses"][0], *address, "{whole}");
    assert_eq!(whole["gateway"]["routes"]["own"][0]["tables"][0], network.tables[0].as_str(), "{whole}");

    // Requests take the two paths that were told.
    daemon.reaches_both(&network.subnets[0], &network.group);
    let by = |service: &str| {
        let events = daemon.events();
        let event =
            events.iter().rev().find(|event| event["service"] == service).unwrap_or_else(|| panic!("{events:?}"));
        event["path"].clone()
    };
    assert_eq!(by("s3")["endpoint"], whole["gateway"]["endpoint"]);
    let path = by("secretsmanager");
    assert_eq!((&path["endpoint"], &path["destination"]), (&whole["interface"]["endpoint"], address));

    // Without private DNS the cell says where the name leads, and that is where requests do not get through.
    let off = [("VpcEndpointId", interface.as_str()), ("PrivateDnsEnabled", "false")];
    daemon.ec2("ModifyVpcEndpoint", &off).unwrap();
    let whole = compared();
    assert_eq!(whole["interface"]["names"]["private"], "off", "{whole}");
    let led = &whole["interface"]["names"]["service"][0];
    let address = led["addresses"][0][0].as_str().unwrap();
    assert!(address.starts_with("198.18.") && led["addresses"][0][1] == false, "{led}");
    let found =
        daemon.inside(&network.subnets[0], &[&network.group], &["getent", "ahostsv4", led["name"].as_str().unwrap()]);
    assert!(found.starts_with(&format!("{address} ")), "{found}");
}
