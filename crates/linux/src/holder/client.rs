//! The side of the daemon and the command line.

use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::protocol::{Answer, Request, Response, is_valid_name, short_path};
use super::{HolderError, passing};
use crate::netns::NetNs;
use crate::peer;

/// How often something is said to a holder that hangs up before it has heard it: it waits for so long only, and on a busy
/// machine that may be too short for a client.
const SAID_AT_MOST: usize = 4;

/// How long to wait before a question is asked again.
const PAUSE: Duration = Duration::from_millis(50);

/// A name that no namespace has.
const NOBODY: &str = "-";

/// The longest wait for one answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Talks to the holder of one state directory; each request is a connection
/// of its own, so a client outlives a holder that was replaced.
#[derive(Debug, Clone)]
pub struct Client {
    socket: PathBuf,
    /// The holder that answered last, to this client or a clone.
    heard: Arc<Mutex<Option<u64>>>,
}

impl Client {
    /// A client of the holder at `socket`; nothing is sent yet.
    pub fn new(socket: &Path) -> Self {
        Self { socket: socket.to_owned(), heard: Arc::default() }
    }

    /// A client of the holder at `socket`, if that answers.
    pub fn connect(socket: &Path) -> Result<Self, HolderError> {
        let client = Self::new(socket);
        client.list()?;
        Ok(client)
    }

    /// The namespace called `name`, created when there is none. The flag says whether it is new.
    pub fn ensure(&self, name: &str) -> Result<(NetNs, bool), HolderError> {
        match self.ask(&Request::Ensure { name: checked(name)? })? {
            (Response::Namespace { created }, Some(fd)) => Ok((fd.into(), created)),
            (other, _) => Err(self.unexpected(&other)),
        }
    }

    /// The namespace called `name`, if there is one.
    pub fn get(&self, name: &str) -> Result<Option<NetNs>, HolderError> {
        match self.ask(&Request::Get { name: checked(name)? })? {
            (Response::Namespace { .. }, Some(fd)) => Ok(Some(fd.into())),
            (Response::Known { known: false }, _) => Ok(None),
            (other, _) => Err(self.unexpected(&other)),
        }
    }

    /// The namespace called `name`, waiting up to `patience` for one: for a name that is about to be known, or was until
    /// the holder died and will be again when its successor has been given what it had.
    ///
    /// # Errors
    /// If the holder refuses, or does not answer in this time.
    pub fn wait_for(&self, name: &str, patience: Duration) -> Result<Option<NetNs>, HolderError> {
        let limit = Instant::now() + patience;
        loop {
            let outcome = self.get(name);
            let may_change =
                matches!(outcome, Ok(None) | Err(HolderError::Unreachable { .. } | HolderError::Conversation { .. }));
            if !may_change || Instant::now() >= limit {
                return outcome;
            }
            thread::sleep(PAUSE);
        }
    }

    /// Asks for nothing, to hear whether there is a holder, and [which](Self::last_heard).
    pub(crate) fn greet(&self) -> Result<(), HolderError> {
        self.get(NOBODY).map(drop)
    }

    /// The names of all namespaces, in order.
    pub fn list(&self) -> Result<Vec<String>, HolderError> {
        match self.ask(&Request::List)? {
            (Response::Names { names }, _) => Ok(names),
            (other, _) => Err(self.unexpected(&other)),
        }
    }

    /// Lets go of a namespace, and says whether there was one. The kernel
    /// removes it when nothing else uses it.
    pub fn drop_namespace(&self, name: &str) -> Result<bool, HolderError> {
        match self.ask(&Request::Drop { name: checked(name)? })? {
            (Response::Known { known }, _) => Ok(known),
            (other, _) => Err(self.unexpected(&other)),
        }
    }

    /// Gives the holder a namespace to keep, in the place of what it had under that name, and says whether it had
    /// anything: for a holder that came after one which died.
    pub fn adopt(&self, name: &str, namespace: &NetNs) -> Result<bool, HolderError> {
        match self.ask_with(&Request::Adopt { name: checked(name)? }, &[namespace.as_fd().as_raw_fd()])? {
            (Response::Known { known }, _) => Ok(known),
            (other, _) => Err(self.unexpected(&other)),
        }
    }

    /// What tells the holder that answered this client last from those before it. `None` if none answered yet.
    pub fn last_heard(&self) -> Option<u64> {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the holder, and with it every namespace that nothing else uses.
    pub fn stop(&self) -> Result<(), HolderError> {
        match self.ask(&Request::Stop)? {
            (Response::Known { .. }, _) => Ok(()),
            (other, _) => Err(self.unexpected(&other)),
        }
    }

    /// Asks, and once more where that changes nothing.
    fn ask(&self, request: &Request) -> Result<(Response, Option<OwnedFd>), HolderError> {
        match self.ask_with(request, &[]) {
            Err(HolderError::Conversation { .. }) if matches!(request, Request::Get { .. } | Request::List) => {
                self.ask_with(request, &[])
            }
            other => other,
        }
    }

    fn ask_with(&self, request: &Request, fds: &[RawFd]) -> Result<(Response, Option<OwnedFd>), HolderError> {
        let mut line = serde_json::to_vec(request).map_err(|e| self.broken(&e))?;
        line.push(b'\n');
        let mut said = self.say(&line, fds);
        for _ in 1..SAID_AT_MOST {
            if !matches!(said, Err(HolderError::Conversation { .. })) {
                break;
            }
            said = self.say(&line, fds);
        }
        let (answer, fd) = self.read_answer(&said?)?;
        match answer {
            Response::Failed { reason } => Err(HolderError::Refused { reason }),
            answer => Ok((answer, fd)),
        }
    }

    /// Opens a conversation and says one line. If that fails, the holder did not hear it, whatever it says.
    fn say(&self, line: &[u8], fds: &[RawFd]) -> Result<UnixStream, HolderError> {
        let unreachable = |reason| HolderError::Unreachable { socket: self.socket.clone(), reason };
        let (path, dir) = short_path(&self.socket).map_err(unreachable)?;
        let stream = UnixStream::connect(path).map_err(unreachable)?;
        if let Some(user) = peer::stranger(&stream, &dir).map_err(unreachable)? {
            return Err(HolderError::Stranger { socket: self.socket.clone(), user });
        }
        stream.set_read_timeout(Some(ANSWER_LIMIT)).map_err(unreachable)?;
        stream.set_write_timeout(Some(ANSWER_LIMIT)).map_err(unreachable)?;
        passing::send(&stream, line, fds).map_err(|e| self.broken(&e))?;
        Ok(stream)
    }

    fn read_answer(&self, stream: &UnixStream) -> Result<(Response, Option<OwnedFd>), HolderError> {
        let mut line = Vec::new();
        let mut descriptor = None;
        let mut buffer = [0_u8; 4096];
        while line.last() != Some(&b'\n') {
            let (count, fd) = passing::receive(stream, &mut buffer).map_err(|e| self.broken(&e))?;
            if count == 0 {
                return Err(self.broken(&"it closed the connection"));
            }
            line.extend_from_slice(buffer.get(..count).unwrap_or_default());
            descriptor = descriptor.or(fd);
        }
        let Answer { holder, response } = serde_json::from_slice(&line).map_err(|e| self.broken(&e))?;
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(holder);
        Ok((response, descriptor))
    }

    fn broken(&self, reason: &dyn std::fmt::Display) -> HolderError {
        HolderError::Conversation { socket: self.socket.clone(), reason: reason.to_string() }
    }

    fn unexpected(&self, answer: &Response) -> HolderError {
        self.broken(&format!("unexpected answer {answer:?}"))
    }
}

fn checked(name: &str) -> Result<String, HolderError> {
    if is_valid_name(name) { Ok(name.to_owned()) } else { Err(HolderError::Name { name: name.to_owned() }) }
}
