//! Network interfaces as answers show them.
//!
//! Source: EC2 API reference, `DescribeNetworkInterfaces`, `NetworkInterface`; for those of endpoints, outputs of real
//! accounts that were quoted in public.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use sidegate_model::{Attachment, Detached, NetworkInterface, NetworkInterfaceId, SecurityGroupId, World};
use sidegate_wire::ec2::{
    self, DescribeNetworkInterfacesRequest, DescribeNetworkInterfacesResult, GroupIdentifier,
    NetworkInterfaceAssociation, NetworkInterfaceAttachment, NetworkInterfaceIpv6Address,
    NetworkInterfacePrivateIpAddress, OperatorResponse, Timestamp,
};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::filter::{Filters, flag, one, tag_values};
use super::super::ids::{chosen, ids};
use super::super::{refused, tagged};

const FILTERS: &[&str] = &[
    "addresses.association.owner-id",
    "addresses.association.public-ip",
    "addresses.primary",
    "addresses.private-ip-address",
    "association.allocation-id",
    "association.association-id",
    "association.ip-owner-id",
    "association.public-dns-name",
    "association.public-ip",
    "attachment.attach-time",
    "attachment.attachment-id",
    "attachment.delete-on-termination",
    "attachment.device-index",
    "attachment.instance-id",
    "attachment.instance-owner-id",
    "attachment.status",
    "availability-zone",
    "availability-zone-id",
    "description",
    "group-id",
    "group-name",
    "interface-type",
    "ipv6-addresses.ipv6-address",
    "mac-address",
    "network-interface-id",
    "operator.managed",
    "operator.principal",
    "owner-id",
    "private-dns-name",
    "private-ip-address",
    "requester-id",
    "requester-managed",
    "source-dest-check",
    "status",
    "subnet-id",
    "tag-key",
    "tag:",
    "vpc-id",
];

impl Action for DescribeNetworkInterfacesRequest {
    type Answer = DescribeNetworkInterfacesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeNetworkInterfacesResult, Failure> {
        if self.max_results.is_some() && !self.network_interface_ids.is_empty() {
            let message = "The parameter networkInterfaceIdSet cannot be used with the parameter maxResults";
            return Err(refused("InvalidParameterCombination", message));
        }
        let filters = Filters::read(&self.filters, FILTERS)?;
        let (world, scope) = (call.world(), call.scope());
        let named: Vec<NetworkInterfaceId> = ids(&self.network_interface_ids)?;
        let mut interfaces = chosen(&world.interfaces, &named, |i| i.scope == *scope, NetworkInterfaceId::not_found)?;
        let now = call.caller.now;
        interfaces.retain(|interface| {
            filters.pass(|name| match (name, just_detached(interface, now)) {
                (BY_ATTACHMENT, Some(last)) => one(last.attachment.as_str()),
                _ => values(&world, interface, name),
            })
        });
        let key = |interface: &&NetworkInterface| interface.id.to_string();
        let page = call.page(interfaces, key, self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(DescribeNetworkInterfacesResult {
            network_interfaces: page
                .items
                .into_iter()
                .map(|interface| {
                    let last = just_detached(interface, now).filter(|_| filters.have(BY_ATTACHMENT));
                    let attachment = attachment(interface).or_else(|| last.map(ended));
                    ec2::NetworkInterface { attachment, ..shown(&world, interface) }
                })
                .collect(),
            next_token: page.next_token,
        })
    }
}

/// The filter by which Terraform waits until an attachment is `detached`.
const BY_ATTACHMENT: &str = "attachment.attachment-id";

/// How long who asks for an attachment is told that it ended, in milliseconds. See row ENI-13 of docs/claims.md.
const REMEMBERED: i64 = 30_000;

fn just_detached(interface: &NetworkInterface, now: i64) -> Option<&Detached> {
    interface.detached.as_ref().filter(|last| !interface.is_attached() && now - last.at < REMEMBERED)
}

/// An attachment that has ended.
fn ended(last: &Detached) -> NetworkInterfaceAttachment {
    NetworkInterfaceAttachment {
        attachment_id: Some(last.attachment.to_string()),
        device_index: i32::try_from(last.device).ok(),
        instance_id: Some(last.instance.to_string()),
        status: Some("detached".to_owned()),
        ..NetworkInterfaceAttachment::default()
    }
}

/// The values that an interface has under a filter's name.
pub(in super::super) fn values<'w>(
    world: &'w World, interface: &'w NetworkInterface, filter: &str,
) -> Vec<Cow<'w, str>> {
    if let Some(name) = filter.strip_prefix("attachment.") {
        return attachment_values(interface, name);
    }
    if let Some(name) = filter.strip_prefix("association.") {
        return association_values(world, interface, [interface.address], name);
    }
    if let Some(name) = filter.strip_prefix("addresses.association.") {
        return association_values(world, interface, interface.addresses(), name);
    }
    let zone = || world.subnets.get(&interface.subnet).map(|subnet| subnet.zone);
    match filter {
        "addresses.primary" => {
            let secondary = (!interface.secondary.is_empty()).then_some(Cow::Borrowed("false"));
            flag(true).into_iter().chain(secondary).collect()
        }
        "addresses.private-ip-address" => interface.addresses().map(|address| address.to_string().into()).collect(),
        "addresses.private-dns-name" => private_dns_name(world, interface)
            .map(|_| interface.addresses().map(|address| interface.private_dns_name_of(address).into()).collect())
            .unwrap_or_default(),
        "private-ip-address" => one(interface.address.to_string()),
        "ipv6-address" | "ipv6-addresses.ipv6-address" => {
            interface.ipv6.iter().map(|address| address.to_string().into()).collect()
        }
        "availability-zone" => zone().map(|zone| zone.name().into()).into_iter().collect(),
        "availability-zone-id" => zone().map(|zone| zone.id().into()).into_iter().collect(),
        "description" => one(interface.description.as_str()),
        "group-id" => interface.groups.iter().map(|id| id.as_str().into()).collect(),
        "group-name" => {
            groups(world, &interface.groups).into_iter().filter_map(|group| group.group_name).map(Cow::Owned).collect()
        }
        "interface-type" => one(kind(interface)),
        "mac-address" => one(mac(interface)),
        "network-interface-id" => one(interface.id.as_str()),
        "operator.managed" => flag(false),
        "owner-id" => one(interface.scope.account.as_str()),
        "private-dns-name" => private_dns_name(world, interface).map(Cow::Owned).into_iter().collect(),
        "requester-id" => requester(interface).map(Cow::Borrowed).into_iter().collect(),
        "requester-managed" => flag(interface.is_requester_managed()),
        "source-dest-check" => flag(interface.source_dest_check),
        "status" => one(status(interface)),
        "subnet-id" => one(interface.subnet.as_str()),
        "vpc-id" => one(interface.vpc.as_str()),
        // What remains is of what no interface has, or of tags.
        _ => tag_values(world, interface.id.as_str(), filter).unwrap_or_default(),
    }
}

fn attachment_values<'w>(interface: &'w NetworkInterface, filter: &str) -> Vec<Cow<'w, str>> {
    let Some(attachment) = attachment(interface) else { return Vec::new() };
    let text = |value: Option<String>| value.map(Cow::Owned).into_iter().collect();
    match filter {
        "attach-time" => text(attachment.attach_time.map(|time| time.to_string())),
        "attachment-id" => text(attachment.attachment_id),
        "delete-on-termination" => flag(attachment.delete_on_termination == Some(true)),
        "device-index" => text(attachment.device_index.map(|index| index.to_string())),
        "instance-id" => text(attachment.instance_id),
        "instance-owner-id" => text(attachment.instance_owner_id),
        "network-card-index" => text(attachment.network_card_index.map(|index| index.to_string())),
        "status" => text(attachment.status),
        _ => Vec::new(),
    }
}

fn kind(interface: &NetworkInterface) -> &'static str {
    match interface.attachment {
        Attachment::Endpoint(_) => "vpc_endpoint",
        Attachment::NatGateway(_) => "nat_gateway",
        Attachment::Functions(_) => "lambda",
        Attachment::Instance { .. } | Attachment::Program | Attachment::None => "interface",
    }
}

/// Who manages the interfaces of functions.
const LAMBDA: &str = "amazon-lambda";

/// Who manages an interface for the account.
fn requester(interface: &NetworkInterface) -> Option<&str> {
    match interface.attachment {
        // The account of AWS's that shows in the outputs of real accounts.
        Attachment::Endpoint(_) => Some("727180483921"),
        // A gateway's interface is that of the account, as far as one can see.
        Attachment::NatGateway(_) => Some(interface.scope.account.as_str()),
        Attachment::Program => Some("sidegate"),
        Attachment::Functions(_) => Some(LAMBDA),
        Attachment::Instance { .. } | Attachment::None => None,
    }
}

fn mac(interface: &NetworkInterface) -> String {
    let [a, b, c, d, e, f] = interface.mac();
    format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}")
}

/// An interface's private name, which it has where the VPC gives names.
fn private_dns_name(world: &World, interface: &NetworkInterface) -> Option<String> {
    world.vpcs.get(&interface.vpc).filter(|vpc| vpc.dns_hostnames).map(|_| interface.private_dns_name())
}

/// Security groups with their names.
pub(in super::super) fn groups(world: &World, ids: &[SecurityGroupId]) -> Vec<GroupIdentifier> {
    let group = |id: &SecurityGroupId| GroupIdentifier {
        group_id: Some(id.to_string()),
        group_name: world.security_groups.get(id).map(|group| group.name.as_str().to_owned()),
    };
    ids.iter().map(group).collect()
}

fn status(interface: &NetworkInterface) -> &'static str {
    if interface.is_attached() { "in-use" } else { "available" }
}

/// The attachment of an interface to an instance: when it was made, and whether it ends with the instance.
pub(in super::super) fn attached_status(interface: &NetworkInterface) -> (i64, bool) {
    match interface.attachment {
        Attachment::Instance { attached, delete_on_termination, .. } => {
            (attached.unwrap_or(interface.created), delete_on_termination)
        }
        _ => (interface.created, true),
    }
}

/// Whether what comes from the internet does not reach its IPv6 addresses, as with those of endpoints.
///
/// Source: PrivateLink guide, "IP address type" of interface endpoints.
fn denies_internet(interface: &NetworkInterface) -> bool {
    matches!(interface.attachment, Attachment::Endpoint(_)) && !interface.ipv6.is_empty()
}

/// The IPv6 addresses of an interface.
pub(in super::super) fn ipv6_addresses(interface: &NetworkInterface) -> impl Iterator<Item = String> {
    interface.ipv6.iter().map(ToString::to_string)
}

/// Who owns the public addresses that are no Elastic IP addresses.
const AMAZON: &str = "amazon";

/// The public address that a private one of an interface is mapped to. Its name is empty where the VPC gives none.
pub(in super::super) fn association(
    world: &World, interface: &NetworkInterface, private: Ipv4Addr,
) -> Option<NetworkInterfaceAssociation> {
    let shown = |public: Ipv4Addr| NetworkInterfaceAssociation {
        public_dns_name: Some(world.public_host_name(interface, public).unwrap_or_default()),
        public_ip: Some(public.to_string()),
        ..NetworkInterfaceAssociation::default()
    };
    let Some(elastic) = world.elastic_ip_of(&interface.id, private) else {
        let automatic = interface.automatic.address.filter(|_| private == interface.address)?;
        return Some(NetworkInterfaceAssociation { ip_owner_id: Some(AMAZON.to_owned()), ..shown(automatic) });
    };
    Some(NetworkInterfaceAssociation {
        allocation_id: Some(elastic.id.to_string()),
        association_id: elastic.association.as_ref().map(|own| own.id.to_string()),
        ip_owner_id: Some(elastic.scope.account.to_string()),
        ..shown(elastic.address)
    })
}

/// What the public addresses of some of its private ones have under a filter's name: `association.` is about the primary
/// one alone, `addresses.association.` about all.
fn association_values<'w>(
    world: &World, interface: &NetworkInterface, addresses: impl IntoIterator<Item = Ipv4Addr>, filter: &str,
) -> Vec<Cow<'w, str>> {
    let value = |association: NetworkInterfaceAssociation| match filter {
        "allocation-id" => association.allocation_id,
        "association-id" => association.association_id,
        "ip-owner-id" | "owner-id" => association.ip_owner_id,
        "public-dns-name" => association.public_dns_name,
        "public-ip" => association.public_ip,
        _ => None,
    };
    let all = addresses.into_iter().filter_map(|address| association(world, interface, address)).filter_map(value);
    all.filter(|value| !value.is_empty()).map(Cow::Owned).collect()
}

/// What an interface is attached to.
pub(super) fn attachment(interface: &NetworkInterface) -> Option<NetworkInterfaceAttachment> {
    let (attached, delete_on_termination) = attached_status(interface);
    let shown = NetworkInterfaceAttachment {
        attachment_id: interface.attachment_id(),
        attach_time: Some(Timestamp::from_unix_millis(attached)),
        network_card_index: Some(0),
        status: Some("attached".to_owned()),
        ..NetworkInterfaceAttachment::default()
    };
    Some(match &interface.attachment {
        Attachment::None => return None,
        Attachment::Endpoint(_) | Attachment::NatGateway(_) | Attachment::Functions(_) => NetworkInterfaceAttachment {
            attach_time: None,
            delete_on_termination: Some(false),
            device_index: Some(1),
            instance_owner_id: Some("amazon-aws".to_owned()),
            ..shown
        },
        Attachment::Program => NetworkInterfaceAttachment {
            delete_on_termination: Some(true),
            device_index: Some(0),
            instance_owner_id: Some("sidegate".to_owned()),
            ..shown
        },
        Attachment::Instance { instance, device, .. } => NetworkInterfaceAttachment {
            delete_on_termination: Some(delete_on_termination),
            device_index: i32::try_from(*device).ok(),
            instance_id: Some(instance.to_string()),
            instance_owner_id: Some(interface.scope.account.to_string()),
            ..shown
        },
    })
}

pub(super) fn shown(world: &World, interface: &NetworkInterface) -> ec2::NetworkInterface {
    let zone = world.subnets.get(&interface.subnet).map(|subnet| subnet.zone);
    let name = private_dns_name(world, interface);
    let private = |address: Ipv4Addr| NetworkInterfacePrivateIpAddress {
        primary: Some(address == interface.address),
        private_dns_name: name.as_ref().map(|_| interface.private_dns_name_of(address)),
        private_ip_address: Some(address.to_string()),
        association: association(world, interface, address),
    };
    ec2::NetworkInterface {
        association: association(world, interface, interface.address),
        attachment: attachment(interface),
        availability_zone: zone.map(sidegate_model::Zone::name),
        availability_zone_id: zone.map(sidegate_model::Zone::id),
        deny_all_igw_traffic: denies_internet(interface).then_some(true),
        description: Some(interface.description.clone()),
        groups: groups(world, &interface.groups),
        interface_type: Some(kind(interface).to_owned()),
        mac_address: Some(mac(interface)),
        network_interface_id: Some(interface.id.to_string()),
        operator: Some(OperatorResponse { managed: Some(false), ..OperatorResponse::default() }),
        owner_id: Some(interface.scope.account.to_string()),
        ipv6_address: ipv6_addresses(interface).next(),
        ipv6_addresses: ipv6_addresses(interface)
            .map(|address| NetworkInterfaceIpv6Address {
                ipv6_address: Some(address),
                is_primary_ipv6: Some(false),
                ..NetworkInterfaceIpv6Address::default()
            })
            .collect(),
        private_ip_addresses: interface.addresses().map(private).collect(),
        private_dns_name: name,
        private_ip_address: Some(interface.address.to_string()),
        requester_id: requester(interface).map(str::to_owned),
        requester_managed: Some(interface.is_requester_managed()),
        source_dest_check: Some(interface.source_dest_check),
        status: Some(status(interface).to_owned()),
        subnet_id: Some(interface.subnet.to_string()),
        tag_set: tagged::shown(world, interface.id.as_str()),
        vpc_id: Some(interface.vpc.to_string()),
        ..ec2::NetworkInterface::default()
    }
}
