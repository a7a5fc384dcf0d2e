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

/// What says that a trace is of the record of a stopped event. The field is ours.
const STOPPED: &str = "Stopped=1";

/// By how many functions what a trace is of has come: the one that was handed the lineage, and those before it.
pub(super) fn hops(trace: &str) -> u32 {
    let lineage = trace.split(';').find_map(|field| field.trim().strip_prefix(FIELD)?.strip_prefix('='));
    let before: Option<u32> = lineage.and_then(|lineage| lineage.rsplit(':').next()?.parse().ok());
    before.map_or(0, |before| before.saturating_add(1))
}

/// A trace for a function whose event has come by so many others. One that allows loops passes on the lineage that it was
/// handed: its own rounds are not held against those that it calls.
pub(super) fn handed(trace: &str, function_arn: &str, hops: u32, allows_loops: bool) -> String {
    let fields = trace.split(';').filter(|field| field.trim() != STOPPED);
    if allows_loops {
        return fields.collect::<Vec<_>>().join(";");
    }
    let hash = hex::encode(Sha256::checksum(function_arn.as_bytes()));
    let (hash, hops) = (hash.get(..8).unwrap_or_default(), hops.min(MOST));
    let others = fields.filter(|field| !field.trim().starts_with(FIELD));
    let lineage = format!("{FIELD}={hops}:{hash}:{hops}");
    others.map(str::to_owned).chain([lineage]).collect::<Vec<_>>().join(";")
}

/// A trace for the record of an event that was stopped.
pub(super) fn of_stopped(trace: &str) -> String {
    format!("{trace};{STOPPED}")
}

/// Whether a trace is of the record of an event that was stopped.
pub(super) fn is_of_stopped(trace: &str) -> bool {
    trace.split(';').any(|field| field.trim() == STOPPED)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";

    #[test]
    fn what_is_passed_on_comes_back() {
        assert_eq!(hops(TRACE), 0);
        let first = handed(TRACE, "arn:aws:lambda:us-east-1:111122223333:function:f", 0, false);
        assert!(first.starts_with(&format!("{TRACE};Lineage=0:")) && first.ends_with(":0"), "{first}");
        assert_eq!(hops(&first), 1);
        let second = handed(&first, "arn:aws:lambda:us-east-1:111122223333:function:f", 1, false);
        assert_eq!((hops(&second), second.matches("Lineage").count()), (2, 1), "{second}");
        assert_eq!(hops(&handed(&second, "f", 1000, false)), MOST + 1);
    }

    #[test]
    fn a_function_that_allows_loops_does_not_count() {
        assert_eq!(handed(TRACE, "f", 0, true), TRACE);
        let one = handed(TRACE, "f", 0, false);
        assert_eq!(handed(&one, "g", 1, true), one);
    }

    #[test]
    fn what_tells_of_a_stopped_event_says_so_until_a_function_has_it() {
        let last = handed(TRACE, "f", 16, false);
        let told = of_stopped(&last);
        assert!(!is_of_stopped(&last) && is_of_stopped(&told), "{told}");
        assert_eq!(hops(&told), 17);
        assert_eq!(handed(&told, "g", 17, true), last);
        assert!(!is_of_stopped(&handed(&told, "g", 17, false)));
    }

    #[test]
    fn what_is_no_lineage_counts_as_none() {
        for other in ["", "Lineage", "Lineage=", "Lineage=a:b:c", "Root=1;Lineage=1:2:-3"] {
            assert_eq!(hops(other), 0, "{other}");
        }
    }
}
