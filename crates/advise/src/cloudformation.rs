//! What is to be added, as a template of CloudFormation.

use serde_json::{Map, Value, json};

use crate::addition::{Added, Addition, PrivateDns, group_ports, outside_clients};
use crate::advice::{Advice, VpcAdvice};
use crate::choice::Choice;
use crate::policy::{KEY, Least, layers, least, remark};
use crate::workload::{Network, Workload};

/// What is to be added, as a template. Ids that are known are defaults of parameters. What CloudFormation has no resource
/// for, such as a further route table of an endpoint that is there, stands in the template's metadata.
pub fn cloudformation(workload: &Workload, advice: &Advice) -> Value {
    let adding: Vec<_> = workload
        .networks
        .iter()
        .zip(&advice.vpcs)
        .filter(|(_, vpc)| !vpc.additions.is_empty() || is_peered(vpc))
        .collect();
    let mut template = Template::default();
    for (place, (network, vpc)) in adding.iter().enumerate() {
        let suffix = if adding.len() > 1 { (place + 1).to_string() } else { String::new() };
        template.section(network, vpc, &suffix, advice);
    }
    let Template { mut parameters, resources, mut remarks } = template;
    if resources.is_empty() {
        // A template must have a resource.
        parameters.clear();
        remarks.push("There is nothing to add that CloudFormation has a resource for.".to_owned());
    }
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The endpoints that `sidegate advise` recommends",
        "Metadata": { "Remarks": remarks },
        "Parameters": parameters,
        "Resources": resources,
    })
}

/// Whether it needs what is to be made in another Region.
fn is_peered(vpc: &VpcAdvice) -> bool {
    vpc.recommendations.iter().any(|one| one.choice == Choice::PeeredInterface)
}

#[derive(Default)]
struct Template {
    parameters: Map<String, Value>,
    resources: Map<String, Value>,
    remarks: Vec<String>,
}

impl Template {
    fn section(&mut self, network: &Network, vpc: &VpcAdvice, suffix: &str, advice: &Advice) {
        let adds = |is: fn(&Added) -> bool| vpc.additions.iter().any(|one| is(&one.added));
        if adds(|added| matches!(added, Added::Gateway | Added::Interface { .. })) {
            let known = network.id.as_ref().map(ToString::to_string);
            self.parameter(&format!("VpcId{suffix}"), "AWS::EC2::VPC::Id", "The VPC", known);
        }
        if adds(|added| matches!(added, Added::Gateway)) {
            let mut tables: Vec<_> = network.subnets.iter().filter_map(|subnet| subnet.table.as_ref()).collect();
            tables.sort();
            tables.dedup();
            let tables: Vec<String> = tables.iter().map(ToString::to_string).collect();
            let known = (!tables.is_empty()).then(|| tables.join(","));
            let what = "The route tables of the subnets with clients";
            self.parameter(&format!("RouteTableIds{suffix}"), "CommaDelimitedList", what, known);
        }
        if adds(|added| matches!(added, Added::Interface { .. })) {
            self.interfaces(network, vpc, suffix);
        }
        for addition in &vpc.additions {
            self.addition(addition, network, vpc, suffix, advice);
        }
        let peered = vpc.recommendations.iter().filter(|one| one.choice == Choice::PeeredInterface);
        self.remarks.extend(peered.map(|one| {
            format!(
                "{}: its endpoint belongs into a VPC of {} that {} is peered with; that is for another template.",
                one.service.name, one.region, network.name
            )
        }));
    }

    /// What all interface endpoints of a VPC have in common.
    fn interfaces(&mut self, network: &Network, vpc: &VpcAdvice, suffix: &str) {
        let zones: Vec<String> = network.zones().iter().map(|zone| zone.name()).collect();
        let what = format!("A subnet of each zone with clients: {}", zones.join(", "));
        let ids: Option<Vec<String>> =
            network.one_subnet_each().iter().map(|subnet| subnet.id.as_ref().map(ToString::to_string)).collect();
        let known = ids.filter(|ids| !ids.is_empty()).map(|ids| ids.join(","));
        self.parameter(&format!("SubnetIds{suffix}"), "List<AWS::EC2::Subnet::Id>", &what, known);
        let mut blocks: Vec<Value> = network.blocks.iter().map(|block| json!(block.to_string())).collect();
        if blocks.is_empty() {
            let name = format!("ClientCidrBlock{suffix}");
            self.parameter(&name, "String", "The block of addresses that clients have", None);
            blocks.push(json!({ "Ref": name }));
        }
        // Without the blocks of clients outside the group would shut these out.
        let (on_premises, peered) = outside_clients(network, &vpc.additions);
        for (is_there, name, whose) in
            [(on_premises, "OnPremisesCidrBlock", "on premises"), (peered, "PeeredCidrBlock", "in peered VPCs")]
        {
            if is_there {
                let name = format!("{name}{suffix}");
                self.parameter(&name, "String", &format!("The block of addresses that clients {whose} have"), None);
                blocks.push(json!({ "Ref": name }));
            }
        }
        let ingress = group_ports(&vpc.additions).into_iter().flat_map(|port| {
            blocks.iter().map(move |block| {
                json!({
                    "CidrIp": block, "IpProtocol": "tcp", "FromPort": port, "ToPort": port,
                    "Description": "TLS from clients",
                })
            })
        });
        let properties = json!({
            "GroupDescription": "Interface endpoints: TLS from clients",
            "VpcId": { "Ref": format!("VpcId{suffix}") },
            "SecurityGroupIngress": ingress.collect::<Vec<_>>(),
        });
        let group = json!({ "Type": "AWS::EC2::SecurityGroup", "Properties": properties });
        self.resources.insert(format!("EndpointsGroup{suffix}"), group);
    }

    fn addition(&mut self, addition: &Addition, network: &Network, vpc: &VpcAdvice, suffix: &str, advice: &Advice) {
        let service = addition.service;
        // A service may be used in several Regions.
        let abroad = if addition.region == advice.region { "" } else { addition.region.as_str() };
        let name = |kind: &str| {
            let (service, abroad) = (identifier(service.name), identifier(abroad));
            format!("{service}{kind}Endpoint{abroad}{suffix}")
        };
        let mut properties = json!({
            "VpcId": { "Ref": format!("VpcId{suffix}") },
            "ServiceName": service.endpoint_name(addition.region),
        });
        let mut set =
            |key: &str, value: Value| properties.as_object_mut().and_then(|all| all.insert(key.to_owned(), value));
        let mut after = None;
        let kind = match &addition.added {
            Added::Gateway => {
                set("VpcEndpointType", json!("Gateway"));
                set("RouteTableIds", json!({ "Ref": format!("RouteTableIds{suffix}") }));
                "Gateway"
            }
            Added::Interface { private_dns } => {
                set("VpcEndpointType", json!("Interface"));
                set("SubnetIds", json!({ "Ref": format!("SubnetIds{suffix}") }));
                set("SecurityGroupIds", json!([{ "Ref": format!("EndpointsGroup{suffix}") }]));
                set("PrivateDnsEnabled", json!(*private_dns != PrivateDns::Off));
                if *private_dns == PrivateDns::InboundOnly {
                    let only = json!({ "PrivateDnsOnlyForInboundResolverEndpoint": "OnlyInboundResolver" });
                    set("DnsOptions", only);
                    let is_gateway = |one: &Addition| one.service.name == service.name && one.added == Added::Gateway;
                    after = vpc.additions.iter().any(is_gateway).then(|| name("Gateway"));
                }
                if addition.region != advice.region {
                    set("ServiceRegion", json!(addition.region.as_str()));
                }
                "Interface"
            }
            Added::Tables { endpoint, tables } => {
                let tables: Vec<String> = tables.iter().map(ToString::to_string).collect();
                self.remarks.push(format!(
                    "CloudFormation adds no route table to an endpoint of another stack: aws ec2 modify-vpc-endpoint \
                     --vpc-endpoint-id {endpoint} --add-route-table-ids {}",
                    tables.join(" ")
                ));
                return;
            }
            Added::Names { endpoint } => {
                self.remarks.push(format!(
                    "CloudFormation turns on no private DNS of an endpoint of another stack: aws ec2 modify-vpc-endpoint \
                     --vpc-endpoint-id {endpoint} --private-dns-enabled"
                ));
                return;
            }
            Added::Subnets { endpoint, subnets } => {
                let subnets: Vec<String> = subnets.iter().map(ToString::to_string).collect();
                self.remarks.push(format!(
                    "CloudFormation adds no subnet to an endpoint of another stack: aws ec2 modify-vpc-endpoint \
                     --vpc-endpoint-id {endpoint} --add-subnet-ids {}",
                    subnets.join(" ")
                ));
                return;
            }
        };
        match least(service) {
            Least::Actions(actions) => {
                let condition = json!({ "StringEquals": { KEY: { "Ref": "AWS::AccountId" } } });
                let statement = json!({
                    "Effect": "Allow", "Principal": "*", "Action": actions, "Resource": "*", "Condition": condition,
                });
                let layers = layers(&network.needs, service, addition.region).map(|layers| {
                    json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": layers })
                });
                let statements: Vec<Value> = std::iter::once(statement).chain(layers).collect();
                set("PolicyDocument", json!({ "Version": "2012-10-17", "Statement": statements }));
                self.remarks.extend(remark(service).map(|remark| format!("{}: {remark}", service.name)));
            }
            Least::None(reason) => {
                self.remarks.push(format!("{} has no policy of its own: {reason}.", service.name));
            }
        }
        let mut resource = json!({ "Type": "AWS::EC2::VPCEndpoint", "Properties": properties });
        if let (Some(after), Some(all)) = (after, resource.as_object_mut()) {
            all.insert("DependsOn".to_owned(), json!(after));
        }
        self.resources.insert(name(kind), resource);
    }

    fn parameter(&mut self, name: &str, kind: &str, description: &str, known: Option<String>) {
        let mut parameter = json!({ "Type": kind, "Description": description });
        if let (Some(known), Some(all)) = (known, parameter.as_object_mut()) {
            all.insert("Default".to_owned(), json!(known));
        }
        self.parameters.insert(name.to_owned(), parameter);
    }
}

/// A name as CloudFormation takes it: letters and digits, each word with a capital.
fn identifier(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    words.map(capital).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_letters_and_digits() {
        assert_eq!(super::identifier("bedrock-runtime"), "BedrockRuntime");
        assert_eq!(super::identifier("ecr.api"), "EcrApi");
    }
}
