//! Endpoints of both families in dual-stack subnets, as Terraform makes and changes them.

use super::applied;
use crate::harness::{Daemon, need_root};

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }
variable "type" { default = "dualstack" }

resource "aws_vpc" "this" {
  cidr_block                       = "10.77.0.0/16"
  enable_dns_hostnames             = true
  assign_generated_ipv6_cidr_block = true
}
resource "aws_subnet" "this" {
  for_each                                       = { a = 1, b = 2 }
  vpc_id                                         = aws_vpc.this.id
  cidr_block                                     = cidrsubnet(aws_vpc.this.cidr_block, 8, each.value)
  ipv6_cidr_block                                = cidrsubnet(aws_vpc.this.ipv6_cidr_block, 8, each.value)
  availability_zone                              = "us-east-1${each.key}"
  assign_ipv6_address_on_creation                = true
  enable_dns64                                   = true
  enable_resource_name_dns_aaaa_record_on_launch = true
}
resource "aws_route_table" "this" { vpc_id = aws_vpc.this.id }
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.this.id
  service_name    = "com.amazonaws.us-east-1.s3"
  ip_address_type = var.type
  route_table_ids = [aws_route_table.this.id]
}
resource "aws_vpc_endpoint" "secretsmanager" {
  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.us-east-1.secretsmanager"
  vpc_endpoint_type   = "Interface"
  ip_address_type     = var.type
  subnet_ids          = [for subnet in aws_subnet.this : subnet.id]
  private_dns_enabled = true
  dns_options { dns_record_ip_type = var.type }
}
resource "aws_vpc_endpoint" "kms" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.us-east-1.kms"
  vpc_endpoint_type = "Interface"
  ip_address_type   = "dualstack"
  subnet_ids        = [aws_subnet.this["a"].id]
  subnet_configuration {
    subnet_id = aws_subnet.this["a"].id
    ipv4      = cidrhost(aws_subnet.this["a"].cidr_block, 42)
    ipv6      = cidrhost(aws_subnet.this["a"].ipv6_cidr_block, 42)
  }
}
data "aws_network_interface" "kms" { id = one(aws_vpc_endpoint.kms.network_interface_ids) }
data "aws_ec2_managed_prefix_list" "s3" { name = "com.amazonaws.us-east-1.ipv6.s3" }
resource "aws_instance" "this" {
  ami           = "ami-51de6a7e"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.this["a"].id
  metadata_options { http_protocol_ipv6 = "enabled" }
}
output "wanted" { value = cidrhost(aws_subnet.this["a"].ipv6_cidr_block, 42) }
output "given" { value = one(data.aws_network_interface.kms.ipv6_addresses) }
output "family" { value = data.aws_ec2_managed_prefix_list.s3.address_family }
"#;

#[test]
fn terraform_makes_endpoints_of_both_families_and_changes_them_to_one_and_back() {
    need_root!();
    let daemon = Daemon::start();
    let Some(mut terraform) = applied(&daemon, CONFIGURATION) else { return };
    assert_eq!(terraform.output("given"), terraform.output("wanted"));
    assert_eq!(terraform.output("family"), "IPv6");
    let of_type = |kind| {
        let filter = [("Filter.1.Name", "ip-address-type"), ("Filter.1.Value.1", kind)];
        daemon.ec2("DescribeVpcEndpoints", &filter).unwrap().matches("<vpcEndpointId>").count()
    };
    assert_eq!((of_type("dualstack"), of_type("ipv4")), (3, 0));
    terraform.changed(&[("type", "ipv4")]);
    assert_eq!((of_type("dualstack"), of_type("ipv4")), (1, 2));
    terraform.changed(&[("type", "dualstack")]);
    assert_eq!((of_type("dualstack"), of_type("ipv4")), (3, 0));
    terraform.destroyed();
}
