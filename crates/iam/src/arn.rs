//! ARNs of requests and patterns of ARNs in policies, compared part by part.
//!
//! Source: IAM user guide, "IAM JSON policy elements: Resource" (a wildcard stands for text within a part; at the end of
//! the last one it goes beyond colons), "IAM ARNs" (an incomplete ARN is completed with `*`).

use crate::lookup::Lookup;
use crate::pattern::{Matching, Pattern, Reading};

/// The parts of an ARN after `arn`: partition, service, Region, account and resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArnParts<'a> {
    pub(crate) text: &'a str,
    parts: Option<[&'a str; 5]>,
}

impl<'a> ArnParts<'a> {
    /// Splits a text, which may be no ARN.
    pub(crate) fn of(text: &'a str) -> Self {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next();
        let parts = match (next(), next(), next(), next(), next(), next()) {
            (Some("arn"), Some(partition), Some(service), Some(region), Some(account), Some(resource)) => {
                Some([partition, service, region, account, resource])
            }
            _ => None,
        };
        Self { text, parts }
    }

    pub(crate) fn partition(&self) -> Option<&'a str> {
        self.parts.map(|[partition, ..]| partition)
    }

    pub(crate) fn service(&self) -> Option<&'a str> {
        self.parts.map(|[_, service, ..]| service)
    }

    pub(crate) fn account(&self) -> Option<&'a str> {
        self.parts.map(|[_, _, _, account, _]| account)
    }

    pub(crate) fn resource(&self) -> Option<&'a str> {
        self.parts.map(|[.., resource]| resource)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// `*`.
    Everything,
    /// The parts after `arn`; what is missing at the end is `*`.
    Parts { parts: Box<[Pattern; 5]>, variables: bool },
    /// It begins with a variable, so that its parts are known only with the variable's value.
    Whole(Pattern),
    /// It is no ARN.
    Nothing,
}

/// A pattern of an ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ArnPattern {
    form: Form,
}

/// Where a pattern of an ARN stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArnPlace {
    /// In `Resource`: variables only after the fifth colon.
    Resource,
    /// In a condition: variables anywhere.
    Condition,
}

impl ArnPattern {
    pub(crate) fn new(text: &str, variables: bool, place: ArnPlace) -> Self {
        let reading = |variables| Reading { wildcards: true, variables };
        if !text.is_empty() && text.bytes().all(|b| b == b'*') {
            return Self { form: Form::Everything };
        }
        if variables && place == ArnPlace::Condition && text.starts_with("${") {
            return Self { form: Form::Whole(Pattern::new(text, reading(true))) };
        }
        let mut parts = parts(text, variables).into_iter();
        if parts.next() != Some("arn") {
            return Self { form: Form::Nothing };
        }
        let mut part = |last: bool| {
            let text = parts.next().unwrap_or("*");
            Pattern::new(text, reading(variables && (last || place == ArnPlace::Condition)))
        };
        let parts = Box::new([part(false), part(false), part(false), part(false), part(true)]);
        let variables = parts.iter().any(Pattern::has_variables);
        Self { form: Form::Parts { parts, variables } }
    }

    pub(crate) fn is_arn_or_everything(&self) -> bool {
        self.form != Form::Nothing
    }

    pub(crate) fn matches(&self, arn: &ArnParts<'_>, lookup: &Lookup<'_>) -> Matching {
        match &self.form {
            Form::Everything => Matching::Yes,
            Form::Nothing => Matching::No,
            Form::Whole(pattern) if arn.parts.is_some() => pattern.matches(arn.text, lookup),
            Form::Whole(_) => Matching::No,
            Form::Parts { parts: own, variables } => {
                let Some(parts) = &arn.parts else { return Matching::No };
                let mut matching = Matching::Yes;
                // The resource tells most ARNs apart.
                for (pattern, part) in own.iter().zip(parts).rev() {
                    match pattern.matches(part, lookup) {
                        Matching::Yes => {}
                        Matching::No if *variables => matching = Matching::No,
                        Matching::No => return Matching::No,
                        // Without a value for a variable nothing is said, even if another part would not match.
                        Matching::Unresolved => return Matching::Unresolved,
                    }
                }
                matching
            }
        }
    }

    /// The keys of the variables, as they are written.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        let patterns = match &self.form {
            Form::Parts { parts, .. } => parts.as_slice(),
            Form::Whole(pattern) => std::slice::from_ref(pattern),
            Form::Everything | Form::Nothing => &[],
        };
        patterns.iter().flat_map(Pattern::variables)
    }

    /// The keys of the variables that have no value.
    pub(crate) fn unresolved<'a>(&'a self, lookup: &Lookup<'_>) -> Vec<&'a str> {
        match &self.form {
            Form::Parts { parts, variables: true } => parts.iter().flat_map(|part| part.unresolved(lookup)).collect(),
            Form::Whole(pattern) => pattern.unresolved(lookup),
            Form::Parts { .. } | Form::Everything | Form::Nothing => Vec::new(),
        }
    }
}

/// Splits at the first five colons that are in no variable.
fn parts(text: &str, variables: bool) -> Vec<&str> {
    let mut parts = Vec::with_capacity(6);
    let (mut start, mut inside) = (0, false);
    for (at, character) in text.char_indices() {
        let opens =
            variables && character == '$' && text.get(at..).is_some_and(|t| t.starts_with("${") && t.contains('}'));
        match character {
            '$' if opens => inside = true,
            '}' => inside = false,
            ':' if !inside && parts.len() < 5 => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests;
