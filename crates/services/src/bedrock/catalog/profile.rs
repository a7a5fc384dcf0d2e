//! Inference profiles that AWS defines, and where they have requests answered.
//!
//! Source: Bedrock user guide, "Supported Regions and models for inference profiles".

use sidegate_model::Region;

use super::Model;
use super::models::MODELS;
use Geography::{Apac, Au, Eu, Global, Jp, Us};

/// Where an inference profile may have a request answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bedrock) enum Geography {
    Us,
    Eu,
    Apac,
    Jp,
    Au,
    Global,
}

impl Geography {
    /// What the ids of its profiles begin with.
    pub(in crate::bedrock) fn prefix(self) -> &'static str {
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

/// The days on which models were announced whose ids tell none.
const ANNOUNCED: [(&str, &str); 7] = [
    ("amazon.nova-2", "20251202"),
    ("amazon.nova-premier", "20250430"),
    ("amazon.nova", "20241203"),
    ("meta.llama3-2", "20240925"),
    ("meta.llama3-3", "20241219"),
    ("meta.llama4", "20250428"),
    ("deepseek.r1", "20250310"),
];

/// An inference profile that AWS defines, as it is in one Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bedrock) struct Profile {
    geography: Geography,
    pub(in crate::bedrock) model: &'static Model,
}

/// A model behind a profile: its ARN, and the Region in which it answers, if it is one.
pub(in crate::bedrock) struct Destination {
    pub(in crate::bedrock) arn: String,
    pub(in crate::bedrock) region: Option<&'static str>,
}

impl Profile {
    /// All of a Region, in the order of their models.
    pub(in crate::bedrock) fn all(region: Region) -> impl Iterator<Item = Self> {
        MODELS.iter().flat_map(move |model| {
            let here = model.geographies.iter().filter(move |geography| geography.is_asked_in(region));
            here.map(move |geography| Self { geography: *geography, model })
        })
    }

    /// The one with this id.
    pub(in crate::bedrock) fn find(region: Region, id: &str) -> Option<Self> {
        let (prefix, model) = id.split_once('.')?;
        Self::all(region).find(|own| own.geography.prefix() == prefix && own.model.id == model)
    }

    /// Its id, such as `us.anthropic.claude-3-haiku-20240307-v1:0`.
    pub(in crate::bedrock) fn id(&self) -> String {
        format!("{}.{}", self.geography.prefix(), self.model.id)
    }

    /// Its name, such as `US Anthropic Claude 3 Haiku`.
    pub(in crate::bedrock) fn name(&self) -> String {
        format!("{} {}", self.geography.word(), self.model_name())
    }

    /// What it does, in a sentence.
    pub(in crate::bedrock) fn description(&self) -> String {
        let name = self.model_name();
        match (self.geography, self.geography.regions().split_last()) {
            (Global, _) | (_, None) => format!("Routes requests to {name} globally across all supported AWS Regions."),
            (_, Some((last, []))) => format!("Routes requests to {name} in {last}."),
            (_, Some((last, others))) => format!("Routes requests to {name} in {} and {last}.", others.join(", ")),
        }
    }

    /// The name of the model with who provides it, unless that is Amazon.
    fn model_name(&self) -> String {
        match self.model {
            Model { provider: "Amazon", name, .. } => (*name).to_owned(),
            Model { provider, name, .. } => format!("{provider} {name}"),
        }
    }

    /// When it was made: as its model was, which the ids of some tell, and not before there were profiles.
    ///
    /// Source: AWS, "What's new", for profiles and for models whose ids tell no day.
    pub(in crate::bedrock) fn created(&self) -> String {
        const FIRST: &str = "20240826";
        let told = self.model.id.split('-').find(|part| part.len() == 8 && part.bytes().all(|b| b.is_ascii_digit()));
        let announced = ANNOUNCED.iter().find(|(start, _)| self.model.id.starts_with(start)).map(|(_, day)| *day);
        let day = told.or(announced).unwrap_or(FIRST).max(FIRST);
        let part = |range: std::ops::Range<usize>| day.get(range).unwrap_or_default();
        format!("{}-{}-{}T00:00:00Z", part(0..4), part(4..6), part(6..8))
    }

    /// The models that it leads to.
    pub(in crate::bedrock) fn destinations(&self, source: Region) -> Vec<Destination> {
        let at = |region: &'static str| Destination { arn: self.model.arn(region), region: Some(region) };
        match self.geography {
            // Source: Bedrock user guide, "Global cross-Region inference": the model of the source Region, and one
            // whose ARN has no Region.
            Global => vec![at(source.as_str()), Destination { arn: self.model.arn(""), region: None }],
            geography => geography.regions().iter().map(|region| at(region)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_those_of_the_geography_of_a_region_and_lead_to_its_regions() {
        let here: Region = "us-east-1".parse().unwrap();
        let profile = Profile::find(here, "us.anthropic.claude-3-haiku-20240307-v1:0").unwrap();
        assert_eq!(profile.name(), "US Anthropic Claude 3 Haiku");
        let described = "Routes requests to Anthropic Claude 3 Haiku in us-east-1, us-east-2 and us-west-2.";
        assert_eq!((profile.description().as_str(), profile.created().as_str()), (described, "2024-08-26T00:00:00Z"));
        let nova = Profile::find(here, "us.amazon.nova-lite-v1:0").unwrap();
        assert!(nova.description().starts_with("Routes requests to Nova Lite in"), "{}", nova.description());
        assert_eq!(nova.created(), "2024-12-03T00:00:00Z");
        assert!(Profile::all(here).any(|own| own.created() == "2025-09-29T00:00:00Z"));
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
