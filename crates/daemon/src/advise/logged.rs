//! What flow logs tell of traffic.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_advise::Volume;
use sidegate_import::flow_logs::{Direction, Family, Observed, Owner, Path, Peer, Row};
use sidegate_model::{Catalog, EndpointKind, NatGatewayId, Region, Service, SubnetId, VpcEndpointId, World};

use super::crossing::{At, Crossings, Origin, Passage, With};
use super::seen::Seen;
use super::told::Told;
use super::ways::{is_public, nat_of};

/// What the published ranges call services that have endpoints of another name: those whose ranges are of what clients ask,
/// and not of what the service comes from, as those of CodeBuild are.
const PUBLISHED: [(&str, &str); 2] = [("API_GATEWAY", "execute-api"), ("EBS", "ebs")];

/// The traffic that flow logs tell, and what is to be known of it. A Region is that of VPCs that the world does not have.
pub(crate) fn logged(observed: &Observed, world: &World, region: Option<Region>) -> (Seen, Vec<String>) {
    let mut log = Log::new(observed, world, region);
    for row in observed.rows.iter().filter(|row| row.accepted) {
        log.count(row);
    }
    log.finish()
}

/// Flow logs while they are gone through.
struct Log<'a> {
    observed: &'a Observed,
    world: &'a World,
    region: Option<Region>,
    /// The interfaces from which something went through an internet gateway: what comes back to them does not say so.
    public: BTreeSet<&'a str>,
    /// The interfaces and services between which something went through a gateway endpoint, for the same reason.
    by_endpoint: BTreeSet<(&'a str, &'a Peer)>,
    /// The VPCs of which each NAT gateway's traffic is told apart, at its own interface and at its clients'.
    with_gateways: BTreeSet<&'a str>,
    /// VPCs whose clients use a NAT gateway of another one, each with a row of that gateway's interface.
    hubs: BTreeMap<&'a str, &'a Row>,
    crossings: Crossings,
    seen: Seen,
    told: Told,
}

impl<'a> Log<'a> {
    fn new(observed: &'a Observed, world: &'a World, region: Option<Region>) -> Self {
        let of_clients = || observed.rows.iter().filter(|row| row.accepted && row.interface.owner.is_none());
        let by = |path: Path| of_clients().filter(move |row| row.path == Some(path));
        let mut log = Self {
            observed,
            world,
            region,
            public: by(Path::InternetGateway).map(|row| row.interface.id.as_str()).collect(),
            by_endpoint: by(Path::GatewayEndpoint).map(|row| (row.interface.id.as_str(), &row.peer)).collect(),
            with_gateways: BTreeSet::new(),
            hubs: observed.rows.iter().filter_map(|row| Some((served(row)?, row))).collect(),
            crossings: Crossings::default(),
            seen: Seen::default(),
            told: Told::default(),
        };
        let is_led = |row: &&Row| is_outward(row) && matches!(log.passage(row), Passage::Nat { .. });
        let is_unclear = |row: &&Row| match row.interface.owner {
            Some(Owner::Intermediate) => true,
            Some(_) => false,
            None => is_led(row) && log.gateway(row).is_none(),
        };
        let unclear: BTreeSet<&str> = observed.rows.iter().filter(is_unclear).map(vpc).collect();
        log.with_gateways = observed.rows.iter().map(vpc).filter(|vpc| !unclear.contains(vpc)).collect();
        log
    }

    /// Counts a row.
    fn count(&mut self, row: &Row) {
        let own = volume(row);
        let turned = Volume { sent: own.received, received: own.sent };
        match &row.interface.owner {
            // At an endpoint's own interface the client is the other end.
            Some(Owner::Endpoint(id)) => self.count_at_endpoint(id, row, turned),
            Some(Owner::NatGateway(_) | Owner::Intermediate) => self.count_at_gateway(row, own),
            None => {
                match &row.peer {
                    Peer::Endpoint { endpoint, .. } => self.with_endpoint(endpoint, row, At::Client, own),
                    _ if is_outward(row) => self.count_at_client(row, own),
                    Peer::Local => return,
                    // What talks within the VPC alone, such as a database, needs no way to a service.
                    _ => {
                        self.told.private = self.told.private.saturating_add(row.totals.bytes);
                        return;
                    }
                }
                self.seen.of(vpc(row)).subnets.extend(row.interface.subnet.clone());
            }
        }
    }

    fn count_at_client(&mut self, row: &Row, volume: Volume) {
        let (passage, with) = (self.passage(row), self.with(row));
        if let (Passage::Nat { gateway: None, .. }, Some(hub)) = (&passage, self.hubs.get(vpc(row))) {
            self.crossings.add_elsewhere(self.nat(hub), with.clone(), volume);
        }
        self.crossings.add(passage, with, At::Client, volume);
    }

    fn count_at_gateway(&mut self, row: &Row, volume: Volume) {
        if let Peer::Endpoint { endpoint, .. } = &row.peer {
            return self.with_endpoint(endpoint, row, At::Gateway, volume);
        }
        let passage = match (row.family, &row.interface.owner) {
            // What comes from clients goes on to where it is counted.
            _ if !is_outward(row) => return,
            (Family::Ipv4, _) => self.nat(row),
            (Family::Ipv6, Some(Owner::Intermediate)) => Passage::Internet { vpc: vpc(row).to_owned(), is_ipv6: true },
            // Over IPv6 a NAT gateway has what it translates, which goes on over IPv4.
            _ => return,
        };
        self.crossings.add(passage, self.with(row), At::Gateway, volume);
    }

    fn count_at_endpoint(&mut self, id: &VpcEndpointId, row: &Row, volume: Volume) {
        let home = self.world.endpoints.get(id).map(|endpoint| endpoint.vpc.as_str());
        let from = match &row.peer {
            Peer::Vpc { vpc } if Some(vpc.as_str()) == home => Origin::Inside,
            Peer::Vpc { vpc } => Origin::Vpc(vpc.to_string()),
            Peer::Private | Peer::Service { .. } | Peer::Internet => Origin::Elsewhere,
            Peer::Endpoint { .. } | Peer::Untold => Origin::Inside,
            Peer::Local => return,
        };
        self.add_to_endpoint(id, from, At::Endpoint, volume);
    }

    /// Counts what an interface that is not the endpoint's had with it.
    fn with_endpoint(&mut self, id: &VpcEndpointId, row: &Row, at: At, volume: Volume) {
        let home = self.world.endpoints.get(id).map(|endpoint| endpoint.vpc.as_str());
        let from = match row.interface.vpc.as_deref() {
            Some(vpc) if Some(vpc) != home => Origin::Vpc(vpc.to_owned()),
            Some(_) | None => Origin::Inside,
        };
        self.add_to_endpoint(id, from, at, volume);
    }

    fn add_to_endpoint(&mut self, id: &VpcEndpointId, from: Origin, at: At, volume: Volume) {
        let known = self.world.endpoints.get(id);
        let Some((service, region)) = known.and_then(|own| Some((own.service()?.name, own.scope.region))) else {
            self.told.unknown = self.told.unknown.saturating_add(volume.total());
            return;
        };
        let passage = Passage::Endpoint { endpoint: id.clone(), from };
        self.crossings.add(passage, With::Service(service, region), at, volume);
    }

    /// What traffic of a client passes on its way out: by what the log says, or else by the routes of its subnet.
    fn passage(&self, row: &Row) -> Passage {
        let Row { interface, peer, path, family, .. } = row;
        let owned = || vpc(row).to_owned();
        let subnet = interface.subnet.as_deref().and_then(|id| id.parse::<SubnetId>().ok());
        let is_back = path.is_none() && self.by_endpoint.contains(&(interface.id.as_str(), peer));
        let is_routed = || subnet.as_ref().is_some_and(|id| has_gateway_endpoint(self.world, id, row));
        let may_be_nat = || *family != Family::Ipv6 && self.gateway(row).is_some();
        let by_endpoint = match path {
            Some(Path::GatewayEndpoint) => true,
            // The routes are those of today, and the log may be older than the endpoint.
            Some(Path::Other) | None => is_back || (is_routed() && !may_be_nat()),
            Some(Path::InternetGatewayOrEndpoint) => is_routed(),
            Some(_) => false,
        };
        if by_endpoint {
            return Passage::GatewayEndpoint { vpc: owned() };
        }
        let is_ipv6 = *family == Family::Ipv6;
        let is_public = match path {
            Some(Path::InternetGateway | Path::InternetGatewayOrEndpoint) => true,
            Some(Path::Other) | None => {
                let is_routed = subnet.as_ref().is_some_and(|id| is_public(self.world, id));
                *family == Family::Ipv4 && (is_routed || self.public.contains(interface.id.as_str()))
            }
            Some(_) => false,
        };
        if is_ipv6 || is_public {
            return Passage::Internet { vpc: owned(), is_ipv6 };
        }
        self.nat(row)
    }

    /// NAT gateways: the one, if those of the VPC are told apart.
    fn nat(&self, row: &Row) -> Passage {
        let gateway = self.gateway(row).filter(|_| self.with_gateways.contains(vpc(row)));
        Passage::Nat { vpc: vpc(row).to_owned(), gateway }
    }

    /// The NAT gateway whose interface it is, or that the client's subnet is routed to.
    fn gateway(&self, row: &Row) -> Option<NatGatewayId> {
        match &row.interface.owner {
            Some(Owner::NatGateway(id)) => Some(id.clone()),
            Some(_) => None,
            None => nat_of(self.world, &row.interface.subnet.as_deref()?.parse().ok()?),
        }
    }

    /// With whom traffic out of a VPC is.
    fn with(&self, row: &Row) -> With {
        let Peer::Service { service, region } = &row.peer else { return With::Other(None) };
        if service == "AMAZON" {
            return With::Unnamed;
        }
        // What is in no Region of its own, and what the log names without one, is where the VPC is.
        let region = match region.as_deref() {
            None | Some("GLOBAL") => region_of(self.world, vpc(row)).or(self.region).ok_or(""),
            Some(name) => name.parse::<Region>().map_err(|_| name),
        };
        match (published(service), region) {
            (Some(service), Ok(region)) => With::Service(service.name, region),
            (Some(_), Err(name)) if !name.is_empty() => With::Other(Some(format!("{service} in {name}"))),
            _ => With::Other(Some(service.clone())),
        }
    }

    /// The traffic, and what is to be known of it.
    fn finish(self) -> (Seen, Vec<String>) {
        let Self { observed, world, crossings, mut seen, mut told, .. } = self;
        for (passage, with, volume, again) in crossings.once() {
            told.repeated = told.repeated.saturating_add(again);
            if let With::Other(Some(name)) = &with {
                let bytes = told.elsewhere.entry(name.clone()).or_default();
                *bytes = bytes.saturating_add(volume.total());
            }
            match passage {
                Passage::Nat { vpc, .. } | Passage::GatewayEndpoint { vpc } => seen.of(&vpc).led.count(&with, volume),
                Passage::Internet { vpc, is_ipv6 } => {
                    let own = seen.of(&vpc);
                    own.direct.count(&with, volume);
                    let bytes = if is_ipv6 { volume.total() } else { 0 };
                    own.over_ipv6 = own.over_ipv6.saturating_add(bytes);
                }
                Passage::Endpoint { endpoint, from } => {
                    let (Some(endpoint), With::Service(service, region)) = (world.endpoints.get(&endpoint), &with)
                    else {
                        continue;
                    };
                    let own = seen.of(endpoint.vpc.as_str());
                    match from {
                        Origin::Inside => own.led.add(service, *region, volume),
                        Origin::Vpc(_) => own.outside(service, *region).add_peered(volume),
                        Origin::Elsewhere => own.outside(service, *region).add_on_premises(volume),
                    }
                }
            }
        }
        told.is_alone = world.vpcs.iter().next().is_none();
        let remarks = told.remarks(observed);
        (seen, remarks)
    }
}

/// The VPC of a row's interface; empty where nobody says which.
fn vpc(row: &Row) -> &str {
    row.interface.vpc.as_deref().unwrap_or_default()
}

/// The VPC of clients whose traffic the NAT gateway of another one passes on.
fn served(row: &Row) -> Option<&str> {
    let (Peer::Vpc { vpc: client }, Some(Owner::NatGateway(_) | Owner::Intermediate)) =
        (&row.peer, &row.interface.owner)
    else {
        return None;
    };
    Some(client.as_str()).filter(|client| row.accepted && *client != vpc(row))
}

/// What went in each direction. Where none is told the peer is the destination.
fn volume(row: &Row) -> Volume {
    let bytes = row.totals.bytes;
    match row.direction {
        Some(Direction::Ingress) => Volume { sent: 0, received: bytes },
        Some(Direction::Egress) | None => Volume { sent: bytes, received: 0 },
    }
}

/// Whether the other end has a public address.
fn is_outward(row: &Row) -> bool {
    matches!(row.peer, Peer::Service { .. } | Peer::Internet)
}

/// Whether a subnet is routed to a gateway endpoint of the service at the other end, for addresses of its family.
fn has_gateway_endpoint(world: &World, subnet: &SubnetId, row: &Row) -> bool {
    let (Peer::Service { service, region }, Some((table, _))) = (&row.peer, world.route_table_of(subnet)) else {
        return false;
    };
    world.endpoints.iter().any(|endpoint| {
        let is_here = region.as_ref().is_none_or(|region| region == endpoint.scope.region.as_str());
        let is_its = is_here && endpoint.service().is_some_and(|own| own.name == service);
        let has_family = match row.family {
            Family::Ipv4 => endpoint.ip_address_type.has_ipv4(),
            Family::Ipv6 => endpoint.ip_address_type.has_ipv6(),
            Family::Translated => false,
        };
        let is_routed =
            || matches!(&endpoint.kind, EndpointKind::Gateway { route_tables } if route_tables.contains(&table.id));
        is_its && has_family && is_routed()
    })
}

/// The Region of a VPC of the world.
fn region_of(world: &World, vpc: &str) -> Option<Region> {
    world.vpcs.get(&vpc.parse().ok()?).map(|vpc| vpc.scope.region)
}

/// The service that published ranges, or emulated addresses, name.
fn published(name: &str) -> Option<&'static Service> {
    let other = PUBLISHED.iter().find(|(published, _)| *published == name).map(|(_, name)| *name);
    Catalog::named(other.unwrap_or(name))
}
