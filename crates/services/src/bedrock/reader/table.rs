//! Tables of Markdown, whose rows are told with the headings of their columns.

/// The lines of a text that are a table, as they come.
#[derive(Debug, Default)]
pub(super) struct Table {
    heads: Vec<String>,
    has_begun: bool,
}

/// A row, in words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// `item: NAT gateway; price: 0.045 per hour`.
    pub(super) text: String,
    /// What its cells say, without the headings.
    pub(super) cells: String,
    /// The headings of its columns.
    pub(super) heads: String,
}

impl Table {
    /// Takes a line, which `plain` makes plain words. The first is the headings, if `next` is the line below headings.
    pub(super) fn take(&mut self, line: &str, next: Option<&str>, plain: impl Fn(&str) -> String) -> Option<Row> {
        let cells: Vec<String> = cells(line).map(plain).collect();
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        if is_first && next.is_some_and(|next| next.starts_with('|') && is_rule(next)) {
            self.heads = cells;
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
        Some(Row { text, cells: cells.join(" "), heads: self.heads.join(" ") })
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
    fn a_table_without_headings_is_its_cells() {
        assert_eq!(told(&["| a | b |", "| c | d |"]), ["a; b", "c; d"]);
    }
}
