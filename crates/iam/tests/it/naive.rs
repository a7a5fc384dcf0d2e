//! A second evaluator, as simple as can be, from raw JSON: no compilation, no shortcuts, no speed.
//!
//! It knows users, role sessions, root users, services and anonymous principals, the operators of strings and ARNs,
//! numbers, Booleans and `Null`, and variables. Whatever it knows must come out as the engine has it.

use std::collections::BTreeMap;

use serde_json::Value;

/// A request, as plain as can be.
pub(super) struct Asked {
    pub(super) principal: String,
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) owner: String,
    pub(super) context: BTreeMap<String, Value>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Named {
    No,
    Account,
    Role,
    Itself,
}

impl Asked {
    fn account(&self) -> Option<&str> {
        self.principal.split(':').nth(4)
    }

    fn is_root(&self) -> bool {
        self.principal.ends_with(":root")
    }

    fn role(&self) -> Option<String> {
        let (_, rest) = self.principal.split_once(":assumed-role/")?;
        Some(format!("arn:aws:iam::{}:role/{}", self.account()?, rest.split('/').next()?))
    }

    /// All keys in lower case, with those that follow from the principal.
    fn keys(&self) -> BTreeMap<String, Vec<String>> {
        let mut keys = BTreeMap::new();
        let mut derive = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                keys.insert(key.to_owned(), vec![value]);
            }
        };
        let arn = self.account().map(|_| self.principal.clone());
        derive("aws:principalarn", self.role().or(arn));
        derive("aws:principalaccount", Some(self.account().unwrap_or("anonymous").to_owned()));
        derive("aws:username", self.principal.split_once(":user/").map(|(_, name)| name.to_owned()));
        derive("aws:resourceaccount", Some(self.owner.clone()));
        if self.principal.ends_with(".amazonaws.com") {
            keys.remove("aws:principalaccount");
        }
        for (key, value) in &self.context {
            let values = match value {
                Value::Array(list) => list.iter().map(text).collect(),
                one => vec![text(one)],
            };
            keys.insert(key.to_lowercase(), values);
        }
        keys
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn list(value: &Value) -> Vec<String> {
    value.as_array().map_or_else(|| vec![text(value)], |list| list.iter().map(text).collect())
}

/// A character of a pattern: itself, or a wildcard.
#[derive(Clone, Copy, PartialEq)]
enum Glyph {
    Itself(char),
    Any,
    One,
}

fn glob(pattern: &[Glyph], text: &[char]) -> bool {
    match (pattern.first(), text.first()) {
        (None, None) => true,
        (Some(Glyph::Any), _) => glob(&pattern[1..], text) || (!text.is_empty() && glob(pattern, &text[1..])),
        (Some(Glyph::One), Some(_)) => glob(&pattern[1..], &text[1..]),
        (Some(Glyph::Itself(own)), Some(other)) if own == other => glob(&pattern[1..], &text[1..]),
        _ => false,
    }
}

/// The glyphs of a pattern; `None` if a variable has no value.
fn glyphs(pattern: &str, wildcards: bool, keys: Option<&BTreeMap<String, Vec<String>>>) -> Option<Vec<Glyph>> {
    let mut glyphs = Vec::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        if let (Some(keys), Some((inside, after))) = (keys, rest.strip_prefix("${").and_then(|r| r.split_once('}'))) {
            let value = if ["*", "?", "$"].contains(&inside) {
                inside.to_owned()
            } else {
                let (key, default) = inside.split_once(", ").map_or((inside, None), |(key, d)| (key, Some(d)));
                match (keys.get(&key.to_lowercase()).map(Vec::as_slice), default) {
                    (Some([one]), _) => one.clone(),
                    (_, Some(default)) => default.trim_matches('\'').to_owned(),
                    _ => return None,
                }
            };
            glyphs.extend(value.chars().map(Glyph::Itself));
            rest = after;
            continue;
        }
        glyphs.push(match c {
            '*' if wildcards => Glyph::Any,
            '?' if wildcards => Glyph::One,
            other => Glyph::Itself(other),
        });
        rest = &rest[c.len_utf8()..];
    }
    Some(glyphs)
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// Splits glyphs into the parts of an ARN.
fn split<T: Copy + PartialEq>(all: &[T], colon: T) -> Vec<Vec<T>> {
    let mut parts: Vec<Vec<T>> = vec![Vec::new()];
    for &one in all {
        if one == colon && parts.len() < 6 {
            parts.push(Vec::new());
        } else {
            parts.last_mut().unwrap().push(one);
        }
    }
    parts
}

/// The patterns here have variables in their last part only, whose values have no colon.
fn arn(pattern: &[Glyph], text: &str) -> bool {
    if pattern == [Glyph::Any] {
        return true;
    }
    let mut parts = split(pattern, Glyph::Itself(':'));
    parts.resize(6, vec![Glyph::Any]);
    let text = split(&chars(text), ':');
    text.len() == 6 && parts.iter().zip(&text).all(|(pattern, text)| glob(pattern, text))
}

/// What one statement says: `None` if it does not speak of the request.
fn speaks(statement: &Value, variables: bool, asked: &Asked, bounded: bool) -> Named {
    let keys = asked.keys();
    let with = variables.then_some(&keys);
    let action = |pattern: &String| {
        glob(&glyphs(&pattern.to_lowercase(), true, None).unwrap(), &chars(&asked.action.to_lowercase()))
    };
    let acts = match (&statement["Action"], &statement["NotAction"]) {
        (Value::Null, not) => !list(not).iter().any(action),
        (own, _) => list(own).iter().any(action),
    };
    let resource = |pattern: &String| glyphs(pattern, true, with).map(|pattern| arn(&pattern, &asked.resource));
    let covers = match (&statement["Resource"], &statement["NotResource"]) {
        (Value::Null, Value::Null) => true,
        (Value::Null, not) => {
            let covered: Vec<_> = list(not).iter().map(resource).collect();
            covered.iter().all(|covered| *covered == Some(false))
        }
        (own, _) => list(own).iter().any(|pattern| resource(pattern) == Some(true)),
    };
    let holds = statement["Condition"].as_object().is_none_or(|operators| {
        operators.iter().all(|(operator, conditions)| {
            conditions.as_object().unwrap().iter().all(|(key, values)| {
                condition(operator, &list(values), keys.get(&key.to_lowercase()).cloned().unwrap_or_default(), with)
            })
        })
    });
    if acts && covers && holds { named(statement, asked, bounded) } else { Named::No }
}

fn named(statement: &Value, asked: &Asked, bounded: bool) -> Named {
    let name = |who: &String| match who.as_str() {
        "*" => Named::Itself,
        who if *who == *asked.principal => Named::Itself,
        who if Some(who) == asked.role().as_deref() => Named::Role,
        who if asked.account() == who.strip_suffix(":root").unwrap_or(who).split(':').next_back() => {
            if asked.is_root() { Named::Itself } else { Named::Account }
        }
        _ => Named::No,
    };
    let all = |element: &Value| -> Vec<String> {
        match element {
            Value::Object(kinds) => kinds.values().flat_map(list).collect(),
            one => list(one),
        }
    };
    match (&statement["Principal"], &statement["NotPrincipal"]) {
        (Value::Null, Value::Null) => Named::Itself,
        (Value::Null, not) => {
            let names: Vec<_> = all(not).iter().map(name).collect();
            let has = |wanted| names.contains(&wanted);
            let account = all(not).iter().any(|who| {
                asked.account().is_some()
                    && who != "*"
                    && (who.ends_with(":root") || who.len() == 12)
                    && name(who) != Named::No
            });
            let spared = if statement["Effect"] == "Allow" {
                names.iter().any(|name| *name != Named::No)
            } else if bounded {
                false
            } else if asked.account().is_none() || all(not).contains(&"*".to_owned()) {
                has(Named::Itself)
            } else if asked.role().is_some() {
                let prefix = asked.principal.rsplit_once('/').unwrap().0;
                let sessions =
                    all(not).iter().any(|who| who.rsplit_once('/').is_some_and(|(start, _)| start == prefix));
                account && has(Named::Role) && (has(Named::Itself) || !sessions)
            } else {
                account && has(Named::Itself)
            };
            if spared { Named::No } else { Named::Itself }
        }
        (own, _) => {
            let names: Vec<_> = all(own).iter().map(name).collect();
            [Named::Itself, Named::Role, Named::Account].into_iter().find(|n| names.contains(n)).unwrap_or(Named::No)
        }
    }
}

/// Three values: true, false, and unknown for want of a variable.
fn condition(
    name: &str, expected: &[String], actual: Vec<String>, keys: Option<&BTreeMap<String, Vec<String>>>,
) -> bool {
    let (set, name) = name.split_once(':').map_or((None, name), |(set, name)| (Some(set), name));
    let (name, if_exists) = name.strip_suffix("IfExists").map_or((name, false), |name| (name, true));
    if name == "Null" {
        return expected.iter().any(|value| value.eq_ignore_ascii_case("true") == actual.is_empty());
    }
    let positive = name.replace("Not", "");
    let negated = positive != name;
    if actual.is_empty() || (set.is_some() && actual.iter().all(String::is_empty)) {
        return if_exists || set == Some("ForAllValues") || (set.is_none() && negated);
    }
    let one = |actual: &String| -> Option<bool> {
        let answers: Vec<Option<bool>> =
            expected.iter().map(|expected| compare(&positive, expected, actual, keys)).collect();
        let matches = if answers.contains(&Some(true)) {
            Some(true)
        } else if answers.contains(&None) {
            None
        } else {
            Some(false)
        };
        matches.map(|matches| matches != negated)
    };
    let answers: Vec<_> = actual.iter().map(one).collect();
    if set == Some("ForAllValues") || (set.is_none() && negated) {
        answers.iter().all(|answer| *answer == Some(true))
    } else {
        answers.contains(&Some(true))
    }
}

fn compare(name: &str, expected: &str, actual: &str, keys: Option<&BTreeMap<String, Vec<String>>>) -> Option<bool> {
    let number = |text: &str| text.parse::<f64>().ok();
    let numbers = number(expected).zip(number(actual));
    Some(match name {
        "StringEquals" => glob(&glyphs(expected, false, keys)?, &chars(actual)),
        "StringEqualsIgnoreCase" => {
            let own: String = glyphs(expected, false, keys)?
                .iter()
                .map(|glyph| if let Glyph::Itself(c) = glyph { *c } else { unreachable!() })
                .collect();
            own.to_lowercase() == actual.to_lowercase()
        }
        "StringLike" => glob(&glyphs(expected, true, keys)?, &chars(actual)),
        "ArnEquals" | "ArnLike" => arn(&glyphs(expected, true, keys)?, actual),
        "NumericEquals" => numbers.is_some_and(|(expected, actual)| expected == actual),
        "NumericLessThan" => numbers.is_some_and(|(expected, actual)| actual < expected),
        "Bool" => expected.eq_ignore_ascii_case(actual) && ["true", "false"].contains(&actual.to_lowercase().as_str()),
        other => unreachable!("{other}"),
    })
}

/// The outcome of a case in the form of the corpora, by name.
pub(super) fn outcome(case: &Value, asked: &Asked) -> &'static str {
    let policies = |layer: &str| -> Vec<Value> {
        match &case[layer] {
            Value::Null => Vec::new(),
            Value::Array(list) => list.clone(),
            one => vec![one.clone()],
        }
    };
    let bounded = !policies("boundary").is_empty();
    let said = |policies: &[Value], effect: &str| -> Vec<Named> {
        let statements = policies.iter().flat_map(|policy| {
            let variables = policy["Version"] == "2012-10-17";
            policy["Statement"].as_array().unwrap().iter().map(move |statement| (statement, variables))
        });
        let own = statements.filter(|(statement, _)| statement["Effect"] == effect);
        own.map(|(statement, variables)| speaks(statement, variables, asked, bounded))
            .filter(|n| *n != Named::No)
            .collect()
    };
    let person = asked.account().is_some();
    let levels = |layer: &str| -> Vec<Vec<Value>> {
        policies(layer).iter().map(|level| level.as_array().unwrap().clone()).collect()
    };
    let scp = if person { levels("scp") } else { Vec::new() };
    let own = |layer: &str| if person { policies(layer) } else { Vec::new() };
    let mut all =
        [policies("endpoint"), policies("resourcePolicy"), own("identity"), own("boundary"), own("session")].concat();
    all.extend(levels("rcp").concat());
    all.extend(scp.concat());
    if !said(&all, "Deny").is_empty() {
        return "ExplicitlyDenied";
    }
    let allows = |layer: &str| policies(layer).is_empty() || !said(&policies(layer), "Allow").is_empty();
    let ceiling = allows("endpoint") && scp.iter().all(|level| !said(level, "Allow").is_empty());
    let grants = said(&policies("resourcePolicy"), "Allow");
    let limits = allows("boundary") && allows("session");
    let identity = limits && (asked.is_root() || !said(&policies("identity"), "Allow").is_empty());
    let resource = grants.contains(&Named::Itself) || (grants.contains(&Named::Role) && limits);
    let sides = if !person {
        !grants.is_empty()
    } else if asked.account() != Some(&asked.owner) {
        identity && !grants.is_empty()
    } else if asked.action.starts_with("kms:") {
        resource || (identity && !grants.is_empty())
    } else {
        identity || resource
    };
    if ceiling && sides { "Allowed" } else { "ImplicitlyDenied" }
}
