//! Who called `sidegate exec`, and so is the user inside.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

use crate::cli::error::NotRun;

/// The user that a program in a subnet runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Name and home, if sudo had changed the user and this changes it back.
    changed: Option<(String, String)>,
}

impl Caller {
    /// The user who called: behind sudo the one who called that, or else root, who has no rights inside beyond those
    /// of the owner of root's files.
    pub(super) fn current() -> Result<Self, NotRun> {
        let own = fs::metadata("/proc/self").map_err(|e| NotRun::system("find who calls", &e))?;
        if own.uid() != 0 {
            return Err(NotRun::NotRoot);
        }
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let variable = |name: &str| std::env::var(name).ok();
        Ok(Self::behind_sudo(variable("SUDO_UID"), variable("SUDO_GID"), &passwd).unwrap_or(Self {
            uid: 0,
            gid: own.gid(),
            changed: None,
        }))
    }

    fn behind_sudo(uid: Option<String>, gid: Option<String>, passwd: &str) -> Option<Self> {
        let (uid, gid) = (uid?.parse().ok().filter(|uid| *uid != 0)?, gid?.parse().ok()?);
        let user = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>()).find_map(|fields| match *fields {
            [name, _, number, _, _, home, ..] if number.parse() == Ok(uid) => Some((name.to_owned(), home.to_owned())),
            _ => None,
        });
        Some(Self { uid, gid, changed: user })
    }

    /// What the environment says of the user, where sudo has changed that.
    pub(super) fn variables(&self) -> Vec<(OsString, OsString)> {
        let Some((name, home)) = &self.changed else {
            return Vec::new();
        };
        [("USER", name), ("LOGNAME", name), ("HOME", home)]
            .map(|(variable, value)| (variable.into(), value.clone().into()))
            .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\nana:x:1000:1001::/home/ana:/bin/sh\n";

    fn behind(uid: &str, gid: &str) -> Option<Caller> {
        Caller::behind_sudo(Some(uid.to_owned()), Some(gid.to_owned()), PASSWD)
    }

    #[test]
    fn behind_sudo_the_program_is_the_user_who_called_that() {
        let caller = behind("1000", "1001").unwrap();
        assert_eq!((caller.uid, caller.gid), (1000, 1001));
        assert!(caller.variables().contains(&("HOME".into(), "/home/ana".into())));
    }

    #[test]
    fn a_user_without_an_entry_keeps_the_environment() {
        assert_eq!(behind("4242", "1001").unwrap().variables(), []);
    }

    #[test]
    fn without_sudo_or_with_roots_own_nothing_is_changed() {
        assert_eq!(Caller::behind_sudo(None, None, PASSWD), None);
        assert_eq!(behind("0", "0"), None);
        assert_eq!(behind("x", "1"), None);
    }
}
