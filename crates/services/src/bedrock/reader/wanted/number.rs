//! Numbers, dates, and so much of a unit.

/// `Twenty-five` is two of them.
const NUMBERS: [&str; 39] = [
    "billion",
    "both",
    "dozen",
    "eight",
    "eighteen",
    "eighty",
    "eleven",
    "fifteen",
    "fifty",
    "five",
    "forty",
    "four",
    "fourteen",
    "half",
    "hundred",
    "million",
    "nine",
    "nineteen",
    "ninety",
    "no",
    "none",
    "once",
    "one",
    "seven",
    "seventeen",
    "seventy",
    "six",
    "sixteen",
    "sixty",
    "ten",
    "thirteen",
    "thirty",
    "thousand",
    "three",
    "twelve",
    "twenty",
    "twice",
    "two",
    "zero",
];

const UNITS: [&str; 14] = [
    "day", "days", "hour", "hours", "minute", "minutes", "month", "months", "second", "seconds", "week", "weeks",
    "year", "years",
];

/// `May` is left out, which is another word more often than not.
pub(super) const DATES: [&str; 18] = [
    "april",
    "august",
    "december",
    "february",
    "friday",
    "january",
    "july",
    "june",
    "march",
    "monday",
    "november",
    "october",
    "saturday",
    "september",
    "sunday",
    "thursday",
    "tuesday",
    "wednesday",
];

const DETERMINERS: [&str; 7] = ["a", "an", "each", "every", "first", "next", "same"];

pub(in crate::bedrock::reader) fn is_number(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit()) || NUMBERS.contains(&word)
}

/// Whether a word is a month or a day of the week.
pub(in crate::bedrock::reader) fn is_date(word: &str) -> bool {
    DATES.contains(&word) || word == "may"
}

/// Whether there is so much of a unit of time: `30 days`, `two working weeks`, `every hour`.
pub(super) fn is_timed(words: &[String]) -> bool {
    words.windows(3).chain(words.windows(2)).any(|run| {
        let Some((last, before)) = run.split_last() else { return false };
        let counts = |word: &String| is_number(word) || DETERMINERS.contains(&word.as_str());
        UNITS.contains(&last.as_str()) && before.iter().any(counts)
    })
}

/// Whether there is so much of a unit of length: how long something is may be asked of a bridge as well.
pub(super) fn is_measured(words: &[String]) -> bool {
    const LENGTHS: [&str; 10] = ["cm", "feet", "kilometres", "km", "long", "metres", "meters", "miles", "mm", "m"];
    words.windows(2).any(|pair| matches!(pair, [a, b] if is_number(a) && LENGTHS.contains(&b.as_str())))
}

/// Whether there is a number with decimals, as prices in tables are.
pub(super) fn has_decimals(text: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_digit();
    text.split_whitespace().any(|word| {
        let parts = word.trim_matches(|c: char| !is_digit(c)).split_once('.');
        parts.is_some_and(|(whole, rest)| whole.ends_with(is_digit) && rest.starts_with(is_digit))
    })
}

pub(super) fn has_clock_or_year(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit() && c != ':').any(|part| match part.split_once(':') {
        Some((hour, minute)) => (1..=2).contains(&hour.len()) && minute.len() == 2,
        None => part.len() == 4 && (part.starts_with("19") || part.starts_with("20")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_words_as_well() {
        for word in [
            "zero",
            "seven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
            "thirty",
            "forty",
            "fifty",
            "sixty",
            "seventy",
            "eighty",
            "ninety",
            "hundred",
        ] {
            assert!(is_number(word), "{word}");
        }
        assert!(!is_number("teen"));
    }
}
