//! What a sandboxed program sees as its file system.
//!
//! Every file system of the host is the lower layer of an overlay, also where
//! nothing is to be written. That keeps the host's sockets and pipes out of
//! reach wherever they lie (a socket seen through an overlay is not the one
//! that is bound), and gives mount points and injected files a place to be.
//!
//! Done in three steps, since each needs what the last took away:
//! [`Sources::open`] while the host's paths mean the host, [`Stage::build`] up
//! to the change of root, [`Stage::furnish`] inside.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};
use std::thread;
use std::time::Duration;

use nix::fcntl::{OFlag, open};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::stat::{Mode, SFlag, fstat};
use nix::unistd::{chdir, fchdir, pivot_root};

use super::error::Attempt;
use super::host_mounts::mount_points;
use super::spec::{Spec, SpecRoot};
use super::{SandboxError, sys};

/// Where the new root is put together, in a mount namespace that nobody else sees.
const STAGE: &str = "/tmp";
/// Directories that each sandbox has of its own, in memory.
const PRIVATE_DIRS: [(&str, u32); 2] = [("/run", 0o755), ("/tmp", 0o1777)];
/// Directories in which a function sees nothing of the host.
const FUNCTION_DIRS: [&str; 2] = ["/var", "/opt"];
/// Devices that do no harm.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];
/// Parts of /proc that everybody may read and that are the host's business alone.
const PROC_HIDDEN: [&str; 9] =
    ["asound", "config.gz", "kallsyms", "key-users", "keys", "latency_stats", "sched_debug", "scsi", "timer_list"];

const READ_BY_OTHERS: u32 = 0o004;
const WRITE_BY_ANY: u32 = 0o222;

const QUIET: MsFlags = MsFlags::MS_NOSUID.union(MsFlags::MS_NODEV);
const INERT: MsFlags = QUIET.union(MsFlags::MS_NOEXEC);

/// Descriptors of everything that comes from the host, opened while its paths are valid.
pub(super) struct Sources {
    root: OwnedFd,
    /// In the order in which they are mounted: outer before inner.
    layers: Vec<(PathBuf, Layer)>,
    devices: Vec<(&'static str, OwnedFd)>,
    terminal: Option<OwnedFd>,
    /// Hidden paths, as they are inside, after links.
    hidden: Vec<PathBuf>,
    /// Where the program's own directories are to lie, after links.
    scratch: Vec<PathBuf>,
    /// Where changes are kept, if they are, and the scratch space beside.
    kept: Option<(OwnedFd, OwnedFd)>,
}

enum Layer {
    /// A directory of the host, below an overlay.
    Host(OwnedFd),
    /// A single file that the host has mounted, as containers do with /etc/hosts.
    HostFile(OwnedFd),
    /// A directory of the host, as it is.
    Writable(OwnedFd),
    /// A directory in memory.
    Private(u32),
    /// A directory in memory for so many bytes.
    Sized(u32, u64),
    /// A directory of the host, read-only.
    Laid(OwnedFd),
}

impl Sources {
    /// Opens what the host provides. In the sandbox's mount namespace, before anything is changed there.
    pub(super) fn open(spec: &Spec, terminal: Option<&Path>) -> Result<Self, SandboxError> {
        let hidden: Vec<PathBuf> = spec.hidden.iter().filter_map(|path| Path::new(path).canonicalize().ok()).collect();
        let mut layers = Vec::new();
        let mut writables = Vec::new();
        if let SpecRoot::ReadOnlyHost { writable } = &spec.root {
            for path in writable {
                let path = Path::new(path).canonicalize().attempt(&format!("find `{}`", path.display()))?;
                let fd = pin(&path).attempt(&format!("open `{}`", path.display()))?;
                layers.push((path.clone(), Layer::Writable(fd)));
                writables.push(path);
            }
        }
        for path in mount_points().attempt("read the table of mounts")? {
            let is_own = spec.is_function() && FUNCTION_DIRS.iter().any(|own| path.starts_with(own));
            if is_own || writables.contains(&path) || hidden.iter().any(|hidden| path.starts_with(hidden)) {
                continue;
            }
            // A file system that does not answer is left out, like an unplugged disk.
            let Ok(fd) = pin(&path) else { continue };
            let Ok(kind) = kind_of(&fd) else { continue };
            let layer = match kind {
                SFlag::S_IFDIR if writables.iter().any(|writable| path.starts_with(writable)) => Layer::Writable(fd),
                SFlag::S_IFDIR => Layer::Host(fd),
                SFlag::S_IFREG => Layer::HostFile(fd),
                _ => continue,
            };
            layers.push((path, layer));
        }
        layers.extend(private_dirs(&spec.root)?);
        let extra: &[(&str, u32)] = match &spec.root {
            SpecRoot::ReadOnlyHost { .. } => &[("/var/run", 0o755), ("/var/tmp", 0o1777)],
            SpecRoot::Overlay { .. } => &[("/var/run", 0o755)],
            SpecRoot::Function { .. } => &[],
        };
        layers.extend(
            extra
                .iter()
                .filter(|(path, _)| Path::new(path).symlink_metadata().is_ok_and(|meta| meta.is_dir()))
                .map(|(path, mode)| (PathBuf::from(path), Layer::Private(*mode))),
        );
        layers.sort_by_key(|(path, _)| path.components().count());

        let devices = DEVICES
            .iter()
            .map(|name| {
                let path = Path::new("/dev").join(name);
                Ok((*name, pin(&path).attempt(&format!("open `{}`", path.display()))?))
            })
            .collect::<Result<_, SandboxError>>()?;
        let kept = match &spec.root {
            SpecRoot::ReadOnlyHost { .. } | SpecRoot::Function { .. } => None,
            SpecRoot::Overlay { upper, work } => Some((
                // Two overlays over one layer for changes would corrupt it.
                occupied(Path::new(upper))?,
                pin(Path::new(work)).attempt(&format!("open `{}`", work.display()))?,
            )),
        };
        Ok(Self {
            root: pin(Path::new("/")).attempt("open `/`")?,
            layers,
            devices,
            terminal: terminal.and_then(|path| pin(path).ok()),
            hidden,
            scratch: spec.scratch.iter().filter_map(|path| scratch_place(Path::new(path), &writables)).collect(),
            kept,
        })
    }
}

/// Where a directory of the program's own lies; nowhere if the host has something else there, or if a directory of the
/// host would have to be written to for it.
fn scratch_place(path: &Path, writables: &[PathBuf]) -> Option<PathBuf> {
    if path.symlink_metadata().is_ok() {
        return path.canonicalize().ok().filter(|real| real.is_dir());
    }
    let real = path.parent()?.canonicalize().ok()?.join(path.file_name()?);
    (!writables.iter().any(|writable| real.starts_with(writable))).then_some(real)
}

/// The directories that a sandbox has of its own, and those that are laid over the host's.
fn private_dirs(root: &SpecRoot) -> Result<Vec<(PathBuf, Layer)>, SandboxError> {
    let SpecRoot::Function { laid, temporary } = root else {
        return Ok(PRIVATE_DIRS.map(|(path, mode)| (PathBuf::from(path), Layer::Private(mode))).into());
    };
    let own = ["/run", "/var"].map(|path| (PathBuf::from(path), Layer::Private(0o755)));
    let laid = laid.iter().map(|(source, target)| {
        let source = Path::new(source);
        let fd = pin(source).attempt(&format!("open `{}`", source.display()))?;
        Ok((PathBuf::from(target), Layer::Laid(fd)))
    });
    let temporary = (PathBuf::from("/tmp"), Layer::Sized(0o1777, *temporary));
    own.into_iter().chain([temporary]).map(Ok).chain(laid).collect()
}

/// A root that is being put together.
pub(super) struct Stage {
    sources: Sources,
    /// Contents of the injected files, in memory.
    injected: Vec<(PathBuf, OwnedFd)>,
    /// An empty file and an empty directory, to lay over others.
    nothing: (OwnedFd, OwnedFd),
    /// Where each overlay has its layer for changes, and its scratch space.
    upper: OwnedFd,
    work: OwnedFd,
    overlays: Vec<OwnedFd>,
    /// The host's root, until it is let go of.
    old: Option<OwnedFd>,
}

impl Stage {
    /// Mounts the new root and makes it `/`.
    pub(super) fn build(spec: &Spec, mut sources: Sources) -> Result<Self, SandboxError> {
        mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>)
            .map_err(|e| SandboxError::mount("private mounts", Path::new("/"), &e))?;
        let stage = Path::new(STAGE);
        tmpfs(stage, 0o755, "size=16m", QUIET)?;
        let (upper, work) = match sources.kept.take() {
            Some(kept) => kept,
            // In memory, gone with the sandbox.
            None => (
                pinned_dir(&stage.join("upper")).attempt("make a directory for changes")?,
                pinned_dir(&stage.join("work")).attempt("make a scratch directory")?,
            ),
        };
        let (file, dir) = (stage.join("file"), stage.join("dir"));
        File::create(&file).attempt("make an empty file")?;
        fs::create_dir(&dir).attempt("make an empty directory")?;
        let nothing = (pin(&file).attempt("open an empty file")?, pin(&dir).attempt("open an empty directory")?);
        let mut injected = Vec::new();
        for (index, file) in spec.contents.iter().enumerate() {
            let path = stage.join(format!("injected-{index}"));
            write_readable(&path, &file.contents).attempt("keep an injected file")?;
            injected.push((file.path.clone(), pin(&path).attempt("open an injected file")?));
        }
        let mut this = Self { sources, injected, nothing, upper, work, overlays: Vec::new(), old: None };

        let root = stage.join("root");
        fs::create_dir(&root).attempt("make a directory for the root")?;
        let lower = proc_path(&this.sources.root);
        this.overlay(&lower, &root, Path::new("/"))?;
        this.old = Some(change_root(&root)?);
        Ok(this)
    }

    /// Fills the new root. Every path means the inside now.
    pub(super) fn furnish(mut self, spec: &Spec) -> Result<(), SandboxError> {
        let proc = Path::new("/proc");
        make_dir(proc)?;
        mount(Some("proc"), proc, Some("proc"), INERT, None::<&str>)
            .map_err(|e| SandboxError::mount("proc", proc, &e))?;

        for (path, layer) in std::mem::take(&mut self.sources.layers) {
            self.lay(&path, &layer)?;
        }
        make_dir(Path::new("/run/lock"))?;
        let sys = Path::new("/sys");
        make_dir(sys)?;
        mount(Some("sysfs"), sys, Some("sysfs"), INERT | MsFlags::MS_RDONLY, None::<&str>)
            .map_err(|e| SandboxError::mount("sysfs", sys, &e))?;
        self.devices(spec.is_function())?;
        for path in std::mem::take(&mut self.sources.hidden) {
            self.hide(&path)?;
        }
        for path in std::mem::take(&mut self.sources.scratch) {
            self.scratch(&path, spec.caller)?;
        }
        for (path, source) in std::mem::take(&mut self.injected) {
            inject(&path, &source)?;
        }
        self.restrict_proc()?;
        if spec.is_read_only() {
            for overlay in &self.overlays {
                sys::add_mount_attributes(&proc_path(overlay), libc::MOUNT_ATTR_RDONLY)
                    .attempt("make the host read-only")?;
            }
        }
        match self.old {
            Some(old) => leave_old_root(&old),
            None => Ok(()),
        }
    }

    fn lay(&mut self, path: &Path, layer: &Layer) -> Result<(), SandboxError> {
        match layer {
            Layer::Private(mode) => {
                make_dir(path)?;
                tmpfs(path, *mode, "size=50%", QUIET)
            }
            Layer::Sized(mode, bytes) => {
                make_dir(path)?;
                tmpfs(path, *mode, &format!("size={bytes}"), QUIET)
            }
            Layer::Laid(source) => {
                make_dir(path)?;
                bind(source, path, "a directory of the host", read_only())
            }
            Layer::Writable(source) => {
                make_dir(path)?;
                bind(source, path, "the writable directory", libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV)
            }
            Layer::HostFile(source) => {
                make_file(path)?;
                bind(source, path, "the host's file", read_only())
            }
            Layer::Host(source) => {
                make_dir(path)?;
                let lower = proc_path(source);
                // Some file systems cannot be below an overlay; nothing can be written there, then.
                self.overlay(&lower, path, path).or_else(|_| bind(source, path, "the host's files", read_only()))
            }
        }
    }

    /// Lays a layer for changes over `lower`. `name` is the path inside.
    fn overlay(&mut self, lower: &Path, target: &Path, name: &Path) -> Result<(), SandboxError> {
        let failed =
            |reason: &dyn ToString| SandboxError::Overlay { lower: name.to_owned(), reason: reason.to_string() };
        let label = escaped(name);
        // Paths by descriptor: short, and free of the characters that separate options.
        let upper = pinned_dir(&proc_path(&self.upper).join(&label)).map_err(|e| failed(&e))?;
        let work = pinned_dir(&proc_path(&self.work).join(&label)).map_err(|e| failed(&e))?;
        copy_attributes(lower, &proc_path(&upper)).map_err(|e| failed(&e))?;
        let options = format!(
            "lowerdir={},upperdir={},workdir={}",
            lower.display(),
            proc_path(&upper).display(),
            proc_path(&work).display()
        );
        mount(Some("overlay"), target, Some("overlay"), QUIET, Some(options.as_str())).map_err(|e| failed(&e))?;
        self.overlays.push(pin(target).map_err(|e| failed(&e))?);
        Ok(())
    }

    /// Memory that processes share counts nowhere, so that a function has none of it, as with AWS.
    fn devices(&self, is_function: bool) -> Result<(), SandboxError> {
        let dev = Path::new("/dev");
        make_dir(dev)?;
        tmpfs(dev, 0o755, "size=1m", MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC)?;
        for (name, source) in &self.sources.devices {
            let target = dev.join(name);
            make_file(&target)?;
            bind(source, &target, "a device", libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NOEXEC)?;
        }
        let pts = dev.join("pts");
        make_dir(&pts)?;
        let options = "newinstance,ptmxmode=0666,mode=0620,gid=5";
        mount(Some("devpts"), &pts, Some("devpts"), MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC, Some(options))
            .map_err(|e| SandboxError::mount("devpts", &pts, &e))?;
        let links =
            [("ptmx", "pts/ptmx"), ("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")];
        for (name, target) in links {
            symlink(target, dev.join(name)).attempt("make a link in /dev")?;
        }
        let shm = dev.join("shm");
        make_dir(&shm)?;
        if is_function {
            return Ok(());
        }
        tmpfs(&shm, 0o1777, "size=50%", INERT)?;
        let queues = dev.join("mqueue");
        make_dir(&queues)?;
        // Not in every kernel, and missed by few.
        let _ = mount(Some("mqueue"), &queues, Some("mqueue"), INERT, None::<&str>);
        if let Some(terminal) = &self.sources.terminal {
            let console = dev.join("console");
            make_file(&console)?;
            bind(terminal, &console, "the terminal", libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NOEXEC)?;
        }
        Ok(())
    }

    /// Lays nothing over a path, if that exists inside.
    fn hide(&self, path: &Path) -> Result<(), SandboxError> {
        let Ok(meta) = path.symlink_metadata() else {
            return Ok(());
        };
        let source = if meta.is_dir() { &self.nothing.1 } else { &self.nothing.0 };
        bind(source, path, "nothing", read_only() | libc::MOUNT_ATTR_NOEXEC)
    }

    /// Lays a directory of the program's own over a path. It lies beside the layers that take changes.
    fn scratch(&self, path: &Path, caller: Option<(u32, u32)>) -> Result<(), SandboxError> {
        const ACTION: &str = "make a directory of the program's own";
        if !path.parent().is_some_and(Path::is_dir) || make_dir(path).is_err() {
            return Ok(());
        }
        let mut label = std::ffi::OsString::from("scratch");
        label.push(escaped(path));
        let dir = pinned_dir(&proc_path(&self.upper).join(label)).attempt(ACTION)?;
        let (uid, gid) = caller.unwrap_or((0, 0));
        std::os::unix::fs::chown(proc_path(&dir), Some(uid), Some(gid)).attempt(ACTION)?;
        fs::set_permissions(proc_path(&dir), fs::Permissions::from_mode(0o700)).attempt(ACTION)?;
        bind(&dir, path, "a directory of the program's own", libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV)
    }

    /// What in /proc is not of a process is the host's: sysctls, interrupts, memory. The
    /// program may have the number of the host's root, which is all that some of them ask for.
    fn restrict_proc(&self) -> Result<(), SandboxError> {
        for entry in fs::read_dir("/proc").attempt("list /proc")? {
            let entry = entry.attempt("list /proc")?;
            let path = entry.path();
            let name = entry.file_name();
            let is_process = name.as_encoded_bytes().iter().all(u8::is_ascii_digit);
            let Ok(meta) = path.symlink_metadata() else {
                continue;
            };
            if is_process || meta.is_symlink() {
                continue;
            }
            let mode = meta.permissions().mode();
            if PROC_HIDDEN.iter().any(|hidden| name == *hidden) || (meta.is_file() && mode & READ_BY_OTHERS == 0) {
                self.hide(&path)?;
            } else if meta.is_dir() || mode & WRITE_BY_ANY != 0 {
                let itself = pin(&path).attempt("open a part of /proc")?;
                bind(&itself, &path, "itself, read-only,", read_only() | libc::MOUNT_ATTR_NOEXEC)?;
            }
        }
        for path in ["/sys/firmware", "/sys/kernel/security", "/sys/fs/bpf", "/sys/kernel/debug", "/sys/kernel/tracing"]
        {
            self.hide(Path::new(path))?;
        }
        Ok(())
    }
}

fn read_only() -> u64 {
    libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV
}

/// Makes `root` the root of this process. The old one stays mounted over it, out
/// of reach of paths, for its descriptors to be bound from (pivot_root(2), "pivot_root(".", ".")").
fn change_root(root: &Path) -> Result<OwnedFd, SandboxError> {
    let old = pin(Path::new("/")).attempt("open the old root")?;
    chdir(root).attempt("enter the new root")?;
    pivot_root(".", ".").attempt("change the root")?;
    chdir("/").attempt("enter the new root")?;
    Ok(old)
}

fn leave_old_root(old: &OwnedFd) -> Result<(), SandboxError> {
    fchdir(old).attempt("return to the old root")?;
    umount2(".", MntFlags::MNT_DETACH).attempt("let go of the old root")?;
    chdir("/").attempt("enter the new root")
}

/// Lays an injected file over `path`, whatever is there.
fn inject(path: &Path, source: &OwnedFd) -> Result<(), SandboxError> {
    // A link (/etc/resolv.conf is one on Ubuntu) would lead the mount elsewhere.
    if path.symlink_metadata().is_ok_and(|meta| meta.is_symlink()) {
        fs::remove_file(path).attempt(&format!("replace the link `{}`", path.display()))?;
    }
    make_file(path)?;
    bind(source, path, "the injected file", read_only() | libc::MOUNT_ATTR_NOEXEC)
}

/// Mounts what a descriptor stands for, and adds attributes to the mount.
fn bind(source: &OwnedFd, target: &Path, what: &str, attributes: u64) -> Result<(), SandboxError> {
    let failed = |reason: &dyn ToString| SandboxError::mount(what, target, &reason.to_string());
    mount(Some(&proc_path(source)), target, None::<&str>, MsFlags::MS_BIND, None::<&str>).map_err(|e| failed(&e))?;
    sys::add_mount_attributes(target, attributes).map_err(|e| failed(&e))
}

fn tmpfs(target: &Path, mode: u32, options: &str, flags: MsFlags) -> Result<(), SandboxError> {
    let options = format!("mode={mode:o},{options}");
    mount(Some("tmpfs"), target, Some("tmpfs"), flags, Some(options.as_str()))
        .map_err(|e| SandboxError::mount("tmpfs", target, &e))
}

/// Makes sure that a directory can be mounted on.
fn make_dir(path: &Path) -> Result<(), SandboxError> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path).attempt(&format!("make `{}` inside", path.display()))
}

/// Makes sure that a file can be mounted on.
fn make_file(path: &Path) -> Result<(), SandboxError> {
    if path.symlink_metadata().is_ok() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        make_dir(parent)?;
    }
    File::create(path).map(drop).attempt(&format!("make `{}` inside", path.display()))
}

/// A descriptor of a directory that this sandbox alone uses; init keeps it until it ends.
fn occupied(path: &Path) -> Result<OwnedFd, SandboxError> {
    let action = format!("open `{}`", path.display());
    let dir = File::open(path).attempt(&action)?;
    // The last sandbox here may be about to end.
    for _ in 0..40 {
        match dir.try_lock() {
            Ok(()) => {
                // Not closed on purpose: the lock lasts as long as the process.
                let _ = dir.try_clone().attempt(&action)?.into_raw_fd();
                return Ok(dir.into());
            }
            Err(fs::TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(25)),
            Err(fs::TryLockError::Error(error)) => {
                return Err(SandboxError::system(action, &error));
            }
        }
    }
    Err(SandboxError::Invalid {
        reason: format!("`{}` holds the changes of a sandbox that is still running; end that first", path.display()),
    })
}

/// A descriptor that only stands for a path; opening a device that way does nothing to it.
fn pin(path: &Path) -> io::Result<OwnedFd> {
    Ok(open(path, OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty())?)
}

/// Makes a directory, unless it is there, and pins it.
fn pinned_dir(path: &Path) -> io::Result<OwnedFd> {
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => pin(path),
    }
}

fn kind_of(fd: &OwnedFd) -> io::Result<SFlag> {
    Ok(SFlag::from_bits_truncate(fstat(fd)?.st_mode) & SFlag::S_IFMT)
}

fn proc_path(fd: &OwnedFd) -> PathBuf {
    Path::new("/proc/self/fd").join(fd.as_raw_fd().to_string())
}

/// The root of an overlay has the attributes of the upper directory, not of the lower.
fn copy_attributes(from: &Path, to: &Path) -> io::Result<()> {
    let meta = fs::metadata(from)?;
    let (uid, gid) = (std::os::unix::fs::MetadataExt::uid(&meta), std::os::unix::fs::MetadataExt::gid(&meta));
    std::os::unix::fs::chown(to, Some(uid), Some(gid))?;
    fs::set_permissions(to, meta.permissions())
}

fn write_readable(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o444).open(path)?;
    file.write_all(contents)?;
    // Whatever the caller's umask was.
    file.set_permissions(fs::Permissions::from_mode(0o444))
}

/// A path as the name of one directory: `/srv/a_b` is `_srv_a__b`.
fn escaped(path: &Path) -> std::ffi::OsString {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let mut name = Vec::new();
    for component in path.components() {
        if let Component::Normal(part) = component {
            name.push(b'_');
            for byte in part.as_bytes() {
                name.push(*byte);
                if *byte == b'_' {
                    name.push(b'_');
                }
            }
        }
    }
    if name.is_empty() {
        name.extend_from_slice(b"root");
    }
    std::ffi::OsString::from_vec(name)
}
