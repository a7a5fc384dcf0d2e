# The policy of an endpoint is a ceiling: it lets the function do what it has to, and nobody anything else. Of a gateway
# endpoint the principal must be *, so the caller is told by a condition; the others are written in the same way.

locals {
  # What goes through each endpoint.
  allowed = {
    s3 = [
      { actions = ["s3:ListBucket"], resources = [aws_s3_bucket.documents.arn] },
      { actions = ["s3:GetObject"], resources = ["${aws_s3_bucket.documents.arn}/*"] },
    ]
    dynamodb = [
      { actions = ["dynamodb:PutItem"], resources = [aws_dynamodb_table.exchanges.arn] },
    ]
    secretsmanager = [
      { actions = ["secretsmanager:GetSecretValue"], resources = [aws_secretsmanager_secret.settings.arn] },
    ]
    kms = [
      { actions = ["kms:Decrypt"], resources = [aws_kms_key.documents.arn] },
    ]
    bedrock-runtime = [
      { actions = ["bedrock:InvokeModel"], resources = local.models },
    ]
    logs = [
      { actions = ["logs:CreateLogStream", "logs:PutLogEvents"], resources = ["${aws_cloudwatch_log_group.exchanges.arn}:*"] },
    ]
  }

  interface_services = ["bedrock-runtime", "kms", "logs", "secretsmanager"]
}

data "aws_iam_policy_document" "endpoint" {
  for_each = local.allowed

  dynamic "statement" {
    for_each = each.value
    content {
      actions   = statement.value.actions
      resources = statement.value.resources
      principals {
        type        = "*"
        identifiers = ["*"]
      }
      condition {
        test     = "ArnEquals"
        variable = "aws:PrincipalArn"
        values   = [aws_iam_role.function.arn]
      }
    }
  }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.private.id]
  policy            = data.aws_iam_policy_document.endpoint["s3"].json
  tags              = { Name = "${var.name}-s3" }
}

resource "aws_vpc_endpoint" "dynamodb" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.dynamodb"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.private.id]
  policy            = data.aws_iam_policy_document.endpoint["dynamodb"].json
  tags              = { Name = "${var.name}-dynamodb" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each            = toset(local.interface_services)
  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = aws_subnet.private[*].id
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy              = data.aws_iam_policy_document.endpoint[each.key].json
  tags                = { Name = "${var.name}-${each.key}" }
}
