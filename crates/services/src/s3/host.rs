//! The forms of the Host header: which of them name a bucket.
//!
//! Source: S3 user guide, "Virtual hosting of buckets"; S3 user guide, "AWS PrivateLink for Amazon S3".

use s3s::host::{S3Host, VirtualHost};
use s3s::{S3Result, s3_error};
use sidegate_model::Region;

use super::fault::Fault;

/// The domains under which emulators of AWS are found, all of which lead to 127.0.0.1: below them stand the names of
/// services, with a Region behind or without.
pub const LOCAL_DOMAINS: [&str; 2] = [".localhost.localstack.cloud", ".localhost"];

/// Reads the Host header.
#[derive(Debug)]
pub(super) struct Hosts;

/// What a Host header says.
#[derive(Debug, PartialEq, Eq)]
enum Form {
    /// The bucket, if there is one, stands in the path.
    Path,
    /// The host begins with the bucket's name.
    Virtual(String),
    /// The kind of S3's endpoints that serves something else than buckets.
    Other(&'static str),
}

/// The bucket that a host names. `None` if the bucket, if there is one, stands in the path.
pub fn bucket_of(host: &str) -> Option<String> {
    match form(host) {
        Form::Virtual(bucket) => Some(bucket),
        Form::Path | Form::Other(_) => None,
    }
}

/// The same, with a refusal of what serves something else than buckets.
pub(super) fn addressed(host: &str) -> Result<Option<String>, Fault> {
    match form(host) {
        Form::Virtual(bucket) => Ok(Some(bucket)),
        Form::Path => Ok(None),
        Form::Other(what) => Err(Fault::not_implemented(format!("{what} not implemented"))),
    }
}

fn form(host: &str) -> Form {
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_end_matches('.').to_ascii_lowercase();
    if let Some(stem) = LOCAL_DOMAINS.iter().find_map(|domain| host.strip_suffix(domain)) {
        let labels: Vec<&str> = stem.split('.').collect();
        return match labels.as_slice() {
            [front @ .., "s3", region] if is_region(region) => bucket(front),
            [front @ .., "s3"] => bucket(front),
            _ => Form::Path,
        };
    }
    let Some(name) = host.strip_suffix(".amazonaws.com") else {
        return Form::Path;
    };
    let labels: Vec<&str> = name.split('.').collect();
    match labels.as_slice() {
        [front @ .., vpce, "s3", _, "vpce"] if vpce.starts_with("vpce-") => endpoint_specific(front),
        [front @ .., "s3" | "s3-fips", "dualstack", region] if is_region(region) => bucket(front),
        [front @ .., "s3" | "s3-fips", region] if is_region(region) => bucket(front),
        [front @ .., "s3" | "s3-external-1"] => bucket(front),
        [front @ .., last] if last.strip_prefix("s3-").is_some_and(is_region) => bucket(front),
        _ => Form::Path,
    }
}

/// The names of an interface endpoint carry, before the endpoint's id, the kind of what they serve: `bucket` there is
/// that kind, and no bucket's name.
fn endpoint_specific(front: &[&str]) -> Form {
    match front {
        [.., "accesspoint"] => Form::Other("Access points are"),
        [.., "control"] => Form::Other("S3 Control is"),
        [front @ .., "bucket"] => bucket(front),
        front => bucket(front),
    }
}

fn bucket(front: &[&str]) -> Form {
    if front.is_empty() { Form::Path } else { Form::Virtual(front.join(".")) }
}

fn is_region(label: &str) -> bool {
    label.parse::<Region>().is_ok()
}

impl S3Host for Hosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        match form(host) {
            Form::Path => Ok(VirtualHost::new(host)),
            Form::Virtual(bucket) => Ok(VirtualHost::new(host).with_bucket(bucket)),
            Form::Other(what) => Err(s3_error!(NotImplemented, "{what} not implemented")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, form};

    #[test]
    fn the_host_names_the_bucket_in_every_form_of_aws() {
        for path in [
            "s3.amazonaws.com",
            "s3.eu-west-1.amazonaws.com",
            "s3.eu-west-1.amazonaws.com:443",
            "s3-eu-west-1.amazonaws.com",
            "s3.dualstack.eu-west-1.amazonaws.com",
            "localhost:4566",
            "s3.localhost:4566",
            "s3.eu-west-1.localhost.localstack.cloud:4566",
            "docs.s3.example.test",
            "bucket.vpce-0a1b2c-xyz.s3.us-east-1.vpce.amazonaws.com",
            "vpce-0a1b2c-xyz-us-east-1a.s3.us-east-1.vpce.amazonaws.com",
        ] {
            assert_eq!(form(path), Form::Path, "{path}");
        }
        for (host, bucket) in [
            ("docs.s3.amazonaws.com", "docs"),
            ("docs.s3.eu-west-1.amazonaws.com:443", "docs"),
            ("DOCS.s3-eu-west-1.amazonaws.com", "docs"),
            ("docs.s3.dualstack.eu-west-1.amazonaws.com", "docs"),
            ("docs.s3-fips.us-east-1.amazonaws.com", "docs"),
            ("docs.s3-fips.dualstack.us-east-1.amazonaws.com", "docs"),
            ("my.docs.s3.s3.eu-west-1.amazonaws.com", "my.docs.s3"),
            ("eu-west-1.s3.amazonaws.com", "eu-west-1"),
            ("docs.bucket.vpce-0a1b2c-xyz.s3.us-east-1.vpce.amazonaws.com", "docs"),
            ("my.docs.bucket.vpce-0a1b2c-xyz.s3.us-east-1.vpce.amazonaws.com", "my.docs"),
            ("docs.s3.localhost:4566", "docs"),
            ("docs.s3.localhost.localstack.cloud:4566", "docs"),
            ("my.docs.s3.eu-west-1.localhost.localstack.cloud:4566", "my.docs"),
        ] {
            assert_eq!(form(host), Form::Virtual(bucket.to_owned()), "{host}");
        }
        assert!(matches!(form("control.vpce-0a.s3.us-east-1.vpce.amazonaws.com"), Form::Other(_)));
    }
}
