//! Paths of Reachability Analyzer over the API.

use super::super::tests::{Answer, Api};

/// Two interfaces of the account.
fn interfaces(api: &Api) -> [String; 2] {
    let network = api.network();
    [0, 1].map(|at| api.ok("CreateNetworkInterface", &[("SubnetId", &network.subnets[at])]).text("networkInterfaceId"))
}

/// Makes a path, with a token of its own.
fn made(api: &Api, more: &[(&str, &str)]) -> Answer {
    let token = format!("path {}", api.world().network_insights_paths.len());
    api.ok("CreateNetworkInsightsPath", &[more, &[("ClientToken", &token)]].concat())
}

#[test]
fn a_path_shows_what_it_was_made_with() {
    let api = Api::new();
    let [source, destination] = interfaces(&api);
    let parameters = [
        ("Source", &*source),
        ("Destination", &*destination),
        ("Protocol", "TCP"),
        ("SourceIp", "10.0.1.4"),
        ("DestinationIp", "10.0.2.4"),
        ("DestinationPort", "443"),
        ("TagSpecification.1.ResourceType", "network-insights-path"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "red"),
    ];
    let answer = made(&api, &parameters);
    let id = answer.text("networkInsightsPathId");
    assert!(id.starts_with("nip-") && id.len() == 21, "{id}");
    let arn = |kind: &str, id: &str| format!("arn:aws:ec2:us-east-1:123456789012:{kind}/{id}");
    let shown = api.ok("DescribeNetworkInsightsPaths", &[("NetworkInsightsPathId.1", &id)]);
    for answer in [&answer, &shown] {
        for (element, value) in [
            ("networkInsightsPathArn", arn("network-insights-path", &id)),
            ("source", source.clone()),
            ("sourceArn", arn("network-interface", &source)),
            ("destination", destination.clone()),
            ("destinationArn", arn("network-interface", &destination)),
            ("protocol", "tcp".to_owned()),
            ("sourceIp", "10.0.1.4".to_owned()),
            ("destinationIp", "10.0.2.4".to_owned()),
            ("destinationPort", "443".to_owned()),
            ("value", "red".to_owned()),
        ] {
            assert_eq!(answer.text(element), value, "{element}");
        }
        assert!(!answer.xml.contains("filterAt"), "{}", answer.xml);
    }
    let created = api.world().network_insights_paths.iter().next().unwrap().created;
    let seconds = crate::clock::rfc3339(created).unwrap();
    assert_eq!(shown.text("createdDate").get(..19), seconds.get(..19));
}

#[test]
fn a_path_may_be_given_by_arns_and_by_filters_at_both_ends() {
    let api = Api::new();
    let [source, destination] = interfaces(&api);
    let arn = format!("arn:aws:ec2:us-east-1:123456789012:network-interface/{source}");
    let parameters = [
        ("Source", &*arn),
        ("Destination", &*destination),
        ("Protocol", "udp"),
        ("FilterAtSource.SourceAddress", "10.0.1.4"),
        ("FilterAtSource.SourcePortRange.FromPort", "1024"),
        ("FilterAtSource.SourcePortRange.ToPort", "65535"),
        ("FilterAtSource.DestinationAddress", "10.0.2.4"),
        ("FilterAtSource.DestinationPortRange.FromPort", "53"),
        ("FilterAtSource.DestinationPortRange.ToPort", "53"),
        ("FilterAtDestination.DestinationPortRange.FromPort", "53"),
        ("FilterAtDestination.DestinationPortRange.ToPort", "54"),
    ];
    let answer = made(&api, &parameters);
    assert_eq!((answer.text("source"), answer.text("sourceArn")), (source, arn));
    assert_eq!(answer.texts("fromPort"), ["1024", "53", "53"]);
    assert_eq!(answer.texts("toPort"), ["65535", "53", "54"]);
    assert_eq!(
        (answer.text("sourceAddress"), answer.text("destinationAddress")),
        ("10.0.1.4".into(), "10.0.2.4".into())
    );
    assert!(!answer.xml.contains("<destinationPort>"), "{}", answer.xml);
}

#[test]
fn what_no_path_can_have_is_refused() {
    let api = Api::new();
    let [source, destination] = interfaces(&api);
    let base =
        [("Source", &*source), ("Destination", &*destination), ("Protocol", "tcp"), ("ClientToken", "never used")];
    let refused = |more: &[(&'static str, &'static str)]| {
        let mut all = base.to_vec();
        for (name, value) in more {
            all.retain(|(known, _)| known != name);
            all.push((name, value));
        }
        api.refused("CreateNetworkInsightsPath", &all)
    };
    let missing = |parameter: &str| {
        ("MissingParameter".to_owned(), format!("The request must contain the parameter {parameter}"))
    };
    assert_eq!(refused(&[("Source", "")]), missing("Source"));
    assert_eq!(refused(&[("Protocol", "")]), missing("Protocol"));
    for (name, value, message) in [
        ("Protocol", "icmp", "Value (icmp) for parameter protocol is invalid. Valid values are tcp and udp."),
        ("SourceIp", "::1", "Value (::1) for parameter sourceIp is invalid. Expecting an IPv4 address."),
        (
            "DestinationPort",
            "65536",
            "Value (65536-65536) for parameter destinationPort is invalid. Ports are 0 to 65535.",
        ),
        (
            "Source",
            "tgw-0a",
            "Value (tgw-0a) for parameter source is invalid. Expecting the ID or ARN of a resource that is supported.",
        ),
    ] {
        assert_eq!(refused(&[(name, value)]), ("InvalidParameterValue".to_owned(), message.to_owned()));
    }
    let backwards =
        [("FilterAtSource.DestinationPortRange.FromPort", "9"), ("FilterAtSource.DestinationPortRange.ToPort", "8")];
    assert_eq!(refused(&backwards).0, "InvalidParameterValue");
    assert_eq!(refused(&[("Destination", "igw-0a")]).0, "NetworkInsightsDestination.NotFound");
    assert_eq!(refused(&[("DryRun", "true")]).0, "DryRunOperation");
    assert_eq!(api.world().network_insights_paths.len(), 0);
}

#[test]
fn a_token_makes_one_path_and_stands_for_no_other() {
    let api = Api::new();
    let [source, destination] = interfaces(&api);
    let base = [("Source", &*source), ("Destination", &*destination), ("ClientToken", "once")];
    let with = |protocol| [&base[..], &[("Protocol", protocol)]].concat();
    let [first, again] =
        [(), ()].map(|()| api.ok("CreateNetworkInsightsPath", &with("tcp")).text("networkInsightsPathId"));
    assert_eq!(first, again);
    assert_eq!(api.refused("CreateNetworkInsightsPath", &with("udp")).0, "IdempotentParameterMismatch");
}

#[test]
fn paths_are_found_by_filters_page_by_page_and_deleted() {
    let api = Api::new();
    let [source, destination] = interfaces(&api);
    let path = |from: &str, to: &str, more: &[(&str, &str)]| {
        let base = [("Source", from), ("Destination", to), ("Protocol", "tcp")];
        made(&api, &[&base[..], more].concat()).text("networkInsightsPathId")
    };
    let ports = [
        ("FilterAtSource.DestinationPortRange.FromPort", "443"),
        ("FilterAtSource.DestinationPortRange.ToPort", "443"),
    ];
    let at_destination = [("FilterAtDestination.DestinationAddress", "10.0.1.4")];
    let there = path(&source, &destination, &ports);
    let back = path(&destination, &source, &at_destination);
    let found = |name: &str, value: &str| {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        api.ok("DescribeNetworkInsightsPaths", &filter).texts("networkInsightsPathId")
    };
    for (name, value, expected) in [
        ("source", &*source, &there),
        ("destination", &*source, &back),
        ("filter-at-source.destination-port-range", "443-443", &there),
        ("filter-at-destination.destination-address", "10.0.1.4", &back),
    ] {
        assert_eq!(found(name, value), std::slice::from_ref(expected), "{name}");
    }
    assert_eq!(found("protocol", "tcp").len(), 2);
    api.ok("CreateTags", &[("ResourceId.1", &back), ("Tag.1.Key", "team"), ("Tag.1.Value", "red")]);
    assert_eq!(found("tag:team", "red"), std::slice::from_ref(&back));
    let tags =
        api.ok("DescribeTags", &[("Filter.1.Name", "resource-type"), ("Filter.1.Value.1", "network-insights-path")]);
    assert_eq!(tags.texts("resourceId"), std::slice::from_ref(&back));

    let first = api.ok("DescribeNetworkInsightsPaths", &[("MaxResults", "1")]);
    let token = first.text("nextToken");
    let second = api.ok("DescribeNetworkInsightsPaths", &[("MaxResults", "1"), ("NextToken", &token)]);
    let mut all = [first, second].map(|page| page.text("networkInsightsPathId"));
    all.sort();
    let mut both = [there.clone(), back];
    both.sort();
    assert_eq!(all, both);

    let gone = api.ok("DeleteNetworkInsightsPath", &[("NetworkInsightsPathId", &there)]);
    assert_eq!(gone.text("networkInsightsPathId"), there);
    let missing = (
        "InvalidNetworkInsightsPathId.NotFound".to_owned(),
        format!("The network insights path ID '{there}' does not exist"),
    );
    assert_eq!(api.refused("DeleteNetworkInsightsPath", &[("NetworkInsightsPathId", &there)]), missing);
    assert_eq!(api.refused("DescribeNetworkInsightsPaths", &[("NetworkInsightsPathId.1", &there)]), missing);
}
