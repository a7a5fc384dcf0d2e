//! What reaches a service from inside a VPC, and what does not.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Daemon, Network, TIMED_OUT, clean, need_root, texts};

/// A shell function for requests to S3 that are signed by curl.
const S3: &str = r#"s3() { curl -sS --fail-with-body --connect-timeout 2 --max-time 20 --aws-sigv4 aws:amz:us-east-1:s3 --header 'x-amz-content-sha256: UNSIGNED-PAYLOAD' --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$@"; }"#;

fn s3(daemon: &Daemon, subnet: &str, group: &str, arguments: &str) -> (Option<i32>, String) {
    let script = format!("{S3}\ns3 {arguments}");
    let output = daemon.exec(subnet, &[group], &["sh", "-c", &script]).output().unwrap();
    let (out, err) = texts(&output);
    (output.status.code(), format!("{out}{err}"))
}

fn secret(daemon: &Daemon, subnet: &str, group: &str, host: &str) -> (Option<i32>, String) {
    let script = format!(
        r#"curl -sS --fail-with-body --connect-timeout 2 --max-time 20 --aws-sigv4 aws:amz:us-east-1:secretsmanager --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H 'X-Amz-Target: secretsmanager.GetSecretValue' -H 'Content-Type: application/x-amz-json-1.1' -d '{{"SecretId":"one"}}' https://{host}/"#
    );
    let output = daemon.exec(subnet, &[group], &["sh", "-c", &script]).output().unwrap();
    let (out, err) = texts(&output);
    (output.status.code(), format!("{out}{err}"))
}

// enforces: ec2:CreateVpcEndpoint, ec2:AssociateRouteTable, s3:GetObject, s3:CreateBucket (positive)
// enforces: ec2:CreateVpcEndpoint, ec2:DeleteVpcEndpoints, s3:GetObject (negative)
#[test]
fn s3_is_reached_only_from_subnets_whose_route_table_has_the_endpoint_and_only_while_it_has() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let [with, without] = &network.subnets;
    let endpoint = network.s3_gateway(&daemon, &[&network.tables[0]]);

    let made = s3(&daemon, with, &network.group, "-X PUT https://traffic.s3.us-east-1.amazonaws.com/");
    assert_eq!(made.0, Some(0), "{}", made.1);
    let put = s3(&daemon, with, &network.group, "-T /etc/hostname https://traffic.s3.us-east-1.amazonaws.com/a");
    assert_eq!(put.0, Some(0), "{}", put.1);
    // The global name is the public address too, so that the route serves it.
    let get = s3(&daemon, with, &network.group, "https://s3.amazonaws.com/traffic/a");
    assert_eq!(get.0, Some(0), "{}", get.1);

    let silent = s3(&daemon, without, &network.group, "https://traffic.s3.us-east-1.amazonaws.com/a");
    assert_eq!(silent.0, Some(TIMED_OUT), "the router drops in silence: {}", silent.1);

    // Another table gets the endpoint: the other subnet is served at once.
    daemon
        .ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &endpoint), ("AddRouteTableId.1", &network.tables[1])])
        .unwrap();
    let now = s3(&daemon, without, &network.group, "https://traffic.s3.us-east-1.amazonaws.com/a");
    assert_eq!(now.0, Some(0), "{}", now.1);

    daemon.ec2("DeleteVpcEndpoints", &[("VpcEndpointId.1", &endpoint)]).unwrap();
    for subnet in [with, without] {
        let gone = s3(&daemon, subnet, &network.group, "https://traffic.s3.us-east-1.amazonaws.com/a");
        assert_eq!(gone.0, Some(TIMED_OUT), "{}", gone.1);
    }
    let events = daemon.events();
    let gets: Vec<&Value> = events.iter().filter(|e| e["operation"] == "GetObject").collect();
    assert_eq!(gets.len(), 2, "{events:#?}");
    assert!(gets.iter().all(|e| e["path"]["endpoint"] == *endpoint && e["path"]["endpoint_type"] == "Gateway"));
}

// enforces: ec2:ModifyVpcEndpoint, s3:PutObject (positive)
// enforces: ec2:ModifyVpcEndpoint, s3:PutObject (negative)
#[test]
fn two_gateway_endpoints_for_s3_in_one_vpc_are_told_apart_and_each_has_its_policy() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let first = network.s3_gateway(&daemon, &[&network.tables[0]]);
    let second = network.s3_gateway(&daemon, &[&network.tables[1]]);
    let made = s3(&daemon, &network.subnets[0], &network.group, "-X PUT https://apart.s3.us-east-1.amazonaws.com/");
    assert_eq!(made.0, Some(0), "{}", made.1);
    let no_writes = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"*"}]}"#;
    daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &second), ("PolicyDocument", no_writes)]).unwrap();

    let put = "-T /etc/hostname https://apart.s3.us-east-1.amazonaws.com/a";
    let first_put = s3(&daemon, &network.subnets[0], &network.group, put);
    assert_eq!(first_put.0, Some(0), "{}", first_put.1);
    let second_put = s3(&daemon, &network.subnets[1], &network.group, put);
    assert!(second_put.1.contains("because no VPC endpoint policy allows the s3:PutObject action"), "{}", second_put.1);

    daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &second), ("ResetPolicy", "true")]).unwrap();
    let second_put = s3(&daemon, &network.subnets[1], &network.group, put);
    assert_eq!(second_put.0, Some(0), "{}", second_put.1);

    let through: Vec<String> = daemon
        .events()
        .iter()
        .filter(|e| e["operation"] == "PutObject")
        .map(|e| format!("{} {}", e["path"]["endpoint"].as_str().unwrap(), e["status"]))
        .collect();
    assert_eq!(through, [format!("{first} 200"), format!("{second} 403"), format!("{second} 200")]);
}

// enforces: ec2:AuthorizeSecurityGroupIngress, ec2:CreateSecurityGroup, secretsmanager:GetSecretValue (positive)
// enforces: ec2:AuthorizeSecurityGroupIngress, ec2:CreateSecurityGroup, secretsmanager:GetSecretValue (negative)
// enforces: ec2:RevokeSecurityGroupIngress, ec2:RevokeSecurityGroupEgress (negative)
#[test]
fn secrets_manager_is_reached_only_with_group_and_private_dns_right() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let guard = [("VpcId", network.vpc.as_str()), ("GroupName", "guard"), ("GroupDescription", "guard")];
    let guard = daemon.make("CreateSecurityGroup", &guard, "groupId");
    let endpoint = [
        ("VpcId", network.vpc.as_str()),
        ("VpcEndpointType", "Interface"),
        ("ServiceName", "com.amazonaws.us-east-1.secretsmanager"),
        ("SubnetId.1", &network.subnets[0]),
        ("SecurityGroupId.1", &guard),
        ("PrivateDnsEnabled", "false"),
    ];
    let endpoint = daemon.make("CreateVpcEndpoint", &endpoint, "vpcEndpointId");
    let created = crate::http::call(
        &daemon.api,
        "secretsmanager",
        "POST",
        "/",
        &[("x-amz-target", "secretsmanager.CreateSecret"), ("content-type", "application/x-amz-json-1.1")],
        br#"{"Name":"one","SecretString":"two"}"#,
    );
    created.unwrap();
    let described = daemon.ec2("DescribeVpcEndpoints", &[("VpcEndpointId.1", &endpoint)]).unwrap();
    let own = crate::harness::text(&described, "dnsName").unwrap().to_owned();
    let public = "secretsmanager.us-east-1.amazonaws.com";
    let [near, far] = &network.subnets;

    let barred = secret(&daemon, near, &network.group, &own);
    assert_eq!(barred.0, Some(TIMED_OUT), "the endpoint's group admits nobody yet: {}", barred.1);
    let rule = [
        ("GroupId", guard.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "443"),
        ("IpPermissions.1.ToPort", "443"),
        ("IpPermissions.1.Groups.1.GroupId", &network.group),
    ];
    daemon.ec2("AuthorizeSecurityGroupIngress", &rule).unwrap();
    for subnet in [near, far] {
        let (code, answer) = secret(&daemon, subnet, &network.group, &own);
        assert!(code == Some(0) && answer.contains(r#""SecretString":"two""#), "{answer}");
    }
    let outsider = secret(&daemon, near, &guard, &own);
    assert_eq!(outsider.0, Some(TIMED_OUT), "a program of another group is not admitted: {}", outsider.1);

    let no_dns = secret(&daemon, near, &network.group, public);
    assert_eq!(no_dns.0, Some(TIMED_OUT), "without private DNS the name is public: {}", no_dns.1);
    daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &endpoint), ("PrivateDnsEnabled", "true")]).unwrap();
    let dns = secret(&daemon, far, &network.group, public);
    assert_eq!(dns.0, Some(0), "{}", dns.1);

    daemon.ec2("RevokeSecurityGroupIngress", &rule).unwrap();
    let revoked = secret(&daemon, near, &network.group, public);
    assert_eq!(revoked.0, Some(TIMED_OUT), "a revoked rule acts before the reply: {}", revoked.1);

    daemon.ec2("AuthorizeSecurityGroupIngress", &rule).unwrap();
    let out = [
        ("GroupId", network.group.as_str()),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
    ];
    daemon.ec2("RevokeSecurityGroupEgress", &out).unwrap();
    let kept_in = secret(&daemon, near, &network.group, public);
    assert_eq!(kept_in.0, Some(TIMED_OUT), "the program's own group lets nothing out: {}", kept_in.1);
}

// enforces: ec2:AuthorizeSecurityGroupEgress (positive)
// enforces: ec2:AuthorizeSecurityGroupEgress (negative)
#[test]
fn egress_may_name_the_prefix_list_of_a_service_alone() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.s3_gateway(&daemon, &[&network.tables[0]]);
    let all = [
        ("GroupId", network.group.as_str()),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
    ];
    daemon.ec2("RevokeSecurityGroupEgress", &all).unwrap();
    let closed = s3(&daemon, &network.subnets[0], &network.group, "https://s3.us-east-1.amazonaws.com/");
    assert_eq!(closed.0, Some(TIMED_OUT), "{}", closed.1);
    let filter = [("Filter.1.Name", "prefix-list-name"), ("Filter.1.Value.1", "com.amazonaws.us-east-1.s3")];
    let list = daemon.make("DescribePrefixLists", &filter, "prefixListId");
    let rule = [
        ("GroupId", network.group.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "443"),
        ("IpPermissions.1.ToPort", "443"),
        ("IpPermissions.1.PrefixListIds.1.PrefixListId", &list),
    ];
    daemon.ec2("AuthorizeSecurityGroupEgress", &rule).unwrap();
    let open = s3(&daemon, &network.subnets[0], &network.group, "https://s3.us-east-1.amazonaws.com/");
    assert_eq!(open.0, Some(0), "{}", open.1);
    let plain = s3(&daemon, &network.subnets[0], &network.group, "http://s3.us-east-1.amazonaws.com/");
    assert_eq!(plain.0, Some(TIMED_OUT), "port 80 is not in the rule: {}", plain.1);
}

/// A program inside that holds a TLS connection to a service open and says when it ends.
struct Held {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Held {
    fn open(daemon: &Daemon, subnet: &str, group: &str, host: &str) -> Self {
        let script = format!(
            r#"
import socket, ssl, sys
s = ssl.create_default_context().wrap_socket(socket.create_connection(("{host}", 443), 10), server_hostname="{host}")
print("open", flush=True)
s.settimeout(20)
try:
    data = s.recv(1)
    print("ended" if data == b"" else "data", flush=True)
except ConnectionError as e:
    print("ended", flush=True)
except TimeoutError:
    print("still open", flush=True)
"#
        );
        let mut command = daemon.exec(subnet, &[group], &["/usr/bin/python3", "-c", &script]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        if line.trim() != "open" {
            let mut error = String::new();
            child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
            panic!("the connection was not opened: {line} {error}\n{}", daemon.log());
        }
        Self { child, lines }
    }

    /// What became of it, and how long that took.
    fn outcome(mut self) -> (String, Duration) {
        let start = Instant::now();
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        self.child.wait().unwrap();
        (line.trim().to_owned(), start.elapsed())
    }
}

// enforces: ec2:ReplaceRouteTableAssociation (positive)
// enforces: ec2:ReplaceRouteTableAssociation (negative)
// enforces: ec2:DisassociateRouteTable (negative)
// enforces: ec2:DeleteVpcEndpoints (positive)
#[test]
fn a_removed_or_re_associated_endpoint_ends_its_live_connections_and_no_others() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let first = network.s3_gateway(&daemon, &[&network.tables[0]]);
    network.s3_gateway(&daemon, &[&network.tables[1]]);
    let host = "s3.us-east-1.amazonaws.com";
    let moved = Held::open(&daemon, &network.subnets[0], &network.group, host);
    let bystander = Held::open(&daemon, &network.subnets[1], &network.group, host);

    // The first subnet moves to the second table, and so to the other endpoint.
    let filter = [("Filter.1.Name", "association.subnet-id"), ("Filter.1.Value.1", network.subnets[0].as_str())];
    let association = daemon.make("DescribeRouteTables", &filter, "routeTableAssociationId");
    let replaced = [("AssociationId", association.as_str()), ("RouteTableId", network.tables[1].as_str())];
    let association = daemon.make("ReplaceRouteTableAssociation", &replaced, "newAssociationId");
    let (outcome, _) = moved.outcome();
    assert_eq!(outcome, "ended");

    // Without an association the main table serves, which has no endpoint.
    let through_second = Held::open(&daemon, &network.subnets[0], &network.group, host);
    daemon.ec2("DisassociateRouteTable", &[("AssociationId", &association)]).unwrap();
    assert_eq!(through_second.outcome().0, "ended");
    let silent = s3(&daemon, &network.subnets[0], &network.group, "https://s3.us-east-1.amazonaws.com/");
    assert_eq!(silent.0, Some(TIMED_OUT), "{}", silent.1);

    daemon.ec2("DeleteVpcEndpoints", &[("VpcEndpointId.1", &first)]).unwrap();
    let filter = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", network.vpc.as_str())];
    let second = daemon.make("DescribeVpcEndpoints", &filter, "vpcEndpointId");
    daemon.ec2("DeleteVpcEndpoints", &[("VpcEndpointId.1", &second)]).unwrap();
    assert_eq!(bystander.outcome().0, "ended", "it lived until its own endpoint went");
}

#[test]
fn the_aws_cli_and_boto3_work_inside_unmodified() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.s3_gateway(&daemon, &[&network.tables[0]]);
    std::fs::create_dir(daemon.work().join("tree")).unwrap();
    for i in 0..5 {
        std::fs::write(daemon.work().join(format!("tree/{i}.txt")), format!("file {i}")).unwrap();
    }
    std::fs::write(daemon.work().join("large"), vec![7_u8; 20 << 20]).unwrap();
    let aws = crate::harness::tool("aws");
    let script = format!(
        r#"set -e
aws() {{ "{}" "$@"; }}
aws sts get-caller-identity --query Account --output text
aws s3 mb s3://cli-bucket
aws s3 cp large s3://cli-bucket/large --only-show-errors
aws s3 cp s3://cli-bucket/large back --only-show-errors && cmp large back
aws s3 sync tree s3://cli-bucket/tree --only-show-errors
aws s3 ls s3://cli-bucket/tree/ | wc -l
aws s3 rm s3://cli-bucket --recursive --only-show-errors
aws s3 rb s3://cli-bucket"#,
        aws.display()
    );
    // STS has no endpoint in this VPC: its call is made where it has one.
    let script = script.replace("aws sts get-caller-identity --query Account --output text\n", "");
    let output = daemon.inside(&network.subnets[0], &[&network.group], &["sh", "-c", &script]);
    assert!(output.contains("make_bucket: cli-bucket") && output.contains("\n5\n"), "{output}");
    let identity = daemon.aws_ok(&["sts", "get-caller-identity"]);
    assert_eq!(identity["Arn"], "arn:aws:iam::000000000000:root");

    let python = crate::harness::tool("python3");
    let boto = r#"
import boto3, hashlib, io, os, urllib.request
s3 = boto3.client("s3")
s3.create_bucket(Bucket="boto-bucket")
data = os.urandom(12 << 20)
s3.upload_fileobj(io.BytesIO(data), "boto-bucket", "dir/a b+ü", Config=boto3.s3.transfer.TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20))
out = io.BytesIO(); s3.download_fileobj("boto-bucket", "dir/a b+ü", out)
assert out.getvalue() == data
assert s3.get_object(Bucket="boto-bucket", Key="dir/a b+ü", Range="bytes=5-9")["Body"].read() == data[5:10]
url = s3.generate_presigned_url("get_object", Params={"Bucket": "boto-bucket", "Key": "dir/a b+ü"})
import ssl
ctx = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
assert urllib.request.urlopen(url, context=ctx).read() == data
s3.copy({"Bucket": "boto-bucket", "Key": "dir/a b+ü"}, "boto-bucket", "copy")
assert [o["Key"] for o in s3.list_objects_v2(Bucket="boto-bucket")["Contents"]] == ["copy", "dir/a b+ü"]
s3.delete_objects(Bucket="boto-bucket", Delete={"Objects": [{"Key": "copy"}, {"Key": "dir/a b+ü"}]})
s3.delete_bucket(Bucket="boto-bucket")
print("boto3 done")
"#;
    let mut command = daemon.exec(&network.subnets[0], &[&network.group], &[python.to_str().unwrap(), "-c", boto]);
    clean(&mut command);
    let output = command.output().unwrap();
    assert!(texts(&output).0.contains("boto3 done"), "{:?}\n{}", texts(&output), daemon.log());
}
