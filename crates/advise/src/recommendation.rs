//! What is recommended for one service, and why.

use std::fmt;

use serde::{Serialize, Serializer};
use sidegate_cost::{BreakEven, Money};
use sidegate_model::{Region, Service};

use crate::choice::Choice;
use crate::text::{counted, range};
use crate::workload::Volume;

/// The way that is recommended for a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recommendation {
    /// The service.
    #[serde(serialize_with = "crate::workload::service_name")]
    pub service: &'static Service,
    /// Its Region.
    pub region: Region,
    /// The traffic of a month in one VPC, from clients everywhere. `None` if nobody knows how much it is.
    pub bytes: Option<u64>,
    /// The way.
    pub choice: Choice,
    /// What there is of it already.
    pub state: State,
    /// Why.
    pub why: Vec<Reason>,
    /// What it costs in a month, in all VPCs that are alike. `None` if a price is missing.
    pub cost: Option<Money>,
    /// What it is instead of.
    pub instead: Option<Instead>,
    /// For which volumes of one VPC an endpoint costs no more than a NAT gateway that is there anyway.
    pub break_even: Option<BreakEven>,
    /// The traffic of the clients in the VPC, and of those outside.
    #[serde(skip)]
    pub volumes: (Volume, Volume),
}

/// What there is of a recommended way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Nothing: it is to be made.
    New,
    /// A part: a route table or a zone is missing.
    Extended,
    /// All.
    Present,
    /// Nothing is to be made.
    Kept,
}

/// A way that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Instead {
    /// The way.
    pub choice: Choice,
    /// What the same traffic would cost there. What a NAT gateway costs by the hour is not in it, since all share that.
    pub cost: Option<Money>,
}

/// Why a way is recommended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Gateway endpoints have no price.
    GatewayIsFree,
    /// The service has no gateway endpoint.
    OnlyInterface,
    /// The VPC has no way out.
    NoWayOut,
    /// It saves something against the NAT gateways that stay.
    CheaperThanNat {
        /// How much in a month.
        saved: Money,
    },
    /// With endpoints for all services the NAT gateways can go.
    NatGoes {
        /// How many.
        gateways: u32,
    },
    /// Clients outside of the VPC do not reach a gateway endpoint.
    OutsideNeedsInterface,
    /// Clients outside of the VPC reach no other way.
    OutsideIsServed,
    /// There is too little traffic for an endpoint.
    TooLittle {
        /// From which volumes one would pay.
        from: BreakEven,
    },
    /// Over an internet gateway, traffic to a service of the Region has no price.
    PublicIsFree,
    /// An endpoint of the service can lead to the other Region.
    CrossesRegions,
    /// Only a VPC in the other Region can have an endpoint that leads there.
    OnlyOverPeering,
    /// The Region has no endpoint of the service.
    NotInRegion,
    /// Nobody knows how much traffic there is.
    VolumeUnknown,
    /// A price is missing, so that the rule of thumb decides.
    PriceUnknown,
}

impl Reason {
    /// What JSON calls it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::GatewayIsFree => "gateway-is-free",
            Self::OnlyInterface => "only-interface",
            Self::NoWayOut => "no-way-out",
            Self::CheaperThanNat { .. } => "cheaper-than-nat",
            Self::NatGoes { .. } => "nat-goes",
            Self::OutsideNeedsInterface => "outside-needs-interface",
            Self::OutsideIsServed => "outside-is-served",
            Self::TooLittle { .. } => "too-little",
            Self::PublicIsFree => "public-is-free",
            Self::CrossesRegions => "crosses-regions",
            Self::OnlyOverPeering => "only-over-peering",
            Self::NotInRegion => "not-in-region",
            Self::VolumeUnknown => "volume-unknown",
            Self::PriceUnknown => "price-unknown",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::GatewayIsFree => "a gateway endpoint costs nothing",
            Self::OnlyInterface => "it has no gateway endpoint",
            Self::NoWayOut => "the VPC has no other way to it",
            Self::CheaperThanNat { saved } => return write!(f, "it saves ${} against NAT", saved.rounded(2)),
            Self::NatGoes { gateways } => {
                return write!(f, "{} can go", counted(*gateways, "NAT gateway"));
            }
            Self::OutsideNeedsInterface => "clients outside of the VPC do not reach a gateway endpoint",
            Self::OutsideIsServed => "clients outside of the VPC reach it too",
            Self::TooLittle { from } => {
                return match from.from() {
                    Some(_) => write!(f, "too little traffic: an endpoint pays {}", range(from)),
                    None => f.write_str("an endpoint never pays"),
                };
            }
            Self::PublicIsFree => "over the internet gateway it costs nothing in the Region",
            Self::CrossesRegions => "its endpoints can lead to other Regions",
            Self::OnlyOverPeering => "only a VPC in that Region can have an endpoint for it",
            Self::NotInRegion => "the Region has no endpoint for it",
            Self::VolumeUnknown => "how much traffic it has is not known",
            Self::PriceUnknown => "a price is missing, so that the rule of thumb decides",
        };
        f.write_str(text)
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut reason = serializer.serialize_struct("Reason", 2)?;
        reason.serialize_field("code", self.code())?;
        reason.serialize_field("text", &self.to_string())?;
        reason.end()
    }
}
