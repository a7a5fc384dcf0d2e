//! The command line: what `sidegate` can be asked to do, one file per command.

mod advise;
mod bench;
mod bill;
mod compare;
mod demo;
mod down;
mod env;
mod error;
mod events;
mod exec;
mod explain;
mod policy;
mod prices;
mod reach;
mod status;
#[cfg(test)]
mod tests;
mod up;

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use sidegate_linux::{holder, sandbox};
use sidegate_model::{AccountId, Region};

use self::error::CliError;
use crate::own_directory;
use crate::programs::Key;
use crate::state_dir::StateDir;

/// Private AWS networks on this machine, for real.
#[derive(Debug, Parser)]
#[command(name = "sidegate", version, about, max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the daemon: the AWS API, the networks and the services
    Up(UpArgs),
    /// Run a private AI workload, with each service behind the endpoint that suits it; show its paths, and what breaks them
    Demo(demo::DemoArgs),
    /// Run a program in a subnet, or in an instance
    Exec(exec::ExecArgs),
    /// Tell how the daemon is
    Status(status::StatusArgs),
    /// Tell the newest requests: on which path each came, and what was decided
    Events(events::EventsArgs),
    /// Tell whether one thing reaches another, what decides that on the way, and what to change if it does not
    Explain(Box<explain::ExplainArgs>),
    /// Tell everything that reaches something, or that something reaches, and judge assertions about that
    Reach(Box<reach::ReachArgs>),
    /// Put the two types of VPC endpoint side by side: path, routes, interfaces, names, policies, who can use them, cost
    Compare(Box<compare::CompareArgs>),
    /// Tell which endpoint suits each service, why, and what it costs instead of what
    Advise(Box<advise::AdviseArgs>),
    /// Tell what AWS would charge for what the network used, and what the same traffic costs by other ways
    Bill(bill::BillArgs),
    /// Print the variables that lead AWS clients to the daemon, for `eval "$(sidegate env)"`
    Env(env::EnvArgs),
    /// Try out policies, without the daemon: whole files of decisions, or one with its reasons
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// End the daemon and everything that runs inside; what is stored stays
    Down(down::DownArgs),
    /// Measure
    Bench(crate::bench::BenchArgs),
    /// Keep the namespaces of a state directory (internal)
    #[command(hide = true)]
    Holder {
        #[arg(long)]
        socket: PathBuf,
    },
    /// Clear the directory of a benchmark or a demo when its owner is killed (internal)
    #[command(hide = true)]
    Guardian { directory: PathBuf },
    /// Watch over one program (internal)
    #[command(hide = true)]
    Shim {
        #[arg(long)]
        spec_fd: RawFd,
    },
}

/// Which state directory, for every command that needs one.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct StateArgs {
    /// The state directory [default: $SIDEGATE_STATE, or else /var/lib/sidegate for root]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

impl StateArgs {
    /// The state directory, which may not exist.
    pub(crate) fn path(&self) -> PathBuf {
        let path = self.state.clone().unwrap_or_else(StateDir::default_path);
        // Links are followed, since sandboxes hide the directory by its real name.
        path.canonicalize().unwrap_or(path)
    }
}

/// Arguments of `sidegate up`.
#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    #[command(flatten)]
    pub(crate) state: StateArgs,
    /// Where to serve the AWS API
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4566")]
    pub(crate) listen: SocketAddr,
    /// The Region of clients that do not say [default: us-east-1, or the one of the last start]
    #[arg(long)]
    pub(crate) region: Option<Region>,
    /// The account that the first start makes [default: 000000000000]
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<AccountId>,
    /// The administrator's access key id [default: $SIDEGATE_ACCESS_KEY_ID, or a random one]
    #[arg(long, value_name = "ID", requires = "secret_access_key")]
    access_key_id: Option<String>,
    /// The administrator's secret access key; others can see it here, so prefer $SIDEGATE_SECRET_ACCESS_KEY
    #[arg(long, value_name = "SECRET", requires = "access_key_id")]
    secret_access_key: Option<Secret>,
    /// A file that says which services other servers answer (docs/how-to/use-an-upstream.md)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Return when the daemon is ready, and leave it running
    #[arg(long)]
    pub(crate) detach: bool,
}

/// A secret access key on the command line, which shows in no log.
#[derive(Clone)]
struct Secret(String);

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(secret)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl UpArgs {
    /// The administrator's access key, if it was given.
    ///
    /// # Errors
    /// If the environment has one of the two only.
    pub(crate) fn access_key(&self) -> Result<Option<Key>, CliError> {
        if let (Some(id), Some(secret)) = (&self.access_key_id, &self.secret_access_key) {
            return Ok(Some(Key { id: id.clone(), secret: secret.0.clone() }));
        }
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        match (variable("SIDEGATE_ACCESS_KEY_ID"), variable("SIDEGATE_SECRET_ACCESS_KEY")) {
            (Some(id), Some(secret)) => Ok(Some(Key { id, secret })),
            (None, None) => Ok(None),
            (Some(_), None) => {
                Err(CliError::HalfAKey { given: "SIDEGATE_ACCESS_KEY_ID", missing: "SIDEGATE_SECRET_ACCESS_KEY" })
            }
            (None, Some(_)) => {
                Err(CliError::HalfAKey { given: "SIDEGATE_SECRET_ACCESS_KEY", missing: "SIDEGATE_ACCESS_KEY_ID" })
            }
        }
    }
}

/// Reads the command line and carries it out.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    let outcome = match cli.command {
        // Both fork, and so come before any thread.
        Command::Holder { socket } => return holder::main(&socket),
        Command::Shim { spec_fd } => return sandbox::shim_main(spec_fd),
        Command::Guardian { directory } => guard(&directory),
        Command::Up(args) => up::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Exec(args) => exec::run(&args),
        Command::Status(args) => status::run(&args),
        Command::Events(args) => events::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Reach(args) => reach::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Advise(args) => advise::run(&args),
        Command::Bill(args) => bill::run(&args),
        Command::Env(args) => env::run(&args),
        Command::Policy(command) => Ok(policy::run(&command)),
        Command::Down(args) => down::run(&args),
    };
    outcome.unwrap_or_else(|error| {
        remark(&error.to_string());
        error.exit_code()
    })
}

/// Tells how a command line is meant, or what it asked to be told. The status is clap's own, but where that is an answer.
fn misused(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    let command = std::env::args_os().nth(1);
    match error.exit_code() {
        0 => ExitCode::SUCCESS,
        _ if command.is_some_and(|own| ["explain", "reach", "compare", "advise"].iter().any(|name| own == *name)) => {
            ExitCode::from(explain::NOT_EXPLAINED)
        }
        status => u8::try_from(status).map_or(ExitCode::FAILURE, ExitCode::from),
    }
}

/// Waits for the end of the owner of a directory.
fn guard(directory: &Path) -> Result<ExitCode, CliError> {
    let exe = std::env::current_exe().map_err(|e| CliError::system("find this program's file", &e))?;
    own_directory::guard(directory, &exe);
    Ok(ExitCode::SUCCESS)
}

/// What asynchronous commands run on.
fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Runtime::new().map_err(|e| CliError::system("start the runtime", &e))
}

/// Who reads what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// Somebody may.
    There,
    /// Nobody any more.
    Gone,
}

/// Prints text. A reader that has seen enough, such as `head`, is no error.
fn print(text: &str) -> Result<Reader, CliError> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(Reader::There),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(CliError::system("print", &error)),
    }
}

/// Says something to the user beside what is printed.
fn remark(text: &str) {
    let _ = writeln!(io::stderr(), "sidegate: {text}");
}
