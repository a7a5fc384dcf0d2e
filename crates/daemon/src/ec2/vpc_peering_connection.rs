//! VPC peering connections: CreateVpcPeeringConnection, AcceptVpcPeeringConnection, RejectVpcPeeringConnection,
//! DeleteVpcPeeringConnection, ModifyVpcPeeringConnectionOptions. How they are described is in
//! `vpc_peering_connection/describe.rs`.
//!
//! AWS initiates and provisions in its own time, and answers with a state that says so. Here it is done when the call is
//! answered, and what is described next has the new state.

mod describe;
#[cfg(test)]
mod tests;

use sidegate_model::{AccountId, Region, Scope, VpcId, VpcPeeringConnectionId};
use sidegate_wire::ec2::{
    self, AcceptVpcPeeringConnectionRequest, AcceptVpcPeeringConnectionResult, CreateVpcPeeringConnectionRequest,
    CreateVpcPeeringConnectionResult, DeleteVpcPeeringConnectionRequest, DeleteVpcPeeringConnectionResult,
    ModifyVpcPeeringConnectionOptionsRequest, ModifyVpcPeeringConnectionOptionsResult, PeeringConnectionOptions,
    PeeringConnectionOptionsRequest, RejectVpcPeeringConnectionRequest, RejectVpcPeeringConnectionResult,
    VpcPeeringConnectionStateReason,
};
use sidegate_wire::protocol::Failure;

use self::describe::shown;
use super::action::{Action, Call};
use super::ids::{arn, given};
use super::parameter::absent;
use super::{refused, tag, tagged};

/// The ARN of a connection of the caller's.
fn resource(scope: &Scope, id: Option<&str>) -> String {
    arn(scope, "vpc-peering-connection", id.unwrap_or("*"))
}

/// A state that a connection is passing through.
fn passing(code: &str, message: String) -> Option<VpcPeeringConnectionStateReason> {
    Some(VpcPeeringConnectionStateReason { code: Some(code.to_owned()), message: Some(message) })
}

fn account(text: &str) -> Result<AccountId, Failure> {
    text.parse()
        .map_err(|_| refused("InvalidParameterValue", format!("Value ({text}) for parameter peerOwnerId is invalid.")))
}

fn region(text: &str) -> Result<Region, Failure> {
    text.parse().map_err(|_| {
        let message = format!("Value ({text}) for parameter peerRegion is invalid. The Region does not exist.");
        refused("InvalidParameterValue", message)
    })
}

impl Action for CreateVpcPeeringConnectionRequest {
    type Answer = CreateVpcPeeringConnectionResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![resource(scope, None), arn(scope, "vpc", self.vpc_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<CreateVpcPeeringConnectionResult, Failure> {
        let vpc: VpcId = given(self.vpc_id.as_deref(), "VpcId")?;
        let peer: VpcId = given(self.peer_vpc_id.as_deref(), "PeerVpcId")?;
        let account = self.peer_owner_id.as_deref().map(account).transpose()?;
        let region = self.peer_region.as_deref().map(region).transpose()?;
        let tags = tagged::specified(&self.tag_specifications, "vpc-peering-connection", &[])?;
        let peering = call
            .change(move |world, context| {
                let id = world.create_peering(context, &vpc, &peer, account, region)?;
                tag::put(world, context, id.as_str(), &tags)?;
                let peering = world.peering(&context.scope, context.now, &id)?;
                let message = format!("Initiating Request to {}", peering.accepter.scope.account);
                let shown = shown(world, &context.scope, context.now, peering);
                Ok(ec2::VpcPeeringConnection { status: passing("initiating-request", message), ..shown })
            })
            .await?;
        Ok(CreateVpcPeeringConnectionResult { vpc_peering_connection: Some(peering) })
    }
}

impl Action for AcceptVpcPeeringConnectionRequest {
    type Answer = AcceptVpcPeeringConnectionResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![resource(scope, self.vpc_peering_connection_id.as_deref())]
    }

    async fn act(self, call: &Call<'_>) -> Result<AcceptVpcPeeringConnectionResult, Failure> {
        let id: VpcPeeringConnectionId = given(self.vpc_peering_connection_id.as_deref(), "VpcPeeringConnectionId")?;
        let peering = call
            .change(move |world, context| {
                world.accept_peering(context, &id)?;
                // One that has failed is no longer shown to the accepter.
                let Some(peering) = world.peerings.get(&id) else { return Err(id.not_found()) };
                let shown = shown(world, &context.scope, context.now, peering);
                Ok(if peering.is_active() {
                    let status = passing("provisioning", "Provisioning".to_owned());
                    ec2::VpcPeeringConnection { status, ..shown }
                } else {
                    shown
                })
            })
            .await?;
        Ok(AcceptVpcPeeringConnectionResult { vpc_peering_connection: Some(peering) })
    }
}

impl Action for RejectVpcPeeringConnectionRequest {
    type Answer = RejectVpcPeeringConnectionResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![resource(scope, self.vpc_peering_connection_id.as_deref())]
    }

    async fn act(self, call: &Call<'_>) -> Result<RejectVpcPeeringConnectionResult, Failure> {
        let id: VpcPeeringConnectionId = given(self.vpc_peering_connection_id.as_deref(), "VpcPeeringConnectionId")?;
        call.change(move |world, context| world.reject_peering(context, &id)).await?;
        Ok(RejectVpcPeeringConnectionResult { r#return: Some(true) })
    }
}

impl Action for DeleteVpcPeeringConnectionRequest {
    type Answer = DeleteVpcPeeringConnectionResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![resource(scope, self.vpc_peering_connection_id.as_deref())]
    }

    async fn act(self, call: &Call<'_>) -> Result<DeleteVpcPeeringConnectionResult, Failure> {
        let id: VpcPeeringConnectionId = given(self.vpc_peering_connection_id.as_deref(), "VpcPeeringConnectionId")?;
        call.change(move |world, context| world.delete_peering(context, &id)).await?;
        Ok(DeleteVpcPeeringConnectionResult { r#return: Some(true) })
    }
}

/// What a call wants of one side's options. Those of ClassicLink may be said to be off, as they are.
fn wanted(options: Option<&PeeringConnectionOptionsRequest>, side: &str) -> Result<Option<bool>, Failure> {
    let Some(options) = options else { return Ok(None) };
    let links = [
        (options.allow_egress_from_local_classic_link_to_remote_vpc, "AllowEgressFromLocalClassicLinkToRemoteVpc"),
        (options.allow_egress_from_local_vpc_to_remote_classic_link, "AllowEgressFromLocalVpcToRemoteClassicLink"),
    ];
    if let Some((_, name)) = links.iter().find(|(on, _)| *on == Some(true)) {
        let parameter = format!("{side}PeeringConnectionOptions.{name}");
        return Err(absent(&parameter, "EC2-Classic, and ClassicLink with it, was retired in 2022"));
    }
    Ok(options.allow_dns_resolution_from_remote_vpc)
}

impl Action for ModifyVpcPeeringConnectionOptionsRequest {
    type Answer = ModifyVpcPeeringConnectionOptionsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![resource(scope, self.vpc_peering_connection_id.as_deref())]
    }

    async fn act(self, call: &Call<'_>) -> Result<ModifyVpcPeeringConnectionOptionsResult, Failure> {
        let id: VpcPeeringConnectionId = given(self.vpc_peering_connection_id.as_deref(), "VpcPeeringConnectionId")?;
        let (requester, accepter) =
            (&self.requester_peering_connection_options, &self.accepter_peering_connection_options);
        if requester.is_none() && accepter.is_none() {
            let message = "The request must contain at least one of accepterPeeringConnectionOptions and \
                           requesterPeeringConnectionOptions";
            return Err(refused("MissingParameter", message));
        }
        let wanted = (wanted(requester.as_ref(), "Requester")?, wanted(accepter.as_ref(), "Accepter")?);
        call.change(move |world, context| world.modify_peering(context, &id, wanted.0, wanted.1)).await?;
        let answer = |options: Option<PeeringConnectionOptionsRequest>| {
            options.map(|options| PeeringConnectionOptions {
                allow_dns_resolution_from_remote_vpc: options.allow_dns_resolution_from_remote_vpc,
                allow_egress_from_local_classic_link_to_remote_vpc: options
                    .allow_egress_from_local_classic_link_to_remote_vpc,
                allow_egress_from_local_vpc_to_remote_classic_link: options
                    .allow_egress_from_local_vpc_to_remote_classic_link,
            })
        };
        Ok(ModifyVpcPeeringConnectionOptionsResult {
            requester_peering_connection_options: answer(self.requester_peering_connection_options),
            accepter_peering_connection_options: answer(self.accepter_peering_connection_options),
        })
    }
}
