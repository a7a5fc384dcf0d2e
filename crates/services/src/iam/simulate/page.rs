//! Pages of results. They count actions, and a marker is how many came before: what is asked may change between pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sidegate_wire::aws_query::Content;

use super::super::fault::Fault;
use super::super::form::{Form, MARKER};
use super::Simulated;

/// How many results a page has where the request does not say.
const USUAL: i64 = 100;

/// How long a page may grow before it ends early, in bytes, and how many statements may be compared for it. AWS ends pages
/// early as well, and says so.
const LONG: usize = 2 * 1024 * 1024;
const MUCH: usize = 2_000_000;

/// `MaxItems` and `Marker`.
pub(super) fn read(form: &Form<'_>) -> (usize, Option<String>) {
    let most = form.number("MaxItems", 1, 1000).unwrap_or(USUAL);
    (usize::try_from(most).unwrap_or(1).max(1), form.text("Marker", &MARKER))
}

/// Which results are asked for.
pub(super) struct Pages {
    list: &'static str,
    most: usize,
    from: usize,
}

impl Pages {
    pub(super) fn of(list: &'static str, most: usize, marker: Option<&str>, count: usize) -> Result<Self, Fault> {
        let from = match marker.filter(|marker| !marker.is_empty()) {
            Some(marker) => place(list, marker)
                .ok_or_else(|| Fault::InvalidInput("Invalid marker for pagination.".to_owned()))?
                .min(count),
            None => 0,
        };
        Ok(Self { list, most, from })
    }

    /// The page, of actions each of which compares so many statements.
    pub(super) fn fill(&self, actions: &[String], each: usize, simulate: impl Fn(&str) -> Simulated) -> Simulated {
        let mut results = Content::default();
        let mut next = self.from;
        for action in actions.iter().skip(self.from).take(self.most) {
            let done = next - self.from;
            if done > 0 && (results.as_str().len() > LONG || done.saturating_mul(each) > MUCH) {
                break;
            }
            results.within("member", &simulate(action)?);
            next += 1;
        }
        let marker = (next < actions.len()).then(|| URL_SAFE_NO_PAD.encode(format!("{}\n{next}", self.list)));
        let mut content = Content::default();
        content.within("EvaluationResults", &results).text("IsTruncated", marker.is_some()).optional("Marker", marker);
        Ok(content)
    }
}

fn place(list: &str, marker: &str) -> Option<usize> {
    let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(marker).ok()?).ok()?;
    plain.split_once('\n').filter(|(of, _)| *of == list)?.1.parse().ok()
}
