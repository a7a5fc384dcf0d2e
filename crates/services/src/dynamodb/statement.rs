//! Statements of PartiQL as decisions see them: which action on which table or index, whose items, which attributes.
//!
//! A statement is read whole, and what is carried out is written anew from what was read, so that nothing else happens than
//! what was asked about. What cannot be read here is not carried out; what is wrong with it the engine tells.
//!
//! Source: developer guide, "PartiQL for DynamoDB", "IAM security policies with PartiQL for DynamoDB".

mod condition;
mod reader;
mod tokens;

use std::collections::BTreeSet;

use serde_json::Value;
use sidegate_iam::Requirement;

use super::access::{Access, returned_at_last};
use super::table::Table;
use condition::Condition;
use reader::Reader;
use tokens::{Token, tokens, written};

/// The longest statement, in characters.
///
/// Source: API reference, "ExecuteStatement", `Statement`.
const LONGEST: usize = 8192;

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

/// What was read of a statement.
#[derive(Debug)]
struct Reading {
    verb: Verb,
    table: String,
    index: Option<String>,
    /// The attributes that it speaks of.
    attributes: BTreeSet<String>,
    /// Whether it selects everything.
    is_whole: bool,
    condition: Condition,
    /// The members of the item that is inserted, with the texts of those that can be keys.
    inserted: Vec<(String, Option<String>)>,
    /// What is returned: `ALL_OLD` for `ALL OLD *`.
    returned: Option<String>,
}

impl Reading {
    fn new(verb: Verb, table: String, index: Option<String>) -> Self {
        Self {
            verb,
            table,
            index,
            attributes: BTreeSet::new(),
            is_whole: false,
            condition: Condition::Other,
            inserted: Vec::new(),
            returned: None,
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
    /// The statement as it is carried out.
    pub(super) text: String,
    reading: Reading,
    /// Whether an item that does not meet the condition is returned.
    returns_failed: bool,
}

impl Statement {
    /// Reads a statement with its parameters: the document of `ExecuteStatement`, or a part of that of the others.
    pub(super) fn read(document: &Value) -> Option<Self> {
        let text = document.get("Statement")?.as_str().filter(|text| text.chars().count() <= LONGEST)?;
        let parameters = document.get("Parameters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut placed = tokens(text)?;
        placed.pop_if(|(token, _)| *token == Token::Sign(';'));
        let tokens: Vec<Token> = placed.iter().map(|(token, _)| token.clone()).collect();
        let reading = Reader::new(&tokens, parameters).statement()?;
        Some(Self {
            verb: reading.verb,
            table: reading.table.clone(),
            index: reading.index.clone(),
            text: written(&placed, text),
            reading,
            returns_failed: returned_at_last(document),
        })
    }

    /// Whether it is a condition of a transaction: `EXISTS(SELECT …)`.
    pub(super) fn is_condition(document: &Value) -> bool {
        let tokens = document.get("Statement").and_then(Value::as_str).and_then(tokens).unwrap_or_default();
        matches!(tokens.as_slice(), [(first, _), (Token::Sign('('), _), ..] if first.is_word("EXISTS"))
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
        let keys = table.partition_key(self.index.as_deref()).and_then(|key| self.keys(key));
        // What writes is about one item; if its key is not told, it is not to be taken for one that has any.
        let leading = keys.or_else(|| (self.verb != Verb::Select).then(|| BTreeSet::from([String::new()])));
        let is_scan = leading.is_none();
        let access = Access::by_statement(self.reading.attributes.clone(), leading);
        match self.verb {
            Verb::Select => access.scanning(is_scan).selecting(self.selection()),
            Verb::Insert => access,
            Verb::Update | Verb::Delete => access.returning(self.reading.returned.as_deref(), self.returns_failed),
        }
    }

    fn selection(&self) -> &'static str {
        match (self.reading.is_whole, &self.index) {
            (true, Some(_)) => "ALL_PROJECTED_ATTRIBUTES",
            (true, None) => "ALL_ATTRIBUTES",
            (false, _) => "SPECIFIC_ATTRIBUTES",
        }
    }

    /// The attributes of the key of the one item that it is about, with their texts; `None` where they are not told.
    pub(super) fn key(&self, table: &Table) -> Option<Vec<(String, String)>> {
        let attribute = |name: &String| {
            let mut values = self.keys(name)?.into_iter();
            Some((name.clone(), values.next().filter(|_| values.next().is_none())?))
        };
        table.key_attributes(None).iter().map(attribute).collect()
    }

    /// The partition keys of the items that it can be about; `None` where it may be any.
    fn keys(&self, key: &str) -> Option<BTreeSet<String>> {
        if self.verb != Verb::Insert {
            return self.reading.condition.keys(key);
        }
        let (_, value) = self.reading.inserted.iter().find(|(name, _)| name == key)?;
        value.clone().map(|value| BTreeSet::from([value]))
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
        assert_eq!(
            target("SELECT * FROM Music WHERE k = 1 ORDER BY a DESC NULLS LAST, 'b' NULLS FIRST"),
            music(Verb::Select)
        );
        assert_eq!(target("select a, \"FROM\" from Music where x = 'FROM Other';"), music(Verb::Select));
        assert_eq!(target("SELECT * /* FROM Other */ FROM -- FROM x\n Music"), music(Verb::Select));
        let by_year = Some((Verb::Select, "Music".to_owned(), Some("byYear".to_owned())));
        assert_eq!(target("SELECT * FROM \"Music\".\"byYear\" WHERE y = 1"), by_year);
        assert_eq!(target("INSERT INTO \"Music\" VALUE {'a': 'b'}"), music(Verb::Insert));
        assert_eq!(target("UPDATE \"Music\" SET a = 1 WHERE k = 'x'"), music(Verb::Update));
        assert_eq!(target("FROM \"Music\" WHERE k = 'x' SET a = 1"), music(Verb::Update));
        assert_eq!(target("DELETE FROM \"Music\" WHERE k = 'x'"), music(Verb::Delete));
        let none =
            ["", "DROP TABLE Music", "SELECT 1", "SELECT * FROM 'Music'", "SELECT * FROM my-music", "SELECT \"a"];
        for none in none {
            assert_eq!(target(none), None, "{none}");
        }
        let condition = json!({"Statement": "EXISTS(SELECT * FROM \"Music\" WHERE k = 'x')"});
        assert!(Statement::read(&condition).is_none() && Statement::is_condition(&condition));
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
        assert_eq!(of("'a' = pk AND x = 1"), some(&["a"]));
        // Whichever of two the engine takes is asked about.
        assert_eq!(of("pk = 'a' AND 'b' = pk"), some(&["a", "b"]));
        for any in ["pk = 'a' OR x = 1", "NOT pk = 'a'", "pk > 'a'", "pk = x", "m.pk = 'a'", "begins_with(pk, 'a')"] {
            assert_eq!(of(any), None, "{any}");
        }
        assert_eq!(keys("SELECT * FROM t"), None);
        assert_eq!(keys("UPDATE t SET a = 'b' WHERE pk = 'a' RETURNING ALL OLD *"), some(&["a"]));
    }

    #[test]
    fn a_statement_names_attributes() {
        let of = |text: &str| read(text).unwrap().reading.attributes.into_iter().collect::<Vec<_>>();
        assert_eq!(of("SELECT a, \"b c\".x FROM t WHERE size(d) > 1 AND e IS NOT MISSING"), ["a", "b c", "d", "e"]);
        assert_eq!(of("UPDATE t SET a.b = 1 REMOVE c WHERE pk = 'x'"), ["a", "c", "pk"]);
        assert_eq!(of("INSERT INTO t VALUE {'pk': 'x', 'm': {'inner': 1}}"), ["m", "pk"]);
        assert_eq!(keys("INSERT INTO t VALUE {'pk': ?, 'm': 1}"), Some(vec!["first".to_owned()]));
    }

    #[test]
    fn what_the_engine_might_read_in_another_way_is_no_statement() {
        for none in [
            "INSERT INTO t VALUE {'pk': 'mine', 'pk': 'other'}",
            "INSERT INTO t VALUE {'pk': 'mine', \"pk\": 'other'}",
            "INSERT INTO t VALUE {pk: 'other'}",
            "INSERT INTO t VALUE {'pk': 'mine', 'm': {'a': 1, 'a': 2}}",
            "UPDATE t SET where = 'x' WHERE pk = 'other'",
            "UPDATE t SET 'hidden' = 1 WHERE pk = 'mine'",
            "SELECT 'hidden' FROM t",
            "SELECT value FROM t",
            "SELECT open, * FROM t",
            "SELECT 5 FROM t",
            "SELECT a FROM t WHERE begins_with('hidden', 'x')",
            "SELECT a FROM t WHERE a.'hidden' = 1",
            "SELECT a FROM t WHERE pk = 'a' pk = 'b'",
            "SELECT a FROM t WHERE l[x] = 1",
            "SELECT a FROM t WHERE pk = 'a' ORDER BY sk NULLS",
            "SELECT COUNT(a) FROM t",
            "SELECT COUNT() FROM t",
            "DELETE FROM t WHERE pk = 'a'; DELETE FROM t",
        ] {
            assert!(read(none).is_none(), "{none}");
        }
        // However a value or a condition is nested, no stack is long enough for all that a statement may have.
        for (open, close) in [("(", ")"), ("[", "]"), ("<<", ">>"), ("{'a': ", "}"), ("size(", ")"), ("NOT (", ")")] {
            let deep = |inner: &str| format!("{}{inner}{}", open.repeat(2000), close.repeat(2000));
            for statement in [
                format!("SELECT a FROM t WHERE {}", deep("a = 1")),
                format!("SELECT a FROM t WHERE a = {}", deep("1")),
                format!("UPDATE t SET a = {} WHERE pk = 'a'", deep("1")),
                format!("INSERT INTO t VALUE {{'pk': 'a', 'b': {}", open.repeat(4000)),
            ] {
                assert!(read(&statement).is_none(), "{}", &statement[..40]);
            }
        }
    }

    #[test]
    fn what_is_carried_out_is_what_was_read() {
        let anew = |text: &str| read(text).unwrap().text;
        assert_eq!(
            anew("select a /* , b */ , c from t -- x\n where pk='it''s' ;"),
            "select a           , c from t     \n where pk='it''s'"
        );
        assert_eq!(
            anew("UPDATE \"T\" SET a.b = a.b - -1, c = list_append(c, ['x']) REMOVE d WHERE pk=?"),
            "UPDATE \"T\" SET a.b = a.b - -1, c = list_append(c, ['x']) REMOVE d WHERE pk=?"
        );
    }
}
