//! The foundation models that can be asked for, and the inference profiles that lead to them.
//!
//! They are the well-known ones of the families whose bodies are understood, some of others, to which nobody has access, and
//! two of Sidegate's own. Every one is there in every Region; which of AWS's are in which is not told here.
//!
//! Source: Bedrock user guide, "Supported foundation models in Amazon Bedrock", "Supported Regions and models for
//! inference profiles", "Inference request parameters and response fields for foundation models".

mod features;
mod models;
mod profile;

use models::MODELS;
use profile::Geography;
pub(super) use profile::Profile;

/// The form in which a model is asked with InvokeModel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// The Messages API of Anthropic.
    Anthropic,
    /// The messages of Amazon Nova.
    Nova,
    /// Amazon Titan Text.
    TitanText,
    /// Meta Llama.
    Llama,
    /// The first Amazon Titan Text Embeddings, without parameters.
    TitanEmbedding,
    /// Amazon Titan Text Embeddings V2.
    TitanEmbeddingV2,
    /// One whose bodies are not understood here: it is listed, and nobody has access to it.
    Other,
    /// The same of one that answers with vectors.
    OtherEmbedding,
}

impl Family {
    /// Whether the models answer with vectors.
    pub(super) fn embeds(self) -> bool {
        matches!(self, Self::TitanEmbedding | Self::TitanEmbeddingV2 | Self::OtherEmbedding)
    }

    /// Whether its bodies are understood here.
    pub(super) fn is_understood(self) -> bool {
        !matches!(self, Self::Other | Self::OtherEmbedding)
    }

    /// Whether the models go on with an answer that the conversation ends with.
    ///
    /// Sources: Anthropic API reference, "Prefill Claude's response"; Amazon Nova user guide, "Complete request schema".
    pub(super) fn takes_prefill(self) -> bool {
        matches!(self, Self::Anthropic | Self::Nova)
    }

    /// Whether the models take a system prompt apart from the messages.
    ///
    /// Source: Bedrock user guide, "Supported models and model features".
    pub(super) fn takes_system(self) -> bool {
        matches!(self, Self::Anthropic | Self::Nova | Self::Llama)
    }

    /// Whether the models stop at sequences that the request gives.
    ///
    /// Source: Bedrock user guide, "Meta Llama models": there is no such parameter.
    pub(super) fn takes_stop_sequences(self) -> bool {
        self != Self::Llama
    }
}

/// A foundation model.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) provider: &'static str,
    pub(super) family: Family,
    /// The most tokens that an answer may be asked to have.
    pub(super) most_output: u32,
    /// The most tokens of a prompt.
    pub(super) context: u32,
    /// Whether it can be asked by its own id, and not only through an inference profile.
    pub(super) on_demand: bool,
    /// The inference profiles that lead to it.
    pub(super) geographies: &'static [Geography],
}

impl Model {
    /// All of them.
    pub(super) fn all() -> &'static [Self] {
        MODELS
    }

    /// The one with this id.
    pub(super) fn find(id: &str) -> Option<&'static Self> {
        MODELS.iter().find(|model| model.id == id)
    }

    /// Its ARN in a Region.
    pub(super) fn arn(&self, region: &str) -> String {
        format!("arn:aws:bedrock:{region}::foundation-model/{}", self.id)
    }

    /// Whether its tokens can be counted without an answer.
    ///
    /// Source: Bedrock user guide, "Monitor your token usage by counting tokens before running inference".
    pub(super) fn counts_tokens(&self) -> bool {
        self.is_own() || COUNTING.contains(&self.id)
    }

    /// Whether it is one of Sidegate's own.
    pub(super) fn is_own(&self) -> bool {
        self.provider == OWN
    }
}

/// The models of AWS whose tokens can be counted.
const COUNTING: [&str; 6] = [
    "anthropic.claude-3-5-haiku-20241022-v1:0",
    "anthropic.claude-3-5-sonnet-20240620-v1:0",
    "anthropic.claude-3-5-sonnet-20241022-v2:0",
    "anthropic.claude-3-7-sonnet-20250219-v1:0",
    "anthropic.claude-opus-4-20250514-v1:0",
    "anthropic.claude-sonnet-4-20250514-v1:0",
];

/// Who provides Sidegate's own models.
const OWN: &str = "Sidegate";

/// The id of the model that answers text where no other server does.
pub(super) const READER: &str = "sidegate.extractive-reader-v1:0";

/// The id of the model that makes embeddings where no other server does.
pub(super) const EMBEDDING: &str = "sidegate.hash-embedding-v1:0";
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_there_once_and_have_the_documented_form() {
        for (at, model) in MODELS.iter().enumerate() {
            assert!(!MODELS[..at].iter().any(|other| other.id == model.id), "{}", model.id);
            assert!(model.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:".contains(&b)));
            assert!(model.on_demand || !model.geographies.is_empty(), "{} can be asked", model.id);
            // One of AWS's own, `Titan Text G1 - Express`, is longer than its API model says.
            assert!(model.name.len() <= 23, "{}", model.name);
        }
        assert!(Model::find(READER).is_some_and(Model::is_own) && Model::find(EMBEDDING).is_some_and(Model::is_own));
    }
}
