# Two peered VPCs in two accounts: the tools' VPC has an interface endpoint, which the application's VPC uses too instead
# of paying for one of its own. Names of groups go over the connection, so that no rule knows an address.
#
# The second account's access key: eval "$(sidegate env --account 222222222222)" prints one; pass it as variables.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}

variable "name" { default = "peered" }
variable "tools_access_key" { sensitive = true }
variable "tools_secret_key" { sensitive = true }

provider "aws" { region = "us-east-1" }

provider "aws" {
  alias      = "tools"
  region     = "us-east-1"
  access_key = var.tools_access_key
  secret_key = var.tools_secret_key
}

data "aws_caller_identity" "tools" { provider = aws.tools }

# The application's side: it asks.

resource "aws_vpc" "application" {
  cidr_block           = "10.30.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "${var.name}-application" }
}

resource "aws_subnet" "application" {
  vpc_id     = aws_vpc.application.id
  cidr_block = "10.30.1.0/24"
}

resource "aws_vpc_peering_connection" "this" {
  vpc_id        = aws_vpc.application.id
  peer_vpc_id   = aws_vpc.tools.id
  peer_owner_id = data.aws_caller_identity.tools.account_id
  peer_region   = "us-east-1"
  auto_accept   = false
  tags          = { Name = var.name, Side = "requester" }
}

resource "aws_vpc_peering_connection_options" "application" {
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.this.id
  requester { allow_remote_vpc_dns_resolution = true }
}

resource "aws_route" "to_tools" {
  route_table_id            = aws_vpc.application.main_route_table_id
  destination_cidr_block    = aws_vpc.tools.cidr_block
  vpc_peering_connection_id = aws_vpc_peering_connection.this.id
}

resource "aws_security_group" "application" {
  name        = "application"
  description = "Programs of the application"
  vpc_id      = aws_vpc.application.id
}

resource "aws_vpc_security_group_egress_rule" "to_tools" {
  security_group_id            = aws_security_group.application.id
  referenced_security_group_id = "${data.aws_caller_identity.tools.account_id}/${aws_security_group.endpoints.id}"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  depends_on                   = [aws_vpc_peering_connection_accepter.this]
}

# The tools' side: it accepts.

data "aws_caller_identity" "application" {}

resource "aws_vpc" "tools" {
  provider             = aws.tools
  cidr_block           = "10.31.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "${var.name}-tools" }
}

resource "aws_subnet" "tools" {
  provider          = aws.tools
  count             = 2
  vpc_id            = aws_vpc.tools.id
  availability_zone = ["us-east-1a", "us-east-1b"][count.index]
  cidr_block        = cidrsubnet(aws_vpc.tools.cidr_block, 8, count.index)
}

resource "aws_vpc_peering_connection_accepter" "this" {
  provider                  = aws.tools
  vpc_peering_connection_id = aws_vpc_peering_connection.this.id
  auto_accept               = true
  tags                      = { Name = var.name, Side = "accepter" }
}

resource "aws_route" "to_application" {
  provider                  = aws.tools
  route_table_id            = aws_vpc.tools.main_route_table_id
  destination_cidr_block    = aws_vpc.application.cidr_block
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.this.id
}

resource "aws_security_group" "endpoints" {
  provider    = aws.tools
  name        = "endpoints"
  description = "Interface endpoints"
  vpc_id      = aws_vpc.tools.id
}

resource "aws_vpc_security_group_ingress_rule" "from_application" {
  provider                     = aws.tools
  security_group_id            = aws_security_group.endpoints.id
  referenced_security_group_id = "${data.aws_caller_identity.application.account_id}/${aws_security_group.application.id}"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  depends_on                   = [aws_vpc_peering_connection_accepter.this]
}

resource "aws_vpc_endpoint" "secrets" {
  provider            = aws.tools
  vpc_id              = aws_vpc.tools.id
  service_name        = "com.amazonaws.us-east-1.secretsmanager"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = aws_subnet.tools[*].id
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
}

output "subnet" { value = aws_subnet.application.id }
output "group" { value = aws_security_group.application.id }

# Private DNS ends at the border of the endpoint's VPC: from beyond, the endpoint's own name leads to it.
output "secrets" { value = aws_vpc_endpoint.secrets.dns_entry[0].dns_name }
