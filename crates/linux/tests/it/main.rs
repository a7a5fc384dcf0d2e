//! Integration tests: real namespaces, real processes. They need root, and say so when they skip.

#[cfg(test)]
mod holder;
#[cfg(test)]
mod sandbox;
