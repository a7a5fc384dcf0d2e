resource "aws_iam_role" "function" {
  name               = "${var.name}-function"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "function" {
  name   = "what-the-function-calls"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function.json
}

data "aws_iam_policy_document" "function" {
  statement {
    sid       = "ListTheDocuments"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.documents.arn]
  }

  statement {
    sid       = "ReadThem"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.documents.arn}/*"]
  }

  statement {
    sid       = "ReadTheSettings"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.settings.arn]
  }

  # Secrets Manager decrypts them in the name of the function.
  statement {
    sid       = "DecryptTheSettings"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.documents.arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${var.region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "DecryptDocuments"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.documents.arn]
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:document"
      values   = ["confidential/*"]
    }
  }

  statement {
    sid       = "AskTheModels"
    actions   = ["bedrock:InvokeModel"]
    resources = local.models
  }

  statement {
    sid       = "RecordTheExchange"
    actions   = ["dynamodb:PutItem"]
    resources = [aws_dynamodb_table.exchanges.arn]
  }

  statement {
    sid       = "WriteLogEvents"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.exchanges.arn}:*", "${aws_cloudwatch_log_group.function.arn}:*"]
  }
}

# Lambda itself makes the network interfaces, in the name of the role, and the function's code must not.
resource "aws_iam_role_policy" "network" {
  name   = "network-interfaces"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.network.json
}

data "aws_iam_policy_document" "network" {
  statement {
    sid = "LambdaMakesInterfaces"
    actions = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:UnassignPrivateIpAddresses",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "TheCodeDoesNot"
    effect    = "Deny"
    actions   = ["ec2:*"]
    resources = ["*"]
    condition {
      test     = "ArnLike"
      variable = "lambda:SourceFunctionArn"
      values   = ["arn:aws:lambda:*:${local.account}:function:*"]
    }
  }
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = 30
}

resource "aws_lambda_function" "this" {
  function_name    = var.name
  role             = aws_iam_role.function.arn
  runtime          = var.runtime
  handler          = "handler.handler"
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  memory_size      = 512
  timeout          = 90

  vpc_config {
    subnet_ids         = aws_subnet.private[*].id
    security_group_ids = [aws_security_group.function.id]
  }

  environment {
    variables = {
      SETTINGS_SECRET = aws_secretsmanager_secret.settings.name
      LOG_GROUP       = aws_cloudwatch_log_group.exchanges.name
    }
  }

  # What Lambda needs to make the function, and what the function needs to answer.
  depends_on = [
    aws_cloudwatch_log_group.function,
    aws_iam_role_policy.function,
    aws_iam_role_policy.network,
    aws_secretsmanager_secret_version.settings,
    aws_vpc_endpoint.dynamodb,
    aws_vpc_endpoint.interface,
    aws_vpc_endpoint.s3,
    aws_vpc_security_group_egress_rule.endpoints,
    aws_vpc_security_group_egress_rule.gateways,
    aws_vpc_security_group_ingress_rule.endpoints,
  ]
}
