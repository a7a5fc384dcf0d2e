//! A verdict: what became of one case.

use serde::Serialize;
use sidegate_iam::{Case, Outcome};

use super::case_text::{Labels, reason};
use super::lines::Line;
use super::without_controls;

/// What became of a case. It is printed for people and serialized.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    /// The case's id, or `FILE:LINE` for one without.
    id: String,
    title: Option<String>,
    /// Whether it came out as expected.
    pub(super) ok: bool,
    /// What was expected; `None` if that is not known.
    expected: Option<Outcome>,
    /// What was decided; `None` if nothing could be.
    got: Option<Outcome>,
    /// What decided, or why nothing could be decided.
    reason: String,
    /// The page that demands it.
    source: Option<String>,
    file: String,
    line: usize,
    /// Members that look like policies and are none of a case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<String>,
}

impl Verdict {
    /// Decides the case of a line.
    pub(super) fn of(file: &str, line: Line) -> Self {
        let Line { number, text } = line;
        let (labels, case) = match text {
            Ok(text) => {
                let case = Case::parse(&text).map_err(|error| reason(error, |place| place.line += number - 1));
                (Labels::of(&text), case)
            }
            Err(fault) => (Labels::default(), Err(fault.to_string())),
        };
        let mut verdict = Self {
            id: labels.id_or(&format!("{file}:{number}")),
            title: labels.title().map(str::to_owned),
            ok: false,
            expected: labels.expect(),
            got: None,
            reason: String::new(),
            source: labels.source().map(str::to_owned),
            file: file.to_owned(),
            line: number,
            unknown: Vec::new(),
        };
        match case {
            Ok(case) => verdict.judge(&case),
            Err(reason) => verdict.reason = reason,
        }
        verdict
    }

    fn judge(&mut self, case: &Case) {
        let decision = case.decide();
        self.expected = case.expect;
        self.unknown.clone_from(&case.unknown);
        self.got = Some(decision.outcome());
        self.ok = self.expected == self.got;
        self.reason = decision.reason(&case.request(), &case.policies);
        if self.expected.is_none() {
            self.reason = format!("the case has no `expect` to compare with ({})", self.reason);
        }
    }

    /// What is remarked on beside the verdict, a line each.
    pub(super) fn remarks(&self) -> impl Iterator<Item = String> {
        let remark = |member: &String| {
            let (file, line) = (&self.file, self.line);
            without_controls(&format!(
                "{file}:{line}: a case has no member `{member}`; it is ignored, and restricts nothing"
            ))
        };
        self.unknown.iter().map(remark)
    }

    /// The line for people, with its end.
    pub(super) fn text(&self) -> String {
        let line = if self.ok { format!("ok {}", self.id) } else { self.failure() };
        let mut line = without_controls(&line);
        line.push('\n');
        line
    }

    fn failure(&self) -> String {
        let expected = match (self.expected, self.got) {
            (Some(outcome), _) => outcome.as_str(),
            (None, Some(_)) => "an outcome",
            (None, None) => "a case",
        };
        let got = self.got.map_or("an error", Outcome::as_str);
        format!("FAIL {} expected {expected} got {got} because {}", self.id, self.reason)
    }
}
