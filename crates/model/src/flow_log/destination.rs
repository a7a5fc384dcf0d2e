//! Where the records of a flow log go: a log group of CloudWatch Logs, or a bucket of S3.
//!
//! Source: EC2 API reference, `CreateFlowLogs`, `LogDestination`; VPC user guide, "Publish flow logs to CloudWatch
//! Logs", "Publish flow logs to Amazon S3".

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AccountId, Error, Scope};

/// Where the records of a flow log go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlowLogDestination {
    /// A log group, in which each interface has a stream.
    CloudWatchLogs {
        /// The group.
        group: LogGroup,
        /// The role by which records are delivered.
        role: RoleArn,
        /// The role of another account's, if the group is that account's.
        cross_account_role: Option<RoleArn>,
    },
    /// A bucket, or a folder of it, in which there are files for all interfaces together.
    S3 {
        /// The place.
        folder: S3Folder,
        /// How the files are laid out, if the call said anything of it.
        partitions: Option<S3Partitions>,
    },
}

impl FlowLogDestination {
    /// Whether records of both would go to the same place, by whatever role and in whatever layout.
    pub fn is_same_place(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::CloudWatchLogs { group, .. }, Self::CloudWatchLogs { group: other, .. }) => {
                (&group.account, &group.name) == (&other.account, &other.name)
            }
            (Self::S3 { folder, .. }, Self::S3 { folder: other, .. }) => {
                (&folder.bucket, folder.prefix()) == (&other.bucket, other.prefix())
            }
            _ => false,
        }
    }
}

/// A log group, of the flow log's Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    /// Whose it is.
    pub account: AccountId,
    /// Its name. The group need not exist: it is made when there is something to deliver.
    pub name: String,
    /// Its ARN as the call gave it, if the call did not give the name.
    pub arn: Option<String>,
}

/// The most characters of a log group's name.
///
/// Source: CloudWatch Logs API reference, `CreateLogGroup`.
const GROUP_NAME_LIMIT: usize = 512;

impl LogGroup {
    /// The caller's own group of this name.
    ///
    /// # Errors
    /// `InvalidParameterValue` if no group can have the name.
    pub fn named(scope: &Scope, name: &str) -> Result<Self, Error> {
        if !is_group_name(name) {
            return Err(Error::invalid_format(name, "logGroupName"));
        }
        Ok(Self { account: scope.account.clone(), name: name.to_owned(), arn: None })
    }

    /// The group with this ARN, which may end in `:*` as the ARNs do that policies and older APIs have.
    ///
    /// # Errors
    /// `InvalidParameterValue` if it is not the ARN of a log group, or of one in another Region.
    pub fn at(scope: &Scope, arn: &str) -> Result<Self, Error> {
        let read = || {
            let rest = arn.strip_prefix("arn:aws:logs:")?.strip_prefix(scope.region.as_str())?.strip_prefix(':')?;
            let (account, name) = rest.split_once(":log-group:")?;
            let name = name.strip_suffix(":*").unwrap_or(name);
            let account = account.parse::<AccountId>().ok()?;
            is_group_name(name).then(|| Self { account, name: name.to_owned(), arn: Some(arn.to_owned()) })
        };
        read().ok_or_else(|| Error::invalid_format(arn, "logDestination"))
    }
}

fn is_group_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-/.#".contains(&byte);
    (1..=GROUP_NAME_LIMIT).contains(&name.len()) && name.bytes().all(is_allowed)
}

/// A bucket, or a folder of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3Folder {
    /// The bucket.
    pub bucket: String,
    /// The folder as the call gave it: what stands in the ARN behind the bucket and a slash.
    folder: Option<String>,
}

/// The most bytes of a folder. A key has at most 1024, of which the names that a flow log makes have some 200.
const FOLDER_LIMIT: usize = 700;

/// The name under which AWS's own logs lie in a bucket, which no folder for them may have.
const RESERVED: &str = "AWSLogs";

impl S3Folder {
    /// The place with this ARN: `arn:aws:s3:::bucket` or `arn:aws:s3:::bucket/folder/`.
    ///
    /// # Errors
    /// `InvalidParameterValue` if it is no such ARN, or the folder is one that AWS keeps for itself.
    pub fn at(arn: &str) -> Result<Self, Error> {
        let invalid = || Error::invalid_format(arn, "logDestination");
        let rest = arn.strip_prefix("arn:aws:s3:::").ok_or_else(invalid)?;
        let (bucket, folder) = rest.split_once('/').map_or((rest, None), |(bucket, folder)| (bucket, Some(folder)));
        let is_of_buckets = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b);
        if !(3..=63).contains(&bucket.len()) || !bucket.bytes().all(is_of_buckets) {
            return Err(invalid());
        }
        let is_readable = |folder: &str| folder.len() <= FOLDER_LIMIT && !folder.chars().any(char::is_control);
        if !folder.is_none_or(is_readable) {
            return Err(invalid());
        }
        if folder.is_some_and(|folder| folder.split('/').any(|part| part == RESERVED)) {
            let message = format!("LogDestination: {rest} is invalid. {RESERVED} is a reserved subfolder name.");
            return Err(Error::InvalidParameterValue(message));
        }
        Ok(Self { bucket: bucket.to_owned(), folder: folder.map(str::to_owned) })
    }

    /// What keys in the folder begin with: empty, or its path with a slash at the end.
    pub fn prefix(&self) -> String {
        let path = self.folder.as_deref().unwrap_or_default().trim_matches('/');
        if path.is_empty() { String::new() } else { format!("{path}/") }
    }
}

impl fmt::Display for S3Folder {
    /// Writes the ARN as it was given.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arn:aws:s3:::{}", self.bucket)?;
        self.folder.iter().try_for_each(|folder| write!(f, "/{folder}"))
    }
}

/// How the files of a flow log are laid out in a bucket. They are of plain text, since nothing here writes Parquet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3Partitions {
    /// Whether the parts of their prefixes have names, as Hive wants it.
    pub hive_compatible: bool,
    /// Whether there is a prefix for each hour and not just for each day.
    pub per_hour: bool,
}

/// The ARN of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoleArn(String);

impl RoleArn {
    /// Reads the ARN that a parameter gives.
    ///
    /// # Errors
    /// `InvalidParameterValue` if it is not the ARN of a role.
    pub fn read(text: &str, parameter: &str) -> Result<Self, Error> {
        let is_role = || {
            let (account, path) = text.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
            let is_of_paths = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_-/".contains(&b);
            let is_path = (1..=576).contains(&path.len()) && path.bytes().all(is_of_paths) && !path.ends_with('/');
            (account.parse::<AccountId>().is_ok() && is_path).then_some(())
        };
        is_role().map(|()| Self(text.to_owned())).ok_or_else(|| Error::invalid_format(text, parameter))
    }

    /// The ARN as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The account that has the role.
    pub fn account(&self) -> &str {
        self.0.split(':').nth(4).unwrap_or_default()
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
