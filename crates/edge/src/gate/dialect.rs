//! How each service is spoken to: the name that requests are signed for, the protocol, and the word before the dot in
//! `X-Amz-Target`. The catalog of services has all of it.

use std::sync::LazyLock;

use http::HeaderMap;
use http::request::Parts;
use sidegate_model::{Catalog, Service};
use sidegate_services::spoken::{self, ErrorForm};
use sidegate_wire::protocol::Protocol;

/// How a service is spoken to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// The last part of the service's endpoint service name.
    pub(super) service: &'static str,
    /// The service in a signature's scope. Some services share one.
    pub(super) signing: &'static str,
    entry: &'static Service,
}

/// Those of the services that have an API of their own. Where several share a signing name, the first is the one that is
/// meant where nothing else tells: the one that has the name itself, or else the first of the catalog.
static DIALECTS: LazyLock<Vec<Dialect>> = LazyLock::new(|| {
    let own = Service::public().filter(|service| service.api == service.name);
    let mut dialects: Vec<_> =
        own.map(|service| Dialect { service: service.name, signing: service.signing, entry: service }).collect();
    dialects.sort_by_key(|dialect| dialect.service != dialect.signing);
    dialects
});

/// The versions of the query APIs, which requests name beside the action.
const VERSIONS: [(&str, &str); 13] = [
    ("2016-11-15", "ec2"),
    ("2011-06-15", "sts"),
    ("2010-05-08", "iam"),
    ("2010-03-31", "sns"),
    ("2012-11-05", "sqs"),
    ("2010-08-01", "monitoring"),
    ("2010-05-15", "cloudformation"),
    ("2011-01-01", "autoscaling"),
    ("2012-06-01", "elasticloadbalancing"),
    ("2015-12-01", "elasticloadbalancing"),
    ("2014-10-31", "rds"),
    ("2015-02-02", "elasticache"),
    ("2012-12-01", "redshift"),
];

impl Dialect {
    /// The dialect of a service: its own, or that of the service whose FIPS endpoint it is.
    pub(super) fn of(service: &str) -> Option<&'static Self> {
        let api = Catalog::named(service)?.api;
        DIALECTS.iter().find(|d| d.service == api)
    }

    /// The dialects of the services whose requests are signed for this name.
    pub(super) fn signed_for(signing: &str) -> impl Iterator<Item = &'static Self> {
        DIALECTS.iter().filter(move |d| d.signing == signing)
    }

    /// The dialect with this word in its targets.
    pub(super) fn targeted(target: &str) -> Option<&'static Self> {
        DIALECTS.iter().find(|d| !d.entry.target.is_empty() && d.entry.target == target)
    }

    /// The dialect whose API has this version.
    pub(super) fn of_version(version: &str) -> Option<&'static Self> {
        VERSIONS.iter().find(|(known, _)| *known == version).and_then(|(_, service)| Self::of(service))
    }

    /// Whether the bodies of requests stream to the service, which holds them to what their headers say: those of S3.
    pub(super) fn streams(&self, head: &Parts) -> bool {
        self.service.starts_with("s3") && self.protocol(head) == Protocol::RestXml
    }

    /// The protocol of a request.
    pub(super) fn protocol(&self, head: &Parts) -> Protocol {
        self.protocol_of(&head.headers)
    }

    /// The form in which a request with these headers is told errors.
    pub(super) fn error_form(&self, headers: &HeaderMap) -> ErrorForm {
        ErrorForm::new(self.protocol_of(headers), self.service)
    }

    /// The protocol of a request with these headers.
    fn protocol_of(&self, headers: &HeaderMap) -> Protocol {
        spoken::protocol(self.entry, headers)
    }
}

#[cfg(test)]
mod tests {
    use sidegate_model::Service;

    use super::*;

    #[test]
    fn every_service_of_the_catalog_has_a_dialect() {
        for service in Service::public() {
            assert_eq!(Dialect::of(service.name).map(|dialect| dialect.service), Some(service.api));
        }
        let meant = |signing: &str| Dialect::signed_for(signing).next().map(|dialect| dialect.service);
        for (signing, service) in [
            ("kms", "kms"),
            ("bedrock", "bedrock"),
            ("ecs", "ecs"),
            ("appmesh", "appmesh"),
            ("dynamodb", "dynamodb"),
            ("s3", "s3"),
            ("sagemaker", "sagemaker.api"),
            ("ses", "email"),
            ("firehose", "kinesis-firehose"),
        ] {
            assert_eq!(meant(signing), Some(service));
        }
    }

    #[test]
    fn a_target_belongs_to_one_service() {
        let targets: Vec<_> =
            DIALECTS.iter().map(|dialect| dialect.entry.target).filter(|word| !word.is_empty()).collect();
        assert_eq!(targets.iter().collect::<std::collections::BTreeSet<_>>().len(), targets.len());
        assert_eq!(Dialect::targeted("TrentService").map(|dialect| dialect.service), Some("kms"));
        for (version, service) in VERSIONS {
            assert_eq!(Dialect::of_version(version).map(|dialect| dialect.service), Some(service));
        }
    }
}
