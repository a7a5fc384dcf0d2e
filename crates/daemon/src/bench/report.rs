//! What a benchmark found: tables, goals, and the machine, as text or JSON.

use std::fmt;
use std::fs;

use serde::Serialize;

/// A report.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) part: &'static str,
    pub(super) machine: String,
    pub(super) tables: Vec<Table>,
    pub(super) goals: Vec<Goal>,
    pub(super) notes: Vec<String>,
}

/// A table: a name and a cell for each column in every row.
#[derive(Debug, Serialize)]
pub(super) struct Table {
    pub(super) title: String,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// A row.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) cells: Vec<Cell>,
}

/// A figure, and where there is something to compare with, its ratio to that.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Cell {
    value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    /// How many digits stand after the point.
    #[serde(skip)]
    digits: usize,
}

/// Something to reach.
#[derive(Debug, Serialize)]
pub(super) struct Goal {
    what: String,
    #[serde(flatten)]
    bound: Bound,
    found: f64,
    met: bool,
}

/// How far a figure may go.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Report {
    /// A report with nothing in it yet, of this machine.
    pub(super) fn new(part: &'static str) -> Self {
        Self { part, machine: machine(), tables: Vec::new(), goals: Vec::new(), notes: Vec::new() }
    }
}

impl Cell {
    /// A figure alone.
    pub(super) fn of(value: f64, digits: usize) -> Self {
        Self { value: Some(value).filter(|v| v.is_finite()), ratio: None, digits }
    }

    /// A figure and its ratio.
    pub(super) fn with_ratio(value: f64, digits: usize, ratio: f64) -> Self {
        Self { ratio: Some(ratio).filter(|r| r.is_finite()), ..Self::of(value, digits) }
    }
}

impl Goal {
    /// A goal, and what was found.
    pub(super) fn new(what: impl Into<String>, bound: Bound, found: f64) -> Self {
        let met = match bound {
            Bound::AtMost(limit) => found <= limit,
            Bound::AtLeast(limit) => found >= limit,
        };
        Self { what: what.into(), bound, found, met }
    }
}

/// The kernel and the processors.
fn machine() -> String {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(':'));
    let model = model.map_or("unknown", |(_, model)| model.trim());
    let count = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    format!("Linux {}, {count} CPUs ({model}), load {load} before", kernel.trim())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.part, self.machine)?;
        for table in &self.tables {
            write!(f, "\n{table}")?;
        }
        if !self.goals.is_empty() {
            writeln!(f, "\nGoals")?;
        }
        let width = self.goals.iter().map(|goal| goal.what.chars().count()).max().unwrap_or_default();
        for Goal { what, bound, found, met } in &self.goals {
            let met = if *met { "met" } else { "MISSED" };
            writeln!(f, "  {what:<width$}  {bound}  found {found:<8.3} {met}")?;
        }
        if !self.notes.is_empty() {
            writeln!(f)?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(limit) => write!(f, "≤ {limit:<6}"),
            Self::AtLeast(limit) => write!(f, "≥ {limit:<6}"),
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(value) = self.value else { return f.write_str("–") };
        write!(f, "{value:.*}", self.digits)?;
        self.ratio.map_or(Ok(()), |ratio| write!(f, " · {ratio:.2}"))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.cells.iter().map(Cell::to_string).collect()).collect();
        let width_of = |column: usize, title: &str| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).chain([title.chars().count()]).max().unwrap_or_default()
        };
        let widths: Vec<usize> = self.columns.iter().enumerate().map(|(at, title)| width_of(at, title)).collect();
        let first = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or_default();
        write!(f, "  {:first$}", "")?;
        for (title, width) in self.columns.iter().zip(&widths) {
            write!(f, "  {title:>width$}")?;
        }
        writeln!(f)?;
        for (row, cells) in self.rows.iter().zip(&rows) {
            write!(f, "  {:<first$}", row.name)?;
            for (cell, width) in cells.iter().zip(&widths) {
                write!(f, "  {cell:>width$}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_aligned_and_says_which_goals_are_met() {
        let report = Report {
            part: "network",
            machine: "Linux".to_owned(),
            tables: vec![Table {
                title: "Paths".to_owned(),
                columns: vec!["round trip, µs".to_owned(), "x".to_owned()],
                rows: vec![
                    Row { name: "raw".to_owned(), cells: vec![Cell::of(5.25, 2), Cell::of(f64::NAN, 0)] },
                    Row { name: "gateway".to_owned(), cells: vec![Cell::with_ratio(5.5, 2, 1.08), Cell::of(10.0, 0)] },
                ],
            }],
            goals: vec![
                Goal::new("gateway: round trip", Bound::AtMost(1.12), 1.08),
                Goal::new("gateway: rate", Bound::AtLeast(0.82), 0.5),
            ],
            notes: vec!["A note.".to_owned()],
        };
        let expected = "\
network: Linux

Paths
           round trip, µs   x
  raw                5.25   –
  gateway     5.50 · 1.08  10

Goals
  gateway: round trip  ≤ 1.12    found 1.080    met
  gateway: rate        ≥ 0.82    found 0.500    MISSED

A note.
";
        assert_eq!(report.to_string(), expected);
    }
}
