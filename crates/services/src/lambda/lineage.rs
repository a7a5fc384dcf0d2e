//! The lineage in a trace header: by how many functions an event has come. Lambda hands it to a function, the clients of AWS
//! in it pass it on with what they ask for, and Lambda, or the service that makes an event of that, brings it back.
//!
//! Source: Lambda developer guide, "Use Lambda recursive loop detection to prevent infinite loops"; OpenTelemetry's
//! propagator for X-Ray, for the form `Lineage=REQUESTS:HASH:LOOPS`.

use s3s::crypto::{Checksum as _, Sha256};

/// The name of the field.
const FIELD: &str = "Lineage";

/// The greatest number that is passed on.
const MOST: u32 = 255;

/// By how many functions what a trace is of has come: the one that was handed the lineage, and those before it.
pub(super) fn hops(trace: &str) -> u32 {
    let lineage = trace.split(';').find_map(|field| field.trim().strip_prefix(FIELD)?.strip_prefix('='));
    let before: Option<u32> = lineage.and_then(|lineage| lineage.rsplit(':').next()?.parse().ok());
    before.map_or(0, |before| before.saturating_add(1))
}

/// A trace for a function whose event has come by so many others.
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
        let first = with_hops(TRACE, "arn:aws:lambda:us-east-1:111122223333:function:f", 0);
        assert!(first.starts_with(&format!("{TRACE};Lineage=0:")) && first.ends_with(":0"), "{first}");
        assert_eq!(hops(&first), 1);
        let second = with_hops(&first, "arn:aws:lambda:us-east-1:111122223333:function:f", 1);
        assert_eq!((hops(&second), second.matches("Lineage").count()), (2, 1), "{second}");
        assert_eq!(hops(&with_hops(&second, "f", 1000)), MOST + 1);
    }

    #[test]
    fn what_is_no_lineage_counts_as_none() {
        for other in ["", "Lineage", "Lineage=", "Lineage=a:b:c", "Root=1;Lineage=1:2:-3"] {
            assert_eq!(hops(other), 0, "{other}");
        }
    }
}
