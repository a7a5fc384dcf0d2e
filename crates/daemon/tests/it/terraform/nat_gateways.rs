//! NAT gateways with several addresses, as Terraform makes and changes them.

use super::applied_with;
use crate::harness::{Daemon, need_root};

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }
variable "secondary" { type = bool }
variable "named" { type = list(string) }

resource "aws_vpc" "this" { cidr_block = "10.77.0.0/16" }
resource "aws_internet_gateway" "this" { vpc_id = aws_vpc.this.id }
resource "aws_subnet" "this" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.77.1.0/24"
}
resource "aws_eip" "this" {
  count      = 2
  domain     = "vpc"
  depends_on = [aws_internet_gateway.this]
}
resource "aws_nat_gateway" "public" {
  subnet_id                = aws_subnet.this.id
  allocation_id            = aws_eip.this[0].id
  secondary_allocation_ids = var.secondary ? [aws_eip.this[1].id] : []
  depends_on               = [aws_internet_gateway.this]
}
resource "aws_nat_gateway" "counted" {
  subnet_id                          = aws_subnet.this.id
  connectivity_type                  = "private"
  secondary_private_ip_address_count = 3
}
resource "aws_nat_gateway" "named" {
  subnet_id                      = aws_subnet.this.id
  connectivity_type              = "private"
  private_ip                     = "10.77.1.50"
  secondary_private_ip_addresses = [for host in var.named : "10.77.1.${host}"]
}
output "public" { value = aws_nat_gateway.public.id }
output "counted" { value = aws_nat_gateway.counted.id }
output "named" { value = aws_nat_gateway.named.id }
"#;

/// The elements of this name of a gateway's addresses.
fn shown(daemon: &Daemon, nat: &str, element: &str) -> Vec<String> {
    let shown = daemon.ec2("DescribeNatGateways", &[("NatGatewayId.1", nat)]).unwrap();
    let start = format!("<{element}>");
    let texts = shown.split(&start).skip(1);
    texts.map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

#[test]
fn terraform_makes_nat_gateways_with_several_addresses_and_adds_and_takes_off_some() {
    need_root!();
    let daemon = Daemon::start();
    let both = [("secondary", "true"), ("named", r#"["60","61"]"#)];
    let Some(mut terraform) = applied_with(&daemon, CONFIGURATION, &both) else { return };
    let [public, counted, named] = ["public", "counted", "named"].map(|name| terraform.output(name));
    assert_eq!(shown(&daemon, &public, "allocationId").len(), 2);
    assert_eq!(shown(&daemon, &counted, "privateIp").len(), 4);
    let private = |daemon: &Daemon| {
        let mut all = shown(daemon, &named, "privateIp");
        all.sort();
        all
    };
    assert_eq!(private(&daemon), ["10.77.1.50", "10.77.1.60", "10.77.1.61"]);
    terraform.changed(&[("secondary", "false"), ("named", r#"["61","62","63"]"#)]);
    assert_eq!(shown(&daemon, &public, "allocationId").len(), 1);
    assert_eq!(private(&daemon), ["10.77.1.50", "10.77.1.61", "10.77.1.62", "10.77.1.63"]);
    terraform.changed(&[("secondary", "true"), ("named", r#"["61"]"#)]);
    assert_eq!(shown(&daemon, &public, "allocationId").len(), 2);
    assert_eq!(private(&daemon), ["10.77.1.50", "10.77.1.61"]);
    // Each is the one that it was.
    assert_eq!([public, counted, named], ["public", "counted", "named"].map(|name| terraform.output(name)));
    terraform.destroyed();
}
