//! Sidegate: private AWS networks on a Linux machine, for real.

mod accounts;
mod cli;
mod clock;
mod control;
mod ec2;
mod engine;
mod event_log;
mod programs;
mod state_dir;
mod store;

fn main() -> std::process::ExitCode {
    cli::main()
}
