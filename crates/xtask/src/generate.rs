//! Generating the EC2 request and response types from the trimmed model.

mod names;
mod shapes;

use std::{
    fmt::Write as _,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use self::shapes::Structures;
use crate::{
    model::{ACTIONS, MODEL, Model},
    read, write,
};

const GENERATED: &str = "crates/wire/src/ec2/generated.rs";
const COMMAND: &str = "cargo run -p sidegate-xtask -- generate";

/// The variants whose request is larger than this many bytes are boxed; clippy counts 200 between
/// the largest and the second-largest variant as too much.
const LARGEST_VARIANT: usize = 400;

pub(crate) fn run(root: &Path) -> Result<String, String> {
    let text = generated(root)?;
    write(&root.join(GENERATED), &text)?;
    Ok(format!("{GENERATED}: {} lines", text.lines().count()))
}

pub(crate) fn check(root: &Path) -> Result<String, String> {
    let committed = read(&root.join(GENERATED)).unwrap_or_default();
    if committed == generated(root)? {
        Ok(format!("{GENERATED} is current"))
    } else {
        Err(format!("{GENERATED} is not what the model in {MODEL} makes of it; run `{COMMAND}` and commit the result"))
    }
}

fn generated(root: &Path) -> Result<String, String> {
    let model = Model::read(&root.join(MODEL))?;
    let actions = read(&root.join(ACTIONS))?;
    formatted(root, &source(&model, &actions)?)
}

/// The module, not yet formatted.
fn source(model: &Model, actions: &str) -> Result<String, String> {
    let structures = Structures::of(model)?;
    let mut out = format!(
        "//! The EC2 request and response types. Generated from `{MODEL}` by\n\
         //! `{COMMAND}`; do not edit.\n\n\
         use super::{{Cursor, FromQuery, ParseError, Timestamp, ToXml, XmlWriter}};\n\
         use crate::query::Params;\n\n"
    );
    request(model, &structures, &mut out)?;
    structures.write(&mut out)?;
    let _ =
        writeln!(out, "/// The actions of the whole service, sorted.\npub(super) static KNOWN_ACTIONS: &[&str] = &[");
    for action in actions.lines() {
        let _ = writeln!(out, "{action:?},");
    }
    out.push_str("];\n");
    Ok(out)
}

/// The enum over all requests.
fn request(model: &Model, structures: &Structures<'_>, out: &mut String) -> Result<(), String> {
    let mut variants = String::new();
    let mut parse = String::new();
    let mut action = String::new();
    let mut dry_run = String::new();
    for (name, operation) in &model.operations {
        let input = operation
            .input
            .as_ref()
            .ok_or_else(|| format!("`{name}` has no input, which the generator does not know"))?;
        let shape = &input.shape;
        let boxed = structures.size(shape)? > LARGEST_VARIANT;
        let (contents, construct) =
            if boxed { (format!("Box<{shape}>"), "Box::new(request)") } else { (shape.clone(), "request") };
        let _ = writeln!(variants, "/// `{name}`.\n{name}({contents}),");
        let _ = writeln!(parse, "{name:?} => {{ let request = {shape}::from_query(&at)?; Self::{name}({construct}) }}");
        let _ = writeln!(action, "Self::{name}(_) => {name:?},");
        if model.members(shape)?.iter().any(|(member, _)| member == "DryRun") {
            let _ = writeln!(dry_run, "Self::{name}(request) => request.dry_run,");
        } else {
            let _ = writeln!(dry_run, "Self::{name}(_) => None,");
        }
    }
    let _ = writeln!(
        out,
        "/// A request for one of the actions that are served.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Request {{ {variants} }}

        impl Request {{
            /// Reads the parameters of `action`; `None` if that is no action that is served.
            pub fn parse(action: &str, params: &Params) -> Result<Option<Self>, ParseError> {{
                let at = Cursor::root(params);
                Ok(Some(match action {{ {parse} _ => return Ok(None), }}))
            }}

            /// The name of the action.
            pub fn action(&self) -> &'static str {{
                match self {{ {action} }}
            }}

            /// Whether the caller only asks if the action would be permitted.
            pub fn dry_run(&self) -> bool {{
                let dry_run = match self {{ {dry_run} }};
                dry_run == Some(true)
            }}
        }}
        "
    );
    Ok(())
}

fn formatted(root: &Path, source: &str) -> Result<String, String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("rustfmt: {error}"))?;
    if let Some(mut stdin) = rustfmt.stdin.take() {
        stdin.write_all(source.as_bytes()).map_err(|error| format!("rustfmt: {error}"))?;
    }
    let output = rustfmt.wait_with_output().map_err(|error| format!("rustfmt: {error}"))?;
    if !output.status.success() {
        return Err("rustfmt could not format the generated source".to_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| format!("rustfmt: {error}"))
}

#[cfg(test)]
mod tests;
