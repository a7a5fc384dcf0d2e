//! The example of a private workload as its README tells it: applied by Terraform, asked by clients of Lambda, broken and
//! mended by the AWS CLI, and taken away.
//!
//! There is one deployment for all of it, since making it takes longer than what is done with it.

mod upstream;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use self::upstream::{Manner, Upstream};
use crate::harness::{Daemon, clients_are_hidden, need_root, tool};
use crate::kms::succeeds;
use crate::lambda::eventually;
use crate::terraform::{Provider, Terraform, with};

const README: &str = include_str!("../../../../examples/document-qa/README.md");

/// The block of the example's VPC, and one of those that the capture knows.
const BLOCKS: (&str, &str) = ("10.80.0.0/16", "10.78.0.0/16");

const FUNCTION: &str = "document-qa";

/// What requests of the function are signed as.
const ROLE_SESSION: &str = ":assumed-role/document-qa-function/document-qa";

/// How many questions the example has.
const QUESTIONS: usize = 102;

/// Of these at least so many get an answer that has one of the phrases and names one of the documents, and of those that
/// the documents do not answer at least so many say so.
const ANSWERED: usize = 70;
const REFUSED: usize = 11;

const NOTHING: &str =
    r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}"#;

/// The first of them.
const QUESTION: &str = "Why does Bedrock use an interface endpoint?";

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/document-qa").canonicalize().unwrap()
}

/// The example's configuration in one text, with a block that tests use.
fn configuration() -> String {
    let mut files: Vec<PathBuf> =
        fs::read_dir(example().join("terraform")).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "tf"));
    files.sort();
    let text: String = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    assert!(text.contains(BLOCKS.0));
    text.replace(BLOCKS.0, BLOCKS.1)
}

/// What stands in the cells of the table of the README below this heading line.
fn table(head: &str) -> Vec<Vec<String>> {
    let (_, rest) = README.split_once(head).unwrap();
    let rows = rest.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// What stands between backquotes.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What was applied.
struct Deployed {
    outputs: BTreeMap<String, Value>,
    endpoints: BTreeMap<String, String>,
}

impl Deployed {
    fn of(terraform: &Terraform<'_>) -> Self {
        let outputs: Value = serde_json::from_str(&terraform.ok(&["output", "-json"])).unwrap();
        let outputs: BTreeMap<String, Value> =
            outputs.as_object().unwrap().iter().map(|(name, own)| (name.clone(), own["value"].clone())).collect();
        let endpoints = outputs["endpoints"].as_object().unwrap();
        let endpoints = endpoints.iter().map(|(name, id)| (name.clone(), id.as_str().unwrap().to_owned())).collect();
        Self { endpoints, outputs }
    }

    fn output(&self, name: &str) -> &str {
        self.outputs[name].as_str().unwrap()
    }
}

/// The answer to an event, by the AWS CLI.
fn invoked(daemon: &Daemon, event: &Value) -> Value {
    fs::write(daemon.work().join("event.json"), event.to_string()).unwrap();
    let call = ["lambda", "invoke", "--function-name", FUNCTION, "--payload", "fileb://event.json", "answer.json"];
    let told = daemon.aws_ok(&call);
    assert_eq!((&told["StatusCode"], &told["FunctionError"]), (&json!(200), &Value::Null), "{told}\n{}", daemon.log());
    serde_json::from_slice(&fs::read(daemon.work().join("answer.json")).unwrap()).unwrap()
}

/// Service, operation and code of the error of an answer to a question that reads everything anew.
fn fault(daemon: &Daemon) -> [String; 3] {
    let answer = invoked(daemon, &json!({"question": QUESTION, "fresh": true}));
    ["service", "operation", "code"].map(|member| answer["error"][member].as_str().unwrap_or("none").to_owned())
}

#[test]
fn the_document_workload_answers_privately_breaks_as_its_readme_says_and_leaves_nothing() {
    need_root!();
    if clients_are_hidden() {
        eprintln!("SKIPPED: functions do not see the clients of a checkout below /tmp");
        return;
    }
    let mut daemon = Daemon::start();
    let Some(directory) = with(&daemon, &configuration(), Provider::InPlace) else { return };
    let terraform = ready(&daemon, &directory);
    terraform.ok(&["apply", "-auto-approve", "-no-color"]);
    terraform.settled();
    let deployed = Deployed::of(&terraform);
    answers_questions_from_its_documents(&daemon);
    records_and_logs_what_it_answered(&daemon, &deployed);
    uses_the_endpoints_of_the_readme(&daemon, &deployed);
    breaks_as_the_readme_says(&daemon, &deployed);

    let server = Upstream::start();
    daemon.kill();
    fs::write(daemon.state().with_file_name("sidegate.toml"), server.configuration()).unwrap();
    daemon.run();
    asks_another_server_of_models(&daemon, server);

    ready(&daemon, &directory).destroyed();
    leaves_nothing(&daemon);
}

/// Terraform in its directory, with the function's archive and the documents of the example.
fn ready<'a>(daemon: &'a Daemon, directory: &Path) -> Terraform<'a> {
    let archive = directory.join("function.zip");
    if !archive.exists() {
        let mut pack = Command::new(tool("python3"));
        pack.current_dir(example().join("function")).args(["-m", "zipfile", "-c"]).arg(&archive);
        pack.args(["calls.py", "handler.py", "library.py", "passages.py"]);
        assert!(pack.status().unwrap().success());
    }
    let mut terraform = Terraform::new(daemon, directory.to_owned());
    let documents = example().join("documents").display().to_string();
    terraform.variables = vec![("documents".to_owned(), documents)];
    terraform
}

/// Its function takes documents apart by itself, without a call.
#[test]
fn a_table_that_is_longer_than_a_passage_is_divided_between_its_rows_under_the_same_headings() {
    let script = r##"
import json, passages
row = "| thing number {} of the list | {} dollars |"
table = "\n".join(["| item | price |", "|---|---|", *(row.format(n, n) for n in range(80))])
found = [p.text for p in passages.of_document("list.md", f"# List\n\nIt is long.\n\n{table}\n\nThat is all.")]
print(json.dumps([found, passages.parts("word " * 500), passages.rows_of("| a |\n| b |")]))
"##;
    let mut command = Command::new(tool("python3"));
    let output = command.current_dir(example().join("function")).args(["-B", "-c", script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let parts: Vec<&str> = told[0].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
    assert!(parts.len() > 2, "{parts:?}");
    assert!(parts.iter().all(|part| part.contains("| item | price |\n|---|---|\n| thing number")), "{parts:?}");
    let rows: Vec<&str> = parts.iter().flat_map(|part| part.lines()).filter(|line| line.contains("thing")).collect();
    assert!(rows.len() == 80 && rows.iter().all(|row| row.ends_with(" dollars |")), "{rows:?}");
    assert_eq!((told[1].as_array().unwrap().len(), &told[2]), (3, &Value::Null));
}

/// Asks all questions of the example by one client, in the same environment one after the other.
///
/// The embedded reader gets not all of them right: those that it does are counted.
fn answers_questions_from_its_documents(daemon: &Daemon) {
    let script = r#"
import boto3, json, sys
from botocore.config import Config
client = boto3.client("lambda", config=Config(retries={"max_attempts": 0}, read_timeout=120))
for asked in json.load(open(sys.argv[1]))["questions"]:
    answer = client.invoke(FunctionName="document-qa", Payload=json.dumps({"question": asked["question"]}))
    print(json.dumps({"asked": asked, "fault": answer.get("FunctionError"), "answer": json.load(answer["Payload"])}))
"#;
    let questions = example().join("questions.json").display().to_string();
    let mut command = daemon.client(&tool("python3"), &["-c", script, &questions]);
    command.env("AWS_DEFAULT_REGION", "us-east-1");
    let told = succeeds(daemon, &command.output().unwrap());
    assert_eq!(told.lines().count(), QUESTIONS);
    let (mut answered, mut refused, mut bad) = (0, 0, Vec::new());
    for line in told.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["fault"], Value::Null, "{line}");
        let texts = |of: &Value| -> Vec<String> {
            of.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let (documents, phrases) = (texts(&line["asked"]["documents"]), texts(&line["asked"]["phrases"]));
        let sources = texts(&line["answer"]["sources"]);
        let answer = plain(line["answer"]["answer"].as_str().unwrap());
        let is_refusal = sources.is_empty() && answer.contains("does not answer this question");
        if documents.is_empty() && is_refusal {
            refused += 1;
        } else if sources.iter().any(|source| documents.contains(source))
            && phrases.iter().any(|phrase| answer.contains(&plain(phrase)))
        {
            answered += 1;
        } else {
            bad.push(format!("{}: {answer}", line["asked"]["question"]));
        }
    }
    println!("{answered} answered, {refused} refused");
    assert!(answered >= ANSWERED && refused >= REFUSED, "{answered} answered, {refused} refused\n{}", bad.join("\n"));
}

/// Text without case and without differences of white space.
fn plain(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn records_and_logs_what_it_answered(daemon: &Daemon, deployed: &Deployed) {
    let records = daemon.aws_ok(&["dynamodb", "scan", "--table-name", deployed.output("table")]);
    let records = records["Items"].as_array().unwrap();
    assert_eq!(records.len(), QUESTIONS);
    let asked = records.iter().find(|record| record["question"]["S"] == QUESTION).unwrap();
    assert!(asked["answer"]["S"].as_str().unwrap().contains("no gateway endpoint"), "{asked}");
    assert!(asked["sources"]["L"][0]["S"].is_string() && asked["expires_at"]["N"].is_string(), "{asked}");

    let logged = |group: &str| -> Vec<(String, String)> {
        let events = daemon.aws_ok(&["logs", "filter-log-events", "--log-group-name", group]);
        let text = |event: &Value, member: &str| event[member].as_str().unwrap().to_owned();
        let events = events["events"].as_array().unwrap();
        events.iter().map(|event| (text(event, "logStreamName"), text(event, "message"))).collect()
    };
    let own = logged(deployed.output("log_group"));
    let about = |kind: &str| own.iter().filter(|(_, text)| text.contains(&format!("\"event\": \"{kind}\""))).count();
    assert_eq!((own.len(), about("documents"), about("answered")), (2 * QUESTIONS, QUESTIONS, QUESTIONS));
    let identity = asked["id"]["S"].as_str().unwrap();
    assert!(own.iter().any(|(_, text)| text.contains(identity)));

    let mut platform = Vec::new();
    eventually("Lambda has logged all invocations", || {
        platform = logged(&format!("/aws/lambda/{FUNCTION}"));
        platform.iter().filter(|(_, text)| text.starts_with("REPORT RequestId: ")).count() == QUESTIONS
    });
    assert!(platform.iter().all(|(stream, _)| *stream == platform[0].0), "one environment answers all: {platform:?}");
    let begins = |begin: &str| platform.iter().filter(|(_, text)| text.starts_with(begin)).count();
    assert_eq!(["INIT_START ", "START RequestId: ", "END RequestId: "].map(begins), [1, QUESTIONS, QUESTIONS]);
    assert!(platform.iter().any(|(_, text)| text.starts_with(&format!("REPORT RequestId: {identity}"))));
}

/// Each service and the type of its endpoint, as the first table of the README has them.
fn endpoint_types() -> BTreeMap<&'static str, &'static str> {
    let names = |told: &str| match told {
        "Secrets Manager" => "secretsmanager",
        "S3" => "s3",
        "KMS" => "kms",
        "Bedrock" => "bedrock-runtime",
        "CloudWatch Logs" => "logs",
        "DynamoDB" => "dynamodb",
        other => panic!("which service is {other}?"),
    };
    let kinds = |told: &str| if told.starts_with("gateway") { "Gateway" } else { "Interface" };
    table("| the function | service | endpoint |").iter().map(|row| (names(&row[1]), kinds(&row[2]))).collect()
}

/// No request of the function came on another way than that of the README, and all were answered.
fn uses_the_endpoints_of_the_readme(daemon: &Daemon, deployed: &Deployed) {
    let mut left = endpoint_types();
    let types = left.clone();
    assert_eq!(types.len(), 6);
    let events = daemon.events();
    let own = events.iter().filter(|event| event["principal"].as_str().is_some_and(|own| own.ends_with(ROLE_SESSION)));
    for event in own {
        let (service, path) = (event["service"].as_str().unwrap(), &event["path"]);
        assert_eq!((&path["over"], &path["endpoint_type"]), (&json!("endpoint"), &json!(types[service])), "{event}");
        assert_eq!(
            (&path["endpoint"], &event["status"]),
            (&json!(deployed.endpoints[service]), &json!(200)),
            "{event}"
        );
        left.remove(service);
    }
    assert!(left.is_empty(), "nothing was asked of {left:?}");
}

/// Does to the network and its policies what the README has, row by row, and undoes it. What is not undone shows in a later
/// row, where the function would not come so far, or in the end.
fn breaks_as_the_readme_says(daemon: &Daemon, deployed: &Deployed) {
    let told = table("| change | the answer |");
    let changes = changes(daemon, deployed);
    assert_eq!(told.len(), changes.len());
    for (row, (broken, mended)) in told.iter().zip(changes) {
        daemon.aws_ok(&broken.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(fault(daemon).as_slice(), quoted(&row[1]).as_slice(), "{}", row[0]);
        daemon.aws_ok(&mended.iter().map(String::as_str).collect::<Vec<_>>());
    }
    assert_eq!(fault(daemon), ["none"; 3], "all is undone");
}

/// The calls of the AWS CLI that make and undo each change of the README, in its order.
fn changes(daemon: &Daemon, deployed: &Deployed) -> [(Vec<String>, Vec<String>); 6] {
    let call = |begin: &[&str], rest: &[&str]| -> Vec<String> {
        begin.iter().chain(rest).map(|part| (*part).to_owned()).collect()
    };
    let (s3, bedrock) = (deployed.endpoints["s3"].as_str(), deployed.endpoints["bedrock-runtime"].as_str());
    let endpoint = |id, change: &[&str]| call(&["ec2", "modify-vpc-endpoint", "--vpc-endpoint-id", id], change);
    let table = deployed.output("route_table");
    let rule = |action| {
        let pair = format!("UserIdGroupPairs=[{{GroupId={}}}]", deployed.output("function_group"));
        let permission = format!("IpProtocol=tcp,FromPort=443,ToPort=443,{pair}");
        let group = deployed.output("endpoints_group");
        call(&["ec2", action, "--group-id", group], &["--ip-permissions", &permission])
    };
    let (bucket, key) = (deployed.output("bucket"), deployed.output("key"));
    let policy = |call: &[&str], pointer| {
        let told = daemon.aws_ok(call);
        told.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no policy in {told}")).to_owned()
    };
    let described = ["ec2", "describe-vpc-endpoints", "--vpc-endpoint-ids", s3];
    let of_endpoint = policy(&described, "/VpcEndpoints/0/PolicyDocument");
    let of_bucket = policy(&["s3api", "get-bucket-policy", "--bucket", bucket], "/Policy");
    let of_key = policy(&["kms", "get-key-policy", "--key-id", key], "/Policy");
    let another = |policy: &str, endpoint: &str| {
        assert!(policy.contains(endpoint), "{policy}");
        policy.replace(endpoint, "vpce-00000000000000000")
    };
    let put_bucket = |policy: &str| call(&["s3api", "put-bucket-policy", "--bucket", bucket], &["--policy", policy]);
    let put_key = |policy: &str| call(&["kms", "put-key-policy", "--key-id", key], &["--policy", policy]);
    [
        (endpoint(s3, &["--remove-route-table-ids", table]), endpoint(s3, &["--add-route-table-ids", table])),
        (rule("revoke-security-group-ingress"), rule("authorize-security-group-ingress")),
        (endpoint(bedrock, &["--no-private-dns-enabled"]), endpoint(bedrock, &["--private-dns-enabled"])),
        (endpoint(s3, &["--policy-document", NOTHING]), endpoint(s3, &["--policy-document", &of_endpoint])),
        (put_bucket(&another(&of_bucket, s3)), put_bucket(&of_bucket)),
        (put_key(&another(&of_key, &deployed.endpoints["kms"])), put_key(&of_key)),
    ]
}

/// A server answers in place of models, well and badly. What it does badly comes to the function's answer as an error of
/// Bedrock.
fn asks_another_server_of_models(daemon: &Daemon, server: Upstream) {
    let answer = invoked(daemon, &json!({"question": QUESTION, "fresh": true}));
    let source = answer["passages"][0]["document"].as_str().unwrap();
    assert_eq!(
        (&answer["answer"], &answer["sources"]),
        (&json!(format!("It says so in [{source}].")), &json!([source]))
    );
    assert_eq!((&answer["usage"]["inputTokens"], &answer["usage"]["outputTokens"]), (&json!(70), &json!(9)));
    let asked = server.asked();
    let (chats, vectors): (Vec<_>, Vec<_>) = asked.iter().partition(|(path, _)| path == "/v1/chat/completions");
    assert_eq!((chats.len(), &chats[0].1["model"]), (1, &json!("llama3.2")));
    let roles = [0, 1].map(|at| chats[0].1["messages"][at]["role"].as_str().unwrap());
    assert!(roles == ["system", "user"] && chats[0].1.to_string().contains(QUESTION), "{chats:?}");
    assert!(
        !vectors.is_empty()
            && vectors.iter().all(|(path, asked)| {
                path == "/v1/embeddings" && asked["model"] == "nomic-embed-text" && asked["dimensions"] == 512
            })
    );

    for (manner, operation, code) in [
        (Manner::LyingOfText, "Converse", "ModelErrorException"),
        (Manner::LyingOfVectors, "InvokeModel", "ModelErrorException"),
        (Manner::Slow, "Converse", "ModelTimeoutException"),
        (Manner::Refusing, "Converse", "ThrottlingException"),
    ] {
        server.is_now(manner);
        assert_eq!(fault(daemon), ["bedrock-runtime", operation, code], "{manner:?}");
    }
    server.is_now(Manner::Well);
    assert_eq!(fault(daemon), ["none"; 3], "it has recovered");
    server.stop();
    assert_eq!(fault(daemon), ["bedrock-runtime", "InvokeModel", "ServiceUnavailableException"]);
}

/// What the destruction of networks is not asked about: what was of the workload's other services.
fn leaves_nothing(daemon: &Daemon) {
    for (call, list) in [
        (["lambda", "list-functions"], "/Functions"),
        (["s3api", "list-buckets"], "/Buckets"),
        (["dynamodb", "list-tables"], "/TableNames"),
        (["secretsmanager", "list-secrets"], "/SecretList"),
        (["logs", "describe-log-groups"], "/logGroups"),
    ] {
        let told = daemon.aws_ok(&call);
        assert_eq!(told.pointer(list), Some(&json!([])), "{call:?}: {told}");
    }
    let keys = daemon.aws_ok(&["kms", "list-keys"]);
    for key in keys["Keys"].as_array().unwrap() {
        let told = daemon.aws_ok(&["kms", "describe-key", "--key-id", key["KeyId"].as_str().unwrap()]);
        assert_eq!(told["KeyMetadata"]["KeyState"], "PendingDeletion", "{told}");
    }
    let roles = daemon.aws_ok(&["iam", "list-roles"]);
    assert!(!roles.to_string().contains(FUNCTION), "{roles}");
}
