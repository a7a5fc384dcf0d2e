//! How log groups, streams and what belongs to them are named.

use sidegate_model::{AccountId, Region, Scope};

use super::fault::Fault;
use crate::constraint::{characters, length, required};

const GROUP_PATTERN: &str = r"[\.\-_/#A-Za-z0-9]+";
const IDENTIFIER_PATTERN: &str = r"[\w#+=/:,.@-]*";
const NAME_PATTERN: &str = r"[^:*]*";

fn is_of_group(character: char) -> bool {
    character.is_ascii_alphanumeric() || "._-/#".contains(character)
}

/// Checks the name of a log group, or the beginning of one.
pub(super) fn group_name(member: &'static str, name: &str) -> Result<(), Fault> {
    length(member, name, 1, 512)?;
    Ok(characters(member, name, GROUP_PATTERN, is_of_group)?)
}

/// Checks a name that may have any characters but a colon and an asterisk: of a stream, a filter, a destination.
pub(super) fn plain_name(member: &'static str, name: &str) -> Result<(), Fault> {
    length(member, name, 1, 512)?;
    Ok(characters(member, name, NAME_PATTERN, |c| c != ':' && c != '*')?)
}

/// The name that is required, checked.
pub(super) fn required_name(member: &'static str, name: Option<String>) -> Result<String, Fault> {
    let name = required(member, name)?;
    plain_name(member, &name)?;
    Ok(name)
}

/// A log group, as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GroupId {
    /// Whose it is, and where.
    pub(super) scope: Scope,
    pub(super) name: String,
}

impl GroupId {
    /// One that has to be named.
    pub(super) fn named(scope: &Scope, name: Option<String>) -> Result<Self, Fault> {
        let name = required("logGroupName", name)?;
        group_name("logGroupName", &name)?;
        Ok(Self { scope: scope.clone(), name })
    }

    /// One that is named, or identified by its name or ARN, but not both.
    pub(super) fn either(scope: &Scope, name: Option<String>, identifier: Option<&str>) -> Result<Self, Fault> {
        match (name, identifier) {
            (Some(_), Some(_)) => {
                Err(Fault::invalid("LogGroup name and LogGroup identifier are mutually exclusive parameters."))
            }
            (None, Some(identifier)) => Self::identified(scope, "logGroupIdentifier", identifier),
            (None, None) => Err(Fault::invalid("Must specify either logGroupName or logGroupIdentifier.")),
            (name, None) => Self::named(scope, name),
        }
    }

    /// One that is identified by its name or ARN.
    pub(super) fn identified(scope: &Scope, member: &'static str, identifier: &str) -> Result<Self, Fault> {
        length(member, identifier, 1, 2048)?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_#+=/:,.@-".contains(c);
        characters(member, identifier, IDENTIFIER_PATTERN, allowed)?;
        if identifier.starts_with("arn:") {
            return Self::of_arn(scope, identifier).ok_or_else(|| Fault::invalid("The specified ARN is invalid."));
        }
        group_name(member, identifier)?;
        Ok(Self { scope: scope.clone(), name: identifier.to_owned() })
    }

    /// One by its ARN, with or without `:*` at the end, in the Region of the request.
    pub(super) fn of_arn(scope: &Scope, arn: &str) -> Option<Self> {
        let (owner, rest) = split_arn(arn)?;
        let name = rest.strip_prefix("log-group:")?;
        let name = name.strip_suffix(":*").unwrap_or(name);
        let fits = owner.region == scope.region && (1..=512).contains(&name.len()) && name.chars().all(is_of_group);
        fits.then(|| Self { scope: owner, name: name.to_owned() })
    }

    /// Its ARN.
    pub(super) fn arn(&self) -> String {
        arn(&self.scope, &format!("log-group:{}", self.name))
    }

    /// The ARN of a stream in it. Decisions about the group itself are about the stream without a name.
    ///
    /// Source: denials that users quote, see docs/claims.md.
    pub(super) fn stream_arn(&self, stream: &str) -> String {
        arn(&self.scope, &format!("log-group:{}:log-stream:{stream}", self.name))
    }
}

/// The ARN of something of an account in a Region.
pub(super) fn arn(scope: &Scope, rest: &str) -> String {
    format!("arn:aws:logs:{}:{}:{rest}", scope.region, scope.account)
}

/// Whose an ARN of CloudWatch Logs is, and what follows that.
pub(super) fn split_arn(arn: &str) -> Option<(Scope, &str)> {
    let mut parts = arn.strip_prefix("arn:aws:logs:")?.splitn(3, ':');
    let region: Region = parts.next()?.parse().ok()?;
    let account: AccountId = parts.next()?.parse().ok()?;
    Some((Scope { account, region }, parts.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_named_by_its_name_or_arn() {
        let scope = Scope { account: "111122223333".parse().unwrap(), region: "us-east-1".parse().unwrap() };
        let of = |identifier: &str| GroupId::identified(&scope, "logGroupIdentifier", identifier);
        let group = GroupId { scope: scope.clone(), name: "/aws/lambda/f".to_owned() };
        let arn = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/f";
        assert_eq!(of("/aws/lambda/f").unwrap(), group);
        assert_eq!(of(arn).unwrap(), group);
        assert_eq!(GroupId::of_arn(&scope, &format!("{arn}:*")).unwrap(), group);
        assert_eq!(group.arn(), arn);
        assert_eq!(group.stream_arn(""), format!("{arn}:log-stream:"));
        for wrong in [
            "",
            "a:b",
            "a*",
            "arn:aws:logs:eu-west-1:111122223333:log-group:a",
            "arn:aws:logs:us-east-1:1:log-group:a",
            "arn:aws:logs:us-east-1:111122223333:log-group:",
            "arn:aws:s3:us-east-1:111122223333:log-group:a",
            "arn:aws:logs:us-east-1:111122223333:log-group:a:log-stream:b",
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
