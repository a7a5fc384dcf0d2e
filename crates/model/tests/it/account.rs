//! An account in a Region, which sends commands: the shortest way for tests to make things.

use sidegate_model::{
    Context, CreateVpcEndpoint, Direction, Endpoint, Error, InterfaceEndpoint, InternetGatewayId, IpProtocol, Ipv4Cidr,
    NetworkInterface, NetworkInterfaceId, NewRule, Peer, PortRange, RouteTableId, RunInstance, Scope,
    SecondaryAddresses, SecurityGroupId, SubnetId, VpcAttribute, VpcEndpointId, VpcId, World,
};

pub(crate) const S3: &str = "com.amazonaws.us-east-1.s3";
pub(crate) const DYNAMODB: &str = "com.amazonaws.us-east-1.dynamodb";
pub(crate) const SECRETS: &str = "com.amazonaws.us-east-1.secretsmanager";

/// What launches so many instances in a subnet.
pub(crate) fn instances(subnet: &SubnetId, count: u32) -> RunInstance {
    RunInstance {
        image: "ami-1".to_owned(),
        instance_type: "t3.micro".to_owned(),
        client_token: String::new(),
        user_data: None,
        key_name: None,
        subnet: subnet.clone(),
        address: None,
        groups: Vec::new(),
        more_addresses: SecondaryAddresses::default(),
        public_address: None,
        interface: None,
        delete_on_termination: true,
        devices: Vec::new(),
        ebs_optimized: false,
        count,
    }
}

pub(crate) struct Account {
    pub(crate) world: World,
    pub(crate) scope: Scope,
    pub(crate) now: i64,
    seed: u64,
}

/// Asserts that a command is refused with this code and message, and changes nothing.
#[macro_export]
macro_rules! refused {
    ($account:expr, $command:expr, $code:expr, $message:expr $(,)?) => {{
        let error = $account.try_run($command).expect_err("the command should be refused");
        assert_eq!((error.code(), error.to_string().as_str()), ($code, String::from($message).as_str()));
    }};
}

impl Account {
    pub(crate) fn new() -> Self {
        Self::of("111122223333", "us-east-1")
    }

    pub(crate) fn of(account: &str, region: &str) -> Self {
        let scope = Scope { account: account.parse().unwrap(), region: region.parse().unwrap() };
        Self { world: World::default(), scope, now: 1_700_000_000_000, seed: 1 }
    }

    /// Runs a command as the daemon does: on a clone, which takes the world's place unless the command is refused.
    pub(crate) fn try_run<T>(
        &mut self, command: impl FnOnce(&mut World, &mut Context<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut world = self.world.clone();
        let seed = &mut self.seed;
        let mut entropy = move || {
            *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed ^ (mixed >> 27)
        };
        let mut context = Context { scope: self.scope.clone(), now: self.now, entropy: &mut entropy };
        let made = command(&mut world, &mut context)?;
        self.world = world;
        Ok(made)
    }

    /// Begins the sequence of random numbers anew, at a place where it has not been.
    pub(crate) fn restart(&mut self) {
        self.seed = 1 << 63;
    }

    pub(crate) fn run<T>(&mut self, command: impl FnOnce(&mut World, &mut Context<'_>) -> Result<T, Error>) -> T {
        self.try_run(command).unwrap()
    }

    pub(crate) fn vpc(&mut self, cidr: &str) -> VpcId {
        self.run(|w, c| w.create_vpc(c, self::cidr(cidr), "default"))
    }

    /// A VPC in which private DNS can be had.
    pub(crate) fn vpc_with_dns(&mut self, cidr: &str) -> VpcId {
        let vpc = self.vpc(cidr);
        self.run(|w, c| w.modify_vpc_attribute(c, &vpc, VpcAttribute::DnsHostnames(true)));
        vpc
    }

    pub(crate) fn subnet(&mut self, vpc: &VpcId, cidr: &str, zone: &str) -> SubnetId {
        self.run(|w, c| w.create_subnet(c, vpc, self::cidr(cidr), Some(zone)))
    }

    pub(crate) fn table(&mut self, vpc: &VpcId) -> RouteTableId {
        self.run(|w, c| w.create_route_table(c, vpc))
    }

    /// An internet gateway that is attached to a VPC.
    pub(crate) fn internet_gateway(&mut self, vpc: &VpcId) -> InternetGatewayId {
        let id = self.run(|w, c| w.create_internet_gateway(c));
        self.run(|w, c| w.attach_internet_gateway(c, &id, vpc));
        id
    }

    pub(crate) fn main_table(&self, vpc: &VpcId) -> RouteTableId {
        self.world.route_tables.iter().find(|t| t.vpc == *vpc && t.main.is_some()).unwrap().id.clone()
    }

    pub(crate) fn group(&mut self, vpc: &VpcId, name: &str) -> SecurityGroupId {
        self.run(|w, c| w.create_security_group(c, vpc, name, "for a test"))
    }

    pub(crate) fn default_group(&self, vpc: &VpcId) -> SecurityGroupId {
        self.world.default_group(vpc).unwrap().id.clone()
    }

    pub(crate) fn program(&mut self, subnet: &SubnetId, groups: &[SecurityGroupId]) -> NetworkInterfaceId {
        self.run(|w, c| w.attach_program(c, subnet, groups))
    }

    pub(crate) fn nic(&self, id: &NetworkInterfaceId) -> &NetworkInterface {
        self.world.interfaces.get(id).unwrap()
    }

    pub(crate) fn endpoint(&mut self, wanted: CreateVpcEndpoint) -> VpcEndpointId {
        self.run(|w, c| w.create_vpc_endpoint(c, wanted))
    }

    pub(crate) fn endpoint_of(&self, id: &VpcEndpointId) -> &Endpoint {
        self.world.endpoints.get(id).unwrap()
    }

    pub(crate) fn interface_of(&self, id: &VpcEndpointId) -> &InterfaceEndpoint {
        self.endpoint_of(id).interface().unwrap()
    }
}

pub(crate) fn cidr(text: &str) -> Ipv4Cidr {
    text.parse().unwrap()
}

pub(crate) fn gateway(vpc: &VpcId, service: &str, tables: &[RouteTableId]) -> CreateVpcEndpoint {
    CreateVpcEndpoint {
        vpc: Some(vpc.clone()),
        service: service.to_owned(),
        route_tables: tables.to_vec(),
        ..CreateVpcEndpoint::default()
    }
}

/// An interface endpoint without private DNS.
pub(crate) fn interface(vpc: &VpcId, service: &str, subnets: &[SubnetId]) -> CreateVpcEndpoint {
    CreateVpcEndpoint {
        vpc: Some(vpc.clone()),
        service: service.to_owned(),
        interface: true,
        subnets: subnets.to_vec(),
        private_dns: Some(false),
        ..CreateVpcEndpoint::default()
    }
}

pub(crate) fn tcp(direction: Direction, port: i32, peer: Peer) -> NewRule {
    NewRule::new(direction, IpProtocol::TCP, Some(PortRange { from: port, to: port }), peer, None).unwrap()
}
