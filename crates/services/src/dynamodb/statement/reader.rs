//! The grammar of PartiQL as DynamoDB has it, and what of a statement decisions rest on.
//!
//! It is read to the last token: what is not understood here is not carried out, whatever the engine might make of it.
//!
//! Source: developer guide, "PartiQL for DynamoDB", its pages on SELECT, UPDATE, INSERT, DELETE, functions and operators.

mod cursor;

use std::collections::BTreeSet;

use serde_json::Value;

use super::condition::Condition;
use super::tokens::Token;
use super::{Reading, Verb};
use crate::dynamodb::access::{key_text, number};

/// A way through the tokens of a statement. Each step is `None` where it finds something else.
pub(super) struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    /// The values of the parameters that are yet to come.
    parameters: std::slice::Iter<'a, Value>,
    attributes: BTreeSet<String>,
}

/// What stands on a side of a comparison.
enum Operand {
    /// An attribute of the item; `None` for one inside another.
    Path(Option<String>),
    /// A value, with its text if it can be a key.
    Value(Option<String>),
    Call,
}

impl<'a> Reader<'a> {
    pub(super) fn new(tokens: &'a [Token], parameters: &'a [Value]) -> Self {
        Self { tokens, at: 0, depth: 0, parameters: parameters.iter(), attributes: BTreeSet::new() }
    }

    /// A whole statement.
    pub(super) fn statement(mut self) -> Option<Reading> {
        let mut reading = if self.word("SELECT") {
            self.select()?
        } else if self.word("INSERT") {
            self.insert()?
        } else if self.word("UPDATE") {
            self.update()?
        } else if self.word("DELETE") {
            self.delete()?
        } else if self.word("FROM") {
            self.update_from()?
        } else {
            return None;
        };
        reading.attributes = self.attributes;
        (self.at == self.tokens.len()).then_some(reading)
    }

    fn select(&mut self) -> Option<Reading> {
        // Counting the engine refuses, of some indexes for another reason than of others.
        let counts = self.calls("COUNT");
        if counts {
            self.at += 2;
            self.expect_sign('*')?;
            self.expect_sign(')')?;
        }
        let is_whole = counts || self.sign('*');
        if !is_whole {
            self.several(|reader| reader.path().map(drop))?;
        }
        self.expect("FROM")?;
        let mut reading = self.target(Verb::Select)?;
        reading.is_whole = is_whole;
        reading.condition = self.condition_if_any()?;
        if self.word("ORDER") {
            self.expect("BY")?;
            self.several(Self::ordered)?;
        }
        Some(reading)
    }

    /// What is ordered by. A text in its place the engine refuses, with its place.
    fn ordered(&mut self) -> Option<()> {
        if let Some(Token::Text(name)) = self.peek() {
            self.attributes.insert(name.clone());
            self.at += 1;
        } else {
            self.path()?;
        }
        let _ = self.word("ASC") || self.word("DESC");
        if self.word("NULLS") && !self.word("FIRST") {
            self.expect("LAST")?;
        }
        Some(())
    }

    fn insert(&mut self) -> Option<Reading> {
        self.expect("INTO")?;
        let mut reading = self.target(Verb::Insert)?;
        self.expect("VALUE")?;
        self.expect_sign('{')?;
        reading.inserted = self.members()?;
        self.attributes.extend(reading.inserted.iter().map(|(name, _)| name.clone()));
        if self.word("IF") {
            self.expect("NOT")?;
            self.expect("EXISTS")?;
        }
        Some(reading)
    }

    fn update(&mut self) -> Option<Reading> {
        let mut reading = self.target(Verb::Update)?;
        self.changes()?;
        reading.condition = self.condition_if_any()?;
        reading.returned = self.returned()?;
        Some(reading)
    }

    /// `FROM t WHERE … SET …`, which is an update as well.
    fn update_from(&mut self) -> Option<Reading> {
        let mut reading = self.target(Verb::Update)?;
        reading.condition = self.condition_if_any()?;
        self.changes()?;
        reading.returned = self.returned()?;
        Some(reading)
    }

    fn delete(&mut self) -> Option<Reading> {
        self.expect("FROM")?;
        let mut reading = self.target(Verb::Delete)?;
        reading.condition = self.condition_if_any()?;
        reading.returned = self.returned()?;
        Some(reading)
    }

    fn target(&mut self, verb: Verb) -> Option<Reading> {
        let table = self.name()?;
        let index = if self.sign('.') { Some(self.name()?) } else { None };
        Some(Reading::new(verb, table, index))
    }

    /// One change or more: `SET p = v, …` or `REMOVE p`.
    fn changes(&mut self) -> Option<()> {
        let mut is_one = false;
        loop {
            if self.word("SET") {
                self.several(|reader| {
                    reader.path()?;
                    reader.expect_sign('=')?;
                    reader.assigned()
                })?;
            } else if self.word("REMOVE") {
                self.path()?;
            } else {
                return is_one.then_some(());
            }
            is_one = true;
        }
    }

    /// What is assigned: a sum or a difference, or the call of a function of lists or sets.
    fn assigned(&mut self) -> Option<()> {
        if ["list_append", "set_add", "set_delete"].iter().any(|name| self.calls(name)) {
            self.at += 2;
            self.term()?;
            self.expect_sign(',')?;
            self.term()?;
            return self.expect_sign(')');
        }
        self.term()?;
        if self.sign('+') || self.sign('-') {
            self.term()?;
        }
        Some(())
    }

    fn term(&mut self) -> Option<()> {
        if self.is_name() { self.path().map(drop) } else { self.value().map(drop) }
    }

    /// `RETURNING ALL OLD *` as `ALL_OLD`. The outer `None` is one that is none.
    fn returned(&mut self) -> Option<Option<String>> {
        if !self.word("RETURNING") {
            return Some(None);
        }
        let which = if self.word("ALL") { "ALL" } else { self.expect("MODIFIED").map(|()| "UPDATED")? };
        let when = if self.word("OLD") { "OLD" } else { self.expect("NEW").map(|()| "NEW")? };
        self.expect_sign('*')?;
        Some(Some(format!("{which}_{when}")))
    }

    fn condition_if_any(&mut self) -> Option<Condition> {
        if self.word("WHERE") { self.any() } else { Some(Condition::Other) }
    }

    fn any(&mut self) -> Option<Condition> {
        self.deeper(|reader| {
            let mut parts = vec![reader.all()?];
            while reader.word("OR") {
                parts.push(reader.all()?);
            }
            Some(Condition::Any(parts))
        })
    }

    fn all(&mut self) -> Option<Condition> {
        let mut parts = vec![self.negated()?];
        while self.word("AND") {
            parts.push(self.negated()?);
        }
        Some(Condition::All(parts))
    }

    fn negated(&mut self) -> Option<Condition> {
        let mut is_negated = false;
        while self.word("NOT") {
            is_negated = true;
        }
        let condition = if self.sign('(') {
            let inner = self.any()?;
            self.expect_sign(')')?;
            inner
        } else {
            self.comparison()?
        };
        Some(if is_negated { Condition::Other } else { condition })
    }

    fn comparison(&mut self) -> Option<Condition> {
        if self.calls("begins_with") || self.calls("contains") {
            self.at += 2;
            self.path()?;
            self.expect_sign(',')?;
            self.value()?;
            self.expect_sign(')')?;
            return Some(Condition::Other);
        }
        let left = self.operand()?;
        if self.word("IS") {
            let _ = self.word("NOT");
            let Some(Token::Word(_)) = self.next() else { return None };
            return matches!(left, Operand::Path(_)).then_some(Condition::Other);
        }
        let is_negated = self.word("NOT");
        if self.word("BETWEEN") {
            self.operand()?;
            self.expect("AND")?;
            self.operand()?;
            return Some(Condition::Other);
        }
        if self.word("IN") {
            let listed = self.listed()?;
            return Some(match (left, listed) {
                (Operand::Path(Some(name)), Some(values)) if !is_negated => Condition::Given(name, values),
                _ => Condition::Other,
            });
        }
        if is_negated {
            return None;
        }
        match self.peek() {
            Some(Token::Sign('=')) => {
                self.at += 1;
                Some(match (left, self.operand()?) {
                    (Operand::Path(Some(name)), Operand::Value(Some(value)))
                    | (Operand::Value(Some(value)), Operand::Path(Some(name))) => {
                        Condition::Given(name, BTreeSet::from([value]))
                    }
                    _ => Condition::Other,
                })
            }
            Some(Token::Sign('<' | '>') | Token::Comparison(_)) => {
                self.at += 1;
                self.operand()?;
                Some(Condition::Other)
            }
            // The call of a function may be a condition.
            _ => matches!(left, Operand::Call).then_some(Condition::Other),
        }
    }

    /// The values of `[v, …]` or `(v, …)`; the inner `None` where one of them is something else.
    fn listed(&mut self) -> Option<Option<BTreeSet<String>>> {
        let close = if self.sign('[') { ']' } else { self.expect_sign('(').map(|()| ')')? };
        let mut values = Some(BTreeSet::new());
        self.several(|reader| {
            match (reader.operand()?, &mut values) {
                (Operand::Value(Some(value)), Some(values)) => drop(values.insert(value)),
                _ => values = None,
            }
            Some(())
        })?;
        self.expect_sign(close)?;
        Some(values)
    }

    fn operand(&mut self) -> Option<Operand> {
        let function = ["attribute_exists", "attribute_not_exists", "attribute_type", "size"];
        let Some(function) = function.into_iter().find(|name| self.calls(name)) else {
            return if self.is_name() { self.path().map(Operand::Path) } else { self.value().map(Operand::Value) };
        };
        self.at += 2;
        self.deeper(|reader| {
            // The length of a value can be asked as well.
            let _ = reader.operand()?;
            if function == "attribute_type" {
                reader.expect_sign(',')?;
                reader.value()?;
            }
            reader.expect_sign(')')?;
            Some(Operand::Call)
        })
    }

    /// A value, with its text if it can be a key.
    fn value(&mut self) -> Option<Option<String>> {
        match self.next()? {
            Token::Text(text) => Some(Some(text.clone())),
            Token::Number(text) => Some(Some(number(text))),
            Token::Sign(sign @ ('-' | '+')) => match self.next()? {
                Token::Number(text) => Some(Some(number(&format!("{sign}{text}")))),
                _ => None,
            },
            Token::Sign('?') => Some(self.parameters.next().and_then(key_text)),
            Token::Word(word) => {
                ["TRUE", "FALSE", "NULL"].iter().any(|own| own.eq_ignore_ascii_case(word)).then_some(None)
            }
            Token::Sign('[') => {
                self.deeper(|reader| reader.elements(']'))?;
                Some(None)
            }
            Token::Sign('{') => {
                self.deeper(Self::members)?;
                Some(None)
            }
            Token::Sign('<') => {
                self.expect_sign('<')?;
                self.deeper(|reader| reader.several(|reader| reader.value().map(drop)))?;
                self.expect_sign('>')?;
                self.expect_sign('>')?;
                Some(None)
            }
            _ => None,
        }
    }

    fn elements(&mut self, close: char) -> Option<()> {
        if self.sign(close) {
            return Some(());
        }
        self.several(|reader| reader.value().map(drop))?;
        self.expect_sign(close)
    }

    /// The members of a value behind its brace, each name once.
    fn members(&mut self) -> Option<Vec<(String, Option<String>)>> {
        let mut members: Vec<(String, Option<String>)> = Vec::new();
        if self.sign('}') {
            return Some(members);
        }
        self.several(|reader| {
            let Some(Token::Text(name)) = reader.next() else { return None };
            let name = name.clone();
            reader.expect_sign(':')?;
            let value = reader.value()?;
            let is_new = !members.iter().any(|(own, _)| *own == name);
            members.push((name, value));
            is_new.then_some(())
        })?;
        self.expect_sign('}')?;
        Some(members)
    }

    /// A path; the attribute that it is, if it does not lead into one.
    fn path(&mut self) -> Option<Option<String>> {
        let head = self.name()?;
        self.attributes.insert(head.clone());
        let mut is_whole = true;
        loop {
            if self.sign('.') {
                let (Token::Word(_) | Token::Quoted(_)) = self.next()? else { return None };
            } else if self.sign('[') {
                let Token::Number(index) = self.next()? else { return None };
                if !index.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                self.expect_sign(']')?;
            } else {
                return Some(is_whole.then_some(head));
            }
            is_whole = false;
        }
    }
}
