//! The authority's certificate and key on disk.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, GeneralSubtree, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, NameConstraints, PublicKeyData as _,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use time::{Duration, OffsetDateTime};

use super::{AuthorityError, DOMAINS, random, serial};

/// How long the authority lives.
const LIFETIME: Duration = Duration::days(3653);

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca.key";

/// A certificate and its key.
pub(super) struct Pair {
    pub(super) pem: String,
    pub(super) issuer: Issuer<'static, KeyPair>,
    pub(super) expiry: OffsetDateTime,
}

/// Reads the pair, or makes what is not there. The key comes first: a certificate without a key could have been given
/// out, a key without a certificate could not.
pub(super) fn open(directory: &Path, now: OffsetDateTime) -> Result<Pair, AuthorityError> {
    let (certificate, key) = (directory.join(CERTIFICATE), directory.join(KEY));
    match (read(&certificate)?, read(&key)?) {
        (Some(pem), Some(key_pem)) => load(&certificate, pem, parse_key(&key, &key_pem)?, now),
        (Some(_), None) => Err(AuthorityError::KeyMissing { certificate }),
        (None, Some(key_pem)) => {
            let key = parse_key(&key, &key_pem)?;
            create_certificate(&certificate, key, now)
        }
        (None, None) => {
            let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
            write(&key, &pair.serialize_pem(), 0o600)?;
            create_certificate(&certificate, pair, now)
        }
    }
}

fn create_certificate(path: &Path, key: KeyPair, now: OffsetDateTime) -> Result<Pair, AuthorityError> {
    let pem = parameters(now)?.self_signed(&key)?.pem();
    write(path, &pem, 0o644)?;
    load(path, pem, key, now)
}

/// What the authority may do: sign certificates of servers in AWS's domains, and no further authority.
fn parameters(now: OffsetDateTime) -> Result<CertificateParams, AuthorityError> {
    let mut parameters = CertificateParams::default();
    parameters.not_before = now - Duration::hours(1);
    parameters.not_after = now + LIFETIME;
    parameters.serial_number = Some(serial()?);
    parameters.distinguished_name = DistinguishedName::new();
    let digits = u32::from_be_bytes(random()?);
    parameters.distinguished_name.push(DnType::CommonName, format!("Sidegate local authority {digits:08x}"));
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Constraints bind the kinds of name that they mention and no others, so addresses are mentioned too.
    // Source: RFC 5280, 4.2.1.10.
    parameters.name_constraints = Some(NameConstraints {
        permitted_subtrees: DOMAINS.iter().map(|d| GeneralSubtree::DnsName((*d).to_owned())).collect(),
        excluded_subtrees: vec![
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(Ipv4Addr::UNSPECIFIED.into(), 0)),
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(Ipv6Addr::UNSPECIFIED.into(), 0)),
        ],
    });
    Ok(parameters)
}

fn parse_key(path: &Path, pem: &str) -> Result<KeyPair, AuthorityError> {
    KeyPair::from_pem(pem).map_err(|_| unusable(path, "not a complete private key"))
}

/// Checks that the certificate is an authority's, of this key, and of this time.
fn load(path: &Path, pem: String, key: KeyPair, now: OffsetDateTime) -> Result<Pair, AuthorityError> {
    const INCOMPLETE: &str = "not a complete certificate";
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| unusable(path, INCOMPLETE))?;
    let (_, parsed) = x509_parser::parse_x509_certificate(&der).map_err(|_| unusable(path, INCOMPLETE))?;
    if !parsed.is_ca() {
        return Err(unusable(path, "not the certificate of an authority"));
    }
    if parsed.public_key().raw != key.subject_public_key_info() {
        return Err(unusable(path, "not the certificate of the key in `ca.key`"));
    }
    let expiry = OffsetDateTime::from_unix_timestamp(parsed.validity().not_after.timestamp())
        .map_err(|_| unusable(path, "without an end that makes sense"))?;
    if now >= expiry {
        return Err(AuthorityError::Expired { at: expiry });
    }
    let issuer = Issuer::from_ca_cert_der(&der, key)?;
    Ok(Pair { pem, issuer, expiry })
}

fn unusable(path: &Path, wrong: &'static str) -> AuthorityError {
    AuthorityError::Unusable { path: path.to_owned(), wrong }
}

fn read(path: &Path) -> Result<Option<String>, AuthorityError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(AuthorityError::File { action: "read", path: path.to_owned(), source }),
    }
}

/// Writes a file aside, and puts it in its place once it is on disk. The mode holds whatever the umask is.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), AuthorityError> {
    let aside = path.with_extension("new");
    let written = || -> io::Result<()> {
        match fs::remove_file(&aside) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&aside)?;
        file.set_permissions(Permissions::from_mode(mode))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&aside, path)?;
        path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
    };
    written().map_err(|source| AuthorityError::File { action: "write", path: path.to_owned(), source })
}
