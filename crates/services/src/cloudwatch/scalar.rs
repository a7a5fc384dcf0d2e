//! Scalars of requests. In JSON and CBOR numbers are numbers; in the query protocol everything is a text.

use std::fmt;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;

/// A time, in Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Time(pub(super) i64);

/// A number. What JSON has no number for is sent by its name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Double(pub(super) f64);

/// A whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Integer(pub(super) i64);

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Flag(pub(super) bool);

/// A list. An empty one may be an empty text.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Items<T>(pub(super) Vec<T>);

/// The furthest time that is taken, in seconds: some 30,000 years.
const FURTHEST: f64 = 1e12;

/// Something that a number, a text or a flag can stand for.
trait Scalar: Sized {
    const EXPECTED: &'static str;

    fn of_number(number: f64) -> Option<Self>;

    fn of_text(text: &str) -> Option<Self>;

    fn of_integer(number: i64) -> Option<Self> {
        Self::of_number(number as f64)
    }

    fn of_flag(_: bool) -> Option<Self> {
        None
    }
}

impl Scalar for Time {
    const EXPECTED: &'static str = "a timestamp";

    fn of_number(seconds: f64) -> Option<Self> {
        (seconds.abs() <= FURTHEST).then(|| Self((seconds * 1000.0).round() as i64))
    }

    fn of_text(text: &str) -> Option<Self> {
        if let Some(time) = text.parse().ok().and_then(Self::of_number) {
            return Some(time);
        }
        let time = OffsetDateTime::parse(text, &Iso8601::PARSING)
            .or_else(|_| OffsetDateTime::parse(&format!("{text}Z"), &Iso8601::PARSING));
        i64::try_from(time.ok()?.unix_timestamp_nanos().div_euclid(1_000_000)).ok().map(Self)
    }
}

impl Scalar for Double {
    const EXPECTED: &'static str = "a number";

    fn of_number(number: f64) -> Option<Self> {
        Some(Self(number))
    }

    fn of_text(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl Scalar for Integer {
    const EXPECTED: &'static str = "a whole number";

    fn of_number(number: f64) -> Option<Self> {
        (number.fract() == 0.0 && number.abs() <= 9e15).then_some(Self(number as i64))
    }

    fn of_integer(number: i64) -> Option<Self> {
        Some(Self(number))
    }

    fn of_text(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl Scalar for Flag {
    const EXPECTED: &'static str = "true or false";

    fn of_number(_: f64) -> Option<Self> {
        None
    }

    fn of_text(text: &str) -> Option<Self> {
        match text {
            "true" => Some(Self(true)),
            "false" => Some(Self(false)),
            _ => None,
        }
    }

    fn of_flag(flag: bool) -> Option<Self> {
        Some(Self(flag))
    }
}

struct ScalarVisitor<T>(std::marker::PhantomData<T>);

impl<T: Scalar> ScalarVisitor<T> {
    fn or_refuse<E: Error>(value: Option<T>) -> Result<T, E> {
        value.ok_or_else(|| E::custom(format!("invalid value, expected {}", T::EXPECTED)))
    }
}

impl<T: Scalar> Visitor<'_> for ScalarVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<T, E> {
        Self::or_refuse(T::of_flag(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        Self::or_refuse(T::of_integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        Self::or_refuse(match i64::try_from(number) {
            Ok(number) => T::of_integer(number),
            Err(_) => T::of_number(number as f64),
        })
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        Self::or_refuse(T::of_number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Self::or_refuse(T::of_text(text))
    }
}

macro_rules! deserialize {
    ($($name:ident)*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(ScalarVisitor(std::marker::PhantomData))
            }
        }
    )*};
}

deserialize! { Time Double Integer Flag }

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsVisitor<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ItemsVisitor<T> {
            type Value = Items<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Items<T>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Items(items))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Items<T>, E> {
                if text.is_empty() { Ok(Items(Vec::new())) } else { Err(E::custom("expected a list")) }
            }
        }

        deserializer.deserialize_any(ItemsVisitor(std::marker::PhantomData))
    }
}

/// The items of a list that may be missing.
pub(super) fn items<T>(list: Option<Items<T>>) -> Vec<T> {
    list.map(|items| items.0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::json;

    use super::*;

    fn read<T: DeserializeOwned>(value: serde_json::Value) -> Option<T> {
        serde_json::from_value(value).ok()
    }

    #[test]
    fn scalars_are_read_in_the_forms_of_all_protocols() {
        assert_eq!(read(json!(1.5)), Some(Time(1500)));
        assert_eq!(read(json!(-2)), Some(Time(-2000)));
        assert_eq!(read(json!("1970-01-01T00:00:01.5Z")), Some(Time(1500)));
        assert_eq!(read(json!("1970-01-01T01:00:01+01:00")), Some(Time(1000)));
        assert_eq!(read(json!("1970-01-01T00:00:01")), Some(Time(1000)));
        assert_eq!(read::<Time>(json!("soon")), None);
        assert_eq!(read::<Time>(json!(1e300)), None);
        assert_eq!(read(json!("2.5")), Some(Double(2.5)));
        assert_eq!(read(json!(3)), Some(Double(3.0)));
        assert!(read::<Double>(json!("NaN")).unwrap().0.is_nan());
        assert_eq!(read(json!("60")), Some(Integer(60)));
        assert_eq!(read(json!(60.0)), Some(Integer(60)));
        assert_eq!(read::<Integer>(json!(60.5)), None);
        assert_eq!((read(json!(true)), read(json!("false"))), (Some(Flag(true)), Some(Flag(false))));
        assert_eq!(read::<Flag>(json!("no")), None);
        assert_eq!(read::<Items<Integer>>(json!([1, "2"])).unwrap().0, [Integer(1), Integer(2)]);
        assert!(read::<Items<Integer>>(json!("")).unwrap().0.is_empty());
        assert!(read::<Items<Integer>>(json!("x")).is_none());
    }
}
