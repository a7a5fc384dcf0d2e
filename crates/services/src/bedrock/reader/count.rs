//! What a question asks the number of, and whether a sentence tells that number: `how many rules` is answered by `20 rules`,
//! and not by any other number that stands near rules.

use super::meaning;
use super::sentence::Sentence;
use super::table::Cell;
use super::terms;
use super::wanted::{is_number, is_plural};

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// The stem of its noun.
    noun: String,
    meaning: u64,
}

/// How many words may stand between a number and what it counts: `5 IPv4 address ranges`.
const BETWEEN: usize = 3;

/// Units that are written out in a question and short in a text.
const UNITS: [(&str, &[&str]); 7] = [
    ("byte", &["kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib"]),
    ("kilobyte", &["kb", "kib"]),
    ("megabyte", &["mb", "mib"]),
    ("gigabyte", &["gb", "gib"]),
    ("terabyte", &["tb", "tib"]),
    ("kilometre", &["km"]),
    ("second", &["s", "sec"]),
];

/// What a number that stands by itself is followed by, apart from a sign.
const BEHIND: [&str; 9] = ["and", "at", "by", "for", "in", "of", "on", "or", "per"];

/// What may stand behind a noun and leaves it one: `one day off`.
const PARTICLES: [&str; 6] = ["ago", "away", "long", "off", "old", "wide"];

/// What stands between a noun and its number, `rules are at most 20`, and what may stand between the two.
const VERBS: [&str; 8] = ["are", "be", "exceed", "is", "reach", "reaches", "was", "were"];

const HEDGES: [&str; 9] = ["about", "at", "exactly", "least", "most", "not", "only", "to", "up"];

/// How a sentence tells how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Told {
    Not,
    /// It counts those of a kind that was not asked for: `100 propagated routes`.
    OfSome,
    Plainly,
}

/// A word of a sentence, and whether a sign follows, such as a colon.
struct Word {
    text: String,
    is_last: bool,
    has_colon: bool,
}

impl Counted {
    /// The noun behind `how many`: the last plural before the next word that tells nothing by itself, or the last word.
    pub(super) fn by(question: &str) -> Option<Self> {
        let words: Vec<String> = terms::words(question).collect();
        let at = words.windows(2).position(|pair| matches!(pair, [how, many] if how == "how" && many == "many"))?;
        let behind: Vec<&String> = words.get(at + 2..)?.iter().take_while(|word| !terms::is_common(word)).collect();
        let plural = behind.iter().rfind(|word| is_plural(word));
        let noun = terms::stem(plural.or_else(|| behind.last())?);
        Some(Self { meaning: meaning::of(&noun), noun })
    }

    fn is(&self, word: &str) -> bool {
        let stem = terms::stem(word);
        let means = |stem: &str| self.meaning != 0 && meaning::of(stem) & self.meaning != 0;
        let units = UNITS.iter().find(|(unit, _)| terms::stem(unit) == self.noun).map_or(&[][..], |(_, units)| *units);
        stem == self.noun || means(&stem) || units.contains(&word)
    }

    /// Whether a sentence tells how many there are. One that leans on another may leave out what it counts. `is_asked` says
    /// whether the question has a stem.
    pub(super) fn told(&self, sentence: &Sentence, is_asked: impl Fn(&str) -> bool) -> Told {
        if let Some(row) = &sentence.row {
            let has = |cell: &Cell| words(&cell.text).first().is_some_and(|word| is_number(&word.text));
            let is_of = |stems: &[String]| stems.iter().any(|stem| self.is(stem));
            let is_named = is_of(&row.name.terms);
            if row.others.iter().any(|cell| has(cell) && (is_named || is_of(&cell.of_head))) {
                return Told::Plainly;
            }
        }
        let words = words(&sentence.text);
        let first = words.iter().position(|word| self.is(&word.text));
        let numbers = words.iter().enumerate().filter(|(_, word)| is_number(&word.text));
        let told = numbers.map(|(at, number)| {
            let (before, behind) = (words.get(..at).unwrap_or_default(), words.get(at + 1..).unwrap_or_default());
            // `One table may …` counts no tables, and `the one` is no number.
            let is_one = number.text == "one";
            if is_one && before.last().is_none_or(|word| word.text == "the") {
                return Told::Not;
            }
            if number.is_last || behind.first().is_none_or(|next| BEHIND.contains(&next.text.as_str())) {
                let is_told = (sentence.leans && !is_one) || is_subject(first, before);
                return if is_told { Told::Plainly } else { Told::Not };
            }
            self.told_behind(behind, &is_asked)
        });
        told.max().unwrap_or(Told::Not)
    }

    /// Whether what is counted stands behind a number. It ends with a sign, and another number counts something else.
    fn told_behind(&self, behind: &[Word], is_asked: impl Fn(&str) -> bool) -> Told {
        let near = behind.get(..behind.len().min(BETWEEN + 1)).unwrap_or_default();
        let end = near.iter().position(|word| word.is_last).map_or(near.len(), |at| at + 1);
        let near = near.get(..end).unwrap_or_default();
        let others = near.iter().position(|own| is_number(&own.text) || BEHIND.contains(&own.text.as_str()));
        let near = near.get(..others.unwrap_or(near.len())).unwrap_or_default();
        let noun = near.iter().enumerate().position(|(at, word)| {
            // `one route table` counts tables.
            let next = behind.get(at + 1).filter(|_| !word.is_last);
            let ends = |next: &Word| terms::is_common(&next.text) || PARTICLES.contains(&next.text.as_str());
            let is_noun = is_plural(&word.text) || next.is_none_or(ends);
            is_noun && self.is(&word.text)
        });
        let Some(noun) = noun else { return Told::Not };
        let is_known = |word: &Word| terms::is_common(&word.text) || is_asked(&terms::stem(&word.text));
        if near.iter().take(noun).all(is_known) { Told::Plainly } else { Told::OfSome }
    }
}

/// Whether what is counted, which is first said at a place, stands before a number that has nothing behind it: `rules are at
/// most 20`, `rules: 20`.
fn is_subject(first: Option<usize>, before: &[Word]) -> bool {
    let hedges = before.iter().rev().take_while(|word| HEDGES.contains(&word.text.as_str())).count();
    let rest = before.get(..before.len() - hedges).unwrap_or_default();
    rest.last().is_some_and(|word| word.has_colon || VERBS.contains(&word.text.as_str()))
        && first.is_some_and(|first| first < rest.len())
}

/// The words of a text. Digits in groups are one: `1,024`.
fn words(text: &str) -> Vec<Word> {
    let word = |token: &str| {
        let text = token.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let (is_last, has_colon) = (token.ends_with(['.', ',', ';', ':', ')', '!', '?']), token.ends_with(':'));
        Some(Word { text, is_last, has_colon }).filter(|word| !word.text.is_empty())
    };
    text.split_whitespace().flat_map(|token| token.split(['/', '-'])).filter_map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::super::context::Source;
    use super::super::sentence;
    use super::*;

    fn told(question: &str, text: &str) -> Told {
        let counted = Counted::by(question).unwrap();
        let source = Source { name: None, text: text.to_owned() };
        let asked = terms::telling(question);
        let is_asked = |stem: &str| asked.iter().any(|own| own == stem);
        let told = sentence::of_source(0, &source).into_iter().map(|sentence| counted.told(&sentence, is_asked));
        told.max().unwrap()
    }

    #[test]
    fn a_number_counts_what_follows_it() {
        let rules = "How many rules may a group have?";
        for text in [
            "A group may have 60 rules in each direction.",
            "A network ACL has 20 inbound rules.",
            "The rules of a group are at most 60.",
            "Rules of a group: 60",
            "| what | default |\n|---|---|\n| rules in a group | 60, can be raised |",
            "| | rules |\n|---|---|\n| group | 60 |",
        ] {
            assert_ne!(told(rules, text), Told::Not, "{text}");
        }
        for text in [
            "A network interface may have 5 groups, each with rules.",
            "The product of groups and rules counts 1,000 times.",
            "Rules are numbered from 1 to 32766, and 4 rows have none.",
            "There are rules.",
            "One rule may name one rule set.",
            "A rule is answered with code 403.",
            "| what | default |\n|---|---|\n| groups on an interface | 5, can be raised |",
        ] {
            assert_eq!(told(rules, text), Told::Not, "{text}");
        }
    }

    #[test]
    fn a_count_of_another_kind_is_less_than_one_of_what_is_asked_for() {
        assert_eq!(told("How many routes fit?", "At most 100 propagated routes fit."), Told::OfSome);
        assert_eq!(told("How many propagated routes fit?", "At most 100 propagated routes fit."), Told::Plainly);
        assert_eq!(told("How many routes fit?", "A table may hold 500 routes."), Told::Plainly);
    }

    #[test]
    fn units_may_be_short_and_words_of_one_meaning_count_the_same() {
        assert_eq!(told("From how many gigabytes on?", "It pays off from 209 GB a month."), Told::Plainly);
        assert_eq!(told("From how many gigabytes on?", "It pays off from 209 days on."), Told::Not);
        assert_eq!(told("How many employees are there?", "The company has 64 people."), Told::Plainly);
        assert_eq!(told("How many bytes does a secret hold?", "A secret holds 65,536 bytes."), Told::Plainly);
    }

    #[test]
    fn numbers_in_words_count_as_digits_do() {
        let boats = "How many boats does the ship carry?";
        for number in ["thirteen", "fifteen", "Nineteen", "twenty", "forty-two", "a hundred and fifty", "ninety"] {
            assert_eq!(told(boats, &format!("The ship carries {number} boats.")), Told::Plainly, "{number}");
        }
        assert_eq!(told(boats, "The ship is fifteen years old and carries boats."), Told::Not);
    }

    #[test]
    fn the_noun_is_a_plural_and_no_verb_behind_it() {
        assert_eq!(told("How many people work at Acme?", "Acme has 250 employees."), Told::Plainly);
        assert_eq!(told("How many days off does one get?", "It gives one day off."), Told::Plainly);
    }

    #[test]
    fn what_nothing_is_named_after_counts_nothing() {
        assert_eq!(Counted::by("How many are there?"), None);
        assert_eq!(Counted::by("How much is it?"), None);
    }
}
