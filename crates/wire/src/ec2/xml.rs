//! Writing responses and errors as the XML that EC2 answers with.

use std::fmt::Write as _;

use super::{API_VERSION, Timestamp};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// The answer to `action`, with `result` as its content.
///
/// An action without a result of its own is answered with [`Return`].
pub fn render(action: &str, result: &impl ToXml, request_id: &str) -> String {
    let mut out = XmlWriter::default();
    out.buffer.push_str(DECLARATION);
    let _ = write!(out.buffer, "<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/{API_VERSION}/\">");
    out.element("requestId", request_id);
    result.to_xml(&mut out);
    let _ = write!(out.buffer, "</{action}Response>");
    out.buffer
}

/// The body of an error answer.
pub fn error(code: &str, message: &str, request_id: &str) -> String {
    let mut out = XmlWriter::default();
    out.buffer.push_str(DECLARATION);
    out.buffer.push_str("<Response><Errors><Error>");
    out.element("Code", code);
    out.element("Message", message);
    out.buffer.push_str("</Error></Errors>");
    out.element("RequestID", request_id);
    out.buffer.push_str("</Response>");
    out.buffer
}

/// A value that can be the content of an element.
pub trait ToXml {
    /// Writes the content, without the element around it.
    fn to_xml(&self, out: &mut XmlWriter);
}

/// The result of an action that says no more than that it succeeded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Return;

impl ToXml for Return {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.element("return", &true);
    }
}

/// XML under construction.
#[derive(Debug, Clone, Default)]
pub struct XmlWriter {
    buffer: String,
}

impl XmlWriter {
    /// Writes an element with the value as its content.
    pub fn element<T: ToXml + ?Sized>(&mut self, name: &str, value: &T) {
        let _ = write!(self.buffer, "<{name}>");
        value.to_xml(self);
        let _ = write!(self.buffer, "</{name}>");
    }

    /// Writes the element if there is a value.
    pub fn optional<T: ToXml>(&mut self, name: &str, value: Option<&T>) {
        if let Some(value) = value {
            self.element(name, value);
        }
    }

    /// Writes a list: an element around one `member` element for each value.
    ///
    /// AWS writes an empty list as an empty element, and clients tell it from an absent one.
    pub fn list<T: ToXml>(&mut self, name: &str, member: &str, values: &[T]) {
        if values.is_empty() {
            let _ = write!(self.buffer, "<{name}/>");
            return;
        }
        let _ = write!(self.buffer, "<{name}>");
        for value in values {
            self.element(member, value);
        }
        let _ = write!(self.buffer, "</{name}>");
    }
}

impl ToXml for str {
    fn to_xml(&self, out: &mut XmlWriter) {
        for character in self.chars() {
            match character {
                '&' => out.buffer.push_str("&amp;"),
                '<' => out.buffer.push_str("&lt;"),
                '>' => out.buffer.push_str("&gt;"),
                '"' => out.buffer.push_str("&quot;"),
                // A literal carriage return would be read back as a line feed
                // (XML 1.0, section 2.11).
                '\r' => out.buffer.push_str("&#13;"),
                '\t' | '\n' => out.buffer.push(character),
                // Not a `Char` of XML 1.0, section 2.2, not even as a reference.
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.buffer.push('\u{fffd}'),
                _ => out.buffer.push(character),
            }
        }
    }
}

impl ToXml for String {
    fn to_xml(&self, out: &mut XmlWriter) {
        self.as_str().to_xml(out);
    }
}

macro_rules! display_to_xml {
    ($($scalar:ty)*) => {$(
        impl ToXml for $scalar {
            fn to_xml(&self, out: &mut XmlWriter) {
                let _ = write!(out.buffer, "{self}");
            }
        }
    )*};
}

display_to_xml!(bool i32 i64 f64 Timestamp);
