//! DynamoDB, as a program in a subnet meets it: through a gateway endpoint, through an interface endpoint by its own name,
//! and not without one; and what a crash leaves of items.

use std::time::{Duration, Instant};

use crate::harness::{ACCESS_KEY, Daemon, Network, SECRET_KEY, need_root, text, tool};
use crate::kms::{inside, succeeds};
use crate::settings::interface_endpoint;

const ADMIN: (&str, &str) = (ACCESS_KEY, SECRET_KEY);

/// Makes a table with a partition key and a sort key from the host.
fn table(daemon: &Daemon, name: &str) {
    let definitions = ["AttributeName=pk,AttributeType=S", "AttributeName=sk,AttributeType=S"];
    let schema = ["AttributeName=pk,KeyType=HASH", "AttributeName=sk,KeyType=RANGE"];
    let mut arguments = vec!["dynamodb", "create-table", "--table-name", name, "--billing-mode", "PAY_PER_REQUEST"];
    arguments.extend(["--attribute-definitions", definitions[0], definitions[1]]);
    arguments.extend(["--key-schema", schema[0], schema[1]]);
    daemon.aws_ok(&arguments);
}

/// A gateway endpoint for DynamoDB on the first subnet's route table.
fn gateway(daemon: &Daemon, network: &Network) -> String {
    let wanted = [
        ("VpcId", network.vpc.as_str()),
        ("ServiceName", "com.amazonaws.us-east-1.dynamodb"),
        ("RouteTableId.1", network.tables[0].as_str()),
    ];
    daemon.make("CreateVpcEndpoint", &wanted, "vpcEndpointId")
}

// enforces: dynamodb:PutItem (positive)
// enforces: dynamodb:PutItem (negative)
// enforces: dynamodb:GetItem (positive)
// enforces: dynamodb:GetItem (negative)
// enforces: dynamodb:UpdateItem (positive)
// enforces: dynamodb:Query (positive)
// enforces: dynamodb:Query (negative)
// enforces: dynamodb:BatchWriteItem (positive)
// enforces: dynamodb:BatchWriteItem (negative)
// enforces: dynamodb:BatchGetItem (positive)
// enforces: dynamodb:TransactWriteItems (positive)
// enforces: dynamodb:TransactWriteItems (negative)
// enforces: dynamodb:ExecuteStatement (positive)
// enforces: dynamodb:ExecuteStatement (negative)
#[test]
fn a_program_uses_tables_through_the_gateway_endpoint_and_not_without_it() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    table(&daemon, "Music");
    table(&daemon, "Films");
    let unreached = r#"
dynamodb = boto3.client("dynamodb", config=Config(connect_timeout=2, retries={"max_attempts": 0}))
key = {"pk": {"S": "a"}, "sk": {"S": "x"}}
for call in [lambda: dynamodb.get_item(TableName="Music", Key=key), lambda: dynamodb.put_item(TableName="Music", Item=key)]:
    try:
        call()
    except (EndpointConnectionError, ConnectTimeoutError):
        continue
    raise AssertionError("it was answered")
print("unreached")
"#;
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, ADMIN, unreached)), "unreached");
    let endpoint = gateway(&daemon, &network);
    let used = r#"
dynamodb = boto3.client("dynamodb")
item = lambda pk, n: {"pk": {"S": pk}, "sk": {"S": "x"}, "n": {"N": str(n)}}
key = lambda pk: {"pk": {"S": pk}, "sk": {"S": "x"}}
dynamodb.put_item(TableName="Music", Item=item("a", 1))
assert dynamodb.get_item(TableName="Music", Key=key("a"))["Item"] == item("a", 1)
dynamodb.update_item(TableName="Music", Key=key("a"), UpdateExpression="ADD n :n", ExpressionAttributeValues={":n": {"N": "4"}})
large = "x" * 100_000
for batch in range(2):
    puts = [{"PutRequest": {"Item": {**item(f"{batch}-{n}", n), "text": {"S": large}}}} for n in range(25)]
    left = dynamodb.batch_write_item(RequestItems={"Films": puts})["UnprocessedItems"]
    assert not left, len(left)
pages = dynamodb.get_paginator("scan").paginate(TableName="Films")
assert sum(page["Count"] for page in pages) == 50
got = dynamodb.batch_get_item(RequestItems={"Films": {"Keys": [key("0-1"), key("1-1")]}, "Music": {"Keys": [key("a")]}})
assert {name: len(items) for name, items in got["Responses"].items()} == {"Films": 2, "Music": 1}
dynamodb.transact_write_items(TransactItems=[
    {"Put": {"TableName": "Music", "Item": item("b", 7)}},
    {"ConditionCheck": {"TableName": "Films", "Key": key("0-1"), "ConditionExpression": "attribute_exists(pk)"}}])
found = dynamodb.query(TableName="Music", KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "b"}})
assert found["Items"] == [item("b", 7)], found
found = dynamodb.execute_statement(Statement="SELECT n FROM Music WHERE pk = ?", Parameters=[{"S": "a"}])["Items"]
print(found)
table = boto3.resource("dynamodb").Table("Music")
table.put_item(Item={"pk": "r", "sk": "x", "list": [1, {"deep": True}]})
print(table.get_item(Key={"pk": "r", "sk": "x"})["Item"]["list"][1])
"#;
    let said = succeeds(&daemon, &inside(&daemon, &network, ADMIN, used));
    assert_eq!(said, "[{'n': {'N': '5'}}]\n{'deep': True}");
    // One table is closed to whoever comes through the endpoint.
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "dynamodb:*",
        "Resource": "arn:aws:dynamodb:us-east-1:*:table/Music"}]}"#;
    daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &endpoint), ("PolicyDocument", policy)]).unwrap();
    let denied = r#"
dynamodb = boto3.client("dynamodb", config=Config(retries={"max_attempts": 1}))
key = {"pk": {"S": "a"}, "sk": {"S": "x"}}
assert dynamodb.get_item(TableName="Music", Key=key)["Item"]["n"]["N"] == "5"
value = {":p": {"S": "a"}}
for call in [lambda: dynamodb.get_item(TableName="Films", Key=key),
             lambda: dynamodb.put_item(TableName="Films", Item=key),
             lambda: dynamodb.query(TableName="Films", KeyConditionExpression="pk = :p", ExpressionAttributeValues=value),
             lambda: dynamodb.execute_statement(Statement="SELECT * FROM Films"),
             lambda: dynamodb.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": {**key, "new": {"S": "n"}}}}] for name in ["Music", "Films"]}),
             lambda: dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": name, "Item": {**key, "new": {"S": "n"}}}} for name in ["Music", "Films"]])]:
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDeniedException", error
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert "because no VPC endpoint policy allows" in str(error), error
        continue
    raise AssertionError("it was done")
print("new" in dynamodb.get_item(TableName="Music", Key=key)["Item"])
"#;
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, ADMIN, denied)), "False");
}

#[test]
fn a_user_is_confined_to_the_items_that_bear_its_name() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let endpoint = gateway(&daemon, &network);
    table(&daemon, "Notes");
    daemon.aws_ok(&["iam", "create-user", "--user-name", "alice"]);
    let policy = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
        "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:TransactWriteItems"],
        "Resource": "arn:aws:dynamodb:us-east-1:*:table/Notes",
        "Condition": {{"ForAllValues:StringEquals": {{"dynamodb:LeadingKeys": ["${{aws:username}}"]}},
                      "StringEquals": {{"aws:SourceVpce": "{endpoint}"}}}}}}]}}"#
    );
    let put = ["iam", "put-user-policy", "--user-name", "alice", "--policy-name", "own", "--policy-document", &policy];
    assert!(daemon.aws(&put).status.success());
    let key = daemon.aws_ok(&["iam", "create-access-key", "--user-name", "alice"])["AccessKey"].clone();
    let alice = (key["AccessKeyId"].as_str().unwrap(), key["SecretAccessKey"].as_str().unwrap());
    let script = r##"
dynamodb = boto3.client("dynamodb", config=Config(retries={"max_attempts": 1}))
key = lambda pk: {"pk": {"S": pk}, "sk": {"S": "x"}}
dynamodb.put_item(TableName="Notes", Item=key("alice"))
assert dynamodb.get_item(TableName="Notes", Key=key("alice"))["Item"] == key("alice")
of = lambda pk: dynamodb.query(TableName="Notes", KeyConditionExpression="#p = :p",
    ExpressionAttributeNames={"#p": "pk"}, ExpressionAttributeValues={":p": {"S": pk}})
assert of("alice")["Count"] == 1
put = lambda pk: {"Put": {"TableName": "Notes", "Item": key(pk)}}
for call in [lambda: dynamodb.put_item(TableName="Notes", Item=key("bob")), lambda: of("bob"),
             lambda: dynamodb.transact_write_items(TransactItems=[put("alice"), put("bob")]),
             lambda: dynamodb.scan(TableName="Notes")]:
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDeniedException", error
        continue
    raise AssertionError("it was done")
print("confined")
"##;
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, alice, script)), "confined");
}

// enforces: dynamodb:ListTables (positive)
// enforces: dynamodb:GetRecords (positive)
#[test]
fn an_interface_endpoint_is_reached_by_its_own_name_alone() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    table(&daemon, "Music");
    let enabled = "StreamEnabled=true,StreamViewType=NEW_IMAGE";
    daemon.aws_ok(&["dynamodb", "update-table", "--table-name", "Music", "--stream-specification", enabled]);
    let without = [("PrivateDnsEnabled", "false")];
    let endpoint = interface_endpoint(&daemon, &network, "dynamodb", &without);
    let streams = interface_endpoint(&daemon, &network, "dynamodb-streams", &without);
    let name = |endpoint: &str| {
        let found = daemon.ec2("DescribeVpcEndpoints", &[("VpcEndpointId.1", endpoint)]).unwrap();
        text(&found, "dnsName").unwrap().to_owned()
    };
    let (tables, streams) = (name(&endpoint), name(&streams));
    assert!(tables.ends_with(".dynamodb.us-east-1.vpce.amazonaws.com"), "{tables}");
    assert!(streams.ends_with(".streams.dynamodb.us-east-1.vpce.amazonaws.com"), "{streams}");
    let script = format!(
        r#"
config = Config(connect_timeout=2, retries={{"max_attempts": 0}})
dynamodb = boto3.client("dynamodb", endpoint_url="https://{tables}")
assert dynamodb.list_tables()["TableNames"] == ["Music"]
dynamodb.put_item(TableName="Music", Item={{"pk": {{"S": "a"}}, "sk": {{"S": "x"}}}})
streams = boto3.client("dynamodbstreams", endpoint_url="https://{streams}")
arn = streams.list_streams()["Streams"][0]["StreamArn"]
shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
start = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
print([record["eventName"] for record in streams.get_records(ShardIterator=start)["Records"]])
for service, call in [("dynamodb", "list_tables"), ("dynamodbstreams", "list_streams")]:
    try:
        getattr(boto3.client(service, config=config), call)()
    except (EndpointConnectionError, ConnectTimeoutError):
        continue
    raise AssertionError("the public name was answered")
"#
    );
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, ADMIN, &script)), "['INSERT']");
}

#[test]
fn a_crash_under_load_loses_no_item_that_was_acknowledged() {
    need_root!();
    let mut daemon = Daemon::start();
    table(&daemon, "Music");
    let script = r#"
import boto3, threading
from botocore.config import Config

dynamodb = boto3.client("dynamodb", region_name="us-east-1", config=Config(retries={"max_attempts": 0}))
key = lambda pk: {"pk": {"S": pk}, "sk": {"S": "x"}}

def put(n):
    dynamodb.put_item(TableName="Music", Item=key(f"put-{n}"))

def count(n):
    dynamodb.update_item(TableName="Music", Key=key("count"), UpdateExpression="ADD n :n", ExpressionAttributeValues={":n": {"N": "1"}})

def transact(n):
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "Music", "Item": key(f"{half}-{n}")}} for half in ["left", "right"]])

def make(n):
    dynamodb.create_table(TableName=f"table-{n}", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST")

def work(act):
    file, n = open(f"acknowledged-{act.__name__}", "w"), 0
    try:
        while True:
            act(n)
            file.write(f"{n}\n")
            file.flush()
            n += 1
    except Exception:
        pass

threads = [threading.Thread(target=work, args=(act,)) for act in [put, count, transact, make]]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"#;
    let mut load = daemon.client(&tool("python3"), &["-c", script]).spawn().unwrap();
    let lines = |name: &str| {
        let text = std::fs::read_to_string(daemon.work().join(format!("acknowledged-{name}"))).unwrap_or_default();
        text.lines().count()
    };
    let limit = Instant::now() + Duration::from_secs(60);
    while ["put", "count", "transact", "make"].into_iter().any(|name| lines(name) < 20) {
        assert!(Instant::now() < limit, "there is no load\n{}", daemon.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    daemon.kill();
    load.wait().unwrap();
    daemon.run();
    let check = r#"
import boto3
dynamodb = boto3.client("dynamodb", region_name="us-east-1")
def whole(name):
    return [line[:-1] for line in open(f"acknowledged-{name}") if line.endswith("\n")]
there = {item["pk"]["S"]: item for page in dynamodb.get_paginator("scan").paginate(TableName="Music") for item in page["Items"]}
missing = [n for n in whole("put") if f"put-{n}" not in there]
assert not missing, missing
assert int(there["count"]["n"]["N"]) - len(whole("count")) in (0, 1), there["count"]
halves = [{name.split("-")[1] for name in there if name.startswith(half)} for half in ["left", "right"]]
assert halves[0] == halves[1] and set(whole("transact")) <= halves[0], "a half of a transaction"
names = {name for page in dynamodb.get_paginator("list_tables").paginate() for name in page["TableNames"]}
assert {f"table-{n}" for n in whole("make")} <= names
for name in names:
    dynamodb.put_item(TableName=name, Item={"pk": {"S": "last"}, "sk": {"S": "x"}})
print("whole")
"#;
    let output = daemon.client(&tool("python3"), &["-c", check]).output().unwrap();
    assert_eq!(succeeds(&daemon, &output), "whole");
}
