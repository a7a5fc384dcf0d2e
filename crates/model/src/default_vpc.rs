//! The VPC that every account has in each Region without having made it, with its subnets and its way to the internet.
//!
//! Source: VPC user guide, "Default VPCs", "Default VPC components", "Work with your default VPC and default subnets".

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{
    Context, CreateRoute, Destination, Entity, Error, Ipv4Cidr, RouteTarget, Scope, Subnet, SubnetAttribute, SubnetId,
    Vpc, VpcAttribute, VpcId, World, Zone,
};

/// The block of every default VPC.
const BLOCK: Ipv4Cidr = Ipv4Cidr::new(Ipv4Addr::new(172, 31, 0, 0), 16);

/// The length of a default subnet's block.
const SUBNET_LENGTH: u8 = 20;

/// A Region in which an account has had its default VPC. What it deletes of it is not made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedRegion {
    /// The account and the Region.
    pub scope: Scope,
}

impl Entity for OpenedRegion {
    type Id = Scope;
    const KIND: &'static str = "opened-region";

    fn id(&self) -> Scope {
        self.scope.clone()
    }

    fn key(&self) -> String {
        format!("{}/{}", self.scope.account, self.scope.region)
    }
}

impl World {
    /// Whether an account has had its default VPC in a Region.
    pub fn is_opened(&self, scope: &Scope) -> bool {
        self.opened_regions.get(scope).is_some()
    }

    /// Notes that an account has had its default VPC in a Region, so that it does not get one unasked.
    pub fn note_opened(&mut self, scope: &Scope) {
        self.opened_regions.insert(OpenedRegion { scope: scope.clone() });
    }

    /// Gives an account what AWS gives to every account in a Region: a default VPC. Only the first time, which is when
    /// the account first does something there: most accounts never use most Regions.
    ///
    /// # Errors
    /// If a quota is reached, as it may be in a world of a version that had no default VPCs.
    pub fn open_region(&mut self, context: &mut Context<'_>) -> Result<(), Error> {
        if self.is_opened(&context.scope) {
            return Ok(());
        }
        self.note_opened(&context.scope.clone());
        self.create_default_vpc(context).map(drop)
    }

    /// The default VPC of an account in a Region.
    pub fn default_vpc(&self, scope: &Scope) -> Option<&Vpc> {
        self.vpcs.iter().find(|vpc| vpc.is_default && vpc.scope == *scope)
    }

    /// The default subnets of a VPC, in the order of their zones.
    pub fn default_subnets(&self, vpc: &VpcId) -> Vec<&Subnet> {
        let mut subnets: Vec<_> = self.subnets.of_vpc(vpc).filter(|s| s.is_default).collect();
        subnets.sort_by_key(|subnet| subnet.zone);
        subnets
    }

    /// Makes a default VPC with a default subnet in each zone, an internet gateway, and the route to it.
    ///
    /// # Errors
    /// `DefaultVpcAlreadyExists`; `VpcLimitExceeded` and the like if a quota is reached.
    pub fn create_default_vpc(&mut self, context: &mut Context<'_>) -> Result<VpcId, Error> {
        if self.default_vpc(&context.scope).is_some() {
            return Err(Error::DefaultVpcExists);
        }
        let id = self.create_vpc(context, BLOCK, "default")?;
        self.vpcs.update(&id, |vpc| vpc.is_default = true);
        self.modify_vpc_attribute(context, &id, VpcAttribute::DnsHostnames(true))?;
        for zone in context.scope.region.zones() {
            self.create_default_subnet(context, zone)?;
        }
        let gateway = self.create_internet_gateway(context)?;
        self.attach_internet_gateway(context, &gateway, &id)?;
        let main = self.route_tables.of_vpc(&id).find(|t| t.main.is_some()).map(|t| t.id.clone());
        if let Some(table) = main {
            let destination = Destination::Cidr(Ipv4Cidr::ANY);
            let target = RouteTarget::InternetGateway(gateway);
            self.create_route(context, CreateRoute { table, destination, target })?;
        }
        Ok(id)
    }

    /// Makes the default subnet of a zone, in the first part of the default VPC's block that is free.
    ///
    /// # Errors
    /// `DefaultVpcDoesNotExist`, `DefaultSubnetAlreadyExistsInAvailabilityZone`, `InvalidSubnet.Conflict` if no part of
    /// the right size is free.
    pub fn create_default_subnet(&mut self, context: &mut Context<'_>, zone: Zone) -> Result<SubnetId, Error> {
        let vpc = self.default_vpc(&context.scope).ok_or(Error::NoDefaultVpc)?;
        if let Some(present) = self.default_subnets(&vpc.id).into_iter().find(|subnet| subnet.zone == zone) {
            return Err(Error::DefaultSubnetExists { subnet: present.id.clone(), zone: zone.name() });
        }
        let (vpc, range) = (vpc.id.clone(), vpc.cidr);
        let taken: Vec<_> = self.subnets.of_vpc(&vpc).map(|s| s.cidr).collect();
        let size = 1_u32 << (32 - SUBNET_LENGTH);
        let mut parts = (0..).map_while(|n: u32| range.nth(n * size)).map(|first| Ipv4Cidr::new(first, SUBNET_LENGTH));
        let block = parts.find(|part| !taken.iter().any(|block| block.overlaps(*part)));
        let block = block.ok_or(Error::SubnetConflict(Ipv4Cidr::new(range.first(), SUBNET_LENGTH).into()))?;
        let id = self.create_subnet(context, &vpc, block, Some(&zone.name()))?;
        self.subnets.update(&id, |subnet| subnet.is_default = true);
        self.modify_subnet_attribute(context, &id, SubnetAttribute::PublicAddresses(true))?;
        Ok(id)
    }
}
