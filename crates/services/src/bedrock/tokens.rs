//! How many tokens a text has. The count is Sidegate's own: words in pieces of six letters, and every other character by
//! itself. It is near that of common models for English, and the same on every machine.

/// The longest piece of a word that is one token, in characters.
const PIECE: usize = 6;

/// The places in a text at which a token ends, in bytes, in order.
pub(super) fn ends(text: &str) -> impl Iterator<Item = usize> + '_ {
    let mut characters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let mut piece = 0;
        loop {
            let (at, character) = characters.next()?;
            let end = at + character.len_utf8();
            if character.is_whitespace() {
                continue;
            }
            piece += 1;
            let goes_on = characters.peek().is_some_and(|(_, next)| is_of_word(*next));
            if !is_of_word(character) || !goes_on || piece == PIECE {
                return Some(end);
            }
        }
    })
}

/// Whether a character is one of several in a token.
fn is_of_word(character: char) -> bool {
    // Han, kana and Hangul count one by one.
    character.is_alphanumeric() && !matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// How many tokens a text has.
pub(super) fn count(text: &str) -> u64 {
    ends(text).fold(0, |count, _| count + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_pieces_and_other_characters_one_by_one() {
        for (text, expected) in
            [("", 0), (" \n", 0), ("an endpoint", 3), ("Why?", 2), ("vpc-endpoint.", 5), ("日本語", 3), ("a b", 2)]
        {
            assert_eq!(count(text), expected, "{text}");
        }
        assert_eq!(ends("ab, cdefghij").collect::<Vec<_>>(), [2, 3, 10, 12]);
    }
}
