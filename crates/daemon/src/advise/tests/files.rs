//! Volumes of files, and files beside a described account.

use super::*;

fn told(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}

#[test]
fn a_volume_beside_its_directions_is_counted_once() {
    let file = r#"region = "us-east-1"
[services]
kms = { gb = 500, sent_gb = 400, received_gb = 100 }
sqs = { gb = 0.3, sent_gb = 0.1, received_gb = 0.2 }
sns = { received_gb = 2, gb = 5 }
logs = { gb = 5, sent_gb = 2 }
s3 = { gb = 500, sent_gb = 400, received_gb = 1 }
sts = { gb = 1, sent_gb = 2 }
"#;
    let (read, findings) = read("w.toml", file, None);
    let volumes: Vec<_> =
        read.needs.iter().map(|need| need.inside()).map(|one| (one.sent / GB, one.received / GB)).collect();
    assert_eq!(volumes, [(400, 100), (0, 0), (3, 2), (2, 3), (400, 1), (2, 0)]);
    let told = told(&findings);
    assert_eq!(told.len(), 2, "{told:#?}");
    for (told, line) in told.iter().zip([7, 8]) {
        assert!(told.starts_with(&format!("w.toml:{line}: `gb` is `sent_gb` and `received_gb` together")), "{told}");
    }
}

#[test]
fn what_no_number_of_vpcs_can_have_is_left_out() {
    let file = r#"region = "us-east-1"
vpcs = 100
egress = "nat"
internet_gb = 1_000_000_000
[services]
kms = 1_000_000_000
s3 = { gb = 10_000_000, peered_gb = 5_000_000 }
sqs = 10_000_000
"#;
    let (read, findings) = read("w.toml", file, None);
    let told = told(&findings);
    let [internet, kms, s3] = told.as_slice() else { panic!("{told:#?}") };
    assert!(internet.contains("`internet_gb` in 100 VPCs is more than an exabyte"), "{internet}");
    assert!(kms.starts_with("w.toml:6: `kms` in 100 VPCs is more than an exabyte"), "{kms}");
    assert!(s3.starts_with("w.toml:7: `s3`"), "{s3}");
    let workload = read.workload().unwrap();
    let network = &workload.networks[0];
    assert_eq!((network.needs.len(), network.needs[0].service.name, network.other), (1, "sqs", 0));
}

#[test]
fn traffic_that_is_multiplied_beyond_all_measure_is_left_out() {
    let file = "region = \"us-east-1\"\negress = \"nat\"\ninternet_gb = 9\n[services]\nkms = 1_000_000\ns3 = 1\n";
    let mut all = vec![read("w.toml", file, None).0.workload().unwrap()];
    assert_eq!(scale(&mut all, 1.0), [""; 0]);
    let left_out = scale(&mut all, 1e9);
    assert_eq!(left_out.len(), 2, "{left_out:?}");
    assert!(left_out[0].contains("the internet is more than an exabyte"), "{left_out:?}");
    assert!(left_out[1].contains("`kms` is more than an exabyte"), "{left_out:?}");
    let network = &all[0].networks[0];
    assert_eq!(
        (network.needs.len(), network.needs[0].inside().total(), network.other),
        (1, 1_000_000_000 * GB, 1 << 60)
    );
}

#[test]
fn a_file_beside_an_account_says_nothing_of_what_the_account_says() {
    let file = r#"region = "us-east-1"
name = "mine"
zones = 1
vpcs = 3
egress = "nat"
nat_gateways = 9
cidr_blocks = ["10.0.0.0/8"]
nat_stays = false
internet_gb = 7
transit_gateway = true
[services]
kms = 1
"#;
    let (read, findings) = read_beside("w.toml", file, None);
    let told = told(&findings);
    for (key, line) in [("name", 2), ("zones", 3), ("vpcs", 4), ("egress", 5), ("nat_gateways", 6), ("cidr_blocks", 7)]
    {
        let expected = format!("w.toml:{line}: `{key}` is left out: the described account says it");
        assert!(told.contains(&expected), "{told:#?}");
    }
    assert_eq!(told.len(), 6, "{told:#?}");
    assert_eq!((read.stay(), read.other() / GB, read.is_attached()), (Some(false), 7, true));
}
