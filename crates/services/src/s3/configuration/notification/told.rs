//! A notification of a configuration, whatever kind of destination it has: of which events of which keys it tells.

use s3s::dto::{Event, FilterRule, NotificationConfiguration, NotificationConfigurationFilter};

/// A notification.
pub(super) struct Told<'a> {
    pub(super) id: &'a str,
    /// What AWS calls the destination in errors.
    pub(super) member: &'static str,
    pub(super) service: &'static str,
    pub(super) arn: &'a str,
    pub(super) events: &'a [Event],
    pub(super) filter: Keys,
}

/// Of which keys a notification tells.
#[derive(Default)]
pub(super) struct Keys {
    prefix: String,
    suffix: String,
}

impl<'a> Told<'a> {
    /// The notifications of a configuration: those to queues, then those to topics, then those to functions.
    pub(super) fn all(configuration: &'a NotificationConfiguration) -> Vec<Self> {
        let NotificationConfiguration {
            lambda_function_configurations: lambdas,
            queue_configurations: queues,
            topic_configurations: topics,
            ..
        } = configuration;
        let told = |member, service, id: &'a Option<String>, arn, events, filter: &Option<_>| Self {
            id: id.as_deref().unwrap_or_default(),
            member,
            service,
            arn,
            events,
            filter: Keys::of(filter.as_ref()),
        };
        let queues = queues.iter().flatten();
        let queues = queues.map(|own| told("Queue", "sqs", &own.id, &*own.queue_arn, &*own.events, &own.filter));
        let topics = topics.iter().flatten();
        let topics = topics.map(|own| told("Topic", "sns", &own.id, &*own.topic_arn, &*own.events, &own.filter));
        let lambdas = lambdas.iter().flatten();
        let lambdas = lambdas
            .map(|own| told("CloudFunction", "lambda", &own.id, &*own.lambda_function_arn, &*own.events, &own.filter));
        queues.chain(topics).chain(lambdas).collect()
    }

    /// Whether it tells of an event, by the name that configurations have for it, of a key.
    pub(super) fn tells(&self, event: &str, key: &str) -> bool {
        self.filter.has(key) && self.events.iter().any(|own| covers(own.as_ref(), event))
    }
}

impl Keys {
    fn of(filter: Option<&NotificationConfigurationFilter>) -> Self {
        let rules = filter.and_then(|filter| filter.key.as_ref()).and_then(|key| key.filter_rules.as_deref());
        let value = |name: &str| {
            let rule = rules.unwrap_or_default().iter().find(|rule| is_named(rule, name));
            rule.and_then(|rule| rule.value.clone()).unwrap_or_default()
        };
        Self { prefix: value("prefix"), suffix: value("suffix") }
    }

    pub(super) fn is_all(&self) -> bool {
        self.prefix.is_empty() && self.suffix.is_empty()
    }

    fn has(&self, key: &str) -> bool {
        key.starts_with(&self.prefix) && key.ends_with(&self.suffix)
    }

    /// Whether there may be a key that both cover.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let prefixes = self.prefix.starts_with(&other.prefix) || other.prefix.starts_with(&self.prefix);
        prefixes && (self.suffix.ends_with(&other.suffix) || other.suffix.ends_with(&self.suffix))
    }
}

pub(super) fn is_named(rule: &FilterRule, name: &str) -> bool {
    rule.name.as_ref().is_some_and(|own| own.as_str().eq_ignore_ascii_case(name))
}

/// Whether a name is that of an event, or of a group that it is in.
pub(super) fn covers(pattern: &str, event: &str) -> bool {
    pattern == event || pattern.strip_suffix('*').is_some_and(|group| event.starts_with(group))
}

#[cfg(test)]
mod tests {
    use s3s::xml::{Deserialize as _, Deserializer};

    use super::*;

    #[test]
    fn it_tells_of_its_events_and_of_keys_with_its_prefix_and_its_suffix() {
        let document = "<NotificationConfiguration><CloudFunctionConfiguration><Id>new</Id>\
            <CloudFunction>arn:aws:lambda:us-east-1:111122223333:function:f</CloudFunction>\
            <Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:Delete</Event><Filter><S3Key>\
            <FilterRule><Name>Prefix</Name><Value>in/</Value></FilterRule>\
            <FilterRule><Name>Suffix</Name><Value>.jpg</Value></FilterRule></S3Key></Filter>\
            </CloudFunctionConfiguration></NotificationConfiguration>";
        let configuration =
            NotificationConfiguration::deserialize(&mut Deserializer::new(document.as_bytes())).unwrap();
        let all = Told::all(&configuration);
        let tells = |event, key| all.iter().any(|told| told.tells(event, key));
        assert_eq!((all[0].id, all[0].service), ("new", "lambda"));
        for event in ["s3:ObjectCreated:Put", "s3:ObjectCreated:Copy", "s3:ObjectRemoved:Delete"] {
            assert!(tells(event, "in/a.jpg"), "{event}");
        }
        for (event, key) in [
            ("s3:ObjectCreated:Put", "a.jpg"),
            ("s3:ObjectCreated:Put", "in/a.png"),
            ("s3:ObjectRemoved:DeleteMarkerCreated", "in/a.jpg"),
            ("s3:ObjectTagging:Put", "in/a.jpg"),
        ] {
            assert!(!tells(event, key), "{event} {key}");
        }
    }
}
