//! The server that answers, and the key that it knows.

use std::fmt;

use http::Uri;
use http::uri::{Authority, Scheme};
use sidegate_wire::sigv4::SecretKey;

/// A server that speaks S3.
#[derive(Clone)]
pub struct Origin {
    pub(super) authority: Authority,
    pub(super) access_key: String,
    pub(super) secret: SecretKey,
    pub(super) region: String,
}

/// What is no server of S3.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoOrigin {
    /// It is no URL.
    #[error("`{0}` is no URL; give one such as `http://127.0.0.1:9000`")]
    NoUrl(String),
    /// It is not of the scheme that is spoken here.
    #[error("`{0}` is not an http URL; TLS to an upstream is not there, so let it listen on this machine")]
    NoHttp(String),
    /// It has a path or a query.
    #[error("`{0}` has a path or a query, which S3 has no room for; leave out what stands behind the port")]
    Path(String),
}

impl Origin {
    /// The server of a URL, which signs for this Region with this key.
    ///
    /// # Errors
    /// [`NoOrigin`] if the URL is none that can be used.
    pub fn new(url: &str, access_key: String, secret: SecretKey, region: String) -> Result<Self, NoOrigin> {
        let uri: Uri = url.parse().map_err(|_| NoOrigin::NoUrl(url.to_owned()))?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(NoOrigin::NoUrl(url.to_owned()));
        };
        if *scheme != Scheme::HTTP {
            return Err(NoOrigin::NoHttp(url.to_owned()));
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || authority.as_str().contains('@') {
            return Err(NoOrigin::Path(url.to_owned()));
        }
        Ok(Self { authority: authority.clone(), access_key, secret, region })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.authority)
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

    fn origin(url: &str) -> Result<Origin, NoOrigin> {
        Origin::new(url, "key".to_owned(), SecretKey::new("secret"), "us-east-1".to_owned())
    }

    #[test]
    fn only_an_http_url_without_anything_behind_the_port_is_a_server() {
        assert_eq!(origin("http://127.0.0.1:9000").unwrap().to_string(), "http://127.0.0.1:9000");
        origin("http://minio/").unwrap();
        assert!(matches!(origin("https://127.0.0.1"), Err(NoOrigin::NoHttp(_))));
        assert!(matches!(origin("127.0.0.1:9000"), Err(NoOrigin::NoUrl(_))));
        for url in ["http://h/path", "http://h/?a=b", "http://user@h"] {
            assert!(matches!(origin(url), Err(NoOrigin::Path(_))), "{url}");
        }
        assert!(!format!("{:?}", origin("http://h").unwrap()).contains("secret"));
    }
}
