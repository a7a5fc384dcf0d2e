//! The file of a form, as the body of the object that it becomes.

use std::fmt;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};
use s3s::S3ErrorCode;

use super::parts::{Event, Parts};
use super::{Fault, FormError};
use crate::{Body, BoxError};

/// Why a file does not become an object.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(super) enum Unfinished {
    /// The body ended within it.
    #[error("the form was cut off")]
    Cut,
    /// What follows it is no form.
    #[error("the form is not well-formed")]
    Malformed,
    /// It has more bytes than it may have.
    #[error("the file has more than {most} bytes")]
    TooLarge { size: u64, most: u64 },
    /// It has fewer.
    #[error("the file has {size} bytes, fewer than {least}")]
    TooSmall { size: u64, least: u64 },
}

impl Unfinished {
    pub(super) fn fault(&self) -> Fault {
        match *self {
            Self::Cut => Fault::new(
                S3ErrorCode::IncompleteBody,
                "You did not provide the number of bytes specified by the Content-Length HTTP header",
            ),
            Self::Malformed => FormError::Malformed.fault(),
            Self::TooLarge { size, most } => Fault::too_large(size, most),
            Self::TooSmall { size, least } => {
                Fault::new(S3ErrorCode::EntityTooSmall, "Your proposed upload is smaller than the minimum allowed size")
                    .with("ProposedSize", size.to_string())
                    .with("MinSizeAllowed", least.to_string())
            }
        }
    }
}

/// The file of a form that is being read.
pub(super) struct File {
    parts: Parts,
    body: Body,
    read: u64,
    sizes: RangeInclusive<u64>,
    is_done: bool,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("read", &self.read).field("sizes", &self.sizes).finish_non_exhaustive()
    }
}

impl File {
    pub(super) fn new(parts: Parts, body: Body) -> Self {
        Self { parts, body, read: 0, sizes: 0..=u64::MAX, is_done: false }
    }

    /// With the sizes that it may have.
    pub(super) fn within(self, sizes: RangeInclusive<u64>) -> Self {
        Self { sizes, ..self }
    }

    fn take(&mut self, data: &Bytes) -> Result<(), Unfinished> {
        self.read += data.len() as u64;
        let most = *self.sizes.end();
        if self.read > most { Err(Unfinished::TooLarge { size: self.read, most }) } else { Ok(()) }
    }

    fn end(&mut self) -> Result<(), Unfinished> {
        self.is_done = true;
        let least = *self.sizes.start();
        if self.read < least { Err(Unfinished::TooSmall { size: self.read, least }) } else { Ok(()) }
    }
}

impl HttpBody for File {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        while !this.is_done {
            match this.parts.next() {
                Ok(Event::Data(data)) => {
                    let taken = this.take(&data).map(|()| Frame::data(data));
                    return Poll::Ready(Some(taken.map_err(Into::into)));
                }
                Ok(Event::Wants) => match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                    Some(Ok(frame)) => {
                        if let Ok(data) = frame.into_data() {
                            this.parts.push(&data);
                        }
                    }
                    Some(Err(_)) | None => return Poll::Ready(Some(Err(Unfinished::Cut.into()))),
                },
                Ok(Event::EndOfPart) => {
                    if let Err(small) = this.end() {
                        return Poll::Ready(Some(Err(small.into())));
                    }
                }
                Ok(Event::Part(_) | Event::End) | Err(_) => {
                    return Poll::Ready(Some(Err(Unfinished::Malformed.into())));
                }
            }
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.is_done
    }
}
