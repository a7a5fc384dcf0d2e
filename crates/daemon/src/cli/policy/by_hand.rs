//! A request by hand: options that come to a case, with the policies of files in it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};
use sidegate_iam::{Case, CaseError};
use sidegate_model::AccountId;

use super::error::PolicyCommandError;
use super::lines::name;
use super::{case_text, document};

/// A request and its policies, as options.
#[derive(Debug, Args)]
#[command(next_help_heading = "A request by hand")]
pub(crate) struct ByHand {
    /// Who asks: the ARN of a user, a role, a role's session or a root user, the name of a service, or `anonymous`
    #[arg(long, value_name = "ARN", requires_all = ["action", "resource"])]
    principal: Option<String>,
    /// What is asked for, such as s3:GetObject
    #[arg(long, value_name = "ACTION", requires = "principal")]
    action: Option<String>,
    /// On what; `*` for an action that is on nothing in particular
    #[arg(long, value_name = "ARN", requires = "principal")]
    resource: Option<String>,
    /// The account of a resource whose ARN does not tell it
    #[arg(long, value_name = "ID", requires = "principal")]
    resource_account: Option<AccountId>,
    /// A condition key and its value; a key that is repeated has several values
    #[arg(long = "context", value_name = "KEY=VALUE", requires = "principal")]
    context: Vec<KeyAndValue>,
    /// A policy of the user, of one of its groups, or of the role; may be repeated
    #[arg(long, value_name = "FILE", requires = "principal")]
    identity: Vec<PathBuf>,
    /// The policy of the resource: of a bucket, a secret, a key, or the trust policy of a role
    #[arg(long, value_name = "FILE", requires = "principal")]
    resource_policy: Option<PathBuf>,
    /// The policy of the VPC endpoint on the path
    #[arg(long, value_name = "FILE", requires = "principal")]
    endpoint: Option<PathBuf>,
    /// The permissions boundary of the user or role
    #[arg(long, value_name = "FILE", requires = "principal")]
    boundary: Option<PathBuf>,
    /// A session policy; may be repeated
    #[arg(long, value_name = "FILE", requires = "principal")]
    session: Vec<PathBuf>,
    /// A service control policy; may be repeated. Those of one level stand together, and every level must allow: 1 is
    /// the root of the organization, and the level of a FILE without one; `--scp all.json --scp 2:unit.json`
    #[arg(long, value_name = "[LEVEL:]FILE", requires = "principal")]
    scp: Vec<LevelAndFile>,
    /// A resource control policy; may be repeated, with levels as `--scp` has them
    #[arg(long, value_name = "[LEVEL:]FILE", requires = "principal")]
    rcp: Vec<LevelAndFile>,
}

/// A condition key with a value of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct KeyAndValue {
    key: String,
    value: String,
}

impl FromStr for KeyAndValue {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok(Self { key: key.to_owned(), value: value.to_owned() }),
            _ => Err(format!("`{text}` is no key with a value: KEY=VALUE is expected, as in aws:SourceVpce=vpce-1a")),
        }
    }
}

/// A file and the level of an organization that its policy is of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LevelAndFile {
    level: usize,
    file: PathBuf,
}

impl FromStr for LevelAndFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_number = |level: &&str| !level.is_empty() && level.bytes().all(|b| b.is_ascii_digit());
        let Some((level, file)) = text.split_once(':').filter(|(level, _)| is_number(level)) else {
            return Ok(Self { level: 1, file: text.into() });
        };
        match level.parse() {
            Ok(level @ 1..) => Ok(Self { level, file: file.into() }),
            _ => Err(format!("`{level}` is not a level: they are counted from 1, the root of the organization")),
        }
    }
}

impl ByHand {
    /// The case that the options come to.
    pub(super) fn case(&self) -> Result<Case, PolicyCommandError> {
        let mut draft = Draft::of(&json!({
            "principal": self.principal,
            "action": self.action,
            "resource": self.resource,
            "resourceAccount": self.resource_account.as_ref().map(ToString::to_string),
            "context": context(&self.context),
        }));
        draft.list("identity", &self.identity)?;
        draft.one("resourcePolicy", self.resource_policy.as_deref())?;
        draft.one("endpoint", self.endpoint.as_deref())?;
        draft.one("boundary", self.boundary.as_deref())?;
        draft.list("session", &self.session)?;
        draft.levels("scp", &self.scp)?;
        draft.levels("rcp", &self.rcp)?;
        draft.case()
    }
}

/// The context as a case has it. Names of keys are the same in any case.
fn context(given: &[KeyAndValue]) -> Map<String, Value> {
    let mut context = Map::new();
    for KeyAndValue { key, value } in given {
        match context.iter_mut().find(|(own, _)| own.eq_ignore_ascii_case(key)) {
            None => {
                context.insert(key.clone(), value.clone().into());
            }
            Some((_, Value::Array(values))) => values.push(value.clone().into()),
            Some((_, only)) => *only = json!([only.take(), value]),
        }
    }
    context
}

/// The text of a case in the making. Policies stand in it as they do in their files, so that a place in the text is one
/// in a file.
#[derive(Debug)]
struct Draft {
    text: String,
    /// The line at which each policy begins, from 1, in their order.
    files: Vec<(usize, PathBuf)>,
}

impl Draft {
    fn of(request: &Value) -> Self {
        Self { text: format!("{{\"request\": {request}"), files: Vec::new() }
    }

    /// Adds the policy of a file.
    fn policy(&mut self, path: &Path) -> Result<(), PolicyCommandError> {
        let policy = document::read(path)?;
        // What is no value of its own would become a part of the case.
        if let Err(reason) = serde_json::from_str::<IgnoredAny>(&policy) {
            return Err(PolicyCommandError::NotJson { path: path.to_owned(), reason });
        }
        self.text.push('\n');
        self.files.push((self.text.matches('\n').count() + 1, path.to_owned()));
        self.text.push_str(&policy);
        self.text.push('\n');
        Ok(())
    }

    /// Adds policies, with commas in between.
    fn policies<'a>(&mut self, files: impl IntoIterator<Item = &'a Path>) -> Result<(), PolicyCommandError> {
        for (at, file) in files.into_iter().enumerate() {
            self.text.push_str(if at == 0 { "" } else { "," });
            self.policy(file)?;
        }
        Ok(())
    }

    fn one(&mut self, layer: &str, file: Option<&Path>) -> Result<(), PolicyCommandError> {
        let Some(file) = file else { return Ok(()) };
        let _ = write!(self.text, ", \"{layer}\": ");
        self.policy(file)
    }

    fn list(&mut self, layer: &str, files: &[PathBuf]) -> Result<(), PolicyCommandError> {
        let _ = write!(self.text, ", \"{layer}\": [");
        self.policies(files.iter().map(PathBuf::as_path))?;
        self.text.push(']');
        Ok(())
    }

    fn levels(&mut self, layer: &'static str, given: &[LevelAndFile]) -> Result<(), PolicyCommandError> {
        let mut levels: BTreeMap<usize, Vec<&Path>> = BTreeMap::new();
        for LevelAndFile { level, file } in given {
            levels.entry(*level).or_default().push(file);
        }
        let _ = write!(self.text, ", \"{layer}\": [");
        for (missing, (level, files)) in (1..).zip(levels) {
            if level != missing {
                return Err(PolicyCommandError::MissingLevel { layer, level, missing });
            }
            self.text.push_str(if level == 1 { "[" } else { ", [" });
            self.policies(files)?;
            self.text.push(']');
        }
        self.text.push(']');
        Ok(())
    }

    fn case(mut self) -> Result<Case, PolicyCommandError> {
        self.text.push('}');
        Case::parse(&self.text).map_err(|error| PolicyCommandError::BrokenRequest { reason: self.reason(error) })
    }

    /// Why it is no case, with the file that the fault is in.
    fn reason(&self, error: CaseError) -> String {
        let place = case_text::position(&error);
        let begins = |place: usize| self.files.iter().rev().find(|(line, _)| *line <= place);
        match place.and_then(|place| begins(place.line)) {
            Some((line, file)) => {
                let reason = case_text::reason(error, |place| place.line = place.line + 1 - line);
                format!("in `{}`, {reason}", name(file))
            }
            None => case_text::reason(error, |_| {}),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_key_has_several_values_whatever_the_case_of_its_name() {
        let given: Vec<KeyAndValue> =
            ["aws:TagKeys=a", "s3:prefix==x", "AWS:tagkeys=b", "aws:TagKeys="].map(|text| text.parse().unwrap()).into();
        let expected = json!({"aws:TagKeys": ["a", "b", ""], "s3:prefix": "=x"});
        assert_eq!(Value::Object(context(&given)), expected);
        for text in ["", "aws:TagKeys", "=x"] {
            assert!(text.parse::<KeyAndValue>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_file_is_of_the_first_level_unless_it_says_another() {
        let read = |text: &str| text.parse::<LevelAndFile>().map(|own| (own.level, own.file));
        assert_eq!(read("all.json"), Ok((1, "all.json".into())));
        assert_eq!(read("2:unit.json"), Ok((2, "unit.json".into())));
        assert_eq!(read("./2:unit.json"), Ok((1, "./2:unit.json".into())));
        assert_eq!(read("c:unit.json"), Ok((1, "c:unit.json".into())));
        assert!(read("0:unit.json").unwrap_err().contains("counted from 1"));
        assert!(read("99999999999999999999999:unit.json").is_err());
    }
}
