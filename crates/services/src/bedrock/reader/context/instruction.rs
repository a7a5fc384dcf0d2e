//! Sentences that tell a model what to do, which are nothing to quote. Texts have sentences that begin in the same way and
//! tell of the world ("Keep the door closed", "If you smoke, …"): only what speaks of the task is an instruction.

/// What instructions begin with.
const FIRST: [&str; 23] = [
    "answer",
    "based on",
    "be brief",
    "be concise",
    "context information is",
    "do not",
    "don't",
    "from the",
    "given the",
    "if the answer",
    "if you",
    "keep",
    "please",
    "read the",
    "reply",
    "respond",
    "use only",
    "use the",
    "using",
    "you are",
    "you're",
    "your job",
    "your task",
];

/// Words that speak of the task: of what is asked, of the text as such, of the answer, and of who is to give it.
const OF_THE_TASK: [&str; 38] = [
    "a question",
    "an answer",
    "answer the question",
    "be brief",
    "be concise",
    "briefly",
    "chatbot",
    "concise",
    "concisely",
    "context information",
    "documents above",
    "documents below",
    "following context",
    "following documents",
    "following passage",
    "following question",
    "following text",
    "from the documents",
    "given context",
    "given documents",
    "given text",
    "helpful assistant",
    "information above",
    "information below",
    "language model",
    "my question",
    "of context",
    "only the documents",
    "prior knowledge",
    "provided context",
    "provided documents",
    "provided text",
    "the answer",
    "the context",
    "the passage",
    "the query",
    "the question",
    "your answer",
];

/// Verbs of the task, and what stands behind them where they are meant so: `answer in French`, and not `answer the phone`.
const VERBS: [&str; 3] = ["answer", "reply", "respond"];
const BEHIND: [&str; 14] = [
    "as",
    "based",
    "briefly",
    "concisely",
    "from",
    "in",
    "it",
    "me",
    "my",
    "only",
    "this",
    "truthfully",
    "using",
    "with",
];

/// Who is spoken to as somebody who answers: `you are an assistant`.
const ROLES: [&str; 6] = ["ai", "assistant", "bot", "chatbot", "expert", "helper"];

/// A paragraph without the sentences that are instructions.
pub(super) fn without_instructions(paragraph: &str) -> String {
    let lines = paragraph.lines().map(|line| {
        let sentences = line.split_inclusive(". ").filter(|sentence| !is_instruction(sentence));
        sentences.collect::<String>()
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn is_instruction(sentence: &str) -> bool {
    let sentence = sentence.trim().to_lowercase().replace('\u{2019}', "'");
    let words = || sentence.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty());
    // Words stand between spaces, and so do phrases.
    let plain = format!(" {} ", words().collect::<Vec<_>>().join(" "));
    let begins = |first: &&str| plain.get(1..).and_then(|rest| rest.strip_prefix(*first)?.chars().next()) == Some(' ');
    if !FIRST.iter().any(begins) {
        return false;
    }
    let (first, second) = (words().next().unwrap_or_default(), words().nth(1).unwrap_or_default());
    let is_of_task = OF_THE_TASK.iter().any(|phrase| plain.contains(&format!(" {phrase} ")));
    let is_verb = VERBS.contains(&first) && (second.is_empty() || BEHIND.contains(&second));
    let is_role = plain.starts_with(" you") && words().skip(2).any(|word| ROLES.contains(&word));
    is_of_task || is_verb || is_role
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_the_world_are_no_instructions_however_they_begin() {
        for sentence in [
            "Based on the census, the town has 512 inhabitants.",
            "Keep the door of the cellar closed.",
            "Using the lift costs two euros.",
            "If you smoke, use the terrace on the roof.",
            "Answer the phone within three rings.",
            "Please wipe your feet at the door.",
            "You are allowed to fish in May.",
            "Do not feed the ducks.",
            "Keep the documents in the safe.",
            "Read the meter on Mondays.",
            "Use the stairs in a fire.",
            "Reply to letters within a week.",
            "Your job is safe until 2029.",
            "From the tower one sees the sea.",
            "Given the weather, the game was called off.",
            "The answer is no.",
        ] {
            assert!(!is_instruction(sentence), "{sentence}");
        }
    }

    #[test]
    fn what_speaks_to_a_model_of_its_task_is_left_out() {
        for sentence in [
            "You are an assistant.",
            "You're a helpful AI.",
            "Answer briefly.",
            "Answer in French.",
            "Answer from the documents.",
            "Respond with one word only.",
            "Use the following pieces of context to answer the question at the end.",
            "If you don\u{2019}t know the answer, just say that you don't know.",
            "Given the context information and not prior knowledge, answer the query.",
            "Context information is below.",
            "Keep the answer as short as possible.",
            "Please answer the question.",
            "Do not make up an answer.",
            "Your task is to answer a question.",
            "Using the provided context, answer.",
            "Be concise.",
            "Read the following passage.",
        ] {
            assert!(is_instruction(sentence), "{sentence}");
        }
        assert_eq!(without_instructions("Be brief. The king is Bob. Answer only this."), "The king is Bob.");
    }
}
