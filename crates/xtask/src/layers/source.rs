//! The rules about names, over the paths that the sources mention.

mod blank;
mod paths;

use std::collections::{BTreeMap, BTreeSet};

use self::paths::Mention;
use super::{
    SourceFile, Violation,
    rules::{KERNEL, PURE, TRANSLATOR, WHY_KERNEL, WHY_PURE, WHY_TRANSLATOR, is_impure_path, is_kernel_path},
};

/// What is wrong with the sources of all crates.
pub(super) fn violations(sources: &[SourceFile]) -> Vec<Violation> {
    let mut found = BTreeSet::new();
    let mut of_crates: BTreeMap<&str, Translation> = BTreeMap::new();
    for source in sources {
        let krate = source.krate.as_str();
        for mention in paths::mentions(&blank::blanked(&source.text)) {
            let violation = |why| Violation {
                file: source.file.clone(),
                line: mention.line,
                what: format!("`{krate}` names `{}`", mention.path.join("::")),
                why,
            };
            if PURE.contains(&krate) && is_impure_path(&mention.path) {
                found.insert(violation(WHY_PURE));
            }
            if krate != KERNEL && is_kernel_path(&mention.path) {
                found.insert(violation(WHY_KERNEL));
            }
            if krate != TRANSLATOR {
                let translation = of_crates.entry(krate).or_default();
                translation.names_model |= begins(&mention, &["sidegate_model"]);
                if begins(&mention, &["sidegate_wire", "ec2"]) {
                    translation.names_wire.push(violation(WHY_TRANSLATOR));
                }
            }
        }
    }
    for translation in of_crates.into_values() {
        if translation.names_model {
            found.extend(translation.names_wire);
        }
    }
    found.into_iter().collect()
}

/// What a crate names of the two sides that only one crate may know.
#[derive(Default)]
struct Translation {
    names_model: bool,
    names_wire: Vec<Violation>,
}

fn begins(mention: &Mention, prefix: &[&str]) -> bool {
    mention.path.len() >= prefix.len() && mention.path.iter().zip(prefix).all(|(segment, wanted)| segment == wanted)
}
