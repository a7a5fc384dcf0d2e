//! That no packet took another way: what the kernel has of the VPC's router, of the networks behind it and of the emulated
//! internet, and what the daemon saw of every request.

mod inside;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;

use serde_json::{Value, json};
use sidegate_edge::events::{Event, EventPath};
use sidegate_linux::dataplane::{INTERNET, Survey, survey};
use sidegate_linux::holder;
use sidegate_linux::netns::{NetNs, NetNsId};

use self::inside::{Inside, ROUTER, Surveyed};
use super::table::grouped;
use super::workload::{INSTANCE_PROFILE, NAME};
use super::{DemoError, Set, Step as _};
use crate::daemon::Note;
use crate::functions::children;
use crate::state_dir::StateDir;

/// What was looked at, and what came of it.
pub(super) struct Proof {
    /// What is so, in lines.
    pub(super) lines: Vec<String>,
    /// What is not so.
    pub(super) against: Vec<DemoError>,
}

/// Looks at everything, whatever comes of it.
pub(super) async fn of(set: &Set) -> Result<Proof, DemoError> {
    let functions = interfaces(set, "lambda").await?;
    let instances = interfaces(set, "interface").await?;
    let (state, vpc) = (set.stage.state(), set.network.vpc.clone());
    let look = move || look(&state, &vpc, functions, instances);
    let (inside, internet) = tokio::task::spawn_blocking(look).await.step(STEP)??;
    let begun = environments_begun(set).await?;
    let mut proof = Proof { lines: Vec::new(), against: Vec::new() };
    let events = set.stage.events().await?;
    for said in [
        inside.of_router(),
        inside.of_environments(begun),
        inside.of_instances(),
        of_internet(&internet).map(|line| vec![line]),
        of_requests(&events, &set.network.vpc).map(|line| vec![line]),
    ] {
        match said {
            Ok(lines) => proof.lines.extend(lines),
            Err(found) => proof.against.push(found),
        }
    }
    let models = if set.asks_models { ", and asks the server of --models by it" } else { "" };
    proof.lines.push(format!(
        "Not looked at: the daemon, which stands for AWS and has the machine's own network{models}; and flows that ended so long ago that the kernel has forgotten them, which the counts of packets have all the same."
    ));
    Ok(proof)
}

const STEP: &str = "looking at the kernel";

/// The network interfaces of a type that the VPC has: ids and addresses.
async fn interfaces(set: &Set, kind: &str) -> Result<Vec<(String, String)>, DemoError> {
    let filters = [
        ("Filter.1.Name", "vpc-id"),
        ("Filter.1.Value.1", set.network.vpc.as_str()),
        ("Filter.2.Name", "interface-type"),
        ("Filter.2.Value.1", kind),
    ];
    let found = set.stage.client.ec2("DescribeNetworkInterfaces", &filters).await.step("DescribeNetworkInterfaces")?;
    let mut all = Vec::new();
    for id in found.texts("networkInterfaceId") {
        let own = [("NetworkInterfaceId.1", id)];
        let own = set.stage.client.ec2("DescribeNetworkInterfaces", &own).await.step("DescribeNetworkInterfaces")?;
        all.extend(own.text("privateIpAddress").map(|address| (id.to_owned(), address.to_owned())));
    }
    Ok(all)
}

/// How many environments of the function there have been: each has a log stream of its own.
async fn environments_begun(set: &Set) -> Result<usize, DemoError> {
    const ACTION: &str = "DescribeLogStreams";
    let group = json!({ "logGroupName": set.names.function_log }).to_string();
    let told: Value = serde_json::from_str(&set.stage.client.logs(ACTION, &group).await.step(ACTION)?).step(ACTION)?;
    Ok(told.get("logStreams").and_then(Value::as_array).map_or(0, Vec::len))
}

/// Surveys the namespaces of a VPC, of these interfaces and of the daemon's processes, and the emulated internet.
fn look(
    state: &Path, vpc: &str, functions: Vec<(String, String)>, instances: Vec<(String, String)>,
) -> Result<(Inside, Survey), DemoError> {
    let holder = holder::Client::new(&holder::socket_path(state));
    let get = |name: &str| -> Result<NetNs, DemoError> {
        let namespace = holder.get(name).step(STEP)?;
        namespace.ok_or_else(|| DemoError::step(STEP, format!("{name} has no namespace")))
    };
    let addresses = functions.iter().chain(&instances).map(|(_, address)| address.parse::<IpAddr>());
    let addresses = addresses.collect::<Result<BTreeSet<_>, _>>().step(STEP)?;
    let (count, function_count) = (functions.len() + instances.len(), functions.len());
    let mut known = vec![(ROUTER.to_owned(), get(vpc)?)];
    for (id, _) in functions.into_iter().chain(instances) {
        let namespace = get(&id)?;
        known.push((id, namespace));
    }
    let internet = get(INTERNET)?;
    known.extend(environments(state, &known)?);
    let by_name: Vec<(&str, &NetNs)> = known.iter().map(|(name, namespace)| (name.as_str(), namespace)).collect();
    let surveyed = known
        .iter()
        .map(|(name, namespace)| Ok(Surveyed { name: name.clone(), survey: survey(namespace, &by_name).step(STEP)? }));
    let mut surveyed = surveyed.collect::<Result<Vec<_>, DemoError>>()?.into_iter();
    let router = surveyed.next().map(|own| own.survey).unwrap_or_default();
    let inside = Inside {
        router,
        uplinks: surveyed.by_ref().take(function_count).collect(),
        instances: surveyed.by_ref().take(count - function_count).collect(),
        environments: surveyed.collect(),
        addresses,
    };
    Ok((inside, survey(&internet, &[]).step(STEP)?))
}

/// The namespaces, by numbers, in which processes of the daemon are that are not its own, nor known.
fn environments(state: &Path, known: &[(String, NetNs)]) -> Result<Vec<(String, NetNs)>, DemoError> {
    let note = Note::read(&StateDir::open(state).step(STEP)?);
    let daemon = note.ok_or_else(|| DemoError::step(STEP, "the daemon does not say which process it is"))?.pid;
    let mut ids: Vec<NetNsId> =
        known.iter().map(|(_, namespace)| namespace.id()).collect::<Result<_, _>>().step(STEP)?;
    ids.push(
        namespace_of(daemon)
            .and_then(|own| own.id().ok())
            .ok_or_else(|| DemoError::step(STEP, "the daemon has ended"))?,
    );
    let mut found = Vec::new();
    let mut waiting = children(daemon);
    while let Some(process) = waiting.pop() {
        waiting.extend(children(process));
        // One that has ended meanwhile is in no namespace.
        let Some((namespace, id)) = namespace_of(process).and_then(|own| own.id().ok().map(|id| (own, id))) else {
            continue;
        };
        if !ids.contains(&id) {
            ids.push(id);
            found.push((format!("environment {}", found.len() + 1), namespace));
        }
    }
    Ok(found)
}

fn namespace_of(process: u32) -> Option<NetNs> {
    NetNs::open(Path::new(&format!("/proc/{process}/ns/net"))).ok()
}

/// Nothing leads to the emulated internet.
fn of_internet(internet: &Survey) -> Result<String, DemoError> {
    match internet.links.as_slice() {
        [] => {
            Ok("The emulated internet, where the services' public addresses are, has 0 links to any network."
                .to_owned())
        }
        [link, ..] => Err(DemoError::Untrue {
            claim: "the emulated internet should be joined to no network",
            found: format!("`{}` leads to `{}`", link.name, link.leads_to),
        }),
    }
}

/// Each request of the workload's roles came through an endpoint of the VPC.
fn of_requests(events: &[Event], vpc: &str) -> Result<String, DemoError> {
    let roles = [format!(":assumed-role/{NAME}-function/"), format!(":assumed-role/{INSTANCE_PROFILE}/")];
    let mut through: BTreeMap<String, usize> = BTreeMap::new();
    let is_own = |event: &&Event| {
        event.principal.as_ref().is_some_and(|principal| roles.iter().any(|role| principal.contains(role)))
    };
    for event in events.iter().filter(is_own) {
        match &event.path {
            EventPath::Endpoint { vpc: own, endpoint, .. } if own.as_str() == vpc => {
                *through.entry(endpoint.to_string()).or_default() += 1;
            }
            other => {
                return Err(DemoError::Untrue {
                    claim: "each request of the workload should have come through an endpoint of its VPC",
                    found: format!("{} came otherwise: {other:?}", event.request_id),
                });
            }
        }
    }
    let all = through.values().sum::<usize>();
    if all == 0 {
        return Err(DemoError::Untrue {
            claim: "the workload should have made requests",
            found: "there are none".to_owned(),
        });
    }
    // Where there have been very many, the daemon has forgotten the first ones.
    let is_whole = events.iter().any(|event| event.operation.as_deref() == Some("CreateVpc"));
    Ok(format!(
        "{} {} requests of the function and the instance that reached a service of AWS came through its {} endpoints, and 0 by another way.",
        if is_whole { "All" } else { "The newest" },
        grouped(all as u64),
        through.len()
    ))
}

#[cfg(test)]
mod tests {
    use sidegate_linux::dataplane::SurveyedLink;

    use super::*;
    use crate::demo::calls::tests::request;

    #[test]
    fn an_internet_that_is_joined_to_a_network_is_no_proof() {
        let (name, leads_to) = ("l1".to_owned(), "igw-1".to_owned());
        let link = SurveyedLink { name, leads_to, ends_in: None, received: 1, sent: 1 };
        let joined = Survey { links: vec![link], ..Survey::default() };
        assert!(of_internet(&joined).unwrap_err().to_string().contains("`l1` leads to `igw-1`"));
        assert!(of_internet(&Survey::default()).is_ok());
    }

    #[test]
    fn one_request_that_came_otherwise_is_enough_against_it() {
        let mut event = request("s3", "GetObject", None, &[]).event;
        event.principal = Some("arn:aws:sts::000000000000:assumed-role/document-qa-function/document-qa".to_owned());
        let vpc = "vpc-0123456789abcdef0";
        let newest = of_requests(&[event.clone()], vpc).unwrap();
        assert!(newest.starts_with("The newest 1 requests "), "{newest}");
        let mut first = event.clone();
        first.operation = Some("CreateVpc".to_owned());
        first.principal = None;
        let told = of_requests(&[first, event.clone(), event.clone()], vpc).unwrap();
        assert!(
            told.starts_with("All 2 requests ") && told.ends_with("through its 1 endpoints, and 0 by another way."),
            "{told}"
        );
        assert!(of_requests(&[event.clone()], "vpc-1").is_err());
        assert!(of_requests(&[], vpc).is_err());
        let mut public = event.clone();
        public.path = EventPath::Public { source: [198, 19, 255, 2].into() };
        assert!(of_requests(&[event, public], vpc).is_err());
    }
}
