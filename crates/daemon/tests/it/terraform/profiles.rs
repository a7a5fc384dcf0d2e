//! An instance with an instance profile, as Terraform makes, changes and reads it.

use super::applied;
use crate::harness::{Daemon, need_root, text};

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }
variable "profile" {
  type    = string
  default = "first"
}

resource "aws_iam_role" "this" {
  name = "app"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
resource "aws_iam_instance_profile" "this" {
  for_each = toset(["first", "second"])
  name     = each.key
  role     = aws_iam_role.this.name
}
resource "aws_vpc" "this" { cidr_block = "10.77.0.0/16" }
resource "aws_subnet" "this" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.77.1.0/24"
}
resource "aws_instance" "this" {
  ami                  = "ami-51de6a7e"
  instance_type        = "t3.micro"
  subnet_id            = aws_subnet.this.id
  iam_instance_profile = aws_iam_instance_profile.this[var.profile].name
}
output "instance" { value = aws_instance.this.id }
"#;

#[test]
fn terraform_gives_an_instance_a_profile_and_replaces_it() {
    need_root!();
    let daemon = Daemon::start();
    let Some(mut terraform) = applied(&daemon, CONFIGURATION) else { return };
    let instance = terraform.output("instance");
    let profile = || {
        let described = daemon.ec2("DescribeInstances", &[("InstanceId.1", &instance)]).unwrap();
        text(&described, "arn").map(str::to_owned)
    };
    let arn = |name: &str| Some(format!("arn:aws:iam::000000000000:instance-profile/{name}"));
    assert_eq!(profile(), arn("first"));
    terraform.changed(&[("profile", "second")]);
    assert_eq!((profile(), terraform.output("instance")), (arn("second"), instance.clone()));
    // The provider keeps a profile that the configuration does not name any more.
    terraform.changed(&[("profile", "first")]);
    assert_eq!((profile(), terraform.output("instance")), (arn("first"), instance.clone()));
    terraform.destroyed();
}
