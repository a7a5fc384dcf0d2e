use super::*;
use crate::{Context, Principal};

fn matches(pattern: &str, arn: &str, place: ArnPlace) -> Matching {
    let none = Context::new();
    let context = Context::new().with("x:team", "blue").with("x:arn", "arn:aws:sns:us-east-1:111111111111:t");
    let lookup = Lookup::new(&none, &context, &Principal::Anonymous, None);
    ArnPattern::new(pattern, true, place).matches(&ArnParts::of(arn), &lookup)
}

#[test]
fn a_wildcard_stays_in_its_part_but_at_the_end() {
    let covers = |pattern: &str, arn: &str| matches(pattern, arn, ArnPlace::Resource) == Matching::Yes;
    let stream = "arn:aws:logs:us-east-1:111111111111:log-group:g:log-stream:s";
    for pattern in
        ["*", "**", "arn:aws:logs:*:*:*", "arn:*:logs:us-*:1*1:log-group:*", "arn:aws:logs", "arn:aws:logs:*"]
    {
        assert!(covers(pattern, stream), "{pattern}");
    }
    for pattern in ["arn:aws:logs:*:log-group:*", "arn:aws:s3:::*", "arn:aws:logs:*:*:log-group:g", "arn:aws:*:g:*:*"] {
        assert!(!covers(pattern, stream), "{pattern}");
    }
    assert!(!covers("arn:aws:s3:::*", "*") && covers("*", "*"));
}

#[test]
fn variables_stand_after_the_fifth_colon_of_a_resource_and_anywhere_in_a_condition() {
    let (arn, own) = ("arn:aws:s3:::b/blue/x", "arn:aws:${x:service, 's3'}:::b/${x:team}/x");
    assert_eq!(matches("arn:aws:s3:::b/${x:team}/*", arn, ArnPlace::Resource), Matching::Yes);
    assert_eq!(matches(own, arn, ArnPlace::Resource), Matching::No);
    assert_eq!(matches(own, arn, ArnPlace::Condition), Matching::Yes);
    assert_eq!(matches("${x:arn}", "arn:aws:sns:us-east-1:111111111111:t", ArnPlace::Condition), Matching::Yes);
    assert_eq!(matches("arn:aws:sqs:::${x:none}", arn, ArnPlace::Resource), Matching::Unresolved);
}

#[test]
fn what_is_no_arn_matches_nothing() {
    assert!(!ArnPattern::new("bucket/*", true, ArnPlace::Resource).is_arn_or_everything());
    assert!(!ArnPattern::new("", true, ArnPlace::Resource).is_arn_or_everything());
    assert_eq!(matches("arn:aws:s3:::*", "arn:aws:s3", ArnPlace::Condition), Matching::No);
}
