//! Public addresses, automatic and elastic, as Terraform makes and moves them.

use super::applied;
use crate::harness::{Daemon, need_root, text};

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }
variable "holder" { default = 0 }
variable "map" { default = true }

data "aws_ami" "this" {
  owners      = ["self"]
  most_recent = true
}
resource "aws_vpc" "this" {
  cidr_block           = "10.77.0.0/16"
  enable_dns_hostnames = true
}
resource "aws_internet_gateway" "this" { vpc_id = aws_vpc.this.id }
resource "aws_route" "out" {
  route_table_id         = aws_vpc.this.default_route_table_id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}
resource "aws_subnet" "public" {
  vpc_id                  = aws_vpc.this.id
  cidr_block              = "10.77.1.0/24"
  map_public_ip_on_launch = var.map
}
resource "aws_subnet" "private" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.77.2.0/24"
}
resource "aws_instance" "by_subnet" {
  ami           = data.aws_ami.this.id
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.public.id
  depends_on    = [aws_internet_gateway.this]
}
resource "aws_instance" "by_itself" {
  ami                         = data.aws_ami.this.id
  instance_type               = "t3.micro"
  subnet_id                   = aws_subnet.private.id
  associate_public_ip_address = true
  depends_on                  = [aws_internet_gateway.this]
}
resource "aws_instance" "hidden" {
  count         = 2
  ami           = data.aws_ami.this.id
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.private.id
}
resource "aws_eip" "moved" {
  domain     = "vpc"
  depends_on = [aws_internet_gateway.this]
}
resource "aws_eip_association" "moved" {
  allocation_id = aws_eip.moved.id
  instance_id   = aws_instance.hidden[var.holder].id
}
resource "aws_network_interface" "own" {
  subnet_id   = aws_subnet.private.id
  private_ips = ["10.77.2.50", "10.77.2.51"]
}
resource "aws_eip" "second" {
  domain                    = "vpc"
  network_interface         = aws_network_interface.own.id
  associate_with_private_ip = "10.77.2.51"
  depends_on                = [aws_internet_gateway.this]
}
output "by_subnet" { value = "${aws_instance.by_subnet.public_ip} ${aws_instance.by_subnet.public_dns}" }
output "by_itself" { value = aws_instance.by_itself.public_ip }
output "moved" { value = aws_eip.moved.public_ip }
output "holders" { value = join(" ", aws_instance.hidden[*].id) }
"#;

#[test]
fn terraform_makes_instances_with_public_addresses_and_moves_elastic_ones() {
    need_root!();
    let daemon = Daemon::start();
    let Some(mut terraform) = applied(&daemon, CONFIGURATION) else { return };
    let by_subnet = terraform.output("by_subnet");
    let (address, name) = by_subnet.split_once(' ').unwrap();
    assert_eq!(name, format!("ec2-{}.compute-1.amazonaws.com", address.replace('.', "-")));
    let moved = terraform.output("moved");
    let automatic = terraform.output("by_itself");
    assert!(automatic.starts_with("198.18.") && automatic != address && automatic != moved, "{automatic}");
    let holder = |daemon: &Daemon| {
        let shown = daemon.ec2("DescribeAddresses", &[("PublicIp.1", &moved)]).unwrap();
        text(&shown, "instanceId").unwrap().to_owned()
    };
    let holders = terraform.output("holders");
    let (first, second) = holders.split_once(' ').unwrap();
    assert_eq!(holder(&daemon), first);
    terraform.changed(&[("holder", "1"), ("map", "false")]);
    assert_eq!(holder(&daemon), second);
    assert_eq!(terraform.output("by_subnet"), by_subnet, "what runs keeps its address");
    terraform.destroyed();
    let left = daemon.ec2("DescribeAddresses", &[]).unwrap();
    assert!(left.contains("<addressesSet/>"), "{left}");
}
