//! Attributes of instances that can be changed one by one.
//!
//! Source: EC2 API reference, `ModifyInstanceAttribute`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::check_user_data;
use crate::{Context, Error, InstanceId, InstanceState, NetworkInterfaceId, SecurityGroupId, World};

/// What becomes of an instance that shuts itself down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShutdownBehavior {
    /// It is stopped.
    #[default]
    Stop,
    /// It is terminated.
    Terminate,
}

impl ShutdownBehavior {
    /// Parses `stop` or `terminate`.
    ///
    /// # Errors
    /// `InvalidParameterValue`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "stop" => Ok(Self::Stop),
            "terminate" => Ok(Self::Terminate),
            _ => Err(Error::InvalidParameterValue(format!(
                "Value ({text}) for parameter instanceInitiatedShutdownBehavior is invalid. Valid values are stop and \
                 terminate."
            ))),
        }
    }

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Terminate => "terminate",
        }
    }
}

/// An attribute with its new value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstanceAttribute {
    /// `blockDeviceMapping`: whether the volumes at these devices end with it.
    DeleteOnTermination(Vec<(String, bool)>),
    /// `disableApiTermination`.
    DisableApiTermination(bool),
    /// `disableApiStop`.
    DisableApiStop(bool),
    /// `ebsOptimized`, while it is stopped.
    EbsOptimized(bool),
    /// `groupSet`, of its only interface.
    Groups(Vec<SecurityGroupId>),
    /// `instanceInitiatedShutdownBehavior`.
    ShutdownBehavior(ShutdownBehavior),
    /// `instanceType`, while it is stopped.
    InstanceType(String),
    /// `sourceDestCheck`, of its only interface.
    SourceDestCheck(bool),
    /// `userData`, while it is stopped: in base64, or none.
    UserData(Option<Arc<str>>),
}

impl World {
    /// Changes an attribute of an instance.
    ///
    /// # Errors
    /// `IncorrectInstanceState` for what can change only while it is stopped, `InvalidInstanceID` for what belongs to one
    /// of several interfaces, and what the interface refuses.
    pub fn modify_instance_attribute(
        &mut self, context: &Context<'_>, id: &InstanceId, attribute: InstanceAttribute,
    ) -> Result<(), Error> {
        let state = self.instance(&context.scope, id)?.state;
        if state == InstanceState::Terminated {
            return Err(Error::IncorrectInstanceState(format!("The instance '{id}' is terminated.")));
        }
        let needs_stop = matches!(
            attribute,
            InstanceAttribute::UserData(_) | InstanceAttribute::InstanceType(_) | InstanceAttribute::EbsOptimized(_)
        );
        if needs_stop && state != InstanceState::Stopped {
            return Err(Error::IncorrectInstanceState(format!("The instance '{id}' is not in the 'stopped' state.")));
        }
        match attribute {
            InstanceAttribute::DeleteOnTermination(devices) => {
                for (device, on) in devices {
                    self.set_volume_delete_on_termination(context, id, &device, on)?;
                }
            }
            InstanceAttribute::Groups(groups) => {
                let interface = self.only_interface(id)?;
                self.modify_network_interface(context, &interface, Some(&groups), None, None)?;
            }
            InstanceAttribute::SourceDestCheck(on) => {
                let interface = self.only_interface(id)?;
                self.modify_network_interface(context, &interface, None, None, Some(on))?;
            }
            InstanceAttribute::DisableApiTermination(on) => {
                self.instances.update(id, |i| i.disable_api_termination = on);
            }
            InstanceAttribute::DisableApiStop(on) => self.instances.update(id, |i| i.disable_api_stop = on),
            InstanceAttribute::EbsOptimized(on) => self.instances.update(id, |i| i.ebs_optimized = on),
            InstanceAttribute::ShutdownBehavior(to) => self.instances.update(id, |i| i.shutdown_behavior = to),
            InstanceAttribute::InstanceType(to) => self.instances.update(id, |i| i.instance_type = to),
            InstanceAttribute::UserData(text) => {
                check_user_data(text.as_deref())?;
                self.instances.update(id, |i| i.user_data = text);
            }
        }
        Ok(())
    }

    /// The interface of an instance that has but one.
    ///
    /// # Errors
    /// `InvalidInstanceID` if it has several.
    pub fn only_interface(&self, id: &InstanceId) -> Result<NetworkInterfaceId, Error> {
        match self.interfaces_of(id).as_slice() {
            [only] => Ok(only.id.clone()),
            _ => Err(Error::refused(
                "InvalidInstanceID",
                format!(
                    "There are multiple interfaces attached to instance '{id}'. Please specify an interface ID for the \
                     operation instead."
                ),
            )),
        }
    }

    /// Notes whether an instance is monitored in detail.
    ///
    /// # Errors
    /// `InvalidInstanceID.NotFound`.
    pub fn set_monitoring(&mut self, context: &Context<'_>, id: &InstanceId, on: bool) -> Result<(), Error> {
        self.instance(&context.scope, id)?;
        self.instances.update(id, |i| i.monitoring = on);
        Ok(())
    }
}
