//! Principals of a policy's text in another spelling: services keep a user or a role by its unique id, and show it by its
//! ARN. All else in the text stays as it was written.
//!
//! Source: IAM user guide, "AWS JSON policy elements: Principal".

use std::borrow::Cow;

use crate::Policy;
use crate::grantee::GranteeKind;
use crate::json::{Json, Node, quote};

impl Policy {
    /// The text of a policy in which each principal of the kind `AWS` stands as `respell` writes it; where that gives none,
    /// it stays. A text that is no JSON has no principals.
    ///
    /// # Errors
    /// Whatever `respell` refuses a principal with.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use sidegate_iam::Policy;
    ///
    /// let text = r#"{ "Statement": {"Principal": {"AWS": ["arn:aws:iam::111111111111:role/app", "111111111111"]}} }"#;
    /// let respelled = Policy::with_principals(text, |principal| {
    ///     Ok::<_, Infallible>(principal.ends_with("role/app").then(|| "AROAIOSFODNN7EXAMPLE".to_owned()))
    /// })?;
    /// assert_eq!(respelled, r#"{ "Statement": {"Principal": {"AWS": ["AROAIOSFODNN7EXAMPLE", "111111111111"]}} }"#);
    /// # Ok::<(), Infallible>(())
    /// ```
    pub fn with_principals<E>(
        text: &str, mut respell: impl FnMut(&str) -> Result<Option<String>, E>,
    ) -> Result<Cow<'_, str>, E> {
        let Ok(document) = Node::read(text) else { return Ok(Cow::Borrowed(text)) };
        let (mut respelled, mut copied) = (String::new(), 0);
        for node in principals(&document) {
            let Some(principal) = node.text() else { continue };
            if let Some(spelling) = respell(principal)? {
                respelled.push_str(text.get(copied..node.offset).unwrap_or_default());
                respelled.push_str(&quote(&spelling));
                copied = node.end;
            }
        }
        if copied == 0 {
            return Ok(Cow::Borrowed(text));
        }
        respelled.push_str(text.get(copied..).unwrap_or_default());
        Ok(Cow::Owned(respelled))
    }
}

/// The principals of the kind `AWS`, in the order of the text.
fn principals(document: &Node) -> Vec<&Node> {
    let statements = document.member("Statement").into_iter().flat_map(Node::elements);
    let elements = statements.flat_map(|statement| match &statement.value {
        Json::Object(members) => members.as_slice(),
        _ => &[],
    });
    let named = elements.filter(|member| matches!(&*member.key, "Principal" | "NotPrincipal"));
    named.filter_map(|member| member.node.member(GranteeKind::Aws.as_str())).flat_map(Node::elements).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str) -> String {
        let respelled = Policy::with_principals(text, |principal| {
            if principal == "refused" { Err(principal.to_owned()) } else { Ok(Some(format!("<{principal}>"))) }
        });
        respelled.unwrap_or_else(Cow::Owned).into_owned()
    }

    #[test]
    fn principals_of_every_statement_are_respelled_and_nothing_else_is_touched() {
        let text = "{\"Id\": \"a\",\n\t\"Statement\": [ {\"Principal\": {\"Service\": \"s\", \"AWS\": \"caf\\u00e9\"}},\n {\"NotPrincipal\": \
                    {\"AWS\": [ \"b\" , \"\\\"\" ]}, \"Resource\": [\"AWS\"]} ] }\n";
        let expected = text.replace("caf\\u00e9", "<café>").replace("\"b\"", "\"<b>\"").replace("\\\"", "<\\\">");
        assert_eq!(marked(text), expected);
    }

    #[test]
    fn what_names_no_principal_stays_as_it_is() {
        for text in [
            "",
            "{",
            "[]",
            "{}",
            r#"{"Statement": [{"Principal": "*"}, 7]}"#,
            r#"{"Statement": {"Principal": {"AWS": [1]}}}"#,
        ] {
            assert_eq!(marked(text), text);
        }
    }

    #[test]
    fn the_first_principal_that_is_refused_refuses_the_text() {
        assert_eq!(marked(r#"{"Statement": {"Principal": {"AWS": ["a", "refused", "b"]}}}"#), "refused");
    }
}
