//! The documents: those of `examples/document-qa`, or the text files of a directory.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use super::DemoError;

/// The directory whose documents are encrypted.
const CONFIDENTIAL: &str = "confidential/";

/// What the function reads: the endings of names, the most bytes of an object, and the most objects.
///
/// Source: `READ`, `LARGEST` and `MOST` in `examples/document-qa/function/library.py`.
const READ: [&str; 2] = [".md", ".txt"];
const LARGEST: u64 = 1_000_000;
const MOST: usize = 1_000;

/// The most bytes of a confidential document. Encrypted and in base64 it is an object a half larger.
const LARGEST_CONFIDENTIAL: u64 = 600_000;

/// The most bytes of all documents together: the function keeps them in its memory.
const LARGEST_OF_ALL: u64 = 64_000_000;

/// The most bytes of all confidential documents together. Each 4,096 are a call of KMS, and the daemon remembers 4,096
/// requests, of which those of a question must all be.
const MOST_CONFIDENTIAL: u64 = 4_000_000;

/// The directories of the example: each file with its name.
macro_rules! shipped {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../../../examples/document-qa/documents/", $name)))),*]
    };
}

/// The documents that come with Sidegate.
const SHIPPED: [(&str, &str); 40] = shipped! {
    "01-what-a-vpc-is.md"
    "02-subnets-and-addresses.md"
    "03-route-tables-and-longest-prefix.md"
    "04-gateway-endpoints.md"
    "05-interface-endpoints.md"
    "06-private-dns.md"
    "07-security-groups.md"
    "08-network-acls.md"
    "09-endpoint-policies.md"
    "10-costs-of-endpoints-and-nat.md"
    "11-diagnosing-a-path.md"
    "12-designing-a-private-document-qa-system.md"
    "13-which-endpoint-for-which-service.md"
    "14-bedrock-over-privatelink.md"
    "15-s3-over-both-types.md"
    "16-dynamodb-over-both-types.md"
    "17-bucket-policies-and-source-vpce.md"
    "18-key-policies-and-kms.md"
    "19-secrets-manager-in-a-private-network.md"
    "20-cloudwatch-logs-in-a-private-network.md"
    "21-lambda-in-a-vpc.md"
    "22-zones-and-cross-zone-traffic.md"
    "23-central-hub-or-one-set-per-vpc.md"
    "24-access-from-on-premises.md"
    "25-data-perimeters.md"
    "26-isolation.md"
    "27-tls-and-host-names.md"
    "28-flow-logs.md"
    "29-quotas-and-limits.md"
    "30-several-regions.md"
    "31-failures-and-what-they-look-like.md"
    "32-checklist-for-a-private-vpc.md"
    "33-glossary.md"
    "34-the-resolver-of-a-vpc.md"
    "confidential/merger-plan.md"
    "handbook/access-to-the-document-assistant.md"
    "handbook/data-retention-rules.md"
    "handbook/incident-runbook.md"
    "handbook/on-call-rota.md"
    "handbook/travel-rules.md"
};

/// Documents by their names: paths with `/`, as objects have them.
pub(super) struct Documents {
    texts: BTreeMap<String, Cow<'static, [u8]>>,
    left_out: LeftOut,
}

/// How many files are left out, by the reason.
#[derive(Debug, Default, PartialEq, Eq)]
struct LeftOut {
    others: usize,
    hidden: usize,
    links: usize,
    empty: usize,
    unreadable: usize,
    large: usize,
    beyond: usize,
}

impl Documents {
    /// Those that come with Sidegate.
    pub(super) fn shipped() -> Self {
        let texts = SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), Cow::Borrowed(text.as_bytes())));
        Self { texts: texts.collect(), left_out: LeftOut::default() }
    }

    /// Those of a directory: its `.md` and `.txt` files at any depth, but for what begins with a dot.
    ///
    /// # Errors
    /// If the directory cannot be read, or has none.
    pub(super) fn of(directory: &Path) -> Result<Self, DemoError> {
        let unreadable = |path: &Path, reason: io::Error| DemoError::Documents {
            path: path.to_owned(),
            reason: format!("it cannot be read ({reason}); name a directory of .md or .txt files"),
        };
        let mut found = Self { texts: BTreeMap::new(), left_out: LeftOut::default() };
        let (mut room, mut confidential_room) = (LARGEST_OF_ALL, MOST_CONFIDENTIAL);
        let mut waiting = vec![directory.to_owned()];
        while let Some(place) = waiting.pop() {
            let entries = fs::read_dir(&place).and_then(Iterator::collect::<io::Result<Vec<_>>>);
            let mut entries = entries.map_err(|reason| unreadable(&place, reason))?;
            entries.sort_by_key(fs::DirEntry::file_name);
            for entry in entries {
                let path = entry.path();
                if entry.file_name().as_encoded_bytes().starts_with(b".") {
                    found.left_out.hidden += 1;
                    continue;
                }
                let kind = entry.file_type().map_err(|reason| unreadable(&path, reason))?;
                if kind.is_dir() {
                    waiting.push(path);
                    continue;
                }
                if !kind.is_file() {
                    found.left_out.links += 1;
                    continue;
                }
                let Some(name) = name(directory, &path) else {
                    found.left_out.others += 1;
                    continue;
                };
                let size = entry.metadata().map_err(|reason| unreadable(&path, reason))?.len();
                let is_confidential = name.starts_with(CONFIDENTIAL);
                let largest = if is_confidential { LARGEST_CONFIDENTIAL } else { LARGEST };
                let left = if is_confidential { room.min(confidential_room) } else { room };
                match size {
                    0 => found.left_out.empty += 1,
                    size if size > largest => found.left_out.large += 1,
                    size if size > left || found.texts.len() >= MOST => found.left_out.beyond += 1,
                    size => {
                        let text = fs::read(&path).map_err(|reason| unreadable(&path, reason))?;
                        if std::str::from_utf8(&text).is_err() {
                            found.left_out.unreadable += 1;
                            continue;
                        }
                        found.texts.insert(name, text.into());
                        room -= size;
                        confidential_room -= if is_confidential { size } else { 0 };
                    }
                }
            }
        }
        if found.texts.is_empty() {
            let why = found.left_out().map(|why| format!(" ({why})")).unwrap_or_default();
            let reason =
                format!("it has no .md or .txt file that could be a document{why}; name a directory that has one");
            return Err(DemoError::Documents { path: directory.to_owned(), reason });
        }
        Ok(found)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether some are to be encrypted.
    pub(super) fn has_confidential(&self) -> bool {
        self.texts.keys().any(|name| name.starts_with(CONFIDENTIAL))
    }

    /// The bytes of all.
    pub(super) fn bytes(&self) -> usize {
        self.texts.values().map(|text| text.len()).sum()
    }

    /// Each with its name.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.texts.iter().map(|(name, text)| (name.as_str(), &text[..]))
    }

    /// What of the directory is left out and why, if anything is.
    pub(super) fn left_out(&self) -> Option<String> {
        let LeftOut { others, hidden, links, empty, unreadable, large, beyond } = self.left_out;
        let reasons = [
            (others, "neither .md nor .txt".to_owned()),
            (hidden, "hidden, since their names begin with a dot".to_owned()),
            (links, "links or no files".to_owned()),
            (empty, "empty".to_owned()),
            (unreadable, "not text in UTF-8".to_owned()),
            (large, format!("larger than {LARGEST} bytes (or {LARGEST_CONFIDENTIAL}, below {CONFIDENTIAL})")),
            (
                beyond,
                format!(
                    "beyond {MOST} documents or {LARGEST_OF_ALL} bytes in all ({MOST_CONFIDENTIAL}, below {CONFIDENTIAL})"
                ),
            ),
        ];
        let told: Vec<_> =
            reasons.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}")).collect();
        (!told.is_empty()).then(|| format!("left out: {}", told.join(", ")))
    }
}

/// The name of a document: its path below the directory; none if the function would not read it.
fn name(directory: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(directory).ok()?.components();
    let name = parts.map(|part| part.as_os_str().to_str()).collect::<Option<Vec<_>>>()?.join("/");
    READ.iter().any(|ending| name.to_lowercase().ends_with(ending)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_documents_of_the_example_are_shipped() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/document-qa/documents");
        let (there, shipped) = (Documents::of(&example).unwrap(), Documents::shipped());
        assert_eq!(there.texts, shipped.texts);
        assert_eq!(there.left_out(), None);
        assert_eq!(shipped.len(), 40);
    }

    #[test]
    fn what_the_function_would_not_read_is_left_out_and_told() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: usize| {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, vec![b'x'; bytes]).unwrap();
        };
        for (name, bytes) in [
            ("a.md", 3),
            ("deep/er/b.txt", 4),
            ("confidential/c.md", 5),
            ("confidential/long.md", 600_001),
            ("d.pdf", 6),
            ("empty.md", 0),
            ("long.txt", 1_000_001),
            (".git/e.md", 7),
            (".hidden.md", 8),
        ] {
            write(name, bytes);
        }
        fs::write(directory.path().join("latin.md"), b"caf\xe9").unwrap();
        std::os::unix::fs::symlink(directory.path(), directory.path().join("again")).unwrap();
        let found = Documents::of(directory.path()).unwrap();
        assert!(found.has_confidential() && !Documents::of(&directory.path().join("deep")).unwrap().has_confidential());
        let names: Vec<_> = found.files().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(names, ["a.md", "confidential/c.md", "deep/er/b.txt"]);
        assert_eq!(found.bytes(), 12);
        assert_eq!(
            found.left_out().unwrap(),
            "left out: 1 neither .md nor .txt, 2 hidden, since their names begin with a dot, 1 links or no files, 1 empty, 1 not text in UTF-8, \
             2 larger than 1000000 bytes (or 600000, below confidential/)"
        );
    }

    #[test]
    fn a_directory_without_documents_is_an_error_that_names_it() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("a.pdf"), "x").unwrap();
        for path in [directory.path().to_owned(), directory.path().join("none")] {
            let error = Documents::of(&path).err().unwrap().to_string();
            assert!(error.contains(path.to_str().unwrap()) && error.contains("name a directory"), "{error}");
        }
        fs::write(directory.path().join("long.md"), vec![b'x'; 1_000_001]).unwrap();
        fs::write(directory.path().join(".hidden.md"), "x").unwrap();
        assert_eq!(
            Documents::of(directory.path()).err().unwrap().to_string(),
            format!(
                "no documents in `{}`: it has no .md or .txt file that could be a document (left out: 1 neither .md nor \
                 .txt, 1 hidden, since their names begin with a dot, 1 larger than 1000000 bytes (or 600000, below \
                 confidential/)); name a directory that has one",
                directory.path().display()
            )
        );
    }
}
