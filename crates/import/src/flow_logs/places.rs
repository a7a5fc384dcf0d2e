//! The interfaces, endpoints and VPCs of a world, by address.

use std::collections::HashMap;
use std::net::IpAddr;

use sidegate_model::{Attachment, IpCidr, VpcId, World};

use super::observed::Owner;
use super::peer::Peer;

/// An interface of the world.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) subnet: String,
    pub(super) vpc: String,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) owner: Option<Owner>,
    /// Whether it lets through what is not for it: its source/destination check is off.
    pub(super) forwards: bool,
}

/// What a world knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    interfaces: HashMap<String, Known>,
    /// The endpoints, by VPC and address.
    endpoints: HashMap<IpAddr, Vec<(VpcId, Peer)>>,
    /// The blocks of VPCs.
    blocks: Vec<(IpCidr, VpcId)>,
}

impl Places {
    /// Those of a world.
    pub(super) fn of(world: &World) -> Self {
        let mut places = Self::default();
        for interface in world.interfaces.iter() {
            let ipv4 = interface.addresses().map(IpAddr::from);
            let addresses: Vec<IpAddr> = ipv4.chain(interface.ipv6.iter().copied().map(IpAddr::from)).collect();
            let owner = match &interface.attachment {
                Attachment::Endpoint(id) => {
                    if let Some(endpoint) = world.endpoints.get(id) {
                        let peer = Peer::Endpoint { endpoint: id.clone(), service: endpoint.service.clone() };
                        for address in &addresses {
                            let at = places.endpoints.entry(*address).or_default();
                            at.push((interface.vpc.clone(), peer.clone()));
                        }
                    }
                    Some(Owner::Endpoint(id.clone()))
                }
                Attachment::NatGateway(id) => Some(Owner::NatGateway(id.clone())),
                _ => None,
            };
            let (subnet, vpc) = (interface.subnet.to_string(), interface.vpc.to_string());
            let known = Known { subnet, vpc, addresses, owner, forwards: !interface.source_dest_check };
            places.interfaces.insert(interface.id.to_string(), known);
        }
        for vpc in world.vpcs.iter() {
            let ipv4 = vpc.cidrs().map(IpCidr::from);
            let ipv6 = vpc.ipv6_cidrs.iter().map(|block| IpCidr::from(block.cidr));
            places.blocks.extend(ipv4.chain(ipv6).map(|block| (block, vpc.id.clone())));
        }
        places
    }

    /// An interface, by its id.
    pub(super) fn interface(&self, id: &str) -> Option<&Known> {
        self.interfaces.get(id)
    }

    /// Whether an address is in a VPC.
    pub(super) fn has(&self, address: IpAddr) -> bool {
        self.blocks.iter().any(|(block, _)| block.contains(address))
    }

    /// Who has an address, as seen from a VPC: someone in it, or else in the only other one that has the address. `None` if
    /// nobody in the world has it.
    pub(super) fn peer(&self, from: Option<&str>, address: IpAddr) -> Option<Peer> {
        let vpc = self.vpc_of(from, address)?;
        let endpoints = self.endpoints.get(&address);
        let endpoint = endpoints.and_then(|all| all.iter().find(|(own, _)| own == vpc));
        Some(endpoint.map_or_else(|| Peer::Vpc { vpc: vpc.clone() }, |(_, peer)| peer.clone()))
    }

    fn vpc_of(&self, from: Option<&str>, address: IpAddr) -> Option<&VpcId> {
        let having = || self.blocks.iter().filter(move |(block, _)| block.contains(address)).map(|(_, vpc)| vpc);
        if let Some(own) = having().find(|vpc| Some(vpc.as_str()) == from) {
            return Some(own);
        }
        let first = having().next()?;
        having().all(|vpc| vpc == first).then_some(first)
    }
}
