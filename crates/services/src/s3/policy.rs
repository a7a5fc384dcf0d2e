//! Bucket policies: PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy and GetBucketPolicyStatus.
//!
//! A policy is stored as it was put, but for the users and roles that it names, and parsed again only where its text is not
//! among those that were parsed lately.

mod actions;
mod condition_keys;
mod document;
mod public;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderValue};
use s3s::dto::{
    DeleteBucketPolicyInput, DeleteBucketPolicyOutput, GetBucketPolicyInput, GetBucketPolicyOutput,
    GetBucketPolicyStatusInput, GetBucketPolicyStatusOutput, PolicyStatus, PutBucketPolicyInput, PutBucketPolicyOutput,
};
use s3s::{S3ErrorCode, S3Request, S3Response};
use serde_json::{Value, json};
use sidegate_iam::{Policy, PolicyError, PolicyType, Principal};

pub(super) use self::condition_keys::SEES_TAGS;
use super::bucket;
use super::call::Call;
use super::fault::Fault;
use super::inward::Replacing;
use super::store::{Addressed, AllowedBucket, Store};

/// The names of the actions that bucket policies may have for a bucket itself, such as `ListBucket`.
///
/// Source: Service authorization reference, "Actions, resources, and condition keys for Amazon S3".
pub const fn actions_on_buckets() -> &'static [&'static str] {
    actions::ON_BUCKETS
}

/// The names of those that they may have for the objects in it, such as `GetObject`.
///
/// Source: as of [`actions_on_buckets`].
pub const fn actions_on_objects() -> &'static [&'static str] {
    actions::ON_OBJECTS
}

/// How many parsed policies are kept.
const KEPT: usize = 256;

/// A bucket policy that is ready to decide.
#[derive(Debug)]
pub(super) struct BucketPolicy {
    pub(super) policy: Arc<Policy>,
    pub(super) is_public: bool,
}

impl BucketPolicy {
    fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy = Policy::parse(text, PolicyType::Bucket)?;
        let is_public = public::is_public(&policy);
        Ok(Self { policy: Arc::new(policy), is_public })
    }

    /// The policy as it speaks of a principal: where it names the canonical user of the principal's account, that account.
    pub(super) fn towards(self: Arc<Self>, principal: &Principal) -> Arc<Self> {
        // Few policies name canonical users at all.
        if self.policy.canonical_users().next().is_none() {
            return self;
        }
        let account = principal.account();
        let user = account.and_then(|account| Some((account, bucket::owner(account.as_str()).id?)));
        match user.filter(|(_, user)| self.policy.canonical_users().any(|named| named == user)) {
            Some((account, user)) => {
                let policy = Arc::new(self.policy.with_account_of(&user, account.clone()));
                Arc::new(Self { policy, is_public: self.is_public })
            }
            None => self,
        }
    }

    /// One that denies everyone everything.
    fn denying() -> Self {
        Self { policy: Arc::new(Policy::denying()), is_public: false }
    }
}

/// The policies that were parsed lately, by their texts.
#[derive(Debug, Default)]
pub(super) struct Compiled(Mutex<HashMap<Box<str>, Arc<BucketPolicy>>>);

impl Compiled {
    /// The policy of a text that is stored. One that is none any longer denies everything, until the owner's root user
    /// takes it away.
    pub(super) fn compiled(&self, text: &str) -> Arc<BucketPolicy> {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(text) {
            return Arc::clone(known);
        }
        let parsed = Arc::new(BucketPolicy::parse(text).unwrap_or_else(|error| {
            tracing::error!(%error, "a bucket policy that is stored cannot be read, and so denies everything");
            BucketPolicy::denying()
        }));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT {
            all.clear();
        }
        all.insert(text.into(), Arc::clone(&parsed));
        parsed
    }
}

/// A bucket policy with further statements: of the same version, where there is one. One that is none stays none.
pub(super) fn with_statements(text: Option<&str>, more: Vec<Value>) -> String {
    let mut document = match text.map(serde_json::from_str::<Value>) {
        None => json!({ "Version": "2012-10-17" }),
        Some(Ok(document)) if document.is_object() => document,
        Some(_) => return text.unwrap_or_default().to_owned(),
    };
    let mut statements = match document.get_mut("Statement").map(Value::take) {
        Some(Value::Array(statements)) => statements,
        Some(statement) => vec![statement],
        None => Vec::new(),
    };
    statements.extend(more);
    if let Some(document) = document.as_object_mut() {
        document.insert("Statement".to_owned(), Value::Array(statements));
    }
    document.to_string()
}

/// Refuses those who may do what they ask, but are of another account.
///
/// Source: S3 API reference, PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy.
fn require_own(call: &Call, bucket: &AllowedBucket) -> Result<(), Fault> {
    match call.caller.principal.account() {
        Some(account) if account.as_str() == bucket.row.account => Ok(()),
        _ => {
            Err(Fault::new(S3ErrorCode::MethodNotAllowed, "The specified method is not allowed against this resource."))
        }
    }
}

fn missing(bucket: &AllowedBucket) -> Fault {
    Fault::new(S3ErrorCode::NoSuchBucketPolicy, "The bucket policy does not exist").with("BucketName", bucket.name())
}

pub(super) async fn put(
    store: &Arc<Store>, call: Call, request: S3Request<PutBucketPolicyInput>,
) -> Result<S3Response<PutBucketPolicyOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.for_its_policy("PutBucketPolicy", &call);
    let allowed = call.authorize_in(&named, "PutBucketPolicy", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    require_own(&call, &bucket)?;
    let policy = document::parse(&input.policy, bucket.name())?;
    let kept = store.names.keep(&call.caller.scope.account, &input.policy).map_err(document::unknown)?;
    if policy.is_public && bucket.row.settings.blocks(|blocks| blocks.block_policy) {
        let resource = format!("arn:aws:s3:::{}", bucket.name());
        return Err(Fault::blocked(
            &call.caller.principal,
            "s3:PutBucketPolicy",
            &resource,
            "public policies are prevented by the BlockPublicPolicy setting",
        ));
    }
    let replaced = call.replacing.clone();
    store
        .run(move |store| {
            store.index.set_policy(bucket.name(), &kept, |current| match &replaced {
                Some(Replacing(expected)) => {
                    current.map(|current| store.names.show(current)).as_deref() == expected.as_deref()
                }
                None => true,
            })
        })
        .await?;
    Ok(S3Response::new(PutBucketPolicyOutput::default()))
}

pub(super) async fn get(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketPolicyInput>,
) -> Result<S3Response<GetBucketPolicyOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.for_its_policy("GetBucketPolicy", &call);
    let allowed = call.authorize_in(&named, "GetBucketPolicy", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    require_own(&call, &bucket)?;
    let policy = bucket.row.policy.as_deref().ok_or_else(|| missing(&bucket))?;
    let policy = store.names.show(policy).into_owned();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(S3Response::with_headers(GetBucketPolicyOutput { policy: Some(policy) }, headers))
}

pub(super) async fn delete(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteBucketPolicyInput>,
) -> Result<S3Response<DeleteBucketPolicyOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.for_its_policy("DeleteBucketPolicy", &call);
    let allowed = call.authorize_in(&named, "DeleteBucketPolicy", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    require_own(&call, &bucket)?;
    store.run(move |store| store.index.remove_policy(bucket.name())).await?;
    Ok(S3Response::new(DeleteBucketPolicyOutput::default()))
}

pub(super) async fn status(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketPolicyStatusInput>,
) -> Result<S3Response<GetBucketPolicyStatusOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.on_bucket("GetBucketPolicyStatus");
    let allowed = call.authorize_in(&named, "GetBucketPolicyStatus", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let text = bucket.row.policy.as_deref().ok_or_else(|| missing(&bucket))?;
    let is_public = store.compiled(text).is_public;
    Ok(S3Response::new(GetBucketPolicyStatusOutput {
        policy_status: Some(PolicyStatus { is_public: Some(is_public) }),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_parsed_once_and_one_that_is_none_denies_everything() {
        let compiled = Compiled::default();
        let text = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:::docs/*"}}"#;
        let first = compiled.compiled(text);
        assert!(first.is_public && Arc::ptr_eq(&first, &compiled.compiled(text)));
        let broken = compiled.compiled("{");
        assert!(!broken.is_public && broken.policy.to_string().contains("\"Deny\""));
    }

    #[test]
    fn statements_are_added_to_a_policy_and_not_to_what_is_none() {
        let more = || vec![json!({"Effect": "Deny"})];
        let read = |text: Option<&str>| serde_json::from_str::<Value>(&with_statements(text, more())).unwrap();
        assert_eq!(read(None), json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}]}));
        let one = r#"{"Statement": {"Effect": "Allow"}}"#;
        assert_eq!(read(Some(one)), json!({"Statement": [{"Effect": "Allow"}, {"Effect": "Deny"}]}));
        for none in ["{", "[]", "1"] {
            assert_eq!(with_statements(Some(none), more()), none);
        }
    }

    #[test]
    fn a_canonical_user_is_its_account_to_those_who_are_of_it_and_nobody_to_others() {
        use sidegate_iam::{Context, Policies, Request, Requirement, decide};
        let user = bucket::owner("222222222222").id.unwrap();
        let text = format!(
            r#"{{"Statement": {{"Effect": "Allow", "Principal": {{"CanonicalUser": "{user}"}}, "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::docs/*"}}}}"#
        );
        let policy = Compiled::default().compiled(&text);
        let allowed = |account: &str| {
            let principal = Principal::parse(&format!("arn:aws:iam::{account}:root")).unwrap();
            let towards = Arc::clone(&policy).towards(&principal);
            let requirement = Requirement::new("s3:GetObject", "arn:aws:s3:::docs/key")
                .owned_by("111111111111".parse().unwrap())
                .under(Arc::clone(&towards.policy));
            let context = Context::new();
            let request = Request { principal: &principal, context: &context, requirement: &requirement };
            decide(&request, &Policies::default()).is_allowed()
        };
        assert!(allowed("222222222222") && !allowed("333333333333"));
        assert!(Arc::ptr_eq(&policy, &Arc::clone(&policy).towards(&Principal::Anonymous)));
    }
}
