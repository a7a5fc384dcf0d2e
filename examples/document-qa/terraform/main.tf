# The document question-and-answer workload: documents in S3, a function in two private subnets that answers questions from
# them, and an endpoint for each service that its code calls. There is no internet gateway and no NAT gateway.
#
# network.tf has the network, endpoints.tf the endpoints and their policies, data.tf what holds data, function.tf the
# function and its role.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}

provider "aws" {
  region            = var.region
  s3_use_path_style = true
}

data "aws_caller_identity" "current" {}

# Who applies this. For a session of a role it is the role, whose ARN is what policies see in aws:PrincipalArn.
data "aws_iam_session_context" "current" {
  arn = data.aws_caller_identity.current.arn
}

locals {
  account       = data.aws_caller_identity.current.account_id
  administrator = data.aws_iam_session_context.current.issuer_arn
  zones         = ["${var.region}a", "${var.region}b"]

  # An inference profile, such as us.amazon.nova-lite-v1:0, leads to a foundation model in several Regions, and its caller
  # needs both.
  profile          = length(regexall("^(us|eu|apac|global)[.]", var.model)) > 0
  foundation_model = replace(var.model, "/^(us|eu|apac|global)[.]/", "")
  models = concat(
    [
      "arn:aws:bedrock:${local.profile ? "*" : var.region}::foundation-model/${local.foundation_model}",
      "arn:aws:bedrock:${var.region}::foundation-model/${var.embedding_model}",
    ],
    local.profile ? ["arn:aws:bedrock:${var.region}:${local.account}:inference-profile/${var.model}"] : [],
  )
}
