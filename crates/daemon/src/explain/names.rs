//! Names: ids as people know them.

use std::collections::BTreeMap;

use sidegate_model::{Attachment, NetworkInterfaceId, SecurityGroupRuleId, VpcEndpointId, World};

/// The name that people gave a resource, if they gave one.
pub(super) fn name_of<'a>(world: &'a World, id: &str) -> Option<&'a str> {
    world.tags(id).find(|(key, value)| *key == "Name" && !value.is_empty()).map(|(_, value)| value)
}

/// The text with the name behind each id that has one, the first time that it stands there: `i-0a "web"`. What is only
/// supposed has no id that anybody would know. An ARN stays as it is.
pub(crate) fn named(world: &World, text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut told: Vec<&str> = Vec::new();
    let (mut before, mut is_arn) = ("", false);
    for (token, is_id) in tokens(text) {
        // It goes on to the end of the word.
        is_arn = (is_arn && !token.contains(char::is_whitespace)) || (before == "arn" && token == ":");
        before = token;
        shown.push_str(supposed(world, token).filter(|_| is_id).unwrap_or(token));
        if is_id
            && !is_arn
            && !told.contains(&token)
            && let Some(name) = name_of(world, token)
        {
            told.push(token);
            shown.push_str(&format!(" \"{name}\""));
        }
    }
    shown
}

/// What digits of ids begin with that were made for a change or a program which is supposed.
const SUPPOSED: &str = "ffffffff";

/// Whether an id is of the form that is made up.
pub(crate) fn is_made_up(id: &str) -> bool {
    id.split_once('-').is_some_and(|(_, digits)| digits.starts_with(SUPPOSED))
}

/// What an id stands for that was made up, and that nothing in the world has.
fn supposed(world: &World, id: &str) -> Option<&'static str> {
    if !is_made_up(id) {
        return None;
    }
    if let Ok(id) = id.parse::<NetworkInterfaceId>() {
        let is_there = world.interfaces.get(&id).is_some_and(|own| own.attachment != Attachment::Program);
        return (!is_there).then_some("a supposed interface");
    }
    if let Ok(id) = id.parse::<VpcEndpointId>() {
        return world.endpoints.get(&id).is_none().then_some("a new endpoint");
    }
    let rule = id.parse::<SecurityGroupRuleId>().ok()?;
    let is_there = world.security_groups.iter().any(|group| group.rules.iter().any(|own| own.id == rule));
    (!is_there).then_some("a new rule")
}

/// The names of all resources whose ids stand in a text, by their ids.
pub(super) fn names_in(world: &World, text: &str) -> BTreeMap<String, String> {
    let ids = tokens(text).filter(|(_, is_id)| *is_id).map(|(token, _)| token);
    ids.filter_map(|id| Some((id.to_owned(), name_of(world, id)?.to_owned()))).collect()
}

/// The parts of a text: those of which an id could be made, and what stands between them.
fn tokens(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let is_of_id = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let of_id = is_of_id(first);
        let end = rest.find(|c| is_of_id(c) != of_id).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        rest = after;
        Some((token, of_id && token.contains('-')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::built::Built;

    #[test]
    fn an_id_has_its_name_behind_it_once_and_what_is_longer_is_another_id() {
        let mut built = Built::new();
        let vpc = built.vpc().to_string();
        let (id, tag) = (vpc.clone(), ("Name".to_owned(), "main".to_owned()));
        built.with(|world, context| world.create_tags(context, &[id], &[tag]));
        let text = format!("{vpc}, {vpc} and {vpc}0: all-of-it");
        assert_eq!(named(&built.world, &text), format!("{vpc} \"main\", {vpc} and {vpc}0: all-of-it"));
        assert_eq!(names_in(&built.world, &text), BTreeMap::from([(vpc, "main".to_owned())]));
    }

    #[test]
    fn an_arn_has_no_name_within() {
        let mut built = Built::new();
        let vpc = built.vpc().to_string();
        let (id, tag) = (vpc.clone(), ("Name".to_owned(), "main".to_owned()));
        built.with(|world, context| world.create_tags(context, &[id], &[tag]));
        let text = format!("User: arn:aws:iam::1:user/a is denied arn:aws:ec2:r:1:vpc/{vpc} in {vpc}");
        assert_eq!(named(&built.world, &text), format!("{text} \"main\""));
    }

    #[test]
    fn what_is_only_supposed_has_no_id() {
        let built = Built::new();
        let text = "eni-fffffffffffffffff, vpce-ffffffff000001000 and sgr-ffffffff00000201f of sg-ffffffff00000201f";
        let told = "a supposed interface, a new endpoint and a new rule of sg-ffffffff00000201f";
        assert_eq!(named(&built.world, text), told);
    }
}
