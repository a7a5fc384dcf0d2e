//! Patterns with wildcards, as filters and policies have them.

use std::str::Chars;

/// What a backslash in a pattern is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backslash {
    /// A character like any other, as in policies.
    Literal,
    /// It takes away the meaning of the character behind it, as in the filters of EC2.
    Escapes,
}

/// Whether a pattern covers a text: `*` stands for any text and `?` for one character. Case counts. It takes time in
/// proportion to the product of their lengths, and no memory.
///
/// ```
/// use sidegate_model::{Backslash, wildcard_covers};
///
/// assert!(wildcard_covers("s3:Get*", "s3:GetObject", Backslash::Literal));
/// assert!(!wildcard_covers(r"\*", "anything", Backslash::Escapes));
/// ```
pub fn wildcard_covers(pattern: &str, text: &str, backslash: Backslash) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // What follows the last star, and the text that is left to it: it takes one character more on each failure.
    let mut star: Option<(Chars<'_>, Chars<'_>)> = None;
    loop {
        let mut ahead = text.clone();
        let Some(character) = ahead.next() else { break };
        let mut after = pattern.clone();
        match token(&mut after, backslash) {
            Some(Token::Any) => {
                star = Some((after.clone(), text.clone()));
                pattern = after;
            }
            Some(token) if token == Token::One || token == Token::Literal(character) => {
                pattern = after;
                text = ahead;
            }
            _ => {
                let Some((after_star, taken)) = &mut star else { return false };
                taken.next();
                pattern = after_star.clone();
                text = taken.clone();
            }
        }
    }
    pattern.all(|rest| rest == '*')
}

/// A piece of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Any,
    One,
    Literal(char),
}

fn token(pattern: &mut Chars<'_>, backslash: Backslash) -> Option<Token> {
    Some(match (pattern.next()?, backslash) {
        ('*', _) => Token::Any,
        ('?', _) => Token::One,
        ('\\', Backslash::Escapes) => Token::Literal(pattern.next().unwrap_or('\\')),
        (other, _) => Token::Literal(other),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_any_text_and_for_one_character_unless_escaped() {
        let covers = |pattern, text| wildcard_covers(pattern, text, Backslash::Escapes);
        assert!(covers("vpc-*", "vpc-1") && covers("*", "") && covers("a?c", "abc") && covers("*b*", "abc"));
        assert!(covers("?", "ü") && covers("*ab*cd", "xababcd") && covers("", "") && covers("a**", "a"));
        assert!(!covers("a?c", "ac") && !covers("vpc", "vpc-1") && !covers("A", "a") && !covers("vpc-1", "vpc"));
        assert!(covers(r"\*", "*") && !covers(r"\*", "x") && covers(r"a\?\\", r"a?\") && covers(r"\", r"\"));
    }

    #[test]
    fn a_backslash_that_escapes_nothing_is_a_character() {
        let covers = |pattern, text| wildcard_covers(pattern, text, Backslash::Literal);
        assert!(covers(r"\*", r"\x") && !covers(r"\*", "*") && covers("s3:Get?bject", "s3:GetObject"));
    }

    #[test]
    fn many_stars_take_no_more_than_the_product_of_the_lengths() {
        let (pattern, text) = ("*a".repeat(200) + "b", "a".repeat(20_000));
        assert!(!wildcard_covers(&pattern, &text, Backslash::Literal));
    }
}
