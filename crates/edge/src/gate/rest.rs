//! What a service leaves of a request's body, and whether the connection can carry another request after it.
//!
//! A client that got its answer early sends the next request on the same connection, where the bytes of the body that
//! nobody read would be taken for it, or its first bytes for the body's. So the rest is read, if there is little of it,
//! or else the answer says that the connection ends, as S3's refusals do.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, EXPECT, HeaderValue};
use http::request::Parts;
use http::{Response, Version};
use http_body::Body as HttpBody;
use http_body_util::BodyExt as _;
use sidegate_services::Body;

/// How much of a body is read that nobody wants.
const MOST: usize = 256 * 1024;

/// For how long.
const LONGEST: Duration = Duration::from_secs(1);

/// Where the body goes that its reader has dropped.
#[derive(Clone, Default)]
pub(super) struct Rest(Arc<Mutex<State>>);

#[derive(Default)]
enum State {
    /// All of it has been read, or there was none.
    #[default]
    Nothing,
    /// Somebody may still read it.
    Held,
    /// Its reader has dropped it.
    Left(Body),
}

impl Rest {
    fn put(&self, state: State) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn take(&self) -> State {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Says that there is a body.
    pub(super) fn hold(&self) {
        self.put(State::Held);
    }

    /// Says that the body has been read to its end.
    pub(super) fn end(&self) {
        self.put(State::Nothing);
    }

    /// Leaves the body here.
    pub(super) fn leave(&self, body: Body) {
        self.put(State::Left(body));
    }

    /// Reads what was left, and says whether the connection can carry another request. `asks` is whether the client
    /// waits to be told to send the body, and was not. Even where there was none to send, such a client may be left in a
    /// state in which it takes this answer for the next one as well (botocore does, of an empty object).
    async fn is_done(&self, asks: bool) -> bool {
        match self.take() {
            State::Nothing => !asks,
            State::Held => false,
            State::Left(body) => !asks && tokio::time::timeout(LONGEST, drain(body)).await.unwrap_or(false),
        }
    }
}

/// What of a request has to be known for its answer.
pub(super) struct Unread {
    rest: Rest,
    version: Version,
    expects: bool,
}

impl Unread {
    pub(super) fn of(head: &Parts, rest: &Rest) -> Self {
        Self { rest: rest.clone(), version: head.version, expects: head.headers.contains_key(EXPECT) }
    }

    /// Ends the connection with this answer, if it cannot carry another request. `read` is how much of the body was.
    pub(super) async fn settle<T>(self, answer: &mut Response<T>, read: u64) {
        // A stream of HTTP/2 ends without the connection.
        let streams = self.version >= Version::HTTP_2;
        if !streams && !self.rest.is_done(self.expects && read == 0).await {
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// Whether a body ended within bounds.
async fn drain(mut body: Body) -> bool {
    let mut read = 0;
    if HttpBody::size_hint(&body).lower() > MOST as u64 {
        return false;
    }
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > MOST {
            return false;
        }
    }
    true
}
