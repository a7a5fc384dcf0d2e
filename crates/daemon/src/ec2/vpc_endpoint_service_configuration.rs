//! Endpoint services of the account: none, since they cannot be made here.
//!
//! Source: EC2 API reference, DescribeVpcEndpointServiceConfigurations.

use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::Filters;
use super::ids::Nothing;

/// The filters of DescribeVpcEndpointServiceConfigurations.
const FILTERS: &[&str] =
    &["service-id", "service-name", "service-state", "supported-ip-address-types", "tag-key", "tag:"];

/// Endpoint services that a request names.
const NONE: Nothing = Nothing {
    prefix: "vpce-svc-",
    noun: "VpcEndpointService Id",
    malformed: "InvalidVpcEndpointServiceId.Malformed",
    missing: "InvalidVpcEndpointServiceId.NotFound",
};

impl Action for ec2::DescribeVpcEndpointServiceConfigurationsRequest {
    type Answer = ec2::DescribeVpcEndpointServiceConfigurationsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeVpcEndpointServiceConfigurationsResult, Failure> {
        Filters::read(&self.filters, FILTERS)?;
        NONE.refuse(&self.service_ids)?;
        call.no_page(self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(ec2::DescribeVpcEndpointServiceConfigurationsResult::default())
    }
}
