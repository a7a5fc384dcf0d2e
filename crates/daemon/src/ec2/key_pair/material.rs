//! The keys of key pairs: how they are made, read and told apart.
//!
//! Source: EC2 user guide, "Verify the fingerprint of your key pair", "Import a public key"; RFC 4253, 6.6; RFC 8709;
//! RFC 8017, A.1; PROTOCOL.key of OpenSSH.

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsBigEndian as _, AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use sidegate_model::KeyType;

/// The bits that an RSA key can have.
///
/// Source: EC2 API reference, `ImportKeyPair`.
const RSA_BITS: [usize; 3] = [1024, 2048, 4096];

/// The object identifier of RSA with its parameters, which are null.
const RSA_ALGORITHM: &[u8] = &[0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PublicKey {
    /// The modulus and the exponent, as positive two's complement, big-endian.
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    /// The 32 bytes.
    Ed25519(Vec<u8>),
}

/// A key that was made.
pub(super) struct Generated {
    pub(super) public: PublicKey,
    pub(super) fingerprint: String,
    /// The private key, in the form in which it is handed out.
    pub(super) private: String,
}

/// Makes a key. `None` if there is no randomness for it.
pub(super) fn generate(kind: KeyType) -> Option<Generated> {
    match kind {
        KeyType::Rsa => rsa(),
        KeyType::Ed25519 => ed25519(),
    }
}

/// The fingerprint of an RSA key that AWS made is that of the private key, in PKCS #8.
fn rsa() -> Option<Generated> {
    let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).ok()?;
    let pkcs8: Pkcs8V1Der<'_> = pair.as_der().ok()?;
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, pkcs8.as_ref());
    let (outer, _) = der::element(pkcs8.as_ref())?;
    let (_version, rest) = der::element(outer)?;
    let (_algorithm, rest) = der::element(rest)?;
    let (pkcs1, _) = der::element(rest)?;
    let (numbers, _) = der::element(pkcs1)?;
    let (_version, rest) = der::element(numbers)?;
    let (modulus, rest) = der::element(rest)?;
    let (exponent, _) = der::element(rest)?;
    Some(Generated {
        public: PublicKey::Rsa { modulus: modulus.to_vec(), exponent: exponent.to_vec() },
        fingerprint: pairs(digest.as_ref()),
        private: pem("RSA PRIVATE KEY", pkcs1, 64),
    })
}

fn ed25519() -> Option<Generated> {
    let pair = Ed25519KeyPair::generate().ok()?;
    let seed = pair.seed().ok()?.as_be_bytes().ok()?;
    let public = PublicKey::Ed25519(pair.public_key().as_ref().to_vec());
    let mut check = [0; 4];
    aws_lc_rs::rand::fill(&mut check).ok()?;
    let both = [seed.as_ref(), pair.public_key().as_ref()].concat();
    let mut secret = [check, check].concat();
    for part in [b"ssh-ed25519".as_slice(), pair.public_key().as_ref(), &both, b""] {
        secret.extend(ssh::string(part));
    }
    // Padded to blocks of eight bytes with 1, 2, 3 …
    secret.extend((1..).take(secret.len().next_multiple_of(8) - secret.len()));
    let mut all = b"openssh-key-v1\0".to_vec();
    for part in [b"none".as_slice(), b"none", b""] {
        all.extend(ssh::string(part));
    }
    all.extend(1_u32.to_be_bytes());
    all.extend(ssh::string(&public.blob()));
    all.extend(ssh::string(&secret));
    Some(Generated { fingerprint: public.fingerprint(), public, private: pem("OPENSSH PRIVATE KEY", &all, 70) })
}

fn pem(label: &str, bytes: &[u8], width: usize) -> String {
    let text = STANDARD.encode(bytes);
    let lines: Vec<&str> = text.as_bytes().chunks(width).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", lines.join("\n"))
}

/// Bytes as pairs of hexadecimal digits.
fn pairs(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

impl PublicKey {
    /// Reads a key in one of the forms that can be imported: OpenSSH's, SSH's of RFC 4716, and DER in base64 or as it
    /// is.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let Ok(text) = std::str::from_utf8(bytes) else { return Self::of_der(bytes) };
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.next()?;
        if first.starts_with("---- BEGIN SSH2 PUBLIC KEY") {
            let mut body = String::new();
            let mut continued = false;
            for line in lines.take_while(|line| !line.starts_with("---- END")) {
                if continued || line.contains(':') {
                    continued = line.ends_with('\\');
                } else {
                    body.push_str(line);
                }
            }
            return Self::of_blob(&STANDARD.decode(body).ok()?);
        }
        let mut words = first.split_ascii_whitespace();
        match words.next()? {
            name @ ("ssh-rsa" | "ssh-ed25519") => {
                let key = Self::of_blob(&STANDARD.decode(words.next()?).ok()?)?;
                (key.name() == name).then_some(key)
            }
            _ => {
                let body: String = text.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
                Self::of_der(&STANDARD.decode(body).ok()?)
            }
        }
    }

    /// Reads the form that SSH sends.
    fn of_blob(blob: &[u8]) -> Option<Self> {
        let (name, rest) = ssh::read(blob)?;
        let key = match name {
            b"ssh-rsa" => {
                let (exponent, rest) = ssh::read(rest)?;
                let (modulus, rest) = ssh::read(rest)?;
                rest.is_empty().then(|| Self::Rsa { modulus: modulus.to_vec(), exponent: exponent.to_vec() })?
            }
            b"ssh-ed25519" => {
                let (bytes, rest) = ssh::read(rest)?;
                (rest.is_empty() && bytes.len() == 32).then(|| Self::Ed25519(bytes.to_vec()))?
            }
            _ => return None,
        };
        key.is_usable().then_some(key)
    }

    /// Reads a SubjectPublicKeyInfo of RSA.
    fn of_der(der: &[u8]) -> Option<Self> {
        let (outer, rest) = der::element(der)?;
        let key = outer.strip_prefix(RSA_ALGORITHM).filter(|_| rest.is_empty())?;
        let (bits, _) = der::element(key)?;
        let (numbers, _) = der::element(bits.strip_prefix(&[0])?)?;
        let (modulus, rest) = der::element(numbers)?;
        let (exponent, _) = der::element(rest)?;
        let key = Self::Rsa { modulus: modulus.to_vec(), exponent: exponent.to_vec() };
        key.is_usable().then_some(key)
    }

    fn is_usable(&self) -> bool {
        match self {
            Self::Ed25519(_) => true,
            Self::Rsa { modulus, exponent } => {
                let digits: Vec<u8> = modulus.iter().copied().skip_while(|byte| *byte == 0).collect();
                let leading = digits.first().map_or(0, |byte| byte.leading_zeros());
                let bits = digits.len() * 8 - usize::try_from(leading).unwrap_or_default();
                RSA_BITS.contains(&bits) && !exponent.is_empty()
            }
        }
    }

    /// The kind of key.
    pub(super) fn kind(&self) -> KeyType {
        match self {
            Self::Rsa { .. } => KeyType::Rsa,
            Self::Ed25519(_) => KeyType::Ed25519,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Rsa { .. } => "ssh-rsa",
            Self::Ed25519(_) => "ssh-ed25519",
        }
    }

    /// The form that SSH sends.
    fn blob(&self) -> Vec<u8> {
        let mut blob = ssh::string(self.name().as_bytes());
        match self {
            Self::Rsa { modulus, exponent } => {
                blob.extend(ssh::string(exponent));
                blob.extend(ssh::string(modulus));
            }
            Self::Ed25519(bytes) => blob.extend(ssh::string(bytes)),
        }
        blob
    }

    /// A line of OpenSSH's `authorized_keys`.
    pub(super) fn open_ssh(&self, comment: &str) -> String {
        format!("{} {} {comment}", self.name(), STANDARD.encode(self.blob()))
    }

    /// The fingerprint that the key has when it is imported; for Ed25519, when AWS made it too.
    pub(super) fn fingerprint(&self) -> String {
        match self {
            Self::Rsa { modulus, exponent } => {
                let numbers = der::sequence(&[der::integer(modulus), der::integer(exponent)].concat());
                let bits = der::bits(&numbers);
                pairs(&Md5::digest(der::sequence(&[RSA_ALGORITHM, &bits].concat())))
            }
            Self::Ed25519(_) => STANDARD.encode(digest::digest(&digest::SHA256, &self.blob())),
        }
    }
}

/// As much of ITU-T X.690 as keys need.
mod der {
    /// The contents of the first element, and what follows it.
    pub(super) fn element(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
        let (&length, rest) = bytes.get(1..)?.split_first()?;
        if length < 0x80 {
            return rest.split_at_checked(length.into());
        }
        let (length, rest) = rest.split_at_checked(usize::from(length & 0x7f)).filter(|(l, _)| l.len() <= 4)?;
        let length = length.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        rest.split_at_checked(length)
    }

    fn tagged(tag: u8, contents: &[u8]) -> Vec<u8> {
        let length = contents.len().to_be_bytes();
        let mut short: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
        if contents.len() >= 0x80 {
            short.insert(0, 0x80 | u8::try_from(short.len()).unwrap_or_default());
        } else if short.is_empty() {
            short.push(0);
        }
        [&[tag], short.as_slice(), contents].concat()
    }

    pub(super) fn sequence(contents: &[u8]) -> Vec<u8> {
        tagged(0x30, contents)
    }

    pub(super) fn integer(contents: &[u8]) -> Vec<u8> {
        tagged(2, contents)
    }

    /// Whole bytes.
    pub(super) fn bits(contents: &[u8]) -> Vec<u8> {
        tagged(3, &[&[0], contents].concat())
    }
}

/// As much of RFC 4251, 5 as keys need.
mod ssh {
    pub(super) fn string(bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).unwrap_or_default();
        [&length.to_be_bytes(), bytes].concat()
    }

    /// The first string, and what follows it.
    pub(super) fn read(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
        let (length, rest) = bytes.split_first_chunk()?;
        rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_made_reads_back_from_each_form() {
        for kind in [KeyType::Rsa, KeyType::Ed25519] {
            let made = generate(kind).unwrap();
            let line = made.public.open_ssh("someone@somewhere");
            assert_eq!(PublicKey::parse(line.as_bytes()), Some(made.public.clone()));
            let blob = STANDARD.encode(made.public.blob());
            let rfc4716 = format!(
                "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"two \\\nlines\"\n{}\n---- END SSH2 PUBLIC KEY ----\n",
                blob.as_bytes().chunks(70).map(|l| std::str::from_utf8(l).unwrap()).collect::<Vec<_>>().join("\n")
            );
            assert_eq!(PublicKey::parse(rfc4716.as_bytes()), Some(made.public));
        }
        assert_eq!(PublicKey::parse(b"ssh-dss AAAAB3NzaC1kc3M= me"), None);
    }

    #[test]
    fn openssh_reads_the_private_keys_and_agrees_on_the_public_ones() {
        for kind in [KeyType::Rsa, KeyType::Ed25519] {
            let made = generate(kind).unwrap();
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), format!("{}\n", made.private)).unwrap();
            let read = std::process::Command::new("ssh-keygen").arg("-y").arg("-f").arg(file.path()).output();
            let Ok(read) = read else { return };
            assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
            let line = made.public.open_ssh("");
            assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), line.trim());
        }
    }
}
