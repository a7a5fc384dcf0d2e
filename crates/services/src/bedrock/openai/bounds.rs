//! The bounds of an answer that the request sets, for servers that do not keep to them.
//!
//! A stop sequence is text, and is looked for here. Tokens are the server's, and only so much is known of them that no token
//! has parts of two words: an answer of more words than it may have tokens is cut.

use crate::bedrock::engine::Reason;
use crate::bedrock::prompt::Settings;

/// What of an answer may be told, piece by piece.
#[derive(Debug)]
pub(super) struct Bounds {
    stop: Vec<String>,
    /// How many tokens it may have.
    most: Option<u32>,
    /// How many words may still begin.
    words: Option<u32>,
    in_word: bool,
    /// What may be the beginning of a stop sequence.
    held: String,
    ended: Option<(Reason, Option<String>)>,
}

impl Bounds {
    /// Those of a request.
    pub(super) fn of(settings: &Settings) -> Self {
        let stop = settings.stop.iter().filter(|sequence| !sequence.is_empty()).cloned().collect();
        let most = settings.max_tokens;
        Self { stop, most, words: most, in_word: false, held: String::new(), ended: None }
    }

    /// What may be told when more has come.
    pub(super) fn take(&mut self, text: &str) -> String {
        if self.ended.is_some() {
            return String::new();
        }
        self.held.push_str(text);
        let first = self.stop.iter().filter_map(|own| Some((self.held.find(own.as_str())?, own)));
        if let Some((at, sequence)) = first.min_by_key(|(at, _)| *at) {
            let end = (Reason::StopSequence, Some(sequence.clone()));
            self.held.truncate(at);
            let kept = std::mem::take(&mut self.held);
            let told = self.within_words(&kept);
            self.ended.get_or_insert(end);
            return told;
        }
        let rest = self.held.split_off(self.open());
        let told = std::mem::replace(&mut self.held, rest);
        self.within_words(&told)
    }

    /// What is left to tell when no more comes.
    pub(super) fn rest(&mut self) -> String {
        if self.ended.is_some() {
            return String::new();
        }
        let held = std::mem::take(&mut self.held);
        self.within_words(&held)
    }

    /// Why the answer ends here, if the server has not ended it where it should.
    pub(super) fn ended(&mut self) -> Option<(Reason, Option<String>)> {
        self.ended.take()
    }

    /// Whether it ends here.
    pub(super) fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// A count of its tokens that was made here, which is no more than it may have.
    pub(super) fn count(&self, tokens: u64) -> u64 {
        self.most.map_or(tokens, |most| tokens.min(u64::from(most)))
    }

    /// Where in what is held a stop sequence may have begun.
    fn open(&self) -> usize {
        let begins = |own: &String| {
            let first = own.chars().next()?;
            let from = self.held.len().saturating_sub(own.len() - 1);
            let places = self.held.match_indices(first).map(|(at, _)| at).filter(|at| *at >= from);
            places.into_iter().find(|at| self.held.get(*at..).is_some_and(|end| own.starts_with(end)))
        };
        self.stop.iter().filter_map(begins).min().unwrap_or(self.held.len())
    }

    /// As much of a text as has no more words than may be.
    fn within_words(&mut self, text: &str) -> String {
        let Some(left) = &mut self.words else { return text.to_owned() };
        for (at, character) in text.char_indices() {
            let begins = !character.is_whitespace() && !self.in_word;
            self.in_word = !character.is_whitespace();
            if begins && *left == 0 {
                self.ended = Some((Reason::MaxTokens, None));
                return text.get(..at).unwrap_or_default().to_owned();
            }
            *left -= u32::from(begins);
        }
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What of pieces is told, in pieces, and why it ended.
    fn told(
        max_tokens: Option<u32>, stop: &[&str], pieces: &[&str],
    ) -> (Vec<String>, Option<(Reason, Option<String>)>) {
        let stop = stop.iter().map(|own| (*own).to_owned()).collect();
        let mut bounds = Bounds::of(&Settings { max_tokens, stop, ..Settings::default() });
        let mut told: Vec<String> = pieces.iter().map(|piece| bounds.take(piece)).collect();
        told.push(bounds.rest());
        (told, bounds.ended())
    }

    fn stopped(sequence: &str) -> Option<(Reason, Option<String>)> {
        Some((Reason::StopSequence, Some(sequence.to_owned())))
    }

    #[test]
    fn an_answer_ends_before_a_stop_sequence_however_it_is_cut() {
        assert_eq!(told(None, &["END"], &["a END b"]), (vec!["a ".to_owned(), String::new()], stopped("END")));
        let (pieces, ended) = told(None, &["END"], &["a", " E", "N", "x E", "ND", " b"]);
        assert_eq!((pieces.concat().as_str(), ended), ("a ENx ", stopped("END")));
        assert_eq!(pieces[0], "a", "what begins no stop sequence is told at once");
        let (pieces, ended) = told(None, &["END", "é"], &["caf", "é END"]);
        assert_eq!((pieces.concat().as_str(), ended), ("caf", stopped("é")));
        let (pieces, ended) = told(None, &["aab"], &["a", "a", "a", "c"]);
        assert_eq!((pieces.concat().as_str(), ended), ("aaac", None));
        assert_eq!(told(None, &["END"], &["a E"]), (vec!["a ".to_owned(), "E".to_owned()], None));
    }

    #[test]
    fn an_answer_has_no_more_words_than_it_may_have_tokens() {
        let most = Some((Reason::MaxTokens, None));
        let (pieces, ended) = told(Some(3), &[], &["one tw", "o", " three four", " five"]);
        assert_eq!((pieces.concat().as_str(), ended), ("one two three ", most.clone()));
        assert_eq!(told(Some(3), &[], &["one two three "]).1, None, "it has as many");
        assert_eq!(told(Some(1), &["three"], &["one two three"]).1, most.clone(), "the words were over before");
        assert_eq!(told(Some(3), &["two"], &["one two three"]).1, stopped("two"));
        assert_eq!(told(None, &[], &["one two three"]).1, None);
        assert_eq!(told(Some(1), &["xy"], &["one twox"]), (vec!["one ".to_owned(), String::new()], most));
    }
}
