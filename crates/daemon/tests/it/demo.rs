//! `sidegate demo`, from the questions to what breaks what.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::bedrock::ChatServer;
use crate::cli::{processes_of, until};
use crate::harness::{clients_are_lacking, need_root, texts};

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
