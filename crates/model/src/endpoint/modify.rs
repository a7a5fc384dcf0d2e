//! Changing an endpoint: its policy, route tables, groups and subnets.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::{Endpoint, EndpointKind, ModifyVpcEndpoint, POLICY_LIMIT, PolicyChange};
use crate::{
    Attachment, Context, Destination, Error, NetworkInterfaceId, RouteTableId, RouteTarget, SubnetId, VpcEndpointId,
    World,
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
        if let Some(kind) = change.dns_record_ip_type {
            endpoint.dns_record_ip_type = kind;
        }
        match endpoint.kind {
            EndpointKind::Gateway { .. } => self.change_gateway(context, &mut endpoint, &change)?,
            EndpointKind::Interface(_) => self.change_interface(context, &mut endpoint, &change)?,
        }
        self.endpoints.insert(endpoint);
        Ok(())
    }

    fn change_gateway(
        &self, context: &Context<'_>, endpoint: &mut Endpoint, change: &ModifyVpcEndpoint,
    ) -> Result<(), Error> {
        check_gateway_change(change)?;
        let mut tables = endpoint.route_tables().cloned().unwrap_or_default();
        for id in &change.remove_route_tables {
            self.route_table(&context.scope, id)?;
            tables.remove(id);
        }
        for id in &change.add_route_tables {
            self.check_new_table(context, endpoint, id)?;
            tables.insert(id.clone());
        }
        endpoint.kind = EndpointKind::Gateway { route_tables: tables };
        Ok(())
    }

    /// Whether a gateway endpoint can have its route in a table.
    fn check_new_table(&self, context: &Context<'_>, endpoint: &Endpoint, id: &RouteTableId) -> Result<(), Error> {
        let table = self.route_table(&context.scope, id)?;
        if table.vpc != endpoint.vpc {
            return Err(Error::InvalidParameter(format!(
                "Route table {id} and VPC endpoint belong to different networks."
            )));
        }
        let Some(list) = endpoint.gateway_list() else { return Ok(()) };
        let taken = self.endpoints.iter().any(|e| {
            e.id != endpoint.id && e.service == endpoint.service && e.route_tables().is_some_and(|t| t.contains(id))
        });
        let destination = Destination::PrefixList(list.id.clone());
        if taken || table.routes.iter().any(|r| r.destination == destination) {
            return Err(Error::PrefixListRouteExists { table: id.clone(), list: list.id });
        }
        if endpoint.route_tables().is_some_and(|present| present.contains(id)) {
            return Ok(());
        }
        if !table.gateways.is_empty() {
            let target = RouteTarget::GatewayEndpoint(endpoint.id.clone());
            self.check_gateway_route(table, &destination, &target)?;
        }
        self.room_for_route(table, &destination)
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
            self.enter_subnet(context, endpoint, &mut interfaces, id, change.addresses.get(id).copied())?;
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
        interfaces: &mut BTreeMap<SubnetId, NetworkInterfaceId>, id: &SubnetId, address: Option<Ipv4Addr>,
    ) -> Result<(), Error> {
        let subnet = self.subnet(&context.scope, id)?;
        if subnet.vpc != endpoint.vpc {
            return Err(Error::InvalidParameter(format!("Subnet {id} and VPC endpoint belong to different networks.")));
        }
        let zone = subnet.zone;
        if let Some(present) = interfaces.get(id).cloned() {
            if self.interfaces.get(&present).is_some_and(|i| address.is_none_or(|a| i.address == a)) {
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
        let interface = self.add_interface(context, id, address, endpoint.groups(), description, attachment)?;
        interfaces.insert(id.clone(), interface);
        Ok(())
    }
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
