//! Sources: which interfaces a flow may leave by.

use std::net::IpAddr;

use sidegate_model::{
    Attachment, Context, InstanceId, NetworkInterface, NetworkInterfaceId, SecurityGroupId, SubnetId, World,
};

use super::flow::{FlowError, Source};
use crate::{Plan, recompile};

/// Who sends.
pub(super) enum Sender {
    Interface(NetworkInterfaceId),
    Outside(IpAddr),
}

/// Those who may send.
pub(super) enum Senders {
    /// They are there.
    Here(Vec<Sender>),
    /// One that is supposed, in a world that has it.
    Supposed(Box<(World, Plan, NetworkInterfaceId)>),
}

impl Sender {
    pub(super) fn interface(&self) -> Option<&NetworkInterfaceId> {
        match self {
            Self::Interface(id) => Some(id),
            Self::Outside(_) => None,
        }
    }
}

/// Who sends the flows of a source.
pub(super) fn senders(world: &World, plan: &Plan, source: &Source) -> Result<Senders, FlowError> {
    let sender = match source {
        Source::Interface(id) => Sender::Interface(beginning(world, id)?.id.clone()),
        Source::Address { interface, address } => {
            let own = beginning(world, interface)?;
            let has = match address {
                IpAddr::V4(address) => own.addresses().any(|known| known == *address),
                IpAddr::V6(address) => own.ipv6.contains(address),
            };
            if !has {
                return Err(FlowError::NoAddress { interface: interface.clone(), address: *address });
            }
            Sender::Interface(interface.clone())
        }
        Source::Instance(id) => Sender::Interface(first_interface(world, id)?),
        Source::Function(arn) => return functions(world, arn),
        Source::Subnet { subnet, groups } => return suppose(world, plan, subnet, groups),
        Source::Internet(address) => Sender::Outside(*address),
    };
    Ok(Senders::Here(vec![sender]))
}

/// An interface behind which something may begin connections.
fn beginning<'w>(world: &'w World, id: &NetworkInterfaceId) -> Result<&'w NetworkInterface, FlowError> {
    let interface = world.interfaces.get(id).ok_or_else(|| FlowError::NoInterface(id.clone()))?;
    if matches!(interface.attachment, Attachment::Endpoint(_) | Attachment::NatGateway(_)) {
        return Err(FlowError::BeginsNothing(id.clone()));
    }
    Ok(interface)
}

/// The first interface of an instance.
pub(super) fn first_interface(world: &World, id: &InstanceId) -> Result<NetworkInterfaceId, FlowError> {
    let instance = world.instances.get(id);
    instance.and_then(|own| own.interface.clone()).ok_or_else(|| FlowError::NoInstance(id.clone()))
}

/// The interfaces of a function: one for each of its subnets.
fn functions(world: &World, arn: &str) -> Result<Senders, FlowError> {
    let own = world.interfaces.iter().filter(|own| own.functions().is_some_and(|all| all.contains(arn)));
    let own: Vec<_> = own.map(|own| Sender::Interface(own.id.clone())).collect();
    if own.is_empty() { Err(FlowError::NoFunction(arn.to_owned())) } else { Ok(Senders::Here(own)) }
}

/// The world with a program in a subnet.
fn suppose(world: &World, plan: &Plan, subnet: &SubnetId, groups: &[SecurityGroupId]) -> Result<Senders, FlowError> {
    let scope = world.subnets.get(subnet).ok_or_else(|| FlowError::NoSubnet(subnet.clone()))?.scope.clone();
    let mut supposed = world.clone();
    // Nobody keeps the interface, so that any id does.
    let mut bits = 0_u64;
    let mut entropy = || {
        bits = bits.wrapping_sub(1);
        bits
    };
    let mut context = Context { scope, now: 0, entropy: &mut entropy };
    let interface = supposed
        .attach_program(&mut context, subnet, groups)
        .map_err(|reason| FlowError::NoProgram { subnet: subnet.clone(), reason })?;
    let plan = recompile(plan, world, &supposed);
    Ok(Senders::Supposed(Box::new((supposed, plan, interface))))
}
