//! The server that answers, and the key that it knows.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use sidegate_model::AccountId;
use sidegate_wire::sigv4::SecretKey;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Where the authorities are that a machine trusts, on most distributions.
const OF_THE_MACHINE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// How long an answer may take to begin, once the request has been sent.
const ANSWER: Duration = Duration::from_secs(60);

/// A server that speaks a service's protocol.
#[derive(Clone)]
pub struct Origin {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
    pub(super) tls: Option<Tls>,
    pub(super) access_key: String,
    pub(super) secret: SecretKey,
    pub(super) region: String,
    pub(super) account: Option<AccountId>,
    pub(super) patience: Duration,
}

/// How a server proves who it is.
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) config: Arc<ClientConfig>,
    pub(super) name: ServerName<'static>,
}

/// What is no server that can answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoOrigin {
    /// It is no URL.
    #[error("`{0}` is no URL; give one such as `http://127.0.0.1:9000`")]
    NoUrl(String),
    /// It is not of a scheme that is spoken here.
    #[error("`{0}` is neither an http nor an https URL")]
    NoHttp(String),
    /// It has a path or a query.
    #[error("`{0}` has a path or a query, which requests have no room for; leave out what stands behind the port")]
    Path(String),
    /// Its key cannot be in a header.
    #[error("the access key has characters that no header can have")]
    Key,
    /// There are no authorities that could vouch for it.
    #[error("`{}` has no certificates of authorities that can be read ({reason})", path.display())]
    NoAuthorities {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl Origin {
    /// The server of a URL, which signs for this Region with this key. One that speaks TLS is to have a certificate of an
    /// authority in `ca_file`, a file of PEM, or of one that the machine trusts.
    ///
    /// # Errors
    /// [`NoOrigin`] if the URL is none that can be used, or there are no authorities.
    pub fn new(
        url: &str, access_key: String, secret: SecretKey, region: String, ca_file: Option<&Path>,
    ) -> Result<Self, NoOrigin> {
        let uri: Uri = url.parse().map_err(|_| NoOrigin::NoUrl(url.to_owned()))?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(NoOrigin::NoUrl(url.to_owned()));
        };
        if *scheme != Scheme::HTTP && *scheme != Scheme::HTTPS {
            return Err(NoOrigin::NoHttp(url.to_owned()));
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || authority.as_str().contains('@') {
            return Err(NoOrigin::Path(url.to_owned()));
        }
        if HeaderValue::from_str(&access_key).is_err() {
            return Err(NoOrigin::Key);
        }
        let tls = if *scheme == Scheme::HTTPS {
            let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
            let name = ServerName::try_from(host).map_err(|_| NoOrigin::NoUrl(url.to_owned()))?;
            Some(Tls { config: config(ca_file.unwrap_or(Path::new(OF_THE_MACHINE)))?, name })
        } else {
            None
        };
        let (scheme, authority) = (scheme.clone(), authority.clone());
        Ok(Self { scheme, authority, tls, access_key, secret, region, account: None, patience: ANSWER })
    }

    /// With the account that the server's ARNs name. If none is given, it is the caller's.
    #[must_use]
    pub fn in_account(mut self, account: AccountId) -> Self {
        self.account = Some(account);
        self
    }

    /// With how long an answer may take to begin.
    #[must_use]
    pub fn answering_within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}

/// TLS with servers that these authorities vouch for.
fn config(path: &Path) -> Result<Arc<ClientConfig>, NoOrigin> {
    let none = |reason: String| NoOrigin::NoAuthorities { path: path.to_owned(), reason };
    let text = std::fs::read(path).map_err(|error| none(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| none(error.to_string()))?;
        // A bundle may hold old ones that no longer are what they should be; the others count.
        if let Err(error) = roots.add(certificate) {
            tracing::debug!(%error, path = %path.display(), "a certificate of an authority is left out");
        }
    }
    if roots.is_empty() {
        return Err(none("there is none".to_owned()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| none(error.to_string()))?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(url: &str, ca_file: Option<&Path>) -> Result<Origin, NoOrigin> {
        Origin::new(url, "key".to_owned(), SecretKey::new("secret"), "us-east-1".to_owned(), ca_file)
    }

    #[test]
    fn only_a_url_without_anything_behind_the_port_is_a_server() {
        assert_eq!(origin("http://127.0.0.1:9000", None).unwrap().to_string(), "http://127.0.0.1:9000");
        origin("http://minio/", None).unwrap();
        assert!(matches!(origin("ftp://127.0.0.1", None), Err(NoOrigin::NoHttp(_))));
        assert!(matches!(origin("127.0.0.1:9000", None), Err(NoOrigin::NoUrl(_))));
        for url in ["http://h/path", "http://h/?a=b", "http://user@h"] {
            assert!(matches!(origin(url, None), Err(NoOrigin::Path(_))), "{url}");
        }
        assert!(!format!("{:?}", origin("http://h", None).unwrap()).contains("secret"));
        let unsendable = Origin::new("http://h", "a\n".to_owned(), SecretKey::new("s"), "us-east-1".to_owned(), None);
        assert!(matches!(unsendable, Err(NoOrigin::Key)));
    }

    #[test]
    fn tls_takes_authorities() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        let missing = origin("https://127.0.0.1", Some(&path)).unwrap_err();
        assert!(missing.to_string().contains("ca.pem"), "{missing}");
        std::fs::write(&path, "no certificate").unwrap();
        let empty = origin("https://127.0.0.1", Some(&path)).unwrap_err();
        assert!(empty.to_string().contains("there is none"), "{empty}");
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(&path, own.cert.pem()).unwrap();
        for url in ["https://127.0.0.1:9000", "https://localhost", "https://[::1]:9000"] {
            assert_eq!(origin(url, Some(&path)).unwrap().to_string(), url);
        }
    }
}
