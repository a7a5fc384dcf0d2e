//! The members that requests have, and of which type each is.
//!
//! Source: API reference, the request syntax of each operation and its data types.

use Shape::{Any, Blob, Flag, Integer, List, Long, Map, Structure, Text, Value};

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

const THROUGHPUT: Shape =
    Structure("ProvisionedThroughput", &[("ReadCapacityUnits", Long), ("WriteCapacityUnits", Long)]);

const ON_DEMAND: Shape =
    Structure("OnDemandThroughput", &[("MaxReadRequestUnits", Long), ("MaxWriteRequestUnits", Long)]);

const DEFINITIONS: Shape = List(&Structure("AttributeDefinition", &[("AttributeName", Text), ("AttributeType", Text)]));

const KEY_SCHEMA: Shape = List(&Structure("KeySchemaElement", &[("AttributeName", Text), ("KeyType", Text)]));

const PROJECTION: Shape = Structure("Projection", &[("NonKeyAttributes", TEXTS), ("ProjectionType", Text)]);

const OF_INDEX: [Member; 5] = [
    ("KeySchema", KEY_SCHEMA),
    ("Projection", PROJECTION),
    ("ProvisionedThroughput", THROUGHPUT),
    ("OnDemandThroughput", ON_DEMAND),
    ("IndexName", Text),
];

const OF_VECTOR_INDEX: [Member; 6] = [
    ("VectorAttribute", Structure("VectorAttributeDefinition", &[("AttributeName", Text)])),
    ("Projection", PROJECTION),
    (
        "SearchSchema",
        List(&Structure("SearchSchemaElement", &[("AttributeName", Text), ("SearchSchemaElementType", Text)])),
    ),
    ("IndexName", Text),
    ("DistanceFunction", Text),
    ("Dimensions", Integer),
];

const STREAM: Shape = Structure("StreamSpecification", &[("StreamEnabled", Flag), ("StreamViewType", Text)]);

const ENCRYPTION: Shape =
    Structure("SSESpecification", &[("Enabled", Flag), ("SSEType", Text), ("KMSMasterKeyId", Text)]);

const TAGS: Shape = List(&Structure("Tag", &[("Key", Text), ("Value", Text)]));

/// The members of operations on tables, as far as anything here or in the engine reads them.
pub(super) const ON_TABLES: [(&str, &[Member]); 14] = [
    (
        "CreateTable",
        &[
            ("AttributeDefinitions", DEFINITIONS),
            ("KeySchema", KEY_SCHEMA),
            ("LocalSecondaryIndexes", List(&Structure("LocalSecondaryIndex", &OF_INDEX))),
            ("GlobalSecondaryIndexes", List(&Structure("GlobalSecondaryIndex", &OF_INDEX))),
            ("VectorIndexes", List(&Structure("VectorIndex", &OF_VECTOR_INDEX))),
            ("ProvisionedThroughput", THROUGHPUT),
            ("OnDemandThroughput", ON_DEMAND),
            ("StreamSpecification", STREAM),
            ("SSESpecification", ENCRYPTION),
            ("Tags", TAGS),
            ("TableName", Text),
            ("BillingMode", Text),
            ("TableClass", Text),
            ("DeletionProtectionEnabled", Flag),
            ("ResourcePolicy", Text),
        ],
    ),
    ("DeleteTable", &[("TableName", Text)]),
    ("DescribeTable", &[("TableName", Text)]),
    ("DescribeTimeToLive", &[("TableName", Text)]),
    ("ListTables", &[("ExclusiveStartTableName", Text), ("Limit", Integer)]),
    ("ListTagsOfResource", &[("ResourceArn", Text), ("NextToken", Text)]),
    ("TagResource", &[("Tags", TAGS), ("ResourceArn", Text)]),
    ("UntagResource", &[("TagKeys", TEXTS), ("ResourceArn", Text)]),
    (
        "UpdateTable",
        &[
            ("AttributeDefinitions", DEFINITIONS),
            (
                "GlobalSecondaryIndexUpdates",
                List(&Structure(
                    "GlobalSecondaryIndexUpdate",
                    &[
                        ("Create", Structure("CreateGlobalSecondaryIndexAction", &OF_INDEX)),
                        ("Update", Structure("UpdateGlobalSecondaryIndexAction", &OF_INDEX)),
                        ("Delete", Structure("DeleteGlobalSecondaryIndexAction", &OF_INDEX)),
                    ],
                )),
            ),
            (
                "VectorIndexUpdates",
                List(&Structure(
                    "VectorIndexUpdate",
                    &[
                        ("Create", Structure("CreateVectorIndexAction", &OF_VECTOR_INDEX)),
                        ("Delete", Structure("DeleteVectorIndexAction", &OF_VECTOR_INDEX)),
                    ],
                )),
            ),
            ("ProvisionedThroughput", THROUGHPUT),
            ("OnDemandThroughput", ON_DEMAND),
            ("StreamSpecification", STREAM),
            ("SSESpecification", ENCRYPTION),
            ("TableName", Text),
            ("BillingMode", Text),
            ("TableClass", Text),
            ("DeletionProtectionEnabled", Flag),
        ],
    ),
    (
        "UpdateTimeToLive",
        &[
            (
                "TimeToLiveSpecification",
                Structure("TimeToLiveSpecification", &[("AttributeName", Text), ("Enabled", Flag)]),
            ),
            ("TableName", Text),
        ],
    ),
    ("DescribeStream", &[("StreamArn", Text), ("ExclusiveStartShardId", Text), ("Limit", Integer)]),
    ("GetRecords", &[("ShardIterator", Text), ("Limit", Integer)]),
    (
        "GetShardIterator",
        &[("StreamArn", Text), ("ShardId", Text), ("ShardIteratorType", Text), ("SequenceNumber", Text)],
    ),
    ("ListStreams", &[("TableName", Text), ("ExclusiveStartStreamArn", Text), ("Limit", Integer)]),
];
