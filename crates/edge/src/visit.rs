//! What a client sees from where it is: the resolver's answer, whether somebody answers, the TLS of a service, and what the
//! gate says of a probe. The sockets are those of whoever asks, who makes them in the network that it looks from.
//!
//! Nothing here believes what it is told by the other side, reads more than it needs, or waits longer than it is told to.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use rustls::{AlertDescription, ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::gate::PROBE_HEADER;

/// The longest head of an answer that is read.
const LONGEST_HEAD: usize = 1024;

/// The longest datagram that is read.
const LONGEST_DATAGRAM: usize = 4096;

/// The types of ICMP's echo requests and their answers, for IPv4 and IPv6.
///
/// Sources: RFC 792; RFC 4443, 4.
const ECHO: (u8, u8) = (8, 0);
const ECHO_V6: (u8, u8) = (128, 129);

/// What a resolver said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The response code, such as `NXDomain`.
    pub code: String,
    /// The addresses, those of IPv4 first.
    pub addresses: Vec<IpAddr>,
}

/// Asks a resolver for the addresses of a name. The socket is connected to it.
///
/// # Errors
/// If it does not answer in this time, or the name is none.
pub async fn resolve(socket: &UdpSocket, name: &str, limit: Duration) -> io::Result<Answer> {
    let name = Name::from_ascii(name.trim_end_matches('.')).map_err(io::Error::other)?;
    let mut answer = Answer { code: String::new(), addresses: Vec::new() };
    for kind in [RecordType::A, RecordType::AAAA] {
        let mut absolute = name.clone();
        absolute.set_fqdn(true);
        let reply = timeout(limit, ask(socket, Query::query(absolute, kind))).await.map_err(|_| timed_out())??;
        // What one of the two has, the name has.
        if answer.code.is_empty() || reply.metadata.response_code == ResponseCode::NoError {
            answer.code = reply.metadata.response_code.to_string();
        }
        answer.addresses.extend(reply.answers.iter().filter_map(|record| match &record.data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            RData::AAAA(address) => Some(IpAddr::V6(address.0)),
            _ => None,
        }));
    }
    Ok(answer)
}

/// One query and its answer.
async fn ask(socket: &UdpSocket, query: Query) -> io::Result<Message> {
    let mut message = Message::new(random_id()?, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(query.clone());
    socket.send(&message.to_vec().map_err(io::Error::other)?).await?;
    let mut bytes = [0; LONGEST_DATAGRAM];
    loop {
        let length = socket.recv(&mut bytes).await?;
        let Ok(reply) = Message::from_vec(bytes.get(..length).unwrap_or_default()) else { continue };
        if reply.metadata.id == message.metadata.id && reply.queries.first() == Some(&query) {
            return Ok(reply);
        }
    }
}

/// Sends an empty datagram, and says whether anybody answered it with one. The socket is connected.
///
/// # Errors
/// If whoever is there says that nobody listens, as [`io::ErrorKind::ConnectionRefused`]; if it cannot be sent, or the network
/// says that there is no way there.
pub async fn knock(socket: &UdpSocket, limit: Duration) -> io::Result<bool> {
    let mut bytes = [0; LONGEST_DATAGRAM];
    let outcome = timeout(limit, async {
        socket.send(&[]).await?;
        socket.recv(&mut bytes).await
    });
    match outcome.await {
        Err(_) => Ok(false),
        Ok(answer) => answer.map(|_| true),
    }
}

/// A socket for [`echo`], in the network of the calling thread. It needs the right to open raw sockets.
///
/// # Errors
/// If there is none to be had.
pub fn icmp_socket(to: IpAddr) -> io::Result<std::net::UdpSocket> {
    let (domain, protocol) =
        if to.is_ipv4() { (Domain::IPV4, Protocol::ICMPV4) } else { (Domain::IPV6, Protocol::ICMPV6) };
    let socket = Socket::new(domain, Type::RAW, Some(protocol))?;
    socket.set_nonblocking(true)?;
    socket.connect(&std::net::SocketAddr::new(to, 0).into())?;
    Ok(socket.into())
}

/// Sends an echo request by ICMP, and says whether it was answered.
///
/// # Errors
/// If it cannot be sent, or the network says that there is no way there.
pub async fn echo(socket: &UdpSocket, to: IpAddr, limit: Duration) -> io::Result<bool> {
    let (asking, answering) = if to.is_ipv4() { ECHO } else { ECHO_V6 };
    let [high, low] = random_id()?.to_be_bytes();
    let mut message = [asking, 0, 0, 0, high, low, 0, 1];
    if to.is_ipv4() {
        // Of IPv6 the kernel writes it.
        let [first, second] = checksum(&message).to_be_bytes();
        message = [asking, 0, first, second, high, low, 0, 1];
    }
    let mut bytes = [0; LONGEST_DATAGRAM];
    let outcome = timeout(limit, async {
        socket.send(&message).await?;
        loop {
            let length = socket.recv(&mut bytes).await?;
            let packet = bytes.get(..length).unwrap_or_default();
            // A raw socket of IPv4 is given the header, too.
            let header = if to.is_ipv4() { usize::from(packet.first().map_or(0, |first| first & 0x0f)) * 4 } else { 0 };
            if matches!(packet.get(header..), Some([kind, _, _, _, a, b, ..]) if *kind == answering && [*a, *b] == [high, low])
            {
                return Ok(true);
            }
        }
    });
    outcome.await.unwrap_or(Ok(false))
}

/// The checksum of ICMP.
///
/// Source: RFC 1071.
fn checksum(bytes: &[u8]) -> u16 {
    let word = |pair: &[u8]| pair.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
    let mut sum: u32 = bytes.chunks(2).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// Why there is no TLS with a service.
#[derive(Debug, thiserror::Error)]
pub enum NoTls {
    /// The other side serves no such name.
    #[error("the other side does not know the name")]
    UnknownName,
    /// The certificate is not one that programs trust, or of another name.
    #[error("the certificate is not accepted ({0})")]
    Certificate(rustls::Error),
    /// The other side ended the connection, or did not answer.
    #[error("the handshake came to nothing ({0})")]
    Broken(io::Error),
    /// What is to be trusted, or the name, cannot be used.
    #[error("TLS cannot be spoken ({0})")]
    Unusable(String),
}

/// Speaks TLS with a service as a program does that trusts the local authority alone.
///
/// # Errors
/// [`NoTls`] if it comes to none in this time.
pub async fn handshake(
    stream: TcpStream, name: &str, authority_pem: &str, limit: Duration,
) -> Result<TlsStream<TcpStream>, NoTls> {
    let unusable = |error: &dyn ToString| NoTls::Unusable(error.to_string());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority_pem.as_bytes()) {
        roots.add(certificate.map_err(|error| unusable(&error))?).map_err(|error| unusable(&error))?;
    }
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).map_err(|error| unusable(&error))?;
    let shake = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let error = match timeout(limit, shake).await {
        Ok(Ok(stream)) => return Ok(stream),
        Ok(Err(error)) => error,
        Err(_) => timed_out(),
    };
    let of_tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    Err(match of_tls {
        Some(rustls::Error::AlertReceived(AlertDescription::UnrecognisedName)) => NoTls::UnknownName,
        Some(reason @ rustls::Error::InvalidCertificate(_)) => NoTls::Certificate(reason.clone()),
        _ => NoTls::Broken(error),
    })
}

/// The version of TLS that was agreed on, as `1.3`.
pub fn tls_version(stream: &TlsStream<TcpStream>) -> &'static str {
    match stream.get_ref().1.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "1.3",
        _ => "1.2",
    }
}

/// Sends a probe for a host, with a token, and says with which status it was answered.
///
/// # Errors
/// If there is no answer in this time, or none of HTTP.
pub async fn probe<S>(mut stream: S, host: &str, token: &str, limit: Duration) -> io::Result<u16>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {host}\r\n{PROBE_HEADER}: {token}\r\nUser-Agent: sidegate\r\nConnection: close\r\n\r\n"
    );
    let exchange = async {
        stream.write_all(request.as_bytes()).await?;
        stream.flush().await?;
        let mut head = Vec::new();
        let mut bounded = (&mut stream).take(LONGEST_HEAD as u64);
        let mut chunk = [0; LONGEST_HEAD];
        while status_of(&head).is_none() {
            match bounded.read(&mut chunk).await? {
                0 => break,
                length => head.extend_from_slice(chunk.get(..length).unwrap_or_default()),
            }
        }
        status_of(&head).ok_or_else(|| io::Error::other("the connection ended without an answer"))
    };
    timeout(limit, exchange).await.map_err(|_| timed_out())?
}

/// The status of an answer whose first line is there.
fn status_of(head: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(head).ok()?;
    let (line, _) = text.split_once("\r\n")?;
    let rest = line.strip_prefix("HTTP/1.")?;
    rest.split(' ').nth(1)?.parse().ok()
}

fn timed_out() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "there is no answer in time")
}

fn random_id() -> io::Result<u16> {
    let mut bytes = [0; 2];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| io::Error::other("the system gives no random numbers"))?;
    Ok(u16::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const SOON: Duration = Duration::from_millis(200);

    #[test]
    fn the_status_stands_in_the_first_line() {
        assert_eq!(status_of(b"HTTP/1.1 204 No Content\r\nx"), Some(204));
        assert_eq!(status_of(b"HTTP/1.0 421\r\n"), Some(421));
        for other in ["HTTP/1.1 204 No", "SSH-2.0-x\r\n", "HTTP/1.1 abc\r\n", "\r\n"] {
            assert_eq!(status_of(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn the_checksum_of_a_message_with_its_checksum_is_zero() {
        let [high, low] = checksum(&[8, 0, 0, 0, 1, 2, 0, 1]).to_be_bytes();
        assert_eq!(checksum(&[8, 0, high, low, 1, 2, 0, 1]), 0);
    }

    #[tokio::test]
    async fn whoever_says_nothing_or_nonsense_is_not_waited_for() {
        let (mut server, client) = tokio::io::duplex(4096);
        let silent = probe(client, "h", "00", SOON).await;
        assert_eq!(silent.unwrap_err().kind(), io::ErrorKind::TimedOut);
        let mut seen = vec![0; 1024];
        let length = server.read(&mut seen).await.unwrap();
        assert!(String::from_utf8_lossy(&seen[..length]).contains("Host: h\r\nx-sidegate-probe: 00\r\n"));

        let (mut server, client) = tokio::io::duplex(64 * 1024);
        server.write_all(&[b'x'; 10_000]).await.unwrap();
        assert!(probe(client, "h", "00", SOON).await.is_err());
    }

    #[tokio::test]
    async fn a_port_where_nobody_listens_refuses_a_datagram() {
        let nobody = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = nobody.local_addr().unwrap();
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        socket.connect(address).await.unwrap();
        assert!(!knock(&socket, SOON).await.unwrap(), "somebody who says nothing");
        drop(nobody);
        assert_eq!(knock(&socket, SOON).await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    }
}
