//! Ansible and Cloud Custodian as they are, on the examples: what is run twice changes something once.

use std::path::{Path, PathBuf};

use crate::harness::{Daemon, need_root, texts};

/// Where `scripts/setup --tools` installs them; nothing, loudly, if it did not.
fn tools() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools");
    if path.join("bin/ansible-playbook").exists() && path.join("bin/custodian").exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: Ansible and Cloud Custodian are not installed; `scripts/setup --tools` does that");
    None
}

/// Runs one of the tools against a daemon; what it printed.
fn run(daemon: &Daemon, tools: &Path, program: &str, arguments: &[&str]) -> String {
    let mut command = daemon.client(&tools.join("bin").join(program), arguments);
    command.env("HOME", daemon.work()).env("AWS_DEFAULT_REGION", "us-east-1");
    command.env("ANSIBLE_PYTHON_INTERPRETER", tools.join("bin/python")).env("ANSIBLE_LOCALHOST_WARNING", "False");
    let output = command.output().unwrap();
    let (out, err) = texts(&output);
    assert!(output.status.success(), "{program} {arguments:?}: {out}\n{err}\n{}", daemon.log());
    format!("{out}{err}")
}

fn example(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(path).to_str().unwrap().to_owned()
}

#[test]
fn ansible_makes_a_private_vpc_once_and_takes_it_away() {
    need_root!();
    let Some(tools) = tools() else { return };
    let daemon = Daemon::start();
    let playbook = example("ansible/private.yml");
    let play = |more: &[&str]| {
        run(&daemon, &tools, "ansible-playbook", &[&["-i", "localhost,", playbook.as_str()], more].concat())
    };
    let said = play(&[]);
    assert!(said.contains("changed=7 "), "{said}");
    let again = play(&[]);
    assert!(again.contains("changed=0 "), "{again}");

    // What it made carries packets.
    let (_, told) = said.split_once("run with --subnet ").unwrap();
    let words: Vec<_> = told.split([' ', '"']).collect();
    daemon.reaches_both(words[0], words[2]);

    play(&["-e", "state=absent"]);
    let left = daemon.ec2("DescribeVpcs", &[("Filter.1.Name", "is-default"), ("Filter.1.Value.1", "false")]).unwrap();
    assert!(!left.contains("<vpcId>"), "{left}");
    let again = play(&["-e", "state=absent"]);
    assert!(again.contains("changed=0 "), "{again}");
}

#[test]
fn custodian_tags_the_endpoints_that_its_policy_is_about_and_no_other() {
    need_root!();
    let Some(tools) = tools() else { return };
    let daemon = Daemon::start();
    let vpc = daemon.make("CreateVpc", &[("CidrBlock", "10.61.0.0/16")], "vpcId");
    let subnet = daemon.make("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.61.1.0/24")], "subnetId");
    let endpoint = |service: &str, rule: Option<&str>, team: Option<&str>| {
        let named = [("VpcId", vpc.as_str()), ("GroupName", service), ("GroupDescription", service)];
        let group = daemon.make("CreateSecurityGroup", &named, "groupId");
        if let Some(block) = rule {
            let rule = [("IpProtocol", "tcp"), ("FromPort", "443"), ("ToPort", "443"), ("CidrIp", block)];
            daemon.ec2("AuthorizeSecurityGroupIngress", &[&rule[..], &[("GroupId", &group)]].concat()).unwrap();
        }
        let service = format!("com.amazonaws.us-east-1.{service}");
        let mut wanted = vec![("VpcId", vpc.as_str()), ("ServiceName", &service), ("VpcEndpointType", "Interface")];
        wanted.extend([("SubnetId.1", subnet.as_str()), ("SecurityGroupId.1", &group), ("PrivateDnsEnabled", "false")]);
        if let Some(team) = team {
            wanted.push(("TagSpecification.1.ResourceType", "vpc-endpoint"));
            wanted.extend([("TagSpecification.1.Tag.1.Key", "team"), ("TagSpecification.1.Tag.1.Value", team)]);
        }
        daemon.make("CreateVpcEndpoint", &wanted, "vpcEndpointId")
    };
    let open = endpoint("secretsmanager", Some("0.0.0.0/0"), Some("platform"));
    let nobodys = endpoint("kms", Some("10.61.0.0/16"), None);
    let tags = || {
        let answer = daemon.aws_ok(&["ec2", "describe-tags", "--filters", "Name=resource-type,Values=vpc-endpoint"]);
        let all = answer["Tags"].as_array().unwrap().iter();
        let mut all: Vec<_> =
            all.map(|t| ["ResourceId", "Key", "Value"].map(|m| t[m].as_str().unwrap().to_owned())).collect();
        all.sort();
        all
    };
    let policy = example("custodian/endpoints.yml");
    let arguments = ["run", "--output-dir", "out", "--region", "us-east-1", "--cache-period", "0", &policy];
    let said = run(&daemon, &tools, "custodian", &arguments);
    assert_eq!(said.matches("count:1 ").count(), 2, "{said}");
    let mut wanted =
        [[open.as_str(), "review", "open-group"], [&open, "team", "platform"], [&nobodys, "team", "unknown"]];
    wanted.sort_unstable();
    assert_eq!(tags(), wanted);
    let again = run(&daemon, &tools, "custodian", &arguments);
    assert_eq!(again.matches("count:0 ").count(), 2, "{again}");
    assert_eq!(tags(), wanted);
}
