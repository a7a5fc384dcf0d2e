//! Keys, aliases, grants and key policies, as Terraform makes, changes and removes them.

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
data "aws_caller_identity" "this" {}

resource "aws_kms_key" "this" {
  description             = var.name
  deletion_window_in_days = 7
  enable_key_rotation     = true
  rotation_period_in_days = 180
  tags                    = { Name = var.name }
}
resource "aws_kms_alias" "this" {
  name          = "alias/terraform"
  target_key_id = aws_kms_key.this.key_id
}
resource "aws_kms_key_policy" "this" {
  key_id = aws_kms_key.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Account"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.this.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}
resource "aws_iam_role" "this" {
  name = "grantee"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
resource "aws_kms_grant" "this" {
  name              = "terraform"
  key_id            = aws_kms_key.this.key_id
  grantee_principal = aws_iam_role.this.arn
  operations        = ["Encrypt", "Decrypt"]
  constraints {
    encryption_context_equals = { team = "blue" }
  }
}
resource "aws_kms_key" "signing" {
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
  deletion_window_in_days  = 7
}
data "aws_kms_public_key" "signing" { key_id = aws_kms_key.signing.arn }
data "aws_kms_alias" "this" {
  name       = aws_kms_alias.this.name
}
output "key" { value = aws_kms_key.this.key_id }
output "found" { value = data.aws_kms_alias.this.target_key_id }
output "public" { value = data.aws_kms_public_key.signing.public_key }
"#;

#[test]
fn terraform_makes_changes_and_removes_keys_aliases_grants_and_key_policies() {
    need_root!();
    let daemon = Daemon::start();
    let Some(terraform) = applied_with(&daemon, CONFIGURATION, &[]) else { return };
    let key = terraform.output("key");
    assert_eq!(terraform.output("found"), key);
    assert!(terraform.output("public").starts_with("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"));
    terraform.ok(&["apply", "-auto-approve", "-no-color", "-var", "name=renamed"]);
    let found = daemon.aws_ok(&["kms", "describe-key", "--key-id", "alias/terraform"]);
    assert_eq!(found["KeyMetadata"]["Description"], "renamed");
    assert_eq!(found["KeyMetadata"]["KeyId"].as_str(), Some(key.as_str()));
    let status = daemon.aws_ok(&["kms", "get-key-rotation-status", "--key-id", &key]);
    assert_eq!(status["RotationPeriodInDays"], 180);
    terraform.destroyed();
    let left = daemon.aws_ok(&["kms", "describe-key", "--key-id", &key]);
    assert_eq!(left["KeyMetadata"]["KeyState"], "PendingDeletion");
}
