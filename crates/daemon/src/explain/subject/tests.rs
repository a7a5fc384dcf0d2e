use std::net::IpAddr;

use sidegate_model::{InstanceId, SubnetId, World};
use sidegate_plan::analyze::{Goal, Source};

use super::{End, SubjectError, Subjects};
use crate::explain::built::Built;

/// Two VPCs with the same names in them.
struct Twice {
    world: World,
    web: [InstanceId; 2],
    database: InstanceId,
    private: SubnetId,
    endpoint: String,
}

fn twice() -> Twice {
    let mut built = Built::new();
    let (first, second) = (built.vpc(), built.vpc_of("10.1.0.0/16"));
    let private = built.subnet(&first, 1, "us-east-1a");
    let other = built.subnet_of(&second, "10.1.1.0/24", "us-east-1a");
    let web = [built.instance(&private, &[]), built.instance(&other, &[])];
    let database = built.instance(&private, &[]);
    let endpoint = built.interface(&first, "secretsmanager", &[&private], &[]).to_string();
    let mut name = |id: &str, name: &str| {
        let (id, tag) = (id.to_owned(), ("Name".to_owned(), name.to_owned()));
        built.with(|world, context| world.create_tags(context, &[id], &[tag]));
    };
    name(web[0].as_str(), "web");
    name(web[1].as_str(), "web");
    name(database.as_str(), "database");
    name(private.as_str(), "private");
    name(&endpoint, "secrets");
    Twice { web, database, private, endpoint, world: built.world }
}

#[test]
fn a_source_is_an_instance_an_interface_a_subnet_or_an_address_by_its_id_or_its_name() {
    let twice = twice();
    let subjects = Subjects::of(&twice.world);
    let source = |text: &str| subjects.source(text, &[], false).unwrap();
    let interface = twice.world.instances.get(&twice.database).unwrap().interface.clone().unwrap();
    assert_eq!(source(twice.database.as_str()), Source::Instance(twice.database.clone()));
    assert_eq!(source("database"), Source::Instance(twice.database.clone()));
    assert_eq!(source(&format!(" {interface} ")), Source::Interface(interface.clone()));
    let address = twice.world.interfaces.get(&interface).unwrap().address;
    assert_eq!(source(&address.to_string()), Source::Interface(interface.clone()));
    let arn = format!("arn:aws:ec2:us-east-1:123456789012:network-interface/{interface}");
    assert_eq!(source(&arn), Source::Interface(interface));
    assert_eq!(source("private"), Source::Subnet { subnet: twice.private.clone(), groups: Vec::new() });
    assert_eq!(source("internet"), Source::Internet(IpAddr::from([198, 19, 255, 1])));
    assert_eq!(source("outside:203.0.113.9"), Source::Internet(IpAddr::from([203, 0, 113, 9])));
    assert_eq!(source("internet:[2001:4860::8]"), Source::Internet("2001:4860::8".parse().unwrap()));
    assert!(matches!(subjects.source("internet", &[], true), Ok(Source::Internet(IpAddr::V6(_)))));
}

#[test]
fn a_function_is_named_or_told_by_its_arn_whatever_its_version() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnets = [built.subnet(&vpc, 1, "us-east-1a"), built.subnet(&vpc, 2, "us-east-1b")];
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:qa";
    for subnet in &subnets {
        built.with(|world, context| world.attach_function(context, subnet, &[], arn, String::new()));
    }
    let subjects = Subjects::of(&built.world);
    for text in ["lambda:qa", arn, &format!("{arn}:prod")] {
        assert_eq!(subjects.source(text, &[], false), Ok(Source::Function(arn.to_owned())), "{text}");
    }
    let told = subjects.source("lambda:aq", &[], false).unwrap_err().to_string();
    assert!(told.contains(arn), "{told}");
    assert!(matches!(subjects.target("lambda:qa", None), Err(SubjectError::Kind { .. })));
    // The service takes calls of a function.
    assert_eq!(subjects.target(arn, None).unwrap().resource.as_deref(), Some(arn));
}

#[test]
fn groups_go_with_a_subnet_alone() {
    let twice = twice();
    let subjects = Subjects::of(&twice.world);
    let group = twice.world.security_groups.iter().next().unwrap().id.clone();
    assert!(subjects.source("private", std::slice::from_ref(&group), false).is_ok());
    assert!(matches!(subjects.source("database", &[group], false), Err(SubjectError::Groups { .. })));
}

#[test]
fn a_name_of_several_is_answered_with_all_of_them_and_a_misspelt_one_with_what_is_near() {
    let twice = twice();
    let subjects = Subjects::of(&twice.world);
    let told = subjects.source("web", &[], false).unwrap_err().to_string();
    for id in &twice.web {
        assert!(told.contains(&format!("\n  {id} \"web\", instance in vpc-")), "{told}");
    }
    for typed in ["databaes", "dat", "Database", "atabase", "base"] {
        let told = subjects.source(typed, &[], false).unwrap_err().to_string();
        assert!(told.contains(&format!("{} \"database\"", twice.database)), "{typed}: {told}");
    }
    // An id that is not there, of a kind of which there are few.
    let told = subjects.source("i-0ffffffffffffffff", &[], false).unwrap_err().to_string();
    assert!(told.contains(twice.database.as_str()) && told.contains(twice.web[0].as_str()), "{told}");
    let told = subjects.target("s33", None).unwrap_err().to_string();
    assert!(told.contains("\n  s3, service"), "{told}");
    let nothing = subjects.source("no such thing at all", &[], false).unwrap_err();
    assert!(matches!(&nothing, SubjectError::Nothing { end: End::Source, near, .. } if near.is_empty()));
    assert!(nothing.to_string().contains("lambda:FUNCTION"), "{nothing}");
    let vpc = twice.world.vpcs.iter().next().unwrap().id.to_string();
    assert!(matches!(subjects.source(&vpc, &[], false), Err(SubjectError::Kind { .. })));
    assert!(matches!(subjects.source(&twice.endpoint, &[], false), Err(SubjectError::Kind { .. })));
}

#[test]
fn an_account_or_a_region_leaves_out_what_is_elsewhere() {
    let twice = twice();
    let other = "111111111111".parse().unwrap();
    let subjects = Subjects::of(&twice.world).within(Some(&other), None);
    assert!(subjects.source("database", &[], false).is_err());
    let subjects = Subjects::of(&twice.world).within(None, Some("eu-west-1".parse().unwrap()));
    assert!(subjects.source("database", &[], false).is_err());
    let home = "123456789012".parse().unwrap();
    let subjects = Subjects::of(&twice.world).within(Some(&home), Some("us-east-1".parse().unwrap()));
    assert!(subjects.source("database", &[], false).is_ok());
}

#[test]
fn what_is_no_end_of_a_path_is_told_by_its_kind_and_what_is_elsewhere_by_its_name() {
    let twice = twice();
    let group = twice.world.security_groups.iter().next().unwrap().id.to_string();
    let table = twice.world.route_tables.iter().next().unwrap().id.to_string();
    let subjects = Subjects::of(&twice.world);
    for (id, kind) in [(&group, "security group"), (&table, "route table")] {
        let told = subjects.source(id, &[], false).unwrap_err().to_string();
        assert!(told.starts_with(&format!("no path begins at the {kind} `{id}`, but at ")), "{told}");
        let told = subjects.target(id, None).unwrap_err().to_string();
        assert!(told.starts_with(&format!("no path ends at the {kind} `{id}`, but at ")), "{told}");
    }
    let other = "111111111111".parse().unwrap();
    let told = Subjects::of(&twice.world).within(Some(&other), None).source("database", &[], false).unwrap_err();
    let told = told.to_string();
    assert!(told.contains("nothing of this account and Region is called `database`; elsewhere there is:\n"), "{told}");
    assert!(told.contains(twice.database.as_str()), "{told}");
}

#[test]
fn a_target_is_understood_in_all_the_forms_that_people_type() {
    let twice = twice();
    let subjects = Subjects::of(&twice.world);
    let told = |text: &str| {
        let target = subjects.target(text, None).unwrap();
        let port = (target.port, target.usual_port);
        (target.goal, port, target.resource.unwrap_or_default())
    };
    let name = |name: &str| Goal::Name(name.to_owned());
    let service = |name: &str| Goal::Service(name.to_owned());
    let address = |text: &str| Goal::Address(text.parse().unwrap());
    let cases = [
        ("s3", service("s3"), (None, Some(443)), ""),
        ("s3:80", service("s3"), (Some(80), Some(443)), ""),
        ("com.amazonaws.us-east-1.s3", name("s3.us-east-1.amazonaws.com"), (None, Some(443)), ""),
        ("com.amazonaws.eu-west-1.kms", name("kms.eu-west-1.amazonaws.com"), (None, Some(443)), ""),
        ("Docs.S3.amazonaws.com.", name("Docs.S3.amazonaws.com."), (None, Some(443)), ""),
        (
            "https://docs.s3.us-east-1.amazonaws.com/a/b%20c?x=1",
            name("docs.s3.us-east-1.amazonaws.com"),
            (None, Some(443)),
            "arn:aws:s3:::docs/a/b c",
        ),
        (
            "https://s3.us-east-1.amazonaws.com:8443/docs/a",
            name("s3.us-east-1.amazonaws.com"),
            (Some(8443), Some(443)),
            "arn:aws:s3:::docs/a",
        ),
        ("http://10.0.0.9/", address("10.0.0.9"), (None, Some(80)), ""),
        ("postgres://db.example.com:5432/app", name("db.example.com"), (Some(5432), None), ""),
        ("10.1.2.3:5432", address("10.1.2.3"), (Some(5432), None), ""),
        ("10.1.2.3", address("10.1.2.3"), (None, None), ""),
        ("2001:db8::1", address("2001:db8::1"), (None, None), ""),
        ("[2001:db8::1]:53", address("2001:db8::1"), (Some(53), None), ""),
        ("s3://docs/a/b", service("s3"), (None, Some(443)), "arn:aws:s3:::docs/a/b"),
        ("s3://docs", service("s3"), (None, Some(443)), "arn:aws:s3:::docs"),
        ("s3://docs/", service("s3"), (None, Some(443)), "arn:aws:s3:::docs"),
        ("arn:aws:s3:::docs/a", service("s3"), (None, Some(443)), "arn:aws:s3:::docs/a"),
        (
            "arn:aws:dynamodb:eu-west-1:123456789012:table/t",
            name("dynamodb.eu-west-1.amazonaws.com"),
            (None, Some(443)),
            "arn:aws:dynamodb:eu-west-1:123456789012:table/t",
        ),
        ("database:5432", Goal::Instance(twice.database.clone()), (Some(5432), None), ""),
        (twice.database.as_str(), Goal::Instance(twice.database.clone()), (None, None), ""),
    ];
    for (text, goal, port, resource) in cases {
        assert_eq!(told(text), (goal, port, resource.to_owned()), "{text}");
    }
    let endpoint = subjects.target("secrets", None).unwrap();
    assert_eq!(endpoint.endpoint.map(|id| id.to_string()), Some(twice.endpoint.clone()));
    assert!(matches!(&endpoint.goal, Goal::Name(name) if name.starts_with(&twice.endpoint)), "{:?}", endpoint.goal);
    let model = "arn:aws:bedrock:us-east-1::foundation-model/m";
    let invoked = subjects.target(model, Some("bedrock:InvokeModel")).unwrap();
    assert_eq!(invoked.goal, name("bedrock-runtime.us-east-1.amazonaws.com"));
    assert_eq!(subjects.target(model, None).unwrap().goal, name("bedrock.us-east-1.amazonaws.com"));
}

#[test]
fn what_has_a_form_and_is_none_is_told_why() {
    let twice = twice();
    let subjects = Subjects::of(&twice.world);
    for (text, reason) in [
        ("10.0.0.1:0", "no port"),
        ("10.0.0.1:70000", "no port"),
        ("[2001:db8::1", "not closed"),
        ("[10.0.0.1]:80", "IPv6"),
        ("https://user:secret@s3.amazonaws.com/", "leave it out"),
        ("https:///x", "no host"),
        ("https://localhost/", "no name with a dot"),
        ("arn:aws:s3", "ARN is"),
        ("arn:aws:nosuch:us-east-1:1:x", "no service"),
        ("arn:aws:kms:us-nowhere-1:123456789012:key/k", "no Region"),
    ] {
        let told = subjects.target(text, None).unwrap_err();
        assert!(matches!(told, SubjectError::Form { .. }) && told.to_string().contains(reason), "{text}: {told}");
    }
    let outside = subjects.source("internet:nowhere", &[], false).unwrap_err();
    assert!(matches!(outside, SubjectError::Form { .. }), "{outside}");
}
