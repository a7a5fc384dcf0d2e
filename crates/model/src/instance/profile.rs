//! Instance profiles of instances: at most one each. The profile and its role are IAM's; only their names are known here.
//!
//! Source: EC2 API reference, `AssociateIamInstanceProfile`, `DisassociateIamInstanceProfile`,
//! `ReplaceIamInstanceProfileAssociation`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Context, Error, Instance, InstanceId, InstanceProfileAssociationId, InstanceState, Scope, World};

/// An instance profile, by its names. Another that gets the ARN of one that was deleted has another id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// Its ARN.
    pub arn: Arc<str>,
    /// Its unique id.
    pub id: Arc<str>,
}

/// The association of an instance profile with an instance, for as long as there is one: its state is `associated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfileAssociation {
    /// Its id.
    pub id: InstanceProfileAssociationId,
    /// The profile.
    pub profile: InstanceProfile,
    /// When it was made: Unix time in milliseconds.
    pub since: i64,
}

impl InstanceProfile {
    /// Its name, which stands behind its path.
    pub fn name(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }
}

impl World {
    /// Gives an instance its profile, from its launch on or later.
    ///
    /// # Errors
    /// `IncorrectState` if it has one, `IncorrectInstanceState` if it is being terminated.
    pub fn associate_instance_profile(
        &mut self, context: &mut Context<'_>, instance: &InstanceId, profile: InstanceProfile,
    ) -> Result<InstanceProfileAssociation, Error> {
        let present = self.instance(&context.scope, instance)?;
        // The reference speaks of running and stopped instances. One that is being launched will be either.
        if matches!(present.state, InstanceState::ShuttingDown | InstanceState::Terminated) {
            return Err(Error::IncorrectInstanceState(format!(
                "The instance '{instance}' is not in the 'running' or 'stopped' states."
            )));
        }
        if present.profile.is_some() {
            let message = format!("There is an existing association for instance {instance}");
            return Err(Error::refused("IncorrectState", message));
        }
        let id = InstanceProfileAssociationId::random(context.entropy);
        let association = InstanceProfileAssociation { id, profile, since: context.now };
        self.instances.update(instance, |i| i.profile = Some(association.clone()));
        Ok(association)
    }

    /// Takes its profile from an instance: which, and what it had.
    ///
    /// # Errors
    /// `InvalidAssociationID.NotFound`.
    pub fn disassociate_instance_profile(
        &mut self, context: &Context<'_>, id: &str,
    ) -> Result<(InstanceId, InstanceProfileAssociation), Error> {
        let (instance, association) = self.instance_profile_association(&context.scope, id)?;
        let taken = (instance.id.clone(), association.clone());
        self.instances.update(&taken.0, |i| i.profile = None);
        Ok(taken)
    }

    /// Gives an instance another profile in the place of the one that it has: which, and the new association.
    ///
    /// # Errors
    /// `InvalidAssociationID.NotFound`.
    pub fn replace_instance_profile(
        &mut self, context: &mut Context<'_>, id: &str, profile: InstanceProfile,
    ) -> Result<(InstanceId, InstanceProfileAssociation), Error> {
        let (instance, _) = self.disassociate_instance_profile(context, id)?;
        let association = self.associate_instance_profile(context, &instance, profile)?;
        Ok((instance, association))
    }

    /// The association with this id, and the instance that has it.
    ///
    /// # Errors
    /// `InvalidAssociationID.NotFound`, also for what is no such id.
    pub fn instance_profile_association(
        &self, scope: &Scope, id: &str,
    ) -> Result<(&Instance, &InstanceProfileAssociation), Error> {
        let of_scope = self.instances.iter().filter(|instance| instance.scope == *scope);
        of_scope
            .filter_map(|instance| Some((instance, instance.profile.as_ref()?)))
            .find(|(_, association)| association.id.as_str() == id)
            .ok_or_else(|| {
                let message = format!("An invalid association-id of '{id}' was given");
                Error::refused("InvalidAssociationID.NotFound", message)
            })
    }
}
