//! NAT gateways. How addresses are added to one and taken off is in `nat_gateway/address.rs`.
//!
//! Source: VPC user guide, "NAT gateways".

mod address;

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

pub use self::address::{AssignNatAddresses, AssociateNatAddresses, DrainDuration};
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
    /// Its primary private address, if it is to be a particular one.
    pub private: Option<Ipv4Addr>,
    /// What its packets are to have as sources.
    pub sources: NatSources,
}

/// What the packets of a NAT gateway that is to be made should have as sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NatSources {
    /// Elastic IP addresses: it is public.
    Public {
        /// The allocation of the primary one.
        allocation: AllocationId,
        /// The secondary ones.
        secondary: AssociateNatAddresses,
    },
    /// Its private addresses, which are these beside the primary one: it is private.
    Private(AssignNatAddresses),
}

impl NatSources {
    /// Where the gateway leads.
    fn connectivity(&self) -> Connectivity {
        match self {
            Self::Public { .. } => Connectivity::Public,
            Self::Private(_) => Connectivity::Private,
        }
    }

    /// The Elastic IP addresses, the primary one first.
    fn allocations(&self) -> impl Iterator<Item = &AllocationId> {
        let (first, others) = match self {
            Self::Public { allocation, secondary } => (Some(allocation), secondary.allocations.as_slice()),
            Self::Private(_) => (None, [].as_slice()),
        };
        first.into_iter().chain(others)
    }
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
    /// When it goes at the latest, if it is being taken off: Unix time in milliseconds. Till then it serves the connections
    /// that it has and takes no others.
    #[serde(default)]
    pub draining: Option<i64>,
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
    /// If the subnet or an allocation does not exist; `NatGatewayLimitExceeded` for too many in a zone, and those of
    /// [`World::associate_nat_gateway_address`] and [`World::assign_private_nat_gateway_address`] for too many secondary
    /// addresses or such as do not go together; `InvalidParameterValue` for a private address that is not the subnet's or
    /// is taken.
    pub fn create_nat_gateway(
        &mut self, context: &mut Context<'_>, wanted: CreateNatGateway,
    ) -> Result<NatGatewayId, Error> {
        self.forget_ended_nat_gateways(context.now);
        let (zone, vpc) = self.subnet(&context.scope, &wanted.subnet).map(|s| (s.zone, s.vpc.clone()))?;
        let in_zone = |nat: &&NatGateway| {
            nat.scope == context.scope
                && nat.is_available()
                && self.subnets.get(&nat.subnet).is_some_and(|subnet| subnet.zone == zone)
        };
        if self.nat_gateways.iter().filter(in_zone).count() >= LIMIT {
            return Err(Error::limit("NatGatewayLimitExceeded", "NAT gateways"));
        }
        let known = wanted.sources.allocations().map(|id| self.elastic_ip(&context.scope, id).map(|e| e.address));
        let public: Vec<Ipv4Addr> = known.collect::<Result<_, _>>()?;
        match &wanted.sources {
            NatSources::Public { secondary, .. } => secondary.check(1)?,
            NatSources::Private(secondary) => secondary.check(1)?,
        }
        let id = NatGatewayId::random(context.entropy);
        let mut gateway = NatGateway {
            id: id.clone(),
            scope: context.scope.clone(),
            vpc,
            subnet: wanted.subnet.clone(),
            connectivity: wanted.sources.connectivity(),
            state: NatGatewayState::Available,
            interface: None,
            addresses: Vec::new(),
            created: context.now,
            ended: None,
        };
        match self.furnish(context, &gateway, &wanted) {
            Ok((interface, addresses)) => {
                gateway.interface = Some(interface);
                gateway.addresses = addresses;
            }
            Err(Furnishing::Refused(error)) => return Err(error),
            Err(Furnishing::Failed { code, message }) => {
                gateway.state = NatGatewayState::Failed { code: code.to_owned(), message };
                gateway.ended = Some(context.now);
                gateway.addresses = unfurnished(&wanted.sources, &public);
            }
        }
        self.nat_gateways.insert(gateway);
        Ok(id)
    }

    /// Its interface, and its addresses with the associations of the public ones.
    fn furnish(
        &mut self, context: &mut Context<'_>, gateway: &NatGateway, wanted: &CreateNatGateway,
    ) -> Result<(NetworkInterfaceId, Vec<NatGatewayAddress>), Furnishing> {
        let failed = |code, message| Furnishing::Failed { code, message };
        if gateway.connectivity == Connectivity::Public && self.internet_gateway_of(&gateway.vpc).is_none() {
            let message = format!("Network {} has no Internet gateway attached", gateway.vpc);
            return Err(failed("Gateway.NotAttached", message));
        }
        if let Some(allocation) = self.first_associated(wanted.sources.allocations()) {
            return Err(failed("Resource.AlreadyAssociated", address::already_associated(allocation)));
        }
        let certain = match &wanted.sources {
            NatSources::Public { secondary, .. } => &secondary.private,
            NatSources::Private(secondary) => &secondary.private,
        };
        let mut made = None;
        let furnished = self.free_nat_address(&gateway.subnet, wanted.private, certain).and_then(|address| {
            let interface = self.add_nat_interface(context, &gateway.subnet, address, &gateway.id)?;
            made = Some(interface.clone());
            let addresses = self.lend_all(context, &interface, address, &wanted.sources)?;
            Ok((interface, addresses))
        });
        furnished.map_err(|error| match error {
            Error::InsufficientFreeAddresses(_) => {
                made.into_iter().for_each(|interface| self.remove_interface(&interface));
                let message = "Subnet has insufficient free addresses to create this NAT gateway".to_owned();
                failed("InsufficientFreeAddressesInSubnet", message)
            }
            other => Furnishing::Refused(other),
        })
    }

    /// The addresses of a new gateway, of which its interface has the primary private one already.
    fn lend_all(
        &mut self, context: &mut Context<'_>, interface: &NetworkInterfaceId, primary: Ipv4Addr, sources: &NatSources,
    ) -> Result<Vec<NatGatewayAddress>, Error> {
        let (first, secondary) = match sources {
            NatSources::Public { allocation, secondary } => {
                let first = self.lend(context, interface, primary, Some(allocation));
                (first, self.lend_public(context, interface, secondary)?)
            }
            NatSources::Private(secondary) => {
                let first = self.lend(context, interface, primary, None);
                (first, self.lend_private(context, interface, secondary)?)
            }
        };
        Ok([first].into_iter().chain(secondary).collect())
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
            gateway.addresses.iter_mut().for_each(|address| address.draining = None);
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

/// What a gateway that failed shows of the addresses that it was to have: the public ones.
fn unfurnished(sources: &NatSources, public: &[Ipv4Addr]) -> Vec<NatGatewayAddress> {
    let nothing =
        NatGatewayAddress { private: None, allocation: None, association: None, public: None, draining: None };
    let public = sources.allocations().zip(public).map(|(allocation, address)| NatGatewayAddress {
        allocation: Some(allocation.clone()),
        public: Some(*address),
        ..nothing.clone()
    });
    let shown: Vec<_> = public.collect();
    if shown.is_empty() { vec![nothing] } else { shown }
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
