//! What single models of a family take, and what they do not.
//!
//! Source: Bedrock user guide, "Supported models and model features".

use super::{Family, Model};

/// Those that take no documents in a conversation.
const WITHOUT_DOCUMENTS: [&str; 2] = ["amazon.nova-micro-v1:0", "amazon.titan-text-premier-v1:0"];

/// Those that take images, of families that do not in general.
const WITH_IMAGES: [&str; 3] =
    ["amazon.titan-embed-image-v1", "meta.llama3-2-11b-instruct-v1:0", "meta.llama4-scout-17b-instruct-v1:0"];

/// Those that take none, of families that do.
const WITHOUT_IMAGES: [&str; 2] = ["amazon.nova-micro-v1:0", "anthropic.claude-3-5-haiku-20241022-v1:0"];

/// Those that take a temperature or the share of the likeliest tokens, and not both.
///
/// Source: errors that users quote, see docs/claims.md.
const SAMPLING_IN_ONE_WAY: [&str; 4] = [
    "anthropic.claude-opus-4-1-20250805-v1:0",
    "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "anthropic.claude-haiku-4-5-20251001-v1:0",
    "anthropic.claude-opus-4-5-20251101-v1:0",
];

/// Those of Anthropic whose prompts can be kept in a cache; those of Nova can.
///
/// Source: Bedrock user guide, "Prompt caching for faster model inference".
const CACHING: [&str; 8] = [
    "anthropic.claude-3-5-haiku-20241022-v1:0",
    "anthropic.claude-3-7-sonnet-20250219-v1:0",
    "anthropic.claude-sonnet-4-20250514-v1:0",
    "anthropic.claude-opus-4-20250514-v1:0",
    "anthropic.claude-opus-4-1-20250805-v1:0",
    "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "anthropic.claude-haiku-4-5-20251001-v1:0",
    "anthropic.claude-opus-4-5-20251101-v1:0",
];

impl Model {
    /// Whether it takes documents in a conversation.
    pub(in crate::bedrock) fn takes_documents(&self) -> bool {
        !WITHOUT_DOCUMENTS.contains(&self.id)
    }

    /// Whether it takes what a search found in a conversation.
    ///
    /// Source: Bedrock user guide, "Using search results": models of Anthropic alone.
    pub(in crate::bedrock) fn takes_search_results(&self) -> bool {
        self.family == Family::Anthropic || self.is_own()
    }

    /// Whether requests may say up to where their prompts are to be kept. Nothing is kept here.
    pub(in crate::bedrock) fn caches(&self) -> bool {
        self.family == Family::Nova || CACHING.contains(&self.id)
    }

    /// Whether temperature and the share of the likeliest tokens exclude each other.
    pub(in crate::bedrock) fn samples_in_one_way(&self) -> bool {
        SAMPLING_IN_ONE_WAY.contains(&self.id)
    }

    /// What it takes. Nothing here looks at images, and a request with one is refused.
    pub(in crate::bedrock) fn input_modalities(&self) -> &'static [&'static str] {
        let sees = match self.family {
            Family::Anthropic => true,
            Family::Nova => !self.is_own(),
            _ => WITH_IMAGES.contains(&self.id),
        };
        if sees && !WITHOUT_IMAGES.contains(&self.id) { &["TEXT", "IMAGE"] } else { &["TEXT"] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_single_models_is_said_of_models_that_there_are() {
        let all = [&WITHOUT_DOCUMENTS[..], &WITH_IMAGES, &WITHOUT_IMAGES, &SAMPLING_IN_ONE_WAY, &CACHING];
        for id in all.concat() {
            assert!(Model::find(id).is_some(), "{id}");
        }
    }
}
