//! What leads out of a namespace, as the kernel has it.

use sidegate_linux::dataplane::{Lead, survey};

use super::dataplane::tamper;
use super::network::{Build, Network, Outcome, PUBLIC, all, at, by_table, eni, vpc, vpc_id};
use super::sandbox::need_root;

#[test]
fn a_survey_tells_links_with_their_packets_and_every_route_that_leads_out() {
    need_root!();
    let mut network = Network::new();
    let plan = vpc(1).table(1, true).table(2, false).program(1, at(1, 10), 1, 1).program(2, at(2, 10), 2, 1);
    network.set(&[&plan.egress(1, all())]);
    let vpc_name = vpc_id(1).to_string();
    let surveyed = || survey(&network.namespace(&vpc_name), &[]).unwrap();
    let before = surveyed();
    let (one_name, two_name) = (eni(1), eni(2));
    let (one, two) = (network.namespace(&one_name), network.namespace(&two_name));
    let known = [(one_name.as_str(), &one), (two_name.as_str(), &two)];
    let ended = survey(&network.namespace(&vpc_name), &known).unwrap();
    // What the kernel says of the other end is what the alias says.
    assert!(ended.links.iter().all(|link| link.ends_in.as_ref() == Some(&link.leads_to)), "{ended:?}");
    let inside = survey(&one, &[("router", &network.namespace(&vpc_name)), ("two", &two)]).unwrap();
    assert_eq!(inside.links.iter().map(|link| link.ends_in.as_deref()).collect::<Vec<_>>(), [Some("router")]);
    assert_eq!(inside.addresses, [at(1, 10).into()].into());
    assert!(inside.routes.iter().all(|route| route.lead != Lead::Elsewhere), "{inside:?}");
    let mut ends: Vec<_> = before.links.iter().map(|link| link.leads_to.clone()).collect();
    ends.sort();
    assert_eq!(ends, [eni(1), eni(2)]);
    let out = |lead: &Lead| matches!(lead, Lead::Link(_));
    let mut led: Vec<_> =
        before.routes.iter().filter(|route| out(&route.lead)).map(|route| route.destination.to_string()).collect();
    led.sort();
    assert_eq!(led, [format!("{}/32", at(1, 10)), format!("{}/32", at(2, 10))]);
    assert!(
        before.routes.iter().any(|route| route.lead == Lead::Here && route.destination.to_string() == "198.18.0.0/20")
    );
    assert!(before.routes.iter().any(|route| route.lead == Lead::Nowhere));
    assert!(before.routes.iter().all(|route| route.lead != Lead::Elsewhere));

    let edge = network.edge(&vpc_id(1));
    network.expect(&[(1, PUBLIC, 443, by_table(PUBLIC, 1)), (2, PUBLIC, 443, Outcome::Silence)]);
    drop(edge);
    let after = surveyed();
    let packets = |number| {
        let of = |links: &[sidegate_linux::dataplane::SurveyedLink]| {
            let link = links.iter().find(|link| link.leads_to == eni(number)).unwrap();
            (link.received, link.sent)
        };
        let ((received, sent), (received_before, sent_before)) = (of(&after.links), of(&before.links));
        (received - received_before, sent - sent_before)
    };
    // The one that reached nobody sent packets too.
    assert!(packets(1).0 > 2 && packets(1).1 > 1 && packets(2).0 > 0, "{after:?}");

    // What somebody adds is seen, whatever table it is in.
    tamper(&network, &vpc_name, "ip link add other type veth peer name another");
    tamper(&network, &vpc_name, "ip link set other up");
    tamper(&network, &vpc_name, "ip route add 1.2.3.0/24 dev other table 77");
    tamper(&network, &vpc_name, "ip route add unreachable 1.2.4.0/24");
    let added = surveyed();
    assert!(added.links.iter().any(|link| link.name == "other" && link.leads_to.is_empty()));
    let lead = |destination: &str| {
        added.routes.iter().find(|route| route.destination.to_string() == destination).map(|route| route.lead.clone())
    };
    assert_eq!(lead("1.2.3.0/24"), Some(Lead::Link("other".to_owned())));
    assert_eq!(lead("1.2.4.0/24"), Some(Lead::Elsewhere));
}
