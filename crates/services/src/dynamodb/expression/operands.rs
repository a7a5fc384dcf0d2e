//! What is wrong with the operands of a condition, whatever items there are.
//!
//! Source: what others were told by DynamoDB, and say so in their tests; docs/claims.md, DDB-30.

use serde_json::Value;

use super::path::Path;
use super::tokens::Token;
use super::{KEYWORDS, Names};

/// The types that have an order.
const ORDERED: [&str; 3] = ["S", "N", "B"];

/// The functions of two operands.
const FUNCTIONS: [&str; 3] = ["attribute_type", "begins_with", "contains"];

/// What is compared, or looked at by a function.
#[derive(Debug, PartialEq, Eq)]
enum Operand<'a> {
    Path(Path<'a>),
    /// What stands for a value.
    Value(&'a str),
    /// What a function says.
    Computed,
}

/// A comparison or a function, with its operands.
#[derive(Debug)]
struct Term<'a> {
    operator: &'a str,
    operands: Vec<Operand<'a>>,
}

/// What is wrong with the operands of the first term that cannot be.
pub(super) fn fault(tokens: &[Token<'_>], names: Names<'_>, values: Option<&Value>) -> Option<String> {
    let mut reader = Reader { tokens, names };
    while !reader.tokens.is_empty() {
        let rest = reader.tokens;
        if let Some(told) = reader.term().and_then(|term| term.fault(values)) {
            return Some(told);
        }
        if reader.tokens.len() == rest.len() {
            reader.skip(1);
        }
    }
    None
}

impl Term<'_> {
    fn fault(&self, values: Option<&Value>) -> Option<String> {
        self.repetition().or_else(|| {
            let kind = self.unfit(values)?;
            Some(format!(
                "Incorrect operand type for operator or function; operator or function: {}, operand type: {kind}",
                self.operator
            ))
        })
    }

    /// Two paths that are the same one. Of ranges and lists nobody has told.
    fn repetition(&self) -> Option<String> {
        let [Operand::Path(first), Operand::Path(second)] = self.operands.as_slice() else { return None };
        (first == second && self.operator != "attribute_type").then(|| {
            format!(
                "The first operand must be distinct from the remaining operands for this operator or function; operator: \
                 {}, first operand: {first}",
                self.operator
            )
        })
    }

    /// The type of the first value that the operator does not take.
    fn unfit<'v>(&self, values: Option<&'v Value>) -> Option<&'v str> {
        let (among, fit): (_, &[&str]) = match self.operator {
            "<" | "<=" | ">" | ">=" | "BETWEEN" => (self.operands.as_slice(), &ORDERED),
            "begins_with" => (self.operands.as_slice(), &["S", "B"]),
            "attribute_type" => (self.operands.get(1..).unwrap_or_default(), &["S"]),
            _ => return None,
        };
        let mut kinds = among.iter().filter_map(|operand| match operand {
            Operand::Value(name) => kind(values?.get(name)?),
            Operand::Path(_) | Operand::Computed => None,
        });
        kinds.find(|kind| !fit.contains(kind))
    }
}

/// The type of a value. One that has several or none is refused by the engine.
fn kind(value: &Value) -> Option<&str> {
    let mut members = value.as_object()?.iter().filter(|(_, value)| !value.is_null());
    let (kind, _) = members.next()?;
    members.next().is_none().then_some(kind.as_str())
}

/// Reads terms. What belongs to none is passed over.
struct Reader<'t, 'a> {
    tokens: &'t [Token<'a>],
    names: Names<'a>,
}

impl<'a> Reader<'_, 'a> {
    fn skip(&mut self, count: usize) {
        self.tokens = self.tokens.get(count..).unwrap_or_default();
    }

    /// The term at the beginning. Where there is none, nothing is taken.
    fn term(&mut self) -> Option<Term<'a>> {
        let before = self.tokens;
        let term = match self.tokens {
            [Token::Name(function), Token::Sign('('), ..] if FUNCTIONS.contains(function) => {
                let operator = *function;
                self.skip(2);
                self.arguments().map(|operands| Term { operator, operands })
            }
            _ => self.comparison(),
        };
        if term.is_none() {
            self.tokens = before;
        }
        term
    }

    fn comparison(&mut self) -> Option<Term<'a>> {
        let first = self.operand()?;
        let operator = self.operator()?;
        let mut operands = vec![first, self.operand()?];
        if operator == "BETWEEN" {
            self.word("AND")?;
            operands.push(self.operand()?);
        }
        Some(Term { operator, operands })
    }

    fn operator(&mut self) -> Option<&'static str> {
        let (operator, length) = match self.tokens {
            [Token::Sign('<'), Token::Sign('>'), ..] => ("<>", 2),
            [Token::Sign('<'), Token::Sign('='), ..] => ("<=", 2),
            [Token::Sign('>'), Token::Sign('='), ..] => (">=", 2),
            [Token::Sign('='), ..] => ("=", 1),
            [Token::Sign('<'), ..] => ("<", 1),
            [Token::Sign('>'), ..] => (">", 1),
            _ => return self.word("BETWEEN").map(|()| "BETWEEN"),
        };
        self.skip(length);
        Some(operator)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        match self.tokens.first() {
            Some(Token::Name(name)) if name.eq_ignore_ascii_case(word) => self.skip(1),
            _ => return None,
        }
        Some(())
    }

    fn operand(&mut self) -> Option<Operand<'a>> {
        match self.tokens {
            [Token::Value(name), ..] => {
                self.skip(1);
                Some(Operand::Value(name))
            }
            [Token::Name("size"), Token::Sign('('), ..] => {
                self.skip(2);
                self.arguments().map(|_| Operand::Computed)
            }
            [Token::Name(_), Token::Sign('('), ..] => None,
            [Token::Name(name), ..] if KEYWORDS.iter().any(|word| word.eq_ignore_ascii_case(name)) => None,
            tokens => {
                let (path, length) = Path::read(tokens, self.names)?;
                self.skip(length);
                Some(Operand::Path(path))
            }
        }
    }

    /// Operands up to the bracket that closes, which is taken too.
    fn arguments(&mut self) -> Option<Vec<Operand<'a>>> {
        let mut operands = Vec::new();
        loop {
            operands.push(self.operand()?);
            let sign = self.tokens.first().copied();
            self.skip(1);
            match sign {
                Some(Token::Sign(',')) => {}
                Some(Token::Sign(')')) => return Some(operands),
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tokens::tokens;
    use super::*;

    fn told(expression: &str) -> Option<String> {
        let document = json!({
            "ExpressionAttributeNames": {"#a": "a"},
            "ExpressionAttributeValues": {
                ":s": {"S": "x"}, ":n": {"N": "1"}, ":bool": {"BOOL": true}, ":list": {"L": []}, ":map": {"M": {}},
                ":null": {"NULL": true}, ":set": {"SS": ["x"]},
            },
        });
        fault(&tokens(expression), Names::of(&document), document.get("ExpressionAttributeValues"))
    }

    #[test]
    fn what_has_no_order_is_not_compared_by_order() {
        let of = |operator: &str, kind: &str| {
            Some(format!(
                "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {kind}"
            ))
        };
        assert_eq!(told("a < :bool"), of("<", "BOOL"));
        assert_eq!(told(":list >= a.b[0]"), of(">=", "L"));
        assert_eq!(told("b = :n AND NOT (a > :null)"), of(">", "NULL"));
        assert_eq!(told("size(a) <= :set"), of("<=", "SS"));
        assert_eq!(told("a BETWEEN :map AND :map"), of("BETWEEN", "M"));
        assert_eq!(told("a between :n and :map or b = :n"), of("BETWEEN", "M"));
        assert_eq!(told("begins_with(a, :n)"), of("begins_with", "N"));
        assert_eq!(told("attribute_type(a, :n)"), of("attribute_type", "N"));
        for fine in [
            "a = :bool OR a <> :list",
            "a < :s AND b BETWEEN :n AND :n",
            "a IN (:bool, :list) AND contains(a, :map)",
            "attribute_type(a, :s) AND begins_with(a, :s) AND size(a) > :n",
            "a < :unknown",
        ] {
            assert_eq!(told(fine), None, "{fine}");
        }
    }

    #[test]
    fn nothing_is_compared_with_itself() {
        let of = |operator: &str, path: &str| {
            Some(format!(
                "The first operand must be distinct from the remaining operands for this operator or function; operator: \
                 {operator}, first operand: {path}"
            ))
        };
        assert_eq!(told("a = #a"), of("=", "[a]"));
        assert_eq!(told("b = :n AND (a.b[1] <> a.b[1])"), of("<>", "[a, b, [1]]"));
        assert_eq!(told("begins_with(s, s)"), of("begins_with", "[s]"));
        for fine in ["a = a.b", "a.b = a.c", ":s = :s", "a = b AND b = a", "a IN (b, b)", "size(a) = size(a)"] {
            assert_eq!(told(fine), None, "{fine}");
        }
    }
}
