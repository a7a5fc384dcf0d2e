//! A [`Sandbox`] on its way from the caller to the shim, and what the three
//! processes say to each other: JSON lines over Unix sockets.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Entry, Identity, InjectedFile, Limits, Root, Sandbox, SandboxError};
use crate::holder::passing;

/// A [`Sandbox`] without its descriptor and the contents of its files.
///
/// Paths travel as [`OsString`]: unlike `Path`, it survives bytes that are not UTF-8. It is not `Debug`, since the
/// environment holds secrets.
#[derive(Serialize, Deserialize)]
pub(super) struct Spec {
    pub(super) hostname: String,
    pub(super) root: SpecRoot,
    pub(super) workdir: OsString,
    /// User and group of [`Identity::Caller`]; none for [`Identity::RootInside`].
    pub(super) caller: Option<(u32, u32)>,
    /// Path and length of each injected file.
    files: Vec<(OsString, usize)>,
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) command: Vec<OsString>,
    pub(super) hidden: Vec<OsString>,
    pub(super) scratch: Vec<OsString>,
    pub(super) limits: Limits,
    pub(super) detached: Option<SpecDetached>,
    /// The pid file of a running sandbox to enter, instead of building one.
    pub(super) entered: Option<OsString>,
    #[serde(skip)]
    pub(super) contents: Vec<InjectedFile>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum SpecRoot {
    ReadOnlyHost { writable: Vec<OsString> },
    Overlay { upper: OsString, work: OsString },
    Function { laid: Vec<(OsString, OsString)>, temporary: u64 },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SpecDetached {
    pub(super) log: OsString,
    pub(super) status_file: OsString,
    pub(super) pid_file: OsString,
}

impl Spec {
    /// The description of an [`Entry`]: most of it is fixed by the sandbox that is entered.
    pub(super) fn of_entry(entry: &Entry, pid_file: PathBuf) -> Self {
        Self {
            hostname: String::new(),
            root: SpecRoot::ReadOnlyHost { writable: Vec::new() },
            workdir: entry.workdir.clone().into_os_string(),
            caller: caller_of(entry.identity),
            files: Vec::new(),
            environment: entry.environment.clone(),
            command: entry.command.clone(),
            hidden: Vec::new(),
            scratch: Vec::new(),
            limits: Limits::default(),
            detached: None,
            entered: Some(pid_file.into_os_string()),
            contents: Vec::new(),
        }
    }

    pub(super) fn of(sandbox: &Sandbox, detached: Option<SpecDetached>) -> Self {
        let os = |path: &PathBuf| path.clone().into_os_string();
        Self {
            hostname: sandbox.hostname.clone(),
            root: match &sandbox.root {
                Root::ReadOnlyHost { writable } => {
                    SpecRoot::ReadOnlyHost { writable: writable.iter().map(os).collect() }
                }
                Root::Overlay { upper, work } => SpecRoot::Overlay { upper: os(upper), work: os(work) },
                Root::Function { laid, temporary } => SpecRoot::Function {
                    laid: laid.iter().map(|(source, target)| (os(source), os(target))).collect(),
                    temporary: *temporary,
                },
            },
            workdir: os(&sandbox.workdir),
            caller: caller_of(sandbox.identity),
            files: sandbox.files.iter().map(|file| (os(&file.path), file.contents.len())).collect(),
            environment: sandbox.environment.clone(),
            command: sandbox.command.clone(),
            hidden: sandbox.hidden.iter().map(os).collect(),
            scratch: sandbox.scratch.iter().map(os).collect(),
            limits: sandbox.limits,
            detached,
            entered: None,
            contents: Vec::new(),
        }
    }

    pub(super) fn is_read_only(&self) -> bool {
        !matches!(self.root, SpecRoot::Overlay { .. })
    }

    pub(super) fn is_function(&self) -> bool {
        matches!(self.root, SpecRoot::Function { .. })
    }

    /// Sends the description, with the network namespace and the contents of the files of a sandbox to build.
    pub(super) fn send(&self, socket: &UnixStream, sandbox: Option<&Sandbox>) -> io::Result<()> {
        let json = serde_json::to_vec(self)?;
        let length = u64::try_from(json.len()).map_err(io::Error::other)?;
        let netns: Vec<_> = sandbox.iter().map(|sandbox| sandbox.netns.as_raw_fd()).collect();
        passing::send(socket, &length.to_le_bytes(), &netns)?;
        passing::send(socket, &json, &[])?;
        for file in sandbox.iter().flat_map(|sandbox| &sandbox.files) {
            passing::send(socket, &file.contents, &[])?;
        }
        Ok(())
    }

    /// The other end of [`Spec::send`].
    pub(super) fn receive(mut socket: &UnixStream) -> io::Result<(Self, Option<OwnedFd>)> {
        let mut length = [0_u8; 8];
        let (count, netns) = passing::receive(socket, &mut length)?;
        socket.read_exact(length.get_mut(count..).unwrap_or_default())?;
        let length = usize::try_from(u64::from_le_bytes(length)).map_err(io::Error::other)?;
        let mut spec: Self = serde_json::from_slice(&read_bytes(socket, length)?)?;
        for (path, length) in std::mem::take(&mut spec.files) {
            let contents = read_bytes(socket, length)?;
            spec.contents.push(InjectedFile { path: path.into(), contents });
        }
        Ok((spec, netns))
    }
}

fn caller_of(identity: Identity) -> Option<(u32, u32)> {
    match identity {
        Identity::Caller { uid, gid } => Some((uid, gid)),
        Identity::RootInside => None,
    }
}

fn read_bytes(mut socket: &UnixStream, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    socket.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// What the shim tells the caller, and init the shim.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Report {
    /// Init has entered its user namespace and waits for its ids.
    MapIds,
    /// The program runs.
    Started,
    /// The program does not run.
    Failed(SandboxError),
    /// The program ended.
    Ended(super::Outcome),
}

/// Writes one line of JSON.
pub(super) fn write_line(socket: &UnixStream, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    passing::send(socket, &line, &[])
}

/// Reads one line of JSON; nothing when the other side has gone.
pub(super) fn read_line<T: DeserializeOwned>(mut socket: &UnixStream) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    let mut byte = [0_u8; 1];
    loop {
        match socket.read(&mut byte) {
            Ok(0) => return Ok(None),
            Ok(_) if byte == *b"\n" => return Ok(Some(serde_json::from_slice(&line)?)),
            Ok(_) => line.extend_from_slice(&byte),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(None),
            Err(error) => return Err(error),
        }
    }
}

/// Refuses what cannot be confined, before anything is started.
pub(super) fn validate(sandbox: &Sandbox) -> Result<(), SandboxError> {
    let invalid = |reason: String| Err(SandboxError::Invalid { reason });
    if sandbox.command.is_empty() {
        return invalid("no command was given; name a program to run".to_owned());
    }
    if sandbox.hostname.is_empty() || sandbox.hostname.len() > 64 {
        return invalid(format!("`{}` is no host name; use 1 to 64 characters", sandbox.hostname));
    }
    if sandbox.identity == Identity::RootInside && !matches!(sandbox.root, Root::Overlay { .. }) {
        return invalid("root inside needs a writable layer of its own; use an overlay root".to_owned());
    }
    let mut paths: Vec<&Path> = sandbox.hidden.iter().chain(&sandbox.scratch).map(PathBuf::as_path).collect();
    paths.extend(sandbox.files.iter().map(|file| file.path.as_path()));
    paths.push(&sandbox.workdir);
    match &sandbox.root {
        Root::ReadOnlyHost { writable } => {
            paths.extend(writable.iter().map(PathBuf::as_path));
            if let Some(path) = writable.iter().find(|path| !may_be_writable(path)) {
                return invalid(format!(
                    "`{}` belongs to the system and cannot be writable inside; start from a directory of your own",
                    path.display()
                ));
            }
        }
        Root::Overlay { upper, work } => paths.extend([upper.as_path(), work.as_path()]),
        Root::Function { laid, .. } => {
            paths.extend(laid.iter().flat_map(|(source, target)| [source.as_path(), target.as_path()]));
        }
    }
    match paths.iter().find(|path| !path.is_absolute()) {
        Some(path) => invalid(format!("`{}` must be an absolute path", path.display())),
        None => Ok(()),
    }
}

/// Directories that only the system writes to, with all below them …
const SYSTEM_TREES: [&str; 14] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var/lib/dpkg",
];
/// … and those that are too much at once.
const SYSTEM_DIRS: [&str; 10] = ["/", "/home", "/media", "/mnt", "/opt", "/srv", "/snap", "/tmp", "/var", "/var/lib"];
/// Exceptions below [`SYSTEM_TREES`].
const USER_TREES: [&str; 3] = ["/dev/shm", "/usr/local/src", "/usr/src"];

/// Whether [`Root::ReadOnlyHost`] may leave a directory writable: not one that the system owns, nor one that is too much at once.
pub fn may_be_writable(path: &Path) -> bool {
    let real = path.canonicalize();
    let path = real.as_deref().unwrap_or(path);
    if SYSTEM_DIRS.iter().any(|dir| path == Path::new(dir)) {
        return false;
    }
    let below_user_tree = USER_TREES.iter().any(|dir| path.starts_with(dir) && path != Path::new(dir));
    below_user_tree || !SYSTEM_TREES.iter().any(|dir| path.starts_with(dir))
}
