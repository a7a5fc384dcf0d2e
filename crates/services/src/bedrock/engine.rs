//! What answers prompts, wherever it is: the reader that is here by itself, or a server elsewhere.

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};

use super::catalog::{EMBEDDING, READER};
use super::embedding;
use super::fault::Fault;
use super::model_id::Target;
use super::prompt::{Prompt, Settings};
use super::{reader, tokens, work};

/// A prompt that is asked.
pub(super) struct Asked {
    pub(super) target: Target,
    pub(super) prompt: Prompt,
    /// Whether the answer is wanted piece by piece.
    pub(super) streams: bool,
}

/// A text of which an embedding is wanted.
pub(super) struct AskedVector {
    pub(super) target: Target,
    pub(super) text: String,
    /// How many numbers are wanted, if the request says it.
    pub(super) dimensions: Option<usize>,
    /// How many there are if it does not, and the engine leaves it open.
    pub(super) usual: usize,
    /// Whether its length is to be 1.
    pub(super) normalized: bool,
}

/// What answers.
#[async_trait]
pub(super) trait Engine: Send + Sync {
    /// Whether a model has somebody who answers for it.
    fn answers(&self, target: &Target) -> bool;

    /// Answers a prompt.
    async fn generate(&self, asked: Asked) -> Result<Generation, Fault>;

    /// The embedding of a text.
    async fn embed(&self, asked: AskedVector) -> Result<Vector, Fault>;

    /// How many tokens a prompt has, if the engine can tell without answering it.
    fn count(&self, target: &Target, prompt: &Prompt) -> Option<u64>;
}

/// An answer that is being made.
pub(super) struct Generation {
    /// Who answers, in its own words.
    pub(super) answered_by: String,
    /// How many tokens the prompt has, as far as that is known before the end.
    pub(super) input_tokens: u64,
    /// The pieces, of which the last is [`Piece::End`].
    pub(super) pieces: BoxStream<'static, Result<Piece, Fault>>,
}

/// A part of an answer.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    Text(String),
    End(End),
}

/// How an answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) reason: Reason,
    /// The stop sequence that ended it.
    pub(super) sequence: Option<String>,
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    EndTurn,
    MaxTokens,
    StopSequence,
    ContentFiltered,
}

/// An embedding.
pub(super) struct Vector {
    pub(super) answered_by: String,
    pub(super) numbers: Vec<f64>,
    pub(super) input_tokens: u64,
}

/// A whole answer.
pub(super) struct Whole {
    pub(super) answered_by: String,
    pub(super) text: String,
    pub(super) end: End,
}

impl Generation {
    /// Waits for all of it.
    pub(super) async fn whole(mut self) -> Result<Whole, Fault> {
        let mut text = String::new();
        while let Some(piece) = self.pieces.next().await {
            match piece? {
                Piece::Text(piece) => text.push_str(&piece),
                Piece::End(end) => return Ok(Whole { answered_by: self.answered_by, text, end }),
            }
        }
        Err(no_end())
    }
}

/// An answer that stops without an end.
pub(super) fn no_end() -> Fault {
    Fault::Model { message: "The model's answer broke off.".to_owned(), status: None }
}

/// The engine that is here by itself.
#[derive(Debug)]
pub(super) struct Embedded;

#[async_trait]
impl Engine for Embedded {
    fn answers(&self, _: &Target) -> bool {
        true
    }

    async fn generate(&self, asked: Asked) -> Result<Generation, Fault> {
        // A reader cannot go on with a sentence; where the model could, it answers what was asked last.
        let most = asked.target.model.most_output;
        work::bounded(work::LONGEST, move |is_over| read(&asked.prompt, most, is_over)).await
    }

    async fn embed(&self, asked: AskedVector) -> Result<Vector, Fault> {
        let dimensions = asked.dimensions.unwrap_or(asked.usual);
        let make = move |is_over: &dyn Fn() -> bool| {
            let numbers = embedding::embed(&asked.text, dimensions, asked.normalized, is_over)?;
            let input_tokens = tokens::count(&asked.text);
            Some(Vector { answered_by: EMBEDDING.to_owned(), numbers, input_tokens })
        };
        work::bounded(work::LONGEST, make).await
    }

    fn count(&self, _: &Target, prompt: &Prompt) -> Option<u64> {
        Some(prompt.tokens())
    }
}

/// Reads, and gives the answer token by token; none if it is over before.
fn read(prompt: &Prompt, most: u32, is_over: &dyn Fn() -> bool) -> Option<Generation> {
    let input_tokens = prompt.tokens();
    let (text, reason, sequence) = cut(&reader::answer(prompt, is_over)?, &prompt.settings, most);
    let end = End { reason, sequence, input_tokens, output_tokens: tokens::count(&text) };
    let mut from = 0;
    let mut pieces: Vec<Piece> = Vec::new();
    for to in tokens::ends(&text).collect::<Vec<_>>() {
        pieces.push(Piece::Text(text.get(from..to).unwrap_or_default().to_owned()));
        from = to;
    }
    if let Some(rest) = text.get(from..).filter(|rest| !rest.is_empty()) {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    pieces.push(Piece::End(end));
    Some(Generation {
        answered_by: READER.to_owned(),
        input_tokens,
        pieces: stream::iter(pieces.into_iter().map(Ok)).boxed(),
    })
}

/// What of an answer is given: up to the first stop sequence, and no more tokens than there may be.
fn cut(text: &str, settings: &Settings, most: u32) -> (String, Reason, Option<String>) {
    let stops = settings.stop.iter().filter_map(|sequence| Some((text.find(sequence.as_str())?, sequence)));
    let first = stops.min_by_key(|(at, _)| *at);
    let kept = first.map_or(text, |(at, _)| text.get(..at).unwrap_or_default());
    let most = usize::try_from(settings.max_tokens.unwrap_or(most).min(most)).unwrap_or(usize::MAX);
    let mut ends = tokens::ends(kept).skip(most.saturating_sub(1));
    if let (Some(end), Some(_)) = (ends.next(), ends.next()) {
        return (kept.get(..end).unwrap_or_default().to_owned(), Reason::MaxTokens, None);
    }
    match first {
        Some((_, sequence)) => (kept.to_owned(), Reason::StopSequence, Some(sequence.clone())),
        None => (kept.to_owned(), Reason::EndTurn, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(max_tokens: Option<u32>, stop: &[&str]) -> (String, Reason, Option<String>) {
        let stop = stop.iter().map(|text| (*text).to_owned()).collect();
        cut("one two, three.", &Settings { max_tokens, stop, ..Settings::default() }, 100)
    }

    #[test]
    fn an_answer_ends_at_the_first_stop_sequence_or_when_it_has_its_tokens() {
        assert_eq!(told(None, &[]), ("one two, three.".to_owned(), Reason::EndTurn, None));
        assert_eq!(told(Some(2), &[]), ("one two".to_owned(), Reason::MaxTokens, None));
        assert_eq!(told(Some(5), &[]).1, Reason::EndTurn, "it has as many");
        let stopped = ("one two".to_owned(), Reason::StopSequence, Some(",".to_owned()));
        assert_eq!(told(None, &["three", ","]), stopped);
        assert_eq!(told(Some(1), &[","]).1, Reason::MaxTokens, "the tokens were over before");
    }
}
