//! The headers of operations, in the groups in which operations share them.
//!
//! Source: S3 API reference, the request syntax of each operation.

/// What makes an object, beside its metadata, which have this group's beginning and any name.
pub(in crate::s3::upstream) const MADE: &[&str] =
    &["x-amz-storage-class", "x-amz-tagging", "x-amz-website-redirect-location"];

pub(super) const ACLS: &[&str] = &[
    "x-amz-acl",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
];

pub(super) const CONTENT: &[&str] =
    &["cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires"];

pub(super) const ENCRYPTION: &[&str] = &[
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-server-side-encryption-context",
];

pub(super) const CUSTOMER: &[&str] = &[
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-server-side-encryption-customer-key",
    "x-amz-server-side-encryption-customer-key-md5",
];

pub(super) const LOCK: &[&str] =
    &["x-amz-object-lock-legal-hold", "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"];

/// The conditions of a write.
pub(super) const CONDITIONS: &[&str] = &["if-match", "if-none-match"];

/// The conditions of a read, and what of the object is read.
pub(super) const READS: &[&str] =
    &["if-match", "if-modified-since", "if-none-match", "if-unmodified-since", "range", "x-amz-checksum-mode"];

/// The checksums of a body, or of the object that a completion makes.
pub(super) const CHECKSUMS: &[&str] = &[
    "content-md5",
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-md5",
    "x-amz-checksum-sha1",
    "x-amz-checksum-sha256",
    "x-amz-checksum-sha512",
    "x-amz-checksum-xxhash128",
    "x-amz-checksum-xxhash3",
    "x-amz-checksum-xxhash64",
    "x-amz-sdk-checksum-algorithm",
];

/// The conditions on the source of a copy, and its key. The source itself is written anew.
pub(super) const SOURCE: &[&str] = &[
    "x-amz-copy-source-if-match",
    "x-amz-copy-source-if-modified-since",
    "x-amz-copy-source-if-none-match",
    "x-amz-copy-source-if-unmodified-since",
    "x-amz-copy-source-server-side-encryption-customer-algorithm",
    "x-amz-copy-source-server-side-encryption-customer-key",
    "x-amz-copy-source-server-side-encryption-customer-key-md5",
];

/// What of the source a part is.
pub(super) const COPY: &[&str] = &["x-amz-copy-source-range"];

pub(super) const MFA: &[&str] = &["x-amz-mfa"];
