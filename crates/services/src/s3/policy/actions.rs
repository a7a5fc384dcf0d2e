//! The actions of S3 that a bucket policy may name, and whether they are on the bucket or on its objects.
//!
//! Source: Service authorization reference, "Actions, resources, and condition keys for Amazon S3"; those on accounts,
//! jobs, access points and other resources are left out, since no bucket is their resource.

use sidegate_model::wildcard_covers;

/// What an action is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Bucket,
    Object,
}

pub(super) const ON_BUCKETS: &[&str] = &[
    "CreateBucket",
    "CreateBucketMetadataTableConfiguration",
    "DeleteBucket",
    "DeleteBucketMetadataTableConfiguration",
    "DeleteBucketOwnershipControls",
    "DeleteBucketPolicy",
    "DeleteBucketWebsite",
    "GetAccelerateConfiguration",
    "GetAnalyticsConfiguration",
    "GetBucketAbac",
    "GetBucketAcl",
    "GetBucketCORS",
    "GetBucketLocation",
    "GetBucketLogging",
    "GetBucketMetadataTableConfiguration",
    "GetBucketNotification",
    "GetBucketObjectLockConfiguration",
    "GetBucketOwnershipControls",
    "GetBucketPolicy",
    "GetBucketPolicyStatus",
    "GetBucketPublicAccessBlock",
    "GetBucketRequestPayment",
    "GetBucketTagging",
    "GetBucketVersioning",
    "GetBucketWebsite",
    "GetEncryptionConfiguration",
    "GetIntelligentTieringConfiguration",
    "GetInventoryConfiguration",
    "GetLifecycleConfiguration",
    "GetMetricsConfiguration",
    "GetReplicationConfiguration",
    "ListBucket",
    "ListBucketMultipartUploads",
    "ListBucketVersions",
    "ListTagsForResource",
    "PutAccelerateConfiguration",
    "PutAnalyticsConfiguration",
    "PutBucketAbac",
    "PutBucketAcl",
    "PutBucketCORS",
    "PutBucketLogging",
    "PutBucketNotification",
    "PutBucketObjectLockConfiguration",
    "PutBucketOwnershipControls",
    "PutBucketPolicy",
    "PutBucketPublicAccessBlock",
    "PutBucketRequestPayment",
    "PutBucketTagging",
    "PutBucketVersioning",
    "PutBucketWebsite",
    "PutEncryptionConfiguration",
    "PutIntelligentTieringConfiguration",
    "PutInventoryConfiguration",
    "PutLifecycleConfiguration",
    "PutMetricsConfiguration",
    "PutReplicationConfiguration",
    "TagResource",
    "UntagResource",
    "UpdateBucketMetadataInventoryTableConfiguration",
    "UpdateBucketMetadataJournalTableConfiguration",
];

pub(super) const ON_OBJECTS: &[&str] = &[
    "AbortMultipartUpload",
    "BypassGovernanceRetention",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjectVersion",
    "DeleteObjectVersionTagging",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "GetObjectTorrent",
    "GetObjectVersion",
    "GetObjectVersionAcl",
    "GetObjectVersionAttributes",
    "GetObjectVersionForReplication",
    "GetObjectVersionTagging",
    "GetObjectVersionTorrent",
    "InitiateReplication",
    "ListMultipartUploadParts",
    "ObjectOwnerOverrideToBucketOwner",
    "PutObject",
    "PutObjectAcl",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "PutObjectVersionAcl",
    "PutObjectVersionTagging",
    "ReplicateDelete",
    "ReplicateObject",
    "ReplicateTags",
    "RestoreObject",
    "UpdateObjectEncryption",
];

/// The actions that a pattern covers, each by its name and level; none if it is of another service, or covers nothing.
pub(super) fn covered(pattern: &str) -> Vec<(&'static str, Level)> {
    let name = match pattern.split_once(':') {
        None if pattern == "*" => "*",
        Some((service, name)) if service.eq_ignore_ascii_case("s3") => name,
        _ => return Vec::new(),
    };
    let name = name.to_ascii_lowercase();
    let of = |list: &'static [&'static str], level| list.iter().map(move |action| (*action, level));
    let all = of(ON_BUCKETS, Level::Bucket).chain(of(ON_OBJECTS, Level::Object));
    all.filter(|(action, _)| wildcard_covers(&name, &action.to_ascii_lowercase())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_actions_of_either_level_or_none() {
        let levels = |pattern: &str| {
            let covered = covered(pattern);
            [Level::Bucket, Level::Object].map(|level| covered.iter().any(|(_, own)| *own == level))
        };
        for both in ["*", "s3:*", "S3:get*", "s3:List*"] {
            assert_eq!(levels(both), [true, true], "{both}");
        }
        assert_eq!(covered("s3:getobject"), [("GetObject", Level::Object)]);
        assert_eq!(covered("s3:GetObject?ersion"), [("GetObjectVersion", Level::Object)]);
        assert_eq!(levels("s3:ListBucket*"), [true, false]);
        for none in ["s3:GetObjects", "s3:ListAllMyBuckets", "ec2:*", "s3:", "GetObject"] {
            assert_eq!(covered(none), [], "{none}");
        }
    }
}
