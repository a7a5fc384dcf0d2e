//! The bodies of InvokeModel, which each family of models has in a form of its own.
//!
//! Source: Bedrock user guide, "Inference request parameters and response fields for foundation models".

mod anthropic;
mod llama;
mod nova;
mod titan_embedding;
mod titan_text;

use serde_json::Value as Json;

use super::catalog::{Family, Model};
use super::engine::{Vector, Whole};
use super::fault::Fault;
use super::prompt::Prompt;
use super::stream::ChunkForm;

/// What a body asks for.
#[derive(Debug)]
pub(super) enum Body {
    Text(Prompt),
    Vector(AskedEmbedding),
}

/// An embedding that is asked for.
#[derive(Debug)]
pub(super) struct AskedEmbedding {
    pub(super) text: String,
    pub(super) dimensions: Option<usize>,
    pub(super) usual: usize,
    pub(super) normalized: bool,
    /// The types by which the vector is wanted, if the request names any.
    pub(super) types: Vec<String>,
}

/// Reads a body, and checks it for a model.
///
/// # Errors
/// A [`Fault`] in Bedrock's words.
pub(super) fn read(model: &Model, body: &Json) -> Result<Body, Fault> {
    let prompt = match model.family {
        Family::Anthropic => anthropic::read(model, body)?,
        Family::Nova => nova::read(model, body)?,
        Family::TitanText => titan_text::read(model, body)?,
        Family::Llama => llama::read(model, body)?,
        Family::TitanEmbedding => return titan_embedding::read_first(body).map(Body::Vector),
        Family::TitanEmbeddingV2 => return titan_embedding::read(body).map(Body::Vector),
        Family::Other | Family::OtherEmbedding => return Err(Fault::NoAccess),
    };
    match refusal(model, &prompt) {
        Some(told) => Err(Fault::Validation(told)),
        None => Ok(Body::Text(prompt)),
    }
}

/// What the model itself says against a prompt. InvokeModel tells it as it is, and Converse as an error of the model.
///
/// Source: errors that users quote, see docs/claims.md.
pub(super) fn refusal(model: &Model, prompt: &Prompt) -> Option<String> {
    if !prompt.fits(model) {
        return Some("Input is too long for requested model.".to_owned());
    }
    if model.family == Family::Anthropic { anthropic::refusal(model, prompt).map(str::to_owned) } else { None }
}

/// The body of a whole answer. `id` is random, for those that have one.
pub(super) fn answer(model: &Model, whole: &Whole, id: &str) -> Json {
    match model.family {
        Family::Anthropic => anthropic::answer(whole, id),
        Family::Nova => nova::answer(whole),
        Family::TitanText => titan_text::answer(whole),
        _ => llama::answer(whole),
    }
}

/// The body of an embedding.
pub(super) fn vector(model: &Model, vector: &Vector, types: &[String]) -> Json {
    titan_embedding::answer(vector, model.family == Family::TitanEmbeddingV2, types)
}

/// The form of a stream.
pub(super) fn chunks(model: &Model, answered_by: &str, id: String) -> Box<dyn ChunkForm> {
    match model.family {
        Family::Anthropic => Box::new(anthropic::Events::new(answered_by, id)),
        Family::Nova => Box::new(nova::Events),
        Family::TitanText => Box::new(titan_text::Chunks::default()),
        _ => Box::new(llama::Chunks::default()),
    }
}

#[cfg(test)]
mod tests;
