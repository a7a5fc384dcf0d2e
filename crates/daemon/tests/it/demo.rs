//! `sidegate demo`, from the questions to what breaks what.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::bedrock::ChatServer;
use crate::cli::{processes_of, until};
use crate::harness::{clients_are_lacking, need_root, texts, tool};
use crate::lambda::eventually;

/// A demo with its directory among these temporary files.
fn demo(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sidegate"));
    command.arg("demo").args(arguments).env("TMPDIR", directory);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Checks that a demo left neither a file nor a process.
fn left_nothing(directory: &Path) {
    assert_eq!(fs::read_dir(directory).unwrap().count(), 0);
    assert_eq!(processes_of(directory), Vec::<String>::new());
    let announced = fs::read_dir("/run/sidegate").into_iter().flatten().flatten();
    let left: Vec<_> = announced
        .filter_map(|link| fs::read_link(link.path()).ok())
        .filter(|state| state.starts_with(directory))
        .collect();
    assert_eq!(left, Vec::<std::path::PathBuf>::new());
}

fn has_ended(child: &mut Child) {
    let in_time = until(child, || false);
    if !in_time {
        let _ = child.kill();
    }
    assert!(in_time, "the demo goes on");
}

/// The first line that begins with a text.
fn line<'a>(said: &'a str, begin: &str) -> &'a str {
    let found = said.lines().find(|line| line.trim_start().starts_with(begin));
    found.unwrap_or_else(|| panic!("no line begins with `{begin}`: {said}"))
}

#[test]
fn the_demo_answers_from_ones_own_documents_shows_the_paths_and_what_breaks_each() {
    need_root!();
    if clients_are_lacking() {
        return;
    }
    let (directory, documents) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let write = |name: &str, text: &str| {
        let path = documents.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("harbour.md", "# Harbour\n\nThe lighthouse of Varberg burns from dusk till dawn.\n");
    write("notes/ferry.txt", "The ferry to the island of Tjornholm leaves at 7:40 each morning.\n");
    // More than KMS encrypts at a time.
    let plan =
        format!("The chart of the secret reef is kept in cabinet 19.\n\n{}", "Nothing else is in it.\n".repeat(250));
    write("confidential/reef.md", &plan);
    write("picture.png", "no text");
    let ask = ["--ask", "When does the ferry leave?", "--ask", "Where is the chart of the secret reef kept?"];
    let drawn = tempfile::tempdir().unwrap();
    let pictures = drawn.path().join("pictures");
    let told = ["--documents", documents.path().to_str().unwrap(), "--pictures", pictures.to_str().unwrap()];
    let arguments = [&ask[..], &told].concat();
    let output = demo(directory.path(), &arguments).output().unwrap();
    let (said, errors) = texts(&output);
    assert!(output.status.success(), "{said}\n{errors}");

    assert!(said.contains("left out: 1 neither .md nor .txt"), "{said}");
    assert!(said.contains("1 of 3 documents, with kms:Encrypt through vpce-"), "{said}");
    assert!(said.contains("3 objects"), "{said}");
    let (first, rest) = said.split_once("Where is the chart of the secret reef kept?").unwrap();
    assert!(first.contains("leaves at 7:40") && line(first, "sources").ends_with("notes/ferry.txt"), "{said}");
    assert!(line(first, "model").contains("sidegate.extractive-reader-v1:0 answered") && first.contains("cold start"));
    assert!(rest.contains("cabinet 19") && line(rest, "sources").ends_with("confidential/reef.md"), "{said}");
    assert!(line(rest, "time").contains("warm start"), "{said}");

    for (call, service, endpoint, path) in [
        ("GetSecretValue", "Secrets Manager", "interface", "10.79."),
        ("ListObjectsV2", "S3", "gateway", "rtb-"),
        ("GetObject ×3", "S3", "gateway", "rtb-"),
        ("Decrypt ×2", "KMS", "interface", "10.79."),
        ("InvokeModel ×", "Bedrock", "interface", "10.79."),
        ("Converse", "Bedrock", "interface", "10.79."),
        ("PutLogEvents", "CloudWatch Logs", "interface", "10.79."),
        ("PutItem", "DynamoDB", "gateway", "rtb-"),
    ] {
        let row = line(first, call);
        let is_decided = row.contains("endpoint 1, role ")
            || row.contains("endpoint 1, key 1")
            || row.contains("endpoint 2, role 2");
        assert!(is_decided && [service, endpoint, path, "vpce-"].iter().all(|cell| row.contains(cell)), "{row}");
        assert!(row.chars().count() <= 120, "{row}");
    }
    // The second question reads what was read before, and decrypts it anew.
    assert!(!rest.split_once("The two paths").unwrap().0.contains("GetObject"), "{said}");
    assert!(line(rest, "Decrypt ×2").contains("KMS"), "{said}");

    let paths = line(&said, "Gateway endpoint vpce-");
    assert!(paths.contains("Interface endpoint vpce-"), "{said}");
    assert!(said.contains("(public)") && said.contains("(private)") && said.contains("PrivateLink"), "{said}");
    for (file, what) in [("gateway-endpoint.svg", "route table rtb-"), ("interface-endpoint.svg", "PrivateLink")] {
        let svg = fs::read_to_string(pictures.join(file)).unwrap();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && svg.contains(what), "{svg}");
    }
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("; 0 lead out of the VPC.") && words.contains("has 0 links to any network."), "{said}");
    assert!(words.contains("came through its 6 endpoints, and 0 by another way."), "{said}");
    assert!(
        words.contains("The execution environments of the function that are there, 1 of 1, have one link each"),
        "{said}"
    );
    assert!(words.contains("The instance's namespace has one link, to the VPC's router"), "{said}");
    assert!(words.contains("Not looked at: the daemon,") && !said.contains("Not seen:"), "{said}");

    let (_, breaks) = said.split_once("What breaks what").unwrap();
    for (what, failure, why) in [
        ("route:", "s3 ListObjectsV2: ConnectTimeoutError", "has no route to pl-"),
        ("group:", "secretsmanager GetSecretValue: ConnectTimeoutError", "has 0 rules"),
        ("private DNS:", "bedrock-runtime InvokeModel: ConnectTimeoutError", "(public)"),
        ("endpoint policy:", "s3 ListObjectsV2: AccessDenied", "no VPC endpoint policy allows it"),
        ("bucket policy:", "s3 ListObjectsV2: AccessDenied", "(`DocumentsComeThroughTheEndpoint`)"),
        ("key policy:", "kms Decrypt: AccessDeniedException", "(`DocumentsAreDecryptedThroughTheEndpoint`)"),
    ] {
        let (_, part) = breaks.split_once(&format!("\n  {what}")).unwrap_or_else(|| panic!("no {what} in {said}"));
        let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
        let (part, _) = part.split_once("mended the function answers again").unwrap();
        assert!(part.contains(failure) && part.contains(why), "{what} {part}");
        assert_eq!(part.matches(" breaks ").count(), 1, "{what} {part}");
    }
    let (_, costs) = breaks.split_once("What it would cost at AWS").unwrap();
    for (service, kind) in
        [("s3 ", "gateway"), ("dynamodb ", "gateway"), ("bedrock-runtime ", "interface"), ("kms ", "interface")]
    {
        let row = line(costs, service);
        let cost = if kind == "gateway" { " 0.00 USD" } else { " 0.02 USD" };
        assert!(row.contains(kind) && row.contains("B ") && row.ends_with(cost), "{row}");
    }
    let costs = costs.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(costs.contains("In all 0.08 USD") && costs.contains("would be 58.40 USD"), "{costs}");
    left_nothing(directory.path());
}

#[test]
fn a_document_of_one_long_paragraph_and_nothing_confidential_is_enough() {
    need_root!();
    if clients_are_lacking() {
        return;
    }
    let (directory, documents) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let text = format!(
        "{} The treasure of Skagen is buried below the old mill. {}",
        "Word after word. ".repeat(6_000),
        "x".repeat(99_999)
    );
    fs::write(documents.path().join("long.md"), text).unwrap();
    let arguments =
        ["--ask", "Where is the treasure of Skagen buried?", "--documents", documents.path().to_str().unwrap()];
    let output = demo(directory.path(), &arguments).output().unwrap();
    let (said, errors) = texts(&output);
    assert!(output.status.success(), "{said}\n{errors}");
    assert!(said.contains("1 object, ") && said.contains("below the old mill"), "{said}");
    assert!(said.contains("key policy: no document is below confidential/"), "{said}");
    assert_eq!(said.matches("the function answers again").count(), 5, "{said}");
    left_nothing(directory.path());
}

#[test]
fn another_server_answers_the_demo_and_an_interruption_amid_it_leaves_nothing() {
    need_root!();
    if clients_are_lacking() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let server = ChatServer::start();
    let url = format!("http://127.0.0.1:{}/v1", server.port);
    let arguments = ["--models", &url, "--model", "llama3.2", "--ask", "What is a VPC?"];
    let mut demo = demo(directory.path(), &arguments).spawn().unwrap();
    let lines = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut said = Vec::new();
    for line in lines {
        said.push(line);
        if said.last().unwrap() == "What breaks what" {
            let pid = demo.id().to_string();
            assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        }
    }
    has_ended(&mut demo);
    let said = said.join("\n");
    assert_eq!(demo.wait().unwrap().code(), Some(1), "{said}");
    assert!(said.contains("from the server"), "{said}");
    assert!(line(&said, "sources").ends_with("none"), "{said}");
    assert!(line(&said, "model").contains("amazon.nova-lite-v1:0 was asked; llama3.2 answered"), "{said}");
    let got = server.got.lock().unwrap();
    assert!(got.iter().all(|(_, asked)| asked["model"] == "llama3.2") && !got.is_empty());
    left_nothing(directory.path());
}

#[test]
fn a_question_that_the_models_server_refuses_is_told_and_the_rest_goes_on() {
    need_root!();
    if clients_are_lacking() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let server = ChatServer::refusing(1);
    let url = format!("http://127.0.0.1:{}/v1", server.port);
    let arguments = ["--models", &url, "--model", "m", "--ask", "What is a VPC?", "--ask", "What is a subnet?"];
    let output = demo(directory.path(), &arguments).output().unwrap();
    let (said, errors) = texts(&output);
    assert_eq!(output.status.code(), Some(1), "{said}\n{errors}");
    assert!(errors.contains("1 of 2 questions got no answer"), "{errors}");
    let (first, rest) = said.split_once("What is a subnet?").unwrap();
    let failed =
        "bedrock-runtime Converse ended with ThrottlingException: Too many requests, please wait before trying again.";
    let words = first.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(failed) && words.contains("to do ask again later"), "{said}");
    assert!(line(first, "Converse (429)").contains("Bedrock") && line(first, "GetObject").contains("S3"), "{said}");
    assert!(rest.contains("from the server") && rest.contains("PutItem"), "{said}");
    let (_, paths) = rest.split_once("The two paths").unwrap();
    assert!(paths.contains("Bedrock Converse → 200") && paths.contains("What it would cost at AWS"), "{said}");
    assert_eq!(paths.matches("the function answers again").count(), 6, "{said}");
    left_nothing(directory.path());
}

/// Gives the demo's VPC a way out, and a name that leads to it: what the function asks Bedrock goes by a NAT gateway, in an
/// environment that begins anew and has no connection yet; and the instance calls a service that has no endpoint.
const WAY_OUT: &str = r#"
set -e
eval "$("$SIDEGATE" env)"
told() { aws ec2 "$@" --output text; }
vpc=$(told describe-vpcs --filters Name=cidr,Values=10.79.0.0/16 --query 'Vpcs[0].VpcId')
private=$(told describe-subnets --filters Name=vpc-id,Values=$vpc --query 'Subnets[0].SubnetId')
table=$(told describe-route-tables --filters Name=association.subnet-id,Values=$private --query 'RouteTables[0].RouteTableId')
gateway=$(told create-internet-gateway --query InternetGateway.InternetGatewayId)
told attach-internet-gateway --internet-gateway-id $gateway --vpc-id $vpc
subnet=$(told create-subnet --vpc-id $vpc --cidr-block 10.79.3.0/24 --query Subnet.SubnetId)
public=$(told create-route-table --vpc-id $vpc --query RouteTable.RouteTableId)
told create-route --route-table-id $public --destination-cidr-block 0.0.0.0/0 --gateway-id $gateway
told associate-route-table --route-table-id $public --subnet-id $subnet
address=$(told allocate-address --domain vpc --query AllocationId)
nat=$(told create-nat-gateway --subnet-id $subnet --allocation-id $address --query NatGateway.NatGatewayId)
told wait nat-gateway-available --nat-gateway-ids $nat
told create-route --route-table-id $table --destination-cidr-block 0.0.0.0/0 --nat-gateway-id $nat
for group in function instance; do
  id=$(told describe-security-groups --filters Name=vpc-id,Values=$vpc Name=group-name,Values=$group --query 'SecurityGroups[0].GroupId')
  told authorize-security-group-egress --group-id $id --ip-permissions IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges='[{CidrIp=0.0.0.0/0}]'
done
bedrock=$(told describe-vpc-endpoints --filters Name=service-name,Values=com.amazonaws.us-east-1.bedrock-runtime --query 'VpcEndpoints[0].VpcEndpointId')
told modify-vpc-endpoint --vpc-endpoint-id $bedrock --no-private-dns-enabled
aws lambda update-function-configuration --function-name document-qa --timeout 80
aws lambda wait function-updated-v2 --function-name document-qa
instance=$(told describe-instances --query 'Reservations[0].Instances[0].InstanceId')
"$SIDEGATE" exec $instance -- env AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 "$(command -v aws)" sts get-caller-identity
"#;

#[test]
fn a_packet_that_left_by_a_nat_gateway_is_told_by_the_router_the_flows_and_the_requests() {
    need_root!();
    if clients_are_lacking() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    // The demo asks for questions at a terminal only.
    let script = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let mut command = Command::new(tool("python3"));
    command.args(["-c", script, env!("CARGO_BIN_EXE_sidegate"), "demo"]).env("TMPDIR", directory.path());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let said = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&said);
    let listener = std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = output.read(&mut bytes) {
            heard.lock().unwrap().extend_from_slice(&bytes[..count]);
        }
    });
    let text = || String::from_utf8_lossy(&said.lock().unwrap()).replace('\r', "");
    let asked =
        |times: usize| eventually("the demo asks for a question", || text().matches("question> ").count() >= times);
    asked(1);
    let own = fs::read_dir(directory.path()).unwrap().next().unwrap().unwrap().path();
    let mut way_out = Command::new("sh");
    way_out
        .args(["-c", WAY_OUT])
        .env("SIDEGATE", env!("CARGO_BIN_EXE_sidegate"))
        .env("SIDEGATE_STATE", own.join("state"));
    let opened = way_out.output().unwrap();
    let is_open = opened.status.success();
    if is_open {
        input.write_all(b"What is a VPC?\n").unwrap();
        asked(2);
    }
    input.write_all(b"\n").unwrap();
    let status = child.wait().unwrap();
    listener.join().unwrap();
    let said = text();
    assert!(is_open, "{:?}", texts(&opened));
    assert!(!status.success(), "{said}");
    let (_, proof) = said.split_once("No packet took another way").unwrap();
    // Lines end where the terminal does.
    let proof = proof.split_whitespace().collect::<Vec<_>>().join(" ");
    for found in [
        "the VPC's router should have links to its own interfaces only, but `",
        "the function and the instance should have spoken to addresses in the VPC's router only, but ",
        " spoke to 198.18.",
        "each request of the workload should have come through an endpoint of its VPC, but ",
    ] {
        assert!(proof.contains(found), "{found}: {said}");
    }
    assert!(proof.contains("leads to `nat-") || proof.contains("leads to `igw-"), "{said}");
    assert!(!said.contains("What breaks what"), "{said}");
    left_nothing(directory.path());
}

#[test]
fn a_demo_without_documents_or_half_of_a_server_says_so_before_anything_starts() {
    let (directory, documents) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(documents.path().join("a.pdf"), "x").unwrap();
    let none = documents.path().to_str().unwrap();
    for (arguments, word) in [
        (["--documents", none], "no documents in"),
        (["--documents", "/no/such/directory"], "cannot be read"),
        (["--models", "http://127.0.0.1:1/v1"], "--model <NAME>"),
        (["--ask", " "], "a question"),
    ] {
        let output = demo(directory.path(), &arguments).output().unwrap();
        let (said, error) = texts(&output);
        assert!(!output.status.success() && error.contains(word), "{error}");
        assert!(said.is_empty(), "{said}");
    }
    left_nothing(directory.path());
}
