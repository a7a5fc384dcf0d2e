//! Subnets and their addresses.
//!
//! Source: VPC user guide, "Subnet CIDR blocks".

mod host_names;
mod ipv6;
mod reservation;

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{Context, Entity, Error, Ipv4Cidr, NetworkAclAssociation, Scope, SubnetId, VpcId, World, Zone};

pub use host_names::{HostNameOptions, HostnameType};
pub use ipv6::SubnetIpv6Cidr;
pub use reservation::{ReservationType, SubnetCidrReservation};

/// How many addresses of every subnet are AWS's own: the first four and the last.
pub const RESERVED_ADDRESSES: u64 = 5;

/// The most subnets of a VPC.
///
/// Source: VPC user guide, "Amazon VPC quotas".
const SUBNET_LIMIT: usize = 200;

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// Its id.
    pub id: SubnetId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its block.
    pub cidr: Ipv4Cidr,
    /// Its IPv6 block.
    #[serde(default)]
    pub ipv6_cidr: Option<SubnetIpv6Cidr>,
    /// Whether it is the default one of its zone, in a default VPC.
    #[serde(default)]
    pub is_default: bool,
    /// Its zone.
    pub zone: Zone,
    /// Whether instances get a public address by default: `mapPublicIpOnLaunch`.
    pub public_addresses: bool,
    /// Whether new interfaces get an IPv6 address by default: `assignIpv6AddressOnCreation`.
    #[serde(default)]
    pub ipv6_addresses: bool,
    /// Whether the resolver is to make IPv6 addresses up for names that have none: `enableDns64`, kept only.
    #[serde(default)]
    pub dns64: bool,
    /// What its instances are called: `privateDnsNameOptionsOnLaunch`.
    #[serde(default)]
    pub host_names: HostNameOptions,
    /// Its association with a network ACL, if it has been replaced; [`World::network_acl_of`] tells it in any case.
    #[serde(default)]
    pub network_acl: Option<NetworkAclAssociation>,
}

/// An attribute of a subnet that can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubnetAttribute {
    /// `mapPublicIpOnLaunch`.
    PublicAddresses(bool),
    /// `assignIpv6AddressOnCreation`.
    Ipv6Addresses(bool),
    /// `enableDns64`.
    Dns64(bool),
    /// `privateDnsHostnameTypeOnLaunch`.
    HostnameType(HostnameType),
    /// `enableResourceNameDnsARecordOnLaunch`.
    ResourceNameA(bool),
    /// `enableResourceNameDnsAAAARecordOnLaunch`.
    ResourceNameAaaa(bool),
}

impl Entity for Subnet {
    type Id = SubnetId;
    const KIND: &'static str = "subnet";

    fn id(&self) -> SubnetId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn vpc(&self) -> Option<&VpcId> {
        Some(&self.vpc)
    }
}

impl Subnet {
    /// The router's address: the second of the block.
    pub fn gateway(&self) -> Ipv4Addr {
        self.cidr.nth(1).unwrap_or(self.cidr.first())
    }

    /// Whether an interface may have this address: it is in the block and not one of AWS's own.
    pub fn is_usable(&self, address: Ipv4Addr) -> bool {
        let offset = u64::from(address.to_bits().wrapping_sub(self.cidr.first().to_bits()));
        self.cidr.contains(address) && offset >= 4 && offset < self.cidr.size() - 1
    }
}

impl World {
    /// The subnet with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidSubnetID.NotFound`.
    pub fn subnet(&self, scope: &Scope, id: &SubnetId) -> Result<&Subnet, Error> {
        self.subnets.get(id).filter(|s| s.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// Makes a subnet, in the first zone of the Region if none is named.
    ///
    /// # Errors
    /// `InvalidSubnet.Range` if the block is not in the VPC's or not between /16 and /28, `InvalidSubnet.Conflict` if
    /// it overlaps another subnet's, `SubnetLimitExceeded` for the 201st subnet of a VPC.
    pub fn create_subnet(
        &mut self, context: &mut Context<'_>, vpc: &VpcId, cidr: Ipv4Cidr, zone: Option<&str>,
    ) -> Result<SubnetId, Error> {
        let region = context.scope.region;
        let zone = match zone {
            Some(text) => Zone::find(region, text)?,
            None => Zone::find(region, &format!("{region}a"))?,
        };
        let block = self.vpc(&context.scope, vpc)?;
        if !(16..=28).contains(&cidr.length()) || !block.covers(cidr) {
            return Err(Error::InvalidSubnetRange(cidr.into()));
        }
        let siblings = || self.subnets.of_vpc(vpc);
        if siblings().any(|s| s.cidr.overlaps(cidr)) {
            return Err(Error::SubnetConflict(cidr.into()));
        }
        if siblings().count() >= SUBNET_LIMIT {
            return Err(Error::limit("SubnetLimitExceeded", "subnets"));
        }
        let id = SubnetId::random(context.entropy);
        self.subnets.insert(Subnet {
            id: id.clone(),
            scope: context.scope.clone(),
            vpc: vpc.clone(),
            cidr,
            ipv6_cidr: None,
            is_default: false,
            zone,
            public_addresses: false,
            ipv6_addresses: false,
            dns64: false,
            host_names: HostNameOptions::default(),
            network_acl: None,
        });
        Ok(id)
    }

    /// Changes an attribute of a subnet. What was launched before keeps what it got.
    ///
    /// # Errors
    /// `InvalidSubnetID.NotFound`; `InvalidParameterValue` for IPv6 addresses by default in a subnet without an IPv6
    /// block.
    pub fn modify_subnet_attribute(
        &mut self, context: &Context<'_>, id: &SubnetId, attribute: SubnetAttribute,
    ) -> Result<(), Error> {
        let subnet = self.subnet(&context.scope, id)?;
        if attribute == SubnetAttribute::Ipv6Addresses(true) && subnet.ipv6_cidr.is_none() {
            return Err(Error::InvalidParameterValue(format!(
                "Invalid value 'true' for assign-ipv6-address-on-creation. Cannot set assign-ipv6-address-on-creation to \
                 true unless the subnet ({id}) has an IPv6 CIDR block associated with it."
            )));
        }
        self.subnets.update(id, |s| match attribute {
            SubnetAttribute::PublicAddresses(on) => s.public_addresses = on,
            SubnetAttribute::Ipv6Addresses(on) => s.ipv6_addresses = on,
            SubnetAttribute::Dns64(on) => s.dns64 = on,
            SubnetAttribute::HostnameType(kind) => s.host_names.kind = kind,
            SubnetAttribute::ResourceNameA(on) => s.host_names.resource_name_a = on,
            SubnetAttribute::ResourceNameAaaa(on) => s.host_names.resource_name_aaaa = on,
        });
        Ok(())
    }

    /// Deletes a subnet, and with it its association with a route table.
    ///
    /// # Errors
    /// `DependencyViolation` while an interface is in it.
    pub fn delete_subnet(&mut self, context: &Context<'_>, id: &SubnetId) -> Result<(), Error> {
        self.subnet(&context.scope, id)?;
        if self.interfaces.occupancy().addresses.count(id) > 0 {
            return Err(Error::DependencyViolation(format!(
                "The subnet '{id}' has dependencies and cannot be deleted."
            )));
        }
        let table = self.route_tables.iter().find(|t| t.associations.values().any(|s| s == id)).map(|t| t.id.clone());
        if let Some(table) = table {
            self.route_tables.update(&table, |t| t.associations.retain(|_, s| s != id));
        }
        self.remove_reservations_of(id);
        self.subnets.remove(id);
        self.forget_tags(id.as_str());
        Ok(())
    }

    /// How many addresses are free in a subnet.
    pub fn free_addresses(&self, subnet: &Subnet) -> u64 {
        let used = self.interfaces.occupancy().addresses.count(&subnet.id);
        (subnet.cidr.size() - RESERVED_ADDRESSES).saturating_sub(used)
    }

    /// The address for a new interface of a subnet: the one that is wanted, or else the lowest that is free and not
    /// reserved.
    pub(crate) fn free_address(&self, subnet: &Subnet, wanted: Option<Ipv4Addr>) -> Result<Ipv4Addr, Error> {
        let taken = &self.interfaces.occupancy().addresses;
        match wanted {
            Some(address) if !subnet.cidr.contains(address) => Err(Error::AddressOutside(address)),
            Some(address) if !subnet.is_usable(address) => Err(Error::AddressReserved(address)),
            Some(address) if taken.contains(&subnet.id, address.to_bits()) => Err(Error::AddressInUse(address)),
            Some(address) => Ok(address),
            None => subnet
                .cidr
                .nth(4)
                .and_then(|first| self.lowest_free_address(subnet, first))
                .filter(|address| subnet.is_usable(*address))
                .ok_or_else(|| Error::InsufficientFreeAddresses(subnet.id.clone())),
        }
    }
}
