//! Instance profiles, each of which has at most one role.

use serde::{Deserialize, Serialize};
use sidegate_model::AccountId;
use sidegate_wire::aws_query::Content;

use super::action::{Call, Prepared};
use super::fault::Fault;
use super::form::{PATH, PATH_PREFIX, PROFILE, ROLE};
use super::page::Paging;
use super::random::unique_id;
use super::role::View;
use super::state::{Account, Row, State};
use super::tags::{self, Tagged, Tags};
use super::text::{arn, date, key};

/// The most instance profiles of an account.
pub(super) const MOST: usize = 1000;

/// An instance profile.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct InstanceProfile {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) id: String,
    pub(super) created: i64,
    /// The key of its role.
    pub(super) role: Option<String>,
    pub(super) tags: Tags,
}

impl Row for InstanceProfile {
    const KIND: &'static str = "instance-profile";
}

/// Which tags an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TagView {
    None,
    Some,
    Always,
}

impl InstanceProfile {
    pub(super) fn arn(&self, account: &AccountId) -> String {
        arn(account, "instance-profile", &self.path, &self.name)
    }

    /// As a list has it.
    pub(super) fn render(&self, content: &mut Content, state: &State, id: &AccountId) {
        self.render_with(content, state, id, TagView::None);
    }

    fn render_with(&self, content: &mut Content, state: &State, id: &AccountId, view: TagView) {
        content
            .text("Path", &self.path)
            .text("InstanceProfileName", &self.name)
            .text("InstanceProfileId", &self.id)
            .text("Arn", self.arn(id))
            .text("CreateDate", date(self.created));
        let account = state.account(id);
        let role = self.role.as_ref().and_then(|role| account.roles.get(role));
        content.list("Roles", role, |content, role| role.render(content, state, id, View::Bare));
        match view {
            TagView::None => {}
            TagView::Some => tags::render_some(content, &self.tags),
            TagView::Always => tags::render(content, &self.tags),
        }
    }
}

impl Account {
    /// The ARN of an instance profile; of one that does not exist, without a path.
    pub(super) fn profile_arn(&self, id: &AccountId, name: &str) -> String {
        let found = self.profiles.get(&key(name));
        found.map_or_else(|| arn(id, "instance-profile", "/", name), |profile| profile.arn(id))
    }

    fn add_profile(&mut self, profile: InstanceProfile) -> Result<(), Fault> {
        if self.profiles.contains(&key(&profile.name)) {
            return Err(Fault::EntityAlreadyExists(format!("Instance Profile {} already exists.", profile.name)));
        }
        if self.profiles.len() >= MOST {
            return Err(Fault::quota("InstanceProfilesPerAccount", MOST));
        }
        self.profiles.insert(key(&profile.name), profile);
        Ok(())
    }
}

/// `CreateInstanceProfile`
pub(super) fn create(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("InstanceProfileName", &PROFILE);
    let path = call.form.text("Path", &PATH).unwrap_or_else(|| "/".to_owned());
    let given = call.form.tags();
    call.form.sound()?;
    let tags = Tagged::Profile.checked(&given)?;
    let resource = arn(call.account_id(), "instance-profile", &path, &name);
    let requirements = call.needs_with_tags(resource, "TagInstanceProfile", &given);
    Ok(Prepared::new(requirements, move |turn| {
        let profile = InstanceProfile { name, path, id: unique_id("AIPA")?, created: turn.now, role: None, tags };
        turn.write(|account| account.add_profile(profile.clone()))?;
        let mut content = Content::default();
        content.nested("InstanceProfile", |content| {
            profile.render_with(content, &State::default(), turn.account_id, TagView::Some);
        });
        Ok(Some(content))
    }))
}

/// `GetInstanceProfile`
pub(super) fn get(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("InstanceProfileName", &PROFILE);
    call.looks_around(call.needs(call.account().profile_arn(call.account_id(), &name)), move |state, id| {
        let account = state.account(id);
        let profile = account.profile(&name)?;
        let mut content = Content::default();
        content.nested("InstanceProfile", |content| profile.render_with(content, state, id, TagView::Always));
        Ok(content)
    })
}

/// `ListInstanceProfiles`
pub(super) fn list(call: &Call<'_>) -> Result<Prepared, Fault> {
    let prefix = call.form.text("PathPrefix", &PATH_PREFIX).unwrap_or_else(|| "/".to_owned());
    let paging = Paging::of(call)?;
    call.looks_around(call.needs(arn(call.account_id(), "instance-profile", &prefix, "")), move |state, id| {
        let account = state.account(id);
        let profiles = account.profiles.iter().filter(|(_, profile)| profile.path.starts_with(&prefix));
        let page = paging.page(profiles.map(|(key, profile)| (key.to_owned(), profile)));
        Ok(page.render("InstanceProfiles", |content, profile| profile.render(content, state, id)))
    })
}

/// `ListInstanceProfilesForRole`
pub(super) fn list_for_role(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("RoleName", &ROLE);
    let paging = Paging::of(call)?;
    call.looks_around(call.needs(call.account().role_arn(call.account_id(), &name)), move |state, id| {
        let account = state.account(id);
        account.role(&name)?;
        let of_role = account.profiles.iter().filter(|(_, profile)| profile.role.as_deref() == Some(&*key(&name)));
        let page = paging.page(of_role.map(|(key, profile)| (key.to_owned(), profile)));
        Ok(page.render("InstanceProfiles", |content, profile| profile.render(content, state, id)))
    })
}

/// `AddRoleToInstanceProfile`, which also needs the permission to pass the role.
pub(super) fn add_role(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("InstanceProfileName", &PROFILE);
    let role = call.form.required("RoleName", &ROLE);
    call.form.sound()?;
    let (account, id) = (call.account(), call.account_id());
    // Whoever is in an instance profile is passed to EC2.
    let passing =
        call.needs_for("PassRole", account.role_arn(id, &role)).with("iam:PassedToService", "ec2.amazonaws.com");
    let requirements = vec![call.needs(account.profile_arn(id, &name)), passing];
    Ok(Prepared::new(requirements, move |turn| {
        turn.write(|account| {
            account.profile(&name)?;
            let found = account.role(&role)?;
            if found.service.is_some() {
                return Err(Fault::ProtectedRole(found.name.clone()));
            }
            let profile = account.profile_mut(&name)?;
            if profile.role.is_some() {
                return Err(Fault::quota("InstanceSessionsPerInstanceProfile", 1));
            }
            profile.role = Some(key(&role));
            Ok(())
        })?;
        Ok(None)
    }))
}

/// `RemoveRoleFromInstanceProfile`
pub(super) fn remove_role(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("InstanceProfileName", &PROFILE);
    let role = call.form.required("RoleName", &ROLE);
    call.frees(call.needs(call.account().profile_arn(call.account_id(), &name)), move |account| {
        account.role(&role)?;
        let profile = account.profile_mut(&name)?;
        if profile.role.as_deref() != Some(&*key(&role)) {
            return Err(Fault::no_entity("role", &role));
        }
        profile.role = None;
        Ok(())
    })
}

/// `DeleteInstanceProfile`
pub(super) fn delete(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("InstanceProfileName", &PROFILE);
    call.frees(call.needs(call.account().profile_arn(call.account_id(), &name)), move |account| {
        if account.profile(&name)?.role.is_some() {
            let conflict = "Cannot delete entity, must remove roles from instance profile first.";
            return Err(Fault::DeleteConflict(conflict));
        }
        account.profiles.remove(&key(&name));
        Ok(())
    })
}
