//! DescribeAccountAttributes.

#[cfg(test)]
mod tests;

use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::refused;

/// The attributes of every account. The limits are AWS's own defaults; what Sidegate does not have is limited as well.
///
/// Source: EC2 API reference, DescribeAccountAttributes.
const ATTRIBUTES: [(&str, &str); 6] = [
    ("supported-platforms", "VPC"),
    ("vpc-max-security-groups-per-interface", "5"),
    ("max-elastic-ips", "5"),
    ("max-instances", "20"),
    ("vpc-max-elastic-ips", "5"),
    (DEFAULT_VPC, "none"),
];

/// The attribute that names the default VPC.
const DEFAULT_VPC: &str = "default-vpc";

impl Action for ec2::DescribeAccountAttributesRequest {
    type Answer = ec2::DescribeAccountAttributesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeAccountAttributesResult, Failure> {
        let wanted = &self.attribute_names;
        let is_unknown = |name: &&String| !ATTRIBUTES.iter().any(|(known, _)| known == name);
        if let Some(unknown) = wanted.iter().find(is_unknown) {
            let message = format!("Value ({unknown}) for parameter attributeName is invalid. Unknown attribute.");
            return Err(refused("InvalidParameterValue", message));
        }
        let attributes = ATTRIBUTES.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|w| w == name));
        let world = call.world();
        let default_vpc = world.default_vpc(call.scope()).map_or("none", |vpc| vpc.id.as_str());
        let render = |(name, value): &(&str, &str)| ec2::AccountAttribute {
            attribute_name: Some((*name).to_owned()),
            attribute_values: vec![ec2::AccountAttributeValue {
                attribute_value: Some(if *name == DEFAULT_VPC { default_vpc } else { value }.to_owned()),
            }],
        };
        Ok(ec2::DescribeAccountAttributesResult { account_attributes: attributes.map(render).collect() })
    }
}
