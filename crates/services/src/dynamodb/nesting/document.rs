//! Documents that are nested more deeply than a reader of JSON follows.

use serde_json::Value;

/// The levels of JSON that are read, fewer than our reader follows.
pub(super) const READ: usize = 110;

/// The levels of JSON of what DynamoDB reads no more: two for each of some 2000 levels of a value.
const UNREADABLE: usize = 4032;

/// A document as it was sent, but for what lies deeper than is read.
#[derive(Debug)]
pub(in crate::dynamodb) struct Document {
    pub(in crate::dynamodb) value: Value,
    /// Whether something was cut off.
    pub(in crate::dynamodb) is_cut: bool,
}

/// Reads a document. `None` for what is none, or what DynamoDB does not read either.
pub(in crate::dynamodb) fn read(body: &[u8]) -> Option<Document> {
    match serde_json::from_slice(body) {
        Ok(value) => Some(Document { value, is_cut: false }),
        Err(error) if error.to_string().starts_with("recursion limit exceeded") => {
            Some(Document { value: serde_json::from_slice(&cut(body)?).ok()?, is_cut: true })
        }
        Err(_) => None,
    }
}

/// The document without what is in the deepest lists and objects that are read.
fn cut(body: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(body.len());
    let mut open = Vec::new();
    let (mut is_text, mut is_escaped) = (false, false);
    for &byte in body {
        let depth = open.len();
        if is_text {
            is_text = byte != b'"' || is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
        } else {
            match byte {
                b'"' => is_text = true,
                b'{' | b'[' if depth == UNREADABLE => return None,
                b'{' => open.push(b'}'),
                b'[' => open.push(b']'),
                b'}' | b']' if open.pop() != Some(byte) => return None,
                _ => {}
            }
        }
        if depth.min(open.len()) < READ {
            kept.push(byte);
        }
    }
    Some(kept)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{MOST, levels};
    use super::*;

    fn body(levels: usize) -> String {
        let (open, close) = (r#"{"M":{"n":"#.repeat(levels), "}}".repeat(levels));
        format!(r#"{{"TableName":"Music","Item":{{"pk":{{"S":"]}}\"["}},"d":{open}{{"S":"x"}}{close}}}}}"#)
    }

    #[test]
    fn a_document_is_read_however_deep_it_is_but_for_what_nobody_reads() {
        for (depth, is_cut) in [(3, false), (60, false), (100, true), (1900, true)] {
            let read = read(body(depth).as_bytes()).unwrap();
            assert_eq!((read.is_cut, &read.value["Item"]["pk"]["S"]), (is_cut, &json!("]}\"[")), "{depth}");
            assert_eq!(levels(&read.value["Item"]["d"]) >= MOST, depth >= MOST, "{depth}");
        }
        assert!(read(body(3000).as_bytes()).is_none());
        for none in ["", "{", "[1}", "{\"a\":1]"] {
            assert!(read(none.as_bytes()).is_none() && cut(none.as_bytes()).is_none_or(|cut| cut == none.as_bytes()));
        }
    }
}
