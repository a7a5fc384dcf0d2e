//! Errors: how they are asked for, and the codes that they have.

use crate::bedrock::reader::terms;

/// What an error is called, and the verbs by which it comes.
pub(in crate::bedrock::reader) const ERRORS: [&str; 5] = ["code", "error", "exception", "message", "status"];
pub(in crate::bedrock::reader) const OF_COMING: [&str; 7] =
    ["appears", "come", "comes", "occurs", "receive", "return", "returned"];

/// Words of which the codes of errors are made. Names of services have capitals within as well.
const OF_CODES: [&str; 12] = [
    "conflict",
    "denied",
    "duplicate",
    "error",
    "exceeded",
    "exception",
    "exists",
    "invalid",
    "missing",
    "notfound",
    "timeout",
    "violation",
];

/// Whether the noun that is asked for is what errors are called: `which HTTP status does`, and not `what code name does`.
pub(super) fn asks_error(words: &[String]) -> bool {
    let is_of_noun = |word: &&String| !terms::is_common(word) && !OF_COMING.contains(&word.as_str());
    let noun = words.iter().skip(1).take_while(is_of_noun).last();
    noun.is_some_and(|noun| ERRORS.contains(&noun.as_str()) && words.last() != Some(noun))
}

/// Whether it has the code of an error: capitals within a word, or three digits.
pub(super) fn has_code(text: &str, is_asked: impl Fn(&str) -> bool) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| {
        let is_status = word.len() == 3 && word.starts_with(['4', '5']) && word.bytes().all(|b| b.is_ascii_digit());
        let humps =
            word.chars().zip(word.chars().skip(1)).filter(|(a, b)| a.is_lowercase() && b.is_uppercase()).count();
        let lower = word.to_lowercase();
        let is_code = word.starts_with(char::is_uppercase)
            && (humps > 1 || (humps == 1 && OF_CODES.iter().any(|part| lower.contains(part))));
        is_status || (is_code && !is_asked(&lower))
    })
}
