//! A question, as sentences are compared with it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::count::Counted;
use super::terms;
use super::wanted::{ERRORS, OF_COMING, OF_HAVING, Wanted, is_date};

/// What a question may be wrapped in.
const WRAPPINGS: [&str; 11] = [
    "can you tell me ",
    "could you tell me ",
    "do you know ",
    "i want to know ",
    "i wonder ",
    "i would like to know ",
    "is it correct that ",
    "is it right that ",
    "is it true that ",
    "please tell me ",
    "tell me ",
];

/// What stands behind `how` and is no word of what is asked about.
const MEASURES: [&str; 12] =
    ["big", "far", "fast", "high", "large", "long", "many", "much", "often", "quickly", "soon", "wide"];

/// Words of a question that tell nothing of what it is about, though they may in a text.
const FILLERS: [&str; 12] = [
    "able", "actually", "already", "else", "ever", "exactly", "happen", "happens", "only", "possible", "really",
    "still",
];

/// Verbs of what takes place, which ask for its time.
const OF_HAPPENING: [&str; 6] = ["due", "held", "occur", "occurs", "scheduled", "takes"];

/// Words that ask what holds for everybody: a rule.
const OF_RULES: [&str; 7] = ["can", "i", "may", "must", "my", "should", "we"];

/// What stands before the name of a place.
const TO_PLACES: [&str; 4] = ["from", "in", "to", "at"];

/// How many places of a question count. Each is looked for in all of the text.
const MOST_PLACES: usize = 8;

/// Words that ask how much there may be at most.
const OF_LIMITS: [&str; 6] = ["allowed", "can", "limit", "may", "maximum", "quota"];

/// Words that ask for something, and among how many of the first words one of them stands: `for how long`.
const OPEN: [&str; 8] = ["how", "what", "when", "where", "which", "who", "whom", "whose"];
const FIRST: usize = 3;

/// How many words of a question count that tell something: the last, among which it asks. More are no question.
const MOST: usize = 100;

/// Words that deny.
pub(super) const DENIALS: [&str; 8] = ["cannot", "neither", "never", "no", "nobody", "none", "not", "without"];

/// A question.
#[derive(Debug)]
pub(super) struct Question {
    /// The stems of its words that tell something, in their order.
    pub(super) sequence: Vec<String>,
    /// The same, each once.
    pub(super) terms: BTreeSet<String>,
    /// Those of them that are names: with a capital where none need be, or with a digit.
    pub(super) names: BTreeSet<String>,
    /// What kind of answer it wants.
    pub(super) wants: Option<Wanted>,
    /// What it asks the nature of: `what is a gateway endpoint?`.
    pub(super) subject: Option<String>,
    /// The kind of thing that is asked for, which an answer need not name: the color of `what color is the sky?`.
    pub(super) kind: Option<String>,
    /// What it asks the number of.
    pub(super) counts: Option<Counted>,
    /// Whether it asks how much there may be at most.
    pub(super) asks_limit: bool,
    /// Whether it asks for something, and not whether it is so.
    pub(super) is_open: bool,
    /// Places for which it asks what the rule is. Where the text does not know them, the rule for all others holds.
    pub(super) places: Vec<String>,
    /// The stem of the kind of thing of which it asks for one: the office of `which office answers?`.
    pub(super) which: Option<String>,
    /// The stem of what it asks to be there: the gym of `is there a gym in the office?`.
    pub(super) exists: Option<String>,
    /// Whether it denies something itself.
    pub(super) denies: bool,
}

impl Question {
    pub(super) fn read(text: &str) -> Self {
        let asked = unwrapped(text.trim());
        let text = &*as_count(asked);
        let wants = Wanted::by(text);
        let mut sequence = terms::telling(&without_fillers(&without_measures(text), wants));
        sequence.drain(..sequence.len().saturating_sub(MOST));
        let terms: BTreeSet<String> = sequence.iter().cloned().collect();
        // Of those of a kind it need not be said again: the AWS of `which AWS services`.
        let of_kind = if wants == Some(Wanted::Names) { kinds(text) } else { Vec::new() };
        let names = names(text).filter(|name| terms.contains(name) && !of_kind.contains(name)).collect();
        Self {
            names,
            terms,
            sequence,
            wants,
            subject: subject(text),
            kind: kind(text),
            counts: Counted::by(text),
            asks_limit: terms::words(asked).any(|word| OF_LIMITS.contains(&word.as_str())),
            is_open: terms::words(asked).take(FIRST).any(|word| OPEN.contains(&word.as_str())),
            places: places(text),
            which: which(text),
            exists: exists(text),
            denies: terms::words(text).any(|word| DENIALS.contains(&word.as_str())),
        }
    }
}

fn unwrapped(question: &str) -> &str {
    let begins =
        |wrapping: &&&str| question.get(..wrapping.len()).is_some_and(|own| own.eq_ignore_ascii_case(wrapping));
    let wrapping = WRAPPINGS.iter().find(begins);
    wrapping.and_then(|wrapping| question.get(wrapping.len()..)).unwrap_or(question)
}

/// What is in front of a number that is asked for, and may be more or less.
const EXTREMES: [&str; 9] =
    ["greatest", "highest", "largest", "lowest", "maximal", "maximum", "minimum", "smallest", "total"];

/// `What is the maximum number of rules` asks how many rules there are: neither word is of what it is about.
fn as_count(question: &str) -> Cow<'_, str> {
    let Some((before, counted)) = question.split_once(" number of ") else { return Cow::Borrowed(question) };
    let mut words = before.split_whitespace().map(str::to_lowercase).peekable();
    let asks = words.next().is_some_and(|word| word == "what" || word == "which")
        && words.next().is_some_and(|word| word == "is" || word == "are")
        && words.next_if(|word| word == "the").is_some()
        && words.all(|word| EXTREMES.contains(&word.as_str()));
    if asks { Cow::Owned(format!("How many {counted}")) } else { Cow::Borrowed(question) }
}

/// Without what only says how much is asked for; what is dear has a cost.
fn without_measures(question: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for word in question.split_whitespace() {
        let is_measured = kept.last().is_some_and(|before| before.eq_ignore_ascii_case("how"));
        let plain = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        match plain.as_str() {
            "expensive" | "costly" if is_measured => kept.push("cost"),
            measure if is_measured && MEASURES.contains(&measure) => {}
            _ => kept.push(word),
        }
    }
    kept.join(" ")
}

/// The stems of names. What a question begins with has a capital anyway.
fn names(question: &str) -> impl Iterator<Item = String> + '_ {
    let words = question.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).enumerate();
    let is_name = |(at, word): &(usize, &str)| {
        let is_spelt_out = word.chars().count() > 1 && word.chars().all(char::is_uppercase);
        word.contains(|c: char| c.is_ascii_digit())
            || (word.starts_with(char::is_uppercase) && (*at > 0 || is_spelt_out))
    };
    words.filter(is_name).map(|(_, word)| terms::stem(&word.to_lowercase()))
}

/// The stems of the nouns behind `which`.
fn kinds(question: &str) -> Vec<String> {
    let is_of_noun = |word: &String| !terms::is_common(word) && !OF_HAVING.contains(&word.as_str());
    terms::words(question).skip(1).take(2).take_while(is_of_noun).map(|word| terms::stem(&word)).collect()
}

/// Without what tells nothing of what is asked about.
fn without_fillers(question: &str, wants: Option<Wanted>) -> String {
    let is_filler = |word: &&str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let has = |among: &[&str]| among.contains(&word.as_str());
        has(&FILLERS)
            || (wants == Some(Wanted::Names) && has(&OF_HAVING))
            || (wants == Some(Wanted::Time) && has(&OF_HAPPENING))
            || (wants == Some(Wanted::Error) && (has(&OF_COMING) || has(&ERRORS)))
    };
    question.split_whitespace().filter(|word| !is_filler(word)).collect::<Vec<_>>().join(" ")
}

/// The noun behind `which`, if what follows it is no noun as well.
fn which(question: &str) -> Option<String> {
    let mut words = terms::words(question);
    words.next().filter(|word| word == "which")?;
    let kind = words.next().filter(|word| !terms::is_common(word))?;
    let verb = words.next()?;
    let is_verb = terms::is_common(&verb) || (verb.ends_with('s') && !verb.ends_with("ss"));
    is_verb.then(|| terms::stem(&kind))
}

fn exists(question: &str) -> Option<String> {
    let mut words = terms::words(question);
    words.next().filter(|word| word == "is" || word == "are")?;
    words.next().filter(|word| word == "there")?;
    let noun = words.skip_while(|word| terms::is_common(word)).take_while(|word| !terms::is_common(word)).last();
    noun.map(|noun| terms::stem(&noun))
}

/// The names behind `in` and `to`, in a question for a rule.
fn places(question: &str) -> Vec<String> {
    if !terms::words(question).any(|word| OF_RULES.contains(&word.as_str())) {
        return Vec::new();
    }
    let mut places = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut is_place = false;
    for word in question.split_whitespace() {
        let plain = word.trim_matches(|c: char| !c.is_alphanumeric());
        let lower = plain.to_lowercase();
        let mut letters = plain.chars();
        let is_name = letters.next().is_some_and(char::is_uppercase)
            && plain.chars().all(char::is_alphabetic)
            && letters.any(char::is_lowercase)
            && !is_date(&lower);
        if is_place && is_name {
            open.push(plain);
        } else if !open.is_empty() {
            places.push(std::mem::take(&mut open).join(" "));
        }
        is_place = TO_PLACES.contains(&lower.as_str()) || (is_place && (is_name || lower == "the"));
    }
    places.extend(Some(open.join(" ")).filter(|open| !open.is_empty()));
    places.truncate(MOST_PLACES);
    places
}

fn kind(question: &str) -> Option<String> {
    let mut words = terms::words(question);
    let first = words.next().filter(|word| matches!(word.as_str(), "what" | "which"))?;
    let (kind, verb) = (words.next()?, words.next()?);
    let is_asked = first != kind
        && matches!(verb.as_str(), "is" | "are" | "was" | "were" | "do" | "does" | "did" | "has" | "have");
    is_asked.then(|| terms::stem(&kind))
}

fn subject(question: &str) -> Option<String> {
    let question = question.to_lowercase();
    let rest = question.strip_prefix("what is ").or_else(|| question.strip_prefix("what are "))?;
    let subject = without_article(rest.trim_end_matches('?')).trim();
    Some(subject.to_owned()).filter(|subject| !subject.is_empty())
}

/// A noun without what stands before it.
pub(super) fn without_article(text: &str) -> &str {
    ["a ", "an ", "the "].iter().find_map(|article| text.strip_prefix(article)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_read_without_what_it_is_wrapped_in() {
        let read = Question::read("Is it true that gateway endpoints cost money?");
        assert_eq!(read.sequence, ["gateway", "endpoints", "cost", "money"].map(terms::stem));
        assert_eq!(Question::read("How much does a NAT gateway cost?").sequence.first().unwrap(), "nat");
        assert_eq!(Question::read("How expensive is it?").sequence, ["cost"]);
    }

    #[test]
    fn the_number_of_things_is_how_many_there_are() {
        let read = Question::read("What is the maximum number of rules of a group?");
        assert_eq!(read.sequence, ["rules", "group"].map(terms::stem));
        assert_eq!((read.wants, read.asks_limit, read.is_open), (Some(Wanted::Number), true, true));
        let read = Question::read("Is it true that gateway endpoints cost money?");
        assert!(!read.is_open && !read.asks_limit);
        assert_eq!(Question::read("What is the phone number of the desk?").sequence, ["phon", "number", "desk"]);
    }

    #[test]
    fn rules_are_asked_for_places_and_facts_are_of_them() {
        let places = |question: &str| Question::read(question).places;
        assert_eq!(places("How much may a hotel in Berlin cost?"), ["Berlin"]);
        assert_eq!(places("May I take it to the United States?"), ["United States"]);
        assert!(places("How many people live in Berlin?").is_empty());
        assert!(places("May I be away in March, or use it in EC2?").is_empty());
    }

    #[test]
    fn what_tells_nothing_of_what_is_asked_about_is_left_out() {
        let sequence = |question: &str| Question::read(question).sequence;
        assert_eq!(sequence("How soon must a key be returned?"), ["key", "returned"].map(terms::stem));
        assert_eq!(sequence("What happens if a key is lost?"), ["key", "lost"].map(terms::stem));
        assert_eq!(sequence("Which error comes when a key is lost?"), ["key", "lost"].map(terms::stem));
        assert_eq!(sequence("Which shops offer keys?"), ["shops", "keys"].map(terms::stem));
    }

    #[test]
    fn what_is_asked_to_be_there_is_the_noun_behind_there() {
        let exists = |question: &str| Question::read(question).exists;
        assert_eq!(exists("Is there a swimming pool in the office?"), Some(terms::stem("pool")));
        assert_eq!(exists("Are there any lockers?"), Some(terms::stem("lockers")));
        assert_eq!(exists("Is it there?"), None);
        assert_eq!(exists("Is there?"), None);
    }

    #[test]
    fn the_kind_of_which_one_is_asked_stands_before_a_verb() {
        let which = |question: &str| Question::read(question).which;
        assert_eq!(which("Which office answers at night?"), Some(terms::stem("office")));
        assert_eq!(which("Which tool is used?"), Some(terms::stem("tool")));
        assert_eq!(which("Which address range do both use?"), None);
        assert_eq!(which("Which of them answers?"), None);
    }

    #[test]
    fn verbs_of_taking_place_ask_for_a_time_and_are_words_elsewhere() {
        assert_eq!(Question::read("When is the market held?").sequence, ["market"].map(terms::stem));
        assert!(Question::read("Who held the market?").sequence.contains(&terms::stem("held")));
    }

    #[test]
    fn what_several_are_of_is_no_name_that_an_answer_must_have() {
        assert!(Question::read("Which AWS services have one?").names.is_empty());
        assert_eq!(Question::read("Which services has AWS?").names.len(), 1);
    }

    #[test]
    fn names_have_capitals_or_digits_and_the_first_word_has_one_anyway() {
        let names = |question: &str| Question::read(question).names.into_iter().collect::<Vec<_>>();
        assert_eq!(names("Who is on call in March?"), ["march"]);
        assert_eq!(names("Bedrock needs what?"), Vec::<String>::new());
        assert_eq!(names("NAT or a /28?"), ["28", "nat"]);
    }
}
