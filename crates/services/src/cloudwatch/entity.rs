//! The entity that metrics belong to. It is checked and not kept: nothing that is here returns it.
//!
//! Source: API reference, "Entity", "PutMetricData" (`StrictEntityValidation`); CloudWatch user guide, "How to add related
//! information to telemetry".

use std::collections::BTreeMap;

use serde::Deserialize;

/// The most entities of a request.
const MOST: usize = 2;

/// The names that key attributes may have.
const KEYS: [&str; 5] = ["Type", "ResourceType", "Identifier", "Name", "Environment"];

/// An entity, as it is given.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EntityInput {
    key_attributes: Option<BTreeMap<String, String>>,
    attributes: Option<BTreeMap<String, String>>,
}

/// What is wrong with the entities of a request.
pub(super) fn check<'a>(entities: impl Iterator<Item = Option<&'a EntityInput>>) -> Option<&'static str> {
    let entities: Vec<_> = entities.collect();
    if entities.len() > MOST {
        return Some("EntitySizeTooLarge");
    }
    entities.into_iter().find_map(|entity| entity.map_or(Some("InvalidEntity"), EntityInput::failure))
}

impl EntityInput {
    fn failure(&self) -> Option<&'static str> {
        let Some(keys) = &self.key_attributes else { return Some("InvalidKeyAttributes") };
        let within = |text: &str, most: usize| (1..=most).contains(&text.chars().count());
        let are_known = keys.iter().all(|(key, value)| KEYS.contains(&key.as_str()) && within(value, 2048));
        if !(2..=4).contains(&keys.len()) || !are_known {
            return Some("InvalidKeyAttributes");
        }
        let attributes = self.attributes.as_ref();
        let is_plain = |(key, value): (&String, &String)| within(key, 256) && within(value, 2048);
        if attributes.is_some_and(|own| own.len() > 10 || !own.iter().all(is_plain)) {
            return Some("InvalidAttributes");
        }
        let required: &[&str] = match keys.get("Type").map(String::as_str) {
            Some("Service" | "RemoteService") => &["Name", "Environment"],
            Some("Resource" | "AWS::Resource") => &["ResourceType", "Identifier"],
            Some("AWS::Service") => &["Name"],
            Some(_) => return Some("InvalidTypeValue"),
            None => return Some("MissingRequiredFields"),
        };
        let is_whole = required.iter().all(|key| keys.contains_key(*key));
        (!is_whole).then_some("MissingRequiredFields")
    }
}
