//! Network interfaces that the account makes, attaches, detaches and deletes.
//!
//! Source: EC2 API reference, `CreateNetworkInterface`, `AttachNetworkInterface`, `DetachNetworkInterface`,
//! `DeleteNetworkInterface`; EC2 user guide, "Network interface attachments for your EC2 instance".

use std::net::Ipv4Addr;

use super::{Detached, NetworkInterface, SecondaryAddresses};
use crate::{
    Attachment, AttachmentId, Context, Error, InstanceId, InstanceState, NetworkInterfaceId, SecurityGroupId, SubnetId,
    World,
};

/// How many network interfaces an instance can have, and how many IPv4 addresses each of them: as its type says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterfaceLimits {
    /// Interfaces.
    pub interfaces: usize,
    /// Private IPv4 addresses of each, the primary one included.
    pub addresses: usize,
}

/// The greatest device index; a limit of Sidegate's own, above that of AWS.
const LAST_DEVICE: u32 = 99;

/// What the ids of AWS's own attachments begin with.
const MANAGED_ATTACHMENT: &str = "ela-attach-";

impl NetworkInterface {
    /// The id of its attachment; those of AWS's own begin with `ela-attach-`. None if it is available.
    pub fn attachment_id(&self) -> Option<String> {
        match &self.attachment {
            Attachment::None => None,
            Attachment::Instance { attachment, .. } => Some(attachment.to_string()),
            Attachment::Endpoint(_) | Attachment::NatGateway(_) | Attachment::Program | Attachment::Functions(_) => {
                Some(self.id.as_str().replacen(NetworkInterfaceId::PREFIX, MANAGED_ATTACHMENT, 1))
            }
        }
    }

    /// The device index by which an instance has it.
    pub fn device_index(&self) -> Option<u32> {
        match &self.attachment {
            Attachment::Instance { device, .. } => Some(*device),
            Attachment::Endpoint(_)
            | Attachment::NatGateway(_)
            | Attachment::Program
            | Attachment::Functions(_)
            | Attachment::None => None,
        }
    }
}

impl World {
    /// Makes an interface that is attached to nothing.
    ///
    /// # Errors
    /// If the subnet or a group does not exist, or an address cannot be had.
    pub fn create_network_interface(
        &mut self, context: &mut Context<'_>, subnet: &SubnetId, address: Option<Ipv4Addr>, groups: &[SecurityGroupId],
        description: String, more: &SecondaryAddresses,
    ) -> Result<NetworkInterfaceId, Error> {
        let id = self.add_interface(context, subnet, address, groups, description, Attachment::None)?;
        self.assign_on_creation(context, &id, more)?;
        Ok(id)
    }

    /// Attaches an interface to an instance, under a device index; the limits are those of the instance's type.
    ///
    /// # Errors
    /// `InvalidNetworkInterface.InUse`, `IncorrectState` for an instance that neither runs nor is stopped,
    /// `AttachmentLimitExceeded`, and what AWS says of another zone and of a device index that is taken.
    pub fn attach_network_interface(
        &mut self, context: &mut Context<'_>, id: &NetworkInterfaceId, instance: &InstanceId, device: u32,
        limits: InterfaceLimits,
    ) -> Result<AttachmentId, Error> {
        let host = self.instance(&context.scope, instance)?;
        if self.interface(&context.scope, id)?.is_attached() {
            return Err(in_use(id));
        }
        if !matches!(host.state, InstanceState::Running | InstanceState::Stopped) {
            return Err(Error::refused(
                "IncorrectState",
                format!("Instance '{instance}' is not in the 'running' or 'stopped' state."),
            ));
        }
        self.attach_at_launch(context, id, instance, device, limits, false)
    }

    /// The same for an instance that is launched, which the interface may end with.
    ///
    /// # Errors
    /// As above, in any state.
    pub fn attach_at_launch(
        &mut self, context: &mut Context<'_>, id: &NetworkInterfaceId, instance: &InstanceId, device: u32,
        limits: InterfaceLimits, delete_on_termination: bool,
    ) -> Result<AttachmentId, Error> {
        let interface = self.interface(&context.scope, id)?;
        let host = self.instance(&context.scope, instance)?;
        if interface.is_attached() {
            return Err(in_use(id));
        }
        let zone = |subnet: &SubnetId| self.subnets.get(subnet).map(|subnet| subnet.zone);
        if zone(&interface.subnet) != zone(&host.subnet) {
            return Err(Error::InvalidParameterCombination(
                "You may not attach a network interface to an instance if they are not in the same availability zone"
                    .to_owned(),
            ));
        }
        if interface.vpc != host.vpc {
            return Err(Error::Unsupported(format!(
                "Sidegate does not attach interfaces of another VPC: {id} is in {}, and {instance} in {}.",
                interface.vpc, host.vpc
            )));
        }
        if device > LAST_DEVICE {
            return Err(Error::InvalidParameterValue(format!("Device index {device} is greater than {LAST_DEVICE}.")));
        }
        let present = self.interfaces_of(instance);
        if device == 0 || present.iter().any(|other| other.device_index() == Some(device)) {
            return Err(Error::InvalidParameterValue(format!(
                "Instance '{instance}' already has an interface attached at device index '{device}'."
            )));
        }
        if present.len() >= limits.interfaces {
            return Err(Error::LimitExceeded {
                code: "AttachmentLimitExceeded",
                message: format!("Interface count {} exceeds the limit for {}", present.len() + 1, host.instance_type),
            });
        }
        let attachment = AttachmentId::random(context.entropy);
        let made = Attachment::Instance {
            instance: instance.clone(),
            attachment: attachment.clone(),
            device,
            delete_on_termination,
            attached: Some(context.now),
        };
        self.interfaces.update(id, |i| {
            i.attachment = made;
            i.detached = None;
        });
        self.instances.update(instance, |i| i.further_interfaces.push(id.clone()));
        Ok(attachment)
    }

    /// Makes an interface that is available the first of an instance that is launched.
    pub(crate) fn take_as_first(
        &mut self, context: &mut Context<'_>, id: &NetworkInterfaceId, instance: &InstanceId,
    ) -> Result<(), Error> {
        if self.interface(&context.scope, id)?.is_attached() {
            return Err(in_use(id));
        }
        let attachment = Attachment::Instance {
            instance: instance.clone(),
            attachment: AttachmentId::random(context.entropy),
            device: 0,
            delete_on_termination: false,
            attached: Some(context.now),
        };
        self.interfaces.update(id, |i| i.attachment = attachment);
        Ok(())
    }

    /// The interfaces of an instance, in the order of their device indices.
    pub fn interfaces_of(&self, instance: &InstanceId) -> Vec<&NetworkInterface> {
        let Some(instance) = self.instances.get(instance) else { return Vec::new() };
        let ids = instance.interface.iter().chain(&instance.further_interfaces);
        let mut all: Vec<_> = ids.filter_map(|id| self.interfaces.get(id)).collect();
        all.sort_by_key(|interface| interface.device_index());
        all
    }

    /// Detaches an interface on behalf of the account, by its attachment.
    ///
    /// # Errors
    /// `OperationNotPermitted`: AWS's own attachments and the first interface of an instance stay.
    pub fn detach_network_interface(&mut self, context: &Context<'_>, attachment: &str) -> Result<(), Error> {
        if let Some(digits) = attachment.strip_prefix(MANAGED_ATTACHMENT) {
            let id = NetworkInterfaceId::derived(digits);
            if self.interface(&context.scope, &id).is_ok_and(NetworkInterface::is_requester_managed) {
                return Err(Error::RequesterManaged("ela-attach"));
            }
        }
        let id = self.attached_by(context, attachment)?;
        if self.interfaces.get(&id).and_then(NetworkInterface::device_index) == Some(0) {
            return Err(Error::OperationNotPermitted(
                "The network interface at device index 0 cannot be detached.".to_owned(),
            ));
        }
        let last = match self.interfaces.get(&id).map(|i| i.attachment.clone()) {
            Some(Attachment::Instance { instance, attachment, device, .. }) => {
                Some(Detached { attachment, instance, device, at: context.now })
            }
            _ => None,
        };
        self.let_go(&id);
        self.interfaces.update(&id, |i| i.detached = last);
        Ok(())
    }

    /// The interface that has this attachment to an instance.
    fn attached_by(&self, context: &Context<'_>, attachment: &str) -> Result<NetworkInterfaceId, Error> {
        let has = |i: &&NetworkInterface| matches!(&i.attachment, Attachment::Instance { attachment: id, .. } if id.as_str() == attachment);
        let found = self.interfaces.iter().filter(|i| i.scope == context.scope).find(has).map(|i| i.id.clone());
        found.ok_or_else(|| match attachment.parse::<AttachmentId>() {
            Ok(id) => id.not_found(),
            Err(_) => no_attachment(attachment),
        })
    }

    /// Makes an interface of an instance available.
    pub(crate) fn let_go(&mut self, id: &NetworkInterfaceId) {
        let Some(Attachment::Instance { instance, .. }) = self.interfaces.get(id).map(|i| i.attachment.clone()) else {
            return;
        };
        self.release_automatic_address(id);
        self.interfaces.update(id, |i| i.attachment = Attachment::None);
        self.instances.update(&instance, |i| i.further_interfaces.retain(|other| other != id));
    }

    /// Gives back the interfaces of an instance that has ended: those that end with it go, others become available.
    pub(crate) fn give_back_interfaces(&mut self, instance: &InstanceId) {
        let all: Vec<_> = self
            .interfaces_of(instance)
            .into_iter()
            .map(|i| (i.id.clone(), matches!(i.attachment, Attachment::Instance { delete_on_termination: false, .. })))
            .collect();
        for (id, stays) in all {
            if stays { self.let_go(&id) } else { self.remove_interface(&id) }
        }
        self.instances.update(instance, |i| {
            i.interface = None;
            i.further_interfaces.clear();
        });
    }

    /// Says whether an interface ends with its instance.
    ///
    /// # Errors
    /// `InvalidAttachmentID.NotFound` if the attachment is not that of the interface.
    pub fn set_delete_on_termination(
        &mut self, context: &Context<'_>, id: &NetworkInterfaceId, attachment: &str, on: bool,
    ) -> Result<(), Error> {
        let interface = self.interface(&context.scope, id)?;
        if interface.is_requester_managed() {
            return Err(Error::AuthFailure);
        }
        if interface.attachment_id().as_deref() != Some(attachment) {
            return Err(no_attachment(attachment));
        }
        self.interfaces.update(id, |i| {
            if let Attachment::Instance { delete_on_termination, .. } = &mut i.attachment {
                *delete_on_termination = on;
            }
        });
        Ok(())
    }

    /// Deletes an interface on behalf of the account.
    ///
    /// # Errors
    /// `InvalidParameterValue` for one that something has.
    pub fn delete_network_interface(&mut self, context: &Context<'_>, id: &NetworkInterfaceId) -> Result<(), Error> {
        if self.interface(&context.scope, id)?.is_attached() {
            return Err(Error::InterfaceInUse(id.clone()));
        }
        self.remove_interface(id);
        Ok(())
    }
}

fn no_attachment(id: &str) -> Error {
    Error::NotFound { code: "InvalidAttachmentID.NotFound", noun: "attachment ID", id: id.to_owned() }
}

fn in_use(id: &NetworkInterfaceId) -> Error {
    Error::refused("InvalidNetworkInterface.InUse", format!("Interface: [{id}] in use."))
}
