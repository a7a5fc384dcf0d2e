//! Amazon Bedrock: the models that there are, and what they answer.
//!
//! Two services share this: `bedrock` lists models and inference profiles ([`Bedrock`]), `bedrock-runtime` answers
//! prompts ([`BedrockRuntime`]). A body in the form of a family of models, or of the Converse API, becomes a
//! `prompt::Prompt`; an `engine::Engine` answers it; and the answer is told in the form in which it was asked for, whole
//! or as an event stream.
//!
//! The engine that is here by itself is Sidegate's own and says so: a reader that quotes the sentences of the given text
//! that fit the question, and embeddings by hashing. It is deterministic, knows nothing, and is no language model. With a
//! [`ChatServer`], a server that speaks OpenAI's protocol answers instead.

mod catalog;
mod control;
mod converse;
mod defaults;
mod document;
mod embedding;
mod engine;
mod family;
mod fault;
mod model_id;
mod openai;
mod pattern;
mod prompt;
mod reader;
mod route;
mod runtime;
mod schema;
mod stream;
mod suppose;
mod tokens;
mod work;

pub use control::Bedrock;
pub use openai::{ChatServer, NoChatServer};
pub use runtime::BedrockRuntime;
