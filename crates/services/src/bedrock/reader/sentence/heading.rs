//! Headings that a line stands under.

use std::rc::Rc;

/// How deep headings lie in each other at most, and how many words of one count. What is longer is none.
const DEEPEST: usize = 6;
const MOST_OF_HEADING: usize = 32;

/// The headings above a line, by their levels, and the words of the nearest and of all, which many sentences share.
pub(super) struct Above {
    levels: Vec<(usize, Vec<String>)>,
    nearest: Rc<[String]>,
    all: Rc<[String]>,
}

impl Default for Above {
    fn default() -> Self {
        Self { levels: Vec::new(), nearest: Rc::from([]), all: Rc::from([]) }
    }
}

impl Above {
    pub(super) fn enter(&mut self, level: usize, mut terms: Vec<String>) {
        let level = level.min(DEEPEST);
        terms.truncate(MOST_OF_HEADING);
        self.levels.retain(|(above, _)| *above < level);
        self.nearest = terms.iter().cloned().collect();
        self.levels.push((level, terms));
        self.all = self.levels.iter().flat_map(|(_, terms)| terms.iter().cloned()).collect();
    }

    /// Of the nearest, and of all.
    pub(super) fn terms(&self) -> (Rc<[String]>, Rc<[String]>) {
        (Rc::clone(&self.nearest), Rc::clone(&self.all))
    }
}
