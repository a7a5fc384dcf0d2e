//! What a function finds inside its execution environment: variables, files, and what of the machine it does not see.
//!
//! Source: Lambda developer guide, "Defined runtime environment variables".

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use sidegate_linux::sandbox::{Identity, InjectedFile, Limits, Root, Sandbox};
use sidegate_services::iam::SessionCredentials;
use sidegate_services::lambda::Runtime;
use sidegate_services::lambda::environment::{Blueprint, LogFormat};

use super::interpreter::{Interpreter, SEEN, command};
use crate::programs::furniture::{self, Place};

/// Where the code, the layers, the runtime's own files and further packages are.
const TASK: &str = "/var/task";
const OPT: &str = "/opt";
const RUNTIME: &str = "/var/runtime";
const PACKAGES: &str = "/var/lang/packages";

/// The user that functions are. Nobody on the machine has these ids.
const USER: (u32, u32) = (2_000_993, 2_000_990);
const USER_NAME: &str = "sbx_user1051";

/// Source: Lambda developer guide, "Lambda quotas": file descriptors, and processes and threads.
const PROCESSES: u64 = 1024;
const OPEN_FILES: u64 = 1024;

const MIB: u64 = 1024 * 1024;

/// The stack of a thread, which is set aside and hardly used.
const STACK: u64 = 8 * MIB;

/// How much a process may have of its own, beyond twice what the function has: a bound against what takes memory faster
/// than one can look, which leaves room for the stacks of all threads and for what interpreters set aside and do not use.
const DATA_RESERVE: u64 = 1024 * MIB + PROCESSES * STACK;

/// Top-level directories that a function has of its own, or that are needed.
const KEPT: [&str; 7] = ["/etc", "/dev", "/proc", "/sys", "/run", "/tmp", "/var"];

/// The clients of the Runtime API.
const PYTHON_CLIENT: (&str, &str) = ("/var/runtime/sidegate_runtime.py", include_str!("client/runtime.py"));
const NODE_CLIENT: (&str, &str) = ("/var/runtime/sidegate_runtime.mjs", include_str!("client/runtime.mjs"));

/// All that the inside is made from, but for the network.
pub(super) struct Inside<'a> {
    pub(super) blueprint: &'a Blueprint,
    pub(super) interpreter: Option<&'a Interpreter>,
    pub(super) session: &'a SessionCredentials,
    /// The stream of the log.
    pub(super) stream: &'a str,
    pub(super) state: &'a Path,
}

impl Inside<'_> {
    /// The sandbox, in a network and a place.
    pub(super) fn sandbox(&self, netns: std::os::fd::OwnedFd, place: Place) -> Sandbox {
        let place = Place { hostname: "lambda".to_owned(), ..place };
        let mut laid = vec![(self.blueprint.code.clone(), PathBuf::from(TASK))];
        laid.extend(self.blueprint.layers.clone().map(|layers| (layers, PathBuf::from(OPT))));
        laid.extend(self.packages().map(|packages| (packages.clone(), PathBuf::from(PACKAGES))));
        let mut files = place.files();
        files.extend(accounts());
        files.extend(self.client().map(|(path, text)| InjectedFile { path: path.into(), contents: text.into() }));
        Sandbox {
            netns,
            hostname: place.hostname.clone(),
            root: Root::Function { laid, temporary: u64::from(self.blueprint.ephemeral_storage) * MIB },
            workdir: TASK.into(),
            identity: Identity::Caller { uid: USER.0, gid: USER.1 },
            files,
            environment: self.variables(&place).into_iter().map(|(name, value)| (name.into(), value)).collect(),
            command: self.command(),
            hidden: self.hidden(),
            scratch: Vec::new(),
            limits: Limits {
                processes: Some(PROCESSES),
                open_files: Some(OPEN_FILES),
                data: Some(u64::from(self.blueprint.memory) * MIB * 2 + DATA_RESERVE),
                stack: Some(STACK),
            },
        }
    }

    fn packages(&self) -> Option<&PathBuf> {
        self.interpreter.and_then(|interpreter| interpreter.packages.as_ref())
    }

    fn client(&self) -> Option<(&'static str, &'static str)> {
        match self.blueprint.runtime {
            Runtime::Python { .. } => Some(PYTHON_CLIENT),
            Runtime::Node { .. } => Some(NODE_CLIENT),
            _ => None,
        }
    }

    /// The runtime's client, or the program that the code or a layer brings.
    fn command(&self) -> Vec<OsString> {
        match (self.interpreter, self.client()) {
            // Source: Lambda developer guide, "Using a wrapper script": not with runtimes that the code brings itself.
            (Some(interpreter), Some((path, _))) => {
                let wrapper = self.blueprint.variables.get("AWS_LAMBDA_EXEC_WRAPPER").filter(|path| !path.is_empty());
                wrapper.map(OsString::from).into_iter().chain(command(interpreter, path)).collect()
            }
            _ => {
                let layer = self.blueprint.layers.as_ref().is_some_and(|layers| layers.join("bootstrap").exists());
                let own = self.blueprint.code.join("bootstrap").exists();
                vec![if layer && !own { "/opt/bootstrap" } else { "/var/task/bootstrap" }.into()]
            }
        }
    }

    /// What is not one of the directories that functions see of the machine, and what is nobody's business there.
    fn hidden(&self) -> Vec<PathBuf> {
        let top = fs::read_dir("/").into_iter().flatten().flatten().map(|entry| entry.path());
        let is_laid = |path: &PathBuf| self.blueprint.layers.is_some() && path == Path::new(OPT);
        let unseen = top.filter(|path| {
            let is_kept = KEPT.iter().chain(&SEEN).any(|kept| path == Path::new(kept));
            !is_kept && !is_laid(path) && !path.is_symlink()
        });
        furniture::hidden_from_program(self.state, 0).into_iter().chain(unseen).collect()
    }

    /// The environment: what Lambda sets and one may change, what the function was given, and what Lambda alone sets.
    fn variables(&self, place: &Place) -> BTreeMap<String, OsString> {
        let Self { blueprint, session, .. } = self;
        let mut all: BTreeMap<String, OsString> = BTreeMap::new();
        let mut set = |name: &str, value: OsString| drop(all.insert(name.to_owned(), value));
        for (name, value) in place.variables() {
            set(&name.to_string_lossy(), value);
        }
        for (name, value) in self.changeable() {
            set(name, value.into());
        }
        for (name, value) in &blueprint.variables {
            set(name, value.into());
        }
        let region = blueprint.scope.region.as_str();
        let form = if blueprint.logging.format == LogFormat::Json { "JSON" } else { "Text" };
        let memory = blueprint.memory.to_string();
        let reserved = [
            ("_HANDLER", blueprint.handler.as_str()),
            ("AWS_REGION", region),
            ("AWS_DEFAULT_REGION", region),
            ("AWS_LAMBDA_FUNCTION_NAME", &blueprint.function),
            ("AWS_LAMBDA_FUNCTION_VERSION", &blueprint.version),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", &blueprint.logging.group),
            ("AWS_LAMBDA_LOG_STREAM_NAME", self.stream),
            ("AWS_LAMBDA_LOG_FORMAT", form),
            ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
            ("AWS_ACCESS_KEY_ID", &session.access_key),
            ("AWS_SECRET_ACCESS_KEY", session.secret.reveal()),
            ("AWS_SESSION_TOKEN", session.session_token.reveal()),
            ("LAMBDA_TASK_ROOT", TASK),
            ("LAMBDA_RUNTIME_DIR", RUNTIME),
        ];
        for (name, value) in reserved {
            set(name, value.into());
        }
        if let Some(level) = &blueprint.logging.application_level {
            set("AWS_LAMBDA_LOG_LEVEL", level.into());
        }
        if !blueprint.runtime.is_provided() {
            set("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", blueprint.runtime).into());
        }
        all
    }

    fn changeable(&self) -> Vec<(&'static str, String)> {
        let libraries = format!("/lib64:/usr/lib64:{RUNTIME}:{RUNTIME}/lib:{TASK}:{TASK}/lib:{OPT}/lib");
        let mut all = vec![
            ("LANG", "en_US.UTF-8".to_owned()),
            ("TZ", ":UTC".to_owned()),
            ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".to_owned()),
            // Nobody listens there: traces are not emulated.
            ("AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129:2000".to_owned()),
            ("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin".to_owned()),
            ("LD_LIBRARY_PATH", libraries),
        ];
        match (self.blueprint.runtime, self.interpreter) {
            (Runtime::Python { minor }, Some(interpreter)) => {
                let found = interpreter.version.split('.').nth(1).unwrap_or_default();
                let of_layers = both(minor, found, |minor| format!("{OPT}/python/lib/python3.{minor}/site-packages"));
                let further = self.packages().map(|_| format!(":{PACKAGES}")).unwrap_or_default();
                all.push(("PYTHONPATH", format!("{TASK}:{OPT}/python:{of_layers}:{RUNTIME}{further}")));
            }
            (Runtime::Node { major }, Some(interpreter)) => {
                let found = interpreter.version.split('.').next().unwrap_or_default();
                let of_layers = both(major, found, |major| format!("{OPT}/nodejs/node{major}/node_modules"));
                let others = format!("{OPT}/nodejs/node_modules:{RUNTIME}/node_modules:{RUNTIME}:{TASK}");
                let further = self.packages().map(|_| format!(":{PACKAGES}")).unwrap_or_default();
                all.push(("NODE_PATH", format!("{of_layers}:{others}{further}")));
            }
            _ => {}
        }
        all
    }
}

/// The directories for the version of a runtime and, where another one is found, of the interpreter: layers are made for
/// the first, and what is made for the second may run too.
fn both(of_runtime: u8, found: &str, directory: impl Fn(&str) -> String) -> String {
    let of_runtime = of_runtime.to_string();
    let own = directory(&of_runtime);
    if found == of_runtime { own } else { format!("{own}:{}", directory(found)) }
}

/// The accounts of the machine, as a function sees them: root's and its own.
fn accounts() -> [InjectedFile; 2] {
    let (user, group) = USER;
    let users = format!("root:x:0:0:root:/root:/sbin/nologin\n{USER_NAME}:x:{user}:{group}::{TASK}:/sbin/nologin\n");
    let groups = format!("root:x:0:\n{USER_NAME}:x:{group}:\n");
    [
        InjectedFile { path: "/etc/passwd".into(), contents: users.into_bytes() },
        InjectedFile { path: "/etc/group".into(), contents: groups.into_bytes() },
    ]
}
