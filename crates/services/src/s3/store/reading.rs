//! Reading a range of a body, piece by piece, with one chunk read ahead.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::pin::Pin as StdPin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::Stream;
use s3s::StdError;
use s3s::stream::{ByteStream, RemainingLength};
use tokio::task::{JoinHandle, spawn_blocking};

use super::Bodies;
use super::cipher::{DataKey, Opened, SEGMENT};
use super::index::Piece;
use super::pins::Pin;

/// How many bytes are read at a time.
const CHUNK: u64 = 256 * 1024;

/// A part of a file.
#[derive(Debug)]
struct Span {
    path: PathBuf,
    /// How long the whole file is.
    size: u64,
    offset: u64,
    left: u64,
}

/// What was read, and the open file that more can be read from.
struct Chunk {
    file: Arc<Opened>,
    bytes: VecDeque<Bytes>,
}

/// The bytes of a range of a body.
pub(crate) struct Reading {
    spans: VecDeque<Span>,
    key: Option<DataKey>,
    file: Option<Arc<Opened>>,
    /// What has been read and not been given away.
    here: VecDeque<Bytes>,
    ahead: Option<JoinHandle<io::Result<Chunk>>>,
    remaining: u64,
    _pin: Pin,
}

impl Reading {
    pub(crate) fn new(bodies: &Bodies, pieces: &[Piece], key: Option<DataKey>, range: Range<u64>, pin: Pin) -> Self {
        let spans = pieces
            .iter()
            .filter_map(|piece| {
                let from = range.start.max(piece.start);
                let to = range.end.min(piece.start + piece.size);
                (from < to).then(|| Span {
                    path: bodies.path(&piece.file),
                    size: piece.size,
                    offset: from - piece.start,
                    left: to - from,
                })
            })
            .collect();
        let remaining = range.end.saturating_sub(range.start);
        Self { spans, key, file: None, here: VecDeque::new(), ahead: None, remaining, _pin: pin }
    }

    /// Starts to read the next chunk, if there is one.
    fn read_ahead(&mut self) {
        if self.ahead.is_some() {
            return;
        }
        while self.spans.front().is_some_and(|span| span.left == 0) {
            self.spans.pop_front();
            self.file = None;
        }
        let Some(span) = self.spans.front_mut() else { return };
        // Up to the end of a segment, so that none is opened twice.
        let length = span.left.min(CHUNK - span.offset % SEGMENT as u64);
        let (path, size, offset) = (span.path.clone(), span.size, span.offset);
        span.offset += length;
        span.left -= length;
        let (open, key) = (self.file.clone(), self.key.clone());
        self.ahead = Some(spawn_blocking(move || {
            let file = match open {
                Some(file) => file,
                None => Arc::new(Opened::open(&path, size, key.as_ref())?),
            };
            let mut bytes = VecDeque::new();
            let length = usize::try_from(length).map_err(io::Error::other)?;
            file.read(offset, length, |part| bytes.push_back(part))?;
            Ok(Chunk { file, bytes })
        }));
    }
}

impl Stream for Reading {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: StdPin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(bytes) = self.here.pop_front() {
            self.remaining = self.remaining.saturating_sub(bytes.len() as u64);
            return Poll::Ready(Some(Ok(bytes)));
        }
        self.read_ahead();
        let Some(ahead) = &mut self.ahead else {
            return Poll::Ready(None);
        };
        let read = ready!(StdPin::new(ahead).poll(cx));
        self.ahead = None;
        match read.map_err(io::Error::other).and_then(|read| read) {
            Ok(Chunk { file, bytes }) => {
                self.here = bytes;
                self.file = Some(file);
                self.read_ahead();
                let bytes = self.here.pop_front().unwrap_or_default();
                self.remaining = self.remaining.saturating_sub(bytes.len() as u64);
                Poll::Ready(Some(Ok(bytes)))
            }
            Err(error) => {
                tracing::error!(%error, "cannot read a body");
                self.spans.clear();
                Poll::Ready(Some(Err(error.into())))
            }
        }
    }
}

impl ByteStream for Reading {
    fn remaining_length(&self) -> RemainingLength {
        usize::try_from(self.remaining).map_or_else(|_| RemainingLength::unknown(), RemainingLength::new_exact)
    }
}
