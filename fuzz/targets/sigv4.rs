//! Any text as a request: what it claims is read without harm, nobody proves a signature without the secret, and what is
//! signed here holds for this request, this body and this secret alone.
//!
//! The text is a request as in HTTP/1.1: a line with method and target, headers, an empty line, the body.

#![no_main]

use http::request::Parts;
use libfuzzer_sys::{Corpus, fuzz_target};
use sidegate_wire::sigv4::{PayloadHash, Presented, SecretKey, Signer, normalized_path};

const NOW: i64 = 1_767_269_045;

fn request(text: &str) -> Option<(Parts, &[u8])> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let mut builder = http::Request::builder().method(words.next()?).uri(words.next()?);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        builder = builder.header(name, value.trim());
    }
    let (parts, ()) = builder.body(()).ok()?.into_parts();
    Some((parts, body.as_bytes()))
}

/// Nothing that comes in bears a signature of this secret.
fn stranger(parts: &Parts, body: &[u8]) {
    let secret = SecretKey::new("which nobody who writes a corpus has");
    let Ok(presented) = Presented::parse(parts) else { return };
    for payload in [PayloadHash::OfBody(body), PayloadHash::Header] {
        assert!(presented.verify(parts, payload, &secret, NOW).is_err());
        if let Some(signature) = presented.signature() {
            assert!(presented.verify(parts, payload, &secret, signature.date().unix()).is_err());
        }
    }
    if let Some(signature) = presented.signature() {
        let _ = presented.content_sha256(parts);
        let _ = signature.check_scope("us-east-1", "s3");
        assert!(signature.access_key().len() < 1024 && signature.signed_headers().len() < 1024);
    }
}

fn signed(mut parts: Parts, body: &[u8], service: &str) {
    parts.headers.remove(http::header::AUTHORIZATION);
    let (secret, other) = (SecretKey::new("one"), SecretKey::new("another"));
    let access_key = "AKIAIOSFODNN7EXAMPLE";
    let signer = Signer { access_key, secret: &secret, session_token: None, region: "us-east-1", service };
    if signer.sign(&mut parts, PayloadHash::OfBody(body), NOW).is_err() {
        return;
    }
    let Ok(presented) = Presented::parse(&parts) else { return };
    let holds = |parts: &Parts, body: &[u8], secret: &SecretKey| {
        presented.verify(parts, PayloadHash::OfBody(body), secret, NOW).is_ok()
    };
    if !holds(&parts, body, &secret) {
        return;
    }
    assert!(!holds(&parts, body, &other));
    assert!(!holds(&parts, &[body, b"."].concat(), &secret));
    let mut elsewhere = parts.clone();
    elsewhere.method = http::Method::from_bytes(b"OTHER").unwrap_or_default();
    assert!(!holds(&elsewhere, body, &secret));
    let mut further = parts.clone();
    further.headers.append("x-amz-further", http::HeaderValue::from_static("1"));
    assert!(!holds(&further, body, &secret));
    assert!(presented.verify(&parts, PayloadHash::OfBody(body), &secret, NOW + 3600).is_err());
}

fuzz_target!(|text: &str| -> Corpus {
    let Some((parts, body)) = request(text) else { return Corpus::Reject };
    assert_eq!(normalized_path(&normalized_path(parts.uri.path())), normalized_path(parts.uri.path()));
    stranger(&parts, body);
    for service in ["s3", "sts"] {
        signed(parts.clone(), body, service);
    }
    Corpus::Keep
});
