//! The command line's side of the control socket; it blocks.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sidegate_linux::peer;

use super::protocol::{Answer, LONGEST_ANSWER, Request};
use super::short_path;
use crate::state_dir;

/// How long the daemon may take for an answer: a change waits for those before it.
const ANSWER_LIMIT: Duration = Duration::from_secs(120);

/// Why the daemon did not do it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ControlError {
    /// No daemon runs.
    #[error("no daemon runs on the state directory `{}`; start one with `{}`, or name another directory with `--state DIR`", .0.display(), state_dir::command(.0, "up"))]
    NoDaemon(PathBuf),
    /// The directory is somebody else's.
    #[error("the state directory `{}` belongs to another user; run this as the user who runs the daemon, as with sudo", .0.display())]
    Denied(PathBuf),
    /// Somebody else listens in the daemon's place.
    #[error("user {user} listens in the state directory `{}`, who is neither its owner nor root: nothing was said to it; see who may write to the directory, remove `control.sock` in there, and start the daemon again", state.display())]
    Stranger {
        /// The state directory.
        state: PathBuf,
        /// Whose process listens.
        user: u32,
    },
    /// The daemon broke off, or cannot be understood.
    #[error("the daemon of `{}` did not answer as it should ({reason}); see its log, and `sidegate status`", state.display())]
    Conversation {
        /// The state directory.
        state: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// The daemon refused.
    #[error("{0}")]
    Refused(String),
}

/// A conversation with the daemon of a state directory.
#[derive(Debug)]
pub(crate) struct Client {
    stream: BufReader<UnixStream>,
    state: PathBuf,
}

impl Client {
    /// Connects to the daemon of a state directory.
    pub(crate) fn connect(state: &Path) -> Result<Self, ControlError> {
        let connected = short_path(state).and_then(|(path, dir)| {
            let stream = UnixStream::connect(path)?;
            let stranger = peer::stranger(&stream, &dir)?;
            Ok((stream, stranger))
        });
        let (stream, stranger) = connected.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => ControlError::NoDaemon(state.to_owned()),
            io::ErrorKind::PermissionDenied => ControlError::Denied(state.to_owned()),
            _ => broken(state, &error),
        })?;
        match stranger {
            Some(user) => Err(ControlError::Stranger { state: state.to_owned(), user }),
            None => Self::over(stream, state),
        }
    }

    /// A conversation over a stream that is connected.
    pub(super) fn over(stream: UnixStream, state: &Path) -> Result<Self, ControlError> {
        let limits = stream.set_read_timeout(Some(ANSWER_LIMIT)).and(stream.set_write_timeout(Some(ANSWER_LIMIT)));
        limits.map_err(|error| broken(state, &error))?;
        Ok(Self { stream: BufReader::new(stream), state: state.to_owned() })
    }

    /// Asks, and takes the first answer. A refusal is an error.
    pub(crate) fn ask(&mut self, request: &Request) -> Result<Answer, ControlError> {
        let line = serde_json::to_vec(request).map_err(|error| broken(&self.state, &error))?;
        let sent = self.stream.get_mut().write_all(&[&line[..], b"\n"].concat());
        // A daemon that refuses to listen may say why before it hangs up.
        let answer = self.next()?;
        match (answer, sent) {
            (Some(answer), _) => Ok(answer),
            (None, Err(error)) => Err(broken(&self.state, &error)),
            (None, Ok(())) => Err(broken(&self.state, &"it closed the connection")),
        }
    }

    /// The next answer; none if the daemon has closed the connection.
    pub(crate) fn next(&mut self) -> Result<Option<Answer>, ControlError> {
        let mut line = Vec::new();
        let read = (&mut self.stream).take(LONGEST_ANSWER).read_until(b'\n', &mut line);
        match read {
            Ok(0) => return Ok(None),
            Ok(_) if line.last() == Some(&b'\n') => {}
            Ok(_) => return Err(broken(&self.state, &"its answer was cut short")),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(None),
            Err(error) => return Err(broken(&self.state, &error)),
        }
        match serde_json::from_slice(&line) {
            Ok(Answer::Refused { reason }) => Err(ControlError::Refused(reason)),
            Ok(answer) => Ok(Some(answer)),
            Err(error) => Err(broken(&self.state, &error)),
        }
    }

    /// From now on waits as long as it takes, as for events that may never come.
    pub(crate) fn wait_for_ever(&mut self) -> Result<(), ControlError> {
        self.stream.get_ref().set_read_timeout(None).map_err(|error| broken(&self.state, &error))
    }

    /// The stream below, for breaking off from another thread.
    pub(crate) fn stream(&self) -> Result<UnixStream, ControlError> {
        self.stream.get_ref().try_clone().map_err(|error| broken(&self.state, &error))
    }

    /// The error for an answer to another question.
    pub(crate) fn unexpected(&self, answer: &Answer) -> ControlError {
        let kind = match answer {
            Answer::Status(_) => "a status",
            Answer::Attached(_) => "an interface",
            Answer::Guest(_) => "the way onto the internet",
            Answer::Entrance(_) => "an entrance",
            Answer::Event(_) => "an event",
            Answer::Explained(_) => "an explanation",
            Answer::Reached(_) => "what gets where",
            Answer::Compared(_) => "a comparison",
            Answer::Seen { .. } => "what was seen of a flow",
            Answer::Records(_) => "what was used",
            Answer::Access(_) => "an access key",
            Answer::Ending { .. } => "how much is left to end",
            Answer::Done => "only that it is done",
            Answer::Workloads(_) => "workloads",
            Answer::Refused { .. } => "a refusal",
        };
        broken(&self.state, &format!("it answered with {kind}; is it of another version?"))
    }
}

fn broken(state: &Path, reason: &dyn std::fmt::Display) -> ControlError {
    ControlError::Conversation { state: state.to_owned(), reason: reason.to_string() }
}
