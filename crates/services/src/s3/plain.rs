//! Documents in their plainest form: sections of CDATA become text, and comments go.
//!
//! s3s passes over a section of CDATA as if it were not there, so that `<Key><![CDATA[dir/]]>a</Key>` would be another key.
//! For a document that goes on to another server more is demanded, so that everyone reads the same in it: one root of the
//! right name, no prefixes, no types of documents, and no entities but XML's own.
//!
//! Source: XML 1.0, 2.7 (CDATA Sections), 2.11 (End-of-Line Handling), 4.6 (Predefined Entities).

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_xml_entity};
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::fault::Fault;

/// A document with its sections of CDATA as text; none where it has none, or cannot be read.
pub(super) fn without_cdata(document: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(document).ok()?;
    if !text.contains("<![CDATA[") {
        return None;
    }
    Writer { root: None, depth: 0, roots: 0, out: String::with_capacity(text.len()) }.write(text).ok()
}

/// A document that everyone reads alike.
pub(super) fn plain(document: &[u8], root: &'static str) -> Result<String, Fault> {
    let text = std::str::from_utf8(document).map_err(|_| Fault::malformed())?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    Writer { root: Some(root), depth: 0, roots: 0, out: String::with_capacity(text.len()) }.write(text)
}

/// The elements of a document that are neither nested nor have attributes, with their texts; none if it is another.
pub(super) fn flat(document: &[u8], root: &'static str) -> Option<Vec<(String, String)>> {
    let text = plain(document, root).ok()?;
    let mut reader = Reader::from_str(&text);
    let mut found: Vec<(String, String)> = Vec::new();
    let mut depth = 0;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                depth += 1;
                if depth == 2 {
                    found.push((String::from_utf8_lossy(start.name().as_ref()).into_owned(), String::new()));
                }
            }
            Event::End(_) => depth -= 1,
            Event::Text(text) if depth == 2 => found.last_mut()?.1.push_str(&text.decode().ok()?),
            Event::GeneralRef(reference) if depth == 2 => found.last_mut()?.1.push(character(&reference)?),
            Event::Eof => return Some(found),
            _ => {}
        }
    }
}

/// Writes a document anew.
struct Writer {
    /// The name of the root; none where the document is only to lose its CDATA.
    root: Option<&'static str>,
    depth: usize,
    roots: usize,
    out: String,
}

impl Writer {
    fn write(mut self, text: &str) -> Result<String, Fault> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        loop {
            match reader.read_event().map_err(|_| Fault::malformed())? {
                Event::Start(start) => {
                    self.open(&start)?;
                }
                Event::End(end) => {
                    self.depth -= 1;
                    let name = String::from_utf8_lossy(end.name().as_ref()).into_owned();
                    self.out.push_str(&format!("</{name}>"));
                }
                Event::Empty(_) => return Err(Fault::malformed()),
                Event::Text(text) => {
                    let text = std::str::from_utf8(&text).map_err(|_| Fault::malformed())?;
                    self.text(&with_ends_of_lines(text))?;
                }
                Event::CData(data) => {
                    let data = std::str::from_utf8(&data).map_err(|_| Fault::malformed())?;
                    self.text(&escape(with_ends_of_lines(data)))?;
                }
                Event::GeneralRef(reference) => self.reference(&reference)?,
                Event::DocType(_) if self.root.is_some() => return Err(Fault::malformed()),
                Event::DocType(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        if self.root.is_some() && (self.roots != 1 || self.depth != 0) {
            return Err(Fault::malformed());
        }
        Ok(self.out)
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), Fault> {
        if self.depth == 0 {
            self.roots += 1;
        }
        if let Some(root) = self.root {
            let name = start.name();
            let right = if self.depth == 0 { name.as_ref() == root.as_bytes() } else { !name.as_ref().contains(&b':') };
            let known = |name: &[u8]| name == b"xmlns" || name.starts_with(b"xmlns:") || name == b"xsi:type";
            let attributes = start.attributes().all(|it| it.is_ok_and(|attribute| known(attribute.key.as_ref())));
            if !right || !attributes {
                return Err(Fault::malformed());
            }
        }
        self.depth += 1;
        let text = std::str::from_utf8(start).map_err(|_| Fault::malformed())?;
        self.out.push_str(&format!("<{text}>"));
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Fault> {
        if self.depth > 0 {
            self.out.push_str(text);
        } else if self.root.is_some() && !text.trim().is_empty() {
            return Err(Fault::malformed());
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Fault> {
        if self.depth == 0 {
            return Err(Fault::malformed());
        }
        match character(reference).ok_or_else(Fault::malformed)? {
            // As it is it would be an end of a line.
            '\r' => self.out.push_str("&#13;"),
            other => self.out.push_str(&escape(other.to_string())),
        }
        Ok(())
    }
}

/// The character that a reference stands for, if XML knows it without being told.
fn character(reference: &BytesRef<'_>) -> Option<char> {
    let name = reference.decode().ok()?;
    let found = match reference.resolve_char_ref().ok()? {
        Some(found) => found,
        None => resolve_xml_entity(&name)?.chars().next()?,
    };
    let none = (found.is_control() && !matches!(found, '\t' | '\n' | '\r' | '\u{7F}'..='\u{9F}'))
        || matches!(found, '\u{FFFE}' | '\u{FFFF}');
    (!none).then_some(found)
}

fn with_ends_of_lines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_of_cdata_is_text() {
        let document =
            b"<Delete><!-- <![CDATA[no]]> --><Object><Key><![CDATA[a&b/]]>c&amp;&#13;</Key></Object></Delete>";
        let expected = "<Delete><Object><Key>a&amp;b/c&amp;&#13;</Key></Object></Delete>";
        assert_eq!(without_cdata(document).as_deref(), Some(expected));
        assert_eq!(plain(document, "Delete").unwrap(), expected);
        assert_eq!(without_cdata(b"<Delete>a</Delete>"), None);
    }

    #[test]
    fn a_document_that_two_may_read_otherwise_is_none() {
        for bad in [
            "<a:Delete/>",
            "<Delete><a:Object/></Delete>",
            "<Delete/><Delete/>",
            "<Other/>",
            "x<Delete/>",
            "<!DOCTYPE Delete [<!ENTITY a \"b\">]><Delete>&a;</Delete>",
            "<Delete>&a;</Delete>",
            "<Delete>&#0;</Delete>",
            "<Delete><Object></Delete>",
            "<Delete a=\"1\"/>",
            "<Delete>",
            "",
        ] {
            assert!(plain(bad.as_bytes(), "Delete").is_err(), "{bad}");
        }
        let good = "<?xml version=\"1.0\"?>\n<Delete xmlns=\"urn:a\"><Quiet/><Key> a\r\nb</Key></Delete>\n";
        let expected = "<Delete xmlns=\"urn:a\"><Quiet></Quiet><Key> a\nb</Key></Delete>";
        assert_eq!(plain(good.as_bytes(), "Delete").unwrap(), expected);
    }

    #[test]
    fn the_elements_of_an_error_are_told() {
        let error =
            b"<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code><Key>a&amp;b</Key><In><Key>c</Key></In></Error>";
        let found = flat(error, "Error").unwrap();
        let expected = [("Code", "NoSuchKey"), ("Key", "a&b"), ("In", "")];
        assert!(found.iter().map(|(name, text)| (name.as_str(), text.as_str())).eq(expected), "{found:?}");
        assert_eq!(flat(b"<html></html>", "Error"), None);
    }
}
