//! Whose the ARNs of a server are: what the server has counts as the caller's own, so that the account and the Region in
//! its ARNs stand for those of the caller.

use serde_json::Value as Json;
use sidegate_model::{AccountId, Scope};

use super::origin::Origin;

/// Where a server says that its resources are, and where they are for a caller.
pub(crate) struct Place<'a> {
    /// The service in its ARNs.
    vendor: &'static str,
    region: &'a str,
    account: &'a AccountId,
    scope: &'a Scope,
}

impl<'a> Place<'a> {
    pub(super) fn of(origin: &'a Origin, vendor: &'static str, scope: &'a Scope) -> Self {
        Self { vendor, region: &origin.region, account: origin.account.as_ref().unwrap_or(&scope.account), scope }
    }

    /// What a text names here: an ARN of the server is one of the caller's. All else is as it was.
    pub(crate) fn here(&self, text: &str) -> String {
        let Some(rest) = text.strip_prefix("arn:aws:").and_then(|rest| rest.strip_prefix(self.vendor)) else {
            return text.to_owned();
        };
        let mut parts = rest.splitn(4, ':');
        let (Some(""), Some(region), Some(account), Some(resource)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return text.to_owned();
        };
        if account != self.account.as_str() {
            return text.to_owned();
        }
        let region = self.region_here(region);
        format!("arn:aws:{}:{region}:{}:{resource}", self.vendor, self.scope.account)
    }

    /// The Region that one of the server's stands for.
    pub(crate) fn region_here(&self, region: &str) -> String {
        if region == self.region { self.scope.region.to_string() } else { region.to_owned() }
    }

    /// Whether what is named by an ARN is the caller's, in the Region of the request.
    pub(crate) fn is_own(&self, arn: &str) -> bool {
        let own = format!("arn:aws:{}:{}:{}:", self.vendor, self.scope.region, self.scope.account);
        arn.starts_with(&own)
    }

    /// Puts what they name here into the members of a document that name resources, each a text or a list of texts.
    pub(crate) fn put_here(&self, document: &mut Json, members: &[&str]) {
        let put = |text: &mut Json| {
            if let Json::String(text) = text {
                *text = self.here(text);
            }
        };
        for member in members {
            match document.get_mut(*member) {
                Some(Json::Array(texts)) => texts.iter_mut().for_each(put),
                Some(text) => put(text),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sidegate_wire::sigv4::SecretKey;

    use super::*;

    #[test]
    fn what_the_server_has_is_the_callers() {
        let origin = Origin::new("http://h", String::new(), SecretKey::new(""), "eu-west-1".to_owned(), None).unwrap();
        let origin = origin.in_account("000000000000".parse().unwrap());
        let scope = Scope { account: "111122223333".parse().unwrap(), region: "us-east-1".parse().unwrap() };
        let place = Place::of(&origin, "logs", &scope);
        let own = "arn:aws:logs:us-east-1:111122223333:log-group:a:b";
        for (there, here) in [
            ("arn:aws:logs:eu-west-1:000000000000:log-group:a:b", own),
            (own, own),
            ("a", "a"),
            ("arn:aws:logs:eu-west-1:444455556666:log-group:a", "arn:aws:logs:eu-west-1:444455556666:log-group:a"),
            ("arn:aws:logs:us-west-2:000000000000:log-group:a", "arn:aws:logs:us-west-2:111122223333:log-group:a"),
            ("arn:aws:logsx:eu-west-1:000000000000:a", "arn:aws:logsx:eu-west-1:000000000000:a"),
            ("arn:aws:logs:eu-west-1", "arn:aws:logs:eu-west-1"),
        ] {
            assert_eq!(place.here(there), here);
        }
        assert!(place.is_own(own) && !place.is_own("arn:aws:logs:us-east-1:444455556666:log-group:a"));
        let mut document = json!({"resourceArn": "arn:aws:logs:eu-west-1:000000000000:log-group:a:b", "b": 1,
            "all": ["arn:aws:logs:eu-west-1:000000000000:log-group:a:b", 5], "other": "arn:aws:logs:eu-west-1:000000000000:x:y"});
        place.put_here(&mut document, &["resourceArn", "all", "b", "none"]);
        let expected = json!({"resourceArn": own, "b": 1, "all": [own, 5],
            "other": "arn:aws:logs:eu-west-1:000000000000:x:y"});
        assert_eq!(document, expected);
    }
}
