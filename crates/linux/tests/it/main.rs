//! Integration tests: real namespaces, real processes. They need root, and say so when they skip.

#[cfg(test)]
mod acls;
#[cfg(test)]
mod apply_time;
#[cfg(test)]
mod dataplane;
#[cfg(test)]
mod flows;
#[cfg(test)]
mod holder;
#[cfg(test)]
mod live;
#[cfg(test)]
mod log_file;
#[cfg(test)]
#[path = "../../../plan/tests/it/naive.rs"]
#[expect(dead_code, reason = "names are asked of the edge's resolver, not of the kernel")]
mod naive;
#[cfg(test)]
mod network;
#[cfg(test)]
mod passages;
#[cfg(test)]
mod probes;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod scarcity;
#[cfg(test)]
mod survey;
#[cfg(test)]
#[path = "../../../plan/tests/it/worlds.rs"]
#[expect(dead_code, reason = "names are asked of the edge's resolver, not of the kernel")]
mod worlds;
