//! Instances with key pairs and interfaces of the account's own, as Terraform makes, changes and reads them.

use super::applied;
use crate::harness::{Daemon, need_root, text};

const CONFIGURATION: &str = r##"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }
variable "type" { default = "t3.micro" }
variable "check" { default = true }
variable "protected" { default = false }
variable "state" { default = "running" }
variable "addresses" {
  type    = set(string)
  default = ["10.77.1.20", "10.77.1.21"]
}

data "aws_ami" "this" {
  owners      = ["self"]
  most_recent = true
  filter {
    name   = "name"
    values = ["sidegate/*"]
  }
}
data "aws_ec2_instance_type_offerings" "micro" {
  location_type = "availability-zone"
  filter {
    name   = "instance-type"
    values = ["t3.micro"]
  }
}
data "aws_ec2_instance_type" "this" { instance_type = var.type }

resource "aws_vpc" "this" { cidr_block = "10.77.0.0/16" }
resource "aws_subnet" "this" {
  vpc_id            = aws_vpc.this.id
  cidr_block        = "10.77.1.0/24"
  availability_zone = sort(data.aws_ec2_instance_type_offerings.micro.locations)[0]
}
resource "aws_security_group" "this" {
  count  = 2
  name   = "group-${count.index}"
  vpc_id = aws_vpc.this.id
}
resource "aws_key_pair" "this" {
  key_name   = "deployer"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBaUs8quAvRnP856VUsSYTQ9quM5Hvkt3rhK/4jpEN7h deployer@example"
  tags       = { Name = "deployer" }
}
resource "aws_network_interface" "first" {
  subnet_id         = aws_subnet.this.id
  private_ips       = var.addresses
  security_groups   = [aws_security_group.this[0].id]
  source_dest_check = var.check
  description       = "first"
  tags              = { Name = "first" }
}
resource "aws_network_interface" "second" {
  subnet_id         = aws_subnet.this.id
  private_ips_count = 1
}
resource "aws_network_interface_attachment" "second" {
  instance_id          = aws_instance.plain.id
  network_interface_id = aws_network_interface.second.id
  device_index         = 1
}
resource "aws_instance" "own" {
  ami           = data.aws_ami.this.id
  instance_type = "t3.micro"
  key_name      = aws_key_pair.this.key_name
  network_interface {
    device_index         = 0
    network_interface_id = aws_network_interface.first.id
  }
  credit_specification { cpu_credits = "unlimited" }
}
resource "aws_instance" "plain" {
  ami                                  = data.aws_ami.this.id
  instance_type                        = var.type
  subnet_id                            = aws_subnet.this.id
  private_ip                           = "10.77.1.50"
  secondary_private_ips                = ["10.77.1.51"]
  vpc_security_group_ids               = [for g in aws_security_group.this : g.id]
  disable_api_termination              = var.protected
  monitoring                           = true
  instance_initiated_shutdown_behavior = "terminate"
  user_data                            = "#!/bin/sh\ntrue\n"
  ebs_optimized                        = true
  tags                                 = { Name = "plain" }
  volume_tags                          = { Name = "disk" }
  root_block_device {
    volume_size           = 12
    volume_type           = "gp3"
    encrypted             = true
    delete_on_termination = var.protected
  }
  ebs_block_device {
    device_name = "/dev/sdf"
    volume_size = 4
    iops        = 3000
  }
}
resource "aws_ec2_instance_state" "own" {
  instance_id = aws_instance.own.id
  state       = var.state
}
data "aws_instance" "own" { instance_id = aws_instance.own.id }
data "aws_key_pair" "this" {
  key_name           = aws_key_pair.this.key_name
  include_public_key = true
}
data "aws_network_interface" "first" {
  id         = aws_network_interface.first.id
  depends_on = [aws_instance.own]
}
output "own" { value = aws_instance.own.id }
output "plain" { value = aws_instance.plain.id }
output "address" { value = data.aws_instance.own.private_ip }
output "fingerprint" { value = data.aws_key_pair.this.fingerprint }
"##;

#[test]
fn terraform_makes_changes_and_destroys_instances_with_keys_and_interfaces() {
    need_root!();
    let daemon = Daemon::start();
    let Some(mut terraform) = applied(&daemon, CONFIGURATION) else { return };
    assert_eq!(terraform.output("address"), "10.77.1.20");
    assert_eq!(terraform.output("fingerprint"), "pDsV4d4b35UNmOAUxnHKgfRXAirD1HFuY3qrZXzbo3Q=");
    let plain = terraform.output("plain");
    terraform.changed(&[
        ("type", "t3.small"),
        ("check", "false"),
        ("protected", "true"),
        ("state", "stopped"),
        ("addresses", "[\"10.77.1.20\",\"10.77.1.22\"]"),
    ]);
    let own = [("InstanceId.1", terraform.output("own"))];
    let described = daemon.ec2("DescribeInstances", &[(own[0].0, own[0].1.as_str())]).unwrap();
    assert!(described.contains("<name>stopped</name>") && described.contains("10.77.1.22"), "{described}");
    let described = daemon.ec2("DescribeInstances", &[("InstanceId.1", &plain)]).unwrap();
    assert!(described.contains("<name>running</name>") && described.contains("t3.small"), "{described}");
    terraform.changed(&[]);
    terraform.destroyed();
    let left = daemon.ec2("DescribeKeyPairs", &[]).unwrap();
    assert!(!left.contains("<keyName>"), "{left}");
    // The root volume did not end with its instance, as it was to be at last; the other did.
    let left = daemon.ec2("DescribeVolumes", &[]).unwrap();
    assert_eq!((left.matches("<volumeId>").count(), text(&left, "size")), (1, Some("12")), "{left}");
}
