//! What is associated with endpoints of the types resource and service network: nothing, since no endpoint is of either
//! type.
//!
//! Source: EC2 API reference, DescribeVpcEndpointAssociations.

use sidegate_model::VpcEndpointId;
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::Filters;
use super::{fault, ids};

/// The filters of DescribeVpcEndpointAssociations.
const FILTERS: &[&str] = &[
    "associated-resource-accessibility",
    "associated-resource-id",
    "association-id",
    "resource-configuration-group-arn",
    "service-network-arn",
    "vpc-endpoint-id",
];

impl Action for ec2::DescribeVpcEndpointAssociationsRequest {
    type Answer = ec2::DescribeVpcEndpointAssociationsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeVpcEndpointAssociationsResult, Failure> {
        Filters::read(&self.filters, FILTERS)?;
        let world = call.world();
        for id in ids::ids::<VpcEndpointId>(&self.vpc_endpoint_ids)? {
            world.endpoint(call.scope(), &id).map_err(|error| fault::of(&error))?;
        }
        call.no_page(self.max_results, self.next_token.as_deref(), (1, 100))?;
        Ok(ec2::DescribeVpcEndpointAssociationsResult::default())
    }
}
