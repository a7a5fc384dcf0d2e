//! Connections of endpoints to endpoint services of the account: none, since it has no such services.
//!
//! Source: EC2 API reference, DescribeVpcEndpointConnections.

use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::Filters;

/// The filters of DescribeVpcEndpointConnections.
const FILTERS: &[&str] = &[
    "ip-address-type",
    "service-id",
    "vpc-endpoint-id",
    "vpc-endpoint-owner",
    "vpc-endpoint-region",
    "vpc-endpoint-state",
];

impl Action for ec2::DescribeVpcEndpointConnectionsRequest {
    type Answer = ec2::DescribeVpcEndpointConnectionsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeVpcEndpointConnectionsResult, Failure> {
        Filters::read(&self.filters, FILTERS)?;
        call.no_page(self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(ec2::DescribeVpcEndpointConnectionsResult::default())
    }
}
