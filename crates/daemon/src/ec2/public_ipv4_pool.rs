//! Pools of public IPv4 addresses that an account brought along: none.
//!
//! Source: EC2 API reference, DescribePublicIpv4Pools.

use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::Filters;
use super::ids::Nothing;

/// The filters of DescribePublicIpv4Pools.
const FILTERS: &[&str] = &["tag-key", "tag:"];

/// Pools that a request names.
const NONE: Nothing = Nothing {
    prefix: "ipv4pool-ec2-",
    noun: "publicIpv4Pool ID",
    malformed: "InvalidPublicIpv4PoolID.Malformed",
    missing: "InvalidPublicIpv4PoolID.NotFound",
};

impl Action for ec2::DescribePublicIpv4PoolsRequest {
    type Answer = ec2::DescribePublicIpv4PoolsResult;

    fn dry_run(&self) -> Option<bool> {
        None
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribePublicIpv4PoolsResult, Failure> {
        Filters::read(&self.filters, FILTERS)?;
        NONE.refuse(&self.pool_ids)?;
        call.no_page(self.max_results, self.next_token.as_deref(), (1, 10))?;
        Ok(ec2::DescribePublicIpv4PoolsResult::default())
    }
}
