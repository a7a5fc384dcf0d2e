//! The AWS wire against real clients' requests and their readings of the answers.

#[cfg(test)]
mod ec2;
#[cfg(test)]
mod protocol;
#[cfg(test)]
mod sigv2;
#[cfg(test)]
mod sigv4;
