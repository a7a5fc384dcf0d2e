//! Ways to a service: what the same traffic uses on each.

use serde::{Deserialize, Serialize};
use sidegate_model::Region;

use crate::{Curve, Item, NoPrice, Prices, Usage};

/// The traffic of a month between clients and a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// The Region of the clients.
    pub region: Region,
    /// The Region of the service.
    pub service: Region,
    /// The bytes that clients send.
    pub sent: u64,
    /// The bytes that they receive.
    pub received: u64,
}

/// A way from the subnets of VPCs to a service.
///
/// What is there anyway costs nothing more: a NAT gateway that stays, a transit gateway that other traffic has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "way")]
pub enum Way {
    /// Gateway endpoints: of S3 and DynamoDB, in the same Region.
    GatewayEndpoint,
    /// An internet gateway, with public addresses.
    InternetGateway {
        /// How many addresses are there for this alone.
        addresses: u32,
    },
    /// Interface endpoints in each VPC.
    InterfaceEndpoints {
        /// How many in each VPC: one for each service.
        endpoints: u32,
        /// In how many zones each is.
        zones: u32,
        /// How many VPCs have them.
        vpcs: u32,
    },
    /// Public NAT gateways, each with a public address.
    NatGateways {
        /// How many are there for this alone.
        gateways: u32,
        /// Whether clients are in other zones than their NAT gateway.
        crosses_zones: bool,
    },
    /// Interface endpoints in one VPC, for all that are attached to a transit gateway.
    TransitGatewayHub {
        /// How many endpoints.
        endpoints: u32,
        /// In how many zones each is.
        zones: u32,
        /// How many attachments are there for this alone; that of the VPC with the endpoints is one more.
        attachments: u32,
    },
    /// Interface endpoints in one VPC, for all that are peered with it.
    PeeringHub {
        /// How many endpoints.
        endpoints: u32,
        /// In how many zones each is.
        zones: u32,
        /// Whether clients are in other zones than the interface of the endpoint that they use.
        crosses_zones: bool,
    },
}

/// Why traffic cannot take a way, or has no cost.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WayError {
    /// Gateway endpoints lead to services of their own Region alone, and transit gateways end there.
    #[error("the way leads to no service in another Region: the clients are in {region}, the service is in {service}")]
    OtherRegion {
        /// The Region of the clients.
        region: Region,
        /// The Region of the service.
        service: Region,
    },
    /// There is no price.
    #[error(transparent)]
    NoPrice(#[from] NoPrice),
}

impl Way {
    /// What the traffic of a month uses on this way, where what it needs is there for so many hours.
    ///
    /// # Errors
    /// [`WayError::OtherRegion`] if it does not lead there.
    pub fn usage(&self, traffic: &Traffic, hours: u64) -> Result<Usage, WayError> {
        let Traffic { region, service, sent, received } = *traffic;
        let is_abroad = region != service;
        if is_abroad && matches!(self, Self::GatewayEndpoint | Self::TransitGatewayHub { .. }) {
            return Err(WayError::OtherRegion { region, service });
        }
        let mut usage = Usage::default();
        let mut add = |region, item, quantity| usage.add_to(crate::Metered { region, item, to: None }, None, quantity);
        // A hub that is reached by peering is where the service is.
        let of_endpoints = if matches!(self, Self::PeeringHub { .. }) { service } else { region };
        for (item, count) in self.standing() {
            add(of_endpoints, item, u128::from(count) * u128::from(hours));
        }
        let bytes = u128::from(sent) + u128::from(received);
        for (item, times) in self.rates() {
            let is_peering = matches!(item, Item::PeeringDataOut | Item::PeeringDataIn);
            if !(is_abroad && is_peering) {
                add(of_endpoints, item, bytes * u128::from(times));
            }
        }
        if is_abroad {
            usage.add_between(region, service, sent);
            usage.add_between(service, region, received);
        }
        Ok(usage)
    }

    /// What this way costs in so many hours, by the bytes of both directions, for clients and a service in one Region. What
    /// it uses none of needs no price.
    ///
    /// # Errors
    /// [`NoPrice`] for the first item that has none.
    pub fn curve(&self, prices: &Prices, region: Region, hours: u64) -> Result<Curve, NoPrice> {
        let mut fixed = Vec::new();
        for (item, count) in self.standing().into_iter().filter(|(_, count)| *count > 0) {
            fixed.push(prices.of(&item, region)?.cost(u128::from(count) * u128::from(hours)));
        }
        let mut curve = Curve::flat(fixed.into_iter().sum());
        for (item, times) in self.rates().into_iter().filter(|(_, times)| *times > 0) {
            curve.add(prices.of(&item, region)?, times);
        }
        Ok(curve)
    }

    /// What is paid by the hour, and how many of it there are. Each item is named once.
    fn standing(&self) -> Vec<(Item, u64)> {
        let product = |a: u32, b: u32| u64::from(a) * u64::from(b);
        match *self {
            Self::GatewayEndpoint => vec![(Item::GatewayEndpointHour, 1)],
            Self::InternetGateway { addresses } => vec![(Item::PublicAddressHour, addresses.into())],
            Self::InterfaceEndpoints { endpoints, zones, vpcs } => {
                vec![(Item::InterfaceEndpointHour, product(endpoints, zones).saturating_mul(vpcs.into()))]
            }
            // Each has a public address, which AWS bills by itself.
            Self::NatGateways { gateways, .. } => {
                vec![(Item::NatGatewayHour, gateways.into()), (Item::PublicAddressHour, gateways.into())]
            }
            Self::TransitGatewayHub { endpoints, zones, attachments } => vec![
                (Item::InterfaceEndpointHour, product(endpoints, zones)),
                (Item::TransitGatewayHour, attachments.into()),
            ],
            Self::PeeringHub { endpoints, zones, .. } => {
                vec![(Item::InterfaceEndpointHour, product(endpoints, zones))]
            }
        }
    }

    /// What is paid by the gigabyte, and how many times each byte is counted.
    fn rates(&self) -> Vec<(Item, u64)> {
        match *self {
            Self::GatewayEndpoint => vec![(Item::GatewayEndpointData, 1)],
            Self::InternetGateway { .. } => Vec::new(),
            Self::InterfaceEndpoints { .. } => vec![(Item::InterfaceEndpointData, 1)],
            // What goes to another zone is paid for where it is sent and where it is received.
            Self::NatGateways { crosses_zones, .. } => {
                vec![(Item::NatGatewayData, 1), (Item::ZoneData, if crosses_zones { 2 } else { 0 })]
            }
            // Each attachment pays for what it sends: that of the clients one direction, that of the endpoints the other.
            Self::TransitGatewayHub { .. } => vec![(Item::InterfaceEndpointData, 1), (Item::TransitGatewayData, 1)],
            Self::PeeringHub { crosses_zones, .. } => {
                let crossing = u64::from(crosses_zones);
                vec![
                    (Item::InterfaceEndpointData, 1),
                    (Item::PeeringDataOut, crossing),
                    (Item::PeeringDataIn, crossing),
                ]
            }
        }
    }
}

#[cfg(test)]
mod tests;
