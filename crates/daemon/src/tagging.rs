//! The Resource Groups Tagging API: TagResources and UntagResources, for what EC2 has.
//!
//! Source: Resource Groups Tagging API reference. Searching over all services' tags is not served, and resources of other
//! services are told as failed one by one, which is how the API tells of what it could not do.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use http::{Method, Request, Response, StatusCode};
use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;
use sidegate_services::{Authorized, Authorizer, Body, Caller, Service, Supposed, whole};
use sidegate_wire::aws_json::{self, JsonError, Target};
use sidegate_wire::protocol::{Failure, JsonVersion};

use crate::ec2;
use crate::engine::Engine;

/// The operations that the service has and that are not served.
const UNSERVED: [&str; 7] = [
    "DescribeReportCreation",
    "GetComplianceSummary",
    "GetResources",
    "GetTagKeys",
    "GetTagValues",
    "ListRequiredTags",
    "StartReportCreation",
];

/// The most resources of one request.
const RESOURCES: usize = 20;

/// The most tags of one request.
const TAGS: usize = 50;

/// The tagging service of all accounts and Regions.
pub(crate) struct Tagging {
    engine: Engine,
}

#[derive(Deserialize)]
struct TagResources {
    #[serde(rename = "ResourceARNList", default)]
    resources: BTreeSet<String>,
    #[serde(rename = "Tags", default)]
    tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct UntagResources {
    #[serde(rename = "ResourceARNList", default)]
    resources: BTreeSet<String>,
    #[serde(rename = "TagKeys", default)]
    keys: BTreeSet<String>,
}

#[derive(Serialize)]
struct Outcome {
    #[serde(rename = "FailedResourcesMap")]
    failed: BTreeMap<String, Failed>,
}

/// Why a resource is not tagged.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failed {
    status_code: u16,
    error_code: &'static str,
    error_message: String,
}

impl Failed {
    fn invalid(message: String) -> Self {
        Self { status_code: 400, error_code: "InvalidParameterException", error_message: message }
    }
}

/// What is done to the tags of a resource.
enum Change {
    Put(Vec<(String, String)>),
    Take(Vec<(String, Option<String>)>),
}

impl Change {
    /// The tags, those that are taken away without a value.
    fn tags(&self) -> Vec<(String, Option<String>)> {
        match self {
            Self::Put(tags) => tags.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect(),
            Self::Take(keys) => keys.clone(),
        }
    }

    /// The operation, and the right that it takes on each resource.
    fn operation(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Put(_) => ("TagResources", "tag:TagResources", "ec2:CreateTags"),
            Self::Take(_) => ("UntagResources", "tag:UntagResources", "ec2:DeleteTags"),
        }
    }
}

impl Tagging {
    /// The API over an engine.
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine }
    }

    async fn answer(
        &self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Vec<u8>>, Failure> {
        let (head, body) = request.into_parts();
        let target = Target::parse(&head.headers).map_err(|e| e.failure())?;
        if head.method != Method::POST {
            return Err(JsonError::NoTarget.failure());
        }
        let body = whole::read(body, aws_json::MAX_BYTES).await.map_err(|_| JsonError::TooLarge.failure())?;
        let (resources, change) = match target.operation {
            "TagResources" => {
                let TagResources { resources, tags } = aws_json::parse(&body).map_err(|e| e.failure())?;
                check(&resources, tags.len(), "Tags")?;
                (resources, Change::Put(tags.into_iter().collect()))
            }
            "UntagResources" => {
                let UntagResources { resources, keys } = aws_json::parse(&body).map_err(|e| e.failure())?;
                check(&resources, keys.len(), "TagKeys")?;
                (resources, Change::Take(keys.into_iter().map(|key| (key, None)).collect()))
            }
            other if UNSERVED.contains(&other) => {
                let message = format!("Sidegate does not implement {other} of the Resource Groups Tagging API yet.");
                return Err(Failure::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message));
            }
            other => return Err(refused("UnknownOperationException", format!("There is no operation {other}."))),
        };
        let failed = self.change(resources, change, caller, authorizer).await?;
        aws_json::response(JsonVersion::V1_1, &Outcome { failed }, &caller.request_id).map_err(|error| internal(&error))
    }

    /// Changes what can be changed, and says why the rest could not be.
    async fn change(
        &self, resources: BTreeSet<String>, change: Change, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<BTreeMap<String, Failed>, Failure> {
        let (operation, own, each) = change.operation();
        let mut failed = BTreeMap::new();
        let mut named = Vec::new();
        for arn in resources {
            match id_of(&arn, caller).map(str::to_owned) {
                Ok(id) => named.push((arn, [id])),
                Err(reason) => drop(failed.insert(arn, reason)),
            }
        }
        let requirements: Vec<_> = {
            let (world, tags) = (self.engine.world(), change.tags());
            let rights = named.iter().map(|(arn, _)| ec2::of_tagging(&world, &caller.scope, each, arn, &tags));
            std::iter::once(Requirement::new(own, "*")).chain(rights).collect()
        };
        Authorized::by(authorizer, operation, &requirements)
            .map_err(|denial| Failure::new(StatusCode::FORBIDDEN, "AccessDeniedException", denial.to_string()))?;
        // One resource that is refused changes nothing of its own, and is in no other's way.
        let command = self.engine.change(caller.scope.clone(), move |world, context| {
            for (arn, id) in named {
                let changed = match &change {
                    Change::Put(tags) => world.create_tags(context, &id, tags),
                    Change::Take(keys) => world.delete_tags(context, &id, keys),
                };
                if let Err(reason) = changed {
                    failed.insert(arn, Failed::invalid(reason.to_string()));
                }
            }
            Ok(failed)
        });
        command.await.map_err(|error| internal(&error))
    }
}

/// The id at the end of the ARN of one of the caller's EC2 resources.
fn id_of<'a>(arn: &'a str, caller: &Caller) -> Result<&'a str, Failed> {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let ["arn", "aws", service, region, account, resource] = parts[..] else {
        return Err(Failed::invalid(format!("{arn} is no ARN")));
    };
    if service != "ec2" {
        let message = format!("Sidegate tags resources of `{service}` with that service's own API only.");
        return Err(Failed { status_code: 501, error_code: "InternalServiceException", error_message: message });
    }
    if region != caller.scope.region.as_str() || account != caller.scope.account.as_str() {
        return Err(Failed::invalid(format!("{arn} is not of this account and Region")));
    }
    match resource.split_once('/') {
        Some((_, id)) if !id.is_empty() => Ok(id),
        _ => Err(Failed::invalid(format!("{arn} names no resource"))),
    }
}

fn check(resources: &BTreeSet<String>, tags: usize, member: &str) -> Result<(), Failure> {
    let bound = |count: usize, most: usize, member: &str| {
        if (1..=most).contains(&count) {
            return Ok(());
        }
        let message = format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have between 1 \
             and {most} entries"
        );
        Err(refused("InvalidParameterException", message))
    };
    bound(resources.len(), RESOURCES, "ResourceARNList")?;
    bound(tags, TAGS, member)
}

fn refused(code: &'static str, message: String) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, code, message)
}

fn internal(error: &(dyn std::error::Error + 'static)) -> Failure {
    tracing::error!(error, "a request of the tagging API failed");
    Failure::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "InternalServiceException",
        "The request processing failed because of an unknown error, exception, or failure.",
    )
}

#[async_trait]
impl Service for Tagging {
    fn name(&self) -> &'static str {
        "tagging"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let answer = self.answer(request, caller, authorizer).await;
        whole::answer(answer.unwrap_or_else(|failure| aws_json::error(JsonVersion::V1_1, &failure, &caller.request_id)))
    }

    async fn suppose(&self, action: &str, resource: &str, _: &Caller) -> Result<Supposed, String> {
        Ok(Supposed::plain(action, resource))
    }
}
