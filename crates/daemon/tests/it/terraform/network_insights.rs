//! Paths and analyses of Reachability Analyzer, as Terraform makes, reads and destroys them.

use super::applied_with;
use crate::harness::{Daemon, need_root, text};

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" { region = "us-east-1" }
variable "name" { type = string }
variable "port" { type = number }

resource "aws_vpc" "this" { cidr_block = "10.77.0.0/16" }
resource "aws_subnet" "this" {
  count      = 2
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.77.${count.index + 1}.0/24"
}
resource "aws_security_group" "this" {
  name   = "server"
  vpc_id = aws_vpc.this.id
  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["10.77.0.0/16"]
  }
}
resource "aws_network_interface" "client" { subnet_id = aws_subnet.this[0].id }
resource "aws_network_interface" "server" {
  subnet_id       = aws_subnet.this[1].id
  security_groups = [aws_security_group.this.id]
}
resource "aws_internet_gateway" "this" { vpc_id = aws_vpc.this.id }

resource "aws_ec2_network_insights_path" "this" {
  source           = aws_network_interface.client.id
  destination      = aws_network_interface.server.arn
  protocol         = "tcp"
  destination_port = var.port
  tags             = { Name = var.name }
}
resource "aws_ec2_network_insights_path" "filtered" {
  source      = aws_internet_gateway.this.arn
  destination = aws_network_interface.server.id
  protocol    = "tcp"
  filter_at_source {
    source_address = "203.0.113.9"
    destination_port_range {
      from_port = 22
      to_port   = 22
    }
  }
}
resource "aws_ec2_network_insights_analysis" "this" {
  network_insights_path_id = aws_ec2_network_insights_path.this.id
  tags                     = { Name = var.name }
}
resource "aws_ec2_network_insights_analysis" "filtered" {
  network_insights_path_id = aws_ec2_network_insights_path.filtered.id
  filter_in_arns           = [aws_vpc.this.arn]
}
output "found" { value = aws_ec2_network_insights_analysis.this.path_found }
output "status" { value = aws_ec2_network_insights_analysis.this.status }
output "components" { value = join(" ", aws_ec2_network_insights_analysis.this.forward_path_components[*].sequence_number) }
output "last" {
  value = try(reverse(aws_ec2_network_insights_analysis.this.forward_path_components)[0].component[0].id, "none")
}
output "server" { value = aws_network_interface.server.id }
output "code" { value = try(aws_ec2_network_insights_analysis.this.explanations[0].explanation_code, "none") }
output "filtered" { value = aws_ec2_network_insights_analysis.filtered.explanations[0].explanation_code }
output "path" { value = aws_ec2_network_insights_path.this.id }
output "analysis" { value = aws_ec2_network_insights_analysis.this.id }
"#;

#[test]
fn terraform_makes_paths_waits_for_their_analyses_and_destroys_both() {
    need_root!();
    let daemon = Daemon::start();
    let first = [("name", "first"), ("port", "443")];
    let Some(mut terraform) = applied_with(&daemon, CONFIGURATION, &first) else { return };
    let outputs = |names: &[&str]| names.iter().map(|name| terraform.output(name)).collect::<Vec<_>>().join(" ");
    assert_eq!(outputs(&["found", "status", "code"]), "true succeeded none");
    assert_eq!(outputs(&["components"]), "1 2 3 4 5 6 7");
    assert_eq!(outputs(&["last"]), outputs(&["server"]));
    // The server has no public address.
    assert_eq!(outputs(&["filtered"]), "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS");
    let (path, analysis) = (outputs(&["path"]), outputs(&["analysis"]));

    // Tags change in place, another port is another path, which is analysed anew.
    terraform.changed(&[("name", "second"), ("port", "443")]);
    assert_eq!((terraform.output("path"), terraform.output("analysis")), (path.clone(), analysis));
    let shown = daemon.ec2("DescribeNetworkInsightsPaths", &[("NetworkInsightsPathId.1", &path)]).unwrap();
    assert_eq!(text(&shown, "value"), Some("second"));
    terraform.changed(&[("name", "second"), ("port", "80")]);
    assert_ne!(terraform.output("path"), path);
    assert_eq!((terraform.output("found"), terraform.output("code")), ("false".into(), "ENI_SG_RULES_MISMATCH".into()));

    terraform.destroyed();
    for (action, element) in [
        ("DescribeNetworkInsightsAnalyses", "<networkInsightsAnalysisId>"),
        ("DescribeNetworkInsightsPaths", "<networkInsightsPathId>"),
    ] {
        let left = daemon.ec2(action, &[]).unwrap();
        assert!(!left.contains(element), "{left}");
    }
}
