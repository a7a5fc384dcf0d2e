//! Buckets: whether one lets in what does not come by an endpoint.
//!
//! The policies are asked, with requests that stand for all others: by each other endpoint of S3 here, by one elsewhere, and
//! by none; of somebody of the owner's account whose own policies allow everything, of its root user, of another account, of
//! nobody, and of everyone whom the bucket's policy names; from addresses in each block that it names. A condition key that
//! is none of these leaves open what comes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use serde_json::Value;
use sidegate_iam::{
    Attached, Context, Decision, Path, Policies, Policy, PolicyType, Principal, Request, Requirement, decide,
};
use sidegate_model::{AccountId, IpCidr, VpcEndpointId, VpcId};

use super::{Outcome, Stand};

/// The actions that are tried.
pub(crate) const ACTIONS: [&str; 4] = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"];

/// What each of the buckets of a file requires, or why nobody can say.
pub(crate) type Buckets = BTreeMap<String, Result<Vec<Requirement>, String>>;

/// The condition keys that requests are tried with, in lower case.
const TRIED: [&str; 9] = [
    "aws:sourcevpce",
    "aws:sourcevpc",
    "aws:sourceip",
    "aws:vpcsourceip",
    "aws:securetransport",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:requestedregion",
    "aws:viaawsservice",
];

/// An endpoint, a VPC and addresses that nobody here has.
const ELSEWHERE: (&str, &str) = ("vpce-0fffffffffffffff0", "vpc-0fffffffffffffff0");
const PUBLIC: &str = "203.0.113.7";
const PRIVATE: &str = "10.255.255.7";

/// What came of the requests.
pub(super) struct Tried {
    pub(super) outcome: Outcome,
    pub(super) reasons: Vec<String>,
}

/// What an action of a bucket is about.
pub(crate) fn object_of(action: &str, bucket: &str) -> String {
    match action {
        "s3:ListBucket" => format!("arn:aws:s3:::{bucket}"),
        _ => format!("arn:aws:s3:::{bucket}/any"),
    }
}

/// Tries what is required by every way but these endpoints.
pub(super) fn judge(stand: &Stand<'_>, requirements: &[Requirement], own: &BTreeSet<VpcEndpointId>) -> Tried {
    let policies: Vec<_> = requirements.iter().filter_map(|own| own.resource_policy.clone()).collect();
    let literals = literals(&policies);
    let owner = requirements.iter().find_map(Requirement::owner);
    let (mut tried, mut comes_by_it) = (0_usize, false);
    for way in ways(stand, &literals) {
        let is_own = matches!(&way.path, Path::Endpoint { endpoint, .. } if own.contains(endpoint));
        for caller in callers(owner.as_ref(), &literals) {
            for requirement in requirements {
                let is_let_in = is_let_in(&way, &caller, requirement);
                comes_by_it |= is_own && is_let_in;
                tried += 1;
                if is_let_in && !is_own {
                    let Requirement { action, resource, .. } = requirement;
                    let reason = format!("{action} on {resource} is allowed to {} {}", caller.said, way.said);
                    return Tried { outcome: Outcome::No, reasons: vec![reason] };
                }
            }
        }
    }
    let keys: BTreeSet<&str> = policies.iter().flat_map(|policy| policy.context_keys()).collect();
    let untried: Vec<&str> = keys.into_iter().filter(|key| !TRIED.contains(&&*key.to_ascii_lowercase())).collect();
    let mut reasons = vec![format!("{tried} requests were tried on the policies")];
    if !comes_by_it {
        reasons.push("none of them is let in by the endpoint either".to_owned());
    }
    if untried.is_empty() {
        return Tried { outcome: Outcome::Yes, reasons };
    }
    reasons.push(format!("not known: what comes of other values of {}", untried.join(", ")));
    Tried { outcome: Outcome::Undetermined, reasons }
}

/// A way that requests come.
struct Way {
    path: Path,
    /// The endpoint's policy.
    policy: Option<Arc<Policy>>,
    said: String,
}

/// Somebody who asks.
struct Caller {
    principal: Principal,
    said: String,
}

fn ways(stand: &Stand<'_>, literals: &[String]) -> Vec<Way> {
    let named: BTreeSet<IpAddr> = literals.iter().filter_map(|text| address(text)).collect();
    let public = PUBLIC.parse().ok();
    let mut ways: Vec<Way> = named
        .iter()
        .copied()
        .chain(public)
        .map(|source| Way {
            path: Path::Public { source },
            policy: None,
            said: format!("over the internet, from {source}"),
        })
        .collect();
    let inner: Vec<IpAddr> = named.into_iter().chain(PRIVATE.parse().ok()).collect();
    let by = |vpc: &VpcId, endpoint: &VpcEndpointId, policy: Option<&Arc<Policy>>| -> Vec<Way> {
        let way = |source: &IpAddr| Way {
            path: Path::Endpoint { vpc: vpc.clone(), endpoint: endpoint.clone(), source: *source },
            policy: policy.cloned(),
            said: format!("by {endpoint} of {vpc}, from {source}"),
        };
        inner.iter().map(way).collect()
    };
    for vpc in stand.plan().vpcs.values() {
        for (id, own) in vpc.endpoints.iter().filter(|(_, own)| own.service == "s3") {
            ways.extend(by(&vpc.vpc, id, Some(&own.policy)));
        }
    }
    if let (Ok(endpoint), Ok(vpc)) = (ELSEWHERE.0.parse(), ELSEWHERE.1.parse()) {
        ways.extend(by(&vpc, &endpoint, None));
    }
    ways
}

fn callers(owner: Option<&AccountId>, literals: &[String]) -> Vec<Caller> {
    let mut all = vec![Caller { principal: Principal::Anonymous, said: "everyone".to_owned() }];
    if let Some(owner) = owner {
        let principal = Principal::user(owner.clone(), "/", "anyone");
        all.push(Caller { principal, said: format!("whoever of account {owner} may do everything") });
        all.push(Caller {
            principal: Principal::Root(owner.clone().into()),
            said: format!("the root user of {owner}"),
        });
    }
    let other = ["111111111111", "222222222222"].into_iter().filter_map(|id| id.parse::<AccountId>().ok());
    if let Some(other) = other.into_iter().find(|id| owner != Some(id)) {
        let principal = Principal::user(other, "/", "anyone");
        all.push(Caller { principal, said: "somebody of another account".to_owned() });
    }
    let named = literals.iter().map(|text| text.replace('*', "anyone"));
    all.extend(named.filter(|text| text.starts_with("arn:")).filter_map(|text| {
        let principal = Principal::parse(&text).ok()?;
        Some(Caller { principal, said: text })
    }));
    all
}

fn is_let_in(way: &Way, caller: &Caller, requirement: &Requirement) -> bool {
    const ALL: &str = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let mut context: Context = way
        .path
        .context()
        .with("aws:SecureTransport", "true")
        .with("aws:RequestedRegion", "us-east-1")
        .with("aws:ViaAWSService", "false");
    if let Some(arn) = caller.principal.role_arn().or_else(|| caller.principal.arn()) {
        context = context.with("aws:PrincipalArn", arn);
    }
    if let Some(account) = caller.principal.account() {
        context = context.with("aws:PrincipalAccount", account.to_string());
    }
    let all = Policy::parse(ALL, PolicyType::Identity).unwrap_or_else(|_| Policy::nothing());
    let identity =
        if caller.principal == Principal::Anonymous { Vec::new() } else { vec![Attached::named(all, "all")] };
    let policies = Policies { identity, endpoint: way.policy.clone().map(Attached::from), ..Policies::default() };
    let request = Request { principal: &caller.principal, context: &context, requirement };
    matches!(decide(&request, &policies), Decision::Allowed(_))
}

/// The texts that stand in policies.
fn literals(policies: &[Arc<Policy>]) -> Vec<String> {
    let statements = policies.iter().flat_map(|own| (0..own.statement_count()).filter_map(|at| own.statement_text(at)));
    let mut all = BTreeSet::new();
    for text in statements {
        gather(&serde_json::from_str(&text).unwrap_or(Value::Null), &mut all);
    }
    all.into_iter().collect()
}

fn gather(value: &Value, all: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(all.insert(text.clone())),
        Value::Array(many) => many.iter().for_each(|own| gather(own, all)),
        Value::Object(members) => members.values().for_each(|own| gather(own, all)),
        _ => {}
    }
}

/// An address in a block, or the address that it is.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| text.parse::<IpCidr>().ok().map(IpCidr::first))
}
