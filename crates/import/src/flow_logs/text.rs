//! Logs of text, line by line.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use memchr::{memchr, memrchr};
use sidegate_model::LogFormat;

use super::Progress;
use super::cell::Cell;
use super::columns::Columns;
use super::line::{Ends, LONGEST, Line};
use super::record::{self, Fault, Seen};
use super::source::{Counted, Form, Told};
use super::tally::Tally;
use crate::Place;
use crate::finding::Findings;

/// How much is read at once. It has room for a line, and stays in the processor's cache.
const CHUNK: usize = 1 << 18;

/// A log of text that is being read.
pub(super) struct Text<'a> {
    name: &'a str,
    tally: &'a mut Tally,
    findings: &'a mut Findings,
    /// What records consist of, once it is known.
    columns: Option<Columns>,
    given: Option<&'a LogFormat>,
    /// How many lines came before.
    lines: usize,
    /// How many of them could not be read.
    pub(super) malformed: u64,
    /// Whether nothing of the file can be counted.
    is_useless: bool,
}

impl<'a> Text<'a> {
    pub(super) fn new(
        name: &'a str, given: Option<&'a LogFormat>, tally: &'a mut Tally, findings: &'a mut Findings,
    ) -> Self {
        Self { name, tally, findings, columns: None, given, lines: 0, malformed: 0, is_useless: false }
    }

    /// Reads all of it.
    pub(super) fn read(
        &mut self, source: impl Read, told: &Told, progress: &mut dyn FnMut(&Progress<'_>),
    ) -> io::Result<()> {
        let counted = Counted { source, read: 0 };
        if told.kind == Form::Gzip {
            self.stream(MultiGzDecoder::new(counted), |source| source.get_ref().read, told, progress)
        } else {
            self.stream(counted, |source| source.read, told, progress)
        }
    }

    fn stream<S: Read>(
        &mut self, mut source: S, read: impl Fn(&S) -> u64, told: &Told, progress: &mut dyn FnMut(&Progress<'_>),
    ) -> io::Result<()> {
        let (mut buffer, mut filled, mut is_skipping) = (vec![0; CHUNK + LONGEST], 0, false);
        loop {
            // A rest without an end of line is at most as long as a line.
            let room = buffer.get_mut(filled..).unwrap_or_default();
            let count = match source.read(room) {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let is_end = count == 0;
            filled += count;
            let have = buffer.get(..filled).unwrap_or_default();
            let whole = if is_end { filled } else { memrchr(b'\n', have).map_or(0, |end| end + 1) };
            let (lines, rest) = have.split_at(whole);
            self.lines_of(lines, &mut is_skipping);
            if is_skipping || rest.len() > LONGEST {
                if !is_skipping {
                    self.malformed(self.lines + 1, 1, too_long());
                }
                (is_skipping, filled) = (true, 0);
            } else {
                filled = rest.len();
                buffer.copy_within(whole..whole + filled, 0);
            }
            let records = self.tally.total.flows;
            progress(&Progress { file: self.name, read: read(&source), length: told.length, records });
            if is_end || self.is_useless {
                return Ok(());
            }
        }
    }

    /// Reads whole lines. The first is the end of one that is left out if `is_skipping`.
    fn lines_of(&mut self, mut text: &[u8], is_skipping: &mut bool) {
        let mut ends = Ends::default();
        while !text.is_empty() && !self.is_useless {
            let (line, after) = match memchr(b'\n', text) {
                Some(end) => (text.get(..end).unwrap_or_default(), text.get(end + 1..).unwrap_or_default()),
                None => (text, &[][..]),
            };
            text = after;
            self.lines += 1;
            if *is_skipping {
                *is_skipping = false;
                continue;
            }
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.len() > LONGEST {
                self.malformed(self.lines, 1, too_long());
            } else if !line.is_empty() {
                self.line(line, &mut ends);
            }
        }
    }

    #[inline]
    fn line(&mut self, text: &[u8], ends: &mut Ends) {
        if let Some(columns) = &self.columns
            && let Some(line) = ends.find(text, columns)
            && line.count() == columns.count + usize::from(columns.has_time)
            && let Ok(seen) = record::read(&line)
        {
            match seen {
                Seen::Flow(record) => self.tally.count(&record),
                Seen::NoData => self.tally.no_data += 1,
                Seen::SkipData => self.tally.skipped += 1,
            }
        } else {
            self.unusual(text, ends);
        }
    }

    /// A line that is no record of the columns that are known: one that names columns, the first of a file, or one that is
    /// wrong.
    #[cold]
    fn unusual(&mut self, text: &[u8], ends: &mut Ends) {
        if let Some((columns, unknown)) = std::str::from_utf8(text).ok().and_then(Columns::named) {
            return self.head(columns, &unknown);
        }
        let is_first = self.columns.is_none();
        if is_first {
            let format = self.given.cloned().unwrap_or_default();
            self.head(Columns::of(&format), &[]);
        }
        let Some(mut columns) = self.columns.clone() else { return };
        let Some(line) = ends.find(text, &columns) else {
            return self.malformed(self.lines, 1, "the line has more fields than any record".to_owned());
        };
        if !columns.has_time && line.count() == columns.count + 1 && line.field(0).is_some_and(is_time) {
            columns.has_time = true;
            self.columns = Some(columns);
            return self.line(text, ends);
        }
        let expected = columns.count + usize::from(columns.has_time);
        if line.count() != expected {
            let message = format!("the line has {} fields instead of {expected}; it is left out", line.count());
            return self.malformed(self.lines, 1, message);
        }
        match record::read(&line) {
            Err(fault) => self.fault(&line, fault),
            Ok(_) if is_first => self.line(text, ends),
            Ok(_) => {}
        }
    }

    /// From here on, records consist of these columns.
    fn head(&mut self, columns: Columns, unknown: &[&str]) {
        let place = |line: usize| Place::Text { line, column: 1 };
        if let Some(lack) = columns.lack() {
            self.findings.add(self.name, place(self.lines), format!("{lack}; the file is left out"));
            self.is_useless = true;
        }
        for name in unknown.iter().take(10) {
            let name = Cell::Text(name.as_bytes()).shown();
            self.findings.add(
                self.name,
                place(self.lines),
                format!("`{name}` is no field that is known; it is passed over"),
            );
        }
        self.columns = Some(columns);
    }

    fn fault(&mut self, line: &Line<'_>, fault: Fault) {
        let Fault { slot, expected } = fault;
        let place = line.place(slot).unwrap_or(0);
        let value = line.field(place).map_or(Cell::Missing, Cell::Text).shown();
        let message = format!("{}: `{value}` is not {expected}; the line is left out", slot.field());
        self.malformed(self.lines, line.begin(place) + 1, message);
    }

    fn malformed(&mut self, line: usize, column: usize, message: String) {
        self.malformed += 1;
        self.findings.add(self.name, Place::Text { line, column }, message);
    }
}

fn too_long() -> String {
    format!("the line is longer than {LONGEST} bytes; it is left out")
}

/// Whether a field is a time as files have it that CloudWatch Logs exports: `2026-11-29T12:00:00.000Z`.
fn is_time(field: &[u8]) -> bool {
    field.len() >= 20 && field.get(10) == Some(&b'T') && field.last() == Some(&b'Z')
}
