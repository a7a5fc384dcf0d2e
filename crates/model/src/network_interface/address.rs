//! The secondary private addresses and the IPv6 addresses of network interfaces.
//!
//! Source: EC2 API reference, `AssignPrivateIpAddresses`, `UnassignPrivateIpAddresses`, `AssignIpv6Addresses`,
//! `UnassignIpv6Addresses`; EC2 user guide, "Secondary IP addresses for your EC2 instances".

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::{Context, Error, Ipv6Cidr, NetworkInterfaceId, Subnet, World};

/// What an interface is to have beside its primary address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecondaryAddresses {
    /// These addresses.
    pub ipv4: Vec<Ipv4Addr>,
    /// So many more.
    pub ipv4_count: u32,
    /// These IPv6 addresses.
    pub ipv6: Vec<Ipv6Addr>,
    /// So many more of IPv6; as the subnet says if nothing is said.
    pub ipv6_count: Option<u32>,
}

impl SecondaryAddresses {
    /// Whether certain addresses are wanted, which only one interface can have.
    pub fn is_certain(&self) -> bool {
        !self.ipv4.is_empty() || !self.ipv6.is_empty()
    }
}

/// Which secondary addresses an interface is to get.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignPrivateAddresses {
    /// These addresses.
    pub addresses: Vec<Ipv4Addr>,
    /// So many free ones.
    pub count: u32,
    /// Whether an address is taken from another interface that has it as a secondary one.
    pub reassign: bool,
}

/// How many IPv6 addresses of a subnet AWS keeps for itself at its start.
///
/// Source: VPC user guide, "Subnet CIDR blocks": the first four, and the last.
const IPV6_RESERVED: u128 = 4;

impl World {
    /// Gives a new interface what it is to have beside its primary address.
    pub(crate) fn assign_on_creation(
        &mut self, context: &mut Context<'_>, id: &NetworkInterfaceId, wanted: &SecondaryAddresses,
    ) -> Result<(), Error> {
        let subnet = self.subnet(&context.scope, &self.interface(&context.scope, id)?.subnet)?;
        let automatic = u32::from(subnet.ipv6_addresses && subnet.ipv6_cidr.is_some() && wanted.ipv6.is_empty());
        let count = wanted.ipv6_count.unwrap_or(automatic);
        self.take_addresses(context, id, &wanted.ipv4, wanted.ipv4_count)?;
        if count > 0 || !wanted.ipv6.is_empty() {
            self.take_ipv6_addresses(context, id, &wanted.ipv6, count)?;
        }
        Ok(())
    }

    /// Gives an interface these addresses, and so many more: which it got.
    pub(crate) fn take_addresses(
        &mut self, context: &Context<'_>, id: &NetworkInterfaceId, certain: &[Ipv4Addr], count: u32,
    ) -> Result<Vec<Ipv4Addr>, Error> {
        let subnet = self.subnet(&context.scope, &self.interface(&context.scope, id)?.subnet)?.clone();
        let wanted = certain.iter().copied().map(Some).chain((0..count).map(|_| None));
        let mut taken = Vec::new();
        for address in wanted {
            let address = self.free_address(&subnet, address)?;
            self.interfaces.update(id, |i| i.secondary.push(address));
            taken.push(address);
        }
        Ok(taken)
    }

    /// Gives an interface secondary private addresses: which it got. At most `limit` addresses are on one interface.
    ///
    /// # Errors
    /// `PrivateIpAddressLimitExceeded`; `InvalidParameterValue` for one that another interface has, unless it is a
    /// secondary one and may be taken away.
    pub fn assign_private_addresses(
        &mut self, context: &Context<'_>, id: &NetworkInterfaceId, wanted: &AssignPrivateAddresses,
        limit: Option<usize>,
    ) -> Result<Vec<Ipv4Addr>, Error> {
        let interface = self.interface(&context.scope, id)?;
        if interface.is_requester_managed() {
            return Err(Error::AuthFailure);
        }
        if wanted.addresses.contains(&interface.address) {
            return Err(Error::InvalidParameterValue(format!(
                "[{}] is the primary private IP address of {id}, and cannot be assigned as a secondary one.",
                interface.address
            )));
        }
        let (subnet, present) = (interface.subnet.clone(), interface.secondary.len() + 1);
        // What it has already it keeps.
        let new: Vec<_> =
            wanted.addresses.iter().copied().filter(|a| !interface.addresses().any(|b| b == *a)).collect();
        let count = usize::try_from(wanted.count).unwrap_or(usize::MAX);
        if limit.is_some_and(|limit| present.saturating_add(new.len()).saturating_add(count) > limit) {
            return Err(Error::LimitExceeded {
                code: "PrivateIpAddressLimitExceeded",
                message: "Number of private addresses will exceed limit.".to_owned(),
            });
        }
        let holders: Vec<_> = self
            .interfaces
            .iter()
            .filter(|other| other.subnet == subnet && other.id != *id)
            .flat_map(|other| {
                new.iter().filter(|a| other.addresses().any(|b| b == **a)).map(|a| (other.id.clone(), *a))
            })
            .collect();
        for (other, address) in holders {
            let movable = self
                .interfaces
                .get(&other)
                .is_some_and(|i| wanted.reassign && i.secondary.contains(&address) && !i.is_requester_managed());
            if !movable {
                return Err(Error::InvalidParameterValue(format!(
                    "[{address}] are assigned, but move is not allowed."
                )));
            }
            self.unassign_private_addresses(context, &other, &[address])?;
        }
        let taken = self.take_addresses(context, id, &new, wanted.count)?;
        let kept = wanted.addresses.iter().copied().filter(|address| !new.contains(address));
        Ok(kept.chain(taken).collect())
    }

    /// Takes secondary private addresses from an interface, and with them their public ones.
    ///
    /// # Errors
    /// `InvalidParameterValue` for a primary address and for one that it has not.
    pub fn unassign_private_addresses(
        &mut self, context: &Context<'_>, id: &NetworkInterfaceId, addresses: &[Ipv4Addr],
    ) -> Result<(), Error> {
        let interface = self.interface(&context.scope, id)?;
        if interface.is_requester_managed() {
            return Err(Error::AuthFailure);
        }
        for address in addresses {
            if interface.address == *address {
                return Err(Error::InvalidParameterValue(format!(
                    "The primary private IP address {address} of {id} cannot be unassigned."
                )));
            }
            if !interface.secondary.contains(address) {
                return Err(Error::InvalidParameterValue(format!(
                    "Some of [{address}] are not assigned to interface {id}"
                )));
            }
        }
        self.forget_public(id, |private| addresses.contains(&private));
        self.interfaces.update(id, |i| i.secondary.retain(|address| !addresses.contains(address)));
        Ok(())
    }

    /// Ends the associations of Elastic IP addresses with these private addresses of an interface.
    pub(crate) fn forget_public(&mut self, id: &NetworkInterfaceId, whose: impl Fn(Ipv4Addr) -> bool) {
        let ended: Vec<_> = self
            .elastic_ips
            .iter()
            .filter(|e| e.association.as_ref().is_some_and(|a| a.interface == *id && whose(a.private)))
            .map(|e| e.id.clone())
            .collect();
        for elastic in ended {
            self.elastic_ips.update(&elastic, |e| e.association = None);
        }
    }

    /// Gives an interface IPv6 addresses of its subnet's block: which it got.
    ///
    /// # Errors
    /// `InvalidParameterValue` if the subnet has no block, or an address is outside it or taken.
    pub fn assign_ipv6_addresses(
        &mut self, context: &mut Context<'_>, id: &NetworkInterfaceId, certain: &[Ipv6Addr], count: u32,
    ) -> Result<Vec<Ipv6Addr>, Error> {
        let interface = self.interface(&context.scope, id)?;
        if interface.is_requester_managed() {
            return Err(Error::AuthFailure);
        }
        self.take_ipv6_addresses(context, id, certain, count)
    }

    /// The same for an interface of whoever manages it.
    pub(crate) fn take_ipv6_addresses(
        &mut self, context: &mut Context<'_>, id: &NetworkInterfaceId, certain: &[Ipv6Addr], count: u32,
    ) -> Result<Vec<Ipv6Addr>, Error> {
        let subnet = self.subnet(&context.scope, &self.interface(&context.scope, id)?.subnet)?;
        let Some(block) = subnet.ipv6_cidr.as_ref().map(|block| block.cidr) else {
            return Err(Error::InvalidParameterValue(format!(
                "The subnet '{}' does not have an IPv6 CIDR block associated with it.",
                subnet.id
            )));
        };
        let subnet = subnet.clone();
        let mut got = Vec::new();
        for address in certain {
            if self.interface(&context.scope, id)?.ipv6.contains(address) {
                continue;
            }
            if !is_usable(block, *address) {
                return Err(Error::InvalidParameterValue(format!(
                    "Address {address} does not fall within the subnet's address range"
                )));
            }
            if self.has_ipv6(&subnet, *address) {
                return Err(Error::refused("InvalidIPAddress.InUse", format!("Address {address} is in use.")));
            }
            got.push(*address);
            self.interfaces.update(id, |i| i.ipv6.push(*address));
        }
        for _ in 0..count {
            let address = loop {
                let bits = u128::from((context.entropy)()) << 64 | u128::from((context.entropy)());
                let host = bits & (block.first().to_bits() ^ block.last().to_bits());
                let Some(address) = block.nth(host) else { continue };
                if is_usable(block, address)
                    && !self.has_ipv6(&subnet, address)
                    && !self.is_reserved_ipv6(&subnet.id, address)
                {
                    break address;
                }
            };
            got.push(address);
            self.interfaces.update(id, |i| i.ipv6.push(address));
        }
        Ok(got)
    }

    fn has_ipv6(&self, subnet: &Subnet, address: Ipv6Addr) -> bool {
        self.interfaces.iter().any(|other| other.subnet == subnet.id && other.ipv6.contains(&address))
    }

    /// Takes IPv6 addresses from an interface.
    ///
    /// # Errors
    /// `InvalidParameterValue` for one that it has not.
    pub fn unassign_ipv6_addresses(
        &mut self, context: &Context<'_>, id: &NetworkInterfaceId, addresses: &[Ipv6Addr],
    ) -> Result<(), Error> {
        let interface = self.interface(&context.scope, id)?;
        if interface.is_requester_managed() {
            return Err(Error::AuthFailure);
        }
        if let Some(address) = addresses.iter().find(|address| !interface.ipv6.contains(address)) {
            return Err(Error::InvalidParameterValue(format!(
                "Some of [{address}] are not assigned to interface {id}"
            )));
        }
        self.interfaces.update(id, |i| i.ipv6.retain(|address| !addresses.contains(address)));
        Ok(())
    }
}

fn is_usable(block: Ipv6Cidr, address: Ipv6Addr) -> bool {
    block.contains(address) && address.to_bits() - block.first().to_bits() >= IPV6_RESERVED && address != block.last()
}
