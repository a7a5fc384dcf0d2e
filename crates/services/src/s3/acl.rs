//! ACLs: PutBucketAcl, GetBucketAcl, PutObjectAcl and GetObjectAcl, and those that come with what is made. What they grant
//! stands in [`grants`].
//!
//! Objects belong to the bucket's owner here, whoever wrote them, so that owner is the one of every ACL.

mod grants;

use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use s3s::dto::{
    AccessControlPolicy, GetBucketAclInput, GetBucketAclOutput, GetObjectAclInput, GetObjectAclOutput,
    PutBucketAclInput, PutBucketAclOutput, PutObjectAclInput, PutObjectAclOutput,
};
use s3s::{S3ErrorCode, S3Request, S3Response};
use serde_json::Value;

pub(crate) use grants::{Acl, Of};

use super::attributes::text;
use super::bucket::owner;
use super::call::Call;
use super::event::Origin;
use super::fault::Fault;
use super::requirement::with_acls;
use super::store::{Addressed, AllowedBucket, Bucket, Store};
use super::version::VersionId;

/// A request that bears an ACL.
#[derive(Clone, Copy)]
pub(super) struct Bearing<'a> {
    pub(super) call: &'a Call,
    pub(super) bucket: &'a Bucket,
    pub(super) operation: &'static str,
    pub(super) key: Option<&'a str>,
}

impl Bearing<'_> {
    /// The ACL that a new object gets; `None` where its owner alone has anything.
    pub(super) fn acl(self, headers: &HeaderMap) -> Result<Option<Acl>, Fault> {
        let asked = Acl::of_headers(headers, &self.bucket.account, Of::Object);
        match asked {
            Ok(None) => Ok(None),
            Ok(Some(_)) if self.bucket.settings.has_no_acls() && gives_the_owner_less(headers) => Err(not_supported()),
            Ok(Some(acl)) => self.permitted(acl),
            Err(_) if self.bucket.settings.has_no_acls() => Err(not_supported()),
            Err(fault) => Err(fault),
        }
    }

    /// The same ACL, if the bucket's settings let it be.
    fn permitted(self, acl: Acl) -> Result<Option<Acl>, Fault> {
        if acl.is_private(&self.bucket.account) {
            return Ok(None);
        }
        if self.bucket.settings.has_no_acls() {
            return Err(not_supported());
        }
        if acl.is_public() && self.bucket.settings.blocks(|blocks| blocks.block_acls) {
            let key = self.key.map(|key| format!("/{key}")).unwrap_or_default();
            return Err(Fault::blocked(
                &self.call.caller.principal,
                &format!("s3:{}", self.operation),
                &format!("arn:aws:s3:::{}{key}", self.bucket.name),
                "public ACLs are prevented by the BlockPublicAcls setting",
            ));
        }
        Ok(Some(acl))
    }

    /// The ACL that a request sets.
    fn set(self, headers: &HeaderMap, document: Option<&AccessControlPolicy>) -> Result<Option<Acl>, Fault> {
        if self.bucket.settings.has_no_acls() {
            return Err(not_supported());
        }
        let account = &self.bucket.account;
        let of = if self.key.is_some() { Of::Object } else { Of::Bucket };
        let acl = match (Acl::of_headers(headers, account, of)?, document) {
            (Some(_), Some(_)) => {
                return Err(Fault::new(S3ErrorCode::UnexpectedContent, "This request does not support content"));
            }
            (Some(acl), None) => acl,
            (None, Some(document)) => Acl::of_document(document, account)?,
            (None, None) => {
                return Err(Fault::coded(
                    "MissingSecurityHeader",
                    StatusCode::BAD_REQUEST,
                    "Your request was missing a required header",
                ));
            }
        };
        self.permitted(acl)
    }
}

/// Whether a canned ACL is one of those that give a bucket's owner less than everything, or somebody else something, where
/// objects belong to somebody else. Here it comes to the same, but a bucket without ACLs does not take it.
///
/// Source: S3 user guide, "Controlling ownership of objects and disabling ACLs for your bucket": `bucket-owner-full-control`
/// or no ACL.
fn gives_the_owner_less(headers: &HeaderMap) -> bool {
    matches!(text(headers, "x-amz-acl").as_deref(), Some("bucket-owner-read" | "log-delivery-write"))
}

pub(super) fn not_supported() -> Fault {
    Fault::new(S3ErrorCode::AccessControlListNotSupported, "The bucket does not allow ACLs")
}

/// What the ACLs of a bucket, and of an object in it, give to a caller.
///
/// Source: S3 user guide, "Blocking public access to your Amazon S3 storage" (`IgnorePublicAcls`), "Controlling ownership of
/// objects and disabling ACLs for your bucket".
pub(super) fn statements(call: &Call, bucket: &Bucket, object: Option<&Acl>) -> Vec<Value> {
    let settings = &bucket.settings;
    if settings.has_no_acls() {
        return Vec::new();
    }
    let ignores = settings.blocks(|blocks| blocks.ignore_acls);
    let all = [(Of::Bucket, bucket.acl.as_ref()), (Of::Object, object)];
    let granted = all
        .into_iter()
        .filter_map(|(of, acl)| acl.map(|acl| acl.statements(of, &bucket.name, &call.caller.principal, ignores)));
    granted.flatten().collect()
}

/// The ACL that counts.
fn shown(bucket: &AllowedBucket, acl: Option<&Acl>) -> Acl {
    let acl = acl.filter(|_| !bucket.row.settings.has_no_acls());
    acl.cloned().unwrap_or_else(|| Acl::private(&bucket.row.account))
}

pub(super) async fn get_bucket(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketAclInput>,
) -> Result<S3Response<GetBucketAclOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let allowed = call.authorize_in(&named, "GetBucketAcl", [named.on_bucket("GetBucketAcl")]).await?;
    let expected = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, expected, Addressed::InItsRegion)?;
    let acl = shown(&bucket, bucket.row.acl.as_ref());
    Ok(S3Response::new(GetBucketAclOutput { grants: Some(acl.grants()), owner: Some(owner(&bucket.row.account)) }))
}

pub(super) async fn get_object(
    store: &Arc<Store>, call: Call, request: S3Request<GetObjectAclInput>,
) -> Result<S3Response<GetObjectAclOutput>, Fault> {
    let input = request.input;
    let version = input.version_id.as_deref();
    let named = store.named_version(&call, &input.bucket, Some(&input.key), version).await?;
    let requirement = named.on_version("GetObjectAcl", &input.key, version);
    let allowed = call.authorize_in(&named, "GetObjectAcl", [requirement]).await?;
    let expected = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, expected, Addressed::InItsRegion)?;
    let object = call.found(&named, "GetObjectAcl", store.object(&bucket, &input.key, version).await).await?;
    let acl = shown(&bucket, object.attributes.acl.as_ref());
    Ok(S3Response::new(GetObjectAclOutput {
        grants: Some(acl.grants()),
        owner: Some(owner(&bucket.row.account)),
        request_charged: None,
    }))
}

pub(super) async fn put_bucket(
    store: &Arc<Store>, call: Call, request: S3Request<PutBucketAclInput>,
) -> Result<S3Response<PutBucketAclOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = with_acls(named.on_bucket("PutBucketAcl"), &headers);
    let allowed = call.authorize_in(&named, "PutBucketAcl", [requirement]).await?;
    let expected = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, expected, Addressed::InItsRegion)?;
    let bearing = Bearing { call: &call, bucket: &bucket.row, operation: "PutBucketAcl", key: None };
    let acl = bearing.set(&headers, input.access_control_policy.as_ref())?;
    store.run(move |store| store.index.set_bucket_acl(bucket.name(), acl.as_ref())).await?;
    Ok(S3Response::new(PutBucketAclOutput::default()))
}

pub(super) async fn put_object(
    store: &Arc<Store>, call: Call, request: S3Request<PutObjectAclInput>,
) -> Result<S3Response<PutObjectAclOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    let version = input.version_id.as_deref();
    let named = store.named_version(&call, &input.bucket, Some(&input.key), version).await?;
    let requirement = named.on_version("PutObjectAcl", &input.key, version);
    let allowed = call.authorize_in(&named, "PutObjectAcl", [with_acls(requirement, &headers)]).await?;
    let expected = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, expected, Addressed::InItsRegion)?;
    let bearing = Bearing { call: &call, bucket: &bucket.row, operation: "PutObjectAcl", key: Some(&input.key) };
    let acl = bearing.set(&headers, input.access_control_policy.as_ref())?;
    let (id, key, origin) = (VersionId::asked(version)?, input.key.clone(), Origin::of(&call));
    let set = move |store: &Store| store.index.set_object_acl(bucket.name(), &key, id.as_ref(), acl, &origin);
    let done = store.run(set).await;
    call.found(&named, "PutObjectAcl", done).await?;
    Ok(S3Response::new(PutObjectAclOutput::default()))
}
