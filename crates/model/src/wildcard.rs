//! Patterns with wildcards, as policies have them.

use std::str::Chars;

/// Whether a pattern covers a text: `*` stands for any text and `?` for exactly one character. Case counts. It takes
/// time in proportion to the product of their lengths, and no memory.
///
/// Source: IAM user guide, "IAM JSON policy elements: Resource". The filters of EC2 have another meaning of `?`.
///
/// ```
/// use sidegate_model::wildcard_covers;
///
/// assert!(wildcard_covers("s3:Get*", "s3:GetObject"));
/// assert!(!wildcard_covers("s3:Get?", "s3:Get"));
/// ```
pub fn wildcard_covers(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // What follows the last star, and the text that is left to it: it takes one character more on each failure.
    let mut star: Option<(Chars<'_>, Chars<'_>)> = None;
    loop {
        let mut ahead = text.clone();
        let Some(character) = ahead.next() else { break };
        let mut after = pattern.clone();
        match after.next() {
            Some('*') => {
                star = Some((after.clone(), text.clone()));
                pattern = after;
            }
            Some(token) if token == '?' || token == character => {
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

#[cfg(test)]
mod tests {
    use super::wildcard_covers as covers;

    #[test]
    fn a_star_is_any_text_and_a_question_mark_exactly_one_character() {
        assert!(covers("vpc-*", "vpc-1") && covers("*", "") && covers("a?c", "abc") && covers("*b*", "abc"));
        assert!(covers("?", "ü") && covers("*ab*cd", "xababcd") && covers("", "") && covers("a**", "a"));
        assert!(!covers("a?c", "ac") && !covers("vpc", "vpc-1") && !covers("A", "a") && !covers("vpc-1", "vpc"));
        assert!(!covers("?", "") && covers("s3:Get?bject", "s3:GetObject"));
    }

    #[test]
    fn a_backslash_is_a_character_like_any_other() {
        assert!(covers(r"\*", r"\x") && !covers(r"\*", "*"));
    }

    #[test]
    fn many_stars_take_no_more_than_the_product_of_the_lengths() {
        let (pattern, text) = ("*a".repeat(200) + "b", "a".repeat(20_000));
        assert!(!covers(&pattern, &text));
    }
}
