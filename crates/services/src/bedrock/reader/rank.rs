//! How well sentences fit a question: BM25, with what stands around a sentence, words of the same meaning, words that stand
//! side by side in both, and whether it has an answer of the kind that is wanted.
//!
//! Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009). What things weigh was
//! found by trying on the questions of `examples/document-qa`.

mod order;
mod row;
mod term;

use std::collections::{BTreeMap, BTreeSet};

use order::is_order;
use term::{Term, weighed};

use super::context::Source;
use super::count::Told;
use super::meaning;
use super::question::{DENIALS, Question, without_article};
use super::sentence::{Form, Sentence};
use super::terms;
use super::wanted::{Found, Wanted};

/// How soon a term that is said again counts no more.
const K1: f64 = 1.2;

/// How much the length of a sentence counts.
const B: f64 = 0.5;

/// How much a word of a heading or the source's name counts, beside one of the sentence; a word of the same meaning; and
/// one of the sentence before, on which it leans.
const ABOVE: f64 = 0.6;
const ALIKE: f64 = 0.7;
const BEFORE: f64 = 0.8;

/// How much a heading of a row's columns counts, which belongs to what the row says.
const HEAD: f64 = 0.8;

/// How much the paragraph counts, beside the sentence.
const AROUND: f64 = 0.15;

/// How much two words count that stand side by side in the question and in the sentence, or in the heading above it.
const PAIR: f64 = 0.5;
const PAIR_ABOVE: f64 = 0.2;

/// How much other forms count, beside a sentence.
const FRAGMENT: f64 = 0.8;
const ROW: f64 = 0.9;
const CODE: f64 = 0.55;

/// How much more a sentence counts that tells what something is, where that is asked.
const DEFINITION: f64 = 1.5;

/// How much more a row counts whose name and headings are all that is asked for.
const EXACT: f64 = 1.5;

/// How much a sentence counts that has an answer of the kind that is wanted, one that has a proper name for a person or
/// several where several are wanted, and one that has none.
const HIT: f64 = 1.3;
const NAMED: f64 = 1.8;
const MISS: f64 = 0.7;

/// The same of one that has none where it may answer nevertheless.
const LAX_MISS: f64 = 0.85;

/// How much more a sentence counts that speaks of a limit, where the number at most is asked for; and words of such.
const LIMIT: f64 = 1.25;
const LIMITS: [&str; 7] = ["can", "default", "exceed", "limit", "may", "maximum", "most"];

/// How much a sentence counts that has the number of a kind of what is asked for.
const OF_SOME: f64 = 0.75;

/// How much a denial counts where a fact is wanted.
const DENIAL: f64 = 0.85;

/// How much a name of the question weighs that is not said, but is near; and that is only elsewhere in the source.
const NAME_NEAR: f64 = 0.65;
const NAME_AWAY: f64 = 0.6;

/// The same where it is asked what may be, or what comes of something: what holds for every service is not said of each.
const NAME_OF_RULE: f64 = 0.9;

/// How much a sentence counts that does not say which one of a row is meant: the second one.
const ANOTHER: f64 = 0.8;

/// How much more a sentence counts that says what kind of thing is asked for: the office of `which office answers?`.
const OF_KIND: f64 = 1.2;

/// How much a sentence counts that tells whoever reads it what to answer, beside one that tells of something.
const ORDER: f64 = 0.2;

/// The share of the question, weighed by how much each word tells, that a sentence has to have in common with it, together
/// with what stands around it.
const LEAST: f64 = 0.55;

/// The same for a question of one or two words: one that is in the text by chance is not enough.
const LEAST_OF_FEW: f64 = 0.6;

/// The share that the sentence has to have itself, with the heading above it and the sentence that it leans on; and of what
/// is no name.
const LEAST_OF_OWN: f64 = 0.45;
const LEAST_OF_OTHERS: f64 = 0.3;

/// How much of a word is covered by one of the same meaning, by the sentence before, and by the heading.
const COVERED_ALIKE: f64 = 0.7;
const COVERED_BEFORE: f64 = 0.9;
const COVERED_ABOVE: f64 = 0.6;

/// Verbs that ask what a text says, which it need not say of itself.
const UNSAID: [&str; 2] = ["happen", "say"];

/// A sentence that fits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ranked {
    /// Its position among all.
    pub(super) sentence: usize,
    pub(super) score: f64,
    /// The share of the question that it covers itself.
    pub(super) covered: f64,
    /// Whether it has an answer of the kind that is wanted.
    pub(super) has_wanted: bool,
    /// Which of the other cells of the row answers, if it is one of them alone.
    pub(super) cell: Option<usize>,
}

/// The sentences that fit a question, the best first. Of equals the earlier comes first. None if the work was ended before.
pub(super) fn rank(
    question: &str, sentences: &[Sentence], sources: &[Source], is_over: &dyn Fn() -> bool,
) -> Option<Vec<Ranked>> {
    let mut question = Question::read(question);
    if let Some(kind) = question.kind.take().filter(|kind| !sentences.iter().any(|own| own.terms.contains(kind))) {
        question.terms.remove(&kind);
    }
    // A rule holds for places that it does not name; a fact does not.
    let is_told = |place: &str| sources.iter().any(|source| source.text.contains(place));
    let unknown = question.places.iter().filter(|place| !is_told(place));
    let elsewhere: Vec<String> = unknown.flat_map(|place| terms::telling(place)).collect();
    question.terms.retain(|term| !elsewhere.contains(term));
    question
        .terms
        .retain(|term| !UNSAID.contains(&term.as_str()) || sentences.iter().any(|own| own.terms.contains(term)));
    if question.terms.is_empty() || sentences.is_empty() {
        return Some(Vec::new());
    }
    let page = Page::of(&question, sentences, sources);
    let mut ranked: Vec<Ranked> = Vec::new();
    for (at, sentence) in sentences.iter().enumerate() {
        if is_over() {
            return None;
        }
        ranked.extend(page.fit(at, sentence));
    }
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.sentence.cmp(&b.sentence)));
    Some(ranked)
}

/// Whether a sentence begins by saying what something is.
fn defines(sentence: &str, subject: &str) -> bool {
    let sentence = sentence.to_lowercase();
    let rest = without_article(&sentence).strip_prefix(subject);
    rest.is_some_and(|rest| [" is ", " are ", " means "].iter().any(|verb| rest.starts_with(verb)))
}

/// A question, before all that may answer it.
struct Page<'a> {
    question: &'a Question,
    sentences: &'a [Sentence],
    terms: Vec<Term<'a>>,
    /// What all words of the question weigh, and those that are no names.
    all: f64,
    others: f64,
    /// The least that has to be covered of it.
    least: f64,
    /// How many words a sentence has.
    length: f64,
    /// What the words of sentences mean, and those of the headings of their columns.
    meanings: Vec<(u64, u64)>,
    /// The words of the sources' names, and of each source.
    names: Vec<BTreeSet<String>>,
    /// What the sources' names mean.
    named: Vec<u64>,
    whole: Vec<BTreeSet<&'a str>>,
    paragraphs: BTreeMap<(usize, usize), BTreeSet<&'a str>>,
}

impl<'a> Page<'a> {
    fn of(question: &'a Question, sentences: &'a [Sentence], sources: &[Source]) -> Self {
        let meaning = |own: &Sentence| (meaning::among(&own.terms), meaning::among(&own.heads));
        let meanings: Vec<(u64, u64)> = sentences.iter().map(meaning).collect();
        let terms = weighed(question, sentences, &meanings);
        let name = |source: &Source| terms::telling(source.name.as_deref().unwrap_or_default());
        let names: Vec<Vec<String>> = sources.iter().map(name).collect();
        let mut whole = vec![BTreeSet::new(); sources.len()];
        let mut paragraphs: BTreeMap<(usize, usize), BTreeSet<&str>> = BTreeMap::new();
        for sentence in sentences {
            let own = sentence.terms.iter().map(String::as_str);
            paragraphs.entry((sentence.source, sentence.paragraph)).or_default().extend(own.clone());
            if let Some(whole) = whole.get_mut(sentence.source) {
                whole.extend(own.chain(sentence.headings.iter().chain(&sentence.heads).map(String::as_str)));
            }
        }
        let least = if terms.len() <= 2 { LEAST_OF_FEW } else { LEAST };
        let words = sentences.iter().map(|sentence| sentence.terms.len()).sum::<usize>();
        Self {
            question,
            sentences,
            all: terms.iter().map(|term| term.weight).sum(),
            others: terms.iter().filter(|term| !term.is_name).map(|term| term.weight).sum(),
            terms,
            least,
            length: (words as f64 / sentences.len() as f64).max(1.0),
            meanings,
            named: names.iter().map(|name| meaning::among(name)).collect(),
            names: names.into_iter().map(|name| name.into_iter().collect()).collect(),
            whole,
            paragraphs,
        }
    }

    /// How well a sentence fits; none if it does not.
    fn fit(&self, at: usize, sentence: &Sentence) -> Option<Ranked> {
        let told = self.question.counts.as_ref().map(|counted| counted.told(sentence, |stem| self.asked(stem)));
        if told == Some(Told::Not) {
            return None;
        }
        let near = self.paragraphs.get(&(sentence.source, sentence.paragraph))?;
        let before = at.checked_sub(1).filter(|_| sentence.leans).and_then(|at| self.sentences.get(at));
        let long = 1.0 - B + B * sentence.terms.len() as f64 / self.length;
        let (meanings, of_heads) = self.meanings.get(at).copied().unwrap_or_default();
        let above = meaning::among(&sentence.headings) | self.named.get(sentence.source).copied().unwrap_or_default();
        let (mut score, mut own, mut covered, mut others, mut factor) = (0.0, 0.0, 0.0, 0.0, 1.0);
        // Under `Cars and taxis` not everything is about taxis.
        let is_headed = sentence.nearest.iter().all(|stem| self.asked(stem));
        let (mut is_said, mut is_thing_said) = (false, false);
        for term in &self.terms {
            let among = |words: &[String]| words.iter().any(|word| word == term.stem);
            let said = sentence.terms.iter().filter(|word| *word == term.stem).count();
            let is_alike = said == 0 && meanings & term.meaning != 0;
            let is_head = said == 0 && among(&sentence.heads);
            let is_alike_head = said == 0 && !is_head && of_heads & term.meaning != 0;
            let is_before = before.is_some_and(|before| among(&before.terms));
            let is_nearest = among(&sentence.nearest);
            let is_above = among(&sentence.headings)
                || self.names.get(sentence.source).is_some_and(|name| name.contains(term.stem));
            let is_alike_above = !is_above && above & term.meaning != 0;
            let is_near = near.contains(term.stem);
            let counts = |is_so: bool, weight: f64| if is_so { weight } else { 0.0 };
            let often = said as f64
                + counts(is_alike, ALIKE)
                + counts(is_head, HEAD)
                + counts(is_alike_head, HEAD * ALIKE)
                + counts(is_above, ABOVE)
                + counts(is_alike_above, ABOVE * ALIKE)
                + counts(is_before && said == 0, BEFORE);
            score += term.weight * (often * (K1 + 1.0) / (often + K1 * long) + counts(is_near, AROUND));
            let by_itself = counts(said > 0, 1.0)
                .max(counts(is_head, 1.0))
                .max(counts(is_alike || is_alike_head, COVERED_ALIKE))
                .max(counts(is_before, COVERED_BEFORE))
                .max(counts(is_nearest, COVERED_ABOVE));
            own += term.weight * by_itself;
            covered += term.weight
                * by_itself.max(counts(is_above || is_near, 1.0)).max(counts(is_alike_above, COVERED_ALIKE));
            if term.is_asked_for && by_itself <= 0.0 {
                return None;
            }
            is_thing_said |= !term.is_price() && (by_itself > COVERED_ABOVE || (is_nearest && is_headed));
            is_said |= said > 0 || is_alike;
            if term.is_order && by_itself <= 0.0 {
                factor *= ANOTHER;
            }
            if term.is_name && said == 0 && !is_head && !is_before && !is_nearest {
                self.whole.get(sentence.source).filter(|whole| whole.contains(term.stem))?;
                factor *= match self.question.wants {
                    Some(Wanted::Permission | Wanted::Consequence) => NAME_OF_RULE,
                    _ if is_near || is_above => NAME_NEAR,
                    _ => NAME_AWAY,
                };
            }
            others += counts(!term.is_name && by_itself > 0.0, term.weight);
        }
        let fits = is_said
            && covered >= self.least * self.all
            && own >= LEAST_OF_OWN * self.all
            && others >= LEAST_OF_OTHERS * self.others;
        if !fits {
            return None;
        }
        let found = self.found(sentence);
        let is_strict = || {
            let wanted = self.question.wants.filter(|_| self.question.is_open);
            wanted.is_some_and(|wanted| wanted.is_strict(&sentence.text, |word| self.asks(word)))
        };
        let is_priced =
            self.question.wants != Some(Wanted::Money) || is_thing_said || self.terms.iter().all(Term::is_price);
        if (found == Some(Found::Not) && is_strict()) || !is_priced {
            return None;
        }
        let says_kind = self.question.which.as_ref().is_some_and(|kind| sentence.terms.contains(kind));
        let factor = if says_kind { factor * OF_KIND } else { factor };
        let score = (score + self.pairs(sentence)) * factor * self.manner(sentence, found);
        let has_wanted = found != Some(Found::Not);
        let cell = sentence.row.as_ref().and_then(|row| self.cell(row));
        let is_exact = self.question.is_open && sentence.row.as_ref().is_some_and(|row| self.is_all_of(row));
        let exact = if is_exact { EXACT } else { 1.0 };
        let exact = if told == Some(Told::OfSome) { exact * OF_SOME } else { exact };
        Some(Ranked { sentence: at, score: score * exact, covered: own / self.all, has_wanted, cell })
    }

    /// Whether the question has this word.
    fn asked(&self, stem: &str) -> bool {
        self.terms.iter().any(|term| term.stem == stem)
    }

    /// What words add that stand side by side as in the question.
    fn pairs(&self, sentence: &Sentence) -> f64 {
        let weight = |stem: &String| self.terms.iter().find(|term| term.stem == stem).map_or(0.0, |term| term.weight);
        let pairs = self.question.sequence.windows(2).filter_map(|pair| match pair {
            [a, b] if a != b => Some((a, b)),
            _ => None,
        });
        pairs
            .map(|(a, b)| {
                let is_said = sentence.terms.windows(2).any(|own| matches!(own, [c, d] if c == a && d == b));
                let is_above = || sentence.nearest.contains(a) && sentence.nearest.contains(b);
                let counts = if is_said {
                    PAIR
                } else if is_above() {
                    PAIR_ABOVE
                } else {
                    0.0
                };
                counts * (weight(a) + weight(b)) / 2.0
            })
            .sum()
    }

    /// Whether a word of a sentence is one of the question, or means the same.
    fn asks(&self, word: &str) -> bool {
        let stem = terms::stem(word);
        let meaning = meaning::of(&stem);
        self.terms.iter().any(|term| term.stem == stem || term.meaning & meaning != 0)
    }

    /// Whether it has an answer of the kind that is wanted; none if any would do.
    fn found(&self, sentence: &Sentence) -> Option<Found> {
        let is_row = sentence.form == Form::Row;
        self.question.wants.map(|wanted| wanted.find(&sentence.text, is_row, |word| self.asks(word)))
    }

    /// What it is, apart from its words.
    fn manner(&self, sentence: &Sentence, found: Option<Found>) -> f64 {
        let form = match sentence.form {
            Form::Whole => 1.0,
            Form::Fragment => FRAGMENT,
            Form::Row => ROW,
            Form::Code => CODE,
        };
        let kind = match found {
            None => 1.0,
            Some(Found::Not) if self.question.wants.is_some_and(Wanted::is_lax) => LAX_MISS,
            Some(Found::Not) => MISS,
            Some(Found::Something) => HIT,
            Some(Found::Name) => NAMED,
        };
        let denies = || terms::words(&sentence.text).any(|word| DENIALS.contains(&word.as_str()));
        let is_of_facts = self.question.wants.is_some_and(Wanted::is_of_facts);
        let denial = if is_of_facts && !self.question.denies && denies() { DENIAL } else { 1.0 };
        let defines = self.question.subject.as_deref().is_some_and(|subject| defines(&sentence.text, subject));
        let limits = || terms::words(&sentence.text).any(|word| LIMITS.contains(&word.as_str()));
        let is_of_limits = self.question.asks_limit && self.question.counts.is_some();
        let limit = if is_of_limits && limits() { LIMIT } else { 1.0 };
        let order = if is_order(&sentence.text) { ORDER } else { 1.0 };
        form * kind * denial * limit * order * if defines { DEFINITION } else { 1.0 }
    }
}

#[cfg(test)]
mod tests;
