//! What a server certificate has to be: one certificate that is valid now, with its private key and the certificates of
//! those who signed it, in this order.

use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, KeyPair as _,
};
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer as _;

use crate::iam::fault::Fault;

/// The curves that certificates of IAM may be of.
const CURVES: [&EcdsaSigningAlgorithm; 3] =
    [&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1_SIGNING, &ECDSA_P521_SHA512_ASN1_SIGNING];

/// Checks a certificate, its private key and its chain, and tells when it expires: in Unix milliseconds.
///
/// # Errors
/// `MalformedCertificate` for what is none, or is not valid now, or has another chain; `KeyPairMismatch`.
pub(super) fn check(body: &str, private: &str, chain: Option<&str>, now: i64) -> Result<i64, Fault> {
    let own = single(body).ok_or_else(|| malformed("Unable to parse certificate."))?;
    let own = parse(&own).ok_or_else(|| malformed("Unable to parse certificate."))?;
    let key = single(private).ok_or_else(|| malformed("Unable to parse key."))?;
    let public = public_key(&key).ok_or_else(|| malformed("Unable to parse key."))?;
    if public != own.public_key().subject_public_key.data.as_ref() {
        return Err(Fault::KeyPairMismatch);
    }
    let validity = own.validity();
    let seconds = now.div_euclid(1000);
    if seconds < validity.not_before.timestamp() || seconds > validity.not_after.timestamp() {
        return Err(Fault::MalformedCertificate("The certificate is not valid at this time.".to_owned()));
    }
    check_chain(&own, chain.unwrap_or_default())?;
    Ok(validity.not_after.timestamp() * 1000)
}

fn malformed(what: &str) -> Fault {
    Fault::MalformedCertificate(format!("{what} Please ensure it is in PEM format."))
}

/// The only block of a text.
fn single(text: &str) -> Option<Pem> {
    let mut blocks = Pem::iter_from_buffer(text.as_bytes());
    let block = blocks.next()?.ok()?;
    blocks.next().is_none().then_some(block)
}

fn parse(block: &Pem) -> Option<X509Certificate<'_>> {
    (block.label == "CERTIFICATE")
        .then(|| X509Certificate::from_der(&block.contents).ok())
        .flatten()
        .map(|(_, own)| own)
}

/// The public key that goes with a private one, as certificates have it.
fn public_key(block: &Pem) -> Option<Vec<u8>> {
    let der = &block.contents;
    let of_curve = |algorithm: &'static EcdsaSigningAlgorithm| {
        let pair = match block.label.as_str() {
            "EC PRIVATE KEY" => EcdsaKeyPair::from_private_key_der(algorithm, der),
            _ => EcdsaKeyPair::from_pkcs8(algorithm, der),
        };
        pair.ok().map(|pair| pair.public_key().as_ref().to_vec())
    };
    let of_rsa = |pair: rsa::KeyPair| pair.public_key().as_ref().to_vec();
    match block.label.as_str() {
        "RSA PRIVATE KEY" => rsa::KeyPair::from_der(der).ok().map(of_rsa),
        "EC PRIVATE KEY" => CURVES.into_iter().find_map(of_curve),
        "PRIVATE KEY" => {
            rsa::KeyPair::from_pkcs8(der).ok().map(of_rsa).or_else(|| CURVES.into_iter().find_map(of_curve))
        }
        _ => None,
    }
}

/// Each certificate of a chain is that of who signed the one before it. The signatures are not verified.
fn check_chain(own: &X509Certificate<'_>, chain: &str) -> Result<(), Fault> {
    let mut issuer = own.issuer().as_raw().to_vec();
    for (index, block) in Pem::iter_from_buffer(chain.as_bytes()).enumerate() {
        let invalid = || {
            Fault::MalformedCertificate(format!(
                "Unable to validate certificate chain. The certificate chain must start with the immediate signing \
                 certificate, followed by any intermediaries in order. The index within the chain of the invalid \
                 certificate is: {index}"
            ))
        };
        let block = block.map_err(|_| invalid())?;
        let certificate = parse(&block).ok_or_else(invalid)?;
        if certificate.subject().as_raw() != issuer.as_slice() {
            return Err(invalid());
        }
        issuer = certificate.issuer().as_raw().to_vec();
    }
    Ok(())
}
