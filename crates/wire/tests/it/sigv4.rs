//! Signatures: what botocore signs is accepted, and nothing else is.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, Request, Uri, header::AUTHORIZATION, request::Parts};
use serde::Deserialize;
use sidegate_wire::{
    protocol::{JsonVersion, Protocol},
    sigv4::{AmzDate, AuthError, ContentSha256, PayloadHash, Placement, Presented, SecretKey, Signer},
};

/// A request that botocore signed; `corpus/sigv4.py` writes them.
#[derive(Deserialize)]
struct Case {
    name: String,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
    now: i64,
    access_key: String,
    secret: String,
    token: Option<String>,
    region: String,
    service: String,
    presigned: bool,
    payload: String,
}

impl Case {
    fn parts(&self) -> Parts {
        let mut request = Request::builder().method(self.method.as_str()).uri(self.target.as_str());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn body(&self) -> Vec<u8> {
        STANDARD.decode(&self.body).unwrap()
    }

    fn payload<'a>(&self, body: &'a [u8]) -> PayloadHash<'a> {
        match self.payload.as_str() {
            "header" => PayloadHash::Header,
            _ => PayloadHash::OfBody(body),
        }
    }

    fn secret(&self) -> SecretKey {
        SecretKey::new(self.secret.as_str())
    }

    /// Whether these parts are accepted in place of the case's own.
    fn accepts(&self, parts: &Parts) -> Result<(), AuthError> {
        let body = self.body();
        verify(parts, self.payload(&body), &self.secret(), self.now)
    }
}

fn verify(parts: &Parts, payload: PayloadHash<'_>, secret: &SecretKey, now: i64) -> Result<(), AuthError> {
    Presented::parse(parts)?.verify(parts, payload, secret, now)
}

fn corpus() -> Vec<Case> {
    let cases = include_str!("corpus/sigv4.jsonl").lines();
    let cases: Vec<Case> = cases.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    cases
}

/// Asserts that no case of the corpus is accepted after the change, where there is one.
fn each_is_refused_after(change: impl Fn(&Case, &mut Parts) -> bool) {
    let mut changed = 0;
    for case in corpus() {
        let mut parts = case.parts();
        if change(&case, &mut parts) {
            changed += 1;
            assert!(case.accepts(&parts).is_err(), "{}", case.name);
        }
    }
    assert!(changed > 0, "nothing was changed");
}

fn with_target(parts: &mut Parts, change: impl FnOnce(&str, Option<&str>) -> String) {
    let target = change(parts.uri.path(), parts.uri.query());
    parts.uri = target.parse::<Uri>().unwrap();
}

fn signed(service: &str, body: &[u8]) -> Parts {
    let secret = SecretKey::new("secret");
    let signer = signer(&secret, service);
    let mut parts = Request::post("https://host.example/a%20b?b=2&a=1").body(()).unwrap().into_parts().0;
    signer.sign(&mut parts, PayloadHash::OfBody(body), NOW).unwrap();
    parts
}

fn signer<'a>(secret: &'a SecretKey, service: &'a str) -> Signer<'a> {
    Signer { access_key: "AKIDEXAMPLE", secret, session_token: None, region: "us-east-1", service }
}

const NOW: i64 = 1_767_269_045;

#[test]
fn every_request_that_botocore_signs_is_accepted() {
    let mut failures = String::new();
    for case in corpus() {
        let parts = case.parts();
        if let Err(error) = case.accepts(&parts) {
            let _ = writeln!(failures, "{}: {error}", case.name);
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn what_a_signature_says_of_itself_is_read() {
    for case in corpus() {
        let presented = Presented::parse(&case.parts()).unwrap();
        let signature = presented.signature().unwrap();
        assert_eq!(signature.access_key(), case.access_key);
        assert_eq!(signature.session_token(), case.token.as_deref());
        assert_eq!(signature.date(), AmzDate::from_unix(case.now));
        assert_eq!(signature.check_scope(&case.region, &case.service), Ok(()));
        assert!(signature.signed_headers().contains(&"host".to_owned()));
        let placement = if case.presigned { Placement::Query } else { Placement::Header };
        assert_eq!(signature.placement(), placement);
    }
}

#[test]
fn another_method_is_refused() {
    each_is_refused_after(|_, parts| {
        parts.method = http::Method::PATCH;
        true
    });
}

#[test]
fn another_path_is_refused() {
    each_is_refused_after(|_, parts| {
        with_target(parts, |path, query| match query {
            Some(query) => format!("{path}x?{query}"),
            None => format!("{path}x"),
        });
        true
    });
}

#[test]
fn one_more_parameter_is_refused() {
    each_is_refused_after(|_, parts| {
        with_target(parts, |path, query| match query {
            Some(query) => format!("{path}?{query}&zz=1"),
            None => format!("{path}?zz=1"),
        });
        true
    });
}

#[test]
fn one_parameter_less_is_refused() {
    each_is_refused_after(|_, parts| {
        let Some((_, rest)) = parts.uri.query().and_then(|query| query.split_once('&')) else {
            return false;
        };
        let rest = rest.to_owned();
        with_target(parts, |path, _| format!("{path}?{rest}"));
        true
    });
}

#[test]
fn a_change_of_any_signed_header_is_refused() {
    for case in corpus() {
        let presented = Presented::parse(&case.parts()).unwrap();
        for name in presented.signature().unwrap().signed_headers() {
            let mut parts = case.parts();
            let name = HeaderName::try_from(name).unwrap();
            let value = parts.headers[&name].to_str().unwrap();
            let value = HeaderValue::try_from(format!("{value}x")).unwrap();
            parts.headers.insert(&name, value);
            assert!(case.accepts(&parts).is_err(), "{}: {name} changed", case.name);
            parts.headers.remove(&name);
            assert!(case.accepts(&parts).is_err(), "{}: {name} removed", case.name);
        }
    }
}

#[test]
fn an_added_amz_header_is_refused() {
    each_is_refused_after(|_, parts| {
        parts.headers.insert("x-amz-grant-read", HeaderValue::from_static("everyone"));
        true
    });
    let mut parts = signed("s3", b"");
    parts.headers.insert("x-amz-acl", HeaderValue::from_static("public-read"));
    let secret = SecretKey::new("secret");
    assert_eq!(
        verify(&parts, PayloadHash::OfBody(b""), &secret, NOW),
        Err(AuthError::UnsignedHeaders { names: vec!["x-amz-acl".to_owned()] }),
    );
}

#[test]
fn another_body_is_refused_where_the_body_is_signed() {
    let mut refused = 0;
    for case in corpus() {
        let parts = case.parts();
        let mut body = case.body();
        body.push(b'x');
        let answer = verify(&parts, case.payload(&body), &case.secret(), case.now);
        let unsigned = case.payload == "header" || (case.presigned && case.service == "s3");
        assert_eq!(answer.is_ok(), unsigned, "{}", case.name);
        refused += usize::from(answer.is_err());
    }
    assert!(refused > 40);
}

#[test]
fn another_secret_is_refused() {
    for case in corpus() {
        let body = case.body();
        let secret = SecretKey::new(case.secret.to_lowercase());
        let answer = verify(&case.parts(), case.payload(&body), &secret, case.now);
        assert_eq!(answer, Err(AuthError::SignatureMismatch), "{}", case.name);
    }
}

#[test]
fn another_scope_is_refused() {
    each_is_refused_after(|case, parts| {
        let changed = |text: &str| text.replace(&case.region, "us-gov-west-1");
        if let Some(value) = parts.headers.get(AUTHORIZATION) {
            let value = changed(value.to_str().unwrap());
            parts.headers.insert(AUTHORIZATION, HeaderValue::try_from(value).unwrap());
        }
        with_target(parts, |path, query| match query {
            Some(query) => format!("{path}?{}", changed(query)),
            None => path.to_owned(),
        });
        true
    });
}

#[test]
fn a_signature_is_good_for_fifteen_minutes_either_way_and_no_second_more() {
    let (parts, secret) = (signed("sts", b""), SecretKey::new("secret"));
    let at = |now| verify(&parts, PayloadHash::OfBody(b""), &secret, now);
    assert_eq!(at(NOW + 900), Ok(()));
    assert_eq!(at(NOW - 900), Ok(()));
    let (date, late) = (AmzDate::from_unix(NOW), AmzDate::from_unix(NOW + 901));
    assert_eq!(at(NOW + 901), Err(AuthError::Expired { date, now: late }));
    let early = AmzDate::from_unix(NOW - 901);
    let placement = Placement::Header;
    assert_eq!(at(NOW - 901), Err(AuthError::NotYetCurrent { placement, date, now: early }));
    assert!(at(i64::MAX).is_err() && at(i64::MIN).is_err());
}

#[test]
fn a_presigned_url_is_good_until_it_expires() {
    for case in corpus().iter().filter(|case| case.presigned) {
        let parts = case.parts();
        let Presented::Query { expires, .. } = Presented::parse(&parts).unwrap() else {
            panic!("{} is presigned", case.name);
        };
        let at = |now| verify(&parts, PayloadHash::OfBody(b""), &case.secret(), now);
        assert_eq!(at(case.now + i64::from(expires)), Ok(()));
        assert!(matches!(at(case.now + i64::from(expires) + 1), Err(AuthError::PresignedExpired { .. }),));
        assert!(matches!(at(case.now - 901), Err(AuthError::NotYetCurrent { .. })));
    }
}

#[test]
fn a_presigned_url_lives_a_week_at_most() {
    let with = |expires: &str| {
        let url = format!(
            "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20260101%2Fus-east-1%2Fs3%2Faws4_request\
             &X-Amz-Date=20260101T120405Z&X-Amz-Expires={expires}&X-Amz-SignedHeaders=host&X-Amz-Signature={:064}",
            0,
        );
        Presented::parse(&Request::get(url).body(()).unwrap().into_parts().0)
    };
    for good in ["1", "604800"] {
        assert!(matches!(with(good), Ok(Presented::Query { .. })), "{good}");
    }
    for bad in ["0", "-1", "604801", "99999999999999999999", "", "x"] {
        assert!(matches!(with(bad), Err(AuthError::Malformed { .. })), "{bad}");
    }
    assert_eq!(with("60&X-Amz-Expires=70"), Err(AuthError::Ambiguous));
}

#[test]
fn our_signatures_are_those_of_botocore() {
    let mut compared = 0;
    // A client that is given its parameters apart sends another form than it signs.
    let cases = corpus().into_iter().filter(|case| !case.presigned && !case.name.ends_with("apart"));
    for case in cases {
        let mut parts = case.parts();
        let theirs = parts.headers[AUTHORIZATION].to_str().unwrap().to_owned();
        let presented = Presented::parse(&parts).unwrap();
        let signed = presented.signature().unwrap().signed_headers();
        let names: Vec<HeaderName> = parts.headers.keys().cloned().collect();
        for name in names.iter().filter(|name| !signed.contains(&name.as_str().to_owned())) {
            parts.headers.remove(name);
        }
        let (secret, body) = (case.secret(), case.body());
        let signer = Signer {
            access_key: &case.access_key,
            secret: &secret,
            session_token: case.token.as_deref(),
            region: &case.region,
            service: &case.service,
        };
        let ours = signer.authorization_header(&parts, case.payload(&body), case.now);
        assert_eq!(ours, theirs, "{}", case.name);
        compared += 1;
    }
    assert!(compared > 50);
}

#[test]
fn a_request_that_we_sign_twice_is_signed_anew() {
    let secret = SecretKey::new("secret");
    let mut parts = signed("s3", b"first");
    signer(&secret, "s3").sign(&mut parts, PayloadHash::OfBody(b"second"), NOW + 5).unwrap();
    assert_eq!(verify(&parts, PayloadHash::OfBody(b"second"), &secret, NOW + 5), Ok(()));
}

#[test]
fn a_port_that_the_scheme_implies_is_not_part_of_the_host() {
    let secret = SecretKey::new("secret");
    let mut parts = Request::get("https://me@host.example:443/").body(()).unwrap().into_parts().0;
    signer(&secret, "sts").sign(&mut parts, PayloadHash::OfBody(b""), NOW).unwrap();
    assert_eq!(parts.headers["host"], "host.example");
}

#[test]
fn an_authority_stands_for_the_host_and_must_not_differ_from_it() {
    let secret = SecretKey::new("secret");
    let mut parts = signed("sts", b"");
    let at = |parts: &Parts| verify(parts, PayloadHash::OfBody(b""), &secret, NOW);
    assert_eq!(at(&parts), Ok(()));
    let host = parts.headers.remove("host").unwrap();
    assert_eq!(at(&parts), Ok(()), "as HTTP/2 has it");
    parts.headers.insert("host", HeaderValue::from_static("other.example"));
    assert_eq!(at(&parts), Err(AuthError::SignatureMismatch));
    parts.headers.insert("host", host);
    parts.uri = "https://other.example/a%20b?b=2&a=1".parse().unwrap();
    assert_eq!(at(&parts), Err(AuthError::SignatureMismatch));
}

#[test]
fn an_unsigned_request_is_anonymous() {
    let parts = Request::get("/?list-type=2").body(()).unwrap().into_parts().0;
    assert_eq!(Presented::parse(&parts), Ok(Presented::Anonymous));
    let answer = verify(&parts, PayloadHash::Header, &SecretKey::new("s"), NOW);
    assert_eq!(answer, Err(AuthError::Missing));
}

#[test]
fn two_signatures_are_one_too_many() {
    let mut parts = signed("sts", b"");
    let first = parts.headers[AUTHORIZATION].clone();
    parts.headers.append(AUTHORIZATION, first);
    assert_eq!(Presented::parse(&parts), Err(AuthError::Ambiguous));
    let mut parts = signed("sts", b"");
    with_target(&mut parts, |path, _| format!("{path}?X-Amz-Signature=00"));
    assert_eq!(Presented::parse(&parts), Err(AuthError::Ambiguous));
}

#[test]
fn other_schemes_are_not_supported() {
    for value in ["AWS AKID:c2ln", "Bearer token", "AWS4-ECDSA-P256-SHA256 Credential=x", ""] {
        let request = Request::get("/").header(AUTHORIZATION, value).body(()).unwrap();
        assert_eq!(Presented::parse(&request.into_parts().0), Err(AuthError::Unsupported), "{value}");
    }
    let request = Request::get("/?AWSAccessKeyId=A&Signature=b&Expires=1").body(()).unwrap();
    assert_eq!(Presented::parse(&request.into_parts().0), Err(AuthError::Unsupported));
}

#[test]
fn an_authorization_that_cannot_be_read_says_why() {
    let parse = |value: String| {
        let request = Request::get("/")
            .header(AUTHORIZATION, format!("AWS4-HMAC-SHA256 {value}"))
            .header("x-amz-date", "20260101T120405Z");
        Presented::parse(&request.body(()).unwrap().into_parts().0)
    };
    let (credential, signature) = ("Credential=AKID/20260101/us-east-1/s3/aws4_request", "0".repeat(64));
    assert!(parse(format!("{credential},SignedHeaders=host,Signature={signature}")).is_ok());
    assert!(parse(format!("Signature={signature} , {credential} ,SignedHeaders=b;host;a")).is_ok());
    let bad = [
        format!("{credential}, SignedHeaders=host"),
        format!("{credential}, Signature={signature}"),
        format!("SignedHeaders=host, Signature={signature}"),
        format!("{credential}, {credential}, SignedHeaders=host, Signature={signature}"),
        format!("{credential}, SignedHeaders=host, Signature={signature}0"),
        format!("{credential}, SignedHeaders=host, Signature={}", "g".repeat(64)),
        format!("{credential}, SignedHeaders=Host, Signature={signature}"),
        format!("{credential}, SignedHeaders=host;host, Signature={signature}"),
        format!("{credential}, SignedHeaders=, Signature={signature}"),
        format!("{credential}x, SignedHeaders=host, Signature={signature}"),
        format!("{credential}/x, SignedHeaders=host, Signature={signature}"),
        format!("Credential=AKID/20260101/s3/aws4_request, SignedHeaders=host, Signature={signature}"),
        format!("Credential=/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature={signature}"),
        format!("{credential}, SignedHeaders=host, Signature={signature}, Other=1"),
        format!("{credential}, SignedHeaders=host, Signature={signature}, Other"),
        format!("{credential}, SignedHeaders={}, Signature={signature}", "a".repeat(9000)),
    ];
    for value in bad {
        let answer = parse(value.clone());
        assert!(matches!(answer, Err(AuthError::Malformed { .. })), "{value}: {answer:?}");
    }
    let many: Vec<String> = (0..101).map(|number| format!("h{number}")).collect();
    let list =
        |names: &[String]| parse(format!("{credential}, SignedHeaders={}, Signature={signature}", names.join(";")));
    assert!(list(&many[..100]).is_ok());
    assert!(list(&many).is_err());
}

#[test]
fn the_scope_is_of_the_day_of_the_date() {
    let mut parts = signed("sts", b"");
    let value = parts.headers[AUTHORIZATION].to_str().unwrap().replace("/20260101/", "/20260102/");
    parts.headers.insert(AUTHORIZATION, HeaderValue::try_from(value).unwrap());
    let error = Presented::parse(&parts).unwrap_err();
    assert_eq!(
        error.message(Protocol::AwsQuery),
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
         '20260102' != '20260101', from '20260101T120405Z'.",
    );
}

#[test]
fn a_date_is_needed_and_has_to_be_one() {
    let with = |date: Option<&str>| {
        let mut parts = signed("sts", b"");
        parts.headers.remove("x-amz-date");
        if let Some(date) = date {
            parts.headers.insert("x-amz-date", HeaderValue::from_str(date).unwrap());
        }
        Presented::parse(&parts)
    };
    assert_eq!(with(None), Err(AuthError::NoDate));
    for date in ["", "2026-01-01T12:04:05Z", "20261301T120405Z", "20260101T250405Z", "+2026101T120405Z"] {
        assert_eq!(with(Some(date)), Err(AuthError::NoDate), "{date}");
    }
}

#[test]
fn a_body_that_is_not_signed_is_for_s3_alone() {
    for (service, accepted) in [("s3", true), ("sts", false)] {
        let secret = SecretKey::new("secret");
        let mut parts = Request::put("https://host.example/a").body(()).unwrap().into_parts().0;
        parts.headers.insert("x-amz-content-sha256", HeaderValue::from_static("UNSIGNED-PAYLOAD"));
        signer(&secret, service).sign(&mut parts, PayloadHash::Header, NOW).unwrap();
        let presented = Presented::parse(&parts).unwrap();
        assert_eq!(presented.content_sha256(&parts), Ok(Some(ContentSha256::Unsigned)));
        for payload in [PayloadHash::OfBody(b"x"), PayloadHash::Header] {
            let answer = presented.verify(&parts, payload, &secret, NOW);
            assert_eq!(answer.is_ok(), accepted, "{service}: {answer:?}");
        }
    }
}

#[test]
fn a_hash_of_the_body_has_to_be_that_of_the_body() {
    let secret = SecretKey::new("secret");
    for service in ["s3", "lambda"] {
        let mut parts = Request::put("https://host.example/a").body(()).unwrap().into_parts().0;
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        parts.headers.insert("x-amz-content-sha256", HeaderValue::from_static(empty));
        signer(&secret, service).sign(&mut parts, PayloadHash::Header, NOW).unwrap();
        assert_eq!(verify(&parts, PayloadHash::OfBody(b""), &secret, NOW), Ok(()));
        let answer = verify(&parts, PayloadHash::OfBody(b"x"), &secret, NOW);
        assert_eq!(answer, Err(AuthError::ContentSha256Mismatch));
    }
}

#[test]
fn s3_wants_the_hash_of_the_body() {
    let secret = SecretKey::new("secret");
    let mut parts = signed("s3", b"");
    parts.headers.remove("x-amz-content-sha256");
    let answer = verify(&parts, PayloadHash::OfBody(b""), &secret, NOW);
    assert_eq!(answer, Err(AuthError::MissingContentSha256));
    parts.headers.insert("x-amz-content-sha256", HeaderValue::from_static("UNSIGNED"));
    let answer = verify(&parts, PayloadHash::OfBody(b""), &secret, NOW);
    assert_eq!(answer, Err(AuthError::InvalidContentSha256));
}

#[test]
fn a_path_of_s3_is_not_normalised() {
    let secret = SecretKey::new("secret");
    let send = |service: &str, signed: &str, sent: &str| {
        let mut parts = Request::get(signed).header("host", "h").body(()).unwrap().into_parts().0;
        signer(&secret, service).sign(&mut parts, PayloadHash::OfBody(b""), NOW).unwrap();
        parts.uri = sent.parse().unwrap();
        verify(&parts, PayloadHash::OfBody(b""), &secret, NOW).is_ok()
    };
    assert!(send("lambda", "/a/b", "/a//./c/../b"));
    assert!(!send("s3", "/a/b", "/a//b"));
    assert!(!send("s3", "/a/b", "/a/c/../b"));
    assert!(!send("s3", "/a/b", "/a%2Fb"));
    assert!(!send("lambda", "/b", "/a/%2E%2E/b"));
    assert!(send("s3", "/a%2Bb", "/a+b"), "AWS encodes again what it decoded");
    assert!(send("s3", "/?k=a%20b", "/?k=a+b"));
    assert!(!send("s3", "/?k=a%2Bb", "/?k=a+b"));
}

#[test]
fn a_secret_is_not_in_its_debug_form() {
    assert_eq!(format!("{:?}", SecretKey::new("hunter2")), "SecretKey(…)");
}

#[test]
fn every_service_tells_an_unknown_key_in_its_own_way() {
    let error = AuthError::UnknownAccessKey { access_key: "AKID".to_owned() };
    let told = |protocol| {
        let (code, status, message) = (error.code(protocol), error.status(protocol), error.message(protocol));
        format!("{} {code}: {message}", status.as_u16())
    };
    assert_eq!(
        told(Protocol::Ec2Query),
        "401 AuthFailure: AWS was not able to validate the provided access credentials",
    );
    assert_eq!(
        told(Protocol::AwsQuery),
        "403 InvalidClientTokenId: The security token included in the request is invalid.",
    );
    assert_eq!(
        told(Protocol::AwsJson(JsonVersion::V1_1)),
        "400 UnrecognizedClientException: The security token included in the request is invalid.",
    );
    assert_eq!(
        told(Protocol::RestJson),
        "403 UnrecognizedClientException: The security token included in the request is invalid.",
    );
    assert_eq!(
        told(Protocol::RestXml),
        "403 InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records.",
    );
}

#[test]
fn an_old_signature_is_told_with_the_times() {
    let error = AuthError::Expired { date: AmzDate::from_unix(NOW), now: AmzDate::from_unix(NOW + 1800) };
    for protocol in [Protocol::AwsQuery, Protocol::AwsJson(JsonVersion::V1_0)] {
        assert_eq!(
            error.message(protocol),
            "Signature expired: 20260101T120405Z is now earlier than 20260101T121905Z \
             (20260101T123405Z - 15 min.)",
        );
    }
    assert_eq!(error.code(Protocol::AwsQuery), "SignatureDoesNotMatch");
    assert_eq!(error.code(Protocol::AwsJson(JsonVersion::V1_0)), "InvalidSignatureException");
    assert_eq!(error.code(Protocol::Ec2Query), "RequestExpired");
    assert_eq!(error.code(Protocol::RestXml), "RequestTimeTooSkewed");
}

#[test]
fn s3_tells_the_region_that_it_expects() {
    let parts = signed("s3", b"");
    let presented = Presented::parse(&parts).unwrap();
    let error = presented.signature().unwrap().check_scope("us-east-2", "s3").unwrap_err();
    let failure = error.failure(Protocol::RestXml);
    assert_eq!(failure.code, "AuthorizationHeaderMalformed");
    assert_eq!(
        failure.message,
        "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'us-east-2'",
    );
    assert_eq!(failure.details, [("Region", "us-east-2".to_owned())]);
    assert_eq!(error.message(Protocol::AwsQuery), "Credential should be scoped to a valid region.",);
}

#[test]
fn s3_tells_when_a_url_expired() {
    let date = AmzDate::from_unix(NOW);
    let error = AuthError::PresignedExpired { date, expires: 60, now: AmzDate::from_unix(NOW + 61) };
    let failure = error.failure(Protocol::RestXml);
    assert_eq!((failure.status.as_u16(), failure.code.as_ref()), (403, "AccessDenied"));
    assert_eq!(failure.message, "Request has expired");
    assert_eq!(
        failure.details,
        [
            ("X-Amz-Expires", "60".to_owned()),
            ("Expires", "2026-01-01T12:05:05Z".to_owned()),
            ("ServerTime", "2026-01-01T12:05:06Z".to_owned()),
        ],
    );
}
