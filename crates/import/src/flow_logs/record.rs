//! A record of a flow log, as far as it is counted.

use std::net::IpAddr;

use super::cell::{self, Cell, Cells};
use super::columns::Slot;
use super::peer::Direction;

/// A flow that was seen at an interface.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    /// The interface, or what stands in its place.
    pub(super) interface: &'a [u8],
    /// The subnet and the VPC of the interface, if the log says so.
    pub(super) subnet: Option<&'a [u8]>,
    pub(super) vpc: Option<&'a [u8]>,
    /// The addresses that the packets had at the interface.
    pub(super) source: Option<IpAddr>,
    pub(super) destination: Option<IpAddr>,
    /// The addresses of the ends, if the log says so.
    pub(super) packet_source: Option<IpAddr>,
    pub(super) packet_destination: Option<IpAddr>,
    pub(super) packets: u64,
    pub(super) bytes: u64,
    /// When the first and the last packet came: Unix time in seconds.
    pub(super) start: Option<u64>,
    pub(super) end: Option<u64>,
    pub(super) accepted: bool,
    /// The services of the ends, if the log says so.
    pub(super) source_service: Option<&'a [u8]>,
    pub(super) destination_service: Option<&'a [u8]>,
    pub(super) direction: Option<Direction>,
    /// The number of the way that egress took, if the log says so.
    pub(super) path: Option<u8>,
}

/// What a record tells.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seen<'a> {
    /// A flow.
    Flow(Record<'a>),
    /// That there was no traffic.
    NoData,
    /// That some traffic is missing.
    SkipData,
}

/// A field that cannot be what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The field.
    pub(super) slot: Slot,
    /// What it should be.
    pub(super) expected: &'static str,
}

/// Reads a record.
#[inline]
pub(super) fn read<'a>(cells: &impl Cells<'a>) -> Result<Seen<'a>, Fault> {
    match cells.cell(Slot::Status).text() {
        Some(b"OK") => {}
        Some(b"NODATA") => return Ok(Seen::NoData),
        Some(b"SKIPDATA") => return Ok(Seen::SkipData),
        Some(_) => return Err(Fault { slot: Slot::Status, expected: "OK, NODATA or SKIPDATA" }),
        // Without a status, what has no bytes has no traffic.
        None if matches!(cells.cell(Slot::Bytes), Cell::Missing) => return Ok(Seen::NoData),
        None => {}
    }
    let interface = cells.cell(Slot::Interface).text().or_else(|| cells.cell(Slot::Resource).text());
    let accepted = match cells.cell(Slot::Action).text() {
        Some(b"ACCEPT") | None => true,
        Some(b"REJECT") => false,
        Some(_) => return Err(Fault { slot: Slot::Action, expected: "ACCEPT or REJECT" }),
    };
    let direction = match cells.cell(Slot::Direction).text() {
        Some(b"egress") => Some(Direction::Egress),
        Some(b"ingress") => Some(Direction::Ingress),
        None => None,
        Some(_) => return Err(Fault { slot: Slot::Direction, expected: "ingress or egress" }),
    };
    let path = match number(cells, Slot::Path)? {
        Some(path @ 1..=255) => Some(path as u8),
        Some(_) => return Err(Fault { slot: Slot::Path, expected: "the number of a path" }),
        None => None,
    };
    let Some(bytes) = number(cells, Slot::Bytes)? else {
        return Err(Fault { slot: Slot::Bytes, expected: "a number" });
    };
    Ok(Seen::Flow(Record {
        interface: interface.unwrap_or(b"-"),
        subnet: cells.cell(Slot::Subnet).text(),
        vpc: cells.cell(Slot::Vpc).text(),
        source: address(cells, Slot::Source)?,
        destination: address(cells, Slot::Destination)?,
        packet_source: address(cells, Slot::PacketSource)?,
        packet_destination: address(cells, Slot::PacketDestination)?,
        packets: number(cells, Slot::Packets)?.unwrap_or(0),
        bytes,
        start: number(cells, Slot::Start)?,
        end: number(cells, Slot::End)?,
        accepted,
        source_service: cells.cell(Slot::SourceService).text(),
        destination_service: cells.cell(Slot::DestinationService).text(),
        direction,
        path,
    }))
}

/// A number. Parquet may have a negative one where there is none.
#[inline]
fn number<'a>(cells: &impl Cells<'a>, slot: Slot) -> Result<Option<u64>, Fault> {
    match cells.cell(slot) {
        Cell::Missing => Ok(None),
        Cell::Number(number) => Ok(u64::try_from(number).ok()),
        Cell::Text(text) => match cell::number(text) {
            Some(number) => Ok(Some(number)),
            None => Err(Fault { slot, expected: "a number" }),
        },
    }
}

#[inline]
fn address<'a>(cells: &impl Cells<'a>, slot: Slot) -> Result<Option<IpAddr>, Fault> {
    match cells.cell(slot) {
        Cell::Missing => Ok(None),
        Cell::Number(_) => Err(Fault { slot, expected: "an address" }),
        Cell::Text(text) => match cell::address(text) {
            Some(address) => Ok(Some(address)),
            None => Err(Fault { slot, expected: "an address" }),
        },
    }
}
