//! What is known of a request: condition keys and their values.
//!
//! Source: IAM user guide, "AWS global condition context keys", "Single-valued vs. multivalued context keys".

use serde::Serialize;

/// The values of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Values {
    /// The value of a single-valued key.
    One(Box<str>),
    /// The values of a multivalued key; there may be none.
    Many(Vec<Box<str>>),
}

impl Values {
    /// The values, however many there are.
    pub fn as_slice(&self) -> &[Box<str>] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// Condition keys with their values. Names of keys are the same in any case, and so are the names of tags in them, as in
/// `aws:PrincipalTag/Team`; values are kept as they are.
///
/// ```
/// use sidegate_iam::Context;
///
/// let context = Context::new().with("aws:SourceVpce", "vpce-1a").with_many("aws:TagKeys", ["team", "cost"]);
/// assert_eq!(context.values("AWS:sourcevpce").map(|v| v.as_slice().len()), Some(1));
/// assert!(context.values("aws:SourceIp").is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// In the order of the keys, which are in lower case.
    entries: Vec<(Box<str>, Values)>,
}

impl Context {
    /// A context without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a single-valued key, or replaces it.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Box<str>>) -> Self {
        self.insert(key, Values::One(value.into()));
        self
    }

    /// Adds a multivalued key, or replaces it. A set without values is not the same as no key when it is shown, but
    /// every operator takes it for one that is missing.
    #[must_use]
    pub fn with_many<V: Into<Box<str>>>(mut self, key: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.insert(key, Values::Many(values.into_iter().map(Into::into).collect()));
        self
    }

    /// Adds a key, or replaces it.
    pub fn insert(&mut self, key: &str, values: Values) {
        let key = key.to_lowercase().into_boxed_str();
        match self.entries.binary_search_by(|(own, _)| own.cmp(&key)) {
            Ok(at) => {
                if let Some((_, own)) = self.entries.get_mut(at) {
                    *own = values;
                }
            }
            Err(at) => self.entries.insert(at, (key, values)),
        }
    }

    /// Adds all keys of another context, which win over those that are there.
    pub fn extend(&mut self, other: &Self) {
        for (key, values) in &other.entries {
            self.insert(key, values.clone());
        }
    }

    /// Without the keys that `leaves_out` says, which is given their names in lower case.
    #[must_use]
    pub fn without(mut self, leaves_out: impl Fn(&str) -> bool) -> Self {
        self.entries.retain(|(key, _)| !leaves_out(key));
        self
    }

    /// The values of a key, whatever the case of its name.
    pub fn values(&self, key: &str) -> Option<&Values> {
        self.folded(&key.to_lowercase())
    }

    /// The values of a key whose name is in lower case.
    pub(crate) fn folded(&self, key: &str) -> Option<&Values> {
        let at = self.entries.binary_search_by(|(own, _)| (**own).cmp(key)).ok()?;
        self.entries.get(at).map(|(_, values)| values)
    }

    /// The keys, in lower case, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Values)> {
        self.entries.iter().map(|(key, values)| (&**key, values))
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_any_case_and_the_last_value_wins() {
        let context = Context::new().with("aws:PrincipalTag/Team", "blue").with("AWS:principaltag/team", "red");
        assert_eq!(context.values("aws:PRINCIPALTAG/TEAM"), Some(&Values::One("red".into())));
        assert_eq!(context.iter().count(), 1);
    }
}
