//! The words in which AWS refuses a policy document.
//!
//! Sources: refusals of IAM that moto's tests have recorded (test_iam_policies.py, 2025), and messages of
//! `MalformedPolicyDocument` that users of IAM quote; those of EC2's `InvalidPolicyDocument`.

use super::{Fault, PolicyError};
use crate::json::Position;
use crate::statement::Effect;

const SYNTAX: &str = "Syntax errors in policy.";

/// What an older parser of IAM says, which tells no more than that.
const LEGACY: &str = "The policy failed legacy parsing";

impl PolicyError {
    /// The message that goes with IAM's `MalformedPolicyDocument`, or with `LimitExceeded` for one that is too long.
    pub fn iam_message(&self) -> String {
        match self {
            Self::TooLong { limit, .. } => format!("Cannot exceed quota for PolicySize: {limit}"),
            Self::Syntax { .. } | Self::DuplicateKey { .. } | Self::TooDeep { .. } => SYNTAX.to_owned(),
            Self::Grammar { fault, .. } => fault.iam_message(),
        }
    }

    /// The message that goes with `MalformedPolicyDocument` for the trust policy of a role, which has words of its own.
    pub fn trust_message(&self) -> String {
        match self {
            Self::Syntax { .. } => "This policy contains invalid Json".to_owned(),
            Self::Grammar { fault: Fault::Type { .. }, element, .. } if element == "Principal" => {
                "Principal must be a JSON object.".to_owned()
            }
            Self::Grammar { fault, .. } => fault.trust_message(),
            Self::TooLong { .. } | Self::DuplicateKey { .. } | Self::TooDeep { .. } => self.iam_message(),
        }
    }

    /// The message that goes with EC2's `InvalidPolicyDocument`.
    pub fn ec2_message(&self) -> String {
        match self {
            Self::TooLong { limit, .. } => {
                format!("The Policy Document exceeds the maximum of {limit} characters.")
            }
            Self::Syntax { position: Position { line, column }, .. } => {
                format!("The Policy Document is not valid. Syntax error at position ({line},{column})")
            }
            other => format!("The Policy Document is not valid. {other}"),
        }
    }
}

impl Fault {
    fn iam_message(&self) -> String {
        match self {
            Self::OldVersion => "Policy document must be version 2012-10-17 or greater.".to_owned(),
            Self::Effect { effect } if is_effect(effect) => LEGACY.to_owned(),
            Self::UnreadableArn { .. } | Self::Date { .. } | Self::LeadingSpace => LEGACY.to_owned(),
            Self::Missing { element: "Action" } => "Policy statement must contain actions.".to_owned(),
            Self::Missing { element: "Resource" } => "Policy statement must contain resources.".to_owned(),
            Self::Prohibited { element: "Principal" | "NotPrincipal" } => {
                "Policy document should not specify a principal.".to_owned()
            }
            Self::Prohibited { element } => format!("Has prohibited field {element}"),
            Self::Sid { .. } => {
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular \
                expression [0-9A-Za-z]*"
                    .to_owned()
            }
            Self::DuplicateSid { .. } => "Statement IDs (SID) in a single policy must be unique.".to_owned(),
            Self::NoVendor { .. } => {
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned()
            }
            Self::SeveralColons => "Actions/Condition can contain only one colon.".to_owned(),
            Self::VendorPattern { .. } => {
                "Action vendors (e.g., aws, ec2, etc.) must not contain wildcards.".to_owned()
            }
            Self::Vendor { vendor } => format!("Vendor {vendor} is not valid"),
            Self::ResourceControlEffect | Self::ResourceControlPrincipal | Self::ResourceControlAction => {
                "The provided policy document does not meet the requirements of the specified policy type.".to_owned()
            }
            other => other.resource_message().unwrap_or_else(|| SYNTAX.to_owned()),
        }
    }

    /// What is said of a resource.
    fn resource_message(&self) -> Option<String> {
        let message = match self {
            Self::Resource { resource } => format!("Resource {resource} must be in ARN format or \"*\"."),
            Self::ResourcePartition { partition, resource } => {
                format!("Partition \"{partition}\" is not valid for resource \"{resource}\".")
            }
            Self::ResourceVendor { .. } => {
                "Resource vendor must be fully qualified and cannot contain regexes.".to_owned()
            }
            Self::RegionOfGlobal { service, resource } if service == "iam" => {
                format!("IAM resource {resource} cannot contain region information.")
            }
            Self::RegionOfGlobal { resource, .. } => {
                format!("Resource {resource} can not contain region information.")
            }
            Self::IamResource { kinds } => format!("IAM resource path must either be \"*\" or start with {kinds}."),
            _ => return None,
        };
        Some(message)
    }

    fn trust_message(&self) -> String {
        match self {
            Self::UnknownElement { element } => format!("Unknown field {element}"),
            Self::UnknownVersion { .. } => "The policy must contain a valid version string".to_owned(),
            Self::Missing { element: "Statement" } => "Could not parse the policy: Statement is empty!".to_owned(),
            Self::Missing { element } => format!("Missing required field {element}"),
            Self::Empty { element } => format!("Missing required field {element} cannot be empty!"),
            Self::Effect { effect } => format!("Invalid effect: {effect}"),
            Self::DuplicateSid { .. } => "The Statement Ids in the policy are not unique".to_owned(),
            Self::AllowExcept => "Allow with NotPrincipal is not allowed.".to_owned(),
            Self::Prohibited { element: element @ "NotPrincipal" } => {
                format!("AssumeRole policy must not contain {element} field.")
            }
            Self::Prohibited { element: "NotResource" } => "AssumeRole policy must not contain resources.".to_owned(),
            Self::TrustAction { .. } | Self::NoVendor { .. } => {
                "AssumeRole policy may only specify STS AssumeRole actions.".to_owned()
            }
            Self::Principal { kind, principal } => {
                format!("Invalid principal in policy: \"{}\":\"{principal}\"", kind.to_ascii_uppercase())
            }
            Self::PrincipalKind { kind } => format!("Invalid principal in policy: \"{kind}\""),
            Self::Provider { .. } => "Federated principals must be valid domain names or SAML metadata ARNs".to_owned(),
            Self::OpenProvider { .. } => "A condition block must be present for the Cognito provider".to_owned(),
            other => other.iam_message(),
        }
    }
}

/// Whether a text is an effect, whatever its case.
fn is_effect(text: &str) -> bool {
    [Effect::Allow, Effect::Deny].iter().any(|effect| text.eq_ignore_ascii_case(effect.as_str()))
}
