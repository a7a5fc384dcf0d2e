//! Reading JSON with positions: duplicate keys are refused, depth is bounded, and every value knows where it stands.

use std::collections::BTreeSet;

/// How deep lists and objects may lie in each other. A policy needs six levels, a case with policies ten.
const DEEPEST: usize = 32;

/// A place in a text, in characters, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// The position of a byte of a text. A line ends with a line feed, a carriage return, or both.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let (mut position, mut returned) = (Self { line: 1, column: 1 }, false);
        position.advance(text.get(..offset).unwrap_or(text), &mut returned);
        position
    }

    /// The positions of bytes of a text, which are in order: the text is gone through once.
    pub(crate) fn of_all(text: &str, offsets: impl IntoIterator<Item = usize>) -> Vec<Self> {
        let (mut position, mut returned, mut at) = (Self { line: 1, column: 1 }, false, 0);
        let step = |offset| {
            position.advance(text.get(at..offset).unwrap_or_default(), &mut returned);
            at = offset;
            position
        };
        offsets.into_iter().map(step).collect()
    }

    fn advance(&mut self, over: &str, returned: &mut bool) {
        for character in over.chars() {
            match character {
                '\n' if *returned => {}
                '\n' | '\r' => *self = Self { line: self.line + 1, column: 1 },
                _ => self.column += 1,
            }
            *returned = character == '\r';
        }
    }
}

/// What is wrong with a text as JSON, and at which byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JsonError {
    /// Something else is expected.
    Syntax { offset: usize, expected: &'static str },
    /// An object has a key twice.
    Duplicate { offset: usize, key: String },
    /// Lists and objects lie too deep in each other.
    TooDeep { offset: usize },
}

/// A value, the byte at which it begins, and the one behind its end.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) offset: usize,
    pub(crate) end: usize,
    pub(crate) value: Json,
}

/// A value. A number is kept as it was written.
#[derive(Clone, Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(Box<str>),
    String(Box<str>),
    List(Vec<Node>),
    Object(Vec<Member>),
}

/// A key of an object with its value.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) key: Box<str>,
    pub(crate) offset: usize,
    pub(crate) node: Node,
}

impl Node {
    /// Reads a text that is one value.
    pub(crate) fn read(text: &str) -> Result<Self, JsonError> {
        let mut reader = Reader { text, rest: text, depth: 0 };
        let node = reader.node()?;
        reader.space();
        if reader.rest.is_empty() { Ok(node) } else { Err(reader.expected("the end of the document")) }
    }

    /// The member with this key, if this is an object that has it.
    pub(crate) fn member(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Json::Object(members) => members.iter().find(|m| *m.key == *key).map(|m| &m.node),
            _ => None,
        }
    }

    /// The text, if this is a string.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a list, or the one value that stands for a list of one.
    pub(crate) fn elements(&self) -> &[Self] {
        match &self.value {
            Json::List(list) => list,
            _ => std::slice::from_ref(self),
        }
    }

    /// What a condition's value is as text: a string, or a number or Boolean as it is written.
    pub(crate) fn scalar(&self) -> Option<&str> {
        match &self.value {
            Json::String(text) | Json::Number(text) => Some(text),
            Json::Bool(true) => Some("true"),
            Json::Bool(false) => Some("false"),
            Json::Null | Json::List(_) | Json::Object(_) => None,
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn offset(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    fn expected(&self, expected: &'static str) -> JsonError {
        JsonError::Syntax { offset: self.offset(), expected }
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Takes this text if it comes next.
    fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn node(&mut self) -> Result<Node, JsonError> {
        self.space();
        let offset = self.offset();
        let value = match self.rest.chars().next() {
            Some('{') => self.nested(Self::object)?,
            Some('[') => self.nested(Self::list)?,
            Some('"') => Json::String(self.string()?),
            Some('-' | '0'..='9') => self.number()?,
            _ if self.take("true") => Json::Bool(true),
            _ if self.take("false") => Json::Bool(false),
            _ if self.take("null") => Json::Null,
            _ => return Err(self.expected("a value")),
        };
        Ok(Node { offset, end: self.offset(), value })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Json, JsonError>) -> Result<Json, JsonError> {
        if self.depth == DEEPEST {
            return Err(JsonError::TooDeep { offset: self.offset() });
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn list(&mut self) -> Result<Json, JsonError> {
        let mut list = Vec::new();
        self.take("[");
        self.space();
        if self.take("]") {
            return Ok(Json::List(list));
        }
        loop {
            list.push(self.node()?);
            self.space();
            if self.take("]") {
                return Ok(Json::List(list));
            }
            if !self.take(",") {
                return Err(self.expected("`,` or `]`"));
            }
        }
    }

    fn object(&mut self) -> Result<Json, JsonError> {
        let mut members = Vec::new();
        let mut seen = BTreeSet::new();
        self.take("{");
        self.space();
        if self.take("}") {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            let offset = self.offset();
            if !self.rest.starts_with('"') {
                return Err(self.expected("a key in quotation marks"));
            }
            let key = self.string()?;
            if !seen.insert(key.clone()) {
                return Err(JsonError::Duplicate { offset, key: key.into() });
            }
            self.space();
            if !self.take(":") {
                return Err(self.expected("`:`"));
            }
            members.push(Member { key, offset, node: self.node()? });
            self.space();
            if self.take("}") {
                return Ok(Json::Object(members));
            }
            if !self.take(",") {
                return Err(self.expected("`,` or `}`"));
            }
        }
    }

    fn number(&mut self) -> Result<Json, JsonError> {
        let length =
            self.rest.bytes().take_while(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')).count();
        let (number, rest) = self.rest.split_at(length);
        if !is_number(number) {
            return Err(self.expected("a number"));
        }
        self.rest = rest;
        Ok(Json::Number(number.into()))
    }

    fn string(&mut self) -> Result<Box<str>, JsonError> {
        self.take("\"");
        let mut text = String::new();
        loop {
            let plain = self.rest.find(|c: char| c == '"' || c == '\\' || c < ' ').unwrap_or(self.rest.len());
            let (before, rest) = self.rest.split_at(plain);
            text.push_str(before);
            self.rest = rest;
            if self.take("\"") {
                return Ok(text.into());
            }
            if !self.take("\\") {
                return Err(self.expected("the end of the string"));
            }
            text.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Result<char, JsonError> {
        let mut rest = self.rest.chars();
        let character = match rest.next() {
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                self.rest = rest.as_str();
                return self.code_point();
            }
            _ => return Err(self.expected("an escaped character")),
        };
        self.rest = rest.as_str();
        Ok(character)
    }

    /// A character by its UTF-16 code units, of which it may have two.
    fn code_point(&mut self) -> Result<char, JsonError> {
        let first = self.code_unit()?;
        let point = if (0xd800..0xdc00).contains(&first) {
            if !self.take("\\u") {
                return Err(self.expected("the second half of a surrogate pair"));
            }
            let second = self.code_unit()?;
            if !(0xdc00..0xe000).contains(&second) {
                return Err(self.expected("the second half of a surrogate pair"));
            }
            0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        char::from_u32(point).ok_or_else(|| self.expected("a Unicode character"))
    }

    fn code_unit(&mut self) -> Result<u32, JsonError> {
        let unit = self.rest.get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = unit.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.expected("four hexadecimal digits"))?;
        self.rest = self.rest.get(4..).unwrap_or_default();
        Ok(unit)
    }
}

/// Whether a text is a number as RFC 8259 has it.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

/// Writes a text as a JSON string.
pub(crate) fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_with_its_escapes_and_knows_where_it_stands() {
        let node =
            Node::read("{\"a\": [1, -2.5e3, true, null],\n  \"b\\u00fc\\ud83d\\ude00\": \"x\\n\\\"y\"}").unwrap();
        let b = node.member("bü😀").unwrap();
        assert_eq!(b.text(), Some("x\n\"y"));
        assert_eq!(
            node.member("a").unwrap().elements().iter().map(Node::scalar).collect::<Vec<_>>(),
            [Some("1"), Some("-2.5e3"), Some("true"), None]
        );
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        let place = |text: &str| match Node::read(text).unwrap_err() {
            JsonError::Syntax { offset, .. } | JsonError::TooDeep { offset } | JsonError::Duplicate { offset, .. } => {
                let Position { line, column } = Position::of(text, offset);
                (line, column)
            }
        };
        assert_eq!(place("{\"a\": x}"), (1, 7));
        assert_eq!(place("{\"a\": 1,\n \"a\": 2}"), (2, 2));
        assert_eq!(place("[1,]"), (1, 4));
        assert_eq!(place("[01]"), (1, 2));
        assert_eq!(place("\"\\ud800\""), (1, 8));
        assert_eq!(place("\"ü"), (1, 3));
        assert_eq!(place("{} {}"), (1, 4));
        assert_eq!(place(&"[".repeat(100_000)), (1, 33));
        for text in ["", "{", "{\"a\"", "{a: 1}", "\"\\x\"", "\"\t\"", "nul", "- 1", "1.", "1e", "[1 2]", "{\"a\":1,}"]
        {
            assert!(Node::read(text).is_err(), "{text}");
        }
    }
}
