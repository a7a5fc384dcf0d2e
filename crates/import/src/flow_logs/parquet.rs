//! Logs in Parquet, batch by batch.
//!
//! Source: VPC user guide, "Available fields", "Parquet data type"; the names have underscores for hyphens.

mod chunks;

use std::io::{Read, Seek};
use std::sync::atomic::Ordering;

use parquet::basic::Type;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, RowGroupReader, SerializedFileReader};
use parquet::schema::types::SchemaDescriptor;

use self::chunks::Chunks;
use super::Progress;
use super::cell::{Cell, Cells};
use super::columns::{Columns, Slot, field};
use super::record::{self, Fault, Seen};
use super::tally::Tally;
use crate::Place;
use crate::finding::Findings;

/// How many rows are held at once.
const BATCH: usize = 4096;

/// A log in Parquet that is being read.
pub(super) struct Columnar<'a> {
    pub(super) name: &'a str,
    pub(super) tally: &'a mut Tally,
    pub(super) findings: &'a mut Findings,
    /// How many rows could not be read.
    pub(super) malformed: u64,
}

/// A column that is looked at.
struct Column {
    slot: Slot,
    /// Its number in the file.
    number: usize,
    /// The level of what is there; below it nothing is.
    level: i16,
}

/// A column of a batch.
struct Batch {
    slot: Slot,
    level: i16,
    /// Where each row has its value.
    places: Vec<Option<u32>>,
    values: Values,
}

/// The values that are there, by their type.
enum Values {
    Int32(Pages<Int32Type>),
    Int64(Pages<Int64Type>),
    Bytes(Pages<ByteArrayType>),
}

/// The pages of a column, and the values of a batch.
struct Pages<T: DataType> {
    reader: ColumnReaderImpl<T>,
    levels: Vec<i16>,
    values: Vec<T::T>,
}

/// A row.
struct Row<'a>([Cell<'a>; Slot::ALL.len()]);

impl<'a> Cells<'a> for Row<'a> {
    fn cell(&self, slot: Slot) -> Cell<'a> {
        self.0.get(slot as usize).copied().unwrap_or(Cell::Missing)
    }
}

impl Columnar<'_> {
    /// Reads all of it; says what keeps it from that.
    pub(super) fn read<S: Read + Seek + Send + 'static>(
        &mut self, source: S, length: u64, progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<(), String> {
        let chunks = Chunks::new(source, length);
        let counter = chunks.counter();
        let file = SerializedFileReader::new(chunks).map_err(|error| format!("it is no Parquet: {error}"))?;
        let columns = self.columns(file.metadata().file_metadata().schema_descr())?;
        let mut rows = 0;
        for number in 0..file.num_row_groups() {
            let group = file.get_row_group(number).and_then(|group| Group::open(&*group, &columns));
            let mut group = group.map_err(|error| no_further(rows, &error))?;
            while let Some(count) = group.next().map_err(|error| no_further(rows, &error))? {
                for row in 0..count {
                    rows += 1;
                    self.row(&group.row(row), rows);
                }
                let read = counter.load(Ordering::Relaxed);
                let records = self.tally.total.flows;
                progress(&Progress { file: self.name, read, length: Some(length), records });
            }
        }
        Ok(())
    }

    /// The columns that are looked at. What a log cannot have is a finding, and passed over.
    fn columns(&mut self, schema: &SchemaDescriptor) -> Result<Vec<Column>, String> {
        let (mut columns, mut known) = (Vec::new(), Columns::empty());
        for (number, column) in schema.columns().iter().enumerate() {
            let name = column.path().string();
            let place = || Place::Value(name.clone());
            let Some(field) = field(&name) else {
                self.findings.add(self.name, place(), "no field is known by this name; it is passed over");
                continue;
            };
            let Some(slot) = Slot::ALL.iter().copied().find(|slot| slot.field() == field) else { continue };
            let is_flat = column.max_rep_level() == 0 && column.max_def_level() <= 1;
            let is_read = matches!(column.physical_type(), Type::INT32 | Type::INT64 | Type::BYTE_ARRAY);
            if !is_flat || !is_read {
                self.findings.add(self.name, place(), "its type is none that a flow log has; it is passed over");
            } else if known.place(slot).is_none() {
                known.push(field);
                columns.push(Column { slot, number, level: column.max_def_level() });
            }
        }
        match known.lack() {
            Some(lack) => Err(format!("{lack}; the file is left out")),
            None => Ok(columns),
        }
    }

    fn row(&mut self, row: &Row<'_>, number: u64) {
        match record::read(row) {
            Ok(Seen::Flow(record)) => self.tally.count(&record),
            Ok(Seen::NoData) => self.tally.no_data += 1,
            Ok(Seen::SkipData) => self.tally.skipped += 1,
            Err(Fault { slot, expected }) => {
                self.malformed += 1;
                let message = format!("`{}` is not {expected}; the row is left out", row.cell(slot).shown());
                self.findings.add(self.name, Place::Value(format!("row {number}: {}", slot.field())), message);
            }
        }
    }
}

/// That reading ends here.
fn no_further(rows: u64, error: &ParquetError) -> String {
    format!("it can be read no further than row {rows}: {error}")
}

/// A group of rows that is being read, a batch at a time.
struct Group {
    batches: Vec<Batch>,
}

impl Group {
    fn open(group: &dyn RowGroupReader, columns: &[Column]) -> Result<Self, ParquetError> {
        let batches = columns.iter().map(|column| {
            let values = match group.get_column_reader(column.number)? {
                ColumnReader::Int32ColumnReader(reader) => Values::Int32(Pages::new(reader)),
                ColumnReader::Int64ColumnReader(reader) => Values::Int64(Pages::new(reader)),
                ColumnReader::ByteArrayColumnReader(reader) => Values::Bytes(Pages::new(reader)),
                _ => return Err(ParquetError::General("a column is of another type than the file says".to_owned())),
            };
            Ok(Batch { slot: column.slot, level: column.level, places: Vec::new(), values })
        });
        Ok(Self { batches: batches.collect::<Result<_, _>>()? })
    }

    /// Reads the next batch: how many rows it has. `None` at the end.
    fn next(&mut self) -> Result<Option<usize>, ParquetError> {
        let mut rows = None;
        for batch in &mut self.batches {
            let count = batch.next()?;
            if *rows.get_or_insert(count) != count {
                return Err(ParquetError::General("its columns have different numbers of rows".to_owned()));
            }
        }
        Ok(rows.filter(|count| *count > 0))
    }

    /// A row of the batch.
    fn row(&self, place: usize) -> Row<'_> {
        let mut cells = [Cell::Missing; Slot::ALL.len()];
        for batch in &self.batches {
            if let Some(cell) = cells.get_mut(batch.slot as usize) {
                *cell = batch.cell(place);
            }
        }
        Row(cells)
    }
}

impl Batch {
    fn next(&mut self) -> Result<usize, ParquetError> {
        match &mut self.values {
            Values::Int32(pages) => pages.next(self.level, &mut self.places),
            Values::Int64(pages) => pages.next(self.level, &mut self.places),
            Values::Bytes(pages) => pages.next(self.level, &mut self.places),
        }
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        let Some(place) = self.places.get(row).copied().flatten().map(|place| place as usize) else {
            return Cell::Missing;
        };
        let cell = match &self.values {
            Values::Int32(pages) => pages.values.get(place).map(|number| Cell::Number((*number).into())),
            Values::Int64(pages) => pages.values.get(place).map(|number| Cell::Number(*number)),
            Values::Bytes(pages) => pages.values.get(place).map(|text| Cell::Text(text.data())),
        };
        match cell {
            Some(Cell::Text(b"-" | b"")) | None => Cell::Missing,
            Some(cell) => cell,
        }
    }
}

impl<T: DataType> Pages<T> {
    fn new(reader: ColumnReaderImpl<T>) -> Self {
        Self { reader, levels: Vec::new(), values: Vec::new() }
    }

    /// Reads the next values, and where each row has its own. Returns how many rows there are.
    fn next(&mut self, level: i16, places: &mut Vec<Option<u32>>) -> Result<usize, ParquetError> {
        self.levels.clear();
        self.values.clear();
        places.clear();
        let levels = (level > 0).then_some(&mut self.levels);
        let (rows, values, _) = self.reader.read_records(BATCH, levels, None, &mut self.values)?;
        if level == 0 {
            places.extend((0..).take(values).map(Some));
        } else {
            let mut place = 0;
            places.extend(self.levels.iter().map(|own| {
                (*own == level).then(|| {
                    place += 1;
                    place - 1
                })
            }));
        }
        Ok(rows)
    }
}
