//! The system calls that a sandboxed program does without.
//!
//! The namespaces and the missing capabilities confine already; this takes
//! away what would undo them if the kernel had a hole, and what no namespace
//! covers: `AF_VSOCK` reaches the hypervisor, `TIOCSTI` types into the
//! caller's terminal, the keyrings belong to the host's user.

use std::io;

/// One instruction of classic BPF; jumps are relative.
type Instruction = libc::sock_filter;

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xC000_003E;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xC000_00B7;

/// Numbers from here on are the x32 ABI of x86-64, which has its own table.
#[cfg(target_arch = "x86_64")]
const X32_BIT: u32 = 0x4000_0000;

/// Never: they change the mounts, namespaces, keys or the kernel itself.
const DENIED: &[libc::c_long] = &[
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_bpf,
    libc::SYS_clock_adjtime,
    libc::SYS_clock_settime,
    libc::SYS_delete_module,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_init_module,
    libc::SYS_kexec_file_load,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_pivot_root,
    libc::SYS_quotactl,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_setns,
    libc::SYS_settimeofday,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_umount2,
    libc::SYS_userfaultfd,
    libc::SYS_vhangup,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
];

/// As if the kernel were too old: programs fall back. The arguments of
/// `clone3` cannot be inspected, and io_uring opens sockets past this filter.
const UNKNOWN: &[libc::c_long] =
    &[libc::SYS_clone3, libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register];

/// The same for functions: memory that nobody has mapped, so that it counts as nobody's.
const UNCOUNTED: &[libc::c_long] =
    &[libc::SYS_memfd_create, libc::SYS_memfd_secret, libc::SYS_shmget, libc::SYS_msgget];

/// `CLONE_NEW*` but for NEWTIME, which shares a bit with clone's exit signal.
const NEW_NAMESPACE: u32 = 0x7E02_0000;
const NEW_TIME: u32 = 0x80;

/// Address families that a program in a VPC can have a use for.
const FAMILIES: [i32; 6] =
    [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK, libc::AF_PACKET, libc::AF_ALG];

/// `TIOCSTI` and `TIOCLINUX`.
const TERMINAL_INPUT: [u32; 2] = [0x5412, 0x541C];

/// The same on all architectures; libc does not name it on each.
const FCHMODAT2: libc::c_long = 452;

const SET_ID_BITS: u32 = 0o6000;

/// Installs the filter for this process and what it executes.
/// `forbid_set_id`: whether files may not be made setuid or setgid, because
/// the program can write to directories of the host. `is_function`: whether its memory
/// is counted by what its processes have mapped.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[expect(unsafe_code, reason = "seccomp has no wrapper")]
pub(super) fn install(forbid_set_id: bool, is_function: bool) -> io::Result<()> {
    let mut program = filter(forbid_set_id, is_function);
    let length = u16::try_from(program.len()).map_err(io::Error::other)?;
    let argument = libc::sock_fprog { len: length, filter: program.as_mut_ptr() };
    // SAFETY: `argument` points at `length` instructions, which live until after the call.
    let result = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const argument) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The other architectures rely on namespaces and capabilities alone.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn install(_forbid_set_id: bool, _is_function: bool) -> io::Result<()> {
    Ok(())
}

fn filter(forbid_set_id: bool, is_function: bool) -> Vec<Instruction> {
    let mut f = vec![load(4), jump(libc::BPF_JEQ, ARCHITECTURE, 1, 0), refuse(libc::ENOSYS), load(0)];
    #[cfg(target_arch = "x86_64")]
    f.extend([jump(libc::BPF_JGE, X32_BIT, 0, 1), refuse(libc::ENOSYS)]);

    for call in DENIED {
        f.extend([jump(libc::BPF_JEQ, number(*call), 0, 1), refuse(libc::EPERM)]);
    }
    for call in UNKNOWN.iter().chain(UNCOUNTED.iter().filter(|_| is_function)) {
        f.extend([jump(libc::BPF_JEQ, number(*call), 0, 1), refuse(libc::ENOSYS)]);
    }
    on(&mut f, libc::SYS_unshare, &refuse_bits(0, NEW_NAMESPACE | NEW_TIME));
    on(&mut f, libc::SYS_clone, &refuse_bits(0, NEW_NAMESPACE));
    let terminal: Vec<_> = std::iter::once(load_argument(1))
        .chain(TERMINAL_INPUT.into_iter().flat_map(|request| [jump(libc::BPF_JEQ, request, 0, 1), refuse(libc::EPERM)]))
        .collect();
    on(&mut f, libc::SYS_ioctl, &terminal);
    let families: Vec<_> = std::iter::once(load_argument(0))
        .chain(FAMILIES.into_iter().flat_map(|family| [jump(libc::BPF_JEQ, family.cast_unsigned(), 0, 1), allow()]))
        .chain([refuse(libc::EAFNOSUPPORT)])
        .collect();
    on(&mut f, libc::SYS_socket, &families);
    if forbid_set_id {
        forbid_set_id_files(&mut f);
    }
    f.push(allow());
    f
}

fn forbid_set_id_files(f: &mut Vec<Instruction>) {
    on(f, libc::SYS_fchmod, &refuse_bits(1, SET_ID_BITS));
    on(f, libc::SYS_fchmodat, &refuse_bits(2, SET_ID_BITS));
    on(f, FCHMODAT2, &refuse_bits(2, SET_ID_BITS));
    on(f, libc::SYS_mknodat, &refuse_bits(2, SET_ID_BITS));
    on(f, libc::SYS_openat, &refuse_bits_on_create(2, 3));
    // Its mode is behind a pointer.
    on(f, libc::SYS_openat2, &[refuse(libc::ENOSYS)]);
    #[cfg(target_arch = "x86_64")]
    {
        on(f, libc::SYS_chmod, &refuse_bits(1, SET_ID_BITS));
        on(f, libc::SYS_creat, &refuse_bits(1, SET_ID_BITS));
        on(f, libc::SYS_mknod, &refuse_bits(1, SET_ID_BITS));
        on(f, libc::SYS_open, &refuse_bits_on_create(1, 2));
    }
}

/// `rule`, for one system call; what falls through the rule is allowed.
fn on(f: &mut Vec<Instruction>, call: libc::c_long, rule: &[Instruction]) {
    let skip = u8::try_from(rule.len() + 1).unwrap_or(u8::MAX);
    f.push(jump(libc::BPF_JEQ, number(call), 0, skip));
    f.extend_from_slice(rule);
    f.push(allow());
}

fn refuse_bits(argument: u32, bits: u32) -> [Instruction; 3] {
    [load_argument(argument), jump(libc::BPF_JSET, bits, 0, 1), refuse(libc::EPERM)]
}

/// The mode means nothing unless the flags create a file.
fn refuse_bits_on_create(flags: u32, mode: u32) -> [Instruction; 5] {
    let creates = (libc::O_CREAT | (libc::O_TMPFILE & !libc::O_DIRECTORY)).cast_unsigned();
    [
        load_argument(flags),
        jump(libc::BPF_JSET, creates, 0, 3),
        load_argument(mode),
        jump(libc::BPF_JSET, SET_ID_BITS, 0, 1),
        refuse(libc::EPERM),
    ]
}

fn number(call: libc::c_long) -> u32 {
    u32::try_from(call).unwrap_or(u32::MAX)
}

/// Loads a word of `seccomp_data`: the number at 0, the architecture at 4.
fn load(offset: u32) -> Instruction {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset, 0, 0)
}

/// Loads the lower half of an argument. All that are judged here are 32 bits wide, or flags in the lower half.
fn load_argument(index: u32) -> Instruction {
    load(16 + 8 * index)
}

fn jump(condition: u32, value: u32, met: u8, unmet: u8) -> Instruction {
    instruction(libc::BPF_JMP | condition | libc::BPF_K, value, met, unmet)
}

fn refuse(errno: i32) -> Instruction {
    instruction(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ERRNO | errno.cast_unsigned(), 0, 0)
}

fn allow() -> Instruction {
    instruction(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW, 0, 0)
}

fn instruction(code: u32, k: u32, jt: u8, jf: u8) -> Instruction {
    Instruction { code: u16::try_from(code).unwrap_or_default(), jt, jf, k }
}
