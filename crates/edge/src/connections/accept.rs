//! Accepting connections for as long as the listener lives.

use std::io;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

/// How long to wait where the system has no room for another connection.
const PAUSE: Duration = Duration::from_millis(100);

/// The next connection. What goes wrong with a single one does not end the listener; while there are no descriptors or
/// no memory left, it waits for some to come back.
pub(super) async fn next(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // An answer that is complete shall not wait for the acknowledgement of what went before.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(error) if is_of_connection(&error) => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot accept connections for now");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Whether an error is that of one connection, which was gone before it was accepted.
///
/// Source: accept(2), "Error handling".
fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
            | io::ErrorKind::TimedOut
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
    )
}
