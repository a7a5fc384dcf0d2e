//! Terraform as it is: the provider, pointed at the daemon by two environment variables.

#[cfg(test)]
mod addresses;
#[cfg(test)]
mod dualstack;
#[cfg(test)]
mod dynamodb;
#[cfg(test)]
mod event_sources;
#[cfg(test)]
mod flow_logs;
#[cfg(test)]
mod instances;
#[cfg(test)]
mod kms;
#[cfg(test)]
mod nat_gateways;
#[cfg(test)]
mod network_insights;
#[cfg(test)]
mod networks;
#[cfg(test)]
mod notifications;
#[cfg(test)]
mod peering;
#[cfg(test)]
mod profiles;
#[cfg(test)]
mod public_private;
mod storage;
#[cfg(test)]
mod vpn_gateways;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Daemon, need_root, texts};

/// A private VPC with both endpoint types.
const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }

resource "aws_vpc" "this" {
  cidr_block           = "10.77.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = var.name }
}
variable "name" { default = "first" }
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
resource "aws_security_group" "endpoints" {
  name   = "endpoints"
  vpc_id = aws_vpc.this.id
}
resource "aws_vpc_security_group_ingress_rule" "tls" {
  security_group_id            = aws_security_group.endpoints.id
  referenced_security_group_id = aws_security_group.programs.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}
resource "aws_vpc_security_group_egress_rule" "endpoints" {
  security_group_id            = aws_security_group.programs.id
  referenced_security_group_id = aws_security_group.endpoints.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}
resource "aws_vpc_security_group_egress_rule" "s3" {
  security_group_id = aws_security_group.programs.id
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.this.id
  service_name    = "com.amazonaws.us-east-1.s3"
  route_table_ids = [aws_route_table.private.id]
}
resource "aws_vpc_endpoint" "secretsmanager" {
  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.us-east-1.secretsmanager"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [for s in aws_subnet.private : s.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
}
resource "aws_instance" "idle" {
  ami                    = "ami-51de6a7e"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.private["a"].id
  vpc_security_group_ids = [aws_security_group.programs.id]
}
output "subnet" { value = aws_subnet.private["a"].id }
output "group" { value = aws_security_group.programs.id }
"#;

/// A directory that holds providers, as `terraform providers mirror` makes one: the one that is named, or else one of
/// those where software is put by hand.
fn mirror() -> Option<PathBuf> {
    let named = std::env::var_os("SIDEGATE_TERRAFORM_MIRROR").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".terraform.d"));
    let roots =
        ["/opt", "/usr/share/terraform", "/usr/local/share/terraform"].into_iter().map(PathBuf::from).chain(home);
    let below =
        roots.flat_map(|root| std::fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path()));
    if let Some(named) = &named {
        assert!(named.is_dir(), "there is no mirror at {}, which SIDEGATE_TERRAFORM_MIRROR names", named.display());
    }
    named.into_iter().chain(below).find(|p| p.join("registry.terraform.io/hashicorp/aws").is_dir())
}

pub(crate) struct Terraform<'a> {
    daemon: &'a Daemon,
    directory: PathBuf,
    /// Variables of the configuration, which every run has.
    pub(crate) variables: Vec<(String, String)>,
}

impl<'a> Terraform<'a> {
    pub(crate) fn new(daemon: &'a Daemon, directory: PathBuf) -> Self {
        Self { daemon, directory, variables: Vec::new() }
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = self.daemon.client(Path::new("terraform"), arguments);
        command.current_dir(&self.directory).env("TF_CLI_CONFIG_FILE", self.directory.join("tfrc"));
        command.env("CHECKPOINT_DISABLE", "1");
        command.envs(self.variables.iter().map(|(name, value)| (format!("TF_VAR_{name}"), value)));
        let output = command.output().unwrap();
        let (out, err) = texts(&output);
        (output.status.code(), format!("{out}{err}"))
    }

    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let (code, said) = self.run(arguments);
        assert_eq!(code, Some(0), "terraform {arguments:?}: {said}\n{}", self.daemon.log());
        said
    }
}

/// How Terraform comes to its provider.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Provider {
    /// As a user's does: installed from the mirror, and checked against the lock file by each command.
    Installed,
    /// Taken as it lies in the mirror, which spares each command the digest of some 700 MB.
    InPlace,
}

impl Provider {
    /// Where it lies in the mirror, if that is unpacked.
    fn place(mirror: &Path) -> Option<PathBuf> {
        let machine = if cfg!(target_arch = "aarch64") { "linux_arm64" } else { "linux_amd64" };
        let place = mirror.join("registry.terraform.io/hashicorp/aws/5.100.0").join(machine);
        place.is_dir().then_some(place)
    }

    fn cli_configuration(self, mirror: &Path) -> String {
        let block = match Self::place(mirror).filter(|_| self == Self::InPlace) {
            Some(place) => format!("dev_overrides {{\n    \"hashicorp/aws\" = \"{}\"\n  }}", place.display()),
            None => format!("filesystem_mirror {{\n    path = \"{}\"\n  }}", mirror.display()),
        };
        format!("provider_installation {{\n  {block}\n}}\n")
    }
}

/// Terraform with this configuration and a daemon of its own. `None`, loudly, where there is no Terraform or no provider.
pub(crate) fn with(daemon: &Daemon, configuration: &str, provider: Provider) -> Option<PathBuf> {
    let Some(mirror) = mirror() else {
        eprintln!("SKIPPED: no mirror with the AWS provider; name one in SIDEGATE_TERRAFORM_MIRROR");
        return None;
    };
    if Command::new("terraform").arg("version").output().is_err() {
        eprintln!("SKIPPED: there is no terraform");
        return None;
    }
    let directory = daemon.work().join("terraform");
    std::fs::create_dir(&directory).unwrap();
    std::fs::write(directory.join("main.tf"), configuration).unwrap();
    std::fs::write(directory.join("tfrc"), provider.cli_configuration(&mirror)).unwrap();
    let is_in_place = provider == Provider::InPlace && Provider::place(&mirror).is_some();
    if !is_in_place {
        Terraform::new(daemon, directory.clone()).ok(&["init", "-no-color"]);
    }
    Some(directory)
}

#[test]
fn terraform_applies_a_private_vpc_finds_nothing_to_change_and_destroys_it() {
    need_root!();
    let daemon = Daemon::start();
    let Some(directory) = with(&daemon, CONFIGURATION, Provider::Installed) else { return };
    let mut terraform = Terraform::new(&daemon, directory);
    terraform.changed(&[]);

    // What was applied carries packets.
    let subnet = terraform.ok(&["output", "-raw", "subnet"]);
    let group = terraform.ok(&["output", "-raw", "group"]);
    daemon.reaches_both(&subnet, &group);

    terraform.ok(&["apply", "-auto-approve", "-no-color", "-var", "name=second"]);
    let vpcs = daemon.ec2("DescribeVpcs", &[("Filter.1.Name", "tag:Name"), ("Filter.1.Value.1", "second")]).unwrap();
    assert!(vpcs.contains("<vpcId>"), "{vpcs}");
    terraform.ok(&["destroy", "-auto-approve", "-no-color"]);
    let of_the_account = ("is-default", "DescribeVpcs", "<vpcId>");
    for (filter, action, element) in [of_the_account, ("vpc-id", "DescribeVpcEndpoints", "<vpcEndpointId>")] {
        let value = if filter == "is-default" { "false" } else { "*" };
        let left = daemon.ec2(action, &[("Filter.1.Name", filter), ("Filter.1.Value.1", value)]).unwrap();
        assert!(!left.contains(element), "{left}");
    }
}

/// Applies an example, checks that a second plan is empty, and returns what runs Terraform on it.
fn applied<'a>(daemon: &'a Daemon, configuration: &str) -> Option<Terraform<'a>> {
    applied_with(daemon, configuration, &[])
}

/// The same with these variables.
fn applied_with<'a>(daemon: &'a Daemon, configuration: &str, variables: &[(&str, &str)]) -> Option<Terraform<'a>> {
    let mut terraform = Terraform::new(daemon, with(daemon, configuration, Provider::InPlace)?);
    terraform.changed(variables);
    Some(terraform)
}

fn owned(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Terraform<'_> {
    pub(crate) fn settled(&self) {
        let (code, said) = self.run(&["plan", "-detailed-exitcode", "-no-color"]);
        assert_eq!(code, Some(0), "a second plan is empty: {said}");
    }

    /// Applies with these variables and no others, and checks that a second plan is empty.
    fn changed(&mut self, variables: &[(&str, &str)]) {
        self.variables = owned(variables);
        self.ok(&["apply", "-auto-approve", "-no-color"]);
        self.settled();
    }

    fn output(&self, name: &str) -> String {
        self.ok(&["output", "-raw", name])
    }

    /// Destroys everything, and checks that nothing of the account's own is left.
    pub(crate) fn destroyed(&self) {
        self.ok(&["destroy", "-auto-approve", "-no-color"]);
        for (action, element, filter, value) in [
            ("DescribeVpcEndpoints", "<vpcEndpointId>", "vpc-id", "vpc-*"),
            ("DescribeSubnets", "<subnetId>", "default-for-az", "false"),
            ("DescribeNetworkInterfaces", "<networkInterfaceId>", "vpc-id", "vpc-*"),
        ] {
            let ours = [("Filter.1.Name", filter), ("Filter.1.Value.1", value)];
            let left = self.daemon.ec2(action, &ours).unwrap();
            assert!(!left.contains(element), "{left}");
        }
    }
}

/// The HTTP status that a service answers a program with, or `000`.
pub(crate) fn asked(daemon: &Daemon, subnet: &str, group: &str, url: &str) -> String {
    let ask = format!("curl -sS -o /dev/null --connect-timeout 2 -m 8 -w '%{{http_code}}' {url} 2>/dev/null; true");
    daemon.inside(subnet, &[group], &["sh", "-c", &ask])
}

#[test]
fn terraform_applies_the_example_of_a_private_vpc_in_three_zones() {
    need_root!();
    let daemon = Daemon::start();
    let example = include_str!("../../../../examples/terraform/private/main.tf");
    let Some(terraform) = applied(&daemon, example) else { return };
    let (subnet, group) = (terraform.output("subnet"), terraform.output("group"));
    for (name, status) in [("s3", "403"), ("secretsmanager", "400"), ("sts", "000")] {
        let url = format!("https://{name}.us-east-1.amazonaws.com/");
        assert_eq!(asked(&daemon, &subnet, &group, &url), status, "{name}");
    }
    terraform.ok(&[
        "apply",
        "-auto-approve",
        "-no-color",
        "-var",
        "interface_services=[\"sts\"]",
        "-var",
        "name=other",
    ]);
    assert_eq!(asked(&daemon, &subnet, &group, "https://secretsmanager.us-east-1.amazonaws.com/"), "000");
    assert_ne!(asked(&daemon, &subnet, &group, "https://sts.us-east-1.amazonaws.com/"), "000");
    terraform.destroyed();
}
