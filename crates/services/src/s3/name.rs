//! The rules for names of buckets.
//!
//! Source: S3 user guide, "General purpose bucket naming rules".

use std::net::Ipv4Addr;

use s3s::validation::NameValidation;

const RESERVED_PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

/// Whether a bucket may have this name.
pub(super) fn is_bucket_name(name: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (3..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
        && edge(name.as_bytes().first())
        && edge(name.as_bytes().last())
        && !name.contains("..")
        && name.parse::<Ipv4Addr>().is_err()
        && !RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        && !RESERVED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

/// Those rules, where s3s asks for them.
pub(super) struct BucketNames;

impl NameValidation for BucketNames {
    fn validate_bucket_name(&self, name: &str) -> bool {
        is_bucket_name(name)
    }
}

#[cfg(test)]
mod tests {
    use super::is_bucket_name;

    #[test]
    fn names_follow_the_rules_of_aws() {
        for good in ["abc", "my.bucket-1", "1abc", "a-.b", &"a".repeat(63), "10.0.0.1.x"] {
            assert!(is_bucket_name(good), "{good}");
        }
        for bad in [
            "ab",
            "Abc",
            "a_b",
            "-abc",
            "abc-",
            ".abc",
            "a..b",
            "192.168.0.1",
            "xn--abc",
            "abc-s3alias",
            "x--ol-s3",
            "",
        ] {
            assert!(!is_bucket_name(bad), "{bad}");
        }
        assert!(!is_bucket_name(&"a".repeat(64)));
    }
}
