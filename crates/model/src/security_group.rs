//! Security groups and their rules.
//!
//! Source: VPC user guide, "Security group rules"; EC2 API reference, `IpPermission`, `SecurityGroupRule`.

use serde::{Deserialize, Serialize};

use crate::{
    AddressFamily, Context, Entity, Error, Ipv4Cidr, PeerGroup, Scope, SecurityGroupId, SecurityGroupRuleId, VpcId,
    World,
};

mod rule;

pub use rule::{Direction, IpProtocol, NewRule, Peer, PortRange};

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// Its id.
    pub id: SecurityGroupId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its name.
    pub name: GroupName,
    /// Its description.
    pub description: String,
    /// Its rules, in the order they were made.
    pub rules: Vec<SecurityGroupRule>,
}

/// The name of a group, unique in its VPC.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupName(String);

/// A rule of a group. It lets something through; nothing forbids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    /// Its id.
    pub id: SecurityGroupRuleId,
    /// Of a group of another VPC that it names: by which peering connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond: Option<PeerGroup>,
    /// What it lets through.
    #[serde(flatten)]
    pub rule: NewRule,
}

/// The most groups of an account in a Region.
///
/// Source: VPC user guide, "Amazon VPC quotas".
const GROUP_LIMIT: usize = 2_500;

/// The most rules of a group, by direction and address family.
const RULE_LIMIT: u32 = 60;

impl Entity for SecurityGroup {
    type Id = SecurityGroupId;
    const KIND: &'static str = "security-group";

    fn id(&self) -> SecurityGroupId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn vpc(&self) -> Option<&VpcId> {
        Some(&self.vpc)
    }
}

impl GroupName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of a group that is there already: `default`, and what older rules allowed.
    pub fn known(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// A name for a new group. Spaces at its end are left out.
    ///
    /// # Errors
    /// `InvalidGroup.Reserved` for `default`, `MissingParameter` for an empty name, `InvalidParameterValue` for one that
    /// looks like an id, is too long or has other characters than AWS allows.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim_end_matches(' ');
        if text.is_empty() {
            return Err(Error::MissingParameter("GroupName"));
        }
        if text == DEFAULT {
            return Err(Error::GroupReserved);
        }
        if text.starts_with(SecurityGroupId::PREFIX) {
            return Err(Error::InvalidParameterValue(format!(
                "Value ({text}) for parameter GroupName is invalid. Group names may not be in the format sg-*."
            )));
        }
        check_text(text, "security group name", "names")?;
        Ok(Self(text.to_owned()))
    }
}

/// The name of the group that every VPC has.
const DEFAULT: &str = "default";

/// Whether a name or description is one that AWS takes.
fn check_text(text: &str, what: &str, plural: &str) -> Result<(), Error> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    if text.chars().count() <= 255 && text.chars().all(allowed) {
        return Ok(());
    }
    Err(Error::InvalidParameterValue(format!(
        "Invalid {what}. Valid {plural} are strings less than 256 characters from the following set:  a-zA-Z0-9. \
         _-:/()#,@[]+=&;{{}}!$*"
    )))
}

impl SecurityGroup {
    /// The default group of a new VPC: its members reach each other, and everything is let out.
    pub(crate) fn default_of(context: &mut Context<'_>, vpc: &VpcId) -> Self {
        let id = SecurityGroupId::random(context.entropy);
        let from_itself = NewRule {
            direction: Direction::Ingress,
            protocol: IpProtocol::All,
            ports: None,
            peer: Peer::Group(id.clone()),
            description: None,
        };
        let rules = vec![
            SecurityGroupRule { id: SecurityGroupRuleId::random(context.entropy), beyond: None, rule: from_itself },
            Self::out_everywhere(context),
        ];
        Self {
            id,
            scope: context.scope.clone(),
            vpc: vpc.clone(),
            name: GroupName(DEFAULT.to_owned()),
            description: "default VPC security group".to_owned(),
            rules,
        }
    }

    fn out_everywhere(context: &mut Context<'_>) -> SecurityGroupRule {
        SecurityGroupRule {
            id: SecurityGroupRuleId::random(context.entropy),
            beyond: None,
            rule: NewRule {
                direction: Direction::Egress,
                protocol: IpProtocol::All,
                ports: None,
                peer: Peer::Cidr(Ipv4Cidr::ANY),
                description: None,
            },
        }
    }

    /// Lets all IPv6 out, if what goes out is let out as it was at first.
    ///
    /// Source: VPC user guide, "Default security groups for your VPCs".
    pub(crate) fn let_ipv6_out(&mut self, context: &mut Context<'_>) {
        let first = Self::out_everywhere(context);
        let mut out = self.rules.iter().filter(|r| r.rule.direction == Direction::Egress);
        if out.next().is_some_and(|r| r.rule.is_same(&first.rule)) && out.next().is_none() {
            let peer = Peer::Cidr6(std::net::Ipv6Addr::UNSPECIFIED, 0);
            self.rules.push(SecurityGroupRule { rule: NewRule { peer, ..first.rule }, ..first });
        }
    }

    /// Whether it is the default group of its VPC.
    pub fn is_default(&self) -> bool {
        self.name.0 == DEFAULT
    }
}

impl World {
    /// The group with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidGroup.NotFound`.
    pub fn security_group(&self, scope: &Scope, id: &SecurityGroupId) -> Result<&SecurityGroup, Error> {
        self.security_groups.get(id).filter(|g| g.scope == *scope).ok_or_else(|| Error::NotFound {
            code: "InvalidGroup.NotFound",
            noun: "security group",
            id: id.to_string(),
        })
    }

    /// The default group of a VPC.
    pub fn default_group(&self, vpc: &VpcId) -> Option<&SecurityGroup> {
        self.security_groups.of_vpc(vpc).find(|g| g.is_default())
    }

    /// Whether a group has no more rules than it can.
    pub(crate) fn check_group_size(&self, group: &SecurityGroup) -> Result<(), Error> {
        for direction in [Direction::Ingress, Direction::Egress] {
            let (ipv4, ipv6) = self.weight_of_rules(group, direction);
            if ipv4.max(ipv6) > RULE_LIMIT {
                return Err(Error::limit("RulesPerSecurityGroupLimitExceeded", "rules per security group"));
            }
        }
        Ok(())
    }

    /// What a group's rules in one direction count: IPv4 with references to groups, and IPv6.
    fn weight_of_rules(&self, group: &SecurityGroup, direction: Direction) -> (u32, u32) {
        let weigh = |rule: &SecurityGroupRule| match &rule.rule.peer {
            Peer::Cidr6(..) => (0, 1),
            Peer::PrefixList(id) => match self.prefix_list_weight(&group.scope, id) {
                (AddressFamily::Ipv4, weight) => (weight, 0),
                (AddressFamily::Ipv6, weight) => (0, weight),
            },
            Peer::Cidr(_) | Peer::Group(_) => (1, 0),
        };
        group
            .rules
            .iter()
            .filter(|r| r.rule.direction == direction)
            .map(weigh)
            .fold((0, 0), |sum, weight| (sum.0 + weight.0, sum.1 + weight.1))
    }

    /// Makes a group, which lets everything out and nothing in.
    ///
    /// # Errors
    /// `InvalidGroup.Duplicate` if the VPC has one of this name, `SecurityGroupLimitExceeded` for the 2501st of a Region.
    pub fn create_security_group(
        &mut self, context: &mut Context<'_>, vpc: &VpcId, name: &str, description: &str,
    ) -> Result<SecurityGroupId, Error> {
        let name = GroupName::parse(name)?;
        if description.is_empty() {
            return Err(Error::MissingParameter("GroupDescription"));
        }
        check_text(description, "security group description", "descriptions")?;
        let has_ipv6 = !self.vpc(&context.scope, vpc)?.ipv6_cidrs.is_empty();
        if self.security_groups.of_vpc(vpc).any(|g| g.name == name) {
            return Err(Error::GroupDuplicate { name: name.0, vpc: vpc.clone() });
        }
        if self.security_groups.iter().filter(|g| g.scope == context.scope).count() >= GROUP_LIMIT {
            return Err(Error::limit("SecurityGroupLimitExceeded", "security groups"));
        }
        let id = SecurityGroupId::random(context.entropy);
        let rules = vec![SecurityGroup::out_everywhere(context)];
        let mut group = SecurityGroup {
            id: id.clone(),
            scope: context.scope.clone(),
            vpc: vpc.clone(),
            name,
            description: description.to_owned(),
            rules,
        };
        if has_ipv6 {
            group.let_ipv6_out(context);
        }
        self.security_groups.insert(group);
        Ok(id)
    }

    /// Deletes a group.
    ///
    /// # Errors
    /// `DependencyViolation` while an interface or an endpoint has it or a rule of another group of the VPC refers to it,
    /// `CannotDelete` for a default group. Rules of peer VPCs that refer to it become stale.
    pub fn delete_security_group(&mut self, context: &Context<'_>, id: &SecurityGroupId) -> Result<(), Error> {
        let group = self.security_group(&context.scope, id)?.clone();
        if group.is_default() {
            return Err(Error::GroupCannotBeDeleted(id.clone()));
        }
        let referred = |g: &SecurityGroup| {
            g.id != *id && g.vpc == group.vpc && g.rules.iter().any(|r| r.rule.peer == Peer::Group(id.clone()))
        };
        if self.interfaces.occupancy().uses_group(&group.vpc, id)
            || self.endpoints.iter().any(|e| e.groups().contains(id))
            || self.security_groups.iter().any(referred)
        {
            return Err(Error::DependencyViolation(format!("resource {id} has a dependent object")));
        }
        self.forget_group(&group);
        Ok(())
    }

    /// Takes a group away with the tags of it and of its rules.
    pub(crate) fn forget_group(&mut self, group: &SecurityGroup) {
        for rule in &group.rules {
            self.forget_tags(rule.id.as_str());
        }
        self.forget_tags(group.id.as_str());
        self.security_groups.remove(&group.id);
    }

    /// Adds rules to a group: all of them, or none.
    ///
    /// # Errors
    /// `InvalidPermission.Duplicate` if there is such a rule, `InvalidParameterValue` if one is given twice,
    /// `RulesPerSecurityGroupLimitExceeded` if there would be more than 60, and if a group or prefix list that a rule names does not exist.
    pub fn authorize(
        &mut self, context: &mut Context<'_>, id: &SecurityGroupId, rules: Vec<NewRule>,
    ) -> Result<Vec<SecurityGroupRuleId>, Error> {
        let mut group = self.security_group(&context.scope, id)?.clone();
        if rules.iter().enumerate().any(|(i, rule)| rules.iter().skip(i + 1).any(|other| other.is_same(rule))) {
            return Err(Error::RuleRepeated);
        }
        let mut made = Vec::with_capacity(rules.len());
        for rule in rules {
            let beyond = self.check_peer(&group, &rule)?;
            if group.rules.iter().any(|r| r.rule.is_same(&rule)) {
                return Err(Error::RuleDuplicate(rule.to_string()));
            }
            let rule_id = SecurityGroupRuleId::random(context.entropy);
            made.push(rule_id.clone());
            group.rules.push(SecurityGroupRule { id: rule_id, beyond, rule });
        }
        self.check_group_size(&group)?;
        self.security_groups.insert(group);
        Ok(made)
    }

    /// Whether the group or prefix list that a rule names exists and may be named; of a group of a peer VPC, how.
    fn check_peer(&self, group: &SecurityGroup, rule: &NewRule) -> Result<Option<PeerGroup>, Error> {
        match &rule.peer {
            Peer::Group(peer) => self.peer_group(group, peer),
            Peer::PrefixList(list) => {
                self.prefix_list(&group.scope, list).map(|_| None).ok_or_else(|| list.not_found())
            }
            Peer::Cidr(_) | Peer::Cidr6(..) => Ok(None),
        }
    }

    /// Gives rules of a group, by their ids, other contents: all of them, or none. Their directions stay.
    ///
    /// # Errors
    /// `InvalidSecurityGroupRuleId.NotFound` if the group has no such rule, `InvalidParameterValue` if its direction is
    /// another, and the errors of [`World::authorize`].
    pub fn modify_security_group_rules(
        &mut self, context: &Context<'_>, id: &SecurityGroupId, changes: Vec<(SecurityGroupRuleId, NewRule)>,
    ) -> Result<(), Error> {
        let mut group = self.security_group(&context.scope, id)?.clone();
        for (rule_id, rule) in changes {
            let Some(present) = group.rules.iter().find(|r| r.id == rule_id) else {
                return Err(rule_id.not_found());
            };
            // A rule that is stale may still be described otherwise.
            let beyond =
                if present.rule.peer == rule.peer { present.beyond.clone() } else { self.check_peer(&group, &rule)? };
            let Some(present) = group.rules.iter_mut().find(|r| r.id == rule_id) else {
                return Err(rule_id.not_found());
            };
            if present.rule.direction != rule.direction {
                return Err(Error::InvalidParameterValue(format!(
                    "The direction of the security group rule {rule_id} cannot be changed"
                )));
            }
            present.rule = rule;
            present.beyond = beyond;
        }
        for (i, rule) in group.rules.iter().enumerate() {
            if group.rules.iter().skip(i + 1).any(|other| other.rule.is_same(&rule.rule)) {
                return Err(Error::RuleDuplicate(rule.rule.to_string()));
            }
        }
        self.check_group_size(&group)?;
        self.security_groups.insert(group);
        Ok(())
    }

    /// Takes rules from a group, by what they let through: all of them, or none.
    ///
    /// # Errors
    /// `InvalidPermission.NotFound` if one does not exist.
    pub fn revoke(&mut self, context: &Context<'_>, id: &SecurityGroupId, rules: &[NewRule]) -> Result<(), Error> {
        let group = self.security_group(&context.scope, id)?;
        let mut gone = Vec::with_capacity(rules.len());
        for rule in rules {
            let found = group.rules.iter().find(|r| r.rule.is_same(rule)).ok_or(Error::RuleNotFound)?;
            gone.push(found.id.clone());
        }
        self.remove_rules(id, &gone);
        Ok(())
    }

    /// Takes rules from a group, by their ids: all of them, or none.
    ///
    /// # Errors
    /// `InvalidSecurityGroupRuleId.NotFound` if the group has no such rule in this direction.
    pub fn revoke_by_id(
        &mut self, context: &Context<'_>, id: &SecurityGroupId, direction: Direction, rules: &[SecurityGroupRuleId],
    ) -> Result<(), Error> {
        let group = self.security_group(&context.scope, id)?;
        for rule in rules {
            if !group.rules.iter().any(|r| r.id == *rule && r.rule.direction == direction) {
                return Err(rule.not_found());
            }
        }
        self.remove_rules(id, rules);
        Ok(())
    }

    fn remove_rules(&mut self, id: &SecurityGroupId, gone: &[SecurityGroupRuleId]) {
        self.security_groups.update(id, |g| g.rules.retain(|r| !gone.contains(&r.id)));
        for rule in gone {
            self.forget_tags(rule.as_str());
        }
    }
}
