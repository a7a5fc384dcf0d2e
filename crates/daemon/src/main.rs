//! Sidegate: private AWS networks on a Linux machine, for real.

mod accounts;
mod clock;
mod ec2;
mod engine;
mod state_dir;
mod store;

fn main() {}
