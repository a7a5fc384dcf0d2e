//! `sidegate exec`: any program, in a subnet or in an instance.
//!
//! In a subnet the program sees this machine's files, read-only but for the directory that it is started in, and the
//! network of an interface that is made for it. Its `~/.aws` is empty and its own, since AWS's tools keep caches there. It
//! is the user who called (through sudo, that user), with no rights beyond a user's. In an instance it is root of the
//! instance, and is looked up there and then in the caller's `PATH`.

mod caller;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgGroup, Args};
use sidegate_linux::dataplane::INTERNET;
use sidegate_linux::sandbox::{self, Entry, Identity, Limits, Root, Sandbox};
use sidegate_linux::{holder, netns::NetNs};
use sidegate_model::{InstanceId, SecurityGroupId, SubnetId};

use self::caller::Caller;
use super::error::{CliError, NotRun};
use super::{StateArgs, remark};
use crate::control::{Answer, Client, Request};
use crate::programs::environment::{self, Environment};
use crate::programs::furniture::Place;
use crate::programs::{Attached, Key, NETWORK_PATIENCE, furniture, lock, lock_path};

/// Arguments of `sidegate exec`.
#[derive(Debug, Args)]
#[command(
    override_usage = "sidegate exec [OPTIONS] --subnet <ID> -- <COMMAND>...\n       sidegate exec [OPTIONS] --internet -- <COMMAND>...\n       sidegate exec [OPTIONS] <INSTANCE> -- <COMMAND>...",
    group = ArgGroup::new("place").required(true).args(["subnet", "internet", "instance"]),
    after_help = "Examples:\n  sidegate exec --subnet subnet-0a1b2c3d -- aws s3 ls\n  sidegate exec --subnet subnet-0a1b2c3d --role app -- aws sts get-caller-identity\n  sidegate exec i-0a1b2c3d -- sh"
)]
pub(crate) struct ExecArgs {
    #[command(flatten)]
    state: StateArgs,
    /// The instance to run the program in
    #[arg(value_name = "INSTANCE")]
    instance: Option<InstanceId>,
    /// The subnet to run the program in, with an interface of its own
    #[arg(long, value_name = "ID")]
    subnet: Option<SubnetId>,
    /// Run the program on the emulated internet, as a host at 198.19.255.1 that internet gateways lead to
    #[arg(long, conflicts_with = "groups")]
    internet: bool,
    /// A security group of the interface; may be repeated [default: the VPC's default group]
    #[arg(long = "security-group", value_name = "ID", conflicts_with = "instance")]
    groups: Vec<SecurityGroupId>,
    /// A role of the subnet's account, by its name or ARN: the program gets no access key, and finds the role's
    /// credentials at the instance metadata service, renewed before they expire. The role's trust policy is not asked
    #[arg(long, value_name = "ROLE", conflicts_with = "internet")]
    role: Option<String>,
    /// Another directory that the program may write to, besides the one it is started in; may be repeated
    #[arg(long, value_name = "DIR", conflicts_with = "instance")]
    writable: Vec<PathBuf>,
    /// Leave the directory that the program is started in read-only, too
    #[arg(long, conflicts_with = "instance")]
    read_only: bool,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Runs the program, and returns its exit status.
pub(super) fn run(args: &ExecArgs) -> Result<ExitCode, CliError> {
    let status = match (&args.instance, &args.subnet) {
        (Some(instance), _) => in_instance(args, instance)?,
        (None, Some(subnet)) => in_subnet(args, subnet)?,
        (None, None) => on_internet(args)?,
    };
    Ok(ExitCode::from(u8::try_from(status).unwrap_or(u8::MAX)))
}

fn in_instance(args: &ExecArgs, instance: &InstanceId) -> Result<i32, NotRun> {
    if let Some(role) = &args.role {
        return Err(NotRun::RoleOfInstance { role: role.clone(), instance: instance.clone() });
    }
    Caller::current()?;
    let mut client = Client::connect(&args.state.path())?;
    let entrance = match client.ask(&Request::Enter { instance: instance.clone() })? {
        Answer::Entrance(entrance) => entrance,
        other => return Err(client.unexpected(&other).into()),
    };
    drop(client);
    let mut environment: Environment = entrance.place.instance_environment().into_iter().collect();
    environment.extend(environment::of_terminal(std::env::vars_os()));
    environment.insert("PATH".into(), environment::path_inside(furniture::PATH, std::env::var_os("PATH").as_deref()));
    environment.extend(entrance.key.iter().flat_map(credentials));
    let entry = Entry {
        pid_file: entrance.pid_file,
        workdir: "/".into(),
        identity: Identity::RootInside,
        environment: environment.into_iter().collect(),
        command: args.command.clone(),
    };
    Ok(entry.run(&own_executable()?)?)
}

fn in_subnet(args: &ExecArgs, subnet: &SubnetId) -> Result<i32, NotRun> {
    let caller = Caller::current()?;
    let workdir = std::env::current_dir().map_err(|e| NotRun::system("find the working directory", &e))?;
    let writable = writable(args, &workdir)?;
    let state = args.state.path();

    let (attached, lock) = attach(&state, subnet, &args.groups, args.role.as_deref())?;
    let outcome = network_of(&state, attached.interface.as_str()).and_then(|netns| {
        let Attached { place, key, .. } = &attached;
        let sandbox = sandbox(args, &state, &caller, (netns, place, key.as_ref()), (writable, workdir));
        Ok(sandbox.run(&own_executable()?)?)
    });
    drop(lock);
    // The daemon hears of the lock by itself. This is for whoever deletes the subnet next: then the interface is gone.
    if let Ok(mut client) = Client::connect(&state) {
        let _ = client.ask(&Request::Detach { interface: attached.interface });
    }
    outcome
}

fn on_internet(args: &ExecArgs) -> Result<i32, NotRun> {
    let caller = Caller::current()?;
    let workdir = std::env::current_dir().map_err(|e| NotRun::system("find the working directory", &e))?;
    let writable = writable(args, &workdir)?;
    let state = args.state.path();
    let mut client = Client::connect(&state)?;
    let guest = match client.ask(&Request::Internet)? {
        Answer::Guest(guest) => guest,
        other => return Err(client.unexpected(&other).into()),
    };
    let netns = network_of(&state, INTERNET)?;
    let sandbox = sandbox(args, &state, &caller, (netns, &guest.place, Some(&guest.key)), (writable, workdir));
    Ok(sandbox.run(&own_executable()?)?)
}

/// The sandbox of a program that sees this machine's files: the network with what it finds there, and where it may write
/// and begins.
fn sandbox(
    args: &ExecArgs, state: &Path, caller: &Caller, (netns, place, key): (NetNs, &Place, Option<&Key>),
    (writable, workdir): (Vec<PathBuf>, PathBuf),
) -> Sandbox {
    let environment = program_environment(caller, place, key);
    let home = environment.get(OsStr::new("HOME")).map(Path::new).filter(|home| home.is_absolute());
    Sandbox {
        netns: netns.into(),
        hostname: place.hostname.clone(),
        root: Root::ReadOnlyHost { writable },
        workdir,
        identity: Identity::Caller { uid: caller.uid, gid: caller.gid },
        files: place.files(),
        scratch: home.map(furniture::aws_files).into_iter().collect(),
        environment: environment.into_iter().collect(),
        command: args.command.clone(),
        hidden: furniture::hidden_from_program(state, caller.uid),
        limits: Limits::default(),
    }
}

/// An interface from the daemon, and the lock that keeps it.
fn attach(
    state: &Path, subnet: &SubnetId, groups: &[SecurityGroupId], role: Option<&str>,
) -> Result<(Attached, std::fs::File), NotRun> {
    let mut client = Client::connect(state)?;
    let request = Request::Attach { subnet: subnet.clone(), groups: groups.to_vec(), role: role.map(str::to_owned) };
    let attached = match client.ask(&request)? {
        Answer::Attached(attached) => *attached,
        other => return Err(client.unexpected(&other).into()),
    };
    let path = lock_path(state, &attached.interface);
    let lock = lock::take(&path).map_err(|e| NotRun::system(format!("lock `{}`", path.display()), &e))?;
    match client.ask(&Request::Held)? {
        Answer::Done => Ok((attached, lock)),
        other => Err(client.unexpected(&other).into()),
    }
}

fn network_of(state: &Path, name: &str) -> Result<NetNs, NotRun> {
    let holder = holder::Client::new(&holder::socket_path(state));
    holder.wait_for(name, NETWORK_PATIENCE)?.ok_or_else(|| NotRun::NoNetwork(name.to_owned()))
}

/// The directories that the program may write to. One that belongs to the system stays as it is if nobody asked for it
/// by name.
fn writable(args: &ExecArgs, workdir: &Path) -> Result<Vec<PathBuf>, NotRun> {
    let mut writable = Vec::new();
    if !args.read_only {
        if sandbox::may_be_writable(workdir) {
            writable.push(workdir.to_owned());
        } else {
            remark(&format!("`{}` belongs to the system, and so is read-only inside", workdir.display()));
        }
    }
    for dir in &args.writable {
        let real = dir.canonicalize().map_err(|e| NotRun::system(format!("find `{}`", dir.display()), &e))?;
        writable.push(real);
    }
    Ok(writable)
}

fn program_environment(caller: &Caller, place: &Place, key: Option<&Key>) -> Environment {
    let mut environment = environment::inherited(std::env::vars_os());
    environment.entry("PATH".into()).or_insert_with(|| furniture::PATH.into());
    environment.extend(caller.variables());
    environment.extend(place.variables());
    environment.extend(key.into_iter().flat_map(credentials));
    environment
}

fn credentials(key: &Key) -> [(OsString, OsString); 2] {
    [("AWS_ACCESS_KEY_ID".into(), key.id.clone().into()), ("AWS_SECRET_ACCESS_KEY".into(), key.secret.clone().into())]
}

fn own_executable() -> Result<PathBuf, NotRun> {
    std::env::current_exe().map_err(|e| NotRun::system("find this program's own file", &e))
}
