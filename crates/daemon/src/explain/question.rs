//! Questions about a path, as they are typed, and the flows that they ask about.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sidegate_iam::PrincipalError;
use sidegate_model::{AccountId, Catalog, InstanceId, NetworkInterfaceId, Region, SecurityGroupId, World};
use sidegate_plan::analyze::{Flow, FlowError, Goal, Source};
use sidegate_plan::{IPV6_METADATA_ADDRESS, METADATA_ADDRESS};

use super::action::{self, ActionError};
use super::subject::{SubjectError, Subjects, Target};

/// A question about a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Question {
    /// Where it begins, as it was typed.
    pub(crate) from: String,
    /// Where it leads, as it was typed.
    pub(crate) to: String,
    /// The security groups of a program in a subnet.
    pub(crate) groups: Vec<SecurityGroupId>,
    /// The destination port, if it was not typed with the target.
    pub(crate) port: Option<u16>,
    /// The protocol.
    pub(crate) protocol: WireProtocol,
    /// The account in which names are looked for.
    pub(crate) account: Option<AccountId>,
    /// The Region in which names are looked for.
    pub(crate) region: Option<Region>,
    /// The action of the call that is made over it.
    pub(crate) action: Option<String>,
    /// The resource of the call, as an ARN.
    pub(crate) resource: Option<String>,
    /// Who calls.
    pub(crate) principal: Option<String>,
    /// Whether it is looked with packets, too.
    pub(crate) live: bool,
    /// How wide a picture is wanted, in columns; `None` if none is.
    pub(crate) diagram: Option<usize>,
}

/// A protocol over IP, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct WireProtocol(pub(crate) u8);

/// What a question asks about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    /// The flow.
    pub(crate) flow: Flow,
    /// Its far end.
    pub(crate) target: Target,
    /// What was taken for granted, in words.
    pub(crate) remarks: Vec<String>,
}

/// Why a question cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QuestionError {
    /// An end of the path is not there.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// The path is none that could be.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// A port is needed.
    #[error("which port of `{0}`? say it with --port, or as `{0}:PORT`")]
    NoPort(String),
    /// Two ports were said.
    #[error("`{to}` says another port than --port {port}; say one of them")]
    Ports {
        /// The far end.
        to: String,
        /// The other port.
        port: u16,
    },
    /// The protocol has no ports.
    #[error("{0} has no ports; leave the port out")]
    NoPorts(WireProtocol),
    /// Who calls is not known, and policies ask for it.
    #[error(
        "who calls? files do not tell the policies of anyone; say with --principal whose ARN it is, or `anonymous`"
    )]
    NoPrincipal,
    /// It is no principal.
    #[error(transparent)]
    Principal(#[from] PrincipalError),
    /// It is no action that could be asked about.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// The far end names another resource than the one that was said.
    #[error("`{to}` is {named}, and --resource says {resource}; leave one of them out")]
    Resources {
        /// The far end.
        to: String,
        /// What it names.
        named: String,
        /// What was said.
        resource: String,
    },
    /// A function asks for instance metadata.
    #[error(
        "`{0}` is a function, and functions have no instance metadata service; they have credentials and settings as variables"
    )]
    NoMetadata(String),
    /// Both ends are the same.
    #[error(
        "`{from}` and `{to}` are the same network interface, {interface}: what a program sends to itself never leaves its \
         machine, and nothing of the VPC decides about it"
    )]
    Itself {
        /// Where it begins.
        from: String,
        /// Where it leads.
        to: String,
        /// The interface of both.
        interface: NetworkInterfaceId,
    },
}

impl WireProtocol {
    /// TCP.
    pub(crate) const TCP: Self = Self(6);
    /// UDP.
    pub(crate) const UDP: Self = Self(17);
    /// ICMP.
    pub(crate) const ICMP: Self = Self(1);
    /// ICMP for IPv6.
    pub(crate) const ICMPV6: Self = Self(58);

    const NAMES: &[(&str, Self)] =
        &[("tcp", Self::TCP), ("udp", Self::UDP), ("icmp", Self::ICMP), ("icmpv6", Self::ICMPV6)];

    /// Whether packets of it have ports.
    pub(crate) const fn has_ports(self) -> bool {
        matches!(self, Self::TCP | Self::UDP)
    }
}

/// The types of an echo request of ICMP and of ICMP for IPv6, times 256 as flows have them.
const ECHO: u16 = 8 << 8;
const ECHO6: u16 = 128 << 8;

impl Question {
    /// The flow that is asked about, without the call.
    ///
    /// # Errors
    /// [`QuestionError`] if an end is not there, or a port is missing.
    pub(crate) fn asked(&self, world: &World) -> Result<Asked, QuestionError> {
        let subjects = Subjects::of(world).within(self.account.as_ref(), self.region);
        let target = subjects.target(&self.to, self.action.as_deref())?;
        if let Some(action) = &self.action {
            action::check(world, action, &target)?;
        }
        self.check_resource(&target)?;
        let source = subjects.source(&self.from, &self.groups, target.is_ipv6())?;
        self.check_ends(world, &source, &target.goal)?;
        let protocol = self.protocol;
        let port = self.port(&target, protocol)?;
        let goal = match (&source, target.goal.clone()) {
            // Whoever asks from outside is in no Region.
            (Source::Internet(_), Goal::Service(service)) => {
                self.public_name(&service).unwrap_or(Goal::Service(service))
            }
            (_, goal) => goal,
        };
        let flow = Flow { protocol: protocol.0, ..Flow::tcp(source, goal, port) };
        Ok(Asked { flow, target, remarks: Vec::new() })
    }

    /// Refuses a resource that is another one than the far end names, or part of it.
    fn check_resource(&self, target: &Target) -> Result<(), QuestionError> {
        match (&target.resource, &self.resource) {
            (Some(named), Some(resource)) if !is_within(resource, named) => {
                Err(QuestionError::Resources { to: self.to.clone(), named: named.clone(), resource: resource.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Refuses a flow from a network interface to itself, and one to a metadata service that is not there.
    fn check_ends(&self, world: &World, source: &Source, goal: &Goal) -> Result<(), QuestionError> {
        let is_metadata =
            matches!(goal, Goal::Address(to) if [METADATA_ADDRESS.into(), IPV6_METADATA_ADDRESS.into()].contains(to));
        if is_metadata && matches!(source, Source::Function(_)) {
            return Err(QuestionError::NoMetadata(self.from.clone()));
        }
        let first = |id: &InstanceId| world.instances.get(id).and_then(|own| own.interface.clone());
        let from = match source {
            Source::Interface(id) | Source::Address { interface: id, .. } => Some(id.clone()),
            Source::Instance(id) => first(id),
            Source::Function(_) | Source::Subnet { .. } | Source::Internet(_) => None,
        };
        let Some(own) = from.and_then(|id| world.interfaces.get(&id)) else { return Ok(()) };
        let is_itself = match goal {
            Goal::Interface(id) => *id == own.id,
            Goal::Instance(id) => first(id).as_ref() == Some(&own.id),
            Goal::Address(IpAddr::V4(address)) => own.addresses().any(|own| own == *address),
            Goal::Address(IpAddr::V6(address)) => own.ipv6.contains(address),
            Goal::Name(_) | Goal::Service(_) => false,
        };
        let (from, to, interface) = (self.from.clone(), self.to.clone(), own.id.clone());
        if is_itself { Err(QuestionError::Itself { from, to, interface }) } else { Ok(()) }
    }

    fn port(&self, target: &Target, protocol: WireProtocol) -> Result<u16, QuestionError> {
        let port = match (target.port, self.port) {
            (Some(typed), Some(port)) if typed != port => {
                return Err(QuestionError::Ports { to: self.to.clone(), port });
            }
            (typed, port) => typed.or(port),
        };
        match (protocol, port) {
            (own, Some(_)) if !own.has_ports() => Err(QuestionError::NoPorts(own)),
            (WireProtocol::ICMP, None) => Ok(ECHO),
            (WireProtocol::ICMPV6, None) => Ok(ECHO6),
            (own, None) if own.has_ports() => {
                target.usual_port.ok_or_else(|| QuestionError::NoPort(self.to.trim().to_owned()))
            }
            (_, port) => Ok(port.unwrap_or_default()),
        }
    }

    /// The name of a service in the Region that was said, or else in the first one.
    fn public_name(&self, service: &str) -> Option<Goal> {
        let region = self.region.or_else(|| "us-east-1".parse().ok())?;
        let names = Catalog::named(service)?.public_names(region);
        names.into_iter().find(|name| !name.starts_with('*')).map(Goal::Name)
    }
}

/// Whether an ARN is that of a resource, or of something in it, such as an object of a bucket.
fn is_within(resource: &str, named: &str) -> bool {
    resource.strip_prefix(named).is_some_and(|rest| rest.is_empty() || named.ends_with('/') || rest.starts_with('/'))
}

impl FromStr for WireProtocol {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::NAMES.iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|(_, own)| *own);
        let numbered = || text.parse().ok().map(Self);
        named
            .or_else(numbered)
            .ok_or_else(|| format!("`{text}` is no protocol: tcp, udp, icmp, icmpv6 or a number up to 255"))
    }
}

impl fmt::Display for WireProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.iter().find(|(_, own)| own == self) {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "protocol {}", self.0),
        }
    }
}
