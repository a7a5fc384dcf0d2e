//! Changing an endpoint: its policy, route tables, groups and subnets.

use std::collections::BTreeMap;

use super::{
    DnsRecordIpType, Endpoint, EndpointKind, FixedAddresses, IpAddressType, ModifyVpcEndpoint, POLICY_LIMIT,
    PolicyChange,
};
use crate::{
    Attachment, Context, Destination, Error, NetworkInterface, NetworkInterfaceId, RouteTableId, RouteTarget, Subnet,
    SubnetId, VpcEndpointId, World,
};

impl World {
    /// Changes an endpoint: all of it, or nothing.
    ///
    /// # Errors
    /// See the variants of [`Error`] for endpoints.
    pub fn modify_vpc_endpoint(
        &mut self, context: &mut Context<'_>, id: &VpcEndpointId, change: ModifyVpcEndpoint,
    ) -> Result<(), Error> {
        let mut endpoint = self.endpoint(&context.scope, id)?.clone();
        match &change.policy {
            PolicyChange::Keep => {}
            PolicyChange::Reset => endpoint.policy = None,
            PolicyChange::Replace(text) if text.chars().count() > POLICY_LIMIT => {
                return Err(Error::InvalidPolicyDocument(format!(
                    "The Policy Document exceeds the maximum of {POLICY_LIMIT} characters."
                )));
            }
            PolicyChange::Replace(text) => endpoint.policy = Some(text.clone()),
        }
        self.change_families(&mut endpoint, &change)?;
        match endpoint.kind {
            EndpointKind::Gateway { .. } => self.change_gateway(context, &mut endpoint, &change)?,
            EndpointKind::Interface(_) => self.change_interface(context, &mut endpoint, &change)?,
        }
        self.check_records_for_inbound_resolvers(&endpoint)?;
        self.endpoints.insert(endpoint);
        Ok(())
    }

    /// Changes the families of the addresses and of the records. Records that do not go with other addresses become those
    /// of an endpoint that does not say.
    fn change_families(&self, endpoint: &mut Endpoint, change: &ModifyVpcEndpoint) -> Result<(), Error> {
        let interface = endpoint.interface().is_some();
        if let Some(kind) = change.ip_address_type {
            if !endpoint.service().is_some_and(|service| service.ip_address_types().contains(&kind)) {
                return Err(Error::InvalidParameter(format!(
                    "The VPC endpoint service {} does not support the IP address type: {}.",
                    endpoint.service_name(),
                    kind.as_str()
                )));
            }
            endpoint.ip_address_type = kind;
            if !endpoint.dns_record_ip_type.fits(interface, kind) {
                endpoint.dns_record_ip_type = DnsRecordIpType::by_default(interface, kind);
            }
        }
        let Some(records) = change.dns_record_ip_type else { return Ok(()) };
        if !records.fits(interface, endpoint.ip_address_type) {
            return Err(Error::InvalidParameter(format!(
                "The DNS record IP type {} is not compatible with the IP address type {}.",
                records.as_str(),
                endpoint.ip_address_type.as_str()
            )));
        }
        if !interface {
            self.check_gateway_records(endpoint, records)?;
        }
        endpoint.dns_record_ip_type = records;
        Ok(())
    }

    /// Whether a gateway endpoint can have these records.
    ///
    /// Source: PrivateLink guide, "DNS record IP type" of gateway endpoints.
    fn check_gateway_records(&self, endpoint: &Endpoint, records: DnsRecordIpType) -> Result<(), Error> {
        if records == DnsRecordIpType::ServiceDefined {
            return Ok(());
        }
        if endpoint.service == "dynamodb" {
            return Err(Error::InvalidParameter(format!(
                "The DNS record IP type {} is not supported for Gateway endpoints of the service {}.",
                records.as_str(),
                endpoint.service_name()
            )));
        }
        let vpc = &endpoint.vpc;
        if !self.vpcs.get(vpc).is_some_and(|vpc| vpc.dns_support && vpc.dns_hostnames) {
            return Err(Error::InvalidParameter(format!(
                "The DNS record IP type {} requires both enableDnsSupport and enableDnsHostnames VPC attributes set to \
                 true for {vpc}",
                records.as_str()
            )));
        }
        Ok(())
    }

    fn change_gateway(
        &self, context: &Context<'_>, endpoint: &mut Endpoint, change: &ModifyVpcEndpoint,
    ) -> Result<(), Error> {
        check_gateway_change(change)?;
        self.check_gateway_families(endpoint)?;
        let mut tables = endpoint.route_tables().cloned().unwrap_or_default();
        for id in &change.remove_route_tables {
            self.route_table(&context.scope, id)?;
            tables.remove(id);
        }
        for id in &change.add_route_tables {
            tables.insert(id.clone());
        }
        endpoint.kind = EndpointKind::Gateway { route_tables: tables.clone() };
        tables.iter().try_for_each(|id| self.check_table_of_gateway(context, endpoint, id))
    }

    /// Whether the VPC has what a gateway endpoint's prefix lists are for.
    fn check_gateway_families(&self, endpoint: &Endpoint) -> Result<(), Error> {
        let vpc = &endpoint.vpc;
        let kind = endpoint.ip_address_type;
        if kind.has_ipv6() && self.vpcs.get(vpc).is_none_or(|vpc| vpc.ipv6_cidrs.is_empty()) {
            return Err(Error::InvalidParameter(format!(
                "The VPC {vpc} does not have an IPv6 CIDR block, which the IP address type {} requires.",
                kind.as_str()
            )));
        }
        match self.subnets.iter().find(|subnet| subnet.vpc == *vpc) {
            Some(subnet) if !kind.has_ipv4() => Err(not_only_ipv6(&subnet.id)),
            _ => Ok(()),
        }
    }

    /// Whether a gateway endpoint can have its routes in a table, those that it has there already left aside.
    fn check_table_of_gateway(
        &self, context: &Context<'_>, endpoint: &Endpoint, id: &RouteTableId,
    ) -> Result<(), Error> {
        let table = self.route_table(&context.scope, id)?;
        if table.vpc != endpoint.vpc {
            return Err(Error::InvalidParameter(format!(
                "Route table {id} and VPC endpoint belong to different networks."
            )));
        }
        let taken = |e: &&Endpoint| {
            e.id != endpoint.id && e.service == endpoint.service && e.route_tables().is_some_and(|t| t.contains(id))
        };
        if let Some(list) = self.endpoints.iter().find(taken).and_then(|e| e.gateway_lists().into_iter().next()) {
            return Err(Error::PrefixListRouteExists { table: id.clone(), list: list.id });
        }
        let target = RouteTarget::GatewayEndpoint(endpoint.id.clone());
        let present = self.routes(table);
        for list in endpoint.gateway_lists() {
            let destination = Destination::PrefixList(list.id.clone());
            match present.iter().find(|route| route.destination == destination) {
                Some(route) if route.target == target => continue,
                Some(_) => return Err(Error::PrefixListRouteExists { table: id.clone(), list: list.id }),
                None => {}
            }
            if !table.gateways.is_empty() {
                self.check_gateway_route(table, &destination, &target)?;
            }
            self.room_for_route(table, &destination)?;
        }
        Ok(())
    }

    fn change_interface(
        &mut self, context: &mut Context<'_>, endpoint: &mut Endpoint, change: &ModifyVpcEndpoint,
    ) -> Result<(), Error> {
        if !change.add_route_tables.is_empty() || !change.remove_route_tables.is_empty() {
            return Err(only_gateway("Route table IDs"));
        }
        self.change_groups(context, endpoint, change)?;
        self.change_subnets(context, endpoint, change)?;
        self.change_private_dns(endpoint, change)
    }

    fn change_groups(
        &mut self, context: &Context<'_>, endpoint: &mut Endpoint, change: &ModifyVpcEndpoint,
    ) -> Result<(), Error> {
        if change.add_groups.is_empty() && change.remove_groups.is_empty() {
            return Ok(());
        }
        let mut groups = endpoint.groups().to_vec();
        for id in &change.remove_groups {
            self.security_group(&context.scope, id)?;
            groups.retain(|g| g != id);
        }
        groups.extend(change.add_groups.iter().cloned());
        if groups.is_empty() {
            return Err(Error::InvalidParameter(
                "A VPC endpoint of type Interface must have at least one security group.".to_owned(),
            ));
        }
        let groups = self.groups_for(&context.scope, &endpoint.vpc, None, &groups)?;
        let interfaces: Vec<_> =
            endpoint.interface().map(|i| i.interfaces.values().cloned().collect()).unwrap_or_default();
        for interface in interfaces {
            self.set_groups(&context.scope, &interface, &groups)?;
        }
        if let Some(interface) = endpoint.interface_mut() {
            interface.groups = groups;
        }
        Ok(())
    }

    fn change_subnets(
        &mut self, context: &mut Context<'_>, endpoint: &mut Endpoint, change: &ModifyVpcEndpoint,
    ) -> Result<(), Error> {
        let mut interfaces = endpoint.interface().map(|i| i.interfaces.clone()).unwrap_or_default();
        for id in &change.remove_subnets {
            self.subnet(&context.scope, id)?;
            if let Some(interface) = interfaces.remove(id) {
                self.remove_interface(&interface);
            }
        }
        // A subnet that is named for its address only is added too.
        let mut wanted: Vec<&SubnetId> = Vec::new();
        for id in change.add_subnets.iter().chain(change.addresses.keys()) {
            if !wanted.contains(&id) {
                wanted.push(id);
            }
        }
        for id in wanted {
            let addresses = change.addresses.get(id).copied().unwrap_or_default();
            self.enter_subnet(context, endpoint, &mut interfaces, id, addresses)?;
        }
        for interface in interfaces.values() {
            self.change_interface_families(context, endpoint, interface)?;
        }
        if let Some(interface) = endpoint.interface_mut() {
            interface.interfaces = interfaces;
        }
        Ok(())
    }

    /// Makes an endpoint's interface in a subnet. A fixed address for a subnet that it is in already replaces its
    /// interface there.
    fn enter_subnet(
        &mut self, context: &mut Context<'_>, endpoint: &Endpoint,
        interfaces: &mut BTreeMap<SubnetId, NetworkInterfaceId>, id: &SubnetId, wanted: FixedAddresses,
    ) -> Result<(), Error> {
        let subnet = self.subnet(&context.scope, id)?;
        if subnet.vpc != endpoint.vpc {
            return Err(Error::InvalidParameter(format!("Subnet {id} and VPC endpoint belong to different networks.")));
        }
        let zone = subnet.zone;
        check_subnet_families(endpoint, subnet, wanted)?;
        if let Some(present) = interfaces.get(id).cloned() {
            let as_wanted = |i: &NetworkInterface| {
                wanted.ipv4.is_none_or(|a| i.address == a) && wanted.ipv6.is_none_or(|a| i.ipv6.contains(&a))
            };
            if self.interfaces.get(&present).is_some_and(as_wanted) {
                return Ok(());
            }
            self.remove_interface(&present);
            interfaces.remove(id);
        }
        if interfaces.keys().filter_map(|other| self.subnets.get(other)).any(|other| other.zone == zone) {
            return Err(Error::DuplicateSubnetsInSameZone(id.clone()));
        }
        let description = format!("VPC Endpoint Interface {}", endpoint.id);
        let attachment = Attachment::Endpoint(endpoint.id.clone());
        let interface = self.add_interface(context, id, wanted.ipv4, endpoint.groups(), description, attachment)?;
        if let Some(address) = wanted.ipv6 {
            self.take_ipv6_addresses(context, &interface, &[address], 0)?;
        }
        interfaces.insert(id.clone(), interface);
        Ok(())
    }

    /// Gives an endpoint's interface the IPv6 address that the endpoint's type asks for, or takes it away.
    fn change_interface_families(
        &mut self, context: &mut Context<'_>, endpoint: &Endpoint, id: &NetworkInterfaceId,
    ) -> Result<(), Error> {
        let interface = self.interface(&context.scope, id)?;
        let subnet = self.subnet(&context.scope, &interface.subnet)?;
        check_subnet_families(endpoint, subnet, FixedAddresses::default())?;
        match (endpoint.ip_address_type.has_ipv6(), interface.ipv6.is_empty()) {
            (true, true) => self.take_ipv6_addresses(context, id, &[], 1).map(drop),
            (false, false) => {
                self.interfaces.update(id, |interface| interface.ipv6.clear());
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Whether a subnet has what an endpoint's interface in it needs.
fn check_subnet_families(endpoint: &Endpoint, subnet: &Subnet, wanted: FixedAddresses) -> Result<(), Error> {
    let (id, kind) = (&subnet.id, endpoint.ip_address_type);
    if subnet.ipv6_cidr.is_none() && (kind.has_ipv6() || wanted.ipv6.is_some()) {
        return Err(Error::InvalidParameter(format!(
            "The subnet {id} does not have an IPv6 CIDR block, which the IP address type {} requires.",
            if kind.has_ipv6() { kind.as_str() } else { IpAddressType::Dualstack.as_str() }
        )));
    }
    if !kind.has_ipv4() {
        return Err(not_only_ipv6(id));
    }
    match (wanted.ipv4, wanted.ipv6) {
        (_, Some(address)) if !kind.has_ipv6() => Err(Error::InvalidParameter(format!(
            "The IPv6 address {address} for the subnet {id} is not compatible with the IP address type {}.",
            kind.as_str()
        ))),
        (Some(_), None) if kind.has_ipv6() => Err(lacks_address("IPv6", id, kind)),
        (None, Some(_)) if kind.has_ipv4() => Err(lacks_address("IPv4", id, kind)),
        _ => Ok(()),
    }
}

/// The error for a subnet with a fixed address of one family alone, for an endpoint of both.
///
/// Source: EC2 API reference, `SubnetConfiguration`: an address must be given of each family that the endpoint has.
fn lacks_address(family: &str, subnet: &SubnetId, kind: IpAddressType) -> Error {
    Error::InvalidParameter(format!(
        "The SubnetConfiguration of the subnet {subnet} must have an {family} address, since the IP address type is {}.",
        kind.as_str()
    ))
}

/// The error for a subnet that has IPv4 addresses, as every subnet here has.
fn not_only_ipv6(subnet: &SubnetId) -> Error {
    let kind = IpAddressType::Ipv6.as_str();
    Error::InvalidParameter(format!(
        "The subnet {subnet} is not an IPv6-only subnet, which the IP address type {kind} requires."
    ))
}

/// The error for a parameter that only a gateway endpoint takes.
pub(super) fn only_gateway(what: &str) -> Error {
    Error::InvalidParameter(format!("{what} are only supported for Gateway type VPC Endpoint."))
}

/// Whether a change is one that a gateway endpoint can have.
pub(super) fn check_gateway_change(change: &ModifyVpcEndpoint) -> Result<(), Error> {
    let refused = |why: &str| Err(Error::InvalidParameter(why.to_owned()));
    if !change.add_subnets.is_empty() || !change.remove_subnets.is_empty() || !change.addresses.is_empty() {
        return refused("Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.");
    }
    if !change.add_groups.is_empty() || !change.remove_groups.is_empty() {
        return refused("Security group IDs are only supported for Interface type VPC Endpoints.");
    }
    if change.inbound_resolver_only.is_some() {
        return refused(
            "DnsOptions PrivateDnsOnlyForInboundResolverEndpoint is applicable only to Interface VPC Endpoints.",
        );
    }
    if change.private_dns == Some(true) {
        return refused("Private DNS is only supported for Interface type VPC Endpoints.");
    }
    Ok(())
}
