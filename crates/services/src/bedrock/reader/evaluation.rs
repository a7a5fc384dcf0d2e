//! The questions of `examples/document-qa` over its documents: how many are answered well, and what is added to answers.
//!
//! There are four lists. The second has questions of tables and quotas, the third plain ones that a user would ask, with
//! texts of its own for some of them, the fourth ones of many kinds. Half of each of these are held out: nothing was fitted to
//! them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::*;
use crate::bedrock::prompt::{Document, Part, Role, Settings, Turn};

/// Of a hundred questions that the documents answer, at least so many have an answer as the first sentence.
const FIRST: usize = 80;

/// Of a hundred sentences that are added to the first, at most so many do not belong there.
const STRAY: usize = 40;

/// Of a hundred questions that the documents do not answer, at least so many are refused.
const REFUSED: usize = 80;

/// How long an answer from all documents, some two hundred kilobytes, may take where nothing is optimised and much else runs.
const LONGEST: Duration = Duration::from_secs(1);

#[derive(Deserialize)]
struct Asked {
    question: String,
    documents: Vec<String>,
    phrases: Vec<String>,
    #[serde(default)]
    related: Vec<String>,
    #[serde(default)]
    held_out: bool,
    /// Whether it is asked of the list's own texts.
    #[serde(default)]
    of_texts: bool,
}

#[derive(Deserialize)]
struct Questions {
    #[serde(default)]
    texts: Vec<Text>,
    questions: Vec<Asked>,
}

#[derive(Deserialize)]
struct Text {
    name: String,
    text: String,
}

#[derive(Debug, Default)]
struct Figures {
    answerable: usize,
    answered: usize,
    first: usize,
    added: usize,
    stray: usize,
    unanswerable: usize,
    refused: usize,
    /// What did not go well, for whoever reads the test's failure.
    bad: Vec<String>,
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/document-qa")
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn documents() -> Vec<Part> {
    let directory = example().join("documents");
    let document = |path: PathBuf| {
        let title = path.strip_prefix(&directory).unwrap().to_str().unwrap().to_owned();
        Part::Document(Document { title, text: fs::read_to_string(&path).unwrap() })
    };
    files(&directory).into_iter().map(document).collect()
}

fn plain(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Figures {
    fn count(&mut self, asked: &Asked, told: &str) {
        let is_refusal = told.starts_with("The given text does not answer");
        let mut sentences = told.lines().take_while(|line| !line.is_empty());
        let has = |line: &str, phrases: &[String]| phrases.iter().any(|phrase| plain(line).contains(&plain(phrase)));
        let before = (self.first + self.refused, self.stray);
        if asked.documents.is_empty() {
            self.unanswerable += 1;
            self.refused += usize::from(is_refusal);
        } else {
            self.answerable += 1;
            self.answered += usize::from(!is_refusal);
            let is_of = |line: &str| asked.documents.iter().any(|name| line.ends_with(&format!("[{name}]")));
            let is_first = sentences.next().is_some_and(|line| has(line, &asked.phrases) && is_of(line));
            self.first += usize::from(is_first);
            for line in sentences {
                self.added += 1;
                self.stray += usize::from(!has(line, &asked.phrases) && !has(line, &asked.related));
            }
        }
        if (self.first + self.refused, self.stray) != (before.0 + 1, before.1) {
            self.bad.push(format!("{}\n    {}", asked.question, told.replace('\n', "\n    ")));
        }
    }
}

/// A list of questions.
fn list(name: &str) -> Questions {
    serde_json::from_str(&fs::read_to_string(example().join(name)).unwrap()).unwrap()
}

impl Figures {
    /// Those of questions that are asked one after the other, each of all documents, or of all texts of the list.
    fn of<'a>(questions: impl Iterator<Item = &'a Asked>, texts: &[Text]) -> Self {
        let text = |own: &Text| Part::Document(Document { title: own.name.clone(), text: own.text.clone() });
        let (documents, texts) = (documents(), texts.iter().map(text).collect::<Vec<_>>());
        let mut figures = Self::default();
        for asked in questions {
            let mut parts = if asked.of_texts { texts.clone() } else { documents.clone() };
            parts.push(Part::Text(asked.question.clone()));
            let turns = vec![Turn { role: Role::User, parts }];
            let prompt = Prompt { system: Vec::new(), turns, settings: Settings::default() };
            let told = answer(&prompt, &|| false).unwrap();
            figures.count(asked, &told);
        }
        figures
    }

    fn told(&self) -> String {
        let Self { answerable, answered, first, added, stray, unanswerable, refused, bad } = self;
        format!(
            "{first} of {answerable} questions have an answer first ({answered} were answered); {stray} of {added} sentences \
             that were added do not belong; {refused} of {unanswerable} questions without an answer were refused\n{}",
            bad.join("\n")
        )
    }
}

#[test]
fn the_questions_of_the_example_are_answered_from_its_documents() {
    let Questions { questions, texts } = list("questions.json");
    let begun = Instant::now();
    let figures = Figures::of(questions.iter(), &texts);
    let took = begun.elapsed() / u32::try_from(questions.len()).unwrap();
    let told = format!("{took:?} each: {}", figures.told());
    println!("{told}");
    let Figures { answerable, first, added, stray, unanswerable, refused, .. } = figures;
    assert!(answerable >= 80 && unanswerable >= 15, "there are questions of both kinds");
    assert!(first * 100 >= FIRST * answerable, "{told}");
    assert!(stray * 100 <= STRAY * added.max(1), "{told}");
    assert!(refused * 100 >= REFUSED * unanswerable, "{told}");
    assert!(took < LONGEST, "{told}");
}

#[test]
fn questions_of_tables_and_quotas_are_answered_with_their_cells_and_numbers() {
    let Questions { questions, texts } = list("further-questions.json");
    for is_held_out in [false, true] {
        let figures = Figures::of(questions.iter().filter(|own| own.held_out == is_held_out), &texts);
        let told = format!("held out: {is_held_out}: {}", figures.told());
        println!("{told}");
        let Figures { answerable, first, unanswerable, refused, .. } = figures;
        assert!(answerable >= 15 && unanswerable >= 6, "there are questions of both kinds");
        assert!(first * 100 >= FIRST * answerable, "{told}");
        assert!(refused * 100 >= REFUSED * unanswerable, "{told}");
    }
}

/// The same as above of plain questions, which are harder: words of the text's own are seldom in them.
const FIRST_OF_PLAIN: usize = 60;
const REFUSED_OF_PLAIN: usize = 80;

#[test]
fn plain_questions_are_answered_of_documents_and_of_other_texts() {
    let Questions { questions, texts } = list("plain-questions.json");
    for is_held_out in [false, true] {
        let figures = Figures::of(questions.iter().filter(|own| own.held_out == is_held_out), &texts);
        let told = format!("held out: {is_held_out}: {}", figures.told());
        println!("{told}");
        let Figures { answerable, first, unanswerable, refused, .. } = figures;
        assert!(answerable >= 15 && unanswerable >= 5, "there are questions of both kinds");
        assert!(first * 100 >= FIRST_OF_PLAIN * answerable, "{told}");
        assert!(refused * 100 >= REFUSED_OF_PLAIN * unanswerable, "{told}");
    }
}

/// The same of questions of many kinds.
const FIRST_OF_VARIED: usize = 75;
const REFUSED_OF_VARIED: usize = 80;

#[test]
fn questions_of_many_kinds_are_answered_or_refused() {
    let Questions { questions, texts } = list("varied-questions.json");
    for is_held_out in [false, true] {
        let figures = Figures::of(questions.iter().filter(|own| own.held_out == is_held_out), &texts);
        let told = format!("held out: {is_held_out}: {}", figures.told());
        println!("{told}");
        let Figures { answerable, first, unanswerable, refused, .. } = figures;
        assert!(answerable >= 20 && unanswerable >= 8, "there are questions of both kinds");
        assert!(first * 100 >= FIRST_OF_VARIED * answerable, "{told}");
        assert!(refused * 100 >= REFUSED_OF_VARIED * unanswerable, "{told}");
    }
}
