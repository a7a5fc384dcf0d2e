//! The classic mistakes of private networks, each with what a trace tells of it and what there is to change.

use sidegate_model::{
    DhcpConfiguration, Direction, IpProtocol, ModifyVpcEndpoint, NetworkAclEntry, NetworkAclId, NetworkInterfaceId,
    Peer, PolicyChange, PortRange, RouteTarget, RuleAction, SubnetId, VpcId,
};
use sidegate_plan::analyze::{Change, Disposition, Flow, Goal, SOMEBODY, Source, remedy, remedy_by, trace};
use sidegate_plan::compile;

use crate::built::{Built, reads};

/// The trace of a flow, and below it the remedy if there is one.
fn explained(built: &Built, flow: &Flow) -> String {
    let plan = compile(&built.world);
    let trace = trace(&built.world, &plan, flow).unwrap();
    let remedy = remedy(&built.world, &plan, flow).unwrap();
    if let Some(remedy) = &remedy {
        assert!(remedy.path.disposition.is_reached(), "{remedy}");
    }
    assert!(!trace.disposition.is_reached() || remedy.is_none());
    let settings = remedy.map(|remedy| {
        let settings: String = remedy.settings.iter().map(|setting| format!("{setting}\n")).collect();
        format!("{settings}then {}", remedy.path.disposition)
    });
    format!("{trace}{}", settings.unwrap_or_else(|| "nothing to change".to_owned()))
}

pub(crate) fn to_name(source: &NetworkInterfaceId, name: &str) -> Flow {
    Flow::tcp(Source::Interface(source.clone()), Goal::Name(name.to_owned()), 443)
}

/// A VPC with a subnet, and a program in it.
pub(crate) struct Private {
    pub(crate) built: Built,
    pub(crate) vpc: VpcId,
    pub(crate) subnet: SubnetId,
    pub(crate) program: NetworkInterfaceId,
}

pub(crate) fn private() -> Private {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let program = built.program(&subnet, &[]);
    Private { built, vpc, subnet, program }
}

#[test]
fn the_group_of_an_endpoint_lacks_port_443() {
    let Private { mut built, vpc, subnet, program } = private();
    let doors = built.group(&vpc, "doors");
    built.admit(&doors, 80, Peer::Cidr("10.0.0.0/16".parse().unwrap()));
    built.interface(&vpc, "secretsmanager", &[&subnet], &[&doors]);
    let flow = Flow::tcp(Source::Interface(program), Goal::Service("secretsmanager".to_owned()), 443);
    insta::assert_snapshot!(explained(&built, &flow), @r#"
    blocked: ENI_SG_RULES_MISMATCH
      name secretsmanager.us-east-1.amazonaws.com at 10.0.1.5, by private DNS of vpce-00000000000000190 (zone secretsmanager.us-east-1.amazonaws.com)
      from eni-00000000000000110 in subnet-000000000000000f0, as 10.0.1.4
      security groups sg-00000000000000090 of eni-00000000000000110, out to 10.0.1.5: sgr-000000000000000d0 of sg-00000000000000090, all traffic to 0.0.0.0/0
      security groups sg-00000000000000130 of eni-000000000000001c0, in from 10.0.1.4: no rule
        ends here: ENI_SG_RULES_MISMATCH: No rule of the network interface's security groups lets the packet through.
    ENI_SG_RULES_MISMATCH
         now: no rule of sg-00000000000000130 lets tcp 443 from 10.0.1.4
         needed: sg-00000000000000130 lets tcp 443 from sg-00000000000000090
    then reached: vpce-00000000000000190 takes it from 10.0.1.4
    "#);
}

#[test]
fn private_dns_is_off() {
    let Private { mut built, vpc, subnet, program } = private();
    built.endpoint(&vpc, "secretsmanager", |wanted| {
        wanted.interface = true;
        wanted.subnets = vec![subnet.clone()];
        wanted.private_dns = Some(false);
    });
    insta::assert_snapshot!(explained(&built, &to_name(&program, "secretsmanager.us-east-1.amazonaws.com")), @r#"
    blocked: NO_ROUTE_TO_DESTINATION
      name secretsmanager.us-east-1.amazonaws.com at 198.18.10.2, by public DNS
        not vpce-00000000000000130: DNS_PRIVATE_DNS_DISABLED
      from eni-00000000000000110 in subnet-000000000000000f0, as 10.0.1.4
      security groups sg-00000000000000090 of eni-00000000000000110, out to 198.18.10.2: sgr-000000000000000d0 of sg-00000000000000090, all traffic to 0.0.0.0/0
      network ACL acl-00000000000000030 of subnet-000000000000000f0, out to 198.18.10.2: entry 100, allow all traffic 0.0.0.0/0
      route table rtb-00000000000000050 of subnet-000000000000000f0, the main one, to 198.18.10.2: no route
        ends here: NO_ROUTE_TO_DESTINATION: The subnet's route table has no route to the destination.
    DNS_PRIVATE_DNS_DISABLED
         now: private DNS of vpce-00000000000000130 is off
         needed: private DNS of vpce-00000000000000130 is on
    then reached: vpce-00000000000000130 takes it from 10.0.1.4
    "#);
}

#[test]
fn an_endpoint_is_in_another_zone_only() {
    let Private { mut built, vpc, program, .. } = private();
    let far = built.subnet(&vpc, 2, "us-east-1b");
    let endpoint = built.interface(&vpc, "secretsmanager", &[&far], &[]);
    let reached = explained(&built, &to_name(&program, "secretsmanager.us-east-1.amazonaws.com"));
    let names = built.world.endpoints.get(&endpoint).unwrap().own_names(&built.world);
    let near = names[1].0.replace("us-east-1b", "us-east-1a");
    insta::assert_snapshot!(format!("{reached}\n{}", explained(&built, &to_name(&program, &near))), @r#"
    reached: vpce-00000000000000150 takes it from 10.0.1.4
      name secretsmanager.us-east-1.amazonaws.com at 10.0.2.4, by private DNS of vpce-00000000000000150 (zone secretsmanager.us-east-1.amazonaws.com)
      from eni-00000000000000110 in subnet-000000000000000f0, as 10.0.1.4
      security groups sg-00000000000000090 of eni-00000000000000110, out to 10.0.2.4: sgr-000000000000000d0 of sg-00000000000000090, all traffic to 0.0.0.0/0
      network ACL acl-00000000000000030 of subnet-000000000000000f0, out to 10.0.2.4: entry 100, allow all traffic 0.0.0.0/0
      route table rtb-00000000000000050 of subnet-000000000000000f0, the main one, to 10.0.2.4: 10.0.0.0/16 to local
      network ACL acl-00000000000000030 of subnet-00000000000000130, in from 10.0.1.4: entry 100, allow all traffic 0.0.0.0/0
      security groups sg-00000000000000090 of eni-00000000000000180, in from 10.0.1.4: sgr-000000000000000b0 of sg-00000000000000090, all traffic from sg-00000000000000090
      interface endpoint vpce-00000000000000150 for secretsmanager, eni-00000000000000180 in us-east-1b at 10.0.2.4, PrivateLink
        note AVAILABILITY_ZONE_CROSSED
      the answer:
        network ACL acl-00000000000000030 of subnet-00000000000000130, out to 10.0.1.4: entry 100, allow all traffic 0.0.0.0/0
        network ACL acl-00000000000000030 of subnet-000000000000000f0, in from 10.0.2.4: entry 100, allow all traffic 0.0.0.0/0
      TLS name secretsmanager.us-east-1.amazonaws.com, served by secretsmanager as secretsmanager.us-east-1.amazonaws.com
    nothing to change
    blocked: DNS_NO_SUCH_NAME
      name vpce-00000000000000150-00000000-us-east-1a.secretsmanager.us-east-1.vpce.amazonaws.com, the own name of vpce-00000000000000150
        ends here: DNS_NO_SUCH_NAME: The name does not exist.
    DNS_NO_SUCH_NAME
         now: the client calls vpce-00000000000000150-00000000-us-east-1a.secretsmanager.us-east-1.vpce.amazonaws.com
         needed: the client calls vpce-00000000000000150-00000000.secretsmanager.us-east-1.vpce.amazonaws.com
    then reached: vpce-00000000000000150 takes it from 10.0.1.4
    "#);
}

#[test]
fn a_route_table_is_not_associated_with_a_gateway_endpoint() {
    let Private { mut built, vpc, subnet, program } = private();
    let main = built.main_table(&vpc);
    built.gateway(&vpc, "s3", &[&main]);
    built.table_of(&vpc, &subnet);
    insta::assert_snapshot!(explained(&built, &to_name(&program, "docs.s3.us-east-1.amazonaws.com")), @r#"
    blocked: NO_ROUTE_TO_DESTINATION
      name docs.s3.us-east-1.amazonaws.com at 198.18.0.16, 198.18.4.16, by public DNS
      from eni-00000000000000110 in subnet-000000000000000f0, as 10.0.1.4
      security groups sg-00000000000000090 of eni-00000000000000110, out to 198.18.0.16: sgr-000000000000000d0 of sg-00000000000000090, all traffic to 0.0.0.0/0
      network ACL acl-00000000000000030 of subnet-000000000000000f0, out to 198.18.0.16: entry 100, allow all traffic 0.0.0.0/0
      route table rtb-00000000000000150 of subnet-000000000000000f0, to 198.18.0.16: no route
        ends here: NO_ROUTE_TO_DESTINATION: The subnet's route table has no route to the destination.
    NO_ROUTE_TO_DESTINATION
         now: vpce-00000000000000130 is not associated with rtb-00000000000000150
         needed: vpce-00000000000000130 is associated with rtb-00000000000000150, which then leads pl-63a5400a to it
    then reached: vpce-00000000000000130 takes it from 10.0.1.4
    "#);
}

#[test]
fn what_gets_to_a_service_past_a_gateway_endpoint_is_led_to_it_by_its_route_table() {
    let Private { mut built, vpc, subnet, program } = private();
    let main = built.main_table(&vpc);
    let endpoint = built.gateway(&vpc, "s3", &[&main]);
    let table = built.table_of(&vpc, &subnet);
    let gateway = built.internet_gateway(&vpc);
    built.route(&table, "0.0.0.0/0", RouteTarget::InternetGateway(gateway));
    built.elastic(&program);
    let (plan, flow) = (compile(&built.world), to_name(&program, "s3.us-east-1.amazonaws.com"));
    assert!(matches!(trace(&built.world, &plan, &flow).unwrap().disposition, Disposition::Internet { .. }));
    let remedy = remedy_by(&built.world, &plan, &flow, &endpoint).unwrap().unwrap();
    let changes: Vec<_> = remedy.settings.into_iter().map(|setting| setting.change).collect();
    assert_eq!(changes, [Change::AssociateEndpoint { endpoint: endpoint.clone(), table }]);
    assert!(matches!(remedy.path.disposition, Disposition::Endpoint { endpoint: own, .. } if own == endpoint));
}

#[test]
fn what_other_name_servers_answer_nobody_knows() {
    let Private { mut built, vpc, program, .. } = private();
    let flow = to_name(&program, "kms.us-east-1.amazonaws.com");
    let mut with = |servers: &[&str]| {
        let domain_name_servers = servers.iter().map(|server| server.parse().unwrap()).collect();
        let wanted = DhcpConfiguration { domain_name_servers, ..DhcpConfiguration::default() };
        let set = built.with(|world, context| world.create_dhcp_options(context, wanted));
        built.with(|world, context| world.associate_dhcp_options(context, &vpc, Some(&set)));
        trace(&built.world, &compile(&built.world), &flow).unwrap()
    };
    let asked = with(&["10.0.9.9", "AmazonProvidedDNS"]);
    assert_eq!(
        asked.disposition.to_string(),
        "undetermined: what 10.0.9.9 answers to kms.us-east-1.amazonaws.com, which the VPC's DHCP options name"
    );
    assert!(asked.to_string().contains("by 10.0.9.9 of the VPC's DHCP options"), "{asked}");
    // All of them are AWS's own.
    for own in [&["AmazonProvidedDNS"][..], &["10.0.0.2"], &["169.254.169.253", "10.0.9.9"]] {
        assert!(!matches!(with(own).disposition, Disposition::Undetermined { .. }), "{own:?}");
    }
    built.with(|world, context| world.associate_dhcp_options(context, &vpc, None));
    let asked = trace(&built.world, &compile(&built.world), &flow).unwrap();
    assert!(asked.disposition.to_string().contains("name no server"), "{asked}");
}

#[test]
fn a_more_specific_route_leads_to_a_nat_gateway_and_past_the_endpoint_that_a_bucket_asks_for() {
    let Private { mut built, vpc, subnet, program } = private();
    let table = built.table_of(&vpc, &subnet);
    let endpoint = built.gateway(&vpc, "s3", &[&table]);
    let other = built.subnet(&vpc, 2, "us-east-1a");
    let gateway = built.internet_gateway(&vpc);
    let main = built.main_table(&vpc);
    built.route(&main, "0.0.0.0/0", RouteTarget::InternetGateway(gateway));
    let nat = built.public_nat(&other);
    for block in ["198.18.0.0/24", "198.18.4.0/24"] {
        built.route(&table, block, RouteTarget::NatGateway(nat.clone()));
    }
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Sid": "OurEndpoint", "Effect": "Deny", "Principal": "*",
        "Action": "s3:*", "Resource": "arn:aws:s3:::docs/*",
        "Condition": {{"StringNotEquals": {{"aws:SourceVpce": "{endpoint}"}}}}}}]}}"#
    );
    let flow = to_name(&program, "docs.s3.us-east-1.amazonaws.com").calling(reads(Some(&text)));
    insta::assert_snapshot!(explained(&built, &flow), @r#"
    blocked: RESOURCE_POLICY_EXPLICIT_DENY
      name docs.s3.us-east-1.amazonaws.com at 198.18.0.16, 198.18.4.16, by public DNS
      from eni-00000000000000110 in subnet-000000000000000f0, as 10.0.1.4
      security groups sg-00000000000000090 of eni-00000000000000110, out to 198.18.0.16: sgr-000000000000000d0 of sg-00000000000000090, all traffic to 0.0.0.0/0
      network ACL acl-00000000000000030 of subnet-000000000000000f0, out to 198.18.0.16: entry 100, allow all traffic 0.0.0.0/0
      route table rtb-00000000000000130 of subnet-000000000000000f0, to 198.18.0.16: 198.18.0.0/24 to nat-000000000000001f0
        not 198.18.0.0/22 of pl-63a5400a to vpce-00000000000000170: MORE_SPECIFIC_ROUTE
      network ACL acl-00000000000000030 of subnet-00000000000000190, in from 10.0.1.4: entry 100, allow all traffic 0.0.0.0/0
      NAT gateway nat-000000000000001f0, from here on as 10.0.2.4
      network ACL acl-00000000000000030 of subnet-00000000000000190, out to 198.18.0.16: entry 100, allow all traffic 0.0.0.0/0
      route table rtb-00000000000000050 of subnet-00000000000000190, the main one, to 198.18.0.16: 0.0.0.0/0 to igw-000000000000001b0
      internet gateway igw-000000000000001b0, 10.0.2.4 as 198.18.12.1
      s3 in us-east-1 at 198.18.0.16
      the answer:
        network ACL acl-00000000000000030 of subnet-00000000000000190, in from 198.18.0.16: entry 100, allow all traffic 0.0.0.0/0
        network ACL acl-00000000000000030 of subnet-00000000000000190, out to 10.0.1.4: entry 100, allow all traffic 0.0.0.0/0
        network ACL acl-00000000000000030 of subnet-000000000000000f0, in from 198.18.0.16: entry 100, allow all traffic 0.0.0.0/0
      TLS name docs.s3.us-east-1.amazonaws.com, served by s3 as *.s3.us-east-1.amazonaws.com
      resource-based policy for s3:GetObject on arn:aws:s3:::docs/a: denies
        statement 1: `OurEndpoint` denies it
        ends here: RESOURCE_POLICY_EXPLICIT_DENY: A statement of the resource's policy denies it.
    MORE_SPECIFIC_ROUTE
         now: rtb-00000000000000130 leads 198.18.0.0/24 to nat-000000000000001f0
         needed: rtb-00000000000000130 has no route to 198.18.0.0/24, so that pl-63a5400a to vpce-00000000000000170 holds
    HIGHER_PRIORITY_ROUTE
         now: rtb-00000000000000130 leads 198.18.4.0/24 to nat-000000000000001f0
         needed: rtb-00000000000000130 has no route to 198.18.4.0/24, so that pl-63a5400a to vpce-00000000000000170 holds
    then reached: vpce-00000000000000170 takes it from 10.0.1.4
    "#);
}

/// Everything out, and in only what comes to port 443.
pub(crate) fn without_ephemeral_return(built: &mut Built, vpc: &VpcId, subnet: &SubnetId) -> NetworkAclId {
    let acl = built.with(|world, context| world.create_network_acl(context, vpc));
    let mut entry = |direction, protocol, ports| {
        let any = "0.0.0.0/0".parse::<sidegate_model::Ipv4Cidr>().unwrap().into();
        let entry = NetworkAclEntry::new(direction, 100, RuleAction::Allow, protocol, any, ports, None).unwrap();
        built.with(|world, context| world.create_network_acl_entry(context, &acl, entry));
    };
    entry(Direction::Egress, IpProtocol::All, None);
    entry(Direction::Ingress, IpProtocol::TCP, Some(PortRange { from: 443, to: 443 }));
    let association = built.world.network_acl_of(built.world.subnets.get(subnet).unwrap()).unwrap().id;
    built.with(|world, context| world.replace_network_acl_association(context, &association, &acl));
    acl
}

#[test]
fn a_network_acl_lets_no_answer_to_the_clients_port_in() {
    let Private { mut built, vpc, subnet, program } = private();
    built.gateway_of_main(&vpc, "s3");
    without_ephemeral_return(&mut built, &vpc, &subnet);
    insta::assert_snapshot!(explained(&built, &to_name(&program, "docs.s3.us-east-1.amazonaws.com")), @r#"
    blocked: RESPONSE_ACL_RESTRICTION
      name docs.s3.us-east-1.amazonaws.com at 198.18.0.16, 198.18.4.16, by public DNS
      from eni-00000000000000110 in subnet-000000000000000f0, as 10.0.1.4
      security groups sg-00000000000000090 of eni-00000000000000110, out to 198.18.0.16: sgr-000000000000000d0 of sg-00000000000000090, all traffic to 0.0.0.0/0
      network ACL acl-00000000000000150 of subnet-000000000000000f0, out to 198.18.0.16: entry 100, allow all traffic 0.0.0.0/0
      route table rtb-00000000000000050 of subnet-000000000000000f0, the main one, to 198.18.0.16: 198.18.0.0/22 of pl-63a5400a to vpce-00000000000000130
      gateway endpoint vpce-00000000000000130 for s3, at 198.18.0.16
      the answer:
        network ACL acl-00000000000000150 of subnet-000000000000000f0, in from 198.18.0.16: entry *, deny
          ends here: RESPONSE_ACL_RESTRICTION: A network ACL has no state, and stops the answer: it goes to a port that the client picked.
    RESPONSE_ACL_RESTRICTION
         now: no inbound entry of acl-00000000000000150 is about it
         needed: inbound entry 110 of acl-00000000000000150: allow tcp 32768-60999 0.0.0.0/0, the ports that Linux connects from; of other systems, and behind a NAT gateway, a load balancer or Lambda, 1024-65535
    then reached: vpce-00000000000000130 takes it from 10.0.1.4
    "#);
}

#[test]
fn an_endpoint_policy_lacks_the_bucket() {
    let Private { mut built, vpc, program, .. } = private();
    let endpoint = built.gateway_of_main(&vpc, "s3");
    let text = r#"{"Version":"2012-10-17","Statement":[{"Sid":"OurBucket","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::logs","arn:aws:s3:::logs/*"]}]}"#;
    let policy = PolicyChange::Replace(text.to_owned());
    let change = ModifyVpcEndpoint { policy, ..ModifyVpcEndpoint::default() };
    built.with(|world, context| world.modify_vpc_endpoint(context, &endpoint, change));
    let flow = to_name(&program, "docs.s3.us-east-1.amazonaws.com").calling(reads(None));
    insta::assert_snapshot!(explained(&built, &flow), @r#"
    blocked: ENDPOINT_POLICY_IMPLICIT_DENY
      name docs.s3.us-east-1.amazonaws.com at 198.18.0.16, 198.18.4.16, by public DNS
      from eni-00000000000000110 in subnet-000000000000000f0, as 10.0.1.4
      security groups sg-00000000000000090 of eni-00000000000000110, out to 198.18.0.16: sgr-000000000000000d0 of sg-00000000000000090, all traffic to 0.0.0.0/0
      network ACL acl-00000000000000030 of subnet-000000000000000f0, out to 198.18.0.16: entry 100, allow all traffic 0.0.0.0/0
      route table rtb-00000000000000050 of subnet-000000000000000f0, the main one, to 198.18.0.16: 198.18.0.0/22 of pl-63a5400a to vpce-00000000000000130
      gateway endpoint vpce-00000000000000130 for s3, at 198.18.0.16
      the answer:
        network ACL acl-00000000000000030 of subnet-000000000000000f0, in from 198.18.0.16: entry 100, allow all traffic 0.0.0.0/0
      TLS name docs.s3.us-east-1.amazonaws.com, served by s3 as *.s3.us-east-1.amazonaws.com
      VPC endpoint policy for s3:GetObject on arn:aws:s3:::docs/a: does not allow
        statement 1: `OurBucket` does not allow it; Resource `arn:aws:s3:::logs`, `arn:aws:s3:::logs/*`: the request has `arn:aws:s3:::docs/a`
        ends here: ENDPOINT_POLICY_IMPLICIT_DENY: No statement of the endpoint policy allows it.
    ENDPOINT_POLICY_IMPLICIT_DENY
         now: no statement of the endpoint policy of vpce-00000000000000130 allows s3:GetObject on arn:aws:s3:::docs/a
         needed: a statement of the endpoint policy of vpce-00000000000000130: {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::docs/a"}
    then reached: vpce-00000000000000130 takes it from 10.0.1.4
    "#);
}

#[test]
fn a_bucket_policy_asks_for_a_source_address_that_an_endpoint_does_not_tell() {
    let Private { mut built, vpc, program, .. } = private();
    built.gateway_of_main(&vpc, "s3");
    let office = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "OfficeOnly", "Effect": "Deny", "Principal": "*",
        "Action": "s3:*", "Resource": "arn:aws:s3:::docs/*",
        "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}]}"#;
    let flow = to_name(&program, "docs.s3.us-east-1.amazonaws.com").calling(reads(Some(office)));
    insta::assert_snapshot!(explained(&built, &flow), @r#"
    blocked: RESOURCE_POLICY_EXPLICIT_DENY
      name docs.s3.us-east-1.amazonaws.com at 198.18.0.16, 198.18.4.16, by public DNS
      from eni-00000000000000110 in subnet-000000000000000f0, as 10.0.1.4
      security groups sg-00000000000000090 of eni-00000000000000110, out to 198.18.0.16: sgr-000000000000000d0 of sg-00000000000000090, all traffic to 0.0.0.0/0
      network ACL acl-00000000000000030 of subnet-000000000000000f0, out to 198.18.0.16: entry 100, allow all traffic 0.0.0.0/0
      route table rtb-00000000000000050 of subnet-000000000000000f0, the main one, to 198.18.0.16: 198.18.0.0/22 of pl-63a5400a to vpce-00000000000000130
      gateway endpoint vpce-00000000000000130 for s3, at 198.18.0.16
      the answer:
        network ACL acl-00000000000000030 of subnet-000000000000000f0, in from 198.18.0.16: entry 100, allow all traffic 0.0.0.0/0
      TLS name docs.s3.us-east-1.amazonaws.com, served by s3 as *.s3.us-east-1.amazonaws.com
      VPC endpoint policy for s3:GetObject on arn:aws:s3:::docs/a: allows
        statement 1: allows it
      resource-based policy for s3:GetObject on arn:aws:s3:::docs/a: denies
        statement 1: `OfficeOnly` denies it
        ends here: RESOURCE_POLICY_EXPLICIT_DENY: A statement of the resource's policy denies it.
    RESOURCE_POLICY_EXPLICIT_DENY
         now: statement 1 of the resource-based policy: {"Sid":"OfficeOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::docs/*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}
         needed: a statement that leaves this call out: beside its conditions, StringNotEquals aws:SourceVpce `vpce-00000000000000130`
    then reached: vpce-00000000000000130 takes it from 10.0.1.4
    "#);
}

#[test]
fn a_gateway_endpoint_is_not_reached_through_a_peering_connection() {
    let Private { mut built, vpc, program, .. } = private();
    let other = built.vpc_of("10.1.0.0/16");
    built.gateway_of_main(&other, "s3");
    let peering = built.peering(&vpc, &other);
    let (near, far) = (built.main_table(&vpc), built.main_table(&other));
    built.route(&near, "0.0.0.0/0", RouteTarget::Peering(peering.clone()));
    built.route(&far, "10.0.0.0/16", RouteTarget::Peering(peering));
    let flow = to_name(&program, "docs.s3.us-east-1.amazonaws.com");
    insta::assert_snapshot!(explained(&built, &flow), @r#"
    blocked: PCX_REQUIRES_ADDRESS_IN_VPC_CIDR
      name docs.s3.us-east-1.amazonaws.com at 198.18.0.16, 198.18.4.16, by public DNS
      from eni-00000000000000110 in subnet-000000000000000f0, as 10.0.1.4
      security groups sg-00000000000000090 of eni-00000000000000110, out to 198.18.0.16: sgr-000000000000000d0 of sg-00000000000000090, all traffic to 0.0.0.0/0
      network ACL acl-00000000000000030 of subnet-000000000000000f0, out to 198.18.0.16: entry 100, allow all traffic 0.0.0.0/0
      route table rtb-00000000000000050 of subnet-000000000000000f0, the main one, to 198.18.0.16: 0.0.0.0/0 to pcx-00000000000000230
      peering connection pcx-00000000000000230 to vpc-00000000000000130
        ends here: PCX_REQUIRES_ADDRESS_IN_VPC_CIDR: A peering connection carries packets from and to addresses of the two VPCs, and no others.
    PCX_REQUIRES_ADDRESS_IN_VPC_CIDR
         now: rtb-00000000000000050 leads 0.0.0.0/0 to pcx-00000000000000230
         needed: a gateway endpoint for com.amazonaws.us-east-1.s3, to which rtb-00000000000000050 leads pl-63a5400a
    then reached: vpce-ffffffff00000201f takes it from 10.0.1.4
    "#);
    // The intended path is whole.
    let remedy = remedy(&built.world, &compile(&built.world), &flow).unwrap().unwrap();
    insta::assert_snapshot!(remedy.path, @r#"
    reached: vpce-ffffffff00000201f takes it from 10.0.1.4
      name docs.s3.us-east-1.amazonaws.com at 198.18.0.16, 198.18.4.16, by public DNS
      from eni-00000000000000110 in subnet-000000000000000f0, as 10.0.1.4
      security groups sg-00000000000000090 of eni-00000000000000110, out to 198.18.0.16: sgr-000000000000000d0 of sg-00000000000000090, all traffic to 0.0.0.0/0
      network ACL acl-00000000000000030 of subnet-000000000000000f0, out to 198.18.0.16: entry 100, allow all traffic 0.0.0.0/0
      route table rtb-00000000000000050 of subnet-000000000000000f0, the main one, to 198.18.0.16: 198.18.0.0/22 of pl-63a5400a to vpce-ffffffff00000201f
        not 0.0.0.0/0 to pcx-00000000000000230: MORE_SPECIFIC_ROUTE
      gateway endpoint vpce-ffffffff00000201f for s3, at 198.18.0.16
      the answer:
        network ACL acl-00000000000000030 of subnet-000000000000000f0, in from 198.18.0.16: entry 100, allow all traffic 0.0.0.0/0
      TLS name docs.s3.us-east-1.amazonaws.com, served by s3 as *.s3.us-east-1.amazonaws.com
    "#);
}

#[test]
fn the_global_name_of_s3_leads_past_an_interface_endpoint() {
    let Private { mut built, vpc, subnet, program } = private();
    built.endpoint(&vpc, "s3", |wanted| {
        wanted.interface = true;
        wanted.subnets = vec![subnet.clone()];
        wanted.private_dns = Some(true);
        wanted.inbound_resolver_only = Some(false);
    });
    insta::assert_snapshot!(explained(&built, &to_name(&program, "docs.s3.amazonaws.com")), @r#"
    blocked: NO_ROUTE_TO_DESTINATION
      name docs.s3.amazonaws.com at 198.18.0.16, 198.18.4.16, by public DNS
        not vpce-00000000000000130: DNS_NAME_NOT_PRIVATE
      from eni-00000000000000110 in subnet-000000000000000f0, as 10.0.1.4
      security groups sg-00000000000000090 of eni-00000000000000110, out to 198.18.0.16: sgr-000000000000000d0 of sg-00000000000000090, all traffic to 0.0.0.0/0
      network ACL acl-00000000000000030 of subnet-000000000000000f0, out to 198.18.0.16: entry 100, allow all traffic 0.0.0.0/0
      route table rtb-00000000000000050 of subnet-000000000000000f0, the main one, to 198.18.0.16: no route
        ends here: NO_ROUTE_TO_DESTINATION: The subnet's route table has no route to the destination.
    DNS_NAME_NOT_PRIVATE
         now: the client calls docs.s3.amazonaws.com
         needed: the client calls docs.s3.us-east-1.amazonaws.com
    then reached: vpce-00000000000000130 takes it from 10.0.1.4
    "#);
}

#[test]
fn the_interface_endpoint_of_dynamodb_has_no_private_dns() {
    let Private { mut built, vpc, subnet, program } = private();
    built.endpoint(&vpc, "dynamodb", |wanted| {
        wanted.interface = true;
        wanted.subnets = vec![subnet.clone()];
        wanted.private_dns = Some(false);
    });
    let flow = Flow::tcp(Source::Interface(program), Goal::Service("dynamodb".to_owned()), 443);
    insta::assert_snapshot!(explained(&built, &flow), @r#"
    blocked: NO_ROUTE_TO_DESTINATION
      name dynamodb.us-east-1.amazonaws.com at 198.18.6.16, by public DNS
        not vpce-00000000000000130: DNS_PRIVATE_DNS_UNAVAILABLE
      from eni-00000000000000110 in subnet-000000000000000f0, as 10.0.1.4
      security groups sg-00000000000000090 of eni-00000000000000110, out to 198.18.6.16: sgr-000000000000000d0 of sg-00000000000000090, all traffic to 0.0.0.0/0
      network ACL acl-00000000000000030 of subnet-000000000000000f0, out to 198.18.6.16: entry 100, allow all traffic 0.0.0.0/0
      route table rtb-00000000000000050 of subnet-000000000000000f0, the main one, to 198.18.6.16: no route
        ends here: NO_ROUTE_TO_DESTINATION: The subnet's route table has no route to the destination.
    DNS_PRIVATE_DNS_UNAVAILABLE
         now: the client calls dynamodb.us-east-1.amazonaws.com
         needed: the client calls vpce-00000000000000130-00000000.dynamodb.us-east-1.vpce.amazonaws.com
    then reached: vpce-00000000000000130 takes it from 10.0.1.4
    "#);
}

#[test]
fn a_network_acl_that_lets_some_answers_in_leaves_it_to_the_port_that_the_client_picks() {
    let Private { mut built, vpc, subnet, program } = private();
    built.gateway_of_main(&vpc, "s3");
    let acl = without_ephemeral_return(&mut built, &vpc, &subnet);
    let any = "0.0.0.0/0".parse::<sidegate_model::Ipv4Cidr>().unwrap().into();
    let ports = Some(PortRange { from: 1024, to: 49_151 });
    let entry =
        NetworkAclEntry::new(Direction::Ingress, 110, RuleAction::Allow, IpProtocol::TCP, any, ports, None).unwrap();
    built.with(|world, context| world.create_network_acl_entry(context, &acl, entry));
    insta::assert_snapshot!(explained(&built, &to_name(&program, "docs.s3.us-east-1.amazonaws.com")), @r#"
    undetermined: which port the client picks; acl-00000000000000150 lets answers to 32768-49151 through
      name docs.s3.us-east-1.amazonaws.com at 198.18.0.16, 198.18.4.16, by public DNS
      from eni-00000000000000110 in subnet-000000000000000f0, as 10.0.1.4
      security groups sg-00000000000000090 of eni-00000000000000110, out to 198.18.0.16: sgr-000000000000000d0 of sg-00000000000000090, all traffic to 0.0.0.0/0
      network ACL acl-00000000000000150 of subnet-000000000000000f0, out to 198.18.0.16: entry 100, allow all traffic 0.0.0.0/0
      route table rtb-00000000000000050 of subnet-000000000000000f0, the main one, to 198.18.0.16: 198.18.0.0/22 of pl-63a5400a to vpce-00000000000000130
      gateway endpoint vpce-00000000000000130 for s3, at 198.18.0.16
      the answer:
        network ACL acl-00000000000000150 of subnet-000000000000000f0, in from 198.18.0.16: entry 110, allow tcp 1024-49151 0.0.0.0/0
          note RESPONSE_ACL_RESTRICTION
    RESPONSE_ACL_RESTRICTION
         now: inbound entry 110 of acl-00000000000000150: allow tcp 1024-49151 0.0.0.0/0
         needed: inbound entry 109 of acl-00000000000000150: allow tcp 32768-60999 0.0.0.0/0, the ports that Linux connects from; of other systems, and behind a NAT gateway, a load balancer or Lambda, 1024-65535
    then reached: vpce-00000000000000130 takes it from 10.0.1.4
    "#);
}

/// What each setting of the remedy needs.
fn needed(built: &Built, flow: &Flow) -> Vec<String> {
    let remedy = remedy(&built.world, &compile(&built.world), flow).unwrap().expect("a remedy");
    remedy.settings.into_iter().map(|setting| setting.needed).collect()
}

#[test]
fn private_dns_needs_the_host_names_of_the_vpc_first() {
    let Private { mut built, vpc, subnet, program } = private();
    built.dns_hostnames(&vpc, false);
    let flow = to_name(&program, "secretsmanager.us-east-1.amazonaws.com");
    let host_names = format!("enableDnsHostnames of {vpc} is on");
    let settings = needed(&built, &flow);
    assert_eq!(settings[0], host_names);
    assert!(settings[1].starts_with("an interface endpoint for "), "{settings:?}");
    built.endpoint(&vpc, "secretsmanager", |wanted| {
        wanted.interface = true;
        wanted.subnets = vec![subnet.clone()];
        wanted.private_dns = Some(false);
    });
    let settings = needed(&built, &flow);
    assert_eq!(settings[0], host_names);
    assert!(settings[1].starts_with("private DNS of vpce-"), "{settings:?}");
}

#[test]
fn a_rule_for_the_internet_is_for_everybody() {
    let Private { mut built, vpc, program, .. } = private();
    let gateway = built.internet_gateway(&vpc);
    let table = built.main_table(&vpc);
    built.route(&table, "0.0.0.0/0", RouteTarget::InternetGateway(gateway));
    built.elastic(&program);
    let from = |address| Flow::tcp(Source::Internet(address), Goal::Interface(program.clone()), 443);
    let settings = needed(&built, &from(SOMEBODY.into()));
    assert!(settings[0].ends_with("lets tcp 443 from 0.0.0.0/0"), "{settings:?}");
    let settings = needed(&built, &from([203, 0, 113, 9].into()));
    assert!(settings[0].ends_with("lets tcp 443 from 203.0.113.9/32"), "{settings:?}");
}
