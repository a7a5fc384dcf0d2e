//! What else a trace tells: of programs that are not there yet, of what is not known, of flows that cannot be, of the
//! internet, and as JSON.

use sidegate_iam::{Attached, Policies, Policy, PolicyKind, PolicyType};
use sidegate_model::{AssignPrivateAddresses, Peer, RouteTarget};
use sidegate_plan::analyze::{
    Call, Change, Code, Disposition, Flow, Goal, Source, Step, Unknown, remedy, remedy_by, trace,
};
use sidegate_plan::compile;

use crate::built::{Built, reads};
use crate::explain::{Private, private, to_name};

#[test]
fn a_program_that_is_not_there_yet_is_supposed_in_a_subnet() {
    let Private { mut built, vpc, subnet, .. } = private();
    built.interface(&vpc, "kms", &[&subnet], &[]);
    let (plan, world) = (compile(&built.world), built.world.clone());
    let flow = Flow::tcp(Source::Subnet { subnet, groups: Vec::new() }, Goal::Service("kms".to_owned()), 443);
    let trace = trace(&built.world, &plan, &flow).unwrap();
    assert!(matches!(trace.disposition, Disposition::Endpoint { .. }), "{trace}");
    assert!(trace.source.is_some_and(|id| built.world.interfaces.get(&id).is_none()));
    assert_eq!(world, built.world);
}

#[test]
fn what_policies_were_not_given_leaves_a_call_undetermined_and_a_denial_stays_one() {
    let Private { mut built, vpc, program, .. } = private();
    built.gateway_of_main(&vpc, "s3");
    let plan = compile(&built.world);
    let told = |call: Call| {
        let flow = to_name(&program, "docs.s3.us-east-1.amazonaws.com").calling(call);
        trace(&built.world, &plan, &flow).unwrap().disposition
    };
    let layers = vec![PolicyKind::Resource];
    let unknown = Disposition::Undetermined { unknown: Unknown::Policies { layers: layers.clone() } };
    assert_eq!(told(Call { unknown: layers.clone(), ..reads(None) }), unknown);
    // The bucket's policy could allow what the role's does not.
    let policies = Policies::default();
    assert_eq!(told(Call { unknown: layers.clone(), policies: policies.clone(), ..reads(None) }), unknown);
    assert_eq!(
        told(Call { policies, ..reads(None) }).blocked_by().map(|code| code.as_str()),
        Some("IDENTITY_POLICY_IMPLICIT_DENY")
    );
    let deny = r#"{"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}"#;
    let identity = vec![Attached::from(Policy::parse(deny, PolicyType::Identity).unwrap())];
    let policies = Policies { identity, ..Policies::default() };
    assert_eq!(
        told(Call { unknown: layers, policies, ..reads(None) }).blocked_by().map(|code| code.as_str()),
        Some("IDENTITY_POLICY_EXPLICIT_DENY")
    );
}

#[test]
fn a_flow_that_cannot_be_says_why() {
    let Private { mut built, vpc, subnet, program } = private();
    let endpoint = built.interface(&vpc, "kms", &[&subnet], &[]);
    let plan = compile(&built.world);
    let own = built.world.endpoints.get(&endpoint).unwrap().interface().unwrap();
    let door = own.interfaces.values().next().unwrap().clone();
    let source = Source::Interface(program.clone());
    let here = Goal::Address("10.0.1.9".parse().unwrap());
    let from = |source: &Source, goal: &Goal| Flow::tcp(source.clone(), goal.clone(), 443);
    let flows = [
        from(&Source::Interface("eni-0123456789abcdef0".parse().unwrap()), &here),
        from(&Source::Interface(door), &here),
        from(&Source::Instance("i-0123456789abcdef0".parse().unwrap()), &here),
        from(&Source::Function("arn:aws:lambda:us-east-1:123456789012:function:f".to_owned()), &here),
        from(&Source::Subnet { subnet: "subnet-0123456789abcdef0".parse().unwrap(), groups: Vec::new() }, &here),
        from(&Source::Subnet { subnet, groups: vec!["sg-0123456789abcdef0".parse().unwrap()] }, &here),
        from(&source, &Goal::Address("224.0.0.1".parse().unwrap())),
        from(&source, &Goal::Service("nothing".to_owned())),
        from(&Source::Internet("198.19.255.1".parse().unwrap()), &Goal::Interface(program)),
        from(&Source::Internet("198.19.255.1".parse().unwrap()), &Goal::Address("2001:db8::1".parse().unwrap())),
        Flow { protocol: 50, ..from(&source, &here) },
        Flow { source_ports: (2, 1), ..from(&source, &here) },
        Flow { port: 22, ..from(&source, &here) }.calling(reads(None)),
    ];
    let told: Vec<String> =
        flows.iter().map(|flow| trace(&built.world, &plan, flow).unwrap_err().to_string()).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    there is no network interface `eni-0123456789abcdef0`
    `eni-00000000000000160` belongs to an endpoint or a NAT gateway, and these begin no connections
    there is no instance `i-0123456789abcdef0`
    the function `arn:aws:lambda:us-east-1:123456789012:function:f` has no network interface: it is in no VPC, or has never run
    there is no subnet `subnet-0123456789abcdef0`
    no program can be started in `subnet-000000000000000f0`: The security group 'sg-0123456789abcdef0' does not exist
    nobody can be asked at 224.0.0.1
    there is no service `nothing`
    `eni-00000000000000110` has no public address, by which somebody on the internet could ask for it
    198.19.255.1 and 2001:db8::1 are of different families
    protocol 50 has no ports; only TCP (6), UDP (17) and the messages of ICMP (1, 58) have numbers of their own
    the source ports 2 to 1 hold none
    calls are made over TCP on port 80 or 443
    "#);
}

#[test]
fn a_trace_is_told_as_json() {
    let Private { mut built, vpc, subnet, program } = private();
    built.interface(&vpc, "kms", &[&subnet], &[]);
    let plan = compile(&built.world);
    let flow = Flow::tcp(Source::Interface(program), Goal::Service("kms".to_owned()), 443);
    let trace = trace(&built.world, &plan, &flow).unwrap();
    let json = serde_json::to_value(&trace).unwrap();
    assert_eq!(json["disposition"], "endpoint");
    assert_eq!(json["hops"][0]["step"]["kind"], "name");
    assert_eq!(json["hops"][0]["leg"], "there");
    assert!(json["hops"].as_array().unwrap().iter().any(|hop| hop["step"]["kind"] == "securityGroups"));
}

#[test]
fn somebody_on_the_internet_gets_in_over_a_public_address_if_a_route_leads_back() {
    let Private { mut built, vpc, subnet, .. } = private();
    let group = built.group(&vpc, "web");
    built.admit(&group, 443, Peer::Cidr("0.0.0.0/0".parse().unwrap()));
    let instance = built.instance(&subnet, &[&group]);
    let interface = built.interface_of(&instance);
    let gateway = built.internet_gateway(&vpc);
    built.elastic(&interface);
    let flow = Flow::tcp(Source::Internet("198.19.255.1".parse().unwrap()), Goal::Instance(instance), 443);
    let told = |built: &crate::built::Built| trace(&built.world, &compile(&built.world), &flow).unwrap().disposition;
    // No route leads to the gateway, so that it leads nowhere.
    assert_eq!(told(&built), Disposition::Blocked { by: Code::IgwPrivateIpAssociationForIngress });
    let main = built.main_table(&vpc);
    built.route(&main, "0.0.0.0/0", sidegate_model::RouteTarget::InternetGateway(gateway));
    assert_eq!(told(&built), Disposition::Delivered { interface });
    let other = built.table_of(&vpc, &subnet);
    assert_eq!(told(&built), Disposition::Blocked { by: Code::ResponseNoRoute });
    let remedy = remedy(&built.world, &compile(&built.world), &flow).unwrap().unwrap();
    assert_eq!(remedy.settings.len(), 1);
    assert!(remedy.settings[0].needed.contains(other.as_str()), "{remedy}");
}

#[test]
fn a_name_that_an_endpoint_does_not_serve_ends_at_tls_and_a_port_without_tls_before() {
    let Private { mut built, vpc, subnet, program } = private();
    let endpoint = built.interface(&vpc, "kms", &[&subnet], &[]);
    let own = built.world.endpoints.get(&endpoint).unwrap().interface().unwrap();
    let door = own.interfaces.values().next().unwrap();
    let address = built.world.interfaces.get(door).unwrap().address;
    let flow = Flow::tcp(Source::Interface(program), Goal::Address(address.into()), 443);
    let plan = compile(&built.world);
    let told = |flow: &Flow| trace(&built.world, &plan, flow).unwrap().disposition;
    let reached = Disposition::Endpoint { endpoint, source: "10.0.1.4".parse().unwrap() };
    assert_eq!(told(&flow), reached);
    let named = |name: &str| Flow { server_name: Some(name.to_owned()), ..flow.clone() };
    assert_eq!(told(&named("kms.us-east-1.amazonaws.com")), reached);
    assert_eq!(told(&named("s3.us-east-1.amazonaws.com")), Disposition::Blocked { by: Code::TlsNameNotServed });
    let plain = Flow { port: 80, ..flow };
    assert_eq!(told(&plain), Disposition::Blocked { by: Code::PlainHttpNotServed });
    let remedy = remedy(&built.world, &plan, &plain).unwrap().unwrap();
    assert_eq!(remedy.settings[0].needed, "the client asks at port 443, over TLS");
}

#[test]
fn the_keys_of_the_network_follow_from_the_path() {
    let Private { mut built, vpc, program, .. } = private();
    let endpoint = built.gateway_of_main(&vpc, "s3");
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
        "Condition": {{"StringEquals": {{"aws:SourceVpce": "{endpoint}", "aws:SourceVpc": "{vpc}",
            "aws:RequestedRegion": "us-east-1", "aws:VpceAccount": "123456789012",
            "aws:SourceVpcArn": "arn:aws:ec2:us-east-1:123456789012:vpc/{vpc}"}},
            "IpAddress": {{"aws:VpcSourceIp": "10.0.1.4/32"}}, "Null": {{"aws:SourceIp": "true"}},
            "Bool": {{"aws:SecureTransport": "true", "aws:ViaAWSService": "false"}}}}}}}}"#
    );
    let flow = to_name(&program, "docs.s3.us-east-1.amazonaws.com").calling(reads(Some(&text)));
    let trace = trace(&built.world, &compile(&built.world), &flow).unwrap();
    assert_eq!(trace.disposition, Disposition::Blocked { by: Code::ResourcePolicyExplicitDeny }, "{trace}");
    assert!(trace.hops.iter().any(|hop| matches!(hop.step, Step::Endpoint(_))));
}

#[test]
fn a_flow_comes_from_the_address_that_is_said_and_not_from_the_first() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let gateway = built.internet_gateway(&vpc);
    let table = built.main_table(&vpc);
    built.route(&table, "0.0.0.0/0", RouteTarget::InternetGateway(gateway));
    let instance = built.instance(&subnet, &[]);
    let program = built.interface_of(&instance);
    built.elastic(&program);
    let second = "10.0.1.77".parse().unwrap();
    let wanted = AssignPrivateAddresses { addresses: vec![second], count: 0, reassign: false };
    built.with(|world, context| world.assign_private_addresses(context, &program, &wanted, None));
    let from = |built: &Built, source: Source| {
        let flow = Flow::tcp(source, Goal::Address("8.8.8.8".parse().unwrap()), 443);
        trace(&built.world, &compile(&built.world), &flow).unwrap()
    };
    let second = || Source::Address { interface: program.clone(), address: second.into() };
    assert!(from(&built, Source::Interface(program.clone())).disposition.is_reached());
    let told = from(&built, second());
    assert_eq!(told.disposition, Disposition::Blocked { by: Code::IgwPublicIpAssociationForEgress }, "{told}");
    let sent = |hop: &sidegate_plan::analyze::Hop| matches!(&hop.step, Step::Source { address: Some(own), .. } if own.to_string() == "10.0.1.77");
    assert!(told.hops.iter().any(sent), "{told}");
    let allocation = built.with(|world, context| world.allocate_address(context, None));
    let own = Some("10.0.1.77".parse().unwrap());
    built.with(|world, context| world.associate_address(context, &allocation, &program, own, false));
    let public = built.world.public_addresses().find(|mapped| Some(mapped.private) == own).unwrap().public;
    let told = from(&built, second());
    assert!(
        matches!(told.disposition, Disposition::Outside { source, .. } if source == std::net::IpAddr::from(public)),
        "{told}"
    );
    let nobody = Source::Address { interface: program.clone(), address: "10.0.1.78".parse().unwrap() };
    let flow = Flow::tcp(nobody, Goal::Address("8.8.8.8".parse().unwrap()), 443);
    let told = trace(&built.world, &compile(&built.world), &flow).unwrap_err().to_string();
    assert_eq!(told, format!("the network interface `{program}` has no address 10.0.1.78"));
}

#[test]
fn a_remedy_for_a_subnet_names_the_group_of_who_would_ask_and_not_an_address_that_it_might_have() {
    let mut built = Built::new();
    let (vpc, other) = (built.vpc(), built.vpc_of("10.8.0.0/16"));
    let (near, subnet) = (built.subnet(&vpc, 1, "us-east-1a"), built.subnet(&vpc, 2, "us-east-1a"));
    let beyond = built.subnet_of(&other, "10.8.1.0/24", "us-east-1a");
    let (own, asking) = (built.group(&vpc, "db"), built.group(&vpc, "web"));
    let db = built.program(&subnet, &[&own]);
    let peering = built.peering(&vpc, &other);
    let tables = [built.main_table(&vpc), built.main_table(&other)];
    built.route(&tables[0], "10.8.0.0/16", RouteTarget::Peering(peering.clone()));
    built.route(&tables[1], "10.0.0.0/16", RouteTarget::Peering(peering));
    let plan = compile(&built.world);
    let peer = |subnet: &sidegate_model::SubnetId, groups: &[&sidegate_model::SecurityGroupId]| {
        let groups = groups.iter().map(|own| (*own).clone()).collect();
        let flow = Flow::tcp(Source::Subnet { subnet: subnet.clone(), groups }, Goal::Interface(db.clone()), 5432);
        let remedy = remedy(&built.world, &plan, &flow).unwrap().unwrap();
        match &remedy.settings[..] {
            [one] => match &one.change {
                Change::Authorize { peer, .. } => peer.clone(),
                other => panic!("{other:?}"),
            },
            _ => panic!("{remedy}"),
        }
    };
    assert_eq!(peer(&near, &[&asking]), Peer::Group(asking.clone()));
    let default = built.world.default_group(&vpc).unwrap().id.clone();
    assert_eq!(peer(&near, &[]), Peer::Group(default));
    assert_eq!(peer(&beyond, &[]), Peer::Cidr("10.8.1.0/24".parse().unwrap()));
}

#[test]
fn a_gateway_endpoint_that_a_table_leads_past_is_associated_with_it() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let (public, private) = (built.subnet(&vpc, 1, "us-east-1a"), built.subnet(&vpc, 2, "us-east-1a"));
    let gateway = built.internet_gateway(&vpc);
    let tables = [built.table_of(&vpc, &public), built.table_of(&vpc, &private)];
    built.route(&tables[0], "0.0.0.0/0", RouteTarget::InternetGateway(gateway));
    let endpoint = built.gateway(&vpc, "s3", &[&tables[1]]);
    let web = built.program(&public, &[]);
    built.elastic(&web);
    let plan = compile(&built.world);
    let flow = Flow::tcp(Source::Interface(web), Goal::Service("s3".to_owned()), 443);
    assert_eq!(remedy(&built.world, &plan, &flow), Ok(None));
    let found = remedy_by(&built.world, &plan, &flow, &endpoint).unwrap().unwrap();
    let [setting] = &found.settings[..] else { panic!("{found}") };
    assert_eq!(setting.change, Change::AssociateEndpoint { endpoint: endpoint.clone(), table: tables[0].clone() });
    assert_eq!(setting.code, Code::NoRouteToDestination);
    assert!(
        matches!(&found.path.disposition, Disposition::Endpoint { endpoint: own, .. } if *own == endpoint),
        "{found}"
    );
    let (after, flow) = found.apply(&built.world, &flow).unwrap();
    assert_eq!(remedy_by(&after, &compile(&after), &flow, &endpoint), Ok(None));
}
