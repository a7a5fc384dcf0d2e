//! The further addresses of network interfaces.
//!
//! Source: EC2 API reference, `AssignPrivateIpAddresses`, `UnassignPrivateIpAddresses`, `AssignIpv6Addresses`,
//! `UnassignIpv6Addresses`.

use std::net::{Ipv4Addr, Ipv6Addr};

use sidegate_model::{AssignPrivateAddresses, Attachment, NetworkInterfaceId, Scope, World};
use sidegate_wire::ec2::{
    AssignIpv6AddressesRequest, AssignIpv6AddressesResult, AssignPrivateIpAddressesRequest,
    AssignPrivateIpAddressesResult, AssignedPrivateIpAddress, Return, UnassignIpv6AddressesRequest,
    UnassignIpv6AddressesResult, UnassignPrivateIpAddressesRequest,
};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{arn, given};
use super::super::{fault, refused};
use super::create::{count, ipv4, ipv6, limits};

fn no_prefixes(prefixes: &[String], count: Option<i32>) -> Result<(), Failure> {
    if prefixes.is_empty() && count.is_none_or(|count| count == 0) {
        return Ok(());
    }
    Err(fault::unsupported("Sidegate does not delegate prefixes to network interfaces."))
}

fn resource(scope: &Scope, id: Option<&str>) -> Vec<String> {
    vec![arn(scope, "network-interface", id.unwrap_or("*"))]
}

/// Refuses addresses together with their number, and neither of them.
fn one_way<T>(addresses: &[T], count: Option<i32>, list: &str, number: &str) -> Result<(), Failure> {
    match (addresses.is_empty(), count) {
        (false, Some(_)) => {
            let message = format!("The parameter {number} cannot be used with the parameter {list}");
            Err(refused("InvalidParameterCombination", message))
        }
        (true, None) => {
            let message = format!("Either the parameter {list} or {number} must be specified");
            Err(refused("MissingParameter", message))
        }
        _ => Ok(()),
    }
}

/// How many addresses an interface can have, if an instance has it.
fn limit(world: &World, id: &NetworkInterfaceId) -> Option<usize> {
    let Attachment::Instance { instance, .. } = &world.interfaces.get(id)?.attachment else { return None };
    world.instances.get(instance).map(|instance| limits(&instance.instance_type).addresses)
}

impl Action for AssignPrivateIpAddressesRequest {
    type Answer = AssignPrivateIpAddressesResult;

    fn dry_run(&self) -> Option<bool> {
        None
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        resource(scope, self.network_interface_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<AssignPrivateIpAddressesResult, Failure> {
        let id: NetworkInterfaceId = given(self.network_interface_id.as_deref(), "NetworkInterfaceId")?;
        no_prefixes(&self.ipv4_prefixes, self.ipv4_prefix_count)?;
        let number = self.secondary_private_ip_address_count;
        one_way(&self.private_ip_addresses, number, "privateIpAddresses", "secondaryPrivateIpAddressCount")?;
        let addresses: Result<Vec<Ipv4Addr>, _> =
            self.private_ip_addresses.iter().map(|text| ipv4("privateIpAddresses", text)).collect();
        let wanted = AssignPrivateAddresses {
            addresses: addresses?,
            count: count("secondaryPrivateIpAddressCount", number)?.unwrap_or_default(),
            reassign: self.allow_reassignment == Some(true),
        };
        let whose = id.clone();
        let got = call.change(move |world, context| {
            let limit = limit(world, &id);
            world.assign_private_addresses(context, &id, &wanted, limit)
        });
        let shown = |address: Ipv4Addr| AssignedPrivateIpAddress { private_ip_address: Some(address.to_string()) };
        Ok(AssignPrivateIpAddressesResult {
            assigned_private_ip_addresses: got.await?.into_iter().map(shown).collect(),
            network_interface_id: Some(whose.to_string()),
            ..AssignPrivateIpAddressesResult::default()
        })
    }
}

impl Action for UnassignPrivateIpAddressesRequest {
    type Answer = Return;

    fn dry_run(&self) -> Option<bool> {
        None
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        resource(scope, self.network_interface_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<Return, Failure> {
        let id: NetworkInterfaceId = given(self.network_interface_id.as_deref(), "NetworkInterfaceId")?;
        no_prefixes(&self.ipv4_prefixes, None)?;
        if self.private_ip_addresses.is_empty() {
            return Err(refused("MissingParameter", "The request must contain the parameter privateIpAddresses"));
        }
        let addresses: Result<Vec<Ipv4Addr>, _> =
            self.private_ip_addresses.iter().map(|text| ipv4("privateIpAddresses", text)).collect();
        let addresses = addresses?;
        call.change(move |world, context| world.unassign_private_addresses(context, &id, &addresses)).await?;
        Ok(Return)
    }
}

impl Action for AssignIpv6AddressesRequest {
    type Answer = AssignIpv6AddressesResult;

    fn dry_run(&self) -> Option<bool> {
        None
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        resource(scope, self.network_interface_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<AssignIpv6AddressesResult, Failure> {
        let id: NetworkInterfaceId = given(self.network_interface_id.as_deref(), "NetworkInterfaceId")?;
        no_prefixes(&self.ipv6_prefixes, self.ipv6_prefix_count)?;
        one_way(&self.ipv6_addresses, self.ipv6_address_count, "ipv6Addresses", "ipv6AddressCount")?;
        let addresses: Result<Vec<Ipv6Addr>, _> = self.ipv6_addresses.iter().map(|text| ipv6(text)).collect();
        let (addresses, number) = (addresses?, count("ipv6AddressCount", self.ipv6_address_count)?.unwrap_or_default());
        let whose = id.clone();
        let got = call.change(move |world, context| world.assign_ipv6_addresses(context, &id, &addresses, number));
        Ok(AssignIpv6AddressesResult {
            assigned_ipv6_addresses: got.await?.iter().map(Ipv6Addr::to_string).collect(),
            network_interface_id: Some(whose.to_string()),
            ..AssignIpv6AddressesResult::default()
        })
    }
}

impl Action for UnassignIpv6AddressesRequest {
    type Answer = UnassignIpv6AddressesResult;

    fn dry_run(&self) -> Option<bool> {
        None
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        resource(scope, self.network_interface_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<UnassignIpv6AddressesResult, Failure> {
        let id: NetworkInterfaceId = given(self.network_interface_id.as_deref(), "NetworkInterfaceId")?;
        no_prefixes(&self.ipv6_prefixes, None)?;
        if self.ipv6_addresses.is_empty() {
            return Err(refused("MissingParameter", "The request must contain the parameter ipv6Addresses"));
        }
        let addresses: Result<Vec<Ipv6Addr>, _> = self.ipv6_addresses.iter().map(|text| ipv6(text)).collect();
        let addresses = addresses?;
        let (whose, gone) = (id.clone(), addresses.clone());
        call.change(move |world, context| world.unassign_ipv6_addresses(context, &id, &addresses)).await?;
        Ok(UnassignIpv6AddressesResult {
            network_interface_id: Some(whose.to_string()),
            unassigned_ipv6_addresses: gone.iter().map(Ipv6Addr::to_string).collect(),
            ..UnassignIpv6AddressesResult::default()
        })
    }
}
