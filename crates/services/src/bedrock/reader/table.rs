//! Tables of Markdown, whose rows are told with the headings of their columns.

use super::terms;

/// The lines of a text that are a table, as they come.
#[derive(Debug, Default)]
pub(super) struct Table {
    heads: Vec<String>,
    has_begun: bool,
}

/// A row, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// `item: NAT gateway; price: 0.045 per hour`.
    pub(super) text: String,
    /// The first cell, which says what the others are about, and its heading.
    pub(super) name: Cell,
    /// The others that say something.
    pub(super) others: Vec<Cell>,
}

/// A cell of a table; what its heading or it says, and the stems of that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) head: String,
    pub(super) text: String,
    pub(super) of_head: Vec<String>,
    pub(super) terms: Vec<String>,
}

impl Cell {
    fn new(head: &str, text: &str) -> Self {
        let (of_head, terms) = (terms::telling(head), terms::telling(text));
        Self { head: head.to_owned(), text: text.to_owned(), of_head, terms }
    }
}

/// What a heading may end with that joins it to its cell: `kept for`.
const JOINTS: [&str; 6] = ["by", "for", "from", "in", "on", "to"];

impl Row {
    /// The stems of all its cells, and of all its headings.
    pub(super) fn terms(&self) -> Vec<String> {
        self.cells().flat_map(|cell| cell.terms.iter().cloned()).collect()
    }

    pub(super) fn of_heads(&self) -> Vec<String> {
        self.cells().flat_map(|cell| cell.of_head.iter().cloned()).collect()
    }

    fn cells(&self) -> impl Iterator<Item = &Cell> {
        [&self.name].into_iter().chain(&self.others)
    }

    /// One of the other cells, in words: `NAT gateway: price is 0.045 per hour`.
    pub(super) fn tell(&self, cell: &Cell) -> String {
        let (name, head, text) = (&self.name.text, &cell.head, &cell.text);
        let is_joined = head.split_whitespace().next_back().is_some_and(|last| JOINTS.contains(&last));
        match head.as_str() {
            "" => format!("{name}: {text}"),
            head if is_joined => format!("{name}: {head} {text}"),
            head => format!("{name}: {head} is {text}"),
        }
    }
}

/// How much of a heading is told with its cells, in characters.
const LONGEST_HEAD: usize = 200;

impl Table {
    /// Takes a line, which `plain` makes plain words. The first is the headings, if `next` is the line below headings.
    pub(super) fn take(&mut self, line: &str, next: Option<&str>, plain: impl Fn(&str) -> String) -> Option<Row> {
        let cells: Vec<String> = cells(line).map(plain).collect();
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        if is_first && next.is_some_and(|next| next.starts_with('|') && is_rule(next)) {
            // Each row repeats them.
            self.heads = cells.iter().map(|head| head.chars().take(LONGEST_HEAD).collect()).collect();
            return None;
        }
        let told: Vec<String> = cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(at, cell)| match self.heads.get(at).filter(|head| !head.is_empty()) {
                Some(head) => format!("{head}: {cell}"),
                None => cell.clone(),
            })
            .collect();
        // Where the corner is empty, the first cell says what the others are about.
        let is_named =
            self.heads.first().is_some_and(String::is_empty) && cells.first().is_some_and(|cell| !cell.is_empty());
        let text = match told.split_first() {
            Some((name, rest)) if is_named && !rest.is_empty() => format!("{name} – {}", rest.join("; ")),
            _ => told.join("; "),
        };
        let cell = |(at, text): (usize, &String)| Cell::new(self.heads.get(at).map_or("", String::as_str), text);
        let mut all = cells.iter().enumerate().map(cell);
        let name = all.next().unwrap_or_default();
        Some(Row { text, name, others: all.filter(|cell| !cell.text.is_empty()).collect() })
    }
}

fn cells(line: &str) -> impl Iterator<Item = &str> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    line.strip_suffix('|').unwrap_or(line).split('|')
}

/// A line of nothing but signs, as there are under headings and between rows of tables.
pub(super) fn is_rule(line: &str) -> bool {
    line.chars().all(|c| matches!(c, '-' | '=' | '*' | '_' | '|' | ':' | '+' | ' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &[&str]) -> Vec<String> {
        let mut table = Table::default();
        let row = |at: usize| table.take(lines[at], lines.get(at + 1).copied(), |cell| cell.trim().to_owned());
        (0..lines.len()).filter(|at| !is_rule(lines[*at])).filter_map(row).map(|row| row.text).collect()
    }

    #[test]
    fn rows_are_told_with_their_headings() {
        let lines = ["| item | price |", "|---|---|", "| NAT gateway | 0.045 per hour |", "| endpoint | |"];
        assert_eq!(told(&lines), ["item: NAT gateway; price: 0.045 per hour", "item: endpoint"]);
        let lines = ["| | group | ACL |", "|---|---|---|", "| memory | stateful | stateless |"];
        assert_eq!(told(&lines), ["memory – group: stateful; ACL: stateless"]);
    }

    #[test]
    fn a_cell_is_told_with_the_name_of_its_row_and_its_heading() {
        let told = |head: &str, text: &str| {
            let row =
                Row { text: String::new(), name: Cell::new("item", "backups"), others: vec![Cell::new(head, text)] };
            row.tell(&row.others[0])
        };
        assert_eq!(told("price", "0.01 per GB"), "backups: price is 0.01 per GB");
        assert_eq!(told("kept for", "35 days"), "backups: kept for 35 days");
        assert_eq!(told("", "35 days"), "backups: 35 days");
    }

    #[test]
    fn a_table_without_headings_is_its_cells() {
        assert_eq!(told(&["| a | b |", "| c | d |"]), ["a; b", "c; d"]);
    }
}
