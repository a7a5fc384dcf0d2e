//! What is told of an account of which files tell a part.

use super::*;
use crate::explain::described::{account, read};

fn told_of(account: &Value, from: &str, to: &str) -> Told {
    explain_imported(&read(account), &question(from, to)).unwrap()
}

/// The members of an array of the account, by its keys.
fn list<'a>(account: &'a mut Value, key: &str) -> &'a mut Vec<Value> {
    account[key].as_array_mut().unwrap()
}

#[test]
fn a_route_that_is_told_to_be_active_is_no_black_hole() {
    for (to, why) in [
        ("10.2.3.4:443", "no file describes the VPC vpc-0b behind its target"),
        ("172.16.3.3:22", "a VPN connection or Direct Connect lies behind its target"),
        (
            "8.8.8.8:443",
            "its target is an endpoint that does not lead there, or of a type that has no place in the model",
        ),
    ] {
        let told = told_of(&account(), "app", to);
        let text = plain(&told);
        assert_eq!(told.verdict, Verdict::Undetermined, "{text}");
        let address = to.split(':').next().unwrap();
        assert!(text.contains(&format!("not known: where rtb-0a leads {address}")), "{text}");
        assert!(told.whole["unknown"].to_string().contains(why), "{text}");
        assert!(!text.contains("BAD_STATE") && !text.contains("NO_POSSIBLE") && !text.contains("ends here"), "{text}");
    }
}

#[test]
fn the_way_past_a_firewall_is_no_remedy() {
    let mut account = account();
    // An ACL stops it, and without it the route to the firewall would take it.
    list(&mut account, "NetworkAcls")[0]["Entries"].as_array_mut().unwrap().remove(0);
    account["InternetGateways"] = json!([{"InternetGatewayId": "igw-0a", "OwnerId": "111111111111",
        "Attachments": [{"State": "available", "VpcId": "vpc-0a"}]}]);
    let told = told_of(&account, "app", "8.8.8.8:443");
    assert_eq!((told.verdict, &told.whole["remedy"]), (Verdict::Blocked, &Value::Null), "{}", plain(&told));
    // A route of which it is known where it leads may be replaced.
    list(&mut account, "RouteTables")[0]["Routes"].as_array_mut().unwrap()[3]["State"] = json!("blackhole");
    let told = told_of(&account, "app", "8.8.8.8:443");
    assert_eq!(told.verdict, Verdict::Blocked);
    assert!(told.whole["remedy"].to_string().contains("replace-route"), "{}", plain(&told));
}

#[test]
fn an_endpoint_without_private_names_leaves_no_name_open_and_an_interface_that_is_not_described_does() {
    let told = told_of(&account(), "app", "kms");
    assert_eq!(told.verdict, Verdict::Reached, "{}", plain(&told));
    assert!(plain(&told).contains("vpce-0e"), "{}", plain(&told));
    let mut without = account();
    without.as_object_mut().unwrap().remove("NetworkInterfaces");
    // A way to the internet, by which the public address of the service would be reached.
    list(&mut without, "RouteTables")[0]["Routes"].as_array_mut().unwrap()[3]["GatewayId"] = json!("igw-0a");
    without["InternetGateways"] = json!([{"InternetGatewayId": "igw-0a", "OwnerId": "111111111111",
        "Attachments": [{"State": "available", "VpcId": "vpc-0a"}]}]);
    list(&mut without, "Reservations")[0]["Instances"][0]["NetworkInterfaces"][0]["Association"] =
        json!({"IpOwnerId": "amazon", "PublicIp": "18.206.223.222"});
    let told = told_of(&without, "app", "kms");
    assert_eq!(told.verdict, Verdict::Undetermined, "{}", plain(&told));
    let unknown = told.whole["unknown"].to_string();
    assert!(unknown.contains("kms.us-east-1.amazonaws.com in vpc-0a"), "{unknown}");
    assert!(unknown.contains("the output of describe-network-interfaces is missing"), "{unknown}");
    // Names of other services do not lead there.
    let told = told_of(&without, "app", "secretsmanager");
    assert_eq!(told.verdict, Verdict::Reached, "{}", plain(&told));
    // No file tells the private hosted zones of a VPC.
    let remark = "it holds if no private hosted zone and no Resolver rule of vpc-0a has secretsmanager.us-east-1";
    assert!(told.whole["remarks"].to_string().contains(remark), "{}", told.whole["remarks"]);
}

#[test]
fn programs_that_ask_other_name_servers_learn_nobody_knows_what() {
    let mut account = account();
    let servers = &mut list(&mut account, "DhcpOptions")[0]["DhcpConfigurations"][0]["Values"];
    *servers = json!([{"Value": "10.0.0.2"}, {"Value": "169.254.169.253"}]);
    assert_eq!(told_of(&account, "app", "kms").verdict, Verdict::Reached);
    let servers = &mut list(&mut account, "DhcpOptions")[0]["DhcpConfigurations"][0]["Values"];
    *servers = json!([{"Value": "10.0.9.9"}]);
    let told = told_of(&account, "app", "kms");
    assert_eq!(told.verdict, Verdict::Undetermined, "{}", plain(&told));
    assert!(told.whole["unknown"].to_string().contains("its DHCP options name 10.0.9.9"), "{}", plain(&told));
    // What is asked for by its address asks nobody.
    assert_eq!(told_of(&account, "app", "10.0.1.20:443").verdict, Verdict::Reached);
}

#[test]
fn what_is_not_known_of_others_leaves_neither_a_missing_family_nor_a_stopped_instance_open() {
    let told = told_of(&account(), "db", "[2606:4700::1]:443");
    assert_eq!(told.verdict, Verdict::Blocked, "{}", plain(&told));
    assert!(plain(&told).contains("ENI_ADDRESS_RESTRICTION"), "{}", plain(&told));
    let mut account = account();
    list(&mut account, "Reservations")[1]["Instances"][0]["State"]["Name"] = json!("stopped");
    for (from, to) in [("db", "app:443"), ("app", "db:443")] {
        let told = told_of(&account, from, to);
        assert_eq!(told.verdict, Verdict::Blocked, "{}", plain(&told));
    }
    // What is behind the load balancer itself stays open.
    assert_eq!(told_of(&account, "app", "10.0.1.50:443").verdict, Verdict::Undetermined);
}

#[test]
fn a_rule_with_an_unknown_peer_leaves_open_its_own_ports_alone() {
    assert_eq!(told_of(&account(), "app", "db:7777").verdict, Verdict::Blocked);
    assert_eq!(told_of(&account(), "app", "db:6005").verdict, Verdict::Undetermined);
    let udp = Question { protocol: WireProtocol(17), ..question("app", "db:6005") };
    assert_eq!(explain_imported(&read(&account()), &udp).unwrap().verdict, Verdict::Blocked);
}

#[test]
fn what_is_behind_an_endpoint_for_a_service_of_another_account_is_not_known() {
    let name = "vpce-0c-zzzzzzzz.vpce-svc-0123.us-east-1.vpce.amazonaws.com";
    for to in ["vpce-0c", name, "10.0.1.30:443"] {
        let told = told_of(&account(), "app", to);
        let text = plain(&told);
        assert_eq!(told.verdict, Verdict::Undetermined, "{to}: {text}");
        assert!(text.contains("what takes it behind vpce-0c: nothing is known of the service"), "{to}: {text}");
        assert!(!text.contains("BAD_STATE") && !text.contains("DNS_NO_SUCH_NAME"), "{to}: {text}");
    }
    let mut account = account();
    list(&mut account, "VpcEndpoints")[1]["ServiceName"] = json!("com.amazonaws.us-east-1.quantum");
    assert_eq!(told_of(&account, "app", "vpce-0c").verdict, Verdict::Undetermined);
}

#[test]
fn host_names_that_files_tell_are_names() {
    let private = explain_imported(&case(), &question(PRIVATE, "ip-10-1-1-169.ec2.internal:443")).unwrap();
    let text = plain(&private);
    assert!(text.contains("10.1.1.169") && !text.contains("does not exist"), "{text}");
    let public =
        explain_imported(&case(), &question(PRIVATE, "ec2-18-206-223-222.compute-1.amazonaws.com:443")).unwrap();
    let text = plain(&public);
    assert!(!text.contains("does not exist"), "{text}");
}

#[test]
fn one_gateway_endpoint_is_enough_for_what_a_described_prefix_list_has() {
    let told = explain_imported(&case(), &question(PRIVATE, "52.94.0.5:443")).unwrap();
    assert_eq!(told.verdict, Verdict::Blocked);
    let settings = told.whole["remedy"]["settings"].as_array().unwrap();
    let command = settings[0]["command"].as_str().unwrap();
    assert_eq!(settings.len(), 1, "{settings:?}");
    assert!(command.contains("--service-name com.amazonaws.us-east-1.dynamodb"), "{command}");
}
