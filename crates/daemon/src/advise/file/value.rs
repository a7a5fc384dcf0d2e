//! The values of a file, and what is wrong with them, by line.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The members of a table, in the order of the file.
pub(super) type Members<'t, 'i> = Vec<(&'t str, Range<usize>, &'t Spanned<DeValue<'i>>)>;

pub(super) fn members<'t, 'i>(table: &'t DeTable<'i>) -> Members<'t, 'i> {
    let mut members: Members<'t, 'i> =
        table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value)).collect();
    members.sort_by_key(|(_, span, _)| span.start);
    members
}

/// What reads a file.
pub(super) struct Reader<'a> {
    pub(super) file: &'a str,
    pub(super) content: &'a str,
    pub(super) is_described: bool,
    pub(super) findings: Vec<(usize, String)>,
}

impl Reader<'_> {
    pub(super) fn finding(&mut self, span: Range<usize>, message: impl Into<String>) {
        let before = self.content.as_bytes().get(..span.start).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        self.findings.push((line, message.into()));
    }

    pub(super) fn text<'v>(&mut self, value: &'v Spanned<DeValue<'_>>) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.finding(value.span(), "a text in quotes is expected");
        }
        text
    }

    pub(super) fn texts<'v>(&mut self, value: &'v Spanned<DeValue<'_>>) -> Vec<(&'v str, Range<usize>)> {
        let DeValue::Array(all) = value.get_ref() else {
            self.finding(value.span(), "a list of texts is expected: `[\"…\", \"…\"]`");
            return Vec::new();
        };
        all.iter().filter_map(|one| self.text(one).map(|text| (text, one.span()))).collect()
    }

    pub(super) fn truth(&mut self, value: &Spanned<DeValue<'_>>) -> Option<bool> {
        let truth = value.get_ref().as_bool();
        if truth.is_none() {
            self.finding(value.span(), "`true` or `false` is expected");
        }
        truth
    }

    pub(super) fn count(&mut self, value: &Spanned<DeValue<'_>>, most: u32) -> Option<u32> {
        let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse::<i64>().ok());
        let count = number.and_then(|number| u32::try_from(number).ok()).filter(|count| (1..=most).contains(count));
        if count.is_none() {
            self.finding(value.span(), format!("a whole number from 1 to {most} is expected"));
        }
        count
    }

    pub(super) fn parsed<T>(&mut self, value: &Spanned<DeValue<'_>>, parsed: Result<T, impl ToString>) -> Option<T> {
        parsed.map_err(|reason| self.finding(value.span(), reason.to_string())).ok()
    }
}
