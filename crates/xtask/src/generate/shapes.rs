//! The structures of the model, as Rust types that read requests and write responses.

use std::{collections::BTreeSet, fmt::Write as _};

use super::names;
use crate::model::{Model, Reference, Shape};

/// Names that the generated module has from elsewhere.
const TAKEN: &[&str] = &[
    "Box",
    "Cursor",
    "FromQuery",
    "Option",
    "Params",
    "ParseError",
    "Request",
    "Result",
    "Return",
    "Self",
    "String",
    "Timestamp",
    "ToXml",
    "Vec",
    "XmlWriter",
];

/// The structures that requests and responses are made of.
pub(super) struct Structures<'m> {
    model: &'m Model,
    in_requests: BTreeSet<String>,
    in_responses: BTreeSet<String>,
}

impl<'m> Structures<'m> {
    pub(super) fn of(model: &'m Model) -> Result<Self, String> {
        let mut in_requests = BTreeSet::new();
        let mut in_responses = BTreeSet::new();
        for operation in model.operations.values() {
            if let Some(input) = &operation.input {
                model.reach(&input.shape, &mut in_requests)?;
            }
            if let Some(output) = &operation.output {
                model.reach(&output.shape, &mut in_responses)?;
            }
        }
        for name in in_requests.union(&in_responses) {
            let structure = matches!(model.shape(name)?, Shape::Structure { .. });
            if structure && TAKEN.contains(&name.as_str()) {
                return Err(format!("the shape `{name}` has a name that is taken in Rust"));
            }
        }
        Ok(Self { model, in_requests, in_responses })
    }

    /// Writes every structure and its implementations.
    pub(super) fn write(&self, out: &mut String) -> Result<(), String> {
        for name in self.in_requests.union(&self.in_responses) {
            let Shape::Structure { required, .. } = self.model.shape(name)? else {
                continue;
            };
            let members = self.model.members(name)?;
            self.definition(name, &members, out)?;
            if self.in_requests.contains(name) {
                self.reading(name, &members, required, out)?;
            }
            if self.in_responses.contains(name) {
                self.writing(name, &members, out)?;
            }
        }
        Ok(())
    }

    /// About how many bytes a value of the shape takes in memory.
    pub(super) fn size(&self, shape: &str) -> Result<usize, String> {
        Ok(match self.model.shape(shape)? {
            Shape::Structure { .. } => {
                let mut sum = 0;
                for (_, member) in self.model.members(shape)? {
                    let boxed = self.field_type(shape, &member)?.starts_with("Option<Box<");
                    sum += if boxed { 8 } else { self.size(&member.shape)? };
                }
                sum
            }
            Shape::String | Shape::Blob | Shape::List { .. } => 24,
            Shape::Long | Shape::Double | Shape::Float | Shape::Timestamp => 16,
            Shape::Integer => 8,
            Shape::Boolean => 1,
            Shape::Map => return Err(map(shape)),
        })
    }

    fn definition(&self, name: &str, members: &[(String, Reference)], out: &mut String) -> Result<(), String> {
        let _ = writeln!(
            out,
            "{}\n#[derive(Debug, Clone, Default, PartialEq)]\npub struct {name} {{",
            self.documentation(name)
        );
        for (member, reference) in members {
            let field = names::field(member);
            let kind = self.field_type(name, reference)?;
            let wire = self.wire_names(name, member, reference);
            let _ = writeln!(out, "/// {wire}.\npub {field}: {kind},");
        }
        out.push_str("}\n\n");
        Ok(())
    }

    /// What the structure is, and where AWS says more of it.
    fn documentation(&self, name: &str) -> String {
        const REFERENCE: &str = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference";
        for (action, operation) in &self.model.operations {
            let is = |side: &Option<Reference>| side.as_ref().is_some_and(|side| side.shape == name);
            if is(&operation.input) {
                return format!("/// `{action}` request: <{REFERENCE}/API_{action}.html>.");
            }
            // A data type such as `Reservation` can be a result as well.
            if is(&operation.output) && name == format!("{action}Result") {
                return format!("/// `{action}` response: <{REFERENCE}/API_{action}.html>.");
            }
        }
        format!("/// <{REFERENCE}/API_{name}.html>.")
    }

    fn wire_names(&self, structure: &str, member: &str, reference: &Reference) -> String {
        let request = names::in_request(member, reference);
        let response = names::in_response(member, reference);
        let read = self.in_requests.contains(structure);
        let written = self.in_responses.contains(structure);
        match (read, written) {
            (true, true) if request != response => {
                format!("`{request}` in requests, `{response}` in responses")
            }
            (true, _) => format!("`{request}` on the wire"),
            (false, _) => format!("`{response}` on the wire"),
        }
    }

    fn field_type(&self, within: &str, reference: &Reference) -> Result<String, String> {
        Ok(match self.model.shape(&reference.shape)? {
            Shape::List { member } => format!("Vec<{}>", self.value_type(&member.shape)?),
            Shape::Structure { .. } => {
                let mut below = BTreeSet::new();
                self.model.reach(&reference.shape, &mut below)?;
                if below.contains(within) {
                    format!("Option<Box<{}>>", reference.shape)
                } else {
                    format!("Option<{}>", reference.shape)
                }
            }
            _ => format!("Option<{}>", self.value_type(&reference.shape)?),
        })
    }

    fn value_type(&self, shape: &str) -> Result<String, String> {
        Ok(match self.model.shape(shape)? {
            Shape::Structure { .. } => shape,
            // A blob stays the base64 text that it is on the wire.
            Shape::String | Shape::Blob => "String",
            Shape::Boolean => "bool",
            Shape::Integer => "i32",
            Shape::Long => "i64",
            Shape::Double | Shape::Float => "f64",
            Shape::Timestamp => "Timestamp",
            Shape::Map => return Err(map(shape)),
            Shape::List { .. } => {
                return Err(format!("`{shape}` is a list in a list, which the generator does not know"));
            }
        }
        .to_owned())
    }

    fn reading(
        &self, name: &str, members: &[(String, Reference)], required: &[String], out: &mut String,
    ) -> Result<(), String> {
        let mut known = BTreeSet::new();
        let mut fields = String::new();
        for (member, reference) in members {
            let field = names::field(member);
            let wire = names::in_request(member, reference);
            let list = matches!(self.model.shape(&reference.shape)?, Shape::List { .. });
            let read = match (list, required.contains(member)) {
                (true, true) => "required_list",
                (true, false) => "list",
                (false, true) => "required",
                (false, false) => "optional",
            };
            let boxed = self.field_type(name, reference)?.starts_with("Option<Box<");
            let suffix = if boxed { ".map(Box::new)" } else { "" };
            let _ = writeln!(fields, "{field}: at.{read}({wire:?})?{suffix},");
            if !known.insert(wire.clone()) {
                return Err(format!("two members of `{name}` are `{wire}` in requests"));
            }
        }
        let known: String = known.iter().map(|wire| format!("{wire:?}, ")).collect();
        let _ = writeln!(
            out,
            "impl FromQuery for {name} {{
                fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {{
                    at.allow_only(&[{known}])?;
                    Ok(Self {{ {fields} }})
                }}
            }}
            "
        );
        Ok(())
    }

    fn writing(&self, name: &str, members: &[(String, Reference)], out: &mut String) -> Result<(), String> {
        let mut writes = String::new();
        for (member, reference) in members {
            let field = names::field(member);
            let wire = names::in_response(member, reference);
            if let Shape::List { member } = self.model.shape(&reference.shape)? {
                let item = member.location_name.as_deref().unwrap_or("member");
                let _ = writeln!(writes, "out.list({wire:?}, {item:?}, &self.{field});");
            } else if self.field_type(name, reference)?.starts_with("Option<Box<") {
                let _ = writeln!(writes, "out.optional({wire:?}, self.{field}.as_deref());");
            } else {
                let _ = writeln!(writes, "out.optional({wire:?}, self.{field}.as_ref());");
            }
        }
        let parameter = if members.is_empty() { "_" } else { "out" };
        let _ =
            writeln!(out, "impl ToXml for {name} {{ fn to_xml(&self, {parameter}: &mut XmlWriter) {{ {writes} }} }}\n");
        Ok(())
    }
}

fn map(shape: &str) -> String {
    format!("`{shape}` is a map, which the generator does not know")
}
