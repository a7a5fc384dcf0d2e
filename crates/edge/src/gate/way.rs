//! Where a request arrived, in the plan that is in force.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use http::request::Parts;
use rustls::{ProtocolVersion, ServerConnection};
use sidegate_iam::{Path, Policy};
use sidegate_model::{AccountId, Region, Service, VpcEndpointId, VpcId};
use sidegate_plan::{EndpointKind, EndpointPlan, Link, Plan, VpcPlan};

use super::dialect::Dialect;
use super::host;
use super::refusal::Refusal;
use super::routing::Route;
use crate::events::{EndpointType, EventPath};
use crate::path::{CurrentPlan, Facts, Standing, Target, sender};

/// Where a request arrived.
#[derive(Clone, Debug)]
pub enum Arrival {
    /// At the public API's port.
    Public {
        /// The client's address.
        source: IpAddr,
    },
    /// At the public address of a service, on the emulated internet.
    Internet {
        /// The client's address, as the internet sees it.
        source: IpAddr,
        /// The service.
        service: &'static Service,
        /// Its Region.
        region: Region,
        /// The TLS that it arrived over.
        tls: Option<Tls>,
    },
    /// At a VPC endpoint.
    Endpoint(EndpointArrival),
}

/// A version of TLS that services speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// 1.2.
    V1_2,
    /// 1.3.
    V1_3,
}

impl Tls {
    /// What was agreed on in a handshake that is complete; nothing older than 1.2 is spoken.
    pub(crate) fn agreed(connection: &ServerConnection) -> Self {
        if connection.protocol_version() == Some(ProtocolVersion::TLSv1_3) { Self::V1_3 } else { Self::V1_2 }
    }

    /// The value of `s3:TlsVersion`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
        }
    }
}

/// A connection to a VPC endpoint.
#[derive(Clone, Debug)]
pub struct EndpointArrival {
    /// The plan that is in force.
    pub plans: CurrentPlan,
    /// The VPC whose listener accepted the connection.
    pub vpc: VpcId,
    /// What the kernel says of its socket.
    pub facts: Facts,
    /// The standing that it was accepted with.
    pub standing: Standing,
    /// The TLS that it speaks, once that is agreed on.
    pub tls: Option<Tls>,
}

/// The connection that brought the request no longer has the right to exist. It has to be closed without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path of the connection is gone")]
pub struct PathGone;

/// An arrival in a plan.
pub(super) enum Way<'p> {
    Public { source: IpAddr },
    Internet { source: IpAddr, service: &'static Service, region: Region, tls: Option<Tls> },
    Endpoint(EndpointWay<'p>),
}

/// An endpoint, and how it was reached.
pub(super) struct EndpointWay<'p> {
    vpc: &'p VpcPlan,
    facts: Facts,
    standing: &'p Standing,
    link: &'p Link,
    id: &'p VpcEndpointId,
    endpoint: &'p EndpointPlan,
    tls: Option<Tls>,
}

impl Way<'_> {
    /// The path, as policies see it.
    pub(super) fn path(&self) -> Path {
        match self {
            Self::Public { source } | Self::Internet { source, .. } => Path::Public { source: *source },
            Self::Endpoint(way) => {
                Path::Endpoint { vpc: way.vpc.vpc.clone(), endpoint: way.id.clone(), source: way.facts.source }
            }
        }
    }

    /// The path, as events tell it.
    pub(super) fn event_path(&self) -> EventPath {
        match self {
            Self::Public { source } | Self::Internet { source, .. } => EventPath::Public { source: *source },
            Self::Endpoint(way) => way.event_path(),
        }
    }

    /// The policy of the endpoint on the path.
    pub(super) fn policy(&self) -> Option<&Arc<Policy>> {
        match self {
            Self::Public { .. } | Self::Internet { .. } => None,
            Self::Endpoint(way) => Some(&way.endpoint.policy),
        }
    }

    /// The TLS that the request came over. The public port stands for AWS's own addresses, which have it; who can listen
    /// between a client and the loopback can do worse.
    pub(super) fn tls(&self) -> Option<Tls> {
        match self {
            Self::Public { .. } => Some(Tls::V1_3),
            Self::Internet { tls, .. } => *tls,
            Self::Endpoint(way) => way.tls,
        }
    }

    /// The Region of the endpoint or the public address, which is the only one that it leads to.
    pub(super) fn region(&self) -> Option<Region> {
        match self {
            Self::Public { .. } => None,
            Self::Internet { region, .. } => Some(*region),
            Self::Endpoint(way) => Some(way.vpc.scope.region),
        }
    }

    /// The account of the endpoint.
    pub(super) fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Public { .. } | Self::Internet { .. } => None,
            Self::Endpoint(way) => Some(&way.vpc.scope.account),
        }
    }

    /// The service that the way leads to, whatever a request says, in its Region. The public port leads to all.
    pub(super) fn route(&self) -> Option<Route> {
        let (service, region) = match self {
            Self::Public { .. } => return None,
            Self::Internet { service, region, .. } => (service.name, *region),
            Self::Endpoint(way) => (way.endpoint.service, way.vpc.scope.region),
        };
        Some(match Dialect::of(service) {
            Some(dialect) => Route::known(dialect, Some(region)),
            None => Route::unknown(service, Some(region)),
        })
    }

    /// Whether the request is for a name of the endpoint or the public address. Anyone who holds a connection can put any host into a
    /// request, so that this is asked of every one.
    pub(super) fn check_host(&self, head: &Parts) -> Result<(), Refusal> {
        let (service, region, hosts) = match self {
            Self::Public { .. } => return Ok(()),
            Self::Internet { service, region, .. } => {
                (service.name, region.as_str(), Cow::Owned(service.public_names(*region)))
            }
            Self::Endpoint(way) => {
                (way.endpoint.service, way.vpc.scope.region.as_str(), Cow::Borrowed(&way.endpoint.hosts))
            }
        };
        let asked = host::host(head);
        if asked.is_some_and(|host| host::is_covered(&host::name(host), &hosts)) {
            return Ok(());
        }
        Err(Refusal::Misdirected { host: asked.map(str::to_owned), service, region, hosts: hosts.into_owned() })
    }
}

impl<'p> EndpointWay<'p> {
    /// The endpoint of a connection, unless the connection's standing has changed since it was accepted.
    pub(super) fn find(plan: &'p Plan, arrival: &'p EndpointArrival) -> Result<Self, PathGone> {
        let Target::Endpoint(id) = &arrival.standing.target else { return Err(PathGone) };
        let vpc = plan.vpcs.get(&arrival.vpc).ok_or(PathGone)?;
        if Standing::of(plan, &arrival.vpc, &arrival.facts).as_ref() != Some(&arrival.standing) {
            return Err(PathGone);
        }
        let (_, link) = sender(plan, &arrival.vpc, arrival.facts.source).ok_or(PathGone)?;
        let endpoint = vpc.endpoints.get(id).ok_or(PathGone)?;
        let (facts, tls) = (arrival.facts, arrival.tls);
        Ok(Self { vpc, facts, standing: &arrival.standing, link, id, endpoint, tls })
    }

    fn event_path(&self) -> EventPath {
        let gateway = self.endpoint.kind == EndpointKind::Gateway;
        let table = || self.vpc.tables.get(&self.link.table).map(|table| table.id.clone());
        EventPath::Endpoint {
            vpc: self.vpc.vpc.clone(),
            endpoint: self.id.clone(),
            endpoint_type: if gateway { EndpointType::Gateway } else { EndpointType::Interface },
            endpoint_service: self.endpoint.service.to_owned(),
            source: self.facts.source,
            interface: self.standing.interface.clone(),
            subnet: self.link.subnet.clone(),
            destination: self.facts.destination,
            route_table: gateway.then(table).flatten(),
        }
    }
}
