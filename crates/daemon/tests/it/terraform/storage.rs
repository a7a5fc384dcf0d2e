//! Buckets with all that can be configured of them, objects and secrets; logs, alarms and dashboards.

use super::applied;
use crate::harness::{Daemon, need_root};

/// What a program needs behind the endpoints: documents and a secret.
const STORAGE: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }
variable "content" { default = "first" }
resource "aws_s3_bucket" "documents" {
  bucket = "terraform-documents"
  tags   = { Name = "documents" }
}
resource "aws_s3_object" "one" {
  bucket  = aws_s3_bucket.documents.id
  key     = "a directory/one ü.txt"
  content = var.content
  content_type = "text/plain"
  tags         = { kind = "text" }
}
resource "aws_s3_bucket" "forced" {
  bucket_prefix = "terraform-forced-"
  force_destroy = true
}
resource "aws_secretsmanager_secret" "this" {
  name                    = "terraform-secret"
  recovery_window_in_days = 0
  tags                    = { kind = "secret" }
}
resource "aws_secretsmanager_secret_version" "this" {
  secret_id     = aws_secretsmanager_secret.this.id
  secret_string = var.content
}
data "aws_s3_object" "one" {
  bucket = aws_s3_bucket.documents.id
  key    = aws_s3_object.one.key
}
output "body" { value = data.aws_s3_object.one.body }
output "forced" { value = aws_s3_bucket.forced.id }
"#;

#[test]
fn terraform_applies_buckets_objects_and_secrets_finds_nothing_to_change_and_destroys_them() {
    need_root!();
    let daemon = Daemon::start();
    let Some(terraform) = applied(&daemon, STORAGE) else { return };
    assert_eq!(terraform.output("body"), "first");
    terraform.ok(&["apply", "-auto-approve", "-no-color", "-var", "content=second"]);
    let value = daemon.aws_ok(&["secretsmanager", "get-secret-value", "--secret-id", "terraform-secret"]);
    assert_eq!(value["SecretString"], "second");
    // What others have put into the bucket goes with it.
    let forced = terraform.ok(&["output", "-raw", "forced"]);
    let put = crate::http::call(&daemon.api, "s3", "PUT", &format!("/{}/left", forced.trim()), &[], b"left");
    put.unwrap();
    terraform.ok(&["destroy", "-auto-approve", "-no-color"]);
    let left = crate::http::call(&daemon.api, "s3", "GET", "/", &[], b"").unwrap();
    assert!(!left.contains("<Bucket>"), "{left}");
}

const CONFIGURED: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }
variable "days" { default = 30 }

resource "aws_kms_key" "this" { deletion_window_in_days = 7 }

resource "aws_s3_bucket" "this" {
  bucket              = "terraform-configured"
  object_lock_enabled = true
  force_destroy       = true
}
resource "aws_s3_bucket" "logs" { bucket = "terraform-access-logs" }
resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_object_lock_configuration" "this" {
  bucket = aws_s3_bucket_versioning.this.bucket
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 1
    }
  }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.this.arn
    }
  }
}
resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id
  rule { object_ownership = "BucketOwnerEnforced" }
}
resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket_public_access_block.this.bucket
  policy = data.aws_iam_policy_document.this.json
}
data "aws_iam_policy_document" "this" {
  statement {
    sid       = "Tls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceVpce"
      values   = ["vpce-0123456789abcdef0"]
    }
  }
}
resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket_versioning.this.bucket
  rule {
    id     = "old"
    status = "Enabled"
    filter {
      and {
        prefix = "old/"
        tags   = { kind = "draft" }
      }
    }
    expiration { days = var.days }
    noncurrent_version_expiration { noncurrent_days = 7 }
    transition {
      days          = 10
      storage_class = "GLACIER_IR"
    }
  }
  rule {
    id     = "uploads"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload { days_after_initiation = 3 }
  }
}
resource "aws_s3_bucket_cors_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  cors_rule {
    allowed_methods = ["GET", "PUT"]
    allowed_origins = ["https://example.com"]
    allowed_headers = ["*"]
    expose_headers  = ["ETag"]
    max_age_seconds = 300
  }
}
resource "aws_s3_bucket_website_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  index_document { suffix = "index.html" }
  error_document { key = "error.html" }
  routing_rule {
    condition { key_prefix_equals = "docs/" }
    redirect { replace_key_prefix_with = "documents/" }
  }
}
resource "aws_s3_bucket_logging" "this" {
  bucket        = aws_s3_bucket.this.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "access/"
}
resource "aws_s3_bucket_accelerate_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  status = "Enabled"
}
resource "aws_s3_bucket_request_payment_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  payer  = "BucketOwner"
}
resource "aws_s3_bucket_intelligent_tiering_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  name   = "all"
  tiering {
    access_tier = "ARCHIVE_ACCESS"
    days        = 125
  }
}
resource "aws_s3_bucket_metric" "this" {
  bucket = aws_s3_bucket.this.id
  name   = "all"
}
resource "aws_s3_bucket_analytics_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  name   = "all"
}
resource "aws_s3_bucket_inventory" "this" {
  bucket                   = aws_s3_bucket.this.id
  name                     = "daily"
  included_object_versions = "All"
  schedule { frequency = "Daily" }
  destination {
    bucket {
      format     = "CSV"
      bucket_arn = aws_s3_bucket.logs.arn
    }
  }
}
resource "aws_s3_object" "sealed" {
  bucket        = aws_s3_bucket_server_side_encryption_configuration.this.bucket
  key           = "sealed"
  content       = "sealed"
  metadata      = { team = "blue" }
  force_destroy = true
}
resource "aws_s3_object_copy" "copy" {
  bucket        = aws_s3_bucket.logs.id
  key           = "copy"
  source        = "${aws_s3_bucket.this.id}/${aws_s3_object.sealed.key}"
  force_destroy = true
}
output "encrypted_with" { value = aws_s3_object.sealed.kms_key_id }
output "key" { value = aws_kms_key.this.arn }
"#;

#[test]
fn terraform_configures_buckets_in_every_way_and_finds_nothing_to_change() {
    need_root!();
    let daemon = Daemon::start();
    let Some(mut terraform) = applied(&daemon, CONFIGURED) else { return };
    assert_eq!(terraform.output("encrypted_with"), terraform.output("key"));
    terraform.changed(&[("days", "60")]);
    let read = daemon.aws_ok(&["s3api", "get-bucket-lifecycle-configuration", "--bucket", "terraform-configured"]);
    assert!(read.to_string().contains(r#""Days":60"#), "{read}");
    terraform.ok(&["destroy", "-auto-approve", "-no-color"]);
    let left = daemon.aws_ok(&["s3api", "list-buckets"]);
    assert_eq!(left["Buckets"].as_array().map(Vec::len), Some(0), "{left}");
}

const WATCHED: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }
variable "retention" { default = 14 }

data "aws_caller_identity" "this" {}
resource "aws_kms_key" "this" {
  deletion_window_in_days = 7
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.this.account_id}:root" },
        Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { Service = "logs.us-east-1.amazonaws.com" },
        Action = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        Resource = "*" },
    ]
  })
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/terraform/app"
  retention_in_days = var.retention
  kms_key_id        = aws_kms_key.this.arn
  tags              = { team = "blue" }
}
resource "aws_cloudwatch_log_stream" "this" {
  name           = "one"
  log_group_name = aws_cloudwatch_log_group.this.name
}
resource "aws_cloudwatch_log_metric_filter" "this" {
  name           = "errors"
  pattern        = "ERROR"
  log_group_name = aws_cloudwatch_log_group.this.name
  metric_transformation {
    name          = "errors"
    namespace     = "terraform"
    value         = "1"
    default_value = 0
  }
}
resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name          = "errors"
  namespace           = "terraform"
  metric_name         = "errors"
  comparison_operator = "GreaterThanThreshold"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 0
  treat_missing_data  = "notBreaching"
  tags                = { team = "blue" }
}
resource "aws_cloudwatch_metric_alarm" "math" {
  alarm_name          = "math"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = 2
  threshold           = 10
  metric_query {
    id          = "e1"
    expression  = "m1 * 2"
    return_data = true
  }
  metric_query {
    id = "m1"
    metric {
      namespace   = "terraform"
      metric_name = "errors"
      period      = 60
      stat        = "Sum"
    }
  }
}
resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "terraform"
  dashboard_body = jsonencode({
    widgets = [{
      type = "metric", x = 0, y = 0, width = 12, height = 6
      properties = { metrics = [["terraform", "errors"]], period = 300, stat = "Sum", region = "us-east-1", title = "errors" }
    }]
  })
}
resource "aws_secretsmanager_secret" "this" {
  name                    = "terraform-guarded"
  recovery_window_in_days = 0
  kms_key_id              = aws_kms_key.this.arn
}
resource "aws_secretsmanager_secret_policy" "this" {
  secret_arn = aws_secretsmanager_secret.this.arn
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Principal = "*", Action = "secretsmanager:PutSecretValue", Resource = "*",
                   Condition = { StringEquals = { "aws:SourceVpce" = "vpce-0123456789abcdef0" } } }]
  })
}
data "aws_secretsmanager_random_password" "this" { password_length = 20 }
resource "aws_secretsmanager_secret_version" "this" {
  secret_id     = aws_secretsmanager_secret.this.id
  secret_string = "value"
}
data "aws_cloudwatch_log_groups" "all" {
  log_group_name_prefix = "/terraform"
  depends_on            = [aws_cloudwatch_log_group.this]
}
output "groups" { value = join(",", data.aws_cloudwatch_log_groups.all.log_group_names) }
output "password" {
  value     = length(data.aws_secretsmanager_random_password.this.random_password)
  sensitive = true
}
"#;

#[test]
fn terraform_makes_logs_filters_alarms_dashboards_and_guarded_secrets_and_they_work() {
    need_root!();
    let daemon = Daemon::start();
    let Some(mut terraform) = applied(&daemon, WATCHED) else { return };
    assert_eq!(terraform.output("groups"), "/terraform/app");
    assert_eq!(terraform.output("password"), "20");
    terraform.changed(&[("retention", "30")]);
    let groups = daemon.aws_ok(&["logs", "describe-log-groups"]);
    assert_eq!(groups["logGroups"][0]["retentionInDays"], 30, "{groups}");
    // An event goes through the filter to the metric that the alarm watches.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let event = format!("timestamp={now},message=ERROR of Terraform");
    let stream = ["--log-group-name", "/terraform/app", "--log-stream-name", "one"];
    daemon.aws_ok(&[&["logs", "put-log-events", "--log-events", &event][..], &stream[..]].concat());
    let metrics = daemon.aws_ok(&["cloudwatch", "list-metrics", "--namespace", "terraform"]);
    assert_eq!(metrics["Metrics"][0]["MetricName"], "errors", "{metrics}");
    terraform.ok(&["destroy", "-auto-approve", "-no-color"]);
    let left = daemon.aws_ok(&["cloudwatch", "describe-alarms"]);
    assert_eq!(left["MetricAlarms"].as_array().map(Vec::len), Some(0), "{left}");
}
