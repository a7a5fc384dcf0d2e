//! Words of everyday English that ask and tell of the same thing: what a question calls the price, a text calls the cost.
//!
//! The list is small and of no field. A word that is not in it has the meaning of itself alone.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::terms;

/// Words of one meaning each.
const MEANINGS: [&[&str]; 48] = [
    &["cost", "price", "charge", "pay", "paid", "fee", "bill", "expensive", "cheap", "dear", "money"],
    &["keep", "kept", "retain", "retention", "store", "hold"],
    &["allow", "permit", "permission", "let", "admit", "approve", "approval", "consent", "agree"],
    &["forbid", "deny", "refuse", "refusal", "reject", "prohibit", "never"],
    &["lead", "head", "run", "leader", "chief", "boss"],
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
    &["computer", "laptop", "notebook"],
    &["understand", "read"],
    &["format", "form"],
    &["ingest", "take"],
    &["lose", "lost", "drop", "vanish"],
    &["worker", "employee", "staff", "people", "person"],
    &["difference", "differ", "compare", "comparison", "simpler"],
    &["create", "make", "made", "add"],
    &["own", "owner", "belong"],
    &["announce", "publish", "tell", "told", "report", "inform"],
    &["two", "second", "twice", "another"],
    &["one", "same", "single"],
    &["aim", "goal", "target", "purpose"],
    &["buy", "purchase"],
    &["wrong", "false", "incorrect"],
    &["put", "place", "move", "copy"],
    &["join", "connect", "link", "attach"],
    &["choose", "select", "pick"],
    &["test", "try", "check", "verify"],
    &["replace", "swap", "exchange", "substitute"],
    &["company", "firm", "business"],
    &["send", "transfer", "deliver"],
    &["get", "receive", "obtain", "fetch"],
    &["find", "locate"],
    &["car", "vehicle"],
    &["job", "work", "employ"],
    &["safe", "secure", "protect"],
];

/// Words of opposite meanings, each by a word of it: whoever asks whether something is forbidden hears that it is allowed.
const OPPOSITES: [(&str, &str); 1] = [("allow", "forbid")];

/// The meanings of all words that have one, by their stems: they are looked up for every word of a text.
static KNOWN: LazyLock<BTreeMap<String, u64>> = LazyLock::new(|| {
    let mut known = BTreeMap::new();
    for (at, words) in MEANINGS.iter().enumerate() {
        // Stems as they are compared; the list has words as they are written.
        for word in *words {
            *known.entry(terms::stem(word)).or_default() |= 1 << at;
        }
    }
    known
});

/// What a word means, a bit for each meaning. It is given as a stem.
pub(super) fn of(stem: &str) -> u64 {
    KNOWN.get(stem).copied().unwrap_or_default()
}

/// These meanings and the opposite ones; none if there is no opposite of them.
pub(super) fn with_opposites(meanings: u64) -> Option<u64> {
    let both = OPPOSITES.iter().map(|(a, b)| of(&terms::stem(a)) | of(&terms::stem(b)));
    both.filter(|both| both & meanings != 0).reduce(|all, both| all | both).map(|all| all | meanings)
}

/// What one of these stems means.
pub(super) fn among(stems: &[String]) -> u64 {
    stems.iter().fold(0, |all, stem| all | of(stem))
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
        assert_eq!(among(&stems), means("charge"));
    }
}
