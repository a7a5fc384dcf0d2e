//! The members that requests about items have. What is no member is left out before anybody decides or does anything, so that
//! nobody is asked about one part of a request while the engine carries out another.
//!
//! Source: API reference, the request syntax of each operation.

use serde_json::{Map, Value};

use super::fault::Fault;

const OF_EXPRESSIONS: [&str; 2] = ["ExpressionAttributeNames", "ExpressionAttributeValues"];

/// The members of each operation on items, but for those of expressions.
const OF_OPERATIONS: [(&str, &[&str]); 14] = [
    ("BatchExecuteStatement", &["Statements", "ReturnConsumedCapacity"]),
    ("BatchGetItem", &["RequestItems", "ReturnConsumedCapacity"]),
    ("BatchWriteItem", &["RequestItems", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"]),
    (
        "DeleteItem",
        &[
            "TableName",
            "Key",
            "ConditionExpression",
            "ConditionalOperator",
            "Expected",
            "ReturnConsumedCapacity",
            "ReturnItemCollectionMetrics",
            "ReturnValues",
            "ReturnValuesOnConditionCheckFailure",
        ],
    ),
    (
        "ExecuteStatement",
        &[
            "Statement",
            "Parameters",
            "ConsistentRead",
            "Limit",
            "NextToken",
            "ReturnConsumedCapacity",
            "ReturnValuesOnConditionCheckFailure",
        ],
    ),
    ("ExecuteTransaction", &["TransactStatements", "ClientRequestToken", "ReturnConsumedCapacity"]),
    (
        "GetItem",
        &["TableName", "Key", "AttributesToGet", "ConsistentRead", "ProjectionExpression", "ReturnConsumedCapacity"],
    ),
    (
        "PutItem",
        &[
            "TableName",
            "Item",
            "ConditionExpression",
            "ConditionalOperator",
            "Expected",
            "ReturnConsumedCapacity",
            "ReturnItemCollectionMetrics",
            "ReturnValues",
            "ReturnValuesOnConditionCheckFailure",
        ],
    ),
    (
        "Query",
        &[
            "TableName",
            "IndexName",
            "AttributesToGet",
            "ConditionalOperator",
            "ConsistentRead",
            "ExclusiveStartKey",
            "FilterExpression",
            "KeyConditionExpression",
            "KeyConditions",
            "Limit",
            "ProjectionExpression",
            "QueryFilter",
            "ReturnConsumedCapacity",
            "ScanIndexForward",
            "Select",
        ],
    ),
    (
        "Scan",
        &[
            "TableName",
            "IndexName",
            "AttributesToGet",
            "ConditionalOperator",
            "ConsistentRead",
            "ExclusiveStartKey",
            "FilterExpression",
            "Limit",
            "ProjectionExpression",
            "ReturnConsumedCapacity",
            "ScanFilter",
            "Segment",
            "Select",
            "TotalSegments",
        ],
    ),
    (
        "SearchVectors",
        &[
            "TableName",
            "IndexName",
            "ProjectionExpression",
            "ReturnConsumedCapacity",
            "SearchConditionExpression",
            "SearchVector",
            "TopK",
        ],
    ),
    ("TransactGetItems", &["TransactItems", "ReturnConsumedCapacity"]),
    (
        "TransactWriteItems",
        &["TransactItems", "ClientRequestToken", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"],
    ),
    (
        "UpdateItem",
        &[
            "TableName",
            "Key",
            "AttributeUpdates",
            "ConditionExpression",
            "ConditionalOperator",
            "Expected",
            "ReturnConsumedCapacity",
            "ReturnItemCollectionMetrics",
            "ReturnValues",
            "ReturnValuesOnConditionCheckFailure",
            "UpdateExpression",
        ],
    ),
];

/// Leaves only the members that the operation has.
pub(super) fn keep(operation: &str, document: &mut Value) {
    if let Some((_, members)) = OF_OPERATIONS.iter().find(|(name, _)| *name == operation)
        && let Some(document) = document.as_object_mut()
    {
        only(document, members);
    }
}

/// Leaves only these members, those of expressions, and none that is null.
pub(super) fn only(document: &mut Map<String, Value>, members: &[&str]) {
    document.retain(|name, value| {
        !value.is_null() && (members.contains(&name.as_str()) || OF_EXPRESSIONS.contains(&name.as_str()))
    });
}

/// The one member of these that a part of a request has.
///
/// # Errors
/// `several` if there are more.
pub(super) fn one<'a>(
    part: &mut Map<String, Value>, members: &[&'a str], several: &str,
) -> Result<Option<&'a str>, Fault> {
    only(part, members);
    part.retain(|name, _| members.contains(&name.as_str()));
    if part.len() > 1 {
        return Err(Fault::Validation(several.to_owned()));
    }
    Ok(members.iter().find(|member| part.contains_key(**member)).copied())
}
