//! The private host names of instances: by the address or by the instance's id.
//!
//! Source: EC2 user guide, "EC2 instance hostnames and domains"; EC2 API reference, `PrivateDnsNameOptionsOnLaunch`.

use serde::{Deserialize, Serialize};

use crate::{Attachment, Error, Instance, NetworkInterface, World};

/// What the instances of a subnet are called, and by which names they are found; an instance keeps what its subnet said
/// as it was launched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostNameOptions {
    /// What its host name is made from.
    pub kind: HostnameType,
    /// Whether the name by the id leads to the IPv4 address.
    pub resource_name_a: bool,
    /// Whether the name by the id leads to the IPv6 address.
    pub resource_name_aaaa: bool,
}

/// What a host name is made from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostnameType {
    /// The private IPv4 address: `ip-name`.
    #[default]
    IpName,
    /// The id: `resource-name`.
    ResourceName,
}

impl HostnameType {
    /// Parses `ip-name` or `resource-name`.
    ///
    /// # Errors
    /// `InvalidParameterValue`, which names the parameter.
    pub fn parse(parameter: &str, text: &str) -> Result<Self, Error> {
        match text {
            "ip-name" => Ok(Self::IpName),
            "resource-name" => Ok(Self::ResourceName),
            _ => Err(Error::InvalidParameterValue(format!(
                "Value ({text}) for parameter {parameter} is invalid. Valid values are ip-name and resource-name."
            ))),
        }
    }

    /// The name, as the API has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IpName => "ip-name",
            Self::ResourceName => "resource-name",
        }
    }
}

impl World {
    /// The instance whose first interface this is.
    fn instance_of(&self, interface: &NetworkInterface) -> Option<&Instance> {
        let Attachment::Instance { instance, .. } = &interface.attachment else { return None };
        self.instances.get(instance).filter(|i| i.interface.as_ref() == Some(&interface.id))
    }

    /// The private host name of an interface with its domain, as answers show it: by its instance's id where that is
    /// asked for, or else by its address.
    pub fn private_host_name(&self, interface: &NetworkInterface) -> String {
        match self.instance_of(interface) {
            Some(instance) if instance.host_names.kind == HostnameType::ResourceName => resource_name(instance),
            _ => interface.private_dns_name(),
        }
    }

    /// The private host names that lead to an interface: the one by its address always does.
    pub fn resolved_host_names(&self, interface: &NetworkInterface) -> Vec<String> {
        let by_id = self.instance_of(interface).filter(|i| i.host_names.resource_name_a).map(resource_name);
        std::iter::once(interface.private_dns_name()).chain(by_id).collect()
    }

    /// The private host names that have an interface's IPv6 addresses: only the one by its instance's id can, where that is
    /// asked for.
    pub fn resolved_ipv6_host_names(&self, interface: &NetworkInterface) -> Vec<String> {
        let asked = self.instance_of(interface).filter(|instance| instance.host_names.resource_name_aaaa);
        asked.filter(|_| !interface.ipv6.is_empty()).map(resource_name).into_iter().collect()
    }

    /// What the host behind an interface calls itself: its private host name, in the domain that the VPC's DHCP options
    /// give, if they give one.
    pub fn own_host_name(&self, interface: &NetworkInterface) -> String {
        let name = self.private_host_name(interface);
        let vpc = self.vpcs.get(&interface.vpc);
        let domain = vpc.and_then(|vpc| self.dhcp_options_of(vpc)).and_then(|options| options.domain_name);
        let first = domain.as_deref().and_then(|domains| domains.split_whitespace().next());
        match (name.split_once('.'), first) {
            (Some((host, _)), Some(domain)) => format!("{host}.{domain}"),
            _ => name,
        }
    }
}

fn resource_name(instance: &Instance) -> String {
    format!("{}.{}", instance.id, instance.scope.region.private_domain())
}
