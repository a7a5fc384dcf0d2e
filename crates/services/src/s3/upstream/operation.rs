//! What a request is for, by its method, path and query, and what that requires.
//!
//! Source: S3 API reference; Service authorization reference, "Actions, resources, and condition keys for Amazon S3".

use std::collections::BTreeMap;

use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use s3s::dto::Delete;
use s3s::xml::{Deserialize as _, Deserializer};
use sidegate_iam::Requirement;

use super::super::attributes::text;
use super::super::fault::Fault;
use super::super::host::bucket_of;
use super::super::requirement::{Makes, Named};

/// Sub-resources of a bucket: the parameter, the end of the operation's name, and the end of the action's. Those that
/// cannot be read, put or deleted are refused by the server itself.
const OF_BUCKETS: [(&str, &str, &str); 20] = [
    ("accelerate", "BucketAccelerateConfiguration", "AccelerateConfiguration"),
    ("acl", "BucketAcl", "BucketAcl"),
    ("analytics", "BucketAnalyticsConfiguration", "AnalyticsConfiguration"),
    ("cors", "BucketCors", "BucketCORS"),
    ("encryption", "BucketEncryption", "EncryptionConfiguration"),
    ("intelligent-tiering", "BucketIntelligentTieringConfiguration", "IntelligentTieringConfiguration"),
    ("inventory", "BucketInventoryConfiguration", "InventoryConfiguration"),
    ("lifecycle", "BucketLifecycleConfiguration", "LifecycleConfiguration"),
    ("logging", "BucketLogging", "BucketLogging"),
    ("metrics", "BucketMetricsConfiguration", "MetricsConfiguration"),
    ("notification", "BucketNotificationConfiguration", "BucketNotification"),
    ("object-lock", "ObjectLockConfiguration", "BucketObjectLockConfiguration"),
    ("ownershipControls", "BucketOwnershipControls", "BucketOwnershipControls"),
    ("policy", "BucketPolicy", "BucketPolicy"),
    ("publicAccessBlock", "PublicAccessBlock", "BucketPublicAccessBlock"),
    ("replication", "BucketReplication", "ReplicationConfiguration"),
    ("requestPayment", "BucketRequestPayment", "BucketRequestPayment"),
    ("tagging", "BucketTagging", "BucketTagging"),
    ("versioning", "BucketVersioning", "BucketVersioning"),
    ("website", "BucketWebsite", "BucketWebsite"),
];

/// Sub-resources of an object.
const OF_OBJECTS: [(&str, &str); 4] = [
    ("acl", "ObjectAcl"),
    ("tagging", "ObjectTagging"),
    ("legal-hold", "ObjectLegalHold"),
    ("retention", "ObjectRetention"),
];

/// Parameters that say nothing of what a request is for.
const BESIDE: [&str; 17] = [
    "continuation-token",
    "delimiter",
    "encoding-type",
    "fetch-owner",
    "id",
    "key-marker",
    "list-type",
    "marker",
    "max-keys",
    "max-parts",
    "max-uploads",
    "part-number-marker",
    "partnumber",
    "prefix",
    "start-after",
    "upload-id-marker",
    "version-id-marker",
];

/// The largest number of keys in a batch.
const MOST_KEYS: usize = 1000;

/// What a request is for.
#[derive(Debug)]
pub(super) struct Operation {
    name: String,
    kind: Kind,
    bucket: String,
    /// Decoded.
    key: String,
    /// As it is sent, with the bucket.
    path: String,
    query: BTreeMap<String, String>,
}

/// What is done, as far as its requirements differ.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Buckets,
    Create,
    /// An action on the bucket.
    Bucket(String),
    /// A listing of the bucket.
    List(&'static str),
    /// An action on an object or a version of it.
    Object(String),
    /// The making of an object.
    Write,
    /// A part of an object; it may be copied.
    Part,
    /// The end of the making of an object in parts.
    Complete,
    /// An action on an object, whatever version is named.
    Upload(&'static str),
    /// Keys in a document.
    Batch,
}

/// The parameters of a query: as they came, and decoded.
pub(in crate::s3) fn parameters(query: &str) -> impl Iterator<Item = (&str, String, String)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (pair, decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
    })
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

impl Operation {
    /// What the head of a request says.
    pub(super) fn of(head: &Parts) -> Result<Self, Fault> {
        let host = text(&head.headers, HOST.as_str()).unwrap_or_default();
        let raw = head.uri.path();
        let path = match bucket_of(&host) {
            Some(bucket) => format!("/{bucket}{raw}"),
            None => raw.to_owned(),
        };
        let (bucket, key) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
        let (bucket, key) = (decoded(bucket), decoded(key));
        let query: BTreeMap<String, String> =
            parameters(head.uri.query().unwrap_or_default()).map(|(_, name, value)| (name, value)).collect();
        let (name, kind) = match (bucket.is_empty(), key.is_empty()) {
            (true, _) if head.method == Method::GET => ("ListBuckets".to_owned(), Kind::Buckets),
            (true, _) => return Err(unknown()),
            (false, true) => of_bucket(&head.method, &query)?,
            (false, false) => of_object(&head.method, &query, &head.headers)?,
        };
        Ok(Self { name, kind, bucket, key, path, query })
    }

    /// The API's name of it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The path, as it is sent.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Whether its document says what it is about.
    pub(super) fn has_keys_in_its_document(&self) -> bool {
        self.kind == Kind::Batch
    }

    /// What it requires.
    pub(super) fn requirements(
        &self, headers: &HeaderMap, document: &[u8], now: i64,
    ) -> Result<Vec<Requirement>, Fault> {
        let named = Named::unseen(&self.bucket, headers, now);
        let version = self.query.get("versionId").map(String::as_str);
        Ok(match &self.kind {
            Kind::Buckets => vec![Requirement::new("s3:ListAllMyBuckets", "*")],
            Kind::Create => vec![named.on_bucket("CreateBucket")],
            Kind::Bucket(action) => vec![named.on_bucket(action)],
            Kind::List(action) => {
                let parameter = |name: &str| self.query.get(name).map(String::as_str);
                let most = parameter("max-keys").and_then(|most| most.parse().ok());
                vec![named.listing(action, parameter("prefix"), parameter("delimiter"), most)]
            }
            Kind::Object(action) => vec![named.on_version(action, &self.key, version)],
            Kind::Write => {
                let makes = if self.name == "CreateMultipartUpload" { Makes::Upload } else { Makes::Object };
                let mut all = named.writing(headers, &self.key, makes);
                all.extend(source(headers, now)?);
                all
            }
            Kind::Part => {
                let mut all = vec![named.step(&self.key, Makes::Upload)];
                all.extend(source(headers, now)?);
                all
            }
            Kind::Complete => named.completing(headers, &self.key),
            Kind::Upload(action) => vec![named.on_object(action, &self.key)],
            Kind::Batch => keys(document)?
                .iter()
                .map(|(key, version)| named.on_version("DeleteObject", key, version.as_deref()))
                .collect(),
        })
    }
}

fn of_bucket(method: &Method, query: &BTreeMap<String, String>) -> Result<(String, Kind), Fault> {
    let has = |name: &str| query.contains_key(name);
    let verb = match *method {
        Method::HEAD => return Ok(("HeadBucket".to_owned(), Kind::Bucket("ListBucket".to_owned()))),
        Method::POST if has("delete") => return Ok(("DeleteObjects".to_owned(), Kind::Batch)),
        Method::GET => "Get",
        Method::PUT => "Put",
        Method::DELETE => "Delete",
        _ => return Err(unknown()),
    };
    if let Some((_, operation, action)) = OF_BUCKETS.iter().find(|(parameter, _, _)| has(parameter)) {
        // Most of what can be deleted is an empty put to policies.
        let allowed = match verb {
            "Delete" if !matches!(*action, "BucketPolicy" | "BucketWebsite") => "Put",
            verb => verb,
        };
        return Ok((format!("{verb}{operation}"), Kind::Bucket(format!("{allowed}{action}"))));
    }
    let listing = |name: &str, action| Ok((name.to_owned(), Kind::List(action)));
    match verb {
        "Get" if has("versions") => listing("ListObjectVersions", "ListBucketVersions"),
        "Get" if has("uploads") => listing("ListMultipartUploads", "ListBucketMultipartUploads"),
        "Get" if has("location") => Ok(("GetBucketLocation".to_owned(), Kind::Bucket("GetBucketLocation".to_owned()))),
        "Get" if has("policyStatus") => {
            Ok(("GetBucketPolicyStatus".to_owned(), Kind::Bucket("GetBucketPolicyStatus".to_owned())))
        }
        _ if !is_plain(query) => Err(unknown()),
        "Get" if query.get("list-type").is_some_and(|kind| kind == "2") => listing("ListObjectsV2", "ListBucket"),
        "Get" => listing("ListObjects", "ListBucket"),
        "Put" => Ok(("CreateBucket".to_owned(), Kind::Create)),
        _ => Ok(("DeleteBucket".to_owned(), Kind::Bucket("DeleteBucket".to_owned()))),
    }
}

fn of_object(method: &Method, query: &BTreeMap<String, String>, headers: &HeaderMap) -> Result<(String, Kind), Fault> {
    let has = |name: &str| query.contains_key(name);
    let verb = match *method {
        Method::GET => "Get",
        Method::HEAD => "Head",
        Method::PUT => "Put",
        Method::DELETE => "Delete",
        Method::POST => "Post",
        _ => return Err(unknown()),
    };
    let copied = text(headers, "x-amz-copy-source").is_some();
    if let Some((_, operation)) = OF_OBJECTS.iter().find(|(parameter, _)| has(parameter)) {
        let name = format!("{verb}{operation}");
        return if verb == "Head" || verb == "Post" { Err(unknown()) } else { Ok((name.clone(), Kind::Object(name))) };
    }
    if has("uploadId") {
        return match verb {
            "Get" => Ok(("ListParts".to_owned(), Kind::Upload("ListMultipartUploadParts"))),
            "Put" if copied => Ok(("UploadPartCopy".to_owned(), Kind::Part)),
            "Put" => Ok(("UploadPart".to_owned(), Kind::Part)),
            "Post" => Ok(("CompleteMultipartUpload".to_owned(), Kind::Complete)),
            "Delete" => Ok(("AbortMultipartUpload".to_owned(), Kind::Upload("AbortMultipartUpload"))),
            _ => Err(unknown()),
        };
    }
    match verb {
        "Post" if has("uploads") => return Ok(("CreateMultipartUpload".to_owned(), Kind::Write)),
        "Get" if has("attributes") => {
            return Ok(("GetObjectAttributes".to_owned(), Kind::Object("GetObjectAttributes".to_owned())));
        }
        _ => {}
    }
    if !is_plain(query) {
        return Err(unknown());
    }
    match verb {
        "Get" | "Head" => Ok((format!("{verb}Object"), Kind::Object("GetObject".to_owned()))),
        "Put" if copied => Ok(("CopyObject".to_owned(), Kind::Write)),
        "Put" => Ok(("PutObject".to_owned(), Kind::Write)),
        "Delete" => Ok(("DeleteObject".to_owned(), Kind::Object("DeleteObject".to_owned()))),
        _ => Err(unknown()),
    }
}

/// Whether nothing in a query makes it another operation.
fn is_plain(query: &BTreeMap<String, String>) -> bool {
    query.keys().all(|name| {
        let name = name.to_ascii_lowercase();
        name.starts_with("x-")
            || name.starts_with("response-")
            || BESIDE.contains(&name.as_str())
            || matches!(name.as_str(), "versionid" | "awsaccesskeyid" | "expires" | "signature")
    })
}

/// That the source of a copy may be read.
fn source(headers: &HeaderMap, now: i64) -> Result<Option<Requirement>, Fault> {
    let Some(source) = text(headers, "x-amz-copy-source") else { return Ok(None) };
    let (path, version) = match source.split_once("?versionId=") {
        Some((path, version)) => (path, Some(version)),
        None => (source.as_str(), None),
    };
    let path = decoded(path);
    let (bucket, key) = path.trim_start_matches('/').split_once('/').ok_or_else(|| {
        Fault::invalid_argument("x-amz-copy-source", source.as_str(), "Invalid copy source object key")
    })?;
    Ok(Some(Named::unseen(bucket, headers, now).on_version("GetObject", key, version)))
}

/// The keys of a batch.
fn keys(document: &[u8]) -> Result<Vec<(String, Option<String>)>, Fault> {
    let delete = Delete::deserialize(&mut Deserializer::new(document)).map_err(|_| Fault::malformed())?;
    if delete.objects.is_empty() || delete.objects.len() > MOST_KEYS {
        return Err(Fault::malformed());
    }
    Ok(delete.objects.into_iter().map(|object| (object.key, object.version_id)).collect())
}

fn unknown() -> Fault {
    Fault::not_implemented("This request is none that is sent on to another server")
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn asked(line: &str, headers: &[(&str, &str)]) -> Result<(String, Vec<String>), String> {
        let (method, uri) = line.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let told = |fault: Fault| fault.to_string();
        let operation = Operation::of(&head).map_err(told)?;
        let document =
            b"<Delete><Object><Key>a</Key></Object><Object><Key>b</Key><VersionId>v</VersionId></Object></Delete>";
        let requirements = operation.requirements(&head.headers, document, 0).map_err(told)?;
        let all = requirements.iter().map(|r| format!("{} {}", r.action, r.resource)).collect();
        Ok((operation.name().to_owned(), all))
    }

    #[test]
    fn a_request_is_told_by_its_method_path_and_query() {
        let docs = "arn:aws:s3:::docs";
        for (line, name, requirements) in [
            ("GET /", "ListBuckets", vec!["s3:ListAllMyBuckets *".to_owned()]),
            ("PUT /docs", "CreateBucket", vec![format!("s3:CreateBucket {docs}")]),
            ("GET /docs?list-type=2&prefix=a", "ListObjectsV2", vec![format!("s3:ListBucket {docs}")]),
            ("GET /docs?versions", "ListObjectVersions", vec![format!("s3:ListBucketVersions {docs}")]),
            (
                "GET /docs?lifecycle",
                "GetBucketLifecycleConfiguration",
                vec![format!("s3:GetLifecycleConfiguration {docs}")],
            ),
            ("DELETE /docs?policy", "DeleteBucketPolicy", vec![format!("s3:DeleteBucketPolicy {docs}")]),
            ("DELETE /docs?cors", "DeleteBucketCors", vec![format!("s3:PutBucketCORS {docs}")]),
            ("HEAD /docs", "HeadBucket", vec![format!("s3:ListBucket {docs}")]),
            ("GET /docs/a%20b/c", "GetObject", vec![format!("s3:GetObject {docs}/a b/c")]),
            ("GET /docs/k?versionId=1", "GetObject", vec![format!("s3:GetObjectVersion {docs}/k")]),
            ("PUT /docs/k?tagging", "PutObjectTagging", vec![format!("s3:PutObjectTagging {docs}/k")]),
            ("PUT /docs/k?partNumber=1&uploadId=u", "UploadPart", vec![format!("s3:PutObject {docs}/k")]),
            ("POST /docs/k?uploads", "CreateMultipartUpload", vec![format!("s3:PutObject {docs}/k")]),
            ("DELETE /docs/k?uploadId=u", "AbortMultipartUpload", vec![format!("s3:AbortMultipartUpload {docs}/k")]),
            (
                "POST /docs?delete",
                "DeleteObjects",
                vec![format!("s3:DeleteObject {docs}/a"), format!("s3:DeleteObjectVersion {docs}/b")],
            ),
        ] {
            assert_eq!(asked(line, &[]), Ok((name.to_owned(), requirements)), "{line}");
        }
        let copy = asked("PUT /docs/k", &[("x-amz-copy-source", "/from/a%2Fb?versionId=1")]).unwrap();
        let expected = vec![format!("s3:PutObject {docs}/k"), "s3:GetObjectVersion arn:aws:s3:::from/a/b".to_owned()];
        assert_eq!(copy, ("CopyObject".to_owned(), expected));
        let virtual_host = [("host", "docs.s3.us-east-1.amazonaws.com")];
        assert_eq!(asked("GET /k", &virtual_host).unwrap().1, [format!("s3:GetObject {docs}/k")]);
    }

    #[test]
    fn what_is_not_known_is_not_sent_on() {
        for line in [
            "PUT /docs/k?renameObject",
            "POST /docs/k?select",
            "GET /docs?session",
            "POST /docs",
            "PUT /docs?abac",
            "PATCH /docs/k",
        ] {
            assert!(asked(line, &[]).is_err(), "{line}");
        }
    }
}
