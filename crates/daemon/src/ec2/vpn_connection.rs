//! VPN connections: none. A virtual private gateway has nothing behind it.
//!
//! Source: EC2 API reference, DescribeVpnConnections.

use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::Filters;
use super::ids::Nothing;

/// The filters of DescribeVpnConnections.
const FILTERS: &[&str] = &[
    "bgp-asn",
    "customer-gateway-configuration",
    "customer-gateway-id",
    "option.static-routes-only",
    "route.destination-cidr-block",
    "state",
    "tag-key",
    "tag:",
    "transit-gateway-id",
    "type",
    "vpn-connection-id",
    "vpn-gateway-id",
];

/// VPN connections that a request names.
const NONE: Nothing = Nothing {
    prefix: "vpn-",
    noun: "vpnConnection ID",
    malformed: "InvalidVpnConnectionID",
    missing: "InvalidVpnConnectionID.NotFound",
};

impl Action for ec2::DescribeVpnConnectionsRequest {
    type Answer = ec2::DescribeVpnConnectionsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, _: &Call<'_>) -> Result<ec2::DescribeVpnConnectionsResult, Failure> {
        Filters::read(&self.filters, FILTERS)?;
        NONE.refuse(&self.vpn_connection_ids)?;
        Ok(ec2::DescribeVpnConnectionsResult::default())
    }
}
