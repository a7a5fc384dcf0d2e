//! The operations of each service, and which of them are answered, read from the sources that answer them.

use std::path::Path;

use crate::{
    model::{ACTIONS, OPERATIONS},
    read,
};

const EC2: &str = "crates/daemon/src/ec2.rs";
const S3: &str = "crates/services/src/s3/operations.rs";
const SECRETS_MANAGER: &str = "crates/services/src/secretsmanager.rs";
const KMS: &str = "crates/services/src/kms.rs";
const LOGS: &str = "crates/services/src/logs.rs";
const LAMBDA: &str = "crates/services/src/lambda.rs";
const CLOUDWATCH: &str = "crates/services/src/cloudwatch.rs";
const DYNAMODB: &str = "crates/services/src/dynamodb.rs";
const BEDROCK: &str = "crates/services/src/bedrock/control.rs";
const BEDROCK_UNSERVED: &str = "crates/services/src/bedrock/control/unserved.rs";
const BEDROCK_RUNTIME: &str = "crates/services/src/bedrock/runtime.rs";
const IAM: &str = "crates/services/src/iam/actions.rs";
const ORGANIZATIONS: &str = "crates/services/src/organizations.rs";
const STS: &str = "crates/services/src/sts.rs";

/// A service and its operations.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) title: &'static str,
    /// What stands before the colon in the names of its actions.
    pub(super) prefix: &'static str,
    /// In alphabetical order.
    pub(super) operations: Vec<Operation>,
    /// What becomes of operations that are not listed.
    pub(super) others: String,
}

/// An operation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Operation {
    pub(super) name: String,
    pub(super) answer: Answer,
}

/// What an operation answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// What AWS would.
    Real,
    /// What AWS would for something that nobody configured, since nobody can.
    Default,
    /// That it is not implemented.
    None,
}

impl Operation {
    fn new(name: impl Into<String>, answer: Answer) -> Self {
        Self { name: name.into(), answer }
    }

    pub(super) fn is_answered(&self) -> bool {
        self.answer != Answer::None
    }
}

/// All services.
pub(super) fn services(root: &Path) -> Result<Vec<Service>, String> {
    let source = |path: &str| read(&root.join(path));
    let (known, actions) = (source(OPERATIONS)?, source(ACTIONS)?);
    let ec2 = ec2(&known, &source(EC2)?).map_err(|reason| format!("{EC2}: {reason}"))?;
    let rest: Vec<&str> = actions.lines().filter(|name| !ec2.iter().any(|known| known.name == *name)).collect();
    let near: Vec<String> = rest.iter().filter(|name| is_of_networks(name)).map(|name| format!("`{name}`")).collect();
    let s3 = found(s3(&source(S3)?), S3)?;
    let secrets = found(by_name(&source(SECRETS_MANAGER)?), SECRETS_MANAGER)?;
    let kms = found(by_name(&source(KMS)?), KMS)?;
    let logs = found(by_name(&source(LOGS)?), LOGS)?;
    let lambda = found(by_name(&source(LAMBDA)?), LAMBDA)?;
    let cloudwatch = found(by_name(&source(CLOUDWATCH)?), CLOUDWATCH)?;
    let dynamodb = found(by_name(&source(DYNAMODB)?), DYNAMODB)?;
    let mut bedrock = found(by_name(&source(BEDROCK)?), BEDROCK)?;
    bedrock.extend(by_name(&source(BEDROCK_UNSERVED)?));
    bedrock.extend(found(by_name(&source(BEDROCK_RUNTIME)?), BEDROCK_RUNTIME)?);
    let mut bedrock = sorted(bedrock);
    // One is named where it is found out and again where it is done.
    bedrock.dedup();
    let iam = found(by_name(&source(IAM)?), IAM)?;
    let organizations = found(by_name(&source(ORGANIZATIONS)?), ORGANIZATIONS)?;
    let sts = found(by_name(&source(STS)?), STS)?;
    let unknown =
        |error: &str| format!("These are all operations that the service has; any other name gets `{error}`.");
    Ok(vec![
        Service {
            title: "EC2",
            prefix: "ec2",
            operations: ec2,
            others: format!(
                "The other {} actions of EC2 answer `NotImplemented`; a name that EC2 does not have, `InvalidAction`. \
                 Those of them that are about networks: {}.",
                rest.len(),
                near.join(", ")
            ),
        },
        Service {
            title: "S3",
            prefix: "s3",
            operations: s3,
            others: "Every other operation of S3 answers `NotImplemented`.".to_owned(),
        },
        Service {
            title: "Secrets Manager",
            prefix: "secretsmanager",
            operations: secrets,
            others: unknown("UnknownOperationException"),
        },
        Service { title: "KMS", prefix: "kms", operations: kms, others: unknown("UnknownOperationException") },
        Service {
            title: "CloudWatch Logs",
            prefix: "logs",
            operations: logs,
            others: unknown("UnknownOperationException"),
        },
        Service {
            title: "CloudWatch",
            prefix: "cloudwatch",
            operations: cloudwatch,
            others: unknown("UnknownOperationException` or, in the query protocol, `InvalidAction"),
        },
        Service { title: "Lambda", prefix: "lambda", operations: lambda, others: unknown("AccessDeniedException") },
        Service {
            title: "DynamoDB",
            prefix: "dynamodb",
            operations: dynamodb,
            others: unknown("UnknownOperationException"),
        },
        Service {
            title: "Bedrock",
            prefix: "bedrock",
            operations: bedrock,
            others: "These are the operations of Bedrock and of its runtime; any other path gets \
                     `UnknownOperationException`."
                .to_owned(),
        },
        Service { title: "IAM", prefix: "iam", operations: iam, others: unknown("InvalidAction") },
        Service {
            title: "Organizations",
            prefix: "organizations",
            operations: organizations,
            others: unknown("UnknownOperationException"),
        },
        Service { title: "STS", prefix: "sts", operations: sts, others: unknown("InvalidAction") },
    ])
}

/// Whether an action of EC2 is about networks, by the nouns in its name.
pub(super) fn is_of_networks(action: &str) -> bool {
    const NOUNS: [&str; 16] = [
        "Address",
        "CarrierGateway",
        "ClassicLink",
        "CustomerGateway",
        "FlowLogs",
        "IdFormat",
        "NatGateway",
        "NetworkInterface",
        "PrefixList",
        "Route",
        "SecurityGroup",
        "Subnet",
        "TransitGateway",
        "Vpc",
        "VpnConnection",
        "VpnGateway",
    ];
    NOUNS.iter().any(|noun| action.contains(noun))
}

fn found(operations: Vec<Operation>, path: &str) -> Result<Vec<Operation>, String> {
    if operations.iter().any(Operation::is_answered) {
        Ok(operations)
    } else {
        Err(format!("{path}: no operation found; does {} still read this file rightly?", file!()))
    }
}

/// The operations that the API knows, answered if the dispatch of the daemon names them.
pub(super) fn ec2(known: &str, source: &str) -> Result<Vec<Operation>, String> {
    let dispatched = dispatched(source).ok_or("no invocation of `dispatch!` with a list of actions")?;
    if let Some(stray) = dispatched.iter().find(|name| !known.lines().any(|line| line == **name)) {
        return Err(format!("`{stray}` is dispatched and not in {OPERATIONS}"));
    }
    let answer = |name: &str| if dispatched.contains(&name) { Answer::Real } else { Answer::None };
    Ok(sorted(known.lines().map(|name| Operation::new(name, answer(name))).collect()))
}

/// The names after the first `;` in `dispatch! { …; A B C }`.
fn dispatched(source: &str) -> Option<Vec<&str>> {
    let (_, invocation) = source.split_once("dispatch! {").or_else(|| source.split_once("dispatch!("))?;
    let (arguments, _) = invocation.split_once(['}', ')'])?;
    let (_, names) = arguments.split_once(';')?;
    Some(names.lines().filter_map(|line| line.split("//").next()).flat_map(str::split_whitespace).collect())
}

/// The operations that the list in `operations! { … }` names, in the form `get_object(…) -> … = get::get_object;`.
pub(super) fn s3(source: &str) -> Vec<Operation> {
    let Some((_, list)) = source.split_once("\noperations! {") else {
        return Vec::new();
    };
    let operation = |entry: &str| {
        let (method, rest) = entry.split_once('(')?;
        let (_, function) = rest.rsplit_once('=')?;
        let answer = if function.trim().starts_with("defaults::") { Answer::Default } else { Answer::Real };
        Some(Operation::new(pascal_case(method.trim()), answer))
    };
    let list = list.split('}').next().unwrap_or_default();
    sorted(list.split(';').filter_map(operation).collect())
}

fn pascal_case(snake: &str) -> String {
    snake
        .split('_')
        .filter_map(|word| {
            let first = word.chars().next()?;
            Some(first.to_uppercase().chain(word.chars().skip(1)).collect::<String>())
        })
        .collect()
}

/// The operations that are arms of a match, in the form `"GetSecretValue" => …`, or entries of a list, in the form
/// `("CreateUser", …)`; and those in `UNSERVED`. What is told of something that nobody can make is in `defaults`.
pub(super) fn by_name(source: &str) -> Vec<Operation> {
    let served = source.lines().filter_map(|line| {
        let line = line.trim();
        let is_entry = line.starts_with("(\"");
        let (name, rest) = line.strip_prefix("(\"").or_else(|| line.strip_prefix('"'))?.split_once('"')?;
        let is_served =
            if is_entry { rest.starts_with(", ") } else { rest.starts_with(" =>") || rest.starts_with(" if ") };
        let answer = if rest.contains("defaults::") { Answer::Default } else { Answer::Real };
        (is_served && is_name(name)).then(|| Operation::new(name, answer))
    });
    let list = source.split_once("const UNSERVED").and_then(|(_, list)| list.split_once("];"));
    let unserved = list.map_or("", |(list, _)| list).split('"').filter(|name| is_name(name));
    sorted(served.chain(unserved.map(|name| Operation::new(name, Answer::None))).collect())
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(|c| c.is_ascii_alphanumeric())
}

fn sorted(mut operations: Vec<Operation>) -> Vec<Operation> {
    operations.sort_by(|a, b| a.name.cmp(&b.name));
    operations
}
