//! The `aws-chunked` body, before s3s decodes it.
//!
//! s3s holds a chunk in memory until it has all of it. Some SDKs (Go, Rust) send an unsigned body as one chunk, so its
//! frames are cut here into chunks of the size in which they arrive; the trailer passes unchanged. A signed chunk can
//! only be verified as a whole, so it is bounded instead.
//!
//! Source: S3 API reference, "Signature calculations for the authorization header: transferring payload in multiple
//! chunks".

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::HeaderMap;
use http_body::Frame;
use http_body_util::BodyExt as _;

use crate::{Body, BoxError};

/// The largest signed chunk. The SDKs send 64 KiB to 1 MiB.
const LARGEST_SIGNED_CHUNK: u64 = 16 << 20;

/// The longest line before a chunk: its size, and a signature.
const LONGEST_LINE: usize = 1024;

const STREAMING_UNSIGNED: &[u8] = b"STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const STREAMING_SIGNED: &[u8] = b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD";

/// The body as s3s may have it, going by the headers of its request.
pub(super) fn bounded(headers: &HeaderMap, body: Body) -> Body {
    let payload = headers.get("x-amz-content-sha256").map_or(&b""[..], |value| value.as_bytes());
    if payload == STREAMING_UNSIGNED {
        Chunked::new(body, false).boxed_unsync()
    } else if payload.starts_with(STREAMING_SIGNED) {
        Chunked::new(body, true).boxed_unsync()
    } else {
        body
    }
}

/// Whether the headers of a request say that its body is `aws-chunked`.
pub(super) fn is_chunked(headers: &HeaderMap) -> bool {
    headers.get("x-amz-content-sha256").is_some_and(|value| value.as_bytes().starts_with(b"STREAMING-"))
}

/// Why a body is not `aws-chunked`.
#[derive(Debug, thiserror::Error)]
enum ChunkError {
    #[error("MalformedChunk: the line before a chunk is not a size in hexadecimal digits")]
    Line,
    #[error("MalformedChunk: a chunk does not end with a line break")]
    End,
    #[error("MalformedChunk: a signed chunk of {0} bytes is larger than {LARGEST_SIGNED_CHUNK} bytes")]
    TooLarge(u64),
}

enum At {
    /// In the line before a chunk.
    Line(Vec<u8>),
    /// In the bytes of a chunk.
    Data { left: u64 },
    /// In the line break after a chunk.
    End { left: usize },
    /// In the trailer, or past an error.
    Rest,
}

struct Chunked {
    inner: Body,
    signed: bool,
    at: At,
    out: VecDeque<Bytes>,
}

impl Chunked {
    fn new(inner: Body, signed: bool) -> Self {
        Self { inner, signed, at: At::Line(Vec::new()), out: VecDeque::new() }
    }

    /// Takes what arrived and puts what s3s gets into `out`.
    fn take(&mut self, mut bytes: Bytes) -> Result<(), ChunkError> {
        if self.signed {
            self.out.push_back(bytes.clone());
        }
        while !bytes.is_empty() {
            self.step(&mut bytes)?;
        }
        Ok(())
    }

    fn emit(&mut self, bytes: Bytes) {
        if !self.signed {
            self.out.push_back(bytes);
        }
    }

    fn step(&mut self, bytes: &mut Bytes) -> Result<(), ChunkError> {
        match &mut self.at {
            At::Line(line) => {
                while let Some(byte) = bytes.first().copied() {
                    bytes.advance(1);
                    line.push(byte);
                    if byte == b'\n' {
                        let size = chunk_size(line)?;
                        return self.begin(size);
                    }
                    if line.len() > LONGEST_LINE {
                        return Err(ChunkError::Line);
                    }
                }
            }
            At::Data { left } => {
                let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= taken as u64;
                if *left == 0 {
                    self.at = At::End { left: 2 };
                }
                let data = bytes.split_to(taken);
                self.emit(format!("{taken:x}\r\n").into());
                self.emit(data);
                self.emit(Bytes::from_static(b"\r\n"));
            }
            At::End { left } => {
                let expected = if *left == 2 { b'\r' } else { b'\n' };
                if bytes.first() != Some(&expected) {
                    return Err(ChunkError::End);
                }
                bytes.advance(1);
                *left -= 1;
                if *left == 0 {
                    self.at = At::Line(Vec::new());
                }
            }
            At::Rest => {
                let rest = std::mem::take(bytes);
                self.emit(rest);
            }
        }
        Ok(())
    }

    fn begin(&mut self, size: u64) -> Result<(), ChunkError> {
        if self.signed && size > LARGEST_SIGNED_CHUNK {
            return Err(ChunkError::TooLarge(size));
        }
        if size == 0 {
            self.at = At::Rest;
            self.emit(Bytes::from_static(b"0\r\n"));
        } else {
            self.at = At::Data { left: size };
        }
        Ok(())
    }
}

fn chunk_size(line: &[u8]) -> Result<u64, ChunkError> {
    let digits = line.split(|b| matches!(b, b';' | b'\r' | b'\n')).next().unwrap_or_default();
    let text = std::str::from_utf8(digits).map_err(|_| ChunkError::Line)?;
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(ChunkError::Line);
    }
    u64::from_str_radix(text, 16).map_err(|_| ChunkError::Line)
}

impl http_body::Body for Chunked {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            if let Some(bytes) = self.out.pop_front() {
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
            match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(frame)) => {
                    let Ok(bytes) = frame.into_data() else { continue };
                    if let Err(error) = self.take(bytes) {
                        self.out.clear();
                        return Poll::Ready(Some(Err(error.into())));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use http_body_util::StreamBody;

    use super::*;

    async fn pass(signed: bool, text: &[u8], step: usize) -> Result<String, BoxError> {
        let frames: Vec<_> =
            text.chunks(step).map(|c| Ok::<_, BoxError>(Frame::data(Bytes::copy_from_slice(c)))).collect();
        let body: Body = StreamBody::new(stream::iter(frames)).boxed_unsync();
        let all = Chunked::new(body, signed).collect().await?;
        Ok(String::from_utf8(all.to_bytes().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn an_unsigned_chunk_is_cut_as_it_arrives_and_the_trailer_stays() {
        let text = b"b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
        assert_eq!(
            pass(false, text, 8).await.unwrap().replace("\r\n", "|"),
            "5|hello|6| world|0|x-amz-checksum-crc32:AAAAAA==||"
        );
        assert_eq!(pass(false, text, text.len()).await.unwrap().as_bytes(), text);
        for step in 1..text.len() {
            assert!(pass(false, text, step).await.unwrap().ends_with("0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"));
        }
    }

    #[tokio::test]
    async fn signed_chunks_pass_unchanged_and_are_bounded() {
        let text = b"5;chunk-signature=00\r\nhello\r\n0;chunk-signature=00\r\n\r\n";
        assert_eq!(pass(true, text, 7).await.unwrap().as_bytes(), text);
        assert!(pass(true, b"1000001;chunk-signature=00\r\nhello", 7).await.is_err());
        assert!(pass(false, b"xyz\r\nhello", 7).await.is_err());
        assert!(pass(false, b"2\r\nhello\r\n", 7).await.is_err());
    }
}
