//! Writing a body: bytes are gathered, hashed and written on a thread for blocking work while the next ones arrive.

use std::io::{self, Write as _};
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};

use super::bodies::{Bodies, Draft};
use crate::s3::checksum::{Algorithm, Digest, Digested};
use crate::s3::fault::Fault;

/// How much is gathered before it is written.
const BATCH: usize = 1 << 20;

/// In how many frames it may have come, since each keeps a buffer alive.
const LONGEST_BATCH: usize = 4096;

/// A file and what has been hashed of it.
struct Sink {
    draft: Draft,
    digest: Digest,
}

impl Sink {
    fn write(&mut self, batch: &[Bytes]) -> io::Result<()> {
        self.draft.require_room()?;
        for bytes in batch {
            self.digest.update(bytes);
            self.draft.file.write_all(bytes)?;
        }
        Ok(())
    }
}

/// A body that arrives.
pub(crate) struct Writing {
    sink: Option<Sink>,
    behind: Option<JoinHandle<io::Result<Sink>>>,
    batch: Vec<Bytes>,
    gathered: usize,
}

/// A body that has arrived, in a file that is not durable yet.
pub(crate) struct Written {
    sink: Sink,
    batch: Vec<Bytes>,
}

impl Writing {
    pub(crate) async fn begin(bodies: &Arc<Bodies>, algorithms: &[Algorithm]) -> Result<Self, Fault> {
        let bodies = Arc::clone(bodies);
        let draft = spawn_blocking(move || bodies.draft()).await.map_err(|_| Fault::Interrupted)??;
        let sink = Sink { draft, digest: Digest::new(algorithms) };
        Ok(Self { sink: Some(sink), behind: None, batch: Vec::new(), gathered: 0 })
    }

    pub(crate) async fn push(&mut self, bytes: Bytes) -> Result<(), Fault> {
        self.gathered += bytes.len();
        self.batch.push(bytes);
        if self.gathered < BATCH && self.batch.len() < LONGEST_BATCH {
            return Ok(());
        }
        let mut sink = self.settle().await?;
        let batch = std::mem::take(&mut self.batch);
        self.gathered = 0;
        self.behind = Some(spawn_blocking(move || {
            sink.write(&batch)?;
            Ok(sink)
        }));
        Ok(())
    }

    /// Waits for the batch that is being written.
    async fn settle(&mut self) -> Result<Sink, Fault> {
        match self.behind.take() {
            Some(behind) => Ok(behind.await.map_err(|_| Fault::Interrupted)??),
            None => self.sink.take().ok_or(Fault::Interrupted),
        }
    }

    pub(crate) async fn end(mut self) -> Result<Written, Fault> {
        let sink = self.settle().await?;
        Ok(Written { sink, batch: self.batch })
    }
}

impl Written {
    /// Writes what is left. Blocks.
    pub(crate) fn finish(mut self) -> io::Result<(Draft, Digested)> {
        self.sink.write(&self.batch)?;
        Ok((self.sink.draft, self.sink.digest.finish()))
    }
}
