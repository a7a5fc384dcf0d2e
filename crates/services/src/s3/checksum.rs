//! Checksums: the ten algorithms of S3, what a body hashes to, and how the checksums of parts become an object's.
//!
//! Source: S3 user guide, "Checking object integrity in Amazon S3".

use aws_lc_rs::digest::{Context, SHA512};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crc_fast::CrcAlgorithm;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use s3s::dto;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3Default;
use xxhash_rust::xxh64::Xxh64;

use super::fault::Fault;

/// An algorithm that S3 keeps checksums in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Md5,
    Sha1,
    Sha256,
    Sha512,
    XxHash128,
    XxHash3,
    XxHash64,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 10] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::XxHash128,
        Self::XxHash3,
        Self::XxHash64,
    ];

    /// What an object gets when nobody asks for anything else.
    pub(crate) const DEFAULT: Self = Self::Crc64Nvme;

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
            Self::XxHash128 => "XXHASH128",
            Self::XxHash3 => "XXHASH3",
            Self::XxHash64 => "XXHASH64",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.as_str().eq_ignore_ascii_case(text))
    }

    /// The header, or trailing header, that carries a value.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Md5 => "x-amz-checksum-md5",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
            Self::Sha512 => "x-amz-checksum-sha512",
            Self::XxHash128 => "x-amz-checksum-xxhash128",
            Self::XxHash3 => "x-amz-checksum-xxhash3",
            Self::XxHash64 => "x-amz-checksum-xxhash64",
        }
    }

    fn width(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme | Self::XxHash3 | Self::XxHash64 => 8,
            Self::Md5 | Self::XxHash128 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// Decodes a value of this algorithm, or `None` if it cannot be one.
    pub(crate) fn decode(self, text: &str) -> Option<Vec<u8>> {
        BASE64.decode(text).ok().filter(|bytes| bytes.len() == self.width())
    }

    fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Md5 | Self::Sha1 | Self::Sha256 | Self::Sha512 | Self::XxHash128 | Self::XxHash3 | Self::XxHash64 => {
                None
            }
        }
    }

    /// The kind that a multipart upload has when it names none, and whether it may name the given one.
    pub(crate) fn kind_of_upload(self, asked: Option<Kind>) -> Option<Kind> {
        match (self, asked) {
            (Self::Crc64Nvme, None | Some(Kind::FullObject)) => Some(Kind::FullObject),
            (Self::Crc32 | Self::Crc32c, Some(kind)) => Some(kind),
            (Self::Crc32 | Self::Crc32c, None) => Some(Kind::Composite),
            (Self::Crc64Nvme, Some(Kind::Composite)) => None,
            // The sum of the whole cannot be had from those of its parts.
            (_, None | Some(Kind::Composite)) => Some(Kind::Composite),
            (_, Some(Kind::FullObject)) => None,
        }
    }
}

/// The algorithm in whose fields those stand that s3s does not know.
pub(crate) const IN_PLACE: Algorithm = Algorithm::Sha256;

/// The refusal of an algorithm that there is not.
pub(crate) fn unsupported() -> Fault {
    let mut names = Algorithm::ALL.map(Algorithm::as_str);
    names.sort_unstable();
    Fault::invalid_request(format!(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [{}]",
        names.join(", ")
    ))
}

/// Whether a checksum is that of the bytes, or that of the checksums of the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    FullObject,
    Composite,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::FullObject => dto::ChecksumType::FULL_OBJECT,
            Self::Composite => dto::ChecksumType::COMPOSITE,
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::FullObject, Self::Composite].into_iter().find(|k| k.as_str() == text)
    }

    pub(crate) fn dto(self) -> dto::ChecksumType {
        dto::ChecksumType::from_static(self.as_str())
    }
}

/// The checksum of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) kind: Kind,
    /// Base64; a composite one ends in `-` and the number of parts.
    pub(crate) value: String,
}

impl Checksum {
    pub(crate) fn full(algorithm: Algorithm, bytes: &[u8]) -> Self {
        Self { algorithm, kind: Kind::FullObject, value: BASE64.encode(bytes) }
    }

    pub(crate) fn dto(&self) -> dto::Checksum {
        let mut all = value_dto(self.algorithm, self.value.clone());
        all.checksum_type = Some(self.kind.dto());
        all
    }
}

/// A value in the one field of its algorithm. Those that s3s does not know stand in the field of [`IN_PLACE`], and
/// [`Spelling`](super::answer::Spelling) sets the name right.
pub(crate) fn value_dto(algorithm: Algorithm, value: String) -> dto::Checksum {
    let mut all = dto::Checksum::default();
    let field = match algorithm {
        Algorithm::Crc32 => &mut all.checksum_crc32,
        Algorithm::Crc32c => &mut all.checksum_crc32c,
        Algorithm::Crc64Nvme => &mut all.checksum_crc64nvme,
        Algorithm::Sha1 => &mut all.checksum_sha1,
        Algorithm::Sha256
        | Algorithm::Md5
        | Algorithm::Sha512
        | Algorithm::XxHash128
        | Algorithm::XxHash3
        | Algorithm::XxHash64 => &mut all.checksum_sha256,
    };
    *field = Some(value);
    all
}

/// The ETag and the checksum of an object that is made of parts.
#[derive(Debug)]
pub(crate) struct OfParts {
    pub(crate) etag: String,
    pub(crate) checksum: Option<Checksum>,
}

/// One part: its size, its MD5, and its checksum in the upload's algorithm.
pub(crate) struct PartSum<'a> {
    pub(crate) size: u64,
    pub(crate) md5: &'a str,
    pub(crate) checksum: &'a str,
}

/// Combines the sums of parts, in the order of the parts.
pub(crate) fn combine(algorithm: Algorithm, kind: Kind, parts: &[PartSum<'_>]) -> OfParts {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(&hex::decode(part.md5).unwrap_or_default());
    }
    let etag = format!("{}-{}", hex::encode(md5.finalize()), parts.len());
    let checksum = match (kind, algorithm.crc()) {
        (Kind::FullObject, Some(crc)) => combine_crc(algorithm, crc, parts),
        _ => combine_composite(algorithm, parts),
    };
    OfParts { etag, checksum }
}

fn combine_crc(algorithm: Algorithm, crc: CrcAlgorithm, parts: &[PartSum<'_>]) -> Option<Checksum> {
    let mut whole: Option<u64> = None;
    for part in parts {
        let bytes = algorithm.decode(part.checksum)?;
        let value = bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        whole = Some(match whole {
            None => value,
            Some(before) => crc_fast::checksum_combine(crc, before, value, part.size),
        });
    }
    let bytes = whole?.to_be_bytes();
    let (_, tail) = bytes.split_at_checked(bytes.len().checked_sub(algorithm.width())?)?;
    Some(Checksum::full(algorithm, tail))
}

fn combine_composite(algorithm: Algorithm, parts: &[PartSum<'_>]) -> Option<Checksum> {
    let mut hasher = Hasher::new(algorithm);
    for part in parts {
        hasher.update(&algorithm.decode(part.checksum)?);
    }
    let value = format!("{}-{}", BASE64.encode(hasher.finish()), parts.len());
    Some(Checksum { algorithm, kind: Kind::Composite, value })
}

enum Hasher {
    Crc32(Crc32),
    Crc32c(Crc32c),
    Crc64Nvme(Crc64Nvme),
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Context),
    XxHash128(Box<Xxh3Default>),
    XxHash3(Box<Xxh3Default>),
    XxHash64(Xxh64),
}

impl Hasher {
    fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Crc32 => Self::Crc32(Crc32::new()),
            Algorithm::Crc32c => Self::Crc32c(Crc32c::new()),
            Algorithm::Crc64Nvme => Self::Crc64Nvme(Crc64Nvme::new()),
            Algorithm::Md5 => Self::Md5(Md5::new()),
            Algorithm::Sha1 => Self::Sha1(Sha1::new()),
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha512 => Self::Sha512(Context::new(&SHA512)),
            Algorithm::XxHash128 => Self::XxHash128(Box::default()),
            Algorithm::XxHash3 => Self::XxHash3(Box::default()),
            Algorithm::XxHash64 => Self::XxHash64(Xxh64::new(0)),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc32(h) => h.update(bytes),
            Self::Crc32c(h) => h.update(bytes),
            Self::Crc64Nvme(h) => h.update(bytes),
            Self::Md5(h) => h.update(bytes),
            Self::Sha1(h) => h.update(bytes),
            Self::Sha256(h) => h.update(bytes),
            Self::Sha512(h) => h.update(bytes),
            Self::XxHash128(h) | Self::XxHash3(h) => h.update(bytes),
            Self::XxHash64(h) => h.update(bytes),
        }
    }

    /// The sum; that of XXHash in its canonical form, whose first byte is the highest.
    fn finish(self) -> Vec<u8> {
        match self {
            Self::Crc32(h) => h.finalize().to_vec(),
            Self::Crc32c(h) => h.finalize().to_vec(),
            Self::Crc64Nvme(h) => h.finalize().to_vec(),
            Self::Md5(h) => h.finalize().to_vec(),
            Self::Sha1(h) => h.finalize().to_vec(),
            Self::Sha256(h) => h.finalize().to_vec(),
            Self::Sha512(h) => h.finish().as_ref().to_vec(),
            Self::XxHash128(h) => h.digest128().to_be_bytes().to_vec(),
            Self::XxHash3(h) => h.digest().to_be_bytes().to_vec(),
            Self::XxHash64(h) => h.digest().to_be_bytes().to_vec(),
        }
    }
}

/// What is computed of a body while it passes: its size, its MD5, and checksums in the algorithms that are wanted.
pub(crate) struct Digest {
    size: u64,
    md5: Md5,
    hashers: Vec<(Algorithm, Hasher)>,
}

impl Digest {
    pub(crate) fn new(algorithms: &[Algorithm]) -> Self {
        let mut hashers: Vec<(Algorithm, Hasher)> = Vec::with_capacity(algorithms.len());
        for algorithm in algorithms {
            if hashers.iter().all(|(known, _)| known != algorithm) {
                hashers.push((*algorithm, Hasher::new(*algorithm)));
            }
        }
        Self { size: 0, md5: Md5::new(), hashers }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.md5.update(bytes);
        for (_, hasher) in &mut self.hashers {
            hasher.update(bytes);
        }
    }

    pub(crate) fn finish(self) -> Digested {
        Digested {
            size: self.size,
            md5: self.md5.finalize(),
            checksums: self.hashers.into_iter().map(|(algorithm, h)| (algorithm, h.finish())).collect(),
        }
    }
}

/// What a body hashed to.
#[derive(Clone, Debug)]
pub(crate) struct Digested {
    pub(crate) size: u64,
    pub(crate) md5: [u8; 16],
    checksums: Vec<(Algorithm, Vec<u8>)>,
}

impl Digested {
    pub(crate) fn etag(&self) -> String {
        hex::encode(self.md5)
    }

    /// The checksum in one of the algorithms that were wanted.
    pub(crate) fn checksum(&self, algorithm: Algorithm) -> Option<&[u8]> {
        self.checksums.iter().find(|(known, _)| *known == algorithm).map(|(_, bytes)| bytes.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(algorithm: Algorithm, bytes: &[u8]) -> (String, String) {
        let mut digest = Digest::new(&[algorithm]);
        digest.update(bytes);
        let digested = digest.finish();
        (digested.etag(), BASE64.encode(digested.checksum(algorithm).unwrap()))
    }

    #[test]
    fn full_object_checksums_of_parts_equal_those_of_the_bytes() {
        let (a, b, c) = (vec![1_u8; 5000], b"middle".to_vec(), vec![7_u8; 123]);
        let whole = [a.as_slice(), &b, &c].concat();
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let sums: Vec<_> = [&a, &b, &c].iter().map(|p| (p.len() as u64, of(algorithm, p))).collect();
            let parts: Vec<_> =
                sums.iter().map(|(size, (md5, sum))| PartSum { size: *size, md5, checksum: sum }).collect();
            let combined = combine(algorithm, Kind::FullObject, &parts);
            assert_eq!(combined.checksum.unwrap().value, of(algorithm, &whole).1, "{algorithm:?}");
        }
    }

    #[test]
    fn the_checksums_of_the_digits_are_the_published_ones() {
        assert_eq!(of(Algorithm::Crc32, b"123456789").1, BASE64.encode(0xcbf4_3926_u32.to_be_bytes()));
        assert_eq!(of(Algorithm::Crc32c, b"123456789").1, BASE64.encode(0xe306_9283_u32.to_be_bytes()));
        assert_eq!(of(Algorithm::Crc64Nvme, b"123456789").1, BASE64.encode(0xae8b_1486_0a79_9888_u64.to_be_bytes()));
    }

    #[test]
    fn the_newer_algorithms_give_the_published_sums() {
        // Of the digits by the command line tools of coreutils and xxHash.
        for (algorithm, sum) in [
            (Algorithm::Md5, "25f9e794323b453885f5181f1b624d0b"),
            (Algorithm::XxHash64, "8cb841db40e6ae83"),
            (
                Algorithm::Sha512,
                "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274ad27fcd5811b313d681f7e55ec02d73d499c95455\
                 b6b5bb503acf574fba8ffe85",
            ),
        ] {
            assert_eq!(of(algorithm, b"123456789").1, BASE64.encode(hex::decode(sum).unwrap()), "{algorithm:?}");
        }
        // Of no byte.
        for (algorithm, sum) in
            [(Algorithm::XxHash3, "2d06800538d394c2"), (Algorithm::XxHash128, "99aa06d3014798d86001c324468d497f")]
        {
            assert_eq!(of(algorithm, b"").1, BASE64.encode(hex::decode(sum).unwrap()), "{algorithm:?}");
        }
    }

    #[test]
    fn what_a_digest_is_fed_in_pieces_has_the_sum_of_the_whole() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        for algorithm in Algorithm::ALL {
            let mut digest = Digest::new(&[algorithm]);
            bytes.chunks(977).for_each(|chunk| digest.update(chunk));
            let sum = BASE64.encode(digest.finish().checksum(algorithm).unwrap());
            assert_eq!(sum, of(algorithm, &bytes).1, "{algorithm:?}");
            assert_eq!(algorithm.decode(&sum).unwrap().len(), algorithm.width());
        }
    }
}
