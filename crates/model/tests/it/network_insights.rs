use sidegate_model::{
    AnalysisOutcome, AnalysisSettings, Component, ComponentId, Explanation, ExplanationCode, NetworkInsightsAnalysisId,
    NetworkInsightsPathId, NetworkInterfaceId, PathDefinition, PathFilter, PathProtocol, PortSpan, Scope,
};

use crate::account::Account;
use crate::refused;

const DAY: i64 = 86_400_000;

fn account() -> (Account, [NetworkInterfaceId; 2]) {
    let mut account = Account::new();
    let vpc = account.vpc_with_dns("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let programs = [account.program(&subnet, &[]), account.program(&subnet, &[])];
    (account, programs)
}

fn between(scope: &Scope, [source, destination]: &[NetworkInterfaceId; 2]) -> PathDefinition {
    PathDefinition {
        source: Component::new(scope, source.clone()),
        destination: Some(Component::new(scope, destination.clone())),
        source_ip: None,
        destination_ip: None,
        protocol: PathProtocol::Tcp,
        destination_port: None,
        filter_at_source: None,
        filter_at_destination: None,
    }
}

fn blocked() -> AnalysisOutcome {
    AnalysisOutcome::Unreachable {
        forward: Vec::new(),
        explanations: vec![Explanation::new(ExplanationCode::EniSgRulesMismatch)],
        suggested_accounts: Vec::new(),
        warning: None,
    }
}

fn made(account: &mut Account, definition: &PathDefinition) -> NetworkInsightsPathId {
    account.run(|w, c| w.create_network_insights_path(c, definition))
}

fn analysed(account: &mut Account, path: &NetworkInsightsPathId) -> NetworkInsightsAnalysisId {
    account.run(|w, c| w.start_network_insights_analysis(c, path, AnalysisSettings::default(), blocked()))
}

#[test]
fn a_path_begins_and_ends_at_what_the_caller_has_and_where_paths_can() {
    let (mut account, programs) = account();
    let scope = account.scope.clone();
    let path = between(&scope, &programs);
    made(&mut account, &path);
    let gone: NetworkInterfaceId = "eni-0a".parse().unwrap();
    let nowhere = PathDefinition { source: Component::new(&scope, gone.clone()), ..path.clone() };
    let message = "The source 'eni-0a' does not exist";
    refused!(account, |w, c| w.create_network_insights_path(c, &nowhere), "NetworkInsightsSource.NotFound", message);
    let nowhere = PathDefinition { destination: Some(Component::new(&scope, gone)), ..path.clone() };
    let (code, message) = ("NetworkInsightsDestination.NotFound", "The destination 'eni-0a' does not exist");
    refused!(account, |w, c| w.create_network_insights_path(c, &nowhere), code, message);
    // Nobody learns what another account has, or what lies in another Region.
    for (account_id, region) in [("444455556666", "us-east-1"), (scope.account.as_str(), "eu-west-1")] {
        let elsewhere = Scope { account: account_id.parse().unwrap(), region: region.parse().unwrap() };
        let foreign = PathDefinition { source: Component::new(&elsewhere, programs[0].clone()), ..path.clone() };
        let message = format!("The source '{}' does not exist", programs[0]);
        let code = "NetworkInsightsSource.NotFound";
        refused!(account, |w, c| w.create_network_insights_path(c, &foreign), code, &message);
    }
    let subnet = account.world.subnets.iter().next().unwrap().id.clone();
    let at_subnet = PathDefinition { source: Component::new(&scope, subnet.clone()), ..path };
    let message = format!("Value ({subnet}) for parameter source is invalid.");
    refused!(account, |w, c| w.create_network_insights_path(c, &at_subnet), "InvalidParameterValue", &message);
}

#[test]
fn a_path_without_a_destination_names_its_address_at_the_source_and_filters_exclude_the_older_parameters() {
    let (mut account, programs) = account();
    let path = between(&account.scope, &programs);
    let missing = "The request must include either the Destination parameter or the FilterAtSource.DestinationAddress \
                   parameter. Add the required parameter and retry the request.";
    let open = PathDefinition { destination: None, destination_ip: Some([10, 0, 0, 9].into()), ..path.clone() };
    refused!(account, |w, c| w.create_network_insights_path(c, &open), "MissingParameter", missing);
    let filter = PathFilter { destination_address: Some([10, 0, 0, 9].into()), ..PathFilter::default() };
    let open = PathDefinition { destination: None, filter_at_source: Some(filter.clone()), ..path.clone() };
    made(&mut account, &open);

    let some = Some([10, 0, 0, 9].into());
    let at_source = PathDefinition { filter_at_source: Some(filter.clone()), ..path.clone() };
    let excluded = [
        (PathDefinition { source_ip: some, ..at_source.clone() }, "FilterAtSource", "SourceIp"),
        (PathDefinition { destination_port: Some(443), ..at_source }, "FilterAtSource", "DestinationPort"),
        (
            PathDefinition { destination_ip: some, filter_at_destination: Some(filter), ..path },
            "FilterAtDestination",
            "DestinationIp",
        ),
    ];
    for (definition, one, other) in excluded {
        let message = format!("The parameter {one} cannot be used with the parameter {other}");
        let code = "InvalidParameterCombination";
        refused!(account, |w, c| w.create_network_insights_path(c, &definition), code, &message);
    }
}

#[test]
fn the_older_parameters_say_the_same_as_filters() {
    let (account, programs) = account();
    let older = PathDefinition {
        source_ip: Some([10, 0, 0, 4].into()),
        destination_ip: Some([10, 0, 0, 5].into()),
        destination_port: Some(443),
        ..between(&account.scope, &programs)
    };
    let at_source = PathFilter {
        source_address: Some([10, 0, 0, 4].into()),
        destination_ports: Some(PortSpan { from: 443, to: 443 }),
        ..PathFilter::default()
    };
    let at_destination = PathFilter { destination_address: Some([10, 0, 0, 5].into()), ..PathFilter::default() };
    assert_eq!((older.at_source(), older.at_destination()), (at_source, at_destination));
}

#[test]
fn a_path_goes_after_its_analyses() {
    let (mut account, programs) = account();
    let definition = between(&account.scope, &programs);
    let path = made(&mut account, &definition);
    let analysis = analysed(&mut account, &path);
    let tags = [("team".to_owned(), "red".to_owned())];
    account.run(|w, c| w.create_tags(c, &[path.to_string(), analysis.to_string()], &tags));
    let message = format!("The network insights path '{path}' has analyses. Delete them, and retry the request.");
    let code = "AnalysisExistsForNetworkInsightsPath";
    refused!(account, |w, c| w.delete_network_insights_path(c, &path), code, &message);
    account.run(|w, c| w.delete_network_insights_analysis(c, &analysis));
    account.run(|w, c| w.delete_network_insights_path(c, &path));
    assert!(account.world.tags.iter().next().is_none(), "no tags of what is gone");
    let message = format!("The network insights path ID '{path}' does not exist");
    let code = "InvalidNetworkInsightsPathId.NotFound";
    refused!(account, |w, c| w.delete_network_insights_path(c, &path), code, &message);
    let message = format!("The network insights analysis ID '{analysis}' does not exist");
    let code = "InvalidNetworkInsightsAnalysisId.NotFound";
    refused!(account, |w, c| w.delete_network_insights_analysis(c, &analysis), code, &message);
}

#[test]
fn an_analysis_is_gone_after_120_days() {
    let (mut account, programs) = account();
    let definition = between(&account.scope, &programs);
    let path = made(&mut account, &definition);
    let first = analysed(&mut account, &path);
    let known =
        |account: &Account, id| account.world.network_insights_analysis(&account.scope, account.now, id).is_ok();
    account.now += 120 * DAY - 1;
    assert!(known(&account, &first));
    account.now += 1;
    assert!(!known(&account, &first));
    // It keeps the path no longer, and what is started next takes it away.
    let second = analysed(&mut account, &path);
    let ids: Vec<_> = account.world.network_insights_analyses.iter().map(|own| own.id.clone()).collect();
    assert_eq!(ids, [second]);
}

#[test]
fn what_an_analysis_has_to_keep_to_must_be_arns_that_do_not_contradict_each_other() {
    let arn = || vec!["arn:aws:ec2:us-east-1:123456789012:vpc-peering-connection/pcx-nobody".to_owned()];
    assert!(AnalysisSettings::new(Vec::new(), arn(), Vec::new()).is_ok());
    let both = AnalysisSettings::new(Vec::new(), arn(), arn()).unwrap_err();
    assert_eq!(both.code(), "InvalidParameterValue");
    let no_arn = AnalysisSettings::new(Vec::new(), Vec::new(), vec!["pcx-0a".to_owned()]).unwrap_err();
    assert_eq!(
        no_arn.to_string(),
        "Value (pcx-0a) for parameter filterOutArns is invalid. Expecting an Amazon Resource Name."
    );
    let (mut account, programs) = account();
    let definition = between(&account.scope, &programs);
    let path = made(&mut account, &definition);
    let other = AnalysisSettings { additional_accounts: vec!["444455556666".parse().unwrap()], ..Default::default() };
    let message = "Trusted access that lets account 444455556666 be analyzed is not enabled.";
    let code = "NetworkInsights.AccessDenied";
    refused!(account, |w, c| w.start_network_insights_analysis(c, &path, other.clone(), blocked()), code, message);
}

#[test]
fn an_account_has_1000_paths_in_a_region_and_10000_analyses() {
    let (mut account, programs) = account();
    let definition = between(&account.scope, &programs);
    let path = made(&mut account, &definition);
    for _ in 1..1000 {
        made(&mut account, &definition);
    }
    let (code, message) =
        ("NetworkInsightsPath.LimitExceeded", "The maximum number of network insights paths has been reached.");
    refused!(account, |w, c| w.create_network_insights_path(c, &definition), code, message);
    let known = account.run(|w, c| {
        let id = w.start_network_insights_analysis(c, &path, AnalysisSettings::default(), blocked())?;
        let known = w.network_insights_analysis(&c.scope, c.now, &id)?.clone();
        for _ in 1..10_000 {
            let id = NetworkInsightsAnalysisId::random(c.entropy);
            w.network_insights_analyses.insert(sidegate_model::NetworkInsightsAnalysis { id, ..known.clone() });
        }
        Ok(known)
    });
    assert_eq!(known.outcome, blocked());
    let message = "The maximum number of network insights analyses has been reached.";
    let code = "NetworkInsightsAnalysis.LimitExceeded";
    let settings = AnalysisSettings::default;
    refused!(account, |w, c| w.start_network_insights_analysis(c, &path, settings(), blocked()), code, message);
}

#[test]
fn a_component_is_read_from_its_id_or_its_arn() {
    let scope = Account::new().scope;
    let read = |text: &str| Component::read(text, &scope).map(|own| own.map(|own| own.arn().to_string()));
    let arn = "arn:aws:ec2:eu-west-1:444455556666:internet-gateway/igw-0a";
    assert_eq!(read(arn).unwrap().as_deref(), Some(arn));
    let own = format!("arn:aws:ec2:us-east-1:{}:instance/i-0a", scope.account);
    assert_eq!(read("i-0a").unwrap(), Some(own));
    for nothing in ["tgw-0a", "arn:aws:ec2:us-east-1:444455556666:instance/igw-0a", "arn:aws:s3:::bucket", "nonsense"] {
        assert_eq!(read(nothing).unwrap(), None, "{nothing}");
    }
    assert_eq!(read("igw-nothing").unwrap_err().code(), "InvalidInternetGatewayId.Malformed");
    assert!(matches!(ComponentId::parse("eni-0a"), Ok(Some(ComponentId::NetworkInterface(_)))));
}
