//! VPC endpoints.
//!
//! Source: EC2 API reference, `VpcEndpoint`, `DnsEntry`, `DnsOptions`; PrivateLink guide, "VPC endpoint states".

use std::collections::{BTreeMap, BTreeSet};

use sidegate_model::{
    Attachment, Catalog, DnsRecordIpType, Endpoint, EndpointKind, InterfaceEndpoint, IpAddressType, IpCidr,
    NetworkInterfaceId, PrefixList, PrefixListId, RouteTableId, Scope, SecurityGroupId, Service, SubnetId,
    VpcEndpointId, VpcId,
};

use super::element::{Element, Fault, shown};
use super::kind::Kind;
use super::page::Page;
use super::prefix_list::{service_of, stand_ins};
use super::reading::Reading;
use crate::{Bearing, name_in};

pub(super) fn read(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let id: VpcEndpointId = element.required("VpcEndpointId")?;
    let scope = reading.scope(element, page)?;
    let state = element.text("State")?.unwrap_or_default().to_ascii_lowercase();
    match state.as_str() {
        "available" => {}
        "rejected" | "failed" | "deleted" | "expired" => return Ok(()),
        _ => reading.open(id.as_str(), "whether it works", format!("its state is {}", shown(&state)), Bearing::Flow),
    }
    let kind = element.text("VpcEndpointType")?.unwrap_or("Gateway");
    if !matches!(kind, "Gateway" | "Interface") {
        return unmodelled(reading, element, page, &id, kind);
    }
    let Some(name) = element.text("ServiceName")? else { return Err(element.fault_at("ServiceName", "is missing")) };
    let service = Catalog::find(scope.region, name);
    if service.is_none() {
        let why = format!("{} is none of the services of AWS that Sidegate knows", shown(name));
        reading.open(id.as_str(), "what is behind it", why, Bearing::Flow);
    }
    let kind = match kind {
        "Gateway" => gateway(reading, element, page, &id),
        _ => EndpointKind::Interface(interface(reading, element, page, &id)?),
    };
    if !element.has("PolicyDocument") {
        let why = "its policy document is missing";
        reading.assume(id.as_str(), "its policy", why, "the one that allows everything", Bearing::Requests);
    }
    let mut endpoint = Endpoint {
        id: id.clone(),
        scope: scope.clone(),
        vpc: element.required("VpcId")?,
        // Who has no such service leaves the endpoint out.
        service: service.map_or(name, |service| service.name).to_owned(),
        kind,
        policy: element.text("PolicyDocument")?.map(str::to_owned),
        ip_address_type: parsed(element, "IpAddressType", IpAddressType::parse)?.unwrap_or_default(),
        dns_record_ip_type: DnsRecordIpType::ServiceDefined,
        observed_lists: Vec::new(),
        created: element.moment("CreationTimestamp"),
    };
    if let Some(options) = element.object("DnsOptions")? {
        let told = parsed(&options, "DnsRecordIpType", DnsRecordIpType::parse)?;
        endpoint.dns_record_ip_type = told.unwrap_or(endpoint.dns_record_ip_type);
    }
    if let (Some(service), Some(_)) = (service, endpoint.route_tables()) {
        endpoint.observed_lists = lists(reading, &endpoint, &scope, service, name);
    }
    check_names(reading, element, &endpoint, name)?;
    hide_names(reading, element, &endpoint)?;
    reading.tags(page, element, id.as_str(), &scope);
    reading.put(page, |world| &mut world.endpoints, endpoint);
    Ok(())
}

/// Notes an endpoint of a type that the model does not have. What meets it is open; so are names, if it may have private
/// ones: those for Gateway Load Balancers have none.
///
/// Source: PrivateLink guide, "Access an inspection system using a Gateway Load Balancer endpoint", "Access VPC resources
/// through AWS PrivateLink".
fn unmodelled(
    reading: &mut Reading, element: &Element<'_>, page: &Page, id: &VpcEndpointId, kind: &str,
) -> Result<(), Fault> {
    let why = format!("it is of the type {}, which has no place in the model", shown(kind));
    reading.open(id.as_str(), "what it leads to", why.clone(), Bearing::Flow);
    let vpc: VpcId = element.required("VpcId")?;
    if kind != "GatewayLoadBalancer" && element.flag("PrivateDnsEnabled")?.unwrap_or_default() {
        reading.open(vpc.as_str(), format!("the private names of {id}"), why, Bearing::Names);
    }
    let scope = reading.scope(element, page)?;
    reading.tags(page, element, id.as_str(), &scope);
    Ok(())
}

fn parsed<T>(
    element: &Element<'_>, key: &str, parse: fn(&str) -> Result<T, sidegate_model::Error>,
) -> Result<Option<T>, Fault> {
    // An endpoint that is not told to be something is told to be `not-specified`.
    let text = element.text(key)?.filter(|text| *text != "not-specified");
    text.map(parse).transpose().map_err(|error| element.fault_at(key, error.to_string()))
}

/// The tables of a gateway endpoint: those that it tells, and those that have a route to it.
fn gateway(reading: &mut Reading, element: &Element<'_>, page: &Page, id: &VpcEndpointId) -> EndpointKind {
    let told = element.texts::<RouteTableId>("RouteTableIds").unwrap_or_else(|fault| {
        reading.fault(page, fault);
        Vec::new()
    });
    let told: BTreeSet<RouteTableId> = told.into_iter().collect();
    let routes = reading.endpoint_routes.get(id).into_iter().flatten();
    let routed: BTreeSet<RouteTableId> = routes.map(|(table, _)| table.clone()).collect();
    for table in told.symmetric_difference(&routed) {
        let why = format!("{id} and the table tell otherwise");
        reading.open(table.as_str(), format!("whether it leads to {id}"), why, Bearing::Outward);
    }
    EndpointKind::Gateway { route_tables: routed }
}

/// The prefix lists that a gateway endpoint takes over: those of its service, and those that routes lead to it from.
fn lists(
    reading: &mut Reading, endpoint: &Endpoint, scope: &Scope, service: &'static Service, name: &str,
) -> Vec<PrefixList> {
    let is_of = |list: &&PrefixList| service_of(scope.region, &list.name).is_some_and(|(of, _)| of == service);
    let named = reading.world.observed_prefix_lists.iter().filter(is_of).map(|list| list.id.clone());
    let routed = reading.endpoint_routes.get(&endpoint.id).into_iter().flatten().map(|(_, list)| list.clone());
    let ids: BTreeSet<PrefixListId> = named.chain(routed).collect();
    let mut lists = Vec::new();
    for id in ids {
        if reading.world.observed_prefix_lists.get(&id).is_none() {
            let blocks = stand_ins(scope.region, name).into_iter().filter_map(|block| match block {
                IpCidr::V4(block) => Some(block),
                IpCidr::V6(_) => None,
            });
            let cidrs = blocks.collect();
            let list = PrefixList { id: id.clone(), name: name.to_owned(), cidrs, cidrs6: Vec::new(), weight: 1 };
            reading.world.observed_prefix_lists.insert(list);
        }
        lists.extend(reading.world.observed_prefix_lists.get(&id).cloned());
    }
    lists
}

fn interface(
    reading: &mut Reading, element: &Element<'_>, page: &Page, id: &VpcEndpointId,
) -> Result<InterfaceEndpoint, Fault> {
    let subnets: BTreeSet<SubnetId> = element.texts("SubnetIds")?.into_iter().collect();
    let told: Vec<NetworkInterfaceId> = element.texts("NetworkInterfaceIds")?;
    let mut interfaces = BTreeMap::new();
    for interface in told {
        let Some(known) = reading.world.interfaces.get(&interface) else {
            reading.dangling_in(page, id.as_str(), interface.as_str());
            let what = format!("its interface {interface}");
            let why = reading.undescribed(Kind::NetworkInterfaces);
            reading.open(id.as_str(), what, why, Bearing::Flow);
            continue;
        };
        interfaces.insert(known.subnet.clone(), interface.clone());
        reading.world.interfaces.update(&interface, |own| own.attachment = Attachment::Endpoint(id.clone()));
    }
    if interfaces.keys().cloned().collect::<BTreeSet<_>>() != subnets {
        let why = "its subnets and those of its interfaces are not the same";
        reading.open(id.as_str(), "in which subnets it is", why, Bearing::Flow);
    }
    let groups = reading.each(page, id.as_str(), &Bearing::Flow, element.list("Groups"), |one| {
        one.required::<SecurityGroupId>("GroupId")
    });
    let inbound_only = match element.object("DnsOptions")? {
        Some(options) => options.flag("PrivateDnsOnlyForInboundResolverEndpoint")?.unwrap_or_default(),
        None => false,
    };
    Ok(InterfaceEndpoint {
        suffix: suffix(element, id)?,
        interfaces,
        groups,
        private_dns: element.flag("PrivateDnsEnabled")?.unwrap_or_default(),
        inbound_resolver_only: inbound_only,
    })
}

/// The characters that the names of an endpoint have behind its id.
fn suffix(element: &Element<'_>, id: &VpcEndpointId) -> Result<String, Fault> {
    for entry in element.list("DnsEntries")? {
        let name = entry.text("DnsName")?.unwrap_or_default().trim_start_matches("*.");
        let rest = name.strip_prefix(id.as_str()).and_then(|rest| rest.strip_prefix('-'));
        if let Some(suffix) = rest.and_then(|rest| rest.split(['.', '-']).next()) {
            return Ok(suffix.to_owned());
        }
    }
    Ok(String::new())
}

/// The names that lead to the interfaces of an endpoint, where no file describes one of these: without it, they would seem
/// to lead elsewhere.
fn hide_names(reading: &mut Reading, element: &Element<'_>, endpoint: &Endpoint) -> Result<(), Fault> {
    let Some(interface) = endpoint.interface() else { return Ok(()) };
    if interface.interfaces.len() == element.list("NetworkInterfaceIds")?.len() {
        return Ok(());
    }
    let mut names: BTreeSet<String> = BTreeSet::new();
    if interface.private_dns && !interface.inbound_resolver_only {
        names.extend(endpoint.private_names());
    }
    for entry in element.list("DnsEntries")? {
        names.extend(entry.text("DnsName")?.filter(|name| !name.is_empty()).map(str::to_ascii_lowercase));
    }
    let why = reading.undescribed(Kind::NetworkInterfaces);
    for name in names {
        let what = format!("at which addresses it leads to {}", endpoint.id);
        reading.open(&name_in(&shown(&name), &endpoint.vpc), what, why, Bearing::Names);
    }
    Ok(())
}

/// Whether the endpoint has the names that it should have by the list of services.
fn check_names(reading: &mut Reading, element: &Element<'_>, endpoint: &Endpoint, service: &str) -> Result<(), Fault> {
    let Some(interface) = endpoint.interface() else { return Ok(()) };
    let known: BTreeSet<String> = endpoint.private_names().into_iter().collect();
    let told = reading.services.get(service).map(|told| told.private_names.clone()).filter(|told| !told.is_empty());
    if let Some(told) = told.filter(|told| interface.private_dns && *told != known) {
        let told: Vec<&str> = told.iter().map(String::as_str).collect();
        let why = format!("the service is told to have {}", shown(&told.join(", ")));
        reading.open(endpoint.vpc.as_str(), format!("the private names of {}", endpoint.id), why, Bearing::Names);
    }
    let mut own = element.list("DnsEntries")?.into_iter();
    if interface.suffix.is_empty() && own.next().is_some() {
        let why = "they are of no form that is known";
        reading.open(endpoint.vpc.as_str(), format!("the names of {}", endpoint.id), why, Bearing::Names);
    }
    Ok(())
}
