//! Commands that find no daemon.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

fn sidegate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sidegate")).args(arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_command_that_needs_a_daemon_says_how_to_start_one() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().to_str().unwrap();
    for command in ["status", "env", "events"] {
        let output = sidegate(&[command, "--state", state]);
        assert_eq!(output.status.code(), Some(1));
        let error = stderr(&output);
        assert!(error.starts_with("sidegate: no daemon runs on the state directory"), "{error}");
        assert!(error.contains("sidegate up"), "{error}");
    }
}

#[test]
fn ending_what_does_not_run_is_no_error() {
    let dir = tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir().unwrap();
    let state = dir.path().to_str().unwrap();
    let output = sidegate(&["down", "--state", state]);
    assert!(output.status.success(), "{}", stderr(&output));
    let output = sidegate(&["down", "--state", "/no/such/directory"]);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn the_environment_is_taken_away_without_a_daemon() {
    let output = sidegate(&["env", "--unset"]);
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("unset AWS_ENDPOINT_URL "));
}
