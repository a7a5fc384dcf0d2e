use sidegate_model::{
    AggregationInterval, Attachment, FlowLogDestination, FlowLogId, FlowLogResource, FlowLogSettings, LogFormat,
    LogGroup, NetworkInterfaceId, RoleArn, S3Folder, TrafficType,
};

use crate::account::Account;
use crate::refused;

const ROLE: &str = "arn:aws:iam::111122223333:role/flow-logs";

fn to_bucket(arn: &str) -> FlowLogSettings {
    FlowLogSettings {
        traffic: TrafficType::All,
        interval: AggregationInterval::TenMinutes,
        destination: FlowLogDestination::S3 { folder: S3Folder::at(arn).unwrap(), partitions: None },
        format: LogFormat::default(),
    }
}

fn to_group(account: &Account, name: &str) -> FlowLogSettings {
    let role = RoleArn::read(ROLE, "deliverLogsPermissionArn").unwrap();
    let group = LogGroup::named(&account.scope, name).unwrap();
    let destination = FlowLogDestination::CloudWatchLogs { group, role, cross_account_role: None };
    FlowLogSettings { destination, ..to_bucket("arn:aws:s3:::records") }
}

fn made(account: &mut Account, resource: &FlowLogResource, settings: &FlowLogSettings) -> FlowLogId {
    account.run(|w, c| w.create_flow_log(c, resource, settings))
}

fn watching(account: &Account, interface: &NetworkInterfaceId) -> Vec<FlowLogId> {
    let interface = account.world.interfaces.get(interface).unwrap();
    account.world.flow_logs_of(interface).map(|log| log.id.clone()).collect()
}

#[test]
fn an_interface_is_watched_by_its_own_flow_logs_and_those_of_its_subnet_and_vpc() {
    let mut account = Account::new();
    let vpc = account.vpc_with_dns("10.0.0.0/16");
    let other_vpc = account.vpc_with_dns("10.0.0.0/16");
    let [near, far] = ["10.0.0.0/24", "10.0.1.0/24"].map(|block| account.subnet(&vpc, block, "us-east-1a"));
    let elsewhere = account.subnet(&other_vpc, "10.0.0.0/24", "us-east-1a");
    let [a, b, c, d] =
        [&near, &near, &far, &elsewhere].map(|subnet| account.run(|w, x| w.attach_program(x, subnet, &[])));
    let settings = to_bucket("arn:aws:s3:::records");
    let of_vpc = made(&mut account, &FlowLogResource::Vpc(vpc), &settings);
    let of_subnet = made(&mut account, &FlowLogResource::Subnet(near), &settings);
    let of_interface = made(&mut account, &FlowLogResource::NetworkInterface(a.clone()), &settings);

    let mut all = vec![of_vpc.clone(), of_subnet.clone(), of_interface];
    all.sort();
    assert_eq!(watching(&account, &a), all);
    let mut two = vec![of_vpc.clone(), of_subnet];
    two.sort();
    assert_eq!(watching(&account, &b), two);
    assert_eq!(watching(&account, &c), [of_vpc]);
    assert!(watching(&account, &d).is_empty());
}

#[test]
fn a_resource_has_one_flow_log_for_a_kind_of_traffic_and_a_destination() {
    let mut account = Account::new();
    let vpc = FlowLogResource::Vpc(account.vpc_with_dns("10.0.0.0/16"));
    let bucket = to_bucket("arn:aws:s3:::records/folder");
    made(&mut account, &vpc, &bucket);
    let group = to_group(&account, "records");
    made(&mut account, &vpc, &group);
    let exists = "Error. There is an existing Flow Log with the same configuration and log destination.";
    // The same place may be written in several ways, and neither layout nor format makes another one of it.
    let again = FlowLogSettings {
        interval: AggregationInterval::Minute,
        format: "${bytes}".parse().unwrap(),
        ..to_bucket("arn:aws:s3:::records/folder/")
    };
    refused!(account, |w, c| w.create_flow_log(c, &vpc, &again), "FlowLogAlreadyExists", exists);
    let arn = format!("arn:aws:logs:us-east-1:{}:log-group:records:*", account.scope.account);
    let by_arn = LogGroup::at(&account.scope, &arn).unwrap();
    let role = RoleArn::read(ROLE, "deliverLogsPermissionArn").unwrap();
    let destination = FlowLogDestination::CloudWatchLogs { group: by_arn, role, cross_account_role: None };
    let again = FlowLogSettings { destination, ..bucket.clone() };
    refused!(account, |w, c| w.create_flow_log(c, &vpc, &again), "FlowLogAlreadyExists", exists);

    made(&mut account, &vpc, &FlowLogSettings { traffic: TrafficType::Reject, ..bucket });
    made(&mut account, &vpc, &to_bucket("arn:aws:s3:::records/other"));
    let other = FlowLogResource::Vpc(account.vpc_with_dns("10.0.0.0/16"));
    made(&mut account, &other, &to_bucket("arn:aws:s3:::records/folder"));
}

#[test]
fn a_resource_has_at_most_20_flow_logs() {
    let mut account = Account::new();
    let vpc = FlowLogResource::Vpc(account.vpc_with_dns("10.0.0.0/16"));
    for number in 0..20 {
        made(&mut account, &vpc, &to_bucket(&format!("arn:aws:s3:::records-{number}")));
    }
    let more = to_bucket("arn:aws:s3:::records");
    let message = "The maximum number of flow logs of a resource has been reached.";
    refused!(account, |w, c| w.create_flow_log(c, &vpc, &more), "FlowLogsLimitExceeded", message);
}

#[test]
fn an_account_has_at_most_5000_flow_logs_also_of_what_is_gone() {
    let mut account = Account::new();
    let vpc = account.vpc_with_dns("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let settings = to_bucket("arn:aws:s3:::records");
    account.run(|w, c| {
        for _ in 0..5000 {
            let interface = w.attach_program(c, &subnet, &[])?;
            w.create_flow_log(c, &FlowLogResource::NetworkInterface(interface.clone()), &settings)?;
            w.detach_program(&interface);
        }
        Ok(())
    });
    let vpc = FlowLogResource::Vpc(vpc);
    let message = "The maximum number of flow logs has been reached.";
    refused!(account, |w, c| w.create_flow_log(c, &vpc, &settings), "FlowLogsLimitExceeded", message);
    let one = account.world.flow_logs.iter().next().unwrap().id.clone();
    account.run(|w, c| w.delete_flow_logs(c, &[one]));
    made(&mut account, &vpc, &settings);
}

#[test]
fn only_what_the_account_has_can_be_watched() {
    let mut account = Account::new();
    let mut other = Account::of("444455556666", "us-east-1");
    let vpc = other.vpc_with_dns("10.0.0.0/16");
    account.world = other.world;
    let settings = to_bucket("arn:aws:s3:::records");
    let message = format!("The vpc ID '{vpc}' does not exist");
    let resource = FlowLogResource::Vpc(vpc);
    refused!(account, |w, c| w.create_flow_log(c, &resource, &settings), "InvalidVpcID.NotFound", message);
    let resource = FlowLogResource::Subnet("subnet-0a".parse().unwrap());
    let message = "The subnet ID 'subnet-0a' does not exist";
    refused!(account, |w, c| w.create_flow_log(c, &resource, &settings), "InvalidSubnetID.NotFound", message);
    let resource = FlowLogResource::NetworkInterface("eni-0a".parse().unwrap());
    let message = "The networkInterface ID 'eni-0a' does not exist";
    refused!(account, |w, c| w.create_flow_log(c, &resource, &settings), "InvalidNetworkInterfaceID.NotFound", message);
}

#[test]
fn a_flow_log_stays_when_its_resource_goes_and_keeps_nothing_from_going() {
    let mut account = Account::new();
    let vpc = account.vpc_with_dns("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let interface = account.run(|w, c| w.attach_program(c, &subnet, &[]));
    let settings = to_bucket("arn:aws:s3:::records");
    let resources = [
        FlowLogResource::Vpc(vpc.clone()),
        FlowLogResource::Subnet(subnet.clone()),
        FlowLogResource::NetworkInterface(interface.clone()),
    ];
    let logs = resources.map(|resource| made(&mut account, &resource, &settings));
    assert_eq!(account.world.interfaces.get(&interface).unwrap().attachment, Attachment::Program);
    account.world.detach_program(&interface);
    account.run(|w, c| w.delete_subnet(c, &subnet));
    account.run(|w, c| w.delete_vpc(c, &vpc));
    assert_eq!(account.world.flow_logs.len(), 3);
    account.run(|w, c| w.delete_flow_logs(c, &logs));
    assert!(account.world.flow_logs.is_empty());
}

#[test]
fn deleting_takes_all_flow_logs_with_their_tags_or_none() {
    let mut account = Account::new();
    let vpc = FlowLogResource::Vpc(account.vpc_with_dns("10.0.0.0/16"));
    let id = made(&mut account, &vpc, &to_bucket("arn:aws:s3:::records"));
    account.run(|w, c| w.create_tags(c, &[id.to_string()], &[("k".to_owned(), "v".to_owned())]));
    let [a, b]: [FlowLogId; 2] = ["fl-0a", "fl-0b"].map(|id| id.parse().unwrap());
    let message = "These flow log ids in the input list are not found: [TotalCount: 2] fl-0a fl-0b";
    let ids = [a, id.clone(), b];
    refused!(account, |w, c| w.delete_flow_logs(c, &ids), "InvalidFlowLogId.NotFound", message);
    account.run(|w, c| w.delete_flow_logs(c, &[id]));
    assert!(account.world.flow_logs.is_empty() && account.world.tags.is_empty());
}

#[test]
fn the_place_of_records_in_s3_is_an_arn_with_or_without_a_folder() {
    let prefix =
        |arn: &str| S3Folder::at(arn).map(|folder| (folder.to_string(), folder.bucket.clone(), folder.prefix()));
    for (arn, bucket, expected) in [
        ("arn:aws:s3:::records", "records", ""),
        ("arn:aws:s3:::records/", "records", ""),
        ("arn:aws:s3:::my.records/a/b", "my.records", "a/b/"),
        ("arn:aws:s3:::my-records/a/b/", "my-records", "a/b/"),
        ("arn:aws:s3:::records/a/NotAWSLogs/", "records", "a/NotAWSLogs/"),
    ] {
        assert_eq!(prefix(arn).unwrap(), (arn.to_owned(), bucket.to_owned(), expected.to_owned()));
    }
    let long = format!("arn:aws:s3:::records/{}", "x".repeat(701));
    for bad in [
        "",
        "records",
        "arn:aws:s3:::",
        "arn:aws:s3:::ab",
        "arn:aws:s3:::Records",
        "arn:aws:s3:::a b/c",
        "arn:aws:s3:us-east-1:111122223333:accesspoint/ap",
        "arn:aws:s3:::records/a\nb",
        &long,
    ] {
        let message = format!("1 validation error detected: Value '{bad}' at 'logDestination' has an invalid format");
        assert_eq!(S3Folder::at(bad).unwrap_err().to_string(), message);
    }
    for reserved in ["arn:aws:s3:::records/AWSLogs", "arn:aws:s3:::records/AWSLogs/", "arn:aws:s3:::records/AWSLogs/a"]
    {
        assert_eq!(S3Folder::at(reserved).unwrap_err().code(), "InvalidParameterValue");
    }
}

#[test]
fn the_arn_of_a_log_group_is_of_the_same_region_and_may_end_in_a_star() {
    let scope = Account::new().scope;
    let read = |arn: &str| LogGroup::at(&scope, arn).map(|group| (group.account.to_string(), group.name));
    let expected = ("444455556666".to_owned(), "/vpc/records".to_owned());
    let arn = "arn:aws:logs:us-east-1:444455556666:log-group:/vpc/records";
    assert_eq!(read(arn), Ok(expected.clone()));
    assert_eq!(read(&format!("{arn}:*")), Ok(expected));
    for bad in [
        "arn:aws:logs:us-west-2:444455556666:log-group:records",
        "arn:aws:logs:us-east-1:4444:log-group:records",
        "arn:aws:logs:us-east-1:444455556666:log-group:",
        "arn:aws:logs:us-east-1:444455556666:log-group:a:log-stream:b",
        "arn:aws:logs:us-east-11:444455556666:log-group:records",
        "arn:aws:s3:::records",
        "records",
    ] {
        assert_eq!(read(bad).unwrap_err().code(), "InvalidParameterValue", "{bad}");
    }
    assert!(LogGroup::named(&scope, "a b").is_err() && LogGroup::named(&scope, &"x".repeat(513)).is_err());
}

#[test]
fn the_arn_of_a_role_tells_its_account() {
    let role = RoleArn::read("arn:aws:iam::444455556666:role/a/path/flow-logs", "deliverLogsPermissionArn").unwrap();
    assert_eq!(role.account(), "444455556666");
    for bad in [
        "flow-logs",
        "arn:aws:iam::4444:role/a",
        "arn:aws:iam::444455556666:user/a",
        "arn:aws:iam::444455556666:role/",
        "arn:aws:iam::444455556666:role/a b",
    ] {
        let error = RoleArn::read(bad, "deliverLogsPermissionArn").unwrap_err();
        let message =
            format!("1 validation error detected: Value '{bad}' at 'deliverLogsPermissionArn' has an invalid format");
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn an_interval_is_one_minute_or_ten() {
    let seconds = |asked| AggregationInterval::try_from(asked).map(AggregationInterval::seconds);
    assert_eq!((seconds(60), seconds(600)), (Ok(60), Ok(600)));
    for bad in [0, 1, 61, 599, 601, -60, i32::MAX] {
        let error = seconds(bad).unwrap_err();
        assert_eq!(
            (error.code(), error.to_string().as_str()),
            ("InvalidParameter", "Invalid Flow Log Max Aggregation Interval")
        );
    }
}

#[test]
fn a_kind_of_traffic_covers_what_it_is_called() {
    let covered = |traffic: TrafficType| [traffic.covers(true), traffic.covers(false)];
    assert_eq!(covered(TrafficType::Accept), [true, false]);
    assert_eq!(covered(TrafficType::Reject), [false, true]);
    assert_eq!(covered(TrafficType::All), [true, true]);
}
