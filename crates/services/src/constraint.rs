//! What the API's model says of the values of members, and how AWS refuses others.

use std::fmt;

/// A value outside of what the API's model allows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Constraint {
    /// The value, where it may be repeated.
    shown: Option<String>,
    member: String,
    constraint: String,
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("1 validation error detected: ")?;
        self.detail(f)
    }
}

impl std::error::Error for Constraint {}

/// Several at once, in the order in which they were found. There is one at least.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Constraints(Vec<Constraint>);

impl Constraints {
    /// What is wrong, if anything is.
    pub(crate) fn check(wrong: Vec<Constraint>) -> Result<(), Self> {
        if wrong.is_empty() { Ok(()) } else { Err(Self(wrong)) }
    }
}

impl fmt::Display for Constraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(f, "{count} validation error{} detected: ", if count == 1 { "" } else { "s" })?;
        for (at, constraint) in self.0.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "; " })?;
            constraint.detail(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Constraints {}

impl Constraint {
    fn detail(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shown, member, constraint } = self;
        f.write_str("Value ")?;
        if let Some(value) = shown {
            write!(f, "{value} ")?;
        }
        write!(f, "at '{member}' failed to satisfy constraint: {constraint}")
    }

    /// A value that is shown if it is short.
    pub(crate) fn of(value: &str, member: &str, constraint: impl Into<String>) -> Self {
        let shown = (value.len() <= 256).then(|| format!("'{value}'"));
        Self { shown, member: member.to_owned(), constraint: constraint.into() }
    }

    /// Not showing the value if it has more bytes than this.
    #[must_use]
    pub(crate) fn showing(mut self, most: usize) -> Self {
        // The quotes around it are none of its own.
        self.shown = self.shown.filter(|shown| shown.len() <= most + 2);
        self
    }

    /// A member that has to be there and is not.
    pub(crate) fn null(member: &str) -> Self {
        Self {
            shown: Some("null".to_owned()),
            member: member.to_owned(),
            constraint: "Member must not be null".to_owned(),
        }
    }

    /// A value that is not shown.
    pub(crate) fn hidden(member: &str, constraint: impl Into<String>) -> Self {
        Self { shown: None, member: member.to_owned(), constraint: constraint.into() }
    }
}

/// A member that has to be there.
pub(crate) fn required<T>(member: &'static str, value: Option<T>) -> Result<T, Constraint> {
    value.ok_or_else(|| Constraint::null(member))
}

/// Checks how many characters a text has.
pub(crate) fn length(member: &'static str, text: &str, least: usize, most: usize) -> Result<(), Constraint> {
    outside(text.chars().count(), least, most).map_or(Ok(()), |bound| Err(Constraint::of(text, member, bound)))
}

/// Checks how many bytes there are, or how many entries of a list.
pub(crate) fn size(member: &'static str, count: usize, least: usize, most: usize) -> Result<(), Constraint> {
    outside(count, least, most).map_or(Ok(()), |bound| Err(Constraint::hidden(member, bound)))
}

fn outside(count: usize, least: usize, most: usize) -> Option<String> {
    match count {
        count if count < least => Some(format!("Member must have length greater than or equal to {least}")),
        count if count > most => Some(format!("Member must have length less than or equal to {most}")),
        _ => None,
    }
}

/// Checks a number.
pub(crate) fn within(member: &'static str, number: i64, least: i64, most: i64) -> Result<(), Constraint> {
    let bound = match number {
        number if number < least => format!("Member must have value greater than or equal to {least}"),
        number if number > most => format!("Member must have value less than or equal to {most}"),
        _ => return Ok(()),
    };
    Err(Constraint::of(&number.to_string(), member, bound))
}

/// Checks the characters of a text.
pub(crate) fn characters(
    member: &'static str, text: &str, pattern: &str, allowed: impl Fn(char) -> bool,
) -> Result<(), Constraint> {
    if text.chars().all(allowed) {
        return Ok(());
    }
    Err(Constraint::of(text, member, format!("Member must satisfy regular expression pattern: {pattern}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_outside_of_its_bounds_is_refused_in_the_words_of_aws() {
        let told = length("keyId", "", 1, 2048).unwrap_err().to_string();
        let expected = "1 validation error detected: Value '' at 'keyId' failed to satisfy constraint: Member must have \
                        length greater than or equal to 1";
        assert_eq!(told, expected);
        let told = within("limit", 1001, 1, 1000).unwrap_err().to_string();
        assert!(told.ends_with(
            "Value '1001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 1000"
        ));
        assert!(required::<()>("keyId", None).unwrap_err().to_string().contains("Value null at 'keyId'"));
        let two = [length("a", "", 1, 2), Ok(()), within("b", 3, 1, 2)].into_iter().filter_map(Result::err).collect();
        assert_eq!(
            Constraints::check(two).unwrap_err().to_string(),
            "2 validation errors detected: Value '' at 'a' failed to satisfy constraint: Member must have length greater than \
             or equal to 1; Value '3' at 'b' failed to satisfy constraint: Member must have value less than or equal to 2"
        );
        assert_eq!(Constraints::check(Vec::new()), Ok(()));
        assert!(size("plaintext", 4097, 1, 4096).unwrap_err().to_string().contains("Value at 'plaintext'"));
    }
}
