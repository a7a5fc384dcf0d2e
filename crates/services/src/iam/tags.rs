//! Tags of users, roles, policies, instance profiles, providers, devices and certificates.

use std::collections::BTreeMap;

use sidegate_wire::aws_query::Content;

use super::action::{Call, Prepared};
use super::fault::Fault;
use super::form::{ARN, CERTIFICATE, EXISTING_USER, PROFILE, ROLE, SERIAL, Text};
use super::mfa::no_device;
use super::oidc::no_oidc_provider;
use super::page::Paging;
use super::policy::not_found;
use super::saml::no_saml_provider;
use super::state::Account;
use super::text::key;

/// The most tags of anything.
const MOST: usize = 50;

/// The tags of something.
pub(super) type Tags = BTreeMap<String, String>;

/// Whether the key of a tag is one that AWS alone gives, whatever its case.
pub(crate) fn is_reserved(name: &str) -> bool {
    key(name).starts_with("aws:")
}

/// What can have tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tagged {
    User,
    Role,
    Policy,
    Profile,
    Oidc,
    Saml,
    Mfa,
    Certificate,
}

impl Tagged {
    fn parameter(self) -> (&'static str, &'static Text) {
        match self {
            Self::User => ("UserName", &EXISTING_USER),
            Self::Role => ("RoleName", &ROLE),
            Self::Policy => ("PolicyArn", &ARN),
            Self::Profile => ("InstanceProfileName", &PROFILE),
            Self::Oidc => ("OpenIDConnectProviderArn", &ARN),
            Self::Saml => ("SAMLProviderArn", &ARN),
            Self::Mfa => ("SerialNumber", &SERIAL),
            Self::Certificate => ("ServerCertificateName", &CERTIFICATE),
        }
    }

    /// Whether keys that differ in case alone are the same.
    ///
    /// Source: IAM user guide, "Rules for tagging in IAM and AWS STS"; recorded answers of AWS.
    fn ignores_case(self) -> bool {
        matches!(self, Self::User | Self::Role)
    }

    fn arn(self, call: &Call<'_>, name: &str) -> String {
        let (account, id) = (call.account(), call.account_id());
        match self {
            Self::User => account.user_arn(id, name),
            Self::Role => account.role_arn(id, name),
            Self::Profile => account.profile_arn(id, name),
            Self::Certificate => account.certificate_arn(id, name),
            Self::Policy | Self::Oidc | Self::Saml | Self::Mfa => name.to_owned(),
        }
    }

    fn of(self, account: &Account, name: &str) -> Result<Tags, Fault> {
        let tags = match self {
            Self::User => &account.user(name)?.tags,
            Self::Role => &account.role(name)?.tags,
            Self::Profile => &account.profile(name)?.tags,
            Self::Policy => &account.policy_by_arn(name).ok_or_else(|| not_found(name))?.tags,
            Self::Oidc => &account.oidc.get(name).ok_or_else(|| no_oidc_provider(name))?.tags,
            Self::Saml => &account.saml.get(name).ok_or_else(|| no_saml_provider(name))?.tags,
            Self::Mfa => &account.mfa.get(name).ok_or_else(|| no_device(name))?.tags,
            Self::Certificate => &account.certificate(name)?.tags,
        };
        Ok(tags.clone())
    }

    fn of_mut<'a>(self, account: &'a mut Account, name: &str) -> Result<&'a mut Tags, Fault> {
        Ok(match self {
            Self::User => &mut account.user_mut(name)?.tags,
            Self::Role => &mut account.role_mut(name)?.tags,
            Self::Profile => &mut account.profile_mut(name)?.tags,
            Self::Policy => &mut account.policy_by_arn_mut(name).ok_or_else(|| not_found(name))?.tags,
            Self::Oidc => &mut account.oidc.edit(name).ok_or_else(|| no_oidc_provider(name))?.tags,
            Self::Saml => &mut account.saml.edit(name).ok_or_else(|| no_saml_provider(name))?.tags,
            Self::Mfa => &mut account.mfa.edit(name).ok_or_else(|| no_device(name))?.tags,
            Self::Certificate => &mut account.certificate_mut(name)?.tags,
        })
    }

    /// The tags that a request gives to something new.
    pub(super) fn checked(self, given: &[(String, String)]) -> Result<Tags, Fault> {
        let mut tags = Tags::new();
        self.add(&mut tags, given)?;
        Ok(tags)
    }

    fn add(self, tags: &mut Tags, given: &[(String, String)]) -> Result<(), Fault> {
        let same = |a: &str, b: &str| if self.ignores_case() { a.eq_ignore_ascii_case(b) } else { a == b };
        for (index, (name, value)) in given.iter().enumerate() {
            if given.iter().skip(index + 1).any(|(other, _)| same(name, other)) {
                let hint = if self.ignores_case() { " Please note that Tag keys are case insensitive." } else { "" };
                return Err(Fault::InvalidInput(format!("Duplicate tag keys found.{hint}")));
            }
            if is_reserved(name) {
                let message = "The tag key prefix aws: is reserved. You cannot add, edit or delete tags with it.";
                return Err(Fault::InvalidInput(message.to_owned()));
            }
            // A key in another case replaces the one that is there.
            tags.retain(|old, _| !same(old, name));
            tags.insert(name.clone(), value.clone());
        }
        if tags.len() > MOST {
            return Err(Fault::LimitExceeded("The number of tags has reached the maximum limit.".to_owned()));
        }
        Ok(())
    }
}

/// The element `Tags`.
pub(super) fn render(content: &mut Content, tags: &Tags) {
    content.list("Tags", tags, |tag, (name, value)| {
        tag.text("Key", name).text("Value", value);
    });
}

/// The element `Tags`, left out where there are none.
pub(super) fn render_some(content: &mut Content, tags: &Tags) {
    if !tags.is_empty() {
        render(content, tags);
    }
}

/// `TagUser` and its like.
pub(super) fn tag(call: &Call<'_>, tagged: Tagged) -> Result<Prepared, Fault> {
    let (parameter, rule) = tagged.parameter();
    let name = call.form.required(parameter, rule);
    let given = call.form.tags();
    call.form.sound()?;
    call.changes(call.needs(tagged.arn(call, &name)), move |account| tagged.add(tagged.of_mut(account, &name)?, &given))
}

/// `UntagUser` and its like.
pub(super) fn untag(call: &Call<'_>, tagged: Tagged) -> Result<Prepared, Fault> {
    let (parameter, rule) = tagged.parameter();
    let name = call.form.required(parameter, rule);
    let keys = call.form.tag_keys("TagKeys");
    call.form.sound()?;
    call.frees(call.needs(tagged.arn(call, &name)), move |account| {
        let tags = tagged.of_mut(account, &name)?;
        let named = |old: &String| {
            keys.iter().any(|k| if tagged.ignores_case() { k.eq_ignore_ascii_case(old) } else { k == old })
        };
        tags.retain(|old, _| !named(old));
        Ok(())
    })
}

/// `ListUserTags` and its like.
pub(super) fn list(call: &Call<'_>, tagged: Tagged) -> Result<Prepared, Fault> {
    let (parameter, rule) = tagged.parameter();
    let name = call.form.required(parameter, rule);
    let paging = Paging::of(call)?;
    call.form.sound()?;
    call.looks_up(call.needs(tagged.arn(call, &name)), move |account, _| {
        let tags = tagged.of(account, &name)?;
        let page = paging.page(tags.into_iter().map(|(name, value)| (name.clone(), (name, value))));
        Ok(page.render("Tags", |tag, (name, value)| {
            tag.text("Key", name).text("Value", value);
        }))
    })
}
