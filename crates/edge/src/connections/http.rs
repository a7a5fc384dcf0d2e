//! HTTP over a connection. There is nothing between hyper and the socket, or between hyper and the gate.

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;

use ::http::{Request, Response};
use bytes::Bytes;
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use sidegate_services::BoxError;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::Limits;
use crate::gate::{Arrival, Gate, PathGone, Reply};

/// The most that is read or waits to be written at a time: two chunks of an object. A head has to fit into it.
const BUFFER: usize = 512 * 1024;

/// The most headers that are parsed, far over those that the gate lets pass, which answers as AWS does. More than these
/// get an answer of the parser's own, without a body.
const MOST_HEADERS: usize = 512;

/// The largest list of headers of HTTP/2, over what the gate lets pass.
const LARGEST_HEADER_LIST: u32 = 64 * 1024;

/// How much of a body may be under way unacknowledged: on one stream, and on all of a connection. It is memory that a
/// client can fill on each of its connections before anybody reads a body.
const STREAM_WINDOW: u32 = 128 * 1024;
const CONNECTION_WINDOW: u32 = 512 * 1024;

/// How many streams a connection may have at a time.
const MOST_STREAMS: u32 = 128;

/// Hands each request of a connection to the gate.
pub(super) fn to_gate(
    gate: Arc<Gate>, arrival: Arrival,
) -> impl Service<
    Request<Incoming>,
    Response = Response<Reply>,
    Error = PathGone,
    Future = impl Future<Output = Result<Response<Reply>, PathGone>> + Send + 'static,
> {
    let arrival = Arc::new(arrival);
    service_fn(move |request| {
        let (gate, arrival) = (Arc::clone(&gate), Arc::clone(&arrival));
        async move { gate.serve(request, &arrival).await }
    })
}

/// Serves HTTP/1.1 until the connection ends.
pub(super) async fn serve_http1<I, S, B>(io: I, service: S, limits: &Limits)
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service<Request<Incoming>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<BoxError>,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(BUFFER)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(io), service);
    log(connection.await);
}

/// Serves HTTP/2 until the connection ends.
pub(super) async fn serve_http2<I, S>(io: I, service: S)
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service<Request<Incoming>, Response = Response<Reply>>,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
{
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(LARGEST_HEADER_LIST)
        .max_send_buf_size(BUFFER)
        .serve_connection(TokioIo::new(io), service);
    log(connection.await);
}

/// Serves whichever of them the client begins with.
pub(super) async fn serve_either<I>(io: I, gate: Arc<Gate>, source: IpAddr, limits: &Limits)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(BUFFER)
        .max_headers(MOST_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(LARGEST_HEADER_LIST)
        .max_send_buf_size(BUFFER);
    let service = to_gate(gate, Arrival::Public { source });
    if let Err(error) = builder.serve_connection(TokioIo::new(io), service).await {
        tracing::debug!(error = &*error, "a connection to the public API ended with an error");
    }
}

/// What goes wrong on a connection concerns its client, and nobody else.
fn log(outcome: Result<(), hyper::Error>) {
    if let Err(error) = outcome {
        tracing::debug!(error = &error as &dyn Error, "a connection ended with an error");
    }
}
