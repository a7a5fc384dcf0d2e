//! Which models there are.
//!
//! Source: Bedrock user guide, "Supported foundation models in Amazon Bedrock", "Inference request parameters and response
//! fields for foundation models".

use super::profile::Geography::{self, Apac, Au, Eu, Global, Jp, Us};
use super::{EMBEDDING, Family, Model, OWN, READER};

/// A model of Anthropic, which is asked through profiles alone.
const fn claude(id: &'static str, name: &'static str, most_output: u32, geographies: &'static [Geography]) -> Model {
    Model {
        id,
        name,
        provider: "Anthropic",
        family: Family::Anthropic,
        most_output,
        context: 200_000,
        on_demand: false,
        geographies,
    }
}

const fn on_demand(model: Model) -> Model {
    Model { on_demand: true, ..model }
}

const fn amazon(id: &'static str, name: &'static str, family: Family, most_output: u32, context: u32) -> Model {
    Model { id, name, provider: "Amazon", family, most_output, context, on_demand: true, geographies: &[] }
}

const fn nova(id: &'static str, name: &'static str, context: u32) -> Model {
    Model { geographies: &[Us, Eu, Apac], ..amazon(id, name, Family::Nova, 10_000, context) }
}

const fn llama(id: &'static str, name: &'static str, context: u32) -> Model {
    Model {
        id,
        name,
        provider: "Meta",
        family: Family::Llama,
        most_output: 2048,
        context,
        on_demand: true,
        geographies: &[],
    }
}

const fn llama_by_profile(id: &'static str, name: &'static str) -> Model {
    Model { on_demand: false, geographies: &[Us], ..llama(id, name, 128_000) }
}

/// A model whose bodies are not understood here.
const fn other(id: &'static str, name: &'static str, provider: &'static str, context: u32) -> Model {
    Model { provider, ..amazon(id, name, Family::Other, 4096, context) }
}

const fn other_by_profile(id: &'static str, name: &'static str, provider: &'static str) -> Model {
    Model { on_demand: false, geographies: &[Us], ..other(id, name, provider, 128_000) }
}

const fn other_embedding(id: &'static str, name: &'static str, provider: &'static str) -> Model {
    Model { provider, ..amazon(id, name, Family::OtherEmbedding, 0, 8192) }
}

const fn own(id: &'static str, name: &'static str, family: Family) -> Model {
    Model { provider: OWN, ..amazon(id, name, family, 4096, 2_000_000) }
}
/// All of them.
pub(super) const MODELS: &[Model] = &[
    amazon("amazon.titan-text-lite-v1", "Titan Text G1 - Lite", Family::TitanText, 4096, 4096),
    amazon("amazon.titan-text-express-v1", "Titan Text G1 - Express", Family::TitanText, 8192, 8192),
    amazon("amazon.titan-text-premier-v1:0", "Titan Text Premier", Family::TitanText, 3072, 32_000),
    amazon("amazon.titan-embed-text-v1", "Titan Embeddings G1", Family::TitanEmbedding, 0, 8192),
    amazon("amazon.titan-embed-text-v2:0", "Titan Embeddings V2", Family::TitanEmbeddingV2, 0, 8192),
    other_embedding("amazon.titan-embed-image-v1", "Titan Multimodal Embed", "Amazon"),
    nova("amazon.nova-micro-v1:0", "Nova Micro", 128_000),
    nova("amazon.nova-lite-v1:0", "Nova Lite", 300_000),
    nova("amazon.nova-pro-v1:0", "Nova Pro", 300_000),
    Model {
        on_demand: false,
        geographies: &[Us],
        ..amazon("amazon.nova-premier-v1:0", "Nova Premier", Family::Nova, 10_000, 1_000_000)
    },
    Model {
        on_demand: false,
        geographies: &[Us, Eu, Jp, Global],
        ..amazon("amazon.nova-2-lite-v1:0", "Nova 2 Lite", Family::Nova, 65_535, 1_000_000)
    },
    on_demand(claude("anthropic.claude-3-opus-20240229-v1:0", "Claude 3 Opus", 4096, &[Us])),
    on_demand(claude("anthropic.claude-3-haiku-20240307-v1:0", "Claude 3 Haiku", 4096, &[Us, Eu, Apac])),
    on_demand(claude("anthropic.claude-3-sonnet-20240229-v1:0", "Claude 3 Sonnet", 4096, &[Us, Eu, Apac])),
    on_demand(claude("anthropic.claude-3-5-sonnet-20240620-v1:0", "Claude 3.5 Sonnet", 8192, &[Us, Eu, Apac])),
    claude("anthropic.claude-3-5-sonnet-20241022-v2:0", "Claude 3.5 Sonnet v2", 8192, &[Us, Apac]),
    claude("anthropic.claude-3-5-haiku-20241022-v1:0", "Claude 3.5 Haiku", 8192, &[Us]),
    claude("anthropic.claude-3-7-sonnet-20250219-v1:0", "Claude 3.7 Sonnet", 64_000, &[Us, Eu, Apac]),
    claude("anthropic.claude-sonnet-4-20250514-v1:0", "Claude Sonnet 4", 64_000, &[Us, Eu, Apac, Global]),
    claude("anthropic.claude-opus-4-20250514-v1:0", "Claude Opus 4", 32_000, &[Us]),
    claude("anthropic.claude-opus-4-1-20250805-v1:0", "Claude Opus 4.1", 32_000, &[Us]),
    claude("anthropic.claude-sonnet-4-5-20250929-v1:0", "Claude Sonnet 4.5", 64_000, &[Us, Eu, Jp, Au, Global]),
    claude("anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5", 64_000, &[Us, Eu, Jp, Au, Global]),
    claude("anthropic.claude-opus-4-5-20251101-v1:0", "Claude Opus 4.5", 64_000, &[Us, Eu, Global]),
    llama("meta.llama3-8b-instruct-v1:0", "Llama 3 8B Instruct", 8192),
    llama("meta.llama3-70b-instruct-v1:0", "Llama 3 70B Instruct", 8192),
    llama_by_profile("meta.llama3-1-8b-instruct-v1:0", "Llama 3.1 8B"),
    llama_by_profile("meta.llama3-1-70b-instruct-v1:0", "Llama 3.1 70B"),
    llama_by_profile("meta.llama3-2-1b-instruct-v1:0", "Llama 3.2 1B"),
    llama_by_profile("meta.llama3-2-3b-instruct-v1:0", "Llama 3.2 3B"),
    llama_by_profile("meta.llama3-3-70b-instruct-v1:0", "Llama 3.3 70B"),
    other_by_profile("meta.llama3-2-11b-instruct-v1:0", "Llama 3.2 11B", "Meta"),
    other_by_profile("meta.llama4-scout-17b-instruct-v1:0", "Llama 4 Scout 17B", "Meta"),
    other_by_profile("deepseek.r1-v1:0", "DeepSeek-R1", "DeepSeek"),
    other("mistral.mistral-7b-instruct-v0:2", "Mistral 7B Instruct", "Mistral AI", 32_000),
    other("mistral.mistral-large-2402-v1:0", "Mistral Large (24.02)", "Mistral AI", 32_000),
    other("cohere.command-r-v1:0", "Command R", "Cohere", 128_000),
    other("cohere.command-r-plus-v1:0", "Command R+", "Cohere", 128_000),
    other_embedding("cohere.embed-english-v3", "Embed English", "Cohere"),
    other_embedding("cohere.embed-multilingual-v3", "Embed Multilingual", "Cohere"),
    other("openai.gpt-oss-20b-1:0", "gpt-oss-20b", "OpenAI", 128_000),
    other("openai.gpt-oss-120b-1:0", "gpt-oss-120b", "OpenAI", 128_000),
    own(READER, "Extractive Reader", Family::Nova),
    own(EMBEDDING, "Hash Embedding", Family::TitanEmbeddingV2),
];
