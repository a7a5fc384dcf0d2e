//! What can go wrong, with AWS's code and wording, and the XML elements that go with it.

use std::borrow::Cow;
use std::io;

use http::header::{ALLOW, ETAG, HeaderName, HeaderValue, LAST_MODIFIED};
use http::{HeaderMap, StatusCode};
use s3s::dto::{Timestamp, TimestampFormat};
use s3s::{S3Error, S3ErrorCode};
use sidegate_iam::{Denial, Principal};

use super::call::timestamp;
use super::version::VersionId;
use crate::kms::UseError;
use crate::reserve;

/// The header that names the Region of a bucket.
pub(super) const BUCKET_REGION: HeaderName = HeaderName::from_static("x-amz-bucket-region");

const DELETE_MARKER: HeaderName = HeaderName::from_static("x-amz-delete-marker");
const VERSION_ID: HeaderName = HeaderName::from_static("x-amz-version-id");

/// Why an operation has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The request is refused.
    #[error("{}: {}", .0.code.as_str(), .0.message)]
    Refused(Box<Refusal>),
    /// The files of the bodies cannot be read or written.
    #[error("cannot use the object store")]
    Storage(#[from] io::Error),
    /// The database cannot be read or written.
    #[error("cannot use the object index")]
    Index(#[from] rusqlite::Error),
    /// A task of ours did not finish.
    #[error("interrupted")]
    Interrupted,
}

/// A refusal in AWS's form.
#[derive(Debug)]
pub(crate) struct Refusal {
    code: S3ErrorCode,
    message: Cow<'static, str>,
    details: Vec<(&'static str, String)>,
    headers: HeaderMap,
    /// Where the code itself has no status.
    status: Option<StatusCode>,
}

impl Fault {
    pub(crate) fn new(code: S3ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(Box::new(Refusal {
            code,
            message: message.into(),
            details: Vec::new(),
            headers: HeaderMap::new(),
            status: None,
        }))
    }

    /// A refusal with status 400 and a code that s3s does not know.
    pub(super) fn bad_request(code: &'static str, message: &'static str) -> Self {
        Self::coded(code, StatusCode::BAD_REQUEST, message)
    }

    /// A refusal with a code that s3s does not know.
    pub(super) fn coded(code: &'static str, status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        let code = S3ErrorCode::from_bytes(code.as_bytes()).unwrap_or(S3ErrorCode::InvalidRequest);
        Self::Refused(Box::new(Refusal {
            code,
            message: message.into(),
            details: Vec::new(),
            headers: HeaderMap::new(),
            status: Some(status),
        }))
    }

    /// Adds an element to the XML of the answer.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.details.push((name, value.into()));
        }
        self
    }

    pub(super) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let (Self::Refused(refusal), Ok(value)) = (&mut self, HeaderValue::from_str(value)) {
            refusal.headers.insert(name, value);
        }
        self
    }

    /// Whoever is not known, or a stranger to the one who decided, is not told why.
    ///
    /// Source: S3 user guide, "Troubleshoot access denied (403 Forbidden) errors in Amazon S3", which shows resources in
    /// quotation marks; one that is `*` is left out.
    pub(super) fn denied(denial: &Denial) -> Self {
        if denial.is_discreet || *denial.principal == Principal::Anonymous {
            return Self::access_denied();
        }
        let bare = format!(" on resource: {}", denial.resource);
        let shown = match denial.resource.as_str() {
            "*" => String::new(),
            resource => format!(" on resource: \"{resource}\""),
        };
        Self::new(S3ErrorCode::AccessDenied, denial.to_string().replacen(&bare, &shown, 1))
    }

    /// Whether it says that the caller may not.
    pub(super) fn is_access_denied(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.code == S3ErrorCode::AccessDenied)
    }

    /// Whether the request is refused, rather than that something of ours failed.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    /// Whether it says that the version is a delete marker.
    pub(super) fn is_method_not_allowed(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.code == S3ErrorCode::MethodNotAllowed)
    }

    /// Whether it says that there is no such object.
    pub(super) fn is_no_such_key(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.code == S3ErrorCode::NoSuchKey)
    }

    /// What the settings against public access refuse.
    ///
    /// Source: S3 user guide, "Troubleshoot access denied (403 Forbidden) errors in Amazon S3".
    pub(super) fn blocked(principal: &Principal, action: &str, resource: &str, reason: &str) -> Self {
        let message = format!(
            "User: {principal} is not authorized to perform: {action} on resource: \"{resource}\" because {reason} in \
             S3 Block Public Access."
        );
        Self::new(S3ErrorCode::AccessDenied, message)
    }

    /// With the header that names the bucket's Region.
    pub(super) fn in_region(self, region: &str) -> Self {
        self.header(BUCKET_REGION, region)
    }

    /// A document is not of its schema.
    pub(super) fn malformed() -> Self {
        Self::new(
            S3ErrorCode::MalformedXML,
            "The XML you provided was not well-formed or did not validate against our published schema",
        )
    }

    pub(super) fn access_denied() -> Self {
        Self::new(S3ErrorCode::AccessDenied, "Access Denied")
    }

    pub(crate) fn no_such_bucket(name: &str) -> Self {
        Self::new(S3ErrorCode::NoSuchBucket, "The specified bucket does not exist").with("BucketName", name)
    }

    /// The bucket is in another Region than the request.
    pub(crate) fn elsewhere(name: &str, region: &str) -> Self {
        Self::new(
            S3ErrorCode::PermanentRedirect,
            "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all \
             future requests to this endpoint.",
        )
        .with("Endpoint", format!("{name}.s3.{region}.amazonaws.com"))
        .with("Bucket", name)
        .header(BUCKET_REGION, region)
    }

    /// Something was changed by somebody else in the meantime.
    pub(crate) fn changed_meanwhile() -> Self {
        Self::new(
            S3ErrorCode::OperationAborted,
            "A conflicting conditional operation is currently in progress against this resource. Please try again.",
        )
    }

    pub(crate) fn no_such_key(key: &str) -> Self {
        Self::new(S3ErrorCode::NoSuchKey, "The specified key does not exist.").with("Key", key)
    }

    /// The newest version of an object is a delete marker.
    ///
    /// Source: S3 user guide, "Working with delete markers".
    pub(crate) fn deleted(key: &str, marker: &VersionId) -> Self {
        Self::no_such_key(key).header(DELETE_MARKER, "true").header(VERSION_ID, marker.as_str())
    }

    /// A version that is named is a delete marker, of which there is nothing to be had.
    pub(crate) fn is_delete_marker(key: &str, marker: &VersionId, modified: i64) -> Self {
        let fault =
            Self::new(S3ErrorCode::MethodNotAllowed, "The specified method is not allowed against this resource.");
        fault
            .with("ResourceType", "DeleteMarker")
            .with("Key", key)
            .header(DELETE_MARKER, "true")
            .header(VERSION_ID, marker.as_str())
            .header(ALLOW, "DELETE")
            .modified(modified)
    }

    pub(crate) fn no_such_version(key: &str, version: &VersionId) -> Self {
        Self::new(S3ErrorCode::NoSuchVersion, "The specified version does not exist.")
            .with("Key", key)
            .with("VersionId", version.as_str())
    }

    /// A retention or a legal hold keeps a version.
    pub(crate) fn locked() -> Self {
        Self::new(S3ErrorCode::AccessDenied, "Access Denied because object protected by object lock.")
    }

    /// What KMS said when it was asked in the caller's name.
    ///
    /// Source: S3 API reference, "Error responses", "List of error codes" (`KMS.DisabledException` and so on).
    pub(super) fn of_kms(error: UseError) -> Self {
        match error {
            UseError::Denied(denial) => Self::denied(&denial),
            UseError::Refused(failure) => {
                let code = S3ErrorCode::from_bytes(format!("KMS.{}", failure.code).as_bytes());
                let mut fault = Self::new(code.unwrap_or(S3ErrorCode::InvalidArgument), failure.message);
                if let Self::Refused(refusal) = &mut fault {
                    refusal.status = Some(StatusCode::BAD_REQUEST);
                }
                fault
            }
            other => Self::Storage(io::Error::other(other)),
        }
    }

    pub(crate) fn no_such_upload(id: &str) -> Self {
        Self::new(
            S3ErrorCode::NoSuchUpload,
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or \
             completed.",
        )
        .with("UploadId", id)
    }

    pub(super) fn invalid_argument(
        name: &'static str, value: impl Into<String>, message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(S3ErrorCode::InvalidArgument, message).with("ArgumentName", name).with("ArgumentValue", value)
    }

    pub(super) fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(S3ErrorCode::InvalidRequest, message)
    }

    pub(super) fn not_implemented(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(S3ErrorCode::NotImplemented, message)
    }

    pub(crate) fn precondition(condition: &'static str) -> Self {
        Self::new(S3ErrorCode::PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
            .with("Condition", condition)
    }

    pub(super) fn not_modified(etag: &str, modified: i64) -> Self {
        Self::new(S3ErrorCode::NotModified, "Not Modified").header(ETAG, &format!("\"{etag}\"")).modified(modified)
    }

    /// With the header that says when something was modified.
    fn modified(self, modified: i64) -> Self {
        let mut date = Vec::new();
        let stamp: Timestamp = timestamp(modified);
        let formatted = stamp.format(TimestampFormat::HttpDate, &mut date).is_ok();
        let date = String::from_utf8(date).unwrap_or_default();
        if formatted { self.header(LAST_MODIFIED, &date) } else { self }
    }

    pub(super) fn range(asked: &str, size: u64) -> Self {
        Self::new(S3ErrorCode::InvalidRange, "The requested range is not satisfiable")
            .with("RangeRequested", asked)
            .with("ActualObjectSize", size.to_string())
    }

    pub(super) fn too_large(size: u64, limit: u64) -> Self {
        Self::new(S3ErrorCode::EntityTooLarge, "Your proposed upload exceeds the maximum allowed size")
            .with("ProposedSize", size.to_string())
            .with("MaxSizeAllowed", limit.to_string())
    }

    /// The error for s3s, and the further elements of its XML.
    pub(super) fn into_parts(self) -> (S3Error, Vec<(&'static str, String)>) {
        match self {
            Self::Refused(refusal) => {
                let Refusal { code, message, details, headers, status } = *refusal;
                let mut error = S3Error::with_message(code, message);
                if let Some(status) = status {
                    error.set_status_code(status);
                }
                if !headers.is_empty() {
                    error.set_headers(headers);
                }
                (error, details)
            }
            other => {
                tracing::error!(error = &other as &dyn std::error::Error, "an S3 operation failed");
                let message = if other.is_disk_full() {
                    "We encountered an internal error: the disk that holds the objects is full. Delete objects, or make room \
                     on it."
                } else {
                    "We encountered an internal error. Please try again."
                };
                (S3Error::with_message(S3ErrorCode::InternalError, message), Vec::new())
            }
        }
    }

    /// Whether it says that the disk has no room, or may mean it.
    pub(super) fn may_be_disk_full(&self) -> bool {
        match self {
            Self::Index(error) => reserve::database_is_full(error),
            other => other.is_disk_full(),
        }
    }

    fn is_disk_full(&self) -> bool {
        match self {
            Self::Storage(error) => reserve::is_full(error),
            Self::Index(error) => error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull),
            Self::Refused(_) | Self::Interrupted => false,
        }
    }
}
