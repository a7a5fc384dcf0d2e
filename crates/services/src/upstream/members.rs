//! What a document of a request may have: the members that the operation has in the API's model. Others, which nobody
//! decided about, do not go on. One that differs from a known one in nothing but the case of its letters is refused, since
//! some servers take it for that one.

use serde_json::Value as Json;
use sidegate_wire::aws_json::JsonError;

/// A line for each operation: the service, the operation and its members.
///
/// Source: the API models of KMS, CloudWatch Logs and Secrets Manager.
const ALL: &str = include_str!("members.txt");

/// A document with the members that its operation has. That of an operation which is none stays as it is, and is refused
/// by whoever decides about it.
pub(crate) fn own(service: &str, operation: &str, mut document: Json) -> Result<Json, JsonError> {
    let known = ALL.lines().find_map(|line| {
        let mut words = line.splitn(3, ' ');
        let is_own = words.next() == Some(service) && words.next() == Some(operation);
        is_own.then(|| words.next().unwrap_or_default())
    });
    if let Some(known) = known {
        retain(&mut document, known)?;
    }
    Ok(document)
}

fn retain(document: &mut Json, known: &str) -> Result<(), JsonError> {
    let Some(members) = document.as_object_mut() else { return Ok(()) };
    let known: Vec<&str> = known.split(' ').filter(|name| !name.is_empty()).collect();
    let alike =
        |name: &String| !known.contains(&name.as_str()) && known.iter().any(|own| own.eq_ignore_ascii_case(name));
    if members.keys().any(alike) {
        return Err(JsonError::Document { detail: "a member has the name of another in other letters".to_owned() });
    }
    members.retain(|name, _| known.contains(&name.as_str()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_members_of_the_operation_go_on() {
        let sent = json!({"KeyId": "a", "CiphertextBlob": "b", "PolicyName": "c"});
        assert_eq!(own("kms", "Decrypt", sent).unwrap(), json!({"KeyId": "a", "CiphertextBlob": "b"}));
        assert!(own("kms", "Decrypt", json!({"KeyId": "a", "keyid": "b"})).is_err());
        assert!(own("secretsmanager", "GetSecretValue", json!({"secretId": "b"})).is_err());
        assert_eq!(own("kms", "Unheard", json!({"a": 1})).unwrap(), json!({"a": 1}));
        // One whose name begins like another's.
        assert_eq!(own("kms", "GenerateDataKey", json!({"KeyId": "a", "x": 1})).unwrap(), json!({"KeyId": "a"}));
        assert_eq!(
            own("kms", "GenerateDataKeyPair", json!({"KeyPairSpec": "a"})).unwrap(),
            json!({"KeyPairSpec": "a"})
        );
    }
}
