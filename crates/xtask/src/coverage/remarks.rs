//! Remarks: what an operation stores without effect, or checks less than AWS. They stand in the sources, a line each:
//!
//! ```text
//! // coverage: ec2:CreateRoute, ec2:ReplaceRoute: routes of IPv6 are stored; no packet of IPv6 travels
//! ```

use super::probes::operations_of;

/// What begins a remark, after its indentation.
const MARKER: &str = "// coverage:";

/// Something that is to be known of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remark {
    /// The service's prefix, such as `ec2`.
    pub(super) service: String,
    /// The operation's name.
    pub(super) operation: String,
    pub(super) text: String,
    pub(super) file: String,
    /// The line, from 1.
    pub(super) line: usize,
}

/// The remarks in a file, in its order.
pub(super) fn scan(file: &str, source: &str) -> Result<Vec<Remark>, String> {
    let mut found = Vec::new();
    for (at, line) in source.lines().enumerate() {
        let Some(marker) = line.trim().strip_prefix(MARKER) else { continue };
        let line = at + 1;
        let (operations, text) = parse(marker).ok_or_else(|| {
            format!("{file}:{line}: a remark has the form `// coverage: ec2:CreateRoute, ec2:ReplaceRoute: text`")
        })?;
        found.extend(operations.into_iter().map(|(service, operation)| Remark {
            service: service.to_owned(),
            operation: operation.to_owned(),
            text: text.to_owned(),
            file: file.to_owned(),
            line,
        }));
    }
    Ok(found)
}

/// The operations, and what is said of them.
fn parse(marker: &str) -> Option<(Vec<(&str, &str)>, &str)> {
    let (operations, text) = marker.split_once(": ")?;
    let text = text.trim();
    if text.is_empty() || text.contains('|') { None } else { Some((operations_of(operations)?, text)) }
}
