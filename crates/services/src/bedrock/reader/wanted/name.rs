//! Names: of things, of people and of places.

use super::is_plural;
use super::number::is_date;
use crate::bedrock::reader::terms;

/// Verbs that ask for those that have something.
pub(in crate::bedrock::reader) const OF_HAVING: [&str; 4] = ["offer", "offers", "provide", "provides"];

const PREPOSITIONS: [&str; 11] =
    ["at", "behind", "below", "from", "in", "inside", "into", "on", "to", "under", "within"];

/// Whether it asks for several of a kind: `which services have`, `which passenger boats stop`.
pub(super) fn asks_names(words: &[String]) -> bool {
    let is_several = |at: usize| words.get(at).is_some_and(|word| word.len() > 3 && is_plural(word));
    let has_verb =
        |at: usize| words.get(at).is_some_and(|word| terms::is_common(word) || OF_HAVING.contains(&word.as_str()));
    is_several(1) || (is_several(2) && has_verb(3))
}

/// Whether it tells of two that have names and are not asked about: `S3 and DynamoDB`, `the Vega or the Lyra`.
pub(super) fn has_list(text: &str, is_asked: impl Fn(&str) -> bool) -> bool {
    let words: Vec<&str> = text.split_whitespace().filter(|word| !["a", "an", "the"].contains(word)).collect();
    let is_name = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.starts_with(char::is_uppercase) && !is_asked(&word.to_lowercase())
    };
    words.windows(3).any(|run| matches!(run, [a, "and" | "or", b] if is_name(a) && is_name(b)))
}

/// Whether it has names that are not asked about, or tells of one thing and another.
pub(super) fn has_names(text: &str, is_asked: impl Fn(&str) -> bool) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let begins = words.next();
    let is_name = |word: &str| word.starts_with(char::is_uppercase) && !is_asked(&word.to_lowercase());
    begins.is_some_and(|word| word.contains(|c: char| c.is_ascii_digit()) && is_name(word)) || words.any(is_name)
}

/// Whether two words with capitals stand side by side, as in the name of a person.
pub(super) fn has_name(text: &str) -> bool {
    let is_capital = |word: &&str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase)
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).any(|pair| match pair {
        [a, b] => is_capital(a) && a.chars().all(char::is_alphabetic) && is_capital(b),
        _ => false,
    })
}

/// Whether somebody may be named by it: it has a capital that is not of a date, nor of what is asked about.
pub(super) fn may_name(text: &str, is_asked: impl Fn(&str) -> bool) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| {
        let lower = word.to_lowercase();
        // Not every script has capitals.
        word.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase())
            && !(terms::is_common(&lower) || is_date(&lower) || is_asked(&lower))
    })
}

/// Whether it says in, at or below something that has a name.
pub(super) fn has_place(text: &str) -> bool {
    let mut words = text.split_whitespace().map(|word| word.trim_matches(['(', ',', '"'])).peekable();
    while let Some(word) = words.next() {
        if word.contains("://") || word.starts_with('#') {
            return true;
        }
        if !PREPOSITIONS.contains(&word.to_lowercase().as_str()) {
            continue;
        }
        words.next_if(|next| matches!(*next, "the" | "a" | "an"));
        let is_named =
            |next: &&str| next.starts_with(char::is_uppercase) || next.contains(|c: char| c.is_ascii_digit());
        if words.peek().is_some_and(is_named) {
            return true;
        }
    }
    false
}
