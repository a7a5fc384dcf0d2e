//! Two peered VPCs in two accounts, as Terraform makes them with a provider for each.

use super::{applied_with, asked};
use crate::harness::{Daemon, need_root};

#[test]
fn terraform_peers_vpcs_of_two_accounts_and_the_application_uses_the_tools_endpoint() {
    need_root!();
    let daemon = Daemon::start();
    let (id, secret) = daemon.key_of("222222222222");
    let variables = [("tools_access_key", id.as_str()), ("tools_secret_key", secret.as_str())];
    let example = include_str!("../../../../../examples/terraform/peering/main.tf");
    let Some(terraform) = applied_with(&daemon, example, &variables) else { return };
    let (subnet, group) = (terraform.output("subnet"), terraform.output("group"));
    let ask = |name: &str| asked(&daemon, &subnet, &group, &format!("https://{name}/"));
    assert_eq!(ask(&terraform.output("secrets")), "400");
    assert_eq!(ask("secretsmanager.us-east-1.amazonaws.com"), "000", "private DNS is the other VPC's own");
    terraform.ok(&["apply", "-auto-approve", "-no-color", "-var", "name=renamed"]);
    let renamed = [("Filter.1.Name", "tag:Name"), ("Filter.1.Value.1", "renamed")];
    let found = daemon.ec2("DescribeVpcPeeringConnections", &renamed).unwrap();
    assert!(found.contains("<code>active</code>") && found.contains("<value>requester</value>"), "{found}");
    terraform.destroyed();
    let left = daemon.ec2("DescribeVpcPeeringConnections", &[]).unwrap();
    assert!(!left.contains("<code>active</code>"), "{left}");
}
