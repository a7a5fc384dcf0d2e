//! The policy document of an endpoint: what is accepted, and what is shown where none was given.

use sidegate_iam::{Policy, PolicyType};
use sidegate_model::{AccountId, Endpoint, EndpointKind, Error};
use sidegate_services::iam::Names;
use sidegate_wire::protocol::Failure;

use super::fault;

/// The default policy of an interface endpoint, as AWS shows it: without the version that a gateway endpoint's has.
///
/// Source: AWS CLI reference, examples of `describe-vpc-endpoints`.
const INTERFACE_DEFAULT: &str = "{\n  \"Statement\": [\n    {\n      \"Action\": \"*\", \n      \"Effect\": \
    \"Allow\", \n      \"Principal\": \"*\", \n      \"Resource\": \"*\"\n    }\n  ]\n}";

/// Checks a document of an account, and gives it as the endpoint keeps it: as it was given, but for the users and roles
/// that it names.
pub(super) fn checked(text: &str, names: &Names, account: &AccountId) -> Result<String, Failure> {
    let refused = |message| fault::of(&Error::InvalidPolicyDocument(message));
    Policy::parse_for_author(text, PolicyType::Endpoint).map_err(|error| refused(error.ec2_message()))?;
    names.keep(account, text).map_err(|unknown| refused(format!("The Policy Document is not valid. {unknown}")))
}

/// The document that an endpoint shows.
pub(super) fn shown(endpoint: &Endpoint, names: &Names) -> String {
    match (&endpoint.policy, &endpoint.kind) {
        (Some(document), _) => names.show(document).into_owned(),
        (None, EndpointKind::Gateway { .. }) => Policy::DEFAULT.to_owned(),
        (None, EndpointKind::Interface(_)) => INTERFACE_DEFAULT.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use sidegate_model::POLICY_LIMIT;

    use super::*;

    fn checked(text: &str) -> Result<String, Failure> {
        super::checked(text, &Names::default(), &"123456789012".parse().unwrap())
    }

    #[test]
    fn both_default_documents_are_policies_that_can_be_given_back() {
        for default in [Policy::DEFAULT, INTERFACE_DEFAULT] {
            assert_eq!(checked(default).unwrap(), default);
        }
    }

    #[test]
    fn a_document_is_refused_for_its_syntax_its_grammar_its_size_and_its_conditions() {
        let refused = |text: &str| {
            let failure = checked(text).err().unwrap();
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
        assert!(checked(&conditional("StringEquals")).is_ok());
        let (code, message) = refused(&conditional("StringEqual"));
        assert_eq!(code, "InvalidPolicyDocument");
        assert!(message.contains("StringEqual"), "{message}");
    }
}
