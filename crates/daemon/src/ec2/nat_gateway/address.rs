//! AssociateNatGatewayAddress, DisassociateNatGatewayAddress, AssignPrivateNatGatewayAddress,
//! UnassignPrivateNatGatewayAddress; and how addresses of NAT gateways are shown.

use std::net::Ipv4Addr;

use sidegate_model::{
    AssignNatAddresses, AssociateNatAddresses, Connectivity, DrainDuration, NatGateway, NatGatewayAddress,
    NatGatewayId, NatGatewayState, Scope, World, Zone,
};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{self, arn};
use super::super::parameter::absent;
use super::super::{fault, refused};
use super::{KIND, NO_REGIONAL};

/// The most private addresses that a request may ask for by their number.
///
/// Source: EC2 API reference, `AssignPrivateNatGatewayAddress`.
const MOST: i32 = 31;

impl Action for ec2::AssociateNatGatewayAddressRequest {
    type Answer = ec2::AssociateNatGatewayAddressResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        let allocations = self.allocation_ids.iter().map(|id| arn(scope, "elastic-ip", id));
        gateway(scope, self.nat_gateway_id.as_deref()).into_iter().chain(allocations).collect()
    }

    async fn act(self, call: &Call<'_>) -> Result<Self::Answer, Failure> {
        let id: NatGatewayId = ids::given(self.nat_gateway_id.as_deref(), "NatGatewayId")?;
        let zone = [("AvailabilityZone", &self.availability_zone), ("AvailabilityZoneId", &self.availability_zone_id)];
        if let Some((name, _)) = zone.into_iter().find(|(_, given)| given.is_some()) {
            return Err(absent(name, NO_REGIONAL));
        }
        let (allocations, private) = (ids::ids(&self.allocation_ids)?, addresses(&self.private_ip_addresses)?);
        let wanted = AssociateNatAddresses { allocations, private };
        let name = id.to_string();
        let shown = call.change(move |world, context| {
            let added = world.associate_nat_gateway_address(context, &id, &wanted)?;
            Ok(begun(world, world.nat_gateway(&context.scope, &id)?, &added, "associating"))
        });
        let nat_gateway_addresses = shown.await?;
        Ok(ec2::AssociateNatGatewayAddressResult { nat_gateway_id: Some(name), nat_gateway_addresses })
    }
}

impl Action for ec2::DisassociateNatGatewayAddressRequest {
    type Answer = ec2::DisassociateNatGatewayAddressResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        gateway(scope, self.nat_gateway_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<Self::Answer, Failure> {
        let id: NatGatewayId = ids::given(self.nat_gateway_id.as_deref(), "NatGatewayId")?;
        let (associations, duration) = (ids::ids(&self.association_ids)?, duration(self.max_drain_duration_seconds)?);
        let name = id.to_string();
        let shown = call.change(move |world, context| {
            let draining = world.disassociate_nat_gateway_address(context, &id, &associations, duration)?;
            let gateway = world.nat_gateway(&context.scope, &id)?;
            Ok(draining.iter().map(|address| shown(world, gateway, address)).collect())
        });
        let nat_gateway_addresses = shown.await?;
        Ok(ec2::DisassociateNatGatewayAddressResult { nat_gateway_id: Some(name), nat_gateway_addresses })
    }
}

impl Action for ec2::AssignPrivateNatGatewayAddressRequest {
    type Answer = ec2::AssignPrivateNatGatewayAddressResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        gateway(scope, self.nat_gateway_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<Self::Answer, Failure> {
        let id: NatGatewayId = ids::given(self.nat_gateway_id.as_deref(), "NatGatewayId")?;
        let count = count("PrivateIpAddressCount", self.private_ip_address_count)?;
        let wanted = AssignNatAddresses { private: addresses(&self.private_ip_addresses)?, count };
        let name = id.to_string();
        let shown = call.change(move |world, context| {
            let added = world.assign_private_nat_gateway_address(context, &id, &wanted)?;
            Ok(begun(world, world.nat_gateway(&context.scope, &id)?, &added, "assigning"))
        });
        let nat_gateway_addresses = shown.await?;
        Ok(ec2::AssignPrivateNatGatewayAddressResult { nat_gateway_id: Some(name), nat_gateway_addresses })
    }
}

impl Action for ec2::UnassignPrivateNatGatewayAddressRequest {
    type Answer = ec2::UnassignPrivateNatGatewayAddressResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        gateway(scope, self.nat_gateway_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<Self::Answer, Failure> {
        let id: NatGatewayId = ids::given(self.nat_gateway_id.as_deref(), "NatGatewayId")?;
        let (private, duration) = (addresses(&self.private_ip_addresses)?, duration(self.max_drain_duration_seconds)?);
        let name = id.to_string();
        let shown = call.change(move |world, context| {
            let draining = world.unassign_private_nat_gateway_address(context, &id, &private, duration)?;
            let gateway = world.nat_gateway(&context.scope, &id)?;
            Ok(draining.iter().map(|address| shown(world, gateway, address)).collect())
        });
        let nat_gateway_addresses = shown.await?;
        Ok(ec2::UnassignPrivateNatGatewayAddressResult { nat_gateway_id: Some(name), nat_gateway_addresses })
    }
}

fn gateway(scope: &Scope, id: Option<&str>) -> Vec<String> {
    vec![arn(scope, KIND, id.unwrap_or("*"))]
}

/// A private address of a request.
pub(super) fn ipv4(text: &str) -> Result<Ipv4Addr, Failure> {
    text.parse().map_err(|_| {
        refused("InvalidParameterValue", format!("Value ({text}) for parameter privateIpAddress is invalid."))
    })
}

/// Private addresses of a request.
pub(super) fn addresses(texts: &[String]) -> Result<Vec<Ipv4Addr>, Failure> {
    texts.iter().map(|text| ipv4(text)).collect()
}

/// How many private addresses a request asks for; 0 if it does not say.
pub(super) fn count(parameter: &str, given: Option<i32>) -> Result<u32, Failure> {
    let Some(given) = given else { return Ok(0) };
    let valid = u32::try_from(given).ok().filter(|_| (1..=MOST).contains(&given));
    valid.ok_or_else(|| {
        let message = format!("Value ({given}) for parameter {parameter} is invalid. It must be from 1 to {MOST}.");
        refused("InvalidParameterValue", message)
    })
}

/// How long an address is to drain.
fn duration(seconds: Option<i32>) -> Result<DrainDuration, Failure> {
    let given = seconds.map(DrainDuration::of_seconds).transpose().map_err(|error| fault::of(&error))?;
    Ok(given.unwrap_or_default())
}

/// Addresses in the answer of the call that added them, where they are still on their way.
fn begun(
    world: &World, gateway: &NatGateway, added: &[NatGatewayAddress], status: &str,
) -> Vec<ec2::NatGatewayAddress> {
    let shown = added.iter().map(|address| shown(world, gateway, address));
    shown.map(|address| ec2::NatGatewayAddress { status: Some(status.to_owned()), ..address }).collect()
}

/// An address of a gateway as answers show it.
pub(super) fn shown(world: &World, gateway: &NatGateway, address: &NatGatewayAddress) -> ec2::NatGatewayAddress {
    let zone = world.subnets.get(&gateway.subnet).map(|subnet| subnet.zone);
    ec2::NatGatewayAddress {
        allocation_id: address.allocation.as_ref().map(ToString::to_string),
        association_id: address.association.as_ref().map(ToString::to_string),
        network_interface_id: gateway.interface.as_ref().map(ToString::to_string),
        private_ip: address.private.as_ref().map(ToString::to_string),
        public_ip: address.public.as_ref().map(ToString::to_string),
        is_primary: Some(gateway.addresses.first() == Some(address)),
        status: status(gateway, address).map(str::to_owned),
        failure_message: match &gateway.state {
            NatGatewayState::Failed { message, .. } => Some(message.clone()),
            NatGatewayState::Available | NatGatewayState::Deleted => None,
        },
        availability_zone: zone.map(Zone::name),
        availability_zone_id: zone.map(Zone::id),
    }
}

fn status(gateway: &NatGateway, address: &NatGatewayAddress) -> Option<&'static str> {
    match (&gateway.state, address.draining, gateway.connectivity) {
        (NatGatewayState::Deleted, ..) => None,
        (NatGatewayState::Failed { .. }, ..) => Some("failed"),
        (NatGatewayState::Available, None, _) => Some("succeeded"),
        (NatGatewayState::Available, Some(_), Connectivity::Public) => Some("disassociating"),
        (NatGatewayState::Available, Some(_), Connectivity::Private) => Some("unassigning"),
    }
}
