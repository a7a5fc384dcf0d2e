//! The policy document of an endpoint: what is accepted, and what is shown where none was given.

use sidegate_iam::Policy;
use sidegate_model::{Endpoint, EndpointKind, Error};
use sidegate_wire::protocol::Failure;

use super::fault;

/// The default policy of an interface endpoint, as AWS shows it: without the version that a gateway endpoint's has.
///
/// Source: AWS CLI reference, examples of `describe-vpc-endpoints`.
const INTERFACE_DEFAULT: &str = "{\n  \"Statement\": [\n    {\n      \"Action\": \"*\", \n      \"Effect\": \
    \"Allow\", \n      \"Principal\": \"*\", \n      \"Resource\": \"*\"\n    }\n  ]\n}";

/// Checks a document, which the endpoint then keeps as it was given.
pub(super) fn checked(text: String) -> Result<String, Failure> {
    match Policy::parse_for_endpoint(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(fault::of(&Error::InvalidPolicyDocument(error.ec2_message()))),
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
    use sidegate_model::POLICY_LIMIT;

    use super::*;

    #[test]
    fn both_default_documents_are_policies_that_can_be_given_back() {
        for default in [Policy::DEFAULT, INTERFACE_DEFAULT] {
            assert_eq!(checked(default.to_owned()).unwrap(), default);
        }
    }

    #[test]
    fn a_document_is_refused_for_its_syntax_its_grammar_its_size_and_its_conditions() {
        let refused = |text: &str| {
            let failure = checked(text.to_owned()).err().unwrap();
            (failure.code.to_string(), failure.message)
        };
        let (code, message) = refused("{\"Statement\": ");
        assert_eq!(code, "InvalidPolicyDocument");
        assert!(message.starts_with("The Policy Document is not valid. Syntax error at position (1,"), "{message}");
        assert_eq!(refused("{}").0, "InvalidPolicyDocument");
        let (code, message) = refused(&" ".repeat(POLICY_LIMIT + 1));
        assert_eq!(code, "InvalidPolicyDocument");
        assert!(message.contains("20480 characters"), "{message}");
        let conditional = |operator: &str| {
            let condition = format!(r#"{{"{operator}": {{"aws:PrincipalAccount": "123456789012"}}}}"#);
            let statement = r#""Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*""#;
            format!(r#"{{"Statement": [{{{statement}, "Condition": {condition}}}]}}"#)
        };
        assert!(checked(conditional("StringEquals")).is_ok());
        let (code, message) = refused(&conditional("StringEqual"));
        assert_eq!(code, "InvalidPolicyDocument");
        assert!(message.contains("StringEqual"), "{message}");
    }
}
