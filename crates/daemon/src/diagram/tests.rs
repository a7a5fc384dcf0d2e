//! Pictures of worlds that are built for it, against golden files. `SIDEGATE_GOLDEN=write` writes them anew.

mod paths;
mod random;

use std::path::Path;

/// Checks a text against a file below the crate.
pub(crate) fn is_golden(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var("SIDEGATE_GOLDEN").is_ok_and(|wanted| wanted == "write") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == text, "{file} is not what is drawn; SIDEGATE_GOLDEN=write writes it anew:\n{text}");
}
