//! Probes: tests that show what an operation does to packets and requests, found by their markers.
//!
//! ```text
//! // enforces: ec2:CreateVpcEndpoint, ec2:CreateRouteTable (positive)
//! // enforces: ec2:DeleteVpcEndpoints (negative)
//! #[test]
//! fn s3_works_only_while_the_route_table_has_the_endpoint() {
//! ```
//!
//! A positive probe sees something come through because of the operation, a negative one sees something stopped because
//! of it or for want of it. Markers stand with the attributes and comments of the test, without a blank line between.

/// What begins a marker, after its indentation.
const MARKER: &str = "// enforces:";

/// A test that shows what an operation does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Probe {
    /// The service's prefix, such as `ec2`.
    pub(super) service: String,
    /// The operation's name.
    pub(super) operation: String,
    pub(super) polarity: Polarity,
    /// The name of the test.
    pub(super) test: String,
    pub(super) file: String,
    /// The line of the marker, from 1.
    pub(super) line: usize,
}

/// What a probe sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Polarity {
    /// Something comes through.
    Positive,
    /// Something is stopped.
    Negative,
}

/// The probes in a file, in its order.
pub(super) fn scan(file: &str, source: &str) -> Result<Vec<Probe>, String> {
    let mut found = Vec::new();
    let mut head = Head::default();
    for (at, line) in source.lines().enumerate() {
        let line = line.trim();
        let place = |what: &str| format!("{file}:{}: {what}", at + 1);
        if let Some(marker) = line.strip_prefix(MARKER) {
            head.claims.push((at + 1, parse(marker).map_err(|reason| place(&reason))?));
        } else if line.starts_with('#') {
            head.attributes.push(line);
        } else if let Some(test) = function(line) {
            found.extend(head.probes(file, test)?);
            head = Head::default();
        } else if !line.starts_with("//") {
            head.reject_claims(file)?;
            head = Head::default();
        }
    }
    head.reject_claims(file)?;
    Ok(found)
}

/// What stands before a function.
#[derive(Default)]
struct Head<'a> {
    claims: Vec<(usize, Claim<'a>)>,
    attributes: Vec<&'a str>,
}

impl Head<'_> {
    /// The probes of the function with this name.
    fn probes(&self, file: &str, test: &str) -> Result<Vec<Probe>, String> {
        let is_test = self.attributes.iter().any(|attribute| is_attribute(attribute, "test"));
        let is_ignored = self.attributes.iter().any(|attribute| is_attribute(attribute, "ignore"));
        if !is_test {
            self.reject_claims(file)?;
        }
        let mut probes = Vec::new();
        for (line, claim) in &self.claims {
            if is_ignored {
                return Err(format!("{file}:{line}: `{test}` is ignored, so it shows nothing"));
            }
            probes.extend(claim.operations.iter().map(|(service, operation)| Probe {
                service: (*service).to_owned(),
                operation: (*operation).to_owned(),
                polarity: claim.polarity,
                test: test.to_owned(),
                file: file.to_owned(),
                line: *line,
            }));
        }
        Ok(probes)
    }

    fn reject_claims(&self, file: &str) -> Result<(), String> {
        match self.claims.first() {
            None => Ok(()),
            Some((line, _)) => Err(format!("{file}:{line}: this marker is not directly above a test")),
        }
    }
}

/// Whether an attribute is `#[name]`, `#[path::name]`, or either with arguments or a value.
fn is_attribute(attribute: &str, name: &str) -> bool {
    let path: String = attribute
        .trim_start_matches("#[")
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
        .collect();
    path.rsplit("::").next() == Some(name)
}

/// The name of the function that a line begins.
fn function(line: &str) -> Option<&str> {
    let mut rest = line;
    for word in ["pub(crate) ", "pub(super) ", "pub ", "async ", "unsafe "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let rest = rest.strip_prefix("fn ")?;
    rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()
}

/// What a marker says.
struct Claim<'a> {
    /// Prefixes and names.
    operations: Vec<(&'a str, &'a str)>,
    polarity: Polarity,
}

fn parse(marker: &str) -> Result<Claim<'_>, String> {
    const FORM: &str = "a marker has the form `// enforces: ec2:CreateRoute (positive)` or `(negative)`";
    let marker = marker.trim();
    let (operations, polarity) = if let Some(rest) = marker.strip_suffix("(positive)") {
        (rest, Polarity::Positive)
    } else if let Some(rest) = marker.strip_suffix("(negative)") {
        (rest, Polarity::Negative)
    } else {
        return Err(FORM.to_owned());
    };
    Ok(Claim { operations: operations_of(operations).ok_or(FORM)?, polarity })
}

/// The prefixes and names of operations in a marker: `ec2:CreateRoute, ec2:ReplaceRoute`.
pub(super) fn operations_of(text: &str) -> Option<Vec<(&str, &str)>> {
    text.split(',').map(|operation| operation.trim().split_once(':')).collect()
}
