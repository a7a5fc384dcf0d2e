//! The lineage in a trace header: by how many functions an event has come. Lambda hands it to a function, the clients of AWS
//! in it pass it on with what they ask for, and the service that makes an event of that brings it back.
//!
//! Source: Lambda developer guide, "Use Lambda recursive loop detection to prevent infinite loops"; OpenTelemetry's
//! propagator for X-Ray, for the form `Lineage=REQUESTS:HASH:LOOPS`.

use s3s::crypto::{Checksum as _, Sha256};

/// The name of the field.
const FIELD: &str = "Lineage";

/// The greatest number that is passed on.
const MOST: u32 = 255;

/// By how many functions what a trace is of has come.
pub(super) fn hops(trace: &str) -> u32 {
    let lineage = trace.split(';').find_map(|field| field.trim().strip_prefix(FIELD)?.strip_prefix('='));
    lineage.and_then(|lineage| lineage.rsplit(':').next()?.parse().ok()).unwrap_or_default()
}

/// A trace that passes this number on, for a function.
pub(super) fn with_hops(trace: &str, function_arn: &str, hops: u32) -> String {
    let hash = hex::encode(Sha256::checksum(function_arn.as_bytes()));
    let (hash, hops) = (hash.get(..8).unwrap_or_default(), hops.min(MOST));
    let others = trace.split(';').filter(|field| !field.trim().starts_with(FIELD));
    let lineage = format!("{FIELD}={hops}:{hash}:{hops}");
    others.map(str::to_owned).chain([lineage]).collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";

    #[test]
    fn what_is_passed_on_comes_back() {
        assert_eq!(hops(TRACE), 0);
        let once = with_hops(TRACE, "arn:aws:lambda:us-east-1:111122223333:function:f", 1);
        assert!(once.starts_with(&format!("{TRACE};Lineage=1:")), "{once}");
        assert_eq!(hops(&once), 1);
        let twice = with_hops(&once, "arn:aws:lambda:us-east-1:111122223333:function:f", 2);
        assert_eq!((hops(&twice), twice.matches("Lineage").count()), (2, 1), "{twice}");
        assert_eq!(hops(&with_hops(&twice, "f", 1000)), MOST);
    }

    #[test]
    fn what_is_no_lineage_counts_as_none() {
        for other in ["", "Lineage", "Lineage=", "Lineage=a:b:c", "Root=1;Lineage=1:2:-3"] {
            assert_eq!(hops(other), 0, "{other}");
        }
    }
}
