//! What a request is for, by its method, path and query. `resource::check` has refused what does not fit together, so that
//! at most one sub-resource is there.
//!
//! Source: S3 API reference, the request syntax of each operation; Service authorization reference, "Actions, resources,
//! and condition keys for Amazon S3".

mod headers;

use std::collections::BTreeMap;

use http::Method;

use super::super::fault::Fault;
use super::super::requirement::Makes;
use super::super::resource::Level;
use headers::{ACLS, CHECKSUMS, CONDITIONS, CONTENT, COPY, CUSTOMER, ENCRYPTION, LOCK, MADE, MFA, READS, SOURCE};

/// An operation: what of a request belongs to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    /// The API's name of it.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// What stands first in the query.
    pub(super) marker: &'static str,
    /// The other parameters that it has.
    pub(super) parameters: &'static [&'static str],
    /// The headers that it has, beside those that all have.
    pub(super) headers: &'static [&'static [&'static str]],
    pub(super) content: Content,
}

/// What is done, as far as its requirements differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Buckets,
    Create,
    /// An action on the bucket.
    Bucket(&'static str),
    /// The ACL of the bucket is set.
    BucketAcl,
    /// A role is passed with the document.
    Replication,
    /// A listing of the bucket.
    List(&'static str),
    /// Actions on an object or a version of it.
    Object(&'static [&'static str]),
    /// The same, without an action of its own for versions.
    Lock(&'static str),
    /// The ACL of an object is set.
    ObjectAcl,
    Tagging,
    Retention,
    LegalHold,
    Delete,
    /// The making of an object.
    Write(Makes),
    Copy,
    /// A part of an object; it may be copied.
    Part,
    /// The end of the making of an object in parts.
    Complete,
    /// An action on an object, whatever version is named.
    Upload(&'static str),
    /// Keys in a document.
    Batch,
}

/// What the body of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    None,
    /// The bytes of an object.
    Bytes,
    Json,
    /// A document with this root.
    Xml(&'static str),
    /// The same, which may be left out.
    OptionalXml(&'static str),
}

/// A sub-resource of buckets that can be read, put or deleted: the parameter, the operations and their actions, and the root
/// of its document. What can be deleted is most often an empty put to policies.
type Configuration = (&'static str, [&'static str; 3], [&'static str; 3], &'static str);

const CONFIGURATIONS: [Configuration; 20] = [
    (
        "accelerate",
        ["GetBucketAccelerateConfiguration", "PutBucketAccelerateConfiguration", ""],
        ["GetAccelerateConfiguration", "PutAccelerateConfiguration", ""],
        "AccelerateConfiguration",
    ),
    ("acl", ["GetBucketAcl", "PutBucketAcl", ""], ["GetBucketAcl", "PutBucketAcl", ""], "AccessControlPolicy"),
    (
        "analytics",
        ["GetBucketAnalyticsConfiguration", "PutBucketAnalyticsConfiguration", "DeleteBucketAnalyticsConfiguration"],
        ["GetAnalyticsConfiguration", "PutAnalyticsConfiguration", "PutAnalyticsConfiguration"],
        "AnalyticsConfiguration",
    ),
    (
        "cors",
        ["GetBucketCors", "PutBucketCors", "DeleteBucketCors"],
        ["GetBucketCORS", "PutBucketCORS", "PutBucketCORS"],
        "CORSConfiguration",
    ),
    (
        "encryption",
        ["GetBucketEncryption", "PutBucketEncryption", "DeleteBucketEncryption"],
        ["GetEncryptionConfiguration", "PutEncryptionConfiguration", "PutEncryptionConfiguration"],
        "ServerSideEncryptionConfiguration",
    ),
    (
        "intelligent-tiering",
        [
            "GetBucketIntelligentTieringConfiguration",
            "PutBucketIntelligentTieringConfiguration",
            "DeleteBucketIntelligentTieringConfiguration",
        ],
        [
            "GetIntelligentTieringConfiguration",
            "PutIntelligentTieringConfiguration",
            "PutIntelligentTieringConfiguration",
        ],
        "IntelligentTieringConfiguration",
    ),
    (
        "inventory",
        ["GetBucketInventoryConfiguration", "PutBucketInventoryConfiguration", "DeleteBucketInventoryConfiguration"],
        ["GetInventoryConfiguration", "PutInventoryConfiguration", "PutInventoryConfiguration"],
        "InventoryConfiguration",
    ),
    (
        "lifecycle",
        ["GetBucketLifecycleConfiguration", "PutBucketLifecycleConfiguration", "DeleteBucketLifecycle"],
        ["GetLifecycleConfiguration", "PutLifecycleConfiguration", "PutLifecycleConfiguration"],
        "LifecycleConfiguration",
    ),
    (
        "logging",
        ["GetBucketLogging", "PutBucketLogging", ""],
        ["GetBucketLogging", "PutBucketLogging", ""],
        "BucketLoggingStatus",
    ),
    (
        "metrics",
        ["GetBucketMetricsConfiguration", "PutBucketMetricsConfiguration", "DeleteBucketMetricsConfiguration"],
        ["GetMetricsConfiguration", "PutMetricsConfiguration", "PutMetricsConfiguration"],
        "MetricsConfiguration",
    ),
    (
        "notification",
        ["GetBucketNotificationConfiguration", "PutBucketNotificationConfiguration", ""],
        ["GetBucketNotification", "PutBucketNotification", ""],
        "NotificationConfiguration",
    ),
    (
        "object-lock",
        ["GetObjectLockConfiguration", "PutObjectLockConfiguration", ""],
        ["GetBucketObjectLockConfiguration", "PutBucketObjectLockConfiguration", ""],
        "ObjectLockConfiguration",
    ),
    (
        "ownershipControls",
        ["GetBucketOwnershipControls", "PutBucketOwnershipControls", "DeleteBucketOwnershipControls"],
        ["GetBucketOwnershipControls", "PutBucketOwnershipControls", "PutBucketOwnershipControls"],
        "OwnershipControls",
    ),
    (
        "policy",
        ["GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"],
        ["GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"],
        "",
    ),
    (
        "publicAccessBlock",
        ["GetPublicAccessBlock", "PutPublicAccessBlock", "DeletePublicAccessBlock"],
        ["GetBucketPublicAccessBlock", "PutBucketPublicAccessBlock", "PutBucketPublicAccessBlock"],
        "PublicAccessBlockConfiguration",
    ),
    (
        "replication",
        ["GetBucketReplication", "PutBucketReplication", "DeleteBucketReplication"],
        ["GetReplicationConfiguration", "PutReplicationConfiguration", "PutReplicationConfiguration"],
        "ReplicationConfiguration",
    ),
    (
        "requestPayment",
        ["GetBucketRequestPayment", "PutBucketRequestPayment", ""],
        ["GetBucketRequestPayment", "PutBucketRequestPayment", ""],
        "RequestPaymentConfiguration",
    ),
    (
        "tagging",
        ["GetBucketTagging", "PutBucketTagging", "DeleteBucketTagging"],
        ["GetBucketTagging", "PutBucketTagging", "PutBucketTagging"],
        "Tagging",
    ),
    (
        "versioning",
        ["GetBucketVersioning", "PutBucketVersioning", ""],
        ["GetBucketVersioning", "PutBucketVersioning", ""],
        "VersioningConfiguration",
    ),
    (
        "website",
        ["GetBucketWebsite", "PutBucketWebsite", "DeleteBucketWebsite"],
        ["GetBucketWebsite", "PutBucketWebsite", "DeleteBucketWebsite"],
        "WebsiteConfiguration",
    ),
];

/// The configurations of which a bucket has several: the parameter, and the operation that lists them.
const LISTED: [(&str, &str); 4] = [
    ("analytics", "ListBucketAnalyticsConfigurations"),
    ("intelligent-tiering", "ListBucketIntelligentTieringConfigurations"),
    ("inventory", "ListBucketInventoryConfigurations"),
    ("metrics", "ListBucketMetricsConfigurations"),
];

/// Headers of single configurations.
const OF_CONFIGURATIONS: &[&str] = &[
    "x-amz-bucket-object-lock-token",
    "x-amz-confirm-remove-self-bucket-access",
    "x-amz-skip-destination-validation",
    "x-amz-transition-default-minimum-object-size",
];

const VERSION: &[&str] = &["versionId"];
const READ: &[&str] = &[
    "partNumber",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "versionId",
];
const OPTIONAL: &[&str] = &["x-amz-optional-object-attributes"];

/// An operation without a marker, further headers or content.
const fn bare(name: &'static str, kind: Kind, parameters: &'static [&'static str]) -> Operation {
    Operation { name, kind, marker: "", parameters, headers: &[], content: Content::None }
}

impl Operation {
    const fn marked(mut self, marker: &'static str) -> Self {
        self.marker = marker;
        self
    }

    const fn with(mut self, headers: &'static [&'static [&'static str]]) -> Self {
        self.headers = headers;
        self
    }

    const fn of_content(mut self, content: Content) -> Self {
        self.content = content;
        self
    }

    /// The operation of a request. `copies` is whether it names a source.
    pub(super) fn of(
        method: &Method, level: Level, query: &BTreeMap<String, String>, copies: bool,
    ) -> Result<Self, Fault> {
        let found = match level {
            Level::Service if *method == Method::GET => Some(bare(
                "ListBuckets",
                Kind::Buckets,
                &["bucket-region", "continuation-token", "max-buckets", "prefix"],
            )),
            Level::Service => None,
            Level::Bucket => of_bucket(method, query),
            Level::Object => of_object(method, query, copies),
        };
        found.ok_or_else(|| Fault::not_implemented("This request is none that is sent on to another server"))
    }

    /// Whether a header of a request belongs to it.
    pub(super) fn has_header(&self, name: &str) -> bool {
        let meta = name.starts_with("x-amz-meta-") && self.headers.iter().any(|group| *group == MADE);
        meta || self.headers.iter().any(|group| group.contains(&name))
    }
}

fn of_bucket(method: &Method, query: &BTreeMap<String, String>) -> Option<Operation> {
    let has = |name: &str| query.contains_key(name);
    let verb = match *method {
        Method::HEAD => return Some(bare("HeadBucket", Kind::Bucket("ListBucket"), &[])),
        Method::POST if has("delete") => {
            let batch = bare("DeleteObjects", Kind::Batch, &[]).marked("delete").with(&[MFA]);
            return Some(batch.of_content(Content::Xml("Delete")));
        }
        Method::GET => 0,
        Method::PUT => 1,
        Method::DELETE => 2,
        _ => return None,
    };
    if let Some(found) = CONFIGURATIONS.iter().find(|(parameter, ..)| has(parameter)) {
        return of_configuration(found, verb, has("id"));
    }
    match verb {
        0 => Some(of_reading(query)),
        1 => Some(
            bare("CreateBucket", Kind::Create, &[])
                .with(&[ACLS, &["x-amz-bucket-object-lock-enabled", "x-amz-object-ownership"]])
                .of_content(Content::OptionalXml("CreateBucketConfiguration")),
        ),
        _ => Some(bare("DeleteBucket", Kind::Bucket("DeleteBucket"), &[])),
    }
}

fn of_configuration((marker, names, actions, root): &Configuration, verb: usize, one: bool) -> Option<Operation> {
    let (name, action) = (*names.get(verb)?, *actions.get(verb)?);
    if name.is_empty() {
        return None;
    }
    let listed = LISTED.iter().find(|(parameter, _)| parameter == marker);
    if let Some((_, name)) = listed.filter(|_| verb == 0 && !one) {
        return Some(bare(name, Kind::Bucket(action), &["continuation-token"]).marked(marker));
    }
    let parameters: &[&str] = if listed.is_some() { &["id"] } else { &[] };
    let operation = bare(name, Kind::Bucket(action), parameters).marked(marker);
    if verb != 1 {
        return Some(operation);
    }
    Some(match *marker {
        "acl" => Operation { kind: Kind::BucketAcl, ..operation }.with(&[ACLS]).of_content(Content::OptionalXml(root)),
        "policy" => operation.with(&[OF_CONFIGURATIONS]).of_content(Content::Json),
        "replication" => {
            Operation { kind: Kind::Replication, ..operation }.with(&[OF_CONFIGURATIONS]).of_content(Content::Xml(root))
        }
        _ => operation.with(&[OF_CONFIGURATIONS, MFA]).of_content(Content::Xml(root)),
    })
}

/// What is read of a bucket and is no configuration.
fn of_reading(query: &BTreeMap<String, String>) -> Operation {
    let has = |name: &str| query.contains_key(name);
    if has("versions") {
        let parameters = &["delimiter", "encoding-type", "key-marker", "max-keys", "prefix", "version-id-marker"];
        let operation = bare("ListObjectVersions", Kind::List("ListBucketVersions"), parameters);
        return operation.marked("versions").with(&[OPTIONAL]);
    }
    if has("uploads") {
        let parameters = &["delimiter", "encoding-type", "key-marker", "max-uploads", "prefix", "upload-id-marker"];
        return bare("ListMultipartUploads", Kind::Bucket("ListBucketMultipartUploads"), parameters).marked("uploads");
    }
    if has("location") {
        return bare("GetBucketLocation", Kind::Bucket("GetBucketLocation"), &[]).marked("location");
    }
    if has("policyStatus") {
        return bare("GetBucketPolicyStatus", Kind::Bucket("GetBucketPolicyStatus"), &[]).marked("policyStatus");
    }
    if query.get("list-type").is_some_and(|kind| kind == "2") {
        let parameters =
            &["continuation-token", "delimiter", "encoding-type", "fetch-owner", "max-keys", "prefix", "start-after"];
        return bare("ListObjectsV2", Kind::List("ListBucket"), parameters).marked("list-type=2").with(&[OPTIONAL]);
    }
    let parameters = &["delimiter", "encoding-type", "marker", "max-keys", "prefix"];
    bare("ListObjects", Kind::List("ListBucket"), parameters).with(&[OPTIONAL])
}

fn of_object(method: &Method, query: &BTreeMap<String, String>, copies: bool) -> Option<Operation> {
    let has = |name: &str| query.contains_key(name);
    let found = match *method {
        Method::GET => of_object_read(&has),
        Method::HEAD => bare("HeadObject", Kind::Object(&["GetObject"]), READ).with(&[READS, CUSTOMER]),
        Method::PUT => of_object_put(&has, copies),
        Method::POST if has("uploads") => {
            bare("CreateMultipartUpload", Kind::Write(Makes::Upload), &[]).marked("uploads").with(&[
                MADE,
                ACLS,
                CONTENT,
                ENCRYPTION,
                CUSTOMER,
                LOCK,
                &["x-amz-checksum-algorithm", "x-amz-checksum-type"],
            ])
        }
        Method::POST if has("uploadId") => bare("CompleteMultipartUpload", Kind::Complete, &["uploadId"])
            .with(&[CHECKSUMS, CONDITIONS, CUSTOMER, &["x-amz-checksum-type", "x-amz-mp-object-size"]])
            .of_content(Content::Xml("CompleteMultipartUpload")),
        Method::POST if has("restore") => bare("RestoreObject", Kind::Lock("RestoreObject"), VERSION)
            .marked("restore")
            .of_content(Content::Xml("RestoreRequest")),
        Method::DELETE if has("tagging") => {
            bare("DeleteObjectTagging", Kind::Object(&["DeleteObjectTagging"]), VERSION).marked("tagging")
        }
        Method::DELETE if has("uploadId") => {
            bare("AbortMultipartUpload", Kind::Upload("AbortMultipartUpload"), &["uploadId"])
        }
        Method::DELETE => bare("DeleteObject", Kind::Delete, VERSION).with(&[MFA, &["if-match"]]),
        _ => return None,
    };
    Some(found)
}

fn of_object_read(has: &dyn Fn(&str) -> bool) -> Operation {
    if has("acl") {
        bare("GetObjectAcl", Kind::Object(&["GetObjectAcl"]), VERSION).marked("acl")
    } else if has("tagging") {
        bare("GetObjectTagging", Kind::Object(&["GetObjectTagging"]), VERSION).marked("tagging")
    } else if has("legal-hold") {
        bare("GetObjectLegalHold", Kind::Lock("GetObjectLegalHold"), VERSION).marked("legal-hold")
    } else if has("retention") {
        bare("GetObjectRetention", Kind::Lock("GetObjectRetention"), VERSION).marked("retention")
    } else if has("attributes") {
        const HEADERS: &[&str] = &["x-amz-max-parts", "x-amz-object-attributes", "x-amz-part-number-marker"];
        bare("GetObjectAttributes", Kind::Object(&["GetObject", "GetObjectAttributes"]), VERSION)
            .marked("attributes")
            .with(&[CUSTOMER, HEADERS])
    } else if has("uploadId") {
        bare("ListParts", Kind::Upload("ListMultipartUploadParts"), &["max-parts", "part-number-marker", "uploadId"])
            .with(&[CUSTOMER])
    } else {
        bare("GetObject", Kind::Object(&["GetObject"]), READ).with(&[READS, CUSTOMER])
    }
}

fn of_object_put(has: &dyn Fn(&str) -> bool, copies: bool) -> Operation {
    const PART: &[&str] = &["partNumber", "uploadId"];
    if has("acl") {
        bare("PutObjectAcl", Kind::ObjectAcl, VERSION)
            .marked("acl")
            .with(&[ACLS])
            .of_content(Content::OptionalXml("AccessControlPolicy"))
    } else if has("tagging") {
        bare("PutObjectTagging", Kind::Tagging, VERSION).marked("tagging").of_content(Content::Xml("Tagging"))
    } else if has("legal-hold") {
        bare("PutObjectLegalHold", Kind::LegalHold, VERSION).marked("legal-hold").of_content(Content::Xml("LegalHold"))
    } else if has("retention") {
        bare("PutObjectRetention", Kind::Retention, VERSION).marked("retention").of_content(Content::Xml("Retention"))
    } else if has("uploadId") && copies {
        bare("UploadPartCopy", Kind::Part, PART).with(&[COPY, SOURCE, CUSTOMER])
    } else if has("uploadId") {
        bare("UploadPart", Kind::Part, PART).with(&[CHECKSUMS, CUSTOMER]).of_content(Content::Bytes)
    } else if copies {
        bare("CopyObject", Kind::Copy, &[]).with(&[
            MADE,
            ACLS,
            CONTENT,
            ENCRYPTION,
            CUSTOMER,
            LOCK,
            CONDITIONS,
            SOURCE,
            &["x-amz-checksum-algorithm", "x-amz-metadata-directive", "x-amz-tagging-directive"],
        ])
    } else {
        bare("PutObject", Kind::Write(Makes::Object), &[])
            .with(&[MADE, ACLS, CONTENT, ENCRYPTION, CUSTOMER, LOCK, CONDITIONS, CHECKSUMS])
            .of_content(Content::Bytes)
    }
}
