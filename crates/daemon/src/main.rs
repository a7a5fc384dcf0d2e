//! Sidegate: private AWS networks on a Linux machine, for real.

mod accounts;
mod advise;
mod asker;
mod bench;
mod billing;
mod cli;
mod client;
mod clock;
mod compare;
mod config;
mod control;
mod daemon;
mod deliveries;
mod demo;
mod detached;
mod diagram;
mod drains;
mod ec2;
mod elsewhere;
mod engine;
mod event_log;
mod explain;
mod flow_logs;
mod functions;
mod identities;
mod interruption;
mod log_metrics;
mod log_uploads;
mod machine;
mod metrics;
mod own_directory;
mod programs;
mod reach;
mod role_sessions;
mod rotations;
mod shell;
mod state_dir;
mod store;
mod tables;
mod tagging;
mod terminal;

fn main() -> std::process::ExitCode {
    cli::main()
}
