//! What rows of tables answer.

use super::Page;
use super::term::Term;
use crate::bedrock::reader::table::{Cell, Row};

impl Page<'_> {
    /// Which of the other cells of a row answers: the one whose heading is asked for, or the only one if the question asks for
    /// the row. Only in a row that the question names.
    pub(super) fn cell(&self, row: &Row) -> Option<usize> {
        let named = row.name.terms.iter().filter(|stem| self.asked(stem)).count();
        if named == 0 || named * 2 < row.name.terms.len() {
            return None;
        }
        if row.others.len() == 1 && self.is_all_of(row) {
            return Some(0);
        }
        let is_of_name = |term: &&Term<'_>| row.name.terms.iter().any(|stem| stem == term.stem);
        let others: Vec<&Term<'_>> = self.terms.iter().filter(|term| !is_of_name(term)).collect();
        let weight = |cell: &Cell| -> f64 {
            others.iter().filter(|term| term.is_among(&cell.of_head)).map(|term| term.weight).sum()
        };
        let weights: Vec<f64> = row.others.iter().map(weight).collect();
        let most = weights.iter().copied().fold(0.0, f64::max);
        let mut best = weights.iter().enumerate().filter(|(_, own)| **own > 0.0 && **own >= most).map(|(at, _)| at);
        best.next().filter(|_| best.next().is_none())
    }

    /// Whether the question names a row of a table with headings, and asks for what is in it and nothing else.
    pub(super) fn is_all_of(&self, row: &Row) -> bool {
        let is_named = !row.name.terms.is_empty() && row.name.terms.iter().all(|stem| self.asked(stem));
        let of_heads = row.of_heads();
        let belongs = |term: &Term<'_>| row.name.terms.iter().any(|stem| stem == term.stem) || term.is_among(&of_heads);
        is_named && !of_heads.is_empty() && self.terms.iter().all(belongs)
    }
}
