//! Services that are not emulated, as boto3 in a subnet meets them: their errors, and another server's answers.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::harness::{ACCESS_KEY, Daemon, Network, SECRET_KEY, need_root, tool};
use crate::kms::{inside, succeeds};
use crate::settings::interface_endpoint;

/// Calls of services with each of the protocols, by endpoints and by the public name of one.
const UNSERVED: &str = r#"
def refused(name, call):
    client = boto3.client(name, config=Config(connect_timeout=2, retries={"max_attempts": 0}))
    try:
        call(client)
    except ClientError as error:
        told = error.response
        assert told["Error"]["Code"] == "NotImplemented", (name, told)
        assert told["ResponseMetadata"]["HTTPStatusCode"] == 501, (name, told)
        assert "does not emulate the service itself" in told["Error"]["Message"], (name, told)
        return
    raise AssertionError(name)

refused("ecs", lambda own: own.list_clusters())
refused("sns", lambda own: own.list_topics())
refused("efs", lambda own: own.describe_file_systems())
refused("cloudtrail", lambda own: own.lookup_events())
refused("route53", lambda own: own.list_hosted_zones())
refused("gamelift", lambda own: own.list_fleets())
refused("ses", lambda own: own.list_identities())
refused("sesv2", lambda own: own.list_email_identities())
print("refused")
"#;

const SENT_ON: &str = r#"
sqs = boto3.client("sqs", config=Config(connect_timeout=2, retries={"max_attempts": 0}))
assert sqs.list_queues()["QueueUrls"] == ["http://there/q"]
try:
    sqs.create_queue(QueueName="q")
    print("made")
except ClientError as error:
    assert error.response["Error"]["Code"] == "AccessDeniedException", error
    assert "sqs:CreateQueue" in str(error) and "because no VPC endpoint policy allows" in str(error), error
    print("denied")
"#;

/// Requests that are not signed, to an API and a registry, and one to an API that is.
const OTHERWISE_PROVED: &str = r#"
import http.client, os, ssl, sys
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
trusted = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
def ask(host, path, headers):
    connection = http.client.HTTPSConnection(host, timeout=5, context=trusted)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()
api = "abc.execute-api.us-east-1.amazonaws.com"
request = AWSRequest("GET", f"https://{api}/prod/signed", headers={"host": api})
SigV4Auth(boto3.Session().get_credentials(), "execute-api", "us-east-1").add_auth(request)
for host, path, headers in [
    (api, "/prod/open", {"x-api-key": "k"}),
    (api, "/prod/signed", dict(request.headers)),
    ("123456789012.dkr.ecr.us-east-1.amazonaws.com", "/v2/app/manifests/1", {"Authorization": "Basic QVdTOng="}),
]:
    status, body = ask(host, path, headers)
    print(status, "DENIED" in body or "not authorized" in body)
"#;

/// A server that keeps the heads of requests, and has one queue.
fn server() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(stream), kept) = (stream, Arc::clone(&kept)) else { return };
            std::thread::spawn(move || answer(stream, &kept));
        }
    });
    (port, heads)
}

/// Answers the requests of a connection.
fn answer(stream: TcpStream, heads: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
        reader.read_exact(&mut body).unwrap();
        heads.lock().unwrap().push(head);
        let document = r#"{"QueueUrls": ["http://there/q"], "QueueUrl": "http://there/q"}"#;
        let length = document.len();
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {length}\r\n\r\n");
        writer.write_all((head + document).as_bytes()).unwrap();
    }
}

#[test]
fn services_that_are_not_emulated_say_so_to_boto3_and_another_server_may_answer_for_one() {
    need_root!();
    let (port, heads) = server();
    let config = format!(
        "[service.sqs]\nupstream = \"http://127.0.0.1:{port}\"\nregion = \"eu-west-1\"\naccess_key_id = \"AKIATHERE\"\n\
         secret_access_key = \"of the server\"\n"
    );
    let daemon = Daemon::configured(&config);
    let network = Network::build(&daemon);
    network.open(&daemon);
    for service in ["ecs", "sns", "elasticfilesystem", "cloudtrail", "gamelift", "email"] {
        interface_endpoint(&daemon, &network, service, &[]);
    }
    let named = [
        ("VpcId", network.vpc.as_str()),
        ("VpcEndpointType", "Interface"),
        ("ServiceName", "com.amazonaws.route53"),
        ("SubnetId.1", network.subnets[0].as_str()),
        ("SecurityGroupId.1", network.group.as_str()),
    ];
    daemon.make("CreateVpcEndpoint", &named, "vpcEndpointId");
    let sqs = interface_endpoint(&daemon, &network, "sqs", &[]);
    let admin = (ACCESS_KEY, SECRET_KEY);
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, UNSERVED)), "refused");

    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, SENT_ON)), "made");
    let got = std::mem::take(&mut *heads.lock().unwrap());
    assert_eq!(got.len(), 2, "{got:?}");
    assert!(got[0].contains("x-amz-target: amazonsqs.listqueues"), "{got:?}");
    assert!(
        got.iter().all(|head| head.contains("credential=akiathere/") && head.contains("/eu-west-1/sqs/")),
        "{got:?}"
    );
    assert!(got.iter().all(|head| !head.contains(&ACCESS_KEY.to_ascii_lowercase())), "{got:?}");

    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "sqs:ListQueues", "Resource": "*"}]}"#;
    daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &sqs), ("PolicyDocument", policy)]).unwrap();
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, SENT_ON)), "denied");
    assert_eq!(heads.lock().unwrap().len(), 1, "what is denied is not sent on");
    let event = daemon.events().into_iter().rev().find(|event| event["operation"] == "CreateQueue").unwrap();
    assert!(event.to_string().contains(&sqs) && event["service"] == "sqs", "{event}");
    assert!(!daemon.log().contains("of the server"), "no secret is in the log");
}

#[test]
fn requests_with_proofs_of_their_own_reach_the_server_that_answers_for_an_api_or_a_registry() {
    need_root!();
    let (port, heads) = server();
    let config: String = ["execute-api", "\"ecr.dkr\""]
        .map(|service| {
            format!(
                "[service.{service}]\nupstream = \"http://127.0.0.1:{port}\"\naccess_key_id = \"AKIATHERE\"\n\
                 secret_access_key = \"of the server\"\n"
            )
        })
        .concat();
    let daemon = Daemon::configured(&config);
    let network = Network::build(&daemon);
    network.open(&daemon);
    let api = interface_endpoint(&daemon, &network, "execute-api", &[]);
    interface_endpoint(&daemon, &network, "ecr.dkr", &[]);
    let admin = (ACCESS_KEY, SECRET_KEY);
    let told = succeeds(&daemon, &inside(&daemon, &network, admin, OTHERWISE_PROVED));
    assert_eq!(told, "200 False\n200 False\n200 False");
    let got = std::mem::take(&mut *heads.lock().unwrap());
    let [open, signed, registry] = &got[..] else { panic!("{got:?}") };
    let api_host = "host: abc.execute-api.us-east-1.amazonaws.com";
    assert!(open.starts_with("get /prod/open ") && open.contains(api_host) && open.contains("x-api-key: k"), "{open}");
    assert!(!open.contains("authorization"), "{open}");
    assert!(signed.contains(api_host) && signed.contains("credential=akiathere/"), "{signed}");
    assert!(registry.contains("host: 123456789012.dkr.ecr.us-east-1.amazonaws.com"), "{registry}");
    assert!(registry.contains("authorization: basic qvdtong="), "{registry}");

    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:abc/prod/GET/signed"}]}"#;
    daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &api), ("PolicyDocument", policy)]).unwrap();
    let told = succeeds(&daemon, &inside(&daemon, &network, admin, OTHERWISE_PROVED));
    assert_eq!(told, "403 True\n200 False\n200 False");
    let event = daemon.events().into_iter().rev().find(|event| event["status"] == 403).unwrap();
    assert_eq!((&event["service"], &event["operation"]), (&"execute-api".into(), &"Invoke".into()), "{event}");
    assert!(event.to_string().contains(&api) && event.to_string().contains("anonymous"), "{event}");
}

/// A call of OpenSearch's API, and what became of it.
const WITHOUT_ENDPOINTS: &str = r#"
import boto3, socket
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectTimeoutError
es = boto3.client("opensearch", "us-east-1", aws_access_key_id="KEY", aws_secret_access_key="SECRET",
    config=Config(connect_timeout=1.5, retries={"max_attempts": 0}))
print(socket.gethostbyname("es.us-east-1.amazonaws.com").startswith("198.18."))
try:
    es.list_domain_names()
except ConnectTimeoutError:
    print("silence")
except ClientError as error:
    print(error.response["ResponseMetadata"]["HTTPStatusCode"], "since no VPC endpoint leads there" in str(error))
"#;

#[test]
fn a_service_without_endpoints_has_a_name_and_is_reached_over_the_internet_alone() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let admin = (ACCESS_KEY, SECRET_KEY);
    let script = WITHOUT_ENDPOINTS.replace("KEY", ACCESS_KEY).replace("SECRET", SECRET_KEY);
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, &script)), "True\nsilence");
    let python = tool("python3");
    let script = format!("exec \"{}\" - <<'END'\n{script}\nEND", python.display());
    let output = daemon.command("exec").args(["--internet", "--", "sh", "-c", &script]).output().unwrap();
    assert_eq!(succeeds(&daemon, &output), "True\n501 True");
    let wanted = [
        ("VpcId", network.vpc.as_str()),
        ("VpcEndpointType", "Interface"),
        ("ServiceName", "com.amazonaws.us-east-1.es"),
    ];
    let refused = daemon.ec2("CreateVpcEndpoint", &wanted).unwrap_err();
    assert!(format!("{refused:?}").contains("InvalidServiceName"), "{refused:?}");
}

/// What greets clients of mail, on a port that begins without TLS and one that begins with it.
const MAIL: &str = r#"
import os, smtplib, socket, ssl
trusted = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
host = "email-smtp.us-east-1.amazonaws.com"
for connect in [lambda: smtplib.SMTP(host, 587, timeout=5), lambda: smtplib.SMTP_SSL(host, 465, timeout=5, context=trusted)]:
    try:
        connect()
    except smtplib.SMTPConnectError as error:
        print(error.smtp_code, b"does not emulate" in error.smtp_error)
    except socket.timeout:
        print("silence")
"#;

#[test]
fn an_endpoint_for_mail_says_at_once_that_there_is_no_service() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let admin = (ACCESS_KEY, SECRET_KEY);
    let kms = interface_endpoint(&daemon, &network, "kms", &[]);
    let mail = interface_endpoint(&daemon, &network, "email-smtp", &[]);
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, MAIL)), "554 True\n554 True");
    let call = "print('Keys' in boto3.client('kms', config=Config(connect_timeout=2)).list_keys())";
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, call)), "True");
    daemon.ec2("DeleteVpcEndpoints", &[("VpcEndpointId.1", &mail)]).unwrap();
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, call)), "True", "{kms} stays");
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, MAIL)), "silence\nsilence");
}
