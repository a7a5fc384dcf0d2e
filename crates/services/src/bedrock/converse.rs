//! The Converse API: its requests, checked; and its answers, whole and as events.
//!
//! Sources: Bedrock API reference, "Converse", "ConverseStream"; the words of refusals are those that users quote, see
//! docs/claims.md.

mod answer;
mod messages;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

pub(super) use answer::{Events, answer};
pub(super) use messages::{Features, turns};

use super::catalog::{Family, Model};
use super::fault::Fault;
use super::prompt::{Prompt, Settings};
use crate::constraint;

/// The most stop sequences that the API takes.
///
/// Source: the API model of `bedrock-runtime`: `InferenceConfigurationStopSequencesList`.
const MOST_STOP_SEQUENCES: usize = 2500;

/// A request of Converse, ConverseStream, or CountTokens for one of them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ConverseRequest {
    messages: Option<Vec<Message>>,
    system: Option<Vec<Map<String, Json>>>,
    inference_config: Option<InferenceConfig>,
    tool_config: Option<Json>,
    guardrail_config: Option<Json>,
    additional_model_request_fields: Option<Json>,
    prompt_variables: Option<Json>,
    additional_model_response_field_paths: Option<Vec<String>>,
    request_metadata: Option<Map<String, Json>>,
    performance_config: Option<PerformanceConfig>,
    service_tier: Option<ServiceTier>,
    output_config: Option<Json>,
}

/// A message, whose blocks are looked at one by one.
#[derive(Debug, Deserialize)]
pub(super) struct Message {
    pub(super) role: Option<String>,
    pub(super) content: Option<Vec<Map<String, Json>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct InferenceConfig {
    max_tokens: Option<i64>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    stop_sequences: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct PerformanceConfig {
    latency: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ServiceTier {
    #[serde(rename = "type")]
    kind: String,
}

/// A request that is checked.
pub(super) struct Checked {
    pub(super) prompt: Prompt,
    /// The fields of the model's own answer that are wanted as well.
    pub(super) response_fields: Vec<String>,
}

impl ConverseRequest {
    /// Reads a document.
    ///
    /// # Errors
    /// A [`Fault`] if it is none, or has members of other types.
    pub(super) fn read(document: &[u8]) -> Result<Self, Fault> {
        let document = if document.is_empty() { b"{}" } else { document };
        serde_json::from_slice(document).map_err(|error| Fault::Serialization(error.to_string()))
    }

    /// The same of what stands in another document.
    pub(super) fn of(document: Json) -> Result<Self, Fault> {
        serde_json::from_value(document).map_err(|error| Fault::Serialization(error.to_string()))
    }

    /// Checks it for a model.
    ///
    /// # Errors
    /// A [`Fault`] in Bedrock's words.
    pub(super) fn check(self, model: &Model) -> Result<Checked, Fault> {
        if model.family.embeds() {
            // Source: errors that users quote, see docs/claims.md.
            return Err(Fault::Validation(
                "This action doesn't support the model that you provided. Try again with a supported text or chat model."
                    .to_owned(),
            ));
        }
        self.check_unsupported(model)?;
        let system = system(self.system.unwrap_or_default(), model)?;
        let turns = turns(&self.messages.unwrap_or_default(), Features::of(model))?;
        let mut settings = settings(self.inference_config.unwrap_or_default(), model)?;
        settings.top_k = top_k(self.additional_model_request_fields.as_ref(), model)?;
        let response_fields = self.additional_model_response_field_paths.unwrap_or_default();
        check_pointers(&response_fields)?;
        let prompt = Prompt { system, turns, settings };
        prompt.fits(model)?;
        Ok(Checked { prompt, response_fields })
    }

    /// Refuses what no model here can do.
    fn check_unsupported(&self, model: &Model) -> Result<(), Fault> {
        if self.tool_config.is_some() {
            return Err(Fault::Validation("This model doesn't support tool use.".to_owned()));
        }
        if self.guardrail_config.is_some() {
            return Err(no_guardrail());
        }
        if self.output_config.is_some() {
            return Err(Fault::unsupported("outputConfig"));
        }
        if self.prompt_variables.is_some() {
            return Err(Fault::Validation(
                "You can only include promptVariables in your request if you specify a prompt in the modelId field."
                    .to_owned(),
            ));
        }
        if let Some(latency) = self.performance_config.as_ref().and_then(|config| config.latency.as_deref()) {
            check_latency(latency, model)?;
        }
        if let Some(tier) = &self.service_tier {
            check_tier(&tier.kind, model)?;
        }
        match &self.request_metadata {
            Some(metadata) => check_metadata(metadata),
            None => Ok(()),
        }
    }
}

/// That a guardrail is not there: none can be made here.
pub(super) fn no_guardrail() -> Fault {
    Fault::Validation("The guardrail identifier or version provided in the request does not exist.".to_owned())
}

/// Checks the latency that is asked for.
pub(super) fn check_latency(latency: &str, model: &Model) -> Result<(), Fault> {
    match latency {
        "standard" => Ok(()),
        "optimized" => {
            Err(Fault::Validation(format!("Latency performance configuration is not supported for {}.", model.id)))
        }
        other => {
            let constraint = "Member must satisfy enum value set: [standard, optimized]";
            Err(constraint::Constraint::of(other, "performanceConfig.latency", constraint).into())
        }
    }
}

/// Checks the tier of service that is asked for.
pub(super) fn check_tier(tier: &str, model: &Model) -> Result<(), Fault> {
    match tier {
        "default" => Ok(()),
        "priority" | "flex" | "reserved" => {
            Err(Fault::Validation(format!("The service tier {tier} is not supported for {}.", model.id)))
        }
        other => {
            let constraint = "Member must satisfy enum value set: [priority, default, flex, reserved]";
            Err(constraint::Constraint::of(other, "serviceTier.type", constraint).into())
        }
    }
}

/// Source: the API model of `bedrock-runtime`: `RequestMetadata`.
fn check_metadata(metadata: &Map<String, Json>) -> Result<(), Fault> {
    constraint::size("requestMetadata", metadata.len(), 1, 16)?;
    for (key, value) in metadata {
        constraint::length("requestMetadata", key, 1, 256)?;
        let Json::String(value) = value else {
            return Err(Fault::Serialization("a value of requestMetadata is no text".to_owned()));
        };
        constraint::length("requestMetadata", value, 0, 256)?;
    }
    Ok(())
}

/// Source: Bedrock API reference, "Converse", `additionalModelResponseFieldPaths`.
fn check_pointers(pointers: &[String]) -> Result<(), Fault> {
    constraint::size("additionalModelResponseFieldPaths", pointers.len(), 0, 10)?;
    for pointer in pointers {
        constraint::length("additionalModelResponseFieldPaths", pointer, 1, 256)?;
        if !pointer.starts_with('/') {
            return Err(Fault::Validation(format!("`{pointer}` is not a valid JSON pointer.")));
        }
    }
    Ok(())
}

/// What ends a text is more than blanks.
///
/// Source: what others were told by Bedrock.
pub(super) fn check_stop_sequences(stop: &[String]) -> Result<(), Fault> {
    if stop.iter().any(|sequence| sequence.trim().is_empty()) {
        let message = "stop_sequences: each stop sequence must contain non-whitespace";
        return Err(Fault::Validation(message.to_owned()));
    }
    Ok(())
}

/// The system prompts.
fn system(blocks: Vec<Map<String, Json>>, model: &Model) -> Result<Vec<String>, Fault> {
    if !blocks.is_empty() && !model.family.takes_system() {
        return Err(Fault::Validation(
            "This model doesn't support system messages. Try again without a system message or use a model that \
             supports system messages."
                .to_owned(),
        ));
    }
    let text = |(at, block): (usize, Map<String, Json>)| match messages::member(&block, &format!("system.{at}"))? {
        ("text", Json::String(text)) if text.trim().is_empty() => Err(Fault::Validation(format!(
            "The text field in the SystemContentBlock object at system.{at} is blank. Add text to the text field, and \
             try again."
        ))),
        ("text", Json::String(text)) => Ok(text.clone()),
        ("guardContent", block) => messages::guarded(block, &format!("system.{at}")),
        ("cachePoint", _) => Err(messages::no_caching()),
        (other, _) => Err(Fault::unsupported(&format!("system.{at}.{other}"))),
    };
    blocks.into_iter().enumerate().map(text).collect()
}

fn settings(given: InferenceConfig, model: &Model) -> Result<Settings, Fault> {
    let InferenceConfig { max_tokens, temperature, top_p, stop_sequences } = given;
    if let Some(given) = max_tokens {
        constraint::within("inferenceConfig.maxTokens", given, 1, i64::from(i32::MAX))?;
        if given > i64::from(model.most_output) {
            let most = model.most_output;
            return Err(Fault::Validation(format!(
                "The maximum tokens you requested exceeds the model limit of {most}. Try again with a maximum tokens \
                 value that is lower than {most}."
            )));
        }
    }
    fraction("inferenceConfig.temperature", temperature)?;
    fraction("inferenceConfig.topP", top_p)?;
    let stop = stop_sequences.unwrap_or_default();
    constraint::size("inferenceConfig.stopSequences", stop.len(), 0, MOST_STOP_SEQUENCES)?;
    for sequence in &stop {
        constraint::length("inferenceConfig.stopSequences", sequence, 1, usize::MAX)?;
    }
    if model.family == Family::Anthropic {
        check_stop_sequences(&stop)?;
    }
    if !stop.is_empty() && !model.family.takes_stop_sequences() {
        return Err(Fault::unsupported("stopSequences"));
    }
    // Source: Nova user guide, "Complete request schema".
    if stop.len() > 4 && model.family == Family::Nova {
        return Err(Fault::Validation(
            "The number of stop sequences exceeds the model limit of 4. Remove stop sequences and try again."
                .to_owned(),
        ));
    }
    let max_tokens = max_tokens.and_then(|given| u32::try_from(given).ok());
    Ok(Settings { max_tokens, temperature, top_p, top_k: None, stop })
}

/// Checks a number from 0 to 1.
fn fraction(member: &'static str, value: Option<f64>) -> Result<(), Fault> {
    let bound = match value {
        Some(value) if value < 0.0 => "Member must have value greater than or equal to 0",
        Some(value) if value > 1.0 => "Member must have value less than or equal to 1",
        _ => return Ok(()),
    };
    Err(constraint::Constraint::of(&value.unwrap_or_default().to_string(), member, bound).into())
}

/// Refuses that a model thinks before it answers, of which none here is capable.
pub(super) fn check_thinking(root: &super::schema::Object<'_>) -> Result<(), Fault> {
    match root.member("thinking") {
        Some(thinking) if thinking.get("type").and_then(Json::as_str) != Some("disabled") => {
            Err(Fault::unsupported("thinking"))
        }
        _ => Ok(()),
    }
}

/// The one parameter of models beyond those of the API that means something here.
fn top_k(fields: Option<&Json>, model: &Model) -> Result<Option<u32>, Fault> {
    use super::schema::Object;
    let Some(fields) = fields.filter(|fields| !fields.is_null()) else { return Ok(None) };
    let root = Object::root(fields)?;
    match model.family {
        Family::Anthropic => {
            check_thinking(&root)?;
            root.allows(&["top_k", "anthropic_version", "thinking"])?;
            root.integer("top_k", 0, 500)
        }
        Family::Nova => {
            root.allows(&["inferenceConfig"])?;
            let Some(config) = root.object("inferenceConfig")? else { return Ok(None) };
            config.allows(&["topK"])?;
            config.integer("topK", 1, 128)
        }
        _ => root.allows(&[]).map(|()| None),
    }
}
