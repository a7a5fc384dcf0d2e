//! The program as its users meet it: real clients outside, real programs inside, real packets between.

mod bad_input;
#[cfg(test)]
mod cli;
mod harness;
mod http;
mod isolation;
mod restart;
mod storage;
mod terraform;
mod traffic;
