//! Encryption of objects: what lies on the disk, and who gets it back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use s3s::crypto::{Checksum as _, Md5};
use sidegate_services::Service as _;
use sidegate_services::kms::Kms;

use super::{Notes, Store, me, open, request};

const SECRET_TEXT: &str = "the quick brown fox jumps over the lazy dog, and nobody is to know of it";

/// A store with a KMS beside it.
async fn with_kms() -> (Store, Kms) {
    let dir = tempfile::tempdir().unwrap();
    let kms = Kms::open(&dir.path().join("kms")).unwrap();
    let s3 = open(&dir.path().join("s3")).with_keys(kms.keys());
    let store = Store { dir, s3 };
    store.put("/docs", &[], "").await.ok();
    (store, kms)
}

/// Whether any file below a directory has these bytes.
fn on_disk(dir: &std::path::Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return on_disk(&path, bytes);
        }
        std::fs::read(path).unwrap().windows(bytes.len()).any(|window| window == bytes)
    })
}

/// The headers that bring a key.
fn customer(key: u8, prefix: &str) -> Vec<(String, String)> {
    let key = [key; 32];
    let header = |name: &str| format!("x-amz-{prefix}server-side-encryption-customer-{name}");
    vec![
        (header("algorithm"), "AES256".to_owned()),
        (header("key"), BASE64.encode(key)),
        (header("key-md5"), BASE64.encode(Md5::checksum(&key))),
    ]
}

fn borrowed(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

async fn create_key(kms: &Kms) -> String {
    kms_call(kms, "CreateKey", "{}").await["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
}

async fn kms_call(kms: &Kms, operation: &str, body: &str) -> serde_json::Value {
    let headers = [("x-amz-target", &*format!("TrentService.{operation}"))];
    let request = request("POST", "/", &headers, body.to_owned());
    let answer = kms.handle(request, &me(), &Notes::default()).await;
    let body = http_body_util::BodyExt::collect(answer.into_body()).await.unwrap().to_bytes();
    if body.is_empty() { serde_json::Value::Null } else { serde_json::from_slice(&body).unwrap() }
}

#[tokio::test]
async fn no_byte_of_an_object_lies_on_the_disk_as_it_is() {
    let (store, _kms) = with_kms().await;
    let key = customer(7, "");
    store.put("/docs/own", &[], SECRET_TEXT).await.ok();
    store.put("/docs/kms", &[("x-amz-server-side-encryption", "aws:kms")], SECRET_TEXT).await.ok();
    store.put("/docs/customer", &borrowed(&key), SECRET_TEXT).await.ok();
    let upload = store.send("POST", "/docs/parts?uploads", &[], "").await.ok().element("UploadId").unwrap();
    store.put(&format!("/docs/parts?partNumber=1&uploadId={upload}"), &[], SECRET_TEXT).await.ok();
    assert_eq!(store.files_in("s3").len(), 4);
    assert!(!on_disk(store.dir.path(), SECRET_TEXT.as_bytes()));
    assert!(!on_disk(store.dir.path(), &[7; 32]), "the key of a customer is kept nowhere");
    assert!(!on_disk(store.dir.path(), BASE64.encode([7; 32]).as_bytes()));
    for (uri, headers) in [("/docs/own", vec![]), ("/docs/kms", vec![]), ("/docs/customer", borrowed(&key))] {
        assert_eq!(store.get(uri, &headers).await.ok().text(), SECRET_TEXT);
    }
}

#[tokio::test]
async fn bytes_that_were_changed_on_the_disk_are_not_given_away() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], SECRET_TEXT).await.ok();
    let file = store.files().into_iter().next().unwrap();
    let path = store.dir.path().join("objects").join(&file[..2]).join(&file);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let (head, body) =
        store.s3.handle(request("GET", "/docs/key", &[], ""), &me(), &Notes::default()).await.into_parts();
    assert_eq!(head.status, 200);
    assert!(http_body_util::BodyExt::collect(body).await.is_err(), "the answer breaks off");
}

#[tokio::test]
async fn an_object_with_a_customers_key_is_read_only_with_that_key() {
    let store = Store::with_bucket("docs").await;
    let (key, other) = (customer(1, ""), customer(2, ""));
    let put = store.put("/docs/key", &borrowed(&key), SECRET_TEXT).await.ok();
    assert_eq!(put.header("x-amz-server-side-encryption"), None);
    assert_eq!(put.header("x-amz-server-side-encryption-customer-algorithm"), Some("AES256"));
    assert_eq!(put.header("x-amz-server-side-encryption-customer-key-md5"), Some(key[2].1.as_str()));
    assert_ne!(put.header("etag").unwrap(), format!("\"{}\"", hex::encode(Md5::checksum(SECRET_TEXT.as_bytes()))));
    assert_eq!(store.get("/docs/key", &borrowed(&key)).await.ok().text(), SECRET_TEXT);
    let ranged: Vec<_> = borrowed(&key).into_iter().chain([("range", "bytes=4-8")]).collect();
    assert_eq!(store.get("/docs/key", &ranged).await.text(), &SECRET_TEXT[4..9]);
    assert_eq!(store.get("/docs/key", &[]).await.error(), (400, "InvalidRequest".into()));
    assert_eq!(store.head("/docs/key", &[]).await.status, 400);
    store.head("/docs/key", &borrowed(&key)).await.ok();
    assert_eq!(store.get("/docs/key", &borrowed(&other)).await.error(), (403, "AccessDenied".into()));
    store.put("/docs/plain", &[], "x").await.ok();
    assert_eq!(store.get("/docs/plain", &borrowed(&key)).await.error(), (400, "InvalidRequest".into()));
}

#[tokio::test]
async fn a_customers_key_that_is_none_is_refused() {
    let store = Store::with_bucket("docs").await;
    let good = customer(1, "");
    for (at, value) in [(0, "AES128"), (1, "AAAA"), (1, "!"), (2, "AAAA"), (0, ""), (1, ""), (2, "")] {
        let mut bad = good.clone();
        bad[at].1 = value.to_owned();
        let (status, code) = store.put("/docs/key", &borrowed(&bad), "x").await.error();
        let expected = if value == "AES128" { "InvalidEncryptionAlgorithmError" } else { "InvalidArgument" };
        assert_eq!((status, code.as_str()), (400, expected), "{at} {value}");
    }
    let both: Vec<_> = borrowed(&good).into_iter().chain([("x-amz-server-side-encryption", "AES256")]).collect();
    assert_eq!(store.put("/docs/key", &both, "x").await.error(), (400, "InvalidArgument".into()));
    assert!(store.files().is_empty());
}

#[tokio::test]
async fn a_customers_key_is_not_taken_in_the_clear() {
    let store = Store::with_bucket("docs").await;
    let key = customer(1, "");
    for (method, sent) in [("PUT", borrowed(&key)), ("GET", borrowed(&key)), ("PUT", vec![])] {
        let mut request = request(method, "/docs/key", &sent, "");
        request.extensions_mut().insert(sidegate_services::Insecure);
        let answer = store.send_as(&me(), &Notes::default(), request).await;
        if sent.is_empty() {
            answer.ok();
        } else {
            assert_eq!(answer.error(), (400, "InvalidRequest".into()));
        }
    }
}

#[tokio::test]
async fn an_upload_with_a_customers_key_wants_it_with_every_part() {
    let store = Store::with_bucket("docs").await;
    let (key, other) = (customer(1, ""), customer(2, ""));
    let begun = store.send("POST", "/docs/big?uploads", &borrowed(&key), "").await.ok();
    let uri = format!("/docs/big?partNumber=1&uploadId={}", begun.element("UploadId").unwrap());
    assert_eq!(store.put(&uri, &[], SECRET_TEXT).await.error(), (400, "InvalidRequest".into()));
    assert_eq!(store.put(&uri, &borrowed(&other), SECRET_TEXT).await.error(), (400, "InvalidRequest".into()));
    let etag = store.put(&uri, &borrowed(&key), SECRET_TEXT).await.ok().header("etag").unwrap().to_owned();
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    let done = store.send("POST", &uri.replace("partNumber=1&", ""), &[], body).await.ok();
    assert!(done.element("ETag").unwrap().ends_with("-1\""));
    assert_eq!(store.get("/docs/big", &borrowed(&key)).await.ok().text(), SECRET_TEXT);
    assert_eq!(store.get("/docs/big?partNumber=1", &borrowed(&key)).await.text(), SECRET_TEXT);
    assert!(!store.get("/docs/big", &[]).await.status.is_success());
}

#[tokio::test]
async fn a_copy_is_encrypted_as_it_asks_and_as_its_bucket_says() {
    let (store, kms) = with_kms().await;
    let arn = create_key(&kms).await;
    let (key, from) = (customer(1, ""), customer(1, "copy-source-"));
    store.put("/docs/own", &[], SECRET_TEXT).await.ok();
    store.put("/docs/customer", &borrowed(&key), SECRET_TEXT).await.ok();
    let kms_headers =
        [("x-amz-server-side-encryption", "aws:kms"), ("x-amz-server-side-encryption-aws-kms-key-id", &*arn)];
    // From each kind to each.
    for (source, source_headers) in [("docs/own", vec![]), ("docs/customer", borrowed(&from))] {
        for (target, target_headers) in
            [("/docs/1", vec![]), ("/docs/2", kms_headers.to_vec()), ("/docs/3", borrowed(&key))]
        {
            let headers: Vec<_> =
                source_headers.iter().chain(&target_headers).copied().chain([("x-amz-copy-source", source)]).collect();
            let copied = store.put(target, &headers, "").await.ok();
            let shown = copied.header("x-amz-server-side-encryption").map(str::to_owned);
            let expected = match target {
                "/docs/1" => Some("AES256"),
                "/docs/2" => Some("aws:kms"),
                _ => None,
            };
            assert_eq!(shown.as_deref(), expected, "{source} {target}");
            let reading = if target == "/docs/3" { borrowed(&key) } else { vec![] };
            assert_eq!(store.get(target, &reading).await.ok().text(), SECRET_TEXT, "{source} {target}");
        }
    }
    let missing = [("x-amz-copy-source", "docs/customer")];
    assert_eq!(store.put("/docs/4", &missing, "").await.error(), (400, "InvalidRequest".into()));
    // An object is encrypted anew by a copy onto itself.
    let anew: Vec<_> = kms_headers.iter().copied().chain([("x-amz-copy-source", "docs/own")]).collect();
    store.put("/docs/own", &anew, "").await.ok();
    assert_eq!(store.head("/docs/own", &[]).await.ok().header("x-amz-server-side-encryption"), Some("aws:kms"));
    assert!(!on_disk(store.dir.path(), SECRET_TEXT.as_bytes()));
}

#[tokio::test]
async fn an_object_under_a_key_of_kms_is_read_only_while_the_key_can_be_used() {
    let (store, kms) = with_kms().await;
    let arn = create_key(&kms).await;
    let context = BASE64.encode(r#"{"team":"a"}"#);
    let headers = [
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-aws-kms-key-id", &*arn),
        ("x-amz-server-side-encryption-context", &*context),
    ];
    let put = store.put("/docs/key", &headers, SECRET_TEXT).await.ok();
    assert_eq!(put.header("x-amz-server-side-encryption-aws-kms-key-id"), Some(&*arn));
    assert_eq!(put.header("x-amz-server-side-encryption-context"), Some(&*context));
    let notes = Notes::default();
    let read = store.send_as(&me(), &notes, request("GET", "/docs/key", &[], "")).await.ok();
    assert_eq!(read.header("x-amz-server-side-encryption-aws-kms-key-id"), Some(&*arn));
    assert_eq!(read.text(), SECRET_TEXT);
    let asked = notes.asked.lock().unwrap().last().cloned().unwrap();
    assert_eq!(asked, ("s3".to_owned(), vec![format!("kms:Decrypt {arn}")]));
    store.head("/docs/key", &[]).await.ok();

    kms_call(&kms, "DisableKey", &format!(r#"{{"KeyId":"{arn}"}}"#)).await;
    assert_eq!(store.get("/docs/key", &[]).await.error(), (400, "KMS.DisabledException".into()));
    assert_eq!(store.put("/docs/other", &headers, "x").await.error(), (400, "KMS.DisabledException".into()));
    let unknown = [
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-aws-kms-key-id", "12345678-1234-1234-1234-123456789012"),
    ];
    assert_eq!(store.put("/docs/other", &unknown, "x").await.error(), (400, "KMS.NotFoundException".into()));
    let bad = [("x-amz-server-side-encryption", "aws:kms"), ("x-amz-server-side-encryption-context", "e30x")];
    assert_eq!(store.put("/docs/other", &bad, "x").await.error(), (400, "InvalidArgument".into()));
    assert_eq!(store.files_in("s3").len(), 1);
    kms_call(&kms, "EnableKey", &format!(r#"{{"KeyId":"{arn}"}}"#)).await;
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), SECRET_TEXT);
}

#[tokio::test]
async fn an_upload_under_a_key_of_kms_becomes_an_object_under_it() {
    let (store, kms) = with_kms().await;
    let arn = create_key(&kms).await;
    let headers = [
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-aws-kms-key-id", &*arn),
        ("x-amz-server-side-encryption-bucket-key-enabled", "true"),
    ];
    let begun = store.send("POST", "/docs/big?uploads", &headers, "").await.ok();
    assert_eq!(begun.header("x-amz-server-side-encryption-bucket-key-enabled"), Some("true"));
    let id = begun.element("UploadId").unwrap();
    let large = SECRET_TEXT.repeat(80_000);
    let mut listed = String::new();
    for (number, body) in [(1, large.clone()), (2, SECRET_TEXT.to_owned())] {
        let answer = store.put(&format!("/docs/big?partNumber={number}&uploadId={id}"), &[], body).await.ok();
        let etag = answer.header("etag").unwrap();
        listed += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
    }
    let body = format!("<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>");
    let done = store.send("POST", &format!("/docs/big?uploadId={id}"), &[], body).await.ok();
    assert_eq!(done.header("x-amz-server-side-encryption"), Some("aws:kms"));
    let read = store.get("/docs/big", &[]).await.ok();
    assert_eq!(read.text(), format!("{large}{SECRET_TEXT}"));
    assert_eq!(read.header("x-amz-server-side-encryption-bucket-key-enabled"), Some("true"));
    let from = large.len() - 5;
    let ranged = store.get("/docs/big", &[("range", &format!("bytes={from}-{}", from + 9))]).await;
    assert_eq!(ranged.text(), format!("{}{}", &large[from..], &SECRET_TEXT[..5]));
}

#[tokio::test]
async fn a_bucket_says_how_that_is_encrypted_which_says_nothing() {
    let (store, kms) = with_kms().await;
    let arn = create_key(&kms).await;
    let rule = format!(
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms\
         </SSEAlgorithm><KMSMasterKeyID>{arn}</KMSMasterKeyID></ApplyServerSideEncryptionByDefault>\
         <BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"
    );
    store.put("/docs?encryption", &[], rule).await.ok();
    let put = store.put("/docs/key", &[], SECRET_TEXT).await.ok();
    assert_eq!(put.header("x-amz-server-side-encryption-aws-kms-key-id"), Some(&*arn));
    assert_eq!(put.header("x-amz-server-side-encryption-bucket-key-enabled"), Some("true"));
    let own = store.put("/docs/own", &[("x-amz-server-side-encryption", "AES256")], SECRET_TEXT).await.ok();
    assert_eq!(own.header("x-amz-server-side-encryption"), Some("AES256"));
    let copy = store.put("/docs/copy", &[("x-amz-copy-source", "docs/own")], "").await.ok();
    assert_eq!(copy.header("x-amz-server-side-encryption"), Some("aws:kms"));
    store.put("/other", &[], "").await.ok();
    let copy = store.put("/other/copy", &[("x-amz-copy-source", "docs/key")], "").await.ok();
    assert_eq!(copy.header("x-amz-server-side-encryption"), Some("AES256"));
    assert_eq!(store.get("/other/copy", &[]).await.ok().text(), SECRET_TEXT);
    store.delete("/docs?encryption").await.ok();
    assert_eq!(store.put("/docs/key", &[], "x").await.ok().header("x-amz-server-side-encryption"), Some("AES256"));
}

#[tokio::test]
async fn a_store_of_before_there_was_encryption_is_read_and_copied() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/new", &[], "new").await.ok();
    let Store { dir, s3 } = store;
    drop(s3);
    let index = rusqlite::Connection::open(dir.path().join("s3.sqlite")).unwrap();
    let name = "000102030405060708090a0b0c0d0e0f";
    std::fs::write(dir.path().join("objects/00").join(name), SECRET_TEXT).unwrap();
    let row = format!(
        "INSERT INTO object (bucket, key, body, size, etag, modified, checksum, parts, attributes, tags)
         VALUES ('docs', CAST('old' AS BLOB), 'b', {0}, 'e', 1, 'null', 0, '{{}}', '{{}}');
         INSERT INTO piece VALUES ('b', 1, 0, {0}, '{name}', '');",
        SECRET_TEXT.len()
    );
    index.execute_batch(&row).unwrap();
    drop(index);
    let store = Store { s3: open(dir.path()), dir };
    let read = store.get("/docs/old", &[]).await.ok();
    assert_eq!((read.text().as_str(), read.header("x-amz-server-side-encryption")), (SECRET_TEXT, Some("AES256")));
    store.put("/docs/copy", &[("x-amz-copy-source", "docs/old")], "").await.ok();
    assert_eq!(store.get("/docs/copy", &[]).await.ok().text(), SECRET_TEXT);
    store.delete("/docs/old").await.ok();
    assert!(!on_disk(store.dir.path(), SECRET_TEXT.as_bytes()));
}
