//! A request's parameters, read against the bounds that the API's model gives them.
//!
//! Everything that a request has wrong is told at once, as AWS does: so reading never stops, and [`Form::sound`] ends it. Of
//! names and paths with characters that these do not have the first is told, and nothing else.
//!
//! Source: the API's model; recorded answers.

use std::cell::RefCell;

use sidegate_wire::aws_query::members;
use sidegate_wire::query::Params;

use super::fault::Fault;

/// The bounds of a text, as the model of the API has them.
#[derive(Clone, Copy)]
pub(crate) struct Text {
    least: usize,
    most: usize,
    /// The pattern as errors show it.
    pattern: &'static str,
    matches: fn(&str) -> bool,
    /// What is said in place of the pattern, if something is.
    rule: Option<&'static str>,
}

impl Text {
    /// Bounds of the length alone.
    pub(crate) const fn length(least: usize, most: usize) -> Self {
        Self { least, most, pattern: "", matches: |_| true, rule: None }
    }

    /// Bounds of the length, and a pattern.
    pub(crate) const fn new(least: usize, most: usize, pattern: &'static str, matches: fn(&str) -> bool) -> Self {
        Self { least, most, pattern, matches, rule: None }
    }

    /// The same, with words of its own for what does not match the pattern.
    const fn told(self, rule: &'static str) -> Self {
        Self { rule: Some(rule), ..self }
    }

    /// What is said of a text that does not match the pattern, where the pattern is not shown. Of an empty one only its
    /// length is told.
    fn broken_rule(&self, text: &str) -> Option<&'static str> {
        self.rule.filter(|_| !text.is_empty() && !(self.matches)(text))
    }

    fn faults(&self, text: &str) -> Vec<String> {
        let count = text.chars().count();
        let mut faults = Vec::new();
        if self.rule.is_none() && !(self.matches)(text) {
            faults.push(self.must_match());
        }
        if count > self.most {
            faults.push(format!("Member must have length less than or equal to {}", self.most));
        }
        if count < self.least {
            faults.push(format!("Member must have length greater than or equal to {}", self.least));
        }
        faults
    }

    fn must_match(&self) -> String {
        format!("Member must satisfy regular expression pattern: {}", self.pattern)
    }

    /// What a member of a list that breaks a bound is told, whichever it is.
    fn of_members(&self, nullable: bool) -> String {
        let mut bounds = vec![
            format!("Member must have length less than or equal to {}", self.most),
            format!("Member must have length greater than or equal to {}", self.least),
        ];
        if !self.pattern.is_empty() {
            bounds.push(self.must_match());
        }
        if !nullable {
            bounds.push("Member must not be null".to_owned());
        }
        format!("Member must satisfy constraint: [{}]", bounds.join(", "))
    }
}

fn is_name(text: &str) -> bool {
    text.bytes().all(|c| c.is_ascii_alphanumeric() || b"_+=,.@-".contains(&c))
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
}

fn is_path(text: &str) -> bool {
    let printable = |c: u8| (0x21..=0x7e).contains(&c);
    text == "/" || (text.len() > 2 && text.starts_with('/') && text.ends_with('/') && text.bytes().all(printable))
}

fn is_policy_path(text: &str) -> bool {
    let part =
        |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_alphanumeric() || b".,+@=_-".contains(&c));
    let inner = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    text == "/" || inner.is_some_and(|inner| inner.split('/').all(part))
}

fn is_latin(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}'))
}

fn is_description(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{7e}' | '\u{a1}'..='\u{ff}'))
}

/// Letters, separators and digits of any script, and a few signs.
fn is_tag(text: &str) -> bool {
    let sign = |c| "_.:/=+-@".contains(c);
    // `\p{Z}` is white space without the control characters.
    text.chars().all(|c| c.is_alphanumeric() || sign(c) || (c.is_whitespace() && !c.is_control()))
}

fn is_version(text: &str) -> bool {
    let rest = text.strip_prefix('v').unwrap_or_default();
    let (number, suffix) = rest.split_once('.').unwrap_or((rest, ""));
    !number.is_empty()
        && !number.starts_with('0')
        && number.bytes().all(|c| c.is_ascii_digit())
        && suffix.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
}

fn is_alias(text: &str) -> bool {
    text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
}

const NAME_PATTERN: &str = r"[\w+=,.@-]+";
const NAME_RULE: &str = "It must contain only alphanumeric characters and/or the following: +=,.@_-";
const PATH_RULE: &str = "It must begin and end with / and contain only alphanumeric characters and/or / characters.";
const PREFIX_RULE: &str =
    "It must begin with the / character and contain only alphanumeric characters and/or / characters.";

/// A name of something of IAM.
const fn name(most: usize) -> Text {
    Text::new(1, most, NAME_PATTERN, is_name).told(NAME_RULE)
}

pub(crate) const USER: Text = name(64);
pub(crate) const EXISTING_USER: Text = name(128);
pub(crate) const GROUP: Text = name(128);
pub(crate) const ROLE: Text = name(64);
pub(crate) const POLICY: Text = name(128);
pub(crate) const PROFILE: Text = name(128);
pub(crate) const DEVICE: Text = name(usize::MAX);
pub(crate) const CERTIFICATE: Text = name(128);
pub(crate) const SERVICE: Text = Text::new(1, 128, NAME_PATTERN, is_name);
pub(crate) const SUFFIX: Text = Text::new(1, 64, NAME_PATTERN, is_name);
pub(crate) const PATH: Text = Text::new(1, 512, r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)", is_path).told(PATH_RULE);
pub(crate) const POLICY_PATH: Text = Text::new(1, 512, r"((/[A-Za-z0-9\.,\+@=_-]+)*)/", is_policy_path).told(PATH_RULE);
pub(crate) const PATH_PREFIX: Text = Text::new(1, 512, r"\u002F[\u0021-\u007F]*", |text| {
    text.starts_with('/') && text.bytes().all(|c| (0x21..=0x7f).contains(&c))
})
.told(PREFIX_RULE);
pub(crate) const ARN: Text = Text::length(20, 2048);
pub(crate) const DOCUMENT: Text = Text::new(1, 131_072, r"[\u0009\u000A\u000D\u0020-\u00FF]+", is_latin);
pub(crate) const DESCRIPTION: Text =
    Text::new(0, 1000, r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*", is_description);
pub(crate) const POLICY_DESCRIPTION: Text = Text::length(0, 1000);
pub(crate) const ACCESS_KEY: Text = Text::new(16, 128, r"[\w]+", is_word);
pub(crate) const VERSION: Text = Text::new(0, usize::MAX, r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?", is_version);
pub(crate) const PASSWORD: Text = Text::new(1, 128, r"[\u0009\u000A\u000D\u0020-\u00FF]+", is_latin);
pub(crate) const ALIAS: Text = Text::new(3, 63, r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$", is_alias);
pub(crate) const MARKER: Text = Text::new(1, 320, r"[\u0020-\u00FF]+", is_latin);
pub(crate) const SERIAL: Text = Text::new(9, 256, r"[\w+=/:,.@-]+", |text| {
    text.bytes().all(|c| c.is_ascii_alphanumeric() || b"_+=/:,.@-".contains(&c))
});
pub(crate) const TOKEN: Text = Text::new(6, 6, r"[\d]+", |text| text.bytes().all(|c| c.is_ascii_digit()));
pub(crate) const PEM: Text = Text::new(1, 16_384, r"[\u0009\u000A\u000D\u0020-\u00FF]+", is_latin);
pub(crate) const PEM_CHAIN: Text = Text::new(1, 2_097_152, r"[\u0009\u000A\u000D\u0020-\u00FF]+", is_latin);
pub(crate) const PUBLIC_KEY_ID: Text = Text::new(20, 128, r"[\w]+", is_word);
pub(crate) const TASK: Text = Text::length(1, 1000);
pub(crate) const ACTION: Text = Text::length(3, 128);
pub(crate) const RESOURCE: Text = Text::length(1, 2048);
pub(crate) const CONTEXT_KEY: Text = Text::length(5, 256);
pub(crate) const HANDLING: Text = Text::length(1, 64);
const TAG_KEY: Text = Text::new(1, 128, r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", is_tag);
const TAG_VALUE: Text = Text::new(0, 256, r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", is_tag);

/// The most tags of anything, and the most that one request has.
const MOST_TAGS: usize = 50;

/// The parameters of a request.
pub(crate) struct Form<'a> {
    params: &'a Params,
    /// Whether errors repeat the value: STS does, IAM does not.
    shows_values: bool,
    faults: RefCell<Vec<String>>,
    /// The first name or path that is none.
    misnamed: RefCell<Option<String>>,
}

impl<'a> Form<'a> {
    /// The form of a request to IAM.
    pub(crate) fn of_iam(params: &'a Params) -> Self {
        Self { params, shows_values: false, faults: RefCell::default(), misnamed: RefCell::default() }
    }

    /// The form of a request to STS.
    pub(crate) fn of_sts(params: &'a Params) -> Self {
        Self { params, shows_values: true, faults: RefCell::default(), misnamed: RefCell::default() }
    }

    fn note(&self, value: Option<&str>, name: &str, constraint: &str) {
        let member = member(name);
        let shown = match value {
            _ if !self.shows_values => String::new(),
            Some(value) => format!(" '{value}'"),
            None => " null".to_owned(),
        };
        let fault = format!("Value{shown} at '{member}' failed to satisfy constraint: {constraint}");
        self.faults.borrow_mut().push(fault);
    }

    fn checked(&self, value: &str, name: &str, rule: &Text) {
        if let Some(broken) = rule.broken_rule(value) {
            let told = || format!("The specified value for {} is invalid. {broken}", member(name));
            self.misnamed.borrow_mut().get_or_insert_with(told);
        }
        for fault in rule.faults(value) {
            self.note(Some(value), name, &fault);
        }
    }

    /// A parameter as it stands there, which is checked elsewhere.
    pub(crate) fn given(&self, name: &str) -> Option<&'a str> {
        self.params.get(name)
    }

    /// The members of a list of texts, which are checked elsewhere.
    pub(crate) fn given_texts(&self, list: &str) -> Vec<&'a str> {
        members(self.params, list).iter().filter_map(|name| self.params.get(name)).collect()
    }

    /// The parameter `Tags`, which is checked elsewhere.
    pub(crate) fn given_tags(&self) -> Vec<(&'a str, &'a str)> {
        let part = |prefix: &str, part: &str| self.params.get(&format!("{prefix}.{part}"));
        let tag = |prefix: &String| Some((part(prefix, "Key")?, part(prefix, "Value").unwrap_or_default()));
        members(self.params, "Tags").iter().filter_map(tag).collect()
    }

    /// A text that may be missing.
    pub(crate) fn text(&self, name: &str, rule: &Text) -> Option<String> {
        let value = self.params.get(name)?;
        self.checked(value, name, rule);
        Some(value.to_owned())
    }

    /// A text that has to be there; empty where it is not, so that the reading goes on.
    pub(crate) fn required(&self, name: &str, rule: &Text) -> String {
        self.text(name, rule).unwrap_or_else(|| {
            self.note(None, name, "Member must not be null");
            String::new()
        })
    }

    /// A number that may be missing.
    pub(crate) fn number(&self, name: &str, least: i64, most: i64) -> Option<i64> {
        let value = self.params.get(name)?;
        let Ok(number) = value.parse::<i64>() else {
            self.note(Some(value), name, "Member must be a number");
            return None;
        };
        if number > most {
            self.note(Some(value), name, &format!("Member must have value less than or equal to {most}"));
        }
        if number < least {
            self.note(Some(value), name, &format!("Member must have value greater than or equal to {least}"));
        }
        Some(number)
    }

    /// A truth value that may be missing.
    pub(crate) fn boolean(&self, name: &str) -> Option<bool> {
        let value = self.params.get(name)?;
        match value.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.note(Some(value), name, "Member must be true or false");
                None
            }
        }
    }

    /// One of a set of words, which may be missing.
    pub(crate) fn choice(&self, name: &str, choices: &'static [&'static str]) -> Option<&'static str> {
        self.chosen(self.params.get(name)?, name, choices)
    }

    fn chosen(&self, value: &str, name: &str, choices: &'static [&'static str]) -> Option<&'static str> {
        let chosen = choices.iter().find(|choice| **choice == value).copied();
        if chosen.is_none() {
            self.note(Some(value), name, &format!("Member must satisfy enum value set: [{}]", choices.join(", ")));
        }
        chosen
    }

    /// Words out of a set.
    pub(crate) fn choices(&self, list: &str, choices: &'static [&'static str]) -> Vec<&'static str> {
        members(self.params, list).iter().filter_map(|name| self.choice(name, choices)).collect()
    }

    /// A list of texts.
    pub(crate) fn texts(&self, list: &str, rule: &Text) -> Vec<String> {
        self.list(list, rule, true)
    }

    /// A list of texts that has to be there, and may be empty.
    pub(crate) fn required_texts(&self, list: &str, rule: &Text) -> Vec<String> {
        let texts = self.texts(list, rule);
        if texts.is_empty() && self.params.get(list).is_none() {
            self.note(None, list, "Member must not be null");
        }
        texts
    }

    /// Whether anything of a list was sent.
    pub(crate) fn has_list(&self, list: &str) -> bool {
        !members(self.params, list).is_empty()
    }

    /// The members of a list of structures.
    pub(crate) fn parts(&self, list: &str) -> Vec<Part<'_, 'a>> {
        let part = |(at, sent): (usize, String)| Part { form: self, sent, shown: format!("{list}.{}", at + 1) };
        members(self.params, list).into_iter().enumerate().map(part).collect()
    }

    fn list(&self, list: &str, rule: &Text, nullable: bool) -> Vec<String> {
        let texts: Vec<_> = members(self.params, list)
            .iter()
            .map(|name| self.params.get(name).unwrap_or_default().to_owned())
            .collect();
        if texts.iter().any(|text| !rule.faults(text).is_empty()) {
            self.note(Some(&format!("[{}]", texts.join(", "))), list, &rule.of_members(nullable));
        }
        texts
    }

    /// How many members a list has, for those with a structure, and their texts of a name.
    pub(crate) fn texts_of(&self, list: &str, name: &str, rule: &Text) -> Vec<String> {
        members(self.params, list).iter().filter_map(|member| self.text(&format!("{member}.{name}"), rule)).collect()
    }

    /// The parameter `Tags`.
    pub(crate) fn tags(&self) -> Vec<(String, String)> {
        let prefixes = members(self.params, "Tags");
        if prefixes.len() > MOST_TAGS {
            self.note(None, "Tags", &format!("Member must have length less than or equal to {MOST_TAGS}"));
        }
        let mut tags = Vec::new();
        for (index, prefix) in prefixes.iter().enumerate() {
            let read = |part: &str, rule: &Text| {
                let shown = format!("Tags.{}.member.{}", index + 1, member(part));
                match self.params.get(&format!("{prefix}.{part}")) {
                    Some(value) => {
                        self.checked(value, &shown, rule);
                        value.to_owned()
                    }
                    None => {
                        self.note(None, &shown, "Member must not be null");
                        String::new()
                    }
                }
            };
            tags.push((read("Key", &TAG_KEY), read("Value", &TAG_VALUE)));
        }
        tags
    }

    /// A list of tag keys.
    pub(crate) fn tag_keys(&self, list: &str) -> Vec<String> {
        let keys = self.list(list, &TAG_KEY, false);
        if keys.len() > MOST_TAGS {
            self.note(None, list, &format!("Member must have length less than or equal to {MOST_TAGS}"));
        }
        keys
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Everything that was wrong, in one error.
    pub(crate) fn sound(&self) -> Result<(), Fault> {
        if let Some(misnamed) = &*self.misnamed.borrow() {
            return Err(Fault::Validation(misnamed.clone()));
        }
        let faults = self.faults.borrow();
        match faults.len() {
            0 => Ok(()),
            1 => Err(Fault::Validation(format!("1 validation error detected: {}", faults.join("; ")))),
            count => Err(Fault::Validation(format!("{count} validation errors detected: {}", faults.join("; ")))),
        }
    }
}

/// A structure in a list of a request.
pub(crate) struct Part<'f, 'a> {
    form: &'f Form<'a>,
    /// The name under which it was sent.
    sent: String,
    /// Its name as errors have it.
    shown: String,
}

impl Part<'_, '_> {
    /// A text that may be missing.
    pub(crate) fn text(&self, name: &str, rule: &Text) -> Option<String> {
        let value = self.form.params.get(&format!("{}.{name}", self.sent))?;
        self.form.checked(value, &self.shown(name), rule);
        Some(value.to_owned())
    }

    /// The texts of a list without bounds.
    pub(crate) fn texts(&self, list: &str) -> Vec<String> {
        let names = members(self.form.params, &format!("{}.{list}", self.sent));
        names.iter().filter_map(|name| self.form.params.get(name)).map(str::to_owned).collect()
    }

    /// One of a set of words, which may be missing.
    pub(crate) fn choice(&self, name: &str, choices: &'static [&'static str]) -> Option<&'static str> {
        let value = self.form.params.get(&format!("{}.{name}", self.sent))?;
        self.form.chosen(value, &self.shown(name), choices)
    }

    fn shown(&self, name: &str) -> String {
        format!("{}.member.{}", self.shown, member(name))
    }
}

/// The name of a parameter as errors have it.
fn member(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        Params::parse(query.as_bytes()).unwrap()
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_and_iam_repeats_no_value() {
        let long = "u".repeat(65);
        let params = params(&format!("UserName={long}&MaxItems=0"));
        let form = Form::of_iam(&params);
        form.text("UserName", &USER);
        form.number("MaxItems", 1, 1000);
        form.required("RoleName", &ROLE);
        let message = form.sound().unwrap_err().to_string();
        assert_eq!(
            message,
            "3 validation errors detected: Value at 'userName' failed to satisfy constraint: Member must have length less \
             than or equal to 64; Value at 'maxItems' failed to satisfy constraint: Member must have value greater than or \
             equal to 1; Value at 'roleName' failed to satisfy constraint: Member must not be null"
        );
    }

    #[test]
    fn of_names_and_paths_that_are_none_the_first_is_told_by_the_parameter_it_stands_in() {
        let told = |query: &str, name: &str, rule: &Text| {
            let params = params(query);
            let form = Form::of_iam(&params);
            form.text(name, rule);
            form.number("MaxItems", 1, 1000);
            form.text("Path", &PATH);
            form.sound().unwrap_err().to_string()
        };
        let names = |member: &str| {
            format!(
                "The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the \
                 following: +=,.@_-"
            )
        };
        assert_eq!(told("UserName=a%20b&MaxItems=0&Path=x", "UserName", &USER), names("userName"));
        assert_eq!(told("InstanceProfileName=a/b", "InstanceProfileName", &PROFILE), names("instanceProfileName"));
        assert_eq!(
            told("Path=x", "UserName", &USER),
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
             characters and/or / characters."
        );
        assert_eq!(
            told("PathPrefix=x", "PathPrefix", &PATH_PREFIX),
            "The specified value for pathPrefix is invalid. It must begin with the / character and contain only \
             alphanumeric characters and/or / characters."
        );
        let empty = told("UserName=", "UserName", &USER);
        assert!(empty.ends_with("Member must have length greater than or equal to 1"), "{empty}");
    }

    #[test]
    fn sts_repeats_the_value() {
        let params = params("RoleSessionName=Session1:2");
        let form = Form::of_sts(&params);
        form.required("RoleSessionName", &Text::new(2, 64, r"[\w+=,.@-]*", is_name));
        let message = form.sound().unwrap_err().to_string();
        let told = "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: \
                    Member must satisfy regular expression pattern: [\\w+=,.@-]*";
        assert_eq!(message, told);
    }

    #[test]
    fn paths_begin_and_end_with_a_slash() {
        assert!(is_path("/") && is_path("/a/b/") && !is_path("a/") && !is_path("/a") && !is_path("//"));
        assert!(is_policy_path("/") && is_policy_path("/a/b/") && !is_policy_path("//") && !is_policy_path("/a b/"));
        assert!(is_version("v1") && is_version("v12.a-b") && !is_version("v0") && !is_version("1") && !is_version("v"));
    }
}
