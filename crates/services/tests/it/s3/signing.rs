//! A signer of requests and of chunks, by signature version 4, and the bodies that only a signed request can have.

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::Request;
use sidegate_services::{Body, Caller};
use time::OffsetDateTime;
use time::macros::format_description;

use super::{ACCESS_KEY, Notes, SECRET, Store, me, request};

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

pub(super) struct Signer {
    date: String,
    scope: String,
    key: hmac::Key,
    signature: String,
}

fn hash(text: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, text))
}

impl Signer {
    pub(super) fn new() -> Self {
        let format = format_description!("[year][month][day]T[hour][minute][second]Z");
        let date = OffsetDateTime::now_utc().format(format).unwrap();
        let day = date[..8].to_owned();
        let mut key = format!("AWS4{SECRET}").into_bytes();
        for part in [day.as_str(), "us-east-1", "s3", "aws4_request"] {
            key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        Self { scope: format!("{day}/us-east-1/s3/aws4_request"), date, key, signature: String::new() }
    }

    fn sign(&self, algorithm: &str, rest: &str) -> String {
        let text = format!("{algorithm}\n{}\n{}\n{rest}", self.date, self.scope);
        hex::encode(hmac::sign(&self.key, text.as_bytes()))
    }

    /// A signed PUT with this value of `x-amz-content-sha256`.
    pub(super) fn put(
        &mut self, path: &str, payload: &str, headers: &[(&str, &str)], body: impl Into<Bytes>,
    ) -> Request<Body> {
        let mut request = request("PUT", path, headers, body);
        let all = request.headers_mut();
        all.insert("x-amz-date", self.date.parse().unwrap());
        all.insert("x-amz-content-sha256", payload.parse().unwrap());
        let mut signed: Vec<_> =
            all.iter().map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned())).collect();
        signed.sort();
        let names = signed.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
        let lines: String = signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let canonical = format!("PUT\n{path}\n\n{lines}\n{names}\n{payload}");
        self.signature = self.sign("AWS4-HMAC-SHA256", &hash(canonical.as_bytes()));
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{}, SignedHeaders={names}, Signature={}",
            self.scope, self.signature
        );
        request.headers_mut().insert("authorization", authorization.parse().unwrap());
        request
    }

    /// A request with a presigned URL, in whose query these parameters stand.
    pub(super) fn presigned(
        &self, method: &str, path: &str, query: &[(&str, &str)], body: impl Into<Bytes>,
    ) -> Request<Body> {
        let encoded = |text: &str| {
            let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
            text.bytes()
                .map(|byte| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
                .collect::<String>()
        };
        let credential = format!("{ACCESS_KEY}/{}", self.scope);
        let own = [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", &credential),
            ("X-Amz-Date", &self.date),
            ("X-Amz-Expires", "60"),
            ("X-Amz-SignedHeaders", "host"),
        ];
        let pairs = own.iter().chain(query).map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let mut pairs: Vec<String> = pairs.collect();
        pairs.sort();
        let query = pairs.join("&");
        let canonical = format!("{method}\n{path}\n{query}\nhost:127.0.0.1:4566\n\nhost\nUNSIGNED-PAYLOAD");
        let signature = self.sign("AWS4-HMAC-SHA256", &hash(canonical.as_bytes()));
        request(method, &format!("{path}?{query}&X-Amz-Signature={signature}"), &[], body)
    }

    /// A signed chunk, in the form in which it travels.
    pub(super) fn chunk(&mut self, data: &str) -> String {
        let rest = format!("{}\n{EMPTY}\n{}", self.signature, hash(data.as_bytes()));
        self.signature = self.sign("AWS4-HMAC-SHA256-PAYLOAD", &rest);
        format!("{:x};chunk-signature={}\r\n{data}\r\n", data.len(), self.signature)
    }

    fn trailer(&mut self, line: &str) -> String {
        let rest = format!("{}\n{}", self.signature, hash(format!("{line}\n").as_bytes()));
        let signature = self.sign("AWS4-HMAC-SHA256-TRAILER", &rest);
        format!("{line}\r\nx-amz-trailer-signature:{signature}\r\n\r\n")
    }
}

pub(super) fn signed() -> Caller {
    let mut caller = me();
    caller.access_key = Some(ACCESS_KEY.to_owned());
    caller
}

fn crc32(text: &str) -> String {
    use s3s::crypto::Checksum as _;
    BASE64.encode(s3s::crypto::Crc32::checksum(text.as_bytes()))
}

#[tokio::test]
async fn the_hash_of_a_signed_body_is_verified() {
    let store = Store::with_bucket("docs").await;
    let put = Signer::new().put("/docs/key", &hash(b"hello"), &[], "hello");
    store.send_as(&signed(), &Notes::default(), put).await.ok();
    let other = Signer::new().put("/docs/key", &hash(b"hello"), &[], "hellO");
    let refused = store.send_as(&signed(), &Notes::default(), other).await;
    assert_eq!(refused.error(), (400, "XAmzContentSHA256Mismatch".into()));
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "hello");
    assert_eq!(store.files().len(), 1);
}

#[tokio::test]
async fn a_trailing_checksum_as_the_sdks_send_it_is_verified_and_kept() {
    let store = Store::with_bucket("docs").await;
    let text = "hello world";
    let put = |sum: &str, length: &str| {
        let body = format!("{:x}\r\n{text}\r\n0\r\nx-amz-checksum-crc32:{sum}\r\n\r\n", text.len());
        let headers = [
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", length),
            ("x-amz-sdk-checksum-algorithm", "CRC32"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ];
        Signer::new().put("/docs/key", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", &headers, body)
    };
    let made = store.send_as(&signed(), &Notes::default(), put(&crc32(text), "11")).await.ok();
    assert_eq!(made.header("x-amz-checksum-crc32"), Some(crc32(text).as_str()));
    let got = store.get("/docs/key", &[("x-amz-checksum-mode", "ENABLED")]).await.ok();
    assert_eq!((got.text().as_str(), got.header("content-encoding")), (text, None));
    assert_eq!(got.header("x-amz-checksum-crc32"), Some(crc32(text).as_str()));
    assert_eq!(got.header("x-amz-checksum-type"), Some("FULL_OBJECT"));

    for (sum, length, error) in [
        (crc32("other"), "11", (400, "BadDigest")),
        ("nonsense".to_owned(), "11", (400, "InvalidRequest")),
        (crc32(text), "12", (400, "IncompleteBody")),
        (crc32(text), "10", (400, "IncompleteBody")),
    ] {
        let refused = store.send_as(&signed(), &Notes::default(), put(&sum, length)).await;
        assert_eq!(refused.error(), (error.0, error.1.to_owned()), "{sum} {length}");
    }
    assert_eq!(store.files().len(), 1);
}

#[tokio::test]
async fn chunks_without_any_signature_are_content_without_their_frames_and_their_trailer_counts() {
    let store = Store::with_bucket("docs").await;
    let text = "hello world";
    let put = async |form: &str, sum: &str, length: &str| {
        let body = format!("5\r\n{}\r\n6\r\n{}\r\n0\r\nx-amz-checksum-crc32:{sum}\r\n\r\n", &text[..5], &text[5..]);
        let headers = [
            ("x-amz-content-sha256", form),
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", length),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ];
        store.put("/docs/key", &headers, body).await
    };
    let unsigned = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    let made = put(unsigned, &crc32(text), "11").await.ok();
    assert_eq!(made.header("x-amz-checksum-crc32"), Some(crc32(text).as_str()));
    let got = store.get("/docs/key", &[]).await.ok();
    assert_eq!((got.text().as_str(), got.header("content-encoding")), (text, None));
    for (form, sum, length, error) in [
        (unsigned, crc32("other"), "11", (400, "BadDigest")),
        (unsigned, crc32(text), "12", (400, "IncompleteBody")),
        (unsigned, crc32(text), "10", (400, "IncompleteBody")),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", crc32(text), "11", (403, "AccessDenied")),
    ] {
        assert_eq!(put(form, &sum, length).await.error(), (error.0, error.1.to_owned()), "{form} {sum} {length}");
    }
    assert_eq!(store.files().len(), 1);
}

#[tokio::test]
async fn the_signatures_of_chunks_and_of_the_trailer_are_verified() {
    let store = Store::with_bucket("docs").await;
    let data = ["a".repeat(9000), "b".repeat(100)];
    let whole = data.concat();
    let line = format!("x-amz-checksum-crc32:{}", crc32(&whole));
    let put = |forge: fn(String) -> String| {
        let mut signer = Signer::new();
        let headers = [
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "9100"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ];
        let payload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
        // The signature covers the content length, which is that of the body with its signatures.
        let sketch = signer.put("/docs/key", payload, &headers, "");
        drop(sketch);
        let body_of = |signer: &mut Signer| {
            let chunks: String = data.iter().map(|d| signer.chunk(d)).collect();
            let last = signer.chunk("");
            let trailer = signer.trailer(&line);
            format!("{chunks}{}{trailer}", last.trim_end_matches("\r\n").to_owned() + "\r\n")
        };
        let length = body_of(&mut signer).len();
        let mut request = signer.put("/docs/key", payload, &headers, vec![0; length]);
        let body = forge(body_of(&mut signer));
        let filled = super::request("PUT", "/docs/key", &[], body).into_body();
        *request.body_mut() = filled;
        request
    };
    let made = store.send_as(&signed(), &Notes::default(), put(|body| body)).await.ok();
    assert_eq!(made.header("x-amz-checksum-crc32"), Some(crc32(&whole).as_str()));
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), whole);
    let forged = store.send_as(&signed(), &Notes::default(), put(|body| body.replacen("aaa", "aab", 1))).await;
    assert_eq!(forged.error(), (403, "SignatureDoesNotMatch".into()));
    let cut = store.send_as(&signed(), &Notes::default(), put(|body| body[..5000].to_owned())).await;
    assert_eq!(cut.error(), (400, "IncompleteBody".into()));
    assert_eq!(store.files().len(), 1);
}

#[tokio::test]
async fn a_wrong_secret_is_a_wrong_signature() {
    let store = Store::with_bucket("docs").await;
    let mut put = Signer::new().put("/docs/key", &hash(b"hello"), &[], "hello");
    put.headers_mut().insert("x-amz-meta-added", "later".parse().unwrap());
    let header = put.headers()["authorization"].to_str().unwrap().replace("Signature=", "Signature=0");
    put.headers_mut().insert("authorization", header.parse().unwrap());
    let refused = store.send_as(&signed(), &Notes::default(), put).await;
    assert_eq!(refused.status.as_u16() / 100, 4, "{}", refused.text());
    assert!(store.files().is_empty());
}
