//! The blocks of a VPC: its primary one, further IPv4 blocks, and an IPv6 block.
//!
//! Source: VPC user guide, "VPC CIDR blocks", "IPv4 CIDR block association restrictions", "Amazon VPC quotas"; EC2 API
//! reference, AssociateVpcCidrBlock.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::{Vpc, check_size};
use crate::{Context, Destination, Error, IpCidr, Ipv4Cidr, Ipv6Cidr, RouteTarget, VpcCidrAssociationId, VpcId, World};

/// The most IPv4 blocks of a VPC, the primary one included.
const IPV4_LIMIT: usize = 5;

/// The most IPv6 blocks of a VPC: one for each network border group, and a Region is one.
const IPV6_LIMIT: usize = 1;

/// The length of the IPv6 block that AWS gives.
const IPV6_LENGTH: u8 = 56;

/// The private ranges of RFC 1918.
const PRIVATE: [Ipv4Cidr; 3] = [
    Ipv4Cidr::new(Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Cidr::new(Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Cidr::new(Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// What no VPC gets beside a block of 172.16.0.0/12.
const DEFAULT_VPC: Ipv4Cidr = Ipv4Cidr::new(Ipv4Addr::new(172, 31, 0, 0), 16);

/// What a VPC with a block of the wider range does not get of the narrower.
const FIRST_OF_TEN: [Ipv4Cidr; 2] =
    [Ipv4Cidr::new(Ipv4Addr::new(10, 0, 0, 0), 15), Ipv4Cidr::new(Ipv4Addr::new(10, 0, 0, 0), 16)];

/// A block that is associated with a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcCidrBlock<T> {
    /// The id of the association.
    pub id: VpcCidrAssociationId,
    /// The block.
    pub cidr: T,
}

impl Vpc {
    /// Its IPv4 blocks, the primary one first.
    pub fn cidrs(&self) -> impl Iterator<Item = Ipv4Cidr> {
        std::iter::once(self.cidr).chain(self.secondary_cidrs.iter().map(|block| block.cidr))
    }

    /// Its IPv4 blocks with their associations, the primary one first; its id follows from the VPC's.
    pub fn cidr_blocks(&self) -> Vec<VpcCidrBlock<Ipv4Cidr>> {
        let id = VpcCidrAssociationId::derived(self.id.as_str().trim_start_matches(VpcId::PREFIX));
        let primary = VpcCidrBlock { id, cidr: self.cidr };
        std::iter::once(primary).chain(self.secondary_cidrs.iter().cloned()).collect()
    }

    /// Whether one of its IPv4 blocks holds the whole of another block.
    pub fn covers(&self, cidr: Ipv4Cidr) -> bool {
        self.cidrs().any(|block| block.covers(cidr))
    }

    /// Whether a further block may not stand beside those that it has.
    fn is_restricted(&self, cidr: Ipv4Cidr) -> bool {
        let range_of = |block: Ipv4Cidr| PRIVATE.iter().position(|range| range.covers(block));
        let (mine, other) = (range_of(self.cidr), range_of(cidr));
        let [wider, narrower] = FIRST_OF_TEN;
        (other.is_some() && mine != other)
            || (mine == Some(1) && DEFAULT_VPC.overlaps(cidr))
            || (narrower.overlaps(cidr) && self.cidrs().any(|block| wider.overlaps(block)))
    }
}

impl World {
    /// Gives a VPC a further IPv4 block.
    ///
    /// # Errors
    /// `InvalidVpc.Range` for a block that cannot be a VPC's, overlaps one that it or a peer VPC has, may not stand beside them, or
    /// is as large as or larger than the destination of a route; `CidrLimitExceeded` for the sixth.
    pub fn associate_vpc_cidr_block(
        &mut self, context: &mut Context<'_>, id: &VpcId, cidr: Ipv4Cidr,
    ) -> Result<VpcCidrAssociationId, Error> {
        let vpc = self.vpc(&context.scope, id)?;
        check_size(cidr)?;
        if vpc.cidrs().count() >= IPV4_LIMIT {
            return Err(limit(id, IPV4_LIMIT));
        }
        if vpc.cidrs().any(|block| block.overlaps(cidr)) {
            return Err(Error::VpcCidrConflict(cidr));
        }
        if vpc.is_restricted(cidr) || self.is_block_beyond(id, cidr) {
            return Err(Error::VpcCidrRestricted(cidr));
        }
        let is_routed = |route: &crate::Route| match route.destination {
            Destination::Cidr(there) => route.target != RouteTarget::Local && cidr.covers(there),
            _ => false,
        };
        if self.route_tables.iter().any(|t| t.vpc == *id && t.routes.iter().any(is_routed)) {
            return Err(Error::VpcCidrRestricted(cidr));
        }
        let association = VpcCidrAssociationId::random(context.entropy);
        let block = VpcCidrBlock { id: association.clone(), cidr };
        self.vpcs.update(id, |vpc| vpc.secondary_cidrs.push(block));
        Ok(association)
    }

    /// Gives a VPC an IPv6 block out of its Region's. The default network ACL and the default group let all IPv6
    /// through, where they still let all IPv4 through as they did at first.
    ///
    /// # Errors
    /// `CidrLimitExceeded` if it has one.
    pub fn associate_vpc_ipv6_cidr_block(
        &mut self, context: &mut Context<'_>, id: &VpcId,
    ) -> Result<VpcCidrAssociationId, Error> {
        let vpc = self.vpc(&context.scope, id)?;
        if vpc.ipv6_cidrs.len() >= IPV6_LIMIT {
            return Err(limit(id, IPV6_LIMIT));
        }
        let acl = vpc.network_acl.clone();
        let cidr = self.free_ipv6_block(context)?;
        let association = VpcCidrAssociationId::random(context.entropy);
        let block = VpcCidrBlock { id: association.clone(), cidr };
        self.vpcs.update(id, |vpc| vpc.ipv6_cidrs.push(block));
        self.network_acls.update(&acl, crate::NetworkAcl::let_ipv6_through);
        if let Some(group) = self.default_group(id).map(|group| group.id.clone()) {
            self.security_groups.update(&group, |group| group.let_ipv6_out(context));
        }
        Ok(association)
    }

    /// A block of the Region's that no VPC has.
    fn free_ipv6_block(&self, context: &mut Context<'_>) -> Result<Ipv6Cidr, Error> {
        let range = context.scope.region.ipv6_block();
        let count = 1_u64 << (IPV6_LENGTH - range.length());
        let start = (context.entropy)();
        let taken = |block: &Ipv6Cidr| self.vpcs.iter().any(|vpc| vpc.ipv6_cidrs.iter().any(|b| b.cidr == *block));
        (0..count)
            .filter_map(|step| range.nth(u128::from(start.wrapping_add(step) % count) << (128 - IPV6_LENGTH)))
            .map(|first| Ipv6Cidr::new(first, IPV6_LENGTH))
            .find(|block| !taken(block))
            .ok_or_else(|| Error::limit("CidrLimitExceeded", "IPv6 CIDR blocks of a Region"))
    }

    /// Takes a block from a VPC: whose it was, and the block.
    ///
    /// # Errors
    /// `InvalidVpcCidrBlockAssociationID.NotFound`, `OperationNotPermitted` for the primary block,
    /// `DependencyViolation` while a subnet lies in the block.
    pub fn disassociate_vpc_cidr_block(
        &mut self, context: &Context<'_>, id: &VpcCidrAssociationId,
    ) -> Result<(VpcId, IpCidr), Error> {
        let holds = |vpc: &Vpc| {
            let ipv4 = vpc.cidr_blocks().into_iter().find(|b| b.id == *id).map(|b| IpCidr::V4(b.cidr));
            ipv4.or_else(|| vpc.ipv6_cidrs.iter().find(|b| b.id == *id).map(|b| IpCidr::V6(b.cidr)))
        };
        let (vpc, cidr) = self
            .vpcs
            .iter()
            .filter(|vpc| vpc.scope == context.scope)
            .find_map(|vpc| holds(vpc).map(|cidr| (vpc, cidr)))
            .ok_or_else(|| id.not_found())?;
        if cidr == IpCidr::V4(vpc.cidr) {
            return Err(Error::OperationNotPermitted(format!(
                "The vpc CIDR block with association ID {id} may not be disassociated. It is the primary IPv4 CIDR \
                 block of the VPC"
            )));
        }
        let vpc = vpc.id.clone();
        let in_use = self.subnets.of_vpc(&vpc).any(|subnet| match cidr {
            IpCidr::V4(block) => block.covers(subnet.cidr),
            IpCidr::V6(block) => subnet.ipv6_cidr.as_ref().is_some_and(|b| block.covers(b.cidr)),
        });
        if in_use {
            return Err(Error::DependencyViolation(format!(
                "The vpc CIDR block with association ID {id} has dependencies and cannot be disassociated."
            )));
        }
        self.vpcs.update(&vpc, |vpc| {
            vpc.secondary_cidrs.retain(|b| b.id != *id);
            vpc.ipv6_cidrs.retain(|b| b.id != *id);
        });
        Ok((vpc, cidr))
    }
}

fn limit(id: &VpcId, most: usize) -> Error {
    Error::LimitExceeded {
        code: "CidrLimitExceeded",
        message: format!("This network '{id}' has met its maximum number of allowed CIDRs: {most}"),
    }
}
