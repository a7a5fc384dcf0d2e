//! The interpreters of this machine, with which the runtimes for Python and Node.js run.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use sidegate_services::lambda::Runtime;

/// Where interpreters are looked for: places that functions see.
const PLACES: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

/// Directories that functions see of the machine.
pub(super) const SEEN: [&str; 9] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix", "/gnu"];

/// An interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interpreter {
    pub(super) program: PathBuf,
    /// Such as `3.12.4`.
    pub(super) version: String,
    /// Where the SDK is that goes with it, boto3 or `@aws-sdk`, if that is not among its own packages.
    pub(super) packages: Option<PathBuf>,
}

/// The interpreters that were found, or were not.
#[derive(Debug, Default)]
pub(super) struct Interpreters(Mutex<HashMap<Runtime, Option<Interpreter>>>);

impl Interpreters {
    /// The interpreter for a runtime: that of its very version, or else whichever the machine has. None is needed, nor found,
    /// for code that brings its own. Blocks.
    pub(super) fn of(&self, runtime: Runtime) -> Option<Interpreter> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Some(found)) = known.get(&runtime).filter(|found| found.as_ref().is_some_and(Interpreter::is_there))
        {
            return Some(found.clone());
        }
        let found = find(runtime);
        known.insert(runtime, found.clone());
        found
    }
}

impl Interpreter {
    fn is_there(&self) -> bool {
        self.program.exists() && self.packages.as_ref().is_none_or(|packages| packages.exists())
    }
}

fn find(runtime: Runtime) -> Option<Interpreter> {
    let names = match runtime {
        Runtime::Python { minor } => vec![format!("python3.{minor}"), "python3".to_owned()],
        Runtime::Node { major } => vec![format!("node{major}"), "node".to_owned(), "nodejs".to_owned()],
        _ => return None,
    };
    let candidates = names.iter().flat_map(|name| PLACES.iter().map(move |place| Path::new(place).join(name)));
    let (program, version) =
        candidates.filter(|path| is_seen(path)).find_map(|path| Some((path.clone(), version(&path)?)))?;
    let packages = match runtime {
        Runtime::Python { .. } => packages(&version),
        Runtime::Node { .. } => with_sdk(above().into_iter().map(|place| place.join("node_modules"))),
        _ => None,
    };
    Some(Interpreter { program, version, packages })
}

/// Whether a program, after links, is where functions see it.
fn is_seen(path: &Path) -> bool {
    path.canonicalize().is_ok_and(|real| SEEN.iter().any(|seen| real.starts_with(seen)))
}

/// The version that an interpreter says it is: `Python 3.12.4`, `v22.1.0`.
fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").env_clear().stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.split_whitespace().last()?;
    Some(last.trim_start_matches('v').to_owned()).filter(|_| output.status.success())
}

/// Virtual environments of Python, which may not exist: the one that the daemon was started in, and those named `.venv` above
/// its program and its working directory.
pub(crate) fn virtual_environments() -> impl Iterator<Item = PathBuf> {
    let own = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    own.into_iter().chain(above().into_iter().map(|place| place.join(".venv")))
}

/// Packages with boto3 for this version of Python, in one of the virtual environments.
fn packages(version: &str) -> Option<PathBuf> {
    let minor = version.split('.').nth(1)?;
    let packages = virtual_environments().map(|venv| venv.join(format!("lib/python3.{minor}/site-packages")));
    packages.filter(|packages| packages.join("boto3").is_dir()).find_map(|found| found.canonicalize().ok())
}

/// Whether functions in Python have boto3.
#[derive(Debug)]
pub(crate) enum Boto3 {
    There,
    /// There is none that goes with the interpreter.
    Lacking {
        python: PathBuf,
    },
    /// There is no interpreter.
    NoPython,
}

/// Whether functions in Python 3.12, or in what takes its place on this machine, have boto3. Blocks.
pub(crate) fn boto3() -> Boto3 {
    let Some(found) = find(Runtime::Python { minor: 12 }) else { return Boto3::NoPython };
    let imports = || {
        let mut import = Command::new(&found.program);
        import.args(["-c", "import boto3"]).env_clear().stdin(Stdio::null()).stderr(Stdio::null());
        import.status().is_ok_and(|status| status.success())
    };
    if found.packages.is_some() || imports() { Boto3::There } else { Boto3::Lacking { python: found.program } }
}

/// The directories above the program and the working directory.
fn above() -> Vec<PathBuf> {
    let places = [std::env::current_exe().ok(), std::env::current_dir().ok()];
    places.into_iter().flatten().flat_map(|path| path.ancestors().map(PathBuf::from).collect::<Vec<_>>()).collect()
}

/// The first of some `node_modules` that has AWS's SDK for JavaScript.
fn with_sdk(mut places: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    places.find(|modules| modules.join("@aws-sdk").is_dir())?.canonicalize().ok()
}

/// What a runtime runs in an environment, before the arguments that name its client.
pub(super) fn command(interpreter: &Interpreter, client: &str) -> Vec<OsString> {
    vec![interpreter.program.clone().into(), client.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_for_javascript_is_taken_from_the_nearest_directory_that_has_it() {
        let dir = tempfile::tempdir().unwrap();
        let modules = |name: &str| dir.path().join(name).join("node_modules");
        for (name, package) in [("a/b", "other"), ("a", "@aws-sdk"), ("", "@aws-sdk")] {
            std::fs::create_dir_all(modules(name).join(package)).unwrap();
        }
        let found = with_sdk(["a/b", "a", ""].into_iter().map(modules));
        assert_eq!(found, Some(modules("a").canonicalize().unwrap()));
        assert_eq!(with_sdk(std::iter::once(modules("a/b"))), None);
    }
}
