//! The services that work with an organization, and the accounts that administer them.

use sidegate_model::AccountId;

use super::{FeatureSet, Organization, Standing};
use crate::organizations::fault::{Constraint, Fault};

impl Organization {
    /// Lets a service work with the organization.
    pub(crate) fn enable_service(&mut self, service: String, now: i64) -> Result<(), Fault> {
        if self.head.feature_set != FeatureSet::All {
            return Err(Constraint::NotAllFeatures.into());
        }
        self.services.entry(service).or_insert(now);
        Ok(())
    }

    /// Takes that back. What the service has been delegated goes with it.
    pub(crate) fn disable_service(&mut self, service: &str) {
        self.services.remove(service);
        self.delegates.retain(|(_, of), _| of != service);
    }

    /// Whether an account administers any service for the organization.
    pub(crate) fn is_delegate(&self, account: &AccountId) -> bool {
        self.delegates.keys().any(|(delegate, _)| delegate == account)
    }

    /// Makes an account the administrator of a service.
    pub(crate) fn register(&mut self, account: &AccountId, service: String, now: i64) -> Result<(), Fault> {
        let standing = self.delegable(account)?;
        if standing == Standing::Closed {
            return Err(Constraint::SuspendedDelegate.into());
        }
        if !self.services.contains_key(&service) {
            return Err(Constraint::ServiceAccess.into());
        }
        let key = (account.clone(), service);
        if self.delegates.contains_key(&key) {
            return Err(Fault::AlreadyRegistered);
        }
        self.delegates.insert(key, now);
        Ok(())
    }

    /// Takes that back.
    pub(crate) fn deregister(&mut self, account: &AccountId, service: String) -> Result<(), Fault> {
        self.delegable(account)?;
        match self.delegates.remove(&(account.clone(), service)) {
            Some(_) => Ok(()),
            None => Err(Fault::NotRegistered),
        }
    }

    fn delegable(&self, account: &AccountId) -> Result<Standing, Fault> {
        if *account == self.head.management {
            return Err(Constraint::MasterAsDelegate.into());
        }
        self.accounts.get(account).map(|account| account.standing).ok_or(Fault::AccountNotFound)
    }
}
