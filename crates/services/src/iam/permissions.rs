//! What users, groups and roles have in common: inline policies, and attachments of managed ones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sidegate_wire::aws_query::Content;

use super::action::{Call, Prepared};
use super::aws_managed;
use super::document::{self, Kind};
use super::fault::Fault;
use super::form::{ARN, DOCUMENT, EXISTING_USER, GROUP, POLICY, POLICY_PATH, ROLE, Text};
use super::page::Paging;
use super::policy;
use super::state::Account;
use super::text::encoded;

/// The most managed policies that are attached to one user, group or role.
const MOST_ATTACHED: usize = 10;

/// The inline policies of a user, group or role, and the ARNs of those that are attached to it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Permissions {
    pub(super) inline: BTreeMap<String, Arc<str>>,
    pub(super) attached: BTreeSet<String>,
}

impl Permissions {
    pub(super) fn has_inline(&self) -> bool {
        !self.inline.is_empty()
    }

    pub(super) fn has_attached(&self) -> bool {
        !self.attached.is_empty()
    }

    /// A list of the inline policies with their documents, as `GetAccountAuthorizationDetails` has it.
    pub(super) fn render_inline(&self, content: &mut Content, name: &str) {
        content.list(name, &self.inline, |policy, (name, document)| {
            policy.text("PolicyName", name).text("PolicyDocument", encoded(document));
        });
    }

    /// A list of the attached policies.
    pub(super) fn render_attached(&self, content: &mut Content, name: &str) {
        content.list(name, &self.attached, |policy, arn| {
            policy.text("PolicyName", policy::name_of(arn)).text("PolicyArn", arn);
        });
    }
}

/// What has permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    User,
    Group,
    Role,
}

impl Holder {
    fn parameter(self) -> (&'static str, &'static Text) {
        match self {
            Self::User => ("UserName", &EXISTING_USER),
            Self::Group => ("GroupName", &GROUP),
            Self::Role => ("RoleName", &ROLE),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
        }
    }

    /// Refuses the policies that none but the role of their service may have.
    pub(super) fn check_not_of_service(self, arn: &str) -> Result<(), Fault> {
        let owner = match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Role => "Customer Role",
        };
        let refused = aws_managed::find(arn).is_some() && aws_managed::is_of_service(arn);
        if refused { Err(Fault::PolicyNotAttachable(owner)) } else { Ok(()) }
    }

    fn arn(self, call: &Call<'_>, name: &str) -> String {
        let (account, id) = (call.account(), call.account_id());
        match self {
            Self::User => account.user_arn(id, name),
            Self::Group => account.group_arn(id, name),
            Self::Role => account.role_arn(id, name),
        }
    }

    /// The name as it was given to what has it, and its permissions.
    fn of(self, account: &Account, name: &str) -> Result<(String, Permissions), Fault> {
        Ok(match self {
            Self::User => account.user(name).map(|user| (user.name.clone(), user.permissions.clone()))?,
            Self::Group => account.group(name).map(|group| (group.name.clone(), group.permissions.clone()))?,
            Self::Role => account.role(name).map(|role| (role.name.clone(), role.permissions.clone()))?,
        })
    }

    fn of_mut<'a>(self, account: &'a mut Account, name: &str) -> Result<&'a mut Permissions, Fault> {
        Ok(match self {
            Self::User => &mut account.user_mut(name)?.permissions,
            Self::Group => &mut account.group_mut(name)?.permissions,
            Self::Role => &mut account.own_role_mut(name)?.permissions,
        })
    }

    fn inline_kind(self) -> Kind {
        match self {
            Self::User => Kind::UserInline,
            Self::Group => Kind::GroupInline,
            Self::Role => Kind::RoleInline,
        }
    }

    fn quota(self) -> &'static str {
        match self {
            Self::User => "PoliciesPerUser",
            Self::Group => "PoliciesPerGroup",
            Self::Role => "PoliciesPerRole",
        }
    }

    fn no_inline(self, policy: &str) -> Fault {
        Fault::no_entity(&format!("{} policy", self.word()), policy)
    }
}

/// Who is asked about: a user, a group or a role.
fn subject(call: &Call<'_>, holder: Holder) -> String {
    let (parameter, rule) = holder.parameter();
    call.form.required(parameter, rule)
}

/// `PutUserPolicy` and its like.
pub(super) fn put(call: &Call<'_>, holder: Holder) -> Result<Prepared, Fault> {
    let name = subject(call, holder);
    let policy = call.form.required("PolicyName", &POLICY);
    let text = call.form.required("PolicyDocument", &DOCUMENT);
    call.form.sound()?;
    let requirement = call.needs(holder.arn(call, &name));
    let text: Arc<str> = text.into();
    call.changes(requirement, move |account| {
        let permissions = holder.of_mut(account, &name)?;
        document::check(holder.inline_kind(), &text)?;
        permissions.inline.insert(policy.clone(), Arc::clone(&text));
        // The quota is one of all inline policies together.
        let size: usize = permissions.inline.values().map(|document| document::size(document)).sum();
        let most = holder.inline_kind().most();
        if size > most {
            let message = format!("Maximum policy size of {most} bytes exceeded for {} {name}", holder.word());
            return Err(Fault::LimitExceeded(message));
        }
        Ok(())
    })
}

/// `GetUserPolicy` and its like.
pub(super) fn get(call: &Call<'_>, holder: Holder) -> Result<Prepared, Fault> {
    let name = subject(call, holder);
    let policy = call.form.required("PolicyName", &POLICY);
    call.form.sound()?;
    call.looks_up(call.needs(holder.arn(call, &name)), move |account, _| {
        let (name, permissions) = holder.of(account, &name)?;
        let document = permissions.inline.get(&policy).ok_or_else(|| holder.no_inline(&policy))?;
        let mut content = Content::default();
        content.text(holder.parameter().0, name).text("PolicyName", policy).text("PolicyDocument", encoded(document));
        Ok(content)
    })
}

/// `ListUserPolicies` and its like.
pub(super) fn list(call: &Call<'_>, holder: Holder) -> Result<Prepared, Fault> {
    let name = subject(call, holder);
    let paging = Paging::of(call)?;
    call.form.sound()?;
    call.looks_up(call.needs(holder.arn(call, &name)), move |account, _| {
        let (_, permissions) = holder.of(account, &name)?;
        let mut content = Content::default();
        let page = paging.page(permissions.inline.into_keys().map(|name| (name.clone(), name)));
        content.texts("PolicyNames", &page.items);
        page.end(&mut content);
        Ok(content)
    })
}

/// `DeleteUserPolicy` and its like.
pub(super) fn delete(call: &Call<'_>, holder: Holder) -> Result<Prepared, Fault> {
    let name = subject(call, holder);
    let policy = call.form.required("PolicyName", &POLICY);
    call.form.sound()?;
    call.frees(call.needs(holder.arn(call, &name)), move |account| {
        let removed = holder.of_mut(account, &name)?.inline.remove(&policy);
        removed.map(drop).ok_or_else(|| holder.no_inline(&policy))
    })
}

/// `AttachUserPolicy` and its like.
pub(super) fn attach(call: &Call<'_>, holder: Holder) -> Result<Prepared, Fault> {
    let name = subject(call, holder);
    let policy = call.form.required("PolicyArn", &ARN);
    call.form.sound()?;
    let id = call.account_id().clone();
    call.changes(call.needs(holder.arn(call, &name)), move |account| {
        holder.of_mut(account, &name)?;
        check_arn(&policy)?;
        if account.managed(&id, &policy).is_none() {
            return Err(policy::not_attachable(&policy));
        }
        holder.check_not_of_service(&policy)?;
        let permissions = holder.of_mut(account, &name)?;
        permissions.attached.insert(policy.clone());
        if permissions.attached.len() > MOST_ATTACHED {
            return Err(Fault::quota(holder.quota(), MOST_ATTACHED));
        }
        Ok(())
    })
}

/// `DetachUserPolicy` and its like.
pub(super) fn detach(call: &Call<'_>, holder: Holder) -> Result<Prepared, Fault> {
    let name = subject(call, holder);
    let policy = call.form.required("PolicyArn", &ARN);
    call.form.sound()?;
    call.frees(call.needs(holder.arn(call, &name)), move |account| {
        let permissions = holder.of_mut(account, &name)?;
        check_arn(&policy)?;
        if permissions.attached.remove(&policy) { Ok(()) } else { Err(policy::not_attached(&policy)) }
    })
}

/// `ListAttachedUserPolicies` and its like.
pub(super) fn list_attached(call: &Call<'_>, holder: Holder) -> Result<Prepared, Fault> {
    let name = subject(call, holder);
    let prefix = call.form.text("PathPrefix", &POLICY_PATH).unwrap_or_else(|| "/".to_owned());
    let paging = Paging::of(call)?;
    call.form.sound()?;
    call.looks_up(call.needs(holder.arn(call, &name)), move |account, _| {
        let (_, permissions) = holder.of(account, &name)?;
        let attached = permissions.attached.into_iter().filter(|arn| policy::path_of(arn).starts_with(&prefix));
        let page = paging.page(attached.map(|arn| (policy::name_of(&arn).to_ascii_lowercase(), arn)));
        Ok(page.render("AttachedPolicies", |policy, arn| {
            policy.text("PolicyName", policy::name_of(&arn)).text("PolicyArn", &arn);
        }))
    })
}

/// Whether this can be the ARN of a managed policy at all.
fn check_arn(arn: &str) -> Result<(), Fault> {
    if policy::is_policy_arn(arn) { Ok(()) } else { Err(Fault::Validation(format!("ARN {arn} is not valid."))) }
}

/// How often each managed policy is attached, and how often it is a boundary.
#[derive(Debug, Default)]
pub(super) struct Usage {
    attached: BTreeMap<String, usize>,
    boundaries: BTreeMap<String, usize>,
}

impl Usage {
    pub(super) fn of(account: &Account) -> Self {
        let mut usage = Self::default();
        let users = account.users.values().map(|user| (&user.permissions, &user.boundary));
        let roles = account.roles.values().map(|role| (&role.permissions, &role.boundary));
        let groups = account.groups.values().map(|group| (&group.permissions, &None));
        for (permissions, boundary) in users.chain(roles).chain(groups) {
            for arn in &permissions.attached {
                *usage.attached.entry(arn.clone()).or_default() += 1;
            }
            if let Some(arn) = boundary {
                *usage.boundaries.entry(arn.clone()).or_default() += 1;
            }
        }
        usage
    }

    pub(super) fn attachments(&self, arn: &str) -> usize {
        self.attached.get(arn).copied().unwrap_or(0)
    }

    pub(super) fn boundaries(&self, arn: &str) -> usize {
        self.boundaries.get(arn).copied().unwrap_or(0)
    }
}
