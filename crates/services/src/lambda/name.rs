//! How functions, their versions and aliases, and layers are named: parts of names, and ARNs.
//!
//! Source: API reference, `FunctionName`, `Qualifier` and `LayerName`.

use sidegate_model::{AccountId, Scope};

use super::fault::Fault;
use crate::Caller;
use crate::constraint::{Constraint, length};

/// The longest name of a function or a layer, where it stands alone.
const LONGEST: usize = 64;

/// What AWS shows of what a name is.
const PATTERN: &str = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?";

/// Where something of a name is: its account and Region, and the name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) scope: Scope,
    pub(super) name: String,
}

impl Place {
    /// The ARN of the function of this name.
    pub(super) fn function_arn(&self) -> String {
        let Scope { account, region } = &self.scope;
        format!("arn:aws:lambda:{region}:{account}:function:{}", self.name)
    }

    /// The ARN of a version or an alias of the function.
    pub(super) fn qualified_arn(&self, qualifier: &str) -> String {
        format!("{}:{qualifier}", self.function_arn())
    }

    /// The ARN of the layer of this name.
    pub(super) fn layer_arn(&self) -> String {
        let Scope { account, region } = &self.scope;
        format!("arn:aws:lambda:{region}:{account}:layer:{}", self.name)
    }
}

/// What a version or an alias is named by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Qualifier {
    /// `$LATEST`
    Latest,
    /// The number of a version.
    Version(u64),
    /// The name of an alias.
    Alias(String),
}

impl Qualifier {
    /// Reads one, in the member of this name.
    pub(super) fn parse(member: &'static str, text: &str) -> Result<Self, Fault> {
        length(member, text, 1, 128)?;
        if text == "$LATEST" {
            return Ok(Self::Latest);
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            // What is too large for a number is no version that exists.
            return Ok(Self::Version(text.parse().unwrap_or(u64::MAX)));
        }
        if text.bytes().all(is_plain) {
            return Ok(Self::Alias(text.to_owned()));
        }
        let pattern = r"Member must satisfy regular expression pattern: \$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+";
        Err(Constraint::of(text, member, pattern).into())
    }
}

impl std::fmt::Display for Qualifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Latest => f.write_str("$LATEST"),
            Self::Version(number) => write!(f, "{number}"),
            Self::Alias(name) => f.write_str(name),
        }
    }
}

/// Characters that a name is made of.
pub(super) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// A function, with or without a version or an alias, as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) place: Place,
    pub(super) qualifier: Option<Qualifier>,
}

impl Named {
    /// Reads a name, a part of an ARN, or an ARN.
    pub(super) fn parse(caller: &Caller, text: &str) -> Result<Self, Fault> {
        Self::parse_in(&caller.scope, text)
    }

    /// The same for whoever is in this account and Region.
    pub(super) fn parse_in(own: &Scope, text: &str) -> Result<Self, Fault> {
        length("functionName", text, 1, 256)?;
        let wrong = || {
            let pattern = format!("Member must satisfy regular expression pattern: {PATTERN}");
            Fault::from(Constraint::of(text, "functionName", pattern))
        };
        let mut parts: Vec<&str> = text.split(':').collect();
        if let ["arn", partition, "lambda", ..] = parts.as_slice() {
            if !partition.starts_with("aws") {
                return Err(wrong());
            }
            parts.drain(..3);
        }
        let mut scope = own.clone();
        let mut region = None;
        if let [first, _, ..] = parts.as_slice()
            && first.split('-').count() >= 3
            && first.ends_with(|c: char| c.is_ascii_digit())
        {
            region = Some((*first).to_owned());
            parts.remove(0);
        }
        if let [first, _, ..] = parts.as_slice()
            && let Ok(account) = first.parse::<AccountId>()
        {
            scope.account = account;
            parts.remove(0);
        }
        if let ["function", _, ..] = parts.as_slice() {
            parts.remove(0);
        }
        let (name, qualifier) = match parts.as_slice() {
            [name] => (*name, None),
            [name, qualifier] => (*name, Some(Qualifier::parse("functionName", qualifier)?)),
            _ => return Err(wrong()),
        };
        if name.is_empty() || !name.bytes().all(is_plain) {
            return Err(wrong());
        }
        length("functionName", name, 1, LONGEST)?;
        if let Some(other) = region.filter(|region| region != scope.region.as_str()) {
            return Err(Fault::not_found(format!(
                "Functions from '{other}' are not reachable in this region ('{}')",
                scope.region
            )));
        }
        Ok(Self { place: Place { scope, name: name.to_owned() }, qualifier })
    }

    /// With the qualifier of a parameter of its own.
    pub(super) fn qualified(mut self, qualifier: Option<&str>) -> Result<Self, Fault> {
        let Some(given) = qualifier.filter(|text| !text.is_empty()) else { return Ok(self) };
        let given = Qualifier::parse("qualifier", given)?;
        if self.qualifier.as_ref().is_some_and(|own| *own != given) {
            return Err(Fault::invalid(
                "The derived qualifier from the function name does not match the specified qualifier.",
            ));
        }
        self.qualifier = Some(given);
        Ok(self)
    }

    /// The ARN, with the qualifier as it was given.
    pub(super) fn arn(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => self.place.qualified_arn(&qualifier.to_string()),
            None => self.place.function_arn(),
        }
    }
}

/// Reads the name of a layer, or its ARN.
pub(super) fn layer_place(caller: &Caller, text: &str) -> Result<Place, Fault> {
    length("layerName", text, 1, 140)?;
    let wrong = || {
        let pattern = r"Member must satisfy regular expression pattern: (arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+";
        Fault::from(Constraint::of(text, "layerName", pattern))
    };
    let parts: Vec<&str> = text.split(':').collect();
    let (scope, name) = match parts.as_slice() {
        [name] => (caller.scope.clone(), *name),
        ["arn", _, "lambda", region, account, "layer", name] => {
            let account = account.parse().map_err(|_| wrong())?;
            (Scope { account, region: region.parse().map_err(|_| wrong())? }, *name)
        }
        _ => return Err(wrong()),
    };
    if name.is_empty() || !name.bytes().all(is_plain) {
        return Err(wrong());
    }
    Ok(Place { scope, name: name.to_owned() })
}

/// Reads the ARN of a version of a layer; `None` if it is none.
pub(super) fn layer_version(arn: &str) -> Option<(Place, u64)> {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", _, "lambda", region, account, "layer", name, number] = parts.as_slice() else { return None };
    let is_name = !name.is_empty() && name.bytes().all(is_plain);
    let scope = Scope { account: account.parse().ok()?, region: region.parse().ok()? };
    is_name.then_some((Place { scope, name: (*name).to_owned() }, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use sidegate_iam::{Path, Principal};

    use super::*;

    fn caller() -> Caller {
        let account: AccountId = "111122223333".parse().unwrap();
        Caller {
            request_id: String::new(),
            principal: Principal::Root(account.clone().into()),
            scope: Scope { account, region: "us-east-1".parse().unwrap() },
            access_key: None,
            path: Path::Public { source: [127, 0, 0, 1].into() },
            now: 0,
        }
    }

    #[test]
    fn a_function_is_named_by_any_end_of_its_arn() {
        for (text, arn) in [
            ("f", "111122223333:function:f"),
            ("f:$LATEST", "111122223333:function:f:$LATEST"),
            ("f:7", "111122223333:function:f:7"),
            ("function:f:live", "111122223333:function:f:live"),
            ("444455556666:f", "444455556666:function:f"),
            ("444455556666:function:f", "444455556666:function:f"),
            ("us-east-1:444455556666:function:f", "444455556666:function:f"),
            ("arn:aws:lambda:us-east-1:444455556666:function:f:live", "444455556666:function:f:live"),
        ] {
            let named = Named::parse(&caller(), text).unwrap();
            assert_eq!(named.arn(), format!("arn:aws:lambda:us-east-1:{arn}"), "{text}");
        }
        for text in ["", "a b", "f:1:2:3", "arn:aws:s3:::bucket", "f:", &"f".repeat(65)] {
            assert!(Named::parse(&caller(), text).is_err(), "{text}");
        }
        let elsewhere = Named::parse(&caller(), "arn:aws:lambda:eu-west-1:111122223333:function:f").unwrap_err();
        assert!(elsewhere.to_string().contains("not reachable in this region ('us-east-1')"));
    }

    #[test]
    fn a_qualifier_is_given_once_or_twice_alike() {
        let named = Named::parse(&caller(), "f:live").unwrap();
        assert!(named.clone().qualified(Some("live")).is_ok() && named.clone().qualified(None).is_ok());
        let refused = named.qualified(Some("1")).unwrap_err().to_string();
        assert!(refused.starts_with("The derived qualifier"), "{refused}");
    }

    #[test]
    fn a_layer_is_named_by_its_name_or_its_arn() {
        let place = layer_place(&caller(), "arn:aws:lambda:us-east-1:444455556666:layer:boto").unwrap();
        assert_eq!(place.layer_arn(), "arn:aws:lambda:us-east-1:444455556666:layer:boto");
        assert_eq!(layer_version(&format!("{}:3", place.layer_arn())), Some((place, 3)));
        assert_eq!(layer_version("arn:aws:lambda:us-east-1:444455556666:layer:boto"), None);
    }
}
