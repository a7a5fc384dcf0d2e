//! The pipes of a function's standard output and error, read into its log line by line (`line`).

mod line;

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use tokio::net::unix::pipe::Receiver;
use tokio::sync::{mpsc, oneshot};

use self::line::Line;
use super::log_stream::LogStream;

/// How much is read at a time.
const CHUNK: usize = 64 * 1024;

/// How many chunks a pipe holds at most, so that what comes after them was written later. A function that never stops
/// writing is not drained for ever.
///
/// Source: pipe(7), `/proc/sys/fs/pipe-max-size`, which is 1 MiB.
const FULL: usize = 16;

/// The reader of both outputs of a function.
#[derive(Debug)]
pub(super) struct Output {
    drains: mpsc::Sender<oneshot::Sender<()>>,
}

/// One of the two.
struct Pipe {
    pipe: Receiver,
    line: Line,
    is_open: bool,
}

impl Output {
    /// Reads from now on, until both are closed.
    pub(super) fn read(out: OwnedFd, error: OwnedFd, log: Arc<LogStream>) -> io::Result<Self> {
        let (drains, asked) = mpsc::channel(1);
        let open = |fd| Receiver::from_owned_fd(fd).map(|pipe| Pipe { pipe, line: Line::default(), is_open: true });
        tokio::spawn(attend([open(out)?, open(error)?], log, asked));
        Ok(Self { drains })
    }

    /// Returns when all that was written by now is in the log.
    pub(super) async fn drain(&self) {
        let (drained, done) = oneshot::channel();
        if self.drains.send(drained).await.is_ok() {
            let _ = done.await;
        }
    }
}

async fn attend([mut out, mut error]: [Pipe; 2], log: Arc<LogStream>, mut asked: mpsc::Receiver<oneshot::Sender<()>>) {
    loop {
        tokio::select! {
            ready = out.pipe.readable(), if out.is_open => out.read_some(ready, &log),
            ready = error.pipe.readable(), if error.is_open => error.read_some(ready, &log),
            drained = asked.recv() => {
                for pipe in [&mut out, &mut error] {
                    pipe.drain(&log);
                    pipe.line.end(&log);
                }
                match drained {
                    Some(drained) => drop(drained.send(())),
                    // Nobody is there who would want more of it.
                    None if !out.is_open && !error.is_open => return,
                    None => {
                        rest(&mut out, &mut error, &log).await;
                        return;
                    }
                }
            }
        }
        log.room().await;
    }
}

/// What the last processes write that are about to end.
async fn rest(out: &mut Pipe, error: &mut Pipe, log: &LogStream) {
    while out.is_open || error.is_open {
        tokio::select! {
            ready = out.pipe.readable(), if out.is_open => out.read_some(ready, log),
            ready = error.pipe.readable(), if error.is_open => error.read_some(ready, log),
        }
        log.room().await;
    }
    out.line.end(log);
    error.line.end(log);
}

impl Pipe {
    fn read_some(&mut self, ready: io::Result<()>, log: &LogStream) {
        match ready {
            Ok(()) => drop(self.read_once(log)),
            Err(_) => self.is_open = false,
        }
    }

    /// Reads what was written by now.
    fn drain(&mut self, log: &LogStream) {
        for _ in 0..FULL {
            if !self.is_open || !self.read_once(log) {
                return;
            }
        }
    }

    /// Whether there may be more.
    fn read_once(&mut self, log: &LogStream) -> bool {
        let mut chunk = vec![0; CHUNK];
        match self.pipe.try_read(&mut chunk) {
            Ok(0) => {
                self.is_open = false;
                self.line.end(log);
                false
            }
            Ok(count) => {
                self.line.take(chunk.get(..count).unwrap_or_default(), log);
                true
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => false,
            Err(_) => {
                self.is_open = false;
                false
            }
        }
    }
}
