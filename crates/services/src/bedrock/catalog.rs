//! The foundation models that can be asked for, and the inference profiles that lead to them.
//!
//! They are the well-known ones of the families whose bodies are understood, some of others, to which nobody has access, and
//! two of Sidegate's own. Every one is there in every Region; which of AWS's are in which is not told here.
//!
//! Source: Bedrock user guide, "Supported foundation models in Amazon Bedrock", "Supported Regions and models for
//! inference profiles", "Inference request parameters and response fields for foundation models".

use sidegate_model::Region;

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
    /// Source: Anthropic API reference, "Prefill Claude's response".
    pub(super) fn takes_prefill(self) -> bool {
        self == Self::Anthropic
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

/// Where an inference profile may have a request answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Geography {
    Us,
    Eu,
    Apac,
    Jp,
    Au,
    Global,
}

use Geography::{Apac, Au, Eu, Global, Jp, Us};

impl Geography {
    /// What the ids of its profiles begin with.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Us => "us",
            Eu => "eu",
            Apac => "apac",
            Jp => "jp",
            Au => "au",
            Global => "global",
        }
    }

    /// What the names of its profiles begin with.
    fn word(self) -> &'static str {
        match self {
            Us => "US",
            Eu => "EU",
            Apac => "APAC",
            Jp => "JP",
            Au => "AU",
            Global => "Global",
        }
    }

    /// The Regions in which it has requests answered; a global profile names none.
    fn regions(self) -> &'static [&'static str] {
        match self {
            Us => &["us-east-1", "us-east-2", "us-west-2"],
            Eu => &["eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"],
            Apac => &["ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2"],
            Jp => &["ap-northeast-1", "ap-northeast-3"],
            Au => &["ap-southeast-2", "ap-southeast-4"],
            Global => &[],
        }
    }

    /// Whether its profiles can be asked in a Region.
    fn is_asked_in(self, region: Region) -> bool {
        match self {
            Us => region.as_str().starts_with("us-"),
            Eu => region.as_str().starts_with("eu-"),
            Apac => region.as_str().starts_with("ap-"),
            Jp | Au => self.regions().contains(&region.as_str()),
            Global => true,
        }
    }
}

/// An inference profile that AWS defines, as it is in one Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Profile {
    geography: Geography,
    pub(super) model: &'static Model,
}

/// A model behind a profile: its ARN, and the Region in which it answers, if it is one.
pub(super) struct Destination {
    pub(super) arn: String,
    pub(super) region: Option<&'static str>,
}

impl Profile {
    /// All of a Region, in the order of their models.
    pub(super) fn all(region: Region) -> impl Iterator<Item = Self> {
        MODELS.iter().flat_map(move |model| {
            let here = model.geographies.iter().filter(move |geography| geography.is_asked_in(region));
            here.map(move |geography| Self { geography: *geography, model })
        })
    }

    /// The one with this id.
    pub(super) fn find(region: Region, id: &str) -> Option<Self> {
        let (prefix, model) = id.split_once('.')?;
        Self::all(region).find(|own| own.geography.prefix() == prefix && own.model.id == model)
    }

    /// Its id, such as `us.anthropic.claude-3-haiku-20240307-v1:0`.
    pub(super) fn id(&self) -> String {
        format!("{}.{}", self.geography.prefix(), self.model.id)
    }

    /// Its name, such as `US Anthropic Claude 3 Haiku`.
    pub(super) fn name(&self) -> String {
        let word = self.geography.word();
        match self.model.provider {
            "Amazon" => format!("{word} {}", self.model.name),
            provider => format!("{word} {provider} {}", self.model.name),
        }
    }

    /// What it does, in a sentence.
    pub(super) fn description(&self) -> String {
        let Model { provider, name, .. } = self.model;
        match self.geography {
            Global => format!("Routes requests to {provider} {name} globally across all supported AWS Regions."),
            geography => format!("Routes requests to {provider} {name} in {}.", geography.regions().join(", ")),
        }
    }

    /// The models that it leads to.
    pub(super) fn destinations(&self, source: Region) -> Vec<Destination> {
        let at = |region: &'static str| Destination { arn: self.model.arn(region), region: Some(region) };
        match self.geography {
            // Source: Bedrock user guide, "Global cross-Region inference": the model of the source Region, and one
            // whose ARN has no Region.
            Global => vec![at(source.as_str()), Destination { arn: self.model.arn(""), region: None }],
            geography => geography.regions().iter().map(|region| at(region)).collect(),
        }
    }
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

const MODELS: &[Model] = &[
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

    #[test]
    fn profiles_are_those_of_the_geography_of_a_region_and_lead_to_its_regions() {
        let here: Region = "us-east-1".parse().unwrap();
        let profile = Profile::find(here, "us.anthropic.claude-3-haiku-20240307-v1:0").unwrap();
        assert_eq!(profile.name(), "US Anthropic Claude 3 Haiku");
        let arns: Vec<_> = profile.destinations(here).into_iter().map(|own| own.arn).collect();
        assert_eq!(arns[1], "arn:aws:bedrock:us-east-2::foundation-model/anthropic.claude-3-haiku-20240307-v1:0");
        assert_eq!(Profile::find("eu-west-1".parse().unwrap(), &profile.id()), None);
        let japan = "jp.anthropic.claude-sonnet-4-5-20250929-v1:0";
        assert!(Profile::find("ap-northeast-1".parse().unwrap(), japan).is_some());
        assert_eq!(Profile::find("ap-southeast-2".parse().unwrap(), japan), None);
        let global = Profile::find(here, "global.anthropic.claude-sonnet-4-5-20250929-v1:0").unwrap();
        assert_eq!(global.destinations(here).len(), 2);
        // GovCloud is another partition, whose Regions are not emulated.
        assert!("us-gov-west-1".parse::<Region>().is_err());
        assert_eq!(Profile::find(here, "us-gov.anthropic.claude-3-haiku-20240307-v1:0"), None);
        for profile in Profile::all(here) {
            assert!(profile.name().len() <= 64 && profile.description().len() <= 200, "{}", profile.id());
        }
    }
}
