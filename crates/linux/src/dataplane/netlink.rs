//! Netlink as bytes: messages with their attributes, and sockets that carry them in batches.
//!
//! Three families need it (routes, nftables, connection tracking), and for all of them speed comes from many messages in
//! one send. What the messages mean is the business of the modules beside this one.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, setsockopt, socket, sockopt,
};
use nix::sys::time::{TimeVal, TimeValLike};

/// The length of `struct nlmsghdr`.
const HEADER: usize = 16;

/// How long the kernel may take for an answer. It answers while the request is being sent.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// How many messages are sent at once, so that their acknowledgements fit into the socket's buffer.
const MESSAGES_AT_ONCE: usize = 64;

/// Room for one answer: the kernel makes none longer than 32 KiB.
const BUFFER: usize = 64 * 1024;

/// Types of messages of netlink itself.
const ERROR: u16 = 2;
const DONE: u16 = 3;

/// Flags of messages.
const REQUEST: u16 = 0x1;
const ACK: u16 = 0x4;
const DUMP: u16 = 0x300;
const DUMP_INTERRUPTED: u16 = 0x10;

/// `NLM_F_CREATE | NLM_F_EXCL`: the thing must be new.
pub(super) const NEW: u16 = 0x600;

/// `NLM_F_CREATE`: the thing may be there.
pub(super) const CREATE: u16 = 0x400;

/// `NLM_F_CREATE | NLM_F_REPLACE`: the thing is put in the place of what is there.
pub(super) const REPLACE: u16 = 0x500;

/// A message under construction: header, the family's own header, attributes.
#[derive(Clone, Debug)]
pub(super) struct Message {
    bytes: Vec<u8>,
}

impl Message {
    /// A message of a type, with flags beside `NLM_F_REQUEST`, and the family's own header.
    pub(super) fn new(kind: u16, flags: u16, header: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(128);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&kind.to_ne_bytes());
        bytes.extend_from_slice(&(REQUEST | flags).to_ne_bytes());
        bytes.extend_from_slice(&[0; 8]);
        bytes.extend_from_slice(header);
        let mut message = Self { bytes };
        message.align();
        message
    }

    /// Its type.
    pub(super) fn kind(&self) -> Option<u16> {
        u16_of(self.bytes.get(4..6)?)
    }

    /// Adds an attribute.
    pub(super) fn attribute(mut self, kind: u16, value: &[u8]) -> Self {
        self.push(kind, value);
        self
    }

    /// Adds an attribute in place.
    pub(super) fn push(&mut self, kind: u16, value: &[u8]) {
        let length = u16::try_from(4 + value.len()).unwrap_or(u16::MAX);
        self.bytes.extend_from_slice(&length.to_ne_bytes());
        self.bytes.extend_from_slice(&kind.to_ne_bytes());
        self.bytes.extend_from_slice(value);
        self.align();
    }

    /// Adds an attribute that ends with a zero byte, as names do.
    pub(super) fn text(self, kind: u16, text: &str) -> Self {
        let mut value = text.as_bytes().to_vec();
        value.push(0);
        self.attribute(kind, &value)
    }

    /// Adds an attribute that holds others; `content` adds them. Together they must stay below 64 KiB.
    pub(super) fn nested(mut self, kind: u16, content: impl FnOnce(Self) -> Self) -> Self {
        const NESTED: u16 = 0x8000;
        let start = self.bytes.len();
        self.push(kind | NESTED, &[]);
        let mut message = content(self);
        let length = u16::try_from(message.bytes.len() - start).unwrap_or(u16::MAX);
        overwrite(&mut message.bytes, start, &length.to_ne_bytes());
        message
    }

    /// Appends bytes that are no attribute.
    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self.align();
        self
    }

    fn align(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }

    /// Completes the header.
    fn finish(mut self, sequence: u32, flags: u16) -> Vec<u8> {
        let length = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        overwrite(&mut self.bytes, 0, &length.to_ne_bytes());
        if let Some(low) = self.bytes.get(6..8).and_then(u16_of) {
            overwrite(&mut self.bytes, 6, &(low | flags).to_ne_bytes());
        }
        overwrite(&mut self.bytes, 8, &sequence.to_ne_bytes());
        self.bytes
    }
}

fn overwrite(bytes: &mut [u8], at: usize, with: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + with.len()) {
        place.copy_from_slice(with);
    }
}

/// What the kernel sends: all that follows the header.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) body: Vec<u8>,
}

/// Attributes one after another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes<'a>(&'a [u8]);

impl<'a> Attributes<'a> {
    /// The attributes in `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Those that follow a family's header of `header` bytes.
    pub(super) fn after(body: &'a [u8], header: usize) -> Self {
        Self(body.get(header.next_multiple_of(4)..).unwrap_or_default())
    }

    /// The value of the first attribute of a kind.
    pub(super) fn find(mut self, kind: u16) -> Option<&'a [u8]> {
        self.find_map(|(found, value)| (found == kind).then_some(value))
    }

    /// The attributes inside the first attribute of a kind.
    pub(super) fn inside(self, kind: u16) -> Option<Self> {
        self.find(kind).map(Self)
    }

    /// All, by kind; of several of one kind the last.
    pub(super) fn by_kind(self) -> BTreeMap<u16, &'a [u8]> {
        self.collect()
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        const KIND: u16 = 0x3fff;
        let length = usize::from(u16_of(self.0.get(..2)?)?);
        let kind = u16_of(self.0.get(2..4)?)? & KIND;
        let value = self.0.get(4..length)?;
        self.0 = self.0.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, value))
    }
}

/// A number in the machine's order.
pub(super) fn u16_of(bytes: &[u8]) -> Option<u16> {
    Some(u16::from_ne_bytes(bytes.try_into().ok()?))
}

/// A number in the machine's order.
pub(super) fn u32_of(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.try_into().ok()?))
}

/// Text that ends with a zero byte or with the attribute.
pub(super) fn text_of(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

/// A family of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Links, addresses, routes, rules.
    Route,
    /// nftables and connection tracking.
    Netfilter,
}

/// A request that the kernel refused.
#[derive(Debug)]
pub(super) struct Refusal {
    /// Which of the messages.
    pub(super) index: usize,
    /// Why.
    pub(super) error: io::Error,
}

/// A netlink socket. It belongs to the namespace in which it was opened.
#[derive(Debug)]
pub(super) struct Socket {
    fd: OwnedFd,
    sequence: u32,
    buffer: Vec<u8>,
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Socket {
    /// Opens a socket in the namespace of this thread.
    pub(super) fn open(family: Family) -> io::Result<Self> {
        let protocol = match family {
            Family::Route => SockProtocol::NetlinkRoute,
            Family::Netfilter => SockProtocol::NetlinkNetFilter,
        };
        let fd = socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, protocol)?;
        let limit = TimeVal::seconds(i64::try_from(ANSWER_LIMIT.as_secs()).unwrap_or(i64::MAX));
        setsockopt(&fd, sockopt::ReceiveTimeout, &limit)?;
        // Errors come with the kernel's words and without a copy of the request.
        enable(&fd, libc::NETLINK_EXT_ACK)?;
        enable(&fd, libc::NETLINK_CAP_ACK)?;
        Ok(Self { fd, sequence: 0, buffer: vec![0; BUFFER] })
    }

    /// Sends messages and waits until all are carried out. The kernel goes on after one that it refuses; the first of
    /// those is told.
    pub(super) fn carry_out(&mut self, messages: Vec<Message>) -> Result<(), Refusal> {
        self.carry_out_but(messages, &[])
    }

    /// The same, where some errors mean that there was nothing to do.
    pub(super) fn carry_out_but(&mut self, messages: Vec<Message>, harmless: &[i32]) -> Result<(), Refusal> {
        let mut first: Option<Refusal> = None;
        let mut done = 0;
        let mut rest = messages.into_iter().peekable();
        while rest.peek().is_some() {
            let start = self.sequence;
            let mut bytes = Vec::new();
            let mut count = 0;
            for message in rest.by_ref().take(MESSAGES_AT_ONCE) {
                self.sequence = self.sequence.wrapping_add(1);
                bytes.extend(message.finish(self.sequence, ACK));
                count += 1;
            }
            let failed = |error| Refusal { index: done, error };
            send_all(&self.fd, &bytes).map_err(failed)?;
            let mut answered = 0;
            while answered < count {
                for (sequence, answer) in self.receive(MsgFlags::empty()).map_err(failed)? {
                    let Answer::Acknowledged(result) = answer else { continue };
                    let place = usize::try_from(sequence.wrapping_sub(start).wrapping_sub(1)).unwrap_or(usize::MAX);
                    if place >= count {
                        continue;
                    }
                    answered += 1;
                    let index = done + place;
                    match result {
                        Ok(()) => {}
                        Err(error) if error.raw_os_error().is_some_and(|code| harmless.contains(&code)) => {}
                        Err(error) => first = first.or(Some(Refusal { index, error })),
                    }
                }
            }
            done += count;
        }
        first.map_or(Ok(()), Err)
    }

    /// Makes room for long answers that come in one piece.
    pub(super) fn expect_much(&self) -> io::Result<()> {
        const ROOM: usize = 4 * 1024 * 1024;
        Ok(setsockopt(&self.fd, sockopt::RcvBufForce, &ROOM)?)
    }

    /// Asks for one thing.
    pub(super) fn ask(&mut self, message: Message) -> io::Result<Option<Reply>> {
        self.sequence = self.sequence.wrapping_add(1);
        let current = self.sequence;
        send_all(&self.fd, &message.finish(current, ACK))?;
        let mut found = None;
        loop {
            for (sequence, answer) in self.receive(MsgFlags::empty())? {
                match answer {
                    _ if sequence != current => {}
                    Answer::Message(reply, _) => found = Some(reply),
                    Answer::Acknowledged(result) => return result.map(|()| found),
                    Answer::Done => return Ok(found),
                }
            }
        }
    }

    /// Asks for everything of a kind, again if it changed meanwhile.
    pub(super) fn dump(&mut self, message: &Message) -> io::Result<Vec<Reply>> {
        for _ in 0..16 {
            if let Some(replies) = self.dump_once(message.clone())? {
                return Ok(replies);
            }
        }
        Err(io::Error::other("it changed while it was being read, time and again"))
    }

    fn dump_once(&mut self, message: Message) -> io::Result<Option<Vec<Reply>>> {
        self.sequence = self.sequence.wrapping_add(1);
        let current = self.sequence;
        send_all(&self.fd, &message.finish(current, DUMP))?;
        let mut replies = Vec::new();
        let mut whole = true;
        loop {
            for (sequence, answer) in self.receive(MsgFlags::empty())? {
                match answer {
                    _ if sequence != current => {}
                    Answer::Message(reply, interrupted) => {
                        whole &= !interrupted;
                        replies.push(reply);
                    }
                    Answer::Acknowledged(Err(error)) => return Err(error),
                    Answer::Acknowledged(Ok(())) => {}
                    Answer::Done => return Ok(whole.then_some(replies)),
                }
            }
        }
    }

    /// Sends messages as one transaction of nftables: all or nothing.
    pub(super) fn transact(&mut self, begin: Message, messages: Vec<Message>, end: Message) -> Result<(), Refusal> {
        self.transact_told(begin, messages, end).map(drop)
    }

    /// The same, with what the kernel tells of those that ask it to.
    pub(super) fn transact_told(
        &mut self, begin: Message, messages: Vec<Message>, end: Message,
    ) -> Result<Vec<Reply>, Refusal> {
        let failed = |error| Refusal { index: 0, error };
        let start = self.sequence.wrapping_add(1);
        let mut bytes = begin.finish(start, 0);
        let mut sequence = start;
        let count = messages.len();
        for (index, message) in messages.into_iter().enumerate() {
            sequence = sequence.wrapping_add(1);
            // One acknowledgement is enough: errors come unasked.
            bytes.extend(message.finish(sequence, if index + 1 == count { ACK } else { 0 }));
        }
        let last = sequence;
        self.sequence = sequence.wrapping_add(1);
        bytes.extend(end.finish(self.sequence, 0));
        // The kernel wants a transaction in one piece.
        setsockopt(&self.fd, sockopt::SndBufForce, &(2 * bytes.len() + 4096)).map_err(|e| failed(e.into()))?;
        send_all(&self.fd, &bytes).map_err(failed)?;
        let mut acknowledged = false;
        let mut told = Vec::new();
        loop {
            let answers = match self.receive(MsgFlags::MSG_DONTWAIT) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                other => other.map_err(failed)?,
            };
            for (sequence, answer) in answers {
                // What is told bears a sequence number in some versions of the kernel, and none in others.
                if let Answer::Message(reply, _) = answer {
                    told.push(reply);
                    continue;
                }
                let place = sequence.wrapping_sub(start);
                if place > last.wrapping_sub(start) + 1 {
                    continue;
                }
                match answer {
                    Answer::Acknowledged(Err(error)) => {
                        self.recover();
                        let index = usize::try_from(place.saturating_sub(1)).unwrap_or_default();
                        return Err(Refusal { index, error });
                    }
                    Answer::Acknowledged(Ok(())) => acknowledged |= sequence == last,
                    Answer::Message(..) | Answer::Done => {}
                }
            }
        }
        if acknowledged { Ok(told) } else { Err(failed(io::Error::other("the kernel did not acknowledge it"))) }
    }

    /// Reads what is left of the answers to a request that failed, so that they are not taken for those to the next.
    ///
    /// None comes later: the kernel answers while a request is being sent, and while a list is being read.
    pub(super) fn recover(&mut self) {
        loop {
            match self.receive(MsgFlags::MSG_DONTWAIT) {
                Ok(_) => {}
                // Some did not fit into the buffer: it is told once, before those that did.
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {}
                Err(_) => return,
            }
        }
    }

    /// One datagram's messages, each with its sequence number.
    fn receive(&mut self, flags: MsgFlags) -> io::Result<Vec<(u32, Answer)>> {
        let length = loop {
            match recv(self.fd.as_raw_fd(), &mut self.buffer, flags | MsgFlags::MSG_TRUNC) {
                Err(nix::Error::EINTR) => {}
                other => break other?,
            }
        };
        let Some(mut rest) = self.buffer.get(..length) else {
            return Err(io::Error::other("the kernel's answer is longer than it may be"));
        };
        let mut answers = Vec::new();
        while let Some((sequence, answer, length)) = parse(rest) {
            answers.push((sequence, answer));
            rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
        Ok(answers)
    }
}

/// What one message says.
enum Answer {
    /// Something asked for, and whether the dump was interrupted by a change.
    Message(Reply, bool),
    Acknowledged(io::Result<()>),
    Done,
}

fn parse(bytes: &[u8]) -> Option<(u32, Answer, usize)> {
    let length = usize::try_from(u32_of(bytes.get(..4)?)?).ok()?;
    let kind = u16_of(bytes.get(4..6)?)?;
    let flags = u16_of(bytes.get(6..8)?)?;
    let sequence = u32_of(bytes.get(8..12)?)?;
    let body = bytes.get(HEADER..length)?;
    let answer = match kind {
        ERROR => Answer::Acknowledged(result_of(body)),
        // The end of a dump bears an error code too.
        DONE => match body.get(..4).and_then(u32_of) {
            Some(code) if code != 0 => Answer::Acknowledged(result_of(body)),
            _ => Answer::Done,
        },
        _ => Answer::Message(Reply { body: body.to_vec() }, flags & DUMP_INTERRUPTED != 0),
    };
    Some((sequence, answer, length))
}

/// The error code, negative, with the kernel's words if it has any.
fn result_of(body: &[u8]) -> io::Result<()> {
    const WORDS: u16 = 1; // NLMSGERR_ATTR_MSG
    let code = body.get(..4).and_then(u32_of).map_or(libc::EIO, |code| code.cast_signed().wrapping_neg());
    if code == 0 {
        return Ok(());
    }
    let words = Attributes::after(body, 4 + HEADER).find(WORDS).map(text_of);
    if let Some(words) = words {
        tracing::debug!(code, words, "the kernel refused a request");
    }
    Err(io::Error::from_raw_os_error(code))
}

fn send_all(fd: &OwnedFd, bytes: &[u8]) -> io::Result<()> {
    loop {
        match send(fd.as_raw_fd(), bytes, MsgFlags::empty()) {
            Err(nix::Error::EINTR) => {}
            Err(error) => return Err(error.into()),
            Ok(sent) if sent == bytes.len() => return Ok(()),
            Ok(_) => return Err(io::Error::other("the kernel took a part only")),
        }
    }
}

/// Sets an option of netlink itself; nix has none of them.
#[expect(unsafe_code, reason = "setsockopt(2) takes a pointer")]
fn enable(fd: &OwnedFd, option: libc::c_int) -> io::Result<()> {
    let on: libc::c_int = 1;
    let length = libc::socklen_t::try_from(size_of_val(&on)).unwrap_or_default();
    // SAFETY: the pointer and the length describe `on`, which lives through the call.
    let result =
        unsafe { libc::setsockopt(fd.as_raw_fd(), libc::SOL_NETLINK, option, std::ptr::from_ref(&on).cast(), length) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_back_as_they_were_written() {
        let message = Message::new(16, 0, &[7; 3])
            .attribute(1, &[1, 2, 3, 4, 5])
            .nested(2, |inner| inner.text(3, "ab").attribute(4, &[]))
            .finish(9, ACK);
        assert_eq!(message.len() % 4, 0);
        assert_eq!(u32_of(&message[..4]), Some(u32::try_from(message.len()).unwrap()));
        assert_eq!(u16_of(&message[6..8]), Some(REQUEST | ACK));
        let attributes = Attributes::after(&message[HEADER..], 3);
        assert_eq!(attributes.find(1), Some(&[1, 2, 3, 4, 5][..]));
        let inner = attributes.inside(2).unwrap();
        assert_eq!(inner.find(3).map(text_of).as_deref(), Some("ab"));
        assert_eq!(inner.find(4), Some(&[][..]));
        assert_eq!(attributes.by_kind().len(), 2);
    }

    #[test]
    fn cut_off_attributes_end_the_list() {
        for bytes in [&[][..], &[8, 0, 1], &[8, 0, 1, 0, 5], &[2, 0, 1, 0], &[0, 0, 0, 0]] {
            assert_eq!(Attributes::new(bytes).count(), 0, "{bytes:?}");
        }
    }
}
