//! The protocols: what answers, errors and request documents look like.

use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use sidegate_wire::{
    aws_json::{self, JsonError, Target},
    aws_query::{self, Content},
    protocol::{Failure, JsonVersion, Protocol},
    request_id::RequestId,
    rest_xml,
};

fn failure() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "NoSuchKey", "There is no <key> & no \"value\"\u{1}.")
}

fn text(response: &Response<Vec<u8>>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

#[test]
fn ec2_tells_an_error_in_its_own_form_of_the_query_protocol() {
    let answer = Protocol::Ec2Query.render_error(&failure(), "req-1", "/");
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.headers()["content-type"], "text/xml;charset=UTF-8");
    assert_eq!(answer.headers()["x-amzn-requestid"], "req-1");
    let body = text(&answer);
    assert!(body.contains("<Response><Errors><Error><Code>NoSuchKey</Code><Message>"), "{body}");
    assert!(body.ends_with("</Errors><RequestID>req-1</RequestID></Response>"), "{body}");
}

#[test]
fn the_query_protocol_tells_whose_fault_an_error_is() {
    let answer = Protocol::AwsQuery.render_error(&failure(), "req-1", "/");
    assert_eq!(answer.headers()["content-type"], "text/xml");
    assert_eq!(
        text(&answer),
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
         <Code>NoSuchKey</Code><Message>There is no &lt;key&gt; &amp; no &quot;value&quot;\u{fffd}.</Message>\
         </Error><RequestId>req-1</RequestId></ErrorResponse>",
    );
    let ours = Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", "");
    assert!(text(&Protocol::AwsQuery.render_error(&ours, "r", "/")).contains("<Type>Receiver</Type>"));
}

#[test]
fn the_query_protocol_wraps_a_result_in_the_name_of_its_action() {
    let mut result = Content::default();
    result.text("Account", "000000000000").nested("User", |user| {
        user.text("Arn", "arn:aws:iam::0:user/a&b");
    });
    let answer = aws_query::response(aws_query::STS, "GetCallerIdentity", &result, "req-1");
    assert_eq!(answer.status(), 200);
    assert_eq!(
        text(&answer),
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult><Account>000000000000</Account>\
         <User><Arn>arn:aws:iam::0:user/a&amp;b</Arn></User></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>req-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>",
    );
}

#[test]
fn json_tells_an_error_with_its_type() {
    let answer = Protocol::AwsJson(JsonVersion::V1_0).render_error(&failure(), "req-1", "/");
    assert_eq!(answer.headers()["content-type"], "application/x-amz-json-1.0");
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(body, json!({"__type": "NoSuchKey", "Message": failure().message}));
    let answer = Protocol::RestJson.render_error(&failure(), "req-1", "/");
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.headers()["x-amzn-errortype"], "NoSuchKey");
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(body, json!({"message": failure().message}));
}

#[test]
fn json_answers_with_the_content_type_of_its_version() {
    let answer = aws_json::response(JsonVersion::V1_1, &json!({"Name": "a"}), "req-1").unwrap();
    assert_eq!(answer.headers()["content-type"], "application/x-amz-json-1.1");
    assert_eq!(text(&answer), r#"{"Name":"a"}"#);
}

#[test]
fn s3_tells_an_error_with_both_of_its_ids() {
    let mut failure = failure();
    failure.message = "Gone".to_owned();
    failure.details = vec![("Region", "eu-west-1".to_owned())];
    let answer = Protocol::RestXml.render_error(&failure, "4442587FB7D0A2F9", "/photos/a&b");
    let host_id = rest_xml::host_id("4442587FB7D0A2F9");
    assert_eq!(answer.headers()["content-type"], "application/xml");
    assert_eq!(answer.headers()["x-amz-request-id"], "4442587FB7D0A2F9");
    assert_eq!(answer.headers()["x-amz-id-2"], host_id.as_str());
    assert!(!answer.headers().contains_key("x-amzn-requestid"));
    assert_eq!(
        text(&answer),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>Gone</Message>\
             <Region>eu-west-1</Region><Resource>/photos/a&amp;b</Resource>\
             <RequestId>4442587FB7D0A2F9</RequestId><HostId>{host_id}</HostId></Error>",
        ),
    );
}

#[test]
fn request_ids_have_the_form_of_their_service() {
    let random = 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef;
    let id = RequestId::new(Protocol::AwsQuery, random);
    assert_eq!(id.to_string(), "01234567-89ab-4def-8123-456789abcdef");
    assert_eq!(RequestId::new(Protocol::RestJson, u128::MAX).as_str(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    for random in [0, random, u128::MAX] {
        let id = RequestId::new(Protocol::RestXml, random);
        assert_eq!(id.as_str().len(), 16);
        assert!(id.as_str().bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()));
    }
}

fn target(value: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-target", HeaderValue::from_bytes(value).unwrap());
    headers
}

#[test]
fn a_target_names_a_service_and_an_operation() {
    let headers = target(b"DynamoDB_20120810.PutItem");
    let found = Target::parse(&headers).unwrap();
    assert_eq!((found.service, found.operation), ("DynamoDB_20120810", "PutItem"));
    let dotted = target(b"com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents");
    let found = Target::parse(&dotted).unwrap();
    assert_eq!(found.service, "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101");
    assert_eq!(found.operation, "LookupEvents");
    let long = format!("{}.PutItem", "a".repeat(300));
    for bad in [&b"PutItem"[..], b".PutItem", b"a.", b"a..c", b"a.b c", b"\xff.b", b"", long.as_bytes()] {
        assert_eq!(Target::parse(&target(bad)), Err(JsonError::NoTarget), "{bad:?}");
    }
    let mut twice = headers.clone();
    twice.append("x-amz-target", HeaderValue::from_static("a.b"));
    assert_eq!(Target::parse(&twice), Err(JsonError::NoTarget));
    assert_eq!(JsonError::NoTarget.failure().code, "UnknownOperationException");
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: String,
    version: Option<u8>,
}

#[test]
fn a_document_becomes_the_type_of_its_operation() {
    let named: Named = aws_json::parse(br#"{"Name":"a","Other":[1]}"#).unwrap();
    assert_eq!((named.name.as_str(), named.version), ("a", None));
    let empty: Value = aws_json::parse(b"").unwrap();
    assert_eq!(empty, json!({}));
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Nested {
    one: Option<Box<Named>>,
    several: Option<Vec<Named>>,
    by_name: Option<std::collections::BTreeMap<String, Named>>,
    wrapped: Option<Wrapped>,
}

#[derive(Debug, Deserialize)]
struct Wrapped(Named);

#[test]
fn a_structure_is_an_object_at_every_depth() {
    let read = |body: &str| aws_json::parse::<Nested>(body.as_bytes());
    let request = read(
        r#"{"One": {"Name": "a"}, "Several": [{"Name": "b"}], "ByName": {"x": {"Name": "c"}}, "Wrapped": {"Name": "d"}}"#,
    );
    let request = request.unwrap();
    let names = [
        &request.one.unwrap().name,
        &request.several.unwrap()[0].name,
        &request.by_name.unwrap()["x"].name,
        &request.wrapped.unwrap().0.name,
    ]
    .map(String::clone);
    assert_eq!(names, ["a", "b", "c", "d"]);
    for list in [
        r#"[null, null, null, null]"#,
        r#"{"One": ["hunter2", 1]}"#,
        r#"{"Several": [["hunter2", 1]]}"#,
        r#"{"ByName": {"x": ["hunter2", 1]}}"#,
        r#"{"Wrapped": ["hunter2", 1]}"#,
    ] {
        let failure = read(list).unwrap_err().failure();
        assert_eq!(failure.code, "SerializationException", "{list}");
        assert!(!failure.message.contains("hunter2"), "{}", failure.message);
    }
    assert!(aws_json::parse::<Value>(b"{} x").is_err(), "nothing follows the document");
}

#[test]
fn a_document_is_bounded_in_size_and_depth() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(aws_json::parse::<Value>(nested(64).as_bytes()).is_ok());
    assert_eq!(aws_json::parse::<Value>(nested(65).as_bytes()), Err(JsonError::TooDeep));
    let brackets = format!(r#"{{"a":"\"{}"}}"#, "[".repeat(100));
    assert!(aws_json::parse::<Value>(brackets.as_bytes()).is_ok(), "brackets in text are no depth");
    let large = vec![b' '; aws_json::MAX_BYTES + 1];
    assert_eq!(aws_json::parse::<Value>(&large), Err(JsonError::TooLarge));
}

#[test]
fn what_is_wrong_with_a_document_is_told_without_its_values() {
    let told = |body: &str| {
        let failure = aws_json::parse::<Named>(body.as_bytes()).unwrap_err().failure();
        assert_eq!(failure.code, "SerializationException");
        assert_eq!(failure.status, 400);
        failure.message
    };
    let message = told(r#"{"Name":"a","Version":"hunter2, expected x"}"#);
    assert_eq!(message, "the document cannot be read: expected an integer at line 1 column 43");
    assert!(told("{}").contains("missing field `Name`"));
    assert!(told("{").contains("EOF while parsing"));
}
