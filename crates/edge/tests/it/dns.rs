//! The resolver over its sockets.

use std::net::Ipv4Addr;
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use sidegate_plan::{DnsZone, Names};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::world::{self, Running, SECRETS_ADDRESS, SECRETS_HOST};

const LONG: Duration = Duration::from_secs(30);

fn query(id: u16, name: &str) -> Vec<u8> {
    let mut message = Message::new(id, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_ascii(format!("{name}.")).unwrap(), RecordType::A));
    message.to_vec().unwrap()
}

fn addresses(answer: &[u8], id: u16) -> Vec<Ipv4Addr> {
    let answer = Message::from_vec(answer).unwrap();
    assert_eq!((answer.metadata.id, answer.metadata.response_code), (id, ResponseCode::NoError));
    let address = |data: &RData| match data {
        RData::A(a) => a.0,
        other => panic!("{other:?}"),
    };
    answer.answers.iter().map(|r| address(&r.data)).collect()
}

/// Puts in force that the endpoint for Secrets Manager has private DNS.
async fn with_private_dns(running: &Running) {
    let mut vpc = world::vpc();
    let records = Names::from_iter([(SECRETS_HOST.to_owned(), vec![SECRETS_ADDRESS.into()])]);
    vpc.zones.push(DnsZone { name: SECRETS_HOST.to_owned(), records });
    running.edge.apply(world::plan_of(vpc)).await;
}

#[tokio::test]
async fn a_datagram_is_answered_by_the_plan_in_force() {
    let running = Running::new().await;
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    socket.connect(running.dns_udp).await.unwrap();
    let mut buffer = [0; 1500];
    let mut ask = async |id| {
        // What is no query gets no answer, and does no harm.
        socket.send(b"nonsense").await.unwrap();
        socket.send(&query(id, SECRETS_HOST)).await.unwrap();
        let length = timeout(LONG, socket.recv(&mut buffer)).await.unwrap().unwrap();
        addresses(&buffer[..length], id)
    };
    let public = ask(1).await;
    assert!(public.iter().all(|a| a.octets()[..2] == [198, 18]), "{public:?}");
    with_private_dns(&running).await;
    assert_eq!(ask(2).await, [SECRETS_ADDRESS]);
}

async fn read_answer(stream: &mut TcpStream) -> Vec<u8> {
    let mut answer = vec![0; usize::from(timeout(LONG, stream.read_u16()).await.unwrap().unwrap())];
    timeout(LONG, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    answer
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&u16::try_from(message.len()).unwrap().to_be_bytes()[..], message].concat()
}

#[tokio::test]
async fn a_connection_brings_several_queries_at_once_or_in_pieces() {
    let running = Running::new().await;
    with_private_dns(&running).await;
    let mut stream = TcpStream::connect(running.dns_tcp).await.unwrap();
    let both = [framed(&query(1, SECRETS_HOST)), framed(&query(2, SECRETS_HOST))].concat();
    stream.write_all(&both).await.unwrap();
    for id in [1, 2] {
        assert_eq!(addresses(&read_answer(&mut stream).await, id), [SECRETS_ADDRESS]);
    }
    for byte in framed(&query(3, SECRETS_HOST)) {
        stream.write_all(&[byte]).await.unwrap();
        stream.flush().await.unwrap();
    }
    assert_eq!(addresses(&read_answer(&mut stream).await, 3), [SECRETS_ADDRESS]);
}

#[tokio::test]
async fn a_connection_ends_with_what_is_no_query() {
    let running = Running::new().await;
    let mut vpc = world::vpc();
    vpc.resolver = None;
    for message in [framed(&[0; 5000]), framed(b"nonsense"), Vec::new()] {
        let mut stream = TcpStream::connect(running.dns_tcp).await.unwrap();
        if message.is_empty() {
            // The resolver is switched off.
            running.edge.apply(world::plan_of(vpc.clone())).await;
            stream.write_all(&framed(&query(1, SECRETS_HOST))).await.unwrap();
        }
        stream.write_all(&message).await.unwrap();
        let mut rest = Vec::new();
        let _ = timeout(LONG, stream.read_to_end(&mut rest)).await.expect("an end");
        assert!(rest.is_empty());
    }
}
