//! Conditions that are joined by `&&` and `||`, in parentheses where that is needed.

use super::cursor::Cursor;
use super::{MAX_DEPTH, PatternError};

/// An expression of conditions. `&&` binds more than `||`.
#[derive(Debug)]
pub(super) enum Expression<C> {
    One(C),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl<C> Expression<C> {
    /// Reads one, with what reads a condition.
    pub(super) fn parse(
        cursor: &mut Cursor<'_>, condition: &impl Fn(&mut Cursor<'_>) -> Result<C, PatternError>,
    ) -> Result<Self, PatternError> {
        Self::any(cursor, condition, 0)
    }

    fn any(
        cursor: &mut Cursor<'_>, condition: &impl Fn(&mut Cursor<'_>) -> Result<C, PatternError>, depth: usize,
    ) -> Result<Self, PatternError> {
        let mut parts = vec![Self::all(cursor, condition, depth)?];
        while cursor.take("||") {
            parts.push(Self::all(cursor, condition, depth)?);
        }
        Ok(single(parts).unwrap_or_else(Self::Any))
    }

    fn all(
        cursor: &mut Cursor<'_>, condition: &impl Fn(&mut Cursor<'_>) -> Result<C, PatternError>, depth: usize,
    ) -> Result<Self, PatternError> {
        let mut parts = vec![Self::one(cursor, condition, depth)?];
        while cursor.take("&&") {
            parts.push(Self::one(cursor, condition, depth)?);
        }
        Ok(single(parts).unwrap_or_else(Self::All))
    }

    fn one(
        cursor: &mut Cursor<'_>, condition: &impl Fn(&mut Cursor<'_>) -> Result<C, PatternError>, depth: usize,
    ) -> Result<Self, PatternError> {
        cursor.space();
        let part = if cursor.take("(") {
            if depth == MAX_DEPTH {
                return Err(PatternError::Malformed);
            }
            let inner = Self::any(cursor, condition, depth + 1)?;
            cursor.expect(")")?;
            inner
        } else {
            Self::One(condition(cursor)?)
        };
        cursor.space();
        Ok(part)
    }

    /// Whether it holds, by what says so of a condition.
    pub(super) fn holds(&self, condition: &impl Fn(&C) -> bool) -> bool {
        match self {
            Self::One(one) => condition(one),
            Self::All(parts) => parts.iter().all(|part| part.holds(condition)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(condition)),
        }
    }

    /// Goes through all conditions.
    pub(super) fn each<'e>(&'e self, visit: &mut impl FnMut(&'e C)) {
        match self {
            Self::One(one) => visit(one),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.each(visit)),
        }
    }
}

/// The only one of them; all of them if there are more.
fn single<T>(mut parts: Vec<T>) -> Result<T, Vec<T>> {
    match parts.pop() {
        Some(only) if parts.is_empty() => Ok(only),
        Some(last) => {
            parts.push(last);
            Err(parts)
        }
        None => Err(parts),
    }
}
