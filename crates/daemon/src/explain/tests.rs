mod described;

use serde_json::{Value, json};
use sidegate_import::{Imported, describe};
use sidegate_model::RouteTarget;

use super::built::Built;
use super::render::{Screen, rendered};
use super::{Explanation, Question, QuestionError, Told, Verdict, WireProtocol, explain_imported, told};

/// The account of 2020 that the crate `import` is tested with.
fn case() -> Imported {
    case_with(|_, _| {})
}

/// The same with changed documents.
fn case_with(change: impl Fn(&str, &mut Value)) -> Imported {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../import/tests/data/describe-gateway");
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            let mut document = serde_json::from_slice(&std::fs::read(entry.path()).unwrap()).unwrap();
            change(&name, &mut document);
            (name, serde_json::to_vec(&document).unwrap())
        })
        .collect();
    files.sort();
    describe::read(files)
}

fn question(from: &str, to: &str) -> Question {
    Question {
        from: from.to_owned(),
        to: to.to_owned(),
        groups: Vec::new(),
        port: None,
        protocol: WireProtocol::TCP,
        account: None,
        region: None,
        action: None,
        resource: None,
        principal: None,
        live: false,
        diagram: None,
    }
}

fn plain(told: &Told) -> String {
    rendered(&told.tree, Screen { width: 110, colour: false })
}

/// The instance in the private subnet.
const PRIVATE: &str = "i-01c6c0647fdccc89e";

#[test]
fn of_a_described_account_s3_is_reached_by_the_gateway_endpoint() {
    let told = explain_imported(&case(), &question(PRIVATE, "54.231.0.1:443")).unwrap();
    assert_eq!(told.verdict, Verdict::Reached);
    insta::assert_snapshot!(plain(&told));
}

#[test]
fn of_a_described_account_other_public_addresses_are_not_reached_and_what_to_change_is_told() {
    let told = explain_imported(&case(), &question(PRIVATE, "8.8.8.8:443")).unwrap();
    assert_eq!(told.verdict, Verdict::Blocked);
    insta::assert_snapshot!(plain(&told));
}

#[test]
fn what_files_do_not_tell_of_names_leaves_a_name_undetermined() {
    let told = explain_imported(&case(), &question(PRIVATE, "s3")).unwrap();
    assert_eq!(told.verdict, Verdict::Undetermined);
    insta::assert_snapshot!(plain(&told));
}

#[test]
fn a_name_that_only_public_dns_knows_is_undetermined_where_files_tell_nothing_of_it() {
    let told = explain_imported(&case(), &question(PRIVATE, "registry.example.com")).unwrap();
    assert_eq!(told.verdict, Verdict::Undetermined);
    let unknown = told.whole["unknown"].as_array().unwrap();
    assert!(unknown.iter().any(|own| own["resource"] == "registry.example.com"), "{unknown:?}");
}

#[test]
fn a_picture_of_what_rests_on_the_unknown_does_not_say_that_it_is_reached() {
    let asked = Question { diagram: Some(100), ..question(PRIVATE, "s3") };
    let drawn = explain_imported(&case(), &asked).unwrap().drawn.unwrap();
    let result = drawn.text.lines().nth(1).unwrap();
    assert_eq!(result.trim(), "undetermined: it rests on what is not known", "{}", drawn.text);
}

#[test]
fn what_files_do_not_tell_of_a_group_leaves_open_what_the_group_stops_and_nothing_else() {
    let imported = case_with(|name, document| {
        let Some(groups) = document["SecurityGroups"].as_array_mut() else { return };
        assert_eq!(name, "SecurityGroups.json");
        for group in groups {
            let undescribed = json!({"IpProtocol": "tcp", "FromPort": 5000, "ToPort": 5000, "IpRanges": [], "Ipv6Ranges": [],
                "PrefixListIds": [{"PrefixListId": "pl-0123456789abcdef0"}], "UserIdGroupPairs": []});
            group["IpPermissions"].as_array_mut().unwrap().push(undescribed);
        }
    });
    let told = |to: &str| explain_imported(&imported, &question("10.1.1.169", to)).unwrap();
    assert_eq!(told("10.1.101.36:443").verdict, Verdict::Reached);
    let stopped = told("10.1.101.36:5000");
    assert_eq!(stopped.verdict, Verdict::Undetermined);
    assert!(stopped.whole["unknown"][0]["resource"].as_str().unwrap().starts_with("sg-"), "{}", stopped.whole);
    assert_eq!(stopped.whole["remedy"], Value::Null);
    assert_eq!(
        explain_imported(&case(), &question("10.1.1.169", "10.1.101.36:5000")).unwrap().verdict,
        Verdict::Blocked
    );
}

#[test]
fn the_whole_answer_has_names_that_stay() {
    let told = explain_imported(&case(), &question(PRIVATE, "54.231.0.1:443")).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&told.whole).unwrap());
}

#[test]
fn no_policy_of_a_caller_is_known_from_files() {
    let call = |to: &str, principal: Option<&str>| Question {
        action: Some("s3:GetObject".to_owned()),
        resource: Some("arn:aws:s3:::docs/a".to_owned()),
        principal: principal.map(str::to_owned),
        ..question(PRIVATE, to)
    };
    let who = Some("arn:aws:sts::554773406868:assumed-role/app/s1");
    assert_eq!(explain_imported(&case(), &call("54.231.0.1:443", None)), Err(QuestionError::NoPrincipal));
    let told = explain_imported(&case(), &call("54.231.0.1:443", who)).unwrap();
    assert_eq!(told.verdict, Verdict::Undetermined);
    assert!(told.tree.heading.iter().any(|line| line.contains("resource-based policy")), "{:?}", told.tree.heading);
    assert!(plain(&told).contains("resource-based policy: what it says is not known"), "{}", plain(&told));
    // Packets are stopped, whatever policies say.
    assert_eq!(explain_imported(&case(), &call("8.8.8.8:443", who)).unwrap().verdict, Verdict::Blocked);
}

/// A program that asks a database in the same VPC, whose group lets nothing in.
fn database() -> (Built, String, String) {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnets = [built.subnet(&vpc, 1, "us-east-1a"), built.subnet(&vpc, 2, "us-east-1b")];
    let group = built.group(&vpc, "database");
    let instances = [built.instance(&subnets[0], &[]), built.instance(&subnets[1], &[&group])];
    let name = |built: &mut Built, id: &str, name: &str| {
        let (id, tag) = (id.to_owned(), ("Name".to_owned(), name.to_owned()));
        built.with(|world, context| world.create_tags(context, &[id], &[tag]));
    };
    name(&mut built, instances[0].as_str(), "web");
    name(&mut built, instances[1].as_str(), "database");
    name(&mut built, group.as_str(), "of the \u{1b}[31mdatabase\u{202e}");
    let [web, database] = instances.map(|id| id.to_string());
    // What runs has a link.
    for id in [&web, &database] {
        let id = id.parse().unwrap();
        built.with(|world, context| {
            world.instance_is(context.now, &id, sidegate_model::InstanceState::Running, None);
            Ok(())
        });
    }
    (built, web, database)
}

fn asked(built: &Built, question: &Question) -> Result<Told, QuestionError> {
    let plan = sidegate_plan::compile(&built.world);
    let asked = question.asked(&built.world)?;
    let explanation = Explanation::of(&built.world, &plan, &asked, None)?;
    Ok(told(&built.world, &explanation, question))
}

#[test]
fn a_blocked_path_ends_where_it_does_and_goes_on_as_it_was_meant_to() {
    let (built, ..) = database();
    let told = asked(&built, &question("web", "database:5432")).unwrap();
    assert_eq!(told.verdict, Verdict::Blocked);
    insta::assert_snapshot!(plain(&told));
    assert!(told.whole["remedy"]["settings"][0]["command"].as_str().unwrap().starts_with("aws ec2 authorize"));
}

#[test]
fn a_picture_is_drawn_of_the_path_and_of_what_lies_beyond() {
    let (built, ..) = database();
    assert_eq!(asked(&built, &question("web", "database:5432")).unwrap().drawn, None);
    let drawn = Question { diagram: Some(80), ..question("web", "database:5432") };
    let drawn = asked(&built, &drawn).unwrap().drawn.unwrap();
    assert!(drawn.text.contains("SG_HAS_NO_RULES") && drawn.text.lines().all(|line| line.chars().count() <= 80));
    assert!(drawn.svg.starts_with("<svg") && drawn.svg.contains("SG_HAS_NO_RULES"), "{}", drawn.svg);
}

#[test]
fn no_name_becomes_a_command_of_the_terminal_and_no_line_is_too_long() {
    let (built, ..) = database();
    let told = asked(&built, &question("web", "database:5432")).unwrap();
    let mark = "of the \u{fffd}[31mdatabase\u{fffd}";
    for width in [40, 60, 80, 110, 200] {
        let text = rendered(&told.tree, Screen { width, colour: false });
        assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text:?}");
        // A word of a command is as long as it is.
        let is_word = |line: &str| line.contains("'IpProtocol=") || line.contains("authorize-security-group");
        let is_narrow = |line: &str| line.chars().count() <= width || is_word(line);
        assert!(text.lines().all(is_narrow), "{width}:\n{text}");
        assert!(width < 110 || text.contains(mark), "{text}");
    }
    let coloured = rendered(&told.tree, Screen { width: 110, colour: true });
    assert!(coloured.starts_with("\u{1b}[1;31mblocked\u{1b}[0m: "), "{coloured:?}");
    assert!(!coloured.contains("\u{1b}[31mdatabase"), "{coloured:?}");
}

#[test]
fn once_the_settings_are_changed_the_path_is_reached() {
    let (mut built, web, database) = database();
    let group = built.world.security_groups.iter().find(|own| own.name.as_str() == "database").unwrap().id.clone();
    built.admit(&group, 5432, sidegate_model::Peer::Cidr("10.0.1.0/24".parse().unwrap()));
    let told = asked(&built, &question(&web, &format!("{database}:5432"))).unwrap();
    assert_eq!((told.verdict, &told.whole["remedy"]), (Verdict::Reached, &Value::Null));
    let ping = Question { protocol: WireProtocol::ICMP, ..question(&web, &database) };
    assert_eq!(asked(&built, &ping).unwrap().verdict, Verdict::Blocked);
}

#[test]
fn a_port_is_asked_for_where_none_follows_from_the_target() {
    let (built, web, database) = database();
    let error = |question: Question| asked(&built, &question).unwrap_err();
    assert_eq!(error(question(&web, &database)), QuestionError::NoPort(database.clone()));
    let two = Question { port: Some(80), ..question(&web, "10.0.2.4:81") };
    assert!(matches!(error(two), QuestionError::Ports { port: 80, .. }));
    let ping = Question { protocol: WireProtocol::ICMP, ..question(&web, "10.0.2.4:81") };
    assert_eq!(error(ping), QuestionError::NoPorts(WireProtocol::ICMP));
    let action = Question { action: Some("GetObject".to_owned()), ..question(&web, "s3") };
    assert!(matches!(error(action), QuestionError::Action(_)));
    let loopback = error(question(&web, "127.0.0.1:80"));
    assert!(loopback.to_string().contains("nobody can be asked"), "{loopback}");
}

#[test]
fn an_endpoint_is_missed_by_what_another_one_takes() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnets = [built.subnet(&vpc, 1, "us-east-1a"), built.subnet(&vpc, 2, "us-east-1b")];
    let tables = [built.table_of(&vpc, &subnets[0]), built.table_of(&vpc, &subnets[1])];
    let own = built.gateway(&vpc, "s3", &[&tables[0]]).to_string();
    let other = built.gateway(&vpc, "s3", &[&tables[1]]).to_string();
    let subnet = subnets[0].to_string();
    assert_eq!(asked(&built, &question(&subnet, &own)).unwrap().verdict, Verdict::Reached);
    let missed = asked(&built, &question(&subnet, &other)).unwrap();
    assert_eq!(missed.verdict, Verdict::Blocked);
    assert!(missed.tree.heading.contains(&format!("{own} takes it, and not {other}")), "{:?}", missed.tree.heading);
    // Somebody outside asks for the service by its name.
    assert_eq!(asked(&built, &question("internet", "s3")).unwrap().verdict, Verdict::Reached);
}

#[test]
fn a_gateway_endpoint_that_is_missed_over_the_internet_is_told_with_the_table_to_associate() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let (public, private) = (built.subnet(&vpc, 1, "us-east-1a"), built.subnet(&vpc, 2, "us-east-1a"));
    let gateway = built.internet_gateway(&vpc);
    let tables = [built.table_of(&vpc, &public), built.table_of(&vpc, &private)];
    built.route(&tables[0], "0.0.0.0/0", RouteTarget::InternetGateway(gateway));
    let endpoint = built.gateway(&vpc, "s3", &[&tables[1]]).to_string();
    let web = built.program(&public, &[]);
    built.elastic(&web);
    let told = asked(&built, &question(web.as_str(), &endpoint)).unwrap();
    assert_eq!(told.verdict, Verdict::Blocked);
    let text = rendered(&told.tree, Screen { width: 200, colour: false });
    let command =
        format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --add-route-table-ids {}", tables[0]);
    for said in [&*format!("and not by {endpoint}"), "NO_ROUTE_TO_DESTINATION", "from there on, once", &command] {
        assert!(text.contains(said), "{said}:\n{text}");
    }
    let told = asked(&built, &question(web.as_str(), "http://s3.us-east-1.amazonaws.com/")).unwrap();
    let text = rendered(&told.tree, Screen { width: 200, colour: false });
    assert!(text.contains("HTTP host") && !text.contains("TLS"), "{text}");
}

#[test]
fn protocols_are_names_or_numbers() {
    for (text, number) in [("tcp", 6), ("UDP", 17), ("icmp", 1), ("icmpv6", 58), ("47", 47)] {
        assert_eq!(text.parse(), Ok(WireProtocol(number)), "{text}");
    }
    assert!("gre".parse::<WireProtocol>().is_err() && "256".parse::<WireProtocol>().is_err());
    assert_eq!(WireProtocol(47).to_string(), "protocol 47");
}

#[test]
fn a_flow_that_cannot_be_is_refused_in_words() {
    let (built, web, database) = database();
    let error = |question: Question| asked(&built, &question).unwrap_err().to_string();
    assert!(error(question("internet:10.0.0.9", "8.8.8.8:443")).contains("nobody on the internet has 10.0.0.9"));
    assert!(error(question("internet", "10.0.2.4:443")).contains("10.0.2.4 is a private address"));
    let echo = |protocol, to: &str| error(Question { protocol, ..question(&web, to) });
    assert!(echo(WireProtocol::ICMPV6, &database).contains("icmpv6 (58) goes between IPv6 addresses"));
    assert!(echo(WireProtocol::ICMP, "2600::1").contains("icmp (1) goes between IPv4 addresses"));
    let port = Question { protocol: WireProtocol(47), port: Some(80), ..question(&web, &database) };
    assert!(error(port).contains("protocol 47 has no ports"));
    let own = built.world.instances.get(&web.parse().unwrap()).unwrap().interface.clone().unwrap();
    for to in ["web:80", &format!("{web}:80"), "10.0.1.4:80", &format!("{own}:80")] {
        assert!(error(question("web", to)).contains("are the same network interface"), "{to}");
    }
    assert!(error(question("web", " ")).contains("nothing is said where the path ends"));
    assert!(error(question("", "s3")).contains("nothing is said where the path begins"));
}

#[test]
fn a_function_has_no_metadata_service() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:qa";
    built.with(|world, context| world.attach_function(context, &subnet, &[], arn, String::new()));
    for to in ["169.254.169.254:80", "[fd00:ec2::254]:80"] {
        let told = question("lambda:qa", to).asked(&built.world).unwrap_err().to_string();
        assert!(told.contains("functions have no instance metadata service"), "{told}");
    }
}

#[test]
fn an_action_is_one_of_the_service_that_the_path_leads_to() {
    let (built, web, _) = database();
    let error = |to: &str, action: &str| {
        let asked = Question { action: Some(action.to_owned()), ..question(&web, to) };
        asked.asked(&built.world).map(drop).map_err(|error| error.to_string())
    };
    let other = error("s3", "kms:Decrypt").unwrap_err();
    assert!(other.contains("`kms:Decrypt` is no action of s3") && other.contains("\n  s3:"), "{other}");
    let named = error("kms.eu-west-1.amazonaws.com", "s3:GetObject").unwrap_err();
    assert!(named.contains("is no action of kms"), "{named}");
    let frob = error("s3", "s3:Frob").unwrap_err();
    assert!(frob.contains("`s3` has no action `Frob`; there is:\n  s3:"), "{frob}");
    let near = error("s3", "s3:GetObjct").unwrap_err();
    assert!(near.contains("\n  s3:GetObject"), "{near}");
    assert!(error("s3", "s3:Get*").unwrap_err().contains("without wildcards"));
    for (to, action) in [
        ("s3", "s3:GetObject"),
        ("s3", "s3:getobject"),
        ("arn:aws:bedrock:us-east-1::foundation-model/m", "bedrock:InvokeModel"),
        ("monitoring", "cloudwatch:PutMetricData"),
        ("sqs", "sqs:AnythingAtAll"),
        ("10.0.2.4:443", "kms:Decrypt"),
        ("registry.example.com", "kms:Decrypt"),
    ] {
        assert_eq!(error(to, action), Ok(()), "{to} {action}");
    }
}

#[test]
fn a_resource_is_what_the_far_end_names_or_in_it() {
    let (built, web, _) = database();
    let asked = |to: &str, resource: &str| {
        let (action, resource) = (Some("s3:GetObject".to_owned()), Some(resource.to_owned()));
        Question { action, resource, ..question(&web, to) }.asked(&built.world).map(drop)
    };
    assert_eq!(asked("s3://docs", "arn:aws:s3:::docs/a"), Ok(()));
    assert_eq!(asked("s3", "arn:aws:s3:::docs/a"), Ok(()));
    for resource in ["arn:aws:s3:::other/a", "arn:aws:s3:::docs2", "arn:aws:s3:::docs2/a"] {
        let told = asked("s3://docs", resource).unwrap_err();
        assert!(matches!(told, QuestionError::Resources { .. }), "{told}");
        assert!(told.to_string().contains("leave one of them out"), "{told}");
    }
}

#[test]
fn of_a_role_in_files_a_session_calls_and_of_nobody_only_the_resources_layers_are_unknown() {
    let call = |principal: &str| Question {
        action: Some("s3:GetObject".to_owned()),
        resource: Some("arn:aws:s3:::docs/a".to_owned()),
        principal: Some(principal.to_owned()),
        ..question(PRIVATE, "54.231.0.1:443")
    };
    let role = explain_imported(&case(), &call("arn:aws:iam::554773406868:role/app")).unwrap();
    assert_eq!(role.verdict, Verdict::Undetermined);
    assert!(role.tree.heading.iter().any(|line| line.contains("role/app it is a session")), "{:?}", role.tree.heading);
    let nobody = plain(&explain_imported(&case(), &call("anonymous")).unwrap());
    assert!(nobody.contains("resource-based policy") && !nobody.contains("identity-based"), "{nobody}");
    assert!(!nobody.contains("boundary") && !nobody.contains("session polic"), "{nobody}");
}

#[test]
fn a_file_that_is_missing_is_named_and_nothing_else_is_blamed() {
    for (list, call) in [("RouteTables", "describe-route-tables"), ("NetworkAcls", "describe-network-acls")] {
        let imported = case_with(|_, document| {
            if let Some(object) = document.as_object_mut() {
                object.remove(list);
            }
        });
        let told = explain_imported(&imported, &question(PRIVATE, "10.1.1.169:443")).unwrap();
        let text = plain(&told);
        assert_eq!(told.verdict, Verdict::Undetermined, "{text}");
        let unknown = told.whole["unknown"].to_string();
        assert!(unknown.contains(&format!("the output of {call} is missing")), "{unknown}");
        assert!(!text.contains("BAD_STATE") && !text.contains("ends here"), "{text}");
        assert_eq!(told.whole["trace"]["disposition"], "undetermined", "{text}");
    }
}
