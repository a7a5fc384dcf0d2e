//! Traffic that is recorded at more than one interface on its way, and counts once.

use std::collections::BTreeMap;

use sidegate_advise::Volume;
use sidegate_model::{NatGatewayId, Region, VpcEndpointId};

/// What traffic passes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Passage {
    /// NAT gateways, or what else leads out where nobody says what.
    Nat {
        /// The VPC.
        vpc: String,
        /// The only NAT gateway that it can be.
        gateway: Option<NatGatewayId>,
    },
    /// A gateway endpoint.
    GatewayEndpoint {
        /// The VPC.
        vpc: String,
    },
    /// An internet gateway or an egress-only one, without a NAT gateway before it: from an interface with a public address, or
    /// over IPv6.
    Internet {
        /// The VPC.
        vpc: String,
        /// Whether it was over IPv6.
        is_ipv6: bool,
    },
    /// An interface endpoint.
    Endpoint {
        /// The endpoint.
        endpoint: VpcEndpointId,
        /// From where.
        from: Origin,
    },
}

/// Where the clients of an endpoint are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// In its VPC.
    Inside,
    /// In another one.
    Vpc(String),
    /// On premises, or nobody knows where.
    Elsewhere,
}

/// With whom it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum With {
    /// A service in a Region.
    Service(&'static str, Region),
    /// A service of AWS of which nobody said which.
    Unnamed,
    /// The internet, and what has no endpoint, by the name that is published of it.
    Other(Option<String>),
}

/// At whose interface it was recorded, in the order of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// That of the client.
    Client,
    /// That of a NAT gateway, or of something like it.
    Gateway,
    /// That of the endpoint.
    Endpoint,
}

/// Traffic by what it passes and with whom it is, as it was recorded at each place.
#[derive(Clone, Debug, Default)]
pub(super) struct Crossings {
    all: BTreeMap<(Passage, With), Recorded>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Recorded {
    places: [Volume; 3],
    /// What of the gateway's counts elsewhere, as that of clients in another VPC.
    elsewhere: Volume,
}

impl Crossings {
    /// Adds what was recorded at one of the places.
    pub(super) fn add(&mut self, passage: Passage, with: With, at: At, volume: Volume) {
        let [client, gateway, endpoint] = &mut self.all.entry((passage, with)).or_default().places;
        let own = match at {
            At::Client => client,
            At::Gateway => gateway,
            At::Endpoint => endpoint,
        };
        *own = own.plus(volume);
    }

    /// Adds what counts elsewhere of what was recorded at the gateway.
    pub(super) fn add_elsewhere(&mut self, passage: Passage, with: With, volume: Volume) {
        let own = self.all.entry((passage, with)).or_default();
        own.elsewhere = own.elsewhere.plus(volume);
    }

    /// What there was of each, and how many bytes were recorded again. What was recorded at one place is part of what was
    /// recorded at another, unless neither place is on the way of all; then more cannot be known.
    pub(super) fn once(self) -> impl Iterator<Item = (Passage, With, Volume, u64)> {
        self.all.into_iter().map(|((passage, with), recorded)| {
            let volume = recorded.once();
            let all = recorded.places.into_iter().fold(Volume::default(), Volume::plus);
            (passage, with, volume, all.total().saturating_sub(volume.total()))
        })
    }
}

impl Recorded {
    fn once(self) -> Volume {
        let Self { places: [client, gateway, endpoint], elsewhere } = self;
        let most = |of: fn(Volume) -> u64| of(client).max(of(gateway).saturating_sub(of(elsewhere))).max(of(endpoint));
        Volume { sent: most(|volume| volume.sent), received: most(|volume| volume.received) }
    }
}
