//! What an operation on a bucket or an object would require.
//!
//! Source: Service authorization reference, "Actions, resources, and condition keys for Amazon S3".

use std::sync::Arc;

use sidegate_iam::Requirement;

use super::call::Call;
use super::fault::Fault;
use super::store::Store;
use crate::supposed::{Parts, operation};
use crate::{Caller, Supposed};

/// The actions that are about objects although their names do not say so.
const OF_OBJECTS: [&str; 4] = ["AbortMultipartUpload", "ListMultipartUploadParts", "ReplicateDelete", "ReplicateTags"];

/// The actions that are about neither a bucket nor an object.
const OF_ACCOUNTS: [&str; 4] =
    ["GetAccountPublicAccessBlock", "ListAllMyBuckets", "ListBucketsOfRegion", "PutAccountPublicAccessBlock"];

/// Whether an action is about objects.
fn is_of_objects(operation: &str) -> bool {
    let names_bucket = operation.contains("Bucket");
    OF_OBJECTS.contains(&operation) || (operation.contains("Object") && !names_bucket)
}

/// What is required for an action on a bucket or an object.
pub(super) async fn suppose(
    store: &Arc<Store>, action: &str, resource: &str, caller: &Caller,
) -> Result<Supposed, Fault> {
    let operation = operation(action);
    let plain = || vec![Requirement::new(action, resource)];
    if OF_ACCOUNTS.contains(&operation) {
        return Ok(Supposed::Required(plain()));
    }
    if resource == "*" {
        return Ok(Supposed::Elsewhere(plain()));
    }
    let form = if is_of_objects(operation) { "arn:aws:s3:::BUCKET/KEY" } else { "arn:aws:s3:::BUCKET" };
    let parts = Parts::of("s3", resource).filter(|parts| parts.region.is_empty() && parts.account.is_empty());
    let Some(parts) = parts else { return Ok(Supposed::NotOfAction { form }) };
    let (call, _gate) = Call::new(caller.clone());
    let required = match parts.resource.split_once('/') {
        Some((bucket, key)) if is_of_objects(operation) && !key.is_empty() => {
            store.named(&call, bucket, Some(key)).await?.on_object(operation, key)
        }
        None if !is_of_objects(operation) => store.named(&call, parts.resource, None).await?.on_bucket(operation),
        _ => return Ok(Supposed::NotOfAction { form }),
    };
    Ok(Supposed::Required(vec![required]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_about_objects_or_about_buckets() {
        for operation in ["GetObject", "PutObjectTagging", "AbortMultipartUpload", "DeleteObjectVersion"] {
            assert!(is_of_objects(operation), "{operation}");
        }
        for operation in ["ListBucket", "GetBucketObjectLockConfiguration", "PutLifecycleConfiguration"] {
            assert!(!is_of_objects(operation), "{operation}");
        }
    }
}
