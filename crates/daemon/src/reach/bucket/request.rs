//! The requests that are tried on a bucket: by which way, by whom, for what.
//!
//! They come by each endpoint for S3 here, by those that the bucket's policy names and that are not here, by one elsewhere,
//! over the internet, from a service in the caller's name, and from a service itself; over TLS and without; of somebody of
//! the owner's account whose own policies allow everything, of its root user, of another account, of nobody, and of everyone
//! whom the policy names; from addresses in each block that it names; for keys of objects that its resources cover.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use sidegate_iam::{Context, Path, Policy, Principal};
use sidegate_model::{AccountId, IpCidr, VpcEndpointId, VpcId, wildcard_covers};

use super::super::Stand;
use super::statement;
use crate::explain::session_of;

/// An endpoint, a VPC and addresses that nobody here has.
const ELSEWHERE: (&str, &str) = ("vpce-0fffffffffffffff0", "vpc-0fffffffffffffff0");
const PUBLIC: &str = "203.0.113.7";
const PRIVATE: &str = "10.255.255.7";

/// By what requests come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// By the internet or an endpoint.
    Network,
    /// By a service, in the name of who called it.
    ServiceFor,
    /// By a service, in its own.
    Service,
}

/// A way that requests come.
pub(super) struct Way {
    by: By,
    /// The condition keys of a request that comes so: one set for each kind.
    pub(super) contexts: Vec<Context>,
    /// The endpoint's policy.
    pub(super) policy: Option<Arc<Policy>>,
    /// What that surely lets through.
    pub(super) firm: Option<Arc<Policy>>,
    /// Whether it is by one of the endpoints that may let in.
    pub(super) is_own: bool,
    pub(super) said: String,
}

impl Way {
    /// A way over a network, over TLS and without.
    fn over(path: &Path, policy: Option<&Arc<Policy>>, is_own: bool, said: String) -> Self {
        let context = |is_secure: &str| path.context().with("aws:SecureTransport", is_secure);
        let contexts = ["true", "false"].map(context).to_vec();
        let firm = policy.map(|own| Arc::new(statement::firm(own)));
        Self { by: By::Network, contexts, policy: policy.cloned(), firm, is_own, said }
    }

    /// What comes from a service bears nothing of the network.
    ///
    /// Source: IAM user guide, "AWS global condition context keys": `aws:SourceIp`, `aws:ViaAWSService`; "Forward access
    /// sessions".
    fn from_service(by: By, via: &str, said: &str) -> Self {
        let context = Context::new().with("aws:SecureTransport", "true").with("aws:ViaAWSService", via);
        Self { by, contexts: vec![context], policy: None, firm: None, is_own: false, said: said.to_owned() }
    }

    /// Whether requests of somebody come so.
    pub(super) const fn is_of(&self, principal: &Principal) -> bool {
        match (principal, self.by) {
            (Principal::Service(_), by) => matches!(by, By::Service),
            (Principal::Anonymous, by) => matches!(by, By::Network),
            (_, by) => !matches!(by, By::Service),
        }
    }
}

/// Somebody who asks.
pub(super) struct Caller {
    pub(super) principal: Principal,
    pub(super) said: String,
}

/// The ways to a bucket whose policy has these texts.
pub(super) fn ways(stand: &Stand<'_>, literals: &BTreeSet<String>, own: &BTreeSet<VpcEndpointId>) -> Vec<Way> {
    let named: BTreeSet<IpAddr> = literals.iter().filter_map(|text| address(text)).collect();
    let mut ways: Vec<Way> = named
        .iter()
        .copied()
        .chain(PUBLIC.parse().ok())
        .map(|source| Way::over(&Path::Public { source }, None, false, format!("over the internet, from {source}")))
        .collect();
    let inner: Vec<IpAddr> = named.into_iter().chain(PRIVATE.parse().ok()).collect();
    let by = |vpc: &VpcId, endpoint: &VpcEndpointId, policy: Option<&Arc<Policy>>, where_: &str| -> Vec<Way> {
        let way = |source: &IpAddr| {
            let path = Path::Endpoint { vpc: vpc.clone(), endpoint: endpoint.clone(), source: *source };
            let said = format!("by {endpoint} of {vpc}{where_}, from {source}");
            Way::over(&path, policy, own.contains(endpoint), said)
        };
        inner.iter().map(way).collect()
    };
    let (mut vpcs_here, mut endpoints_here) = (BTreeSet::new(), BTreeSet::new());
    let mut kinds: Vec<(bool, &VpcId, &Arc<Policy>)> = Vec::new();
    let is_told_apart = literals.iter().any(|text| has_wildcard(text) && text.contains("vpc"));
    for vpc in stand.plan().vpcs.values() {
        vpcs_here.insert(vpc.vpc.clone());
        for (id, endpoint) in vpc.endpoints.iter().filter(|(_, endpoint)| endpoint.service == "s3") {
            endpoints_here.insert(id.clone());
            // Of many endpoints whose ids no policy names, one stands for those of a VPC with the same policy.
            let kind = (own.contains(id), &vpc.vpc, &endpoint.policy);
            let is_known = kinds.contains(&kind);
            if is_known && !is_told_apart && !literals.contains(id.as_str()) {
                continue;
            }
            kinds.push(kind);
            ways.extend(by(&vpc.vpc, id, Some(&endpoint.policy), ""));
        }
    }
    let endpoints = ids::<VpcEndpointId>(literals, "vpce-", ELSEWHERE.0, &endpoints_here);
    let vpcs = ids::<VpcId>(literals, "vpc-", ELSEWHERE.1, &vpcs_here);
    for endpoint in &endpoints {
        for vpc in &vpcs {
            ways.extend(by(vpc, endpoint, None, ", which is not here"));
        }
    }
    ways.push(Way::from_service(By::ServiceFor, "true", "by a service of AWS that calls in its name"));
    ways.push(Way::from_service(By::Service, "false", "in its own name"));
    ways
}

/// The ids that texts name and that are not here, and one that nothing names.
fn ids<I: std::str::FromStr + Ord>(
    literals: &BTreeSet<String>, prefix: &str, elsewhere: &str, here: &BTreeSet<I>,
) -> BTreeSet<I> {
    const DIGITS: usize = 17;
    let filled = literals.iter().filter(|text| text.starts_with(prefix)).map(|text| {
        let (length, many) = (prefix.len() + DIGITS + 1, text.matches('*').count());
        let first = "0".repeat(length.saturating_sub(text.len()).min(DIGITS));
        let text = if many == 0 { text.clone() } else { text.replacen('*', &first, 1) };
        text.replace('*', "").replace('?', "0")
    });
    let all = filled.chain([elsewhere.to_owned()]).filter_map(|text| text.parse::<I>().ok());
    all.filter(|id| !here.contains(id)).collect()
}

/// Who may ask for a bucket of this owner whose policy has these texts.
pub(super) fn callers(owner: Option<&AccountId>, literals: &BTreeSet<String>) -> Vec<Caller> {
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
    let other = other.into_iter().find(|id| owner != Some(id));
    if let Some(other) = &other {
        let principal = Principal::user(other.clone(), "/", "anyone");
        all.push(Caller { principal, said: "somebody of another account".to_owned() });
    }
    let accounts: Vec<&AccountId> = owner.into_iter().chain(&other).collect();
    let named = literals.iter().flat_map(|text| principals(text, &accounts));
    all.extend(named);
    let mut seen: Vec<Principal> = Vec::new();
    all.retain(|own| {
        let is_new = !seen.contains(&own.principal);
        seen.extend(is_new.then(|| own.principal.clone()));
        is_new
    });
    all
}

/// Whom a text of a policy may mean: by an ARN, by an account's id, or by the name of a service. A role asks by its sessions.
fn principals(text: &str, accounts: &[&AccountId]) -> Vec<Caller> {
    if let Ok(account) = text.parse::<AccountId>() {
        let said = format!("somebody of account {account}");
        return vec![Caller { principal: Principal::user(account, "/", "anyone"), said }];
    }
    let read = |text: String| {
        let principal = Principal::parse(&text).ok().or_else(|| session_of(&text))?;
        Some(Caller { principal, said: text })
    };
    if text.ends_with(".amazonaws.com") {
        return read(text.to_owned()).into_iter().collect();
    }
    // A pattern of a role that leaves out what is before it.
    let text = match text.find(":role/").filter(|_| !text.starts_with("arn:")) {
        Some(at) => format!("arn:aws:iam::*{}", text.get(at..).unwrap_or_default()),
        None => text.to_owned(),
    };
    let [arn, partition, service, region, account, resource] = text.splitn(6, ':').collect::<Vec<_>>()[..] else {
        return Vec::new();
    };
    let partition = if has_wildcard(partition) { "aws" } else { partition };
    let fits: Vec<&str> = accounts.iter().map(|own| own.as_str()).filter(|own| wildcard_covers(account, own)).collect();
    let accounts = if fits.is_empty() { vec![account] } else { fits };
    let fills = ["anyone", "role/anyone", "user/anyone"];
    let pairs = accounts.iter().flat_map(|account| fills.iter().map(move |fill| (account, fill)));
    let filled = pairs.map(|(account, fill)| {
        let resource = resource.replace('*', fill).replace('?', "x");
        format!("{arn}:{partition}:{service}:{region}:{account}:{resource}")
    });
    filled.filter_map(read).collect()
}

/// The objects of a bucket that are tried: some that nothing names, and one of each pattern.
pub(super) fn objects(bucket: &str, literals: &BTreeSet<String>) -> Vec<String> {
    let name = bucket.rsplit(':').next().unwrap_or_default();
    let keys = literals.iter().filter_map(|text| {
        let (of, key) = text.split_once(":::")?.1.split_once('/')?;
        let key = key.replace('*', "any").replace('?', "x");
        (wildcard_covers(of, name) && !key.is_empty()).then(|| format!("{bucket}/{key}"))
    });
    let others = ["any", "other", "0"].map(|key| format!("{bucket}/{key}"));
    keys.chain(others).collect::<BTreeSet<_>>().into_iter().collect()
}

/// One of each kind of actions that patterns tell apart, the first of each.
pub(super) fn distinct<'a>(actions: &'a [String], patterns: &[String]) -> Vec<&'a String> {
    let mut kinds: BTreeSet<Vec<bool>> = BTreeSet::new();
    let is_new = |action: &&String| {
        let action = action.to_ascii_lowercase();
        kinds.insert(patterns.iter().map(|own| wildcard_covers(own, &action)).collect())
    };
    actions.iter().filter(is_new).collect()
}

/// Whether a text stands for more than itself.
pub(super) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// An address in a block, or the address that it is.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| text.parse::<IpCidr>().ok().map(IpCidr::first))
}
