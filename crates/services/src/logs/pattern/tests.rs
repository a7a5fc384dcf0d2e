//! A corpus of patterns and messages, and random patterns against an evaluator that knows no text.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// Patterns with what they match and what they do not.
///
/// Most are examples of the user guide.
const CORPUS: &[(&str, &[&str], &[&str])] = &[
    ("", &["", "anything"], &[]),
    ("  ", &["anything"], &[]),
    ("ERROR", &["[ERROR] A fatal exception", "Exiting with ERRORCODE: -1"], &["error", "WARN"]),
    ("ERROR ARGUMENTS", &["ERROR INVALID ARGUMENTS", "ARGUMENTS then ERROR"], &["ERROR", "ARGUMENTS"]),
    ("?ERROR ?WARN", &["ERROR message", "a WARN", "ERROR WARN"], &["INFO"]),
    ("?ERROR ?WARN REQUEST", &["REQUEST", "ERROR REQUEST"], &["ERROR", "WARN"]),
    ("ERROR -ARGUMENTS", &["ERROR INVALID"], &["ERROR ARGUMENTS", "INVALID"]),
    ("\"ERROR\" - \"Exiting\"", &["[ERROR] Caught"], &["ERROR Exiting"]),
    ("-INFO", &["ERROR", ""], &["INFO ERROR"]),
    ("\"INTERNAL SERVER ERROR\"", &["ERROR 500 INTERNAL SERVER ERROR"], &["INTERNAL ERROR SERVER"]),
    (r#""say \"no\"""#, &[r#"they say "no" to it"#], &["say no"]),
    ("%ERROR%", &["[ERROR]"], &["error"]),
    ("%colou?r%", &["color", "the colour"], &["colr"]),
    (r"%10\.10\.0\.1%", &["10.10.0.1"], &["10a10b0c1"]),
    (r"%^\d{3}%", &["404 not found"], &["a 404"]),
    (r"%ab\x28%", &["ab(c"], &["abc"]),
    ("{ $.eventType = \"UpdateTrail\" }", &[EVENT], &["{}", "UpdateTrail", "{\"eventType\": \"x\"}"]),
    ("{$.eventType=UpdateTrail}", &[EVENT], &["{}"]),
    ("{ $.sourceIPAddress != 123.123.* }", &[EVENT], &["{\"sourceIPAddress\": \"123.123.1.1\"}", "{}"]),
    ("{ $.sourceIPAddress = \"111.*\" }", &[EVENT], &["{\"sourceIPAddress\": \"12.1\"}"]),
    ("{ $.arrayKey[0] = \"value\" }", &[EVENT], &["{\"arrayKey\": \"value\"}", "{\"arrayKey\": []}"]),
    ("{ $.objectList[1].id = 2 }", &[EVENT], &["{\"objectList\": [{\"id\": 2}]}"]),
    ("{ $.objectList[*].id = 2 }", &[EVENT, "{\"objectList\": [{\"id\": 2}]}"], &["{\"objectList\": [{\"id\": 3}]}"]),
    ("{ $.* = \"UpdateTrail\" }", &[EVENT], &["{\"a\": {\"b\": \"UpdateTrail\"}}"]),
    ("{ $.eventType = %Trail% }", &[EVENT], &["{\"eventType\": \"Trai\"}"]),
    ("{ $.arrayKey[*] = %val.{2}% }", &[EVENT], &["{\"arrayKey\": [\"val\"]}"]),
    ("{ $.['cluster.name'] = \"c\" }", &[EVENT], &["{\"cluster\": {\"name\": \"c\"}}"]),
    ("{ $.SomeObject IS NULL }", &[EVENT], &["{}", "{\"SomeObject\": 1}"]),
    ("{ $.SomeOtherObject NOT EXISTS }", &[EVENT, "{}"], &["{\"SomeOtherObject\": null}", "text"]),
    ("{ $.ThisFlag IS TRUE }", &[EVENT], &["{\"ThisFlag\": false}", "{\"ThisFlag\": \"true\"}", "{}"]),
    ("{ $.ThisFlag IS FALSE }", &["{\"ThisFlag\": false}"], &[EVENT]),
    (
        "{ $.latency >= 500 }",
        &["{\"latency\": 500}", "{\"latency\": 5e2}"],
        &["{\"latency\": 499.9}", "{\"latency\": \"x\"}"],
    ),
    ("{ $.numbers[0] < 10e-3 }", &["{\"numbers\": [0.009]}"], &["{\"numbers\": [0.01]}"]),
    ("{ $.latency > +1000 }", &["{\"latency\": 1001}"], &["{\"latency\": 1000}"]),
    ("{ $.errorCode = 400 }", &["{\"errorCode\": 400}", "{\"errorCode\": \"400\"}"], &["{\"errorCode\": 4000}"]),
    ("{ $.errorCode != 500 }", &["{\"errorCode\": 400}"], &["{\"errorCode\": 500}", "{\"errorCode\": [400]}", "{}"]),
    ("{ $.latency = * }", &["{\"latency\": 1}", "{\"latency\": \"\"}"], &["{}", "{\"latency\": {}}"]),
    ("{ $.a = \"Ev*ent\" }", &["{\"a\": \"Ev*ent\"}"], &["{\"a\": \"Event\"}", "{\"a\": \"EvXent\"}"]),
    ("{ $.users = 1 }", &[], &["{\"users\": [1, 2, 3]}"]),
    ("{ $.users != 1 }", &[], &["{\"users\": [1, 2, 3]}"]),
    ("{ ($.user.id = 1) && ($.users[0].email = \"John.Doe@example.com\") }", &[COMPOUND], &[EVENT]),
    ("{ ($.user.id = 2 && $.users[0].email = \"nonmatch\") || $.actions[2] = \"GET\" }", &[], &[COMPOUND]),
    (
        "{ $.user.email = \"John.Stiles@example.com\" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }",
        &[COMPOUND],
        &[],
    ),
    (
        "{ ($.user.email = \"John.Stiles@example.com\" || $.coordinates[0][1] = nonmatch) && $.actions[2] = nomatch }",
        &[],
        &[COMPOUND],
    ),
    ("[ip, user, username, timestamp, request, status_code, bytes]", &[ACCESS], &["127.0.0.1 - frank", ""]),
    ("[ip, user, username, timestamp, request, status_code=4*, bytes > 1000]", &[ACCESS], &[]),
    ("[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]", &[ACCESS], &[]),
    ("[..., status_code = 404, bytes < 1000]", &[], &[ACCESS]),
    ("[..., request=*.html*, status_code=4*,]", &[ACCESS], &[]),
    ("[ip, ..., bytes]", &[ACCESS, "a b"], &["a"]),
    ("[ip=%127\\.0\\.0\\.[1-9]%, ...]", &[ACCESS], &["10.0.0.1 x"]),
    ("[w1=ERROR, w2]", &["ERROR message"], &["ERROR a message", "WARN message"]),
    ("[w1=ERROR || w1=%WARN%, w2]", &["ERROR message", "WARNING message"], &["INFO message"]),
    ("[w1!=ERROR&&w1!=WARN, w2]", &["INFO message"], &["ERROR message", "WARN message"]),
    ("[a=\"x y\", ...]", &["[x y] z", "\"x y\" z"], &["x y z"]),
];

const EVENT: &str = r#"{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111",
    "arrayKey": ["value", "another value"], "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": null, "cluster.name": "c", "ThisFlag": true}"#;

const COMPOUND: &str = r#"{"user": {"id": 1, "email": "John.Stiles@example.com"},
    "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
    "actions": ["GET", "PUT", "DELETE"], "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]]}"#;

const ACCESS: &str = r#"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;

#[test]
fn patterns_match_what_the_guide_says_they_match() {
    for (pattern, matched, others) in CORPUS {
        let parsed = Pattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        for message in *matched {
            assert!(parsed.matches(message), "{pattern} should match {message}");
        }
        for message in *others {
            assert!(!parsed.matches(message), "{pattern} should not match {message}");
        }
    }
}

#[test]
fn what_is_no_pattern_is_refused() {
    let cases = [
        "ERROR:",
        "a-b",
        "\"open",
        "?",
        "ERROR -",
        "%",
        "%a",
        "%%",
        "%a b%",
        "%a(b)%",
        "%something!%",
        "%é%",
        "%[%",
        "{",
        "{}",
        "{ $.a }",
        "{ a = 1 }",
        "{ $ = 1 }",
        "{ $.a == 1 }",
        "{ $.a = }",
        "{ $.a = \"x }",
        "{ $.a > \"x\" }",
        "{ $.a = 1 && }",
        "{ ($.a = 1 }",
        "{ $.a = 1) }",
        "{ $.a EXISTS }",
        "{ $.a IS }",
        "{ $.a IS NULLS }",
        "{ $.a = @x }",
        "{ $.a[ = 1 }",
        "{ $.a[x] = 1 }",
        "{ $.a[99999999999999999999] = 1 }",
        "{ $.[*].b[*] = 1 }",
        "{ $.a = 1 } x",
        "{ $.a[*] = 1 || $.b[*] = 1 || $.c[*] = 1 || $.d[*] = 1 }",
        "{ $.a = %x% && $.b = %y% && $.c = %z% }",
        "[",
        "[a",
        "[a b]",
        "[a, ..., b, ...]",
        "[a=]",
        "[a=1 && b=2]",
        "[a=1] x",
        "[a > x]",
        "[a=%x%, b=%y%, c=%z%]",
    ];
    for text in cases {
        assert!(Pattern::parse(text).is_err(), "{text}");
    }
    assert_eq!(Pattern::parse("a:b").unwrap_err().to_string(), "Invalid character(s) in term 'a:b'");
    let unclosed = Pattern::parse("{$.kubernetes.name=\"abc\"").unwrap_err().to_string();
    assert_eq!(unclosed, "If a filter pattern starts with '{' it must end with '}'");
}

#[test]
fn parentheses_and_expressions_are_bounded() {
    let nested = |depth: usize| format!("{{ {}$.a = 1{} }}", "(".repeat(depth), ")".repeat(depth));
    assert!(Pattern::parse(&nested(MAX_DEPTH)).is_ok());
    assert!(Pattern::parse(&nested(MAX_DEPTH + 1)).is_err());
    assert!(Pattern::parse("%a{1000}{1000}{1000}%").is_err());
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(!Pattern::parse("{ $.a = 1 }").unwrap().matches(&deep));
}

#[test]
fn values_are_taken_from_what_matches() {
    let fields = Pattern::parse("[..., request=*.html*, status_code=4*,]").unwrap();
    let found = fields.read(ACCESS).unwrap();
    let expected = json!({
        "$1": "127.0.0.1", "$2": "-", "$3": "frank", "$4": "10/Oct/2000:13:25:15 -0700",
        "$request": "GET /index.html HTTP/1.0", "$status_code": "404", "$7": "1534",
    });
    assert_eq!(json!(found.extracted()), expected);
    assert_eq!((found.value("$status_code"), found.value("$7")), (Some("404".into()), Some("1534".into())));
    assert_eq!((found.value("$none"), found.value("$0"), found.value("$8")), (None, None, None));
    let document = Pattern::parse("{ $.latency = * && $.user.name NOT EXISTS }").unwrap();
    let found = document.read(r#"{"latency": 12.5, "user": {"id": "u"}}"#).unwrap();
    assert_eq!(json!(found.extracted()), json!({"$.latency": "12.5"}));
    let every = Pattern::parse("{ $.list[*].id = 2 }").unwrap();
    let entry = every.read(r#"{"list": [{"id": 1}, {"id": 2}]}"#).unwrap();
    assert_eq!(json!(entry.extracted()), json!({"$.list[*].id": "2"}));
    assert_eq!((found.value("$.user.id"), found.value("$.latency")), (Some("u".into()), Some("12.5".into())));
    assert!(document.names("$.x.y") && !document.names("$x") && !document.names("$.x[*]") && !document.names("1"));
    assert!(fields.names("$request") && fields.names("$7") && !fields.names("$other") && !fields.names("$"));
}

/// A condition as the naive evaluator knows it: on the member `a` or `b` of a document.
#[derive(Clone, Debug)]
enum Naive {
    Test(&'static str, &'static str, i64),
    Text(&'static str, bool, String),
    Missing(&'static str),
    Null(&'static str),
    All(Vec<Naive>),
    Any(Vec<Naive>),
}

impl Naive {
    fn text(&self) -> String {
        let join = |parts: &[Self], by: &str| {
            parts.iter().map(|part| format!("({})", part.text())).collect::<Vec<_>>().join(by)
        };
        match self {
            Self::Test(member, operator, number) => format!("$.{member} {operator} {number}"),
            Self::Text(member, true, text) => format!("$.{member} = \"{text}\""),
            Self::Text(member, false, text) => format!("$.{member}!=\"{text}\""),
            Self::Missing(member) => format!("$.{member} NOT EXISTS"),
            Self::Null(member) => format!("$.{member} IS NULL"),
            Self::All(parts) => join(parts, " && "),
            Self::Any(parts) => join(parts, "||"),
        }
    }

    fn holds(&self, document: &Value) -> bool {
        match self {
            Self::Test(member, operator, number) => document[member].as_i64().is_some_and(|value| match *operator {
                "=" => value == *number,
                "!=" => value != *number,
                "<" => value < *number,
                "<=" => value <= *number,
                ">" => value > *number,
                _ => value >= *number,
            }),
            Self::Text(member, equal, text) => match &document[member] {
                Value::Null => false,
                Value::String(value) => (value == text) == *equal,
                // The strategy makes no other values of `b`.
                _ => false,
            },
            Self::Missing(member) => document.get(member).is_none(),
            Self::Null(member) => document.get(member).is_some_and(Value::is_null),
            Self::All(parts) => parts.iter().all(|part| part.holds(document)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(document)),
        }
    }
}

fn naive() -> impl Strategy<Value = Naive> {
    let member = || prop_oneof![Just("a"), Just("b")];
    let operators = prop_oneof![Just("="), Just("!="), Just("<"), Just("<="), Just(">"), Just(">=")];
    let leaf = prop_oneof![
        (Just("a"), operators, -3_i64..4).prop_map(|(m, o, n)| Naive::Test(m, o, n)),
        (Just("b"), any::<bool>(), "[xy]{1,2}").prop_map(|(m, e, t)| Naive::Text(m, e, t)),
        member().prop_map(Naive::Missing),
        member().prop_map(Naive::Null),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Naive::All),
            prop::collection::vec(inner, 1..4).prop_map(Naive::Any),
        ]
    })
}

fn document() -> impl Strategy<Value = Value> {
    let a = prop_oneof![Just(None), Just(Some(Value::Null)), (-3_i64..4).prop_map(|n| Some(json!(n)))];
    let b = prop_oneof![Just(None), Just(Some(Value::Null)), "[xy]{1,2}".prop_map(|t| Some(json!(t)))];
    (a, b).prop_map(|(a, b)| {
        let members = [("a", a), ("b", b)].into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(members.collect())
    })
}

proptest! {
    #[test]
    fn conditions_on_documents_hold_where_a_naive_evaluator_says_so(naive in naive(), document in document()) {
        let text = format!("{{ {} }}", naive.text());
        let pattern = Pattern::parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(pattern.matches(&document.to_string()), naive.holds(&document), "{} on {}", text, document);
    }

    #[test]
    fn terms_match_where_the_text_has_them(
        demanded in prop::collection::vec("[ab]{1,2}", 0..3), excluded in prop::collection::vec("[ab]{1,2}", 0..2),
        message in "[ab ]{0,8}",
    ) {
        let without = excluded.iter().map(|term| format!("-{term}"));
        let text: Vec<String> = demanded.iter().cloned().chain(without).collect();
        let has = |term: &String| message.contains(term);
        let holds = demanded.iter().all(has) && !excluded.iter().any(has);
        prop_assert_eq!(Pattern::parse(&text.join(" ")).unwrap().matches(&message), holds);
    }

    #[test]
    fn fields_are_those_between_spaces(values in prop::collection::vec("[a-z0-9]{1,4}", 1..6), at in 0_usize..6) {
        let at = at % values.len();
        let names: Vec<String> = (0..values.len())
            .map(|n| if n == at { format!("f{n} = {}", values[n]) } else { format!("f{n}") })
            .collect();
        let message = values.join(" ");
        let pattern = Pattern::parse(&format!("[{}]", names.join(", "))).unwrap();
        let found = pattern.read(&message).unwrap();
        for (n, value) in values.iter().enumerate() {
            prop_assert_eq!(&found.value(&format!("$f{n}")).unwrap(), value);
        }
        let longer = format!("{message} more");
        prop_assert!(!pattern.matches(&longer));
    }

    #[test]
    fn any_text_is_a_pattern_or_refused(text in "\\PC{0,40}", message in "\\PC{0,40}") {
        if let Ok(pattern) = Pattern::parse(&text) {
            pattern.matches(&message);
        }
        for shell in [format!("{{ {text} }}"), format!("[{text}]"), format!("%{text}%")] {
            let _ = Pattern::parse(&shell).map(|pattern| pattern.matches(&message));
        }
    }
}
