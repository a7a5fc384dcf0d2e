//! Integration tests of the edge.

#[cfg(test)]
mod authority;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod dns;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod metadata;
#[cfg(test)]
mod resolver;
#[cfg(test)]
mod world;
