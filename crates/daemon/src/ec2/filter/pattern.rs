//! The values of filters, which are patterns.
//!
//! Source: EC2 user guide, "List and filter using the CLI and API": `*` stands for zero or more characters and `?` for
//! zero or one, unless a backslash stands before them; case counts. In policies `?` is exactly one: those have a
//! matcher of their own.

/// Whether the value of a filter covers the value of a resource. It takes time in proportion to the product of their
/// lengths.
pub(super) fn covers(pattern: &str, value: &str) -> bool {
    if !pattern.contains(['*', '?', '\\']) {
        return pattern == value;
    }
    let tokens = tokens(pattern);
    // Which beginnings of the pattern may cover what was read of the value.
    let mut reached = vec![false; tokens.len() + 1];
    if let Some(empty) = reached.first_mut() {
        *empty = true;
    }
    skip(&tokens, &mut reached);
    for character in value.chars() {
        read(&tokens, &mut reached, character);
        skip(&tokens, &mut reached);
        if !reached.contains(&true) {
            return false;
        }
    }
    reached.last() == Some(&true)
}

/// A piece of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    /// Zero or more characters.
    Any,
    /// Zero or one character.
    Optional,
    Literal(char),
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut characters = pattern.chars();
    let mut tokens = Vec::with_capacity(pattern.len());
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '*' => Token::Any,
            '?' => Token::Optional,
            '\\' => Token::Literal(characters.next().unwrap_or('\\')),
            other => Token::Literal(other),
        });
    }
    tokens
}

/// Reaches what needs no character.
fn skip(tokens: &[Token], reached: &mut [bool]) {
    let mut before = false;
    let passed = std::iter::once(Token::Literal('\0')).chain(tokens.iter().copied());
    for (state, passed) in reached.iter_mut().zip(passed) {
        *state |= before && matches!(passed, Token::Any | Token::Optional);
        before = *state;
    }
}

/// Reaches what is one character further.
fn read(tokens: &[Token], reached: &mut [bool], character: char) {
    let (mut before, mut passed) = (false, Token::Literal('\0'));
    let next = tokens.iter().copied().map(Some).chain(std::iter::once(None));
    for (state, next) in reached.iter_mut().zip(next) {
        let stays = *state && next == Some(Token::Any);
        let comes = before && (passed == Token::Optional || passed == Token::Literal(character));
        before = *state;
        *state = stays || comes;
        passed = next.unwrap_or(passed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text_and_a_question_mark_one_character_or_none() {
        assert!(covers("vpc-*", "vpc-1") && covers("*", "") && covers("*b*", "abc") && covers("a**", "a"));
        assert!(covers("a?c", "abc") && covers("a?c", "ac") && covers("?", "") && covers("?", "ü"));
        assert!(covers("prod?", "prod") && covers("prod?", "prods") && !covers("prod?", "production"));
        assert!(covers("*ab*cd", "xababcd") && covers("???", "ab") && !covers("???", "abcd"));
        assert!(covers("?a", "aa") && covers("??a?", "a") && covers("*?x", "x") && !covers("a?b", "acd"));
        assert!(!covers("vpc", "vpc-1") && !covers("A", "a") && !covers("vpc-1", "vpc") && covers("", ""));
    }

    #[test]
    fn a_backslash_takes_away_the_meaning_of_what_is_behind_it() {
        assert!(covers(r"\*amazon\?\\", r"*amazon?\") && !covers(r"\*amazon\?\\", r"*amazon\"));
        assert!(covers(r"\*", "*") && !covers(r"\*", "x") && covers(r"\", r"\") && covers(r"\a", "a"));
    }

    #[test]
    fn many_wildcards_take_no_more_than_the_product_of_the_lengths() {
        let (pattern, value) = ("*a?".repeat(80) + "b", "a".repeat(20_000));
        assert!(!covers(&pattern, &value));
    }
}
