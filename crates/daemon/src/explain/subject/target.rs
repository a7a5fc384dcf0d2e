//! Targets: what the far end of a path stands for, with the port and the resource that follow from it.

use std::net::IpAddr;

use sidegate_model::{Catalog, Endpoint, Region, Service, VpcEndpointId};
use sidegate_plan::analyze::Goal;

use super::form::{self, Arn, Url};
use super::thing::{Kind, Thing};
use super::{End, SubjectError, Subjects};

/// The port of services.
const HTTPS: u16 = 443;

/// The far end of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// What the flow is for.
    pub(crate) goal: Goal,
    /// The port that was typed with it.
    pub(crate) port: Option<u16>,
    /// The port that its kind has if none is said.
    pub(crate) usual_port: Option<u16>,
    /// The ARN of the resource that it names.
    pub(crate) resource: Option<String>,
    /// The endpoint that it names, which the flow may reach or miss.
    pub(crate) endpoint: Option<VpcEndpointId>,
}

impl Target {
    const fn of(goal: Goal, port: Option<u16>, usual_port: Option<u16>) -> Self {
        Self { goal, port, usual_port, resource: None, endpoint: None }
    }

    /// Whether it is an IPv6 address.
    pub(crate) const fn is_ipv6(&self) -> bool {
        matches!(self.goal, Goal::Address(IpAddr::V6(_)))
    }
}

impl Subjects<'_> {
    /// Where a path leads: a service, a name, a URL, an address, an instance, an interface, an endpoint, or a resource of a
    /// service. Of ARNs, `action` tells the service where several have the same, as those of Bedrock.
    pub(crate) fn target(&self, text: &str, action: Option<&str>) -> Result<Target, SubjectError> {
        let text = text.trim();
        End::Target.is_said(text)?;
        if let Some(url) = form::url(text)? {
            return self.at_url(text, &url);
        }
        let known = |thing: Thing| self.thing_target(&thing, None);
        if let Some(arn) = form::arn(text)? {
            return match arn.service {
                "ec2" => self.sought(text, End::Target).and_then(known),
                _ => resource(text, &arn, action),
            };
        }
        if let Ok(address) = text.parse() {
            return Ok(Target::of(Goal::Address(address), None, None));
        }
        // A name may have a colon of its own.
        if !self.called(text).is_empty() && Catalog::named(text).is_none() {
            return self.sought(text, End::Target).and_then(known);
        }
        let place = form::place(text)?;
        self.at_place(place.host, place.port)
    }

    /// A host that is no URL.
    fn at_place(&self, host: &str, port: Option<u16>) -> Result<Target, SubjectError> {
        if let Ok(address) = host.parse() {
            return Ok(Target::of(Goal::Address(address), port, None));
        }
        if let Some(service) = Catalog::named(host) {
            return Ok(Target::of(Goal::Service(service.name.to_owned()), port, Some(HTTPS)));
        }
        let found = Region::all().find_map(|region| Some((region, Catalog::find(region, host)?)));
        if let Some((region, service)) = found {
            return Ok(Target::of(of_region(service, region), port, Some(HTTPS)));
        }
        match self.sought(host, End::Target) {
            Ok(thing) => self.thing_target(&thing, port),
            Err(SubjectError::Nothing { .. }) if form::is_name(host) => {
                Ok(Target::of(Goal::Name(host.to_owned()), port, Some(HTTPS)))
            }
            Err(error) => Err(error),
        }
    }

    fn at_url(&self, text: &str, url: &Url<'_>) -> Result<Target, SubjectError> {
        let host = url.place.host;
        if url.scheme.eq_ignore_ascii_case("s3") {
            let key = if url.path.is_empty() { host.to_owned() } else { format!("{host}/{}", url.path) };
            let target = Target::of(Goal::Service("s3".to_owned()), url.place.port, Some(HTTPS));
            return Ok(Target { resource: form::s3_arn(&key), ..target });
        }
        let usual = match url.scheme.to_ascii_lowercase().as_str() {
            "http" => Some(80),
            "https" => Some(HTTPS),
            _ => None,
        };
        let goal = match host.parse() {
            Ok(address) => Goal::Address(address),
            Err(_) if form::is_name(host) => Goal::Name(host.to_owned()),
            Err(_) => {
                let reason = format!("`{host}` is no name with a dot in it, and no address");
                return Err(SubjectError::Form { text: text.to_owned(), reason });
            }
        };
        Ok(Target { resource: form::s3_resource(host, url.path), ..Target::of(goal, url.place.port, usual) })
    }

    fn thing_target(&self, thing: &Thing, port: Option<u16>) -> Result<Target, SubjectError> {
        let wrong = || SubjectError::Kind { end: End::Target, thing: thing.clone() };
        let id = &thing.id;
        match thing.kind {
            Kind::Instance => Ok(Target::of(Goal::Instance(id.parse().map_err(|_| wrong())?), port, None)),
            Kind::Interface => Ok(Target::of(Goal::Interface(id.parse().map_err(|_| wrong())?), port, None)),
            Kind::Endpoint => {
                let own = id.parse().ok().and_then(|id| self.world.endpoints.get(&id)).ok_or_else(wrong)?;
                Ok(Target { endpoint: Some(own.id.clone()), ..Target::of(self.way_to(own), port, Some(HTTPS)) })
            }
            _ => Err(wrong()),
        }
    }

    /// What leads to an endpoint: the own name of an interface endpoint, the service of a gateway endpoint. Of a service that
    /// nobody knows an interface is enough.
    fn way_to(&self, endpoint: &Endpoint) -> Goal {
        let own = endpoint.own_names(self.world).into_iter().next();
        let interface = endpoint.interface().and_then(|own| own.interfaces.values().next());
        match (own, interface) {
            (Some((name, _)), _) => Goal::Name(name.replacen("*.", "bucket.", 1)),
            (None, Some(interface)) if endpoint.service().is_none() => Goal::Interface(interface.clone()),
            _ => Goal::Service(endpoint.service.clone()),
        }
    }
}

/// The service of a resource, in the resource's Region.
fn resource(text: &str, arn: &Arn<'_>, action: Option<&str>) -> Result<Target, SubjectError> {
    let service = service_of(arn, action).ok_or_else(|| SubjectError::Form {
        text: text.to_owned(),
        reason: format!("no service has ARNs of `{}`", arn.service),
    })?;
    let goal = match arn.region.parse() {
        Ok(region) => of_region(service, region),
        Err(_) if arn.region.is_empty() => Goal::Service(service.name.to_owned()),
        Err(_) => {
            let reason = format!("`{}` is no Region", arn.region);
            return Err(SubjectError::Form { text: text.to_owned(), reason });
        }
    };
    Ok(Target { resource: Some(text.to_owned()), ..Target::of(goal, None, Some(HTTPS)) })
}

/// The service whose API has these ARNs.
fn service_of(arn: &Arn<'_>, action: Option<&str>) -> Option<&'static Service> {
    // Bedrock's models are invoked at a service of their own, whose actions and ARNs are those of the first.
    let operation = action.and_then(|action| action.strip_prefix("bedrock:")).unwrap_or_default();
    if arn.service == "bedrock" && (operation.starts_with("Invoke") || operation.starts_with("Converse")) {
        return Catalog::named("bedrock-runtime");
    }
    let by_prefix = || Service::all().iter().find(|own| own.action_prefix() == arn.service);
    Catalog::named(arn.service).or_else(by_prefix)
}

/// A service in a Region: by the first of its names there that covers no others.
fn of_region(service: &Service, region: Region) -> Goal {
    let names = service.public_names(region).into_iter().chain(service.private_names(region));
    let own = names.filter(|name| !name.starts_with('*')).min_by_key(|name| !name.contains(region.as_str()));
    own.map_or_else(|| Goal::Service(service.name.to_owned()), Goal::Name)
}
