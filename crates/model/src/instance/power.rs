//! Instances that are stopped, started, rebooted and terminated.
//!
//! Source: EC2 user guide, "Amazon EC2 instance state changes"; EC2 API reference, `StopInstances`, `StartInstances`,
//! `RebootInstances`, `TerminateInstances`.

use crate::{Context, Error, InstanceId, InstanceState, World};

/// Why an instance ends that its owner ended.
const BY_USER: &str = "Client.UserInitiatedShutdown";

fn by_user() -> Option<(String, String)> {
    Some((BY_USER.to_owned(), format!("{BY_USER}: User initiated shutdown")))
}

impl World {
    /// Lets an instance stop: its state before and after.
    ///
    /// # Errors
    /// `IncorrectInstanceState` unless it runs or stops already, `OperationNotPermitted` if that is disabled.
    pub fn stop_instance(
        &mut self, context: &Context<'_>, id: &InstanceId,
    ) -> Result<(InstanceState, InstanceState), Error> {
        let instance = self.instance(&context.scope, id)?;
        let before = instance.state;
        match before {
            InstanceState::Stopping | InstanceState::Stopped => return Ok((before, before)),
            InstanceState::Running => {}
            InstanceState::Pending | InstanceState::ShuttingDown | InstanceState::Terminated => {
                return Err(Error::IncorrectInstanceState(format!(
                    "The instance '{id}' is not in a state from which it can be stopped."
                )));
            }
        }
        if instance.disable_api_stop {
            return Err(Error::OperationNotPermitted(format!(
                "The instance '{id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again."
            )));
        }
        self.instance_is(context.now, id, InstanceState::Stopping, by_user());
        Ok((before, InstanceState::Stopping))
    }

    /// Starts an instance that is stopped: its state before and after. One that runs stays as it is.
    ///
    /// # Errors
    /// `IncorrectInstanceState` if it stops or ends; `InsufficientAddressCapacity` if no public address is left for it.
    pub fn start_instance(
        &mut self, context: &Context<'_>, id: &InstanceId,
    ) -> Result<(InstanceState, InstanceState), Error> {
        let before = self.instance(&context.scope, id)?.state;
        match before {
            InstanceState::Pending | InstanceState::Running => return Ok((before, before)),
            InstanceState::Stopped => {}
            InstanceState::Stopping | InstanceState::ShuttingDown | InstanceState::Terminated => {
                return Err(Error::IncorrectInstanceState(format!(
                    "The instance '{id}' is not in a state from which it can be started."
                )));
            }
        }
        self.instance_is(context.now, id, InstanceState::Pending, None);
        self.instances.update(id, |i| {
            i.launched = context.now;
            i.rebooting = false;
        });
        let first = self.instances.get(id).and_then(|instance| instance.interface.clone());
        first.map_or(Ok(()), |first| self.renew_automatic_address(&first))?;
        Ok((before, InstanceState::Pending))
    }

    /// Lets an instance end its programs and begin anew, in the same state.
    ///
    /// # Errors
    /// `IncorrectInstanceState` unless it runs or is about to.
    pub fn reboot_instance(&mut self, context: &Context<'_>, id: &InstanceId) -> Result<(), Error> {
        match self.instance(&context.scope, id)?.state {
            InstanceState::Pending => Ok(()),
            InstanceState::Running => {
                self.instances.update(id, |i| i.rebooting = true);
                Ok(())
            }
            _ => Err(Error::IncorrectInstanceState(format!(
                "The instance '{id}' is not in a state from which it can be rebooted."
            ))),
        }
    }

    /// Notes that an instance that was to reboot runs again.
    pub fn note_rebooted(&mut self, id: &InstanceId) {
        self.instances.update(id, |i| i.rebooting = false);
    }

    /// Lets an instance end: its state before and after. One that ends already stays as it is.
    ///
    /// # Errors
    /// `OperationNotPermitted` if that is disabled.
    pub fn terminate_instance(
        &mut self, context: &Context<'_>, id: &InstanceId,
    ) -> Result<(InstanceState, InstanceState), Error> {
        let instance = self.instance(&context.scope, id)?;
        let before = instance.state;
        if matches!(before, InstanceState::ShuttingDown | InstanceState::Terminated) {
            return Ok((before, before));
        }
        if instance.disable_api_termination {
            return Err(Error::OperationNotPermitted(format!(
                "The instance '{id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and \
                 try again."
            )));
        }
        self.instance_is(context.now, id, InstanceState::ShuttingDown, by_user());
        Ok((before, InstanceState::ShuttingDown))
    }
}
