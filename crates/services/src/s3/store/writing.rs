//! Writing a body: bytes are gathered, hashed and written on a thread for blocking work while the next ones arrive.

use std::fs::File;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};

use super::bodies::{Bodies, Draft, Published};
use super::cipher::{DataKey, Sealing};
use crate::s3::checksum::{Algorithm, Digest, Digested};
use crate::s3::fault::Fault;

/// How much is gathered before it is written.
const BATCH: usize = 1 << 20;

/// In how many frames it may have come, since each keeps a buffer alive.
const LONGEST_BATCH: usize = 4096;

/// A file and what has been hashed of it.
struct Sink {
    draft: Draft,
    sealing: Sealing,
    digest: Digest,
}

impl Sink {
    fn write(&mut self, batch: &[Bytes]) -> io::Result<()> {
        self.draft.require_room()?;
        for bytes in batch {
            self.digest.update(bytes);
            self.sealing.write(bytes)?;
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

/// A body that has arrived and been hashed.
pub(crate) struct Finished {
    draft: Draft,
    file: File,
    pub(crate) digested: Digested,
}

impl Finished {
    /// Makes it durable. Blocks.
    pub(crate) fn publish(self) -> io::Result<(Published, Digested)> {
        Ok((self.draft.publish(&self.file)?, self.digested))
    }
}

/// A body that has arrived, in a file that is not durable yet.
pub(crate) struct Written {
    sink: Sink,
    batch: Vec<Bytes>,
}

impl Writing {
    /// Begins a body, encrypted under a key.
    pub(crate) async fn begin(
        bodies: &Arc<Bodies>, algorithms: &[Algorithm], key: Option<DataKey>,
    ) -> Result<Self, Fault> {
        let bodies = Arc::clone(bodies);
        let begun = spawn_blocking(move || {
            let (draft, file) = bodies.draft()?;
            Ok::<_, io::Error>((draft, Sealing::begin(file, key.as_ref())?))
        });
        let (draft, sealing) = begun.await.map_err(|_| Fault::Interrupted)??;
        let sink = Sink { draft, sealing, digest: Digest::new(algorithms) };
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
    pub(crate) fn finish(mut self) -> io::Result<Finished> {
        self.sink.write(&self.batch)?;
        let Sink { draft, sealing, digest } = self.sink;
        Ok(Finished { draft, file: sealing.finish()?, digested: digest.finish() })
    }
}
