//! What identifiers look like, as the API models have it.
//!
//! Source: the API models of `bedrock` and `bedrock-runtime`.

use std::sync::LazyLock;

use regex::Regex;

use crate::constraint::Constraint;

/// A pattern of the API model.
pub(super) struct Pattern {
    text: &'static str,
    compiled: LazyLock<Option<Regex>>,
}

macro_rules! pattern {
    ($text:expr) => {{
        const TEXT: &str = $text;
        Pattern { text: TEXT, compiled: LazyLock::new(|| Regex::new(&format!("^(?:{TEXT})$")).ok()) }
    }};
}

/// `ConversationalModelId`
pub(super) static MODEL: Pattern = pattern!(
    "(arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:(([0-9]{12}:custom-model/[a-z0-9-]{1,63}[.]{1}[a-z0-9-]{1,63}/[a-z0-9]{12})|\
     (:foundation-model/[a-z0-9-]{1,63}[.]{1}[a-z0-9-]{1,63}([.:]?[a-z0-9-]{1,63}))|([0-9]{12}:imported-model/[a-z0-9]{12})|\
     ([0-9]{12}:provisioned-model/[a-z0-9]{12})|([0-9]{12}:custom-model-deployment/[a-z0-9]{12})|\
     ([0-9]{12}:(inference-profile|application-inference-profile)/[a-zA-Z0-9-:.]+)))|\
     ([a-z0-9-]{1,63}[.]{1}[a-z0-9-]{1,63}([.:]?[a-z0-9-]{1,63}))|(([0-9a-zA-Z][_-]?)+)|([a-zA-Z0-9-:.]+)|\
     (^(arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:prompt/[0-9a-zA-Z]{10}(?::[0-9]{1,5})?))$|\
     (^arn:aws:sagemaker:[a-z0-9-]+:[0-9]{12}:endpoint/[a-zA-Z0-9-]+$)|\
     (^arn:aws(-[^:]+)?:bedrock:([0-9a-z-]{1,20}):([0-9]{12}):(default-)?prompt-router/[a-zA-Z0-9-:.]+$)"
);

/// `FoundationModelVersionIdentifier`
pub(super) static COUNTED_MODEL: Pattern = pattern!(r"[a-zA-Z_\.\-/0-9:]+");

/// `GetFoundationModelIdentifier`
pub(super) static FOUNDATION_MODEL: Pattern = pattern!(
    "(arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}::foundation-model/[a-z0-9-]{1,63}[.]{1}([a-z0-9-]{1,63}[.]){0,2}\
     [a-z0-9-]{1,63}([:][a-z0-9-]{1,63}){0,2})|\
     ([a-z0-9-]{1,63}[.]{1}[a-z0-9-]{1,63}([.]?[a-z0-9-]{1,63})([:][a-z0-9-]{1,63}){0,2})"
);

/// `BedrockModelId`
pub(super) static MODEL_ID: Pattern = pattern!(
    "[a-z0-9-]{1,63}[.]{1}[a-z0-9-]{1,63}([a-z0-9-]{1,63}[.]){0,2}[a-z0-9-]{1,63}([:][a-z0-9-]{1,63}){0,2}(/[a-z0-9]{12}|)"
);

/// `InferenceProfileIdentifier`
pub(super) static PROFILE: Pattern = pattern!(
    "(arn:aws(|-us-gov|-cn|-iso|-iso-b):bedrock:(|[0-9a-z-]{0,20}):(|[0-9]{12}):\
     (inference-profile|application-inference-profile)/)?[a-zA-Z0-9-:.]+"
);

/// `GuardrailIdentifier`
pub(super) static GUARDRAIL: Pattern =
    pattern!("(([a-z0-9]+)|(arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:guardrail/[a-z0-9]+))");

/// `Provider`
pub(super) static PROVIDER: Pattern = pattern!("[A-Za-z0-9- ]{1,63}");

impl Pattern {
    /// Checks a text.
    ///
    /// # Errors
    /// [`Constraint`] if it is not of the pattern.
    pub(super) fn check(&self, member: &'static str, text: &str) -> Result<(), Constraint> {
        match self.compiled.as_ref() {
            Some(pattern) if !pattern.is_match(text) => {
                let pattern = self.text;
                Err(Constraint::of(text, member, format!("Member must satisfy regular expression pattern: {pattern}")))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bedrock::catalog::{Model, Profile};

    #[test]
    fn every_model_and_profile_that_there_is_has_an_identifier_of_the_patterns() {
        let all = [&MODEL, &COUNTED_MODEL, &FOUNDATION_MODEL, &MODEL_ID, &PROFILE, &GUARDRAIL, &PROVIDER];
        assert!(all.iter().all(|own| own.compiled.is_some()));
        for model in Model::all() {
            for pattern in [&MODEL, &COUNTED_MODEL, &FOUNDATION_MODEL, &MODEL_ID] {
                pattern.check("id", model.id).unwrap();
            }
            for pattern in [&MODEL, &COUNTED_MODEL, &FOUNDATION_MODEL] {
                pattern.check("id", &model.arn("us-east-1")).unwrap();
            }
            PROVIDER.check("id", model.provider).unwrap();
        }
        for profile in Profile::all("us-east-1".parse().unwrap()) {
            let arn = format!("arn:aws:bedrock:us-east-1:111122223333:inference-profile/{}", profile.id());
            for id in [profile.id(), arn] {
                MODEL.check("id", &id).unwrap();
                PROFILE.check("id", &id).unwrap();
            }
        }
    }

    #[test]
    fn other_identifiers_are_refused() {
        for other in ["a b", "a/b", "é.b", "arn:aws:bedrock:us-east-1:1:inference-profile/a", "a.b\n"] {
            assert!(MODEL.check("modelId", other).is_err(), "{other}");
            assert!(FOUNDATION_MODEL.check("modelIdentifier", other).is_err(), "{other}");
        }
        assert!(MODEL_ID.check("modelId", "arn:aws:bedrock:us-east-1::foundation-model/a.b").is_err());
        assert!(GUARDRAIL.check("guardrailIdentifier", "A").is_err());
        assert!(PROVIDER.check("byProvider", &"a".repeat(64)).is_err() && PROVIDER.check("byProvider", "A!").is_err());
    }
}
