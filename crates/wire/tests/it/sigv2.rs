//! Presigned URLs of Version 2: what botocore presigns is accepted, and nothing else is.

use http::{HeaderValue, Request, Uri, request::Parts};
use serde::Deserialize;
use sidegate_wire::{
    protocol::Protocol,
    sigv2::PresignedUrl,
    sigv4::{AuthError, Presented, SecretKey},
};

/// A URL that botocore presigned; `corpus/sigv2.py` writes them.
#[derive(Deserialize)]
struct Case {
    name: String,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    bucket: Option<String>,
    now: i64,
    secret: String,
    token: Option<String>,
}

impl Case {
    fn parts(&self) -> Parts {
        let mut request = Request::builder().method(self.method.as_str()).uri(self.target.as_str());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn accepts(&self, parts: &Parts) -> Result<(), AuthError> {
        self.accepts_at(parts, self.now)
    }

    fn accepts_at(&self, parts: &Parts, now: i64) -> Result<(), AuthError> {
        let url = PresignedUrl::parse(parts)?.ok_or(AuthError::Missing)?;
        url.verify(parts, self.bucket.as_deref(), &SecretKey::new(self.secret.as_str()), now)
    }
}

fn corpus() -> Vec<Case> {
    let cases = include_str!("corpus/sigv2.jsonl").lines();
    let cases: Vec<Case> = cases.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(cases.len() >= 20, "{} cases", cases.len());
    cases
}

fn named(name: &str) -> Case {
    corpus().into_iter().find(|case| case.name == name).unwrap()
}

fn with_target(parts: &Parts, target: &str) -> Parts {
    let mut changed = parts.clone();
    changed.uri = target.parse::<Uri>().unwrap();
    changed
}

#[test]
fn what_botocore_presigns_is_accepted_until_it_expires() {
    for case in corpus() {
        let parts = case.parts();
        let url = PresignedUrl::parse(&parts).unwrap().unwrap();
        assert_eq!(url.access_key(), "AKIAIOSFODNN7EXAMPLE");
        assert_eq!(url.session_token(), case.token.as_deref(), "{}", case.name);
        assert_eq!(case.accepts_at(&parts, case.now + 600), Ok(()), "{}", case.name);
        let late = case.accepts_at(&parts, case.now + 601);
        assert!(matches!(late, Err(AuthError::UrlExpired { .. })), "{}: {late:?}", case.name);
        let other = Case { secret: "another".to_owned(), ..case };
        assert_eq!(other.accepts(&parts), Err(AuthError::SignatureMismatch), "{}", other.name);
    }
}

#[test]
fn another_method_path_bucket_or_subresource_is_refused() {
    for case in corpus() {
        let parts = case.parts();
        let refused = |changed: &Parts, what: &str| {
            assert_eq!(case.accepts(changed), Err(AuthError::SignatureMismatch), "{}: {what}", case.name);
        };
        let mut changed = parts.clone();
        changed.method = "PATCH".parse().unwrap();
        refused(&changed, "method");
        refused(&with_target(&parts, &case.target.replacen('?', "x?", 1)), "path");
        for added in
            ["acl", "tagging=", "uploadId=1", "%75ploads", "response-content-type=a", "renameObject", "attributes"]
        {
            refused(&with_target(&parts, &format!("{}&{added}", case.target)), added);
        }
        for (name, value) in [("x-amz-acl", "public-read"), ("content-md5", "a"), ("x-amz-new", "b")] {
            let mut changed = parts.clone();
            changed.headers.append(name, HeaderValue::from_static(value));
            refused(&changed, name);
        }
        let mut changed = parts.clone();
        changed.headers.insert("content-type", HeaderValue::from_static("text/html"));
        refused(&changed, "content-type");
        let elsewhere = Case { bucket: Some("other".to_owned()), ..named(&case.name) };
        assert!(elsewhere.accepts(&parts).is_err(), "{}: bucket", case.name);
    }
}

#[test]
fn the_time_of_expiry_is_signed() {
    let case = named("virtual host");
    let later = case.target.replace("Expires=1767269645", "Expires=1967269645");
    assert_ne!(later, case.target);
    assert_eq!(case.accepts(&with_target(&case.parts(), &later)), Err(AuthError::SignatureMismatch));
}

#[test]
fn a_url_without_signature_and_a_signature_elsewhere_are_not_of_this_version() {
    let parts = |target: &str| Request::get(target).body(()).unwrap().into_parts().0;
    assert_eq!(PresignedUrl::parse(&parts("/b/k?Expires=1&versionId=2")), Ok(None));
    let version_4 = "/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0";
    assert_eq!(PresignedUrl::parse(&parts(version_4)), Ok(None));
}

#[test]
fn what_cannot_be_read_is_refused_in_the_words_of_s3() {
    let told = |target: &str, headers: &[(&str, &str)]| {
        let mut request = Request::get(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let parts = request.body(()).unwrap().into_parts().0;
        let error = match PresignedUrl::parse(&parts) {
            Err(error) => error,
            Ok(Some(url)) => url.verify(&parts, None, &SecretKey::new("s"), 1_767_269_045).unwrap_err(),
            Ok(None) => Presented::parse(&parts).unwrap_err(),
        };
        let failure = error.failure(Protocol::RestXml);
        format!("{} {}: {}", failure.status.as_u16(), failure.code, failure.message)
    };
    let incomplete = "403 AccessDenied: Query-string authentication requires the Signature, Expires and AWSAccessKeyId \
                      parameters";
    assert_eq!(told("/b/k?AWSAccessKeyId=A&Expires=1", &[]), incomplete);
    assert_eq!(told("/b/k?Signature=A", &[]), incomplete);
    let all =
        |expires: &str| format!("/b/k?AWSAccessKeyId=A&Signature=AAAAAAAAAAAAAAAAAAAAAAAAAAA%3D&Expires={expires}");
    for wrong in ["soon", "", "-1", "1e9", "99999999999999999999"] {
        let expected = format!("403 AccessDenied: Invalid date (should be seconds since epoch): {wrong}");
        assert_eq!(told(&all(wrong), &[]), expected);
    }
    assert_eq!(told(&all("1"), &[]), "403 AccessDenied: Request has expired");
    assert!(told(&all("1967269045"), &[]).starts_with("403 SignatureDoesNotMatch: "));
    let short = "/b/k?AWSAccessKeyId=A&Signature=AAAA&Expires=1967269045";
    assert!(told(short, &[]).starts_with("403 SignatureDoesNotMatch: "));
    let ambiguous = "400 InvalidArgument: Only one auth mechanism allowed";
    assert!(told(&all("1"), &[("authorization", "AWS A:B")]).starts_with(ambiguous));
    assert!(told(&format!("{}&X-Amz-Algorithm=a", all("1")), &[]).starts_with(ambiguous));
    assert!(told(&format!("{}&Expires=2", all("1")), &[]).starts_with(ambiguous));
    let in_header = told("/b/k", &[("authorization", "AWS AKIAIOSFODNN7EXAMPLE:qgk2+6Sv9/oM7G3qLEjTH1a1l1g=")]);
    let unsupported = "400 InvalidRequest: The authorization mechanism you have provided is not supported. Please use \
                       AWS4-HMAC-SHA256.";
    assert_eq!(in_header, unsupported);
}

#[test]
fn a_signature_that_was_taken_off_leaves_the_request_that_was_signed() {
    let case = named("put with headers");
    let mut parts = case.parts();
    PresignedUrl::parse(&parts).unwrap().unwrap().take_off(&mut parts);
    assert_eq!(parts.uri.query(), None);
    assert_eq!(parts.headers["x-amz-acl"], "private");
    assert_eq!(parts.headers["x-amz-meta-b"], "c  d");
    let case = named("overrides");
    let mut parts = case.parts();
    let path = parts.uri.path().to_owned();
    PresignedUrl::parse(&parts).unwrap().unwrap().take_off(&mut parts);
    assert_eq!(parts.uri.path(), path);
    let query = parts.uri.query().unwrap();
    assert!(query.contains("response-content-type=text%2Fplain") && query.contains("versionId=null"), "{query}");
    for gone in ["AWSAccessKeyId", "Signature", "&Expires"] {
        assert!(!query.contains(gone), "{query}");
    }
}
