//! Operations on an organization as a whole.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::{Fault, HandshakeConstraint, Input};
use super::id::{HandshakeId, OrganizationId, RootId, TargetId};
use super::operation::{Operation, Prepared, Turn, View, done};
use super::organization::{Action, FeatureSet, Handshake, HandshakeState, Joined, Party, Tags};
use super::page::{PageInput, Paging};
use super::shape;

/// How long the members have to agree to all features.
///
/// Source: Organizations user guide, "Enabling all features".
const ALL_FEATURES_EXPIRE: i64 = 90 * 86_400_000;

/// `CreateOrganization`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateOrganization {
    feature_set: Option<String>,
}

impl Operation for CreateOrganization {
    const NAME: &'static str = "CreateOrganization";
    type Ready = FeatureSet;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<FeatureSet>, Fault> {
        let asked = self.feature_set.as_deref().unwrap_or("ALL");
        view.anywhere(Self::NAME, FeatureSet::parse(asked).ok_or(Fault::Input(Input::Enum))?)
    }

    fn act(feature_set: FeatureSet, turn: &Turn<'_>) -> Result<Value, Fault> {
        let (id, root) = (OrganizationId::new()?, RootId::new()?);
        turn.change_world(|world| world.create(id, root, turn.account(), feature_set, turn.now()))?;
        Ok(json!({ "Organization": shape::organization(&*turn.member()?) }))
    }
}

/// `DescribeOrganization`
#[derive(Deserialize)]
pub(super) struct DescribeOrganization {}

impl Operation for DescribeOrganization {
    const NAME: &'static str = "DescribeOrganization";
    type Ready = ();

    fn prepare(self, view: &View<'_>) -> Result<Prepared<()>, Fault> {
        view.anywhere(Self::NAME, ())
    }

    fn act((): (), turn: &Turn<'_>) -> Result<Value, Fault> {
        Ok(json!({ "Organization": shape::organization(&*turn.member()?) }))
    }
}

/// `DeleteOrganization`
#[derive(Deserialize)]
pub(super) struct DeleteOrganization {}

impl Operation for DeleteOrganization {
    const NAME: &'static str = "DeleteOrganization";
    type Ready = ();

    fn prepare(self, view: &View<'_>) -> Result<Prepared<()>, Fault> {
        view.anywhere(Self::NAME, ())
    }

    fn act((): (), turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.store.free(turn.allowed, |world| {
            turn.check_manages(world)?;
            world.delete(turn.account())
        })?;
        Ok(done())
    }
}

/// `ListRoots`
#[derive(Deserialize)]
pub(super) struct ListRoots {
    #[serde(flatten)]
    page: PageInput,
}

impl Operation for ListRoots {
    const NAME: &'static str = "ListRoots";
    type Ready = Paging;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Paging>, Fault> {
        view.anywhere(Self::NAME, self.page.paging(Self::NAME, "")?)
    }

    fn act(paging: Paging, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        paging.answer("Roots", vec![((0, String::new()), shape::root(&organization))])
    }
}

/// `EnableAllFeatures`: asks every invited account, and is finished when the management account accepts the handshake
/// that all of them have agreed to.
#[derive(Deserialize)]
pub(super) struct EnableAllFeatures {}

impl Operation for EnableAllFeatures {
    const NAME: &'static str = "EnableAllFeatures";
    type Ready = ();

    fn prepare(self, view: &View<'_>) -> Result<Prepared<()>, Fault> {
        view.anywhere(Self::NAME, ())
    }

    fn act((): (), turn: &Turn<'_>) -> Result<Value, Fault> {
        let now = turn.now();
        let id = HandshakeId::new()?;
        turn.change(|organization| {
            if organization.head.feature_set == FeatureSet::All {
                return Err(HandshakeConstraint::AllFeatures.into());
            }
            if organization.is_changing_features(now) {
                return Err(HandshakeConstraint::PendingAllFeatures.into());
            }
            let management = organization.head.management.clone();
            let invited: Vec<_> = organization
                .accounts
                .iter()
                .filter(|(account, member)| **account != management && member.joined == Joined::Invited)
                .map(|(account, _)| account.clone())
                .collect();
            let handshake = |action, parent, target, set| Handshake {
                action,
                parent,
                target,
                notes: None,
                set,
                requested: now,
                expires: now + ALL_FEATURES_EXPIRE,
                ended: None,
                tags: Tags::new(),
            };
            let set = if invited.is_empty() { HandshakeState::Open } else { HandshakeState::Requested };
            organization.handshakes.insert(id.clone(), handshake(Action::EnableAllFeatures, None, None, set));
            for account in invited {
                let target = Some(Party::Account(account));
                let part = handshake(Action::ApproveAllFeatures, Some(id.clone()), target, HandshakeState::Open);
                organization.handshakes.insert(HandshakeId::new()?, part);
            }
            Ok(())
        })?;
        super::handshakes::shown(turn, &id)
    }
}

/// `DescribeEffectivePolicy`: policies that are inherited are kept and not merged.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeEffectivePolicy {
    policy_type: Option<String>,
    target_id: Option<String>,
}

impl Operation for DescribeEffectivePolicy {
    const NAME: &'static str = "DescribeEffectivePolicy";
    type Ready = (super::kind::PolicyKind, sidegate_model::AccountId);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let kind = super::policies::kind(self.policy_type.as_deref())?;
        if kind.authorizes() {
            return Err(Input::PolicyType.into());
        }
        let target = match self.target_id.as_deref().map(TargetId::parse) {
            None => view.caller.scope.account.clone(),
            Some(Some(TargetId::Account(account))) => account,
            Some(Some(TargetId::Parent(_))) => return Err(Input::TargetNotSupported.into()),
            Some(None) => return Err(Input::TargetPattern.into()),
        };
        view.on(Self::NAME, (kind, target), |organization, (_, account)| {
            organization.target_arn(&TargetId::Account(account.clone()))
        })
    }

    fn act((kind, account): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = if account == *turn.account() { turn.member()? } else { turn.overseer()? };
        let member = organization.accounts.get(&account).ok_or(Fault::TargetNotFound)?;
        let above = organization.way(&member.parent).into_iter().map(TargetId::Parent);
        let mut way = above.chain([TargetId::Account(account.clone())]);
        if way.any(|target| !organization.attached(&target, kind).is_empty()) {
            return Err(Fault::Unserved("the merging of policies, which DescribeEffectivePolicy tells,"));
        }
        Err(Fault::NoEffectivePolicy)
    }
}
