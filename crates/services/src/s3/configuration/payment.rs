//! Who pays for requests: the owner of the bucket, or those who ask, who have to say that they know it.

use std::sync::Arc;

use s3s::dto::{
    GetBucketRequestPaymentInput, GetBucketRequestPaymentOutput, Payer, PutBucketRequestPaymentInput,
    PutBucketRequestPaymentOutput,
};
use s3s::{S3Request, S3Response};

use super::{Asked, Call, Fault, Store};

pub(in crate::s3) async fn put(
    store: &Arc<Store>, call: Call, request: S3Request<PutBucketRequestPaymentInput>,
) -> Result<S3Response<PutBucketRequestPaymentOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "PutBucketRequestPayment",
        action: "PutBucketRequestPayment",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let requester_pays = match input.request_payment_configuration.payer.as_str() {
        Payer::REQUESTER => true,
        Payer::BUCKET_OWNER => false,
        _ => return Err(Fault::malformed()),
    };
    store
        .run(move |store| {
            store.index.change_settings(bucket.name(), |settings| {
                settings.requester_pays = requester_pays;
                Ok(())
            })
        })
        .await?;
    Ok(S3Response::new(PutBucketRequestPaymentOutput::default()))
}

pub(in crate::s3) async fn get(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketRequestPaymentInput>,
) -> Result<S3Response<GetBucketRequestPaymentOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "GetBucketRequestPayment",
        action: "GetBucketRequestPayment",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let payer = if bucket.row.settings.requester_pays { Payer::REQUESTER } else { Payer::BUCKET_OWNER };
    Ok(S3Response::new(GetBucketRequestPaymentOutput { payer: Some(Payer::from_static(payer)) }))
}
