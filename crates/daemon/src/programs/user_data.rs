//! What an instance is to run when it starts: its user data, read as cloud-init reads it.
//!
//! Of cloud-init's formats only the script is carried out; the others are named and refused, in the console log.
//!
//! Source: cloud-init documentation, "User-data formats"; EC2 user guide, "Run commands when you launch an EC2
//! instance with user data input".

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Where cloud-init puts a script.
pub(crate) const SCRIPT_PATH: &str = "/var/lib/cloud/instance/scripts/part-001";

/// What user data asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UserData {
    /// Nothing.
    Nothing,
    /// To run a script as root.
    Script(Script),
    /// Something that is not carried out, for this reason.
    Refused(String),
}

/// A script with its interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Script {
    /// The command that runs it, by the rules of execve(2) for `#!`.
    pub(crate) command: Vec<OsString>,
    /// Its text.
    pub(crate) text: Vec<u8>,
}

/// Formats of cloud-init that are not carried out, by how they begin.
const FORMATS: [(&str, &str); 8] = [
    ("#cloud-config", "cloud-config"),
    ("#cloud-boothook", "a boot hook"),
    ("#include", "a list of URLs"),
    ("#part-handler", "a part handler"),
    ("#upstart-job", "an upstart job"),
    ("## template:", "a template"),
    ("content-type:", "a MIME message"),
    ("mime-version:", "a MIME message"),
];

const GZIP: &[u8] = &[0x1f, 0x8b];

/// Reads user data as it stands in the world, in base64.
pub(crate) fn read(user_data: Option<&str>) -> UserData {
    let compact: String = user_data.unwrap_or_default().split_ascii_whitespace().collect();
    match STANDARD.decode(compact) {
        Ok(bytes) => classify(unix_lines(bytes)),
        Err(error) => UserData::Refused(format!("it is not base64 ({error})")),
    }
}

fn classify(bytes: Vec<u8>) -> UserData {
    let begin = bytes.trim_ascii_start();
    if begin.is_empty() {
        return UserData::Nothing;
    }
    if bytes.starts_with(GZIP) {
        return refused("compressed data");
    }
    let lower = begin.get(..32).unwrap_or(begin).to_ascii_lowercase();
    if let Some((_, name)) = FORMATS.iter().find(|(start, _)| lower.starts_with(start.as_bytes())) {
        return refused(name);
    }
    if !begin.starts_with(b"#!") {
        let first = begin.split(|b| *b == b'\n').next().unwrap_or_default();
        let shown = String::from_utf8_lossy(first.get(..24).unwrap_or(first)).into_owned();
        return UserData::Refused(format!("it is no script, for it does not begin with `#!`: `{shown}…`"));
    }
    if begin.len() < bytes.len() {
        return UserData::Refused("white space stands before `#!`, so that it cannot be executed".to_owned());
    }
    match command(&bytes) {
        Some(command) => UserData::Script(Script { command, text: bytes }),
        None => UserData::Refused("no interpreter is named after `#!`".to_owned()),
    }
}

fn refused(format: &str) -> UserData {
    UserData::Refused(format!("it is {format}, and Sidegate runs scripts that begin with `#!` only"))
}

/// The interpreter, at most one argument of it, and the script.
fn command(text: &[u8]) -> Option<Vec<OsString>> {
    let line = text.get(2..)?.split(|b| *b == b'\n').next()?.trim_ascii();
    let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    let (interpreter, argument) = line.split_at_checked(end)?;
    if interpreter.is_empty() {
        return None;
    }
    let mut name = interpreter.to_vec();
    if !name.contains(&b'/') {
        // The kernel takes it as a path, not as a name to look up.
        name.splice(0..0, *b"./");
    }
    let mut command = vec![OsString::from_vec(name)];
    let argument = argument.trim_ascii();
    if !argument.is_empty() {
        command.push(OsString::from_vec(argument.to_vec()));
    }
    command.push(SCRIPT_PATH.into());
    Some(command)
}

/// A script with the line ends of Windows, as its first line tells, gets those of Unix.
fn unix_lines(bytes: Vec<u8>) -> Vec<u8> {
    let first = bytes.iter().position(|b| *b == b'\n');
    let is_dos = first.and_then(|at| at.checked_sub(1)).and_then(|at| bytes.get(at)) == Some(&b'\r');
    if !is_dos {
        return bytes;
    }
    let mut lines = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(text) => {
                lines.extend_from_slice(text);
                lines.push(b'\n');
            }
            None => lines.extend_from_slice(line),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &[u8]) -> UserData {
        read(Some(&STANDARD.encode(text)))
    }

    fn command_of(text: &[u8]) -> Vec<OsString> {
        match of(text) {
            UserData::Script(script) => script.command,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_script_is_run_by_the_interpreter_that_it_names() {
        assert_eq!(command_of(b"#!/bin/bash\necho 1\n"), ["/bin/bash", SCRIPT_PATH]);
        assert_eq!(command_of(b"#! /usr/bin/env  python3 -u \nprint(1)"), ["/usr/bin/env", "python3 -u", SCRIPT_PATH]);
        assert_eq!(command_of(b"#!bash"), ["./bash", SCRIPT_PATH]);
    }

    #[test]
    fn line_ends_of_windows_become_those_of_unix() {
        let UserData::Script(script) = of(b"#!/bin/sh\r\necho a\r\necho b") else { panic!() };
        assert_eq!(script.text, b"#!/bin/sh\necho a\necho b");
        assert_eq!(script.command, ["/bin/sh", SCRIPT_PATH]);
    }

    #[test]
    fn no_user_data_asks_for_nothing() {
        assert_eq!(read(None), UserData::Nothing);
        assert_eq!(of(b""), UserData::Nothing);
        assert_eq!(of(b" \n"), UserData::Nothing);
    }

    #[test]
    fn what_is_not_carried_out_is_named() {
        for (text, word) in [
            (&b"#cloud-config\npackages: [nginx]"[..], "cloud-config"),
            (b"Content-Type: multipart/mixed; boundary=\"x\"\n", "MIME"),
            (b"MIME-Version: 1.0\n", "MIME"),
            (b"\x1f\x8b\x08\x00", "compressed"),
            (b"#include\nhttp://example.com", "URLs"),
            (b"echo hello", "echo hello"),
            (b"  #!/bin/sh\n", "white space"),
            (b"#!\n", "interpreter"),
        ] {
            let UserData::Refused(reason) = of(text) else { panic!("{:?}", of(text)) };
            assert!(reason.contains(word), "{reason}");
        }
        assert!(matches!(read(Some("!!")), UserData::Refused(_)));
    }
}
