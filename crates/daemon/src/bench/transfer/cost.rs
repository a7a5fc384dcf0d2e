//! What AWS charges for the ways from a subnet to S3, and how long a data set takes on each. Pure.

use std::time::Duration;

/// The data set that is priced: ten terabytes, in the gigabytes of a bill, of which we take 1,000 for a terabyte.
pub(super) const GIGABYTES: f64 = 10_000.0;

/// A way to S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    GatewayEndpoint,
    InterfaceEndpoint,
    NatGateway,
}

/// What is charged, in US dollars, in one zone of us-east-1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Price {
    pub(super) per_hour: f64,
    pub(super) per_gigabyte: f64,
}

/// What the data set costs, in US dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bill {
    pub(super) data: f64,
    pub(super) hours: f64,
}

impl Way {
    pub(super) const ALL: [Self; 3] = [Self::GatewayEndpoint, Self::InterfaceEndpoint, Self::NatGateway];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::GatewayEndpoint => "gateway endpoint",
            Self::InterfaceEndpoint => "interface endpoint",
            Self::NatGateway => "NAT gateway",
        }
    }

    /// Source: VPC pricing page, "NAT gateway", and PrivateLink pricing page, "Interface endpoints" (the first petabyte of a
    /// month), us-east-1, as of 2026-09; VPC user guide, "Gateway endpoints": they cost nothing. Bytes between S3 and
    /// its own Region cost nothing besides.
    pub(super) fn price(self) -> Price {
        match self {
            Self::GatewayEndpoint => Price { per_hour: 0.0, per_gigabyte: 0.0 },
            Self::InterfaceEndpoint => Price { per_hour: 0.01, per_gigabyte: 0.01 },
            Self::NatGateway => Price { per_hour: 0.045, per_gigabyte: 0.045 },
        }
    }

    /// What the data set costs if it takes so long. An hour that has begun is charged whole.
    ///
    /// Source: VPC pricing page and PrivateLink pricing page: "each partial hour is billed as a full hour".
    pub(super) fn bill(self, took: Duration) -> Bill {
        let Price { per_hour, per_gigabyte } = self.price();
        Bill { data: per_gigabyte * GIGABYTES, hours: per_hour * (took.as_secs_f64() / 3600.0).ceil() }
    }
}

/// How long the data set takes at so many gigabytes a second.
pub(super) fn duration(speed: f64) -> Duration {
    Duration::try_from_secs_f64(GIGABYTES / speed).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_terabytes_cost_nothing_by_a_gateway_endpoint_and_most_by_a_nat_gateway() {
        let took = duration(1.0);
        assert_eq!(took, Duration::from_secs(10_000));
        assert_eq!(Way::GatewayEndpoint.bill(took), Bill { data: 0.0, hours: 0.0 });
        assert_eq!(Way::InterfaceEndpoint.bill(took), Bill { data: 100.0, hours: 0.03 });
        let nat = Way::NatGateway.bill(took);
        assert_eq!(nat.data, 450.0);
        assert!((nat.hours - 0.135).abs() < 1e-9);
    }

    #[test]
    fn no_speed_takes_for_ever() {
        assert_eq!(duration(0.0), Duration::MAX);
    }
}
