//! The resolver against the naive evaluator: in random worlds, every name that is worth asking for, and odd ones.

use std::collections::BTreeSet;
use std::net::IpAddr;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use proptest::prelude::*;
use sidegate_edge::resolver::{Transport, answer};
use sidegate_model::VpcId;
use sidegate_plan::{Plan, VpcPlan, compile};

use super::naive::{self, Answer};
use super::worlds::{Maker, names, steps};

/// Names that hardly anyone asks for.
const ODD: [&str; 18] = [
    "com",
    "aws",
    "api.aws",
    "vpce.amazonaws.com",
    "us-east-1.vpce.amazonaws.com",
    "s3.us-east-1.vpce.amazonaws.com",
    "compute.internal",
    "eu-west-1.compute.internal",
    "ip-10-0-0-4.compute.internal",
    "ip-10-0-0-4.ec2.internal",
    "x.ip-10-0-0-4.ec2.internal",
    "*.s3.us-east-1.amazonaws.com",
    "*.x.s3.us-east-1.amazonaws.com",
    "s3.us-east-1.amazonaws.com.example.com",
    "notamazonaws.com",
    "nots3.us-east-1.amazonaws.com",
    "_dns._udp.s3.us-east-1.amazonaws.com",
    "bucket--use1-az9--x-s3.s3express-use1-az9.us-east-1.amazonaws.com",
];

/// What the resolver of a VPC says to questions for A and AAAA records. A VPC without a resolver is silent: there the filter lets
/// nothing come to it.
fn ask(plan: &Plan, vpc: &VpcId, name: &str) -> Answer {
    let vpc = &plan.vpcs[vpc];
    if vpc.resolver.is_none() {
        return Answer::Silence;
    }
    let answers = [RecordType::A, RecordType::AAAA].map(|kind| ask_for(plan, vpc, name, kind));
    match answers {
        [Answer::Addresses(ipv4), Answer::Addresses(ipv6)] => Answer::Addresses(ipv4.union(&ipv6).copied().collect()),
        [Answer::Addresses(found), Answer::NoData] | [Answer::NoData, Answer::Addresses(found)] => {
            Answer::Addresses(found)
        }
        [one, other] => {
            assert_eq!(one, other, "{name}");
            one
        }
    }
}

fn ask_for(plan: &Plan, vpc: &VpcPlan, name: &str, kind: RecordType) -> Answer {
    let mut message = Message::new(7, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_ascii(format!("{name}.")).unwrap(), kind));
    let bytes = answer(&message.to_vec().unwrap(), Transport::Tcp, vpc, plan).expect("an answer");
    let reply = Message::from_vec(&bytes).expect("an answer that parses");
    let addresses: BTreeSet<IpAddr> = reply
        .answers
        .iter()
        .map(|record| match &record.data {
            RData::A(address) if kind == RecordType::A => address.0.into(),
            RData::AAAA(address) if kind == RecordType::AAAA => address.0.into(),
            other => panic!("{other:?}"),
        })
        .collect();
    match reply.metadata.response_code {
        ResponseCode::NXDomain => Answer::NoSuchName,
        ResponseCode::NoError if addresses.is_empty() => Answer::NoData,
        ResponseCode::NoError => Answer::Addresses(addresses),
        other => panic!("{other} to {name}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_resolver_answers_for_every_name_of_a_random_world_what_it_should_by_the_world(steps in steps(48)) {
        let mut maker = Maker::default();
        for step in &steps {
            maker.apply(step);
        }
        let plan = compile(&maker.world);
        let mut names = names(&maker.world);
        names.extend(ODD.map(str::to_owned));
        for vpc in maker.world.vpcs.iter() {
            for (number, name) in names.iter().enumerate() {
                let wanted = naive::resolve(&maker.world, &vpc.id, name);
                // In any case.
                let asked = if number % 3 == 0 { name.to_ascii_uppercase() } else { name.clone() };
                prop_assert_eq!(ask(&plan, &vpc.id, &asked), wanted, "{} in {}\n{}", asked, vpc.id, plan);
            }
        }
    }
}
