//! Interfaces of functions of Lambda: one for each combination of a subnet and security groups, which all functions with
//! that combination share.
//!
//! Source: Lambda developer guide, "Understanding Hyperplane Elastic Network Interfaces (ENIs)".

use std::collections::BTreeSet;

use super::sorted;
use crate::{
    Attachment, Context, Error, NetworkInterface, NetworkInterfaceId, Scope, SecurityGroupId, SubnetId, World,
};

impl NetworkInterface {
    /// The ARNs, without versions, of the functions that share it; `None` if it is no interface of functions.
    pub fn functions(&self) -> Option<&BTreeSet<String>> {
        match &self.attachment {
            Attachment::Functions(functions) => Some(functions),
            _ => None,
        }
    }
}

impl World {
    /// The interface that functions with these groups share in a subnet.
    pub fn function_interface(
        &self, scope: &Scope, subnet: &SubnetId, groups: &[SecurityGroupId],
    ) -> Option<&NetworkInterface> {
        let wanted = sorted(groups);
        self.interfaces.iter().find(|interface| {
            interface.functions().is_some()
                && interface.subnet == *subnet
                && interface.scope == *scope
                && sorted(&interface.groups) == wanted
        })
    }

    /// Lets a function, named by its ARN without version, share the interface of this subnet and these groups, which is
    /// made with this description if there is none. It gets no public address, whatever the subnet says.
    ///
    /// Source: Lambda developer guide, "Enable internet access for VPC-connected Lambda functions".
    ///
    /// # Errors
    /// If the subnet or a group does not exist, or no address is free.
    pub fn attach_function(
        &mut self, context: &mut Context<'_>, subnet: &SubnetId, groups: &[SecurityGroupId], function: &str,
        description: String,
    ) -> Result<NetworkInterfaceId, Error> {
        let vpc = self.subnet(&context.scope, subnet)?.vpc.clone();
        let groups = self.groups_for(&context.scope, &vpc, Some(subnet), groups)?;
        if let Some(id) = self.function_interface(&context.scope, subnet, &groups).map(|found| found.id.clone()) {
            self.interfaces.update(&id, |interface| {
                if let Attachment::Functions(functions) = &mut interface.attachment {
                    functions.insert(function.to_owned());
                }
            });
            return Ok(id);
        }
        let attachment = Attachment::Functions(BTreeSet::from([function.to_owned()]));
        self.add_interface(context, subnet, None, &groups, description, attachment)
    }

    /// A function has an interface no more. One that no other function shares goes.
    pub fn detach_function(&mut self, id: &NetworkInterfaceId, function: &str) {
        self.interfaces.update(id, |interface| {
            if let Attachment::Functions(functions) = &mut interface.attachment {
                functions.remove(function);
            }
        });
        if self.interfaces.get(id).and_then(NetworkInterface::functions).is_some_and(BTreeSet::is_empty) {
            self.remove_interface(id);
        }
    }

    /// Takes away an interface of functions that none of them uses. An interface of any other kind stays.
    pub fn reclaim_function_interface(&mut self, id: &NetworkInterfaceId) {
        if self.interfaces.get(id).is_some_and(|interface| interface.functions().is_some()) {
            self.remove_interface(id);
        }
    }
}
