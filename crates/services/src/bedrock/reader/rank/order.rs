//! Sentences that tell whoever reads them what to answer.

/// What such a sentence begins with, and words one of which it has.
const ORDERS: [&str; 12] = [
    "answer",
    "always",
    "disregard",
    "do not",
    "forget",
    "ignore",
    "instead",
    "output",
    "pretend",
    "repeat",
    "respond",
    "say",
];
const OF_ORDERS: [&str; 7] = ["answer", "above", "instruction", "previous", "prompt", "reply", " that "];

/// Whether a sentence tells whoever reads it what to answer, which no document has a reason to do.
pub(super) fn is_order(sentence: &str) -> bool {
    let sentence = sentence.to_lowercase();
    let rest = ORDERS.iter().find_map(|order| sentence.strip_prefix(order));
    rest.is_some_and(|rest| rest.starts_with(' ') && OF_ORDERS.iter().any(|word| rest.contains(word)))
}
