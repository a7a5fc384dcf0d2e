//! Customer managed policies and their versions, and the reading of those that AWS manages.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sidegate_model::AccountId;
use sidegate_wire::aws_query::Content;

use super::action::{Call, Prepared};
use super::aws_managed;
use super::document::{self, Kind};
use super::fault::Fault;
use super::form::{ARN, DOCUMENT, PATH, POLICY, POLICY_DESCRIPTION, POLICY_PATH, VERSION};
use super::page::Paging;
use super::permissions::Usage;
use super::random::unique_id;
use super::state::{Account, Row};
use super::tags::{self, Tagged, Tags};
use super::text::{arn, date, encoded, key};

/// The most customer managed policies of an account.
pub(super) const MOST: usize = 1500;

/// The most versions of a policy.
pub(super) const MOST_VERSIONS: usize = 5;

/// A managed policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Policy {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) description: Option<String>,
    pub(super) tags: Tags,
    pub(super) versions: BTreeMap<u32, Version>,
    /// The number of the version that is in force.
    pub(super) default: u32,
    /// The number of the next version.
    next: u32,
}

/// A version of a policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) document: Arc<str>,
    pub(super) created: i64,
}

impl Row for Policy {
    const KIND: &'static str = "policy";
}

/// How much of a policy an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Made,
    Listed,
    Whole,
}

impl Policy {
    /// A policy with one version.
    pub(super) fn new(name: String, path: String, id: String, now: i64, number: u32, document: Arc<str>) -> Self {
        let versions = BTreeMap::from([(number, Version { document, created: now })]);
        let (description, tags) = (None, Tags::new());
        let (default, next) = (number, number + 1);
        Self { name, path, id, created: now, updated: now, description, tags, versions, default, next }
    }

    pub(super) fn arn(&self, account: &AccountId) -> String {
        arn(account, "policy", &self.path, &self.name)
    }

    /// The document that is in force.
    pub(super) fn document(&self) -> Option<&Arc<str>> {
        self.versions.get(&self.default).map(|version| &version.document)
    }

    fn version(&self, id: &str, arn: &str) -> Result<(u32, &Version), Fault> {
        let number = id.strip_prefix('v').and_then(|number| number.parse().ok());
        let found = number.and_then(|number| self.versions.get(&number).map(|version| (number, version)));
        found.ok_or_else(|| no_version(arn, id))
    }

    fn add_version(&mut self, document: Arc<str>, is_default: bool, now: i64) -> Result<u32, Fault> {
        if self.versions.len() >= MOST_VERSIONS {
            return Err(Fault::LimitExceeded(format!(
                "A managed policy can have up to {MOST_VERSIONS} versions. Before you create a new version, you must \
                 delete an existing version."
            )));
        }
        let number = self.next;
        self.next += 1;
        self.versions.insert(number, Version { document, created: now });
        if is_default {
            self.default = number;
        }
        self.updated = now;
        Ok(number)
    }

    pub(super) fn render_facts(&self, content: &mut Content, arn: &str, usage: &Usage) {
        content
            .text("PolicyName", &self.name)
            .text("PolicyId", &self.id)
            .text("Arn", arn)
            .text("Path", &self.path)
            .text("DefaultVersionId", format!("v{}", self.default))
            .text("AttachmentCount", usage.attachments(arn))
            .text("PermissionsBoundaryUsageCount", usage.boundaries(arn))
            .text("IsAttachable", true)
            .text("CreateDate", date(self.created))
            .text("UpdateDate", date(self.updated));
    }

    fn render(&self, content: &mut Content, arn: &str, usage: &Usage, view: View) {
        self.render_facts(content, arn, usage);
        match view {
            View::Listed => {}
            View::Made => tags::render_some(content, &self.tags),
            View::Whole => {
                content.optional("Description", self.description.as_ref());
                tags::render(content, &self.tags);
            }
        }
    }

    /// A version, with its document or without.
    pub(super) fn render_version(&self, content: &mut Content, number: u32, version: &Version, whole: bool) {
        if whole {
            content.text("Document", encoded(&version.document));
        }
        content
            .text("VersionId", format!("v{number}"))
            .text("IsDefaultVersion", number == self.default)
            .text("CreateDate", date(version.created));
    }
}

/// Whether this is the form of a managed policy's ARN.
pub(super) fn is_policy_arn(arn: &str) -> bool {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", "aws", "iam", "", account, resource] => {
            let is_account = *account == "aws" || (account.len() == 12 && account.bytes().all(|c| c.is_ascii_digit()));
            is_account && resource.strip_prefix("policy/").is_some_and(|rest| !rest.is_empty() && !rest.ends_with('/'))
        }
        _ => false,
    }
}

/// The name in the ARN of a policy.
pub(super) fn name_of(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}

/// The path in the ARN of a policy.
pub(super) fn path_of(arn: &str) -> &str {
    let after = arn.split_once(":policy").map_or("", |(_, rest)| rest);
    after.rfind('/').and_then(|last| after.get(..=last)).unwrap_or("/")
}

/// What Sidegate adds where the policy may exist in AWS.
fn lack(arn: &str) -> &'static str {
    if arn.starts_with("arn:aws:iam::aws:") { " Sidegate has only some of the policies that AWS manages." } else { "" }
}

pub(super) fn not_found(arn: &str) -> Fault {
    Fault::NoSuchEntity(format!("Policy {arn} was not found.{}", lack(arn)))
}

pub(super) fn not_attachable(arn: &str) -> Fault {
    Fault::NoSuchEntity(format!("Policy {arn} does not exist or is not attachable.{}", lack(arn)))
}

/// What is not attached is told in the words for a policy that there is not, whether or not there is one.
pub(super) fn not_attached(arn: &str) -> Fault {
    Fault::NoSuchEntity(format!("Policy {arn} was not found."))
}

fn no_version(arn: &str, version: &str) -> Fault {
    Fault::NoSuchEntity(format!("Policy {arn} version {version} does not exist or is not attachable.{}", lack(arn)))
}

/// The ARN of a request, and whether it can be one.
fn read_arn(call: &Call<'_>) -> Result<String, Fault> {
    let arn = call.form.required("PolicyArn", &ARN);
    call.form.sound()?;
    if is_policy_arn(&arn) { Ok(arn) } else { Err(Fault::InvalidInput(format!("ARN {arn} is not valid."))) }
}

impl Account {
    /// The account's own policy with an ARN, whose account is not looked at.
    pub(super) fn policy_by_arn(&self, arn: &str) -> Option<&Policy> {
        let policy = self.policies.get(&key(name_of(arn)))?;
        (!arn.starts_with("arn:aws:iam::aws:") && policy.path == path_of(arn) && policy.name == name_of(arn))
            .then_some(policy)
    }

    pub(super) fn policy_by_arn_mut(&mut self, arn: &str) -> Option<&mut Policy> {
        self.policy_by_arn(arn)?;
        self.policies.edit(&key(name_of(arn)))
    }

    /// A policy with an ARN: one of the account, or one of AWS.
    pub(super) fn managed(&self, id: &AccountId, arn: &str) -> Option<&Policy> {
        aws_managed::find(arn).or_else(|| self.policy_by_arn(arn).filter(|policy| policy.arn(id) == arn))
    }

    fn add_policy(&mut self, policy: Policy) -> Result<(), Fault> {
        if self.policies.contains(&key(&policy.name)) {
            return Err(Fault::EntityAlreadyExists(format!(
                "A policy called {} already exists. Duplicate names are not allowed.",
                policy.name
            )));
        }
        if self.policies.len() >= MOST {
            return Err(Fault::quota("PoliciesPerAccount", MOST));
        }
        self.policies.insert(key(&policy.name), policy);
        Ok(())
    }

    /// The policy that a request wants to change.
    fn own_policy_mut(&mut self, id: &AccountId, arn: &str, absent: impl Fn() -> Fault) -> Result<&mut Policy, Fault> {
        if aws_managed::find(arn).is_some() {
            return Err(Fault::AccessDenied(format!(
                "Policy {arn} is managed by AWS and cannot be changed from account {id}."
            )));
        }
        self.policy_by_arn_mut(arn).filter(|policy| policy.arn(id) == arn).ok_or_else(absent)
    }

    fn remove_policy(&mut self, id: &AccountId, arn: &str) -> Result<(), Fault> {
        let usage = Usage::of(self);
        let policy = self.own_policy_mut(id, arn, || not_found(arn))?;
        if usage.attachments(arn) + usage.boundaries(arn) > 0 {
            return Err(Fault::DeleteConflict("Cannot delete a policy attached to entities."));
        }
        if policy.versions.len() > 1 {
            return Err(Fault::DeleteConflict(
                "This policy has more than one version. Before you delete a policy, you must delete the policy's \
                 versions. The default version is deleted with the policy.",
            ));
        }
        self.policies.remove(&key(name_of(arn)));
        Ok(())
    }
}

/// `CreatePolicy`
pub(super) fn create(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("PolicyName", &POLICY);
    let path = call.form.text("Path", &POLICY_PATH).unwrap_or_else(|| "/".to_owned());
    let text: Arc<str> = call.form.required("PolicyDocument", &DOCUMENT).into();
    let description = call.form.text("Description", &POLICY_DESCRIPTION).filter(|text| !text.is_empty());
    let given = call.form.tags();
    call.form.sound()?;
    let tags = Tagged::Policy.checked(&given)?;
    document::check(Kind::Managed, &text)?;
    let requirements = call.needs_with_tags(arn(call.account_id(), "policy", &path, &name), "TagPolicy", &given);
    Ok(Prepared::new(requirements, move |turn| {
        let id = unique_id("ANPA")?;
        let policy = Policy { description, tags, ..Policy::new(name, path, id, turn.now, 1, text) };
        turn.write(|account| account.add_policy(policy.clone()))?;
        let mut content = Content::default();
        let arn = policy.arn(turn.account_id);
        content.nested("Policy", |content| policy.render(content, &arn, &Usage::default(), View::Made));
        Ok(Some(content))
    }))
}

/// `GetPolicy`
pub(super) fn get(call: &Call<'_>) -> Result<Prepared, Fault> {
    let arn = read_arn(call)?;
    call.looks_up(call.needs(&arn), move |account, id| {
        let policy = account.managed(id, &arn).ok_or_else(|| not_found(&arn))?;
        let mut content = Content::default();
        content.nested("Policy", |content| policy.render(content, &arn, &Usage::of(account), View::Whole));
        Ok(content)
    })
}

fn with_policy(arn: &str) -> Option<(String, &'static Policy)> {
    aws_managed::find(arn).map(|policy| (arn.to_owned(), policy))
}

/// `ListPolicies`
pub(super) fn list(call: &Call<'_>) -> Result<Prepared, Fault> {
    let scope = call.form.choice("Scope", &["All", "AWS", "Local"]).unwrap_or("All");
    let only_attached = call.form.boolean("OnlyAttached").unwrap_or(false);
    let prefix = call.form.text("PathPrefix", &POLICY_PATH).unwrap_or_else(|| "/".to_owned());
    let usage_filter = call.form.choice("PolicyUsageFilter", &["PermissionsPolicy", "PermissionsBoundary"]);
    let paging = Paging::of(call)?;
    call.looks_up(call.needs("*"), move |account, id| {
        let usage = Usage::of(account);
        let of_aws = aws_managed::arns().filter(|_| scope != "Local").filter_map(with_policy);
        let own = account.policies.values().filter(|_| scope != "AWS").map(|policy| (policy.arn(id), policy));
        let wanted = |(arn, policy): &(String, &Policy)| {
            let attached = match usage_filter {
                Some("PermissionsPolicy") => usage.attachments(arn) > 0,
                Some(_) => usage.boundaries(arn) > 0,
                None => !only_attached || usage.attachments(arn) + usage.boundaries(arn) > 0,
            };
            attached && policy.path.starts_with(&prefix)
        };
        let of_aws = of_aws.filter(wanted).map(|found| (format!("1{}", key(&found.1.name)), found));
        let own = own.filter(wanted).map(|found| (format!("0{}", key(&found.1.name)), found));
        let page = paging.page(own.chain(of_aws));
        Ok(page.render("Policies", |content, (arn, policy)| policy.render(content, &arn, &usage, View::Listed)))
    })
}

/// `DeletePolicy`
pub(super) fn delete(call: &Call<'_>) -> Result<Prepared, Fault> {
    let arn = read_arn(call)?;
    let id = call.account_id().clone();
    call.frees(call.needs(&arn), move |account| account.remove_policy(&id, &arn))
}

/// `CreatePolicyVersion`
pub(super) fn create_version(call: &Call<'_>) -> Result<Prepared, Fault> {
    let text: Arc<str> = call.form.required("PolicyDocument", &DOCUMENT).into();
    let is_default = call.form.boolean("SetAsDefault").unwrap_or(false);
    let arn = read_arn(call)?;
    let requirements = vec![call.needs(&arn)];
    Ok(Prepared::new(requirements, move |turn| {
        let (policy, number) = turn.write(|account| {
            let policy = account.own_policy_mut(turn.account_id, &arn, || not_found(&arn))?;
            document::check(Kind::Managed, &text)?;
            let number = policy.add_version(Arc::clone(&text), is_default, turn.now)?;
            Ok((policy.clone(), number))
        })?;
        let mut content = Content::default();
        if let Some(version) = policy.versions.get(&number) {
            content.nested("PolicyVersion", |content| policy.render_version(content, number, version, false));
        }
        Ok(Some(content))
    }))
}

/// `GetPolicyVersion`
pub(super) fn get_version(call: &Call<'_>) -> Result<Prepared, Fault> {
    let version = call.form.required("VersionId", &VERSION);
    let arn = read_arn(call)?;
    call.looks_up(call.needs(&arn), move |account, id| {
        let policy = account.managed(id, &arn).ok_or_else(|| no_version(&arn, &version))?;
        let (number, version) = policy.version(&version, &arn)?;
        let mut content = Content::default();
        content.nested("PolicyVersion", |content| policy.render_version(content, number, version, true));
        Ok(content)
    })
}

/// `ListPolicyVersions`, the newest first.
pub(super) fn list_versions(call: &Call<'_>) -> Result<Prepared, Fault> {
    let paging = Paging::of(call)?;
    let arn = read_arn(call)?;
    call.looks_up(call.needs(&arn), move |account, id| {
        let policy = account.managed(id, &arn).ok_or_else(|| not_found(&arn))?;
        let place = |number: u32| format!("{:010}", u32::MAX - number);
        let versions = policy.versions.iter().map(|(number, version)| (place(*number), (*number, version)));
        Ok(paging.page(versions).render("Versions", |content, (number, version)| {
            policy.render_version(content, number, version, false);
        }))
    })
}

/// `DeletePolicyVersion`
pub(super) fn delete_version(call: &Call<'_>) -> Result<Prepared, Fault> {
    let version = call.form.required("VersionId", &VERSION);
    let arn = read_arn(call)?;
    let id = call.account_id().clone();
    call.frees(call.needs(&arn), move |account| {
        let policy = account.own_policy_mut(&id, &arn, || no_version(&arn, &version))?;
        let (number, _) = policy.version(&version, &arn)?;
        if number == policy.default {
            return Err(Fault::DeleteConflict("Cannot delete the default version of a policy."));
        }
        policy.versions.remove(&number);
        Ok(())
    })
}

/// `SetDefaultPolicyVersion`
pub(super) fn set_default_version(call: &Call<'_>) -> Result<Prepared, Fault> {
    let version = call.form.required("VersionId", &VERSION);
    let arn = read_arn(call)?;
    let id = call.account_id().clone();
    let now = call.caller.now;
    call.changes(call.needs(&arn), move |account| {
        let policy = account.own_policy_mut(&id, &arn, || no_version(&arn, &version))?;
        policy.default = policy.version(&version, &arn)?.0;
        policy.updated = now;
        Ok(())
    })
}

/// `ListEntitiesForPolicy`
pub(super) fn list_entities(call: &Call<'_>) -> Result<Prepared, Fault> {
    let filter = call.form.choice("EntityFilter", &["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]);
    let prefix = call.form.text("PathPrefix", &PATH).unwrap_or_else(|| "/".to_owned());
    let usage = call.form.choice("PolicyUsageFilter", &["PermissionsPolicy", "PermissionsBoundary"]);
    let paging = Paging::of(call)?;
    let arn = read_arn(call)?;
    call.looks_up(call.needs(&arn), move |account, id| {
        account.managed(id, &arn).ok_or_else(|| not_found(&arn))?;
        let page = paging.page(entities(account, &arn, filter, &prefix, usage));
        let mut content = Content::default();
        for (list, kind, word) in [("PolicyGroups", 0, "Group"), ("PolicyUsers", 1, "User"), ("PolicyRoles", 2, "Role")]
        {
            let of_kind = page.items.iter().filter(|entity| entity.0 == kind);
            content.list(list, of_kind, |content, (_, name, id)| {
                content.text(&format!("{word}Name"), name).text(&format!("{word}Id"), id);
            });
        }
        page.end(&mut content);
        Ok(content)
    })
}

/// An entity that uses a policy: 0 for a group, 1 for a user, 2 for a role; its name and its unique id.
type Entity = (u8, String, String);

fn entities(
    account: &Account, arn: &str, filter: Option<&str>, prefix: &str, usage: Option<&str>,
) -> Vec<(String, Entity)> {
    let uses = |attached: bool, limited: bool| match usage {
        Some("PermissionsPolicy") => attached,
        Some(_) => limited,
        None => attached || limited,
    };
    let limits = |boundary: &Option<String>| boundary.as_deref() == Some(arn);
    let wanted = |kind: &str, path: &str| filter.is_none_or(|filter| filter == kind) && path.starts_with(prefix);
    let groups = account
        .groups
        .values()
        .filter(|group| wanted("Group", &group.path) && uses(group.permissions.attached.contains(arn), false))
        .map(|group| (0, group.name.clone(), group.id.clone()));
    let users = account
        .users
        .values()
        .filter(|user| wanted("User", &user.path))
        .filter(|user| uses(user.permissions.attached.contains(arn), limits(&user.boundary)))
        .map(|user| (1, user.name.clone(), user.id.clone()));
    let roles = account
        .roles
        .values()
        .filter(|role| wanted("Role", &role.path))
        .filter(|role| uses(role.permissions.attached.contains(arn), limits(&role.boundary)))
        .map(|role| (2, role.name.clone(), role.id.clone()));
    groups.chain(users).chain(roles).map(|entity| (format!("{}{}", entity.0, key(&entity.1)), entity)).collect()
}
