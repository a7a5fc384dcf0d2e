//! The program as its users meet it: real clients outside, real programs inside, real packets between.

#[cfg(test)]
mod acls;
#[cfg(test)]
mod advise;
#[cfg(test)]
mod appliances;
#[cfg(test)]
#[path = "../../../plan/tests/it/asked.rs"]
mod asked;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod bedrock;
#[cfg(test)]
mod bill;
#[cfg(test)]
mod bucket_policies;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod compare;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod document_qa;
#[cfg(test)]
mod dynamodb;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod explain_live;
#[cfg(test)]
mod flow_log_clients;
mod flow_log_deliveries;
#[cfg(test)]
mod flow_logs;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod http;
#[cfg(test)]
mod identities;
#[cfg(test)]
mod ingress;
#[cfg(test)]
mod interfaces;
#[cfg(test)]
mod internet;
#[cfg(test)]
mod ipv6;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod kms;
#[cfg(test)]
mod lambda;
#[cfg(test)]
mod live_worlds;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod metrics;
#[cfg(test)]
#[path = "../../../plan/tests/it/naive.rs"]
mod naive;
#[cfg(test)]
mod nat_addresses;
#[cfg(test)]
mod network_insights;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod organizations;
#[cfg(test)]
mod peering;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod profiles;
#[cfg(test)]
mod random;
#[cfg(test)]
mod reach;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod sdk_names;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod storage;
#[cfg(test)]
mod stored;
#[cfg(test)]
mod terraform;
#[cfg(test)]
mod tools;
#[cfg(test)]
mod traffic;
#[cfg(test)]
mod unserved;
#[cfg(test)]
mod upstreams;
#[cfg(test)]
mod vpn_gateways;
#[cfg(test)]
#[path = "../../../plan/tests/it/worlds.rs"]
mod worlds;
