//! Sidegate's own model: a reader that answers a question with sentences of the text that comes with it.
//!
//! `context` tells the question from the text, `sentence` takes the text apart, `table` its tables; `question` and `wanted`
//! tell what is asked for, `count` what it asks the number of; `rank` weighs every sentence against it, and what fits is
//! quoted with its source. It makes nothing up: what no sentence says it does not answer.

mod context;
mod count;
mod meaning;
mod question;
mod rank;
mod sentence;
mod table;
pub(super) mod terms;
mod wanted;

use std::borrow::Cow;

use super::prompt::Prompt;
use context::{Reading, Source};
use rank::Ranked;
use sentence::Sentence;

/// The most sentences of an answer.
const MOST: usize = 3;

/// How near to the best a sentence has to be, to be quoted beside it; and the share that it has to cover of what the best
/// covers of the question.
const NEAR: f64 = 0.8;
const NEAR_IN_WORDS: f64 = 0.95;

/// The answer to a prompt. Nobody waits for it any more once `is_over` says so, and then there is none.
///
/// The work grows with the length of the text and not with its square, whatever stands in it.
pub(super) fn answer(prompt: &Prompt, is_over: &dyn Fn() -> bool) -> Option<String> {
    let Reading { question, sources } = context::gather(prompt);
    if sources.is_empty() {
        let told = "There is no text to answer from. Sidegate's extractive reader quotes the documents and the context \
                    that come with a question, and knows nothing else.";
        return Some(told.to_owned());
    }
    let mut sentences: Vec<Sentence> = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        if is_over() {
            return None;
        }
        sentences.extend(sentence::of_source(at, source));
    }
    let ranked = rank::rank(&question, &sentences, &sources, is_over)?;
    let chosen = choose(&ranked, &sentences);
    if chosen.is_empty() {
        return Some(format!(
            "The given text does not answer this question. Sidegate's extractive reader found no sentence that fits it \
             among {} of {}.",
            counted(sentences.len(), "sentence"),
            counted(sources.len(), "source")
        ));
    }
    Some(told(&chosen, &sources))
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A sentence to quote, perhaps with the one before it.
struct Quoted<'a> {
    sentence: &'a Sentence,
    /// What is told of it.
    text: Cow<'a, str>,
    before: Option<&'a Sentence>,
}

/// The sentences to quote, the best first: it, and those that are near to it, cover as much of the question, have what it
/// wants as the best has, and say something else.
fn choose<'a>(ranked: &[Ranked], sentences: &'a [Sentence]) -> Vec<Quoted<'a>> {
    let mut chosen: Vec<Quoted<'a>> = Vec::new();
    let Some(best) = ranked.first() else { return chosen };
    for candidate in ranked.iter().take_while(|own| own.score >= best.score * NEAR) {
        let is_less = candidate.covered < best.covered * NEAR_IN_WORDS || (best.has_wanted && !candidate.has_wanted);
        let Some(sentence) = sentences.get(candidate.sentence).filter(|_| !is_less) else { continue };
        let before = candidate.sentence.checked_sub(1).filter(|_| sentence.leans).and_then(|at| sentences.get(at));
        let is_quoted = |own: &Quoted<'_>| {
            let mut both = [Some(own.sentence), own.before].into_iter().flatten();
            both.any(|own| own.says_the_same(sentence) || before.is_some_and(|before| std::ptr::eq(own, before)))
        };
        if !chosen.iter().any(is_quoted) {
            let cell = sentence.row.as_ref().zip(candidate.cell);
            let cell = cell.and_then(|(row, at)| Some(sentence::shortened(&row.tell(row.others.get(at)?))));
            let text = cell.map_or(Cow::Borrowed(sentence.text.as_str()), Cow::Owned);
            chosen.push(Quoted { sentence, text, before });
        }
        if chosen.len() == MOST {
            break;
        }
    }
    chosen
}

/// Quotes sentences, each with its source, and lists the sources.
fn told(chosen: &[Quoted<'_>], sources: &[Source]) -> String {
    let name = |sentence: &Sentence| match sources.get(sentence.source).and_then(|source| source.name.as_deref()) {
        Some(name) => format!("[{name}]"),
        None => format!("[{}]", sentence.source + 1),
    };
    let quoted = chosen.iter().map(|own| {
        let text = match own.before {
            Some(before) => Cow::Owned(format!("{} {}", before.text, own.text)),
            None => Cow::Borrowed(own.text.as_ref()),
        };
        format!("\"{text}\" {}", name(own.sentence))
    });
    let mut named: Vec<String> = Vec::new();
    for name in chosen.iter().map(|own| name(own.sentence)) {
        if !named.contains(&name) {
            named.push(name);
        }
    }
    let word = if named.len() == 1 { "Source" } else { "Sources" };
    format!("{}\n\n{word}: {}", quoted.collect::<Vec<_>>().join("\n"), named.join(", "))
}

#[cfg(test)]
mod evaluation;
#[cfg(test)]
mod tests;
