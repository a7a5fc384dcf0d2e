//! Worlds that are built command by command, with ids that are easy to read.

use std::sync::Arc;

use sidegate_iam::{Attached, Policies, Policy, PolicyType, Principal, Requirement};
use sidegate_model::{
    AssociateNatAddresses, Context, CreateNatGateway, CreateRoute, CreateVpcEndpoint, Destination, Direction, Error,
    InstanceId, InternetGatewayId, IpProtocol, NatGatewayId, NatSources, NetworkInterfaceId, NewRule, Peer, PortRange,
    RouteTableId, RouteTarget, RunInstance, Scope, SecurityGroupId, SubnetId, VpcAttribute, VpcEndpointId, VpcId,
    VpcPeeringConnectionId, World,
};
use sidegate_plan::analyze::Call;

pub(crate) struct Built {
    pub(crate) world: World,
    scope: Scope,
    made: u64,
}

impl Built {
    pub(crate) fn new() -> Self {
        let scope = Scope { account: "123456789012".parse().unwrap(), region: "us-east-1".parse().unwrap() };
        Self { world: World::default(), scope, made: 0 }
    }

    /// Runs a command that must succeed.
    pub(crate) fn with<T>(&mut self, command: impl FnOnce(&mut World, &mut Context<'_>) -> Result<T, Error>) -> T {
        let made = &mut self.made;
        let mut entropy = || {
            *made += 1;
            *made
        };
        let mut context = Context { scope: self.scope.clone(), now: 1_700_000_000_000, entropy: &mut entropy };
        command(&mut self.world, &mut context).unwrap()
    }

    /// A VPC of 10.0.0.0/16 with both DNS attributes on.
    pub(crate) fn vpc(&mut self) -> VpcId {
        self.vpc_of("10.0.0.0/16")
    }

    /// A VPC of this block with both DNS attributes on.
    pub(crate) fn vpc_of(&mut self, block: &str) -> VpcId {
        let vpc = self.with(|world, context| world.create_vpc(context, block.parse().unwrap(), "default"));
        self.dns_hostnames(&vpc, true);
        vpc
    }

    pub(crate) fn dns_hostnames(&mut self, vpc: &VpcId, on: bool) {
        self.with(|world, context| world.modify_vpc_attribute(context, vpc, VpcAttribute::DnsHostnames(on)));
    }

    pub(crate) fn dns_support(&mut self, vpc: &VpcId, on: bool) {
        self.with(|world, context| world.modify_vpc_attribute(context, vpc, VpcAttribute::DnsSupport(on)));
    }

    /// A subnet of 10.0.N.0/24 in this zone.
    pub(crate) fn subnet(&mut self, vpc: &VpcId, number: u8, zone: &str) -> SubnetId {
        self.subnet_of(vpc, &format!("10.0.{number}.0/24"), zone)
    }

    pub(crate) fn subnet_of(&mut self, vpc: &VpcId, block: &str, zone: &str) -> SubnetId {
        let cidr = block.parse().unwrap();
        self.with(|world, context| world.create_subnet(context, vpc, cidr, Some(zone)))
    }

    /// An active peering connection.
    pub(crate) fn peering(&mut self, requester: &VpcId, accepter: &VpcId) -> VpcPeeringConnectionId {
        let id = self.with(|world, context| world.create_peering(context, requester, accepter, None, None));
        self.with(|world, context| world.accept_peering(context, &id));
        id
    }

    /// An internet gateway that is attached.
    pub(crate) fn internet_gateway(&mut self, vpc: &VpcId) -> InternetGatewayId {
        let gateway = self.with(|world, context| world.create_internet_gateway(context));
        self.with(|world, context| world.attach_internet_gateway(context, &gateway, vpc));
        gateway
    }

    /// An Elastic IP address for an interface.
    pub(crate) fn elastic(&mut self, interface: &NetworkInterfaceId) {
        let allocation = self.with(|world, context| world.allocate_address(context, None));
        self.with(|world, context| world.associate_address(context, &allocation, interface, None, false));
    }

    /// A NAT gateway to the internet.
    pub(crate) fn public_nat(&mut self, subnet: &SubnetId) -> NatGatewayId {
        let allocation = self.with(|world, context| world.allocate_address(context, None));
        let secondary = AssociateNatAddresses { allocations: Vec::new(), private: Vec::new() };
        let sources = NatSources::Public { allocation, secondary };
        let wanted = CreateNatGateway { subnet: subnet.clone(), private: None, sources };
        self.with(|world, context| world.create_nat_gateway(context, wanted))
    }

    pub(crate) fn route(&mut self, table: &RouteTableId, to: &str, target: RouteTarget) {
        let destination = Destination::Cidr(to.parse().unwrap());
        let wanted = CreateRoute { table: table.clone(), destination, target };
        self.with(|world, context| world.create_route(context, wanted));
    }

    /// A route table that this subnet is associated with.
    pub(crate) fn table_of(&mut self, vpc: &VpcId, subnet: &SubnetId) -> RouteTableId {
        let table = self.with(|world, context| world.create_route_table(context, vpc));
        self.with(|world, context| world.associate_route_table(context, &table, subnet));
        table
    }

    pub(crate) fn main_table(&self, vpc: &VpcId) -> RouteTableId {
        self.world.route_tables.iter().find(|t| t.vpc == *vpc && t.main.is_some()).unwrap().id.clone()
    }

    pub(crate) fn group(&mut self, vpc: &VpcId, name: &str) -> SecurityGroupId {
        self.with(|world, context| world.create_security_group(context, vpc, name, name))
    }

    /// Lets TCP to this port in.
    pub(crate) fn admit(&mut self, group: &SecurityGroupId, port: u16, peer: Peer) {
        let ports = Some(PortRange { from: port.into(), to: port.into() });
        self.rule(group, Direction::Ingress, IpProtocol::TCP, ports, peer);
    }

    pub(crate) fn rule(
        &mut self, group: &SecurityGroupId, direction: Direction, protocol: IpProtocol, ports: Option<PortRange>,
        peer: Peer,
    ) {
        let rule = NewRule::new(direction, protocol, ports, peer, None).unwrap();
        self.with(|world, context| world.authorize(context, group, vec![rule]));
    }

    pub(crate) fn gateway(&mut self, vpc: &VpcId, service: &str, tables: &[&RouteTableId]) -> VpcEndpointId {
        self.endpoint(vpc, service, |wanted| {
            wanted.route_tables = tables.iter().copied().cloned().collect();
        })
    }

    /// A gateway endpoint of the main table.
    pub(crate) fn gateway_of_main(&mut self, vpc: &VpcId, service: &str) -> VpcEndpointId {
        let main = self.main_table(vpc);
        self.gateway(vpc, service, &[&main])
    }

    pub(crate) fn interface(
        &mut self, vpc: &VpcId, service: &str, subnets: &[&SubnetId], groups: &[&SecurityGroupId],
    ) -> VpcEndpointId {
        self.endpoint(vpc, service, |wanted| {
            wanted.interface = true;
            wanted.subnets = subnets.iter().copied().cloned().collect();
            wanted.groups = groups.iter().copied().cloned().collect();
        })
    }

    pub(crate) fn endpoint(
        &mut self, vpc: &VpcId, service: &str, more: impl FnOnce(&mut CreateVpcEndpoint),
    ) -> VpcEndpointId {
        let service = format!("com.amazonaws.us-east-1.{service}");
        let mut wanted = CreateVpcEndpoint { vpc: Some(vpc.clone()), service, ..CreateVpcEndpoint::default() };
        more(&mut wanted);
        self.with(|world, context| world.create_vpc_endpoint(context, wanted))
    }

    pub(crate) fn program(&mut self, subnet: &SubnetId, groups: &[&SecurityGroupId]) -> NetworkInterfaceId {
        let groups: Vec<_> = groups.iter().copied().cloned().collect();
        self.with(|world, context| world.attach_program(context, subnet, &groups))
    }

    pub(crate) fn instance(&mut self, subnet: &SubnetId, groups: &[&SecurityGroupId]) -> InstanceId {
        let wanted = RunInstance {
            image: "ami-0abcdef1234567890".to_owned(),
            instance_type: "m7g.large".to_owned(),
            client_token: String::new(),
            user_data: Some("ZWNobyBoaQ==".into()),
            key_name: None,
            subnet: subnet.clone(),
            address: None,
            groups: groups.iter().copied().cloned().collect(),
            more_addresses: sidegate_model::SecondaryAddresses::default(),
            public_address: None,
            interface: None,
            delete_on_termination: true,
            devices: Vec::new(),
            ebs_optimized: false,
            count: 1,
        };
        self.with(|world, context| world.run_instances(context, &wanted)).1.remove(0)
    }

    pub(crate) fn interface_of(&self, instance: &InstanceId) -> NetworkInterfaceId {
        self.world.instances.get(instance).unwrap().interface.clone().unwrap()
    }
}

/// A call of a role that may read the bucket `docs`, which has this policy.
pub(crate) fn reads(policy: Option<&str>) -> Call {
    let allows = r#"{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::docs/*"}}"#;
    let identity = Attached::named(Policy::parse(allows, PolicyType::Identity).unwrap(), "read-docs");
    let mut requirement =
        Requirement::new("s3:GetObject", "arn:aws:s3:::docs/a").owned_by("123456789012".parse().unwrap());
    requirement.resource_policy = policy.map(|text| Arc::new(Policy::parse(text, PolicyType::Bucket).unwrap()));
    Call {
        principal: Principal::parse("arn:aws:sts::123456789012:assumed-role/reader/s1").unwrap(),
        requirements: vec![requirement],
        policies: Policies { identity: vec![identity], ..Policies::default() },
        context: sidegate_iam::Context::new(),
        unknown: Vec::new(),
    }
}
