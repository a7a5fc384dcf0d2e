use std::slice::from_ref;

use sidegate_model::{DhcpConfiguration, DhcpOptions, DhcpOptionsId, HostnameType, SubnetAttribute, VpcDhcpOptions};

use crate::account::Account;
use crate::refused;

fn configuration(options: &[(&str, &[&str])]) -> Result<DhcpConfiguration, sidegate_model::Error> {
    let options: Vec<_> = options
        .iter()
        .map(|(key, values)| ((*key).to_owned(), values.iter().map(|value| (*value).to_owned()).collect()))
        .collect();
    DhcpConfiguration::parse(&options)
}

fn set(account: &mut Account, options: &[(&str, &[&str])]) -> DhcpOptionsId {
    let configuration = configuration(options).unwrap();
    account.run(|w, c| w.create_dhcp_options(c, configuration))
}

/// Options as a request gives them: keys with their values.
type Given<'a> = &'a [(&'a str, &'a [&'a str])];

#[test]
fn every_option_is_read_and_told_again() {
    let options: [(&str, &[&str]); 6] = [
        ("domain-name", &["a.example b.example"]),
        ("domain-name-servers", &["10.0.0.2", "10.0.0.3", "10.0.0.4", "AmazonProvidedDNS", "2001:db8::1"]),
        ("ntp-servers", &["169.254.169.123", "2001:db8::123"]),
        ("netbios-name-servers", &["10.0.0.9"]),
        ("netbios-node-type", &["2"]),
        ("ipv6-address-preferred-lease-time", &["140"]),
    ];
    let told = configuration(&options).unwrap().options();
    let expected = options.map(|(key, values)| (key, values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>()));
    assert_eq!(told, expected);
}

#[test]
fn an_option_that_cannot_be_is_refused() {
    let cases: [(Given<'_>, &str); 13] = [
        (&[], "MissingParameter"),
        (&[("domain", &["x"])], "InvalidParameterValue"),
        (&[("domain-name", &["x"]), ("domain-name", &["y"])], "InvalidParameterValue"),
        (&[("domain-name", &[])], "InvalidParameterValue"),
        (&[("domain-name", &["x", "y"])], "InvalidParameterValue"),
        (&[("domain-name-servers", &["host.example"])], "InvalidParameterValue"),
        (
            &[("domain-name-servers", &["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"])],
            "InvalidParameterValue",
        ),
        (
            &[("domain-name-servers", &["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "AmazonProvidedDNS"])],
            "InvalidParameterValue",
        ),
        (&[("ntp-servers", &["AmazonProvidedDNS"])], "InvalidParameterValue"),
        (&[("netbios-name-servers", &["2001:db8::1"])], "InvalidParameterValue"),
        (&[("netbios-node-type", &["3"])], "InvalidParameterValue"),
        (&[("netbios-node-type", &["1", "2"])], "InvalidParameterValue"),
        (&[("ipv6-address-preferred-lease-time", &["139"])], "InvalidParameterValue"),
    ];
    for (options, code) in cases {
        assert_eq!(configuration(options).unwrap_err().code(), code, "{options:?}");
    }
}

#[test]
fn a_vpc_has_the_default_set_another_one_or_none() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let default = DhcpOptions::default_of(&account.scope);
    let of_vpc = |account: &Account| {
        let vpc = account.world.vpcs.get(&vpc).unwrap();
        (vpc.dhcp_options_id(), account.world.dhcp_options_of(vpc))
    };
    assert_eq!(of_vpc(&account), (default.id.to_string(), Some(default.configuration.clone())));
    let other = set(&mut account, &[("domain-name", &["corp.example"])]);
    account.run(|w, c| w.associate_dhcp_options(c, &vpc, Some(&other)));
    assert_eq!(of_vpc(&account), (other.to_string(), configuration(&[("domain-name", &["corp.example"])]).ok()));
    refused!(
        account,
        |w, c| w.delete_dhcp_options(c, &other),
        "DependencyViolation",
        format!("The dhcpOptions '{other}' has dependencies and cannot be deleted.")
    );
    account.run(|w, c| w.associate_dhcp_options(c, &vpc, None));
    assert_eq!(of_vpc(&account), ("default".to_owned(), None));
    account.run(|w, c| w.create_tags(c, from_ref(&other.to_string()), &[("a".to_owned(), "b".to_owned())]));
    account.run(|w, c| w.delete_dhcp_options(c, &other));
    assert!(account.world.tags.is_empty());
    account.run(|w, c| w.associate_dhcp_options(c, &vpc, Some(&default.id)));
    assert_eq!(account.world.vpcs.get(&vpc).unwrap().dhcp_options, VpcDhcpOptions::Default);
    refused!(
        account,
        |w, c| w.associate_dhcp_options(c, &vpc, Some(&other)),
        "InvalidDhcpOptionID.NotFound",
        format!("The dhcpOption ID '{other}' does not exist")
    );
    let error = account.try_run(|w, c| w.delete_dhcp_options(c, &default.id)).unwrap_err();
    assert_eq!(error.code(), "DependencyViolation");
}

#[test]
fn the_101st_set_is_refused() {
    let mut account = Account::new();
    for _ in 0..100 {
        set(&mut account, &[("domain-name", &["x"])]);
    }
    refused!(
        account,
        |w, c| w.create_dhcp_options(c, DhcpConfiguration::default()),
        "DhcpOptionsLimitExceeded",
        "The maximum number of DHCP option sets has been reached."
    );
}

#[test]
fn a_host_is_called_by_its_address_or_its_id_in_the_domain_of_the_options() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let launch = |account: &mut Account| {
        let id = crate::instance::launch(account, &subnet);
        let interface = account.world.instances.get(&id).unwrap().interface.clone().unwrap();
        (id, interface)
    };
    let (_, first) = launch(&mut account);
    account
        .run(|w, c| w.modify_subnet_attribute(c, &subnet, SubnetAttribute::HostnameType(HostnameType::ResourceName)));
    let (id, second) = launch(&mut account);
    account.run(|w, c| w.modify_subnet_attribute(c, &subnet, SubnetAttribute::ResourceNameA(true)));
    let (both, third) = launch(&mut account);
    let names = |account: &Account, nic| {
        let nic = account.nic(nic);
        (account.world.private_host_name(nic), account.world.own_host_name(nic), account.world.resolved_host_names(nic))
    };
    let by_address = |n: u8| format!("ip-10-0-0-{n}.ec2.internal");
    assert_eq!(names(&account, &first), (by_address(4), by_address(4), vec![by_address(4)]));
    let by_id = format!("{id}.ec2.internal");
    assert_eq!(names(&account, &second), (by_id.clone(), by_id, vec![by_address(5)]));
    assert_eq!(names(&account, &third).2, [by_address(6), format!("{both}.ec2.internal")]);
    let corp = set(&mut account, &[("domain-name", &["corp.example second.example"])]);
    account.run(|w, c| w.associate_dhcp_options(c, &vpc, Some(&corp)));
    assert_eq!(names(&account, &first).1, "ip-10-0-0-4.corp.example");
    assert_eq!(names(&account, &second).1, format!("{id}.corp.example"));
    assert_eq!(names(&account, &first).0, by_address(4), "the name that answers show stays");
}
