//! Virtual private gateways, as Terraform makes, attaches and finds them.

use super::applied_with;
use crate::harness::{Daemon, need_root, text};

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }
variable "name" { type = string }
variable "propagates" { type = bool }
variable "place" { type = string }

resource "aws_vpc" "this" {
  for_each   = { one = "10.77.0.0/16", two = "10.78.0.0/16" }
  cidr_block = each.value
}
resource "aws_vpn_gateway" "this" {
  vpc_id            = aws_vpc.this["one"].id
  amazon_side_asn   = "65010"
  availability_zone = "us-east-1a"
  tags              = { Name = var.name }
}
resource "aws_vpn_gateway" "apart" {}
resource "aws_vpn_gateway_attachment" "apart" {
  count          = var.place == "" ? 0 : 1
  vpc_id         = aws_vpc.this[var.place].id
  vpn_gateway_id = aws_vpn_gateway.apart.id
}
resource "aws_route_table" "inline" {
  vpc_id           = aws_vpc.this["one"].id
  propagating_vgws = var.propagates ? [aws_vpn_gateway.this.id] : []
  route {
    cidr_block = "192.168.0.0/16"
    gateway_id = aws_vpn_gateway.this.id
  }
}
resource "aws_route_table" "beside" { vpc_id = aws_vpc.this["one"].id }
resource "aws_vpn_gateway_route_propagation" "beside" {
  count          = var.propagates ? 1 : 0
  vpn_gateway_id = aws_vpn_gateway.this.id
  route_table_id = aws_route_table.beside.id
}
data "aws_vpn_gateway" "this" {
  attached_vpc_id = aws_vpn_gateway.this.vpc_id
  state           = "available"
}
output "found" { value = data.aws_vpn_gateway.this.id }
output "asn" { value = data.aws_vpn_gateway.this.amazon_side_asn }
output "this" { value = aws_vpn_gateway.this.id }
output "apart" { value = aws_vpn_gateway.apart.id }
output "inline" { value = aws_route_table.inline.id }
output "beside" { value = aws_route_table.beside.id }
output "one" { value = aws_vpc.this["one"].id }
output "two" { value = aws_vpc.this["two"].id }
"#;

/// What DescribeVpnGateways shows of a gateway's attachments.
fn attachments(daemon: &Daemon, gateway: &str) -> String {
    let shown = daemon.ec2("DescribeVpnGateways", &[("VpnGatewayId.1", gateway)]).unwrap();
    text(&shown, "attachments").unwrap_or_default().to_owned()
}

#[test]
fn terraform_makes_virtual_private_gateways_attaches_them_and_lets_them_propagate_routes() {
    need_root!();
    let daemon = Daemon::start();
    let first = [("name", "first"), ("propagates", "true"), ("place", "two")];
    let Some(mut terraform) = applied_with(&daemon, CONFIGURATION, &first) else { return };
    let names = ["this", "apart", "inline", "beside"];
    let all = names.map(|name| terraform.output(name));
    let [this, apart, inline, beside] = &all;
    assert_eq!((terraform.output("found"), terraform.output("asn")), (this.clone(), "65010".to_owned()));
    let [one, two] = ["one", "two"].map(|name| terraform.output(name));
    let attached = |vpc: &str| format!("<item><vpcId>{vpc}</vpcId><state>attached</state></item>");
    assert_eq!((attachments(&daemon, this), attachments(&daemon, apart)), (attached(&one), attached(&two)));
    let propagating = |table: &str| {
        let shown = daemon.ec2("DescribeRouteTables", &[("RouteTableId.1", table)]).unwrap();
        text(&shown, "propagatingVgwSet").unwrap_or_default().contains(this)
    };
    assert_eq!([inline, beside].map(|table| propagating(table)), [true; 2]);

    terraform.changed(&[("name", "second"), ("propagates", "false"), ("place", "")]);
    assert_eq!([inline, beside].map(|table| propagating(table)), [false; 2]);
    assert!(!attachments(&daemon, apart).contains("<state>attached</state>"));
    let renamed = [("Filter.1.Name", "tag:Name"), ("Filter.1.Value.1", "second")];
    assert!(daemon.ec2("DescribeVpnGateways", &renamed).unwrap().contains(this));
    // Each is the one that it was.
    assert_eq!(all, names.map(|name| terraform.output(name)));
    terraform.changed(&first);
    assert_eq!((attachments(&daemon, apart), propagating(inline)), (attached(&two), true));

    terraform.destroyed();
    let left = [("Filter.1.Name", "state"), ("Filter.1.Value.1", "available")];
    let left = daemon.ec2("DescribeVpnGateways", &left).unwrap();
    assert!(!left.contains("<vpnGatewayId>"), "{left}");
}
