//! Links into programs, and what the metadata service tells each.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use sidegate_model::{
    Attachment, Instance, InstanceId, InstanceState, NetworkInterface, NetworkInterfaceId, ReservationId, Subnet,
    World, Zone,
};

use super::{Parts, routes};
use crate::{Link, Metadata, TableIndex};

/// What a program of `sidegate exec` is told to run on: no such image and no such machine, but of the form that SDKs
/// expect.
const PROGRAM_IMAGE: &str = "ami-00000000000000000";
const PROGRAM_TYPE: &str = "t3.micro";

/// How many characters of an interface's id the name of its link has behind the `v`: a link's name has at most 15. What
/// is left has 56 random bits, so that no two interfaces of a VPC meet.
const NAME_DIGITS: usize = 14;

/// The links of a VPC, and what is told over each, by the address that asks.
pub(super) fn links(parts: &Parts<'_>) -> (BTreeMap<NetworkInterfaceId, Link>, BTreeMap<Ipv4Addr, Metadata>) {
    let tables = routes::by_subnet(parts);
    let subnets: BTreeMap<_, _> = parts.subnets.iter().map(|s| (&s.id, Place::of(s))).collect();
    let mut links = Vec::with_capacity(parts.interfaces.len());
    let mut metadata = Vec::with_capacity(parts.interfaces.len());
    for interface in &parts.interfaces {
        let places = subnets.get(&interface.subnet).zip(tables.get(&interface.subnet));
        if let (Some(owner), Some((place, table))) = (Owner::of(parts.world, interface), places) {
            let mac = interface.mac();
            links.push((interface.id.clone(), link(interface, place.subnet, *table, mac)));
            metadata.push((interface.address, told(parts.world, interface, &owner, place, mac)));
        }
    }
    (links.into_iter().collect(), metadata.into_iter().collect())
}

/// A subnet and the names of its zone.
struct Place<'a> {
    subnet: &'a Subnet,
    zone: String,
    zone_id: String,
}

impl<'a> Place<'a> {
    fn of(subnet: &'a Subnet) -> Self {
        Self { subnet, zone: Zone::name(subnet.zone), zone_id: Zone::id(subnet.zone) }
    }
}

/// What runs behind an interface.
enum Owner<'a> {
    Instance(&'a Instance),
    Program,
}

impl<'a> Owner<'a> {
    /// Nothing runs behind an endpoint's interface, nor behind that of an instance which is gone.
    fn of(world: &'a World, interface: &NetworkInterface) -> Option<Self> {
        match &interface.attachment {
            Attachment::Endpoint(_) => None,
            Attachment::Program => Some(Self::Program),
            Attachment::Instance { instance, .. } => world
                .instances
                .get(instance)
                .filter(|instance| instance.state != InstanceState::Terminated)
                .map(Self::Instance),
        }
    }
}

fn link(interface: &NetworkInterface, subnet: &Subnet, table: TableIndex, mac: [u8; 6]) -> Link {
    let digits = digits(interface);
    let tail = digits.get(digits.len().saturating_sub(NAME_DIGITS)..).unwrap_or(digits);
    Link {
        name: ["v", tail].concat(),
        namespace: interface.id.to_string(),
        subnet: subnet.id.clone(),
        address: interface.address,
        prefix: subnet.cidr.length(),
        gateway: subnet.gateway(),
        mac,
        table,
        group: interface.group_number,
    }
}

/// An interface's id without its prefix.
fn digits(interface: &NetworkInterface) -> &str {
    interface.id.as_str().trim_start_matches(NetworkInterfaceId::PREFIX)
}

fn told(world: &World, interface: &NetworkInterface, owner: &Owner<'_>, place: &Place<'_>, mac: [u8; 6]) -> Metadata {
    let (instance, reservation, image, instance_type) = match owner {
        Owner::Instance(instance) => (
            instance.id.to_string(),
            instance.reservation.to_string(),
            instance.image.clone(),
            instance.instance_type.clone(),
        ),
        Owner::Program => (
            [InstanceId::PREFIX, digits(interface)].concat(),
            [ReservationId::PREFIX, digits(interface)].concat(),
            PROGRAM_IMAGE.to_owned(),
            PROGRAM_TYPE.to_owned(),
        ),
    };
    let (launched, user_data, launch_index) = match owner {
        Owner::Instance(instance) => (instance.launched, instance.user_data.clone(), instance.launch_index),
        Owner::Program => (interface.created, None, 0),
    };
    let named = |id| world.security_groups.get(id).map(|group| (group.id.clone(), group.name.as_str().to_owned()));
    Metadata {
        interface: interface.id.clone(),
        instance,
        reservation,
        image,
        instance_type,
        zone: place.zone.clone(),
        zone_id: place.zone_id.clone(),
        hostname: interface.private_dns_name(),
        address: interface.address,
        mac: mac_text(mac),
        subnet: (place.subnet.id.clone(), place.subnet.cidr),
        groups: interface.groups.iter().filter_map(named).collect(),
        launched,
        user_data,
        launch_index,
        // What new accounts are advised to demand, and the default hop limit.
        // Source: EC2 user guide, "Configure the Instance Metadata Service options".
        tokens_required: true,
        hop_limit: 1,
    }
}

fn mac_text(mac: [u8; 6]) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| HEX.get(usize::from(n & 15)).map_or('0', |d| char::from(*d));
    let mut text = String::with_capacity(17);
    for byte in mac {
        if !text.is_empty() {
            text.push(':');
        }
        text.extend([digit(byte >> 4), digit(byte)]);
    }
    text
}
