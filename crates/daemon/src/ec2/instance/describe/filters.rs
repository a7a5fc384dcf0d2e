//! The filters of DescribeInstances.

use std::borrow::Cow;

use sidegate_model::{Instance, Volume, VolumeAttachment, World};
use sidegate_wire::ec2::Timestamp;

use super::super::super::filter::{flag, one, tag_values};
use super::super::super::network_interface;
use super::super::architecture;
use super::interface;

/// Every filter that the API reference names. Those of what no instance here can have find
/// nothing.
pub(super) const KNOWN: &[&str] = &[
    "affinity",
    "architecture",
    "availability-zone",
    "availability-zone-id",
    "block-device-mapping.attach-time",
    "block-device-mapping.delete-on-termination",
    "block-device-mapping.device-name",
    "block-device-mapping.status",
    "block-device-mapping.volume-id",
    "boot-mode",
    "capacity-reservation-id",
    "capacity-reservation-specification.capacity-reservation-preference",
    "capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id",
    "capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn",
    "client-token",
    "current-instance-boot-mode",
    "dns-name",
    "ebs-optimized",
    "ena-support",
    "enclave-options.enabled",
    "hibernation-options.configured",
    "host-id",
    "hypervisor",
    "iam-instance-profile.arn",
    "iam-instance-profile.id",
    "iam-instance-profile.name",
    "image-id",
    "instance-id",
    "instance-lifecycle",
    "instance-state-code",
    "instance-state-name",
    "instance-type",
    "instance.group-id",
    "instance.group-name",
    "ip-address",
    "ipv6-address",
    "kernel-id",
    "key-name",
    "launch-index",
    "launch-time",
    "maintenance-options.auto-recovery",
    "metadata-options.http-endpoint",
    "metadata-options.http-protocol-ipv4",
    "metadata-options.http-protocol-ipv6",
    "metadata-options.http-put-response-hop-limit",
    "metadata-options.http-tokens",
    "metadata-options.instance-metadata-tags",
    "metadata-options.state",
    "monitoring-state",
    "network-interface.addresses.association.allocation-id",
    "network-interface.addresses.association.association-id",
    "network-interface.addresses.association.carrier-ip",
    "network-interface.addresses.association.customer-owned-ip",
    "network-interface.addresses.association.ip-owner-id",
    "network-interface.addresses.association.public-dns-name",
    "network-interface.addresses.association.public-ip",
    "network-interface.addresses.primary",
    "network-interface.addresses.private-dns-name",
    "network-interface.addresses.private-ip-address",
    "network-interface.association.allocation-id",
    "network-interface.association.association-id",
    "network-interface.association.carrier-ip",
    "network-interface.association.customer-owned-ip",
    "network-interface.association.ip-owner-id",
    "network-interface.association.public-dns-name",
    "network-interface.association.public-ip",
    "network-interface.attachment.attach-time",
    "network-interface.attachment.attachment-id",
    "network-interface.attachment.delete-on-termination",
    "network-interface.attachment.device-index",
    "network-interface.attachment.instance-id",
    "network-interface.attachment.instance-owner-id",
    "network-interface.attachment.network-card-index",
    "network-interface.attachment.status",
    "network-interface.availability-zone",
    "network-interface.deny-all-igw-traffic",
    "network-interface.description",
    "network-interface.group-id",
    "network-interface.group-name",
    "network-interface.ipv4-prefixes.ipv4-prefix",
    "network-interface.ipv6-address",
    "network-interface.ipv6-addresses.ipv6-address",
    "network-interface.ipv6-addresses.is-primary-ipv6",
    "network-interface.ipv6-native",
    "network-interface.ipv6-prefixes.ipv6-prefix",
    "network-interface.mac-address",
    "network-interface.network-interface-id",
    "network-interface.operator.managed",
    "network-interface.operator.principal",
    "network-interface.outpost-arn",
    "network-interface.owner-id",
    "network-interface.private-dns-name",
    "network-interface.private-ip-address",
    "network-interface.public-dns-name",
    "network-interface.requester-id",
    "network-interface.requester-managed",
    "network-interface.source-dest-check",
    "network-interface.status",
    "network-interface.subnet-id",
    "network-interface.tag-key",
    "network-interface.tag-value",
    "network-interface.vpc-id",
    "network-performance-options.bandwidth-weighting",
    "operator.managed",
    "operator.principal",
    "outpost-arn",
    "owner-id",
    "placement-group-name",
    "placement-partition-number",
    "platform",
    "platform-details",
    "private-dns-name",
    "private-dns-name-options.enable-resource-name-dns-a-record",
    "private-dns-name-options.enable-resource-name-dns-aaaa-record",
    "private-dns-name-options.hostname-type",
    "private-ip-address",
    "product-code",
    "product-code.type",
    "ramdisk-id",
    "reason",
    "requester-id",
    "reservation-id",
    "root-device-name",
    "root-device-type",
    "source-dest-check",
    "spot-instance-request-id",
    "state-reason-code",
    "state-reason-message",
    "subnet-id",
    "tag-key",
    "tag:",
    "tenancy",
    "tpm-support",
    "usage-operation",
    "usage-operation-update-time",
    "virtualization-type",
    "vpc-id",
];

/// The values that an instance has under a filter's name.
pub(super) fn values<'w>(world: &'w World, instance: &'w Instance, filter: &str) -> Vec<Cow<'w, str>> {
    let profile = || instance.profile.iter().map(|association| &association.profile);
    let time = || one(Timestamp::from_unix_millis(instance.launched).to_string());
    match filter {
        "architecture" => one(architecture()),
        "capacity-reservation-specification.capacity-reservation-preference" => one("open"),
        "client-token" => one(instance.client_token.as_str()),
        "ebs-optimized" => flag(instance.ebs_optimized),
        "enclave-options.enabled" | "hibernation-options.configured" | "operator.managed" => flag(false),
        "ena-support" => flag(true),
        "hypervisor" => one("xen"),
        "iam-instance-profile.arn" => profile().map(|profile| profile.arn.as_ref().into()).collect(),
        "iam-instance-profile.id" => profile().map(|profile| profile.id.as_ref().into()).collect(),
        "iam-instance-profile.name" => profile().map(|profile| profile.name().into()).collect(),
        "image-id" => one(instance.image.as_str()),
        "instance-id" => one(instance.id.as_str()),
        "instance-state-code" => one(instance.state.wire().0.to_string()),
        "instance-state-name" => one(instance.state.wire().1),
        "instance-type" => one(instance.instance_type.as_str()),
        "key-name" => instance.key.iter().map(|key| key.name.as_str().into()).collect(),
        "launch-index" => one(instance.launch_index.to_string()),
        "launch-time" | "usage-operation-update-time" => time(),
        "maintenance-options.auto-recovery" => one("default"),
        "monitoring-state" => one(super::monitoring(instance)),
        "owner-id" => one(instance.scope.account.as_str()),
        "platform-details" => one("Linux/UNIX"),
        "reason" | "state-reason-code" => instance.reason.iter().map(|(code, _)| code.as_str().into()).collect(),
        "reservation-id" => one(instance.reservation.as_str()),
        "root-device-name" => instance.root_device.iter().map(|device| device.as_str().into()).collect(),
        "root-device-type" => one(super::root_device_type(instance)),
        "state-reason-message" => instance.reason.iter().map(|(_, message)| message.as_str().into()).collect(),
        "tenancy" => one("default"),
        "usage-operation" => one("RunInstances"),
        "virtualization-type" => one("hvm"),
        _ => match (filter.strip_prefix("metadata-options."), filter.strip_prefix("block-device-mapping.")) {
            (Some(option), _) => metadata_values(instance, option),
            (None, Some(part)) => device_values(world, instance, part),
            (None, None) => network_values(world, instance, filter)
                .or_else(|| tag_values(world, instance.id.as_str(), filter))
                .unwrap_or_default(),
        },
    }
}

fn device_values<'w>(world: &'w World, instance: &Instance, part: &str) -> Vec<Cow<'w, str>> {
    let value = |(volume, at): (&'w Volume, &'w VolumeAttachment)| match part {
        "attach-time" => one(Timestamp::from_unix_millis(at.attached).to_string()),
        "delete-on-termination" => flag(at.delete_on_termination),
        "device-name" => one(at.device.as_str()),
        "status" => one("attached"),
        "volume-id" => one(volume.id.as_str()),
        _ => Vec::new(),
    };
    world.volumes_of(&instance.id).into_iter().flat_map(value).collect()
}

fn switch(on: bool) -> &'static str {
    if on { "enabled" } else { "disabled" }
}

fn metadata_values<'w>(instance: &Instance, option: &str) -> Vec<Cow<'w, str>> {
    match option {
        "http-endpoint" => one(switch(instance.metadata.endpoint)),
        "http-protocol-ipv4" => one("enabled"),
        "http-protocol-ipv6" => one(switch(instance.metadata.ipv6)),
        "instance-metadata-tags" => one(switch(instance.metadata.tags)),
        "http-put-response-hop-limit" => one(instance.metadata.hop_limit.to_string()),
        "http-tokens" => one(if instance.metadata.tokens_required { "required" } else { "optional" }),
        "state" => one("applied"),
        _ => Vec::new(),
    }
}

/// The values that an instance has through its interface; `None` for other filters.
fn network_values<'w>(world: &'w World, instance: &'w Instance, filter: &str) -> Option<Vec<Cow<'w, str>>> {
    let of_interface = match filter {
        "availability-zone"
        | "availability-zone-id"
        | "private-ip-address"
        | "source-dest-check"
        | "subnet-id"
        | "vpc-id" => filter,
        "dns-name" | "network-interface.public-dns-name" => "association.public-dns-name",
        "ip-address" => "association.public-ip",
        "instance.group-id" => "group-id",
        "instance.group-name" => "group-name",
        "private-dns-name" => {
            return Some(interface(world, instance).map(|i| world.private_host_name(i).into()).into_iter().collect());
        }
        "private-dns-name-options.hostname-type" => return Some(one(instance.host_names.kind.as_str())),
        "private-dns-name-options.enable-resource-name-dns-a-record" => {
            return Some(flag(instance.host_names.resource_name_a));
        }
        "private-dns-name-options.enable-resource-name-dns-aaaa-record" => {
            return Some(flag(instance.host_names.resource_name_aaaa));
        }
        "ipv6-address" => filter,
        _ => {
            let name = filter.strip_prefix("network-interface.")?;
            let all = world.interfaces_of(&instance.id).into_iter();
            return Some(all.flat_map(|interface| network_interface::values(world, interface, name)).collect());
        }
    };
    let interface = interface(world, instance);
    Some(interface.map(|interface| network_interface::values(world, interface, of_interface)).unwrap_or_default())
}
