use std::slice::from_ref;

use sidegate_model::{Direction, Error, GroupName, IpProtocol, NewRule, Peer, PortRange, SecurityGroupRuleId};

use crate::account::{Account, SECRETS, cidr, interface, tcp};
use crate::refused;

const SET: &str = "strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*";

fn any() -> Peer {
    Peer::Cidr(cidr("0.0.0.0/0"))
}

fn ports(protocol: IpProtocol, from: i32, to: i32) -> Result<NewRule, Error> {
    NewRule::new(Direction::Ingress, protocol, Some(PortRange { from, to }), any(), None)
}

#[test]
fn a_new_group_lets_everything_out_and_nothing_in() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let id = account.group(&vpc, "web");
    let group = account.world.security_groups.get(&id).unwrap();
    assert_eq!(group.rules.len(), 1);
    assert_eq!(group.rules[0].rule.to_string(), "peer: 0.0.0.0/0, ALL, ALLOW");
    assert_eq!(group.rules[0].rule.direction, Direction::Egress);
}

#[test]
fn the_name_of_a_group_is_unique_in_its_vpc() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    account.group(&vpc, "web");
    for again in ["web", "web  "] {
        refused!(
            account,
            |w, c| w.create_security_group(c, &vpc, again, "d"),
            "InvalidGroup.Duplicate",
            format!("The security group 'web' already exists for VPC '{vpc}'")
        );
    }
    let other = account.vpc("10.0.0.0/16");
    account.group(&other, "web");
}

#[test]
fn names_and_descriptions_have_awss_characters_and_length() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    account.run(|w, c| w.create_security_group(c, &vpc, &"n".repeat(255), &"d".repeat(255)));
    account.run(|w, c| w.create_security_group(c, &vpc, "a ._-:/()#,@[]+=&;{}!$*Z9", "ok"));
    for bad in ["n".repeat(256), "naïve".to_owned(), "a'b".to_owned()] {
        refused!(
            account,
            |w, c| w.create_security_group(c, &vpc, &bad, "d"),
            "InvalidParameterValue",
            format!("Invalid security group name. Valid names are {SET}")
        );
        refused!(
            account,
            |w, c| w.create_security_group(c, &vpc, "good", &bad),
            "InvalidParameterValue",
            format!("Invalid security group description. Valid descriptions are {SET}")
        );
        let error = NewRule::new(Direction::Ingress, IpProtocol::All, None, any(), Some(bad)).unwrap_err();
        assert_eq!(error.to_string(), format!("Invalid rule description. Valid descriptions are {SET}"));
        assert_eq!(error.code(), "InvalidParameterValue");
    }
}

#[test]
fn reserved_and_empty_names_are_refused() {
    let parse = |text: &str| {
        let error = GroupName::parse(text).unwrap_err();
        (error.code(), error.to_string())
    };
    let reserved = "Cannot use reserved security group name: default".to_owned();
    assert_eq!(parse("default"), ("InvalidGroup.Reserved", reserved.clone()));
    assert_eq!(parse("default "), ("InvalidGroup.Reserved", reserved));
    assert_eq!(parse(" "), ("MissingParameter", "The request must contain the parameter GroupName".to_owned()));
    assert_eq!(
        parse("sg-web"),
        (
            "InvalidParameterValue",
            "Value (sg-web) for parameter GroupName is invalid. Group names may not be in the format sg-*.".to_owned()
        )
    );
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    refused!(
        account,
        |w, c| w.create_security_group(c, &vpc, "web", ""),
        "MissingParameter",
        "The request must contain the parameter GroupDescription"
    );
}

#[test]
fn protocols_are_given_by_name_or_number() {
    for (text, wanted) in [
        ("tcp", IpProtocol::TCP),
        ("6", IpProtocol::TCP),
        ("UDP", IpProtocol::UDP),
        ("icmp", IpProtocol::ICMP),
        ("icmpv6", IpProtocol::ICMPV6),
        ("-1", IpProtocol::All),
        ("50", IpProtocol::Number(50)),
    ] {
        assert_eq!(IpProtocol::parse(text).unwrap(), wanted);
    }
    for bad in ["esp", "256", "", "-2"] {
        let error = IpProtocol::parse(bad).unwrap_err();
        assert_eq!(error.to_string(), format!("Invalid value '{bad}' for IP protocol. Unknown protocol."));
        assert_eq!(error.code(), "InvalidParameterValue");
    }
}

#[test]
fn tcp_and_udp_need_ports_in_range() {
    assert_eq!(ports(IpProtocol::TCP, 0, 65_535).unwrap().ports, Some(PortRange { from: 0, to: 65_535 }));
    let none = NewRule::new(Direction::Ingress, IpProtocol::UDP, None, any(), None).unwrap_err();
    assert_eq!(none.to_string(), "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
    for (from, to, message) in [
        (-1, -1, "TCP/UDP (from) port (-1) out of range"),
        (65_536, 65_536, "TCP/UDP (from) port (65536) out of range"),
        (1, 65_536, "TCP/UDP (to) port (65536) out of range"),
        (22, 21, "Invalid TCP/UDP port range (22:21)"),
    ] {
        let error = ports(IpProtocol::TCP, from, to).unwrap_err();
        assert_eq!((error.code(), error.to_string().as_str()), ("InvalidParameterValue", message));
    }
}

#[test]
fn icmp_has_type_and_code_and_other_protocols_have_neither() {
    assert_eq!(ports(IpProtocol::ICMP, 8, 0).unwrap().ports, Some(PortRange { from: 8, to: 0 }));
    let all = NewRule::new(Direction::Ingress, IpProtocol::ICMP, None, any(), None).unwrap();
    assert_eq!(all.ports, Some(PortRange { from: -1, to: -1 }));
    for (from, to) in [(-1, 0), (256, 0), (8, 256), (-2, -1)] {
        assert_eq!(ports(IpProtocol::ICMP, from, to).unwrap_err().code(), "InvalidParameterValue");
    }
    assert_eq!(ports(IpProtocol::All, 443, 443).unwrap().ports, None);
    assert_eq!(ports(IpProtocol::Number(50), 1, 2).unwrap().ports, None);
}

#[test]
fn a_rule_that_exists_is_refused_in_awss_words() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let id = account.group(&vpc, "web");
    let https = tcp(Direction::Ingress, 443, any());
    account.run(|w, c| w.authorize(c, &id, vec![https.clone()]));
    let mut described = https.clone();
    described.description = Some("the same, described".to_owned());
    refused!(
        account,
        |w, c| w.authorize(c, &id, vec![described]),
        "InvalidPermission.Duplicate",
        "the specified rule \"peer: 0.0.0.0/0, TCP, from port: 443, to port: 443, ALLOW\" already exists"
    );
    account.run(|w, c| w.authorize(c, &id, vec![tcp(Direction::Egress, 443, any())]));
}

#[test]
fn one_call_cannot_name_a_rule_twice() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let id = account.group(&vpc, "web");
    let https = tcp(Direction::Ingress, 443, any());
    refused!(
        account,
        |w, c| w.authorize(c, &id, vec![https.clone(), https.clone()]),
        "InvalidParameterValue",
        "The same permission must not appear multiple times"
    );
}

#[test]
fn a_rule_names_groups_and_lists_that_exist_and_groups_of_its_own_vpc() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let id = account.group(&vpc, "web");
    let other = account.vpc("10.0.0.0/16");
    let foreign = account.group(&other, "web");
    let with = |peer: Peer| vec![tcp(Direction::Ingress, 443, peer)];
    account.run(|w, c| w.authorize(c, &id, with(Peer::Group(id.clone()))));
    account.run(|w, c| w.authorize(c, &id, with(Peer::PrefixList("pl-63a5400a".parse().unwrap()))));
    refused!(
        account,
        |w, c| w.authorize(c, &id, with(Peer::Group(foreign.clone()))),
        "InvalidGroup.NotFound",
        "You have specified two resources that belong to different networks."
    );
    refused!(
        account,
        |w, c| w.authorize(c, &id, with(Peer::Group("sg-1".parse().unwrap()))),
        "InvalidGroup.NotFound",
        "The security group 'sg-1' does not exist"
    );
    refused!(
        account,
        |w, c| w.authorize(c, &id, with(Peer::PrefixList("pl-1".parse().unwrap()))),
        "InvalidPrefixListID.NotFound",
        "The prefix list ID 'pl-1' does not exist"
    );
}

#[test]
fn a_group_has_sixty_rules_for_each_direction_and_family() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let id = account.group(&vpc, "web");
    let message = "The maximum number of rules per security group has been reached.";
    let rules = |direction, ports: std::ops::Range<i32>| ports.map(|p| tcp(direction, p, any())).collect::<Vec<_>>();
    account.run(|w, c| w.authorize(c, &id, rules(Direction::Ingress, 0..60)));
    refused!(
        account,
        |w, c| w.authorize(c, &id, rules(Direction::Ingress, 60..61)),
        "RulesPerSecurityGroupLimitExceeded",
        message
    );
    let ipv6 = (0..60).map(|p| tcp(Direction::Ingress, p, Peer::Cidr6("::".parse().unwrap(), 0))).collect::<Vec<_>>();
    account.run(|w, c| w.authorize(c, &id, ipv6));
    refused!(
        account,
        |w, c| w.authorize(c, &id, vec![tcp(Direction::Ingress, 443, Peer::Group(id.clone()))]),
        "RulesPerSecurityGroupLimitExceeded",
        message
    );
    account.run(|w, c| w.authorize(c, &id, rules(Direction::Egress, 0..59)));
    refused!(
        account,
        |w, c| w.authorize(c, &id, rules(Direction::Egress, 59..60)),
        "RulesPerSecurityGroupLimitExceeded",
        message
    );
}

#[test]
fn rules_are_revoked_by_what_they_let_through_or_by_id_all_or_none() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let id = account.group(&vpc, "web");
    let rule = |port| tcp(Direction::Ingress, port, any());
    let made = account.run(|w, c| w.authorize(c, &id, vec![rule(1), rule(2), rule(3)]));
    let count = |account: &Account| account.world.security_groups.get(&id).unwrap().rules.len();
    refused!(
        account,
        |w, c| w.revoke(c, &id, &[rule(1), rule(4)]),
        "InvalidPermission.NotFound",
        "The specified rule does not exist in this security group."
    );
    account.run(|w, c| w.revoke(c, &id, &[rule(1)]));
    assert_eq!(count(&account), 3);
    let unknown: SecurityGroupRuleId = "sgr-1".parse().unwrap();
    refused!(
        account,
        |w, c| w.revoke_by_id(c, &id, Direction::Ingress, &[made[1].clone(), unknown.clone()]),
        "InvalidSecurityGroupRuleId.NotFound",
        "The security group rule ID 'sgr-1' does not exist"
    );
    refused!(
        account,
        |w, c| w.revoke_by_id(c, &id, Direction::Egress, from_ref(&made[1])),
        "InvalidSecurityGroupRuleId.NotFound",
        format!("The security group rule ID '{}' does not exist", made[1])
    );
    account.run(|w, c| w.revoke_by_id(c, &id, Direction::Ingress, &made[1..]));
    assert_eq!(count(&account), 1);
}

#[test]
fn a_rule_is_modified_in_place_but_not_into_another_or_another_direction() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let id = account.group(&vpc, "web");
    let rule = |port| tcp(Direction::Ingress, port, any());
    let made = account.run(|w, c| w.authorize(c, &id, vec![rule(1), rule(2)]));
    account.run(|w, c| w.modify_security_group_rules(c, &id, vec![(made[0].clone(), rule(3))]));
    let group = account.world.security_groups.get(&id).unwrap();
    assert_eq!(group.rules.iter().find(|r| r.id == made[0]).unwrap().rule, rule(3));
    refused!(
        account,
        |w, c| w.modify_security_group_rules(c, &id, vec![(made[0].clone(), rule(2))]),
        "InvalidPermission.Duplicate",
        "the specified rule \"peer: 0.0.0.0/0, TCP, from port: 2, to port: 2, ALLOW\" already exists"
    );
    refused!(
        account,
        |w, c| w.modify_security_group_rules(c, &id, vec![(made[0].clone(), tcp(Direction::Egress, 5, any()))]),
        "InvalidParameterValue",
        format!("The direction of the security group rule {} cannot be changed", made[0])
    );
    refused!(
        account,
        |w, c| w.modify_security_group_rules(c, &id, vec![("sgr-1".parse().unwrap(), rule(9))]),
        "InvalidSecurityGroupRuleId.NotFound",
        "The security group rule ID 'sgr-1' does not exist"
    );
}

#[test]
fn a_group_in_use_stays() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let id = account.group(&vpc, "web");
    let other = account.group(&vpc, "db");
    let message = format!("resource {id} has a dependent object");

    let program = account.program(&subnet, &[other.clone(), id.clone()]);
    refused!(account, |w, c| w.delete_security_group(c, &id), "DependencyViolation", &message);
    account.world.detach_program(&program);

    let mut wanted = interface(&vpc, SECRETS, &[]);
    wanted.groups = vec![id.clone()];
    let endpoint = account.endpoint(wanted);
    refused!(account, |w, c| w.delete_security_group(c, &id), "DependencyViolation", &message);
    account.run(|w, c| w.delete_vpc_endpoint(c, &endpoint));

    let named = tcp(Direction::Ingress, 443, Peer::Group(id.clone()));
    account.run(|w, c| w.authorize(c, &other, vec![named.clone()]));
    refused!(account, |w, c| w.delete_security_group(c, &id), "DependencyViolation", &message);
    account.run(|w, c| w.revoke(c, &other, from_ref(&named)));

    account.run(|w, c| w.authorize(c, &id, vec![named]));
    account.run(|w, c| w.delete_security_group(c, &id));
}

#[test]
fn the_default_group_stays() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let id = account.default_group(&vpc);
    refused!(
        account,
        |w, c| w.delete_security_group(c, &id),
        "CannotDelete",
        format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user")
    );
}

#[test]
fn the_2501st_group_of_a_region_is_refused() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    account.run(|w, c| (1..2_500).try_for_each(|i| w.create_security_group(c, &vpc, &format!("g{i}"), "d").map(drop)));
    refused!(
        account,
        |w, c| w.create_security_group(c, &vpc, "one more", "d"),
        "SecurityGroupLimitExceeded",
        "The maximum number of security groups has been reached."
    );
}
