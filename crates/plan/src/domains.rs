//! The domains that names lie below: whether a name exists because others do.

use imbl::OrdMap;

/// The domains above names, each with how many of the names lie below it. It is kept beside the names, so that whether a
/// name exists that has no record itself is known without looking at all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domains(OrdMap<String, usize>);

impl Domains {
    /// The domains above these names.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a String>) -> Self {
        let mut all = Self::default();
        names.into_iter().for_each(|name| all.gain(name));
        all
    }

    /// Whether a name lies below this domain.
    pub fn hold(&self, domain: &str) -> bool {
        self.0.contains_key(domain)
    }

    /// Adds a name that was not there.
    pub(crate) fn gain(&mut self, name: &str) {
        for domain in above(name) {
            *self.0.entry(domain.to_owned()).or_default() += 1;
        }
    }

    /// Takes a name away that was there.
    pub(crate) fn lose(&mut self, name: &str) {
        for domain in above(name) {
            if let Some(count) = self.0.get_mut(domain) {
                *count -= 1;
                if *count == 0 {
                    self.0.remove(domain);
                }
            }
        }
    }
}

/// The domains above a name, from the nearest to the root.
fn above(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(nearest(name), |domain| nearest(domain))
}

fn nearest(name: &str) -> Option<&str> {
    (!name.is_empty()).then(|| name.split_once('.').map_or("", |(_, above)| above))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_there_as_long_as_a_name_lies_below_it() {
        let mut all = Domains::of(&["a.b.c".to_owned(), "*.b.c".to_owned()]);
        assert!(["b.c", "c", ""].iter().all(|domain| all.hold(domain)));
        assert!(!all.hold("a.b.c") && !all.hold("x"));
        all.lose("a.b.c");
        assert!(all.hold("b.c"));
        all.lose("*.b.c");
        assert_eq!(all, Domains::default());
    }
}
