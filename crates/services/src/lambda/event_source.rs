//! Event source mappings: streams of DynamoDB whose records Lambda hands to functions.
//!
//! | file | about |
//! |---|---|
//! | `mapping.rs`, `settings.rs` | a mapping as it is kept and told; what a request says of it |
//! | `operations.rs`, `tagging.rs` | the operations of the API |
//! | `filter.rs` | patterns of records |
//! | `batch.rs` | batches, and what becomes of those that failed |
//! | `pump.rs`, `tender.rs` | the tasks of mappings: reading, handing on |
//! | `stream.rs`, `failure.rs` | a stream as Lambda reads it; what is told of records that are given up |
//!
//! Queues of SQS, streams of Kinesis, topics of Kafka, brokers of Amazon MQ and change streams of DocumentDB are refused:
//! there are no such services here.

mod batch;
mod failure;
mod feeder;
mod filter;
mod mapping;
mod operations;
mod pump;
mod settings;
mod stream;
mod tagging;
mod tender;

pub(crate) use mapping::{Mapping, Position, Step};
pub(crate) use operations::{
    create_event_source_mapping, delete_event_source_mapping, get_event_source_mapping, list_event_source_mappings,
    update_event_source_mapping,
};
pub(crate) use pump::Pump;
pub(crate) use tagging::{id_of, list_tags, tag_resource, untag_resource};
