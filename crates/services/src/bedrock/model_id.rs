//! What a request names by `modelId`: a foundation model or an inference profile, by id or ARN; and what asking it
//! requires.

use sidegate_iam::Requirement;
use sidegate_model::Scope;

use super::catalog::{Model, Profile};
use super::fault::Fault;
use super::pattern;
use crate::constraint;

/// A model that can be asked, by the name that a request has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) model: &'static Model,
    /// The inference profile that leads to it.
    pub(super) profile: Option<Profile>,
}

/// The longest identifier, in characters.
///
/// Source: the API model of `bedrock-runtime`: `ConversationalModelId`.
const LONGEST: usize = 2048;

/// The kinds of resources that can be asked on AWS and of which there are none here.
const NONE: [&str; 8] = [
    "application-inference-profile/",
    "custom-model/",
    "custom-model-deployment/",
    "default-prompt-router/",
    "imported-model/",
    "prompt-router/",
    "prompt/",
    "provisioned-model/",
];

impl Target {
    /// What is asked by an identifier.
    ///
    /// # Errors
    /// A [`Fault`] in Bedrock's words if there is no such model here, or it cannot be asked by this name.
    pub(super) fn parse(text: &str, scope: &Scope) -> Result<Self, Fault> {
        constraint::length("modelId", text, 1, LONGEST)?;
        pattern::MODEL.check("modelId", text)?;
        let target = if text.starts_with("arn:") { Self::of_arn(text, scope) } else { Self::of_id(text, scope) }?;
        if target.model.family.is_understood() { Ok(target) } else { Err(Fault::NoAccess) }
    }

    /// The model whose tokens are counted, which is named by its own id or ARN, whether or not it can be asked by it.
    ///
    /// Sources: Bedrock API reference, "CountTokens"; errors that users quote, see docs/claims.md.
    ///
    /// # Errors
    /// A [`Fault`] if there is no such model.
    pub(super) fn counted(text: &str, scope: &Scope) -> Result<Self, Fault> {
        constraint::length("modelId", text, 1, 256)?;
        pattern::COUNTED_MODEL.check("modelId", text)?;
        let own = format!("arn:aws:bedrock:{}::foundation-model/", scope.region);
        let model = Model::find(text.strip_prefix(&own).unwrap_or(text)).ok_or_else(Fault::no_model)?;
        if !model.counts_tokens() {
            return Err(Fault::uncounted());
        }
        Ok(Self { model, profile: None })
    }

    fn of_arn(arn: &str, scope: &Scope) -> Result<Self, Fault> {
        let mut parts = arn.splitn(6, ':').skip(1);
        let (Some(_), Some(service), Some(region), Some(account), Some(resource)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Fault::no_model());
        };
        if service == "sagemaker" || NONE.iter().any(|kind| resource.starts_with(kind)) {
            return Err(Fault::NotFound("The specified resource ARN was not found.".to_owned()));
        }
        if service != "bedrock" || region != scope.region.as_str() {
            return Err(Fault::no_model());
        }
        match resource.split_once('/') {
            Some(("foundation-model", id)) if account.is_empty() => Self::of_model(id),
            Some(("inference-profile", id)) if account == scope.account.as_str() => {
                Self::of_profile(id, scope).ok_or_else(Fault::no_model)
            }
            _ => Err(Fault::no_model()),
        }
    }

    fn of_id(id: &str, scope: &Scope) -> Result<Self, Fault> {
        match Self::of_profile(id, scope) {
            Some(target) => Ok(target),
            None => Self::of_model(id),
        }
    }

    fn of_profile(id: &str, scope: &Scope) -> Option<Self> {
        let profile = Profile::find(scope.region, id)?;
        Some(Self { model: profile.model, profile: Some(profile) })
    }

    fn of_model(id: &str) -> Result<Self, Fault> {
        if let Some(model) = Model::find(id).filter(|model| model.on_demand) {
            return Ok(Self { model, profile: None });
        }
        // A version with its context length at the end can be asked with provisioned throughput alone.
        let base = id.rsplit_once(':').map_or(id, |(base, _)| base);
        if Model::find(id).is_some() || Model::find(base).is_some() {
            return Err(Fault::Validation(format!(
                "Invocation of model ID {id} with on-demand throughput isn\u{2019}t supported. Retry your request with \
                 the ID or ARN of an inference profile that contains this model."
            )));
        }
        Err(Fault::no_model())
    }

    /// What asking it requires: the action on the model, or on the profile and on the model in every Region to which it
    /// may lead.
    ///
    /// Sources: Service authorization reference, "Actions, resources, and condition keys for Amazon Bedrock"; Bedrock
    /// user guide, "Prerequisites for inference profiles".
    pub(super) fn requirements(&self, action: &str, scope: &Scope) -> Vec<Requirement> {
        let Some(profile) = self.profile else {
            return vec![Requirement::new(action, self.model.arn(scope.region.as_str()))];
        };
        let arn = profile_arn(&profile, scope);
        let mut requirements = vec![Requirement::new(action, arn.clone())];
        for destination in profile.destinations(scope.region) {
            let requirement = Requirement::new(action, destination.arn);
            let region = destination.region.unwrap_or("unspecified");
            let requirement = requirement.with("bedrock:InferenceProfileArn", arn.as_str());
            requirements.push(requirement.with("aws:RequestedRegion", region));
        }
        requirements
    }

    /// The names that a server is looked up by: that of the profile before that of the model.
    pub(super) fn names(&self) -> Vec<String> {
        let profile = self.profile.map(|profile| profile.id());
        profile.into_iter().chain([self.model.id.to_owned()]).collect()
    }
}

/// The ARN of an inference profile.
pub(super) fn profile_arn(profile: &Profile, scope: &Scope) -> String {
    format!("arn:aws:bedrock:{}:{}:inference-profile/{}", scope.region, scope.account, profile.id())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope { account: "111122223333".parse().unwrap(), region: "us-east-1".parse().unwrap() }
    }

    fn told(text: &str) -> String {
        match Target::parse(text, &scope()) {
            Ok(target) => target.names().join(" < "),
            Err(fault) => format!("{}: {fault}", fault.code()),
        }
    }

    #[test]
    fn models_and_profiles_are_named_by_id_and_by_arn() {
        let haiku = "anthropic.claude-3-haiku-20240307-v1:0";
        assert_eq!(told(haiku), haiku);
        assert_eq!(told(&format!("arn:aws:bedrock:us-east-1::foundation-model/{haiku}")), haiku);
        let profile = format!("us.{haiku} < {haiku}");
        assert_eq!(told(&format!("us.{haiku}")), profile);
        assert_eq!(told(&format!("arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.{haiku}")), profile);
    }

    #[test]
    fn what_cannot_be_asked_is_refused_in_the_words_of_bedrock() {
        let invalid = "ValidationException: The provided model identifier is invalid.";
        for id in [
            "nobody.model-v1",
            "eu.anthropic.claude-3-haiku-20240307-v1:0",
            "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
            "arn:aws:bedrock:us-east-1:444455556666:inference-profile/us.anthropic.claude-3-haiku-20240307-v1:0",
            "arn:aws:bedrock",
            "..",
        ] {
            assert_eq!(told(id), invalid, "{id}");
        }
        for id in ["anthropic.claude-3-7-sonnet-20250219-v1:0", "anthropic.claude-3-haiku-20240307-v1:0:48k"] {
            assert!(told(id).contains("with on-demand throughput isn\u{2019}t supported"), "{id}");
        }
        for id in ["cohere.command-r-v1:0", "us.deepseek.r1-v1:0", "amazon.titan-embed-image-v1"] {
            assert!(told(id).starts_with("AccessDeniedException: You don't have access"), "{id}");
        }
        let none = "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdefghijkl";
        assert!(told(none).starts_with("ResourceNotFoundException"), "{}", told(none));
        assert!(told("").contains("at 'modelId' failed to satisfy constraint"), "{}", told(""));
    }

    #[test]
    fn a_profile_requires_the_model_of_every_region_as_well() {
        let target = Target::parse("us.amazon.nova-lite-v1:0", &scope()).unwrap();
        let asked = target.requirements("bedrock:InvokeModel", &scope());
        let resources: Vec<_> = asked.iter().map(|own| own.resource.as_str()).collect();
        assert_eq!(
            resources,
            [
                "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-lite-v1:0",
                "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
                "arn:aws:bedrock:us-east-2::foundation-model/amazon.nova-lite-v1:0",
                "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-lite-v1:0",
            ]
        );
    }
}
