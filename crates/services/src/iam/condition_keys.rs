//! The condition keys of IAM's own actions: what a request gives, and what is known of the entity that it is about.
//!
//! Source: Service authorization reference, "Actions, resources, and condition keys for AWS Identity and Access
//! Management"; IAM user guide, "IAM and AWS STS condition context keys".

use sidegate_iam::Context;

use super::action::Call;
use super::state::Account;
use super::tags::Tags;
use super::text::key;

/// The actions that tell the permissions boundary of the user or role that they are about.
const TELL_BOUNDARY: [&str; 10] = [
    "AttachRolePolicy",
    "AttachUserPolicy",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DeleteUserPermissionsBoundary",
    "DeleteUserPolicy",
    "DetachRolePolicy",
    "DetachUserPolicy",
    "PutRolePolicy",
    "PutUserPolicy",
];

/// The actions that give a user or role a boundary.
const GIVE_BOUNDARY: [&str; 4] =
    ["CreateRole", "CreateUser", "PutRolePermissionsBoundary", "PutUserPermissionsBoundary"];

/// The keys of an action of a call on one resource. The action need not be that of the call: who tags what it makes needs
/// a permission for that as well.
pub(super) fn of(call: &Call<'_>, action: &str, resource: &str) -> Context {
    let mut context = of_request(call, action);
    let account = call.account();
    // What is being made has no tags yet, even if something has its name already.
    let Some(entity) = (!call.action.starts_with("Create")).then(|| Entity::named(&account, resource)).flatten() else {
        return context;
    };
    for (name, value) in entity.tags {
        context = context.with(&format!("aws:ResourceTag/{name}"), value.as_str());
        if entity.is_principal {
            context = context.with(&format!("iam:ResourceTag/{name}"), value.as_str());
        }
    }
    if let Some(boundary) = entity.boundary.filter(|_| TELL_BOUNDARY.contains(&action)) {
        context = context.with("iam:PermissionsBoundary", boundary);
    }
    match entity.service {
        Some(service) if action == "DeleteServiceLinkedRole" => context.with("iam:AWSServiceName", service),
        _ => context,
    }
}

fn of_request(call: &Call<'_>, action: &str) -> Context {
    let mut context = Context::new();
    let mut take = |key: &str, parameter: &str| {
        if let Some(value) = call.form.given(parameter) {
            context = std::mem::take(&mut context).with(key, value);
        }
    };
    if ["Attach", "Detach"].iter().any(|verb| action.starts_with(verb)) {
        take("iam:PolicyARN", "PolicyArn");
    }
    if GIVE_BOUNDARY.contains(&action) {
        take("iam:PermissionsBoundary", "PermissionsBoundary");
    }
    if action == "CreateServiceLinkedRole" {
        take("iam:AWSServiceName", "AWSServiceName");
    }
    let tags = call.form.given_tags();
    let mut names: Vec<&str> = call.form.given_texts("TagKeys");
    for (name, value) in tags {
        context = context.with(&format!("aws:RequestTag/{name}"), value);
        names.push(name);
    }
    if names.is_empty() { context } else { context.with_many("aws:TagKeys", names) }
}

/// What an action is about, as far as policies can speak of it.
struct Entity<'a> {
    tags: &'a Tags,
    boundary: Option<&'a str>,
    /// The service that owns it.
    service: Option<&'a str>,
    /// Whether it is a user or a role.
    is_principal: bool,
}

impl<'a> Entity<'a> {
    fn named(account: &'a Account, resource: &str) -> Option<Self> {
        let (kind, rest) = resource.splitn(6, ':').nth(5)?.split_once('/')?;
        let name = key(rest.rsplit('/').next()?);
        let thing = |tags| Self { tags, boundary: None, service: None, is_principal: false };
        match kind {
            "user" => account.users.get(&name).map(|user| Self {
                boundary: user.boundary.as_deref(),
                is_principal: true,
                ..thing(&user.tags)
            }),
            "role" => account.roles.get(&name).map(|role| Self {
                boundary: role.boundary.as_deref(),
                service: role.service.as_deref(),
                is_principal: true,
                ..thing(&role.tags)
            }),
            "policy" => account.policy_by_arn(resource).map(|policy| thing(&policy.tags)),
            "instance-profile" => account.profiles.get(&name).map(|profile| thing(&profile.tags)),
            "oidc-provider" => account.oidc.get(resource).map(|provider| thing(&provider.tags)),
            "mfa" => account.mfa.get(resource).map(|device| thing(&device.tags)),
            "server-certificate" => account.certificates.get(&name).map(|certificate| thing(&certificate.tags)),
            "saml-provider" => account.saml.get(resource).map(|provider| thing(&provider.tags)),
            _ => None,
        }
    }
}
