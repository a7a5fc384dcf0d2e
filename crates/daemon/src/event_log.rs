//! What happened at the edge: the newest events in memory, and in a file for after a restart.
//!
//! Recording never waits for the disk: events that come faster than the disk takes them are kept in memory only. The
//! file is a line of JSON each; when it is full it becomes `….1`, in place of the one before.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use serde::Serialize;
use sidegate_edge::events::{Event, Events, LONGEST};
use tokio::sync::broadcast;

/// How many events may wait for the disk, and for each follower.
const WAITING: usize = 4096;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// How many events in memory.
    pub(crate) events: usize,
    /// How many bytes of events in memory.
    pub(crate) memory: usize,
    /// How many bytes a file may have; there are two.
    pub(crate) bytes: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { events: 4096, memory: 16 * 1024 * 1024, bytes: 8 * 1024 * 1024 }
    }
}

/// The log of events.
pub(crate) struct EventLog {
    newest: Mutex<Newest>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

struct Newest {
    kept: Kept,
    followers: broadcast::Sender<Arc<str>>,
    /// To the thread that writes, until the log is closed.
    disk: Option<SyncSender<Arc<str>>>,
    /// How many events did not reach the disk since the last that did.
    missed: u64,
}

impl EventLog {
    /// Opens the log in a file, and reads the newest events from it.
    pub(crate) fn open(path: &Path, bounds: Bounds) -> io::Result<Self> {
        let mut kept = Kept { events: VecDeque::new(), bytes: 0, bounds };
        for path in [older(path), path.to_owned()] {
            read_newest(&path, &mut kept)?;
        }
        let file = LogFile::open(path, bounds.bytes)?;
        let (disk, waiting) = sync_channel(WAITING);
        let writer = thread::Builder::new().name("events".to_owned()).spawn(move || write_events(file, &waiting))?;
        let newest = Newest { kept, followers: broadcast::Sender::new(WAITING), disk: Some(disk), missed: 0 };
        Ok(Self { newest: Mutex::new(newest), writer: Mutex::new(Some(writer)) })
    }

    /// Waits until all events are in the file; what is recorded afterwards is kept in memory only. For the end of the
    /// daemon: it blocks.
    pub(crate) fn close(&self) {
        self.lock().disk = None;
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if writer.is_some_and(|writer| writer.join().is_err()) {
            tracing::warn!("the newest events are not in their file: the thread that writes it broke off");
        }
    }

    /// Records an event.
    pub(crate) fn record(&self, event: &impl Serialize) {
        let text: Arc<str> = match serde_json::to_string(event) {
            Ok(text) if text.len() <= LONGEST => text.into(),
            Ok(text) => {
                tracing::warn!(bytes = text.len(), "an event is too long to be kept");
                return;
            }
            Err(error) => {
                tracing::warn!(%error, "an event cannot be kept");
                return;
            }
        };
        let missed = self.lock().take(text);
        if missed > 0 {
            tracing::warn!(missed, "the disk was too slow for all events");
        }
    }

    /// The newest events, the oldest of them first, and all that come after them.
    pub(crate) fn follow(&self, last: usize) -> (Vec<Arc<str>>, broadcast::Receiver<Arc<str>>) {
        let newest = self.lock();
        let skipped = newest.kept.events.len().saturating_sub(last);
        (newest.kept.events.iter().skip(skipped).cloned().collect(), newest.followers.subscribe())
    }

    fn lock(&self) -> MutexGuard<'_, Newest> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Newest {
    /// Takes an event; says how many did not reach the disk before it, if it is on its way there.
    fn take(&mut self, event: Arc<str>) -> u64 {
        self.kept.push(Arc::clone(&event));
        // Nobody may follow.
        let _ = self.followers.send(Arc::clone(&event));
        let Some(disk) = &self.disk else { return 0 };
        match disk.try_send(event) {
            Ok(()) => std::mem::take(&mut self.missed),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.missed += 1;
                0
            }
        }
    }
}

/// The newest events within bounds.
struct Kept {
    events: VecDeque<Arc<str>>,
    bytes: usize,
    bounds: Bounds,
}

impl Kept {
    fn push(&mut self, event: Arc<str>) {
        self.bytes += event.len();
        self.events.push_back(event);
        while self.events.len() > self.bounds.events || self.bytes > self.bounds.memory {
            let Some(oldest) = self.events.pop_front() else { return };
            self.bytes -= oldest.len();
        }
    }
}

impl Events for EventLog {
    fn record(&self, event: Event) {
        Self::record(self, &event);
    }
}

fn older(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    name.into()
}

/// Adds the last lines of a file; what is not JSON was torn by a crash.
fn read_newest(path: &Path, kept: &mut Kept) -> io::Result<()> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for line in BufReader::new(file).split(b'\n') {
        let Ok(line) = String::from_utf8(line?) else { continue };
        if serde_json::from_str::<serde::de::IgnoredAny>(&line).is_err() {
            continue;
        }
        kept.push(line.into());
    }
    Ok(())
}

/// The file, and how full it is.
struct LogFile {
    path: PathBuf,
    file: File,
    /// Lines that are not written yet.
    pending: Vec<u8>,
    /// How much is in the file and pending.
    bytes: u64,
    most: u64,
    /// A write failed, and may have left a part of a line.
    torn: bool,
}

impl LogFile {
    fn open(path: &Path, most: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        let bytes = file.metadata()?.len();
        let mut torn = false;
        if bytes > 0 {
            let mut last = [0_u8; 1];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            torn = last != *b"\n";
        }
        Ok(Self { path: path.to_owned(), file, pending: Vec::new(), bytes, most, torn })
    }

    /// Adds an event, which [`Self::flush`] writes.
    fn add(&mut self, event: &str) -> io::Result<()> {
        let length = event.len() as u64 + 1;
        if self.bytes > 0 && self.bytes + length > self.most {
            self.flush()?;
            fs::rename(&self.path, older(&self.path))?;
            *self = Self::open(&self.path, self.most)?;
        }
        // Whatever a failed write left is a line of its own then.
        if std::mem::take(&mut self.torn) {
            self.pending.push(b'\n');
        }
        self.pending.extend_from_slice(event.as_bytes());
        self.pending.push(b'\n');
        self.bytes += length;
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let outcome = self.file.write_all(&self.pending);
        self.pending.clear();
        if outcome.is_err() {
            self.torn = true;
            self.bytes = self.file.metadata().map_or(self.bytes, |meta| meta.len());
        }
        outcome
    }
}

/// How many bytes are written at once, about.
const BATCH: usize = 256 * 1024;

/// Writes events until nobody records any more.
fn write_events(mut file: LogFile, waiting: &Receiver<Arc<str>>) {
    let mut failed = false;
    while let Ok(event) = waiting.recv() {
        let mut outcome = file.add(&event);
        while outcome.is_ok()
            && file.pending.len() < BATCH
            && let Ok(event) = waiting.try_recv()
        {
            outcome = file.add(&event);
        }
        let outcome = outcome.and(file.flush());
        if let Err(error) = &outcome
            && !failed
        {
            tracing::warn!(%error, path = %file.path.display(), "cannot keep events on disk");
        }
        failed = outcome.is_err();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lines(path: &Path) -> usize {
        fs::read_to_string(path).unwrap_or_default().lines().count()
    }

    #[test]
    fn the_newest_events_are_kept_and_the_oldest_of_them_comes_first() {
        let dir = tempfile::tempdir().unwrap();
        let log = EventLog::open(&dir.path().join("events"), Bounds { events: 3, ..Bounds::default() }).unwrap();
        for number in 0..5 {
            log.record(&json!({ "n": number }));
        }
        let texts = |last| log.follow(last).0.iter().map(|e| e.to_string()).collect::<Vec<_>>();
        assert_eq!(texts(10), [r#"{"n":2}"#, r#"{"n":3}"#, r#"{"n":4}"#]);
        assert_eq!(texts(1), [r#"{"n":4}"#]);
    }

    #[test]
    fn a_follower_misses_nothing_between_what_was_and_what_comes() {
        let dir = tempfile::tempdir().unwrap();
        let log = EventLog::open(&dir.path().join("events"), Bounds::default()).unwrap();
        log.record(&json!(1));
        let (newest, mut coming) = log.follow(10);
        log.record(&json!(2));
        assert_eq!(newest.len(), 1);
        assert_eq!(&*coming.try_recv().unwrap(), "2");
    }

    #[test]
    fn a_full_file_gives_way_to_a_new_one_and_both_are_read_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("events");
        let bounds = Bounds { events: 100, bytes: 40, ..Bounds::default() };
        let log = EventLog::open(&path, bounds).unwrap();
        for number in 10..19 {
            log.record(&json!({ "n": number }));
        }
        log.close();
        assert_eq!((lines(&path), lines(&older(&path))), (1, 4));
        let log = EventLog::open(&path, bounds).unwrap();
        let kept: Vec<String> = log.follow(100).0.iter().map(|e| e.to_string()).collect();
        assert_eq!(kept, (14..19).map(|n| format!("{{\"n\":{n}}}")).collect::<Vec<_>>());
    }

    #[test]
    fn a_line_that_a_crash_tore_is_left_out_and_spoils_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("events");
        fs::write(&path, "{\"n\":1}\n{\"n\":").unwrap();
        let log = EventLog::open(&path, Bounds::default()).unwrap();
        log.record(&json!({ "n": 2 }));
        log.close();
        assert!(fs::read_to_string(&path).unwrap().ends_with("\n{\"n\":2}\n"));
        let log = EventLog::open(&path, Bounds::default()).unwrap();
        assert_eq!(log.follow(9).0.len(), 2);
    }

    #[test]
    fn a_closed_log_has_written_all_and_goes_on_in_memory() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("events");
        let log = EventLog::open(&path, Bounds::default()).unwrap();
        for number in 0..1000 {
            log.record(&json!(number));
        }
        log.close();
        assert_eq!(lines(&path), 1000);
        log.record(&json!("late"));
        log.close();
        assert_eq!((lines(&path), log.follow(5000).0.len()), (1000, 1001));
    }

    #[test]
    fn a_write_that_failed_in_the_middle_spoils_no_later_event() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("events");
        let mut log = LogFile::open(&path, 1000).unwrap();
        let append = || File::options().append(true).create(true).open(&path).unwrap();
        // The disk is full after the half of a line.
        log.file = File::options().write(true).open("/dev/full").unwrap();
        log.add(r#"{"n":1}"#).unwrap();
        append().write_all(br#"{"n""#).unwrap();
        log.flush().unwrap_err();
        log.file = append();
        for event in ["2", "3"] {
            log.add(event).unwrap();
        }
        log.flush().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"n\"\n2\n3\n");
    }

    #[test]
    fn memory_is_bounded_in_bytes_too() {
        let dir = tempfile::tempdir().unwrap();
        let bounds = Bounds { memory: 10, ..Bounds::default() };
        let log = EventLog::open(&dir.path().join("events"), bounds).unwrap();
        for number in 100..200 {
            log.record(&json!(number));
        }
        assert_eq!(log.follow(100).0.iter().map(|e| e.to_string()).collect::<Vec<_>>(), ["197", "198", "199"]);
    }
}
