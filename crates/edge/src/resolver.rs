//! The resolver of a VPC: bytes of a query in, bytes of an answer out.
//!
//! What stands here is the wire: which queries deserve an answer, flags, sizes. What a name leads to is in `sidegate_plan::lookup`.
//! There is no socket and no cache here, and no way on to the host's resolver.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hickory_proto::op::{Edns, Message, MessageType, Metadata, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, PTR, SOA};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use sidegate_plan::{Held, Lookup, Plan, VpcPlan, lookup};

/// How a query came, which limits the length of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A datagram.
    Udp,
    /// A connection. The two octets of the length are the caller's.
    Tcp,
}

/// How long an answer may be kept, in seconds, whether it has records or denies them. Short, since creating an endpoint
/// changes what a name leads to.
const TTL: u32 = 5;

/// The longest answer to a datagram without EDNS.
///
/// Source: RFC 1035, 4.2.1.
const PLAIN_LIMIT: u16 = 512;

/// The longest answer to any datagram, and the size that we offer: no fragment on any path.
///
/// Source: DNS flag day 2020.
const DATAGRAM_LIMIT: u16 = 1232;

/// The length of a header.
const HEADER: usize = 12;

/// Answers a query of a program in the VPC. `None` means silence: the bytes are no query.
///
/// The names that are private to the VPC come first, then what is in public DNS: the names of endpoints, of public
/// addresses, and of services. There is nothing else. A private zone answers for every name in it and never hands one
/// on.
pub fn answer(query: &[u8], transport: Transport, vpc: &VpcPlan, plan: &Plan) -> Option<Vec<u8>> {
    answer_in(query, transport, Some(vpc), plan)
}

/// Answers a query of a program on the internet, where nothing is private.
pub fn answer_publicly(query: &[u8], transport: Transport, plan: &Plan) -> Option<Vec<u8>> {
    answer_in(query, transport, None, plan)
}

fn answer_in(query: &[u8], transport: Transport, vpc: Option<&VpcPlan>, plan: &Plan) -> Option<Vec<u8>> {
    let header = RawHeader::read(query)?;
    if header.is_response {
        return None;
    }
    let request = match header.parse(query) {
        Ok(request) => request,
        Err(code) => return header.refusal(code).to_vec().ok(),
    };
    let question = request.queries.first()?;

    let mut response = Message::response(request.metadata.id, OpCode::Query);
    response.metadata = Metadata::response_from_request(&request.metadata);
    response.metadata.recursion_available = true;
    response.add_query(question.clone());
    if let Some(edns) = &request.edns {
        let mut own = Edns::new();
        own.set_max_payload(DATAGRAM_LIMIT);
        own.set_dnssec_ok(edns.flags().dnssec_ok);
        response.set_edns(own);
    }
    match refused(&request, question) {
        Some(code) => response.metadata.response_code = code,
        None => fill(&mut response, question, vpc, plan)?,
    }

    let limit = match transport {
        Transport::Tcp => u16::MAX,
        Transport::Udp => {
            request.edns.as_ref().map_or(PLAIN_LIMIT, |e| e.max_payload().clamp(PLAIN_LIMIT, DATAGRAM_LIMIT))
        }
    };
    encode(&response, limit)
}

/// What must be known of a message before it is worth parsing.
struct RawHeader {
    id: u16,
    is_response: bool,
    opcode: u8,
    recursion_desired: bool,
    questions: u16,
    /// Records of the sections that a query leaves empty: answers and authorities.
    records: u32,
    additionals: u16,
}

impl RawHeader {
    fn read(message: &[u8]) -> Option<Self> {
        let header: &[u8; HEADER] = message.first_chunk()?;
        if message.len() > usize::from(u16::MAX) {
            return None;
        }
        let [i0, i1, flags, _, q0, q1, a0, a1, n0, n1, e0, e1] = *header;
        Some(Self {
            id: u16::from_be_bytes([i0, i1]),
            is_response: flags & 0x80 != 0,
            opcode: (flags >> 3) & 0x0f,
            recursion_desired: flags & 1 != 0,
            questions: u16::from_be_bytes([q0, q1]),
            records: u32::from(u16::from_be_bytes([a0, a1])) + u32::from(u16::from_be_bytes([n0, n1])),
            additionals: u16::from_be_bytes([e0, e1]),
        })
    }

    /// Parses the whole, or names the code that says what is wrong. The counts are judged first, so that a short
    /// message cannot claim memory for thousands of records.
    fn parse(&self, message: &[u8]) -> Result<Message, ResponseCode> {
        /// EDNS and a signature, and some room.
        const MOST_ADDITIONALS: u16 = 8;
        if self.opcode != u8::from(OpCode::Query) {
            return Err(ResponseCode::NotImp);
        }
        if self.questions != 1 || self.records != 0 || self.additionals > MOST_ADDITIONALS {
            return Err(ResponseCode::FormErr);
        }
        Message::from_vec(message).map_err(|_| ResponseCode::FormErr)
    }

    /// A reply to what could not be parsed: a header alone.
    fn refusal(&self, code: ResponseCode) -> Message {
        let mut response = Message::new(self.id, MessageType::Response, OpCode::from_u8(self.opcode));
        response.metadata.recursion_desired = self.recursion_desired;
        response.metadata.recursion_available = true;
        response.metadata.response_code = code;
        response
    }
}

/// The code for a question that is well formed but not one for us.
fn refused(request: &Message, question: &Query) -> Option<ResponseCode> {
    if request.edns.as_ref().is_some_and(|e| e.version() != 0) {
        return Some(ResponseCode::BADVERS);
    }
    let transfer = matches!(question.query_type, RecordType::AXFR | RecordType::IXFR);
    (transfer || question.query_class != DNSClass::IN).then_some(ResponseCode::Refused)
}

/// Puts into the response what the question's name leads to, or the SOA record that says how long its absence lasts.
fn fill(response: &mut Message, question: &Query, vpc: Option<&VpcPlan>, plan: &Plan) -> Option<()> {
    let name = text(&question.name);
    let Lookup { held, zone } = lookup(&name, vpc, plan);
    let any = question.query_type == RecordType::ANY;
    let wants = |kind| any || question.query_type == kind;
    match held {
        Held::Addresses(addresses) => {
            let records = |kind: fn(&IpAddr) -> bool| addresses.iter().copied().filter(kind).collect::<Vec<_>>();
            let wanted = [
                wants(RecordType::A).then(|| records(IpAddr::is_ipv4)),
                wants(RecordType::AAAA).then(|| records(IpAddr::is_ipv6)),
            ];
            for addresses in wanted.into_iter().flatten() {
                let first = usize::from(response.metadata.id) % addresses.len().max(1);
                let (tail, head) = addresses.split_at_checked(first)?;
                for address in head.iter().chain(tail) {
                    push(response, question, record_of(*address));
                }
            }
        }
        Held::Loopback => {
            if wants(RecordType::A) {
                push(response, question, record_of(Ipv4Addr::LOCALHOST.into()));
            }
            if wants(RecordType::AAAA) {
                push(response, question, record_of(Ipv6Addr::LOCALHOST.into()));
            }
        }
        Held::Pointer(target) if wants(RecordType::PTR) => {
            push(response, question, RData::PTR(PTR(absolute(&target)?)));
        }
        Held::Absent => response.metadata.response_code = ResponseCode::NXDomain,
        Held::Pointer(_) | Held::Nothing => {}
    }
    if question.query_type == RecordType::SOA && name == zone {
        response.add_answer(soa(&zone)?);
    } else if response.answers.is_empty() {
        response.add_authority(soa(&zone)?);
    }
    Some(())
}

fn record_of(address: IpAddr) -> RData {
    match address {
        IpAddr::V4(address) => RData::A(A(address)),
        IpAddr::V6(address) => RData::AAAA(AAAA(address)),
    }
}

/// Adds an answer, under the name as the client wrote it.
fn push(response: &mut Message, question: &Query, data: RData) {
    response.add_answer(Record::from_rdata(question.name.clone(), TTL, data));
}

/// The SOA record of a zone, with the values of a private hosted zone of Route 53 except for the times. The smaller of
/// its TTL and its last field is how long a denial may be kept.
///
/// Source: RFC 2308, 5.
fn soa(zone: &str) -> Option<Record> {
    let server = absolute("ns-1536.awsdns-00.co.uk")?;
    let person = absolute("awsdns-hostmaster.amazon.com")?;
    let data = SOA::new(server, person, 1, 7200, 900, 1_209_600, TTL);
    Some(Record::from_rdata(absolute(zone)?, TTL, RData::SOA(data)))
}

/// The name that this text says, with its final dot. Empty text is the root.
fn absolute(text: &str) -> Option<Name> {
    let mut name = Name::from_ascii(text).ok()?;
    name.set_fqdn(true);
    Some(name)
}

/// A name in lower case without a final dot. An octet that no name of ours has becomes a mark that equals nothing, so
/// that a dot inside a label cannot pass for one between two.
fn text(name: &Name) -> String {
    let mut text = String::with_capacity(name.len());
    for label in name.iter() {
        if !text.is_empty() {
            text.push('.');
        }
        text.extend(label.iter().map(|octet| match octet {
            b'!'..=b'~' if !matches!(octet, b'.' | b'\\') => char::from(octet.to_ascii_lowercase()),
            _ => char::REPLACEMENT_CHARACTER,
        }));
    }
    text
}

/// The bytes of a response, or, if they are over the limit, of one without records that says so.
fn encode(response: &Message, limit: u16) -> Option<Vec<u8>> {
    let bytes = response.to_vec().ok()?;
    if bytes.len() <= usize::from(limit) {
        return Some(bytes);
    }
    response.truncate().to_vec().ok()
}
