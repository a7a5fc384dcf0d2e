//! Integration tests of the edge.

#[cfg(test)]
mod authority;
#[cfg(test)]
mod metadata;
#[cfg(test)]
mod resolver;
