//! The members of operations on tables and streams.

use super::Shape::{Flag, Integer, List, Long, Structure, Text};
use super::{Member, Shape, TEXTS};

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
pub(in crate::dynamodb) const ON_TABLES: [(&str, &[Member]); 14] = [
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
