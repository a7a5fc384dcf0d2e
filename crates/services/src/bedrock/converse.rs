//! The Converse API: its requests, checked; and its answers, whole and as events.
//!
//! Sources: Bedrock API reference, "Converse", "ConverseStream"; the words of refusals are those that users quote, see
//! docs/claims.md.

mod answer;
mod messages;

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

pub(super) use answer::{Events, answer};
pub(super) use messages::{Features, turns};

use super::catalog::{Family, Model};
use super::family;
use super::fault::Fault;
use super::prompt::{Prompt, Role, Settings};
use crate::constraint;

/// The most stop sequences that the API takes.
///
/// Source: the API model of `bedrock-runtime`: `InferenceConfigurationStopSequencesList`.
const MOST_STOP_SEQUENCES: usize = 2500;

/// The most marks up to which a prompt is to be kept.
///
/// Source: Bedrock user guide, "Prompt caching for faster model inference".
const MOST_CACHE_POINTS: usize = 4;

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
    kind: Option<String>,
}

/// A request that is checked.
pub(super) struct Checked {
    pub(super) prompt: Prompt,
    /// The fields of the model's own answer that are wanted as well.
    pub(super) response_fields: Vec<String>,
    /// The tier of service, if the request names one.
    pub(super) tier: Option<String>,
    /// What of the request's settings the answer repeats.
    pub(super) repeated: Map<String, Json>,
}

impl ConverseRequest {
    /// Reads a document.
    ///
    /// # Errors
    /// A [`Fault`] if it is none, or has members of other types.
    pub(super) fn read(document: &[u8]) -> Result<Self, Fault> {
        let document = if document.is_empty() { b"{}" } else { document };
        Self::of(serde_json::from_slice(document).map_err(|error| Fault::Serialization(error.to_string()))?)
    }

    /// The same of what stands in another document.
    pub(super) fn of(document: Json) -> Result<Self, Fault> {
        check_structures(&document)?;
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
        self.check_unsupported()?;
        let points = self.cache_points();
        if points > MOST_CACHE_POINTS && model.caches() {
            return Err(Fault::by_model(format!(
                "A maximum of {MOST_CACHE_POINTS} blocks with cache_control may be provided. Found {points}."
            )));
        }
        let (tier, repeated) = self.repeated(model)?;
        let system = system(self.system.unwrap_or_default(), model)?;
        let turns = turns(&self.messages.unwrap_or_default(), Features::of(model))?;
        let mut settings = settings(self.inference_config.unwrap_or_default(), model)?;
        settings.top_k = top_k(self.additional_model_request_fields.as_ref(), model)?;
        let response_fields = self.additional_model_response_field_paths.unwrap_or_default();
        check_pointers(&response_fields)?;
        if turns.last().is_none_or(|turn| turn.role != Role::User) && !model.family.takes_prefill() {
            // Source: errors that users quote, see docs/claims.md.
            return Err(Fault::Validation(
                "The model that you are using requires the last turn in the conversation to be a user message. Add a user \
                 message to the conversation and try again."
                    .to_owned(),
            ));
        }
        let prompt = Prompt { system, turns, settings };
        match family::refusal(model, &prompt) {
            Some(told) => Err(Fault::by_model(told)),
            None => Ok(Checked { prompt, response_fields, tier, repeated }),
        }
    }

    /// The tier of service and the latency that are asked for, checked, and as the answer repeats them.
    fn repeated(&self, model: &Model) -> Result<(Option<String>, Map<String, Json>), Fault> {
        let mut repeated = Map::new();
        if let Some(latency) = self.performance_config.as_ref().and_then(|config| config.latency.as_deref()) {
            check_latency(latency, model)?;
            repeated.insert("performanceConfig".to_owned(), json!({ "latency": latency }));
        }
        let Some(tier) = &self.service_tier else { return Ok((None, repeated)) };
        let tier = constraint::required("serviceTier.type", tier.kind.as_deref())?;
        check_tier(tier, model)?;
        repeated.insert("serviceTier".to_owned(), json!({ "type": tier }));
        Ok((Some(tier.to_owned()), repeated))
    }

    /// How many marks there are up to which the prompt is to be kept.
    fn cache_points(&self) -> usize {
        let blocks = self.messages.iter().flatten().filter_map(|message| message.content.as_ref()).flatten();
        blocks.chain(self.system.iter().flatten()).filter(|block| block.contains_key("cachePoint")).count()
    }

    /// Whether a message calls a tool, or has what one answered.
    fn has_tools(&self) -> bool {
        let mut blocks = self.messages.iter().flatten().filter_map(|message| message.content.as_ref()).flatten();
        blocks.any(|block| block.contains_key("toolUse") || block.contains_key("toolResult"))
    }

    /// Refuses what no model here can do.
    fn check_unsupported(&self) -> Result<(), Fault> {
        if self.tool_config.is_some() {
            return Err(Fault::Validation("This model doesn't support tool use.".to_owned()));
        }
        if self.has_tools() {
            // Source: errors that users quote, see docs/claims.md.
            return Err(Fault::Validation(
                "The toolConfig field must be defined when using toolUse and toolResult content blocks.".to_owned(),
            ));
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
        match &self.request_metadata {
            Some(metadata) => check_metadata(metadata),
            None => Ok(()),
        }
    }
}

/// Checks that structures are none of the lists that would be read as such.
fn check_structures(document: &Json) -> Result<(), Fault> {
    let is_list = |value: Option<&Json>| value.is_some_and(Json::is_array);
    let messages = document.get("messages").and_then(Json::as_array);
    let wrong = if document.is_object() {
        let members = ["inferenceConfig", "performanceConfig", "serviceTier"];
        let message = messages.into_iter().flatten().any(Json::is_array).then_some("a message");
        message.or_else(|| members.into_iter().find(|member| is_list(document.get(member))))
    } else {
        Some("the document")
    };
    wrong.map_or(Ok(()), |wrong| Err(Fault::Serialization(format!("{wrong} is no structure"))))
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
    let pattern = |most: &str| format!(r"[a-zA-Z0-9\s:_@$#=/+,-.]{most}");
    let allowed = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || ":_@$#=/+,-.".contains(c);
    for (key, value) in metadata {
        constraint::length("requestMetadata", key, 1, 256)?;
        constraint::characters("requestMetadata", key, &pattern("{1,256}"), allowed)?;
        let Json::String(value) = value else {
            return Err(Fault::Serialization("a value of requestMetadata is no text".to_owned()));
        };
        constraint::length("requestMetadata", value, 0, 256)?;
        constraint::characters("requestMetadata", value, &pattern("{0,256}"), allowed)?;
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
        ("cachePoint", point) => messages::check_cache_point(point, model.caches()).map(|()| None),
        ("text", Json::String(text)) if text.trim().is_empty() => Err(Fault::Validation(format!(
            "The text field in the SystemContentBlock object at system.{at} is blank. Add text to the text field, and \
             try again."
        ))),
        ("text", Json::String(text)) => Ok(Some(text.clone())),
        ("guardContent", block) => messages::guarded(block, &format!("system.{at}")).map(Some),
        (other, _) => Err(Fault::unsupported(&format!("system.{at}.{other}"))),
    };
    blocks.into_iter().enumerate().filter_map(|block| text(block).transpose()).collect()
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
            root.allows(&["top_k", "anthropic_beta", "anthropic_version", "thinking"])?;
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
