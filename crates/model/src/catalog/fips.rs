//! The FIPS names of services that have no FIPS endpoint service, as they are read from `fips.tsv`, which says what its
//! columns mean.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::is_among;
use super::table::names;
use crate::Region;

/// The table's text.
pub(super) const TEXT: &str = include_str!("fips.tsv");

/// The names of each service that has some, by the service's name.
pub(super) static NAMES: LazyLock<HashMap<&str, FipsNames>> = LazyLock::new(|| rows().filter_map(read).collect());

/// The FIPS names of a service.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FipsNames {
    /// Those with IPv4 addresses alone, with blanks between, with `{}` for the Region.
    pub(super) public: &'static str,
    /// Those with addresses of both families, in the same form.
    pub(super) dualstack: &'static str,
    /// How the names of the Regions begin that have them, with blanks between.
    regions: &'static str,
}

impl FipsNames {
    /// Those of a service in a Region.
    pub(super) fn of(service: &str, region: Region) -> Option<&'static Self> {
        NAMES.get(service).filter(|own| is_among(own.regions, region))
    }
}

/// The rows of services.
pub(super) fn rows() -> impl Iterator<Item = &'static str> {
    TEXT.lines().filter(|line| !line.starts_with('#'))
}

/// The names of a row, and whose they are. `None` if it is not of the form; a test reads every row.
pub(super) fn read(row: &'static str) -> Option<(&'static str, FipsNames)> {
    let mut cells = row.split('\t');
    let mut cell = || cells.next();
    let (service, public, dualstack, regions) = (cell()?, names(cell()?), names(cell()?), cell()?);
    Some((service, FipsNames { public, dualstack, regions }))
}
