//! Elastic IP addresses: public addresses that an account keeps, and maps to private ones of its network interfaces.
//!
//! Source: EC2 user guide, "Elastic IP addresses"; EC2 API reference, `AllocateAddress`, `AssociateAddress`,
//! `DisassociateAddress`, `ReleaseAddress`.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{
    AddressAssociationId, AllocationId, Attachment, Context, Entity, Error, NetworkInterface, NetworkInterfaceId,
    Scope, World,
};

/// The most Elastic IP addresses of an account in a Region. AWS starts with 5 and raises it on request.
///
/// Source: EC2 user guide, "Elastic IP address quota".
pub const ELASTIC_IP_LIMIT: usize = 500;

/// An Elastic IP address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElasticIp {
    /// Its allocation.
    pub id: AllocationId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// The address.
    pub address: Ipv4Addr,
    /// What it is associated with.
    pub association: Option<ElasticIpAssociation>,
}

/// The association of an Elastic IP address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElasticIpAssociation {
    /// Its id.
    pub id: AddressAssociationId,
    /// The interface.
    pub interface: NetworkInterfaceId,
    /// Which of the interface's private addresses.
    pub private: Ipv4Addr,
}

impl Entity for ElasticIp {
    type Id = AllocationId;
    const KIND: &'static str = "elastic-ip";

    fn id(&self) -> AllocationId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl ElasticIp {
    /// Whether it is associated with this private address of this interface.
    fn is_of(&self, interface: &NetworkInterfaceId, private: Ipv4Addr) -> bool {
        self.association.as_ref().is_some_and(|own| own.interface == *interface && own.private == private)
    }
}

impl World {
    /// The Elastic IP address of this allocation, if the caller has it.
    ///
    /// # Errors
    /// `InvalidAllocationID.NotFound`.
    pub fn elastic_ip(&self, scope: &Scope, id: &AllocationId) -> Result<&ElasticIp, Error> {
        self.elastic_ips.get(id).filter(|a| a.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// The Elastic IP address that is associated with a private address of an interface.
    pub fn elastic_ip_of(&self, interface: &NetworkInterfaceId, private: Ipv4Addr) -> Option<&ElasticIp> {
        self.elastic_ips.iter().find(|elastic| elastic.is_of(interface, private))
    }

    /// Gives the caller an Elastic IP address: this one, or the lowest that nobody in the Region has.
    ///
    /// # Errors
    /// `AddressLimitExceeded` for the 501st of an account in a Region; `InvalidAddress.NotFound` if it is to be one that
    /// is not free; `InsufficientAddressCapacity` if none is.
    pub fn allocate_address(
        &mut self, context: &mut Context<'_>, wanted: Option<Ipv4Addr>,
    ) -> Result<AllocationId, Error> {
        if self.elastic_ips.iter().filter(|elastic| elastic.scope == context.scope).count() >= ELASTIC_IP_LIMIT {
            return Err(Error::limit("AddressLimitExceeded", "addresses"));
        }
        let address = self.free_public_address(context.scope.region, wanted)?;
        let id = AllocationId::random(context.entropy);
        self.elastic_ips.insert(ElasticIp { id: id.clone(), scope: context.scope.clone(), address, association: None });
        Ok(id)
    }

    /// Gives an Elastic IP address back.
    ///
    /// # Errors
    /// `InvalidAllocationID.NotFound`; `InvalidIPAddress.InUse` while it is associated.
    pub fn release_address(&mut self, context: &Context<'_>, id: &AllocationId) -> Result<(), Error> {
        let elastic = self.elastic_ip(&context.scope, id)?;
        if elastic.association.is_some() {
            return Err(Error::AddressInUse(elastic.address));
        }
        self.elastic_ips.remove(id);
        self.forget_tags(id.as_str());
        Ok(())
    }

    /// Associates an Elastic IP address with a private address of an interface, its primary one if none is given. What
    /// is so already stays so. The automatic public address of a primary one is released.
    ///
    /// # Errors
    /// `AuthFailure` if AWS manages the interface, or the one that the address is associated with; `Gateway.NotAttached`
    /// if the VPC has no internet gateway; `Resource.AlreadyAssociated` if the Elastic IP address or the private one is
    /// associated otherwise and shall not be taken away; `InvalidParameterValue` for an address that the interface does
    /// not have.
    pub fn associate_address(
        &mut self, context: &mut Context<'_>, allocation: &AllocationId, interface: &NetworkInterfaceId,
        private: Option<Ipv4Addr>, reassociate: bool,
    ) -> Result<AddressAssociationId, Error> {
        let elastic = self.elastic_ip(&context.scope, allocation)?;
        let target = self.interface(&context.scope, interface)?;
        let private = private.unwrap_or(target.address);
        let present = elastic.association.as_ref();
        let source = present.and_then(|own| self.interfaces.get(&own.interface));
        if is_managed(target) || source.is_some_and(is_managed) {
            return Err(Error::AuthFailure);
        }
        if !target.addresses().any(|own| own == private) {
            return Err(Error::InvalidParameterValue(format!("{private} is not mapped to the interface {interface}")));
        }
        if self.internet_gateway_of(&target.vpc).is_none() {
            let message = format!("Network {} is not attached to any internet gateway", target.vpc);
            return Err(Error::refused("Gateway.NotAttached", message));
        }
        match present {
            Some(own) if elastic.is_of(interface, private) => return Ok(own.id.clone()),
            Some(own) if !reassociate => {
                let message = format!("resource {allocation} is already associated with associate-id {}", own.id);
                return Err(Error::refused("Resource.AlreadyAssociated", message));
            }
            Some(_) | None => {}
        }
        if let Some(other) = self.elastic_ip_of(interface, private) {
            if !reassociate {
                let message = format!(
                    "resource {interface} and {private} is already associated with public address {}",
                    other.address
                );
                return Err(Error::refused("Resource.AlreadyAssociated", message));
            }
            let other = other.id.clone();
            self.elastic_ips.update(&other, |other| other.association = None);
        }
        Ok(self.associate(context, allocation, interface, private))
    }

    /// Notes an association, for which nothing stands in the way.
    pub(crate) fn associate(
        &mut self, context: &mut Context<'_>, allocation: &AllocationId, interface: &NetworkInterfaceId,
        private: Ipv4Addr,
    ) -> AddressAssociationId {
        let id = AddressAssociationId::random(context.entropy);
        let association = ElasticIpAssociation { id: id.clone(), interface: interface.clone(), private };
        let before = self.elastic_ips.get(allocation).and_then(|elastic| elastic.association.clone());
        self.elastic_ips.update(allocation, |elastic| elastic.association = Some(association));
        if self.interfaces.get(interface).is_some_and(|target| target.address == private) {
            self.release_automatic_address(interface);
        }
        if let Some(before) = before {
            self.renew_if_free(&before.interface);
        }
        id
    }

    /// Ends the association of an Elastic IP address, which stays with the account. What was launched with an automatic
    /// public address gets a new one.
    ///
    /// # Errors
    /// `InvalidAssociationID.NotFound`; `AuthFailure` if it is one of AWS's own, as that of a NAT gateway.
    pub fn disassociate_address(&mut self, context: &Context<'_>, id: &AddressAssociationId) -> Result<(), Error> {
        let with = |elastic: &&ElasticIp| {
            elastic.scope == context.scope && elastic.association.as_ref().is_some_and(|own| own.id == *id)
        };
        let elastic = self.elastic_ips.iter().find(with).ok_or_else(|| id.not_found())?;
        let interface = elastic.association.as_ref().and_then(|own| self.interfaces.get(&own.interface));
        if interface.is_some_and(is_managed) {
            return Err(Error::AuthFailure);
        }
        let (allocation, interface) = (elastic.id.clone(), interface.map(|interface| interface.id.clone()));
        self.elastic_ips.update(&allocation, |elastic| elastic.association = None);
        interface.into_iter().for_each(|interface| self.renew_if_free(&interface));
        Ok(())
    }
}

/// Whether the public addresses of an interface are no business of the account's. Those of a program are.
fn is_managed(interface: &NetworkInterface) -> bool {
    matches!(interface.attachment, Attachment::Endpoint(_) | Attachment::NatGateway(_) | Attachment::Functions(_))
}
