//! ACLs, of which there is one: the owner has full control. What a request asks besides is refused: as AWS refuses it
//! where ACLs are off or a public one is blocked, and otherwise as something that is not implemented.

use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use s3s::dto::{
    AccessControlPolicy, GetBucketAclInput, GetBucketAclOutput, GetObjectAclInput, GetObjectAclOutput, Grant, Grantee,
    Owner, Permission, PutBucketAclInput, PutBucketAclOutput, PutObjectAclInput, PutObjectAclOutput, Type,
};
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::attributes::text;
use super::bucket::owner;
use super::call::Call;
use super::fault::Fault;
use super::requirement::with_acls;
use super::store::{Addressed, AllowedBucket, Settings, Store};

/// The groups whose grants make an ACL public.
///
/// Source: S3 user guide, "Blocking public access to your Amazon S3 storage", "The meaning of 'public'".
const PUBLIC_GROUPS: [&str; 2] = ["/groups/global/AllUsers", "/groups/global/AuthenticatedUsers"];

/// What a request asks of an ACL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    Nothing,
    /// That the owner has full control, and nobody else has anything.
    OwnersAlone,
    /// That others have something.
    Others,
    /// That everyone has something.
    Public,
}

impl Asked {
    /// What the headers ask.
    pub(super) fn by(headers: &HeaderMap) -> Self {
        let canned = match text(headers, "x-amz-acl").as_deref() {
            None => Self::Nothing,
            Some("private" | "bucket-owner-full-control") => Self::OwnersAlone,
            Some("public-read" | "public-read-write" | "authenticated-read") => Self::Public,
            Some(_) => Self::Others,
        };
        let grants = headers.iter().filter(|(name, _)| name.as_str().starts_with("x-amz-grant-"));
        let grants = grants.map(|(_, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            if PUBLIC_GROUPS.iter().any(|group| value.contains(group)) { Self::Public } else { Self::Others }
        });
        grants.chain([canned]).max().unwrap_or(canned)
    }

    /// What a document asks.
    fn written(policy: &AccessControlPolicy, owner: &Owner) -> Self {
        let grants = policy.grants.iter().flatten().map(|grant| {
            let grantee = grant.grantee.as_ref();
            let uri = grantee.and_then(|grantee| grantee.uri.as_deref()).unwrap_or_default();
            let full = grant.permission.as_ref().is_some_and(|p| p.as_str() == Permission::FULL_CONTROL);
            if PUBLIC_GROUPS.iter().any(|group| uri.ends_with(group)) {
                Self::Public
            } else if full && grantee.is_some_and(|grantee| grantee.id == owner.id) {
                Self::OwnersAlone
            } else {
                Self::Others
            }
        });
        // Without any grant the owner would have nothing either.
        grants.max().unwrap_or(Self::Others)
    }
}

/// A request that bears an ACL.
#[derive(Clone, Copy)]
pub(super) struct Bearing<'a> {
    pub(super) call: &'a Call,
    pub(super) settings: &'a Settings,
    pub(super) operation: &'static str,
    pub(super) bucket: &'a str,
    pub(super) key: Option<&'a str>,
}

impl Bearing<'_> {
    /// Refuses the making of an object with an ACL that it would not get.
    pub(super) fn refuse(self, asked: Asked) -> Result<(), Fault> {
        match asked {
            Asked::Nothing | Asked::OwnersAlone => Ok(()),
            _ if self.settings.has_no_acls() => Err(not_supported()),
            Asked::Public if self.settings.blocks(|blocks| blocks.block_acls) => {
                let key = self.key.map(|key| format!("/{key}")).unwrap_or_default();
                Err(Fault::blocked(
                    &self.call.caller.principal,
                    &format!("s3:{}", self.operation),
                    &format!("arn:aws:s3:::{}{key}", self.bucket),
                    "public ACLs are prevented by the BlockPublicAcls setting",
                ))
            }
            Asked::Public | Asked::Others => {
                Err(Fault::not_implemented("ACLs that grant anything to others than the owner are not implemented"))
            }
        }
    }

    /// Refuses the setting of an ACL, unless it is the one that is there.
    fn refuse_setting(self, asked: Asked) -> Result<(), Fault> {
        match asked {
            _ if self.settings.has_no_acls() => Err(not_supported()),
            Asked::Nothing => Err(Fault::coded(
                "MissingSecurityHeader",
                StatusCode::BAD_REQUEST,
                "Your request was missing a required header",
            )),
            asked => self.refuse(asked),
        }
    }
}

fn not_supported() -> Fault {
    Fault::new(S3ErrorCode::AccessControlListNotSupported, "The bucket does not allow ACLs")
}

pub(super) async fn get_bucket(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketAclInput>,
) -> Result<S3Response<GetBucketAclOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let allowed = call.authorize_in(&named, "GetBucketAcl", [named.on_bucket("GetBucketAcl")]).await?;
    let expected = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, expected, Addressed::InItsRegion)?;
    let owner = owner(&bucket.row.account);
    Ok(S3Response::new(GetBucketAclOutput { grants: Some(vec![full_control(&owner)]), owner: Some(owner) }))
}

pub(super) async fn get_object(
    store: &Arc<Store>, call: Call, request: S3Request<GetObjectAclInput>,
) -> Result<S3Response<GetObjectAclOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, Some(&input.key)).await?;
    let requirement = named.on_version("GetObjectAcl", &input.key, input.version_id.as_deref());
    let allowed = call.authorize_in(&named, "GetObjectAcl", [requirement]).await?;
    let expected = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, expected, Addressed::InItsRegion)?;
    call.found(&named, "GetObjectAcl", store.object(&bucket, &input.key, input.version_id.as_deref()).await).await?;
    let owner = owner(&bucket.row.account);
    Ok(S3Response::new(GetObjectAclOutput {
        grants: Some(vec![full_control(&owner)]),
        owner: Some(owner),
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
    let asked = asked(&headers, input.access_control_policy.as_ref(), &bucket);
    let (settings, operation) = (&bucket.row.settings, "PutBucketAcl");
    Bearing { call: &call, settings, operation, bucket: bucket.name(), key: None }.refuse_setting(asked)?;
    Ok(S3Response::new(PutBucketAclOutput::default()))
}

pub(super) async fn put_object(
    store: &Arc<Store>, call: Call, request: S3Request<PutObjectAclInput>,
) -> Result<S3Response<PutObjectAclOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    let named = store.named(&call, &input.bucket, Some(&input.key)).await?;
    let requirement = named.on_version("PutObjectAcl", &input.key, input.version_id.as_deref());
    let allowed = call.authorize_in(&named, "PutObjectAcl", [with_acls(requirement, &headers)]).await?;
    let expected = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, expected, Addressed::InItsRegion)?;
    let asked = asked(&headers, input.access_control_policy.as_ref(), &bucket);
    let (settings, operation) = (&bucket.row.settings, "PutObjectAcl");
    Bearing { call: &call, settings, operation, bucket: bucket.name(), key: Some(&input.key) }.refuse_setting(asked)?;
    call.found(&named, operation, store.object(&bucket, &input.key, input.version_id.as_deref()).await).await?;
    Ok(S3Response::new(PutObjectAclOutput::default()))
}

fn asked(headers: &HeaderMap, policy: Option<&AccessControlPolicy>, bucket: &AllowedBucket) -> Asked {
    let written = policy.map_or(Asked::Nothing, |policy| Asked::written(policy, &owner(&bucket.row.account)));
    Asked::by(headers).max(written)
}

fn full_control(owner: &Owner) -> Grant {
    Grant {
        grantee: Some(Grantee {
            display_name: None,
            email_address: None,
            id: owner.id.clone(),
            type_: Type::from_static(Type::CANONICAL_USER),
            uri: None,
        }),
        permission: Some(Permission::from_static(Permission::FULL_CONTROL)),
    }
}
