//! The holder process itself: single-threaded, blocking, small.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use nix::sys::stat::{Mode, umask};
use nix::unistd::{chdir, geteuid, setsid};

use super::passing;
use super::protocol::{Answer, LONGEST_REQUEST, Request, Response, is_valid_name, short_path};
use crate::log_file::{self, StandardError};
use crate::netns::NetNs;
use crate::open_files;
use crate::peer;
use crate::sandbox::sys;

/// How long one client may keep the others waiting.
const CLIENT_LIMIT: Duration = Duration::from_secs(2);

/// Becomes the holder of the state directory that `socket` lies in.
///
/// Must be called while the process has a single thread. The calling process
/// ends at once; the holder goes on as a session of its own.
pub fn main(socket: &Path) -> ExitCode {
    match detach() {
        Ok(Detached::Caller) => return ExitCode::SUCCESS,
        Ok(Detached::Holder) => {}
        Err(error) => return failed("cannot detach", &error),
    }
    match claim(socket) {
        Ok(Some(lock)) => {
            let log = StandardError::of(&socket.with_extension("log"), log_file::LARGEST);
            log.begin();
            match serve(socket, &log) {
                Ok(()) => {
                    drop(lock);
                    ExitCode::SUCCESS
                }
                Err(error) => failed("cannot serve", &error),
            }
        }
        // Another holder is there, or about to be: that is all the caller wanted.
        Ok(None) => ExitCode::SUCCESS,
        Err(error) => failed("cannot take the lock", &error),
    }
}

fn failed(what: &str, error: &io::Error) -> ExitCode {
    eprintln!("holder: {what}: {error}");
    ExitCode::FAILURE
}

enum Detached {
    Caller,
    Holder,
}

/// The classical double fork: no controlling terminal, nobody's child.
fn detach() -> io::Result<Detached> {
    sys::close_descriptors_from(3)?;
    if sys::fork()?.is_some() {
        return Ok(Detached::Caller);
    }
    setsid()?;
    if sys::fork()?.is_some() {
        sys::exit_now(0);
    }
    chdir("/")?;
    umask(Mode::from_bits_truncate(0o077));
    sys::ignore_hangups()?;
    // The holder carries every network: among the last to go when memory runs out. Best effort.
    let _ = fs::write("/proc/self/oom_score_adj", "-900");
    // Each namespace is an open descriptor, and the usual limit is 1024. Best effort too.
    let _ = open_files::raise();
    Ok(Detached::Holder)
}

/// The lock that makes this the only holder, for as long as it lives.
fn claim(socket: &Path) -> io::Result<Option<Flock<File>>> {
    let path = socket.with_extension("lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(Some(lock)),
        Err((_, nix::Error::EWOULDBLOCK)) => Ok(None),
        Err((_, errno)) => Err(errno.into()),
    }
}

fn serve(socket: &Path, log: &StandardError) -> io::Result<()> {
    let (path, _dir) = short_path(socket)?;
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;

    let mut held = Held { number: number()?, namespaces: BTreeMap::new() };
    loop {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                // Out of descriptors, most likely: what is held must not be lost over it.
                note(log, "cannot accept", &error);
                std::thread::sleep(Duration::from_millis(100));
                continue;
            }
        };
        match converse(&stream, &mut held) {
            Ok(Next::Continue) => {}
            Ok(Next::Stop) => {
                let _ = fs::remove_file(&path);
                return Ok(());
            }
            Err(error) => note(log, "client", &error),
        }
    }
}

/// Clients can make it write as much as they like, so the log has bounds.
fn note(log: &StandardError, what: &str, error: &io::Error) {
    // There is nobody to tell.
    let _ = log.write(format!("holder: {what}: {error}\n").as_bytes());
}

enum Next {
    Continue,
    Stop,
}

/// All that a holder has.
struct Held {
    /// Tells this holder from those before and after it.
    number: u64,
    namespaces: BTreeMap<String, NetNs>,
}

/// A number that no other holder has.
fn number() -> io::Result<u64> {
    let mut bytes = [0; 8];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(u64::from_ne_bytes(bytes))
}

fn converse(stream: &UnixStream, held: &mut Held) -> io::Result<Next> {
    if getsockopt(stream, PeerCredentials)?.uid() != geteuid().as_raw() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "another user"));
    }
    if !peer::is_outside(stream)? {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "a program inside a sandbox"));
    }
    stream.set_read_timeout(Some(CLIENT_LIMIT))?;
    stream.set_write_timeout(Some(CLIENT_LIMIT))?;

    let Held { number, namespaces } = held;
    let Some((line, descriptor)) = read_request(stream)? else {
        return Ok(Next::Continue);
    };
    let request = match serde_json::from_slice::<Request>(&line) {
        Ok(request) => request,
        Err(error) => {
            answer(stream, *number, Response::Failed { reason: format!("not a request: {error}") }, None)?;
            return Ok(Next::Continue);
        }
    };
    let stop = matches!(request, Request::Stop);
    let (response, name) = perform(request, descriptor, namespaces);
    let netns = name.and_then(|name| namespaces.get(&name));
    answer(stream, *number, response, netns)?;
    Ok(if stop { Next::Stop } else { Next::Continue })
}

/// A request, and the descriptor that came along.
fn read_request(stream: &UnixStream) -> io::Result<Option<(Vec<u8>, Option<OwnedFd>)>> {
    let mut line = Vec::new();
    let mut descriptor = None;
    let mut buffer = [0_u8; LONGEST_REQUEST];
    while line.last() != Some(&b'\n') {
        let (count, received) = passing::receive(stream, &mut buffer)?;
        descriptor = descriptor.or(received);
        if count == 0 {
            return Ok(None);
        }
        line.extend_from_slice(buffer.get(..count).unwrap_or_default());
        if line.len() > LONGEST_REQUEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "request too long"));
        }
    }
    Ok(Some((line, descriptor)))
}

/// The answer to a request, and the name of the namespace to send along.
fn perform(
    request: Request, descriptor: Option<OwnedFd>, namespaces: &mut BTreeMap<String, NetNs>,
) -> (Response, Option<String>) {
    match request {
        Request::List => (Response::Names { names: namespaces.keys().cloned().collect() }, None),
        Request::Stop => (Response::Known { known: true }, None),
        Request::Ensure { name } | Request::Get { name } | Request::Drop { name } | Request::Adopt { name }
            if !is_valid_name(&name) =>
        {
            (Response::Failed { reason: "not a name of a namespace".to_owned() }, None)
        }
        Request::Adopt { name } => match descriptor {
            Some(netns) => (Response::Known { known: namespaces.insert(name, netns.into()).is_some() }, None),
            None => (Response::Failed { reason: "no namespace came along".to_owned() }, None),
        },
        Request::Get { name } if namespaces.contains_key(&name) => (Response::Namespace { created: false }, Some(name)),
        Request::Get { .. } => (Response::Known { known: false }, None),
        Request::Drop { name } => (Response::Known { known: namespaces.remove(&name).is_some() }, None),
        Request::Ensure { name } if namespaces.contains_key(&name) => {
            (Response::Namespace { created: false }, Some(name))
        }
        Request::Ensure { name } => match NetNs::create() {
            Ok(netns) => {
                namespaces.insert(name.clone(), netns);
                (Response::Namespace { created: true }, Some(name))
            }
            Err(error) => (Response::Failed { reason: error.to_string() }, None),
        },
    }
}

fn answer(stream: &UnixStream, holder: u64, response: Response, netns: Option<&NetNs>) -> io::Result<()> {
    let mut line = serde_json::to_vec(&Answer { holder, response })?;
    line.push(b'\n');
    let fds: Vec<_> = netns.iter().map(|netns| netns.as_fd().as_raw_fd()).collect();
    passing::send(stream, &line, &fds)
}
