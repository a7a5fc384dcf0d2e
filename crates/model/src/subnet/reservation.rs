//! Reservations of parts of a subnet's blocks: what gets an address without asking for a certain one gets none of these.
//!
//! Source: VPC user guide, "Subnet CIDR reservations".

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::{Context, Entity, Error, IpCidr, Scope, Subnet, SubnetCidrReservationId, SubnetId, World};

/// A reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetCidrReservation {
    /// Its id.
    pub id: SubnetCidrReservationId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// The subnet.
    pub subnet: SubnetId,
    /// What is reserved.
    pub cidr: IpCidr,
    /// What for.
    pub kind: ReservationType,
    /// What its owner says of it.
    pub description: Option<String>,
}

/// What a part of a subnet is reserved for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReservationType {
    /// For prefixes of interfaces.
    Prefix,
    /// For addresses that are asked for one by one.
    Explicit,
}

impl ReservationType {
    /// Parses `prefix` or `explicit`.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Prefix, Self::Explicit].into_iter().find(|kind| kind.as_str() == text)
    }

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prefix => "prefix",
            Self::Explicit => "explicit",
        }
    }
}

impl Entity for SubnetCidrReservation {
    type Id = SubnetCidrReservationId;
    const KIND: &'static str = "subnet-cidr-reservation";

    fn id(&self) -> SubnetCidrReservationId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl World {
    /// The reservation with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidSubnetCidrReservationID.NotFound`.
    pub fn subnet_cidr_reservation(
        &self, scope: &Scope, id: &SubnetCidrReservationId,
    ) -> Result<&SubnetCidrReservation, Error> {
        self.subnet_cidr_reservations.get(id).filter(|own| own.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// The reservations of a subnet.
    pub fn reservations_of(&self, subnet: &SubnetId) -> impl Iterator<Item = &SubnetCidrReservation> {
        self.subnet_cidr_reservations.iter().filter(move |own| own.subnet == *subnet)
    }

    /// Reserves a part of a subnet. Addresses in it that something has already stay as they are.
    ///
    /// # Errors
    /// `InvalidSubnetID.NotFound`; `InvalidParameterValue` for what is not in the subnet or reserved already.
    pub fn create_subnet_cidr_reservation(
        &mut self, context: &mut Context<'_>, subnet: &SubnetId, cidr: IpCidr, kind: ReservationType,
        description: Option<String>,
    ) -> Result<SubnetCidrReservationId, Error> {
        let own = self.subnet(&context.scope, subnet)?;
        let is_inside = match cidr {
            IpCidr::V4(block) => own.cidr.covers(block),
            IpCidr::V6(block) => own.ipv6_cidr.as_ref().is_some_and(|ipv6| ipv6.cidr.covers(block)),
        };
        if !is_inside {
            return Err(Error::InvalidParameterValue(format!(
                "The CIDR '{cidr}' is not within the CIDR blocks of the subnet '{subnet}'."
            )));
        }
        if let Some(other) = self.reservations_of(subnet).find(|other| overlap(other.cidr, cidr)) {
            return Err(Error::InvalidParameterValue(format!(
                "The CIDR '{cidr}' conflicts with the subnet CIDR reservation '{}'.",
                other.id
            )));
        }
        let id = SubnetCidrReservationId::random(context.entropy);
        self.subnet_cidr_reservations.insert(SubnetCidrReservation {
            id: id.clone(),
            scope: context.scope.clone(),
            subnet: subnet.clone(),
            cidr,
            kind,
            description,
        });
        Ok(id)
    }

    /// Ends a reservation. Addresses in it that something has stay as they are.
    ///
    /// # Errors
    /// `InvalidSubnetCidrReservationID.NotFound`.
    pub fn delete_subnet_cidr_reservation(
        &mut self, context: &Context<'_>, id: &SubnetCidrReservationId,
    ) -> Result<SubnetCidrReservation, Error> {
        let gone = self.subnet_cidr_reservation(&context.scope, id)?.clone();
        self.remove_reservation(id);
        Ok(gone)
    }

    /// Ends the reservations of a subnet that is deleted.
    pub(super) fn remove_reservations_of(&mut self, subnet: &SubnetId) {
        let all: Vec<_> = self.reservations_of(subnet).map(|own| own.id.clone()).collect();
        all.iter().for_each(|id| self.remove_reservation(id));
    }

    fn remove_reservation(&mut self, id: &SubnetCidrReservationId) {
        self.subnet_cidr_reservations.remove(id);
        self.forget_tags(id.as_str());
    }

    /// The lowest address of a subnet, this one or a higher one, that nothing has and that is not reserved.
    pub(crate) fn lowest_free_address(&self, subnet: &Subnet, from: Ipv4Addr) -> Option<Ipv4Addr> {
        let taken = &self.interfaces.occupancy().addresses;
        let mut next = from.to_bits();
        loop {
            let free = taken.lowest_free(&subnet.id, next).map(Ipv4Addr::from_bits)?;
            match self.reservation_around(subnet, free) {
                Some(last) => next = last.to_bits().checked_add(1)?,
                None => return Some(free),
            }
        }
    }

    /// The last address of the reservation that an address is in.
    fn reservation_around(&self, subnet: &Subnet, address: Ipv4Addr) -> Option<Ipv4Addr> {
        let blocks = self.reservations_of(&subnet.id).filter_map(|own| match own.cidr {
            IpCidr::V4(block) => Some(block),
            IpCidr::V6(_) => None,
        });
        blocks.filter(|block| block.contains(address)).map(|block| block.last()).next()
    }

    /// Whether an IPv6 address of a subnet is reserved.
    pub(crate) fn is_reserved_ipv6(&self, subnet: &SubnetId, address: Ipv6Addr) -> bool {
        self.reservations_of(subnet).any(|own| own.cidr.contains(address.into()))
    }
}

fn overlap(one: IpCidr, other: IpCidr) -> bool {
    match (one, other) {
        (IpCidr::V4(one), IpCidr::V4(other)) => one.overlaps(other),
        (IpCidr::V6(one), IpCidr::V6(other)) => one.covers(other) || other.covers(one),
        _ => false,
    }
}
