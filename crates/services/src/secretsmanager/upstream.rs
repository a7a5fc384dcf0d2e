//! Secrets Manager that another server answers. What a request requires is found out by the operations of this crate, which
//! see of the secret what the server tells of it: its ARN, of which a name leaves the last characters open, and its tags.
//! What is sent on names the secret by that ARN, so that what is done is done to the secret that was decided about.
//!
//! Policies of secrets are the server's, and take no part in the decision.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use sidegate_iam::Requirement;
use sidegate_model::Scope;
use sidegate_wire::aws_json;
use sidegate_wire::protocol::JsonVersion;

use super::fault::Fault;
use super::id::SecretId;
use super::store::{Secret, Store, Tags};
use super::{SecretsManager, TARGET, blocking, refused};
use crate::upstream::{Answer, Origin, Outcome, Place, RemoteCall, Server, Unanswered, members};
use crate::{Authorized, Authorizer, Body, Caller, ForwardedBy, Service, whole};

/// The members that name secrets, each a text or a list of texts.
const NAMING: [&str; 2] = ["SecretId", "SecretIdList"];

/// How many secrets the server is asked about at most: as many as a batch may name.
const MOST: usize = 20;

/// The key of the service, which whoever may use the service may use.
const OWN_KEY: &str = "alias/aws/secretsmanager";

/// The largest batch of secrets with their values.
const LARGEST_BATCH: usize = 4 << 20;

/// The Secrets Manager of all accounts and Regions, where another server has it.
pub struct Upstream {
    server: Server,
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").field("server", &self.server).finish()
    }
}

/// What the server tells of a secret.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    tags: Option<Vec<Tag>>,
    kms_key_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: Option<String>,
}

/// The secrets of a request.
#[derive(Default)]
struct Known {
    /// By their ARNs here.
    secrets: BTreeMap<String, (Secret, Scope)>,
    /// The pointers to those that are not there.
    missing: Vec<String>,
    /// The keys of KMS that they are encrypted with, where they are not those of the service.
    keys: BTreeSet<String>,
}

/// Why a secret of a batch is not among the answers.
struct Left {
    /// As the request names it.
    id: String,
    code: String,
    message: String,
}

impl Upstream {
    /// Sends requests to this server. No connection is made before there is a request.
    pub fn new(origin: Origin) -> Self {
        Self { server: Server::new(origin, "secretsmanager") }
    }

    async fn forward(
        &self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Body>, Fault> {
        let (head, body) = request.into_parts();
        let (operation, body) = whole::document(Request::from_parts(head.clone(), body), TARGET).await?;
        let mut sent = members::own("secretsmanager", &operation, aws_json::parse(&body)?)?;
        if operation == "BatchGetSecretValue" && sent.get("Filters").is_some_and(|filters| !filters.is_null()) {
            return Err(Fault::Unserved("the filters of BatchGetSecretValue in front of another server"));
        }
        let mut judged = sent.clone();
        let known = self.learn(&mut sent, &mut judged, caller).await?;
        if let Some(members) = judged.as_object_mut() {
            // Its places are the server's.
            members.remove("NextToken");
        }
        let keys = known.keys;
        let secrets: Vec<_> = known.secrets.into_values().collect();
        let store = blocking(move || Store::of(&secrets)).await?;
        let judge = SecretsManager { decides_only: true, ..SecretsManager::of(store) };
        let outcome = judge.carry_out(operation.clone(), Bytes::from(judged.to_string()), caller, authorizer).await?;
        let (allowed, denials) = match outcome {
            Outcome::Answered(_) => return Err(Fault::Interrupted),
            Outcome::Allowed(allowed) => (allowed, Vec::new()),
            Outcome::AllowedInPart(allowed, denials) => (allowed, denials),
        };
        let asked: Json = aws_json::parse(&body)?;
        let left = match operation.as_str() {
            "BatchGetSecretValue" => leave_out(&asked, &mut sent, &denials, &known.missing),
            // Not one that comes into being meanwhile, about which nothing was decided.
            _ if !known.missing.is_empty() => return Err(Fault::NoSecret),
            _ if !denials.is_empty() => return Err(Fault::Interrupted),
            _ => Vec::new(),
        };
        if !left.is_empty() && sent.get("SecretIdList").and_then(Json::as_array).is_none_or(Vec::is_empty) {
            let none = with_left(json!({ "SecretValues": [] }), left);
            return Ok(whole::answer(aws_json::response(JsonVersion::V1_1, &none, &caller.request_id)?));
        }
        self.ask_about_keys(&operation, &asked, &keys, caller, authorizer)?;
        let target = format!("{TARGET}.{operation}");
        let call = RemoteCall::json(&head.headers, JsonVersion::V1_1, &target, &sent);
        let answer = self.server.pass_on(&allowed, call, caller).await?;
        if left.is_empty() || !answer.status().is_success() {
            return Ok(answer);
        }
        let garbled = || Unanswered::because("answers BatchGetSecretValue with what is no batch");
        let document = whole::read(answer.into_body(), LARGEST_BATCH).await.map_err(|_| garbled())?;
        let document: Json = serde_json::from_slice(&document).map_err(|_| garbled())?;
        let all = with_left(document, left);
        Ok(whole::answer(aws_json::response(JsonVersion::V1_1, &all, &caller.request_id)?))
    }

    /// Asks whether the caller may use the keys of KMS that a request names, or that its secrets are encrypted with. They
    /// count as the caller's own; what their policies say is not known here.
    ///
    /// Source: user guide, "Secret encryption and decryption in AWS Secrets Manager".
    fn ask_about_keys(
        &self, operation: &str, asked: &Json, of_secrets: &BTreeSet<String>, caller: &Caller,
        authorizer: &dyn Authorizer,
    ) -> Result<(), Fault> {
        const BOTH: &[&str] = &["kms:GenerateDataKey", "kms:Decrypt"];
        let named = asked.get("KmsKeyId").and_then(Json::as_str).map(str::to_owned);
        let (keys, actions): (Vec<String>, &[&str]) = match operation {
            "GetSecretValue" | "BatchGetSecretValue" => (of_secrets.iter().cloned().collect(), &["kms:Decrypt"]),
            "CreateSecret" => (named.into_iter().collect(), BOTH),
            "PutSecretValue" | "UpdateSecret" => (of_secrets.iter().cloned().chain(named).collect(), BOTH),
            _ => return Ok(()),
        };
        let region = caller.scope.region;
        let mut requirements = Vec::new();
        for key in keys.into_iter().filter(|key| !key.ends_with(":alias/aws/secretsmanager") && key != OWN_KEY) {
            let none = "aliases of keys in front of another server";
            let arn = self.server.key_arn(&caller.scope, &key).ok_or(Fault::Unserved(none))?;
            requirements.extend(actions.iter().map(|action| {
                let via = format!("secretsmanager.{region}.amazonaws.com");
                Requirement::new(*action, arn.as_str()).with("kms:ViaService", via)
            }));
        }
        if requirements.is_empty() {
            return Ok(());
        }
        let by = ForwardedBy { service: "secretsmanager", region };
        let allowed = Authorized::forwarded(authorizer, &by, &requirements);
        allowed.map(drop).map_err(|denial| Fault::Denied(Box::new(denial)))
    }

    /// Asks the server about the secrets that a request names, and names those by their ARNs: in what is sent as the server
    /// does, in what is judged as they are called here.
    async fn learn(&self, sent: &mut Json, judged: &mut Json, caller: &Caller) -> Result<Known, Fault> {
        let place = self.server.place("secretsmanager", &caller.scope);
        let mut known = Known::default();
        place.put_here(judged, &NAMING);
        for pointer in pointers(sent) {
            let (Some(given), Some(here)) = (sent.pointer_mut(&pointer), judged.pointer_mut(&pointer)) else {
                continue;
            };
            let (Some(text), Some(named)) = (given.as_str(), here.as_str().map(str::to_owned)) else { continue };
            let Ok(id) = SecretId::parse(&named) else { continue };
            let Some(described) = self.describe(text, caller).await? else {
                known.missing.push(pointer);
                continue;
            };
            let (secret, scope) = described.secret(&place, caller)?;
            known.keys.extend(described.kms_key_id.clone());
            if matches!(id, SecretId::Name(_)) && !place.is_own(&secret.arn) {
                return Err(foreign(&secret.arn).into());
            }
            *given = described.arn.into();
            if named != secret.name {
                *here = secret.arn.clone().into();
            }
            known.secrets.insert(secret.arn.clone(), (secret, scope));
        }
        Ok(known)
    }

    async fn describe(&self, id: &str, caller: &Caller) -> Result<Option<Described>, Fault> {
        let asked = json!({ "SecretId": id });
        match self.server.ask("secretsmanager.DescribeSecret", &asked, caller.now).await? {
            Answer::Document(document) => {
                let described = serde_json::from_value(document);
                described.map(Some).map_err(|_| Unanswered::because("describes no secret").into())
            }
            Answer::Refused(code) if code == "ResourceNotFoundException" => Ok(None),
            Answer::Refused(code) => Err(Unanswered::because(format!("answers DescribeSecret with {code}")).into()),
        }
    }
}

/// Takes out of a batch what may not be read or is not there.
fn leave_out(asked: &Json, sent: &mut Json, denials: &[Option<(String, String)>], missing: &[String]) -> Vec<Left> {
    let ids = asked.get("SecretIdList").and_then(Json::as_array).cloned().unwrap_or_default();
    let Some(kept) = sent.get_mut("SecretIdList").and_then(Json::as_array_mut) else { return Vec::new() };
    let mut left = Vec::new();
    let mut at = 0;
    kept.retain(|_| {
        let place = at;
        at += 1;
        let id = || ids.get(place).and_then(Json::as_str).unwrap_or_default().to_owned();
        if let Some((code, message)) = denials.get(place).and_then(Option::as_ref) {
            left.push(Left { id: id(), code: code.clone(), message: message.clone() });
            return false;
        }
        if missing.iter().any(|pointer| *pointer == format!("/SecretIdList/{place}")) {
            let failure = Fault::NoSecret.failure();
            left.push(Left { id: id(), code: failure.code.into_owned(), message: failure.message });
            return false;
        }
        true
    });
    left
}

/// The answer to a batch with what was left out of it among the errors.
fn with_left(mut answer: Json, left: Vec<Left>) -> Json {
    let errors = left
        .into_iter()
        .map(|Left { id, code, message }| json!({ "SecretId": id, "ErrorCode": code, "Message": message }));
    if let Some(members) = answer.as_object_mut() {
        let all = members.entry("Errors").or_insert_with(|| json!([]));
        if !all.is_array() {
            *all = json!([]);
        }
        if let Some(all) = all.as_array_mut() {
            all.extend(errors);
        }
    }
    answer
}

/// Where in a document there are names of secrets.
fn pointers(document: &Json) -> Vec<String> {
    let mut pointers = Vec::new();
    for member in NAMING {
        match document.get(member) {
            Some(Json::String(_)) => pointers.push(format!("/{member}")),
            Some(Json::Array(texts)) => pointers.extend((0..texts.len()).map(|at| format!("/{member}/{at}"))),
            _ => {}
        }
    }
    // More are refused.
    pointers.truncate(MOST);
    pointers
}

fn foreign(arn: &str) -> Unanswered {
    Unanswered::because(format!("names `{arn}`, which is not the caller's: say in `account_id` whose its ARNs are"))
}

impl Described {
    /// The secret as it is called here, and where it is.
    fn secret(&self, place: &Place<'_>, caller: &Caller) -> Result<(Secret, Scope), Fault> {
        let none = || Unanswered::because(format!("describes a secret by `{}`, which is no ARN of one", self.arn));
        let arn = place.here(&self.arn);
        let Ok(SecretId::Arn { account, region, .. }) = SecretId::parse(&arn) else { return Err(none().into()) };
        let scope = Scope { account, region: region.parse().map_err(|_| none())? };
        let tags = self.tags.iter().flatten();
        let tags: Tags = tags.map(|tag| (tag.key.clone(), tag.value.clone().unwrap_or_default())).collect();
        let secret = Secret {
            arn,
            name: self.name.clone(),
            description: None,
            tags,
            created: caller.now,
            changed: caller.now,
            accessed: None,
            deletion: None,
            key: None,
        };
        Ok((secret, scope))
    }
}

#[async_trait]
impl Service for Upstream {
    fn name(&self) -> &'static str {
        "secretsmanager"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        self.forward(request, caller, authorizer).await.unwrap_or_else(|fault| whole::answer(refused(&fault, caller)))
    }
}
