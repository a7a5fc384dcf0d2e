//! What must be allowed for an operation to happen, and the path on which the request came.

use std::net::IpAddr;
use std::sync::Arc;

use sidegate_model::{AccountId, VpcEndpointId, VpcId};

use crate::{Context, Policy};

/// One action on one resource that must be allowed, with what is known of this resource alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The action, such as `s3:GetObject`.
    pub action: String,
    /// The resource's ARN, or `*` for an action that has none.
    pub resource: String,
    /// The account that owns the resource, where the ARN does not tell it, as with buckets. If neither tells, it is the
    /// caller's own.
    pub resource_account: Option<AccountId>,
    /// The condition keys of this action on this resource, such as `s3:prefix` or `aws:ResourceTag/team`. They win over
    /// those of the request.
    pub context: Context,
    /// The policy of the resource: of a bucket, a secret, a key, or the trust policy of a role.
    pub resource_policy: Option<Arc<Policy>>,
    /// What was granted of the resource one by one, beside its policy, as statements that allow it: the grants of a KMS
    /// key. Whoever a grant names needs no policy that allows, of whatever account; a statement that denies still does.
    ///
    /// Source: KMS developer guide, "Grants in AWS KMS", "Troubleshooting AWS KMS permissions"; Auto Scaling user guide,
    /// "Required AWS KMS key policy for use with encrypted volumes" (a grant for a role of another account is enough).
    pub grants: Option<Arc<Policy>>,
    /// Whether whoever proves who it is may do this, whatever the principal's and the organization's policies say: then
    /// the policy of the endpoint on the path alone decides.
    pub is_free: bool,
    /// Whether nobody here can say what the request names: the resource may be any, and if the action ends with `*`, it
    /// may be any that begins so. Then only a statement allows that allows all of it, and every statement denies that
    /// denies any of it.
    pub is_open: bool,
}

impl Requirement {
    /// A requirement.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            resource: resource.into(),
            resource_account: None,
            context: Context::new(),
            resource_policy: None,
            grants: None,
            is_free: false,
            is_open: false,
        }
    }

    /// A requirement for what nobody here can say: an action, or with a `*` at the end any that begins so, on any
    /// resource.
    pub fn open(action: impl Into<String>) -> Self {
        Self { is_open: true, ..Self::new(action, "*") }
    }

    /// The account that owns the resource, as far as it is known: the one that was given, or that in the ARN.
    pub fn owner(&self) -> Option<AccountId> {
        let of_arn = || self.resource.split(':').nth(4)?.parse().ok();
        self.resource_account.clone().or_else(of_arn)
    }

    /// With the account that owns the resource.
    #[must_use]
    pub fn owned_by(mut self, account: AccountId) -> Self {
        self.resource_account = Some(account);
        self
    }

    /// With a condition key.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Box<str>>) -> Self {
        self.context = self.context.with(key, value);
        self
    }

    /// With a multivalued condition key.
    #[must_use]
    pub fn with_many<V: Into<Box<str>>>(mut self, key: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.context = self.context.with_many(key, values);
        self
    }

    /// Which nobody who is known needs a permission for.
    ///
    /// Source: STS API reference, "GetCallerIdentity": "No permissions are required to perform this operation."
    #[must_use]
    pub fn free(mut self) -> Self {
        self.is_free = true;
        self
    }

    /// With the policy of the resource.
    #[must_use]
    pub fn under(mut self, policy: impl Into<Arc<Policy>>) -> Self {
        self.resource_policy = Some(policy.into());
        self
    }

    /// With what was granted of the resource beside its policy.
    #[must_use]
    pub fn granted(mut self, grants: impl Into<Arc<Policy>>) -> Self {
        self.grants = Some(grants.into());
        self
    }
}

/// How a request reached the service. The condition keys of the network come from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// Over the API's own address on the machine, which stands for the internet.
    Public {
        /// The client's address: `aws:SourceIp`.
        source: IpAddr,
    },
    /// Through a VPC endpoint: `aws:SourceVpc`, `aws:SourceVpce`, `aws:VpcSourceIp`.
    Endpoint {
        /// The VPC that the request came from.
        vpc: VpcId,
        /// The endpoint.
        endpoint: VpcEndpointId,
        /// The client's private address.
        source: IpAddr,
    },
}

/// The services whose requests through an endpoint bear the endpoint's account and organization, and the VPC's ARN; those
/// of them that have endpoints here.
///
/// Source: IAM user guide, "AWS global condition context keys": `aws:SourceVpcArn`, `aws:VpceAccount`.
const KNOW_ENDPOINT_OWNER: [&str; 12] = [
    "athena",
    "cloudformation",
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "iam",
    "kinesis-firehose",
    "kms",
    "lambda",
    "rekognition",
    "s3",
    "textract",
];

/// Whether requests to a service through an endpoint bear the condition keys of the endpoint's owner.
pub fn tells_endpoint_owner(service: &str) -> bool {
    KNOW_ENDPOINT_OWNER.contains(&service)
}

impl Path {
    /// The condition keys of the network.
    ///
    /// Source: IAM user guide, "AWS global condition context keys", properties of the network.
    pub fn context(&self) -> Context {
        match self {
            Self::Public { source } => Context::new().with("aws:SourceIp", source.to_string()),
            Self::Endpoint { vpc, endpoint, source } => Context::new()
                .with("aws:SourceVpc", vpc.to_string())
                .with("aws:SourceVpce", endpoint.to_string())
                .with("aws:VpcSourceIp", source.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_an_endpoint_are_there_only_through_one() {
        let source = IpAddr::from([10, 0, 0, 4]);
        let public = Path::Public { source }.context();
        assert!(public.values("aws:SourceIp").is_some() && public.values("aws:VpcSourceIp").is_none());
        let (vpc, endpoint) = ("vpc-0123456789abcdef0".parse().unwrap(), "vpce-0123456789abcdef0".parse().unwrap());
        let private = Path::Endpoint { vpc, endpoint, source }.context();
        let keys: Vec<_> = private.iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip"]);
    }
}
