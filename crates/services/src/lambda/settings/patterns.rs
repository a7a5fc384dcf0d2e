//! Patterns of the API's model for what a function's settings name.

use crate::constraint::Constraint;

fn is_partition(text: &str) -> bool {
    let end = text.strip_prefix("aws");
    end.is_some_and(|end| end.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-'))
}

/// The ARN of a role.
pub(super) fn role(role: &str) -> Result<(), Constraint> {
    let parts: Vec<&str> = role.splitn(6, ':').collect();
    let is_role = match parts.as_slice() {
        ["arn", partition, "iam", "", account, resource] => {
            let is_name = |name: &str| {
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&b))
            };
            (partition.is_empty() || is_partition(partition))
                && account.len() == 12
                && account.bytes().all(|b| b.is_ascii_digit())
                && resource.strip_prefix("role").is_some_and(is_name)
        }
        _ => false,
    };
    if is_role {
        return Ok(());
    }
    let pattern = r"Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+";
    Err(Constraint::of(role, "role", pattern))
}

/// The name of a handler, which is a word. The model has no least length for it, and so the pattern alone refuses none.
pub(super) fn handler(handler: &str) -> Result<(), Constraint> {
    if !handler.is_empty() && !handler.contains(char::is_whitespace) {
        return Ok(());
    }
    Err(Constraint::of(handler, "handler", r"Member must satisfy regular expression pattern: [^\s]+"))
}

/// The ARN of a key of KMS, which may be empty.
pub(super) fn key(key: &str) -> Result<(), Constraint> {
    let parts: Vec<&str> = key.splitn(4, ':').collect();
    let is_arn = match parts.as_slice() {
        ["arn", partition, service, _] => {
            let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
            (partition.is_empty() || is_partition(partition)) && !service.is_empty() && service.bytes().all(is_letter)
        }
        _ => key.is_empty(),
    };
    if is_arn {
        return Ok(());
    }
    let pattern = r"Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()";
    Err(Constraint::of(key, "kMSKeyArn", pattern))
}

/// The ARN of a destination of events, which may be empty.
pub(in crate::lambda) fn destination(member: &str, arn: &str) -> Result<(), Constraint> {
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_region = |text: &str| {
        let is_number = |end: &str| end.len() == 1 && end.bytes().all(|byte| byte.is_ascii_digit());
        let parts: Vec<&str> = text.split('-').collect();
        match parts.as_slice() {
            [] | [""] => true,
            [place, .., number] => parts.len() > 2 && place.len() == 2 && is_word(text) && is_number(number),
            [_] => false,
        }
    };
    let is_account =
        |text: &str| text.is_empty() || (text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()));
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let is_arn = match parts.as_slice() {
        ["arn", partition, service, region, account, _] => {
            partition.strip_prefix("aws").is_some_and(is_word)
                && !service.is_empty()
                && is_word(service)
                && is_region(region)
                && is_account(account)
        }
        _ => arn.is_empty(),
    };
    if is_arn {
        return Ok(());
    }
    let pattern = r"Member must satisfy regular expression pattern: ^$|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)";
    Err(Constraint::of(arn, member, pattern))
}
