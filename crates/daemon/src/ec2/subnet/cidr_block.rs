//! The IPv6 block of a subnet: AssociateSubnetCidrBlock, DisassociateSubnetCidrBlock.

use std::borrow::Cow;

use sidegate_model::{Ipv6Cidr, Scope, Subnet, SubnetCidrAssociationId, SubnetId};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::filter::one;
use super::super::ids::{self, arn};
use super::super::parameter::{self, absent};
use super::super::refused;

/// The state of a block that a subnet has: a change is applied before it is answered.
const ASSOCIATED: &str = "associated";

/// The IPv6 block of a subnet as answers show it.
pub(super) fn shown(subnet: &Subnet) -> Vec<ec2::SubnetIpv6CidrBlockAssociation> {
    subnet.ipv6_cidr.iter().map(|block| render(&block.id, block.cidr, ASSOCIATED)).collect()
}

fn render(id: &SubnetCidrAssociationId, cidr: Ipv6Cidr, state: &str) -> ec2::SubnetIpv6CidrBlockAssociation {
    ec2::SubnetIpv6CidrBlockAssociation {
        association_id: Some(id.to_string()),
        ipv6_cidr_block: Some(cidr.to_string()),
        ipv6_cidr_block_state: Some(ec2::SubnetCidrBlockState { state: Some(state.to_owned()), status_message: None }),
        ipv6_address_attribute: Some("public".to_owned()),
        ip_source: Some("amazon".to_owned()),
    }
}

/// The values that a subnet has under a filter about its IPv6 block.
pub(super) fn values<'r>(subnet: &'r Subnet, filter: &str) -> Option<Vec<Cow<'r, str>>> {
    let part = filter.strip_prefix("ipv6-cidr-block-association.")?;
    let Some(block) = &subnet.ipv6_cidr else { return Some(Vec::new()) };
    Some(match part {
        "association-id" => one(block.id.as_str()),
        "ipv6-cidr-block" => one(block.cidr.to_string()),
        _ => one(ASSOCIATED),
    })
}

impl Action for ec2::AssociateSubnetCidrBlockRequest {
    type Answer = ec2::AssociateSubnetCidrBlockResult;

    fn dry_run(&self) -> Option<bool> {
        None
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "subnet", self.subnet_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::AssociateSubnetCidrBlockResult, Failure> {
        let subnet: SubnetId = ids::given(self.subnet_id.as_deref(), "SubnetId")?;
        if self.ipv6_ipam_pool_id.is_some() || self.ipv6_netmask_length.is_some() {
            return Err(absent("Ipv6IpamPoolId", "there are no address pools in Sidegate"));
        }
        let Some(text) = self.ipv6_cidr_block.as_deref() else {
            let message = "Either 'ipv6CidrBlock' or 'ipv6IpamPoolId' should be provided.";
            return Err(refused("MissingParameter", message));
        };
        let cidr = parameter::ipv6_cidr("ipv6CidrBlock", text)?;
        let subnet_id = Some(subnet.to_string());
        let id = call.change(move |world, context| world.associate_subnet_cidr_block(context, &subnet, cidr)).await?;
        Ok(ec2::AssociateSubnetCidrBlockResult {
            ipv6_cidr_block_association: Some(render(&id, cidr, "associating")),
            subnet_id,
        })
    }
}

impl Action for ec2::DisassociateSubnetCidrBlockRequest {
    type Answer = ec2::DisassociateSubnetCidrBlockResult;

    fn dry_run(&self) -> Option<bool> {
        None
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "subnet", "*")]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DisassociateSubnetCidrBlockResult, Failure> {
        let id: SubnetCidrAssociationId = ids::given(self.association_id.as_deref(), "AssociationId")?;
        let gone = id.clone();
        let (subnet, cidr) =
            call.change(move |world, context| world.disassociate_subnet_cidr_block(context, &gone)).await?;
        Ok(ec2::DisassociateSubnetCidrBlockResult {
            ipv6_cidr_block_association: Some(render(&id, cidr, "disassociating")),
            subnet_id: Some(subnet.to_string()),
        })
    }
}
