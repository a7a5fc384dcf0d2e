//! Network ACLs over the API.

use super::super::tests::{Answer, Api, Network};

/// The entries of an ACL as `egress number action`, from the first to the last.
fn entries(answer: &Answer) -> Vec<String> {
    let (egress, numbers, actions) = (answer.texts("egress"), answer.texts("ruleNumber"), answer.texts("ruleAction"));
    let rows = egress.into_iter().zip(numbers).zip(actions);
    rows.map(|((egress, number), action)| format!("{egress} {number} {action}")).collect()
}

fn acl(api: &Api, network: &Network) -> String {
    api.ok("CreateNetworkAcl", &[("VpcId", &network.vpc)]).text("networkAclId")
}

fn default_acl(api: &Api) -> String {
    let filter = [("Filter.1.Name", "default"), ("Filter.1.Value.1", "true")];
    api.ok("DescribeNetworkAcls", &filter).text("networkAclId")
}

/// An entry that lets HTTPS in.
fn https<'a>(acl: &'a str, number: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("NetworkAclId", acl),
        ("RuleNumber", number),
        ("Egress", "false"),
        ("RuleAction", "allow"),
        ("Protocol", "6"),
        ("PortRange.From", "443"),
        ("PortRange.To", "443"),
        ("CidrBlock", "10.0.0.0/16"),
    ]
}

/// The same parameters with some of them changed, added, or, if the value is empty, left out.
fn with<'a>(parameters: &[(&'a str, &'a str)], changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut changed: Vec<_> =
        parameters.iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name)).copied().collect();
    changed.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    changed
}

#[test]
fn each_vpc_has_its_default_acl_with_all_its_subnets() {
    let api = Api::new();
    let vpc = api.ok("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).text("vpcId");
    let subnet = api.ok("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.0.0/24")]).text("subnetId");
    let filter = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc.as_str())];
    let acl = api.ok("DescribeNetworkAcls", &filter);
    let id = acl.text("networkAclId");
    let digits = subnet.strip_prefix("subnet-").unwrap();
    assert_eq!(
        acl.text("associationSet"),
        format!(
            "<item><networkAclAssociationId>aclassoc-{digits}</networkAclAssociationId>\
             <networkAclId>{id}</networkAclId><subnetId>{subnet}</subnetId></item>"
        )
    );
    let entry = |egress: bool, number: i32, action: &str| {
        format!(
            "<item><cidrBlock>0.0.0.0/0</cidrBlock><egress>{egress}</egress><protocol>-1</protocol>\
             <ruleAction>{action}</ruleAction><ruleNumber>{number}</ruleNumber></item>"
        )
    };
    let entries = [(true, 100, "allow"), (true, 32767, "deny"), (false, 100, "allow"), (false, 32767, "deny")];
    let entries: String = entries.map(|(egress, number, action)| entry(egress, number, action)).concat();
    assert_eq!(acl.text("entrySet"), entries);
    for (element, value) in [("default", "true"), ("vpcId", vpc.as_str()), ("ownerId", "123456789012")] {
        assert_eq!(acl.text(element), value, "{element}");
    }
}

#[test]
fn a_new_acl_denies_everything_and_is_made_once_for_a_token() {
    let api = Api::new();
    let network = api.network();
    let parameters = [
        ("VpcId", network.vpc.as_str()),
        ("ClientToken", "t-1"),
        ("TagSpecification.1.ResourceType", "network-acl"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "closed"),
    ];
    let answer = api.ok("CreateNetworkAcl", &parameters);
    assert_eq!(entries(&answer), ["true 32767 deny", "false 32767 deny"]);
    assert_eq!((answer.text("default"), answer.text("value")), ("false".to_owned(), "closed".to_owned()));
    assert_eq!((answer.text("associationSet"), answer.text("clientToken")), (String::new(), "t-1".to_owned()));
    let id = answer.text("networkAclId");
    assert_eq!(api.ok("CreateNetworkAcl", &parameters).text("networkAclId"), id);
    let other = with(&parameters, &[("TagSpecification.1.Tag.1.Value", "open")]);
    assert_eq!(api.refused("CreateNetworkAcl", &other).0, "IdempotentParameterMismatch");
    let described = api.ok("DescribeNetworkAcls", &[("NetworkAclId.1", &id)]).text("networkAclSet");
    assert_eq!(described, format!("<item>{}</item>", answer.text("networkAcl")));
    assert_eq!(api.refused("CreateNetworkAcl", &[("VpcId", &network.vpc), ("DryRun", "true")]).0, "DryRunOperation");
    assert_eq!(api.refused("CreateNetworkAcl", &[]).0, "MissingParameter");
    let (code, message) = api.refused("CreateNetworkAcl", &[("VpcId", "vpc-0123")]);
    assert_eq!((code.as_str(), message.as_str()), ("InvalidVpcID.NotFound", "The vpc ID 'vpc-0123' does not exist"));
}

#[test]
fn entries_are_made_shown_replaced_and_deleted() {
    let api = Api::new();
    let id = acl(&api, &api.network());
    api.ok("CreateNetworkAclEntry", &https(&id, "200"));
    api.ok("CreateNetworkAclEntry", &with(&https(&id, "100"), &[("CidrBlock", "100.68.0.18/18")]));
    let icmp = with(
        &https(&id, "32766"),
        &[("Egress", "true"), ("RuleAction", "deny"), ("Protocol", "1"), ("Icmp.Type", "8"), ("Icmp.Code", "-1")],
    );
    api.ok("CreateNetworkAclEntry", &icmp);
    let all = with(&https(&id, "1"), &[("Protocol", "-1"), ("CidrBlock", ""), ("Ipv6CidrBlock", "2001:db8::1/32")]);
    api.ok("CreateNetworkAclEntry", &all);
    let shown = || api.ok("DescribeNetworkAcls", &[("NetworkAclId.1", &id)]);
    let first = "<item><egress>false</egress><ipv6CidrBlock>2001:db8::/32</ipv6CidrBlock><protocol>-1</protocol>\
                 <ruleAction>allow</ruleAction><ruleNumber>1</ruleNumber></item>";
    let ping = "<item><cidrBlock>10.0.0.0/16</cidrBlock><egress>true</egress><icmpTypeCode><code>-1</code><type>8</type>\
                </icmpTypeCode><protocol>1</protocol><ruleAction>deny</ruleAction><ruleNumber>32766</ruleNumber></item>";
    let web = "<item><cidrBlock>100.68.0.0/18</cidrBlock><egress>false</egress><portRange><from>443</from><to>443</to>\
               </portRange><protocol>6</protocol><ruleAction>allow</ruleAction><ruleNumber>100</ruleNumber></item>";
    for entry in [first, ping, web] {
        assert!(shown().xml.contains(entry), "{}", shown().xml);
    }
    let out = ["true 32766 deny", "true 32767 deny", "true 32768 deny"];
    assert_eq!(entries(&shown())[..3], out, "one entry is about IPv6, so that the last word on that is shown");
    assert_eq!(entries(&shown())[3..6], ["false 1 allow", "false 100 allow", "false 200 allow"]);

    api.ok("ReplaceNetworkAclEntry", &with(&https(&id, "100"), &[("RuleAction", "deny"), ("Protocol", "17")]));
    assert_eq!(entries(&shown())[4], "false 100 deny");
    for (number, egress) in [("100", "false"), ("32766", "true"), ("1", "false"), ("200", "false")] {
        let entry = [("NetworkAclId", id.as_str()), ("RuleNumber", number), ("Egress", egress)];
        assert_eq!(api.ok("DeleteNetworkAclEntry", &entry).text("return"), "true");
    }
    assert_eq!(entries(&shown()), ["true 32767 deny", "false 32767 deny"]);
}

#[test]
fn an_entry_that_cannot_be_is_refused_with_its_reason() {
    let api = Api::new();
    let id = acl(&api, &api.network());
    let base = https(&id, "100");
    let case = |changes: &[(&'static str, &'static str)], code: &str, message: &str| {
        let refused = api.refused("CreateNetworkAclEntry", &with(&base, changes));
        assert_eq!(refused, (code.to_owned(), message.to_owned()), "{changes:?}");
    };
    let invalid = "InvalidParameterValue";
    for name in ["tcp", "all", "256", "-2", "6 "] {
        let message = format!("Invalid value '{name}' for IP protocol. Unknown protocol.");
        case(&[("Protocol", name)], invalid, &message);
    }
    case(
        &[("RuleAction", "pass")],
        invalid,
        "Value (pass) for parameter ruleAction is invalid. Valid values are allow and deny.",
    );
    case(
        &[("CidrBlock", "x")],
        invalid,
        "Value (x) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
    );
    case(
        &[("CidrBlock", ""), ("Ipv6CidrBlock", "10.0.0.0/8")],
        invalid,
        "Value (10.0.0.0/8) for parameter ipv6CidrBlock is invalid. This is not a valid CIDR block.",
    );
    let one = "The request must contain exactly one of cidrBlock, ipv6CidrBlock";
    case(&[("CidrBlock", "")], "MissingParameter", one);
    case(&[("Ipv6CidrBlock", "::/0")], "InvalidParameterCombination", one);
    let ports = "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.";
    case(&[("PortRange.From", "")], invalid, ports);
    case(&[("PortRange.From", ""), ("PortRange.To", ""), ("Protocol", "17")], invalid, ports);
    case(&[("PortRange.To", "65536")], invalid, "TCP/UDP (to) port (65536) out of range");
    case(&[("PortRange.From", "500")], invalid, "Invalid TCP/UDP port range (500:443)");
    let icmp = "Invalid value 'Must specify both type and code with ICMP.' for icmpTypeCode.";
    case(&[("Protocol", "1"), ("Icmp.Type", "8")], invalid, icmp);
    case(&[("Protocol", "58"), ("CidrBlock", ""), ("Ipv6CidrBlock", "::/0")], invalid, icmp);
    for number in ["0", "-1", "32767", "70000"] {
        let message = format!(
            "Value ({number}) for parameter ruleNumber is invalid. Rule numbers lie between 1 and 32766; those from 32767 \
             on are reserved for internal use."
        );
        case(&[("RuleNumber", number)], invalid, &message);
        let last = [("NetworkAclId", id.as_str()), ("RuleNumber", number), ("Egress", "false")];
        assert_eq!(api.refused("DeleteNetworkAclEntry", &last), (invalid.to_owned(), message));
    }
    for name in ["NetworkAclId", "RuleNumber", "Egress", "RuleAction", "Protocol"] {
        let message = format!("The request must contain the parameter {name}");
        case(&[(name, "")], "MissingParameter", &message);
    }
    case(
        &[("NetworkAclId", "acl-0123")],
        "InvalidNetworkAclID.NotFound",
        "The networkAcl ID 'acl-0123' does not exist",
    );
    case(&[("DryRun", "true")], "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
    let shown = api.ok("DescribeNetworkAcls", &[("NetworkAclId.1", &id)]);
    assert_eq!(entries(&shown), ["true 32767 deny", "false 32767 deny"], "nothing was half made");
}

#[test]
fn what_a_protocol_has_no_use_for_is_left_out() {
    let api = Api::new();
    let id = acl(&api, &api.network());
    let odd = [("Icmp.Type", "8"), ("Icmp.Code", "0")];
    for (number, protocol) in [("1", "-1"), ("2", "50"), ("3", "58")] {
        let wanted = with(&https(&id, number), &[("Protocol", protocol), odd[0], odd[1]]);
        api.ok("CreateNetworkAclEntry", &wanted);
    }
    api.ok("CreateNetworkAclEntry", &with(&https(&id, "4"), &odd));
    let shown = api.ok("DescribeNetworkAcls", &[("NetworkAclId.1", &id)]);
    assert_eq!((shown.texts("portRange").len(), shown.texts("icmpTypeCode").len()), (1, 0));
}

#[test]
fn a_number_is_taken_once_in_each_direction_and_what_is_not_there_cannot_be_changed() {
    let api = Api::new();
    let id = acl(&api, &api.network());
    api.ok("CreateNetworkAclEntry", &https(&id, "100"));
    let (code, message) = api.refused("CreateNetworkAclEntry", &with(&https(&id, "100"), &[("RuleAction", "deny")]));
    assert_eq!(code, "NetworkAclEntryAlreadyExists");
    assert_eq!(message, "The network acl entry identified by 100 already exists.");
    let out = with(&https(&id, "100"), &[("Egress", "true")]);
    for action in ["ReplaceNetworkAclEntry", "DeleteNetworkAclEntry"] {
        let parameters = if action == "DeleteNetworkAclEntry" {
            vec![("NetworkAclId", id.as_str()), ("RuleNumber", "100"), ("Egress", "true")]
        } else {
            out.clone()
        };
        let (code, message) = api.refused(action, &parameters);
        assert_eq!(code, "InvalidNetworkAclEntry.NotFound");
        assert_eq!(message, "The network acl entry identified by 100 does not exist");
    }
    api.ok("CreateNetworkAclEntry", &out);
}

#[test]
fn a_direction_has_twenty_entries_of_each_family() {
    let api = Api::new();
    let id = acl(&api, &api.network());
    for number in 1..=20 {
        api.ok("CreateNetworkAclEntry", &https(&id, &number.to_string()));
    }
    let (code, message) = api.refused("CreateNetworkAclEntry", &https(&id, "21"));
    assert_eq!(code, "NetworkAclEntryLimitExceeded");
    assert_eq!(message, "The maximum number of network acl entries has been reached.");
    api.ok("ReplaceNetworkAclEntry", &https(&id, "20"));
    api.ok("CreateNetworkAclEntry", &with(&https(&id, "21"), &[("Egress", "true")]));
    api.ok("CreateNetworkAclEntry", &with(&https(&id, "21"), &[("CidrBlock", ""), ("Ipv6CidrBlock", "::/0")]));
}

#[test]
fn a_subnet_is_moved_to_another_acl_under_a_new_association_and_keeps_that_from_being_deleted() {
    let mut api = Api::new();
    let network = api.network();
    let (default, closed) = (default_acl(&api), acl(&api, &network));
    let subnet = network.subnets[0].as_str();
    let of_subnet = |api: &Api| {
        let filter = [("Filter.1.Name", "association.subnet-id"), ("Filter.1.Value.1", subnet)];
        let found = api.ok("DescribeNetworkAcls", &filter);
        let items = found.texts("item").into_iter().find(|item| item.contains(subnet)).unwrap_or_default();
        let id = items.split_once("<networkAclAssociationId>").and_then(|(_, rest)| rest.split_once('<')).unwrap().0;
        (found.text("networkAclId"), id.to_owned())
    };
    let before = of_subnet(&api);
    assert_eq!(before.0, default);
    let replace = |api: &Api, association: &str, acl: &str| {
        api.call("ReplaceNetworkAclAssociation", &[("AssociationId", association), ("NetworkAclId", acl)])
    };
    let moved = replace(&api, &before.1, &closed).text("newAssociationId");
    assert_eq!(of_subnet(&api), (closed.clone(), moved.clone()));
    let found = api.ok("DescribeNetworkAcls", &[("NetworkAclId.1", &default)]);
    assert_eq!(found.texts("networkAclAssociationId").len(), 2, "the other subnets stay");
    let (code, message) = api.refused("DeleteNetworkAcl", &[("NetworkAclId", &closed)]);
    assert_eq!(code, "DependencyViolation");
    assert_eq!(message, format!("The networkAcl '{closed}' has dependencies and cannot be deleted."));
    let stale = replace(&api, &before.1, &default);
    assert_eq!(stale.text("Code"), "InvalidAssociationID.NotFound");
    assert_eq!(stale.text("Message"), format!("The association ID '{}' does not exist", before.1));

    let elsewhere = api.ok("CreateVpc", &[("CidrBlock", "10.1.0.0/16")]).text("vpcId");
    let foreign = api.ok("CreateNetworkAcl", &[("VpcId", &elsewhere)]).text("networkAclId");
    let refused = replace(&api, &moved, &foreign);
    assert_eq!(refused.text("Code"), "InvalidParameterValue");
    api.switch_account("444455556666");
    assert_eq!(replace(&api, &moved, &closed).text("Code"), "InvalidNetworkAclID.NotFound");
    api.switch_account("123456789012");

    let back = replace(&api, &moved, &default).text("newAssociationId");
    assert_eq!(of_subnet(&api), (default, back));
    assert_eq!(api.ok("DeleteNetworkAcl", &[("NetworkAclId", &closed)]).text("return"), "true");
    assert_eq!(api.refused("DescribeNetworkAcls", &[("NetworkAclId.1", &closed)]).0, "InvalidNetworkAclID.NotFound");
}

#[test]
fn the_default_acl_goes_with_its_vpc_only_and_another_one_keeps_the_vpc() {
    let api = Api::new();
    let vpc = api.ok("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).text("vpcId");
    let filter = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc.as_str())];
    let default = api.ok("DescribeNetworkAcls", &filter).text("networkAclId");
    let (code, message) = api.refused("DeleteNetworkAcl", &[("NetworkAclId", &default)]);
    assert_eq!(code, "InvalidParameterValue");
    assert_eq!(message, format!("cannot delete default network ACL {default}"));
    let other = api.ok("CreateNetworkAcl", &[("VpcId", &vpc)]).text("networkAclId");
    api.ok("CreateTags", &[("ResourceId.1", &other), ("Tag.1.Key", "a"), ("Tag.1.Value", "b")]);
    assert_eq!(api.refused("DeleteVpc", &[("VpcId", &vpc)]).0, "DependencyViolation");
    api.ok("DeleteNetworkAcl", &[("NetworkAclId", &other)]);
    assert!(api.ok("DescribeTags", &[]).xml.contains("<tagSet/>"));
    api.ok("DeleteVpc", &[("VpcId", &vpc)]);
    assert_eq!(api.refused("DescribeNetworkAcls", &[("NetworkAclId.1", &default)]).0, "InvalidNetworkAclID.NotFound");
}

#[test]
fn each_filter_selects_by_what_the_answer_shows() {
    let api = Api::new();
    let network = api.network();
    let id = acl(&api, &network);
    api.ok("CreateNetworkAclEntry", &with(&https(&id, "77"), &[("PortRange.To", "444")]));
    let icmp = [("Protocol", "1"), ("Icmp.Type", "8"), ("Icmp.Code", "0")];
    api.ok("CreateNetworkAclEntry", &with(&https(&id, "78"), &icmp));
    let ipv6 = [("Protocol", "-1"), ("CidrBlock", ""), ("Ipv6CidrBlock", "::/0")];
    api.ok("CreateNetworkAclEntry", &with(&https(&id, "79"), &ipv6));
    let default = default_acl(&api);
    let association = api.ok("DescribeNetworkAcls", &[("NetworkAclId.1", &default)]).text("networkAclAssociationId");
    api.ok("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "Name"), ("Tag.1.Value", "x")]);
    let found = |name: &str, value: &str| {
        let filter = [
            ("Filter.1.Name", name),
            ("Filter.1.Value.1", value),
            ("Filter.2.Name", "vpc-id"),
            ("Filter.2.Value.1", &network.vpc),
        ];
        let answer = api.ok("DescribeNetworkAcls", &filter);
        [&id, &default].map(|acl| answer.xml.contains(&format!("</default><networkAclId>{acl}<")))
    };
    let mine = [
        ("entry.cidr", "10.0.0.0/16"),
        ("entry.icmp.code", "0"),
        ("entry.icmp.type", "8"),
        ("entry.ipv6-cidr", "::/0"),
        ("entry.port-range.from", "443"),
        ("entry.port-range.to", "444"),
        ("entry.protocol", "tcp"),
        ("entry.protocol", "6"),
        ("entry.rule-number", "77"),
        ("network-acl-id", id.as_str()),
        ("default", "false"),
        ("tag:Name", "x"),
        ("tag-key", "Name"),
    ];
    for (name, value) in mine {
        assert_eq!(found(name, value), [true, false], "{name}={value}");
    }
    let other = [
        ("association.association-id", association.as_str()),
        ("association.network-acl-id", default.as_str()),
        ("association.subnet-id", &network.subnets[1]),
        ("default", "true"),
        ("entry.rule-number", "100"),
    ];
    for (name, value) in other {
        assert_eq!(found(name, value), [false, true], "{name}={value}");
    }
    let both = [
        ("entry.egress", "true"),
        ("entry.protocol", "-1"),
        ("entry.rule-action", "deny"),
        ("entry.rule-number", "32767"),
        ("owner-id", "123456789012"),
    ];
    for (name, value) in both {
        assert_eq!(found(name, value), [true, true], "{name}={value}");
    }
    let refused = api.refused("DescribeNetworkAcls", &[("Filter.1.Name", "entry.colour"), ("Filter.1.Value.1", "x")]);
    assert_eq!(refused.1, "The filter 'entry.colour' is invalid");
}

#[test]
fn acls_come_in_pages() {
    let api = Api::new();
    let network = api.network();
    for _ in 0..6 {
        acl(&api, &network);
    }
    let filter = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", network.vpc.as_str()), ("MaxResults", "5")];
    let first = api.ok("DescribeNetworkAcls", &filter);
    let token = first.text("nextToken");
    let second = api.ok("DescribeNetworkAcls", &with(&filter, &[("NextToken", &token)]));
    assert_eq!((first.texts("entrySet").len(), second.texts("entrySet").len()), (5, 2));
    assert!(second.text("nextToken").is_empty());
    assert_eq!(api.refused("DescribeNetworkAcls", &[("MaxResults", "4")]).0, "InvalidParameterValue");
}

#[test]
fn an_acl_is_found_by_its_id_or_not_at_all() {
    let api = Api::new();
    let network = api.network();
    let id = acl(&api, &network);
    assert_eq!(api.ok("DescribeNetworkAcls", &[("NetworkAclId.1", &id)]).texts("entrySet").len(), 1);
    let (code, message) = api.refused("DescribeNetworkAcls", &[("NetworkAclId.1", "acl-0123")]);
    assert_eq!(code, "InvalidNetworkAclID.NotFound");
    assert_eq!(message, "The networkAcl ID 'acl-0123' does not exist");
    assert_eq!(api.refused("DescribeNetworkAcls", &[("NetworkAclId.1", "x")]).0, "InvalidNetworkAclId.Malformed");
}
