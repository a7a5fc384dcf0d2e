//! Uploads by forms of browsers, whose signatures the front door has proved.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, StreamBody};
use sidegate_iam::Principal;
use sidegate_services::BoxError;

use super::{Answer, Notes, Store, me, request};

const FORM: (&str, &str) = ("content-type", "multipart/form-data; boundary=----b0");

/// A form of these fields, with a file behind them.
fn form(fields: &[(&str, &str)], file: &str) -> String {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!("------b0\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body + &format!(
        "------b0\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\dir\\a b.txt\"\r\n\
         Content-Type: text/plain\r\n\r\n{file}\r\n------b0\r\nContent-Disposition: form-data; name=\"submit\"\r\n\r\n\
         Upload\r\n------b0--\r\n"
    )
}

/// The fields of a signature, and the policy of these conditions, that expires after the tests.
fn signed(conditions: &str) -> Vec<(String, String)> {
    let policy = format!(
        r#"{{"expiration": "2030-01-01T00:00:00.000Z", "conditions": [{{"bucket": "docs"}},
            ["starts-with", "$x-amz-credential", ""], ["starts-with", "$x-amz-date", ""],
            {{"x-amz-algorithm": "AWS4-HMAC-SHA256"}}{conditions}]}}"#
    );
    [
        ("policy", BASE64.encode(policy).as_str()),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20250615/us-east-1/s3/aws4_request"),
        ("x-amz-date", "20250615T000000Z"),
        ("x-amz-signature", "00"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

impl Store {
    /// Sends a form with a policy of these conditions.
    async fn send_form(&self, conditions: &str, fields: &[(&str, &str)], file: &str) -> Answer {
        let signature = signed(conditions);
        let signature = signature.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain(signature).collect();
        self.send("POST", "/docs", &[FORM], form(&fields, file)).await
    }
}

#[tokio::test]
async fn a_form_makes_an_object_with_what_its_fields_say() {
    let store = Store::with_bucket("docs").await;
    let conditions = r#", ["starts-with", "$key", "user/"], ["starts-with", "$Content-Type", "image/"],
        {"x-amz-meta-author": "Ada"}, ["starts-with", "$tagging", ""], ["content-length-range", 1, 10]"#;
    let fields = [
        ("Key", "user/${filename}"),
        ("Content-Type", "image/jpeg"),
        ("x-amz-meta-author", "Ada"),
        ("tagging", "<Tagging><TagSet><Tag><Key>a b</Key><Value>c+d=</Value></Tag></TagSet></Tagging>"),
        ("x-ignore-this", "x"),
    ];
    let answer = store.send_form(conditions, &fields, "hello").await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (204, ""), "{answer:?}");
    assert_eq!(answer.header("etag"), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    assert_eq!(answer.header("location"), Some("http://127.0.0.1:4566/docs/user%2Fa%20b.txt"));
    let read = store.get("/docs/user/a%20b.txt", &[]).await.ok();
    assert_eq!((read.text().as_str(), read.header("content-type")), ("hello", Some("image/jpeg")));
    assert_eq!(read.header("x-amz-meta-author"), Some("Ada"));
    let tags = store.get("/docs/user/a%20b.txt?tagging", &[]).await.ok();
    assert_eq!((tags.elements("Key"), tags.elements("Value")), (vec!["a b".to_owned()], vec!["c+d=".to_owned()]));
}

#[tokio::test]
async fn a_form_says_how_its_success_is_told() {
    let store = Store::with_bucket("docs").await;
    let status = |status| [("key", "a&b"), ("success_action_status", status)];
    let conditions = r#", ["starts-with", "$key", ""], ["starts-with", "$success_action_status", ""]"#;
    let created = store.send_form(conditions, &status("201"), "x").await;
    assert_eq!(created.status, 201);
    assert_eq!(
        (created.element("Bucket").as_deref(), created.element("Key").as_deref()),
        (Some("docs"), Some("a&amp;b"))
    );
    assert_eq!(created.element("ETag"), created.header("etag").map(str::to_owned));
    assert_eq!(created.element("Location"), created.header("location").map(str::to_owned));
    assert_eq!(store.send_form(conditions, &status("200"), "x").await.status, 200);
    assert_eq!(store.send_form(conditions, &status("404"), "x").await.status, 204);
    let conditions = r#", ["starts-with", "$key", ""], ["starts-with", "$success_action_redirect", ""]"#;
    for (url, expected) in [
        ("http://a.test/done", "http://a.test/done?bucket=docs&key=a%26b&etag=%22"),
        ("http://a.test/done?x=y", "http://a.test/done?x=y&bucket=docs&key=a%26b&etag=%22"),
    ] {
        let redirected = store.send_form(conditions, &[("key", "a&b"), ("success_action_redirect", url)], "x").await;
        assert_eq!(redirected.status, 303);
        assert!(redirected.header("location").unwrap().starts_with(expected), "{redirected:?}");
    }
    let no_url = store.send_form(conditions, &[("key", "k"), ("success_action_redirect", "done")], "x").await;
    assert_eq!(no_url.status, 204);
}

#[tokio::test]
async fn what_the_policy_does_not_allow_is_refused_and_leaves_nothing() {
    let store = Store::with_bucket("docs").await;
    let key = r#", ["starts-with", "$key", "user/"]"#;
    let sized = r#", ["starts-with", "$key", "user/"], ["content-length-range", 2, 4]"#;
    for (conditions, fields, file, status, code, message) in [
        (key, vec![("key", "other")], "x", 403, "AccessDenied", "Policy Condition failed: [\"starts-with\", \"$key\","),
        (key, vec![("key", "user/a"), ("acl", "private")], "x", 403, "AccessDenied", "Extra input fields: acl"),
        (sized, vec![("key", "user/a")], "12345", 400, "EntityTooLarge", "exceeds the maximum allowed size"),
        (sized, vec![("key", "user/a")], "1", 400, "EntityTooSmall", "smaller than the minimum allowed size"),
        (", 1", vec![("key", "user/a")], "x", 400, "InvalidPolicyDocument", "Invalid Policy"),
        (key, vec![], "x", 400, "InvalidArgument", "Bucket POST must contain a field named 'key'."),
    ] {
        let refused = store.send_form(conditions, &fields, file).await;
        assert_eq!(refused.error(), (status, code.to_owned()), "{}", refused.text());
        let told = refused.element("Message").unwrap();
        assert!(told.contains(message), "{told}");
    }
    let policy = signed(key);
    for left_out in ["policy", "x-amz-signature", "x-amz-date"] {
        let fields = policy.iter().filter(|(name, _)| name != left_out);
        let fields: Vec<(&str, &str)> =
            [("key", "user/a")].into_iter().chain(fields.map(|(name, value)| (&**name, &**value))).collect();
        let refused = store.send("POST", "/docs", &[FORM], form(&fields, "x")).await;
        assert_eq!(refused.error(), (400, "InvalidArgument".into()));
        assert!(refused.element("ArgumentName").unwrap().eq_ignore_ascii_case(left_out), "{}", refused.text());
    }
    let unsigned = [("key", "user/a"), ("policy", policy[0].1.as_str())];
    let refused = store.send("POST", "/docs", &[FORM], form(&unsigned, "x")).await;
    assert_eq!(refused.error(), (403, "AccessDenied".into()));
    assert!(store.files().is_empty());
    assert!(store.get("/docs", &[]).await.ok().elements("Key").is_empty());
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let store = Store::with_bucket("docs").await;
    let whole = form(&[("key", "k")], "x");
    let cut = whole[..whole.find("x\r\n------b0").unwrap() + 1].to_owned();
    let large = form(&[("key", "k"), ("x-ignore-a", &"a".repeat(21 << 10))], "x");
    let none = "------b0\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n------b0--\r\n".to_owned();
    for (headers, body, code) in [
        (FORM, cut, "IncompleteBody"),
        (FORM, large, "MaxPostPreDataLengthExceeded"),
        (FORM, none, "IncorrectNumberOfFilesInPostRequest"),
        (FORM, whole.replace("form-data", "mixed"), "MalformedPOSTRequest"),
        (("content-type", "multipart/form-data"), whole.clone(), "MalformedPOSTRequest"),
    ] {
        assert_eq!(store.send("POST", "/docs", &[headers], body).await.error(), (400, code.to_owned()));
    }
    assert_eq!(store.send("POST", "/docs/key", &[FORM], whole.clone()).await.error(), (405, "MethodNotAllowed".into()));
    assert_eq!(store.send("POST", "/none", &[FORM], whole).await.error(), (404, "NoSuchBucket".into()));
    assert!(store.files().is_empty());
}

#[tokio::test]
async fn a_form_asks_for_what_a_put_asks_for() {
    let store = Store::with_bucket("docs").await;
    let fields = [("key", "k"), ("tagging", "<Tagging><TagSet/></Tagging>")];
    let with_tags = || request("POST", "/docs", &[FORM], form(&fields, "x"));
    let notes = Notes::default();
    let anonymous = sidegate_services::Caller { principal: Principal::Anonymous, ..me() };
    let answer = store.send_as(&anonymous, &notes, with_tags()).await;
    assert_eq!(answer.status, 204);
    assert_eq!(
        notes.asked.into_inner().unwrap(),
        [("PutObject".to_owned(), vec!["s3:PutObject arn:aws:s3:::docs/k".to_owned()])]
    );
    let denying = Notes::denying(Principal::Anonymous);
    let other = form(&[("key", "other")], "x");
    let denied = store.send_as(&anonymous, &denying, request("POST", "/docs", &[FORM], other)).await;
    assert_eq!(denied.error(), (403, "AccessDenied".into()));
    assert_eq!(store.get("/docs", &[]).await.ok().elements("Key"), ["k"]);
}

#[tokio::test]
async fn a_large_file_streams_in_pieces_of_any_size() {
    let store = Store::with_bucket("docs").await;
    let file: String = (0..300_000).map(|n| format!("{n}\r\n------b")).collect();
    let body = Bytes::from(form(&[("key", "big")], &file));
    let length = body.len();
    let pieces = (0..length).step_by(4093).map(move |at| body.slice(at..length.min(at + 4093)));
    let frames = pieces.map(|piece| Ok::<_, BoxError>(http_body::Frame::data(piece)));
    let body = StreamBody::new(futures::stream::iter(frames)).boxed_unsync();
    let request = Request::post("/docs").header("host", "127.0.0.1:4566").header(FORM.0, FORM.1).body(body).unwrap();
    let answer = store.send_as(&me(), &Notes::default(), request).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    assert!(store.get("/docs/big", &[]).await.ok().text() == file);
}
