//! Policies: JSON in, statements out, and JSON again.

use std::collections::BTreeSet;
use std::fmt;

use sidegate_model::AccountId;

use crate::error::PolicyError;
use crate::grammar;
use crate::grantee::{Grantee, GranteeKind, Grantees};
use crate::json::{Node, quote};
use crate::policy_type::{Length, PolicyType};
use crate::statement::Statement;

/// A version of the policy language. Only the newer one has policy variables; a policy without a version is of the older.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V2008,
    V2012,
}

impl Version {
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::V2008, Self::V2012].into_iter().find(|version| version.as_str() == name)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::V2008 => "2008-10-17",
            Self::V2012 => "2012-10-17",
        }
    }
}

/// A policy. Its text is JSON in a form of its own: the same policy has the same text, however it was written.
///
/// ```
/// use sidegate_iam::{Policy, PolicyType};
///
/// let text = r#"{"Statement": {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::docs/*"}}"#;
/// let policy = Policy::parse(text, PolicyType::Identity)?;
/// assert_eq!(Policy::parse(&policy.to_string(), PolicyType::Identity)?, policy);
/// # Ok::<(), sidegate_iam::PolicyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    kind: PolicyType,
    version: Option<Version>,
    id: Option<Box<str>>,
    statements: Vec<Statement>,
}

impl Policy {
    /// The policy that a gateway endpoint has when none is given: everyone may do everything.
    pub const DEFAULT: &str = "{\n  \"Version\": \"2008-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \
        \"Allow\",\n      \"Principal\": \"*\",\n      \"Action\": \"*\",\n      \"Resource\": \"*\"\n    }\n  ]\n}";

    /// A policy without statements, which allows nothing.
    pub fn nothing() -> Self {
        Self { kind: PolicyType::Resource, version: None, id: None, statements: Vec::new() }
    }

    /// A policy that denies everyone everything: what stands for one that is kept and can no longer be read, since nobody
    /// knows what it denied.
    pub fn denying() -> Self {
        const ALL: &str = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}"#;
        Self::parse(ALL, PolicyType::Resource).unwrap_or_else(|_| Self::nothing())
    }

    /// Parses a policy of a type.
    ///
    /// # Errors
    /// [`PolicyError`] if it is no policy, or not one that this type may be.
    pub fn parse(text: &str, kind: PolicyType) -> Result<Self, PolicyError> {
        Self::of_node(text, &Self::read(text, kind)?, kind)
    }

    /// Reads a document that is no longer than those of its type may be.
    fn read(text: &str, kind: PolicyType) -> Result<Node, PolicyError> {
        let Length { limit, white_space } = kind.length();
        let length = text.chars().filter(|c| white_space || !c.is_whitespace()).count();
        if length > limit {
            return Err(PolicyError::TooLong { length, limit, white_space });
        }
        Node::read(text).map_err(|error| PolicyError::of_json(text, error))
    }

    /// Parses a policy as one that is being attached: besides the grammar, its author must keep to limits. Those of an
    /// endpoint policy spare patterns of what the system makes up; a policy of IAM has dates, ARNs, actions and, in the
    /// trust policy of a role, principals that IAM takes; one of an organization has actions that it takes. Of several
    /// faults the one is told that AWS would tell.
    ///
    /// Source: PrivateLink guide, "Control access to VPC endpoints using endpoint policies"; recorded refusals of IAM.
    ///
    /// # Errors
    /// [`PolicyError`] if it is no policy, or not one that may be attached.
    ///
    /// ```
    /// use sidegate_iam::{Policy, PolicyType};
    ///
    /// let text = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
    ///     "Condition": {"StringLike": {"aws:PrincipalOrgID": "o-*"}}}}"#;
    /// assert!(Policy::parse(text, PolicyType::Endpoint).is_ok());
    /// assert!(Policy::parse_for_author(text, PolicyType::Endpoint).is_err());
    /// ```
    pub fn parse_for_author(text: &str, kind: PolicyType) -> Result<Self, PolicyError> {
        grammar::authored(text, &Self::read(text, kind)?, kind)
    }

    /// Makes a policy of a document that stands in a longer text.
    pub(crate) fn of_node(text: &str, node: &Node, kind: PolicyType) -> Result<Self, PolicyError> {
        grammar::policy(text, node, kind)
    }

    pub(crate) fn of_parts(
        kind: PolicyType, version: Option<Version>, id: Option<Box<str>>, statements: Vec<Statement>,
    ) -> Self {
        Self { kind, version, id, statements }
    }

    /// Whether it names the newer version of the policy language.
    pub fn is_of_newer_version(&self) -> bool {
        self.version == Some(Version::V2012)
    }

    /// What it is attached to.
    pub fn kind(&self) -> PolicyType {
        self.kind
    }

    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The canonical users that it names: the ids that S3 has for accounts.
    pub fn canonical_users(&self) -> impl Iterator<Item = &str> {
        let principals = self.statements.iter().filter_map(|statement| statement.principals.as_ref());
        principals.flat_map(|principals| &principals.list).filter_map(Grantee::canonical_user)
    }

    /// The same policy, in which a canonical user is the account that it stands for. Without this it is nobody.
    ///
    /// Source: S3 user guide, "Principals for bucket policies": both ids mean the same account.
    ///
    /// ```
    /// use sidegate_iam::{Policy, PolicyType};
    ///
    /// let text = r#"{"Statement": {"Effect": "Allow", "Principal": {"CanonicalUser": "79a5"}, "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::docs/*"}}"#;
    /// let policy = Policy::parse(text, PolicyType::Bucket)?;
    /// assert_eq!(policy.canonical_users().collect::<Vec<_>>(), ["79a5"]);
    /// assert_eq!(policy.with_account_of("79a5", "111111111111".parse().unwrap()).canonical_users().count(), 0);
    /// # Ok::<(), sidegate_iam::PolicyError>(())
    /// ```
    #[must_use]
    pub fn with_account_of(&self, canonical_user: &str, account: AccountId) -> Self {
        let mut policy = self.clone();
        let principals = policy.statements.iter_mut().filter_map(|statement| statement.principals.as_mut());
        for grantee in principals.flat_map(|principals| &mut principals.list) {
            if grantee.canonical_user() == Some(canonical_user) {
                grantee.becomes(account.clone());
            }
        }
        policy
    }

    /// The condition keys that it uses, each as it is written and once: as policy variables of resources, as keys of
    /// conditions, and as variables in their values.
    ///
    /// ```
    /// use sidegate_iam::{Policy, PolicyType};
    ///
    /// let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*",
    ///     "Resource": "arn:aws:s3:::home/${aws:username}/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}}"#;
    /// let policy = Policy::parse(text, PolicyType::Identity)?;
    /// assert_eq!(policy.context_keys(), ["aws:username", "aws:SecureTransport"]);
    /// # Ok::<(), sidegate_iam::PolicyError>(())
    /// ```
    pub fn context_keys(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        let keys = self.statements.iter().flat_map(Statement::context_keys);
        keys.filter(|key| seen.insert(*key)).collect()
    }

    /// With the statements of another policy behind its own.
    ///
    /// ```
    /// use sidegate_iam::{Policy, PolicyType};
    ///
    /// let allow = |action: &str| {
    ///     let text = format!(r#"{{"Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}"#);
    ///     Policy::parse(&text, PolicyType::Identity)
    /// };
    /// let both = allow("s3:GetObject")?.joined(&allow("s3:PutObject")?);
    /// assert_eq!(both.statement_count(), 2);
    /// assert_eq!(both.without(1), allow("s3:GetObject")?);
    /// # Ok::<(), sidegate_iam::PolicyError>(())
    /// ```
    #[must_use]
    pub fn joined(&self, other: &Self) -> Self {
        let mut policy = self.clone();
        policy.statements.extend(other.statements.iter().cloned());
        policy
    }

    /// Without a statement, by its position.
    #[must_use]
    pub fn without(&self, statement: usize) -> Self {
        let kept = self.statements.iter().enumerate().filter(|(at, _)| *at != statement);
        Self { statements: kept.map(|(_, own)| own.clone()).collect(), ..self.clone() }
    }

    /// How many statements it has.
    pub fn statement_count(&self) -> usize {
        self.statements.len()
    }

    /// What stands in `Resource` and `NotResource` of its statements.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        let lists = self.statements.iter().filter_map(|statement| statement.resources.as_ref());
        lists.flat_map(|resources| &resources.list).map(|resource| &*resource.text)
    }

    /// A statement by its position, as JSON.
    pub fn statement_text(&self, statement: usize) -> Option<String> {
        self.statements.get(statement).map(print)
    }

    /// The `Sid` of a statement, by its position.
    pub fn sid(&self, statement: usize) -> Option<&str> {
        self.statements.get(statement)?.sid.as_deref()
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        if let Some(version) = self.version {
            write!(f, "\"Version\":\"{}\",", version.as_str())?;
        }
        if let Some(id) = &self.id {
            write!(f, "\"Id\":{},", quote(id))?;
        }
        let statements: Vec<_> = self.statements.iter().map(print).collect();
        write!(f, "\"Statement\":[{}]}}", statements.join(","))
    }
}

fn print(statement: &Statement) -> String {
    let mut elements = Vec::new();
    let name = |element: &str, negated| if negated { format!("\"Not{element}\"") } else { format!("\"{element}\"") };
    if let Some(sid) = &statement.sid {
        elements.push(format!("\"Sid\":{}", quote(sid)));
    }
    elements.push(format!("\"Effect\":\"{}\"", statement.effect.as_str()));
    if let Some(grantees) = &statement.principals {
        elements.push(format!("{}:{}", name("Principal", grantees.negated), print_grantees(grantees)));
    }
    let actions = list(statement.actions.list.iter().map(|action| &*action.text));
    elements.push(format!("{}:{actions}", name("Action", statement.actions.negated)));
    if let Some(resources) = &statement.resources {
        let texts = list(resources.list.iter().map(|resource| &*resource.text));
        elements.push(format!("{}:{texts}", name("Resource", resources.negated)));
    }
    if !statement.conditions.is_empty() {
        elements.push(format!("\"Condition\":{}", print_conditions(statement)));
    }
    format!("{{{}}}", elements.join(","))
}

fn print_grantees(grantees: &Grantees) -> String {
    if grantees.star {
        return quote("*");
    }
    let of_kind = |kind: GranteeKind| {
        let mut texts = grantees.list.iter().filter(|g| g.kind == kind).map(|g| &*g.text).peekable();
        texts.peek().is_some().then(|| format!("\"{}\":{}", kind.as_str(), list(texts)))
    };
    let kinds: Vec<_> = GranteeKind::ALL.into_iter().filter_map(of_kind).collect();
    format!("{{{}}}", kinds.join(","))
}

fn print_conditions(statement: &Statement) -> String {
    let mut operators: Vec<(&str, Vec<String>)> = Vec::new();
    for condition in &statement.conditions {
        let entry = format!("{}:{}", quote(&condition.written), list(condition.values.iter().map(|value| &**value)));
        match operators.last_mut() {
            Some((name, keys)) if *name == &*condition.name => keys.push(entry),
            _ => operators.push((&condition.name, vec![entry])),
        }
    }
    let operators: Vec<_> = operators.iter().map(|(name, keys)| format!("\"{name}\":{{{}}}", keys.join(","))).collect();
    format!("{{{}}}", operators.join(","))
}

/// One text, or a list of texts.
fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let texts: Vec<_> = texts.map(quote).collect();
    match texts.as_slice() {
        [one] => one.clone(),
        _ => format!("[{}]", texts.join(",")),
    }
}
