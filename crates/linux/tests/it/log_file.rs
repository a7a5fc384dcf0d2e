//! A process that writes for ever fills a file of bounded size, and one older file beside it.

use std::fs;
use std::process::Command;

use sidegate_linux::log_file;

use super::sandbox::helper;

#[test]
fn a_log_stays_within_its_bounds_and_keeps_the_newest_lines() {
    let dir = tempfile::tempdir().unwrap();
    let (log, older) = (dir.path().join("daemon.log"), dir.path().join("daemon.log.1"));
    fs::write(&log, "from an earlier start\n").unwrap();
    let file = log_file::open(&log).unwrap();
    let mut command = Command::new(helper());
    command.args(["log", log.to_str().unwrap(), "1000", "500"]).stderr(file);
    assert!(command.status().unwrap().success());
    let (new, old) = (fs::read_to_string(&log).unwrap(), fs::read_to_string(&older).unwrap());
    assert!(new.len() <= 1000 && old.len() <= 1000, "{} {}", new.len(), old.len());
    assert!(new.ends_with("line 499\n") && !old.contains("earlier"), "{new}");
    let numbers: Vec<u32> = format!("{old}{new}").lines().map(|l| l[5..].parse().unwrap()).collect();
    assert!(numbers.len() > 100 && numbers.is_sorted() && numbers[0] + numbers.len() as u32 == 500, "{numbers:?}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn a_log_whose_directory_has_gone_is_emptied_where_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("gone/daemon.log");
    fs::create_dir(dir.path().join("gone")).unwrap();
    let file = log_file::open(&log).unwrap();
    let seen = file.try_clone().unwrap();
    let mut command = Command::new(helper());
    command.args(["log", log.to_str().unwrap(), "1000", "500", "rm"]).stderr(file);
    assert!(command.status().unwrap().success());
    assert!(seen.metadata().unwrap().len() <= 1000);
}
