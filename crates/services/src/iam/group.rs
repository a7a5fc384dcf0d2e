//! Groups and their members.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sidegate_model::AccountId;
use sidegate_wire::aws_query::Content;

use super::action::{Call, Prepared};
use super::fault::Fault;
use super::form::{EXISTING_USER, GROUP, PATH, PATH_PREFIX};
use super::page::Paging;
use super::permissions::Permissions;
use super::random::unique_id;
use super::state::{Account, Row};
use super::text::{arn, date, key};

/// The most groups of an account.
pub(super) const MOST: usize = 300;

/// The most groups of a user.
pub(super) const MOST_OF_USER: usize = 10;

/// A group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) permissions: Permissions,
    /// The unique ids of its members.
    pub(super) members: BTreeSet<String>,
}

impl Row for Group {
    const KIND: &'static str = "group";
}

impl Group {
    pub(super) fn arn(&self, account: &AccountId) -> String {
        arn(account, "group", &self.path, &self.name)
    }

    pub(super) fn render(&self, content: &mut Content, account: &AccountId) {
        content
            .text("Path", &self.path)
            .text("GroupName", &self.name)
            .text("GroupId", &self.id)
            .text("Arn", self.arn(account))
            .text("CreateDate", date(self.created));
    }
}

impl Account {
    /// The ARN of a group; of one that does not exist, without a path.
    pub(super) fn group_arn(&self, id: &AccountId, name: &str) -> String {
        self.groups.get(&key(name)).map_or_else(|| arn(id, "group", "/", name), |group| group.arn(id))
    }

    /// The groups that a user is in.
    pub(super) fn groups_of<'a>(&'a self, user: &'a str) -> impl Iterator<Item = (&'a str, &'a Group)> {
        self.groups.iter().filter(move |(_, group)| group.members.contains(user))
    }

    fn add_group(&mut self, group: Group) -> Result<(), Fault> {
        if self.groups.contains(&key(&group.name)) {
            return Err(Fault::taken("Group", &group.name));
        }
        if self.groups.len() >= MOST {
            return Err(Fault::quota("GroupsPerAccount", MOST));
        }
        self.groups.insert(key(&group.name), group);
        Ok(())
    }

    fn remove_group(&mut self, name: &str) -> Result<(), Fault> {
        let group = self.group(name)?;
        let conflict = if !group.members.is_empty() {
            "Cannot delete entity, must remove users from group first."
        } else if group.permissions.has_attached() {
            "Cannot delete entity, must detach all policies first."
        } else if group.permissions.has_inline() {
            "Cannot delete entity, must delete policies first."
        } else {
            self.groups.remove(&key(name));
            return Ok(());
        };
        Err(Fault::DeleteConflict(conflict))
    }

    fn rename_group(&mut self, name: &str, new_name: Option<&str>, new_path: Option<&str>) -> Result<(), Fault> {
        let mut group = self.group(name)?.clone();
        if let Some(path) = new_path {
            path.clone_into(&mut group.path);
        }
        if let Some(new_name) = new_name {
            if key(new_name) != key(name) && self.groups.contains(&key(new_name)) {
                return Err(Fault::taken("Group", new_name));
            }
            new_name.clone_into(&mut group.name);
        }
        self.groups.remove(&key(name));
        self.groups.insert(key(&group.name), group);
        Ok(())
    }

    fn add_member(&mut self, group: &str, user: &str) -> Result<(), Fault> {
        let user = self.user(user)?.id.clone();
        self.group(group)?;
        if self.groups_of(&user).all(|(name, _)| name != key(group)) && self.groups_of(&user).count() >= MOST_OF_USER {
            return Err(Fault::quota("GroupsPerUser", MOST_OF_USER));
        }
        self.group_mut(group)?.members.insert(user);
        Ok(())
    }
}

/// `CreateGroup`
pub(super) fn create(call: &Call<'_>) -> Result<Prepared, Fault> {
    let path = call.form.text("Path", &PATH).unwrap_or_else(|| "/".to_owned());
    let name = call.form.required("GroupName", &GROUP);
    call.form.sound()?;
    let requirements = vec![call.needs(arn(call.account_id(), "group", &path, &name))];
    Ok(Prepared::new(requirements, move |turn| {
        let id = unique_id("AGPA")?;
        let permissions = Permissions::default();
        let group = Group { name, path, id, created: turn.now, permissions, members: BTreeSet::new() };
        turn.write(|account| account.add_group(group.clone()))?;
        let mut content = Content::default();
        content.nested("Group", |content| group.render(content, turn.account_id));
        Ok(Some(content))
    }))
}

/// `GetGroup`
pub(super) fn get(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("GroupName", &GROUP);
    let paging = Paging::of(call)?;
    call.looks_up(call.needs(call.account().group_arn(call.account_id(), &name)), move |account, id| {
        let group = account.group(&name)?;
        let users = account.users.iter().filter(|(_, user)| group.members.contains(&user.id));
        let page = paging.page(users.map(|(key, user)| (key.to_owned(), user)));
        let mut content = Content::default();
        content.nested("Group", |content| group.render(content, id));
        content.list("Users", &page.items, |content, user| user.render(content, id));
        page.end(&mut content);
        Ok(content)
    })
}

/// `ListGroups`
pub(super) fn list(call: &Call<'_>) -> Result<Prepared, Fault> {
    let prefix = call.form.text("PathPrefix", &PATH_PREFIX).unwrap_or_else(|| "/".to_owned());
    let paging = Paging::of(call)?;
    call.looks_up(call.needs(arn(call.account_id(), "group", &prefix, "")), move |account, id| {
        let groups = account.groups.iter().filter(|(_, group)| group.path.starts_with(&prefix));
        let page = paging.page(groups.map(|(key, group)| (key.to_owned(), group)));
        Ok(page.render("Groups", |content, group| group.render(content, id)))
    })
}

/// `ListGroupsForUser`
pub(super) fn list_for_user(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("UserName", &EXISTING_USER);
    let paging = Paging::of(call)?;
    call.looks_up(call.needs(call.account().user_arn(call.account_id(), &name)), move |account, id| {
        let user = account.user(&name)?;
        let page = paging.page(account.groups_of(&user.id).map(|(key, group)| (key.to_owned(), group)));
        Ok(page.render("Groups", |content, group| group.render(content, id)))
    })
}

/// `UpdateGroup`
pub(super) fn update(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("GroupName", &GROUP);
    let new_path = call.form.text("NewPath", &PATH);
    let new_name = call.form.text("NewGroupName", &GROUP);
    call.form.sound()?;
    let (account, id) = (call.account(), call.account_id());
    let old = account.group_arn(id, &name);
    let path = account.group(&name).map(|group| group.path.clone());
    let path = new_path.clone().or(path.ok()).unwrap_or_else(|| "/".to_owned());
    let moved = arn(id, "group", &path, new_name.as_deref().unwrap_or(&name));
    let mut requirements = vec![call.needs(old.clone())];
    if moved != old {
        requirements.push(call.needs(moved));
    }
    Ok(Prepared::new(requirements, move |turn| {
        turn.write(|account| account.rename_group(&name, new_name.as_deref(), new_path.as_deref()))?;
        Ok(None)
    }))
}

/// `DeleteGroup`
pub(super) fn delete(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("GroupName", &GROUP);
    call.frees(call.needs(call.account().group_arn(call.account_id(), &name)), move |account| {
        account.remove_group(&name)
    })
}

/// `AddUserToGroup`
pub(super) fn add_user(call: &Call<'_>) -> Result<Prepared, Fault> {
    let group = call.form.required("GroupName", &GROUP);
    let user = call.form.required("UserName", &EXISTING_USER);
    call.changes(call.needs(call.account().group_arn(call.account_id(), &group)), move |account| {
        account.add_member(&group, &user)
    })
}

/// `RemoveUserFromGroup`
pub(super) fn remove_user(call: &Call<'_>) -> Result<Prepared, Fault> {
    let group = call.form.required("GroupName", &GROUP);
    let user = call.form.required("UserName", &EXISTING_USER);
    call.frees(call.needs(call.account().group_arn(call.account_id(), &group)), move |account| {
        let user = account.user(&user)?.id.clone();
        // Who is no member is gone already.
        account.group_mut(&group)?.members.remove(&user);
        Ok(())
    })
}
