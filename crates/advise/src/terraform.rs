//! What is to be added, as Terraform.
//!
//! Ids that are known are defaults of variables, so that the file can be applied as it is and can be made a part of a
//! configuration that has the VPC. There is no block for the provider: whoever adds the file to a configuration has one.

use std::fmt::Write as _;

use sidegate_model::Region;

use crate::addition::{Added, Addition, PrivateDns, group_ports, outside_clients};
use crate::advice::{Advice, VpcAdvice};
use crate::choice::Choice;
use crate::policy::{KEY, Least, layers, least, remark};
use crate::text::List;
use crate::workload::{Network, Workload};

/// What the file begins with, by which it is known.
const HEADER: &str = "# The endpoints that `sidegate advise` recommends.";

/// What is to be added, as a file of Terraform for the provider `hashicorp/aws`, version 5 or later.
pub fn terraform(workload: &Workload, advice: &Advice) -> String {
    let mut text = format!("{HEADER}\n");
    text.push_str(
        "#\n# Security groups of clients must let port 443 out: to the group of the endpoints, and to the prefix lists of the\n\
         # gateway endpoints. A policy of an endpoint is a ceiling: name in it what clients need and nothing else.\n",
    );
    let adding: Vec<_> =
        workload.networks.iter().zip(&advice.vpcs).filter(|(_, vpc)| !vpc.additions.is_empty()).collect();
    let has_policy = adding
        .iter()
        .flat_map(|(_, vpc)| &vpc.additions)
        .any(|one| is_new(one) && matches!(least(one.service), Least::Actions(_)));
    if adding.is_empty() {
        text.push_str("#\n# There is nothing to add.\n");
    }
    if has_policy {
        text.push_str("\ndata \"aws_caller_identity\" \"current\" {}\n");
    }
    for (place, (network, vpc)) in adding.iter().enumerate() {
        let suffix = if adding.len() > 1 { format!("_{}", place + 1) } else { String::new() };
        Section { network, vpc, region: advice.region, suffix, text: &mut text }.write();
    }
    text
}

/// Whether a file is one that this made, so that it may be made anew.
pub fn is_own(text: &str) -> bool {
    text.starts_with(HEADER)
}

fn is_new(addition: &Addition) -> bool {
    matches!(addition.added, Added::Gateway | Added::Interface { .. })
}

/// What is added to one VPC.
struct Section<'a> {
    network: &'a Network,
    vpc: &'a VpcAdvice,
    region: Region,
    /// What its names end with.
    suffix: String,
    text: &'a mut String,
}

impl Section<'_> {
    fn write(mut self) {
        if !self.suffix.is_empty() || self.network.count > 1 {
            let of = if self.network.count > 1 {
                format!(", for each of {} VPCs", self.network.count)
            } else {
                String::new()
            };
            let _ = writeln!(self.text, "\n# ---- {}{of}", plain(&self.network.name));
        }
        self.variables();
        if self.adds(|added| matches!(added, Added::Interface { .. })) {
            self.group();
        }
        let vpc = self.vpc;
        for addition in &vpc.additions {
            self.addition(addition);
        }
        for peered in vpc.recommendations.iter().filter(|one| one.choice == Choice::PeeredInterface) {
            let _ = writeln!(
                self.text,
                "\n# {}: its endpoint belongs into a VPC of {} that this one is peered with; that is for another configuration.",
                peered.service.name, peered.region
            );
        }
    }

    fn adds(&self, is: fn(&Added) -> bool) -> bool {
        self.vpc.additions.iter().any(|one| is(&one.added))
    }

    fn variables(&mut self) {
        let network = self.network;
        if self.adds(|added| matches!(added, Added::Gateway | Added::Interface { .. })) {
            self.variable("vpc_id", "The VPC", "string", network.id.as_ref().map(|id| quoted(id.as_str())));
        }
        if self.adds(|added| matches!(added, Added::Gateway)) {
            let mut tables: Vec<_> = network.subnets.iter().filter_map(|subnet| subnet.table.clone()).collect();
            tables.sort();
            tables.dedup();
            let known = list(tables.iter().map(|table| table.as_str()));
            self.variable("route_table_ids", "The route tables of the subnets with clients", "list(string)", known);
        }
        if self.adds(|added| matches!(added, Added::Interface { .. })) {
            let zones: Vec<String> = network.zones().iter().map(|zone| zone.name()).collect();
            let what = format!("A subnet of each zone with clients: {}", zones.join(", "));
            let subnets = network.one_subnet_each().into_iter().map(|subnet| subnet.id.as_ref());
            let known = subnets.collect::<Option<Vec<_>>>().and_then(|ids| list(ids.into_iter().map(|id| id.as_str())));
            self.variable("subnet_ids", &what, "list(string)", known);
            self.client_blocks();
        }
    }

    /// The blocks of addresses that clients have. Those of clients outside are not known, and without them the security group
    /// would shut these out: so there is no default where there are such clients.
    fn client_blocks(&mut self) {
        let blocks: Vec<String> = self.network.blocks.iter().map(ToString::to_string).collect();
        let mut places = Vec::new();
        let (on_premises, peered) = outside_clients(self.network, &self.vpc.additions);
        places.extend(on_premises.then(|| "on premises".to_owned()));
        places.extend(peered.then(|| "in peered VPCs".to_owned()));
        let mut what = "The blocks of addresses that clients have".to_owned();
        let known = if places.is_empty() {
            list(blocks.iter().map(String::as_str))
        } else {
            let own = if blocks.is_empty() { String::new() } else { format!(" ({})", blocks.join(", ")) };
            places.insert(0, format!("in the VPC{own}"));
            what = format!("{what}: {}", List(&places));
            None
        };
        self.variable("client_cidr_blocks", &what, "list(string)", known);
    }

    fn variable(&mut self, name: &str, description: &str, kind: &str, known: Option<String>) {
        let suffix = &self.suffix;
        let _ = writeln!(self.text, "\nvariable \"{name}{suffix}\" {{");
        let _ = writeln!(self.text, "  description = {}", quoted(description));
        let _ = writeln!(self.text, "  type        = {kind}");
        if let Some(known) = known {
            let _ = writeln!(self.text, "  default     = {known}");
        }
        self.text.push_str("}\n");
    }

    fn group(&mut self) {
        let suffix = &self.suffix;
        let _ = write!(
            self.text,
            r#"
resource "aws_security_group" "endpoints{suffix}" {{
  name_prefix = "endpoints-"
  description = "Interface endpoints: TLS from clients"
  vpc_id      = var.vpc_id{suffix}
}}
"#
        );
        for port in group_ports(&self.vpc.additions) {
            let name = if port == 443 { format!("endpoints{suffix}") } else { format!("endpoints_{port}{suffix}") };
            let _ = write!(
                self.text,
                r#"
resource "aws_vpc_security_group_ingress_rule" "{name}" {{
  for_each          = toset(var.client_cidr_blocks{suffix})
  security_group_id = aws_security_group.endpoints{suffix}.id
  description       = "TLS from clients"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = {port}
  to_port           = {port}
}}
"#
            );
        }
    }

    fn addition(&mut self, addition: &Addition) {
        let (suffix, service) = (self.suffix.clone(), addition.service);
        let mut name = identifier(service.name);
        // A service may be used in several Regions.
        if addition.region != self.region {
            name = format!("{name}_{}", identifier(addition.region.as_str()));
        }
        name.push_str(&suffix);
        // S3 and DynamoDB may have both.
        let name =
            |kind: &str| if service.gateway() && service.interface() { format!("{name}_{kind}") } else { name.clone() };
        let endpoint_name = service.endpoint_name(addition.region);
        match &addition.added {
            Added::Gateway => {
                let _ = write!(
                    self.text,
                    "\nresource \"aws_vpc_endpoint\" \"{}\" {{\n  vpc_id            = var.vpc_id{suffix}\n  \
                     service_name      = \"{endpoint_name}\"\n  vpc_endpoint_type = \"Gateway\"\n  \
                     route_table_ids   = var.route_table_ids{suffix}\n",
                    name("gateway")
                );
                self.policy(addition);
                self.text.push_str("}\n");
            }
            Added::Interface { private_dns } => {
                let _ = write!(
                    self.text,
                    "\nresource \"aws_vpc_endpoint\" \"{}\" {{\n  vpc_id              = var.vpc_id{suffix}\n  \
                     service_name        = \"{endpoint_name}\"\n  vpc_endpoint_type   = \"Interface\"\n  \
                     subnet_ids          = var.subnet_ids{suffix}\n  \
                     security_group_ids  = [aws_security_group.endpoints{suffix}.id]\n  \
                     private_dns_enabled = {}\n",
                    name("interface"),
                    *private_dns != PrivateDns::Off
                );
                if addition.region != self.region {
                    let _ = writeln!(self.text, "  service_region      = \"{}\"", addition.region);
                }
                self.policy(addition);
                if *private_dns == PrivateDns::InboundOnly {
                    let gateway = name("gateway");
                    self.text.push_str(
                        "\n  dns_options {\n    private_dns_only_for_inbound_resolver_endpoint = true\n  }\n",
                    );
                    if self
                        .vpc
                        .additions
                        .iter()
                        .any(|one| one.service.name == service.name && one.added == Added::Gateway)
                    {
                        let _ = writeln!(self.text, "\n  depends_on = [aws_vpc_endpoint.{gateway}]");
                    }
                }
                self.text.push_str("}\n");
            }
            Added::Tables { endpoint, tables } => {
                let _ = write!(
                    self.text,
                    "\nresource \"aws_vpc_endpoint_route_table_association\" \"{}\" {{\n  \
                     for_each        = toset({})\n  vpc_endpoint_id = \"{endpoint}\"\n  route_table_id  = each.value\n}}\n",
                    name("gateway"),
                    list(tables.iter().map(|table| table.as_str())).unwrap_or_else(|| "[]".to_owned())
                );
            }
            Added::Names { endpoint } => {
                let _ = write!(
                    self.text,
                    "\nresource \"aws_vpc_endpoint_private_dns\" \"{}\" {{\n  vpc_endpoint_id     = \"{endpoint}\"\n  \
                     private_dns_enabled = true\n}}\n",
                    name("interface")
                );
            }
            Added::Subnets { endpoint, subnets } => {
                let _ = write!(
                    self.text,
                    "\nresource \"aws_vpc_endpoint_subnet_association\" \"{}\" {{\n  \
                     for_each        = toset({})\n  vpc_endpoint_id = \"{endpoint}\"\n  subnet_id       = each.value\n}}\n",
                    name("interface"),
                    list(subnets.iter().map(|subnet| subnet.as_str())).unwrap_or_else(|| "[]".to_owned())
                );
            }
        }
    }

    fn policy(&mut self, addition: &Addition) {
        match least(addition.service) {
            Least::None(reason) => {
                let _ = writeln!(self.text, "\n  # It has no policy of its own: {reason}.");
            }
            Least::Actions(actions) => {
                self.text.push('\n');
                if let Some(remark) = remark(addition.service) {
                    let _ = writeln!(self.text, "  # {remark}");
                }
                let _ = write!(
                    self.text,
                    r#"  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = "*"
      Action    = "{actions}"
      Resource  = "*"
      Condition = {{ StringEquals = {{ "{KEY}" = data.aws_caller_identity.current.account_id }} }}"#
                );
                if let Some(layers) = layers(&self.network.needs, addition.service, addition.region) {
                    let _ = write!(
                        self.text,
                        r#"
      }}, {{
      # The layers of images in ECR.
      Effect    = "Allow"
      Principal = "*"
      Action    = "s3:GetObject"
      Resource  = "{layers}""#
                    );
                }
                self.text.push_str("\n    }]\n  })\n");
            }
        }
    }
}

/// A name as Terraform takes it.
fn identifier(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// A text in a comment: in one line.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A text as Terraform takes it. `${` and `%{` begin templates.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in plain(text).chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '{' if quoted.ends_with(['$', '%']) => {
                let sign = quoted.pop();
                quoted.extend(sign.into_iter().chain(sign));
                quoted.push(c);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Texts as a list. `None` if there is none of them.
fn list<'a>(texts: impl Iterator<Item = &'a str>) -> Option<String> {
    let texts: Vec<String> = texts.map(quoted).collect();
    (!texts.is_empty()).then(|| format!("[{}]", texts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_quotes_or_begins_a_template() {
        assert_eq!(quoted("a\"b\\c ${x} %{y} $z\n"), r#""a\"b\\c $${x} %%{y} $z ""#);
        assert_eq!(list(["a", "b"].into_iter()).unwrap(), r#"["a", "b"]"#);
        assert_eq!(list([].into_iter()), None);
        assert_eq!(identifier("ecr.api"), "ecr_api");
    }
}
