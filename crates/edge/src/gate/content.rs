//! The body of a request on its way to the service.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt as _, Full};
use sidegate_services::{Body, BoxError, Budget, Share};

use super::refusal::Refusal;
use super::rest::Rest;

/// How long a body may take that is held whole.
const LONGEST: Duration = Duration::from_secs(60);

/// A body that streams, or that has been read as a whole.
pub(super) enum Content {
    Streaming(Body),
    Whole(Bytes),
}

impl Content {
    /// The body of a request, whose bytes are counted as they are read. What is not read of it is left in `rest`.
    pub(super) fn counted<B>(body: B, read: Arc<AtomicU64>, rest: Rest) -> Self
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        if body.is_end_stream() {
            return Self::Whole(Bytes::new());
        }
        rest.hold();
        Self::Streaming(Counted { body: Some(body.map_err(Into::into).boxed_unsync()), read, rest }.boxed_unsync())
    }

    /// All of it that there is; nothing stays behind.
    pub(super) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::Whole(Bytes::new()))
    }

    /// The bytes, if they have been read.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Streaming(_) => None,
            Self::Whole(bytes) => Some(bytes),
        }
    }

    /// All of it, if it has at most so many bytes and there is room for them. The bytes keep their share of the budget.
    pub(super) async fn whole(self, most: usize, budget: &Budget) -> Result<Bytes, Refusal> {
        let body = match self {
            Self::Whole(bytes) if bytes.len() > most => return Err(Refusal::BodyTooLarge(most)),
            Self::Whole(bytes) => return Ok(bytes),
            Self::Streaming(body) => body,
        };
        if HttpBody::size_hint(&body).lower() > most as u64 {
            return Err(Refusal::BodyTooLarge(most));
        }
        let length = HttpBody::size_hint(&body).exact().and_then(|length| usize::try_from(length).ok());
        let share = budget.reserve(length.unwrap_or_default()).await?;
        tokio::time::timeout(LONGEST, read(body, most, length, share))
            .await
            .unwrap_or_else(|_| Err(Refusal::BodyTooSlow(LONGEST.as_secs())))
    }

    /// As a service takes it.
    pub(super) fn into_body(self) -> Body {
        match self {
            Self::Streaming(body) => body,
            Self::Whole(bytes) => Full::new(bytes).map_err(|never| match never {}).boxed_unsync(),
        }
    }
}

async fn read(mut body: Body, most: usize, length: Option<usize>, mut share: Share) -> Result<Bytes, Refusal> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(Refusal::BodyBroken)?.into_data() else { continue };
        let together = whole.len() + data.len();
        if together > most {
            return Err(Refusal::BodyTooLarge(most));
        }
        share.grow_to(together).await?;
        // A small body is one frame, which need not be copied.
        if whole.is_empty() && body.is_end_stream() {
            return Ok(share.keep(data));
        }
        if whole.is_empty() {
            whole.reserve(length.unwrap_or(together));
        }
        whole.extend_from_slice(&data);
    }
    Ok(share.keep(whole.freeze()))
}

/// A body whose bytes are counted, and which is not lost where it is dropped.
struct Counted {
    /// None once it has ended.
    body: Option<Body>,
    read: Arc<AtomicU64>,
    rest: Rest,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.read.fetch_add(data.len() as u64, Ordering::Relaxed);
        }
        if frame.is_none() || self.body.as_ref().is_some_and(HttpBody::is_end_stream) {
            self.body = None;
            self.rest.end();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some(body) = self.body.take() {
            self.rest.leave(body);
        }
    }
}
