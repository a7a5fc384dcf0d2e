//! Lets the delivery of flow logs into a bucket, as whoever makes a flow log: if they may read and write the bucket's policy,
//! statements are added to it. If they may not, its owner has to do it before.
//!
//! Source: VPC user guide, "Publish flow logs to Amazon S3", "Amazon S3 bucket permissions for flow logs".

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use sidegate_iam::{Denial, Requirement};
use sidegate_model::{Region, S3Folder, S3Partitions, Scope};
use sidegate_services::s3::Replacing;
use sidegate_services::{Authorizer, Caller, ForwardedBy, Service};

use super::bucket::{Buckets, DELIVERY};
use crate::asker::{read, region_of, whole};

/// The largest policy of a bucket is of 20 KB.
const LARGEST_POLICY: usize = 64 * 1024;

/// Why records of a flow log cannot go to a bucket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotAdmitted {
    /// There is no such bucket.
    #[error("LogDestination: {0} does not exist.")]
    NoBucket(String),
    /// Its policy does not let the delivery in.
    #[error("Access Denied for LogDestination: {0}. Please check LogDestination permission")]
    Denied(String),
    /// The key of its objects cannot be used by the delivery.
    #[error("LogDestination: {0} is undeliverable")]
    Undeliverable(String),
}

/// How often a policy is read anew that somebody else has changed in the meantime.
const TRIES: usize = 20;

impl Buckets {
    /// Lets deliveries for the caller's account into a bucket as far as the caller may, and tells whether they are let in.
    ///
    /// # Errors
    /// Why they are not. What is no answer to this, such as an error of S3, lets the flow log be made; its status tells.
    pub(crate) async fn admit(
        &self, caller: &Caller, authorizer: &dyn Authorizer, folder: &S3Folder, partitions: S3Partitions,
    ) -> Result<(), NotAdmitted> {
        // Another server would replace a policy that somebody else has changed meanwhile, so that none is changed there.
        let is_missing = !self.are_elsewhere && !permit(&self.s3, caller, authorizer, folder).await;
        let bucket = || folder.bucket.clone();
        let region = match self.look(&caller.scope, &folder.bucket, caller.now).await {
            Ok(region) => region,
            Err(answer) => {
                return match answer.status {
                    StatusCode::NOT_FOUND if self.are_elsewhere => Err(NotAdmitted::NoBucket(bucket())),
                    StatusCode::FORBIDDEN | StatusCode::NOT_FOUND if is_missing => Err(NotAdmitted::NoBucket(bucket())),
                    StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Err(NotAdmitted::Denied(bucket())),
                    _ => Ok(()),
                };
            }
        };
        match self.rehearse(&caller.scope, region, folder, partitions, caller.now).await {
            Err(answer) if is_of_key(&answer.text()) => Err(NotAdmitted::Undeliverable(bucket())),
            Err(answer) if answer.status == StatusCode::FORBIDDEN => Err(NotAdmitted::Denied(bucket())),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Whether an error is one of KMS, whether it denies or has no such key.
fn is_of_key(error: &str) -> bool {
    error.contains("<Code>KMS.") || error.contains("perform: kms:")
}

/// Adds to a bucket's policy what deliveries for an account want, unless it is there. `false` if the caller is told that
/// there is no such bucket.
async fn permit(s3: &Arc<dyn Service>, caller: &Caller, authorizer: &dyn Authorizer, folder: &S3Folder) -> bool {
    let path = format!("/{}?policy", folder.bucket);
    let mut own = Maker { s3, caller: caller.clone(), authorizer, by: caller.scope.region };
    own.caller.access_key = None;
    for _ in 0..TRIES {
        let found = match own.call(Method::GET, &path, Vec::new(), None).await {
            Some((StatusCode::OK, policy)) => Some(policy),
            Some((StatusCode::NOT_FOUND, error)) if contains(&error, "NoSuchBucketPolicy") => None,
            Some((StatusCode::NOT_FOUND, _)) => return false,
            _ => return true,
        };
        let Some(policy) = with_statements(found.as_deref(), &caller.scope, folder) else { return true };
        let replacing = Replacing(found.map(|policy| String::from_utf8_lossy(&policy).into_owned()));
        match own.call(Method::PUT, &path, policy.to_string().into_bytes(), Some(replacing)).await {
            // Somebody else was faster: what they have put stays.
            Some((StatusCode::CONFLICT, error)) if contains(&error, "OperationAborted") => {}
            Some((status, _)) if status.is_success() => return true,
            _ => break,
        }
    }
    tracing::info!(bucket = folder.bucket, "the bucket's policy could not be changed for the delivery of flow logs");
    true
}

/// A policy with the statements; `None` if it has them, or is none that can be added to.
fn with_statements(policy: Option<&[u8]>, scope: &Scope, folder: &S3Folder) -> Option<Value> {
    let mut policy = match policy {
        Some(text) => serde_json::from_slice::<Value>(text).ok()?,
        None => json!({"Version": "2012-10-17", "Id": "AWSLogDeliveryWrite20150319", "Statement": []}),
    };
    let document = policy.as_object_mut()?;
    let statements = document.get_mut("Statement")?;
    if statements.is_object() {
        *statements = json!([statements.take()]);
    }
    let statements = statements.as_array_mut()?;
    let wanted = statements_for(scope, folder);
    let same = |own: &Value, wanted: &Value| {
        ["Effect", "Principal", "Action", "Resource", "Condition"].iter().all(|part| own.get(part) == wanted.get(part))
    };
    let missing: Vec<Value> =
        wanted.into_iter().filter(|wanted| !statements.iter().any(|own| same(own, wanted))).collect();
    if missing.is_empty() {
        return None;
    }
    for mut statement in missing {
        let base = statement.get("Sid").and_then(Value::as_str).unwrap_or_default().to_owned();
        let is_taken = |sid: &str| statements.iter().any(|own| own.get("Sid").is_some_and(|own| own == sid));
        let names = std::iter::once(base.clone()).chain((1_u32..).map(|number| format!("{base}{number}")));
        let free = names.take(statements.len() + 1).find(|sid| !is_taken(sid))?;
        statement.as_object_mut()?.insert("Sid".to_owned(), free.into());
        statements.push(statement);
    }
    Some(policy)
}

fn statements_for(Scope { account, region }: &Scope, folder: &S3Folder) -> [Value; 2] {
    let service = json!({"Service": DELIVERY});
    let arn = json!({"aws:SourceArn": format!("arn:aws:logs:{region}:{account}:*")});
    let account = account.as_str();
    let bucket = format!("arn:aws:s3:::{}", folder.bucket);
    [
        json!({
            "Sid": "AWSLogDeliveryWrite", "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
            "Resource": format!("{bucket}/{}*", folder.prefix()),
            "Condition": {
                "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": account},
                "ArnLike": arn,
            },
        }),
        json!({
            "Sid": "AWSLogDeliveryCheck", "Effect": "Allow", "Principal": service,
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"], "Resource": bucket,
            "Condition": {"StringEquals": {"aws:SourceAccount": account}, "ArnLike": arn},
        }),
    ]
}

/// Who makes the flow log, as its calls go to S3.
struct Maker<'a> {
    s3: &'a Arc<dyn Service>,
    /// In the Region of the bucket, once that is known.
    caller: Caller,
    authorizer: &'a dyn Authorizer,
    /// The Region of the flow log.
    by: Region,
}

impl Maker<'_> {
    /// Makes a call in its name: again in the bucket's Region, if that is another one.
    async fn call(
        &mut self, method: Method, path: &str, body: Vec<u8>, replacing: Option<Replacing>,
    ) -> Option<(StatusCode, Bytes)> {
        let (status, region, answer) = self.call_once(method.clone(), path, body.clone(), replacing.clone()).await?;
        match region.filter(|region| !status.is_success() && *region != self.caller.scope.region) {
            Some(region) => {
                self.caller.scope.region = region;
                self.call_once(method, path, body, replacing).await.map(|(status, _, answer)| (status, answer))
            }
            None => Some((status, answer)),
        }
    }

    async fn call_once(
        &self, method: Method, path: &str, body: Vec<u8>, replacing: Option<Replacing>,
    ) -> Option<(StatusCode, Option<Region>, Bytes)> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", format!("s3.{}.amazonaws.com", self.caller.scope.region))
            .header("content-length", body.len());
        if let Some(replacing) = replacing {
            request = request.extension(replacing);
        }
        let by = ForwardedBy { service: "vpc-flow-logs", region: self.by };
        let forwarded = Forwarded { by, authorizer: self.authorizer };
        let answer = self.s3.handle(request.body(whole(body)).ok()?, &self.caller, &forwarded).await;
        let (head, body) = answer.into_parts();
        Some((head.status, region_of(&head.headers), read(body, LARGEST_POLICY).await?))
    }
}

fn contains(text: &[u8], word: &str) -> bool {
    String::from_utf8_lossy(text).contains(word)
}

/// Asks about what flow logs do in their maker's name.
struct Forwarded<'a> {
    by: ForwardedBy,
    authorizer: &'a dyn Authorizer,
}

impl Authorizer for Forwarded<'_> {
    fn authorize(&self, _: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        self.authorizer.authorize_forwarded(&self.by, requirements)
    }

    fn authorize_forwarded(&self, by: &ForwardedBy, requirements: &[Requirement]) -> Result<(), Denial> {
        self.authorizer.authorize_forwarded(by, requirements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope { account: "111122223333".parse().unwrap(), region: "us-east-1".parse().unwrap() }
    }

    fn folder(arn: &str) -> S3Folder {
        S3Folder::at(arn).unwrap()
    }

    #[test]
    fn a_bucket_without_a_policy_gets_the_statements_of_the_guide() {
        let policy = with_statements(None, &scope(), &folder("arn:aws:s3:::records/flows")).unwrap();
        let [write, check] = &policy["Statement"].as_array().unwrap()[..] else { panic!("{policy}") };
        assert_eq!(
            (&write["Sid"], &write["Resource"]),
            (&json!("AWSLogDeliveryWrite"), &json!("arn:aws:s3:::records/flows/*"))
        );
        assert_eq!(
            (&check["Sid"], &check["Resource"]),
            (&json!("AWSLogDeliveryCheck"), &json!("arn:aws:s3:::records"))
        );
        let again = policy.to_string();
        assert_eq!(with_statements(Some(again.as_bytes()), &scope(), &folder("arn:aws:s3:::records/flows")), None);
    }

    #[test]
    fn what_a_policy_says_already_stays_and_names_do_not_meet() {
        let own = r#"{"Version": "2012-10-17", "Statement": {"Sid": "AWSLogDeliveryWrite", "Effect": "Deny"}}"#;
        let policy = with_statements(Some(own.as_bytes()), &scope(), &folder("arn:aws:s3:::records")).unwrap();
        let sids: Vec<_> = policy["Statement"].as_array().unwrap().iter().map(|one| one["Sid"].clone()).collect();
        assert_eq!(sids, ["AWSLogDeliveryWrite", "AWSLogDeliveryWrite1", "AWSLogDeliveryCheck"]);
        assert_eq!(policy["Statement"][0]["Effect"], "Deny");
        assert_eq!(with_statements(Some(b"[]"), &scope(), &folder("arn:aws:s3:::records")), None);
    }
}
