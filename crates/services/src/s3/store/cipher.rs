//! The form of a file whose bytes are encrypted: a salt, then segments of 64 KiB, each sealed by itself with AES-256-GCM, so
//! that a range is read without what stands before it. The key of a file is derived from the data key and the salt; the nonce
//! of a segment is its number and whether it is the last, so that segments cannot be moved, left out or cut off.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use bytes::Bytes;

/// The bytes of a segment, in the clear.
pub(crate) const SEGMENT: usize = 64 * 1024;

/// What sealing adds to a segment.
const TAG: usize = 16;

/// The length of the salt at the start of a file.
const SALT: usize = 16;

/// How much is gathered before it is written.
const FLUSH: usize = 16 * (SEGMENT + TAG);

/// The key that all files of an object are encrypted under. It is kept nowhere in the clear.
#[derive(Clone)]
pub(crate) struct DataKey([u8; 32]);

impl DataKey {
    /// A new key.
    pub(crate) fn random() -> io::Result<Self> {
        let mut key = [0; 32];
        aws_lc_rs::rand::fill(&mut key).map_err(|_| io::Error::other("the system has no randomness"))?;
        Ok(Self(key))
    }

    /// A key that was kept encrypted; `None` if it has another length.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// A key derived from this one: for a file of this salt, or to tell keys apart.
    pub(crate) fn derived(&self, salt: &[u8], purpose: &[u8]) -> io::Result<[u8; 32]> {
        let failed = |_| io::Error::other("cannot derive a key");
        let mut key = [0; 32];
        let secret = Salt::new(HKDF_SHA256, salt).extract(&self.0);
        let purpose = [purpose];
        secret.expand(&purpose, HKDF_SHA256).and_then(|okm| okm.fill(&mut key)).map_err(failed)?;
        Ok(key)
    }

    /// Its bytes, to be encrypted.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey(..)")
    }
}

/// The key of one file.
struct FileKey(LessSafeKey);

impl FileKey {
    fn of(key: &DataKey, salt: &[u8]) -> io::Result<Self> {
        let key = key.derived(salt, b"a file of an object")?;
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| io::Error::other("cannot make a key"))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// The nonce of a segment. No two segments of a file have the same, and no two files the same key.
    fn nonce(number: u64, is_last: bool) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        for (to, from) in nonce.iter_mut().zip(number.to_be_bytes().into_iter().chain([u8::from(is_last)])) {
            *to = from;
        }
        Nonce::assume_unique_for_key(nonce)
    }

    fn seal(&self, number: u64, is_last: bool, plain: &mut [u8]) -> io::Result<[u8; TAG]> {
        let sealed = self.0.seal_in_place_separate_tag(Self::nonce(number, is_last), Aad::empty(), plain);
        let sealed = sealed.map_err(|_| io::Error::other("cannot encrypt"))?;
        sealed.as_ref().try_into().map_err(|_| io::Error::other("cannot encrypt"))
    }

    fn open(&self, number: u64, is_last: bool, sealed: &mut [u8]) -> io::Result<()> {
        let opened = self.0.open_in_place(Self::nonce(number, is_last), Aad::empty(), sealed);
        opened
            .map(drop)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the bytes are not those that were written"))
    }
}

/// Writes a file, encrypted or, without a key, as it is.
pub(crate) struct Sealing {
    file: File,
    segments: Option<Segments>,
}

/// The segments that are being sealed.
struct Segments {
    key: FileKey,
    number: u64,
    /// Sealed segments, and one that is not full.
    out: Vec<u8>,
    /// How many bytes that one has.
    open: usize,
}

impl Sealing {
    /// Begins an empty file.
    pub(crate) fn begin(mut file: File, key: Option<&DataKey>) -> io::Result<Self> {
        let segments = match key {
            None => None,
            Some(key) => {
                let mut salt = [0; SALT];
                aws_lc_rs::rand::fill(&mut salt).map_err(|_| io::Error::other("the system has no randomness"))?;
                file.write_all(&salt)?;
                Some(Segments { key: FileKey::of(key, &salt)?, number: 0, out: Vec::new(), open: 0 })
            }
        };
        Ok(Self { file, segments })
    }

    /// Adds bytes.
    pub(crate) fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let Some(segments) = &mut self.segments else { return self.file.write_all(bytes) };
        while !bytes.is_empty() {
            if segments.open == SEGMENT {
                // More follows, so it is not the last.
                segments.close(false)?;
                if segments.out.len() >= FLUSH {
                    self.file.write_all(&segments.out)?;
                    segments.out.clear();
                }
            }
            let (now, later) = bytes.split_at(bytes.len().min(SEGMENT - segments.open));
            if segments.out.capacity() == 0 {
                segments.out.reserve_exact((now.len() + TAG).max(if later.is_empty() { 0 } else { FLUSH }));
            }
            segments.out.extend_from_slice(now);
            segments.open += now.len();
            bytes = later;
        }
        Ok(())
    }

    /// Writes what is left, and gives the file back.
    pub(crate) fn finish(mut self) -> io::Result<File> {
        if let Some(mut segments) = self.segments.take() {
            segments.close(true)?;
            self.file.write_all(&segments.out)?;
        }
        Ok(self.file)
    }
}

impl Segments {
    fn close(&mut self, is_last: bool) -> io::Result<()> {
        let start = self.out.len() - self.open;
        let plain = self.out.get_mut(start..).unwrap_or_default();
        let tag = self.key.seal(self.number, is_last, plain)?;
        self.out.extend_from_slice(&tag);
        self.number += 1;
        self.open = 0;
        Ok(())
    }
}

/// A file that is read, encrypted or not.
pub(crate) struct Opened {
    file: File,
    /// How many bytes it has in the clear.
    size: u64,
    key: Option<FileKey>,
}

impl Opened {
    /// Opens a file that has this many bytes in the clear.
    pub(crate) fn open(path: &Path, size: u64, key: Option<&DataKey>) -> io::Result<Self> {
        let file = File::open(path)?;
        let key = match key {
            None => None,
            Some(key) => {
                let mut salt = [0; SALT];
                file.read_exact_at(&mut salt, 0)?;
                Some(FileKey::of(key, &salt)?)
            }
        };
        Ok(Self { file, size, key })
    }

    /// Reads a range of the bytes in the clear, which may come in several pieces.
    pub(crate) fn read(&self, start: u64, length: usize, mut take: impl FnMut(Bytes)) -> io::Result<()> {
        let Some(key) = &self.key else {
            let mut bytes = vec![0; length];
            self.file.read_exact_at(&mut bytes, start)?;
            take(bytes.into());
            return Ok(());
        };
        let end = start + length as u64;
        let (segment, sealed) = (SEGMENT as u64, (SEGMENT + TAG) as u64);
        let (first, last) = (start / segment, end.saturating_sub(1).max(start) / segment);
        let number_of_last = self.size.saturating_sub(1) / segment;
        let last_length = self.size - number_of_last * segment + TAG as u64;
        let length = (last - first) * sealed + if last == number_of_last { last_length } else { sealed };
        let mut buffer = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.file.read_exact_at(&mut buffer, SALT as u64 + first * sealed)?;
        let mut numbers = first..;
        for (part, number) in buffer.chunks_mut(SEGMENT + TAG).zip(&mut numbers) {
            key.open(number, number == number_of_last, part)?;
        }
        let buffer = Bytes::from(buffer);
        for number in first..=last {
            let base = usize::try_from((number - first) * sealed).map_err(io::Error::other)?;
            let within = |at: u64| usize::try_from(at.saturating_sub(number * segment).min(segment)).unwrap_or(SEGMENT);
            take(buffer.slice(base + within(start)..base + within(end)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(dir: &Path, parts: &[&[u8]], key: Option<&DataKey>) -> std::path::PathBuf {
        let path = dir.join("file");
        let mut sealing = Sealing::begin(File::create(&path).unwrap(), key).unwrap();
        for part in parts {
            sealing.write(part).unwrap();
        }
        drop(sealing.finish().unwrap());
        path
    }

    fn read(path: &Path, size: usize, key: Option<&DataKey>, range: std::ops::Range<usize>) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        let opened = Opened::open(path, size as u64, key)?;
        opened.read(range.start as u64, range.len(), |bytes| all.extend_from_slice(&bytes))?;
        Ok(all)
    }

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|i| (i * 31 % 251) as u8).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_range_of_what_was_written_is_read(
            length in prop_oneof![0..10_usize, SEGMENT - 2..SEGMENT + 3, 2 * SEGMENT - 1..2 * SEGMENT + 2, 1..400_000_usize],
            cut in 0.0..1.0_f64, from in 0.0..1.0_f64, to in 0.0..1.0_f64, encrypted in any::<bool>(),
        ) {
            let dir = tempfile::tempdir().unwrap();
            let key = encrypted.then(|| DataKey::random().unwrap());
            let plain = bytes(length);
            let at = |part: f64| (length as f64 * part) as usize;
            let (one, other) = plain.split_at(at(cut));
            let path = written(dir.path(), &[one, other], key.as_ref());
            let range = at(from.min(to))..at(from.max(to));
            prop_assert_eq!(read(&path, length, key.as_ref(), range.clone()).unwrap(), plain[range].to_vec());
            prop_assert_eq!(read(&path, length, key.as_ref(), 0..length).unwrap(), plain);
        }
    }

    #[test]
    fn no_byte_can_be_changed_and_no_segment_moved_or_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let key = DataKey::random().unwrap();
        let plain = bytes(2 * SEGMENT + 5);
        let path = written(dir.path(), &[&plain], Some(&key));
        let good = std::fs::read(&path).unwrap();
        assert!(!good.windows(64).any(|window| plain.windows(64).next() == Some(window)));
        let refused = |bytes: &[u8], size: usize| {
            std::fs::write(&path, bytes).unwrap();
            read(&path, size, Some(&key), 0..size).is_err()
        };
        for at in [0, 15, 16, 100, SALT + SEGMENT, SALT + SEGMENT + TAG + 1, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(refused(&bad, plain.len()), "{at}");
        }
        let sealed = SEGMENT + TAG;
        let mut swapped = good.clone();
        let (one, two) = swapped[SALT..].split_at_mut(sealed);
        one.swap_with_slice(&mut two[..sealed]);
        assert!(refused(&swapped, plain.len()));
        assert!(refused(&good[..SALT + 2 * sealed], 2 * SEGMENT));
        assert!(!refused(&good, plain.len()));
        assert!(read(&path, plain.len(), Some(&DataKey::random().unwrap()), 0..1).is_err());
    }
}
