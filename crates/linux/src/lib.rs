//! Linux: network namespaces and what carries the VPCs in them, and the sandbox of programs with the groups that
//! bound it.

pub mod cgroup;
pub mod dataplane;
pub mod holder;
pub mod log_file;
pub mod netns;
pub mod open_files;
pub mod peer;
pub mod preflight;
pub mod sandbox;
pub mod workbench;
