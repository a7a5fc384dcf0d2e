//! A source as Parquet is read from it: here a part, there a part.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

/// A source, from which parts are read in any order.
pub(super) struct Chunks<S> {
    source: Arc<Mutex<S>>,
    length: u64,
    read: Arc<AtomicU64>,
}

/// What lies behind a place of it.
pub(super) struct Part<S> {
    source: Arc<Mutex<S>>,
    at: u64,
    read: Arc<AtomicU64>,
}

impl<S> Chunks<S> {
    pub(super) fn new(source: S, length: u64) -> Self {
        Self { source: Arc::new(Mutex::new(source)), length, read: Arc::default() }
    }

    /// How many bytes were read of it.
    pub(super) fn counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.read)
    }

    fn part(&self, at: u64) -> Part<S> {
        Part { source: Arc::clone(&self.source), at, read: Arc::clone(&self.read) }
    }
}

impl<S: Read + Seek> Read for Part<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        source.seek(SeekFrom::Start(self.at))?;
        let count = source.read(buffer)?;
        self.at += count as u64;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl<S: Send> Length for Chunks<S> {
    fn len(&self) -> u64 {
        self.length
    }
}

impl<S: Read + Seek + Send> ChunkReader for Chunks<S> {
    type T = BufReader<Part<S>>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::new(self.part(start)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        // Nothing is set aside for more than the file has.
        if length as u64 > self.length.saturating_sub(start) {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} lie beyond its end")));
        }
        let mut bytes = Vec::with_capacity(length);
        self.part(start).take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() == length {
            Ok(bytes.into())
        } else {
            Err(ParquetError::EOF(format!("it ends before the {length} bytes at {start} do")))
        }
    }
}
