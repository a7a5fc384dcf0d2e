//! The rules of the model, one file for each noun, and properties of random sequences of commands.

#[cfg(test)]
mod account;
#[cfg(test)]
mod catalog;
#[cfg(test)]
mod cidr;
#[cfg(test)]
mod cidr_block;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod default_vpc;
#[cfg(test)]
mod dhcp_options;
#[cfg(test)]
mod elastic_ip;
#[cfg(test)]
mod flow_log;
#[cfg(test)]
mod gateway_endpoint;
#[cfg(test)]
mod instance;
#[cfg(test)]
mod instance_profile;
#[cfg(test)]
mod interface_endpoint;
#[cfg(test)]
mod ip_address_type;
#[cfg(test)]
mod nat_gateway;
#[cfg(test)]
mod network_acl;
#[cfg(test)]
mod network_insights;
#[cfg(test)]
mod network_interface;
#[cfg(test)]
mod peering;
#[cfg(test)]
mod prefix_list;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod public_address;
#[cfg(test)]
mod route_table;
#[cfg(test)]
mod scale;
#[cfg(test)]
mod security_group;
#[cfg(test)]
mod subnet;
#[cfg(test)]
mod tag;
#[cfg(test)]
mod token;
#[cfg(test)]
mod vpc;
#[cfg(test)]
mod vpn_gateway;
