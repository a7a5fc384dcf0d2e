//! The rules about dependencies, over the output of `cargo metadata`.

use std::path::Path;

use serde::Deserialize;

use super::{
    Violation,
    rules::{IMPURE_DEPENDENCIES, KERNEL, LAYERS, PURE, WHY_KERNEL, WHY_PURE, is_kernel_dependency},
};

/// A crate of the workspace and what its production code depends on.
#[derive(Debug)]
pub(super) struct Crate {
    /// The name of its folder in `crates`.
    pub(super) name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug)]
struct Dependency {
    /// The name of the package.
    package: String,
    /// The name of its folder in `crates`, if it is ours.
    ours: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
}

#[derive(Deserialize)]
struct MetadataPackage {
    manifest_path: String,
    dependencies: Vec<MetadataDependency>,
}

#[derive(Deserialize)]
struct MetadataDependency {
    name: String,
    kind: Option<String>,
    path: Option<String>,
}

/// Reads `cargo metadata --no-deps`; dependencies for tests are left out.
pub(super) fn parse(metadata: &str) -> Result<Vec<Crate>, String> {
    let metadata: Metadata = serde_json::from_str(metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let crates = metadata.packages.into_iter().map(|package| Crate {
        name: folder_name(Path::new(&package.manifest_path).parent()),
        dependencies: package
            .dependencies
            .into_iter()
            .filter(|dependency| dependency.kind.as_deref() != Some("dev"))
            .map(|dependency| Dependency {
                ours: dependency.path.map(|path| folder_name(Some(Path::new(&path)))),
                package: dependency.name,
            })
            .collect(),
    });
    Ok(crates.collect())
}

fn folder_name(folder: Option<&Path>) -> String {
    let name = folder.and_then(Path::file_name).unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// What is wrong with the dependencies of a crate; `text` is its manifest.
pub(super) fn violations(krate: &Crate, file: &str, text: &str) -> Vec<Violation> {
    let violation = |line, what, why| Violation { file: file.to_owned(), line, what, why };
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == krate.name) else {
        let what = format!("the crate `{}` has no layer", krate.name);
        return vec![violation(1, what, "every crate is in the table in crates/xtask/src/layers/rules.rs")];
    };
    let mut found = Vec::new();
    for dependency in &krate.dependencies {
        let package = &dependency.package;
        let line = line_of(text, package);
        let what = format!("`{}` depends on `{package}`", krate.name);
        if let Some(ours) = &dependency.ours
            && !allowed.contains(&ours.as_str())
        {
            found.push(violation(line, what, "the layers do not allow this edge"));
        } else if PURE.contains(&krate.name.as_str()) && IMPURE_DEPENDENCIES.contains(&package.as_str()) {
            found.push(violation(line, what, WHY_PURE));
        } else if krate.name != KERNEL && is_kernel_dependency(package) {
            found.push(violation(line, what, WHY_KERNEL));
        }
    }
    found
}

/// The line of the manifest that names the package as a dependency, or 1.
fn line_of(manifest: &str, package: &str) -> usize {
    let mut dev = false;
    for (index, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            dev = line.contains("dev-dependencies");
        }
        let named = line.strip_prefix(package).is_some_and(|rest| rest.starts_with(['.', ' ', '=']));
        if named && !dev {
            return index + 1;
        }
    }
    1
}
