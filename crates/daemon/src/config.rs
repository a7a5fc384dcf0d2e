//! The configuration file: which services other servers answer.
//!
//! ```toml
//! [service.s3]
//! upstream = "http://127.0.0.1:9000"
//! access_key_id = "minioadmin"
//! secret_access_key_file = "/etc/sidegate/minio.key"
//!
//! [service.secretsmanager]
//! upstream = "https://secrets.example:4566"
//! ca_file = "/etc/sidegate/ca.pem"
//! account_id = "000000000000"
//! access_key_id = "test"
//! secret_access_key = "test"
//!
//! [service.bedrock-runtime]
//! upstream = "http://127.0.0.1:11434/v1"
//!
//! [service.bedrock-runtime.models]
//! "anthropic.claude-3-haiku-20240307-v1:0" = "llama3.2"
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use sidegate_model::{AccountId, Catalog};
use sidegate_services::bedrock::{ChatServer, NoChatServer};
use sidegate_services::upstream::{NoOrigin, Origin};
use sidegate_wire::sigv4::SecretKey;

/// The service whose models a server of another protocol may be.
const MODELS: &str = "bedrock-runtime";

/// The services that Sidegate itself goes by, whose functions its own services invoke, or whose requests can be sent on in no
/// way, as SMTP, WebSocket and directory buckets cannot yet, so that no other server answers them.
const KEPT: [&str; 9] =
    ["ec2", "email-smtp", "iam", "lambda", "organizations", "s3-global.accesspoint", "s3express", "ssmmessages", "sts"];

/// Whether another server of the same protocol may answer a service.
fn is_forwarded(service: &str) -> bool {
    Catalog::named(service).is_some_and(|entry| entry.api == entry.name && !KEPT.contains(&service))
}

/// How long an answer of a server may take to begin at most, in seconds.
const LONGEST_TIMEOUT: u64 = 3600;

/// What a file says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    #[serde(default)]
    service: Services,
}

/// What it says of services, by their names.
#[derive(Debug, Default, Deserialize)]
struct Services {
    #[serde(rename = "bedrock-runtime")]
    models: Option<ModelsConfig>,
    #[serde(flatten)]
    forwarded: BTreeMap<String, ServiceConfig>,
}

/// What it says of the server that answers for models.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelsConfig {
    upstream: String,
    api_key: Option<String>,
    api_key_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    timeout_seconds: Option<u64>,
    #[serde(default)]
    models: BTreeMap<String, String>,
}

/// What it says of a service.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceConfig {
    upstream: String,
    access_key_id: String,
    secret_access_key: Option<String>,
    secret_access_key_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    account_id: Option<String>,
    timeout_seconds: Option<u64>,
    #[serde(default = "home")]
    region: String,
}

impl fmt::Debug for ServiceConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceConfig").field("upstream", &self.upstream).finish_non_exhaustive()
    }
}

impl fmt::Debug for ModelsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelsConfig").field("upstream", &self.upstream).finish_non_exhaustive()
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
        "`[service.{name}]`: requests to this service cannot be sent on; give the last part of an endpoint service name, \
         such as `sqs`, that is no FIPS endpoint's and none of {}", KEPT.join(", ")
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
        reason: NoOrigin,
    },
    /// It names no server that answers for models.
    #[error("`[service.{MODELS}]`: {0}")]
    Models(NoChatServer),
    /// It has two keys.
    #[error("`[service.{MODELS}]`: give `api_key` or `api_key_file` and not both")]
    ApiKey,
    /// It names no account.
    #[error("`[service.{service}]`: `account_id` is to be 12 digits, and is `{given}`")]
    Account {
        /// The service.
        service: String,
        /// What stands there.
        given: String,
    },
    /// It has no time in which to answer.
    #[error("`[service.{0}]`: `timeout_seconds` is to be from 1 to {LONGEST_TIMEOUT}")]
    Timeout(String),
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
        match config.service.forwarded.keys().find(|name| !is_forwarded(name)) {
            Some(other) => Err(ConfigError::Service { name: other.clone() }),
            None => Ok(config),
        }
    }

    /// The servers that answer in place of services, by the names of these.
    ///
    /// # Errors
    /// [`ConfigError`] if what is said of one cannot be used.
    pub(crate) fn upstreams(&self) -> Result<BTreeMap<String, Origin>, ConfigError> {
        self.service.forwarded.iter().map(|(name, config)| Ok((name.clone(), config.origin(name)?))).collect()
    }

    /// The server that answers for models, if there is one.
    ///
    /// # Errors
    /// [`ConfigError`] if what is said of it cannot be used.
    pub(crate) fn models(&self) -> Result<Option<ChatServer>, ConfigError> {
        self.service.models.as_ref().map(ModelsConfig::server).transpose()
    }
}

impl ModelsConfig {
    fn server(&self) -> Result<ChatServer, ConfigError> {
        let key = match (&self.api_key, &self.api_key_file) {
            (None, None) => None,
            (Some(key), None) => Some(SecretKey::new(key.clone())),
            (None, Some(path)) => Some(secret_in(path)?),
            (Some(_), Some(_)) => return Err(ConfigError::ApiKey),
        };
        let server = ChatServer::new(&self.upstream, key, self.ca_file.as_deref(), self.models.clone());
        let server = server.map_err(ConfigError::Models)?;
        Ok(match patience(MODELS, self.timeout_seconds)? {
            Some(patience) => server.answering_within(patience),
            None => server,
        })
    }
}

/// A secret that is a file's only line.
fn secret_in(path: &Path) -> Result<SecretKey, ConfigError> {
    let text = fs::read_to_string(path).map_err(|reason| ConfigError::File { path: path.to_owned(), reason })?;
    Ok(SecretKey::new(text.trim_end_matches(['\r', '\n'])))
}

/// How long a server may take, if it is said.
fn patience(service: &str, seconds: Option<u64>) -> Result<Option<Duration>, ConfigError> {
    match seconds {
        None => Ok(None),
        Some(seconds) if (1..=LONGEST_TIMEOUT).contains(&seconds) => Ok(Some(Duration::from_secs(seconds))),
        Some(_) => Err(ConfigError::Timeout(service.to_owned())),
    }
}

impl ServiceConfig {
    fn origin(&self, service: &str) -> Result<Origin, ConfigError> {
        let (key, secret) = (self.access_key_id.clone(), self.secret(service)?);
        let origin = Origin::new(&self.upstream, key, secret, self.region.clone(), self.ca_file.as_deref());
        let mut origin = origin.map_err(|reason| ConfigError::Origin { service: service.to_owned(), reason })?;
        if let Some(given) = &self.account_id {
            let account: Result<AccountId, _> = given.parse();
            let none = |_| ConfigError::Account { service: service.to_owned(), given: given.clone() };
            origin = origin.in_account(account.map_err(none)?);
        }
        Ok(match patience(service, self.timeout_seconds)? {
            Some(patience) => origin.answering_within(patience),
            None => origin,
        })
    }

    fn secret(&self, service: &str) -> Result<SecretKey, ConfigError> {
        match (&self.secret_access_key, &self.secret_access_key_file) {
            (Some(secret), None) => Ok(SecretKey::new(secret.clone())),
            (None, Some(path)) => secret_in(path),
            _ => Err(ConfigError::Secret(service.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sidegate.toml");
        fs::write(&path, text).unwrap();
        let config = Config::read(&path).map_err(|error| error.to_string())?;
        let upstreams = config.upstreams().map_err(|error| error.to_string())?;
        Ok(upstreams.iter().map(|(name, origin)| format!("{name} {origin}")).collect())
    }

    #[test]
    fn a_file_names_the_server_that_answers_for_models() {
        let models = |text: &str| {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("sidegate.toml");
            fs::write(dir.path().join("key"), "sk-hidden\n").unwrap();
            fs::write(&path, text.replace("DIR", dir.path().to_str().unwrap())).unwrap();
            let config = Config::read(&path).map_err(|error| error.to_string())?;
            config.models().map(|server| format!("{server:?}")).map_err(|error| error.to_string())
        };
        assert_eq!(models(""), Ok("None".to_owned()));
        let good = "[service.bedrock-runtime]\nupstream = \"http://127.0.0.1:9/v1\"\napi_key_file = \"DIR/key\"\n\
                    timeout_seconds = 5\n[service.bedrock-runtime.models]\n\"amazon.nova-lite-v1:0\" = \"llama3.2\"\n";
        let told = models(good).unwrap();
        assert!(told.contains("llama3.2") && !told.contains("hidden"), "{told}");
        for (text, wrong) in [
            (good.replace("timeout_seconds = 5", "api_key = \"a\""), "and not both"),
            (good.replace("timeout_seconds = 5", "timeout_seconds = 0"), "is to be from 1"),
            (good.replace("amazon.nova-lite-v1:0", "nobody.none"), "is no model or inference profile"),
            (good.replace("http:", "ftp:"), "neither an http nor an https URL"),
            (good.replace("upstream", "upstraem"), "unknown field"),
            (good.replace("DIR/key", "DIR/none"), "cannot read"),
            (good.split("[service.bedrock-runtime.models]").next().unwrap().to_owned(), "no model is named"),
        ] {
            let error = models(&text).unwrap_err();
            assert!(error.contains(wrong), "{error}");
        }
    }

    #[test]
    fn a_file_names_the_servers_that_answer_for_services() {
        assert_eq!(read(""), Ok(Vec::new()));
        let key = "access_key_id = \"a\"\n";
        let good = format!("[service.s3]\nupstream = \"http://127.0.0.1:9\"\n{key}secret_access_key = \"b\"\n");
        assert_eq!(read(&good), Ok(vec!["s3 http://127.0.0.1:9".to_owned()]));
        let others = good.replace("s3", "kms") + "account_id = \"000000000000\"\ntimeout_seconds = 5\n";
        let all = ["kms http://127.0.0.1:9".to_owned(), "s3 http://127.0.0.1:9".to_owned()];
        assert_eq!(read(&format!("{good}{others}")), Ok(all.to_vec()));
        let any = good.replace("service.s3", "service.\"sagemaker.runtime\"");
        assert_eq!(read(&any), Ok(vec!["sagemaker.runtime http://127.0.0.1:9".to_owned()]));
        for (text, wrong) in [
            (good.replace("s3", "sts"), "cannot be sent on"),
            (good.replace("s3", "lambda"), "cannot be sent on"),
            (good.replace("s3", "email-smtp"), "cannot be sent on"),
            (good.replace("s3", "kms-fips"), "cannot be sent on"),
            (good.replace("s3", "unheard"), "cannot be sent on"),
            (format!("[service.s3]\nupstream = \"http://h\"\n{key}"), "give either"),
            (good.replace("http:", "ftp:"), "neither an http nor an https URL"),
            (
                good.replace("http:", "https:") + "ca_file = \"/nonexistent.pem\"",
                "`/nonexistent.pem` has no certificates",
            ),
            (good.clone() + "account_id = \"1\"", "`account_id` is to be 12 digits"),
            (good.clone() + "timeout_seconds = 0", "`timeout_seconds` is to be from 1"),
            (good.replace("upstream", "upstraem"), "unknown field"),
            ("[service".to_owned(), "is no configuration"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.contains(wrong), "{error}");
        }
    }
}
