//! What can be told from expressions without evaluating them: which attributes of the item they speak of, and which
//! partition key the condition of a query gives.
//!
//! An expression that is none is told so by the engine; here it only has to be read in the same way where it is one.
//!
//! Source: developer guide, "Expressions in DynamoDB".

mod operands;
mod path;
mod tokens;

use dynoxide::DynoxideError;
use serde_json::{Map, Value};

use super::fault::Fault;
use path::Path;
use tokens::{Token, tokens};

/// The words of the language. All of them are reserved, so that no attribute is called by them.
const KEYWORDS: [&str; 9] = ["AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"];

/// The longest expression, in bytes. Of a longer one the engine tells, before anything else of it.
const LONGEST: usize = 4096;

/// The most operators and functions of an expression, and the most operands of IN.
const MOST_OPERATORS: usize = 300;
const MOST_OPERANDS: usize = 100;

/// The types that `attribute_type` knows, as DynamoDB lists them.
const TYPES: [&str; 10] = ["B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M"];

/// Those that begin a clause of an update.
const CLAUSES: [&str; 4] = ["SET", "REMOVE", "ADD", "DELETE"];

/// The furthest place in a list that a path can name.
const LAST_INDEX: u32 = i32::MAX.unsigned_abs();

/// The members of requests that are expressions with paths in them.
const EXPRESSIONS: [&str; 5] =
    ["ConditionExpression", "FilterExpression", "KeyConditionExpression", "ProjectionExpression", "UpdateExpression"];

/// Refuses expressions of a document that the engine lets pass, or refuses in other words.
///
/// # Errors
/// What is wrong with the first.
pub(super) fn check(document: &Value) -> Result<(), Fault> {
    if let Some(message) = fault(document) {
        return Err(Fault::Validation(message));
    }
    match misuse(document) {
        Some(message) => Err(DynoxideError::EnvelopedValidation(message).into()),
        None => Ok(()),
    }
}

/// The expression of a document, if it is not too long.
fn short<'a>(document: &'a Value, name: &str) -> Option<&'a str> {
    document.get(name)?.as_str().filter(|text| text.len() <= LONGEST)
}

/// What is wrong with the paths of a document's expressions, or with the operands of its conditions.
fn misuse(document: &Value) -> Option<String> {
    let names = Names::of(document);
    let values = document.get("ExpressionAttributeValues");
    EXPRESSIONS.into_iter().find_map(|name| {
        let tokens = tokens(short(document, name)?);
        let told = beyond_lists(&tokens).or_else(|| match name {
            "ProjectionExpression" => path::conflict(&projected(&tokens, names)),
            "UpdateExpression" => path::conflict(&targets(&tokens, names)),
            "ConditionExpression" | "FilterExpression" => operands::fault(&tokens, names, values),
            _ => None,
        })?;
        Some(format!("Invalid {name}: {told}"))
    })
}

/// The first place in a list that no list has.
fn beyond_lists(tokens: &[Token<'_>]) -> Option<String> {
    let index = tokens.windows(3).find_map(|window| match window {
        [Token::Sign('['), Token::Number(index), Token::Sign(']')] => {
            let is_number = index.bytes().all(|byte| byte.is_ascii_digit());
            (is_number && !index.parse::<u32>().is_ok_and(|index| index <= LAST_INDEX)).then_some(index)
        }
        _ => None,
    })?;
    Some(format!("List index is not within the allowable range; index: [{index}]"))
}

/// The paths of a projection.
fn projected<'a>(tokens: &[Token<'a>], names: Names<'a>) -> Vec<Path<'a>> {
    let parts = tokens.split(|token| *token == Token::Sign(','));
    parts.filter_map(|part| Some(Path::read(part, names)?.0)).collect()
}

/// What is wrong with the expressions of a document that the engine lets pass or tells in other words.
fn fault(document: &Value) -> Option<String> {
    let text = |name: &str| short(document, name).map(tokens);
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
    let tokens = tokens(expression);
    let heads = heads(&tokens).filter_map(|at| match tokens.get(at) {
        Some(Token::Name(name)) => names.resolve(name),
        _ => None,
    });
    heads.collect()
}

/// The paths of what an update changes or takes away.
fn targets<'a>(tokens: &[Token<'a>], names: Names<'a>) -> Vec<Path<'a>> {
    heads(tokens).filter_map(|at| Some(Path::read(tokens.get(at..)?, names)?.0)).collect()
}

/// Where the targets of an update begin.
fn heads<'t>(tokens: &'t [Token<'_>]) -> impl Iterator<Item = usize> + 't {
    let (mut depth, mut is_target) = (0_i32, false);
    tokens.iter().enumerate().filter_map(move |(at, token)| {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth -= 1,
            Token::Sign(',') => is_target = depth == 0,
            Token::Name(name) if CLAUSES.iter().any(|clause| clause.eq_ignore_ascii_case(name)) => is_target = true,
            Token::Name(_) if is_target => {
                is_target = false;
                return Some(at);
            }
            _ => {}
        }
        None
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
        assert_eq!(told("ConditionExpression", terms(400)), None, "its size is told, by the engine");
        let assignments = vec!["k = :v"; 400].join(", ");
        assert_eq!(fault(&json!({ "UpdateExpression": format!("SET {assignments}") })), None, "it compares nothing");
        let sums = vec!["k = k + :v"; 301].join(", ");
        assert!(fault(&json!({ "UpdateExpression": format!("SET {sums}") })).is_some());
    }

    #[test]
    fn paths_that_no_item_can_have_both_of_are_refused() {
        let told = |member: &str, expression: &str| {
            misuse(&json!({member: expression, "ExpressionAttributeNames": {"#k": "k"}}))
        };
        let of = |member: &str, one: &str, two: &str| {
            Some(format!(
                "Invalid {member}: Two document paths conflict with each other; must remove or rewrite one of these paths; \
                 path one: {one}, path two: {two}"
            ))
        };
        let projection = told("ProjectionExpression", "a, m.#k.x, m[0]");
        assert_eq!(projection, of("ProjectionExpression", "[m, k, x]", "[m, [0]]"));
        let update = told("UpdateExpression", "SET m.l[0] = if_not_exists(m.k, :x) REMOVE b, m.l.x");
        assert_eq!(update, of("UpdateExpression", "[m, l, [0]]", "[m, l, x]"));
        assert_eq!(told("ProjectionExpression", "m.k, m.l, n[0], n[1], o.x, p[0]"), None);
        assert_eq!(told("UpdateExpression", "SET m.k = m[0], n = :x ADD o :y"), None);
    }

    #[test]
    fn no_path_goes_beyond_the_end_of_lists() {
        let told = |member: &str, expression: &str| misuse(&json!({ member: expression }));
        let of = |member: &str, index: &str| {
            Some(format!("Invalid {member}: List index is not within the allowable range; index: [{index}]"))
        };
        assert_eq!(told("FilterExpression", "b = :x AND a[99999999999] = :x"), of("FilterExpression", "99999999999"));
        assert_eq!(told("ProjectionExpression", "a[2147483648]"), of("ProjectionExpression", "2147483648"));
        assert_eq!(told("UpdateExpression", "REMOVE a[2147483647]"), None);
    }
}
