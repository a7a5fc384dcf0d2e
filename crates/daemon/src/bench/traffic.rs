//! Traffic: a plain server, and clients that measure round trips, connections, one long stream, and single packets.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream, UdpSocket};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use sidegate_linux::netns::NetNs;
use sidegate_linux::workbench::{self, Thread};

use super::sample::lower_quartile;
use super::{BenchError, Step as _};

/// The first byte of a connection: what the client wants.
const ECHO: u8 = b'e';
const ANSWER: u8 = b'a';
const SINK: u8 = b's';

/// How much is written and read at once in a stream.
const CHUNK: usize = 256 * 1024;

/// How many operations share one look at the clock. The lower quartile of these batches is a sample: what else the machine
/// does makes a batch slower, never faster.
const ROUND_TRIPS_AT_ONCE: u32 = 100;
const CONNECTIONS_AT_ONCE: u32 = 20;
const PACKETS_AT_ONCE: u32 = 500;

/// A plain TCP server on one thread. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Server {
    listener: TcpListener,
    thread: Thread,
    running: Option<JoinHandle<()>>,
}

/// Where a client stands, and what it talks to.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) namespace: NetNs,
    pub(super) target: SocketAddrV4,
}

/// What a stream carried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    pub(super) bytes: f64,
    pub(super) took: Duration,
    pub(super) cpu: Duration,
}

impl Server {
    /// Serves on a listener.
    pub(super) fn start(listener: TcpListener) -> Result<Self, BenchError> {
        const STEP: &str = "starting a server";
        listener.set_nonblocking(false).step(STEP)?;
        let own = listener.try_clone().step(STEP)?;
        let (tell, told) = mpsc::channel();
        let serve = move || {
            let _ = tell.send(Thread::current());
            accept(&own);
        };
        let running = thread::Builder::new().name("bench server".to_owned()).spawn(serve).step(STEP)?;
        Ok(Self { thread: told.recv().step(STEP)?, listener, running: Some(running) })
    }

    /// Keeps it on these CPUs.
    pub(super) fn keep_on(&self, cpus: &[usize]) -> Result<(), BenchError> {
        self.thread.keep_on(cpus).step("keeping a server on a CPU")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        workbench::stop_listening(&self.listener);
        if let Some(running) = self.running.take() {
            let _ = running.join();
        }
    }
}

fn accept(listener: &TcpListener) {
    loop {
        match listener.accept() {
            // A client that resets is a client that has finished.
            Ok((connection, _)) => drop(serve(connection)),
            Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted) => {}
            Err(_) => return,
        }
    }
}

fn serve(mut connection: TcpStream) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut byte = [0];
    connection.read_exact(&mut byte)?;
    match byte {
        [ECHO] => loop {
            connection.read_exact(&mut byte)?;
            connection.write_all(&byte)?;
        },
        [ANSWER] => connection.write_all(&byte),
        _ => {
            let mut chunk = vec![0; CHUNK];
            while connection.read(&mut chunk)? > 0 {}
            Ok(())
        }
    }
}

impl Place {
    /// Whether the target answers.
    pub(super) fn try_out(&self) -> io::Result<()> {
        self.inside(|| {
            let mut connection = workbench::connect_to(self.target)?;
            connection.set_read_timeout(Some(Duration::from_secs(5)))?;
            exchange(&mut connection, ANSWER)
        })
    }

    /// The time of a round trip of one byte, in seconds, with the client on this CPU.
    pub(super) fn round_trip(&self, cpu: usize, limit: Duration) -> io::Result<f64> {
        self.inside(|| {
            Thread::current().keep_on(&[cpu])?;
            let mut connection = workbench::connect_to(self.target)?;
            connection.write_all(&[ECHO])?;
            exchange(&mut connection, ECHO)?;
            per_operation(limit, ROUND_TRIPS_AT_ONCE, || exchange(&mut connection, ECHO))
        })
    }

    /// The time of a connection with one byte each way, in seconds, with the client on this CPU.
    pub(super) fn connection(&self, cpu: usize, limit: Duration) -> io::Result<f64> {
        self.inside(|| {
            Thread::current().keep_on(&[cpu])?;
            per_operation(limit, CONNECTIONS_AT_ONCE, || {
                let mut connection = workbench::connect_to(self.target)?;
                exchange(&mut connection, ANSWER)?;
                workbench::reset_on_close(&connection)
            })
        })
    }

    /// One stream that lasts for a time. `cpu` tells the CPU time of all that takes part.
    pub(super) fn stream(&self, lasts: Duration, cpu: impl Fn() -> io::Result<Duration> + Sync) -> io::Result<Stream> {
        self.inside(|| {
            let mut connection = workbench::connect_to(self.target)?;
            connection.write_all(&[SINK])?;
            let chunk = vec![0x5a; CHUNK];
            let (begin, before) = (Instant::now(), cpu()?);
            let mut chunks = 0_u32;
            while begin.elapsed() < lasts {
                connection.write_all(&chunk)?;
                chunks += 1;
            }
            let (took, after) = (begin.elapsed(), cpu()?);
            workbench::reset_on_close(&connection)?;
            Ok(Stream { bytes: f64::from(chunks) * CHUNK as f64, took, cpu: after.saturating_sub(before) })
        })
    }

    /// The time of a UDP packet of 64 bytes with its headers, in seconds, with the sender on this CPU: a veth carries it
    /// up to the receiver's socket before the call returns.
    ///
    /// With `answered`, the receiver has answered once, so that the filter knows the flow; else it judges every packet.
    pub(super) fn packet(&self, receiver: &NetNs, cpu: usize, limit: Duration, answered: bool) -> io::Result<f64> {
        let bound = receiver.run(|| UdpSocket::bind((Ipv4Addr::UNSPECIFIED, self.target.port())));
        let receiver = bound.map_err(io::Error::other)??;
        self.inside(|| {
            Thread::current().keep_on(&[cpu])?;
            let sender = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
            sender.connect(self.target)?;
            let payload = [0_u8; 64 - 28];
            if answered {
                greet(&sender, &receiver, &payload)?;
            }
            // Once the receiver's buffer is full, each packet ends in the same way.
            for _ in 0..PACKETS_AT_ONCE {
                sender.send(&payload)?;
            }
            per_operation(limit, PACKETS_AT_ONCE, || sender.send(&payload).map(drop))
        })
    }

    fn inside<T: Send>(&self, work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        self.namespace.run(work).map_err(io::Error::other)?
    }
}

fn exchange(connection: &mut TcpStream, byte: u8) -> io::Result<()> {
    let mut answer = [byte];
    connection.write_all(&answer)?;
    connection.read_exact(&mut answer)
}

fn greet(sender: &UdpSocket, receiver: &UdpSocket, payload: &[u8]) -> io::Result<()> {
    for socket in [sender, receiver] {
        socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    }
    let mut buffer = [0; 64];
    sender.send(payload)?;
    let (length, from) = receiver.recv_from(&mut buffer)?;
    receiver.send_to(buffer.get(..length).unwrap_or_default(), from)?;
    sender.recv(&mut buffer).map(drop)
}

/// The lower quartile of the time of an operation, over batches of them until the time is up.
fn per_operation(limit: Duration, at_once: u32, mut operation: impl FnMut() -> io::Result<()>) -> io::Result<f64> {
    let begin = Instant::now();
    let mut batches = Vec::new();
    while begin.elapsed() < limit || batches.is_empty() {
        let start = Instant::now();
        for _ in 0..at_once {
            operation()?;
        }
        batches.push(start.elapsed().as_secs_f64() / f64::from(at_once));
    }
    Ok(lower_quartile(&batches))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Loopback of this machine is enough to see that both sides understand each other.
    #[test]
    fn client_and_server_understand_each_other() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Server::start(listener).unwrap();
        let target = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
        let mut connection = TcpStream::connect(target).unwrap();
        exchange(&mut connection, ANSWER).unwrap();
        let mut connection = TcpStream::connect(target).unwrap();
        connection.write_all(&[ECHO]).unwrap();
        exchange(&mut connection, b'x').unwrap();
        exchange(&mut connection, b'y').unwrap();
        drop(connection);
        let mut connection = TcpStream::connect(target).unwrap();
        connection.write_all(&[SINK]).unwrap();
        connection.write_all(&vec![1; CHUNK]).unwrap();
        drop(connection);
        drop(server);
        assert!(TcpStream::connect(target).is_err());
    }
}
