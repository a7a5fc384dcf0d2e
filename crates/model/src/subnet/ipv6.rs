//! The IPv6 block of a subnet.
//!
//! Source: VPC user guide, "Subnet CIDR blocks"; EC2 API reference, AssociateSubnetCidrBlock.

use serde::{Deserialize, Serialize};

use crate::{Context, Error, Ipv6Cidr, SubnetCidrAssociationId, SubnetId, VpcId, World};

/// The lengths that an IPv6 block of a subnet can have.
const LENGTHS: [u8; 6] = [44, 48, 52, 56, 60, 64];

/// The most IPv6 blocks of a subnet.
const LIMIT: usize = 1;

/// The IPv6 block of a subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetIpv6Cidr {
    /// The id of the association.
    pub id: SubnetCidrAssociationId,
    /// The block.
    pub cidr: Ipv6Cidr,
}

impl World {
    /// Gives a subnet an IPv6 block of its VPC's.
    ///
    /// # Errors
    /// `InvalidSubnet.Range` for a block of a length that is not offered or outside the VPC's, `InvalidSubnet.Conflict`
    /// for one that overlaps another subnet's, `CidrLimitExceeded` if the subnet has one.
    pub fn associate_subnet_cidr_block(
        &mut self, context: &mut Context<'_>, id: &SubnetId, cidr: Ipv6Cidr,
    ) -> Result<SubnetCidrAssociationId, Error> {
        let subnet = self.subnet(&context.scope, id)?;
        if subnet.ipv6_cidr.is_some() {
            return Err(Error::LimitExceeded {
                code: "CidrLimitExceeded",
                message: format!("This subnet '{id}' has met its maximum number of allowed CIDRs: {LIMIT}"),
            });
        }
        let vpc = subnet.vpc.clone();
        self.check_ipv6_block(&vpc, cidr)?;
        let association = SubnetCidrAssociationId::random(context.entropy);
        let block = SubnetIpv6Cidr { id: association.clone(), cidr };
        self.subnets.update(id, |subnet| subnet.ipv6_cidr = Some(block));
        Ok(association)
    }

    fn check_ipv6_block(&self, vpc: &VpcId, cidr: Ipv6Cidr) -> Result<(), Error> {
        let blocks = self.vpcs.get(vpc).map(|vpc| vpc.ipv6_cidrs.as_slice()).unwrap_or_default();
        if !LENGTHS.contains(&cidr.length()) || !blocks.iter().any(|block| block.cidr.covers(cidr)) {
            return Err(Error::InvalidSubnetRange(cidr.into()));
        }
        let taken = |s: &crate::Subnet| s.vpc == *vpc && s.ipv6_cidr.as_ref().is_some_and(|b| b.cidr.overlaps(cidr));
        if self.subnets.iter().any(taken) {
            return Err(Error::SubnetConflict(cidr.into()));
        }
        Ok(())
    }

    /// Takes its IPv6 block from a subnet: whose it was, and the block.
    ///
    /// # Errors
    /// `InvalidSubnetCidrBlockAssociationID.NotFound`; `InvalidCidrBlock.InUse` while new interfaces get an address of it,
    /// or one has one.
    pub fn disassociate_subnet_cidr_block(
        &mut self, context: &Context<'_>, id: &SubnetCidrAssociationId,
    ) -> Result<(SubnetId, Ipv6Cidr), Error> {
        let (subnet, cidr) = self
            .subnets
            .iter()
            .filter(|subnet| subnet.scope == context.scope)
            .find_map(|s| s.ipv6_cidr.as_ref().filter(|b| b.id == *id).map(|b| (s.id.clone(), b.cidr)))
            .ok_or_else(|| id.not_found())?;
        self.check_ipv6_block_is_free(id, &subnet)?;
        self.subnets.update(&subnet, |subnet| {
            subnet.ipv6_cidr = None;
        });
        Ok((subnet, cidr))
    }

    fn check_ipv6_block_is_free(&self, id: &SubnetCidrAssociationId, subnet: &SubnetId) -> Result<(), Error> {
        let why = if self.subnets.get(subnet).is_some_and(|subnet| subnet.ipv6_addresses) {
            "its subnet has assign-ipv6-address-on-creation set to true"
        } else if self.interfaces.iter().any(|other| other.subnet == *subnet && !other.ipv6.is_empty()) {
            "it has assigned IPv6 addresses"
        } else {
            return Ok(());
        };
        Err(Error::refused(
            "InvalidCidrBlock.InUse",
            format!("The subnet IPv6 CIDR block with association ID {id} may not be disassociated, because {why}."),
        ))
    }
}
