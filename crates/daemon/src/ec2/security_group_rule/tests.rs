//! Rules of security groups over the API.

use super::super::tests::{Answer, Api};

struct Network {
    api: Api,
    vpc: String,
    group: String,
}

impl Network {
    fn new() -> Self {
        let api = Api::new();
        let vpc = api.ok("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).text("vpcId");
        let network = Self { api, vpc, group: String::new() };
        let group = network.add("web");
        Self { group, ..network }
    }

    fn add(&self, name: &str) -> String {
        let parameters = [("VpcId", self.vpc.as_str()), ("GroupName", name), ("GroupDescription", "x")];
        self.api.ok("CreateSecurityGroup", &parameters).text("groupId")
    }

    fn with<'a>(&'a self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        [&[("GroupId", self.group.as_str())], more].concat()
    }

    fn allow(&self, more: &[(&str, &str)]) -> Answer {
        self.api.ok("AuthorizeSecurityGroupIngress", &self.with(more))
    }

    fn ingress(&self) -> String {
        let shown = self.api.ok("DescribeSecurityGroups", &[("GroupId.1", &self.group)]);
        shown.text("ipPermissions")
    }
}

const HTTPS: [(&str, &str); 4] = [
    ("IpPermissions.1.IpProtocol", "tcp"),
    ("IpPermissions.1.FromPort", "443"),
    ("IpPermissions.1.ToPort", "443"),
    ("IpPermissions.1.IpRanges.1.CidrIp", "192.0.2.77/24"),
];

#[test]
fn rules_are_answered_with_their_ids_arns_and_tags() {
    let network = Network::new();
    let tags = [
        ("TagSpecification.1.ResourceType", "security-group-rule"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "https"),
        ("IpPermissions.1.IpRanges.1.Description", "from the lab"),
    ];
    let answer = network.allow(&[&HTTPS[..], &tags].concat());
    assert_eq!(answer.text("return"), "true");
    let id = answer.text("securityGroupRuleId");
    let rule = format!(
        "<item><securityGroupRuleId>{id}</securityGroupRuleId><groupId>{}</groupId>\
         <groupOwnerId>123456789012</groupOwnerId><isEgress>false</isEgress><ipProtocol>tcp</ipProtocol>\
         <fromPort>443</fromPort><toPort>443</toPort><cidrIpv4>192.0.2.0/24</cidrIpv4>\
         <description>from the lab</description><tagSet><item><key>Name</key><value>https</value></item></tagSet>\
         <securityGroupRuleArn>arn:aws:ec2:us-east-1:123456789012:security-group-rule/{id}</securityGroupRuleArn></item>",
        network.group
    );
    assert_eq!(answer.text("securityGroupRuleSet"), rule);
    let described = network.api.ok("DescribeSecurityGroupRules", &[("SecurityGroupRuleId.1", &id)]);
    assert_eq!(described.text("securityGroupRuleSet"), rule);
}

#[test]
fn every_kind_of_other_side_is_shown_in_its_own_element() {
    let network = Network::new();
    let peer = network.add("peer");
    let answer = network.allow(&[
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.FromPort", "0"),
        ("IpPermissions.1.ToPort", "0"),
        ("IpPermissions.1.Groups.1.GroupId", &peer),
        ("IpPermissions.1.Groups.1.UserId", "123456789012"),
        ("IpPermissions.2.IpProtocol", "icmp"),
        ("IpPermissions.2.FromPort", "8"),
        ("IpPermissions.2.ToPort", "-1"),
        ("IpPermissions.2.PrefixListIds.1.PrefixListId", "pl-63a5400a"),
        ("IpPermissions.3.IpProtocol", "58"),
        ("IpPermissions.3.Ipv6Ranges.1.CidrIpv6", "::/0"),
        ("IpPermissions.4.IpProtocol", "50"),
        ("IpPermissions.4.IpRanges.1.CidrIp", "0.0.0.0/0"),
    ]);
    let reference = format!(
        "<ipProtocol>-1</ipProtocol><fromPort>-1</fromPort><toPort>-1</toPort>\
         <referencedGroupInfo><groupId>{peer}</groupId><userId>123456789012</userId></referencedGroupInfo>"
    );
    assert!(answer.xml.contains(&reference), "{}", answer.xml);
    for part in [
        "<ipProtocol>icmp</ipProtocol><fromPort>8</fromPort><toPort>-1</toPort><prefixListId>pl-63a5400a</prefixListId>",
        "<ipProtocol>icmpv6</ipProtocol><fromPort>-1</fromPort><toPort>-1</toPort><cidrIpv6>::/0</cidrIpv6>",
        "<ipProtocol>50</ipProtocol><fromPort>-1</fromPort><toPort>-1</toPort><cidrIpv4>0.0.0.0/0</cidrIpv4>",
    ] {
        assert!(answer.xml.contains(part), "{part} in {}", answer.xml);
    }
}

#[test]
fn the_flat_parameters_stand_for_one_permission() {
    let network = Network::new();
    let flat = [("IpProtocol", "tcp"), ("FromPort", "22"), ("ToPort", "22"), ("CidrIp", "203.0.113.0/24")];
    assert_eq!(network.allow(&flat).text("cidrIpv4"), "203.0.113.0/24");
    let revoked = network.api.ok("RevokeSecurityGroupIngress", &network.with(&flat));
    assert_eq!(revoked.text("return"), "true");
    assert_eq!(network.ingress(), "");
    let both = [&flat[..], &HTTPS].concat();
    let refusal = |action, parameters: &[(&str, &str)]| network.api.refused(action, &network.with(parameters));
    assert_eq!(refusal("AuthorizeSecurityGroupIngress", &both).0, "InvalidParameterCombination");
    assert_eq!(refusal("AuthorizeSecurityGroupEgress", &flat).0, "InvalidParameterValue");
    let (code, message) = refusal("AuthorizeSecurityGroupIngress", &[("SourceSecurityGroupName", "peer")]);
    assert_eq!(code, "InvalidParameterValue");
    assert_eq!(
        message,
        "Invalid value 'peer' for groupName. You may not reference Amazon VPC security groups by name. Please use the \
         corresponding id for this operation."
    );
}

#[test]
fn permissions_that_cannot_be_are_refused_and_add_nothing() {
    let network = Network::new();
    let tcp = [HTTPS[0], HTTPS[1], HTTPS[2]];
    let case = |parameters: &[(&str, &str)], code: &str, message: &str| {
        let refusal = network.api.refused("AuthorizeSecurityGroupIngress", &network.with(parameters));
        assert_eq!(refusal, (code.to_owned(), message.to_owned()));
    };
    case(&[], "MissingParameter", "The request must contain the parameter ipPermissions");
    case(&[HTTPS[1], HTTPS[2], HTTPS[3]], "MissingParameter", "The request must contain the parameter ipProtocol");
    case(
        &[tcp[0], tcp[1], tcp[2], ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.1")],
        "InvalidParameterValue",
        "CIDR block 10.0.0.1 is malformed",
    );
    case(
        &[tcp[0], HTTPS[3]],
        "InvalidParameterValue",
        "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
    );
    case(
        &[("IpPermissions.1.IpProtocol", "carrier-pigeon"), HTTPS[3]],
        "InvalidParameterValue",
        "Invalid value 'carrier-pigeon' for IP protocol. Unknown protocol.",
    );
    case(
        &[tcp[0], tcp[1], tcp[2], HTTPS[3], ("IpPermissions.1.IpRanges.2.CidrIp", "192.0.2.0/24")],
        "InvalidParameterValue",
        "The same permission must not appear multiple times",
    );
    case(
        &[tcp[0], tcp[1], tcp[2], ("IpPermissions.1.Groups.1.GroupId", "sg-0123456789abcdef0")],
        "InvalidGroup.NotFound",
        "The security group 'sg-0123456789abcdef0' does not exist",
    );
    case(
        &[tcp[0], tcp[1], tcp[2], ("IpPermissions.1.PrefixListIds.1.PrefixListId", "pl-0123")],
        "InvalidPrefixListID.NotFound",
        "The prefix list ID 'pl-0123' does not exist",
    );

    case(&tcp, "MissingParameter", "Missing source specification: include source security group or CIDR information");
    case(
        &[&tcp[..], &[("IpPermissions.1.Groups.1.GroupName", "peer")]].concat(),
        "InvalidParameterCombination",
        "An IP permission for a VPC security group may only include a group ID, not a group name.",
    );
    case(
        &[&tcp[..], &[("IpPermissions.1.Groups.1.UserId", "123456789012")]].concat(),
        "MissingParameter",
        "Source group ID missing.",
    );
    assert_eq!(network.ingress(), "");
    network.allow(&HTTPS);
    let (code, message) = network.api.refused("AuthorizeSecurityGroupIngress", &network.with(&HTTPS));
    assert_eq!(code, "InvalidPermission.Duplicate");
    assert_eq!(
        message,
        "the specified rule \"peer: 192.0.2.0/24, TCP, from port: 443, to port: 443, ALLOW\" already exists"
    );
}

#[test]
fn a_rule_is_revoked_by_what_it_lets_through_whatever_its_description() {
    let network = Network::new();
    let described = [&HTTPS[..], &[("IpPermissions.1.IpRanges.1.Description", "lab")]].concat();
    let id = network.allow(&described).text("securityGroupRuleId");
    let answer = network.api.ok("RevokeSecurityGroupIngress", &network.with(&HTTPS));
    assert!(answer.xml.contains("<return>true</return><unknownIpPermissionSet/>"), "{}", answer.xml);
    assert_eq!(
        answer.text("revokedSecurityGroupRuleSet"),
        format!(
            "<item><securityGroupRuleId>{id}</securityGroupRuleId><groupId>{}</groupId><isEgress>false</isEgress>\
             <ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort><cidrIpv4>192.0.2.0/24</cidrIpv4>\
             <description>lab</description></item>",
            network.group
        )
    );
    let (code, message) = network.api.refused("RevokeSecurityGroupIngress", &network.with(&HTTPS));
    assert_eq!(code, "InvalidPermission.NotFound");
    assert_eq!(message, "The specified rule does not exist in this security group.");
}

#[test]
fn terraform_takes_the_default_egress_rule_away_and_tolerates_that_there_is_none_for_ipv6() {
    let network = Network::new();
    let all =
        [("IpPermissions.1.IpProtocol", "-1"), ("IpPermissions.1.FromPort", "0"), ("IpPermissions.1.ToPort", "0")];
    let ipv4 = [&all[..], &[("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0")]].concat();
    let ipv6 = [&all[..], &[("IpPermissions.1.Ipv6Ranges.1.CidrIpv6", "::/0")]].concat();
    let answer = network.api.ok("RevokeSecurityGroupEgress", &network.with(&ipv4));
    assert_eq!(answer.text("isEgress"), "true");
    let (code, _) = network.api.refused("RevokeSecurityGroupEgress", &network.with(&ipv6));
    assert_eq!(code, "InvalidPermission.NotFound");
}

#[test]
fn a_rule_is_revoked_by_its_id_in_its_own_direction() {
    let network = Network::new();
    let id = network.allow(&HTTPS).text("securityGroupRuleId");
    let by_id = network.with(&[("SecurityGroupRuleId.1", &id)]);
    assert_eq!(
        network.api.refused("RevokeSecurityGroupEgress", &by_id),
        ("InvalidSecurityGroupRuleId.NotFound".to_owned(), format!("The security group rule ID '{id}' does not exist"))
    );
    let both = [&by_id[..], &HTTPS].concat();
    assert_eq!(network.api.refused("RevokeSecurityGroupIngress", &both).0, "InvalidParameterCombination");
    let answer = network.api.ok("RevokeSecurityGroupIngress", &by_id);
    assert_eq!(answer.text("securityGroupRuleId"), id);
    assert_eq!(network.ingress(), "");
    let malformed = network.with(&[("SecurityGroupRuleId.1", "rule-1")]);
    assert_eq!(network.api.refused("RevokeSecurityGroupIngress", &malformed).0, "InvalidSecurityGroupRuleId.Malformed");
}

#[test]
fn rules_are_found_by_group_id_and_tag_and_come_in_pages() {
    let network = Network::new();
    let ranges: Vec<_> =
        (1..=6).map(|n| (format!("IpPermissions.1.IpRanges.{n}.CidrIp"), format!("192.0.2.{n}/32"))).collect();
    let ranges: Vec<_> = ranges.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = network.allow(&[&HTTPS[..3], &ranges[..]].concat());
    let mut made = answer.texts("securityGroupRuleId");
    let tagged = made[3].clone();
    network.api.ok("CreateTags", &[("ResourceId.1", &tagged), ("Tag.1.Key", "Team"), ("Tag.1.Value", "A")]);
    let found = |name: &str, value: &str| {
        let parameters = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        network.api.ok("DescribeSecurityGroupRules", &parameters).texts("securityGroupRuleId")
    };
    assert_eq!(found("tag:Team", "A"), [tagged.as_str()]);
    assert_eq!(found("security-group-rule-id", &tagged), [tagged.as_str()]);
    made.sort();
    let of_group = [("Filter.1.Name", "group-id"), ("Filter.1.Value.1", network.group.as_str())];
    let first = network.api.ok("DescribeSecurityGroupRules", &[&of_group[..], &[("MaxResults", "5")]].concat());
    let token = first.text("nextToken");
    let second = network.api.ok("DescribeSecurityGroupRules", &[&of_group[..], &[("NextToken", &token)]].concat());
    let all = [first.texts("securityGroupRuleId"), second.texts("securityGroupRuleId")].concat();
    assert!(made.iter().all(|id| all.contains(id)) && all.len() == 7 && all.is_sorted(), "{all:?}");
    let unknown = [("SecurityGroupRuleId.1", "sgr-0123456789abcdef0"), ("SecurityGroupRuleId.2", tagged.as_str())];
    assert_eq!(
        network.api.refused("DescribeSecurityGroupRules", &unknown).1,
        "The security group rule ID 'sgr-0123456789abcdef0' does not exist"
    );
}

#[test]
fn a_rule_that_is_modified_keeps_its_id_and_its_tags() {
    let network = Network::new();
    let id = network.allow(&HTTPS).text("securityGroupRuleId");
    network.api.ok("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "Team"), ("Tag.1.Value", "A")]);
    let content = [
        ("SecurityGroupRule.1.SecurityGroupRuleId", id.as_str()),
        ("SecurityGroupRule.1.SecurityGroupRule.IpProtocol", "udp"),
        ("SecurityGroupRule.1.SecurityGroupRule.FromPort", "53"),
        ("SecurityGroupRule.1.SecurityGroupRule.ToPort", "53"),
        ("SecurityGroupRule.1.SecurityGroupRule.CidrIpv4", "198.51.100.9/24"),
        ("SecurityGroupRule.1.SecurityGroupRule.Description", "names"),
    ];
    assert_eq!(network.api.ok("ModifySecurityGroupRules", &network.with(&content)).text("return"), "true");
    let shown = network.api.ok("DescribeSecurityGroupRules", &[("SecurityGroupRuleId.1", &id)]);
    for (element, value) in [
        ("ipProtocol", "udp"),
        ("fromPort", "53"),
        ("cidrIpv4", "198.51.100.0/24"),
        ("description", "names"),
        ("tagSet", "<item><key>Team</key><value>A</value></item>"),
    ] {
        assert_eq!(shown.text(element), value, "{element}");
    }
    let two = [&content[..], &[("SecurityGroupRule.1.SecurityGroupRule.CidrIpv6", "::/0")]].concat();
    assert_eq!(network.api.refused("ModifySecurityGroupRules", &network.with(&two)).0, "InvalidParameterCombination");
    assert_eq!(network.api.refused("ModifySecurityGroupRules", &network.with(&content[..4])).0, "MissingParameter");
}

#[test]
fn descriptions_are_changed_by_permission_or_by_id_and_taken_away_by_leaving_them_out() {
    let network = Network::new();
    let id = network.allow(&HTTPS).text("securityGroupRuleId");
    let description =
        || network.api.ok("DescribeSecurityGroupRules", &[("SecurityGroupRuleId.1", &id)]).text("description");
    let described = [&HTTPS[..], &[("IpPermissions.1.IpRanges.1.Description", "lab")]].concat();
    network.api.ok("UpdateSecurityGroupRuleDescriptionsIngress", &network.with(&described));
    assert_eq!(description(), "lab");
    let by_id = [
        ("SecurityGroupRuleDescription.1.SecurityGroupRuleId", id.as_str()),
        ("SecurityGroupRuleDescription.1.Description", "office"),
    ];
    network.api.ok("UpdateSecurityGroupRuleDescriptionsIngress", &network.with(&by_id));
    assert_eq!(description(), "office");
    network.api.ok("UpdateSecurityGroupRuleDescriptionsIngress", &network.with(&HTTPS));
    assert_eq!(description(), "");
    let refusal = |parameters: &[(&str, &str)]| {
        network.api.refused("UpdateSecurityGroupRuleDescriptionsEgress", &network.with(parameters)).0
    };
    assert_eq!(refusal(&by_id), "InvalidSecurityGroupRuleId.NotFound");
    assert_eq!(refusal(&HTTPS), "InvalidPermission.NotFound");
}
