//! The secondary addresses of NAT gateways: how they are added, drained and taken off.
//!
//! Source: EC2 API reference, `AssociateNatGatewayAddress`, `DisassociateNatGatewayAddress`,
//! `AssignPrivateNatGatewayAddress`, `UnassignPrivateNatGatewayAddress`; VPC user guide, "Edit secondary IP address
//! associations".

use std::net::Ipv4Addr;

use super::{Connectivity, NatGateway, NatGatewayAddress, NatGatewayState};
use crate::{AddressAssociationId, AllocationId, Context, Error, NatGatewayId, NetworkInterfaceId, SubnetId, World};

/// The most Elastic IP addresses of a public gateway. AWS raises it on request.
///
/// Source: VPC user guide, "Amazon VPC quotas": "Elastic IP addresses per public NAT gateway".
const PUBLIC_LIMIT: usize = 2;

/// The most private addresses of a gateway.
///
/// Source: VPC user guide, "Amazon VPC quotas": "Private IP addresses per NAT gateway".
const PRIVATE_LIMIT: usize = 8;

/// Which Elastic IP addresses a public gateway is to get beside those that it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssociateNatAddresses {
    /// Their allocations.
    pub allocations: Vec<AllocationId>,
    /// The private address that each belongs to, in the same order; free ones if there are none here.
    pub private: Vec<Ipv4Addr>,
}

/// Which private addresses a private gateway is to get beside those that it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignNatAddresses {
    /// These addresses.
    pub private: Vec<Ipv4Addr>,
    /// Or so many free ones.
    pub count: u32,
}

/// How long an address that is taken off serves the connections that it has, at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrainDuration {
    seconds: u16,
}

impl Default for DrainDuration {
    /// 350 seconds.
    fn default() -> Self {
        Self { seconds: 350 }
    }
}

impl DrainDuration {
    /// So many seconds.
    ///
    /// # Errors
    /// `InvalidParameterValue` unless it is from 1 to 4000.
    pub fn of_seconds(seconds: i32) -> Result<Self, Error> {
        let valid = u16::try_from(seconds).ok().filter(|seconds| (1..=4000).contains(seconds));
        valid.map(|seconds| Self { seconds }).ok_or_else(|| {
            Error::InvalidParameterValue(format!(
                "Value ({seconds}) for parameter MaxDrainDurationSeconds is invalid. It must be from 1 to 4000."
            ))
        })
    }

    /// When it has passed that begins now, in milliseconds.
    fn after(self, now: i64) -> i64 {
        now.saturating_add(i64::from(self.seconds) * 1000)
    }
}

impl AssociateNatAddresses {
    /// Whether a gateway that has so many addresses may get these.
    pub(super) fn check(&self, present: usize) -> Result<(), Error> {
        if !self.private.is_empty() && self.private.len() != self.allocations.len() {
            return Err(Error::InvalidParameterCombination(format!(
                "The number of private IP addresses ({}) must be equal to the number of allocation IDs ({}).",
                self.private.len(),
                self.allocations.len()
            )));
        }
        if present + self.allocations.len() > PUBLIC_LIMIT {
            return Err(Error::limit("AddressLimitExceeded", "Elastic IP addresses per public NAT gateway"));
        }
        Ok(())
    }
}

impl AssignNatAddresses {
    /// Whether a gateway that has so many addresses may get these.
    pub(super) fn check(&self, present: usize) -> Result<(), Error> {
        if self.count > 0 && !self.private.is_empty() {
            return Err(Error::InvalidParameterCombination(
                "Private IP addresses and their count cannot be specified together.".to_owned(),
            ));
        }
        let count = usize::try_from(self.count).unwrap_or(usize::MAX).saturating_add(self.private.len());
        if present.saturating_add(count) > PRIVATE_LIMIT {
            return Err(Error::limit("PrivateIpAddressLimitExceeded", "private IP addresses per NAT gateway"));
        }
        Ok(())
    }
}

impl NatGateway {
    /// The private addresses that new connections go out under, the primary one first. All others only serve those that
    /// they have.
    pub fn lent(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.addresses.iter().filter(|address| address.draining.is_none()).filter_map(|address| address.private)
    }

    /// The private addresses that are being taken off.
    pub fn drained(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.addresses.iter().filter(|address| address.draining.is_some()).filter_map(|address| address.private)
    }
}

impl World {
    /// Associates further Elastic IP addresses with a public gateway: its addresses that are new.
    ///
    /// # Errors
    /// `NatGatewayNotFound`, and `IncorrectState` for one that has ended; `InvalidParameter` for a private gateway;
    /// `OperationInProgress` while an address is taken off; `InvalidAllocationID.NotFound`; `Resource.AlreadyAssociated`;
    /// `InvalidParameterCombination` for another number of private addresses than of public ones; `AddressLimitExceeded`;
    /// what a private address that cannot be had is refused with.
    pub fn associate_nat_gateway_address(
        &mut self, context: &mut Context<'_>, id: &NatGatewayId, wanted: &AssociateNatAddresses,
    ) -> Result<Vec<NatGatewayAddress>, Error> {
        let gateway = self.changeable_nat_gateway(context, id, Connectivity::Public)?;
        let (present, interface) = (gateway.addresses.len(), interface_of(gateway)?);
        if wanted.allocations.is_empty() {
            return Err(Error::MissingParameter("AllocationId"));
        }
        for allocation in &wanted.allocations {
            self.elastic_ip(&context.scope, allocation)?;
        }
        if let Some(allocation) = self.first_associated(wanted.allocations.iter()) {
            return Err(Error::refused("Resource.AlreadyAssociated", already_associated(allocation)));
        }
        wanted.check(present)?;
        let added = self.lend_public(context, &interface, wanted)?;
        self.nat_gateways.update(id, |gateway| gateway.addresses.extend(added.iter().cloned()));
        Ok(added)
    }

    /// Assigns further addresses to a private gateway: its addresses that are new.
    ///
    /// # Errors
    /// `NatGatewayNotFound`, and `IncorrectState` for one that has ended; `InvalidParameter` for a public gateway;
    /// `OperationInProgress` while an address is taken off; `InvalidParameterCombination` for both addresses and a count;
    /// `PrivateIpAddressLimitExceeded`; what an address that cannot be had is refused with.
    pub fn assign_private_nat_gateway_address(
        &mut self, context: &mut Context<'_>, id: &NatGatewayId, wanted: &AssignNatAddresses,
    ) -> Result<Vec<NatGatewayAddress>, Error> {
        let gateway = self.changeable_nat_gateway(context, id, Connectivity::Private)?;
        let (present, interface) = (gateway.addresses.len(), interface_of(gateway)?);
        if wanted.private.is_empty() && wanted.count == 0 {
            return Err(Error::MissingParameter("PrivateIpAddressCount"));
        }
        wanted.check(present)?;
        let added = self.lend_private(context, &interface, wanted)?;
        self.nat_gateways.update(id, |gateway| gateway.addresses.extend(added.iter().cloned()));
        Ok(added)
    }

    /// Begins to take Elastic IP addresses off a public gateway: its addresses that are concerned. They go when
    /// [`World::release_nat_addresses`] is told to.
    ///
    /// # Errors
    /// `NatGatewayNotFound`, and `IncorrectState` for one that has ended; `InvalidParameter` for a private gateway;
    /// `OperationInProgress` while an address is taken off; `InvalidAssociationID.NotFound` for an association that the
    /// gateway has not; `InvalidParameterValue` for the primary one.
    pub fn disassociate_nat_gateway_address(
        &mut self, context: &Context<'_>, id: &NatGatewayId, associations: &[AddressAssociationId],
        duration: DrainDuration,
    ) -> Result<Vec<NatGatewayAddress>, Error> {
        let gateway = self.changeable_nat_gateway(context, id, Connectivity::Public)?;
        if associations.is_empty() {
            return Err(Error::MissingParameter("AssociationId"));
        }
        for association in associations {
            let is_of = |address: &NatGatewayAddress| address.association.as_ref() == Some(association);
            match gateway.addresses.iter().position(is_of) {
                None => return Err(association.not_found()),
                Some(0) => {
                    return Err(Error::InvalidParameterValue(format!(
                        "The primary Elastic IP address of {id}, with the association {association}, cannot be \
                         disassociated."
                    )));
                }
                Some(_) => {}
            }
        }
        let concerned = |address: &NatGatewayAddress| {
            address.association.as_ref().is_some_and(|association| associations.contains(association))
        };
        Ok(self.drain(id, duration.after(context.now), concerned))
    }

    /// Begins to take addresses off a private gateway: its addresses that are concerned. They go when
    /// [`World::release_nat_addresses`] is told to.
    ///
    /// # Errors
    /// `NatGatewayNotFound`, and `IncorrectState` for one that has ended; `InvalidParameter` for a public gateway;
    /// `OperationInProgress` while an address is taken off; `InvalidParameterValue` for the primary address and for one
    /// that the gateway has not.
    pub fn unassign_private_nat_gateway_address(
        &mut self, context: &Context<'_>, id: &NatGatewayId, private: &[Ipv4Addr], duration: DrainDuration,
    ) -> Result<Vec<NatGatewayAddress>, Error> {
        let gateway = self.changeable_nat_gateway(context, id, Connectivity::Private)?;
        if private.is_empty() {
            return Err(Error::MissingParameter("PrivateIpAddress"));
        }
        for address in private {
            match gateway.addresses.iter().position(|own| own.private == Some(*address)) {
                None => {
                    let message = format!("Some of [{address}] are not assigned to NAT gateway {id}");
                    return Err(Error::InvalidParameterValue(message));
                }
                Some(0) => {
                    return Err(Error::InvalidParameterValue(format!(
                        "The primary private IP address {address} of {id} cannot be unassigned."
                    )));
                }
                Some(_) => {}
            }
        }
        let concerned = |own: &NatGatewayAddress| own.private.is_some_and(|own| private.contains(&own));
        Ok(self.drain(id, duration.after(context.now), concerned))
    }

    /// The gateways of which an address is being taken off.
    pub fn draining_nat_gateways(&self) -> impl Iterator<Item = &NatGateway> {
        self.nat_gateways.iter().filter(|gateway| gateway.drained().next().is_some())
    }

    /// Takes addresses off a gateway that are draining: those that have no connection any more, and those whose time is
    /// over. Elastic IP addresses stay with their account.
    pub fn release_nat_addresses(&mut self, id: &NatGatewayId, now: i64, is_idle: impl Fn(Ipv4Addr) -> bool) {
        let goes = |address: &NatGatewayAddress| {
            address.draining.is_some_and(|until| until <= now || address.private.is_none_or(&is_idle))
        };
        let Some(gateway) = self.nat_gateways.get(id) else { return };
        let gone: Vec<Ipv4Addr> = gateway.addresses.iter().filter(|a| goes(a)).filter_map(|a| a.private).collect();
        if gone.is_empty() {
            return;
        }
        if let Some(interface) = gateway.interface.clone() {
            self.forget_public(&interface, |private| gone.contains(&private));
            self.interfaces.update(&interface, |own| own.secondary.retain(|address| !gone.contains(address)));
        }
        self.nat_gateways.update(id, |gateway| {
            gateway.addresses.retain(|address| address.private.is_none_or(|private| !gone.contains(&private)));
        });
    }

    fn drain(
        &mut self, id: &NatGatewayId, until: i64, concerned: impl Fn(&NatGatewayAddress) -> bool,
    ) -> Vec<NatGatewayAddress> {
        let mut draining = Vec::new();
        self.nat_gateways.update(id, |gateway| {
            for address in gateway.addresses.iter_mut().filter(|address| concerned(address)) {
                address.draining = Some(until);
                draining.push(address.clone());
            }
        });
        draining
    }

    /// The gateway, if addresses of this kind may be added to it or taken off.
    fn changeable_nat_gateway(
        &self, context: &Context<'_>, id: &NatGatewayId, kind: Connectivity,
    ) -> Result<&NatGateway, Error> {
        let gateway = self.nat_gateway(&context.scope, id)?;
        let state = match gateway.state {
            NatGatewayState::Available => None,
            NatGatewayState::Failed { .. } => Some("failed"),
            NatGatewayState::Deleted => Some("deleted"),
        };
        if let Some(state) = state {
            let message =
                format!("The NAT gateway {id} is in the state '{state}', in which its addresses stay as they are");
            return Err(Error::refused("IncorrectState", message));
        }
        match (kind, gateway.connectivity) {
            (Connectivity::Public, Connectivity::Private) => Err(Error::InvalidParameter(format!(
                "The NAT gateway {id} is private and has no Elastic IP addresses."
            ))),
            (Connectivity::Private, Connectivity::Public) => Err(Error::InvalidParameter(format!(
                "The NAT gateway {id} is public. Its private addresses come and go with its Elastic IP addresses."
            ))),
            _ => in_progress(gateway).map_or(Ok(gateway), Err),
        }
    }

    /// The first of some Elastic IP addresses that is associated, or that stands there twice.
    pub(super) fn first_associated<'a>(
        &self, allocations: impl Iterator<Item = &'a AllocationId>,
    ) -> Option<&'a AllocationId> {
        let mut seen = Vec::new();
        for id in allocations {
            let is_associated = self.elastic_ips.get(id).is_some_and(|elastic| elastic.association.is_some());
            if is_associated || seen.contains(&id) {
                return Some(id);
            }
            seen.push(id);
        }
        None
    }

    /// The primary private address for a new gateway: the one that is wanted, or else the lowest that is free and none of
    /// those that are wanted beside it.
    pub(super) fn free_nat_address(
        &self, subnet: &SubnetId, wanted: Option<Ipv4Addr>, beside: &[Ipv4Addr],
    ) -> Result<Ipv4Addr, Error> {
        let Some(subnet) = self.subnets.get(subnet) else { return Err(subnet.not_found()) };
        if wanted.is_some() || beside.is_empty() {
            return self.free_address(subnet, wanted);
        }
        let mut from = self.free_address(subnet, None)?;
        while beside.contains(&from) {
            let next = from.to_bits().checked_add(1).map(Ipv4Addr::from_bits);
            let free = next.and_then(|next| self.lowest_free_address(subnet, next));
            from = free.ok_or_else(|| Error::InsufficientFreeAddresses(subnet.id.clone()))?;
        }
        let free = Some(from).filter(|address| subnet.is_usable(*address));
        free.ok_or_else(|| Error::InsufficientFreeAddresses(subnet.id.clone()))
    }

    /// An address of a gateway's interface, with the Elastic IP address that it goes out as.
    pub(super) fn lend(
        &mut self, context: &mut Context<'_>, interface: &NetworkInterfaceId, private: Ipv4Addr,
        allocation: Option<&AllocationId>,
    ) -> NatGatewayAddress {
        let public = allocation.and_then(|id| self.elastic_ips.get(id)).map(|elastic| elastic.address);
        let association = allocation.map(|id| self.associate(context, id, interface, private));
        let allocation = allocation.cloned();
        NatGatewayAddress { private: Some(private), allocation, association, public, draining: None }
    }

    /// Gives the interface of a public gateway a private address for each of these Elastic IP addresses.
    pub(super) fn lend_public(
        &mut self, context: &mut Context<'_>, interface: &NetworkInterfaceId, wanted: &AssociateNatAddresses,
    ) -> Result<Vec<NatGatewayAddress>, Error> {
        let AssociateNatAddresses { allocations, private } = wanted;
        let missing = u32::try_from(allocations.len().saturating_sub(private.len())).unwrap_or(u32::MAX);
        let taken = self.take_addresses(context, interface, private, missing)?;
        let pairs = taken.into_iter().zip(allocations);
        Ok(pairs.map(|(private, id)| self.lend(context, interface, private, Some(id))).collect())
    }

    /// Gives the interface of a private gateway these addresses.
    pub(super) fn lend_private(
        &mut self, context: &mut Context<'_>, interface: &NetworkInterfaceId, wanted: &AssignNatAddresses,
    ) -> Result<Vec<NatGatewayAddress>, Error> {
        let taken = self.take_addresses(context, interface, &wanted.private, wanted.count)?;
        Ok(taken.into_iter().map(|private| self.lend(context, interface, private, None)).collect())
    }
}

/// Why nothing of a gateway's addresses can be changed while one is taken off.
///
/// Source: EC2 API reference, `DisassociateNatGatewayAddress`: "While disassociating is in progress, you cannot
/// associate/disassociate additional EIPs while the connections are being drained."
fn in_progress(gateway: &NatGateway) -> Option<Error> {
    let draining = gateway.addresses.iter().filter(|address| address.draining.is_some());
    let (doing, names): (_, Vec<String>) = match gateway.connectivity {
        Connectivity::Public => {
            let ids = draining.filter_map(|address| address.allocation.as_ref());
            ("DISASSOCIATING the following EIPs", ids.map(ToString::to_string).collect())
        }
        Connectivity::Private => {
            let addresses = draining.filter_map(|address| address.private);
            ("UNASSIGNING the following private IPs", addresses.map(|address| address.to_string()).collect())
        }
    };
    let message = format!("Service is currently {doing}: [{}].", names.join(", "));
    (!names.is_empty()).then(|| Error::refused("OperationInProgress", message))
}

/// The interface of a gateway that is available.
fn interface_of(gateway: &NatGateway) -> Result<NetworkInterfaceId, Error> {
    gateway.interface.clone().ok_or_else(|| Error::NatGatewayNotFound(gateway.id.clone()))
}

/// What AWS says of an Elastic IP address that another has.
pub(super) fn already_associated(allocation: &AllocationId) -> String {
    format!("Elastic IP address {allocation} is already associated")
}
