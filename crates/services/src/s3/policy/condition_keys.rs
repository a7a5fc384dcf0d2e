//! The condition keys that a bucket policy may name, and which of S3's own each action has.
//!
//! Sources: Service authorization reference, "Actions, resources, and condition keys for Amazon S3"; IAM user guide,
//! "AWS global condition context keys". A key that ends in a slash stands for each that goes on with the key of a tag.

/// S3's keys that every action has.
///
/// The reference leaves `s3:x-amz-content-sha256` out for the two actions on a bucket's object lock, and all but
/// `s3:ResourceAccount` and the bucket's tags for `InitiateReplication`; no policy is refused for that here.
const COMMON: &[&str] = &[
    "s3:authType",
    "s3:BucketTag/",
    "s3:ResourceAccount",
    "s3:signatureAge",
    "s3:signatureversion",
    "s3:TlsVersion",
    "s3:x-amz-content-sha256",
];

/// S3's keys that only some actions have, and which.
const BY_ACTION: &[(&str, &[&str])] = &[
    (
        "s3:AccessGrantsInstanceArn",
        &[
            "ListBucket",
            "ListBucketMultipartUploads",
            "ListBucketVersions",
            "AbortMultipartUpload",
            "DeleteObject",
            "DeleteObjectVersion",
            "GetObject",
            "GetObjectAcl",
            "GetObjectVersion",
            "GetObjectVersionAcl",
            "ListMultipartUploadParts",
            "PutObject",
            "PutObjectAcl",
            "PutObjectVersionAcl",
        ],
    ),
    ("s3:AccessPointNetworkOrigin", THROUGH_ACCESS_POINTS),
    ("s3:AccessPointTag/", THROUGH_ACCESS_POINTS),
    ("s3:DataAccessPointAccount", THROUGH_ACCESS_POINTS),
    ("s3:DataAccessPointArn", THROUGH_ACCESS_POINTS),
    ("s3:delimiter", &["ListBucket", "ListBucketVersions"]),
    ("s3:ExistingObjectTag/", SEES_TAGS),
    ("s3:if-match", &["DeleteObject", "PutObject"]),
    ("s3:if-none-match", &["PutObject"]),
    ("s3:InventoryAccessibleOptionalFields", &["PutInventoryConfiguration"]),
    ("s3:isReplicationPauseRequest", &["PutReplicationConfiguration"]),
    ("s3:locationconstraint", &["CreateBucket"]),
    ("s3:max-keys", &["ListBucket", "ListBucketVersions"]),
    ("s3:object-lock-event-hold", &["PutObject", "PutObjectRetention", "ReplicateObject"]),
    ("s3:object-lock-event-hold-duration-days", &["PutObject", "PutObjectRetention", "ReplicateObject"]),
    ("s3:object-lock-legal-hold", &["PutObject", "PutObjectLegalHold"]),
    ("s3:object-lock-mode", &["PutObject", "PutObjectRetention"]),
    ("s3:object-lock-remaining-retention-days", &["PutObject", "PutObjectRetention"]),
    ("s3:object-lock-retain-until-date", &["PutObject", "PutObjectRetention"]),
    ("s3:ObjectCreationOperation", &["PutObject"]),
    ("s3:prefix", &["ListBucket", "ListBucketVersions"]),
    (
        "s3:RequestObjectTag/",
        &["BypassGovernanceRetention", "PutObject", "PutObjectTagging", "PutObjectVersionTagging"],
    ),
    (
        "s3:RequestObjectTagKeys",
        &["BypassGovernanceRetention", "PutObject", "PutObjectTagging", "PutObjectVersionTagging"],
    ),
    (
        "s3:versionid",
        &[
            "DeleteObjectVersion",
            "DeleteObjectVersionTagging",
            "GetObjectVersion",
            "GetObjectVersionAcl",
            "GetObjectVersionAttributes",
            "GetObjectVersionTagging",
            "GetObjectVersionTorrent",
            "PutObjectVersionAcl",
            "PutObjectVersionTagging",
        ],
    ),
    ("s3:x-amz-acl", WITH_AN_ACL),
    ("s3:x-amz-bucket-namespace", &["CreateBucket"]),
    ("s3:x-amz-copy-source", &["BypassGovernanceRetention", "PutObject"]),
    ("s3:x-amz-grant-full-control", WITH_AN_ACL),
    ("s3:x-amz-grant-read", WITH_AN_ACL),
    ("s3:x-amz-grant-read-acp", WITH_AN_ACL),
    ("s3:x-amz-grant-write", WITH_AN_ACL),
    ("s3:x-amz-grant-write-acp", WITH_AN_ACL),
    ("s3:x-amz-metadata-directive", &["BypassGovernanceRetention", "PutObject"]),
    ("s3:x-amz-object-annotation-directive", &["PutObject"]),
    ("s3:x-amz-object-ownership", &["CreateBucket"]),
    (
        "s3:x-amz-server-side-encryption",
        &["BypassGovernanceRetention", "PutObject", "ReplicateObject", "UpdateObjectEncryption"],
    ),
    (
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        &["BypassGovernanceRetention", "PutObject", "ReplicateObject", "UpdateObjectEncryption"],
    ),
    (
        "s3:x-amz-server-side-encryption-customer-algorithm",
        &["BypassGovernanceRetention", "PutObject", "ReplicateObject"],
    ),
    ("s3:x-amz-storage-class", &["BypassGovernanceRetention", "PutObject", "PutObjectAcl", "PutObjectVersionAcl"]),
    ("s3:x-amz-website-redirect-location", &["BypassGovernanceRetention", "PutObject"]),
];

/// The actions that may depend on the tags that the object has.
pub(in crate::s3) const SEES_TAGS: &[&str] = &[
    "DeleteObjectTagging",
    "DeleteObjectVersionTagging",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectTagging",
    "GetObjectVersion",
    "GetObjectVersionAcl",
    "GetObjectVersionAttributes",
    "GetObjectVersionTagging",
    "PutObjectAcl",
    "PutObjectTagging",
    "PutObjectVersionAcl",
    "PutObjectVersionTagging",
    "UpdateObjectEncryption",
];

/// The actions that may go through an access point, whose keys a bucket's policy uses to leave access to them.
const THROUGH_ACCESS_POINTS: &[&str] = &[
    "GetBucketAcl",
    "GetBucketCORS",
    "GetBucketLocation",
    "GetBucketNotification",
    "GetBucketPolicy",
    "ListBucket",
    "ListBucketMultipartUploads",
    "ListBucketVersions",
    "ListTagsForResource",
    "TagResource",
    "UntagResource",
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
    "GetObjectVersion",
    "GetObjectVersionAcl",
    "GetObjectVersionAttributes",
    "GetObjectVersionTagging",
    "ListMultipartUploadParts",
    "PutObject",
    "PutObjectAcl",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "PutObjectVersionAcl",
    "PutObjectVersionTagging",
    "RestoreObject",
    "UpdateObjectEncryption",
];

/// The actions whose requests may carry an access control list in their headers.
const WITH_AN_ACL: &[&str] =
    &["CreateBucket", "PutBucketAcl", "BypassGovernanceRetention", "PutObject", "PutObjectAcl", "PutObjectVersionAcl"];

/// S3's keys that only actions have which `actions.rs` leaves out: those of access grants, annotations, jobs, delivery
/// of logs and pauses of replication.
const ELSEWHERE: &[&str] = &[
    "s3:AccessGrantScope",
    "s3:AccessGrantsLocationScope",
    "s3:annotation-prefix",
    "s3:deliverySourceArn",
    "s3:destinationRegion",
    "s3:ExistingJobOperation",
    "s3:ExistingJobPriority",
    "s3:JobSuspendedCause",
    "s3:logType",
    "s3:max-annotation-results",
    "s3:RequestJobOperation",
    "s3:RequestJobPriority",
    "s3:resourceArnBeingAuthorized",
    "s3:x-amz-object-if-match",
];

/// The keys that requests to any service may have, with `aws:SourceOwner`, which older policies of topics name.
const GLOBAL: &[&str] = &[
    "aws:AssumedRoot",
    "aws:CalledVia",
    "aws:CalledViaAWSMCP",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:ChatbotSourceArn",
    "aws:CurrentTime",
    "aws:Ec2InstanceSourcePrivateIPv4",
    "aws:Ec2InstanceSourceVpc",
    "aws:EpochTime",
    "aws:FederatedProvider",
    "aws:IsMcpServiceAction",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:PrincipalTag/",
    "aws:PrincipalType",
    "aws:referer",
    "aws:RequestedRegion",
    "aws:RequestTag/",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    "aws:ResourceTag/",
    "aws:SecureTransport",
    "aws:SignInSessionArn",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIdentity",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:TagKeys",
    "aws:TokenIssueTime",
    "aws:UserAgent",
    "aws:userid",
    "aws:username",
    "aws:ViaAWSMCPService",
    "aws:ViaAWSService",
    "aws:ViaCustomerDomain",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
    "aws:VpcSourceIp",
];

/// Whether a condition key is one of S3's, or a global one.
pub(super) fn is_known(key: &str) -> bool {
    match key.split_once(':') {
        None => false,
        Some((vendor, _)) if vendor.eq_ignore_ascii_case("s3") => {
            fits_any(COMMON, key) || fits_any(ELSEWHERE, key) || BY_ACTION.iter().any(|(form, _)| fits(form, key))
        }
        Some((vendor, _)) if vendor.eq_ignore_ascii_case("aws") => fits_any(GLOBAL, key),
        // Which keys of other services and of identity providers S3 takes is documented nowhere, so it takes all.
        Some(_) => true,
    }
}

/// Whether requests for an action, named without its `s3:`, have a condition key. All may have those that are not
/// S3's own.
pub(super) fn has(action: &str, key: &str) -> bool {
    let is_own = key.split_once(':').is_some_and(|(vendor, _)| vendor.eq_ignore_ascii_case("s3"));
    let among = |actions: &[&str]| actions.iter().any(|name| name.eq_ignore_ascii_case(action));
    !is_own || fits_any(COMMON, key) || BY_ACTION.iter().any(|(form, actions)| fits(form, key) && among(actions))
}

fn fits_any(forms: &[&str], key: &str) -> bool {
    forms.iter().any(|form| fits(form, key))
}

fn fits(form: &str, key: &str) -> bool {
    if form.ends_with('/') {
        key.len() > form.len() && key.get(..form.len()).is_some_and(|head| head.eq_ignore_ascii_case(form))
    } else {
        key.eq_ignore_ascii_case(form)
    }
}

#[cfg(test)]
mod tests {
    use super::super::actions::covered;
    use super::*;

    #[test]
    fn every_action_named_is_one_of_s3s() {
        for (key, actions) in BY_ACTION {
            for action in *actions {
                assert_eq!(covered(&format!("s3:{action}")).len(), 1, "{action} of {key}");
            }
        }
    }

    #[test]
    fn each_key_is_listed_once() {
        let mut keys: Vec<String> =
            [COMMON, ELSEWHERE, GLOBAL].concat().iter().map(|key| key.to_ascii_lowercase()).collect();
        keys.extend(BY_ACTION.iter().map(|(key, _)| key.to_ascii_lowercase()));
        let all = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }

    #[test]
    fn listing_has_a_prefix_and_reading_has_none() {
        assert!(has("ListBucket", "s3:prefix") && has("ListBucketVersions", "s3:prefix"));
        assert!(!has("GetObject", "s3:prefix") && !has("ListBucketMultipartUploads", "s3:prefix"));
    }

    #[test]
    fn writing_has_an_access_control_list_and_reading_has_none() {
        assert!(has("PutObject", "s3:x-amz-acl") && has("PutBucketAcl", "s3:x-amz-grant-read"));
        assert!(!has("GetObject", "s3:x-amz-acl") && !has("PutObjectTagging", "s3:x-amz-acl"));
    }

    #[test]
    fn only_actions_on_a_version_have_its_id() {
        assert!(has("GetObjectVersion", "s3:VersionId"));
        assert!(!has("GetObject", "s3:VersionId"));
    }

    #[test]
    fn tags_of_an_object_are_known_by_any_key_but_none() {
        assert!(has("GetObject", "s3:ExistingObjectTag/team"));
        assert!(!has("PutObject", "s3:ExistingObjectTag/team"));
        assert!(has("PutObject", "s3:RequestObjectTag/team") && has("PutObject", "s3:RequestObjectTagKeys"));
        assert!(!has("GetObject", "s3:ExistingObjectTag/") && !is_known("s3:ExistingObjectTag/"));
        assert!(!is_known("s3:ExistingObjectTag"));
    }

    #[test]
    fn every_action_has_the_common_keys_and_those_that_are_not_s3s() {
        for key in ["s3:TlsVersion", "s3:BucketTag/team", "aws:SourceVpce", "ec2:SourceInstanceARN", "saml:sub"] {
            assert!(is_known(key) && has("GetObject", key) && has("PutBucketPolicy", key), "{key}");
        }
    }

    #[test]
    fn keys_of_access_points_belong_to_what_goes_through_them() {
        assert!(has("GetObject", "s3:DataAccessPointAccount") && has("ListBucket", "s3:AccessPointTag/team"));
        assert!(!has("PutBucketPolicy", "s3:DataAccessPointAccount"));
    }

    #[test]
    fn case_makes_no_difference() {
        assert!(has("listbucket", "S3:PREFIX") && has("GETOBJECT", "s3:existingobjecttag/Team"));
        assert!(is_known("AWS:sourcevpce") && is_known("aws:Referer") && is_known("S3:versionID"));
    }

    #[test]
    fn keys_that_s3_and_iam_do_not_document_are_unknown() {
        for key in ["s3:prefixes", "s3:", "s3:BucketTag/", "aws:SourceVpcee", "aws:PrincipalTag/", "aws:", "vpce", ""] {
            assert!(!is_known(key), "{key}");
        }
        assert!(!has("ListBucket", "s3:prefixes"));
    }

    #[test]
    fn keys_of_tags_and_of_other_actions_are_known() {
        assert!(is_known("aws:PrincipalTag/x") && is_known("aws:ResourceTag/x") && is_known("aws:RequestTag/x"));
        assert!(is_known("s3:RequestJobOperation") && !has("PutObject", "s3:RequestJobOperation"));
    }
}
