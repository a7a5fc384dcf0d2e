//! A bucket that tells a function, as Terraform's examples configure it.

use super::applied;
use crate::harness::{Daemon, need_root};

/// The code is an archive of one file, which prints the events and keys of its records.
const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }
variable "prefix" { default = "in/" }

resource "aws_s3_bucket" "this" {
  bucket        = "terraform-notified"
  force_destroy = true
}
resource "aws_s3_object" "code" {
  bucket         = aws_s3_bucket.this.id
  key            = "code/f.zip"
  content_base64 = "ARCHIVE"
}
resource "aws_iam_role" "this" {
  name = "notified"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}
resource "aws_iam_role_policy_attachment" "this" {
  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}
resource "aws_lambda_function" "this" {
  function_name = "notified"
  role          = aws_iam_role.this.arn
  runtime       = "python3.12"
  handler       = "app.handler"
  s3_bucket     = aws_s3_object.code.bucket
  s3_key        = aws_s3_object.code.key
}
resource "aws_lambda_permission" "this" {
  statement_id   = "AllowExecutionFromS3Bucket"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this.arn
  principal      = "s3.amazonaws.com"
  source_arn     = aws_s3_bucket.this.arn
  source_account = data.aws_caller_identity.this.account_id
}
data "aws_caller_identity" "this" {}
resource "aws_s3_bucket_notification" "this" {
  bucket = aws_s3_bucket.this.id
  lambda_function {
    lambda_function_arn = aws_lambda_function.this.arn
    events              = ["s3:ObjectCreated:*"]
    filter_prefix       = var.prefix
    filter_suffix       = ".txt"
  }
  depends_on = [aws_lambda_permission.this]
}
"#;

// enforces: s3:PutBucketNotificationConfiguration (positive)
#[test]
fn terraform_has_a_bucket_tell_a_function_and_the_function_is_told() {
    need_root!();
    let daemon = Daemon::start();
    let archive = concat!(
        "UEsDBBQAAAAAAAAAIVA6rQSmgwAAAIMAAAAGAAAAYXBwLnB5ZGVmIGhhbmRsZXIoZXZlbnQsIGNvbnRleHQpOgogICAgZm9yIHJl",
        "Y29yZCBpbiBldmVudFsiUmVjb3JkcyJdOgogICAgICAgIHByaW50KHJlY29yZFsiZXZlbnROYW1lIl0sIHJlY29yZFsiczMiXVsi",
        "b2JqZWN0Il1bImtleSJdKQpQSwECFAMUAAAAAAAAACFQOq0EpoMAAACDAAAABgAAAAAAAAAAAAAApAEAAAAAYXBwLnB5UEsFBgAA",
        "AAABAAEANAAAAKcAAAAAAA==",
    );
    let Some(mut terraform) = applied(&daemon, &CONFIGURATION.replace("ARCHIVE", archive)) else { return };
    let put = |key: &str| {
        daemon.aws_ok(&["s3api", "put-object", "--bucket", "terraform-notified", "--key", key]);
    };
    put("in/a.txt");
    put("in/a.png");
    let told = || {
        let output = daemon.aws(&["logs", "filter-log-events", "--log-group-name", "/aws/lambda/notified"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    crate::lambda::eventually("the function is told", || told().contains("ObjectCreated:Put in/a.txt"));
    terraform.changed(&[("prefix", "other/")]);
    put("in/b.txt");
    put("other/c.txt");
    crate::lambda::eventually("the function is told", || told().contains("ObjectCreated:Put other/c.txt"));
    let all = told();
    assert!(!all.contains("in/a.png") && !all.contains("in/b.txt"), "{all}");
    terraform.ok(&["destroy", "-auto-approve", "-no-color"]);
}
