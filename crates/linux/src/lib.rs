//! Placeholder.

pub mod holder;
pub mod netns;
pub mod preflight;
pub mod sandbox;
