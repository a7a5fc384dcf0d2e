//! Errors: how they are asked for, and the codes that they have.

use crate::bedrock::reader::terms;

/// What an error is called, and the verbs by which it comes.
pub(in crate::bedrock::reader) const ERRORS: [&str; 5] = ["code", "error", "exception", "message", "status"];
pub(in crate::bedrock::reader) const OF_COMING: [&str; 7] =
    ["appears", "come", "comes", "occurs", "receive", "return", "returned"];

/// Words of which the codes of errors are made, and words before one. Names of services and of calls have capitals within as
/// well.
const OF_CODES: [&str; 13] = [
    "conflict",
    "denied",
    "duplicate",
    "error",
    "exceeded",
    "exception",
    "exists",
    "insufficient",
    "invalid",
    "missing",
    "notfound",
    "timeout",
    "violation",
];
const BEFORE_CODES: [&str; 5] = ["code", "error", "exception", "gives", "message"];

/// Whether the noun that is asked for is what errors are called: `which HTTP status does`, and not `what code name does`.
pub(super) fn asks_error(words: &[String]) -> bool {
    let is_of_noun = |word: &&String| !terms::is_common(word) && !OF_COMING.contains(&word.as_str());
    let noun = words.iter().skip(1).take_while(is_of_noun).last();
    noun.is_some_and(|noun| ERRORS.contains(&noun.as_str()) && words.last() != Some(noun))
}

/// Whether it has the code of an error: capitals within a word, or three digits.
pub(super) fn has_code(text: &str, is_asked: impl Fn(&str) -> bool) -> bool {
    let mut before = "";
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).any(|word| {
        let is_behind = BEFORE_CODES.contains(&std::mem::replace(&mut before, word));
        let is_status = word.len() == 3 && word.starts_with(['4', '5']) && word.bytes().all(|b| b.is_ascii_digit());
        let has_hump = word.chars().zip(word.chars().skip(1)).any(|(a, b)| a.is_lowercase() && b.is_uppercase());
        let lower = word.to_lowercase();
        let is_code = word.starts_with(char::is_uppercase)
            && has_hump
            && (is_behind || OF_CODES.iter().any(|part| lower.contains(part)));
        is_status || (is_code && !is_asked(&lower))
    })
}
