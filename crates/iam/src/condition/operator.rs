//! The names of condition operators.
//!
//! Source: IAM user guide, "IAM JSON policy elements: Condition operators".

/// How a set of values is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantifier {
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// What two numbers or dates must be to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    /// Whether a request's value stands so to a policy's.
    pub(super) fn holds<T: Ord>(self, actual: &T, expected: &T) -> bool {
        match self {
            Self::Equal => actual == expected,
            Self::Less => actual < expected,
            Self::LessOrEqual => actual <= expected,
            Self::Greater => actual > expected,
            Self::GreaterOrEqual => actual >= expected,
        }
    }
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Order),
    Date(Order),
    Bool,
    Binary,
    IpAddress,
    Arn,
    Null,
}

/// An operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) quantifier: Option<Quantifier>,
    pub(super) comparison: Comparison,
    /// Whether it asks that nothing matches.
    pub(crate) negated: bool,
    pub(crate) if_exists: bool,
}

/// The operators, as they are without a quantifier and without `IfExists`.
const NAMES: [(&str, Comparison, bool); 27] = [
    ("StringEquals", Comparison::StringEquals, false),
    ("StringNotEquals", Comparison::StringEquals, true),
    ("StringEqualsIgnoreCase", Comparison::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Comparison::StringEqualsIgnoreCase, true),
    ("StringLike", Comparison::StringLike, false),
    ("StringNotLike", Comparison::StringLike, true),
    ("NumericEquals", Comparison::Numeric(Order::Equal), false),
    ("NumericNotEquals", Comparison::Numeric(Order::Equal), true),
    ("NumericLessThan", Comparison::Numeric(Order::Less), false),
    ("NumericLessThanEquals", Comparison::Numeric(Order::LessOrEqual), false),
    ("NumericGreaterThan", Comparison::Numeric(Order::Greater), false),
    ("NumericGreaterThanEquals", Comparison::Numeric(Order::GreaterOrEqual), false),
    ("DateEquals", Comparison::Date(Order::Equal), false),
    ("DateNotEquals", Comparison::Date(Order::Equal), true),
    ("DateLessThan", Comparison::Date(Order::Less), false),
    ("DateLessThanEquals", Comparison::Date(Order::LessOrEqual), false),
    ("DateGreaterThan", Comparison::Date(Order::Greater), false),
    ("DateGreaterThanEquals", Comparison::Date(Order::GreaterOrEqual), false),
    ("Bool", Comparison::Bool, false),
    ("BinaryEquals", Comparison::Binary, false),
    ("IpAddress", Comparison::IpAddress, false),
    ("NotIpAddress", Comparison::IpAddress, true),
    // Both forms of the ARN operators take wildcards.
    ("ArnEquals", Comparison::Arn, false),
    ("ArnNotEquals", Comparison::Arn, true),
    ("ArnLike", Comparison::Arn, false),
    ("ArnNotLike", Comparison::Arn, true),
    ("Null", Comparison::Null, false),
];

impl Operator {
    /// The operator with this name. `Null` is neither quantified nor has it an `IfExists`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let (quantifier, rest) = match name.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(Quantifier::All), rest),
            Some(("ForAnyValue", rest)) => (Some(Quantifier::Any), rest),
            Some(_) => return None,
            None => (None, name),
        };
        let (base, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |base| (base, true));
        let (_, comparison, negated) = NAMES.into_iter().find(|(name, ..)| *name == base)?;
        let bare = quantifier.is_none() && !if_exists;
        (comparison != Comparison::Null || bare).then_some(Self { quantifier, comparison, negated, if_exists })
    }
}

impl Operator {
    /// Whether it compares text with patterns.
    pub(crate) fn is_string_pattern(self) -> bool {
        self.comparison == Comparison::StringLike
    }

    /// Whether it compares numbers.
    pub(crate) fn is_numeric(self) -> bool {
        matches!(self.comparison, Comparison::Numeric(_))
    }

    /// Whether it compares dates.
    pub(crate) fn is_date(self) -> bool {
        matches!(self.comparison, Comparison::Date(_))
    }

    /// Whether it compares ARNs.
    pub(crate) fn is_arn(self) -> bool {
        self.comparison == Comparison::Arn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_known_by_their_exact_names() {
        for (name, ..) in NAMES {
            assert!(Operator::named(name).is_some(), "{name}");
            assert_eq!(Operator::named(&format!("ForAllValues:{name}IfExists")).is_some(), name != "Null", "{name}");
        }
        for name in [
            "stringEquals",
            "StringEqual",
            "IfExists",
            "ForAll:Bool",
            "",
            "ForAnyValue:",
            "StringEqualsIfexists",
            "BinaryNotEquals",
        ] {
            assert!(Operator::named(name).is_none(), "{name}");
        }
    }
}
