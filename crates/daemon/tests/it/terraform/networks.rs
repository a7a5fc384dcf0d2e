//! What a VPC consists of besides tables and groups, and the default VPC, as Terraform makes and adopts them.

use super::applied;
use crate::harness::{Daemon, need_root};

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }
variable "port" { default = 443 }
variable "domain" { default = "corp.example" }

resource "aws_vpc" "this" {
  cidr_block                       = "10.77.0.0/16"
  enable_dns_hostnames             = true
  assign_generated_ipv6_cidr_block = true
}
resource "aws_vpc_ipv4_cidr_block_association" "more" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.78.0.0/16"
}
resource "aws_subnet" "first" {
  count                                       = 2
  vpc_id                                      = aws_vpc.this.id
  cidr_block                                  = cidrsubnet(aws_vpc.this.cidr_block, 8, count.index)
  ipv6_cidr_block                             = cidrsubnet(aws_vpc.this.ipv6_cidr_block, 8, count.index)
  assign_ipv6_address_on_creation             = true
  map_public_ip_on_launch                     = true
  private_dns_hostname_type_on_launch         = "resource-name"
  enable_resource_name_dns_a_record_on_launch = true
}
resource "aws_subnet" "second" {
  vpc_id     = aws_vpc_ipv4_cidr_block_association.more.vpc_id
  cidr_block = "10.78.1.0/24"
}
resource "aws_ec2_subnet_cidr_reservation" "low" {
  subnet_id        = aws_subnet.second.id
  cidr_block       = "10.78.1.0/28"
  reservation_type = "explicit"
  description      = "for what has its address by hand"
}
resource "aws_network_acl" "inline" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = aws_subnet.first[*].id
  ingress {
    rule_no    = 100
    protocol   = "tcp"
    action     = "allow"
    cidr_block = "0.0.0.0/0"
    from_port  = var.port
    to_port    = var.port
  }
  ingress {
    rule_no         = 101
    protocol        = "tcp"
    action          = "allow"
    ipv6_cidr_block = "::/0"
    from_port       = 1024
    to_port         = 65535
  }
  egress {
    rule_no    = 100
    protocol   = "-1"
    action     = "allow"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }
}
resource "aws_network_acl" "rules" { vpc_id = aws_vpc.this.id }
resource "aws_network_acl_rule" "ping" {
  network_acl_id = aws_network_acl.rules.id
  rule_number    = 200
  protocol       = "icmp"
  rule_action    = "allow"
  cidr_block     = "10.0.0.0/8"
  icmp_type      = -1
  icmp_code      = -1
}
resource "aws_network_acl_association" "second" {
  network_acl_id = aws_network_acl.rules.id
  subnet_id      = aws_subnet.second.id
}
resource "aws_default_network_acl" "this" {
  default_network_acl_id = aws_vpc.this.default_network_acl_id
  ingress {
    rule_no    = 100
    protocol   = "-1"
    action     = "allow"
    cidr_block = "10.0.0.0/8"
    from_port  = 0
    to_port    = 0
  }
}
resource "aws_default_security_group" "this" { vpc_id = aws_vpc.this.id }
resource "aws_default_route_table" "this" {
  default_route_table_id = aws_vpc.this.default_route_table_id
  tags                   = { Name = "main" }
}
resource "aws_vpc_dhcp_options" "this" {
  domain_name         = var.domain
  domain_name_servers = ["10.77.0.9", "AmazonProvidedDNS"]
  ntp_servers         = ["169.254.169.123"]
}
resource "aws_vpc_dhcp_options_association" "this" {
  vpc_id          = aws_vpc.this.id
  dhcp_options_id = aws_vpc_dhcp_options.this.id
}

resource "aws_default_vpc" "this" { tags = { Name = "default" } }
resource "aws_default_subnet" "a" { availability_zone = "us-east-1a" }
resource "aws_default_vpc_dhcp_options" "this" {}
data "aws_vpc" "default" {
  default    = true
  depends_on = [aws_default_vpc.this]
}
data "aws_subnets" "default" {
  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}
output "default" { value = "${data.aws_vpc.default.cidr_block} ${length(data.aws_subnets.default.ids)}" }
"#;

#[test]
fn terraform_applies_acls_blocks_and_dhcp_options_and_adopts_what_every_account_has() {
    need_root!();
    let daemon = Daemon::start();
    let Some(mut terraform) = applied(&daemon, CONFIGURATION) else { return };
    assert_eq!(terraform.output("default"), "172.31.0.0/16 6");
    terraform.changed(&[("port", "80"), ("domain", "other.example")]);
    terraform.ok(&["destroy", "-auto-approve", "-no-color"]);
    let left = daemon.ec2("DescribeVpcs", &[]).unwrap();
    assert_eq!(left.matches("<vpcId>").count(), 1, "the default VPC stays: {left}");
    let left = daemon.ec2("DescribeDhcpOptions", &[]).unwrap();
    assert_eq!(left.matches("<dhcpOptionsId>").count(), 1, "{left}");
}
