//! Tables, their indexes, streams, policies and items, as Terraform makes, changes and removes them.

use super::applied_with;
use crate::harness::{Daemon, need_root};

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }

variable "name" { default = "first" }

resource "aws_dynamodb_table" "this" {
  name             = "Music"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "pk"
  range_key        = "sk"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  attribute {
    name = "pk"
    type = "S"
  }
  attribute {
    name = "sk"
    type = "N"
  }
  attribute {
    name = "kind"
    type = "S"
  }
  global_secondary_index {
    name            = "byKind"
    hash_key        = "kind"
    projection_type = "ALL"
  }
  ttl {
    attribute_name = "until"
    enabled        = true
  }
  tags = { Name = var.name }
}
resource "aws_dynamodb_table" "provisioned" {
  name                        = "Films"
  read_capacity               = 2
  write_capacity              = 3
  hash_key                    = "pk"
  deletion_protection_enabled = false
  attribute {
    name = "pk"
    type = "S"
  }
  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.this.arn
  }
}
resource "aws_kms_key" "this" { deletion_window_in_days = 7 }
resource "aws_dynamodb_table_item" "this" {
  table_name = aws_dynamodb_table.provisioned.name
  hash_key   = aws_dynamodb_table.provisioned.hash_key
  item       = jsonencode({ pk = { S = "a" }, said = { S = var.name } })
}
resource "aws_dynamodb_resource_policy" "this" {
  resource_arn = aws_dynamodb_table.this.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::444455556666:root" }
      Action    = "dynamodb:GetItem"
      Resource  = aws_dynamodb_table.this.arn
    }]
  })
}
output "arn" { value = aws_dynamodb_table.this.arn }
output "stream" { value = aws_dynamodb_table.this.stream_arn }
"#;

#[test]
fn terraform_makes_changes_and_removes_tables_with_all_that_belongs_to_them() {
    need_root!();
    let daemon = Daemon::start();
    let Some(terraform) = applied_with(&daemon, CONFIGURATION, &[]) else { return };
    let arn = terraform.output("arn");
    assert!(terraform.output("stream").starts_with(&format!("{arn}/stream/")));
    terraform.ok(&["apply", "-auto-approve", "-no-color", "-var", "name=renamed"]);
    let tags = daemon.aws_ok(&["dynamodb", "list-tags-of-resource", "--resource-arn", &arn]);
    assert_eq!(tags["Tags"][0]["Value"], "renamed");
    let item = daemon.aws_ok(&["dynamodb", "get-item", "--table-name", "Films", "--key", r#"{"pk": {"S": "a"}}"#]);
    assert_eq!(item["Item"]["said"]["S"], "renamed");
    terraform.destroyed();
    assert_eq!(daemon.aws_ok(&["dynamodb", "list-tables"])["TableNames"].as_array().map(Vec::len), Some(0));
}
