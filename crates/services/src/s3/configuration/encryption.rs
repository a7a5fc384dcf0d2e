//! The default encryption of a bucket. [`default_of`] is what it is for new objects.
//!
//! Source: S3 API reference, PutBucketEncryption, ServerSideEncryptionByDefault.

use std::sync::Arc;

use s3s::dto::{
    DeleteBucketEncryptionInput, DeleteBucketEncryptionOutput, GetBucketEncryptionInput, GetBucketEncryptionOutput,
    PutBucketEncryptionInput, PutBucketEncryptionOutput, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};
use s3s::{S3Request, S3Response};

use super::super::answer::Spelling;
use super::super::encryption::{DefaultEncryption, Layers};
use super::super::mended::{BLOCKED, SetAside, cut};
use super::{Asked, Call, Configuration, Fault, Store, Which, document, parse, remove, require};

impl Configuration for ServerSideEncryptionConfiguration {
    const KIND: &'static str = "encryption";
}

pub(in crate::s3) async fn put(
    store: &Arc<Store>, call: Call, request: S3Request<PutBucketEncryptionInput>,
) -> Result<S3Response<PutBucketEncryptionOutput>, Fault> {
    let S3Request { input, extensions, .. } = request;
    let bucket = Asked {
        operation: "PutBucketEncryption",
        action: "PutEncryptionConfiguration",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let configuration = checked(input.server_side_encryption_configuration)?;
    let element = extensions.get::<Arc<SetAside>>().and_then(|aside| aside.element.clone());
    let blocked = element.map(|element| Blocked::read(&element).ok_or_else(Fault::malformed)).transpose()?;
    let body = inserted(document(&configuration)?, blocked);
    store
        .run(move |store| {
            let kind = ServerSideEncryptionConfiguration::KIND;
            let which = Which { bucket: bucket.name(), kind, id: "" };
            store.index.put_configuration(which, &body, u32::MAX).map(drop)
        })
        .await?;
    Ok(S3Response::new(PutBucketEncryptionOutput::default()))
}

/// Whether new objects may be encrypted with keys of the customer.
///
/// Source: S3 API reference, BlockedEncryptionTypes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blocked {
    Nothing,
    CustomerKeys,
}

impl Blocked {
    /// What stands in the element: one type.
    fn read(element: &str) -> Option<Self> {
        let inside = element.trim().strip_prefix("<EncryptionType>")?.strip_suffix("</EncryptionType>")?;
        match inside.trim() {
            "NONE" => Some(Self::Nothing),
            "SSE-C" => Some(Self::CustomerKeys),
            _ => None,
        }
    }

    fn element(self) -> String {
        let name = if self == Self::CustomerKeys { "SSE-C" } else { "NONE" };
        format!("{}<EncryptionType>{name}</EncryptionType>{}", BLOCKED.0, BLOCKED.1)
    }
}

/// A document of this with what s3s has no field for.
fn inserted(document: String, blocked: Option<Blocked>) -> String {
    match (blocked, document.split_once("</Rule>")) {
        (Some(blocked), Some((before, after))) => format!("{before}{}</Rule>{after}", blocked.element()),
        _ => document,
    }
}

/// A document that is kept: what s3s has fields for, and the rest.
fn read_kept(document: &str) -> Result<(ServerSideEncryptionConfiguration, Option<Blocked>), Fault> {
    let (rest, element) = cut(document);
    let kept = parse(&rest).ok_or(Fault::Interrupted)?;
    Ok((kept, element.and_then(|element| Blocked::read(&element))))
}

/// A configuration with one rule, which says whether there is a bucket key.
fn checked(configuration: ServerSideEncryptionConfiguration) -> Result<ServerSideEncryptionConfiguration, Fault> {
    let mut rules = configuration.rules;
    let rule = rules.pop().filter(|_| rules.is_empty()).ok_or_else(Fault::malformed)?;
    let default = match rule.apply_server_side_encryption_by_default {
        Some(default) => default,
        None => aes256(),
    };
    let algorithm = default.sse_algorithm.as_str();
    let known = [ServerSideEncryption::AES256, ServerSideEncryption::AWS_KMS, ServerSideEncryption::AWS_KMS_DSSE];
    require(known.contains(&algorithm))?;
    if default.kms_master_key_id.is_some() && algorithm == ServerSideEncryption::AES256 {
        return Err(Fault::invalid_argument(
            "ApplyServerSideEncryptionByDefault",
            "null",
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
        ));
    }
    let bucket_key_enabled = Some(rule.bucket_key_enabled.unwrap_or(false));
    let apply_server_side_encryption_by_default = Some(default);
    let rule = ServerSideEncryptionRule { apply_server_side_encryption_by_default, bucket_key_enabled };
    Ok(ServerSideEncryptionConfiguration { rules: vec![rule] })
}

fn aes256() -> ServerSideEncryptionByDefault {
    ServerSideEncryptionByDefault {
        kms_master_key_id: None,
        sse_algorithm: ServerSideEncryption::from_static(ServerSideEncryption::AES256),
    }
}

/// What new objects get that say nothing of it, by the document that a bucket keeps.
pub(in crate::s3) fn default_of(document: Option<&str>) -> Result<DefaultEncryption, Fault> {
    let Some(document) = document else { return Ok(DefaultEncryption::default()) };
    let (kept, blocked) = read_kept(document)?;
    let Some(rule) = kept.rules.into_iter().next() else { return Ok(DefaultEncryption::default()) };
    let default = rule.apply_server_side_encryption_by_default.unwrap_or_else(aes256);
    let kms = match default.sse_algorithm.as_str() {
        ServerSideEncryption::AWS_KMS => Some(Layers::One),
        ServerSideEncryption::AWS_KMS_DSSE => Some(Layers::Two),
        _ => None,
    };
    Ok(DefaultEncryption {
        kms,
        key: default.kms_master_key_id,
        bucket_key: rule.bucket_key_enabled.unwrap_or(false),
        blocks_customer_keys: blocked == Some(Blocked::CustomerKeys),
    })
}

/// What holds for a bucket that nobody configured.
///
/// Source: S3 user guide, "Default settings for new S3 buckets FAQ".
fn unconfigured() -> ServerSideEncryptionConfiguration {
    let rule = ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(aes256()),
        bucket_key_enabled: Some(false),
    };
    ServerSideEncryptionConfiguration { rules: vec![rule] }
}

pub(in crate::s3) async fn get(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketEncryptionInput>,
) -> Result<S3Response<GetBucketEncryptionOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "GetBucketEncryption",
        action: "GetEncryptionConfiguration",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let (kept, blocked) = match bucket.row.encryption.as_deref() {
        Some(document) => read_kept(document)?,
        None => (unconfigured(), None),
    };
    let spelling = Spelling::default().with_blocked(blocked.map(Blocked::element));
    Ok(spelling.on(GetBucketEncryptionOutput { server_side_encryption_configuration: Some(kept) }))
}

pub(in crate::s3) async fn delete(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteBucketEncryptionInput>,
) -> Result<S3Response<DeleteBucketEncryptionOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "DeleteBucketEncryption",
        action: "PutEncryptionConfiguration",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    remove::<ServerSideEncryptionConfiguration>(store, bucket).await?;
    Ok(S3Response::new(DeleteBucketEncryptionOutput::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_blocked_is_kept_beside_the_rest() {
        let document = document(&unconfigured()).unwrap();
        for blocked in [None, Some(Blocked::Nothing), Some(Blocked::CustomerKeys)] {
            let kept = inserted(document.clone(), blocked);
            assert_eq!(read_kept(&kept).unwrap().1, blocked);
            let default = default_of(Some(&kept)).unwrap();
            assert_eq!(default.blocks_customer_keys, blocked == Some(Blocked::CustomerKeys));
        }
        for wrong in ["", "<EncryptionType>SSE-KMS</EncryptionType>", "SSE-C"] {
            assert_eq!(Blocked::read(wrong), None, "{wrong}");
        }
    }
}
