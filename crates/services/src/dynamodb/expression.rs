//! What can be told from expressions without evaluating them: which attributes of the item they speak of, and which
//! partition key the condition of a query gives.
//!
//! An expression that is none is told so by the engine; here it only has to be read in the same way where it is one.
//!
//! Source: developer guide, "Expressions in DynamoDB".

use serde_json::{Map, Value};

/// The words of the language. All of them are reserved, so that no attribute is called by them.
const KEYWORDS: [&str; 9] = ["AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"];

/// A part of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    /// A name, or what stands for one: `#n`.
    Name(&'a str),
    /// What stands for a value: `:v`.
    Value(&'a str),
    Number,
    Sign(char),
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = |from: usize| {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let tail = rest.get(from..).unwrap_or_default();
            from + tail.find(|c| !is_word(c)).unwrap_or(tail.len())
        };
        let (token, length) = match first {
            '#' => (length(1), true),
            ':' => (length(1), true),
            c if c.is_alphanumeric() || c == '_' => (length(0), true),
            c => (c.len_utf8(), false),
        };
        let (text, is_word) = (rest.get(..token).unwrap_or_default(), length);
        tokens.push(match first {
            sign if !is_word => Token::Sign(sign),
            ':' => Token::Value(text),
            digit if digit.is_ascii_digit() => Token::Number,
            _ => Token::Name(text),
        });
        rest = rest.get(token..).unwrap_or_default().trim_start();
    }
    tokens
}

/// What names in expressions stand for: `ExpressionAttributeNames`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names<'a>(Option<&'a Map<String, Value>>);

impl<'a> Names<'a> {
    /// Those of a request, or of an item in one.
    pub(super) fn of(document: &'a Value) -> Self {
        Self(document.get("ExpressionAttributeNames").and_then(Value::as_object))
    }

    fn resolve(self, name: &'a str) -> Option<&'a str> {
        if !name.starts_with('#') {
            return Some(name);
        }
        self.0?.get(name)?.as_str()
    }
}

/// The attributes of the item that an expression speaks of. What lies in them is not told apart.
pub(super) fn attributes<'a>(expression: &'a str, names: Names<'a>) -> Vec<&'a str> {
    let tokens = tokens(expression);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Name(name) = token else { continue };
        let is_nested = at.checked_sub(1).and_then(|before| tokens.get(before)) == Some(&Token::Sign('.'));
        let is_function = tokens.get(at + 1) == Some(&Token::Sign('('));
        let is_keyword = KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(name));
        if !is_nested && !is_function && !is_keyword {
            found.extend(names.resolve(name));
        }
    }
    found
}

/// What stands for the value that the condition of a query gives for an attribute: `:v` of `#k = :v`.
pub(super) fn equal_to<'a>(condition: &'a str, names: Names<'a>, attribute: &str) -> Option<&'a str> {
    let tokens = tokens(condition);
    tokens.windows(3).find_map(|window| {
        let (name, value) = match window {
            [Token::Name(name), Token::Sign('='), Token::Value(value)]
            | [Token::Value(value), Token::Sign('='), Token::Name(name)] => (name, value),
            _ => return None,
        };
        (names.resolve(name) == Some(attribute)).then_some(*value)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_expression_speaks_of_the_attributes_at_the_head_of_its_paths() {
        let document = json!({"ExpressionAttributeNames": {"#n": "name", "#d": "a.b"}});
        let of = |expression: &'static str| attributes(expression, Names::of(&document));
        assert_eq!(of("#n, address.city, list[0].x, #d"), ["name", "address", "list", "a.b"]);
        assert_eq!(of("SET price = price - :p REMOVE #n ADD hits :one"), ["price", "price", "name", "hits"]);
        assert_eq!(of("attribute_not_exists(pk) AND size(info.#n) BETWEEN :a AND :b"), ["pk", "info"]);
        assert_eq!(of("SET a = if_not_exists(b, :zero) + :one"), ["a", "b"]);
        assert_eq!(of("#unknown"), [""; 0]);
    }

    #[test]
    fn the_condition_of_a_query_gives_a_partition_key() {
        let document = json!({"ExpressionAttributeNames": {"#k": "pk"}});
        let names = Names::of(&document);
        assert_eq!(equal_to("#k = :v AND sk > :s", names, "pk"), Some(":v"));
        assert_eq!(equal_to("sk > :s and (pk=:v)", names, "pk"), Some(":v"));
        assert_eq!(equal_to(":v = pk", names, "pk"), Some(":v"));
        assert_eq!(equal_to("pk >= :v", names, "pk"), None);
        assert_eq!(equal_to("pk = :v", names, "sk"), None);
    }
}
