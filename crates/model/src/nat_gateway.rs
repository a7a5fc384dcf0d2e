//! NAT gateways.
//!
//! Source: VPC user guide, "NAT gateways".

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{
    AddressAssociationId, AllocationId, Context, Entity, Error, NatGatewayId, NetworkInterfaceId, Scope, SubnetId,
    VpcId, World,
};

/// The most NAT gateways of an account in a zone. AWS starts with 5 and raises it on request.
///
/// Source: VPC user guide, "Amazon VPC quotas".
const LIMIT: usize = 100;

/// How long a gateway that has ended is shown, in milliseconds.
const SHOWN: i64 = 3_600_000;

/// What a NAT gateway that is to be made should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateNatGateway {
    /// Its subnet.
    pub subnet: SubnetId,
    /// The allocation of its public address; without one it is private.
    pub allocation: Option<AllocationId>,
    /// Its private address, if it is to be a particular one.
    pub private: Option<Ipv4Addr>,
}

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

    fn vpc(&self) -> Option<&VpcId> {
        Some(&self.vpc)
    }
}

impl NatGateway {
    /// Whether it is still shown at this time, in milliseconds: one that has ended is for about an hour.
    ///
    /// Source: VPC user guide, "Delete a NAT gateway".
    pub fn is_shown(&self, now: i64) -> bool {
        self.ended.is_none_or(|ended| now - ended < SHOWN)
    }

    /// Whether it forwards packets.
    pub fn is_available(&self) -> bool {
        self.state == NatGatewayState::Available
    }
}

impl World {
    /// The NAT gateway with this id, if the caller has it. One that is deleted or has failed is still found, for about an
    /// hour.
    ///
    /// # Errors
    /// `NatGatewayNotFound`.
    pub fn nat_gateway(&self, scope: &Scope, id: &NatGatewayId) -> Result<&NatGateway, Error> {
        self.nat_gateways.get(id).filter(|g| g.scope == *scope).ok_or_else(|| Error::NatGatewayNotFound(id.clone()))
    }

    /// Makes a NAT gateway. What AWS finds out only while it makes one is no error here either: the gateway has failed
    /// then, and says why.
    ///
    /// Source: VPC user guide, "Troubleshoot NAT gateways", "NAT gateway creation fails".
    ///
    /// # Errors
    /// If the subnet or the allocation does not exist; `NatGatewayLimitExceeded` for too many in a zone;
    /// `InvalidParameterValue` for a private address that is not the subnet's or is taken.
    pub fn create_nat_gateway(
        &mut self, context: &mut Context<'_>, wanted: CreateNatGateway,
    ) -> Result<NatGatewayId, Error> {
        self.forget_ended_nat_gateways(context.now);
        let CreateNatGateway { subnet, allocation, private } = wanted;
        let (zone, vpc) = self.subnet(&context.scope, &subnet).map(|s| (s.zone, s.vpc.clone()))?;
        let in_zone = |nat: &&NatGateway| {
            nat.scope == context.scope
                && nat.is_available()
                && self.subnets.get(&nat.subnet).is_some_and(|subnet| subnet.zone == zone)
        };
        if self.nat_gateways.iter().filter(in_zone).count() >= LIMIT {
            return Err(Error::limit("NatGatewayLimitExceeded", "NAT gateways"));
        }
        let id = NatGatewayId::random(context.entropy);
        let public =
            allocation.as_ref().map(|id| self.elastic_ip(&context.scope, id).map(|e| e.address)).transpose()?;
        let connectivity = if allocation.is_some() { Connectivity::Public } else { Connectivity::Private };
        let address = NatGatewayAddress { private: None, allocation: allocation.clone(), association: None, public };
        let mut gateway = NatGateway {
            id: id.clone(),
            scope: context.scope.clone(),
            vpc: vpc.clone(),
            subnet: subnet.clone(),
            connectivity,
            state: NatGatewayState::Available,
            interface: None,
            addresses: vec![address],
            created: context.now,
            ended: None,
        };
        match self.furnish(context, &id, &subnet, &vpc, allocation.as_ref(), private) {
            Ok((interface, address)) => {
                gateway.interface = Some(interface);
                gateway.addresses = vec![NatGatewayAddress { public, ..address }];
            }
            Err(Furnishing::Refused(error)) => return Err(error),
            Err(Furnishing::Failed { code, message }) => {
                gateway.state = NatGatewayState::Failed { code: code.to_owned(), message };
                gateway.ended = Some(context.now);
            }
        }
        self.nat_gateways.insert(gateway);
        Ok(id)
    }

    /// Its interface, and its address with the association of its public one.
    fn furnish(
        &mut self, context: &mut Context<'_>, id: &NatGatewayId, subnet: &SubnetId, vpc: &VpcId,
        allocation: Option<&AllocationId>, private: Option<Ipv4Addr>,
    ) -> Result<(NetworkInterfaceId, NatGatewayAddress), Furnishing> {
        let failed = |code, message| Furnishing::Failed { code, message };
        if let Some(allocation) = allocation {
            if self.internet_gateway_of(vpc).is_none() {
                let message = format!("Network {vpc} has no Internet gateway attached");
                return Err(failed("Gateway.NotAttached", message));
            }
            if self.elastic_ips.get(allocation).is_some_and(|elastic| elastic.association.is_some()) {
                let message = format!("Elastic IP address {allocation} is already associated");
                return Err(failed("Resource.AlreadyAssociated", message));
            }
        }
        let interface = self.add_nat_interface(context, subnet, private, id).map_err(|error| match error {
            Error::InsufficientFreeAddresses(_) => failed(
                "InsufficientFreeAddressesInSubnet",
                "Subnet has insufficient free addresses to create this NAT gateway".to_owned(),
            ),
            other => Furnishing::Refused(other),
        })?;
        let own = self.interfaces.get(&interface).map(|own| own.address);
        let mut association = None;
        if let (Some(allocation), Some(own)) = (allocation, own) {
            association = Some(self.associate(context, allocation, &interface, own));
        }
        let allocation = allocation.cloned();
        Ok((interface, NatGatewayAddress { private: own, allocation, association, public: None }))
    }

    /// Deletes a NAT gateway. Its Elastic IP addresses stay with the account; routes to it become black holes.
    ///
    /// # Errors
    /// `NatGatewayNotFound`.
    pub fn delete_nat_gateway(&mut self, context: &Context<'_>, id: &NatGatewayId) -> Result<(), Error> {
        let gateway = self.nat_gateway(&context.scope, id)?;
        if gateway.ended.is_some() {
            return Ok(());
        }
        if let Some(interface) = gateway.interface.clone() {
            self.remove_interface(&interface);
        }
        self.nat_gateways.update(id, |gateway| {
            gateway.state = NatGatewayState::Deleted;
            gateway.interface = None;
            gateway.ended = Some(context.now);
        });
        Ok(())
    }

    fn forget_ended_nat_gateways(&mut self, now: i64) {
        let old: Vec<_> = self.nat_gateways.iter().filter(|nat| !nat.is_shown(now)).map(|nat| nat.id.clone()).collect();
        for id in old {
            self.nat_gateways.remove(&id);
            self.forget_tags(id.as_str());
        }
    }
}

/// Why a NAT gateway has no interface.
enum Furnishing {
    /// The request is at fault.
    Refused(Error),
    /// The gateway has failed.
    Failed {
        /// AWS's code.
        code: &'static str,
        /// In words.
        message: String,
    },
}
