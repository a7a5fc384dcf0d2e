//! Blanking what is not code: comments, the contents of literals, and tests.
//!
//! What is blanked becomes spaces, so that lines stay where they are.

/// The source with only the code left that is built for production.
pub(super) fn blanked(source: &str) -> String {
    without_tests(&without_literals(source))
}

/// Blanks comments, and the contents of string and character literals.
fn without_literals(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => string(rest),
            '\'' => character(rest).unwrap_or(0),
            'r' | 'b' | 'c' if !out.ends_with(is_identifier) => raw_string(rest).unwrap_or(0),
            _ => 0,
        };
        if length == 0 {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        } else {
            let (skipped, after) = rest.split_at(length);
            blank(skipped, &mut out);
            rest = after;
        }
    }
    out
}

fn blank(skipped: &str, out: &mut String) {
    out.extend(skipped.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
}

fn is_identifier(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn block_comment(source: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    source.len()
}

/// The length of the literal that begins with the quote at the start of `source`.
fn string(source: &str) -> usize {
    let mut escaped = false;
    for (at, character) in source.char_indices().skip(1) {
        match character {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    source.len()
}

/// The length of a raw string at the start of `source`, as in `r#"…"#` and `br"…"`.
fn raw_string(source: &str) -> Option<usize> {
    let marker = source.find('r').filter(|at| *at <= 1)?;
    let hashes_from = marker + 1;
    let after = source.get(hashes_from..)?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    if !after.get(hashes..)?.starts_with('"') {
        return None;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let from = hashes_from + hashes + 1;
    let length = source.get(from..)?.find(&end)? + end.len();
    Some(from + length)
}

/// The length of a character literal at the start of `source`; `None` for a lifetime.
fn character(source: &str) -> Option<usize> {
    let mut characters = source.char_indices().skip(1);
    let (_, first) = characters.next()?;
    if first != '\\' {
        let (at, closing) = characters.next()?;
        return (closing == '\'').then_some(at + 1);
    }
    // The escaped character may be a quote itself.
    characters.next()?;
    let (at, _) = characters.find(|(_, character)| *character == '\'')?;
    Some(at + 1)
}

/// Blanks every item behind `#[cfg(test)]`; literals are blanked already.
fn without_tests(source: &str) -> String {
    const ATTRIBUTE: &str = "#[cfg(test)]";
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, item)) = rest.split_once(ATTRIBUTE) {
        out.push_str(before);
        blank(ATTRIBUTE, &mut out);
        let (skipped, after) = item.split_at(item_length(item));
        blank(skipped, &mut out);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// How far an item reaches: to its `;` or to the brace that closes its body.
fn item_length(item: &str) -> usize {
    let mut depth = 0_usize;
    for (at, character) in item.char_indices() {
        match character {
            '{' | '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    item.len()
}
