//! The credentials of roles: what is asked of the identities, and how it is told.
//!
//! Source: IAM user guide, "Troubleshoot IAM and Amazon EC2"; EC2 user guide, "Retrieve security credentials from instance
//! metadata". Wordings are those of documents that users of EC2 have shown.

use std::net::Ipv4Addr;

use sidegate_model::{AccountId, NetworkInterfaceId, Region, VpcId};
use sidegate_plan::RoleSource;
use sidegate_wire::sigv4::SecretKey;

use super::tree::{Node, document, text, whole_seconds};

/// Where a refusal sends its reader.
const PAGE: &str = "Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html\
                    #troubleshoot_iam-ec2_errors-info-doc.";

/// Who asks for the credentials of a role.
#[derive(Clone, Copy, Debug)]
pub struct Bearer<'a> {
    /// Whose role it is.
    pub account: &'a AccountId,
    /// Where the bearer is.
    pub region: Region,
    /// Its VPC.
    pub vpc: &'a VpcId,
    /// Its first interface.
    pub interface: &'a NetworkInterfaceId,
    /// The id of the instance, or what a program of `sidegate exec` has in its place.
    pub instance: &'a str,
    /// Its primary private address.
    pub address: Ipv4Addr,
    /// What leads to the role.
    pub source: &'a RoleSource,
    /// Whether it has shown a token.
    pub has_token: bool,
}

/// What there is behind a source of credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundRole {
    /// A role, by its name. It may have been deleted, if no profile leads to it.
    Named(String),
    /// A profile without a role.
    Missing,
    /// The profile was deleted, even if there is another of its name.
    NoProfile,
}

/// The credentials of a session of a role.
#[derive(Clone, Debug)]
pub struct RoleSession {
    /// The id of the access key.
    pub access_key: String,
    /// Its secret.
    pub secret: SecretKey,
    /// The token that goes with each request.
    pub session_token: SecretKey,
    /// When they were made: Unix time in milliseconds.
    pub issued: i64,
    /// When they end: Unix time in milliseconds.
    pub expires: i64,
}

/// Why there are no credentials of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSession {
    /// There is no such role, or it does not trust EC2.
    Unauthorized,
    /// They cannot be stored now.
    Unavailable,
}

/// Gives out the credentials of roles.
pub trait RoleCredentials: Send + Sync {
    /// What there is behind a source. Must not block.
    fn role(&self, account: &AccountId, source: &RoleSource) -> FoundRole;

    /// The credentials of a bearer at `now`, in milliseconds of Unix time: the same as before, until new ones are due. May
    /// block.
    ///
    /// # Errors
    /// [`NoSession`] if it gets none.
    fn session(&self, bearer: &Bearer<'_>, now: i64) -> Result<RoleSession, NoSession>;
}

/// What stands below `iam/`; `now` is Unix time in milliseconds.
pub(super) fn tree(source: &RoleSource, found: &FoundRole, now: i64) -> Node {
    let mut entries = Vec::new();
    if let RoleSource::Profile { arn, id } = source {
        entries.push(("info".to_owned(), text(info((arn, id), found, now))));
    }
    if let FoundRole::Named(role) = found {
        let credentials = vec![(role.clone(), Node::Credentials)];
        entries.push(("security-credentials".to_owned(), Node::Directory(credentials)));
    }
    Node::Directory(entries)
}

fn info((arn, id): (&str, &str), found: &FoundRole, now: i64) -> String {
    let updated = ("LastUpdated", whole_seconds(now));
    let message = match found {
        FoundRole::NoProfile => {
            let message = format!("Instance Profile with Id {id} cannot be found.  {PAGE}");
            return document([("Code", "InstanceProfileNotFound".to_owned()), ("Message", message), updated]);
        }
        FoundRole::Missing => Some(("Message", format!("Instance Profile does not contain a role.  {PAGE}"))),
        FoundRole::Named(_) => None,
    };
    let profile = [("InstanceProfileArn", arn.to_owned()), ("InstanceProfileId", id.to_owned())];
    let code = ("Code", "Success".to_owned());
    document([code].into_iter().chain(message).chain([updated]).chain(profile))
}

/// What is told of credentials.
pub(super) fn told(session: &RoleSession) -> String {
    document([
        ("Code", "Success".to_owned()),
        ("LastUpdated", whole_seconds(session.issued)),
        ("Type", "AWS-HMAC".to_owned()),
        ("AccessKeyId", session.access_key.clone()),
        ("SecretAccessKey", session.secret.expose().to_owned()),
        ("Token", session.session_token.expose().to_owned()),
        ("Expiration", whole_seconds(session.expires)),
    ])
}

/// What is told where EC2 may not have the role.
pub(super) fn refused(role: &str, now: i64) -> String {
    document([
        ("Code", "AssumeRoleUnauthorizedAccess".to_owned()),
        ("Message", format!("EC2 cannot assume the role {role}.  {PAGE}")),
        ("LastUpdated", whole_seconds(now)),
    ])
}
