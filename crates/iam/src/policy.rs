//! Endpoint policies: JSON in, statements out.
//!
//! Source: IAM user guide, "IAM JSON policy elements reference"; PrivateLink guide, "Control access to VPC endpoints
//! using endpoint policies".

use serde_json::{Map, Value};
use sidegate_model::wildcard_covers;

use crate::{Principal, Requirement};

/// Why a policy document is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It is not JSON.
    #[error("The Policy Document is not valid. Syntax error at position ({line},{column})")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// It is JSON, but not a policy.
    #[error("The Policy Document is not valid. {0}")]
    Grammar(String),
    /// It is a policy that needs what is not evaluated yet.
    #[error(
        "The policy uses `{0}`, which Sidegate does not evaluate yet. It is refused rather than ignored; leave it out \
         or use a statement without it."
    )]
    Unsupported(&'static str),
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    statements: Vec<Statement>,
}

/// Whether a statement allows or denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// Patterns that a value must match one of, or none of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Patterns {
    negated: bool,
    patterns: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    effect: Effect,
    principals: Patterns,
    actions: Patterns,
    resources: Patterns,
}

impl Policy {
    /// The policy that an endpoint has when none is given: everyone may do everything.
    pub const DEFAULT: &str = "{\n  \"Version\": \"2008-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \
        \"Allow\",\n      \"Principal\": \"*\",\n      \"Action\": \"*\",\n      \"Resource\": \"*\"\n    }\n  ]\n}";

    /// A policy without statements, which allows nothing.
    pub fn nothing() -> Self {
        Self { statements: Vec::new() }
    }

    /// Parses an endpoint policy.
    ///
    /// # Errors
    /// [`PolicyError`] if it is no policy, or one with elements that are not evaluated yet.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let value: Value = serde_json::from_str(text)
            .map_err(|e| PolicyError::Syntax { line: e.line(), column: e.column().max(1) })?;
        let Value::Object(document) = value else {
            return Err(grammar("A policy is a JSON object"));
        };
        for key in document.keys() {
            if !["Version", "Id", "Statement"].contains(&key.as_str()) {
                return Err(grammar(format!("Unknown element `{key}`")));
            }
        }
        if let Some(version) = document.get("Version")
            && !["2008-10-17", "2012-10-17"].iter().any(|v| version == v)
        {
            return Err(grammar("Version is 2008-10-17 or 2012-10-17"));
        }
        let statements = match document.get("Statement") {
            Some(Value::Array(list)) if !list.is_empty() => list.iter().map(Statement::parse).collect(),
            Some(one @ Value::Object(_)) => Statement::parse(one).map(|s| vec![s]),
            _ => Err(grammar("Statement is missing or empty")),
        }?;
        Ok(Self { statements })
    }

    /// The first statement with this effect that speaks of the request, by its position.
    pub(crate) fn matching(&self, effect: Effect, principal: &Principal, requirement: &Requirement) -> Option<usize> {
        self.statements.iter().position(|s| {
            s.effect == effect
                && s.principals.matches_principal(principal)
                && s.actions.matches(&requirement.action.to_ascii_lowercase())
                && s.resources.matches(&requirement.resource)
        })
    }
}

fn grammar(text: impl Into<String>) -> PolicyError {
    PolicyError::Grammar(text.into())
}

impl Statement {
    fn parse(value: &Value) -> Result<Self, PolicyError> {
        let Value::Object(object) = value else {
            return Err(grammar("A statement is a JSON object"));
        };
        for key in object.keys() {
            match key.as_str() {
                "Sid" | "Effect" | "Principal" | "NotPrincipal" | "Action" | "NotAction" | "Resource"
                | "NotResource" => {}
                "Condition" => return Err(PolicyError::Unsupported("Condition")),
                other => return Err(grammar(format!("Unknown element `{other}` in a statement"))),
            }
        }
        let effect = match object.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return Err(grammar("Effect is Allow or Deny")),
        };
        let mut actions = Patterns::parse(object, "Action", "NotAction", strings)?;
        for action in &mut actions.patterns {
            action.make_ascii_lowercase();
        }
        let resources = Patterns::parse(object, "Resource", "NotResource", strings)?;
        if resources.patterns.iter().any(|r| r.contains("${")) {
            return Err(PolicyError::Unsupported("${...} policy variable"));
        }
        Ok(Self {
            effect,
            principals: Patterns::parse(object, "Principal", "NotPrincipal", principals)?,
            actions,
            resources,
        })
    }
}

impl Patterns {
    fn parse(
        object: &Map<String, Value>, positive: &str, negative: &str,
        list: fn(&str, &Value) -> Result<Vec<String>, PolicyError>,
    ) -> Result<Self, PolicyError> {
        match (object.get(positive), object.get(negative)) {
            (Some(value), None) => Ok(Self { negated: false, patterns: list(positive, value)? }),
            (None, Some(value)) => Ok(Self { negated: true, patterns: list(negative, value)? }),
            _ => Err(grammar(format!("A statement of an endpoint policy has either {positive} or {negative}"))),
        }
    }

    fn matches(&self, text: &str) -> bool {
        self.patterns.iter().any(|pattern| wildcard_covers(pattern, text)) != self.negated
    }

    fn matches_principal(&self, principal: &Principal) -> bool {
        let named = self.patterns.iter().any(|pattern| {
            pattern == "*"
                || principal.account().is_some_and(|a| pattern == a.as_str())
                || principal.arn().is_some_and(|arn| *pattern == arn)
        });
        named != self.negated
    }
}

fn strings(element: &str, value: &Value) -> Result<Vec<String>, PolicyError> {
    let text = |v: &Value| {
        v.as_str().map(str::to_owned).ok_or_else(|| grammar(format!("{element} is a string or a list of strings")))
    };
    match value {
        Value::Array(list) if !list.is_empty() => list.iter().map(text).collect(),
        one => text(one).map(|t| vec![t]),
    }
}

fn principals(element: &str, value: &Value) -> Result<Vec<String>, PolicyError> {
    match value {
        Value::String(all) if all == "*" => Ok(vec!["*".to_owned()]),
        Value::Object(kinds) if !kinds.is_empty() => {
            let mut found = Vec::new();
            for (kind, value) in kinds {
                match kind.as_str() {
                    "AWS" => found.extend(strings(element, value)?),
                    "Service" | "Federated" | "CanonicalUser" => {
                        // Such principals never match a root user or an anonymous one.
                        found.extend(strings(element, value)?.into_iter().map(|name| format!("{kind}:{name}")));
                    }
                    other => return Err(grammar(format!("Unknown kind of principal `{other}`"))),
                }
            }
            Ok(found)
        }
        _ => Err(grammar(format!("{element} is \"*\" or an object"))),
    }
}
