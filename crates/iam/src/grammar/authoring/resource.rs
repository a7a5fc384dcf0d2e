//! The resources that IAM takes: `*` and ARNs. What is missing at the end of an ARN is `*`.
//!
//! Sources: IAM user guide, "IAM ARNs", "IAM JSON policy elements: Resource"; service authorization reference, "Actions,
//! resources, and condition keys for Amazon S3"; recorded refusals of IAM.

use super::WILDCARDS;
use crate::error::Fault;
use crate::grammar::is_partition;

/// What ARNs of IAM name.
const IAM_RESOURCES: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// What ARNs of S3 name that is in a Region.
const REGIONAL_OF_S3: [&str; 6] =
    ["accesspoint/", "job/", "storage-lens/", "storage-lens-group/", "access-grants/", "async-request/"];

/// An ARN with all its parts, and what it begins with.
struct Completed<'a> {
    head: &'a str,
    /// Partition, service, Region, account and resource.
    parts: [&'a str; 5],
    /// Whether one of the parts that were there is empty, and others are missing.
    has_gap: bool,
}

impl<'a> Completed<'a> {
    /// Completes a text; `None` if it has no parts.
    fn of(text: &'a str) -> Option<Self> {
        let (head, rest) = text.split_once(':')?;
        let given: Vec<_> = rest.splitn(5, ':').collect();
        let part = |at| given.get(at).copied().unwrap_or("*");
        // An empty partition has its own fault.
        let has_gap = given.len() < 5 && given.iter().skip(1).any(|part| part.is_empty());
        Some(Self { head, parts: [part(0), part(1), part(2), part(3), part(4)], has_gap })
    }

    /// Whether it can be read at all. An account is an id, a name or a pattern, and no placeholder.
    fn is_readable(&self) -> bool {
        let [_, service, _, account, _] = self.parts;
        let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'*' | b'?');
        !self.has_gap && !service.is_empty() && account.bytes().all(known)
    }
}

/// What is wrong with a resource, if anything is.
pub(super) fn fault(text: &str) -> Option<Fault> {
    if text == "*" {
        return None;
    }
    let Some(arn) = Completed::of(text) else {
        return Some(Fault::Resource { resource: text.to_owned() });
    };
    let [partition, service, region, _, resource] = arn.parts;
    if arn.head == "arn" && !arn.is_readable() {
        return Some(Fault::UnreadableArn { arn: text.to_owned() });
    }
    if !is_partition(partition) {
        let resource = format!("arn:{}", arn.parts.join(":"));
        return Some(Fault::ResourcePartition { partition: partition.to_owned(), resource });
    }
    if service.contains(WILDCARDS) {
        return Some(Fault::ResourceVendor { resource: text.to_owned() });
    }
    let has_regions = match service {
        "s3" => REGIONAL_OF_S3.iter().any(|kind| resource.starts_with(kind)),
        _ => service != "iam",
    };
    if !region.is_empty() && !has_regions {
        return Some(Fault::RegionOfGlobal { service: service.to_owned(), resource: text.to_owned() });
    }
    let is_pattern = resource.starts_with(WILDCARDS) || resource.starts_with('$');
    let is_of_iam = is_pattern || IAM_RESOURCES.iter().any(|kind| resource.starts_with(kind));
    (service == "iam" && !is_of_iam).then(|| Fault::IamResource { kinds: IAM_RESOURCES.join(", ") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_at_the_end_of_an_arn_is_anything() {
        for (text, completed) in [
            ("a:b", "arn:b:*:*:*:*"),
            ("aws:s3:::docs", "arn:s3:::docs:*"),
            (":::x", "arn:::x:*:*"),
            ("a:b:c:d:e:f:g:h", "arn:b:c:d:e:f:g:h"),
        ] {
            match fault(text) {
                Some(Fault::ResourcePartition { resource, .. }) => assert_eq!(resource, completed, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_arn_with_a_gap_or_a_placeholder_cannot_be_read() {
        for text in [
            "arn:aws:s3::docs",
            "arn:aws:s3:",
            "arn:aws::docs",
            "arn:aws::::docs",
            "arn:aws:ssm:us-east-1:ACCOUNT_ID:parameter/x",
            "arn:aws:ssm:us-east-1:<account>:parameter/x",
            "arn:aws:ssm:us-east-1:${aws:PrincipalAccount}:parameter/x",
        ] {
            assert!(matches!(fault(text), Some(Fault::UnreadableArn { .. })), "{text}");
        }
        for text in ["arn:aws:ssm:region:account-id:parameter/x", "arn:aws:sqs:us-east-1:1234*:a", "arn:aws:sqs"] {
            assert_eq!(fault(text), None, "{text}");
        }
    }
}
