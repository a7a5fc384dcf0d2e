//! Bodies that are held whole, as the services need them whose requests and answers are single documents.

use bytes::{Bytes, BytesMut};
use http::Response;
use http_body_util::{BodyExt as _, Full};

use crate::{Body, BoxError};

/// Why a body was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is longer than allowed.
    #[error("the body is too long")]
    TooLong,
    /// The client stopped sending it.
    #[error("the body was not received")]
    Broken(#[source] BoxError),
}

/// Reads a body of at most so many bytes.
///
/// # Errors
/// [`ReadError`] if it is longer or does not arrive.
pub async fn read(mut body: Body, most: usize) -> Result<Bytes, ReadError> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(ReadError::Broken)?.into_data() else { continue };
        if data.len() > most - whole.len() {
            return Err(ReadError::TooLong);
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// An answer with a body.
pub fn answer(response: Response<Vec<u8>>) -> Response<Body> {
    response.map(|bytes| Full::new(Bytes::from(bytes)).map_err(|never| match never {}).boxed_unsync())
}
