//! Links into programs, and what the metadata service tells each.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use sidegate_model::{
    Attachment, Instance, InstanceId, InstanceKey, InstanceState, Ipv6Cidr, MetadataOptions, NetworkInterface,
    NetworkInterfaceId, ReservationId, Subnet, Vpc, World, Zone,
};

use super::acls::Guarded;
use super::routes::BySubnet;
use super::{Parts, passages};
use crate::{AclNumber, Link, Metadata, OPEN_GROUP, RoleSource, TableIndex};

/// What a program of `sidegate exec` is told to run on: no such image and no such machine, but of the form that SDKs
/// expect.
const PROGRAM_IMAGE: &str = "ami-00000000000000000";
const PROGRAM_TYPE: &str = "t3.micro";

/// The links of a VPC, and what is told over each, by the address that asks.
pub(super) fn links<'a>(
    parts: &Parts<'a>, tables: &BySubnet<'_>, guarded: &Guarded<'_>,
) -> (BTreeMap<NetworkInterfaceId, Link>, BTreeMap<Ipv4Addr, Metadata>) {
    let subnets: BTreeMap<_, _> = parts.subnets.iter().map(|s| (&s.id, Place::of(s, parts.vpc))).collect();
    let end = |interface: &&'a NetworkInterface| {
        let owner = Owner::of(parts.world, interface)?;
        let place = subnets.get(&interface.subnet)?;
        Some(End {
            interface,
            owner,
            place,
            table: *tables.get(&interface.subnet)?,
            acl: guarded.get(&interface.subnet).copied(),
            mac: interface.mac(),
        })
    };
    let mut ends: Vec<End<'_>> = parts.interfaces.iter().filter_map(end).collect();
    let mut links: BTreeMap<_, _> = ends.iter().map(|end| (end.interface.id.clone(), end.link())).collect();
    let nats = parts.nat_gateways.iter().filter_map(|nat| passages::interface_of(parts.world, nat));
    for interface in nats {
        let (Some(place), Some(&table)) = (subnets.get(&interface.subnet), tables.get(&interface.subnet)) else {
            continue;
        };
        let acl = guarded.get(&interface.subnet).copied();
        let end = End { interface, owner: Owner::Program, place, table, acl, mac: interface.mac() };
        links.insert(interface.id.clone(), Link { group: OPEN_GROUP, forwards: true, ..end.link() });
    }
    // In the order of the map, since what is told is much to move about.
    ends.sort_unstable_by_key(|end| end.interface.address);
    let public = public_addresses(parts);
    let metadata = ends.iter().filter(|end| end.device() == 0);
    let metadata = metadata.map(|end| (end.interface.address, end.told(parts.world, &public))).collect();
    (links, metadata)
}

/// The public addresses of a VPC, by the private ones.
fn public_addresses(parts: &Parts<'_>) -> BTreeMap<Ipv4Addr, Ipv4Addr> {
    let own = parts.world.public_addresses().filter(|mapped| mapped.interface.vpc == parts.vpc.id);
    own.map(|mapped| (mapped.private, mapped.public)).collect()
}

/// An interface with what its link is made from.
struct End<'a> {
    interface: &'a NetworkInterface,
    owner: Owner<'a>,
    place: &'a Place<'a>,
    table: TableIndex,
    acl: Option<AclNumber>,
    mac: [u8; 6],
}

/// A subnet and the names of its zone.
struct Place<'a> {
    subnet: &'a Subnet,
    /// The block of IPv6 of the VPC.
    vpc_ipv6: Option<Ipv6Cidr>,
    zone: String,
    zone_id: String,
}

impl<'a> Place<'a> {
    fn of(subnet: &'a Subnet, vpc: &Vpc) -> Self {
        let vpc_ipv6 = vpc.ipv6_cidrs.first().map(|block| block.cidr);
        Self { subnet, vpc_ipv6, zone: Zone::name(subnet.zone), zone_id: Zone::id(subnet.zone) }
    }
}

/// What runs behind an interface.
enum Owner<'a> {
    Instance(&'a Instance),
    Program,
    /// Functions of Lambda, for which there is no metadata service.
    Functions,
}

impl<'a> Owner<'a> {
    /// Nothing runs behind an endpoint's interface, nor behind that of an instance which is stopped or gone.
    fn of(world: &'a World, interface: &NetworkInterface) -> Option<Self> {
        match &interface.attachment {
            Attachment::Endpoint(_) | Attachment::NatGateway(_) | Attachment::None => None,
            Attachment::Program => Some(Self::Program),
            Attachment::Functions(_) => Some(Self::Functions),
            Attachment::Instance { instance, .. } => world
                .instances
                .get(instance)
                .filter(|instance| !matches!(instance.state, InstanceState::Stopped | InstanceState::Terminated))
                .map(Self::Instance),
        }
    }
}

impl End<'_> {
    fn link(&self) -> Link {
        let subnet = self.place.subnet;
        Link {
            name: passages::link_name('v', self.interface.id.as_str()),
            namespace: self.first().as_str().to_owned(),
            device: self.device(),
            subnet: subnet.id.clone(),
            address: self.interface.address,
            secondary: self.interface.secondary.clone(),
            ipv6: self.interface.ipv6.clone(),
            prefix: subnet.cidr.length(),
            gateway: subnet.gateway(),
            mac: self.mac,
            table: self.table,
            redirects: None,
            group: self.interface.group_number,
            acl: self.acl,
            forwards: !self.interface.source_dest_check,
        }
    }

    fn device(&self) -> u32 {
        self.interface.device_index().unwrap_or_default()
    }

    /// The first interface of what runs behind this one.
    fn first(&self) -> &NetworkInterfaceId {
        let own = &self.interface.id;
        match self.owner {
            Owner::Instance(instance) if self.device() > 0 => instance.interface.as_ref().unwrap_or(own),
            Owner::Instance(_) | Owner::Program | Owner::Functions => own,
        }
    }

    /// The interface's id without its prefix.
    fn digits(&self) -> &str {
        self.interface.id.as_str().trim_start_matches(NetworkInterfaceId::PREFIX)
    }

    fn told(&self, world: &World, public: &BTreeMap<Ipv4Addr, Ipv4Addr>) -> Metadata {
        let named = |id| world.security_groups.get(id).map(|group| (group.id.clone(), group.name.as_str().to_owned()));
        let Self { interface, place, .. } = *self;
        let who = self.who();
        let own = public.get(&interface.address);
        let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        let tags = who.metadata.tags.then(|| world.tags(&who.instance).map(owned).collect());
        Metadata {
            interface: interface.id.clone(),
            instance: who.instance,
            reservation: who.reservation,
            image: who.image.to_owned(),
            instance_type: who.instance_type.to_owned(),
            zone: place.zone.clone(),
            zone_id: place.zone_id.clone(),
            hostname: world.own_host_name(interface),
            address: interface.address,
            ipv6: interface.ipv6.clone(),
            public: interface.addresses().filter_map(|own| Some((*public.get(&own)?, own))).collect(),
            public_hostname: own.and_then(|public| world.public_host_name(interface, *public)),
            mac: mac_text(self.mac),
            subnet: (place.subnet.id.clone(), place.subnet.cidr),
            ipv6_blocks: [place.vpc_ipv6, place.subnet.ipv6_cidr.as_ref().map(|block| block.cidr)],
            groups: interface.groups.iter().filter_map(named).collect(),
            launched: who.launched,
            user_data: who.user_data.cloned(),
            launch_index: who.launch_index,
            key: who.key.map(|key| (key.name.clone(), key.public_key.clone())),
            role: who.role,
            tokens_required: who.metadata.tokens_required,
            hop_limit: who.metadata.hop_limit,
            over_ipv6: who.metadata.ipv6,
            enabled: who.metadata.endpoint,
            tags,
        }
    }

    fn who(&self) -> Who<'_> {
        match self.owner {
            Owner::Instance(instance) => Who {
                instance: instance.id.as_str().to_owned(),
                reservation: instance.reservation.as_str().to_owned(),
                image: &instance.image,
                instance_type: &instance.instance_type,
                launched: instance.launched,
                user_data: instance.user_data.as_ref(),
                launch_index: instance.launch_index,
                key: instance.key.as_ref(),
                role: instance.profile.as_ref().map(|association| RoleSource::Profile {
                    arn: Arc::clone(&association.profile.arn),
                    id: Arc::clone(&association.profile.id),
                }),
                metadata: instance.metadata,
            },
            Owner::Program | Owner::Functions => Who {
                instance: [InstanceId::PREFIX, self.digits()].concat(),
                reservation: [ReservationId::PREFIX, self.digits()].concat(),
                image: PROGRAM_IMAGE,
                instance_type: PROGRAM_TYPE,
                launched: self.interface.created,
                user_data: None,
                launch_index: 0,
                key: None,
                role: self.interface.role.clone().map(RoleSource::Role),
                metadata: MetadataOptions {
                    endpoint: matches!(self.owner, Owner::Program),
                    ..MetadataOptions::default()
                },
            },
        }
    }
}

/// As what a program sees itself.
struct Who<'a> {
    instance: String,
    reservation: String,
    image: &'a str,
    instance_type: &'a str,
    launched: i64,
    user_data: Option<&'a Arc<str>>,
    launch_index: u32,
    key: Option<&'a InstanceKey>,
    role: Option<RoleSource>,
    metadata: MetadataOptions,
}

/// A MAC address as the metadata service writes it.
fn mac_text(mac: [u8; 6]) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| HEX.get(usize::from(n & 15)).copied().unwrap_or(b'0');
    let mut text = Vec::with_capacity(18);
    for byte in mac {
        text.extend([digit(byte >> 4), digit(byte), b':']);
    }
    text.pop();
    String::from_utf8(text).unwrap_or_default()
}
