//! Amazon Titan Text Embeddings, the first and V2.
//!
//! Source: Bedrock user guide, "Amazon Titan Embeddings Text models".

use serde_json::{Value as Json, json};

use super::AskedEmbedding;
use crate::bedrock::engine::Vector;
use crate::bedrock::fault::Fault;
use crate::bedrock::schema::Object;
use crate::bedrock::tokens;

/// The most tokens of a text.
const MOST_TOKENS: u64 = 8192;

/// The most characters of a text.
const MOST_CHARACTERS: usize = 50_000;

/// The dimensions of a vector of the first model, and those that V2 has, the usual one last.
const OF_FIRST: usize = 1536;
const OF_V2: [u32; 3] = [256, 512, 1024];

/// The types in which V2 gives a vector.
const TYPES: [&str; 2] = ["float", "binary"];

/// Reads a body for the first model.
pub(super) fn read_first(body: &Json) -> Result<AskedEmbedding, Fault> {
    let root = Object::root(body)?;
    root.allows(&["inputText"])?;
    let text = text(&root)?;
    Ok(AskedEmbedding { text, dimensions: None, usual: OF_FIRST, normalized: true, types: Vec::new() })
}

/// Reads a body for V2.
pub(super) fn read(body: &Json) -> Result<AskedEmbedding, Fault> {
    let root = Object::root(body)?;
    root.allows(&["inputText", "dimensions", "normalize", "embeddingTypes"])?;
    let text = text(&root)?;
    let dimensions = root.integer("dimensions", 0, u32::MAX)?;
    if let Some(other) = dimensions.filter(|given| !OF_V2.contains(given)) {
        return Err(Fault::malformed(format!("#/dimensions: {other} is not a valid enum value")));
    }
    let types = root.texts("embeddingTypes", TYPES.len())?;
    if let Some(at) = types.iter().position(|name| !TYPES.contains(&name.as_str())) {
        return Err(Fault::malformed(format!("#/embeddingTypes/{at}: it is not a valid enum value")));
    }
    Ok(AskedEmbedding {
        text,
        dimensions: dimensions.and_then(|given| usize::try_from(given).ok()),
        usual: 1024,
        normalized: root.boolean("normalize")?.unwrap_or(true),
        types,
    })
}

fn text(root: &Object<'_>) -> Result<String, Fault> {
    let text = root.required_text("inputText")?;
    let characters = text.chars().count();
    if characters == 0 {
        return Err(Fault::malformed("expected minLength: 1, actual: 0"));
    }
    if characters > MOST_CHARACTERS {
        return Err(Fault::malformed(format!("expected maxLength: {MOST_CHARACTERS}, actual: {characters}")));
    }
    if text.trim().is_empty() {
        return Err(Fault::malformed("#/inputText: the text is blank"));
    }
    let found = tokens::count(text);
    if found > MOST_TOKENS {
        return Err(Fault::Validation(format!(
            "400 Bad Request: Too many input tokens. Max input tokens: {MOST_TOKENS}, request input token count: {found} "
        )));
    }
    Ok(text.to_owned())
}

/// The body of an answer.
pub(super) fn answer(vector: &Vector, is_v2: bool, types: &[String]) -> Json {
    let mut body = json!({"embedding": vector.numbers, "inputTextTokenCount": vector.input_tokens});
    if is_v2 && let Some(members) = body.as_object_mut() {
        let wanted = |name: &str| types.iter().any(|own| own == name);
        let mut by_type = serde_json::Map::new();
        if wanted("float") || types.is_empty() {
            by_type.insert("float".to_owned(), json!(vector.numbers));
        }
        if wanted("binary") {
            let bits: Vec<u8> = vector.numbers.iter().map(|number| u8::from(*number > 0.0)).collect();
            by_type.insert("binary".to_owned(), json!(bits));
        }
        members.insert("embeddingsByType".to_owned(), Json::Object(by_type));
    }
    body
}
