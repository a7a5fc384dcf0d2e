//! The default VPC: CreateDefaultVpc, CreateDefaultSubnet, and what calls that name no VPC get of it.
//!
//! Source: VPC user guide, "Default VPCs"; EC2 API reference, CreateDefaultVpc, CreateDefaultSubnet.

#[cfg(test)]
mod tests;

use sidegate_model::{Scope, SecurityGroupId, Subnet, Vpc, World, Zone};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::ids::arn;
use super::parameter::absent;
use super::{refused, subnet, vpc};

impl Action for ec2::CreateDefaultVpcRequest {
    type Answer = ec2::CreateDefaultVpcResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "vpc", "*")]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::CreateDefaultVpcResult, Failure> {
        let made = call
            .change(move |world, context| {
                let id = world.create_default_vpc(context)?;
                Ok(vpc::created(vpc::render(world, world.vpc(&context.scope, &id)?)))
            })
            .await?;
        Ok(ec2::CreateDefaultVpcResult { vpc: Some(made) })
    }
}

impl Action for ec2::CreateDefaultSubnetRequest {
    type Answer = ec2::CreateDefaultSubnetResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "subnet", "*")]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::CreateDefaultSubnetResult, Failure> {
        if self.ipv6_native == Some(true) {
            return Err(absent("Ipv6Native", "every subnet in Sidegate has an IPv4 block"));
        }
        let (name, id) = (self.availability_zone.as_deref(), self.availability_zone_id.as_deref());
        let Some(zone) = subnet::zone(call.scope().region, name, id)? else {
            let message = "The request must contain the parameter availabilityZone or availabilityZoneId";
            return Err(refused("MissingParameter", message));
        };
        let made = call
            .change(move |world, context| {
                let zone = Zone::find(context.scope.region, &zone)?;
                let id = world.create_default_subnet(context, zone)?;
                Ok(subnet::render(world, world.subnet(&context.scope, &id)?))
            })
            .await?;
        Ok(ec2::CreateDefaultSubnetResult { subnet: Some(made) })
    }
}

/// The default VPC, for a call that names none.
///
/// # Errors
/// `VPCIdNotSpecified` if there is none.
pub(super) fn of<'w>(world: &'w World, scope: &Scope) -> Result<&'w Vpc, Failure> {
    world.default_vpc(scope).ok_or_else(|| refused("VPCIdNotSpecified", "No default VPC for this user"))
}

/// The default subnet of a zone, given by name or id, or of the first zone that has one.
///
/// # Errors
/// `MissingInput` if there is none; see row NET-8 of docs/claims.md.
pub(super) fn subnet_in<'w>(world: &'w World, vpc: &Vpc, zone: Option<&str>) -> Result<&'w Subnet, Failure> {
    let subnets = world.default_subnets(&vpc.id);
    let is_there = |subnet: &&Subnet| zone.is_none_or(|zone| subnet.zone.name() == zone || subnet.zone.id() == zone);
    subnets.into_iter().find(is_there).ok_or_else(|| {
        let message = match zone {
            Some(zone) => format!("No default subnet for availability zone: '{zone}'."),
            None => {
                format!("No subnets found for the default VPC '{}'. Please specify a subnet.", vpc.id)
            }
        };
        refused("MissingInput", message)
    })
}

/// The group of this name in the default VPC.
///
/// # Errors
/// `InvalidGroup.NotFound`.
pub(super) fn group(world: &World, vpc: &Vpc, name: &str) -> Result<SecurityGroupId, Failure> {
    let mut groups = world.security_groups.iter().filter(|group| group.vpc == vpc.id);
    groups.find(|group| group.name.as_str() == name).map(|group| group.id.clone()).ok_or_else(|| {
        let message = format!("The security group '{name}' does not exist in default VPC '{}'", vpc.id);
        refused("InvalidGroup.NotFound", message)
    })
}

/// Fills in what a launch says nothing of: the subnet, and its groups if they are given by name. A launch that names
/// its subnet, or for which there is no default VPC, stays as it is.
pub(super) fn complete(request: &mut ec2::RunInstancesRequest, world: &World, scope: &Scope) -> Result<(), Failure> {
    let is_given = |id: &Option<String>| id.as_ref().is_some_and(|id| !id.is_empty());
    let Some(vpc) = world.default_vpc(scope) else { return Ok(()) };
    let zone = request.placement.as_ref().and_then(|placement| {
        let given = [&placement.availability_zone, &placement.availability_zone_id];
        given.into_iter().flatten().find(|zone| !zone.is_empty()).cloned()
    });
    match request.network_interfaces.first_mut() {
        Some(interface) if !is_given(&interface.subnet_id) && !is_given(&interface.network_interface_id) => {
            interface.subnet_id = Some(subnet_in(world, vpc, zone.as_deref())?.id.to_string());
        }
        None if !is_given(&request.subnet_id) => {
            for name in std::mem::take(&mut request.security_groups) {
                request.security_group_ids.push(group(world, vpc, &name)?.to_string());
            }
            request.subnet_id = Some(subnet_in(world, vpc, zone.as_deref())?.id.to_string());
        }
        _ => {}
    }
    Ok(())
}
