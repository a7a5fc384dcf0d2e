//! A file of prices that a user gives, which goes over Sidegate's own.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use sidegate_cost::{Item, PriceError, Prices};

/// The most bytes that one may have: what `sidegate compare` asks goes to the daemon as one line.
const MOST_BYTES: u64 = 256 * 1024;

/// A file of prices.
#[derive(Clone, Debug)]
pub(super) struct PriceFile {
    /// Its name, as it was given.
    pub(super) name: String,
    /// What is in it.
    pub(super) text: String,
    /// Its prices.
    pub(super) prices: Prices,
}

/// Why there are no prices.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotPriced {
    /// The file cannot be read.
    #[error("cannot read the prices of `{}` ({reason})", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It is not what it should be.
    #[error("{errors}\nnothing of the file of prices was used; mend it, or leave `--prices` out for Sidegate's own")]
    Wrong {
        /// What is wrong, line by line.
        errors: String,
    },
}

impl PriceFile {
    /// Reads a file of prices.
    ///
    /// # Errors
    /// [`NotPriced`] if it cannot be read, or has anything that is wrong.
    pub(super) fn read(path: &Path) -> Result<Self, NotPriced> {
        let name = path.display().to_string();
        let text = text(path).map_err(|reason| NotPriced::Unreadable { path: path.to_owned(), reason })?;
        let prices = Prices::read(&name, &text).map_err(NotPriced::from)?;
        Ok(Self { name, text, prices })
    }

    /// The rows of items that are not known: those of a slip are used for nothing.
    pub(super) fn unknown_items(&self) -> Vec<String> {
        let items = self.prices.iter().map(|(item, ..)| item);
        let unknown: BTreeSet<&str> = items.filter(|item| matches!(item, Item::Other(_))).map(Item::as_str).collect();
        let rows = self.text.lines().zip(1_usize..).filter(|(line, _)| !line.starts_with('#'));
        let items = rows.filter_map(|(line, at)| line.split('\t').nth(1).map(|item| (item.trim(), at)));
        items
            .filter(|(item, _)| unknown.contains(item))
            .map(|(item, at)| {
                let name = &self.name;
                format!("{name}:{at}: `{item}` is no item that is known here, so that its price is used for nothing")
            })
            .collect()
    }
}

impl From<Vec<PriceError>> for NotPriced {
    fn from(errors: Vec<PriceError>) -> Self {
        Self::Wrong { errors: errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n") }
    }
}

/// The text of a file that is not too long. Of one without an end, no more is read than tells that.
fn text(path: &Path) -> Result<String, String> {
    let mut text = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    let length = file.take(MOST_BYTES + 1).read_to_end(&mut text).map_err(|error| error.to_string())?;
    if u64::try_from(length).is_ok_and(|length| length > MOST_BYTES) {
        return Err(format!("it has more than {} KiB", MOST_BYTES >> 10));
    }
    String::from_utf8(text).map_err(|_| "it is not text in UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_that_is_not_known_is_named_with_its_line() {
        let text = "sidegate-prices\t1\t2026-11-30\nregion\titem\tunit\tusage\tabove\tusd\tstrength\tas of\tsource\n\
            us-east-1\tnat-gateway-hour\thour\tNatGateway-Hours\t0\t0.005\tgood\t-\tours\n\
            us-east-1\tnat-gatway-hour\thour\tNatGateway-Hours\t0\t0.005\tgood\t-\tours\n";
        let prices = Prices::read("ours.tsv", text).unwrap();
        let file = PriceFile { name: "ours.tsv".to_owned(), text: text.to_owned(), prices };
        let [told] = file.unknown_items().try_into().unwrap();
        assert!(told.starts_with("ours.tsv:4: `nat-gatway-hour`"), "{told}");
    }

    #[test]
    fn a_file_without_an_end_is_not_read_to_it() {
        assert_eq!(text(Path::new("/dev/zero")), Err("it has more than 256 KiB".to_owned()));
        assert!(text(Path::new("/nowhere")).is_err());
    }
}
