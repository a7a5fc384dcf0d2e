//! The members that requests have, and of which type each is.
//!
//! Source: API reference, the request syntax of each operation and its data types.

mod tables;

use Shape::{Any, Blob, Flag, Integer, List, Map, Structure, Text, Value};
pub(super) use tables::ON_TABLES;

/// What a member is to be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    Text,
    Flag,
    /// A number of 32 bits, or of 64.
    Integer,
    Long,
    /// Bytes in Base64.
    Blob,
    /// A structure, with the name of its type.
    Structure(&'static str, &'static [Member]),
    List(&'static Shape),
    /// A map, with the type of its values as it is told.
    Map(&'static str, &'static Shape),
    /// Whatever the engine reads.
    Any,
    /// An `AttributeValue`, whose `BOOL` and `NULL` the engine reads.
    Value,
}

/// A member: its name and its type.
pub(super) type Member = (&'static str, Shape);

const TEXTS: Shape = List(&Text);
const VALUES: Shape = List(&Value);

/// Attributes by their names, keys among them.
const ATTRIBUTES: Shape = Map("com.amazonaws.dynamodb.v20120810.AttributeValue", &Value);
const NAMES: Shape = Map("java.lang.String", &Text);

/// The members of expressions, which every operation on items may have.
pub(super) const OF_EXPRESSIONS: [Member; 2] =
    [("ExpressionAttributeNames", NAMES), ("ExpressionAttributeValues", ATTRIBUTES)];

/// The members of a value.
pub(super) const OF_VALUES: [Member; 8] = [
    ("S", Text),
    ("N", Text),
    ("B", Blob),
    ("SS", TEXTS),
    ("NS", TEXTS),
    ("BS", List(&Blob)),
    ("L", VALUES),
    ("M", ATTRIBUTES),
];

const CONDITIONS: Shape = Map(
    "com.amazonaws.dynamodb.v20120810.Condition",
    &Structure("Condition", &[("AttributeValueList", VALUES), ("ComparisonOperator", Text)]),
);

const EXPECTED: Shape = Map(
    "com.amazonaws.dynamodb.v20120810.ExpectedAttributeValue",
    &Structure(
        "ExpectedAttributeValue",
        &[("Value", Value), ("AttributeValueList", VALUES), ("ComparisonOperator", Text), ("Exists", Flag)],
    ),
);

const UPDATES: Shape = Map(
    "com.amazonaws.dynamodb.v20120810.AttributeValueUpdate",
    &Structure("AttributeValueUpdate", &[("Value", Value), ("Action", Text)]),
);

const STATEMENTS: Shape = List(&Structure(
    "ParameterizedStatement",
    &[("Statement", Text), ("Parameters", VALUES), ("ReturnValuesOnConditionCheckFailure", Text)],
));

/// The members of each operation on items, but for those of expressions. They have no others.
pub(super) const ON_ITEMS: [(&str, &[Member]); 14] = [
    (
        "BatchExecuteStatement",
        &[
            (
                "Statements",
                List(&Structure(
                    "BatchStatementRequest",
                    &[
                        ("Statement", Text),
                        ("Parameters", VALUES),
                        ("ConsistentRead", Flag),
                        ("ReturnValuesOnConditionCheckFailure", Text),
                    ],
                )),
            ),
            ("ReturnConsumedCapacity", Text),
        ],
    ),
    (
        "BatchGetItem",
        &[
            (
                "RequestItems",
                Map(
                    "com.amazonaws.dynamodb.v20120810.KeysAndAttributes",
                    &Structure(
                        "KeysAndAttributes",
                        &[
                            ("Keys", List(&ATTRIBUTES)),
                            ("AttributesToGet", TEXTS),
                            ("ConsistentRead", Flag),
                            ("ProjectionExpression", Text),
                            ("ExpressionAttributeNames", NAMES),
                        ],
                    ),
                ),
            ),
            ("ReturnConsumedCapacity", Text),
        ],
    ),
    (
        "BatchWriteItem",
        &[
            (
                "RequestItems",
                Map(
                    "java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>",
                    &List(&Structure(
                        "WriteRequest",
                        &[
                            ("DeleteRequest", Structure("DeleteRequest", &[("Key", ATTRIBUTES)])),
                            ("PutRequest", Structure("PutRequest", &[("Item", ATTRIBUTES)])),
                        ],
                    )),
                ),
            ),
            ("ReturnConsumedCapacity", Text),
            ("ReturnItemCollectionMetrics", Text),
        ],
    ),
    (
        "DeleteItem",
        &[
            ("TableName", Text),
            ("Key", ATTRIBUTES),
            ("ConditionExpression", Text),
            ("ConditionalOperator", Text),
            ("Expected", EXPECTED),
            ("ReturnConsumedCapacity", Text),
            ("ReturnItemCollectionMetrics", Text),
            ("ReturnValues", Text),
            ("ReturnValuesOnConditionCheckFailure", Text),
        ],
    ),
    (
        "ExecuteStatement",
        &[
            ("Statement", Text),
            ("Parameters", VALUES),
            ("ConsistentRead", Flag),
            ("Limit", Integer),
            ("NextToken", Text),
            ("ReturnConsumedCapacity", Text),
            ("ReturnValuesOnConditionCheckFailure", Text),
        ],
    ),
    (
        "ExecuteTransaction",
        &[("TransactStatements", STATEMENTS), ("ClientRequestToken", Text), ("ReturnConsumedCapacity", Text)],
    ),
    (
        "GetItem",
        &[
            ("TableName", Text),
            ("Key", ATTRIBUTES),
            ("AttributesToGet", TEXTS),
            ("ConsistentRead", Flag),
            ("ProjectionExpression", Text),
            ("ReturnConsumedCapacity", Text),
        ],
    ),
    (
        "PutItem",
        &[
            ("TableName", Text),
            ("Item", ATTRIBUTES),
            ("ConditionExpression", Text),
            ("ConditionalOperator", Text),
            ("Expected", EXPECTED),
            ("ReturnConsumedCapacity", Text),
            ("ReturnItemCollectionMetrics", Text),
            ("ReturnValues", Text),
            ("ReturnValuesOnConditionCheckFailure", Text),
        ],
    ),
    (
        "Query",
        &[
            ("TableName", Text),
            ("IndexName", Text),
            ("AttributesToGet", TEXTS),
            ("ConditionalOperator", Text),
            ("ConsistentRead", Flag),
            ("ExclusiveStartKey", ATTRIBUTES),
            ("FilterExpression", Text),
            ("KeyConditionExpression", Text),
            ("KeyConditions", CONDITIONS),
            ("Limit", Integer),
            ("ProjectionExpression", Text),
            ("QueryFilter", CONDITIONS),
            ("ReturnConsumedCapacity", Text),
            ("ScanIndexForward", Flag),
            ("Select", Text),
        ],
    ),
    (
        "Scan",
        &[
            ("TableName", Text),
            ("IndexName", Text),
            ("AttributesToGet", TEXTS),
            ("ConditionalOperator", Text),
            ("ConsistentRead", Flag),
            ("ExclusiveStartKey", ATTRIBUTES),
            ("FilterExpression", Text),
            ("Limit", Integer),
            ("ProjectionExpression", Text),
            ("ReturnConsumedCapacity", Text),
            ("ScanFilter", CONDITIONS),
            ("Segment", Integer),
            ("Select", Text),
            ("TotalSegments", Integer),
        ],
    ),
    // Of what this one reads the engine tells, in words of its own.
    (
        "SearchVectors",
        &[
            ("TableName", Any),
            ("IndexName", Any),
            ("ProjectionExpression", Any),
            ("ReturnConsumedCapacity", Any),
            ("SearchConditionExpression", Any),
            ("SearchVector", Any),
            ("TopK", Any),
        ],
    ),
    ("TransactGetItems", &[("TransactItems", GETS), ("ReturnConsumedCapacity", Text)]),
    (
        "TransactWriteItems",
        &[
            ("TransactItems", WRITES),
            ("ClientRequestToken", Text),
            ("ReturnConsumedCapacity", Text),
            ("ReturnItemCollectionMetrics", Text),
        ],
    ),
    (
        "UpdateItem",
        &[
            ("TableName", Text),
            ("Key", ATTRIBUTES),
            ("AttributeUpdates", UPDATES),
            ("ConditionExpression", Text),
            ("ConditionalOperator", Text),
            ("Expected", EXPECTED),
            ("ReturnConsumedCapacity", Text),
            ("ReturnItemCollectionMetrics", Text),
            ("ReturnValues", Text),
            ("ReturnValuesOnConditionCheckFailure", Text),
            ("UpdateExpression", Text),
        ],
    ),
];

const GETS: Shape = List(&Structure(
    "TransactGetItem",
    &[(
        "Get",
        Structure(
            "Get",
            &[
                ("Key", ATTRIBUTES),
                ("TableName", Text),
                ("ProjectionExpression", Text),
                ("ExpressionAttributeNames", NAMES),
            ],
        ),
    )],
));

/// The members of a part of a transaction that writes, of which each has some.
const OF_PART: [Member; 8] = [
    ("Key", ATTRIBUTES),
    ("Item", ATTRIBUTES),
    ("ExpressionAttributeNames", NAMES),
    ("ExpressionAttributeValues", ATTRIBUTES),
    ("TableName", Text),
    ("ConditionExpression", Text),
    ("UpdateExpression", Text),
    ("ReturnValuesOnConditionCheckFailure", Text),
];

const WRITES: Shape = List(&Structure(
    "TransactWriteItem",
    &[
        ("ConditionCheck", Structure("ConditionCheck", &OF_PART)),
        ("Delete", Structure("Delete", &OF_PART)),
        ("Put", Structure("Put", &OF_PART)),
        ("Update", Structure("Update", &OF_PART)),
    ],
));
