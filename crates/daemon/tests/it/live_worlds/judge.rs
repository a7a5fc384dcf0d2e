//! Whether the three answers are one: what a trace tells, what the naive evaluator does, and what happened.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::Value;
use sidegate_model::World;
use sidegate_plan::analyze::{Code, Disposition, Trace, Unknown};

use super::batch::{Happened, traced};
use super::town::{Aim, Attempt, Town};
use crate::asked::{agrees, agrees_on_name, arrives, kind};
use crate::naive::{self, Answer, Outcome};

/// What the three said where they are not one.
#[derive(Clone, Debug)]
pub(super) struct Disagreement {
    pub(super) trace: String,
    pub(super) naive: String,
    pub(super) happened: String,
}

/// What kind of end an attempt came to; `None` if it is none that could be made.
pub(super) fn judge(
    happened: &Happened, towns: &[Town], n: usize, at: usize,
) -> Result<Option<String>, Box<Disagreement>> {
    let (town, attempt) = (&towns[n], &towns[n].attempts[at]);
    let Some(trace) = traced(happened, town, attempt) else { return Ok(None) };
    let nothing = Value::Null;
    let told = happened.told.get(&(n, at)).unwrap_or(&nothing);
    let outcome = match &attempt.aim {
        Aim::Address(to) => at_address(happened, attempt, *to, &trace, told),
        Aim::Name { name, calls } => at_name(happened, town, attempt, (name, *calls), &trace, told),
    };
    outcome.map(|()| Some(kind(&trace.disposition))).map_err(|naive| {
        let event = |id: &str| happened.events.get(id).map(|event| format!("\n{event:#}")).unwrap_or_default();
        let text = told.to_string();
        let ids = text.split("http ").skip(1).filter_map(|rest| rest.split(['"', ' ']).nth(1));
        let events: String = ids.map(event).collect();
        Box::new(Disagreement { trace: trace.to_string(), naive, happened: format!("{told}{events}") })
    })
}

/// What an attempt at an address came to; an error says what the naive evaluator does.
fn at_address(happened: &Happened, attempt: &Attempt, to: IpAddr, trace: &Trace, told: &Value) -> Result<(), String> {
    let asked = attempt.asked(to);
    let outcomes = asked.outcomes(&happened.all);
    let seen = told["got"].as_str().unwrap_or_default();
    if agrees(trace, &asked, &outcomes).is_ok() && is_so(happened, &trace.disposition, to, &outcomes, seen) {
        return Ok(());
    }
    Err(format!("{outcomes:?}"))
}

/// Whether what a program saw is what a disposition says. Where a NAT gateway has several addresses, the trace tells of one
/// of those that the service may see.
fn is_so(happened: &Happened, disposition: &Disposition, to: IpAddr, outcomes: &[Outcome], seen: &str) -> bool {
    let may_come_from = |path: &Value| {
        outcomes.iter().any(|outcome| match outcome {
            Outcome::Endpoint(_, source) | Outcome::Internet(source) => is_from(path, *source),
            _ => false,
        })
    };
    // A message of ICMP says the same as silence: nobody took the packet.
    let is_silent = seen == "silence" || seen.starts_with("unreachable");
    match disposition {
        Disposition::Delivered { interface } => seen == "pong" || seen == format!("world {interface}"),
        Disposition::Endpoint { endpoint, .. } => {
            event(happened, seen).is_some_and(|path| path["endpoint"] == endpoint.as_str() && may_come_from(path))
        }
        Disposition::Internet { .. } => {
            event(happened, seen).is_some_and(|path| path["endpoint"].is_null() && may_come_from(path))
        }
        Disposition::Resolver => seen == "dns",
        // Over IPv6 it takes connections, and no instance of these worlds has it turned on.
        Disposition::Metadata if to.is_ipv6() => seen == "closed",
        Disposition::Metadata => seen.starts_with("http "),
        Disposition::Blocked { by: Code::PlainHttpNotServed } => seen == "closed",
        Disposition::Undetermined { unknown: Unknown::NatAddress { .. } } => {
            is_silent || seen == "pong" || seen.starts_with("world ") || seen.starts_with("http ")
        }
        // Nobody of the emulated internet is there.
        Disposition::Outside { .. } | Disposition::Blocked { .. } | Disposition::Undetermined { .. } => is_silent,
    }
}

/// How the request came that was answered so, unless it was for somebody else.
fn event<'h>(happened: &'h Happened, seen: &str) -> Option<&'h Value> {
    let (status, id) = seen.strip_prefix("http ")?.split_once(' ')?;
    happened.events.get(id).map(|event| &event["path"]).filter(|_| status != MISDIRECTED)
}

const MISDIRECTED: &str = "421";
const DENIED: &str = "403";

fn is_from(path: &Value, source: IpAddr) -> bool {
    path["source"].as_str().and_then(|text| text.parse().ok()) == Some(source)
}

/// What an attempt at a name came to, which every address was tried of.
fn at_name(
    happened: &Happened, town: &Town, attempt: &Attempt, (name, calls): (&str, bool), trace: &Trace, told: &Value,
) -> Result<(), String> {
    let world = &happened.all;
    let Some(home) = attempt.home(town) else { return Ok(()) };
    let answer = naive::resolve(world, &home.vpc, name);
    let wanted = |number: usize| match &answer {
        Answer::Silence => Err("silence"),
        Answer::NoSuchName => Err("nxdomain"),
        Answer::NoData => Ok(BTreeSet::new()),
        Answer::Addresses(all) => Ok(all.iter().copied().filter(|to| to.is_ipv4() == (number == 0)).collect()),
    };
    let is_answered = |number: usize| {
        let got = &told["dns"][number];
        let found = got.as_array().map(|all| all.iter().filter_map(|to| to.as_str()?.parse().ok()).collect());
        wanted(number) == found.ok_or_else(|| got.as_str().unwrap_or_default())
    };
    let code = match &answer {
        Answer::Silence => Some(Code::DnsSupportDisabled),
        Answer::NoSuchName => Some(Code::DnsNoSuchName),
        Answer::NoData => Some(Code::DnsNoRecord),
        Answer::Addresses(_) => None,
    };
    let addresses = match &answer {
        Answer::Addresses(all) => all.iter().copied().filter(|to| to.is_ipv4() || !home.ipv6.is_empty()).collect(),
        _ => Vec::new(),
    };
    let ends: Vec<_> = addresses.iter().map(|to| end(world, town, attempt, *to, (name, calls))).collect();
    let is_traced = match code {
        Some(code) => trace.disposition.blocked_by() == Some(code),
        None => agrees_on_name(&trace.disposition, &ends, &[]),
    };
    let reached = |to: &IpAddr| {
        let seen = told["ends"][to.to_string()].as_str().unwrap_or_default();
        let status = seen.strip_prefix("http ").and_then(|rest| rest.split(' ').next());
        match status {
            Some("200") => Some(true),
            Some(MISDIRECTED) => Some(false),
            Some(DENIED) if calls => Some(false),
            // Whoever answers an unsigned request has been reached.
            Some(_) if !calls => Some(true),
            Some(_) => None,
            None if seen.starts_with("world ") => Some(true),
            None => (seen == "silence" || seen.starts_with("tls ") || seen.starts_with("unreachable")).then_some(false),
        }
    };
    let is_met =
        |(to, end): (&IpAddr, &Option<bool>)| reached(to).is_some_and(|seen| end.is_none_or(|end| end == seen));
    if is_traced && is_answered(0) && is_answered(1) && addresses.iter().zip(&ends).all(is_met) {
        return Ok(());
    }
    Err(format!("{answer:?}, and there {ends:?}"))
}

/// Whether a request to a name arrives at an address of it, and is allowed.
fn end(world: &World, town: &Town, attempt: &Attempt, to: IpAddr, (name, calls): (&str, bool)) -> Option<bool> {
    let asked = attempt.asked(to);
    let home = attempt.home(town)?;
    match &town.bucket {
        Some(bucket) if calls => {
            arrives(world, &asked, name, "s3:GetObject", |outcome| bucket.lets(world, &home.scope.account, outcome))
        }
        // Only the packets and the name count where nothing is called: then every policy allows.
        _ => {
            let mut open = world.clone();
            let ids: Vec<_> = world.endpoints.iter().map(|own| own.id.clone()).collect();
            ids.iter().for_each(|id| open.endpoints.update(id, |own| own.policy = None));
            arrives(&open, &asked, name, "s3:GetObject", |_| true)
        }
    }
}
