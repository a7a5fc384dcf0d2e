//! Elastic IP addresses: public addresses that an account keeps, and maps to private ones of its network interfaces.
//!
//! Source: EC2 user guide, "Elastic IP addresses".

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{AddressAssociationId, AllocationId, Entity, Error, NetworkInterfaceId, Scope, World};

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

impl World {
    /// The Elastic IP address of this allocation, if the caller has it.
    ///
    /// # Errors
    /// `InvalidAllocationID.NotFound`.
    pub fn elastic_ip(&self, scope: &Scope, id: &AllocationId) -> Result<&ElasticIp, Error> {
        self.elastic_ips.get(id).filter(|a| a.scope == *scope).ok_or_else(|| id.not_found())
    }
}
