//! `AssumeRole`

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sidegate_iam::{Context, Policy, PolicyType, Requirement};
use sidegate_model::AccountId;
use sidegate_wire::aws_query::Content;

use super::{Call, Prepared, render};
use crate::iam::document::{self, Kind};
use crate::iam::{ARN, DOCUMENT, Fault, Form, Identity, Inherited, NewSession, Proof, RoleFacts, Text, is_reserved};

fn is_name(text: &str) -> bool {
    text.bytes().all(|c| c.is_ascii_alphanumeric() || b"_+=,.@-".contains(&c))
}

const SESSION_NAME: Text = Text::new(2, 64, r"[\w+=,.@-]*", is_name);
const SOURCE_IDENTITY: Text = Text::new(2, 64, r"[\w+=,.@-]*", is_name);
const EXTERNAL_ID: Text = Text::new(2, 1224, r"[\w+=,.@:\/-]*", |text| {
    text.bytes().all(|c| c.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&c))
});
const SERIAL_NUMBER: Text = Text::new(9, 256, r"[\w+=/:,.@-]*", |text| {
    text.bytes().all(|c| c.is_ascii_alphanumeric() || b"_+=/:,.@-".contains(&c))
});
const TOKEN_CODE: Text = Text::new(6, 6, r"[\d]*", |text| text.bytes().all(|c| c.is_ascii_digit()));

/// How long a session lasts where the request does not say, and at most for a role that was assumed by another one.
const HOUR: i64 = 3_600;

/// The most managed policies that a session has.
const MOST_ARNS: usize = 10;

/// The most characters of a session's policies.
const MOST_CHARACTERS: usize = 2_048;

/// A request for a session of a role, checked.
pub(super) struct AssumeRole {
    role_arn: String,
    session_name: String,
    seconds: Option<i64>,
    policies: Policies,
    tags: BTreeMap<String, String>,
    transitive: BTreeSet<String>,
    /// `sts:ExternalId`, for the trust policy.
    external_id: Option<String>,
    source_identity: Option<String>,
    /// That a device vouches for the caller.
    mfa: Option<Proof>,
}

/// The session policies of a request.
pub(super) struct Policies {
    pub(super) inline: Option<String>,
    pub(super) arns: Vec<String>,
}

impl Policies {
    /// Reads and checks them; managed ones have to be of the account that the session will be of, or AWS's.
    pub(super) fn read(call: &Call<'_>, account: &AccountId) -> Result<Self, Fault> {
        let arns = call.form.texts_of("PolicyArns", "arn", &ARN);
        let inline = call.form.text("Policy", &DOCUMENT).filter(|text| !text.is_empty());
        call.form.sound()?;
        if let Some(text) = &inline {
            document::check(Kind::Session, text)?;
            if text.chars().count() > MOST_CHARACTERS {
                return Err(Fault::Validation(format!(
                    "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have \
                     length less than or equal to {MOST_CHARACTERS}"
                )));
            }
        }
        if arns.len() > MOST_ARNS {
            return Err(Fault::Validation(format!("A session can have at most {MOST_ARNS} policy ARNs.")));
        }
        match arns.iter().find(|arn| !call.directory.has_policy(account, arn)) {
            Some(arn) => Err(Fault::Validation(format!("Policy {arn} does not exist or cannot limit a session."))),
            None => Ok(Self { inline, arns }),
        }
    }
}

/// Session tags, which are told apart without regard to case.
///
/// Source: IAM user guide, "Rules for tagging in IAM and AWS STS"; the words for a reserved key are those of IAM.
pub(super) fn read_tags(form: &Form<'_>) -> Result<BTreeMap<String, String>, Fault> {
    let given = form.tags();
    for (index, (key, _)) in given.iter().enumerate() {
        if is_reserved(key) {
            let message = "The tag key prefix aws: is reserved. You cannot pass session tags with it.";
            return Err(Fault::InvalidParameterValue(message));
        }
        if given.iter().skip(index + 1).any(|(other, _)| key.eq_ignore_ascii_case(other)) {
            let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(Fault::InvalidParameterValue(message));
        }
    }
    Ok(given.into_iter().collect())
}

/// The code of a device of the caller's that a request brings, checked. It is used up when the request is allowed.
pub(super) fn read_mfa(call: &Call<'_>) -> Result<Option<Proof>, Fault> {
    let serial = call.form.text("SerialNumber", &SERIAL_NUMBER);
    let code = call.form.text("TokenCode", &TOKEN_CODE);
    call.form.sound()?;
    match (serial, code) {
        (None, None) => Ok(None),
        (Some(serial), Some(code)) => call.directory.prove(call.caller, &serial, &code).map(Some),
        _ => {
            let message =
                "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.";
            Err(Fault::AccessDenied(message.to_owned()))
        }
    }
}

/// How much of the room for policies and tags a session takes, in percent; `None` if it has neither.
///
/// How AWS packs them is not told. This comes near what it says of small policies, and lets the longest policy through.
pub(super) fn packed_size(policies: &Policies, tags: &BTreeMap<String, String>) -> Result<Option<usize>, Fault> {
    let inline = policies.inline.as_deref().map_or(0, document::size);
    let arns: usize = policies.arns.iter().map(String::len).sum();
    let tags: usize = tags.iter().map(|(key, value)| key.chars().count() + value.chars().count()).sum();
    let characters = inline + arns + tags;
    if characters == 0 {
        return Ok(None);
    }
    let percent = 8 + (characters * 92).div_ceil(MOST_CHARACTERS);
    if percent > 100 {
        return Err(Fault::PackedPolicyTooLarge(format!(
            "Packed size of session policies and session tags consumes {percent}% of allotted space."
        )));
    }
    Ok(Some(percent))
}

impl AssumeRole {
    /// A request for a session of this role that gives nothing else.
    pub(super) fn plain(role_arn: &str) -> Self {
        Self {
            role_arn: role_arn.to_owned(),
            session_name: "supposed".to_owned(),
            seconds: None,
            policies: Policies { inline: None, arns: Vec::new() },
            tags: BTreeMap::new(),
            transitive: BTreeSet::new(),
            external_id: None,
            source_identity: None,
            mfa: None,
        }
    }

    fn read(call: &Call<'_>) -> Result<Self, Fault> {
        let form = &call.form;
        let role_arn = form.required("RoleArn", &ARN);
        let session_name = form.required("RoleSessionName", &SESSION_NAME);
        let seconds = form.number("DurationSeconds", 900, 43_200);
        let tags = read_tags(form);
        let transitive = form.tag_keys("TransitiveTagKeys").into_iter().collect();
        let external_id = form.text("ExternalId", &EXTERNAL_ID);
        let source_identity = form.text("SourceIdentity", &SOURCE_IDENTITY);
        form.sound()?;
        let account = account_of_role(&role_arn).ok_or_else(|| Fault::Validation(format!("{role_arn} is invalid")))?;
        let mfa = read_mfa(call)?;
        let policies = Policies::read(call, &account)?;
        let tags = tags?;
        let request =
            Self { role_arn, session_name, seconds, policies, tags, transitive, external_id, source_identity, mfa };
        request.check_transitive()?;
        Ok(request)
    }

    fn check_transitive(&self) -> Result<(), Fault> {
        let is_tag = |key: &String| self.tags.keys().any(|tag| tag.eq_ignore_ascii_case(key));
        if self.transitive.iter().all(is_tag) {
            return Ok(());
        }
        let message = "The specified transitive tag key must be included in the requested tags.";
        Err(Fault::InvalidParameterValue(message))
    }

    /// What the session has from the one that asks for it.
    fn inherit(&mut self, from: &Inherited) -> Result<(), Fault> {
        for (key, value) in &from.tags {
            if self.tags.keys().any(|tag| tag.eq_ignore_ascii_case(key)) {
                return Err(Fault::InvalidParameterValue(
                    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag \
                     key from the calling session.",
                ));
            }
            self.tags.insert(key.clone(), value.clone());
            self.transitive.insert(key.clone());
        }
        match (&self.source_identity, &from.source_identity) {
            (Some(asked), Some(kept)) if asked != kept => Err(Fault::AccessDenied(format!(
                "The source identity of the calling session is {kept} and cannot be changed."
            ))),
            (_, Some(kept)) => {
                self.source_identity = Some(kept.clone());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What conditions may ask of the request and the role.
    fn context(&self, role: Option<&RoleFacts>) -> Context {
        let mut context = Context::new().with("sts:RoleSessionName", self.session_name.as_str());
        for (key, value) in [("sts:ExternalId", &self.external_id), ("sts:SourceIdentity", &self.source_identity)] {
            if let Some(value) = value {
                context = context.with(key, value.as_str());
            }
        }
        if self.mfa.is_some() {
            context = context.with("aws:MultiFactorAuthPresent", "true").with("aws:MultiFactorAuthAge", "0");
        }
        for (key, value) in &self.tags {
            context = context.with(&format!("aws:RequestTag/{key}"), value.as_str());
        }
        if !self.tags.is_empty() {
            context = context.with_many("aws:TagKeys", self.tags.keys().map(String::as_str));
        }
        if !self.transitive.is_empty() {
            context = context.with_many("sts:TransitiveTagKeys", self.transitive.iter().map(String::as_str));
        }
        for (key, value) in role.iter().flat_map(|role| &role.tags) {
            let own = format!("ResourceTag/{key}");
            context = context.with(&format!("aws:{own}"), value.as_str()).with(&format!("iam:{own}"), value.as_str());
        }
        context
    }

    /// How long the session lasts.
    fn seconds(&self, role: &RoleFacts, is_chained: bool) -> Result<i64, Fault> {
        let seconds = self.seconds.unwrap_or(HOUR);
        let refused = if is_chained && seconds > HOUR {
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        } else if seconds > role.max_session {
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        } else {
            return Ok(seconds);
        };
        Err(Fault::Validation(refused.to_owned()))
    }
}

/// The account in the ARN of a role; `None` for what is no such ARN.
fn account_of_role(arn: &str) -> Option<AccountId> {
    match arn.splitn(6, ':').collect::<Vec<_>>().as_slice() {
        ["arn", "aws", "iam", "", account, resource] if resource.starts_with("role/") => account.parse().ok(),
        _ => None,
    }
}

/// What has to be allowed for a session of a role.
///
/// Each of these requirements has the role's trust policy as the policy of its resource, and the tags, external id,
/// source identity and session name of the request as condition keys. A role that does not exist trusts nobody.
///
/// Source: IAM user guide, "IAM and AWS STS condition context keys"; "Pass session tags in AWS STS".
pub(super) fn requirements(role: Option<&RoleFacts>, request: &AssumeRole) -> Vec<Requirement> {
    let arn = role.map_or(&request.role_arn, |role| &role.arn);
    let trust = role.and_then(|role| Policy::parse(&role.trust.text, PolicyType::RoleTrust).ok());
    let trust = Arc::new(trust.unwrap_or_else(Policy::nothing));
    let context = request.context(role);
    let requirement = |action: &str| Requirement {
        context: context.clone(),
        ..Requirement::new(action, arn.clone()).under(Arc::clone(&trust))
    };
    let mut requirements = vec![requirement("sts:AssumeRole")];
    if !request.tags.is_empty() {
        requirements.push(requirement("sts:TagSession"));
    }
    if request.source_identity.is_some() {
        requirements.push(requirement("sts:SetSourceIdentity"));
    }
    requirements
}

/// `AssumeRole`
pub(super) fn prepare(call: &Call<'_>) -> Result<Prepared, Fault> {
    let mut request = AssumeRole::read(call)?;
    if matches!(call.identity, Identity::Root(_)) {
        return Err(Fault::AccessDenied("Roles may not be assumed by root accounts.".to_owned()));
    }
    let inherited = call.directory.inherited(call.caller);
    if let Some(from) = &inherited {
        request.inherit(from)?;
    }
    let role = call.directory.role(&request.role_arn);
    let requirements = requirements(role.as_ref(), &request);
    let is_chained = matches!(call.identity, Identity::Session { .. });
    let caller = call.identity.arn().unwrap_or_else(|| "anonymous".to_owned());
    let now = call.caller.now;
    Ok(Prepared::new(requirements, move |allowed, directory| {
        // Whether there is such a role is not told apart from whether it may be assumed.
        let Some(role) = role else {
            let arn = request.role_arn;
            return Err(Fault::AccessDenied(format!(
                "User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}"
            )));
        };
        let seconds = request.seconds(&role, is_chained)?;
        let size = packed_size(&request.policies, &request.tags)?;
        let AssumeRole { session_name, policies, tags, transitive, source_identity, mfa, .. } = request;
        if let Some(proof) = &mfa {
            directory.use_up(allowed, proof)?;
        }
        let Policies { inline, arns } = policies;
        let new = NewSession::of(role.account.clone(), role.session(&session_name), seconds);
        let policies = inline.map(Into::into).into_iter().collect();
        let given = source_identity.clone();
        let mfa = mfa.is_some();
        let new = NewSession { policies, policy_arns: arns, tags, transitive, source_identity: given, mfa, ..new };
        let credentials = directory.issue_session(new, now)?;
        let mut content = Content::default();
        render(&mut content, &credentials);
        content
            .nested("AssumedRoleUser", |content| {
                let arn = format!("arn:aws:sts::{}:assumed-role/{}/{session_name}", role.account, role.name);
                content.text("AssumedRoleId", format!("{}:{session_name}", role.id)).text("Arn", arn);
            })
            .optional("PackedPolicySize", size)
            .optional("SourceIdentity", source_identity);
        Ok(content)
    }))
}
