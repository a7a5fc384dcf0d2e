//! The service `bedrock`: which models and inference profiles there are. Nothing can be made in it: custom models,
//! guardrails, provisioned throughput and profiles of one's own are not served.

mod unserved;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::{Value as Json, json};
use sidegate_iam::Requirement;

use super::catalog::{Model, Profile};
use super::defaults;
use super::engine::Engine;
use super::fault::Fault;
use super::model_id::{Target, profile_arn};
use super::pattern;
use super::runtime::BedrockRuntime;
use super::suppose::suppose;
use crate::constraint::{self, Constraint};
use crate::upstream::parameters;
use crate::{Authorized, Authorizer, Body, Caller, Service, Supposed, whole};
use unserved::UNSERVED;

/// How many profiles a page has if the request does not say it, and at most.
const PAGE: usize = 1000;

/// Amazon Bedrock, as far as it tells of models, for all accounts and Regions.
pub struct Bedrock {
    engine: Arc<dyn Engine>,
}

impl fmt::Debug for Bedrock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bedrock").finish_non_exhaustive()
    }
}

impl Bedrock {
    /// The one that tells to which models a runtime has an answer.
    pub fn of(runtime: &BedrockRuntime) -> Self {
        Self { engine: runtime.engine() }
    }

    fn answer(&self, head: &Parts, caller: &Caller, authorizer: &dyn Authorizer) -> Result<Json, Fault> {
        let call =
            Call { engine: self.engine.as_ref(), query: head.uri.query().unwrap_or_default(), caller, authorizer };
        let (operation, identifier) = route(head)?;
        match operation {
            "GetFoundationModel" => call.model(&identifier),
            "GetInferenceProfile" => call.profile(&identifier),
            "GetFoundationModelAvailability" => call.availability(&identifier),
            "GetModelInvocationLoggingConfiguration" => call.default(operation, defaults::logging()),
            "ListGuardrails" => call.guardrails(),
            "ListFoundationModels" => call.models(),
            "ListInferenceProfiles" => call.profiles(),
            _ => Err(Fault::UnknownOperation),
        }
    }
}

/// The operation that a request is for, and what it names.
fn route(head: &Parts) -> Result<(&'static str, String), Fault> {
    let path = head.uri.path();
    let named = |prefix: &str| path.strip_prefix(prefix).filter(|rest| !rest.is_empty());
    let decoded = |text: &str| {
        let decoded = percent_decode_str(text).decode_utf8();
        decoded.map(std::borrow::Cow::into_owned).map_err(|_| Fault::no_model())
    };
    if head.method == Method::GET {
        match path.trim_end_matches('/') {
            "/foundation-models" => return Ok(("ListFoundationModels", String::new())),
            "/inference-profiles" => return Ok(("ListInferenceProfiles", String::new())),
            "/guardrails" => return Ok(("ListGuardrails", String::new())),
            "/logging/modelinvocations" => return Ok(("GetModelInvocationLoggingConfiguration", String::new())),
            _ => {}
        }
        if let Some(identifier) = named("/foundation-models/") {
            return Ok(("GetFoundationModel", decoded(identifier)?));
        }
        if let Some(identifier) = named("/foundation-model-availability/") {
            return Ok(("GetFoundationModelAvailability", decoded(identifier)?));
        }
        if let Some(identifier) = named("/inference-profiles/") {
            return Ok(("GetInferenceProfile", decoded(identifier)?));
        }
    }
    match UNSERVED.iter().find(|own| own.is_asked(&head.method, path)) {
        Some(own) => Err(Fault::Unserved(own.name)),
        // Other services that sign as this one have paths of which none is known here.
        None => Err(Fault::Unserved("the operation of this path")),
    }
}

/// A request whose operation is known.
struct Call<'a> {
    engine: &'a dyn Engine,
    query: &'a str,
    caller: &'a Caller,
    authorizer: &'a dyn Authorizer,
}

impl Call<'_> {
    fn parameter(&self, name: &str) -> Option<String> {
        parameters(self.query).find_map(|(_, own, value)| (own == name).then_some(value))
    }

    /// A parameter that is one of these words.
    fn word(&self, name: &str, words: &[&str]) -> Result<Option<String>, Fault> {
        let Some(given) = self.parameter(name) else { return Ok(None) };
        if words.contains(&given.as_str()) {
            return Ok(Some(given));
        }
        let constraint = format!("Member must satisfy enum value set: [{}]", words.join(", "));
        Err(Constraint::of(&given, name, constraint).into())
    }

    fn authorize(&self, operation: &str, resource: String) -> Result<Authorized, Fault> {
        let requirement = Requirement::new(format!("bedrock:{operation}"), resource);
        Authorized::by(self.authorizer, operation, &[requirement]).map_err(|denial| Fault::Denied(Box::new(denial)))
    }

    fn models(&self) -> Result<Json, Fault> {
        let provider = self.parameter("byProvider");
        if let Some(provider) = &provider {
            pattern::PROVIDER.check("byProvider", provider)?;
        }
        let customization =
            self.word("byCustomizationType", &["FINE_TUNING", "CONTINUED_PRE_TRAINING", "DISTILLATION"])?;
        let modality = self.word("byOutputModality", &["TEXT", "IMAGE", "EMBEDDING"])?;
        let inference = self.word("byInferenceType", &["ON_DEMAND", "PROVISIONED"])?;
        let _allowed = self.authorize("ListFoundationModels", "*".to_owned())?;
        let fits = |model: &&Model| {
            provider.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(model.provider))
                && customization.is_none()
                && modality.as_ref().is_none_or(|own| own == output(model))
                && inference.as_ref().is_none_or(|own| inference_types(model).contains(&own.as_str()))
        };
        let told: Vec<Json> = Model::all().iter().filter(fits).map(|model| self.told(model)).collect();
        Ok(json!({"modelSummaries": told}))
    }

    fn model(&self, identifier: &str) -> Result<Json, Fault> {
        constraint::length("modelIdentifier", identifier, 1, 2048)?;
        pattern::FOUNDATION_MODEL.check("modelIdentifier", identifier)?;
        let own = format!("arn:aws:bedrock:{}::foundation-model/", self.caller.scope.region);
        let id = identifier.strip_prefix(&own).unwrap_or(identifier);
        if id.starts_with("arn:") {
            return Err(Fault::no_model());
        }
        let _allowed = self.authorize("GetFoundationModel", format!("{own}{id}"))?;
        let model = Model::find(id).ok_or_else(|| {
            Fault::NotFound("Could not resolve the foundation model from the provided model identifier.".to_owned())
        })?;
        Ok(json!({"modelDetails": self.told(model)}))
    }

    /// A model as it is told of. Details and summaries have the same members.
    fn told(&self, model: &Model) -> Json {
        json!({
            "modelArn": model.arn(self.caller.scope.region.as_str()),
            "modelId": model.id,
            "modelName": model.name,
            "providerName": model.provider,
            "inputModalities": model.input_modalities(),
            "outputModalities": [output(model)],
            "responseStreamingSupported": !model.family.embeds(),
            "customizationsSupported": [],
            "inferenceTypesSupported": inference_types(model),
            "modelLifecycle": {"status": "ACTIVE"},
        })
    }

    /// What is told of something that nobody has made.
    fn default(&self, operation: &str, answer: Json) -> Result<Json, Fault> {
        self.authorize(operation, "*".to_owned()).map(|_| answer)
    }

    /// Who may ask has access to all models to which somebody answers, by their own ids or by those of profiles.
    fn availability(&self, id: &str) -> Result<Json, Fault> {
        constraint::length("modelId", id, 0, 140)?;
        pattern::MODEL_ID.check("modelId", id)?;
        let _allowed = self.authorize("GetFoundationModelAvailability", "*".to_owned())?;
        let model = Model::find(id).ok_or_else(Fault::no_model)?;
        let profiles = Profile::all(self.caller.scope.region).filter(|profile| profile.model == model);
        let mut targets =
            profiles.map(|profile| Target { model, profile: Some(profile) }).chain([Target { model, profile: None }]);
        let is_there = model.family.is_understood() && targets.any(|target| self.engine.answers(&target));
        Ok(defaults::availability(model, is_there))
    }

    /// None can be made here, so that none has an identifier.
    fn guardrails(&self) -> Result<Json, Fault> {
        let identifier = self.parameter("guardrailIdentifier");
        if let Some(identifier) = &identifier {
            constraint::length("guardrailIdentifier", identifier, 0, 2048)?;
            pattern::GUARDRAIL.check("guardrailIdentifier", identifier)?;
        }
        self.page()?;
        let told = self.default("ListGuardrails", defaults::guardrails())?;
        match identifier {
            Some(_) => Err(Fault::NotFound("The specified guardrail was not found.".to_owned())),
            None => Ok(told),
        }
    }

    /// How many entries a page has at most, and with which it begins.
    fn page(&self) -> Result<(usize, usize), Fault> {
        let most = match self.parameter("maxResults") {
            None => PAGE,
            Some(given) => {
                let number: i64 =
                    given.parse().map_err(|_| Fault::Serialization("maxResults is no number".to_owned()))?;
                constraint::within("maxResults", number, 1, 1000)?;
                usize::try_from(number).unwrap_or(PAGE)
            }
        };
        let Some(token) = self.parameter("nextToken") else { return Ok((most, 0)) };
        constraint::length("nextToken", &token, 1, 2048)?;
        Ok((most, place(&token)?))
    }

    fn profiles(&self) -> Result<Json, Fault> {
        let scope = &self.caller.scope;
        let (most, from) = self.page()?;
        let kind = self.word("type", &["SYSTEM_DEFINED", "APPLICATION"])?;
        let all = format!("arn:aws:bedrock:{}:{}:inference-profile/*", scope.region, scope.account);
        let _allowed = self.authorize("ListInferenceProfiles", all)?;
        // None can be made here, so that all are AWS's own.
        let profiles: Vec<Profile> =
            Profile::all(scope.region).filter(|_| kind.as_deref() != Some("APPLICATION")).collect();
        let page: Vec<Json> = profiles.iter().skip(from).take(most).map(|profile| self.told_of(profile)).collect();
        let next = from + page.len();
        let mut document = json!({"inferenceProfileSummaries": page});
        if let (true, Some(members)) = (next < profiles.len(), document.as_object_mut()) {
            members.insert("nextToken".to_owned(), json!(URL_SAFE_NO_PAD.encode(next.to_string())));
        }
        Ok(document)
    }

    fn profile(&self, identifier: &str) -> Result<Json, Fault> {
        constraint::length("inferenceProfileIdentifier", identifier, 1, 2048)?;
        pattern::PROFILE.check("inferenceProfileIdentifier", identifier)?;
        let scope = &self.caller.scope;
        let own = format!("arn:aws:bedrock:{}:{}:", scope.region, scope.account);
        let none = || Fault::NotFound("The specified inference profile was not found.".to_owned());
        let id = match identifier.strip_prefix(&own) {
            Some(resource) => resource.split_once('/').map_or(resource, |(_, id)| id),
            None if identifier.starts_with("arn:") => return Err(none()),
            None => identifier,
        };
        let _allowed = self.authorize("GetInferenceProfile", format!("{own}inference-profile/{id}"))?;
        let profile = Profile::find(scope.region, id).ok_or_else(none)?;
        Ok(self.told_of(&profile))
    }

    fn told_of(&self, profile: &Profile) -> Json {
        let scope = &self.caller.scope;
        let models = profile.destinations(scope.region);
        let models: Vec<Json> = models.into_iter().map(|own| json!({"modelArn": own.arn})).collect();
        json!({
            "inferenceProfileName": profile.name(),
            "description": profile.description(),
            "createdAt": profile.created(),
            "updatedAt": profile.created(),
            "inferenceProfileArn": profile_arn(profile, scope),
            "inferenceProfileId": profile.id(),
            "models": models,
            "status": "ACTIVE",
            "type": "SYSTEM_DEFINED",
        })
    }
}

/// The position that a token of a page stands for.
fn place(token: &str) -> Result<usize, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let place = bytes.and_then(|bytes| std::str::from_utf8(&bytes).ok()?.parse().ok());
    place.ok_or_else(|| Fault::Validation("The provided nextToken is invalid.".to_owned()))
}

/// What a model answers with.
fn output(model: &Model) -> &'static str {
    if model.family.embeds() { "EMBEDDING" } else { "TEXT" }
}

/// How a model can be asked.
fn inference_types(model: &Model) -> &'static [&'static str] {
    if model.on_demand { &["ON_DEMAND"] } else { &["INFERENCE_PROFILE"] }
}

#[async_trait]
impl Service for Bedrock {
    fn name(&self) -> &'static str {
        "bedrock"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let (head, _) = request.into_parts();
        match self.answer(&head, caller, authorizer) {
            Ok(document) => {
                let mut response = Response::new(document.to_string().into_bytes());
                response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
                if let Ok(id) = HeaderValue::from_str(&caller.request_id) {
                    response.headers_mut().insert("x-amzn-requestid", id);
                }
                whole::answer(response)
            }
            Err(fault) => whole::answer(fault.response(&caller.request_id)),
        }
    }

    async fn suppose(&self, action: &str, resource: &str, caller: &Caller) -> Result<Supposed, String> {
        Ok(suppose(action, resource, caller))
    }
}
