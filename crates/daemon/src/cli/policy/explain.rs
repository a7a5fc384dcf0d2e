//! `sidegate policy explain`: one decision, as a person would want to read it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgGroup, Args};
use serde::de::IgnoredAny;
use sidegate_iam::{Case, CaseError, Explanation};

use super::by_hand::ByHand;
use super::case_text::{Labels, reason};
use super::document;
use super::error::PolicyCommandError;
use super::lines::{Lines, is_remark, name};
use crate::cli::error::CliError;
use crate::cli::print;

/// Arguments of `sidegate policy explain`.
#[derive(Debug, Args)]
#[command(
    override_usage = "sidegate policy explain [--json] [--id <ID>] <FILE>\n       sidegate policy explain [--json] --principal <ARN> --action <ACTION> --resource <ARN> [OPTIONS]",
    group = ArgGroup::new("question").required(true).args(["file", "principal"]),
    after_help = "The exit status is 0 if the request is allowed, 1 if it is denied, and 2 if it cannot be decided.\n\nExamples:\n  sidegate policy explain cases.jsonl --id reads-through-the-endpoint\n  sidegate policy explain --principal arn:aws:iam::111111111111:user/ana --action s3:GetObject \\\n    --resource arn:aws:s3:::docs/a --identity ana.json --endpoint endpoint.json --context aws:SourceVpce=vpce-1a\n\nThe form of a case, and more examples: docs/how-to/test-policies.md"
)]
pub(crate) struct ExplainArgs {
    /// A file with a case, or with several of which --id chooses one; `-` is standard input
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The case of the file to explain; the first one with this id
    #[arg(long, value_name = "ID", requires = "file")]
    id: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    by_hand: ByHand,
}

/// Decides, and prints why.
pub(super) fn run(args: &ExplainArgs) -> Result<ExitCode, PolicyCommandError> {
    let case = match (&args.file, &args.id) {
        (Some(path), Some(id)) => chosen(path, id)?,
        (Some(path), None) => only(path)?,
        (None, _) => args.by_hand.case()?,
    };
    let explanation = case.explain();
    print(&if args.json { json(&explanation)? } else { text(&explanation) })?;
    Ok(if explanation.decision.is_allowed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn text(explanation: &Explanation<'_>) -> String {
    // As for a line, but there are many.
    explanation.to_string().chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

fn json(explanation: &Explanation<'_>) -> Result<String, CliError> {
    let json = serde_json::to_string_pretty(explanation).map_err(|e| CliError::system("print the decision", &e))?;
    Ok(json + "\n")
}

/// The case of a file with this id.
fn chosen(path: &Path, id: &str) -> Result<Case, PolicyCommandError> {
    let lines = Lines::open(path)?;
    let file = lines.name();
    let mut count = 0;
    for line in lines {
        let line = line?;
        count += 1;
        let Ok(text) = line.text else { continue };
        if Labels::of(&text).id_or(&format!("{file}:{}", line.number)) == id {
            let broken = |error| broken(id.to_owned(), error, line.number - 1);
            return Case::parse(&text).map_err(broken);
        }
    }
    Err(PolicyCommandError::UnknownCase { path: path.to_owned(), count, id: id.to_owned() })
}

/// The case of a file that has no other. It may go over several lines.
fn only(path: &Path) -> Result<Case, PolicyCommandError> {
    let text = document::read(path)?;
    // Lines stay where they are, for the places of faults.
    let lines = || text.lines().map(|line| if is_remark(line) { "" } else { line });
    let mut contents = lines().enumerate().filter(|(_, line)| !line.is_empty());
    let Some((at, first)) = contents.next() else {
        return Err(PolicyCommandError::NoCase { path: path.to_owned() });
    };
    let whole = lines().collect::<Vec<_>>().join("\n");
    let place = format!("{}:{}", name(path), at + 1);
    match Case::parse(&whole) {
        Err(CaseError::Syntax { .. }) if contents.next().is_some() && is_json(first) => {
            Err(PolicyCommandError::SeveralCases { path: path.to_owned(), first: Labels::of(first).id_or(&place) })
        }
        other => other.map_err(|error| broken(Labels::of(&whole).id_or(&place), error, 0)),
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

fn broken(id: String, error: CaseError, lines_before: usize) -> PolicyCommandError {
    PolicyCommandError::BrokenCase { id, reason: reason(error, |place| place.line += lines_before) }
}
