//! What happened at the edge: the newest events in memory, and in a file for after a restart.
//!
//! Recording never waits for the disk: events that come faster than the disk takes them are kept in memory only. The
//! file is a line of JSON each; when it is full it becomes `….1`, in place of the one before.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use serde::Serialize;
use sidegate_edge::events::{Event, Events};
use tokio::sync::broadcast;

/// How many events may wait for the disk, and for each follower.
const WAITING: usize = 4096;

/// The longest event that is kept, in bytes.
const LONGEST: usize = 64 * 1024;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// How many events in memory.
    pub(crate) events: usize,
    /// How many bytes a file may have; there are two.
    pub(crate) bytes: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { events: 4096, bytes: 8 * 1024 * 1024 }
    }
}

/// The log of events.
pub(crate) struct EventLog {
    newest: Mutex<Newest>,
    most: usize,
    /// To the thread that writes.
    disk: SyncSender<Arc<str>>,
}

struct Newest {
    events: VecDeque<Arc<str>>,
    followers: broadcast::Sender<Arc<str>>,
    /// How many events did not reach the disk since the last that did.
    missed: u64,
}

impl EventLog {
    /// Opens the log in a file, and reads the newest events from it.
    pub(crate) fn open(path: &Path, bounds: Bounds) -> io::Result<Self> {
        let mut events = VecDeque::new();
        for path in [older(path), path.to_owned()] {
            read_newest(&path, bounds.events, &mut events)?;
        }
        let file = LogFile::open(path, bounds.bytes)?;
        let (disk, waiting) = sync_channel(WAITING);
        thread::Builder::new().name("events".to_owned()).spawn(move || keep(file, &waiting))?;
        let newest = Newest { events, followers: broadcast::Sender::new(WAITING), missed: 0 };
        Ok(Self { newest: Mutex::new(newest), most: bounds.events, disk })
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
        let mut newest = self.lock();
        if newest.events.len() >= self.most {
            newest.events.pop_front();
        }
        newest.events.push_back(Arc::clone(&text));
        // Nobody may follow.
        let _ = newest.followers.send(Arc::clone(&text));
        match self.disk.try_send(text) {
            Ok(()) if newest.missed > 0 => {
                tracing::warn!(missed = newest.missed, "the disk was too slow for all events");
                newest.missed = 0;
            }
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => newest.missed += 1,
        }
    }

    /// The newest events, the oldest of them first, and all that come after them.
    pub(crate) fn follow(&self, last: usize) -> (Vec<Arc<str>>, broadcast::Receiver<Arc<str>>) {
        let newest = self.lock();
        let skipped = newest.events.len().saturating_sub(last);
        (newest.events.iter().skip(skipped).cloned().collect(), newest.followers.subscribe())
    }

    fn lock(&self) -> MutexGuard<'_, Newest> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
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
fn read_newest(path: &Path, most: usize, events: &mut VecDeque<Arc<str>>) -> io::Result<()> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for line in BufReader::new(file).split(b'\n') {
        let Ok(line) = String::from_utf8(line?) else { continue };
        if serde_json::from_str::<serde::de::IgnoredAny>(&line).is_err() {
            continue;
        }
        if events.len() >= most {
            events.pop_front();
        }
        events.push_back(line.into());
    }
    Ok(())
}

/// The file, and how full it is.
struct LogFile {
    path: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
    most: u64,
}

impl LogFile {
    fn open(path: &Path, most: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        let bytes = file.metadata()?.len();
        if bytes > 0 {
            let mut last = [0_u8; 1];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                file.write_all(b"\n")?;
            }
        }
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file), bytes, most })
    }

    fn write(&mut self, event: &str) -> io::Result<()> {
        let length = event.len() as u64 + 1;
        if self.bytes > 0 && self.bytes + length > self.most {
            self.file.flush()?;
            fs::rename(&self.path, older(&self.path))?;
            *self = Self::open(&self.path, self.most)?;
        }
        self.file.write_all(event.as_bytes())?;
        self.file.write_all(b"\n")?;
        self.bytes += length;
        Ok(())
    }
}

/// Writes events until nobody records any more.
fn keep(mut file: LogFile, waiting: &Receiver<Arc<str>>) {
    let mut failed = false;
    while let Ok(event) = waiting.recv() {
        let outcome = file.write(&event).and_then(|()| {
            for event in waiting.try_iter().take(WAITING) {
                file.write(&event)?;
            }
            file.file.flush()
        });
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
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::*;

    fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
        let limit = Instant::now() + Duration::from_secs(20);
        while !condition() {
            assert!(Instant::now() < limit, "not in time: {what}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn lines(path: &Path) -> usize {
        fs::read_to_string(path).unwrap_or_default().lines().count()
    }

    #[test]
    fn the_newest_events_are_kept_and_the_oldest_of_them_comes_first() {
        let dir = tempfile::tempdir().unwrap();
        let log = EventLog::open(&dir.path().join("events"), Bounds { events: 3, bytes: 1000 }).unwrap();
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
        let bounds = Bounds { events: 100, bytes: 40 };
        let log = EventLog::open(&path, bounds).unwrap();
        for number in 10..19 {
            log.record(&json!({ "n": number }));
        }
        eventually("all on disk", || lines(&path) == 1 && lines(&older(&path)) == 4);
        drop(log);
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
        eventually("it is on disk", || fs::read_to_string(&path).unwrap().ends_with("\n{\"n\":2}\n"));
        let log = EventLog::open(&path, Bounds::default()).unwrap();
        assert_eq!(log.follow(9).0.len(), 2);
    }
}
