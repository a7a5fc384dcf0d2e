//! Buckets: CreateBucket, DeleteBucket, HeadBucket, ListBuckets and GetBucketLocation.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use s3s::crypto::{Checksum as _, Sha256};
use s3s::dto::{
    self, BucketLocationConstraint, CreateBucketInput, CreateBucketOutput, DeleteBucketInput, DeleteBucketOutput,
    GetBucketLocationInput, GetBucketLocationOutput, HeadBucketInput, HeadBucketOutput, ListBucketsInput,
    ListBucketsOutput, ObjectOwnership, Owner,
};
use s3s::{S3ErrorCode, S3Request, S3Response};
use sidegate_iam::Requirement;
use sidegate_model::Region;

use super::acl::{Acl, Of};
use super::attributes::text;
use super::call::{Call, timestamp};
use super::fault::Fault;
use super::name::is_bucket_name;
use super::ownership;
use super::requirement::Named;
use super::store::{Addressed, Bucket, Locking, Ownership, Settings, Store, Tags, Versioning};

const MOST_BUCKETS: i32 = 10_000;
const HOME: &str = "us-east-1";

/// The canonical user of an account. On AWS it is a number that nobody can guess; here it is derived.
pub(super) fn owner(account: &str) -> Owner {
    let id = hex::encode(Sha256::checksum(format!("canonical user of {account}").as_bytes()));
    Owner { display_name: None, id: Some(id) }
}

pub(super) async fn create_bucket(
    store: &Arc<Store>, call: Call, request: S3Request<CreateBucketInput>,
) -> Result<S3Response<CreateBucketOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    let name = input.bucket.clone();
    let asked = input.create_bucket_configuration.as_ref().and_then(|c| c.location_constraint.as_ref());
    let asked = asked.map(BucketLocationConstraint::as_str);
    let _allowed = call.authorize("CreateBucket", Named::creation(&name, &call, &headers, asked)).await?;
    if !is_bucket_name(&name) {
        return Err(
            Fault::new(S3ErrorCode::InvalidBucketName, "The specified bucket is not valid.").with("BucketName", name)
        );
    }
    let locks = input.object_lock_enabled_for_bucket == Some(true);
    let settings = Settings {
        ownership: Some(ownership(&input)?),
        versioning: if locks { Versioning::Enabled } else { Versioning::Never },
        lock: locks.then(Locking::default),
        ..Settings::default()
    };
    let scope = &call.caller.scope;
    let acl = acl_of_new(&input, &headers, scope.account.as_str(), &settings)?;
    let region = location(&call, &headers, asked)?;
    let bucket = Bucket {
        name: name.clone(),
        account: scope.account.to_string(),
        region: region.to_string(),
        created: call.caller.now,
        tags: Tags::new(),
        policy: None,
        settings,
        encryption: None,
        acl,
    };
    let existing = store.run(move |store| store.index.add_bucket(&bucket)).await?;
    if let Some(existing) = existing {
        already_there(&existing, scope.account.as_str(), region)?;
    }
    let location =
        if region.as_str() == HOME { format!("/{name}") } else { format!("http://{name}.s3.amazonaws.com/") };
    Ok(S3Response::new(CreateBucketOutput { location: Some(location) }))
}

/// A name that is taken: in us-east-1, and only there, the owner may create the bucket again.
fn already_there(existing: &Bucket, account: &str, region: Region) -> Result<(), Fault> {
    if existing.account != account {
        return Err(Fault::new(
            S3ErrorCode::BucketAlreadyExists,
            "The requested bucket name is not available. The bucket namespace is shared by all users of the system. \
             Please select a different name and try again.",
        )
        .with("BucketName", &existing.name));
    }
    if existing.region == HOME && region.as_str() == HOME {
        return Ok(());
    }
    Err(Fault::new(
        S3ErrorCode::BucketAlreadyOwnedByYou,
        "Your previous request to create the named bucket succeeded and you already own it.",
    )
    .with("BucketName", &existing.name))
}

/// To whom the objects of the new bucket belong.
fn ownership(input: &CreateBucketInput) -> Result<Ownership, Fault> {
    match input.object_ownership.as_ref().map(ObjectOwnership::as_str) {
        None => Ok(Ownership::BucketOwnerEnforced),
        Some(name) => ownership::named(name).ok_or_else(|| {
            Fault::invalid_argument(
                "x-amz-object-ownership",
                name,
                "Invalid x-amz-object-ownership header: invalid value",
            )
        }),
    }
}

/// The ACL of a new bucket; `None` where its owner alone has anything.
fn acl_of_new(
    input: &CreateBucketInput, headers: &HeaderMap, account: &str, settings: &Settings,
) -> Result<Option<Acl>, Fault> {
    let configuration = input.create_bucket_configuration.as_ref();
    if configuration.is_some_and(|c| c.bucket.is_some() || c.location.is_some()) {
        return Err(Fault::not_implemented("Directory buckets are not implemented"));
    }
    let enforced = || {
        Fault::new(
            S3ErrorCode::InvalidBucketAclWithObjectOwnership,
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        )
    };
    match Acl::of_headers(headers, account, Of::Bucket) {
        Ok(None) => Ok(None),
        Ok(Some(acl)) if acl.is_private(account) => Ok(None),
        _ if settings.has_no_acls() => Err(enforced()),
        // Every new bucket blocks them.
        Ok(Some(acl)) if acl.is_public() => Err(Fault::bad_request(
            "InvalidBucketAclWithBlockPublicAccessError",
            "Bucket cannot have public ACLs set with BlockPublicAccess enabled",
        )),
        acl => acl,
    }
}

/// The Region of a new bucket: the request's, which the constraint has to name, except that us-east-1 is named by none,
/// and that the global endpoint, which is that of us-east-1, takes every Region.
///
/// Source: S3 API reference, "CreateBucket".
fn location(call: &Call, headers: &HeaderMap, asked: Option<&str>) -> Result<Region, Fault> {
    let here = call.caller.scope.region;
    let incompatible = |constraint: &str| {
        Fault::new(
            S3ErrorCode::IllegalLocationConstraintException,
            format!(
                "The {constraint} location constraint is incompatible for the region specific endpoint this request \
                 was sent to."
            ),
        )
    };
    let invalid = |constraint: &str| {
        Fault::new(S3ErrorCode::InvalidLocationConstraint, "The specified location-constraint is not valid")
            .with("LocationConstraint", constraint)
    };
    match asked.filter(|name| !name.is_empty()) {
        None if here.as_str() == HOME => Ok(here),
        None => Err(incompatible("unspecified")),
        Some(HOME) => Err(invalid(HOME)),
        Some(name) => {
            let region: Region = if name == "EU" { "eu-west-1" } else { name }.parse().map_err(|_| invalid(name))?;
            let global = here.as_str() == HOME
                || text(headers, "host").is_some_and(|host| {
                    let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
                    host == "s3.amazonaws.com" || host.ends_with(".s3.amazonaws.com")
                });
            if region == here || global { Ok(region) } else { Err(incompatible(name)) }
        }
    }
}

pub(super) async fn delete_bucket(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteBucketInput>,
) -> Result<S3Response<DeleteBucketOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let allowed = call.authorize_in(&named, "DeleteBucket", [named.on_bucket("DeleteBucket")]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let emptied = store
        .run(move |store| {
            let files = store.index.remove_bucket(bucket.name())?;
            Ok(files.map(|files| store.bodies.remove(&files)))
        })
        .await?;
    if emptied.is_none() {
        return Err(Fault::new(S3ErrorCode::BucketNotEmpty, "The bucket you tried to delete is not empty")
            .with("BucketName", input.bucket));
    }
    Ok(S3Response::new(DeleteBucketOutput::default()))
}

pub(super) async fn head_bucket(
    store: &Arc<Store>, call: Call, request: S3Request<HeadBucketInput>,
) -> Result<S3Response<HeadBucketOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let allowed = call.authorize_in(&named, "HeadBucket", [named.on_bucket("ListBucket")]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    Ok(S3Response::new(HeadBucketOutput {
        access_point_alias: Some(false),
        bucket_region: Some(bucket.row.region),
        ..HeadBucketOutput::default()
    }))
}

pub(super) async fn get_bucket_location(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketLocationInput>,
) -> Result<S3Response<GetBucketLocationOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let allowed = call.authorize_in(&named, "GetBucketLocation", [named.on_bucket("GetBucketLocation")]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::Anywhere)?;
    let location_constraint = (bucket.row.region != HOME).then(|| BucketLocationConstraint::from(bucket.row.region));
    Ok(S3Response::new(GetBucketLocationOutput { location_constraint }))
}

pub(super) async fn list_buckets(
    store: &Arc<Store>, call: Call, request: S3Request<ListBucketsInput>,
) -> Result<S3Response<ListBucketsOutput>, Fault> {
    let input = request.input;
    let _allowed = call.authorize("ListBuckets", [Requirement::new("s3:ListAllMyBuckets", "*")]).await?;
    let most = input.max_buckets.unwrap_or(MOST_BUCKETS);
    if !(1..=MOST_BUCKETS).contains(&most) {
        let message = "Argument max-buckets must be an integer between 1 and 10000";
        return Err(Fault::invalid_argument("max-buckets", most.to_string(), message));
    }
    let after = match &input.continuation_token {
        None => String::new(),
        Some(token) => URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .filter(|name| is_bucket_name(name))
            .ok_or_else(|| {
                let message = "The continuation token provided is incorrect";
                Fault::invalid_argument("continuation-token", token.as_str(), message)
            })?,
    };
    let account = call.caller.scope.account.to_string();
    let (prefix, region) = (input.prefix.clone().unwrap_or_default(), input.bucket_region.clone());
    let limit = most.unsigned_abs();
    let owned_by = owner(&account);
    let mut found =
        store.run(move |store| store.index.buckets(&account, &after, &prefix, region.as_deref(), limit + 1)).await?;
    let more = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let token = found.last().filter(|_| more).map(|bucket| URL_SAFE_NO_PAD.encode(&bucket.name));
    let buckets = found
        .into_iter()
        .map(|bucket| dto::Bucket {
            bucket_region: Some(bucket.region),
            creation_date: Some(timestamp(bucket.created)),
            name: Some(bucket.name),
        })
        .collect();
    Ok(S3Response::new(ListBucketsOutput {
        buckets: Some(buckets),
        continuation_token: token,
        owner: Some(owned_by),
        prefix: input.prefix,
    }))
}
