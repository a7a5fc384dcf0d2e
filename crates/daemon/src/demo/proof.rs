//! That no packet took another way: what the kernel has of the VPC's router, and what the daemon saw of every request.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_edge::events::{Event, EventPath};
use sidegate_linux::dataplane::{INTERNET, Lead, Survey, survey};
use sidegate_linux::holder;
use sidegate_model::IpCidr;

use super::table::grouped;
use super::workload::{INSTANCE_PROFILE, NAME};
use super::{DemoError, Set, Step as _};

/// The network interfaces of the VPC that something is behind: those of endpoints are addresses of the router itself.
struct Interfaces {
    ids: BTreeSet<String>,
    addresses: BTreeSet<IpCidr>,
}

/// What is so, in lines.
pub(super) async fn of(set: &Set) -> Result<Vec<String>, DemoError> {
    let interfaces = interfaces(set).await?;
    let state = set.stage.state();
    let vpc = set.network.vpc.clone();
    let surveyed = tokio::task::spawn_blocking(move || {
        let holder = holder::Client::new(&holder::socket_path(&state));
        let of = |name: &str| -> Result<Survey, DemoError> {
            let namespace = holder.get(name).step(STEP)?;
            let namespace = namespace.ok_or_else(|| DemoError::step(STEP, format!("{name} has no namespace")))?;
            survey(&namespace).step(STEP)
        };
        Ok::<_, DemoError>((of(&vpc)?, of(INTERNET)?))
    });
    let (router, internet) = surveyed.await.step(STEP)??;
    let mut lines = of_router(&router, &interfaces)?;
    lines.push(of_internet(&internet)?);
    lines.push(of_requests(&set.stage.events().await?, &set.network.vpc)?);
    Ok(lines)
}

const STEP: &str = "looking at the kernel";

async fn interfaces(set: &Set) -> Result<Interfaces, DemoError> {
    let filters = [
        ("Filter.1.Name", "vpc-id"),
        ("Filter.1.Value.1", set.network.vpc.as_str()),
        ("Filter.2.Name", "interface-type"),
        ("Filter.2.Value.1", "interface"),
        ("Filter.2.Value.2", "lambda"),
    ];
    let found = set.stage.client.ec2("DescribeNetworkInterfaces", &filters).await.step("DescribeNetworkInterfaces")?;
    let addresses = found.texts("privateIpAddress").into_iter().map(|address| address.parse().map(IpCidr::host));
    Ok(Interfaces {
        ids: found.texts("networkInterfaceId").into_iter().map(str::to_owned).collect(),
        addresses: addresses.collect::<Result<_, _>>().step("DescribeNetworkInterfaces")?,
    })
}

/// The router has links to the interfaces of the VPC and no other, and no route leads elsewhere.
fn of_router(router: &Survey, interfaces: &Interfaces) -> Result<Vec<String>, DemoError> {
    let untrue = |claim, found| Err(DemoError::Untrue { claim, found });
    if let Some(link) = router.links.iter().find(|link| !interfaces.ids.contains(&link.leads_to)) {
        let claim = "the VPC's router should have links to its own interfaces only";
        return untrue(claim, format!("`{}` leads to `{}`", link.name, link.leads_to));
    }
    let (mut here, mut out, mut nowhere) = (0, 0, 0);
    for route in &router.routes {
        match &route.lead {
            Lead::Here => here += 1,
            Lead::Nowhere => nowhere += 1,
            Lead::Link(_) if interfaces.addresses.contains(&route.destination) => out += 1,
            Lead::Link(name) => {
                let claim = "no route of the VPC's router should lead out of the VPC";
                return untrue(claim, format!("{} leads to `{name}`", route.destination));
            }
            Lead::Elsewhere => {
                let claim = "no route of the VPC's router should lead out of the VPC";
                return untrue(claim, format!("{} does", route.destination));
            }
        }
    }
    let received = router.links.iter().map(|link| link.received).sum();
    let sent = router.links.iter().map(|link| link.sent).sum();
    Ok(vec![
        format!(
            "The VPC's router, as the kernel has it, has {} links: to the {} interfaces of the function and the instance. {} packets came in by them and {} went out; there is no other link.",
            router.links.len(),
            interfaces.ids.len(),
            grouped(received),
            grouped(sent)
        ),
        format!(
            "Of its {} routes {here} end at endpoints and in the router, {out} lead to these interfaces and {nowhere} drop; 0 lead out of the VPC.",
            router.routes.len()
        ),
    ])
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
    use sidegate_linux::dataplane::{SurveyedLink, SurveyedRoute};

    use super::*;
    use crate::demo::calls::tests::request;

    fn survey_of(leads_to: &str, routes: &[(&str, Lead)]) -> Survey {
        let link = SurveyedLink { name: "l1".to_owned(), leads_to: leads_to.to_owned(), received: 1_234, sent: 1_000 };
        let route = |(destination, lead): &(&str, Lead)| SurveyedRoute {
            destination: destination.parse().unwrap(),
            lead: lead.clone(),
        };
        Survey { links: vec![link], routes: routes.iter().map(route).collect() }
    }

    #[test]
    fn a_router_that_leads_to_its_interfaces_only_is_proof_and_another_link_or_route_is_none() {
        let interfaces =
            Interfaces { ids: ["eni-1".to_owned()].into(), addresses: ["10.79.1.9/32".parse().unwrap()].into() };
        let inside = ("10.79.1.9/32", Lead::Link("l1".to_owned()));
        let good = survey_of("eni-1", &[inside.clone(), ("198.18.0.0/24", Lead::Here), ("0.0.0.0/0", Lead::Nowhere)]);
        assert_eq!(
            of_router(&good, &interfaces).unwrap(),
            [
                "The VPC's router, as the kernel has it, has 1 links: to the 1 interfaces of the function and the instance. 1,234 packets came in by them and 1,000 went out; there is no other link.",
                "Of its 3 routes 1 end at endpoints and in the router, 1 lead to these interfaces and 1 drop; 0 lead out of the VPC.",
            ]
        );
        let refused = |survey: &Survey| of_router(survey, &interfaces).unwrap_err().to_string();
        assert!(refused(&survey_of("nat-1", &[])).contains("`l1` leads to `nat-1`"));
        let out = survey_of("eni-1", &[inside, ("0.0.0.0/0", Lead::Link("l1".to_owned()))]);
        assert!(refused(&out).contains("0.0.0.0/0 leads to `l1`"));
        assert!(of_internet(&good).is_err() && of_internet(&Survey::default()).is_ok());
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
