//! The services that a VPC endpoint can lead to.
//!
//! Source: EC2 API reference, `DescribeVpcEndpointServices`, with the values that its examples show.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeSet;

use sidegate_model::{Error, IpAddressType, Region, Service, Zone};
use sidegate_wire::ec2::{
    DescribeVpcEndpointServicesRequest, DescribeVpcEndpointServicesResult, PrivateDnsDetails, ServiceDetail,
    ServiceTypeDetail,
};
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::fault;
use super::filter::{Filters, one};
use super::ids::lasting;

const FILTERS: &[&str] =
    &["owner", "service-name", "service-region", "service-type", "supported-ip-address-types", "tag-key", "tag:"];

/// The owner of AWS's own services.
const OWNER: &str = "amazon";

/// A service with one of the types of endpoint that it can have: S3 and DynamoDB are listed once for each.
struct Offer {
    service: &'static Service,
    name: String,
    kind: &'static str,
}

impl Offer {
    /// Everything that a Region offers, by name and then by type.
    fn all(region: Region) -> Vec<Self> {
        let mut offers: Vec<Self> = Service::all_in(region)
            .flat_map(|service| {
                let kinds = [service.gateway().then_some("Gateway"), service.interface().then_some("Interface")];
                let offer = move |kind| Self { service, name: service.endpoint_name(region), kind };
                kinds.into_iter().flatten().map(offer)
            })
            .collect();
        offers.sort_by_cached_key(Self::key);
        offers
    }

    fn key(&self) -> String {
        format!("{}/{}", self.name, self.kind)
    }
}

impl Action for DescribeVpcEndpointServicesRequest {
    type Answer = DescribeVpcEndpointServicesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeVpcEndpointServicesResult, Failure> {
        let region = call.scope().region;
        if let Some(other) = self.service_regions.iter().find(|other| *other != region.as_str()) {
            return Err(fault::unsupported(format!(
                "Sidegate does not support cross-Region VPC endpoints: services of the Region {other} cannot be \
                 reached from {region}."
            )));
        }
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mut offers = Offer::all(region);
        let known: BTreeSet<&str> = offers.iter().map(|offer| offer.name.as_str()).collect();
        if let Some(unknown) = self.service_names.iter().find(|name| !known.contains(name.as_str())) {
            return Err(fault::of(&Error::InvalidServiceName(unknown.clone())));
        }
        offers.retain(|offer| {
            (self.service_names.is_empty() || self.service_names.contains(&offer.name))
                && filters.pass(|name| values(offer, region, name))
        });
        let page = call.page(offers, Offer::key, self.max_results, self.next_token.as_deref(), (1, 1000))?;
        let mut service_names: Vec<String> = page.items.iter().map(|offer| offer.name.clone()).collect();
        service_names.dedup();
        Ok(DescribeVpcEndpointServicesResult {
            service_names,
            service_details: page.items.iter().map(|offer| shown(offer, region)).collect(),
            next_token: page.next_token,
        })
    }
}

fn values<'r>(offer: &'r Offer, region: Region, filter: &str) -> Vec<Cow<'r, str>> {
    match filter {
        "owner" => one(OWNER),
        "service-name" => one(offer.name.as_str()),
        "service-region" => one(region.as_str()),
        "service-type" => one(offer.kind),
        "supported-ip-address-types" => families(offer.service).map(Cow::Borrowed).collect(),
        // AWS's own services bear no tags that others see.
        _ => Vec::new(),
    }
}

/// The families that a service's endpoints can have addresses of. A service that offers both offers both at once too.
fn families(service: &Service) -> impl Iterator<Item = &'static str> {
    let types = service.ip_address_types().iter().filter(|kind| **kind != IpAddressType::Dualstack);
    types.map(|kind| kind.as_str())
}

fn shown(offer: &Offer, region: Region) -> ServiceDetail {
    let service = offer.service;
    let interface = offer.kind == "Interface";
    let private = if interface { service.private_names(region) } else { Vec::new() };
    let base =
        if interface { Some(service.endpoint_domain(region)) } else { service.public_names(region).into_iter().next() };
    ServiceDetail {
        service_name: Some(offer.name.clone()),
        service_id: Some(service_id(offer)),
        service_type: vec![ServiceTypeDetail { service_type: Some(offer.kind.to_owned()) }],
        service_region: Some(region.to_string()),
        availability_zone_ids: region.zones().map(Zone::id).collect(),
        availability_zones: region.zones().map(Zone::name).collect(),
        owner: Some(OWNER.to_owned()),
        base_endpoint_dns_names: base.into_iter().collect(),
        private_dns_name: private.first().cloned(),
        private_dns_name_verification_state: (!private.is_empty()).then(|| "verified".to_owned()),
        private_dns_names: private.into_iter().map(|name| PrivateDnsDetails { private_dns_name: Some(name) }).collect(),
        vpc_endpoint_policy_supported: Some(service.policy),
        acceptance_required: Some(false),
        manages_vpc_endpoints: Some(false),
        supported_ip_address_types: families(service).map(str::to_owned).collect(),
        ..ServiceDetail::default()
    }
}

/// An id that is always the same for a service and type of a Region; AWS's own ids are not published.
fn service_id(offer: &Offer) -> String {
    format!("vpce-svc-0{:016x}", lasting(offer.key().bytes()))
}
