//! The fields of flow log records, and the formats that are made of them.
//!
//! Source: VPC user guide, "Flow log records", "Available fields", whose order the fields stand in.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Error;

/// Defines the fields, each with its name and the version of flow logs that brought it.
macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident = $name:literal, $version:literal;)*) => {
        /// A field of flow log records. What has no value in a record is written as `-`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Field {
            $($(#[$doc])* #[serde(rename = $name)] $field,)*
        }

        impl Field {
            /// Every field, in the order in which AWS lists them.
            pub const ALL: &[Self] = &[$(Self::$field),*];

            /// Its name, as it stands between the braces of a format.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$field => $name,)*
                }
            }

            /// The version of flow logs that brought it.
            pub fn version(self) -> u8 {
                match self {
                    $(Self::$field => $version,)*
                }
            }
        }
    };
}

fields! {
    /// The highest version of the flow log's fields.
    Version = "version", 2;
    /// The account of the interface's owner; `unknown` for an interface that AWS made.
    AccountId = "account-id", 2;
    /// The interface.
    InterfaceId = "interface-id", 2;
    /// The source: of egress, the interface's primary address.
    SourceAddress = "srcaddr", 2;
    /// The destination: of ingress, the interface's primary address.
    DestinationAddress = "dstaddr", 2;
    /// The source port.
    SourcePort = "srcport", 2;
    /// The destination port.
    DestinationPort = "dstport", 2;
    /// IANA's number of the protocol.
    Protocol = "protocol", 2;
    /// How many packets.
    Packets = "packets", 2;
    /// How many bytes.
    Bytes = "bytes", 2;
    /// When the first packet came: Unix time in seconds.
    Start = "start", 2;
    /// When the last packet came: Unix time in seconds.
    End = "end", 2;
    /// `ACCEPT` or `REJECT`.
    Action = "action", 2;
    /// `OK`, `NODATA` or `SKIPDATA`.
    LogStatus = "log-status", 2;
    /// The VPC.
    VpcId = "vpc-id", 3;
    /// The subnet.
    SubnetId = "subnet-id", 3;
    /// The instance, if the interface is one's that the account owns.
    InstanceId = "instance-id", 3;
    /// The flags of TCP that were seen.
    TcpFlags = "tcp-flags", 3;
    /// `IPv4`, `IPv6` or `EFA`.
    Type = "type", 3;
    /// The source that the packets have.
    PacketSourceAddress = "pkt-srcaddr", 3;
    /// The destination that the packets have.
    PacketDestinationAddress = "pkt-dstaddr", 3;
    /// The Region.
    Region = "region", 4;
    /// The zone's id.
    ZoneId = "az-id", 4;
    /// The kind of sublocation: a wavelength zone, outpost or local zone.
    SublocationType = "sublocation-type", 4;
    /// The sublocation.
    SublocationId = "sublocation-id", 4;
    /// The service whose address the source is.
    PacketSourceService = "pkt-src-aws-service", 5;
    /// The service whose address the destination is.
    PacketDestinationService = "pkt-dst-aws-service", 5;
    /// `ingress` or `egress`.
    FlowDirection = "flow-direction", 5;
    /// The way that egress takes, as a number.
    TrafficPath = "traffic-path", 5;
    /// The ECS cluster, by its ARN.
    EcsClusterArn = "ecs-cluster-arn", 7;
    /// The ECS cluster, by its name.
    EcsClusterName = "ecs-cluster-name", 7;
    /// The ECS container instance, by its ARN.
    EcsContainerInstanceArn = "ecs-container-instance-arn", 7;
    /// The ECS container instance, by its id.
    EcsContainerInstanceId = "ecs-container-instance-id", 7;
    /// The first container of the ECS task.
    EcsContainerId = "ecs-container-id", 7;
    /// The second container of the ECS task.
    EcsSecondContainerId = "ecs-second-container-id", 7;
    /// The ECS service.
    EcsServiceName = "ecs-service-name", 7;
    /// The ECS task definition.
    EcsTaskDefinitionArn = "ecs-task-definition-arn", 7;
    /// The ECS task, by its ARN.
    EcsTaskArn = "ecs-task-arn", 7;
    /// The ECS task, by its id.
    EcsTaskId = "ecs-task-id", 7;
    /// Why packets were rejected that neither groups nor ACLs rejected: `BPA` or `EC`.
    RejectReason = "reject-reason", 8;
    /// The resource whose traffic it is, of a regional NAT gateway, which has no interface.
    ResourceId = "resource-id", 9;
    /// Whether the traffic was encrypted in transit, as a number.
    EncryptionStatus = "encryption-status", 10;
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The most characters of a format that is given. All the fields together have about 700.
const LIMIT: usize = 4096;

/// What the records of a flow log consist of: at least one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LogFormat(Vec<Field>);

impl LogFormat {
    /// The fields, in the order in which records have them.
    pub fn fields(&self) -> &[Field] {
        &self.0
    }

    /// The version of flow logs that it makes: the highest of its fields'.
    pub fn version(&self) -> u8 {
        self.0.iter().map(|field| field.version()).max().unwrap_or(2)
    }

    /// The first line of a file of such records: the names of the fields.
    pub fn header(&self) -> String {
        let names: Vec<_> = self.0.iter().map(|field| field.as_str()).collect();
        names.join(" ")
    }
}

impl Default for LogFormat {
    /// The format of flow logs that were given none: the fields of version 2.
    fn default() -> Self {
        Self(Field::ALL.iter().copied().filter(|field| field.version() == 2).collect())
    }
}

impl std::str::FromStr for LogFormat {
    type Err = Error;

    /// Reads a format such as `${version} ${srcaddr}`: known fields with one space between two.
    fn from_str(text: &str) -> Result<Self, Error> {
        let field = |part: &str| {
            let name = part.strip_prefix("${")?.strip_suffix('}')?;
            Field::ALL.iter().copied().find(|field| field.as_str() == name)
        };
        let fields = (text.len() <= LIMIT).then(|| text.split(' ').map(field).collect::<Option<Vec<_>>>());
        fields.flatten().map(Self).ok_or_else(|| Error::invalid_format(text, "logFormat"))
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, field) in self.0.iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            write!(f, "{space}${{{field}}}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn there_are_42_fields_with_different_names_in_the_order_of_their_versions() {
        let mut names: Vec<_> = Field::ALL.iter().map(|field| field.as_str()).collect();
        assert!(Field::ALL.is_sorted_by_key(|field| field.version()));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 42);
        let versions = |version| Field::ALL.iter().filter(|field| field.version() == version).count();
        assert_eq!([2, 3, 4, 5, 6, 7, 8, 9, 10].map(versions), [14, 7, 4, 4, 0, 10, 1, 1, 1]);
    }

    #[test]
    fn the_default_format_has_the_fields_of_version_2() {
        let format = LogFormat::default();
        assert_eq!(
            format.header(),
            "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action \
             log-status"
        );
        assert_eq!(format.version(), 2);
    }

    #[test]
    fn the_version_of_a_format_is_the_highest_of_its_fields() {
        let version = |text: &str| text.parse::<LogFormat>().map(|format| format.version());
        assert_eq!(version("${srcaddr}"), Ok(2));
        assert_eq!(version("${vpc-id} ${version} ${az-id}"), Ok(4));
        assert_eq!(version("${encryption-status} ${version}"), Ok(10));
    }

    #[test]
    fn what_is_no_list_of_fields_with_one_space_between_two_is_refused() {
        let bad = [
            "",
            " ",
            "version",
            "${version} ",
            " ${version}",
            "${version}  ${bytes}",
            "${version},${bytes}",
            "${Version}",
            "${colour}",
            "${version",
            "${}",
            "$${version}",
            "'${version}'",
        ];
        for text in bad {
            let error = text.parse::<LogFormat>().unwrap_err();
            assert_eq!(error.code(), "InvalidParameterValue", "{text}");
            let wording = format!("1 validation error detected: Value '{text}' at 'logFormat' has an invalid format");
            assert_eq!(error.to_string(), wording);
        }
        assert!(vec!["${bytes}"; 1000].join(" ").parse::<LogFormat>().is_err(), "longer than the limit");
    }

    proptest! {
        #[test]
        fn a_format_reads_back_as_it_was_written(
            fields in prop::collection::vec(prop::sample::select(Field::ALL), 1..60)
        ) {
            let format = LogFormat(fields);
            prop_assert_eq!(&format.to_string().parse::<LogFormat>().unwrap(), &format);
            let stored = serde_json::to_string(&format).unwrap();
            prop_assert_eq!(serde_json::from_str::<LogFormat>(&stored).unwrap(), format);
        }

        #[test]
        fn any_text_is_read_without_a_panic_and_is_written_back_alike_if_it_is_a_format(text in "[${} a-z-]{0,40}") {
            if let Ok(format) = text.parse::<LogFormat>() {
                prop_assert_eq!(format.to_string(), text);
            }
        }
    }
}
