//! The paths that a source mentions, with `use` trees spelled out and names traced to their `use`.

use std::{collections::BTreeMap, iter::Peekable, vec::IntoIter};

/// A path such as `std::time::Instant`, and the line that it is on. A glob ends with `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) path: Vec<String>,
    pub(super) line: usize,
}

/// All paths in a source whose comments and literals are blanked.
pub(super) fn mentions(source: &str) -> Vec<Mention> {
    let mut tokens = tokens(source).into_iter().peekable();
    let mut imported = Vec::new();
    let mut aliases = BTreeMap::new();
    let mut others = Vec::new();
    while let Some(token) = tokens.next() {
        match token.text.as_str() {
            "use" => use_tree(&mut tokens, &[], &mut imported, &mut aliases),
            text if is_identifier(text) => others.push(path(token, &mut tokens)),
            _ => {}
        }
    }
    for mention in &mut others {
        let first = mention.path.first();
        if let Some(meant) = first.and_then(|first| aliases.get(first)) {
            mention.path.splice(..1, meant.iter().cloned());
        }
    }
    imported.extend(others);
    imported
}

#[derive(Debug)]
struct Token {
    text: String,
    line: usize,
}

type Tokens = Peekable<IntoIter<Token>>;

/// Identifiers, `::`, and every other character that is not a space.
fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (index, line) in source.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if is_identifier(rest) {
                rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (text, after) = rest.split_at(length);
            tokens.push(Token { text: text.to_owned(), line: index + 1 });
            rest = after.trim_start();
        }
    }
    tokens
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// The rest of a path that begins with `first`.
fn path(first: Token, tokens: &mut Tokens) -> Mention {
    let mut mention = Mention { path: vec![first.text], line: first.line };
    while tokens.next_if(|token| token.text == "::").is_some() {
        // What else may follow is a turbofish, which ends the path here.
        match tokens.next_if(|token| is_identifier(&token.text)) {
            Some(segment) => mention.path.push(segment.text),
            None => break,
        }
    }
    mention
}

/// One tree of a `use`, up to the `,`, `}` or `;` that ends it.
fn use_tree(
    tokens: &mut Tokens, prefix: &[String], imported: &mut Vec<Mention>, aliases: &mut BTreeMap<String, Vec<String>>,
) {
    let mut path = prefix.to_vec();
    let mut line = tokens.peek().map_or(1, |token| token.line);
    let mut alias = None;
    let mut group = false;
    while let Some(token) = tokens.next_if(|token| !matches!(token.text.as_str(), "," | "}" | ";")) {
        match token.text.as_str() {
            "{" => {
                group = true;
                loop {
                    use_tree(tokens, &path, imported, aliases);
                    match tokens.next() {
                        Some(next) if next.text == "," => {}
                        _ => break,
                    }
                }
            }
            "as" => alias = tokens.next().map(|token| token.text),
            "self" if !prefix.is_empty() => {}
            "::" => {}
            text => {
                line = token.line;
                path.push(text.to_owned());
            }
        }
    }
    if group || path.is_empty() {
        return;
    }
    // `use std;` brings no new name, `use std as s;` does.
    let renames = path.len() > 1 || alias.is_some();
    if let Some(name) = alias.or_else(|| path.last().cloned())
        && renames
        && name != "*"
    {
        aliases.insert(name, path.clone());
    }
    imported.push(Mention { path, line });
}
