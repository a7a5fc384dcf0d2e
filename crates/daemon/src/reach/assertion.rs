//! Assertions: whether one holds, and what shows that it does not.

use std::collections::BTreeSet;

use serde::Serialize;
use sidegate_model::{SubnetId, VpcEndpointId, World};
use sidegate_plan::analyze::Trace;
use sidegate_plan::analyze::reach::{Addresses, Ends, Query, Reach, Set, Traffic, reach};

use super::bucket::{self, Buckets, Tried};
use super::file::{Assertion, AssertionFile, Claim, FileError};
use super::selector::{Selected, Side, select};
use super::{Outcome, Stand, text};

/// What came of an assertion.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Judged {
    /// The assertion's name.
    pub(super) name: String,
    /// The file.
    pub(super) file: String,
    /// The line in which it begins.
    pub(super) line: usize,
    /// Whether it holds.
    #[serde(rename = "result")]
    pub(super) outcome: Outcome,
    /// Why, in words: what shows that it fails, or what is not known.
    pub(super) reasons: Vec<String>,
    /// The path that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) example: Option<Trace>,
}

/// Judges an assertion.
///
/// # Errors
/// [`FileError`] if a selector of it selects nothing, and may not.
pub(super) fn judge(
    stand: &Stand<'_>, file: &AssertionFile, assertion: &Assertion, buckets: &Buckets,
) -> Result<Judged, FileError> {
    let judged = |outcome, reasons, example| Judged {
        name: assertion.name.clone(),
        file: file.name.clone(),
        line: assertion.line,
        outcome,
        reasons,
        example,
    };
    let misplaced = |line, reason| FileError::Assertion { file: file.name.clone(), line, reason };
    let chosen = |all: &[(String, usize)], side| -> Result<Option<Selected>, FileError> {
        let mut selected = Selected::default();
        for (text, line) in all {
            match select(stand.world(), text, side) {
                Ok(own) => selected.join(own),
                Err(error) if error.is_empty() && assertion.allow_empty => {}
                Err(error) => return Err(misplaced(*line, error.to_string())),
            }
        }
        Ok(Some(selected).filter(|own| !own.ends.is_empty() || !own.subnets.is_empty()))
    };
    let nobody = || judged(Outcome::Yes, vec!["nothing is selected, as may be".to_owned()], None);
    match &assertion.claim {
        Claim::Unreached { from, to, traffic } => {
            let (Some(from), Some(to)) = (chosen(from, Side::From)?, chosen(to, Side::To)?) else {
                return Ok(nobody());
            };
            let (found, world) = asked(stand, &from, &to.ends, traffic, Addresses::All);
            Ok(match (found.sets.first(), found.undetermined.first()) {
                (Some(set), _) => judged(Outcome::No, vec![text::line(&world, set)], Some(set.path.clone())),
                (None, Some(set)) => {
                    judged(Outcome::Undetermined, unknown(&world, set), Some(stand.doubted(&set.path)))
                }
                (None, None) => judged(Outcome::Yes, Vec::new(), None),
            })
        }
        Claim::Reached { from, to, traffic } => {
            let (Some(from), Some(to)) = (chosen(from, Side::From)?, chosen(to, Side::To)?) else {
                return Ok(nobody());
            };
            let (found, world) = asked(stand, &from, &to.ends, traffic, Addresses::Primary);
            Ok(match (found.unreached.first(), found.undetermined.first(), found.sets.first()) {
                (Some(own), ..) => judged(Outcome::No, vec![text::stopped(&world, own)], Some(own.path.clone())),
                (None, Some(set), _) => {
                    judged(Outcome::Undetermined, unknown(&world, set), Some(stand.doubted(&set.path)))
                }
                (None, None, Some(_)) => judged(Outcome::Yes, Vec::new(), None),
                (None, None, None) => {
                    return Err(misplaced(assertion.line, "no packet could go from one end to the other".to_owned()));
                }
            })
        }
        Claim::Bucket { bucket, through } => {
            let Some(doors) = chosen(through, Side::To)? else { return Ok(nobody()) };
            if stand.is_read() {
                let reason = "files of `describe` calls tell nothing of the policies of buckets";
                return Ok(judged(Outcome::Undetermined, vec![reason.to_owned()], None));
            }
            let endpoints = endpoints(stand.world(), &doors.ends);
            let Some(Ok(listing)) = buckets.get(bucket) else {
                let reason = match buckets.get(bucket) {
                    Some(Err(reason)) => reason.clone(),
                    _ => format!("there is no bucket `{bucket}` here"),
                };
                return if assertion.allow_empty { Ok(nobody()) } else { Err(misplaced(assertion.line, reason)) };
            };
            let Tried { outcome, reasons } = bucket::judge(stand, listing, &endpoints);
            Ok(judged(outcome, reasons, None))
        }
    }
}

impl Selected {
    fn join(&mut self, other: Self) {
        let Ends { interfaces, internet, services, gateways } = other.ends;
        self.ends.interfaces.extend(interfaces);
        self.ends.internet |= internet;
        self.ends.services.extend(services);
        self.ends.gateways.extend(gateways);
        self.subnets.extend(other.subnets);
    }
}

/// What gets there, and the world that was asked.
fn asked(stand: &Stand<'_>, from: &Selected, to: &Ends, traffic: &Traffic, addresses: Addresses) -> (Reach, World) {
    let subnets: &BTreeSet<SubnetId> = &from.subnets;
    let supposed = stand.with_programs(subnets);
    let mut senders = from.ends.clone();
    senders.interfaces.extend(supposed.programs().cloned());
    let query = Query { from: senders, to: to.clone(), traffic: traffic.clone(), addresses };
    let found = reach(supposed.world(), supposed.plan(), &query, &supposed);
    (found, supposed.world().clone())
}

fn unknown(world: &World, set: &Set) -> Vec<String> {
    let said = format!("it cannot be said of {}", text::line(world, set));
    std::iter::once(said).chain(set.unknown.iter().map(|own| format!("not known: {own}"))).collect()
}

/// The endpoints among ends.
fn endpoints(world: &World, ends: &Ends) -> BTreeSet<VpcEndpointId> {
    let interfaces = ends.interfaces.iter().filter_map(|id| world.interfaces.get(id));
    let own = interfaces.filter_map(|own| match &own.attachment {
        sidegate_model::Attachment::Endpoint(id) => Some(id.clone()),
        _ => None,
    });
    ends.gateways.iter().cloned().chain(own).collect()
}
