//! From the names of the model to names in Rust and on the wire.

use crate::model::Reference;

/// The keywords that occur as names of members, or might.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "box", "break", "const", "continue", "do", "dyn", "else", "enum", "extern",
    "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override",
    "priv", "pub", "ref", "return", "static", "struct", "trait", "try", "type", "unsafe", "use", "virtual", "where",
    "while", "yield",
];

/// `VpcId` to `vpc_id`, `DnsAAAARecord` to `dns_aaaa_record`, `Type` to `r#type`.
pub(super) fn field(member: &str) -> String {
    let characters: Vec<char> = member.chars().collect();
    let mut name = String::new();
    for (at, character) in characters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| characters.get(before));
        let after = characters.get(at + 1);
        let begins_word = character.is_ascii_uppercase()
            && before.is_some_and(|before| !before.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase));
        if begins_word {
            name.push('_');
        }
        name.push(character.to_ascii_lowercase());
    }
    if KEYWORDS.contains(&name.as_str()) { format!("r#{name}") } else { name }
}

/// The name of a member in a request.
///
/// <https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html#query-key-resolution>
pub(super) fn in_request(member: &str, reference: &Reference) -> String {
    if let Some(name) = &reference.query_name {
        return name.clone();
    }
    let Some(name) = &reference.location_name else {
        return member.to_owned();
    };
    let mut characters = name.chars();
    characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
}

/// The name of a member in a response.
pub(super) fn in_response<'r>(member: &'r str, reference: &'r Reference) -> &'r str {
    reference.location_name.as_deref().unwrap_or(member)
}
