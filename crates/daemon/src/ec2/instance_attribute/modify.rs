//! ModifyInstanceAttribute, ResetInstanceAttribute.
//!
//! Source: EC2 API reference.

use sidegate_model::{Error, InstanceAttribute, InstanceId, Scope, ShutdownBehavior};
use sidegate_wire::ec2::{
    AttributeBooleanValue, AttributeValue, InstanceBlockDeviceMappingSpecification, ModifyInstanceAttributeRequest,
    ResetInstanceAttributeRequest, Return,
};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{arn, given, ids, required};
use super::super::instance::user_data;
use super::super::parameter::sole;
use super::super::{fault, instance_type, refused};

impl Action for ModifyInstanceAttributeRequest {
    type Answer = Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "instance", self.instance_id.as_deref().unwrap_or("*"))]
    }

    async fn act(mut self, call: &Call<'_>) -> Result<Return, Failure> {
        let id: InstanceId = given(self.instance_id.as_deref(), "InstanceId")?;
        by_name(&mut self)?;
        let attribute = attribute(self)?;
        call.change(move |world, context| world.modify_instance_attribute(context, &id, attribute)).await?;
        Ok(Return)
    }
}

/// Puts the attribute that is given by its name where it stands when it is given by its own parameter.
fn by_name(request: &mut ModifyInstanceAttributeRequest) -> Result<(), Failure> {
    let Some(name) = request.attribute.take() else {
        return match request.value {
            Some(_) => Err(refused("MissingParameter", "The request must contain the parameter Attribute")),
            None => Ok(()),
        };
    };
    let Some(value) = request.value.take() else {
        return Err(refused("MissingParameter", "The request must contain the parameter Value"));
    };
    let text = AttributeValue { value: Some(value.clone()) };
    let flag = || match value.as_str() {
        "true" => Ok(Some(AttributeBooleanValue { value: Some(true) })),
        "false" => Ok(Some(AttributeBooleanValue { value: Some(false) })),
        other => {
            let message = format!("Value ({other}) for parameter value is invalid. Expected true or false.");
            Err(refused("InvalidParameterValue", message))
        }
    };
    match name.as_str() {
        "disableApiStop" => request.disable_api_stop = flag()?,
        "disableApiTermination" => request.disable_api_termination = flag()?,
        "ebsOptimized" => request.ebs_optimized = flag()?,
        "enaSupport" => request.ena_support = flag()?,
        "groupSet" => request.groups.push(value),
        "instanceInitiatedShutdownBehavior" => request.instance_initiated_shutdown_behavior = Some(text),
        "instanceType" => request.instance_type = Some(text),
        "kernel" => request.kernel = Some(text),
        "ramdisk" => request.ramdisk = Some(text),
        "sourceDestCheck" => request.source_dest_check = flag()?,
        "sriovNetSupport" => request.sriov_net_support = Some(text),
        "userData" => request.user_data = Some(sidegate_wire::ec2::BlobAttributeValue { value: Some(value) }),
        other => {
            let message = format!("Value ({other}) for parameter attribute is invalid. Unknown attribute.");
            return Err(refused("InvalidParameterValue", message));
        }
    }
    Ok(())
}

/// The one attribute that a request changes.
fn attribute(request: ModifyInstanceAttributeRequest) -> Result<InstanceAttribute, Failure> {
    let foreign = [
        (request.kernel.is_some(), "kernel"),
        (request.ramdisk.is_some(), "ramdisk"),
        (request.sriov_net_support.is_some(), "sriovNetSupport"),
        (request.ena_support.as_ref().is_some_and(|on| on.value == Some(false)), "enaSupport"),
    ];
    if let Some((_, name)) = foreign.iter().find(|(given, _)| *given) {
        return Err(fault::unsupported(format!("Sidegate does not support the attribute {name} of instances.")));
    }
    let flag = |value: AttributeBooleanValue, name: &str| {
        value
            .value
            .ok_or_else(|| refused("MissingParameter", format!("The request must contain the parameter {name}.Value")))
    };
    let mut attributes = Vec::new();
    if !request.block_device_mappings.is_empty() {
        let devices = request.block_device_mappings.iter().map(device).collect::<Result<_, _>>()?;
        attributes.push(("blockDeviceMapping", InstanceAttribute::DeleteOnTermination(devices)));
    }
    if let Some(value) = request.ebs_optimized {
        attributes.push(("ebsOptimized", InstanceAttribute::EbsOptimized(flag(value, "EbsOptimized")?)));
    }
    if let Some(value) = request.disable_api_stop {
        attributes.push(("disableApiStop", InstanceAttribute::DisableApiStop(flag(value, "DisableApiStop")?)));
    }
    if let Some(value) = request.disable_api_termination {
        let on = flag(value, "DisableApiTermination")?;
        attributes.push(("disableApiTermination", InstanceAttribute::DisableApiTermination(on)));
    }
    if let Some(value) = request.source_dest_check {
        attributes.push(("sourceDestCheck", InstanceAttribute::SourceDestCheck(flag(value, "SourceDestCheck")?)));
    }
    if !request.groups.is_empty() {
        attributes.push(("groupSet", InstanceAttribute::Groups(ids(&request.groups)?)));
    }
    if let Some(AttributeValue { value }) = request.instance_initiated_shutdown_behavior {
        let text = required(value.as_deref(), "InstanceInitiatedShutdownBehavior.Value")?;
        let behavior = ShutdownBehavior::parse(text).map_err(|error: Error| fault::of(&error))?;
        attributes.push(("instanceInitiatedShutdownBehavior", InstanceAttribute::ShutdownBehavior(behavior)));
    }
    if let Some(AttributeValue { value }) = request.instance_type {
        let name = required(value.as_deref(), "InstanceType.Value")?.to_owned();
        attributes.push(("instanceType", InstanceAttribute::InstanceType(instance_type::named(Some(name))?)));
    }
    if let Some(blob) = request.user_data {
        let text = blob.value.as_deref().map(user_data).transpose()?.flatten();
        attributes.push(("userData", InstanceAttribute::UserData(text)));
    }
    // It asks for what every instance has.
    if request.ena_support.is_some() && attributes.is_empty() {
        let message = "Sidegate does not support changing enaSupport of instances.";
        return Err(fault::unsupported(message));
    }
    sole(attributes)
}

/// A device, and whether its volume ends with the instance: all that can be changed of a mapping here.
fn device(mapping: &InstanceBlockDeviceMappingSpecification) -> Result<(String, bool), Failure> {
    let device = required(mapping.device_name.as_deref(), "BlockDeviceMapping.DeviceName")?.to_owned();
    let ebs = mapping.ebs.as_ref().filter(|ebs| ebs.volume_id.is_none());
    match (ebs.and_then(|ebs| ebs.delete_on_termination), &mapping.no_device, &mapping.virtual_name) {
        (Some(on), None, None) => Ok((device, on)),
        _ => Err(fault::unsupported(
            "Sidegate supports Ebs.DeleteOnTermination alone of a block device mapping of ModifyInstanceAttribute.",
        )),
    }
}

impl Action for ResetInstanceAttributeRequest {
    type Answer = Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "instance", self.instance_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<Return, Failure> {
        let id: InstanceId = given(self.instance_id.as_deref(), "InstanceId")?;
        match required(self.attribute.as_deref(), "Attribute")? {
            "sourceDestCheck" => {
                let checked = InstanceAttribute::SourceDestCheck(true);
                call.change(move |world, context| world.modify_instance_attribute(context, &id, checked)).await?;
                Ok(Return)
            }
            name @ ("kernel" | "ramdisk") => {
                Err(fault::unsupported(format!("Sidegate does not support the attribute {name} of instances.")))
            }
            other => {
                let message = format!("Value ({other}) for parameter attribute is invalid. Unknown attribute.");
                Err(refused("InvalidParameterValue", message))
            }
        }
    }
}
