//! What an ACL grants, and to whom: as headers and documents say it, as it is kept, and as statements of a policy.
//!
//! Source: S3 user guide, "Access control list (ACL) overview" (grantees, permissions and the actions that they stand for,
//! canned ACLs).

use http::HeaderMap;
use s3s::S3ErrorCode;
use s3s::dto::{AccessControlPolicy, Grant, Grantee as GranteeDto, Permission as PermissionDto, Type};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sidegate_iam::Principal;

use super::super::attributes::text;
use super::super::bucket::owner;
use super::super::fault::Fault;

/// The most grants of an ACL.
const MOST_GRANTS: usize = 100;

const GROUPS: &str = "http://acs.amazonaws.com/groups/";

/// What is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Permission {
    Read,
    Write,
    ReadAcp,
    WriteAcp,
    FullControl,
}

impl Permission {
    const ALL: [Self; 5] = [Self::Read, Self::Write, Self::ReadAcp, Self::WriteAcp, Self::FullControl];

    fn as_str(self) -> &'static str {
        match self {
            Self::Read => PermissionDto::READ,
            Self::Write => PermissionDto::WRITE,
            Self::ReadAcp => PermissionDto::READ_ACP,
            Self::WriteAcp => PermissionDto::WRITE_ACP,
            Self::FullControl => PermissionDto::FULL_CONTROL,
        }
    }

    /// The header that grants it.
    fn header(self) -> &'static str {
        match self {
            Self::Read => "x-amz-grant-read",
            Self::Write => "x-amz-grant-write",
            Self::ReadAcp => "x-amz-grant-read-acp",
            Self::WriteAcp => "x-amz-grant-write-acp",
            Self::FullControl => "x-amz-grant-full-control",
        }
    }

    /// The actions that it stands for on a bucket, and those on objects.
    fn actions(self, of: Of) -> &'static [&'static str] {
        match (of, self) {
            (Of::Bucket, Self::Read) => &["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"],
            (Of::Bucket, Self::Write) => &["s3:PutObject"],
            (Of::Bucket, Self::ReadAcp) => &["s3:GetBucketAcl"],
            (Of::Bucket, Self::WriteAcp) => &["s3:PutBucketAcl"],
            (Of::Object, Self::Read) => &["s3:GetObject", "s3:GetObjectVersion"],
            (Of::Object, Self::ReadAcp) => &["s3:GetObjectAcl", "s3:GetObjectVersionAcl"],
            (Of::Object, Self::WriteAcp) => &["s3:PutObjectAcl", "s3:PutObjectVersionAcl"],
            (Of::Object, Self::Write) | (_, Self::FullControl) => &[],
        }
    }

    /// The permissions that it consists of.
    fn parts(self) -> &'static [Self] {
        match self {
            Self::FullControl => &[Self::Read, Self::Write, Self::ReadAcp, Self::WriteAcp],
            Self::Read => &[Self::Read],
            Self::Write => &[Self::Write],
            Self::ReadAcp => &[Self::ReadAcp],
            Self::WriteAcp => &[Self::WriteAcp],
        }
    }
}

/// To whom something is granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Grantee {
    /// An account, by its canonical user.
    User(String),
    /// Everyone.
    AllUsers,
    /// Everyone who is known.
    AuthenticatedUsers,
    /// S3's own delivery of logs.
    LogDelivery,
}

impl Grantee {
    fn group(uri: &str) -> Option<Self> {
        match uri.strip_prefix(GROUPS)? {
            "global/AllUsers" => Some(Self::AllUsers),
            "global/AuthenticatedUsers" => Some(Self::AuthenticatedUsers),
            "s3/LogDelivery" => Some(Self::LogDelivery),
            _ => None,
        }
    }

    fn uri(&self) -> Option<String> {
        let group = match self {
            Self::User(_) => return None,
            Self::AllUsers => "global/AllUsers",
            Self::AuthenticatedUsers => "global/AuthenticatedUsers",
            Self::LogDelivery => "s3/LogDelivery",
        };
        Some(format!("{GROUPS}{group}"))
    }

    /// Source: S3 user guide, "Blocking public access to your Amazon S3 storage", "The meaning of 'public'".
    fn is_public(&self) -> bool {
        matches!(self, Self::AllUsers | Self::AuthenticatedUsers)
    }

    /// The principal of a statement, where it covers this one.
    fn principal(&self, of: &Principal) -> Option<Value> {
        match self {
            Self::AllUsers => Some(json!("*")),
            Self::AuthenticatedUsers => (*of != Principal::Anonymous).then(|| json!("*")),
            Self::LogDelivery => None,
            Self::User(id) => {
                let account = of.account()?;
                (owner(account.as_str()).id.as_ref() == Some(id)).then(|| json!({ "AWS": account.as_str() }))
            }
        }
    }
}

/// Of what an ACL is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Bucket,
    Object,
}

/// An ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Acl(Vec<(Grantee, Permission)>);

impl Acl {
    /// The one that there is if nobody asks for another: the owner has full control.
    pub(crate) fn private(account: &str) -> Self {
        Self(vec![(own(account), Permission::FullControl)])
    }

    /// Whether it gives anything to others than the owner, or less than everything to the owner.
    pub(crate) fn is_private(&self, account: &str) -> bool {
        let own = own(account);
        self.0.iter().all(|(grantee, _)| *grantee == own) && self.0.contains(&(own, Permission::FullControl))
    }

    /// Whether it gives something to everyone.
    pub(crate) fn is_public(&self) -> bool {
        self.0.iter().any(|(grantee, _)| grantee.is_public())
    }

    /// What the headers ask; `None` if they say nothing of it.
    pub(crate) fn of_headers(headers: &HeaderMap, account: &str, of: Of) -> Result<Option<Self>, Fault> {
        let canned = text(headers, "x-amz-acl");
        let mut grants = Vec::new();
        for permission in Permission::ALL {
            for value in headers.get_all(permission.header()) {
                let value = String::from_utf8_lossy(value.as_bytes());
                let list = value.split(',').filter(|entry| !entry.trim().is_empty());
                for entry in list {
                    grants.push((grantee_of_header(entry, permission.header())?, permission));
                }
            }
        }
        match canned {
            Some(_) if !grants.is_empty() => {
                Err(Fault::invalid_request("Specifying both Canned ACLs and Header Grants is not allowed"))
            }
            Some(name) => Self::canned(&name, account, of).map(Some),
            None if grants.is_empty() => Ok(None),
            None => bounded(grants).map(Some),
        }
    }

    fn canned(name: &str, account: &str, of: Of) -> Result<Self, Fault> {
        let Self(mut grants) = Self::private(account);
        match (name, of) {
            ("private", _) | ("bucket-owner-read" | "bucket-owner-full-control", Of::Object) => {}
            ("public-read", _) => grants.push((Grantee::AllUsers, Permission::Read)),
            ("public-read-write", _) => {
                grants.extend([Permission::Read, Permission::Write].map(|given| (Grantee::AllUsers, given)));
            }
            ("authenticated-read", _) => grants.push((Grantee::AuthenticatedUsers, Permission::Read)),
            ("log-delivery-write", Of::Bucket) => {
                grants.extend([Permission::Write, Permission::ReadAcp].map(|given| (Grantee::LogDelivery, given)));
            }
            // On a bucket it means nothing, and on an object there is no bucket to be logged.
            ("bucket-owner-read" | "bucket-owner-full-control", Of::Bucket) | ("log-delivery-write", Of::Object) => {}
            ("aws-exec-read", _) => {
                return Err(Fault::not_implemented("The canned ACL aws-exec-read is not implemented"));
            }
            (other, _) => return Err(Fault::invalid_argument("x-amz-acl", other, "")),
        }
        Ok(Self(grants))
    }

    /// What a document asks.
    pub(crate) fn of_document(policy: &AccessControlPolicy, account: &str) -> Result<Self, Fault> {
        let named = policy.owner.as_ref().and_then(|owner| owner.id.as_ref()).ok_or_else(malformed)?;
        if owner(account).id.as_ref() != Some(named) {
            return Err(Fault::access_denied());
        }
        let mut grants = Vec::new();
        for grant in policy.grants.iter().flatten() {
            let name = grant.permission.as_ref().map(PermissionDto::as_str).ok_or_else(malformed)?;
            let permission = Permission::ALL.into_iter().find(|p| p.as_str() == name).ok_or_else(malformed)?;
            let grantee = grant.grantee.as_ref().ok_or_else(malformed)?;
            grants.push((grantee_of_document(grantee)?, permission));
        }
        bounded(grants)
    }

    /// What answers tell of it.
    pub(crate) fn grants(&self) -> Vec<Grant> {
        let grant = |(grantee, permission): &(Grantee, Permission)| Grant {
            grantee: Some(GranteeDto {
                display_name: None,
                email_address: None,
                id: if let Grantee::User(id) = grantee { Some(id.clone()) } else { None },
                type_: Type::from_static(if grantee.uri().is_some() { Type::GROUP } else { Type::CANONICAL_USER }),
                uri: grantee.uri(),
            }),
            permission: Some(PermissionDto::from_static(permission.as_str())),
        };
        self.0.iter().map(grant).collect()
    }

    /// What it gives to a principal, as statements of a policy. `ignores_public` leaves out what it gives to everyone.
    pub(crate) fn statements(&self, of: Of, bucket: &str, principal: &Principal, ignores_public: bool) -> Vec<Value> {
        let counts = |grantee: &Grantee| !(ignores_public && grantee.is_public());
        let granted = self.0.iter().filter(|(grantee, _)| counts(grantee));
        let parts = granted.flat_map(|(grantee, given)| given.parts().iter().map(move |part| (grantee, *part)));
        parts
            .filter_map(|(grantee, permission)| {
                let actions = permission.actions(of);
                let on_objects = of == Of::Object || permission == Permission::Write;
                let resource = format!("arn:aws:s3:::{bucket}{}", if on_objects { "/*" } else { "" });
                let principal = grantee.principal(principal).filter(|_| !actions.is_empty())?;
                Some(json!({ "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": resource }))
            })
            .collect()
    }
}

fn own(account: &str) -> Grantee {
    Grantee::User(owner(account).id.unwrap_or_default())
}

fn bounded(grants: Vec<(Grantee, Permission)>) -> Result<Acl, Fault> {
    if grants.len() > MOST_GRANTS { Err(malformed()) } else { Ok(Acl(grants)) }
}

fn malformed() -> Fault {
    Fault::new(
        S3ErrorCode::MalformedACLError,
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

/// An account by its canonical user. Whether there is one is not known here.
fn user(id: &str) -> Result<Grantee, Fault> {
    if id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(Grantee::User(id.to_owned()));
    }
    Err(Fault::invalid_argument("CanonicalUser/ID", id, "Invalid id"))
}

fn group(uri: &str) -> Result<Grantee, Fault> {
    Grantee::group(uri).ok_or_else(|| Fault::invalid_argument("Group/URI", uri, "Invalid group uri"))
}

fn by_email(address: &str) -> Fault {
    Fault::new(
        S3ErrorCode::UnresolvableGrantByEmailAddress,
        "The email address you provided does not match any account on record.",
    )
    .with("EmailAddress", address)
}

/// A grantee of a header, such as `id="…"`.
fn grantee_of_header(entry: &str, header: &'static str) -> Result<Grantee, Fault> {
    let (kind, value) = entry.trim().split_once('=').unwrap_or((entry, ""));
    let value = value.trim().trim_matches('"');
    match kind.trim().to_ascii_lowercase().as_str() {
        "id" => user(value),
        "uri" => group(value),
        "emailaddress" => Err(by_email(value)),
        _ => Err(Fault::invalid_argument(header, entry.trim(), "Argument format not recognized")),
    }
}

fn grantee_of_document(grantee: &GranteeDto) -> Result<Grantee, Fault> {
    match (&grantee.id, &grantee.uri, &grantee.email_address) {
        (Some(id), ..) => user(id),
        (None, Some(uri), _) => group(uri),
        (None, None, Some(address)) => Err(by_email(address)),
        (None, None, None) => Err(malformed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: &str = "111122223333";
    const OTHER: &str = "444455556666";

    fn of_headers(headers: &[(&'static str, &str)], of: Of) -> Result<Option<Acl>, String> {
        let headers = headers.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()));
        let parsed = Acl::of_headers(&headers.collect(), OWNER, of);
        parsed.map_err(|fault| fault.into_parts().0.code().as_str().to_owned())
    }

    fn actions(acl: &Acl, of: Of, principal: &str, ignores_public: bool) -> Vec<String> {
        let principal = if principal.is_empty() { Principal::Anonymous } else { Principal::parse(principal).unwrap() };
        let statements = acl.statements(of, "docs", &principal, ignores_public);
        let actions = statements.iter().flat_map(|statement| statement["Action"].as_array().unwrap().clone());
        actions.map(|action| action.as_str().unwrap().trim_start_matches("s3:").to_owned()).collect()
    }

    #[test]
    fn canned_acls_and_grants_are_read_and_not_mixed() {
        let id = owner(OTHER).id.unwrap();
        let grant = format!("id=\"{id}\", uri=\"{GROUPS}global/AllUsers\"");
        let acl = of_headers(&[("x-amz-grant-read", &grant)], Of::Object).unwrap().unwrap();
        assert_eq!(acl.0, [(Grantee::User(id), Permission::Read), (Grantee::AllUsers, Permission::Read)]);
        assert!(acl.is_public() && !acl.is_private(OWNER));
        for private in ["private", "bucket-owner-read", "bucket-owner-full-control"] {
            assert!(of_headers(&[("x-amz-acl", private)], Of::Object).unwrap().unwrap().is_private(OWNER), "{private}");
        }
        assert_eq!(of_headers(&[], Of::Object), Ok(None));
        for (headers, code) in [
            (vec![("x-amz-acl", "private"), ("x-amz-grant-read", &*grant)], "InvalidRequest"),
            (vec![("x-amz-acl", "mine")], "InvalidArgument"),
            (vec![("x-amz-grant-read", "id=12")], "InvalidArgument"),
            (vec![("x-amz-grant-read", "uri=http://example.com/")], "InvalidArgument"),
            (vec![("x-amz-grant-read", "name=ann")], "InvalidArgument"),
            (vec![("x-amz-grant-read", "emailAddress=ann@example.com")], "UnresolvableGrantByEmailAddress"),
        ] {
            assert_eq!(of_headers(&headers, Of::Bucket), Err(code.to_owned()), "{headers:?}");
        }
    }

    #[test]
    fn a_grant_gives_its_actions_to_its_grantee_and_nobody_else() {
        let (root, other, stranger) = (
            format!("arn:aws:iam::{OWNER}:root"),
            format!("arn:aws:iam::{OTHER}:root"),
            "arn:aws:iam::777788889999:root".to_owned(),
        );
        let public = Acl::canned("public-read", OWNER, Of::Object).unwrap();
        for anyone in ["", &other, &stranger] {
            assert_eq!(actions(&public, Of::Object, anyone, false), ["GetObject", "GetObjectVersion"], "{anyone}");
            assert!(actions(&public, Of::Object, anyone, true).is_empty(), "{anyone}");
        }
        let known = Acl::canned("authenticated-read", OWNER, Of::Bucket).unwrap();
        assert!(actions(&known, Of::Bucket, "", false).is_empty());
        assert_eq!(actions(&known, Of::Bucket, &other, false)[0], "ListBucket");
        let one = Acl(vec![(own(OTHER), Permission::FullControl)]);
        assert_eq!(actions(&one, Of::Object, &other, true).len(), 6);
        assert!(
            actions(&one, Of::Object, &stranger, false).is_empty() && actions(&one, Of::Object, "", false).is_empty()
        );
        assert!(actions(&one, Of::Bucket, &other, false).contains(&"PutObject".to_owned()));
        assert!(!actions(&Acl::private(OWNER), Of::Bucket, &root, false).is_empty());
        let logs = Acl::canned("log-delivery-write", OWNER, Of::Bucket).unwrap();
        assert!(actions(&logs, Of::Bucket, &other, false).is_empty() && !logs.is_public());
    }
}
