//! Integration tests: real namespaces, real processes. They need root, and say so when they skip.

#[cfg(test)]
mod apply_time;
#[cfg(test)]
mod dataplane;
#[cfg(test)]
mod holder;
#[cfg(test)]
mod network;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod scarcity;
