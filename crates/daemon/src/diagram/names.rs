//! Names: ids as people know them, and what things are called.

use std::fmt::Display;
use std::net::IpAddr;

use sidegate_model::{Attachment, NetworkInterfaceId, SubnetId, VpcId, World};

use super::Stage;

/// What a world knows of ids.
#[derive(Clone, Copy)]
pub(super) struct Names<'a>(pub(super) &'a World);

impl Names<'_> {
    /// An id, with the name that its tag gives it.
    pub(super) fn of(self, id: impl Display) -> String {
        let id = id.to_string();
        let name = self.0.tags(&id).find(|(key, value)| *key == "Name" && !value.trim().is_empty());
        name.map_or_else(|| id.clone(), |(_, name)| format!("{id} ({name})"))
    }

    /// What stands behind an interface.
    pub(super) fn program(self, interface: &NetworkInterfaceId) -> String {
        let Some(own) = self.0.interfaces.get(interface) else { return "a program in the subnet".to_owned() };
        match &own.attachment {
            Attachment::Instance { instance, .. } => format!("instance {}", self.of(instance)),
            Attachment::Functions(arns) => {
                let names: Vec<_> = arns.iter().map(|arn| arn.rsplit(':').next().unwrap_or(arn)).collect();
                let noun = if names.len() == 1 { "function" } else { "functions" };
                format!("{noun} {}", names.join(", "))
            }
            Attachment::Program => "a program in the subnet".to_owned(),
            Attachment::Endpoint(_) | Attachment::NatGateway(_) | Attachment::None => {
                format!("network interface {}", self.of(interface))
            }
        }
    }

    /// A subnet with its zone.
    pub(super) fn subnet(self, id: &SubnetId) -> String {
        let zone = self.0.subnets.get(id).map(|own| own.zone.to_string());
        zone.map_or_else(|| self.of(id), |zone| format!("{}, {zone}", self.of(id)))
    }

    /// A stage in an interface's subnet.
    pub(super) fn beside(self, interface: &NetworkInterfaceId, stage: Stage) -> Stage {
        let own = self.0.interfaces.get(interface);
        own.map_or_else(|| stage.clone(), |own| self.within(&own.subnet, stage.clone()))
    }

    /// A stage in a subnet.
    pub(super) fn within(self, id: &SubnetId, stage: Stage) -> Stage {
        let vpc = self.0.subnets.get(id).map(|own| self.vpc(&own.vpc)).unwrap_or_default();
        stage.at(&vpc, &format!("subnet {}", self.subnet(id)))
    }

    /// A VPC, as its frame is called.
    pub(super) fn vpc(self, id: &VpcId) -> String {
        format!("VPC {}", self.of(id))
    }
}

/// The name of a service by that of its endpoint; the same where it has no other.
pub(crate) fn service_name(service: &str) -> &str {
    match service {
        "s3" => "S3",
        "dynamodb" => "DynamoDB",
        "secretsmanager" => "Secrets Manager",
        "kms" => "KMS",
        "bedrock-runtime" | "bedrock" => "Bedrock",
        "logs" => "CloudWatch Logs",
        "monitoring" => "CloudWatch",
        "lambda" => "Lambda",
        "sts" => "STS",
        other => other,
    }
}

/// An address, and whether a private network may have it.
pub(super) fn told(address: IpAddr) -> String {
    let is_private = match address {
        IpAddr::V4(own) => own.is_private(),
        IpAddr::V6(own) => own.is_unique_local(),
    };
    format!("{address} ({})", if is_private { "private" } else { "public" })
}

/// Several things in a row.
pub(super) fn joined<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    all.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(", ")
}
