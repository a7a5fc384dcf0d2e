//! What the kernel has of the networks inside: of the VPC's router, of the interfaces of functions, of their environments and
//! of the instance. Each may lead to the next, and the router nowhere else.

use std::collections::BTreeSet;
use std::net::IpAddr;

use sidegate_linux::dataplane::{Lead, Survey};
use sidegate_model::IpCidr;

use super::super::DemoError;
use super::super::table::grouped;

/// By what name the router is told from the other namespaces.
pub(super) const ROUTER: &str = "the VPC's router";

/// A namespace, by its name.
#[derive(Debug)]
pub(super) struct Surveyed {
    pub(super) name: String,
    pub(super) survey: Survey,
}

/// All namespaces of the workload.
#[derive(Debug, Default)]
pub(super) struct Inside {
    pub(super) router: Survey,
    /// The network interfaces that environments of the function share: each lends its address to those behind it.
    pub(super) uplinks: Vec<Surveyed>,
    /// The namespaces in which the daemon's processes are.
    pub(super) environments: Vec<Surveyed>,
    pub(super) instances: Vec<Surveyed>,
    /// The addresses of these interfaces.
    pub(super) addresses: BTreeSet<IpAddr>,
}

type Said = Result<Vec<String>, DemoError>;

fn untrue(claim: &'static str, found: String) -> DemoError {
    DemoError::Untrue { claim, found }
}

impl Inside {
    /// The router has links to the interfaces of the workload and no other, and no route leads elsewhere.
    pub(super) fn of_router(&self) -> Said {
        const LINKS: &str = "the VPC's router should have links to its own interfaces only";
        const ROUTES: &str = "no route of the VPC's router should lead out of the VPC";
        let router = &self.router;
        let own: BTreeSet<&str> = self.uplinks.iter().chain(&self.instances).map(|own| own.name.as_str()).collect();
        for link in &router.links {
            if !own.contains(link.leads_to.as_str()) {
                return Err(untrue(LINKS, format!("`{}` leads to `{}`", link.name, link.leads_to)));
            }
            if link.ends_in.as_ref() != Some(&link.leads_to) {
                let found = format!("`{}` does not end where its name says, in `{}`", link.name, link.leads_to);
                return Err(untrue(LINKS, found));
            }
        }
        let addresses: BTreeSet<IpCidr> = self.addresses.iter().copied().map(IpCidr::host).collect();
        let (mut here, mut out, mut nowhere) = (0, 0, 0);
        for route in &router.routes {
            match &route.lead {
                Lead::Here => here += 1,
                Lead::Nowhere => nowhere += 1,
                Lead::Link(_) if addresses.contains(&route.destination) => out += 1,
                Lead::Link(name) => {
                    return Err(untrue(ROUTES, format!("{} leads to `{name}`", route.destination)));
                }
                Lead::Elsewhere => return Err(untrue(ROUTES, format!("{} does", route.destination))),
            }
        }
        let received = router.links.iter().map(|link| link.received).sum();
        let sent = router.links.iter().map(|link| link.sent).sum();
        Ok(vec![
            format!(
                "The VPC's router, as the kernel has it, has {} links: to the {} interfaces of the function and the instance. {} packets came in by them and {} went out; there is no other link.",
                router.links.len(),
                own.len(),
                grouped(received),
                grouped(sent)
            ),
            format!(
                "Of its {} routes {here} end at endpoints and in the router, {out} lead to these interfaces and {nowhere} drop; 0 lead out of the VPC.",
                router.routes.len()
            ),
        ])
    }

    /// Each environment leads to an interface of the function, and each of these to the router.
    pub(super) fn of_environments(&self, begun: usize) -> Said {
        const LINK: &str =
            "an environment of the function should have one link, to a network interface of the function";
        let uplinks: Vec<&str> = self.uplinks.iter().map(|own| own.name.as_str()).collect();
        let (mut received, mut sent) = (0, 0);
        for environment in &self.environments {
            let (came, went) = one_way(environment, &uplinks, LINK)?;
            (received, sent) = (received + came, sent + went);
            self.speaks_to_the_router(environment, &environment.survey.connected)?;
        }
        let flows = self.uplinks.iter().map(|uplink| self.of_uplink(uplink)).sum::<Result<usize, _>>()?;
        let count = self.environments.len();
        let mut lines = vec![format!(
            "The execution environments of the function that are there, {count} of {}, have one link each, to the function's own interfaces, and no route by another way. {} packets came in by them and {} went out. All {flows} destinations that the interfaces know from their flows are in the VPC's router.",
            begun.max(count),
            grouped(received),
            grouped(sent)
        )];
        if begun > count {
            lines.push(format!(
                "Not seen: {} environments have ended, and their namespaces with them. What they sent went through the same interfaces.",
                begun - count
            ));
        }
        Ok(lines)
    }

    /// The interface leads to the router and to environments: how many destinations its flows have.
    fn of_uplink(&self, uplink: &Surveyed) -> Result<usize, DemoError> {
        const LINKS: &str =
            "an interface of the function should have one link to the VPC's router, and others to environments";
        const ROUTES: &str = "an interface of the function should have no route by another way";
        let mut out = 0;
        for link in &uplink.survey.links {
            match link.ends_in.as_deref() {
                Some(ROUTER) => out += 1,
                Some(end) if self.environments.iter().any(|environment| environment.name == end) => {}
                end => {
                    let end = end.unwrap_or("a namespace that no process of the daemon is in");
                    return Err(untrue(LINKS, format!("`{}` of {} leads to {end}", link.name, uplink.name)));
                }
            }
        }
        if out != 1 {
            return Err(untrue(LINKS, format!("{} has {out} to it", uplink.name)));
        }
        if let Some(route) = uplink.survey.routes.iter().find(|route| route.lead == Lead::Elsewhere) {
            return Err(untrue(ROUTES, format!("{} has one to {}", uplink.name, route.destination)));
        }
        self.speaks_to_the_router(uplink, &uplink.survey.flows)?;
        Ok(uplink.survey.flows.len())
    }

    /// The instance leads to the router.
    pub(super) fn of_instances(&self) -> Said {
        const LINK: &str = "an instance should have one link, to the VPC's router";
        const ADDRESS: &str = "an instance should have the addresses of its network interface only";
        let mut lines = Vec::new();
        for instance in &self.instances {
            let (received, sent) = one_way(instance, &[ROUTER], LINK)?;
            self.speaks_to_the_router(instance, &instance.survey.connected)?;
            if let Some(other) = instance.survey.addresses.difference(&self.addresses).next() {
                return Err(untrue(ADDRESS, format!("{} has {other}", instance.name)));
            }
            lines.push(format!(
                "The instance's namespace has one link, to the VPC's router, and no address but that of {}. {} packets came in by it and {} went out; none of its sockets is connected to anything else.",
                instance.name,
                grouped(received),
                grouped(sent)
            ));
        }
        Ok(lines)
    }

    /// All these addresses are in the router, or in the namespace itself.
    fn speaks_to_the_router(&self, own: &Surveyed, others: &BTreeSet<IpAddr>) -> Result<(), DemoError> {
        let router = &self.router;
        let here: Vec<IpCidr> =
            router.routes.iter().filter(|own| own.lead == Lead::Here).map(|own| own.destination).collect();
        let is_inside = |address: &IpAddr| {
            address.is_loopback()
                || own.survey.addresses.contains(address)
                || router.addresses.contains(address)
                || here.iter().any(|block| block.contains(*address))
        };
        match others.iter().find(|address| !is_inside(address)) {
            None => Ok(()),
            Some(other) => Err(untrue(
                "the function and the instance should have spoken to addresses in the VPC's router only",
                format!("{} spoke to {other}", own.name),
            )),
        }
    }
}

/// The packets that came and went by the only link of a namespace, which ends in one of these.
fn one_way(own: &Surveyed, ends: &[&str], claim: &'static str) -> Result<(u64, u64), DemoError> {
    let survey = &own.survey;
    let [link] = survey.links.as_slice() else {
        return Err(untrue(claim, format!("{} has {}", own.name, survey.links.len())));
    };
    if !link.ends_in.as_deref().is_some_and(|end| ends.contains(&end)) {
        let end = link.ends_in.as_deref().unwrap_or("elsewhere");
        return Err(untrue(claim, format!("`{}` of {} leads to {end}", link.name, own.name)));
    }
    let leads_away = |lead: &Lead| match lead {
        Lead::Here | Lead::Nowhere => false,
        Lead::Link(name) => *name != link.name,
        Lead::Elsewhere => true,
    };
    if let Some(route) = survey.routes.iter().find(|route| leads_away(&route.lead)) {
        return Err(untrue(claim, format!("{} has another way to {}", own.name, route.destination)));
    }
    Ok((link.received, link.sent))
}

#[cfg(test)]
mod tests {
    use sidegate_linux::dataplane::{SurveyedLink, SurveyedRoute};

    use super::*;

    fn link(name: &str, end: &str) -> SurveyedLink {
        let (name, end) = (name.to_owned(), end.to_owned());
        SurveyedLink { name, leads_to: end.clone(), ends_in: Some(end), received: 1_234, sent: 1_000 }
    }

    fn survey(links: &[(&str, &str)], routes: &[(&str, Lead)], addresses: &[&str]) -> Survey {
        let route = |(destination, lead): &(&str, Lead)| SurveyedRoute {
            destination: destination.parse().unwrap(),
            lead: lead.clone(),
        };
        Survey {
            links: links.iter().map(|(name, end)| link(name, end)).collect(),
            routes: routes.iter().map(route).collect(),
            addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
            ..Survey::default()
        }
    }

    fn by(name: &str) -> Lead {
        Lead::Link(name.to_owned())
    }

    /// One of each, as the demo has them.
    fn inside() -> Inside {
        let named = |name: &str, survey| Surveyed { name: name.to_owned(), survey };
        let routes = [
            ("10.79.1.9/32", by("l1")),
            ("10.79.1.8/32", by("l2")),
            ("198.18.0.0/24", Lead::Here),
            ("0.0.0.0/0", Lead::Nowhere),
        ];
        let mut uplink = survey(
            &[("eth0", ROUTER), ("f0", "environment 1")],
            &[("0.0.0.0/0", by("eth0")), ("169.254.64.2/32", by("f0"))],
            &["10.79.1.9"],
        );
        uplink.flows = ["198.18.0.1".parse().unwrap(), "10.79.0.2".parse().unwrap()].into();
        let mut environment = survey(&[("eth0", "eni-1")], &[("0.0.0.0/0", by("eth0"))], &["169.254.64.2"]);
        environment.connected = ["127.0.0.1".parse().unwrap(), "198.18.0.1".parse().unwrap()].into();
        Inside {
            router: survey(&[("l1", "eni-1"), ("l2", "eni-2")], &routes, &["10.79.0.2"]),
            uplinks: vec![named("eni-1", uplink)],
            environments: vec![named("environment 1", environment)],
            instances: vec![named("eni-2", survey(&[("eth0", ROUTER)], &[("0.0.0.0/0", by("eth0"))], &["10.79.1.8"]))],
            addresses: ["10.79.1.9".parse().unwrap(), "10.79.1.8".parse().unwrap()].into(),
        }
    }

    #[test]
    fn networks_that_lead_to_the_router_only_are_proof() {
        let inside = inside();
        assert_eq!(
            inside.of_router().unwrap(),
            [
                "The VPC's router, as the kernel has it, has 2 links: to the 2 interfaces of the function and the instance. 2,468 packets came in by them and 2,000 went out; there is no other link.",
                "Of its 4 routes 1 end at endpoints and in the router, 2 lead to these interfaces and 1 drop; 0 lead out of the VPC.",
            ]
        );
        let told = inside.of_environments(1).unwrap();
        assert!(told.len() == 1 && told[0].contains("1 of 1, ") && told[0].contains("All 2 destinations"), "{told:?}");
        let told = inside.of_environments(3).unwrap();
        assert!(told[1].starts_with("Not seen: 2 environments have ended"), "{told:?}");
        let told = inside.of_instances().unwrap();
        assert!(told[0].contains("of eni-2. 1,234 packets came in by it and 1,000 went out"), "{told:?}");
    }

    #[test]
    fn another_link_or_route_of_the_router_is_none() {
        let refused = |change: fn(&mut Inside)| {
            let mut inside = inside();
            change(&mut inside);
            inside.of_router().unwrap_err().to_string()
        };
        assert!(refused(|own| own.router.links.push(link("l3", "nat-1"))).contains("`l3` leads to `nat-1`"));
        let wrong = refused(|own| own.router.links[0].ends_in = Some("nat-1".to_owned()));
        assert!(wrong.contains("`l1` does not end where its name says"), "{wrong}");
        assert!(refused(|own| own.router.routes[3].lead = by("l1")).contains("0.0.0.0/0 leads to `l1`"));
        assert!(refused(|own| own.router.routes[3].lead = Lead::Elsewhere).contains("0.0.0.0/0 does"));
    }

    type Change = fn(&mut Inside);

    #[test]
    fn another_way_out_of_an_environment_its_interface_or_the_instance_is_none() {
        let of_environments: [(Change, &str); 8] = [
            (|own| own.environments[0].survey.links.push(link("eth1", "eni-1")), "environment 1 has 2"),
            (|own| own.environments[0].survey.links[0].ends_in = None, "`eth0` of environment 1 leads to elsewhere"),
            (
                |own| own.environments[0].survey.routes[0].lead = by("eth1"),
                "environment 1 has another way to 0.0.0.0/0",
            ),
            (
                |own| own.environments[0].survey.connected = ["198.18.9.1".parse().unwrap()].into(),
                "environment 1 spoke to 198.18.9.1",
            ),
            (|own| own.uplinks[0].survey.links[1].ends_in = None, "`f0` of eni-1 leads to a namespace that no process"),
            (|own| own.uplinks[0].survey.links[0].ends_in = Some("environment 1".to_owned()), "eni-1 has 0 to it"),
            (|own| own.uplinks[0].survey.routes[1].lead = Lead::Elsewhere, "eni-1 has one to 169.254.64.2/32"),
            (|own| own.uplinks[0].survey.flows = ["198.18.9.1".parse().unwrap()].into(), "eni-1 spoke to 198.18.9.1"),
        ];
        for (change, expected) in of_environments {
            let mut inside = inside();
            change(&mut inside);
            let refused = inside.of_environments(1).unwrap_err().to_string();
            assert!(refused.contains(expected), "{refused}");
        }
        let of_instances: [(Change, &str); 4] = [
            (|own| own.instances[0].survey.links.clear(), "eni-2 has 0"),
            (
                |own| own.instances[0].survey.links[0].ends_in = Some("eni-1".to_owned()),
                "`eth0` of eni-2 leads to eni-1",
            ),
            (
                |own| own.instances[0].survey.connected = ["198.18.9.1".parse().unwrap()].into(),
                "eni-2 spoke to 198.18.9.1",
            ),
            (
                |own| own.instances[0].survey.addresses.extend(["10.0.0.1".parse::<IpAddr>().unwrap()]),
                "eni-2 has 10.0.0.1",
            ),
        ];
        for (change, expected) in of_instances {
            let mut inside = inside();
            change(&mut inside);
            let refused = inside.of_instances().unwrap_err().to_string();
            assert!(refused.contains(expected), "{refused}");
        }
    }
}
