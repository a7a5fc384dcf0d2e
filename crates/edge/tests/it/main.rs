//! Integration tests of the edge.

#[cfg(test)]
mod authority;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod dns;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod metadata;
#[cfg(test)]
#[path = "../../../plan/tests/it/naive.rs"]
#[expect(dead_code, reason = "the resolver knows names, not connections")]
mod naive;
#[cfg(test)]
mod naive_names;
#[cfg(test)]
mod probes;
#[cfg(test)]
mod resolver;
#[cfg(test)]
mod role_credentials;
#[cfg(test)]
mod world;
#[cfg(test)]
#[path = "../../../plan/tests/it/worlds.rs"]
#[expect(dead_code, reason = "the resolver knows names, not connections")]
mod worlds;
