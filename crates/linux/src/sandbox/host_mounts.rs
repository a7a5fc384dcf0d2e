//! Which of the host's file systems a sandbox sees.
//!
//! The root of a sandbox is never a recursive copy of the host's mounts, for
//! those include its proc, sysfs, cgroups and the layers of other containers;
//! file systems that hold files are picked one by one.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// Types of file systems that hold people's files.
const FILE_TYPES: [&str; 22] = [
    "9p", "bcachefs", "btrfs", "ceph", "cifs", "erofs", "exfat", "ext2", "ext3", "ext4", "f2fs", "fuseblk", "iso9660",
    "jfs", "nfs", "nfs4", "ntfs3", "tmpfs", "vfat", "virtiofs", "xfs", "zfs",
];

/// Places that a sandbox has of its own, or never sees.
pub(super) const OWN_PLACES: [&str; 13] = [
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/tmp",
    "/var/run",
    "/var/tmp",
    "/snap",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/lib/kubelet",
    "/var/lib/lxcfs",
];

/// The mount points, apart from `/`, of the host's file systems that hold files.
pub(super) fn mount_points() -> io::Result<Vec<PathBuf>> {
    let table = fs::read("/proc/self/mountinfo")?;
    let mut points: Vec<PathBuf> = table.split(|b| *b == b'\n').filter_map(mount_point).collect();
    points.sort();
    points.dedup();
    Ok(points)
}

/// The mount point of a line of mountinfo, if a sandbox should see it (proc(5)):
/// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`.
fn mount_point(line: &[u8]) -> Option<PathBuf> {
    let mut fields = line.split(|b| *b == b' ');
    let path = PathBuf::from(std::ffi::OsString::from_vec(unescape(fields.nth(4)?)));
    let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
    let holds_files = FILE_TYPES.iter().any(|known| known.as_bytes() == kind);
    let is_own = path == Path::new("/") || OWN_PLACES.iter().any(|place| path.starts_with(place));
    (holds_files && !is_own).then_some(path)
}

/// Undoes the octal escapes of mountinfo: `\040` is a space.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..3).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        match code {
            Some(code) if *first == b'\\' => {
                plain.push(code);
                rest = tail.get(3..).unwrap_or_default();
            }
            _ => {
                plain.push(*first);
                rest = tail;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_file_system_is_seen_with_its_escapes_undone() {
        let line = br"36 35 98:0 / /mnt/my\040disk rw,noatime master:1 - ext4 /dev/sdb rw";
        assert_eq!(mount_point(line), Some(PathBuf::from("/mnt/my disk")));
    }

    #[test]
    fn pseudo_file_systems_and_private_places_are_not_seen() {
        for line in [
            &b"22 1 0:20 / /proc rw - proc proc rw"[..],
            b"22 1 0:20 / /mnt/cgroup rw - cgroup2 cgroup2 rw",
            b"22 1 0:20 / /run/user/1000 rw - tmpfs tmpfs rw",
            b"22 1 0:20 / / rw - ext4 /dev/vda rw",
            b"22 1 0:20 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw",
            b"",
        ] {
            assert_eq!(mount_point(line), None);
        }
    }
}
