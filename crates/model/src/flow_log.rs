//! Flow logs: which traffic of which interfaces is recorded, how, and where the records go. The records themselves
//! are in `flow_log/record.rs`, what they consist of in `flow_log/field.rs`, where they go in `flow_log/destination.rs`.
//!
//! Source: VPC user guide, "Logging IP traffic using VPC Flow Logs".

mod destination;
mod field;
pub mod record;

use serde::{Deserialize, Serialize};

pub use self::destination::{FlowLogDestination, LogGroup, RoleArn, S3Folder, S3Partitions};
pub use self::field::{Field, LogFormat};
use crate::{Context, Entity, Error, FlowLogId, NetworkInterface, NetworkInterfaceId, Scope, SubnetId, VpcId, World};

/// The most flow logs of one resource. AWS starts with a few and raises it on request.
const LIMIT: usize = 20;

/// The most flow logs of an account in a Region, which bounds those whose resources are gone.
const ACCOUNT_LIMIT: usize = 5000;

/// A flow log. It cannot be changed; and it stays when the resource is gone, until it is deleted itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLog {
    /// Its id.
    pub id: FlowLogId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// What it watches.
    pub resource: FlowLogResource,
    /// The VPC that the resource is, or is in.
    pub vpc: VpcId,
    /// What it records.
    pub settings: FlowLogSettings,
    /// When it was made: Unix time in milliseconds.
    pub created: i64,
}

/// What flow logs that one call makes have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLogSettings {
    /// Which traffic it records.
    pub traffic: TrafficType,
    /// How long a flow is counted at most before there is a record of it.
    pub interval: AggregationInterval,
    /// Where its records go.
    pub destination: FlowLogDestination,
    /// What a record consists of.
    pub format: LogFormat,
}

/// What a flow log watches: an interface, or all that are in a subnet or a VPC.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FlowLogResource {
    /// A VPC.
    Vpc(VpcId),
    /// A subnet.
    Subnet(SubnetId),
    /// A network interface.
    NetworkInterface(NetworkInterfaceId),
}

/// Which traffic a flow log records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrafficType {
    /// What groups and ACLs let through.
    Accept,
    /// What they do not.
    Reject,
    /// Both.
    All,
}

/// How long a flow is counted at most before there is a record of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AggregationInterval {
    /// A minute.
    Minute,
    /// Ten minutes.
    #[default]
    TenMinutes,
}

/// Why records could not be delivered, as DescribeFlowLogs tells it.
///
/// Source: EC2 API reference, `FlowLog`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryError {
    /// The destination takes no more at the moment, or no more log groups may be made.
    RateLimited,
    /// The role, or the bucket's policy, does not let the records in; or what they should go to is not there.
    Access,
    /// Something else.
    Unknown,
}

impl FlowLog {
    /// The version of flow logs that its records are of: the highest of its fields'.
    pub fn version(&self) -> u8 {
        self.settings.format.version()
    }

    /// Whether it watches an interface.
    pub fn watches(&self, interface: &NetworkInterface) -> bool {
        self.resource.has(&interface.id, &interface.subnet, &interface.vpc)
    }
}

impl FlowLogResource {
    /// Whether an interface, of this subnet and this VPC, is it or is in it.
    pub fn has(&self, interface: &NetworkInterfaceId, subnet: &SubnetId, vpc: &VpcId) -> bool {
        match self {
            Self::Vpc(own) => own == vpc,
            Self::Subnet(own) => own == subnet,
            Self::NetworkInterface(own) => own == interface,
        }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        match self {
            Self::Vpc(id) => id.as_str(),
            Self::Subnet(id) => id.as_str(),
            Self::NetworkInterface(id) => id.as_str(),
        }
    }
}

impl TrafficType {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "ACCEPT",
            Self::Reject => "REJECT",
            Self::All => "ALL",
        }
    }

    /// Whether it takes in what was accepted, or what was rejected.
    pub fn covers(self, accepted: bool) -> bool {
        match self {
            Self::Accept => accepted,
            Self::Reject => !accepted,
            Self::All => true,
        }
    }
}

impl AggregationInterval {
    /// The interval in seconds.
    pub fn seconds(self) -> u32 {
        match self {
            Self::Minute => 60,
            Self::TenMinutes => 600,
        }
    }
}

impl TryFrom<i32> for AggregationInterval {
    type Error = Error;

    fn try_from(seconds: i32) -> Result<Self, Error> {
        match seconds {
            60 => Ok(Self::Minute),
            600 => Ok(Self::TenMinutes),
            _ => Err(Error::InvalidParameter("Invalid Flow Log Max Aggregation Interval".to_owned())),
        }
    }
}

impl DeliveryError {
    /// The error in AWS's words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RateLimited => "Rate limited",
            Self::Access => "Access error",
            Self::Unknown => "Unknown error",
        }
    }
}

impl Entity for FlowLog {
    type Id = FlowLogId;
    const KIND: &'static str = "flow-log";

    fn id(&self) -> FlowLogId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn vpc(&self) -> Option<&VpcId> {
        Some(&self.vpc)
    }
}

impl World {
    /// The flow log with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidFlowLogId.NotFound`.
    pub fn flow_log(&self, scope: &Scope, id: &FlowLogId) -> Result<&FlowLog, Error> {
        self.flow_logs.get(id).filter(|log| log.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// The flow logs that watch an interface: its own, those of its subnet and those of its VPC, by id.
    pub fn flow_logs_of(&self, interface: &NetworkInterface) -> impl Iterator<Item = &FlowLog> {
        self.flow_logs.of_vpc(&interface.vpc).filter(|log| log.watches(interface))
    }

    /// Makes a flow log for a resource.
    ///
    /// # Errors
    /// If the resource does not exist; `FlowLogAlreadyExists` if one of its flow logs has the same traffic and
    /// destination; `FlowLogsLimitExceeded` if it, or the account, has too many.
    pub fn create_flow_log(
        &mut self, context: &mut Context<'_>, resource: &FlowLogResource, settings: &FlowLogSettings,
    ) -> Result<FlowLogId, Error> {
        let vpc = self.vpc_of_flow_log(&context.scope, resource)?;
        let (mut count, mut is_known) = (0, false);
        for log in self.flow_logs.of_vpc(&vpc).filter(|log| log.resource == *resource) {
            count += 1;
            is_known |= log.settings.destination.is_same_place(&settings.destination)
                && log.settings.traffic == settings.traffic;
        }
        if is_known {
            let message = "Error. There is an existing Flow Log with the same configuration and log destination.";
            return Err(Error::refused("FlowLogAlreadyExists", message));
        }
        if count >= LIMIT {
            return Err(Error::limit("FlowLogsLimitExceeded", "flow logs of a resource"));
        }
        if self.flow_logs.iter().filter(|log| log.scope == context.scope).count() >= ACCOUNT_LIMIT {
            return Err(Error::limit("FlowLogsLimitExceeded", "flow logs"));
        }
        let id = FlowLogId::random(context.entropy);
        self.flow_logs.insert(FlowLog {
            id: id.clone(),
            scope: context.scope.clone(),
            resource: resource.clone(),
            vpc,
            settings: settings.clone(),
            created: context.now,
        });
        Ok(id)
    }

    /// The VPC of what a flow log is to watch.
    fn vpc_of_flow_log(&self, scope: &Scope, resource: &FlowLogResource) -> Result<VpcId, Error> {
        Ok(match resource {
            FlowLogResource::Vpc(id) => self.vpc(scope, id)?.id.clone(),
            FlowLogResource::Subnet(id) => self.subnet(scope, id)?.vpc.clone(),
            FlowLogResource::NetworkInterface(id) => self.interface(scope, id)?.vpc.clone(),
        })
    }

    /// Deletes flow logs: all of them, or none if one does not exist. What they have recorded stays where it is.
    ///
    /// # Errors
    /// `InvalidFlowLogId.NotFound`, which names all that do not exist.
    pub fn delete_flow_logs(&mut self, context: &Context<'_>, ids: &[FlowLogId]) -> Result<(), Error> {
        self.require_flow_logs(&context.scope, ids)?;
        for id in ids {
            self.flow_logs.remove(id);
            self.forget_tags(id.as_str());
        }
        Ok(())
    }

    /// Looks whether the caller has flow logs with these ids.
    ///
    /// # Errors
    /// `InvalidFlowLogId.NotFound`, which names all that do not exist.
    pub fn require_flow_logs(&self, scope: &Scope, ids: &[FlowLogId]) -> Result<(), Error> {
        let unknown = |id: &&FlowLogId| self.flow_log(scope, id).is_err();
        let missing: Vec<&str> = ids.iter().filter(unknown).map(FlowLogId::as_str).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let (count, ids) = (missing.len(), missing.join(" "));
        let message = format!("These flow log ids in the input list are not found: [TotalCount: {count}] {ids}");
        Err(Error::refused("InvalidFlowLogId.NotFound", message))
    }
}
