//! What the command line and the daemon say to each other.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sidegate_model::{AccountId, InstanceId, NetworkInterfaceId, SecurityGroupId, SubnetId};

use crate::advise::Running;
use crate::billing::Records;
use crate::compare;
use crate::explain::{Question, Told};
use crate::programs::{Attached, Entrance, Guest, Key};
use crate::reach;

/// The longest line that the daemon reads, in bytes.
pub(super) const LONGEST_REQUEST: u64 = 1024 * 1024;

/// The longest line that the command line reads, in bytes.
pub(super) const LONGEST_ANSWER: u64 = 64 * 1024 * 1024;

/// What the command line asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// How the daemon is: [`Answer::Status`].
    Status,
    /// An interface for a program: [`Answer::Attached`], upon which [`Request::Held`] follows.
    Attach {
        /// The subnet.
        subnet: SubnetId,
        /// The security groups; the VPC's default group if there are none.
        groups: Vec<SecurityGroupId>,
        /// The role that the program has, by its name or ARN; the key of its account if it has none.
        #[serde(default)]
        role: Option<String>,
    },
    /// The lock of the interface is taken: [`Answer::Done`] lets the program start.
    Held,
    /// The program has ended: [`Answer::Done`] once its interface is gone.
    Detach {
        /// The interface.
        interface: NetworkInterfaceId,
    },
    /// The way into an instance: [`Answer::Entrance`].
    Enter {
        /// The instance.
        instance: InstanceId,
    },
    /// The way onto the emulated internet: [`Answer::Guest`].
    Internet,
    /// The newest events, oldest of them first: [`Answer::Event`] each, then [`Answer::Done`] or, if they are followed,
    /// further events as they happen.
    Events {
        /// How many.
        last: usize,
        /// Whether those to come are wanted, too.
        follow: bool,
    },
    /// What becomes of a path, and what decides it: [`Answer::Explained`].
    Explain(Box<Question>),
    /// What gets where, or whether assertions about that hold: [`Answer::Reached`].
    Reach(Box<reach::Asked>),
    /// The two endpoint types side by side: [`Answer::Compared`].
    Compare(Box<compare::Asked>),
    /// The VPCs with the traffic that events tell: [`Answer::Workloads`].
    Workloads {
        /// Whether NAT gateways may go.
        nat_may_go: bool,
    },
    /// What was used from one moment until another, up to now: [`Answer::Records`].
    Records {
        /// From when: Unix time in milliseconds, that of a full hour.
        from: i64,
        /// Until when.
        until: i64,
    },
    /// How clients reach the API: [`Answer::Access`].
    Access {
        /// As the root user of this account, which is made if there is none; else as the administrator.
        account: Option<AccountId>,
    },
    /// All that flow logs have recorded is delivered: [`Answer::Done`]. Tests ask it, so as not to wait for an interval's end.
    FlushFlowLogs,
    /// What is seen of a flow with packets: [`Answer::Seen`]. Tests ask it.
    Look(Box<Look>),
    /// The end of the daemon and of all that runs inside: [`Answer::Ending`] as that goes on, [`Answer::Done`] when it
    /// has ended, and the daemon is about to.
    Stop,
}

/// A flow that is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Look {
    /// The id of an instance, an interface or a subnet, the ARN of a function, or `internet`.
    pub(crate) from: String,
    /// The id of an instance or an interface, an address, a name, or the short name of a service.
    pub(crate) to: String,
    /// The port; of ICMP the type times 256 and the code.
    pub(crate) port: u16,
    /// The protocol's number; TCP if there is none.
    #[serde(default)]
    pub(crate) protocol: Option<u8>,
    /// The call: its action.
    #[serde(default)]
    pub(crate) action: Option<String>,
    /// Its resource.
    #[serde(default)]
    pub(crate) resource: Option<String>,
    /// Its principal.
    #[serde(default)]
    pub(crate) principal: Option<String>,
}

/// What the daemon answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// How the daemon is.
    Status(Box<Status>),
    /// An interface.
    Attached(Box<Attached>),
    /// The way into an instance.
    Entrance(Box<Entrance>),
    /// The way onto the emulated internet.
    Guest(Box<Guest>),
    /// An event, as it was recorded.
    Event(serde_json::Value),
    /// What becomes of a path.
    Explained(Box<Told>),
    /// What gets where.
    Reached(Box<reach::Told>),
    /// The two endpoint types.
    Compared(Box<compare::Told>),
    /// The VPCs, and what events tell of them.
    Workloads(Box<Running>),
    /// What was used.
    Records(Box<Records>),
    /// How clients reach the API.
    Access(Access),
    /// What was seen of a flow, and its trace as text.
    Seen {
        /// The trace.
        trace: String,
        /// What was taken for granted of the call.
        notes: Vec<String>,
        /// What was seen.
        live: serde_json::Value,
        /// The same as text.
        text: String,
    },
    /// What runs inside is being ended.
    Ending {
        /// How many programs and instances are left.
        left: usize,
    },
    /// It is done.
    Done,
    /// It is not done, for this reason.
    Refused {
        /// In words for the user.
        reason: String,
    },
}

/// How the daemon is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Status {
    /// The version of the daemon.
    pub(crate) version: String,
    /// Its pid.
    pub(crate) pid: u32,
    /// Where it serves the API.
    pub(crate) endpoint: String,
    /// Its state directory.
    pub(crate) state: PathBuf,
    /// When it was started: Unix time in milliseconds.
    pub(crate) started: i64,
    /// The Region of clients that do not say.
    pub(crate) region: String,
    /// The administrator's account.
    pub(crate) account: String,
    /// How many VPCs there are.
    pub(crate) vpcs: usize,
    /// How many subnets.
    pub(crate) subnets: usize,
    /// How many gateway endpoints.
    pub(crate) gateway_endpoints: usize,
    /// How many interface endpoints.
    pub(crate) interface_endpoints: usize,
    /// How many instances run.
    pub(crate) instances: usize,
    /// How many programs of `sidegate exec` run.
    pub(crate) programs: usize,
    /// Whether the network is what the API says.
    pub(crate) network: Network,
}

/// Whether the network is what the API says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Network {
    /// It is.
    Applied,
    /// The last change could not be carried out.
    Behind,
    /// A change is under way.
    Changing,
}

/// How clients reach the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Access {
    /// The URL of the API.
    pub(crate) endpoint: String,
    /// The access key.
    pub(crate) key: Key,
    /// The Region.
    pub(crate) region: String,
}
