//! `GetAccountAuthorizationDetails`: everything of an account that says who may do what.

use sidegate_model::AccountId;
use sidegate_wire::aws_query::Content;

use super::action::{Call, Prepared};
use super::aws_managed;
use super::boundary;
use super::directory::Directory;
use super::fault::Fault;
use super::group::Group;
use super::page::Paging;
use super::permissions::Usage;
use super::policy::Policy;
use super::role::{Role, render_last_use};
use super::state::{Account, State};
use super::tags;
use super::text::{date, encoded, key};
use super::user::User;

const KINDS: &[&str] = &["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"];

/// An entity of the answer.
enum Detail<'a> {
    User(&'a User),
    Group(&'a Group),
    Role(&'a Role),
    Policy(String, &'a Policy),
}

/// What the entities are rendered with.
struct Surroundings<'a> {
    state: &'a State,
    account: &'a Account,
    id: &'a AccountId,
    directory: &'a Directory,
    usage: Usage,
}

/// `GetAccountAuthorizationDetails`
pub(super) fn get(call: &Call<'_>) -> Result<Prepared, Fault> {
    let kinds = call.form.choices("Filter", KINDS);
    let paging = Paging::of(call)?;
    call.form.sound()?;
    let requirements = vec![call.needs("*")];
    Ok(Prepared::new(requirements, move |turn| {
        let state = turn.state();
        let account = state.account(turn.account_id);
        let with = Surroundings {
            state: &state,
            account: &account,
            id: turn.account_id,
            directory: turn.directory,
            usage: Usage::of(&account),
        };
        let page = paging.page(details(&with, &kinds));
        let mut content = Content::default();
        let items = &page.items;
        let users = items.iter().filter_map(|item| if let Detail::User(user) = item { Some(*user) } else { None });
        content.list("UserDetailList", users, |content, user| with.user(content, user));
        let groups = items.iter().filter_map(|item| if let Detail::Group(group) = item { Some(*group) } else { None });
        content.list("GroupDetailList", groups, |content, group| with.group(content, group));
        let roles = items.iter().filter_map(|item| if let Detail::Role(role) = item { Some(*role) } else { None });
        content.list("RoleDetailList", roles, |content, role| with.role(content, role));
        let policies = items.iter().filter_map(|item| match item {
            Detail::Policy(arn, policy) => Some((arn, *policy)),
            _ => None,
        });
        content.list("Policies", policies, |content, (arn, policy)| with.policy(content, arn, policy));
        page.end(&mut content);
        Ok(Some(content))
    }))
}

/// What there is of the kinds that are asked for, or of all, each with its place. Of AWS's policies there are those in use.
fn details<'a>(with: &Surroundings<'a>, kinds: &[&str]) -> Vec<(String, Detail<'a>)> {
    let wanted = |kind: &str| kinds.is_empty() || kinds.contains(&kind);
    let account = with.account;
    let mut details = Vec::new();
    if wanted("User") {
        details.extend(account.users.iter().map(|(key, user)| (format!("0{key}"), Detail::User(user))));
    }
    if wanted("Group") {
        details.extend(account.groups.iter().map(|(key, group)| (format!("1{key}"), Detail::Group(group))));
    }
    if wanted("Role") {
        details.extend(account.roles.iter().map(|(key, role)| (format!("2{key}"), Detail::Role(role))));
    }
    if wanted("LocalManagedPolicy") {
        let own = account.policies.iter();
        details.extend(own.map(|(key, policy)| (format!("3{key}"), Detail::Policy(policy.arn(with.id), policy))));
    }
    if wanted("AWSManagedPolicy") {
        let is_used = |arn: &&str| with.usage.attachments(arn) + with.usage.boundaries(arn) > 0;
        let used = aws_managed::arns().filter(is_used).filter_map(|arn| Some((arn, aws_managed::find(arn)?)));
        details.extend(
            used.map(|(arn, policy)| (format!("4{}", key(&policy.name)), Detail::Policy(arn.to_owned(), policy))),
        );
    }
    details
}

impl Surroundings<'_> {
    fn user(&self, content: &mut Content, user: &User) {
        user.render(content, self.id);
        if user.permissions.has_inline() {
            user.permissions.render_inline(content, "UserPolicyList");
        }
        content.texts("GroupList", self.account.groups_of(&user.id).map(|(_, group)| &group.name));
        user.permissions.render_attached(content, "AttachedManagedPolicies");
        boundary::render(content, user.boundary.as_deref());
        tags::render(content, &user.tags);
    }

    fn group(&self, content: &mut Content, group: &Group) {
        group.render(content, self.id);
        group.permissions.render_inline(content, "GroupPolicyList");
        group.permissions.render_attached(content, "AttachedManagedPolicies");
    }

    fn role(&self, content: &mut Content, role: &Role) {
        content
            .text("Path", &role.path)
            .text("RoleName", &role.name)
            .text("RoleId", &role.id)
            .text("Arn", role.arn(self.id))
            .text("CreateDate", date(role.created))
            .text("AssumeRolePolicyDocument", encoded(&self.state.show_names(&role.trust)));
        let profiles = self.account.profiles.values();
        let profiles = profiles.filter(|profile| profile.role.as_deref() == Some(&*key(&role.name)));
        content.list("InstanceProfileList", profiles, |content, profile| {
            profile.render(content, self.state, self.id);
        });
        role.permissions.render_inline(content, "RolePolicyList");
        role.permissions.render_attached(content, "AttachedManagedPolicies");
        boundary::render(content, role.boundary.as_deref());
        tags::render(content, &role.tags);
        render_last_use(content, self.directory.last_use(&role.id).as_ref());
    }

    fn policy(&self, content: &mut Content, arn: &str, policy: &Policy) {
        policy.render_facts(content, arn, &self.usage);
        content.list("PolicyVersionList", policy.versions.iter().rev(), |content, (number, version)| {
            policy.render_version(content, *number, version, true);
        });
    }
}
