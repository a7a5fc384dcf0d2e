//! A connection's socket: it ends by itself when nothing moves, and is reset when it is ended from outside.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::AsFd as _;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use crate::Limits;
use crate::usage::Meter;

/// The shortest request there is has about so many bytes; whoever has sent less has not begun.
const BEGUN: usize = 24;

/// How long a client may go on sending after the last answer.
const LINGER: Duration = Duration::from_secs(2);

/// How much of that is read at a time.
const SCRAP: usize = 8 * 1024;

/// A socket.
pub(super) struct Socket {
    stream: TcpStream,
    ended: End,
    limits: Limits,
    timer: Pin<Box<Sleep>>,
    /// Whether a byte has moved since the timer was set.
    moved: bool,
    /// How many bytes were read, up to [`BEGUN`].
    read: usize,
    /// Whether the way out is closed.
    closing: bool,
    /// Counts what moves, where that is counted.
    meter: Option<Meter>,
}

/// Says that a socket is to be reset, and not closed, when it is dropped.
#[derive(Clone, Debug, Default)]
pub(super) struct End(Arc<AtomicBool>);

impl End {
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Socket {
    pub(super) fn new(stream: TcpStream, ended: End, limits: Limits) -> Self {
        let timer = Box::pin(sleep(limits.head));
        Self { stream, ended, limits, timer, moved: false, read: 0, closing: false, meter: None }
    }

    /// The same, counted.
    pub(super) fn counted(mut self, meter: Option<Meter>) -> Self {
        self.meter = meter;
        self
    }

    /// The same socket, for its options.
    pub(super) fn handle(&self) -> io::Result<Handle> {
        Ok(Handle(self.stream.as_fd().try_clone_to_owned()?.into()))
    }

    /// Bytes have moved.
    fn count(&mut self, bytes: usize) {
        self.moved |= bytes > 0;
        if let Some(meter) = &self.meter {
            meter.moved(bytes);
        }
    }

    fn note(&mut self, bytes: usize) {
        self.count(bytes);
        self.read = self.read.saturating_add(bytes).min(BEGUN);
    }

    /// Fails once nothing has moved for too long. Until then it is pending, as the operation that asks it.
    fn poll_quiet<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if !self.moved || self.read < BEGUN {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.moved = false;
            self.timer.as_mut().reset(Instant::now() + self.limits.idle);
        }
    }

    fn wrote(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(bytes)) => {
                self.count(bytes);
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.poll_quiet(cx),
        }
    }
}

/// A socket whose bytes are moved elsewhere.
pub(super) struct Handle(std::net::TcpStream);

impl Handle {
    /// How many hops the packets that are sent from now on may travel.
    pub(super) fn set_hops(&self, hops: u8) {
        // Fails only where the peer is gone.
        let _ = match self.0.local_addr() {
            Ok(own) if own.is_ipv6() => SockRef::from(&self.0).set_unicast_hops_v6(hops.into()),
            _ => self.0.set_ttl(hops.into()),
        };
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.ended.is_set() {
            reset(&self.stream);
        }
    }
}

/// Makes the close of a socket a reset, which is what the peer gets at once, whatever waits to be sent.
pub(super) fn reset(stream: &TcpStream) {
    // A socket that is no longer connected need not be reset.
    let _ = stream.set_zero_linger();
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Ready(Ok(())) => {
                let bytes = buffer.filled().len() - before;
                self.note(bytes);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.poll_quiet(cx),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>, cx: &mut Context<'_>, slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.wrote(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Closes the way out, and then reads what is still coming in, for a while. A socket that is closed with bytes
    /// unread sends a reset, which can overtake the answer that says why a body was not wanted.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.closing {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            self.closing = true;
            self.timer.as_mut().reset(Instant::now() + LINGER);
        }
        let mut scrap = [MaybeUninit::uninit(); SCRAP];
        loop {
            let mut buffer = ReadBuf::uninit(&mut scrap);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => return self.timer.as_mut().poll(cx).map(Ok),
            }
        }
    }
}
