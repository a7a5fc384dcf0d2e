//! Embeddings by hashing: every word, pair of words and group of letters of a text moves a few numbers of the vector by a
//! fixed amount. Texts that share words, or parts of words, lie near each other. Nothing is learned, and meaning that is
//! in no common word is not seen.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use super::reader::terms;

/// How much a word, a pair of words and a group of letters weigh.
const WORD: f64 = 1.0;
const PAIR: f64 = 0.5;
const LETTERS: f64 = 0.25;

/// How much a word weighs that is in every text.
const COMMON: f64 = 0.1;

/// How many letters a group has.
const GROUP: usize = 4;

/// The embedding of a text, of so many numbers; of length 1 if it is to be normalized. It is never zero: a text without
/// words has the features of its signs. There is none if nobody waits for it any more, as `is_over` says.
pub(super) fn embed(text: &str, dimensions: usize, normalized: bool, is_over: &dyn Fn() -> bool) -> Option<Vec<f64>> {
    let mut vector = vec![0.0; dimensions];
    for (feature, weight) in features(text) {
        if is_over() {
            return None;
        }
        // Each feature has two places, so that two features seldom have both in common.
        for seed in ["a", "b"] {
            let hash = xxh3_64(format!("{seed}{feature}").as_bytes());
            let sign = if hash & 1 == 0 { 1.0 } else { -1.0 };
            let place = usize::try_from((hash >> 1) % (dimensions.max(1) as u64)).unwrap_or_default();
            if let Some(number) = vector.get_mut(place) {
                *number += sign * weight;
            }
        }
    }
    let length = vector.iter().map(|number| number * number).sum::<f64>().sqrt();
    if normalized && length > 0.0 {
        vector.iter_mut().for_each(|number| *number /= length);
    }
    Some(vector)
}

/// The features of a text with their weights, in an order that is always the same.
fn features(text: &str) -> BTreeMap<String, f64> {
    let mut counts: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    let add = |counts: &mut BTreeMap<_, (f64, f64)>, feature: String, weight: f64| {
        counts.entry(feature).or_insert((0.0, weight)).0 += 1.0
    };
    let mut before: Option<String> = None;
    for word in terms::words(text) {
        let weight = if terms::is_common(&word) { COMMON } else { 1.0 };
        let stem = terms::stem(&word);
        if let Some(before) = before.replace(stem.clone()) {
            add(&mut counts, format!("p {before} {stem}"), PAIR * weight);
        }
        let letters: Vec<char> = format!("<{word}>").chars().collect();
        for group in letters.windows(GROUP) {
            add(&mut counts, format!("l {}", group.iter().collect::<String>()), LETTERS * weight);
        }
        add(&mut counts, format!("w {stem}"), WORD * weight);
    }
    if counts.is_empty() {
        for sign in text.chars() {
            counts.entry(format!("s {sign}")).or_insert((0.0, WORD)).0 += 1.0;
        }
    }
    // What is said often does not count as often as it is said.
    counts.into_iter().map(|(feature, (count, weight))| (feature, weight * (1.0 + count.ln()))).collect()
}

#[cfg(test)]
mod tests {

    fn embed(text: &str, dimensions: usize, normalized: bool) -> Vec<f64> {
        super::embed(text, dimensions, normalized, &|| false).unwrap()
    }

    fn near(a: &str, b: &str) -> f64 {
        let (a, b) = (embed(a, 512, true), embed(b, 512, true));
        a.iter().zip(&b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn similar_texts_lie_nearer_than_others() {
        let question = "How does an interface endpoint reach Bedrock?";
        let about = near(question, "Bedrock is reached through interface endpoints.");
        let other = near(question, "The cat slept on the warm windowsill all afternoon.");
        assert!(about > 0.3 && other < 0.15, "{about} {other}");
        assert!((near(question, question) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_vector_has_the_wanted_size_and_length_and_is_always_the_same() {
        for dimensions in [256, 512, 1024] {
            let vector = embed("A gateway endpoint is a route.", dimensions, true);
            let length: f64 = vector.iter().map(|number| number * number).sum();
            assert!(vector.len() == dimensions && (length - 1.0).abs() < 1e-9);
            assert_eq!(vector, embed("A gateway endpoint is a route.", dimensions, true));
        }
        assert!(embed("word", 256, false).iter().map(|n| n * n).sum::<f64>() > 1.0, "not normalized");
        for text in ["...", "!!!", " ", "😀"] {
            let length: f64 = embed(text, 256, true).iter().map(|number| number * number).sum();
            assert!((length - 1.0).abs() < 1e-9, "{text:?}");
        }
    }
}
