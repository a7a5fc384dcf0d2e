//! Customer gateways: none, since no VPN connection can be made that leads to one.
//!
//! Source: EC2 API reference, DescribeCustomerGateways.

use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::Filters;
use super::ids::Nothing;

/// The filters of DescribeCustomerGateways.
const FILTERS: &[&str] = &["bgp-asn", "customer-gateway-id", "ip-address", "state", "tag-key", "tag:", "type"];

/// Customer gateways that a request names.
const NONE: Nothing = Nothing {
    prefix: "cgw-",
    noun: "customerGateway ID",
    malformed: "InvalidCustomerGatewayId.Malformed",
    missing: "InvalidCustomerGatewayID.NotFound",
};

impl Action for ec2::DescribeCustomerGatewaysRequest {
    type Answer = ec2::DescribeCustomerGatewaysResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, _: &Call<'_>) -> Result<ec2::DescribeCustomerGatewaysResult, Failure> {
        Filters::read(&self.filters, FILTERS)?;
        NONE.refuse(&self.customer_gateway_ids)?;
        Ok(ec2::DescribeCustomerGatewaysResult::default())
    }
}
