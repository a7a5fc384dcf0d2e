//! What is needed, and what is there already.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sidegate_model::{
    Catalog, Ipv4Cidr, NatGatewayId, Region, RouteTableId, Service, SubnetId, VpcEndpointId, VpcId, Zone,
};

/// The VPCs of an account in a Region, and the services that they use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// The Region.
    pub region: Region,
    /// The VPCs.
    pub networks: Vec<Network>,
    /// Whether the VPCs are attached to a transit gateway for other traffic anyway.
    pub is_attached: bool,
}

/// A VPC, or several that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// What people call it.
    pub name: String,
    /// Its id, where there is one already.
    pub id: Option<VpcId>,
    /// Its blocks of addresses, as far as they are known.
    pub blocks: Vec<Ipv4Cidr>,
    /// How many VPCs are like it, this one included. Each has the whole of its traffic.
    pub count: u32,
    /// The subnets with clients.
    pub subnets: Vec<Subnet>,
    /// What leads to public addresses.
    pub egress: Egress,
    /// The services that clients use.
    pub needs: Vec<Need>,
    /// The bytes of a month, in both directions, between clients and what no endpoint leads to.
    pub other: u64,
    /// The bytes of a month, in both directions, between clients and services of AWS of which nobody said which.
    pub unnamed: u64,
    /// The endpoints that it has.
    pub endpoints: Vec<Present>,
    /// The NAT gateways that it has and that are not what leads all clients to public addresses.
    pub further_nat: Vec<FurtherNat>,
    /// Whether both DNS attributes are on, which endpoints need.
    pub has_dns: bool,
    /// What clients outside may come over, such as a peering connection, by its id.
    pub joined: Vec<String>,
}

/// A subnet with clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// Its id, where there is one already.
    pub id: Option<SubnetId>,
    /// Its zone.
    pub zone: Zone,
    /// The route table that it is routed by, where there is one already.
    pub table: Option<RouteTableId>,
}

/// What leads from a VPC to public addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "egress")]
pub enum Egress {
    /// Nothing, and nothing is wanted: the network is private.
    Closed,
    /// NAT gateways.
    Nat(Nat),
    /// An internet gateway, to which clients with public addresses of their own are routed.
    InternetGateway,
}

/// The NAT gateways of a VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Nat {
    /// How many there are, or would be.
    pub gateways: u32,
    /// Whether they are there.
    pub exist: bool,
    /// Whether they stay whatever becomes of the services' traffic.
    pub stay: bool,
    /// Whether clients are in other zones than their NAT gateway.
    pub crosses_zones: bool,
}

/// A NAT gateway that is there, and no way that counts: not all clients are routed by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FurtherNat {
    /// Its id.
    pub id: NatGatewayId,
    /// How many public addresses it has.
    pub addresses: u32,
    /// Whether any subnet is routed by it.
    pub is_used: bool,
}

/// A service that clients use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// The service.
    #[serde(serialize_with = "service_name", deserialize_with = "named")]
    pub service: &'static Service,
    /// Its Region, which may be another one.
    pub region: Region,
    /// The traffic of a month with clients in the VPC. `None` if nobody knows how much it is.
    pub volume: Option<Volume>,
    /// The traffic of a month with clients on premises, who come over a VPN or Direct Connect.
    pub on_premises: Volume,
    /// The traffic of a month with clients in peered VPCs.
    pub peered: Volume,
}

/// Bytes of a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Volume {
    /// What clients send.
    pub sent: u64,
    /// What they receive.
    pub received: u64,
}

/// An endpoint that a VPC has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// Its id.
    pub id: VpcEndpointId,
    /// Its service.
    #[serde(serialize_with = "service_name", deserialize_with = "named")]
    pub service: &'static Service,
    /// Its kind.
    pub kind: PresentKind,
}

/// The kind of an endpoint that a VPC has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PresentKind {
    /// A gateway endpoint.
    Gateway {
        /// The route tables that lead to it.
        tables: BTreeSet<RouteTableId>,
    },
    /// An interface endpoint.
    Interface {
        /// The zones that it is in.
        zones: BTreeSet<Zone>,
        /// Whether the service's own names lead to it in the VPC.
        takes_names: bool,
        /// Whether traffic of clients in the VPC was seen at it, whatever names led there.
        is_seen: bool,
    },
}

impl Workload {
    /// How many VPCs there are.
    pub fn vpcs(&self) -> u32 {
        self.networks.iter().fold(0, |sum, network| sum.saturating_add(network.count))
    }
}

impl Network {
    /// The zones with clients.
    pub fn zones(&self) -> BTreeSet<Zone> {
        self.subnets.iter().map(|subnet| subnet.zone).collect()
    }

    /// How many those are. A VPC without a client has none, and is counted as if it had clients in one.
    pub(crate) fn zone_count(&self) -> u32 {
        u32::try_from(self.zones().len()).unwrap_or(u32::MAX).max(1)
    }

    /// A subnet of each zone: an endpoint has at most one there.
    pub(crate) fn one_subnet_each(&self) -> Vec<&Subnet> {
        let zones = self.zones().into_iter();
        zones.filter_map(|zone| self.subnets.iter().find(|subnet| subnet.zone == zone)).collect()
    }

    /// The NAT gateways that stand for the way over public addresses: those that are there, or else one in each zone that
    /// would have to be made.
    pub(crate) fn nat(&self) -> Nat {
        match self.egress {
            Egress::Nat(nat) => nat,
            Egress::Closed | Egress::InternetGateway => {
                Nat { gateways: self.zone_count(), exist: false, stay: false, crosses_zones: false }
            }
        }
    }

    /// The endpoints that it has for a service.
    pub(crate) fn present(&self, service: &'static Service) -> impl Iterator<Item = &Present> {
        self.endpoints.iter().filter(move |present| present.service.name == service.name)
    }

    /// The interface endpoints that it has for a service and that are worth keeping: the one that clients are led to, and
    /// those in zones with clients where no other is.
    pub(crate) fn kept(&self, service: &'static Service) -> Vec<&Present> {
        let mut all: Vec<&Present> = self.present(service).filter(|present| present.is_interface()).collect();
        all.sort_by_key(|present| !present.leads(self));
        let with_clients = self.zones();
        let mut kept: Vec<&Present> = Vec::new();
        let mut covered: BTreeSet<Zone> = BTreeSet::new();
        for present in all {
            let zones = present.zones();
            if kept.is_empty() || zones.iter().any(|zone| with_clients.contains(zone) && !covered.contains(zone)) {
                covered.extend(zones);
                kept.push(present);
            }
        }
        kept
    }

    /// Whether an interface endpoint that it has is one of those.
    pub(crate) fn keeps(&self, present: &Present) -> bool {
        self.kept(present.service).iter().any(|kept| kept.id == present.id)
    }
}

impl Present {
    /// Whether it is an interface endpoint.
    pub(crate) fn is_interface(&self) -> bool {
        matches!(self.kind, PresentKind::Interface { .. })
    }

    /// The zones that it is in; a gateway endpoint is in none.
    pub(crate) fn zones(&self) -> BTreeSet<Zone> {
        match &self.kind {
            PresentKind::Gateway { .. } => BTreeSet::new(),
            PresentKind::Interface { zones, .. } => zones.clone(),
        }
    }

    /// Whether clients in the VPC are led to it: by the service's names, or by a route table that any of them is routed by.
    pub(crate) fn leads(&self, network: &Network) -> bool {
        match &self.kind {
            PresentKind::Gateway { tables } => {
                let mut of_clients = network.subnets.iter().map(|subnet| subnet.table.as_ref());
                network.subnets.is_empty() || of_clients.any(|table| table.is_none_or(|table| tables.contains(table)))
            }
            PresentKind::Interface { takes_names, is_seen, .. } => *takes_names || *is_seen,
        }
    }
}

impl Need {
    /// One of the VPC's own Region, for clients in the VPC alone.
    pub fn here(service: &'static Service, region: Region, volume: Option<Volume>) -> Self {
        Self { service, region, volume, on_premises: Volume::default(), peered: Volume::default() }
    }

    /// The traffic with clients in the VPC; nothing if it is not known.
    pub fn inside(&self) -> Volume {
        self.volume.unwrap_or_default()
    }

    /// The traffic with clients elsewhere.
    pub fn outside(&self) -> Volume {
        self.on_premises.plus(self.peered)
    }
}

impl Volume {
    /// Bytes in both directions together.
    pub fn total(self) -> u64 {
        self.sent.saturating_add(self.received)
    }

    /// Whether there is none.
    pub fn is_none(self) -> bool {
        self.total() == 0
    }

    /// This and another.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { sent: self.sent.saturating_add(other.sent), received: self.received.saturating_add(other.received) }
    }

    /// So many times this.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        Self { sent: self.sent.saturating_mul(count.into()), received: self.received.saturating_mul(count.into()) }
    }
}

/// A service in JSON: its short name.
pub(crate) fn service_name<S: Serializer>(service: &Service, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(service.name)
}

/// The service with a short name.
fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static Service, D::Error> {
    let name = String::deserialize(deserializer)?;
    Catalog::named(&name).ok_or_else(|| serde::de::Error::custom(format!("`{name}` is no service")))
}

/// A zone in JSON: its name.
pub(crate) fn zone_names<S: Serializer>(zones: &BTreeSet<Zone>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(zones.iter().map(|zone| zone.name()))
}
