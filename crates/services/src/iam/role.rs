//! Roles.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sidegate_model::AccountId;
use sidegate_wire::aws_query::Content;

use super::action::{Call, Prepared};
use super::boundary;
use super::directory::{Directory, LastUse};
use super::document::{self, Kind};
use super::fault::Fault;
use super::form::{ARN, DESCRIPTION, DOCUMENT, PATH, PATH_PREFIX, ROLE};
use super::page::Paging;
use super::permissions::Permissions;
use super::random::unique_id;
use super::state::{Account, Row, State};
use super::store::StoreError;
use super::tags::{self, Tagged, Tags};
use super::text::{arn, date, encoded, key};
use crate::vault::NoRandomness;

/// The most roles of an account.
pub(super) const MOST: usize = 1000;

/// The policy that lets everything be done.
pub(super) const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// How long a session may be where the role does not say.
const USUAL_SESSION: i64 = 3600;

/// A role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Role {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) id: String,
    pub(super) created: i64,
    /// Its trust policy.
    pub(super) trust: Arc<str>,
    pub(super) description: Option<String>,
    /// The most seconds of a session.
    pub(super) max_session: i64,
    /// The ARN of its permissions boundary.
    pub(super) boundary: Option<String>,
    pub(super) permissions: Permissions,
    pub(super) tags: Tags,
    /// The service that owns it, if it is service-linked.
    pub(super) service: Option<String>,
}

impl Row for Role {
    const KIND: &'static str = "role";
}

/// How much of a role an answer has.
///
/// Source: recorded answers of AWS.
#[derive(Clone, Copy, Debug)]
pub(super) enum View<'a> {
    /// As an instance profile or a new session has it.
    Bare,
    /// As the answer that made it.
    Made,
    /// As the answer that changed its description.
    Described,
    /// As a list has it.
    Listed,
    /// As `GetRole` gives it, with its last use.
    Whole(Option<&'a LastUse>),
}

impl Role {
    /// A new role that is allowed nothing yet.
    pub(super) fn new(name: String, path: String, trust: Arc<str>, now: i64) -> Result<Self, NoRandomness> {
        Ok(Self {
            name,
            path,
            id: unique_id("AROA")?,
            created: now,
            trust,
            description: None,
            max_session: USUAL_SESSION,
            boundary: None,
            permissions: Permissions::default(),
            tags: Tags::default(),
            service: None,
        })
    }

    pub(super) fn arn(&self, account: &AccountId) -> String {
        arn(account, "role", &self.path, &self.name)
    }

    pub(super) fn render(&self, content: &mut Content, state: &State, account: &AccountId, view: View<'_>) {
        content
            .text("Path", &self.path)
            .text("RoleName", &self.name)
            .text("RoleId", &self.id)
            .text("Arn", self.arn(account))
            .text("CreateDate", date(self.created))
            .text("AssumeRolePolicyDocument", encoded(&state.show_names(&self.trust)));
        if matches!(view, View::Described | View::Listed | View::Whole(_)) {
            content.optional("Description", self.description.as_ref());
        }
        if matches!(view, View::Listed | View::Whole(_)) {
            content.text("MaxSessionDuration", self.max_session);
        }
        if matches!(view, View::Made | View::Whole(_)) {
            boundary::render(content, self.boundary.as_deref());
            tags::render_some(content, &self.tags);
        }
        if let View::Whole(last) = view {
            render_last_use(content, last);
        }
    }
}

/// The element `RoleLastUsed`, which is empty for a role that was not used.
pub(super) fn render_last_use(content: &mut Content, last: Option<&LastUse>) {
    content.nested("RoleLastUsed", |content| {
        if let Some(last) = last {
            content.text("LastUsedDate", date(last.at)).text("Region", &last.region);
        }
    });
}

impl State {
    /// Makes a role, whose trust policy is as it was given.
    pub(super) fn add_role(&mut self, id: &AccountId, role: Role) -> Result<(), Fault> {
        if self.account(id).role(&role.name).is_ok() {
            return Err(Fault::taken("Role", &role.name));
        }
        let trust = self.trust(id, &role.trust)?;
        self.account_mut(id).add_role(id, Role { trust, ..role })
    }

    /// A trust policy as it is kept.
    fn trust(&self, id: &AccountId, document: &str) -> Result<Arc<str>, Fault> {
        document::check(Kind::Trust, document)?;
        Ok(self.keep_names(id, document)?.into())
    }
}

impl Account {
    /// The ARN of a role; of one that does not exist, without a path.
    pub(super) fn role_arn(&self, id: &AccountId, name: &str) -> String {
        self.roles.get(&key(name)).map_or_else(|| arn(id, "role", "/", name), |role| role.arn(id))
    }

    fn add_role(&mut self, id: &AccountId, role: Role) -> Result<(), Fault> {
        if let Some(boundary) = &role.boundary {
            boundary::check(self, id, boundary)?;
        }
        if self.roles.len() >= MOST {
            return Err(Fault::quota("RolesPerAccount", MOST));
        }
        self.roles.insert(key(&role.name), role);
        Ok(())
    }

    fn remove_role(&mut self, name: &str) -> Result<(), Fault> {
        let role = self.role(name)?;
        if role.service.is_some() {
            return Err(Fault::ProtectedRole(role.name.clone()));
        }
        let conflict = if self.profiles.values().any(|profile| profile.role.as_deref() == Some(&*key(name))) {
            "Cannot delete entity, must remove roles from instance profile first."
        } else if role.permissions.has_attached() {
            "Cannot delete entity, must detach all policies first."
        } else if role.permissions.has_inline() {
            "Cannot delete entity, must delete policies first."
        } else {
            self.roles.remove(&key(name));
            return Ok(());
        };
        Err(Fault::DeleteConflict(conflict))
    }
}

/// `CreateRole`
pub(super) fn create(call: &Call<'_>) -> Result<Prepared, Fault> {
    let path = call.form.text("Path", &PATH).unwrap_or_else(|| "/".to_owned());
    let name = call.form.required("RoleName", &ROLE);
    let trust = call.form.required("AssumeRolePolicyDocument", &DOCUMENT);
    let description = call.form.text("Description", &DESCRIPTION);
    let max_session = call.form.number("MaxSessionDuration", 3600, 43_200).unwrap_or(USUAL_SESSION);
    let limit = call.form.text("PermissionsBoundary", &ARN);
    let given = call.form.tags();
    call.form.sound()?;
    let tags = Tagged::Role.checked(&given)?;
    let requirements = call.needs_with_tags(arn(call.account_id(), "role", &path, &name), "TagRole", &given);
    Ok(Prepared::new(requirements, move |turn| {
        let role = Role {
            description: description.filter(|text| !text.is_empty()),
            max_session,
            boundary: limit,
            tags,
            ..Role::new(name, path, trust.into(), turn.now)?
        };
        turn.write_all(|state| state.add_role(turn.account_id, role.clone()))?;
        let mut content = Content::default();
        content.nested("Role", |content| role.render(content, &turn.state(), turn.account_id, View::Made));
        Ok(Some(content))
    }))
}

impl Directory {
    /// Makes the role by which the management account of an organization acts in an account that was created there, with
    /// every right; nothing if the account has a role of this name. Whoever calls this has made sure that it may be. It is
    /// durable when this returns. Blocks.
    ///
    /// Source: Organizations user guide, "Accessing a member account that has OrganizationAccountAccessRole".
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be stored.
    pub fn make_access_role(
        &self, account: &AccountId, name: &str, management: &AccountId, now_ms: i64,
    ) -> Result<(), StoreError> {
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{management}:root"}},"Action":"sts:AssumeRole"}}]}}"#
        );
        let attached = [ADMINISTRATOR.to_owned()].into();
        let permissions = Permissions { attached, ..Permissions::default() };
        let role = Role { permissions, ..Role::new(name.to_owned(), "/".to_owned(), trust.into(), now_ms)? };
        self.make(&|state| {
            let has_one = state.account(account).role(name).is_ok();
            if has_one { Ok(()) } else { state.add_role(account, role.clone()) }
        })
    }
}

/// `GetRole`
pub(super) fn get(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("RoleName", &ROLE);
    call.form.sound()?;
    let requirements = vec![call.needs(call.account().role_arn(call.account_id(), &name))];
    Ok(Prepared::new(requirements, move |turn| {
        let state = turn.state();
        let account = state.account(turn.account_id);
        let role = account.role(&name)?;
        let last = turn.directory.last_use(&role.id);
        let view = View::Whole(last.as_ref());
        let mut content = Content::default();
        content.nested("Role", |content| role.render(content, &state, turn.account_id, view));
        Ok(Some(content))
    }))
}

/// `ListRoles`
pub(super) fn list(call: &Call<'_>) -> Result<Prepared, Fault> {
    let prefix = call.form.text("PathPrefix", &PATH_PREFIX).unwrap_or_else(|| "/".to_owned());
    let paging = Paging::of(call)?;
    call.looks_around(call.needs(arn(call.account_id(), "role", &prefix, "")), move |state, id| {
        let account = state.account(id);
        let roles = account.roles.iter().filter(|(_, role)| role.path.starts_with(&prefix));
        let page = paging.page(roles.map(|(key, role)| (key.to_owned(), role)));
        Ok(page.render("Roles", |content, role| role.render(content, state, id, View::Listed)))
    })
}

/// `UpdateRole`
pub(super) fn update(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("RoleName", &ROLE);
    let description = call.form.text("Description", &DESCRIPTION);
    let max_session = call.form.number("MaxSessionDuration", 3600, 43_200);
    call.form.sound()?;
    let requirements = vec![call.needs(call.account().role_arn(call.account_id(), &name))];
    Ok(Prepared::new(requirements, move |turn| {
        turn.write(|account| {
            // A service-linked role may be described, and nothing else.
            let role = if max_session.is_some() { account.own_role_mut(&name)? } else { account.role_mut(&name)? };
            if let Some(description) = &description {
                role.description = Some(description.clone()).filter(|text| !text.is_empty());
            }
            role.max_session = max_session.unwrap_or(role.max_session);
            Ok(())
        })?;
        Ok(Some(Content::default()))
    }))
}

/// `UpdateRoleDescription`
pub(super) fn update_description(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("RoleName", &ROLE);
    let description = call.form.required("Description", &DESCRIPTION);
    call.form.sound()?;
    let requirements = vec![call.needs(call.account().role_arn(call.account_id(), &name))];
    Ok(Prepared::new(requirements, move |turn| {
        let role = turn.write(|account| {
            let role = account.role_mut(&name)?;
            role.description = Some(description.clone()).filter(|text| !text.is_empty());
            Ok(role.clone())
        })?;
        let mut content = Content::default();
        content.nested("Role", |content| role.render(content, &turn.state(), turn.account_id, View::Described));
        Ok(Some(content))
    }))
}

/// `UpdateAssumeRolePolicy`
pub(super) fn update_trust(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("RoleName", &ROLE);
    let trust = call.form.required("PolicyDocument", &DOCUMENT);
    call.form.sound()?;
    let requirements = vec![call.needs(call.account().role_arn(call.account_id(), &name))];
    Ok(Prepared::new(requirements, move |turn| {
        turn.write_all(|state| {
            state.account_mut(turn.account_id).own_role_mut(&name)?;
            let trust = state.trust(turn.account_id, &trust)?;
            state.account_mut(turn.account_id).own_role_mut(&name)?.trust = trust;
            Ok(())
        })?;
        Ok(None)
    }))
}

/// `DeleteRole`
pub(super) fn delete(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("RoleName", &ROLE);
    call.frees(call.needs(call.account().role_arn(call.account_id(), &name)), move |account| account.remove_role(&name))
}
