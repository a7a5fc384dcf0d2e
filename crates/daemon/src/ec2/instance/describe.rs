//! Instances as answers show them.
//!
//! Source: EC2 API reference, `DescribeInstances`, `Instance`.

mod filters;

use std::collections::BTreeMap;

use sidegate_model::{Instance, InstanceId, InstanceState, NetworkInterface, ReservationId, Scope, World};
use sidegate_wire::ec2::{
    self, CapacityReservationSpecificationResponse, CpuOptions, DescribeInstancesRequest, DescribeInstancesResult,
    EbsInstanceBlockDevice, EnclaveOptions, HibernationOptions, InstanceBlockDeviceMapping, InstanceIpv6Address,
    InstanceMaintenanceOptions, InstanceNetworkInterface, InstanceNetworkInterfaceAssociation,
    InstanceNetworkInterfaceAttachment, InstancePrivateIpAddress, Monitoring, OperatorResponse, Placement,
    PrivateDnsNameOptionsResponse, Reservation, StateReason, Timestamp,
};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::filter::Filters;
use super::super::ids::{chosen, ids};
use super::super::{iam_instance_profile, instance_type, network_interface, refused, tagged};
use super::{architecture, metadata, state};

impl Action for DescribeInstancesRequest {
    type Answer = DescribeInstancesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeInstancesResult, Failure> {
        ids_exclude_pages(&self.instance_ids, self.max_results)?;
        let filters = Filters::read(&self.filters, filters::KNOWN)?;
        let (world, scope) = (call.world(), call.scope());
        let named: Vec<InstanceId> = ids(&self.instance_ids)?;
        let mut instances = chosen(&world.instances, &named, |i| i.scope == *scope, InstanceId::not_found)?;
        instances.retain(|instance| filters.pass(|name| filters::values(&world, instance, name)));
        let key = |instance: &&Instance| instance.id.to_string();
        let page = call.page(instances, key, self.max_results, self.next_token.as_deref(), (5, 1000))?;
        let mut together: BTreeMap<ReservationId, Vec<&Instance>> = BTreeMap::new();
        for instance in page.items {
            together.entry(instance.reservation.clone()).or_default().push(instance);
        }
        let reservations = together.into_iter().map(|(id, launched)| reservation(&world, id, scope, launched));
        Ok(DescribeInstancesResult { next_token: page.next_token, reservations: reservations.collect() })
    }
}

/// Refuses to cut pages of instances that are named by their ids.
pub(super) fn ids_exclude_pages(ids: &[String], max_results: Option<i32>) -> Result<(), Failure> {
    if max_results.is_none() || ids.is_empty() {
        return Ok(());
    }
    let message = "The parameter instancesSet cannot be used with the parameter maxResults";
    Err(refused("InvalidParameterCombination", message))
}

/// Instances that were launched together, in the order of their launch.
pub(super) fn reservation(
    world: &World, id: ReservationId, scope: &Scope, mut instances: Vec<&Instance>,
) -> Reservation {
    instances.sort_by_key(|instance| instance.launch_index);
    Reservation {
        reservation_id: Some(id.to_string()),
        owner_id: Some(scope.account.to_string()),
        instances: instances.into_iter().map(|instance| shown(world, instance)).collect(),
        ..Reservation::default()
    }
}

/// Why an instance is in its state, in the form of the API's `reason`.
fn transition(instance: &Instance) -> String {
    match &instance.reason {
        Some((code, _)) if code == "Client.UserInitiatedShutdown" => {
            let time = Timestamp::from_unix_millis(instance.changed).to_string().replace('T', " ");
            let time = time.split('.').next().unwrap_or_default();
            format!("User initiated ({time} GMT)")
        }
        Some((code, _)) => code.clone(),
        None => String::new(),
    }
}

fn shown(world: &World, instance: &Instance) -> ec2::Instance {
    let text = |text: &str| Some(text.to_owned());
    let profile = instance.profile.as_ref();
    let reason = instance
        .reason
        .as_ref()
        .map(|(code, message)| StateReason { code: Some(code.clone()), message: Some(message.clone()) });
    let shown = ec2::Instance {
        instance_id: text(instance.id.as_str()),
        image_id: Some(instance.image.clone()),
        state: Some(state(instance.state)),
        state_transition_reason: Some(transition(instance)),
        state_reason: reason,
        ami_launch_index: i32::try_from(instance.launch_index).ok(),
        instance_type: Some(instance.instance_type.clone()),
        launch_time: Some(Timestamp::from_unix_millis(instance.launched)),
        usage_operation_update_time: Some(Timestamp::from_unix_millis(instance.launched)),
        iam_instance_profile: profile.map(|association| iam_instance_profile::shown(&association.profile)),
        key_name: instance.key.as_ref().map(|key| key.name.clone()),
        placement: Some(placement(world, instance)),
        monitoring: Some(Monitoring { state: text(monitoring(instance)) }),
        public_dns_name: text(""),
        private_dns_name: text(""),
        architecture: text(architecture()),
        client_token: Some(instance.client_token.clone()),
        ebs_optimized: Some(instance.ebs_optimized),
        ena_support: Some(true),
        hypervisor: text("xen"),
        virtualization_type: text("hvm"),
        root_device_type: text(root_device_type(instance)),
        root_device_name: instance.root_device.clone(),
        block_device_mappings: devices(world, instance),
        platform_details: text("Linux/UNIX"),
        usage_operation: text("RunInstances"),
        cpu_options: cpu(&instance.instance_type),
        metadata_options: Some(metadata::shown(instance.metadata)),
        enclave_options: Some(EnclaveOptions { enabled: Some(false) }),
        hibernation_options: Some(HibernationOptions { configured: Some(false) }),
        maintenance_options: Some(InstanceMaintenanceOptions {
            auto_recovery: text("default"),
            ..InstanceMaintenanceOptions::default()
        }),
        capacity_reservation_specification: Some(CapacityReservationSpecificationResponse {
            capacity_reservation_preference: text("open"),
            ..CapacityReservationSpecificationResponse::default()
        }),
        operator: Some(OperatorResponse { managed: Some(false), ..OperatorResponse::default() }),
        tags: tagged::shown(world, instance.id.as_str()),
        ..ec2::Instance::default()
    };
    match interface(world, instance) {
        Some(interface) => with_network(world, instance, interface, shown),
        None => shown,
    }
}

/// The type of the device that an instance starts from. Those of former versions have no volumes.
fn root_device_type(instance: &Instance) -> &'static str {
    if instance.root_device.is_some() { "ebs" } else { "instance-store" }
}

/// The volumes of an instance, in the form in which it shows them.
pub(in super::super) fn devices(world: &World, instance: &Instance) -> Vec<InstanceBlockDeviceMapping> {
    let own = world.volumes_of(&instance.id).into_iter();
    let shown = own.map(|(volume, attachment)| InstanceBlockDeviceMapping {
        device_name: Some(attachment.device.clone()),
        ebs: Some(EbsInstanceBlockDevice {
            attach_time: Some(Timestamp::from_unix_millis(attachment.attached)),
            delete_on_termination: Some(attachment.delete_on_termination),
            status: Some("attached".to_owned()),
            volume_id: Some(volume.id.to_string()),
            ..EbsInstanceBlockDevice::default()
        }),
    });
    shown.collect()
}

/// Whether an instance is monitored in detail.
fn monitoring(instance: &Instance) -> &'static str {
    if instance.monitoring { "enabled" } else { "disabled" }
}

/// An instance's first interface, which it gives back as it ends.
pub(super) fn interface<'w>(world: &'w World, instance: &Instance) -> Option<&'w NetworkInterface> {
    instance.interface.as_ref().and_then(|id| world.interfaces.get(id))
}

fn cpu(kind: &str) -> Option<CpuOptions> {
    let kind = instance_type::find(kind)?;
    Some(CpuOptions {
        core_count: Some(kind.cores()),
        threads_per_core: Some(kind.threads_per_core()),
        ..CpuOptions::default()
    })
}

fn placement(world: &World, instance: &Instance) -> Placement {
    let zone = world.subnets.get(&instance.subnet).map(|subnet| subnet.zone);
    Placement {
        availability_zone: zone.map(sidegate_model::Zone::name),
        availability_zone_id: zone.map(sidegate_model::Zone::id),
        group_name: Some(String::new()),
        tenancy: Some("default".to_owned()),
        ..Placement::default()
    }
}

/// What an instance shows only while it has its interface.
fn with_network(
    world: &World, instance: &Instance, interface: &NetworkInterface, shown: ec2::Instance,
) -> ec2::Instance {
    let groups = network_interface::groups(world, &interface.groups);
    let association = network_interface::association(world, interface, interface.address).unwrap_or_default();
    ec2::Instance {
        public_dns_name: association.public_dns_name.or(shown.public_dns_name),
        public_ip_address: association.public_ip,
        vpc_id: Some(instance.vpc.to_string()),
        subnet_id: Some(instance.subnet.to_string()),
        private_ip_address: Some(interface.address.to_string()),
        ipv6_address: network_interface::ipv6_addresses(interface).next(),
        private_dns_name: Some(world.private_host_name(interface)),
        source_dest_check: Some(interface.source_dest_check),
        private_dns_name_options: Some(PrivateDnsNameOptionsResponse {
            hostname_type: Some(instance.host_names.kind.as_str().to_owned()),
            enable_resource_name_dns_a_record: Some(instance.host_names.resource_name_a),
            enable_resource_name_dns_aaaa_record: Some(instance.host_names.resource_name_aaaa),
        }),
        network_interfaces: world.interfaces_of(&instance.id).into_iter().map(|i| attached(world, i)).collect(),
        security_groups: groups,
        ..shown
    }
}

/// An instance's interface, in the form in which an instance shows it.
fn attached(world: &World, interface: &NetworkInterface) -> InstanceNetworkInterface {
    let value = |name: &str| {
        network_interface::values(world, interface, name).into_iter().next().map(std::borrow::Cow::into_owned)
    };
    let name = value("private-dns-name");
    let public = |address| {
        network_interface::association(world, interface, address).map(|own| InstanceNetworkInterfaceAssociation {
            ip_owner_id: own.ip_owner_id,
            public_dns_name: own.public_dns_name,
            public_ip: own.public_ip,
            ..InstanceNetworkInterfaceAssociation::default()
        })
    };
    let (attached, delete_on_termination) = network_interface::attached_status(interface);
    let private = |address: std::net::Ipv4Addr| InstancePrivateIpAddress {
        primary: Some(address == interface.address),
        private_dns_name: name.as_ref().map(|_| interface.private_dns_name_of(address)),
        private_ip_address: Some(address.to_string()),
        association: public(address),
    };
    InstanceNetworkInterface {
        association: public(interface.address),
        attachment: Some(InstanceNetworkInterfaceAttachment {
            attach_time: Some(Timestamp::from_unix_millis(attached)),
            attachment_id: interface.attachment_id(),
            delete_on_termination: Some(delete_on_termination),
            device_index: interface.device_index().and_then(|device| i32::try_from(device).ok()),
            network_card_index: Some(0),
            status: Some("attached".to_owned()),
            ..InstanceNetworkInterfaceAttachment::default()
        }),
        description: Some(interface.description.clone()),
        groups: network_interface::groups(world, &interface.groups),
        mac_address: value("mac-address"),
        network_interface_id: Some(interface.id.to_string()),
        owner_id: Some(interface.scope.account.to_string()),
        ipv6_addresses: network_interface::ipv6_addresses(interface)
            .map(|address| InstanceIpv6Address { ipv6_address: Some(address), is_primary_ipv6: Some(false) })
            .collect(),
        private_ip_address: Some(interface.address.to_string()),
        private_ip_addresses: interface.addresses().map(private).collect(),
        private_dns_name: name,
        source_dest_check: Some(interface.source_dest_check),
        status: Some("in-use".to_owned()),
        subnet_id: Some(interface.subnet.to_string()),
        vpc_id: Some(interface.vpc.to_string()),
        interface_type: Some("interface".to_owned()),
        operator: Some(OperatorResponse { managed: Some(false), ..OperatorResponse::default() }),
        ..InstanceNetworkInterface::default()
    }
}

/// Whether an instance has passed its checks: it runs.
pub(super) fn is_running(instance: &Instance) -> bool {
    instance.state == InstanceState::Running
}
