use sidegate_plan::analyze::{Disposition, Hop, Leg, NameOrigin, Resolution, Step, Trace, Unknown};

use super::*;

const NAME: &str = "s3.us-east-1.amazonaws.com";

fn at(last: u8) -> IpAddr {
    [198, 18, 0, last].into()
}

fn trace(disposition: Disposition) -> Trace {
    let resolution = Resolution {
        name: NAME.to_owned(),
        vpc: None,
        zone: String::new(),
        origin: NameOrigin::PublicDns,
        addresses: vec![at(1), at(2)],
        passed_over: Vec::new(),
    };
    let hop = Hop { leg: Leg::There, step: Step::Name(resolution), blocks: None, notes: Vec::new() };
    Trace { source: None, hops: vec![hop], disposition }
}

fn reached() -> Disposition {
    Disposition::Internet { service: "s3", region: "us-east-1".parse().unwrap(), source: at(9) }
}

fn blocked(by: Code) -> Disposition {
    Disposition::Blocked { by }
}

/// What was seen where everything arrives.
fn seen(outcomes: [Outcome; 2]) -> Live {
    let connections = [at(2), at(1)].into_iter().zip(outcomes);
    Live {
        from: From { interface: None, addresses: vec![at(9)], supposed: false },
        dns: Some(Dns { name: NAME.to_owned(), answer: "No Error".to_owned(), addresses: vec![at(2), at(1)] }),
        connections: connections.map(|(to, outcome)| Connection { to: SocketAddr::new(to, 443), outcome }).collect(),
        tls: None,
        decision: None,
        agrees: None,
        compared: Vec::new(),
        uncompared: Vec::new(),
        differences: Vec::new(),
        notes: Vec::new(),
    }
}

fn decided(code: Option<Code>) -> Decision {
    let reason = code.map(|_| "no".to_owned());
    Decision { allowed: Some(code.is_none()), code, reason, ..Decision::default() }
}

fn secured(version: Option<&str>) -> Tls {
    Tls { name: NAME.to_owned(), version: version.map(str::to_owned), failure: None }
}

const CONNECTED: [Outcome; 2] = [Outcome::Connected; 2];
const SILENT: [Outcome; 2] = [Outcome::Silent; 2];

#[test]
fn what_is_seen_as_it_was_told_agrees_in_whatever_order_the_addresses_come() {
    let mut live = seen(CONNECTED);
    (live.tls, live.decision) = (Some(secured(Some("1.3"))), Some(decided(None)));
    let live = live.compare(&trace(reached()));
    assert_eq!(live.agrees, Some(true), "{live}");
    assert!(
        live.to_string().starts_with(
            "live: as explained, as far as was compared: the resolver's answer, whether it arrives, TLS, "
        ),
        "{live}"
    );
    assert_eq!(seen(SILENT).compare(&trace(blocked(Code::EniSgRulesMismatch))).agrees, Some(true));
    assert_eq!(
        seen([Outcome::Refused; 2]).compare(&trace(reached())).agrees,
        Some(true),
        "nobody listens, and it arrived"
    );
}

#[test]
fn an_answer_is_no_connection_and_what_has_no_port_is_told_without() {
    let mut live = seen([Outcome::Refused, Outcome::Answered]);
    live.connections[1].to.set_port(0);
    let live = live.compare(&trace(blocked(Code::EniSgRulesMismatch)));
    let text = live.to_string();
    assert!(text.contains("  198.18.0.2:443: arrived, and nobody listens\n  198.18.0.1: answered\n"), "{text}");
    assert_eq!(live.differences[1], "198.18.0.1 is reached, and the trace says that it is not");
}

#[test]
fn a_connection_that_is_made_or_not_against_what_was_told_is_a_difference() {
    let made = seen([Outcome::Connected, Outcome::Silent]).compare(&trace(blocked(Code::NoRouteToDestination)));
    assert_eq!(made.differences, ["198.18.0.2:443 is reached, and the trace says that it is not"]);
    let lost = seen([Outcome::Silent, Outcome::Connected]).compare(&trace(reached()));
    assert_eq!(lost.differences, ["198.18.0.2:443 is not reached (no answer), and the trace says that it is"]);
    assert!(lost.to_string().contains("live: not as explained"), "{lost}");
    let mixed = Unknown::Address { passing: vec![at(1)], lost: vec![at(2)] };
    let mixed = trace(Disposition::Undetermined { unknown: mixed });
    assert_eq!(seen([Outcome::Silent, Outcome::Connected]).compare(&mixed).agrees, Some(true));
    assert_eq!(seen(CONNECTED).compare(&mixed).differences.len(), 1);
}

#[test]
fn other_addresses_of_the_name_are_a_difference() {
    let mut live = seen(CONNECTED);
    live.dns.as_mut().unwrap().addresses = vec![at(1)];
    let live = live.compare(&trace(reached()));
    assert_eq!(live.differences.len(), 1);
    assert!(live.differences[0].contains("says 198.18.0.1 of"), "{live}");
}

#[test]
fn the_decision_is_that_of_the_layer_which_the_trace_names() {
    let denied = trace(blocked(Code::EndpointPolicyImplicitDeny));
    let with = |decision: Decision, trace: &Trace| {
        let mut live = seen(CONNECTED);
        live.decision = Some(decision);
        live.compare(trace)
    };
    assert_eq!(with(decided(Some(Code::EndpointPolicyImplicitDeny)), &denied).agrees, Some(true));
    let other = with(decided(Some(Code::ResourcePolicyExplicitDeny)), &denied);
    assert_eq!(
        other.differences,
        ["the call is denied: RESOURCE_POLICY_EXPLICIT_DENY, and the trace says denied: ENDPOINT_POLICY_IMPLICIT_DENY"]
    );
    assert_eq!(with(decided(None), &denied).agrees, Some(false));
    let unasked = Decision::default();
    assert_eq!(with(unasked, &trace(reached())).agrees, Some(false));
    let unknown = Unknown::Policies { layers: vec![sidegate_iam::PolicyKind::Resource] };
    let open = with(decided(None), &trace(Disposition::Undetermined { unknown }));
    assert_eq!(open.agrees, Some(true));
    assert_eq!(open.uncompared, ["the call: the trace does not say whether it is allowed"]);
}

#[test]
fn a_decision_on_another_path_is_a_difference() {
    let mut trace = trace(reached());
    let (service, region, address) = (Some("s3"), None, at(1));
    let step = Step::Service { service, region, address };
    trace.hops.push(Hop { leg: Leg::There, step, blocks: None, notes: Vec::new() });
    let with = |endpoint: Option<&str>, source: IpAddr| {
        let mut live = seen(CONNECTED);
        live.from.interface = Some("eni-0123456789abcdef0".parse().unwrap());
        let endpoint = endpoint.map(|id| id.parse().unwrap());
        live.decision = Some(Decision { endpoint, source: Some(source), ..decided(None) });
        live.compare(&trace)
    };
    assert_eq!(with(None, at(9)).agrees, Some(true));
    let other = with(Some("vpce-0123456789abcdef0"), at(9));
    let words = "the call came by vpce-0123456789abcdef0, and the trace says by a public address";
    assert_eq!(other.differences, [words]);
    assert_eq!(with(None, at(8)).differences, ["the call came from 198.18.0.8, and the trace says from 198.18.0.9"]);
}

#[test]
fn a_name_that_nobody_serves_has_no_tls() {
    let unserved = trace(blocked(Code::TlsNameNotServed));
    let with = |version: Option<&str>, trace: &Trace| {
        let mut live = seen(CONNECTED);
        live.tls = Some(secured(version));
        live.compare(trace).agrees.unwrap()
    };
    assert!(with(None, &unserved) && !with(Some("1.3"), &unserved));
    assert!(with(Some("1.2"), &trace(reached())) && !with(None, &trace(reached())));
}

#[test]
fn where_nothing_can_be_compared_that_is_said_with_why() {
    let mut live = seen([Outcome::Unanswered; 2]);
    live.dns = None;
    let live = live.compare(&trace(reached()));
    assert_eq!((live.agrees, live.compared.len(), live.uncompared.len()), (None, 0, 2));
    assert!(live.uncompared[0].contains("silence tells nothing"), "{live}");
    assert!(live.to_string().starts_with("live: nothing of it could be compared"), "{live}");
    // Who is somewhere on the internet is not known, and may or may not answer.
    let outside = trace(Disposition::Outside { address: at(1), source: at(9) });
    let mut live = seen(SILENT);
    live.dns = None;
    assert_eq!(live.compare(&outside).agrees, None);
    // Nothing is sent at all.
    let mut live = seen(SILENT);
    (live.dns, live.connections) = (None, Vec::new());
    live.uncompared.push("nothing was sent".to_owned());
    let live = live.compare(&trace(reached()));
    assert_eq!((live.agrees, live.uncompared.len()), (None, 1));
}
