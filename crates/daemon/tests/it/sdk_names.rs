//! The names that SDKs call services by where settings ask for others than the usual ones: with the account in them, and of
//! FIPS endpoints.

use crate::harness::{ACCESS_KEY, Daemon, Network, SECRET_KEY, need_root, texts};
use crate::kms::{inside, succeeds};

const ADMIN: (&str, &str) = (ACCESS_KEY, SECRET_KEY);

/// Runs a script of boto3 in the first subnet with variables of the environment.
fn with(daemon: &Daemon, network: &Network, variables: &[(&str, &str)], script: &str) -> String {
    let set: String = variables.iter().map(|(name, value)| format!("os.environ[\"{name}\"] = \"{value}\"\n")).collect();
    succeeds(daemon, &inside(daemon, network, ADMIN, &format!("import os\n{set}{script}")))
}

/// A gateway endpoint on the first subnet's route table.
fn gateway(daemon: &Daemon, network: &Network, service: &str) {
    let service = format!("com.amazonaws.us-east-1.{service}");
    let wanted = [
        ("VpcId", network.vpc.as_str()),
        ("ServiceName", service.as_str()),
        ("RouteTableId.1", network.tables[0].as_str()),
    ];
    daemon.make("CreateVpcEndpoint", &wanted, "vpcEndpointId");
}

fn table(daemon: &Daemon, name: &str) {
    let mut arguments = vec!["dynamodb", "create-table", "--table-name", name, "--billing-mode", "PAY_PER_REQUEST"];
    arguments.extend(["--attribute-definitions", "AttributeName=pk,AttributeType=S"]);
    arguments.extend(["--key-schema", "AttributeName=pk,KeyType=HASH"]);
    daemon.aws_ok(&arguments);
}

/// How a path to a URL is told to end: the status, and what stops it.
fn explained(daemon: &Daemon, network: &Network, url: &str) -> (Option<i32>, String) {
    let arguments = [network.subnets[0].as_str(), url, "--security-group", network.group.as_str(), "--json"];
    let output = daemon.command("explain").args(arguments).output().unwrap();
    let (out, err) = texts(&output);
    let whole: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    (output.status.code(), whole["trace"]["by"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn an_sdk_that_knows_its_account_uses_dynamodb_by_a_name_with_the_account_and_by_the_gateway_endpoint_alone() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    table(&daemon, "Music");
    let own = daemon.aws_ok(&["sts", "get-caller-identity"])["Account"].as_str().unwrap().to_owned();
    let account = [("AWS_ACCOUNT_ID", own.as_str())];
    let url = format!("https://{own}.ddb.us-east-1.amazonaws.com/");
    let unreached = r#"
dynamodb = boto3.client("dynamodb", config=Config(connect_timeout=2, retries={"max_attempts": 0}))
try:
    dynamodb.put_item(TableName="Music", Item={"pk": {"S": "a"}})
    print("answered")
except ConnectTimeoutError as error:
    print(error)
"#;
    let said = with(&daemon, &network, &account, unreached);
    assert_eq!(said, format!("Connect timeout on endpoint URL: \"{url}\""));
    assert_eq!(explained(&daemon, &network, &url), (Some(1), "NO_ROUTE_TO_DESTINATION".to_owned()));
    gateway(&daemon, &network, "dynamodb");
    assert_eq!(explained(&daemon, &network, &url), (Some(0), String::new()));
    let used = r#"
asked = []
dynamodb = boto3.client("dynamodb")
dynamodb.meta.events.register("before-send.dynamodb.*", lambda request, **_: asked.append(request.url))
dynamodb.put_item(TableName="Music", Item={"pk": {"S": "a"}})
print(dynamodb.get_item(TableName="Music", Key={"pk": {"S": "a"}})["Item"]["pk"]["S"], *sorted(set(asked)))
"#;
    assert_eq!(with(&daemon, &network, &account, used), format!("a {url}"));
    // Whose the request is its signature says, and not the name.
    let other = [("AWS_ACCOUNT_ID", "999999999999")];
    let other = with(&daemon, &network, &other, used);
    assert_eq!(other, "a https://999999999999.ddb.us-east-1.amazonaws.com/");
}

#[test]
fn fips_names_of_s3_and_dynamodb_go_by_their_gateway_endpoints_and_others_wait_in_vain() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    table(&daemon, "Music");
    daemon.aws_ok(&["s3api", "create-bucket", "--bucket", "documents"]);
    gateway(&daemon, &network, "dynamodb");
    gateway(&daemon, &network, "s3");
    let script = r#"
once = Config(connect_timeout=2, retries={"max_attempts": 0})
boto3.client("dynamodb").put_item(TableName="Music", Item={"pk": {"S": "a"}})
s3, asked = boto3.client("s3"), []
s3.meta.events.register("before-send.s3.*", lambda request, **_: asked.append(request.url))
s3.put_object(Bucket="documents", Key="k", Body=b"hello")
print(s3.get_object(Bucket="documents", Key="k")["Body"].read().decode(), *set(asked))
calls = {"secretsmanager": lambda c: c.list_secrets(), "logs": lambda c: c.describe_log_groups(),
         "lambda": lambda c: c.list_functions(), "monitoring": lambda c: c.list_metrics()}
for name, call in calls.items():
    try:
        call(boto3.client({"monitoring": "cloudwatch"}.get(name, name), config=once))
        print(name, "answered")
    except ConnectTimeoutError as error:
        assert f"https://{name}-fips.us-east-1.amazonaws.com/" in str(error), error
print("the others: time-out")
"#;
    let said = with(&daemon, &network, &[("AWS_USE_FIPS_ENDPOINT", "true")], script);
    assert_eq!(said, "hello https://documents.s3-fips.us-east-1.amazonaws.com/k\nthe others: time-out");
}
