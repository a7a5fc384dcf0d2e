//! A flow log record: what was seen of one flow at one interface in one aggregation interval, and its line of text.
//!
//! Source: VPC user guide, "Flow log records", "Available fields", "Flow log record examples".

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Field;
use crate::{AccountId, NetworkInterfaceId, Region, SubnetId, VpcId};

/// An interface as its records tell of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// The interface.
    pub interface: NetworkInterfaceId,
    /// Its owner; `None` if AWS made it, as that of an endpoint.
    pub account: Option<AccountId>,
    /// The VPC.
    pub vpc: VpcId,
    /// The subnet.
    pub subnet: SubnetId,
    /// The instance, if it is one's that the account owns.
    pub instance: Option<String>,
    /// The Region.
    pub region: Region,
    /// The id of the zone.
    pub zone: String,
    /// The primary private address.
    pub address: IpAddr,
}

/// A flow, as it was seen at an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Whether it went into the interface.
    pub ingress: bool,
    /// Whether the interface's groups and the network ACL of its subnet let it through.
    pub accepted: bool,
    /// The source that the packets had.
    pub source: IpAddr,
    /// The destination that the packets had.
    pub destination: IpAddr,
    /// The number of the protocol.
    pub protocol: u8,
    /// The ports of source and destination; 0 where the protocol has none.
    pub ports: (u16, u16),
    /// How much there was of it.
    pub total: Total,
    /// The way that egress took.
    pub path: Option<u8>,
    /// The service whose address the source is, and that of the destination.
    pub services: (Option<&'static str>, Option<&'static str>),
}

/// How much there was of a flow, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// The packets.
    pub packets: u64,
    /// The bytes.
    pub bytes: u64,
    /// The flags of TCP that records tell.
    pub flags: u8,
    /// When the first packet came: Unix time in seconds.
    pub start: i64,
    /// When the last packet came: Unix time in seconds.
    pub end: i64,
}

impl Total {
    /// Adds what else was seen.
    pub fn add(&mut self, other: &Self) {
        self.packets = self.packets.saturating_add(other.packets);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.flags |= other.flags;
        self.start = self.start.min(other.start);
        self.end = self.end.max(other.end);
    }
}

/// What a record tells of TCP's flags in a header: FIN, SYN and RST; of ACK only that it came with SYN.
pub fn told_flags(header: u8) -> u8 {
    const SYN: u8 = 2;
    const ACK: u8 = 16;
    const TOLD: u8 = 1 | SYN | 4;
    header & if header & SYN == 0 { TOLD } else { TOLD | ACK }
}

/// What a record says of its interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A flow.
    Flow(Flow),
    /// That there was no traffic, from and until then (Unix time in seconds).
    NoData(i64, i64),
    /// That some of the traffic is missing, from and until then.
    SkipData(i64, i64),
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose it is.
    pub watched: Arc<Watched>,
    /// What was seen.
    pub seen: Seen,
}

impl Record {
    /// When the first packet of it came, or its interval began: Unix time in seconds.
    pub fn start(&self) -> i64 {
        match &self.seen {
            Seen::Flow(flow) => flow.total.start,
            Seen::NoData(start, _) | Seen::SkipData(start, _) => *start,
        }
    }

    /// When the last packet of it came, or its interval ended: Unix time in seconds.
    pub fn end(&self) -> i64 {
        match &self.seen {
            Seen::Flow(flow) => flow.total.end,
            Seen::NoData(_, end) | Seen::SkipData(_, end) => *end,
        }
    }

    /// The line of a flow log of some fields.
    pub fn line(&self, version: u8, fields: &[Field]) -> String {
        let mut line = String::new();
        for &field in fields {
            if !line.is_empty() {
                line.push(' ');
            }
            let before = line.len();
            // Writing to a string does not fail.
            let _ = self.write(&mut line, version, field);
            if line.len() == before {
                line.push('-');
            }
        }
        line
    }

    /// Writes nothing where there is nothing to say.
    fn write(&self, out: &mut String, version: u8, field: Field) -> std::fmt::Result {
        let Watched { interface, account, vpc, subnet, instance, region, zone, .. } = &*self.watched;
        match field {
            Field::Version => write!(out, "{version}"),
            Field::AccountId => match account {
                Some(account) => write!(out, "{account}"),
                None => out.write_str("unknown"),
            },
            Field::InterfaceId => write!(out, "{interface}"),
            Field::VpcId => write!(out, "{vpc}"),
            Field::SubnetId => write!(out, "{subnet}"),
            Field::InstanceId => out.write_str(instance.as_deref().unwrap_or_default()),
            Field::Region => write!(out, "{region}"),
            Field::ZoneId => out.write_str(zone),
            Field::LogStatus => out.write_str(match self.seen {
                Seen::Flow(_) => "OK",
                Seen::NoData(..) => "NODATA",
                Seen::SkipData(..) => "SKIPDATA",
            }),
            Field::Start => write!(out, "{}", self.start()),
            Field::End => write!(out, "{}", self.end()),
            _ => match &self.seen {
                Seen::Flow(flow) => flow.write(out, &self.watched, field),
                Seen::NoData(..) | Seen::SkipData(..) => Ok(()),
            },
        }
    }
}

impl Flow {
    fn write(&self, out: &mut String, watched: &Watched, field: Field) -> std::fmt::Result {
        let Total { packets, bytes, flags, .. } = self.total;
        // The interface's own address is told as its primary one, whichever of its private addresses it was, and also where
        // it stands between the two ends.
        let near = |address: IpAddr, is_own: bool| match address {
            IpAddr::V4(_) if is_own && watched.address.is_ipv4() => watched.address,
            other => other,
        };
        match field {
            Field::SourceAddress => write!(out, "{}", near(self.source, !self.ingress)),
            Field::DestinationAddress => write!(out, "{}", near(self.destination, self.ingress)),
            Field::PacketSourceAddress => write!(out, "{}", self.source),
            Field::PacketDestinationAddress => write!(out, "{}", self.destination),
            Field::SourcePort => write!(out, "{}", self.ports.0),
            Field::DestinationPort => write!(out, "{}", self.ports.1),
            Field::Protocol => write!(out, "{}", self.protocol),
            Field::Packets => write!(out, "{packets}"),
            Field::Bytes => write!(out, "{bytes}"),
            Field::Action => out.write_str(if self.accepted { "ACCEPT" } else { "REJECT" }),
            Field::TcpFlags => write!(out, "{flags}"),
            Field::Type => out.write_str(if self.source.is_ipv4() { "IPv4" } else { "IPv6" }),
            Field::FlowDirection => out.write_str(if self.ingress { "ingress" } else { "egress" }),
            Field::TrafficPath => self.path.map_or(Ok(()), |path| write!(out, "{path}")),
            Field::PacketSourceService => out.write_str(self.services.0.unwrap_or_default()),
            Field::PacketDestinationService => out.write_str(self.services.1.unwrap_or_default()),
            // Nothing here has an answer to the others.
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::LogFormat;
    use super::*;

    fn watched() -> Arc<Watched> {
        Arc::new(Watched {
            interface: "eni-1235b8ca123456789".parse().unwrap(),
            account: Some("123456789010".parse().unwrap()),
            vpc: "vpc-abcdefab012345678".parse().unwrap(),
            subnet: "subnet-aaaaaaaa012345678".parse().unwrap(),
            instance: Some("i-01234567890123456".to_owned()),
            region: "us-east-1".parse().unwrap(),
            zone: "use1-az1".to_owned(),
            address: "172.31.16.21".parse().unwrap(),
        })
    }

    fn flow(ingress: bool) -> Flow {
        let (near, far) = ("172.31.16.22".parse().unwrap(), "172.31.16.139".parse().unwrap());
        Flow {
            ingress,
            accepted: true,
            source: if ingress { far } else { near },
            destination: if ingress { near } else { far },
            protocol: 6,
            ports: (20641, 22),
            total: Total { packets: 20, bytes: 4249, flags: 3, start: 1418530010, end: 1418530070 },
            path: (!ingress).then_some(7),
            services: (None, Some("S3")),
        }
    }

    fn default_line(seen: Seen) -> String {
        Record { watched: watched(), seen }.line(2, LogFormat::default().fields())
    }

    #[test]
    fn records_of_the_default_format_are_those_of_the_guide() {
        assert_eq!(
            default_line(Seen::Flow(flow(true))),
            "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK"
        );
        assert_eq!(
            default_line(Seen::NoData(1431280876, 1431280934)),
            "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA"
        );
        assert_eq!(
            default_line(Seen::SkipData(1431280876, 1431280934)),
            "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - SKIPDATA"
        );
    }

    #[test]
    fn the_interface_has_its_primary_address_and_the_packet_its_own() {
        let line = |flow: Flow, format: &str| {
            let format: LogFormat = format.parse().unwrap();
            Record { watched: watched(), seen: Seen::Flow(flow) }.line(format.version(), format.fields())
        };
        let ends = "${srcaddr} ${dstaddr} ${pkt-srcaddr} ${pkt-dstaddr}";
        assert_eq!(line(flow(true), ends), "172.31.16.139 172.31.16.21 172.31.16.139 172.31.16.22");
        assert_eq!(line(flow(false), ends), "172.31.16.21 172.31.16.139 172.31.16.22 172.31.16.139");
        let further = "${version} ${flow-direction} ${traffic-path} ${pkt-src-aws-service} ${pkt-dst-aws-service} \
            ${tcp-flags} ${type} ${instance-id} ${az-id} ${sublocation-id} ${ecs-task-id}";
        assert_eq!(line(flow(false), further), "7 egress 7 - S3 3 IPv4 i-01234567890123456 use1-az1 - -");
        assert_eq!(line(flow(true), further), "7 ingress - - S3 3 IPv4 i-01234567890123456 use1-az1 - -");
        let six =
            Flow { source: "2001:db8::1".parse().unwrap(), destination: "2001:db8::2".parse().unwrap(), ..flow(true) };
        assert_eq!(line(six, "${dstaddr} ${type}"), "2001:db8::2 IPv6");
    }

    #[test]
    fn what_aws_made_has_no_known_account() {
        let made = Watched { account: None, instance: None, ..Watched::clone(&watched()) };
        let record = Record { watched: made.into(), seen: Seen::NoData(1, 2) };
        assert_eq!(
            record.line(3, &[Field::AccountId, Field::InstanceId, Field::VpcId]),
            "unknown - vpc-abcdefab012345678"
        );
    }

    #[test]
    fn of_the_flags_of_tcp_ack_counts_with_syn_alone() {
        let told = [0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14, 0xc2].map(told_flags);
        assert_eq!(told, [2, 18, 0, 0, 1, 4, 4, 2]);
    }

    proptest! {
        #[test]
        fn a_record_has_a_word_for_each_field(
            fields in prop::collection::vec(prop::sample::select(Field::ALL), 1..40), which in 0..3,
        ) {
            let seen = match which { 0 => Seen::Flow(flow(true)), 1 => Seen::NoData(0, 9), _ => Seen::SkipData(0, 9) };
            let line = Record { watched: watched(), seen }.line(5, &fields);
            prop_assert_eq!(line.split(' ').filter(|word| !word.is_empty()).count(), fields.len());
        }
    }
}
