//! Operations on handshakes: invitations of accounts that exist already, and the agreement to all features.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::{Fault, HandshakeConstraint, Input, length, pattern, required};
use super::id::{HandshakeId, TargetId};
use super::operation::{Operation, Prepared, Turn, View};
use super::organization::{Action, FeatureSet, Handshake, HandshakeState, Organization, Party, Tags};
use super::page::{PageInput, Paging};
use super::tags::{TagInput, checked};
use super::world::World;
use super::{accounts, shape};

/// How long an invitation can be accepted.
///
/// Source: Organizations user guide, "Quotas and service limits", "Handshake expiration".
const INVITATION_EXPIRES: i64 = 15 * 86_400_000;

impl Organization {
    /// Whether all features are being enabled.
    pub(super) fn is_changing_features(&self, now: i64) -> bool {
        let changing =
            |handshake: &Handshake| handshake.action == Action::EnableAllFeatures && !handshake.state(now).is_final();
        self.handshakes.values().any(changing)
    }

    /// Lets the management account finish what all members that were asked have agreed to.
    pub(super) fn open_agreed(&mut self) {
        let waits = |part: &Handshake| match &part.target {
            Some(Party::Account(account)) => {
                part.set != HandshakeState::Accepted && self.accounts.contains_key(account)
            }
            _ => false,
        };
        let waited_for: BTreeSet<_> =
            self.handshakes.values().filter(|part| waits(part)).filter_map(|part| part.parent.clone()).collect();
        for (id, handshake) in &mut self.handshakes {
            let asks = handshake.action == Action::EnableAllFeatures && handshake.set == HandshakeState::Requested;
            if asks && !waited_for.contains(id) {
                handshake.set = HandshakeState::Open;
            }
        }
    }
}

/// The answer that shows a handshake.
pub(super) fn shown(turn: &Turn<'_>, id: &HandshakeId) -> Result<Value, Fault> {
    let world = turn.store.world();
    let (organization, handshake) = world.handshake(id).ok_or(Fault::HandshakeNotFound)?;
    Ok(json!({ "Handshake": shape::handshake(&world, organization, id, handshake, turn.now()) }))
}

/// Who asks for a handshake: one of its two sides. To anybody else there is no such handshake.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Sender,
    Recipient,
}

fn side(world: &World, organization: &Organization, handshake: &Handshake, turn: &Turn<'_>) -> Result<Side, Fault> {
    let account = turn.account();
    if !handshake.is_shown(turn.now()) {
        return Err(Fault::HandshakeNotFound);
    }
    if world.is_for(handshake, account) {
        return Ok(Side::Recipient);
    }
    if organization.head.management == *account { Ok(Side::Sender) } else { Err(Fault::HandshakeNotFound) }
}

/// `InviteAccountToOrganization`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InviteAccountToOrganization {
    target: Option<PartyInput>,
    notes: Option<String>,
    tags: Option<Vec<TagInput>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PartyInput {
    id: Option<String>,
    #[serde(rename = "Type")]
    kind: Option<String>,
}

impl PartyInput {
    fn party(self) -> Result<Party, Fault> {
        let (id, kind) = (required(self.id)?, required(self.kind)?);
        match kind.as_str() {
            "ACCOUNT" => Ok(Party::Account(accounts::account(Some(&id))?)),
            "EMAIL" => accounts::email(&id).map(|()| Party::Email(id)),
            "ORGANIZATION" => Err(Input::PartyType.into()),
            _ => Err(Input::Enum.into()),
        }
    }
}

impl Operation for InviteAccountToOrganization {
    const NAME: &'static str = "InviteAccountToOrganization";
    type Ready = (Party, Option<String>, Tags);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        length(self.notes.as_deref().unwrap_or_default(), 0, 1024)?;
        let notes = self.notes.filter(|notes| !notes.is_empty());
        let ready = (required(self.target)?.party()?, notes, checked(self.tags.unwrap_or_default())?);
        let tagged = !ready.2.is_empty();
        let arn = |organization: &Organization, (party, ..): &Self::Ready| match party {
            Party::Account(account) => organization.target_arn(&TargetId::Account(account.clone())),
            Party::Email(_) => "*".to_owned(),
        };
        view.on(Self::NAME, ready, arn)?.tagging(view, tagged, arn)
    }

    fn act((party, notes, tags): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let now = turn.now();
        let id = HandshakeId::new()?;
        turn.change_world(|world| {
            turn.check_manages(world)?;
            let handshake = Handshake {
                action: Action::Invite,
                parent: None,
                target: Some(party.clone()),
                notes,
                set: HandshakeState::Open,
                requested: now,
                expires: now + INVITATION_EXPIRES,
                ended: None,
                tags,
            };
            let organization = world.organization_of(turn.account()).ok_or(Fault::NotInUse)?;
            if organization.is_changing_features(now) {
                return Err(HandshakeConstraint::InvitesDisabled.into());
            }
            // Whether an account is in somebody else's organization shows when it accepts.
            if organization.accounts.keys().any(|account| world.is_for(&handshake, account)) {
                return Err(HandshakeConstraint::AlreadyMember.into());
            }
            let same = |other: &Handshake| other.target.as_ref() == Some(&party) && !other.state(now).is_final();
            if organization.handshakes.values().any(same) {
                return Err(Fault::DuplicateHandshake);
            }
            world.change(turn.account())?.handshakes.insert(id.clone(), handshake);
            Ok(())
        })?;
        shown(turn, &id)
    }
}

/// The document of an operation on one handshake.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HandshakeInput {
    handshake_id: Option<String>,
}

impl HandshakeInput {
    fn prepare(self, operation: &str, view: &View<'_>) -> Result<Prepared<HandshakeId>, Fault> {
        let id = pattern(self.handshake_id.as_deref(), HandshakeId::parse)?;
        let mut prepared = view.anywhere(operation, id)?;
        // The handshake is a resource of the account that has sent it.
        if let Some((organization, handshake)) = view.world.handshake(&prepared.ready)
            && let Some(requirement) = prepared.requirements.first_mut()
        {
            requirement.resource = organization.handshake_arn(&prepared.ready, handshake.action);
        }
        Ok(prepared)
    }
}

/// Ends a handshake, if who asks may end it so.
fn end(
    world: &mut World, id: &HandshakeId, turn: &Turn<'_>, to: HandshakeState, may: impl FnOnce(Side, Action) -> bool,
) -> Result<Handshake, Fault> {
    let (organization, handshake) = world.handshake(id).ok_or(Fault::HandshakeNotFound)?;
    if !may(side(world, organization, handshake, turn)?, handshake.action) {
        return Err(Fault::AccessDenied);
    }
    match handshake.state(turn.now()) {
        state if state == to => return Err(Fault::HandshakeAlreadyInState),
        HandshakeState::Open => {}
        HandshakeState::Requested if to != HandshakeState::Accepted => {}
        _ => return Err(Fault::HandshakeTransition),
    }
    let management = organization.head.management.clone();
    let handshakes = &mut world.change(&management)?.handshakes;
    let handshake = handshakes.get_mut(id).ok_or(Fault::HandshakeNotFound)?;
    handshake.set = to;
    handshake.ended = Some(turn.now());
    Ok(handshake.clone())
}

/// `AcceptHandshake`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct AcceptHandshake(HandshakeInput);

impl Operation for AcceptHandshake {
    const NAME: &'static str = "AcceptHandshake";
    type Ready = HandshakeId;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<HandshakeId>, Fault> {
        self.0.prepare(Self::NAME, view)
    }

    fn act(id: HandshakeId, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.change_world(|world| {
            let handshake = end(world, &id, turn, HandshakeState::Accepted, |side, action| {
                (side == Side::Recipient) == (action != Action::EnableAllFeatures)
            })?;
            let (organization, _) = world.handshake(&id).ok_or(Fault::HandshakeNotFound)?;
            let (home, management) = (organization.head.id.clone(), organization.head.management.clone());
            match handshake.action {
                Action::Invite => world.join(&home, turn.account(), handshake.tags, turn.now()),
                Action::EnableAllFeatures => {
                    world.change(&management)?.head.feature_set = FeatureSet::All;
                    Ok(())
                }
                Action::ApproveAllFeatures => {
                    world.change(&management)?.open_agreed();
                    Ok(())
                }
            }
        })?;
        shown(turn, &id)
    }
}

/// `DeclineHandshake`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct DeclineHandshake(HandshakeInput);

impl Operation for DeclineHandshake {
    const NAME: &'static str = "DeclineHandshake";
    type Ready = HandshakeId;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<HandshakeId>, Fault> {
        self.0.prepare(Self::NAME, view)
    }

    fn act(id: HandshakeId, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.change_world(|world| {
            end(world, &id, turn, HandshakeState::Declined, |side, _| side == Side::Recipient).map(drop)
        })?;
        shown(turn, &id)
    }
}

/// `CancelHandshake`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct CancelHandshake(HandshakeInput);

impl Operation for CancelHandshake {
    const NAME: &'static str = "CancelHandshake";
    type Ready = HandshakeId;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<HandshakeId>, Fault> {
        self.0.prepare(Self::NAME, view)
    }

    fn act(id: HandshakeId, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.change_world(|world| {
            end(world, &id, turn, HandshakeState::Canceled, |side, _| side == Side::Sender).map(drop)
        })?;
        shown(turn, &id)
    }
}

/// `DescribeHandshake`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct DescribeHandshake(HandshakeInput);

impl Operation for DescribeHandshake {
    const NAME: &'static str = "DescribeHandshake";
    type Ready = HandshakeId;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<HandshakeId>, Fault> {
        self.0.prepare(Self::NAME, view)
    }

    fn act(id: HandshakeId, turn: &Turn<'_>) -> Result<Value, Fault> {
        let world = turn.store.world();
        let (organization, handshake) = world.handshake(&id).ok_or(Fault::HandshakeNotFound)?;
        side(&world, organization, handshake, turn)?;
        shown(turn, &id)
    }
}

/// Which handshakes are asked for.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterInput {
    action_type: Option<String>,
    parent_handshake_id: Option<String>,
}

/// The same, checked.
pub(super) enum Filter {
    All,
    Action(String),
    PartsOf(HandshakeId),
}

impl Filter {
    fn parse(input: Option<FilterInput>) -> Result<Self, Fault> {
        const ACTIONS: [&str; 5] = [
            "INVITE",
            "ENABLE_ALL_FEATURES",
            "APPROVE_ALL_FEATURES",
            "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE",
            "TRANSFER_RESPONSIBILITY",
        ];
        match input.map(|input| (input.action_type, input.parent_handshake_id)) {
            None | Some((None, None)) => Ok(Self::All),
            Some((Some(action), None)) if ACTIONS.contains(&action.as_str()) => Ok(Self::Action(action)),
            Some((Some(_), None)) => Err(Input::Enum.into()),
            Some((None, Some(parent))) => pattern(Some(&parent), HandshakeId::parse).map(Self::PartsOf),
            Some((Some(_), Some(_))) => Err(Input::Filters.into()),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Action(action) => action.clone(),
            Self::PartsOf(parent) => parent.to_string(),
        }
    }

    fn takes(&self, handshake: &Handshake) -> bool {
        match self {
            Self::All => true,
            Self::Action(action) => handshake.action.name() == action,
            Self::PartsOf(parent) => handshake.parent.as_ref() == Some(parent),
        }
    }
}

/// The document of a list of handshakes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListInput {
    filter: Option<FilterInput>,
    #[serde(flatten)]
    page: PageInput,
}

impl ListInput {
    fn prepare(self, operation: &str, view: &View<'_>) -> Result<Prepared<(Filter, Paging)>, Fault> {
        let filter = Filter::parse(self.filter)?;
        let paging = self.page.paging(operation, &filter.describe())?;
        view.anywhere(operation, (filter, paging))
    }
}

fn page<'a>(
    turn: &Turn<'_>, world: &World, (filter, paging): &(Filter, Paging),
    organizations: impl Iterator<Item = &'a Organization>, takes: impl Fn(&Handshake) -> bool,
) -> Result<Value, Fault> {
    let now = turn.now();
    let mut placed = Vec::new();
    for organization in organizations {
        for (id, handshake) in &organization.handshakes {
            if handshake.is_shown(now) && filter.takes(handshake) && takes(handshake) {
                let shown = shape::handshake(world, organization, id, handshake, now);
                placed.push(((handshake.requested, id.to_string()), shown));
            }
        }
    }
    paging.answer("Handshakes", placed)
}

/// `ListHandshakesForAccount`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct ListHandshakesForAccount(ListInput);

impl Operation for ListHandshakesForAccount {
    const NAME: &'static str = "ListHandshakesForAccount";
    type Ready = (Filter, Paging);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        self.0.prepare(Self::NAME, view)
    }

    fn act(ready: Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let world = turn.store.world();
        let all = world.organizations.values().map(|organization| &**organization);
        page(turn, &world, &ready, all, |handshake| world.is_for(handshake, turn.account()))
    }
}

/// `ListHandshakesForOrganization`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct ListHandshakesForOrganization(ListInput);

impl Operation for ListHandshakesForOrganization {
    const NAME: &'static str = "ListHandshakesForOrganization";
    type Ready = (Filter, Paging);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        self.0.prepare(Self::NAME, view)
    }

    fn act(ready: Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        page(turn, &turn.store.world(), &ready, [&*organization].into_iter(), |_| true)
    }
}
