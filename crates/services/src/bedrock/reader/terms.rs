//! The words of a text, as they are compared.

/// Words that are in every text and tell nothing of what it is about.
const COMMON: [&str; 103] = [
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been",
    "before", "being", "between", "both", "but", "by", "can", "could", "did", "do", "does", "doing", "done", "each",
    "for", "from", "get", "give", "had", "has", "have", "he", "her", "here", "his", "how", "i", "if", "in", "into",
    "is", "it", "its", "just", "like", "may", "me", "might", "more", "most", "must", "my", "no", "not", "of", "on",
    "or", "other", "our", "please", "shall", "she", "should", "so", "some", "such", "tell", "than", "that", "the",
    "their", "them", "then", "there", "these", "they", "this", "those", "to", "us", "was", "way", "we", "were", "what",
    "when", "where", "which", "while", "who", "whom", "whose", "why", "will", "with", "would", "you", "your",
];

/// The same of Russian, and of languages in whose scripts words are not told apart by spaces.
const COMMON_ELSEWHERE: [&str; 46] = [
    "а",
    "без",
    "был",
    "была",
    "были",
    "было",
    "быть",
    "в",
    "вы",
    "где",
    "для",
    "до",
    "его",
    "ее",
    "если",
    "есть",
    "и",
    "из",
    "или",
    "их",
    "к",
    "как",
    "какая",
    "какие",
    "какой",
    "когда",
    "кто",
    "мы",
    "на",
    "не",
    "но",
    "о",
    "от",
    "по",
    "почему",
    "при",
    "с",
    "сколько",
    "что",
    "это",
    "у",
    "何",
    "幾",
    "誰",
    "谁",
    "누구",
];

/// The words of a text, in lower case.
pub(in crate::bedrock) fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '\u{2019}')
        .map(|word| word.trim_matches(['\'', '\u{2019}']))
        .filter(|word| !word.is_empty())
        .map(|word| {
            let word = word.to_lowercase();
            let possessive = word.strip_suffix("'s").or_else(|| word.strip_suffix("\u{2019}s"));
            possessive.map(str::to_owned).unwrap_or(word)
        })
}

/// Whether a word tells nothing.
pub(in crate::bedrock) fn is_common(word: &str) -> bool {
    COMMON.binary_search(&word).is_ok() || COMMON_ELSEWHERE.contains(&word) || word.strip_suffix("n't").is_some()
}

/// The least that is left of a word when an ending is taken off, in letters.
const LEAST: usize = 3;

/// What a word of English has in common with its other forms: plurals, `-ing`, `-ed`, `-ion` and `-ly` are taken off.
pub(in crate::bedrock) fn stem(word: &str) -> String {
    if word.chars().all(is_cyrillic) {
        return cyrillic_stem(word).to_owned();
    }
    if !word.is_ascii() || word.len() <= LEAST {
        return word.to_owned();
    }
    let singular = singular(word);
    // `used` comes from `use`, and `need` from nothing.
    let past = || without(&singular, "ed").or_else(|| without(&singular, "d")).filter(|_| singular.ends_with("ed"));
    let past = || past().filter(|_| !singular.ends_with("eed"));
    let left = without(&singular, "ing").or_else(past).or_else(|| without(&singular, "ly"));
    let root = match left {
        Some(left) => undoubled(left),
        None => without(&singular, "ion").filter(|left| left.ends_with(['s', 't'])).unwrap_or(&singular),
    };
    // `routing` and `route`, `policies` and `policy`.
    without(root, "e").or_else(|| without(root, "y")).unwrap_or(root).to_owned()
}

/// Without an ending, if enough is left.
fn without<'a>(word: &'a str, ending: &str) -> Option<&'a str> {
    word.strip_suffix(ending).filter(|left| left.len() >= LEAST)
}

fn singular(word: &str) -> String {
    if let Some(left) = without(word, "ies") {
        return format!("{left}y");
    }
    if let Some(left) = without(word, "sses") {
        return format!("{left}ss");
    }
    if ["ss", "us", "is"].iter().any(|ending| word.ends_with(ending)) {
        return word.to_owned();
    }
    without(word, "s").unwrap_or(word).to_owned()
}

/// Without the second of two letters at the end that are the same: `stopp`.
fn undoubled(word: &str) -> &str {
    let mut last = word.chars().rev();
    match (last.next(), last.next()) {
        (Some(a), Some(b)) if a == b && !"aeiousl".contains(a) => {
            word.get(..word.len() - 1).filter(|left| left.len() >= LEAST).unwrap_or(word)
        }
        _ => word,
    }
}

fn is_cyrillic(c: char) -> bool {
    ('\u{400}'..='\u{4ff}').contains(&c)
}

/// What a word of Russian has in common with most of its other forms: it without the vowels and the soft signs at its end.
fn cyrillic_stem(word: &str) -> &str {
    let stem = word.trim_end_matches(['а', 'е', 'ё', 'и', 'й', 'о', 'у', 'ы', 'ь', 'э', 'ю', 'я']);
    if stem.chars().count() >= LEAST { stem } else { word }
}

/// Whether a character is of a script in which words are not told apart by spaces and that means something by itself:
/// ideographs, Katakana and Hangul.
fn is_dense(c: char) -> bool {
    matches!(c, '\u{30a0}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// Whether it is of Hiragana, in which there are endings and small words above all.
fn is_hiragana(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{309f}')
}

/// What tells something of a run of such characters: its pairs, or the one that it is. Of a word that is in Hiragana alone the
/// pairs are all that there is.
fn pairs(word: &str) -> Vec<String> {
    let in_runs = |belongs: fn(char) -> bool| -> Vec<String> {
        let runs = word.split(move |c: char| !belongs(c)).filter(|run| !run.is_empty());
        runs.flat_map(|run| {
            let characters: Vec<char> = run.chars().collect();
            characters.windows(2.min(characters.len())).map(|pair| pair.iter().collect()).collect::<Vec<String>>()
        })
        .collect()
    };
    let dense = in_runs(is_dense);
    if dense.is_empty() { in_runs(is_hiragana) } else { dense }
}

/// The stems of the words of a text that tell something.
pub(super) fn telling(text: &str) -> Vec<String> {
    let parts = |word: String| {
        if word.contains(is_dense) || word.contains(is_hiragana) { pairs(&word) } else { vec![word] }
    };
    words(text).flat_map(parts).filter(|word| !is_common(word)).map(|word| stem(&word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for forms in [
            ["route", "routes", "routing"],
            ["policy", "policies", "policy"],
            ["stop", "stopped", "stopping"],
            ["address", "addresses", "addressed"],
            ["connect", "connection", "connecting"],
            ["use", "used", "uses"],
        ] {
            let stems: Vec<_> = forms.iter().map(|word| stem(word)).collect();
            assert!(stems.iter().all(|own| *own == stems[0]), "{stems:?}");
        }
        assert_ne!(stem("gateway"), stem("gate"));
        assert_eq!(stem("région"), "région");
    }

    #[test]
    fn words_of_other_scripts_are_compared_as_well() {
        assert_eq!(telling("京都はどこにありますか？"), ["京都"]);
        assert_eq!(telling("王は誰ですか"), ["王"]);
        assert_eq!(telling("国王是谁？"), ["国王", "王是", "是谁"]);
        assert_eq!(telling("Кто директор?"), telling("Директора"));
    }

    #[test]
    fn what_every_text_has_is_left_out() {
        assert!(COMMON.is_sorted(), "it is searched as such");
        assert_eq!(telling("Why does Bedrock's endpoint not need a NAT?"), ["bedrock", "endpoint", "need", "nat"]);
    }
}
