//! The bodies of dashboards: what of them is an error, and what only a warning. Pure.
//!
//! AWS does not document which rules it checks. Here they are those of the structure that it documents: which members a
//! widget has to have, of which type, and in which bounds. A type of widget that is not known is only a warning.
//!
//! Source: API reference, "Dashboard Body Structure and Syntax"; refusals that users quote, see docs/claims.md.

use serde_json::{Map, Value as Json, json};

use super::super::fault::Fault;

/// The most widgets of a dashboard.
const MOST_WIDGETS: usize = 500;

/// The most errors that are told.
const MOST_TOLD: usize = 100;

const TYPES: [&str; 7] = ["alarm", "custom", "explorer", "log", "metric", "text", "trace"];

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Message {
    pub(in super::super) path: String,
    pub(in super::super) text: String,
}

#[derive(Default)]
struct Found {
    errors: Vec<Message>,
    warnings: Vec<Message>,
}

/// Checks a body, and gives the warnings about it.
pub(super) fn check(body: &str) -> Result<Vec<Message>, Fault> {
    let Ok(Json::Object(body)) = serde_json::from_str::<Json>(body) else {
        return Err(Fault::InvalidDashboard("The field DashboardBody must be a valid JSON object".to_owned()));
    };
    let mut found = Found::default();
    found.dashboard(&body);
    if found.errors.is_empty() {
        return Ok(found.warnings);
    }
    let count = found.errors.len();
    let told = found.errors.into_iter().take(MOST_TOLD);
    let told: Vec<Json> = told.map(|Message { path, text }| json!({"dataPath": path, "message": text})).collect();
    let told = serde_json::to_string_pretty(&told)?;
    let message = format!("The dashboard body is invalid, there are {count} validation errors:\n{told}");
    Err(Fault::InvalidDashboard(message))
}

impl Found {
    fn error(&mut self, path: &str, text: impl Into<String>) {
        self.errors.push(Message { path: path.to_owned(), text: text.into() });
    }

    fn dashboard(&mut self, body: &Map<String, Json>) {
        self.is_text("", body, "start");
        self.is_text("", body, "end");
        self.is_one_of("", body, "periodOverride", &["auto", "inherit"]);
        self.is_list("", body, "variables");
        match body.get("widgets") {
            None => {}
            Some(Json::Array(widgets)) => {
                if widgets.len() > MOST_WIDGETS {
                    self.error("/widgets", format!("Should NOT have more than {MOST_WIDGETS} items"));
                }
                for (at, widget) in widgets.iter().enumerate() {
                    self.widget(&format!("/widgets/{at}"), widget);
                }
            }
            Some(_) => self.error("/widgets", "Should be array"),
        }
    }

    fn widget(&mut self, path: &str, widget: &Json) {
        let Json::Object(widget) = widget else { return self.error(path, "Should be object") };
        for (member, least, most) in [("x", 0, 23), ("y", 0, i64::MAX), ("width", 1, 24), ("height", 1, 1000)] {
            self.is_within(path, widget, member, least, most);
        }
        let kind = match widget.get("type") {
            None => return self.error(path, "Should have required property 'type'"),
            Some(Json::String(kind)) => kind.as_str(),
            Some(_) => return self.error(&format!("{path}/type"), "Should be string"),
        };
        if !TYPES.contains(&kind) {
            let text = "Should be equal to one of the allowed values".to_owned();
            self.warnings.push(Message { path: format!("{path}/type"), text });
            return;
        }
        let own = format!("{path}/properties");
        match (kind, widget.get("properties")) {
            (_, None) => self.error(path, "Should have required property 'properties'"),
            ("text", Some(Json::Object(properties))) => self.requires(&own, properties, "markdown", Self::is_text),
            ("alarm", Some(Json::Object(properties))) => self.requires(&own, properties, "alarms", Self::is_list),
            ("metric", Some(Json::Object(properties))) => self.metric(&own, properties),
            ("log", Some(Json::Object(properties))) => self.is_text(&own, properties, "query"),
            (_, Some(Json::Object(_))) => {}
            (_, Some(_)) => self.error(&own, "Should be object"),
        }
    }

    fn metric(&mut self, path: &str, properties: &Map<String, Json>) {
        for member in ["title", "region", "stat", "timezone", "start", "end"] {
            self.is_text(path, properties, member);
        }
        for member in ["stacked", "sparkline", "liveData", "setPeriodToTimeRange", "trend"] {
            if properties.get(member).is_some_and(|value| !value.is_boolean()) {
                self.error(&format!("{path}/{member}"), "Should be boolean");
            }
        }
        self.is_within(path, properties, "period", 1, i64::MAX);
        self.is_one_of(path, properties, "view", &["timeSeries", "singleValue", "gauge", "bar", "pie", "table"]);
        match properties.get("metrics") {
            None => {}
            Some(Json::Array(metrics)) => {
                for (at, metric) in metrics.iter().enumerate() {
                    self.series(&format!("{path}/metrics/{at}"), metric);
                }
            }
            Some(_) => self.error(&format!("{path}/metrics"), "Should be array"),
        }
    }

    /// A metric or an expression: a namespace, a name, names and values of dimensions, and an object at the end.
    fn series(&mut self, path: &str, series: &Json) {
        let Json::Array(fields) = series else { return self.error(path, "Should be array") };
        let names = match fields.split_last() {
            None => return self.error(path, "Should NOT have fewer than 1 items"),
            Some((Json::Object(_), names)) => names,
            Some(_) => fields,
        };
        let others: Vec<usize> =
            names.iter().enumerate().filter(|(_, name)| !name.is_string()).map(|(at, _)| at).collect();
        for at in &others {
            self.error(&format!("{path}/{at}"), "Invalid metric field type, only \"String\" type is allowed");
        }
        if others.is_empty() && names.len() > 2 && !names.len().is_multiple_of(2) {
            self.error(path, format!("Should NOT have more than {} items", names.len() - 1));
        }
    }

    fn requires(
        &mut self, path: &str, object: &Map<String, Json>, member: &str,
        check: fn(&mut Self, &str, &Map<String, Json>, &str),
    ) {
        if object.contains_key(member) {
            check(self, path, object, member);
        } else {
            self.error(path, format!("Should have required property '{member}'"));
        }
    }

    fn is_text(&mut self, path: &str, object: &Map<String, Json>, member: &str) {
        if object.get(member).is_some_and(|value| !value.is_string()) {
            self.error(&format!("{path}/{member}"), "Should be string");
        }
    }

    fn is_list(&mut self, path: &str, object: &Map<String, Json>, member: &str) {
        if object.get(member).is_some_and(|value| !value.is_array()) {
            self.error(&format!("{path}/{member}"), "Should be array");
        }
    }

    fn is_one_of(&mut self, path: &str, object: &Map<String, Json>, member: &str, allowed: &[&str]) {
        if object.get(member).is_some_and(|value| value.as_str().is_none_or(|text| !allowed.contains(&text))) {
            self.error(&format!("{path}/{member}"), "Should be equal to one of the allowed values");
        }
    }

    fn is_within(&mut self, path: &str, object: &Map<String, Json>, member: &str, least: i64, most: i64) {
        let Some(value) = object.get(member) else { return };
        let own = format!("{path}/{member}");
        match value.as_i64() {
            None => self.error(&own, "Should be integer"),
            Some(number) if number < least => self.error(&own, format!("Should be >= {least}")),
            Some(number) if number > most => self.error(&own, format!("Should be <= {most}")),
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn errors(widget: &str) -> Vec<(String, String)> {
        let Err(Fault::InvalidDashboard(told)) = check(&format!(r#"{{"widgets": [{widget}]}}"#)) else {
            return Vec::new();
        };
        let list: Vec<Json> = serde_json::from_str(told.split_once('\n').unwrap().1).unwrap();
        let text = |value: &Json| value.as_str().unwrap().to_owned();
        list.iter().map(|error| (text(&error["dataPath"]), text(&error["message"]))).collect()
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let metric = |metrics: &str| format!(r#"{{"type": "metric", "properties": {{"metrics": {metrics}}}}}"#);
        for (widget, path, text) in [
            ("1".to_owned(), "/widgets/0", "Should be object"),
            ("{}".to_owned(), "/widgets/0", "Should have required property 'type'"),
            (r#"{"type": 1}"#.to_owned(), "/widgets/0/type", "Should be string"),
            (r#"{"type": "text"}"#.to_owned(), "/widgets/0", "Should have required property 'properties'"),
            (
                r#"{"type": "text", "properties": {}}"#.to_owned(),
                "/widgets/0/properties",
                "Should have required property 'markdown'",
            ),
            (r#"{"type": "custom", "properties": {}, "width": 25}"#.to_owned(), "/widgets/0/width", "Should be <= 24"),
            (metric("1"), "/widgets/0/properties/metrics", "Should be array"),
            (
                metric(r#"[["n", "m", {"d": "v"}, "x"]]"#),
                "/widgets/0/properties/metrics/0/2",
                "Invalid metric field type, only \"String\" type is allowed",
            ),
            (metric(r#"[["n", "m", "d"]]"#), "/widgets/0/properties/metrics/0", "Should NOT have more than 2 items"),
        ] {
            assert_eq!(errors(&widget), [(path.to_owned(), text.to_owned())], "{widget}");
        }
        for fine in [
            metric(r#"[["n", "m", "d", "v", {"stat": "Sum"}], [{"expression": "m1"}], ["...", "w"], [".", "m"]]"#),
            r#"{"type": "text", "x": 0, "y": 0, "width": 24, "height": 2, "properties": {"markdown": "a"}}"#.to_owned(),
        ] {
            assert_eq!(errors(&fine), [], "{fine}");
        }
    }

    #[test]
    fn the_refusal_has_the_form_that_users_quote() {
        let told = check(r#"{"widgets": [{"type": "text"}]}"#).unwrap_err().to_string();
        let expected = "The dashboard body is invalid, there are 1 validation errors:\n[\n  {\n    \"dataPath\": \
                        \"/widgets/0\",\n    \"message\": \"Should have required property 'properties'\"\n  }\n]";
        assert_eq!(told, expected);
    }

    #[test]
    fn a_widget_of_a_type_that_is_not_known_is_only_a_warning() {
        let warnings = check(r#"{"widgets": [{"type": "new"}]}"#).unwrap();
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0].path, "/widgets/0/type");
    }

    proptest! {
        #[test]
        fn any_text_is_checked(text in r#"[\[\]{}",:a-z0-9 ]{0,60}"#) {
            let _ = check(&text);
        }
    }
}
