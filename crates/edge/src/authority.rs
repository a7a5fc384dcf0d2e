//! The local certificate authority: what makes `https://secretsmanager.us-east-1.amazonaws.com` work unmodified in a
//! subnet.
//!
//! Its certificate goes into the trust store of each program in a subnet, so it is bound as tightly as X.509 allows: it
//! vouches for names of AWS's domains only, for no address, and for no other authority. Its key never leaves the state
//! directory; the keys of the services' certificates never leave memory.

mod files;
mod leaf;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{Issuer, KeyPair};
use rustls::ServerConfig;
use sidegate_model::{Region, Service};
use time::{Duration, OffsetDateTime};

/// The domains that the authority vouches for.
const DOMAINS: [&str; 3] = ["amazonaws.com", "api.aws", "sagemaker.aws"];

/// How long before its end a service's certificate is replaced.
const RENEWAL: Duration = Duration::days(30);

/// How many configurations are kept; far more than a machine has endpoints.
const MOST_CONFIGURATIONS: usize = 4096;

/// A certificate authority of this machine.
pub struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    expiry: OffsetDateTime,
    configurations: Mutex<HashMap<Subject, Configuration>>,
}

/// Whom a certificate is for: the service, where, and the further names.
type Subject = (&'static str, Region, Vec<String>);

/// A configuration, and between when and when it is to be used.
struct Configuration {
    config: Arc<ServerConfig>,
    from: OffsetDateTime,
    until: OffsetDateTime,
}

impl Authority {
    /// Opens the authority in this directory: `ca.pem`, which anyone may read, and `ca.key`, which only its owner may.
    /// Both are made if neither is there. A key alone is what a crash between the two leaves; since its certificate was
    /// never given out, it gets one now.
    ///
    /// # Errors
    /// If the files cannot be read or written, do not belong together, or have expired. They are never replaced: the
    /// old certificate may stand in trust stores.
    pub fn open(directory: &Path, now: OffsetDateTime) -> Result<Self, AuthorityError> {
        let files::Pair { pem, issuer, expiry } = files::open(directory, now)?;
        Ok(Self { pem, issuer, expiry, configurations: Mutex::default() })
    }

    /// The certificate, for trust stores.
    pub fn certificate_pem(&self) -> &str {
        &self.pem
    }

    /// How a service in a Region speaks TLS: a certificate for its public and private names, for endpoints in general,
    /// and for those of `extra` that lie in AWS's domains; the protocols that the service speaks; TLS 1.2 and 1.3;
    /// resumption. `extra` are an endpoint's own names, such as `*.vpce-0a1b-2c3d.s3.us-east-1.vpce.amazonaws.com`.
    ///
    /// The same value comes back until its certificate nears its end.
    ///
    /// # Errors
    /// If the authority has expired, or no certificate can be made.
    pub fn server_config(
        &self, service: &Service, region: Region, extra: &[String], now: OffsetDateTime,
    ) -> Result<Arc<ServerConfig>, AuthorityError> {
        let subject = (service.name, region, extra.to_vec());
        let mut configurations = self.configurations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = configurations.get(&subject).filter(|c| c.from <= now && now < c.until) {
            return Ok(kept.config.clone());
        }
        if now >= self.expiry {
            return Err(AuthorityError::Expired { at: self.expiry });
        }
        let leaf = leaf::issue(&self.issuer, &leaf::names(service, region, extra), now, self.expiry)?;
        // Near the authority's own end there is no later certificate to be had.
        let until = if leaf.until < self.expiry { leaf.until - RENEWAL } else { self.expiry };
        let from = leaf.from;
        let config = Arc::new(leaf::configure(service, leaf)?);
        if configurations.len() >= MOST_CONFIGURATIONS {
            configurations.clear();
        }
        configurations.insert(subject, Configuration { config: config.clone(), from, until });
        Ok(config)
    }
}

/// Why there is no authority, or no certificate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// A file could not be read or written.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The certificate is there and its key is not.
    #[error(
        "`{}` has no `ca.key` beside it: bring the key back, or remove the certificate here and from every trust store \
         to get a new authority", certificate.display()
    )]
    KeyMissing {
        /// The certificate.
        certificate: PathBuf,
    },
    /// A file is not what its name says: cut short, or of something else.
    #[error(
        "`{}` is {wrong}: bring the file back, or remove `ca.pem` and `ca.key` to get a new authority", path.display()
    )]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        wrong: &'static str,
    },
    /// The authority has come to its end.
    #[error("the local authority expired at {at}: remove `ca.pem` and `ca.key` to get a new one")]
    Expired {
        /// When.
        at: OffsetDateTime,
    },
    /// There is no randomness.
    #[error("the system gives no random numbers")]
    Random,
    /// A certificate could not be made.
    #[error("cannot make a certificate")]
    Certificate(#[from] rcgen::Error),
    /// TLS refuses the certificate.
    #[error("cannot serve TLS")]
    Tls(#[from] rustls::Error),
}

/// Random bytes.
fn random<const N: usize>() -> Result<[u8; N], AuthorityError> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| AuthorityError::Random)?;
    Ok(bytes)
}

/// A serial number: random, positive, of 16 octets.
///
/// Source: RFC 5280, 4.1.2.2; CA/Browser Forum baseline requirements, 7.1.
fn serial() -> Result<rcgen::SerialNumber, AuthorityError> {
    let mut bytes: [u8; 16] = random()?;
    let [first, ..] = &mut bytes;
    *first = *first & 0x3f | 0x40;
    Ok(rcgen::SerialNumber::from_slice(&bytes))
}
