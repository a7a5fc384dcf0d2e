//! Flow logs, as Terraform makes, tags, replaces and destroys them.

use super::applied_with;
use crate::harness::{Daemon, need_root, text};

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region            = "us-east-1"
  s3_use_path_style = true
}
variable "name" { type = string }
variable "traffic" { type = string }

resource "aws_vpc" "this" { cidr_block = "10.77.0.0/16" }
resource "aws_subnet" "this" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.77.1.0/24"
}
resource "aws_network_interface" "this" { subnet_id = aws_subnet.this.id }
resource "aws_cloudwatch_log_group" "this" { name = "/vpc/records" }
resource "aws_iam_role" "this" {
  name = "flow-logs"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
    }]
  })
}
resource "aws_s3_bucket" "this" {
  bucket        = "records-of-terraform"
  force_destroy = true
}
resource "aws_flow_log" "logs" {
  vpc_id                   = aws_vpc.this.id
  traffic_type             = var.traffic
  iam_role_arn             = aws_iam_role.this.arn
  log_destination          = aws_cloudwatch_log_group.this.arn
  log_format               = "$${version} $${vpc-id} $${pkt-srcaddr} $${flow-direction}"
  max_aggregation_interval = 60
  tags                     = { Name = var.name }
}
resource "aws_flow_log" "s3" {
  subnet_id            = aws_subnet.this.id
  traffic_type         = "ALL"
  log_destination      = "${aws_s3_bucket.this.arn}/folder/"
  log_destination_type = "s3"
  tags                 = { Name = var.name }
  destination_options {
    file_format                = "plain-text"
    hive_compatible_partitions = true
    per_hour_partition         = true
  }
}
resource "aws_flow_log" "plain" {
  eni_id               = aws_network_interface.this.id
  traffic_type         = "REJECT"
  log_destination      = aws_s3_bucket.this.arn
  log_destination_type = "s3"
}
output "logs" { value = aws_flow_log.logs.id }
output "s3" { value = aws_flow_log.s3.id }
output "plain" { value = aws_flow_log.plain.id }
"#;

/// What DescribeFlowLogs shows of a flow log under a name.
fn shown(daemon: &Daemon, id: &str, element: &str) -> String {
    let answer = daemon.ec2("DescribeFlowLogs", &[("FlowLogId.1", id)]).unwrap();
    text(&answer, element).unwrap_or_default().to_owned()
}

#[test]
fn terraform_makes_flow_logs_tags_them_anew_replaces_and_destroys_them() {
    need_root!();
    let daemon = Daemon::start();
    let first = [("name", "first"), ("traffic", "ALL")];
    let Some(mut terraform) = applied_with(&daemon, CONFIGURATION, &first) else { return };
    let [logs, s3, plain] = ["logs", "s3", "plain"].map(|name| terraform.output(name));
    for (id, element, expected) in [
        (&logs, "logGroupName", "/vpc/records"),
        (&logs, "maxAggregationInterval", "60"),
        (&logs, "logFormat", "${version} ${vpc-id} ${pkt-srcaddr} ${flow-direction}"),
        (&s3, "logDestination", "arn:aws:s3:::records-of-terraform/folder/"),
        (&s3, "hiveCompatiblePartitions", "true"),
        (&s3, "maxAggregationInterval", "600"),
        (&plain, "trafficType", "REJECT"),
    ] {
        assert_eq!(shown(&daemon, id, element), expected, "{element}");
    }

    // Tags change in place; what is recorded does not.
    terraform.changed(&[("name", "second"), ("traffic", "ALL")]);
    assert_eq!([&logs, &s3].map(|id| shown(&daemon, id, "value")), ["second", "second"]);
    assert_eq!([&logs, &s3], [&terraform.output("logs"), &terraform.output("s3")]);
    terraform.changed(&[("name", "second"), ("traffic", "ACCEPT")]);
    assert_ne!(terraform.output("logs"), logs);
    assert_eq!(shown(&daemon, &terraform.output("logs"), "trafficType"), "ACCEPT");

    terraform.destroyed();
    let left = daemon.ec2("DescribeFlowLogs", &[]).unwrap();
    assert!(!left.contains("<flowLogId>"), "{left}");
}
