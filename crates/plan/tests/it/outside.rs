//! Addresses on the internet that are nobody's here, route tables of gateways, and what answers to other clients need.

use sidegate_model::{Direction, InstanceState, IpProtocol, Peer, PortRange, RouteTarget};
use sidegate_plan::analyze::{Change, Code, Disposition, Flow, FlowError, Goal, Source, Unknown, remedy, trace};
use sidegate_plan::compile;

use crate::built::Built;
use crate::explain::{Private, private, without_ephemeral_return};

const SOMEWHERE: &str = "8.8.8.8";

fn to(text: &str) -> Goal {
    Goal::Address(text.parse().unwrap())
}

fn from(text: &str) -> Source {
    Source::Internet(text.parse().unwrap())
}

fn refused(built: &Built, flow: &Flow) -> FlowError {
    trace(&built.world, &compile(&built.world), flow).unwrap_err()
}

#[test]
fn an_address_on_the_internet_is_reached_where_a_route_leads_and_else_there_is_something_to_change() {
    let Private { mut built, vpc, program, .. } = private();
    let flow = Flow::tcp(Source::Interface(program.clone()), to(SOMEWHERE), 443);
    let gateway = built.internet_gateway(&vpc);
    let plan = compile(&built.world);
    assert!(trace(&built.world, &plan, &flow).unwrap().disposition.blocked_by().is_some());
    let found = remedy(&built.world, &plan, &flow).unwrap().unwrap();
    assert!(matches!(found.settings[0].change, Change::CreateRoute { .. }), "{found}");
    assert!(matches!(found.path.disposition, Disposition::Outside { .. }), "{found}");
    let main = built.main_table(&vpc);
    built.route(&main, "0.0.0.0/0", RouteTarget::InternetGateway(gateway));
    built.elastic(&program);
    let own = built.world.public_addresses().next().unwrap().public;
    let told = trace(&built.world, &compile(&built.world), &flow).unwrap();
    assert_eq!(told.disposition, Disposition::Outside { address: SOMEWHERE.parse().unwrap(), source: own.into() });
    assert!(told.to_string().contains("to 8.8.8.8 on the internet"), "{told}");
    // Nobody has these, or only networks of their own do.
    for address in ["240.0.0.1", "169.254.7.7", "10.99.0.1"] {
        let flow = Flow { goal: to(address), ..flow.clone() };
        let told = trace(&built.world, &compile(&built.world), &flow).unwrap();
        assert!(told.disposition.blocked_by().is_some(), "{told}");
    }
}

#[test]
fn nobody_on_the_internet_has_or_asks_for_a_private_address() {
    let Private { built, .. } = private();
    for address in ["10.0.0.9", "192.168.1.1", "100.64.0.1", "169.254.1.1", "127.0.0.1", "224.0.0.1", "fd00::1"] {
        let goal = if address.contains(':') { to("2600::1") } else { to(SOMEWHERE) };
        let flow = Flow::tcp(from(address), goal, 443);
        assert_eq!(refused(&built, &flow), FlowError::NotOnInternet(address.parse().unwrap()));
    }
    let flow = Flow::tcp(from("198.19.255.1"), to("10.0.1.4"), 443);
    assert!(refused(&built, &flow).to_string().contains("name the instance"));
}

#[test]
fn messages_go_between_addresses_of_their_own_family() {
    let Private { mut built, vpc, subnet, program } = private();
    let other = built.instance(&subnet, &[]);
    built.gateway_of_main(&vpc, "s3");
    let echo = |protocol, port, goal: &Goal| Flow {
        protocol,
        ..Flow::tcp(Source::Interface(program.clone()), goal.clone(), port)
    };
    let six = refused(&built, &echo(58, 128 << 8, &Goal::Instance(other.clone()))).to_string();
    assert!(six.contains("icmpv6 (58) goes between IPv6 addresses, and 10.0.1.5 is none"), "{six}");
    let four = refused(&built, &echo(1, 8 << 8, &to("2600::1"))).to_string();
    assert!(four.contains("icmp (1) goes between IPv4 addresses, and 2600::1 is none"), "{four}");
    assert!(matches!(
        refused(&built, &echo(58, 128 << 8, &Goal::Service("s3".to_owned()))),
        FlowError::Messages { .. }
    ));
    let plan = compile(&built.world);
    assert!(trace(&built.world, &plan, &echo(1, 8 << 8, &Goal::Instance(other))).is_ok());
}

#[test]
fn what_the_route_table_of_an_internet_gateway_leads_aside_is_what_the_program_there_makes_of_it() {
    let Private { mut built, vpc, subnet, program } = private();
    let gateway = built.internet_gateway(&vpc);
    let main = built.main_table(&vpc);
    built.route(&main, "0.0.0.0/0", RouteTarget::InternetGateway(gateway.clone()));
    built.elastic(&program);
    let group = built.world.interfaces.get(&program).unwrap().groups.first().unwrap().clone();
    built.admit(&group, 443, Peer::Cidr("0.0.0.0/0".parse().unwrap()));
    let between = built.subnet(&vpc, 9, "us-east-1a");
    let own = built.with(|world, context| world.create_security_group(context, &vpc, "own", "of the appliance"));
    let instance = built.instance(&between, &[&own]);
    let appliance = built.interface_of(&instance);
    let table = built.with(|world, context| world.create_route_table(context, &vpc));
    built.with(|world, context| world.associate_route_table_with_gateway(context, &table, &gateway));
    let trace = |built: &Built, flow: &Flow| trace(&built.world, &compile(&built.world), flow).unwrap();
    let told = |built: &Built, flow: &Flow| trace(built, flow).disposition;
    let inwards = Flow::tcp(from("198.19.255.1"), Goal::Interface(program.clone()), 443);
    let outwards = Flow::tcp(Source::Interface(program), to(SOMEWHERE), 443);
    // The table has its local route alone.
    assert!(told(&built, &inwards).is_reached() && told(&built, &outwards).is_reached());
    let block = built.world.subnets.get(&subnet).unwrap().cidr.to_string();
    built.route(&table, &block, RouteTarget::Interface(appliance.clone()));
    let blocked = |built: &Built, flow: &Flow| told(built, flow).blocked_by();
    // Its check is on. What comes in is lost, and so are the answers to what goes out.
    let check = Code::EniSourceDestCheckRestriction;
    assert_eq!((blocked(&built, &inwards), blocked(&built, &outwards)), (Some(check), Some(check)));
    built.with(|world, context| world.modify_network_interface(context, &appliance, None, None, Some(false)));
    let public = Code::IngressRtbNoPublicIp;
    assert_eq!((blocked(&built, &inwards), blocked(&built, &outwards)), (Some(public), Some(public)));
    built.elastic(&appliance);
    // Its groups are asked of what begins, and not of answers.
    assert_eq!(blocked(&built, &inwards), Some(Code::SgHasNoRules));
    let undetermined = Disposition::Undetermined { unknown: Unknown::Appliance { interface: appliance.clone() } };
    assert_eq!(told(&built, &outwards), undetermined);
    built.admit(&own, 443, Peer::Cidr("0.0.0.0/0".parse().unwrap()));
    assert_eq!(told(&built, &inwards), undetermined);
    let text = trace(&built, &inwards).to_string();
    let route = format!("route table {table} of {gateway}, to 10.0.1.4: {block} to {appliance}");
    assert!(text.contains(&route) && text.contains(&format!("the program behind {appliance}")), "{text}");
    // What is for the program itself gets there, and what the route is not about.
    let itself = Flow { goal: Goal::Interface(appliance.clone()), ..inwards.clone() };
    assert!(told(&built, &itself).is_reached());
    let beside = built.subnet(&vpc, 8, "us-east-1a");
    let other = built.program(&beside, &[&group]);
    built.elastic(&other);
    let straight = Flow { goal: Goal::Interface(other), ..inwards.clone() };
    let text = trace(&built, &straight);
    assert!(text.disposition.is_reached() && text.to_string().contains("10.0.0.0/16 to local"), "{text}");
    // It is gone.
    built.world.instance_is(1, &instance, InstanceState::Terminated, None);
    assert_eq!(
        (blocked(&built, &inwards), blocked(&built, &outwards)),
        (Some(Code::BadStateRoute), Some(Code::BadStateRoute))
    );
}

#[test]
fn an_acls_entry_for_answers_opens_the_ports_that_the_client_picks_from_and_says_whose_they_are() {
    // A program on Linux, straight out.
    let Private { mut built, vpc, subnet, program } = private();
    built.gateway_of_main(&vpc, "s3");
    without_ephemeral_return(&mut built, &vpc, &subnet);
    let needed = |built: &Built, flow: &Flow| {
        let found = remedy(&built.world, &compile(&built.world), flow).unwrap().unwrap();
        found.settings.into_iter().map(|own| own.needed).collect::<Vec<_>>()
    };
    let flow = Flow::tcp(Source::Interface(program), Goal::Service("s3".to_owned()), 443);
    let told = needed(&built, &flow);
    assert!(told[0].contains("tcp 32768-60999") && told[0].contains("the ports that Linux connects from"), "{told:?}");
    assert!(told[0].ends_with("1024-65535"), "{told:?}");
    // By a NAT gateway, in whose subnet it is that the answers are stopped.
    let mut built = Built::new();
    let vpc = built.vpc();
    let (public, subnet) = (built.subnet(&vpc, 1, "us-east-1a"), built.subnet(&vpc, 2, "us-east-1a"));
    let (gateway, nat) = (built.internet_gateway(&vpc), built.public_nat(&public));
    let (outer, inner) = (built.table_of(&vpc, &public), built.table_of(&vpc, &subnet));
    built.route(&outer, "0.0.0.0/0", RouteTarget::InternetGateway(gateway));
    built.route(&inner, "0.0.0.0/0", RouteTarget::NatGateway(nat));
    let program = built.program(&subnet, &[]);
    without_ephemeral_return(&mut built, &vpc, &public);
    let told = needed(&built, &Flow::tcp(Source::Interface(program), Goal::Service("s3".to_owned()), 443));
    assert!(told[0].contains("tcp 1024-65535") && told[0].contains("a NAT gateway"), "{told:?}");
    // To a client of which nobody knows the system.
    let Private { mut built, vpc, subnet, program } = private();
    let gateway = built.internet_gateway(&vpc);
    let main = built.main_table(&vpc);
    built.route(&main, "0.0.0.0/0", RouteTarget::InternetGateway(gateway));
    built.elastic(&program);
    let group = built.world.interfaces.get(&program).unwrap().groups.first().unwrap().clone();
    let ports = Some(PortRange { from: 443, to: 443 });
    built.rule(&group, Direction::Ingress, IpProtocol::TCP, ports, Peer::Cidr("0.0.0.0/0".parse().unwrap()));
    let acl = built.with(|world, context| world.create_network_acl(context, &vpc));
    let association = built.world.network_acl_of(built.world.subnets.get(&subnet).unwrap()).unwrap().id;
    built.with(|world, context| world.replace_network_acl_association(context, &association, &acl));
    let told = needed(&built, &Flow::tcp(from("198.19.255.1"), Goal::Interface(program), 443));
    assert!(told.iter().any(|own| own.contains("outbound") && own.contains("tcp 1024-65535")), "{told:?}");
}

#[test]
fn a_change_is_told_with_its_protocol_by_name() {
    let Private { mut built, vpc, subnet, program } = private();
    built.gateway_of_main(&vpc, "s3");
    without_ephemeral_return(&mut built, &vpc, &subnet);
    let flow = Flow::tcp(Source::Interface(program), Goal::Service("s3".to_owned()), 443);
    let found = remedy(&built.world, &compile(&built.world), &flow).unwrap().unwrap();
    let json = serde_json::to_value(&found).unwrap();
    let entry = &json["settings"][0]["change"]["entry"];
    assert_eq!((&entry["protocol"], &entry["ports"]["from"]), (&"tcp".into(), &32_768.into()), "{json:#}");
}
