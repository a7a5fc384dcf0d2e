//! The public addresses that Sidegate gives out: to accounts as Elastic IP addresses.
//!
//! Source: EC2 user guide, "Public IPv4 addresses", "External DNS hostnames"; VPC user guide, "DNS attributes for your
//! VPC".

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use crate::{Error, NetworkInterface, Region, World};

/// Where in a Region's public block that part begins which is given out: it is the last /22, and no service is in it.
const OFFSET: u32 = 0x0c00;

/// Where it ends. Its first and last address are given to nobody.
const END: u32 = 0x0fff;

impl Region {
    /// The addresses that are given out in the Region.
    fn public_pool(self) -> impl Iterator<Item = Ipv4Addr> {
        let first = self.public_block().first().to_bits();
        (OFFSET + 1..END).map(move |n| Ipv4Addr::from_bits(first + n))
    }

    /// The host name that a public address of the Region has in public DNS.
    pub fn public_host_name(self, address: Ipv4Addr) -> String {
        let [a, b, c, d] = address.octets();
        match self.as_str() {
            "us-east-1" => format!("ec2-{a}-{b}-{c}-{d}.compute-1.amazonaws.com"),
            region => format!("ec2-{a}-{b}-{c}-{d}.{region}.compute.amazonaws.com"),
        }
    }
}

impl World {
    /// This address, or the lowest of a Region, if nobody has it.
    ///
    /// # Errors
    /// `InvalidAddress.NotFound` or `InsufficientAddressCapacity`.
    pub(crate) fn free_public_address(&self, region: Region, wanted: Option<Ipv4Addr>) -> Result<Ipv4Addr, Error> {
        let taken = self.elastic_ips.iter().filter(|e| e.scope.region == region).map(|elastic| elastic.address);
        let taken: BTreeSet<Ipv4Addr> = taken.collect();
        let free = region.public_pool().find(|a| !taken.contains(a) && wanted.is_none_or(|wanted| wanted == *a));
        free.ok_or_else(|| match wanted {
            Some(wanted) => Error::refused("InvalidAddress.NotFound", format!("Address '{wanted}' not found.")),
            None => Error::refused(
                "InsufficientAddressCapacity",
                "Not enough available addresses to satisfy your minimum request.",
            ),
        })
    }

    /// The host name that a public address of an interface has, which is given where the VPC gives names.
    pub fn public_host_name(&self, interface: &NetworkInterface, public: Ipv4Addr) -> Option<String> {
        let vpc = self.vpcs.get(&interface.vpc).filter(|vpc| vpc.dns_hostnames);
        vpc.map(|_| interface.scope.region.public_host_name(public))
    }
}
