//! Words of everyday English that ask and tell of the same thing: what a question calls the price, a text calls the cost.
//!
//! The list is small and of no field. A word that is not in it has the meaning of itself alone.

use super::terms;

/// Words of one meaning each.
const MEANINGS: [&[&str]; 31] = [
    &["cost", "price", "charge", "pay", "paid", "fee", "bill", "expensive", "cheap", "dear", "money"],
    &["keep", "kept", "retain", "retention", "store", "hold"],
    &["allow", "permit", "permission", "let", "admit"],
    &["forbid", "deny", "refuse", "reject", "prohibit", "never"],
    &["lead", "head", "run"],
    &["prevent", "stop", "block", "refuse", "close"],
    &["delete", "remove", "erase", "wipe"],
    &["change", "modify", "edit", "alter"],
    &["restore", "bring", "back", "reset"],
    &["begin", "start"],
    &["end", "finish", "last", "expire"],
    &["need", "require", "demand"],
    &["size", "large", "big", "small", "long", "length"],
    &["speed", "fast", "throughput"],
    &["answer", "reply", "respond"],
    &["ask", "query", "question"],
    &["show", "see", "display", "look"],
    &["contain", "hold"],
    &["fail", "break", "broken", "fault", "failure"],
    &["travel", "journey", "trip"],
    &["abroad", "leave", "outside"],
    &["computer", "laptop"],
    &["understand", "read"],
    &["format", "form"],
    &["ingest", "take"],
    &["lose", "lost", "drop", "vanish"],
    &["worker", "employee", "staff", "people"],
    &["difference", "differ", "compare", "comparison", "simpler"],
    &["create", "make", "made"],
    &["own", "owner", "belong"],
    &["announce", "publish", "tell", "told"],
];

/// What a word means, a bit for each meaning. It is given as a stem.
pub(super) fn of(stem: &str) -> u64 {
    // Stems as they are compared; the list has words as they are written.
    let has = |words: &&[&str]| words.iter().any(|word| terms::stem(word) == stem);
    MEANINGS.iter().enumerate().filter(|(_, words)| has(words)).fold(0, |all, (at, _)| all | 1 << at)
}

/// The meanings of words, which are looked up for many sentences.
#[derive(Debug)]
pub(super) struct Meanings(std::collections::BTreeMap<String, u64>);

impl Meanings {
    pub(super) fn known() -> Self {
        let stems = MEANINGS.iter().copied().flatten().map(|word| terms::stem(word));
        Self(stems.map(|stem| (stem.clone(), of(&stem))).collect())
    }

    /// What one of these stems means.
    pub(super) fn among(&self, stems: &[String]) -> u64 {
        stems.iter().filter_map(|stem| self.0.get(stem)).fold(0, |all, meaning| all | meaning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_meaning_have_it_in_common_and_others_none() {
        let means = |word: &str| of(&terms::stem(word));
        assert_ne!(means("prices") & means("costs"), 0);
        assert_ne!(means("retained") & means("kept"), 0);
        assert_eq!(means("price") & means("retained"), 0);
        assert_eq!(means("gateway"), 0);
        let stems = ["gateway".to_owned(), terms::stem("charged")];
        assert_eq!(Meanings::known().among(&stems), means("charge"));
    }
}
