# ---- the key

resource "aws_kms_key" "documents" {
  description             = "Confidential documents and settings of ${var.name}"
  deletion_window_in_days = 7
  enable_key_rotation     = true
}

# Apart from the key, since it names the endpoint, and the endpoint's policy names the key.
resource "aws_kms_key_policy" "documents" {
  key_id = aws_kms_key.documents.id
  policy = data.aws_iam_policy_document.key.json
}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "PoliciesOfTheAccountDecide"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root"]
    }
  }

  # Only what is encrypted as a document: Secrets Manager decrypts the settings from within AWS, where there is no endpoint.
  # The administrator encrypts, from anywhere, and decrypts nothing.
  statement {
    sid       = "DocumentsAreDecryptedThroughTheEndpoint"
    effect    = "Deny"
    actions   = ["kms:Decrypt"]
    resources = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Null"
      variable = "kms:EncryptionContext:document"
      values   = ["false"]
    }
    condition {
      test     = "StringNotEquals"
      variable = "aws:SourceVpce"
      values   = [aws_vpc_endpoint.interface["kms"].id]
    }
  }
}

# ---- the documents

resource "aws_s3_bucket" "documents" {
  bucket        = "${var.name}-${local.account}-${var.region}"
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "documents" {
  bucket                  = aws_s3_bucket.documents.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "documents" {
  bucket = aws_s3_bucket.documents.id
  policy = data.aws_iam_policy_document.bucket.json
  # Two changes to the access of a bucket at the same time get into each other's way.
  depends_on = [aws_s3_bucket_public_access_block.documents]
}

data "aws_iam_policy_document" "bucket" {
  # The administrator, who uploads from outside, is spared. So is the bucket itself: whoever may change this policy can
  # still do so from anywhere.
  statement {
    sid       = "DocumentsAreReadThroughTheEndpoint"
    effect    = "Deny"
    actions   = ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*"]
    resources = [aws_s3_bucket.documents.arn, "${aws_s3_bucket.documents.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringNotEquals"
      variable = "aws:SourceVpce"
      values   = [aws_vpc_endpoint.s3.id]
    }
    condition {
      test     = "ArnNotEquals"
      variable = "aws:PrincipalArn"
      values   = [local.administrator]
    }
  }
}

locals {
  every_document = fileset(var.documents, "**/*.md")
  confidential   = toset([for name in local.every_document : name if startswith(name, "confidential/")])
  open           = setsubtract(local.every_document, local.confidential)
}

resource "aws_s3_object" "document" {
  for_each     = local.open
  bucket       = aws_s3_bucket.documents.id
  key          = each.key
  source       = "${var.documents}/${each.key}"
  source_hash  = filemd5("${var.documents}/${each.key}")
  content_type = "text/markdown"
}

# KMS encrypts 4,096 bytes at a time, and this encrypts one such part: a longer document is refused. The text is in
# Terraform's state, as everything that Terraform handles.
resource "aws_kms_ciphertext" "document" {
  for_each  = local.confidential
  key_id    = aws_kms_key.documents.key_id
  plaintext = file("${var.documents}/${each.key}")
  context   = { document = each.key, part = "1/1" }
}

resource "aws_s3_object" "confidential" {
  for_each     = local.confidential
  bucket       = aws_s3_bucket.documents.id
  key          = "${each.key}.encrypted"
  content      = aws_kms_ciphertext.document[each.key].ciphertext_blob
  content_type = "text/plain"
}

# ---- the settings

resource "aws_secretsmanager_secret" "settings" {
  name                    = "${var.name}/settings"
  kms_key_id              = aws_kms_key.documents.arn
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "settings" {
  secret_id = aws_secretsmanager_secret.settings.id
  secret_string = jsonencode({
    bucket          = aws_s3_bucket.documents.id
    table           = aws_dynamodb_table.exchanges.name
    key             = aws_kms_key.documents.arn
    model           = var.model
    embedding_model = var.embedding_model
    passages        = 6
    keep_days       = 90
  })
}

# ---- the exchanges

resource "aws_dynamodb_table" "exchanges" {
  name         = "${var.name}-exchanges"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }
}

resource "aws_cloudwatch_log_group" "exchanges" {
  name              = "/${var.name}/exchanges"
  retention_in_days = 30
}
