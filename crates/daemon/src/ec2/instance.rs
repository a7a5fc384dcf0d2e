//! Instances: launched in `instance/run.rs`, stopped, started and terminated in `instance/power.rs`, shown in
//! `instance/describe.rs` and `instance/status.rs`.
//!
//! The API only changes the world: an instance that is launched is pending, one that is terminated is shutting down.
//! Whoever runs the programs sees that, and notes `running` and `terminated`.

mod describe;
mod metadata;
mod monitoring;
mod power;
mod run;
mod status;
#[cfg(test)]
pub(super) mod tests;

use sidegate_model::InstanceState;
use sidegate_wire::ec2;

pub(super) use self::describe::devices;
pub(super) use self::run::user_data;

/// The architecture of this machine, as EC2 names it.
pub(super) fn architecture() -> &'static str {
    if std::env::consts::ARCH == "aarch64" { "arm64" } else { "x86_64" }
}

fn state(state: InstanceState) -> ec2::InstanceState {
    let (code, name) = state.wire();
    ec2::InstanceState { code: Some(code), name: Some(name.to_owned()) }
}
