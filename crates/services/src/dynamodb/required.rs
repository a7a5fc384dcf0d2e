//! The members that requests must have, where the engine says in words of its own that one is not there.
//!
//! Source: API reference, the request parameters of each operation.

use serde_json::Value;

use super::fault::Fault;

/// The most that is told of at once.
const MOST: usize = 10;

/// The members that must be there, as paths: through each of a list with `[]`, of a map with `{}`. What is in a structure
/// that is not there need not be there.
const OF_OPERATIONS: [(&str, &[&str]); 10] = [
    ("BatchExecuteStatement", &["Statements [] Statement"]),
    ("BatchGetItem", &["RequestItems", "RequestItems {} Keys"]),
    ("BatchWriteItem", &["RequestItems", "RequestItems {} [] PutRequest Item", "RequestItems {} [] DeleteRequest Key"]),
    ("CreateTable", &["StreamSpecification StreamEnabled"]),
    ("ExecuteStatement", &["Statement"]),
    ("ExecuteTransaction", &["TransactStatements [] Statement"]),
    ("TransactGetItems", &["TransactItems", "TransactItems [] Get Key", "TransactItems [] Get TableName"]),
    (
        "TransactWriteItems",
        &[
            "TransactItems",
            "TransactItems [] ConditionCheck Key",
            "TransactItems [] ConditionCheck TableName",
            "TransactItems [] ConditionCheck ConditionExpression",
            "TransactItems [] Put Item",
            "TransactItems [] Put TableName",
            "TransactItems [] Delete Key",
            "TransactItems [] Delete TableName",
            "TransactItems [] Update Key",
            "TransactItems [] Update UpdateExpression",
            "TransactItems [] Update TableName",
        ],
    ),
    (
        "UpdateTable",
        &[
            "GlobalSecondaryIndexUpdates [] Create IndexName",
            "GlobalSecondaryIndexUpdates [] Create KeySchema",
            "GlobalSecondaryIndexUpdates [] Create Projection",
            "GlobalSecondaryIndexUpdates [] Delete IndexName",
            "GlobalSecondaryIndexUpdates [] Update IndexName",
            "StreamSpecification StreamEnabled",
        ],
    ),
    (
        "UpdateTimeToLive",
        &["TimeToLiveSpecification", "TimeToLiveSpecification Enabled", "TimeToLiveSpecification AttributeName"],
    ),
];

/// Refuses a request that lacks members which it must have.
///
/// # Errors
/// Those that are not there, in the words of AWS.
pub(super) fn check(operation: &str, document: &Value) -> Result<(), Fault> {
    let Some((_, paths)) = OF_OPERATIONS.iter().find(|(name, _)| *name == operation) else { return Ok(()) };
    let mut missing = Vec::new();
    for path in *paths {
        let steps: Vec<&str> = path.split(' ').collect();
        find(document, &steps, "", &mut missing);
    }
    missing.truncate(MOST);
    let told: Vec<_> = missing.iter().map(|path| null(path)).collect();
    match told.len() {
        0 => Ok(()),
        1 => Err(Fault::Validation(format!("1 validation error detected: {}", told.concat()))),
        count => Err(Fault::Validation(format!("{count} validation errors detected: {}", told.join("; ")))),
    }
}

/// What is told of a member that is not there.
pub(super) fn null(path: &str) -> String {
    format!("Value null at '{path}' failed to satisfy constraint: Member must not be null")
}

/// The member's name as it is told.
pub(super) fn shown(member: &str) -> String {
    let mut rest = member.chars();
    rest.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(rest).collect()
}

/// Finds where the last member of a path is missing. `at` is where the value is.
fn find(value: &Value, steps: &[&str], at: &str, missing: &mut Vec<String>) {
    let Some((step, rest)) = steps.split_first() else { return };
    match *step {
        "[]" => {
            for (index, member) in value.as_array().into_iter().flatten().enumerate() {
                find(member, rest, &format!("{at}.{}.member", index + 1), missing);
            }
        }
        "{}" => {
            for (key, member) in value.as_object().into_iter().flatten() {
                find(member, rest, &format!("{at}.{key}.member"), missing);
            }
        }
        name => {
            let Some(members) = value.as_object() else { return };
            let dot = if at.is_empty() { "" } else { "." };
            let path = format!("{at}{dot}{}", shown(name));
            match members.get(name).filter(|member| !member.is_null()) {
                Some(member) => find(member, rest, &path, missing),
                None if rest.is_empty() => missing.push(path),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(operation: &str, document: &Value) -> Option<String> {
        check(operation, document).err().map(|fault| fault.to_string())
    }

    #[test]
    fn what_is_missing_is_told_with_its_place() {
        let of = |path: &str| Some(format!("1 validation error detected: {}", null(path)));
        let cases = [
            ("BatchGetItem", json!({}), "requestItems"),
            ("BatchGetItem", json!({"RequestItems": {"Music": {}}}), "requestItems.Music.member.keys"),
            (
                "BatchWriteItem",
                json!({"RequestItems": {"Music": [{"DeleteRequest": {"Key": {}}}, {"PutRequest": {}}]}}),
                "requestItems.Music.member.2.member.putRequest.item",
            ),
            (
                "TransactWriteItems",
                json!({"TransactItems": [{"Update": {"TableName": "Music", "Key": {}, "UpdateExpression": null}}]}),
                "transactItems.1.member.update.updateExpression",
            ),
            ("ExecuteTransaction", json!({"TransactStatements": [{}]}), "transactStatements.1.member.statement"),
            ("UpdateTable", json!({"StreamSpecification": {}}), "streamSpecification.streamEnabled"),
            ("UpdateTimeToLive", json!({}), "timeToLiveSpecification"),
        ];
        for (operation, document, path) in cases {
            assert_eq!(told(operation, &document), of(path), "{operation}");
        }
    }

    #[test]
    fn several_are_told_at_once_and_ten_at_most() {
        let index = json!({"GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "i"}}]});
        let both = format!(
            "2 validation errors detected: {}; {}",
            null("globalSecondaryIndexUpdates.1.member.create.keySchema"),
            null("globalSecondaryIndexUpdates.1.member.create.projection")
        );
        assert_eq!(told("UpdateTable", &index), Some(both));
        let many = json!({"Statements": vec![json!({}); 12]});
        assert!(told("BatchExecuteStatement", &many).unwrap().starts_with("10 validation errors detected: "));
    }

    #[test]
    fn what_is_whole_or_of_the_wrong_type_is_left_to_the_engine() {
        for document in [
            json!({"TransactItems": [{"Put": {"TableName": "Music", "Item": {}}}, {}]}),
            json!({"TransactItems": "x"}),
            json!({"TransactItems": [1, {"Put": "x"}]}),
        ] {
            assert_eq!(told("TransactWriteItems", &document), None, "{document}");
        }
        assert_eq!(told("GetItem", &json!({})), None);
    }
}
