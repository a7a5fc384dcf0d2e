//! The short file that says what a workload needs.
//!
//! ```toml
//! region = "us-east-1"
//! zones = ["us-east-1a", "us-east-1b"]
//! egress = "none"
//!
//! [services]
//! s3 = 500
//! kms = { gb = 1, on_premises_gb = 0.5 }
//! ```
//!
//! What is wrong in it is told with its line and left out; all else is considered.

mod need;
mod value;

use std::ops::Range;

use sidegate_advise::{Egress, Nat, Need, Network, Subnet, Workload};
use sidegate_model::{Ipv4Cidr, Region, Zone};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use self::value::{Reader, members};
use super::Finding;
use super::volume::{BEYOND, MOST_BYTES};

/// The most VPCs that are alike.
const MOST_VPCS: u32 = 10_000;

/// The most NAT gateways of a VPC.
const MOST_GATEWAYS: u32 = 1_000;

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileWorkload {
    region: Option<Region>,
    name: Option<String>,
    zones: Vec<Zone>,
    network: Option<Network>,
    is_attached: bool,
    says_region: bool,
    stay: Option<bool>,
    other: u64,
    /// The services.
    pub(crate) needs: Vec<Need>,
}

/// What a described account says, so that a file beside it does not.
const DESCRIBED: [&str; 9] =
    ["name", "zones", "subnets", "cidr_blocks", "vpcs", "egress", "nat_gateways", "nat_exists", "nat_crosses_zones"];

/// Reads a file. Where it has no Region, that of the clients is another one's matter: `default`.
pub(crate) fn read(file: &str, content: &str, default: Option<Region>) -> (FileWorkload, Vec<Finding>) {
    read_with(file, content, default, false)
}

/// Reads a file beside a described account. What that says is left out of the file.
pub(crate) fn read_beside(file: &str, content: &str, default: Option<Region>) -> (FileWorkload, Vec<Finding>) {
    read_with(file, content, default, true)
}

fn read_with(file: &str, content: &str, default: Option<Region>, is_described: bool) -> (FileWorkload, Vec<Finding>) {
    let mut reader = Reader { file, content, is_described, findings: Vec::new() };
    let (document, errors) = DeTable::parse_recoverable(content);
    for error in errors {
        reader.finding(error.span().unwrap_or(0..0), error.message().to_owned());
    }
    let read = reader.document(document.get_ref(), default);
    reader.findings.sort_by_key(|(line, _)| *line);
    let place = |(line, message): (usize, String)| Finding { place: format!("{file}:{line}"), message };
    (read, reader.findings.into_iter().map(place).collect())
}

impl FileWorkload {
    /// The Region, as far as one is named.
    pub(crate) fn region(&self) -> Option<Region> {
        self.region
    }

    /// The VPC, if it is there already.
    pub(crate) fn vpc(&self) -> Option<&sidegate_model::VpcId> {
        self.network.as_ref()?.id.as_ref()
    }

    /// Whether the file names its Region.
    pub(crate) fn says_region(&self) -> bool {
        self.says_region
    }

    /// Whether the VPCs are attached to a transit gateway.
    pub(crate) fn is_attached(&self) -> bool {
        self.is_attached
    }

    /// Whether NAT gateways stay, if the file says so.
    pub(crate) fn stay(&self) -> Option<bool> {
        self.stay
    }

    /// What goes to the internet, in bytes.
    pub(crate) fn other(&self) -> u64 {
        self.other
    }

    /// The workload. `None` if the file does not say in which Region it is.
    pub(crate) fn workload(self) -> Option<Workload> {
        let region = self.region?;
        let mut network = self.network?;
        network.needs = self.needs;
        Some(Workload { region, networks: vec![network], is_attached: self.is_attached })
    }
}

impl Reader<'_> {
    fn document(&mut self, document: &DeTable<'_>, default: Option<Region>) -> FileWorkload {
        let mut read = FileWorkload { region: default, ..FileWorkload::default() };
        let members = members(document);
        // All else depends on the Region.
        for (key, _, value) in &members {
            if *key == "region" {
                let region = self.text(value).and_then(|text| self.parsed(value, text.parse()));
                read.says_region = region.is_some();
                read.region = region.or(default);
            }
        }
        let Some(region) = read.region else {
            self.finding(0..0, "no `region` is named, such as `region = \"us-east-1\"`");
            return read;
        };
        let mut settings = Settings::default();
        let mut needs = Vec::new();
        for (key, span, value) in members {
            match key {
                "region" => {}
                key if self.is_described && DESCRIBED.contains(&key) => {
                    self.finding(span, format!("`{key}` is left out: the described account says it"));
                }
                "name" => read.name = self.text(value).map(str::to_owned),
                "zones" => read.zones = self.zones(region, value),
                "services" => match value.get_ref() {
                    DeValue::Table(services) => needs = self.services(region, services),
                    _ => self.finding(span, "`services` is a table: `[services]`"),
                },
                "transit_gateway" => read.is_attached = self.truth(value).unwrap_or(false),
                _ => self.setting(region, &mut settings, key, span, value),
            }
        }
        read.needs = self.sane(needs, &mut settings);
        (read.stay, read.other) = (settings.stay, settings.other);
        if read.needs.is_empty() {
            self.finding(0..0, "no service is left to advise on; name some below `[services]`");
        }
        let network = self.network(region, &read, settings);
        read.network = Some(network);
        read
    }

    /// The needs that are no more than anyone has, in all VPCs together.
    fn sane(&mut self, needs: Vec<(Need, Range<usize>)>, settings: &mut Settings) -> Vec<Need> {
        let count = settings.count.unwrap_or(1);
        let vpcs = if count > 1 { format!(" in {count} VPCs") } else { String::new() };
        let is_beyond = |bytes: u64| u128::from(bytes) * u128::from(count) > u128::from(MOST_BYTES);
        let mut sane = Vec::new();
        for (need, span) in needs {
            if is_beyond(need.inside().plus(need.outside()).total()) {
                self.finding(span, format!("`{}`{vpcs} {BEYOND}; it is left out", need.service.name));
            } else {
                sane.push(need);
            }
        }
        if is_beyond(settings.other) {
            self.finding(settings.other_at.clone(), format!("`internet_gb`{vpcs} {BEYOND}; it is left out"));
            settings.other = 0;
        }
        sane
    }

    fn network(&mut self, region: Region, read: &FileWorkload, settings: Settings) -> Network {
        let mut subnets = settings.subnets;
        // Endpoints in fewer than two zones fail with one.
        let zones = if read.zones.is_empty() && subnets.is_empty() {
            region.zones().take(2).collect()
        } else {
            read.zones.clone()
        };
        for zone in zones {
            if !subnets.iter().any(|subnet: &Subnet| subnet.zone == zone) {
                subnets.push(Subnet { id: None, zone, table: None });
            }
        }
        let zone_count = {
            let mut zones: Vec<Zone> = subnets.iter().map(|subnet| subnet.zone).collect();
            zones.sort_unstable();
            zones.dedup();
            u32::try_from(zones.len()).unwrap_or(1)
        };
        let nat = Nat {
            gateways: settings.gateways.unwrap_or(zone_count),
            exist: settings.exist.unwrap_or(true),
            stay: settings.stay.unwrap_or(true),
            crosses_zones: settings.crosses_zones,
        };
        let egress = match settings.egress {
            Way::Nat => Egress::Nat(nat),
            Way::Internet => Egress::InternetGateway,
            Way::None => Egress::Closed,
        };
        if egress == Egress::Closed && settings.other > 0 && !self.is_described {
            self.finding(
                settings.other_at,
                "`internet_gb` has no way to the internet while `egress` is `none`; it is not counted",
            );
        }
        Network {
            name: read
                .name
                .clone()
                .or_else(|| settings.vpc.as_ref().map(ToString::to_string))
                .unwrap_or_else(|| self.stem()),
            id: settings.vpc,
            blocks: settings.blocks,
            count: settings.count.unwrap_or(1),
            subnets,
            egress,
            needs: Vec::new(),
            other: if egress == Egress::Closed { 0 } else { settings.other },
            unnamed: 0,
            endpoints: Vec::new(),
            further_nat: Vec::new(),
            has_dns: true,
            joined: Vec::new(),
        }
    }

    /// What the file's own name says.
    fn stem(&self) -> String {
        let stem = std::path::Path::new(self.file).file_stem();
        stem.map_or_else(|| "workload".to_owned(), |stem| stem.to_string_lossy().into_owned())
    }

    fn setting(
        &mut self, region: Region, settings: &mut Settings, key: &str, span: Range<usize>, value: &Spanned<DeValue<'_>>,
    ) {
        match key {
            "vpc" => settings.vpc = self.text(value).and_then(|text| self.parsed(value, text.parse())),
            "vpcs" => settings.count = self.count(value, MOST_VPCS).filter(|count| *count > 0),
            "cidr_blocks" => {
                for (text, span) in self.texts(value) {
                    match text.parse::<Ipv4Cidr>() {
                        Ok(block) => settings.blocks.push(block),
                        Err(_) => self.finding(span, format!("`{text}` is no block of IPv4 addresses")),
                    }
                }
            }
            "subnets" => settings.subnets = self.subnets(region, value),
            "egress" => match self.text(value) {
                Some("none") => settings.egress = Way::None,
                Some("nat") => settings.egress = Way::Nat,
                Some("internet-gateway") => settings.egress = Way::Internet,
                Some(other) => {
                    let message = format!("`{other}` is no `egress`: none, nat or internet-gateway is expected");
                    self.finding(value.span(), message);
                }
                None => {}
            },
            "nat_gateways" => settings.gateways = self.count(value, MOST_GATEWAYS).filter(|count| *count > 0),
            "nat_exists" => settings.exist = self.truth(value),
            "nat_stays" => settings.stay = self.truth(value),
            "nat_crosses_zones" => settings.crosses_zones = self.truth(value).unwrap_or(false),
            "internet_gb" => {
                (settings.other, settings.other_at) = (self.volume(key, value).unwrap_or(0), span);
            }
            _ => self.finding(span, format!("`{key}` means nothing here")),
        }
    }

    fn zones(&mut self, region: Region, value: &Spanned<DeValue<'_>>) -> Vec<Zone> {
        if value.get_ref().is_integer() {
            let most = u32::try_from(region.zones().count()).unwrap_or(u32::MAX);
            let count = self.count(value, most).filter(|count| *count > 0);
            return region.zones().take(count.map_or(2, |count| count as usize)).collect();
        }
        let mut zones = Vec::new();
        for (text, span) in self.texts(value) {
            match zone(region, text) {
                Some(zone) => zones.push(zone),
                None => self.finding(span, format!("`{text}` is no zone of {region}")),
            }
        }
        zones
    }

    fn subnets(&mut self, region: Region, value: &Spanned<DeValue<'_>>) -> Vec<Subnet> {
        let DeValue::Array(all) = value.get_ref() else {
            self.finding(value.span(), "`subnets` is a list of tables: `[[subnets]]`");
            return Vec::new();
        };
        let mut subnets = Vec::new();
        for one in all.iter() {
            let DeValue::Table(table) = one.get_ref() else {
                self.finding(one.span(), "a subnet is a table with `zone`, and `id` and `route_table` if it is there");
                continue;
            };
            let (mut zone, mut id, mut route_table) = (None, None, None);
            for (key, span, value) in members(table) {
                let text = self.text(value);
                match (key, text) {
                    (_, None) => {}
                    ("zone", Some(text)) => {
                        zone = self::zone(region, text);
                        if zone.is_none() {
                            self.finding(value.span(), format!("`{text}` is no zone of {region}"));
                        }
                    }
                    ("id", Some(text)) => id = self.parsed(value, text.parse()),
                    ("route_table", Some(text)) => route_table = self.parsed(value, text.parse()),
                    (key, Some(_)) => self.finding(span, format!("`{key}` means nothing here")),
                }
            }
            match zone {
                Some(zone) => subnets.push(Subnet { id, zone, table: route_table }),
                None => self.finding(one.span(), "a subnet without a zone is left out"),
            }
        }
        subnets
    }
}

/// The zone of a Region with a name or an id.
fn zone(region: Region, text: &str) -> Option<Zone> {
    Zone::find(region, text).ok()
}

/// What a file says of its VPC beside the zones.
#[derive(Default)]
struct Settings {
    vpc: Option<sidegate_model::VpcId>,
    count: Option<u32>,
    blocks: Vec<Ipv4Cidr>,
    subnets: Vec<Subnet>,
    egress: Way,
    gateways: Option<u32>,
    exist: Option<bool>,
    stay: Option<bool>,
    crosses_zones: bool,
    other: u64,
    other_at: Range<usize>,
}

/// What leads out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    #[default]
    None,
    Nat,
    Internet,
}
