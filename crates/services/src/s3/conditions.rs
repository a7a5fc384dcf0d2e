//! The conditions of a read, and those on the source of a copy.
//!
//! Source: RFC 9110, 13.1 (what is no date is ignored; `If-Match` compares strongly and `If-None-Match` weakly, both with
//! any of a list); S3 API reference, GetObject: If-Match outweighs If-Unmodified-Since, If-None-Match If-Modified-Since.

use http::HeaderMap;
use s3s::dto::{Timestamp, TimestampFormat};

use super::call::timestamp;
use super::fault::Fault;
use super::store::Object;

/// The conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Preconditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
    if_modified_since: Option<Timestamp>,
    if_unmodified_since: Option<Timestamp>,
}

/// The ETags that a condition names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    Any,
    Listed(Vec<Tag>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Tag {
    is_weak: bool,
    value: String,
}

impl Preconditions {
    /// Those in the headers of a read.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self::beginning(headers, "")
    }

    /// Those on the source of a copy.
    pub(super) fn of_source(headers: &HeaderMap) -> Self {
        Self::beginning(headers, "x-amz-copy-source-")
    }

    fn beginning(headers: &HeaderMap, beginning: &str) -> Self {
        let value = |name: &str| {
            let values = headers.get_all(format!("{beginning}{name}")).iter();
            let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
            Some(values.join(",")).filter(|value| !value.trim().is_empty())
        };
        let date = |name| Timestamp::parse(TimestampFormat::HttpDate, value(name)?.trim()).ok();
        Self {
            if_match: value("if-match").map(|value| Tags::parse(&value)),
            if_none_match: value("if-none-match").map(|value| Tags::parse(&value)),
            if_modified_since: date("if-modified-since"),
            if_unmodified_since: date("if-unmodified-since"),
        }
    }

    /// Refuses a read whose conditions do not hold.
    pub(super) fn check(&self, object: &Object) -> Result<(), Fault> {
        match self.failing(object) {
            None => Ok(()),
            Some("If-None-Match" | "If-Modified-Since") => Err(Fault::not_modified(&object.etag, object.modified)),
            Some(condition) => Err(Fault::precondition(condition)),
        }
    }

    /// The first condition that does not hold.
    pub(super) fn failing(&self, object: &Object) -> Option<&'static str> {
        // Dates in headers have no fractions of seconds.
        let modified = timestamp(object.modified - object.modified.rem_euclid(1000));
        if let Some(tags) = &self.if_match {
            if !tags.hold(&object.etag, false) {
                return Some("If-Match");
            }
        } else if self.if_unmodified_since.as_ref().is_some_and(|date| modified > *date) {
            return Some("If-Unmodified-Since");
        }
        if let Some(tags) = &self.if_none_match {
            tags.hold(&object.etag, true).then_some("If-None-Match")
        } else {
            self.if_modified_since.as_ref().is_some_and(|date| modified <= *date).then_some("If-Modified-Since")
        }
    }
}

impl Tags {
    /// The ETags of a header. S3 takes them without quotation marks too.
    fn parse(text: &str) -> Self {
        let mut tags = Vec::new();
        let mut rest = text.trim();
        if rest == "*" {
            return Self::Any;
        }
        while !rest.is_empty() {
            let (is_weak, bare) = rest.strip_prefix("W/").map_or((false, rest), |bare| (true, bare));
            let (value, after) = match bare.strip_prefix('"').and_then(|bare| bare.split_once('"')) {
                Some(found) => found,
                None => bare.split_once(',').map_or((bare, ""), |(value, after)| (value, after)),
            };
            if !value.trim().is_empty() {
                tags.push(Tag { is_weak, value: value.trim().to_owned() });
            }
            rest = after.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        }
        Self::Listed(tags)
    }

    fn hold(&self, etag: &str, weakly: bool) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|tag| tag.value == etag && (weakly || !tag.is_weak)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tags;

    #[test]
    fn a_list_is_read_tag_by_tag() {
        let holds = |text, weakly| Tags::parse(text).hold("abc", weakly);
        for text in ["*", "abc", "\"abc\"", "\"x,y\", \"abc\"", "x , abc", "\"x\",W/\"y\",\"abc\""] {
            assert!(holds(text, false), "{text}");
        }
        for text in ["", "ab", "\"abc ", "W/\"abc\"", "\"x, abc\"", ",,,", "W/"] {
            assert!(!holds(text, false), "{text}");
        }
        assert!(holds("W/\"abc\"", true) && !holds("W/\"ab\"", true));
    }
}
