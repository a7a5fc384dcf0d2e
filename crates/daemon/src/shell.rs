//! Texts as words of a shell, for commands that are shown to be typed. Pure.

/// A text as one word, in quotes if it needs them.
pub(crate) fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,=".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_a_word_as_the_text_that_it_was() {
        assert_eq!(word("/var/lib/sidegate-1"), "/var/lib/sidegate-1");
        for text in ["/tmp/a b'c", "", "$(x) `y` \\ \"z\" * ~", "-rf.txt", "a\nb", "köln;ls"] {
            let script = format!("printf %s {}", word(text));
            let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }
}
