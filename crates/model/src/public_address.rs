//! The public addresses that Sidegate gives out: to accounts as Elastic IP addresses, and by itself to what runs in a
//! public subnet.
//!
//! Source: EC2 user guide, "Public IPv4 addresses", "External DNS hostnames"; VPC user guide, "DNS attributes for your
//! VPC".

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{Attachment, Context, Error, InstanceState, NetworkInterface, NetworkInterfaceId, Region, VpcId, World};

/// Where in a Region's public block that part begins which is given out: it is the last /22, and no service is in it.
const OFFSET: u32 = 0x0c00;

/// Where it ends. Its first and last address are given to nobody.
const END: u32 = 0x0fff;

/// The public address that a primary private one has without the account's doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutomaticAddress {
    /// Whether the interface is to have one: its launch or its subnet said so.
    pub wanted: bool,
    /// The one that it has.
    pub address: Option<Ipv4Addr>,
    /// The one that it had last, which it does not get again.
    pub last: Option<Ipv4Addr>,
}

/// A private address of an interface that has a public one.
#[derive(Clone, Copy, Debug)]
pub struct MappedAddress<'w> {
    /// The public address.
    pub public: Ipv4Addr,
    /// The private one.
    pub private: Ipv4Addr,
    /// The interface.
    pub interface: &'w NetworkInterface,
}

impl Region {
    /// The addresses that are given out in the Region.
    fn public_pool(self) -> impl DoubleEndedIterator<Item = Ipv4Addr> {
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
    /// The public addresses of a Region that somebody has.
    fn taken_public_addresses(&self, region: Region) -> BTreeSet<Ipv4Addr> {
        let elastic = self.elastic_ips.iter().filter(|e| e.scope.region == region).map(|elastic| elastic.address);
        let interfaces = self.interfaces.iter().filter(|i| i.scope.region == region);
        elastic.chain(interfaces.filter_map(|interface| interface.automatic.address)).collect()
    }

    /// This address, or the lowest of a Region, if nobody has it.
    ///
    /// # Errors
    /// `InvalidAddress.NotFound` or `InsufficientAddressCapacity`.
    pub(crate) fn free_public_address(&self, region: Region, wanted: Option<Ipv4Addr>) -> Result<Ipv4Addr, Error> {
        let taken = self.taken_public_addresses(region);
        let free = region.public_pool().find(|a| !taken.contains(a) && wanted.is_none_or(|wanted| wanted == *a));
        free.ok_or_else(|| match wanted {
            Some(wanted) => Error::refused("InvalidAddress.NotFound", format!("Address '{wanted}' not found.")),
            None => insufficient(),
        })
    }

    /// Every private address that has a public one.
    pub fn public_addresses(&self) -> impl Iterator<Item = MappedAddress<'_>> {
        self.elastic_addresses().chain(automatic_addresses(self.interfaces.iter()))
    }

    /// Every private address of a VPC that has a public one.
    pub fn public_addresses_of(&self, vpc: &VpcId) -> impl Iterator<Item = MappedAddress<'_>> {
        let elastic = self.elastic_addresses().filter(|mapped| mapped.interface.vpc == *vpc);
        elastic.chain(automatic_addresses(self.interfaces.of_vpc(vpc)))
    }

    fn elastic_addresses(&self) -> impl Iterator<Item = MappedAddress<'_>> {
        self.elastic_ips.iter().filter_map(|elastic| {
            let own = elastic.association.as_ref()?;
            let interface = self.interfaces.get(&own.interface)?;
            Some(MappedAddress { public: elastic.address, private: own.private, interface })
        })
    }

    /// The host name that a public address of an interface has, which is given where the VPC gives names.
    pub fn public_host_name(&self, interface: &NetworkInterface, public: Ipv4Addr) -> Option<String> {
        let vpc = self.vpcs.get(&interface.vpc).filter(|vpc| vpc.dns_hostnames);
        vpc.map(|_| interface.scope.region.public_host_name(public))
    }

    /// Says whether an interface is to have an automatic public address, and gives or takes it if something that runs has
    /// the interface as its first.
    ///
    /// # Errors
    /// `AuthFailure` if AWS manages the interface; `InsufficientAddressCapacity`.
    pub fn modify_automatic_address(
        &mut self, context: &Context<'_>, id: &NetworkInterfaceId, wanted: bool,
    ) -> Result<(), Error> {
        if self.interface(&context.scope, id)?.is_requester_managed() {
            return Err(Error::AuthFailure);
        }
        self.interfaces.update(id, |interface| interface.automatic.wanted = wanted);
        if wanted {
            return self.renew_automatic_address(id);
        }
        self.release_automatic_address(id);
        Ok(())
    }

    /// Gives a new interface its automatic public address, if it is to have one, now and whenever it begins to run.
    pub(crate) fn want_automatic_address(&mut self, id: &NetworkInterfaceId, wanted: bool) -> Result<(), Error> {
        if !wanted {
            return Ok(());
        }
        self.interfaces.update(id, |interface| interface.automatic.wanted = true);
        self.give_automatic_address(id)
    }

    /// Gives an interface that is to have one an automatic public address, where AWS would. It has none yet, and what
    /// it belongs to runs, has no other interface, and no Elastic IP address.
    ///
    /// Source: EC2 user guide, "Public IPv4 addresses": "it will not receive a new one if there is more than one network
    /// interface attached to your instance", nor if "it has a secondary private IP address that is associated with an
    /// Elastic IP address".
    pub(crate) fn renew_automatic_address(&mut self, id: &NetworkInterfaceId) -> Result<(), Error> {
        let lacks = |interface: &&NetworkInterface| interface.automatic.wanted && interface.automatic.address.is_none();
        let Some(interface) = self.interfaces.get(id).filter(lacks) else { return Ok(()) };
        let is_alone = match &interface.attachment {
            Attachment::Program => true,
            Attachment::Instance { instance, .. } => self.instances.get(instance).is_some_and(|instance| {
                let runs = !matches!(instance.state, InstanceState::Stopped | InstanceState::Terminated);
                runs && instance.interface.as_ref() == Some(id) && instance.further_interfaces.is_empty()
            }),
            Attachment::Endpoint(_) | Attachment::NatGateway(_) | Attachment::Functions(_) | Attachment::None => false,
        };
        let is_elastic = interface.addresses().any(|own| self.elastic_ip_of(id, own).is_some());
        if is_alone && !is_elastic { self.give_automatic_address(id) } else { Ok(()) }
    }

    /// The same after an Elastic IP address was taken away, which happens whether or not another address is free.
    pub(crate) fn renew_if_free(&mut self, id: &NetworkInterfaceId) {
        let _ = self.renew_automatic_address(id);
    }

    /// The highest free address of the Region, so that those of accounts stay together at its other end.
    fn give_automatic_address(&mut self, id: &NetworkInterfaceId) -> Result<(), Error> {
        let Some(interface) = self.interfaces.get(id) else { return Ok(()) };
        let region = interface.scope.region;
        let taken = self.taken_public_addresses(region);
        let last = interface.automatic.last;
        let free = region.public_pool().rev().find(|a| !taken.contains(a) && last != Some(*a));
        let free = free.ok_or_else(insufficient)?;
        self.interfaces.update(id, |interface| {
            interface.automatic.address = Some(free);
            interface.automatic.last = Some(free);
        });
        Ok(())
    }

    /// Takes the automatic public address from an interface, if it has one.
    pub(crate) fn release_automatic_address(&mut self, id: &NetworkInterfaceId) {
        if self.interfaces.get(id).is_some_and(|interface| interface.automatic.address.is_some()) {
            self.interfaces.update(id, |interface| interface.automatic.address = None);
        }
    }
}

fn automatic_addresses<'w>(
    interfaces: impl Iterator<Item = &'w NetworkInterface>,
) -> impl Iterator<Item = MappedAddress<'w>> {
    interfaces.filter_map(|interface| {
        let public = interface.automatic.address?;
        Some(MappedAddress { public, private: interface.address, interface })
    })
}

fn insufficient() -> Error {
    Error::refused("InsufficientAddressCapacity", "Not enough available addresses to satisfy your minimum request.")
}
