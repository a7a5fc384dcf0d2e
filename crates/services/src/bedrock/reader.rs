//! Sidegate's own model: a reader that answers a question with sentences of the text that comes with it.
//!
//! `context` tells the question from the text, `sentence` takes the text apart, `rank` weighs every sentence against the
//! question, and what fits is quoted with its source. It makes nothing up: what no sentence says it does not answer.

mod context;
mod rank;
mod sentence;
pub(super) mod terms;

use super::prompt::Prompt;
use context::{Reading, Source};
use rank::Ranked;
use sentence::Sentence;

/// The most sentences of an answer.
const MOST: usize = 3;

/// How near to the best a sentence has to be, to be quoted beside it.
const NEAR: f64 = 0.6;

/// The answer to a prompt.
pub(super) fn answer(prompt: &Prompt) -> String {
    let Reading { question, sources } = context::gather(prompt);
    if sources.is_empty() {
        return "There is no text to answer from. Sidegate's extractive reader quotes the documents and the context that \
                come with a question, and knows nothing else."
            .to_owned();
    }
    let sentences: Vec<Sentence> =
        sources.iter().enumerate().flat_map(|(at, source)| sentence::of_source(at, source)).collect();
    let ranked = rank::rank(&question, &sentences, &sources);
    let chosen = choose(ranked, &sentences);
    if chosen.is_empty() {
        return format!(
            "The given text does not answer this question. Sidegate's extractive reader found no sentence that fits it \
             among {} of {}.",
            counted(sentences.len(), "sentence"),
            counted(sources.len(), "source")
        );
    }
    told(&chosen, &sources)
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The sentences to quote: the best, and those that are near to it and say something else.
fn choose(ranked: Vec<Ranked>, sentences: &[Sentence]) -> Vec<&Sentence> {
    let mut chosen: Vec<&Sentence> = Vec::new();
    let best = ranked.first().map_or(0.0, |best| best.score);
    for candidate in ranked {
        let Some(sentence) = sentences.get(candidate.sentence) else { continue };
        if chosen.len() == MOST || candidate.score < best * NEAR {
            break;
        }
        if !chosen.iter().any(|other| other.says_the_same(sentence)) {
            chosen.push(sentence);
        }
    }
    // The source of the best comes first; within a source its own order holds.
    let first = chosen.first().map_or(0, |best| best.source);
    chosen.sort_by_key(|sentence| (sentence.source != first, sentence.source, sentence.position));
    chosen
}

/// Quotes sentences, each with its source, and lists the sources.
fn told(chosen: &[&Sentence], sources: &[Source]) -> String {
    let name = |sentence: &Sentence| match sources.get(sentence.source).and_then(|source| source.name.as_deref()) {
        Some(name) => format!("[{name}]"),
        None => format!("[{}]", sentence.source + 1),
    };
    let quoted = chosen.iter().map(|sentence| format!("\"{}\" {}", sentence.text, name(sentence)));
    let mut named: Vec<String> = Vec::new();
    for name in chosen.iter().map(|sentence| name(sentence)) {
        if !named.contains(&name) {
            named.push(name);
        }
    }
    let word = if named.len() == 1 { "Source" } else { "Sources" };
    format!("{}\n\n{word}: {}", quoted.collect::<Vec<_>>().join("\n"), named.join(", "))
}

#[cfg(test)]
mod tests;
