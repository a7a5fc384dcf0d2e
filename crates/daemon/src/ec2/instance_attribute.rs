//! One attribute of an instance. How it is changed is in `instance_attribute/modify.rs`.
//!
//! Source: EC2 API reference, `DescribeInstanceAttribute`.

// coverage: ec2:ModifyInstanceAttribute: the shutdown behaviour is stored; an instance that ends by itself is terminated
// coverage: ec2:MonitorInstances, ec2:UnmonitorInstances: stored

mod modify;
#[cfg(test)]
mod tests;

use sidegate_model::{Instance, InstanceId, World};
use sidegate_wire::ec2::{
    AttributeBooleanValue, AttributeValue, DescribeInstanceAttributeRequest, EnclaveOptions, InstanceAttribute,
};
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::ids::{id, required};
use super::{fault, instance, network_interface, refused};

impl Action for DescribeInstanceAttributeRequest {
    type Answer = InstanceAttribute;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<InstanceAttribute, Failure> {
        let id: InstanceId = id(required(self.instance_id.as_deref(), "InstanceId")?)?;
        let attribute = required(self.attribute.as_deref(), "Attribute")?;
        let world = call.world();
        let instance = world.instance(call.scope(), &id).map_err(|error| fault::of(&error))?;
        shown(&world, instance, attribute)
    }
}

fn shown(world: &World, instance: &Instance, attribute: &str) -> Result<InstanceAttribute, Failure> {
    let flag = |value| Some(AttributeBooleanValue { value: Some(value) });
    let text = |value: Option<&str>| Some(AttributeValue { value: value.map(str::to_owned) });
    let interface = instance.interface.as_ref().and_then(|id| world.interfaces.get(id));
    let mut answer = InstanceAttribute { instance_id: Some(instance.id.to_string()), ..InstanceAttribute::default() };
    match attribute {
        "disableApiStop" => answer.disable_api_stop = flag(instance.disable_api_stop),
        "disableApiTermination" => answer.disable_api_termination = flag(instance.disable_api_termination),
        "ebsOptimized" => answer.ebs_optimized = flag(instance.ebs_optimized),
        "enaSupport" => answer.ena_support = flag(true),
        "enclaveOptions" => answer.enclave_options = Some(EnclaveOptions { enabled: Some(false) }),
        "groupSet" => {
            answer.groups = interface.map(|i| network_interface::groups(world, &i.groups)).unwrap_or_default()
        }
        "instanceInitiatedShutdownBehavior" => {
            answer.instance_initiated_shutdown_behavior = text(Some(instance.shutdown_behavior.as_str()));
        }
        "instanceType" => answer.instance_type = text(Some(&instance.instance_type)),
        "kernel" => answer.kernel_id = text(None),
        "ramdisk" => answer.ramdisk_id = text(None),
        "rootDeviceName" => answer.root_device_name = text(instance.root_device.as_deref()),
        "sourceDestCheck" => answer.source_dest_check = flag(interface.is_none_or(|i| i.source_dest_check)),
        "sriovNetSupport" => answer.sriov_net_support = text(None),
        "userData" => answer.user_data = text(instance.user_data.as_deref()),
        "blockDeviceMapping" => answer.block_device_mappings = instance::devices(world, instance),
        // The list is empty, and shown as such with every attribute.
        "productCodes" => {}
        other => {
            let message = format!("Value ({other}) for parameter attribute is invalid. Unknown attribute.");
            return Err(refused("InvalidParameterValue", message));
        }
    }
    Ok(answer)
}
