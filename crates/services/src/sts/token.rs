//! `GetSessionToken` and `GetFederationToken`

use sidegate_iam::Requirement;
use sidegate_model::AccountId;
use sidegate_wire::aws_query::Content;

use super::assume_role::{Policies, packed_size, read_mfa, read_tags};
use super::{Call, Prepared, render};
use crate::iam::{Fault, Identity, NewSession, Subject, Text};

const NAME: Text =
    Text::new(2, 32, r"[\w+=,.@-]*", |text| text.bytes().all(|c| c.is_ascii_alphanumeric() || b"_+=,.@-".contains(&c)));

/// How long these sessions last where the request does not say: twelve hours.
const USUAL: i64 = 43_200;

/// How long they last at most for the root user: longer ones are cut.
///
/// Source: STS API reference, "GetSessionToken".
const MOST_OF_ROOT: i64 = 3_600;

/// Who asks, and for how long. Neither action is for who is in a session already.
fn read(call: &Call<'_>, action: &str) -> Result<(AccountId, Subject, i64), Fault> {
    let seconds = call.form.number("DurationSeconds", 900, 129_600).unwrap_or(USUAL);
    let forbidden = || Fault::AccessDenied(format!("Cannot call {action} with session credentials"));
    if call.directory.inherited(call.caller).is_some() {
        return Err(forbidden());
    }
    match &call.identity {
        Identity::Root(account) => Ok((account.clone(), Subject::Root, seconds.min(MOST_OF_ROOT))),
        Identity::User { account, path, name, id } => {
            let subject = Subject::User { path: path.clone(), name: name.clone(), id: id.clone() };
            Ok((account.clone(), subject, seconds))
        }
        Identity::Session { .. } | Identity::Federated { .. } => Err(forbidden()),
        Identity::Anonymous => Err(Fault::Unauthenticated),
    }
}

/// `GetSessionToken`, for which nobody needs a permission; an endpoint policy can deny it.
pub(super) fn session(call: &Call<'_>) -> Result<Prepared, Fault> {
    let (account, subject, seconds) = read(call, "GetSessionToken")?;
    let mfa = read_mfa(call)?;
    call.form.sound()?;
    let now = call.caller.now;
    Ok(Prepared::new(vec![Requirement::new("sts:GetSessionToken", "*").free()], move |allowed, directory| {
        if let Some(proof) = &mfa {
            directory.use_up(allowed, proof)?;
        }
        let new = NewSession { mfa: mfa.is_some(), ..NewSession::of(account, subject, seconds) };
        let credentials = directory.issue_session(new, now)?;
        let mut content = Content::default();
        render(&mut content, &credentials);
        Ok(content)
    }))
}

/// `GetFederationToken`. What the session may do is what both the user and the given policies allow.
pub(super) fn federation(call: &Call<'_>) -> Result<Prepared, Fault> {
    let (account, subject, seconds) = read(call, "GetFederationToken")?;
    let name = call.form.required("Name", &NAME);
    let tags = read_tags(&call.form);
    let policies = Policies::read(call, &account)?;
    let tags = tags?;
    let by = match subject {
        Subject::User { id, .. } => Some(id),
        _ => None,
    };
    let arn = format!("arn:aws:sts::{account}:federated-user/{name}");
    let mut requirements = vec![Requirement::new("sts:GetFederationToken", arn.clone())];
    if !tags.is_empty() {
        requirements.push(Requirement::new("sts:TagSession", arn.clone()));
    }
    let now = call.caller.now;
    Ok(Prepared::new(requirements, move |_, directory| {
        let size = packed_size(&policies, &tags)?.unwrap_or(0);
        let id = format!("{account}:{name}");
        let Policies { inline, arns } = policies;
        let new = NewSession::of(account, Subject::FederatedUser { name, by }, seconds);
        let new = NewSession { policies: inline.map(Into::into).into_iter().collect(), policy_arns: arns, tags, ..new };
        let credentials = directory.issue_session(new, now)?;
        let mut content = Content::default();
        render(&mut content, &credentials);
        content
            .nested("FederatedUser", |content| {
                content.text("FederatedUserId", id).text("Arn", arn);
            })
            .text("PackedPolicySize", size);
        Ok(content)
    }))
}
