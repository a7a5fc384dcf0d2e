//! What a request says of an endpoint, as the model takes it.

use std::collections::BTreeMap;
use std::str::FromStr;

use sidegate_model::{CreateVpcEndpoint, DnsRecordIpType, FixedAddresses, IpAddressType, SubnetId};
use sidegate_wire::ec2::{CreateVpcEndpointRequest, DnsOptionsSpecification, SubnetConfiguration};
use sidegate_wire::protocol::Failure;

use super::super::action::Call;
use super::super::ids::{id, ids, required};
use super::super::{fault, policy_document, refused};

/// What CreateVpcEndpoint asks for.
pub(super) fn new(request: CreateVpcEndpointRequest, call: &Call<'_>) -> Result<CreateVpcEndpoint, Failure> {
    let region = call.scope().region;
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
    let ip_address_type = ip_address_type(request.ip_address_type.as_deref())?;
    let dns = dns(request.dns_options.as_ref())?;
    let subnets = subnets(&request.subnet_ids, &request.subnet_configurations)?;
    Ok(CreateVpcEndpoint {
        vpc: Some(id(required(request.vpc_id.as_deref(), "VpcId")?)?),
        service,
        interface,
        policy: request.policy_document.map(|document| policy(call, &document)).transpose()?,
        route_tables: ids(&request.route_table_ids)?,
        subnets: subnets.ids,
        addresses: subnets.addresses,
        groups: ids(&request.security_group_ids)?,
        private_dns: request.private_dns_enabled,
        inbound_resolver_only: dns.inbound_resolver_only,
        ip_address_type,
        dns_record_ip_type: dns.record_ip_type,
    })
}

/// Reads an endpoint policy.
pub(super) fn policy(call: &Call<'_>, document: &str) -> Result<String, Failure> {
    policy_document::checked(document, &call.directory.names(), &call.scope().account)
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

/// Reads a type of addresses.
pub(super) fn ip_address_type(text: Option<&str>) -> Result<Option<IpAddressType>, Failure> {
    text.map(IpAddressType::parse).transpose().map_err(|error| fault::of(&error))
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
pub(super) fn dns(options: Option<&DnsOptionsSpecification>) -> Result<Dns, Failure> {
    let Some(options) = options else { return Ok(Dns::default()) };
    if options.private_dns_preference.is_some() || !options.private_dns_specified_domains.is_empty() {
        let message = "PrivateDnsPreference and PrivateDnsSpecifiedDomain are supported only for VPC endpoints of type \
                       Resource and ServiceNetwork.";
        return Err(refused("InvalidParameter", message));
    }
    let record_ip_type = options.dns_record_ip_type.as_deref().map(DnsRecordIpType::parse).transpose();
    let record_ip_type = record_ip_type.map_err(|error| fault::of(&error))?;
    Ok(Dns { record_ip_type, inbound_resolver_only: options.private_dns_only_for_inbound_resolver_endpoint })
}

/// Subnets, and the addresses that are wanted in them.
pub(super) struct Subnets {
    pub(super) ids: Vec<SubnetId>,
    pub(super) addresses: BTreeMap<SubnetId, FixedAddresses>,
}

/// Reads subnets and their configurations. A subnet that only a configuration names is one of the endpoint's too.
pub(super) fn subnets(named: &[String], configurations: &[SubnetConfiguration]) -> Result<Subnets, Failure> {
    let mut subnets = Subnets { ids: ids(named)?, addresses: BTreeMap::new() };
    for configuration in configurations {
        let subnet: SubnetId = id(required(configuration.subnet_id.as_deref(), "SubnetConfiguration.SubnetId")?)?;
        if !subnets.ids.contains(&subnet) {
            subnets.ids.push(subnet.clone());
        }
        let wanted = FixedAddresses {
            ipv4: address(configuration.ipv4.as_deref(), "IPv4")?,
            ipv6: address(configuration.ipv6.as_deref(), "IPv6")?,
        };
        if wanted == FixedAddresses::default() {
            continue;
        }
        if subnets.addresses.insert(subnet.clone(), wanted).is_some() {
            let message = format!("The subnet {subnet} has more than one SubnetConfiguration.");
            return Err(refused("InvalidParameter", message));
        }
    }
    Ok(subnets)
}

fn address<A: FromStr>(text: Option<&str>, family: &str) -> Result<Option<A>, Failure> {
    let parse = |text: &str| {
        let message = format!("The address '{text}' is not a valid {family} address");
        text.parse().map_err(|_| refused("InvalidParameterValue", message))
    };
    text.map(parse).transpose()
}
