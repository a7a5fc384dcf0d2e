//! What waits for its delivery, as it lies in the state directory, so that it outlives the daemon.
//!
//! ```text
//! flow-logs/
//!   open.json           when the intervals began that go on, and when they end at the latest
//!   failed.json         the flow logs whose newest delivery failed, and why
//!   ID/log.json         a flow log
//!   ID/NUMBER.jsonl     a parcel of it: what it is, then interfaces and lines
//! ```
//!
//! Nothing of this is synchronised with the disk: it outlives the process, not a machine that loses power. A file that cannot
//! be written is told once a minute at most, and what should be in it is delivered all the same.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sidegate_model::flow_record::Watched;
use sidegate_model::{FlowLog, FlowLogId};

use super::queue::{Line, Parcel};

/// When an interval began, and when it ends at the latest: Unix time in seconds.
pub(super) type Open = BTreeMap<FlowLogId, (i64, i64)>;

/// A line of a parcel's file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Entry {
    Period(Option<i64>),
    Interface(Watched),
    Line(Line),
}

/// The directory.
#[derive(Clone, Debug)]
pub(super) struct Spool(PathBuf);

impl Spool {
    /// What lies in a directory.
    pub(super) fn at(dir: PathBuf) -> Self {
        Self(dir)
    }

    /// When the intervals began that went on when the daemon was killed.
    pub(super) fn open(&self) -> Open {
        read_json(&self.0.join("open.json")).unwrap_or_default()
    }

    /// Notes which intervals go on.
    pub(super) fn note_open(&self, open: &Open) {
        let path = self.0.join("open.json");
        told(&path, write_json(&path, open));
    }

    /// The flow logs of which something waits, with that.
    pub(super) fn waiting(&self) -> Vec<(FlowLog, Vec<Parcel>)> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        entries.filter_map(|entry| waiting_in(&entry.path())).collect()
    }

    /// Adds to a parcel's file the lines that the parcel has got since it had so many.
    pub(super) fn add(&self, log: &FlowLog, parcel: &Parcel, since: usize) {
        let path = self.path(&log.id, parcel.number);
        told(&path, self.append(log, &path, parcel, since));
    }

    fn append(&self, log: &FlowLog, path: &Path, parcel: &Parcel, since: usize) -> io::Result<()> {
        let dir = self.0.join(log.id.as_str());
        if !dir.exists() {
            DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
            write_json(&dir.join("log.json"), log)?;
        }
        let file = File::options().create(true).append(true).mode(0o600).open(path)?;
        let mut file = BufWriter::new(file);
        if since == 0 {
            write_entry(&mut file, &Entry::Period(parcel.period))?;
        }
        let (old, new) = parcel.lines.split_at(since.min(parcel.lines.len()));
        for (id, watched) in &parcel.interfaces {
            // Told once; again does no harm.
            if !old.iter().any(|line| line.interface == *id) {
                write_entry(&mut file, &Entry::Interface(Watched::clone(watched)))?;
            }
        }
        new.iter().try_for_each(|line| write_entry(&mut file, &Entry::Line(line.clone())))?;
        file.flush()
    }

    /// Writes a parcel anew, of which a part was delivered.
    pub(super) fn replace(&self, log: &FlowLog, parcel: &Parcel) {
        self.remove(&log.id, parcel.number);
        self.add(log, parcel, 0);
    }

    /// Removes a parcel.
    pub(super) fn remove(&self, log: &FlowLogId, number: u64) {
        let path = self.path(log, number);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => told(&path, Err(error)),
            _ => {}
        }
    }

    /// Removes all of a flow log.
    pub(super) fn forget(&self, log: &FlowLogId) {
        let _ = fs::remove_dir_all(self.0.join(log.as_str()));
    }

    fn path(&self, log: &FlowLogId, number: u64) -> PathBuf {
        self.0.join(log.as_str()).join(format!("{number}.jsonl"))
    }
}

fn waiting_in(dir: &Path) -> Option<(FlowLog, Vec<Parcel>)> {
    let log: FlowLog = read_json(&dir.join("log.json"))?;
    let mut parcels: Vec<Parcel> =
        fs::read_dir(dir).ok()?.flatten().filter_map(|entry| read_parcel(&entry.path())).collect();
    parcels.sort_by_key(|parcel| parcel.number);
    Some((log, parcels))
}

/// A parcel's file, as far as it can be read: the daemon may have been killed while it wrote.
fn read_parcel(path: &Path) -> Option<Parcel> {
    let number = path.file_name()?.to_str()?.strip_suffix(".jsonl")?.parse().ok()?;
    let mut entries = BufReader::new(File::open(path).ok()?).lines().map_while(Result::ok);
    let Ok(Entry::Period(period)) = serde_json::from_str(&entries.next()?) else { return None };
    let mut parcel = Parcel::new(number, period);
    let mut interfaces = BTreeMap::new();
    for entry in entries {
        match serde_json::from_str(&entry) {
            Ok(Entry::Interface(watched)) => drop(interfaces.insert(watched.interface.clone(), Arc::new(watched))),
            Ok(Entry::Line(line)) => {
                let watched = interfaces.get(&line.interface);
                parcel.add(line, watched);
            }
            Ok(Entry::Period(_)) | Err(_) => {}
        }
    }
    (!parcel.lines.is_empty()).then_some(parcel)
}

fn write_entry(file: &mut impl io::Write, entry: &Entry) -> io::Result<()> {
    serde_json::to_writer(&mut *file, entry)?;
    file.write_all(b"\n")
}

/// A document in a file; `None` if there is none that can be read.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Puts a document into a file, whole or not at all.
pub(crate) fn write_json(path: &Path, document: &impl Serialize) -> io::Result<()> {
    let aside = path.with_extension("new");
    let mut file = File::options().create(true).truncate(true).write(true).mode(0o600).open(&aside)?;
    file.write_all(&serde_json::to_vec(document)?)?;
    fs::rename(&aside, path)
}

fn told(path: &Path, outcome: io::Result<()>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, path = %path.display(), "what flow logs recorded cannot be kept for after a crash");
    }
}

#[cfg(test)]
mod tests {
    use super::super::queue::tests::{log, records, to_bucket};
    use super::super::queue::{Queue, interfaces};
    use super::*;

    #[test]
    fn what_waits_is_there_after_a_crash() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::at(dir.path().to_owned());
        let log = log(to_bucket());
        let mut queue = Queue::new(log.clone(), Vec::new());
        for ends in [&[360, 420][..], &[480], &[660]] {
            let records = records(ends);
            let lines = records.iter().map(|record| Line::of(&log, record)).collect();
            let changes = queue.put(lines, &interfaces(&records));
            for (number, since) in changes.grown {
                spool.add(&log, queue.parcel(number).unwrap(), since);
            }
        }
        let whole = |number| queue.parcel(number).unwrap().clone();
        assert_eq!(spool.waiting(), [(log.clone(), vec![whole(0), whole(1)])]);
        // A line that was being written does not count.
        let mut file = File::options().append(true).open(dir.path().join(log.id.as_str()).join("1.jsonl")).unwrap();
        file.write_all(b"{\"line\":{\"interface\":").unwrap();
        assert_eq!(spool.waiting(), [(log.clone(), vec![whole(0), whole(1)])]);
        let mut part = whole(0);
        part.keep(part.lines[1..].to_vec());
        spool.replace(&log, &part);
        spool.remove(&log.id, 1);
        assert_eq!(spool.waiting(), [(log.clone(), vec![part])]);
        spool.forget(&log.id);
        assert_eq!(spool.waiting(), []);
    }

    #[test]
    fn the_intervals_that_go_on_are_known_after_a_crash() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::at(dir.path().to_owned());
        assert_eq!(spool.open(), Open::new());
        let open = Open::from([(log(to_bucket()).id, (30, 60))]);
        spool.note_open(&open);
        assert_eq!(spool.open(), open);
    }
}
