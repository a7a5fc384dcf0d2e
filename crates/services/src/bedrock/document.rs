//! Documents that come with messages: which are taken, and their text.
//!
//! Text, Markdown, HTML and comma-separated values are read. Nothing here can read the others (PDF, Word, Excel), and a
//! request with one is refused.

use super::fault::Fault;

/// The largest document, in bytes.
///
/// Source: Bedrock API reference, "Message": 4.5 MB.
pub(super) const LARGEST: usize = 4_500_000;

/// The most documents of a message.
///
/// Source: the same.
pub(super) const MOST: usize = 5;

/// The longest name, in characters.
///
/// Source: the API model of `bedrock-runtime`: `DocumentBlockNameString`.
const LONGEST_NAME: usize = 200;

/// Checks a document's name.
///
/// Source: Bedrock API reference, "DocumentBlock"; the words, and that an underscore is taken and no character beyond
/// ASCII, are what users found, see docs/claims.md.
pub(super) fn check_name(name: &str) -> Result<(), Fault> {
    crate::constraint::length("name", name, 1, LONGEST_NAME)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || " -()[]_".contains(c);
    if name.chars().all(allowed) && !name.contains("  ") {
        return Ok(());
    }
    Err(Fault::Validation(
        "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, \
         and square brackets. The name can't contain more than one consecutive whitespace character. \
         Check that the file name conforms to these restrictions and retry your request."
            .to_owned(),
    ))
}

/// The formats that there are.
///
/// Source: the API model of `bedrock-runtime`: `DocumentFormat`.
const FORMATS: [&str; 9] = ["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"];

/// Checks a document's format.
pub(super) fn check_format(format: &str) -> Result<(), Fault> {
    if FORMATS.contains(&format) {
        return Ok(());
    }
    let constraint = format!("Member must satisfy enum value set: [{}]", FORMATS.join(", "));
    Err(crate::constraint::Constraint::of(format, "format", constraint).into())
}

/// The text of a document in a format.
pub(super) fn text(format: &str, bytes: &[u8]) -> Result<String, Fault> {
    if bytes.len() > LARGEST {
        return Err(Fault::Validation(format!(
            "The document is larger than {LARGEST} bytes. Reduce the size of the document and try again."
        )));
    }
    check_format(format)?;
    let read: fn(&str) -> String = match format {
        "txt" | "md" => str::to_owned,
        "html" => of_html,
        "csv" => of_csv,
        _ => {
            return Err(Fault::Validation(format!(
                "This model doesn't support documents of the format {format}. Sidegate reads txt, md, html and csv."
            )));
        }
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(read(text.trim_start_matches('\u{feff}'))),
        Err(_) => Err(Fault::Validation(format!("The document is not a {format} document that can be read as UTF-8."))),
    }
}

/// Elements that end a line of text.
const BLOCKS: [&str; 24] = [
    "address",
    "article",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "p",
    "pre",
    "section",
    "table",
    "title",
    "tr",
];

/// The text of HTML: what stands outside of tags, comments, scripts and style sheets. It takes time in proportion to the
/// HTML, whatever that is.
fn of_html(html: &str) -> String {
    let mut text = String::with_capacity(html.len() / 2);
    let mut rest = html;
    // Whether a tag may still end: where one did not, no later one does.
    let mut may_end = true;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let is_tag = tag.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        let ended = if is_tag && may_end { tag.split_once('>') } else { None };
        let Some((tag, after)) = ended else {
            // A sign that begins no tag.
            may_end &= !is_tag;
            text.push('<');
            rest = tag;
            continue;
        };
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        rest = after;
        if matches!(name.as_str(), "script" | "style") && !tag.starts_with('/') {
            rest = after_end_of(after, &name);
        } else if BLOCKS.contains(&name.as_str()) {
            text.push_str("\n\n");
        } else if matches!(name.as_str(), "td" | "th") {
            text.push(' ');
        }
    }
    text.push_str(rest);
    unescaped(&text)
}

/// What stands behind the end tag of an element. Of the text no more is looked at than up to there.
fn after_end_of<'a>(text: &'a str, name: &str) -> &'a str {
    let ends = text.match_indices("</").filter_map(|(at, sign)| text.get(at + sign.len()..));
    let is_named = |end: &&str| end.get(..name.len()).is_some_and(|own| own.eq_ignore_ascii_case(name));
    let mut named = ends.filter(is_named);
    named.next().and_then(|end| end.split_once('>')).map_or("", |(_, rest)| rest)
}

/// With the characters that the commonest references stand for.
fn unescaped(text: &str) -> String {
    const NAMED: [(&str, &str); 9] = [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&ndash;", "–"),
        ("&mdash;", "—"),
        // Last, so that what it leaves is not taken for another one.
        ("&amp;", "&"),
    ];
    NAMED.iter().fold(text.to_owned(), |text, (name, character)| text.replace(name, character))
}

/// The text of comma-separated values: a sentence for each row, with the names of the columns.
fn of_csv(csv: &str) -> String {
    let mut rows = rows(csv).into_iter();
    let names = rows.next().unwrap_or_default();
    let sentence = |row: Vec<String>| {
        let cells = row.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty());
        let named = cells.map(|(at, cell)| match names.get(at).filter(|name| !name.trim().is_empty()) {
            Some(name) => format!("{}: {}", name.trim(), cell.trim()),
            None => cell.trim().to_owned(),
        });
        named.collect::<Vec<_>>().join("; ")
    };
    let sentences: Vec<String> = rows.map(sentence).filter(|sentence| !sentence.is_empty()).collect();
    if sentences.is_empty() { names.join("; ") } else { sentences.join("\n\n") }
}

/// The rows of comma-separated values.
///
/// Source: RFC 4180, 2.
fn rows(csv: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut characters = csv.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            '\r' if !quoted => {}
            other => cell.push(other),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &str, text: &str) -> String {
        let words = super::text(format, text.as_bytes()).unwrap();
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn text_is_taken_out_of_each_format() {
        let html = "<html><head><title>A &amp; b</title><style>p{}</style></head><body><!-- no --><p>One <b>two</b>.\
                    </p><script>if (a<b) {}</script>3 < 4</body>";
        assert_eq!(read("html", html), "A & b One two. 3 < 4");
        let csv = "name,port,note\r\n\"S3, gateway\",443,\"says \"\"yes\"\"\"\nKMS,,\n";
        assert_eq!(read("csv", csv), "name: S3, gateway; port: 443; note: says \"yes\" name: KMS");
        assert_eq!(read("md", "\u{feff}# A\n\n- b"), "# A - b");
        assert_eq!(read("csv", "only"), "only");
    }

    #[test]
    fn tags_are_known_in_any_case_and_what_does_not_end_is_none() {
        assert_eq!(read("html", "a<SCRIPT>b</p></Script c>d<Style>é</é</STYLE>e"), "ade");
        assert_eq!(read("html", "a<script>b</scrip>"), "a");
        assert_eq!(read("html", "a<script>b</script"), "a");
        assert_eq!(read("html", "1 < 2<b>c</b> <d<e"), "1 < 2c <d<e");
        assert_eq!(read("html", "a<b<!--c"), "a<b");
    }

    /// Minutes, if each tag were looked for up to the end of the document.
    #[test]
    fn the_largest_html_is_read_in_one_pass() {
        for (part, left) in [("<script></script>", ""), ("<a", "<a"), ("<", "<"), ("</", "</")] {
            let count = LARGEST / part.len();
            let html = part.repeat(count);
            assert!(text("html", html.as_bytes()).unwrap() == left.repeat(count), "{part}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let refused = |format: &str, bytes: &[u8]| text(format, bytes).unwrap_err().to_string();
        assert!(refused("pdf", b"%PDF").contains("doesn't support documents of the format pdf"));
        assert!(refused("exe", b"").contains("Member must satisfy enum value set"));
        assert!(refused("txt", &[0xff]).contains("cannot be read") || refused("txt", &[0xff]).contains("UTF-8"));
        assert!(refused("txt", &vec![b'a'; LARGEST + 1]).contains("larger than"));
    }

    #[test]
    fn names_have_the_documented_characters() {
        for name in ["Annual report (2024) [final]-1", "a_b"] {
            check_name(name).unwrap();
        }
        for name in ["report.pdf", "a  b", "a/b", "résumé", "a\u{3000}b", ""] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name(&"a".repeat(201)).is_err());
    }
}
