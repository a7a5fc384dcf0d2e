//! Why a command was not carried out.

use std::path::PathBuf;
use std::process::ExitCode;

use sidegate_linux::holder::HolderError;
use sidegate_linux::sandbox::SandboxError;
use sidegate_model::InstanceId;

use super::bill::NotBilled;
use super::explain::{NOT_EXPLAINED, WorldError};
use super::prices::NotPriced;
use crate::bench::BenchError;
use crate::compare::CompareError;
use crate::config::ConfigError;
use crate::control::ControlError;
use crate::daemon::DaemonError;
use crate::demo::DemoError;
use crate::detached::DetachedError;
use crate::explain::QuestionError;
use crate::reach::ReachError;
use crate::state_dir::StateDirError;

/// Exit status of `exec` when the program was not run, as with env(1) and docker.
const NOT_RUN: u8 = 125;

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The daemon did not do it.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The state directory cannot be used.
    #[error(transparent)]
    State(#[from] StateDirError),
    /// The configuration file cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The daemon did not start, or did not go on.
    #[error(transparent)]
    Daemon(#[from] DaemonError),
    /// A daemon in the background did not start.
    #[error(transparent)]
    Detached(#[from] DetachedError),
    /// The demo did not come to its end.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// A benchmark came to no result.
    #[error(transparent)]
    Bench(#[from] BenchError),
    /// Half of an access key was given.
    #[error("the environment has {given} and not {missing}; set both or neither")]
    HalfAKey {
        /// The variable that is set.
        given: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
    /// Something went wrong.
    #[error("cannot {action} ({reason})")]
    System {
        /// What was attempted.
        action: String,
        /// The system's answer.
        reason: String,
    },
    /// A daemon did not end.
    #[error("the daemon of `{}` was asked to end and did not in time; see `daemon.log` in there, or kill it, and run `sidegate down` again", .0.display())]
    Lingering(PathBuf),
    /// A program was not run.
    #[error(transparent)]
    NotRun(#[from] NotRun),
    /// There is no bill.
    #[error(transparent)]
    NotBilled(#[from] NotBilled),
    /// A path was not explained.
    #[error(transparent)]
    NotExplained(#[from] NotExplained),
    /// No advice was given.
    #[error(transparent)]
    NotAdvised(#[from] NotAdvised),
}

/// Why `sidegate explain`, `sidegate reach` or `sidegate compare` has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotExplained {
    /// What gets where was not told.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// A file of assertions cannot be read.
    #[error("cannot read the assertions of `{}` ({reason})", path.display())]
    Assertions {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// There is nothing to compare.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// A file of prices cannot be used.
    #[error(transparent)]
    Prices(#[from] NotPriced),
    /// The daemon did not give one.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The question has none.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// The files are not there.
    #[error(transparent)]
    World(#[from] WorldError),
    /// The picture could not be written.
    #[error("cannot write the picture to `{}` ({reason})", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        reason: String,
    },
    /// It could not be printed.
    #[error("cannot print the answer ({0})")]
    Print(String),
}

/// Why `sidegate advise` has no advice.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotAdvised {
    /// The daemon did not say what there is.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The files of a described account are not there.
    #[error(transparent)]
    Described(#[from] NotExplained),
    /// A file of prices cannot be used.
    #[error(transparent)]
    Prices(#[from] NotPriced),
    /// A file cannot be read, or written.
    #[error("cannot {verb} `{}` ({reason})", path.display())]
    File {
        /// What was attempted.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        reason: String,
    },
    /// What a file says cannot be used at all.
    #[error("{0}")]
    Unusable(String),
    /// There is nothing to advise on.
    #[error("{0}")]
    Nothing(&'static str),
}

/// Why `sidegate exec` did not run its program.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotRun {
    /// The caller is not root.
    #[error(
        "`sidegate exec` must be started as root, for it makes namespaces; use `sudo sidegate exec …`: the program itself runs as you, without root's rights"
    )]
    NotRoot,
    /// A role was asked for in an instance.
    #[error(
        "a program in the instance `{instance}` has the role of the instance's profile, and no other: `--role {role}` goes with `--subnet`; to give the instance a profile, use `aws ec2 associate-iam-instance-profile`"
    )]
    RoleOfInstance {
        /// The role.
        role: String,
        /// The instance.
        instance: InstanceId,
    },
    /// The daemon did not give what is needed.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The holder does not have the namespace.
    #[error(transparent)]
    Holder(#[from] HolderError),
    /// The network of the program is not there.
    #[error(
        "the daemon did not make the network of `{0}`; `sidegate status` tells whether it is behind, and its log why"
    )]
    NoNetwork(String),
    /// The sandbox could not be made.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// Something else went wrong.
    #[error("cannot {action} ({reason})")]
    System {
        /// What was attempted.
        action: String,
        /// The system's answer.
        reason: String,
    },
}

impl CliError {
    /// An error of the system.
    pub(crate) fn system(action: impl Into<String>, reason: &impl ToString) -> Self {
        Self::System { action: action.into(), reason: reason.to_string() }
    }

    /// The exit status of `sidegate`.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::NotRun(NotRun::Sandbox(error)) => {
                ExitCode::from(u8::try_from(error.exit_status()).unwrap_or(NOT_RUN))
            }
            Self::NotRun(_) => ExitCode::from(NOT_RUN),
            Self::NotExplained(_) | Self::NotAdvised(_) => ExitCode::from(NOT_EXPLAINED),
            _ => ExitCode::FAILURE,
        }
    }
}

impl NotRun {
    /// An error of the system.
    pub(crate) fn system(action: impl Into<String>, reason: &impl ToString) -> Self {
        Self::System { action: action.into(), reason: reason.to_string() }
    }
}
