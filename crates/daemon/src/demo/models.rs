//! A server of the user's own that answers for the model.

use std::path::PathBuf;
use std::time::Duration;

use super::DemoError;

/// How long a server may take to let a connection in.
const PATIENCE: Duration = Duration::from_secs(5);

/// A server that speaks OpenAI's protocol.
#[derive(Debug)]
pub(crate) struct Models {
    /// Its URL, up to what comes before `/chat/completions`.
    pub(crate) upstream: String,
    /// Its name of the model that answers.
    pub(crate) model: String,
    /// A file with the key that it wants.
    pub(crate) api_key_file: Option<PathBuf>,
}

impl Models {
    /// Whether somebody is there, so that the user need not wait for the first question to learn it.
    pub(super) async fn answer(&self) -> Result<(), DemoError> {
        const STEP: &str = "reaching the server of --models";
        let reason = |why: &dyn std::fmt::Display| {
            DemoError::step(STEP, format!("{}: {why}; start it, or name another one", self.upstream))
        };
        let uri: http::Uri = self.upstream.parse().map_err(|error| reason(&error))?;
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let host = uri.host().ok_or_else(|| reason(&"the URL names no host"))?;
        let place = (host.trim_matches(['[', ']']), port);
        match tokio::time::timeout(PATIENCE, tokio::net::TcpStream::connect(place)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(reason(&error)),
            Err(_) => Err(reason(&"nobody answers")),
        }
    }
}
