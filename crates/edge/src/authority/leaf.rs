//! The certificate of a service, and the TLS that it is served with.

use std::sync::Arc;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::{Ticketer, default_provider};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sidegate_model::{Region, Service};
use time::{Duration, OffsetDateTime};

use super::{AuthorityError, DOMAINS, serial};

/// How long a certificate is good, as those of AWS are.
const LIFETIME: Duration = Duration::days(397);

/// The longest common name.
///
/// Source: RFC 5280, appendix A.1, ub-common-name.
const LONGEST_COMMON_NAME: usize = 64;

/// The labels that stand before the own name of an endpoint of S3.
///
/// Source: S3 user guide, "AWS PrivateLink for Amazon S3".
const S3_LABELS: [&str; 3] = ["bucket", "accesspoint", "control"];

/// A certificate with its key.
pub(super) struct Leaf {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    pub(super) from: OffsetDateTime,
    pub(super) until: OffsetDateTime,
}

/// The names that the certificate of a service has, each once: its public ones, its private ones, those of its
/// endpoints, and the further ones that the authority may vouch for.
///
/// A `*` stands for one label, so `*.s3.us-east-1.vpce.amazonaws.com` does not cover a bucket behind an endpoint. The
/// own name of an endpoint of S3 therefore brings the names below it along.
pub(super) fn names(service: &Service, region: Region, extra: &[String]) -> Vec<String> {
    let domain = service.endpoint_domain(region);
    let mut names = service.public_names(region);
    names.extend(service.private_names(region));
    names.push(format!("*.{domain}"));
    for name in extra.iter().map(|n| n.to_ascii_lowercase()).filter(|n| may_vouch_for(n)) {
        let own = name.strip_prefix("*.").unwrap_or(&name).to_owned();
        let of_endpoint = own.strip_suffix(&domain).is_some_and(|stem| stem.ends_with('.'));
        names.push(name);
        if service.name == "s3" && of_endpoint {
            names.extend(S3_LABELS.map(|label| format!("*.{label}.{own}")));
        }
    }
    let mut unique = Vec::with_capacity(names.len());
    for name in names {
        if !unique.contains(&name) {
            unique.push(name);
        }
    }
    unique
}

fn may_vouch_for(name: &str) -> bool {
    let is_in = |domain| name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    name.is_ascii() && DOMAINS.into_iter().any(is_in)
}

/// Makes a certificate for these names, good from an hour ago and no longer than the authority.
pub(super) fn issue(
    issuer: &Issuer<'static, KeyPair>, names: &[String], now: OffsetDateTime, end: OffsetDateTime,
) -> Result<Leaf, AuthorityError> {
    let from = now - Duration::hours(1);
    let until = (from + LIFETIME).min(end);
    let mut parameters = CertificateParams::default();
    parameters.not_before = from;
    parameters.not_after = until;
    parameters.serial_number = Some(serial()?);
    parameters.distinguished_name = DistinguishedName::new();
    if let Some(name) = names.iter().find(|n| n.len() <= LONGEST_COMMON_NAME) {
        parameters.distinguished_name.push(DnType::CommonName, name.as_str());
    }
    for name in names {
        parameters.subject_alt_names.push(SanType::DnsName(name.as_str().try_into()?));
    }
    // Python 3.13 verifies with X509_V_FLAG_X509_STRICT, which wants both key identifiers and the usages.
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.use_authority_key_identifier_extension = true;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let certificate = parameters.signed_by(&key, issuer)?;
    Ok(Leaf {
        certificate: certificate.into(),
        key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        from,
        until,
    })
}

/// How the service speaks TLS. S3 has no HTTP/2; the others have both.
pub(super) fn configure(service: &Service, leaf: Leaf) -> Result<ServerConfig, AuthorityError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(vec![leaf.certificate], leaf.key)?;
    let protocols: &[&str] = if service.name == "s3" { &["http/1.1"] } else { &["h2", "http/1.1"] };
    config.alpn_protocols = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
    config.ticketer = Ticketer::new()?;
    Ok(config)
}
