use super::*;
use crate::bedrock::prompt::{Document, Part, Role, Settings, Turn};

const GATEWAY: &str = "# Gateway endpoints\n\nA gateway endpoint is a route in a route table. It is free of charge. \
                       S3 and DynamoDB have gateway endpoints.";
const INTERFACE: &str = "# Interface endpoints\n\nAn interface endpoint is a network interface with a private address. \
                         Bedrock is reached through an interface endpoint, because it has no gateway endpoint. \
                         Each interface costs money for every hour.";

fn answer(prompt: &Prompt) -> String {
    super::answer(prompt, &|| false).unwrap()
}

fn ask(question: &str) -> String {
    let document =
        |title: &str, text: &str| Part::Document(Document { title: title.to_owned(), text: text.to_owned() });
    let parts = vec![document("gateway", GATEWAY), document("interface", INTERFACE), Part::Text(question.to_owned())];
    let turns = vec![Turn { role: Role::User, parts }];
    answer(&Prompt { system: Vec::new(), turns, settings: Settings::default() })
}

#[test]
fn the_sentence_that_answers_is_quoted_first_with_its_source() {
    let told = ask("Why does Bedrock use an interface endpoint?");
    let first = told.lines().next().unwrap();
    assert!(first.contains("[interface]"), "{told}");
    let expected =
        "\"Bedrock is reached through an interface endpoint, because it has no gateway endpoint.\" [interface]";
    assert!(told.contains(expected), "{told}");
    assert!(told.contains("\n\nSource"), "{told}");
    let told = ask("Which services have gateway endpoints?");
    assert!(told.contains("\"S3 and DynamoDB have gateway endpoints.\" [gateway]"), "{told}");
    let told = ask("What does an interface cost?");
    assert!(told.contains("\"Each interface costs money for every hour.\" [interface]"), "{told}");
    assert_eq!(told, ask("What does an interface cost?"), "it is always the same");
}

#[test]
fn what_no_sentence_says_is_not_answered() {
    for question in ["Who won the football match on Saturday?", "How is a secret rotated in Secrets Manager?", "Why?"] {
        let told = ask(question);
        assert!(told.starts_with("The given text does not answer this question."), "{question}: {told}");
        assert!(told.contains("2 sources"), "{told}");
    }
    let told = answer(&Prompt::of_text("Why does Bedrock use an interface endpoint?", Settings::default()));
    assert!(told.starts_with("There is no text to answer from."), "{told}");
}

#[test]
fn a_cell_of_a_table_is_told_by_its_row_and_its_heading() {
    let rules = "| data | kept for | then |\n|---|---|---|\n| log events | 30 days | deleted |\n\
                 | support tickets | 3 years | names removed |\n\n## Prices\n\n| item | price |\n|---|---|\n\
                 | NAT gateway | 0.045 per hour |\n| public address | 0.005 per hour |";
    let ask = |question: &str| {
        let text = format!("<document><title>rules</title>\n{rules}\n</document>\n{question}");
        answer(&Prompt::of_text(&text, Settings::default()))
    };
    for (question, expected) in [
        ("How long are support tickets kept?", "\"support tickets: kept for 3 years\" [rules]"),
        ("For how long are log events retained?", "\"log events: kept for 30 days\" [rules]"),
        ("What is the price of a public address?", "\"public address: price is 0.005 per hour\" [rules]"),
        ("What does a NAT gateway cost?", "\"NAT gateway: price is 0.045 per hour\" [rules]"),
        ("Which data is deleted then?", "\"data: log events; kept for: 30 days; then: deleted\" [rules]"),
    ] {
        let told = ask(question);
        assert!(told.starts_with(expected), "{question}: {told}");
    }
    for question in ["What is the price of a load balancer?", "How long are photographs kept?"] {
        assert!(ask(question).starts_with("The given text does not answer"), "{question}: {}", ask(question));
    }
}

#[test]
fn the_number_that_is_asked_for_is_told_or_none() {
    let text = "A route table may hold 500 routes. A network may have 200 tables and 5 ranges. Rules are read in order, and \
                2 of them never match.";
    let ask =
        |question: &str| answer(&Prompt::of_text(&format!("<text>{text}</text> {question}"), Settings::default()));
    for question in
        ["How many routes may a route table have?", "What is the maximum number of routes of a route table?"]
    {
        assert_eq!(ask(question), "\"A route table may hold 500 routes.\" [1]\n\nSource: [1]", "{question}");
    }
    for question in ["How many rules are there?", "What is the maximum number of endpoints of a network?"] {
        assert!(ask(question).starts_with("The given text does not answer"), "{question}: {}", ask(question));
    }
}

#[test]
fn texts_without_names_are_cited_by_number() {
    let text = "<context>Keys are rotated every year.</context> How often are keys rotated?";
    let told = answer(&Prompt::of_text(text, Settings::default()));
    assert_eq!(told, "\"Keys are rotated every year.\" [1]\n\nSource: [1]");
}

#[test]
fn prompts_of_well_known_chains_and_of_other_languages_are_answered() {
    for (prompt, expected) in [
        ("The king is Bob. The queen is Eve.\n\nQuestion: Who is the queen?\nAnswer:", "The queen is Eve."),
        ("Context: The king is Bob. The queen is Eve.\nQuery: Who is the queen?\nAnswer: ", "The queen is Eve."),
        ("<text>The king is Bob. The queen is Eve.</text>\nWho is the queen?", "The queen is Eve."),
        ("What color is the sky? The sky is blue. Grass is green.", "The sky is blue."),
        (
            "Based on the following passage, who is the queen? Passage: The king is Bob. The queen is Eve.",
            "The queen is Eve.",
        ),
        ("<context>京都は日本にあります。東京は首都です。</context>京都はどこにありますか？", "京都は日本にあります。"),
        ("<context>Директор — Иван Петров. Офис в Москве.</context>Кто директор?", "Директор — Иван Петров."),
    ] {
        let told = answer(&Prompt::of_text(prompt, Settings::default()));
        assert!(told.starts_with(&format!("\"{expected}\"")), "{prompt}: {told}");
    }
}

#[test]
fn sentences_of_a_loose_text_answer_however_they_begin() {
    for (text, question, expected) in [
        (
            "Based on the census, the town has 512 inhabitants. It lies in Norway.",
            "How many inhabitants does the town have?",
            0,
        ),
        ("The door is old. Keep the door of the cellar closed.", "What must be kept closed?", 1),
        ("Using the lift costs two euros. The stairs are free.", "What does using the lift cost?", 0),
        ("Guests like it. If you smoke, use the terrace on the roof.", "Where may I smoke?", 1),
        ("The ship is old. The ship carries fifteen boats.", "How many boats does the ship carry?", 1),
    ] {
        let told = answer(&Prompt::of_text(&format!("{text}\n\n{question}"), Settings::default()));
        let expected = text.split_inclusive(". ").nth(expected).unwrap().trim();
        assert!(told.starts_with(&format!("\"{expected}\"")), "{question}: {told}");
    }
}

#[test]
fn a_large_text_is_read_in_no_time() {
    let text = format!(
        "<context>{}</context> What does sentence number 7777 say?",
        (0..20_000).map(|n| format!("This is sentence number {n} of a long text. ")).collect::<String>()
    );
    let began = std::time::Instant::now();
    let told = answer(&Prompt::of_text(&text, Settings::default()));
    assert!(told.contains("sentence number 7777 of"), "{told}");
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

/// How long a text may be read that is full of what begins and never ends, where nothing is optimised and much else runs.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(20);

#[test]
fn texts_of_signs_that_begin_and_never_end_are_read_in_time_that_grows_with_their_length() {
    let rows: String = (0..8000).map(|n| format!("{{\"id\": {n}, \"tags\": [\"a\", \"b{n}\"]}}, ")).collect();
    let names: String = (0..20_000).map(|n| format!("<n{n}>")).collect();
    let headings = format!("# {}\n\n", "heading ".repeat(20_000));
    let table = format!("| {} |\n|---|\n{}", "head ".repeat(20_000), "| cell |\n".repeat(5000));
    for text in [
        "[".repeat(300_000),
        "[a](".repeat(75_000),
        "<".repeat(300_000),
        "<document>".repeat(70_000),
        format!("{}</document>", "<document>".repeat(70_000)),
        names,
        rows,
        headings + &"It costs. Boats sail.\n\n".repeat(10_000),
        table,
        format!("It costs 5 euros {}\n\nIt costs 5 euros {}", "word ".repeat(60_000), "word ".repeat(59_000)),
    ] {
        let began = std::time::Instant::now();
        let prompt = Prompt::of_text(&format!("{text}\n\nWhat does it cost?"), Settings::default());
        assert!(!answer(&prompt).is_empty());
        let begin: String = text.chars().take(20).collect();
        assert!(began.elapsed() < LONGEST, "{begin}: {:?}", began.elapsed());
    }
    let words: String = (0..20_000).map(|n| format!("w{n} ")).collect();
    let sentences: String = (0..10_000).map(|n| format!("W{n} is. ")).collect();
    let text = format!("<text>{sentences}</text>Why so? {words}What?");
    let began = std::time::Instant::now();
    answer(&Prompt::of_text(&text, Settings::default()));
    assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
}

#[test]
fn nothing_is_read_any_more_once_nobody_waits() {
    let asked = std::cell::Cell::new(0);
    let text = format!("<text>{}</text> What is free?", "A route is free. ".repeat(1000));
    let prompt = Prompt::of_text(&text, Settings::default());
    let is_over = || asked.replace(asked.get() + 1) >= 10;
    assert_eq!(super::answer(&prompt, &is_over), None);
    assert_eq!(asked.get(), 11, "it looked no further");
}
