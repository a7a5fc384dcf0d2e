//! Messages of the Converse API, and of Amazon Nova, which has the same form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};

use super::Message;
use crate::bedrock::catalog::Model;
use crate::bedrock::document;
use crate::bedrock::fault::Fault;
use crate::bedrock::prompt::{Document, Part, Role, Turn};
use crate::constraint::{Constraint, required};

/// What a model takes in messages.
#[derive(Clone, Copy, Debug)]
pub(in crate::bedrock) struct Features {
    documents: bool,
    search_results: bool,
    caching: bool,
}

impl Features {
    /// Those of a model.
    pub(in crate::bedrock) fn of(model: &Model) -> Self {
        Self {
            documents: model.takes_documents(),
            search_results: model.takes_search_results(),
            caching: model.caches(),
        }
    }
}

/// The turns of a conversation, in its order.
///
/// # Errors
/// A [`Fault`] if it is none that a model can answer.
pub(in crate::bedrock) fn turns(messages: &[Message], features: Features) -> Result<Vec<Turn>, Fault> {
    let mut turns: Vec<Turn> = Vec::with_capacity(messages.len());
    for (at, message) in messages.iter().enumerate() {
        let role = role(message.role.as_deref(), at)?;
        match turns.last().map(|turn| turn.role) {
            None if role == Role::Assistant => return Err(no_start()),
            Some(last) if last == role => {
                return Err(Fault::Validation(
                    "A conversation must alternate between user and assistant roles. Make sure the conversation \
                     alternates between user and assistant roles and try again."
                        .to_owned(),
                ));
            }
            _ => {}
        }
        turns.push(Turn { role, parts: parts(message, role, at, features)? });
    }
    if turns.is_empty() { Err(no_start()) } else { Ok(turns) }
}

fn no_start() -> Fault {
    Fault::Validation(
        "A conversation must start with a user message. Try again with a conversation that starts with a user message."
            .to_owned(),
    )
}

fn role(role: Option<&str>, at: usize) -> Result<Role, Fault> {
    let member = format!("messages.{}.member.role", at + 1);
    match role {
        None => Err(Constraint::null(&member).into()),
        Some("user") => Ok(Role::User),
        Some("assistant") => Ok(Role::Assistant),
        Some(other) => {
            let constraint = "Member must satisfy enum value set: [user, assistant]";
            Err(Constraint::of(other, &member, constraint).into())
        }
    }
}

fn parts(message: &Message, role: Role, at: usize, features: Features) -> Result<Vec<Part>, Fault> {
    let none = || Constraint::null(&format!("messages.{}.member.content", at + 1));
    let blocks = message.content.as_deref().ok_or_else(none)?;
    let mut parts = Vec::with_capacity(blocks.len());
    for (number, block) in blocks.iter().enumerate() {
        let at = format!("messages.{at}.content.{number}");
        match member(block, &at)? {
            ("cachePoint", point) => check_cache_point(point, features.caching)?,
            (name, value) => parts.push(part(name, value, role, &at, features)?),
        }
    }
    if parts.is_empty() {
        return Err(Fault::Validation(format!(
            "The content field in the Message object at messages.{at} is empty. Add a ContentBlock object to the \
             content field and try again."
        )));
    }
    let documents = parts.iter().filter_map(|part| match part {
        Part::Document(document) => Some(document.title.as_str()),
        Part::Text(_) => None,
    });
    let titles: Vec<&str> = documents.collect();
    if titles.len() > document::MOST {
        let (found, most) = (titles.len(), document::MOST);
        return Err(Fault::Validation(format!("too many documents: {found} > {most}")));
    }
    if let Some(twice) = titles.iter().enumerate().find(|(at, title)| titles.iter().take(*at).any(|own| own == *title))
    {
        return Err(Fault::Validation(format!("The document name {} is there more than once in a message.", twice.1)));
    }
    if !titles.is_empty() && titles.len() == parts.len() {
        return Err(Fault::Validation(
            "A text block must be included when using documents. Add a text block and retry your request.".to_owned(),
        ));
    }
    Ok(parts)
}

/// The one member of a union that is there.
pub(super) fn member<'a>(block: &'a Map<String, Json>, at: &str) -> Result<(&'a str, &'a Json), Fault> {
    let mut members = block.iter().filter(|(_, value)| !value.is_null());
    match (members.next(), members.next()) {
        (Some((name, value)), None) => Ok((name, value)),
        (None, _) => Err(Fault::Validation(format!("The ContentBlock object at {at} must set one of its members."))),
        (Some(_), Some(_)) => {
            Err(Fault::Validation(format!("The ContentBlock object at {at} must not set more than one member.")))
        }
    }
}

fn part(name: &str, value: &Json, role: Role, at: &str, features: Features) -> Result<Part, Fault> {
    match (name, value) {
        ("text", Json::String(text)) if text.trim().is_empty() => Err(Fault::Validation(format!(
            "The text field in the ContentBlock object at {at} is blank. Add text to the text field, and try again."
        ))),
        ("text", Json::String(text)) => Ok(Part::Text(text.clone())),
        ("text", _) => Err(Fault::Serialization(format!("the text field at {at} is no text"))),
        ("guardContent", block) => guarded(block, at).map(Part::Text),
        ("document", _) if role == Role::Assistant => Err(Fault::Validation(
            "You can only include documents in messages whose role is user. Remove the document and try again."
                .to_owned(),
        )),
        ("document", Json::Object(block)) if features.documents => attached(block, at).map(Part::Document),
        ("searchResult", Json::Object(block)) if features.search_results => found(block, at).map(Part::Document),
        (name @ ("document" | "searchResult"), block) if !block.is_object() => {
            Err(Fault::Serialization(format!("the {name} field at {at} is no structure")))
        }
        (name @ ("document" | "searchResult" | "image" | "video" | "audio"), _) => Err(Fault::Validation(format!(
            "This model doesn't support the {name} content block that you provided. Update the content block and try again."
        ))),
        ("toolUse" | "toolResult", _) => Err(Fault::Validation("This model doesn't support tool use.".to_owned())),
        (other, _) => Err(Fault::unsupported(&format!("{at}.{other}"))),
    }
}

/// Checks a mark up to which a prompt is to be kept. Nothing is kept, as on AWS with a prompt that is short.
///
/// Sources: Bedrock user guide, "Prompt caching for faster model inference"; errors that users quote, see docs/claims.md.
pub(super) fn check_cache_point(point: &Json, may_cache: bool) -> Result<(), Fault> {
    if !may_cache {
        return Err(Fault::Validation(
            "You invoked an unsupported model or your request did not allow prompt caching.".to_owned(),
        ));
    }
    let word = |member: &'static str, words: &[&str]| match point.get(member).and_then(Json::as_str) {
        Some(given) if !words.contains(&given) => {
            let constraint = format!("Member must satisfy enum value set: [{}]", words.join(", "));
            Err(Constraint::of(given, &format!("cachePoint.{member}"), constraint))
        }
        given => Ok(given),
    };
    required("cachePoint.type", word("type", &["default"])?)?;
    word("ttl", &["5m", "1h"])?;
    Ok(())
}

/// The text of a block that a guardrail would look at, and that is text to the model.
pub(super) fn guarded(block: &Json, at: &str) -> Result<String, Fault> {
    let Some(block) = block.get("text") else { return Err(Fault::unsupported(&format!("{at}.guardContent.image"))) };
    let text = required("guardContent.text.text", block.get("text").and_then(Json::as_str))?;
    for qualifier in block.get("qualifiers").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
        if !QUALIFIERS.contains(&qualifier) {
            let constraint = format!("Member must satisfy enum value set: [{}]", QUALIFIERS.join(", "));
            return Err(Constraint::of(qualifier, "guardContent.text.qualifiers", constraint).into());
        }
    }
    Ok(text.to_owned())
}

/// What a guardrail may take a text for.
///
/// Source: the API model of `bedrock-runtime`: `GuardrailConverseContentQualifier`.
const QUALIFIERS: [&str; 3] = ["grounding_source", "query", "guard_content"];

/// Checks that no citations are asked for, which nothing here makes in the form of the API.
fn check_citations(block: &Map<String, Json>, at: &str) -> Result<(), Fault> {
    let Some(citations) = block.get("citations").filter(|own| !own.is_null()) else { return Ok(()) };
    match citations.get("enabled") {
        Some(Json::Bool(false)) => Ok(()),
        Some(Json::Bool(true)) => Err(Fault::unsupported(at)),
        None if citations.is_object() => Err(Constraint::null(&format!("{at}.enabled")).into()),
        _ => Err(Fault::Serialization(format!("{at} is of another form"))),
    }
}

/// A document block.
fn attached(block: &Map<String, Json>, at: &str) -> Result<Document, Fault> {
    let text = |member: &str| block.get(member).and_then(Json::as_str);
    let name = required("document.name", text("name"))?;
    document::check_name(name)?;
    check_citations(block, &format!("{at}.document.citations"))?;
    if let Some(format) = text("format") {
        document::check_format(format)?;
    }
    let source = required("document.source", block.get("source"))?;
    let Json::Object(source) = source else {
        return Err(Fault::Serialization(format!("the source of the document at {at} is no structure")));
    };
    let read = match member(source, &format!("{at}.document.source"))? {
        ("text", Json::String(text)) => text.clone(),
        ("bytes", Json::String(encoded)) => {
            let bytes = STANDARD.decode(encoded);
            let bytes =
                bytes.map_err(|_| Fault::Serialization(format!("the bytes of the document at {at} are no Base64")))?;
            if bytes.is_empty() {
                return Err(Fault::Validation(format!("The document at {at} is empty.")));
            }
            document::text(required("document.format", text("format"))?, &bytes)?
        }
        ("content", Json::Array(blocks)) => blocks_of_text(blocks, &format!("{at}.document.source.content"))?,
        (other, _) => return Err(Fault::unsupported(&format!("{at}.document.source.{other}"))),
    };
    Ok(Document { title: name.to_owned(), text: read })
}

fn blocks_of_text(blocks: &[Json], at: &str) -> Result<String, Fault> {
    let texts: Option<Vec<&str>> = blocks.iter().map(|block| block.get("text").and_then(Json::as_str)).collect();
    let texts = texts.ok_or_else(|| Fault::Serialization(format!("a block of {at} has no text")))?;
    Ok(texts.join("\n\n"))
}

/// A search result, which is a document that was found.
fn found(block: &Map<String, Json>, at: &str) -> Result<Document, Fault> {
    let text = |member: &str| block.get(member).and_then(Json::as_str);
    required("searchResult.source", text("source"))?;
    let title = required("searchResult.title", text("title"))?;
    check_citations(block, &format!("{at}.searchResult.citations"))?;
    let blocks = required("searchResult.content", block.get("content").and_then(Json::as_array))?;
    Ok(Document { title: title.to_owned(), text: blocks_of_text(blocks, &format!("{at}.searchResult.content"))? })
}
