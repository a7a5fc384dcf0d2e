//! What an operation requires of a bucket or an object in it: the action, with the owner, the bucket policy and the
//! condition keys that S3 has for it.
//!
//! Source: Service authorization reference, "Actions, resources, and condition keys for Amazon S3".

use std::sync::Arc;

use http::HeaderMap;
use sidegate_iam::{Context, Policy, Principal, Requirement};

use super::attributes::{tags_of_header, text};
use super::call::Call;
use super::fault::Fault;
use super::lock;
use super::policy::SEES_TAGS;
use super::store::{Addressed, AllowedBucket, Bucket, Tags};
use crate::Authorized;

/// Headers that the making of an object may depend on, and their condition keys.
const OF_WRITES: [(&str, &str); 15] = [
    ("if-match", "s3:if-match"),
    ("if-none-match", "s3:if-none-match"),
    ("x-amz-acl", "s3:x-amz-acl"),
    ("x-amz-copy-source", "s3:x-amz-copy-source"),
    ("x-amz-grant-full-control", "s3:x-amz-grant-full-control"),
    ("x-amz-grant-read", "s3:x-amz-grant-read"),
    ("x-amz-grant-read-acp", "s3:x-amz-grant-read-acp"),
    ("x-amz-grant-write", "s3:x-amz-grant-write"),
    ("x-amz-grant-write-acp", "s3:x-amz-grant-write-acp"),
    ("x-amz-metadata-directive", "s3:x-amz-metadata-directive"),
    ("x-amz-server-side-encryption", "s3:x-amz-server-side-encryption"),
    ("x-amz-server-side-encryption-aws-kms-key-id", "s3:x-amz-server-side-encryption-aws-kms-key-id"),
    ("x-amz-server-side-encryption-customer-algorithm", "s3:x-amz-server-side-encryption-customer-algorithm"),
    ("x-amz-storage-class", "s3:x-amz-storage-class"),
    ("x-amz-website-redirect-location", "s3:x-amz-website-redirect-location"),
];

/// Those of them that are conditions on what is there.
const OF_CONDITIONS: [(&str, &str); 2] = [("if-match", "s3:if-match"), ("if-none-match", "s3:if-none-match")];

/// What a write makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Makes {
    /// An object.
    Object,
    /// What becomes an object later.
    Upload,
}

/// Headers that a request about ACLs, and the making of a bucket, may depend on.
const OF_ACLS: [(&str, &str); 8] = [
    ("x-amz-acl", "s3:x-amz-acl"),
    ("x-amz-grant-full-control", "s3:x-amz-grant-full-control"),
    ("x-amz-grant-read", "s3:x-amz-grant-read"),
    ("x-amz-grant-read-acp", "s3:x-amz-grant-read-acp"),
    ("x-amz-grant-write", "s3:x-amz-grant-write"),
    ("x-amz-grant-write-acp", "s3:x-amz-grant-write-acp"),
    ("x-amz-object-ownership", "s3:x-amz-object-ownership"),
    ("x-amz-bucket-object-lock-enabled", "s3:x-amz-bucket-object-lock-enabled"),
];

/// What a bucket is to a request that has not been allowed yet: it may not even exist.
#[derive(Debug)]
pub(super) struct Named {
    name: String,
    row: Option<Bucket>,
    policy: Option<Arc<Policy>>,
    /// The tags of the object that the request is about.
    tags: Option<Tags>,
    /// The condition keys of every requirement.
    context: Context,
    /// Whether a service of AWS asks on its own behalf.
    by_service: bool,
    /// Whether another server has it, and nothing is known of it but its name.
    is_elsewhere: bool,
    /// Unix milliseconds.
    now: i64,
}

impl Named {
    /// A bucket, with what stands in the index of it.
    pub(super) fn new(
        call: &Call, name: &str, row: Option<Bucket>, policy: Option<Arc<Policy>>, tags: Option<Tags>,
    ) -> Self {
        let mut context = Context::new();
        if let Some(hash) = &call.content_hash {
            context = context.with("s3:x-amz-content-sha256", hash.as_str());
        }
        if let Some(row) = &row {
            context = context.with("s3:ResourceAccount", row.account.as_str());
        }
        let by_service = matches!(call.caller.principal, Principal::Service(_));
        let (name, is_elsewhere) = (name.to_owned(), false);
        Self { name, row, policy, tags, context, by_service, is_elsewhere, now: call.caller.now }
    }

    /// A bucket of another server, which counts as one of the caller's account. `policy` is asked of that server only where
    /// nothing else could let the caller in.
    pub(super) fn elsewhere(call: &Call, name: &str, policy: Option<Arc<Policy>>) -> Self {
        let mut named = Self::new(call, name, None, policy, None);
        let caller = &call.caller;
        let account = caller.principal.account().unwrap_or(&caller.scope.account);
        named.context = named.context.with("s3:ResourceAccount", account.as_str());
        named.is_elsewhere = true;
        named
    }

    fn requirement(&self, action: &str, resource: String) -> Requirement {
        let mut requirement = Requirement::new(format!("s3:{action}"), resource);
        requirement.context = self.context.clone();
        requirement.resource_account = self.row.as_ref().and_then(|row| row.account.parse().ok());
        requirement.resource_policy.clone_from(&self.policy);
        requirement
    }

    /// An action on the bucket.
    pub(super) fn on_bucket(&self, action: &str) -> Requirement {
        self.requirement(action, format!("arn:aws:s3:::{}", self.name))
    }

    /// An action on an object.
    pub(super) fn on_object(&self, action: &str, key: &str) -> Requirement {
        let requirement = self.requirement(action, format!("arn:aws:s3:::{}/{key}", self.name));
        match self.tags.iter().find(|_| SEES_TAGS.contains(&action)) {
            Some(tags) => with_tags(requirement, "s3:ExistingObjectTag", tags),
            None => requirement,
        }
    }

    /// An action on an object, or on a version of it, for which there is an action of its own.
    pub(super) fn on_version(&self, action: &str, key: &str, version: Option<&str>) -> Requirement {
        match version {
            None => self.on_object(action, key),
            Some(version) => {
                let action = match action {
                    "DeleteObject" => "DeleteObjectVersion".to_owned(),
                    other => other.replacen("Object", "ObjectVersion", 1),
                };
                self.on_object(&action, key).with("s3:VersionId", version)
            }
        }
    }

    /// An action on the lock of an object or a version of it, for which there is no action of its own.
    pub(super) fn on_lock(&self, action: &str, key: &str, version: Option<&str>) -> Requirement {
        let requirement = self.on_object(action, key);
        version.into_iter().fold(requirement, |requirement, version| requirement.with("s3:VersionId", version))
    }

    /// A listing of the bucket.
    pub(super) fn listing(
        &self, action: &str, prefix: Option<&str>, delimiter: Option<&str>, most: Option<i32>,
    ) -> Requirement {
        let mut requirement = self.on_bucket(action);
        for (key, value) in [("s3:prefix", prefix), ("s3:delimiter", delimiter)] {
            if let Some(value) = value {
                requirement = requirement.with(key, value);
            }
        }
        match most {
            Some(most) => requirement.with("s3:max-keys", most.to_string()),
            None => requirement,
        }
    }

    /// The making of an object: that it is put, and that it gets an ACL and tags where the request gives them.
    ///
    /// Source: S3 API reference, "PutObject", "CopyObject", "CreateMultipartUpload" (Permissions).
    pub(super) fn writing(&self, headers: &HeaderMap, key: &str, makes: Makes) -> Vec<Requirement> {
        let mut put = with_headers(self.on_object("PutObject", key), headers, &OF_WRITES);
        put = put.with("s3:ObjectCreationOperation", (makes == Makes::Object).to_string());
        put = lock::with_keys(put, headers, self.now);
        let tagged = text(headers, "x-amz-tagging").is_some();
        // Tags that are none are refused once it is known that the object may be made.
        let tags = tags_of_header(headers).unwrap_or_default();
        if tagged {
            put = with_request_tags(put, &tags);
        }
        let acl = (bears_acl(headers) && !self.is_delivery(headers)).then(|| self.on_object("PutObjectAcl", key));
        let acl = acl.map(|requirement| with_acls(requirement, headers));
        let tagging = tagged.then(|| with_request_tags(self.on_object("PutObjectTagging", key), &tags));
        let seeing = self.seeing(headers, key);
        std::iter::once(put)
            .chain(acl)
            .chain(tagging)
            .chain(seeing)
            .chain(lock::requirements(self, headers, key))
            .collect()
    }

    /// Whether a service of AWS delivers something to the bucket's owner. The policies that AWS has for its deliveries demand
    /// this ACL and allow `s3:PutObject` alone; of others it wants more.
    ///
    /// Source: VPC user guide, "Amazon S3 bucket permissions for flow logs".
    fn is_delivery(&self, headers: &HeaderMap) -> bool {
        self.by_service && text(headers, "x-amz-acl").as_deref() == Some("bucket-owner-full-control")
    }

    /// The removal of an object, with the condition on its ETag.
    pub(super) fn removing(&self, removal: Requirement, key: &str, etag: Option<&str>) -> Vec<Requirement> {
        let Some(etag) = etag else { return vec![removal] };
        let seeing = (etag.trim() != "*").then(|| self.on_object("GetObject", key));
        std::iter::once(removal.with("s3:if-match", etag)).chain(seeing).collect()
    }

    /// A step of the making of an object in parts.
    pub(super) fn step(&self, key: &str, makes: Makes) -> Requirement {
        self.on_object("PutObject", key).with("s3:ObjectCreationOperation", (makes == Makes::Object).to_string())
    }

    /// The end of the making of an object in parts, with its conditions.
    pub(super) fn completing(&self, headers: &HeaderMap, key: &str) -> Vec<Requirement> {
        let put = with_headers(self.step(key, Makes::Object), headers, &OF_CONDITIONS);
        std::iter::once(put).chain(self.seeing(headers, key)).collect()
    }

    /// That the object may be read, of whoever makes what is done depend on its ETag.
    ///
    /// Source: S3 user guide, "How to prevent object overwrites with conditional writes", "How to perform conditional
    /// deletes".
    pub(super) fn seeing(&self, headers: &HeaderMap, key: &str) -> Option<Requirement> {
        let etag = text(headers, "if-match").filter(|etag| etag.trim() != "*");
        etag.map(|_| self.on_object("GetObject", key))
    }

    /// The making of a bucket, which is the caller's: that it is made, and that it gets an ACL which gives others something
    /// and an object ownership where the request names them.
    ///
    /// Source: S3 API reference, "CreateBucket" (Permissions).
    pub(super) fn creation(name: &str, call: &Call, headers: &HeaderMap, location: Option<&str>) -> Vec<Requirement> {
        let named = Self::new(call, name, None, None, None);
        let mut requirement = with_headers(named.on_bucket("CreateBucket"), headers, &OF_ACLS);
        if let Some(location) = location {
            requirement = requirement.with("s3:locationconstraint", location);
        }
        let shares = bears_acl(headers) && text(headers, "x-amz-acl").as_deref() != Some("private");
        let acl = shares.then(|| with_acls(named.on_bucket("PutBucketAcl"), headers));
        let owns = text(headers, "x-amz-object-ownership").is_some();
        let ownership = owns.then(|| with_acls(named.on_bucket("PutBucketOwnershipControls"), headers));
        let locks =
            text(headers, "x-amz-bucket-object-lock-enabled").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let lock = ["PutBucketVersioning", "PutBucketObjectLockConfiguration"].map(|action| named.on_bucket(action));
        let lock = lock.into_iter().filter(|_| locks);
        std::iter::once(requirement).chain(acl).chain(ownership).chain(lock).collect()
    }

    /// Without the bucket policy where the owner's root user asks, who may always see, replace and remove it.
    ///
    /// Source: S3 API reference, PutBucketPolicy.
    pub(super) fn for_its_policy(&self, action: &str, call: &Call) -> Requirement {
        let mut requirement = self.on_bucket(action);
        let owner = self.row.as_ref().map(|row| row.account.as_str());
        if let Principal::Root(account) = &call.caller.principal
            && Some(account.id.as_str()) == owner
        {
            requirement.resource_policy = None;
        }
        requirement
    }

    /// The tags of the object that the request is about, if it has any.
    pub(super) fn has_tags(&self) -> bool {
        self.tags.as_ref().is_some_and(|tags| !tags.is_empty())
    }

    /// The time of the request, in Unix milliseconds.
    pub(super) fn now(&self) -> i64 {
        self.now
    }

    /// The bucket's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The bucket's Region.
    pub(super) fn region(&self) -> Option<&str> {
        self.row.as_ref().map(|row| row.region.as_str())
    }

    /// Whether the bucket's objects can be locked, as far as is known.
    pub(super) fn has_locks(&self) -> bool {
        self.is_elsewhere || self.row.as_ref().is_some_and(|row| row.settings.lock.is_some())
    }

    /// Whether the bucket exists, as far as is known.
    pub(super) fn exists(&self) -> bool {
        self.is_elsewhere || self.row.is_some()
    }

    /// The bucket, for a call that has been allowed.
    pub(super) fn open(
        &self, _allowed: &Authorized, call: &Call, expected_owner: Option<&str>, addressed: Addressed,
    ) -> Result<AllowedBucket, Fault> {
        let row = self.row.clone().ok_or_else(|| Fault::no_such_bucket(&self.name))?;
        if addressed == Addressed::InItsRegion && row.region != call.caller.scope.region.as_str() {
            return Err(Fault::elsewhere(&self.name, &row.region));
        }
        if expected_owner.is_some_and(|owner| owner != row.account) {
            return Err(Fault::access_denied());
        }
        // Source: S3 user guide, "Using Requester Pays general purpose buckets".
        if row.settings.requester_pays && !call.pays && is_outside(call, &row.account) {
            return Err(Fault::access_denied());
        }
        Ok(AllowedBucket { row })
    }
}

/// Whether the caller is neither of this account nor a service of AWS.
pub(super) fn is_outside(call: &Call, account: &str) -> bool {
    let principal = &call.caller.principal;
    !matches!(principal, Principal::Service(_)) && principal.account().is_none_or(|own| own.as_str() != account)
}

/// With the condition keys of headers.
fn with_headers(mut requirement: Requirement, headers: &HeaderMap, known: &[(&str, &str)]) -> Requirement {
    for (name, key) in known {
        if let Some(value) = text(headers, name) {
            requirement = requirement.with(key, value);
        }
    }
    requirement
}

/// Whether a request gives an ACL, be it the one that there is without.
fn bears_acl(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| name.as_str() == "x-amz-acl" || name.as_str().starts_with("x-amz-grant-"))
}

/// A request about ACLs.
pub(super) fn with_acls(requirement: Requirement, headers: &HeaderMap) -> Requirement {
    with_headers(requirement, headers, &OF_ACLS)
}

/// With the tags that the request gives.
pub(super) fn with_request_tags(requirement: Requirement, tags: &Tags) -> Requirement {
    let keys: Vec<&str> = tags.keys().map(String::as_str).collect();
    with_tags(requirement, "s3:RequestObjectTag", tags).with_many("s3:RequestObjectTagKeys", keys)
}

fn with_tags(mut requirement: Requirement, key: &str, tags: &Tags) -> Requirement {
    for (name, value) in tags {
        requirement = requirement.with(&format!("{key}/{name}"), value.as_str());
    }
    requirement
}
