//! What RunInstances asks for, as the model takes it.

use std::net::Ipv4Addr;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use sidegate_model::{MetadataOptions, RunInstance, SecurityGroupId, SubnetId};
use sidegate_wire::ec2::{InstanceNetworkInterfaceSpecification, RunInstancesRequest};
use sidegate_wire::protocol::Failure;

use super::super::super::ids::{id, ids, required};
use super::super::super::{fault, image, instance_type, refused, tagged};
use super::super::metadata;

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
    pub(super) metadata: MetadataOptions,
    pub(super) tags: Vec<(String, String)>,
    pub(super) interface_tags: Vec<(String, String)>,
}

/// Reads a request, whose token is given apart from it.
pub(super) fn launch(request: RunInstancesRequest, client_token: String) -> Result<Launch, Failure> {
    nothing_unsupported(&request)?;
    let image = image(request.image_id.as_deref())?;
    let (least, count) = counts(request.min_count, request.max_count)?;
    let zone = zone(&request)?;
    let network = network(&request)?;
    let metadata = match &request.metadata_options {
        Some(options) => metadata::requested(options, MetadataOptions::default())?,
        None => MetadataOptions::default(),
    };
    let (tags, interface_tags) = ("instance", "network-interface");
    let (tags, interface_tags) = (
        tagged::specified(&request.tag_specifications, tags, &[interface_tags])?,
        tagged::specified(&request.tag_specifications, interface_tags, &[tags])?,
    );
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
            count,
        },
        least,
        zone,
        description: network.description,
        metadata,
        tags,
        interface_tags,
    })
}

fn image(named: Option<&str>) -> Result<String, Failure> {
    let id = required(named, "ImageId")?;
    image::find(id)?;
    Ok(id.to_owned())
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
fn user_data(text: &str) -> Result<Option<Arc<str>>, Failure> {
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

/// Where instances are to be.
struct Network {
    subnet: SubnetId,
    address: Option<Ipv4Addr>,
    groups: Vec<SecurityGroupId>,
    description: Option<String>,
}

fn network(request: &RunInstancesRequest) -> Result<Network, Failure> {
    let combined = |with: &str| {
        let message =
            format!("Network interfaces and an instance-level {with} may not be specified on the same request");
        Err(refused("InvalidParameterCombination", message))
    };
    let Some((interface, more)) = request.network_interfaces.split_first() else {
        return instance_network(request);
    };
    if request.subnet_id.is_some() {
        return combined("subnet ID");
    }
    if !request.security_group_ids.is_empty() || !request.security_groups.is_empty() {
        return combined("security groups");
    }
    if request.private_ip_address.is_some() {
        return combined("private IP address");
    }
    if !more.is_empty() {
        return Err(fault::unsupported("Sidegate's instances have one network interface."));
    }
    interface_network(interface)
}

fn instance_network(request: &RunInstancesRequest) -> Result<Network, Failure> {
    let named = !request.security_groups.is_empty();
    let Some(subnet) = request.subnet_id.as_deref().filter(|id| !id.is_empty()) else {
        return Err(no_default_vpc(named));
    };
    if named {
        let message = "The parameter groupName cannot be used with the parameter subnet";
        return Err(refused("InvalidParameterCombination", message));
    }
    Ok(Network {
        subnet: id(subnet)?,
        address: request.private_ip_address.as_deref().map(address).transpose()?,
        groups: ids(&request.security_group_ids)?,
        description: None,
    })
}

fn interface_network(interface: &InstanceNetworkInterfaceSpecification) -> Result<Network, Failure> {
    nothing_unsupported_of_interface(interface)?;
    match interface.device_index {
        Some(0) => {}
        None => return Err(refused("InvalidParameterValue", "Each network interface requires a device index.")),
        Some(index) => {
            let message = format!("Device index {index} is invalid: the first network interface has device index 0.");
            return Err(refused("InvalidParameterValue", message));
        }
    }
    let Some(subnet) = interface.subnet_id.as_deref().filter(|id| !id.is_empty()) else {
        return Err(no_default_vpc(false));
    };
    let listed = interface.private_ip_addresses.first().and_then(|listed| listed.private_ip_address.as_deref());
    if listed.is_some() && interface.private_ip_address.is_some() {
        let message = "The parameter privateIpAddress cannot be used with the parameter privateIpAddresses";
        return Err(refused("InvalidParameterCombination", message));
    }
    Ok(Network {
        subnet: id(subnet)?,
        address: interface.private_ip_address.as_deref().or(listed).map(address).transpose()?,
        groups: ids(&interface.groups)?,
        description: interface.description.clone(),
    })
}

/// Every VPC here was made by the account: there is no default one to fall back on.
fn no_default_vpc(groups_are_named: bool) -> Failure {
    let groups = if groups_are_named { " GroupName is only supported for EC2-Classic and default VPC." } else { "" };
    refused("VPCIdNotSpecified", format!("No default VPC for this user.{groups}"))
}

fn address(text: &str) -> Result<Ipv4Addr, Failure> {
    let message = || format!("Value ({text}) for parameter privateIpAddress is invalid. Invalid IPv4 address.");
    text.parse().map_err(|_| refused("InvalidParameterValue", message()))
}

fn nothing_unsupported_of_interface(interface: &InstanceNetworkInterfaceSpecification) -> Result<(), Failure> {
    let some = |count: Option<i32>| count.is_some_and(|count| count != 0);
    let foreign = [
        (interface.network_interface_id.is_some(), "NetworkInterfaceId"),
        (interface.associate_public_ip_address == Some(true), "AssociatePublicIpAddress true"),
        (interface.associate_carrier_ip_address == Some(true), "AssociateCarrierIpAddress true"),
        (interface.delete_on_termination == Some(false), "DeleteOnTermination false"),
        (some(interface.ipv6_address_count) || !interface.ipv6_addresses.is_empty(), "Ipv6Addresses"),
        (some(interface.ipv6_prefix_count) || !interface.ipv6_prefixes.is_empty(), "Ipv6Prefix"),
        (some(interface.ipv4_prefix_count) || !interface.ipv4_prefixes.is_empty(), "Ipv4Prefix"),
        (interface.primary_ipv6 == Some(true), "PrimaryIpv6 true"),
        (some(interface.secondary_private_ip_address_count), "SecondaryPrivateIpAddressCount"),
        (interface.private_ip_addresses.len() > 1, "more than one of PrivateIpAddresses"),
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
        (request.iam_instance_profile.is_some(), "IamInstanceProfile"),
        (!request.block_device_mappings.is_empty(), "BlockDeviceMapping: its instances have no volumes"),
        (request.ipv6_address_count.is_some_and(|count| count != 0), "Ipv6AddressCount"),
        (!request.ipv6_addresses.is_empty(), "Ipv6Address"),
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
        (request.ebs_optimized == Some(true), "EbsOptimized true"),
        (request.disable_api_termination == Some(true), "DisableApiTermination true"),
        (request.disable_api_stop == Some(true), "DisableApiStop true"),
        (!is(&request.instance_initiated_shutdown_behavior, "stop"), "InstanceInitiatedShutdownBehavior terminate"),
        (request.monitoring.as_ref().is_some_and(|m| m.enabled == Some(true)), "Monitoring.Enabled true"),
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
