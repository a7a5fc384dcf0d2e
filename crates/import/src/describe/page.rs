//! The lists of all files, by what they are of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use sidegate_model::{AccountId, Region};

use super::document::{self, Damage, FILE_LIMIT, TOTAL_LIMIT};
use super::element::{Element, shown};
use super::kind::{self, Kind, Treatment, treatment};
use crate::Place;
use crate::finding::Findings;

/// The most elements of all files.
const ELEMENT_LIMIT: usize = 500_000;

/// The members of a document.
type Members = serde_json::Map<String, Value>;

/// What `describe-vpc-attribute` tells, one by one, beside the id of the VPC.
const VPC_ATTRIBUTES: [&str; 3] = ["EnableDnsSupport", "EnableDnsHostnames", "EnableNetworkAddressUsageMetrics"];

/// A list of a file.
pub(super) struct Page {
    /// The file.
    pub(super) file: Arc<str>,
    /// Where the file's name says that its contents are.
    pub(super) hint: Hint,
    /// The key of the list.
    pub(super) key: String,
    /// The key of the id of an element.
    pub(super) id_key: &'static str,
    /// Its elements.
    items: Vec<Value>,
    /// Whether it is an object that stands by itself.
    is_single: bool,
}

/// Whose the contents of a file are, and where, as its name says: `aws_configs/123456789012/us-east-1/Vpcs.json`.
#[derive(Clone, Debug, Default)]
pub(super) struct Hint {
    /// Whose.
    pub(super) account: Option<AccountId>,
    /// Where.
    pub(super) region: Option<Region>,
    /// The id of a prefix list, of whose entries the output does not say which list's they are.
    pub(super) prefix_list: Option<String>,
}

/// All lists.
#[derive(Default)]
pub(super) struct Pages {
    by_kind: BTreeMap<Kind, Vec<Page>>,
    /// The kinds of which some page says that there is one behind it, with how many more say so than do not.
    continued: BTreeMap<Kind, i64>,
    /// The files that could not be read to their ends.
    damaged: Vec<String>,
    /// The kinds of which some list is none.
    broken: BTreeSet<Kind>,
    bytes: usize,
    elements: usize,
}

impl Hint {
    fn of(file: &str) -> Self {
        let region = Region::all().filter_map(|region| Some((last_of(file, region.as_str())?, region)));
        let mut digits = file.split(|c: char| !c.is_ascii_digit()).filter_map(|run| run.parse().ok());
        let mut lists = file.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        let list = lists.rfind(|word| word.contains("pl-")).and_then(|word| word.get(word.rfind("pl-")?..));
        Self {
            account: digits.next_back(),
            region: region.max_by_key(|(at, _)| *at).map(|(_, region)| region),
            prefix_list: list.map(str::to_owned),
        }
    }
}

/// Where a word stands last in a text, if no digit follows on it.
fn last_of(text: &str, word: &str) -> Option<usize> {
    let is_whole = |(at, _): &(usize, &str)| {
        !text.get(at + word.len()..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    text.rmatch_indices(word).find(is_whole).map(|(at, _)| at)
}

impl Page {
    fn list(file: &Arc<str>, hint: &Hint, key: String, id_key: &'static str, items: Vec<Value>) -> Self {
        Self { file: Arc::clone(file), hint: hint.clone(), key, id_key, items, is_single: false }
    }

    /// An object that stands for itself.
    fn single(file: &Arc<str>, hint: &Hint, key: &str, id_key: &'static str, value: Members) -> Self {
        Self { is_single: true, ..Self::list(file, hint, key.to_owned(), id_key, vec![Value::Object(value)]) }
    }

    /// Its elements, each with its path.
    pub(super) fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        self.items.iter().enumerate().map(|(index, value)| {
            let path = if self.is_single { self.key.clone() } else { format!("{}[{index}]", self.key) };
            Element::new(value, path)
        })
    }
}

impl Pages {
    /// Reads a file. What cannot be read of it is told, and the rest is taken.
    pub(super) fn add(&mut self, file: &str, bytes: &[u8], findings: &mut Findings) {
        if let Err(message) = self.check_size(bytes) {
            self.damaged.push(file.to_owned());
            return findings.add(file, Place::File, message);
        }
        let (documents, damage) = document::documents(bytes);
        if documents.is_empty() && damage.is_none() {
            return findings.add(file, Place::File, "is empty");
        }
        let name: Arc<str> = file.into();
        let hint = Hint::of(file);
        for document in documents {
            self.add_document(&name, &hint, document, findings);
        }
        if let Some(Damage { line, column, message }) = damage {
            self.damaged.push(file.to_owned());
            let message = format!("{message}; what follows in this file is left out");
            findings.add(file, Place::Text { line, column }, message);
        }
    }

    fn check_size(&mut self, bytes: &[u8]) -> Result<(), String> {
        if bytes.len() > FILE_LIMIT {
            return Err(format!("has {} bytes, and at most {FILE_LIMIT} are read; it is left out", bytes.len()));
        }
        let total = self.bytes.saturating_add(bytes.len());
        if total > TOTAL_LIMIT {
            return Err(format!("has more than {TOTAL_LIMIT} bytes together with the files before it; it is left out"));
        }
        self.bytes = total;
        Ok(())
    }

    fn add_document(&mut self, file: &Arc<str>, hint: &Hint, document: Value, findings: &mut Findings) {
        let Value::Object(mut members) = document else {
            findings.add(file, Place::File, "has a document that is no object with lists; it is left out");
            return;
        };
        self.add_attributes(file, hint, &mut members, findings);
        self.add_entries(file, hint, &mut members, findings);
        let is_continued = members.get("NextToken").is_some_and(|token| token.as_str().is_some_and(|t| !t.is_empty()));
        for (key, value) in members {
            match (treatment(&key), value) {
                (Treatment::PassedOver, _) => {}
                (_, Value::Object(block)) if key == "VpcBlockPublicAccessOptions" => {
                    let page = Page::single(file, hint, &key, "", block);
                    self.add_page(Kind::BlockPublicAccess, page, findings);
                }
                (Treatment::Read(kind), Value::Array(items)) => {
                    *self.continued.entry(kind).or_default() += if is_continued { 1 } else { -1 };
                    self.add_page(kind, Page::list(file, hint, key, kind.id_key(), items), findings);
                }
                (Treatment::Unmodelled(id), Value::Array(items)) => {
                    self.add_page(Kind::Unmodelled, Page::list(file, hint, key, id, items), findings);
                }
                (Treatment::Strange, Value::Array(items)) => {
                    self.add_page(Kind::Unmodelled, Page::list(file, hint, shown(&key), "", items), findings);
                }
                (treated, _) => {
                    if let Treatment::Read(kind) = treated {
                        self.broken.insert(kind);
                    }
                    let path = Place::Value(shown(&key));
                    findings.add(file, path, "is no list of what describe calls tell of; it is left out");
                }
            }
        }
    }

    /// Takes the attributes of a VPC out of a document.
    fn add_attributes(&mut self, file: &Arc<str>, hint: &Hint, members: &mut Members, findings: &mut Findings) {
        let told = VPC_ATTRIBUTES.iter().filter_map(|key| Some(((*key).to_owned(), members.shift_remove(*key)?)));
        let mut told: Members = told.collect();
        if !told.is_empty() {
            let kind = Kind::VpcAttributes;
            told.insert(kind.id_key().to_owned(), members.shift_remove(kind.id_key()).unwrap_or_default());
            self.add_page(kind, Page::single(file, hint, "$", kind.id_key(), told), findings);
        }
    }

    /// Takes the entries of a prefix list out of a document.
    fn add_entries(&mut self, file: &Arc<str>, hint: &Hint, members: &mut Members, findings: &mut Findings) {
        let kind = Kind::PrefixListEntries;
        if let Some(entries) = members.shift_remove("Entries") {
            let id = members.shift_remove(kind.id_key()).unwrap_or_default();
            let told = [(kind.id_key().to_owned(), id), ("Entries".to_owned(), entries)].into_iter().collect();
            self.add_page(kind, Page::single(file, hint, "$", kind.id_key(), told), findings);
        }
    }

    fn add_page(&mut self, kind: Kind, page: Page, findings: &mut Findings) {
        self.elements = self.elements.saturating_add(page.items.len());
        if self.elements > ELEMENT_LIMIT {
            self.damaged.push(page.file.to_string());
            let message = format!("has more than {ELEMENT_LIMIT} elements together with those before; it is left out");
            return findings.add(&page.file, Place::Value(page.key), message);
        }
        self.by_kind.entry(kind).or_default().push(page);
    }

    /// The lists of a kind, in the order of the files.
    pub(super) fn of(&self, kind: Kind) -> &[Page] {
        self.by_kind.get(&kind).map(Vec::as_slice).unwrap_or_default()
    }

    /// All lists.
    pub(super) fn all(&self) -> impl Iterator<Item = (Kind, &Page)> {
        self.by_kind.iter().flat_map(|(kind, pages)| pages.iter().map(|page| (*kind, page)))
    }

    /// The kinds of which something may be missing: there is no list at all, or no last page, or a file is damaged that may
    /// have been of them.
    pub(super) fn incomplete(&self) -> BTreeSet<Kind> {
        let pages = |kind| i64::try_from(self.of(kind).len()).unwrap_or(i64::MAX);
        let damaged = |kind| self.damaged.iter().any(|file| kind::may_be_of(file, kind));
        let is_whole = |kind: Kind| {
            let continued = self.continued.get(&kind).copied().unwrap_or_default();
            pages(kind) > 0 && continued < pages(kind) && !self.broken.contains(&kind) && !damaged(kind)
        };
        kind::all().filter(|kind| !is_whole(*kind)).collect()
    }
}
