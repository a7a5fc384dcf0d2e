//! Files that are damaged: what is wrong is named with its place, and all else is read.

use serde_json::{Value, json};
use sidegate_import::{Finding, How, Imported, Met, Place, describe};

use crate::account::{self, Files, longer, read, small, unknown_of, wrong};

/// The account of 2020 with another content of one file.
fn case_with(name: &str, bytes: &[u8]) -> Files {
    account::case()
        .into_iter()
        .map(|(file, old)| if file == name { (file, bytes.to_vec()) } else { (file, old) })
        .collect()
}

#[test]
fn a_file_that_is_no_json_is_named_with_line_and_column_and_the_others_are_read() {
    let whole = describe::read(account::case());
    for (name, bytes) in account::case().iter().filter(|(name, _)| name != "VpcEndpointServices.json") {
        let broken = [bytes.get(..bytes.len() / 2).unwrap(), b"\n?"].concat();
        let imported = describe::read(case_with(name, &broken));
        let line = broken.iter().filter(|byte| **byte == b'\n').count() + 1;
        let Finding { file, place, message } = &imported.findings()[0];
        assert_eq!((file, place), (name, &Place::Text { line, column: 1 }), "{message}");
        let (some, all) = (imported.world(), whole.world());
        let kinds = [
            some.vpcs.len() == all.vpcs.len(),
            some.subnets.len() == all.subnets.len(),
            some.route_tables.len() == all.route_tables.len(),
            some.security_groups.len() == all.security_groups.len(),
            some.network_acls.len() == all.network_acls.len(),
            some.interfaces.len() == all.interfaces.len(),
            some.instances.len() == all.instances.len(),
            some.internet_gateways.len() == all.internet_gateways.len(),
            some.endpoints.len() == all.endpoints.len(),
        ];
        assert!(kinds.iter().filter(|is_whole| !**is_whole).count() <= 1, "{name}: {kinds:?}");
    }
}

#[test]
fn a_flow_that_met_what_a_damaged_file_should_tell_is_open() {
    let met = ["i-01c6c0647fdccc89e", "eni-07c757c9635932972", "subnet-01e5f0945f6d6f47c", "rtb-04f71fc2caa8d94cf"];
    for name in ["RouteTables.json", "NetworkAcls.json", "SecurityGroups.json", "Subnets.json", "VpcEndpoints.json"] {
        let imported = describe::read(case_with(name, b"{"));
        let met = met.map(|resource| Met { resource, how: How::Stopped });
        let open = imported.undetermined(Some("52.216.0.1".parse().unwrap()), met);
        assert!(!open.is_empty(), "{name}: {imported}");
    }
    // Whose interfaces are told by the instances alone, those are known.
    let imported = describe::read(case_with("NetworkInterfaces.json", b"{"));
    assert_eq!(imported.world().interfaces.len(), 2);
    assert_eq!(imported.world().subnets.len(), 2);
}

#[test]
fn files_that_are_empty_or_hold_something_else_are_told() {
    for (bytes, message) in [
        ("", "x.json: is empty"),
        ("\u{feff}", "x.json: is empty"),
        ("[]", "x.json: has a document that is no object with lists; it is left out"),
        ("{\"Vpcs\": 5}", "x.json: Vpcs: is no list of what describe calls tell of; it is left out"),
        ("{\"Vpcs\": [5]}", "x.json: Vpcs[0]: is no object; Vpcs[0] is left out"),
        (
            "An error occurred (UnauthorizedOperation)",
            "x.json:1:1: expected value; what follows in this file is left out",
        ),
    ] {
        let small = serde_json::to_vec(&small()).unwrap();
        let imported = describe::read([("x.json", bytes.as_bytes()), ("account.json", small.as_slice())]);
        assert_eq!(wrong(&imported), [message]);
        assert_eq!(imported.world().vpcs.len(), 1);
    }
}

#[test]
fn a_bad_element_is_named_by_its_path_and_left_out() {
    for (path, value, message) in [
        (
            "/Vpcs/0/CidrBlock",
            json!("10.0.0.0"),
            "Vpcs[0].CidrBlock: `10.0.0.0` is not an IPv4 CIDR block; Vpcs[0] is left out",
        ),
        ("/Vpcs/0/VpcId", json!(7), "Vpcs[0].VpcId: is no text; Vpcs[0] is left out"),
        ("/Subnets/0/VpcId", Value::Null, "Subnets[0].VpcId: is missing; Subnets[0] is left out"),
        (
            "/Subnets/0/AvailabilityZone",
            json!("mx-central-1a"),
            "Subnets[0].AvailabilityZone: `mx-central-1a` is in no Region that Sidegate knows; Subnets[0] is left out",
        ),
        (
            "/SecurityGroups/0/OwnerId",
            json!("me"),
            "SecurityGroups[0].OwnerId: `me` is not an account id: twelve digits are expected; SecurityGroups[0] is left out",
        ),
        (
            "/NetworkInterfaces/0/PrivateIpAddress",
            json!("10.0.1.999"),
            "NetworkInterfaces[0].PrivateIpAddress: invalid IPv4 address syntax; NetworkInterfaces[0] is left out",
        ),
        (
            "/Reservations/0/Instances/0/State/Name",
            json!("asleep"),
            "Reservations[0].Instances[0].State.Name: `asleep` is no state of an instance; Reservations[0].Instances[0] is left out",
        ),
        (
            "/NetworkAcls/0/NetworkAclId",
            json!("acl-?"),
            "NetworkAcls[0].NetworkAclId: Invalid id: \"acl-?\" (expecting \"acl-...\"); NetworkAcls[0] is left out",
        ),
    ] {
        let mut document = small();
        *document.pointer_mut(path).unwrap_or(&mut Value::Null) = value;
        let imported = read(&document);
        assert_eq!(wrong(&imported)[0], format!("account.json: {message}"));
    }
}

#[test]
fn a_bad_part_of_a_resource_is_left_out_alone_and_leaves_the_resource_open() {
    for (path, value, at, resource) in [
        (
            "/RouteTables/0/Routes/1",
            json!({"DestinationCidrBlock": "10.8.0.0/99", "GatewayId": "igw-0b"}),
            "RouteTables[0].Routes[1].DestinationCidrBlock",
            "rtb-0a",
        ),
        ("/RouteTables/0/Routes/1", json!({"GatewayId": "igw-0b"}), "RouteTables[0].Routes[1]", "rtb-0a"),
        (
            "/NetworkAcls/0/Entries/2",
            json!({"RuleNumber": 90, "Egress": true, "Protocol": "6", "RuleAction": "deny",
            "CidrBlock": "0.0.0.0/0"}),
            "NetworkAcls[0].Entries[2]",
            "acl-0a",
        ),
        (
            "/NetworkAcls/0/Entries/2",
            json!({"RuleNumber": 90, "Egress": true, "Protocol": "6", "RuleAction": "drop",
            "CidrBlock": "0.0.0.0/0"}),
            "NetworkAcls[0].Entries[2].RuleAction",
            "acl-0a",
        ),
        (
            "/SecurityGroups/0/IpPermissionsEgress/1",
            json!({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 99_999,
            "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}),
            "SecurityGroups[0].IpPermissionsEgress[1]",
            "sg-0a",
        ),
        (
            "/Vpcs/0/CidrBlockAssociationSet/1",
            json!({"AssociationId": "vpc-cidr-assoc-0b", "CidrBlock": ""}),
            "Vpcs[0].CidrBlockAssociationSet[1].CidrBlock",
            "vpc-0a",
        ),
        (
            "/NetworkInterfaces/0/Groups/1",
            json!({"GroupId": "default"}),
            "NetworkInterfaces[0].Groups[1].GroupId",
            "eni-0a",
        ),
    ] {
        let mut document = small();
        let (list, _) = path.rsplit_once('/').unwrap();
        document.pointer_mut(list).unwrap().as_array_mut().unwrap().push(value);
        let imported = read(&document);
        assert_eq!(imported.findings()[0].place, Place::Value(at.to_owned()), "{imported}");
        let open = |how| imported.undetermined(Some("10.8.0.1".parse().unwrap()), [Met { resource, how }]).len();
        assert_eq!(open(How::Stopped), 1, "{imported}");
        // What a group has beside its known rules can only let more through.
        assert_eq!(open(How::Passed), usize::from(resource != "sg-0a"), "{imported}");
    }
}

#[test]
fn a_list_that_aws_always_tells_is_not_empty_where_it_is_missing() {
    for (path, key, resource, how) in [
        ("/SecurityGroups/0", "IpPermissions", "sg-0a", How::Stopped),
        ("/SecurityGroups/0", "IpPermissionsEgress", "sg-0a", How::Stopped),
        ("/NetworkAcls/0", "Entries", "acl-0a", How::Stopped),
        ("/RouteTables/0", "Routes", "rtb-0a", How::Passed),
    ] {
        let mut document = small();
        document.pointer_mut(path).unwrap().as_object_mut().unwrap().remove(key).unwrap();
        let imported = read(&document);
        assert!(wrong(&imported)[0].ends_with(&format!(".{key}: is missing")), "{imported}");
        assert!(!imported.undetermined(None, [Met { resource, how }]).is_empty(), "{key}: {imported}");
    }
}

#[test]
fn the_route_table_of_an_internet_gateway_is_known_but_for_routes_to_what_has_no_place_in_the_model() {
    let mut document = small();
    let own = json!({"RouteTableAssociationId": "rtbassoc-0e", "GatewayId": "igw-0a", "RouteTableId": "rtb-0a",
        "AssociationState": {"State": "associated"}});
    document.pointer_mut("/RouteTables/0/Associations").unwrap().as_array_mut().unwrap().push(own);
    let to = Some("10.0.1.9".parse().unwrap());
    let open = |document: &Value, resource| {
        let imported = read(document);
        let table = imported.world().route_tables.iter().next().unwrap();
        assert_eq!(table.gateways.values().map(ToString::to_string).collect::<Vec<_>>(), ["igw-0a"]);
        imported.undetermined(to, [Met { resource, how: How::Passed }]).len()
    };
    assert_eq!([open(&document, "igw-0a"), open(&document, "rtb-0a")], [0, 0]);
    // A Gateway Load Balancer endpoint.
    let route = json!({"DestinationCidrBlock": "10.0.1.0/24", "GatewayId": "vpce-0e", "State": "active",
        "Origin": "CreateRoute"});
    document.pointer_mut("/RouteTables/0/Routes").unwrap().as_array_mut().unwrap().push(route);
    assert_eq!([open(&document, "igw-0a"), open(&document, "rtb-0a")], [0, 1]);
}

#[test]
fn of_two_descriptions_that_differ_the_first_holds_and_neither_is_trusted() {
    let other = json!({"SecurityGroups": [{"GroupId": "sg-0a", "GroupName": "default", "Description": "other",
        "VpcId": "vpc-0a", "OwnerId": "111111111111", "IpPermissions": [], "IpPermissionsEgress": []}]});
    let imported = read(&longer(small(), other));
    let line = "account.json: sg-0a is described in account.json too, and otherwise; the first description holds";
    assert_eq!(wrong(&imported), [line]);
    let line = "sg-0a: which description of it holds: the files have two that differ";
    assert_eq!(unknown_of(&imported, "sg-0a"), [line]);
    assert_eq!(imported.world().security_groups.iter().next().unwrap().description, "all");
    let twice: Imported = describe::read(account::case().into_iter().chain(account::case()));
    assert_eq!(wrong(&twice), Vec::<String>::new());
    assert_eq!(twice.world(), describe::read(account::case()).world());
}

#[test]
fn long_texts_and_many_findings_are_cut() {
    let many: Vec<Value> = (0..1500).map(|_| json!({"VpcId": "x".repeat(10_000)})).collect();
    let imported = read(&json!({ "Vpcs": many }));
    assert_eq!((imported.findings().len(), imported.further_findings()), (1000, 500));
    assert!(imported.findings().iter().all(|finding| finding.message.len() < 200));
}

#[test]
fn what_is_too_much_is_left_out_and_named() {
    let large = vec![b' '; (64 << 20) + 1];
    let imported = describe::read([("Vpcs.json", large.as_slice()), ("x.json", small().to_string().as_bytes())]);
    assert_eq!(wrong(&imported), ["Vpcs.json: has 67108865 bytes, and at most 67108864 are read; it is left out"]);
    assert_eq!(imported.world().vpcs.len(), 1);
    let mut document = small();
    document["RouteTables"][0]["Routes"] = json!(vec![json!({}); 5001]);
    let imported = read(&document);
    assert_eq!(wrong(&imported), ["account.json: RouteTables[0].Routes: has 5001 values, and at most 5000 are read"]);
    assert_eq!(imported.undetermined(None, [Met { resource: "rtb-0a", how: How::Passed }]).len(), 2);
}
