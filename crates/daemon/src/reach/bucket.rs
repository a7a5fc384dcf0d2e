//! Buckets: whether one lets in what does not come by an endpoint.
//!
//! It fails by one request that is let in: the policies are asked with many (`bucket/request.rs`). That none of those is let
//! in proves nothing of the others, so that it holds only where a statement denies whatever comes by another way, whoever
//! asks for whatever (`bucket/statement.rs`). In between, nobody can say.

mod request;
mod statement;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use sidegate_iam::{
    Attached, Context, Decision, Policies, Policy, PolicyType, Principal, Request, Requirement, decide,
};
use sidegate_model::VpcEndpointId;
use sidegate_services::s3;

use self::request::Way;
use super::{Outcome, Stand};

/// What each of the buckets of a file requires of those who list it, with its owner and its policy, or why nobody can say.
pub(crate) type Buckets = BTreeMap<String, Result<Requirement, String>>;

/// The action of which the requirement is that stands for a bucket.
pub(crate) const LISTING: &str = "s3:ListBucket";

/// The condition keys that requests are tried with, in lower case.
const TRIED: [&str; 13] = [
    "aws:sourcevpce",
    "aws:sourcevpc",
    "aws:sourceip",
    "aws:vpcsourceip",
    "aws:securetransport",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltype",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:viaawsservice",
    "aws:resourceaccount",
    "s3:resourceaccount",
];

/// What the own policies of who asks allow.
static ALL: LazyLock<Attached> = LazyLock::new(|| {
    let all = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    Attached::named(Policy::parse(all, PolicyType::Identity).unwrap_or_else(|_| Policy::nothing()), "all")
});

/// What came of the requests.
pub(super) struct Tried {
    pub(super) outcome: Outcome,
    pub(super) reasons: Vec<String>,
}

/// The ARN by which a bucket is asked for.
pub(crate) fn arn(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}")
}

/// Tries what is required by every way but these endpoints. `listing` is what a listing of the bucket requires.
pub(super) fn judge(stand: &Stand<'_>, listing: &Requirement, own: &BTreeSet<VpcEndpointId>) -> Tried {
    let policy = listing.resource_policy.as_deref();
    let owner = listing.owner();
    let literals = policy.map(statement::literals).unwrap_or_default();
    let ways = request::ways(stand, &literals, own);
    let callers = request::callers(owner.as_ref(), &literals);
    let targets = targets(listing, &literals, &ways);
    // What nobody here knows of a request is taken as what denies it.
    let firm: Vec<Requirement> = targets.iter().map(|own| under(own, policy.map(statement::firm))).collect();
    let (mut tried, mut comes_by_it) = (0_usize, false);
    for way in &ways {
        for caller in callers.iter().filter(|caller| way.is_of(&caller.principal)) {
            let (tries, door) = if way.is_own { (&targets, &way.policy) } else { (&firm, &way.firm) };
            for requirement in tries {
                tried += 1;
                let is_let_in = is_let_in(way, &caller.principal, requirement, door.as_ref());
                comes_by_it |= way.is_own && is_let_in;
                if is_let_in && !way.is_own {
                    let Requirement { action, resource, .. } = requirement;
                    let reason = format!("{action} on {resource} is allowed to {} {}", caller.said, way.said);
                    return Tried { outcome: Outcome::No, reasons: vec![reason] };
                }
            }
        }
    }
    let mut reasons = vec![format!("{tried} requests were tried on the policies")];
    if !comes_by_it {
        reasons.push("none of them is let in by the endpoint either".to_owned());
    }
    let Some(doubt) = doubt(policy, &listing.resource, &ways, &targets) else {
        return Tried { outcome: Outcome::Yes, reasons };
    };
    let keys: BTreeSet<&str> = policy.into_iter().flat_map(Policy::context_keys).collect();
    let untried: Vec<&str> = keys.into_iter().filter(|key| !TRIED.contains(&&*key.to_ascii_lowercase())).collect();
    reasons.push(match untried[..] {
        [] => format!("not known: whether {doubt} is always denied; no statement denies it whatever else is asked"),
        _ => format!("not known: what comes of other values of {}", untried.join(", ")),
    });
    Tried { outcome: Outcome::Undetermined, reasons }
}

/// What may be done with a bucket: of the actions that statements tell apart, one of each kind, on the bucket, or on an object
/// of each kind.
fn targets(listing: &Requirement, literals: &BTreeSet<String>, ways: &[Way]) -> Vec<Requirement> {
    let policies = listing.resource_policy.iter().chain(ways.iter().filter_map(|way| way.policy.as_ref()));
    let mut patterns: Vec<String> = policies.flat_map(|own| statement::action_patterns(own)).collect();
    patterns.sort_unstable();
    patterns.dedup();
    let on = |resource: &str, names: &[&str]| -> Vec<Requirement> {
        let actions: Vec<String> = names.iter().map(|name| format!("s3:{name}")).collect();
        let made =
            |action: &String| Requirement { action: action.clone(), resource: resource.to_owned(), ..listing.clone() };
        request::distinct(&actions, &patterns).into_iter().map(made).collect()
    };
    let objects = request::objects(&listing.resource, literals);
    let mut all: Vec<Requirement> = objects.iter().flat_map(|own| on(own, s3::actions_on_objects())).collect();
    all.extend(on(&listing.resource, s3::actions_on_buckets()));
    all
}

/// The same under another policy.
fn under(requirement: &Requirement, policy: Option<Policy>) -> Requirement {
    Requirement { resource_policy: policy.map(Arc::new), ..requirement.clone() }
}

/// What is not surely denied by each other way, if anything is not. `None` proves that nothing gets in.
fn doubt(policy: Option<&Policy>, bucket: &str, ways: &[Way], targets: &[Requirement]) -> Option<String> {
    let sure =
        policy.map_or_else(|| statement::Sure::of(&Policy::nothing(), bucket), |own| statement::Sure::of(own, bucket));
    let callers = sure.callers();
    let targets: Vec<Requirement> = targets.iter().map(|own| under(own, Some(sure.policy.clone()))).collect();
    ways.iter().filter(|way| !way.is_own).find_map(|way| {
        // What an endpoint's policy allows on nothing of the bucket, it lets nobody do.
        if way.policy.as_deref().is_some_and(|own| !statement::may_allow(own, bucket)) {
            return None;
        }
        let mut asked =
            callers.iter().filter(|own| way.is_of(own)).flat_map(|own| targets.iter().map(move |to| (own, to)));
        let (_, target) = asked.find(|(caller, target)| is_let_in(way, caller, target, None))?;
        Some(format!("{} {}", target.action, way.said))
    })
}

fn is_let_in(way: &Way, caller: &Principal, requirement: &Requirement, endpoint: Option<&Arc<Policy>>) -> bool {
    let has_own = !matches!(caller, Principal::Anonymous | Principal::Service(_));
    let identity = if has_own { vec![ALL.clone()] } else { Vec::new() };
    let policies = Policies { identity, endpoint: endpoint.cloned().map(Attached::from), ..Policies::default() };
    let is_allowed = |context: &Context| {
        let request = Request { principal: caller, context, requirement };
        matches!(decide(&request, &policies), Decision::Allowed(_))
    };
    way.contexts.iter().any(is_allowed)
}
