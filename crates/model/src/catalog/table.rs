//! The tables of services, as they are read from `services.tsv` and `others.tsv`, which say what their columns mean.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{ApiProtocol, Service, ServiceKind};

/// The table of those that endpoints lead to.
pub(super) const TEXT: &str = include_str!("services.tsv");

/// The table of the others.
pub(super) const OTHERS_TEXT: &str = include_str!("others.tsv");

/// Where a cell says that there is nothing.
const NONE: &str = "-";

/// Where a cell says that it is as the name tells.
const OWN: &str = ".";

/// The services in the table's order.
pub(super) static SERVICES: LazyLock<Vec<Service>> =
    LazyLock::new(|| rows(TEXT).enumerate().filter_map(|(index, row)| service(index, row)).collect());

/// The services that no endpoint leads to, in their table's order.
pub(super) static OTHERS: LazyLock<Vec<Service>> =
    LazyLock::new(|| rows(OTHERS_TEXT).enumerate().filter_map(|(index, row)| other(index, row)).collect());

/// The services of both tables by their names.
pub(super) static NAMED: LazyLock<HashMap<&str, &Service>> =
    LazyLock::new(|| OTHERS.iter().chain(SERVICES.iter()).map(|service| (service.name, service)).collect());

/// The rows of a table.
pub(super) fn rows(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#'))
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
        regions: regions_of(regions),
        api,
        signing: if signing == NONE { "" } else { signing },
        protocol: if protocol == NONE { None } else { Some(self::protocol(protocol)?) },
        target: if target == NONE { "" } else { target },
    })
}

/// The service of a row of the others. `None` if it is not of the form; a test reads every row.
pub(super) fn other(index: usize, row: &'static str) -> Option<Service> {
    let mut cells = row.split('\t');
    let mut cell = || cells.next();
    let (name, public, regions) = (cell()?, cell()?, cell()?);
    let (signing, protocol, target) = (cell()?, protocol(cell()?)?, cell()?);
    Some(Service {
        name,
        kind: ServiceKind::Neither,
        index: u32::try_from(index).ok()?,
        endpoint_name: None,
        private: "",
        public,
        dualstack: "",
        ipv6: false,
        policy: false,
        regions: regions_of(regions),
        api: name,
        signing,
        protocol: Some(protocol),
        target: names(target),
    })
}

fn regions_of(cell: &'static str) -> Option<&'static str> {
    Some(cell).filter(|cell| *cell != "*")
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
