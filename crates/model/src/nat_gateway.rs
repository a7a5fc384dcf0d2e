//! NAT gateways.
//!
//! Source: VPC user guide, "NAT gateways".

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{
    AddressAssociationId, AllocationId, Entity, Error, NatGatewayId, NetworkInterfaceId, Scope, SubnetId, VpcId, World,
};

/// A NAT gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {
    /// Its id.
    pub id: NatGatewayId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnet.
    pub subnet: SubnetId,
    /// Whether it leads to the internet.
    pub connectivity: Connectivity,
    /// Its state.
    pub state: NatGatewayState,
    /// Its network interface; `None` once it is deleted or has failed.
    pub interface: Option<NetworkInterfaceId>,
    /// Its addresses, the primary one first. They are shown on when the gateway is gone.
    pub addresses: Vec<NatGatewayAddress>,
    /// When it was made: Unix time in milliseconds.
    pub created: i64,
    /// When it was deleted or failed: Unix time in milliseconds.
    pub ended: Option<i64>,
}

/// Where a NAT gateway leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Connectivity {
    /// To the internet, with Elastic IP addresses as the sources of its packets.
    Public,
    /// To other networks, with its private addresses as the sources.
    Private,
}

/// The state of a NAT gateway. It is applied before it is told, so that `pending` and `deleting` are never stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NatGatewayState {
    /// It forwards.
    Available,
    /// It could not be made: why, in AWS's form, code and text.
    Failed {
        /// The code.
        code: String,
        /// The text.
        message: String,
    },
    /// It is gone, and shown for a while.
    Deleted,
}

/// An address of a NAT gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGatewayAddress {
    /// The private address on its interface; `None` if it never got one.
    pub private: Option<Ipv4Addr>,
    /// The Elastic IP address's allocation, of a public gateway.
    pub allocation: Option<AllocationId>,
    /// The association of that.
    pub association: Option<AddressAssociationId>,
    /// The public address.
    pub public: Option<Ipv4Addr>,
}

impl Entity for NatGateway {
    type Id = NatGatewayId;
    const KIND: &'static str = "nat-gateway";

    fn id(&self) -> NatGatewayId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl NatGateway {
    /// Whether it forwards packets.
    pub fn is_available(&self) -> bool {
        self.state == NatGatewayState::Available
    }
}

impl World {
    /// The NAT gateway with this id, if the caller has it. One that is deleted or has failed is still found.
    ///
    /// # Errors
    /// `NatGatewayNotFound`.
    pub fn nat_gateway(&self, scope: &Scope, id: &NatGatewayId) -> Result<&NatGateway, Error> {
        self.nat_gateways.get(id).filter(|g| g.scope == *scope).ok_or_else(|| Error::NatGatewayNotFound(id.clone()))
    }
}
