//! Runs a program inside a network namespace without making it root on the host.
//!
//! Three processes stand between the caller and the program:
//!
//! ```text
//! caller ── shim (real root, host's file system; `shim.rs`)
//!             └─ init (PID 1 inside: builds the root, gives up root; `init.rs`)
//!                  └─ the program
//! ```
//!
//! Mount, network, IPC and UTS namespaces are made by real root and so belong
//! to the initial user namespace; only then a user namespace is entered, in
//! which the program runs. Whatever it becomes in there, it cannot mount,
//! unmount or configure the network.
//!
//! | file | about |
//! |---|---|
//! | `launch.rs` | the caller's side: run, spawn, spawn detached |
//! | `detached.rs` | programs that outlive their caller: recognise, terminate, status |
//! | `entry.rs` | one more program in a running sandbox |
//! | `shim.rs` | the process outside that watches over one sandbox |
//! | `init.rs` | PID 1 inside, and the start of the program |
//! | `root.rs`, `host_mounts.rs` | what the program sees as its file system |
//! | `privileges.rs`, `seccomp.rs` | what it may still do |

mod detached;
mod entry;
mod error;
mod host_mounts;
mod init;
mod launch;
mod privileges;
mod root;
mod seccomp;
mod shim;
mod spec;
pub(crate) mod sys;

use std::ffi::OsString;
use std::fmt;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use detached::{Outcome, is_running, network_of, status, terminate};
pub use error::SandboxError;
pub(crate) use launch::enter_groups;
pub use launch::{Detached, Ending, Running};
pub use shim::main as shim_main;
pub use spec::may_be_writable;

/// A program, and the confinement that it runs in.
///
/// [`Sandbox::run`] is for the terminal, [`Sandbox::spawn`] for functions with
/// pipes, [`Sandbox::spawn_detached`] for instances.
pub struct Sandbox {
    /// The network that the program is in.
    pub netns: OwnedFd,
    /// The name of the machine, as the program sees it.
    pub hostname: String,
    /// What the program sees as `/`.
    pub root: Root,
    /// Where the program starts.
    pub workdir: PathBuf,
    /// Who the program is.
    pub identity: Identity,
    /// Files that are laid over the host's.
    pub files: Vec<InjectedFile>,
    /// The whole environment; nothing is inherited.
    pub environment: Vec<(OsString, OsString)>,
    /// The program and its arguments. A name without a slash is looked up in
    /// the `PATH` of `environment`.
    pub command: Vec<OsString>,
    /// Files and directories of the host that the program finds empty.
    pub hidden: Vec<PathBuf>,
    /// Directories that the program finds empty and may write to, whatever the host has there. What it writes goes with
    /// the sandbox, but for that of [`Root::Overlay`], which is kept with the other changes. One whose parent the program
    /// does not see is not there, and one that would have to be made in a directory of the host that stays writable is the
    /// program's to make.
    pub scratch: Vec<PathBuf>,
    /// How much of the machine it may use.
    pub limits: Limits,
}

/// One more program in a detached sandbox that is already running.
pub struct Entry {
    /// The pid file that the sandbox was started with.
    pub pid_file: PathBuf,
    /// Where the program starts, inside.
    pub workdir: PathBuf,
    /// Who the program is; the same as the sandbox's own.
    pub identity: Identity,
    /// The whole environment; nothing is inherited.
    pub environment: Vec<(OsString, OsString)>,
    /// The program and its arguments.
    pub command: Vec<OsString>,
}

/// What a sandboxed program sees as its file system.
#[derive(Debug, Clone)]
pub enum Root {
    /// The host's file systems, read-only.
    ReadOnlyHost {
        /// Directories that stay writable, such as the caller's working directory.
        writable: Vec<PathBuf>,
    },
    /// The host's file systems below, and a layer of its own that takes every write.
    ///
    /// Both directories must exist, on one file system, and outlive the program.
    Overlay {
        /// Where changes are kept; one subdirectory per file system of the host.
        upper: PathBuf,
        /// Scratch space that the kernel wants beside `upper`.
        work: PathBuf,
    },
    /// The host's file systems, read-only, with directories laid over them, and nothing to write to but `/tmp`.
    ///
    /// What the host has in `/var` is not there, nor is `/dev/shm` of any use, and there is no memory that no process has
    /// mapped. Its processes can be made to stand still ([`Running::freeze`]).
    Function {
        /// Directories of the host, and where the program finds them, read-only.
        laid: Vec<(PathBuf, PathBuf)>,
        /// How many bytes fit into `/tmp`.
        temporary: u64,
    },
}

/// What a sandbox may use of the machine; what is not said is as it is for the caller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The most processes and threads at a time.
    pub processes: Option<u64>,
    /// The most files that one process has open.
    pub open_files: Option<u64>,
    /// The most bytes of memory of its own that one process has.
    pub data: Option<u64>,
    /// How large a stack grows, in bytes; new threads set as much aside.
    pub stack: Option<u64>,
}

/// Who a sandboxed program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// One user of the host, without any capability.
    Caller {
        /// The user.
        uid: u32,
        /// The user's group; others are dropped.
        gid: u32,
    },
    /// Root inside a user namespace, with the ids 0 to 65535, so that package
    /// managers work. These are the host's ids: only with [`Root::Overlay`].
    RootInside,
}

/// A file that is laid, read-only, over whatever the host has at its path.
#[derive(Clone, PartialEq, Eq)]
pub struct InjectedFile {
    /// Where the program finds it.
    pub path: PathBuf,
    /// What it reads there.
    pub contents: Vec<u8>,
}

// The values of variables and the contents of files may be secrets: none of these shows them.

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("netns", &self.netns)
            .field("hostname", &self.hostname)
            .field("root", &self.root)
            .field("workdir", &self.workdir)
            .field("identity", &self.identity)
            .field("files", &self.files)
            .field("environment", &names(&self.environment))
            .field("command", &self.command)
            .field("hidden", &self.hidden)
            .field("scratch", &self.scratch)
            .field("limits", &self.limits)
            .finish()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("pid_file", &self.pid_file)
            .field("workdir", &self.workdir)
            .field("identity", &self.identity)
            .field("environment", &names(&self.environment))
            .field("command", &self.command)
            .finish()
    }
}

impl fmt::Debug for InjectedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InjectedFile").field("path", &self.path).field("bytes", &self.contents.len()).finish()
    }
}

fn names(environment: &[(OsString, OsString)]) -> Vec<&OsString> {
    environment.iter().map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_of_a_program_is_in_its_debug_text() {
        let environment = vec![("AWS_SECRET_ACCESS_KEY".into(), "s3cr3t".into())];
        let entry = Entry {
            pid_file: "/pid".into(),
            workdir: "/".into(),
            identity: Identity::RootInside,
            environment: environment.clone(),
            command: vec!["sh".into()],
        };
        let sandbox = Sandbox {
            netns: std::fs::File::open("/dev/null").unwrap().into(),
            hostname: "here".to_owned(),
            root: Root::ReadOnlyHost { writable: Vec::new() },
            workdir: "/".into(),
            identity: Identity::RootInside,
            files: vec![InjectedFile { path: "/script".into(), contents: b"s3cr3t".to_vec() }],
            environment,
            command: vec!["sh".into()],
            hidden: Vec::new(),
            scratch: Vec::new(),
            limits: Limits::default(),
        };
        let text = format!("{entry:?} {sandbox:?}");
        assert!(text.contains("AWS_SECRET_ACCESS_KEY") && text.contains("/script"), "{text}");
        assert!(!text.contains("s3cr3t") && !text.contains("115, 51"), "{text}");
    }
}
