//! Descriptors over a Unix socket (`SCM_RIGHTS`).

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};

use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};

/// Sends all of `bytes`, the descriptors with the first of them.
pub(crate) fn send(socket: &impl AsFd, bytes: &[u8], fds: &[RawFd]) -> io::Result<()> {
    let raw = socket.as_fd().as_raw_fd();
    let mut rest = bytes;
    let mut control: &[ControlMessage<'_>] = &[ControlMessage::ScmRights(fds)];
    if fds.is_empty() {
        control = &[];
    }
    while !rest.is_empty() {
        match sendmsg::<()>(raw, &[IoSlice::new(rest)], control, MsgFlags::MSG_NOSIGNAL, None) {
            Ok(sent) => rest = rest.get(sent..).unwrap_or_default(),
            Err(nix::Error::EINTR) => continue,
            Err(errno) => return Err(errno.into()),
        }
        control = &[];
    }
    Ok(())
}

/// Receives some bytes, and at most one descriptor. No bytes: the other side has closed.
pub(crate) fn receive(socket: &impl AsFd, buffer: &mut [u8]) -> io::Result<(usize, Option<OwnedFd>)> {
    let mut space = nix::cmsg_space!([RawFd; 4]);
    let mut slices = [IoSliceMut::new(buffer)];
    let raw = socket.as_fd().as_raw_fd();
    let message = loop {
        match recvmsg::<()>(raw, &mut slices, Some(&mut space), MsgFlags::MSG_CMSG_CLOEXEC) {
            Err(nix::Error::EINTR) => {}
            other => break other?,
        }
    };
    let mut received: Vec<OwnedFd> = Vec::new();
    for control in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(fds) = control {
            received.extend(fds.into_iter().map(own));
        }
    }
    Ok((message.bytes, received.into_iter().next()))
}

#[expect(unsafe_code, reason = "a received descriptor arrives as a bare number")]
fn own(fd: RawFd) -> OwnedFd {
    // SAFETY: the kernel has just installed this descriptor for us, and nobody else knows its number.
    unsafe { OwnedFd::from_raw_fd(fd) }
}
