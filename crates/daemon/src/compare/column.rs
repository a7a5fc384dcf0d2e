//! Columns: what is told of an endpoint, or of there being none.

use serde::Serialize;
use sidegate_cost::Prices;
use sidegate_model::{Region, Service, VpcEndpointId, VpcId};
use sidegate_plan::analyze::{self, Flow, Goal, Source, Trace};

use super::choice::{Choice, HTTPS};
use super::cost::{Costs, nat_lines};
use super::end::End;
use super::group::Groups;
use super::interface::{self, Interface, interfaces};
use super::name::Names;
use super::network::Network;
use super::policy::Policy;
use super::route::{self, Routes};
use super::supposed::suppose;
use super::user::Users;
use crate::diagram::Picture;
use crate::explain::labelled;

/// The two types, in the order of their columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    /// Routes in some route tables.
    Gateway,
    /// Network interfaces.
    Interface,
}

/// What is told in a column.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase", tag = "column")]
pub(super) enum Column {
    /// Of an endpoint that stands.
    Endpoint(Box<Standing>),
    /// That there is none.
    None(Box<Absent>),
}

/// An endpoint.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Standing {
    #[serde(rename = "type")]
    kind: Kind,
    pub(super) endpoint: VpcEndpointId,
    /// The service, by its short name.
    pub(super) service: &'static str,
    service_name: String,
    pub(super) vpc: VpcId,
    pub(super) region: Region,
    /// The types that the service has.
    types: Vec<Kind>,
    /// The path of a flow that is meant for it.
    trace: Trace,
    end: End,
    /// The address that the endpoint sees, if it takes the flow.
    seen: Option<std::net::IpAddr>,
    routes: Routes,
    interfaces: Vec<Interface>,
    groups: Groups,
    policy: Policy,
    names: Names,
    users: Users,
    costs: Costs,
    /// What the path rests on and files do not tell.
    pub(super) unknown: Vec<String>,
    #[serde(skip)]
    pub(super) picture: Picture,
}

/// That there is no endpoint of a type.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Absent {
    #[serde(rename = "type")]
    kind: Kind,
    /// The service that was asked for.
    service: Option<&'static str>,
    /// Whether the service could have one.
    is_offered: bool,
    /// The command of the AWS CLI that makes one beside the endpoint in the other column, if it could.
    command: Option<String>,
    /// What becomes of a request to the service that no endpoint takes.
    without: Option<Without>,
    /// What a NAT gateway costs.
    nat: Vec<String>,
}

/// The path of the same request in the same network without endpoints for the service.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Without {
    trace: Trace,
    #[serde(skip)]
    picture: Picture,
}

impl Column {
    /// What is told of an endpoint.
    pub(super) fn of(network: &Network<'_>, choice: &Choice<'_>, prices: &Prices) -> Self {
        let Choice { endpoint, service, flow, trace, end } = choice;
        let kind = if endpoint.interface().is_some() { Kind::Interface } else { Kind::Gateway };
        let interfaces = interfaces(network.world, endpoint);
        let zones = u32::try_from(interfaces.len()).unwrap_or(u32::MAX);
        let unknown = network.open(flow, trace);
        let mut picture = drawn(network, flow, trace);
        if !unknown.is_empty() {
            picture = picture.in_doubt("it rests on what is not known");
        }
        let seen = match &trace.disposition {
            analyze::Disposition::Endpoint { endpoint: own, source } if *own == endpoint.id => Some(*source),
            _ => None,
        };
        Self::Endpoint(Box::new(Standing {
            kind,
            endpoint: endpoint.id.clone(),
            service: service.name,
            service_name: service.endpoint_name(endpoint.scope.region),
            vpc: endpoint.vpc.clone(),
            region: endpoint.scope.region,
            types: types(service),
            trace: trace.clone(),
            end: end.clone(),
            seen,
            routes: Routes::of(endpoint, trace),
            groups: Groups::of(network.world, endpoint, trace),
            policy: Policy::of(endpoint, service),
            names: Names::of(network, endpoint, service),
            users: Users::of(network, choice),
            costs: Costs::of(prices, endpoint.scope.region, (kind == Kind::Interface).then_some(zones)),
            unknown: unknown.iter().map(ToString::to_string).collect(),
            interfaces,
            picture,
        }))
    }

    /// That there is none of a type, beside what may stand in the other column.
    pub(super) fn none(
        network: &Network<'_>, kind: Kind, service: Option<&'static Service>, other: Option<&Choice<'_>>,
        prices: &Prices,
    ) -> Self {
        let without = service.zip(other).and_then(|(service, other)| Without::of(network, service, other));
        let region = other.map(|other| other.endpoint.scope.region);
        let is_offered = service.is_none_or(|own| types(own).contains(&kind));
        let nat = region.map(|region| nat_lines(prices, region)).unwrap_or_default();
        let command = service.zip(other).filter(|_| is_offered).map(|(_, other)| {
            let (vpc, name) = (&other.endpoint.vpc, other.endpoint.service_name());
            let (kind, place) = match kind {
                Kind::Gateway => ("Gateway", "--route-table-ids rtb-…"),
                Kind::Interface => ("Interface", "--subnet-ids subnet-… --security-group-ids sg-…"),
            };
            format!(
                "aws ec2 create-vpc-endpoint --vpc-id {vpc} --vpc-endpoint-type {kind} --service-name {name} {place}"
            )
        });
        let service = service.map(|own| own.name);
        Self::None(Box::new(Absent { kind, service, is_offered, command, without, nat }))
    }

    /// The picture of its path, if there is one.
    pub(super) fn picture(&self) -> Option<&Picture> {
        match self {
            Self::Endpoint(own) => Some(&own.picture),
            Self::None(own) => own.without.as_ref().map(|own| &own.picture),
        }
    }

    /// The cells, in the order of [`ROWS`].
    pub(super) fn cells(&self) -> Vec<Vec<String>> {
        match self {
            Self::Endpoint(own) => own.cells(),
            Self::None(own) => own.cells(),
        }
    }
}

/// What is told in each row: the name that it has in JSON, and the one that people read.
pub(super) const ROWS: [(&str, &str); 19] = [
    ("endpoint", "endpoint"),
    ("types", "types of the service"),
    ("path", "path"),
    ("route", "route table entry"),
    ("interface", "network interface"),
    ("groups", "security groups"),
    ("policy", "endpoint policy"),
    ("names", "names and addresses"),
    ("privateDns", "private DNS"),
    ("ownNames", "own names"),
    ("ipv6", "AAAA records"),
    ("seen", "the service sees"),
    ("zones", "from zones of the VPC"),
    ("peers", "from peered VPCs"),
    ("outside", "from on-premises"),
    ("hour", "by the hour"),
    ("gigabyte", "by the GB"),
    ("month", "an example month"),
    ("breakEven", "costs no more"),
];

impl Standing {
    fn cells(&self) -> Vec<Vec<String>> {
        let Self { endpoint, service_name, vpc, trace, end, .. } = self;
        let seen = match self.seen {
            Some(address) => vec![format!("{address}, {endpoint} as aws:SourceVpce, {vpc} as aws:SourceVpc")],
            None => vec!["nothing of the flow".to_owned()],
        };
        let types = self.types.iter().map(|own| own.called()).collect::<Vec<_>>().join(" and ");
        vec![
            vec![format!("{endpoint} in {vpc}, for {service_name}")],
            vec![types],
            vec![end.words.clone(), labelled(trace).join(" → ")],
            self.routes.lines(),
            interface::lines(&self.interfaces),
            self.groups.lines(),
            self.policy.lines(),
            self.names.lines(),
            self.names.private_lines(),
            self.names.own_lines(),
            self.names.ipv6_lines(),
            seen,
            self.users.zone_lines(),
            self.users.peer_lines(),
            self.users.outside_lines(),
            self.costs.hour_lines(),
            self.costs.gigabyte_lines(),
            self.costs.month_lines(),
            self.costs.break_even_lines(),
        ]
    }
}

impl Absent {
    fn cells(&self) -> Vec<Vec<String>> {
        let kind = self.kind.called();
        let none = match (self.service, self.is_offered) {
            (Some(service), false) => format!("none: {service} has no {kind} endpoints"),
            (Some(service), true) => format!("none stands here for {service}, which could have one"),
            (None, _) => format!("no {kind} endpoint stands here; an example has one, with --example"),
        };
        let mut cells = vec![vec!["–".to_owned()]; ROWS.len()];
        let mut put = |name: &str, lines: Vec<String>| {
            let at = ROWS.iter().position(|(own, _)| *own == name);
            if let Some(cell) = at.and_then(|at| cells.get_mut(at)) {
                *cell = lines;
            }
        };
        let command = self.command.iter().map(|command| format!("to make one: {command}"));
        put("endpoint", std::iter::once(none).chain(command).collect());
        if let Some(without) = &self.without {
            let Without { trace, .. } = without;
            put("path", vec![format!("without an endpoint: {}", without.words()), labelled(trace).join(" → ")]);
            put("route", vec![route::said(route::followed(trace).as_ref())]);
            put("hour", self.nat.clone());
        }
        cells
    }
}

impl Without {
    fn of(network: &Network<'_>, service: &Service, other: &Choice<'_>) -> Option<Self> {
        let (scope, vpc) = (&other.endpoint.scope, &other.endpoint.vpc);
        let (world, plan, ()) = suppose(network, scope, |world, context| {
            let all = world.endpoints.of_vpc(vpc).filter(|own| own.service() == Some(service));
            let all: Vec<VpcEndpointId> = all.map(|own| own.id.clone()).collect();
            all.iter().try_for_each(|own| world.delete_vpc_endpoint(context, own))
        })
        .ok()?;
        let network = network.with(&world, &plan);
        let source: Source = other.flow.source.clone();
        let flow = Flow::tcp(source, Goal::Service(service.name.to_owned()), HTTPS);
        let trace = network.trace(&flow)?;
        let picture = Picture::of(&world, &trace, None);
        Some(Self { trace, picture })
    }

    fn words(&self) -> String {
        match &self.trace.disposition {
            analyze::Disposition::Blocked { by } => format!("blocked: {by}: {}", by.meaning()),
            other => other.to_string(),
        }
    }
}

/// The picture of a path, with what to change if it does not arrive.
fn drawn(network: &Network<'_>, flow: &Flow, trace: &Trace) -> Picture {
    let is_reached = trace.disposition.is_reached();
    let remedy = if is_reached { None } else { analyze::remedy(network.world, network.plan, flow).ok().flatten() };
    Picture::of(network.world, trace, remedy.as_ref())
}

/// The types that a service has.
fn types(service: &Service) -> Vec<Kind> {
    let all = [(Kind::Gateway, service.gateway()), (Kind::Interface, service.interface())];
    all.into_iter().filter(|(_, has)| *has).map(|(kind, _)| kind).collect()
}

impl Kind {
    /// What it is called.
    pub(super) const fn called(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Interface => "interface",
        }
    }
}
