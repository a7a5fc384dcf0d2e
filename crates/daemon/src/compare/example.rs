//! An example network: private subnets in several zones, endpoints of both types, and a peered VPC. It is built by the
//! model's own commands, always with the same ids.

use std::net::Ipv4Addr;

use sidegate_model::{
    Catalog, Context, CreateRoute, CreateVpcEndpoint, Destination, Direction, Error, IpProtocol, Ipv4Cidr, NewRule,
    Peer, PortRange, PrefixList, Region, RouteTableId, RouteTarget, Scope, SecurityGroupId, Service, SubnetId,
    VpcAttribute, VpcId, World, Zone,
};

/// Whose it is, and where if no Region was named.
const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";

/// The services with a gateway and with an interface endpoint if none was named.
const SERVICES: [&str; 2] = ["s3", "bedrock-runtime"];

/// In how many zones programs are, and an interface endpoint.
const PROGRAM_ZONES: usize = 3;
const ENDPOINT_ZONES: usize = 2;

/// The first two numbers of the blocks of the VPC and of the one that is peered with it.
const OWN: [u8; 2] = [10, 0];
const PEERED: [u8; 2] = [10, 1];

/// Where the subnets of endpoints begin, behind those of programs.
const ENDPOINT_SUBNETS: u8 = 16;

/// The world of the example, with the endpoints that a service has, or one of each type.
///
/// # Errors
/// In words, if it cannot be built; a test builds it in every Region.
pub(super) fn world(region: Option<Region>, service: Option<&'static Service>) -> Result<World, String> {
    let region = region.map_or_else(|| REGION.parse(), Ok)?;
    let scope = Scope { account: ACCOUNT.parse()?, region };
    let [gateway, interface] = match service {
        Some(service) => [service.gateway().then_some(service), service.interface().then_some(service)],
        None => SERVICES.map(Catalog::named),
    };
    let mut world = World::default();
    let mut state = 0_u64;
    // Ids as scattered as real ones: the generator is splitmix64.
    let mut entropy = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let bits = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    };
    let context = Context { scope, now: 0, entropy: &mut entropy };
    let built = Builder { world: &mut world, context }.build(gateway, interface);
    built.map_err(|error| error.to_string())?;
    Ok(world)
}

/// A world that comes to be.
struct Builder<'a> {
    world: &'a mut World,
    context: Context<'a>,
}

impl Builder<'_> {
    fn build(&mut self, gateway: Option<&Service>, interface: Option<&Service>) -> Result<(), Error> {
        let (vpc, table) = self.vpc(OWN)?;
        let zones: Vec<String> = self.context.scope.region.zones().map(Zone::name).collect();
        let mut programs = Vec::new();
        for (number, zone) in (1..).zip(zones.iter().take(PROGRAM_ZONES)) {
            programs.push(self.subnet(&vpc, OWN, number, zone)?);
        }
        let asking = self.group(&vpc, "programs")?;
        if let Some(service) = gateway {
            let wanted = CreateVpcEndpoint { route_tables: vec![table.clone()], ..self.wanted(&vpc, service) };
            self.world.create_vpc_endpoint(&mut self.context, wanted)?;
        }
        let (peered, far) = self.vpc(PEERED)?;
        if let Some(zone) = zones.first() {
            self.subnet(&peered, PEERED, 1, zone)?;
        }
        let peering = self.world.create_peering(&mut self.context, &vpc, &peered, None, None)?;
        self.world.accept_peering(&self.context, &peering)?;
        let to_peer = || RouteTarget::Peering(peering.clone());
        self.route(&table, block(PEERED), to_peer())?;
        self.route(&far, block(OWN), to_peer())?;
        // As if one could ask for the service through the VPC next door.
        let region = self.context.scope.region;
        for cidr in gateway.into_iter().flat_map(|own| PrefixList::of(own, region).cidrs) {
            self.route(&far, cidr, to_peer())?;
        }
        if let Some(service) = interface {
            let guard = self.group(&vpc, "endpoint")?;
            self.admit(&guard, Peer::Group(asking.clone()))?;
            self.admit(&guard, Peer::Cidr(block(PEERED)))?;
            let mut subnets = Vec::new();
            for (number, zone) in (ENDPOINT_SUBNETS..).zip(zones.iter().take(ENDPOINT_ZONES)) {
                subnets.push(self.subnet(&vpc, OWN, number, zone)?);
            }
            let has_names = !service.private_names(self.context.scope.region).is_empty();
            let wanted = CreateVpcEndpoint {
                interface: true,
                subnets,
                groups: vec![guard],
                private_dns: Some(has_names),
                ..self.wanted(&vpc, service)
            };
            self.world.create_vpc_endpoint(&mut self.context, wanted)?;
        }
        if let Some(subnet) = programs.first() {
            self.world.attach_program(&mut self.context, subnet, &[asking])?;
        }
        Ok(())
    }

    /// A VPC with its main route table.
    fn vpc(&mut self, of: [u8; 2]) -> Result<(VpcId, RouteTableId), Error> {
        let vpc = self.world.create_vpc(&mut self.context, block(of), "default")?;
        self.world.modify_vpc_attribute(&self.context, &vpc, VpcAttribute::DnsHostnames(true))?;
        let main = self.world.route_tables.of_vpc(&vpc).find(|own| own.main.is_some()).map(|own| own.id.clone());
        main.map(|main| (vpc, main)).ok_or_else(|| Error::InvalidParameterValue("no main route table".to_owned()))
    }

    fn subnet(&mut self, vpc: &VpcId, [a, b]: [u8; 2], number: u8, zone: &str) -> Result<SubnetId, Error> {
        let cidr = Ipv4Cidr::new(Ipv4Addr::new(a, b, number, 0), 24);
        self.world.create_subnet(&mut self.context, vpc, cidr, Some(zone))
    }

    fn group(&mut self, vpc: &VpcId, name: &str) -> Result<SecurityGroupId, Error> {
        self.world.create_security_group(&mut self.context, vpc, name, name)
    }

    /// Lets TLS in.
    fn admit(&mut self, group: &SecurityGroupId, peer: Peer) -> Result<(), Error> {
        let ports = Some(PortRange { from: 443, to: 443 });
        let rule = NewRule::new(Direction::Ingress, IpProtocol::TCP, ports, peer, None)?;
        self.world.authorize(&mut self.context, group, vec![rule]).map(|_| ())
    }

    fn route(&mut self, table: &RouteTableId, to: Ipv4Cidr, target: RouteTarget) -> Result<(), Error> {
        let route = CreateRoute { table: table.clone(), destination: Destination::Cidr(to), target };
        self.world.create_route(&self.context, route)
    }

    /// An endpoint for a service.
    fn wanted(&self, vpc: &VpcId, service: &Service) -> CreateVpcEndpoint {
        let service = service.endpoint_name(self.context.scope.region);
        CreateVpcEndpoint { vpc: Some(vpc.clone()), service, ..CreateVpcEndpoint::default() }
    }
}

/// The /16 that begins so.
const fn block([a, b]: [u8; 2]) -> Ipv4Cidr {
    Ipv4Cidr::new(Ipv4Addr::new(a, b, 0, 0), 16)
}
