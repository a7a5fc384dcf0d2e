//! Mail: the ports that its endpoint has beside those of all.

use sidegate_model::{
    AnalysisOutcome, AnalysisSettings, Component, ExplanationCode, NetworkInsightsPath, PathDefinition, PathProtocol,
    PortSpan, VpcEndpointId,
};
use sidegate_plan::analyze::reach::{Addresses, Ends, Query, Span, Traffic, Whole, reach};
use sidegate_plan::analyze::{Code, Disposition, Flow, Goal, Source, Step, Trace, remedy, trace};
use sidegate_plan::{MAIL, SMTP_PORTS, SMTPS_PORTS, compile, reachability};

use crate::explain::{Private, private};

/// A VPC with a program and endpoints for KMS and S3.
fn without_mail() -> (Private, VpcEndpointId) {
    let mut own = private();
    let kms = own.built.interface(&own.vpc, "kms", &[&own.subnet], &[]);
    own.built.gateway_of_main(&own.vpc, "s3");
    (own, kms)
}

/// An endpoint for mail beside them.
fn add_mail(own: &mut Private) -> VpcEndpointId {
    own.built.interface(&own.vpc, MAIL, &[&own.subnet], &[])
}

fn mail_ports() -> impl Iterator<Item = u16> {
    SMTP_PORTS.into_iter().chain(SMTPS_PORTS)
}

fn flow(own: &Private, service: &str, port: u16) -> Flow {
    Flow::tcp(Source::Interface(own.program.clone()), Goal::Service(service.to_owned()), port)
}

fn traced(own: &Private, flow: &Flow) -> Trace {
    trace(&own.built.world, &compile(&own.built.world), flow).unwrap()
}

#[test]
fn the_ports_of_mail_are_those_of_its_endpoint_and_others_close_them() {
    let (mut own, _) = without_mail();
    for port in mail_ports() {
        let by = |service| traced(&own, &flow(&own, service, port)).disposition.blocked_by();
        assert_eq!(by("kms"), Some(Code::ProtocolRestriction));
        assert_eq!(by("s3"), Some(Code::VpceGatewayProtocolRestriction));
    }
    let mail = add_mail(&mut own);
    let plan = compile(&own.built.world);
    for port in mail_ports() {
        let taken = traced(&own, &flow(&own, MAIL, port));
        let source = "10.0.1.4".parse().unwrap();
        assert_eq!(taken.disposition, Disposition::Endpoint { endpoint: mail.clone(), source });
        for service in ["kms", "s3"] {
            let closed = traced(&own, &flow(&own, service, port));
            assert_eq!(closed.disposition.blocked_by(), Some(Code::PortNotServed), "{service} {port}");
            let last = closed.hops.last().unwrap();
            assert!(matches!(last.step, Step::Listener { port: own, .. } if own == port), "{last:?}");
        }
        let remedy = remedy(&own.built.world, &plan, &flow(&own, "kms", port)).unwrap().unwrap();
        assert_eq!(remedy.settings[0].needed, "the client asks at port 443, over TLS");
    }
    assert_eq!(traced(&own, &flow(&own, "kms", 588)).disposition.blocked_by(), Some(Code::ProtocolRestriction));
    assert!(traced(&own, &flow(&own, "kms", 443)).disposition.is_reached());
}

#[test]
fn mail_asks_for_names_where_it_begins_with_tls_alone() {
    let (mut own, _) = without_mail();
    let mail = add_mail(&mut own);
    let door = own.built.world.endpoints.get(&mail).unwrap().interface().unwrap().interfaces.values().next().unwrap();
    let address = own.built.world.interfaces.get(door).unwrap().address;
    for port in mail_ports() {
        let flow = Flow {
            goal: Goal::Address(address.into()),
            server_name: Some("mail.example.com".to_owned()),
            ..flow(&own, MAIL, port)
        };
        let by = SMTPS_PORTS.contains(&port).then_some(Code::TlsNameNotServed);
        assert_eq!(traced(&own, &flow).disposition.blocked_by(), by, "{port}");
    }
}

#[test]
fn reach_finds_a_service_on_its_own_ports() {
    let (mut own, kms) = without_mail();
    let reached = |own: &Private, to: Ends| -> Vec<u16> {
        let from = Ends::of([own.program.clone()]);
        let query = Query { from, to, traffic: Traffic::all(), addresses: Addresses::All };
        let found = reach(&own.built.world, &compile(&own.built.world), &query, &Whole);
        let mut ports: Vec<u16> =
            found.sets.iter().flat_map(|set| &set.ports).flat_map(|Span(first, last)| *first..=*last).collect();
        ports.sort_unstable();
        ports
    };
    let service = |name| Ends { services: [name].into(), ..Ends::default() };
    assert!(reached(&own, service(MAIL)).is_empty());
    add_mail(&mut own);
    assert_eq!(reached(&own, service(MAIL)), [25, 443, 465, 587, 2465, 2587]);
    assert_eq!(reached(&own, service("kms")), [443]);
    assert_eq!(reached(&own, service("s3")), [80, 443]);
    let doors = own.built.world.endpoints.get(&kms).unwrap().interface().unwrap().interfaces.values().cloned();
    assert_eq!(reached(&own, Ends::of(doors)), [443]);
}

#[test]
fn an_analysis_tells_the_ports_of_the_endpoint() {
    let (mut own, kms) = without_mail();
    let mail = add_mail(&mut own);
    let plan = compile(&own.built.world);
    let analysed = |endpoint: &VpcEndpointId, port| {
        let scope = own.built.world.interfaces.get(&own.program).unwrap().scope.clone();
        let definition = PathDefinition {
            source: Component::new(&scope, own.program.clone()),
            destination: Some(Component::new(&scope, endpoint.clone())),
            source_ip: None,
            destination_ip: None,
            protocol: PathProtocol::Tcp,
            destination_port: Some(port),
            filter_at_source: None,
            filter_at_destination: None,
        };
        let path = NetworkInsightsPath { id: "nip-0a".parse().unwrap(), scope, definition, created: 0 };
        reachability::analyse(&own.built.world, &plan, &path, &AnalysisSettings::default())
    };
    let told = |endpoint: &VpcEndpointId| {
        let found = analysed(endpoint, 588);
        let AnalysisOutcome::Unreachable { explanations, .. } = &found else { panic!("{found:#?}") };
        assert_eq!(explanations[0].code, ExplanationCode::ProtocolRestriction);
        explanations[0].port_ranges.clone()
    };
    let spans = |ports: &[u16]| ports.iter().map(|port| PortSpan { from: *port, to: *port }).collect::<Vec<_>>();
    assert_eq!(told(&mail), spans(&[80, 443, 25, 587, 2587, 465, 2465]));
    assert_eq!(told(&kms), spans(&[80, 443]));
    // A path is about packets, and those to a port that is closed arrive.
    for endpoint in [&mail, &kms] {
        assert_eq!(analysed(endpoint, 587).is_found(), Some(true));
    }
}
