//! The instance metadata service, from request to reply.

use std::net::Ipv4Addr;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use sidegate_edge::metadata::{FoundRole, NoSession, Tokens};
use sidegate_plan::{Metadata, VpcPlan};

use crate::role_credentials::Roles;

pub(crate) const NOW: u64 = 1_700_000_000;
pub(crate) const SOURCE: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 5);
const OTHER: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 6);

fn service() -> Tokens {
    service_with_key(7)
}

fn service_with_key(key: u8) -> Tokens {
    Tokens::new(&[key; 32], Roles::new(FoundRole::Missing, Err(NoSession::Unauthorized)))
}

fn metadata(address: Ipv4Addr, interface: &str, tokens_required: bool) -> Metadata {
    Metadata {
        interface: interface.parse().unwrap(),
        instance: "i-0123456789abcdef0".to_owned(),
        reservation: "r-0123456789abcdef0".to_owned(),
        image: "ami-0123456789abcdef0".to_owned(),
        instance_type: "t3.micro".to_owned(),
        zone: "us-east-1a".to_owned(),
        zone_id: "use1-az1".to_owned(),
        hostname: "ip-10-0-1-5.ec2.internal".to_owned(),
        address,
        ipv6: Vec::new(),
        public: Vec::new(),
        public_hostname: None,
        mac: "02:11:22:33:44:55".to_owned(),
        subnet: ("subnet-0123456789abcdef0".parse().unwrap(), "10.0.1.0/24".parse().unwrap()),
        ipv6_blocks: [None, None],
        groups: vec![
            ("sg-0000000000000000a".parse().unwrap(), "web".to_owned()),
            ("sg-0000000000000000b".parse().unwrap(), "default".to_owned()),
        ],
        launched: 1_701_684_245_678,
        user_data: None,
        launch_index: 0,
        key: None,
        role: None,
        tokens_required,
        hop_limit: 1,
        over_ipv6: false,
        enabled: true,
        tags: None,
    }
}

pub(crate) fn vpc(tokens_required: bool) -> VpcPlan {
    let mut vpc = super::resolver::vpc();
    vpc.metadata.insert(SOURCE, metadata(SOURCE, "eni-0000000000000000a", tokens_required));
    vpc.metadata.insert(OTHER, metadata(OTHER, "eni-0000000000000000b", tokens_required));
    vpc
}

/// Sends a request: `METHOD /path`, and headers.
pub(crate) fn send(
    service: &Tokens, vpc: &VpcPlan, source: Ipv4Addr, line: &str, headers: &[(&str, &str)], now: u64,
) -> Response<Bytes> {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    service.handle(&request.body(()).unwrap().into_parts().0, vpc, source.into(), now)
}

pub(crate) fn text(reply: &Response<Bytes>) -> &str {
    std::str::from_utf8(reply.body()).unwrap()
}

pub(crate) const TOKEN: &str = "X-aws-ec2-metadata-token";
const TTL: &str = "X-aws-ec2-metadata-token-ttl-seconds";

pub(crate) fn token(service: &Tokens, vpc: &VpcPlan, seconds: u64) -> String {
    let reply = send(service, vpc, SOURCE, "PUT /latest/api/token", &[(TTL, &seconds.to_string())], NOW);
    assert_eq!(reply.status(), StatusCode::OK);
    assert_eq!(reply.headers()[TTL], seconds.to_string());
    assert_eq!(reply.headers()["content-type"], "text/plain");
    text(&reply).to_owned()
}

/// What a program that shows a token reads at a path.
fn read(vpc: &VpcPlan, path: &str) -> Response<Bytes> {
    let token = token(&service(), vpc, 60);
    send(&service(), vpc, SOURCE, &format!("GET {path}"), &[(TOKEN, &token)], NOW)
}

fn read_text(path: &str) -> String {
    let reply = read(&vpc(true), path);
    assert_eq!(reply.status(), StatusCode::OK, "{path}");
    assert_eq!(reply.headers()["server"], "EC2ws");
    assert_eq!(reply.headers()["content-type"], "text/plain");
    text(&reply).to_owned()
}

#[test]
fn a_token_opens_the_metadata_until_its_time_is_over() {
    let (service, vpc) = (service(), vpc(true));
    let token = token(&service, &vpc, 60);
    assert_eq!(token.len(), 56);
    let get = |now| send(&service, &vpc, SOURCE, "GET /latest/meta-data/instance-id", &[(TOKEN, &token)], now);
    assert_eq!(text(&get(NOW)), "i-0123456789abcdef0");
    assert_eq!(get(NOW + 59).headers()[TTL], "1");
    assert_eq!(get(NOW + 60).status(), StatusCode::UNAUTHORIZED);
}

#[test]
fn a_token_outlives_a_restart_with_the_same_key_and_no_other() {
    let vpc = vpc(true);
    let token = token(&service(), &vpc, 60);
    let status =
        |key| send(&service_with_key(key), &vpc, SOURCE, "GET /latest/meta-data/", &[(TOKEN, &token)], NOW).status();
    assert_eq!(status(7), StatusCode::OK);
    assert_eq!(status(8), StatusCode::UNAUTHORIZED);
}

#[test]
fn a_token_is_good_for_the_interface_that_it_was_given_to_alone() {
    let (service, vpc) = (service(), vpc(true));
    let token = token(&service, &vpc, 60);
    let reply = send(&service, &vpc, OTHER, "GET /latest/meta-data/", &[(TOKEN, &token)], NOW);
    assert_eq!(reply.status(), StatusCode::UNAUTHORIZED);
}

#[test]
fn a_token_with_any_character_changed_is_refused() {
    let (service, vpc) = (service(), vpc(false));
    let token = token(&service, &vpc, 60);
    for i in 0..token.len() - 1 {
        let other = if token.as_bytes()[i] == b'A' { "B" } else { "A" };
        let changed = format!("{}{other}{}", &token[..i], &token[i + 1..]);
        let reply = send(&service, &vpc, SOURCE, "GET /latest/meta-data/", &[(TOKEN, &changed)], NOW);
        assert_eq!(reply.status(), StatusCode::UNAUTHORIZED, "{changed}");
    }
    for wrong in ["", "x", "AQAE=="] {
        let reply = send(&service, &vpc, SOURCE, "GET /latest/meta-data/", &[(TOKEN, wrong)], NOW);
        assert_eq!(reply.status(), StatusCode::UNAUTHORIZED);
    }
}

#[test]
fn a_token_is_given_for_one_second_to_six_hours() {
    let (service, vpc) = (service(), vpc(true));
    let put = |headers: &[(&str, &str)]| send(&service, &vpc, SOURCE, "PUT /latest/api/token", headers, NOW).status();
    for good in ["1", "21600"] {
        assert_eq!(put(&[(TTL, good)]), StatusCode::OK);
    }
    for bad in ["0", "21601", "-1", "+5", "1.5", "", "x", "99999999999999999999"] {
        assert_eq!(put(&[(TTL, bad)]), StatusCode::BAD_REQUEST, "{bad}");
    }
    assert_eq!(put(&[]), StatusCode::BAD_REQUEST);
}

#[test]
fn a_request_for_a_token_that_came_through_a_proxy_is_forbidden() {
    let headers = [(TTL, "60"), ("X-Forwarded-For", "10.0.0.1")];
    let reply = send(&service(), &vpc(true), SOURCE, "PUT /latest/api/token", &headers, NOW);
    assert_eq!(reply.status(), StatusCode::FORBIDDEN);
}

#[test]
fn without_a_token_only_an_instance_that_allows_it_is_answered() {
    let get = |required| send(&service(), &vpc(required), SOURCE, "GET /latest/meta-data/mac", &[], NOW);
    let refused = get(true);
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert!(text(&refused).contains("<title>401 - Unauthorized</title>"));
    assert_eq!(text(&get(false)), "02:11:22:33:44:55");
    assert!(!get(false).headers().contains_key(TTL));
}

#[test]
fn an_instance_whose_metadata_is_turned_off_is_told_nothing_not_even_a_token() {
    let service = service_with_key(1);
    let mut vpc = vpc(false);
    vpc.metadata.get_mut(&SOURCE).unwrap().enabled = false;
    for (method, path) in [("PUT", "/latest/api/token"), ("GET", "/latest/meta-data/"), ("GET", "/")] {
        let request = http::Request::builder().method(method).uri(path).header(TTL, "60").body(()).unwrap();
        let reply = service.handle(&request.into_parts().0, &vpc, SOURCE.into(), 1000);
        assert_eq!(reply.status(), 403, "{method} {path}");
    }
}

#[test]
fn tags_are_told_by_their_keys_where_the_instance_allows_it() {
    let service = service_with_key(1);
    let mut vpc = vpc(false);
    let told = |vpc: &VpcPlan, path: &str| {
        let request = http::Request::builder().uri(path).body(()).unwrap();
        let reply = service.handle(&request.into_parts().0, vpc, SOURCE.into(), 1000);
        (reply.status().as_u16(), String::from_utf8(reply.body().to_vec()).unwrap())
    };
    assert_eq!(told(&vpc, "/latest/meta-data/tags/instance/").0, 404);
    let tags = vec![("Name".to_owned(), "web 1".to_owned()), ("team".to_owned(), String::new())];
    vpc.metadata.get_mut(&SOURCE).unwrap().tags = Some(tags);
    assert_eq!(told(&vpc, "/latest/meta-data/tags/instance/"), (200, "Name\nteam".to_owned()));
    assert_eq!(told(&vpc, "/latest/meta-data/tags/instance/Name"), (200, "web 1".to_owned()));
    assert_eq!(told(&vpc, "/latest/meta-data/tags/instance/name").0, 404);
}

#[test]
fn other_methods_are_not_allowed() {
    let (service, vpc) = (service(), vpc(false));
    let send = |line: &str| send(&service, &vpc, SOURCE, line, &[], NOW);
    for line in [
        "POST /latest/meta-data/",
        "DELETE /",
        "PUT /latest/meta-data/",
        "GET /latest/api/token",
        "POST /latest/api/token",
    ] {
        assert_eq!(send(line).status(), StatusCode::METHOD_NOT_ALLOWED, "{line}");
    }
    let options = send("OPTIONS /latest/api/token");
    assert_eq!((options.status(), &options.headers()["allow"]), (StatusCode::OK, &"OPTIONS, PUT".parse().unwrap()));
    assert_eq!(send("HEAD /latest/meta-data/").status(), StatusCode::OK);
}

#[test]
fn a_source_that_is_no_interface_finds_nothing() {
    let (service, vpc, stranger) = (service(), vpc(false), Ipv4Addr::new(10, 0, 1, 7));
    for line in ["GET /latest/meta-data/", "PUT /latest/api/token"] {
        assert_eq!(send(&service, &vpc, stranger, line, &[(TTL, "60")], NOW).status(), StatusCode::NOT_FOUND);
    }
}

#[test]
fn directories_list_their_names() {
    let top = read_text("/");
    assert!(top.starts_with("1.0\n2007-01-19\n") && top.contains("\n2021-07-15\n") && top.ends_with("\nlatest"));
    for path in ["/latest", "/latest/", "//latest//"] {
        assert_eq!(read_text(path), "dynamic\nmeta-data");
    }
    let expected = "ami-id\nami-launch-index\nami-manifest-path\nhostname\ninstance-action\ninstance-id\n\
        instance-life-cycle\ninstance-type\nlocal-hostname\nlocal-ipv4\nmac\nnetwork/\nplacement/\nprofile\n\
        reservation-id\nsecurity-groups\nservices/";
    assert_eq!(read_text("/latest/meta-data/"), expected);
    assert_eq!(read_text("/latest/meta-data"), expected);
    assert_eq!(read_text("/latest/meta-data/network/interfaces/macs/"), "02:11:22:33:44:55/");
    assert_eq!(read_text("/latest/dynamic/"), "instance-identity/");
    assert_eq!(read_text("/latest/dynamic/instance-identity/"), "document");
}

#[test]
fn the_key_of_an_instance_is_listed_with_its_name_and_found_by_its_number() {
    let mut vpc = vpc(true);
    if let Some(told) = vpc.metadata.get_mut(&SOURCE) {
        told.key = Some(("mine".to_owned(), "ssh-ed25519 AAAA mine".to_owned()));
    }
    let at = |path: &str| text(&read(&vpc, &format!("/latest/meta-data/{path}"))).to_owned();
    assert!(at("").contains("profile\npublic-keys/\nreservation-id"));
    assert_eq!(at("public-keys/"), "0=mine");
    assert_eq!(at("public-keys/0/"), "openssh-key");
    assert_eq!(at("public-keys/0/openssh-key"), "ssh-ed25519 AAAA mine");
}

#[test]
fn every_name_that_is_listed_can_be_read() {
    fn walk(path: &str, seen: &mut usize) {
        for name in read_text(path).lines() {
            *seen += 1;
            let below = format!("{path}{name}");
            if name.ends_with('/') { walk(&below, seen) } else { assert!(!read_text(&below).is_empty(), "{below}") }
        }
    }
    let mut seen = 0;
    walk("/latest/meta-data/", &mut seen);
    assert!(seen > 35, "{seen}");
}

#[test]
fn an_instance_learns_who_and_where_it_is() {
    let macs = "network/interfaces/macs/02:11:22:33:44:55";
    let expected = [
        ("ami-id", "ami-0123456789abcdef0"),
        ("ami-manifest-path", "(unknown)"),
        ("hostname", "ip-10-0-1-5.ec2.internal"),
        ("instance-life-cycle", "on-demand"),
        ("local-ipv4", "10.0.1.5"),
        ("placement/availability-zone", "us-east-1a"),
        ("placement/availability-zone/", "us-east-1a"),
        ("placement/availability-zone-id", "use1-az1"),
        ("placement/region", "us-east-1"),
        ("security-groups", "web\ndefault"),
        ("services/domain", "amazonaws.com"),
        ("services/partition", "aws"),
        (&format!("{macs}/interface-id"), "eni-0000000000000000a"),
        (&format!("{macs}/owner-id"), "111122223333"),
        (&format!("{macs}/security-group-ids"), "sg-0000000000000000a\nsg-0000000000000000b"),
        (&format!("{macs}/subnet-ipv4-cidr-block"), "10.0.1.0/24"),
        (&format!("{macs}/vpc-id"), "vpc-0123456789abcdef0"),
        (&format!("{macs}/vpc-ipv4-cidr-block"), "10.0.0.0/16"),
        (&format!("{macs}/vpc-ipv4-cidr-blocks"), "10.0.0.0/16\n10.9.0.0/20"),
        ("network/interfaces/macs/02%3A11%3a22:33:44:55/device-number", "0"),
    ];
    for (path, value) in expected {
        assert_eq!(read_text(&format!("/latest/meta-data/{path}")), value, "{path}");
        assert_eq!(read_text(&format!("/2021-07-15/meta-data/{path}")), value, "{path}");
    }
}

#[test]
fn the_identity_document_has_the_form_of_aws() {
    let expected = r#"{
  "accountId" : "111122223333",
  "architecture" : "x86_64",
  "availabilityZone" : "us-east-1a",
  "billingProducts" : null,
  "devpayProductCodes" : null,
  "marketplaceProductCodes" : null,
  "imageId" : "ami-0123456789abcdef0",
  "instanceId" : "i-0123456789abcdef0",
  "instanceType" : "t3.micro",
  "kernelId" : null,
  "pendingTime" : "2023-12-04T10:04:05Z",
  "privateIp" : "10.0.1.5",
  "ramdiskId" : null,
  "region" : "us-east-1",
  "version" : "2017-09-30"
}"#;
    let document = read_text("/latest/dynamic/instance-identity/document");
    assert_eq!(document, expected);
    serde_json::from_str::<serde_json::Value>(&document).unwrap();
}

#[test]
fn user_data_is_told_as_the_bytes_that_it_stands_for() {
    let mut vpc = vpc(true);
    assert_eq!(read(&vpc, "/latest/user-data").status(), StatusCode::NOT_FOUND);
    let cases: [(&str, &[u8]); 3] = [
        ("IyEvYmluL3NoCmVjaG8K", b"#!/bin/sh\necho\n"),
        ("H4sI\nAP8=", b"\x1f\x8b\x08\x00\xff"),
        ("#!/bin/sh", b"#!/bin/sh"),
    ];
    for (given, told) in cases {
        vpc.metadata.get_mut(&SOURCE).unwrap().user_data = Some(given.into());
        let reply = read(&vpc, "/latest/user-data");
        assert_eq!(&reply.body()[..], told);
        assert_eq!(reply.headers()["content-type"], "application/octet-stream");
    }
    assert_eq!(text(&read(&vpc, "/latest")), "dynamic\nmeta-data\nuser-data");
}

#[test]
fn what_is_not_told_does_not_exist() {
    for path in [
        "/nosuch",
        "/latest/nosuch",
        "/latest/meta-data/tags/instance/",
        "/latest/meta-data/iam/",
        "/latest/meta-data/iam/security-credentials/",
        "/latest/meta-data/public-ipv4",
        "/latest/meta-data/mac/x",
        "/2020-01-01/meta-data/",
    ] {
        let reply = read(&vpc(true), path);
        assert_eq!(reply.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(reply.headers()["content-type"], "text/html");
        assert!(text(&reply).contains("<h1>404 - Not Found</h1>"));
        // The length of the page that EC2 sends.
        assert_eq!(reply.body().len(), 345);
    }
}

#[test]
fn an_instance_is_told_its_public_addresses_and_its_public_name_where_there_is_one() {
    let public = |name: Option<&str>| {
        let mut vpc = vpc(true);
        let told = vpc.metadata.get_mut(&SOURCE).unwrap();
        let secondary = Ipv4Addr::new(10, 0, 1, 9);
        told.public = vec![(Ipv4Addr::new(198, 18, 15, 254), SOURCE), (Ipv4Addr::new(198, 18, 12, 1), secondary)];
        told.public_hostname = name.map(str::to_owned);
        vpc
    };
    let mac = "/latest/meta-data/network/interfaces/macs/02:11:22:33:44:55";
    let name = "ec2-198-18-15-254.compute-1.amazonaws.com";
    let vpc_with_name = public(Some(name));
    for (path, told) in [
        ("/latest/meta-data/public-ipv4".to_owned(), "198.18.15.254"),
        ("/latest/meta-data/public-hostname".to_owned(), name),
        (format!("{mac}/public-ipv4s"), "198.18.15.254\n198.18.12.1"),
        (format!("{mac}/public-hostname"), name),
        (format!("{mac}/ipv4-associations/"), "198.18.15.254\n198.18.12.1"),
        (format!("{mac}/ipv4-associations/198.18.12.1"), "10.0.1.9"),
    ] {
        assert_eq!(text(&read(&vpc_with_name, &path)), told, "{path}");
    }
    let listed = text(&read(&vpc_with_name, "/latest/meta-data/")).to_owned();
    assert!(listed.contains("\nprofile\npublic-hostname\npublic-ipv4\nreservation-id\n"), "{listed}");
    assert_eq!(text(&read(&public(None), "/latest/meta-data/public-ipv4")), "198.18.15.254");
    for lacking in ["public-hostname", "public-ipv4", "network/interfaces/macs/02:11:22:33:44:55/ipv4-associations/"] {
        let vpc = if lacking == "public-hostname" { public(None) } else { vpc(true) };
        let reply = read(&vpc, &format!("/latest/meta-data/{lacking}"));
        assert_eq!(reply.status(), StatusCode::NOT_FOUND, "{lacking}");
    }
}
