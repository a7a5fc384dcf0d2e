//! What kind of answer a question wants, such as a number or a person, and whether a sentence has one.

mod error;
mod name;
mod number;

pub(super) use error::{ERRORS, OF_COMING};
use error::{asks_error, has_code};
pub(super) use name::OF_HAVING;
use name::{asks_names, has_list, has_name, has_names, has_place, may_name};
use number::{DATES, has_clock_or_year, has_decimals, is_measured, is_timed};
pub(super) use number::{is_date, is_number};

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
    /// Whether something may be or can be.
    Permission,
    /// What comes of something.
    Consequence,
    /// The code or the message with which something is refused.
    Error,
    /// Which of a kind they are.
    Names,
}

/// How well a sentence has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Not,
    /// It has something of the kind.
    Something,
    /// It has a proper name, where a person is wanted, or several, where several are.
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
const CURRENCIES: [&str; 8] = ["cent", "cents", "dollar", "dollars", "euro", "euros", "kronor", "pounds"];
const OF_MONEY: [&str; 3] = ["free", "money", "nothing"];
const CONDITIONS: [&str; 8] = ["after", "before", "if", "once", "soon", "until", "when", "where"];
const PEOPLE: [&str; 55] = [
    "administrator",
    "administrators",
    "advisers",
    "anybody",
    "anyone",
    "auditors",
    "author",
    "authority",
    "board",
    "boards",
    "caller",
    "captain",
    "colleagues",
    "company",
    "consumer",
    "contractors",
    "council",
    "customer",
    "customers",
    "department",
    "directors",
    "employee",
    "employees",
    "engineers",
    "everybody",
    "everyone",
    "firm",
    "firms",
    "guests",
    "he",
    "head",
    "lead",
    "leads",
    "manager",
    "managers",
    "member",
    "members",
    "nobody",
    "officer",
    "owner",
    "owners",
    "participant",
    "people",
    "person",
    "persons",
    "provider",
    "root",
    "she",
    "somebody",
    "someone",
    "staff",
    "students",
    "team",
    "user",
    "users",
];
const REASONS: [&str; 6] = ["because", "reason", "since", "so", "therefore", "would"];
const REASONS_OF_MANY: [&str; 3] = ["as a result", "for this", "in order to"];
/// Words of what may be and of what may not.
const MODALS: [&str; 9] = ["able", "allowed", "can", "cannot", "forbidden", "may", "never", "only", "permitted"];
/// Words of what becomes of something.
const OUTCOMES: [&str; 17] = [
    "answered",
    "becomes",
    "breaks",
    "cancelled",
    "deleted",
    "denied",
    "dropped",
    "error",
    "fail",
    "fails",
    "gives",
    "loses",
    "lost",
    "refused",
    "rejected",
    "replaced",
    "stops",
];

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
            (Some("long" | "soon" | "quickly"), _) => Some(Self::Duration),
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
            (_, "what" | "which") if asks_error(&words) => Some(Self::Error),
            (_, "what") if words.get(1).is_some_and(|word| word.starts_with("happen")) => Some(Self::Consequence),
            (_, "which") if asks_names(&words) => Some(Self::Names),
            (_, "can" | "could" | "may") => Some(Self::Permission),
            (_, "is" | "are" | "am") if has(&["able", "allowed", "forbidden", "possible"]) => Some(Self::Permission),
            _ => None,
        }
    }

    /// Whether a denial is less of an answer: there is no number in what is not so.
    pub(super) fn is_of_facts(self) -> bool {
        !matches!(self, Self::Money | Self::Reason | Self::Permission | Self::Consequence | Self::Error)
    }

    /// Whether a sentence without an answer of this kind is none at all: an amount of money is told by no other, and who it is
    /// by none that speaks of nobody.
    pub(super) fn is_strict(self, text: &str, is_asked: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Money | Self::Duration => true,
            Self::Person => !may_name(text, is_asked),
            _ => false,
        }
    }

    /// Whether a sentence may be an answer just as well that has nothing of this kind.
    pub(super) fn is_lax(self) -> bool {
        matches!(self, Self::Permission | Self::Names)
    }

    /// Looks for an answer of this kind in a sentence, or in a row of a table. Words of the question are no answer to it.
    pub(super) fn find(self, text: &str, is_row: bool, is_asked: impl Fn(&str) -> bool) -> Found {
        let words: Vec<String> = terms::words(text).collect();
        let has = |among: &[&str]| words.iter().any(|word| among.contains(&word.as_str()));
        let is_there = match self {
            Self::Number => words.iter().any(|word| is_number(word)),
            Self::Money => {
                let priced = || (is_row && has_decimals(text)) || has(&CURRENCIES) || has(&PRICES);
                has(&OF_MONEY)
                    || text.contains(['$', '€', '£'])
                    || (words.iter().any(|word| is_number(word)) && priced())
            }
            Self::Duration => {
                is_timed(&words)
                    || is_measured(&words)
                    || has(&["until"])
                    || words.windows(2).any(|pair| matches!(pair, [a, b] if a == "for" && b == "ever"))
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
            Self::Permission => has(&MODALS),
            Self::Consequence => has(&OUTCOMES) || has_code(text, is_asked),
            Self::Error => has_code(text, is_asked),
            Self::Names => {
                if has_list(text, &is_asked) {
                    return Found::Name;
                }
                has_names(text, is_asked)
            }
        };
        if is_there { Found::Something } else { Found::Not }
    }
}

pub(super) fn is_plural(word: &str) -> bool {
    ["children", "men", "people", "women"].contains(&word) || (word.ends_with('s') && !word.ends_with("ss"))
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
            ("Can a group deny packets?", Some(Wanted::Permission)),
            ("Is a guest allowed to smoke?", Some(Wanted::Permission)),
            ("What happens if a key is lost?", Some(Wanted::Consequence)),
            ("Which HTTP status does it return?", Some(Wanted::Error)),
            ("What does the code 409 mean?", None),
            ("What is the code name of the project?", None),
            ("Which permission allows Converse?", None),
            ("Which AWS services offer gateways?", Some(Wanted::Names)),
            ("Which services have one?", Some(Wanted::Names)),
            ("How soon is it answered?", Some(Wanted::Duration)),
            ("", None),
        ] {
            assert_eq!(Wanted::by(question), wanted, "{question}");
        }
    }

    #[test]
    fn a_row_has_a_price_where_it_says_so_or_has_decimals() {
        let find = |text: &str| Wanted::Money.find(text, true, |_| false);
        assert_eq!(find("item: NAT gateway; price: 2 per hour"), Found::Something);
        assert_eq!(find("case: 6 endpoints; central: 87.60 and data"), Found::Something);
        assert_eq!(find("data: recordings of meetings; kept for: 14 days"), Found::Not);
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
            (Wanted::Duration, "The bridge is 30 metres long."),
            (Wanted::Permission, "A rule can only allow."),
            (Wanted::Consequence, "A second one is refused."),
            (Wanted::Error, "It ends with RouteAlreadyExists."),
            (Wanted::Error, "It is answered with HTTP 404."),
            (Wanted::Names, "The service S3 has one."),
            (Wanted::Error, "It gives ParameterConflict."),
            (Wanted::Error, "It fails with the code NoKey."),
        ] {
            assert_eq!(find(wanted, text), Found::Something, "{text}");
        }
        assert_eq!(find(Wanted::Person, "The leads are Maja Ekwall and others."), Found::Name);
        assert_eq!(find(Wanted::Names, "One is there for S3 and for the DynamoDB."), Found::Something);
        assert_eq!(find(Wanted::Names, "S3 and DynamoDB have one."), Found::Name);
        assert_eq!(find(Wanted::Names, "Only the Vega or the Lyra stops there."), Found::Name);
        for (wanted, text) in [
            (Wanted::Number, "An ACL holds rules."),
            (Wanted::Money, "A route is a way."),
            (Wanted::Duration, "A function runs in a network, always."),
            (Wanted::Person, "The lead types no commands."),
            (Wanted::Place, "Data lie in many places."),
            (Wanted::Time, "The rota is long."),
            (Wanted::Duration, "A hedge is cut in autumn."),
            (Wanted::Money, "A taxi is fine after 22:00."),
            (Wanted::Error, "An error of DynamoDB has a code, and ModifyVpcEndpoint is a call."),
            (Wanted::Names, "The lead has one."),
            (Wanted::Person, "The rota changes on Wednesdays."),
            (Wanted::Consequence, "A list works as a route does."),
        ] {
            assert_eq!(find(wanted, text), Found::Not, "{text}");
        }
    }
}
