//! VPC peering connections: two VPCs, of any accounts and Regions, that can be routed to each other.
//!
//! Source: VPC Peering Guide, "How VPC peering connections work"; EC2 API reference, `CreateVpcPeeringConnection`.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Context, Entity, Error, Ipv4Cidr, Region, Scope, SecurityGroup, SecurityGroupId, VpcId,
    VpcPeeringConnectionId, World,
};

/// A VPC peering connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcPeeringConnection {
    /// Its id.
    pub id: VpcPeeringConnectionId,
    /// Who asked for it.
    pub requester: PeeringSide,
    /// Who was asked.
    pub accepter: PeeringSide,
    /// Its state as it was last changed; [`VpcPeeringConnection::state_at`] knows what time does to it.
    pub state: PeeringState,
    /// When it was asked for: Unix time in milliseconds.
    pub created: i64,
    /// When it came into its state: Unix time in milliseconds.
    pub changed: i64,
}

/// One side of a peering connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeeringSide {
    /// Whose VPC, and where.
    pub scope: Scope,
    /// The VPC. The accepter's may not exist: then the request has failed.
    pub vpc: VpcId,
    /// Whether public host names of this VPC resolve to private addresses when they are asked for in the other one.
    pub remote_dns: bool,
}

/// The state of a peering connection. What AWS does in its own time, initiating, provisioning and deleting, has happened
/// here when the call is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PeeringState {
    /// It waits for the accepter.
    PendingAcceptance,
    /// It is usable.
    Active,
    /// The accepter did not want it.
    Rejected,
    /// An account has deleted it.
    Deleted(AccountId),
    /// The VPCs overlap, or the accepter's does not exist.
    Failed,
    /// Nobody accepted it in time.
    Expired,
}

/// A group of a peer VPC, as a rule remembers it: what is shown when the group or the connection is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerGroup {
    /// Whose group.
    pub account: AccountId,
    /// The group's VPC.
    pub vpc: VpcId,
    /// The connection by which the rule could name it.
    pub peering: VpcPeeringConnectionId,
}

/// How a reference to a group of another VPC stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerReference<'w> {
    /// The group's VPC.
    pub vpc: &'w VpcId,
    /// The group's account; `None` if the group is deleted.
    pub account: Option<&'w AccountId>,
    /// The connection: the active one between the VPCs, or else that by which the rule was made.
    pub peering: &'w VpcPeeringConnectionId,
    /// The name of the connection's state.
    pub status: &'static str,
}

const HOUR: i64 = 3_600_000;

/// How long a request waits for its accepter, in milliseconds.
///
/// Source: EC2 API reference, `CreateVpcPeeringConnection`: seven days.
const LIFE: i64 = 7 * 24 * HOUR;

/// How long a connection that is over is shown to the account that ended it, and to the other one.
///
/// Source: VPC Peering Guide, "VPC peering connection lifecycle".
const SHOWN: (i64, i64) = (2 * HOUR, 48 * HOUR);

/// The most requests that wait for their accepters, of an account in a Region, and the most active connections of a VPC.
///
/// Source: VPC user guide, "Amazon VPC quotas".
const OUTSTANDING_LIMIT: usize = 25;
const ACTIVE_LIMIT: usize = 50;

impl Entity for VpcPeeringConnection {
    type Id = VpcPeeringConnectionId;
    const KIND: &'static str = "vpc-peering-connection";

    fn id(&self) -> VpcPeeringConnectionId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl PeeringState {
    /// The state's name in the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::PendingAcceptance => "pending-acceptance",
            Self::Active => "active",
            Self::Rejected => "rejected",
            Self::Deleted(_) => "deleted",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }
}

impl VpcPeeringConnection {
    /// When it expires unless it is accepted: Unix time in milliseconds.
    pub fn expires(&self) -> i64 {
        self.created + LIFE
    }

    /// Its state at a time, which may have expired it.
    pub fn state_at(&self, now: i64) -> &PeeringState {
        match self.state {
            PeeringState::PendingAcceptance if now >= self.expires() => &PeeringState::Expired,
            _ => &self.state,
        }
    }

    /// Whether an account in a Region may make routes over it: also while it waits, when they are black holes.
    ///
    /// Source: VPC Peering Guide, "Update your route tables for a VPC peering connection".
    pub(crate) fn is_routable(&self, scope: &Scope) -> bool {
        matches!(self.state, PeeringState::PendingAcceptance | PeeringState::Active)
            && (self.requester.scope == *scope || self.accepter.scope == *scope)
    }

    /// Whether it is usable.
    pub fn is_active(&self) -> bool {
        self.state == PeeringState::Active
    }

    /// Its two sides.
    pub fn sides(&self) -> [&PeeringSide; 2] {
        [&self.requester, &self.accepter]
    }

    /// Whether it joins these VPCs, in whatever order.
    pub fn joins(&self, one: &VpcId, other: &VpcId) -> bool {
        let (requester, accepter) = (&self.requester.vpc, &self.accepter.vpc);
        (requester, accepter) == (one, other) || (requester, accepter) == (other, one)
    }

    /// The side beyond a VPC that it joins.
    pub fn beyond(&self, vpc: &VpcId) -> Option<&PeeringSide> {
        if self.requester.vpc == *vpc {
            Some(&self.accepter)
        } else {
            Some(&self.requester).filter(|_| self.accepter.vpc == *vpc)
        }
    }

    /// Whether an account in a Region sees it at a time: both sides do, but only the requester a failed one; and what is
    /// over is shown for two hours to who ended it, and for two days to the other account.
    pub fn is_shown_to(&self, scope: &Scope, now: i64) -> bool {
        let (requester, accepter) = (self.requester.scope == *scope, self.accepter.scope == *scope);
        let own = self.requester.scope.account == self.accepter.scope.account;
        let (short, long) = SHOWN;
        let since = now - self.changed;
        match self.state_at(now) {
            PeeringState::PendingAcceptance | PeeringState::Active => requester || accepter,
            PeeringState::Failed => requester && since < short,
            PeeringState::Expired => (requester || accepter) && now - self.expires() < long,
            PeeringState::Rejected if own => (requester || accepter) && since < short,
            PeeringState::Rejected => requester && since < long || accepter && since < short,
            PeeringState::Deleted(by) => {
                let shown = if own || *by == scope.account { short } else { long };
                (requester || accepter) && since < shown
            }
        }
    }

    /// Whether nobody will see it again.
    fn is_forgettable(&self, now: i64) -> bool {
        match self.state_at(now) {
            PeeringState::PendingAcceptance | PeeringState::Active => false,
            PeeringState::Expired => now - self.expires() >= SHOWN.1,
            _ => now - self.changed >= SHOWN.1,
        }
    }

    fn transition(&self, now: i64, to: &str) -> Error {
        Error::refused(
            "InvalidStateTransition",
            format!(
                "Invalid state transition for {}, attempted to transition from {} to {to}",
                self.id,
                self.state_at(now).code()
            ),
        )
    }
}

impl World {
    /// The connection with this id, if the caller sees it.
    ///
    /// # Errors
    /// `InvalidVpcPeeringConnectionID.NotFound`.
    pub fn peering(
        &self, scope: &Scope, now: i64, id: &VpcPeeringConnectionId,
    ) -> Result<&VpcPeeringConnection, Error> {
        self.peerings.get(id).filter(|p| p.is_shown_to(scope, now)).ok_or_else(|| id.not_found())
    }

    /// The connections that are active.
    pub fn active_peerings(&self) -> impl Iterator<Item = &VpcPeeringConnection> {
        self.peerings.iter().filter(|peering| peering.is_active())
    }

    /// The active connection between two VPCs.
    pub fn active_peering(&self, one: &VpcId, other: &VpcId) -> Option<&VpcPeeringConnection> {
        self.active_peerings().find(|peering| peering.joins(one, other))
    }

    /// Asks for a connection to another VPC; of the caller's account and Region where nothing else is said. One between
    /// VPCs that overlap, or to a VPC of another account or Region that does not exist, is made and has failed.
    ///
    /// # Errors
    /// `InvalidVpcID.NotFound` if a VPC of the caller's does not exist, `VpcPeeringConnectionAlreadyExists` if one
    /// between the VPCs is active or waits, `OutstandingVpcPeeringConnectionLimitExceeded` for the 26th that waits.
    pub fn create_peering(
        &mut self, context: &mut Context<'_>, vpc: &VpcId, peer: &VpcId, account: Option<AccountId>,
        region: Option<Region>,
    ) -> Result<VpcPeeringConnectionId, Error> {
        let own = self.blocks(&context.scope, vpc)?;
        let scope = Scope {
            account: account.unwrap_or_else(|| context.scope.account.clone()),
            region: region.unwrap_or(context.scope.region),
        };
        let theirs = match self.blocks(&scope, peer) {
            Err(missing) if scope == context.scope => return Err(missing),
            theirs => theirs.unwrap_or_default(),
        };
        self.forget_peerings(context.now);
        let waits = |p: &VpcPeeringConnection| *p.state_at(context.now) == PeeringState::PendingAcceptance;
        if self.peerings.iter().any(|p| p.joins(vpc, peer) && (p.is_active() || waits(p))) {
            return Err(Error::refused(
                "VpcPeeringConnectionAlreadyExists",
                format!("A VPC peering connection between the VPCs {vpc} and {peer} already exists."),
            ));
        }
        if self.peerings.iter().filter(|p| p.requester.scope == context.scope && waits(p)).count() >= OUTSTANDING_LIMIT
        {
            let code = "OutstandingVpcPeeringConnectionLimitExceeded";
            return Err(Error::limit(code, "outstanding VPC peering connection requests"));
        }
        let possible = !theirs.is_empty() && vpc != peer && !overlap(&own, &theirs);
        let id = VpcPeeringConnectionId::random(context.entropy);
        let side = |scope, vpc: &VpcId| PeeringSide { scope, vpc: vpc.clone(), remote_dns: false };
        self.peerings.insert(VpcPeeringConnection {
            id: id.clone(),
            requester: side(context.scope.clone(), vpc),
            accepter: side(scope, peer),
            state: if possible { PeeringState::PendingAcceptance } else { PeeringState::Failed },
            created: context.now,
            changed: context.now,
        });
        Ok(id)
    }

    /// The IPv4 blocks of a VPC.
    fn blocks(&self, scope: &Scope, vpc: &VpcId) -> Result<Vec<Ipv4Cidr>, Error> {
        self.vpc(scope, vpc).map(|vpc| vpc.cidrs().collect())
    }

    /// The connection that a caller wants to answer for its accepter.
    fn to_answer(
        &self, context: &Context<'_>, id: &VpcPeeringConnectionId, verb: &str, regional: &str,
    ) -> Result<&VpcPeeringConnection, Error> {
        let peering = self.peering(&context.scope, context.now, id)?;
        let (account, accepter) = (&context.scope.account, &peering.accepter.scope);
        if *account != accepter.account {
            return Err(Error::OperationNotPermitted(format!("User {account} cannot {verb} peering {id}")));
        }
        if context.scope.region != accepter.region {
            return Err(Error::OperationNotPermitted(format!(
                "Incorrect region ({}) specified for this request. VPC peering connection {id} must be {regional} in \
                 region {}",
                context.scope.region, accepter.region
            )));
        }
        Ok(peering)
    }

    /// Accepts a connection that waits.
    ///
    /// # Errors
    /// `OperationNotPermitted` for anyone but the accepter in its Region, `InvalidStateTransition` if it does not wait,
    /// `ActiveVpcPeeringConnectionPerVpcLimitExceeded` for the 51st active one of a VPC.
    pub fn accept_peering(&mut self, context: &Context<'_>, id: &VpcPeeringConnectionId) -> Result<(), Error> {
        let peering = self.to_answer(context, id, "accept", "accepted")?;
        if *peering.state_at(context.now) != PeeringState::PendingAcceptance {
            return Err(peering.transition(context.now, "provisioning"));
        }
        for vpc in peering.sides().map(|side| &side.vpc) {
            if self.active_peerings().filter(|p| p.beyond(vpc).is_some()).count() >= ACTIVE_LIMIT {
                let code = "ActiveVpcPeeringConnectionPerVpcLimitExceeded";
                return Err(Error::limit(code, "active VPC peering connections per VPC"));
            }
        }
        // Blocks may have come since it was asked for.
        let blocks = |side: &PeeringSide| self.blocks(&side.scope, &side.vpc).unwrap_or_default();
        let possible = !overlap(&blocks(&peering.requester), &blocks(&peering.accepter));
        self.set_state(context, id, if possible { PeeringState::Active } else { PeeringState::Failed });
        Ok(())
    }

    /// Rejects a connection that waits.
    ///
    /// # Errors
    /// Those of [`World::accept_peering`], but for the limit.
    pub fn reject_peering(&mut self, context: &Context<'_>, id: &VpcPeeringConnectionId) -> Result<(), Error> {
        let peering = self.to_answer(context, id, "reject", "accepted or rejected")?;
        if *peering.state_at(context.now) != PeeringState::PendingAcceptance {
            return Err(peering.transition(context.now, "rejected"));
        }
        self.set_state(context, id, PeeringState::Rejected);
        Ok(())
    }

    /// Deletes a connection: an active one for either side, one that waits for the requester.
    ///
    /// # Errors
    /// `OperationNotPermitted` for the accepter of one that waits, `InvalidStateTransition` for one that is over.
    pub fn delete_peering(&mut self, context: &Context<'_>, id: &VpcPeeringConnectionId) -> Result<(), Error> {
        let peering = self.peering(&context.scope, context.now, id)?;
        let account = &context.scope.account;
        match peering.state_at(context.now) {
            PeeringState::Active => {}
            PeeringState::PendingAcceptance if peering.requester.scope.account == *account => {}
            PeeringState::PendingAcceptance => {
                return Err(Error::OperationNotPermitted(format!("User {account} cannot delete peering {id}")));
            }
            _ => return Err(peering.transition(context.now, "deleting")),
        }
        self.set_state(context, id, PeeringState::Deleted(account.clone()));
        Ok(())
    }

    fn set_state(&mut self, context: &Context<'_>, id: &VpcPeeringConnectionId, state: PeeringState) {
        self.peerings.update(id, |peering| {
            peering.state = state;
            peering.changed = context.now;
        });
    }

    /// Changes, for either side, whether its public host names resolve to private addresses beyond the connection.
    ///
    /// # Errors
    /// `OperationNotPermitted` if the connection is not active, or for the side of another account or Region.
    pub fn modify_peering(
        &mut self, context: &Context<'_>, id: &VpcPeeringConnectionId, requester: Option<bool>, accepter: Option<bool>,
    ) -> Result<(), Error> {
        let peering = self.peering(&context.scope, context.now, id)?;
        if !peering.is_active() {
            return Err(Error::OperationNotPermitted(format!(
                "Peering {id} is not active. Peering options can be added only to active peerings."
            )));
        }
        let sides = [(requester, &peering.requester, "requester"), (accepter, &peering.accepter, "accepter")];
        for (_, side, name) in sides.into_iter().filter(|(wanted, ..)| wanted.is_some()) {
            if side.scope.account != context.scope.account {
                return Err(Error::OperationNotPermitted(format!(
                    "User {} does not have permission to modify the {name} side peering options",
                    context.scope.account
                )));
            }
            if side.scope.region != context.scope.region {
                let name = if name == "requester" { "Requester" } else { "Accepter" };
                return Err(Error::OperationNotPermitted(format!(
                    "{name}'s VPC Peering connection options cannot be modified for a different region"
                )));
            }
        }
        self.peerings.update(id, |peering| {
            peering.requester.remote_dns = requester.unwrap_or(peering.requester.remote_dns);
            peering.accepter.remote_dns = accepter.unwrap_or(peering.accepter.remote_dns);
        });
        Ok(())
    }

    /// Whether a block overlaps one of a VPC that this one is connected with.
    pub(crate) fn is_block_beyond(&self, vpc: &VpcId, cidr: Ipv4Cidr) -> bool {
        let sides = self.active_peerings().filter_map(|peering| peering.beyond(vpc));
        sides.filter_map(|side| self.vpcs.get(&side.vpc)).any(|peer| peer.cidrs().any(|block| block.overlaps(cidr)))
    }

    /// Whether a VPC has an active connection.
    pub(crate) fn is_peered(&self, vpc: &VpcId) -> bool {
        self.active_peerings().any(|peering| peering.beyond(vpc).is_some())
    }

    /// Ends the requests of and to a VPC that is deleted.
    pub(crate) fn end_peerings(&mut self, context: &Context<'_>, vpc: &VpcId) {
        let concerned = |p: &&VpcPeeringConnection| {
            *p.state_at(context.now) == PeeringState::PendingAcceptance && p.beyond(vpc).is_some()
        };
        let ids: Vec<_> = self.peerings.iter().filter(concerned).map(|p| p.id.clone()).collect();
        for id in ids {
            self.set_state(context, &id, PeeringState::Deleted(context.scope.account.clone()));
        }
    }

    /// Forgets connections that have been over for long.
    fn forget_peerings(&mut self, now: i64) {
        let old: Vec<_> = self.peerings.iter().filter(|p| p.is_forgettable(now)).cloned().collect();
        for peering in old {
            self.peerings.remove(&peering.id);
            for side in peering.sides() {
                self.forget_tags(&peering.tag_key(&side.scope));
            }
        }
    }

    /// How a rule of a group may name another group: within its VPC, which gives `None`, or beyond a connection.
    ///
    /// # Errors
    /// `InvalidGroup.NotFound` if there is no such group that the VPC is connected with.
    pub(crate) fn peer_group(
        &self, group: &SecurityGroup, named: &SecurityGroupId,
    ) -> Result<Option<PeerGroup>, Error> {
        let missing =
            || Error::NotFound { code: "InvalidGroup.NotFound", noun: "security group", id: named.to_string() };
        let peer = self.security_groups.get(named).ok_or_else(missing)?;
        if peer.vpc == group.vpc {
            return Ok(None);
        }
        // Source: VPC Peering Guide, "Update your security groups to reference peer security groups": in one Region.
        let peering = self.active_peering(&group.vpc, &peer.vpc).filter(|_| peer.scope.region == group.scope.region);
        match peering {
            Some(peering) => Ok(Some(PeerGroup {
                account: peer.scope.account.clone(),
                vpc: peer.vpc.clone(),
                peering: peering.id.clone(),
            })),
            None if peer.scope == group.scope => Err(Error::DifferentNetworks),
            None => Err(missing()),
        }
    }

    /// How a rule's reference to a group of another VPC stands.
    pub fn peer_reference<'w>(
        &'w self, group: &SecurityGroup, named: &SecurityGroupId, known: &'w PeerGroup,
    ) -> PeerReference<'w> {
        let account = self.security_groups.get(named).map(|peer| &peer.scope.account);
        let (peering, status) = match self.active_peering(&group.vpc, &known.vpc) {
            Some(active) => (&active.id, "active"),
            None => (&known.peering, self.peerings.get(&known.peering).map_or("deleted", |old| old.state.code())),
        };
        PeerReference { vpc: &known.vpc, account, peering, status }
    }
}

impl PeerReference<'_> {
    /// Whether the rule lets nothing through, since the group or the connection is gone.
    pub fn is_stale(&self) -> bool {
        self.account.is_none() || self.status != "active"
    }
}

impl VpcPeeringConnection {
    /// The key under which an account in a Region keeps its tags of the connection: either side has its own.
    pub fn tag_key(&self, scope: &Scope) -> String {
        if *scope == self.requester.scope {
            return self.id.to_string();
        }
        format!("{}/{}/{}", self.id, scope.account, scope.region)
    }
}

fn overlap(some: &[Ipv4Cidr], others: &[Ipv4Cidr]) -> bool {
    some.iter().any(|block| others.iter().any(|other| block.overlaps(*other)))
}
