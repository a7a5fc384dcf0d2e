//! `sidegate explain`: whether one thing reaches another, and what decides that: in a running daemon, or in an account of
//! which `aws ec2 describe-*` told.

mod files;

use std::error::Error;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use sidegate_import::{Imported, describe};
use sidegate_model::{AccountId, Region, SecurityGroupId};

pub(super) use self::files::WorldError;
use super::error::{CliError, NotExplained};
use super::{StateArgs, print, remark};
use crate::control::{Answer, Client, Request};
use crate::diagram::clean;
use crate::explain::{Question, Screen, Told, Verdict, WireProtocol, explain_imported, rendered};
use crate::terminal;

/// Exit status of what has no answer; 0 to 2 are answers.
pub(super) const NOT_EXPLAINED: u8 = 3;

/// Exit status of a path that is blocked.
const BLOCKED: u8 = 1;

/// Exit status of a path of which nobody can say.
const UNDETERMINED: u8 = 2;

/// The columns of what is no terminal.
const COLUMNS: usize = 120;

/// Arguments of `sidegate explain`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 if it is reached, 1 if it is blocked, 2 if it cannot be determined, 3 if there is no answer."
)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    state: StateArgs,
    /// Where the path begins: i-…, eni-…, subnet-…, their Name tags or addresses, lambda:FUNCTION, internet
    from: String,
    /// Where it leads: a service, a DNS name, a URL, ADDRESS:PORT, i-…, eni-…, vpce-…, a Name tag, an ARN
    to: String,
    /// The destination port [default: 443 for services, names and endpoints]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// tcp, udp, icmp, icmpv6 or a number
    #[arg(long, value_name = "PROTOCOL", default_value = "tcp")]
    protocol: WireProtocol,
    /// A security group of a program in a subnet; may be repeated [default: the VPC's default group]
    #[arg(long = "security-group", value_name = "SG")]
    groups: Vec<SecurityGroupId>,
    /// The call that is made over it, such as s3:GetObject
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// The ARN that the call is about [default: what TO names, or else *]
    #[arg(long, value_name = "ARN", requires = "action")]
    resource: Option<String>,
    /// Who calls: an ARN, the name of a service, or `anonymous` [default: who has the source's credentials]
    #[arg(long, value_name = "ARN", requires = "action")]
    principal: Option<String>,
    /// Look for names in this account alone
    #[arg(long, value_name = "ID")]
    account: Option<AccountId>,
    /// Look for names in this Region alone
    #[arg(long, value_name = "REGION")]
    region: Option<Region>,
    /// Ask the files of this directory, the output of `aws ec2 describe-*`, and not a daemon
    #[arg(long, value_name = "DIR", conflicts_with = "state")]
    world: Option<PathBuf>,
    /// Open the connection from the source, too, and compare; no service does anything for it
    #[arg(long, conflicts_with = "world")]
    live: bool,
    /// Draw the path: in a file, or as text below the answer
    #[arg(long, value_name = "FILE.svg", num_args = 0..=1, value_parser = svg_file)]
    diagram: Option<Vec<PathBuf>>,
    /// Print the whole answer as JSON
    #[arg(long)]
    json: bool,
}

/// A file for an SVG. What else follows `--diagram` is no name of one.
fn svg_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("svg") => Ok(path),
        _ => Err("a picture goes into a file whose name ends in .svg; for text, put --diagram last".to_owned()),
    }
}

/// Says why there is no answer, and how a command ends then.
pub(super) fn not_explained(error: &dyn Error) -> ExitCode {
    let lines: Vec<String> = error.to_string().lines().map(clean).collect();
    remark(&lines.join("\n"));
    ExitCode::from(NOT_EXPLAINED)
}

/// Asks, and prints the answer.
pub(super) fn run(args: &ExplainArgs) -> Result<ExitCode, CliError> {
    let told = match answer(args) {
        Ok(told) => told,
        Err(error) => return Ok(not_explained(&error)),
    };
    let mut text = if args.json { json(&told.whole)? } else { rendered(&told.tree, screen()) };
    match (args.diagram.as_deref(), &told.drawn) {
        (Some([file, ..]), Some(drawn)) => std::fs::write(file, &drawn.svg)
            .map_err(|error| NotExplained::Picture { path: file.clone(), reason: error.to_string() })?,
        (Some([]), Some(drawn)) if !args.json => text.push_str(&format!("\n{}", drawn.text)),
        _ => {}
    }
    print(&text).map_err(|error| NotExplained::Print(error.to_string()))?;
    Ok(match told.verdict {
        Verdict::Reached => ExitCode::SUCCESS,
        Verdict::Blocked => ExitCode::from(BLOCKED),
        Verdict::Undetermined => ExitCode::from(UNDETERMINED),
    })
}

fn answer(args: &ExplainArgs) -> Result<Told, NotExplained> {
    let question = args.question();
    let Some(directory) = &args.world else {
        let mut client = Client::connect(&args.state.path())?;
        return match client.ask(&Request::Explain(Box::new(question)))? {
            Answer::Explained(told) => Ok(*told),
            other => Err(client.unexpected(&other).into()),
        };
    };
    Ok(explain_imported(&imported(directory)?, &question)?)
}

/// The world of a directory. What is wrong with its files is told on the way.
pub(super) fn imported(directory: &Path) -> Result<Imported, NotExplained> {
    let imported = describe::read(files::read(directory, |path, reason| {
        remark(&clean(&format!("{}: {reason}; it is left out", path.display())));
    })?);
    for finding in imported.findings() {
        remark(&clean(&finding.to_string()));
    }
    if imported.further_findings() > 0 {
        remark(&format!("{} more findings are not shown", imported.further_findings()));
    }
    if imported.world().vpcs.is_empty() {
        return Err(WorldError::NoVpc(directory.to_owned()).into());
    }
    Ok(imported)
}

impl ExplainArgs {
    fn question(&self) -> Question {
        Question {
            from: self.from.clone(),
            to: self.to.clone(),
            groups: self.groups.clone(),
            port: self.port,
            protocol: self.protocol,
            account: self.account.clone(),
            region: self.region,
            action: self.action.clone(),
            resource: self.resource.clone(),
            principal: self.principal.clone(),
            live: self.live,
            diagram: self.diagram.as_ref().map(|_| screen().width),
        }
    }
}

/// The whole answer. What a terminal could take for a command is escaped, as JSON allows.
pub(super) fn json(whole: &serde_json::Value) -> Result<String, NotExplained> {
    let text = serde_json::to_string_pretty(whole).map_err(|error| NotExplained::Print(error.to_string()))?;
    let mut shown = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if matches!(c, '\u{7f}'..='\u{9f}') {
            shown.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    shown.push('\n');
    Ok(shown)
}

/// What the answer is shown on.
fn screen() -> Screen {
    let is_terminal = io::stdout().is_terminal();
    // Source: no-color.org: any value but an empty one.
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    Screen { width: terminal::columns().unwrap_or(COLUMNS), colour: is_terminal && !is_plain }
}
