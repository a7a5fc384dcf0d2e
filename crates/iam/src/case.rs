//! Cases: one decision as a line of JSON, with the outcome that is expected.
//!
//! A line has `id`, `title`, `expect`, `request` (`principal`, `action`, `resource`, `resourceAccount`, `context`) and the
//! policies by layer: `identity`, `resourcePolicy`, `endpoint`, `boundary`, `session`, `scp`, `rcp`. A single policy may
//! stand where a list is expected, and a list of policies where a list of levels is. A role as the principal stands for a
//! session of it. A value of the context is a string,
//! a number or a Boolean for a single-valued key, and a list for a multivalued one.

use std::sync::Arc;

use crate::context::Values;
use crate::json::{Json, JsonError, Node, Position};
use crate::{
    Attached, Context, Decision, Explanation, Outcome, Policies, Policy, PolicyError, PolicyType, Principal,
    PrincipalError, Request, Requirement, decide, explain,
};

/// A decision to be made, and the outcome that is expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its name among the cases.
    pub id: String,
    /// What it is about; may be empty.
    pub title: String,
    /// The outcome that is expected; `None` where none is given, for a case that only asks.
    pub expect: Option<Outcome>,
    /// Who asks.
    pub principal: Principal,
    /// What is known of the request.
    pub context: Context,
    /// What must be allowed.
    pub requirement: Requirement,
    /// The policies.
    pub policies: Policies,
    /// Members that a case does not have and that could be meant as policies: a misspelt layer would restrict nothing.
    pub unknown: Vec<String>,
}

/// The members of a case.
const MEMBERS: [&str; 12] = [
    "id",
    "title",
    "source",
    "expect",
    "request",
    "identity",
    "resourcePolicy",
    "endpoint",
    "boundary",
    "session",
    "scp",
    "rcp",
];

/// Why a line is no case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// It is not JSON.
    #[error("the case is not valid JSON at column {}: {what}", .position.column)]
    Syntax {
        /// Where.
        position: Position,
        /// What is wrong.
        what: String,
    },
    /// An element is missing or of another type.
    #[error("`{element}` of the case must be {expected}")]
    Element {
        /// The element.
        element: String,
        /// What is expected.
        expected: &'static str,
    },
    /// The principal is none.
    #[error("the principal of the case cannot be read")]
    Principal(#[from] PrincipalError),
    /// A policy is none.
    #[error("the policy `{layer}` of the case cannot be read")]
    Policy {
        /// The layer.
        layer: String,
        /// Why.
        #[source]
        source: Box<PolicyError>,
    },
}

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// [`CaseError`] if the line is none, or if one of its policies cannot be read.
    ///
    /// ```
    /// use sidegate_iam::{Case, Outcome};
    ///
    /// let line = r#"{"id": "reads", "expect": "Allowed",
    ///     "request": {"principal": "arn:aws:iam::111111111111:user/ana", "action": "s3:GetObject",
    ///         "resource": "arn:aws:s3:::docs/a"},
    ///     "identity": {"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}}"#;
    /// let case = Case::parse(line)?;
    /// assert_eq!(case.decide().outcome(), Outcome::Allowed);
    /// # Ok::<(), sidegate_iam::CaseError>(())
    /// ```
    pub fn parse(line: &str) -> Result<Self, CaseError> {
        let node = Node::read(line).map_err(|error| syntax(line, error))?;
        let text = |element: &str| node.member(element).and_then(Node::text).unwrap_or_default().to_owned();
        let request = node.member("request").ok_or_else(|| wrong("request", "an object"))?;
        let mut requirement = requirement(request)?;
        let context = request.member("context").map_or(Ok(Context::new()), context)?;
        let principal = principal(request, &context)?;
        let layers = Layers { line, node: &node };
        let kind = resource_type(&requirement);
        requirement.resource_policy = layers.one("resourcePolicy", &[kind, PolicyType::Resource])?.map(Arc::new);
        let policies = Policies {
            identity: layers.list("identity", &[PolicyType::Identity])?,
            boundary: layers.one("boundary", &[PolicyType::Boundary])?.map(Attached::from),
            session: layers.list("session", &[PolicyType::Session])?,
            service_control: layers.levels("scp", &[PolicyType::ServiceControl])?,
            resource_control: layers.levels("rcp", &[PolicyType::ResourceControl, PolicyType::Resource])?,
            endpoint: layers.one("endpoint", &[endpoint_type(&requirement)])?.map(Attached::from),
        };
        let expect = node.member("expect").map(expect).transpose()?;
        let (id, title, unknown) = (text("id"), text("title"), unknown(&node));
        Ok(Self { id, title, expect, principal, context, requirement, policies, unknown })
    }

    /// The request.
    pub fn request(&self) -> Request<'_> {
        Request { principal: &self.principal, context: &self.context, requirement: &self.requirement }
    }

    /// Decides it.
    pub fn decide(&self) -> Decision {
        decide(&self.request(), &self.policies)
    }

    /// Decides it and explains the decision.
    pub fn explain(&self) -> Explanation<'_> {
        explain(&self.request(), &self.policies)
    }

    /// Whether it comes out as it is expected.
    pub fn passes(&self) -> bool {
        self.expect.is_none_or(|expect| expect == self.decide().outcome())
    }
}

fn unknown(case: &Node) -> Vec<String> {
    let Json::Object(members) = &case.value else { return Vec::new() };
    let is_policy = |node: &Node| matches!(node.value, Json::Object(_) | Json::List(_));
    let unknown = members.iter().filter(|member| !MEMBERS.contains(&&*member.key) && is_policy(&member.node));
    unknown.map(|member| member.key.to_string()).collect()
}

fn syntax(line: &str, error: JsonError) -> CaseError {
    let (offset, what) = match error {
        JsonError::Syntax { offset, expected } => (offset, format!("{expected} is expected")),
        JsonError::Duplicate { offset, key } => (offset, format!("the key `{key}` stands twice in one object")),
        JsonError::TooDeep { offset } => (offset, "it is nested too deeply".to_owned()),
    };
    CaseError::Syntax { position: Position::of(line, offset), what }
}

fn wrong(element: &str, expected: &'static str) -> CaseError {
    CaseError::Element { element: element.to_owned(), expected }
}

fn expect(node: &Node) -> Result<Outcome, CaseError> {
    let known = [Outcome::Allowed, Outcome::ExplicitlyDenied, Outcome::ImplicitlyDenied];
    let expected = known.into_iter().find(|outcome| node.text() == Some(outcome.as_str()));
    expected.ok_or_else(|| wrong("expect", "Allowed, ExplicitlyDenied or ImplicitlyDenied"))
}

fn requirement(request: &Node) -> Result<Requirement, CaseError> {
    let text = |element| request.member(element).and_then(Node::text);
    let action = text("action").ok_or_else(|| wrong("request.action", "a string"))?;
    let mut requirement = Requirement::new(action, text("resource").unwrap_or("*"));
    if let Some(account) = text("resourceAccount") {
        let account =
            account.parse().map_err(|_| wrong("request.resourceAccount", "an account id of twelve digits"))?;
        requirement.resource_account = Some(account);
    }
    Ok(requirement)
}

/// The principal. The path of a session's role is in no ARN of a session, but may be in the context.
fn principal(request: &Node, context: &Context) -> Result<Principal, CaseError> {
    let text = request.member("principal").and_then(Node::text);
    let text = text.ok_or_else(|| wrong("request.principal", "a string"))?;
    let mut principal = match role(text) {
        Some(session) => session,
        None => Principal::parse(text)?,
    };
    if let Principal::AssumedRole { role_path, role, .. } = &mut principal
        && let Some(Values::One(arn)) = context.values("aws:PrincipalArn")
        && let Some((_, path)) = arn.strip_suffix(role.as_str()).and_then(|rest| rest.split_once(":role"))
        && path.starts_with('/')
        && path.ends_with('/')
    {
        *role_path = Some(path.to_owned());
    }
    Ok(principal)
}

/// A role stands for a session of it whose name does not matter.
fn role(text: &str) -> Option<Principal> {
    let (start, name) = text.split_once(":iam::")?;
    let (account, role) = name.split_once(":role/")?;
    let name = role.rsplit('/').next()?;
    let path = role.strip_suffix(name).filter(|path| !path.is_empty());
    let mut principal = Principal::parse(&format!("{start}:sts::{account}:assumed-role/{name}/session")).ok()?;
    if let Principal::AssumedRole { role_path, .. } = &mut principal {
        *role_path = Some(format!("/{}", path.unwrap_or_default()));
    }
    Some(principal)
}

fn context(node: &Node) -> Result<Context, CaseError> {
    let mut context = Context::new();
    match &node.value {
        Json::Null => {}
        Json::Object(members) => {
            for member in members {
                let element = || wrong(&format!("request.context.{}", member.key), "a value or a list of values");
                let values = match &member.node.value {
                    // A key without a value is a missing one.
                    Json::Null => continue,
                    Json::List(list) => {
                        let values = list.iter().map(|node| node.scalar().map(Into::into));
                        Values::Many(values.collect::<Option<_>>().ok_or_else(element)?)
                    }
                    _ => Values::One(member.node.scalar().ok_or_else(element)?.into()),
                };
                context.insert(&member.key, values);
            }
        }
        _ => return Err(wrong("request.context", "an object")),
    }
    Ok(context)
}

/// The type of the policy that a resource has.
fn resource_type(requirement: &Requirement) -> PolicyType {
    let resource = &requirement.resource;
    let action = requirement.action.to_ascii_lowercase();
    match action.split(':').next() {
        Some("sts") if resource.contains(":role/") => PolicyType::RoleTrust,
        Some("kms") => PolicyType::Key,
        _ => PolicyType::Resource,
    }
}

/// The type of an endpoint's policy: S3 and DynamoDB have gateway endpoints.
fn endpoint_type(requirement: &Requirement) -> PolicyType {
    match requirement.action.to_ascii_lowercase().split(':').next() {
        Some("s3" | "dynamodb") => PolicyType::GatewayEndpoint,
        _ => PolicyType::Endpoint,
    }
}

/// The policies of a case.
struct Layers<'a> {
    line: &'a str,
    node: &'a Node,
}

impl Layers<'_> {
    fn elements(&self, layer: &str) -> &[Node] {
        match self.node.member(layer) {
            None | Some(Node { value: Json::Null, .. }) => &[],
            Some(node) => node.elements(),
        }
    }

    /// Reads a policy as the first of these types that it can be.
    fn policy(&self, layer: &str, node: &Node, types: &[PolicyType]) -> Result<Policy, CaseError> {
        let mut first = None;
        for kind in types {
            match Policy::of_node(self.line, node, *kind) {
                Ok(policy) => return Ok(policy),
                Err(error) => first = first.or(Some(error)),
            }
        }
        match first {
            Some(source) => Err(CaseError::Policy { layer: layer.to_owned(), source: Box::new(source) }),
            None => Err(wrong(layer, "a policy")),
        }
    }

    fn list(&self, layer: &str, types: &[PolicyType]) -> Result<Vec<Attached>, CaseError> {
        let read = |node| self.policy(layer, node, types).map(Attached::from);
        self.elements(layer).iter().map(read).collect()
    }

    fn one(&self, layer: &str, types: &[PolicyType]) -> Result<Option<Policy>, CaseError> {
        match self.elements(layer) {
            [] => Ok(None),
            [node] => self.policy(layer, node, types).map(Some),
            _ => Err(wrong(layer, "one policy")),
        }
    }

    /// The levels: a list of lists. Policies that stand in no list are one level.
    fn levels(&self, layer: &str, types: &[PolicyType]) -> Result<Vec<Vec<Attached>>, CaseError> {
        let elements = self.elements(layer);
        let read = |node: &Node| self.policy(layer, node, types).map(Attached::from);
        if elements.iter().all(|node| matches!(node.value, Json::Object(_))) {
            let level: Vec<_> = elements.iter().map(read).collect::<Result<_, _>>()?;
            return Ok(if level.is_empty() { Vec::new() } else { vec![level] });
        }
        elements.iter().map(|level| level.elements().iter().map(read).collect()).collect()
    }
}
