//! Patterns of fields that spaces separate: `[ip, user, ..., status = 4*, bytes > 1000]`.

use std::collections::BTreeMap;

use super::cursor::Cursor;
use super::expression::Expression;
use super::operand::{Test, number};
use super::{MAX_EXPRESSIONS, PatternError};

/// A pattern of fields.
#[derive(Debug)]
pub(super) struct Fields {
    /// Those from the beginning.
    first: Vec<Field>,
    /// Those from the end, where an ellipsis stands for any number of fields between.
    last: Option<Vec<Field>>,
}

#[derive(Debug)]
struct Field {
    /// What it is called; it may have no name.
    name: String,
    demand: Option<Expression<Test>>,
}

/// Something between two commas.
enum Part {
    Field(Field),
    Ellipsis,
}

impl Fields {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let mut cursor = Cursor::new(text);
        cursor.expect("[")?;
        let (mut first, mut last) = (Vec::new(), None);
        loop {
            match Part::parse(&mut cursor)? {
                Part::Ellipsis if last.is_some() => return Err(PatternError::Malformed),
                Part::Ellipsis => last = Some(Vec::new()),
                Part::Field(field) => last.as_mut().unwrap_or(&mut first).push(field),
            }
            if cursor.take(",") {
                continue;
            }
            if cursor.is_done() {
                return Err(PatternError::Unclosed { open: '[', close: ']' });
            }
            cursor.expect("]")?;
            break;
        }
        if !cursor.is_done() {
            return Err(PatternError::Malformed);
        }
        let fields = Self { first, last };
        if fields.expressions() > MAX_EXPRESSIONS { Err(PatternError::Expressions) } else { Ok(fields) }
    }

    fn all(&self) -> impl Iterator<Item = &Field> {
        self.first.iter().chain(self.last.iter().flatten())
    }

    pub(super) fn expressions(&self) -> usize {
        let mut count = 0;
        for demand in self.all().filter_map(|field| field.demand.as_ref()) {
            demand.each(&mut |test| count += usize::from(test.is_expression()));
        }
        count
    }

    /// Whether `$name` or `$3` is one of its fields.
    pub(super) fn names(&self, selector: &str) -> bool {
        let Some(name) = selector.strip_prefix('$').filter(|name| !name.is_empty()) else { return false };
        self.all().any(|field| field.name == name) || name.parse::<usize>().is_ok_and(|at| at > 0)
    }

    /// The fields of a message, if it has as many as it should and all are as they should be.
    pub(super) fn read<'m>(&self, message: &'m str) -> Option<Vec<&'m str>> {
        let values = split(message);
        let count = self.all().count();
        let enough = if self.last.is_some() { values.len() >= count } else { values.len() == count };
        let holds = |(field, value): (&Field, &&str)| {
            let test = |test: &Test| test.passes(value, number(value));
            field.demand.as_ref().is_none_or(|demand| demand.holds(&test))
        };
        (enough && self.placed(&values).all(holds)).then_some(values)
    }

    /// Each field with its value.
    fn placed<'a, 'm>(&'a self, values: &'a [&'m str]) -> impl Iterator<Item = (&'a Field, &'a &'m str)> {
        let last = self.last.as_deref().unwrap_or_default();
        let from = values.len().saturating_sub(last.len());
        self.first.iter().zip(values).chain(last.iter().zip(values.get(from..).unwrap_or_default()))
    }

    /// The value of `$name` or `$3`.
    pub(super) fn value<'m>(&self, values: &[&'m str], selector: &str) -> Option<&'m str> {
        let name = selector.strip_prefix('$').filter(|name| !name.is_empty())?;
        let named = self.placed(values).find(|(field, _)| field.name == name).map(|(_, value)| *value);
        named.or_else(|| values.get(name.parse::<usize>().ok()?.checked_sub(1)?).copied())
    }

    /// Every value, by the name of its field or by its place.
    pub(super) fn extracted(&self, values: &[&str]) -> BTreeMap<String, String> {
        let last = self.last.as_ref().map_or(0, Vec::len);
        let between = values.len().saturating_sub(self.first.len() + last);
        let names = self.first.iter().map(|field| field.name.as_str());
        let names = names.chain(std::iter::repeat_n("", between));
        let names = names.chain(self.last.iter().flatten().map(|field| field.name.as_str()));
        let key = |(at, name): (usize, &str)| if name.is_empty() { format!("${}", at + 1) } else { format!("${name}") };
        names.enumerate().map(key).zip(values.iter().map(|value| (*value).to_owned())).collect()
    }
}

impl Part {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        cursor.space();
        if cursor.take("...") || cursor.take("…") {
            cursor.space();
            return Ok(Self::Ellipsis);
        }
        if matches!(cursor.peek(), Some(',' | ']')) {
            return Ok(Self::Field(Field { name: String::new(), demand: None }));
        }
        let is_plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-' || c == '.';
        let mut ahead = *cursor;
        let name = ahead.take_while(is_plain);
        ahead.space();
        if !name.is_empty() && matches!(ahead.peek(), Some(',' | ']')) {
            *cursor = ahead;
            return Ok(Self::Field(Field { name: name.to_owned(), demand: None }));
        }
        let names = std::cell::RefCell::new(Vec::new());
        let demand = Expression::parse(cursor, &|cursor: &mut Cursor<'_>| {
            names.borrow_mut().push(cursor.take_while(is_plain).to_owned());
            cursor.space();
            Test::parse(cursor, |c| !c.is_whitespace() && !",]&|()\"%<>=!".contains(c))
        })?;
        let mut names = names.into_inner();
        // Conditions between two commas are about the one field that stands there.
        names.dedup();
        match (names.pop(), names.is_empty()) {
            (Some(name), true) => Ok(Self::Field(Field { name, demand: Some(demand) })),
            _ => Err(PatternError::Malformed),
        }
    }
}

/// The fields of a message: what stands between spaces, in brackets or in quotes.
fn split(message: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = message.trim();
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '[' => Some(']'),
            '"' => Some('"'),
            _ => None,
        };
        let enclosed = close.and_then(|close| rest.get(1..)?.split_once(close));
        let (field, after) = match enclosed {
            Some((field, after)) if after.is_empty() || after.starts_with(char::is_whitespace) => (field, after),
            _ => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        fields.push(field);
        rest = after.trim_start();
    }
    fields
}
