//! What RunInstances asks for, as the model takes it.

use std::net::Ipv4Addr;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use sidegate_model::{
    InstanceAttribute, InstanceProfile, MetadataOptions, NetworkInterfaceId, RunInstance, Scope, SecondaryAddresses,
    SecurityGroupId, ShutdownBehavior, SubnetId, World,
};
use sidegate_wire::ec2::{InstanceNetworkInterfaceSpecification, RunInstancesRequest};
use sidegate_wire::protocol::Failure;

use super::super::super::ids::{id, ids, required};
use super::super::super::network_interface::{self, WantedAddresses};
use super::super::super::{fault, image, instance_type, refused, tagged};
use super::super::metadata;
use super::device;

/// The most instances that one call may launch; a limit of Sidegate's own, as they all share this machine.
const COUNT_LIMIT: u32 = 1000;

/// What to launch.
pub(super) struct Launch {
    pub(super) wanted: RunInstance,
    /// How few are still worth launching.
    pub(super) least: u32,
    /// The zone that the subnet has to be in, by name or id.
    pub(super) zone: Option<String>,
    pub(super) description: Option<String>,
    /// The interfaces beside the first.
    pub(super) further: Vec<Further>,
    /// What is set as soon as they are there.
    pub(super) attributes: Vec<InstanceAttribute>,
    pub(super) monitoring: bool,
    pub(super) metadata: MetadataOptions,
    pub(super) profile: Option<InstanceProfile>,
    pub(super) tags: Vec<(String, String)>,
    pub(super) interface_tags: Vec<(String, String)>,
    pub(super) volume_tags: Vec<(String, String)>,
}

/// What a launch may give tags.
///
/// Source: EC2 API reference, `RunInstances`, TagSpecification.N.
const TAGGED: [&str; 5] = ["elastic-gpu", "instance", "network-interface", "spot-instances-request", "volume"];

/// Reads a request, whose token and profile are given apart from it.
pub(super) fn launch(
    request: RunInstancesRequest, scope: &Scope, client_token: String, profile: Option<InstanceProfile>,
) -> Result<Launch, Failure> {
    nothing_unsupported(&request)?;
    let image = required(request.image_id.as_deref(), "ImageId")?.to_owned();
    let root = image::find(&image)?;
    let (least, count) = counts(request.min_count, request.max_count)?;
    let zone = zone(&request)?;
    let (network, further) = network(&request)?;
    let attributes = attributes(&request)?;
    let metadata = match &request.metadata_options {
        Some(options) => metadata::requested(options, MetadataOptions::default())?,
        None => MetadataOptions::default(),
    };
    let devices = device::devices(&root, &request.block_device_mappings, scope)?;
    // What an instance here has not is not tagged either: tools give all that a launch makes the same tags.
    let tags_of = |kind| tagged::specified(&request.tag_specifications, kind, &TAGGED);
    let (tags, interface_tags, volume_tags) = (tags_of("instance")?, tags_of("network-interface")?, tags_of("volume")?);
    Ok(Launch {
        wanted: RunInstance {
            image,
            instance_type: instance_type::named(request.instance_type)?,
            client_token,
            key_name: request.key_name.filter(|name| !name.is_empty()),
            user_data: request.user_data.as_deref().map(user_data).transpose()?.flatten(),
            subnet: network.subnet,
            address: network.address,
            groups: network.groups,
            more_addresses: network.more,
            public_address: network.public_address,
            interface: network.existing,
            delete_on_termination: network.delete_on_termination,
            devices,
            ebs_optimized: request.ebs_optimized == Some(true),
            count,
        },
        least,
        zone,
        description: network.description,
        further,
        attributes,
        monitoring: request.monitoring.is_some_and(|monitoring| monitoring.enabled == Some(true)),
        metadata,
        profile,
        tags,
        interface_tags,
        volume_tags,
    })
}

/// The attributes that a launch sets.
fn attributes(request: &RunInstancesRequest) -> Result<Vec<InstanceAttribute>, Failure> {
    let mut attributes = Vec::new();
    attributes.extend(request.disable_api_termination.map(InstanceAttribute::DisableApiTermination));
    attributes.extend(request.disable_api_stop.map(InstanceAttribute::DisableApiStop));
    if let Some(text) = request.instance_initiated_shutdown_behavior.as_deref() {
        let behavior = ShutdownBehavior::parse(text).map_err(|error| fault::of(&error))?;
        attributes.push(InstanceAttribute::ShutdownBehavior(behavior));
    }
    Ok(attributes)
}

/// How few and how many instances.
fn counts(min: Option<i32>, max: Option<i32>) -> Result<(u32, u32), Failure> {
    let positive = |value: Option<i32>, name: &str| {
        let value = value.unwrap_or_default();
        u32::try_from(value).ok().filter(|count| *count > 0).ok_or_else(|| {
            let message = format!("Value ({value}) for parameter {name} is invalid. It must be greater than 0.");
            refused("InvalidParameterValue", message)
        })
    };
    let (least, most) = (positive(min, "minCount")?, positive(max, "maxCount")?);
    if least > most {
        let message =
            format!("Value ({least}) for parameter minCount is invalid. It is greater than maxCount, {most}.");
        return Err(refused("InvalidParameterValue", message));
    }
    if least > COUNT_LIMIT {
        let message = format!("You have requested more instances ({least}) than one call can launch, {COUNT_LIMIT}.");
        return Err(refused("InstanceLimitExceeded", message));
    }
    Ok((least, most.min(COUNT_LIMIT)))
}

/// The user data in the base64 that is kept; none if it is empty.
pub(in super::super::super) fn user_data(text: &str) -> Result<Option<Arc<str>>, Failure> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let compact: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let raw = LENIENT
        .decode(compact)
        .map_err(|_| refused("InvalidParameterValue", "Invalid BASE64 encoding of user data"))?;
    Ok((!raw.is_empty()).then(|| STANDARD.encode(raw).into()))
}

fn zone(request: &RunInstancesRequest) -> Result<Option<String>, Failure> {
    let Some(placement) = &request.placement else { return Ok(None) };
    let set = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
    let foreign = [
        (set(&placement.affinity), "Affinity"),
        (set(&placement.group_name), "GroupName"),
        (set(&placement.group_id), "GroupId"),
        (placement.partition_number.is_some(), "PartitionNumber"),
        (set(&placement.host_id), "HostId"),
        (set(&placement.host_resource_group_arn), "HostResourceGroupArn"),
        (set(&placement.spread_domain), "SpreadDomain"),
        (placement.tenancy.as_deref().is_some_and(|tenancy| !matches!(tenancy, "" | "default")), "Tenancy"),
    ];
    if let Some((_, name)) = foreign.iter().find(|(given, _)| *given) {
        return Err(fault::unsupported(format!("Sidegate does not support Placement.{name}.")));
    }
    // Terraform sends an empty name where nothing was said.
    let given = [&placement.availability_zone, &placement.availability_zone_id];
    Ok(given.into_iter().flatten().find(|zone| !zone.is_empty()).cloned())
}

/// An interface of an instance, and where it is.
pub(super) struct Interface {
    pub(super) subnet: SubnetId,
    pub(super) address: Option<Ipv4Addr>,
    pub(super) more: SecondaryAddresses,
    /// Whether it gets a public address; as its subnet says if nothing is said.
    pub(super) public_address: Option<bool>,
    pub(super) groups: Vec<SecurityGroupId>,
    pub(super) description: Option<String>,
    /// One that is there already.
    pub(super) existing: Option<NetworkInterfaceId>,
    pub(super) delete_on_termination: bool,
}

/// An interface beside the first.
pub(super) struct Further {
    pub(super) device: u32,
    pub(super) interface: Interface,
}

/// Finds the subnets of interfaces that are there already.
pub(super) fn locate(request: &mut RunInstancesRequest, world: &World, scope: &Scope) -> Result<(), Failure> {
    for interface in &mut request.network_interfaces {
        let Some(text) = interface.network_interface_id.as_deref().filter(|id| !id.is_empty()) else { continue };
        let given = [
            (interface.subnet_id.is_some(), "a subnet ID"),
            (!interface.groups.is_empty(), "security groups"),
            (
                interface.private_ip_address.is_some() || !interface.private_ip_addresses.is_empty(),
                "private IP addresses",
            ),
            (interface.secondary_private_ip_address_count.is_some(), "secondary private IP addresses"),
            (!interface.ipv6_addresses.is_empty() || interface.ipv6_address_count.is_some(), "IPv6 addresses"),
            (interface.description.is_some(), "a description"),
            (interface.associate_public_ip_address.is_some(), "a public IP address"),
        ];
        if let Some((_, what)) = given.iter().find(|(given, _)| *given) {
            let message =
                format!("A network interface may not specify a network interface ID and {what} on the same request");
            return Err(refused("InvalidParameterCombination", message));
        }
        let id: NetworkInterfaceId = id(text)?;
        let present = world.interface(scope, &id).map_err(|error| fault::of(&error))?;
        interface.subnet_id = Some(present.subnet.to_string());
    }
    Ok(())
}

/// The first interface, and the others.
fn network(request: &RunInstancesRequest) -> Result<(Interface, Vec<Further>), Failure> {
    let combined = |with: &str| {
        let message =
            format!("Network interfaces and an instance-level {with} may not be specified on the same request");
        Err(refused("InvalidParameterCombination", message))
    };
    if request.network_interfaces.is_empty() {
        return Ok((instance_network(request)?, Vec::new()));
    }
    if request.subnet_id.is_some() {
        return combined("subnet ID");
    }
    if !request.security_group_ids.is_empty() || !request.security_groups.is_empty() {
        return combined("security groups");
    }
    if request.private_ip_address.is_some() {
        return combined("private IP address");
    }
    if request.ipv6_address_count.is_some() || !request.ipv6_addresses.is_empty() {
        return combined("IPv6 address");
    }
    let (mut first, mut further) = (None, Vec::<Further>::new());
    for interface in &request.network_interfaces {
        let Some(device) = interface.device_index else {
            return Err(refused("InvalidParameterValue", "Each network interface requires a device index."));
        };
        let read = interface_network(interface)?;
        let Ok(device) = u32::try_from(device) else {
            return Err(refused("InvalidParameterValue", format!("Device index {device} is invalid.")));
        };
        let twice = if device == 0 { first.is_some() } else { further.iter().any(|other| other.device == device) };
        if twice {
            let message = format!("Device index {device} is specified for more than one network interface.");
            return Err(refused("InvalidParameterValue", message));
        }
        if device == 0 { first = Some(read) } else { further.push(Further { device, interface: read }) }
    }
    let Some(mut first) = first else {
        let message = "A network interface with device index 0 is required.";
        return Err(refused("InvalidParameterValue", message));
    };
    if !further.is_empty() {
        if request.network_interfaces.iter().any(|interface| interface.associate_public_ip_address.is_some()) {
            let message = "The associatePublicIPAddress parameter cannot be specified when launching with multiple \
                           network interfaces";
            return Err(refused("InvalidParameterCombination", message));
        }
        // Nor does the subnet give one then.
        first.public_address = Some(false);
    }
    further.sort_by_key(|further| further.device);
    Ok((first, further))
}

fn instance_network(request: &RunInstancesRequest) -> Result<Interface, Failure> {
    let named = !request.security_groups.is_empty();
    let Some(subnet) = request.subnet_id.as_deref().filter(|id| !id.is_empty()) else {
        return Err(no_default_vpc(named));
    };
    if named {
        let message = "The parameter groupName cannot be used with the parameter subnet";
        return Err(refused("InvalidParameterCombination", message));
    }
    let (address, more) = network_interface::addresses(&WantedAddresses {
        primary: request.private_ip_address.as_deref(),
        listed: &[],
        secondary_count: None,
        ipv6: &request.ipv6_addresses,
        ipv6_count: request.ipv6_address_count,
    })?;
    Ok(Interface {
        subnet: id(subnet)?,
        address,
        more,
        public_address: None,
        groups: ids(&request.security_group_ids)?,
        description: None,
        existing: None,
        delete_on_termination: true,
    })
}

fn interface_network(interface: &InstanceNetworkInterfaceSpecification) -> Result<Interface, Failure> {
    nothing_unsupported_of_interface(interface)?;
    let Some(subnet) = interface.subnet_id.as_deref().filter(|id| !id.is_empty()) else {
        return Err(no_default_vpc(false));
    };
    let (address, more) = network_interface::addresses(&WantedAddresses {
        primary: interface.private_ip_address.as_deref(),
        listed: &interface.private_ip_addresses,
        secondary_count: interface.secondary_private_ip_address_count,
        ipv6: &interface.ipv6_addresses,
        ipv6_count: interface.ipv6_address_count,
    })?;
    let existing = interface.network_interface_id.as_deref().filter(|id| !id.is_empty()).map(id).transpose()?;
    if existing.is_some() && interface.delete_on_termination == Some(true) {
        let message = "Network interfaces that exist already are not deleted on termination: DeleteOnTermination can be \
                       set with ModifyNetworkInterfaceAttribute.";
        return Err(refused("InvalidParameterCombination", message));
    }
    Ok(Interface {
        subnet: id(subnet)?,
        address,
        more,
        public_address: interface.associate_public_ip_address,
        groups: ids(&interface.groups)?,
        description: interface.description.clone(),
        delete_on_termination: interface.delete_on_termination.unwrap_or(existing.is_none()),
        existing,
    })
}

/// There is no default VPC to fall back on, or the launch would have got its subnet of it.
fn no_default_vpc(groups_are_named: bool) -> Failure {
    let groups = if groups_are_named { " GroupName is only supported for EC2-Classic and default VPC." } else { "" };
    refused("VPCIdNotSpecified", format!("No default VPC for this user.{groups}"))
}

fn nothing_unsupported_of_interface(interface: &InstanceNetworkInterfaceSpecification) -> Result<(), Failure> {
    let some = |count: Option<i32>| count.is_some_and(|count| count != 0);
    let foreign = [
        (interface.associate_carrier_ip_address == Some(true), "AssociateCarrierIpAddress true"),
        (some(interface.ipv6_prefix_count) || !interface.ipv6_prefixes.is_empty(), "Ipv6Prefix"),
        (some(interface.ipv4_prefix_count) || !interface.ipv4_prefixes.is_empty(), "Ipv4Prefix"),
        (interface.primary_ipv6 == Some(true), "PrimaryIpv6 true"),
        (interface.interface_type.as_deref().is_some_and(|kind| kind != "interface"), "InterfaceType"),
        (some(interface.network_card_index), "NetworkCardIndex"),
        (interface.ena_srd_specification.is_some(), "EnaSrdSpecification"),
        (interface.ena_queue_count.is_some(), "EnaQueueCount"),
        (interface.connection_tracking_specification.is_some(), "ConnectionTrackingSpecification"),
    ];
    match foreign.iter().find(|(given, _)| *given) {
        Some((_, name)) => {
            Err(fault::unsupported(format!("Sidegate does not support {name} of an instance's network interface.")))
        }
        None => Ok(()),
    }
}

/// Refuses what instances here cannot have. What asks for what they have anyway is let pass: Terraform, for one, always
/// says that termination is not disabled.
fn nothing_unsupported(request: &RunInstancesRequest) -> Result<(), Failure> {
    let is = |value: &Option<String>, only: &str| value.as_deref().is_none_or(|value| value == only);
    let foreign = [
        (request.enable_primary_ipv6 == Some(true), "EnablePrimaryIpv6"),
        (request.kernel_id.is_some(), "KernelId"),
        (request.ramdisk_id.is_some(), "RamdiskId"),
        (request.launch_template.is_some(), "LaunchTemplate"),
        (request.instance_market_options.is_some(), "InstanceMarketOptions"),
        (request.cpu_options.is_some(), "CpuOptions"),
        (!request.license_specifications.is_empty(), "LicenseSpecification"),
        (!request.elastic_gpu_specification.is_empty(), "ElasticGpuSpecification"),
        (!request.elastic_inference_accelerators.is_empty(), "ElasticInferenceAccelerator"),
        (!request.secondary_interfaces.is_empty(), "SecondaryInterface"),
        (request.operator.is_some(), "Operator"),
        (request.network_performance_options.is_some(), "NetworkPerformanceOptions"),
        (request.additional_info.is_some(), "AdditionalInfo"),
        (request.hibernation_options.as_ref().is_some_and(|h| h.configured == Some(true)), "HibernationOptions"),
        (request.enclave_options.as_ref().is_some_and(|e| e.enabled == Some(true)), "EnclaveOptions"),
        (request.maintenance_options.as_ref().is_some_and(|m| !is(&m.auto_recovery, "default")), "MaintenanceOptions"),
        (
            request.capacity_reservation_specification.as_ref().is_some_and(|c| {
                !is(&c.capacity_reservation_preference, "open") || c.capacity_reservation_target.is_some()
            }),
            "CapacityReservationSpecification",
        ),
        (
            request.private_dns_name_options.as_ref().is_some_and(|p| {
                !is(&p.hostname_type, "ip-name")
                    || p.enable_resource_name_dns_a_record == Some(true)
                    || p.enable_resource_name_dns_aaaa_record == Some(true)
            }),
            "PrivateDnsNameOptions",
        ),
        (
            request.credit_specification.as_ref().is_some_and(|credits| {
                let kind = request.instance_type.as_deref().unwrap_or_default();
                credits.cpu_credits.as_deref() != instance_type::credits(kind)
            }),
            "CreditSpecification other than that of the instance type",
        ),
    ];
    match foreign.iter().find(|(given, _)| *given) {
        Some((_, name)) => Err(fault::unsupported(format!("Sidegate does not support {name} for RunInstances."))),
        None => Ok(()),
    }
}
