//! The `aws-chunked` body, before s3s decodes it.
//!
//! s3s holds a chunk in memory until it has all of it. Some SDKs (Go, Rust) send an unsigned body as one chunk, so its
//! frames are cut here into chunks of the size in which they arrive; the trailer passes unchanged. A signed chunk can
//! only be verified as a whole, so it is bounded instead. Of a request without a signature s3s takes the frames for
//! content, so they are taken off here, and the trailer is kept for whoever holds the body against its checksum.
//!
//! Source: S3 API reference, "Signature calculations for the authorization header: transferring payload in multiple
//! chunks".

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body::Frame;
use http_body_util::BodyExt as _;
use sidegate_wire::sigv4::ChunkChain;

use crate::{Body, BoxError};

/// The largest signed chunk. The SDKs send 64 KiB to 1 MiB.
const LARGEST_SIGNED_CHUNK: u64 = 16 << 20;

/// The longest line before a chunk: its size, and a signature.
const LONGEST_LINE: usize = 1024;

/// The longest trailer. That of an SDK is one checksum.
const LONGEST_TRAILER: usize = 16 << 10;

const STREAMING_UNSIGNED: &[u8] = b"STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const STREAMING: &[u8] = b"STREAMING-";

/// The body as s3s may have it, going by the headers of its request, whose signature s3s verifies.
pub(super) fn bounded(headers: &HeaderMap, body: Body) -> Body {
    match form(headers) {
        Some(Form::Unsigned) => Chunked::new(body, Mode::Cut).boxed_unsync(),
        Some(Form::Signed) => Chunked::new(body, Mode::Bound).boxed_unsync(),
        None => body,
    }
}

/// The body without its frames, and where its trailer will be, if the headers say that it has the form that needs no
/// signature. The headers say afterwards what is left.
pub(super) fn unframed(headers: &mut HeaderMap, body: Body) -> (Body, Trailer) {
    let trailer = Trailer::default();
    if let Some(length) = headers.get("x-amz-decoded-content-length").cloned() {
        headers.insert(CONTENT_LENGTH, length);
    }
    let unframed = Chunked::new(body, Mode::Unframe { trailer: trailer.clone(), read: Vec::new() });
    (unframed.boxed_unsync(), trailer)
}

/// The body without its frames, each of whose chunks is proved before it is passed on. The headers say afterwards what is
/// left.
pub(super) fn proved(headers: &mut HeaderMap, body: Body, chain: ChunkChain) -> Body {
    let length = decoded_length(headers);
    if let Some(length) = headers.remove("x-amz-decoded-content-length") {
        headers.insert(CONTENT_LENGTH, length);
    }
    headers.insert("x-amz-content-sha256", HeaderValue::from_static("UNSIGNED-PAYLOAD"));
    let mode = Mode::Prove { chain: Box::new(chain), signature: String::new(), held: Vec::new() };
    Chunked::new(body, mode).of_length(length).boxed_unsync()
}

/// The body as it is, which breaks off where its chunks are not as long together as the headers say.
pub(super) fn counted(headers: &HeaderMap, body: Body) -> Body {
    Chunked::new(body, Mode::Count).of_length(decoded_length(headers)).boxed_unsync()
}

/// How long the chunks say they are together.
pub(super) fn decoded_length(headers: &HeaderMap) -> Option<u64> {
    headers.get("x-amz-decoded-content-length")?.to_str().ok()?.trim().parse().ok()
}

/// A form of `aws-chunked`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Each chunk bears a signature.
    Signed,
    /// None does; a trailer follows.
    Unsigned,
}

/// The form that the headers of a request say its body has; none if it is no `aws-chunked`.
pub(super) fn form(headers: &HeaderMap) -> Option<Form> {
    let payload = headers.get("x-amz-content-sha256")?.as_bytes();
    if payload == STREAMING_UNSIGNED {
        Some(Form::Unsigned)
    } else {
        payload.starts_with(STREAMING).then_some(Form::Signed)
    }
}

/// The headers after the last chunk, once the body has been read.
#[derive(Clone, Debug, Default)]
pub(super) struct Trailer(Arc<OnceLock<HeaderMap>>);

impl Trailer {
    /// The headers; none before the end of the body.
    pub(super) fn headers(&self) -> Option<&HeaderMap> {
        self.0.get()
    }
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
    #[error("MalformedChunk: the body ends before its last chunk")]
    Short,
    #[error("IncompleteBody: the chunks are not as long together as the request says")]
    Length,
    #[error("SignatureMismatch: a chunk is not what was signed")]
    Forged,
    #[error("FormatError: the trailer is not a list of headers")]
    Trailer,
    #[error("TooLarge: the trailer is longer than {LONGEST_TRAILER} bytes")]
    LongTrailer,
}

/// What is done to a body.
enum Mode {
    /// Its chunks are cut as they arrive.
    Cut,
    /// It stays as it is, and large chunks are refused.
    Bound,
    /// It stays as it is.
    Count,
    /// Its frames are taken off. What of the trailer was read is kept until the body ends.
    Unframe { trailer: Trailer, read: Vec<u8> },
    /// Its frames are taken off, and every chunk is held until its signature is proved.
    Prove { chain: Box<ChunkChain>, signature: String, held: Vec<u8> },
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
    mode: Mode,
    at: At,
    out: VecDeque<Bytes>,
    /// How many bytes are to come in chunks, where it matters.
    expected: Option<u64>,
    /// How many the chunks had that have begun.
    begun: u64,
}

impl Chunked {
    fn new(inner: Body, mode: Mode) -> Self {
        Self { inner, mode, at: At::Line(Vec::new()), out: VecDeque::new(), expected: None, begun: 0 }
    }

    fn of_length(mut self, expected: Option<u64>) -> Self {
        self.expected = expected;
        self
    }

    /// Takes what arrived and puts what s3s gets into `out`.
    fn take(&mut self, mut bytes: Bytes) -> Result<(), ChunkError> {
        let whole = matches!(self.mode, Mode::Bound | Mode::Count).then(|| bytes.clone());
        while !bytes.is_empty() {
            self.step(&mut bytes)?;
        }
        self.out.extend(whole);
        Ok(())
    }

    /// The body has ended.
    fn end(&mut self) -> Result<(), ChunkError> {
        if matches!(self.mode, Mode::Cut | Mode::Bound) {
            return Ok(());
        }
        if !matches!(self.at, At::Rest) {
            return Err(ChunkError::Short);
        }
        if let Mode::Unframe { trailer, read } = &mut self.mode {
            // Only the first end counts.
            let _ = trailer.0.set(trailing_headers(read)?);
        }
        Ok(())
    }

    /// Passes a chunk, or a part of one, on.
    fn emit(&mut self, data: Bytes) {
        match &mut self.mode {
            Mode::Prove { held, .. } => held.extend_from_slice(&data),
            Mode::Cut => self.out.extend([format!("{:x}\r\n", data.len()).into(), data, Bytes::from_static(b"\r\n")]),
            Mode::Unframe { .. } => self.out.push_back(data),
            Mode::Bound | Mode::Count => {}
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
                        if let Mode::Prove { signature, .. } = &mut self.mode {
                            *signature = chunk_signature(line).ok_or(ChunkError::Line)?;
                        }
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
                self.emit(data);
                if matches!(self.at, At::End { .. }) {
                    self.prove()?;
                }
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
                match &mut self.mode {
                    Mode::Cut => self.out.push_back(rest),
                    Mode::Bound | Mode::Count | Mode::Prove { .. } => {}
                    Mode::Unframe { read, .. } if read.len() + rest.len() > LONGEST_TRAILER => {
                        return Err(ChunkError::LongTrailer);
                    }
                    Mode::Unframe { read, .. } => read.extend_from_slice(&rest),
                }
            }
        }
        Ok(())
    }

    /// Proves the chunk that is held, if they are to be proved, and passes it on.
    fn prove(&mut self) -> Result<(), ChunkError> {
        let Mode::Prove { chain, signature, held } = &mut self.mode else { return Ok(()) };
        chain.prove(held, signature).map_err(|_| ChunkError::Forged)?;
        if !held.is_empty() {
            self.out.push_back(std::mem::take(held).into());
        }
        Ok(())
    }

    fn begin(&mut self, size: u64) -> Result<(), ChunkError> {
        if matches!(self.mode, Mode::Bound | Mode::Prove { .. }) && size > LARGEST_SIGNED_CHUNK {
            return Err(ChunkError::TooLarge(size));
        }
        self.begun = self.begun.saturating_add(size);
        let fits = |expected: u64| if size == 0 { self.begun == expected } else { self.begun <= expected };
        if !self.expected.is_none_or(fits) {
            return Err(ChunkError::Length);
        }
        if size == 0 {
            self.prove()?;
            self.at = At::Rest;
            if matches!(self.mode, Mode::Cut) {
                self.out.push_back(Bytes::from_static(b"0\r\n"));
            }
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

/// The signature in the line before a chunk.
fn chunk_signature(line: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(line).ok()?;
    let signature = text.trim_end().split(';').find_map(|part| part.trim().strip_prefix("chunk-signature="))?;
    Some(signature.to_owned())
}

/// The headers of a trailer, a line each, with or without an empty line at the end.
fn trailing_headers(read: &[u8]) -> Result<HeaderMap, ChunkError> {
    let text = std::str::from_utf8(read).map_err(|_| ChunkError::Trailer)?;
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().parse::<HeaderName>().ok()?, value.trim().parse::<HeaderValue>().ok()?))
    };
    text.lines().filter(|line| !line.is_empty()).map(|line| header(line).ok_or(ChunkError::Trailer)).collect()
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
                None => return Poll::Ready(self.end().err().map(|error| Err(error.into()))),
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

    fn body(text: &[u8], step: usize) -> Body {
        let frames: Vec<_> =
            text.chunks(step).map(|c| Ok::<_, BoxError>(Frame::data(Bytes::copy_from_slice(c)))).collect();
        StreamBody::new(stream::iter(frames)).boxed_unsync()
    }

    async fn pass(signed: bool, text: &[u8], step: usize) -> Result<String, BoxError> {
        let mode = if signed { Mode::Bound } else { Mode::Cut };
        let all = Chunked::new(body(text, step), mode).collect().await?;
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

    #[tokio::test]
    async fn what_nobody_signed_loses_its_frames_and_its_trailer_is_kept() {
        let text = b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
        for step in 1..=text.len() {
            let mut headers = HeaderMap::new();
            headers.insert("x-amz-decoded-content-length", HeaderValue::from_static("11"));
            let (unframed, trailer) = unframed(&mut headers, body(text, step));
            assert!(trailer.headers().is_none() && headers["content-length"] == "11");
            assert_eq!(unframed.collect().await.unwrap().to_bytes(), "hello world");
            assert_eq!(trailer.headers().unwrap()["x-amz-checksum-crc32"], "AAAAAA==");
        }
        let endless = [b"0\r\n".as_slice(), &[b'a'; LONGEST_TRAILER + 1]].concat();
        for broken in [&b"5\r\nhello\r\n"[..], b"5\r\nhel", b"5\r\nhello\r\n0\r\nno header\r\n\r\n", &endless] {
            let (unframed, trailer) = unframed(&mut HeaderMap::new(), body(broken, 7));
            assert!(unframed.collect().await.is_err() && trailer.headers().is_none());
        }
    }
}
