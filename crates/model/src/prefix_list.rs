//! Prefix lists: those of AWS's, which are the public addresses of a service that a gateway endpoint takes over, and how
//! an id is resolved. Those of accounts are in `prefix_list/customer.rs`.
//!
//! Source: VPC user guide, "AWS-managed prefix lists". They are derived from the Region, never stored.

mod command;
mod customer;

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

pub use customer::{
    CreatePrefixList, CustomerPrefixList, ModifyPrefixList, PrefixListEntry, PrefixListState, PrefixListUser,
    PrefixListVersion,
};

use crate::{AddressFamily, Entity, Ipv4Cidr, Ipv6Cidr, PrefixListId, Region, Scope, Service, World};

/// A prefix list as what names it sees it: AWS's or an account's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixList {
    /// Its id; that of a list of AWS's is the same for every account.
    pub id: PrefixListId,
    /// Its name, such as `com.amazonaws.us-east-1.s3`.
    pub name: String,
    /// Its IPv4 blocks.
    pub cidrs: Vec<Ipv4Cidr>,
    /// Its IPv6 blocks. A list has blocks of one family only.
    pub cidrs6: Vec<Ipv6Cidr>,
    /// What a reference to it counts in a route table or security group.
    pub weight: u32,
}

/// A list is stored only where a world holds what an account elsewhere told of it: [`World::observed_prefix_lists`].
impl Entity for PrefixList {
    type Id = PrefixListId;
    const KIND: &'static str = "observed-prefix-list";

    fn id(&self) -> PrefixListId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl PrefixList {
    /// The AWS-managed prefix lists of a Region: for each service with a gateway endpoint one of IPv4 and one of IPv6.
    pub fn managed(region: Region) -> Vec<Self> {
        let services = || Service::all().iter().filter(|s| s.gateway());
        services().map(|s| Self::of(s, region)).chain(services().filter_map(|s| Self::ipv6_of(s, region))).collect()
    }

    /// The AWS-managed prefix list with this id in a Region.
    pub fn find(region: Region, id: &PrefixListId) -> Option<Self> {
        Self::managed(region).into_iter().find(|list| list.id == *id)
    }

    /// The list of IPv4 of a service with a gateway endpoint.
    pub fn of(service: &Service, region: Region) -> Self {
        let block = region.public_block();
        let part =
            |third: u32, length: u8| Ipv4Cidr::new(Ipv4Addr::from_bits(block.first().to_bits() + third * 256), length);
        let (known, salt, cidrs) = match service.name {
            "s3" => (Some("63a5400a"), 9, vec![part(0, 22), part(4, 24)]),
            "dynamodb" => (Some("02cd2c6b"), 8, vec![part(6, 24)]),
            _ => (None, 10, vec![part(7, 24)]),
        };
        let id = match known.filter(|_| region.as_str() == "us-east-1") {
            Some(known) => PrefixListId::derived(known),
            None => {
                let index = block.first().to_bits() >> 12;
                PrefixListId::derived(&format!("{:08x}", index.wrapping_mul(0x9e37_79b9) ^ salt))
            }
        };
        Self { id, name: service.endpoint_name(region), cidrs, cidrs6: Vec::new(), weight: 1 }
    }

    /// The list of IPv6 of a service with a gateway endpoint, if it has IPv6. Its name has the form of those that the VPC
    /// user guide names; its id is none of AWS's.
    pub fn ipv6_of(service: &Service, region: Region) -> Option<Self> {
        let block = Ipv6Cidr::new(service.public_ipv6(region)?, 60);
        let salt = if service.name == "s3" { 0x6163_0000_u32 } else { 0x6164_0000 };
        let index = (region.public_block().first().to_bits() >> 12) & 0xffff;
        Some(Self {
            id: PrefixListId::derived(&format!("{:08x}", (salt | index).wrapping_mul(0x9e37_79b9))),
            name: format!("com.amazonaws.{region}.ipv6.{}", service.name),
            cidrs: Vec::new(),
            cidrs6: vec![block],
            weight: 1,
        })
    }

    /// The family of its blocks.
    pub fn family(&self) -> AddressFamily {
        if self.cidrs6.is_empty() { AddressFamily::Ipv4 } else { AddressFamily::Ipv6 }
    }
}

impl World {
    /// The prefix list that an id names for an account in a Region.
    pub fn prefix_list(&self, scope: &Scope, id: &PrefixListId) -> Option<PrefixList> {
        if let Some(observed) = self.observed_prefix_lists.get(id) {
            return Some(observed.clone());
        }
        let own = || self.customer_prefix_list(scope, id).ok().map(CustomerPrefixList::resolved);
        PrefixList::find(scope.region, id).or_else(own)
    }

    /// All prefix lists that an account may name in a Region: AWS's, then its own by id.
    pub fn prefix_lists_of(&self, scope: &Scope) -> Vec<PrefixList> {
        let own = self.prefix_lists.iter().filter(|list| list.scope == *scope).map(CustomerPrefixList::resolved);
        PrefixList::managed(scope.region).into_iter().chain(own).collect()
    }

    /// What a reference to a list counts in a route table or security group, and for which family: a list of AWS's its
    /// weight, another as many entries as it can have.
    pub(crate) fn prefix_list_weight(&self, scope: &Scope, id: &PrefixListId) -> (AddressFamily, u32) {
        match self.customer_prefix_list(scope, id) {
            Ok(list) => (list.family, list.max_entries),
            Err(_) => {
                PrefixList::find(scope.region, id).map_or((AddressFamily::Ipv4, 1), |list| (list.family(), list.weight))
            }
        }
    }
}
