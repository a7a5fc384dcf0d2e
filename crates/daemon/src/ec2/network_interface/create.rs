//! Network interfaces that the account makes, and attaches to instances.
//!
//! Source: EC2 API reference, `CreateNetworkInterface`, `AttachNetworkInterface`.

use std::net::{Ipv4Addr, Ipv6Addr};

use sidegate_model::{
    InstanceId, InterfaceLimits, NetworkInterfaceId, Scope, SecondaryAddresses, SecurityGroupId, SubnetId,
};
use sidegate_wire::ec2::{
    AttachNetworkInterfaceRequest, AttachNetworkInterfaceResult, CreateNetworkInterfaceRequest,
    CreateNetworkInterfaceResult, InstanceIpv6Address, NetworkInterface, PrivateIpAddressSpecification,
};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{arn, given, ids, required};
use super::super::{client_token, fault, instance_type, refused, tag, tagged};
use super::describe::shown;

/// The name under which tokens of CreateNetworkInterface are kept.
const CREATE: &str = "CreateNetworkInterface";

/// The most characters of a description.
const DESCRIPTION_LIMIT: usize = 255;

impl Action for CreateNetworkInterfaceRequest {
    type Answer = CreateNetworkInterfaceResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        let groups = self.groups.iter().map(|id| arn(scope, "security-group", id));
        [arn(scope, "network-interface", "*"), arn(scope, "subnet", self.subnet_id.as_deref().unwrap_or("*"))]
            .into_iter()
            .chain(groups)
            .collect()
    }

    async fn act(mut self, call: &Call<'_>) -> Result<CreateNetworkInterfaceResult, Failure> {
        self.dry_run = None;
        let client_token = self.client_token.take();
        let parameters = client_token::fingerprint(&self);
        nothing_unsupported(&self)?;
        let subnet: SubnetId = given(self.subnet_id.as_deref(), "SubnetId")?;
        let groups: Vec<SecurityGroupId> = ids(&self.groups)?;
        let (address, more) = addresses(&Wanted {
            primary: self.private_ip_address.as_deref(),
            listed: &self.private_ip_addresses,
            secondary_count: self.secondary_private_ip_address_count,
            ipv6: &self.ipv6_addresses,
            ipv6_count: self.ipv6_address_count,
        })?;
        let description = self.description.unwrap_or_default();
        if description.chars().count() > DESCRIPTION_LIMIT {
            let message = format!("The description has more than {DESCRIPTION_LIMIT} characters.");
            return Err(refused("InvalidParameterValue", message));
        }
        let tags = tagged::specified(&self.tag_specifications, "network-interface", &[])?;
        let token = client_token.clone();
        let made = call.change(move |world, context| {
            let known = match &token {
                Some(token) => world.replay(context, CREATE, token, &parameters)?,
                None => None,
            };
            if let Some(made) = known {
                return Ok(shown(world, world.interface(&context.scope, &made.parse()?)?));
            }
            let id = world.create_network_interface(context, &subnet, address, &groups, description, &more)?;
            tag::put(world, context, id.as_str(), &tags)?;
            if let Some(token) = &token {
                world.remember(context, CREATE, token, &parameters, id.as_str());
            }
            Ok(shown(world, world.interface(&context.scope, &id)?))
        });
        // Source: EC2 API reference, sample of `CreateNetworkInterface`.
        let made = NetworkInterface { status: Some("pending".to_owned()), ..made.await? };
        Ok(CreateNetworkInterfaceResult { network_interface: Some(made), client_token })
    }
}

fn nothing_unsupported(request: &CreateNetworkInterfaceRequest) -> Result<(), Failure> {
    let some = |count: Option<i32>| count.is_some_and(|count| count != 0);
    match request.interface_type.as_deref() {
        None | Some("" | "interface") => {}
        Some(
            kind @ ("efa"
            | "efa-only"
            | "branch"
            | "trunk"
            | "load_balancer"
            | "vpc_endpoint"
            | "network_load_balancer"),
        ) => {
            return Err(fault::unsupported(format!("Sidegate does not support the interface type {kind}.")));
        }
        Some(kind) => {
            let message = format!("Value ({kind}) for parameter interfaceType is invalid.");
            return Err(refused("InvalidParameterValue", message));
        }
    }
    let foreign = [
        (some(request.ipv4_prefix_count) || !request.ipv4_prefixes.is_empty(), "Ipv4Prefix"),
        (some(request.ipv6_prefix_count) || !request.ipv6_prefixes.is_empty(), "Ipv6Prefix"),
        (request.enable_primary_ipv6 == Some(true), "EnablePrimaryIpv6 true"),
        (request.connection_tracking_specification.is_some(), "ConnectionTrackingSpecification"),
        (request.operator.is_some(), "Operator"),
    ];
    match foreign.iter().find(|(given, _)| *given) {
        Some((_, name)) => Err(fault::unsupported(format!("Sidegate does not support {name} of a network interface."))),
        None => Ok(()),
    }
}

/// The addresses that a request asks for.
pub(in super::super) struct Wanted<'r> {
    pub(in super::super) primary: Option<&'r str>,
    pub(in super::super) listed: &'r [PrivateIpAddressSpecification],
    pub(in super::super) secondary_count: Option<i32>,
    pub(in super::super) ipv6: &'r [InstanceIpv6Address],
    pub(in super::super) ipv6_count: Option<i32>,
}

/// The primary address, if a certain one is wanted, and the others.
pub(in super::super) fn addresses(wanted: &Wanted<'_>) -> Result<(Option<Ipv4Addr>, SecondaryAddresses), Failure> {
    let combination = |message: &str| Err(refused("InvalidParameterCombination", message));
    let mut primary =
        wanted.primary.filter(|text| !text.is_empty()).map(|text| ipv4("privateIpAddress", text)).transpose()?;
    let mut listed = Vec::new();
    for one in wanted.listed {
        let text = required(one.private_ip_address.as_deref(), "PrivateIpAddresses.PrivateIpAddress")?;
        let address = ipv4("privateIpAddresses", text)?;
        if one.primary != Some(true) {
            listed.push(address);
        } else if wanted.primary.is_some() {
            return combination(
                "The parameter privateIpAddress cannot be used with a primary one of privateIpAddresses",
            );
        } else if primary.replace(address).is_some() {
            return Err(refused("InvalidParameterValue", "Only one primary private IP address can be specified."));
        }
    }
    if wanted.secondary_count.is_some_and(|n| n != 0) && !listed.is_empty() {
        return combination("The parameter secondaryPrivateIpAddressCount cannot be used with privateIpAddresses");
    }
    if wanted.ipv6_count.is_some_and(|n| n != 0) && !wanted.ipv6.is_empty() {
        return combination("The parameter ipv6AddressCount cannot be used with ipv6Addresses");
    }
    if let Some(address) = listed
        .iter()
        .enumerate()
        .find_map(|(place, a)| (listed.iter().take(place).any(|b| a == b) || primary == Some(*a)).then_some(a))
    {
        let message = format!("Address {address} is specified more than once.");
        return Err(refused("InvalidParameterValue", message));
    }
    let mut certain = Vec::new();
    for one in wanted.ipv6 {
        certain.push(ipv6(required(one.ipv6_address.as_deref(), "Ipv6Addresses.Ipv6Address")?)?);
    }
    let more = SecondaryAddresses {
        ipv4: listed,
        ipv4_count: count("secondaryPrivateIpAddressCount", wanted.secondary_count)?.unwrap_or_default(),
        ipv6: certain,
        ipv6_count: count("ipv6AddressCount", wanted.ipv6_count)?,
    };
    Ok((primary, more))
}

/// How many of something a parameter asks for.
pub(super) fn count(parameter: &str, value: Option<i32>) -> Result<Option<u32>, Failure> {
    value
        .map(|value| {
            u32::try_from(value).map_err(|_| {
                let message = format!("Value ({value}) for parameter {parameter} is invalid. It must not be negative.");
                refused("InvalidParameterValue", message)
            })
        })
        .transpose()
}

/// An IPv4 address.
pub(super) fn ipv4(parameter: &str, text: &str) -> Result<Ipv4Addr, Failure> {
    let message = || format!("Value ({text}) for parameter {parameter} is invalid. Invalid IPv4 address.");
    text.parse().map_err(|_| refused("InvalidParameterValue", message()))
}

/// An IPv6 address.
pub(super) fn ipv6(text: &str) -> Result<Ipv6Addr, Failure> {
    let message = || format!("Value ({text}) for parameter ipv6Addresses is invalid. Invalid IPv6 address.");
    text.parse().map_err(|_| refused("InvalidParameterValue", message()))
}

impl Action for AttachNetworkInterfaceRequest {
    type Answer = AttachNetworkInterfaceResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![
            arn(scope, "network-interface", self.network_interface_id.as_deref().unwrap_or("*")),
            arn(scope, "instance", self.instance_id.as_deref().unwrap_or("*")),
        ]
    }

    async fn act(self, call: &Call<'_>) -> Result<AttachNetworkInterfaceResult, Failure> {
        let id: NetworkInterfaceId = given(self.network_interface_id.as_deref(), "NetworkInterfaceId")?;
        let instance: InstanceId = given(self.instance_id.as_deref(), "InstanceId")?;
        let Some(device) = self.device_index else {
            return Err(refused("MissingParameter", "The request must contain the parameter DeviceIndex"));
        };
        let device = u32::try_from(device).map_err(|_| {
            let message = format!("Value ({device}) for parameter deviceIndex is invalid. It must not be negative.");
            refused("InvalidParameterValue", message)
        })?;
        if self.network_card_index.is_some_and(|index| index != 0) {
            return Err(fault::unsupported("Sidegate's instances have one network card, with index 0."));
        }
        let foreign = [
            (self.ena_srd_specification.is_some(), "EnaSrdSpecification"),
            (self.ena_queue_count.is_some(), "EnaQueueCount"),
        ];
        if let Some((_, name)) = foreign.iter().find(|(given, _)| *given) {
            return Err(fault::unsupported(format!("Sidegate does not support {name} of a network interface.")));
        }
        let attachment = call.change(move |world, context| {
            let kind = world.instance(&context.scope, &instance)?.instance_type.clone();
            world.attach_network_interface(context, &id, &instance, device, limits(&kind))
        });
        Ok(AttachNetworkInterfaceResult {
            attachment_id: Some(attachment.await?.to_string()),
            network_card_index: Some(0),
        })
    }
}

/// The limits of an instance's type; those of the largest for one that is not known any more.
pub(in super::super) fn limits(kind: &str) -> InterfaceLimits {
    instance_type::find(kind).map_or(InterfaceLimits { interfaces: 15, addresses: 50 }, |kind| kind.interfaces())
}
