use std::collections::BTreeSet;

use sidegate_model::{AddressFamily, Catalog, Ipv6Cidr, PrefixList, Region, Service};

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

#[test]
fn a_service_is_found_by_its_endpoint_name_in_its_region_only() {
    let here = region("us-east-1");
    assert_eq!(Catalog::find(here, "com.amazonaws.us-east-1.bedrock-runtime").unwrap().name, "bedrock-runtime");
    for unknown in ["com.amazonaws.eu-west-1.s3", "com.amazonaws.us-east-1.nonsense", "s3", ""] {
        assert_eq!(Catalog::find(here, unknown), None);
    }
}

#[test]
fn a_service_that_is_one_for_all_regions_is_found_in_one_alone() {
    let (home, other) = (region("us-east-1"), region("eu-west-1"));
    for (service, endpoint, name) in [
        ("iam", "com.amazonaws.iam", "iam.amazonaws.com"),
        ("organizations", "com.amazonaws.us-east-1.organizations", "organizations.us-east-1.amazonaws.com"),
    ] {
        let found = Catalog::find(home, endpoint).unwrap();
        assert_eq!((found.name, found.is_global()), (service, true));
        assert!(found.private_names(home).contains(&name.to_owned()));
        assert_eq!(Catalog::by_public_name(home, name), Some(found));
        assert_eq!(Catalog::at(found.public_addresses(home)[0]), Some((home, found)));
        assert_eq!(Catalog::find(other, &found.endpoint_name(other)), None);
        assert_eq!(Catalog::by_public_name(other, name), None);
        assert_eq!(Catalog::at(found.public_addresses(other)[0]), None);
    }
    for service in Service::all().iter().filter(|service| service.is_global()) {
        assert_eq!(Region::all().filter(|region| Service::all_in(*region).any(|s| s == service)).count(), 1);
    }
    let in_one = |name: &str, r: &str| Service::all_in(region(r)).any(|service| service.name == name);
    assert!(in_one("networkmanager", "us-west-2") && !in_one("networkmanager", "us-east-1"));
    assert!(in_one("route53globalresolver", "us-east-2") && !in_one("route53globalresolver", "us-east-1"));
}

#[test]
fn every_region_has_the_services_of_the_guide_and_fips_endpoints_are_in_the_us_and_canada() {
    assert!(Service::all().len() > 450);
    let (home, other) = (region("us-east-1"), region("eu-west-1"));
    for (name, endpoint) in [
        ("access-analyzer", "com.amazonaws.eu-west-1.access-analyzer"),
        ("bedrock-agentcore.gateway", "com.amazonaws.eu-west-1.bedrock-agentcore.gateway"),
        ("qbusiness", "aws.api.eu-west-1.qbusiness"),
        ("notebook", "aws.sagemaker.eu-west-1.notebook"),
        ("cassandra-streams", "api.aws.eu-west-1.cassandra-streams"),
        ("s3-global.accesspoint", "com.amazonaws.s3-global.accesspoint"),
        ("kms-fips", "com.amazonaws.eu-west-1.kms-fips"),
    ] {
        let found = Catalog::find(other, endpoint).unwrap();
        assert_eq!((found.name, found.endpoint_name(other).as_str()), (name, endpoint));
        assert_eq!(Catalog::find(home, &found.endpoint_name(home)), Some(found));
    }
    let fips = |region| Service::all_in(region).filter(|s| s.name.contains("fips")).map(|s| s.name).collect::<Vec<_>>();
    assert_eq!(fips(other), ["elasticfilesystem-fips", "fms-fips", "kms-fips", "wafv2-fips"]);
    assert!(fips(home).len() > 80 && fips(region("ca-central-1")).len() > 80);
    assert_eq!(Catalog::named("kms-fips").unwrap().api, "kms");
    assert!(!Catalog::named("grafana-workspace").unwrap().policy);
}

#[test]
fn gateway_endpoints_lead_to_s3_its_express_zones_and_dynamodb() {
    let gateways: Vec<_> = Service::all().iter().filter(|s| s.gateway()).map(|s| s.name).collect();
    assert_eq!(gateways, ["s3", "dynamodb", "s3express"]);
    let without: Vec<_> = Service::all().iter().filter(|s| !s.interface()).map(|s| s.name).collect();
    assert_eq!(without, ["s3express"]);
}

#[test]
fn every_service_has_a_private_name_but_dynamodb_and_those_that_are_told_apart_by_names_of_their_own() {
    let without: Vec<_> =
        Service::all().iter().filter(|s| s.private_names(region("us-east-1")).is_empty()).map(|s| s.name).collect();
    assert_eq!(
        without,
        [
            "dynamodb",
            "apprunner.requests",
            "console",
            "dynamodb-fips",
            "dynamodb-streams",
            "eks-proxy",
            "emr-service-cell01",
            "highlander",
            "iot.credentials",
            "iot.data",
            "neptune-graph",
            "neptune-graph-data",
            "neptune-graph-fips",
            "quicksight-website",
            "s3express",
            "signin",
            "transfer.server",
        ]
    );
}

#[test]
fn the_own_names_of_endpoints_are_below_the_name_of_the_host() {
    let here = region("us-east-1");
    for (name, domain) in [
        ("s3", "s3"),
        ("kms", "kms"),
        ("ecr.api", "api.ecr"),
        ("ecr.dkr", "dkr.ecr"),
        ("kinesis-streams", "kinesis"),
        ("kinesis-firehose", "firehose"),
        ("sagemaker.api", "api.sagemaker"),
        ("dynamodb", "dynamodb"),
        ("iot.data", "data.iot"),
        ("iam", "iam"),
        ("s3-global.accesspoint", "accesspoint.s3-global"),
        ("bedrock-mantle", "bedrock-mantle"),
        ("notebook", "notebook"),
        ("neptune-graph-data", "neptune-graph-data"),
        ("eks-proxy", "eks-proxy"),
        ("dynamodb-streams", "streams.dynamodb"),
    ] {
        let found = Catalog::named(name).unwrap();
        assert_eq!(found.endpoint_domain(here), format!("{domain}.us-east-1.vpce.amazonaws.com"));
    }
    for region in Region::all() {
        let domains: Vec<_> = Service::all_in(region).map(|service| service.endpoint_domain(region)).collect();
        assert_eq!(domains.iter().collect::<BTreeSet<_>>().len(), domains.len());
    }
}

#[test]
fn the_private_names_of_s3_leave_the_global_and_the_dash_form_out() {
    assert_eq!(
        Catalog::named("s3").unwrap().private_names(region("eu-west-1")),
        [
            "s3.eu-west-1.amazonaws.com",
            "*.s3.eu-west-1.amazonaws.com",
            "s3-control.eu-west-1.amazonaws.com",
            "*.s3-control.eu-west-1.amazonaws.com",
            "s3-accesspoint.eu-west-1.amazonaws.com",
            "*.s3-accesspoint.eu-west-1.amazonaws.com",
        ]
    );
}

#[test]
fn the_global_name_of_s3_belongs_to_us_east_1() {
    let found = |r: &str, name: &str| Catalog::by_public_name(region(r), name).map(|s| s.name);
    assert_eq!(found("us-east-1", "bucket.s3.amazonaws.com"), Some("s3"));
    assert_eq!(found("us-east-1", "s3.amazonaws.com"), Some("s3"));
    assert_eq!(found("eu-west-1", "s3.amazonaws.com"), None);
    assert_eq!(found("eu-west-1", "bucket.s3.eu-west-1.amazonaws.com"), Some("s3"));
    assert_eq!(found("eu-west-1", "evils3.eu-west-1.amazonaws.com"), None);
    assert_eq!(found("eu-west-1", ".s3.eu-west-1.amazonaws.com"), None);
}

#[test]
fn fips_names_of_emulated_services_are_theirs_where_aws_has_them() {
    let found = |r: &str, name: &str| Catalog::by_public_name(region(r), name).map(|s| s.name);
    for (name, service) in [
        ("s3-fips.us-east-1.amazonaws.com", "s3"),
        ("documents.s3-fips.us-east-1.amazonaws.com", "s3"),
        ("documents.s3-fips.dualstack.us-east-1.amazonaws.com", "s3"),
        ("123456789012.s3-control-fips.us-east-1.amazonaws.com", "s3"),
        ("mine-123456789012.s3-accesspoint-fips.us-east-1.amazonaws.com", "s3"),
        ("dynamodb-fips.us-east-1.amazonaws.com", "dynamodb"),
        ("streams.dynamodb-fips.us-east-1.amazonaws.com", "dynamodb-streams"),
        ("secretsmanager-fips.us-east-1.amazonaws.com", "secretsmanager"),
        ("secretsmanager-fips.us-east-1.api.aws", "secretsmanager"),
        ("logs-fips.us-east-1.amazonaws.com", "logs"),
        ("lambda-fips.us-east-1.amazonaws.com", "lambda"),
        ("monitoring-fips.us-east-1.amazonaws.com", "monitoring"),
        ("kms-fips.us-east-1.amazonaws.com", "kms-fips"),
        ("sts-fips.us-east-1.amazonaws.com", "sts-fips"),
        ("bedrock-fips.us-east-1.amazonaws.com", "bedrock-fips"),
        ("bedrock-runtime-fips.us-east-1.amazonaws.com", "bedrock-runtime-fips"),
        ("ec2-fips.us-east-1.amazonaws.com", "ec2-fips"),
        ("iam-fips.amazonaws.com", "iam"),
        ("organizations-fips.us-east-1.amazonaws.com", "organizations-fips"),
    ] {
        assert_eq!(found("us-east-1", name), Some(service), "{name}");
    }
    assert_eq!(found("ca-west-1", "s3-fips.ca-west-1.amazonaws.com"), Some("s3"));
    for (r, name) in [
        ("eu-west-1", "s3-fips.eu-west-1.amazonaws.com"),
        ("ca-west-1", "lambda-fips.ca-west-1.amazonaws.com"),
        ("us-east-1", "s3-fips.us-west-2.amazonaws.com"),
    ] {
        assert_eq!(found(r, name), None, "{name}");
    }
    let here = region("us-east-1");
    for service in Service::all_in(here).filter(|own| own.name != "kms-fips") {
        assert!(service.name.contains("fips") || !service.private_names(here).iter().any(|own| own.contains("fips")));
    }
}

#[test]
fn a_name_with_an_account_is_dynamodbs_and_no_private_one() {
    for region in Region::all() {
        let dynamodb = Catalog::named("dynamodb").unwrap();
        for domain in ["amazonaws.com", "api.aws"] {
            let name = format!("123456789012.ddb.{region}.{domain}");
            assert_eq!(Catalog::by_public_name(region, &name), Some(dynamodb), "{name}");
            assert_eq!(Catalog::by_public_name(region, &format!("ddb.{region}.{domain}")), None);
        }
        assert!(dynamodb.public_names6(region).contains(&format!("*.ddb.{region}.api.aws")));
        assert!(dynamodb.private_names(region).is_empty());
    }
}

#[test]
fn services_without_endpoints_are_found_in_public_dns_and_under_no_endpoint_service_name() {
    let here = region("us-east-1");
    for name in ["es", "quicksight", "kinesisvideo", "medialive", "sso", "support"] {
        let found = Catalog::by_public_name(here, &format!("{name}.us-east-1.amazonaws.com")).unwrap();
        assert_eq!((found.name, found.has_endpoints(), found.private_names(here).len()), (name, false, 0));
        let [address] = found.public_addresses(here)[..] else { panic!("{found:?}") };
        assert_eq!(Catalog::at(address), Some((here, found)));
        assert_eq!(Catalog::find(here, &found.endpoint_name(here)), None);
        assert!(!Service::all_in(here).any(|service| service.name == name));
    }
    assert_eq!(Catalog::by_public_name(region("eu-west-1"), "budgets.amazonaws.com"), None);
    assert_eq!(Catalog::by_public_name(here, "budgets.amazonaws.com").map(|found| found.name), Some("budgets"));
    let known = Catalog::by_public_name(here, "dsql.us-east-1.amazonaws.com").unwrap();
    assert!(known.has_endpoints(), "its endpoints have another private name");
}

#[test]
fn no_public_name_belongs_to_two_services() {
    for region in Region::all() {
        let names: Vec<_> = Service::public_in(region).flat_map(|s| s.public_names(region)).collect();
        let once: BTreeSet<_> = names.iter().collect();
        assert_eq!(once.len(), names.len());
        for service in Service::public_in(region) {
            for name in service.public_names(region) {
                let concrete = name.replacen('*', "x", 1);
                assert_eq!(Catalog::by_public_name(region, &concrete).unwrap().name, service.name, "{concrete}");
            }
        }
    }
}

#[test]
fn a_public_address_belongs_to_one_service_of_one_region() {
    let mut seen = BTreeSet::new();
    for region in Region::all() {
        for service in Service::public_in(region) {
            let lists = PrefixList::managed(region);
            for address in service.public_addresses(region) {
                assert!(seen.insert(address), "{address} is given twice");
                assert!(region.public_block().contains(address));
                for list in &lists {
                    let inside = list.cidrs.iter().any(|c| c.contains(address));
                    assert_eq!(inside, list.name == service.endpoint_name(region), "{} {address}", list.name);
                }
            }
        }
    }
}

#[test]
fn a_public_ipv6_address_belongs_to_one_service_of_one_region() {
    let mut seen = BTreeSet::new();
    let range: Ipv6Cidr = "2001:2::/48".parse().unwrap();
    for region in Region::all() {
        assert!(range.covers(region.public_ipv6_block()));
        let lists = PrefixList::managed(region);
        for service in Service::all_in(region) {
            let Some(address) = service.public_ipv6(region) else { continue };
            assert!(seen.insert(address), "{address} is given twice");
            assert!(region.public_ipv6_block().contains(address));
            assert_eq!(Catalog::at_ipv6(address), Some((region, service)));
            let holding = lists.iter().filter(|list| list.cidrs6.iter().any(|c| c.contains(address)));
            let expected = service.gateway().then(|| format!("com.amazonaws.{region}.ipv6.{}", service.name));
            assert_eq!(holding.map(|list| list.name.clone()).collect::<Vec<_>>(), Vec::from_iter(expected));
        }
    }
    assert!(seen.len() > 500);
    assert_eq!(Catalog::at_ipv6("2001:2::1".parse().unwrap()), None);
}

#[test]
fn dual_stack_names_are_public_names_and_go_with_a_public_ipv6_address() {
    let here = region("eu-west-1");
    for service in Service::all_in(here) {
        let (public, dualstack) = (service.public_names(here), service.public_names6(here));
        assert!(dualstack.iter().all(|name| public.contains(name)));
        assert_eq!(dualstack.is_empty(), service.public_ipv6(here).is_none(), "{}", service.name);
    }
    let names = |name: &str| Catalog::named(name).unwrap().public_names6(here);
    assert!(names("s3").contains(&"*.s3.dualstack.eu-west-1.amazonaws.com".to_owned()));
    assert!(!names("s3").iter().any(|name| name.contains("s3.eu-west-1")));
    assert_eq!(names("ecr.api"), ["ecr.eu-west-1.api.aws"]);
    assert_eq!(names("kms"), ["kms.eu-west-1.api.aws"]);
    assert!(names("dms").is_empty());
    let types = |name: &str| Catalog::named(name).unwrap().ip_address_types().len();
    assert_eq!([types("s3"), types("kms"), types("rds"), types("ec2"), types("email")], [3, 3, 3, 1, 3]);
}

#[test]
fn prefix_lists_have_ids_of_their_own_and_those_of_us_east_1_are_the_known_ones() {
    let mut ids = BTreeSet::new();
    for region in Region::all() {
        for list in PrefixList::managed(region) {
            assert!(list.id.as_str().parse::<sidegate_model::PrefixListId>().is_ok());
            assert_eq!(PrefixList::find(region, &list.id), Some(list.clone()));
            assert_eq!(list.weight, 1);
            let family = if list.name.contains(".ipv6.") { AddressFamily::Ipv6 } else { AddressFamily::Ipv4 };
            assert_eq!(list.family(), family);
            assert_eq!(
                (list.cidrs.is_empty(), list.cidrs6.is_empty()),
                (family == AddressFamily::Ipv6, family == AddressFamily::Ipv4)
            );
            assert!(ids.insert(list.id));
        }
    }
    let here = region("us-east-1");
    let id = |name: &str| PrefixList::of(Catalog::named(name).unwrap(), here).id.to_string();
    assert_eq!((id("s3"), id("dynamodb")), ("pl-63a5400a".to_owned(), "pl-02cd2c6b".to_owned()));
    assert_eq!(PrefixList::find(region("us-east-2"), &"pl-63a5400a".parse().unwrap()), None);
}

#[test]
fn blocks_of_prefix_lists_do_not_overlap() {
    let all: Vec<_> = Region::all().flat_map(PrefixList::managed).flat_map(|l| l.cidrs).collect();
    for (i, a) in all.iter().enumerate() {
        assert!(all.iter().skip(i + 1).all(|b| !a.overlaps(*b)), "{a}");
    }
}

#[test]
fn zones_are_named_after_their_region_and_found_by_name_or_id() {
    let zones: Vec<_> = region("us-east-1").zones().map(|z| (z.name(), z.id())).collect();
    assert_eq!(zones.len(), 6);
    assert_eq!(zones[5], ("us-east-1f".to_owned(), "use1-az6".to_owned()));
    assert_eq!(region("ap-southeast-7").zones().count(), 3);
}

#[test]
fn an_unknown_region_or_account_is_not_parsed() {
    assert_eq!("us-east-9".parse::<Region>().unwrap_err(), "`us-east-9` is not a Region that Sidegate knows");
    for bad in ["", "12345678901", "1234567890123", "12345678901x"] {
        assert!(bad.parse::<sidegate_model::AccountId>().is_err());
    }
}
