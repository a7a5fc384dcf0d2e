//! How well sentences fit a question: BM25, with what the paragraph, the heading and the source's name add to it.
//!
//! Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).

use std::collections::{BTreeMap, BTreeSet};

use super::context::Source;
use super::sentence::Sentence;
use super::terms;

/// How soon a term that is said again counts no more.
const K1: f64 = 1.2;

/// How much the length of a sentence counts.
const B: f64 = 0.75;

/// How much a word of the heading or the source's name counts, beside one of the sentence.
const ABOVE: f64 = 0.4;

/// How much the paragraph counts, beside the sentence.
const AROUND: f64 = 0.3;

/// The share of the question, weighed by how much each word tells, that sentence and paragraph have to have in common
/// with it.
const LEAST: f64 = 0.4;

/// The same for a question of one or two words: one that is in the text by chance is not enough.
const LEAST_OF_FEW: f64 = 0.6;

/// A sentence that fits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ranked {
    /// Its position among all.
    pub(super) sentence: usize,
    pub(super) score: f64,
}

/// The sentences that fit a question, the best first. Of equals the earlier comes first.
pub(super) fn rank(question: &str, sentences: &[Sentence], sources: &[Source]) -> Vec<Ranked> {
    let asked: BTreeSet<String> = terms::telling(question).into_iter().collect();
    if asked.is_empty() || sentences.is_empty() {
        return Vec::new();
    }
    let names: Vec<Vec<String>> =
        sources.iter().map(|source| terms::telling(source.name.as_deref().unwrap_or_default())).collect();
    let weights = weights(&asked, sentences);
    let all: f64 = weights.values().sum();
    let length = sentences.iter().map(|sentence| sentence.terms.len()).sum::<usize>() as f64 / sentences.len() as f64;
    let paragraphs = paragraphs(sentences);
    let least = if asked.len() <= 2 { LEAST_OF_FEW } else { LEAST };
    let mut ranked: Vec<Ranked> = Vec::new();
    for (at, sentence) in sentences.iter().enumerate() {
        let name = names.get(sentence.source).map(Vec::as_slice).unwrap_or_default();
        let around = paragraphs.get(&(sentence.source, sentence.paragraph));
        let mut fit = Fit::default();
        for (term, weight) in &weights {
            fit.add(term, *weight, sentence, name, around, length);
        }
        if fit.is_said && fit.covered >= least * all {
            ranked.push(Ranked { sentence: at, score: fit.score });
        }
    }
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.sentence.cmp(&b.sentence)));
    ranked
}

/// How much each word of a question tells: the more, the fewer sentences have it. One that none has tells no more than the
/// rarest that one has: questions have words of their own.
fn weights<'a>(asked: &'a BTreeSet<String>, sentences: &[Sentence]) -> BTreeMap<&'a str, f64> {
    let count = sentences.len() as f64;
    let with = |term: &str| sentences.iter().filter(|own| own.terms.iter().any(|other| other == term)).count() as f64;
    let weight = |with: f64| (1.0 + (count - with + 0.5) / (with + 0.5)).ln();
    let with: BTreeMap<&str, f64> = asked.iter().map(|term| (term.as_str(), with(term.as_str()))).collect();
    let rarest = with.values().copied().filter(|with| *with > 0.0).fold(count, f64::min);
    with.into_iter().map(|(term, with)| (term, weight(if with > 0.0 { with } else { rarest }))).collect()
}

/// The words of each paragraph, by source and paragraph.
fn paragraphs(sentences: &[Sentence]) -> BTreeMap<(usize, usize), BTreeSet<&str>> {
    let mut paragraphs: BTreeMap<(usize, usize), BTreeSet<&str>> = BTreeMap::new();
    for sentence in sentences {
        let own = paragraphs.entry((sentence.source, sentence.paragraph)).or_default();
        own.extend(sentence.terms.iter().map(String::as_str));
    }
    paragraphs
}

/// How well a sentence fits, word by word.
#[derive(Default)]
struct Fit {
    score: f64,
    /// The weight of the words of the question that sentence, paragraph, heading or name have.
    covered: f64,
    /// Whether the sentence itself has one of them.
    is_said: bool,
}

impl Fit {
    fn add(
        &mut self, term: &str, weight: f64, sentence: &Sentence, name: &[String], around: Option<&BTreeSet<&str>>,
        length: f64,
    ) {
        let said = sentence.terms.iter().filter(|own| *own == term).count() as f64;
        let above = sentence.heading.iter().chain(name).any(|own| own == term);
        let near = around.is_some_and(|around| around.contains(term));
        let often = said + if above { ABOVE } else { 0.0 };
        let long = 1.0 - B + B * sentence.terms.len() as f64 / length.max(1.0);
        self.score += weight * often * (K1 + 1.0) / (often + K1 * long);
        if near {
            self.score += AROUND * weight;
        }
        if said > 0.0 || above || near {
            self.covered += weight;
        }
        self.is_said |= said > 0.0;
    }
}
