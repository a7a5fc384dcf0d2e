//! Flows: who asks for what, and what a call says of itself.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sidegate_iam::{Context, Policies, PolicyKind, Principal, Requirement};
use sidegate_model::{Error, InstanceId, NetworkInterfaceId, SecurityGroupId, SubnetId};

use super::internet::is_on_internet;
use crate::SERVICE_PORTS;

/// TCP's number.
pub(super) const TCP: u8 = 6;

/// UDP's number.
pub(super) const UDP: u8 = 17;

/// The numbers of ICMP for IPv4 and IPv6.
const ICMP: u8 = 1;
const ICMPV6: u8 = 58;

/// The ports from which Linux makes connections if nobody says otherwise.
///
/// Source: Linux, Documentation/networking/ip-sysctl.rst, `ip_local_port_range`.
pub const EPHEMERAL_PORTS: (u16, u16) = (32_768, 60_999);

/// Who asks from the internet if nobody says which address: a host of the emulated one. Rules for it are for everybody.
pub const SOMEBODY: Ipv4Addr = Ipv4Addr::new(198, 19, 255, 1);

/// The same for IPv6.
pub const SOMEBODY_IPV6: Ipv6Addr = Ipv6Addr::new(0x2001, 2, 0, 0xffff, 0, 0, 0, 1);

/// A flow that is asked about: its first packet, and the answer to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Who sends it.
    pub source: Source,
    /// What it is for.
    pub goal: Goal,
    /// The IP protocol's number: 6 for TCP.
    pub protocol: u8,
    /// The destination port; for ICMP the type times 256 plus the code; 0 for what has neither.
    pub port: u16,
    /// The ports of which the client picks one, by TCP and UDP.
    pub source_ports: (u16, u16),
    /// The name that TLS and HTTP ask for, where the goal is none.
    pub server_name: Option<String>,
    /// The call that is made over it; `None` to ask about packets alone.
    pub call: Option<Call>,
}

/// Who sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// What runs behind a network interface.
    Interface(NetworkInterfaceId),
    /// The same, by another than the first of the interface's addresses.
    Address {
        /// The interface.
        interface: NetworkInterfaceId,
        /// One of its addresses.
        address: IpAddr,
    },
    /// An instance, by its first interface.
    Instance(InstanceId),
    /// A function of Lambda, by its ARN without version. Of several interfaces, that one is told whose flow does not arrive.
    Function(String),
    /// A program that is started in a subnet, as `sidegate exec` would do it.
    Subnet {
        /// The subnet.
        subnet: SubnetId,
        /// Its security groups; the VPC's default one if there are none.
        groups: Vec<SecurityGroupId>,
    },
    /// Somebody on the internet, at this address.
    Internet(IpAddr),
}

/// What a flow is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// An address.
    Address(IpAddr),
    /// A name, as the source's resolver answers it.
    Name(String),
    /// A service by its short name, such as `s3`: by the name that SDKs call in the source's Region.
    Service(String),
    /// What runs behind a network interface: its primary address, or for somebody on the internet its public one.
    Interface(NetworkInterfaceId),
    /// An instance, by its first interface.
    Instance(InstanceId),
}

/// A call to a service, and the policies that apply to it besides those of the endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Who calls.
    pub principal: Principal,
    /// What must be allowed: all of it.
    pub requirements: Vec<Requirement>,
    /// The policies of the principal and the organizations. The endpoint's is found on the path.
    pub policies: Policies,
    /// Condition keys that nobody can tell from the path, such as the time. Those of the network are added.
    pub context: Context,
    /// The layers of which nobody knows what their policies say.
    pub unknown: Vec<PolicyKind>,
}

impl Flow {
    /// A TCP connection.
    pub const fn tcp(source: Source, goal: Goal, port: u16) -> Self {
        Self { source, goal, protocol: TCP, port, source_ports: EPHEMERAL_PORTS, server_name: None, call: None }
    }

    /// The same for a call.
    #[must_use]
    pub fn calling(self, call: Call) -> Self {
        Self { call: Some(call), ..self }
    }
}

impl Flow {
    /// Whether it could be, whatever the world is.
    pub(super) fn check(&self) -> Result<(), FlowError> {
        let (first, last) = self.source_ports;
        let numbered = [TCP, UDP, ICMP, ICMPV6].contains(&self.protocol);
        if !numbered && self.port != 0 {
            return Err(FlowError::NoPorts(self.protocol));
        }
        if first > last {
            return Err(FlowError::NoSourcePorts(first, last));
        }
        if let Source::Internet(own) = self.source {
            if !is_on_internet(own) {
                return Err(FlowError::NotOnInternet(own));
            }
            if let Goal::Address(address) = self.goal
                && is_private(address)
            {
                return Err(FlowError::Private(address));
            }
        }
        if self.call.is_some() && !(self.protocol == TCP && SERVICE_PORTS.contains(&self.port)) {
            return Err(FlowError::NoCall);
        }
        Ok(())
    }
}

/// Whether messages of this protocol go between addresses of the family of this one.
pub(super) const fn is_spoken(protocol: u8, address: IpAddr) -> bool {
    match protocol {
        ICMP => address.is_ipv4(),
        ICMPV6 => address.is_ipv6(),
        _ => true,
    }
}

/// Whether an address is one that networks have to themselves.
///
/// Source: RFC 1918; RFC 6598; RFC 4193; RFC 4291, section 2.5.6.
const fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private() || address.is_link_local() || (first == 100 && second & 0xc0 == 0x40)
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// Why a flow is none that could be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlowError {
    /// There is no such interface.
    #[error("there is no network interface `{0}`")]
    NoInterface(NetworkInterfaceId),
    /// The interface has no such address.
    #[error("the network interface `{interface}` has no address {address}")]
    NoAddress {
        /// The interface.
        interface: NetworkInterfaceId,
        /// The address.
        address: IpAddr,
    },
    /// There is no such instance.
    #[error("there is no instance `{0}`")]
    NoInstance(InstanceId),
    /// There is no such subnet.
    #[error("there is no subnet `{0}`")]
    NoSubnet(SubnetId),
    /// No interface of that function exists.
    #[error("the function `{0}` has no network interface: it is in no VPC, or has never run")]
    NoFunction(String),
    /// No program can be started in the subnet.
    #[error("no program can be started in `{subnet}`: {reason}")]
    NoProgram {
        /// The subnet.
        subnet: SubnetId,
        /// Why.
        reason: Error,
    },
    /// AWS's own interfaces begin nothing.
    #[error("`{0}` belongs to an endpoint or a NAT gateway, and these begin no connections")]
    BeginsNothing(NetworkInterfaceId),
    /// There is no such service.
    #[error("there is no service `{0}`")]
    NoService(String),
    /// The interface has no public address.
    #[error("`{0}` has no public address, by which somebody on the internet could ask for it")]
    NotPublic(NetworkInterfaceId),
    /// The protocol has no ports.
    #[error(
        "protocol {0} has no ports; only TCP (6), UDP (17) and the messages of ICMP (1, 58) have numbers of their own"
    )]
    NoPorts(u8),
    /// The ports of the client are the wrong way round.
    #[error("the source ports {0} to {1} hold none")]
    NoSourcePorts(u16, u16),
    /// An address that no connection can be made to.
    #[error("nobody can be asked at {0}")]
    NoDestination(IpAddr),
    /// Source and destination are of different families.
    #[error("{0} and {1} are of different families")]
    Families(IpAddr, IpAddr),
    /// Nobody on the internet has the address that somebody there is said to have.
    #[error("nobody on the internet has {0}; what asks from there has a public address")]
    NotOnInternet(IpAddr),
    /// Somebody on the internet asks for a private address.
    #[error(
        "{0} is a private address, which nobody on the internet can ask for; name the instance or the interface, or its \
         public address"
    )]
    Private(IpAddr),
    /// Messages of one family's protocol at an address of the other one.
    #[error("{}, and {address} is none", messages(*protocol))]
    Messages {
        /// The protocol.
        protocol: u8,
        /// The address.
        address: IpAddr,
    },
    /// A call over something other than TCP, or on a port that services do not have.
    #[error("calls are made over TCP on port 80 or 443")]
    NoCall,
}

/// Between whose addresses a protocol of messages goes.
const fn messages(protocol: u8) -> &'static str {
    match protocol {
        ICMPV6 => "icmpv6 (58) goes between IPv6 addresses",
        _ => "icmp (1) goes between IPv4 addresses",
    }
}
