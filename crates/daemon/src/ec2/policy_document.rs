//! The policy document of an endpoint: what is accepted, and what is shown where none was given.

use sidegate_iam::{Policy, PolicyError};
use sidegate_model::{Endpoint, EndpointKind, Error, POLICY_LIMIT};
use sidegate_wire::protocol::Failure;

use super::fault;

/// The default policy of an interface endpoint, as AWS shows it: without the version that a gateway endpoint's has.
///
/// Source: AWS CLI reference, examples of `describe-vpc-endpoints`.
const INTERFACE_DEFAULT: &str = "{\n  \"Statement\": [\n    {\n      \"Action\": \"*\", \n      \"Effect\": \
    \"Allow\", \n      \"Principal\": \"*\", \n      \"Resource\": \"*\"\n    }\n  ]\n}";

/// Checks a document, which the endpoint then keeps as it was given.
pub(super) fn checked(text: String) -> Result<String, Failure> {
    if text.chars().count() > POLICY_LIMIT {
        // Said before it is parsed, so that the size of a request bounds the work.
        let message = format!("The Policy Document exceeds the maximum of {POLICY_LIMIT} characters.");
        return Err(fault::of(&Error::InvalidPolicyDocument(message)));
    }
    match Policy::parse(&text) {
        Ok(_) => Ok(text),
        Err(error @ PolicyError::Unsupported(_)) => Err(fault::unsupported(error.to_string())),
        Err(error) => Err(fault::of(&Error::InvalidPolicyDocument(error.to_string()))),
    }
}

/// The document that an endpoint shows.
pub(super) fn shown(endpoint: &Endpoint) -> &str {
    match (&endpoint.policy, &endpoint.kind) {
        (Some(document), _) => document,
        (None, EndpointKind::Gateway { .. }) => Policy::DEFAULT,
        (None, EndpointKind::Interface(_)) => INTERFACE_DEFAULT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_default_documents_are_policies_that_can_be_given_back() {
        for default in [Policy::DEFAULT, INTERFACE_DEFAULT] {
            assert_eq!(checked(default.to_owned()).unwrap(), default);
        }
    }

    #[test]
    fn a_document_is_refused_for_its_syntax_its_grammar_its_size_and_what_is_not_evaluated() {
        let refused = |text: &str| {
            let failure = checked(text.to_owned()).err().unwrap();
            (failure.code.to_string(), failure.message)
        };
        let (code, message) = refused("{\"Statement\": ");
        assert_eq!(code, "InvalidPolicyDocument");
        assert!(message.starts_with("The Policy Document is not valid. Syntax error at position (1,"), "{message}");
        assert_eq!(refused("{}").0, "InvalidPolicyDocument");
        assert_eq!(refused(&" ".repeat(POLICY_LIMIT + 1)).0, "InvalidPolicyDocument");
        let condition = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}}]}"#;
        let (code, message) = refused(condition);
        assert_eq!(code, "UnsupportedOperation");
        assert!(message.contains("`Condition`"), "{message}");
    }
}
