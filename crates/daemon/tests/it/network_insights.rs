//! Reachability Analyzer, as boto3 meets it: what it says of a path is what becomes of a packet.

use crate::harness::{Daemon, Network, TIMED_OUT, need_root};
use crate::identities::run;
use crate::interfaces::{ask, interface_of, server};

/// Makes a path to an interface from another of the first one's subnet, and prints its id.
const MADE: &str = r#"
ec2 = admin("ec2")
path = ec2.create_network_insights_path(Source="SOURCE", Destination="DESTINATION", Protocol="tcp", DestinationPort=8000,
    TagSpecifications=[{"ResourceType": "network-insights-path", "Tags": [{"Key": "Name", "Value": "to the server"}]}])
path = path["NetworkInsightsPath"]
assert path["SourceArn"] == f"arn:aws:ec2:us-east-1:{HOME}:network-interface/SOURCE", path
[shown] = ec2.describe_network_insights_paths(NetworkInsightsPathIds=[path["NetworkInsightsPathId"]])["NetworkInsightsPaths"]
assert shown == path, (shown, path)
print(path["NetworkInsightsPathId"], end="")
"#;

/// Analyses a path, and prints the codes of its explanations; nothing if there is a path.
const ANALYSED: &str = r#"
ec2 = admin("ec2")
started = ec2.start_network_insights_analysis(NetworkInsightsPathId="PATH")["NetworkInsightsAnalysis"]
assert started["Status"] == "running", started
[told] = ec2.describe_network_insights_analyses(NetworkInsightsAnalysisIds=[started["NetworkInsightsAnalysisId"]])[
    "NetworkInsightsAnalyses"]
assert told["Status"] == "succeeded", told
assert told["StartDate"] == started["StartDate"], told
components = told["ForwardPathComponents"]
assert [own["SequenceNumber"] for own in components] == list(range(1, len(components) + 1)), components
if told["NetworkPathFound"]:
    assert components[-1]["Component"]["Id"] == "DESTINATION" and told["ReturnPathComponents"], told
    assert components[-1]["InboundHeader"]["DestinationAddresses"] == ["10.77.1.50/32"], components[-1]
else:
    print(" ".join(own["ExplanationCode"] for own in told["Explanations"]), end="")
"#;

// enforces: ec2:StartNetworkInsightsAnalysis (positive)
// enforces: ec2:StartNetworkInsightsAnalysis (negative)
#[test]
fn what_an_analysis_says_of_a_path_is_what_becomes_of_a_packet() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let place = [
        ("SubnetId", network.subnets[0].as_str()),
        ("SecurityGroupId.1", network.group.as_str()),
        ("PrivateIpAddress", "10.77.1.50"),
    ];
    let instance = server(&daemon, &place);
    let destination = interface_of(&daemon, &instance);
    // The program that asks comes and goes; an interface of the same subnet and group is where the path begins.
    let own = [("SubnetId", network.subnets[1].as_str()), ("SecurityGroupId.1", network.group.as_str())];
    let source = daemon.make("CreateNetworkInterface", &own, "networkInterfaceId");
    let filled = |script: &str, path: &str| {
        script.replace("SOURCE", &source).replace("DESTINATION", &destination).replace("PATH", path)
    };
    let path = run(&daemon, &filled(MADE, ""));
    let agrees = |expected: &str| {
        let told = run(&daemon, &filled(ANALYSED, &path));
        assert_eq!(told, expected, "{}", daemon.log());
        let ended = ask(&daemon, &network, "10.77.1.50", 10);
        assert_eq!(ended, if expected.is_empty() { 0 } else { TIMED_OUT }, "{expected}");
    };
    agrees("SG_HAS_NO_RULES");
    network.open(&daemon);
    agrees("");

    let all =
        daemon.aws_ok(&["ec2", "describe-network-acls", "--filters", &format!("Name=vpc-id,Values={}", network.vpc)]);
    let acl = all["NetworkAcls"][0]["NetworkAclId"].as_str().unwrap();
    let entry = |egress: &str, first: &str| {
        let parameters = [
            ("NetworkAclId", acl),
            ("Egress", egress),
            ("RuleNumber", "50"),
            ("RuleAction", "deny"),
            ("Protocol", "6"),
            ("CidrBlock", "10.77.2.0/24"),
            ("PortRange.From", first),
            ("PortRange.To", "65535"),
        ];
        daemon.ec2("CreateNetworkAclEntry", &parameters).unwrap();
    };
    let gone = |egress: &str| {
        let parameters = [("NetworkAclId", acl), ("Egress", egress), ("RuleNumber", "50")];
        daemon.ec2("DeleteNetworkAclEntry", &parameters).unwrap();
    };
    // Nothing comes in from the second subnet, or the answers do not get out to it.
    entry("false", "8000");
    agrees("SUBNET_ACL_RESTRICTION");
    gone("false");
    entry("true", "0");
    agrees("SUBNET_ACL_RESTRICTION");
    gone("true");
    agrees("");
    daemon.ec2("StopInstances", &[("InstanceId.1", &instance)]).unwrap();
    crate::interfaces::until(&daemon, &instance, "stopped");
    agrees("BAD_STATE");
}

/// Who may analyse, and that a caller who may not look at what there is learns nothing.
const WHO_MAY: &str = r#"
ec2 = admin("ec2")
vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.1.0/24")["Subnet"]["SubnetId"]
ends = [ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"] for _ in range(2)]
path = ec2.create_network_insights_path(Source=ends[0], Destination=ends[1], Protocol="tcp")["NetworkInsightsPath"]

analyses = allow(["ec2:StartNetworkInsightsAnalysis", "ec2:DescribeNetworkInsightsAnalyses"])
analyst, _ = user("analyst", analyses)
asked = dict(NetworkInsightsPathId=path["NetworkInsightsPathId"])
assert refused(analyst("ec2").create_network_insights_path, Source=ends[0], Destination=ends[1],
    Protocol="tcp")[0] == "UnauthorizedOperation"

def told():
    started = analyst("ec2").start_network_insights_analysis(**asked)["NetworkInsightsAnalysis"]
    ids = [started["NetworkInsightsAnalysisId"]]
    [own] = analyst("ec2").describe_network_insights_analyses(NetworkInsightsAnalysisIds=ids)["NetworkInsightsAnalyses"]
    return own

own = told()
assert (own["Status"], own["StatusMessage"]) == ("failed", "The request failed due to insufficient permissions"), own
assert "NetworkPathFound" not in own, own
iam.put_user_policy(UserName="analyst", PolicyName="looks", PolicyDocument=document(allow("ec2:Describe*")))
assert told()["NetworkPathFound"] is True
pages = ec2.get_paginator("describe_network_insights_analyses").paginate(PaginationConfig={"PageSize": 1}, **asked)
everything = [own["Status"] for page in pages for own in page["NetworkInsightsAnalyses"]]
assert sorted(everything) == ["failed", "succeeded"], everything
"#;

#[test]
fn who_may_not_look_at_the_network_is_told_nothing_of_a_path() {
    need_root!();
    let daemon = Daemon::start();
    run(&daemon, WHO_MAY);
}
