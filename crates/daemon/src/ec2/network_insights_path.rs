//! CreateNetworkInsightsPath, DeleteNetworkInsightsPath, DescribeNetworkInsightsPaths.

// coverage: ec2:CreateNetworkInsightsPath: load balancers, transit gateways, endpoint services and other accounts are refused

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::net::Ipv4Addr;

use sidegate_model::{
    Component, NetworkInsightsPath, NetworkInsightsPathId, PathDefinition, PathFilter, PathProtocol, PortSpan, Scope,
    World,
};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, one, tag_values};
use super::ids::{self, arn};
use super::{client_token, fault, refused, tag, tagged};

/// The name under which tokens of CreateNetworkInsightsPath are kept, and the kind of its resources.
const CREATE: &str = "CreateNetworkInsightsPath";
const KIND: &str = "network-insights-path";

/// The filters of DescribeNetworkInsightsPaths.
const FILTERS: &[&str] = &[
    "destination",
    "filter-at-destination.destination-address",
    "filter-at-destination.destination-port-range",
    "filter-at-destination.source-address",
    "filter-at-destination.source-port-range",
    "filter-at-source.destination-address",
    "filter-at-source.destination-port-range",
    "filter-at-source.source-address",
    "filter-at-source.source-port-range",
    "protocol",
    "source",
    "tag-key",
    "tag-value",
    "tag:",
];

impl Action for ec2::CreateNetworkInsightsPathRequest {
    type Answer = ec2::CreateNetworkInsightsPathResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        let ends = [&self.source, &self.destination].into_iter().flatten();
        let known = ends.filter_map(|end| Component::read(end, scope).ok().flatten());
        [arn(scope, KIND, "*")].into_iter().chain(known.map(|end| end.arn().to_string())).collect()
    }

    async fn act(mut self, call: &Call<'_>) -> Result<ec2::CreateNetworkInsightsPathResult, Failure> {
        self.dry_run = None;
        let token = self.client_token.take();
        let parameters = client_token::fingerprint(&self);
        let definition = definition(&self, call.scope())?;
        let tags = tagged::specified(&self.tag_specifications, KIND, &[])?;
        let path = call
            .change(move |world, context| {
                let known = match &token {
                    Some(token) => world.replay(context, CREATE, token, &parameters)?,
                    None => None,
                };
                if let Some(made) = known {
                    return Ok(render(world, world.network_insights_path(&context.scope, &made.parse()?)?));
                }
                let id = world.create_network_insights_path(context, &definition)?;
                tag::put(world, context, id.as_str(), &tags)?;
                if let Some(token) = &token {
                    world.remember(context, CREATE, token, &parameters, id.as_str());
                }
                Ok(render(world, world.network_insights_path(&context.scope, &id)?))
            })
            .await?;
        Ok(ec2::CreateNetworkInsightsPathResult { network_insights_path: Some(path) })
    }
}

/// What a request says of a path.
fn definition(request: &ec2::CreateNetworkInsightsPathRequest, scope: &Scope) -> Result<PathDefinition, Failure> {
    let source = end(ids::required(request.source.as_deref(), "Source")?, "source", scope)?;
    let given = request.destination.as_deref().filter(|id| !id.is_empty());
    let destination = given.map(|id| end(id, "destination", scope)).transpose()?;
    let protocol = match ids::required(request.protocol.as_deref(), "Protocol")? {
        text if text.eq_ignore_ascii_case("tcp") => PathProtocol::Tcp,
        text if text.eq_ignore_ascii_case("udp") => PathProtocol::Udp,
        other => return Err(invalid(other, "protocol", "Valid values are tcp and udp.")),
    };
    let port = request.destination_port.map(|port| PortSpan::new(port, port, "destinationPort")).transpose();
    Ok(PathDefinition {
        source,
        destination,
        source_ip: address(request.source_ip.as_deref(), "sourceIp")?,
        destination_ip: address(request.destination_ip.as_deref(), "destinationIp")?,
        protocol,
        destination_port: port.map_err(|error| fault::of(&error))?.map(|port| port.from),
        filter_at_source: request.filter_at_source.as_ref().map(filter).transpose()?,
        filter_at_destination: request.filter_at_destination.as_ref().map(filter).transpose()?,
    })
}

fn invalid(value: &str, parameter: &str, why: &str) -> Failure {
    refused("InvalidParameterValue", format!("Value ({value}) for parameter {parameter} is invalid. {why}"))
}

/// The source or the destination of a path.
fn end(text: &str, parameter: &str, scope: &Scope) -> Result<Component, Failure> {
    let read = Component::read(text, scope).map_err(|error| fault::of(&error))?;
    read.ok_or_else(|| invalid(text, parameter, "Expecting the ID or ARN of a resource that is supported."))
}

fn address(text: Option<&str>, parameter: &str) -> Result<Option<Ipv4Addr>, Failure> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| invalid(text, parameter, "Expecting an IPv4 address."))
}

fn filter(filter: &ec2::PathRequestFilter) -> Result<PathFilter, Failure> {
    let ports = |range: Option<&ec2::RequestFilterPortRange>, parameter: &str| {
        let Some(range) = range else { return Ok(None) };
        let from = range.from_port.or(range.to_port);
        let (Some(from), Some(to)) = (from, range.to_port.or(from)) else { return Ok(None) };
        PortSpan::new(from, to, parameter).map(Some).map_err(|error| fault::of(&error))
    };
    Ok(PathFilter {
        source_address: address(filter.source_address.as_deref(), "sourceAddress")?,
        source_ports: ports(filter.source_port_range.as_ref(), "sourcePortRange")?,
        destination_address: address(filter.destination_address.as_deref(), "destinationAddress")?,
        destination_ports: ports(filter.destination_port_range.as_ref(), "destinationPortRange")?,
    })
}

impl Action for ec2::DeleteNetworkInsightsPathRequest {
    type Answer = ec2::DeleteNetworkInsightsPathResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, KIND, self.network_insights_path_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DeleteNetworkInsightsPathResult, Failure> {
        let id: NetworkInsightsPathId = ids::given(self.network_insights_path_id.as_deref(), "NetworkInsightsPathId")?;
        let gone = id.to_string();
        call.change(move |world, context| world.delete_network_insights_path(context, &id)).await?;
        Ok(ec2::DeleteNetworkInsightsPathResult { network_insights_path_id: Some(gone) })
    }
}

impl Action for ec2::DescribeNetworkInsightsPathsRequest {
    type Answer = ec2::DescribeNetworkInsightsPathsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeNetworkInsightsPathsResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mut paths = ids::chosen(
            &world.network_insights_paths,
            &ids::ids(&self.network_insights_path_ids)?,
            |path| path.scope == *scope,
            NetworkInsightsPathId::not_found,
        )?;
        paths.retain(|path| filters.pass(|filter| values(&world, path, filter)));
        let page = call.page(paths, |p| p.id.to_string(), self.max_results, self.next_token.as_deref(), (1, 100))?;
        Ok(ec2::DescribeNetworkInsightsPathsResult {
            network_insights_paths: page.items.into_iter().map(|path| render(&world, path)).collect(),
            next_token: page.next_token,
        })
    }
}

fn values<'w>(world: &'w World, path: &'w NetworkInsightsPath, filter: &str) -> Vec<Cow<'w, str>> {
    let own = &path.definition;
    match filter {
        "source" => one(own.source.id.as_str()),
        "destination" => own.destination.iter().map(|end| Cow::Borrowed(end.id.as_str())).collect(),
        "protocol" => one(own.protocol.as_str()),
        _ => {
            let ends =
                [("filter-at-source.", &own.filter_at_source), ("filter-at-destination.", &own.filter_at_destination)];
            let mut of_ends = ends.into_iter().filter_map(|(name, at)| Some((filter.strip_prefix(name)?, at)));
            match of_ends.next() {
                Some((field, at)) => at.as_ref().map(|at| of_filter(at, field)).unwrap_or_default(),
                None => tag_values(world, path.id.as_str(), filter).unwrap_or_default(),
            }
        }
    }
}

/// What a path's filter has under the last part of a filter's name.
fn of_filter(filter: &PathFilter, field: &str) -> Vec<Cow<'static, str>> {
    let address = |address: Option<Ipv4Addr>| address.map(|own| own.to_string());
    let ports = |ports: Option<PortSpan>| ports.map(|own| format!("{}-{}", own.from, own.to));
    let value = match field {
        "source-address" => address(filter.source_address),
        "source-port-range" => ports(filter.source_ports),
        "destination-address" => address(filter.destination_address),
        _ => ports(filter.destination_ports),
    };
    value.map(Cow::Owned).into_iter().collect()
}

fn render(world: &World, path: &NetworkInsightsPath) -> ec2::NetworkInsightsPath {
    let own = &path.definition;
    let text = |address: Option<Ipv4Addr>| address.map(|own| own.to_string());
    ec2::NetworkInsightsPath {
        network_insights_path_id: Some(path.id.to_string()),
        network_insights_path_arn: Some(arn(&path.scope, KIND, path.id.as_str())),
        created_date: Some(ec2::Timestamp::from_unix_millis(path.created)),
        source: Some(own.source.id.as_str().to_owned()),
        destination: own.destination.as_ref().map(|end| end.id.as_str().to_owned()),
        source_arn: Some(own.source.arn().to_string()),
        destination_arn: own.destination.as_ref().map(|end| end.arn().to_string()),
        source_ip: text(own.source_ip),
        destination_ip: text(own.destination_ip),
        protocol: Some(own.protocol.as_str().to_owned()),
        destination_port: own.destination_port.map(i32::from),
        tags: tagged::shown(world, path.id.as_str()),
        filter_at_source: own.filter_at_source.as_ref().map(shown_filter),
        filter_at_destination: own.filter_at_destination.as_ref().map(shown_filter),
    }
}

fn shown_filter(filter: &PathFilter) -> ec2::PathFilter {
    let range = |span: PortSpan| ec2::FilterPortRange {
        from_port: Some(i32::from(span.from)),
        to_port: Some(i32::from(span.to)),
    };
    ec2::PathFilter {
        source_address: filter.source_address.map(|own| own.to_string()),
        source_port_range: filter.source_ports.map(range),
        destination_address: filter.destination_address.map(|own| own.to_string()),
        destination_port_range: filter.destination_ports.map(range),
    }
}
