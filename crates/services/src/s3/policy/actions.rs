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

const ON_BUCKETS: &[&str] = &[
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

const ON_OBJECTS: &[&str] = &[
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

/// The levels of the actions that a pattern covers; `None` if it covers none.
pub(super) fn levels_of(pattern: &str) -> Option<&'static [Level]> {
    let name = match pattern.split_once(':') {
        None if pattern == "*" => "*",
        Some((service, name)) if service.eq_ignore_ascii_case("s3") => name,
        _ => return None,
    };
    let name = name.to_ascii_lowercase();
    let covers = |list: &[&str]| list.iter().any(|action| wildcard_covers(&name, &action.to_ascii_lowercase()));
    match (covers(ON_BUCKETS), covers(ON_OBJECTS)) {
        (true, true) => Some(&[Level::Bucket, Level::Object]),
        (true, false) => Some(&[Level::Bucket]),
        (false, true) => Some(&[Level::Object]),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_actions_of_either_level_or_none() {
        let both: Option<&[Level]> = Some(&[Level::Bucket, Level::Object]);
        assert_eq!([levels_of("*"), levels_of("s3:*"), levels_of("S3:get*"), levels_of("s3:List*")], [both; 4]);
        assert_eq!(levels_of("s3:getobject"), Some([Level::Object].as_slice()));
        assert_eq!(levels_of("s3:GetObject?ersion"), Some([Level::Object].as_slice()));
        assert_eq!(levels_of("s3:ListBucket*"), Some([Level::Bucket].as_slice()));
        for none in ["s3:GetObjects", "s3:ListAllMyBuckets", "ec2:*", "s3:", "GetObject"] {
            assert_eq!(levels_of(none), None, "{none}");
        }
    }
}
