//! Network ACLs as the API makes them, by what they do to requests.

use crate::harness::{Daemon, Network, TIMED_OUT, need_root};

/// Whether S3 answers a program in the first subnet; an anonymous request is answered, and that is enough.
fn answers(daemon: &Daemon, network: &Network) -> bool {
    let ask = "curl -sS -o /dev/null --connect-timeout 2 --max-time 10 https://s3.us-east-1.amazonaws.com/";
    let mut command = daemon.exec(&network.subnets[0], &[&network.group], &["sh", "-c", ask]);
    let status = command.output().unwrap().status.code().unwrap();
    assert!([0, TIMED_OUT].contains(&status), "curl ended with {status}");
    status == 0
}

// enforces: ec2:CreateNetworkAcl, ec2:CreateNetworkAclEntry, ec2:DeleteNetworkAclEntry (positive)
// enforces: ec2:ReplaceNetworkAclAssociation, ec2:ReplaceNetworkAclEntry (positive)
// enforces: ec2:CreateNetworkAcl, ec2:CreateNetworkAclEntry (negative)
// enforces: ec2:ReplaceNetworkAclAssociation, ec2:ReplaceNetworkAclEntry (negative)
#[test]
fn a_network_acl_wants_a_way_for_replies_and_asks_its_entries_in_order() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.s3_gateway(&daemon, &[&network.tables[0]]);
    assert!(answers(&daemon, &network));
    let acl = daemon.make("CreateNetworkAcl", &[("VpcId", &network.vpc)], "networkAclId");
    let entry = |action: &str, egress: &str, number: &str, rule: &str, ports: [&str; 2]| {
        let parameters = [
            ("NetworkAclId", acl.as_str()),
            ("Egress", egress),
            ("RuleNumber", number),
            ("RuleAction", rule),
            ("Protocol", "6"),
            ("CidrBlock", "0.0.0.0/0"),
            ("PortRange.From", ports[0]),
            ("PortRange.To", ports[1]),
        ];
        daemon.ec2(action, &parameters).unwrap();
    };
    let of_subnet = format!("Name=association.subnet-id,Values={}", network.subnets[0]);
    let associate = |acl: &str| {
        let all = daemon.aws_ok(&["ec2", "describe-network-acls", "--filters", &of_subnet]);
        let associations = all["NetworkAcls"][0]["Associations"].as_array().unwrap();
        let own = associations.iter().find(|own| own["SubnetId"] == network.subnets[0].as_str()).unwrap();
        let old = own["NetworkAclAssociationId"].as_str().unwrap();
        daemon.ec2("ReplaceNetworkAclAssociation", &[("AssociationId", old), ("NetworkAclId", acl)]).unwrap();
        all["NetworkAcls"][0]["NetworkAclId"].as_str().unwrap().to_owned()
    };
    let default = associate(&acl);
    assert!(!answers(&daemon, &network), "a new ACL lets nothing through");
    entry("CreateNetworkAclEntry", "true", "100", "allow", ["443", "443"]);
    assert!(!answers(&daemon, &network), "nothing lets the replies in");
    entry("CreateNetworkAclEntry", "false", "100", "allow", ["1024", "65535"]);
    assert!(answers(&daemon, &network));
    entry("CreateNetworkAclEntry", "false", "90", "deny", ["0", "65535"]);
    assert!(!answers(&daemon, &network), "the lower number decides");
    entry("ReplaceNetworkAclEntry", "false", "90", "allow", ["1024", "65535"]);
    assert!(answers(&daemon, &network));
    entry("CreateNetworkAclEntry", "true", "90", "deny", ["443", "443"]);
    assert!(!answers(&daemon, &network));
    let gone = [("NetworkAclId", acl.as_str()), ("Egress", "true"), ("RuleNumber", "90")];
    daemon.ec2("DeleteNetworkAclEntry", &gone).unwrap();
    assert!(answers(&daemon, &network));
    entry("ReplaceNetworkAclEntry", "true", "100", "deny", ["443", "443"]);
    assert!(!answers(&daemon, &network));
    associate(&default);
    assert!(answers(&daemon, &network));
    daemon.ec2("DeleteNetworkAcl", &[("NetworkAclId", &acl)]).unwrap();
}
