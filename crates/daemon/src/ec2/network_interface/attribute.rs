//! One attribute of a network interface.
//!
//! Source: EC2 API reference, `DescribeNetworkInterfaceAttribute`.

use sidegate_model::NetworkInterfaceId;
use sidegate_wire::ec2::{
    AttributeBooleanValue, AttributeValue, DescribeNetworkInterfaceAttributeRequest,
    DescribeNetworkInterfaceAttributeResult,
};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{id, required};
use super::super::{fault, refused};
use super::describe::{attachment, groups};

impl Action for DescribeNetworkInterfaceAttributeRequest {
    type Answer = DescribeNetworkInterfaceAttributeResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeNetworkInterfaceAttributeResult, Failure> {
        let id: NetworkInterfaceId = id(required(self.network_interface_id.as_deref(), "NetworkInterfaceId")?)?;
        let world = call.world();
        let interface = world.interface(call.scope(), &id).map_err(|error| fault::of(&error))?;
        let mut answer = DescribeNetworkInterfaceAttributeResult {
            network_interface_id: Some(id.to_string()),
            ..DescribeNetworkInterfaceAttributeResult::default()
        };
        match required(self.attribute.as_deref(), "Attribute")? {
            "description" => answer.description = Some(AttributeValue { value: Some(interface.description.clone()) }),
            "groupSet" => answer.groups = groups(&world, &interface.groups),
            "sourceDestCheck" => {
                answer.source_dest_check = Some(AttributeBooleanValue { value: Some(interface.source_dest_check) });
            }
            "attachment" => answer.attachment = attachment(interface),
            "associatePublicIpAddress" => {
                answer.associate_public_ip_address = Some(interface.automatic.wanted);
            }
            other => {
                let message = format!("Value ({other}) for parameter attribute is invalid. Unknown attribute.");
                return Err(refused("InvalidParameterValue", message));
            }
        }
        Ok(answer)
    }
}
