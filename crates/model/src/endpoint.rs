//! VPC endpoints of both kinds.
//!
//! Source: PrivateLink guide, "Gateway endpoints", "Create an interface endpoint", "Private DNS"; EC2 API reference,
//! `CreateVpcEndpoint`, `ModifyVpcEndpoint`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{
    Attachment, Catalog, Context, Entity, Error, NetworkInterfaceId, PrefixList, RouteTableId, Scope, SecurityGroupId,
    Service, ServiceKind, SubnetId, VpcEndpointId, VpcId, World,
};

/// The most characters of an endpoint policy, white space included.
pub const POLICY_LIMIT: usize = 20_480;

/// The most gateway endpoints of an account in a Region.
///
/// Source: PrivateLink guide, "Quotas".
const GATEWAY_LIMIT: usize = 20;

/// The most interface endpoints of a VPC.
///
/// Source: PrivateLink guide, "Quotas".
const INTERFACE_LIMIT: usize = 50;

/// A VPC endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its id.
    pub id: VpcEndpointId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// The service, by the last part of its endpoint service name, such as `s3`.
    pub service: String,
    /// Which kind it is, with what only that kind has.
    pub kind: EndpointKind,
    /// Its policy; `None` for the default one, which allows everything.
    pub policy: Option<String>,
    /// Which addresses it has.
    pub ip_address_type: IpAddressType,
    /// Which records are made for its names.
    pub dns_record_ip_type: DnsRecordIpType,
    /// When it was made: Unix time in milliseconds.
    pub created: i64,
}

/// The kind of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndpointKind {
    /// A route in some route tables.
    Gateway {
        /// The route tables.
        route_tables: BTreeSet<RouteTableId>,
    },
    /// Network interfaces.
    Interface(InterfaceEndpoint),
}

/// What only an interface endpoint has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceEndpoint {
    /// The eight characters that its names have beside its id.
    pub suffix: String,
    /// Its subnets, each in another zone, with its interface there.
    pub interfaces: BTreeMap<SubnetId, NetworkInterfaceId>,
    /// Its security groups.
    pub groups: Vec<SecurityGroupId>,
    /// Whether the service's own names lead to it in the whole VPC.
    pub private_dns: bool,
    /// Whether private DNS is for inbound resolver endpoints only, so that names in the VPC stay public.
    pub inbound_resolver_only: bool,
}

/// Which addresses an endpoint has. IPv6 is not there yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum IpAddressType {
    /// IPv4.
    #[default]
    Ipv4,
}

/// Which DNS records are made for an endpoint's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DnsRecordIpType {
    /// A records.
    Ipv4,
    /// Those that the service decides on.
    ServiceDefined,
}

/// A name of an endpoint and the hosted zone that it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsEntry {
    /// The name; it may begin with `*.`.
    pub name: String,
    /// The id of the hosted zone.
    pub zone: String,
}

/// What endpoint to make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateVpcEndpoint {
    /// The VPC's id, as given.
    pub vpc: Option<VpcId>,
    /// The endpoint service name.
    pub service: String,
    /// Whether it is to be an interface endpoint.
    pub interface: bool,
    /// The policy, already checked.
    pub policy: Option<String>,
    /// The route tables of a gateway endpoint.
    pub route_tables: Vec<RouteTableId>,
    /// The subnets of an interface endpoint.
    pub subnets: Vec<SubnetId>,
    /// Addresses that are wanted, by subnet.
    pub addresses: BTreeMap<SubnetId, Ipv4Addr>,
    /// The security groups of an interface endpoint.
    pub groups: Vec<SecurityGroupId>,
    /// Whether the service's own names shall lead to it.
    pub private_dns: Option<bool>,
    /// Whether only for inbound resolver endpoints.
    pub inbound_resolver_only: Option<bool>,
    /// Which records.
    pub dns_record_ip_type: Option<DnsRecordIpType>,
}

/// What to do with a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PolicyChange {
    /// Nothing.
    #[default]
    Keep,
    /// Back to the default.
    Reset,
    /// This one, already checked.
    Replace(String),
}

/// What to change of an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModifyVpcEndpoint {
    /// The policy.
    pub policy: PolicyChange,
    /// Route tables to add.
    pub add_route_tables: Vec<RouteTableId>,
    /// Route tables to remove.
    pub remove_route_tables: Vec<RouteTableId>,
    /// Subnets to add.
    pub add_subnets: Vec<SubnetId>,
    /// Subnets to remove.
    pub remove_subnets: Vec<SubnetId>,
    /// Addresses that are wanted, by subnet.
    pub addresses: BTreeMap<SubnetId, Ipv4Addr>,
    /// Security groups to add.
    pub add_groups: Vec<SecurityGroupId>,
    /// Security groups to remove.
    pub remove_groups: Vec<SecurityGroupId>,
    /// Whether the service's own names shall lead to it.
    pub private_dns: Option<bool>,
    /// Whether only for inbound resolver endpoints.
    pub inbound_resolver_only: Option<bool>,
    /// Which records.
    pub dns_record_ip_type: Option<DnsRecordIpType>,
}

impl Entity for Endpoint {
    type Id = VpcEndpointId;
    const KIND: &'static str = "vpc-endpoint";

    fn id(&self) -> VpcEndpointId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl Endpoint {
    /// The service.
    pub fn service(&self) -> Option<&'static Service> {
        Catalog::named(&self.service)
    }

    /// The endpoint service name.
    pub fn service_name(&self) -> String {
        format!("com.amazonaws.{}.{}", self.scope.region, self.service)
    }

    /// The route tables of a gateway endpoint.
    pub fn route_tables(&self) -> Option<&BTreeSet<RouteTableId>> {
        match &self.kind {
            EndpointKind::Gateway { route_tables } => Some(route_tables),
            EndpointKind::Interface(_) => None,
        }
    }

    /// What only an interface endpoint has.
    pub fn interface(&self) -> Option<&InterfaceEndpoint> {
        match &self.kind {
            EndpointKind::Gateway { .. } => None,
            EndpointKind::Interface(interface) => Some(interface),
        }
    }

    fn interface_mut(&mut self) -> Option<&mut InterfaceEndpoint> {
        match &mut self.kind {
            EndpointKind::Gateway { .. } => None,
            EndpointKind::Interface(interface) => Some(interface),
        }
    }

    /// The security groups of an interface endpoint.
    pub fn groups(&self) -> &[SecurityGroupId] {
        self.interface().map_or(&[], |i| &i.groups)
    }

    /// The prefix list that a gateway endpoint takes over.
    pub fn gateway_list(&self) -> Option<PrefixList> {
        self.route_tables()?;
        self.service().map(|s| PrefixList::of(s, self.scope.region))
    }

    pub(crate) fn forget_route_table(&mut self, id: &RouteTableId) {
        if let EndpointKind::Gateway { route_tables } = &mut self.kind {
            route_tables.remove(id);
        }
    }

    /// The service's names that it claims, if it has private DNS; a leading `*.` covers every name below. Whether the
    /// VPC's resolver answers them with its addresses is another matter: [`Endpoint::resolved_names`].
    pub fn private_names(&self) -> Vec<String> {
        match (self.interface(), self.service()) {
            (Some(i), Some(service)) if i.private_dns => service.private_names(self.scope.region),
            _ => Vec::new(),
        }
    }

    /// The service's names that the VPC's resolver answers with its addresses: those of private DNS, unless that is for
    /// inbound resolver endpoints only or the VPC has one of its DNS attributes off.
    pub fn resolved_names(&self, world: &World) -> Vec<String> {
        let answers = world.vpcs.get(&self.vpc).is_some_and(|v| v.dns_support && v.dns_hostnames);
        let everywhere = self.interface().is_some_and(|i| !i.inbound_resolver_only);
        if answers && everywhere { self.private_names() } else { Vec::new() }
    }

    /// Its own names in public DNS, each with the subnets whose interfaces it leads to: the regional name, then one for
    /// each zone. S3's begin with `*.`.
    pub fn own_names(&self, world: &World) -> Vec<(String, Vec<SubnetId>)> {
        let (Some(interface), Some(service)) = (self.interface(), self.service()) else { return Vec::new() };
        if interface.interfaces.is_empty() {
            return Vec::new();
        }
        let wildcard = if service.name == "s3" { "*." } else { "" };
        let domain = service.endpoint_domain(self.scope.region);
        let stem = format!("{}-{}", self.id, interface.suffix);
        let mut names =
            vec![(format!("{wildcard}{stem}.{domain}"), interface.interfaces.keys().cloned().collect::<Vec<_>>())];
        let mut zonal: Vec<_> = interface
            .interfaces
            .keys()
            .filter_map(|id| world.subnets.get(id))
            .map(|s| (format!("{wildcard}{stem}-{}.{domain}", s.zone), vec![s.id.clone()]))
            .collect();
        zonal.sort();
        names.extend(zonal);
        names
    }

    /// Its DNS entries, in the order that AWS lists them.
    pub fn dns_entries(&self, world: &World) -> Vec<DnsEntry> {
        let own = self.own_names(world);
        if own.is_empty() {
            return Vec::new();
        }
        let zone = match self.scope.region.as_str() {
            "us-east-1" => "Z7HUB22UULQXV".to_owned(),
            "us-east-2" => "ZC8PG0KIFKBRI".to_owned(),
            other => format!("Z{:013X}", other.bytes().fold(7_u64, |h, b| h.wrapping_mul(131) + u64::from(b)) >> 12),
        };
        let digits = self.id.as_str().trim_start_matches(VpcEndpointId::PREFIX).to_ascii_uppercase();
        let private = format!("Z{digits}");
        own.into_iter()
            .map(|(name, _)| DnsEntry { name, zone: zone.clone() })
            .chain(self.private_names().into_iter().map(|name| DnsEntry { name, zone: private.clone() }))
            .collect()
    }
}

impl World {
    /// The endpoint with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidVpcEndpointId.NotFound`.
    pub fn endpoint(&self, scope: &Scope, id: &VpcEndpointId) -> Result<&Endpoint, Error> {
        self.endpoints.get(id).filter(|e| e.scope == *scope).ok_or_else(|| id.not_found())
    }

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
        let kind = if wanted.interface {
            let suffix = format!("{:08x}", (context.entropy)() >> 32);
            EndpointKind::Interface(InterfaceEndpoint {
                suffix,
                interfaces: BTreeMap::new(),
                groups: self.groups_for(&context.scope, &vpc, None, &wanted.groups)?,
                private_dns: false,
                inbound_resolver_only: false,
            })
        } else {
            EndpointKind::Gateway { route_tables: BTreeSet::new() }
        };
        self.endpoints.insert(Endpoint {
            id: id.clone(),
            scope: context.scope.clone(),
            vpc: vpc.clone(),
            service: service.name.to_owned(),
            dns_record_ip_type: match kind {
                EndpointKind::Gateway { .. } => DnsRecordIpType::ServiceDefined,
                EndpointKind::Interface(_) => DnsRecordIpType::Ipv4,
            },
            kind,
            policy: None,
            ip_address_type: IpAddressType::Ipv4,
            created: context.now,
        });
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
            dns_record_ip_type: wanted.dns_record_ip_type,
            ..ModifyVpcEndpoint::default()
        };
        self.modify_vpc_endpoint(context, &id, change)?;
        Ok(id)
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

    /// Whether an interface endpoint that does not say gets private DNS: where it can have it.
    fn private_dns_by_default(&self, vpc: &VpcId, service: &'static Service, inbound_only: Option<bool>) -> bool {
        let Some(vpc) = self.vpcs.get(vpc) else { return false };
        let names = service.private_names(vpc.scope.region);
        let gateway_needed = service.kind == ServiceKind::Both && inbound_only != Some(false);
        !names.is_empty()
            && vpc.dns_support
            && vpc.dns_hostnames
            && self.conflicting_name(&vpc.id, None, &names).is_none()
            && (!gateway_needed || self.has_gateway(&vpc.id, service.name))
    }

    fn has_gateway(&self, vpc: &VpcId, service: &str) -> bool {
        self.endpoints.iter().any(|e| e.vpc == *vpc && e.service == service && e.route_tables().is_some())
    }

    /// A name of these that another endpoint of the VPC has already.
    fn conflicting_name(&self, vpc: &VpcId, but: Option<&VpcEndpointId>, names: &[String]) -> Option<String> {
        let taken: BTreeSet<String> = self
            .endpoints
            .iter()
            .filter(|e| e.vpc == *vpc && Some(&e.id) != but)
            .flat_map(Endpoint::private_names)
            .collect();
        names.iter().find(|n| taken.contains(*n)).cloned()
    }

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
        let list = endpoint.gateway_list();
        let mut tables = endpoint.route_tables().cloned().unwrap_or_default();
        for id in &change.remove_route_tables {
            self.route_table(&context.scope, id)?;
            tables.remove(id);
        }
        for id in &change.add_route_tables {
            let table = self.route_table(&context.scope, id)?;
            if table.vpc != endpoint.vpc {
                return Err(Error::InvalidParameter(format!(
                    "Route table {id} and VPC endpoint belong to different networks."
                )));
            }
            let taken = self.endpoints.iter().any(|e| {
                e.id != endpoint.id && e.service == endpoint.service && e.route_tables().is_some_and(|t| t.contains(id))
            });
            let routed = list.as_ref().is_some_and(|list| {
                let wanted = crate::Destination::PrefixList(list.id.clone());
                table.routes.iter().any(|r| r.destination == wanted)
            });
            if let (true, Some(list)) = (taken || routed, &list) {
                return Err(Error::PrefixListRouteExists { table: id.clone(), list: list.id.clone() });
            }
            if !endpoint.route_tables().is_some_and(|present| present.contains(id)) {
                self.room_for_routes(table, 1)?;
            }
            tables.insert(id.clone());
        }
        endpoint.kind = EndpointKind::Gateway { route_tables: tables };
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
        // A subnet that is named for its address only is added too; a fixed address for a present one replaces its
        // interface.
        let mut wanted: Vec<SubnetId> = Vec::new();
        for id in change.add_subnets.iter().chain(change.addresses.keys()) {
            if !wanted.contains(id) {
                wanted.push(id.clone());
            }
        }
        for id in wanted {
            let subnet = self.subnet(&context.scope, &id)?.clone();
            if subnet.vpc != endpoint.vpc {
                return Err(Error::InvalidParameter(format!(
                    "Subnet {id} and VPC endpoint belong to different networks."
                )));
            }
            let address = change.addresses.get(&id).copied();
            if let Some(present) = interfaces.get(&id) {
                let same = self.interfaces.get(present).is_some_and(|i| address.is_none_or(|a| i.address == a));
                if same {
                    continue;
                }
                let present = present.clone();
                self.remove_interface(&present);
                interfaces.remove(&id);
            }
            let zone_taken =
                interfaces.keys().filter_map(|other| self.subnets.get(other)).any(|other| other.zone == subnet.zone);
            if zone_taken {
                return Err(Error::DuplicateSubnetsInSameZone(id));
            }
            let interface = self.add_interface(
                context,
                &id,
                address,
                endpoint.groups(),
                format!("VPC Endpoint Interface {}", endpoint.id),
                Attachment::Endpoint(endpoint.id.clone()),
            )?;
            interfaces.insert(id, interface);
        }
        if let Some(interface) = endpoint.interface_mut() {
            interface.interfaces = interfaces;
        }
        Ok(())
    }

    fn change_private_dns(&self, endpoint: &mut Endpoint, change: &ModifyVpcEndpoint) -> Result<(), Error> {
        let (Some(present), Some(service)) = (endpoint.interface().cloned(), endpoint.service()) else { return Ok(()) };
        let on = change.private_dns.unwrap_or(present.private_dns);
        let turned_on = on && !present.private_dns;
        let both = service.kind == ServiceKind::Both;
        let inbound_only = match change.inbound_resolver_only {
            Some(_) if !both => {
                return Err(Error::InvalidParameter(
                    "PrivateDnsOnlyForInboundResolverEndpoint not supported for this service.".to_owned(),
                ));
            }
            Some(wanted) => wanted,
            None if turned_on => both,
            None => present.inbound_resolver_only,
        };
        if on {
            let names = service.private_names(endpoint.scope.region);
            if names.is_empty() {
                return Err(Error::InvalidParameter(format!(
                    "Private DNS can't be enabled because the service {} does not provide a private DNS name.",
                    endpoint.service_name()
                )));
            }
            if turned_on {
                let attributes = self.vpcs.get(&endpoint.vpc).is_some_and(|v| v.dns_support && v.dns_hostnames);
                if !attributes {
                    return Err(Error::InvalidParameter(format!(
                        "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set \
                         to true for {}",
                        endpoint.vpc
                    )));
                }
                if let Some(name) = self.conflicting_name(&endpoint.vpc, Some(&endpoint.id), &names) {
                    return Err(Error::InvalidParameter(format!(
                        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {name} \
                         in the VPC {}",
                        endpoint.vpc
                    )));
                }
            }
            let newly_inbound = inbound_only && !(present.private_dns && present.inbound_resolver_only);
            if newly_inbound && !self.has_gateway(&endpoint.vpc, service.name) {
                return Err(Error::InvalidParameter(format!(
                    "To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC {} must have a Gateway endpoint \
                     for the service.",
                    endpoint.vpc
                )));
            }
        }
        if let Some(interface) = endpoint.interface_mut() {
            interface.private_dns = on;
            interface.inbound_resolver_only = on && inbound_only;
        }
        Ok(())
    }

    /// Deletes an endpoint with its routes or interfaces.
    ///
    /// # Errors
    /// `InvalidVpcEndpoint.NotFound` if it does not exist, and while an interface endpoint's private DNS demands it.
    pub fn delete_vpc_endpoint(&mut self, context: &Context<'_>, id: &VpcEndpointId) -> Result<(), Error> {
        let endpoint = self
            .endpoints
            .get(id)
            .filter(|e| e.scope == context.scope)
            .ok_or_else(|| Error::NotFound {
                code: "InvalidVpcEndpoint.NotFound",
                noun: "Vpc Endpoint Id",
                id: id.to_string(),
            })?
            .clone();
        if endpoint.route_tables().is_some() {
            let others = self.endpoints.iter().any(|e| {
                e.id != *id && e.vpc == endpoint.vpc && e.service == endpoint.service && e.route_tables().is_some()
            });
            let demanded = self.endpoints.iter().find(|e| {
                e.vpc == endpoint.vpc
                    && e.service == endpoint.service
                    && e.interface().is_some_and(|i| i.private_dns && i.inbound_resolver_only)
            });
            if let (false, Some(demanding)) = (others, demanded) {
                return Err(Error::InvalidParameter(format!(
                    "Gateway endpoint cannot be deleted while Interface endpoint {} for the service has \
                     PrivateDnsOnlyForInboundResolverEndpoint set to true.",
                    demanding.id
                )));
            }
        }
        let interfaces: Vec<_> =
            endpoint.interface().map(|i| i.interfaces.values().cloned().collect()).unwrap_or_default();
        for interface in interfaces {
            self.remove_interface(&interface);
        }
        self.endpoints.remove(id);
        self.forget_tags(id.as_str());
        Ok(())
    }
}

/// The error for a parameter that only a gateway endpoint takes.
fn only_gateway(what: &str) -> Error {
    Error::InvalidParameter(format!("{what} are only supported for Gateway type VPC Endpoint."))
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

/// Whether a change is one that a gateway endpoint can have.
fn check_gateway_change(change: &ModifyVpcEndpoint) -> Result<(), Error> {
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

fn check_kind(service: &Service, interface: bool) -> Result<(), Error> {
    let (wanted, fits) = if interface { ("Interface", service.interface()) } else { ("Gateway", service.gateway()) };
    if fits {
        return Ok(());
    }
    let available = match service.kind {
        ServiceKind::Gateway => "Gateway",
        ServiceKind::Interface => "Interface",
        ServiceKind::Both => "Gateway, Interface",
    };
    Err(Error::InvalidParameter(format!(
        "Endpoint type ({wanted}) does not match available service types ([{available}])."
    )))
}
