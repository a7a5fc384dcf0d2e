//! What is wrong with a document that is no JSON, in the words of the parser that Lambda has: Jackson.
//!
//! Source: errors that users quote of `Invoke`; Jackson's `ParserMinimalBase` and `UTF8StreamJsonParser` for the other words.

use serde::de::IgnoredAny;

/// What stands for a value, as Jackson says it.
const VALUES: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
/// How much of a document is repeated, in bytes.
const SHOWN: usize = 500;

/// Why a document is no JSON; `None` if it is.
pub(super) fn complaint(document: &[u8]) -> Option<String> {
    let error = serde_json::from_slice::<IgnoredAny>(document).err()?;
    let text = error.to_string();
    let begun = start_of_line(document, error.line());
    let at = begun + error.column().saturating_sub(1);
    let (what, end) = told(document, &text, at);
    // Jackson counts from one, and names the place behind what it has read last.
    let read = if end < document.len() { end + 2 } else { document.len() + 1 };
    let place = format!("line: {}, column: {}", error.line(), read.saturating_sub(begun));
    Some(format!("{what}\n at [Source: (byte[])\"{}; {place}]", shown(document)))
}

/// What is wrong, and where what is wrong ends. The position is that at which it was found.
fn told(document: &[u8], text: &str, at: usize) -> (String, usize) {
    let expected = |what: &str| (format!("Unexpected character ({}): {what}", named(document, at)), at);
    let is = |start: &str| text.starts_with(start);
    if is("EOF while parsing a string") {
        return ("Unexpected end-of-input: was expecting closing quote for a string value".to_owned(), document.len());
    }
    if is("EOF while parsing an object") {
        return ("Unexpected end-of-input within/between Object entries".to_owned(), document.len());
    }
    if is("EOF while parsing a list") {
        return ("Unexpected end-of-input within/between Array entries".to_owned(), document.len());
    }
    if is("EOF") {
        return ("Unexpected end-of-input".to_owned(), document.len());
    }
    if is("key must be a string") || (is("trailing comma") && document.get(at) == Some(&b'}')) {
        return expected("was expecting double-quote to start field name");
    }
    if is("expected `:`") {
        return expected("was expecting a colon to separate field name and value");
    }
    if is("expected `,` or `}`") {
        return expected("was expecting comma to separate Object entries");
    }
    if is("expected `,` or `]`") {
        return expected("was expecting comma to separate Array entries");
    }
    if is("control character") {
        let what = "has to be escaped using backslash to be included in string value";
        // The parser names the place before it.
        let at = at + document.iter().skip(at).take_while(|byte| **byte >= b' ').count();
        return (format!("Illegal unquoted character ({}): {what}", named(document, at)), at);
    }
    if is("invalid escape") {
        return (format!("Unrecognized character escape {}", named(document, at)), at);
    }
    match token(document, at) {
        Some((word, end)) => (format!("Unrecognized token '{word}': was expecting {VALUES}"), end),
        None if is("trailing characters") => expected("Expected space separating root-level values"),
        None => expected(&format!("expected a valid value {VALUES}")),
    }
}

/// The word that a position is in, if it begins like a name, and where it ends.
fn token(document: &[u8], at: usize) -> Option<(String, usize)> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let before = document.get(..at)?.iter().rev().take_while(|byte| is_part(byte)).count();
    let start = at - before;
    let word: Vec<u8> = document.get(start..)?.iter().copied().take_while(|byte| is_part(byte)).collect();
    let begins = word.first().is_some_and(|first| !first.is_ascii_digit());
    let end = start + word.len();
    begins.then(|| (String::from_utf8_lossy(&word).into_owned(), end))
}

/// The character at a position, as Jackson describes one.
fn named(document: &[u8], at: usize) -> String {
    let rest = document.get(at..).unwrap_or_default();
    let character = String::from_utf8_lossy(rest.get(..4).unwrap_or(rest)).chars().next().unwrap_or_default();
    let code = u32::from(character);
    match character {
        control if control.is_control() => format!("(CTRL-CHAR, code {code})"),
        far if code > 255 => format!("'{far}' (code {code} / 0x{code:x})"),
        other => format!("'{other}' (code {code})"),
    }
}

fn start_of_line(document: &[u8], line: usize) -> usize {
    let ends = document.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(ends).nth(line.saturating_sub(1)).unwrap_or_default()
}

/// The document with the quote that ends it, or how much of it is left out.
fn shown(document: &[u8]) -> String {
    let text = String::from_utf8_lossy(document.get(..SHOWN).unwrap_or(document)).into_owned();
    match document.len().saturating_sub(SHOWN) {
        0 => format!("{text}\""),
        left => format!("{text}\"[truncated {left} bytes]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_users_were_told_is_told() {
        let told = |document: &str| complaint(document.as_bytes()).unwrap();
        assert_eq!(
            told("test data"),
            "Unrecognized token 'test': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or \
             'false')\n at [Source: (byte[])\"test data\"; line: 1, column: 6]"
        );
        assert_eq!(
            told("0D"),
            "Unexpected character ('D' (code 68)): Expected space separating root-level values\n at [Source: \
             (byte[])\"0D\"; line: 1, column: 3]"
        );
        assert_eq!(
            told("{bad"),
            "Unexpected character ('b' (code 98)): was expecting double-quote to start field name\n at [Source: \
             (byte[])\"{bad\"; line: 1, column: 3]"
        );
    }

    #[test]
    fn whatever_is_no_json_is_told_without_words_of_our_parser() {
        for (document, start) in [
            (
                "{\"a\" 1}",
                "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
            ),
            ("{\"a\": 1 2}", "Unexpected character ('2' (code 50)): was expecting comma to separate Object entries"),
            ("[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"),
            ("[1,]", "Unexpected character (']' (code 93)): expected a valid value (JSON String"),
            ("{\"a\": 1,}", "Unexpected character ('}' (code 125)): was expecting double-quote to start field name"),
            ("{\n\"a\": 'x'}", "Unexpected character (''' (code 39)): expected a valid value"),
            ("\"a\nb\"", "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped"),
            ("\"\\x\"", "Unrecognized character escape 'x' (code 120)\n"),
            ("foo", "Unrecognized token 'foo': was expecting"),
            ("{", "Unexpected end-of-input within/between Object entries\n"),
            ("[", "Unexpected end-of-input within/between Array entries\n"),
            ("\"a", "Unexpected end-of-input: was expecting closing quote for a string value\n"),
            (" ", "Unexpected end-of-input\n"),
            ("{\"a\":", "Unexpected end-of-input\n"),
            ("é", "Unexpected character ('é' (code 233)): expected a valid value"),
            ("→", "Unexpected character ('→' (code 8594 / 0x2192)): expected a valid value"),
        ] {
            let told = complaint(document.as_bytes()).unwrap();
            assert!(told.starts_with(start), "{document}: {told}");
            assert!(told.contains(" at [Source: (byte[])\"") && !told.contains("expected `"), "{document}: {told}");
        }
        assert!(complaint(b"{\n\"a\": 'x'}").unwrap().ends_with("line: 2, column: 7]"));
        let long = complaint(format!("x{}", " ".repeat(600)).as_bytes()).unwrap();
        assert!(long.contains("\"[truncated 101 bytes]; line: 1, column: 3]"), "{long}");
        assert_eq!(complaint(b"{\"a\": [1, null]}"), None);
    }
}
