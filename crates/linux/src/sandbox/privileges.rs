//! What a sandboxed program may still do: ids, capabilities, no new privileges.

use std::fs;
use std::io;

use nix::sys::prctl;
use nix::unistd::{Gid, Pid, Uid, setgroups, setresgid, setresuid};

use super::error::Attempt;
use super::{SandboxError, sys};

/// What root keeps inside its user namespace: enough for package managers and
/// daemons that change their user. SETFCAP is left out: file capabilities in
/// the writable layer would count on the host, too, for ids are not shifted.
const ROOT_INSIDE: [u32; 9] = [
    0,  // CHOWN
    1,  // DAC_OVERRIDE
    2,  // DAC_READ_SEARCH
    3,  // FOWNER
    4,  // FSETID
    5,  // KILL
    6,  // SETGID
    7,  // SETUID
    18, // SYS_CHROOT
];

/// As many ids as package managers use.
const IDS_INSIDE: u32 = 65_536;

/// Gives a process in a fresh user namespace its ids; the shim does that, from
/// outside. `caller` is the one user and group, or none for root inside.
pub(super) fn map_ids(process: Pid, caller: Option<(u32, u32)>) -> io::Result<()> {
    let (users, groups) = match caller {
        Some((uid, gid)) => (format!("{uid} {uid} 1"), format!("{gid} {gid} 1")),
        None => (format!("0 0 {IDS_INSIDE}"), format!("0 0 {IDS_INSIDE}")),
    };
    fs::write(format!("/proc/{process}/gid_map"), groups)?;
    fs::write(format!("/proc/{process}/uid_map"), users)
}

/// Becomes the user that the program runs as, and gives up the rest for good.
pub(super) fn give_up(caller: Option<(u32, u32)>) -> Result<(), SandboxError> {
    let kept: &[u32] = if caller.is_some() { &[] } else { &ROOT_INSIDE };
    let (uid, gid) = caller.unwrap_or((0, 0));
    let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));

    setgroups(&[]).attempt("drop supplementary groups")?;
    setresgid(gid, gid, gid).attempt("change the group")?;
    for capability in 0..64 {
        if !kept.contains(&capability) && !sys::drop_from_bounding_set(capability).attempt("drop capabilities")? {
            break;
        }
    }
    prctl::set_keepcaps(false).attempt("drop capabilities")?;
    sys::clear_ambient_set().attempt("drop ambient capabilities")?;
    setresuid(uid, uid, uid).attempt("change the user")?;
    let mask = kept.iter().fold(0_u64, |mask, capability| mask | 1 << capability);
    sys::set_capabilities(mask).attempt("drop capabilities")?;
    prctl::set_no_new_privs().attempt("forbid new privileges")
}
