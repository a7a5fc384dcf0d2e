//! What kind of answer a question wants, such as a number or a person, and whether a sentence has one.

use super::terms;

/// A kind of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Number,
    Money,
    Duration,
    Person,
    Time,
    Place,
    Reason,
}

/// How well a sentence has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Not,
    /// It has something of the kind.
    Something,
    /// It has a proper name, where a person is wanted.
    Name,
}

const PRICES: [&str; 13] = [
    "allowance",
    "budget",
    "charge",
    "charged",
    "cost",
    "costs",
    "expensive",
    "fee",
    "paid",
    "pay",
    "pays",
    "price",
    "spend",
];
const MEASURES: [&str; 5] = ["length", "limit", "number", "size", "speed"];
const NUMBERS: [&str; 21] = [
    "both", "dozen", "eight", "eleven", "five", "four", "half", "hundred", "million", "nine", "no", "none", "once",
    "one", "seven", "six", "ten", "thousand", "three", "twelve", "two",
];
const UNITS: [&str; 14] = [
    "day", "days", "hour", "hours", "minute", "minutes", "month", "months", "second", "seconds", "week", "weeks",
    "year", "years",
];
const CURRENCIES: [&str; 8] = ["cent", "cents", "dollar", "dollars", "euro", "euros", "kronor", "pounds"];
const OF_MONEY: [&str; 3] = ["free", "money", "nothing"];
/// `May` is left out, which is another word more often than not.
const DATES: [&str; 18] = [
    "april",
    "august",
    "december",
    "february",
    "friday",
    "january",
    "july",
    "june",
    "march",
    "monday",
    "november",
    "october",
    "saturday",
    "september",
    "sunday",
    "thursday",
    "tuesday",
    "wednesday",
];
const CONDITIONS: [&str; 8] = ["after", "before", "if", "once", "soon", "until", "when", "where"];
const DETERMINERS: [&str; 7] = ["a", "an", "each", "every", "first", "next", "same"];
const PEOPLE: [&str; 22] = [
    "administrator",
    "administrators",
    "anybody",
    "captain",
    "company",
    "department",
    "employee",
    "employees",
    "everybody",
    "head",
    "lead",
    "leads",
    "manager",
    "nobody",
    "officer",
    "owner",
    "people",
    "person",
    "persons",
    "root",
    "somebody",
    "team",
];
const REASONS: [&str; 6] = ["because", "reason", "since", "so", "therefore", "would"];
const REASONS_OF_MANY: [&str; 3] = ["as a result", "for this", "in order to"];
const PREPOSITIONS: [&str; 11] =
    ["at", "behind", "below", "from", "in", "inside", "into", "on", "to", "under", "within"];

impl Wanted {
    /// What a question wants; none if any sentence may be its answer.
    pub(super) fn by(question: &str) -> Option<Self> {
        let words: Vec<String> = terms::words(question).collect();
        let first = words.first().map(String::as_str).unwrap_or_default();
        let has = |among: &[&str]| words.iter().any(|word| among.contains(&word.as_str()));
        let how = words.windows(2).find_map(|pair| match pair {
            [how, next] if how == "how" => Some(next.as_str()),
            _ => None,
        });
        let by_when = words.windows(2).any(|pair| matches!(pair, [a, b] if (a == "by" || a == "since") && b == "when"));
        match (how, first) {
            (Some("long"), _) => Some(Self::Duration),
            (Some("expensive" | "costly"), _) => Some(Self::Money),
            (Some("much"), _) if has(&PRICES) => Some(Self::Money),
            (Some("much" | "many" | "often" | "large" | "big" | "fast" | "far"), _) => Some(Self::Number),
            (_, "who" | "whom" | "whose") => Some(Self::Person),
            (_, "when") => Some(Self::Time),
            (_, "why") => Some(Self::Reason),
            (_, "where") => Some(Self::Place),
            (_, "what" | "which") if has(&PRICES) => Some(Self::Money),
            (_, "what" | "which") if has(&MEASURES) => Some(Self::Number),
            _ if by_when => Some(Self::Time),
            _ => None,
        }
    }

    /// Whether a denial is less of an answer: there is no number in what is not so.
    pub(super) fn is_of_facts(self) -> bool {
        !matches!(self, Self::Money | Self::Reason)
    }

    /// Looks for an answer of this kind in a sentence, or in a row of a table. Words of the question are no answer to it.
    pub(super) fn find(self, text: &str, is_row: bool, is_asked: impl Fn(&str) -> bool) -> Found {
        let words: Vec<String> = terms::words(text).collect();
        let has = |among: &[&str]| words.iter().any(|word| among.contains(&word.as_str()));
        let is_there = match self {
            Self::Number => words.iter().any(|word| is_number(word)),
            Self::Money => {
                let priced = || is_row || has(&CURRENCIES) || has(&PRICES);
                has(&OF_MONEY)
                    || text.contains(['$', '€', '£'])
                    || (words.iter().any(|word| is_number(word)) && priced())
            }
            Self::Duration => {
                is_timed(&words) || words.windows(2).any(|pair| matches!(pair, [a, b] if a == "for" && b == "ever"))
            }
            Self::Time => has(&DATES) || has(&CONDITIONS) || is_timed(&words) || has_clock_or_year(text),
            Self::Person => {
                if has_name(text) {
                    return Found::Name;
                }
                words.iter().any(|word| PEOPLE.contains(&word.as_str()) && !is_asked(word))
            }
            Self::Place => has_place(text),
            Self::Reason => {
                let lower = text.to_lowercase();
                has(&REASONS) || REASONS_OF_MANY.iter().any(|words| lower.contains(words))
            }
        };
        if is_there { Found::Something } else { Found::Not }
    }
}

pub(super) fn is_number(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit()) || NUMBERS.contains(&word)
}

/// Whether there is so much of a unit of time: `30 days`, `two working weeks`, `every hour`.
fn is_timed(words: &[String]) -> bool {
    words.windows(3).chain(words.windows(2)).any(|run| {
        let Some((last, before)) = run.split_last() else { return false };
        let counts = |word: &String| is_number(word) || DETERMINERS.contains(&word.as_str());
        UNITS.contains(&last.as_str()) && before.iter().any(counts)
    })
}

fn has_clock_or_year(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit() && c != ':').any(|part| match part.split_once(':') {
        Some((hour, minute)) => (1..=2).contains(&hour.len()) && minute.len() == 2,
        None => part.len() == 4 && (part.starts_with("19") || part.starts_with("20")),
    })
}

/// Whether two words with capitals stand side by side, as in the name of a person.
fn has_name(text: &str) -> bool {
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

/// Whether it says in, at or below something that has a name.
fn has_place(text: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_question_tell_what_it_wants() {
        for (question, wanted) in [
            ("How long are logs retained?", Some(Wanted::Duration)),
            ("How much does a NAT gateway cost?", Some(Wanted::Money)),
            ("How much data is there?", Some(Wanted::Number)),
            ("What does a secret cost?", Some(Wanted::Money)),
            ("Who is on call?", Some(Wanted::Person)),
            ("By when must it be told?", Some(Wanted::Time)),
            ("Why?", Some(Wanted::Reason)),
            ("Where is it?", Some(Wanted::Place)),
            ("Is ping of use?", None),
            ("", None),
        ] {
            assert_eq!(Wanted::by(question), wanted, "{question}");
        }
    }

    #[test]
    fn a_sentence_has_an_answer_of_a_kind_or_has_none() {
        let find = |wanted: Wanted, text: &str| wanted.find(text, false, |word| word == "lead");
        for (wanted, text) in [
            (Wanted::Number, "An ACL holds 20 rules."),
            (Wanted::Money, "It costs nothing."),
            (Wanted::Money, "A secret costs 0.40 a month."),
            (Wanted::Duration, "A shift lasts one week."),
            (Wanted::Duration, "They are kept for ever."),
            (Wanted::Time, "The rota changes at 10:00."),
            (Wanted::Time, "It is in force since March."),
            (Wanted::Person, "The owner decides."),
            (Wanted::Place, "Data lie in the Region eu-north-1."),
            (Wanted::Reason, "It waits, because nobody answers."),
        ] {
            assert_eq!(find(wanted, text), Found::Something, "{text}");
        }
        assert_eq!(find(Wanted::Person, "The leads are Maja Ekwall and others."), Found::Name);
        for (wanted, text) in [
            (Wanted::Number, "An ACL holds rules."),
            (Wanted::Money, "A route is a way."),
            (Wanted::Duration, "A function runs in a network, always."),
            (Wanted::Person, "The lead types no commands."),
            (Wanted::Place, "Data lie in many places."),
            (Wanted::Time, "The rota is long."),
        ] {
            assert_eq!(find(wanted, text), Found::Not, "{text}");
        }
    }
}
