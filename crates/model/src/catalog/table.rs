//! The table of services, as it is read from `services.tsv`, which says what its columns mean.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{ApiProtocol, Service, ServiceKind};

/// The table's text.
pub(super) const TEXT: &str = include_str!("services.tsv");

/// Where a cell says that there is nothing.
const NONE: &str = "-";

/// Where a cell says that it is as the name tells.
const OWN: &str = ".";

/// The services in the table's order.
pub(super) static SERVICES: LazyLock<Vec<Service>> =
    LazyLock::new(|| rows().enumerate().filter_map(|(index, row)| service(index, row)).collect());

/// Where each service is in the table, by its name.
pub(super) static PLACES: LazyLock<HashMap<&str, usize>> =
    LazyLock::new(|| SERVICES.iter().enumerate().map(|(place, service)| (service.name, place)).collect());

/// The rows of services.
pub(super) fn rows() -> impl Iterator<Item = &'static str> {
    TEXT.lines().filter(|line| !line.starts_with('#'))
}

/// The service of a row. `None` if it is not of the form; a test reads every row.
pub(super) fn service(index: usize, row: &'static str) -> Option<Service> {
    let mut cells = row.split('\t');
    let mut cell = || cells.next();
    let (name, kind, endpoint_name) = (cell()?, kind(cell()?)?, cell()?);
    let (private, public, dualstack) = (cell()?, cell()?, cell()?);
    let (ipv6, policy) = (one_of(cell()?, "dualstack", "ipv4")?, one_of(cell()?, "policy", "none")?);
    let (regions, api, signing) = (cell()?, cell()?, cell()?);
    let (protocol, target) = (cell()?, cell()?);
    let api = if api == OWN { name } else { api };
    Some(Service {
        name,
        kind,
        index: u32::try_from(index).ok()?,
        endpoint_name: Some(endpoint_name).filter(|cell| *cell != OWN),
        private: names(private),
        public: if public == "=" { names(private) } else { names(public) },
        dualstack: names(dualstack),
        ipv6,
        policy,
        regions: Some(regions).filter(|cell| *cell != "*"),
        api,
        signing: if signing == NONE { "" } else { signing },
        protocol: if protocol == NONE { None } else { Some(self::protocol(protocol)?) },
        target: if target == NONE { "" } else { target },
    })
}

fn kind(cell: &str) -> Option<ServiceKind> {
    Some(match cell {
        "gateway" => ServiceKind::Gateway,
        "interface" => ServiceKind::Interface,
        "both" => ServiceKind::Both,
        _ => return None,
    })
}

fn protocol(cell: &str) -> Option<ApiProtocol> {
    Some(match cell {
        "json-1.0" => ApiProtocol::Json1_0,
        "json-1.1" => ApiProtocol::Json1_1,
        "rest-json" => ApiProtocol::RestJson,
        "rest-xml" => ApiProtocol::RestXml,
        "query" => ApiProtocol::Query,
        "ec2" => ApiProtocol::Ec2,
        "cbor" => ApiProtocol::Cbor,
        _ => return None,
    })
}

/// Whether a cell has the first of two words. `None` if it has neither.
fn one_of(cell: &str, yes: &str, no: &str) -> Option<bool> {
    if cell == yes { Some(true) } else { (cell == no).then_some(false) }
}

/// A cell of names with blanks between.
pub(super) fn names(cell: &'static str) -> &'static str {
    if cell == NONE { "" } else { cell }
}
