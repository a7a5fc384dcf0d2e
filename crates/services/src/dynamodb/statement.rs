//! Statements of PartiQL as decisions see them: which action on which table or index, whose items, which attributes.
//!
//! A statement that cannot be read here is not carried out, so that nothing happens to another table than the one that was
//! asked about. What is wrong with it the engine tells.
//!
//! Source: developer guide, "PartiQL for DynamoDB", "IAM security policies with PartiQL for DynamoDB".

mod tokens;

use std::collections::BTreeSet;

use serde_json::Value;
use sidegate_iam::Requirement;

use super::access::{Access, key_text, number};
use super::table::Table;
use tokens::{Token, tokens};

/// Words that are no attributes, wherever they stand behind the table.
const KEYWORDS: [&str; 30] = [
    "AND",
    "OR",
    "NOT",
    "IN",
    "BETWEEN",
    "IS",
    "MISSING",
    "NULL",
    "TRUE",
    "FALSE",
    "WHERE",
    "SET",
    "REMOVE",
    "ORDER",
    "BY",
    "ASC",
    "DESC",
    "RETURNING",
    "ALL",
    "OLD",
    "NEW",
    "MODIFIED",
    "VALUE",
    "VALUES",
    "IF",
    "EXISTS",
    "SELECT",
    "FROM",
    "AS",
    "LIMIT",
];

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Select,
    Insert,
    Update,
    Delete,
}

impl Verb {
    /// The action that has to be allowed.
    fn action(self) -> &'static str {
        match self {
            Self::Select => "PartiQLSelect",
            Self::Insert => "PartiQLInsert",
            Self::Update => "PartiQLUpdate",
            Self::Delete => "PartiQLDelete",
        }
    }
}

/// A statement.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) verb: Verb,
    /// The name of the table.
    pub(super) table: String,
    pub(super) index: Option<String>,
    tokens: Vec<Token>,
    /// Where in the tokens what follows the table begins.
    rest: usize,
    /// The values of its parameters.
    parameters: Vec<Value>,
}

impl Statement {
    /// Reads a statement with its parameters: the document of `ExecuteStatement`, or a part of that of the others.
    pub(super) fn read(document: &Value) -> Option<Self> {
        let text = document.get("Statement")?.as_str()?;
        let parameters = document.get("Parameters").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut tokens = tokens(text)?;
        if tokens.last() == Some(&Token::Sign(';')) {
            tokens.pop();
        }
        let is_condition = tokens.first().is_some_and(|token| token.is_word("EXISTS"));
        if is_condition {
            // A condition of a transaction: EXISTS(SELECT …).
            let inner = tokens.get(1..)?;
            let inner = inner.strip_prefix(&[Token::Sign('(')])?.strip_suffix(&[Token::Sign(')')])?;
            tokens = inner.to_vec();
        }
        let (verb, at) = Self::target(&tokens)?;
        if is_condition && verb != Verb::Select {
            return None;
        }
        let table = tokens.get(at)?.name()?.to_owned();
        let (index, rest) = match tokens.get(at + 1) {
            Some(Token::Sign('.')) => (Some(tokens.get(at + 2)?.name()?.to_owned()), at + 3),
            _ => (None, at + 1),
        };
        let ends = tokens.get(rest).is_none_or(|next| matches!(next, Token::Word(_)));
        ends.then_some(Self { verb, table, index, tokens, rest, parameters })
    }

    /// What the statement does, and where its table stands.
    fn target(tokens: &[Token]) -> Option<(Verb, usize)> {
        let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is_word(word));
        match tokens.first()? {
            word if word.is_word("SELECT") => {
                let from = tokens.iter().position(|token| token.is_word("FROM"))?;
                Some((Verb::Select, from + 1))
            }
            word if word.is_word("INSERT") && is(1, "INTO") => Some((Verb::Insert, 2)),
            word if word.is_word("UPDATE") => Some((Verb::Update, 1)),
            word if word.is_word("FROM") => Some((Verb::Update, 1)),
            word if word.is_word("DELETE") && is(1, "FROM") => Some((Verb::Delete, 2)),
            _ => None,
        }
    }

    /// What has to be allowed.
    pub(super) fn requirement(&self, table: &Table) -> Requirement {
        let requirement = match &self.index {
            Some(index) => table.on_index(self.verb.action(), index),
            None => table.requirement(self.verb.action()),
        };
        self.access(table).asked_of(requirement)
    }

    /// With the operation that it is a part of.
    pub(super) fn requirement_in(&self, table: &Table, operation: &'static str) -> Requirement {
        self.requirement(table).with("dynamodb:EnclosingOperation", operation)
    }

    fn access(&self, table: &Table) -> Access {
        let key = table.partition_key(self.index.as_deref());
        let leading = match self.verb {
            Verb::Insert => key.and_then(|key| self.inserted(key)).map(|value| BTreeSet::from([value])),
            _ => key.and_then(|key| self.keys(key)),
        };
        // What writes is about one item; if its key is not told, it is not to be taken for one that has any.
        let leading = leading.or_else(|| (self.verb != Verb::Select).then(|| BTreeSet::from([String::new()])));
        let is_scan = leading.is_none();
        let access = Access::by_statement(self.attributes(), leading);
        match self.verb {
            Verb::Select => access.scanning(is_scan).selecting(self.selection()),
            Verb::Insert => access,
            Verb::Update | Verb::Delete => match self.returned() {
                Some(values) => access.returning(&values),
                None => access,
            },
        }
    }

    fn selection(&self) -> &'static str {
        match (self.tokens.get(1), &self.index) {
            (Some(Token::Sign('*')), Some(_)) => "ALL_PROJECTED_ATTRIBUTES",
            (Some(Token::Sign('*')), None) => "ALL_ATTRIBUTES",
            _ => "SPECIFIC_ATTRIBUTES",
        }
    }

    /// What stands behind `RETURNING`: `ALL_OLD` for `ALL OLD *`.
    fn returned(&self) -> Option<String> {
        let at = self.tokens.iter().rposition(|token| token.is_word("RETURNING"))?;
        let word = |at: usize| match self.tokens.get(at) {
            Some(Token::Word(word)) => Some(word.to_ascii_uppercase()),
            _ => None,
        };
        let which = word(at + 1)?.replace("MODIFIED", "UPDATED");
        Some(format!("{which}_{}", word(at + 2)?))
    }

    /// The attributes that it speaks of, as far as it names them.
    fn attributes(&self) -> BTreeSet<String> {
        if self.verb == Verb::Insert {
            return self.members().map(|(name, _)| name.to_owned()).collect();
        }
        let head = if self.verb == Verb::Select { 1 } else { self.rest };
        let table = self.rest - if self.index.is_some() { 3 } else { 1 };
        let is_attribute = |at: usize| {
            let before = at.checked_sub(1).and_then(|before| self.tokens.get(before));
            let is_of_target = (table..self.rest).contains(&at);
            let is_nested = before == Some(&Token::Sign('.'));
            let is_type = before.is_some_and(|token| token.is_word("IS"));
            let is_function = self.tokens.get(at + 1) == Some(&Token::Sign('('));
            !is_of_target && !is_nested && !is_type && !is_function
        };
        let named = (head..self.tokens.len()).filter(|at| is_attribute(*at));
        named
            .filter_map(|at| match self.tokens.get(at)? {
                Token::Quoted(name) => Some(name.clone()),
                Token::Word(word) if !KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word)) => {
                    Some(word.clone())
                }
                _ => None,
            })
            .collect()
    }

    /// The members of the item that is inserted: their names, and where their values stand.
    fn members(&self) -> impl Iterator<Item = (&str, usize)> {
        let mut depth = 0_i32;
        (self.rest..self.tokens.len()).filter_map(move |at| {
            match self.tokens.get(at)? {
                Token::Sign('{' | '[' | '<' | '(') => depth += 1,
                Token::Sign('}' | ']' | '>' | ')') => depth -= 1,
                Token::Text(name) | Token::Quoted(name)
                    if depth == 1 && self.tokens.get(at + 1) == Some(&Token::Sign(':')) =>
                {
                    return Some((name.as_str(), at + 2));
                }
                _ => {}
            }
            None
        })
    }

    fn inserted(&self, key: &str) -> Option<String> {
        let at = self.members().find(|(name, _)| *name == key)?.1;
        self.value(at).map(|(value, _)| value)
    }

    /// The partition keys of the items that can meet the condition; `None` where it may be any.
    fn keys(&self, key: &str) -> Option<BTreeSet<String>> {
        let from = self.tokens.iter().position(|token| token.is_word("WHERE"))? + 1;
        let ends = |token: &Token| ["RETURNING", "ORDER", "SET", "REMOVE"].iter().any(|word| token.is_word(word));
        let to = self.tokens.iter().skip(from).position(ends).map_or(self.tokens.len(), |length| from + length);
        self.keys_between(key, from, to)
    }

    /// The same of a part of the condition: each alternative has to give a key.
    fn keys_between(&self, key: &str, mut from: usize, mut to: usize) -> Option<BTreeSet<String>> {
        while self.tokens.get(from) == Some(&Token::Sign('(')) && self.closing(from) == Some(to.checked_sub(1)?) {
            (from, to) = (from + 1, to - 1);
        }
        let alternatives = self.split(from, to, "OR");
        if alternatives.len() > 1 {
            let keys = alternatives.into_iter().map(|(from, to)| self.keys_between(key, from, to));
            return keys.collect::<Option<Vec<_>>>().map(|keys| keys.into_iter().flatten().collect());
        }
        self.split(from, to, "AND").into_iter().find_map(|(from, to)| match self.tokens.get(from) {
            Some(Token::Sign('(')) if self.closing(from) == Some(to.checked_sub(1)?) => {
                self.keys_between(key, from, to)
            }
            Some(Token::Word(name) | Token::Quoted(name)) if name == key => self.given(from + 1, to),
            _ => None,
        })
    }

    /// The values behind an attribute: `= v`, `IN [v, …]` or `IN (v, …)`.
    fn given(&self, at: usize, to: usize) -> Option<BTreeSet<String>> {
        match self.tokens.get(at)? {
            Token::Sign('=') => {
                let (value, end) = self.value(at + 1)?;
                (end == to).then(|| BTreeSet::from([value]))
            }
            word if word.is_word("IN") => {
                let mut values = BTreeSet::new();
                let mut at = at + 2;
                loop {
                    let (value, end) = self.value(at)?;
                    values.insert(value);
                    match self.tokens.get(end)? {
                        Token::Sign(',') => at = end + 1,
                        Token::Sign(']' | ')') if end + 1 == to => return Some(values),
                        _ => return None,
                    }
                }
            }
            _ => None,
        }
    }

    /// A value, and where it ends.
    fn value(&self, at: usize) -> Option<(String, usize)> {
        match self.tokens.get(at)? {
            Token::Text(text) => Some((text.clone(), at + 1)),
            Token::Number(text) => Some((number(text), at + 1)),
            Token::Sign('-') => match self.tokens.get(at + 1)? {
                Token::Number(text) => Some((number(&format!("-{text}")), at + 2)),
                _ => None,
            },
            Token::Sign('?') => {
                let before = self.tokens.get(..at)?.iter().filter(|token| **token == Token::Sign('?')).count();
                key_text(self.parameters.get(before)?).map(|text| (text, at + 1))
            }
            _ => None,
        }
    }

    /// Where the bracket that opens here is closed.
    fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in open..self.tokens.len() {
            match self.tokens.get(at)? {
                Token::Sign('(') => depth += 1,
                Token::Sign(')') => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// The parts between words that stand in no bracket.
    fn split(&self, from: usize, to: usize, word: &str) -> Vec<(usize, usize)> {
        let (mut parts, mut start, mut depth, mut is_range) = (Vec::new(), from, 0_i32, false);
        for at in from..to {
            match self.tokens.get(at) {
                Some(Token::Sign('(' | '[' | '{')) => depth += 1,
                Some(Token::Sign(')' | ']' | '}')) => depth -= 1,
                Some(token) if depth == 0 && token.is_word("BETWEEN") => is_range = true,
                Some(token) if depth == 0 && is_range && token.is_word("AND") => is_range = false,
                Some(token) if depth == 0 && token.is_word(word) => {
                    parts.push((start, at));
                    start = at + 1;
                }
                _ => {}
            }
        }
        parts.push((start, to));
        parts
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Option<Statement> {
        Statement::read(&json!({"Statement": text, "Parameters": [{"S": "first"}, {"N": "2.0"}]}))
    }

    fn target(text: &str) -> Option<(Verb, String, Option<String>)> {
        read(text).map(|statement| (statement.verb, statement.table, statement.index))
    }

    #[test]
    fn a_statement_is_about_one_table_or_index() {
        let music = |verb| Some((verb, "Music".to_owned(), None));
        assert_eq!(target("SELECT * FROM \"Music\""), music(Verb::Select));
        assert_eq!(target("select a, \"FROM\" from Music where x = 'FROM Other';"), music(Verb::Select));
        assert_eq!(target("SELECT * /* FROM Other */ FROM -- FROM x\n Music"), music(Verb::Select));
        let by_year = Some((Verb::Select, "Music".to_owned(), Some("byYear".to_owned())));
        assert_eq!(target("SELECT * FROM \"Music\".\"byYear\" WHERE y = 1"), by_year);
        assert_eq!(target("INSERT INTO \"Music\" VALUE {'a': 'b'}"), music(Verb::Insert));
        assert_eq!(target("UPDATE \"Music\" SET a = 1 WHERE k = 'x'"), music(Verb::Update));
        assert_eq!(target("FROM \"Music\" WHERE k = 'x' SET a = 1"), music(Verb::Update));
        assert_eq!(target("DELETE FROM \"Music\" WHERE k = 'x'"), music(Verb::Delete));
        assert_eq!(target("EXISTS(SELECT * FROM \"Music\" WHERE k = 'x')"), music(Verb::Select));
        for none in
            ["", "DROP TABLE Music", "SELECT 1", "SELECT * FROM 'Music'", "SELECT * FROM my-music", "SELECT \"a"]
        {
            assert_eq!(target(none), None, "{none}");
        }
    }

    fn keys(text: &str) -> Option<Vec<String>> {
        read(text).unwrap().keys("pk").map(|keys| keys.into_iter().collect())
    }

    #[test]
    fn a_condition_gives_partition_keys_or_is_about_all() {
        let of = |condition: &str| keys(&format!("SELECT * FROM t WHERE {condition}"));
        let some = |keys: &[&str]| Some(keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>());
        assert_eq!(of("pk = 'a' AND sk > 1"), some(&["a"]));
        assert_eq!(of("\"pk\" = ? AND n = ?"), some(&["first"]));
        assert_eq!(of("n = ? AND pk = ?"), some(&["2"]));
        assert_eq!(of("pk IN ['a', 'b']"), some(&["a", "b"]));
        assert_eq!(of("pk = 'a' OR (pk = 'b' AND x = 1)"), some(&["a", "b"]));
        assert_eq!(of("n BETWEEN 1 AND 2 AND pk = -1.0"), some(&["-1"]));
        assert_eq!(of("pk = 'it''s'"), some(&["it's"]));
        for any in ["pk = 'a' OR x = 1", "NOT pk = 'a'", "pk > 'a'", "pk = x", "m.pk = 'a'", "begins_with(pk, 'a')"] {
            assert_eq!(of(any), None, "{any}");
        }
        assert_eq!(keys("SELECT * FROM t"), None);
        assert_eq!(keys("UPDATE t SET a = 'b' WHERE pk = 'a' RETURNING ALL OLD *"), some(&["a"]));
    }

    #[test]
    fn a_statement_names_attributes() {
        let of = |text: &str| read(text).unwrap().attributes().into_iter().collect::<Vec<_>>();
        assert_eq!(of("SELECT a, \"b c\".x FROM t WHERE size(d) > 1 AND e IS NOT MISSING"), ["a", "b c", "d", "e"]);
        assert_eq!(of("UPDATE t SET a.b = 1 REMOVE c WHERE pk = 'x'"), ["a", "c", "pk"]);
        assert_eq!(of("INSERT INTO t VALUE {'pk': 'x', 'm': {'inner': 1}}"), ["m", "pk"]);
        assert_eq!(read("INSERT INTO t VALUE {'pk': ?, 'm': 1}").unwrap().inserted("pk").as_deref(), Some("first"));
    }
}
