//! How many files, and so how many connections, this process may have open.

use std::io;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Raises the bound on open files to what the system grants this process, and returns that number. Most systems start a
/// process with 1,024, which a single VPC's connections exceed.
///
/// # Errors
/// What the kernel answers.
pub fn raise() -> io::Result<u64> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    Ok(hard)
}
