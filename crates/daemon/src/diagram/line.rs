//! Lines: how many columns a text takes, and texts in lines of a width.

/// Characters that take two columns. Where terminals differ, such as for signs that may be emoji, they are taken as wide,
/// so that a line is never wider than it should be.
///
/// Source: Unicode, EastAsianWidth.txt and emoji-data.txt.
const WIDE: [(u32, u32); 20] = [
    (0x1100, 0x115f),
    (0x231a, 0x231b),
    (0x2329, 0x232a),
    (0x23e9, 0x23f3),
    (0x25fd, 0x25fe),
    (0x2600, 0x27bf),
    (0x2b1b, 0x2b55),
    (0x2e80, 0x303e),
    (0x3040, 0xa4cf),
    (0xa960, 0xa97f),
    (0xac00, 0xd7a3),
    (0xf900, 0xfaff),
    (0xfe10, 0xfe19),
    (0xfe30, 0xfe6f),
    (0xff00, 0xff60),
    (0xffe0, 0xffe6),
    (0x1_6fe0, 0x1_b2ff),
    (0x1_f000, 0x1_faff),
    (0x2_0000, 0x2_fffd),
    (0x3_0000, 0x3_fffd),
];

/// Characters that take none: marks on the one before.
///
/// Source: Unicode, UnicodeData.txt, categories Mn and Me, the blocks that have nothing else.
const MARKS: [(u32, u32); 9] = [
    (0x0300, 0x036f),
    (0x0483, 0x0489),
    (0x0591, 0x05bd),
    (0x064b, 0x065f),
    (0x1ab0, 0x1ace),
    (0x1dc0, 0x1dff),
    (0x20d0, 0x20f0),
    (0xfe20, 0xfe2f),
    (0xe_0100, 0xe_01ef),
];

/// Behind these a long word may go on in the next line.
const BREAKS: [char; 9] = [',', ';', '/', '.', '-', '_', '&', '=', '}'];

/// How many columns a text takes on a terminal, at most.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

fn width(c: char) -> usize {
    let is_in = |ranges: &[(u32, u32)]| ranges.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(c)));
    match () {
        () if c.is_ascii() => 1,
        () if is_in(&MARKS) => 0,
        () if is_in(&WIDE) => 2,
        () => 1,
    }
}

/// A text in which nothing commands a terminal, turns the order of what it shows, or is not allowed in XML.
pub(crate) fn clean(text: &str) -> String {
    let is_foreign = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
            || matches!(c, '\u{61c}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
    };
    text.chars().map(|c| if is_foreign(c) { '\u{fffd}' } else { c }).collect()
}

/// A text in lines of a width, broken between words but for those that a no-break space joins, and within what is longer than a line. At least one line; a width
/// below 2 is 2, since some characters have no less.
pub(crate) fn fitted(text: &str, limit: usize) -> Vec<String> {
    let limit = limit.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    let is_gap = |c: char| c.is_whitespace() && c != '\u{a0}';
    for word in text.split(is_gap).filter(|word| !word.is_empty()) {
        let room = limit.saturating_sub(columns(&line) + usize::from(!line.is_empty()));
        if columns(word) > room && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        let mut rest = word;
        while columns(rest) > limit {
            let (head, tail) = rest.split_at(cut(rest, limit));
            lines.push(head.to_owned());
            rest = tail;
        }
        line.push_str(rest);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Where a word that is too long is cut, in bytes: behind a sign in the second half of the line, or where the line ends.
fn cut(word: &str, limit: usize) -> usize {
    let (mut taken, mut end, mut behind_sign) = (0, 0, 0);
    for (at, c) in word.char_indices() {
        taken += width(c);
        if taken > limit {
            break;
        }
        end = at + c.len_utf8();
        if BREAKS.contains(&c) && taken * 2 >= limit {
            behind_sign = end;
        }
    }
    if behind_sign > 0 { behind_sign } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_takes_as_many_columns_as_a_terminal_gives_it() {
        assert_eq!(["", "vpc", "日本", "e\u{301}", "→ ▼", "🚀x"].map(columns), [0, 3, 4, 1, 3, 3]);
    }

    #[test]
    fn a_text_is_broken_between_words_and_long_words_behind_signs() {
        assert_eq!(fitted("one two three", 8), ["one two", "three"]);
        assert_eq!(
            fitted("arn:aws:s3:::documents/with/a/long/name of", 16),
            ["arn:aws:s3:::doc", "uments/with/a/", "long/name of"]
        );
        assert_eq!(fitted("日本語", 4), ["日本", "語"]);
        assert_eq!((fitted("", 9), fitted("abc", 0)), (vec![String::new()], vec!["ab".to_owned(), "c".to_owned()]));
    }

    #[test]
    fn nothing_in_a_text_commands_a_terminal_or_turns_it_around() {
        assert_eq!(clean("a\u{1b}[2J\u{202e}b\nc\u{0}"), "a\u{fffd}[2J\u{fffd}b\u{fffd}c\u{fffd}");
        assert_eq!(clean("private-a (日本) é"), "private-a (日本) é");
    }
}
