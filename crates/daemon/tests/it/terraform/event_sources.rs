//! A function that reads the stream of a table, as Terraform's examples configure it.

use serde_json::json;

use super::applied;
use crate::harness::{Daemon, need_root};

/// The code is an archive of one file, which prints the events of its records.
const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }
variable "batch" { default = "10" }
variable "event" { default = "INSERT" }
variable "enabled" { default = "true" }

resource "aws_dynamodb_table" "this" {
  name             = "orders"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "id"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  attribute {
    name = "id"
    type = "S"
  }
}
resource "aws_s3_bucket" "this" {
  bucket        = "terraform-sources"
  force_destroy = true
}
resource "aws_s3_object" "code" {
  bucket         = aws_s3_bucket.this.id
  key            = "code/f.zip"
  content_base64 = "ARCHIVE"
}
resource "aws_iam_role" "this" {
  name = "reading"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}
resource "aws_iam_role_policy_attachment" "this" {
  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole"
}
resource "aws_iam_role_policy" "lost" {
  role = aws_iam_role.this.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "${aws_s3_bucket.this.arn}/*" }]
  })
}
resource "aws_lambda_function" "this" {
  function_name = "reading"
  role          = aws_iam_role.this.arn
  runtime       = "python3.12"
  handler       = "app.handler"
  s3_bucket     = aws_s3_object.code.bucket
  s3_key        = aws_s3_object.code.key
}
resource "aws_lambda_event_source_mapping" "this" {
  event_source_arn                   = aws_dynamodb_table.this.stream_arn
  function_name                      = aws_lambda_function.this.arn
  starting_position                  = "TRIM_HORIZON"
  enabled                            = var.enabled
  batch_size                         = var.batch
  maximum_retry_attempts             = 2
  maximum_record_age_in_seconds      = 3600
  bisect_batch_on_function_error     = true
  parallelization_factor             = 2
  maximum_batching_window_in_seconds = 1
  function_response_types            = ["ReportBatchItemFailures"]
  filter_criteria {
    filter { pattern = jsonencode({ eventName = [var.event] }) }
  }
  destination_config {
    on_failure { destination_arn = aws_s3_bucket.this.arn }
  }
  tags       = { Name = "reading" }
  depends_on = [aws_iam_role_policy_attachment.this, aws_iam_role_policy.lost]
}
output "uuid" { value = aws_lambda_event_source_mapping.this.uuid }
"#;

// enforces: lambda:UpdateEventSourceMapping (positive)
#[test]
fn terraform_has_a_function_read_a_table_changes_how_and_ends_it() {
    need_root!();
    let daemon = Daemon::start();
    let archive = concat!(
        "UEsDBBQAAAAAAAAAIViWO4dKiwAAAIsAAAAGAAAAYXBwLnB5ZGVmIGhhbmRsZXIoZXZlbnQsIGNvbnRleHQpOgogICAgZm9yIHJl",
        "Y29yZCBpbiBldmVudFsiUmVjb3JkcyJdOgogICAgICAgIHByaW50KHJlY29yZFsiZXZlbnROYW1lIl0sIHJlY29yZFsiZHluYW1v",
        "ZGIiXVsiS2V5cyJdWyJpZCJdWyJTIl0pClBLAQIUAxQAAAAAAAAAIViWO4dKiwAAAIsAAAAGAAAAAAAAAAAAAACkAQAAAABhcHAu",
        "cHlQSwUGAAAAAAEAAQA0AAAArwAAAAAA",
    );
    let Some(mut terraform) = applied(&daemon, &CONFIGURATION.replace("ARCHIVE", archive)) else { return };
    let put = |id: &str| {
        let item = format!(r#"{{"id": {{"S": "{id}"}}}}"#);
        daemon.aws_ok(&["dynamodb", "put-item", "--table-name", "orders", "--item", &item]);
    };
    let told = || {
        let output = daemon.aws(&["logs", "filter-log-events", "--log-group-name", "/aws/lambda/reading"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    put("a");
    crate::lambda::eventually("the function is told", || told().contains("INSERT a"));
    terraform.changed(&[("batch", "20"), ("event", "REMOVE")]);
    let uuid = terraform.output("uuid");
    let mapping = daemon.aws_ok(&["lambda", "get-event-source-mapping", "--uuid", &uuid]);
    assert_eq!((&mapping["BatchSize"], &mapping["State"]), (&json!(20), &json!("Enabled")));
    put("b");
    daemon.aws_ok(&["dynamodb", "delete-item", "--table-name", "orders", "--key", r#"{"id": {"S": "a"}}"#]);
    crate::lambda::eventually("the function is told", || told().contains("REMOVE a"));
    assert!(!told().contains("INSERT b"), "{}", told());
    terraform.changed(&[("enabled", "false"), ("batch", "20"), ("event", "REMOVE")]);
    let mapping = daemon.aws_ok(&["lambda", "get-event-source-mapping", "--uuid", &uuid]);
    assert_eq!(mapping["State"], "Disabled");
    terraform.ok(&["destroy", "-auto-approve", "-no-color"]);
    let left = daemon.aws_ok(&["lambda", "list-event-source-mappings"]);
    assert_eq!(left["EventSourceMappings"], json!([]));
}
