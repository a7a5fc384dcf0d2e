//! Operations on organizational units, and on what is in what.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::{Fault, Input, length, pattern, required};
use super::id::{ParentId, TargetId, UnitId};
use super::operation::{Operation, Prepared, Turn, View, done};
use super::organization::{Organization, Tags};
use super::page::{PageInput, Paging, Place};
use super::shape;
use super::tags::{TagInput, checked};

/// The name of a unit.
fn name(text: String) -> Result<String, Fault> {
    length(&text, 1, 128)?;
    Ok(text)
}

fn unit_arn(organization: &Organization, id: &UnitId) -> String {
    organization.target_arn(&TargetId::from(id.clone()))
}

fn parent_arn(organization: &Organization, id: &ParentId) -> String {
    organization.target_arn(&TargetId::Parent(id.clone()))
}

/// Prepares a list of what is right below a parent.
fn below(
    operation: &'static str, parent: Option<&str>, page: PageInput, view: &View<'_>,
) -> Result<Prepared<(ParentId, Paging)>, Fault> {
    let parent = pattern(parent, ParentId::parse)?;
    let paging = page.paging(operation, &parent.to_string())?;
    view.on(operation, (parent, paging), |organization, (parent, _)| parent_arn(organization, parent))
}

/// The caller's organization, for who may look at all of it, if it has the parent.
fn with_parent(turn: &Turn<'_>, parent: &ParentId) -> Result<Arc<Organization>, Fault> {
    let organization = turn.overseer()?;
    if organization.has_parent(parent) { Ok(organization) } else { Err(Fault::ParentNotFound) }
}

/// `CreateOrganizationalUnit`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateOrganizationalUnit {
    parent_id: Option<String>,
    name: Option<String>,
    tags: Option<Vec<TagInput>>,
}

impl Operation for CreateOrganizationalUnit {
    const NAME: &'static str = "CreateOrganizationalUnit";
    type Ready = (ParentId, String, Tags);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let parent = pattern(self.parent_id.as_deref(), ParentId::parse)?;
        let ready = (parent, name(required(self.name)?)?, checked(self.tags.unwrap_or_default())?);
        let tagged = !ready.2.is_empty();
        view.on(Self::NAME, ready, |organization, (parent, ..)| parent_arn(organization, parent))?.tagging(
            view,
            tagged,
            |organization, _| organization.arn("ou", "/*"),
        )
    }

    fn act((parent, name, tags): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.change(|organization| {
            let id = UnitId::new(&organization.head.root)?;
            organization.create_unit(id.clone(), parent, name, tags, turn.now())?;
            Ok(json!({ "OrganizationalUnit": shape::unit(organization, &id) }))
        })
    }
}

/// `DescribeOrganizationalUnit`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeOrganizationalUnit {
    organizational_unit_id: Option<String>,
}

impl Operation for DescribeOrganizationalUnit {
    const NAME: &'static str = "DescribeOrganizationalUnit";
    type Ready = UnitId;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<UnitId>, Fault> {
        view.on(Self::NAME, pattern(self.organizational_unit_id.as_deref(), UnitId::parse)?, unit_arn)
    }

    fn act(id: UnitId, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        if !organization.units.contains_key(&id) {
            return Err(Fault::UnitNotFound);
        }
        Ok(json!({ "OrganizationalUnit": shape::unit(&organization, &id) }))
    }
}

/// `UpdateOrganizationalUnit`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateOrganizationalUnit {
    organizational_unit_id: Option<String>,
    name: Option<String>,
}

impl Operation for UpdateOrganizationalUnit {
    const NAME: &'static str = "UpdateOrganizationalUnit";
    type Ready = (UnitId, Option<String>);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let id = pattern(self.organizational_unit_id.as_deref(), UnitId::parse)?;
        view.on(Self::NAME, (id, self.name.map(name).transpose()?), |organization, (id, _)| unit_arn(organization, id))
    }

    fn act((id, name): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.change(|organization| {
            let unit = organization.units.get(&id).ok_or(Fault::UnitNotFound)?;
            let name = name.unwrap_or_else(|| unit.name.clone());
            organization.rename_unit(&id, name)?;
            Ok(json!({ "OrganizationalUnit": shape::unit(organization, &id) }))
        })
    }
}

/// `DeleteOrganizationalUnit`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteOrganizationalUnit {
    organizational_unit_id: Option<String>,
}

impl Operation for DeleteOrganizationalUnit {
    const NAME: &'static str = "DeleteOrganizationalUnit";
    type Ready = UnitId;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<UnitId>, Fault> {
        view.on(Self::NAME, pattern(self.organizational_unit_id.as_deref(), UnitId::parse)?, unit_arn)
    }

    fn act(id: UnitId, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.shrink(|organization| organization.delete_unit(&id))?;
        Ok(done())
    }
}

/// `ListOrganizationalUnitsForParent`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListOrganizationalUnitsForParent {
    parent_id: Option<String>,
    #[serde(flatten)]
    page: PageInput,
}

impl Operation for ListOrganizationalUnitsForParent {
    const NAME: &'static str = "ListOrganizationalUnitsForParent";
    type Ready = (ParentId, Paging);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        below(Self::NAME, self.parent_id.as_deref(), self.page, view)
    }

    fn act((parent, paging): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = with_parent(turn, &parent)?;
        let units = organization.units_in(&parent);
        let placed = units.map(|(id, unit)| ((unit.created, id.to_string()), shape::unit(&organization, id)));
        paging.answer("OrganizationalUnits", placed.collect())
    }
}

/// `ListAccountsForParent`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListAccountsForParent {
    parent_id: Option<String>,
    #[serde(flatten)]
    page: PageInput,
}

impl Operation for ListAccountsForParent {
    const NAME: &'static str = "ListAccountsForParent";
    type Ready = (ParentId, Paging);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        below(Self::NAME, self.parent_id.as_deref(), self.page, view)
    }

    fn act((parent, paging): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = with_parent(turn, &parent)?;
        let accounts = organization.accounts_in(&parent);
        let placed =
            accounts.map(|(id, account)| ((account.since, id.to_string()), shape::account(&organization, id, account)));
        paging.answer("Accounts", placed.collect())
    }
}

/// What is asked for below a parent.
#[derive(Clone, Copy)]
pub(super) enum ChildType {
    Account,
    Unit,
}

/// `ListChildren`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListChildren {
    parent_id: Option<String>,
    child_type: Option<String>,
    #[serde(flatten)]
    page: PageInput,
}

impl Operation for ListChildren {
    const NAME: &'static str = "ListChildren";
    type Ready = (ParentId, ChildType, Paging);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let parent = pattern(self.parent_id.as_deref(), ParentId::parse)?;
        let name = required(self.child_type)?;
        let child = match name.as_str() {
            "ACCOUNT" => ChildType::Account,
            "ORGANIZATIONAL_UNIT" => ChildType::Unit,
            _ => return Err(Input::Enum.into()),
        };
        let paging = self.page.paging(Self::NAME, &format!("{parent} {name}"))?;
        view.on(Self::NAME, (parent, child, paging), |organization, (parent, ..)| parent_arn(organization, parent))
    }

    fn act((parent, child, paging): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = with_parent(turn, &parent)?;
        let entry = |place: Place, kind| {
            let shown = json!({ "Id": place.1, "Type": kind });
            (place, shown)
        };
        let placed = match child {
            ChildType::Account => organization
                .accounts_in(&parent)
                .map(|(id, account)| entry((account.since, id.to_string()), "ACCOUNT"))
                .collect(),
            ChildType::Unit => organization
                .units_in(&parent)
                .map(|(id, unit)| entry((unit.created, id.to_string()), "ORGANIZATIONAL_UNIT"))
                .collect(),
        };
        paging.answer("Children", placed)
    }
}

/// `ListParents`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListParents {
    child_id: Option<String>,
    #[serde(flatten)]
    page: PageInput,
}

impl Operation for ListParents {
    const NAME: &'static str = "ListParents";
    type Ready = (TargetId, Paging);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let child = pattern(self.child_id.as_deref(), TargetId::parse)?;
        if matches!(child, TargetId::Parent(ParentId::Root(_))) {
            return Err(Input::Pattern.into());
        }
        let paging = self.page.paging(Self::NAME, &child.to_string())?;
        view.on(Self::NAME, (child, paging), |organization, (child, _)| organization.target_arn(child))
    }

    fn act((child, paging): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        let parent = match &child {
            TargetId::Account(id) => organization.accounts.get(id).map(|account| &account.parent),
            TargetId::Parent(ParentId::Unit(id)) => organization.units.get(id).map(|unit| &unit.parent),
            TargetId::Parent(ParentId::Root(_)) => None,
        };
        let parent = parent.ok_or(Fault::ChildNotFound)?;
        let shown = json!({ "Id": parent, "Type": parent.kind() });
        paging.answer("Parents", vec![((0, parent.to_string()), shown)])
    }
}
