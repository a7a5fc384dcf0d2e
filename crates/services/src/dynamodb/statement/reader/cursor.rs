//! Steps through the tokens of a statement.

use super::super::tokens::Token;
use super::Reader;

/// Words that are no names without quotes.
///
/// Source: developer guide, "Reserved words in PartiQL"; of it those that have a place in the grammar.
const KEYWORDS: [&str; 41] = [
    "AND",
    "AS",
    "ASC",
    "AT",
    "BETWEEN",
    "BY",
    "CASE",
    "DELETE",
    "DESC",
    "ELSE",
    "END",
    "EXISTS",
    "FALSE",
    "FROM",
    "GROUP",
    "HAVING",
    "IN",
    "INSERT",
    "INTO",
    "IS",
    "LIKE",
    "LIMIT",
    "MISSING",
    "NOT",
    "NULL",
    "ON",
    "OR",
    "ORDER",
    "REMOVE",
    "RETURNING",
    "SELECT",
    "SET",
    "THEN",
    "TRUE",
    "UNION",
    "UPDATE",
    "VALUE",
    "VALUES",
    "WHEN",
    "WHERE",
    "WITH",
];

/// How deep values, conditions and calls may lie in each other.
const DEEPEST: usize = 32;

impl<'a> Reader<'a> {
    pub(super) fn several(&mut self, mut one: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        loop {
            one(self)?;
            if !self.sign(',') {
                return Some(());
            }
        }
    }

    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.depth += 1;
        let read = if self.depth > DEEPEST { None } else { read(self) };
        self.depth -= 1;
        read
    }

    pub(super) fn name(&mut self) -> Option<String> {
        let name = match self.next()? {
            Token::Quoted(name) => name,
            Token::Word(name) if !is_keyword(name) => name,
            _ => return None,
        };
        (!name.is_empty()).then(|| name.clone())
    }

    pub(super) fn is_name(&self) -> bool {
        match self.peek() {
            Some(Token::Quoted(_)) => true,
            Some(Token::Word(word)) => !is_keyword(word),
            _ => false,
        }
    }

    /// Whether a function of this name is called here.
    pub(super) fn calls(&self, name: &str) -> bool {
        self.peek().is_some_and(|token| token.is_word(name)) && self.tokens.get(self.at + 1) == Some(&Token::Sign('('))
    }

    pub(super) fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn next(&mut self) -> Option<&'a Token> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token)
    }

    pub(super) fn word(&mut self, word: &str) -> bool {
        let is_next = self.peek().is_some_and(|token| token.is_word(word));
        self.at += usize::from(is_next);
        is_next
    }

    pub(super) fn sign(&mut self, sign: char) -> bool {
        let is_next = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(is_next);
        is_next
    }

    pub(super) fn expect(&mut self, word: &str) -> Option<()> {
        self.word(word).then_some(())
    }

    pub(super) fn expect_sign(&mut self, sign: char) -> Option<()> {
        self.sign(sign).then_some(())
    }
}

fn is_keyword(word: &str) -> bool {
    KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word))
}
