//! Who is on the other side of a Unix socket: somebody outside of every sandbox, or a program inside one.
//!
//! A program that root runs in a sandbox keeps its number, 0; so the numbers that the kernel tells of a peer do not tell it
//! from its master. Its user namespace does: the sandbox gives it one of its own, which it cannot leave.

use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{getsockopt, sockopt};
use nix::sys::stat::fstat;

/// Whether the process that connected a Unix socket (or, asked of a client's end, the one that listens) is in the user
/// namespace of this process, and so in no sandbox.
///
/// `false` as well for a process of which that cannot be said any more, since it has ended. An error is to be taken for a
/// no: the kernel tells nothing of such a process. Ask soon after accepting, while the client waits for its answer. Linux
/// before 6.5 has no handles of peers, so that there a number which another process has got meanwhile may deceive.
pub fn is_outside(socket: &impl AsFd) -> io::Result<bool> {
    let socket = socket.as_fd();
    let pid = getsockopt(&socket, sockopt::PeerCredentials)?.pid();
    // A process outside of this PID namespace has no number in it.
    if pid <= 0 {
        return Ok(false);
    }
    let handle = match getsockopt(&socket, sockopt::PeerPidfd) {
        Ok(handle) => Some(handle),
        Err(nix::Error::ENOPROTOOPT) => None,
        Err(errno) => return Err(errno.into()),
    };
    let theirs = user_namespace(&pid.to_string())?;
    // As long as it has not ended, its number cannot have gone to another.
    if handle.map_or(Ok(false), |handle| has_ended(&handle))? {
        return Ok(false);
    }
    Ok(theirs == user_namespace("self")?)
}

/// The user whose process listens at the other end of a client's Unix socket, if that is a stranger: neither root nor
/// the owner of the directory that the socket lies in. `None` for one of these, whom the client may believe.
pub fn stranger(socket: &impl AsFd, directory: &impl AsFd) -> io::Result<Option<u32>> {
    let server = getsockopt(&socket.as_fd(), sockopt::PeerCredentials)?.uid();
    let owner = fstat(directory.as_fd())?.st_uid;
    Ok((server != 0 && server != owner).then_some(server))
}

/// Waits until nobody reads any more what is written to a pipe or socket, however long that takes.
///
/// # Errors
/// If it is something that has no reader, such as a file.
pub fn wait_for_end_of_reader(output: &impl AsFd) -> io::Result<()> {
    loop {
        let mut event = [PollFd::new(output.as_fd(), PollFlags::empty())];
        match poll(&mut event, PollTimeout::NONE) {
            Err(nix::Error::EINTR) => {}
            Err(errno) => return Err(errno.into()),
            Ok(_) => {
                let [event] = event;
                // What cannot be waited for is ready at once, without an error.
                let gone = event.revents().is_some_and(|e| e.intersects(PollFlags::POLLERR | PollFlags::POLLHUP));
                return if gone { Ok(()) } else { Err(io::Error::other("it has no reader")) };
            }
        }
    }
}

/// What tells the user namespace of a process from others.
fn user_namespace(process: &str) -> io::Result<(u64, u64)> {
    let namespace = fs::metadata(format!("/proc/{process}/ns/user"))?;
    Ok((namespace.dev(), namespace.ino()))
}

fn has_ended(process: &OwnedFd) -> io::Result<bool> {
    let mut event = [PollFd::new(process.as_fd(), PollFlags::POLLIN)];
    Ok(poll(&mut event, PollTimeout::ZERO)? > 0)
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn the_end_of_a_reader_is_noticed() {
        let (reader, writer) = io::pipe().unwrap();
        let waiting = std::thread::spawn(move || wait_for_end_of_reader(&writer));
        drop(reader);
        waiting.join().unwrap().unwrap();
    }

    #[test]
    fn this_process_is_outside() {
        let (one, other) = UnixStream::pair().unwrap();
        assert!(is_outside(&one).unwrap() && is_outside(&other).unwrap());
    }
}
