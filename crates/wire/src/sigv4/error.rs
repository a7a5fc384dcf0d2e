//! Why a request is not authenticated. What AWS answers then is in `answer.rs`.

use super::AmzDate;

/// Where a request carries its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// In the `Authorization` header.
    Header,
    /// In the query: a presigned URL.
    Query,
}

/// The part of a credential scope that another one was expected for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopePart {
    /// The Region.
    Region,
    /// The service's signing name.
    Service,
}

/// Why a request is not authenticated.
///
/// [`AuthError::Missing`], [`AuthError::UnknownAccessKey`], [`AuthError::InvalidToken`],
/// [`AuthError::ExpiredToken`] and [`AuthError::WrongScope`] are for the caller to find.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The request is not signed, and has to be.
    #[error("the request is not signed")]
    Missing,
    /// It is signed in another way than with Signature Version 4.
    #[error("the request is signed with something else than AWS4-HMAC-SHA256")]
    Unsupported,
    /// It is signed in both its header and its query, or twice in one of them.
    #[error("the request carries more than one signature")]
    Ambiguous,
    /// What carries the signature cannot be read.
    #[error("the signature cannot be read: {detail}")]
    Malformed {
        /// Where the signature is.
        placement: Placement,
        /// What is wrong with it.
        detail: String,
    },
    /// It has no date, or one that cannot be read.
    #[error("the request has no valid `x-amz-date` or `date`")]
    NoDate,
    /// The credential scope is of another day than the date.
    #[error("the credential scope is of `{scope}`, and the request of `{date}`")]
    ScopeDate {
        /// Where the signature is.
        placement: Placement,
        /// The day in the scope.
        scope: String,
        /// When the request was signed.
        date: AmzDate,
    },
    /// Nobody has this access key.
    #[error("the access key `{access_key}` does not exist")]
    UnknownAccessKey {
        /// The access key.
        access_key: String,
    },
    /// The session token is missing, or is not that of the access key.
    #[error("the session token is not that of the access key")]
    InvalidToken,
    /// The session is over.
    #[error("the session token has expired")]
    ExpiredToken,
    /// The request is signed for another Region or service.
    #[error("the request is signed for `{presented}`, and not for `{expected}`")]
    WrongScope {
        /// Where the signature is.
        placement: Placement,
        /// What is wrong.
        part: ScopePart,
        /// What the scope has.
        presented: String,
        /// What it has to have.
        expected: String,
    },
    /// It was signed too long ago, or with a clock that is too late.
    #[error("the request was signed at {date}, too long before {now}")]
    Expired {
        /// When it was signed.
        date: AmzDate,
        /// The time here.
        now: AmzDate,
    },
    /// It was signed with a clock that is ahead.
    #[error("the request was signed at {date}, and it is only {now}")]
    NotYetCurrent {
        /// Where the signature is.
        placement: Placement,
        /// When it was signed.
        date: AmzDate,
        /// The time here.
        now: AmzDate,
    },
    /// The presigned URL is no longer valid.
    #[error("the URL was valid for {expires} seconds from {date}, and it is {now}")]
    PresignedExpired {
        /// When it was signed.
        date: AmzDate,
        /// For how many seconds it was valid.
        expires: u32,
        /// The time here.
        now: AmzDate,
    },
    /// A presigned URL of Version 2 has not all of its parameters.
    #[error("the URL has not all of `AWSAccessKeyId`, `Expires` and `Signature`")]
    IncompleteUrl,
    /// The time at which a presigned URL of Version 2 expires cannot be read.
    #[error("`{value}` is no time at which a URL expires")]
    InvalidExpires {
        /// What stands in its place.
        value: String,
    },
    /// The presigned URL of Version 2 is no longer valid.
    #[error("the URL was valid until {expires}, and it is {now}")]
    UrlExpired {
        /// Until when it was valid.
        expires: AmzDate,
        /// The time here.
        now: AmzDate,
    },
    /// Headers that have to be signed are not.
    #[error("the headers {} are not signed", .names.join(", "))]
    UnsignedHeaders {
        /// Their names.
        names: Vec<String>,
    },
    /// S3 wants `x-amz-content-sha256`, and it is missing.
    #[error("the request has no `x-amz-content-sha256`")]
    MissingContentSha256,
    /// `x-amz-content-sha256` is none of the things it can be.
    #[error("`x-amz-content-sha256` is not a hash that this service accepts")]
    InvalidContentSha256,
    /// The body is not the one whose hash was given.
    #[error("the body does not have the hash in `x-amz-content-sha256`")]
    ContentSha256Mismatch,
    /// The signature is not that of this request with this key.
    #[error("the signature does not match")]
    SignatureMismatch,
}
