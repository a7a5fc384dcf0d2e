//! The JSON documents of a file, and where it is damaged.

use std::borrow::Cow;

use serde_json::Value;

/// The most bytes of a file.
pub(super) const FILE_LIMIT: usize = 64 << 20;

/// The most bytes of all files.
pub(super) const TOTAL_LIMIT: usize = 128 << 20;

/// Where a text is no JSON, and what is wrong there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Damage {
    /// The line, from 1.
    pub(super) line: usize,
    /// The column, from 1.
    pub(super) column: usize,
    /// What is wrong.
    pub(super) message: String,
}

/// The documents of a file in their order, as one that was written to again has several, and the damage that ends them.
pub(super) fn documents(bytes: &[u8]) -> (Vec<Value>, Option<Damage>) {
    let text = match decoded(bytes) {
        Ok(text) => text,
        Err(damage) => return (Vec::new(), Some(damage)),
    };
    let mut documents = Vec::new();
    // Values lie at most 128 deep in each other.
    for document in serde_json::Deserializer::from_slice(&text).into_iter::<Value>() {
        match document {
            Ok(document) => documents.push(document),
            Err(error) => return (documents, Some(Damage::of(&error))),
        }
    }
    (documents, None)
}

impl Damage {
    fn of(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line().max(1), error.column().max(1));
        let text = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        Self { line, column, message: text.strip_suffix(&place).unwrap_or(&text).to_owned() }
    }
}

/// The text without a byte order mark, in UTF-8: PowerShell writes what it redirects in UTF-16.
fn decoded(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Damage> {
    let units = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let pairs = rest.chunks_exact(2).filter_map(|pair| pair.try_into().ok());
        let units: Vec<u16> = pairs.map(unit).collect();
        String::from_utf16(&units).map(|text| Cow::Owned(text.into_bytes())).map_err(|_| Damage {
            line: 1,
            column: 1,
            message: "begins as UTF-16 and is none".to_owned(),
        })
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Ok(Cow::Borrowed(rest)),
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        _ => Ok(Cow::Borrowed(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (usize, Option<(usize, usize, String)>) {
        let (documents, damage) = documents(bytes);
        (documents.len(), damage.map(|damage| (damage.line, damage.column, damage.message)))
    }

    #[test]
    fn a_file_has_one_document_or_several_or_none_and_may_begin_with_a_mark() {
        assert_eq!(read(b""), (0, None));
        assert_eq!(read(b" \n"), (0, None));
        assert_eq!(read(b"\xef\xbb\xbf{}"), (1, None));
        assert_eq!(read(b"{}\n{}{}"), (3, None));
        let little: Vec<u8> = "\u{feff}{\"a\": 1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&little), (1, None));
        let big: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(&big), (1, None));
    }

    #[test]
    fn damage_is_named_with_line_and_column_and_what_stands_before_it_is_kept() {
        assert_eq!(read(b"{\n \"a\": trx\n}"), (0, Some((2, 9, "expected ident".to_owned()))));
        assert_eq!(read(b"{} {\"a\": ["), (1, Some((1, 10, "EOF while parsing a list".to_owned()))));
        assert_eq!(read(b"{\"a\": \"\xff\"}").1.unwrap().0, 1);
        assert_eq!(read(&[0xff, 0xfe, 0, 0xd8]).1.unwrap().2, "begins as UTF-16 and is none");
        let deep = [vec![b'['; 200_000], vec![b']'; 200_000]].concat();
        assert_eq!(read(&deep).1.unwrap().2, "recursion limit exceeded");
    }
}
