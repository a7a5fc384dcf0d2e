//! Words of a question, and how much each of them tells.

use crate::bedrock::reader::meaning;
use crate::bedrock::reader::question::Question;
use crate::bedrock::reader::sentence::Sentence;
use crate::bedrock::reader::wanted::Wanted;

/// The least that a word weighs, however many sentences have it. A few passages about one thing all have its name.
const FLOOR: f64 = 0.4;

/// Words that tell one of a row from the others.
const ORDINALS: [&str; 3] = ["first", "second", "third"];

/// A word of the question.
pub(super) struct Term<'a> {
    pub(super) stem: &'a str,
    pub(super) weight: f64,
    pub(super) meaning: u64,
    pub(super) is_name: bool,
    /// Whether it says which one of a row is meant.
    pub(super) is_order: bool,
    /// Whether it is what is asked to be allowed or not, or to be there.
    pub(super) is_asked_for: bool,
}

impl Term<'_> {
    /// Whether it is one of these, or means the same.
    pub(super) fn is_among(&self, stems: &[String]) -> bool {
        let means = |stem: &str| self.meaning != 0 && meaning::of(stem) & self.meaning != 0;
        stems.iter().any(|stem| stem == self.stem || means(stem))
    }

    /// Whether it asks for the price, and is nothing that has one.
    pub(super) fn is_price(&self) -> bool {
        self.meaning & meaning::of("cost") != 0
    }
}

/// How much each word of a question tells: the more, the fewer sentences have it. One that none has tells no more than the
/// rarest that one has: questions have words of their own.
pub(super) fn weighed<'a>(question: &'a Question, sentences: &[Sentence], meanings: &[(u64, u64)]) -> Vec<Term<'a>> {
    let count = sentences.len() as f64;
    let with = |stem: &str| sentences.iter().filter(|own| own.terms.iter().any(|other| other == stem)).count() as f64;
    let weight = |with: f64| (1.0 + (count - with + 0.5) / (with + 0.5)).ln().max(FLOOR);
    let with: Vec<(&str, f64)> = question.terms.iter().map(|stem| (stem.as_str(), with(stem.as_str()))).collect();
    let rarest = with.iter().map(|(_, with)| *with).filter(|with| *with > 0.0).fold(count, f64::min);
    let term = |(stem, with): (&'a str, f64)| {
        let meaning = meaning::of(stem);
        let alike = || meanings.iter().filter(|(own, _)| own & meaning != 0).count() as f64;
        let with = if with > 0.0 { with } else { rarest.max(alike()) };
        let opposites = meaning::with_opposites(meaning).filter(|_| question.wants == Some(Wanted::Permission));
        Term {
            stem,
            weight: weight(with),
            meaning: opposites.unwrap_or(meaning),
            is_name: question.names.contains(stem),
            is_order: ORDINALS.contains(&stem),
            is_asked_for: opposites.is_some() || question.exists.as_deref() == Some(stem),
        }
    };
    with.into_iter().map(term).collect()
}
