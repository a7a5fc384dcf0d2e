//! The configuration file: which services other servers answer.
//!
//! ```toml
//! [service.s3]
//! upstream = "http://127.0.0.1:9000"
//! access_key_id = "minioadmin"
//! secret_access_key_file = "/etc/sidegate/minio.key"
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sidegate_services::s3;
use sidegate_wire::sigv4::SecretKey;

/// The services that another server may answer.
const FORWARDED: [&str; 1] = ["s3"];

/// What a file says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    #[serde(default)]
    service: BTreeMap<String, ServiceConfig>,
}

/// What it says of a service.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceConfig {
    upstream: String,
    access_key_id: String,
    secret_access_key: Option<String>,
    secret_access_key_file: Option<PathBuf>,
    #[serde(default = "home")]
    region: String,
}

impl fmt::Debug for ServiceConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceConfig").field("upstream", &self.upstream).finish_non_exhaustive()
    }
}

fn home() -> String {
    "us-east-1".to_owned()
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A file cannot be read.
    #[error("cannot read `{}` ({reason})", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        reason: io::Error,
    },
    /// It is not of the form.
    #[error("`{}` is no configuration: {reason}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// It speaks of a service that no other server answers.
    #[error(
        "`[service.{name}]`: requests to this service cannot be sent on; the services that can are: {}",
        FORWARDED.join(", ")
    )]
    Service {
        /// Its name in the file.
        name: String,
    },
    /// It has no secret, or two.
    #[error("`[service.{0}]`: give either `secret_access_key` or `secret_access_key_file`")]
    Secret(String),
    /// It names no server.
    #[error("`[service.{service}]`: {reason}")]
    Origin {
        /// The service.
        service: String,
        /// What is wrong.
        reason: s3::NoOrigin,
    },
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ConfigError`] if it cannot be read or is no configuration.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|reason| ConfigError::File { path: path.to_owned(), reason })?;
        let config: Self = toml::from_str(&text)
            .map_err(|error| ConfigError::Form { path: path.to_owned(), reason: error.message().to_owned() })?;
        match config.service.keys().find(|name| !FORWARDED.contains(&name.as_str())) {
            Some(other) => Err(ConfigError::Service { name: other.clone() }),
            None => Ok(config),
        }
    }

    /// The server that answers in place of S3.
    ///
    /// # Errors
    /// [`ConfigError`] if what is said of it cannot be used.
    pub(crate) fn s3(&self) -> Result<Option<s3::Origin>, ConfigError> {
        let Some(of_s3) = self.service.get("s3") else { return Ok(None) };
        let secret = of_s3.secret("s3")?;
        s3::Origin::new(&of_s3.upstream, of_s3.access_key_id.clone(), secret, of_s3.region.clone())
            .map(Some)
            .map_err(|reason| ConfigError::Origin { service: "s3".to_owned(), reason })
    }
}

impl ServiceConfig {
    fn secret(&self, service: &str) -> Result<SecretKey, ConfigError> {
        match (&self.secret_access_key, &self.secret_access_key_file) {
            (Some(secret), None) => Ok(SecretKey::new(secret.clone())),
            (None, Some(path)) => {
                let read = fs::read_to_string(path);
                let text = read.map_err(|reason| ConfigError::File { path: path.clone(), reason })?;
                Ok(SecretKey::new(text.trim_end_matches(['\r', '\n'])))
            }
            _ => Err(ConfigError::Secret(service.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<String>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sidegate.toml");
        fs::write(&path, text).unwrap();
        let config = Config::read(&path).map_err(|error| error.to_string())?;
        let origin = config.s3().map_err(|error| error.to_string())?;
        Ok(origin.map(|origin| origin.to_string()))
    }

    #[test]
    fn a_file_names_the_server_that_answers_for_s3() {
        assert_eq!(read(""), Ok(None));
        let key = "access_key_id = \"a\"\n";
        let good = format!("[service.s3]\nupstream = \"http://127.0.0.1:9\"\n{key}secret_access_key = \"b\"");
        assert_eq!(read(&good), Ok(Some("http://127.0.0.1:9".to_owned())));
        for (text, wrong) in [
            (format!("[service.sqs]\nupstream = \"http://h\"\n{key}"), "cannot be sent on"),
            (format!("[service.s3]\nupstream = \"http://h\"\n{key}"), "give either"),
            (good.replace("http:", "https:"), "is not an http URL"),
            (good.replace("upstream", "upstraem"), "unknown field"),
            ("[service".to_owned(), "is no configuration"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.contains(wrong), "{error}");
        }
    }
}
