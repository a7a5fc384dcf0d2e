//! Security groups over the API.

use super::super::tests::Api;

struct Network {
    api: Api,
    vpc: String,
}

impl Network {
    fn new() -> Self {
        let api = Api::new();
        let vpc = api.ok("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).text("vpcId");
        Self { api, vpc }
    }

    fn group(&self, name: &str) -> String {
        let parameters = [("VpcId", self.vpc.as_str()), ("GroupName", name), ("GroupDescription", "for a test")];
        self.api.ok("CreateSecurityGroup", &parameters).text("groupId")
    }

    fn found(&self, filters: &[(&str, &str)]) -> Vec<String> {
        let names: Vec<_> = filters
            .iter()
            .enumerate()
            .flat_map(|(i, (name, value))| {
                [(format!("Filter.{}.Name", i + 1), *name), (format!("Filter.{}.Value.1", i + 1), *value)]
            })
            .collect();
        let parameters: Vec<_> = names.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        self.api.ok("DescribeSecurityGroups", &parameters).texts("groupName")
    }
}

#[test]
fn a_new_group_lets_everything_out_and_nothing_in() {
    let network = Network::new();
    let answer = network.api.ok(
        "CreateSecurityGroup",
        &[
            ("VpcId", &network.vpc),
            ("GroupName", "web"),
            ("GroupDescription", "front end"),
            ("TagSpecification.1.ResourceType", "security-group"),
            ("TagSpecification.1.Tag.1.Key", "Name"),
            ("TagSpecification.1.Tag.1.Value", "web"),
        ],
    );
    let id = answer.text("groupId");
    let arn = format!("arn:aws:ec2:us-east-1:123456789012:security-group/{id}");
    assert_eq!(answer.text("securityGroupArn"), arn);
    assert_eq!(answer.text("tagSet"), "<item><key>Name</key><value>web</value></item>");
    let shown = network.api.ok("DescribeSecurityGroups", &[("GroupId.1", &id)]);
    let expected = [
        ("groupName", "web"),
        ("groupDescription", "front end"),
        ("vpcId", network.vpc.as_str()),
        ("ownerId", "123456789012"),
        ("securityGroupArn", arn.as_str()),
        (
            "ipPermissionsEgress",
            "<item><ipProtocol>-1</ipProtocol><groups/><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges>\
             <ipv6Ranges/><prefixListIds/></item>",
        ),
    ];
    for (element, value) in expected {
        assert_eq!(shown.text(element), value, "{element}");
    }
    assert!(shown.xml.contains("<ipPermissions/>"));
}

#[test]
fn the_default_group_admits_itself() {
    let network = Network::new();
    let shown =
        network.api.ok("DescribeSecurityGroups", &[("Filter.1.Name", "group-name"), ("Filter.1.Value.1", "default")]);
    let id = shown.text("groupId");
    assert_eq!(shown.text("groupDescription"), "default VPC security group");
    let own = format!(
        "<ipPermissions><item><ipProtocol>-1</ipProtocol><groups><item><userId>123456789012</userId>\
         <groupId>{id}</groupId></item></groups><ipRanges/><ipv6Ranges/><prefixListIds/></item></ipPermissions>"
    );
    assert!(shown.xml.contains(&own), "{}", shown.xml);
    assert_eq!(network.api.refused("DeleteSecurityGroup", &[("GroupId", &id)]).0, "CannotDelete");
}

#[test]
fn rules_that_differ_in_the_other_side_only_are_one_permission() {
    let network = Network::new();
    let (id, peer) = (network.group("web"), network.group("peer"));
    network.api.ok(
        "AuthorizeSecurityGroupIngress",
        &[
            ("GroupId", &id),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "443"),
            ("IpPermissions.1.ToPort", "443"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/8"),
            ("IpPermissions.1.IpRanges.1.Description", "inside"),
            ("IpPermissions.1.Groups.1.GroupId", &peer),
            ("IpPermissions.1.Ipv6Ranges.1.CidrIpv6", "2001:db8::1/32"),
            ("IpPermissions.1.PrefixListIds.1.PrefixListId", "pl-63a5400a"),
            ("IpPermissions.2.IpProtocol", "6"),
            ("IpPermissions.2.FromPort", "443"),
            ("IpPermissions.2.ToPort", "443"),
            ("IpPermissions.2.IpRanges.1.CidrIp", "192.0.2.0/24"),
        ],
    );
    let shown = network.api.ok("DescribeSecurityGroups", &[("GroupId.1", &id)]).text("ipPermissions");
    assert_eq!(
        shown,
        format!(
            "<item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort>\
             <groups><item><userId>123456789012</userId><groupId>{peer}</groupId></item></groups>\
             <ipRanges><item><description>inside</description><cidrIp>10.0.0.0/8</cidrIp></item>\
             <item><cidrIp>192.0.2.0/24</cidrIp></item></ipRanges>\
             <ipv6Ranges><item><cidrIpv6>2001:db8::/32</cidrIpv6></item></ipv6Ranges>\
             <prefixListIds><item><prefixListId>pl-63a5400a</prefixListId></item></prefixListIds></item>"
        )
    );
}

#[test]
fn each_filter_selects_by_what_the_answer_shows() {
    let network = Network::new();
    let (id, peer) = (network.group("web"), network.group("peer"));
    for action in ["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"] {
        network.api.ok(
            action,
            &[
                ("GroupId", &id),
                ("IpPermissions.1.IpProtocol", "tcp"),
                ("IpPermissions.1.FromPort", "80"),
                ("IpPermissions.1.ToPort", "81"),
                ("IpPermissions.1.IpRanges.1.CidrIp", "192.0.2.0/24"),
                ("IpPermissions.1.Ipv6Ranges.1.CidrIpv6", "2001:db8::/32"),
                ("IpPermissions.1.Groups.1.GroupId", &peer),
                ("IpPermissions.1.PrefixListIds.1.PrefixListId", "pl-63a5400a"),
            ],
        );
    }
    network.api.ok("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "Team"), ("Tag.1.Value", "A")]);
    let of_group = [("group-id", id.as_str()), ("group-name", "web"), ("tag:Team", "A"), ("tag-key", "Team")];
    for (name, value) in of_group {
        assert_eq!(network.found(&[(name, value)]), ["web"], "{name}={value}");
    }
    let of_rules = [
        ("cidr", "192.0.2.0/24"),
        ("from-port", "80"),
        ("to-port", "81"),
        ("protocol", "tcp"),
        ("ipv6-cidr", "2001:db8::/32"),
        ("group-id", peer.as_str()),
        ("group-name", "peer"),
        ("prefix-list-id", "pl-63a5400a"),
    ];
    for (name, value) in of_rules {
        for prefix in ["ip-permission.", "egress.ip-permission."] {
            assert_eq!(network.found(&[(&format!("{prefix}{name}"), value)]), ["web"], "{prefix}{name}={value}");
        }
    }
    assert_eq!(network.found(&[("description", "for a test")]).len(), 2);
    assert_eq!(network.found(&[("owner-id", "123456789012")]).len(), 3);
    assert_eq!(network.found(&[("vpc-id", &network.vpc), ("group-name", "default")]), ["default"]);
    assert!(network.found(&[("ip-permission.cidr", "0.0.0.0/0")]).is_empty());
}

#[test]
fn names_are_unique_in_a_vpc_and_reserved_ones_are_refused() {
    let network = Network::new();
    network.group("web");
    let create = |name: &str| {
        let parameters = [("VpcId", network.vpc.as_str()), ("GroupName", name), ("GroupDescription", "x")];
        network.api.refused("CreateSecurityGroup", &parameters)
    };
    let (code, message) = create("web");
    assert_eq!(code, "InvalidGroup.Duplicate");
    assert_eq!(message, format!("The security group 'web' already exists for VPC '{}'", network.vpc));
    assert_eq!(create("default").0, "InvalidGroup.Reserved");
    assert_eq!(create("sg-1").0, "InvalidParameterValue");
    let incomplete = [("VpcId", network.vpc.as_str()), ("GroupName", "x")];
    assert_eq!(
        network.api.refused("CreateSecurityGroup", &incomplete),
        ("MissingParameter".to_owned(), "The request must contain the parameter GroupDescription".to_owned())
    );
}

#[test]
fn there_is_no_default_vpc_whose_groups_could_be_named() {
    let network = Network::new();
    let api = &network.api;
    let (code, message) = api.refused("CreateSecurityGroup", &[("GroupName", "x"), ("GroupDescription", "x")]);
    assert_eq!((code.as_str(), message.as_str()), ("VPCIdNotSpecified", "No default VPC for this user"));
    for (action, parameter) in [("DescribeSecurityGroups", "GroupName.1"), ("DeleteSecurityGroup", "GroupName")] {
        let (code, message) = api.refused(action, &[(parameter, "web")]);
        assert_eq!(code, "InvalidGroup.NotFound");
        assert_eq!(message, "The security group 'web' does not exist in default VPC 'none'");
    }
    let (_, message) = api.refused("DeleteSecurityGroup", &[]);
    assert_eq!(message, "The request must contain the parameter groupName or groupId");
    let id = network.group("web");
    assert_eq!(api.ok("DescribeSecurityGroups", &[("GroupName.1", &id)]).text("groupName"), "web");
}

#[test]
fn a_group_is_deleted_once_nothing_refers_to_it() {
    let network = Network::new();
    let api = &network.api;
    let (id, peer) = (network.group("web"), network.group("peer"));
    let permission =
        [("GroupId", id.as_str()), ("IpPermissions.1.IpProtocol", "-1"), ("IpPermissions.1.Groups.1.GroupId", &peer)];
    api.ok("AuthorizeSecurityGroupIngress", &permission);
    let (code, message) = api.refused("DeleteSecurityGroup", &[("GroupId", &peer)]);
    assert_eq!(code, "DependencyViolation");
    assert_eq!(message, format!("resource {peer} has a dependent object"));
    let answer = api.ok("DeleteSecurityGroup", &[("GroupId", &id)]);
    assert_eq!((answer.text("return"), answer.text("groupId")), ("true".to_owned(), id.clone()));
    api.ok("DeleteSecurityGroup", &[("GroupId", &peer)]);
    let (code, message) = api.refused("DescribeSecurityGroups", &[("GroupId.1", &id)]);
    assert_eq!(code, "InvalidGroup.NotFound");
    assert_eq!(message, format!("The security group '{id}' does not exist"));
    assert_eq!(api.refused("DescribeSecurityGroups", &[("GroupId.1", "web")]).0, "InvalidGroupId.Malformed");
}

#[test]
fn no_group_is_referred_to_from_elsewhere_or_stale() {
    let network = Network::new();
    let id = network.group("web");
    let answer = network.api.ok("DescribeSecurityGroupReferences", &[("GroupId.1", &id)]);
    assert!(answer.xml.contains("<securityGroupReferenceSet/>"));
    let unknown = [("GroupId.1", "sg-0123456789abcdef0")];
    assert_eq!(network.api.refused("DescribeSecurityGroupReferences", &unknown).0, "InvalidGroup.NotFound");
    let answer = network.api.ok("DescribeStaleSecurityGroups", &[("VpcId", &network.vpc)]);
    assert!(answer.xml.contains("<staleSecurityGroupSet/>"));
    let unknown = [("VpcId", "vpc-0123456789abcdef0")];
    assert_eq!(network.api.refused("DescribeStaleSecurityGroups", &unknown).0, "InvalidVpcID.NotFound");
}

#[test]
fn groups_of_the_default_vpc_are_known_by_their_names() {
    let api = Api::fresh();
    let parameters = [("GroupName", "web"), ("GroupDescription", "web")];
    let id = api.ok("CreateSecurityGroup", &parameters).text("groupId");
    api.ok("CreateSecurityGroup", &[("GroupName", "db"), ("GroupDescription", "db")]);
    let described = api.ok("DescribeSecurityGroups", &[("GroupName.1", "web")]);
    assert_eq!(described.text("groupId"), id);
    let (code, message) = api.refused("DescribeSecurityGroups", &[("GroupName.1", "nobody")]);
    assert_eq!(code, "InvalidGroup.NotFound");
    assert!(message.starts_with("The security group 'nobody' does not exist in default VPC 'vpc-"), "{message}");

    let rule = [
        ("GroupName", "web"),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "80"),
        ("IpPermissions.1.ToPort", "80"),
        ("IpPermissions.1.Groups.1.GroupName", "db"),
    ];
    api.ok("AuthorizeSecurityGroupIngress", &rule);
    let filter = [("Filter.1.Name", "ip-permission.group-name"), ("Filter.1.Value.1", "db")];
    assert_eq!(api.ok("DescribeSecurityGroups", &filter).texts("groupName"), ["web"]);
    let all = api.ok("AuthorizeSecurityGroupIngress", &[("GroupName", "web"), ("SourceSecurityGroupName", "db")]);
    assert_eq!(all.texts("ipProtocol"), ["tcp", "udp", "icmp"]);
    let both = [("GroupName", "web"), ("SourceSecurityGroupName", "db"), ("IpProtocol", "tcp")];
    assert_eq!(api.refused("AuthorizeSecurityGroupIngress", &both).0, "InvalidParameterCombination");
    let described =
        [rule[0], rule[1], rule[2], rule[3], rule[4], ("IpPermissions.1.Groups.1.Description", "from the database")];
    api.ok("UpdateSecurityGroupRuleDescriptionsIngress", &described);
    assert!(api.ok("DescribeSecurityGroups", &[("GroupName.1", "web")]).xml.contains("from the database"));

    api.ok("RevokeSecurityGroupIngress", &rule);
    api.ok("RevokeSecurityGroupIngress", &[("GroupName", "web"), ("SourceSecurityGroupName", "db")]);
    let gone = api.ok("DeleteSecurityGroup", &[("GroupName", "web")]);
    assert_eq!(gone.text("groupId"), id);
}

#[test]
fn what_is_revoked_in_vain_in_the_default_vpc_is_told_and_not_an_error() {
    let api = Api::fresh();
    api.ok("CreateSecurityGroup", &[("GroupName", "web"), ("GroupDescription", "web")]);
    let flat = |port: &'static str| {
        [("GroupName", "web"), ("IpProtocol", "tcp"), ("FromPort", port), ("ToPort", port), ("CidrIp", "10.0.0.0/8")]
    };
    api.ok("AuthorizeSecurityGroupIngress", &flat("80"));
    let two = [
        ("GroupName", "web"),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "80"),
        ("IpPermissions.1.ToPort", "80"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/8"),
        ("IpPermissions.2.IpProtocol", "tcp"),
        ("IpPermissions.2.FromPort", "81"),
        ("IpPermissions.2.ToPort", "81"),
        ("IpPermissions.2.IpRanges.1.CidrIp", "10.0.0.0/8"),
    ];
    let revoked = api.ok("RevokeSecurityGroupIngress", &two);
    assert_eq!(revoked.text("return"), "true");
    let unknown = revoked.text("unknownIpPermissionSet");
    assert!(unknown.contains("<fromPort>81</fromPort>") && !unknown.contains("<fromPort>80</fromPort>"), "{unknown}");
    let gone = revoked.text("revokedSecurityGroupRuleSet");
    assert!(gone.contains("<fromPort>80</fromPort>") && !gone.contains("<fromPort>81</fromPort>"), "{gone}");

    // In another VPC it is an error, and nothing is revoked.
    let vpc = api.ok("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).text("vpcId");
    let group = [("GroupName", "web"), ("GroupDescription", "web"), ("VpcId", vpc.as_str())];
    let group = api.ok("CreateSecurityGroup", &group).text("groupId");
    let mut other = two.to_vec();
    other[0] = ("GroupId", group.as_str());
    api.ok("AuthorizeSecurityGroupIngress", &other[..5]);
    assert_eq!(api.refused("RevokeSecurityGroupIngress", &other).0, "InvalidPermission.NotFound");
    let named = [other[0], other[1], other[2], other[3], ("IpPermissions.1.Groups.1.GroupName", "web")];
    assert_eq!(api.refused("AuthorizeSecurityGroupIngress", &named).0, "InvalidParameterCombination");
}

#[test]
fn the_groups_for_a_vpc_are_its_own() {
    let api = Api::new();
    let network = api.network();
    let got = api.ok("GetSecurityGroupsForVpc", &[("VpcId", &network.vpc)]);
    let mut ids = got.texts("groupId");
    ids.sort();
    let mut own: Vec<String> = network.groups.to_vec();
    own.sort();
    assert_eq!(ids, own);
    let filter = [("VpcId", network.vpc.as_str()), ("Filter.1.Name", "group-name"), ("Filter.1.Value.1", "web")];
    assert_eq!(api.ok("GetSecurityGroupsForVpc", &filter).texts("groupName"), ["web"]);
    assert_eq!(api.refused("GetSecurityGroupsForVpc", &[("VpcId", "vpc-00000000")]).0, "InvalidVpcID.NotFound");
    assert_eq!(api.refused("AssociateSecurityGroupVpc", &[]).0, "NotImplemented");
}
