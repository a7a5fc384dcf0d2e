//! DescribeAccountAttributes.

#[cfg(test)]
mod tests;

use sidegate_model::ELASTIC_IP_LIMIT;
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::refused;

/// The attributes of every account. The limits are AWS's own defaults where Sidegate has none.
///
/// Source: EC2 API reference, DescribeAccountAttributes.
const ATTRIBUTES: [(&str, &str); 6] = [
    ("supported-platforms", "VPC"),
    ("vpc-max-security-groups-per-interface", "5"),
    ("max-elastic-ips", "5"),
    ("max-instances", "20"),
    (ELASTIC_IPS, ""),
    (DEFAULT_VPC, "none"),
];

/// The attribute that tells how many Elastic IP addresses there may be.
const ELASTIC_IPS: &str = "vpc-max-elastic-ips";

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
        let value = |(name, value): &(&str, &str)| match *name {
            DEFAULT_VPC => default_vpc.to_owned(),
            ELASTIC_IPS => ELASTIC_IP_LIMIT.to_string(),
            _ => (*value).to_owned(),
        };
        let render = |attribute: &(&str, &str)| ec2::AccountAttribute {
            attribute_name: Some(attribute.0.to_owned()),
            attribute_values: vec![ec2::AccountAttributeValue { attribute_value: Some(value(attribute)) }],
        };
        Ok(ec2::DescribeAccountAttributesResult { account_attributes: attributes.map(render).collect() })
    }
}
