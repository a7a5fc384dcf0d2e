//! Elastic network interfaces.
//!
//! Source: EC2 user guide, "Elastic network interfaces", "Requester-managed network interfaces".

mod address;
mod attach;
mod functions;

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::address::{AssignPrivateAddresses, SecondaryAddresses};
pub use self::attach::InterfaceLimits;
use crate::{
    AttachmentId, AutomaticAddress, Context, Entity, Error, InstanceId, NatGatewayId, NetworkInterfaceId, Occupied,
    Scope, SecurityGroupId, SubnetId, VpcEndpointId, VpcId, World,
};

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInterface {
    /// Its id.
    pub id: NetworkInterfaceId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnet.
    pub subnet: SubnetId,
    /// Its primary private address.
    pub address: Ipv4Addr,
    /// Its secondary private addresses, in the order in which it got them.
    #[serde(default)]
    pub secondary: Vec<Ipv4Addr>,
    /// Its IPv6 addresses, in the order in which it got them.
    #[serde(default)]
    pub ipv6: Vec<Ipv6Addr>,
    /// The public address that it has without the account's doing.
    #[serde(default)]
    pub automatic: AutomaticAddress,
    /// Its security groups, in the order they were given.
    pub groups: Vec<SecurityGroupId>,
    /// The number of this combination of groups in the VPC: equal for interfaces with the same groups. Never 0.
    pub group_number: u16,
    /// Its description.
    pub description: String,
    /// Whether it drops what it is neither source nor destination of.
    pub source_dest_check: bool,
    /// What it belongs to.
    pub attachment: Attachment,
    /// The attachment that it had last, if that was taken away by itself.
    #[serde(default)]
    pub detached: Option<Detached>,
    /// The ARN of the role that the program of `sidegate exec` has whose interface it is.
    #[serde(default)]
    pub role: Option<Arc<str>>,
    /// When it was made: Unix time in milliseconds.
    pub created: i64,
}

/// An attachment that is no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detached {
    /// The attachment.
    pub attachment: AttachmentId,
    /// The instance that had the interface.
    pub instance: InstanceId,
    /// The device index.
    pub device: u32,
    /// When it ended: Unix time in milliseconds.
    pub at: i64,
}

/// What an interface belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attachment {
    /// A VPC endpoint: AWS's own, not to be managed by the account.
    Endpoint(VpcEndpointId),
    /// An instance.
    Instance {
        /// The instance.
        instance: InstanceId,
        /// The attachment.
        attachment: AttachmentId,
        /// The device index; 0 is the first interface.
        #[serde(default)]
        device: u32,
        /// Whether the interface ends with the instance.
        #[serde(default = "by_default")]
        delete_on_termination: bool,
        /// When it was attached: Unix time in milliseconds. As the interface was made, if it is not known.
        #[serde(default)]
        attached: Option<i64>,
    },
    /// Nothing: the account made it, and it is available.
    None,
    /// A NAT gateway: AWS's own, without security groups and without a check of addresses.
    NatGateway(NatGatewayId),
    /// A program that `sidegate exec` runs in a subnet: Sidegate's own, for as long as the program runs.
    Program,
    /// Functions of Lambda, by their ARNs without versions: AWS's own, for what their environments send.
    Functions(BTreeSet<String>),
}

/// The first interface of an instance that was launched before this could be said ends with it.
fn by_default() -> bool {
    true
}

impl Entity for NetworkInterface {
    type Id = NetworkInterfaceId;
    const KIND: &'static str = "network-interface";

    fn id(&self) -> NetworkInterfaceId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn vpc(&self) -> Option<&VpcId> {
        Some(&self.vpc)
    }

    fn occupies(&self) -> Option<Occupied> {
        Some(Occupied {
            vpc: self.vpc.clone(),
            subnet: self.subnet.clone(),
            addresses: self.addresses().map(Ipv4Addr::to_bits).collect(),
            groups: sorted(&self.groups),
            group_number: self.group_number,
        })
    }
}

/// Groups in an order in which equal combinations are equal.
fn sorted(groups: &[SecurityGroupId]) -> Vec<SecurityGroupId> {
    let mut all = groups.to_vec();
    all.sort();
    all
}

impl NetworkInterface {
    /// Whether someone other than the account manages it.
    pub fn is_requester_managed(&self) -> bool {
        !matches!(self.attachment, Attachment::Instance { .. } | Attachment::None)
    }

    /// Its private IPv4 addresses, the primary one first.
    pub fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        std::iter::once(self.address).chain(self.secondary.iter().copied())
    }

    /// Whether something has it.
    pub fn is_attached(&self) -> bool {
        self.attachment != Attachment::None
    }

    /// Its MAC address: locally administered, and made from its id.
    pub fn mac(&self) -> [u8; 6] {
        let mut mac = [0x02_u8, 0, 0, 0, 0, 0];
        for (i, byte) in self.id.as_str().bytes().enumerate() {
            let slot = 1 + i % 5;
            if let Some(b) = mac.get_mut(slot) {
                *b = b.rotate_left(3) ^ byte;
            }
        }
        mac
    }

    /// Its private host name.
    ///
    /// Source: VPC user guide, "DNS attributes for your VPC".
    pub fn private_dns_name(&self) -> String {
        self.private_dns_name_of(self.address)
    }

    /// The private host name of one of its addresses.
    pub fn private_dns_name_of(&self, address: Ipv4Addr) -> String {
        let [a, b, c, d] = address.octets();
        format!("ip-{a}-{b}-{c}-{d}.{}", self.scope.region.private_domain())
    }
}

/// The most security groups that an interface can have.
const GROUP_LIMIT: usize = 5;

impl World {
    /// The interface with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidNetworkInterfaceID.NotFound`.
    pub fn interface(&self, scope: &Scope, id: &NetworkInterfaceId) -> Result<&NetworkInterface, Error> {
        self.interfaces.get(id).filter(|i| i.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// Makes an interface in a subnet, with the VPC's default group if none is given.
    pub(crate) fn add_interface(
        &mut self, context: &mut Context<'_>, subnet: &SubnetId, address: Option<Ipv4Addr>, groups: &[SecurityGroupId],
        description: String, attachment: Attachment,
    ) -> Result<NetworkInterfaceId, Error> {
        let subnet = self.subnet(&context.scope, subnet)?.clone();
        let groups = self.groups_for(&context.scope, &subnet.vpc, Some(&subnet.id), groups)?;
        let address = self.free_address(&subnet, address)?;
        let id = NetworkInterfaceId::random(context.entropy);
        self.interfaces.insert(NetworkInterface {
            id: id.clone(),
            scope: context.scope.clone(),
            group_number: self.group_number(&subnet.vpc, &groups)?,
            vpc: subnet.vpc,
            subnet: subnet.id,
            address,
            secondary: Vec::new(),
            ipv6: Vec::new(),
            automatic: AutomaticAddress::default(),
            groups,
            description,
            source_dest_check: true,
            attachment,
            detached: None,
            role: None,
            created: context.now,
        });
        Ok(id)
    }

    /// Makes the interface of a NAT gateway, with an address that is free.
    pub(crate) fn add_nat_interface(
        &mut self, context: &mut Context<'_>, subnet: &SubnetId, address: Ipv4Addr, gateway: &NatGatewayId,
    ) -> Result<NetworkInterfaceId, Error> {
        let subnet = self.subnet(&context.scope, subnet)?.clone();
        let id = NetworkInterfaceId::random(context.entropy);
        self.interfaces.insert(NetworkInterface {
            id: id.clone(),
            scope: context.scope.clone(),
            group_number: 0,
            vpc: subnet.vpc,
            subnet: subnet.id,
            address,
            secondary: Vec::new(),
            ipv6: Vec::new(),
            automatic: AutomaticAddress::default(),
            groups: Vec::new(),
            description: format!("Interface for NAT Gateway {gateway}"),
            source_dest_check: false,
            attachment: Attachment::NatGateway(gateway.clone()),
            detached: None,
            role: None,
            created: context.now,
        });
        Ok(id)
    }

    /// The groups as an interface of a VPC takes them: each once, all of that VPC, the default group if none is given.
    pub(crate) fn groups_for(
        &self, scope: &Scope, vpc: &VpcId, subnet: Option<&SubnetId>, groups: &[SecurityGroupId],
    ) -> Result<Vec<SecurityGroupId>, Error> {
        let mut taken: Vec<SecurityGroupId> = Vec::with_capacity(groups.len());
        for id in groups {
            let group = self.security_group(scope, id)?;
            if group.vpc != *vpc {
                let other = subnet.map_or_else(|| format!("VPC {vpc}"), |subnet| format!("subnet {subnet}"));
                return Err(Error::InvalidParameter(format!(
                    "Security group {id} and {other} belong to different networks."
                )));
            }
            if !taken.contains(id) {
                taken.push(id.clone());
            }
        }
        if taken.is_empty() {
            taken.extend(self.default_group(vpc).map(|g| g.id.clone()));
        }
        if taken.len() > GROUP_LIMIT {
            return Err(Error::limit("SecurityGroupsPerInterfaceLimitExceeded", "security groups per interface"));
        }
        Ok(taken)
    }

    /// The number of a combination of groups: that of an interface which has it already, or else the lowest free one.
    ///
    /// A number may name another combination as soon as no interface has the old one: a tracked flow is let through
    /// because it is tracked, whatever number its address has by now.
    fn group_number(&self, vpc: &VpcId, groups: &[SecurityGroupId]) -> Result<u16, Error> {
        let taken = self.interfaces.occupancy();
        if let Some(number) = taken.number_of(vpc, sorted(groups)) {
            return Ok(number);
        }
        let free = taken.numbers.lowest_free(vpc, 1).and_then(|n| u16::try_from(n).ok());
        free.ok_or_else(|| {
            Error::Unsupported(format!(
                "Sidegate tells apart at most {} combinations of security groups in a VPC, and the interfaces of {vpc} \
                 have as many. Give some of them the groups that others have.",
                u16::MAX
            ))
        })
    }

    /// Gives an interface other groups.
    pub(crate) fn set_groups(
        &mut self, scope: &Scope, id: &NetworkInterfaceId, groups: &[SecurityGroupId],
    ) -> Result<(), Error> {
        let vpc = self.interface(scope, id)?.vpc.clone();
        let groups = self.groups_for(scope, &vpc, None, groups)?;
        let group_number = self.group_number(&vpc, &groups)?;
        self.interfaces.update(id, |i| {
            i.groups = groups;
            i.group_number = group_number;
        });
        Ok(())
    }

    /// Takes an interface away; Elastic IP addresses that are associated with it stay with their accounts.
    pub(crate) fn remove_interface(&mut self, id: &NetworkInterfaceId) {
        self.forget_public(id, |_| true);
        self.interfaces.remove(id);
        self.forget_tags(id.as_str());
    }

    /// Makes an interface for a program that `sidegate exec` runs in a subnet. It gets a public address, and
    /// one of IPv6, where the subnet gives them to instances.
    ///
    /// # Errors
    /// If the subnet or a group does not exist, or no address is free.
    pub fn attach_program(
        &mut self, context: &mut Context<'_>, subnet: &SubnetId, groups: &[SecurityGroupId],
    ) -> Result<NetworkInterfaceId, Error> {
        let is_public = self.subnet(&context.scope, subnet)?.public_addresses;
        let id = self.add_interface(context, subnet, None, groups, "sidegate exec".to_owned(), Attachment::Program)?;
        self.want_automatic_address(&id, is_public)?;
        self.assign_on_creation(context, &id, &SecondaryAddresses::default())?;
        Ok(id)
    }

    /// Notes the role, by its ARN, that a program has whose interface was made just now.
    pub fn give_role_to_program(&mut self, id: &NetworkInterfaceId, role: Arc<str>) {
        if self.interfaces.get(id).is_some_and(|i| i.attachment == Attachment::Program) {
            self.interfaces.update(id, |i| i.role = Some(role));
        }
    }

    /// Takes away the interface of a program that has ended. An interface of any other kind stays.
    pub fn detach_program(&mut self, id: &NetworkInterfaceId) {
        if self.interfaces.get(id).is_some_and(|i| i.attachment == Attachment::Program) {
            self.remove_interface(id);
        }
    }

    /// Changes groups, description or the source/destination check of an interface.
    ///
    /// # Errors
    /// `AuthFailure` for an interface that AWS manages.
    pub fn modify_network_interface(
        &mut self, context: &Context<'_>, id: &NetworkInterfaceId, groups: Option<&[SecurityGroupId]>,
        description: Option<String>, source_dest_check: Option<bool>,
    ) -> Result<(), Error> {
        if self.interface(&context.scope, id)?.is_requester_managed() {
            return Err(Error::AuthFailure);
        }
        if let Some(groups) = groups {
            if groups.is_empty() {
                return Err(Error::MissingParameter("groups"));
            }
            self.set_groups(&context.scope, id, groups)?;
        }
        self.interfaces.update(id, |i| {
            if let Some(description) = description {
                i.description = description;
            }
            if let Some(check) = source_dest_check {
                i.source_dest_check = check;
            }
        });
        Ok(())
    }
}
