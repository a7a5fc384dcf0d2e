//! Network interfaces: what the account may do to them. How they are made is in `network_interface/create.rs`, how they
//! are shown in `network_interface/describe.rs`.
//!
//! Source: EC2 API reference, `ModifyNetworkInterfaceAttribute`, `DetachNetworkInterface`, `DeleteNetworkInterface`;
//! EC2 user guide, "Requester-managed network interfaces".

// coverage: ec2:CreateNetworkInterface, ec2:RunInstances: no address of IPv6 is a primary one

mod address;
mod attribute;
mod create;
mod describe;
#[cfg(test)]
mod tests;

use sidegate_model::{NetworkInterfaceId, Scope, SecurityGroupId};
use sidegate_wire::ec2::{
    DeleteNetworkInterfaceRequest, DetachNetworkInterfaceRequest, ModifyNetworkInterfaceAttributeRequest,
    ResetNetworkInterfaceAttributeRequest, Return,
};
use sidegate_wire::protocol::Failure;

pub(super) use self::create::{Wanted as WantedAddresses, addresses, limits};
pub(super) use self::describe::{association, attached_status, groups, ipv6_addresses, values};
use super::action::{Action, Call};
use super::ids::{arn, id, ids, required};
use super::{fault, refused};

impl Action for DeleteNetworkInterfaceRequest {
    type Answer = Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "network-interface", self.network_interface_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<Return, Failure> {
        let id: NetworkInterfaceId = id(required(self.network_interface_id.as_deref(), "NetworkInterfaceId")?)?;
        call.change(move |world, context| world.delete_network_interface(context, &id)).await?;
        Ok(Return)
    }
}

impl Action for DetachNetworkInterfaceRequest {
    type Answer = Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "network-interface", "*")]
    }

    async fn act(self, call: &Call<'_>) -> Result<Return, Failure> {
        let attachment = required(self.attachment_id.as_deref(), "AttachmentId")?.to_owned();
        call.change(move |world, context| world.detach_network_interface(context, &attachment)).await?;
        Ok(Return)
    }
}

impl Action for ResetNetworkInterfaceAttributeRequest {
    type Answer = Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "network-interface", self.network_interface_id.as_deref().unwrap_or("*"))]
    }

    /// The check is on unless it is switched off.
    async fn act(self, call: &Call<'_>) -> Result<Return, Failure> {
        let id: NetworkInterfaceId = id(required(self.network_interface_id.as_deref(), "NetworkInterfaceId")?)?;
        if self.source_dest_check.is_none() {
            return Err(refused("InvalidParameterCombination", "No attributes specified."));
        }
        call.change(move |world, context| world.modify_network_interface(context, &id, None, None, Some(true))).await?;
        Ok(Return)
    }
}

/// The one attribute that a call changes.
enum Wanted {
    Description(String),
    SourceDestCheck(bool),
    Groups(Vec<SecurityGroupId>),
    /// Whether it ends with its instance, to which it has this attachment.
    DeleteOnTermination(String, bool),
    /// Whether it has a public address while it is the first interface of what runs.
    PublicAddress(bool),
}

impl Action for ModifyNetworkInterfaceAttributeRequest {
    type Answer = Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "network-interface", self.network_interface_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<Return, Failure> {
        let id: NetworkInterfaceId = id(required(self.network_interface_id.as_deref(), "NetworkInterfaceId")?)?;
        let wanted = wanted(self)?;
        call.change(move |world, context| {
            let (mut description, mut check, mut groups) = (None, None, None);
            match wanted {
                Wanted::Description(text) => description = Some(text),
                Wanted::SourceDestCheck(on) => check = Some(on),
                Wanted::Groups(ids) => groups = Some(ids),
                Wanted::DeleteOnTermination(attachment, on) => {
                    return world.set_delete_on_termination(context, &id, &attachment, on);
                }
                Wanted::PublicAddress(on) => return world.modify_automatic_address(context, &id, on),
            }
            world.modify_network_interface(context, &id, groups.as_deref(), description, check)
        })
        .await?;
        Ok(Return)
    }
}

fn wanted(request: ModifyNetworkInterfaceAttributeRequest) -> Result<Wanted, Failure> {
    let foreign = [
        (request.ena_srd_specification.is_some(), "EnaSrdSpecification"),
        (request.enable_primary_ipv6.is_some(), "EnablePrimaryIpv6"),
        (request.connection_tracking_specification.is_some(), "ConnectionTrackingSpecification"),
        (!request.associated_subnet_ids.is_empty(), "AssociatedSubnetId"),
    ];
    if let Some((_, name)) = foreign.iter().find(|(given, _)| *given) {
        return Err(fault::unsupported(format!("Sidegate does not support the attribute {name}.")));
    }
    let mut attributes = Vec::new();
    if let Some(description) = request.description {
        attributes.push(Wanted::Description(description.value.unwrap_or_default()));
    }
    if let Some(check) = request.source_dest_check {
        let on = check.value.ok_or_else(|| {
            refused("MissingParameter", "The request must contain the parameter SourceDestCheck.Value")
        })?;
        attributes.push(Wanted::SourceDestCheck(on));
    }
    if !request.groups.is_empty() {
        attributes.push(Wanted::Groups(ids(&request.groups)?));
    }
    if let Some(attachment) = request.attachment {
        if attachment.ena_queue_count.is_some() || attachment.default_ena_queue_count.is_some() {
            return Err(fault::unsupported("Sidegate does not support the queues of network interfaces."));
        }
        let on = attachment.delete_on_termination.ok_or_else(|| {
            refused("MissingParameter", "The request must contain the parameter Attachment.DeleteOnTermination")
        })?;
        let attachment = required(attachment.attachment_id.as_deref(), "Attachment.AttachmentId")?;
        attributes.push(Wanted::DeleteOnTermination(attachment.to_owned(), on));
    }
    attributes.extend(request.associate_public_ip_address.map(Wanted::PublicAddress));
    if attributes.len() > 1 {
        return Err(refused("InvalidParameterCombination", "Fields for multiple attribute types specified"));
    }
    attributes.pop().ok_or_else(|| refused("InvalidParameterCombination", "No attributes specified."))
}
