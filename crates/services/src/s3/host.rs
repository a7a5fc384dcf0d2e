//! The forms of the Host header: which of them name a bucket.
//!
//! Source: S3 user guide, "Virtual hosting of buckets"; S3 user guide, "AWS PrivateLink for Amazon S3".

use s3s::host::{S3Host, VirtualHost};
use s3s::{S3Result, s3_error};
use sidegate_model::Region;

/// Reads the Host header.
#[derive(Debug)]
pub(super) struct Hosts {
    /// Further names, apart from AWS's own, under which a first label names a bucket.
    domains: Vec<String>,
}

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

impl Hosts {
    pub(super) fn new(domains: &[String]) -> Self {
        Self { domains: domains.iter().map(|d| d.trim_matches('.').to_ascii_lowercase()).collect() }
    }

    fn form(&self, host: &str) -> Form {
        let host = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_end_matches('.').to_ascii_lowercase();
        for domain in &self.domains {
            if let Some(bucket) = host.strip_suffix(domain.as_str()).and_then(|rest| rest.strip_suffix('.')) {
                return Form::Virtual(bucket.to_owned());
            }
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
        match self.form(host) {
            Form::Path => Ok(VirtualHost::new(host)),
            Form::Virtual(bucket) => Ok(VirtualHost::new(host).with_bucket(bucket)),
            Form::Other(what) => Err(s3_error!(NotImplemented, "{what} not implemented")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, Hosts};

    #[test]
    fn the_host_names_the_bucket_in_every_form_of_aws() {
        let hosts = Hosts::new(&["s3.example.test".to_owned()]);
        for path in [
            "s3.amazonaws.com",
            "s3.eu-west-1.amazonaws.com",
            "s3.eu-west-1.amazonaws.com:443",
            "s3-eu-west-1.amazonaws.com",
            "s3.dualstack.eu-west-1.amazonaws.com",
            "localhost:4566",
            "s3.example.test",
            "bucket.vpce-0a1b2c-xyz.s3.us-east-1.vpce.amazonaws.com",
            "vpce-0a1b2c-xyz-us-east-1a.s3.us-east-1.vpce.amazonaws.com",
        ] {
            assert_eq!(hosts.form(path), Form::Path, "{path}");
        }
        for (host, bucket) in [
            ("docs.s3.amazonaws.com", "docs"),
            ("docs.s3.eu-west-1.amazonaws.com:443", "docs"),
            ("DOCS.s3-eu-west-1.amazonaws.com", "docs"),
            ("docs.s3.dualstack.eu-west-1.amazonaws.com", "docs"),
            ("docs.s3-fips.us-east-1.amazonaws.com", "docs"),
            ("my.docs.s3.s3.eu-west-1.amazonaws.com", "my.docs.s3"),
            ("eu-west-1.s3.amazonaws.com", "eu-west-1"),
            ("docs.bucket.vpce-0a1b2c-xyz.s3.us-east-1.vpce.amazonaws.com", "docs"),
            ("my.docs.bucket.vpce-0a1b2c-xyz.s3.us-east-1.vpce.amazonaws.com", "my.docs"),
            ("docs.s3.example.test", "docs"),
        ] {
            assert_eq!(hosts.form(host), Form::Virtual(bucket.to_owned()), "{host}");
        }
        assert!(matches!(hosts.form("control.vpce-0a.s3.us-east-1.vpce.amazonaws.com"), Form::Other(_)));
    }
}
