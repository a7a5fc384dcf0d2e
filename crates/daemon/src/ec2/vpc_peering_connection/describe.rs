//! VPC peering connections as answers show them: DescribeVpcPeeringConnections.

use std::borrow::Cow;

use sidegate_model::{PeeringSide, PeeringState, Scope, VpcPeeringConnection, VpcPeeringConnectionId, World};
use sidegate_wire::ec2::{
    self, CidrBlock, DescribeVpcPeeringConnectionsRequest, DescribeVpcPeeringConnectionsResult, Ipv6CidrBlock,
    Timestamp, VpcPeeringConnectionOptionsDescription, VpcPeeringConnectionStateReason, VpcPeeringConnectionVpcInfo,
};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::filter::{Filters, one, tag_values};
use super::super::ids::{chosen, ids};
use super::super::tagged;

const FILTERS: &[&str] = &[
    "accepter-vpc-info.cidr-block",
    "accepter-vpc-info.owner-id",
    "accepter-vpc-info.vpc-id",
    "expiration-time",
    "requester-vpc-info.cidr-block",
    "requester-vpc-info.owner-id",
    "requester-vpc-info.vpc-id",
    "status-code",
    "status-message",
    "tag-key",
    "tag-value",
    "tag:",
    "vpc-peering-connection-id",
];

impl Action for DescribeVpcPeeringConnectionsRequest {
    type Answer = DescribeVpcPeeringConnectionsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeVpcPeeringConnectionsResult, Failure> {
        let filters = Filters::read(&self.filters, FILTERS)?;
        let (world, scope, now) = (call.world(), call.scope(), call.caller.now);
        let named: Vec<VpcPeeringConnectionId> = ids(&self.vpc_peering_connection_ids)?;
        let seen = |peering: &VpcPeeringConnection| peering.is_shown_to(scope, now);
        let mut peerings = chosen(&world.peerings, &named, seen, VpcPeeringConnectionId::not_found)?;
        peerings.retain(|peering| filters.pass(|name| values(&world, scope, now, peering, name)));
        let key = |peering: &&VpcPeeringConnection| peering.id.to_string();
        let page = call.page(peerings, key, self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(DescribeVpcPeeringConnectionsResult {
            vpc_peering_connections: page.items.into_iter().map(|p| shown(&world, scope, now, p)).collect(),
            next_token: page.next_token,
        })
    }
}

/// The values that a connection has under a filter's name.
fn values<'w>(
    world: &'w World, scope: &Scope, now: i64, peering: &'w VpcPeeringConnection, filter: &str,
) -> Vec<Cow<'w, str>> {
    let own = |text: String| vec![Cow::Owned(text)];
    if let Some(name) = filter.strip_prefix("accepter-vpc-info.") {
        return side_values(world, &peering.accepter, peering.is_active(), name);
    }
    if let Some(name) = filter.strip_prefix("requester-vpc-info.") {
        return side_values(world, &peering.requester, true, name);
    }
    match filter {
        "expiration-time" => expiration(peering, now).map(|time| time.to_string().into()).into_iter().collect(),
        "status-code" => own(peering.state_at(now).code().to_owned()),
        "status-message" => own(message(peering, now)),
        "vpc-peering-connection-id" => one(peering.id.as_str()),
        // The tags' key lives for as long as this call only.
        _ => tag_values(world, &peering.tag_key(scope), filter).unwrap_or_default(),
    }
}

fn side_values<'w>(world: &'w World, side: &'w PeeringSide, blocks: bool, filter: &str) -> Vec<Cow<'w, str>> {
    match filter {
        "cidr-block" if blocks => self::blocks(world, side).into_iter().map(Cow::Owned).collect(),
        "owner-id" => one(side.scope.account.as_str()),
        "vpc-id" => one(side.vpc.as_str()),
        _ => Vec::new(),
    }
}

/// The IPv4 blocks of a side's VPC, the first one first; none if the VPC is gone.
fn blocks(world: &World, side: &PeeringSide) -> Vec<String> {
    let vpc = world.vpc(&side.scope, &side.vpc);
    vpc.map(|vpc| vpc.cidrs().map(|block| block.to_string()).collect()).unwrap_or_default()
}

/// When a request expires; a connection that was accepted does not.
fn expiration(peering: &VpcPeeringConnection, now: i64) -> Option<Timestamp> {
    let waits = matches!(peering.state_at(now), PeeringState::PendingAcceptance | PeeringState::Expired);
    waits.then(|| Timestamp::from_unix_millis(peering.expires()))
}

fn message(peering: &VpcPeeringConnection, now: i64) -> String {
    match peering.state_at(now) {
        PeeringState::PendingAcceptance => format!("Pending Acceptance by {}", peering.accepter.scope.account),
        PeeringState::Active => "Active".to_owned(),
        PeeringState::Rejected => "Inactive".to_owned(),
        PeeringState::Deleted(account) => format!("Deleted by {account}"),
        PeeringState::Failed => "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range".to_owned(),
        PeeringState::Expired => "Expired".to_owned(),
    }
}

/// A connection as a caller sees it, with its own tags.
pub(super) fn shown(
    world: &World, scope: &Scope, now: i64, peering: &VpcPeeringConnection,
) -> ec2::VpcPeeringConnection {
    let code = peering.state_at(now).code().to_owned();
    ec2::VpcPeeringConnection {
        // The accepter's blocks are told of an active connection only.
        accepter_vpc_info: Some(side(world, &peering.accepter, peering.is_active(), peering.is_active())),
        requester_vpc_info: Some(side(world, &peering.requester, true, true)),
        expiration_time: expiration(peering, now),
        status: Some(VpcPeeringConnectionStateReason { code: Some(code), message: Some(message(peering, now)) }),
        tags: tagged::shown(world, &peering.tag_key(scope)),
        vpc_peering_connection_id: Some(peering.id.to_string()),
    }
}

fn side(world: &World, side: &PeeringSide, with_blocks: bool, with_options: bool) -> VpcPeeringConnectionVpcInfo {
    let blocks = if with_blocks { blocks(world, side) } else { Vec::new() };
    let vpc = world.vpc(&side.scope, &side.vpc).ok().filter(|_| with_blocks);
    let ipv6: Vec<_> = vpc.iter().flat_map(|vpc| &vpc.ipv6_cidrs).map(|block| block.cidr.to_string()).collect();
    VpcPeeringConnectionVpcInfo {
        cidr_block: blocks.first().cloned(),
        cidr_block_set: blocks.into_iter().map(|block| CidrBlock { cidr_block: Some(block) }).collect(),
        owner_id: Some(side.scope.account.to_string()),
        peering_options: with_options.then_some(VpcPeeringConnectionOptionsDescription {
            allow_dns_resolution_from_remote_vpc: Some(side.remote_dns),
            allow_egress_from_local_classic_link_to_remote_vpc: Some(false),
            allow_egress_from_local_vpc_to_remote_classic_link: Some(false),
        }),
        ipv6_cidr_block_set: ipv6.into_iter().map(|block| Ipv6CidrBlock { ipv6_cidr_block: Some(block) }).collect(),
        vpc_id: Some(side.vpc.to_string()),
        region: Some(side.scope.region.to_string()),
    }
}
