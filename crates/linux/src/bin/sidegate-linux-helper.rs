//! The hidden subcommands of `sidegate`, by themselves, for the tests of this
//! crate; and a caller of a sandbox that a test can kill.

use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use sidegate_linux::log_file::StandardError;
use sidegate_linux::netns::NetNs;
use sidegate_linux::sandbox::{Detached, Identity, Limits, Root, Sandbox};
use sidegate_linux::{holder, sandbox};

const USAGE: &str = "usage: holder --socket PATH | shim --spec-fd N | run COMMAND… | detach STATE-DIR COMMAND… | list SOCKET | log PATH BYTES LINES [rm]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["holder", "--socket", socket] => return holder::main(Path::new(socket)),
        ["shim", "--spec-fd", fd] => fd.parse().map(sandbox::shim_main).map_err(Into::into),
        ["run", command @ ..] => run(command),
        ["list", socket] => list(Path::new(socket)),
        ["log", path, largest, lines, and @ ..] => log(Path::new(path), [largest, lines], and == ["rm"]),
        ["detach", state, command @ ..] => detach(Path::new(state), command),
        _ => Err(USAGE.into()),
    };
    result.unwrap_or_else(|error: Box<dyn Error>| {
        eprintln!("sidegate-linux-helper: {error}");
        ExitCode::from(2)
    })
}

fn run(command: &[&str]) -> Result<ExitCode, Box<dyn Error>> {
    let status = sandbox(command, Vec::new())?.run(&std::env::current_exe()?)?;
    Ok(ExitCode::from(u8::try_from(status)?))
}

/// Asks a holder for the names that it has.
fn list(socket: &Path) -> Result<ExitCode, Box<dyn Error>> {
    println!("{}", holder::Client::new(socket).list()?.join(" "));
    Ok(ExitCode::SUCCESS)
}

/// Writes lines to the standard error, which is a log of bounded size, once its directory has been removed or not.
fn log(path: &Path, [largest, lines]: [&str; 2], remove: bool) -> Result<ExitCode, Box<dyn Error>> {
    let (largest, lines): (u64, u32) = (largest.parse()?, lines.parse()?);
    let error = StandardError::of(path, largest);
    if let Some(parent) = path.parent().filter(|_| remove) {
        std::fs::remove_dir_all(parent)?;
    }
    error.begin();
    for line in 0..lines {
        error.write(format!("line {line}\n").as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn detach(state: &Path, command: &[&str]) -> Result<ExitCode, Box<dyn Error>> {
    let files = [state.join("log"), state.join("status"), state.join("pid")];
    let [log, status_file, pid_file] = &files;
    let sandbox = sandbox(command, vec![state.to_owned()])?;
    sandbox.spawn_detached(&std::env::current_exe()?, Detached { log, status_file, pid_file })?;
    Ok(ExitCode::SUCCESS)
}

fn sandbox(command: &[&str], hidden: Vec<PathBuf>) -> Result<Sandbox, Box<dyn Error>> {
    Ok(Sandbox {
        netns: NetNs::create()?.into(),
        hostname: "sandbox".to_owned(),
        root: Root::ReadOnlyHost { writable: Vec::new() },
        workdir: "/".into(),
        identity: Identity::Caller { uid: 0, gid: 0 },
        files: Vec::new(),
        environment: std::env::vars_os().collect(),
        command: command.iter().map(OsString::from).collect(),
        hidden,
        scratch: Vec::new(),
        limits: Limits::default(),
    })
}
