//! What can be told from expressions without evaluating them: which attributes of the item they speak of, and which
//! partition key the condition of a query gives.
//!
//! An expression that is none is told so by the engine; here it only has to be read in the same way where it is one.
//!
//! Source: developer guide, "Expressions in DynamoDB".

use serde_json::{Map, Value};

/// The words of the language. All of them are reserved, so that no attribute is called by them.
const KEYWORDS: [&str; 9] = ["AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"];

/// The most operators and functions of an expression, and the most operands of IN.
const MOST_OPERATORS: usize = 300;
const MOST_OPERANDS: usize = 100;

/// The types that `attribute_type` knows, as DynamoDB lists them.
const TYPES: [&str; 10] = ["B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M"];

/// Those that begin a clause of an update.
const CLAUSES: [&str; 4] = ["SET", "REMOVE", "ADD", "DELETE"];

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

/// What is wrong with the expressions of a document that the engine lets pass or tells in other words.
pub(super) fn fault(document: &Value) -> Option<String> {
    let text = |name: &str| document.get(name).and_then(Value::as_str).map(tokens);
    if let Some(condition) = text("KeyConditionExpression") {
        let is = |token: &Token<'_>, word: &str| matches!(token, Token::Name(own) if own.eq_ignore_ascii_case(word));
        let word = ["OR", "NOT", "IN"].into_iter().find(|word| condition.iter().any(|token| is(token, word)));
        if let Some(word) = word {
            return Some(format!("Invalid operator used in KeyConditionExpression: {word}"));
        }
    }
    ["ConditionExpression", "FilterExpression", "UpdateExpression"].into_iter().find_map(|name| {
        let mut tokens = text(name)?;
        if name == "UpdateExpression" {
            // What assigns compares nothing.
            tokens.retain(|token| *token != Token::Sign('='));
        }
        let told = beyond_bounds(&tokens, document.get("ExpressionAttributeValues"))?;
        Some(format!("Invalid {name}: {told}"))
    })
}

/// The first bound that an expression exceeds, or the first type that is none.
///
/// Source: developer guide, "Quotas in Amazon DynamoDB", "Expression parameters"; the words are those that others were told.
fn beyond_bounds(tokens: &[Token<'_>], values: Option<&Value>) -> Option<String> {
    let mut operators = 0;
    let mut is_range = false;
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        let calls = tokens.get(at + 1) == Some(&Token::Sign('('));
        match token {
            Token::Sign('=' | '<' | '>') => {
                operators += usize::from(!matches!(before, Some(Token::Sign('<' | '>'))));
            }
            Token::Sign('+' | '-') => operators += 1,
            Token::Name(name) if name.eq_ignore_ascii_case("BETWEEN") => (operators, is_range) = (operators + 1, true),
            Token::Name(name) if is_range && name.eq_ignore_ascii_case("AND") => is_range = false,
            Token::Name(name) if name.eq_ignore_ascii_case("IN") && calls => {
                operators += 1;
                let list = tokens.get(at + 2..)?.split(|token| *token == Token::Sign(')')).next()?;
                let operands = 1 + list.iter().filter(|token| **token == Token::Sign(',')).count();
                if operands > MOST_OPERANDS {
                    return Some(format!(
                        "The IN operator is provided with too many operands; number of operands: {operands}"
                    ));
                }
            }
            Token::Name(name) if *name == "attribute_type" && calls => {
                operators += 1;
                let kind = tokens.get(at + 2..)?.iter().find_map(|token| match token {
                    Token::Value(value) => values?.get(value)?.get("S")?.as_str(),
                    _ => None,
                });
                if let Some(kind) = kind.filter(|kind| !TYPES.contains(kind)) {
                    return Some(format!(
                        "Invalid attribute type name found; type: {kind}, valid types: {{{}}}",
                        TYPES.join(",")
                    ));
                }
            }
            Token::Name(name) if ["AND", "OR", "NOT"].iter().any(|word| word.eq_ignore_ascii_case(name)) => {
                operators += 1
            }
            Token::Name(_) if calls => operators += 1,
            _ => {}
        }
        if operators > MOST_OPERATORS {
            return Some(format!("The expression contains too many operators; operator count: {operators}"));
        }
    }
    None
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

/// What stands for the values that the condition of a query gives for an attribute: `:v` of `#k = :v`.
pub(super) fn equal_to<'a>(condition: &'a str, names: Names<'a>, attribute: &str) -> impl Iterator<Item = &'a str> {
    let tokens = tokens(condition);
    let given = |window: &[Token<'a>]| {
        let (name, value) = match *window {
            [Token::Name(name), Token::Sign('='), Token::Value(value)]
            | [Token::Value(value), Token::Sign('='), Token::Name(name)] => (name, value),
            _ => return None,
        };
        (names.resolve(name) == Some(attribute)).then_some(value)
    };
    tokens.windows(3).filter_map(given).collect::<Vec<_>>().into_iter()
}

/// The attributes that an update changes or takes away, wholly or in part, each as often as it does so.
pub(super) fn updated<'a>(expression: &'a str, names: Names<'a>) -> Vec<&'a str> {
    let (mut found, mut depth, mut is_target) = (Vec::new(), 0_i32, false);
    for token in tokens(expression) {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth -= 1,
            Token::Sign(',') => is_target = depth == 0,
            Token::Name(name) if CLAUSES.iter().any(|clause| clause.eq_ignore_ascii_case(name)) => is_target = true,
            Token::Name(name) if is_target => {
                found.extend(names.resolve(name));
                is_target = false;
            }
            _ => {}
        }
    }
    found
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
        let of = |condition: &'static str, key: &str| equal_to(condition, names, key).collect::<Vec<_>>();
        assert_eq!(of("#k = :v AND sk > :s", "pk"), [":v"]);
        assert_eq!(of("sk > :s and (pk=:v)", "pk"), [":v"]);
        assert_eq!(of(":v = pk", "pk"), [":v"]);
        assert_eq!(of("pk = :v AND #k = :w", "pk"), [":v", ":w"]);
        assert_eq!(of("pk >= :v", "pk"), [""; 0]);
        assert_eq!(of("pk = :v", "sk"), [""; 0]);
    }

    #[test]
    fn an_update_changes_the_attributes_at_the_heads_of_its_actions() {
        let document = json!({"ExpressionAttributeNames": {"#k": "pk"}});
        let of = |expression: &'static str| updated(expression, Names::of(&document));
        assert_eq!(
            of("SET #k = :v, a.b[0] = if_not_exists(c, pk) + :w REMOVE d, e ADD f :x delete g :y"),
            ["pk", "a", "d", "e", "f", "g"]
        );
    }

    #[test]
    fn expressions_have_bounds() {
        let told = |member: &str, expression: String| {
            fault(&json!({member: expression, "ExpressionAttributeValues": {":t": {"S": "X"}, ":s": {"S": "S"}}}))
        };
        let list = |count: usize| format!("a IN ({})", vec![":v"; count].join(", "));
        assert_eq!(told("FilterExpression", list(100)), None);
        let many =
            "Invalid FilterExpression: The IN operator is provided with too many operands; number of operands: 101";
        assert_eq!(told("FilterExpression", list(101)).as_deref(), Some(many));
        let terms = |count: usize| vec!["a <> :v"; count].join(" AND ");
        assert_eq!(told("ConditionExpression", terms(150)), None);
        let long = "Invalid ConditionExpression: The expression contains too many operators; operator count: 301";
        assert_eq!(told("ConditionExpression", terms(151)).as_deref(), Some(long));
        assert_eq!(told("ConditionExpression", "attribute_type(a, :s)".to_owned()), None);
        let kind = "Invalid ConditionExpression: Invalid attribute type name found; type: X, valid types: \
                    {B,NULL,SS,BOOL,L,BS,N,NS,S,M}";
        assert_eq!(told("ConditionExpression", "attribute_type(a, :t)".to_owned()).as_deref(), Some(kind));
        let or = "Invalid operator used in KeyConditionExpression: OR";
        assert_eq!(told("KeyConditionExpression", "pk = :p OR pk = :p".to_owned()).as_deref(), Some(or));
        let assignments = vec!["k = :v"; 400].join(", ");
        assert_eq!(fault(&json!({ "UpdateExpression": format!("SET {assignments}") })), None, "it compares nothing");
        let sums = vec!["k = k + :v"; 301].join(", ");
        assert!(fault(&json!({ "UpdateExpression": format!("SET {sums}") })).is_some());
    }
}
