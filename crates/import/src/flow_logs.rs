//! VPC flow logs as observed traffic: how many bytes went from which interface to which service, and by which way.
//!
//! Logs are read as AWS writes them, text (plain or in gzip) and Parquet, and are streamed: however long they are, what is
//! kept is bounded by [`Limits`]. Addresses become services by the [`Ranges`] that AWS publishes, and endpoints and VPCs by
//! the world that they belong to. What cannot be read is told of and counted, and the rest is counted all the same.
//!
//! Source: VPC user guide, "Flow log records", "Available fields", "Flow log files".

mod cell;
mod columns;
mod direct;
mod ends;
mod intermediate;
mod key;
mod line;
mod observed;
#[cfg(feature = "parquet")]
mod parquet;
mod peer;
mod places;
mod progress;
mod ranges;
mod record;
mod source;
mod talkers;
mod tally;
mod text;

use std::io::{Read, Seek};
#[cfg(feature = "parquet")]
use std::panic::{AssertUnwindSafe, catch_unwind};

use sidegate_model::{LogFormat, World};

pub use self::observed::{Interface, Observed, Owner, Row, Talker, Totals};
pub use self::peer::{Direction, Family, Path, Peer};
pub use self::progress::Progress;
pub use self::ranges::{Ranges, RangesError};
use self::source::Form;
use self::tally::Tally;
use crate::Place;
use crate::finding::Findings;

/// How much is kept apart. What is beyond is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many rows: interfaces, each with its peers and ways.
    pub rows: usize,
    /// How many talkers: addresses, each with the interface that it talks to.
    pub talkers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 100_000, talkers: 10_000 }
    }
}

/// Flow logs that are being read, and what was seen in them so far.
#[derive(Debug)]
pub struct FlowLogs {
    tally: Tally,
    findings: Findings,
    format: Option<LogFormat>,
    files: u64,
    malformed: u64,
}

impl FlowLogs {
    /// Nothing that was read so far. Addresses are those of a world, which may be empty, and of the published ranges.
    pub fn new(world: &World, ranges: Ranges, limits: Limits) -> Self {
        let tally = Tally::new(places::Places::of(world), ranges, limits);
        Self { tally, findings: Findings::default(), format: None, files: 0, malformed: 0 }
    }

    /// Says what the records consist of in files without a first line that does. Without this they are of version 2.
    #[must_use]
    pub fn with_format(mut self, format: LogFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Reads a file. What it is, text, gzip or Parquet, is told by how it begins.
    ///
    /// `progress` is called again and again while it is read. What fails is a finding.
    pub fn read<S>(&mut self, name: &str, mut source: S, progress: &mut dyn FnMut(&Progress<'_>))
    where
        S: Read + Seek + Send + 'static,
    {
        self.files += 1;
        let form = match source::form(&mut source) {
            Ok(form) => form,
            Err(error) => return self.fail(name, &format!("it cannot be read: {error}")),
        };
        match form.kind {
            Form::Parquet => self.read_parquet(name, source, form.length, progress),
            Form::Gzip | Form::Text => self.read_text(name, source, form, progress),
        }
    }

    /// Reads text, plain or in gzip, from where one cannot go back, such as standard input.
    pub fn read_stream(&mut self, name: &str, source: impl Read, progress: &mut dyn FnMut(&Progress<'_>)) {
        self.files += 1;
        match source::begin(source) {
            Ok((Form::Parquet, _)) => self.fail(name, "Parquet is read from its end, and needs a file"),
            Ok((kind, source)) => self.read_text(name, source, source::Told { kind, length: None }, progress),
            Err(error) => self.fail(name, &format!("it cannot be read: {error}")),
        }
    }

    /// What was seen.
    pub fn finish(self) -> Observed {
        let Self { tally, findings, files, malformed, .. } = self;
        tally.finish(files, malformed, findings)
    }

    fn read_text(
        &mut self, name: &str, source: impl Read, told: source::Told, progress: &mut dyn FnMut(&Progress<'_>),
    ) {
        let Self { tally, findings, malformed, format, .. } = self;
        let mut text = text::Text::new(name, format.as_ref(), tally, findings);
        let done = text.read(source, &told, progress);
        *malformed += text.malformed;
        if let Err(error) = done {
            self.fail(name, &format!("it can be read no further: {error}"));
        }
    }

    #[cfg(feature = "parquet")]
    fn read_parquet<S>(&mut self, name: &str, source: S, length: Option<u64>, progress: &mut dyn FnMut(&Progress<'_>))
    where
        S: Read + Seek + Send + 'static,
    {
        let Self { tally, findings, malformed, .. } = self;
        let mut columnar = parquet::Columnar { name, tally, findings, malformed: 0 };
        // What decodes Parquet may panic on a damaged file. It does so while it decodes and not while something is counted, so
        // that what was counted before stands.
        let reading = AssertUnwindSafe(|| columnar.read(source, length.unwrap_or(0), progress));
        let done =
            catch_unwind(reading).unwrap_or_else(|_| Err("it is damaged, and can be read no further".to_owned()));
        *malformed += columnar.malformed;
        if let Err(error) = done {
            self.fail(name, &error);
        }
    }

    #[cfg(not(feature = "parquet"))]
    fn read_parquet<S>(&mut self, name: &str, _: S, _: Option<u64>, _: &mut dyn FnMut(&Progress<'_>)) {
        self.fail(name, "it is Parquet, which this build does not read");
    }

    fn fail(&mut self, name: &str, message: &str) {
        self.findings.add(name, Place::File, message);
    }
}

#[cfg(test)]
mod tests;
