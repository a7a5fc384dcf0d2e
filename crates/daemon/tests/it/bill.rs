//! `sidegate bill`: what clients sent, what stood for how long, and what is left of it after deletions, restarts and crashes.

use std::fs;

use serde_json::Value;

use crate::harness::{Daemon, Network, need_root, texts};
use crate::internet::{allocated, attach, route};
use crate::settings::interface_endpoint;

const MIB: u64 = 1 << 20;

/// What TLS and HTTP add to a transfer of a mebibyte or more and, where packets are counted, TCP and IP: a part of it, and a
/// greeting with its certificates.
const OVERHEAD_IN_A_HUNDRED: u64 = 5;
const GREETINGS: u64 = 64 * 1024;

/// Puts an object of so many bytes and gets it again, signed by curl, which says what it moved.
fn moved(daemon: &Daemon, subnet: &str, group: &str, bytes: u64, more: &str) -> u64 {
    let script = format!(
        r#"head -c {bytes} /dev/zero > body
s3() {{ curl -sS -f --connect-timeout 5 --max-time 60 --aws-sigv4 aws:amz:us-east-1:s3 -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -o /dev/null -w '%{{size_upload}} %{{size_download}} ' {more} "$@"; }}
s3 -T body https://billed.s3.us-east-1.amazonaws.com/object && s3 https://billed.s3.us-east-1.amazonaws.com/object"#
    );
    let told = daemon.inside(subnet, &[group], &["sh", "-c", &script]);
    let moved: u64 = told.split_whitespace().map(|number| number.parse::<u64>().unwrap()).sum();
    assert_eq!(moved, 2 * bytes, "{told}");
    moved
}

fn bill(daemon: &Daemon, arguments: &[&str]) -> Value {
    let output = daemon.command("bill").args(["--format", "json"]).args(arguments).output().unwrap();
    let (out, err) = texts(&output);
    assert!(output.status.success(), "{out}\n{err}\n{}", daemon.log());
    serde_json::from_str(&out).unwrap()
}

/// What a bill counts of an item of a resource, in all zones.
fn counted(bill: &Value, resource: &str, item: &str) -> u64 {
    let lines = bill["lines"].as_array().unwrap().iter();
    lines
        .filter(|line| line["resource"] == resource && line["item"] == item)
        .map(|line| line["counted"].as_u64().unwrap())
        .sum()
}

#[track_caller]
fn is_about(bytes: u64, sent: u64) {
    let most = sent + sent * OVERHEAD_IN_A_HUNDRED / 100 + GREETINGS;
    assert!((sent..=most).contains(&bytes), "{bytes} were counted of {sent} that were sent");
}

#[test]
fn the_bill_has_the_bytes_that_clients_sent_by_each_way_and_keeps_them_when_things_and_the_daemon_go() {
    need_root!();
    let mut daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let [public, private] = network.subnets.clone();
    let gateway = attach(&daemon, &network.vpc);
    route(&daemon, &network.tables[0], "GatewayId", &gateway);
    let (allocation, _) = allocated(&daemon);
    let nat = [("SubnetId", public.as_str()), ("AllocationId", allocation.as_str())];
    let nat = daemon.make("CreateNatGateway", &nat, "natGatewayId");
    route(&daemon, &network.tables[1], "NatGatewayId", &nat);
    let s3 = network.s3_gateway(&daemon, &[&network.tables[0]]);
    let interface = interface_endpoint(&daemon, &network, "s3", &[("PrivateDnsEnabled", "false")]);
    let of_endpoint = [("Filter.1.Name", "interface-type"), ("Filter.1.Value.1", "vpc_endpoint")];
    let address = daemon.make("DescribeNetworkInterfaces", &of_endpoint, "privateIpAddress");
    daemon.aws_ok(&["s3api", "create-bucket", "--bucket", "billed"]);

    let through = format!("--connect-to ::{address}:443");
    let by_interface = moved(&daemon, &private, &network.group, MIB, &through);
    let by_gateway = moved(&daemon, &public, &network.group, 2 * MIB, "");
    let by_nat = moved(&daemon, &private, &network.group, 3 * MIB, "");
    let first = bill(&daemon, &[]);
    is_about(counted(&first, &interface, "interface-endpoint-data"), by_interface);
    // The NAT gateway's subnet has the gateway endpoint, so that what comes from it goes on by that.
    is_about(counted(&first, &s3, "gateway-endpoint-data"), by_gateway + by_nat);
    is_about(counted(&first, &nat, "nat-gateway-data"), by_nat);
    assert_eq!(counted(&first, &interface, "interface-endpoint-hour"), 1);
    assert_eq!(counted(&first, &nat, "nat-gateway-hour"), 1);
    let line =
        first["lines"].as_array().unwrap().iter().find(|line| line["item"] == "interface-endpoint-data").unwrap();
    assert_eq!(
        (&line["usageType"], &line["operation"], &line["zone"]),
        (&"USE1-VpcEndpoint-Bytes".into(), &"VpcEndpoint".into(), &"us-east-1a".into())
    );
    let free = first["lines"].as_array().unwrap().iter().find(|line| line["item"] == "gateway-endpoint-data").unwrap();
    assert_eq!((&free["amount"], &free["usageType"]), (&"0".into(), &Value::Null));
    assert_eq!(
        counted(&bill(&daemon, &[]), &interface, "interface-endpoint-data"),
        counted(&first, &interface, "interface-endpoint-data"),
        "nothing is counted twice"
    );

    // A daemon that is killed: what the kernel counted meanwhile is not lost, nor what was written.
    let more = moved(&daemon, &private, &network.group, 2 * MIB, "");
    daemon.kill();
    daemon.run();
    let second = bill(&daemon, &[]);
    is_about(counted(&second, &nat, "nat-gateway-data"), by_nat + more);
    is_about(counted(&second, &interface, "interface-endpoint-data"), by_interface);

    // Gateways that are set anew go on counting, and what is deleted is billed up to its last byte.
    let (another, _) = allocated(&daemon);
    daemon.ec2("AssociateNatGatewayAddress", &[("NatGatewayId", &nat), ("AllocationId.1", &another)]).unwrap();
    let last = moved(&daemon, &private, &network.group, MIB, "");
    let last_by_interface = moved(&daemon, &private, &network.group, MIB, &through);
    daemon.ec2("DeleteNatGateway", &[("NatGatewayId", &nat)]).unwrap();
    daemon.ec2("DeleteVpcEndpoints", &[("VpcEndpointId.1", &interface)]).unwrap();
    let third = bill(&daemon, &[]);
    is_about(counted(&third, &nat, "nat-gateway-data"), by_nat + more + last);
    is_about(counted(&third, &interface, "interface-endpoint-data"), by_interface + last_by_interface);
    assert_eq!(counted(&third, &interface, "interface-endpoint-hour"), 1);
    // A daemon that is told to end has written everything.
    let output = daemon.command("down").output().unwrap();
    assert!(output.status.success(), "{}", texts(&output).1);
    daemon.wait();
    daemon.run();
    let fourth = bill(&daemon, &[]);
    for (resource, item) in
        [(&nat, "nat-gateway-data"), (&interface, "interface-endpoint-data"), (&s3, "gateway-endpoint-data")]
    {
        assert_eq!(counted(&fourth, resource, item), counted(&third, resource, item), "{item}");
    }
}

#[test]
fn what_goes_to_the_internet_is_counted_at_its_gateway_and_services_are_not() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let [public, _] = &network.subnets;
    daemon.ec2("ModifySubnetAttribute", &[("SubnetId", public), ("MapPublicIpOnLaunch.Value", "true")]).unwrap();
    let gateway = attach(&daemon, &network.vpc);
    route(&daemon, &network.tables[0], "GatewayId", &gateway);
    daemon.aws_ok(&["s3api", "create-bucket", "--bucket", "billed"]);
    moved(&daemon, public, &network.group, MIB, "");
    assert_eq!(counted(&bill(&daemon, &[]), &gateway, "internet-data"), 0, "S3 is AWS's");
    // Datagrams that nobody takes go out all the same.
    let send = "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\
                for _ in range(100):\n    s.sendto(bytes(972), ('198.19.255.1', 9))\n";
    daemon.inside(public, &[&network.group], &["/usr/bin/python3", "-c", send]);
    let bytes = counted(&bill(&daemon, &[]), &gateway, "internet-data");
    assert_eq!(bytes, 100 * 1000, "each with headers of 28 bytes");
}

#[test]
fn simulated_time_goes_on_with_what_there_is_and_what_is_wrong_is_said() {
    need_root!();
    let mut daemon = Daemon::start();
    let network = Network::build(&daemon);
    let zones = [("SubnetId.2", network.subnets[1].as_str())];
    let endpoint = interface_endpoint(&daemon, &network, "kms", &zones);
    // All of a month that begins after it: 31 days in each of two zones.
    let january = bill(&daemon, &["--month", "2100-01", "--as-of", "2100-02-01"]);
    assert_eq!(counted(&january, &endpoint, "interface-endpoint-hour"), 2 * 31 * 24);
    assert_eq!(january["supposed"], true);
    assert_eq!(january["total"], "14.88");
    let compared = bill(&daemon, &["--compare", "--as-of", "2100-01-02"]);
    let kms = &compared["comparison"]["services"][0];
    assert_eq!((&kms["service"], &kms["hours"], &kms["zones"]), (&"kms".into(), &24.into(), &2.into()));
    assert_eq!(
        (&kms["now"], &kms["interfaceEndpoint"], &kms["gatewayEndpoint"]),
        (&"0.48".into(), &"0.48".into(), &Value::Null)
    );

    // Prices of one's own.
    let prices = daemon.work().join("prices.tsv");
    let row = |usd: &str| {
        format!(
            "sidegate-prices\t1\t2026-11-30\nregion\titem\tunit\tusage\tabove\tusd\tstrength\tas of\tsource\n\
             us-east-1\tinterface-endpoint-hour\thour\t{{}}-VpcEndpoint-Hours\t0\t{usd}\tgood\t-\tour contract\n"
        )
    };
    fs::write(&prices, row("0.005")).unwrap();
    let own = prices.to_str().unwrap();
    let dear = bill(&daemon, &["--month", "2100-01", "--as-of", "2100-02-01", "--prices", own]);
    assert_eq!((&dear["total"], &dear["pricesAsOf"]), (&"7.44".into(), &"2026-11-30".into()));
    fs::write(&prices, row("0.005").replace("endpoint-hour", "endpiont-hour")).unwrap();
    let known = bill(&daemon, &["--month", "2100-01", "--as-of", "2100-02-01", "--prices", own]);
    assert_eq!(known["total"], "14.88", "a price of something else");
    assert_ne!(known["pricesAsOf"], "2026-11-30", "which nothing is priced with");
    let said = known["remarks"][0].as_str().unwrap();
    assert!(said.starts_with(&format!("{own}:3: `interface-endpiont-hour`")), "{said}");
    let refused = |daemon: &Daemon, arguments: &[&str]| {
        let output = daemon.command("bill").args(arguments).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        texts(&output).1
    };
    fs::write(&prices, row("cheap")).unwrap();
    let said = refused(&daemon, &["--prices", own]);
    assert!(
        said.contains(&format!("{own}:3: ")) && said.contains("cheap") && said.contains("nothing of the file"),
        "{said}"
    );
    assert!(refused(&daemon, &["--prices", "/dev/zero"]).contains("it has more than"));
    let nobody = bill(&daemon, &["--account", "999999999999"]);
    let said = nobody["remarks"][0].as_str().unwrap();
    assert!(said.contains("no such account") && nobody["lines"] == Value::Array(vec![]), "{nobody}");
    assert!(refused(&daemon, &["--prices", "/nowhere"]).contains("cannot read the prices of `/nowhere`"));
    let said = refused(&daemon, &["--month", "2100-01"]);
    assert!(said.contains("2100-01 has not begun") && said.contains("--as-of 2100-02-01T00:00:00Z"), "{said}");
    assert!(refused(&daemon, &["--month", "2026-13"]).contains("`2026-13` is no month"));
    assert!(refused(&daemon, &["--compare", "--format", "csv"]).contains("--format json"));

    let table = daemon.command("bill").args(["--compare"]).output().unwrap();
    let (table, _) = texts(&table);
    for part in
        ["USE1-VpcEndpoint-Hours  VpcEndpoint  us-east-1b", "interface endpoint (kms), us-east-1", "total", "hub"]
    {
        assert!(table.contains(part), "{table}");
    }
    let output = daemon.command("down").output().unwrap();
    assert!(output.status.success(), "{}", texts(&output).1);
    daemon.wait();
    let said = refused(&daemon, &[]);
    assert!(said.contains("no daemon runs") && said.contains("sidegate up"), "{said}");
}
