//! The policy that a new endpoint gets: the least that does not ask what clients do.
//!
//! It lets in who belongs to the account, and what the service can do. So nobody's else credentials carry data out through the
//! endpoint. A policy that names the resources as well is better, and is for who knows them.

use sidegate_model::{Catalog, Region, Service};

use crate::workload::Need;

/// The condition key of a caller's account.
pub(crate) const KEY: &str = "aws:PrincipalAccount";

/// What a new endpoint gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Least {
    /// A policy that lets the account's callers do all of this.
    Actions(String),
    /// None, for this reason.
    None(&'static str),
}

/// The services that are called without a signature, so that a policy which asks who calls lets such calls through no more.
///
/// Source: STS API reference, `AssumeRoleWithWebIdentity`; Cognito user pools API reference, "Unauthenticated operations";
/// API Gateway developer guide, "Private APIs"; SES developer guide, "SMTP".
const UNSIGNED: [&str; 6] = ["sts", "execute-api", "cognito-idp", "cognito-identity", "email-smtp", "git-codecommit"];

/// The policy for a service.
pub(crate) fn least(service: &Service) -> Least {
    let api = Catalog::named(service.api).unwrap_or(service);
    let prefix = api.action_prefix();
    if !service.policy || prefix.is_empty() {
        return Least::None("policies of its endpoints have no effect");
    }
    if UNSIGNED.contains(&service.name) || UNSIGNED.contains(&api.name) {
        return Least::None("some of its calls bear no signature, which a policy about callers would not let through");
    }
    Least::Actions(format!("{prefix}:*"))
}

/// What else is to be known of the policy of a service.
pub(crate) fn remark(service: &Service) -> Option<&'static str> {
    (service.name == "s3").then_some(
        "Reads without a signature, as of Amazon Linux's package repositories, need a statement of their own.",
    )
}

/// The objects that an endpoint of S3 must let through beside the account's own, where images are pulled from ECR in its
/// Region: their layers, which are signed for by ECR and not by the caller.
///
/// Source: Amazon ECR user guide, "Minimum Amazon S3 bucket permissions for Amazon ECR".
pub(crate) fn layers(needs: &[Need], service: &Service, region: Region) -> Option<String> {
    let pulls = |need: &Need| need.region == region && need.service.name.starts_with("ecr.");
    let is_wanted = service.name == "s3" && needs.iter().any(pulls);
    is_wanted.then(|| format!("arn:aws:s3:::prod-{region}-starport-layer-bucket/*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_of_s3_lets_layers_through_where_images_are_pulled_in_its_region() {
        let named = |name: &str| Catalog::named(name).unwrap();
        let [here, there]: [Region; 2] = ["eu-west-1", "us-west-2"].map(|name| name.parse().unwrap());
        let needs = ["s3", "ecr.dkr"].map(|name| Need::here(named(name), here, None));
        let expected = "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*";
        assert_eq!(layers(&needs, named("s3"), here).as_deref(), Some(expected));
        assert_eq!(layers(&needs, named("s3"), there), None);
        assert_eq!(layers(&needs, named("kms"), here), None);
        assert_eq!(layers(&needs[..1], named("s3"), here), None);
    }

    #[test]
    fn a_policy_has_the_actions_of_the_service_behind_the_endpoint() {
        let least = |name| least(Catalog::named(name).unwrap());
        for (name, actions) in [
            ("s3", "s3:*"),
            ("bedrock-runtime", "bedrock:*"),
            ("monitoring", "cloudwatch:*"),
            ("kms-fips", "kms:*"),
            ("ecr.dkr", "ecr:*"),
        ] {
            assert_eq!(least(name), Least::Actions(actions.to_owned()), "{name}");
        }
        assert!(matches!(least("sts"), Least::None(_)) && matches!(least("sts-fips"), Least::None(_)));
    }

    #[test]
    fn every_service_has_a_policy_or_a_reason_for_none() {
        for service in Service::all() {
            if let Least::Actions(actions) = least(service) {
                assert!(actions.len() > 2 && actions.ends_with(":*"), "{}: {actions}", service.name);
            }
        }
    }
}
