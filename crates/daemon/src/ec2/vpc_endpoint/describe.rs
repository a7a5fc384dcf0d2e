//! VPC endpoints as answers show them.
//!
//! Source: EC2 API reference, `DescribeVpcEndpoints`, `VpcEndpoint`.

use std::borrow::Cow;

use sidegate_model::{Endpoint, VpcEndpointId, World};
use sidegate_services::iam::Names;
use sidegate_wire::ec2::{
    DescribeVpcEndpointsRequest, DescribeVpcEndpointsResult, DnsEntry, DnsOptions, SecurityGroupIdentifier, Timestamp,
    VpcEndpoint,
};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::filter::{Filters, one, tag_values};
use super::super::ids::{chosen, ids};
use super::super::{policy_document, tagged};

const FILTERS: &[&str] = &[
    "ip-address-type",
    "service-name",
    "service-region",
    "tag-key",
    "tag:",
    "vpc-endpoint-id",
    "vpc-endpoint-state",
    "vpc-endpoint-type",
    "vpc-id",
];

/// The only state in which an endpoint is seen: what is in the world has been applied, and what is deleted is gone.
const AVAILABLE: &str = "available";

impl Action for DescribeVpcEndpointsRequest {
    type Answer = DescribeVpcEndpointsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeVpcEndpointsResult, Failure> {
        let filters = Filters::read(&self.filters, FILTERS)?;
        let (world, scope, names) = (call.world(), call.scope(), call.directory.names());
        let named: Vec<VpcEndpointId> = ids(&self.vpc_endpoint_ids)?;
        let mut endpoints = chosen(&world.endpoints, &named, |e| e.scope == *scope, VpcEndpointId::not_found)?;
        endpoints.retain(|endpoint| filters.pass(|name| values(&world, endpoint, name)));
        let key = |endpoint: &&Endpoint| endpoint.id.to_string();
        let page = call.page(endpoints, key, self.max_results, self.next_token.as_deref(), (1, 1000))?;
        Ok(DescribeVpcEndpointsResult {
            vpc_endpoints: page.items.into_iter().map(|endpoint| shown(&world, endpoint, &names)).collect(),
            next_token: page.next_token,
        })
    }
}

fn values<'w>(world: &'w World, endpoint: &'w Endpoint, filter: &str) -> Vec<Cow<'w, str>> {
    match filter {
        "ip-address-type" => one(endpoint.ip_address_type.as_str()),
        "service-name" => one(endpoint.service_name()),
        "service-region" => one(endpoint.scope.region.as_str()),
        "vpc-endpoint-id" => one(endpoint.id.as_str()),
        "vpc-endpoint-state" => one(AVAILABLE),
        "vpc-endpoint-type" => one(kind(endpoint)),
        "vpc-id" => one(endpoint.vpc.as_str()),
        _ => tag_values(world, endpoint.id.as_str(), filter).unwrap_or_default(),
    }
}

fn kind(endpoint: &Endpoint) -> &'static str {
    if endpoint.interface().is_some() { "Interface" } else { "Gateway" }
}

/// An endpoint in the answer of the call that made it: an interface endpoint is still `pending` there.
///
/// Source: EC2 API reference, example of `CreateVpcEndpoint`; Terraform's provider waits for `available`.
pub(super) fn created(world: &World, endpoint: &Endpoint, names: &Names) -> VpcEndpoint {
    let mut shown = shown(world, endpoint, names);
    if endpoint.interface().is_some() {
        shown.state = Some("pending".to_owned());
    }
    shown
}

fn shown(world: &World, endpoint: &Endpoint, names: &Names) -> VpcEndpoint {
    let interface = endpoint.interface();
    let group = |id: &sidegate_model::SecurityGroupId| SecurityGroupIdentifier {
        group_id: Some(id.to_string()),
        group_name: world.security_groups.get(id).map(|group| group.name.as_str().to_owned()),
    };
    VpcEndpoint {
        vpc_endpoint_id: Some(endpoint.id.to_string()),
        vpc_endpoint_type: Some(kind(endpoint).to_owned()),
        vpc_id: Some(endpoint.vpc.to_string()),
        service_name: Some(endpoint.service_name()),
        state: Some(AVAILABLE.to_owned()),
        policy_document: Some(policy_document::shown(endpoint, names)),
        route_table_ids: endpoint.route_tables().into_iter().flatten().map(ToString::to_string).collect(),
        subnet_ids: interface.into_iter().flat_map(|i| i.interfaces.keys()).map(ToString::to_string).collect(),
        groups: endpoint.groups().iter().map(group).collect(),
        ip_address_type: Some(endpoint.ip_address_type.as_str().to_owned()),
        dns_options: Some(dns_options(endpoint)),
        private_dns_enabled: Some(interface.is_some_and(|i| i.private_dns)),
        requester_managed: Some(false),
        network_interface_ids: interface
            .into_iter()
            .flat_map(|i| i.interfaces.values())
            .map(ToString::to_string)
            .collect(),
        dns_entries: endpoint
            .dns_entries(world)
            .into_iter()
            .map(|entry| DnsEntry { dns_name: Some(entry.name), hosted_zone_id: Some(entry.zone) })
            .collect(),
        creation_timestamp: Some(Timestamp::from_unix_millis(endpoint.created)),
        tags: tagged::shown(world, endpoint.id.as_str()),
        owner_id: Some(endpoint.scope.account.to_string()),
        service_region: Some(endpoint.scope.region.to_string()),
        ..VpcEndpoint::default()
    }
}

fn dns_options(endpoint: &Endpoint) -> DnsOptions {
    DnsOptions {
        dns_record_ip_type: Some(endpoint.dns_record_ip_type.as_str().to_owned()),
        private_dns_only_for_inbound_resolver_endpoint: endpoint.interface().map(|i| i.inbound_resolver_only),
        ..DnsOptions::default()
    }
}
