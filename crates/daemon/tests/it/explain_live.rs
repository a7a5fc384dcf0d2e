//! Looks at flows with packets: whether what is seen is what a trace says, and that nothing comes of it at any service.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;

use serde_json::{Value, json};

use crate::harness::{Daemon, Network, announced, clients_are_hidden, need_root, text};
use crate::kms::succeeds;
use crate::lambda::host;
use crate::profiles::{built, launch, role};
use crate::settings::interface_endpoint;

/// The account of the administrator.
fn account(daemon: &Daemon) -> String {
    daemon.aws_ok(&["sts", "get-caller-identity"])["Account"].as_str().unwrap().to_owned()
}

/// What the daemon answers to a look.
fn answer(daemon: &Daemon, look: &Value) -> Value {
    let mut control = UnixStream::connect(daemon.state().join("control.sock")).unwrap();
    writeln!(control, "{}", json!({ "look": look })).unwrap();
    let mut answer = String::new();
    BufReader::new(control).read_line(&mut answer).unwrap();
    serde_json::from_str(&answer).unwrap()
}

/// A look that agrees with its trace.
#[track_caller]
fn agreed(daemon: &Daemon, look: &Value) -> Value {
    let answer = answer(daemon, look);
    let seen = &answer["seen"];
    assert_eq!(seen["live"]["agrees"], true, "{look}: {answer:#}\n{}", daemon.log());
    seen.clone()
}

/// What came of each connection.
fn outcomes(seen: &Value) -> Vec<&str> {
    let all = seen["live"]["connections"].as_array().unwrap();
    all.iter().map(|connection| connection["outcome"].as_str().unwrap()).collect()
}

/// The events of requests that were no probes, by their operations.
fn called(daemon: &Daemon) -> Vec<String> {
    let events = daemon.events().into_iter().filter(|event| event["probe"] != true);
    events.filter_map(|event| event["operation"].as_str().map(str::to_owned)).collect()
}

/// The interfaces that programs have.
fn interfaces(daemon: &Daemon) -> usize {
    let all = daemon.ec2("DescribeNetworkInterfaces", &[]).unwrap();
    all.matches("<networkInterfaceId>").count()
}

fn endpoint_policy(daemon: &Daemon, endpoint: &str, policy: &Value) {
    let wanted = [("VpcEndpointId", endpoint), ("PolicyDocument", &policy.to_string())];
    daemon.ec2("ModifyVpcEndpoint", &wanted).unwrap();
}

#[test]
fn a_bucket_is_looked_at_through_its_gateway_endpoint_and_keeps_its_object() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let endpoint = network.s3_gateway(&daemon, &[&network.tables[0]]);
    daemon.aws_ok(&["s3api", "create-bucket", "--bucket", "kept"]);
    daemon.aws_ok(&["s3api", "put-object", "--bucket", "kept", "--key", "k"]);
    let (before, operations) = (interfaces(&daemon), called(&daemon).len());
    let look = json!({
        "from": network.subnets[0], "to": "s3", "port": 443,
        "action": "s3:DeleteObject", "resource": "arn:aws:s3:::kept/k",
    });

    let seen = agreed(&daemon, &look);
    let live = &seen["live"];
    assert!(outcomes(&seen).iter().all(|outcome| *outcome == "connected") && !outcomes(&seen).is_empty(), "{seen:#}");
    assert_eq!((live["tls"]["version"].as_str(), live["decision"]["allowed"].as_bool()), (Some("1.3"), Some(true)));
    assert_eq!(live["from"]["supposed"], true);
    assert!(seen["notes"][0].as_str().unwrap().contains("root user"), "{seen:#}");
    assert_eq!(interfaces(&daemon), before, "what was attached is gone");
    let probe = daemon.events().into_iter().rfind(|event| event["probe"] == true).unwrap();
    assert_eq!((probe["operation"].as_str(), probe["status"].as_u64()), (Some("DeleteObject"), Some(204)), "{probe}");
    assert_eq!(probe["path"]["endpoint"], endpoint.as_str());
    assert!(!called(&daemon)[operations..].iter().any(|operation| operation == "DeleteObject"));
    daemon.aws_ok(&["s3api", "head-object", "--bucket", "kept", "--key", "k"]);

    // The bucket's policy, which knows the endpoint.
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::kept/*",
        "Condition": {"StringEquals": {"aws:SourceVpce": endpoint}},
    }]});
    daemon.aws_ok(&["s3api", "put-bucket-policy", "--bucket", "kept", "--policy", &policy.to_string()]);
    let seen = agreed(&daemon, &look);
    assert_eq!(seen["live"]["decision"]["code"], "RESOURCE_POLICY_EXPLICIT_DENY", "{seen:#}");
    let mut other = look.clone();
    other["action"] = "s3:GetObject".into();
    assert_eq!(agreed(&daemon, &other)["live"]["decision"]["allowed"], true);

    // The endpoint's policy, which is asked first.
    let reading = json!({"Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:Get*", "Resource": "arn:aws:s3:::kept/*"},
    ]});
    endpoint_policy(&daemon, &endpoint, &reading);
    let seen = agreed(&daemon, &look);
    assert_eq!(seen["live"]["decision"]["code"], "RESOURCE_POLICY_EXPLICIT_DENY", "{seen:#}");
    other["action"] = "s3:PutObject".into();
    let seen = agreed(&daemon, &other);
    assert_eq!(seen["live"]["decision"]["code"], "ENDPOINT_POLICY_IMPLICIT_DENY", "{seen:#}");

    // Somebody whom nothing allows it.
    daemon.aws_ok(&["iam", "create-user", "--user-name", "dora"]);
    other["action"] = "s3:GetObject".into();
    other["principal"] = format!("arn:aws:iam::{}:user/dora", account(&daemon)).into();
    let seen = agreed(&daemon, &other);
    assert_eq!(seen["live"]["decision"]["code"], "IDENTITY_POLICY_IMPLICIT_DENY", "{seen:#}");

    // Without the route there is no way.
    let without = [("VpcEndpointId", endpoint.as_str()), ("RemoveRouteTableId.1", &network.tables[0])];
    daemon.ec2("ModifyVpcEndpoint", &without).unwrap();
    let seen = agreed(&daemon, &look);
    assert!(outcomes(&seen).iter().all(|outcome| *outcome == "silent"), "{seen:#}");
    assert!(seen["live"]["decision"].is_null() && seen["trace"].as_str().unwrap().contains("NO_ROUTE_TO_DESTINATION"));
}

#[test]
fn a_key_is_looked_at_from_a_program_that_goes_on_undisturbed() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    interface_endpoint(&daemon, &network, "kms", &[]);
    let made = daemon.aws_ok(&["kms", "create-key"]);
    let (key, arn) = (&made["KeyMetadata"]["KeyId"], &made["KeyMetadata"]["Arn"]);
    let script = "hostname -I; cat";
    let (mut program, address) = announced(daemon.exec(&network.subnets[0], &[&network.group], &["sh", "-c", script]));
    let at = [("Filter.1.Name", "private-ip-address"), ("Filter.1.Value.1", address.as_str())];
    let interface = daemon.make("DescribeNetworkInterfaces", &at, "networkInterfaceId");
    let look = json!({"from": interface, "to": "kms", "port": 443, "action": "kms:Decrypt", "resource": arn});

    // The group of the endpoint lets nothing in.
    let seen = agreed(&daemon, &look);
    assert_eq!(outcomes(&seen), ["silent"], "{seen:#}");
    assert!(seen["trace"].as_str().unwrap().contains("SG_HAS_NO_RULES"), "{seen:#}");
    network.open(&daemon);
    let seen = agreed(&daemon, &look);
    assert_eq!((outcomes(&seen), &seen["live"]["decision"]["allowed"]), (vec!["connected"], &json!(true)), "{seen:#}");
    assert_eq!(seen["live"]["from"], json!({"interface": interface, "addresses": [address], "supposed": false}));

    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{}:root", account(&daemon))},
        "Action": ["kms:*Policy", "kms:Describe*"], "Resource": "*",
    }]});
    let put = ["kms", "put-key-policy", "--key-id", key.as_str().unwrap(), "--policy", &policy.to_string()];
    daemon.aws_ok(&put);
    let seen = agreed(&daemon, &look);
    assert_eq!(seen["live"]["decision"]["code"], "RESOURCE_POLICY_IMPLICIT_DENY", "{seen:#}");
    assert!(!called(&daemon).iter().any(|operation| operation == "Decrypt"));

    // A name that the endpoint does not have.
    let addressed = daemon
        .ec2("DescribeNetworkInterfaces", &[("Filter.1.Name", "interface-type"), ("Filter.1.Value.1", "vpc_endpoint")]);
    let endpoint = text(&addressed.unwrap(), "privateIpAddress").unwrap().to_owned();
    let seen = agreed(&daemon, &json!({"from": interface, "to": endpoint, "port": 443}));
    assert_eq!(outcomes(&seen), ["connected"]);
    assert!(program.try_wait().unwrap().is_none(), "the program goes on");
    drop(program.stdin.take());
    assert!(program.wait().unwrap().success());
}

#[test]
fn programs_are_looked_at_by_every_protocol_and_somebody_on_the_internet_reaches_a_service() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let (mut program, address) =
        announced(daemon.exec(&network.subnets[1], &[&network.group], &["sh", "-c", "hostname -I; cat"]));
    let look = |protocol: u8, port: u16| json!({"from": network.subnets[0], "to": address, "port": port, "protocol": protocol});
    for (protocol, port, outcome) in [(6, 8080, "silent"), (17, 8080, "unanswered"), (1, 8 << 8, "silent")] {
        let seen = answer(&daemon, &look(protocol, port))["seen"].clone();
        assert_eq!(outcomes(&seen), [outcome], "{seen:#}");
        assert!(seen["trace"].as_str().unwrap().starts_with("blocked"));
        // Who gets a datagram need not answer.
        let agrees = if outcome == "unanswered" { Value::Null } else { true.into() };
        assert_eq!(seen["live"]["agrees"], agrees, "{seen:#}");
        assert_eq!(seen["live"]["uncompared"].is_null(), outcome != "unanswered", "{seen:#}");
    }
    network.open(&daemon);
    // What is attached for the look has the VPC's own group, which lets everything out.
    for (protocol, port, outcome) in [(6, 8080, "refused"), (17, 8080, "refused"), (1, 8 << 8, "answered")] {
        let seen = agreed(&daemon, &look(protocol, port));
        assert_eq!(outcomes(&seen), [outcome], "{seen:#}");
        assert!(seen["trace"].as_str().unwrap().starts_with("reached"));
    }
    drop(program.stdin.take());
    program.wait().unwrap();

    // Nothing is sent by a protocol that nobody has to answer.
    let seen = answer(&daemon, &look(47, 0))["seen"].clone();
    assert_eq!((&seen["live"]["agrees"], outcomes(&seen).len()), (&Value::Null, 0), "{seen:#}");
    assert!(seen["live"]["uncompared"][0].as_str().unwrap().contains("nothing was sent"), "{seen:#}");
    let seen = agreed(
        &daemon,
        &json!({
            "from": "internet", "to": "sts.us-east-1.amazonaws.com", "port": 443, "action": "sts:GetSessionToken",
        }),
    );
    assert_eq!(outcomes(&seen), ["connected"]);
    assert_eq!(seen["live"]["tls"]["version"], "1.3");
    let seen = agreed(&daemon, &json!({"from": network.subnets[0], "to": "nobody.example.com", "port": 443}));
    assert!(outcomes(&seen).is_empty() && seen["live"]["dns"]["addresses"] == json!([]), "{seen:#}");
}

#[test]
fn a_program_gains_nothing_by_a_token_of_its_own_making() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.s3_gateway(&daemon, &[&network.tables[0]]);
    daemon.aws_ok(&["s3api", "create-bucket", "--bucket", "closed"]);
    let token = "0123456789abcdef".repeat(2);
    let ask = format!(
        "curl -sS -m 5 -o /dev/null -w '%{{http_code}}' -H 'x-sidegate-probe: {token}' https://closed.s3.us-east-1.amazonaws.com/k"
    );
    assert_eq!(daemon.inside(&network.subnets[0], &[&network.group], &["sh", "-c", &ask]), "403");
    let event = daemon.events().pop().unwrap();
    assert!(event["probe"].is_null() && event["principal"] == "anonymous", "{event}");
}

#[test]
fn what_cannot_be_asked_or_looked_at_is_refused_in_words() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let subnet = network.subnets[0].as_str();
    let unattached = [("SubnetId", subnet)];
    let interface = daemon.make("CreateNetworkInterface", &unattached, "networkInterfaceId");
    let refusals = [
        (json!({"from": "i-0123456789abcdef0", "to": "s3", "port": 443}), "there is no instance"),
        (json!({"from": interface, "to": "s3", "port": 443}), "nothing runs behind"),
        (json!({"from": subnet, "to": "s3", "port": 443, "action": "s3"}), "is not an action"),
        (json!({"from": subnet, "to": "s3", "port": 443, "action": "nothing:Do"}), "there is no service here"),
        (
            json!({"from": subnet, "to": "s3", "port": 443, "action": "s3:GetObject", "resource": "arn:aws:s3:::b"}),
            "`arn:aws:s3:::BUCKET/KEY`",
        ),
        (
            json!({"from": subnet, "to": "s3", "port": 443, "action": "s3:ListBucket", "resource": "arn:aws:s3:::b",
                "principal": "arn:aws:iam::123456789012:user/nobody"}),
            "there is no principal",
        ),
        (json!({"from": "elsewhere", "to": "s3", "port": 443}), "is no source"),
    ];
    let before = interfaces(&daemon);
    for (look, words) in refusals {
        let answer = answer(&daemon, &look);
        let reason = answer["refused"]["reason"].as_str().unwrap_or_else(|| panic!("{look}: {answer}"));
        assert!(reason.contains(words), "{look}: {reason}");
    }
    assert_eq!(interfaces(&daemon), before);
}

#[test]
fn each_service_tells_what_its_resources_policies_say_and_none_is_called() {
    need_root!();
    let daemon = Daemon::start();
    let account = account(&daemon);
    let root = format!("arn:aws:iam::{account}:root");
    let user = |name: &str| {
        daemon.aws_ok(&["iam", "create-user", "--user-name", name]);
        format!("arn:aws:iam::{account}:user/{name}")
    };
    let (dora, eve) = (user("dora"), user("eve"));
    let denying = |action: &str| {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Principal": {"AWS": root}, "Action": action, "Resource": "*"},
        ]})
    };
    let secret = daemon.aws_ok(&["secretsmanager", "create-secret", "--name", "s", "--secret-string", "x"]);
    let policy = denying("secretsmanager:GetSecretValue").to_string();
    daemon.aws_ok(&["secretsmanager", "put-resource-policy", "--secret-id", "s", "--resource-policy", &policy]);
    let secret = secret["ARN"].as_str().unwrap();
    let form =
        ["--attribute-definitions", "AttributeName=k,AttributeType=S", "--key-schema", "AttributeName=k,KeyType=HASH"];
    let mut made = vec!["dynamodb", "create-table", "--table-name", "tab", "--billing-mode", "PAY_PER_REQUEST"];
    made.extend(form);
    let table = daemon.aws_ok(&made)["TableDescription"]["TableArn"].as_str().unwrap().to_owned();
    let policy = denying("dynamodb:GetItem").to_string().replace("\"*\"", &format!("{table:?}"));
    daemon.aws_ok(&["dynamodb", "put-resource-policy", "--resource-arn", &table, "--policy", &policy]);
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": dora}, "Action": "sts:AssumeRole"},
    ]});
    daemon.aws_ok(&["iam", "create-role", "--role-name", "app", "--assume-role-policy-document", &trust.to_string()]);
    let role = format!("arn:aws:iam::{account}:role/app");
    let own = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": table},
    ]});
    let own = own.to_string();
    daemon.aws_ok(&["iam", "put-role-policy", "--role-name", "app", "--policy-name", "own", "--policy-document", &own]);
    let model = "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0";

    let looks = [
        ("secretsmanager", "secretsmanager:GetSecretValue", secret, &root, Some("RESOURCE_POLICY_EXPLICIT_DENY")),
        ("secretsmanager", "secretsmanager:DescribeSecret", secret, &root, None),
        ("dynamodb", "dynamodb:GetItem", &table, &root, Some("RESOURCE_POLICY_EXPLICIT_DENY")),
        ("dynamodb", "dynamodb:PutItem", &table, &role, None),
        ("dynamodb", "dynamodb:DeleteItem", &table, &role, Some("IDENTITY_POLICY_IMPLICIT_DENY")),
        ("sts", "sts:AssumeRole", &role, &dora, None),
        ("bedrock-runtime", "bedrock:InvokeModel", model, &root, None),
        (
            "logs",
            "logs:PutLogEvents",
            &format!("arn:aws:logs:us-east-1:{account}:log-group:g:log-stream:s"),
            &eve,
            Some("IDENTITY_POLICY_IMPLICIT_DENY"),
        ),
    ];
    let before = called(&daemon).len();
    for (service, action, resource, principal, code) in looks {
        let name = format!("{service}.us-east-1.amazonaws.com");
        let look = json!({"from": "internet", "to": name, "port": 443, "action": action, "resource": resource,
            "principal": principal});
        let seen = agreed(&daemon, &look);
        let decision = &seen["live"]["decision"];
        assert_eq!(
            (decision["code"].as_str(), decision["allowed"].as_bool()),
            (code, Some(code.is_none())),
            "{seen:#}"
        );
    }
    let look = json!({"from": "internet", "to": "sts.us-east-1.amazonaws.com", "port": 443, "action": "sts:AssumeRole",
        "resource": role, "principal": eve});
    assert_eq!(agreed(&daemon, &look)["live"]["decision"]["allowed"], false);
    assert_eq!(called(&daemon).len(), before, "nothing was called");

    // Of a service that is not emulated, nobody knows what the policies of its resources say.
    let queue = format!("arn:aws:sqs:us-east-1:{account}:q");
    let look = json!({"from": "internet", "to": "sqs.us-east-1.amazonaws.com", "port": 443, "action": "sqs:SendMessage",
        "resource": queue, "principal": root});
    let seen = agreed(&daemon, &look);
    assert!(seen["trace"].as_str().unwrap().starts_with("undetermined"), "{seen:#}");
    assert!(seen["notes"][0].as_str().unwrap().contains("is not known here"), "{seen:#}");
    let look = json!({"from": "internet", "to": "dynamodb.us-east-1.amazonaws.com", "port": 443,
        "action": "dynamodb:GetItem", "resource": "arn:aws:s3:::b", "principal": root});
    assert!(answer(&daemon, &look)["refused"]["reason"].as_str().unwrap().contains("table/NAME"));
}

#[test]
fn an_instance_is_looked_from_as_the_role_of_its_profile() {
    need_root!();
    let daemon = Daemon::start();
    let network = built(&daemon);
    role(&daemon, "app");
    let instance = launch(&daemon, &network, &[]);
    let look = json!({
        "from": instance, "to": "s3", "port": 443, "action": "s3:ListBucket", "resource": "arn:aws:s3:::reports",
    });
    let seen = agreed(&daemon, &look);
    assert!(seen["notes"][0].as_str().unwrap().contains("root user"), "it has no profile: {seen:#}");
    let profile = [("InstanceId", instance.as_str()), ("IamInstanceProfile.Name", "app")];
    daemon.ec2("AssociateIamInstanceProfile", &profile).unwrap();
    let seen = agreed(&daemon, &look);
    assert_eq!((&seen["live"]["decision"]["allowed"], &seen["notes"]), (&json!(true), &json!([])), "{seen:#}");
    let who = format!("arn:aws:sts::{}:assumed-role/app/{instance}", account(&daemon));
    let probe = daemon.events().into_iter().rfind(|event| event["probe"] == true).unwrap();
    assert_eq!(probe["principal"], who.as_str());
    let mut putting = look.clone();
    (putting["action"], putting["resource"]) = ("s3:PutObject".into(), "arn:aws:s3:::reports/x".into());
    let seen = agreed(&daemon, &putting);
    assert_eq!(seen["live"]["decision"]["code"], "IDENTITY_POLICY_IMPLICIT_DENY", "{seen:#}");
    // Its credentials tell the instance.
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports",
        "Condition": {"ArnLike": {"ec2:SourceInstanceArn": format!("arn:aws:ec2:*:*:instance/{instance}")}},
    }]});
    daemon.aws_ok(&["s3api", "put-bucket-policy", "--bucket", "reports", "--policy", &policy.to_string()]);
    let seen = agreed(&daemon, &look);
    assert_eq!(seen["live"]["decision"]["code"], "RESOURCE_POLICY_EXPLICIT_DENY", "{seen:#}");
}

#[test]
fn a_function_is_looked_from_as_its_execution_role_before_and_while_it_has_environments() {
    need_root!();
    if clients_are_hidden() {
        eprintln!("SKIPPED: functions do not see the clients of a checkout below /tmp");
        return;
    }
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.s3_gateway(&daemon, &[&network.tables[0], &network.tables[1]]);
    let script = r#"
vpc = {"SubnetIds": os.environ["SUBNETS"].split(","), "SecurityGroupIds": [os.environ["GROUP"]]}
s3.create_bucket(Bucket="documents")
reader = role("reader", {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
print(function("reader", reader, "def handler(event, context):\n    return 7", VpcConfig=vpc)["FunctionArn"])
"#;
    let arn = succeeds(&daemon, &host(&daemon, Some(&network), script));
    let before = interfaces(&daemon);
    let look = json!({
        "from": arn, "to": "s3", "port": 443, "action": "s3:GetObject", "resource": "arn:aws:s3:::documents/a",
    });
    let looks = || {
        let seen = agreed(&daemon, &look);
        assert_eq!((&seen["live"]["decision"]["allowed"], &seen["notes"]), (&json!(true), &json!([])), "{seen:#}");
        assert_eq!(interfaces(&daemon), before);
        let probe = daemon.events().into_iter().rfind(|event| event["probe"] == true).unwrap();
        assert!(probe["principal"].as_str().unwrap().ends_with(":assumed-role/reader/reader"), "{probe}");
    };
    looks();
    let invoked = || succeeds(&daemon, &host(&daemon, None, r#"print(invoke("reader")[:2])"#));
    assert_eq!(invoked(), "(None, 7)");
    looks();
    assert_eq!(invoked(), "(None, 7)", "its environment is where it was");
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::documents/*",
        "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": arn}},
    }]});
    daemon.aws_ok(&["s3api", "put-bucket-policy", "--bucket", "documents", "--policy", &policy.to_string()]);
    let seen = agreed(&daemon, &look);
    assert_eq!(seen["live"]["decision"]["code"], "RESOURCE_POLICY_EXPLICIT_DENY", "{seen:#}");
}
