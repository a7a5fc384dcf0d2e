//! VPC endpoints of both kinds.
//!
//! Source: PrivateLink guide, "Gateway endpoints", "Create an interface endpoint", "Private DNS"; EC2 API reference,
//! `CreateVpcEndpoint`, `ModifyVpcEndpoint`. What they are and their names stand here; the commands below.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::{
    AddressFamily, Catalog, Destination, Entity, Error, NetworkInterfaceId, PrefixList, Route, RouteTableId,
    RouteTarget, Scope, SecurityGroupId, Service, SubnetId, VpcEndpointId, VpcId, World,
};

mod address_type;
mod create;
mod delete;
mod modify;
mod private_dns;

pub use self::address_type::{DnsRecordIpType, IpAddressType, RecordFamilies};

/// The most characters of an endpoint policy, white space included.
pub const POLICY_LIMIT: usize = 20_480;

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
    /// The families of its addresses.
    #[serde(default)]
    pub ip_address_type: IpAddressType,
    /// Which records are made for its names.
    pub dns_record_ip_type: DnsRecordIpType,
    /// The prefix lists that a gateway endpoint takes over, where they are those that an account elsewhere told of. Empty if
    /// they follow from the Region, as in every world that commands made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observed_lists: Vec<PrefixList>,
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

/// A name of an endpoint and the hosted zone that it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsEntry {
    /// The name; it may begin with `*.`.
    pub name: String,
    /// The id of the hosted zone.
    pub zone: String,
}

/// The addresses that an endpoint is to have in a subnet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FixedAddresses {
    /// The IPv4 address.
    pub ipv4: Option<Ipv4Addr>,
    /// The IPv6 address.
    pub ipv6: Option<Ipv6Addr>,
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
    pub addresses: BTreeMap<SubnetId, FixedAddresses>,
    /// The security groups of an interface endpoint.
    pub groups: Vec<SecurityGroupId>,
    /// Whether the service's own names shall lead to it.
    pub private_dns: Option<bool>,
    /// Whether only for inbound resolver endpoints.
    pub inbound_resolver_only: Option<bool>,
    /// The families of its addresses.
    pub ip_address_type: Option<IpAddressType>,
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
    pub addresses: BTreeMap<SubnetId, FixedAddresses>,
    /// Security groups to add.
    pub add_groups: Vec<SecurityGroupId>,
    /// Security groups to remove.
    pub remove_groups: Vec<SecurityGroupId>,
    /// Whether the service's own names shall lead to it.
    pub private_dns: Option<bool>,
    /// Whether only for inbound resolver endpoints.
    pub inbound_resolver_only: Option<bool>,
    /// The families of its addresses.
    pub ip_address_type: Option<IpAddressType>,
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

    fn vpc(&self) -> Option<&VpcId> {
        Some(&self.vpc)
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

    /// The prefix lists that a gateway endpoint takes over: of each family that it has.
    pub fn gateway_lists(&self) -> Vec<PrefixList> {
        match self.route_tables() {
            Some(_) => self.lists_of(self.ip_address_type),
            None => Vec::new(),
        }
    }

    /// The prefix lists of its service, of the families of a type.
    fn lists_of(&self, kind: IpAddressType) -> Vec<PrefixList> {
        if !self.observed_lists.is_empty() {
            let is_of = |list: &&PrefixList| match list.family() {
                AddressFamily::Ipv4 => kind.has_ipv4(),
                AddressFamily::Ipv6 => kind.has_ipv6(),
            };
            return self.observed_lists.iter().filter(is_of).cloned().collect();
        }
        let Some(service) = self.service() else { return Vec::new() };
        let ipv4 = kind.has_ipv4().then(|| PrefixList::of(service, self.scope.region));
        let ipv6 = kind.has_ipv6().then(|| PrefixList::ipv6_of(service, self.scope.region)).flatten();
        ipv4.into_iter().chain(ipv6).collect()
    }

    /// The routes that a gateway endpoint has in each of its tables.
    pub fn gateway_routes(&self) -> Vec<Route> {
        let route = |list: PrefixList| Route {
            destination: Destination::PrefixList(list.id),
            target: RouteTarget::GatewayEndpoint(self.id.clone()),
        };
        self.gateway_lists().into_iter().map(route).collect()
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
        let (Some(interface), Some(domain)) = (self.interface(), self.domain()) else { return Vec::new() };
        if interface.interfaces.is_empty() {
            return Vec::new();
        }
        let wildcard = if self.service == "s3" { "*." } else { "" };
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

    /// The domain of its own names. A world that was read from files may have endpoints for the services of other accounts,
    /// such as `com.amazonaws.vpce.us-east-1.vpce-svc-…`.
    fn domain(&self) -> Option<String> {
        let region = self.scope.region;
        if let Some(service) = self.service() {
            return Some(service.endpoint_domain(region));
        }
        let (_, id) = self.service.strip_prefix("com.amazonaws.vpce.")?.split_once('.')?;
        Some(format!("{id}.{region}.vpce.amazonaws.com"))
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
}
