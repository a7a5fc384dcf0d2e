//! Why a command on policies was not carried out.

use std::path::{Path, PathBuf};

use crate::cli::error::CliError;

/// Why a command on policies was not carried out.
#[derive(Debug, thiserror::Error)]
pub(super) enum PolicyCommandError {
    /// A file is not there, or not to be read.
    #[error("cannot read `{}` ({reason}); give a file that you may read, or `-` for standard input", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        reason: std::io::Error,
    },
    /// A file that must be held whole is too long for that.
    #[error("`{}` is longer than {mebibytes} MiB; give a file with one case or one policy, or choose a case by `--id`", .path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// What is allowed.
        mebibytes: usize,
    },
    /// A file is no text.
    #[error("`{}` is not in UTF-8; save it in that encoding", .path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
    },
    /// A policy's file is no JSON.
    #[error("`{}` is no policy: {reason}", .path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// Where and why not.
        reason: serde_json::Error,
    },
    /// The levels of an organization are not given one after the other.
    #[error(
        "`--{layer}` has policies of level {level} and none of level {missing}; every level needs one, such as the policy that allows everything"
    )]
    MissingLevel {
        /// The layer.
        layer: &'static str,
        /// The level that is given.
        level: usize,
        /// The one before, that is not.
        missing: usize,
    },
    /// There is nothing to explain.
    #[error("`{}` has no case; a case is a JSON object with `request` and policies, see docs/how-to/test-policies.md", .path.display())]
    NoCase {
        /// The file.
        path: PathBuf,
    },
    /// There is more than one to explain.
    #[error("`{}` has several cases; choose one by `--id`, such as `--id {first}`", .path.display())]
    SeveralCases {
        /// The file.
        path: PathBuf,
        /// The first of them.
        first: String,
    },
    /// No case has the id.
    #[error("none of the {count} cases of `{}` has the id `{id}`; `sidegate policy test` lists the ids", .path.display())]
    UnknownCase {
        /// The file.
        path: PathBuf,
        /// How many cases there are.
        count: usize,
        /// The id.
        id: String,
    },
    /// The case that is to be explained is none.
    #[error("the case `{id}` cannot be decided: {reason}")]
    BrokenCase {
        /// Its id, or where it stands.
        id: String,
        /// Why not.
        reason: String,
    },
    /// The request by hand is none.
    #[error("the request cannot be decided: {reason}")]
    BrokenRequest {
        /// Why not.
        reason: String,
    },
    /// What every command may fail of.
    #[error(transparent)]
    Command(#[from] CliError),
}

impl PolicyCommandError {
    /// For a file that the system does not give.
    pub(super) fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> Self {
        |reason| Self::Unreadable { path: path.to_owned(), reason }
    }
}
