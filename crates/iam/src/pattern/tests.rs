use super::*;
use crate::{Context, Principal};

fn matches(pattern: &str, text: &str, context: &Context) -> Matching {
    let none = Context::new();
    let lookup = Lookup::new(&none, context, &Principal::Anonymous, None);
    Pattern::new(pattern, Reading { wildcards: true, variables: true }).matches(text, &lookup)
}

#[test]
fn wildcards_stand_for_any_text_and_for_one_character() {
    let covers = |pattern: &str, text: &str| matches(pattern, text, &Context::new()) == Matching::Yes;
    assert!(covers("*", "") && covers("a*", "a") && covers("*a", "ba") && covers("a?c", "aüc") && covers("*b*", "abc"));
    assert!(
        covers("*ab*cd", "xababcd") && covers("**", "x") && covers("", "") && covers("a*?", "abc") && covers("*?", "x")
    );
    assert!(
        !covers("a?c", "ac") && !covers("a", "A") && !covers("*?", "") && !covers("a*b", "abc") && !covers("", "a")
    );
}

#[test]
fn many_stars_take_no_more_than_the_product_of_the_lengths() {
    assert_eq!(matches(&("*a".repeat(500) + "b"), &"a".repeat(50_000), &Context::new()), Matching::No);
}

#[test]
fn variables_are_text_and_have_defaults_and_specials_are_characters() {
    let context = Context::new().with("aws:PrincipalTag/team", "a*").with_many("aws:TagKeys", ["x", "y"]);
    let outcome = |pattern: &str, text: &str| matches(pattern, text, &context);
    assert_eq!(outcome("${aws:principaltag/TEAM}/*", "a*/x"), Matching::Yes);
    assert_eq!(outcome("${aws:PrincipalTag/team}/*", "ab/x"), Matching::No);
    assert_eq!(outcome("${aws:PrincipalTag/none}", ""), Matching::Unresolved);
    assert_eq!(outcome("${aws:TagKeys}", "x"), Matching::Unresolved);
    assert_eq!(outcome("${x:none, 'it, too'}!", "it, too!"), Matching::Yes);
    assert_eq!(outcome("${x:none,plain}", "plain"), Matching::Yes);
    assert_eq!(outcome("${*}${?}${$}", "*?$"), Matching::Yes);
    assert_eq!(outcome("${unfinished", "${unfinished"), Matching::Yes);
    assert_eq!(outcome("$${*}", "$*"), Matching::Yes);
}

#[test]
fn case_is_ignored_where_it_is_asked_for() {
    let pattern = |text: &str| Pattern::new(text, Reading { wildcards: true, variables: false });
    for own in ["s3:getobject", "s3:get*", "s3:*object", "*"] {
        assert!(pattern(own).covers_ignoring_case("S3:GetObject"), "{own}");
    }
    assert!(
        !pattern("s3:get?").covers_ignoring_case("s3:GetObject") && !pattern("s3:get*").covers_ignoring_case("s3:ge")
    );
}
