//! Archives of all kinds, and what becomes of them.

use std::io::{Cursor, Write as _};
use std::os::unix::fs::MetadataExt as _;

use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// An archive of these files; a mode of 0 is none.
fn archive(files: &[(&str, &[u8], u32)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes, mode) in files {
        let options = SimpleFileOptions::default().unix_permissions(*mode);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn packages() -> (TempDir, Arc<Packages>) {
    let directory = TempDir::new().unwrap();
    let packages = Packages::open(directory.path()).unwrap();
    (directory, packages)
}

fn refused(zip: &[u8]) -> String {
    let (directory, packages) = packages();
    let refused = packages.add(zip).unwrap_err().to_string();
    let left = fs::read_dir(directory.path().join("unpacked")).unwrap().count();
    assert_eq!(left, 0, "nothing is left of what was refused");
    refused
}

#[test]
fn an_archive_unpacks_with_its_modes_and_is_there_again_after_a_start() {
    let (directory, packages) = packages();
    let zip = archive(&[("bootstrap", b"#!/bin/sh\n", 0o755), ("lib/a.py", b"a = 1\n", 0o600)]);
    let (package, _pin) = packages.add(&zip).unwrap();
    assert_eq!((package.size, package.unzipped), (zip.len() as u64, 16));
    let again = Packages::open(directory.path()).unwrap();
    let files = again.unpacked(&package.digest).unwrap();
    assert_eq!(fs::metadata(files.join("bootstrap")).unwrap().mode() & 0o777, 0o755);
    assert_eq!(fs::metadata(files.join("lib/a.py")).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(files.join("lib")).unwrap().mode() & 0o777, 0o755);
}

#[test]
fn what_leads_out_of_the_directory_is_refused() {
    for name in ["../out", "a/../../out", "/etc/out"] {
        let zip = archive(&[(name, b"x", 0o644)]);
        assert!(refused(&zip).starts_with("Could not unzip uploaded file"), "{name}");
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("a", "/tmp", SimpleFileOptions::default()).unwrap();
    writer.start_file("a/out", SimpleFileOptions::default()).unwrap();
    writer.write_all(b"x").unwrap();
    assert!(refused(&writer.finish().unwrap().into_inner()).starts_with("Could not unzip"));
}

#[test]
fn names_that_no_directory_can_have_are_refused() {
    for name in [format!("{}/f", "d".repeat(300)), format!("{}f", "d/".repeat(3000)), "a\0b/f".to_owned()] {
        let zip = archive(&[(name.as_str(), b"x", 0o644)]);
        assert!(refused(&zip).starts_with("Could not unzip uploaded file"), "{name}");
    }
    let zip = archive(&[("a", b"x", 0o644), ("a/b", b"x", 0o644)]);
    assert!(refused(&zip).starts_with("Could not unzip uploaded file"));
}

#[test]
fn links_are_kept_as_links() {
    let (_directory, packages) = packages();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("bin/tool", "../lib/tool.js", SimpleFileOptions::default()).unwrap();
    writer.start_file("lib/tool.js", SimpleFileOptions::default()).unwrap();
    let (package, _pin) = packages.add(&writer.finish().unwrap().into_inner()).unwrap();
    let files = packages.unpacked(&package.digest).unwrap();
    assert_eq!(fs::read_link(files.join("bin/tool")).unwrap(), Path::new("../lib/tool.js"));
}

#[test]
fn what_is_no_archive_or_an_empty_one_is_refused() {
    assert!(refused(b"").starts_with("Could not unzip uploaded file"));
    assert!(refused(b"PK\x03\x04 and nothing more").starts_with("Could not unzip uploaded file"));
    assert_eq!(refused(&archive(&[])), "Uploaded file must be a non-empty zip");
    let mut cut = archive(&[("a", &[7; 5000], 0o644)]);
    cut.truncate(cut.len() - 30);
    assert!(refused(&cut).starts_with("Could not unzip uploaded file"));
}

#[test]
fn an_archive_that_unpacks_to_too_much_is_refused_while_it_does() {
    let zeros = vec![0; 64 << 20];
    let files: Vec<_> = ["a", "b", "c", "d"].iter().map(|name| (*name, zeros.as_slice(), 0o644)).collect();
    let bomb = archive(&files);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(refused(&bomb), "Unzipped size must be smaller than 262144000 bytes");
}

#[test]
fn a_later_layer_is_laid_over_an_earlier_one() {
    let (_directory, packages) = packages();
    let (first, _a) = packages.add(&archive(&[("python/a.py", b"1", 0o644), ("python/b.py", b"1", 0o644)])).unwrap();
    let (second, _b) = packages.add(&archive(&[("python/b.py", b"2", 0o644), ("python/c/d", b"2", 0o644)])).unwrap();
    let merged = packages.merged(&[first.digest.clone(), second.digest]).unwrap().unwrap();
    let read = |name: &str| fs::read_to_string(merged.join("python").join(name)).unwrap();
    assert_eq!((read("a.py"), read("b.py"), read("c/d")), ("1".to_owned(), "2".to_owned(), "2".to_owned()));
    let own = packages.unpacked(&first.digest).unwrap();
    assert_eq!(fs::read_to_string(own.join("python/b.py")).unwrap(), "1", "the layers themselves stay");
    assert_eq!(packages.merged(&[]).unwrap(), None);
}

#[test]
fn what_nobody_has_is_swept_and_what_is_pinned_stays() {
    let (directory, packages) = packages();
    let (used, pin) = packages.add(&archive(&[("a", b"1", 0o644)])).unwrap();
    drop(pin);
    let (pinned, pin) = packages.add(&archive(&[("a", b"2", 0o644)])).unwrap();
    let (gone, other) = packages.add(&archive(&[("a", b"3", 0o644)])).unwrap();
    drop(other);
    packages.sweep(|| [used.digest.clone()].into()).unwrap();
    let is_there = |package: &Package| directory.path().join(format!("code/{}.zip", package.digest)).exists();
    assert!(is_there(&used) && is_there(&pinned) && !is_there(&gone));
    drop(pin);
    packages.sweep(|| [used.digest.clone()].into()).unwrap();
    assert!(is_there(&used) && !is_there(&pinned));
}
