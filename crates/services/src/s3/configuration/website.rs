//! The website of a bucket. It is kept, and not served.
//!
//! Source: S3 API reference, PutBucketWebsite, GetBucketWebsite, DeleteBucketWebsite.

use std::sync::Arc;

use s3s::dto::{
    DeleteBucketWebsiteInput, DeleteBucketWebsiteOutput, GetBucketWebsiteInput, GetBucketWebsiteOutput, Protocol,
    PutBucketWebsiteInput, PutBucketWebsiteOutput, RoutingRule, WebsiteConfiguration,
};
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::{Asked, Call, Configuration, Fault, Store, missing, read, remove, require, write};

/// How many routing rules there may be.
///
/// Source: S3 user guide, "(Optional) Configuring a webpage redirect".
const MOST_RULES: usize = 50;

impl Configuration for WebsiteConfiguration {
    const KIND: &'static str = "website";
}

pub(in crate::s3) async fn put(
    store: &Arc<Store>, call: Call, request: S3Request<PutBucketWebsiteInput>,
) -> Result<S3Response<PutBucketWebsiteOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "PutBucketWebsite",
        action: "PutBucketWebsite",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    check(&input.website_configuration)?;
    write(store, bucket, &input.website_configuration).await?;
    Ok(S3Response::new(PutBucketWebsiteOutput::default()))
}

fn check(website: &WebsiteConfiguration) -> Result<(), Fault> {
    let WebsiteConfiguration { error_document, index_document, redirect_all_requests_to, routing_rules } = website;
    if let Some(redirect) = redirect_all_requests_to {
        if index_document.is_some() || error_document.is_some() || routing_rules.is_some() {
            return Err(Fault::invalid_request(
                "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
            ));
        }
        require(!redirect.host_name.is_empty())?;
        return check_protocol(redirect.protocol.as_ref());
    }
    let Some(index) = index_document else {
        return Err(Fault::invalid_argument(
            "IndexDocument",
            "null",
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
        ));
    };
    if index.suffix.is_empty() || index.suffix.contains('/') {
        return Err(Fault::invalid_argument(
            "IndexDocument",
            index.suffix.as_str(),
            "The IndexDocument Suffix is not well formed",
        ));
    }
    require(error_document.as_ref().is_none_or(|document| !document.key.is_empty()))?;
    let Some(rules) = routing_rules else { return Ok(()) };
    require(!rules.is_empty())?;
    if rules.len() > MOST_RULES {
        return Err(Fault::invalid_request(format!(
            "{} routing rules provided, the number of routing rules in a website configuration is limited to \
             {MOST_RULES}.",
            rules.len()
        )));
    }
    rules.iter().try_for_each(check_rule)
}

fn check_rule(rule: &RoutingRule) -> Result<(), Fault> {
    let redirect = &rule.redirect;
    if let Some(condition) = &rule.condition {
        if condition.http_error_code_returned_equals.is_none() && condition.key_prefix_equals.is_none() {
            return Err(Fault::invalid_request(
                "Condition cannot be empty. To redirect all requests without a condition, the condition element \
                 shouldn't be present.",
            ));
        }
        if let Some(code) = &condition.http_error_code_returned_equals {
            let is_error = code.parse::<u16>().is_ok_and(|code| (400..600).contains(&code));
            if !is_error {
                return Err(Fault::invalid_request(format!(
                    "The provided HTTP error code ({code}) is not valid. Valid codes are 4XX or 5XX."
                )));
            }
        }
    }
    if redirect.replace_key_prefix_with.is_some() && redirect.replace_key_with.is_some() {
        return Err(Fault::invalid_request("You can only define ReplaceKeyPrefix or ReplaceKey but not both."));
    }
    if let Some(code) = &redirect.http_redirect_code {
        let redirects = code.parse::<u16>().is_ok_and(|code| (300..400).contains(&code) && code != 300);
        if !redirects {
            return Err(Fault::invalid_request(format!(
                "The provided HTTP redirect code ({code}) is not valid. Valid codes are 3XX except 300."
            )));
        }
    }
    check_protocol(redirect.protocol.as_ref())
}

fn check_protocol(protocol: Option<&Protocol>) -> Result<(), Fault> {
    match protocol.map(Protocol::as_str) {
        None | Some(Protocol::HTTP | Protocol::HTTPS) => Ok(()),
        Some(_) => Err(Fault::invalid_request(
            "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected \
             automatically.",
        )),
    }
}

pub(in crate::s3) async fn get(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketWebsiteInput>,
) -> Result<S3Response<GetBucketWebsiteOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "GetBucketWebsite",
        action: "GetBucketWebsite",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let kept: Option<WebsiteConfiguration> = read(store, &bucket).await?;
    let WebsiteConfiguration { error_document, index_document, redirect_all_requests_to, routing_rules } = kept
        .ok_or_else(|| {
            let message = "The specified bucket does not have a website configuration";
            missing(&bucket, S3ErrorCode::NoSuchWebsiteConfiguration, message)
        })?;
    Ok(S3Response::new(GetBucketWebsiteOutput {
        error_document,
        index_document,
        redirect_all_requests_to,
        routing_rules,
    }))
}

pub(in crate::s3) async fn delete(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteBucketWebsiteInput>,
) -> Result<S3Response<DeleteBucketWebsiteOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "DeleteBucketWebsite",
        action: "DeleteBucketWebsite",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    remove::<WebsiteConfiguration>(store, bucket).await?;
    Ok(S3Response::new(DeleteBucketWebsiteOutput::default()))
}
