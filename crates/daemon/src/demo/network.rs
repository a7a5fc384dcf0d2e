//! The network of the demo, as `examples/document-qa/terraform` has it: two private subnets in two zones, with no way out,
//! and the endpoints.

use super::place::{REGION, Stage};
use super::policies::{Names, endpoint_policy};
use super::{DemoError, Step as _};

/// The block of the VPC, and its subnets with their zones.
const BLOCK: &str = "10.79.0.0/16";
const SUBNETS: [(&str, &str); 2] = [("us-east-1a", "10.79.1.0/24"), ("us-east-1b", "10.79.2.0/24")];

/// How a rule names a peer: a group, or a prefix list.
const PEER_GROUP: &str = "IpPermissions.1.Groups.1.GroupId";
const PEER_PREFIXES: &str = "IpPermissions.1.PrefixListIds.1.PrefixListId";

/// The VPC, and what is in it before there are endpoints.
pub(super) struct Network {
    pub(super) vpc: String,
    pub(super) subnets: [String; 2],
    pub(super) route_table: String,
    pub(super) function_group: String,
    pub(super) instance_group: String,
    pub(super) endpoints_group: String,
    /// The prefix list of S3.
    pub(super) s3_prefixes: String,
}

/// The endpoints, by the services that they lead to.
pub(super) struct Endpoints {
    pub(super) s3: String,
    pub(super) dynamodb: String,
    pub(super) bedrock_runtime: String,
    pub(super) secretsmanager: String,
    pub(super) kms: String,
    pub(super) logs: String,
}

impl Network {
    /// Makes it.
    pub(super) async fn build(stage: &Stage) -> Result<Self, DemoError> {
        let vpc = stage.make("CreateVpc", &[("CidrBlock", BLOCK)], "vpcId").await?;
        // Private DNS of interface endpoints needs it.
        call(stage, "ModifyVpcAttribute", &[("VpcId", &vpc), ("EnableDnsHostnames.Value", "true")]).await?;
        let route_table = stage.make("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId").await?;
        let mut subnets = [String::new(), String::new()];
        for ((zone, block), subnet) in SUBNETS.into_iter().zip(&mut subnets) {
            let wanted = [("VpcId", vpc.as_str()), ("CidrBlock", block), ("AvailabilityZone", zone)];
            *subnet = stage.make("CreateSubnet", &wanted, "subnetId").await?;
            let association = [("RouteTableId", route_table.as_str()), ("SubnetId", subnet.as_str())];
            call(stage, "AssociateRouteTable", &association).await?;
        }
        let mut groups = [String::new(), String::new(), String::new()];
        let wanted = [("function", "The function"), ("instance", "The instance"), ("endpoints", "The endpoints")];
        for ((name, description), group) in wanted.into_iter().zip(&mut groups) {
            let wanted = [("VpcId", vpc.as_str()), ("GroupName", name), ("GroupDescription", description)];
            *group = stage.make("CreateSecurityGroup", &wanted, "groupId").await?;
        }
        let [function_group, instance_group, endpoints_group] = groups;
        let s3_prefixes = prefix_list(stage, "s3").await?;
        let network = Self { vpc, subnets, route_table, function_group, instance_group, endpoints_group, s3_prefixes };
        network.let_in(stage, &[&network.function_group, &network.instance_group]).await?;
        network.let_out(stage).await?;
        Ok(network)
    }

    /// Lets groups into that of the endpoints.
    pub(super) async fn let_in(&self, stage: &Stage, groups: &[&str]) -> Result<(), DemoError> {
        self.on_ingress(stage, "AuthorizeSecurityGroupIngress", groups).await
    }

    /// Takes that back.
    pub(super) async fn shut_out(&self, stage: &Stage, groups: &[&str]) -> Result<(), DemoError> {
        self.on_ingress(stage, "RevokeSecurityGroupIngress", groups).await
    }

    async fn on_ingress(&self, stage: &Stage, action: &'static str, groups: &[&str]) -> Result<(), DemoError> {
        for group in groups {
            call(stage, action, &rule(&self.endpoints_group, (PEER_GROUP, group))).await?;
        }
        Ok(())
    }

    /// Lets the function and the instance out to the endpoints and nowhere else, and the endpoints nowhere: a new group lets
    /// everything out.
    async fn let_out(&self, stage: &Stage) -> Result<(), DemoError> {
        let tables = prefix_list(stage, "dynamodb").await?;
        for (group, lists) in [
            (&self.function_group, vec![&self.s3_prefixes, &tables]),
            (&self.instance_group, vec![&self.s3_prefixes]),
            (&self.endpoints_group, Vec::new()),
        ] {
            let all = [
                ("GroupId", group.as_str()),
                ("IpPermissions.1.IpProtocol", "-1"),
                ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
            ];
            call(stage, "RevokeSecurityGroupEgress", &all).await?;
            let own = lists.first().map(|_| (PEER_GROUP, self.endpoints_group.as_str()));
            let prefixes = lists.iter().map(|list| (PEER_PREFIXES, list.as_str()));
            for peer in own.into_iter().chain(prefixes) {
                call(stage, "AuthorizeSecurityGroupEgress", &rule(group, peer)).await?;
            }
        }
        Ok(())
    }

    /// Makes the endpoints, each with a policy that lets the workload do what it does, and nobody anything else.
    pub(super) async fn endpoints(&self, stage: &Stage, names: &Names) -> Result<Endpoints, DemoError> {
        Ok(Endpoints {
            s3: self.gateway(stage, names, "s3").await?,
            dynamodb: self.gateway(stage, names, "dynamodb").await?,
            bedrock_runtime: self.interface(stage, names, "bedrock-runtime").await?,
            secretsmanager: self.interface(stage, names, "secretsmanager").await?,
            kms: self.interface(stage, names, "kms").await?,
            logs: self.interface(stage, names, "logs").await?,
        })
    }

    async fn gateway(&self, stage: &Stage, names: &Names, service: &str) -> Result<String, DemoError> {
        let (name, policy) = (service_name(service), endpoint_policy(service, names).to_string());
        let wanted = [
            ("VpcId", self.vpc.as_str()),
            ("VpcEndpointType", "Gateway"),
            ("ServiceName", &name),
            ("RouteTableId.1", &self.route_table),
            ("PolicyDocument", &policy),
        ];
        stage.make("CreateVpcEndpoint", &wanted, "vpcEndpointId").await
    }

    async fn interface(&self, stage: &Stage, names: &Names, service: &str) -> Result<String, DemoError> {
        let (name, policy) = (service_name(service), endpoint_policy(service, names).to_string());
        let [first, second] = &self.subnets;
        let wanted = [
            ("VpcId", self.vpc.as_str()),
            ("VpcEndpointType", "Interface"),
            ("ServiceName", &name),
            ("SubnetId.1", first),
            ("SubnetId.2", second),
            ("SecurityGroupId.1", &self.endpoints_group),
            ("PrivateDnsEnabled", "true"),
            ("PolicyDocument", &policy),
        ];
        stage.make("CreateVpcEndpoint", &wanted, "vpcEndpointId").await
    }

    /// What was built, a line each.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{}  {BLOCK}: no internet gateway, no NAT gateway, no peering", self.vpc)];
        let subnets = self.subnets.iter().zip(SUBNETS);
        lines.extend(subnets.map(|(id, (zone, block))| format!("{id}  {block} in {zone}")));
        lines.push(format!("{}  the route table of both", self.route_table));
        lines
    }
}

impl Endpoints {
    /// What was made, a line each.
    pub(super) fn lines(&self) -> Vec<String> {
        let gateways = [("S3", &self.s3), ("DynamoDB", &self.dynamodb)];
        let interfaces = [
            ("Bedrock", &self.bedrock_runtime),
            ("Secrets Manager", &self.secretsmanager),
            ("KMS", &self.kms),
            ("CloudWatch Logs", &self.logs),
        ];
        let gateways = gateways.iter().map(|(service, id)| format!("{id}  gateway    {service}"));
        let interfaces = interfaces.iter().map(|(service, id)| format!("{id}  interface  {service}, in both zones"));
        gateways.chain(interfaces).collect()
    }
}

/// Calls an action whose answer says nothing new.
pub(super) async fn call(stage: &Stage, action: &'static str, parameters: &[(&str, &str)]) -> Result<(), DemoError> {
    stage.client.ec2(action, parameters).await.step(action).map(drop)
}

/// The parameters of a rule for TLS with a peer.
fn rule<'a>(group: &'a str, peer: (&'a str, &'a str)) -> [(&'a str, &'a str); 5] {
    [
        ("GroupId", group),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "443"),
        ("IpPermissions.1.ToPort", "443"),
        peer,
    ]
}

async fn prefix_list(stage: &Stage, service: &str) -> Result<String, DemoError> {
    let name = service_name(service);
    let filter = [("Filter.1.Name", "prefix-list-name"), ("Filter.1.Value.1", name.as_str())];
    stage.make("DescribePrefixLists", &filter, "prefixListId").await
}

fn service_name(service: &str) -> String {
    format!("com.amazonaws.{REGION}.{service}")
}
