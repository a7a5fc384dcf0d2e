use std::collections::BTreeSet;

use super::table::{OTHERS, OTHERS_TEXT, TEXT, other, rows, service};
use super::*;

#[test]
fn every_row_of_the_table_is_of_the_form() {
    let head = TEXT.lines().rfind(|line| line.starts_with('#')).unwrap();
    let columns = head.split('\t').count();
    for (index, row) in rows(TEXT).enumerate() {
        assert_eq!(row.split('\t').count(), columns, "{row}");
        assert!(row.split('\t').all(|cell| !cell.is_empty() && cell.trim() == cell), "{row}");
        let read = service(index, row).unwrap_or_else(|| panic!("{row}"));
        assert_eq!(read, Service::all()[index], "{row}");
        assert!(matches!(row.rsplit('\t').next(), Some("sdk" | "published" | "form" | "guide")), "{row}");
    }
    assert_eq!(rows(TEXT).count(), Service::all().len());
}

#[test]
fn every_row_of_the_others_is_of_the_form_and_of_no_service_that_endpoints_lead_to() {
    let columns = OTHERS_TEXT.lines().rfind(|line| line.starts_with('#')).unwrap().split('\t').count();
    for (index, row) in rows(OTHERS_TEXT).enumerate() {
        assert_eq!(row.split('\t').count(), columns, "{row}");
        assert_eq!(other(index, row).as_ref(), OTHERS.get(index), "{row}");
        let name = row.split('\t').next().unwrap();
        assert!(Service::all().iter().all(|service| service.name != name), "{name}");
        assert!(!Catalog::named(name).unwrap().has_endpoints());
    }
    assert!(OTHERS.len() > 100 && OTHERS.len() < 512, "their addresses are 512");
    assert_eq!(OTHERS.iter().map(|service| service.name).collect::<BTreeSet<_>>().len(), OTHERS.len());
    assert!(OTHERS.is_sorted_by_key(|service| service.name), "append rows at the end from here on");
}

#[test]
fn the_services_that_were_first_keep_their_places_and_the_others_follow_by_name() {
    let names: Vec<_> = Service::all().iter().map(|service| service.name).collect();
    let first = ["s3", "dynamodb", "secretsmanager", "sts", "kms", "logs", "monitoring", "bedrock"];
    assert_eq!(names[..8], first);
    assert_eq!(names[40..44], ["email", "appmesh-envoy-management", "iam", "organizations"]);
    let (by_name, appended) = names[44..].split_at(names.len() - 45);
    assert!(by_name.is_sorted(), "append rows at the end from here on, and name them below");
    assert_eq!(appended, ["appsync"]);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}

#[test]
fn a_service_has_an_api_of_its_own_or_that_of_one_that_has() {
    for service in Service::public() {
        let own = service.api == service.name;
        assert_eq!(own, service.protocol.is_some() && !service.signing.is_empty(), "{}", service.name);
        let api = Catalog::named(service.api).unwrap();
        assert_eq!(api.api, api.name, "{}", service.name);
        assert!(own || service.name.contains("fips"), "{}", service.name);
        let wants_target = matches!(service.protocol, Some(ApiProtocol::Cbor));
        assert!(!wants_target || !service.target.is_empty(), "{}", service.name);
    }
}

#[test]
fn names_are_of_the_region_or_of_the_region_where_aws_began() {
    let here: Region = "eu-west-1".parse().unwrap();
    for service in Service::all_in(here) {
        for name in service.public_names(here).iter().chain(&service.public_names6(here)) {
            assert!(name.contains(here.as_str()), "{name}");
        }
    }
    let zonal = Catalog::by_public_name(here, "b--euw1-az2--x-s3.s3express-euw1-az2.eu-west-1.amazonaws.com");
    assert_eq!(zonal.map(|service| service.name), Some("s3express"));
    assert_eq!(Catalog::by_public_name(here, "b.s3express-use1-az4.eu-west-1.amazonaws.com"), None);
}

#[test]
fn a_pattern_covers_what_the_names_that_it_stands_for_cover() {
    let here: Region = "us-east-1".parse().unwrap();
    for pattern in ["s3.{}.amazonaws.com", "*.s3.{}.amazonaws.com", "s3-{}.amazonaws.com", "*.s3-{az}.{}.aws", "*.a.b"]
    {
        for name in [
            "s3.us-east-1.amazonaws.com",
            "b.s3.us-east-1.amazonaws.com",
            ".s3.us-east-1.amazonaws.com",
            "s3.us-east-2.amazonaws.com",
            "xs3.us-east-1.amazonaws.com",
            "s3-us-east-1.amazonaws.com",
            "b.s3-use1-az1.us-east-1.aws",
            "x.a.b",
            "a.b",
            "",
        ] {
            let expected = in_region(pattern, here).any(|own| covers(&own, name));
            assert_eq!(covers_in(pattern, here, name), expected, "{pattern} {name}");
        }
    }
}

#[test]
fn every_row_of_fips_names_is_of_the_form_and_of_a_service_without_a_fips_endpoint_of_that_name() {
    let head = fips::TEXT.lines().rfind(|line| line.starts_with('#')).unwrap();
    let columns = head.split('\t').count();
    for row in fips::rows() {
        assert_eq!(row.split('\t').count(), columns, "{row}");
        assert!(row.split('\t').all(|cell| !cell.is_empty() && cell.trim() == cell), "{row}");
        let (name, read) = fips::read(row).unwrap_or_else(|| panic!("{row}"));
        assert_eq!(fips::NAMES.get(name), Some(&read), "{row}");
        let service = Catalog::named(name).unwrap();
        assert!(read.dualstack.is_empty() || !service.dualstack.is_empty(), "{name} has no IPv6 address");
        let mut names = read.public.split(' ').chain(read.dualstack.split(' ')).filter(|own| !own.is_empty());
        assert!(names.clone().count() > 0 && names.all(|own| own.contains("fips")), "{row}");
        let regions: Vec<_> = row.rsplit('\t').next().unwrap().split(' ').collect();
        for start in regions {
            assert!(Region::all().any(|region| is_among(start, region) && service.is_in(region)), "{row}");
        }
    }
    assert_eq!(fips::rows().count(), fips::NAMES.len());
}
