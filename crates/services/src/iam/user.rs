//! Users.

use serde::{Deserialize, Serialize};
use sidegate_model::AccountId;
use sidegate_wire::aws_query::Content;

use super::access_key::Owner;
use super::action::{Call, Prepared};
use super::boundary;
use super::fault::Fault;
use super::form::{ARN, EXISTING_USER, PATH, PATH_PREFIX, Text, USER};
use super::identity::Identity;
use super::login_profile::LoginProfile;
use super::page::Paging;
use super::permissions::Permissions;
use super::random::unique_id;
use super::state::{Account, Row, State};
use super::tags::{self, Tagged, Tags};
use super::text::{arn, date, key};

/// The most users of an account.
pub(super) const MOST: usize = 5000;

/// A user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) id: String,
    pub(super) created: i64,
    /// The ARN of its permissions boundary.
    pub(super) boundary: Option<String>,
    pub(super) permissions: Permissions,
    pub(super) tags: Tags,
    pub(super) login: Option<LoginProfile>,
}

impl Row for User {
    const KIND: &'static str = "user";
}

impl User {
    pub(super) fn arn(&self, account: &AccountId) -> String {
        arn(account, "user", &self.path, &self.name)
    }

    /// What a list has of a user.
    pub(super) fn render(&self, content: &mut Content, account: &AccountId) {
        content
            .text("Path", &self.path)
            .text("UserName", &self.name)
            .text("UserId", &self.id)
            .text("Arn", self.arn(account))
            .text("CreateDate", date(self.created));
    }

    fn render_whole(&self, content: &mut Content, account: &AccountId) {
        self.render(content, account);
        boundary::render(content, self.boundary.as_deref());
        tags::render_some(content, &self.tags);
    }
}

impl Account {
    /// The ARN of a user; of one that does not exist, without a path.
    pub(super) fn user_arn(&self, id: &AccountId, name: &str) -> String {
        self.users.get(&key(name)).map_or_else(|| arn(id, "user", "/", name), |user| user.arn(id))
    }

    /// The user with a unique id, who had this name, and most likely has.
    pub(super) fn user_of(&self, name: &str, id: &str) -> Option<&User> {
        self.users.get(&key(name)).filter(|user| user.id == id).or_else(|| self.user_by_id(id))
    }

    /// The user with a unique id.
    pub(super) fn user_by_id(&self, id: &str) -> Option<&User> {
        self.users.values().find(|user| user.id == id)
    }
}

/// Whom an action of a user without a name is about: the caller.
///
/// Source: IAM API reference, "GetUser", "CreateAccessKey".
pub(super) fn named_or_self(call: &Call<'_>, rule: &Text) -> Result<Owner, Fault> {
    if let Some(name) = call.form.text("UserName", rule) {
        return Ok(Owner::User(name));
    }
    match call.identity() {
        Identity::Root(_) => Ok(Owner::Root),
        Identity::User { name, .. } => Ok(Owner::User(name)),
        _ => Err(Fault::Validation("Must specify userName when calling with non-User credentials".to_owned())),
    }
}

/// The ARN of whom an action is about.
pub(super) fn owner_arn(call: &Call<'_>, owner: &Owner) -> String {
    match owner {
        Owner::Root => format!("arn:aws:iam::{}:root", call.account_id()),
        Owner::User(name) => call.account().user_arn(call.account_id(), name),
    }
}

/// `CreateUser`
pub(super) fn create(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("UserName", &USER);
    let path = call.form.text("Path", &PATH).unwrap_or_else(|| "/".to_owned());
    let limit = call.form.text("PermissionsBoundary", &ARN);
    let given = call.form.tags();
    call.form.sound()?;
    let tags = Tagged::User.checked(&given)?;
    let requirements = call.needs_with_tags(arn(call.account_id(), "user", &path, &name), "TagUser", &given);
    Ok(Prepared::new(requirements, move |turn| {
        let user = User {
            id: unique_id("AIDA")?,
            created: turn.now,
            name,
            path,
            boundary: limit,
            permissions: Permissions::default(),
            tags,
            login: None,
        };
        turn.write(|account| account.add_user(turn.account_id, user.clone()))?;
        let mut content = Content::default();
        content.nested("User", |content| user.render_whole(content, turn.account_id));
        Ok(Some(content))
    }))
}

impl Account {
    fn add_user(&mut self, id: &AccountId, user: User) -> Result<(), Fault> {
        if self.users.contains(&key(&user.name)) {
            return Err(Fault::taken("User", &user.name));
        }
        if let Some(boundary) = &user.boundary {
            boundary::check(self, id, boundary)?;
        }
        if self.users.len() >= MOST {
            return Err(Fault::quota("UsersPerAccount", MOST));
        }
        self.users.insert(key(&user.name), user);
        Ok(())
    }

    fn remove_user(&mut self, name: &str, has_keys: bool) -> Result<(), Fault> {
        let user = self.user(name)?;
        let conflict = if user.permissions.has_attached() {
            "Cannot delete entity, must detach all policies first."
        } else if user.permissions.has_inline() {
            "Cannot delete entity, must delete policies first."
        } else if has_keys {
            "Cannot delete entity, must delete access keys first."
        } else if self.devices_of(&user.id).next().is_some() {
            "Cannot delete entity, must delete MFA device first."
        } else if self.ssh_keys_of(&user.id).next().is_some() {
            "Cannot delete entity, must delete SSH public keys first."
        } else if user.login.is_some() {
            "Cannot delete entity, must delete login profile first."
        } else if self.groups.values().any(|group| group.members.contains(&user.id)) {
            "Cannot delete entity, must remove users from group first."
        } else {
            self.users.remove(&key(name));
            return Ok(());
        };
        Err(Fault::DeleteConflict(conflict))
    }
}

/// `GetUser`
pub(super) fn get(call: &Call<'_>) -> Result<Prepared, Fault> {
    let owner = named_or_self(call, &EXISTING_USER)?;
    call.looks_up(call.needs(owner_arn(call, &owner)), move |account, id| {
        let mut content = Content::default();
        match &owner {
            Owner::User(name) => {
                let user = account.user(name)?;
                content.nested("User", |content| user.render_whole(content, id));
            }
            // The root user has neither a name nor a path. When its account was made, nobody has noted.
            Owner::Root => {
                content.nested("User", |content| {
                    let arn = format!("arn:aws:iam::{id}:root");
                    content.text("UserId", id).text("Arn", arn).text("CreateDate", date(0));
                });
            }
        }
        Ok(content)
    })
}

/// `ListUsers`
pub(super) fn list(call: &Call<'_>) -> Result<Prepared, Fault> {
    let prefix = call.form.text("PathPrefix", &PATH_PREFIX).unwrap_or_else(|| "/".to_owned());
    let paging = Paging::of(call)?;
    call.looks_up(call.needs(arn(call.account_id(), "user", &prefix, "")), move |account, id| {
        let users = account.users.iter().filter(|(_, user)| user.path.starts_with(&prefix));
        let page = paging.page(users.map(|(key, user)| (key.to_owned(), user)));
        Ok(page.render("Users", |content, user| user.render(content, id)))
    })
}

/// `UpdateUser`
pub(super) fn update(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("UserName", &EXISTING_USER);
    let new_name = call.form.text("NewUserName", &USER);
    let new_path = call.form.text("NewPath", &PATH);
    call.form.sound()?;
    let (account, id) = (call.account(), call.account_id());
    let old = account.user_arn(id, &name);
    let moved = arn(
        id,
        "user",
        new_path.as_deref().or(account.user(&name).ok().map(|user| user.path.as_str())).unwrap_or("/"),
        new_name.as_deref().unwrap_or(&name),
    );
    // Who renames a user needs the permission for the old and the new ARN.
    let mut requirements = vec![call.needs(old.clone())];
    if moved != old {
        requirements.push(call.needs(moved));
    }
    Ok(Prepared::new(requirements, move |turn| {
        turn.write_all(|state| state.rename_user(turn.account_id, &name, new_name.as_deref(), new_path.as_deref()))?;
        Ok(None)
    }))
}

impl State {
    fn rename_user(
        &mut self, id: &AccountId, name: &str, new_name: Option<&str>, new_path: Option<&str>,
    ) -> Result<(), Fault> {
        let account = self.account_mut(id);
        let mut user = account.user(name)?.clone();
        if let Some(path) = new_path {
            path.clone_into(&mut user.path);
        }
        if let Some(new_name) = new_name {
            if key(new_name) != key(name) && account.users.contains(&key(new_name)) {
                return Err(Fault::taken("User", new_name));
            }
            new_name.clone_into(&mut user.name);
        }
        account.users.remove(&key(name));
        let new_key = key(&user.name);
        account.users.insert(new_key.clone(), user);
        if new_key != key(name) {
            let owned: Vec<_> = self.keys_of(id, &Owner::User(name.to_owned())).map(|(id, _)| id.to_owned()).collect();
            for access_key in owned {
                if let Some(row) = self.keys.edit(&access_key) {
                    row.owner = Owner::User(new_key.clone());
                }
            }
        }
        Ok(())
    }
}

/// `DeleteUser`
pub(super) fn delete(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("UserName", &EXISTING_USER);
    call.form.sound()?;
    let requirements = vec![call.needs(call.account().user_arn(call.account_id(), &name))];
    Ok(Prepared::new(requirements, move |turn| {
        turn.free_all(|state| {
            let has_keys = state.keys_of(turn.account_id, &Owner::User(name.clone())).next().is_some();
            state.account_mut(turn.account_id).remove_user(&name, has_keys)
        })?;
        Ok(None)
    }))
}
