//! Flow logs of programs that talk to one another and to endpoints: what is recorded, where it arrives, and what is not.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command};

use crate::harness::{Daemon, Network, announced, need_root, text};
use crate::identities::run;
use crate::internet::{allocated, attach, route};
use crate::ipv6::{DualStack, everybody};
use crate::settings::interface_endpoint;

/// Tells its address, and takes what comes on port 5000.
const SERVER: &str = r#"
import socket
own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
own.connect(("10.77.0.1", 1))
listening = socket.create_server(("", 5000))
print(own.getsockname()[0], flush=True)
while True:
    stream, _ = listening.accept()
    while stream.recv(65536):
        pass
    stream.close()
"#;

/// Sends so many bytes to each address and port; what does not answer is given up.
const CLIENT: &str = r#"
import socket, sys
for place in sys.argv[1:]:
    address, port, count = place.split(":")
    try:
        stream = socket.create_connection((address, int(port)), timeout=1)
    except TimeoutError:
        print("silence")
        continue
    stream.sendall(b"x" * int(count))
    stream.shutdown(socket.SHUT_WR)
    while stream.recv(100):
        pass
    stream.close()
    print("sent")
"#;

/// A role that flow logs may have, and what it may do.
pub(crate) const ROLE: &str = r#"
iam.create_role(RoleName="flow-logs", AssumeRolePolicyDocument=document({"Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
    "Condition": {"StringEquals": {"aws:SourceAccount": HOME}}}))
may = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams"]
iam.put_role_policy(RoleName="flow-logs", PolicyName="deliver", PolicyDocument=document(allow(may)))
role = f"arn:aws:iam::{HOME}:role/flow-logs"
ec2, logs, s3 = admin("ec2"), admin("logs"), admin("s3")
"#;

const FORMAT: &str = "${interface-id} ${flow-direction} ${action} ${srcaddr} ${dstaddr} ${dstport} ${protocol} \
    ${packets} ${bytes} ${tcp-flags} ${log-status} ${traffic-path} ${pkt-dst-aws-service} ${vpc-id} ${start} ${end}";

/// A record of that format.
#[derive(Debug, Clone)]
struct Record {
    interface: String,
    direction: String,
    action: String,
    source: String,
    destination: String,
    port: String,
    bytes: u64,
    flags: String,
    status: String,
    path: String,
    service: String,
    vpc: String,
    times: (i64, i64),
}

impl Record {
    fn of(line: &str) -> Self {
        let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        let [
            interface,
            direction,
            action,
            source,
            destination,
            port,
            _,
            _,
            bytes,
            flags,
            status,
            path,
            service,
            vpc,
            start,
            end,
        ] = words.try_into().unwrap_or_else(|_| panic!("{line}"));
        let times = (start.parse().unwrap(), end.parse().unwrap());
        let bytes = bytes.parse().unwrap_or_default();
        Self {
            interface,
            direction,
            action,
            source,
            destination,
            port,
            bytes,
            flags,
            status,
            path,
            service,
            vpc,
            times,
        }
    }

    fn is(&self, direction: &str, action: &str, to: &str, port: &str) -> bool {
        (self.direction.as_str(), self.action.as_str(), self.destination.as_str(), self.port.as_str())
            == (direction, action, to, port)
    }
}

/// Ends all intervals, and waits until what was recorded is delivered.
pub(crate) fn flush(daemon: &Daemon) {
    let mut control = UnixStream::connect(daemon.state().join("control.sock")).unwrap();
    control.write_all(b"\"flush_flow_logs\"\n").unwrap();
    let mut answer = String::new();
    BufReader::new(control).read_line(&mut answer).unwrap();
    assert_eq!(answer.trim(), "\"done\"");
}

/// A network with a program that lets everything in and one that lets nothing in.
struct Place {
    network: Network,
    servers: [Child; 2],
    open: String,
    closed: String,
}

impl Place {
    fn build(daemon: &Daemon) -> Self {
        let network = Network::build(daemon);
        network.open(daemon);
        let group = [("VpcId", network.vpc.as_str()), ("GroupName", "closed"), ("GroupDescription", "closed")];
        let group = daemon.make("CreateSecurityGroup", &group, "groupId");
        let server = |group: &str| announced(daemon.exec(&network.subnets[1], &[group], &["python3", "-c", SERVER]));
        let ((first, open), (second, closed)) = (server(&network.group), server(&group));
        Self { network, servers: [first, second], open, closed }
    }

    /// What a client in the first subnet says of sending to these places.
    fn send(&self, daemon: &Daemon, places: &[String]) -> String {
        let mut program = vec!["python3", "-c", CLIENT];
        program.extend(places.iter().map(String::as_str));
        daemon.inside(&self.network.subnets[0], &[&self.network.group], &program).trim().replace('\n', " ")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for server in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

// enforces: ec2:CreateFlowLogs (positive)
// enforces: ec2:DeleteFlowLogs (positive)
#[test]
fn what_programs_send_and_are_refused_is_in_the_log_group_until_the_flow_log_is_deleted() {
    need_root!();
    let daemon = Daemon::start();
    let place = Place::build(&daemon);
    let Place { network, open, closed, .. } = &place;
    network.s3_gateway(&daemon, &[&network.tables[0]]);
    interface_endpoint(&daemon, network, "secretsmanager", &[]);
    let acl = daemon.ec2("DescribeNetworkAcls", &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", &network.vpc)]);
    let acl = text(&acl.unwrap(), "networkAclId").unwrap().to_owned();
    let entry = [
        ("NetworkAclId", acl.as_str()),
        ("RuleNumber", "50"),
        ("Protocol", "6"),
        ("RuleAction", "deny"),
        ("Egress", "true"),
        ("CidrBlock", "10.77.2.0/24"),
        ("PortRange.From", "5001"),
        ("PortRange.To", "5001"),
    ];
    daemon.ec2("CreateNetworkAclEntry", &entry).unwrap();
    let vpc = &network.vpc;
    let made = run(
        &daemon,
        &format!(
            r#"{ROLE}
for traffic in ["ALL", "ACCEPT"]:
    made = ec2.create_flow_logs(ResourceType="VPC", ResourceIds=["{vpc}"], TrafficType=traffic, LogGroupName="records-" + traffic,
        DeliverLogsPermissionArn=role, MaxAggregationInterval=60, LogFormat="{FORMAT}")
    assert made["Unsuccessful"] == [], made
    print(made["FlowLogIds"][0])
"#
        ),
    );
    const SENT: u64 = 300_000;
    let to = |address: &str, port: u16, count: u64| format!("{address}:{port}:{count}");
    let send = || place.send(&daemon, &[to(open, 5000, SENT), to(closed, 5000, 1), to(open, 5001, 1)]);
    assert_eq!(send(), "sent silence silence");
    daemon.reaches_both(&network.subnets[0], &network.group);
    flush(&daemon);
    let read = |traffic: &str| -> Vec<(String, Record)> {
        let script = format!(
            r#"
logs = admin("logs")
pages = logs.get_paginator("filter_log_events").paginate(logGroupName="records-{traffic}")
for event in [event for page in pages for event in page["events"]]:
    print(event["logStreamName"], event["message"])
"#
        );
        let lines = run(&daemon, &script);
        let record = |line: &str| {
            let (stream, line) = line.split_once(' ').unwrap();
            (stream.to_owned(), Record::of(line))
        };
        lines.lines().map(record).collect()
    };
    let all = read("ALL");
    for (stream, record) in &all {
        assert_eq!((stream, &record.vpc), (&format!("{}-all", record.interface), vpc));
        assert!(record.times.0 <= record.times.1 && record.times.1 - record.times.0 <= 60, "{record:?}");
    }
    let all: Vec<Record> = all.into_iter().map(|(_, record)| record).collect();
    let one = |what: &dyn Fn(&Record) -> bool| -> Record {
        let found: Vec<_> = all.iter().filter(|record| what(record)).cloned().collect();
        assert_eq!(found.len(), 1, "{found:#?}\nof {all:#?}\n{}", daemon.log());
        found[0].clone()
    };
    // From program to program: counted at both, byte for byte, and the answer apart.
    let sent = one(&|r| r.is("egress", "ACCEPT", open, "5000"));
    assert!((SENT + 1..SENT + SENT / 20).contains(&sent.bytes), "{sent:?}");
    assert_eq!((sent.flags.as_str(), sent.path.as_str(), sent.status.as_str()), ("3", "1", "OK"));
    let received = one(&|r| r.is("ingress", "ACCEPT", open, "5000"));
    assert_eq!((received.bytes, &received.source, received.path.as_str()), (sent.bytes, &sent.source, "-"));
    assert_ne!(received.interface, sent.interface);
    let answered = one(&|r| r.direction == "ingress" && r.source == *open && r.destination == sent.source);
    assert_eq!((answered.flags.as_str(), &answered.interface), ("19", &sent.interface));
    // The groups of the receiver refuse: its sender's do not.
    assert_eq!(one(&|r| r.is("egress", "ACCEPT", closed, "5000")).flags, "2");
    assert_eq!(one(&|r| r.is("ingress", "REJECT", closed, "5000")).flags, "2");
    // The network ACL of the sender's subnet does, so that nothing arrives.
    one(&|r| r.is("egress", "REJECT", open, "5001"));
    assert!(!all.iter().any(|r| r.is("ingress", "REJECT", open, "5001") || r.is("ingress", "ACCEPT", open, "5001")));
    // A gateway endpoint has no interface; that of an interface endpoint has records of its own.
    let to_s3 = one(&|r| r.direction == "egress" && r.service == "S3");
    assert_eq!((to_s3.path.as_str(), to_s3.port.as_str()), ("7", "443"));
    assert!(!all.iter().any(|r| r.direction == "ingress" && r.destination == to_s3.destination));
    let to_endpoint = one(&|r| r.direction == "egress" && r.port == "443" && r.destination.starts_with("10.77.1."));
    let at_endpoint = one(&|r| r.is("ingress", "ACCEPT", &to_endpoint.destination, "443"));
    assert_eq!(at_endpoint.bytes, to_endpoint.bytes);
    // The resolver and the router are not in it, though names were asked for.
    let silent = ["10.77.0.2", "169.254.169.253", "10.77.1.1", "10.77.2.1"];
    assert!(!all.iter().any(|r| silent.contains(&r.source.as_str()) || silent.contains(&r.destination.as_str())));
    let accepted: Vec<Record> = read("ACCEPT").into_iter().map(|(_, record)| record).collect();
    assert!(accepted.iter().all(|r| r.action == "ACCEPT" || r.status == "NODATA"), "{accepted:#?}");
    assert!(accepted.iter().any(|r| r.is("egress", "ACCEPT", open, "5000")));
    // Deleted, it has what was counted until then and nothing later.
    send();
    for id in made.lines() {
        daemon.ec2("DeleteFlowLogs", &[("FlowLogId.1", id)]).unwrap();
    }
    send();
    flush(&daemon);
    let count = |records: Vec<(String, Record)>| {
        records.iter().filter(|(_, r)| r.is("egress", "ACCEPT", open, "5000")).map(|(_, r)| r.bytes).sum::<u64>()
    };
    let bytes = count(read("ALL"));
    assert!((2 * SENT..2 * SENT + SENT / 10).contains(&bytes), "{bytes}");
}

#[test]
fn files_of_records_arrive_in_the_bucket_once_its_policy_lets_them_in_and_at_the_latest_at_the_stop() {
    need_root!();
    let mut daemon = Daemon::start();
    let place = Place::build(&daemon);
    let (open, subnet) = (place.open.clone(), &place.network.subnets[0]);
    let id = run(
        &daemon,
        &format!(
            r#"{ROLE}
s3.create_bucket(Bucket="records")
made = ec2.create_flow_logs(ResourceType="Subnet", ResourceIds=["{subnet}"], TrafficType="ALL", LogDestinationType="s3",
    LogDestination="arn:aws:s3:::records/flows/", MaxAggregationInterval=60,
    DestinationOptions={{"FileFormat": "plain-text", "HiveCompatiblePartitions": True, "PerHourPartition": True}})
assert made["Unsuccessful"] == [], made
print(made["FlowLogIds"][0])
"#
        ),
    );
    let id = id.trim();
    let status = || {
        run(
            &daemon,
            &format!(
                r#"
[log] = admin("ec2").describe_flow_logs(FlowLogIds=["{id}"])["FlowLogs"]
print(log["DeliverLogsStatus"], log.get("DeliverLogsErrorMessage"))
"#
            ),
        )
    };
    // Who makes the flow log owns the bucket, whose policy lets the delivery in from then on.
    let policy = run(&daemon, "print(admin(\"s3\").get_bucket_policy(Bucket=\"records\")[\"Policy\"])");
    assert!(policy.contains("AWSLogDeliveryWrite") && policy.contains("AWSLogDeliveryCheck"), "{policy}");
    assert_eq!(place.send(&daemon, &[format!("{open}:5000:2000")]), "sent");
    flush(&daemon);
    assert_eq!(status().trim(), "SUCCESS None", "{}", daemon.log());
    // Without it nobody but the owner may write there; what is not taken waits.
    run(&daemon, "admin(\"s3\").delete_bucket_policy(Bucket=\"records\")");
    assert_eq!(place.send(&daemon, &[format!("{open}:5000:1000")]), "sent");
    flush(&daemon);
    assert_eq!(status().trim(), "FAILED Access error");
    let policy = policy.trim();
    run(&daemon, &format!("admin(\"s3\").put_bucket_policy(Bucket=\"records\", Policy='{policy}')"));
    assert_eq!(place.send(&daemon, &[format!("{open}:5000:3000")]), "sent");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    // A stop delivers what is left.
    drop(place);
    let pid = std::fs::read_to_string(daemon.state().join("daemon.json")).unwrap();
    let pid: serde_json::Value = serde_json::from_str(&pid).unwrap();
    assert!(Command::new("kill").args(["-TERM", &pid["pid"].to_string()]).status().unwrap().success());
    daemon.wait();
    daemon.run();
    let files = run(
        &daemon,
        r#"
import gzip, re
s3 = admin("s3")
for item in s3.list_objects_v2(Bucket="records")["Contents"]:
    print(item["Key"])
    for line in gzip.decompress(s3.get_object(Bucket="records", Key=item["Key"])["Body"].read()).decode().splitlines():
        print("", line)
"#,
    );
    let (keys, lines): (Vec<_>, Vec<_>) = files.lines().partition(|line| !line.starts_with(' '));
    assert!((3..=5).contains(&keys.len()), "{files}");
    for key in &keys {
        let place = "flows/AWSLogs/aws-account-id=000000000000/aws-service=vpcflowlogs/aws-region=us-east-1/year=20";
        let rest = key.strip_prefix(place).unwrap_or_else(|| panic!("{key}"));
        let file = rest.rsplit('/').next().unwrap();
        assert!(rest.contains("/month=") && rest.contains("/day=") && rest.contains("/hour="), "{key}");
        assert!(file.starts_with(&format!("000000000000_vpcflowlogs_us-east-1_{id}_20")), "{key}");
        assert!(file.ends_with(".log.gz") && file.contains("Z_"), "{key}");
    }
    let header = " version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
    assert_eq!(lines.iter().filter(|line| **line == header).count(), keys.len());
    let sums: BTreeSet<u64> = lines
        .iter()
        .filter(|line| line.contains(&format!(" {open} ")) && line.contains(" 5000 6 ") && line.ends_with(" ACCEPT OK"))
        .map(|line| line.split(' ').nth(10).unwrap().parse().unwrap())
        .collect();
    let [first, second, third] =
        sums.into_iter().collect::<Vec<_>>().try_into().unwrap_or_else(|s| panic!("{s:?}: {files}"));
    let is_about = |bytes: u64, sent: u64| (sent..sent + 600).contains(&bytes);
    assert!(is_about(first, 1000) && is_about(second, 2000) && is_about(third, 3000), "{files}");
}

/// All records of a flow log in this format that are in the log group `records` of an account, whose client `who` is.
fn records(daemon: &Daemon, who: &str) -> Vec<Record> {
    let script = format!(
        r#"
other = session(os.environ["OTHER_KEY"], os.environ["OTHER_SECRET"])
pages = {who}("logs").get_paginator("filter_log_events").paginate(logGroupName="records")
for event in [event for page in pages for event in page["events"]]:
    print(event["message"])
"#
    );
    run(daemon, &script).lines().map(Record::of).collect()
}

#[test]
fn flows_over_ipv6_and_through_a_nat_gateway_are_recorded_where_they_are_judged() {
    need_root!();
    let daemon = Daemon::start();
    let DualStack { network, .. } = DualStack::build(&daemon);
    let Network { vpc, subnets, group, tables } = &network;
    daemon.ec2("AuthorizeSecurityGroupIngress", &everybody(group)).unwrap();
    let closed = [("VpcId", vpc.as_str()), ("GroupName", "closed"), ("GroupDescription", "closed")];
    let closed = daemon.make("CreateSecurityGroup", &closed, "groupId");
    let gateway = attach(&daemon, vpc);
    route(&daemon, &tables[0], "GatewayId", &gateway);
    let (allocation, _) = allocated(&daemon);
    let wanted = [("SubnetId", subnets[0].as_str()), ("AllocationId", &allocation)];
    let nat = daemon.make("CreateNatGateway", &wanted, "natGatewayId");
    route(&daemon, &tables[1], "NatGatewayId", &nat);
    let shown = daemon.ec2("DescribeNatGateways", &[("NatGatewayId.1", &nat)]).unwrap();
    let interface = text(&shown, "networkInterfaceId").unwrap().to_owned();
    let listen = "hostname -I; exec python3 -m http.server --bind :: 8080 >/dev/null 2>&1";
    let server = |group: &str| {
        let (child, addresses) = announced(daemon.exec(&subnets[1], &[group], &["sh", "-c", listen]));
        let address = addresses.split_whitespace().find(|address| address.contains(':')).unwrap().to_owned();
        (child, address)
    };
    let ((mut first, open), (mut second, shut)) = (server(group), server(&closed));
    run(
        &daemon,
        &format!(
            r#"{ROLE}
made = ec2.create_flow_logs(ResourceType="VPC", ResourceIds=["{vpc}"], TrafficType="ALL", LogGroupName="records",
    DeliverLogsPermissionArn=role, MaxAggregationInterval=60, LogFormat="{FORMAT}")
assert made["Unsuccessful"] == [], made
"#
        ),
    );
    let ask = format!(
        "for i in $(seq 20); do curl -6 -sf -o /dev/null --max-time 5 'http://[{open}]:8080/' && break; sleep 0.3; done; \
         curl -6 -s -o /dev/null --connect-timeout 1.5 'http://[{shut}]:8080/'; \
         curl -4 -sS -o /dev/null --max-time 20 https://sts.us-east-1.amazonaws.com/ && echo met"
    );
    assert_eq!(daemon.inside(&subnets[1], &[group], &["sh", "-c", &ask]).trim(), "met");
    flush(&daemon);
    let all = records(&daemon, "admin");
    let some = |what: &dyn Fn(&Record) -> bool| -> Record {
        let found = all.iter().find(|record| what(record));
        found.unwrap_or_else(|| panic!("{all:#?}\n{}", daemon.log())).clone()
    };
    let sent = some(&|r| r.is("egress", "ACCEPT", &open, "8080") && r.bytes > 200);
    let received = some(&|r| r.is("ingress", "ACCEPT", &open, "8080") && r.bytes == sent.bytes);
    assert!(sent.interface != received.interface && sent.source == received.source && sent.source.contains(':'));
    some(&|r| r.is("egress", "ACCEPT", &shut, "8080"));
    some(&|r| r.is("ingress", "REJECT", &shut, "8080"));
    assert!(!all.iter().any(|r| r.is("ingress", "ACCEPT", &shut, "8080")), "{all:#?}");
    // What the client sends comes in at the interface of the NAT gateway, which sends it on in its own name.
    let out = some(&|r| r.direction == "egress" && r.source.starts_with("10.77.2.") && r.port == "443");
    let at_nat = some(&|r| r.direction == "ingress" && r.interface == interface && r.source == out.source);
    assert!(at_nat.destination.starts_with("10.77.1.") && at_nat.bytes == out.bytes, "{at_nat:?}");
    let on = some(&|r| r.direction == "egress" && r.interface == interface && r.destination == out.destination);
    assert_eq!((&on.source, on.bytes, on.path.as_str()), (&at_nat.destination, out.bytes, "8"));
    for child in [&mut first, &mut second] {
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn records_go_to_another_account_through_two_roles_and_down_delivers_the_last_ones() {
    need_root!();
    let mut daemon = Daemon::start();
    let place = Place::build(&daemon);
    let (open, vpc) = (place.open.clone(), &place.network.vpc);
    run(
        &daemon,
        &format!(
            r#"{ROLE}
other = session(os.environ["OTHER_KEY"], os.environ["OTHER_SECRET"])
cross = f"arn:aws:iam::{{OTHER}}:role/records"
iam.put_role_policy(RoleName="flow-logs", PolicyName="deliver", PolicyDocument=document(allow("sts:AssumeRole", cross)))
other("iam").create_role(RoleName="records", AssumeRolePolicyDocument=trust(role))
other("iam").put_role_policy(RoleName="records", PolicyName="deliver", PolicyDocument=document(allow(may)))
made = ec2.create_flow_logs(ResourceType="VPC", ResourceIds=["{vpc}"], TrafficType="ALL",
    LogDestination=f"arn:aws:logs:us-east-1:{{OTHER}}:log-group:records", DeliverLogsPermissionArn=role,
    DeliverCrossAccountRole=cross, MaxAggregationInterval=60, LogFormat="{FORMAT}")
assert made["Unsuccessful"] == [], made
"#
        ),
    );
    assert_eq!(place.send(&daemon, &[format!("{open}:5000:2000")]), "sent");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    drop(place);
    assert!(daemon.command("down").output().unwrap().status.success());
    daemon.wait();
    daemon.run();
    let all = records(&daemon, "other");
    assert!(
        all.iter().any(|r| r.is("ingress", "ACCEPT", &open, "5000") && r.bytes > 2000),
        "{all:#?}\n{}",
        daemon.log()
    );
}
