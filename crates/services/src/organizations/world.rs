//! All organizations, and what is known of accounts that are in none.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sidegate_model::AccountId;

use super::fault::{Fault, HandshakeConstraint};
use super::id::{HandshakeId, OrganizationId, RequestId, RootId};
use super::organization::{
    Account, CreateRequest, FeatureSet, Handshake, Joined, MOST_ACCOUNTS, Organization, Party, Standing, Tags,
};

/// Name and address of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Contact {
    pub(super) name: String,
    pub(super) email: String,
}

impl Contact {
    /// What stands for an account that nobody has told the name of.
    fn unknown(account: &AccountId) -> Self {
        Self { name: format!("Account {account}"), email: format!("{account}@example.com") }
    }
}

/// Everything there is. Unchanged organizations are shared with the value before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct World {
    pub(super) organizations: BTreeMap<OrganizationId, Arc<Organization>>,
    /// Accounts that have left an organization.
    pub(super) contacts: BTreeMap<AccountId, Contact>,
    /// Which organization an account is in.
    homes: BTreeMap<AccountId, OrganizationId>,
}

impl World {
    /// The world with these.
    pub(super) fn of(
        organizations: BTreeMap<OrganizationId, Arc<Organization>>, contacts: BTreeMap<AccountId, Contact>,
    ) -> Self {
        let mut homes = BTreeMap::new();
        for (id, organization) in &organizations {
            homes.extend(organization.accounts.keys().map(|account| (account.clone(), id.clone())));
        }
        Self { organizations, contacts, homes }
    }

    /// The organization that an account is in.
    pub(super) fn organization_of(&self, account: &AccountId) -> Option<&Arc<Organization>> {
        self.homes.get(account).and_then(|id| self.organizations.get(id))
    }

    /// The organization that an account is in, to be changed.
    pub(super) fn change(&mut self, account: &AccountId) -> Result<&mut Organization, Fault> {
        let id = self.homes.get(account).ok_or(Fault::NotInUse)?;
        self.organizations.get_mut(id).map(Arc::make_mut).ok_or(Fault::NotInUse)
    }

    /// Name and address of an account.
    pub(super) fn contact(&self, account: &AccountId) -> Contact {
        let member = self.organization_of(account).and_then(|organization| organization.accounts.get(account));
        match (member, self.contacts.get(account)) {
            (Some(member), _) => Contact { name: member.name.clone(), email: member.email.clone() },
            (None, Some(contact)) => contact.clone(),
            (None, None) => Contact::unknown(account),
        }
    }

    /// Whether an account that is known of has this address.
    fn has_email(&self, email: &str) -> bool {
        let members = self.organizations.values().flat_map(|organization| organization.accounts.values());
        let mut emails = members.map(|member| &member.email).chain(self.contacts.values().map(|other| &other.email));
        emails.any(|other| other.eq_ignore_ascii_case(email))
    }

    /// Whether a handshake is offered to an account.
    pub(super) fn is_for(&self, handshake: &Handshake, account: &AccountId) -> bool {
        match &handshake.target {
            Some(Party::Account(target)) => target == account,
            Some(Party::Email(email)) => self.contact(account).email.eq_ignore_ascii_case(email),
            None => false,
        }
    }

    /// A handshake, and whose it is.
    pub(super) fn handshake(&self, id: &HandshakeId) -> Option<(&Organization, &Handshake)> {
        self.organizations.values().find_map(|organization| Some((&**organization, organization.handshakes.get(id)?)))
    }

    /// Makes an organization whose management account this is.
    pub(super) fn create(
        &mut self, id: OrganizationId, root: RootId, management: &AccountId, feature_set: FeatureSet, now: i64,
    ) -> Result<(), Fault> {
        if self.homes.contains_key(management) {
            return Err(Fault::AlreadyInOrganization);
        }
        let account = self.newcomer(management, &root, Tags::new(), now);
        let organization = Organization::new(id.clone(), root, management.clone(), account, feature_set);
        self.organizations.insert(id.clone(), Arc::new(organization));
        self.homes.insert(management.clone(), id);
        self.contacts.remove(management);
        Ok(())
    }

    /// Removes the organization of a management account that is alone in it.
    pub(super) fn delete(&mut self, management: &AccountId) -> Result<(), Fault> {
        let organization = self.organization_of(management).ok_or(Fault::NotInUse)?;
        if organization.accounts.len() > 1 {
            return Err(Fault::OrganizationNotEmpty);
        }
        let id = organization.head.id.clone();
        let contact = self.contact(management);
        self.contacts.insert(management.clone(), contact);
        self.organizations.remove(&id);
        self.homes.remove(management);
        Ok(())
    }

    /// Carries out a request to create an account, or notes why it cannot be.
    pub(super) fn create_account(
        &mut self, management: &AccountId, request: RequestId, account: (AccountId, Account),
    ) -> Result<(), Fault> {
        let (id, account) = account;
        let failure = if self.has_email(&account.email) {
            Some("EMAIL_ALREADY_EXISTS")
        } else if self.change(management)?.accounts.len() >= MOST_ACCOUNTS {
            Some("ACCOUNT_LIMIT_EXCEEDED")
        } else if self.homes.contains_key(&id) || self.contacts.contains_key(&id) {
            return Err(Fault::Interrupted);
        } else {
            None
        };
        let (name, since) = (account.name.clone(), account.since);
        let organization = self.change(management)?;
        let outcome = match failure {
            Some(reason) => Err(reason.to_owned()),
            None => Ok(id.clone()),
        };
        organization.requests.insert(request, CreateRequest { name, requested: since, outcome });
        if failure.is_none() {
            let home = organization.head.id.clone();
            organization.add_account(id.clone(), account, since);
            self.homes.insert(id, home);
        }
        Ok(())
    }

    /// Takes an account into an organization that has invited it.
    pub(super) fn join(
        &mut self, organization: &OrganizationId, id: &AccountId, tags: Tags, now: i64,
    ) -> Result<(), Fault> {
        if self.homes.contains_key(id) {
            return Err(HandshakeConstraint::AlreadyMember.into());
        }
        let host = self.organizations.get(organization).ok_or(Fault::HandshakeNotFound)?;
        if host.accounts.len() >= MOST_ACCOUNTS {
            return Err(HandshakeConstraint::AccountNumber.into());
        }
        let account = self.newcomer(id, &host.head.root.clone(), tags, now);
        if let Some(host) = self.organizations.get_mut(organization) {
            Arc::make_mut(host).add_account(id.clone(), account, now);
        }
        self.homes.insert(id.clone(), organization.clone());
        self.contacts.remove(id);
        Ok(())
    }

    /// Takes an account out of the organization that it is in with `caller`.
    pub(super) fn remove(&mut self, caller: &AccountId, id: &AccountId) -> Result<(), Fault> {
        let account = self.change(caller)?.remove_account(id)?;
        self.homes.remove(id);
        self.contacts.insert(id.clone(), Contact { name: account.name, email: account.email });
        Ok(())
    }

    /// An account that existed before it came into an organization.
    fn newcomer(&self, id: &AccountId, root: &RootId, tags: Tags, now: i64) -> Account {
        let Contact { name, email } = self.contact(id);
        Account {
            name,
            email,
            parent: super::id::ParentId::Root(root.clone()),
            standing: Standing::Active,
            joined: Joined::Invited,
            since: now,
            access_role: None,
            tags,
        }
    }
}
