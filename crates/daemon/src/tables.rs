//! The upkeep of DynamoDB: items whose time to live is over, and records of streams that are old.

use std::time::Duration;

use sidegate_services::dynamodb::DynamoDb;

use crate::clock;

/// How long after one round the next one begins. DynamoDB takes up to two days.
const PAUSE: Duration = Duration::from_secs(20);

/// Keeps the tables up for ever.
pub(crate) async fn run(dynamodb: DynamoDb) {
    loop {
        if let Err(error) = dynamodb.keep(clock::now_ms()).await {
            tracing::error!(error = &error as &dyn std::error::Error, "expired items were not deleted");
        }
        tokio::time::sleep(PAUSE).await;
    }
}
