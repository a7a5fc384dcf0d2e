//! Embeddings: how one is asked for, and what comes.
//!
//! Source: OpenAI API reference, "Embeddings".

use serde_json::{Value as Json, json};

use super::chat::usage;
use super::refusal::garbled;
use crate::bedrock::engine::{AskedVector, Vector};
use crate::bedrock::fault::Fault;
use crate::bedrock::tokens;

/// The request for an embedding.
pub(super) fn embedding(name: &str, asked: &AskedVector) -> Json {
    let mut document = json!({"model": name, "input": asked.text, "encoding_format": "float"});
    if let (Some(dimensions), Some(members)) = (asked.dimensions, document.as_object_mut()) {
        members.insert("dimensions".to_owned(), json!(dimensions));
    }
    document
}

/// The embedding of an answer.
pub(super) fn vector(name: String, document: &Json, asked: &AskedVector) -> Result<Vector, Fault> {
    let entries = document.get("data").and_then(|own| own.get(0)).and_then(|own| own.get("embedding"));
    let entries = entries.and_then(Json::as_array).ok_or_else(|| garbled("it has no embedding"))?;
    let numbers: Option<Vec<f64>> = entries.iter().map(Json::as_f64).collect();
    let mut numbers =
        numbers.filter(|own| !own.is_empty()).ok_or_else(|| garbled("its embedding is none of numbers"))?;
    if asked.dimensions.is_some_and(|wanted| wanted != numbers.len()) {
        return Err(Fault::Validation(format!("The embeddings of this model have {} dimensions.", numbers.len())));
    }
    if asked.normalized {
        normalize(&mut numbers);
    }
    let input_tokens = usage(document).0.unwrap_or_else(|| tokens::count(&asked.text));
    Ok(Vector { answered_by: name, numbers, input_tokens })
}

/// Makes a vector one of length 1, unless it is zero.
fn normalize(numbers: &mut [f64]) {
    let largest = numbers.iter().fold(0.0_f64, |largest, number| largest.max(number.abs()));
    if largest == 0.0 {
        return;
    }
    // The squares of large numbers are none.
    numbers.iter_mut().for_each(|number| *number /= largest);
    let length = numbers.iter().map(|number| number * number).sum::<f64>().sqrt();
    numbers.iter_mut().for_each(|number| *number /= length);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_of_any_numbers_has_the_length_of_1() {
        for mut numbers in [vec![3.0, 4.0], vec![1e308, -1e308, 1e308], vec![1e-310, 0.0], vec![f64::MAX; 2000]] {
            normalize(&mut numbers);
            let length: f64 = numbers.iter().map(|number| number * number).sum();
            assert!((length - 1.0).abs() < 1e-9, "{length}");
        }
        let mut zero = vec![0.0; 3];
        normalize(&mut zero);
        assert_eq!(zero, [0.0; 3]);
    }
}
