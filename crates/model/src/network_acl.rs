//! Network ACLs: stateless lists of numbered entries at the border of a subnet.
//!
//! Source: VPC user guide, "Network ACL basics", "Default network ACL for a VPC", "Amazon VPC quotas".

mod entry;

use serde::{Deserialize, Serialize};

use crate::{
    Context, Direction, Entity, Error, Ipv4Cidr, Ipv6Cidr, NetworkAclAssociationId, NetworkAclId, Scope, Subnet,
    SubnetId, VpcId, World,
};

pub use entry::{FINAL_IPV4_ENTRY, FINAL_IPV6_ENTRY, NetworkAclEntry, RuleAction};

/// The most ACLs of a VPC, the default one included.
const ACL_LIMIT: usize = 200;

/// The most entries of an ACL, by direction and address family. The one that denies all the rest does not count: the
/// guide of 2021 counts it, later editions are silent.
const ENTRY_LIMIT: usize = 20;

/// The number of the entry of a default ACL that lets all IPv4 through.
const ALLOW_IPV4: u16 = 100;

/// The number of the one that lets all IPv6 through.
const ALLOW_IPV6: u16 = 101;

/// A network ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAcl {
    /// Its id.
    pub id: NetworkAclId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// Whether it is the VPC's default one: that of every subnet until another takes its place.
    pub is_default: bool,
    /// The entries, without the ones that deny all the rest: what goes out first, and by number.
    entries: Vec<NetworkAclEntry>,
}

/// The association of a subnet with its ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAclAssociation {
    /// Its id.
    pub id: NetworkAclAssociationId,
    /// The ACL.
    pub acl: NetworkAclId,
}

impl Entity for NetworkAcl {
    type Id = NetworkAclId;
    const KIND: &'static str = "network-acl";

    fn id(&self) -> NetworkAclId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn vpc(&self) -> Option<&VpcId> {
        Some(&self.vpc)
    }
}

impl NetworkAcl {
    /// The default ACL of a VPC, which lets everything through.
    pub(crate) fn default_of(scope: &Scope, vpc: &VpcId, id: &NetworkAclId) -> Self {
        let everything = |direction| NetworkAclEntry::allow_all(direction, ALLOW_IPV4, Ipv4Cidr::ANY.into());
        Self {
            id: id.clone(),
            scope: scope.clone(),
            vpc: vpc.clone(),
            is_default: true,
            entries: vec![everything(Direction::Egress), everything(Direction::Ingress)],
        }
    }

    /// An ACL with these entries, as somebody told of it. Of two with the same direction and number the later counts.
    pub fn with_entries(
        id: NetworkAclId, scope: Scope, vpc: VpcId, is_default: bool,
        entries: impl IntoIterator<Item = NetworkAclEntry>,
    ) -> Self {
        let mut acl = Self { id, scope, vpc, is_default, entries: Vec::new() };
        entries.into_iter().for_each(|entry| acl.put(entry));
        acl
    }

    /// Lets all IPv6 through in each direction that is as it was at first.
    pub(crate) fn let_ipv6_through(&mut self) {
        for direction in [Direction::Egress, Direction::Ingress] {
            let first = NetworkAclEntry::allow_all(direction, ALLOW_IPV4, Ipv4Cidr::ANY.into());
            if self.entries_of(direction).eq([&first]) {
                self.put(NetworkAclEntry::allow_all(direction, ALLOW_IPV6, Ipv6Cidr::ANY.into()));
            }
        }
    }

    /// The entries of the account's own in both directions: what goes out first, and by number.
    pub fn entries(&self) -> &[NetworkAclEntry] {
        &self.entries
    }

    /// The entries about one direction in the order in which they are tried; what none of them matches is dropped.
    pub fn entries_of(&self, direction: Direction) -> impl Iterator<Item = &NetworkAclEntry> {
        self.entries.iter().filter(move |e| e.direction == direction)
    }

    fn entry(&self, direction: Direction, number: u16) -> Option<&NetworkAclEntry> {
        self.entries.iter().find(|e| (e.direction, e.number) == (direction, number))
    }

    /// Puts an entry in, over the one with the same number.
    fn put(&mut self, entry: NetworkAclEntry) {
        self.remove(entry.direction, entry.number);
        self.entries.push(entry);
        self.entries.sort_by_key(|e| (e.direction == Direction::Ingress, e.number));
    }

    fn remove(&mut self, direction: Direction, number: u16) {
        self.entries.retain(|e| (e.direction, e.number) != (direction, number));
    }
}

impl World {
    /// The ACL with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidNetworkAclID.NotFound`.
    pub fn network_acl(&self, scope: &Scope, id: &NetworkAclId) -> Result<&NetworkAcl, Error> {
        self.network_acls.get(id).filter(|a| a.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// The association of a subnet with its ACL: the default one of its VPC, under an id that follows from the
    /// subnet's, until another takes its place. `None` if its VPC is gone.
    pub fn network_acl_of(&self, subnet: &Subnet) -> Option<NetworkAclAssociation> {
        if let Some(replaced) = &subnet.network_acl {
            return Some(replaced.clone());
        }
        let acl = self.vpcs.get(&subnet.vpc)?.network_acl.clone();
        let digits = subnet.id.as_str().trim_start_matches(SubnetId::PREFIX);
        Some(NetworkAclAssociation { id: NetworkAclAssociationId::derived(digits), acl })
    }

    /// Makes an ACL, which lets nothing through.
    ///
    /// # Errors
    /// If the VPC does not exist, and `NetworkAclLimitExceeded` for its 201st ACL.
    pub fn create_network_acl(&mut self, context: &mut Context<'_>, vpc: &VpcId) -> Result<NetworkAclId, Error> {
        self.vpc(&context.scope, vpc)?;
        if self.network_acls.of_vpc(vpc).count() >= ACL_LIMIT {
            return Err(Error::limit("NetworkAclLimitExceeded", "network ACLs"));
        }
        let id = NetworkAclId::random(context.entropy);
        self.network_acls.insert(NetworkAcl {
            id: id.clone(),
            scope: context.scope.clone(),
            vpc: vpc.clone(),
            is_default: false,
            entries: Vec::new(),
        });
        Ok(id)
    }

    /// Deletes an ACL.
    ///
    /// # Errors
    /// `InvalidParameterValue` for a default one, `DependencyViolation` while a subnet is associated with it.
    pub fn delete_network_acl(&mut self, context: &Context<'_>, id: &NetworkAclId) -> Result<(), Error> {
        if self.network_acl(&context.scope, id)?.is_default {
            return Err(Error::InvalidParameterValue(format!("cannot delete default network ACL {id}")));
        }
        if self.subnets.iter().any(|s| s.network_acl.as_ref().is_some_and(|a| a.acl == *id)) {
            return Err(Error::DependencyViolation(format!(
                "The networkAcl '{id}' has dependencies and cannot be deleted."
            )));
        }
        self.network_acls.remove(id);
        self.forget_tags(id.as_str());
        Ok(())
    }

    /// Makes an entry.
    ///
    /// # Errors
    /// `NetworkAclEntryAlreadyExists` if its number is taken, `NetworkAclEntryLimitExceeded` for the 21st entry of a
    /// direction and family.
    pub fn create_network_acl_entry(
        &mut self, context: &Context<'_>, id: &NetworkAclId, entry: NetworkAclEntry,
    ) -> Result<(), Error> {
        let acl = self.network_acl(&context.scope, id)?;
        if acl.entry(entry.direction, entry.number).is_some() {
            return Err(Error::NetworkAclEntryExists(entry.number));
        }
        let like = acl.entries_of(entry.direction).filter(|e| e.cidr.is_ipv6() == entry.cidr.is_ipv6());
        if like.count() >= ENTRY_LIMIT {
            return Err(Error::limit("NetworkAclEntryLimitExceeded", "network acl entries"));
        }
        self.network_acls.update(id, |acl| acl.put(entry));
        Ok(())
    }

    /// Puts another entry in the place of the one with its direction and number.
    ///
    /// # Errors
    /// `InvalidNetworkAclEntry.NotFound`, and `NetworkAclEntryLimitExceeded` as for a new entry.
    pub fn replace_network_acl_entry(
        &mut self, context: &Context<'_>, id: &NetworkAclId, entry: NetworkAclEntry,
    ) -> Result<(), Error> {
        self.delete_network_acl_entry(context, id, entry.direction, entry.number.into())?;
        self.create_network_acl_entry(context, id, entry)
    }

    /// Deletes an entry.
    ///
    /// # Errors
    /// `InvalidParameterValue` for the number of one that denies all the rest, `InvalidNetworkAclEntry.NotFound`.
    pub fn delete_network_acl_entry(
        &mut self, context: &Context<'_>, id: &NetworkAclId, direction: Direction, number: i32,
    ) -> Result<(), Error> {
        let acl = self.network_acl(&context.scope, id)?;
        let number = entry::entry_number(number)?;
        if acl.entry(direction, number).is_none() {
            return Err(Error::NetworkAclEntryNotFound(number));
        }
        self.network_acls.update(id, |acl| acl.remove(direction, number));
        Ok(())
    }

    /// Associates the subnet of an association with another ACL of its VPC. The association gets a new id.
    ///
    /// # Errors
    /// If the association or the ACL does not exist; `InvalidParameterValue` if they are of different VPCs.
    pub fn replace_network_acl_association(
        &mut self, context: &mut Context<'_>, id: &NetworkAclAssociationId, acl: &NetworkAclId,
    ) -> Result<NetworkAclAssociationId, Error> {
        let vpc = self.network_acl(&context.scope, acl)?.vpc.clone();
        let here = |s: &&Subnet| s.scope == context.scope && self.network_acl_of(s).is_some_and(|a| a.id == *id);
        let subnet = self.subnets.iter().find(here).ok_or_else(|| id.not_found())?;
        if subnet.vpc != vpc {
            return Err(Error::InvalidParameterValue(format!(
                "network ACL association {id} and network ACL {acl} belong to different networks"
            )));
        }
        let subnet = subnet.id.clone();
        let new = NetworkAclAssociation { id: NetworkAclAssociationId::random(context.entropy), acl: acl.clone() };
        let made = new.id.clone();
        self.subnets.update(&subnet, |s| s.network_acl = Some(new));
        Ok(made)
    }

    /// Gives each VPC its default ACL that has none: they were not rows of their own at first.
    pub(crate) fn complete_network_acls(&mut self) {
        for vpc in
            self.vpcs.iter().filter(|v| self.network_acls.get(&v.network_acl).is_none()).cloned().collect::<Vec<_>>()
        {
            self.network_acls.insert(NetworkAcl::default_of(&vpc.scope, &vpc.id, &vpc.network_acl));
        }
    }
}
