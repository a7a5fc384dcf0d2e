//! Requests that nobody should send: each gets AWS's error, and the daemon goes on.

use std::time::{Duration, Instant};

use crate::harness::{Daemon, need_root, text};
use crate::http::{call, ec2, raw};

fn code(answer: Result<String, String>) -> String {
    let document = answer.expect_err("it must be refused");
    text(&document, "Code").unwrap_or(&document).to_owned()
}

#[test]
fn malformed_oversized_and_unsigned_requests_get_errors_and_the_daemon_goes_on() {
    need_root!();
    let daemon = Daemon::start();
    let api = daemon.api.as_str();

    assert_eq!(code(ec2(api, "CreateCake", &[])), "InvalidAction");
    assert_eq!(code(ec2(api, "CreateTransitGateway", &[])), "NotImplemented");
    assert_eq!(code(ec2(api, "CreateVpc", &[("CidrBlock", "10.0.0.0/8")])), "InvalidVpc.Range");
    assert_eq!(code(ec2(api, "CreateVpc", &[("CidrBlock", "ten")])), "InvalidParameterValue");
    assert_eq!(code(ec2(api, "DeleteVpc", &[("VpcId", "vpc-0123456789abcdef0")])), "InvalidVpcID.NotFound");
    assert_eq!(code(ec2(api, "DeleteVpc", &[("VpcId", "subnet-1")])), "InvalidVpcID.Malformed");

    // Not HTTP, half a request, and a head that never ends.
    for bytes in [&b"\x16\x03\x01\x02\x00nonsense"[..], b"GET", b"\r\n\r\n\r\n"] {
        let mut stream = std::net::TcpStream::connect(api).unwrap();
        std::io::Write::write_all(&mut stream, bytes).unwrap();
    }
    let long = format!("GET / HTTP/1.1\r\nhost: {api}\r\nx-long: {}\r\n\r\n", "a".repeat(1 << 20));
    if let Ok((status, _)) = raw(api, long.as_bytes()) {
        assert_eq!(status, 431);
    }

    // Unsigned, with a wrong key, with a wrong signature, with an old date.
    let form = "Action=DescribeVpcs&Version=2016-11-15";
    let unsigned = |headers: &str| {
        let length = form.len();
        let request = format!(
            "POST / HTTP/1.1\r\nhost: {api}\r\ncontent-type: application/x-www-form-urlencoded\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{form}"
        );
        let (status, body) = raw(api, request.as_bytes()).unwrap();
        (status, text(&body, "Code").unwrap_or_default().to_owned())
    };
    assert_eq!(unsigned(""), (403, "MissingAuthenticationToken".to_owned()));
    let scope = |key: &str, date: &str| {
        format!(
            "x-amz-date: {date}\r\nauthorization: AWS4-HMAC-SHA256 Credential={key}/{}/us-east-1/ec2/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature={}\r\n",
            date.get(..8).unwrap(),
            "0".repeat(64)
        )
    };
    let now = daemon_date();
    assert_eq!(unsigned(&scope("AKIANOBODYNOBODYNOBO", &now)), (401, "AuthFailure".to_owned()));
    assert_eq!(unsigned(&scope(crate::harness::ACCESS_KEY, &now)), (401, "AuthFailure".to_owned()));
    assert_eq!(unsigned(&scope(crate::harness::ACCESS_KEY, "20200101T000000Z")), (400, "RequestExpired".to_owned()));

    // XML and JSON that would grow, and a form that is too large.
    let bomb = br#"<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>"#;
    call(api, "s3", "PUT", "/bad-input", &[], b"").unwrap();
    let refused = call(api, "s3", "POST", "/bad-input?delete", &[("content-type", "application/xml")], bomb);
    assert!(refused.is_err(), "{refused:?}");
    let deep = "[".repeat(100_000);
    let headers = [("x-amz-target", "secretsmanager.ListSecrets"), ("content-type", "application/x-amz-json-1.1")];
    let refused = call(api, "secretsmanager", "POST", "/", &headers, deep.as_bytes()).unwrap_err();
    assert!(refused.contains("SerializationException"), "{refused}");
    let large = "x".repeat(4 << 20);
    let refused = ec2(api, "CreateVpc", &[("CidrBlock", &large)]);
    assert!(refused.is_err());

    let start = Instant::now();
    assert!(daemon.ec2("DescribeVpcs", &[]).unwrap().contains("<vpcSet"));
    assert!(start.elapsed() < Duration::from_secs(5));
}

/// Now, as `x-amz-date` has it.
fn daemon_date() -> String {
    let output = std::process::Command::new("date").args(["-u", "+%Y%m%dT%H%M%SZ"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn exhausted_and_overlapping_subnets_are_refused_and_nothing_is_half_made() {
    need_root!();
    let daemon = Daemon::start();
    let vpc = daemon.make("CreateVpc", &[("CidrBlock", "10.77.0.0/16")], "vpcId");
    let wanted = [("VpcId", vpc.as_str()), ("CidrBlock", "10.77.0.0/28")];
    let subnet = daemon.make("CreateSubnet", &wanted, "subnetId");
    let overlapping = [("VpcId", vpc.as_str()), ("CidrBlock", "10.77.0.0/24")];
    assert_eq!(code(daemon.ec2("CreateSubnet", &overlapping)), "InvalidSubnet.Conflict");
    let outside = [("VpcId", vpc.as_str()), ("CidrBlock", "10.78.0.0/24")];
    assert_eq!(code(daemon.ec2("CreateSubnet", &outside)), "InvalidSubnet.Range");
    let many = [("ImageId", "ami-51de6a7e"), ("MinCount", "12"), ("MaxCount", "12"), ("SubnetId", subnet.as_str())];
    assert_eq!(code(daemon.ec2("RunInstances", &many)), "InsufficientFreeAddressesInSubnet");
    assert!(!daemon.ec2("DescribeInstances", &[]).unwrap().contains("<instanceId>"));
    let free = daemon.ec2("DescribeSubnets", &[("SubnetId.1", &subnet)]).unwrap();
    assert_eq!(text(&free, "availableIpAddressCount"), Some("11"));
}

#[test]
fn a_full_disk_refuses_changes_and_loses_nothing() {
    need_root!();
    // A small file system of the test's own, for the state; it goes with the mount namespace.
    let script = r#"
set -e
mount -t tmpfs -o size=32m,mode=700 tmpfs "$1"
exec "$2" up --listen 127.0.0.1:0 --state "$1/state"
"#;
    let directory = std::env::temp_dir().join(format!("sidegate-full-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let mut command = std::process::Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c", script, "sh"]);
    command.arg(&directory).arg(env!("CARGO_BIN_EXE_sidegate"));
    command.env("SIDEGATE_ACCESS_KEY_ID", crate::harness::ACCESS_KEY);
    command.env("SIDEGATE_SECRET_ACCESS_KEY", crate::harness::SECRET_KEY);
    let mut child = command.stdin(std::process::Stdio::null()).spawn().unwrap();
    let root = format!("/proc/{}/root{}", child.id(), directory.display());
    let outcome = std::panic::catch_unwind(|| {
        let note = format!("{root}/state/daemon.json");
        let limit = Instant::now() + Duration::from_secs(20);
        let api = loop {
            let text = std::fs::read(&note).unwrap_or_default();
            if let Ok(note) = serde_json::from_slice::<serde_json::Value>(&text) {
                break note["api"].as_str().unwrap().to_owned();
            }
            assert!(Instant::now() < limit, "the daemon does not serve");
            std::thread::sleep(Duration::from_millis(10));
        };
        let kept = ec2(&api, "CreateVpc", &[("CidrBlock", "10.77.0.0/16")]).unwrap();
        let kept = text(&kept, "vpcId").unwrap().to_owned();
        // Fill what is left, to the last byte.
        let mut filler = std::fs::File::create(format!("{root}/filler")).unwrap();
        for block in [1 << 16, 1 << 12, 1 << 8, 1] {
            while std::io::Write::write_all(&mut filler, &vec![0; block]).is_ok() {}
        }
        let mut refused = 0;
        for _ in 0..200 {
            if ec2(&api, "CreateVpc", &[("CidrBlock", "10.77.0.0/16")]).is_err() {
                refused += 1;
            }
        }
        assert!(refused > 0, "the disk is full");
        let vpcs = ec2(&api, "DescribeVpcs", &[]).unwrap();
        assert!(vpcs.contains(&kept));
        let before = vpcs.matches("<vpcId>").count();
        filler.set_len(0).unwrap();
        ec2(&api, "CreateVpc", &[("CidrBlock", "10.77.0.0/16")]).unwrap();
        assert_eq!(ec2(&api, "DescribeVpcs", &[]).unwrap().matches("<vpcId>").count(), before + 1);
    });
    let mut down = std::process::Command::new("nsenter");
    down.args(["--mount", "--target", &child.id().to_string(), env!("CARGO_BIN_EXE_sidegate"), "down", "--state"]);
    let down = down.arg(directory.join("state")).output().unwrap();
    if !down.status.success() {
        let _ = child.kill();
    }
    let _ = child.wait();
    let _ = std::fs::remove_dir_all(&directory);
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}
