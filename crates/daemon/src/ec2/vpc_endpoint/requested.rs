//! What a request says of an endpoint, as the model takes it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use sidegate_model::{CreateVpcEndpoint, DnsRecordIpType, Region, SubnetId};
use sidegate_wire::ec2::{CreateVpcEndpointRequest, DnsOptionsSpecification, SubnetConfiguration};
use sidegate_wire::protocol::Failure;

use super::super::ids::{id, ids, required};
use super::super::{fault, policy_document, refused};

/// What CreateVpcEndpoint asks for.
pub(super) fn new(request: CreateVpcEndpointRequest, region: Region) -> Result<CreateVpcEndpoint, Failure> {
    let interface = is_interface(request.vpc_endpoint_type.as_deref())?;
    if request.service_network_arn.is_some() || request.resource_configuration_arn.is_some() {
        let message = "ServiceNetworkArn and ResourceConfigurationArn are for VPC endpoints of type ServiceNetwork and \
                       Resource, which Sidegate does not support.";
        return Err(fault::unsupported(message));
    }
    let service = required(request.service_name.as_deref(), "ServiceName")?.to_owned();
    if let Some(other) = request.service_region.as_deref().filter(|other| *other != region.as_str()) {
        let message = format!(
            "Sidegate does not support cross-Region VPC endpoints: ServiceRegion {other} is not the Region {region} of \
             the VPC."
        );
        return Err(fault::unsupported(message));
    }
    addresses_are_ipv4(request.ip_address_type.as_deref(), &service)?;
    let dns = dns(request.dns_options.as_ref(), interface)?;
    let subnets = subnets(&request.subnet_ids, &request.subnet_configurations)?;
    Ok(CreateVpcEndpoint {
        vpc: Some(id(required(request.vpc_id.as_deref(), "VpcId")?)?),
        service,
        interface,
        policy: request.policy_document.map(policy_document::checked).transpose()?,
        route_tables: ids(&request.route_table_ids)?,
        subnets: subnets.ids,
        addresses: subnets.addresses,
        groups: ids(&request.security_group_ids)?,
        private_dns: request.private_dns_enabled,
        inbound_resolver_only: dns.inbound_resolver_only,
        dns_record_ip_type: dns.record_ip_type,
    })
}

fn is_interface(kind: Option<&str>) -> Result<bool, Failure> {
    match kind.unwrap_or("Gateway") {
        "Gateway" => Ok(false),
        "Interface" => Ok(true),
        other @ ("GatewayLoadBalancer" | "Resource" | "ServiceNetwork") => Err(fault::unsupported(format!(
            "VPC endpoints of type {other} are not supported by Sidegate. It has the types Gateway and Interface."
        ))),
        other => Err(refused("InvalidVpcEndpointType", format!("The VPC endpoint type '{other}' is not valid."))),
    }
}

/// Refuses every type of address but IPv4, which is the only one that the services here list as theirs.
pub(super) fn addresses_are_ipv4(kind: Option<&str>, service: &str) -> Result<(), Failure> {
    match kind {
        None | Some("ipv4") => Ok(()),
        Some(known @ ("ipv6" | "dualstack")) => Err(refused(
            "InvalidParameter",
            format!("The VPC endpoint service {service} does not support the IP address type: {known}."),
        )),
        Some(other) => Err(refused(
            "InvalidParameter",
            format!("Value ({other}) for parameter IpAddressType is invalid. Valid values: ipv4, dualstack, ipv6."),
        )),
    }
}

/// What DNS options ask for.
#[derive(Default)]
pub(super) struct Dns {
    pub(super) record_ip_type: Option<DnsRecordIpType>,
    pub(super) inbound_resolver_only: Option<bool>,
}

/// Reads DNS options.
///
/// Source: PrivateLink guide, "IP address type" and "DNS record IP type" of gateway and of interface endpoints.
pub(super) fn dns(options: Option<&DnsOptionsSpecification>, interface: bool) -> Result<Dns, Failure> {
    let Some(options) = options else { return Ok(Dns::default()) };
    if options.private_dns_preference.is_some() || !options.private_dns_specified_domains.is_empty() {
        let message = "PrivateDnsPreference and PrivateDnsSpecifiedDomain are supported only for VPC endpoints of type \
                       Resource and ServiceNetwork.";
        return Err(refused("InvalidParameter", message));
    }
    let record_ip_type = match (options.dns_record_ip_type.as_deref(), interface) {
        (None, _) => None,
        (Some("ipv4"), _) => Some(DnsRecordIpType::Ipv4),
        (Some("service-defined"), false) => Some(DnsRecordIpType::ServiceDefined),
        (Some(known @ ("ipv6" | "dualstack" | "service-defined")), _) => {
            let message = format!("The DNS record IP type {known} is not compatible with the IP address type ipv4.");
            return Err(refused("InvalidParameter", message));
        }
        (Some(other), _) => {
            let message = format!(
                "Value ({other}) for parameter DnsRecordIpType is invalid. Valid values: ipv4, dualstack, ipv6, \
                 service-defined."
            );
            return Err(refused("InvalidParameter", message));
        }
    };
    Ok(Dns { record_ip_type, inbound_resolver_only: options.private_dns_only_for_inbound_resolver_endpoint })
}

/// Subnets, and the addresses that are wanted in them.
pub(super) struct Subnets {
    pub(super) ids: Vec<SubnetId>,
    pub(super) addresses: BTreeMap<SubnetId, Ipv4Addr>,
}

/// Reads subnets and their configurations. A subnet that only a configuration names is one of the endpoint's too.
pub(super) fn subnets(named: &[String], configurations: &[SubnetConfiguration]) -> Result<Subnets, Failure> {
    let mut subnets = Subnets { ids: ids(named)?, addresses: BTreeMap::new() };
    for configuration in configurations {
        let subnet: SubnetId = id(required(configuration.subnet_id.as_deref(), "SubnetConfiguration.SubnetId")?)?;
        if let Some(address) = &configuration.ipv6 {
            let message = format!("The subnet {subnet} has no IPv6 CIDR block for the address {address}.");
            return Err(refused("InvalidParameter", message));
        }
        if !subnets.ids.contains(&subnet) {
            subnets.ids.push(subnet.clone());
        }
        let Some(text) = &configuration.ipv4 else { continue };
        let address = text.parse().map_err(|_| {
            refused("InvalidParameterValue", format!("The address '{text}' is not a valid IPv4 address"))
        })?;
        if subnets.addresses.insert(subnet.clone(), address).is_some() {
            let message = format!("The subnet {subnet} has more than one SubnetConfiguration.");
            return Err(refused("InvalidParameter", message));
        }
    }
    Ok(subnets)
}
