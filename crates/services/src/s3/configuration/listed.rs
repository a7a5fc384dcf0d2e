//! The configurations of which a bucket may have many, each with an id: analytics, metrics, inventories and Intelligent-
//! Tiering. They are kept, and no reports are written.
//!
//! Source: S3 API reference, PutBucketMetricsConfiguration and the like.

mod check;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::super::attributes::text;
use super::{AllowedBucket, Asked, Call, Configuration, Fault, Store, Which, document, load, parse};

/// How many there may be of each kind.
const MOST: u32 = 1000;

/// How many of them are listed at once.
const PAGE: u32 = 100;

const EXPECTED_OWNER: &str = "x-amz-expected-bucket-owner";

/// A configuration with an id.
trait Listed: Configuration {
    fn id(&self) -> &str;
    fn check(&self) -> Result<(), Fault>;
}

async fn put_one<C: Listed>(
    store: &Arc<Store>, bucket: AllowedBucket, id: &str, configuration: C,
) -> Result<(), Fault> {
    check::check_id(id)?;
    if configuration.id() != id {
        return Err(Fault::new(
            S3ErrorCode::InvalidArgument,
            "The id of the configuration does not match the id of the request",
        )
        .with("ArgumentName", "id")
        .with("ArgumentValue", id));
    }
    configuration.check()?;
    let (body, id) = (document(&configuration)?, id.to_owned());
    let put = store
        .run(move |store| {
            store.index.put_configuration(Which { bucket: bucket.name(), kind: C::KIND, id: &id }, &body, MOST)
        })
        .await?;
    if put {
        return Ok(());
    }
    Err(Fault::bad_request(
        "TooManyConfigurations",
        "You are attempting to create a new configuration but have already reached the 1,000-configuration limit.",
    ))
}

async fn get_one<C: Listed>(store: &Arc<Store>, bucket: AllowedBucket, id: String) -> Result<C, Fault> {
    let found = store.run(move |store| load(store, bucket.name(), &id)).await?;
    found.ok_or_else(no_such)
}

async fn delete_one<C: Listed>(store: &Arc<Store>, bucket: AllowedBucket, id: String) -> Result<(), Fault> {
    let was_there = store
        .run(move |store| store.index.remove_configuration(Which { bucket: bucket.name(), kind: C::KIND, id: &id }))
        .await?;
    if was_there { Ok(()) } else { Err(no_such()) }
}

fn no_such() -> Fault {
    Fault::coded("NoSuchConfiguration", StatusCode::NOT_FOUND, "The specified configuration does not exist.")
}

/// The configurations after a token, and the token of the next page.
async fn list<C: Listed>(
    store: &Arc<Store>, bucket: AllowedBucket, token: Option<&str>,
) -> Result<(Vec<C>, Option<String>), Fault> {
    let after = match token {
        None => String::new(),
        Some(token) => {
            URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| {
                let message = "The continuation token provided is incorrect";
                Fault::invalid_argument("continuation-token", token, message)
            })?
        }
    };
    let mut rows = store
        .run(move |store| {
            store.index.configurations(Which { bucket: bucket.name(), kind: C::KIND, id: &after }, PAGE + 1)
        })
        .await?;
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let next = rows.last().filter(|_| more).map(|(id, _)| URL_SAFE_NO_PAD.encode(id));
    Ok((rows.iter().filter_map(|(_, body)| parse(body)).collect(), next))
}

/// Defines the four operations on a kind of configuration. The owner whom the client expects stands in the header that
/// s3s does not give for all of them.
macro_rules! listed {
    (
        $module:ident, $kind:literal, $type:ident, $action:literal, $member:ident, $list:ident,
        put: $put:literal $put_input:ident $put_output:ident,
        get: $get:literal $get_input:ident $get_output:ident,
        list: $list_name:literal $list_input_type:ident $list_output:ident,
        delete: $delete:literal $delete_input:ident $delete_output:ident,
    ) => {
        impl Configuration for $type {
            const KIND: &'static str = $kind;
        }

        impl Listed for $type {
            fn id(&self) -> &str {
                &self.id
            }

            fn check(&self) -> Result<(), Fault> {
                check::$module(self)
            }
        }

        pub(in crate::s3) mod $module {
            use super::*;

            pub(in crate::s3) async fn put(
                store: &Arc<Store>, call: Call, request: S3Request<$put_input>,
            ) -> Result<S3Response<$put_output>, Fault> {
                let S3Request { input, headers, .. } = request;
                let owner = text(&headers, EXPECTED_OWNER);
                let action = concat!("Put", $action);
                let asked = Asked { operation: $put, action, bucket: &input.bucket, owner: owner.as_deref() };
                let bucket = asked.open(store, &call).await?;
                put_one(store, bucket, &input.id, input.$member).await?;
                Ok(S3Response::new($put_output::default()))
            }

            pub(in crate::s3) async fn get(
                store: &Arc<Store>, call: Call, request: S3Request<$get_input>,
            ) -> Result<S3Response<$get_output>, Fault> {
                let S3Request { input, headers, .. } = request;
                let owner = text(&headers, EXPECTED_OWNER);
                let action = concat!("Get", $action);
                let asked = Asked { operation: $get, action, bucket: &input.bucket, owner: owner.as_deref() };
                let bucket = asked.open(store, &call).await?;
                let found = get_one(store, bucket, input.id).await?;
                Ok(S3Response::new($get_output { $member: Some(found) }))
            }

            pub(in crate::s3) async fn list(
                store: &Arc<Store>, call: Call, request: S3Request<$list_input_type>,
            ) -> Result<S3Response<$list_output>, Fault> {
                let S3Request { input, headers, .. } = request;
                let owner = text(&headers, EXPECTED_OWNER);
                let action = concat!("Get", $action);
                let bucket = &input.bucket;
                let asked = Asked { operation: $list_name, action, bucket, owner: owner.as_deref() };
                let bucket = asked.open(store, &call).await?;
                let (found, next) = super::list(store, bucket, input.continuation_token.as_deref()).await?;
                Ok(S3Response::new($list_output {
                    $list: (!found.is_empty()).then_some(found),
                    continuation_token: input.continuation_token,
                    is_truncated: Some(next.is_some()),
                    next_continuation_token: next,
                }))
            }

            pub(in crate::s3) async fn delete(
                store: &Arc<Store>, call: Call, request: S3Request<$delete_input>,
            ) -> Result<S3Response<$delete_output>, Fault> {
                let S3Request { input, headers, .. } = request;
                let owner = text(&headers, EXPECTED_OWNER);
                let action = concat!("Put", $action);
                let asked = Asked { operation: $delete, action, bucket: &input.bucket, owner: owner.as_deref() };
                let bucket = asked.open(store, &call).await?;
                delete_one::<$type>(store, bucket, input.id).await?;
                Ok(S3Response::new($delete_output::default()))
            }
        }
    };
}

listed! {
    analytics, "analytics", AnalyticsConfiguration, "AnalyticsConfiguration", analytics_configuration,
    analytics_configuration_list,
    put: "PutBucketAnalyticsConfiguration" PutBucketAnalyticsConfigurationInput PutBucketAnalyticsConfigurationOutput,
    get: "GetBucketAnalyticsConfiguration" GetBucketAnalyticsConfigurationInput GetBucketAnalyticsConfigurationOutput,
    list: "ListBucketAnalyticsConfigurations" ListBucketAnalyticsConfigurationsInput
        ListBucketAnalyticsConfigurationsOutput,
    delete: "DeleteBucketAnalyticsConfiguration" DeleteBucketAnalyticsConfigurationInput
        DeleteBucketAnalyticsConfigurationOutput,
}

listed! {
    metrics, "metrics", MetricsConfiguration, "MetricsConfiguration", metrics_configuration,
    metrics_configuration_list,
    put: "PutBucketMetricsConfiguration" PutBucketMetricsConfigurationInput PutBucketMetricsConfigurationOutput,
    get: "GetBucketMetricsConfiguration" GetBucketMetricsConfigurationInput GetBucketMetricsConfigurationOutput,
    list: "ListBucketMetricsConfigurations" ListBucketMetricsConfigurationsInput ListBucketMetricsConfigurationsOutput,
    delete: "DeleteBucketMetricsConfiguration" DeleteBucketMetricsConfigurationInput
        DeleteBucketMetricsConfigurationOutput,
}

listed! {
    inventory, "inventory", InventoryConfiguration, "InventoryConfiguration", inventory_configuration,
    inventory_configuration_list,
    put: "PutBucketInventoryConfiguration" PutBucketInventoryConfigurationInput PutBucketInventoryConfigurationOutput,
    get: "GetBucketInventoryConfiguration" GetBucketInventoryConfigurationInput GetBucketInventoryConfigurationOutput,
    list: "ListBucketInventoryConfigurations" ListBucketInventoryConfigurationsInput
        ListBucketInventoryConfigurationsOutput,
    delete: "DeleteBucketInventoryConfiguration" DeleteBucketInventoryConfigurationInput
        DeleteBucketInventoryConfigurationOutput,
}

listed! {
    tiering, "intelligent-tiering", IntelligentTieringConfiguration, "IntelligentTieringConfiguration",
    intelligent_tiering_configuration, intelligent_tiering_configuration_list,
    put: "PutBucketIntelligentTieringConfiguration" PutBucketIntelligentTieringConfigurationInput
        PutBucketIntelligentTieringConfigurationOutput,
    get: "GetBucketIntelligentTieringConfiguration" GetBucketIntelligentTieringConfigurationInput
        GetBucketIntelligentTieringConfigurationOutput,
    list: "ListBucketIntelligentTieringConfigurations" ListBucketIntelligentTieringConfigurationsInput
        ListBucketIntelligentTieringConfigurationsOutput,
    delete: "DeleteBucketIntelligentTieringConfiguration" DeleteBucketIntelligentTieringConfigurationInput
        DeleteBucketIntelligentTieringConfigurationOutput,
}
