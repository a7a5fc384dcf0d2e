//! AWS-managed prefix lists: the public addresses of a service that a gateway endpoint takes over.
//!
//! Source: VPC user guide, "AWS-managed prefix lists". They are derived from the Region, never stored.

use std::net::Ipv4Addr;

use crate::{Ipv4Cidr, PrefixListId, Region, Service};

/// A prefix list that AWS owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixList {
    /// Its id, the same for every account.
    pub id: PrefixListId,
    /// Its name, such as `com.amazonaws.us-east-1.s3`.
    pub name: String,
    /// Its blocks.
    pub cidrs: Vec<Ipv4Cidr>,
    /// What a reference to it counts in a route table or security group.
    pub weight: u32,
}

impl PrefixList {
    /// The AWS-managed prefix lists of a Region.
    pub fn managed(region: Region) -> Vec<Self> {
        Service::all().iter().filter(|s| s.gateway()).map(|s| Self::of(s, region)).collect()
    }

    /// The AWS-managed prefix list with this id in a Region.
    pub fn find(region: Region, id: &PrefixListId) -> Option<Self> {
        Self::managed(region).into_iter().find(|list| list.id == *id)
    }

    /// The list of a service with a gateway endpoint.
    pub fn of(service: &Service, region: Region) -> Self {
        let block = region.public_block();
        let part =
            |third: u32, length: u8| Ipv4Cidr::new(Ipv4Addr::from_bits(block.first().to_bits() + third * 256), length);
        let (known, cidrs) = match service.name {
            "s3" => ("63a5400a", vec![part(0, 22), part(4, 24)]),
            _ => ("02cd2c6b", vec![part(6, 24)]),
        };
        let id = if region.as_str() == "us-east-1" {
            PrefixListId::derived(known)
        } else {
            let index = block.first().to_bits() >> 12;
            PrefixListId::derived(&format!(
                "{:08x}",
                index.wrapping_mul(0x9e37_79b9) ^ (known.len() as u32) ^ u32::from(service.name == "s3")
            ))
        };
        Self { id, name: service.endpoint_name(region), cidrs, weight: 1 }
    }
}
