//! Tables of a width: cells are broken into lines where a table would be wider than the screen.

use crate::diagram::{columns, fitted};

/// What stands between two columns.
const GAP: usize = 2;

/// The fewest columns of a cell. On a screen that is too narrow for that, a table is told row by row.
const LEAST: usize = 8;

/// A table as lines that are no wider than the screen.
pub(super) fn table(header: &[&str], rows: &[Vec<String>], screen: usize) -> String {
    let natural: Vec<usize> = header
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| columns(cell));
            cells.chain([columns(name)]).max().unwrap_or(0)
        })
        .collect();
    let Some(widths) = shared(&natural, screen) else { return told(header, rows, screen) };
    let mut text = String::new();
    let names: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
    for row in std::iter::once(&names).chain(rows) {
        line(&mut text, row, &widths);
    }
    text
}

/// The widths of columns that have room on a screen: what is too wide gives first. `None` if there is no room for all.
fn shared(natural: &[usize], screen: usize) -> Option<Vec<usize>> {
    let room = screen.checked_sub(GAP * natural.len().saturating_sub(1))?;
    let mut widths = natural.to_vec();
    while widths.iter().sum::<usize>() > room {
        let widest = widths.iter_mut().max()?;
        if *widest <= LEAST {
            return None;
        }
        *widest -= 1;
    }
    Some(widths)
}

/// A row as lines.
fn line(text: &mut String, row: &[String], widths: &[usize]) {
    let cells: Vec<Vec<String>> = row.iter().zip(widths).map(|(cell, width)| fitted(cell, *width)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    for at in 0..height {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            let part = cell.get(at).map_or("", String::as_str);
            line.push_str(part);
            line.push_str(&" ".repeat(width.saturating_sub(columns(part)) + GAP));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// A table row by row, each cell behind the name of its column.
fn told(header: &[&str], rows: &[Vec<String>], screen: usize) -> String {
    let mut text = String::new();
    for row in rows {
        for (name, cell) in header.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
            for line in fitted(&format!("{name}: {cell}"), screen) {
                text.push_str(&line);
                text.push('\n');
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        [["s3", "a gateway endpoint costs nothing"], ["bedrock-runtime", "it has no gateway endpoint"]]
            .map(|row| row.map(str::to_owned).to_vec())
            .to_vec()
    }

    #[test]
    fn no_line_is_wider_than_the_screen_whatever_its_width() {
        for screen in 8..90 {
            let text = table(&["SERVICE", "WHY"], &rows(), screen);
            for line in text.lines() {
                assert!(columns(line) <= screen, "{screen}: {line}");
            }
            let words: Vec<_> = text.split_whitespace().collect();
            assert!(words.concat().contains("nothing"), "{text}");
        }
    }

    #[test]
    fn the_widest_column_is_broken_first() {
        let text = table(&["SERVICE", "WHY"], &rows(), 36);
        assert_eq!(
            text,
            "SERVICE          WHY\ns3               a gateway endpoint\n                 costs nothing\nbedrock-runtime  it has no gateway\n                 endpoint\n"
        );
    }
}
