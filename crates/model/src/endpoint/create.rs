//! Making an endpoint.

use std::collections::{BTreeMap, BTreeSet};

use super::modify::{check_gateway_change, only_gateway};
use super::{
    CreateVpcEndpoint, DnsRecordIpType, Endpoint, EndpointKind, InterfaceEndpoint, ModifyVpcEndpoint, PolicyChange,
};
use crate::{Catalog, Context, Error, PrefixList, Region, Service, ServiceKind, VpcEndpointId, VpcId, World};

/// The most gateway endpoints of an account in a Region.
///
/// Source: PrivateLink guide, "Quotas".
const GATEWAY_LIMIT: usize = 20;

/// The most interface endpoints of a VPC.
///
/// Source: PrivateLink guide, "Quotas".
const INTERFACE_LIMIT: usize = 50;

impl World {
    /// Makes an endpoint.
    ///
    /// # Errors
    /// See the variants of [`Error`] for endpoints; nothing of a refused one remains.
    pub fn create_vpc_endpoint(
        &mut self, context: &mut Context<'_>, wanted: CreateVpcEndpoint,
    ) -> Result<VpcEndpointId, Error> {
        let vpc = wanted.vpc.clone().ok_or(Error::MissingParameter("VpcId"))?;
        self.vpc(&context.scope, &vpc)?;
        let service = Catalog::find(context.scope.region, &wanted.service)
            .ok_or_else(|| Error::InvalidServiceName(wanted.service.clone()))?;
        check_parameters(&wanted)?;
        check_kind(service, wanted.interface)?;
        self.room_for_endpoint(context, &vpc, wanted.interface)?;
        let id = VpcEndpointId::random(context.entropy);
        let bare = self.bare_endpoint(context, &id, &vpc, service, &wanted)?;
        self.endpoints.insert(bare);
        let private_dns = match wanted.private_dns {
            None if wanted.interface => {
                self.private_dns_by_default(&vpc, service, wanted.inbound_resolver_only).then_some(true)
            }
            other => other,
        };
        let change = ModifyVpcEndpoint {
            policy: wanted.policy.map_or(PolicyChange::Keep, PolicyChange::Replace),
            add_route_tables: wanted.route_tables,
            add_subnets: wanted.subnets,
            addresses: wanted.addresses,
            private_dns,
            inbound_resolver_only: wanted.inbound_resolver_only,
            ip_address_type: wanted.ip_address_type,
            dns_record_ip_type: wanted.dns_record_ip_type,
            ..ModifyVpcEndpoint::default()
        };
        self.modify_vpc_endpoint(context, &id, change)?;
        Ok(id)
    }

    /// The endpoint as it is before it has route tables, subnets or names.
    fn bare_endpoint(
        &self, context: &mut Context<'_>, id: &VpcEndpointId, vpc: &VpcId, service: &Service,
        wanted: &CreateVpcEndpoint,
    ) -> Result<Endpoint, Error> {
        let ip_address_type = wanted.ip_address_type.unwrap_or_default();
        let kind = if wanted.interface {
            let interface = InterfaceEndpoint {
                suffix: format!("{:08x}", (context.entropy)() >> 32),
                interfaces: BTreeMap::new(),
                groups: self.groups_for(&context.scope, vpc, None, &wanted.groups)?,
                private_dns: false,
                inbound_resolver_only: false,
            };
            EndpointKind::Interface(interface)
        } else {
            EndpointKind::Gateway { route_tables: BTreeSet::new() }
        };
        Ok(Endpoint {
            id: id.clone(),
            scope: context.scope.clone(),
            vpc: vpc.clone(),
            service: service.name.to_owned(),
            kind,
            policy: None,
            ip_address_type,
            dns_record_ip_type: DnsRecordIpType::by_default(wanted.interface, ip_address_type),
            observed_lists: if wanted.interface {
                Vec::new()
            } else {
                self.observed_lists(service, context.scope.region)
            },
            created: context.now,
        })
    }

    /// The prefix lists of a service, if the world was read from files that tell them.
    fn observed_lists(&self, service: &Service, region: Region) -> Vec<PrefixList> {
        let names = [service.endpoint_name(region), format!("com.amazonaws.{region}.ipv6.{}", service.name)];
        self.observed_prefix_lists.iter().filter(|list| names.contains(&list.name)).cloned().collect()
    }

    fn room_for_endpoint(&self, context: &Context<'_>, vpc: &VpcId, interface: bool) -> Result<(), Error> {
        let mine = self.endpoints.iter().filter(|e| e.scope == context.scope);
        let full = if interface {
            mine.filter(|e| e.vpc == *vpc && e.interface().is_some()).count() >= INTERFACE_LIMIT
        } else {
            mine.filter(|e| e.route_tables().is_some()).count() >= GATEWAY_LIMIT
        };
        if full { Err(Error::limit("VpcEndpointLimitExceeded", "VPC endpoints")) } else { Ok(()) }
    }
}

/// Whether the parameters are some of the endpoint's type. AWS looks at this before it looks at the service's types.
fn check_parameters(wanted: &CreateVpcEndpoint) -> Result<(), Error> {
    if wanted.interface {
        return if wanted.route_tables.is_empty() { Ok(()) } else { Err(only_gateway("Route table IDs")) };
    }
    check_gateway_change(&ModifyVpcEndpoint {
        add_subnets: wanted.subnets.clone(),
        addresses: wanted.addresses.clone(),
        add_groups: wanted.groups.clone(),
        private_dns: wanted.private_dns,
        inbound_resolver_only: wanted.inbound_resolver_only,
        ..ModifyVpcEndpoint::default()
    })
}

fn check_kind(service: &Service, interface: bool) -> Result<(), Error> {
    let (wanted, fits) = if interface { ("Interface", service.interface()) } else { ("Gateway", service.gateway()) };
    if fits {
        return Ok(());
    }
    let available = match service.kind {
        ServiceKind::Gateway => "Gateway",
        ServiceKind::Interface => "Interface",
        ServiceKind::Both => "Gateway, Interface",
        ServiceKind::Neither => "",
    };
    Err(Error::InvalidParameter(format!(
        "Endpoint type ({wanted}) does not match available service types ([{available}])."
    )))
}
