//! A value of an answer, for services that speak more than one protocol: it knows what each protocol writes differently.

use std::collections::BTreeMap;

use ciborium_io::Write as _;
use ciborium_ll::{Encoder, Header, simple};
use serde_json::Number;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::aws_query::Content;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Double(f64),
    /// Yes or no.
    Flag(bool),
    /// A time, in Unix milliseconds.
    Time(i64),
    /// A list.
    List(Vec<Value>),
    /// A map, whose keys are data.
    Map(BTreeMap<String, Value>),
    /// Members with names that the API's model has.
    Structure(Vec<(&'static str, Value)>),
}

impl Value {
    /// Its form in JSON: times in seconds since 1970.
    ///
    /// ```
    /// use sidegate_wire::document::Value;
    ///
    /// let value = Value::Structure(vec![("At", Value::Time(1_500)), ("Of", Value::List(vec![Value::Double(2.0)]))]);
    /// assert_eq!(value.to_json().to_string(), r#"{"At":1.5,"Of":[2.0]}"#);
    /// ```
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Integer(number) => (*number).into(),
            Self::Double(number) => double(*number),
            Self::Flag(flag) => (*flag).into(),
            Self::Time(milliseconds) => double(seconds(*milliseconds)),
            Self::List(list) => list.iter().map(Self::to_json).collect(),
            Self::Map(map) => map.iter().map(|(key, value)| (key.clone(), value.to_json())).collect(),
            Self::Structure(members) => {
                members.iter().map(|(name, value)| ((*name).to_owned(), value.to_json())).collect()
            }
        }
    }

    /// Its form in CBOR: times with tag 1.
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Memory takes all that is written.
        let _ = self.write_cbor(&mut Encoder::from(&mut bytes));
        bytes
    }

    fn write_cbor(&self, out: &mut Encoder<&mut Vec<u8>>) -> Result<(), std::io::Error> {
        match self {
            Self::Text(text) => out.text(text, None),
            Self::Integer(number) => out.push(match u64::try_from(*number) {
                Ok(number) => Header::Positive(number),
                Err(_) => Header::Negative((-1 - number).unsigned_abs()),
            }),
            Self::Double(number) => write_double(out, *number),
            Self::Flag(flag) => out.push(Header::Simple(if *flag { simple::TRUE } else { simple::FALSE })),
            Self::Time(milliseconds) => {
                out.push(Header::Tag(1))?;
                write_double(out, seconds(*milliseconds))
            }
            Self::List(list) => {
                out.push(Header::Array(Some(list.len())))?;
                list.iter().try_for_each(|value| value.write_cbor(out))
            }
            Self::Map(map) => {
                out.push(Header::Map(Some(map.len())))?;
                map.iter().try_for_each(|(key, value)| {
                    out.text(key, None)?;
                    value.write_cbor(out)
                })
            }
            Self::Structure(members) => {
                out.push(Header::Map(Some(members.len())))?;
                members.iter().try_for_each(|(name, value)| {
                    out.text(name, None)?;
                    value.write_cbor(out)
                })
            }
        }
    }

    /// Its form in the XML of the query protocol: the content of its element, with times in ISO 8601.
    ///
    /// ```
    /// use sidegate_wire::document::Value;
    ///
    /// let value = Value::Structure(vec![("At", Value::Time(1_500)), ("Of", Value::List(vec![Value::Double(2.0)]))]);
    /// assert_eq!(value.to_xml().as_str(), "<At>1970-01-01T00:00:01.500Z</At><Of><member>2.0</member></Of>");
    /// ```
    pub fn to_xml(&self) -> Content {
        let mut content = Content::default();
        self.write_xml(&mut content);
        content
    }

    fn write_xml(&self, out: &mut Content) {
        match self {
            Self::List(list) => list.iter().for_each(|value| value.write_element("member", out)),
            Self::Map(map) => map.iter().for_each(|(key, value)| {
                out.nested("entry", |entry| {
                    entry.text("key", key);
                    value.write_element("value", entry);
                });
            }),
            Self::Structure(members) => members.iter().for_each(|(name, value)| value.write_element(name, out)),
            scalar => {
                out.characters(&scalar.text());
            }
        }
    }

    fn write_element(&self, name: &str, out: &mut Content) {
        out.nested(name, |element| self.write_xml(element));
    }

    /// A scalar as text.
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            // With a decimal point or an exponent, however large it is.
            Self::Double(number) => format!("{number:?}"),
            Self::Flag(flag) => flag.to_string(),
            Self::Time(milliseconds) => iso(*milliseconds),
            Self::List(_) | Self::Map(_) | Self::Structure(_) => String::new(),
        }
    }
}

/// A double as the protocol's specification wants it: it may be written in the shortest form that keeps its value.
fn write_double(out: &mut Encoder<&mut Vec<u8>>, number: f64) -> Result<(), std::io::Error> {
    // All eight bytes, which every reader of the protocol takes.
    out.write_all(&[0xfb])?;
    out.write_all(&number.to_be_bytes())
}

fn double(number: f64) -> serde_json::Value {
    let name = || match number {
        number if number.is_nan() => "NaN",
        number if number > 0.0 => "Infinity",
        _ => "-Infinity",
    };
    Number::from_f64(number).map_or_else(|| name().into(), serde_json::Value::Number)
}

fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

/// A time in ISO 8601; milliseconds only if there are some.
fn iso(milliseconds: i64) -> String {
    let whole = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let parts = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    let format = if milliseconds % 1000 == 0 { whole } else { parts };
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000)
        .ok()
        .and_then(|time| time.format(format).ok())
        .unwrap_or_default()
}
