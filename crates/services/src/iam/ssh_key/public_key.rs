//! A public key of RSA in the two encodings of the API: that of OpenSSH (RFC 4253, section 6.6) and PEM of a
//! `SubjectPublicKeyInfo` (RFC 5280).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use s3s::crypto::{Checksum as _, Md5};
use serde::{Deserialize, Serialize};
use x509_parser::pem::parse_x509_pem;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey as Parsed;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::iam::fault::Fault;

const ALGORITHM: &str = "ssh-rsa";

const PEM_LABEL: &str = "PUBLIC KEY";

/// The bits that a modulus has at least.
///
/// Source: IAM API reference, "UploadSSHPublicKey".
const LEAST_BITS: usize = 2_048;

/// The identifier of RSA's algorithm with its parameters, in DER (RFC 3279).
const RSA: [u8; 15] = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// A public key as it was uploaded, and what it says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PublicKey {
    body: String,
    /// The numbers, without zeros before them.
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl PublicKey {
    /// Reads a key in either encoding.
    ///
    /// # Errors
    /// `UnrecognizedPublicKeyEncoding` for what is in neither, `InvalidPublicKey` for what is no key or a short one.
    pub(super) fn read(body: &str) -> Result<Self, Fault> {
        let numbers = if body.trim_start().starts_with("-----BEGIN") { of_pem(body)? } else { of_ssh(body)? };
        let (exponent, modulus) = numbers.ok_or(Fault::InvalidPublicKey)?;
        let bits = modulus.len() * 8 - modulus.first().map_or(8, |byte| byte.leading_zeros() as usize);
        if bits < LEAST_BITS || exponent.is_empty() {
            return Err(Fault::InvalidPublicKey);
        }
        Ok(Self { body: body.to_owned(), modulus, exponent })
    }

    pub(super) fn body(&self) -> &str {
        &self.body
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.modulus, &self.exponent) == (&other.modulus, &other.exponent)
    }

    /// The digest by MD5 of the key as SSH has it.
    pub(super) fn fingerprint(&self) -> String {
        let mut digest = Md5::new();
        digest.update(&self.blob());
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
    }

    /// The key as OpenSSH writes it; with its comment, if it was uploaded so.
    pub(super) fn ssh(&self) -> String {
        if self.body.trim_start().starts_with(ALGORITHM) {
            return self.body.clone();
        }
        format!("{ALGORITHM} {}", STANDARD.encode(self.blob()))
    }

    /// The key as PEM.
    pub(super) fn pem(&self) -> String {
        let numbers = der(0x30, &[number(&self.modulus), number(&self.exponent)].concat());
        let info = der(0x30, &[RSA.to_vec(), der(0x03, &[&[0][..], &numbers].concat())].concat());
        let text = STANDARD.encode(info);
        let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN {PEM_LABEL}-----\n{}\n-----END {PEM_LABEL}-----\n", lines.join("\n"))
    }

    fn blob(&self) -> Vec<u8> {
        let text = |bytes: &[u8]| {
            let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
            [&length[..], bytes].concat()
        };
        [text(ALGORITHM.as_bytes()), text(&positive(&self.exponent)), text(&positive(&self.modulus))].concat()
    }
}

/// The exponent and the modulus of a key; `None` if they cannot be read.
type Numbers = Option<(Vec<u8>, Vec<u8>)>;

fn of_ssh(body: &str) -> Result<Numbers, Fault> {
    let mut words = body.split_whitespace();
    if words.next() != Some(ALGORITHM) {
        return Err(Fault::UnrecognizedPublicKeyEncoding);
    }
    Ok(words.next().and_then(|word| STANDARD.decode(word).ok()).and_then(|blob| {
        let (algorithm, rest) = field(&blob)?;
        let (exponent, rest) = field(rest)?;
        let (modulus, rest) = field(rest)?;
        (algorithm == ALGORITHM.as_bytes() && rest.is_empty()).then(|| (plain(exponent), plain(modulus)))
    }))
}

/// The first field of a blob, and what follows it.
fn field(blob: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = blob.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

fn of_pem(body: &str) -> Result<Numbers, Fault> {
    let (_, pem) = parse_x509_pem(body.trim_start().as_bytes()).map_err(|_| Fault::InvalidPublicKey)?;
    if pem.label != PEM_LABEL {
        return Err(Fault::UnrecognizedPublicKeyEncoding);
    }
    let Ok((_, info)) = SubjectPublicKeyInfo::from_der(&pem.contents) else { return Ok(None) };
    Ok(match info.parsed() {
        Ok(Parsed::RSA(key)) => Some((plain(key.exponent), plain(key.modulus))),
        _ => None,
    })
}

/// A number without zeros before it.
fn plain(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}

/// A number whose first bit does not make it negative.
fn positive(number: &[u8]) -> Vec<u8> {
    let zero: &[u8] = if number.first().is_some_and(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
    [zero, number].concat()
}

/// A number in DER.
fn number(bytes: &[u8]) -> Vec<u8> {
    der(0x02, &positive(bytes))
}

/// An element in DER.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length = plain(&length);
    let mut bytes = vec![tag];
    match (length.as_slice(), u8::try_from(content.len())) {
        (_, Ok(short)) if short < 0x80 => bytes.push(short),
        // A length of eight bytes at most.
        (long, _) => {
            bytes.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            bytes.extend(long);
        }
    }
    bytes.extend(content);
    bytes
}
