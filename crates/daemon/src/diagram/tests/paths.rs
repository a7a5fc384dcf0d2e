//! A picture for each kind of path, and for each way to end.

use sidegate_iam::{Policies, PolicyKind};
use sidegate_model::{
    ModifyVpcEndpoint, NetworkInterfaceId, Peer, PolicyChange, RouteTarget, SecurityGroupId, SubnetId, VpcId,
};
use sidegate_plan::analyze::{Flow, Goal, Source, remedy, trace};
use sidegate_plan::compile;

use super::is_golden;
use crate::diagram::line::columns;
use crate::diagram::{Outcome, Picture, State, side_by_side};
use crate::explain::built::{Built, reads};

/// A VPC with a subnet, and an instance in it whose group lets everything out.
struct Private {
    built: Built,
    vpc: VpcId,
    subnet: SubnetId,
    group: SecurityGroupId,
    source: NetworkInterfaceId,
}

fn private() -> Private {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let group = built.group(&vpc, "app");
    let instance = built.instance(&subnet, &[&group]);
    let source = built.interface_of(&instance);
    name(&mut built, &[(vpc.as_str(), "documents"), (subnet.as_str(), "private-a"), (instance.as_str(), "reader")]);
    Private { built, vpc, subnet, group, source }
}

fn name(built: &mut Built, names: &[(&str, &str)]) {
    for (id, name) in names {
        let tags = [("Name".to_owned(), (*name).to_owned())];
        built.with(|world, context| world.create_tags(context, &[(*id).to_owned()], &tags));
    }
}

fn to_name(source: &NetworkInterfaceId, name: &str) -> Flow {
    Flow::tcp(Source::Interface(source.clone()), Goal::Name(name.to_owned()), 443)
}

fn drawn(built: &Built, flow: &Flow) -> Picture {
    let plan = compile(&built.world);
    let trace = trace(&built.world, &plan, flow).unwrap();
    let remedy = remedy(&built.world, &plan, flow).unwrap();
    Picture::of(&built.world, &trace, remedy.as_ref())
}

/// Checks a picture as text in two widths, and as SVG.
fn is_drawn(name: &str, built: &Built, flow: &Flow) -> Picture {
    let picture = drawn(built, flow);
    let text = [100, 50].map(|width| format!("{width} columns\n\n{}", picture.text(width)));
    is_golden(&format!("src/diagram/tests/golden/{name}.txt"), &text.join("\n"));
    is_golden(&format!("src/diagram/tests/golden/{name}.svg"), &picture.svg());
    picture
}

fn states(picture: &Picture) -> Vec<State> {
    picture.stages.iter().map(|stage| stage.state).collect()
}

fn gateway() -> (Built, Flow) {
    let Private { mut built, vpc, source, .. } = private();
    let endpoint = built.gateway_of_main(&vpc, "s3");
    name(&mut built, &[(endpoint.as_str(), "s3")]);
    let flow = to_name(&source, "docs.s3.us-east-1.amazonaws.com").calling(reads(None));
    (built, flow)
}

fn interface() -> (Built, Flow) {
    let Private { mut built, vpc, group, source, .. } = private();
    let far = built.subnet(&vpc, 2, "us-east-1b");
    let doors = built.group(&vpc, "doors");
    built.admit(&doors, 443, Peer::Group(group));
    built.interface(&vpc, "bedrock-runtime", &[&far], &[&doors]);
    name(&mut built, &[(far.as_str(), "private-b"), (doors.as_str(), "endpoints")]);
    let flow = Flow::tcp(Source::Interface(source), Goal::Service("bedrock-runtime".to_owned()), 443);
    (built, flow)
}

#[test]
fn a_gateway_endpoint_parts_the_way_at_the_route_table() {
    let (built, flow) = gateway();
    let picture = is_drawn("gateway", &built, &flow);
    assert_eq!(picture.outcome, Outcome::Reached);
    assert_eq!(states(&picture).iter().filter(|state| **state == State::Decides).count(), 1);
}

#[test]
fn an_interface_endpoint_is_a_network_interface_in_a_subnet_with_private_link_behind_it() {
    let (built, flow) = interface();
    let picture = is_drawn("interface", &built, &flow);
    assert_eq!(picture.outcome, Outcome::Reached);
}

#[test]
fn the_public_path_leads_over_a_nat_gateway_and_the_internet() {
    let Private { mut built, vpc, subnet, source, .. } = private();
    let table = built.table_of(&vpc, &subnet);
    let public = built.subnet(&vpc, 2, "us-east-1a");
    let main = built.main_table(&vpc);
    let gateway = built.internet_gateway(&vpc);
    built.route(&main, "0.0.0.0/0", RouteTarget::InternetGateway(gateway));
    let nat = built.public_nat(&public);
    built.route(&table, "0.0.0.0/0", RouteTarget::NatGateway(nat));
    is_drawn("nat", &built, &to_name(&source, "docs.s3.us-east-1.amazonaws.com"));
}

#[test]
fn a_peering_connection_leads_to_an_interface_of_another_vpc() {
    let Private { mut built, vpc, source, .. } = private();
    let other = built.vpc_of("10.1.0.0/16");
    let subnet = built.subnet_of(&other, "10.1.1.0/24", "us-east-1a");
    let database = built.group(&other, "database");
    built.admit(&database, 5432, Peer::Cidr("10.0.0.0/16".parse().unwrap()));
    let instance = built.instance(&subnet, &[&database]);
    name(&mut built, &[(instance.as_str(), "postgres"), (other.as_str(), "data")]);
    let peering = built.peering(&vpc, &other);
    let (near, far) = (built.main_table(&vpc), built.main_table(&other));
    built.route(&near, "10.1.0.0/16", RouteTarget::Peering(peering.clone()));
    built.route(&far, "10.0.0.0/16", RouteTarget::Peering(peering));
    is_drawn("peering", &built, &Flow::tcp(Source::Interface(source), Goal::Instance(instance), 5432));
}

#[test]
fn a_path_that_a_group_ends_has_the_intended_one_behind_it() {
    let Private { mut built, vpc, subnet, source, .. } = private();
    let doors = built.group(&vpc, "doors");
    built.interface(&vpc, "secretsmanager", &[&subnet], &[&doors]);
    let flow = Flow::tcp(Source::Interface(source), Goal::Service("secretsmanager".to_owned()), 443);
    let picture = is_drawn("blocked-group", &built, &flow);
    let states = states(&picture);
    let end = states.iter().position(|state| *state == State::Blocked).unwrap();
    let beyond = states.get(end + 1..).unwrap();
    assert!(!beyond.is_empty() && beyond.iter().all(|state| *state == State::Beyond));
    assert_eq!((picture.outcome, picture.changes.len()), (Outcome::Blocked, 1));
}

#[test]
fn a_path_that_has_no_route_goes_on_where_the_endpoint_would_be() {
    let Private { mut built, vpc, subnet, source, .. } = private();
    let main = built.main_table(&vpc);
    built.gateway(&vpc, "s3", &[&main]);
    built.table_of(&vpc, &subnet);
    is_drawn("blocked-route", &built, &to_name(&source, "docs.s3.us-east-1.amazonaws.com"));
}

#[test]
fn a_path_that_goes_astray_early_has_the_intended_one_from_there_on() {
    let Private { mut built, vpc, subnet, source, .. } = private();
    built.endpoint(&vpc, "secretsmanager", |wanted| {
        wanted.interface = true;
        wanted.subnets = vec![subnet.clone()];
        wanted.private_dns = Some(false);
    });
    let picture = is_drawn("blocked-name", &built, &to_name(&source, "secretsmanager.us-east-1.amazonaws.com"));
    let beyond = picture.stages.iter().find(|stage| stage.state == State::Beyond).unwrap();
    assert!(beyond.title.starts_with("DNS: "), "{beyond:?}");
}

#[test]
fn a_path_that_an_endpoint_policy_ends_names_the_statement_that_is_needed() {
    let (mut built, flow) = gateway();
    let endpoint = built.world.endpoints.iter().next().unwrap().id.clone();
    let text = r#"{"Version":"2012-10-17","Statement":[{"Sid":"OurBucket","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::logs","arn:aws:s3:::logs/*"]}]}"#;
    let policy = PolicyChange::Replace(text.to_owned());
    let change = ModifyVpcEndpoint { policy, ..ModifyVpcEndpoint::default() };
    built.with(|world, context| world.modify_vpc_endpoint(context, &endpoint, change));
    is_drawn("blocked-endpoint-policy", &built, &flow);
}

#[test]
fn what_nobody_can_say_is_marked_where_it_is() {
    let (built, flow) = gateway();
    let mut call = reads(None);
    call.policies = Policies::default();
    call.unknown = vec![PolicyKind::Identity, PolicyKind::Resource];
    let picture = is_drawn("undetermined", &built, &Flow { call: Some(call), ..flow });
    assert_eq!(picture.outcome, Outcome::Undetermined);
    assert_eq!(states(&picture).iter().filter(|state| **state == State::Unknown).count(), 1);
}

#[test]
fn pictures_stand_beside_each_other_where_there_is_room() {
    let pictures = [gateway(), interface()].map(|(built, flow)| drawn(&built, &flow));
    let wide = side_by_side(&pictures, 116);
    is_golden("src/diagram/tests/golden/side-by-side.txt", &wide);
    let row = |text: &str, what: &str| text.lines().position(|line| line.contains(what)).unwrap();
    assert_eq!(row(&wide, "Gateway endpoint"), row(&wide, "Interface endpoint"));
    let narrow = side_by_side(&pictures, 80);
    assert!(row(&narrow, "Gateway endpoint") < row(&narrow, "Interface endpoint"));
    for width in [20, 60, 80, 118, 200] {
        let text = side_by_side(&pictures, width);
        assert!(text.lines().all(|line| columns(line) <= width), "{width}\n{text}");
    }
}
