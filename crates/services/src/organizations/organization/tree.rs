//! The tree: units and accounts, and where they are.

use sidegate_model::AccountId;

use super::{Account, FeatureSet, Organization, Standing, Tags, Unit, check_tags};
use crate::organizations::fault::{Constraint, Fault};
use crate::organizations::id::{ParentId, TargetId, UnitId};

/// How deep units may be nested.
///
/// Source: Organizations user guide, "Quotas and service limits", as the two below.
const DEEPEST: usize = 5;
const MOST_UNITS: usize = 2_000;
/// What the quota of 10 accounts may be raised to; here it is raised.
pub(crate) const MOST_ACCOUNTS: usize = 10_000;

impl Organization {
    /// What a unit is in.
    fn parent_of_unit(&self, unit: &UnitId) -> Option<&ParentId> {
        self.units.get(unit).map(|unit| &unit.parent)
    }

    /// The way from the root to a parent, with both.
    pub(crate) fn way(&self, parent: &ParentId) -> Vec<ParentId> {
        let mut way = vec![parent.clone()];
        let mut at = parent;
        while let ParentId::Unit(unit) = at {
            let Some(above) = self.parent_of_unit(unit) else { break };
            way.push(above.clone());
            at = above;
        }
        way.reverse();
        way
    }

    /// The path to a parent, as `aws:PrincipalOrgPaths` has it.
    ///
    /// Source: IAM user guide, "AWS global condition context keys".
    pub(crate) fn path(&self, parent: &ParentId) -> String {
        let mut path = format!("{}/", self.head.id);
        for step in self.way(parent) {
            path.push_str(&format!("{step}/"));
        }
        path
    }

    /// The units directly below a parent.
    pub(crate) fn units_in<'a>(&'a self, parent: &'a ParentId) -> impl Iterator<Item = (&'a UnitId, &'a Unit)> {
        self.units.iter().filter(move |(_, unit)| unit.parent == *parent)
    }

    /// The accounts directly below a parent.
    pub(crate) fn accounts_in<'a>(
        &'a self, parent: &'a ParentId,
    ) -> impl Iterator<Item = (&'a AccountId, &'a Account)> {
        self.accounts.iter().filter(move |(_, account)| account.parent == *parent)
    }

    /// Adds a unit.
    pub(crate) fn create_unit(
        &mut self, id: UnitId, parent: ParentId, name: String, tags: Tags, now: i64,
    ) -> Result<(), Fault> {
        check_tags(&tags)?;
        if !self.has_parent(&parent) {
            return Err(Fault::ParentNotFound);
        }
        if self.units_in(&parent).any(|(_, unit)| unit.name == name) {
            return Err(Fault::DuplicateUnit);
        }
        if self.way(&parent).len() > DEEPEST {
            return Err(Constraint::UnitDepth.into());
        }
        if self.units.len() >= MOST_UNITS {
            return Err(Constraint::UnitNumber.into());
        }
        self.units.insert(id.clone(), Unit { name, parent, created: now, tags });
        self.attach_defaults(id.into(), now);
        Ok(())
    }

    /// Gives a unit another name.
    pub(crate) fn rename_unit(&mut self, id: &UnitId, name: String) -> Result<(), Fault> {
        let unit = self.units.get(id).ok_or(Fault::UnitNotFound)?;
        if self.units_in(&unit.parent).any(|(other, unit)| other != id && unit.name == name) {
            return Err(Fault::DuplicateUnit);
        }
        if let Some(unit) = self.units.get_mut(id) {
            unit.name = name;
        }
        Ok(())
    }

    /// Removes a unit with nothing in it.
    pub(crate) fn delete_unit(&mut self, id: &UnitId) -> Result<(), Fault> {
        if !self.units.contains_key(id) {
            return Err(Fault::UnitNotFound);
        }
        let own = ParentId::Unit(id.clone());
        if self.units_in(&own).next().is_some() || self.accounts_in(&own).next().is_some() {
            return Err(Fault::UnitNotEmpty);
        }
        self.units.remove(id);
        self.attachments.remove(&TargetId::from(id.clone()));
        Ok(())
    }

    /// Adds an account.
    pub(crate) fn add_account(&mut self, id: AccountId, account: Account, now: i64) {
        self.accounts.insert(id.clone(), account);
        self.attach_defaults(TargetId::Account(id), now);
    }

    /// Takes an account out of the organization.
    pub(crate) fn remove_account(&mut self, id: &AccountId) -> Result<Account, Fault> {
        if *id == self.head.management {
            return Err(Fault::MasterCannotLeave);
        }
        if !self.accounts.contains_key(id) {
            return Err(Fault::AccountNotFound);
        }
        if self.delegates.keys().any(|(delegate, _)| delegate == id) {
            return Err(Constraint::DelegateLeaves.into());
        }
        self.attachments.remove(&TargetId::Account(id.clone()));
        let account = self.accounts.remove(id).ok_or(Fault::AccountNotFound)?;
        self.open_agreed();
        Ok(account)
    }

    /// Moves an account.
    pub(crate) fn move_account(
        &mut self, id: &AccountId, source: &ParentId, destination: &ParentId,
    ) -> Result<(), Fault> {
        if !self.has_parent(source) {
            return Err(Fault::SourceParentNotFound);
        }
        if !self.has_parent(destination) {
            return Err(Fault::DestinationParentNotFound);
        }
        // An account that is not in the source is as little found as one that does not exist.
        let account = self.accounts.get_mut(id).filter(|account| account.parent == *source);
        let account = account.ok_or(Fault::AccountNotFound)?;
        if source == destination {
            return Err(Fault::DuplicateAccount);
        }
        account.parent = destination.clone();
        Ok(())
    }

    /// Closes an account, which stays in the organization.
    pub(crate) fn close_account(&mut self, id: &AccountId) -> Result<(), Fault> {
        if *id == self.head.management {
            return Err(Constraint::CloseMaster.into());
        }
        let account = self.accounts.get_mut(id).ok_or(Fault::AccountNotFound)?;
        if self.head.feature_set != FeatureSet::All {
            return Err(Constraint::NotAllFeatures.into());
        }
        if account.standing == Standing::Closed {
            return Err(Fault::AccountClosed);
        }
        account.standing = Standing::Closed;
        Ok(())
    }
}
