//! Which field stands in which column.

use sidegate_model::{Field, LogFormat};

/// Defines the fields that are looked at, each with its name in a log.
macro_rules! slots {
    ($($slot:ident = $field:ident,)*) => {
        /// A field that is looked at.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Slot {
            $($slot,)*
        }

        impl Slot {
            pub(super) const ALL: &[Self] = &[$(Self::$slot),*];

            /// The field of flow logs that it is.
            pub(super) fn field(self) -> Field {
                match self {
                    $(Self::$slot => Field::$field,)*
                }
            }
        }
    };
}

slots! {
    Interface = InterfaceId,
    Resource = ResourceId,
    Subnet = SubnetId,
    Vpc = VpcId,
    Source = SourceAddress,
    Destination = DestinationAddress,
    PacketSource = PacketSourceAddress,
    PacketDestination = PacketDestinationAddress,
    Packets = Packets,
    Bytes = Bytes,
    Start = Start,
    End = End,
    Action = Action,
    Status = LogStatus,
    SourceService = PacketSourceService,
    DestinationService = PacketDestinationService,
    Direction = FlowDirection,
    Path = TrafficPath,
}

/// How many there are.
const SLOTS: usize = Slot::ALL.len();

/// Where the fields stand in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// The column of each field that is looked at, from 0.
    places: [Option<u8>; SLOTS],
    /// How many columns there are.
    pub(super) count: usize,
    /// Whether a time comes before the first column, as in files that CloudWatch Logs exports.
    pub(super) has_time: bool,
}

impl Columns {
    /// The columns of a format.
    pub(super) fn of(format: &LogFormat) -> Self {
        let mut columns = Self::empty();
        for field in format.fields() {
            columns.push(*field);
        }
        columns
    }

    /// The columns that a line names, and the names that are not known. `None` if its first word is no field's name.
    pub(super) fn named(line: &str) -> Option<(Self, Vec<&str>)> {
        let mut names = line.split(' ');
        field(names.next()?)?;
        let (mut columns, mut unknown) = (Self::empty(), Vec::new());
        for name in line.split(' ') {
            match field(name) {
                Some(field) => columns.push(field),
                None => {
                    unknown.push(name);
                    columns.count += 1;
                }
            }
        }
        Some((columns, unknown))
    }

    /// None so far.
    pub(super) fn empty() -> Self {
        Self { places: [None; SLOTS], count: 0, has_time: false }
    }

    /// Adds a column behind the others. A field that stands in two is that of the first.
    pub(super) fn push(&mut self, field: Field) {
        let slot = Slot::ALL.iter().find(|slot| slot.field() == field);
        let place = slot.and_then(|slot| self.places.get_mut(*slot as usize));
        if let (Some(place), Ok(column)) = (place, u8::try_from(self.count)) {
            place.get_or_insert(column);
        }
        self.count += 1;
    }

    /// The column of a field.
    pub(super) fn place(&self, slot: Slot) -> Option<usize> {
        self.places.get(slot as usize).copied().flatten().map(usize::from)
    }

    /// What is missing, so that nothing can be counted. `None` if nothing is.
    pub(super) fn lack(&self) -> Option<&'static str> {
        let has = |slot| self.place(slot).is_some();
        let has_ends = has(Slot::Source) && has(Slot::Destination);
        let has_packet_ends = has(Slot::PacketSource) && has(Slot::PacketDestination);
        if !has(Slot::Bytes) {
            Some("no column has `bytes`")
        } else if !has_ends && !has_packet_ends {
            Some("no columns have `srcaddr` and `dstaddr`, or `pkt-srcaddr` and `pkt-dstaddr`")
        } else {
            None
        }
    }
}

/// The field with this name, in text with hyphens, in Parquet with underscores.
pub(super) fn field(name: &str) -> Option<Field> {
    let is_named = |field: &Field| {
        let own = field.as_str().bytes().map(|byte| if byte == b'-' { b'_' } else { byte });
        own.eq(name.bytes().map(|byte| if byte == b'-' { b'_' } else { byte }))
    };
    Field::ALL.iter().copied().find(is_named)
}
