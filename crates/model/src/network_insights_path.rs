//! Paths of Reachability Analyzer: from where to where traffic is meant to go. What became of the question is an
//! analysis.
//!
//! Source: Reachability Analyzer guide; EC2 API reference, `CreateNetworkInsightsPath`.

mod filter;

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

pub use self::filter::{PathFilter, PortSpan};
use crate::{Component, ComponentId, Context, Entity, Error, NetworkInsightsPathId, Scope, World};

/// The most paths of an account in a Region.
///
/// Source: Reachability Analyzer guide, "Quotas".
const LIMIT: usize = 1000;

/// A path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInsightsPath {
    /// Its id.
    pub id: NetworkInsightsPathId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Which traffic it is about.
    pub definition: PathDefinition,
    /// When it was made: Unix time in milliseconds.
    pub created: i64,
}

/// Which traffic a path is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathDefinition {
    /// Where it comes from.
    pub source: Component,
    /// Where it goes to; `None` if that is the address which the filter at the source names.
    pub destination: Option<Component>,
    /// The address that it comes from.
    pub source_ip: Option<Ipv4Addr>,
    /// The address with which it arrives.
    pub destination_ip: Option<Ipv4Addr>,
    /// The protocol.
    pub protocol: PathProtocol,
    /// The port that it goes to.
    pub destination_port: Option<u16>,
    /// What it is as it leaves the source.
    pub filter_at_source: Option<PathFilter>,
    /// What it is as it arrives.
    pub filter_at_destination: Option<PathFilter>,
}

/// A protocol that paths can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PathProtocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl PathProtocol {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }

    /// IANA's number.
    pub const fn number(self) -> u8 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
        }
    }
}

impl Entity for NetworkInsightsPath {
    type Id = NetworkInsightsPathId;
    const KIND: &'static str = "network-insights-path";

    fn id(&self) -> NetworkInsightsPathId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl PathDefinition {
    /// What its packets are as they leave the source, by whichever parameters say so.
    pub fn at_source(&self) -> PathFilter {
        let port = self.destination_port.map(|port| PortSpan { from: port, to: port });
        let own = PathFilter { source_address: self.source_ip, destination_ports: port, ..PathFilter::default() };
        self.filter_at_source.clone().unwrap_or(own)
    }

    /// What its packets are as they arrive.
    pub fn at_destination(&self) -> PathFilter {
        let own = PathFilter { destination_address: self.destination_ip, ..PathFilter::default() };
        self.filter_at_destination.clone().unwrap_or(own)
    }

    /// Looks whether its parameters go together.
    fn check(&self) -> Result<(), Error> {
        let excluded = |one: &str, others: &str| {
            let message = format!("The parameter {one} cannot be used with the parameter {others}");
            Err(Error::InvalidParameterCombination(message))
        };
        if self.filter_at_source.is_some() {
            match (self.source_ip, self.destination_port) {
                (Some(_), _) => return excluded("FilterAtSource", "SourceIp"),
                (None, Some(_)) => return excluded("FilterAtSource", "DestinationPort"),
                (None, None) => {}
            }
        }
        if self.filter_at_destination.is_some() && self.destination_ip.is_some() {
            return excluded("FilterAtDestination", "DestinationIp");
        }
        if self.destination.is_none() && self.at_source().destination_address.is_none() {
            let message = "The request must include either the Destination parameter or the \
                           FilterAtSource.DestinationAddress parameter. Add the required parameter and retry the \
                           request.";
            return Err(Error::refused("MissingParameter", message));
        }
        Ok(())
    }
}

impl World {
    /// The path with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidNetworkInsightsPathId.NotFound`.
    pub fn network_insights_path(
        &self, scope: &Scope, id: &NetworkInsightsPathId,
    ) -> Result<&NetworkInsightsPath, Error> {
        self.network_insights_paths.get(id).filter(|path| path.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// Makes a path.
    ///
    /// # Errors
    /// If parameters exclude each other or one is missing; `NetworkInsightsSource.NotFound` and
    /// `NetworkInsightsDestination.NotFound` for what the caller does not have; `InvalidParameterValue` for what is of a
    /// kind at which no path can begin or end; `NetworkInsightsPath.LimitExceeded`.
    pub fn create_network_insights_path(
        &mut self, context: &mut Context<'_>, definition: &PathDefinition,
    ) -> Result<NetworkInsightsPathId, Error> {
        definition.check()?;
        self.require_end(context, &definition.source, ("source", "NetworkInsightsSource.NotFound"))?;
        if let Some(destination) = &definition.destination {
            self.require_end(context, destination, ("destination", "NetworkInsightsDestination.NotFound"))?;
        }
        if self.network_insights_paths.iter().filter(|path| path.scope == context.scope).count() >= LIMIT {
            return Err(Error::limit("NetworkInsightsPath.LimitExceeded", "network insights paths"));
        }
        let id = NetworkInsightsPathId::random(context.entropy);
        self.network_insights_paths.insert(NetworkInsightsPath {
            id: id.clone(),
            scope: context.scope.clone(),
            definition: definition.clone(),
            created: context.now,
        });
        Ok(id)
    }

    /// Whether the caller has a resource, and paths can begin and end at it.
    fn require_end(
        &self, context: &Context<'_>, end: &Component, (parameter, missing): (&str, &'static str),
    ) -> Result<(), Error> {
        let is_supported = matches!(
            end.id,
            ComponentId::Instance(_)
                | ComponentId::InternetGateway(_)
                | ComponentId::NetworkInterface(_)
                | ComponentId::Peering(_)
                | ComponentId::VpcEndpoint(_)
                | ComponentId::VpnGateway(_)
        );
        if !is_supported {
            let message = format!("Value ({}) for parameter {parameter} is invalid.", end.id.as_str());
            return Err(Error::InvalidParameterValue(message));
        }
        let is_own = end.scope == context.scope && self.require(context, end.id.as_str()).is_ok();
        let not_found = || Error::refused(missing, format!("The {parameter} '{}' does not exist", end.id.as_str()));
        is_own.then_some(()).ok_or_else(not_found)
    }

    /// Deletes a path.
    ///
    /// # Errors
    /// `InvalidNetworkInsightsPathId.NotFound`; `AnalysisExistsForNetworkInsightsPath` if it still has analyses.
    pub fn delete_network_insights_path(
        &mut self, context: &Context<'_>, id: &NetworkInsightsPathId,
    ) -> Result<(), Error> {
        self.network_insights_path(&context.scope, id)?;
        if self.network_insights_analyses_of(&context.scope, context.now).any(|analysis| analysis.path == *id) {
            let message = format!("The network insights path '{id}' has analyses. Delete them, and retry the request.");
            return Err(Error::refused("AnalysisExistsForNetworkInsightsPath", message));
        }
        self.network_insights_paths.remove(id);
        self.forget_tags(id.as_str());
        Ok(())
    }
}
