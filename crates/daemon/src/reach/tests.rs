use sidegate_iam::{Policy, PolicyType, Requirement};
use sidegate_import::describe;
use sidegate_model::{Peer, RouteTarget};
use sidegate_plan::compile;

use super::bucket::{LISTING, arn};
use super::*;
use crate::explain::built::Built;
use crate::explain::described;

/// A VPC with a public and a private subnet, a program in each, and a database that the first may ask.
struct Site {
    built: Built,
}

impl Site {
    fn new() -> Self {
        let mut built = Built::new();
        let vpc = built.vpc();
        let gateway = built.internet_gateway(&vpc);
        let (public, private) = (built.subnet(&vpc, 1, "us-east-1a"), built.subnet(&vpc, 2, "us-east-1a"));
        let empty = built.subnet(&vpc, 3, "us-east-1a");
        let table = built.table_of(&vpc, &public);
        built.route(&table, "0.0.0.0/0", RouteTarget::InternetGateway(gateway));
        let (web, db) = (built.group(&vpc, "web"), built.group(&vpc, "db"));
        built.admit(&db, 5432, Peer::Group(web.clone()));
        let program = built.program(&public, &[&web]);
        built.elastic(&program);
        built.program(&private, &[&db]);
        let tags = [(&public, "public"), (&private, "private"), (&empty, "private")];
        for (subnet, tier) in tags {
            let (id, tag) = (subnet.to_string(), ("tier".to_owned(), tier.to_owned()));
            built.with(|world, context| world.create_tags(context, &[id], &[tag]));
        }
        Self { built }
    }

    fn asserted(&self, text: &str, buckets: &Buckets) -> Result<Told, ReachError> {
        let plan = compile(&self.built.world);
        let asked = Asked::Assertions { name: "net.toml".to_owned(), text: text.to_owned() };
        answer(&Stand::of(&self.built.world, &plan), &asked, buckets)
    }

    /// What comes of an assertion about a bucket with these statements, and the reasons.
    fn bucket(&self, text: &str, statements: &str) -> (Outcome, String) {
        let policy = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        let policy = Policy::parse(&policy, PolicyType::Bucket).unwrap();
        let owner = self.built.world.vpcs.iter().next().unwrap().scope.account.clone();
        let listing = Requirement::new(LISTING, arn("lake")).owned_by(owner).under(policy);
        let told = self.asserted(text, &Buckets::from([("lake".to_owned(), Ok(listing))])).unwrap();
        (told.outcome, told.whole["assertions"][0]["reasons"].to_string())
    }

    fn outcome(&self, text: &str) -> (Outcome, String) {
        let told = self.asserted(text, &Buckets::new()).unwrap();
        (told.outcome, told.text)
    }

    fn refused(&self, text: &str) -> String {
        self.asserted(text, &Buckets::new()).unwrap_err().to_string()
    }

    fn ends(&self, from: Option<&str>, to: Option<&str>, ports: Option<(u16, u16)>) -> Result<Told, ReachError> {
        let plan = compile(&self.built.world);
        let own = |text: Option<&str>| text.map(str::to_owned);
        let asked = Asked::Ends { from: own(from), to: own(to), protocol: None, ports };
        answer(&Stand::of(&self.built.world, &plan), &asked, &Buckets::new())
    }
}

fn assertion(lines: &str) -> String {
    format!("# the network\n[[assertion]]\n{lines}\n")
}

#[test]
fn an_assertion_holds_or_fails_with_a_path_that_shows_it() {
    let site = Site::new();
    let private = assertion("from = \"subnet tag:tier=private\"\nto = \"internet\"\nexpect = \"unreached\"");
    assert_eq!(site.outcome(&private).0, Outcome::Yes);
    let (outcome, text) = site.outcome(&private.replace("=private", "=public"));
    assert_eq!(outcome, Outcome::No, "{text}");
    assert!(text.starts_with("FAILS: subnet tag:tier=public does not reach internet (net.toml:2)"), "{text}");
    assert!(text.contains("the way there:") && text.contains("internet gateway"), "{text}");
    let reached = "from = \"group web\"\nto = [\"group db\"]\nport = 5432\nexpect = \"reached\"";
    assert_eq!(site.outcome(&assertion(reached)).0, Outcome::Yes);
    let (outcome, text) = site.outcome(&assertion(&reached.replace("5432", "5433")));
    assert_eq!(outcome, Outcome::No);
    assert!(text.contains("ENI_SG_RULES_MISMATCH") && text.contains("0 hold, 1 fail, 0 are undetermined"), "{text}");
    let nobody = "from = \"internet\"\nto = \"group web\"\nexpect = \"unreached\"";
    assert_eq!(site.outcome(&assertion(nobody)).0, Outcome::Yes);
}

#[test]
fn a_route_is_found_in_a_subnet_where_nothing_runs() {
    let mut site = Site::new();
    let world = &site.built.world;
    let is_empty = |id: &&sidegate_model::Subnet| world.interfaces.iter().all(|own| own.subnet != id.id);
    let empty = world.subnets.iter().find(is_empty).unwrap().clone();
    let gateway = world.internet_gateways.iter().next().unwrap().id.clone();
    let text = assertion("from = \"subnet tag:tier=private\"\nto = \"internet\"\nexpect = \"unreached\"");
    let table = site.built.table_of(&empty.vpc, &empty.id);
    site.built.route(&table, "0.0.0.0/0", RouteTarget::InternetGateway(gateway));
    // Without a public address nothing gets out; one that the subnet gives lets it.
    assert_eq!(site.outcome(&text).0, Outcome::Yes);
    let change = sidegate_model::SubnetAttribute::PublicAddresses(true);
    site.built.with(|world, context| world.modify_subnet_attribute(context, &empty.id, change));
    let (outcome, text) = site.outcome(&text);
    assert_eq!(outcome, Outcome::No, "{text}");
}

#[test]
fn what_cannot_be_judged_is_named_with_its_line() {
    let site = Site::new();
    for (lines, said) in [
        (
            "from = \"group wep\"\nto = \"internet\"\nexpect = \"unreached\"",
            "net.toml:3: `group wep` selects nothing; there is:",
        ),
        (
            "from = \"internet\"\nto = \"subnet tag:tier=none\"\nexpect = \"unreached\"",
            "net.toml:4: `subnet tag:tier=none`",
        ),
        ("from = \"internet\"\nto = \"tag:\"\nexpect = \"unreached\"", "is no selector"),
        ("from = \"service s3\"\nto = \"internet\"\nexpect = \"unreached\"", "begins no connections"),
        ("from = \"internet\"\nexpect = \"unreached\"", "net.toml:2: an assertion has `from`, `to` and `expect`"),
        ("from = \"group web\"\nto = \"group db\"\nexpect = \"reached\"", "needs one `port`"),
        ("from = \"group web\"\nto = \"group db\"\nexpect = \"unreached\"\nport = \"9-8\"", "is no port"),
        (
            "from = \"group web\"\nto = \"group db\"\nexpect = \"unreached\"\nprotocol = \"icmp\"\nport = 1",
            "has no ports",
        ),
        ("from = []\nto = \"internet\"\nexpect = \"unreached\"", "net.toml:2: `from` is an empty list"),
        ("bucket = \"lake\"\nonly-through = []", "net.toml:2: `only-through` is an empty list"),
        ("from = \"internet\"\nto = 5\nexpect = \"unreached\"", "it is to be a selector"),
        ("bucket = \"lake\"", "goes with `only-through`"),
        ("bucket = \"lake\"\nonly-through = \"endpoint *\"", "net.toml:4: `endpoint *` selects nothing"),
        ("frm = \"internet\"", "line 3"),
    ] {
        let error = site.refused(&assertion(lines));
        assert!(error.contains(said), "{lines}: {error}");
    }
    assert!(site.refused("# none").contains("no [[assertion]]"));
    let empty = "from = \"group wep\"\nto = \"internet\"\nexpect = \"unreached\"\nallow-empty = true";
    assert_eq!(site.outcome(&assertion(empty)).0, Outcome::Yes);
}

#[test]
fn everything_that_gets_to_something_is_told_with_why() {
    let site = Site::new();
    let told = site.ends(None, Some("group db"), None).unwrap();
    assert_eq!(told.outcome, Outcome::Yes, "{}", told.text);
    assert!(told.text.contains("tcp 5432") && told.text.contains("(tcp 5432 from sg-"), "{}", told.text);
    assert_eq!(told.whole["reach"]["sets"][0]["ports"][0], "5432", "{}", told.whole);
    let told = site.ends(None, Some("group db"), Some((80, 90))).unwrap();
    assert_eq!(told.outcome, Outcome::No, "{}", told.text);
    assert!(told.text.contains("ENI_SG_RULES_MISMATCH"), "{}", told.text);
    let told = site.ends(Some("group web"), Some("service s3"), None).unwrap();
    assert_eq!(told.outcome, Outcome::Yes, "{}", told.text);
    assert!(matches!(site.ends(Some("nobody"), None, None), Err(ReachError::Selector(_))));
}

#[test]
fn what_files_do_not_tell_leaves_an_assertion_open() {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../import/tests/data/describe-gateway");
    let files = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    let files = files.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()));
    let imported = describe::read(files);
    let plan = compile(imported.world());
    let judged = |lines: &str| {
        let asked = Asked::Assertions { name: "net.toml".to_owned(), text: assertion(lines) };
        answer(&Stand::read(&imported, &plan), &asked, &Buckets::new()).unwrap()
    };
    let private = "from = \"i-01c6c0647fdccc89e\"\nto = \"internet\"\nexpect = \"unreached\"";
    let told = judged(private);
    assert_eq!(told.outcome, Outcome::Yes, "{}", told.text);
    let told = judged("bucket = \"lake\"\nonly-through = \"endpoint *\"");
    assert_eq!(told.outcome, Outcome::Undetermined, "{}", told.text);
    let told = judged("from = \"i-01c6c0647fdccc89e\"\nto = \"service s3\"\nport = 443\nexpect = \"reached\"");
    assert_eq!(told.outcome, Outcome::Undetermined, "{}", told.text);
    assert!(told.text.contains("not known: "), "{}", told.text);
}

#[test]
fn a_bucket_is_tried_by_every_way_but_its_endpoint() {
    let mut site = Site::new();
    let vpc = site.built.world.vpcs.iter().next().unwrap().id.clone();
    let door = site.built.gateway_of_main(&vpc, "s3");
    let other = site.built.vpc_of("10.9.0.0/16");
    site.built.gateway_of_main(&other, "s3");
    let text = assertion(&format!("bucket = \"lake\"\nonly-through = \"{door}\""));
    let judged = |condition: &str| {
        let policy = format!(
            r#"{{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {condition}}}"#
        );
        site.bucket(&text, &policy)
    };
    let of = |extra: &str| format!(r#"{{"StringNotEquals": {{"aws:SourceVpce": "{door}"}}{extra}}}"#);
    assert_eq!(judged(&of("")).0, Outcome::Yes);
    let (outcome, why) = judged(&format!(r#"{{"StringNotEquals": {{"aws:SourceVpc": ["{vpc}", "{other}"]}}}}"#));
    assert_eq!(outcome, Outcome::No);
    assert!(why.contains(other.as_str()), "{why}");
    let (outcome, why) = judged(&of(r#", "NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}"#));
    assert!(outcome == Outcome::No && why.contains("from 198.51.100.0"), "{why}");
    let admin = "arn:aws:iam::123456789012:role/admin";
    let (outcome, why) = judged(&of(&format!(r#", "ArnNotEquals": {{"aws:PrincipalArn": "{admin}"}}"#)));
    assert!(outcome == Outcome::No && why.contains(&format!("allowed to {admin} over the internet")), "{why}");
    let (outcome, why) = judged(&of(r#", "StringNotEqualsIfExists": {"aws:PrincipalTag/team": "a"}"#));
    assert!(outcome == Outcome::Undetermined && why.contains("aws:PrincipalTag/team"), "{why}");
    let none = Buckets::from([("lake".to_owned(), Err("no bucket `lake` is kept here".to_owned()))]);
    assert!(site.asserted(&text, &none).unwrap_err().to_string().contains("net.toml:2: no bucket"));
}

#[test]
fn a_bucket_that_is_open_by_another_way_is_not_said_to_be_closed() {
    let mut site = Site::new();
    let vpc = site.built.world.vpcs.iter().next().unwrap().id.clone();
    let door = site.built.gateway_of_main(&vpc, "s3");
    let owner = site.built.world.vpcs.get(&vpc).unwrap().scope.account.clone();
    let text = assertion(&format!("bucket = \"lake\"\nonly-through = \"{door}\""));
    let unless = |extra: &str| format!(r#""Condition": {{"StringNotEquals": {{"aws:SourceVpce": "{door}"}}{extra}}}"#);
    let all = r#""Action": "s3:*", "Resource": ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"]"#;
    let denied = |what: &str, condition: &str| {
        site.bucket(&text, &format!(r#"{{"Effect": "Deny", "Principal": "*", {what}, {condition}}}"#))
    };
    let inst = format!("arn:aws:iam::{owner}:role/team/inst");
    for (what, condition, said) in [
        // By whom.
        (all, unless(&format!(r#", "StringNotEqualsIfExists": {{"aws:PrincipalArn": "{inst}"}}"#)), inst.as_str()),
        (all, unless(r#", "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/inst*"}"#), ":role/instanyone over"),
        (all, unless(r#", "StringNotLike": {"aws:PrincipalArn": "*:role/inst"}"#), ":role/inst over"),
        // How.
        (all, unless(r#", "Bool": {"aws:SecureTransport": "true"}"#), "over the internet"),
        (all, unless(r#", "Bool": {"aws:ViaAWSService": "false"}"#), "by a service of AWS that calls in its name"),
        // By which endpoint, of which VPC.
        (
            all,
            format!(
                r#""Condition": {{"StringNotEquals": {{"aws:SourceVpce": ["{door}", "vpce-0123456789abcdef0"]}}}}"#
            ),
            "by vpce-0123456789abcdef0 of",
        ),
        (
            all,
            format!(r#""Condition": {{"StringNotLike": {{"aws:SourceVpce": ["{door}", "vpce-0abc*"]}}}}"#),
            "by vpce-0abc0000000000000 of",
        ),
        (
            all,
            format!(r#""Condition": {{"StringNotEquals": {{"aws:SourceVpc": ["{vpc}", "vpc-0123456789abcdef0"]}}}}"#),
            "of vpc-0123456789abcdef0, which is not here",
        ),
        // For what.
        (r#""Action": "s3:*", "NotResource": "arn:aws:s3:::lake/public/*""#, unless(""), "lake/public/any is allowed"),
        (
            r#""Action": "s3:*", "Resource": ["arn:aws:s3:::lake", "arn:aws:s3:::lake/a*"]"#,
            unless(r#", "StringNotLike": {"s3:prefix": "x"}"#),
            "is allowed",
        ),
        (
            r#""Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject*", "s3:List*"], "Resource": "*""#,
            unless(""),
            "is allowed",
        ),
        (r#""NotAction": "s3:GetObjectVersion", "Resource": "*""#, unless(""), "s3:GetObjectVersion on"),
    ] {
        let (outcome, why) = denied(what, &condition);
        assert!(outcome == Outcome::No && why.contains(said), "{what} {condition}: {outcome:?} {why}");
    }
}

#[test]
fn what_no_request_shows_and_no_statement_proves_is_left_open() {
    let mut site = Site::new();
    let vpc = site.built.world.vpcs.iter().next().unwrap().id.clone();
    let door = site.built.gateway_of_main(&vpc, "s3");
    let text = assertion(&format!("bucket = \"lake\"\nonly-through = \"{door}\""));
    let denied = |extra: &str, resource: &str| {
        format!(
            r#"{{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": {resource},
                "Condition": {{"StringNotEquals": {{"aws:SourceVpce": "{door}"}}{extra}}}}}"#
        )
    };
    let whole = r#"["arn:aws:s3:::lake", "arn:aws:s3:::lake*/*"]"#;
    // What may be of any value, and what nobody fills in.
    for (extra, key) in [
        (r#", "DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}"#, "aws:CurrentTime"),
        (r#", "StringEquals": {"aws:RequestedRegion": "eu-west-1"}"#, "aws:RequestedRegion"),
        (r#", "StringNotLike": {"aws:PrincipalTag/team": "a"}"#, "aws:PrincipalTag/team"),
    ] {
        let (outcome, why) = site.bucket(&text, &denied(extra, whole));
        assert!(outcome == Outcome::Undetermined && why.contains(key), "{extra}: {outcome:?} {why}");
    }
    // Two statements that deny together all there is, and neither by itself.
    let halves = [r#"["arn:aws:s3:::lake", "arn:aws:s3:::lake/?"]"#, r#"["arn:aws:s3:::lake/??*"]"#];
    let halves = halves.map(|own| denied("", own));
    let (outcome, why) = site.bucket(&text, &halves.join(", "));
    assert!(outcome == Outcome::Undetermined && why.contains("no statement denies it whatever"), "{outcome:?} {why}");
    // What else there is does not matter where one statement denies all.
    let org = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}}}"#;
    let services = r#", "Bool": {"aws:PrincipalIsAWSService": "false"}"#;
    let owner = site.built.world.vpcs.get(&vpc).unwrap().scope.account.clone();
    let allow = |who: &str| format!(r#"{{"Effect": "Allow", "Principal": {who}, "Action": "s3:*", "Resource": "*"}}"#);
    for statements in [
        format!("{}, {org}", denied("", whole)),
        denied(services, whole),
        format!("{}, {}", denied(services, whole), allow(&format!(r#"{{"AWS": "{owner}"}}"#))),
    ] {
        let (outcome, why) = site.bucket(&text, &statements);
        assert_eq!(outcome, Outcome::Yes, "{statements}: {why}");
    }
    let statements = format!("{}, {}", denied(services, whole), allow(r#"{"Service": "logging.s3.amazonaws.com"}"#));
    let (outcome, why) = site.bucket(&text, &statements);
    assert!(outcome == Outcome::No && why.contains("logging.s3.amazonaws.com in its own name"), "{outcome:?} {why}");
}

#[test]
fn interfaces_are_told_by_what_they_belong_to_and_sets_are_counted_in_words() {
    let mut site = Site::new();
    let world = &site.built.world;
    let private = world.subnets.iter().find(|own| world.tags(own.id.as_str()).any(|tag| tag.1 == "private")).unwrap();
    let subnet = private.id.clone();
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:qa";
    site.built.with(|world, context| world.attach_function(context, &subnet, &[], arn, String::new()));
    let told = site.ends(Some("function qa"), Some("internet"), None).unwrap();
    assert!(told.text.contains(&format!("function qa in {subnet} (eni-")), "{}", told.text);
    let told = site.ends(Some("subnet tag:tier=private"), Some("internet"), None).unwrap();
    assert!(told.text.contains("a program in subnet-") && !told.text.contains("eni-ffffffff"), "{}", told.text);
    let told = site.ends(Some("group web"), Some("group db"), None).unwrap();
    assert!(told.text.starts_with("reached, in one set:"), "{}", told.text);
}

#[test]
fn what_selects_nothing_is_answered_with_what_there_is() {
    let site = Site::new();
    let refused = |text: &str| site.ends(Some(text), Some("internet"), None).unwrap_err().to_string();
    let told = refused("foo bar");
    assert!(told.contains("`foo` is no kind; kinds are vpc, subnet,") && told.contains("\n  vpc vpc-"), "{told}");
    assert!(site.ends(None, Some("service s33"), None).unwrap_err().to_string().contains("\n  service s3"));
    assert!(ports("0").is_err() && ports("0-9").is_err());
    assert_eq!(ports("1-65535"), Ok((1, u16::MAX)));
}

#[test]
fn what_is_not_known_of_a_load_balancer_or_of_one_rule_leaves_nothing_else_open() {
    let mut account = described::account();
    account["RouteTables"][0]["Routes"].as_array_mut().unwrap().truncate(2);
    let imported = described::read(&account);
    let plan = compile(imported.world());
    let stand = Stand::read(&imported, &plan);
    let judged = |lines: &str| {
        let asked = Asked::Assertions { name: "net.toml".to_owned(), text: assertion(lines) };
        answer(&stand, &asked, &Buckets::new()).unwrap()
    };
    let told = judged("from = \"instance db\"\nto = \"internet\"\nexpect = \"unreached\"");
    assert_eq!(told.outcome, Outcome::Yes, "{}", told.text);
    let unreached = |ports: &str| {
        let lines = format!("from = \"instance app\"\nto = \"instance db\"\nport = {ports}\nprotocol = \"tcp\"");
        judged(&format!("{lines}\nexpect = \"unreached\"")).outcome
    };
    assert_eq!(unreached("7777"), Outcome::Yes);
    assert_eq!(unreached("\"6010-65535\""), Outcome::Yes);
    assert_eq!(unreached("6005"), Outcome::Undetermined);
    // The rule begins within the range, and no rule that is known does.
    assert_eq!(unreached("\"5000-7000\""), Outcome::Undetermined);
}

#[test]
fn a_path_that_ends_where_a_route_leads_nobody_knows_where_is_told_so() {
    let imported = described::read(&described::account());
    let plan = compile(imported.world());
    let text = assertion("from = \"instance db\"\nto = \"internet\"\nexpect = \"unreached\"");
    let asked = Asked::Assertions { name: "net.toml".to_owned(), text };
    let told = answer(&Stand::read(&imported, &plan), &asked, &Buckets::new()).unwrap();
    assert_eq!(told.outcome, Outcome::Undetermined, "{}", told.text);
    assert!(told.text.contains("where rtb-0a leads") && !told.text.contains("BAD_STATE_ROUTE"), "{}", told.text);
}
