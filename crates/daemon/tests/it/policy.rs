//! `sidegate policy`: decisions by the policies of files, without the daemon and without rights.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::sidegate;

/// A directory with files, in which `sidegate policy` runs.
struct Files(TempDir);

/// What a command printed, and its exit status.
#[derive(Debug)]
struct Ran {
    out: String,
    err: String,
    status: i32,
}

impl Files {
    fn with(files: &[(&str, &str)]) -> Self {
        let own = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            fs::write(own.path().join(name), text).unwrap();
        }
        own
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_on("", arguments)
    }

    /// Runs it with a standard input, and sees that it leaves nothing behind.
    fn run_on(&self, input: &str, arguments: &[&str]) -> Ran {
        let names = || fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<PathBuf>>();
        let before = names();
        let mut command = sidegate();
        command.arg("policy").args(arguments).current_dir(self.path()).env("SIDEGATE_STATE", self.path().join("state"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Whoever does not read it need not.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        assert_eq!(names(), before, "no state directory is made");
        Ran {
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            status: output.status.code().unwrap(),
        }
    }
}

fn corpus(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../iam/cases").join(name).to_str().unwrap().to_owned()
}

/// Ana asks for something of `docs`, may read there, and this is expected.
fn case(id: &str, action: &str, expect: &str) -> String {
    let case = json!({
        "id": id, "title": "Ana reads", "expect": expect, "source": "IAM user guide",
        "request": {
            "principal": "arn:aws:iam::111111111111:user/ana", "action": action, "resource": "arn:aws:s3:::docs/a"
        },
        "identity": {"Statement": {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}},
        "endpoint": {"Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "*"}
        ]}
    });
    format!("{case}\n")
}

#[test]
fn every_case_of_the_corpora_passes_on_a_line_of_its_own() {
    let files = Files::with(&[]);
    let ran = files.run(&["test", &corpus("open.jsonl")]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 66);
    assert_eq!(lines[0], "ok act-glob-mid");
    assert!(lines[..65].iter().all(|line| line.starts_with("ok ")), "{}", ran.out);
    assert_eq!(lines[65], "65 passed, 0 failed");

    let both = files.run(&["test", "--quiet", &corpus("open.jsonl"), &corpus("own.jsonl")]);
    let passed: u32 = both.out.strip_suffix(" passed, 0 failed\n").unwrap().parse().unwrap();
    assert!(both.status == 0 && passed > 180, "{}", both.out);
}

#[test]
fn what_fails_is_told_with_its_reason_and_what_is_no_case_with_its_place() {
    let request = json!({"principal": "arn:aws:iam::111111111111:user/ana", "action": "s3:GetObject"});
    let policy = json!({"Statement": [{"Effect": "Maybe", "Action": "*", "Resource": "*"}]});
    let cases = [
        "\u{feff}# cases of a bucket\r\n\r\n",
        &case("reads", "s3:GetObject", "Allowed"),
        &case("writes", "s3:PutObject", "Allowed"),
        "  // what is denied\n",
        &case("deletes", "s3:DeleteObject", "ImplicitlyDenied"),
        &case("reads", "s3:GetObject", "ExplicitlyDenied"),
        &format!("{}\n", json!({"id": "asks", "request": request})),
        &format!("{}\n", json!({"id": "maybe", "expect": "Allowed", "request": request, "scp": policy})),
        &format!("{}\n", json!({"id": "typo", "expect": "allowed", "request": request})),
        &format!("{}\n", json!({"id": "who", "expect": "Allowed", "request": {"principal": "ana", "action": "*"}})),
        "{\"id\": \"cut\", \"request\": \r\n",
        "{}\n",
        &format!("{}\n", json!({"id": "\u{1b}[2Jok\nok forged", "expect": "Allowed", "request": request})),
    ];
    let files = Files::with(&[("cases.jsonl", &cases.concat())]);
    let ran = files.run(&["test", "cases.jsonl"]);
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    let expected = "\
ok reads
FAIL writes expected Allowed got ImplicitlyDenied because no identity-based policy allows it
FAIL deletes expected ImplicitlyDenied got ExplicitlyDenied because statement 2 of the VPC endpoint policy denies it
FAIL reads expected ExplicitlyDenied got Allowed because statement 1 of the VPC endpoint policy and statement 1 (`Read`) of identity-based policy 1 allow it
FAIL asks expected an outcome got ImplicitlyDenied because the case has no `expect` to compare with (no identity-based policy allows it)
FAIL maybe expected Allowed got an error because the policy `scp` of the case cannot be read: `Maybe` is not an effect: Allow or Deny is expected, in `Effect` of statement 1 at line 9, column 149
FAIL typo expected a case got an error because `expect` of the case must be Allowed, ExplicitlyDenied or ImplicitlyDenied
FAIL who expected Allowed got an error because the principal of the case cannot be read: `ana` is not a principal: the ARN of a user, a role's session, a federated user or a root user is expected, or the name of a service, or `anonymous`
FAIL cases.jsonl:12 expected a case got an error because the case is not valid JSON at line 12, column 25: a value is expected
FAIL cases.jsonl:13 expected a case got an error because `request` of the case must be an object
FAIL \u{fffd}[2Jok\u{fffd}ok forged expected Allowed got ImplicitlyDenied because no identity-based policy allows it
1 passed, 10 failed
";
    assert_eq!(ran.out, expected);

    let quiet = files.run(&["test", "-q", "cases.jsonl"]);
    assert_eq!((quiet.status, quiet.out), (1, expected.replace("ok reads\n", "")));
}

#[test]
fn programs_get_an_object_for_each_case_and_one_with_the_numbers() {
    let cases = [&case("reads", "s3:GetObject", "Allowed"), &case("writes", "s3:PutObject", "Allowed"), "{\n"].concat();
    let ran = Files::with(&[]).run_on(&cases, &["test", "--json", "-"]);
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    let expected = r#"{"id":"reads","title":"Ana reads","ok":true,"expected":"Allowed","got":"Allowed","reason":"statement 1 of the VPC endpoint policy and statement 1 (`Read`) of identity-based policy 1 allow it","source":"IAM user guide","file":"stdin","line":1}
{"id":"writes","title":"Ana reads","ok":false,"expected":"Allowed","got":"ImplicitlyDenied","reason":"no identity-based policy allows it","source":"IAM user guide","file":"stdin","line":2}
{"id":"stdin:3","title":null,"ok":false,"expected":null,"got":null,"reason":"the case is not valid JSON at line 3, column 2: a key in quotation marks is expected","source":null,"file":"stdin","line":3}
{"passed":1,"failed":2}
"#;
    assert_eq!(ran.out, expected);
}

#[test]
fn a_line_may_be_too_long_or_no_text_and_the_next_one_is_run() {
    let files = Files::with(&[]);
    let mut cases = b"\"\xff\"\n\"".to_vec();
    cases.extend(vec![b'x'; 9 << 20]);
    cases.extend(b"\"\n");
    cases.extend(case("reads", "s3:GetObject", "Allowed").into_bytes());
    fs::write(files.path().join("cases.jsonl"), cases).unwrap();
    let ran = files.run(&["test", "cases.jsonl"]);
    assert_eq!(
        ran.out,
        "FAIL cases.jsonl:1 expected a case got an error because the line is not in UTF-8\n\
         FAIL cases.jsonl:2 expected a case got an error because the line is longer than 4 MiB\n\
         ok reads\n\
         1 passed, 2 failed\n"
    );
    assert_eq!(ran.status, 1);
}

#[test]
fn files_and_standard_input_are_run_in_their_order_until_one_cannot_be_read() {
    let reads = case("reads", "s3:GetObject", "Allowed");
    let files = Files::with(&[("a.jsonl", &reads), ("b.jsonl", &reads.replace("reads", "b"))]);
    let ran = files.run_on(&reads.replace("reads", "piped"), &["test", "a.jsonl", "-", "b.jsonl"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, "ok reads\nok piped\nok b\n3 passed, 0 failed\n"));

    let ran = files.run(&["test", "a.jsonl", "none.jsonl", "b.jsonl"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, "ok reads\n"));
    assert!(ran.err.starts_with("sidegate: cannot read `none.jsonl` (No such file or directory"), "{}", ran.err);
    assert_eq!(files.run(&["test", "."]).status, 2);
    assert_eq!(files.run(&["test"]).status, 2);
    assert_eq!(files.run(&["test", "--no-such-option", "a.jsonl"]).status, 2);
}

#[test]
fn a_file_without_cases_passes_and_is_remarked_on() {
    let ran = Files::with(&[]).run_on("# none yet\n", &["test", "-"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, "0 passed, 0 failed\n"));
    assert!(ran.err.starts_with("sidegate: there was no case to run"), "{}", ran.err);
}

#[test]
fn a_member_that_could_be_a_misspelt_layer_is_remarked_on() {
    let misspelt = r#"{"id": "one", "expect": "Allowed", "note": "why", "identities": [{"Statement": []}], "scps": {},
        "request": {"principal": "arn:aws:iam::111111111111:root", "action": "s3:GetObject", "resource": "arn:aws:s3:::a/b",
        "resourceAccount": "111111111111"}}"#;
    let files = Files::with(&[("cases.jsonl", &misspelt.replace('\n', " "))]);
    let ran = files.run(&["test", "cases.jsonl"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, "ok one\n1 passed, 0 failed\n"));
    for member in ["identities", "scps"] {
        let remark = format!("cases.jsonl:1: a case has no member `{member}`; it is ignored, and restricts nothing\n");
        assert!(ran.err.contains(&remark), "{}", ran.err);
    }
    assert!(!ran.err.contains("note"), "{}", ran.err);
    let json = files.run(&["test", "--json", "cases.jsonl"]).out;
    assert!(json.lines().next().unwrap().ends_with(r#""unknown":["identities","scps"]}"#), "{json}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_panic_and_the_rest_no_success() {
    let files = Files::with(&[("cases.jsonl", &case("reads", "s3:GetObject", "Allowed").repeat(20_000))]);
    let mut command = sidegate();
    command.args(["policy", "test", "cases.jsonl"]).current_dir(files.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ok reads\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(2), String::new()));
}

const EXPLAINED: &str = "\
ImplicitlyDenied: no identity-based policy allows it
  arn:aws:iam::111111111111:user/ana asks for s3:PutObject on arn:aws:s3:::docs/a
  VPC endpoint policy
    statement 1 allows it
    statement 2 does not deny it
      Action `s3:DeleteObject`: the request has `s3:PutObject`
  resource-based policy: none
  identity-based policy
    statement 1 `Read` does not allow it
      Action `s3:Get*`: the request has `s3:PutObject`
";

#[test]
fn a_case_is_explained_from_a_file_by_its_id_and_from_standard_input() {
    let (reads, writes) = (case("reads", "s3:GetObject", "Allowed"), case("writes", "s3:PutObject", "Allowed"));
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Value>(&writes).unwrap()).unwrap();
    let pretty = format!("\u{feff}// over several lines\n{pretty}\n");
    let files = Files::with(&[("two.jsonl", &format!("{reads}{writes}")), ("pretty.json", &pretty)]);
    for ran in [
        files.run(&["explain", "two.jsonl", "--id", "writes"]),
        files.run(&["explain", "pretty.json"]),
        files.run_on(&format!("# one\n{writes}"), &["explain", "-"]),
    ] {
        assert_eq!((ran.status, ran.out.as_str(), ran.err.as_str()), (1, EXPLAINED, ""));
    }
    let allowed = files.run(&["explain", "--id", "reads", "--json", "two.jsonl"]);
    assert_eq!(allowed.status, 0);
    let explanation: Value = serde_json::from_str(&allowed.out).unwrap();
    assert_eq!(explanation["principal"], "arn:aws:iam::111111111111:user/ana");
    assert_eq!(
        explanation["decision"]["Allowed"]["identity"],
        json!({"level": 0, "policy": 0, "statement": 0}),
        "{explanation}"
    );
    assert_eq!(explanation["layers"][0]["policies"][0]["statements"][1]["mismatches"][0]["element"], "Action");
}

#[test]
fn what_cannot_be_explained_says_what_to_do() {
    let (reads, writes) = (case("reads", "s3:GetObject", "Allowed"), case("writes", "s3:PutObject", "Allowed"));
    let broken = writes.replace("Allow\"", "Maybe\"");
    let files =
        Files::with(&[("two.jsonl", &format!("{reads}{broken}")), ("none", "# none\n"), ("cut", "\n{\"id\":\n")]);
    let says = |arguments: &[&str], expected: &str| {
        let ran = files.run(arguments);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(expected), "{arguments:?}: {}", ran.err);
    };
    says(&["explain", "two.jsonl"], "`two.jsonl` has several cases; choose one by `--id`, such as `--id reads`");
    says(&["explain", "two.jsonl", "--id", "x"], "none of the 2 cases of `two.jsonl` has the id `x`");
    says(&["explain", "two.jsonl", "--id", "writes"], "the case `writes` cannot be decided: the policy `identity` of");
    says(&["explain", "two.jsonl", "--id", "writes"], "in `Effect` of statement 1 at line 2, column ");
    says(&["explain", "none"], "`none` has no case; a case is a JSON object");
    says(&["explain", "cut"], "the case `cut:2` cannot be decided: the case is not valid JSON at line 2, column 7");
    says(&["explain", "gone"], "cannot read `gone` (No such file or directory");
    says(&["explain"], "Usage: sidegate policy explain");
    says(&["explain", "two.jsonl", "--principal", "anonymous"], "cannot be used with");
    says(&["explain", "--principal", "anonymous"], "--action");
    says(&["explain", "two.jsonl", "--scp", "a.json"], "");
}

/// Ana's request, by hand.
const ANA: [&str; 7] = [
    "explain",
    "--principal",
    "arn:aws:iam::111111111111:user/ana",
    "--action",
    "s3:GetObject",
    "--resource",
    "arn:aws:s3:::docs/a",
];

const ALL: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;

fn by_hand(files: &Files, options: &[&str]) -> Ran {
    files.run(&[&ANA[..], options].concat())
}

#[test]
fn a_request_by_hand_has_the_policies_of_files_in_every_layer() {
    let anyone = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}"#;
    let network = r#"{
  "Statement": [{
    "Sid": "OwnNetwork", "Effect": "Deny", "Action": "*", "Resource": "*",
    "Condition": {"StringNotEqualsIfExists": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}}
  }]
}"#;
    let tags = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "secret"}}}}"#;
    let files = Files::with(&[
        ("all.json", ALL),
        ("anyone.json", &format!("\u{feff}{anyone}")),
        ("network.json", network),
        ("tags.json", tags),
    ]);
    let every_layer = [
        "--resource-account",
        "111111111111",
        "--identity",
        "all.json",
        "--resource-policy",
        "anyone.json",
        "--endpoint",
        "anyone.json",
        "--boundary",
        "all.json",
        "--session",
        "all.json",
        "--session",
        "network.json",
        "--scp",
        "all.json",
        "--scp",
        "2:network.json",
        "--scp",
        "2:all.json",
        "--rcp",
        "tags.json",
        "--context",
        "aws:TagKeys=team",
        "--context",
        "aws:TagKeys=cost",
    ];
    let ran = by_hand(&files, &[&every_layer[..], &["--context", "aws:SourceVpc=vpc-1"]].concat());
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.out);
    let expected = "\
Allowed: statement 1 of the VPC endpoint policy and statement 1 of the resource-based policy allow it
  arn:aws:iam::111111111111:user/ana asks for s3:GetObject on arn:aws:s3:::docs/a
  VPC endpoint policy
    statement 1 allows it
  resource control policy, level 1
    statement 1 does not deny it
      ForAnyValue:StringEquals aws:TagKeys `secret`: the request has `team`, `cost`
  service control policy, level 1
    statement 1 allows it
  service control policy, level 2
    policy 1
    statement 1 `OwnNetwork` does not deny it
      StringNotEqualsIfExists aws:SourceVpc `vpc-1`, `vpc-2`: the request has `vpc-1`
    policy 2
    statement 1 allows it
  resource-based policy
    statement 1 allows it
  identity-based policy
    statement 1 allows it
  permissions boundary
    statement 1 allows it
  session policy
    policy 1
    statement 1 allows it
    policy 2
    statement 1 `OwnNetwork` does not deny it
      StringNotEqualsIfExists aws:SourceVpc `vpc-1`, `vpc-2`: the request has `vpc-1`
";
    assert_eq!(ran.out, expected);

    let elsewhere = by_hand(&files, &[&every_layer[..], &["--context", "aws:SourceVpc=vpc-3"]].concat());
    assert_eq!(elsewhere.status, 1);
    let first = elsewhere.out.lines().next().unwrap();
    assert_eq!(first, "ExplicitlyDenied: statement 1 (`OwnNetwork`) of service control policy 1 of level 2 denies it");
}

#[test]
fn a_request_by_hand_that_is_none_names_the_option_or_the_file_and_the_line() {
    let files = Files::with(&[
        ("all.json", ALL),
        ("effect.json", "{\n  \"Statement\": {\n    \"Effect\": \"Maybe\", \"Action\": \"*\", \"Resource\": \"*\"}}\n"),
        ("twice.json", "{\n  \"Version\": \"2012-10-17\",\n  \"Version\": \"2012-10-17\"}"),
        ("open.json", "{}, \"boundary\": {}"),
    ]);
    let says = |options: &[&str], expected: &str| {
        let ran = by_hand(&files, options);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{options:?}: {}", ran.err);
        assert!(ran.err.contains(expected), "{options:?}: {}", ran.err);
    };
    says(
        &["--identity", "all.json", "--identity", "effect.json", "--scp", "all.json"],
        "the request cannot be decided: in `effect.json`, the policy `identity` of the case cannot be read: `Maybe` is \
         not an effect: Allow or Deny is expected, in `Effect` of statement 1 at line 3, column 15",
    );
    says(&["--boundary", "twice.json"], "in `twice.json`, the case is not valid JSON at line 3, column 3: the key");
    says(&["--identity", "open.json"], "`open.json` is no policy: trailing characters at line 1 column 3");
    says(&["--identity", "none.json"], "cannot read `none.json` (No such file or directory");
    says(&["--scp", "all.json", "--scp", "3:all.json"], "`--scp` has policies of level 3 and none of level 2");
    says(&["--scp", "0:all.json"], "`0` is not a level");
    says(&["--context", "aws:SourceVpc"], "KEY=VALUE is expected");
    says(&["--resource-account", "1"], "twelve digits are expected");
    let ran = files.run(&["explain", "--principal", "ana", "--action", "s3:GetObject", "--resource", "*"]);
    assert!(ran.status == 2 && ran.err.contains("`ana` is not a principal"), "{}", ran.err);
}
